"""Exact identifiers, Parquet to Parquet, beside Polars with SciPy and Splink's clustering of prepared edges.

The same partition from all, or the run fails, but for what enishi cuts as weak bridges, which it names and counts: its
customers lie within the peers', and are at most half a percent more. enishi checks for repeated record ids and generic
values all the while; the peers do not, and Splink's edges are prepared before its time begins.
"""

from __future__ import annotations

import shutil
from itertools import pairwise
from pathlib import Path

from benchmarks.data import head, shop
from benchmarks.process import Command, ContenderError, Measured, alternate, answer, once, python, say, warm
from benchmarks.report import Figure, Report, Table
from benchmarks.runs import Run
from benchmarks.runs._resolve import EXACT, resolve, stages, summary
from benchmarks.settings import Settings, brief

ENISHI, DEFAULT = "enishi, exact", "enishi, match off, all outputs"
POLARS, SPLINK = "Polars + SciPy", "Splink's clustering, edges prepared"
# By records: how many times as long a peer has to take. At other sizes the ratios are informational.
GATES = {10_000_000: {POLARS: 3.0, SPLINK: 5.0}, 50_000_000: {POLARS: 4.0, SPLINK: 7.0}}
MOST_FOR_ALL_OUTPUTS = 2.5
MOST_BYTES_A_RECORD = 40.0
MOST_CUT = 0.5  # % of the customers
WARM = 10_000


def _contenders(records: Path, rows: int, edges: Path) -> dict[str, Command]:
    """The programs; the edges that Splink's begins with are made here."""
    polars = ("-m", "benchmarks.contenders.polars_scipy")
    once(python(*polars, records, "", edges))
    return {
        ENISHI: resolve(records, *EXACT),
        POLARS: lambda output: python(*polars, records, output),
        SPLINK: lambda output: python("-m", "benchmarks.contenders.splink_clusters", str(rows), edges, output),
        DEFAULT: resolve(records, "--match", "off"),
    }


def _check(records: Path, found: dict[str, Measured]) -> tuple[int, int]:
    """The number of customers of the peers, who agree, and how many more ours are, for it cuts weak bridges.

    Raises
    ------
    ContenderError
        The partitions differ otherwise, or the data has values that are generic, with which they have to.
    """
    told = summary(found[ENISHI].output)
    generic = [name for name, field in told["fields"].items() if field["generic"]["values"]]
    if generic:
        raise ContenderError(f"{records.name} has generic values of {', '.join(generic)}: partitions have to differ")
    program = ("-m", "benchmarks.contenders.partition")
    ours, polars, splink = (found[name].output / "customers.parquet" for name in (ENISHI, POLARS, SPLINK))
    peers = answer(python(*program, polars, records))
    if answer(python(*program, splink))["digest"] != peers["digest"]:
        raise ContenderError(f"the peers' partitions of {records.name} differ")
    narrow = answer(python(*program, ours, records, polars))
    cut = int(narrow["customers"]) - int(peers["customers"])
    if not narrow["within"] or (cut and not told["weak_bridges"]):
        raise ContenderError(
            f"partitions of {records.name} differ, and not by weak bridges alone: {cut} customers more"
        )
    return int(peers["customers"]), cut


def measure(settings: Settings) -> Report:
    figures: list[Figure] = []
    tables: list[Table] = []
    rows: list[list[str]] = []
    peaks: dict[int, dict[str, int]] = {}
    for size in settings.sizes(10_000_000, 50_000_000):
        records = shop(settings, size)
        sample = head(records, WARM, settings.scratch)
        warm(_contenders(sample, min(WARM, size), settings.scratch / "edges-warm.parquet"), settings.scratch, records)
        contenders = _contenders(records, size, settings.scratch / "edges.parquet")
        found = alternate(contenders, settings.rounds, settings.scratch)
        customers, cut = _check(records, found)
        say(f"  {customers:,} customers, the same from all; enishi cuts {cut:,} more off at weak bridges")
        label = f"{brief(size)}: customers cut off at weak bridges"
        figures.append(Figure(label, 100 * cut / customers, "% of customers", at_most=MOST_CUT))
        figures.extend(_figures(size, found))
        peaks[size] = {name: measured.peak for name, measured in found.items()}
        ours = found[ENISHI].seconds
        for name, measured in found.items():
            cells = (measured.seconds, measured.seconds / ours, measured.cpu_seconds, measured.peak / 1e9)
            rows.append([brief(size), name, *(f"{cell:.2f}" for cell in cells)])
        walls = {f"{brief(size)}, {name}": found[name].rounds[-1].seconds for name in (ENISHI, DEFAULT)}
        tables.append(stages(walls, {label: found[label.partition(", ")[2]].output for label in walls}))
        for measured in found.values():
            shutil.rmtree(measured.output)
    for small, large in pairwise(peaks):
        for name in peaks[small]:
            limit = MOST_BYTES_A_RECORD if name == ENISHI and (small, large) == tuple(GATES) else None
            slope = (peaks[large][name] - peaks[small][name]) / (large - small)
            label = f"{name}: peak memory from {brief(small)} to {brief(large)}"
            figures.append(Figure(label, slope, "bytes a record", at_most=limit))
    overview = Table(("records", "contender", "seconds", "over enishi, exact", "CPU seconds", "peak GB"), rows)
    return Report(figures, [overview, *tables])


def _figures(size: int, found: dict[str, Measured]) -> list[Figure]:
    ours = found[ENISHI].seconds
    gates = GATES.get(size, {})
    figures = [
        Figure(f"{brief(size)}: {name} over enishi", found[name].seconds / ours, "times", at_least=gates.get(name))
        for name in (POLARS, SPLINK)
    ]
    ratio = found[DEFAULT].seconds / ours
    limit = MOST_FOR_ALL_OUTPUTS if gates else None
    return [*figures, Figure(f"{brief(size)}: all outputs over exact", ratio, "times", at_most=limit)]


RUN = Run(
    "exact",
    "exact identifiers, Parquet to Parquet: the same partition from enishi, Polars + SciPy and Splink",
    measure,
    ("--records", "--rounds", "--shuffled"),
    ("polars", "scipy", "splink", "duckdb"),
)
