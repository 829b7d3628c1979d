"""What a run will need, told before it starts: memory by stage and disk by kind, from row counts and a sample.

The sizes of the structures by record, profile and value are known (`_need` follows them stage by stage); how many
profiles and values there will be is not. So the same share of the first rows of every source is normalized, its first
half before its second, and each count is carried on from the two, in two ways:

- *most*: a power law through both. It is straight where new ones keep coming as they did (records that stand customer
  by customer), and bends less than any pool from which members are drawn again and again.
- *least*: every further half brings fewer new ones in the proportion in which the second brought fewer than the first:
  a pool whose members come equally often ends there.

Where customers keep coming, both say the same. Where the same few come again and again, as in purchases by cards,
they lie far apart, and a sample cannot tell which is right: the forecast shows both, and a run is refused only where
the least does not fit. Where not even the worst that the row counts allow would be too much, no sample is taken.

Which blocking rules matching will keep, only its training shows: the least counts the blocks that it trains on, the
most those of all rules. `WORK` and the shares that the allocator keeps are measured, for one decoder and two threads.
Texts longer than the sample's are not told.
"""

from __future__ import annotations

import math
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from enishi._tables import AscendingIds, Values
from enishi.bind import Bound, BoundSource
from enishi.block import key_parts, rules_of_people, rules_of_text
from enishi.compare import comparisons_of
from enishi.errors import InputError, MemoryLimitError, OutputError
from enishi.fields import BirthDate
from enishi.frozen import frozen
from enishi.link import unjoined
from enishi.memory import HELD_IDS, HELD_SHARE
from enishi.normalize import NONE, Normalization
from enishi.pipeline import matches
from enishi.read import SourceReader
from enishi.rows import as_text, record_ids
from enishi.runner import Runner

if TYPE_CHECKING:
    from enishi.pipeline import Options

SAMPLE, LARGEST_SAMPLE = 1 << 18, 1 << 20  # rows over all sources: of a run of 17 million records, of 67 million
MARGIN = 1.25  # how far the least has to lie above the memory limit for a run to be refused
WORK = 240 << 20  # batches, a decoded row group, an encoder a table, and what allocators hold back
LONG_TEXT = 64  # bytes of a text, where none was read


@frozen
class Need:
    """Bytes: anonymous memory by stage, disk by what is spilled and by output table."""

    memory: Mapping[str, int]
    spill: Mapping[str, int]
    output: Mapping[str, int]

    @property
    def peak(self) -> int:
        """The memory of the stage that needs most."""
        return max(self.memory.values())


@frozen
class Forecast:
    """What a run needs.

    Attributes
    ----------
    rows : dict
        Records by source.
    sampled : int
        Records that were looked at.
    limit : int
        The memory limit of the run.
    least, most : Need
    """

    rows: Mapping[str, int]
    sampled: int
    limit: int
    least: Need
    most: Need


@frozen
class Growth:
    """How many different ones were seen in half of the sample, and in all of it.

    Examples
    --------
    >>> straight, pool = Growth(500, 1000), Growth(500, 750)
    >>> round(straight.most(100)), round(straight.least(100))
    (100000, 100000)
    >>> round(pool.most(100)), round(pool.least(100))
    (11091, 1000)
    """

    half: float
    whole: float

    def most(self, times: float) -> float:
        """In so many times the sample, if they become rarer as slowly as they may."""
        if not 0 < self.half < self.whole:
            return self.whole * times if self.whole > self.half else self.whole
        return self.whole * math.pow(times, min(1.0, math.log2(self.whole / self.half)))

    def least(self, times: float) -> float:
        """The same if the pool that they come from is no larger than it seems."""
        if not self.half:
            return self.whole
        again = (self.whole - self.half) / self.half
        halves = 2 * times
        return self.half * (halves if again >= 1 else (1 - again**halves) / (1 - again))


@frozen
class _Field:
    """An identifier: how often a profile carries it, its different values, and the bytes of one's text."""

    carried: float
    values: float
    text: float


@frozen
class _Held:
    """What a run holds, in numbers."""

    records: int
    profiles: float
    fields: tuple[_Field, ...]
    customers: float
    coded: float  # different values of attributes, forms of names
    places: float  # of profiles in the blocks of all rules, as far as they are made at once
    widest: float  # of these in one rule
    id_bytes: float  # of a record's id as it is kept, as text, and as it is written
    id_text: float
    id_written: float
    compared: tuple[int, ...]  # records of each source whose ids do not show by their order that they differ
    remembered: int  # records of sources without ids, or whose repeated records are collapsed


