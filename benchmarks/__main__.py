"""``python -m benchmarks`` lists the runs; ``python -m benchmarks RUN...`` runs some.

It prints each run's tables in Markdown as they come, writes all figures as one JSON file, and exits with 1 when a gate
does not hold or a run fails, with 2 when it cannot begin.
"""

from __future__ import annotations

import argparse
import importlib
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.process import ROOT, ContenderError, say
from benchmarks.report import installed, pins, surroundings
from benchmarks.runs import Run
from benchmarks.settings import Settings, count

NAMES = (
    "exact",
    "skew",
    "events",
    "threads",
    "interrupts",
    "fuzzy",
    "scale",
    "jobs",
    "match",
    "quality",
    "peers",
    "shop",
    "injected",
    "guards",
)


def find(name: str) -> Run:
    """A run by its name."""
    run: Run = importlib.import_module(f"benchmarks.runs.{name}").RUN
    return run


def absent(peers: Sequence[str]) -> list[str]:
    """The peers that are not there in the version that is pinned."""
    pinned = pins()
    return [f"{name}=={pinned[name]}" for name in peers if installed(name) != pinned[name]]


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(count(part) for part in text.split(","))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure whole jobs beside their peers.")
    parser.add_argument("runs", nargs="*", metavar="RUN", help="which; none: list them")
    parser.add_argument(
        "--records", type=_sizes, metavar="N,...", help="sizes, such as 10M,50M; left out: the run's own"
    )
    parser.add_argument("--events", type=count, default=100_000_000, metavar="N", help="purchases [100M]")
    parser.add_argument("--cards", type=count, default=2_000_000, metavar="N", help="cards that buy [2M]")
    parser.add_argument("--values", type=count, default=1_000_000, metavar="N", help="distinct values of a field [1M]")
    parser.add_argument("--rounds", type=count, default=3, metavar="N", help="turns of each contender [3]")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of all data [0]")
    parser.add_argument("--shuffled", action="store_true", help="put the records in a random order")
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="keep large data sets here; left out: made and removed"
    )
    parser.add_argument(
        "--labelled", type=Path, default=ROOT.parent / "shared" / "data", metavar="DIR", help="labelled data of others"
    )
    parser.add_argument(
        "--json", type=Path, default=ROOT / ".benchmarks" / "runs.json", metavar="FILE", help="where the figures go"
    )
    return parser


def main(arguments: Sequence[str]) -> int:
    parser = _parser()
    asked = parser.parse_args(arguments)
    if not asked.runs:
        print(listing())
        return 0
    unknown = [name for name in asked.runs if name not in NAMES]
    if unknown:
        parser.error(f"there is no run {unknown[0]!r}; known: {', '.join(NAMES)}")
    runs = [find(name) for name in asked.runs]
    missing = sorted({peer for run in runs for peer in absent(run.peers)})
    if missing:
        parser.error(f"these peers are not here as pinned: {', '.join(missing)}; pip install '.[bench]'")
    if asked.data is not None:
        asked.data.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="enishi-benchmarks-", dir=asked.data) as directory:
        scratch = Path(directory).resolve()
        settings = Settings(
            data=scratch if asked.data is None else asked.data.resolve(),
            scratch=scratch,
            labelled=asked.labelled.resolve(),
            records=asked.records,
            events=asked.events,
            cards=asked.cards,
            values=asked.values,
            rounds=asked.rounds,
            seed=asked.seed,
            shuffled=asked.shuffled,
        )
        return measure(runs, settings, asked.json)


def measure(runs: Sequence[Run], settings: Settings, path: Path) -> int:
    """Makes the runs, tells what they found, and returns the exit code."""
    about = surroundings(peer for run in runs for peer in run.peers)
    options = {"seed": settings.seed, "rounds": settings.rounds, "shuffled": settings.shuffled}
    found: dict[str, Any] = {}
    code = 0
    for run in runs:
        say(f"{run.name}: {run.about}")
        try:
            report = run.measure(settings)
        except (ContenderError, OSError) as error:
            say(f"{run.name}: {error}")
            found[run.name] = {"error": str(error)}
            code = 1
            continue
        finally:
            _empty(settings)
        found[run.name] = report.json()
        print(f"## {run.name}: {run.about}\n\n{report.markdown()}\n", flush=True)
        code = max(code, int(not all(figure.holds for figure in report.figures)))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**about, "options": options, "runs": found}, indent=2) + "\n", encoding="utf-8")
    say(f"the figures are in {path}")
    return code


def _empty(settings: Settings) -> None:
    """Removes what a run left in the scratch directory, but for data sets that the next may use."""
    for path in settings.scratch.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif settings.data != settings.scratch:
            path.unlink()


def listing() -> str:
    """The runs, their options and their peers."""
    pinned = pins()
    lines = []
    for run in map(find, NAMES):
        lines.append(f"{run.name:10} {run.about}")
        options = ", ".join(run.options)
        peers = ", ".join(f"{name}=={pinned[name]}" for name in run.peers)
        lines += [f"{'':8}   {part}" for part in (options, peers) if part]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
