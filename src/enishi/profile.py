"""What stands in the inputs, column by column, and a first configuration made from it.

Every decision is made over the distinct values of a column and weighted by how often each occurs, so a column is
normalized once a value and not once a row. Headers say first what a column means; where they say nothing, the share of
values that a field's normalizer accepts does, which is no more than a hint, and is called so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from enishi._normalize import STATUSES, siphash
from enishi.bind import BoundColumn, BoundSource, Notice, bind, bindable_fields
from enishi.config import to_toml
from enishi.dialect import preferred
from enishi.fields import DATE_PARTS, BirthDate, CheckDigit, Column, DeviceId, Email, Field, LoyaltyCard, Phone, options
from enishi.frozen import fresh, frozen, replace
from enishi.headers import is_card_code
from enishi.model import Model, rule_fields
from enishi.normalize import canonical_column, normalizer_for, space_key
from enishi.read import SourceReader
from enishi.rows import as_text

SAMPLE = 10_000  # distinct values that a guess is made from
LIKELY = 0.9  # the share of them that a field has to accept
FEWEST = 5  # below this many distinct values, what they look like says nothing
NAMED = 3  # generic-looking values by column

Counts = npt.NDArray[np.int64]


@frozen
class SharedValue:
    """A value that looks as if many people shared it.

    Attributes
    ----------
    key : str
        Its key in hex, as in identifiers.parquet.
    records : int
    listed : bool
        It is on the field's list of generic values; else it is only frequent.
    value : str or None
        What it is, where values were asked for.
    """

    key: str
    records: int
    listed: bool
    value: str | None = None


@frozen
class ColumnProfile:
    """One column.

    Attributes
    ----------
    name, type : str
    rows, filled, distinct : int
        Rows, those that are neither null nor blank, and how many different values they hold; all 0 where not read.
    target : str or None
        What the column is taken for: a field, a part of one, ``record_id`` or ``time``.
    guessed_by : {"header", "values"} or None
        What says so, where it is not declared.
    refused : mapping of str to int
        Rows that the field refuses, by reason.
    shared : tuple of SharedValue
        The most frequent values that look generic.
    options : mapping of str to str or int
        Options of the field that these values speak for.
    """

    name: str
    type: str
    rows: int = 0
    filled: int = 0
    distinct: int = 0
    target: str | None = None
    guessed_by: str | None = None
    refused: Mapping[str, int] = fresh(default_factory=dict)
    shared: tuple[SharedValue, ...] = ()
    options: Mapping[str, str | int] = fresh(default_factory=dict)


@frozen
class SourceProfile:
    """One source and its columns."""

    name: str
    path: str | None
    rows: int
    columns: tuple[ColumnProfile, ...]


@frozen
class Profile:
    """The inputs, and the model that they were looked at with."""

    model: Model
    sources: tuple[SourceProfile, ...]
    notices: tuple[Notice, ...]


def profile(
    readers: Sequence[SourceReader], model: Model, *, with_values: bool = False, secret: bytes = bytes(16)
) -> Profile:
    """Looks at every column of the sources.

    Parameters
    ----------
    readers : sequence of SourceReader
        The sources, opened.
    model : Model
        What is declared so far.
    with_values : bool
        Shared values are shown, not only named by their keys.
    secret : bytes
        The key of keys, 16 bytes.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from enishi.read import open_data
    >>> web = pa.table({"mail": ["a@example.com", "not an address", None]})
    >>> (source,) = profile(open_data({"web": web}, Model()), Model()).sources
    >>> source.columns[0].target, source.columns[0].filled, source.columns[0].refused
    ('email', 2, {'malformed': 1})
    """
    bound = bind(model, {reader.name: reader.schema for reader in readers}, require=False)
    look = _Look(model, with_values, secret)
    sources = tuple(look.source(reader, source) for reader, source in zip(readers, bound.sources, strict=True))
    notices = tuple(notice for reader in readers for notice in reader.notices)
    return Profile(model, sources, notices + bound.notices)


def suggest(found: Profile) -> str:
    """A first configuration, as the text of a TOML file whose remarks say what to check.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from enishi.read import open_data
    >>> web = pa.table({"order": [1, 2], "mail": ["a@example.com", "b@example.com"]})
    >>> print(suggest(profile(open_data({"web": web}, Model()), Model())).partition("# Sources")[2].partition("[")[2])
    sources.web]  # not used: order
    <BLANKLINE>
    [sources.web.columns]
    "mail" = "email"  # by its header; 100% filled
    <BLANKLINE>
    """
    notes: dict[str, str] = {}
    sources = []
    used: dict[str, list[ColumnProfile]] = {}
    for source in found.sources:
        declared = found.model.source(source.name)
        where = f"sources.{source.name}"
        columns, record_id = dict(declared.columns), declared.record_id
        for column in source.columns:
            if column.target == "record_id":
                record_id = column.name
                notes[f"{where}.record_id"] = _remark(column)
            elif column.target:
                columns[column.name] = column.target
                notes[f"{where}.columns.{column.name}"] = _remark(column)
                used.setdefault(column.target, []).append(column)
        left = [column.name for column in source.columns if not column.target]
        if left:
            notes[where] = f"not used: {', '.join(left)}"
        sources.append(replace(declared, path=source.path, record_id=record_id, columns=columns))
    fields = [
        each if each in found.model.fields else _with_options(each, used)
        for each in bindable_fields(found.model)
        if each in found.model.fields or not used.keys().isdisjoint(each.targets())
    ]
    # A rule whose attributes no column feeds would only be left out again.
    known = {each.name for each in fields}
    rules = [rule for rule in found.model.rules if known.issuperset(rule_fields(rule))]
    return to_toml(replace(found.model, fields=fields, sources=sources, rules=rules), notes)


def _remark(column: ColumnProfile) -> str:
    said = {"header": "by its header; ", "values": "by what its values look like: check; "}
    filled = f"{_percent(column.filled, column.rows)} filled"
    refused = "".join(f", {_percent(n, column.rows)} {reason}" for reason, n in column.refused.items())
    return said.get(column.guessed_by or "", "") + filled + refused


def _percent(part: int, whole: int) -> str:
    share = 100 * part / whole if whole else 0.0
    return "<1%" if 0 < share < 1 else f"{share:.0f}%"


def _with_options(declared: Field, used: Mapping[str, Sequence[ColumnProfile]]) -> Field:
    """The field with the options that its columns speak for, where they do not contradict each other."""
    said: dict[str, set[str | int]] = {}
    for target in declared.targets():
        for column in used.get(target, ()):
            for option, value in column.options.items():
                said.setdefault(option, set()).add(value)
    agreed: dict[str, Any] = {option: values.pop() for option, values in said.items() if len(values) == 1}
    # A loyalty card takes its edits from its check digit.
    plain = {option: getattr(declared, option) for option in options(type(declared)) if option != "max_edits"}
    return type(declared)(**plain | agreed) if agreed else declared


class _Look:
    """Looks at one source after the other."""

    def __init__(self, model: Model, with_values: bool, secret: bytes) -> None:
        self.model = model
        self.with_values = with_values
        self.secret = secret

    def source(self, reader: SourceReader, source: BoundSource) -> SourceProfile:
        counters = {name: _Counter() for name in source.identity}
        rows = 0
        for batch in reader.batches(source.identity) if source.identity else ():
            rows += batch.num_rows
            for name, counter in counters.items():
                counter.add(as_text(batch.column(name)))
        bound = {each.column: each for each in source.columns}
        found: list[ColumnProfile] = []
        for each in reader.schema:
            column = ColumnProfile(each.name, str(each.type), rows)
            if each.name in counters:
                values, counts = counters[each.name].result()
                filled, distinct = _fill(values, counts)
                column = replace(column, filled=filled, distinct=distinct)
                if each.name == source.record_id:
                    by = "header" if source.record_id_guessed else None
                    column = replace(column, target="record_id", guessed_by=by)
                elif each.name == source.time:
                    target = next(field.name for field in self.model.known_fields() if field.role == "time")
                    column = replace(column, target=target)
                elif each.name in bound:
                    column = self._bound(column, bound[each.name], values, counts)
                else:
                    column = self._guessed(column, values, counts)
            found.append(column)
        if source.record_id is None:
            found = _guess_record_id(found, rows)
        return SourceProfile(source.name, reader.path, rows, tuple(found))

    def _bound(self, column: ColumnProfile, each: BoundColumn, values: pa.Array, counts: Counts) -> ColumnProfile:
        target = next(target for target, part in each.field.targets().items() if part == each.part)
        column = replace(column, target=target, guessed_by="header" if each.guessed else None)
        if each.part in ("expiry", *DATE_PARTS):
            return column
        namespace = each.namespace if isinstance(each.namespace, str) else None
        read = preferred(each.field, [_sample(values)])  # as a run would
        canonical, status = canonical_column(normalizer_for(read, namespace), values)
        if isinstance(read, Phone):
            canonical, status = _decided(canonical, status, values, read.region)
        by_status = np.bincount(status, weights=counts, minlength=len(STATUSES)).astype(int).tolist()
        missing = STATUSES.index("missing")
        refused = {name: n for name, n in zip(STATUSES[missing + 1 :], by_status[missing + 1 :], strict=True) if n}
        column = replace(column, refused=refused, options=_preferences(each.field, read, values))
        if each.field.role == "identifier" and not isinstance(each.namespace, Column):
            shared = self._shared(each.field, namespace or "", canonical, status, counts)
            column = replace(column, shared=tuple(shared))
        return column

    def _shared(
        self, declared: Field, namespace: str, canonical: pa.Array, status: npt.NDArray[np.uint8], counts: Counts
    ) -> Iterator[SharedValue]:
        found = pl.DataFrame(
            {"value": pl.Series(canonical), "records": counts, "listed": status == STATUSES.index("generic")}
        )
        found = found.drop_nulls().group_by("value").agg(pl.col("records").sum(), pl.col("listed").any())
        found = found.filter(pl.col("listed") | (pl.col("records") > self.model.generic_limit))
        found = found.sort("listed", "records", "value", descending=[True, True, False])
        key = space_key(self.secret, declared, namespace)
        for value, records, listed in found.head(NAMED).iter_rows():
            name = siphash(key, value.encode()).hex()
            yield SharedValue(name, records, listed, value if self.with_values else None)

    def _guessed(self, column: ColumnProfile, values: pa.Array, counts: Counts) -> ColumnProfile:
        sample = _sample(values)
        if len(sample) < FEWEST or is_card_code(column.name) or column.type in ("bool", "double", "float"):
            return column
        known = {each.name for each in self.model.known_fields() if not self.model.fields or each in self.model.fields}
        for target, looks in (
            ("email", _is_email),
            ("device_id", _is_uuid),
            ("birth_date", _is_birth_date),
            ("phone", _is_phone),
            ("postcode", _is_postcode),
        ):
            # An id that is another one in every row names the row, and not a device.
            if target in known and looks(sample) and not (target == "device_id" and column.distinct == column.filled):
                return replace(column, target=target, guessed_by="values")
        return column


class _Counter:
    """How often each value of a column occurs; null is none."""

    MERGE_AT = 1 << 20

    def __init__(self) -> None:
        self._parts: list[pl.DataFrame] = []
        self._size = 0

    def add(self, array: pa.Array) -> None:
        if not pa.types.is_large_binary(array.type):
            array = (array if "binary" in str(array.type) else array.cast(pa.large_string())).cast(pa.large_binary())
        values = pl.DataFrame({"value": pl.Series(array.drop_null(), dtype=pl.Binary)})
        self._parts.append(values.group_by("value", maintain_order=True).agg(pl.len().cast(pl.Int64).alias("count")))
        self._size += len(self._parts[-1])
        if self._size > self.MERGE_AT:
            self._merge()

    def result(self) -> tuple[pa.Array, Counts]:
        """Distinct values as large_binary, in the order of their first occurrence, and the count of each."""
        if not self._parts:
            return pa.array([], pa.large_binary()), np.zeros(0, np.int64)
        merged = self._merge()
        return merged["value"].to_arrow().cast(pa.large_binary()), merged["count"].to_numpy()

    def _merge(self) -> pl.DataFrame:
        whole = pl.concat(self._parts)
        merged = whole.group_by("value", maintain_order=True).agg(pl.col("count").sum())
        self._parts = [merged]
        # Distinct values that do not merge are merged less and less often.
        self._size = -len(merged)
        return merged


def _fill(values: pa.Array, counts: Counts) -> tuple[int, int]:
    blank = np.asarray(pc.match_substring_regex(values, r"^(?:\s|　)*$").to_numpy(zero_copy_only=False), bool)
    return int(counts[~blank].sum()), int((~blank).sum())


def _sample(values: pa.Array) -> pa.Array:
    return values.slice(0, SAMPLE)


def _share(declared: Field, values: pa.Array, namespace: str | None = None) -> float:
    """The share of the values that the field accepts."""
    _, status = canonical_column(normalizer_for(declared, namespace), values)
    filled = np.count_nonzero(status != STATUSES.index("missing"))
    return np.count_nonzero(status <= STATUSES.index("generic")) / filled if filled else 0.0


def _decided(
    canonical: pa.Array, status: npt.NDArray[np.uint8], values: pa.Array, region: str
) -> tuple[pa.Array, npt.NDArray[np.uint8]]:
    """Canonical phone numbers and statuses with what the package says of those that the kernel leaves to it.

    It takes its time: beyond a sample they count as accepted.
    """
    foreign = np.flatnonzero(status == STATUSES.index("foreign"))
    if not len(foreign):
        return canonical, status
    from enishi._phone_package import canonical as ask

    answers = ask(values.take(pa.array(foreign[:SAMPLE])).to_pylist(), region)
    found, status = np.zeros(len(status), bool), status.copy()
    status[foreign] = STATUSES.index("accepted")
    status[foreign[:SAMPLE]] = [STATUSES.index(name) for _, name in answers]
    found[foreign[:SAMPLE]] = True
    texts = pa.array([text for text, _ in answers], canonical.type)
    return pc.replace_with_mask(canonical, pa.array(found), texts), status


def _preferences(declared: Field, read: Field, values: pa.Array) -> dict[str, str | int]:
    """Options that the values speak for, where the field has its usual ones and they are read with others."""
    sample = _sample(values)
    if len(sample) < FEWEST:
        return {}
    if isinstance(read, Phone) and read != declared:
        return {"region": read.region}
    if isinstance(read, BirthDate) and read != declared:
        return {"order": read.order}
    if declared == LoyaltyCard():
        digits: tuple[CheckDigit, ...] = ("luhn", "ean13", "mod11", "iso7064")
        shares = {each: _share(LoyaltyCard(check_digit=each), sample) for each in digits}
        likely = max(digits, key=lambda each: shares[each])
        # Some numbers are misspelt; one in ten of those without a check digit passes one.
        return {"check_digit": likely if shares[likely] > LIKELY else "none"}
    return {}


def _is_email(sample: pa.Array) -> bool:
    return _share(Email(), sample) >= LIKELY


def _is_uuid(sample: pa.Array) -> bool:
    return _share(DeviceId(), sample, "idfa") >= LIKELY


def _is_phone(sample: pa.Array) -> bool:
    return _share(Phone(), sample) >= LIKELY


def _is_birth_date(sample: pa.Array) -> bool:
    """Dates, and of several generations: those of orders are not."""
    if _share(BirthDate(), sample) < LIKELY:
        return False
    dates, _ = canonical_column(normalizer_for(BirthDate()), sample)
    years = [int(date[:4]) for date in dates.drop_null().to_pylist()]
    return len(years) > 0 and max(years) - min(years) >= 25


def _is_postcode(sample: pa.Array) -> bool:
    # Only with its hyphen: seven digits may be anything, and the normalizer takes the codes of other countries too.
    alike = pc.match_substring_regex(sample, r"^(?:〒|\s)*\d{3}-\d{4}\s*$")
    return bool(pc.sum(alike).as_py() >= LIKELY * len(sample))


def _guess_record_id(columns: Sequence[ColumnProfile], rows: int) -> list[ColumnProfile]:
    """The first column that is different in every row and called like a number or an id."""
    endings = ("id", "no", "number", "key", "code", "nummer", "nr", "番号", "コード")
    beginnings = ("n°", "no.", "num", "núm", "código", "codigo", "codice", "code")
    for i, column in enumerate(columns):
        name = column.name.lower().strip(" .")
        called = name.endswith(endings) or name.startswith(beginnings)
        if not column.target and rows and column.distinct == rows and called:
            return [*columns[:i], replace(column, target="record_id", guessed_by="values"), *columns[i + 1 :]]
    return list(columns)
