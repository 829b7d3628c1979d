"""What the user declares: the fields that columns mean, the sources, and the rules that link records.

Every class is small and frozen (`enishi.frozen`). An option has one meaning wherever it occurs, so one table
(``_CHECKS``) validates them all, in Python and in a configuration file alike; a wrong one is a `ConfigError` that names
class and option.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from enishi.errors import ConfigError
from enishi.frozen import field_names, fresh, frozen, replace
from enishi.levels import EQUAL, MOST_OWN_LEVELS, AnyLevel, Level, check_levels, parse_level

if TYPE_CHECKING:
    from dataclasses import KW_ONLY

Role = Literal["identifier", "attribute", "time"]
Recipe = Literal["uid2", "google", "meta"]
CheckDigit = Literal["none", "luhn", "ean13", "mod11", "iso7064"]
DateOrder = Literal["YMD", "DMY", "MDY"]

DEFAULT_RULES = ("name & birth_date & postcode",)
# What a column may be mapped to beside fields: it is then not read as any field.
IGNORE = "ignore"
DATE_PARTS = ("year", "month", "day")


@frozen
class Column:
    """Says that a value stands in a column instead of being the same for every row.

    Examples
    --------
    >>> DeviceId("device", namespace=Column("device_type")).namespace
    Column(name='device_type')
    """

    name: str

    def __post_init__(self) -> None:
        _text("Column.name", self.name)


class Field:
    """What a column means; the base of all fields.

    Attributes
    ----------
    kind : str
        The word for the class in a configuration file.
    role : {"identifier", "attribute", "time"}
        An identifier can link by itself; an attribute is evidence and never links alone.
    """

    __slots__ = ()
    kind: ClassVar[str]
    role: ClassVar[Role]
    name: str

    def __post_init__(self) -> None:
        for option in options(type(self)):
            where = f"{type(self).__name__}.{option}"
            object.__setattr__(self, option, _CHECKS[option](where, getattr(self, option)))
        kind = type(self).__name__
        if getattr(self, "limit_days", None) is not None and getattr(self, "limit", None) is None:
            raise ConfigError(f"{kind}.limit_days", "is the window of a limit; declare limit too")
        if getattr(self, "limit", None) is not None and getattr(self, "hashed", False):
            raise ConfigError(f"{kind}.limit", "would count an id and its hash as two; declare it without hashed")
        if set(getattr(self, "allow", ())) & set(getattr(self, "generic", ())):
            raise ConfigError(f"{kind}.allow", "holds a value that is listed as generic too")

    def parts(self) -> dict[str, tuple[str, ...]]:
        """The parts that columns feed, each with its declared columns; most fields have one, ``value``."""
        return {"value": tuple(self.columns)}  # type: ignore[attr-defined]

    def targets(self) -> dict[str, str]:
        """What a source's column can be mapped to, and the part that it then feeds."""
        return {self.name: "value"}


@frozen
class Email(Field):
    """An email address.

    Parameters
    ----------
    columns : str or sequence of str
        The columns to take in any source; none: the field's name and the usual headers (``mail``, ``メール``).
    name : str
        What the field is called in results.
    max_edits : int
        Misspelt addresses within this edit distance (0, 1 or 2) are candidates; they link only with support.
    generic : sequence of str
        Addresses that many people share and that never link, beside the built-in ones such as ``info@``.
    allow : sequence of str
        Addresses that are never generic, however many carry them.
    limit : int, optional
        How many different addresses one customer may have.
    limit_days : int, optional
        With ``limit``: how many within so many days of each other. What has no time counts at any.

    Examples
    --------
    >>> Email(["mail", "mail2"], generic="shop@example.com").columns
    ('mail', 'mail2')
    """

    kind: ClassVar[str] = "email"
    role: ClassVar[Role] = "identifier"
    columns: Sequence[str] = ()
    _: KW_ONLY
    name: str = "email"
    max_edits: int = 1
    generic: Sequence[str] = ()
    allow: Sequence[str] = ()
    limit: int | None = None
    limit_days: int | None = None


