"""Columns as text, whatever type they arrived in, and the identity of rows.

Kernels read string, large_string, string_view and their binary kinds; those pass through untouched. Everything else is
written out as a person would write it: 1234 for the whole number 1234.0, 1980-02-29 for a date.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from enishi.arrow import call, cast, kernels, numbers
from enishi.errors import InputError

if TYPE_CHECKING:
    import numpy as np

BATCH_ROWS = 1 << 16
_TEXT = frozenset({"string", "large_string", "string_view", "binary", "large_binary", "binary_view"})


def as_text(array: pa.Array) -> pa.Array:
    """The same values as one of the text layouts that kernels take.

    Parameters
    ----------
    array : pyarrow.Array
        Text of any layout, dictionaries of it, numbers, truth values, dates and times, UUIDs or nulls.

    Raises
    ------
    InputError
        The type has no usual spelling: lists, structs, intervals.

    Examples
    --------
    >>> import pyarrow as pa
    >>> as_text(pa.array([9012345678.0, 0.5, None])).to_pylist()
    ['9012345678', '0.5', None]
    """
    types = pa.types
    while isinstance(array.type, pa.DictionaryType | pa.BaseExtensionType):
        array = _decoded(array) if isinstance(array.type, pa.DictionaryType) else array.storage
    if str(array.type) in _TEXT:
        return array
    if types.is_null(array.type) or types.is_integer(array.type) or types.is_boolean(array.type):
        return cast(array, pa.string())
    if types.is_time(array.type):
        return cast(array, pa.string())
    if types.is_duration(array.type):
        return cast(cast(array, pa.int64()), pa.string())
    if types.is_floating(array.type):
        return _float_text(array)
    if types.is_decimal(array.type):
        return _decimal_text(array)
    if types.is_date(array.type):
        return cast(cast(array, pa.date32(), safe=False), pa.string())  # a date64 may hold a time of day
    if types.is_timestamp(array.type):
        return _timestamp_text(array)
    if types.is_fixed_size_binary(array.type):
        return pa.array([None if value is None else value.hex() for value in array.to_pylist()], pa.string())
    raise InputError(f"a column of the type {array.type} cannot be read as text")


def is_readable(data_type: pa.DataType) -> bool:
    """Whether `as_text` takes columns of the type: not where it is nested, or names a time zone that nobody knows here.

    Examples
    --------
    >>> import pyarrow as pa
    >>> is_readable(pa.date64()), is_readable(pa.list_(pa.string())), is_readable(pa.timestamp("s", "Mars/Phobos"))
    (True, False, False)
    """
    try:
        as_text(pa.nulls(1, data_type))
    except (pa.ArrowException, InputError):
        return False
    return True


def without_views(array: pa.Array) -> pa.Array:
    """The same values in a layout that pyarrow can filter: it has no kernels for string views, which Polars exports.

    Examples
    --------
    >>> import pyarrow as pa
    >>> str(without_views(pa.array(["a"], pa.string_view())).type)
    'large_string'
    """
    plain = {"string_view": pa.large_string(), "binary_view": pa.large_binary()}
    array = _decoded(array) if str(getattr(array.type, "value_type", "")) in plain else array
    return cast(array, plain[str(array.type)]) if str(array.type) in plain else array


def sliced(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """The batch in pieces of at most `BATCH_ROWS`; nothing where it has no rows.

    Examples
    --------
    >>> import pyarrow as pa
    >>> [piece.num_rows for piece in sliced(pa.record_batch({"id": range(70_000)}))]
    [65536, 4464]
    """
    for start in range(0, batch.num_rows, BATCH_ROWS):
        yield batch.slice(start, BATCH_ROWS)


def record_ids(array: pa.Array, place: Callable[[int], str], first_row: int = 0) -> pa.Array:
    """Record ids in the type they keep: integers as they are, everything else as string.

    Parameters
    ----------
    array : pyarrow.Array
        A batch of the record_id column.
    place : callable
        Says where a row of the source is, such as `FileSource.place`.
    first_row : int
        The number of the batch's first row within the source.

    Raises
    ------
    InputError
        An id is missing; the message names the row.

    Examples
    --------
    >>> import pyarrow as pa
    >>> record_ids(pa.array(["a", None]), lambda row: f"row {row + 1}")
    Traceback (most recent call last):
    ...
    enishi.errors.InputError: row 2: the record_id is missing; every record needs one, or ignore its column
    """
    from enishi._tables import plain_ids

    if str(array.type) in ("string", "large_string") and plain_ids(array):
        return cast(array, pa.string())
    if pa.types.is_integer(array.type):
        missing = call("is_null", array)
    else:
        try:
            array = cast(as_text(array), pa.string())
            array.validate(full=True)
        except pa.ArrowInvalid:
            array = None
        if array is None:
            raise InputError(f"{place(first_row)} and after: a record_id is not valid UTF-8")
        missing = call("coalesce", call("equal", call("utf8_trim_whitespace", array), ""), True)
    if call("any", missing).as_py():
        row = missing.to_pylist().index(True)
        raise InputError(
            f"{place(first_row + row)}: the record_id is missing; every record needs one, or ignore its column"
        )
    return array


def occurrences(keys: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """How many equal rows came before each row of a source.

    Examples
    --------
    >>> import numpy as np
    >>> occurrences(np.array([[1, 2], [3, 4], [1, 2], [1, 2]], np.uint64)).tolist()
    [0, 0, 1, 2]
    """
    import numpy as np

    order = np.lexsort((keys[:, 1], keys[:, 0]))
    rank = np.arange(len(keys))
    changed = np.ones(len(keys), bool)
    changed[1:] = (keys[order[1:]] != keys[order[:-1]]).any(axis=1)
    result = np.empty(len(keys), np.int64)
    result[order] = rank - np.maximum.accumulate(np.where(changed, rank, 0))
    return result


def row_ids(keys: np.ndarray[Any, Any], occurrence: np.ndarray[Any, Any]) -> pa.Array:
    """The record ids of rows that have none: the hash in hex, and from the second equal row on which one it is.

    Examples
    --------
    >>> import numpy as np
    >>> row_ids(np.array([[1, 2], [1, 2]], np.uint64), np.array([0, 1])).to_pylist()
    ['01000000000000000200000000000000', '01000000000000000200000000000000-2']
    """
    import numpy as np

    text = keys.astype("<u8").tobytes().hex().encode()
    offsets = np.arange(0, len(text) + 1, 32, dtype=np.int64)
    ids = pa.LargeStringArray.from_buffers(len(keys), pa.py_buffer(offsets), pa.py_buffer(text))
    counts = call("binary_join_element_wise", "-", cast(numbers(occurrence + 1), pa.string()), "")
    suffix = call("if_else", numbers(occurrence == 0), "", counts)
    return call("binary_join_element_wise", cast(ids, pa.string()), suffix, "")


def _decoded(array: pa.DictionaryArray) -> pa.Array:
    values = array.dictionary
    # Arrow takes from every layout of texts but views, which are those of Polars' categories.
    values = cast(values, pa.large_string()) if str(values.type) == "string_view" else values
    return call("take", values, array.indices)


def _float_text(array: pa.Array) -> pa.Array:
    array = cast(array, pa.float64())
    # pandas writes a missing number as NaN.
    array = call("if_else", call("is_nan", array), None, array)
    whole = call("and", call("equal", call("floor", array), array), call("less", call("abs", array), 2.0**63))
    integers = cast(cast(call("if_else", whole, array, None), pa.int64()), pa.string())
    return call("coalesce", integers, cast(array, pa.string()))


def _decimal_text(array: pa.Array) -> pa.Array:
    def text(value: Any) -> str | None:
        return None if value is None else format(value.to_integral_value() if value == int(value) else value, "f")

    return pa.array([text(value) for value in array.to_pylist()], pa.string())


def _timestamp_text(array: pa.Array) -> pa.Array:
    """A date where every clock stands at midnight there, else date and time in ISO 8601 without a zone."""
    if array.type.tz is not None:
        array = call("local_timestamp", array)
    dates = cast(array, pa.date32(), safe=False)
    midnight = call("equal", cast(dates, array.type), array)
    parted = kernels.ReplaceSubstringOptions(" ", "T", max_replacements=1)
    times = call("replace_substring", cast(array, pa.string()), options=parted)
    return call("if_else", midnight, cast(dates, pa.string()), times)
