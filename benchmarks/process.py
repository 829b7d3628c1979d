"""Whole processes, measured: wall time, peak memory, and contenders in alternation.

Every measurement is a fresh process. Contenders take turns, so that whatever else the machine does falls on all of
them; the order turns with the round, so that none always runs in the wake of another.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LAUNCH = Path(__file__).with_name("launch.py")
LONG = 60.0  # seconds beyond which a contender is measured once

# From a directory that its results go to, the command to run.
Command = Callable[[Path], Sequence[str]]


class ContenderError(Exception):
    """A contender ended with an error."""


@dataclass(frozen=True)
class Once:
    """One process, measured.

    Attributes
    ----------
    seconds, cpu_seconds : float
        Wall time, and the processor time of all its threads.
    peak, anonymous : int
        Bytes: the most memory resident, and the most of it that no file backs (sampled; 0 where the system is silent).
    answer : str
        What it printed.
    """

    seconds: float
    cpu_seconds: float
    peak: int
    anonymous: int
    answer: str


@dataclass(frozen=True)
class Measured:
    """A contender's rounds, and where the results of its last one lie."""

    rounds: tuple[Once, ...]
    output: Path

    @property
    def seconds(self) -> float:
        return statistics.median(once.seconds for once in self.rounds)

    @property
    def cpu_seconds(self) -> float:
        return statistics.median(once.cpu_seconds for once in self.rounds)

    @property
    def peak(self) -> int:
        return max(once.peak for once in self.rounds)

    @property
    def anonymous(self) -> int:
        return max(once.anonymous for once in self.rounds)

    def answers(self) -> list[Any]:
        """What each round printed, as JSON."""
        return [json.loads(once.answer) for once in self.rounds]


def python(*arguments: str | Path) -> list[str]:
    """A command for the interpreter that runs this."""
    return [sys.executable, *map(str, arguments)]


def once(command: Sequence[str]) -> Once:
    """Runs a command from the project's root in a fresh process.

    Raises
    ------
    ContenderError
        It ended with an error; the message has the end of what it said.
    """
    # As installed: what is in this tree is compiled by its first process, not by every one.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        launcher = [sys.executable, "-S", "-E", str(LAUNCH), report.name]
        ended = subprocess.run(
            [*launcher, *command], cwd=ROOT, env=environment, capture_output=True, text=True, errors="replace"
        )
        text = Path(report.name).read_text(encoding="utf-8")
    measured = json.loads(text) if text else {"exit_code": ended.returncode}
    code = measured.pop("exit_code")
    if code or not measured:
        raise ContenderError(f"{' '.join(command[1:4])} ... ended with {code}:\n{ended.stderr[-2000:]}")
    return Once(**measured, answer=ended.stdout)


def answer(command: Sequence[str]) -> Any:
    """What a command prints, as JSON; for what is prepared or checked and not measured."""
    return json.loads(once(command).answer)


def alternate(contenders: Mapping[str, Command], rounds: int, scratch: Path) -> dict[str, Measured]:
    """Measures the contenders in turn; one that takes longer than a minute is measured once."""
    found: dict[str, list[Once]] = {name: [] for name in contenders}
    outputs = {name: scratch / f"output-{number}" for number, name in enumerate(contenders)}
    names = list(contenders)
    for number in range(rounds):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            if found[name] and found[name][0].seconds > LONG:
                continue
            shutil.rmtree(outputs[name], ignore_errors=True)
            # What the one before left for the disk is not this one's to wait for.
            os.sync()
            found[name].append(once(contenders[name](outputs[name])))
            say(f"  {name}: {found[name][-1].seconds:.2f} s, {found[name][-1].peak / 1e9:.2f} GB")
    return {name: Measured(tuple(found[name]), outputs[name]) for name in names}


def warm(contenders: Mapping[str, Command], scratch: Path, *files: Path) -> None:
    """Runs each contender once, on little, and reads the files that are to come: none pays for being first."""
    for number, command in enumerate(contenders.values()):
        output = scratch / f"warm-{number}"
        once(command(output))
        shutil.rmtree(output, ignore_errors=True)
    for path in files:
        with path.open("rb") as file:
            while file.read(1 << 24):
                pass


def say(text: str) -> None:
    """How far a run has come."""
    print(text, file=sys.stderr, flush=True)
