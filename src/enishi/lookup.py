"""Rows of a graph's tables by what they hold, without reading what holds something else.

A table in memory is looked through whole. Of a Parquet file only the row groups are read whose statistics leave room
for a wanted value, and of these first the columns that decide; so a question about two records of ten million costs a
few row groups and one pass over a column of numbers.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from enishi import schema
from enishi.errors import InputError
from enishi.frozen import frozen

Rows = npt.NDArray[np.int64]


class Tables(Protocol):
    """A graph's tables, wherever they stand."""

    @property
    def summary(self) -> Mapping[str, Any]: ...

    def has(self, name: str) -> bool:
        """Whether the run made the table."""
        ...

    def schema(self, name: str) -> pa.Schema: ...

    def select(self, name: str, wanted: Mapping[str, pa.Array], columns: Sequence[str]) -> tuple[Rows, pa.Table]:
        """The rows of a table that hold, in each column of ``wanted``, one of its values (in a list: at least one).

        Returns
        -------
        rows : int64 array
            Their positions.
        table : pyarrow.Table
            Their ``columns``.
        """
        ...


@frozen
class MemoryTables:
    """Tables that stand in memory.

    Examples
    --------
    >>> people = pa.table({"customer_id": [7, 8, 7]})
    >>> MemoryTables({"customers": people}, {}).select("customers", {"customer_id": pa.array([7])}, [])[0].tolist()
    [0, 2]
    """

    tables: Mapping[str, pa.Table]
    summary: Mapping[str, Any]

    def has(self, name: str) -> bool:
        return name in self.tables

    def schema(self, name: str) -> pa.Schema:
        return self.tables[name].schema

    def select(self, name: str, wanted: Mapping[str, pa.Array], columns: Sequence[str]) -> tuple[Rows, pa.Table]:
        table = self.tables[name]
        rows = _matching({column: table[column] for column in wanted}, wanted)
        return rows, table.select(list(columns)).take(pa.array(rows))


class ParquetTables:
    """The tables that a run wrote.

    Parameters
    ----------
    directory : path

    Raises
    ------
    InputError
        The directory does not hold the files of a run.
    """

    def __init__(self, directory: str | os.PathLike[str]) -> None:
        import pyarrow.parquet as pq

        path = self._path = Path(directory)
        try:
            self.summary: Mapping[str, Any] = json.loads((path / "summary.json").read_text(encoding="utf-8"))
            self._files = {file.stem: pq.ParquetFile(file, memory_map=True) for file in path.glob("*.parquet")}
            self._files["customers"]
        except (OSError, ValueError, KeyError, RecursionError) as error:
            raise InputError(schema.no_output(path)) from error
        schema.check_run(path, self.summary, {name: file.schema_arrow for name, file in self._files.items()})

    def has(self, name: str) -> bool:
        return name in self._files

    def schema(self, name: str) -> pa.Schema:
        return self._files[name].schema_arrow

    def select(self, name: str, wanted: Mapping[str, pa.Array], columns: Sequence[str]) -> tuple[Rows, pa.Table]:
        file = self._files[name]
        positions: list[Rows] = [np.zeros(0, np.int64)]
        found: list[pa.Table] = []
        for group, start in self._groups(name, wanted):
            read = self._read(name, group, list(wanted))
            rows = _matching({column: read[column] for column in wanted}, wanted)
            if len(rows):
                positions.append(rows + start)
                found.append(self._read(name, group, list(columns)).take(pa.array(rows)))
        schema = pa.schema([file.schema_arrow.field(column) for column in columns])
        table = pa.concat_tables(found).unify_dictionaries() if found else schema.empty_table()
        return np.concatenate(positions), table

    def _read(self, name: str, group: int, columns: list[str]) -> pa.Table:
        try:
            return self._files[name].read_row_group(group, columns, use_threads=False)
        except (OSError, pa.ArrowException) as error:
            raise InputError(schema.no_output(self._path, name)) from error

    def _groups(self, name: str, wanted: Mapping[str, pa.Array]) -> Iterator[tuple[int, int]]:
        """The row groups that may hold what is wanted, and where each begins."""
        file = self._files[name]
        leaves = [file.schema.column(i).path.split(".")[0] for i in range(len(file.schema))]
        ordered = {
            leaves.index(column): values.take(pc.sort_indices(values)).to_pylist() for column, values in wanted.items()
        }
        start = 0
        for group in range(file.num_row_groups):
            described = file.metadata.row_group(group)
            if all(_may_hold(described.column(leaf).statistics, values) for leaf, values in ordered.items()):
                yield group, start
            start += described.num_rows


def _may_hold(statistics: Any, ordered: Sequence[Any]) -> bool:
    """Whether one of some values, in their order, can stand in a column chunk."""
    from bisect import bisect_left

    if statistics is None or not statistics.has_min_max:
        return bool(ordered)
    at = bisect_left(ordered, statistics.min)
    return at < len(ordered) and bool(ordered[at] <= statistics.max)


def _matching(columns: Mapping[str, pa.ChunkedArray], wanted: Mapping[str, pa.Array]) -> Rows:
    """The rows that hold what is wanted in every column."""
    rows: Rows | None = None
    for name, values in wanted.items():
        column = columns[name]
        if rows is not None:
            column = column.take(pa.array(rows))
        found = _holding(column, values)
        rows = found if rows is None else rows[found]
    assert rows is not None
    return rows


def _holding(column: pa.ChunkedArray, values: pa.Array) -> Rows:
    if pa.types.is_large_list(column.type):
        owners = pc.list_parent_indices(column).to_numpy()
        return np.unique(owners[_holding(pc.list_flatten(column), values)])
    if pa.types.is_dictionary(column.type):
        held = [pc.is_in(chunk.dictionary, values).take(chunk.indices) for chunk in column.chunks]
        return _nonzero(pa.chunked_array(held, pa.bool_()))
    return _nonzero(pc.is_in(column, values.cast(column.type)))


def _nonzero(held: pa.ChunkedArray) -> Rows:
    return np.asarray(pc.indices_nonzero(held).to_numpy(), np.int64)
