"""Clusters -> the customer graph: customers, identifiers, links, and the evidence that explains them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from enishi import schema
from enishi._normalize import STATUSES
from enishi.limits import MUST_LINK
from enishi.link import Linked
from enishi.memory import RecordIds
from enishi.normalize import NEVER, NONE, Codes, IdentifierColumn, Normalization, Runner
from enishi.rows import as_text

if TYPE_CHECKING:
    import polars

    from enishi.explain import Explanation

SUPPORTS = {1: "name agrees", 2: "birth date agrees", 4: "postcode agrees"}
NO_VALUE = int(NONE)
BATCH_NODES, BATCH_PROFILES = 1 << 17, 1 << 15  # of a piece of the identifiers, of the evidence


@dataclass(frozen=True, slots=True)
class CustomerGraph:
    """What a run found.

    Attributes
    ----------
    customers : pyarrow.Table
        source, record_id, customer_id: one row for every record, in input order.
    identifiers : pyarrow.Table or None
        customer_id, field, key, records, generic, first_seen, last_seen: one row for a value and a customer who carries
        it. A generic value belongs to nobody.
    links : pyarrow.Table or None
        Links that no shared identifier makes: misspelt identifiers, rules on attributes.
    evidence : pyarrow.Table or None
        Which record carries which identifier; what `explain` reads.
    summary : dict
        Counts, reasons, times: what summary.json holds.

    Tables that were not asked for (``outputs=``) are None.
    """

    customers: pa.Table
    identifiers: pa.Table | None
    links: pa.Table | None
    evidence: pa.Table | None
    summary: dict[str, Any]

    def explain(self, left: str, right: str) -> Explanation:
        """Why two records are, or are not, one customer.

        Parameters
        ----------
        left, right : str
            Records as ``SOURCE:RECORD_ID``.

        Raises
        ------
        InputError
            There is no such record, or the evidence was not kept.

        Examples
        --------
        >>> import enishi, pyarrow as pa
        >>> web = pa.table({"record_id": [1, 2], "email": ["a@shop.jp", "b@shop.jp"]})
        >>> till = pa.table({"record_id": [7], "email": ["A@shop.jp"]})
        >>> graph = enishi.resolve({"web": web, "till": till})
        >>> graph.explain("web:1", "till:7").same
        True
        """
        from enishi.explain import explain

        return explain(self, left, right)

    def write(self, directory: str | os.PathLike[str]) -> None:
        """Writes the tables and the summary to a new or empty directory, whole or not at all.

        Raises
        ------
        OutputError
            The directory is not empty, or cannot be written.
        """
        from enishi.write import write_graph

        write_graph(self, directory)

    def to_polars(self) -> dict[str, polars.DataFrame]:
        """The tables that were made, as Polars data frames by name."""
        import polars

        frames = {name: polars.from_arrow(table) for name, table in self.tables().items()}
        return {name: frame for name, frame in frames.items() if isinstance(frame, polars.DataFrame)}

    def tables(self) -> dict[str, pa.Table]:
        """The tables that were made, by name."""
        tables = {"customers": self.customers, "identifiers": self.identifiers, "links": self.links}
        tables["evidence"] = self.evidence
        return {name: table for name, table in tables.items() if table is not None}

    def streams(self) -> dict[str, Stream]:
        """The tables that were made, in pieces."""

        def stream(table: pa.Table) -> Stream:
            return Stream(table.schema, lambda: iter(table.to_batches(BATCH_NODES)))

        return {name: stream(table) for name, table in self.tables().items()}


@dataclass(frozen=True, slots=True)
class Stream:
    """A table in pieces, each made when it is asked for: a large one need never stand in memory whole.

    Attributes
    ----------
    schema : pyarrow.Schema
    batches : callable
        Makes the pieces, from the first.
    """

    schema: pa.Schema
    batches: Callable[[], Iterator[pa.RecordBatch]]

    def table(self) -> pa.Table:
        return pa.Table.from_batches(list(self.batches()), self.schema)


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a run found, with its tables still to be made."""

    tables: dict[str, Stream]
    summary: dict[str, Any]

    def graph(self, runner: Runner) -> CustomerGraph:
        """All of it in memory; the tables are made side by side where the runner has threads."""
        made = dict(zip(self.tables, runner.map(Stream.table, list(self.tables.values())), strict=True))
        customers = made["customers"]
        return CustomerGraph(customers, made.get("identifiers"), made.get("links"), made.get("evidence"), self.summary)


@dataclass(frozen=True, slots=True)
class Assembled:
    """The tables that were asked for by name, the size of each customer, and links by rule."""

    tables: dict[str, Stream]
    sizes: Codes
    links_by_rule: dict[str, int]