def forecast(
    readers: Sequence[SourceReader], bound: Bound, options: Options, limit: int, runner: Runner
) -> Forecast | None:
    """What a run of these sources needs; None where one of them is a stream or does not know its rows.

    Parameters
    ----------
    readers : sequence of SourceReader
        Of files; their first rows are read, and can be read again.
    bound : Bound
    options : Options
    limit : int
        The run's memory limit.
    runner : Runner

    Raises
    ------
    InputError
        A source cannot be read.
    """
    rows = _rows(readers)
    if rows is None:
        return None
    shape = Normalization(
        bound, bytes(16), options.outputs, options.with_values, options.exact, matches(options, bound)
    )
    least, most, sampled = _sampled(readers, bound, options, rows, shape, runner)
    return Forecast(rows, sampled, limit, _need(shape, least, options, limit), _need(shape, most, options, limit))


def check(
    readers: Sequence[SourceReader],
    bound: Bound,
    options: Options,
    limit: int,
    runner: Runner,
    directory: Path | None = None,
) -> None:
    """Refuses a run that cannot fit.

    Parameters
    ----------
    readers, bound, options, limit, runner
        As for `forecast`.
    directory : Path, optional
        Where the tables will be written.

    Raises
    ------
    MemoryLimitError
        It needs clearly more memory than its limit.
    InputError, OutputError
        The spill directory, or the output's, has no room.
    """
    rows = _rows(readers)
    if rows is None:
        return
    shape = Normalization(
        bound, bytes(16), options.outputs, options.with_values, options.exact, matches(options, bound)
    )
    worst = _need(shape, _worst(shape, rows, _rules(shape, options)), options, limit)
    if worst.peak <= limit and not _lacking(worst, options, directory):
        return
    found = forecast(readers, bound, options, limit, runner)
    assert found is not None
    least = found.least
    if least.peak > limit * MARGIN:
        raise MemoryLimitError(
            f"the run needs {least.peak / 1e9:.2f} GB of memory or more for its {sum(rows.values())} records, and its "
            f"limit is {limit / 1e9:.2f} GB; raise the limit, or leave out {_dispensable(least)}"
        )
    lacking = _lacking(least, options, directory)
    if lacking is None:
        return
    place, needed, free = lacking
    text = f"has no room: the run needs {needed / 1e9:.2f} GB there, and {free / 1e9:.2f} GB are free"
    if place == directory:
        raise OutputError(f"the directory of the output, '{place}', {text}; name another, or fewer outputs")
    raise InputError(f"spill directory '{place}' {text}; name one with room as spill-dir")


def _dispensable(need: Need) -> str:
    """What a run may do without where it needs too much."""
    if need.memory.get("match") == need.peak:
        return "matching by probability (match = off), or columns that are not needed"
    return "outputs and columns that are not needed"


def free(output: Path, options: Options) -> dict[str, int]:
    """Bytes that are free where a run spills and where its output will be, which need not be there yet."""
    place = next(each for each in output.absolute().parents if each.is_dir())
    return {
        "spill": shutil.disk_usage(_spill_directory(options)).free,
        "output": shutil.disk_usage(place).free,
    }


def _spill_directory(options: Options) -> Path:
    return Path(tempfile.gettempdir() if options.spill_dir is None else options.spill_dir)


def _lacking(need: Need, options: Options, directory: Path | None) -> tuple[Path, int, int] | None:
    """The directory that has less room than it needs, with both; spilling and output may share a disk."""
    place, spilled = _spill_directory(options), sum(need.spill.values())
    if spilled and spilled > shutil.disk_usage(place).free:
        return place, spilled, shutil.disk_usage(place).free
    if directory is None:
        return None
    # What is spilled stays until the tables that hold it are written.
    shared = os.stat(place).st_dev == os.stat(directory).st_dev
    needed = sum(need.output.values()) + spilled * shared
    room = shutil.disk_usage(directory).free
    return (directory, needed, room) if needed > room else None


def _rows(readers: Sequence[SourceReader]) -> dict[str, int] | None:
    """Records by source, where all are known and can be read twice."""
    rows = {reader.name: reader.rows for reader in readers if reader.path is not None and reader.rows is not None}
    return rows if len(rows) == len(readers) else None


# Numbers.


def _worst(shape: Normalization, rows: Mapping[str, int], rules: list[list[list[int]]]) -> _Held:
    """The most that so many rows can hold: each a profile of its own, with values that no other has."""
    records = sum(rows.values())
    fields = tuple(
        _Field(float(records * len(each.columns)), float(records * len(each.columns)), LONG_TEXT)
        for each in shape.identifiers.values()
    )
    coded = sum(len(slots) for declared, slots in shape.attributes.values() if not isinstance(declared, BirthDate))
    counts = tuple(rows.values())
    return _Held(
        records,
        float(records),
        fields,
        float(records),
        float(records * coded),
        float(records * sum(map(len, rules))),
        float(records * max(map(len, rules), default=0)),
        LONG_TEXT,
        LONG_TEXT,
        LONG_TEXT,
        counts,
        records,
    )


