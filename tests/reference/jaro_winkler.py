"""Jaro-Winkler similarity in plain Python, and all similar names of blocks by looking at every pair."""

from collections.abc import Sequence

Hit = tuple[int, int, float]


def jaro(a: str, b: str) -> float:
    if not a or not b:
        return float(a == b)
    window = max(max(len(a), len(b)) // 2 - 1, 0)
    free = list(a)
    matched = []
    for j, c in enumerate(b):
        for i in range(max(0, j - window), min(len(a), j + window + 1)):
            if free[i] == c:
                free[i] = ""
                matched.append(c)
                break
    if not matched:
        return 0.0
    count = len(matched)
    taken = [c for c, left in zip(a, free, strict=True) if not left]
    transpositions = sum(x != y for x, y in zip(taken, matched, strict=True)) // 2
    return (count / len(a) + count / len(b) + (count - transpositions) / count) / 3


def jaro_winkler(a: str, b: str) -> float:
    similarity = jaro(a, b)
    prefix = 0
    while prefix < min(4, len(a), len(b)) and a[prefix] == b[prefix]:
        prefix += 1
    return min(1.0, similarity + prefix * 0.1 * (1 - similarity)) if similarity > 0.7 else similarity


def similar_names(names: Sequence[str | None], block_ends: Sequence[int], cutoff: float) -> list[Hit]:
    found = []
    for begin, end in zip([0, *block_ends], block_ends, strict=False):
        for i in range(begin, end):
            for j in range(i + 1, end):
                a, b = names[i], names[j]
                if a and b and (similarity := jaro_winkler(a, b)) >= cutoff:
                    found.append((i, j, similarity))
    return found
