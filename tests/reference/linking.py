"""Linking in plain Python, over sets and dicts: which records are one customer, and why.

Written after the words on top of ``linking.hpp`` and of the rooms that it names, for small worlds. Values are texts, a
cluster is a frozenset of profile numbers, and everything that the engine keeps up to date is worked out anew whenever
it is asked for.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise, takewhile

from rapidfuzz.distance import OSA

from reference import bridges
from reference.handover import Pairs, Tenures, tenures
from reference.match import dates, jaro_winkler
from reference.siphash import siphash

SCRIPTS = ("han", "kana", "latin")
ROUNDS = 4  # in which values that were contested are judged again
Place = tuple[bytes, int, str]  # of a record: its source, its hash, its id


def place(source: str, record_id: str) -> Place:
    """Where a record stands in the order of all."""
    hashed = siphash(bytes(16), f"{source}\0{record_id}".encode())
    return source.encode(), int.from_bytes(hashed[:8], "little"), record_id


@dataclass(frozen=True)
class Profile:
    """Equal records of one source."""

    source: str
    ids: tuple[str, ...]
    values: dict[str, tuple[str | None, ...]]  # by field, one for each of its columns
    given: dict[str, str] = field(default_factory=dict)  # by script
    name: dict[str, str] = field(default_factory=dict)
    birth_date: int | None = None
    postcode: str | None = None
    times: tuple[int | None, ...] = ()  # by id

    @property
    def smallest(self) -> Place:
        return min(place(self.source, each) for each in self.ids)

    def carries(self, name: str) -> set[str]:
        return {value for value in self.values.get(name, ()) if value is not None}

    def holds_more(self, own: Iterable[str]) -> bool:
        """Whether anything stands there beside the values of some fields."""
        others = [value for name, values in self.values.items() if name not in own for value in values]
        return any(other is not None for other in [*others, self.birth_date, self.postcode]) or bool(
            self.given or self.name
        )


@dataclass(frozen=True)
class Field:
    """An identifier, as the engine is told of it."""

    name: str
    rank: int = 0
    personal: bool = False
    limit: int = 20
    kin: str | None = None
    rest: int | None = None  # how long nobody has a value before it is given to a stranger; None: it never is
    worth: float = 10
    several: float = 0.25

    def kin_to(self, other: "Field") -> bool:
        return self.name == other.name or (self.kin is not None and self.kin == other.kin)


@dataclass(frozen=True, order=True)
class Link:
    """A link of two profiles; the smaller one is on the left."""

    left: Place
    right: Place
    by: str
    distance: int = 0
    support: int = 0


class World:
    """Profiles, the values that they carry, and what linking makes of them."""

    def __init__(
        self, profiles: Sequence[Profile], fields: Sequence[Field], status: dict[tuple[str, str], str]
    ) -> None:
        self.profiles = profiles
        self.fields = fields
        self.status = dict(status)  # of a field's value; accepted where nothing is said
        self.clusters: set[frozenset[int]] = {frozenset([p]) for p in range(len(profiles))}
        self.bound: set[int] = set()
        self.contested: set[tuple[str, str]] = set()
        self.by_one: set[str] = set()  # fields whose conflicts are mostly slips
        self.slips: Counter[str] = Counter()  # by field, values that joined in spite of a conflict
        self.recycled: dict[tuple[str, str], Tenures] = {}
        self.adopted: dict[tuple[str, str], int] = {}  # by record, a profile of its customer
        self.bridges: set[tuple[str, str]] = set()
        self.cut: set[tuple[int, tuple[str, str]]] = set()  # profiles, and values that they are cut from
        self.links: list[Link] = []

    # Values.

    def usable(self, name: str, value: str) -> bool:
        return self.status.get((name, value), "accepted") == "accepted"

    def may_link(self, name: str, value: str) -> bool:
        return self.status.get((name, value), "accepted") in ("accepted", "incomplete")

    def carriers(self, name: str) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for p, profile in enumerate(self.profiles):
            for value in profile.carries(name):
                found.setdefault(value, []).append(p)
        return found

    def place(self, name: str, value: str) -> tuple[Place, int]:
        """Where a value first stands in the order of the records."""
        return min((p.smallest, p.values[name].index(value)) for p in self.profiles if value in p.carries(name))

    # Clusters.

    def cluster(self, p: int) -> frozenset[int]:
        return next(cluster for cluster in self.clusters if p in cluster)

    def unite(self, members: Iterable[int]) -> None:
        parts = {self.cluster(p) for p in members}
        self.clusters -= parts
        self.clusters.add(frozenset().union(*parts))

    # 1. Generic values.

    def find_generic(self) -> dict[tuple[str, str], int]:
        crowded = [
            (f, value, members)
            for f in self.fields
            for value, members in self.carriers(f.name).items()
            if self.may_link(f.name, value) and len(members) > f.limit
        ]
        suspects = {(f.name, value) for f, value, members in crowded if self._differ_widely(f, members)}
        found: dict[tuple[str, str], int] = {}
        while True:
            fresh = {}
            for f, value, members in crowded:
                if not self.may_link(f.name, value):
                    continue
                own = {g.name for g in self.fields if g.kin_to(f)}
                rest = [g.name for g in self.fields if g.name not in own]
                roots = components(
                    len(self.profiles),
                    (
                        carriers
                        for name in rest
                        for other, carriers in self.carriers(name).items()
                        if self.usable(name, other) and (name, other) not in suspects
                    ),
                )
                full = [p for p in members if self.profiles[p].holds_more(own)]
                groups = len({roots[p] for p in full}) + (len(full) < len(members))
                if groups > f.limit:
                    groups = self._people_among(full, roots) + (len(full) < len(members))
                if groups > f.limit:
                    fresh[f.name, value] = groups
            if not fresh:
                return found
            found |= fresh
            self.status |= dict.fromkeys(fresh, "generic")

    def _differ_widely(self, f: Field, members: list[int]) -> bool:
        """Whether they do in two fields, in one ten times as widely, or all together by values of their own."""
        carried = [
            [(value, len(carriers[value]) > g.limit) for p in members for value in self.profiles[p].carries(g.name)]
            for g in self.fields
            if not g.kin_to(f)
            for carriers in [self.carriers(g.name)]
        ]
        named = [[(self.profiles[p].name[s], False) for p in members if s in self.profiles[p].name] for s in SCRIPTS]
        seen = [{value for value, _ in each} for each in (*carried, *named)]
        if sum((len(values) > f.limit) + (len(values) // 10 > f.limit) for values in seen) >= 2:
            return True
        own = [self._own(each) for each in carried] + [max(map(self._own, named))]
        return sum(own) - max(own) > f.limit // 2

    def _own(self, carried: list[tuple[str, bool]]) -> int:
        """How many values that are not crowded themselves, where most of these stand on one record."""
        few = [value for value, crowded in carried if not crowded]
        return len(set(few)) if len(set(few)) * 2 > len(few) else 0

    def _people_among(self, full: list[int], roots: list[int]) -> int:
        """How many people the groups of some profiles are, by the names and birth dates of their records."""
        told: dict[tuple[str, str], list[Profile | int]] = {}
        groups = sorted({roots[p] for p in full})
        for p in full:
            for script, name in self.profiles[p].name.items():
                told.setdefault((script, name), []).append(p)
        same: list[list[int]] = []
        names = []
        for key, members in told.items():
            births = {self.profiles[p].birth_date for p in members}
            if len(births - {None}) <= 1:
                same.append([groups.index(roots[p]) for p in members])
                names.append((key, next(iter(births - {None}), None), groups.index(roots[members[0]])))
            else:
                same += [
                    [groups.index(roots[p]) for p in members if self.profiles[p].birth_date == birth]
                    for birth in births
                ]
        if len(names) <= 256:
            for (a, born, one), (b, other_born, other) in combinations(names, 2):
                apart = born is not None and other_born is not None and not near_dates(born, other_born)
                if a[0] == b[0] and not apart and jaro_winkler(a[1], b[1]) >= 0.92:
                    same.append([one, other])
        return len(set(components(len(groups), same)))

    # 2. Exact values.

    def _told_once(self, cluster: frozenset[int], members: list[int]) -> bool:
        """Whether one record alone of a cluster, of those that carry a value, says who somebody is."""
        telling = [self.profiles[p] for p in cluster.intersection(members)]
        records = sum(len(p.ids) for p in telling if p.given or p.name or p.birth_date)
        return records == 1 and len(distinct_stories(self._pool(cluster))) <= 1

    def _is_by_one(self, f: Field) -> bool:
        """Whether those who share a personal value and differ in name and birth date are mostly one, badly written."""
        told: Counter[tuple[str, str]] = Counter()
        for value, members in self.carriers(f.name).items():
            telling = [p for p in map(self.profiles.__getitem__, members) if p.birth_date and (p.given or p.name)]
            if not self.usable(f.name, value) or len(members) > 8:
                continue
            records = [Pool([p]) for p in telling for _ in p.ids]
            pairs = Counter((compare_names(a, b), compare_births(a, b)) for a, b in combinations(records, 2))
            pairs = Counter({names: n for names, n in pairs.items() if names[0] != "unknown"})
            told += Counter({names: int(n / pairs.total() * 2**16) for names, n in pairs.items()})
        neither, both = told["agree", "agree"], told["disagree", "disagree"] / 2**16
        slips = told["disagree", "agree"] * told["agree", "disagree"] / neither / 2**16 if neither else 0.0
        return f.personal and slips >= 2 and both <= 2 * slips - slips**0.5

    def join_exact(self, everywhere: bool = False) -> int:
        self.by_one = {f.name for f in self.fields if self._is_by_one(f)}
        shared = [
            members
            for f in self.fields
            for value, members in self.carriers(f.name).items()
            if self.usable(f.name, value)
        ]
        roots = components(len(self.profiles), shared)
        by_root: dict[int, list[int]] = {}
        for p, root in enumerate(roots):
            by_root.setdefault(root, []).append(p)
        doubtful = {root for root, members in by_root.items() if everywhere or self._doubtful(members)}
        self._find_bridges(by_root)
        doubtful |= {roots[p] for p, _ in self.cut}
        for root, members in by_root.items():
            if root not in doubtful:
                self.unite(members)
        self.bound = {p for members in shared for p in members if roots[p] not in doubtful}
        contested: list[tuple[Field, str, list[int]]] = []
        for f in sorted(self.fields, key=lambda f: f.rank):
            carriers = self.carriers(f.name)
            careful = [v for v in carriers if self.usable(f.name, v) and roots[carriers[v][0]] in doubtful]
            for value in sorted(careful, key=lambda value: self.place(f.name, value)):
                members = carriers[value]
                kept = [p for p in members if (p, (f.name, value)) not in self.cut]
                if len(kept) == len(members) or self._tenures(f, self._known(members), members)[0]:
                    self._join_carriers(f, value, members)
                    contested += [(f, value, members)] if (f.name, value) in self.contested else []
                    continue
                self._join_carriers(f, value, kept)
                self.contested.discard((f.name, value))
                if (f.name, value) not in self.recycled:
                    self.bridges.add((f.name, value))
        for _ in range(ROUNDS):
            before = len(self.clusters)
            for f, value, members in contested:
                self.contested.discard((f.name, value))
                self._join_carriers(f, value, members)
            contested = [each for each in contested if (each[0].name, each[1]) in self.contested]
            if len(self.clusters) == before:
                break
        return len(self.contested)

    def _find_bridges(self, by_root: dict[int, list[int]]) -> None:
        fields = {}
        for f in self.fields:
            counts = [
                len({v for p in members for v in self.profiles[p].carries(f.name) if self.usable(f.name, v)})
                for members in by_root.values()
            ]
            kin = next((g.name for g in self.fields if g.kin_to(f)), f.name)
            fields[f.name] = bridges.Field(bridges.bits(f.worth), *bridges.several(f.several, counts), kin)
        for members in by_root.values():
            carried = [
                {(f.name, v) for f in self.fields for v in self.profiles[p].carries(f.name) if self.usable(f.name, v)}
                for p in members
            ]
            found = bridges.find([len(self.profiles[p].ids) for p in members], carried, fields, self._agree(members))
            self.cut |= {(members[p], value) for p, value in found}

    def _agree(self, members: list[int]) -> Callable[[tuple[str, str], set[int], set[int]], bool]:
        carriers = {f.name: self.carriers(f.name) for f in self.fields}

        def told_of(value: tuple[str, str], ends: set[int]) -> Pool:
            known = set()
            for p in (members[end] for end in ends):
                known.add(p)
                for f in self.fields:
                    for v in self.profiles[p].carries(f.name):
                        if (f.name, v) != value and self.usable(f.name, v) and len(carriers[f.name][v]) <= 64:
                            known |= set(carriers[f.name][v])
            return self._pool(known)

        def agree(value: tuple[str, str], left: set[int], right: set[int]) -> bool:
            a, b = told_of(value, left), told_of(value, right)
            return compare_names(a, b) == "agree" and not conflict(a, b, False)

        return agree

    def _doubtful(self, members: list[int]) -> bool:
        profiles = [self.profiles[p] for p in members]
        told = [[p.given.get(s) for p in profiles] for s in SCRIPTS] + [
            [p.name.get(s) for p in profiles] for s in SCRIPTS
        ]
        told.append([p.birth_date for p in profiles])
        return any(len({value for value in values if value is not None}) > 1 for values in told)

    def _join_carriers(self, f: Field, value: str, members: list[int]) -> None:
        known = self._known(members)
        pairs = list(combinations(known, 2))
        fights = [pair for pair in pairs if conflict(self._pool(pair[0]), self._pool(pair[1]), f.personal)]
        slipped = f.name in self.by_one and any(
            all(c in pair for pair in fights) and self._told_once(c, members) for c in known
        )
        named = {p for p in members if self.profiles[p].given or self.profiles[p].name}
        if self._hand_over(f, value, members):
            self.bound |= named
            return
        if (not fights or slipped) and len(known) <= 256:
            self.slips[f.name] += bool(fights)
            self.unite(members)
            self.bound |= set(members)
            return
        if len(known) <= 256:
            agree = [p for p in pairs if p not in fights and compare_names(*map(self._pool, p)) == "agree"]
            number = {c: i for i, c in enumerate(known)}
            roots = components(len(known), ([number[a], number[b]] for a, b in agree))
            broken = {roots[number[a]] for a, b in fights if roots[number[a]] == roots[number[b]]}
            for root in set(roots) - broken:
                self.unite(p for c in known if roots[number[c]] == root for p in c)
        self.bound |= named
        self.contested.add((f.name, value))

    def _tenures(self, f: Field, known: list[frozenset[int]], members: list[int]) -> tuple[Tenures | None, Pairs]:
        """Who of some clusters had the members' value when, and the pairs of them that agree on the name."""
        pools = [self._pool(c) for c in known]
        pairs = [frozenset(pair) for pair in combinations(range(len(known)), 2)]
        opposed = {pair for pair in pairs if conflict(*(pools[i] for i in sorted(pair)), f.personal)}
        told = {pair: compare_names(*(pools[i] for i in sorted(pair))) for pair in pairs if pair not in opposed}
        agreeing, differing = ({pair for pair in told if told[pair] == what} for what in ("agree", "disagree"))
        seen = [self._times(c, members) for c in known]
        found = None
        strange = {pair for pair in differing if strangers(*(pools[i] for i in pair))}
        if strange and f.rest is not None:
            found = tenures(seen, opposed | strange, agreeing, differing)
            if found and any(after - before < f.rest for (_, before), (after, _) in pairwise(found.spans)):
                found = None
        found = found or tenures(seen, opposed, agreeing, differing)
        return found if found and found.spans else None, agreeing

    def _times(self, cluster: frozenset[int], members: list[int]) -> list[int | None]:
        return [time for p in cluster & set(members) for time in self.profiles[p].times]

    def _known(self, members: list[int]) -> list[frozenset[int]]:
        return [c for c in {self.cluster(p) for p in members} if self._pool(c).known]

    def _hand_over(self, f: Field, value: str, members: list[int]) -> bool:
        known = self._known(members)
        found, agreeing = self._tenures(f, known, members) if len(known) <= 256 else (None, ())
        if not found:
            return False
        placed = frozenset().union(*found.members)
        parts = [{known[i] for i in part} for part in found.members]
        for cluster in {self.cluster(p) for p in members} - set(known):
            owner = found.at(self._times(cluster, members))
            if owner is not None:
                parts[owner].add(cluster)
        loose = set(range(len(known))) - placed
        roots = components(len(known), [sorted(pair) for pair in agreeing])
        groups = [[p for i in loose if roots[i] == root for p in known[i]] for root in {roots[i] for i in loose}]
        for part in parts:
            self.bound |= {p for cluster in part for p in cluster & set(members)}
        for p in set(members) - self.bound:
            profile = self.profiles[p]
            if len(profile.ids) < 2 or profile.holds_more([f.name]) or profile.carries(f.name) != {value}:
                continue
            for each, time in zip(profile.ids, profile.times, strict=True):
                owner = found.at([time])
                if owner is not None:
                    self.adopted[profile.source, each] = min(min(parts[owner], key=min))
        for group in [*groups, *([p for cluster in part for p in cluster] for part in parts)]:
            self.unite(group)
        self.recycled[f.name, value] = found
        return True

    # 3. Links.

    def join_rule(self, rule: str, cell: Callable[[Profile], tuple[object, ...]]) -> int:
        """``cell`` gives what the rule compares; a None in it, and the profile takes no part."""
        groups: dict[tuple[object, ...], list[int]] = {}
        for p in sorted(range(len(self.profiles)), key=lambda p: self.profiles[p].smallest):
            key = cell(self.profiles[p])
            if None not in key:
                groups.setdefault(key, []).append(p)
        conflicts = 0
        for members in groups.values():
            hub = members[0]
            for p in members:
                profile = self.profiles[p]
                if p not in self.bound and len(profile.ids) > 1:
                    self.links.append(Link(profile.smallest, profile.smallest, rule))
                self.bound.add(p)
                if hub in self.cluster(p):
                    continue
                if conflict(self._pool(self.cluster(p)), self._pool(self.cluster(hub)), True):
                    conflicts += 1
                    continue
                self.links.append(Link(self.profiles[hub].smallest, profile.smallest, rule))
                self.unite([p, hub])
        return conflicts

    def judge_near(self, name: str, pairs: Iterable[tuple[str, str, int]]) -> dict[str, int]:
        counts = dict.fromkeys(
            ("candidates", "linked", "already", "contested", "conflict", "unsupported", "ambiguous"), 0
        )
        carriers = self.carriers(name)
        # For each value what it may be meant for: (goodness, cluster or None), and the candidates themselves.
        options: dict[str, list[tuple[tuple[int, int], frozenset[int] | None]]] = {}
        candidates: list[tuple[tuple[int, int], str, str, int, int]] = []
        for v, w, distance in pairs:
            counts["candidates"] += 1
            if self.status.get((name, w)) == "incomplete":
                v, w = w, v
            correction = self.status.get((name, v)) == "incomplete"
            if (
                not self.usable(name, w)
                or not (correction or self.usable(name, v))
                or {(name, v), (name, w)} & {*self.contested, *self.bridges, *self.recycled}
            ):
                counts["contested"] += 1
                if correction:
                    options.setdefault(v, []).append(((-distance, 0), None))
                continue
            there = self.cluster(carriers[w][0])
            if correction:
                options.setdefault(v, []).append(((-distance, 0), there))
                candidates.append(((-distance, 0), v, w, distance, 0))
                continue
            here = self.cluster(carriers[v][0])
            if here == there:
                counts["already"] += 1
                continue
            a, b = self._pool(here), self._pool(there)
            if differ(a, b):
                counts["conflict"] += 1
                continue
            bits = support(a, b)
            if not bits:
                counts["unsupported"] += 1
                continue
            good = (-distance, bits.bit_count())
            options.setdefault(v, []).append((good, there))
            options.setdefault(w, []).append((good, here))
            candidates.append((good, v, w, distance, bits))
        best = {value: max(good for good, _ in found) for value, found in options.items()}
        torn = {v for v, found in options.items() if len({to for good, to in found if good == best[v]}) > 1}
        counts["ambiguous"] = len(torn)

        def chosen(good: tuple[int, int], value: str) -> bool:
            return value not in torn and good == best[value]

        candidates = [
            (good, v, w, *rest)
            for good, v, w, *rest in candidates
            if chosen(good, v) and (not self.usable(name, v) or chosen(good, w))
        ]
        candidates.sort(key=lambda c: (-c[0][0], -c[0][1], sorted(self.place(name, value) for value in c[1:3])))
        for _, v, w, distance, bits in candidates:
            self._join_near(name, v, w, distance, bits, counts)
        return counts

    def _join_near(self, name: str, v: str, w: str, distance: int, bits: int, counts: dict[str, int]) -> None:
        carriers = self.carriers(name)
        corrected = not self.usable(name, v)
        target = carriers[w][0]
        wanted: list[tuple[int, int]] = []
        for p in sorted(carriers[v] if corrected else carriers[v][:1], key=lambda p: self.profiles[p].smallest):
            if target in self.cluster(p):
                counts["already"] += 1
                self.bound |= {p, target}
                continue
            a, b = self._pool(self.cluster(p)), self._pool(self.cluster(target))
            if differ(a, b):
                counts["conflict"] += 1
            else:
                wanted.append((p, support(a, b) if corrected else bits))
        pools = [self._pool(self.cluster(p)) for p, _ in wanted]
        if any(differ(a, b) for a, b in combinations(pools, 2)):
            counts["conflict"] += len(wanted)
            return
        for p, evidence in wanted:
            self.bound |= {p, target}
            if target in self.cluster(p):
                counts["already"] += 1
                continue
            self.unite([p, target])
            counts["linked"] += 1
            # The smallest carrier of a value that links speaks for it, the corrected record for itself.
            one = self.profiles[p].smallest if corrected else self.place(name, v)[0]
            ends = sorted([one, self.place(name, w)[0]])
            self.links.append(Link(ends[0], ends[1], name, distance, evidence))

    # Customers.

    def customers(self) -> set[frozenset[tuple[str, str]]]:
        """The records of each customer, as (source, id)."""
        found: dict[object, set[tuple[str, str]]] = {}
        for p, profile in enumerate(self.profiles):
            for record in ((profile.source, i) for i in profile.ids):
                q = self.adopted.get(record, p)
                customer = self.cluster(q) if q in self.bound else record
                found.setdefault(customer, set()).add(record)
        return {frozenset(records) for records in found.values()}

    def _pool(self, cluster: Iterable[int]) -> "Pool":
        return Pool([self.profiles[p] for p in cluster])


