"""What the guards of exact values cost: the simulated shop with them, and as if nobody had to be asked.

Both read the same sources, find generic values and near ones, and write the customers. Beside the time stands what it
is spent for: records that are merged with strangers to their household.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.process import Command, alternate, python, warm
from benchmarks.report import Figure, Report, Table
from benchmarks.runs import Run
from benchmarks.runs._resolve import stages
from benchmarks.runs.shop import made, score_of
from benchmarks.settings import Settings, brief

GUARDED, PLAIN = "guarded", "whoever shares a value"
PROGRAMS = {GUARDED: "enishi", PLAIN: "benchmarks.contenders.unguarded"}
OPTIONS = ("--match", "off", "--outputs", "customers", "--quiet")
MOST = 1.25


def command(program: str, sources: list[Path]) -> Command:
    return lambda output: python("-m", program, "resolve", *sources, "-o", output, *OPTIONS)


def measure(settings: Settings) -> Report:
    figures: list[Figure] = []
    tables: list[Table] = []
    for records in settings.sizes(10_000_000):
        directory = made(settings, records, settings.seed)
        sources = sorted(path for path in directory.glob("*.parquet") if path.stem != "truth")
        contenders = {name: command(program, sources) for name, program in PROGRAMS.items()}
        warm({}, settings.scratch, *sources)
        found = alternate(contenders, settings.rounds, settings.scratch)
        what = f"{brief(records)}: guarded over plain"
        ratio = found[GUARDED].seconds / found[PLAIN].seconds
        figures.append(Figure(what, ratio, "times", at_most=MOST))
        ratio = found[GUARDED].cpu_seconds / found[PLAIN].cpu_seconds
        figures.append(Figure(f"{what}, processor time", ratio, "times"))
        truth = pq.read_table(directory / "truth.parquet")
        for name, measured in found.items():
            score = score_of(pq.read_table(measured.output / "customers.parquet"), truth)
            million = score.strangers / score.scored * 1e6
            figures.append(Figure(f"{brief(records)}, {name}: strangers merged", million, "a million"))
            figures.append(Figure(f"{brief(records)}, {name}: recall", score.recall))
        walls = {name: measured.rounds[-1].seconds for name, measured in found.items()}
        tables.append(stages(walls, {name: measured.output for name, measured in found.items()}))
    return Report(figures, tables)


RUN = Run(
    "guards",
    "the simulated shop with the guards of exact values and without: time, strangers merged, recall",
    measure,
    ("--records", "--rounds"),
)
