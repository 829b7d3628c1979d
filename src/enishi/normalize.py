"""Columns of a batch -> numbers: values of identifiers, forms of names, codes of attributes, and each row's profile.

A field's values are numbered in one table for all sources, so that what agrees has the same number from here on. A
value is known by its key: SipHash-2-4-128 of its canonical text under a key derived from the run's secret, the field's
name and the value's namespace, so that two fields never meet and ids of two namespaces never do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import IO, Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from enishi import _normalize, schema
from enishi._normalize import STATUSES, Normalizer, siphash
from enishi._tables import GrowingValues, NameForms, Profiles, Sightings, Values, birth_numbers
from enishi.arrow import call, cast, kernels
from enishi.bind import Bound, BoundColumn, BoundSource, Notice
from enishi.errors import CardNumberError, InputError
from enishi.fields import (
    DATE_PARTS,
    Address,
    Attribute,
    BirthDate,
    Column,
    DeviceId,
    Email,
    Field,
    HashedEmail,
    Identifier,
    LoyaltyCard,
    MaskedCard,
    PaymentToken,
    PersonName,
    Phone,
    Postcode,
    Sex,
)
from enishi.frozen import fresh, frozen, mutable
from enishi.memory import SpillFile
from enishi.rows import as_text, without_views
from enishi.runner import Runner

Codes: TypeAlias = npt.NDArray[np.uint32]
NONE = np.uint32(0xFFFFFFFF)
SCRIPTS = 3  # in which a name is known: Latin letters, kana, Han
# Where the parts of a name stand among its columns, each in all scripts; family names only where names are compared.
NAME_PARTS = {"given_name": 0, "name": SCRIPTS, "family_name": 2 * SCRIPTS}
NEVER = np.iinfo(np.int64).min
UUID_NAMESPACES = frozenset({"idfa", "gaid", "idfv"})
CARD_SAMPLE = 10_000  # values of a token column that are looked at before any is taken for a token
MOST_NAMESPACES = 1_000


def normalizer_for(declared: Field, namespace: str | None = None) -> Normalizer:
    """The kernel that reads a field's values, with the field's options.

    Parameters
    ----------
    declared : Field
        Any identifier or attribute.
    namespace : str, optional
        Of a device id: the namespaces ``idfa``, ``gaid`` and ``idfv`` hold UUIDs only.

    Examples
    --------
    >>> from enishi import Email, LoyaltyCard
    >>> normalizer_for(Email()).one(b" Hanako.Sato+shop@GMAIL.com ")
    ('hanakosato@gmail.com', 'accepted')
    >>> normalizer_for(LoyaltyCard(check_digit="luhn")).one(b"4111-1111-1111-1112")
    ('4111111111111112', 'incomplete')
    """
    match declared:
        case Email():
            return _normalize.email()
        case HashedEmail():
            return _normalize.hashed_email()
        case Phone(region=region):
            return _normalize.phone(region)
        case DeviceId():
            return _normalize.device_id(uuid_only=namespace in UUID_NAMESPACES)
        case PaymentToken(tokenized=tokenized):
            return _normalize.payment_token(tokenized=tokenized)
        case LoyaltyCard(check_digit=check_digit, length=length, prefixes=prefixes):
            return _normalize.loyalty_card(check_digit, length or 0, tuple(prefixes))
        case Identifier(keep_case=keep_case, keep_separators=keep_separators):
            return _normalize.identifier(keep_case, keep_separators is not False)
        case PersonName():
            return _normalize.person_name()
        case BirthDate(order=order, min_year=min_year):
            return _normalize.birth_date(order, min_year)
        case Postcode():
            return _normalize.postcode()
        case Address():
            return _normalize.address()
        case Sex():
            return _normalize.sex()
        case Attribute():
            return _normalize.free_text()
        case MaskedCard():
            return _normalize.masked_card()
    raise TypeError(f"{type(declared).__name__} has no normalizer")


def space_key(secret: bytes, declared: Field, namespace: str = "") -> bytes:
    """The key under which a field's values of one namespace are hashed.

    Examples
    --------
    >>> from enishi import DeviceId
    >>> space_key(bytes(16), DeviceId(), "idfa") == space_key(bytes(16), DeviceId(), "gaid")
    False
    """
    return siphash(secret, f"enishi 1\0{declared.name}\0{namespace}".encode())


@mutable
class Tally:
    """What became of the values of one field in one source: rows by status, in the order of ``STATUSES``."""

    counts: npt.NDArray[np.uint64] = fresh(default_factory=lambda: np.zeros(len(STATUSES), np.uint64))

    def filled(self) -> int:
        return int(self.counts.sum() - self.counts[STATUSES.index("missing")])

    def refused(self) -> dict[str, int]:
        """Refused values by reason."""
        return {name: int(n) for name, n in zip(STATUSES, self.counts, strict=True) if n and name in _REFUSALS}


_REFUSALS = STATUSES[STATUSES.index("missing") + 1 :]
FEWEST_REFUSED = 20  # of one field in one source, below which nobody needs to be told
_CAUSES = {
    "birth_date": "are they dates, and of one order?",
    "phone": "does its 'region' need to be declared?",
}


class IdentifierColumn:
    """The values of one identifier, from all sources, and the profile columns that hold their numbers.

    Attributes
    ----------
    sightings : Sightings
        Of the batches that come.
    values : Values
        Empty until all have come.
    """

    def __init__(
        self, declared: Field, secret: bytes, columns: Sequence[int], keep_keys: bool, keep_text: bool, crowd: int
    ) -> None:
        self.declared = declared
        self.columns = list(columns)
        self.keep_text = keep_text
        self.sightings = Sightings(self.columns, keep_keys, keep_text, crowd)
        self.values: Values = GrowingValues()
        self.namespaces: dict[str, int] = {}
        self.keys: list[bytes] = []
        self._secret = secret
        self._normalizers: dict[str, Normalizer] = {}

    def space(self, namespace: str) -> int:
        """The number of a namespace's value space."""
        known = self.namespaces.get(namespace)
        if known is None:
            if len(self.keys) >= MOST_NAMESPACES:
                raise InputError(
                    f"field '{self.declared.name}' has more than {MOST_NAMESPACES} namespaces; "
                    "name the column that says what kind of id it is, or leave namespaces out"
                )
            known = self.namespaces[namespace] = len(self.keys)
            self.keys.append(space_key(self._secret, self.declared, namespace))
        return known

    def read(
        self,
        slot: int,
        texts: pa.Array,
        namespace: str | pa.Array,
        counts: npt.NDArray[np.uint64],
        recipe: Normalizer | None = None,
        region: str | None = None,
    ) -> None:
        """Reads a column of the batch into a slot; ``recipe`` reads it in another way than the field's own.

        Phone numbers without a calling code are of a ``region``, if it is not the field's.
        """
        if isinstance(namespace, str):
            namespace = _fold_namespace(namespace)
            kernel = recipe or self._normalizer(namespace)
            key = self.keys[self.space(namespace)]
            left = self.sightings.read(slot, kernel, texts, [key], None, None, counts)
            if isinstance(self.declared, Phone):
                self._ask_package(slot, texts, left, counts, region or self.declared.region)
            return
        spaces, kinds = self._spaces(namespace)
        for uuid_only in sorted(set(kinds.tolist())):
            kernel = recipe or self._normalizer("idfa" if uuid_only else "")
            wanted = (kinds == uuid_only).view(np.uint8)
            self.sightings.read(slot, kernel, texts, self.keys, spaces, wanted, counts)

    def keys_of(self, listed: Sequence[str], readings: Sequence[Normalizer], namespace: str) -> Iterator[bytes]:
        """The keys of values that the user listed, in a namespace."""
        key = self.keys[self.namespaces[namespace]]
        for reading in readings:
            for value in listed:
                canonical, _ = reading.one(value.encode())
                if canonical is not None:
                    yield siphash(key, canonical.encode())

    def number(self, profiles: Profiles, fill: bool) -> None:
        """Numbers the values when all have been seen, and fills their columns if that is asked or nothing else tells
        in which of several a value stands."""
        self.values = self.sightings.number(profiles, fill or len(self.columns) > 1)

    def _ask_package(
        self, slot: int, texts: pa.Array, rows: npt.NDArray[np.int64], counts: npt.NDArray[np.uint64], region: str
    ) -> None:
        """Reads what the phone kernel left undecided as the phonenumbers package does, each value once."""
        if not len(rows):
            return
        from enishi._phone_package import canonical

        encoded = without_views(texts).take(pa.array(rows)).dictionary_encode()
        distinct = cast(encoded.dictionary, pa.large_binary()).to_pylist()
        asked = [answer for value in distinct for answer in canonical([value], region)]
        answers = pa.array([text for text, _ in asked], pa.string()).take(encoded.indices)
        # A canonical number reads as itself here.
        kernel = _normalize.identifier(keep_case=True)
        self.sightings.correct(slot, kernel, answers, rows, self.keys[self.space("")])
        at = encoded.indices.to_numpy(zero_copy_only=False)
        status = np.array([STATUSES.index(name) for _, name in asked])[at]
        counts[STATUSES.index("foreign")] -= np.uint64(len(rows))
        counts += np.bincount(status, minlength=len(counts)).astype(np.uint64)

    def _normalizer(self, namespace: str) -> Normalizer:
        kind = "uuid" if namespace in UUID_NAMESPACES else ""
        if kind not in self._normalizers:
            self._normalizers[kind] = normalizer_for(self.declared, namespace)
        return self._normalizers[kind]

    def _spaces(self, namespaces: pa.Array) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.bool_]]:
        encoded = call("dictionary_encode", namespaces)
        named = [_fold_namespace(name) for name in encoded.dictionary.to_pylist()] + [""]
        space = np.array([self.space(name) for name in named], np.int32)
        uuid_only = np.array([name in UUID_NAMESPACES for name in named])
        at = call("coalesce", encoded.indices, len(named) - 1).to_numpy(zero_copy_only=False)
        return space[at], uuid_only[at]


