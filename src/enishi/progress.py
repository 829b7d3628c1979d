"""How far a run has come, on stderr: a bar on a terminal, a line a stage elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from enishi.interrupt import speak

if TYPE_CHECKING:
    from rich.progress import TaskID

    from enishi.pipeline import Progress


UNITS = {"simulate": "customers"}  # what the other stages count is records


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
    """A line at the end of each stage, for logs."""

    def __init__(self) -> None:
        self._stage = ""
        self._done = 0
        self._start = 0.0

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        if stage != self._stage:
            self.end()
            self._stage, self._start = stage, time.perf_counter()
        self._done = done

    def end(self) -> None:
        if self._stage:
            seconds = f"{time.perf_counter() - self._start:.1f} s"
            count = f"{self._done:,} {_unit(self._stage)}, " if self._done else ""
            speak(f"{self._stage}: {count}{seconds}")


@contextmanager
def _bars() -> Iterator[Progress]:
    """A bar a stage, with what is done, and how fast."""
    from rich.console import Console
    from rich.progress import BarColumn, ProgressColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars
    from rich.progress import Task as Bar
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Bar) -> Text:
            speed = task.finished_speed or task.speed
            rate = f", {speed:,.0f}/s" if speed else ""
            return Text(f"{int(task.completed):,} {_unit(task.description)}{rate}" if task.completed else "")

    stage = TextColumn("{task.description}", markup=False)
    with Bars(SpinnerColumn(), stage, BarColumn(), Rate(), TimeElapsedColumn(), console=Console(stderr=True)) as bars:
        stages: dict[str, TaskID] = {}

        def end() -> None:
            for bar in stages.values():
                bars.update(bar, total=bars.tasks[bar].completed)

        def tell(stage: str, done: int, total: int | None) -> None:
            if stage not in stages:
                end()
                stages[stage] = bars.add_task(stage)
            bars.update(stages[stage], completed=done, total=total)

        yield tell
        end()


def _unit(stage: str) -> str:
    return UNITS.get(stage, "records")
