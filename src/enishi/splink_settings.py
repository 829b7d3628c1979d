"""Splink's settings -> a match model: the parts that map, and notices about those that do not.

Splink says in SQL what a level is. What its own libraries of comparisons write is recognized here by its text, once
columns are named alike and what enishi does to every value anyway (lower case, blanks, dates as dates) is taken off;
any other condition is left out with a notice, and its pairs fall to the next level. Splink's m and u stand for values
as they were written, enishi compares canonical ones, so its levels may hold a little more often.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from enishi.errors import ConfigError
from enishi.fields import Attribute, Field, compared_kinds
from enishi.frozen import frozen, replace
from enishi.headers import guess_field
from enishi.levels import DIFFERENT, EQUAL, LEVELS, MEASURES, MOST_OWN_LEVELS, AnyLevel, Level, check_levels
from enishi.match_model import ComparisonModel, MatchModel, default_comparison
from enishi.model import blocking_keys

LEAST = 1e-9  # what a probability of 0 is taken for
_SECONDS_A_DAY = 86_400

_FUNCTIONS = {
    "jaro_winkler_similarity": "jaro_winkler",
    "jaro_winkler": "jaro_winkler",
    "jaro_similarity": "jaro",
    "jaro_sim": "jaro",
    "levenshtein": "levenshtein",
    "damerau_levenshtein": "damerau_levenshtein",
    "jaccard": "character_jaccard",
}
_NUMBER = r"(?P<bound>[-+.\deE]+)"
# SQL whose columns are called L and R -> what the level is.
_EXACT = re.compile(r"L = R")
_FUNCTION = re.compile(rf"(?P<name>\w+)\(L, R\) (?P<operator><=|>=) {_NUMBER}")
_SECONDS = re.compile(rf"abs\(epoch\(L\) - epoch\(R\)\) <= {_NUMBER}", re.IGNORECASE)
_SPARK_SECONDS = re.compile(rf"abs\(datediff\(L, R\)\) <= floor\({_NUMBER} / 86400\)", re.IGNORECASE)
_DAYS = re.compile(rf"abs\(date_?diff\((?:'day', )?L, R\)\) <= {_NUMBER}", re.IGNORECASE)
_DIFFERENCE = re.compile(rf"abs\(L - R\) <= {_NUMBER}", re.IGNORECASE)
_PERCENT = re.compile(rf"\(abs\(L - R\) / \(case when R > L then R else L end\)\) < {_NUMBER}", re.IGNORECASE)
_LOCAL_PART = re.compile(r"LOCAL\(L\) = LOCAL\(R\)")
_LOCAL_PART_ALIKE = re.compile(r"jaro_winkler(?:_similarity)?\(LOCAL\(L\), LOCAL\(R\)\) >= 0\.88")

_COLUMN = re.compile(r'"(?P<a>[^"]+)_(?P<x>[lr])"|`(?P<b>[^`]+)_(?P<y>[lr])`|\b(?P<c>\w+)_(?P<z>[lr])\b')
_USERNAME = re.compile(r"nullif\(regexp_extract\(([LR]), '\^\[\^@\]\+', 0\), ''\)", re.IGNORECASE)
_CLEANED = re.compile(r"\b(?:lower|upper|trim)\(([LR])\)|\btry_strptime\(([LR]), '[^']*'\)", re.IGNORECASE)

_SIDE = r"""(?:"(?P<{0}a>[^"]+)"|`(?P<{0}b>[^`]+)`|(?P<{0}c>\w+))"""
_EQUALITY = re.compile(rf"l\.{_SIDE.format('l')} = r\.{_SIDE.format('r')}")
_SLICE = re.compile(
    r"(?:(?:substring|substr)\((?P<s>[^(),]+), (?P<from>-?\d+)(?:, (?P<size>\d+))?\)"
    r"|(?P<end>left|right)\((?P<t>[^(),]+), (?P<length>\d+)\)|(?:lower|upper|trim)\((?P<u>[^(),]+)\))",
    re.IGNORECASE,
)
_DATE_PARTS = {4: "year", 7: "month"}  # by the length of a prefix of an ISO date


