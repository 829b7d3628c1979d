"""What a run is asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9}


def count(text: str) -> int:
    """A number such as 50M.

    Examples
    --------
    >>> count("50M"), count("2_000"), count("0.5M")
    (50000000, 2000, 500000)
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([KMG]?)", text.replace("_", "").upper())
    if match is None or not (number := round(float(match[1]) * UNITS[match[2]])):
        raise ValueError(f"{text!r} is not a count such as 50M")
    return number


def brief(number: int) -> str:
    """A count as people write it.

    Examples
    --------
    >>> brief(50_000_000), brief(137_000), brief(2_500)
    ('50M', '137K', '2500')
    """
    for unit in ("G", "M", "K"):
        if number % UNITS[unit] == 0:
            return f"{number // UNITS[unit]}{unit}"
    return str(number)


@dataclass(frozen=True)
class Settings:
    """The options of the command; None where a run's own default holds.

    Attributes
    ----------
    data : Path
        Where large data sets are, or are made.
    scratch : Path
        Where results go; removed at the end.
    labelled : Path
        The folder of labelled data that others made.
    records : tuple of int, optional
        The sizes to run at.
    """

    data: Path
    scratch: Path
    labelled: Path
    records: tuple[int, ...] | None = None
    events: int = 100_000_000
    cards: int = 2_000_000
    values: int = 1_000_000
    rounds: int = 3
    seed: int = 0
    shuffled: bool = False

    def sizes(self, *default: int) -> tuple[int, ...]:
        """The sizes to run at, smallest first."""
        return tuple(sorted(self.records or default))
