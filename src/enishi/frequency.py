"""Codes of a column -> how often strangers agree on a value: what agreement on Sato says less than on a rare name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from enishi._matching import Matching, squared_sizes
from enishi.compare import Compared
from enishi.match_model import default_parameters
from enishi.normalize import NAME_PARTS, NONE, Codes
from enishi.runner import Runner

# Records of strangers, as frequent in each value as is usual, that every column is thought to have more.
IMAGINED = 100.0


class Frequencies:
    """How often strangers agree on a value: in each comparison's columns, in how many clusters each value occurs.

    Most who share a rare value are one person. What exact identifiers hold together is one cluster here and counts
    once; of the rest, as many as one person has in the mean are taken off each value's count.

    Parameters
    ----------
    matching : Matching
    compared : sequence of Compared
    labels : uint32 array
        By profile, its cluster.
    runner : Runner
        Counts several columns at once.
    joined : bool
        The clusters are not those that ``matching`` was made with.
    """

    def __init__(
        self, matching: Matching, compared: Sequence[Compared], labels: Codes, runner: Runner, *, joined: bool = False
    ) -> None:
        self.compared = compared
        self.first_year = 1
        self.exact_partners = squared_sizes(labels) / max(len(labels), 1) - 1.0
        dates = [matching.codes(each.columns[0]) for each in compared if each.kind == "date"]
        years = [codes[codes != NONE].min() // 10_000 for codes in dates if (codes != NONE).any()]
        if years:
            self.first_year = int(min(years))
        scripts = [len(each.columns) if each.kind in NAME_PARTS else 1 for each in compared]
        tasks = [(number, column) for number, columns in enumerate(scripts) for column in range(columns)]

        def count(task: tuple[int, int]) -> npt.NDArray[np.int64]:
            return matching.cluster_counts(*task, self.first_year, labels if joined else None)

        counted = iter(list(runner.map(count, tasks)))
        self.counts = [[next(counted) for _ in range(columns)] for columns in scripts]
        self.filled = [[int(counts.sum()) for counts in each] for each in self.counts]
        # Of a name the script that most have. By count, not by code: codes are in order of arrival, and a sum in
        # another order is another sum.
        self._main = [int(np.argmax(filled)) for filled in self.filled]
        tallied = runner.map(np.bincount, [each[main] for each, main in zip(self.counts, self._main, strict=True)])
        self._tallies = [(np.flatnonzero(tally), tally[tally > 0]) for tally in tallied]

    def strangers(self, number: int, column: int, own: float, rarest: float) -> npt.NDArray[np.float64]:
        """By code, how likely a stranger has the value; ``own`` of its clusters are one person."""
        others = np.maximum(self.counts[number][column] - own, 0.0)
        found: npt.NDArray[np.float64] = self._smoothed(number, column, others, rarest)
        return found

    def _smoothed(self, number: int, column: int, others: Any, rarest: float) -> Any:
        """The share of others among all, where few records say little about what is rare."""
        compared = self.compared[number]
        usual = default_parameters(compared.kind, compared.names)[1][-1]
        return (others + IMAGINED * usual) / (self.filled[number][column] + IMAGINED) + rarest

    def agreement(self, number: int, own: float, rarest: float) -> float:
        """How often two strangers agree, over all values; of a name in the script that most have."""
        column = self._main[number]
        filled = self.filled[number][column]
        if not filled:
            return rarest
        counts, values = self._tallies[number]
        likely = self._smoothed(number, column, np.maximum(counts - own, 0.0), rarest)
        return float((values * counts * likely).sum() / filled)


__all__ = ["Frequencies"]
