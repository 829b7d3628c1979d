"""Numba: a user's function as one that the compiled core can call."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from enishi.errors import ConfigError
from enishi.levels import Custom


def compiled(custom: Custom) -> Any:
    """The function of a level, compiled; it has an ``address`` and must outlive its use.

    Raises
    ------
    ConfigError
        Numba is absent, or cannot compile it.
    """
    try:
        numba: Any = import_module("numba")
    except ImportError:
        raise ConfigError(str(custom), "needs Numba: pip install numba") from None
    inner = custom.function if hasattr(custom.function, "py_func") else numba.njit(custom.function)
    carray, characters, size = numba.carray, numba.types.CPointer(numba.uint32), numba.int64

    def level(left: Any, left_size: int, right: Any, right_size: int) -> bool:
        return bool(inner(carray(left, (left_size,)), carray(right, (right_size,))))

    # Python's own annotations would be looked up by Numba.
    level.__annotations__ = {}
    try:
        return numba.cfunc(numba.boolean(characters, size, characters, size))(level)
    except numba.core.errors.NumbaError as error:
        # Its first line says what; the rest is a page of hints.
        reason = next((line for line in str(error).splitlines()[1:] if line.strip()), str(error))
        raise ConfigError(str(custom), f"cannot be compiled by Numba: {reason.strip()}") from None