def _fold_namespace(name: str | bytes) -> str:
    text = name.decode("utf-8", "replace") if isinstance(name, bytes) else name
    return text.strip().lower()


@frozen
class _ReadBatch:
    """A batch that has been read, whose rows have no profiles yet; what its identifiers say, their sightings keep."""

    codes: Codes
    times: npt.NDArray[np.int64] | None
    hashes: npt.NDArray[np.uint64] | None


class Normalization:
    """Everything that is numbered while the batches pass.

    Parameters
    ----------
    bound : Bound
        What the sources' columns mean.
    secret : bytes
        The run's key, 16 bytes; zeros where none is given.
    outputs : sequence of str
        The tables that will be made: some hold keys, one the times at which values were seen.
    keep_text : bool
        Keep every identifier's canonical text, for output with values.
    exact : bool
        No near values will be sought, which else need their texts.
    match : bool
        Keep what matching by probability compares: family names, and the canonical texts of all fields.
    """

    def __init__(
        self,
        bound: Bound,
        secret: bytes,
        outputs: Sequence[str] = schema.OUTPUTS,
        keep_text: bool = False,
        exact: bool = False,
        match: bool = False,
    ) -> None:
        self.bound = bound
        self.source_names = sorted((source.name for source in bound.sources), key=str.encode)
        fields = bound.model.fields
        width = 1  # the first code is the source
        self.attributes: dict[str, tuple[Field, list[int]]] = {}
        for declared in fields:
            if declared.role == "attribute":
                slots = 1
                if isinstance(declared, PersonName):
                    slots = (3 if match else 2) * SCRIPTS
                elif isinstance(declared, BirthDate):
                    slots = 2 if match else 1  # what is no date may be a slip of one
                self.attributes[declared.name] = declared, list(range(width, width + slots))
                width += slots
        self._default_dates: list[Notice] = []
        self._coded = width  # columns of the profiles that hold codes; those of the identifiers follow
        self.keeps_keys = "identifiers" in outputs or "evidence" in outputs
        # Whether a value may be seen to change hands: birth dates tell its owners apart, or names those of a number.
        kinds = {type(declared) for declared in fields}
        timed = any(source.time for source in bound.sources)
        self.tells_apart = timed and (BirthDate in kinds or kinds >= {PersonName, Phone})
        windows = any(getattr(declared, "limit_days", None) for declared in fields)
        self.keeps_times = timed and (self.tells_apart or windows or "identifiers" in outputs)
        emails = _most_columns(bound, Email)
        self.identifiers: dict[str, IdentifierColumn] = {}
        for declared in fields:
            if declared.role != "identifier":
                continue
            slots = _most_columns(bound, type(declared), declared.name)
            if isinstance(declared, HashedEmail):
                slots += emails
            if isinstance(declared, DeviceId):
                slots *= 1 + len(declared.hashed)
            near = getattr(declared, "max_edits", 0) > 0 or isinstance(declared, DeviceId)
            self.identifiers[declared.name] = IdentifierColumn(
                declared,
                secret,
                range(width, width + slots),
                self.keeps_keys,
                keep_text or match or (near and not exact),
                bound.model.generic_limit,
            )
            width += slots
        # Whether anything is decided in the order of the records: links are, and who is who where birth dates conflict,
        # a number changes hands or a limit is declared.
        judged = BirthDate in kinds or self.tells_apart
        limited = any(getattr(declared, "limit", None) for declared in fields)
        self.ordered = not exact or judged or limited
        # Whether all profiles are asked what they carry, not only those of components that something speaks against.
        # What only the evidence asks for is filled when that is made.
        self.fills_columns = match or limited
        self.names = NameForms(_normalize.person_name(), siphash(secret, b"enishi 1\0names"))
        self.attribute_values = {
            name: GrowingValues(match) for name, (declared, _) in self.attributes.items() if _is_coded(declared)
        }
        self._attribute_keys = {name: space_key(secret, declared) for name, (declared, _) in self.attributes.items()}
        self._attribute_kernels = {name: normalizer_for(declared) for name, (declared, _) in self.attributes.items()}
        self.profiles = Profiles(width)
        # For the codes of a batch, from one batch to the one after the next.
        self._rooms: tuple[Codes, Codes] = (np.empty(0, np.uint32), np.empty(0, np.uint32))
        self._unnumbered: _ReadBatch | None = None
        self.records = 0
        self.tallies: dict[tuple[str, str], Tally] = {
            (source.name, each.field.name): Tally() for source in bound.sources for each in source.columns
        }
        self._time = next((declared.name for declared in fields if declared.role == "time"), "time")
        self.tallies |= {(source.name, self._time): Tally() for source in bound.sources if source.time}

    def add(
        self, source: BoundSource, batch: pa.RecordBatch, hashes: npt.NDArray[np.uint64] | None, runner: Runner
    ) -> None:
        """Reads a batch of one source, whose records have these hashes (none where they are not `ordered`), and numbers
        the one before meanwhile."""
        for identifier in self.identifiers.values():
            identifier.sightings.begin()
        codes = self._codes(batch.num_rows)
        codes.fill(NONE)
        codes[0] = self.source_names.index(source.name)
        reading = runner.map(lambda task: task(), self._tasks(source, batch, codes))
        self._number(runner)
        times = self._times(source, batch.column(source.time)) if source.time else None
        for _ in reading:
            pass
        self._unnumbered = _ReadBatch(codes, times, hashes)

    def number(self, runner: Runner) -> None:
        """Numbers the batch that was read last."""
        for identifier in self.identifiers.values():
            identifier.sightings.begin()
        self._number(runner)

    def _codes(self, rows: int) -> Codes:
        """Room for the codes of a batch, columns x rows."""
        before, room = self._rooms
        if room.size < self._coded * rows:
            room = np.empty(self._coded * rows, np.uint32)
        self._rooms = room, before
        return room[: self._coded * rows].reshape(self._coded, rows)

    def _tasks(self, source: BoundSource, batch: pa.RecordBatch, codes: Codes) -> list[Callable[[], Any]]:
        """What reads the fields of a batch, each on its own."""
        tasks: list[Callable[[], Any]] = []
        named: list[Callable[[], None]] = []
        by_field: dict[str, list[BoundColumn]] = {}
        for each in source.columns:
            by_field.setdefault(each.field.name, []).append(each)
        for name, columns in by_field.items():
            if name in self.identifiers:
                tasks.append(self._identifier_task(source, name, by_field, batch))
            elif name in self.attributes:
                by_kind = named if isinstance(self.attributes[name][0], PersonName) else tasks
                by_kind.append(self._attribute_task(source, name, columns, batch, codes))
        if any(isinstance(each.field, Email) for each in source.columns):
            for name, identifier in self.identifiers.items():
                if isinstance(identifier.declared, HashedEmail) and name not in by_field:
                    tasks.append(self._identifier_task(source, name, by_field, batch))
        # All names are numbered in one table, which one task at a time may change; the longest task starts first.
        return [lambda: [task() for task in named], *tasks]

    def _number(self, runner: Runner) -> None:
        """Numbers the batch before the one that has begun, if there was one."""
        if self._unnumbered is None:
            return
        read, self._unnumbered = self._unnumbered, None
        sightings = [identifier.sightings for identifier in self.identifiers.values()]
        numbers = self.profiles.add(read.codes, sightings)
        for _ in runner.map(lambda sighting: sighting.keep(self.profiles), sightings):
            pass
        if read.hashes is not None:
            self.profiles.order(read.hashes)
        if read.times is not None and self.keeps_times:
            self.profiles.see(numbers, read.times, each=self.tells_apart)
        self.records += read.codes.shape[1]

    def spill(self, file: SpillFile, held: int) -> None:
        """Writes the values on their way to a number to a file, if they take more memory than they may."""
        sightings = [identifier.sightings for identifier in self.identifiers.values()]
        if sum(each.held() for each in sightings) <= held:
            return

        def write(raw: IO[bytes]) -> int:
            at = file.size
            for each in sightings:
                at = each.spill(raw.fileno(), at)
            return at

        file.write(write)

    def notices(self) -> Iterator[Notice]:
        """Fields of which most values are refused, what may be the cause, and dates that are none."""
        yield from self._default_dates
        for (source, name), tally in self.tallies.items():
            refused = sum(tally.refused().values())
            if refused < FEWEST_REFUSED or 2 * refused <= tally.filled():
                continue
            declared = next(each for each in self.bound.model.known_fields() if each.name == name)
            why = _CAUSES.get(declared.kind, "is it the right column?")
            text = f"of {tally.filled():,} values of '{name}', {refused:,} are refused: {why}"
            yield Notice(source, None, text)

    def drop(self) -> None:
        """Gives back who carries what, once nobody asks any more."""
        for identifier in self.identifiers.values():
            self.profiles.drop(identifier.columns)
            identifier.values.drop_carriers()
        self.profiles.drop_times()

    def drop_texts(self) -> None:
        """Gives back the texts of the identifiers' values."""
        for identifier in self.identifiers.values():
            identifier.values.drop_texts()

    def fill_columns(self) -> None:
        """Fills the identifiers' columns where they are empty, so that every profile can be asked what it carries."""
        for identifier in self.identifiers.values():
            if len(identifier.columns) == 1:
                self.profiles.fill(identifier.columns[0], identifier.values)

    def close(self, runner: Runner, *, fill: bool = False) -> None:
        """Numbers the identifiers' values, when all batches have come, and fills their columns where that is asked."""
        self.number(runner)
        self.profiles.close()
        _list_values(list(self.identifiers.values()))
        identifiers = list(self.identifiers.values())
        fill = fill or self.fills_columns
        # The one with most to number first, so that no thread is left with it in the end.
        identifiers.sort(key=lambda identifier: -identifier.sightings.held())
        tasks: list[Callable[[], None]] = [partial(each.number, self.profiles, fill) for each in identifiers]
        for _ in runner.map(lambda task: task(), [*tasks, self._leave_out_default_dates]):
            pass

    def _leave_out_default_dates(self) -> None:
        fields = self.attributes.values()
        names = [
            slot for declared, slots in fields if isinstance(declared, PersonName) for slot in slots[: 2 * SCRIPTS]
        ]
        for declared, slots in fields:
            if not isinstance(declared, BirthDate):
                continue
            for source, _, people in self.profiles.leave_out_default_dates(slots[0], names):
                text = f"one '{declared.name}' is that of {people:,} people, far more than any other: it counts as none"
                self._default_dates.append(Notice(self.source_names[source], None, text))

    def read_names(self) -> None:
        """Gives names without kana the readings that other records tell: likely ones, for matching by probability."""
        for declared, slots in self.attributes.values():
            if isinstance(declared, PersonName):
                self.names.read_unread(self.profiles, slots[0])

    def _times(self, source: BoundSource, array: pa.Array) -> npt.NDArray[np.int64]:
        times = read_times(array)
        counts = self.tallies[source.name, self._time].counts
        read, missing = np.count_nonzero(times != NEVER), array.null_count
        for status, n in (("accepted", read), ("missing", missing), ("malformed", len(times) - read - missing)):
            counts[STATUSES.index(status)] += np.uint64(n)
        return times

    def _identifier_task(
        self,
        source: BoundSource,
        name: str,
        by_field: Mapping[str, Sequence[BoundColumn]],
        batch: pa.RecordBatch,
    ) -> Callable[[], None]:
        identifier = self.identifiers[name]
        declared = identifier.declared

        def run() -> None:
            own = by_field.get(name, ())
            written = source.reads.get(name)
            region = written.region if isinstance(written, Phone) else None
            readings: list[tuple[BoundColumn, Normalizer | None]] = [(each, None) for each in own]
            if isinstance(declared, HashedEmail):
                recipe = _normalize.email_recipe(declared.recipe)
                readings += [
                    (each, recipe) for columns in by_field.values() for each in columns if isinstance(each.field, Email)
                ]
            if isinstance(declared, DeviceId):
                digests = [_normalize.device_id_digest(algorithm) for algorithm in declared.hashed]
                readings += [(each, digest) for digest in digests for each in own]
            for slot, (each, reading) in enumerate(readings):
                namespace: str | pa.Array = each.namespace if isinstance(each.namespace, str) else ""
                if isinstance(each.namespace, Column):
                    namespace = as_text(batch.column(each.namespace.name))
                # What another field's column gives is counted where it stands.
                counts = self.tallies[source.name, name].counts if reading is None else Tally().counts
                own_way = reading if written is None else normalizer_for(written)
                identifier.read(slot, as_text(batch.column(each.column)), namespace, counts, own_way, region)

        return run

    def _attribute_task(
        self, source: BoundSource, name: str, columns: Sequence[BoundColumn], batch: pa.RecordBatch, codes: Codes
    ) -> Callable[[], None]:
        declared, slots = self.attributes[name]
        written = source.reads.get(name)
        kernel = self._attribute_kernels[name] if written is None else normalizer_for(written)
        tally = self.tallies[source.name, name]

        def text(part: str, joined: bool = False) -> pa.Array | None:
            arrays = [as_text(batch.column(each.column)) for each in columns if each.part == part]
            if len(arrays) <= 1:
                return arrays[0] if arrays else None
            texts = [cast(array, pa.large_string()) for array in arrays]
            return _join(texts) if joined else _first(texts)

        def run() -> None:
            if isinstance(declared, PersonName):
                forms = codes[slots[0] : slots[-1] + 1]
                family, full, suffix = text("family"), text("full"), text("suffix")
                given = _followed(text("given"), text("middle"))
                parts = [(_followed(family, suffix), given, full if family is not None else _followed(full, suffix))]
                parts.append((text("family_kana"), text("given_kana"), text("full_kana")))
                for family, given, full in parts:
                    if not (family is None and given is None and full is None):
                        self.names.add(family, given, full, forms, tally.counts)
                return
            values = text("value", joined=isinstance(declared, Address))
            expiry = text("expiry")
            if values is not None and expiry is not None:
                values = _join([cast(values, pa.large_string()), cast(expiry, pa.large_string())])
            dates = [date for part in DATE_PARTS if (date := text(part)) is not None]
            if dates:
                whole = _join([cast(date, pa.large_string()) for date in dates])
                values = whole if values is None else _first([cast(values, pa.large_string()), whole])
            if values is None:
                return
            if isinstance(declared, BirthDate):
                impossible = codes[slots[1]] if len(slots) > 1 else None
                birth_numbers(kernel, values, codes[slots[0]], impossible, tally.counts)
            else:
                key = self._attribute_keys[name]
                self.attribute_values[name].add(kernel, values, [key], None, codes[slots[0]], tally.counts)

        return run


