"""Labelled lists of people beside the peers: how good the customers are, and how long that takes.

enishi has its defaults and the mapping of columns, goldenmatch no configuration, as it advertises itself, and Splink is
set up for each list as its documentation does it.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from benchmarks.process import Command, alternate, answer, python
from benchmarks.report import Figure, Report, Table
from benchmarks.runs import Run
from benchmarks.runs.quality import CONFIGS, DATA_SETS, Labelled, truth_of
from benchmarks.settings import Settings

LISTS = ("fake_1000", "historical_50k", "FEBRL 3", "FEBRL 4", "RLdata10000")
MISSING = ("", "NA")
# Labels, and what is derived from other columns.
HIDDEN = {"full_name", "first_and_surname", "uncorrupted_record"}


def records_of(labelled: Labelled, data: Path) -> pa.Table:
    """All records of a list as text, under ``source`` and ``record_id``, without the labels."""
    parts = []
    for source, _, path in (each.partition("=") for each in labelled.inputs):
        if path.endswith(".parquet"):
            table = pq.read_table(data / path)
        else:
            with (data / path).open(encoding="utf-8") as file:
                names = file.readline().strip().split(",")
            types = dict.fromkeys(names, pa.string())
            options = pa_csv.ConvertOptions(column_types=types, null_values=MISSING, strings_can_be_null=True)
            table = pa_csv.read_csv(data / path, convert_options=options)
        hidden = {labelled.person, labelled.record_id} | HIDDEN
        columns = {name: table[name].cast(pa.string()) for name in table.column_names if name not in hidden}
        parts.append(
            pa.table({"source": pa.array([source] * len(table)), "record_id": table[labelled.record_id], **columns})
        )
    return pa.concat_tables(parts)


def _contenders(labelled: Labelled, data: Path, records: Path) -> dict[str, Command]:
    inputs = [f"{name}={data / path}" for name, _, path in (each.partition("=") for each in labelled.inputs)]
    config = CONFIGS / f"{labelled.config}.toml"
    kept = ("--outputs", "customers", "--quiet")
    return {
        "enishi": lambda out: python("-m", "enishi", "resolve", *inputs, "-c", config, "-o", out, *kept),
        "Splink": lambda out: python("-m", "benchmarks.contenders.splink_labelled", labelled.name, records, out),
        "goldenmatch": lambda out: python("-m", "benchmarks.contenders.goldenmatch_labelled", records, out),
    }


def measure(settings: Settings) -> Report:
    figures: list[Figure] = []
    rows: list[list[str]] = []
    for labelled in DATA_SETS:
        if labelled.name not in LISTS:
            continue
        records, truth = settings.scratch / "records.parquet", settings.scratch / "truth.parquet"
        pq.write_table(records_of(labelled, settings.labelled), records)
        known = truth_of(labelled, settings.labelled)
        pq.write_table(known.set_column(1, "record_id", pc.cast(known["record_id"], pa.string())), truth)
        found = alternate(_contenders(labelled, settings.labelled, records), settings.rounds, settings.scratch)
        scores = {}
        for name, measured in found.items():
            score = scores[name] = answer(
                python("-m", "benchmarks.contenders.pairwise", measured.output / "customers.parquet", truth)
            )
            figures.append(Figure(f"{labelled.name}, {name}: F1, pairwise", score["f1"]))
            figures.append(Figure(f"{labelled.name}, {name}", measured.seconds, "s"))
            quality = [f"{score[each]:.3f}" for each in ("precision", "recall", "f1")]
            rows.append([labelled.name, name, *quality, f"{measured.seconds:.1f}", f"{measured.peak / 1e9:.2f}"])
            shutil.rmtree(measured.output)
        ours, *others = (score["f1"] for score in scores.values())
        figures.append(Figure(f"{labelled.name}: F1 over the best peer's", ours - max(others), at_least=0.0))
    header = ("data", "contender", "precision", "recall", "F1", "seconds", "peak GB")
    return Report(figures, [Table(header, rows)])


RUN = Run(
    "peers",
    "labelled lists of people beside Splink and goldenmatch",
    measure,
    ("--labelled", "--rounds"),
    ("splink", "duckdb", "goldenmatch"),
)