def assemble(
    normalized: Normalization, linked: Linked, record_ids: RecordIds, outputs: Sequence[str], with_values: bool
) -> Assembled:
    """Names the customers, and makes ready the tables that were asked for."""
    links = _links(normalized, linked, record_ids)
    if not {"identifiers", "evidence"} & set(outputs):
        normalized.drop()
    of_record, _ = linked.linking.number_customers()
    ids = linked.linking.customer_ids(record_ids.texts)
    metadata = {b"enishi.key_algorithm": schema.KEY_ALGORITHM.encode()}
    tables = {
        "customers": Stream(
            schema.customers(record_ids.type), lambda: _customers(normalized, linked, record_ids, ids, of_record)
        ),
        "identifiers": Stream(
            schema.identifiers(with_values).with_metadata(metadata), lambda: _identifiers(linked, ids, with_values)
        ),
        "links": Stream(links.schema, lambda: iter(links.to_batches())),
        "evidence": Stream(schema.EVIDENCE.with_metadata(metadata), lambda: _evidence(normalized, linked)),
    }
    return Assembled(
        {name: table for name, table in tables.items() if name == "customers" or name in outputs},
        linked.linking.customer_sizes(),
        # Counted even where no table wants them.
        {each["values"]: each["counts"] for each in links["rule"].value_counts().to_pylist()},
    )


def _customers(
    normalized: Normalization,
    linked: Linked,
    record_ids: RecordIds,
    ids: npt.NDArray[np.int64],
    of_record: Codes,
) -> Iterator[pa.RecordBatch]:
    names = pa.array(normalized.source_names, pa.string())
    start = 0
    for chunk in record_ids.chunks():
        rows = slice(start, start + len(chunk))
        sources = linked.linking.sources(rows.start, rows.stop)
        columns = [pa.DictionaryArray.from_arrays(sources, names), chunk, pa.array(ids[of_record[rows]])]
        yield pa.RecordBatch.from_arrays(columns, schema=schema.customers(record_ids.type))
        start = rows.stop


def _keys(keys: npt.NDArray[np.uint8]) -> pa.Array:
    return pa.FixedSizeBinaryArray.from_buffers(schema.KEY, len(keys), [None, pa.py_buffer(keys)])


def _known(values: npt.NDArray[np.int64], known: npt.NDArray[np.bool_], kind: pa.DataType) -> pa.Array:
    """64-bit values, null where they are not known."""
    bits = pa.py_buffer(np.packbits(known, bitorder="little"))
    return pa.Array.from_buffers(kind, len(values), [bits, pa.py_buffer(values)])


def _identifiers(linked: Linked, ids: npt.NDArray[np.int64], with_values: bool) -> Iterator[pa.RecordBatch]:
    names = pa.array([identifier.declared.name for identifier in linked.identifiers], pa.string())
    wanted = schema.identifiers(with_values)
    for number, identifier in enumerate(linked.identifiers):
        value, customer, records = linked.linking.nodes(number)
        generic = identifier.values.status() == STATUSES.index("generic")
        for start in range(0, len(value), BATCH_NODES):
            piece = slice(start, start + BATCH_NODES)
            values, owned = value[piece], customer[piece] != NONE
            owner = ids[np.where(owned, customer[piece], 0)]
            first, last = identifier.values.seen(values)
            columns = [
                _known(owner, owned, pa.int64()),
                pa.DictionaryArray.from_arrays(np.full(len(values), number, np.int32), names),
                _keys(identifier.values.keys(values)),
                pa.array(records[piece].view(np.int64)),
                pa.array(generic[values]),
                _known(first, last != NEVER, wanted.field("first_seen").type),
                _known(last, last != NEVER, wanted.field("last_seen").type),
            ]
            if with_values:
                columns.append(pa.array(identifier.values.texts(values), pa.string()))
            yield pa.RecordBatch.from_arrays(columns, schema=wanted)


def _states(linked: Linked, number: int) -> npt.NDArray[np.uint8]:
    """By value of a field, the index of its state in ``schema.STATES``."""
    status = linked.identifiers[number].values.status()
    found = linked.linking.found_links()
    joined = np.array([schema.STATES.index(state) for state in ("links", "contested", "limited")], np.uint8)
    states = joined[linked.linking.contested(number)]
    states[status == STATUSES.index("generic")] = schema.STATES.index("generic")
    states[status == STATUSES.index("incomplete")] = schema.STATES.index("incomplete")
    # An incomplete value that was corrected links after all.
    near = found[(found[:, 0] == number) & (found[:, 1] == NONE)]
    states[near[:, 2]] = 0
    return states


def _evidence(normalized: Normalization, linked: Linked) -> Iterator[pa.RecordBatch]:
    states = [_states(linked, number).tobytes() for number in range(len(linked.identifiers))]
    names = pa.array([identifier.declared.name for identifier in linked.identifiers], pa.string())
    meanings = pa.array(schema.STATES, pa.string())
    profiles = len(normalized.profiles)
    for start in range(0, profiles, BATCH_PROFILES):
        part = linked.linking.evidence(states, start, min(start + BATCH_PROFILES, profiles))
        profile, number, state, keys, offsets, first, rows = part
        buffers = [pa.py_buffer(first), pa.py_buffer(offsets)]
        columns = [
            pa.array(profile),
            pa.DictionaryArray.from_arrays(number, names),
            _keys(keys),
            pa.DictionaryArray.from_arrays(state, meanings),
            pa.Array.from_buffers(schema.ROWS, len(profile), buffers, children=[pa.array(rows)]),
        ]
        yield pa.RecordBatch.from_arrays(columns, schema=schema.EVIDENCE)


