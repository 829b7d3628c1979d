"""Two whom sources leave over that say nobody twice.

Where neither of two sources has anybody twice, whoever of one has found a partner in the other can have no second one
there. Strangers, however alike, are both without a partner no more often than anybody is; two records of one person
always are, unless something heavier joined one of them. So that both are left over is evidence by itself, of log2 of
1 / (share of the one source that is left over x that of the other) bits: linking without replacement (Sadinle,
Bayesian Estimation of Bipartite Matchings for Record Linkage, 2017). Those who are left over are each other's rivals:
what speaks for others with whom one of the two could go speaks against the pair.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from enishi.normalize import Codes

MOST_SOURCES = 64  # a bit of a mask each
MOST_ODDS = 60.0  # bits, which no number has to hold more of


def left_over(
    pairs: Codes, weights: npt.NDArray[np.float64], sources: Codes, clusters: Codes, alone: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float64]:
    """What is added to the weights of pairs because both are left over, less what their rivals have.

    Parameters
    ----------
    pairs : uint32 array (n, 2)
        Of profiles.
    weights : float64 array (n,)
        In bits, log2 of the odds.
    sources, clusters : uint32 array (profiles,)
        By profile.
    alone : bool array (sources,)
        By source, whether it says nobody twice.

    Returns
    -------
    float64 array (n,)
        Minus infinity where a pair is of one source, of one that may say people twice, or one of the two has a partner.

    Examples
    --------
    >>> sources, clusters = np.repeat([0, 1], 100), np.arange(200)
    >>> clusters[100:190] = clusters[:90]  # nine in ten have a partner in the other source
    >>> pairs = np.array([[5, 195], [95, 195], [96, 196], [97, 196]])
    >>> left_over(pairs, np.zeros(4), sources, clusters, np.ones(2, bool)).round(1).tolist()
    [-inf, 6.4, -0.0, -0.0]
    """
    added = np.full(len(pairs), -np.inf)
    if not len(pairs) or len(alone) > MOST_SOURCES:
        return added
    there = _sources_there(sources, clusters, len(alone))
    size = np.bincount(sources, minlength=len(alone))
    partnered = np.array([np.bincount(sources[there >> np.uint64(other) & np.uint64(1) > 0], minlength=len(alone))
                          for other in range(len(alone))])  # fmt: skip
    # One more of each, for a share that is not known to the last.
    share = (size - partnered + 1) / (size + 2)  # of a source (column), without a partner in another (row)
    left, right = pairs[:, 0], pairs[:, 1]
    one, other = sources[left], sources[right]
    free = (one != other) & alone[one] & alone[other]
    free &= (there[left] >> other.astype(np.uint64) & 1 == 0) & (there[right] >> one.astype(np.uint64) & 1 == 0)
    if not free.any():
        return added
    pairs, one, other = pairs[free], one[free], other[free]
    worth = -np.log2(share[other, one] * share[one, other])
    odds = np.exp2(np.minimum(weights[free] + worth, MOST_ODDS))
    # Of each end: the customer, and the source in which it is to have one partner; and by partner the best odds.
    ends = clusters[pairs].astype(np.int64)
    wanting = ends * len(alone) + np.stack([other, one], axis=1)
    customers = int(clusters.max()) + 1
    partner, at = np.unique(wanting * customers + ends[:, ::-1], return_inverse=True)
    best = np.zeros(len(partner))
    np.maximum.at(best, at.ravel(), np.repeat(odds, 2))
    _, whose = np.unique(partner // customers, return_inverse=True)
    rivals = (np.bincount(whose, best)[whose] - best)[at.reshape(-1, 2)].sum(axis=1)
    added[free] = worth - np.log2(1.0 + np.maximum(rivals, 0.0))
    return added


def still_open(pairs: Codes, sources: Codes, clusters: Codes, alone: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Which pairs may still be one person's: of two customers, who have no source in common that says nobody twice.

    Parameters
    ----------
    pairs : uint32 array (n, 2)
        Of profiles.
    sources, clusters : uint32 array (profiles,)
        By profile.
    alone : bool array (sources,)
        By source, whether it says nobody twice.

    Examples
    --------
    >>> sources, clusters = np.array([0, 1, 0, 1]), np.array([0, 0, 1, 2])
    >>> still_open(np.array([[0, 1], [0, 3], [2, 3]]), sources, clusters, np.ones(2, bool)).tolist()
    [False, False, True]
    """
    open_: npt.NDArray[np.bool_] = clusters[pairs[:, 0]] != clusters[pairs[:, 1]]
    if alone.any() and len(alone) <= MOST_SOURCES:
        there = _sources_there(sources, clusters, len(alone))
        once = np.uint64(sum(1 << source for source in np.flatnonzero(alone).tolist()))
        open_ &= there[pairs[:, 0]] & there[pairs[:, 1]] & once == 0
    return open_


def _sources_there(sources: Codes, clusters: Codes, many: int) -> npt.NDArray[np.uint64]:
    """By profile, a bit for each source of its customer."""
    masks = np.zeros(int(clusters.max(initial=0)) + 1, np.uint64)
    for source in range(many):
        masks[clusters[sources == source]] |= np.uint64(1 << source)
    there: npt.NDArray[np.uint64] = masks[clusters]
    return there


__all__ = ["left_over", "still_open"]
