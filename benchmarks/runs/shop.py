"""The simulated shop against its truth.

20,000 customers at the default rates and with all assumed rates halved and doubled, three seeds each; the worst of
every column is what the README reports. The shop shows the mechanism at work; how good enishi is on people's data is
measured on data that others made (the run ``quality``).

With ``--records`` the shop has as many, by identifiers alone and with matching by probability, and beside them stands
what plain connected components make of the same values and links: what every value that is not generic by the run's own
judgement joins, whoever carries it.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.report import Figure, Report, Table
from benchmarks.runs import Run
from benchmarks.settings import Settings, brief
from enishi.components import components
from enishi.demo import identifier_keys
from enishi.evaluate import evaluate, recall_ceiling
from enishi.graph import CustomerGraph
from enishi.model import Model
from enishi.pipeline import Options, load, run
from enishi.read import open_inputs
from enishi.simulate import Rates, simulate

CUSTOMERS = 20_000
RECORDS_A_CUSTOMER = 6.9
SEEDS = (0, 1, 2)
FACTORS = {"default": 1.0, "halved": 0.5, "doubled": 2.0}
STRANGERS_A_MILLION = 5.0
RECALL_LOST = 0.01
MORE_THAN_LARGEST = 2  # records


@dataclass(frozen=True)
class Score:
    """How good customers are: pairwise, and in people.

    Attributes
    ----------
    merged : int
        Records in a customer that is mostly somebody else.
    strangers : int
        Of these, the ones whose person is of another household.
    people : int
        Most people in one of the thousand largest customers.
    largest, largest_person : int
        Records of the largest customer, and of the person with most.
    """

    precision: float
    recall: float
    merged: int
    strangers: int
    people: int
    largest: int
    largest_person: int
    scored: int

    def row(self) -> list[str]:
        million = f"{self.strangers / self.scored * 1e6:.1f}"
        sizes = f"{self.largest} ({self.largest_person})"
        return [
            f"{self.precision:.5f}", f"{self.recall:.4f}", str(self.merged), million, str(self.people), sizes
        ]  # fmt: skip


def score_of(customers: pa.Table, truth: pa.Table) -> Score:
    """Scores customers against the simulated truth."""
    result = evaluate(customers, truth, largest=1_000)
    keys = ["source", "record_id"]
    named = customers.set_column(0, "source", customers["source"].cast(pa.string()))
    joined = truth.filter(truth["person_id"].is_valid()).join(named.select([*keys, "customer_id"]), keys)
    customer, person, household = (
        np.unique(joined[name].to_numpy(), return_inverse=True)[1]
        for name in ("customer_id", "person_id", "household_id")
    )
    # Of each customer, the household of the person with most of its records.
    cells, count = np.unique(np.stack([customer, person]), axis=1, return_counts=True)
    home = np.zeros(person.max() + 1, np.int64)
    home[person] = household
    order = np.lexsort((cells[1], -count, cells[0]))
    _, first = np.unique(cells[0][order], return_index=True)
    owner = home[cells[1][order[first]]]
    strangers = int(np.count_nonzero(household != owner[customer]))
    return Score(
        result.precision,
        result.recall,
        result.strangers_merged,
        strangers,
        max(each.persons for each in result.largest),
        int(np.bincount(customer).max()),
        int(np.bincount(person).max()),
        result.scored,
    )


def unguarded(graph: CustomerGraph) -> pa.Table:
    """The customers that plain connected components make of the same values and links."""
    assert graph.evidence is not None
    assert graph.links is not None
    assert graph.refused is not None
    shared = {"links", "contested", "bridge", "limited"}
    joining = pa.array([state in shared for state in graph.evidence["state"].to_pylist()], pa.bool_())
    values = graph.evidence.filter(joining)
    # Every row of a profile's evidence needs its records, which stand on the first.
    records: dict[int, list[int]] = {
        profile: rows
        for profile, rows in zip(graph.evidence["profile"].to_pylist(), graph.evidence["rows"].to_pylist(), strict=True)
        if rows is not None
    }
    hubs: dict[tuple[str, bytes], int] = {}
    row: list[int] = []
    hub: list[int] = []
    for profile, field, key in zip(
        values["profile"].to_pylist(), values["field"].to_pylist(), values["key"].to_pylist(), strict=True
    ):
        number = hubs.setdefault((field, key), len(hubs))
        row += records[profile]
        hub += [number] * len(records[profile])
    names = zip(graph.customers["source"].to_pylist(), graph.customers["record_id"].to_pylist(), strict=True)
    at = {name: position for position, name in enumerate(names)}
    count = len(hubs)
    for table, reasons in ((graph.links, None), (graph.refused, {"conflict", "bridge", "limit", "outweighed"})):
        for link in table.to_pylist():
            if reasons is None or link["reason"] in reasons:
                row += [at[link[f"{side}_source"], link[f"{side}_record_id"]] for side in ("left", "right")]
                hub += [count, count]
                count += 1
    label = components(np.array(row, np.int64), np.array(hub, np.int64), len(at))
    return graph.customers.set_column(2, "customer_id", pa.array(label))


def made(settings: Settings, records: int, seed: int) -> Path:
    """The directory of a shop of about so many records."""
    directory = settings.data / f"shop_{records}_{seed}"
    if not (directory / "truth.parquet").exists():
        simulate(directory, round(records / RECORDS_A_CUSTOMER), seed=seed)
    return directory


def resolved(inputs: list[str], match: str) -> CustomerGraph:
    options = Options(threads=2, match=match)
    return load(run(open_inputs(inputs, Model()), Model(), options), options)


def small(figures: list[Figure]) -> Table:
    """The shop of 20,000 customers at three levels of its assumed rates."""
    rows = []
    for name, factor in FACTORS.items():
        scores, ceilings = [], []
        for seed in SEEDS:
            with tempfile.TemporaryDirectory() as directory:
                simulate(directory, CUSTOMERS, seed=seed, rates=Rates().scaled(factor))
                inputs = sorted(str(path) for path in Path(directory).glob("*.parquet") if path.stem != "truth")
                graph = resolved(inputs, "off")
                truth = pq.read_table(Path(directory) / "truth.parquet")
            scores.append(score_of(graph.customers, truth))
            ceilings.append(recall_ceiling(truth, identifier_keys(graph)))
        precision, (recall, ceiling) = (
            min(s.precision for s in scores),
            min((s.recall, c) for s, c in zip(scores, ceilings, strict=True)),
        )
        merged, people = max(s.merged for s in scores), max(s.people for s in scores)
        figures += [
            Figure(f"{name}: precision", precision),
            Figure(f"{name}: recall", recall),
            Figure(f"{name}: recall's ceiling", ceiling),
            Figure(f"{name}: strangers merged", merged),
            Figure(f"{name}: most people in one customer", people),
        ]
        rows.append([name, f"{precision:.5f}", f"{recall:.4f}", f"{ceiling:.4f}", str(merged), str(people)])
    header = ("assumed rates", "precision", "recall", "its ceiling", "strangers merged", "most people in one customer")
    return Table(header, rows)


def large(settings: Settings, records: int, figures: list[Figure]) -> Table:
    """The shop at one size, guarded and not, each seed a row."""
    rows = []
    for seed in SEEDS:
        directory = made(settings, records, seed)
        inputs = sorted(str(path) for path in directory.glob("*.parquet") if path.stem != "truth")
        truth = pq.read_table(directory / "truth.parquet")
        for match in ("off", "auto"):
            graph = resolved(inputs, match)
            guarded, plain = score_of(graph.customers, truth), score_of(unguarded(graph), truth)
            rows.append([f"{match}, seed {seed}", *guarded.row()])
            rows.append(["plain components", *plain.row()])
            what = f"{brief(records)}, {match}, seed {seed}"
            million = guarded.strangers / guarded.scored * 1e6
            more = abs(guarded.largest - guarded.largest_person)
            figures += [
                Figure(f"{what}: strangers merged", million, "a million", at_most=STRANGERS_A_MILLION),
                Figure(f"{what}: recall lost", max(plain.recall - guarded.recall, 0.0), at_most=RECALL_LOST),
                Figure(f"{what}: largest customer beside the true one", more, "records", at_most=MORE_THAN_LARGEST),
            ]
    header = (
        "match", "precision", "recall", "records merged", "of them strangers to the household, a million",
        "most people in one customer", "records of the largest customer (person)",
    )  # fmt: skip
    return Table(header, rows, f"The simulated shop, {brief(records)} records")


def measure(settings: Settings) -> Report:
    figures: list[Figure] = []
    if settings.records is None:
        tables = [small(figures)]
    else:
        tables = [large(settings, records, figures) for records in settings.sizes()]
    return Report(figures, tables)


RUN = Run(
    "shop",
    "the simulated shop against its truth, at three levels of assumed rates, or at --records beside plain components",
    measure,
    ("--records",),
)
