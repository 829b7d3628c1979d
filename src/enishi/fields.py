"""The fields: what a column can mean, and the options of each.

Every class is small and frozen (`enishi.frozen`). An option has one meaning wherever it occurs, so one table
(``_CHECKS``) validates them all, in Python and in a configuration file alike; a wrong one is a `ConfigError` that names
class and option.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from enishi import checks
from enishi.errors import ConfigError
from enishi.frozen import field_names, frozen

if TYPE_CHECKING:
    from dataclasses import KW_ONLY

Role = Literal["identifier", "attribute", "time"]
Recipe = Literal["uid2", "google", "meta"]
CheckDigit = Literal["none", "luhn", "ean13", "mod11", "iso7064"]
DateOrder = Literal["YMD", "DMY", "MDY"]

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
        checks.text("Column.name", self.name)


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
    middle : str or sequence of str
        The column of further given names, or their initials, which follow the given name.
    full, full_kana : str or sequence of str
        The columns of names that are not split.
    suffix : str or sequence of str
        The column of what follows a name and tells generations apart (Jr, Sr, III).

    Examples
    --------
    >>> PersonName(family="姓", given="名").parts()["family"]
    ('姓',)
    >>> sorted(PersonName().targets())  # doctest: +ELLIPSIS
    ['family_name', ..., 'given_name', 'given_name_kana', 'middle_name', 'name', 'name_kana', 'name_suffix']
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
    middle: Sequence[str] = ()
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
    "middle_name": "middle",
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
class Sex(Field):
    """A person's sex, as words, letters and numbers of several languages say it (女性, F, 2), compared as one word.

    The numbers are those of ISO/IEC 5218: 1 male, 2 female, 0 and 9 nothing. It says one bit, no more.

    Examples
    --------
    >>> Sex("gender").role
    'attribute'
    """

    kind: ClassVar[str] = "sex"
    role: ClassVar[Role] = "attribute"
    columns: Sequence[str] = ()
    _: KW_ONLY
    name: str = "sex"


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


def compared_kinds(fields: Iterable[Field]) -> dict[str, tuple[str, str]]:
    """By the name of each comparison that the fields allow: the word for its field's kind, and its own kind."""
    kinds: dict[str, tuple[str, str]] = {}
    for field in fields:
        if isinstance(field, PersonName):
            kinds |= {part: (part, part) for part in ("given_name", "family_name", "name")}
        elif type(field) in COMPARED_AS:
            kinds[field.name] = field.kind, COMPARED_AS[type(field)]
    return kinds


def options(cls: type[Any]) -> tuple[str, ...]:
    """The names of a class's options, as they stand in its signature.

    Examples
    --------
    >>> options(Postcode)
    ('columns', 'name')
    """
    return field_names(cls)


def _name(where: str, value: Any) -> str:
    if not checks.text(where, value).isidentifier() or value in ("record_id", IGNORE):
        raise ConfigError(where, f"{value!r} cannot name a field; write letters, digits and underscores")
    return str(value)


def _hashes(where: str, value: Any) -> tuple[str, ...]:
    check = checks.choice("md5", "sha1", "sha256")
    return tuple(check(f"{where}[{i}]", item) for i, item in enumerate(checks.texts(where, value)))


def _region(where: str, value: Any) -> str:
    if not (isinstance(value, str) and len(value) == 2 and value.isascii() and value.isupper()):
        raise ConfigError(where, "must be the two capital letters of a country, such as 'JP'")
    return value


def _text_or_column(where: str, value: Any) -> str | Column | None:
    return value if value is None or isinstance(value, Column) else checks.text(where, value)


_CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "name": _name,
    "columns": checks.texts,
    **dict.fromkeys(_NAME_PARTS.values(), checks.texts),
    **dict.fromkeys(DATE_PARTS, checks.texts),
    "expiry": lambda where, value: value if value is None else checks.text(where, value),
    "max_edits": lambda where, value: checks.count(where, value, 0, 2),
    "generic": checks.texts,
    "allow": checks.texts,
    "limit": lambda where, value: value if value is None else checks.count(where, value, 1, 1_000_000),
    "limit_days": lambda where, value: value if value is None else checks.count(where, value, 1, 100_000),
    "recipe": checks.choice("uid2", "google", "meta"),
    "region": _region,
    "namespace": _text_or_column,
    "gateway": _text_or_column,
    "hashed": _hashes,
    "tokenized": checks.flag,
    "keep_case": checks.flag,
    "keep_separators": lambda where, value: value if value is None else checks.flag(where, value),
    "check_digit": checks.choice("none", "luhn", "ean13", "mod11", "iso7064"),
    "length": lambda where, value: value if value is None else checks.count(where, value, 1, 64),
    "prefixes": checks.texts,
    "order": checks.choice("YMD", "DMY", "MDY"),
    "min_year": lambda where, value: checks.count(where, value, 1, 9999),
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
    Sex(),
    Time(),
)

# Fields that nothing has to be declared for either, where a header names one.
BY_HEADER: tuple[Field, ...] = (
    Identifier(name="passport"),
    Identifier(name="national_id"),
    Attribute(name="company"),
    Attribute(name="year_of_birth"),
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
    Sex: "text",
    Attribute: "text",
}
