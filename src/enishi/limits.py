"""What a customer may not be, as declared: pairs of records that are, or are not, one customer, and unique sources.

Tables of pairs name records by source and record id. What can be wrong with a table itself is said before anything is
read, an unknown record or a contradiction before anything is linked; messages name a table's rows, never what stands
in them.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from enishi._tables import hash_records
from enishi.errors import InputError, did_you_mean
from enishi.frozen import frozen
from enishi.model import Model
from enishi.rows import as_text, without_views

if TYPE_CHECKING:
    from enishi.memory import RecordIds
    from enishi.normalize import Codes, Normalization

Ordinals = npt.NDArray[np.int64]

MUST_LINK, CANNOT_LINK = "must-link", "cannot-link"
SIDES = ("left", "right")
COLUMNS = tuple(f"{side}_{what}" for side in SIDES for what in ("source", "record_id"))
SHOWN = 8  # must-links of a path, in an error
_YES, _NO = frozenset({"1", "true", "t", "yes", "y"}), frozenset({"0", "false", "f", "no", "n"})


@frozen
class Pairs:
    """Pairs of records that a table names.

    Attributes
    ----------
    name : str
        What the table is called in messages and results.
    rows : int64 array
        By pair, the row of the table, from 1.
    sources : tuple of pyarrow.Array
        By side, the sources' names.
    ids : tuple of pyarrow.Array
        By side, the record ids as text.
    """

    name: str
    rows: Ordinals
    sources: tuple[pa.Array, pa.Array]
    ids: tuple[pa.Array, pa.Array]

    def __len__(self) -> int:
        return len(self.rows)

    def place(self, row: int) -> str:
        return f"{self.name} table, row {row}"


@frozen
class Declared:
    """What is declared beside the limits of fields.

    Attributes
    ----------
    unique : frozenset of str
        The sources that are free of duplicates.
    must, cannot : Pairs
    """

    unique: frozenset[str]
    must: Pairs
    cannot: Pairs

    def any(self) -> bool:
        return len(self.unique) > 0 or len(self.must) > 0 or len(self.cannot) > 0


@frozen
class Constraints:
    """What is declared, in the numbers of a run.

    Attributes
    ----------
    unique : list of bool
        By rank of the source.
    must, cannot : uint32 array (n, 2)
        Pairs of profiles, each of one record.
    twins : uint32 array (n, 2)
        Profiles that such a record got for itself, and those that it was part of.
    must_rows : int64 array
        By must-link, its row in the table.
    """

    unique: list[bool]
    must: Codes
    cannot: Codes
    twins: Codes
    must_rows: Ordinals

    def any(self) -> bool:
        return any(self.unique) or len(self.must) > 0 or len(self.cannot) > 0


def read_pairs(path: str | os.PathLike[str]) -> pa.Table:
    """A table of pairs of records from a file."""
    from pathlib import Path

    from enishi.formats import read_columns

    return read_columns(Path(path), COLUMNS, "match")


def declare(model: Model, sources: Sequence[str], must: Any, cannot: Any, link_only: bool) -> Declared:
    """What the model and the options of a run declare, checked as far as it can be before records are read.

    Parameters
    ----------
    model : Model
    sources : sequence of str
        The names of the inputs.
    must, cannot : Arrow data, path or None
        Tables of pairs; None: the files that the model names.
    link_only : bool
        Every source is unique.

    Raises
    ------
    InputError
        A table cannot be read, or names a source that is not there.

    Examples
    --------
    >>> pairs = {"left_source": ["web"], "left_record_id": [7], "right_source": ["app"], "right_record_id": [1]}
    >>> found = declare(Model(), ["web", "app"], pa.table(pairs), None, link_only=True)
    >>> len(found.must), len(found.cannot), sorted(found.unique)
    (1, 0, ['app', 'web'])
    """
    unique = sources if link_only else [source.name for source in model.sources if source.unique]
    return Declared(
        frozenset(unique),
        _pairs(MUST_LINK, model.must_link if must is None else must, sources, meant=_YES),
        _pairs(CANNOT_LINK, model.cannot_link if cannot is None else cannot, sources, meant=_NO),
    )


def constrain(declared: Declared, normalized: Normalization, ids: RecordIds, read: Mapping[str, int]) -> Constraints:
    """Finds the records that the tables name, and gives each a profile of its own.

    Parameters
    ----------
    declared : Declared
    normalized : Normalization
        After all batches.
    ids : RecordIds
    read : mapping of str to int
        By source, in input order, how many records there are.

    Raises
    ------
    InputError
        There is no record of a name, or what must be linked must not.
    """
    unique = [name in declared.unique for name in normalized.source_names]
    if not len(declared.must) and not len(declared.cannot):
        none = np.zeros((0, 2), np.uint32)
        return Constraints(unique, none, none, none, np.zeros(0, np.int64))
    must, cannot = (_find(pairs, ids, read) for pairs in (declared.must, declared.cannot))
    _check(declared, must, cannot, read)
    twins = normalized.profiles.split(np.unique(np.concatenate([must, cannot])))
    _order_again(normalized, ids, read)
    for identifier in normalized.identifiers.values():
        identifier.values.carry_more(normalized.profiles, identifier.columns, np.ascontiguousarray(twins[:, 0]))
    ends = np.sort(must, axis=1)
    _, first = np.unique(ends, axis=0, return_index=True)
    kept = np.sort(first[ends[first, 0] != ends[first, 1]])
    profile, rows = normalized.profiles.of_record(), declared.must.rows[kept]
    return Constraints(unique, profile[must[kept]], profile[cannot], twins, rows)


def _order_again(normalized: Normalization, ids: RecordIds, read: Mapping[str, int]) -> None:
    """Orders the records once more: those that were split off stand where they do themselves."""
    normalized.profiles.forget_order()
    ends = np.cumsum(list(read.values()))
    names, start = list(read), 0
    for texts in ids.texts():
        # A batch of ids is of one source.
        source = names[int(np.searchsorted(ends, start, side="right"))]
        normalized.profiles.order(hash_records(source, texts))
        start += len(texts)


def _pairs(name: str, given: Any, sources: Sequence[str], meant: frozenset[str]) -> Pairs:
    """The pairs of a table whose column ``match``, where there is one, says what is meant."""
    if given is None:
        none = pa.array([], pa.large_string())
        return Pairs(name, np.zeros(0, np.int64), (none, none), (none, none))
    # Imported when it is first needed: it takes as long as a small run.
    import pyarrow.compute as pc

    table = read_pairs(given) if isinstance(given, str | os.PathLike) else _table(name, given)
    rows = np.arange(1, len(table) + 1)
    columns = {column: _texts(table[column]) for column in (*COLUMNS, "match") if column in table.column_names}
    if "match" in columns:
        said = pc.utf8_lower(columns["match"])
        known = pc.is_in(said, pa.array(sorted(_YES | _NO), pa.large_string()))
        _expect(known, f"{name} table", "match is neither true nor false")
        kept = pc.is_in(said, pa.array(sorted(meant), pa.large_string()))
        rows = rows[_bits(kept)]
        columns = {column: array.filter(kept) for column, array in columns.items()}
    pairs = Pairs(
        name,
        rows.astype(np.int64),
        (columns["left_source"], columns["right_source"]),
        (columns["left_record_id"], columns["right_record_id"]),
    )
    names = pa.array(sources, pa.large_string())
    for side, each in zip(SIDES, pairs.sources, strict=True):
        for row in rows[~_bits(pc.is_in(each, names))]:
            raise InputError(
                f"{pairs.place(row)}: its {side} source is not among the inputs; known: {', '.join(sorted(sources))}"
            )
    return pairs


def _table(name: str, given: Any) -> pa.Table:
    """Arrow data as a table with the columns of pairs."""
    if not (hasattr(given, "__arrow_c_stream__") or hasattr(given, "__arrow_c_array__")):
        raise InputError(f"the {name} table is {type(given).__name__}: neither a path nor anything that speaks Arrow")
    try:
        table = pa.table(given)
    except (pa.ArrowException, OSError, TypeError, ValueError):
        raise InputError(f"the {name} table is no table: it has no columns with names") from None
    for column in COLUMNS:
        if table.column_names.count(column) != 1:
            near = did_you_mean(column, table.column_names)
            raise InputError(f"the {name} table needs one column {column!r}{near}")
    return table


def _texts(column: pa.ChunkedArray) -> pa.Array:
    """A column, of whatever type, as one array of text; text that is not UTF-8 is null: no record has it."""
    whole = without_views(as_text(column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)))
    try:
        texts = whole.cast(pa.large_string())
        texts.validate(full=True)
    except pa.ArrowInvalid:
        raw = whole.view(pa.large_binary() if pa.types.is_large_string(whole.type) else pa.binary())
        texts = pa.array([_decoded(value) for value in raw.to_pylist()], pa.large_string())
    return texts


def _decoded(value: bytes | None) -> str | None:
    try:
        return None if value is None else value.decode()
    except UnicodeDecodeError:
        return None


def _expect(known: pa.Array, place: str, problem: str) -> None:
    """Complains about the first row where something is not as it has to be."""
    wrong = np.flatnonzero(~_bits(known))
    if len(wrong):
        more = f" (nor in {len(wrong) - 1:,} others)" if len(wrong) > 1 else ""
        raise InputError(f"{place}, row {wrong[0] + 1}: {problem}{more}")


def _find(pairs: Pairs, ids: RecordIds, read: Mapping[str, int]) -> Ordinals:
    """The ordinals of the records that pairs name, (n, 2)."""
    import pyarrow.compute as pc

    found = np.full((len(pairs), 2), -1, np.int64)
    named = {source: [_bits(pc.equal(each, source)) for each in pairs.sources] for source in read}
    wanted: dict[str, pa.Array] = {}  # by source, the distinct ids
    ordinals: dict[str, Ordinals] = {}  # of those, and of one that is not there
    for source, sides in named.items():
        texts = pa.chunked_array([each.filter(pa.array(mine)) for each, mine in zip(pairs.ids, sides, strict=True)])
        if len(texts):
            wanted[source] = pc.unique(texts).drop_null()
            ordinals[source] = np.full(len(wanted[source]) + 1, -1, np.int64)
    for source, start, texts in _by_source(ids, read) if wanted else ():
        if source in wanted:
            at = pc.index_in(_texts(pa.chunked_array([texts])), value_set=wanted[source])
            ordinals[source][at.drop_null().to_numpy()] = start + np.flatnonzero(_bits(at.is_valid()))
    for source, distinct in wanted.items():
        for side, mine in enumerate(named[source]):
            at = pc.index_in(pairs.ids[side].filter(pa.array(mine)), value_set=distinct)
            found[mine, side] = ordinals[source][at.fill_null(len(distinct)).to_numpy()]
    for pair, side in np.argwhere(found < 0)[:1]:
        raise InputError(f"{pairs.place(pairs.rows[pair])}: there is no record of its {SIDES[side]}_record_id")
    return found


def _by_source(ids: RecordIds, read: Mapping[str, int]) -> Iterator[tuple[str, int, pa.Array]]:
    """The record ids as text, batch by batch, each with its source and the ordinal of its first record."""
    names, ends = list(read), np.cumsum(list(read.values()))
    start = 0
    for texts in ids.texts():
        if len(texts):
            yield names[int(np.searchsorted(ends, start, side="right"))], start, texts
        start += len(texts)


def _bits(flags: pa.Array) -> npt.NDArray[np.bool_]:
    """Truth values as NumPy has them; null is false."""
    return np.asarray(flags.fill_null(False).to_numpy(zero_copy_only=False), bool)


def _check(declared: Declared, must: Ordinals, cannot: Ordinals, read: Mapping[str, int]) -> None:
    """Raises where must-links join what may not be one customer."""
    ends = np.cumsum(list(read.values()))
    names = list(read)

    def source(record: int) -> str:
        return names[int(np.searchsorted(ends, record, side="right"))]

    joined = _joined(must.tolist())
    for row, (left, right) in zip(declared.cannot.rows.tolist(), cannot.tolist(), strict=True):
        place = declared.cannot.place(row)
        if left == right:
            raise InputError(f"{place} keeps a record apart from itself; take the row out")
        if left in joined and joined[left] == joined.get(right):
            path = _path(left, right, declared.must, must, source)
            raise InputError(f"{place} keeps apart two records that must-links join: {path}; take one of the rows out")
    first: dict[tuple[int, str], int] = {}
    for record, group in joined.items() if declared.unique else ():
        name = source(record)
        other = first.setdefault((group, name), record)
        if name in declared.unique and other != record:
            path = _path(other, record, declared.must, must, source)
            raise InputError(
                f"source '{name}' is unique, but must-links join two of its records: {path}; take one of the rows out, "
                "or let the source hold duplicates"
            )


def _joined(pairs: Iterable[Sequence[int]]) -> dict[int, int]:
    """By record, one record of those that pairs join it with."""
    parent: dict[int, int] = {}

    def find(record: int) -> int:
        while parent.setdefault(record, record) != record:
            parent[record] = record = parent[parent[record]]
        return record

    for left, right in pairs:
        parent[find(right)] = find(left)
    return {record: find(record) for record in list(parent)}


def _path(left: int, right: int, pairs: Pairs, must: Ordinals, source: Any) -> str:
    """The shortest way from one record to another over must-links, by the rows of their table."""
    steps: dict[int, list[tuple[int, int]]] = {}
    for row, (one, other) in zip(pairs.rows.tolist(), must.tolist(), strict=True):
        steps.setdefault(one, []).append((other, row))
        steps.setdefault(other, []).append((one, row))
    before: dict[int, tuple[int, int]] = {}
    queue = deque([left])
    while right not in before:
        record = queue.popleft()
        for other, row in steps[record]:
            if other != left and other not in before:
                before[other] = (record, row)
                queue.append(other)
    path = list(_back(right, left, before))[::-1]
    shown = [f"row {row} ({source(one)} – {source(other)})" for one, other, row in path[:SHOWN]]
    more = f" and {len(path) - SHOWN:,} more" if len(path) > SHOWN else ""
    return f"{pairs.name} table, {', '.join(shown)}{more}"


def _back(record: int, start: int, before: Mapping[int, tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
    while record != start:
        previous, row = before[record]
        yield previous, record, row
        record = previous
