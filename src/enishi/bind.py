"""Which column feeds which field: what is declared, and where nothing is, what the headers say.

For each field of each source the first of these that says anything decides alone:

1. the source's own ``columns``,
2. the columns that the field declares (those that the source has),
3. the headers: the field's name, and the usual headers of its kind.

Without declared fields every standard field is looked for. Columns named like card verification codes are never read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

import pyarrow as pa

from enishi.errors import InputError, did_you_mean
from enishi.fields import BY_HEADER, DATE_PARTS, BirthDate, Column, Field, PersonName
from enishi.frozen import fresh, frozen, replace
from enishi.headers import PREFERENCE, fold, guess_field, guess_fields, is_card_code
from enishi.model import DEFAULT_RULES, Match, Model, Source, rule_fields
from enishi.rows import is_readable

_NAMESPACES = {"idfa": "idfa", "gaid": "gaid", "aaid": "gaid", "adid": "gaid", "idfv": "idfv", "cookie": "cookie"}
_NAMESPACES["cookieid"] = "cookie"
_DAY = re.compile(r"\W*birth[\W_]+day\W*", re.IGNORECASE)

_NUMBERS = {"phone", "payment_token", "loyalty_card", "identifier", "masked_card", "postcode"}


@frozen
class Notice:
    """Something that the user should know and that does not stop the run.

    Examples
    --------
    >>> print(Notice("till", "card", "is a number: leading zeros may be lost"))
    source 'till', column 'card': is a number: leading zeros may be lost
    """

    source: str | None
    column: str | None
    text: str

    def __str__(self) -> str:
        places = [f"{what} '{name}'" for what, name in (("source", self.source), ("column", self.column)) if name]
        return f"{', '.join(places)}: {self.text}" if places else self.text


@frozen
class BoundColumn:
    """One column and the field it feeds.

    Attributes
    ----------
    column : str
    field : Field
    part : str
        Which part of the field: ``value``, or one of `PersonName`'s, `BirthDate`'s and `MaskedCard`'s (``family``,
        ``year``, ``expiry``, ...).
    namespace : str, Column or None
        For device ids and payment tokens: what was declared, or what the header says.
    guessed : bool
        The header alone says so.
    """

    column: str
    field: Field
    part: str = "value"
    namespace: str | Column | None = None
    guessed: bool = False

    @property
    def compared_as(self) -> str:
        """The name under which matching compares it; a reading goes with its name."""
        if not isinstance(self.field, PersonName):
            return self.field.name
        part = self.part.removesuffix("_kana")
        beside = {"full": "name", "suffix": "family_name", "middle": "given_name"}
        return beside.get(part, f"{part}_name")


@frozen
class BoundSource:
    """What one source's columns mean.

    Attributes
    ----------
    name : str
    columns : tuple of BoundColumn
        In the order of the model's fields, and within a field the order that was declared, else the source's own.
    record_id, time : str or None
        The columns that name a record and that say when it was seen.
    record_id_guessed : bool
        The header alone says so.
    identity : tuple of str
        Every column that can be read: what a record without a record_id is known by.
    reads : mapping of str to Field
        By name, the fields that the source's own values speak of in another way than is declared: dates in another
        order, numbers of another country.
    """

    name: str
    columns: tuple[BoundColumn, ...]
    record_id: str | None
    time: str | None
    record_id_guessed: bool
    identity: tuple[str, ...]
    reads: Mapping[str, Field] = fresh(default_factory=dict)

    def used(self) -> tuple[str, ...]:
        """The columns that mean something, each once."""
        used = [bound.column for bound in self.columns]
        used += [bound.namespace.name for bound in self.columns if isinstance(bound.namespace, Column)]
        used += [each for each in (self.time, self.record_id) if each]
        return tuple(dict.fromkeys(used))

    def needed(self) -> tuple[str, ...]:
        """The columns to read, each once: those in use, and all where only they tell records apart."""
        return tuple(dict.fromkeys((*self.used(), *(() if self.record_id else self.identity))))


@frozen
class Bound:
    """The model with the fields and rules that the sources can feed, and what their columns mean."""

    model: Model
    sources: tuple[BoundSource, ...]
    notices: tuple[Notice, ...]


def bindable_fields(model: Model) -> tuple[Field, ...]:
    """The fields that columns may feed: those that the model knows, and those of headers where it declares none."""
    return model.known_fields() if model.fields else (*model.known_fields(), *BY_HEADER)


def bind(model: Model, schemas: Mapping[str, pa.Schema], require: bool = True) -> Bound:
    """Decides which columns of the sources feed which fields.

    Parameters
    ----------
    model : Model
        What is declared.
    schemas : mapping of str to pyarrow.Schema
        The columns of each source.
    require : bool
        At least one column must feed a field.

    Raises
    ------
    InputError
        A declared column is missing or of a type that its field cannot take, or nothing feeds any field.

    Examples
    --------
    >>> import pyarrow as pa
    >>> bound = bind(Model(), {"web": pa.schema({"id": pa.int64(), "mail": pa.string(), "amount": pa.int64()})})
    >>> [(each.column, each.field.name) for each in bound.sources[0].columns], bound.sources[0].record_id
    ([('mail', 'email')], 'id')
    """
    notices: list[Notice] = []
    sources = tuple(_bind_source(model, name, schema, notices) for name, schema in schemas.items())
    _check_declared_columns(model, schemas)
    used = {each.field for source in sources for each in source.columns}
    if require and not used:
        raise InputError(
            "no column of any source is named like a field; say which column means what in a configuration file "
            "(enishi profile --suggest writes a first one)"
        )
    naming = [any(map(_names_somebody, source.columns)) for source in sources]
    for source, names in zip(sources, naming, strict=True):
        if any(naming) and not names and source.columns:
            text = "has neither a name nor an identifier, as others have: hardly any of its records can be linked"
            notices.append(Notice(source.name, None, text))
    timed = any(source.time for source in sources)
    fields = [field for field in bindable_fields(model) if field in used or (field.role == "time" and timed)]
    for field in model.fields:
        if field not in fields:
            notices.append(Notice(None, None, f"no column feeds the field '{field.name}'"))
    rules = [rule for rule in model.rules if {field.name for field in fields}.issuperset(rule_fields(rule))]
    for rule in model.rules:
        if rule not in rules and rule not in DEFAULT_RULES:
            notices.append(Notice(None, None, f"the rule '{rule}' is left out: no column feeds all of its attributes"))
    for declared in model.sources:
        if declared.name not in schemas:
            notices.append(Notice(declared.name, None, "is declared but not among the inputs"))
    match = model.match.fed_by(Model(fields, rules=(), match=Match()).known_fields())
    for rule in model.match.rules:
        if rule not in match.rules:
            notices.append(Notice(None, None, f"the blocking rule '{rule}' is left out: no column feeds its fields"))
    return Bound(replace(model, fields=fields, rules=rules, match=match), sources, tuple(notices))


def _bind_source(model: Model, name: str, schema: pa.Schema, notices: list[Notice]) -> BoundSource:
    source = model.source(name)
    codes = {column for column in schema.names if is_card_code(column)}
    notices += [Notice(name, column, "is named like a card verification code and is not read") for column in codes]
    _check_source(source, schema)
    record_id = source.record_id
    free = [column for column in schema.names if column not in codes and column not in source.columns]
    if record_id is None:
        candidates = [column for column in free if guess_field(column) == "record_id"]
        record_id = min(candidates, key=lambda column: PREFERENCE[fold(column)], default=None)
        if record_id is None:
            text = (
                "has no column record_id, so a record is known by a hash of its row's columns and a count of equal "
                "rows; `enishi profile` tells which column may be one"
            )
            notices.append(Notice(name, None, text))
    declared_columns = {column for field in model.fields for columns in field.parts().values() for column in columns}
    free = [column for column in free if column != record_id and column not in declared_columns]

    columns: list[BoundColumn] = []
    time = None
    for field in bindable_fields(model):
        found = _without_other_types(name, _columns_of(field, model, source, schema, free), schema, notices)
        for each in found:
            _check_type(name, each, schema.field(each.column).type, notices)
        _check_date_parts(name, field, found)
        if field.role == "identifier":
            # By name: in which order a file has its columns decides nothing. Parts of names and addresses have one.
            columns += sorted(found, key=lambda each: each.column)
        elif field.role == "attribute":
            columns += found
        elif found:
            if len(found) > 1 and not found[0].guessed:
                raise InputError(f"source '{name}' has several columns for the time of a record; map only one of them")
            time = min(found, key=lambda each: PREFERENCE.get(fold(each.column), 0)).column
    _check_namespaces(name, columns, schema, notices)
    bound_columns = {each.column for each in columns}
    dated = any(isinstance(each.field, BirthDate) for each in columns)
    for column in free:
        if column not in bound_columns and guess_field(column) == "birth_year" and not dated:
            text = "is a year of birth without month and day and is not used; to compare it, map it to an attribute"
            notices.append(Notice(name, column, text))
    unread = {field.name: field.type for field in schema if not is_readable(field.type)}
    if record_id in unread:
        kind = unread[record_id]
        raise InputError(f"source '{name}', column '{record_id}' is {kind}, which names no record; make it text")
    for column, data_type in unread.items() if record_id is None else ():
        notices.append(Notice(name, column, f"is {data_type}, and such columns are no part of a record's identity"))
    identity = tuple(column for column in schema.names if column not in codes and column not in unread)
    if not columns:
        notices.append(Notice(name, None, "has no column that feeds a field; its records stay single"))
    bound = BoundSource(name, tuple(columns), record_id, time, source.record_id is None, identity)
    for column in codes.intersection(bound.needed()):
        raise InputError(
            f"source '{name}', column '{column}' is named like a card verification code, which must not be kept: take "
            "it out of the configuration, and better of the data"
        )
    return bound


def _names_somebody(bound: BoundColumn) -> bool:
    return bound.field.role == "identifier" or isinstance(bound.field, PersonName)


def _columns_of(
    field: Field, model: Model, source: Source, schema: pa.Schema, free: Sequence[str]
) -> Iterator[BoundColumn]:
    targets = field.targets()
    mapped = [column for column in schema.names if source.columns.get(column) in targets]
    if mapped:
        for column in mapped:
            yield BoundColumn(column, field, targets[source.columns[column]], _namespace(field, column))
        return
    declared = [(part, column) for part, columns in field.parts().items() for column in columns]
    if declared:
        for part, column in declared:
            if column in schema.names:
                yield BoundColumn(column, field, part, _namespace(field, column))
        return
    if model.fields and field not in model.fields:
        return
    # A field's own name goes before what another field's usual headers say.
    own = {fold(target): target for each in model.fields for target in each.targets()}
    usual = guess_fields(tuple(free))
    guessed = {column: own.get(fold(column)) or usual.get(column) for column in free}
    parts = {column: targets[target] for column, target in guessed.items() if target in targets}
    if isinstance(field, BirthDate):
        parts = _whole_dates(parts)
    for column, part in parts.items():
        yield BoundColumn(column, field, part, _namespace(field, column), guessed=True)


def _without_other_types(
    source: str, found: Iterable[BoundColumn], schema: pa.Schema, notices: list[Notice]
) -> list[BoundColumn]:
    """The columns of a field without those that their header alone takes for one, and their type for something else.

    Whether to send a receipt by email, or when a record was made in seconds: such a guess does not stop the run.
    """
    kept = []
    for each in found:
        data_type = schema.field(each.column).type
        value = _value_type(data_type)
        no_time = each.field.role == "time" and not (_is_text(value) or _is_date(value))
        if each.guessed and (no_time or pa.types.is_boolean(value)):
            text = f"is {data_type}, so it is not read as '{each.field.name}'; make it text if it is one"
            notices.append(Notice(source, each.column, text))
        else:
            kept.append(each)
    return kept


def _whole_dates(parts: Mapping[str, str]) -> dict[str, str]:
    """The columns that headers take for a birth date, without those of a part where the others are missing.

    Between a year and a month, ``birth_day`` is no birthday.
    """
    if {"year", "month"} <= set(parts.values()):
        parts = {column: "day" if _DAY.fullmatch(column) else part for column, part in parts.items()}
    whole = set(DATE_PARTS) <= set(parts.values())
    return {column: part for column, part in parts.items() if whole or part == "value"}


def _check_source(source: Source, schema: pa.Schema) -> None:
    names = frozenset(schema.names)
    for column in [*source.columns, *([source.record_id] if source.record_id else [])]:
        if column not in names:
            raise InputError(f"source '{source.name}' has no column {column!r}{did_you_mean(column, schema.names)}")


def _check_declared_columns(model: Model, schemas: Mapping[str, pa.Schema]) -> None:
    known = list(dict.fromkeys(column for schema in schemas.values() for column in schema.names))
    for field in model.fields:
        for columns in field.parts().values():
            for column in columns:
                if column not in known:
                    near = did_you_mean(column, known)
                    raise InputError(f"no source has the column {column!r} of the field '{field.name}'{near}")


def _check_namespaces(source: str, columns: Sequence[BoundColumn], schema: pa.Schema, notices: list[Notice]) -> None:
    for each in columns:
        if isinstance(each.namespace, Column) and each.namespace.name not in schema.names:
            column = each.namespace.name
            near = did_you_mean(column, schema.names)
            raise InputError(f"source '{source}' has no column {column!r} for '{each.field.name}'{near}")
        if each.namespace is None and each.field.kind == "device_id":
            text = "has no declared namespace; its device ids meet only those that have none either"
            notices.append(Notice(source, each.column, text))


def _check_type(source: str, bound: BoundColumn, data_type: pa.DataType, notices: list[Notice]) -> None:
    kind, value = bound.field.kind, _value_type(data_type)
    types = pa.types
    number = types.is_integer(value) or types.is_floating(value) or types.is_decimal(value)
    date = _is_date(value)
    if kind == "birth_date" and types.is_timestamp(value) and not is_readable(value):
        raise InputError(
            f"source '{source}', column '{bound.column}' is {data_type}, whose time zone is not known here; make it "
            "dates"
        )
    if _is_text(value) or (date and kind in ("birth_date", "time")):
        return
    if number and kind in ("birth_date", "sex", "attribute"):
        return
    if number and kind in _NUMBERS:
        notices.append(Notice(source, bound.column, f"is a number ({data_type}): leading zeros may be lost"))
        return
    if kind == "device_id" and types.is_fixed_size_binary(value) and value.byte_width == 16:
        return
    raise InputError(
        f"source '{source}', column '{bound.column}' is {data_type}, which the field '{bound.field.name}' cannot take; "
        "make it text"
    )


def _check_date_parts(source: str, field: Field, found: Sequence[BoundColumn]) -> None:
    there = {each.part for each in found}.intersection(DATE_PARTS)
    missing = [target for target, part in field.targets().items() if part in DATE_PARTS and part not in there]
    if there and missing:
        raise InputError(
            f"source '{source}' has only a part of '{field.name}': map a column to {' and one to '.join(missing)} too, "
            "or none"
        )


def _is_text(data_type: pa.DataType) -> bool:
    names = ("string", "large_string", "string_view", "binary", "large_binary", "binary_view", "null")
    return str(data_type) in names


def _is_date(data_type: pa.DataType) -> bool:
    return bool(pa.types.is_date(data_type) or pa.types.is_timestamp(data_type))


def _value_type(data_type: pa.DataType) -> pa.DataType:
    """The type below dictionaries and extension types (a UUID is 16 bytes)."""
    while isinstance(data_type, pa.DictionaryType | pa.BaseExtensionType):
        data_type = data_type.value_type if isinstance(data_type, pa.DictionaryType) else data_type.storage_type
    return data_type


def _namespace(field: Field, column: str) -> str | Column | None:
    declared: str | Column | None = getattr(field, "namespace", None) or getattr(field, "gateway", None)
    return declared or (_NAMESPACES.get(fold(column)) if field.kind == "device_id" else None)
