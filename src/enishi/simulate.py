"""A simulated shop: nobody publishes cross-channel identities with their truth, so enishi makes a world.

Synthetic throughout. People live in households, marry, move, change numbers, lose cards; they shop in nine channels,
each of which writes down what such a channel captures, and the truth is kept beside. ``_simulate_rates`` says how
often what happens, ``_simulate_people`` draws the people, ``_simulate_channels`` their records, ``_simulate_japan``
holds names and places, and ``_simulate_text`` spells it all without a Python string a record.

The world is drawn in blocks of people, each from the seed and the block's number, so that the memory in use does not
grow with the number of customers. Records stand in order of time within a block, and no identifier but the shop's own
(kiosks, the cashiers' cards, the tills' default card) reaches from one block to another. A world of fewer than a few
thousand people has too few for what belongs to the shop to stand out from what belongs to a person.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ._simulate_channels import CHANNELS, Rows, Shop
from ._simulate_people import BLOCK, MAX_CUSTOMERS, People, Span, draw_people
from ._simulate_rates import Rates
from ._simulate_scenarios import SCENARIOS, Scenario, scenario
from ._simulate_text import digits, stamp

__all__ = ["SCENARIOS", "Rates", "Scenario", "Summary", "blocks", "sample", "scenario", "shop_values", "simulate"]

START = date(2023, 1, 1)
_ROW_GROUP = 1 << 17
_IDS_A_BLOCK = 1_000_000  # a block's record ids begin at a multiple of this
# Columns whose values repeat: the others gain nothing from a dictionary.
_REPEATING = ("family_name", "given_name", "family_name_kana", "given_name_kana", "birth_date", "postcode", "source")


@dataclass(frozen=True)
class Summary:
    """What was written.

    Attributes
    ----------
    customers
        How many people the world has.
    records
        Records by channel.
    scored
        Records whose person is known.
    """

    customers: int
    records: dict[str, int]
    scored: int


def _truth(source: str, ids: pa.Array, rows: Rows, people: People) -> pa.Table:
    return pa.table(
        {
            "source": pa.repeat(source, len(ids)),
            "record_id": ids,
            "person_id": pa.array(people.number[rows.who], mask=rows.unknown),
            "household_id": pa.array(people.household[rows.who], mask=rows.unknown),
        }
    )


def _block(shop: Shop, number: int) -> tuple[dict[str, pa.Table], pa.Table]:
    """One block's table of every channel, and their truth."""
    people = draw_people(shop.seed, number, shop.rates, shop.span)
    inside = min(shop.customers - number * BLOCK, BLOCK)
    tables, truths = {}, []
    for order, (name, (letter, channel)) in enumerate(CHANNELS.items()):
        rows = channel(shop, people, np.random.default_rng([shop.seed, number, order]))
        if len(rows.who) > _IDS_A_BLOCK:
            raise ValueError(f"{name}: the rates give more than {_IDS_A_BLOCK:,} records to {BLOCK:,} people")
        ids = stamp(letter + "-###########", digits(number * _IDS_A_BLOCK + np.arange(len(rows.who)), 11))
        seen_at = pa.array(rows.at * 1000, pa.timestamp("ms"))
        table = pa.table({"record_id": ids, "seen_at": seen_at, **rows.columns})
        truth = _truth(name, ids, rows, people)
        if inside < BLOCK:
            # The world ends within this block: its people are drawn all the same, so that the others stay themselves.
            keep = pa.array(rows.who < inside)
            table, truth = table.filter(keep), truth.filter(keep)
        tables[name] = table
        truths.append(truth)
    return tables, pa.concat_tables(truths)