def _list_values(identifiers: Sequence[IdentifierColumn]) -> None:
    """Says of the values that the user listed that they are generic, or never are."""
    for identifier in identifiers:
        for key in _listed(identifiers, identifier, "generic"):
            identifier.sightings.list_generic(key)
        for key in _listed(identifiers, identifier, "allow"):
            identifier.sightings.list_allowed(key)


def _listed(identifiers: Sequence[IdentifierColumn], identifier: IdentifierColumn, option: str) -> Iterator[bytes]:
    """The keys of the values that an option lists, in every spelling that a run knows: hashed ones too."""
    declared = identifier.declared
    for namespace in identifier.namespaces:
        readings = [normalizer_for(declared, namespace)]
        if isinstance(declared, DeviceId):
            readings += [_normalize.device_id_digest(algorithm) for algorithm in declared.hashed]
        yield from identifier.keys_of(getattr(declared, option, ()), readings, namespace)
        if isinstance(declared, HashedEmail):
            emails = [other.declared for other in identifiers if isinstance(other.declared, Email)]
            addresses = [each for email in emails for each in getattr(email, option)]
            yield from identifier.keys_of(addresses, [_normalize.email_recipe(declared.recipe)], namespace)


def canonical_column(kernel: Normalizer, values: pa.Array) -> tuple[pa.Array, npt.NDArray[np.uint8]]:
    """The canonical texts of a column, and their statuses (numbers in ``STATUSES``).

    Examples
    --------
    >>> texts, status = canonical_column(_normalize.postcode(), pa.array(["150 0001", "none"]))
    >>> texts[0].as_py(), STATUSES[status[0]]
    ('1500001', 'accepted')
    """
    (validity, offsets, data), status = kernel.canonicalize(values)
    buffers = [pa.py_buffer(each) for each in (validity, offsets, data)]
    array = pa.Array.from_buffers(pa.large_string(), len(values), buffers)
    return array, np.frombuffer(status, np.uint8)