@frozen
class HashedEmail(Field):
    """An email address that arrives as its SHA-256, hex or Base64.

    Parameters
    ----------
    recipe : {"uid2", "google", "meta"}
        How the address was normalized before it was hashed; plaintext emails are hashed the same way and meet it.

    Examples
    --------
    >>> HashedEmail("em", recipe="meta").recipe
    'meta'
    """

    kind: ClassVar[str] = "hashed_email"
    role: ClassVar[Role] = "identifier"
    columns: Sequence[str] = ()
    _: KW_ONLY
    recipe: Recipe = "uid2"
    name: str = "hashed_email"
    limit: int | None = None
    limit_days: int | None = None


@frozen
class Phone(Field):
    """A telephone number.

    Parameters
    ----------
    region : str
        The country, as two capital letters, whose national numbers stand without a country code.

    Examples
    --------
    >>> Phone(["tel", "mobile"], region="US").region
    'US'
    """

    kind: ClassVar[str] = "phone"
    role: ClassVar[Role] = "identifier"
    columns: Sequence[str] = ()
    _: KW_ONLY
    region: str = "JP"
    name: str = "phone"
    max_edits: int = 1
    generic: Sequence[str] = ()
    allow: Sequence[str] = ()
    limit: int | None = None
    limit_days: int | None = None


@frozen
class DeviceId(Field):
    """An advertising id, vendor id or cookie.

    Parameters
    ----------
    namespace : str or Column, optional
        What kind of id it is (``idfa``, ``gaid``, ``idfv``, ``cookie``, ...), or the column that says so. Ids of two
        namespaces never meet; without one, a header such as ``idfa`` says it, else the ids are a namespace of their
        own.
    hashed : sequence of {"md5", "sha1", "sha256"}
        Hashed spellings that are to meet their plaintext.

    Examples
    --------
    >>> DeviceId("ad_id", namespace="idfa", hashed="sha1").hashed
    ('sha1',)
    """

    kind: ClassVar[str] = "device_id"
    role: ClassVar[Role] = "identifier"
    columns: Sequence[str] = ()
    _: KW_ONLY
    namespace: str | Column | None = None
    hashed: Sequence[str] = ()
    name: str = "device_id"
    max_edits: int = 0
    generic: Sequence[str] = ()
    allow: Sequence[str] = ()
    limit: int | None = None
    limit_days: int | None = None


@frozen
class PaymentToken(Field):
    """An opaque token that a payment gateway gives for a card or account.

    Parameters
    ----------
    gateway : str or Column, optional
        Who issued the token, or the column that says so; tokens of two gateways never meet.
    tokenized : bool
        The values are known to be tokens although they look like card numbers (network tokens do).

    Examples
    --------
    >>> PaymentToken(gateway=Column("psp")).gateway
    Column(name='psp')
    """

    kind: ClassVar[str] = "payment_token"
    role: ClassVar[Role] = "identifier"
    columns: Sequence[str] = ()
    _: KW_ONLY
    gateway: str | Column | None = None
    tokenized: bool = False
    name: str = "payment_token"
    max_edits: int = 0
    generic: Sequence[str] = ()
    allow: Sequence[str] = ()
    limit: int | None = None
    limit_days: int | None = None


@frozen
class LoyaltyCard(Field):
    """A membership or point card number.

    Parameters
    ----------
    check_digit : {"none", "luhn", "ean13", "mod11", "iso7064"}
        The check digit that every number carries.
    length : int, optional
        How many digits a number has; lost leading zeros are restored.
    prefixes : sequence of str
        What scanners put before the number.
    max_edits : int, optional
        Left out: 1 where a check digit is declared (a failing number is corrected to its one valid neighbor), else 0.

    Examples
    --------
    >>> LoyaltyCard(check_digit="luhn", length=16).max_edits
    1
    >>> LoyaltyCard().max_edits
    0
    """

    kind: ClassVar[str] = "loyalty_card"
    role: ClassVar[Role] = "identifier"
    columns: Sequence[str] = ()
    _: KW_ONLY
    check_digit: CheckDigit = "none"
    length: int | None = None
    prefixes: Sequence[str] = ()
    name: str = "loyalty_card"
    max_edits: int | None = None
    generic: Sequence[str] = ()
    allow: Sequence[str] = ()
    limit: int | None = None
    limit_days: int | None = None

    def __post_init__(self) -> None:
        if self.max_edits is None:
            object.__setattr__(self, "max_edits", 0 if self.check_digit == "none" else 1)
        Field.__post_init__(self)


