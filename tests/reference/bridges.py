"""Weak bridges in plain Python, over sets: see the top of ``bridges.hpp``.

A value is taken out and the component looked at anew, for each value of each round.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

ONE_BIT = 65536
MOST_ROUNDS = 12
Value = tuple[str, str]  # field and text


def bits(value: float) -> int:
    """As C++ rounds: halves away from zero."""
    return math.floor(abs(value) * ONE_BIT + 0.5) * (1 if value >= 0 else -1)


@dataclass(frozen=True)
class Field:
    """What a field's values are worth, what a second one costs and each one more, all in `bits`."""

    worth: int
    second: int
    another: int
    kin: str


def cost(usual: float, have: int, have_more: int) -> int:
    return bits(min(-math.log2((have_more + 20 * usual) / (have + 20)), 3.0))


def several(usual: float, counts: Iterable[int]) -> tuple[int, int]:
    """What a second value costs and each one more, by how many values each customer has."""
    held = list(counts)
    one, two, three = (sum(count >= n for count in held) for n in (1, 2, 3))
    return cost(usual, one, two), cost(usual, two, three)


@dataclass
class Branch:
    records: int
    carrying: int
    fields: set[str]
    profiles: set[int]  # who carry the value


def find(
    records: Sequence[int],
    carried: Sequence[set[Value]],
    fields: Mapping[str, Field],
    agree: Callable[[Value, set[int], set[int]], bool],
) -> set[tuple[int, Value]]:
    """What is cut: profiles, and values that they carry. ``records`` and ``carried`` by profile."""
    cut: set[tuple[int, Value]] = set()
    for last in (*[False] * (MOST_ROUNDS - 1), True):
        edges = {(p, v) for p, values in enumerate(carried) for v in values} - cut
        weak = []
        for tree in trees(len(records), edges):
            mine = {edge for edge in edges if edge[0] in tree}
            found = [judged(v, tree, mine, records, fields, agree) for v in {v for _, v in mine}]
            scores = [each for each in found if each is not None]
            weakest = min((strength for strength, _ in scores), default=0)
            weak += [part for strength, part in scores if last or strength * 2 <= weakest]
        if not weak:
            break
        cut = cut.union(*weak)
    return cut


def trees(count: int, edges: set[tuple[int, Value]]) -> list[set[int]]:
    """The profiles of each component."""
    number = list(range(count))
    by_value: dict[Value, list[int]] = {}
    for p, v in edges:
        by_value.setdefault(v, []).append(p)
    for members in by_value.values():
        joined = {number[p] for p in members}
        number = [min(joined) if each in joined else each for each in number]
    return [{p for p in range(count) if number[p] == root} for root in sorted(set(number))]


def judged(
    value: Value,
    tree: set[int],
    edges: set[tuple[int, Value]],
    records: Sequence[int],
    fields: Mapping[str, Field],
    agree: Callable[[Value, set[int], set[int]], bool],
) -> tuple[int, set[tuple[int, Value]]] | None:
    carriers = {p for p, v in edges if v == value}
    others = {(p, v) for p, v in edges if v != value}
    branches = []
    for part in trees(len(records), others):
        if part <= tree:
            held = {v[0] for p, v in others if p in part}
            mine = carriers & part
            branches.append(Branch(sum(records[p] for p in part), sum(records[p] for p in mine), held, mine))
    branches = [branch for branch in branches if branch.fields and branch.carrying]
    if len(branches) < 2:
        return None
    order = list(fields)
    branches.sort(key=lambda b: (b.carrying, b.records, sum(1 << order.index(name) for name in b.fields)), reverse=True)
    home, *rest = branches
    home.fields.add(value[0])
    rest = [branch for branch in rest if branch.fields & home.fields]
    if strength_of(value, home, rest, fields) >= 0:
        return None
    rest = [branch for branch in rest if not agree(value, home.profiles, branch.profiles)]
    strength = strength_of(value, home, rest, fields)
    if strength >= 0:
        return None
    at_home = home.carrying >= 2 * max(branch.carrying for branch in rest)
    return strength, {(p, value) for branch in (rest if at_home else [home, *rest]) for p in branch.profiles}


def strength_of(value: Value, home: Branch, rest: Sequence[Branch], fields: Mapping[str, Field]) -> int:
    strength = fields[value[0]].worth
    if not rest:
        return strength
    for branch in (home, *rest):
        strength -= bits(min(math.log2(branch.records / branch.carrying), 12.0))
    for name, field in fields.items():
        against = [b for b in rest if name in b.fields & home.fields]
        if field.kin != name:
            against = [b for b in against if field.kin not in b.fields & home.fields]
        if against:
            strength -= field.second + (len(against) - 1) * field.another
    return strength
