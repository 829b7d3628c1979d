"""The order of the stages: read, normalize, link (with block), match, graph. This file alone knows them all."""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from enishi import __version__, schema
from enishi._normalize import STATUSES, siphash
from enishi._tables import AscendingIds, Identities, RecordKeys, hash_records, hash_rows
from enishi.arrow import call
from enishi.bind import Bound, BoundColumn, BoundSource, Notice, bind
from enishi.dialect import as_written
from enishi.errors import ConfigError, DuplicateRecordError, InputError, did_you_mean
from enishi.frozen import fresh, frozen, mutable, replace
from enishi.graph import Assembled, CustomerGraph, Resolved, assemble
from enishi.handover import handovers
from enishi.health import health, unlinkable
from enishi.limits import constrain, declare
from enishi.link import Linked, link
from enishi.memory import Budget, RecordIds, SpillFile, parse_size, peak
from enishi.model import Match, Model
from enishi.normalize import Normalization, TokenCheck
from enishi.read import SourceReader, open_data
from enishi.rows import as_text, occurrences, record_ids, row_ids, without_views
from enishi.runner import MOST_THREADS, Runner, Runners

if TYPE_CHECKING:
    from pathlib import Path

    from enishi.forecast import Forecast
    from enishi.household import Homes
    from enishi.match_model import MatchModel

Duplicates = Literal["error", "keep-identical"]
Hashes = npt.NDArray[np.uint64]
Identified = tuple[pa.RecordBatch, Hashes | None]  # rows, and the hashes of their records where these are ordered
Batch = tuple[int, pa.RecordBatch, Hashes | None]  # the number of its source before these
Progress = Callable[[str, int, int | None], None]

FEW = 1_000  # records of most customers, whose sizes are counted without being sorted
FORECAST_FROM = 1_000_000  # records from which a run is forecast before it starts
NAMED = 5  # of repeated records in an error, of generic values by field in the summary


@frozen
class Options:
    """How a run is made; the keywords of `resolve`."""

    exact: bool = False
    outputs: tuple[str, ...] = schema.OUTPUTS
    duplicates: Duplicates = "error"
    threads: int = 1
    memory_limit: int | None = None
    spill_dir: str | os.PathLike[str] | None = None
    secret: bytes | None = None
    with_values: bool = False
    match: str | os.PathLike[str] = "auto"
    threshold: float | None = None
    train: bool = False
    labels: pa.Table | None = None
    household: bool = False
    weakest: bool = False  # whether the summary tells where the largest customers are weakest
    link_only: bool = False
    must_link: Any = None
    cannot_link: Any = None

    def __post_init__(self) -> None:
        unknown = sorted(set(self.outputs) - set(schema.OUTPUTS))
        if unknown:
            raise ConfigError("outputs", f"there is no output {unknown[0]!r}{did_you_mean(unknown[0], schema.OUTPUTS)}")
        if self.duplicates not in ("error", "keep-identical"):
            raise ConfigError("duplicates", "must be 'error' or 'keep-identical'")
        if not 1 <= self.threads <= MOST_THREADS:
            raise ConfigError("threads", f"must be from 1 to {MOST_THREADS}")
        if self.threshold is not None and not math.isfinite(self.threshold):
            raise ConfigError("threshold", "must be a finite number")
        if self.secret is not None and len(self.secret) < 16:
            raise ConfigError("key", "must have at least 16 bytes")