def joined_texts(texts: Sequence[pa.Array]) -> pa.Array:
    """The texts of each row one after the other, with blanks; what is null is left out."""
    if len(texts) == 1:
        return texts[0]
    return _join([cast(each, pa.large_string()) for each in texts])


def _join(texts: Sequence[pa.Array]) -> pa.Array:
    """Texts of one row after the other, with blanks; what is null is left out."""
    # Not null_handling="skip": pyarrow 26 loses rows whose texts are all null.
    blank = pa.scalar(" ", pa.large_string())
    return call("binary_join_element_wise", *texts, blank, options=kernels.JoinOptions("replace", ""))


def _followed(names: pa.Array | None, suffixes: pa.Array | None) -> pa.Array | None:
    """The names, and after them what tells generations apart."""
    if names is None or suffixes is None:
        return names
    return _join([each.cast(pa.large_string()) for each in (names, suffixes)])


def _first(texts: Sequence[pa.Array]) -> pa.Array:
    """Row by row, the first text that is not null."""
    return call("coalesce", *texts)


def _is_coded(declared: Field) -> bool:
    return not isinstance(declared, (PersonName, BirthDate))


def _most_columns(bound: Bound, kind: type[Field], name: str | None = None) -> int:
    """The largest number of columns that any one source feeds into a field (or into all fields of a kind)."""
    return max(
        sum(isinstance(each.field, kind) and name in (None, each.field.name) for each in source.columns)
        for source in bound.sources
    )


