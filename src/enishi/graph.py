"""Clusters -> the customer graph: customers, identifiers, links, and the evidence that explains them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from enishi import schema
from enishi._normalize import STATUSES
from enishi.arrow import call, numbers, ordered, take
from enishi.frozen import frozen
from enishi.limits import MUST_LINK
from enishi.link import Linked
from enishi.memory import RecordIds
from enishi.normalize import NEVER, NONE, Codes, IdentifierColumn, Normalization
from enishi.rows import as_text
from enishi.runner import Runner

if TYPE_CHECKING:
    import polars

    from enishi.explain import CustomerExplanation, Explanation
    from enishi.household import Homes, Households

SUPPORTS = {1: "name agrees", 2: "birth date agrees", 4: "postcode agrees"}
NO_VALUE = int(NONE)
BATCH_NODES, BATCH_PROFILES = 1 << 17, 1 << 15  # of a piece of the identifiers, of the evidence


@frozen
class CustomerGraph:
    """What a run found.

    Attributes
    ----------
    customers : pyarrow.Table
        source, record_id, customer_id and, where they were asked for, household_id: one row for every record, in input
        order.
    identifiers : pyarrow.Table or None
        customer_id, field, key, records, generic, first_seen, last_seen: one row for a value and a customer who carries
        it. A generic value belongs to nobody.
    links : pyarrow.Table or None
        Links that no shared identifier makes: misspelt identifiers, rules on attributes.
    refused : pyarrow.Table or None
        Links that something speaks for and that were not made, and why.
    evidence : pyarrow.Table or None
        Which record carries which identifier; what `explain` reads.
    summary : dict
        Counts, reasons, times: what summary.json holds.

    Tables that were not asked for (``outputs=``) are None.
    """

    customers: pa.Table
    identifiers: pa.Table | None
    links: pa.Table | None
    refused: pa.Table | None
    evidence: pa.Table | None
    summary: dict[str, Any]

    def __repr__(self) -> str:
        # Not the tables themselves: they may hold values of people, and go into notebooks and logs.
        made = ", ".join(self.tables())
        return f"CustomerGraph({self.summary['records']:,} records, {self.summary['customers']:,} customers; {made})"

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
        from enishi.lookup import MemoryTables

        return explain(MemoryTables(self.tables(), self.summary), left, right)

    def explain_customer(self, customer: int) -> CustomerExplanation:
        """What holds a customer together, and its weakest cut: what has to go for it to fall in two most easily.

        Parameters
        ----------
        customer : int
            Its id.

        Raises
        ------
        InputError
            There is no such customer, or the evidence was not kept.

        Examples
        --------
        >>> import enishi, pyarrow as pa
        >>> web = pa.table({"record_id": [1, 2], "email": ["a@shop.jp", "A@shop.jp"]})
        >>> graph = enishi.resolve(web)
        >>> found = graph.explain_customer(graph.customers["customer_id"][0].as_py())
        >>> found.sides, found.cut[0].by
        ((1, 1), 'email')
        """
        from enishi.explain import explain_customer
        from enishi.lookup import MemoryTables

        return explain_customer(MemoryTables(self.tables(), self.summary), customer)

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
        tables |= {"refused": self.refused, "evidence": self.evidence}
        return {name: table for name, table in tables.items() if table is not None}

    def streams(self) -> dict[str, Stream]:
        """The tables that were made, in pieces."""

        def stream(table: pa.Table) -> Stream:
            return Stream(table.schema, lambda: iter(table.to_batches(BATCH_NODES)))

        return {name: stream(table) for name, table in self.tables().items()}


@frozen
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


def graph_of(tables: Mapping[str, pa.Table], summary: dict[str, Any]) -> CustomerGraph:
    """The tables that were made, by name, as a graph."""
    return CustomerGraph(
        customers=tables["customers"],
        identifiers=tables.get("identifiers"),
        links=tables.get("links"),
        refused=tables.get("refused"),
        evidence=tables.get("evidence"),
        summary=summary,
    )


@frozen
class Resolved:
    """What a run found, with its tables still to be made."""

    tables: dict[str, Stream]
    summary: dict[str, Any]

    def graph(self, runner: Runner) -> CustomerGraph:
        """All of it in memory; the tables are made side by side where the runner has threads."""
        made = dict(zip(self.tables, runner.map(Stream.table, list(self.tables.values())), strict=True))
        return graph_of(made, self.summary)


@frozen
class Assembled:
    """The customers, and the tables that were asked for.

    Attributes
    ----------
    tables : dict
        By name.
    of_record : uint32 array
        By record, its customer's number.
    ids : int64 array
    sizes : uint32 array
        By customer, its id and how many records it has.
    links : pyarrow.Table
        Made even where no table wants them, for they are counted.
    refused : dict
        How many links were not made, by rule and reason.
    contested : uint32 array (n, 3)
        Field, value and customer for each contested, limited or recycled value and who carries it, in this order.
    households : Households or None
    """

    tables: dict[str, Stream]
    of_record: Codes
    ids: npt.NDArray[np.int64]
    sizes: Codes
    links: pa.Table
    refused: dict[str, dict[str, int]]
    contested: Codes
    households: Households | None


def assemble(
    normalized: Normalization,
    linked: Linked,
    record_ids: RecordIds,
    outputs: Sequence[str],
    with_values: bool,
    runner: Runner,
    homes: Homes | None = None,
) -> Assembled:
    """Names the customers, and makes ready the tables that were asked for."""
    if not with_values:
        normalized.drop_texts()
    links = _links(normalized, linked, record_ids)
    carriers = [linked.linking.contested_carriers(number) for number in range(len(linked.identifiers))]
    refused = linked.linking.refused_links()
    ends = _ends(linked, refused, linked.linking.smallest_records())
    carriers_told = {"identifiers", "evidence"} & set(outputs)
    if not carriers_told:
        # Nobody asks any more who carries what.
        normalized.drop()
    of_record = linked.linking.number_customers()
    tasks: list[Callable[[], Any]] = [
        lambda: linked.linking.customer_ids(record_ids.texts()),
        lambda: _contested(normalized, linked, carriers, of_record),
    ]
    (ids, smallest), contested = runner.map(lambda task: task(), tasks)
    households = None if homes is None else _households(linked, record_ids, homes, of_record, smallest, ids, contested)
    apart = of_record[ends[0]] != of_record[ends[1]]
    refused, ends = refused[apart], (ends[0][apart], ends[1][apart])
    if carriers_told:
        linked.linking.list_records()
    if "evidence" in outputs:
        normalized.fill_columns()
    metadata = {b"enishi.key_algorithm": schema.KEY_ALGORITHM.encode()}
    tables = {
        "customers": Stream(
            schema.customers(record_ids.type, homes is not None),
            lambda: _customers(normalized, linked, record_ids, ids, of_record, households),
        ),
        "identifiers": Stream(
            schema.identifiers(with_values).with_metadata(metadata), lambda: _identifiers(linked, ids, with_values)
        ),
        "links": Stream(links.schema, lambda: iter(links.to_batches())),
        "refused": Stream(
            schema.refused(record_ids.type),
            lambda: iter(_refused(normalized, linked, record_ids, refused, ends).to_batches()),
        ),
        "evidence": Stream(schema.EVIDENCE.with_metadata(metadata), lambda: _evidence(normalized, linked)),
    }
    return Assembled(
        tables={name: table for name, table in tables.items() if name == "customers" or name in outputs},
        of_record=of_record,
        ids=ids,
        sizes=linked.linking.customer_sizes(),
        links=links,
        refused=_refusals(linked, refused),
        contested=contested,
        households=households,
    )


def _contested(normalized: Normalization, linked: Linked, carriers: Sequence[Codes], of_record: Codes) -> Codes:
    """Field, value and customer for each contested, limited or recycled value and who carries it, each once."""
    profile = normalized.profiles.of_record()
    found = [np.zeros((0, 3), np.uint32)]
    for number, carried in enumerate(carriers):
        if not len(carried):
            continue
        # Equal records may be customers of their own, so each record of a profile is asked.
        held = np.zeros(len(normalized.profiles), bool)
        held[carried[:, 1]] = True
        rows = np.flatnonzero(held[profile])
        rows = rows[np.argsort(profile[rows], kind="stable")]
        first, end = (np.searchsorted(profile[rows], carried[:, 1], side) for side in ("left", "right"))
        size = end - first
        at = np.repeat(first - np.cumsum(size) + size, size) + np.arange(int(size.sum()))
        values = np.repeat(carried[:, 0], size)
        pairs = values.astype(np.uint64) << np.uint64(32) | of_record[rows[at]]
        pairs = pairs[np.unique(pairs, return_index=True)[1]]
        columns = np.full(len(pairs), number, np.uint64), pairs >> np.uint64(32), pairs & np.uint64(NO_VALUE)
        found.append(np.column_stack(columns).astype(np.uint32))
    return np.concatenate(found)


def _households(
    linked: Linked,
    record_ids: RecordIds,
    homes: Homes,
    of_record: Codes,
    smallest: Codes,
    ids: npt.NDArray[np.int64],
    contested: Codes,
) -> Households:
    ordinals = smallest.astype(np.int64)
    names = {
        "source": linked.linking.sources_of(ordinals),
        "record_id": as_text(record_ids.take(smallest)),
        "customer_id": ids,
    }
    return homes.find(of_record, pa.table(names), contested)


def _customers(
    normalized: Normalization,
    linked: Linked,
    record_ids: RecordIds,
    ids: npt.NDArray[np.int64],
    of_record: Codes,
    households: Households | None,
) -> Iterator[pa.RecordBatch]:
    names = pa.array(normalized.source_names, pa.string())
    wanted = schema.customers(record_ids.type, households is not None)
    start = 0
    for chunk in record_ids.chunks():
        rows = slice(start, start + len(chunk))
        sources = linked.linking.sources(rows.start, rows.stop)
        customer = of_record[rows]
        columns = [pa.DictionaryArray.from_arrays(numbers(sources), names), chunk, numbers(ids[customer])]
        if households is not None:
            columns.append(_known(households.of_customer[customer], households.known[customer], pa.int64()))
        yield pa.RecordBatch.from_arrays(columns, schema=wanted)
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
        generic = identifier.values.status() == STATUSES.index("generic")
        for value, customer, records, seen in _nodes(linked, number):
            owned = customer != NONE
            owner = ids[np.where(owned, customer, 0)]
            first, last = identifier.values.seen(value) if seen is None else seen.T
            columns = [
                _known(owner, owned, pa.int64()),
                pa.DictionaryArray.from_arrays(numbers(np.full(len(value), number, np.int32)), names),
                _keys(identifier.values.keys(value)),
                numbers(records.view(np.int64)),
                numbers(generic[value]),
                _known(np.ascontiguousarray(first), last != NEVER, wanted.field("first_seen").type),
                _known(np.ascontiguousarray(last), last != NEVER, wanted.field("last_seen").type),
            ]
            if with_values:
                columns.append(pa.array(identifier.values.texts(value), pa.string()))
            yield pa.RecordBatch.from_arrays(columns, schema=wanted)


def _nodes(linked: Linked, number: int) -> Iterator[tuple[Any, Any, Any, Any]]:
    """The nodes of a field in pieces: those of one customer or of nobody, then others, with times of their own."""
    values = len(linked.identifiers[number].values)
    for start in range(0, values, BATCH_NODES):
        yield *linked.linking.nodes(number, start, min(start + BATCH_NODES, values)), None
    value, customer, records, seen = linked.linking.split_nodes(number)
    for start in range(0, len(value), BATCH_NODES):
        piece = slice(start, start + BATCH_NODES)
        yield value[piece], customer[piece], records[piece], seen[piece]


def value_states(linked: Linked) -> list[bytes]:
    """By field and value, the index of its state in ``schema.STATES``."""
    return [_states(linked, number).tobytes() for number in range(len(linked.identifiers))]


def _states(linked: Linked, number: int) -> npt.NDArray[np.uint8]:
    """By value of a field, the index of its state in ``schema.STATES``."""
    status = linked.identifiers[number].values.status()
    found = linked.linking.found_links()
    joined = np.array([schema.STATES.index(state) for state in schema.HOLDING], np.uint8)
    states = joined[linked.linking.holding(number)]
    states[status == STATUSES.index("generic")] = schema.STATES.index("generic")
    states[status == STATUSES.index("incomplete")] = schema.STATES.index("incomplete")
    # An incomplete value that was corrected links after all.
    near = found[(found[:, 0] == number) & (found[:, 1] == NONE)]
    states[near[:, 2]] = 0
    return states


def _evidence(normalized: Normalization, linked: Linked) -> Iterator[pa.RecordBatch]:
    states = value_states(linked)
    profiles = len(normalized.profiles)
    for start in range(0, profiles, BATCH_PROFILES):
        yield evidence_of(linked, states, start, min(start + BATCH_PROFILES, profiles))


def evidence_of(linked: Linked, states: list[bytes], start: int, stop: int) -> pa.RecordBatch:
    """Which of some profiles carries which value, and what becomes of it."""
    profile, number, state, keys, offsets, first, rows = linked.linking.evidence(states, start, stop)
    names = pa.array([identifier.declared.name for identifier in linked.identifiers], pa.string())
    buffers = [pa.py_buffer(first), pa.py_buffer(offsets)]
    columns = [
        numbers(profile),
        pa.DictionaryArray.from_arrays(numbers(number), names),
        _keys(keys),
        pa.DictionaryArray.from_arrays(numbers(state), pa.array(schema.STATES, pa.string())),
        pa.Array.from_buffers(schema.ROWS, len(profile), buffers, children=[numbers(rows)]),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema.EVIDENCE)


def _links(normalized: Normalization, linked: Linked, record_ids: RecordIds) -> pa.Table:
    """The links that were made; those that hold a profile's own records together, one for each of them."""
    found = linked.linking.found_links()
    smallest = linked.linking.smallest_records()
    at = np.flatnonzero((found[:, 1] == NONE) | (found[:, 4] != found[:, 5]))
    left, right = _ends(linked, found[at], smallest)
    loops = np.flatnonzero((found[:, 1] != NONE) & (found[:, 4] == found[:, 5]))
    if len(loops):
        held = np.zeros(len(smallest), bool)
        held[found[loops, 4]] = True
        profile = normalized.profiles.of_record()
        members = np.flatnonzero(held[profile])
        members = members[members != smallest[profile[members]]]
        of_members = profile[members]
        loops = loops[np.argsort(found[loops, 4])]
        at = np.concatenate([at, loops[np.searchsorted(found[loops, 4], of_members)]])
        left, right = np.concatenate([left, smallest[of_members]]), np.concatenate([right, members])
    return _pairs(normalized, linked, record_ids, found[at], left, right, schema.links(record_ids.type))


