"""Checks of declared options. Each takes where an option stands and its value, and returns the value as it is kept.

Used as ``checks.text(where, value)``; what is wrong is a `ConfigError`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from enishi.errors import ConfigError, did_you_mean


def text(where: str, value: Any) -> str:
    """A text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        found = "" if isinstance(value, str) else f", not {type_name(value)}"
        raise ConfigError(where, f"must be a text that is not empty{found}")
    return value


def texts(where: str, value: Any) -> tuple[str, ...]:
    """Such texts; one alone stands for a list of it."""
    if isinstance(value, str):
        value = (value,)
    if not isinstance(value, list | tuple):
        raise ConfigError(where, f"must be a text or a list of texts, not {type_name(value)}")
    return tuple(text(f"{where}[{i}]", item) for i, item in enumerate(value))


def flag(where: str, value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise ConfigError(where, f"must be true or false, not {type_name(value)}")
    return value


def count(where: str, value: Any, low: int, high: int | None) -> int:
    """A whole number from ``low`` to ``high``; without ``high`` from ``low``."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ConfigError(where, f"must be a whole number, not {type_name(value)}")
    if value < low or (high is not None and value > high):
        raise ConfigError(where, f"must be {low} or more" if high is None else f"must be from {low} to {high}")
    return value


def choice(*choices: str) -> Callable[[str, Any], str]:
    """A check for one of these words."""

    def check(where: str, value: Any) -> str:
        if value not in choices:
            near = did_you_mean(value, choices) if isinstance(value, str) else f"; known: {', '.join(choices)}"
            raise ConfigError(where, f"{value!r} is not known{near}")
        return str(value)

    return check


def encoding(where: str, value: Any) -> str:
    """The name of an encoding that Python has."""
    import codecs

    try:
        name = codecs.lookup(text(where, value)).name
    except (LookupError, ValueError):
        raise ConfigError(where, f"there is no encoding {value!r}; 'utf-8' and 'cp932' are usual") from None
    # Windows calls its extended Shift_JIS so, and so do the files: strict Shift_JIS lacks 髙, 﨑 and ①.
    return "cp932" if name == "shift_jis" else name


def mapping(where: str, value: Any) -> dict[str, str]:
    """Columns and the fields that they feed."""
    if not isinstance(value, Mapping):
        raise ConfigError(where, f"must be a table of columns and fields, not {type_name(value)}")
    return {text(where, column): text(f'{where}."{column}"', target) for column, target in value.items()}


def instances(where: str, value: Any, cls: type[Any]) -> tuple[Any, ...]:
    """Instances of one class."""
    if isinstance(value, str | Mapping) or not isinstance(value, Iterable):
        raise ConfigError(where, f"must be a list of {cls.__name__}, not {type_name(value)}")
    items = tuple(value)
    for i, item in enumerate(items):
        if not isinstance(item, cls):
            raise ConfigError(f"{where}[{i}]", f"must be a {cls.__name__}, not {type_name(item)}")
    return items


def unique(where: str, what: str, names: Sequence[str]) -> None:
    """No name occurs twice."""
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(where, f"two of them are the {what} {name!r}; give one another name")


def type_name(value: Any) -> str:
    """What a message calls the type of a value."""
    return type(value).__name__