def _rules(shape: Normalization, options: Options) -> list[list[list[int]]]:
    """By blocking rule and way in which it holds, the columns that a profile needs to be in a block.

    The two rules for a few records are not among them: their blocks are as small as these.
    """
    if not matches(options, shape.bound):
        return []
    declared = shape.bound.model.match
    compared = comparisons_of(shape, declared)
    texts = [rule for each in compared if each.kind == "text" for rule in rules_of_text(each.name)]
    return [
        [[column for _, column, *_ in way] for way in key_parts(rule, compared, by_name=rule not in people)]
        for people in [() if declared.rules else rules_of_people(compared)]
        for rule in declared.rules or (*people, *texts)
    ]


def _least_blocks(bound: Bound, options: Options, profiles: float) -> float:
    """The share of the blocks of all rules that is there at once, whatever training shows."""
    if bound.model.match.rules or options.match != "auto":
        return 1.0
    from enishi.match import trained_share

    return trained_share(profiles)


def _sampled(
    readers: Sequence[SourceReader],
    bound: Bound,
    options: Options,
    rows: Mapping[str, int],
    normalized: Normalization,
    runner: Runner,
) -> tuple[_Held, _Held, int]:
    """The least and the most that the sample speaks for, and its rows."""
    records = sum(rows.values())
    share = min(1.0, max(SAMPLE, min(records // 64, LARGEST_SAMPLE)) / max(records, 1))
    samples = []
    ids = _Ids()
    for reader, source in zip(readers, bound.sources, strict=True):
        batches = list(_first_rows(reader, source, math.ceil(rows[reader.name] * share)))
        samples.append(batches)
        ids.add(reader, source, batches, options)
    for source, batches in zip(bound.sources, samples, strict=True):
        for batch in _slices(batches, 0, _count(batches) // 2):
            normalized.add(source, batch, None, runner)
    normalized.number(runner)
    middle = len(normalized.profiles)
    for source, batches in zip(bound.sources, samples, strict=True):
        for batch in _slices(batches, _count(batches) // 2, _count(batches)):
            normalized.add(source, batch, None, runner)
    normalized.close(runner, fill=True)
    codes = normalized.profiles.codes()
    filled = codes != NONE
    placed = [
        sum(int(np.count_nonzero(filled[way].all(axis=0))) for way in ways) for ways in _rules(normalized, options)
    ]
    customers = _customers(normalized)
    sampled = {source.name: _count(batches) for source, batches in zip(bound.sources, samples, strict=True)}
    of_source = [(normalized.source_names.index(name), rows[name] / n) for name, n in sampled.items() if n]
    times = records / max(sum(sampled.values()), 1)

    def held(most: bool) -> _Held:
        def at(growth: Growth, times: float) -> float:
            return growth.most(times) if most else growth.least(times)

        # By source, for one that goes on straight is hidden in the sum with one that does not.
        profiles = 0.0
        for rank, n in of_source:
            of_rank = codes[0] == rank
            profiles += at(Growth(int(np.count_nonzero(of_rank[:middle])), int(np.count_nonzero(of_rank))), n)
        each_profile = profiles / max(codes.shape[1], 1)
        fields, growths = [], []
        for each in normalized.identifiers.values():
            numbers = codes[each.columns]
            carried = np.count_nonzero(numbers != NONE)
            first = numbers[:, :middle]
            known = Growth(len(np.unique(first[first != NONE])), len(each.values))
            grown = min(at(known, times), carried * each_profile)
            fields.append(_Field(carried * each_profile, grown, _text_bytes(each.values) if each.keep_text else 0))
            if len(each.values):
                growths.append((len(each.values), grown / len(each.values)))
        coded = 0.0
        for declared, slots in normalized.attributes.values():
            if not isinstance(declared, BirthDate):
                coded += sum(at(Growth(_codes(codes[slot, :middle]), _codes(codes[slot])), times) for slot in slots)
        blocks = each_profile * (1.0 if most else _least_blocks(bound, options, profiles))
        return _Held(
            records,
            profiles,
            tuple(fields),
            # They keep coming as the values do of which there are most.
            min(customers * (max(growths)[1] if growths else times), records),
            coded,
            sum(placed) * blocks,
            max(placed, default=0) * blocks,
            *ids.sizes(),
            ids.compared(rows),
            ids.remembered(rows),
        )

    return held(False), held(True), sum(sampled.values())


def _customers(normalized: Normalization) -> int:
    """How many customers shared values make of the sample, as far as those do that are not crowded."""
    linking = unjoined(normalized)
    linking.find_generic()
    joined = linking.bound() != 0
    return len(np.unique(linking.labels()[joined])) + int(normalized.profiles.counts()[~joined].sum())


def _codes(codes: np.ndarray[tuple[int], np.dtype[np.uint32]]) -> int:
    """Codes are given from 0 in order of arrival."""
    known = codes[codes != NONE]
    return int(known.max()) + 1 if len(known) else 0


def _text_bytes(values: Values) -> float:
    texts = values.texts(np.arange(min(len(values), 1000), dtype=np.uint32))
    return sum(len(text.encode()) for text in texts) / max(len(texts), 1)


class _Ids:
    """The record ids of the sample: their bytes, and whether they show by their order that they differ."""

    def __init__(self) -> None:
        self._differ: dict[str, bool] = {}
        self._remembered: dict[str, bool] = {}
        self._count = self._bytes = self._text = self._written = 0

    def add(
        self, reader: SourceReader, source: BoundSource, batches: Sequence[pa.RecordBatch], options: Options
    ) -> None:
        self._differ[source.name] = True
        self._remembered[source.name] = source.record_id is None or options.duplicates != "error"
        if source.record_id is None:
            # A hash in hex, which no compressor makes smaller than its bytes.
            self._count += _count(batches)
            self._bytes += 36 * _count(batches)
            self._text += 36 * _count(batches)
            self._written += 20 * _count(batches)
            return
        ascending = AscendingIds()
        start = 0
        for batch in batches:
            ids = record_ids(batch.column(source.record_id), reader.place, start)
            texts = as_text(ids)
            self._differ[source.name] = self._differ[source.name] and ascending.extend(texts)
            start += len(ids)
            self._count += len(ids)
            self._bytes += ids.nbytes
            self._text += texts.nbytes
            packed = pa.Codec("zstd").compress(pa.concat_arrays([texts]).buffers()[2]) if len(texts) else b""
            self._written += len(packed)

    def sizes(self) -> tuple[float, float, float]:
        n = max(self._count, 1)
        return self._bytes / n, self._text / n, self._written / n

    def compared(self, rows: Mapping[str, int]) -> tuple[int, ...]:
        return tuple(n for name, n in rows.items() if not (self._differ[name] or self._remembered[name]))

    def remembered(self, rows: Mapping[str, int]) -> int:
        return sum(n for name, n in rows.items() if self._remembered[name])


def _first_rows(reader: SourceReader, source: BoundSource, rows: int) -> Iterator[pa.RecordBatch]:
    with closing(reader.batches(source.needed())) as batches:  # type: ignore[type-var]
        for batch in batches:
            yield batch.slice(0, rows)
            rows -= batch.num_rows
            if rows <= 0:
                return


def _slices(batches: Sequence[pa.RecordBatch], start: int, stop: int) -> Iterator[pa.RecordBatch]:
    """The rows from start to stop of all batches together."""
    for batch in batches:
        piece = batch.slice(max(start, 0), max(min(stop, batch.num_rows) - max(start, 0), 0))
        if piece.num_rows:
            yield piece
        start, stop = start - batch.num_rows, stop - batch.num_rows


def _count(batches: Sequence[pa.RecordBatch]) -> int:
    return sum(batch.num_rows for batch in batches)


# Bytes.


def _need(shape: Normalization, held: _Held, options: Options, limit: int) -> Need:
    """The bytes of what is held, stage by stage: the numbers are those of csrc/enishi's structures."""
    identifiers = list(zip(shape.identifiers.values(), held.fields, strict=True))
    keys, times = shape.keeps_keys, shape.keeps_times
    p, r = held.profiles, held.records
    carried, values = sum(each.carried for each in held.fields), sum(each.values for each in held.fields)
    # Columns of identifiers, as far as they are filled for all profiles.
    columns = sum(
        len(each.columns) for each in shape.identifiers.values() if shape.fills_columns or len(each.columns) > 1
    )
    # Profiles: a count, the smallest record and its hash, a code an attribute and the source, the interval of their
    # times; by record, its profile, and its time where that tells owners apart.
    coded_columns = 1 + sum(len(slots) for _, slots in shape.attributes.values())
    rows = WORK + p * (4 + 12 * shape.ordered + 4 * coded_columns + 16 * times) + (4 + 8 * shape.tells_apart) * r
    # Of each record an address and surnames.
    rows += 32 * r * options.household
    # Coded values: status, key, a slot of the index that is seldom more than half full, and of names the text.
    rows += held.coded * (2 + 16 + 16 + 12 + 16)
    # Sightings: a hash and a profile. What is told of a value, with each of them if they lie far apart: where, the rest
    # of the key, the text. Half of each list's last chunk is empty.
    sightings = sum(
        field.carried * (12 + 4 * (keys or each.keep_text) + 8 * keys + (8 + field.text) * each.keep_text)
        for each, field in identifiers
    )
    lists = sum(len(each.columns) * (1 + (keys or each.keep_text)) for each in shape.identifiers.values())
    chunks = lists * 1024 * 3072
    part = max(limit // HELD_SHARE, 1)
    waiting = min(sightings, part) + min(chunks, sightings)
    # Ids, until they are known to differ: 12 bytes a record in partitions, source by source, or in a table at most 7/10
    # full with what else is to be known of a repeated one.
    ids = min(r * held.id_bytes, HELD_IDS)
    known = min(12 * max(held.compared, default=0), part)
    if held.remembered:
        known += 48 * held.remembered + 8 * 2 ** math.ceil(math.log2(held.remembered / 0.7))
    index = 21 * p  # 13 a slot, between half and three quarters full
    reading = rows + index + waiting + ids + known
    # Values: status, key, text and its end, the interval, their carriers.
    numbered = 4 * p * columns + 4 * carried + 4 * values
    numbered += sum(
        field.values * (1 + 16 * keys + (12 + field.text) * each.keep_text + 16 * times) for each, field in identifiers
    )
    # Sightings are given back field by field, while other threads are at theirs; the table of ids stays until the end.
    numbering = rows + numbered + waiting + ids + known * (held.remembered > 0)
    # Sets, whether bound, places among the crowded; whether contested.
    kept = rows + numbered + ids + p * (4 + 1) + values
    linking = kept + 8 * p
    if not options.exact:
        # The members of the clusters as the exact values left them, for what each of them says.
        members = 8 * p * bool(shape.attributes)
        kept += members
        linking += members
        # Deletions of near values, 16 bytes each, 10 or so a value, at most 8 million at once.
        near = sorted(min(field.values * 10, 1 << 23) * 16 for each, field in identifiers if each.keep_text)
        linking += sum(near[-options.threads :])
    matching = {}
    if matches(options, shape.bound):
        # A line of what is compared, where it stands and whose it is, the profile's key and cluster, twice; the members
        # of a block, and the blocks of a member; while these are made, on each thread what is sorted and where to.
        # Codes and values have a frequency and a weight.
        matching["match"] = kept + p * (64 + 12 + 24) + 8 * held.places + 32 * held.widest * options.threads
        matching["match"] += 16 * (held.coded + values)
    kept_graph = kept + (0 if keys else -4 * p * columns - 4 * carried - 4 * values) + 4 * r
    if not options.with_values:
        kept_graph -= sum(field.values * (12 + field.text) for each, field in identifiers if each.keep_text)
    customers = held.customers
    # By customer: records, the smallest one and its name, id, id in order; by profile: label, and number by label.
    graph = kept_graph + max(8 * p, customers * (8 + 24 + 2 * held.id_text + 24))
    writing = kept_graph + customers * (8 + 8)
    if keys:
        writing += 4 * p + 4 * r  # the records of each profile
    if "evidence" in options.outputs and not shape.fills_columns:
        writing += 4 * p * sum(len(each.columns) == 1 for each in shape.identifiers.values())
    memory = {
        "read and normalize": max(reading, numbering),
        "link": linking,
        **matching,
        "graph": graph,
        "write": writing,
    }
    # Files.
    spill = {
        "record ids": r * held.id_bytes * (r * held.id_bytes > HELD_IDS),
        "their hashes": sum(12 * n // part * part for n in held.compared),
        "values": sightings // part * part,
    }
    output = {"customers": r * (8 + held.id_written + 8 * options.household)}
    if "identifiers" in options.outputs:
        texts = sum(field.values * field.text for field in held.fields) if options.with_values else 0
        output["identifiers"] = values * (8 + 16 + 1 + 14 * times) + texts
    for name in ("links", "refused"):
        if name in options.outputs:
            output[name] = p * 0.5
    if "evidence" in options.outputs:
        output["evidence"] = carried * 19 + r * 5
    return Need(_whole(memory), _whole(spill), _whole(output))


def _whole(sizes: Mapping[str, float]) -> dict[str, int]:
    return {name: math.ceil(size) for name, size in sizes.items()}
