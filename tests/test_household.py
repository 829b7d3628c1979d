"""Households: who lives together, and that it makes nobody one person."""

import json
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

import enishi
from enishi.cli import main
from enishi.household import MOST
from enishi.simulate import sample

COLUMNS = ["record_id", "email", "phone", "device_id", "family_name", "family_name_kana", "given_name", "birth_date"]
COLUMNS += ["address", "login"]
HOME = "東京都渋谷区神南1-2-3"
HANAKO = {"family_name": "佐藤", "given_name": "花子", "birth_date": "1980-01-01", "email": "hanako.sato@example.jp"}
TARO = {"family_name": "佐藤", "given_name": "太郎", "birth_date": "1975-05-06", "email": "taro@example.jp"}
LANDLINE = "03-3123-4567"


def people(*rows: dict[str, str]) -> pa.Table:
    numbered = [{"record_id": f"{n:05}", **row} for n, row in enumerate(rows)]
    return pa.table({name: pa.array([row.get(name) for row in numbered], pa.string()) for name in COLUMNS})


def households(*rows: dict[str, str]) -> list[Any]:
    """By record, its household: the first record of its household's, or None."""
    graph = enishi.resolve(people(*rows), household=True)
    plain = enishi.resolve(people(*rows))
    assert graph.customers.drop_columns("household_id").equals(plain.customers)
    found = graph.customers["household_id"].to_pylist()
    customers = graph.customers["customer_id"].to_pylist()
    for customer, household in zip(customers, found, strict=True):
        # Named after the customer who has its smallest record, and never of one customer alone.
        if household is not None:
            mine = [c for c, h in zip(customers, found, strict=True) if h == household]
            assert household == mine[0] and len({*mine}) > 1 and customer in mine
    return [None if each is None else found.index(each) for each in found]


def test_one_address_and_one_surname() -> None:
    hanako, taro = HANAKO | {"address": HOME}, TARO | {"address": "渋谷区神南１丁目２番３号"}
    assert households(hanako, taro) == [None, None]
    taro = TARO | {"address": "東京都渋谷区神南１丁目２番３号"}
    assert households(hanako, taro, HANAKO, {"email": "somebody@example.jp", "address": HOME}) == [0, 0, 0, None]
    lodger = TARO | {"family_name": "鈴木", "address": HOME}
    assert households(hanako, lodger) == [None, None]


def test_a_surname_in_writing_and_in_reading() -> None:
    hanako = HANAKO | {"address": HOME, "family_name_kana": "サトウ"}
    taro = TARO | {"address": HOME, "family_name": "さとう"}
    assert households(hanako, taro) == [0, 0]


@pytest.mark.parametrize("shared", [{"phone": LANDLINE}, {"device_id": "6d92078a-8246-4ba4-ae5b-76104861e7dc"}])
def test_a_shared_landline_or_tablet(shared: dict[str, str]) -> None:
    assert households(HANAKO | shared, TARO | shared) == [0, 0]
    stranger = TARO | {"family_name": "鈴木"}
    assert households(HANAKO | shared, stranger | shared) == [None, None]
    assert households(HANAKO | shared | {"address": HOME}, stranger | shared | {"address": HOME}) == [0, 0]
    # The surname stands in another record of the same customer than the landline.
    named = {key: value for key, value in TARO.items() if key != "family_name"} | shared
    assert households(HANAKO | shared, named, TARO | {"phone": "090-1111-2222"}) == [0, 0, 0]


def test_a_customer_alone_has_no_household() -> None:
    assert households(HANAKO | {"address": HOME}, HANAKO | {"address": HOME}) == [None, None]


def test_missing_and_placeholder_addresses_make_no_household() -> None:
    for nothing in (None, "", "不明", "-", "東京都渋谷区"):
        rows = [row if nothing is None else row | {"address": nothing} for row in (HANAKO, TARO)]
        assert households(*rows) == [None, None]


