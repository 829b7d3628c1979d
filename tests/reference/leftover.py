"""What being left over adds to a pair, one pair after the other."""

import math
from collections.abc import Sequence


def left_over(
    pairs: Sequence[Sequence[int]],
    weights: Sequence[float],
    sources: Sequence[int],
    clusters: Sequence[int],
    alone: Sequence[bool],
) -> list[float]:
    there = {
        cluster: {source for source, own in zip(sources, clusters, strict=True) if own == cluster}
        for cluster in set(clusters)
    }

    def share(source: int, other: int) -> float:
        mine = [cluster for own, cluster in zip(sources, clusters, strict=True) if own == source]
        without = sum(other not in there[cluster] for cluster in mine)
        return (without + 1) / (len(mine) + 2)

    def worth(left: int, right: int) -> float | None:
        one, other = sources[left], sources[right]
        if one == other or not (alone[one] and alone[other]):
            return None
        if other in there[clusters[left]] or one in there[clusters[right]]:
            return None
        return -math.log2(share(one, other) * share(other, one))

    def best(left: int, right: int) -> dict[int, float]:
        """By customer of the right one's source, the odds that the left one's customer is the same."""
        odds: dict[int, float] = {}
        for pair, weight in zip(pairs, weights, strict=True):
            for p, q in (pair, pair[::-1]):
                theirs = worth(p, q)
                if theirs is not None and clusters[p] == clusters[left] and sources[q] == sources[right]:
                    odds[clusters[q]] = max(odds.get(clusters[q], 0.0), 2.0 ** min(weight + theirs, 60.0))
        return odds

    found = []
    for left, right in pairs:
        own = worth(left, right)
        rivals = 0.0
        for p, q in ((left, right), (right, left)):
            rivals += sum(odds for customer, odds in best(p, q).items() if customer != clusters[q])
        found.append(-math.inf if own is None else own - math.log2(1.0 + rivals))
    return found