def model_of(
    settings: Mapping[str, Any],
    where: str,
    fields: Iterable[Field],
    columns: Mapping[str, str] | None = None,
) -> MatchModel:
    """The match model that settings of Splink describe, as far as they map; the rest is in its notices.

    Parameters
    ----------
    settings : mapping
        As Splink saves them (``linker.misc.save_model_to_json``), trained or not.
    where : str
        What to call them in messages.
    fields : iterable of Field
        Which the data has.
    columns : mapping of str to str, optional
        By column, the name of the comparison that it feeds. Left out: what its name usually means; any other column is
        an attribute of that name.

    Raises
    ------
    ConfigError
        They are no settings of Splink.

    Examples
    --------
    >>> from enishi import PersonName
    >>> exact = {"sql_condition": '"surname_l" = "surname_r"', "m_probability": 0.9, "u_probability": 0.01}
    >>> other = {"sql_condition": "ELSE", "m_probability": 0.1, "u_probability": 0.99}
    >>> settings = {
    ...     "comparisons": [{"output_column_name": "surname", "comparison_levels": [exact, other]}],
    ...     "blocking_rules_to_generate_predictions": ["SUBSTR(l.surname, 1, 3) = SUBSTR(r.surname, 1, 3)"],
    ... }
    >>> model = model_of(settings, "settings.json", [PersonName()])
    >>> model.comparisons[0].name, model.comparisons[0].names, model.rules
    ('family_name', ('different', 'equal'), ('family_name[:3]',))
    """
    return _Reading(where, list(fields), columns).model(settings)


@frozen
class _Stated:
    """A level of Splink: what it is here, None where that is nothing, and its probabilities as far as it has them."""

    level: AnyLevel | None
    m: float | None
    u: float | None