@frozen
class Identifier(Field):
    """An identifier of the user's own: a customer number, a passport number, an account.

    Parameters
    ----------
    keep_case : bool
        Upper and lower case are told apart.
    keep_separators : bool, optional
        Blanks, hyphens, points and slashes count in a number of six digits or more. Left out, they do unless the values
        tell that the same numbers are written with and without them (521-21-2123 and 521212123).

    Examples
    --------
    >>> Identifier("passport_no", name="passport").columns
    ('passport_no',)
    """

    kind: ClassVar[str] = "identifier"
    role: ClassVar[Role] = "identifier"
    columns: Sequence[str] = ()
    _: KW_ONLY
    name: str
    keep_case: bool = False
    keep_separators: bool | None = None
    max_edits: int = 0
    generic: Sequence[str] = ()
    allow: Sequence[str] = ()
    limit: int | None = None
    limit_days: int | None = None


@frozen
class MaskedCard(Field):
    """A masked card number such as 411111******1111: an attribute, for thousands of cards share one.

    Parameters
    ----------
    expiry : str, optional
        The column of the card's expiry.

    Examples
    --------
    >>> MaskedCard("card", expiry="exp").parts()
    {'value': ('card',), 'expiry': ('exp',)}
    """

    kind: ClassVar[str] = "masked_card"
    role: ClassVar[Role] = "attribute"
    columns: Sequence[str] = ()
    _: KW_ONLY
    expiry: str | None = None
    name: str = "masked_card"

    def parts(self) -> dict[str, tuple[str, ...]]:
        return {"value": tuple(self.columns), "expiry": (self.expiry,) if self.expiry else ()}

    def targets(self) -> dict[str, str]:
        return {self.name: "value", f"{self.name}_expiry": "expiry"}


@frozen
class PersonName(Field):
    """A person's name, whole or in parts, in writing and in reading.

    Parameters
    ----------
    family, given, family_kana, given_kana : str or sequence of str
        The columns of the parts.
    full, full_kana : str or sequence of str
        The columns of names that are not split.
    suffix : str or sequence of str
        The column of what follows a name and tells generations apart (Jr, Sr, III).

    Examples
    --------
    >>> PersonName(family="姓", given="名").parts()["family"]
    ('姓',)
    >>> sorted(PersonName().targets())
    ['family_name', 'family_name_kana', 'given_name', 'given_name_kana', 'name', 'name_kana', 'name_suffix']
    """

    kind: ClassVar[str] = "name"
    role: ClassVar[Role] = "attribute"
    family: Sequence[str] = ()
    given: Sequence[str] = ()
    family_kana: Sequence[str] = ()
    given_kana: Sequence[str] = ()
    full: Sequence[str] = ()
    full_kana: Sequence[str] = ()
    suffix: Sequence[str] = ()
    _: KW_ONLY
    name: str = "name"

    def parts(self) -> dict[str, tuple[str, ...]]:
        return {part: tuple(getattr(self, part)) for part in _NAME_PARTS.values()}

    def targets(self) -> dict[str, str]:
        prefix = "" if self.name == "name" else f"{self.name}."
        return {self.name: "full"} | {prefix + target: part for target, part in _NAME_PARTS.items() if part != "full"}


_NAME_PARTS = {
    "family_name": "family",
    "given_name": "given",
    "family_name_kana": "family_kana",
    "given_name_kana": "given_kana",
    "name": "full",
    "name_kana": "full_kana",
    "name_suffix": "suffix",
}


