"""Why two records are, or are not, one customer, and where a customer hangs together most weakly.

Within a customer, records hang on the values that they carry and on the links of rules, misspellings and probability.
Each of these has a strength on the scale of match weights, log2 of the odds that the two records are one person's:

    link by probability   its match weight
    shared value          what its kind is worth (`enishi.link.WORTH`), less log2 of how many of the customer's records
                          carry it: a phone that two records carry is stronger than one that thirty do
    contested value       `CONTESTED` less: it holds only what nothing else does; a limited value and a weak bridge too
    recycled value        `RECYCLED` less: that both had it in the time of one owner tells whose they are
    near value            what its kind is worth, less `NEAR` for the doubt about the spelling
    rule on attributes    `RULE`
    must-link             `DECLARED`
    generic value         0: it is evidence of nothing

The strongest path between two records is the one whose weakest link is strongest, and of these the shortest; it lies in
the maximum spanning tree of the customer. The tree's weakest link is the customer's weakest cut: without it, and
without the weaker ones that lie across, the customer falls into two. Records count in the order of their names, so that
the answer does not depend on the order in which they came.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from enishi import schema
from enishi.errors import InputError
from enishi.frozen import frozen
from enishi.limits import MUST_LINK
from enishi.link import OTHER_WORTH, WORTH
from enishi.lookup import Tables

Carried: TypeAlias = tuple[str, bytes, str]  # field, key, state

RULE = 8.0
DECLARED = 32.0
CONTESTED = 24.0
RECYCLED = 6.0
NEAR = {"corrected": 3.0, "truncated": 4.0, "domain": 2.0, "near": 6.0}
REASONS = {
    # A complete value that links joins all who carry it; two who are apart carry one that had to be corrected.
    "links": "the value is corrected for one of them alone: a conflict or a limit keeps the other from its owner",
    "generic": "the value is generic: it stands for many people, and links nobody",
    "contested": "the value is contested: people whose names or birth dates conflict carry it",
    "bridge": "the value is a weak bridge: seldom seen here or there, between records that hold others of their own",
    "limited": "the value is limited: not all who carry it may be one customer (cannot-link, unique source, limit)",
    "recycled": "the value changed hands: people whose names or birth dates conflict had it one after another",
    "incomplete": "the value is incomplete: its check digit fails or it is truncated, and it has no one correction",
}
HELD = {
    "links": "both carry it",
    "contested": "both carry it, and their names agree",
    "limited": "both carry it",
    "bridge": "both carry it",
    "recycled": "both carry it, which changed hands, in the time of one owner",
}
DOUBTS = {"contested": CONTESTED, "limited": CONTESTED, "bridge": CONTESTED, "recycled": RECYCLED}
REFUSALS = {
    "conflict": "a conflict forbids it: the names or the birth dates are two people's",
    "unsupported": "it lacks support: no name, birth date or postcode agrees",
    "ambiguous": "it is not the only one: another spelling is as near, or nearer",
    "contested": "one of the values is generic, contested, limited or incomplete",
    "bridge": "it stands alone: too few pairs of the two clusters reach the threshold",
    "outweighed": "all else that is known of the two customers outweighs it: what the one record leaves out differs",
    "limit": "a limit forbids it: not all whom it would join may be one customer (cannot-link, unique source, limit)",
}


@frozen
class Step:
    """One step of an explanation.

    Attributes
    ----------
    left, right : str
        Records as ``SOURCE:RECORD_ID``.
    by : str
        The identifier's field, or the rule of a link.
    key : str or None
        The key of the shared value, in hex.
    why : str
    strength : float
        log2 of the odds, as the module says.
    """

    left: str
    right: str
    by: str
    key: str | None
    why: str
    strength: float

    def __str__(self) -> str:
        key = f" {self.key[:12]}…" if self.key else ""
        return f"{self.left} – {self.right}: {self.by}{key}: {self.why} [{self.strength:.1f}]"


@frozen
class Explanation:
    """Why two records are, or are not, one customer.

    Attributes
    ----------
    left, right : str
    same : bool
    left_customer, right_customer : int
    steps : tuple of Step
        Where they are one customer, the strongest path from left to right. Else what they share and why it does not
        link; where they share nothing, the strongest of what their customers share.
    """

    left: str
    right: str
    same: bool
    left_customer: int
    right_customer: int
    steps: tuple[Step, ...]

    @property
    def weakest(self) -> Step | None:
        """The first of the weakest links of the path; None where there is none."""
        return min(self.steps, key=lambda step: step.strength, default=None) if self.same else None

    def __str__(self) -> str:
        if self.left == self.right:
            return f"{self.left} is one record, of customer {self.left_customer}."
        if self.same:
            head = f"{self.left} and {self.right} are one customer, {self.left_customer}:"
        else:
            why = "they share no identifier and no link"
            if self.steps:
                direct = (self.steps[0].left, self.steps[0].right) == (self.left, self.right)
                why = "what they share does not link" if direct else f"{why}; the best between their customers"
            head = (
                f"{self.left} (customer {self.left_customer}) and {self.right} (customer {self.right_customer}) are "
                f"not one customer: {why}."
            )
        marked = self.weakest if len(self.steps) > 1 else None
        return "\n".join([head, *(f"  {step}{' the weakest' * (step is marked)}" for step in self.steps)])


@frozen
class CustomerExplanation:
    """What holds a customer together, and where it is weakest.

    Attributes
    ----------
    customer : int
    records : int
    links : tuple of Step
        The maximum spanning tree, the strongest link first: joining their ends gives the customer again.
    cut : tuple of Step
        All that lies across the weakest cut, the strongest first; empty for a single record.
    sides : tuple of int
        The records on either side of it, the larger side first.
    """

    customer: int
    records: int
    links: tuple[Step, ...]
    cut: tuple[Step, ...]
    sides: tuple[int, int]

    def __str__(self) -> str:
        if self.records == 1:
            return f"Customer {self.customer} is one record."
        head = f"Customer {self.customer} has {self.records:,} records, which {len(self.links):,} links hold together."
        sides = " and ".join(f"{side:,}" for side in self.sides)
        return "\n".join([head, f"Without these it falls into {sides}:", *(f"  {step}" for step in self.cut)])


def explain(tables: Tables, left: str, right: str) -> Explanation:
    """Why two records are, or are not, one customer.

    Parameters
    ----------
    tables : Tables
        Those in memory or, for a run that was written, ``ParquetTables(directory)``, which reads only what it needs.
    left, right : str
        Records as ``SOURCE:RECORD_ID``.

    Raises
    ------
    InputError
        There is no such record, or the evidence was not kept.
    """
    _check(tables)
    (left_row, left_customer), (right_row, right_customer) = _locate(tables, left, right)
    same = left_customer == right_customer
    steps: list[Step] = []
    if left_row != right_row:
        part = _Part(tables, [left_customer, right_customer])
        steps = part.path(left_row, right_row) if same else part.between(left_row, right_row)
    return Explanation(left, right, same, left_customer, right_customer, tuple(steps))


def explain_customer(tables: Tables, customer: int) -> CustomerExplanation:
    """What holds a customer together, and its weakest cut.

    Parameters
    ----------
    tables : Tables
    customer : int
        Its id.

    Raises
    ------
    InputError
        There is no such customer, or the evidence was not kept.
    """
    _check(tables)
    part = _Part(tables, [customer] if -(2**63) <= customer < 2**63 else [])
    if not part.records:
        raise InputError(f"there is no customer {customer}")
    return part.customer(customer)


def _check(tables: Tables) -> None:
    if not (tables.has("evidence") and tables.has("links")):
        raise InputError("this graph was made without evidence and links; resolve again with all outputs to explain it")


def _locate(tables: Tables, *names: str) -> list[tuple[int, int]]:
    """Row and customer of records written ``SOURCE:RECORD_ID``; a source's name may hold colons, an id too."""
    kind = tables.schema("customers").field("record_id").type
    readings: dict[tuple[str, Any], str] = {}
    for name in names:
        parts = name.split(":")
        for cut in range(1, len(parts)):
            try:
                record_id = pa.scalar(":".join(parts[cut:])).cast(kind).as_py()
            except pa.ArrowInvalid:
                continue
            readings[":".join(parts[:cut]), record_id] = name
    sources, ids = (pa.array(sorted({each[i] for each in readings}), of) for i, of in ((0, pa.string()), (1, kind)))
    rows, found = tables.select(
        "customers", {"source": sources, "record_id": ids}, ["source", "record_id", "customer_id"]
    )
    at: dict[str, tuple[int, int]] = {}
    for row, record in zip(rows.tolist(), found.to_pylist(), strict=True):
        read = readings.get((record["source"], record["record_id"]))
        if read is not None:
            at.setdefault(read, (row, record["customer_id"]))
    for place, name in enumerate(names):
        if name not in at:
            which = ("first", "second")[place]
            raise InputError(f"the {which} of the two records is not in this graph; write it as SOURCE:RECORD_ID")
    return [at[name] for name in names]


