"""Matching by probability: what a pair costs, a billion of them, and what it adds to a run on the shop.

A pair has six comparisons, three of them fuzzy, beside the whole name that stands in where a part of it is missing; see
``benchmarks/contenders/match_scoring.py``. The shop is the simulated one, Parquet to Parquet, with training.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from benchmarks.process import Command, alternate, once, python, say, warm
from benchmarks.report import Figure, Report, Table
from benchmarks.runs import Run
from benchmarks.runs._resolve import stages, summary
from benchmarks.settings import Settings, brief

SCORED, BILLION = 200_000, 2_002_000  # people in blocks of a thousand: 100 million pairs, and a billion
LEAST_PAIRS = 10.0  # million a second and core
RECORDS_PER_CUSTOMER = 7.3


def _scoring(figures: list[Figure]) -> Table:
    rows = []
    for people, threads in ((SCORED, 1), (SCORED, 2), (BILLION, 2)):
        found = once(python("-m", "benchmarks.contenders.match_scoring", str(people), str(threads)))
        told = json.loads(found.answer)
        a_core = told["pairs"] / told["seconds"] / threads / 1e6
        name = f"{brief(round(told['pairs'], -6))} pairs, {threads} threads"
        say(f"  {name}: {told['seconds']:.1f} s, {a_core:.1f} M pairs/s a core, {found.peak / 1e9:.2f} GB")
        figures.append(Figure(name, a_core, "M pairs/s a core", at_least=LEAST_PAIRS if threads == 1 else None))
        rows.append(
            [f"{told['pairs']:,}", str(threads), f"{told['seconds']:.1f}", f"{a_core:.1f}", f"{found.peak / 1e9:.2f}"]
        )
    return Table(("pairs", "threads", "seconds", "M pairs/s a core", "peak GB of the process"), rows)


def _resolve(inputs: Sequence[Path], match: str) -> Command:
    return lambda output: python("-m", "enishi", "resolve", *inputs, "--quiet", "--match", match, "-o", output)


def measure(settings: Settings) -> Report:
    figures: list[Figure] = []
    tables = [_scoring(figures)]
    for size in settings.sizes(1_000_000):
        shop = settings.scratch / f"shop-{size}"
        customers = str(round(size / RECORDS_PER_CUSTOMER))
        subprocess.run(
            python("-m", "enishi", "simulate", "-o", shop, "--customers", customers, "--seed", str(settings.seed)),
            check=True,
            capture_output=True,
        )
        inputs = sorted(path for path in shop.glob("*.parquet") if path.stem != "truth")
        contenders = {match: _resolve(inputs, match) for match in ("off", "auto")}
        warm({}, settings.scratch, *inputs)
        found = alternate(contenders, settings.rounds, settings.scratch)
        for match, measured in found.items():
            figures.append(Figure(f"{brief(size)}, match {match}", measured.seconds, "s"))
            figures.append(Figure(f"{brief(size)}, match {match}: peak memory", measured.peak / 1e9, "GB"))
        compared = summary(found["auto"].output)["match"]["compared"]
        say(f"  {compared:,} pairs compared")
        walls = {match: measured.rounds[-1].seconds for match, measured in found.items()}
        tables.append(stages(walls, {match: measured.output for match, measured in found.items()}))
    return Report(figures, tables)


RUN = Run(
    "match",
    "matching by probability: pairs a second, a billion pairs, and the shop with it and without",
    measure,
    ("--records", "--rounds", "--seed"),
)
