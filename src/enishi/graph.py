"""Clusters -> the customer graph: customers, identifiers, links, and the evidence that explains them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from enishi import schema
from enishi._normalize import STATUSES
from enishi.link import Linked
from enishi.normalize import NEVER, NONE, Codes, IdentifierColumn, Normalization, Runner

if TYPE_CHECKING:
    import polars

    from enishi.explain import Explanation

SUPPORTS = {1: "name agrees", 2: "birth date agrees", 4: "postcode agrees"}
NO_VALUE = int(NONE)
Nodes = tuple[Codes, Codes, npt.NDArray[np.uint64]]  # of one field: value numbers, customer numbers, records


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

        tables = {"customers": self.customers, "identifiers": self.identifiers, "links": self.links}
        tables["evidence"] = self.evidence
        frames = {name: polars.from_arrow(table) for name, table in tables.items() if table is not None}
        return {name: frame for name, frame in frames.items() if isinstance(frame, polars.DataFrame)}


@dataclass(frozen=True, slots=True)
class Records:
    """The records that were read, in input order.

    Attributes
    ----------
    source : uint32 array
        The rank of each record's source.
    ids : pyarrow.Array or ChunkedArray
        In the type that is written.
    texts : pyarrow.LargeStringArray
        The ids as text.
    profile : uint32 array
    """

    source: Codes
    ids: pa.ChunkedArray
    texts: pa.Array
    profile: Codes


@dataclass(frozen=True, slots=True)
class Assembled:
    """The tables of a graph, the size of each customer, links by rule, and the identifier nodes by field."""

    customers: pa.Table
    identifiers: pa.Table | None
    links: pa.Table | None
    evidence: pa.Table | None
    sizes: npt.NDArray[np.int64]
    links_by_rule: dict[str, int]
    nodes: list[Nodes]


def assemble(
    normalized: Normalization,
    linked: Linked,
    records: Records,
    runner: Runner,
    outputs: Sequence[str],
    with_values: bool,
) -> Assembled:
    """Makes the tables that were asked for, side by side where the runner has threads."""
    of_record, _ = linked.linking.number_customers()
    ids = linked.linking.customer_ids()
    metadata = {b"enishi.key_algorithm": schema.KEY_ALGORITHM.encode()}
    sources = pa.array(normalized.source_names, pa.string())
    customers = pa.table(
        {
            "source": pa.DictionaryArray.from_arrays(pa.array(records.source, pa.int32()), sources),
            "record_id": records.ids,
            "customer_id": pa.array(ids[of_record]),
        },
        schema=schema.customers(records.ids.type),
    )
    nodes: list[Nodes] = []
    made: dict[str, pa.Table] = {}

    def make_identifiers() -> None:
        nodes.extend(linked.linking.nodes(number) for number in range(len(linked.identifiers)))
        if "identifiers" in outputs:
            made["identifiers"] = _identifiers(linked, nodes, ids, with_values).replace_schema_metadata(metadata)

    def make_links() -> None:
        made["links"] = _links(normalized, linked, records)

    def make_evidence() -> None:
        if "evidence" in outputs:
            made["evidence"] = _evidence(normalized, linked, records).replace_schema_metadata(metadata)

    for _ in runner.map(lambda make: make(), (make_evidence, make_identifiers, make_links)):
        pass
    # Counted even where no table wants them.
    by_rule = {each["values"]: each["counts"] for each in made["links"]["rule"].value_counts().to_pylist()}
    sizes = np.bincount(of_record, minlength=len(ids)).astype(np.int64)
    return Assembled(
        customers,
        made.get("identifiers"),
        made["links"] if "links" in outputs else None,
        made.get("evidence"),
        sizes,
        by_rule,
        nodes,
    )


def _keys(identifier: IdentifierColumn, numbers: Codes) -> pa.Array:
    keys = np.ascontiguousarray(identifier.values.keys()[numbers])
    return pa.FixedSizeBinaryArray.from_buffers(schema.KEY, len(numbers), [None, pa.py_buffer(keys)])


def _identifiers(
    linked: Linked,
    nodes: list[Nodes],
    ids: npt.NDArray[np.int64],
    with_values: bool,
) -> pa.Table:
    names = pa.array([identifier.declared.name for identifier in linked.identifiers], pa.string())
    wanted = schema.identifiers(with_values)
    parts = []
    for number, identifier in enumerate(linked.identifiers):
        values, customers, counts = nodes[number]
        generic = identifier.values.status()[values] == STATUSES.index("generic")
        owner = np.where(customers == NONE, 0, customers)
        columns: dict[str, Any] = {
            "customer_id": pa.array(ids[owner] if len(ids) else owner.astype(np.int64), mask=customers == NONE),
            "field": pa.DictionaryArray.from_arrays(pa.array(np.full(len(values), number, np.int32)), names),
            "key": _keys(identifier, values),
            "records": pa.array(counts.astype(np.int64)),
            "generic": pa.array(generic),
        }
        seen = identifier.values.seen()
        for i, name in enumerate(("first_seen", "last_seen")):
            moment = wanted.field(name).type
            if seen is None:
                columns[name] = pa.nulls(len(values), moment)
            else:
                unseen = seen[1][values] == NEVER
                columns[name] = pa.array(np.where(unseen, 0, seen[i][values]), mask=unseen).cast(moment)
        if with_values:
            columns["value"] = pa.array(identifier.values.texts(np.ascontiguousarray(values)), pa.string())
        parts.append(pa.table(columns, schema=wanted))
    table = pa.concat_tables(parts) if parts else wanted.empty_table()
    return table.combine_chunks()


def _states(linked: Linked, number: int) -> npt.NDArray[np.uint8]:
    """By value of a field, the index of its state in ``schema.STATES``."""
    status = linked.identifiers[number].values.status()
    found = linked.linking.found_links()
    states = np.where(linked.linking.contested(number), schema.STATES.index("contested"), 0).astype(np.uint8)
    states[status == STATUSES.index("generic")] = schema.STATES.index("generic")
    states[status == STATUSES.index("incomplete")] = schema.STATES.index("incomplete")
    # An incomplete value that was corrected links after all.
    near = found[(found[:, 0] == number) & (found[:, 1] == NONE)]
    states[near[:, 2]] = 0
    return states


def _evidence(normalized: Normalization, linked: Linked, records: Records) -> pa.Table:
    states = [_states(linked, number).tobytes() for number in range(len(linked.identifiers))]
    profile, number, state, keys = linked.linking.evidence(states)
    smallest = linked.linking.smallest_records()
    counts = normalized.profiles.counts().astype(np.int64)
    # Each profile's rows, on the first of its rows here.
    first = np.ones(len(profile), bool)
    first[1:] = profile[1:] != profile[:-1]
    carried = np.zeros(len(counts), bool)
    carried[profile] = True
    rows = linked.linking.rows_by_profile()[np.repeat(carried, counts)]
    offsets = np.zeros(len(profile) + 1, np.int64)
    np.cumsum(np.where(first, counts[profile], 0), out=offsets[1:])
    positions = pa.array(rows, pa.uint32())
    lists = pa.LargeListArray.from_arrays(pa.array(offsets), positions, schema.ROWS, mask=pa.array(~first))
    leading = smallest[profile]
    source = pa.DictionaryArray.from_arrays(
        pa.array(records.source[leading], pa.int32()), pa.array(normalized.source_names, pa.string())
    )
    names = pa.array([identifier.declared.name for identifier in linked.identifiers], pa.string())
    return pa.table(
        {
            "profile": pa.array(profile, pa.uint32()),
            "source": source,
            "record_id": records.ids.take(pa.array(leading)),
            "records": pa.array(counts[profile]),
            "field": pa.DictionaryArray.from_arrays(pa.array(number.astype(np.int32)), names),
            "key": pa.FixedSizeBinaryArray.from_buffers(schema.KEY, len(profile), [None, pa.py_buffer(keys)]),
            "state": pa.DictionaryArray.from_arrays(
                pa.array(state.astype(np.int32)), pa.array(schema.STATES, pa.string())
            ),
            "rows": lists,
        },
        schema=schema.evidence(records.ids.type),
    )


def _links(normalized: Normalization, linked: Linked, records: Records) -> pa.Table:
    wanted = schema.links(records.ids.type)
    found = linked.linking.found_links()
    if not len(found):
        return wanted.empty_table()
    carriers = _smallest_carriers(normalized, linked, records, found)
    smallest = linked.linking.smallest_records()
    left: list[int] = []
    right: list[int] = []
    rules: list[str] = []
    evidence: list[str] = []
    weights: list[float | None] = []
    matches = linked.matches

    def put(one: int, other: int, rule: str, why: str, weight: float | None = None) -> None:
        if _order(normalized, records, other) < _order(normalized, records, one):
            one, other = other, one
        left.append(one)
        right.append(other)
        rules.append(rule)
        evidence.append(why)
        weights.append(weight)

    own: dict[int, tuple[str, str, float | None]] = {}
    for number, rule, v, w, p, q, distance, support in found.tolist():
        if rule != NO_VALUE:
            text, why, weight = linked.rules[rule], f"{linked.rules[rule]} agree", None
            if matches is not None and rule == matches.rule:
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
        members = np.flatnonzero(np.isin(records.profile, np.fromiter(own, np.uint32, len(own))))
        for ordinal in members.tolist():
            p = int(records.profile[ordinal])
            if ordinal != smallest[p]:
                put(int(smallest[p]), ordinal, *own[p])
    names = np.array(normalized.source_names, object)
    table = pa.table(
        {
            "left_source": pa.array(names[records.source[left]], pa.string()),
            "left_record_id": records.ids.take(pa.array(left, pa.int64())),
            "right_source": pa.array(names[records.source[right]], pa.string()),
            "right_record_id": records.ids.take(pa.array(right, pa.int64())),
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


def _order(normalized: Normalization, records: Records, ordinal: int) -> tuple[int, bytes]:
    return int(records.source[ordinal]), records.texts[ordinal].as_buffer().to_pybytes()


def _smallest_carriers(
    normalized: Normalization, linked: Linked, records: Records, found: npt.NDArray[np.uint32]
) -> Mapping[tuple[int, int], int]:
    """By field and value of a near link, the smallest record that carries the value."""
    smallest = linked.linking.smallest_records()
    codes = normalized.profiles.codes()
    carriers: dict[tuple[int, int], int] = {}
    for number, identifier in enumerate(linked.identifiers):
        near = found[(found[:, 0] == number) & (found[:, 1] == NONE)]
        wanted = np.zeros(len(identifier.values) + 1, bool)
        wanted[near[:, 2:4].ravel()] = True
        for column in identifier.columns:
            values = codes[:, column]
            for p in np.flatnonzero(wanted[np.minimum(values, len(identifier.values))]).tolist():
                ordinal = int(smallest[p])
                known = carriers.setdefault((number, int(values[p])), ordinal)
                if known != ordinal and _order(normalized, records, ordinal) < _order(normalized, records, known):
                    carriers[number, int(values[p])] = ordinal
    return carriers
