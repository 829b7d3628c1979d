"""Scores on labelled data that others made.

The labels are read for scoring only. The configurations stand in ``benchmarks/configs``; nothing in them was chosen by
looking at a score.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from benchmarks.report import Figure, Report, Table
from benchmarks.runs import Run
from benchmarks.runs.shop import unguarded
from benchmarks.settings import Settings
from enishi.config import read_config
from enishi.evaluate import Evaluation, evaluate
from enishi.graph import CustomerGraph
from enishi.pipeline import Options, cores, load, run
from enishi.read import open_inputs

CONFIGS = Path(__file__).parents[1] / "configs"
LOST = 0.0005  # of F1, which the guards may take at most from what plain components of the same links reach


@dataclass(frozen=True)
class Labelled:
    """A labelled data set: its inputs, its configuration, and where its labels stand."""

    name: str
    config: str
    inputs: tuple[str, ...]  # NAME=path within the data folder
    labels: str
    record_id: str
    person: str
    source: str | None = None  # the column that names the source; None: the file's name
    truth_files: tuple[str, ...] = ()  # where the labels of several sources stand in their own files
    pairs: tuple[str, ...] = ()  # where the labels are pairs of records: the columns, one for each input


DATA_SETS = (
    Labelled(
        "fake_1000", "fake_1000", ("fake_1000=splink/fake_1000.csv",), "splink/fake_1000.csv", "unique_id", "cluster"
    ),
    Labelled(
        "historical_50k",
        "historical_50k",
        ("historical_50k=splink/historical_figures_with_errors_50k.parquet",),
        "splink/historical_figures_with_errors_50k.parquet",
        "unique_id",
        "cluster",
    ),
    Labelled("FEBRL 3", "febrl3", ("febrl3=febrl/febrl3.csv",), "febrl/febrl3.csv", "rec_id", "entity_id"),
    Labelled(
        "FEBRL 4",
        "febrl4",
        ("febrl4a=febrl/febrl4a.csv", "febrl4b=febrl/febrl4b.csv"),
        "",
        "rec_id",
        "entity_id",
        truth_files=("febrl4a=febrl/febrl4a.csv", "febrl4b=febrl/febrl4b.csv"),
    ),
    Labelled(
        "RLdata10000",
        "rldata10000",
        ("rldata10000=rldata/RLdata10000.csv",),
        "rldata/RLdata10000.csv",
        "rec_id",
        "ent_id",
    ),
    Labelled(
        "Japanese offices",
        "jp_offices",
        ("offices_2021=jp_offices/offices_2021.csv", "offices_2026=jp_offices/offices_2026.csv"),
        "",
        "rec_id",
        "entity_id",
        truth_files=("offices_2021=jp_offices/offices_2021.csv", "offices_2026=jp_offices/offices_2026.csv"),
    ),
    Labelled(
        "MusicBrainz 20K",
        "musicbrainz",
        ("musicbrainz=musicbrainz20k/musicbrainz_20k.csv",),
        "musicbrainz20k/musicbrainz_20k.csv",
        "TID",
        "CID",
    ),
    Labelled(
        "Restaurants",
        "restaurants",
        ("first=leipzig/D1_rest1.csv", "second=leipzig/D1_rest2.csv"),
        "leipzig/D1_gt.csv",
        "id",
        "",
        pairs=("D1", "D2"),
    ),
    Labelled(
        "Abt-Buy",
        "abt_buy",
        ("abt=leipzig/D2_abt.csv", "buy=leipzig/D2_buy.csv"),
        "leipzig/D2_gt.csv",
        "id",
        "",
        pairs=("D1", "D2"),
    ),
    Labelled(
        "DBLP-ACM",
        "dblp_acm",
        ("dblp=leipzig/D4_dblp.csv", "acm=leipzig/D4_acm.csv"),
        "leipzig/D4_gt.csv",
        "id",
        "",
        pairs=("D1", "D2"),
    ),
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


def read(path: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """A table of the data folder, some of its columns as text."""
    if path.suffix == ".parquet":
        return pq.read_table(path)
    types = dict.fromkeys(columns or (), pa.string())
    return pa_csv.read_csv(path, convert_options=pa_csv.ConvertOptions(column_types=types))


def truth_of(labelled: Labelled, data: Path) -> pa.Table:
    """The labels as (source, record_id, person_id)."""
    if labelled.pairs:
        return _truth_of_pairs(labelled, data)
    names = [name for name in (labelled.source, labelled.record_id, labelled.person) if name]
    files = labelled.truth_files or (f"{labelled.inputs[0].partition('=')[0]}={labelled.labels}",)
    parts = []
    for only, _, path in (each.partition("=") for each in files):
        table = read(data / path, names)
        source = table[labelled.source] if labelled.source else pa.array([only] * len(table))
        parts.append(
            pa.table({"source": source, "record_id": table[labelled.record_id], "person_id": table[labelled.person]})
        )
    return pa.concat_tables(parts)


def _truth_of_pairs(labelled: Labelled, data: Path) -> pa.Table:
    """Labels that are pairs as (source, record_id, person_id): whoever is connected is one."""
    named = [each.partition("=") for each in labelled.inputs]
    parts = [read(data / path, [labelled.record_id])[labelled.record_id].to_pylist() for _, _, path in named]
    sources = [name for name, _, _ in named]
    records = [(name, record) for name, ids in zip(sources, parts, strict=True) for record in ids]
    number = {record: i for i, record in enumerate(records)}
    person = list(range(len(records)))

    def find(i: int) -> int:
        while person[i] != i:
            person[i] = i = person[person[i]]
        return i

    for row in read(data / labelled.labels, labelled.pairs).to_pylist():
        left, right = (number[name, row[column]] for name, column in zip(sources, labelled.pairs, strict=True))
        person[find(left)] = find(right)
    return pa.table(
        {
            "source": [name for name, _ in records],
            "record_id": [record for _, record in records],
            "person_id": [find(i) for i in range(len(records))],
        }
    )


def resolved(labelled: Labelled, data: Path, match: str, threshold: float | None = None) -> CustomerGraph:
    """One data set with its configuration."""
    model = read_config(CONFIGS / f"{labelled.config}.toml")
    named = {name: data / path for name, _, path in (each.partition("=") for each in labelled.inputs)}
    readers = open_inputs([f"{name}={path}" for name, path in named.items()], model)
    options = Options(match=match, threshold=threshold, threads=cores())
    return load(run(readers, model, options), options)


def score(labelled: Labelled, data: Path, match: str, threshold: float | None = None) -> Evaluation:
    """Resolves one data set and scores it."""
    return evaluate(resolved(labelled, data, match, threshold).customers, truth_of(labelled, data))


def measure(settings: Settings) -> Report:
    figures, rows = [], []
    for labelled in DATA_SETS:
        for match in ("off", "auto"):
            graph, truth = resolved(labelled, settings.labelled, match), truth_of(labelled, settings.labelled)
            result, plain = evaluate(graph.customers, truth), evaluate(unguarded(graph), truth)
            scores = {
                "precision": result.precision,
                "recall": result.recall,
                "F1": result.f1,
                "B-cubed F1": result.bcubed_f1,
            }
            figures += [Figure(f"{labelled.name}, match {match}: {name}", value) for name, value in scores.items()]
            lost = Figure(f"{labelled.name}, match {match}: F1 below plain components", max(plain.f1 - result.f1, 0.0))
            # By identifiers alone, whoever conflicts is left to matching.
            figures.append(replace(lost, at_most=LOST) if match == "auto" else lost)
            rows.append(
                [
                    labelled.name,
                    match,
                    f"{result.records:,}",
                    f"{result.persons:,}",
                    *(f"{value:.3f}" for value in scores.values()),
                    f"{plain.f1:.3f}",
                ]
            )
    header = ("data", "match", "records", "people", "precision", "recall", "F1", "B-cubed F1", "F1, plain components")
    return Report(figures, [Table(header, rows)])


RUN = Run("quality", "precision and recall on labelled data that others made", measure, ("--labelled",))
