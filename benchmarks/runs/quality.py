"""Scores on labelled data that others made.

The labels are read for scoring only. The configurations stand in ``benchmarks/configs``; nothing in them was chosen by
looking at a score.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv

from benchmarks.report import Figure, Report, Table
from benchmarks.runs import Run
from benchmarks.settings import Settings
from enishi.config import read_config
from enishi.evaluate import Evaluation, evaluate
from enishi.pipeline import Options, load, run
from enishi.read import open_inputs

CONFIGS = Path(__file__).parents[1] / "configs"


@dataclass(frozen=True)
class Labelled:
    """A labelled data set: its inputs, its configuration, and where its labels stand."""

    name: str
    config: str
    inputs: tuple[str, ...]  # NAME=path within the data folder
    labels: str
    record_id: str
    person: str
    source: str | None = None  # the column that names the source; None: there is one


DATA_SETS = (
    Labelled(
        "fake_1000", "fake_1000", ("fake_1000=splink/fake_1000.csv",), "splink/fake_1000.csv", "unique_id", "cluster"
    ),
    Labelled("FEBRL 3", "febrl3", ("febrl3=febrl/febrl3.csv",), "febrl/febrl3.csv", "rec_id", "entity_id"),
    Labelled(
        "Senzing truth set",
        "senzing",
        tuple(f"{name.upper()}=senzing_truthset/{name}.csv" for name in ("customers", "reference", "watchlist")),
        "senzing_truthset/actual_truthset_key.csv",
        "RECORD_ID",
        "CLUSTER_ID",
        "DATA_SOURCE",
    ),
)


def truth_of(labelled: Labelled, data: Path) -> pa.Table:
    """The labels as (source, record_id, person_id)."""
    names = [name for name in (labelled.source, labelled.record_id, labelled.person) if name]
    types = dict.fromkeys(names, pa.string())
    table = pa_csv.read_csv(data / labelled.labels, convert_options=pa_csv.ConvertOptions(column_types=types))
    only = labelled.inputs[0].partition("=")[0]
    source = table[labelled.source] if labelled.source else pa.array([only] * len(table))
    return pa.table({"source": source, "record_id": table[labelled.record_id], "person_id": table[labelled.person]})


def score(labelled: Labelled, data: Path) -> Evaluation:
    """Resolves one data set and scores it."""
    model = read_config(CONFIGS / f"{labelled.config}.toml")
    inputs = [f"{name}={data / path}" for name, _, path in (each.partition("=") for each in labelled.inputs)]
    graph = load(run(open_inputs(inputs, model), model, Options()), Options())
    return evaluate(graph.customers, truth_of(labelled, data))


def measure(settings: Settings) -> Report:
    figures, rows = [], []
    for labelled in DATA_SETS:
        result = score(labelled, settings.labelled)
        scores = {
            "precision": result.precision,
            "recall": result.recall,
            "F1": result.f1,
            "B-cubed F1": result.bcubed_f1,
        }
        figures += [Figure(f"{labelled.name}: {name}", value) for name, value in scores.items()]
        rows.append(
            [
                labelled.name,
                f"{result.records:,}",
                f"{result.persons:,}",
                *(f"{value:.3f}" for value in scores.values()),
            ]
        )
    header = ("data", "records", "people", "precision", "recall", "F1", "B-cubed F1")
    return Report(figures, [Table(header, rows)])


RUN = Run("quality", "precision and recall on labelled data that others made", measure, ("--labelled",))
