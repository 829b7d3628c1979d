"""Distinct values at distance 1: emails beside RapidFuzz on blocks, cards beside a join on deletions in Polars.

Distance is optimal string alignment over the whole value. What is timed goes from a column of text in memory to pairs
of rows; enishi numbers its values first, which a run has done by then, so the join alone is shown apart. Complete
means: of 2,000 values drawn at random, every pair that comparing them with all values finds, and no other.

Beyond the million for which the gates are set, enishi runs alone, at distance 1, and fewer values are asked whether all
their pairs were found: what counts there is the memory.
"""

from __future__ import annotations

import statistics
from pathlib import Path

import polars as pl

from benchmarks.data import distinct
from benchmarks.process import Command, ContenderError, Measured, alternate, once, python, say, warm
from benchmarks.report import Figure, Report, Table
from benchmarks.runs import Run
from benchmarks.settings import Settings, brief

ENISHI, TWO_EDITS = "enishi", "enishi, distance 2"
CDIST, DELETIONS = "RapidFuzz cdist on blocks", "Polars deletion join"
GATED = 1_000_000
# By column: the peer, and how many times as long it has to take.
GATES = {"email": (CDIST, 2.5), "loyalty_card": (DELETIONS, 12.0)}
SAMPLED = 2_000
MOST_GB = 5.0  # a run's own limit


def program(name: str, values: Path, column: str, *options: str) -> Command:
    """A contender on a column of values."""
    return lambda output: python("-m", f"benchmarks.contenders.{name}", values, column, output, *options)


def _contenders(values: Path, column: str, alone: bool) -> dict[str, Command]:
    if alone:
        return {ENISHI: program("near_enishi", values, column)}
    peer, name = {"email": (CDIST, "near_cdist"), "loyalty_card": (DELETIONS, "near_deletions")}[column]
    return {
        ENISHI: program("near_enishi", values, column),
        peer: program(name, values, column),
        TWO_EDITS: program("near_enishi", values, column, "2"),
    }


def _pairs(path: Path, sampled: pl.Series | None = None) -> set[tuple[int, int]]:
    """The pairs that were written; of those with a sampled value, where that is asked."""
    pairs = pl.scan_parquet(path)
    if sampled is not None:
        pairs = pairs.filter(pl.col("left").is_in(sampled.implode()) | pl.col("right").is_in(sampled.implode()))
    return {(int(left), int(right)) for left, right in pairs.select("left", "right").collect().iter_rows()}


def measure(settings: Settings) -> Report:
    values = distinct(settings, settings.values)
    small = settings.scratch / "few-values.parquet"
    pl.read_parquet(values, n_rows=1_000).write_parquet(small)
    alone = settings.values > GATED
    sampled_values = SAMPLED * GATED // settings.values if alone else SAMPLED
    figures: list[Figure] = []
    rows: list[list[str]] = []
    for column, (peer, least) in GATES.items():
        say(f"  {column}")
        warm(_contenders(small, column, alone), settings.scratch, values)
        found = alternate(_contenders(values, column, alone), settings.rounds, settings.scratch)
        seconds = {name: _median(measured, "seconds") for name, measured in found.items()}
        brute = settings.scratch / "brute-force.parquet"
        once(program("brute_force", values, column, str(sampled_values), str(settings.seed))(brute))
        sampled = pl.read_parquet(brute.with_name("sampled.parquet"))["row"]
        expected = _pairs(brute)
        if not expected:
            raise ContenderError(f"none of the sampled values of {column} has a near one; sample more")
        ours = _pairs(found[ENISHI].output, sampled)
        label = f"{brief(settings.values)} of {column}"
        gated = settings.values == GATED
        figures += [
            Figure(
                f"{label}: {name} over enishi",
                seconds[name] / seconds[ENISHI],
                "times",
                at_least=least if gated and name == peer else None,
            )
            for name in seconds
            if name != ENISHI
        ]
        figures += [
            Figure(f"{label}: found of what brute force finds", len(ours & expected) / len(expected), "", at_least=1),
            Figure(f"{label}: found beyond that", len(ours - expected), "pairs", at_most=0),
            Figure(
                f"{label}: the join alone", _median(found[ENISHI], "join_seconds") / settings.values * 1e6, "µs a value"
            ),
            Figure(f"{label}: peak memory", found[ENISHI].peak / 1e9, "GB", at_most=MOST_GB),
        ]
        if TWO_EDITS in found:
            two = _median(found[TWO_EDITS], "join_seconds")
            figures.append(Figure(f"{label}: distance 2, the join alone", two, "s"))
        for name, measured in found.items():
            share = len(_pairs(measured.output, sampled) & expected) / len(expected)
            ratio = f"{seconds[name] / seconds[ENISHI]:.2f}"
            peak = f"{measured.peak / 1e9:.2f}"
            rows.append([label, name, f"{seconds[name]:.2f}", ratio, peak, f"{share:.1%}"])
            measured.output.unlink()
    return Report(figures, [Table(("values", "contender", "seconds", "over enishi", "peak GB", "complete"), rows)])


def _median(measured: Measured, name: str) -> float:
    return float(statistics.median(told[name] for told in measured.answers()))


RUN = Run(
    "fuzzy",
    "distinct emails and cards at distance 1, complete, beside RapidFuzz and Polars",
    measure,
    ("--values", "--rounds"),
    ("polars", "rapidfuzz"),
)
