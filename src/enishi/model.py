"""What the user declares about the data: the sources, the rules that link records, and how records are matched.

Classes are small and frozen (`enishi.frozen`) and check themselves: what is wrong is a `ConfigError` that names class
and option. What columns can mean stands in `enishi.fields`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from enishi import checks
from enishi.errors import ConfigError, did_you_mean
from enishi.fields import IGNORE, STANDARD_FIELDS, Column, Field, compared_kinds, options
from enishi.frozen import fresh, frozen, replace
from enishi.levels import EQUAL, MOST_OWN_LEVELS, AnyLevel, Level, check_levels, parse_level

if TYPE_CHECKING:
    from dataclasses import KW_ONLY

DEFAULT_RULES = ("name & birth_date & postcode",)


@frozen
class Source:
    """One source: where its records are and what its columns are called.

    Parameters
    ----------
    name : str
        What records of this source are called: a record is known by (source, record_id).
    path : str, optional
        A file, a directory or a glob.
    record_id : str, optional
        The column that names a record within the source.
    columns : mapping of str to str
        Column name to field: ``{"mail": "email", "mail2": "email", "sei": "family_name"}``. It comes before the columns
        that a field declares and before what headers suggest; ``"ignore"`` keeps a column from being taken for any.
    encoding : str, optional
        Of CSV files; left out, UTF-8, or what their bytes tell beyond doubt (with a notice).
    delimiter : str, optional
        Of CSV files; left out, the one of comma, semicolon, tab and bar by which the header has most columns, or a tab
        where the file is called ``.tsv``.
    unique : bool
        The source is known to be free of duplicates: no two of its records are one customer.

    Examples
    --------
    >>> Source("web", record_id="order_no", columns={"mail": "email"}).columns["mail"]
    'email'
    """

    name: str
    _: KW_ONLY
    path: str | None = None
    record_id: str | None = None
    columns: Mapping[str, str] = fresh(default_factory=dict)
    encoding: str | None = None
    delimiter: str | None = None
    unique: bool = False

    def __post_init__(self) -> None:
        _source_name("Source.name", self.name)
        for option in ("path", "record_id"):
            if getattr(self, option) is not None:
                checks.text(f"Source.{option}", getattr(self, option))
        object.__setattr__(self, "columns", checks.mapping("Source.columns", self.columns))
        if self.encoding is not None:
            object.__setattr__(self, "encoding", checks.encoding("Source.encoding", self.encoding))
        if self.delimiter is not None and len(checks.text("Source.delimiter", self.delimiter)) != 1:
            raise ConfigError("Source.delimiter", "must be one character, such as ';'")
        checks.flag("Source.unique", self.unique)


@frozen
class Key:
    """One expression of a blocking rule: what two records have to share of a field.

    Attributes
    ----------
    field : str
        The kind of a field, or its name, or a part of a name: ``given_name``, ``family_name``, ``name``.
    part : str
        ``code`` for the whole value; ``prefix`` or ``suffix``; of a date ``year``, ``month`` (with its year) or ``day``
        (of any year); of an email ``local_part``; of a name ``reading`` (in kana) or ``skeleton`` (what most
        misspellings leave; of given names only of the first); of an address or an attribute of one's own ``rare_word``,
        any of its rarest words.
    length : int
        Characters of a prefix or suffix.
    """

    field: str
    part: str = "code"
    length: int = 0

    @property
    def trains(self) -> bool:
        """Whether m is learned from pairs that share it.

        What shares a rare word is of one kind rather than one thing (branches of a company, models of a brand), and
        expectation-maximization would learn to tell kinds.
        """
        return self.part != "rare_word"


def blocking_keys(where: str, rule: str) -> tuple[Key, ...]:
    """The keys of a blocking rule, a conjunction of expressions; none for ``"*"``, which holds for every pair.

    Raises
    ------
    ConfigError
        It is not such a conjunction.

    Examples
    --------
    >>> blocking_keys("rules[0]", "phone[-7:] & given_name[:1]")
    (Key(field='phone', part='suffix', length=7), Key(field='given_name', part='prefix', length=1))
    >>> blocking_keys("rules[0]", "birth_date.yaer")
    Traceback (most recent call last):
    ...
    enishi.errors.ConfigError: rules[0]: there is no key 'yaer'; did you mean 'year'?
    """
    keys: list[Key] = []
    for expression in rule.split("&") if rule.strip() != "*" else ():
        parsed = _EXPRESSION.fullmatch(expression.strip())
        if parsed is None:
            raise ConfigError(where, f"{expression.strip()!r} is no expression, such as 'phone[-7:]'")
        part = parsed["part"] or "code"
        if parsed["part"] and part not in _KEY_KINDS:
            raise ConfigError(where, f"there is no key {part!r}{did_you_mean(part, _KEY_KINDS)}")
        length = 0
        for end in ("prefix", "suffix"):
            if parsed[end]:
                part, length = end, checks.count(where, int(parsed[end]), 1, 1_000)
        keys.append(Key(parsed[1], part, length))
    return tuple(keys)


_EXPRESSION = re.compile(r"(\w+)(?:\[:(?P<prefix>\d+)\]|\[-(?P<suffix>\d+):\]|\.(?P<part>\w+))?")
# By part of a value, the kinds of comparisons whose values have it.
_KEY_KINDS: dict[str, tuple[str, ...]] = {
    "year": ("date",),
    "month": ("date",),
    "day": ("date",),
    "local_part": ("email",),
    "reading": ("given_name", "family_name", "name"),
    "skeleton": ("given_name", "family_name", "name", "text"),
    "rare_word": ("address", "text"),
}


@frozen
class Comparison:
    """How matching by probability compares a field.

    Parameters
    ----------
    field : str
        A field's name, or a part of a name: ``given_name``, ``family_name``, ``name``.
    levels : sequence of str, Level, Custom or Listed
        From ``"exact"`` (which stands first, written or not) down to the loosest: a pair has the first that any two of
        its values reach, and is else different. Texts as in a configuration file: ``"jaro_winkler >= 0.92"``,
        ``"osa <= 1"``, or a stored level of the field (``"one slip"``). Without levels the stored ones.
    term_frequency : bool
        Agreement on a rare value says more than on a frequent one.

    Examples
    --------
    >>> comparison = Comparison("given_name", ["exact", "jaro_winkler >= 0.9", "prefix >= 1"])
    >>> [str(level) for level in comparison.levels]
    ['equal', 'jaro_winkler >= 0.9', 'prefix >= 1']
    >>> Comparison("birth_date", ["exact", "one slip", "days < 31"])
    Traceback (most recent call last):
    ...
    enishi.errors.ConfigError: Comparison.levels[2]: days is written with <=, not <
    """

    field: str
    levels: Sequence[str | AnyLevel] = ()
    _: KW_ONLY
    term_frequency: bool = True

    def __post_init__(self) -> None:
        checks.text("Comparison.field", self.field)
        checks.flag("Comparison.term_frequency", self.term_frequency)
        given = (self.levels,) if isinstance(self.levels, str | AnyLevel) else self.levels
        if not isinstance(given, list | tuple):
            raise ConfigError("Comparison.levels", f"must be a list of levels, not {checks.type_name(given)}")
        levels = tuple(parse_level(f"Comparison.levels[{i}]", level) for i, level in enumerate(given))
        if levels and levels[0] != Level(EQUAL):
            levels = (Level(EQUAL), *levels)
        if len(levels) > MOST_OWN_LEVELS + 1:
            raise ConfigError("Comparison.levels", f"must be at most {MOST_OWN_LEVELS} beside exact")
        checks.unique("Comparison.levels", "level", [str(level) for level in levels])
        object.__setattr__(self, "levels", levels)


@frozen
class Match:
    """How records that share no identifier are matched by probability.

    Parameters
    ----------
    rules : sequence of str
        Blocking rules, which say what two records have to share to be compared: conjunctions of fields, slices and
        parts of them, such as ``"birth_date & family_name"``, ``"phone[-7:] & given_name[:1]"`` and
        ``"email.local_part"``.
        A field is known by its kind (``phone`` means all phones), else by its name; ``"*"`` compares every pair, of few
        records. Without rules a default set.
    comparisons : sequence of Comparison
        Of fields that are not to be compared in the stored way.

    Examples
    --------
    >>> Match(["phone[-7:] & given_name[:1]"], [Comparison("given_name", ["exact", "osa <= 1"])]).rules
    ('phone[-7:] & given_name[:1]',)
    """

    rules: Sequence[str] = ()
    comparisons: Sequence[Comparison] = ()

    def __post_init__(self) -> None:
        rules = checks.texts("Match.rules", self.rules)
        for i, rule in enumerate(rules):
            blocking_keys(f"Match.rules[{i}]", rule)
        checks.unique("Match.rules", "rule", rules)
        object.__setattr__(self, "rules", rules)
        object.__setattr__(self, "comparisons", checks.instances("Match.comparisons", self.comparisons, Comparison))
        checks.unique("Match.comparisons", "comparison of", [each.field for each in self.comparisons])

    def check(self, where: str, fields: Iterable[Field]) -> None:
        """Checks rules and comparisons against the fields that there are.

        Raises
        ------
        ConfigError
            A field is not there, or has no such key or level.
        """
        kinds = compared_kinds(fields)
        by_word: dict[str, set[str]] = {}
        for word, kind in kinds.values():
            by_word.setdefault(word, set()).add(kind)
        for name, (_, kind) in kinds.items():
            by_word.setdefault(name, {kind})
        for i, rule in enumerate(self.rules):
            for key in blocking_keys(f"{where}.rules[{i}]", rule):
                if key.field not in by_word:
                    known = did_you_mean(key.field, by_word)
                    raise ConfigError(f"{where}.rules[{i}]", f"there is no field {key.field!r}{known}")
                found = by_word[key.field]
                if not found.intersection(_KEY_KINDS.get(key.part, found)):
                    raise ConfigError(f"{where}.rules[{i}]", f"{key.field!r} has no {key.part!r}")
                if key.length and "date" in found:
                    raise ConfigError(f"{where}.rules[{i}]", f"write {key.field}.year, .month or .day")
        for each in self.comparisons:
            place = f"{where}.comparisons.{each.field}"
            if each.field not in kinds:
                raise ConfigError(place, f"there is no field {each.field!r}{did_you_mean(each.field, kinds)}")
            check_levels(f"{place}.levels", kinds[each.field][1], parsed_levels(each))

    def fed_by(self, fields: Iterable[Field]) -> Match:
        """What remains of it where only these fields are there."""
        kinds = compared_kinds(fields)
        known = {word for name, (field, _) in kinds.items() for word in (name, field)}
        rules = [rule for rule in self.rules if known.issuperset(key.field for key in blocking_keys("rules", rule))]
        return Match(rules, [each for each in self.comparisons if each.field in kinds])


def parsed_levels(comparison: Comparison) -> tuple[AnyLevel, ...]:
    """The levels of a comparison as they are kept."""
    return tuple(parse_level("Comparison.levels", level) for level in comparison.levels)


@frozen
class Model:
    """Everything that is declared about the data.

    Parameters
    ----------
    fields : sequence of Field
        The fields to use; none: every field that a column's header suggests. A field of the usual name and options
        that a source maps a column to need not be declared.
    sources : sequence of Source
        What is particular about a source.
    rules : sequence of str
        Exact rules on attributes: records that agree in all the attributes of a rule are linked.
    generic_limit : int
        A value is generic, and links nobody, when its records fall into more groups than this once its field is
        ignored.
    must_link, cannot_link : str, optional
        Files of pairs of records that are, and that are not, one customer: left_source, left_record_id, right_source,
        right_record_id and, where not all pairs are meant, match.
    match : Match
        Blocking rules and comparisons of one's own, for matching by probability.

    Examples
    --------
    >>> from enishi.fields import BirthDate, Email, PersonName, Phone
    >>> model = Model([Email(), Phone(["tel", "mobile"]), PersonName(), BirthDate()], rules=["name & birth_date"])
    >>> [field.name for field in model.fields]
    ['email', 'phone', 'name', 'birth_date']
    >>> Model([Email()], sources=[Source("web", columns={"mail": "emial"})])
    Traceback (most recent call last):
    ...
    enishi.errors.ConfigError: Model.sources.web.columns."mail": there is no field 'emial'; did you mean 'email'?
    """

    fields: Sequence[Field] = ()
    _: KW_ONLY
    sources: Sequence[Source] = ()
    rules: Sequence[str] = DEFAULT_RULES
    generic_limit: int = 20
    must_link: str | None = None
    cannot_link: str | None = None
    match: Match = fresh(default_factory=Match)

    def __post_init__(self) -> None:
        object.__setattr__(self, "fields", checks.instances("Model.fields", self.fields, Field))
        object.__setattr__(self, "sources", checks.instances("Model.sources", self.sources, Source))
        checks.unique("Model.fields", "field", [field.name for field in self.fields])
        checks.unique("Model.fields", "field", [target for field in self.fields for target in field.targets()])
        checks.unique("Model.sources", "source", [source.name for source in self.sources])
        for source in self.sources:
            for column, target in source.columns.items():
                self._check_target(f'Model.sources.{source.name}.columns."{column}"', target)
        checks.count("Model.generic_limit", self.generic_limit, 1, None)
        for option in ("must_link", "cannot_link"):
            if getattr(self, option) is not None:
                checks.text(f"Model.{option}", getattr(self, option))
        rules = checks.texts("Model.rules", self.rules)
        object.__setattr__(self, "rules", tuple(self._rule(f"Model.rules[{i}]", rule) for i, rule in enumerate(rules)))
        if not isinstance(self.match, Match):
            raise ConfigError("Model.match", f"must be a Match, not {checks.type_name(self.match)}")
        self.match.check("Model.match", self.known_fields())

    def source(self, name: str) -> Source:
        """The source of that name, as declared or with nothing particular about it."""
        return next((source for source in self.sources if source.name == name), Source(name))

    def known_fields(self) -> tuple[Field, ...]:
        """The declared fields, then the standard ones whose names they leave free."""
        taken = {target for field in self.fields for target in field.targets()}
        return (*self.fields, *(field for field in STANDARD_FIELDS if taken.isdisjoint(field.targets())))

    def digest(self) -> str:
        """SHA-256 of the declared model, in hex: equal models, equal digests; where the files are does not matter.

        Examples
        --------
        >>> from enishi.fields import Email
        >>> Model([Email("mail")]).digest() == Model([Email(["mail"])]).digest()
        True
        >>> Model([Email("mail")]).digest() == Model([Email("e_mail")]).digest()
        False
        """
        import json

        from enishi._normalize import sha256

        sources = [replace(source, path=None) for source in self.sources]
        plain = _plain(replace(self, sources=sources, must_link=None, cannot_link=None))
        return sha256(json.dumps(plain, sort_keys=True, separators=(",", ":")).encode())

    def _check_target(self, where: str, target: str) -> None:
        if target == "record_id":
            raise ConfigError(where, "name the column of the record id by the source's option record_id instead")
        known = [IGNORE, *(name for field in self.known_fields() for name in field.targets())]
        if target not in known:
            raise ConfigError(where, f"there is no field {target!r}{did_you_mean(target, known)}")

    def _rule(self, where: str, rule: str) -> str:
        names = rule_fields(rule)
        # The default rule is there for whoever has these attributes; only a rule that was written down can be wrong.
        known = {field.name: field.role for field in self.known_fields()}
        if self.fields and rule not in DEFAULT_RULES:
            mapped = {target for source in self.sources for target in source.columns.values()}
            known = {
                field.name: field.role
                for field in self.known_fields()
                if field in self.fields or not mapped.isdisjoint(field.targets())
            }
        for name in names:
            if name not in known:
                raise ConfigError(where, f"there is no field {name!r}{did_you_mean(name, known)}")
            if known[name] != "attribute":
                raise ConfigError(where, f"{name!r} is not an attribute; identifiers link without a rule")
        if len(set(names)) < 2:
            raise ConfigError(where, "an attribute never links alone; write at least two, such as 'name & birth_date'")
        return " & ".join(names)


def rule_fields(rule: str) -> tuple[str, ...]:
    """The attributes of a rule.

    Examples
    --------
    >>> rule_fields("name & birth_date")
    ('name', 'birth_date')
    """
    return tuple(name.strip() for name in rule.split("&"))


def _source_name(where: str, value: Any) -> str:
    # A record is written SOURCE:RECORD_ID and an input NAME=PATH.
    if any(c in ":=/\\" or not c.isprintable() for c in checks.text(where, value)):
        raise ConfigError(where, f"{value!r} cannot name a source; leave out ':', '=' and slashes")
    return str(value)


def _plain(value: Any) -> Any:
    """The declared classes as JSON has them; a field carries its kind."""
    if isinstance(value, AnyLevel):
        return str(value)
    if isinstance(value, Column | Field | Source | Comparison | Match | Model):
        kind: dict[str, Any] = {"kind": value.kind} if isinstance(value, Field) else {}
        return kind | {name: _plain(getattr(value, name)) for name in options(type(value))}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
