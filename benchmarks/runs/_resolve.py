"""``enishi resolve`` as a contender, and what its summary says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.data import CONFIG
from benchmarks.process import Command, python
from benchmarks.report import Table

EXACT = ("--exact", "--outputs", "customers")


def resolve(records: Path, *options: str) -> Command:
    """The command on a file of five identifiers."""

    def command(output: Path) -> list[str]:
        start = python("-m", "enishi", "resolve", f"records={records}")
        return [*start, "-c", str(CONFIG), "-o", str(output), "--quiet", *options]

    return command


def summary(output: Path) -> dict[str, Any]:
    """What a run wrote about itself."""
    read: dict[str, Any] = json.loads((output / "summary.json").read_text(encoding="utf-8"))
    return read


def stages(walls: dict[str, float], outputs: dict[str, Path]) -> Table:
    """Seconds by stage; what the summary does not time is the process's start and end."""
    told = {name: summary(output)["seconds"] for name, output in outputs.items()}
    names = list(dict.fromkeys(stage for seconds in told.values() for stage in seconds))
    rows = []
    for name, seconds in told.items():
        cells = [f"{seconds[stage]:.2f}" if stage in seconds else "" for stage in names]
        rows.append([name, *cells, f"{walls[name] - sum(seconds.values()):.2f}", f"{walls[name]:.2f}"])
    return Table(["seconds", *names, "start", "in all"], rows)