class Pool:
    """What the records of a cluster say about the person."""

    def __init__(self, profiles: Sequence[Profile]) -> None:
        self.given = {s: {p.given[s] for p in profiles if s in p.given} for s in SCRIPTS}
        self.name = {s: {p.name[s] for p in profiles if s in p.name} for s in SCRIPTS}
        self.births = {p.birth_date for p in profiles if p.birth_date is not None}
        self.stories = [p for p in profiles if p.birth_date is not None and (p.given or p.name)]
        self.postcodes = {p.postcode for p in profiles if p.postcode is not None}
        self.known = any(self.given.values()) or any(self.name.values()) or bool(self.births)


def components(n: int, groups: Iterable[Sequence[int]]) -> list[int]:
    """A number for each of n, equal for those that groups join."""
    number = list(range(n))
    for group in groups:
        joined = {number[p] for p in group}
        number = [min(joined) if each in joined else each for each in number]
    return number


def compare_names(a: Pool, b: Pool) -> str:
    given = _compare(a.given, b.given, 4, ("kana", "latin"))
    if given == "unknown":
        return _compare(a.name, b.name, 6, ("latin",))
    return "agree" if any(a.name[s] & b.name[s] for s in SCRIPTS) else given


def _compare(a: dict[str, set[str]], b: dict[str, set[str]], at_least: int, slips: Sequence[str]) -> str:
    if any(a[s] & b[s] for s in SCRIPTS):
        return "agree"
    if not any(a[s] and b[s] for s in SCRIPTS):
        return "unknown"
    if a["han"] and b["han"]:
        return "disagree"
    near = (min(len(x), len(y)) >= at_least and OSA.distance(x, y) <= 1 for s in slips for x in a[s] for y in b[s])
    return "agree" if any(near) else "disagree"