class _Reading:
    """Reads one file of settings, and notes what it leaves out."""

    def __init__(self, where: str, fields: Sequence[Field], columns: Mapping[str, str] | None) -> None:
        self.where = where
        self.kinds = compared_kinds(fields)
        self.columns = columns
        self.notices: list[str] = []

    def model(self, settings: Mapping[str, Any]) -> MatchModel:
        comparisons: dict[str, ComparisonModel] = {}
        for i, each in enumerate(settings["comparisons"]):
            if not isinstance(each, dict) or not isinstance(each.get("comparison_levels"), list):
                raise ConfigError(f"{self.where}: comparisons[{i}]", "has no comparison_levels")
            found = self._comparison(f"{self.where}: comparisons[{i}]", each)
            if found is None:
                continue
            if found.name in comparisons:
                self.notices.append(f"a second comparison of {found.name} is left out")
                continue
            comparisons[found.name] = found
        rules: dict[str, None] = {}
        blocking = settings.get("blocking_rules_to_generate_predictions") or []
        if not isinstance(blocking, list):
            raise ConfigError(f"{self.where}: blocking_rules_to_generate_predictions", "is no list")
        for each in blocking:
            sql = each.get("blocking_rule") if isinstance(each, dict) else each
            rule = self._rule(str(sql))
            if rule is None:
                self.notices.append(f"the blocking rule {_short(str(sql))} has no counterpart and is left out")
            else:
                rules[rule] = None
        if not rules:
            self.notices.append("no blocking rule is taken over: the default set is used")
        if settings.get("link_type", "dedupe_only") != "dedupe_only":
            self.notices.append(f"the link type {settings['link_type']!r} is not taken over: all records are compared")
        probability = settings.get("probability_two_random_records_match")
        if probability is not None:
            probability = self._probability(f"{self.where}: probability_two_random_records_match", probability)
            if not probability < 1:
                raise ConfigError(f"{self.where}: probability_two_random_records_match", "must be below 1")
        return MatchModel(
            tuple(comparisons.values()), rules=tuple(rules), probability=probability, notices=tuple(self.notices)
        )

    # Comparisons.

    def _comparison(self, where: str, each: Mapping[str, Any]) -> ComparisonModel | None:
        title = str(each.get("output_column_name") or each.get("comparison_description") or where)
        said = [level for level in each["comparison_levels"] if isinstance(level, dict)]
        said = [level for level in said if isinstance(level.get("sql_condition"), str)]
        conditions = [level for level in said if not level.get("is_null_level")]
        columns = {name for level in conditions for name in _columns(level["sql_condition"])}
        if len(columns) != 1:
            self.notices.append(f"the comparison {title!r} is left out: it is not of one column")
            return None
        name = self._field(next(iter(columns)))
        if name is None:
            self.notices.append(f"the comparison {title!r} is left out: no field that is compared has this column")
            return None
        kind = self.kinds[name][1]
        stated: list[_Stated] = []
        frequency = False
        for i, level in enumerate(conditions):
            found = self._level(f"{where}: comparison_levels", kind, level["sql_condition"])
            if found is None and level["sql_condition"].strip().upper() != "ELSE":
                label = level.get("label_for_charts") or level["sql_condition"]
                self.notices.append(f"{name}: the level {_short(str(label))} has no counterpart and is left out")
            sides = (self._optional(f"{where}: {side}", level.get(side)) for side in ("m_probability", "u_probability"))
            stated.append(_Stated(found, *sides))
            if level.get("tf_adjustment_column"):
                if found == Level(EQUAL):
                    frequency = True
                    if level.get("tf_adjustment_weight", 1.0) != 1.0:
                        self.notices.append(f"{name}: the weight of the term frequencies is taken for 1")
                else:
                    self.notices.append(f"{name}: term frequencies below equality (level {i}) are left out")
        return self._put_together(name, kind, stated, frequency)

    def _put_together(
        self, name: str, kind: str, stated: Sequence[_Stated], term_frequency: bool
    ) -> ComparisonModel | None:
        """The levels that map, the strictest first; the probabilities of one that does not go to the next."""
        kept: list[tuple[str, float | None, float | None]] = []
        m: float | None = 0.0
        u: float | None = 0.0
        for each in stated:
            m, u = _plus(m, each.m), _plus(u, each.u)
            near = sum(level != EQUAL for level, *_ in kept)
            if each.level is not None and each.level != Level(EQUAL) and near == MOST_OWN_LEVELS:
                self.notices.append(f"{name}: the level {each.level} is one too many and is left out")
            elif each.level is not None and str(each.level) not in [level for level, *_ in kept]:
                kept.append((str(each.level), m, u))
                m, u = 0.0, 0.0
        kept.append((DIFFERENT, m, u))
        if kept[0][0] != EQUAL:
            # Equal values reach the strictest level, whatever it is.
            kept.insert(0, (EQUAL, *kept[0][1:]))
        levels = tuple(level for level, *_ in reversed(kept))
        if len(levels) < 2 or any(level == EQUAL for level in levels[:-1]):
            self.notices.append(f"the comparison of {name} is left out: its levels have another order")
            return None
        own = () if levels == LEVELS[kind] else levels
        found = default_comparison(name, kind, own, term_frequency=term_frequency)
        known_m = [m for _, m, _ in reversed(kept) if m is not None]
        known_u = [u for *_, u in reversed(kept) if u is not None]
        if len(known_m) == len(kept):
            found = replace(found, m=tuple(known_m), source="splink")
        else:
            self.notices.append(f"{name}: m is not known for every level and is guessed")
        if len(known_u) == len(kept):
            found = replace(found, u=tuple(known_u))
        else:
            self.notices.append(f"{name}: u is not known for every level and is guessed")
        return found

    def _level(self, where: str, kind: str, sql: str) -> AnyLevel | None:
        """What a condition is here."""
        plain = _plain(sql)
        if _EXACT.fullmatch(plain):
            return Level(EQUAL)
        if kind == "email" and _LOCAL_PART.fullmatch(plain):
            return Level("same local part")
        if kind == "email" and _LOCAL_PART_ALIKE.fullmatch(plain):
            return Level("alike")
        try:
            level = _measured(plain)
            check_levels(where, kind, [level] if level else [])
        except (ConfigError, ValueError, OverflowError):  # such as a bound that is no number
            return None
        return level

    # Blocking rules.

    def _rule(self, sql: str) -> str | None:
        plain = _unwrapped(" ".join(sql.split()))
        keys = [self._key(part) for part in re.split(r"\band\b", plain, flags=re.IGNORECASE)]
        if None in keys:
            return None
        rule = " & ".join(str(key) for key in keys)
        try:
            blocking_keys("blocking rule", rule)
        except ConfigError:
            return None
        return rule

    def _key(self, sql: str) -> str | None:
        """One equality of a rule as an expression."""
        sides = _unwrapped(sql.strip()).split(" = ")
        if len(sides) != 2:
            return None
        suffix = ""
        length = 0
        if sliced := _SLICE.fullmatch(sides[0]):
            other = _SLICE.fullmatch(sides[1])
            if other is None or sliced.group("from", "size", "length") != other.group("from", "size", "length"):
                return None
            if (sliced["end"] or "").lower() != (other["end"] or "").lower():
                return None
            sides = [next(filter(None, side.group("s", "t", "u"))) for side in (sliced, other)]
            if sliced["from"]:
                start, size = int(sliced["from"]), int(sliced["size"] or 0)
                if start < 0 and size in (0, -start):
                    suffix = f"[{start}:]"
                elif start in (0, 1) and size:
                    suffix, length = f"[:{size}]", size
                else:
                    return None
            elif sliced["end"]:
                length = int(sliced["length"]) if sliced["end"].lower() == "left" else 0
                suffix = f"[:{length}]" if length else f"[-{sliced['length']}:]"
        parsed = _EQUALITY.fullmatch(" = ".join(sides))
        if parsed is None:
            return None
        left, right = (next(filter(None, parsed.group(f"{s}a", f"{s}b", f"{s}c"))) for s in "lr")
        name = self._field(left)
        if left != right or name is None:
            return None
        if self.kinds[name][1] == "date" and suffix:
            return f"{name}.{_DATE_PARTS[length]}" if length in _DATE_PARTS else None
        return name + suffix

    # Fields.

    def _field(self, column: str) -> str | None:
        """The comparison that a column feeds."""
        if self.columns is not None:
            name = self.columns.get(column, column)
            return name if name in self.kinds else None
        name = column if column in self.kinds else guess_field(column) or column
        if name not in self.kinds:
            try:
                self.kinds |= compared_kinds([Attribute(name=name)])
            except ConfigError:
                return None
        return name

    def _optional(self, where: str, value: Any) -> float | None:
        # Splink writes a text where a level was never seen in training.
        return None if value is None or isinstance(value, str) else self._probability(where, value)

    def _probability(self, where: str, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise ConfigError(where, "must be a probability")
        return max(float(value), LEAST)


def _measured(plain: str) -> Level | None:
    """The measure that a condition takes, and its bound."""
    if (parsed := _FUNCTION.fullmatch(plain)) and parsed["name"].lower() in _FUNCTIONS:
        name = _FUNCTIONS[parsed["name"].lower()]
        same_way = parsed["operator"] == MEASURES[name].operator
        return Level(name, float(parsed["bound"])) if same_way else None
    if parsed := _SECONDS.fullmatch(plain) or _SPARK_SECONDS.fullmatch(plain):
        return Level("days", math.floor(float(parsed["bound"]) / _SECONDS_A_DAY))  # dates are whole days apart
    if parsed := _DAYS.fullmatch(plain):
        return Level("days", float(parsed["bound"]))
    if parsed := _DIFFERENCE.fullmatch(plain):
        return Level("difference", float(parsed["bound"]))
    if parsed := _PERCENT.fullmatch(plain):
        return Level("percent", 100 * float(parsed["bound"]))
    return None


def _plus(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one + other


def _columns(sql: str) -> set[str]:
    return {parsed["a"] or parsed["b"] or parsed["c"] for parsed in _COLUMN.finditer(sql)}


def _plain(sql: str) -> str:
    """A condition with its columns called L and R, without what every canonical value has gone through."""
    text = _COLUMN.sub(lambda parsed: (parsed["x"] or parsed["y"] or parsed["z"]).upper(), " ".join(sql.split()))
    before = ""
    while before != text:
        before = text
        text = _USERNAME.sub(r"LOCAL(\1)", _CLEANED.sub(lambda parsed: parsed[1] or parsed[2], text))
    return _unwrapped(text)


def _unwrapped(sql: str) -> str:
    """A text without parentheses that hold the whole of it, or of a side of its ANDs."""

    def bare(text: str) -> str:
        text = text.strip()
        while text.startswith("(") and text.endswith(")") and _closes_last(text):
            text = text[1:-1].strip()
        return text

    parts = re.split(r"(\s+and\s+)", bare(sql), flags=re.IGNORECASE)
    return "".join(bare(part) if i % 2 == 0 else part for i, part in enumerate(parts))


def _closes_last(text: str) -> bool:
    """Whether the parenthesis that a text begins with is closed by its last character."""
    depth = 0
    for i, c in enumerate(text):
        depth += (c == "(") - (c == ")")
        if not depth:
            return i == len(text) - 1
    return False


def _short(text: str) -> str:
    text = " ".join(text.split())
    return repr(text if len(text) <= 80 else text[:77] + "...")


__all__ = ["model_of"]
