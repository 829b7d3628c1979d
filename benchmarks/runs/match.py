"""Matching by probability: what a pair costs, a billion of them, and whole runs beside Splink's.

A pair has six comparisons, three of them fuzzy, beside the whole name that stands in where a part of it is missing; see
``benchmarks/contenders/match_scoring.py``. The whole runs have a file of a shop's records: names, birth date, postcode
and five identifiers in canonical spelling, Parquet to Parquet, with training. The truth scores what came out.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from benchmarks.data import people
from benchmarks.process import Command, alternate, answer, once, python, say, warm
from benchmarks.report import Figure, Report, Table
from benchmarks.runs import Run
from benchmarks.runs._resolve import stages, summary
from benchmarks.settings import Settings, brief

AUTO, ALL, OFF, SPLINK = "enishi", "enishi, all outputs", "enishi, match off", "Splink"
SCORED, BILLION = 200_000, 2_002_000  # people in blocks of a thousand: 100 million pairs, and a billion
LEAST_PAIRS = 10.0  # million a second and core
# By records: how many times as long Splink has to take. At other sizes the ratio is informational.
GATES = {1_000_000: 10.0, 10_000_000: 12.0}
MOST_MEMORY = 5.0  # GB
WARM = 10_000


def _scoring(figures: list[Figure]) -> Table:
    rows = []
    for number, threads in ((SCORED, 1), (SCORED, 2), (BILLION, 2)):
        found = once(python("-m", "benchmarks.contenders.match_scoring", str(number), str(threads)))
        told = json.loads(found.answer)
        a_core = told["pairs"] / told["seconds"] / threads / 1e6
        name = f"{brief(round(told['pairs'], -6))} pairs, {threads} threads"
        say(f"  {name}: {told['seconds']:.1f} s, {a_core:.1f} M pairs/s a core, {found.peak / 1e9:.2f} GB")
        figures.append(Figure(name, a_core, "M pairs/s a core", at_least=LEAST_PAIRS if threads == 1 else None))
        rows.append(
            [f"{told['pairs']:,}", str(threads), f"{told['seconds']:.1f}", f"{a_core:.1f}", f"{found.peak / 1e9:.2f}"]
        )
    return Table(("pairs", "threads", "seconds", "M pairs/s a core", "peak GB of the process"), rows)


def _contenders(records: Path) -> dict[str, Command]:
    def resolve(match: str, *outputs: str) -> Command:
        options = ("--quiet", "--match", match, "--memory-limit", f"{MOST_MEMORY:g}GB", *outputs)
        return lambda output: python("-m", "enishi", "resolve", f"records={records}", "-o", output, *options)

    # Splink writes customers and no more.
    customers = ("--outputs", "customers")
    return {
        AUTO: resolve("auto", *customers),
        ALL: resolve("auto"),
        OFF: resolve("off", *customers),
        SPLINK: lambda output: python("-m", "benchmarks.contenders.splink_match", records, output),
    }


def measure(settings: Settings) -> Report:
    figures: list[Figure] = []
    tables = [_scoring(figures)]
    rows: list[list[str]] = []
    for size in settings.sizes(1_000_000):
        records, truth = people(settings, size)
        sample, _ = people(settings, WARM)
        warm(_contenders(sample), settings.scratch, records)
        found = alternate(_contenders(records), settings.rounds, settings.scratch)
        gated = size in GATES
        ratio = found[SPLINK].seconds / found[AUTO].seconds
        figures.append(Figure(f"{brief(size)}: {SPLINK} over enishi", ratio, "times", at_least=GATES.get(size)))
        for name, measured in found.items():
            score = answer(python("-m", "benchmarks.contenders.pairwise", measured.output / "customers.parquet", truth))
            limit = MOST_MEMORY if gated and name in (AUTO, ALL) else None
            figures.append(Figure(f"{brief(size)}, {name}", measured.seconds, "s"))
            figures.append(Figure(f"{brief(size)}, {name}: peak memory", measured.peak / 1e9, "GB", at_most=limit))
            figures.append(Figure(f"{brief(size)}, {name}: F1, pairwise", score["f1"]))
            quality = [f"{score[each]:.4f}" for each in ("precision", "recall", "f1")]
            cost = [f"{measured.seconds:.1f}", f"{measured.cpu_seconds:.1f}", f"{measured.peak / 1e9:.2f}"]
            rows.append([brief(size), name, *cost, *quality])
        compared = summary(found[AUTO].output)["match"]["compared"]
        say(f"  {compared:,} pairs compared")
        walls = {f"{brief(size)}, {name}": found[name].rounds[-1].seconds for name in (AUTO, OFF)}
        tables.append(stages(walls, {label: found[label.partition(", ")[2]].output for label in walls}))
        for measured in found.values():
            shutil.rmtree(measured.output)
    header = ("records", "contender", "seconds", "CPU seconds", "peak GB", "precision", "recall", "F1, pairwise")
    return Report(figures, [tables[0], Table(header, rows), *tables[1:]])


RUN = Run(
    "match",
    "matching by probability: pairs a second, a billion pairs, and a shop's records beside Splink",
    measure,
    ("--records", "--rounds", "--seed"),
    ("splink", "duckdb"),
)
