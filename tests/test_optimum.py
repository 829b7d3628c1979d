"""How far the customers of small components are from the best ones that there are, by exact search.

What two profiles earn as one customer are the bits of the values that they share (``reference/optimum.py``). They are
counted in two ways: as evidence has it, where a value that people in conflict share speaks for namesakes alone; and as
if it spoke for all of its carriers, which shows what it costs to leave those alone of whom nobody can tell whose they
are.
"""

import random
from dataclasses import dataclass
from itertools import combinations

import pytest

from reference import linking as twin
from reference import optimum
from test_linking import Engine, twin_of, world

SEEDS = 400
MOST = 8  # profiles of a component: 3**8 cases each
CONFLICT = -optimum.CONFLICT / 2  # what a pair in conflict earns is less


@dataclass(frozen=True)
class Component:
    """One that holds a conflict: what its pairs earn, and how it was parted."""

    weights: list[list[float]]
    trusting: list[list[float]]  # the same, were a shared value to speak for everybody
    together: set[tuple[int, int]]

    def share(self) -> float:
        """Of what the best partition earns, what ours does."""
        return ratio(optimum.earned_by(self.weights, self.together), optimum.best(self.weights))

    def conflicts(self) -> int:
        """Pairs in conflict that are one customer's all the same."""
        return sum(self.weights[i][j] < CONFLICT for i, j in self.together)


def ratio(earned: float, best: float) -> float:
    return earned / best if best else 1.0


def speaks(world: twin.World, value: tuple[str, str], p: int, q: int) -> bool:
    """Whether a value that two profiles share says that they are one person's."""
    if (p, value) in world.cut or (q, value) in world.cut:
        return False
    if value not in world.contested and value not in world.recycled:
        return True
    return twin.compare_names(*(twin.Pool([world.profiles[each]]) for each in (p, q))) == "agree"


def signed_weights(world: twin.World, members: list[int], trusting: bool) -> list[list[float]]:
    """By pair of a component's profiles, the bits for their being one customer's."""
    weights = [[0.0] * len(members) for _ in members]
    for i, j in combinations(range(len(members)), 2):
        p, q = (world.profiles[members[each]] for each in (i, j))
        shared = {
            f.kin or f.name: f
            for f in world.fields
            for value in p.carries(f.name) & q.carries(f.name)
            if world.usable(f.name, value) and (trusting or speaks(world, (f.name, value), members[i], members[j]))
        }
        bits = sum(f.worth for f in shared.values())
        if twin.conflict(twin.Pool([p]), twin.Pool([q]), any(f.personal for f in shared.values())):
            bits -= optimum.CONFLICT
        weights[i][j] = weights[j][i] = bits
    return weights


def components_of(seed: int) -> list[Component]:
    """Of one random world, after the exact values have joined."""
    rng = random.Random(seed)
    rows = world(rng, rng.randint(2, 9), rng.randint(4, 40))
    engine = Engine(rows, 20)
    other = twin_of(rows, engine, 20)
    assert engine.generic() == other.find_generic()
    assert engine.linking.join_exact() == other.join_exact()
    number = {profile.smallest: p for p, profile in enumerate(other.profiles)}
    mine = [number[engine.record(record)] for record in engine.linking.smallest_records().tolist()]
    label = dict(zip(mine, engine.linking.labels().tolist(), strict=True))
    shared = [c for f in other.fields for v, c in other.carriers(f.name).items() if other.usable(f.name, v)]
    roots = twin.components(len(other.profiles), shared)
    found = []
    for root in sorted(set(roots)):
        members = [p for p in range(len(roots)) if roots[p] == root]
        if not 2 < len(members) <= MOST:
            continue
        weights, trusting = (signed_weights(other, members, each) for each in (False, True))
        if min(map(min, weights)) < CONFLICT:
            pairs = combinations(range(len(members)), 2)
            together = {(i, j) for i, j in pairs if label[members[i]] == label[members[j]]}
            found.append(Component(weights, trusting, together))
    return found


@pytest.fixture(scope="module")
def components() -> list[Component]:
    found = [component for seed in range(SEEDS) for component in components_of(seed)]
    assert len(found) >= 100
    return found


def test_the_search_finds_the_best_of_all_partitions() -> None:
    def partitions(members: list[int]) -> list[list[list[int]]]:
        if not members:
            return [[]]
        first, *rest = members
        return [
            [*parts[:k], [first, *(parts[k] if k < len(parts) else [])], *parts[k + 1 :]]
            for parts in partitions(rest)
            for k in range(len(parts) + 1)
        ]

    assert len(partitions(list(range(6)))) == 203
    rng = random.Random(5)
    for _ in range(60):
        n = rng.randint(1, 6)
        weights = [[0.0] * n for _ in range(n)]
        for i, j in combinations(range(n), 2):
            weights[i][j] = weights[j][i] = rng.choice([-1000.0, 0.0, 10.0, 18.0])
        expected = max(optimum.earned(weights, parts) for parts in partitions(list(range(n))))
        assert optimum.best(weights) == expected
        assert optimum.earned(weights, optimum.greedy(weights)) <= expected


def test_what_evidence_says_is_all_but_the_best_there_is(components: list[Component]) -> None:
    # What clusters say together may settle what two of their records alone would contest.
    settled = [each for each in components if each.conflicts()]
    assert len(settled) <= 0.1 * len(components)
    shares = [each.share() for each in components if not each.conflicts()]
    optimal = sum(share > 1 - 1e-9 for share in shares) / len(shares)
    mean = sum(shares) / len(shares)
    print(f"{len(shares)} components: mean {mean:.4f}, worst {min(shares):.3f}, optimal {optimal:.3f}")
    assert max(shares) <= 1 + 1e-9
    assert mean >= 0.985 and min(shares) >= 0.5 and optimal >= 0.97


def test_what_no_good_partition_has_apart_is_together(components: list[Component]) -> None:
    certain = [(each, pair) for each in components for pair in optimum.certain(each.weights)]
    found = sum(pair in each.together for each, pair in certain)
    print(f"{found} of {len(certain)} pairs that every good partition has together")
    assert found >= 0.98 * len(certain)


def test_leaving_apart_what_nobody_can_tell_has_a_price(components: list[Component]) -> None:
    ours, greedy = [], []
    for each in components:
        best = optimum.best(each.trusting)
        if not each.conflicts():
            ours.append(ratio(optimum.earned_by(each.trusting, each.together), best))
            greedy.append(ratio(optimum.earned(each.trusting, optimum.greedy(each.trusting)), best))
    means = [sum(each) / len(each) for each in (ours, greedy)]
    print(f"trusting shared values: ours {means[0]:.3f}, greedy {means[1]:.3f}")
    assert means[0] >= 0.75 and means[1] >= 0.97