def _refused(
    normalized: Normalization,
    linked: Linked,
    record_ids: RecordIds,
    refused: Codes,
    ends: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]],
) -> pa.Table:
    """The links that were not made, and whose ends nothing else has made one customer."""
    reasons = take(pa.array(schema.REFUSALS, pa.string()), refused[:, 8])
    return _pairs(normalized, linked, record_ids, refused, *ends, schema.refused(record_ids.type), reasons)


def _refusals(linked: Linked, refused: Codes) -> dict[str, dict[str, int]]:
    """How many links were not made, by rule and reason; there may be many more than anybody wants to read."""
    rules, _, of_way = _ways(linked, refused)
    counts: dict[str, dict[str, int]] = {rule: {} for rule in sorted(rules)}
    for way, rule in enumerate(rules):
        for reason, links in enumerate(np.bincount(refused[of_way == way, 8]).tolist()):
            if links:
                name = schema.REFUSALS[reason]
                counts[rule][name] = counts[rule].get(name, 0) + links
    return {rule: dict(sorted(reasons.items())) for rule, reasons in counts.items()}


def _ends(linked: Linked, found: Codes, smallest: Codes) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The records that links stand between: the smallest of each profile, or of all that carry a near value."""
    ends = smallest[found[:, 4:6]].astype(np.int64).reshape(-1, 2)
    near = found[:, 1] == NONE
    for number in np.flatnonzero(np.bincount(found[near, 0])).tolist():
        mine = np.flatnonzero(near & (found[:, 0] == number))
        values, at = np.unique(found[mine, 2:4], return_inverse=True)
        at = at.reshape(-1, 2)
        carriers = linked.linking.smallest_carriers(number, values.tolist())
        status = linked.identifiers[number].values.status()
        # A correction is one for each profile that carries the incomplete value.
        whole = status[found[mine, 2]] != STATUSES.index("incomplete")
        ends[mine[whole], 0] = carriers[at[whole, 0]]
        ends[mine, 1] = carriers[at[:, 1]]
    return ends[:, 0].copy(), ends[:, 1].copy()


def _pairs(
    normalized: Normalization,
    linked: Linked,
    record_ids: RecordIds,
    found: Codes,
    left: npt.NDArray[np.int64],
    right: npt.NDArray[np.int64],
    wanted: pa.Schema,
    reasons: pa.Array | None = None,
) -> pa.Table:
    """Links between records as a table; the left record is the smaller one."""
    if not len(found):
        return wanted.empty_table()
    ranks = [linked.linking.sources_of(ends) for ends in (left, right)]
    both = record_ids.take(np.concatenate([left, right]).astype(np.uint32))
    ids = [both[: len(left)], both[len(left) :]]
    behind = np.asarray(call("greater", *(as_text(each) for each in ids)).to_numpy(zero_copy_only=False), bool)
    swapped = numbers(np.where(ranks[0] == ranks[1], behind, ranks[0] > ranks[1]))
    names = pa.array(normalized.source_names, pa.string())
    sources = [take(names, each) for each in ranks]
    sides = [call("if_else", swapped, *pair) for pair in (sources[::-1], ids[::-1], sources, ids)]
    columns = [*sides, *_described(linked, found), *([] if reasons is None else [reasons])]
    table = pa.Table.from_arrays(columns, schema=wanted)
    return ordered(table, [name for name in wanted.names if name != "match_weight"])


def _described(linked: Linked, found: Codes) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Rule, match weight and evidence of links."""
    matches = linked.matches
    rules, evidence, of_way = _ways(linked, found)
    texts = take(pa.array(evidence, pa.string()), of_way)
    weights = pa.nulls(len(found), pa.float64())
    if matches is not None:
        by_weight = found[:, 1] == matches.rule
        pairs, mask = found[by_weight, 2], numbers(by_weight)
        texts = call("replace_with_mask", texts, mask, matches.evidence(pairs))
        weights = call("replace_with_mask", weights, mask, numbers(matches.weights[pairs]))
    if len(linked.must_rows):
        declared = found[:, 1] == linked.rules.index(MUST_LINK)
        rows = linked.must_rows[found[declared, 2]].tolist()
        told = pa.array([f"declared in row {row} of the {MUST_LINK} table" for row in rows], pa.string())
        texts = call("replace_with_mask", texts, numbers(declared), told)
    return take(pa.array(rules, pa.string()), of_way), weights, texts