def near_dates(a: int, b: int) -> bool:
    """Equal, one digit apart, or day and month swapped."""
    (year, month, day), other = (f"{a:08}"[:4], f"{a:08}"[4:6], f"{a:08}"[6:]), f"{b:08}"
    return year + day + month == other or sum(x != y for x, y in zip(f"{a:08}", other, strict=True)) <= 1


def compare_births(a: Pool, b: Pool) -> str:
    if not a.births or not b.births:
        return "unknown"
    return "agree" if any(near_dates(x, y) for x in a.births for y in b.births) else "disagree"


def conflict(a: Pool, b: Pool, personal: bool) -> bool:
    if opposed(a, b, personal):
        return True
    stories = [[Pool([each]) for each in told] for told in (distinct_stories(a), distinct_stories(b))]
    pairs = [(x, y) for x in stories[0] for y in stories[1] if compare_names(x, y) != "unknown"]
    return 2 * sum(opposed(x, y, personal) for x, y in pairs) > len(pairs)


def distinct_stories(pool: Pool) -> list[Profile]:
    return list({repr((p.given, p.name, p.birth_date)): p for p in pool.stories}.values())


def opposed(a: Pool, b: Pool, personal: bool) -> bool:
    births = compare_births(a, b)
    if births == "unknown" or (births == "agree" and personal):
        return False
    names = compare_names(a, b)
    if names != "agree":
        return "disagree" in (names, births)
    far = all(dates(x, y) == 1 and abs(x // 10_000 - y // 10_000) >= 13 for x in a.births for y in b.births)
    same = any(a.given[s] & b.given[s] or a.name[s] & b.name[s] for s in SCRIPTS)
    return births == "disagree" and far and not (personal and same)


def strangers(a: Pool, b: Pool) -> bool:
    """Whether nothing of their names is alike, and no birth date shows that they are one."""
    names = [(x, y, 1 if s == "han" else 2) for s in SCRIPTS for x in a.name[s] for y in b.name[s]]
    return compare_births(a, b) != "agree" and bool(names) and not any(begin_alike(*each) for each in names)


def begin_alike(a: str, b: str, characters: int) -> bool:
    """Whether so many characters are the same, or the shorter first word is what the other name begins with."""
    same = "".join(x for x, y in takewhile(lambda pair: pair[0] == pair[1], zip(a, b, strict=False)))
    if " " in same or len(same) >= characters:
        return True
    return bool(same) and any(name[len(same) :][:1] in ("", " ") for name in (a, b))


def differ(a: Pool, b: Pool) -> bool:
    return "disagree" in (compare_names(a, b), compare_births(a, b))


def support(a: Pool, b: Pool) -> int:
    """1 for the name, 2 for the birth date, 4 for the postcode."""
    names = any(a.name[s] & b.name[s] for s in SCRIPTS)
    return names * 1 + bool(a.births & b.births) * 2 + bool(a.postcodes & b.postcodes) * 4
