"""Near values in plain Python: every pair is looked at."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations

from rapidfuzz.distance import OSA

Value = tuple[str, str]  # canonical text and status
Pair = tuple[int, int, int]


def parts(text: str, local_part: bool) -> tuple[str, str]:
    """What is compared, and what has to be equal."""
    at = text.rfind("@") if local_part else -1
    return (text, "") if at < 0 else (text[:at], text[at:])


def digits(text: str) -> list[str]:
    return [c for c in text if "0" <= c <= "9"]


def takes_part(status: str, corrections: bool) -> bool:
    return status == "accepted" or (corrections and status in ("incomplete", "generic"))


def deletions(text: str, edits: int, keep_digits: bool) -> Iterator[str]:
    """Every string that is left when up to so many characters are deleted."""
    free = [i for i, c in enumerate(text) if not (keep_digits and "0" <= c <= "9")]
    for n in range(edits + 1):
        for gone in combinations(free, n):
            yield "".join(c for i, c in enumerate(text) if i not in gone)


def left(text: str, edits: int) -> set[str]:
    """The same, each once."""
    return set(deletions(text, edits, False))


def near_pairs(
    values: Sequence[Value], max_edits: int = 1, local_part: bool = False, corrections: bool = False
) -> list[Pair]:
    """Every pair within the distance, without a limit on groups."""
    found = []
    for (i, (a, a_status)), (j, (b, b_status)) in combinations(enumerate(values), 2):
        if not takes_part(a_status, corrections) or not takes_part(b_status, corrections):
            continue
        if corrections and (a_status == "incomplete") == (b_status == "incomplete"):
            continue
        (x, a_rest), (y, b_rest) = parts(a, local_part), parts(b, local_part)
        if a_rest != b_rest or abs(len(x) - len(y)) > max_edits:
            continue
        if local_part:
            if digits(x) != digits(y):
                continue
            # Only letters and signs may be edited: a digit that moves is no misspelling.
            if max_edits > 1 and set(deletions(x, max_edits, True)).isdisjoint(deletions(y, max_edits, True)):
                continue
        distance = OSA.distance(x, y)
        if 1 <= distance <= max_edits:
            found.append((i, j, distance))
    return found


def groups(values: Sequence[Value], max_edits: int = 1, local_part: bool = False) -> Counter[tuple[str, str]]:
    """How many values share each deletion."""
    sizes: Counter[tuple[str, str]] = Counter()
    for text, _ in values:
        part, rest = parts(text, local_part)
        sizes.update({(rest, left) for left in deletions(part, max_edits, local_part)})
    return sizes


def extensions(values: Sequence[Value], stem: int) -> list[Pair]:
    """Pairs of an incomplete value and each complete one that it begins."""
    return sorted(
        (min(i, j), max(i, j), 0)
        for i, (prefix, status) in enumerate(values)
        for j, (text, other) in enumerate(values)
        if status == "incomplete" and other != "incomplete" and len(prefix.encode()) >= stem
        if text != prefix and text.startswith(prefix)
    )
