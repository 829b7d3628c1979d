"""The best way to part a few profiles, found by looking at all of them: what clustering is measured against.

Two profiles in one customer earn the worth of every value that they share, in bits, and lose ``CONFLICT`` where their
names and birth dates set them apart. The best partition earns most (correlation clustering by signed weights).
"""

from collections.abc import Iterable, Sequence
from itertools import combinations

CONFLICT = 1000.0
Weights = Sequence[Sequence[float]]  # symmetric, by profile and profile


def earned(weights: Weights, parts: Iterable[Iterable[int]]) -> float:
    return earned_by(weights, (pair for part in parts for pair in combinations(part, 2)))


def earned_by(weights: Weights, pairs: Iterable[tuple[int, int]]) -> float:
    return sum(weights[i][j] for i, j in pairs)


def best_partition(weights: Weights) -> list[list[int]]:
    """The best partition: over the subsets of the profiles, each from the best of its smaller ones.

    The part of the last profile of a subset is any other subset of it, so 3**n cases are looked at: 19,683 for nine.
    """
    n = len(weights)
    within = [0.0] * (1 << n)  # what each subset earns as one customer
    for subset in range(1, 1 << n):
        last = subset.bit_length() - 1
        rest = subset ^ 1 << last
        within[subset] = within[rest] + sum(weights[last][i] for i in range(last) if rest >> i & 1)
    most, chosen = [0.0] * (1 << n), [0] * (1 << n)  # of each subset: what its best partition earns, and a part of it
    for subset in range(1, 1 << n):
        last = subset.bit_length() - 1
        rest = part = subset ^ 1 << last
        most[subset], chosen[subset] = within[subset], subset
        while part:
            part = part - 1 & rest
            found = within[part | 1 << last] + most[rest ^ part]
            if found > most[subset]:
                most[subset], chosen[subset] = found, part | 1 << last
    parts, left = [], (1 << n) - 1
    while left:
        parts.append([i for i in range(n) if chosen[left] >> i & 1])
        left ^= chosen[left]
    return parts


def best(weights: Weights) -> float:
    """What the best partition earns."""
    return earned(weights, best_partition(weights))


def certain(weights: Weights, margin: float = 1.0) -> set[tuple[int, int]]:
    """The pairs that all of the best partitions have together, and all that earn nearly as much.

    Which of two brothers lent the tablet is a coin's to decide: either way earns the same, and no pair is certain.
    """
    n, most = len(weights), best(weights)
    found = set()
    for pair in combinations(range(n), 2):
        if weights[pair[0]][pair[1]] <= -CONFLICT / 2:
            continue
        forbidden = [list(row) for row in weights]
        for i, j in (pair, pair[::-1]):
            forbidden[i][j] = -CONFLICT * n * n
        if best(forbidden) < most - margin:
            found.add(pair)
    return found


def greedy(weights: Weights) -> list[set[int]]:
    """Greedy additive edge contraction: the two parts that earn most together become one, while any do."""
    parts = [{i} for i in range(len(weights))]
    while len(parts) > 1:
        gain, i, j = max(
            (sum(weights[p][q] for p in parts[i] for q in parts[j]), i, j)
            for i, j in combinations(range(len(parts)), 2)
        )
        if gain <= 0:
            break
        parts[i] |= parts.pop(j)
    return parts
