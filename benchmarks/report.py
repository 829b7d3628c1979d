"""What a run found: figures, of which some are gates, and tables for people."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
# What enishi itself runs on, beside the peers.
FOUNDATIONS = ("numpy", "polars", "pyarrow")


@dataclass(frozen=True)
class Figure:
    """One number; with a limit it is a gate and has to hold, without one it is informational."""

    name: str
    value: float
    unit: str = ""
    at_least: float | None = None
    at_most: float | None = None

    @property
    def kind(self) -> str:
        return "informational" if self.at_least is None and self.at_most is None else "gate"

    @property
    def holds(self) -> bool:
        """Whether it is within its limits; what has none always is."""
        enough = self.at_least is None or self.value >= self.at_least
        return enough and (self.at_most is None or self.value <= self.at_most)

    def limit(self) -> str:
        """The limit in words."""
        parts = [f"at least {self.at_least:g}"] if self.at_least is not None else []
        parts += [f"at most {self.at_most:g}"] if self.at_most is not None else []
        return " and ".join(parts)

    def json(self) -> dict[str, Any]:
        limits = {name: limit for name in ("at_least", "at_most") if (limit := getattr(self, name)) is not None}
        kept = {"holds": self.holds} if self.kind == "gate" else {}
        return {"name": self.name, "value": self.value, "unit": self.unit, "kind": self.kind, **limits, **kept}


@dataclass(frozen=True)
class Table:
    """A table for the README."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    title: str = ""

    def markdown(self) -> str:
        header, *rows = (f"| {' | '.join(line)} |" for line in (self.header, *self.rows))
        table = "\n".join([header, "|---" * len(self.header) + "|", *rows])
        return f"{self.title}\n\n{table}" if self.title else table


@dataclass(frozen=True)
class Report:
    """What one run found."""

    figures: Sequence[Figure]
    tables: Sequence[Table] = ()

    def markdown(self) -> str:
        """The tables, then the figures with their limits."""
        judged = Table(
            ("figure", "value", "kind", "limit", "holds"),
            [
                (
                    figure.name,
                    f"{_short(figure.value)} {figure.unit}".strip(),
                    figure.kind,
                    figure.limit(),
                    ("yes" if figure.holds else "NO") if figure.kind == "gate" else "",
                )
                for figure in self.figures
            ],
        )
        parts = [*self.tables, judged] if self.figures else self.tables
        return "\n\n".join(table.markdown() for table in parts)

    def json(self) -> dict[str, Any]:
        return {
            "figures": [figure.json() for figure in self.figures],
            "tables": [
                {"title": table.title, "header": list(table.header), "rows": [list(row) for row in table.rows]}
                for table in self.tables
            ],
        }


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.4g}"


def pins() -> dict[str, str]:
    """The versions of the peers, as the extra ``bench`` pins them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return dict(requirement.split("==") for requirement in project["optional-dependencies"]["bench"])


def installed(name: str) -> str | None:
    """The version that is there."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def surroundings(peers: Iterable[str]) -> dict[str, Any]:
    """The machine, the versions and the commit: what figures mean nothing without."""
    from enishi import __version__

    names = sorted({*FOUNDATIONS, *peers})
    return {
        "machine": {
            "system": platform.platform(),
            "processor": _processor(),
            "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
            "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
            "load_at_start": round(os.getloadavg()[0], 2),
        },
        "versions": {"python": sys.version.split()[0], "enishi": __version__, **{n: installed(n) for n in names}},
        "commit": _git("rev-parse", "HEAD"),
        "changed_since": bool(_git("status", "--porcelain", "--untracked-files=no")),
    }


def _processor() -> str:
    try:
        found = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        found = None
    return found[1] if found else platform.processor() or platform.machine()


def _git(*arguments: str) -> str | None:
    try:
        asked = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return asked.stdout.strip()