def cores() -> int:
    """The cores that this process may use; macOS tells only how many the machine has."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def resolve(
    data: Any,
    model: Model | None = None,
    *,
    exact: bool = False,
    outputs: Sequence[str] = schema.OUTPUTS,
    duplicates: Duplicates = "error",
    threads: int | None = None,
    memory_limit: int | str | None = None,
    spill_dir: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
    key: bytes | None = None,
    with_values: bool = False,
    match: str | os.PathLike[str] = "auto",
    threshold: float | None = None,
    household: bool = False,
    link_only: bool = False,
    must_link: Any = None,
    cannot_link: Any = None,
) -> CustomerGraph:
    """Gives every record of every source a customer.

    Parameters
    ----------
    data : table, or mapping of str to table
        Anything with the Arrow PyCapsule protocol (pyarrow Table or RecordBatchReader, Polars DataFrame, DuckDB
        relation, pandas DataFrame), a Polars LazyFrame, a pyarrow dataset, a dict of lists, a list of dicts, batches
        one after the other, or the path of files; or several by source name. A one-shot reader is read once.
    model : Model, optional
        What the columns mean. Left out: what their headers suggest.
    exact : bool
        Exact shared identifiers only: no misspellings, no rules on attributes.
    outputs : sequence of str
        Which tables to make: any of ``customers``, ``identifiers``, ``links``, ``refused``, ``evidence``, ``summary``;
        the first and the last are always there.
    duplicates : {"error", "keep-identical"}
        What to do with a repeated record id: stop, or collapse the rows that are equal in every column.
    threads : int, optional
        Left out: as many as the machine has cores.
    memory_limit : int or str, optional
        Anonymous memory, beyond what the caller holds already, above which the run stops: bytes, or ``"8GB"``.
        Left out: 5 GB, or half of the machine's where that is less.
    spill_dir : path, optional
        Where record ids go, and what is put by for later, beyond a sixteenth of the limit.
        Left out: the system's temporary directory.
    progress : callable, optional
        Called with the stage, how many records are done, and of how many (None: unknown).
    key : bytes, optional
        The secret under which keys are made; without one, anybody can test a guessed value against a key.
    with_values : bool
        Adds canonical values of people to the identifiers; otherwise no output holds any.
    match : {"off", "auto"} or path
        Matching by probability of records that share no identifier: not at all; with stored parameters, above 1,000
        records with ones trained on the data; or with the model in a file that ``enishi train`` wrote, or in Splink's
        settings, as far as they map. ``exact`` turns it off, and ``auto`` where there are identifiers and nothing else.
    threshold : float, optional
        The match weight from which two records are linked: log2 of the odds that they are one person's.
    household : bool
        Adds ``household_id`` to the customers: those who give one address and one surname, or who share a landline or a
        tablet and either of these. It is null where a customer has no household beyond itself, and decides about no
        customer.
    link_only : bool
        Every source is free of duplicates: no two of its records are one customer.
    must_link, cannot_link : Arrow data or path, optional
        Pairs of records that are, or are not, one customer: left_source, left_record_id, right_source, right_record_id
        and, where a table holds both, match. They come before those that the model names.

    Returns
    -------
    CustomerGraph

    Raises
    ------
    InputError
        The data cannot be read as declared.
    DuplicateRecordError
        A record id is repeated within a source.
    ConfigError
        An option is wrong.
    MemoryLimitError
        The run needs more than the limit.

    Examples
    --------
    >>> import enishi, pyarrow as pa
    >>> web = pa.table({"record_id": ["w1", "w2"], "email": ["Hanako.Sato@gmail.com", "taro@shop.jp"]})
    >>> app = pa.table({"record_id": ["a1"], "email": ["hanakosato@gmail.com"], "device_id": [None]})
    >>> graph = enishi.resolve({"web": web, "app": app})
    >>> ids = graph.customers["customer_id"].to_pylist()
    >>> ids[0] == ids[2], ids[0] == ids[1]
    (True, False)
    """
    model = Model() if model is None else model
    options = Options(
        exact,
        tuple(outputs),
        duplicates,
        cores() if threads is None else threads,
        None if memory_limit is None else parse_size(memory_limit),
        spill_dir,
        key,
        with_values,
        match,
        threshold,
        household=household,
        link_only=link_only,
        must_link=must_link,
        cannot_link=cannot_link,
    )
    return load(run(open_data(data, model), model, options, progress), options)


def load(found: Resolved, options: Options) -> CustomerGraph:
    """What a run found, in memory."""
    with Runners(options.threads) as runner:
        return found.graph(runner.of(found.summary["records"]))


def run(
    readers: Sequence[SourceReader],
    model: Model,
    options: Options,
    progress: Progress | None = None,
    directory: Path | None = None,
) -> Resolved:
    """Resolves opened sources; their customers are known, the tables are made as they are written or loaded.

    Where it is known that the tables will be written to a directory, a run that does not fit there is refused at once.
    """
    clock = Clock(progress)
    bound = as_written(bind(model, {reader.name: reader.schema for reader in readers}), readers)
    matching = matches(options, bound)
    match_model = _match_model(options, bound) if matching else None
    names = [source.name for source in bound.sources]
    declared = declare(model, names, options.must_link, options.cannot_link, options.link_only)
    secret = _secret(options.secret)
    normalized = Normalization(bound, secret, options.outputs, options.with_values, options.exact, matching)
    normalized.ordered |= declared.any()
    normalized.fills_columns |= declared.any()
    if matching:
        _check_comparisons(normalized)
    homes = _homes(options, secret)
    budget = Budget(options.memory_limit)
    ids, spill = RecordIds(options.spill_dir), SpillFile(options.spill_dir)
    with Runners(options.threads) as runner:
        if sum(reader.rows or 0 for reader in readers) >= FORECAST_FROM:
            from enishi.forecast import check

            with clock.stage("forecast"):
                check(readers, bound, options, budget.limit, runner.of(FORECAST_FROM), directory)
        with clock.stage("read and normalize"):
            reading = _read(readers, bound, normalized, ids, spill, options, secret, runner, budget, clock, homes)
        with clock.stage("link"):
            columns = runner.of(normalized.records)
            constraints = constrain(declared, normalized, ids, reading.records)
            linked = link(normalized, columns, constraints, exact=options.exact)
            budget.check("link", normalized.records)
        if matching:
            with clock.stage("match"):
                _match(normalized, linked, ids, columns, options, match_model)
                budget.check("match", normalized.records)
        with clock.stage("graph"):
            fields = _fields(normalized, linked)
            lost = unlinkable(normalized, linked, exact=options.exact)
            made = assemble(normalized, linked, ids, options.outputs, options.with_values, columns, homes)
            seen = health(normalized, linked, ids, made, lost, weakest=options.weakest)
            budget.check("graph", normalized.records)
    notices = [notice for reader in readers for notice in reader.notices] + list(bound.notices)
    notices += normalized.notices()
    notices += [Notice(None, None, f"{options.match}: {text}") for text in (match_model.notices if match_model else ())]
    spilled = ids.spilled + spill.size
    summary = _summary(
        readers, bound, normalized, linked, made, fields, reading, spilled, notices, options, clock, seen
    )
    return Resolved(made.tables, summary)


def forecast(readers: Sequence[SourceReader], model: Model, options: Options) -> Forecast:
    """What a run of opened sources needs; nothing but their first rows is read.

    Raises
    ------
    InputError
        A source does not say how many records it has, or cannot be read twice.
    """
    from enishi.forecast import forecast

    SpillFile(options.spill_dir)  # which has to be there
    bound = bind(model, {reader.name: reader.schema for reader in readers})
    with Runners(options.threads) as runner:
        found = forecast(readers, bound, options, Budget(options.memory_limit).limit, runner.of(FORECAST_FROM))
    if found is None:
        unknown = next(reader.name for reader in readers if reader.rows is None or reader.path is None)
        raise InputError(
            f"there is no forecast: source '{unknown}' does not tell its number of records, as Parquet does"
        )
    return found


def train(
    readers: Sequence[SourceReader],
    model: Model,
    options: Options,
    labels: pa.Table | None = None,
    progress: Progress | None = None,
) -> MatchModel:
    """Trains matching by probability on opened sources, and from labelled pairs where there are any.

    Raises
    ------
    InputError
        The fields that are bound leave nothing to compare, or the labels name a record that is not there.
    """
    return trained(readers, model, options, labels, progress)[0]


def trained(
    readers: Sequence[SourceReader],
    model: Model,
    options: Options,
    labels: pa.Table | None = None,
    progress: Progress | None = None,
) -> tuple[MatchModel, dict[str, Any]]:
    """What `train` gives, and beside it what the summary says on matching."""
    from enishi.match_model import MatchModel

    options = replace(options, match="auto", train=True, labels=labels, outputs=("customers", "summary"))
    found = run(readers, model, options, progress).summary["match"]
    if found is None:
        raise InputError("there is nothing to compare: two records with a name, a birth date or the like are needed")
    return MatchModel.from_json(json.dumps(found["model"])), found


def _homes(options: Options, secret: bytes) -> Homes | None:
    """Where addresses and surnames are kept, if households are asked for."""
    if not options.household:
        return None
    from enishi.household import Homes

    return Homes(secret)


def _check_comparisons(normalized: Normalization) -> None:
    from enishi.compare import MOST_COMPARISONS, comparisons_of

    compared = [each.name for each in comparisons_of(normalized)]
    if len(compared) > MOST_COMPARISONS:
        raise ConfigError(
            "match",
            f"compares at most {MOST_COMPARISONS} fields, not {', '.join(compared)}; ignore some of their columns",
        )


def matches(options: Options, bound: Bound) -> bool:
    """Whether records are matched by probability: where that is asked for or there is more than identifiers to compare.

    What near identifiers are worth by themselves linking has judged: it asks for support, and there would be none.
    """
    if options.exact or options.match == "off":
        return False
    asked = options.match != "auto" or options.train or options.labels is not None or bound.model.match != Match()
    return asked or any(each.field.role == "attribute" for source in bound.sources for each in source.columns)


def _match_model(options: Options, bound: Bound) -> MatchModel | None:
    """The model in the file that the option names; None for the stored one."""
    if options.match == "auto":
        return None
    from enishi.match_model import read_model

    columns = {each.column: each.compared_as for source in bound.sources for each in source.columns}
    return read_model(options.match, bound.model.known_fields(), columns)


def _match(
    normalized: Normalization,
    linked: Linked,
    ids: RecordIds,
    runner: Runner,
    options: Options,
    model: MatchModel | None,
) -> None:
    from enishi.match import THRESHOLD, match

    linked.matches = match(
        normalized,
        linked,
        ids,
        runner,
        declared=normalized.bound.model.match,
        model=model,
        threshold=THRESHOLD if options.threshold is None else options.threshold,
        train=options.train,
        labels=options.labels,
    )


class Clock:
    """Times the stages, and tells progress."""

    def __init__(self, progress: Progress | None) -> None:
        self.seconds: dict[str, float] = {}
        self.peak: dict[str, int] = {}
        self._progress = progress
        self._stage = ""

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        self._stage = name
        self.tell(0, None)
        start = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - start, 4)
        self.peak[name] = peak()

    def tell(self, done: int, total: int | None) -> None:
        if self._progress is not None:
            self._progress(self._stage, done, total)


@mutable
class _Reading:
    """What reading left, in input order."""

    id_types: dict[str, pa.DataType] = fresh(default_factory=dict)  # by source
    collapsed: dict[str, int] = fresh(default_factory=dict)
    unnamed: list[str] = fresh(default_factory=list)  # sources without a record_id
    records: dict[str, int] = fresh(default_factory=dict)


def _read(
    readers: Sequence[SourceReader],
    bound: Bound,
    normalized: Normalization,
    record_ids: RecordIds,
    spill: SpillFile,
    options: Options,
    secret: bytes,
    runner: Runners,
    budget: Budget,
    clock: Clock,
    homes: Homes | None,
) -> _Reading:
    reading = _Reading()
    keys = SpillFile(options.spill_dir)
    counts = [reader.rows for reader in readers]
    total = None if None in counts else sum(count for count in counts if count is not None)
    identities = [
        _Identify(reader, source, options.duplicates, secret, record_ids, keys, budget.held, normalized.ordered)
        for reader, source in zip(readers, bound.sources, strict=True)
    ]
    reading.id_types = {each.source.name: _id_type(each.reader, each.source) for each in identities}
    types = set(reading.id_types.values())
    record_ids.type = types.pop() if len(types) == 1 else pa.string()
    reading.records = {source.name: 0 for source in bound.sources}
    for number, batch, hashes in runner.ahead(_identified(identities), lambda each: each[1].num_rows):
        source = bound.sources[number]
        if batch.num_rows:
            normalized.add(source, batch, hashes, runner.of(batch.num_rows))
            if homes is not None:
                homes.add(source, batch)
        reading.records[source.name] += batch.num_rows
        normalized.spill(spill, budget.held)
        budget.check("read and normalize", normalized.records)
        clock.tell(normalized.records, total)
    normalized.close(runner.of(sum(reading.records.values())))
    clock.tell(normalized.records, total)
    reading.collapsed = {each.source.name: each.collapsed for each in identities}
    reading.unnamed = [source.name for source in bound.sources if source.record_id is None]
    return reading


def _identified(identities: Sequence[_Identify]) -> Iterator[Batch]:
    for number, identify in enumerate(identities):
        tokens = TokenCheck(identify.source)
        for whole in identify.reader.batches(identify.columns()):
            tokens.add(whole)
            yield number, *identify(whole)
        tokens.close()
        identify.close()


def _id_type(reader: SourceReader, source: BoundSource) -> pa.DataType:
    """The type that a source's record ids keep; it counts even where there are no rows."""
    if source.record_id is None:
        return pa.string()
    return record_ids(pa.nulls(0, reader.schema.field(source.record_id).type), reader.place).type


