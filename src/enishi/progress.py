"""How far a run has come, on stderr: the stage, the rate, what is left and the memory in use.

A bar a stage on a terminal; elsewhere, for logs, a line at the end of each stage and every half a minute within.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from enishi.interrupt import speak
from enishi.memory import resident

if TYPE_CHECKING:
    from rich.progress import TaskID

    from enishi.pipeline import Progress


UNITS = {"simulate": "customers"}  # what the other stages count is records
LINE_EVERY = 30.0  # seconds


@contextmanager
def progress(*, quiet: bool = False) -> Iterator[Progress]:
    """What a run tells its progress to; with ``quiet``, nothing is shown.

    Examples
    --------
    >>> with progress(quiet=True) as tell:
    ...     tell("link", 1_000, None)
    """
    if quiet:
        yield lambda stage, done, total: None
    elif sys.stderr.isatty():
        with _bars() as tell:
            yield tell
    else:
        lines = _Lines()
        yield lines
        lines.end()


class _Lines:
    """A line at the end of each stage, and now and then within a long one."""

    def __init__(self) -> None:
        self._stage = ""
        self._done = 0
        self._start = self._said = 0.0

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        now = time.perf_counter()
        if stage != self._stage:
            self.end()
            self._stage, self._start, self._said = stage, now, now
        self._done = done
        if done and now - self._said >= LINE_EVERY:
            self._said = now
            speak(f"{stage}: {standing(done, total, now - self._start, _unit(stage))}, {_memory()}")

    def end(self) -> None:
        if self._stage:
            seconds = f"{time.perf_counter() - self._start:.1f} s"
            count = f"{self._done:,} {_unit(self._stage)}, " if self._done else ""
            speak(f"{self._stage}: {count}{seconds}, {_memory()}")


def standing(done: int, total: int | None, seconds: float, unit: str) -> str:
    """How much is done, how fast, and how long the rest will take where it is known how much there is.

    Examples
    --------
    >>> standing(2_000_000, 10_000_000, 4.0, "records")
    '2,000,000 of 10,000,000 records, 500,000/s, 16 s left'
    """
    if not done:
        return ""
    of = f" of {total:,}" if total else ""
    rate = done / max(seconds, 1e-9)
    left = f", {_span((total - done) / rate)} left" if total and total > done else ""
    return f"{done:,}{of} {unit}, {rate:,.0f}/s{left}"


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def _memory() -> str:
    held = resident()
    return f"{held / 1e6:.0f} MB" if held < 1e9 else f"{held / 1e9:.1f} GB"


@contextmanager
def _bars() -> Iterator[Progress]:
    """A bar a stage, with what is done, how fast, what is left, and the memory in use."""
    from rich.console import Console
    from rich.progress import BarColumn, ProgressColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars
    from rich.progress import Task as Bar
    from rich.text import Text

    class Standing(ProgressColumn):
        max_refresh = 0.5

        def render(self, bar: Bar) -> Text:
            told = standing(int(bar.completed), _total(bar), bar.elapsed or 0.0, _unit(bar.description))
            return Text(told if bar.finished else ", ".join(filter(None, (told, _memory()))))

    def _total(bar: Bar) -> int | None:
        return None if bar.finished or bar.total is None else int(bar.total)

    stage = TextColumn("{task.description}", markup=False)
    columns = (SpinnerColumn(), stage, BarColumn(bar_width=20), Standing(), TimeElapsedColumn())
    with Bars(*columns, console=Console(stderr=True)) as bars:
        stages: dict[str, TaskID] = {}

        def end() -> None:
            for bar in stages.values():
                bars.update(bar, total=bars.tasks[bar].completed)

        def tell(stage: str, done: int, total: int | None) -> None:
            if stage not in stages:
                end()
                stages[stage] = bars.add_task(stage, total=total)
            bars.update(stages[stage], completed=done, total=total)

        yield tell
        end()


def _unit(stage: str) -> str:
    return UNITS.get(stage, "records")