@frozen
class BirthDate(Field):
    """A date of birth.

    One that no calendar has (April 75th) is refused, and contradicts nobody. But it was mistyped: where another record
    has a date that is one slip away, matching by probability counts that as a slip.

    Parameters
    ----------
    year, month, day : str or sequence of str
        The columns of its parts, as numbers, where it does not stand in one column.
    order : {"YMD", "DMY", "MDY"}
        How to read a date such as 03/04/1980 whose order does not show.
    min_year : int
        An earlier year is impossible. Nobody living was born in 1000, but archives are resolved too.

    Examples
    --------
    >>> BirthDate("dob", order="MDY").order
    'MDY'
    >>> sorted(BirthDate(year="by", month="bm", day="bd").targets())
    ['birth_date', 'birth_day', 'birth_month', 'birth_year']
    """

    kind: ClassVar[str] = "birth_date"
    role: ClassVar[Role] = "attribute"
    columns: Sequence[str] = ()
    _: KW_ONLY
    year: Sequence[str] = ()
    month: Sequence[str] = ()
    day: Sequence[str] = ()
    order: DateOrder = "YMD"
    min_year: int = 1000
    name: str = "birth_date"

    def parts(self) -> dict[str, tuple[str, ...]]:
        return {"value": tuple(self.columns)} | {part: tuple(getattr(self, part)) for part in DATE_PARTS}

    def targets(self) -> dict[str, str]:
        prefix = "" if self.name == "birth_date" else f"{self.name}."
        return {self.name: "value"} | {f"{prefix}birth_{part}": part for part in DATE_PARTS}


@frozen
class Postcode(Field):
    """A postal code.

    Examples
    --------
    >>> Postcode("zip").role
    'attribute'
    """

    kind: ClassVar[str] = "postcode"
    role: ClassVar[Role] = "attribute"
    columns: Sequence[str] = ()
    _: KW_ONLY
    name: str = "postcode"


@frozen
class Address(Field):
    """A postal address; several columns are read as one address, in the order given.

    Examples
    --------
    >>> Address(["prefecture", "city", "street"]).columns
    ('prefecture', 'city', 'street')
    """

    kind: ClassVar[str] = "address"
    role: ClassVar[Role] = "attribute"
    columns: Sequence[str] = ()
    _: KW_ONLY
    name: str = "address"


@frozen
class Attribute(Field):
    """An attribute of the user's own: a city, a place of birth, an occupation.

    Examples
    --------
    >>> Attribute(["city", "town"], name="city").role
    'attribute'
    """

    kind: ClassVar[str] = "attribute"
    role: ClassVar[Role] = "attribute"
    columns: Sequence[str] = ()
    _: KW_ONLY
    name: str


@frozen
class Time(Field):
    """When a record was seen.

    It tells the owners of a value apart that changed hands, and counts for limits within so many days.

    Examples
    --------
    >>> Time("ordered_at").role
    'time'
    """

    kind: ClassVar[str] = "time"
    role: ClassVar[Role] = "time"
    columns: Sequence[str] = ()
    _: KW_ONLY
    name: str = "time"


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
                _text(f"Source.{option}", getattr(self, option))
        object.__setattr__(self, "columns", _mapping("Source.columns", self.columns))
        if self.encoding is not None:
            object.__setattr__(self, "encoding", _encoding("Source.encoding", self.encoding))
        if self.delimiter is not None and len(_text("Source.delimiter", self.delimiter)) != 1:
            raise ConfigError("Source.delimiter", "must be one character, such as ';'")
        _flag("Source.unique", self.unique)


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
        misspellings leave); of an address or an attribute of one's own ``rare_word``, any of its rarest words.
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
                part, length = end, _count(where, int(parsed[end]), 1, 1_000)
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
        _text("Comparison.field", self.field)
        _flag("Comparison.term_frequency", self.term_frequency)
        given = (self.levels,) if isinstance(self.levels, str | AnyLevel) else self.levels
        if not isinstance(given, list | tuple):
            raise ConfigError("Comparison.levels", f"must be a list of levels, not {_type(given)}")
        levels = tuple(parse_level(f"Comparison.levels[{i}]", level) for i, level in enumerate(given))
        if levels and levels[0] != Level(EQUAL):
            levels = (Level(EQUAL), *levels)
        if len(levels) > MOST_OWN_LEVELS + 1:
            raise ConfigError("Comparison.levels", f"must be at most {MOST_OWN_LEVELS} beside exact")
        _unique("Comparison.levels", "level", [str(level) for level in levels])
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
        rules = _texts("Match.rules", self.rules)
        for i, rule in enumerate(rules):
            blocking_keys(f"Match.rules[{i}]", rule)
        _unique("Match.rules", "rule", rules)
        object.__setattr__(self, "rules", rules)
        object.__setattr__(self, "comparisons", _instances("Match.comparisons", self.comparisons, Comparison))
        _unique("Match.comparisons", "comparison of", [each.field for each in self.comparisons])

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


