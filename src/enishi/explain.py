"""Why two records are, or are not, one customer: read from the tables of a graph alone.

Within a customer, records hang on the values that they carry and on the links of rules and misspellings; the
explanation is the shortest such path. For two records apart, it is what they share and why that does not link.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from enishi.errors import InputError

if TYPE_CHECKING:
    from enishi.graph import CustomerGraph

REASONS = {
    # A complete value that links joins all who carry it; two who are apart carry one that had to be corrected.
    "links": "the value is corrected for one of them alone: the other's name or birth date conflicts with its owner's",
    "generic": "the value is generic: so many different people carry it that it links nobody",
    "contested": "the value is contested: people whose names or birth dates conflict carry it",
    "limited": "the value is limited: not all who carry it may be one customer (cannot-link, unique source, limit)",
    "incomplete": "the value is incomplete: its check digit fails or it is truncated, and it has no one correction",
}


@dataclass(frozen=True, slots=True)
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
    """

    left: str
    right: str
    by: str
    key: str | None
    why: str

    def __str__(self) -> str:
        key = f" {self.key[:12]}…" if self.key else ""
        return f"{self.left} – {self.right}: {self.by}{key}: {self.why}"


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why two records are, or are not, one customer.

    Attributes
    ----------
    left, right : str
    same : bool
    left_customer, right_customer : int
    steps : tuple of Step
        The path from left to right where they are one customer; else what they share and why it does not link.
    """

    left: str
    right: str
    same: bool
    left_customer: int
    right_customer: int
    steps: tuple[Step, ...]

    def __str__(self) -> str:
        if self.left == self.right:
            return f"{self.left} is one record, of customer {self.left_customer}."
        if self.same:
            head = f"{self.left} and {self.right} are one customer, {self.left_customer}:"
        else:
            why = "what they share does not link" if self.steps else "they share no identifier and no link"
            head = (
                f"{self.left} (customer {self.left_customer}) and {self.right} (customer {self.right_customer}) are "
                f"not one customer: {why}."
            )
        return "\n".join([head, *(f"  {step}" for step in self.steps)])


def explain(graph: CustomerGraph, left: str, right: str) -> Explanation:
    """Why two records are, or are not, one customer; see `CustomerGraph.explain`."""
    if graph.evidence is None or graph.links is None:
        raise InputError("this graph was made without evidence and links; resolve again with all outputs to explain it")
    rows = [_row(graph.customers, record) for record in (left, right)]
    customers = [graph.customers["customer_id"][row].as_py() for row in rows]
    same = customers[0] == customers[1]
    if rows[0] == rows[1]:
        return Explanation(left, right, True, customers[0], customers[1], ())
    local = _Local(graph, customers)
    steps = local.path(*rows) if same else local.shared(*rows)
    return Explanation(left, right, same, customers[0], customers[1], tuple(steps))


def _row(customers: pa.Table, record: str) -> int:
    """The position of a record written ``SOURCE:RECORD_ID``; a source's name may hold colons, an id too."""
    parts = record.split(":")
    sources = customers["source"]
    for cut in range(1, len(parts)):
        source, record_id = ":".join(parts[:cut]), ":".join(parts[cut:])
        found = pc.equal(sources, source)
        if not pc.any(found).as_py():
            continue
        ids = customers["record_id"]
        try:
            wanted = pa.scalar(record_id).cast(ids.type)
        except pa.ArrowInvalid:
            continue
        row = pc.index(pc.and_(found, pc.equal(ids, wanted)), True).as_py()
        if row >= 0:
            return int(row)
    raise InputError("there is no record of that name in customers; write it as SOURCE:RECORD_ID")


