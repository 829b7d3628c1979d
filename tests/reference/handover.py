"""Values that change hands, in plain Python: one sighting after the other.

Written after the words on top of ``handover.hpp``. A sighting is a time and the number of the cluster that was seen.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

Pairs = Collection[frozenset[int]]


@dataclass(frozen=True)
class Tenures:
    """The owners of a value, in order.

    Attributes
    ----------
    members : list of frozenset of int
        By owner, the clusters of his part.
    spans : list of tuple of int
        By owner, his first and last time.
    """

    members: list[frozenset[int]]
    spans: list[tuple[int, int]]

    def at(self, times: Sequence[int | None]) -> int | None:
        """The owner to whom all of some sightings belong."""
        first, last = min(known(times), default=None), max(known(times), default=None)
        inside = [k for k, (start, end) in enumerate(self.spans) if first is not None and start <= first]
        return inside[-1] if inside and last is not None and last <= self.spans[inside[-1]][1] else None


def known(times: Sequence[int | None]) -> list[int]:
    return [time for time in times if time is not None]


def tenures(seen: Sequence[Sequence[int | None]], opposed: Pairs, agreeing: Pairs, differing: Pairs) -> Tenures | None:
    """Who had a value when; None where it did not change hands.

    Parameters
    ----------
    seen : sequence of sequence of int
        By cluster, the times of its sightings.
    opposed, agreeing, differing : collection of frozenset of int
        Pairs of clusters that conflict; of the others, those whose names agree and those whose names differ.
    """
    rivals = {each for pair in opposed for each in pair}
    group = list(range(len(seen)))
    same = [pair for pair in agreeing if pair not in opposed]
    same += [frozenset([i, j]) for i in rivals for j in rivals if i < j and frozenset([i, j]) not in opposed]
    for pair in same:
        joined = {group[i] for i in pair}
        group = [min(joined) if g in joined else g for g in group]
    if any(len({group[i] for i in pair}) == 1 for pair in opposed):
        return None
    owners = {group[i] for i in rivals}
    sightings = sorted((time, group[i]) for i in range(len(seen)) for time in known(seen[i]) if group[i] in owners)
    if {owner for _, owner in sightings} != owners:
        return None
    times: dict[int, list[int]] = {}
    for time, owner in sightings:
        times.setdefault(owner, []).append(time)
    turns = [owner for owner, following in pairwise([*(o for _, o in sightings), None]) if owner != following]
    if len(turns) != len(owners) or any(a == b and one != other for (a, one), (b, other) in pairwise(sightings)):
        return None
    found = Tenures([], [(min(times[owner]), max(times[owner])) for owner in turns])
    for k, owner in enumerate(turns):
        part = {i for i in range(len(seen)) if group[i] == owner}
        for other in set(group) - owners:
            members = {i for i in range(len(seen)) if group[i] == other}
            his = [i for i in range(len(seen)) if group[i] == owner]
            strange = any(frozenset([i, j]) in differing for i in members for j in his)
            if not strange and found.at([time for i in members for time in seen[i]]) == k:
                part |= members
        found.members.append(frozenset(part))
    return found
