"""Arrow's functions for a small call: without `pyarrow.compute`, and numbers without `pyarrow.array`.

When `pyarrow.compute` is imported it makes a Python function, with its signature and docstring, of each of Arrow's
three hundred: 40 ms, as much as everything else that a small call does; and the arrays' own methods (``take``,
``cast``, ``filter``) import it. `pyarrow.array` of a NumPy array imports `numpy.ma`, 9 ms, to see whether that is a
masked one. What every call needs is therefore called by Arrow's own name for it; elsewhere `pyarrow.compute` is used.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

try:
    from pyarrow import _compute as kernels
except ImportError:  # a pyarrow that keeps them elsewhere
    from pyarrow import compute as kernels

__all__ = ["call", "cast", "kernels", "numbers", "ordered", "take"]


def call(function: str, *arguments: Any, options: Any = None) -> Any:
    """The result of one of Arrow's compute functions.

    Examples
    --------
    >>> call("if_else", numbers(np.array([True, False])), pa.array(["a", "b"]), "c").to_pylist()
    ['a', 'c']
    """
    return kernels.call_function(function, list(arguments), options)


def cast(column: pa.Array, kind: pa.DataType, *, safe: bool = True) -> pa.Array:
    """The column as another type; unless it is safe, what does not fit is cut.

    Examples
    --------
    >>> cast(pa.array([1, None]), pa.string()).to_pylist()
    ['1', None]
    """
    return call("cast", column, options=kernels.CastOptions.safe(kind) if safe else kernels.CastOptions.unsafe(kind))


def numbers(values: npt.NDArray[Any]) -> pa.Array:
    """Numbers or truth values as a column; numbers are not copied.

    Examples
    --------
    >>> numbers(np.array([3, 1], np.uint32)).type, numbers(np.array([True, False])).to_pylist()
    (DataType(uint32), [True, False])
    """
    plain = np.packbits(values, bitorder="little") if values.dtype == bool else np.ascontiguousarray(values)
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [None, pa.py_buffer(plain)])


def take(column: pa.Array, rows: npt.NDArray[Any]) -> pa.Array:
    """Some rows of a column.

    Examples
    --------
    >>> take(pa.array(["a", "b"]), np.array([1, 1, 0])).to_pylist()
    ['b', 'b', 'a']
    """
    return call("take", column, numbers(rows))


def ordered(table: pa.Table, columns: list[str]) -> pa.Table:
    """The table in ascending order of these columns.

    Examples
    --------
    >>> ordered(pa.table({"a": [2, 1], "b": ["x", "y"]}), ["a"]).to_pylist()
    [{'a': 1, 'b': 'y'}, {'a': 2, 'b': 'x'}]
    """
    options = kernels.SortOptions([(name, "ascending") for name in columns])
    return call("take", table, call("sort_indices", table, options=options))