def compared_kinds(fields: Iterable[Field]) -> dict[str, tuple[str, str]]:
    """By the name of each comparison that the fields allow: the word for its field's kind, and its own kind."""
    kinds: dict[str, tuple[str, str]] = {}
    for field in fields:
        if isinstance(field, PersonName):
            kinds |= {part: (part, part) for part in ("given_name", "family_name", "name")}
        elif type(field) in COMPARED_AS:
            kinds[field.name] = field.kind, COMPARED_AS[type(field)]
    return kinds


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
        object.__setattr__(self, "fields", _instances("Model.fields", self.fields, Field))
        object.__setattr__(self, "sources", _instances("Model.sources", self.sources, Source))
        _unique("Model.fields", "field", [field.name for field in self.fields])
        _unique("Model.fields", "field", [target for field in self.fields for target in field.targets()])
        _unique("Model.sources", "source", [source.name for source in self.sources])
        for source in self.sources:
            for column, target in source.columns.items():
                self._check_target(f'Model.sources.{source.name}.columns."{column}"', target)
        _count("Model.generic_limit", self.generic_limit, 1, None)
        for option in ("must_link", "cannot_link"):
            if getattr(self, option) is not None:
                _text(f"Model.{option}", getattr(self, option))
        rules = _texts("Model.rules", self.rules)
        object.__setattr__(self, "rules", tuple(self._rule(f"Model.rules[{i}]", rule) for i, rule in enumerate(rules)))
        if not isinstance(self.match, Match):
            raise ConfigError("Model.match", f"must be a Match, not {_type(self.match)}")
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


