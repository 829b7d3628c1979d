"""Hundreds of millions of records: cost a record, peak memory, time by stage, and where the disk goes.

The smallest size is what the cost a record is held against; the others, up to 100M, are run by default and under a
memory limit, and have to have the same customers both times.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.data import head, room, shop
from benchmarks.process import ContenderError, Measured, alternate, say, warm
from benchmarks.report import Figure, Report, Table
from benchmarks.runs import Run
from benchmarks.runs._resolve import EXACT, resolve, stages, summary
from benchmarks.settings import Settings, brief

BASE, GATED, LARGEST = 10_000_000, 100_000_000, 300_000_000
MOST_COST, MOST_LIMITED_TIME = 1.25, 2.0
LIMIT, LARGE_LIMIT = "2GB", "14GB"  # what lies beyond 100M does not fit into the default
MOST_LIMITED_BYTES = 2.2e9
# By records: bytes of memory at most.
MOST_BYTES = {GATED: 5e9, LARGEST: 14e9}
MOST_DISK = 45e9
BYTES_A_RECORD = 150  # of input, spill and output, with room to spare
DEFAULT, LIMITED = "default", f"--memory-limit {LIMIT}"


def _digest(output: Path) -> str:
    """The customers of all records in input order, as a hash; they are not held in memory."""
    digest = hashlib.sha256()
    for batch in pq.ParquetFile(output / "customers.parquet").iter_batches(1 << 20, columns=["customer_id"]):
        digest.update(batch["customer_id"].to_numpy())
    return digest.hexdigest()


def _size(path: Path) -> int:
    return (
        sum(file.stat().st_size for file in path.rglob("*") if file.is_file()) if path.is_dir() else path.stat().st_size
    )


def measure(settings: Settings) -> Report:
    figures: list[Figure] = []
    tables: list[Table] = []
    disk: list[list[str]] = []
    base: tuple[int, float] | None = None
    sizes = settings.sizes(BASE, GATED)
    for size in sizes:
        room(settings.data, size * BYTES_A_RECORD)
        records = shop(settings, size)
        warm({"sample": resolve(head(records, 10_000, settings.scratch), *EXACT)}, settings.scratch)
        contenders = {DEFAULT: resolve(records, *EXACT, *(("--memory-limit", LARGE_LIMIT) if size > GATED else ()))}
        if size <= GATED and size != sizes[0]:
            contenders[LIMITED] = resolve(records, *EXACT, "--memory-limit", LIMIT)
        found = alternate(contenders, settings.rounds, settings.scratch)
        default = found[DEFAULT]
        cost = default.seconds / size
        base = base or (size, cost)
        figures += _figures(size, base, default)
        if LIMITED in found:
            limited = found[LIMITED]
            if _digest(default.output) != _digest(limited.output):
                raise ContenderError(f"{brief(size)} records have other customers under {LIMITED}")
            figures += _limited(size, default, limited)
        walls = {f"{brief(size)}, {name}": measured.rounds[-1].seconds for name, measured in found.items()}
        outputs = {f"{brief(size)}, {name}": measured.output for name, measured in found.items()}
        tables.append(stages(walls, outputs))
        for name, measured in found.items():
            kinds = (_size(records), summary(measured.output)["spilled_bytes"], _size(measured.output))
            limit = MOST_DISK if size == LARGEST else None
            figures.append(
                Figure(f"{brief(size)}, {name}: disk", sum(kinds) / 1e9, "GB", at_most=limit and limit / 1e9)
            )
            cells = [f"{kind / 1e9:.2f}" for kind in (*kinds, sum(kinds))]
            disk.append([brief(size), name, *cells, f"{measured.peak / 1e9:.2f}", f"{measured.anonymous / 1e9:.2f}"])
            shutil.rmtree(measured.output)
        say(f"  {brief(size)}: {cost * 1e6:.2f} µs a record")
    header = ("records", "run", "input GB", "spill GB", "output GB", "disk GB", "peak GB", "anonymous GB")
    return Report(figures, [Table(header, disk), *tables])


def _figures(size: int, base: tuple[int, float], default: Measured) -> list[Figure]:
    smallest, cost = base
    most = MOST_BYTES.get(size)
    figures = [
        Figure(f"{brief(size)}: seconds", default.seconds, "s"),
        Figure(f"{brief(size)}: peak memory", default.peak / 1e9, "GB", at_most=most and most / 1e9),
    ]
    if size > smallest:
        limit = MOST_COST if (smallest, size) == (BASE, GATED) else None
        label = f"{brief(size)}: cost a record over that at {brief(smallest)}"
        figures.append(Figure(label, default.seconds / size / cost, "times", at_most=limit))
    return figures


def _limited(size: int, default: Measured, limited: Measured) -> list[Figure]:
    gated = size == GATED
    memory = limited.anonymous / 1e9
    return [
        Figure(
            f"{brief(size)}, {LIMITED}: anonymous memory",
            memory,
            "GB",
            at_most=MOST_LIMITED_BYTES / 1e9 if gated else None,
        ),
        Figure(
            f"{brief(size)}, {LIMITED}: over the default",
            limited.seconds / default.seconds,
            "times",
            at_most=MOST_LIMITED_TIME if gated else None,
        ),
    ]


RUN = Run(
    "scale",
    "100M records and more: cost a record, memory, disk, time by stage",
    measure,
    ("--records", "--rounds", "--shuffled"),
)
