"""The levels of a comparison: the stored ones of each kind of field, and what levels of one's own are made of.

A level is one text, the same in a configuration file, in Python and in a match model: the name of a stored level
(``"equal"``, ``"one slip"``), or a measure and its bound (``"jaro_winkler >= 0.92"``, ``"osa <= 1"``). The measures
themselves stand in ``csrc/enishi/measures.hpp``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from enishi.errors import ConfigError, did_you_mean
from enishi.frozen import frozen

DIFFERENT, EQUAL = "different", "equal"
LISTED = "listed "  # and the path of the list
LISTED_KINDS = ("given_name", "family_name", "name", "text")
MOST_OWN_LEVELS = 9  # between equal and different: the compiled core has tables of twelve, one for missing values

_GIVEN_NAME = (
    *(DIFFERENT, "alike", "close", "swapped", "near", "shortened", "other form", "one slip"),
    *("same reading", "variant", EQUAL),
)
# By kind of comparison, its levels from 1 on; 0 is a missing value, and a level without a name does not occur.
LEVELS: dict[str, tuple[str, ...]] = {
    "given_name": _GIVEN_NAME,
    "family_name": tuple("" if level in ("swapped", "other form") else level for level in _GIVEN_NAME),
    "name": (DIFFERENT, "alike", "close", "", "near", "", "", "one slip", "same reading", "", EQUAL),
    "date": (DIFFERENT, "a year apart", "another year", "another day or month", "one slip", "swapped", EQUAL),
    "typed": (DIFFERENT, "one edit", EQUAL),
    "opaque": (DIFFERENT, "", EQUAL),
    "email": (DIFFERENT, "alike", "same local part", "one edit", EQUAL),
    "postcode": (DIFFERENT, "same area", "one edit", EQUAL),
    "address": (DIFFERENT, "a third in common", "half in common", "most in common", EQUAL),
    "text": (DIFFERENT, "other number", "alike", "near", EQUAL),
}


@frozen
class _Bounds:
    operator: str
    low: float
    high: float
    whole: bool


_EDITS = _Bounds("<=", 0, 10, True)
_SHARE = _Bounds(">=", 0, 1, False)
MEASURES: dict[str, _Bounds] = {
    "osa": _EDITS,
    "levenshtein": _EDITS,
    "damerau_levenshtein": _EDITS,
    "jaro": _SHARE,
    "jaro_winkler": _SHARE,
    "character_jaccard": _SHARE,
    "bigram_jaccard": _SHARE,
    "trigram_jaccard": _SHARE,
    "word_jaccard": _SHARE,
    "prefix": _Bounds(">=", 1, 64, True),
    "days": _Bounds("<=", 0, 1e6, True),
    "difference": _Bounds("<=", 0, 1e15, False),
    "percent": _Bounds("<=", 0, 100, False),
    "kilometers": _Bounds("<=", 0, 20_100, False),
    "common_words": _Bounds(">=", 1, 64, True),
}
_MEASURED = re.compile(r"(\w+)\s*([<>]=?|=)\s*(\S+)")


@frozen
class Level:
    """An outcome of a comparison: a stored level, or a measure with its bound.

    Parameters
    ----------
    name : str
        A stored level of the field's kind (``"near"``), which a higher one reaches too, or a measure: the edit
        distances ``osa``, ``levenshtein`` and ``damerau_levenshtein``; the similarities ``jaro`` and ``jaro_winkler``;
        Jaccard's share of common members ``character_jaccard``, ``bigram_jaccard``, ``trigram_jaccard`` and
        ``word_jaccard``; ``prefix``, the characters that both begin with; ``days`` between dates; ``difference`` of
        numbers, and the same in ``percent`` of the larger; ``kilometers`` between places written as degrees of
        latitude and longitude (``35.6812, 139.7671``); ``common_words``, how many words two texts share.
    bound : float, optional
        Of a measure.

    Examples
    --------
    >>> str(Level("jaro_winkler", 0.92)), str(Level("near"))
    ('jaro_winkler >= 0.92', 'near')
    >>> Level("osa", 1) == parse_level("levels", "osa <= 1")
    True
    """

    name: str
    bound: float | None = None

    def __post_init__(self) -> None:
        if self.bound is None:
            return
        if self.name not in MEASURES:
            raise ConfigError("Level.name", f"there is no measure {self.name!r}; known: {', '.join(MEASURES)}")
        bounds = MEASURES[self.name]
        number = not isinstance(self.bound, bool) and isinstance(self.bound, int | float)
        if not number or not bounds.low <= self.bound <= bounds.high or (bounds.whole and self.bound % 1):
            kind = "a whole number" if bounds.whole else "a number"
            raise ConfigError(
                "Level.bound", f"{self.name} takes {kind} from {bounds.low:g} to {bounds.high:g}, not {self.bound!r}"
            )
        object.__setattr__(self, "bound", float(self.bound))

    def __str__(self) -> str:
        return self.name if self.bound is None else f"{self.name} {MEASURES[self.name].operator} {self.bound:.15g}"


@frozen
class Custom:
    """A level that a function of the user's own decides.

    Parameters
    ----------
    function : callable
        Takes two arrays of uint32, the characters of two canonical values as numbers of Unicode (a date's as
        1980-04-05), and says whether they reach the level. Numba compiles it (``pip install numba``), so it may use
        what Numba knows. The smaller value comes first. It has to give the same answer each time.
    name : str, optional
        What the level is called; left out, the function's name.

    Examples
    --------
    >>> def same_length(left, right):
    ...     return len(left) == len(right)
    >>> str(Custom(same_length))
    'custom same_length'
    """

    function: Callable[[Any, Any], Any]
    name: str = ""

    def __post_init__(self) -> None:
        if not callable(self.function):
            raise ConfigError("Custom.function", f"must be a function, not {type(self.function).__name__}")
        object.__setattr__(self, "name", self.name or getattr(self.function, "__name__", "function"))

    def __str__(self) -> str:
        return f"custom {self.name}"


@frozen
class Listed:
    """A level that a list of pairs decides, such as names and their nicknames.

    Parameters
    ----------
    path : str
        A CSV file in UTF-8 without a header; the first and the last column of each row are two words for one thing,
        which are made canonical like the field's values. Pairs are taken as they stand: two nicknames of one name need
        a pair of their own.

    Examples
    --------
    >>> Listed("nicknames.csv")
    Traceback (most recent call last):
    ...
    enishi.errors.ConfigError: Listed.path: there is no file 'nicknames.csv'
    """

    path: str

    def __post_init__(self) -> None:
        if not os.path.isfile(self.path):
            raise ConfigError("Listed.path", f"there is no file {str(self.path)!r}")
        object.__setattr__(self, "path", str(self.path))

    def __str__(self) -> str:
        return f"listed {self.path}"

    def pairs(self) -> list[tuple[str, str]]:
        """The pairs as they are written.

        Raises
        ------
        ConfigError
            The file cannot be read as such.
        """
        import csv

        try:
            with open(self.path, encoding="utf-8-sig", newline="") as file:
                rows = [row for row in csv.reader(file) if row]
        except (OSError, UnicodeDecodeError, csv.Error):
            raise ConfigError(self.path, "cannot be read as a CSV file in UTF-8") from None
        for number, row in enumerate(rows, 1):
            if len(row) < 2:
                raise ConfigError(self.path, f"row {number:,} is no pair")
        return [(row[0], row[-1]) for row in rows]


AnyLevel: TypeAlias = Level | Custom | Listed


def parse_level(where: str, level: Any) -> AnyLevel:
    """The level that a text says; a level as it is.

    Raises
    ------
    ConfigError
        It names none; the message says where.
    """
    if isinstance(level, Level | Custom | Listed):
        return level
    if not isinstance(level, str):
        raise ConfigError(where, f"must be a text such as 'osa <= 1', not {type(level).__name__}")
    text = " ".join(level.split())
    if text == "exact":
        return Level(EQUAL)
    if level.startswith(LISTED):
        try:
            return Listed(level.removeprefix(LISTED))
        except ConfigError as error:
            raise ConfigError(where, error.text) from None
    parsed = _MEASURED.fullmatch(text)
    if parsed is None:
        if text in MEASURES:
            raise ConfigError(where, f"{text!r} needs its bound, such as '{text} {MEASURES[text].operator} 1'")
        return Level(text)
    name, operator, bound = parsed.groups()
    if name in MEASURES and operator != MEASURES[name].operator:
        raise ConfigError(where, f"{name} is written with {MEASURES[name].operator}, not {operator}")
    try:
        return Level(name, float(bound))
    except ConfigError as error:
        raise ConfigError(where, error.text) from None
    except ValueError:
        raise ConfigError(where, f"{bound!r} is no number") from None


def check_levels(where: str, kind: str, levels: Sequence[AnyLevel]) -> None:
    """Checks that a comparison of a kind can have these levels.

    Raises
    ------
    ConfigError
        A stored level is another kind's, or days are no measure of it.
    """
    stored = [name for name in LEVELS[kind][1:] if name]
    for i, level in enumerate(levels):
        if isinstance(level, Listed) and kind not in LISTED_KINDS:
            raise ConfigError(f"{where}[{i}]", "only names and attributes of one's own have lists")
        if not isinstance(level, Level):
            continue
        if level.bound is None and level.name not in stored:
            known = did_you_mean(level.name, [*stored, *MEASURES])
            raise ConfigError(f"{where}[{i}]", f"there is no level {level.name!r}{known}")
        if level.name == "days" and kind != "date":
            raise ConfigError(f"{where}[{i}]", "only a birth date has days")


def level_names(kind: str, levels: Sequence[AnyLevel]) -> tuple[str, ...]:
    """The names of a comparison's levels from 1 on, different first; without any of one's own, the stored ones.

    Examples
    --------
    >>> level_names("text", [Level("equal"), Level("osa", 1)])
    ('different', 'osa <= 1', 'equal')
    """
    return (DIFFERENT, *reversed([str(level) for level in levels])) if levels else LEVELS[kind]


__all__ = ["LEVELS", "MEASURES", "AnyLevel", "Custom", "Level", "Listed", "check_levels", "level_names", "parse_level"]
