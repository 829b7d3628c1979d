"""Splink on a labelled list: ``python -m benchmarks.contenders.splink_labelled NAME RECORDS OUTPUT``.

Blocking rules, comparisons and training follow Splink's own demonstration of each list, and what is clustered is
predicted at a probability of 0.95, as there. RLdata10000, of which it has none, is set up in the same way.
"""

from __future__ import annotations

import logging
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

PROBABILITY = 0.95
RANDOM_PAIRS = 1e6


@dataclass(frozen=True)
class Demonstration:
    """How Splink's documentation treats a list.

    Attributes
    ----------
    comparisons, predicted : list
        Comparisons, and the blocking rules of predictions.
    sure : list
        Rules that find part of the matches and hardly anything else.
    recall : float
        Which part.
    trained : list
        The blocks of the passes of expectation-maximization.
    columns : str
        What is computed from the records before, as SQL.
    """

    comparisons: list[Any]
    predicted: list[Any]
    sure: list[Any]
    recall: float
    trained: list[Any]
    columns: str = "*"


def frequent(column: str) -> Any:
    """Equality, adjusted by how frequent the value is."""
    return cl.ExactMatch(column).configure(term_frequency_adjustments=True)


def birth_date(column: str, **options: Any) -> Any:
    return cl.DateOfBirthComparison(column, input_is_string=True, **options)


def febrl() -> Demonstration:
    swapped = "l.given_name = r.surname and l.surname = r.given_name"
    return Demonstration(
        comparisons=[
            cl.NameComparison("given_name"),
            cl.NameComparison("surname"),
            birth_date("date_of_birth", datetime_format="%Y%m%d"),
            cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
            frequent("street_number"),
            cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]),
        ],
        predicted=[
            block_on("given_name", "surname"),
            swapped,
            block_on("date_of_birth"),
            block_on("soc_sec_id"),
            block_on("state", "address_1"),
            block_on("street_number", "address_1"),
            block_on("postcode"),
        ],
        sure=[
            block_on("soc_sec_id"),
            block_on("given_name", "surname", "date_of_birth"),
            f"{swapped} and l.date_of_birth = r.date_of_birth",
        ],
        recall=0.9,
        trained=[block_on("date_of_birth"), block_on("postcode")],
    )


def historical() -> Demonstration:
    begins, whole = "substr(postcode_fake, 1, 3)", "first_name_surname_concat"
    return Demonstration(
        comparisons=[
            cl.ForenameSurnameComparison(
                "first_name", "surname", forename_surname_concat_col_name="first_name_surname_concat"
            ),
            birth_date("dob"),
            cl.PostcodeComparison("postcode_fake"),
            frequent("birth_place"),
            frequent("occupation"),
        ],
        predicted=[
            block_on("substr(first_name, 1, 3)", "substr(surname, 1, 4)"),
            block_on("surname", "dob"),
            block_on("first_name", "dob"),
            block_on("postcode_fake", "first_name"),
            block_on("postcode_fake", "surname"),
            block_on("dob", "birth_place"),
            block_on(begins, "dob"),
            block_on(begins, "first_name"),
            block_on(begins, "surname"),
            block_on("substr(first_name, 1, 2)", "substr(surname, 1, 2)", "substr(dob, 1, 4)"),
        ],
        sure=[
            block_on("first_name", "surname", "dob"),
            block_on("substr(first_name, 1, 2)", "surname", "substr(postcode_fake, 1, 2)"),
            block_on("dob", "postcode_fake"),
        ],
        recall=0.6,
        trained=[block_on("first_name", "surname"), block_on("dob")],
        columns=f"*, first_name || ' ' || surname AS {whole}",
    )


def fake() -> Demonstration:
    return Demonstration(
        comparisons=[
            cl.NameComparison("first_name"),
            cl.NameComparison("surname"),
            birth_date("dob"),
            frequent("city"),
            cl.EmailComparison("email"),
        ],
        predicted=[block_on("first_name", "city"), block_on("surname"), block_on("dob"), block_on("email")],
        sure=[
            block_on("first_name", "dob"),
            "l.first_name = r.first_name and levenshtein(r.surname, l.surname) <= 2",
            block_on("email"),
        ],
        recall=0.7,
        trained=[block_on("first_name", "surname"), block_on("dob")],
    )


def rldata() -> Demonstration:
    return Demonstration(
        comparisons=[cl.NameComparison("fname_c1"), cl.NameComparison("lname_c1"), birth_date("dob")],
        predicted=[
            block_on("fname_c1", "lname_c1"),
            block_on("dob"),
            block_on("lname_c1", '"by"'),
            block_on("fname_c1", '"by"'),
            block_on("lname_c1", "bm", "bd"),
            block_on("fname_c1", "bm", "bd"),
        ],
        sure=[block_on("fname_c1", "lname_c1", "dob"), block_on("lname_c1", "dob"), block_on("fname_c1", "dob")],
        recall=0.8,
        trained=[block_on("fname_c1", "lname_c1"), block_on("dob")],
        columns="*, printf('%04d-%02d-%02d', \"by\"::INTEGER, bm::INTEGER, bd::INTEGER) AS dob",
    )


LISTS = {
    "fake_1000": fake,
    "historical_50k": historical,
    "FEBRL 3": febrl,
    "FEBRL 4": febrl,
    "RLdata10000": rldata,
}


def main(name: str, records: str, output: str) -> None:
    logging.getLogger("splink").setLevel(logging.ERROR)
    shown = LISTS[name]()
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    api = DuckDBAPI(connection)
    table = connection.sql(f"SELECT record_id AS unique_id, {shown.columns} FROM read_parquet('{records}')")
    table.create("records")
    parts = [
        api.register(connection.sql(f"SELECT * FROM records WHERE source = '{source}'"), dataset_display_name=source)
        for (source,) in connection.sql("SELECT DISTINCT source FROM records ORDER BY 1").fetchall()
    ]
    settings = SettingsCreator(
        link_type="link_only" if len(parts) > 1 else "dedupe_only",
        comparisons=shown.comparisons,
        blocking_rules_to_generate_predictions=shown.predicted,
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False,
    )
    linker = Linker(parts if len(parts) > 1 else parts[0], settings, log_level=logging.ERROR)
    linker.training.estimate_probability_two_random_records_match(shown.sure, recall=shown.recall)
    linker.training.estimate_u_using_random_sampling(max_pairs=RANDOM_PAIRS, seed=1)
    for rule in shown.trained:
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    predicted = linker.inference.predict(threshold_match_probability=PROBABILITY)
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, PROBABILITY)
    Path(output).mkdir()
    customers = f"SELECT unique_id AS record_id, cluster_id AS customer_id FROM {clusters.physical_name}"
    connection.sql(customers).write_parquet(str(Path(output) / "customers.parquet"))


if __name__ == "__main__":
    main(*sys.argv[1:])