_MICROSECONDS = {"s": 1_000_000, "ms": 1_000, "us": 1}


def read_times(array: pa.Array) -> npt.NDArray[np.int64]:
    """Microseconds since 1970 UTC; the smallest int64 where there is no time or none that can be read.

    Text is ISO 8601: a date, with or without a time, with or without a zone (none: UTC); ``/`` may stand for ``-``.

    Examples
    --------
    >>> import pyarrow as pa
    >>> read_times(pa.array(["1970-01-02", "1970/01/01 09:00:00.5+09:00"])).tolist()
    [86400000000, 500000]
    """
    if not pa.types.is_temporal(array.type):
        array = _parsed_times(as_text(array))
    if pa.types.is_date(array.type):
        array = cast(array, pa.timestamp("s"))
    per_unit = _MICROSECONDS.get(getattr(array.type, "unit", ""))
    if pa.types.is_timestamp(array.type) and per_unit and len(array):
        counts = np.frombuffer(array.buffers()[1], np.int64, len(array), array.offset * 8)
        most = np.iinfo(np.int64).max // per_unit
        times = np.where((counts >= -most) & (counts <= most), counts * per_unit, NEVER)
        if array.null_count:
            times[call("is_null", array).to_numpy(zero_copy_only=False)] = NEVER
        return times
    moments = cast(array, pa.timestamp("us", tz=getattr(array.type, "tz", None)), safe=False)
    return np.asarray(call("coalesce", cast(moments, pa.int64()), NEVER).to_numpy(zero_copy_only=False), np.int64)