@frozen
class _Bond:
    """Some records (numbers), each of which holds each of the others."""

    strength: float
    by: str
    key: bytes | None
    why: str
    members: tuple[int, ...]

    @property
    def order(self) -> tuple[float, str, bytes, tuple[int, ...]]:
        """The strongest first."""
        return -self.strength, self.by, self.key or b"", self.members[:2]


class _Sets:
    """Disjoint sets of a few numbers."""

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))

    def find(self, x: int) -> int:
        while self._parent[x] != x:
            self._parent[x] = self._parent[self._parent[x]]
            x = self._parent[x]
        return x

    def unite(self, a: int, b: int) -> bool:
        """Whether they were apart."""
        a, b = self.find(a), self.find(b)
        self._parent[max(a, b)] = min(a, b)
        return a != b


class _Part:
    """The records of a few customers, numbered in the order of their names, and what holds them together."""

    def __init__(self, tables: Tables, customers: Sequence[int]) -> None:
        self._tables = tables
        wanted = {"customer_id": pa.array(sorted(set(customers)), pa.int64())}
        rows, found = tables.select("customers", wanted, ["source", "record_id", "customer_id"])
        names = list(zip(found["source"].to_pylist(), found["record_id"].to_pylist(), strict=True))
        order = sorted(range(len(names)), key=names.__getitem__)
        self.records: list[tuple[str, Any]] = [names[i] for i in order]
        owners = found["customer_id"].to_pylist()
        self._customer = [owners[i] for i in order]
        self._rows = rows[order]
        self._number = {row: number for number, row in enumerate(self._rows.tolist())}
        self._carriers: dict[Carried, list[int]] = {}
        if len(rows):
            for number, value in self._carried():
                self._carriers.setdefault(value, []).append(number)
        kinds = tables.summary.get("fields", {})
        self._worth = {name: WORTH.get(field.get("kind", name), OTHER_WORTH) for name, field in kinds.items()}

    def _carried(self) -> Iterator[tuple[int, Carried]]:
        """What each of the records carries, record by record."""
        wanted = pa.array(np.sort(self._rows).astype(np.uint32))
        _, heads = self._tables.select("evidence", {"rows": wanted}, ["profile", "rows"])
        positions = pc.list_flatten(heads["rows"])
        profiles = heads["profile"].take(pc.list_parent_indices(heads["rows"]))
        kept = pc.is_in(positions, wanted)
        of_profile: dict[int, list[Carried]] = {}
        asked = pc.unique(profiles.filter(kept))
        _, found = self._tables.select("evidence", {"profile": asked}, ["profile", "field", "key", "state"])
        for profile, field, key, state in zip(*(column.to_pylist() for column in found.columns), strict=True):
            of_profile.setdefault(profile, []).append((field, key, state))
        numbered = [
            (self._number[row], profile)
            for row, profile in zip(positions.filter(kept).to_pylist(), profiles.filter(kept).to_pylist(), strict=True)
        ]
        return ((number, value) for number, profile in sorted(numbered) for value in of_profile[profile])

    def _pairs(self, table: str) -> Iterator[tuple[int, int, dict[str, Any]]]:
        """The rows of a table of links whose both ends are here."""
        if not self._tables.has(table) or not self.records:
            return
        kind = self._tables.schema(table).field("left_record_id").type
        ids = pa.array(sorted({record_id for _, record_id in self.records}), kind)
        sides = [(f"{side}_source", f"{side}_record_id") for side in ("left", "right")]
        columns = [*sides[0], *sides[1], *self._tables.schema(table).names[4:]]
        _, found = self._tables.select(table, {sides[0][1]: ids, sides[1][1]: ids}, columns)
        number = {record: i for i, record in enumerate(self.records)}
        for link in found.to_pylist():
            left, right = (number.get((link[source], link[record_id])) for source, record_id in sides)
            if left is not None and right is not None:
                yield left, right, link

    def _bonds(self) -> list[_Bond]:
        """What links, the strongest first."""
        bonds = []
        for (field, key, state), members in self._carriers.items():
            if len(members) > 1 and state in schema.HOLDING:
                bonds.append(_Bond(self._strength(field, state, len(members)), field, key, HELD[state], tuple(members)))
        for left, right, link in self._pairs("links"):
            strength = self._link_strength(link["rule"], link["match_weight"])
            bonds.append(_Bond(strength, link["rule"], None, link["evidence"], (left, right)))
        return sorted(bonds, key=lambda bond: bond.order)

    def _strength(self, field: str, state: str, carriers: int) -> float:
        if state == "generic":
            return 0.0
        worth = self._worth.get(field, OTHER_WORTH) - math.log2(carriers)
        return worth - DOUBTS.get(state, 0.0)

    def _link_strength(self, rule: str, match_weight: float | None) -> float:
        if match_weight is not None:
            return match_weight
        if rule == MUST_LINK:
            return DECLARED
        field, _, how = rule.rpartition(": ")
        return self._worth.get(field, OTHER_WORTH) - NEAR[how] if how in NEAR else RULE

    def _name(self, number: int) -> str:
        source, record_id = self.records[number]
        return f"{source}:{record_id}"

    def _step(self, left: int, right: int, bond: _Bond) -> Step:
        key = bond.key.hex() if bond.key else None
        return Step(self._name(left), self._name(right), bond.by, key, bond.why, bond.strength)

    def path(self, left_row: int, right_row: int) -> list[Step]:
        """The strongest path from one record to another of the same customer."""
        left, right = self._number[left_row], self._number[right_row]
        sets = _Sets(len(self.records))
        usable: list[_Bond] = []
        for bond in self._bonds():
            if usable and bond.strength < usable[-1].strength and sets.find(left) == sets.find(right):
                break
            usable.append(bond)
            for other in bond.members[1:]:
                sets.unite(bond.members[0], other)
        return self._shortest(left, right, usable)

    def _shortest(self, left: int, right: int, bonds: Iterable[_Bond]) -> list[Step]:
        """The shortest path over some bonds, and of those the one that takes the stronger bond first."""
        at: dict[int, list[_Bond]] = {}
        for bond in bonds:
            for member in bond.members:
                at.setdefault(member, []).append(bond)
        before: dict[int, tuple[int, _Bond]] = {}
        used: set[int] = set()
        queue = deque([left])
        while queue and right not in before:
            number = queue.popleft()
            for bond in at.get(number, ()):
                if id(bond) in used:
                    continue
                used.add(id(bond))
                for other in bond.members:
                    if other != left and other not in before:
                        before[other] = (number, bond)
                        queue.append(other)
        steps: list[Step] = []
        while right != left:
            if right not in before:
                return []
            number, bond = before[right]
            steps.append(self._step(number, right, bond))
            right = number
        return steps[::-1]

    def customer(self, customer: int) -> CustomerExplanation:
        """The maximum spanning tree and the weakest cut of the only customer here."""
        bonds = self._bonds()
        tree: list[tuple[int, int, _Bond]] = []
        sets = _Sets(len(self.records))
        for bond in bonds:
            hub, *others = bond.members
            tree += [(hub, other, bond) for other in others if sets.unite(hub, other)]
        links = tuple(self._step(*each) for each in tree)
        if not tree:
            return CustomerExplanation(customer, len(self.records), links, (), (len(self.records), 0))
        # Without the last link of the tree, its ends lie on two sides.
        sides = _Sets(len(self.records))
        for left, right, _ in tree[:-1]:
            sides.unite(left, right)
        side = [sides.find(number) for number in range(len(self.records))]
        ends = [side[number] for number in tree[-1][:2]]
        cut = []
        for bond in bonds:
            across = {side[number]: number for number in bond.members[::-1] if side[number] in ends}
            if len(across) == 2:
                cut.append(self._step(min(across.values()), max(across.values()), bond))
        larger, smaller = sorted((side.count(end) for end in ends), reverse=True)
        return CustomerExplanation(customer, len(self.records), links, tuple(cut), (larger, smaller))

    def _seen(self, key: bytes, ends: tuple[int, int]) -> str:
        """When the customers of two records were seen with a value, where that is known."""
        if not self._tables.has("identifiers"):
            return ""
        owners = [self._customer[end] for end in ends]
        wanted = {"customer_id": pa.array(owners, pa.int64())}
        _, found = self._tables.select("identifiers", wanted, ["customer_id", "key", "first_seen", "last_seen"])
        spans: dict[int, str] = {}
        for each in found.to_pylist():
            if each["key"] == key and each["first_seen"] is not None:
                first, last = (each[end].date().isoformat() for end in ("first_seen", "last_seen"))
                spans[each["customer_id"]] = first if first == last else f"{first} to {last}"
        if not spans.keys() >= set(owners):
            return ""
        return f"; the one was seen with it {spans[owners[0]]}, the other {spans[owners[1]]}"

    def between(self, left_row: int, right_row: int) -> list[Step]:
        """What two records of different customers share; where that is nothing, the best that their customers do."""
        ends = self._number[left_row], self._number[right_row]
        found: list[tuple[int, int, _Bond]] = []
        for (field, key, state), members in self._carriers.items():
            of_left = [number for number in members if self._customer[number] == self._customer[ends[0]]]
            of_right = [number for number in members if self._customer[number] == self._customer[ends[1]]]
            if of_left and of_right:
                why = REASONS[state] + (self._seen(key, ends) if state == "recycled" else "")
                bond = _Bond(self._strength(field, state, len(members)), field, key, why, tuple(members))
                left, right = (
                    end if end in mine else mine[0] for end, mine in zip(ends, (of_left, of_right), strict=True)
                )
                found.append((left, right, bond))
        for one, other, link in self._pairs("refused"):
            if self._customer[one] != self._customer[other]:
                left, right = (one, other) if self._customer[one] == self._customer[ends[0]] else (other, one)
                strength = self._link_strength(link["rule"], link["match_weight"])
                why = f"{link['evidence']}, but {REFUSALS[link['reason']]}"
                found.append((left, right, _Bond(strength, link["rule"], None, why, (one, other))))
        found.sort(key=lambda each: each[2].order)
        direct = [each for each in found if each[:2] == ends]
        return [self._step(*each) for each in direct or found[:1]]
