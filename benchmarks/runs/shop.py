"""The simulated shop against its truth.

20,000 customers at the default rates and with all assumed rates halved and doubled, three seeds each; the worst of
every column is what the README reports. The shop shows the mechanism at work; how good enishi is on people's data is
measured on data that others made (the run ``quality``).
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.report import Figure, Report, Table
from benchmarks.runs import Run
from benchmarks.settings import Settings
from enishi.demo import identifier_keys
from enishi.evaluate import evaluate, recall_ceiling
from enishi.model import Model
from enishi.pipeline import Options, load, run
from enishi.read import open_inputs
from enishi.simulate import Rates, simulate

CUSTOMERS = 20_000
SEEDS = (0, 1, 2)
FACTORS = {"default": 1.0, "halved": 0.5, "doubled": 2.0}


def score(seed: int, factor: float) -> tuple[float, float, float, int, int]:
    """Pairwise precision and recall, recall's ceiling, strangers merged, and most people in one customer."""
    with tempfile.TemporaryDirectory() as directory:
        simulate(directory, CUSTOMERS, seed=seed, rates=Rates().scaled(factor))
        inputs = sorted(str(path) for path in Path(directory).glob("*.parquet") if path.stem != "truth")
        options = Options(threads=2)
        graph = load(run(open_inputs(inputs, Model()), Model(), options), options)
        truth = pq.read_table(Path(directory) / "truth.parquet")
    result = evaluate(graph.customers, truth, largest=1_000)
    ceiling = recall_ceiling(truth, identifier_keys(graph))
    people = max(customer.persons for customer in result.largest)
    return result.precision, result.recall, ceiling, result.strangers_merged, people


def measure(settings: Settings) -> Report:
    figures, rows = [], []
    for name, factor in FACTORS.items():
        scores = [score(seed, factor) for seed in SEEDS]
        precision, (recall, ceiling) = min(s[0] for s in scores), min((s[1], s[2]) for s in scores)
        strangers, people = max(s[3] for s in scores), max(s[4] for s in scores)
        figures += [
            Figure(f"{name}: precision", precision),
            Figure(f"{name}: recall", recall),
            Figure(f"{name}: recall's ceiling", ceiling),
            Figure(f"{name}: strangers merged", strangers),
            Figure(f"{name}: most people in one customer", people),
        ]
        rows.append([name, f"{precision:.5f}", f"{recall:.4f}", f"{ceiling:.4f}", str(strangers), str(people)])
    header = ("assumed rates", "precision", "recall", "its ceiling", "strangers merged", "most people in one customer")
    return Report(figures, [Table(header, rows)])


RUN = Run("shop", "the simulated shop against its truth, at three levels of assumed rates", measure)