def _parsed_times(texts: pa.Array) -> pa.Array:
    import polars as pl

    try:
        texts = texts.cast(pa.large_string())
        texts.validate(full=True)
    except pa.ArrowInvalid:
        raw = texts.view(pa.binary()) if pa.types.is_string(texts.type) else texts.cast(pa.large_binary())
        texts = pa.array([value and value.decode("utf-8", "replace") for value in raw.to_pylist()], pa.large_string())
    # Each form is asked for by name: a form that is guessed from the first row makes the answer a matter of order.
    dashed = pl.Series(texts).str.strip_chars().str.replace_all("/", "-", literal=True)
    plain = dashed.str.replace(r"(\d)[Tt](\d)", "$1 $2")
    zoned = plain.str.replace(r" ?[Zz]$", "+0000")
    days = plain.str.to_date("%Y-%m-%d", strict=False).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    for time in ("%H:%M:%S%.f", "%H:%M"):
        form = f"%Y-%m-%d {time}"
        naive = plain.str.to_datetime(form, time_unit="us", strict=False)
        days = days.fill_null(naive.dt.replace_time_zone("UTC"))
        days = days.fill_null(zoned.str.to_datetime(f"{form}%#z", time_unit="us", time_zone="UTC", strict=False))
    return days.to_arrow()


