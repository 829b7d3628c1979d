"""Columns as text, whatever type they arrived in, and the identity of rows.

Kernels read string, large_string, string_view and their binary kinds; those pass through untouched. Everything else is
written out as a person would write it: 1234 for the whole number 1234.0, 1980-02-29 for a date.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from enishi.errors import InputError

if TYPE_CHECKING:
    import numpy as np

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
        array = array.dictionary_decode() if isinstance(array.type, pa.DictionaryType) else array.storage
    if str(array.type) in _TEXT:
        return array
    if types.is_null(array.type) or types.is_integer(array.type) or types.is_boolean(array.type):
        return array.cast(pa.string())
    if types.is_time(array.type):
        return array.cast(pa.string())
    if types.is_duration(array.type):
        return array.cast(pa.int64()).cast(pa.string())
    if types.is_floating(array.type):
        return _float_text(array)
    if types.is_decimal(array.type):
        return _decimal_text(array)
    if types.is_date(array.type):
        return array.cast(pa.date32()).cast(pa.string())
    if types.is_timestamp(array.type):
        return _timestamp_text(array)
    if types.is_fixed_size_binary(array.type):
        return pa.array([None if value is None else value.hex() for value in array.to_pylist()], pa.string())
    raise InputError(f"a column of the type {array.type} cannot be read as text")


def without_views(array: pa.Array) -> pa.Array:
    """The same values in a layout that pyarrow can filter: it has no kernels for string views, which Polars exports.

    Examples
    --------
    >>> import pyarrow as pa
    >>> str(without_views(pa.array(["a"], pa.string_view())).type)
    'large_string'
    """
    plain = {"string_view": pa.large_string(), "binary_view": pa.large_binary()}
    array = array.dictionary_decode() if str(getattr(array.type, "value_type", "")) in plain else array
    return array.cast(plain[str(array.type)]) if str(array.type) in plain else array


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
    enishi.errors.InputError: row 2: the record_id is missing; every record needs one
    """
    from enishi._tables import plain_ids

    if str(array.type) in ("string", "large_string") and plain_ids(array):
        return array.cast(pa.string())
    import pyarrow.compute as pc

    if pa.types.is_integer(array.type):
        missing = array.is_null()
    else:
        try:
            array = as_text(array).cast(pa.string())
        except pa.ArrowInvalid:
            array = None
        if array is None:
            raise InputError(f"{place(first_row)} and after: a record_id is not valid UTF-8")
        missing = pc.fill_null(pc.equal(pc.utf8_trim_whitespace(array), ""), True)
    if pc.any(missing).as_py():
        row = pc.index(missing, True).as_py()
        raise InputError(f"{place(first_row + row)}: the record_id is missing; every record needs one")
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
    import pyarrow.compute as pc

    text = keys.astype("<u8").tobytes().hex().encode()
    offsets = np.arange(0, len(text) + 1, 32, dtype=np.int64)
    ids = pa.LargeStringArray.from_buffers(len(keys), pa.py_buffer(offsets), pa.py_buffer(text))
    numbers = pc.binary_join_element_wise("-", pa.array(occurrence + 1).cast(pa.string()), "")
    suffix = pc.if_else(pa.array(occurrence == 0), "", numbers)
    return pc.binary_join_element_wise(ids.cast(pa.string()), suffix, "")


def _float_text(array: pa.Array) -> pa.Array:
    import pyarrow.compute as pc

    array = array.cast(pa.float64())
    # pandas writes a missing number as NaN.
    array = pc.if_else(pc.is_nan(array), None, array)
    whole = pc.and_(pc.equal(pc.floor(array), array), pc.less(pc.abs(array), 2.0**63))
    integers = pc.if_else(whole, array, None).cast(pa.int64()).cast(pa.string())
    return pc.coalesce(integers, array.cast(pa.string()))


def _decimal_text(array: pa.Array) -> pa.Array:
    def text(value: Any) -> str | None:
        return None if value is None else format(value.to_integral_value() if value == int(value) else value, "f")

    return pa.array([text(value) for value in array.to_pylist()], pa.string())


def _timestamp_text(array: pa.Array) -> pa.Array:
    """A date where every clock stands at midnight there, else date and time in ISO 8601 without a zone."""
    import pyarrow.compute as pc

    if array.type.tz is not None:
        array = pc.local_timestamp(array)
    dates = array.cast(pa.date32(), safe=False)
    midnight = pc.equal(dates.cast(array.type), array)
    times = pc.replace_substring(array.cast(pa.string()), " ", "T", max_replacements=1)
    return pc.if_else(midnight, dates.cast(pa.string()), times)