class _Identify:
    """Gives each row of a source its record id, keeps it, and finds repeated ones."""

    def __init__(
        self,
        reader: SourceReader,
        source: BoundSource,
        duplicates: Duplicates,
        secret: bytes,
        kept: RecordIds,
        spill: SpillFile,
        held: int,
        ordered: bool,
    ) -> None:
        self.reader = reader
        self.source = source
        self.duplicates = duplicates
        self.collapsed = 0
        self._kept = kept
        self._spill = spill
        self._held = held  # bytes of hashes that may stay in memory
        self._ordered = ordered
        self._row_key = siphash(secret, b"enishi 1\0row")
        self._ascending: AscendingIds | None = AscendingIds()  # for as long as their order shows that the ids differ
        self._keys = RecordKeys()  # from then on
        self._seen = Identities()  # where a repeated record is no error
        self._times = np.zeros(0, np.int64)  # by identity: how often it came
        self._rows: npt.NDArray[np.uint64] = np.zeros((0, 2), np.uint64)  # by identity: the hash of its row
        self._row = 0

    def columns(self) -> tuple[str, ...]:
        """The columns to read: those in use, and all where rows are compared whole."""
        whole = () if self.duplicates == "error" else self.source.identity
        return tuple(dict.fromkeys((*self.source.needed(), *whole)))

    def __call__(self, batch: pa.RecordBatch) -> Identified:
        start, self._row = self._row, self._row + batch.num_rows
        if self.source.record_id is None:
            return self._identified(batch, self._unnamed(batch))
        ids = record_ids(batch.column(self.source.record_id), self.reader.place, start)
        if self.duplicates != "error":
            return self._identified(*self._collapse(batch, ids, start))
        texts = as_text(ids)
        if self._ascending is not None and not self._ascending.extend(texts):
            self._ascending = None
            for earlier in self._kept.texts(self._kept.rows - start):
                self._keys.add(hash_records(self.source.name, earlier))
        hashes = None
        if self._ordered or self._ascending is None:
            hashes = hash_records(self.source.name, texts)
        if self._ascending is None and hashes is not None:
            self._keys.add(hashes)
            if self._keys.held() > self._held:
                self._spill.write(lambda raw: self._keys.spill(raw.fileno(), self._spill.size))
        self._kept.add(ids)
        return batch, hashes if self._ordered else None

    def _identified(self, batch: pa.RecordBatch, ids: pa.Array) -> Identified:
        self._kept.add(ids)
        return batch, hash_records(self.source.name, as_text(ids)) if self._ordered else None

    def close(self) -> None:
        """Looks for repeated records, when all have come."""
        repeated = self._keys.repeated()
        self._keys = RecordKeys()
        if len(repeated):
            places = ", ".join(self.reader.place(int(row)) for row in repeated[:NAMED])
            more = f" and {len(repeated) - NAMED} more" if len(repeated) > NAMED else ""
            raise DuplicateRecordError(
                f"source '{self.source.name}' has records whose {self.source.record_id} came before: "
                f"{places}{more}; make record ids unique, or collapse rows that are equal in every column with "
                f"--duplicates keep-identical{self._otherwise()}"
            )

    def _otherwise(self) -> str:
        """What to do where the column that is called like an id does not name the record: orders of several lines."""
        column = self.source.record_id
        if not self.source.record_id_guessed or column == "record_id":
            return ""
        return (
            f'; if {column} is no record\'s id, map it in [sources.{self.source.name}.columns]: "{column}" = "ignore"'
        )

    def _row_keys(self, batch: pa.RecordBatch) -> npt.NDArray[np.uint64]:
        columns = [as_text(batch.column(name)) for name in sorted(self.source.identity)]
        keys: npt.NDArray[np.uint64] = hash_rows(columns, self._row_key, batch.num_rows)
        return keys

    def _unnamed(self, batch: pa.RecordBatch) -> pa.Array:
        keys = self._row_keys(batch)
        numbers, _ = self._seen.add(keys)
        if not len(numbers):
            return row_ids(keys, np.zeros(0, np.int64))
        self._times = np.pad(self._times, (0, max(0, int(numbers.max()) + 1 - len(self._times))))
        ids = row_ids(keys, self._times[numbers] + occurrences(keys))
        np.add.at(self._times, numbers, 1)
        return ids

    def _collapse(self, batch: pa.RecordBatch, ids: pa.Array, start: int) -> tuple[pa.RecordBatch, pa.Array]:
        numbers, repeated = self._seen.add(hash_rows([as_text(ids)], self._row_key, batch.num_rows))
        keys = self._row_keys(batch)
        fresh = np.ones(batch.num_rows, bool)
        fresh[repeated] = False
        self._rows = np.concatenate([self._rows, keys[fresh]])
        different = repeated[(self._rows[numbers[repeated]] != keys[repeated]).any(axis=1)]
        if len(different):
            places = ", ".join(self.reader.place(start + int(row)) for row in different[:NAMED])
            raise DuplicateRecordError(
                f"source '{self.source.name}' has records whose {self.source.record_id} came before with other "
                f"contents: {places}; make record ids unique"
            )
        self.collapsed += len(repeated)
        if not len(repeated):
            return batch, ids
        mask = pa.array(fresh)
        plain = pa.RecordBatch.from_arrays([without_views(column) for column in batch.columns], batch.schema.names)
        return plain.filter(mask), ids.filter(mask)


