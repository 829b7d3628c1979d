"""Splink's matching and clustering: ``python -m benchmarks.contenders.splink_match RECORDS OUTPUT``.

As its documentation builds such a job: names, birth date and postcode by its comparison library with adjustments for
term frequency, u by random sampling, m by expectation-maximization in passes that block on different columns, and
predictions at a probability of 0.95. What shares an identifier is linked outright, for that is what its users do with
values that are sure; those edges and the predictions are clustered together. Records that have an identifier alone take
part in the clustering only.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Any

import duckdb
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.clustering import cluster_pairwise_predictions_at_threshold

IDENTIFIERS = ("email", "phone", "device_id", "payment_token", "loyalty_card")
PROBABILITY = 0.95
# What tells how many pairs match, and how many of them it finds.
SURE: list[Any] = [block_on("birth_date", "family_name", "given_name"), block_on("birth_date", "postcode")]
SURE_RECALL = 0.6
RANDOM_PAIRS = 1e6
# Each comparison is trained outside of some block. Blocks of one birth date or one name would do for 50,000 records;
# of ten million they have billions of pairs. These have the same F1 in a third of the time even with one million.
TRAINED: list[Any] = [
    block_on("birth_date", "family_name"),
    block_on("birth_date", "given_name"),
    block_on("given_name", "family_name", "postcode"),
]
PREDICTED: list[Any] = [
    block_on("birth_date", "family_name"),
    block_on("birth_date", "given_name"),
    block_on("birth_date", "postcode"),
    block_on("postcode", "family_name", "given_name"),
    block_on("birth_date", "family_name_kana"),
    block_on("birth_date", "given_name_kana"),
]


def settings() -> SettingsCreator:
    """The model before training."""
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.NameComparison("given_name"),
            cl.NameComparison("family_name"),
            cl.NameComparison("given_name_kana"),
            cl.NameComparison("family_name_kana"),
            cl.DateOfBirthComparison("birth_date", input_is_string=True),
            cl.ExactMatch("postcode").configure(term_frequency_adjustments=True),
        ],
        blocking_rules_to_generate_predictions=PREDICTED,
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False,
    )


def trained(people: duckdb.DuckDBPyRelation, api: DuckDBAPI) -> Linker:
    """A linker whose parameters are estimated from the records."""
    linker = Linker(api.register(people), settings(), log_level=logging.ERROR)
    linker.training.estimate_probability_two_random_records_match(SURE, recall=SURE_RECALL)
    linker.training.estimate_u_using_random_sampling(max_pairs=RANDOM_PAIRS, seed=1)
    for rule in TRAINED:
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    return linker


def main(records: str, output: str) -> None:
    logging.getLogger("splink").setLevel(logging.ERROR)
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    connection.execute(
        "CREATE TABLE records AS SELECT (row_number() OVER () - 1)::INTEGER AS unique_id, * "
        f"FROM read_parquet('{records}')"
    )
    api = DuckDBAPI(connection)
    people = connection.sql(
        "SELECT unique_id, given_name, family_name, given_name_kana, family_name_kana, birth_date, postcode "
        "FROM records WHERE coalesce(given_name, given_name_kana) IS NOT NULL"
    )
    predicted = trained(people, api).inference.predict(threshold_match_probability=PROBABILITY)
    shared = " UNION ALL ".join(
        f"SELECT min(unique_id) OVER (PARTITION BY {name}) AS unique_id_l, unique_id AS unique_id_r "
        f"FROM records WHERE {name} IS NOT NULL"
        for name in IDENTIFIERS
    )
    edges = connection.sql(
        f"SELECT unique_id_l, unique_id_r FROM ({shared}) WHERE unique_id_l <> unique_id_r "
        f"UNION ALL SELECT unique_id_l, unique_id_r FROM {predicted.physical_name}"
    )
    nodes = connection.sql("SELECT unique_id FROM records")
    clusters = cluster_pairwise_predictions_at_threshold(nodes, edges, api, node_id_column_name="unique_id")
    Path(output).mkdir()
    customers = (
        f"SELECT record_id, cluster_id AS customer_id FROM {clusters.physical_name} JOIN records USING (unique_id)"
    )
    connection.sql(customers).write_parquet(str(Path(output) / "customers.parquet"))


if __name__ == "__main__":
    main(*sys.argv[1:])