def test_a_block_without_room_numbers_is_counted_and_named() -> None:
    rows = [
        {"email": f"resident.number{n}@example.jp", "address": HOME, "family_name": "佐藤"} for n in range(MOST + 1)
    ]
    assert households(*rows[:MOST]) == [0] * MOST
    assert households(*rows) == [None] * (MOST + 1)
    crowded = enishi.resolve(people(*rows), household=True).summary["households"]["crowded_addresses"]
    assert crowded["addresses"] == 1 and crowded["largest"][0]["customers"] == MOST + 1
    assert HOME not in json.dumps(crowded, ensure_ascii=False) and len(crowded["largest"][0]["key"]) == 16


def test_a_chain_of_homes_too_long_for_a_household_is_counted_and_named() -> None:
    """Each moved to where the next one lives."""
    rows = []
    for n in range(MOST + 5):
        person = {"email": f"resident.number{n}@example.jp", "family_name": "佐藤"}
        rows += [person | {"address": f"{HOME}-{n}"}, person | {"address": f"{HOME}-{n + 1}"}]
    assert households(*rows) == [None] * len(rows)
    found = enishi.resolve(people(*rows), household=True).summary["households"]
    assert found["too_large"]["groups"] == 1 and found["too_large"]["largest"][0]["customers"] == MOST + 5
    assert found["households"] == found["customers"] == 0


def test_a_generic_value_makes_no_household() -> None:
    rows = [
        {"email": f"customer.number{n}@example.jp", "family_name": "佐藤", "given_name": f"名{n}", "phone": LANDLINE}
        | {"birth_date": f"{1911 + 2 * n}-{n % 9 + 1:02}-{n % 7 + 14}"}
        for n in range(30)
    ]
    assert households(*rows) == [None] * 30


def test_any_order_gives_the_same_households() -> None:
    tables = {name: table for name, table in sample(200, seed=9).tables.items() if table.num_rows}

    def found(tables: dict[str, pa.Table]) -> list[tuple[Any, ...]]:
        customers = enishi.resolve(tables, household=True).customers
        return sorted(zip(*(column.to_pylist() for column in customers.columns), strict=True))

    expected = found(tables)
    assert len({row[3] for row in expected}) > 10
    for seed in range(10):
        rng = random.Random(seed)
        shuffled = {}
        for name in rng.sample(list(tables), len(tables)):
            table = tables[name].take(rng.sample(range(tables[name].num_rows), tables[name].num_rows))
            shuffled[name] = pa.Table.from_batches(table.to_batches(max_chunksize=rng.choice([7, 100])), table.schema)
        assert found(shuffled) == expected


def test_households_change_no_customer() -> None:
    tables = {name: table for name, table in sample(300, seed=2).tables.items() if table.num_rows}
    for options in ({}, {"match": "auto"}):
        plain, grouped = enishi.resolve(tables, **options), enishi.resolve(tables, household=True, **options)
        assert grouped.customers.drop_columns("household_id").equals(plain.customers)
        assert (
            plain.summary["households"] is None and plain.customers.column_names == grouped.customers.column_names[:3]
        )


def test_no_records_and_no_names() -> None:
    assert households() == []
    bare = pa.table({"record_id": ["1", "2"], "email": ["a@example.jp", "b@example.jp"]})
    assert enishi.resolve(bare, household=True).customers["household_id"].to_pylist() == [None, None]


def test_the_command_writes_them(tmp_path: Path) -> None:
    pq.write_table(people(HANAKO | {"address": HOME}, TARO | {"address": HOME}), tmp_path / "web.parquet")
    runner = CliRunner()
    for flags, columns in (([], 3), (["--household"], 4)):
        out = tmp_path / f"out{columns}"
        result = runner.invoke(main, ["resolve", str(tmp_path / "web.parquet"), "-o", str(out), *flags])
        assert result.exit_code == 0, result.output
        table = pq.read_table(out / "customers.parquet")
        assert table.num_columns == columns
    assert table.schema.field("household_id").type == pa.int64() and table["household_id"].null_count == 0