def _ways(linked: Linked, found: Codes) -> tuple[list[str], list[str], npt.NDArray[np.int64]]:
    """The few ways in which links differ: the rule and the evidence of each; and by link, its way."""
    corrected = np.zeros(len(found), np.uint32)
    near = found[:, 1] == NONE
    for number in np.flatnonzero(np.bincount(found[near, 0])).tolist():
        mine = near & (found[:, 0] == number)
        status = linked.identifiers[number].values.status()
        corrected[mine] = status[found[mine, 2]] == STATUSES.index("incomplete")
    # Rule (NONE: a near value), field, distance, support and correction make one number.
    way = found[:, 1].astype(np.int64) << 24 | found[:, 0] << 16 | found[:, 6] << 8 | found[:, 7] << 1 | corrected
    _, first, of_way = np.unique(way, return_index=True, return_inverse=True)
    rules, evidence = [], []
    for at in first.tolist():
        number, rule, *_, distance, support = found[at].tolist()[:8]
        if rule == NO_VALUE:
            name, why = _near_rule(linked.identifiers[number], distance, bool(corrected[at]))
            rules.append(name)
            evidence.append("; ".join([why, *(text for bit, text in SUPPORTS.items() if support & bit)]))
        else:
            rules.append(linked.rules[rule])
            evidence.append(f"{linked.rules[rule]} agree")
    return rules, evidence, of_way


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