def options(cls: type[Any]) -> tuple[str, ...]:
    """The names of a class's options, as they stand in its signature.

    Examples
    --------
    >>> options(Postcode)
    ('columns', 'name')
    """
    return field_names(cls)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown word: the nearest known one, or all of them where none is near.

    Examples
    --------
    >>> did_you_mean("emial", ["email", "phone"])
    "; did you mean 'email'?"
    >>> did_you_mean("xyz", ["email", "phone"])
    '; known: email, phone'
    """
    import difflib

    known = list(known)
    folded = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(word.casefold(), folded, n=1)
    if near:
        return f"; did you mean {folded[near[0]]!r}?"
    shown = ", ".join(known[:20]) + (", ..." if len(known) > 20 else "")
    return f"; known: {shown}" if known else ""


# Checks. Each takes where the option stands and its value, and returns the value as it is kept.


def _text(where: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        found = "" if isinstance(value, str) else f", not {_type(value)}"
        raise ConfigError(where, f"must be a text that is not empty{found}")
    return value


def _texts(where: str, value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        value = (value,)
    if not isinstance(value, list | tuple):
        raise ConfigError(where, f"must be a text or a list of texts, not {_type(value)}")
    return tuple(_text(f"{where}[{i}]", item) for i, item in enumerate(value))


def _name(where: str, value: Any) -> str:
    if not _text(where, value).isidentifier() or value in ("record_id", IGNORE):
        raise ConfigError(where, f"{value!r} cannot name a field; write letters, digits and underscores")
    return str(value)


def _source_name(where: str, value: Any) -> str:
    # A record is written SOURCE:RECORD_ID and an input NAME=PATH.
    if any(c in ":=/\\" or not c.isprintable() for c in _text(where, value)):
        raise ConfigError(where, f"{value!r} cannot name a source; leave out ':', '=' and slashes")
    return str(value)


def _flag(where: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ConfigError(where, f"must be true or false, not {_type(value)}")
    return value


def _count(where: str, value: Any, low: int, high: int | None) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ConfigError(where, f"must be a whole number, not {_type(value)}")
    if value < low or (high is not None and value > high):
        raise ConfigError(where, f"must be {low} or more" if high is None else f"must be from {low} to {high}")
    return value


def _choice(*choices: str) -> Callable[[str, Any], str]:
    def check(where: str, value: Any) -> str:
        if value not in choices:
            near = did_you_mean(value, choices) if isinstance(value, str) else f"; known: {', '.join(choices)}"
            raise ConfigError(where, f"{value!r} is not known{near}")
        return str(value)

    return check


def _hashes(where: str, value: Any) -> tuple[str, ...]:
    check = _choice("md5", "sha1", "sha256")
    return tuple(check(f"{where}[{i}]", item) for i, item in enumerate(_texts(where, value)))


def _region(where: str, value: Any) -> str:
    if not (isinstance(value, str) and len(value) == 2 and value.isascii() and value.isupper()):
        raise ConfigError(where, "must be the two capital letters of a country, such as 'JP'")
    return value


def _text_or_column(where: str, value: Any) -> str | Column | None:
    return value if value is None or isinstance(value, Column) else _text(where, value)


def _encoding(where: str, value: Any) -> str:
    import codecs

    try:
        name = codecs.lookup(_text(where, value)).name
    except (LookupError, ValueError):
        raise ConfigError(where, f"there is no encoding {value!r}; 'utf-8' and 'cp932' are usual") from None
    # Windows calls its extended Shift_JIS so, and so do the files: strict Shift_JIS lacks 髙, 﨑 and ①.
    return "cp932" if name == "shift_jis" else name


def _mapping(where: str, value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise ConfigError(where, f"must be a table of columns and fields, not {_type(value)}")
    return {_text(where, column): _text(f'{where}."{column}"', target) for column, target in value.items()}


def _instances(where: str, value: Any, cls: type[Any]) -> tuple[Any, ...]:
    if isinstance(value, str | Mapping) or not isinstance(value, Iterable):
        raise ConfigError(where, f"must be a list of {cls.__name__}, not {_type(value)}")
    items = tuple(value)
    for i, item in enumerate(items):
        if not isinstance(item, cls):
            raise ConfigError(f"{where}[{i}]", f"must be a {cls.__name__}, not {_type(item)}")
    return items


def _unique(where: str, what: str, names: Sequence[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(where, f"two of them are the {what} {name!r}; give one another name")


def _type(value: Any) -> str:
    return type(value).__name__


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


_CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "name": _name,
    "columns": _texts,
    **dict.fromkeys(_NAME_PARTS.values(), _texts),
    **dict.fromkeys(DATE_PARTS, _texts),
    "expiry": lambda where, value: value if value is None else _text(where, value),
    "max_edits": lambda where, value: _count(where, value, 0, 2),
    "generic": _texts,
    "allow": _texts,
    "limit": lambda where, value: value if value is None else _count(where, value, 1, 1_000_000),
    "limit_days": lambda where, value: value if value is None else _count(where, value, 1, 100_000),
    "recipe": _choice("uid2", "google", "meta"),
    "region": _region,
    "namespace": _text_or_column,
    "gateway": _text_or_column,
    "hashed": _hashes,
    "tokenized": _flag,
    "keep_case": _flag,
    "keep_separators": lambda where, value: value if value is None else _flag(where, value),
    "check_digit": _choice("none", "luhn", "ean13", "mod11", "iso7064"),
    "length": lambda where, value: value if value is None else _count(where, value, 1, 64),
    "prefixes": _texts,
    "order": _choice("YMD", "DMY", "MDY"),
    "min_year": lambda where, value: _count(where, value, 1, 9999),
}

# The fields that headers can suggest, with their usual names and options.
STANDARD_FIELDS: tuple[Field, ...] = (
    Email(),
    HashedEmail(),
    Phone(),
    DeviceId(),
    PaymentToken(),
    LoyaltyCard(),
    MaskedCard(),
    PersonName(),
    BirthDate(),
    Postcode(),
    Address(),
    Time(),
)

# How each field's values are compared; names in parts, each as its own kind.
COMPARED_AS: dict[type[Field], str] = {
    Identifier: "typed",
    LoyaltyCard: "typed",
    Phone: "typed",
    Email: "email",
    HashedEmail: "opaque",
    DeviceId: "opaque",
    PaymentToken: "opaque",
    MaskedCard: "opaque",
    BirthDate: "date",
    Postcode: "postcode",
    Address: "address",
    Attribute: "text",
}
