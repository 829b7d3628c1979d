"""The runs: each says what it measures, beside whom, and on what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.report import Report
from benchmarks.settings import Settings


@dataclass(frozen=True)
class Run:
    """One run.

    Attributes
    ----------
    name : str
    about : str
        What it measures, in a line.
    measure : callable
        Does it.
    options : tuple of str
        The options of the command that it heeds.
    peers : tuple of str
        Packages that have to be there in the versions that the extra ``bench`` pins.
    """

    name: str
    about: str
    measure: Callable[[Settings], Report]
    options: tuple[str, ...] = ()
    peers: tuple[str, ...] = ()