def _secret(key: bytes | None) -> bytes:
    """The 16 bytes that SipHash takes, from a key of any length."""
    if key is None:
        return bytes(16)
    import hashlib

    return hashlib.blake2b(key, digest_size=16, person=b"enishi 1").digest()


def _summary(
    readers: Sequence[SourceReader],
    bound: Bound,
    normalized: Normalization,
    linked: Linked,
    made: Assembled,
    fields: dict[str, Any],
    reading: _Reading,
    spilled: int,
    notices: Sequence[Notice],
    options: Options,
    clock: Clock,
    seen: dict[str, Any],
) -> dict[str, Any]:
    few = made.sizes < FEW
    frequency = np.bincount(made.sizes[few], minlength=FEW)
    many, of_many = np.unique(made.sizes[~few], return_counts=True)
    by_size = {int(size): int(frequency[size]) for size in np.flatnonzero(frequency)}
    by_size |= dict(zip(many.tolist(), of_many.tolist(), strict=True))
    return {
        "version": __version__,
        "records": normalized.records,
        "customers": len(made.sizes),
        "profiles": len(normalized.profiles),
        "sources": {
            reader.name: {
                "records": reading.records[reader.name],
                "identity": "hash of the row" if reader.name in reading.unnamed else source.record_id,
                "collapsed": reading.collapsed.get(reader.name, 0),
                "columns": {each.column: _meaning(each) for each in source.columns},
                "time": source.time,
                "unused": [column for column in reader.schema.names if column not in source.used()],
                "inputs": reader.fingerprint(),
            }
            for reader, source in zip(readers, bound.sources, strict=True)
        },
        "sizes": {str(size): n for size, n in by_size.items()},
        "largest": [each["records"] for each in seen["largest"]],
        "fields": fields,
        "links": {each["values"]: each["counts"] for each in call("value_counts", made.links["rule"]).to_pylist()},
        "refused": made.refused,
        "households": None if made.households is None else made.households.summary,
        "health": seen,
        "near": linked.near,
        "match": None if linked.matches is None else linked.matches.summary,
        "rule_conflicts": linked.rule_conflicts,
        "contested_values": linked.contested,
        "weak_bridges": sum(field.get("bridges", 0) for field in fields.values()),
        "limits": _limits(linked),
        "capped": {name: near for name, near in linked.near.items() if near["capped_groups"]},
        "notices": [str(notice) for notice in notices],
        "config": bound.model.digest(),
        "options": {"exact": options.exact, "keyed": options.secret is not None, "threads": options.threads},
        "key_algorithm": schema.KEY_ALGORITHM,
        "seconds": clock.seconds,
        "peak_memory_bytes": clock.peak,
        "spilled_bytes": spilled,
    }


