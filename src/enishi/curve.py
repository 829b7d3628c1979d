"""Precision and recall by threshold of the match weight, and what the weights themselves say of both."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from enishi.frozen import frozen

MOST_POINTS = 40  # of a curve
MOST_WEIGHT = 128  # heavier pairs are as sure as sure can be


@frozen
class CurvePoint:
    """Precision and recall at one threshold of the match weight.

    Attributes
    ----------
    threshold
    pairs
        Found at it.
    precision, recall, f1
    """

    threshold: float
    pairs: int
    precision: float
    recall: float
    f1: float


def share_of(part: float, whole: float) -> float:
    """A part of the whole; of nothing, all."""
    return part / whole if whole else 1.0


def _probability(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """That pairs of a match weight are matches."""
    found: NDArray[np.float64] = 1.0 / (1.0 + np.exp2(np.minimum(-weights, 1000.0)))
    return found


def f1_of(precision: float, recall: float) -> float:
    """The harmonic mean of precision and recall."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def estimated_curve(threshold: float, weights: NDArray[np.float64], below: NDArray[np.float64]) -> list[CurvePoint]:
    """What the match weights themselves say of precision and recall, pair by pair, without any truth.

    A pair of weight w is a match with odds of 2 to the w. Recall is of the pairs that were compared and share no
    identifier, down to the lowest weight that was counted: what no blocking rule brings together is not in it.

    Parameters
    ----------
    threshold
        Of the run.
    weights
        Of the pairs that reach it.
    below
        Pairs in each quarter of a bit before the threshold, the lowest first; estimates, where they were sampled.

    Examples
    --------
    >>> curve = estimated_curve(1.0, np.array([1.5, 9.0]), np.array([0, 0, 0, 2]))
    >>> [(point.threshold, point.pairs, round(point.precision, 2), round(point.recall, 2)) for point in curve][:3]
    [(0.0, 4, 0.76, 1.0), (1.0, 2, 0.88, 0.58), (2.0, 1, 1.0, 0.33)]
    """
    # In bins of a quarter, so that the sums are of counts and repeat to the bit.
    lowest = threshold - len(below) / 4
    bins = np.minimum((weights - lowest) * 4, 4 * MOST_WEIGHT).astype(np.int64)
    counts = np.bincount(bins, minlength=len(below)).astype(np.float64)
    counts[: len(below)] += below
    middles = lowest + (np.arange(len(counts)) + 0.5) / 4
    matches = counts * _probability(middles)
    curve = []
    for at in range(len(below) % 4, len(counts), 4)[:MOST_POINTS]:
        pairs, right = float(counts[at:].sum()), float(matches[at:].sum())
        if pairs:
            precision, recall = right / pairs, share_of(right, float(matches.sum()))
            curve.append(CurvePoint(lowest + at / 4, round(pairs), precision, recall, f1_of(precision, recall)))
    return curve


def expected_matches(threshold: float, weights: NDArray[np.float64], below: NDArray[np.float64]) -> float:
    """How many of some pairs are matches, as their weights have it.

    Parameters
    ----------
    threshold
    weights
        Of pairs that reach it.
    below
        Pairs in each quarter of a bit before it, the lowest first.

    Examples
    --------
    >>> expected_matches(0.0, np.array([0.0, 0.0]), np.array([]))
    1.0
    """
    middles = threshold - (np.arange(len(below), 0, -1) - 0.5) / 4
    return float(_probability(np.sort(weights)).sum() + (below * _probability(middles)).sum())


__all__ = ["MOST_POINTS", "CurvePoint", "estimated_curve", "expected_matches", "f1_of", "share_of"]