def _links(normalized: Normalization, linked: Linked, record_ids: RecordIds) -> pa.Table:
    wanted = schema.links(record_ids.type)
    found = linked.linking.found_links()
    if not len(found):
        return wanted.empty_table()
    carriers = _smallest_carriers(linked, found)
    smallest = linked.linking.smallest_records()
    ends: list[tuple[int, int]] = []
    rules: list[str] = []
    evidence: list[str] = []
    weights: list[float | None] = []
    matches = linked.matches

    def put(one: int, other: int, rule: str, why: str, weight: float | None = None) -> None:
        ends.append((one, other))
        rules.append(rule)
        evidence.append(why)
        weights.append(weight)

    own: dict[int, tuple[str, str, float | None]] = {}
    for number, rule, v, w, p, q, distance, support in found.tolist():
        if rule != NO_VALUE:
            text, why, weight = linked.rules[rule], f"{linked.rules[rule]} agree", None
            if text == MUST_LINK:
                why = f"declared in row {linked.must_rows[v]} of the {MUST_LINK} table"
            elif matches is not None and rule == matches.rule:
                why, weight = matches.evidence(v), float(matches.weights[v])
            if p == q:
                own[p] = text, why, weight
            else:
                put(int(smallest[p]), int(smallest[q]), text, why, weight)
            continue
        identifier = linked.identifiers[number]
        status = identifier.values.status()
        corrected = bool(status[v] == STATUSES.index("incomplete"))
        kind, why = _near_rule(identifier, distance, corrected)
        why = "; ".join([why, *(text for bit, text in SUPPORTS.items() if support & bit)])
        one = int(smallest[p]) if corrected else carriers[number, v]
        put(one, carriers[number, w], kind, why)
    if own:
        held = np.zeros(len(smallest), bool)
        held[list(own)] = True
        profile_of_record = normalized.profiles.of_record()
        members = np.flatnonzero(held[profile_of_record])
        for ordinal in members.tolist():
            p = int(profile_of_record[ordinal])
            if ordinal != smallest[p]:
                put(int(smallest[p]), ordinal, *own[p])
    records = np.array(ends, np.uint32).reshape(-1, 2)
    named, at = np.unique(records, return_inverse=True)
    ids = record_ids.take(named)
    source = linked.linking.sources(0, normalized.records)[named]
    # The smaller record stands left: by source, then by the bytes of its id.
    texts = as_text(ids).cast(pa.large_binary()).to_pylist()
    rank = np.empty(len(named), np.int64)
    rank[sorted(range(len(named)), key=lambda i: (source[i], texts[i]))] = np.arange(len(named))
    at = at.reshape(-1, 2)
    swapped = rank[at[:, 0]] > rank[at[:, 1]]
    left, right = np.where(swapped, at[:, 1], at[:, 0]), np.where(swapped, at[:, 0], at[:, 1])
    names = pa.array(normalized.source_names, pa.string())
    table = pa.table(
        {
            "left_source": names.take(pa.array(source[left])),
            "left_record_id": ids.take(pa.array(left)),
            "right_source": names.take(pa.array(source[right])),
            "right_record_id": ids.take(pa.array(right)),
            "rule": pa.array(rules, pa.string()),
            "match_weight": pa.array(weights, pa.float64()),
            "evidence": pa.array(evidence, pa.string()),
        },
        schema=wanted,
    )
    return table.sort_by([(name, "ascending") for name in wanted.names[:5]])


def _near_rule(identifier: IdentifierColumn, distance: int, corrected: bool) -> tuple[str, str]:
    """The name of the rule that linked two near values, and what it saw."""
    name = identifier.declared.name
    if corrected and distance:
        return f"{name}: corrected", f"the check digit fails, {distance} edit from the one card where it holds"
    if corrected:
        return f"{name}: truncated", "the one id that the truncated one begins"
    if not distance:
        return f"{name}: domain", "a misspelt domain"
    return f"{name}: near", f"{distance} edit" if distance == 1 else f"{distance} edits"


def _smallest_carriers(linked: Linked, found: npt.NDArray[np.uint32]) -> Mapping[tuple[int, int], int]:
    """By field and value of a near link, the smallest record that carries the value."""
    carriers: dict[tuple[int, int], int] = {}
    near = found[found[:, 1] == NONE]
    for number in np.unique(near[:, 0]).tolist():
        values = np.unique(near[near[:, 0] == number][:, 2:4]).tolist()
        records = linked.linking.smallest_carriers(number, values).tolist()
        carriers |= {(number, value): record for value, record in zip(values, records, strict=True)}
    return carriers
