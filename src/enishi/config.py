"""The declared model as a TOML file, and back.

The file says what the classes of `enishi.fields` and `enishi.model` say, in the same words, and is checked by them:
here stands only what a file adds, which is where in it something is wrong, and the word that was probably meant.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from enishi.errors import ConfigError, did_you_mean
from enishi.fields import BY_HEADER, STANDARD_FIELDS, Attribute, Column, Field, Identifier, options
from enishi.levels import LISTED
from enishi.model import Comparison, Match, Model, Source

if TYPE_CHECKING:
    from enishi.match_model import MatchModel

_USUAL_KINDS = {field.name: field.kind for field in BY_HEADER}
KINDS: dict[str, type[Field]] = {field.kind: type(field) for field in STANDARD_FIELDS} | {
    each.kind: each for each in (Identifier, Attribute)
}

T = TypeVar("T")
LONGEST = 1 << 24  # bytes of a configuration or a match model
_TOP_LEVEL = ("rules", "generic_limit", "must_link", "cannot_link", "fields", "sources", "match")


def written_text(path: str | os.PathLike[str]) -> str:
    """What a configuration or a match model holds; it may be a pipe, and an endless one is too large.

    Raises
    ------
    OSError, UnicodeDecodeError
    """
    with open(path, "rb") as file:
        written = file.read(LONGEST + 1)
    if len(written) > LONGEST:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    # Editors on Windows put a byte order mark in front, which TOML does not know.
    return written.decode("utf-8-sig")


def read_config(path: str | os.PathLike[str]) -> Model:
    """The model that a TOML file declares.

    Parameters
    ----------
    path : path-like
        The file; relative paths of sources in it start from its directory.

    Raises
    ------
    ConfigError
        The message names the place in the file, and the near word where one is misspelt.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> directory = tempfile.TemporaryDirectory()
    >>> file = pathlib.Path(directory.name, "enishi.toml")
    >>> _ = file.write_text('''
    ... [fields.phone]
    ... region = "US"
    ...
    ... [sources.web]
    ... record_id = "order_no"
    ... columns = { "mail" = "email", "tel" = "phone" }
    ... ''')
    >>> model = read_config(file)
    >>> model.fields[0].region, model.source("web").record_id
    ('US', 'order_no')
    >>> directory.cleanup()
    """
    import tomllib

    path = Path(path)
    try:
        text = written_text(path)
    except FileNotFoundError:
        raise ConfigError(str(path), "there is no such file") from None
    except OSError as error:
        raise ConfigError(str(path), f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(str(path), "is not UTF-8; save it as UTF-8") from None
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(str(path), f"is not TOML: {error}") from None
    except (ValueError, RecursionError):
        raise ConfigError(str(path), "has a number or a nesting that is too long for a configuration") from None
    try:
        return _model(table, path.parent)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error.where}", error.text) from None


def to_toml(model: Model, notes: Mapping[str, str] | None = None) -> str:
    """The model as the text of a configuration file that explains itself.

    Parameters
    ----------
    model : Model
        What to write.
    notes : mapping of str to str, optional
        Remarks to put behind a line, by its place: ``sources.web``, ``sources.web.columns.mail``, ``fields.phone``.

    Examples
    --------
    >>> from enishi.fields import Phone
    >>> print(*to_toml(Model([Phone(["tel", "mobile"])])).splitlines()[12:16], sep=chr(10))
    [fields.phone]
    columns = ["tel", "mobile"]
    region = "JP"
    max_edits = 1
    """
    return "\n".join(_lines(model, notes or {})) + "\n"


def match_toml(model: MatchModel, blocking: Mapping[str, Mapping[str, int]]) -> str:
    """The blocking rules and comparisons of a match model as part of a configuration file, which gives the same again.

    Parameters
    ----------
    model : MatchModel
    blocking : mapping
        By rule, the counts that the summary of a run has.

    Examples
    --------
    >>> from enishi.match_model import MatchModel, default_comparison
    >>> model = MatchModel((default_comparison("phone", "typed"),), rules=("phone[-7:]",))
    >>> counts = {"pairs": 12, "largest": 3, "cap": 1000, "cut_blocks": 0, "left_out_blocks": 0}
    >>> print(match_toml(model, {"phone[-7:]": counts}), end="")
    # Matching by probability: records are compared that agree in one of these rules,
    # conjunctions of fields, slices and parts of them.
    [match]
    rules = [
        "phone[-7:]",  # 12 pairs, blocks of up to 3
    ]
    <BLANKLINE>
    # Comparisons: the levels of each field, the strictest first.
    <BLANKLINE>
    [match.comparisons.phone]
    levels = ["equal", "one edit"]
    """
    comparisons = [
        Comparison(each.name, [name for name in each.names[:0:-1] if name], term_frequency=each.term_frequency)
        for each in model.comparisons
    ]
    notes = {f"match.rules.{rule}": _counted(counts) for rule, counts in blocking.items()}
    return "\n".join(match_lines(Match(model.rules, comparisons), notes)) + "\n"


def _counted(counts: Mapping[str, int]) -> str:
    """What a blocking rule yields, and what its cap cost."""
    said = [f"{counts['pairs']:,} pairs", f"blocks of up to {counts['largest']:,}"]
    if counts["cut_blocks"]:
        said.append(f"{counts['cut_blocks']:,} of more than {counts['cap']:,} cut")
    if counts["left_out_blocks"]:
        said.append(f"{counts['left_out_blocks']:,} left out ({counts['left_out_pairs']:,} pairs)")
    return ", ".join(said)


# Reading.


def _model(table: Mapping[str, Any], directory: Path) -> Model:
    _known_keys("", table, _TOP_LEVEL)
    fields = [_field(name, _table(f"fields.{name}", each)) for name, each in _tables("fields", table)]
    sources = [_source(name, _table(f"sources.{name}", each), directory) for name, each in _tables("sources", table)]
    rest = {key: table[key] for key in ("rules", "generic_limit", "must_link", "cannot_link") if key in table}
    for key in ("must_link", "cannot_link"):
        if isinstance(rest.get(key), str) and rest[key]:
            rest[key] = str(directory / rest[key])
    match = _match(_table("match", table.get("match", {})), directory)
    return _declare("", Model, {"fields": fields, "sources": sources, "match": match} | rest)


def _field(name: str, table: dict[str, Any]) -> Field:
    where = f"fields.{name}"
    kind = table.pop("kind", _USUAL_KINDS.get(name, name))
    if not isinstance(kind, str):
        raise ConfigError(f"{where}.kind", f"there is no kind {kind!r}")
    if kind in _USUAL_KINDS:
        raise ConfigError(f"{where}.kind", f"{kind!r} is the name of a field, whose kind is {_USUAL_KINDS[kind]!r}")
    if kind not in KINDS:
        hint = "" if name in KINDS else "; a field of your own is of the kind 'identifier' or 'attribute'"
        raise ConfigError(f"{where}.kind", f"there is no kind {kind!r}{did_you_mean(kind, KINDS)}{hint}")
    cls = KINDS[kind]
    _known_keys(where, table, ["kind", *(option for option in options(cls) if option != "name")])
    for option in ("namespace", "gateway"):
        if isinstance(table.get(option), dict):
            _known_keys(f"{where}.{option}", table[option], ["column"])
            try:
                table[option] = Column(table[option].get("column"))
            except ConfigError as error:
                raise ConfigError(f"{where}.{option}.column", error.text) from None
    return _declare(where, cls, table | {"name": name})


def _match(table: dict[str, Any], directory: Path) -> Match:
    _known_keys("match", table, options(Match))
    comparisons = []
    for field, each in _tables("comparisons", table, "match."):
        where = f"match.comparisons.{field}"
        comparison = _table(where, each)
        _known_keys(where, comparison, [option for option in options(Comparison) if option != "field"])
        if isinstance(comparison.get("levels"), list):
            comparison["levels"] = [_placed(level, directory) for level in comparison["levels"]]
        comparisons.append(_declare(where, Comparison, comparison | {"field": field}))
    return _declare("match", Match, table | {"comparisons": comparisons})


def _placed(level: Any, directory: Path) -> Any:
    """A level whose list is looked for from the directory of the file."""
    if not isinstance(level, str) or not level.startswith(LISTED):
        return level
    return f"{LISTED}{directory / level.removeprefix(LISTED)}"


def _source(name: str, table: dict[str, Any], directory: Path) -> Source:
    where = f"sources.{name}"
    _known_keys(where, table, [option for option in options(Source) if option != "name"])
    if isinstance(table.get("path"), str) and table["path"]:
        table["path"] = str(directory / table["path"])
    return _declare(where, Source, table | {"name": name})


def _declare(where: str, cls: type[T], arguments: Mapping[str, Any]) -> T:
    """An instance of a declared class; its complaint is moved from the class to the place in the file."""
    try:
        return cls(**arguments)
    except ConfigError as error:
        # "Phone.region" and "Source.columns."mail"": the class in front, then the option.
        inner = error.where.partition(".")[2]
        raise ConfigError(".".join(part for part in (where, inner) if part), error.text) from None


def _tables(key: str, table: Mapping[str, Any], within: str = "") -> list[tuple[str, Any]]:
    if not isinstance(table.get(key, {}), dict):
        raise ConfigError(within + key, f"must be tables, each headed [{within}{key}.NAME]")
    return list(table.get(key, {}).items())


def _table(where: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ConfigError(where, f"must be a table headed [{where}], not {type(value).__name__}")
    return dict(value)


def _known_keys(where: str, table: Mapping[str, Any], known: Sequence[str]) -> None:
    for key in table:
        if key not in known:
            place = f"{where}.{key}" if where else key
            if where and key in _TOP_LEVEL:
                raise ConfigError(place, f"{key} belongs to the top of the file, before the first [table]")
            raise ConfigError(place, f"there is no option {key!r}{did_you_mean(key, known)}")


# Writing.


def _lines(model: Model, notes: Mapping[str, str]) -> list[str]:
    lines = [
        "# What enishi is told about the data: which columns of which files mean what, and how to read them.",
        "",
        "# Rules: records that agree in all the attributes of a rule are one customer. (Identifiers such as an email",
        "# link by themselves and need no rule.)",
        f"rules = {_value(model.rules)}",
        "",
        "# A value shared by more groups of records than this, such as a kiosk's device id, links nobody.",
        f"generic_limit = {model.generic_limit}",
    ]
    for option in ("must_link", "cannot_link"):
        if getattr(model, option) is not None:
            lines += ["", f"{option} = {_value(getattr(model, option))}"]
    lines += [
        "",
        "# Fields: what columns mean. With none declared, every field that a header suggests is used; with some, only",
        "# these and those that a source's columns name.",
    ]
    for field in model.fields:
        where = f"fields.{field.name}"
        lines += ["", _noted(f"[fields.{_key(field.name)}]", notes.get(where))]
        lines += [f"kind = {_value(field.kind)}"] * (field.kind != field.name)
        for option in options(type(field)):
            value = getattr(field, option)
            if option != "name" and value not in (None, ()):
                lines.append(_noted(f"{option} = {_value(value)}", notes.get(f"{where}.{option}")))
    lines += ["", '# Sources: where the records are, and "column" = "field" for each column to use.']
    for source in model.sources:
        where = f"sources.{source.name}"
        lines += ["", _noted(f"[sources.{_key(source.name)}]", notes.get(where))]
        for option in ("path", "record_id", "encoding", "delimiter"):
            value = getattr(source, option)
            if value is not None:
                lines.append(_noted(f"{option} = {_value(value)}", notes.get(f"{where}.{option}")))
        lines += ["unique = true"] * source.unique
        if source.columns:
            lines += ["", f"[sources.{_key(source.name)}.columns]"]
        for column, target in source.columns.items():
            lines.append(_noted(f"{_value(column)} = {_value(target)}", notes.get(f"{where}.columns.{column}")))
    return lines + (["", *match_lines(model.match, notes)] if model.match != Match() else [])


def match_lines(match: Match, notes: Mapping[str, str]) -> list[str]:
    """Blocking rules and comparisons as lines of a configuration file, with remarks by rule and field."""
    lines = [
        "# Matching by probability: records are compared that agree in one of these rules,",
        "# conjunctions of fields, slices and parts of them.",
        "[match]",
        "rules = [",
        *(_noted(f"    {_value(rule)},", notes.get(f"match.rules.{rule}")) for rule in match.rules),
        "]",
    ]
    if match.comparisons:
        lines += ["", "# Comparisons: the levels of each field, the strictest first."]
    for each in match.comparisons:
        where = f"match.comparisons.{each.field}"
        lines += ["", _noted(f"[match.comparisons.{_key(each.field)}]", notes.get(where))]
        if each.levels:
            lines.append(f"levels = {_value(tuple(map(str, each.levels)))}")
        if not each.term_frequency:
            lines.append("term_frequency = false")
    return lines


def _noted(line: str, note: str | None) -> str:
    return f"{line}  # {' '.join(note.split())}" if note else line


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _value(name)


def _value(value: Any) -> str:
    import json

    if isinstance(value, Column):
        return f"{{ column = {_value(value.name)} }}"
    if isinstance(value, tuple):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    # JSON's strings are TOML's, but for DEL, which TOML wants escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
