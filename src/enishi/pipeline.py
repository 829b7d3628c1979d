"""The order of the stages: read, normalize, link (with block), match, graph. This file alone knows them all."""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from enishi import __version__, schema
from enishi.bind import Bound, Notice, bind
from enishi.dialect import as_written
from enishi.errors import ConfigError, InputError, did_you_mean
from enishi.frozen import frozen, replace
from enishi.graph import CustomerGraph, Resolved, assemble
from enishi.health import health, unlinkable
from enishi.identify import Duplicates, Identify, id_type, identified
from enishi.limits import constrain, declare
from enishi.link import Linked, link
from enishi.memory import Budget, RecordIds, SpillFile, parse_size, peak
from enishi.model import Match, Model
from enishi.normalize import Codes, Normalization
from enishi.pairs import find_records, named_pairs
from enishi.read import SourceReader, open_data
from enishi.runner import MOST_THREADS, Runner, Runners
from enishi.summary import field_counts, summarize

if TYPE_CHECKING:
    from pathlib import Path

    from enishi.forecast import Forecast
    from enishi.household import Homes
    from enishi.match_model import MatchModel

Progress = Callable[[str, int, int | None], None]

FORECAST_FROM = 1_000_000  # records from which a run is forecast before it starts


# What an option has to be: whatever else is passed would fail far from where it was.
_KINDS: tuple[tuple[str, Any, str], ...] = (
    ("outputs", tuple, "names of outputs"),
    ("threads", int, "a number"),
    ("spill_dir", (str, os.PathLike, type(None)), "a path"),
    ("secret", (bytes, type(None)), "bytes"),
    ("match", (str, os.PathLike), "'off', 'auto' or the path of a model"),
    ("threshold", (int, float, type(None)), "a number"),
)


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
    labels: Any = None
    household: bool = False
    weakest: bool = False  # whether the summary tells where the largest customers are weakest
    link_only: bool = False
    must_link: Any = None
    cannot_link: Any = None

    def __post_init__(self) -> None:
        for name, kinds, what in _KINDS:
            value = getattr(self, name)
            if not isinstance(value, kinds) or (isinstance(value, bool) and kinds is not bool):
                raise ConfigError("key" if name == "secret" else name, f"must be {what}, not {type(value).__name__}")
        unknown = sorted({str(each) for each in self.outputs} - set(schema.OUTPUTS))
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
    model = _declared(model)
    options = Options(
        exact=exact,
        outputs=tuple(outputs),
        duplicates=duplicates,
        threads=cores() if threads is None else threads,
        memory_limit=None if memory_limit is None else parse_size(memory_limit),
        spill_dir=spill_dir,
        secret=key,
        with_values=with_values,
        match=match,
        threshold=threshold,
        household=household,
        link_only=link_only,
        must_link=must_link,
        cannot_link=cannot_link,
    )
    return load(run(open_data(data, model), model, options, progress), options)


def _declared(model: Model | None) -> Model:
    if not isinstance(model, Model | None):
        raise ConfigError(
            "model", f"must be an enishi.Model, not {type(model).__name__}; read_config makes one of a file"
        )
    return Model() if model is None else model


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
    labels = named_pairs("labels", options.labels, names, match=True)
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
            reading = _read(readers, normalized, ids, spill, options, secret, runner, budget, clock, homes)
        with clock.stage("link"):
            columns = runner.of(normalized.records)
            constraints = constrain(declared, normalized, ids, reading.records)
            linked = link(normalized, columns, constraints, exact=options.exact)
            budget.check("link", normalized.records)
        if matching:
            with clock.stage("match"):
                known = None
                if options.labels is not None:
                    known = normalized.profiles.of_record()[find_records(labels, ids, reading.records)]
                _match(normalized, linked, columns, options, match_model, known)
                budget.check("match", normalized.records)
        with clock.stage("graph"):
            fields = field_counts(normalized, linked)
            lost = unlinkable(normalized, linked, exact=options.exact)
            made = assemble(normalized, linked, ids, options.outputs, options.with_values, columns, homes)
            seen = health(normalized, linked, ids, made, lost, weakest=options.weakest)
            budget.check("graph", normalized.records)
    notices = [notice for reader in readers for notice in reader.notices] + list(bound.notices)
    notices += [Notice(name, None, "has no records") for name, records in reading.records.items() if not records]
    notices += normalized.notices()
    notices += [Notice(None, None, f"{options.match}: {text}") for text in (match_model.notices if match_model else ())]
    summary = {
        "version": __version__,
        **summarize(readers, normalized, linked, made, fields, reading.records, reading.collapsed, seen, notices),
        "options": {"exact": options.exact, "keyed": options.secret is not None, "threads": options.threads},
        "key_algorithm": schema.KEY_ALGORITHM,
        "seconds": clock.seconds,
        "peak_memory_bytes": clock.peak,
        "spilled_bytes": ids.spilled + spill.size,
    }
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