class TokenCheck:
    """Looks at the first 10,000 values of a source's token columns, over as many batches as they take.

    Raises
    ------
    CardNumberError
        From either method: more than half look like card numbers, and the field is not declared tokenized.
    """

    def __init__(self, source: BoundSource) -> None:
        self._source = source.name
        self._columns = [
            each.column for each in source.columns if isinstance(each.field, PaymentToken) and not each.field.tokenized
        ]
        self._seen = dict.fromkeys(self._columns, 0)
        self._raw = dict.fromkeys(self._columns, 0)

    def add(self, batch: pa.RecordBatch) -> None:
        for column in self._columns:
            if self._seen[column] == CARD_SAMPLE:
                continue
            # As bytes: where text is not UTF-8, Python's own message about it would quote it.
            raw = cast(as_text(batch.column(column)), pa.large_binary()).to_pylist()
            for value in islice((each for each in raw if each is not None), CARD_SAMPLE - self._seen[column]):
                self._seen[column] += 1
                self._raw[column] += _normalize.looks_like_card_number(value)
            if self._seen[column] == CARD_SAMPLE:
                self._judge(column)

    def close(self) -> None:
        for column in self._columns:
            self._judge(column)

    def _judge(self, column: str) -> None:
        if self._raw[column] * 2 > self._seen[column]:
            raise CardNumberError(
                f"source '{self._source}', column '{column}': more than half of the first {self._seen[column]} values "
                "look like raw card numbers; replace them by tokens before they reach this program, or declare the "
                "field with tokenized = true if they are network tokens"
            )