class _Local:
    """The part of a graph that two records' customers make: records, and what holds them together."""

    def __init__(self, graph: CustomerGraph, customers: list[int]) -> None:
        assert graph.evidence is not None
        assert graph.links is not None
        self.table = graph.customers
        mine = pc.is_in(graph.customers["customer_id"], pa.array(sorted(set(customers)), pa.int64()))
        self.rows = pc.indices_nonzero(mine).to_pylist()
        self.carried: dict[int, list[tuple[str, bytes, str]]] = {}
        self.carriers: dict[tuple[str, bytes], list[int]] = {}
        for row, field, key, state in self._carried(graph.evidence):
            self.carried.setdefault(row, []).append((field, key, state))
            self.carriers.setdefault((field, key), []).append(row)
        self.links = self._links(graph.links)

    def _carried(self, evidence: pa.Table) -> list[tuple[int, str, bytes, str]]:
        """(row, field, key, state) of this part's records."""
        heads = evidence.filter(pc.is_valid(evidence["rows"])).select(["profile", "rows"])
        positions = pc.list_flatten(heads["rows"])
        profiles = heads["profile"].take(pc.list_parent_indices(heads["rows"]))
        kept = pc.is_in(positions, pa.array(self.rows, positions.type))
        row_of = list(zip(profiles.filter(kept).to_pylist(), positions.filter(kept).to_pylist(), strict=True))
        wanted = pa.array(sorted({profile for profile, _ in row_of}), evidence["profile"].type)
        carried = evidence.filter(pc.is_in(evidence["profile"], wanted)).select(["profile", "field", "key", "state"])
        by_profile: dict[int, list[tuple[str, bytes, str]]] = {}
        for profile, field, key, state in zip(*(column.to_pylist() for column in carried.columns), strict=True):
            by_profile.setdefault(profile, []).append((field, key, state))
        row_of.sort(key=lambda pair: pair[1])
        return [(row, *each) for profile, row in row_of for each in by_profile[profile]]

    def _links(self, links: pa.Table) -> dict[int, list[tuple[int, str, str]]]:
        at = {(self._source(row), self._id(row)): row for row in self.rows}
        sides = [(links[f"{side}_source"], links[f"{side}_record_id"]) for side in ("left", "right")]
        ids = pa.array([record_id for _, record_id in at], sides[0][1].type)
        near = links.filter(pc.and_(*(pc.is_in(side[1], ids) for side in sides)))
        found: dict[int, list[tuple[int, str, str]]] = {}
        for link in near.to_pylist():
            left = at.get((link["left_source"], link["left_record_id"]))
            right = at.get((link["right_source"], link["right_record_id"]))
            if left is not None and right is not None:
                found.setdefault(left, []).append((right, link["rule"], link["evidence"]))
                found.setdefault(right, []).append((left, link["rule"], link["evidence"]))
        return found

    def _source(self, row: int) -> str:
        return str(self.table["source"][row].as_py())

    def _id(self, row: int) -> Any:
        return self.table["record_id"][row].as_py()

    def _name(self, row: int) -> str:
        return f"{self._source(row)}:{self._id(row)}"

    def path(self, left: int, right: int) -> list[Step]:
        """The shortest path from one record to another of the same customer.

        A value that links comes before one that is contested: the latter holds together only those of its carriers
        that agree on the name, which two records of one customer do.
        """
        for usable in (("links",), ("links", "contested", "limited")):
            steps = self._search(left, right, usable)
            if steps:
                return steps
        return []

    def _search(self, left: int, right: int, usable: tuple[str, ...]) -> list[Step]:
        before: dict[int, tuple[int, Step]] = {}
        queue = deque([left])
        seen = {left}
        used: set[tuple[str, bytes]] = set()

        def visit(row: int, other: int, step: Step) -> None:
            if other not in seen:
                seen.add(other)
                before[other] = (row, step)
                queue.append(other)

        while queue and right not in seen:
            row = queue.popleft()
            for field, key, state in self.carried.get(row, ()):
                if state not in usable or (field, key) in used:
                    continue
                used.add((field, key))
                why = "both carry it, and their names agree" if state == "contested" else "both carry it"
                for other in self.carriers[field, key]:
                    visit(row, other, Step(self._name(row), self._name(other), field, key.hex(), why))
            for other, rule, why in self.links.get(row, ()):
                visit(row, other, Step(self._name(row), self._name(other), rule, None, why))
        steps: list[Step] = []
        row = right
        while row != left:
            if row not in before:
                return []
            row, step = before[row]
            steps.append(step)
        return steps[::-1]

    def shared(self, left: int, right: int) -> list[Step]:
        """What two records of different customers share, and why it does not link them."""
        names = self._name(left), self._name(right)
        theirs = {(field, key) for field, key, _ in self.carried.get(right, ())}
        return [
            Step(*names, field, key.hex(), REASONS.get(state, "both carry it"))
            for field, key, state in self.carried.get(left, ())
            if (field, key) in theirs
        ]
