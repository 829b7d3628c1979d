"""How far a run has come, on stderr: a bar on a terminal, a line a stage elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import TaskID

    from enishi.pipeline import Progress


@contextmanager
def progress(unit: str = "records", *, quiet: bool = False) -> Iterator[Progress]:
    """What a run tells its progress to; it ends with the block.

    Parameters
    ----------
    unit : str
        What is counted.
    quiet : bool
        Nothing is shown.
    """
    if quiet:
        yield lambda stage, done, total: None
    elif sys.stderr.isatty():
        with _bars(unit) as tell:
            yield tell
    else:
        lines = _Lines(unit)
        yield lines
        lines.end()


class _Lines:
    """A line at the end of each stage, for logs."""

    def __init__(self, unit: str) -> None:
        self._unit = unit
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
            count = f"{self._done:,} {self._unit}, " if self._done else ""
            print(f"{self._stage}: {count}{seconds}", file=sys.stderr, flush=True)


@contextmanager
def _bars(unit: str) -> Iterator[Progress]:
    """A bar a stage, with what is done, and how fast."""
    from rich.console import Console
    from rich.progress import BarColumn, ProgressColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars
    from rich.progress import Task as Bar
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Bar) -> Text:
            speed = task.finished_speed or task.speed
            return Text(f"{int(task.completed):,} {unit}{f', {speed:,.0f}/s' if speed else ''}" if task.completed else "")

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), Rate(), TimeElapsedColumn())
    with Bars(*columns, console=Console(stderr=True)) as bars:
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
