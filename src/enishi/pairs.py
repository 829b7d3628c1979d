"""Tables of pairs of records: must-links, cannot-links, labels.

They name records by source and record id. Messages name a table's rows, never what stands in them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from enishi.errors import InputError, did_you_mean
from enishi.frozen import frozen
from enishi.rows import as_text, is_readable, without_views

if TYPE_CHECKING:
    from enishi.memory import RecordIds

Ordinals = npt.NDArray[np.int64]

SIDES = ("left", "right")
COLUMNS = tuple(f"{side}_{what}" for side in SIDES for what in ("source", "record_id"))
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


def read_pairs(path: str | os.PathLike[str]) -> pa.Table:
    """A table of pairs of records from a file."""
    from pathlib import Path

    from enishi.formats import read_columns

    return read_columns(Path(path), COLUMNS, "match")


def named_pairs(name: str, given: Any, sources: Sequence[str], *, match: bool) -> Pairs:
    """The pairs of a table, checked as far as it can be before records are read.

    Parameters
    ----------
    name : str
        What the table is called in messages and results.
    given : Arrow data, path or None
        left_source, left_record_id, right_source, right_record_id and, where it holds both kinds, match.
    sources : sequence of str
        The names of the inputs.
    match : bool
        Whether those are wanted whose column ``match`` says so, or those where it denies it.

    Raises
    ------
    InputError
        The table cannot be read, or names a source that is not there.
    """
    if given is None:
        none = pa.array([], pa.large_string())
        return Pairs(name, np.zeros(0, np.int64), (none, none), (none, none))
    # Imported when it is first needed: it takes as long as a small run.
    import pyarrow.compute as pc

    table = read_pairs(given) if isinstance(given, str | os.PathLike) else _table(name, given)
    rows = np.arange(1, len(table) + 1)
    there = [column for column in (*COLUMNS, "match") if column in table.column_names]
    for column in there:
        if not is_readable(table[column].type):
            raise InputError(f"the {name} table's column '{column}' is {table[column].type}; make it text")
    columns = {column: _texts(table[column]) for column in there}
    if "match" in columns:
        said = pc.utf8_lower(columns["match"])
        known = pc.is_in(said, pa.array(sorted(_YES | _NO), pa.large_string()))
        _expect(known, f"{name} table", "match is neither true nor false")
        kept = pc.is_in(said, pa.array(sorted(_YES if match else _NO), pa.large_string()))
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


def find_records(pairs: Pairs, ids: RecordIds, read: Mapping[str, int]) -> Ordinals:
    """The ordinals of the records that pairs name, (n, 2).

    Parameters
    ----------
    pairs : Pairs
    ids : RecordIds
        Of all records; they are read once, batch by batch.
    read : mapping of str to int
        By source, in input order, how many records there are.

    Raises
    ------
    InputError
        There is no record of a name.
    """
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


def _table(name: str, given: Any) -> pa.Table:
    """Arrow data as a table with the columns of pairs."""
    if not (hasattr(given, "__arrow_c_stream__") or hasattr(given, "__arrow_c_array__")):
        raise InputError(f"the {name} table is {type(given).__name__}: neither a path nor anything that speaks Arrow")
    try:
        table = pa.table(given)
    except (pa.ArrowException, OSError, TypeError, ValueError):
        raise InputError(f"the {name} table is no table: it has no columns with names") from None
    for column in (*COLUMNS, "match"):
        times = table.column_names.count(column)
        if times > 1 or (not times and column in COLUMNS):
            near = "" if times else did_you_mean(column, table.column_names)
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


__all__ = ["Ordinals", "Pairs", "find_records", "named_pairs", "read_pairs"]
