"""Data sets, drawn from the simulated shop and written once.

The shop's records are read with enishi's own normalizers and written in canonical spelling, so that contenders that
compare strings find what enishi finds. Values that belong to the shop and to no customer (kiosks, the tills' default
card, noreply@) are left out: a plain connected component would join thousands of strangers by them, and no two
contenders would agree. What is left is a question that has one answer.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.process import say
from benchmarks.settings import Settings
from enishi import BirthDate, DeviceId, Email, LoyaltyCard, PaymentToken, Phone, Postcode
from enishi._normalize import STATUSES, Normalizer
from enishi.normalize import normalizer_for
from enishi.simulate import Rates, blocks, shop_values, simulate

IDENTIFIERS = ("email", "phone", "device_id", "payment_token", "loyalty_card")
CONFIG = Path(__file__).parent / "configs" / "five.toml"
NAMES = ("family_name", "given_name", "family_name_kana", "given_name_kana")
SCHEMA = pa.schema([("record_id", pa.string()), *((name, pa.string()) for name in IDENTIFIERS)])
PEOPLE = pa.schema([*SCHEMA, *((name, pa.string()) for name in (*NAMES, "birth_date", "postcode"))])
TRUTH = pa.schema([("record_id", pa.string()), ("person_id", pa.int64())])
RECORDS_A_CUSTOMER = 7.3
ROW_GROUP = 1 << 17
FEWEST_PER_CUSTOMER = 6  # records; the shop has about seven
BUCKET = 2_000_000  # records that are put in a new order in memory
ACCEPTED = STATUSES.index("accepted")

KIOSK = "00c0ffee-0000-4000-8000-00000000c105"
DEFAULT_CARD = "9280010000000000"
NOREPLY = "noreply@enishi-mart.example.jp"


def canonical(normalizer: Normalizer, values: pa.Array) -> pa.Array:
    """The values in canonical spelling; null where they are refused, generic or incomplete.

    Examples
    --------
    >>> canonical(normalizer_for(Email()), pa.array([" Hanako.Sato@GMAIL.com", "n/a"])).to_pylist()
    ['hanakosato@gmail.com', None]
    """
    (validity, offsets, text), status = normalizer.canonicalize(values)
    buffers = [pa.py_buffer(validity), pa.py_buffer(offsets), pa.py_buffer(text)]
    found = pa.LargeStringArray.from_buffers(len(values), buffers[1], buffers[2], buffers[0])
    accepted = pa.array(np.frombuffer(status, np.uint8) == ACCEPTED)
    return pc.if_else(accepted, found, pa.scalar(None, pa.large_string())).cast(pa.string())


def _draw(records: int, seed: int, schema: pa.Schema = SCHEMA) -> Iterator[pa.RecordBatch]:
    """The shop's records in canonical spelling, without traps, a block of people at a time."""
    customers = max(1_000, records // FEWEST_PER_CUSTOMER)
    rates = Rates(default_card=0, staff_card=0, till_noreply=0, catalogue_noreply=0, test_account=0)
    kiosks = pa.array(shop_values(customers, seed=seed)["kiosk"])
    fields = (Email(), Phone(), DeviceId(), PaymentToken(), LoyaltyCard(), BirthDate(), Postcode())
    kernels = {field.name: normalizer_for(field) for field in fields}
    left = records
    for tables, truth in blocks(customers, seed=seed, rates=rates):
        start = 0
        for table in tables.values():
            whole = table.append_column("person_id", truth["person_id"].slice(start, len(table)))
            start += len(table)
            whole = whole.slice(0, left).combine_chunks()
            columns = []
            for name, kind in zip(schema.names, schema.types, strict=True):
                if name not in whole.column_names:
                    columns.append(pa.nulls(len(whole), kind))
                    continue
                values = whole[name].combine_chunks().cast(kind)
                if name in kernels:
                    values = canonical(kernels[name], values)
                elif name in NAMES:
                    values = pc.utf8_normalize(values, "NFKC")
                if name == "device_id":
                    values = pc.if_else(pc.is_in(values, kiosks), pa.scalar(None, pa.string()), values)
                columns.append(values)
            left -= len(whole)
            yield pa.RecordBatch.from_arrays(columns, schema=schema)
        if not left:
            return
    raise AssertionError("the shop has fewer records a customer than was assumed")


class _Writer:
    """A Parquet file in row groups of one size."""

    def __init__(self, path: Path, schema: pa.Schema = SCHEMA) -> None:
        self._schema = schema
        self._file = pq.ParquetWriter(path, schema, compression="zstd", compression_level=1, use_dictionary=False)
        self._waiting: list[pa.RecordBatch] = []
        self._rows = 0

    def write(self, batch: pa.RecordBatch) -> None:
        """The columns of the file's schema, of which a batch may have more."""
        self._waiting.append(batch.select(self._schema.names))
        self._rows += len(batch)
        if self._rows >= ROW_GROUP:
            self.flush()

    def flush(self) -> None:
        if self._waiting:
            self._file.write_table(pa.Table.from_batches(self._waiting).combine_chunks(), row_group_size=ROW_GROUP)
        self._waiting, self._rows = [], 0

    def close(self) -> None:
        self.flush()
        self._file.close()


def _shuffled(batches: Iterator[pa.RecordBatch], records: int, seed: int, scratch: Path) -> Iterator[pa.RecordBatch]:
    """The same records in a random order: each goes to a bucket at random, and each bucket is put in a random order."""
    rng = np.random.default_rng(seed)
    parts = [scratch / f"bucket-{number}.parquet" for number in range(-(-records // BUCKET))]
    writers = [_Writer(part) for part in parts]
    for batch in batches:
        bucket = rng.integers(0, len(parts), len(batch))
        for number, writer in enumerate(writers):
            writer.write(batch.take(pa.array(np.flatnonzero(bucket == number))))
    for writer, part in zip(writers, parts, strict=True):
        writer.close()
        table = pq.read_table(part)
        part.unlink()
        yield from table.take(pa.array(rng.permutation(len(table)))).combine_chunks().to_batches()


def _made(path: Path, make: Callable[[Path], None]) -> Path:
    """The file, made if it is not there; whole or not at all."""
    if not path.exists():
        say(f"  making {path.name}")
        unfinished = path.with_suffix(".unfinished")
        make(unfinished)
        unfinished.rename(path)
    return path


def shop(settings: Settings, records: int) -> Path:
    """A Parquet file of that many records with five identifiers in canonical spelling."""
    order = "-shuffled" if settings.shuffled else ""

    def make(path: Path) -> None:
        writer = _Writer(path)
        drawn = _draw(records, settings.seed)
        for batch in _shuffled(drawn, records, settings.seed, settings.scratch) if settings.shuffled else drawn:
            writer.write(batch)
        writer.close()

    return _made(settings.data / f"shop-{records}-seed{settings.seed}{order}.parquet", make)


def people(settings: Settings, records: int) -> tuple[Path, Path]:
    """A Parquet file of that many records (names, birth date, postcode, five identifiers), and whose they are."""

    def make(directory: Path) -> None:
        directory.mkdir()
        kept = {"records": PEOPLE, "truth": TRUTH}
        writers = [_Writer(directory / f"{name}.parquet", schema) for name, schema in kept.items()]
        for batch in _draw(records, settings.seed, pa.schema([*PEOPLE, TRUTH.field("person_id")])):
            for writer in writers:
                writer.write(batch)
        for writer in writers:
            writer.close()

    directory = _made(settings.data / f"people-{records}-seed{settings.seed}", make)
    return directory / "records.parquet", directory / "truth.parquet"


def channels(settings: Settings, records: int) -> list[Path]:
    """The simulated shop of about that many records as its channels write it: a Parquet file each."""

    def make(path: Path) -> None:
        simulate(path, round(records / RECORDS_A_CUSTOMER), seed=settings.seed)

    directory = _made(settings.data / f"channels-{records}-seed{settings.seed}", make)
    return sorted(path for path in directory.glob("*.parquet") if path.stem != "truth")


def skewed(settings: Settings, records: int, shared: Mapping[str, str]) -> tuple[Path, Path]:
    """The shop without some of its identifiers, and the same with one value of each of them on every record."""

    def make(path: Path, value: Callable[[str], str | None]) -> None:
        writer = _Writer(path)
        for batch in pq.ParquetFile(shop(settings, records)).iter_batches(ROW_GROUP):
            columns = [
                pa.repeat(pa.scalar(value(name), pa.string()), len(batch)) if name in shared else batch[name]
                for name in SCHEMA.names
            ]
            writer.write(pa.RecordBatch.from_arrays(columns, schema=SCHEMA))
        writer.close()

    order = "-shuffled" if settings.shuffled else ""
    end = f"{'-'.join(sorted(shared))}-{records}-seed{settings.seed}{order}.parquet"
    without = _made(settings.data / f"unshared-{end}", lambda path: make(path, lambda name: None))
    return without, _made(settings.data / f"shared-{end}", lambda path: make(path, shared.__getitem__))


def purchases(settings: Settings, events: int, cards: int) -> Path:
    """A Parquet file of that many purchases, each by one of that many cards."""

    def make(path: Path) -> None:
        rng = np.random.default_rng(settings.seed)
        # An odd factor permutes the numbers below a power of two: no card comes twice.
        numbers = (np.arange(cards, dtype=np.uint64) * np.uint64(2_654_435_761)) % np.uint64(1 << 33)
        known = pc.binary_join_element_wise("928001", pc.utf8_lpad(pa.array(numbers).cast(pa.string()), 10, "0"), "")
        writer = _Writer(path)
        for start in range(0, events, ROW_GROUP):
            rows = min(ROW_GROUP, events - start)
            names = pc.binary_join_element_wise("t-", pa.array(np.arange(start, start + rows)).cast(pa.string()), "")
            bought = known.take(pa.array(rng.integers(0, cards, rows)))
            columns = [
                names,
                *(bought if name == "loyalty_card" else pa.nulls(rows, pa.string()) for name in IDENTIFIERS),
            ]
            writer.write(pa.RecordBatch.from_arrays(columns, schema=SCHEMA))
        writer.close()

    return _made(settings.data / f"purchases-{events}-of-{cards}-seed{settings.seed}.parquet", make)


def distinct(settings: Settings, values: int) -> Path:
    """A Parquet file of that many distinct emails and as many distinct cards of 16 digits, slips among them."""

    def make(path: Path) -> None:
        found = {name: pa.array([], pa.string()) for name in ("email", "loyalty_card")}
        waiting: dict[str, list[pa.Array]] = {name: [] for name in found}
        rows = 0
        # A customer has more than one of each, and six records or more.
        for batch in _draw(max(1_000_000, 2 * FEWEST_PER_CUSTOMER * values), settings.seed):
            rows += len(batch)
            for name, arrays in waiting.items():
                arrays.append(pc.drop_null(batch[name]))
            if rows < values:
                continue
            rows = 0
            for name, arrays in waiting.items():
                seen = pc.unique(pa.concat_arrays([found[name], *arrays]))
                found[name] = seen.filter(pc.equal(pc.binary_length(seen), 16)) if name == "loyalty_card" else seen
                arrays.clear()
            if all(len(array) >= values for array in found.values()):
                break
        rng = np.random.default_rng(settings.seed)
        order = {name: pa.array(rng.permutation(values)) for name in found}
        pq.write_table(pa.table({name: array[:values].take(order[name]) for name, array in found.items()}), path)

    return _made(settings.data / f"distinct-{values}-seed{settings.seed}.parquet", make)


def head(path: Path, rows: int, scratch: Path) -> Path:
    """The first rows of a file, as a file."""
    start = scratch / f"head-{path.name}"
    pq.write_table(pa.Table.from_batches([next(pq.ParquetFile(path).iter_batches(rows))]), start)
    return start


def room(path: Path, needed: int) -> None:
    """Refuses to begin what the disk cannot hold."""
    free = shutil.disk_usage(path).free
    if free < needed:
        raise OSError(f"{path} has {free / 1e9:.0f} GB free, and the run needs {needed / 1e9:.0f} GB")