def train_model(
    data: Any,
    model: Model | None = None,
    *,
    labels: Any = None,
    threads: int | None = None,
    memory_limit: int | str | None = None,
    spill_dir: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
) -> MatchModel:
    """Trains matching by probability on the data, however few they are; ``resolve`` takes the file that it is saved in.

    Parameters
    ----------
    data, model, threads, memory_limit, spill_dir, progress
        As for `resolve`.
    labels : Arrow data or path, optional
        Pairs of records that are known to be one person's, from which m is taken: left_source, left_record_id,
        right_source, right_record_id and, where not all are matches, match.

    Raises
    ------
    InputError
        The fields that are bound leave nothing to compare, or the labels name a record that is not there.

    Examples
    --------
    >>> import enishi
    >>> names = ["Hanako Sato", "Hanako Satou", "Jiro Kato", "Ken Mori"]
    >>> data = {"record_id": range(4), "name": names, "birth_date": ["1985-04-09", "1985-04-09", "1990-01-02", None]}
    >>> [each.name for each in enishi.train_model(data).comparisons]
    ['birth_date', 'given_name', 'family_name', 'name']
    """
    model = _declared(model)
    options = Options(
        threads=cores() if threads is None else threads,
        memory_limit=None if memory_limit is None else parse_size(memory_limit),
        spill_dir=spill_dir,
    )
    return trained(open_data(data, model), model, options, labels, progress)[0]


def trained(
    readers: Sequence[SourceReader],
    model: Model,
    options: Options,
    labels: Any = None,
    progress: Progress | None = None,
) -> tuple[MatchModel, dict[str, Any]]:
    """What `train` gives for opened sources, and beside it what the summary says on matching."""
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
    runner: Runner,
    options: Options,
    model: MatchModel | None,
    labels: Codes | None,
) -> None:
    from enishi.match import THRESHOLD, match

    linked.matches = match(
        normalized,
        linked,
        runner,
        declared=normalized.bound.model.match,
        model=model,
        threshold=THRESHOLD if options.threshold is None else options.threshold,
        train=options.train,
        labels=labels,
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


@frozen
class _Reading:
    """By source, in input order: its records, and those that came again and were taken as one."""

    records: dict[str, int]
    collapsed: dict[str, int]


def _read(
    readers: Sequence[SourceReader],
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
    sources = normalized.bound.sources
    keys = SpillFile(options.spill_dir)
    counts = [reader.rows for reader in readers]
    total = None if None in counts else sum(count for count in counts if count is not None)
    identities = [
        Identify(reader, source, options.duplicates, secret, record_ids, keys, budget.held, normalized.ordered)
        for reader, source in zip(readers, sources, strict=True)
    ]
    types = {id_type(each.reader, each.source) for each in identities}
    record_ids.type = types.pop() if len(types) == 1 else pa.string()
    records = {source.name: 0 for source in sources}
    for number, batch, hashes in runner.ahead(identified(identities), lambda each: each[1].num_rows):
        source = sources[number]
        if batch.num_rows:
            normalized.add(source, batch, hashes, runner.of(batch.num_rows))
            if homes is not None:
                homes.add(source, batch)
        records[source.name] += batch.num_rows
        normalized.spill(spill, budget.held)
        budget.check("read and normalize", normalized.records)
        clock.tell(normalized.records, total)
    normalized.close(runner.of(sum(records.values())))
    clock.tell(normalized.records, total)
    return _Reading(records, {each.source.name: each.collapsed for each in identities})


def _secret(key: bytes | None) -> bytes:
    """The 16 bytes that SipHash takes, from a key of any length."""
    if key is None:
        return bytes(16)
    import hashlib

    return hashlib.blake2b(key, digest_size=16, person=b"enishi 1").digest()


__all__ = ["Duplicates", "Options", "Progress", "load", "resolve", "run", "train_model"]