def _limits(linked: Linked) -> dict[str, dict[str, int]]:
    """By limit that is declared, the joins it forbade and the customers that these would have joined."""
    refused = linked.linking.refused_by_limit() if linked.limits else []
    return {
        name: {"refused_joins": joins, "customers": customers}
        for name, (joins, customers) in zip(linked.limits, refused, strict=True)
        if name
    }


def _meaning(each: BoundColumn) -> str:
    """What a configuration maps the column to."""
    return next(target for target, part in each.field.targets().items() if part == each.part)


def _fields(normalized: Normalization, linked: Linked) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for (_, name), tally in normalized.tallies.items():
        known = fields.setdefault(name, {"filled": 0, "refused": {}})
        known["filled"] += tally.filled()
        for reason, n in tally.refused().items():
            known["refused"][reason] = known["refused"].get(reason, 0) + n
    changed = handovers(normalized, linked)
    for number, identifier in enumerate(linked.identifiers):
        status = identifier.values.status()
        groups = {int(value): int(n) for f, value, n in linked.generic if f == number}
        generic = np.flatnonzero(status == STATUSES.index("generic")).astype(np.uint32)
        records = linked.linking.carrying_records(number, generic.tolist())
        generic, records = generic[records > 0], records[records > 0]
        first = np.argsort(-records.astype(np.int64), kind="stable")[:NAMED]
        keys = identifier.values.key_names(generic[first])
        fields.setdefault(identifier.declared.name, {"filled": 0, "refused": {}}).update(
            {
                "kind": type(identifier.declared).kind,
                "distinct": len(identifier.values),
                "incomplete": int(np.count_nonzero(status == STATUSES.index("incomplete"))),
                "contested": int(np.count_nonzero(linked.linking.contested(number) == 1)),
                "slips": linked.linking.slips(number),
                "limited": int(np.count_nonzero(linked.linking.contested(number) == 2)),
                "recycled": changed[number],
                "bridges": int(np.count_nonzero(linked.linking.contested(number) == 3)),
                "generic": {
                    "values": len(generic),
                    "records": int(records.sum()),
                    "listed": len(generic) - len(groups),
                    "largest": [
                        {
                            "key": key,
                            "records": int(records[i]),
                            "groups": groups.get(int(generic[i])),
                        }
                        for i, key in zip(first, keys, strict=True)
                    ],
                },
            }
        )
    return fields


__all__ = ["Duplicates", "Options", "Progress", "load", "resolve", "run"]
