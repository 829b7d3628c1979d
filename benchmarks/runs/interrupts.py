"""Ctrl-C at random moments of a default run: how long until the process has ended, and whether anything is left.

The run is the shop of all its channels with matching and all outputs; the moments lie one in each of as many equal
parts of its time, so that no long stage is missed. What is left is asked of the directory that output and spilling
share.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.data import channels
from benchmarks.process import ContenderError, python, say
from benchmarks.report import Figure, Report
from benchmarks.runs import Run
from benchmarks.settings import Settings, brief

MOMENTS = 20
MOST = 1.0  # s
INTERRUPTED = 130


def measure(settings: Settings) -> Report:
    figures: list[Figure] = []
    for size in settings.sizes(1_000_000):
        place = settings.scratch / "interrupted"
        command = python("-m", "enishi", "resolve", *channels(settings, size), "-o", place / "output")
        start = time.perf_counter()
        with _started(command, place) as process:
            process.communicate()
        whole = time.perf_counter() - start
        if process.returncode:
            raise ContenderError(f"the run that nobody interrupted ended with {process.returncode}")
        say(f"  {whole:.1f} s")
        rng = random.Random(settings.seed)
        taken = []
        for part in range(MOMENTS):
            after = whole * (part + rng.random()) / MOMENTS
            seconds = _interrupt(command, place, after)
            if seconds is not None:
                say(f"  after {after:.2f} s: {seconds * 1e3:.0f} ms")
                taken.append(seconds)
        label = f"{brief(size)}: {len(taken)} interruptions"
        figures.append(Figure(f"{label}, the slowest", max(taken), "s", at_most=MOST))
    return Report(figures)


def _started(command: Sequence[str], place: Path) -> subprocess.Popen[str]:
    """The command, in a new place for all that it may leave."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    environment = {**os.environ, "TMPDIR": str(place)}
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace"
    )


def _interrupt(command: Sequence[str], place: Path, after: float) -> float | None:
    """Seconds from a Ctrl-C to the end; None where the run had ended, or its output was there already."""
    with _started(command, place) as process:
        time.sleep(after)
        start = time.perf_counter()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate()
        seconds = time.perf_counter() - start
    left = os.listdir(place)
    if left == ["output"] and (process.returncode == 0 or said.rstrip().endswith("output")):
        return None
    # Before the interpreter has come to the program, it ends as any other does.
    if process.returncode not in (INTERRUPTED, -signal.SIGINT) or left:
        raise ContenderError(f"interrupted after {after:.2f} s it ended with {process.returncode} and left {left}")
    return seconds


RUN = Run(
    "interrupts",
    "Ctrl-C at random moments of a default run: when it ends, and that nothing is left",
    measure,
    ("--records",),
)