def blocks(
    customers: int, *, seed: int = 0, rates: Rates | None = None, start: date = START, years: float = 3.0
) -> Iterator[tuple[dict[str, pa.Table], pa.Table]]:
    """Draw the world block by block.

    Parameters
    ----------
    customers
        How many people shop.
    seed
        Another seed is another world; the same is the same, record for record.
    rates
        How often what happens; ``Rates()`` where nothing is given.
    start
        The first day.
    years
        How long the records reach.

    Returns
    -------
    iterator of tuple of dict and pyarrow.Table
        Each channel's records, and the truth of them all, of some thousand people.

    Examples
    --------
    >>> from enishi.simulate import blocks
    >>> for tables, truth in blocks(100):
    ...     print(sorted(tables)[:3], truth.column_names)
    ['app', 'call_centre', 'catalogue'] ['source', 'record_id', 'person_id', 'household_id']
    """
    shop = _shop(customers, seed, rates, start, years)
    return (_block(shop, number) for number in range(-(-customers // BLOCK)))


def _shop(customers: int, seed: int, rates: Rates | None, start: date, years: float) -> Shop:
    if not 1 <= customers <= MAX_CUSTOMERS:
        raise ValueError(f"customers must be from 1 to {MAX_CUSTOMERS:,}, not {customers:,}")
    if not 0 <= seed < 2**63:
        raise ValueError(f"seed must be from 0 to 2**63 - 1, not {seed}")
    if not 0 < years <= 100:
        raise ValueError(f"years must be above 0 and at most 100, not {years}")
    first = int(datetime(start.year, start.month, start.day, tzinfo=UTC).timestamp())
    return Shop(seed, customers, rates or Rates(), Span(first, first + int(years * 365.25 * 86_400)))


def shop_values(customers: int, *, seed: int = 0) -> dict[str, tuple[str, ...]]:
    """The values that belong to the shop and should join nobody.

    Parameters
    ----------
    customers
        As given to ``simulate``: there is a store for every few thousand people.
    seed
        As given to ``simulate``.

    Returns
    -------
    dict
        By trap: kiosk devices, the tills' default card, the cashiers' cards, noreply@ and the test account.

    Examples
    --------
    >>> from enishi.simulate import shop_values
    >>> shop_values(100)["noreply"]
    ('noreply@enishi-mart.example.jp',)
    """
    return _shop(customers, seed, None, START, 1.0).own_values()


def sample(customers: int, *, seed: int = 0, rates: Rates | None = None) -> Scenario:
    """A small world in memory.

    Parameters
    ----------
    customers
        How many people shop.
    seed
        Another seed is another world.
    rates
        How often what happens; ``Rates()`` where nothing is given.

    Returns
    -------
    Scenario
        The channels' tables and the truth.

    Examples
    --------
    >>> from enishi.simulate import sample
    >>> sample(50).tables["mobile_payment"].column_names
    ['record_id', 'seen_at', 'payment_token']
    """
    drawn = list(blocks(customers, seed=seed, rates=rates))
    tables = {name: pa.concat_tables([tables[name] for tables, _ in drawn]) for name in CHANNELS}
    return Scenario(tables, pa.concat_tables([truth for _, truth in drawn]))


class _Writer:
    """One Parquet file, written in row groups of one size however the blocks fall."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        repeating = [name for name in schema.names if name in _REPEATING]
        self._file = pq.ParquetWriter(
            path, schema, compression="zstd", compression_level=1, use_dictionary=repeating, write_statistics=False
        )
        self._waiting: list[pa.Table] = []
        self._rows = 0
        self.written = 0

    def write(self, table: pa.Table) -> None:
        self._waiting.append(table)
        self._rows += table.num_rows
        self.written += table.num_rows
        if self._rows >= _ROW_GROUP:
            self._flush()

    def _flush(self) -> None:
        if self._waiting:
            self._file.write_table(pa.concat_tables(self._waiting), row_group_size=2 * _ROW_GROUP)
        self._waiting, self._rows = [], 0

    def __enter__(self) -> "_Writer":
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._flush()
        self._file.close()


def simulate(
    directory: str | Path,
    customers: int,
    *,
    seed: int = 0,
    rates: Rates | None = None,
    start: date = START,
    years: float = 3.0,
    progress: Callable[[int], None] | None = None,
) -> Summary:
    """Write the world to a new or empty directory: one Parquet file a channel, and ``truth.parquet``.

    Parameters
    ----------
    directory
        Where to write.
    customers
        How many people shop; about seven records each.
    seed
        Another seed is another world; the same gives the same bytes.
    rates
        How often what happens; ``Rates()`` where nothing is given.
    start
        The first day.
    years
        How long the records reach.
    progress
        Called after each block with the number of customers done.

    Returns
    -------
    Summary
        How many records each channel has.

    Raises
    ------
    FileExistsError
        Where the directory holds something.

    Examples
    --------
    >>> import tempfile
    >>> from enishi.simulate import simulate
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     summary = simulate(directory, 100, seed=1)
    >>> list(summary.records)
    ['web_shop', 'app', 'till', 'mobile_payment', 'call_centre', 'catalogue', 'kiosk', 'pick_up', 'gift']
    """
    target = Path(directory)
    drawn = blocks(customers, seed=seed, rates=rates, start=start, years=years)
    target.mkdir(parents=True, exist_ok=True)
    if any(target.iterdir()):
        raise FileExistsError(f"{target} is not empty")
    scored = 0
    paths = {name: target / f"{name}.parquet" for name in (*CHANNELS, "truth")}
    try:
        with ExitStack() as stack:
            writers: dict[str, _Writer] = {}
            for number, (tables, truth) in enumerate(drawn):
                for name, table in (*tables.items(), ("truth", truth)):
                    if name not in writers:
                        writers[name] = stack.enter_context(_Writer(paths[name], table.schema))
                    writers[name].write(table)
                scored += truth.num_rows - truth["person_id"].null_count
                if progress:
                    progress(min((number + 1) * BLOCK, customers))
    except BaseException:
        for path in paths.values():
            path.unlink(missing_ok=True)
        raise
    return Summary(customers, {name: writers[name].written for name in CHANNELS}, scored)
