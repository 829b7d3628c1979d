"""A whole run: the same records give the same customers, in whatever form they come."""

import json
import random
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import enishi
from enishi import (
    BirthDate,
    CardNumberError,
    Column,
    ConfigError,
    DeviceId,
    DuplicateRecordError,
    Email,
    HashedEmail,
    Identifier,
    InputError,
    LoyaltyCard,
    MemoryLimitError,
    Model,
    PaymentToken,
    PersonName,
    Phone,
    Time,
    pipeline,
    runner,
)
from enishi._normalize import sha256
from enishi.memory import Budget, RecordIds
from enishi.pipeline import Options
from enishi.read import open_inputs
from enishi.simulate import sample

Customers = dict[tuple[str, object], int]
DEVICE = "6d92078a-8246-4ba4-ae5b-76104861e7dc"
TABLES = ["customers", "identifiers", "links", "refused", "evidence"]


def customers(graph: enishi.CustomerGraph) -> Customers:
    columns = graph.customers.to_pydict()
    found = dict(zip(zip(columns["source"], columns["record_id"], strict=True), columns["customer_id"], strict=True))
    assert len(found) == graph.customers.num_rows
    return found


def rows(table: pa.Table) -> list[tuple[object, ...]]:
    return sorted(zip(*(column.to_pylist() for column in table.columns), strict=True), key=repr)


@pytest.fixture(scope="module")
def shop() -> dict[str, pa.Table]:
    return {name: table for name, table in sample(60, seed=4).tables.items() if table.num_rows}


@pytest.fixture(scope="module")
def whole(shop: dict[str, pa.Table]) -> enishi.CustomerGraph:
    return enishi.resolve(shop, threads=1)


def test_a_shop_has_customers(shop: dict[str, pa.Table], whole: enishi.CustomerGraph) -> None:
    records = sum(table.num_rows for table in shop.values())
    assert whole.customers.num_rows == whole.summary["records"] == records
    assert 20 < whole.summary["customers"] < records
    # One row a record, in input order.
    expected = [(name, record_id) for name, table in shop.items() for record_id in table["record_id"].to_pylist()]
    got = zip(whole.customers["source"].to_pylist(), whole.customers["record_id"].to_pylist(), strict=True)
    assert list(got) == expected
    assert whole.links.num_rows and whole.identifiers.num_rows and whole.evidence.num_rows


def test_any_order_batches_and_threads_give_the_same(
    shop: dict[str, pa.Table], whole: enishi.CustomerGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "SMALL_BATCH", 0)
    for seed in range(80):
        rng = random.Random(seed)
        data = {}
        for name in rng.sample(list(shop), len(shop)):
            table = shop[name].take(rng.sample(range(shop[name].num_rows), shop[name].num_rows))
            size = rng.choice([5, 64, 10**6])
            data[name] = pa.Table.from_batches(table.to_batches(max_chunksize=size), table.schema)
        graph = enishi.resolve(data, threads=rng.choice([1, 2]))
        assert customers(graph) == customers(whole)
        if seed % 8 == 0:
            assert rows(graph.links) == rows(whole.links)
            assert rows(graph.identifiers) == rows(whole.identifiers)
            kept = [name for name in graph.evidence.column_names if name not in ("profile", "rows")]
            assert rows(graph.evidence.select(kept)) == rows(whole.evidence.select(kept))
            for count in (
                "records",
                "customers",
                "profiles",
                "sizes",
                "largest",
                "links",
                "near",
                "contested_values",
            ):
                assert graph.summary[count] == whole.summary[count]


def test_any_split_into_files_gives_the_same(
    shop: dict[str, pa.Table], whole: enishi.CustomerGraph, tmp_path: Path
) -> None:
    for seed in range(20):
        rng = random.Random(seed)
        inputs = []
        for name in rng.sample(list(shop), len(shop)):
            table = shop[name].take(rng.sample(range(shop[name].num_rows), shop[name].num_rows))
            folder = tmp_path / str(seed) / name
            folder.mkdir(parents=True)
            cuts = sorted({0, table.num_rows, *(rng.randrange(table.num_rows) for _ in range(rng.randrange(4)))})
            for start, end in pairwise(cuts):
                pq.write_table(table[start:end], folder / f"part-{start}.parquet", row_group_size=rng.choice([3, 1000]))
            inputs.append(str(folder))
        model = Model()
        options = Options(threads=1)
        graph = pipeline.load(pipeline.run(open_inputs(inputs, model), model, options), options)
        assert customers(graph) == customers(whole)


def test_a_key_changes_keys_and_not_customers(shop: dict[str, pa.Table], whole: enishi.CustomerGraph) -> None:
    for seed in range(10):
        graph = enishi.resolve(shop, key=random.Random(seed).randbytes(16 + seed), threads=1)
        assert customers(graph) == customers(whole)
        assert rows(graph.links) == rows(whole.links)
        assert not set(graph.identifiers["key"].to_pylist()) & set(whole.identifiers["key"].to_pylist())
        assert graph.summary["options"]["keyed"]
    with pytest.raises(ConfigError, match="16 bytes"):
        enishi.resolve(shop, key=b"short")


def test_exact_uses_shared_identifiers_alone(shop: dict[str, pa.Table], whole: enishi.CustomerGraph) -> None:
    graph = enishi.resolve(shop, exact=True)
    assert graph.links.num_rows == 0 and graph.summary["links"] == {} and graph.summary["near"] == {}
    assert graph.summary["customers"] > whole.summary["customers"]
    # What exact joins, the whole run joins too.
    of = customers(whole)
    together: dict[int, set[int]] = {}
    for record, customer in customers(graph).items():
        together.setdefault(customer, set()).add(of[record])
    assert all(len(found) == 1 for found in together.values())


MAIL = {"record_id": ["1", "2", "3"], "email": ["a@x.jp", "b@x.jp", "A@x.jp"]}


def test_every_kind_of_data() -> None:
    table = pa.table(MAIL)
    expected = [1, 0, 1]
    reader = pa.RecordBatchReader.from_batches(table.schema, table.to_batches(max_chunksize=2))
    relation = duckdb.from_arrow(table)
    for data in (table, table.to_batches()[0], reader, pl.DataFrame(MAIL), pd.DataFrame(MAIL), relation):
        graph = enishi.resolve(data)
        ids = graph.customers["customer_id"].to_pylist()
        assert [int(i == ids[0]) for i in ids] == expected
        assert graph.customers["source"].to_pylist() == ["data"] * 3
    with pytest.raises(InputError, match="does not speak Arrow"):
        enishi.resolve({"web": 12})
    with pytest.raises(InputError, match="no data"):
        enishi.resolve({})


def test_a_one_shot_reader_is_read_once() -> None:
    table, asked = pa.table(MAIL), []

    def batches() -> Iterator[pa.RecordBatch]:
        for i, batch in enumerate(table.to_batches(max_chunksize=1)):
            asked.append(i)
            yield batch

    graph = enishi.resolve({"web": pa.RecordBatchReader.from_batches(table.schema, batches())})
    assert asked == [0, 1, 2] and graph.customers.num_rows == 3


LAYOUTS = [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())]


@pytest.mark.parametrize("layout", [*LAYOUTS, pa.dictionary(pa.int8(), pa.large_string()), pa.binary()], ids=str)
def test_every_layout_of_text(layout: pa.DataType) -> None:
    """Through every door of a run: namespaces, foreign numbers, kept duplicates, token samples, times, names."""
    columns: dict[str, list[str | None]] = {
        "record_id": ["1", "2", "3", "3"],
        "email": ["a@x.jp", None, "a long address@example.jp", "a long address@example.jp"],
        "phone": ["+49 30 1234567", "030 1234567890", "+49301234567", "+49301234567"],
        "device": [DEVICE, DEVICE.replace("-", "").upper(), "cookie.123456", "cookie.123456"],
        "kind": ["IDFA", "idfa", None, None],
        "token": ["tok_000000000000001", None, "tok_000000000000002", "tok_000000000000002"],
        "seen": ["2024-01-01", "2024-01-02T03:04:05+09:00", None, None],
        "family_name": ["佐藤", None, "高橋", "高橋"],
        "address": ["東京都1-2-3", None, "x", "x"],
        "card": ["411111******1111", None, "4111 11** **** 1111", "4111 11** **** 1111"],
        "card_expiry": ["12/27", None, None, None],
    }  # fmt: skip
    table = pa.table({name: pa.array(values, pa.string()).cast(layout) for name, values in columns.items()})
    model = Model(
        [
            Email(),
            Phone(),
            DeviceId("device", namespace=Column("kind")),
            PaymentToken("token"),
            PersonName("family_name"),
            enishi.Address(),
            enishi.MaskedCard("card", expiry="card_expiry"),
            Time("seen"),
        ]
    )
    graph = enishi.resolve(table, model, duplicates="keep-identical")
    assert graph.customers["record_id"].to_pylist() == ["1", "2", "3"]
    ids = graph.customers["customer_id"].to_pylist()
    assert ids[0] == ids[1] == ids[2]
    assert graph.summary["sources"]["data"]["collapsed"] == 1
    assert graph.summary["fields"]["device_id"]["distinct"] == 2
    assert graph.summary["fields"]["time"]["filled"] == 2


def test_a_field_that_is_mostly_refused_is_named() -> None:
    dates = [f"the {day}th of April" for day in range(1, 31)]
    table = pa.table({"record_id": range(30), "dob": dates, "zip": ["12345"] * 30})
    (notice,) = enishi.resolve(table).summary["notices"]
    assert notice.startswith("source 'data': of 30 values of 'birth_date', 30 are refused: are they dates")
    dates = [f"{day}/4/1985" for day in range(1, 31)]
    read = enishi.resolve(table.set_column(1, "dob", [dates]), Model([enishi.BirthDate(order="DMY")]))
    assert not read.summary["notices"]


def test_a_birth_date_in_parts_is_the_one_in_a_column() -> None:
    parts = pa.table(
        {
            "record_id": ["a", "b", "c", "d", "e"],
            "name": ["Anna Schmidt"] * 5,
            "zip": ["12345"] * 5,
            "birth_year": [1980.0, 1980.0, 1980.0, None, None],
            "birth_month": [4, 40, 4, None, None],
            "birth_day": ["09", "9", None, None, " "],
        }
    )
    whole = pa.table({"record_id": ["w"], "name": ["Anna Schmidt"], "zip": ["12345"], "dob": ["1980-04-09"]})
    graph = enishi.resolve({"parts": parts, "whole": whole}, match="off")
    ids = graph.customers["customer_id"].to_pylist()
    assert ids[0] == ids[5] and len(set(ids)) == 5
    refused = {"impossible": 1, "malformed": 1}
    assert graph.summary["fields"]["birth_date"] == {"filled": 4, "refused": refused}


def test_record_ids_keep_their_type_where_all_agree() -> None:
    numbers, texts = pa.table({"record_id": [1, 2], "email": ["a@x.jp", "b@x.jp"]}), pa.table(MAIL)
    for ids in (pa.int8(), pa.uint64(), pa.int64()):
        table = numbers.set_column(0, "record_id", numbers["record_id"].cast(ids))
        graph = enishi.resolve({"web": table, "app": table})
        assert graph.customers.schema.field("record_id").type == graph.links.schema.field("left_record_id").type == ids
    graph = enishi.resolve({"web": numbers, "app": texts})
    assert graph.customers["record_id"].to_pylist() == ["1", "2", "1", "2", "3"]
    assert graph.customers.schema.field("record_id").type == pa.string()
    narrow = numbers.set_column(0, "record_id", numbers["record_id"].cast(pa.int8()))
    assert enishi.resolve({"web": numbers, "app": narrow}).customers.schema.field("record_id").type == pa.string()


def test_no_rows() -> None:
    for ids in (pa.int64(), pa.string()):
        empty = pa.table({"record_id": pa.array([], ids), "email": pa.array([], pa.string())})
        for data in (empty, {"web": empty, "app": empty}):
            graph = enishi.resolve(data)
            assert graph.customers.num_rows == graph.identifiers.num_rows == graph.evidence.num_rows == 0
            assert graph.customers.schema.field("record_id").type == ids
        graph = enishi.resolve({"web": empty, "app": pa.table(MAIL)})
        assert graph.summary["records"] == 3


def test_a_repeated_record_stops_the_run_and_identical_ones_are_collapsed() -> None:
    again = pa.table({"record_id": ["2", "1", "4"], "email": ["c@x.jp", "a@x.jp", "d@x.jp"]})
    for table in (
        pa.concat_tables([pa.table(MAIL), again]),
        pa.concat_tables([pa.table(MAIL), again]).combine_chunks(),
    ):
        with pytest.raises(DuplicateRecordError, match=r"source 'data'.*row 4, source 'data', row 5") as error:
            enishi.resolve(table)
        assert "x.jp" not in str(error.value)
        with pytest.raises(DuplicateRecordError, match=r"other contents: source 'data', row 4;"):
            enishi.resolve(table, duplicates="keep-identical")
    same = pa.concat_tables([pa.table(MAIL)] * 3)
    for data in (same, same.combine_chunks(), pl.DataFrame(same)):
        graph = enishi.resolve(data, duplicates="keep-identical")
        assert customers(graph) == customers(enishi.resolve(pa.table(MAIL)))
        assert graph.summary["sources"]["data"]["collapsed"] == 6
    with pytest.raises(ConfigError, match="keep-identical"):
        enishi.resolve(same, duplicates="drop")
    # The same id in another source is another record.
    assert enishi.resolve({"web": pa.table(MAIL), "app": pa.table(MAIL)}).summary["records"] == 6


def test_what_makes_rows_identical_is_every_column() -> None:
    rows = pa.table({"record_id": ["1", "1"], "email": ["a@x.jp", "a@x.jp"], "amount": [1, 2]})
    with pytest.raises(DuplicateRecordError, match="other contents"):
        enishi.resolve(rows, duplicates="keep-identical")
    assert enishi.resolve(rows.select(["record_id", "email"]), duplicates="keep-identical").summary["records"] == 1


def test_rows_without_a_record_id_are_known_by_what_they_hold() -> None:
    table = pa.table({"email": ["a@x.jp", None, None, "a@x.jp", None], "amount": [1, 2, 2, 1, 3]})
    graph = enishi.resolve(table)
    ids = graph.customers["record_id"].to_pylist()
    assert len(set(ids)) == 5 and all(len(i) in (32, 34) for i in ids)
    assert [i[32:] for i in ids] == ["", "", "-2", "-2", ""]
    assert graph.summary["sources"]["data"]["identity"] == "hash of the row"
    assert any("hash of its row" in notice for notice in graph.summary["notices"])
    for order in ([4, 3, 2, 1, 0], [1, 3, 0, 4, 2]):
        for size in (1, 2, 5):
            shuffled = table.take(order)
            chunked = pa.Table.from_batches(shuffled.to_batches(max_chunksize=size), table.schema)
            assert customers(enishi.resolve(chunked)) == customers(graph)


def test_a_tiny_memory_limit_stops_the_run(shop: dict[str, pa.Table]) -> None:
    count = 40_000
    table = pa.table({"record_id": np.arange(count), "email": [f"user{i}@example.jp" for i in range(count)]})
    with pytest.raises(MemoryLimitError, match=r"stage '.*', after \d+ records"):
        enishi.resolve(table, memory_limit=1000)
    assert enishi.resolve(shop, memory_limit="64GB").summary["records"]
    with pytest.raises(ConfigError, match="memory_limit"):
        enishi.resolve(shop, memory_limit="much")


def test_record_ids_go_to_a_file_and_leave_none(
    shop: dict[str, pa.Table], whole: enishi.CustomerGraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[RecordIds] = []

    class Tiny(RecordIds):
        def __init__(self, spill_dir: object) -> None:
            super().__init__(tmp_path, 100)
            made.append(self)

    monkeypatch.setattr(pipeline, "RecordIds", Tiny)
    graph = enishi.resolve(shop)
    assert customers(graph) == customers(whole) and rows(graph.links) == rows(whole.links)
    assert made[0].spilled > 1000
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(InputError, match="is not there"):
        RecordIds(tmp_path / "missing")


def test_values_that_are_spilled_give_the_same_customers(
    shop: dict[str, pa.Table], whole: enishi.CustomerGraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Budget, "held", 1000)
    graph = enishi.resolve(shop, spill_dir=tmp_path)
    assert graph.summary["spilled_bytes"] > 10_000
    assert list(tmp_path.iterdir()) == []
    for name in TABLES:
        assert rows(graph.tables()[name]) == rows(whole.tables()[name])


def test_spilled_ids_come_back_as_they_went(tmp_path: Path) -> None:
    rng = random.Random(1)
    texts = ["".join(rng.choices("aé😀\0", k=rng.randrange(6))) for _ in range(300)]
    for held in (0, 50, 500, 10**6):
        ids = RecordIds(tmp_path, held)
        for start in range(0, 300, 37):
            part = pa.array(["x", *texts[start : start + 37], "y"], rng.choice([pa.string(), pa.large_string()]))
            ids.add(part[1:-1])
            ids.add(pa.array([1], pa.int8())[:0])
        # Two readers do not disturb each other.
        chunks = (chunk for chunk in ids.chunks() if len(chunk))
        pairs = list(zip(chunks, ids.texts(), strict=True))
        assert [text for batch in ids.texts(100) for text in batch.to_pylist()] == texts[100:]
        assert [text for batch, _ in pairs for text in batch.to_pylist()] == texts
        assert all(batch.equals(text) for batch, text in pairs)
        ordinals = np.array([rng.randrange(300) for _ in range(50)], np.uint32)
        assert ids.take(ordinals).to_pylist() == [texts[i] for i in ordinals]
        assert ids.take(ordinals[:0]).to_pylist() == []
        assert (ids.spilled > 0) == (held < 10**6)
    empty = RecordIds(None, 0)
    empty.add(pa.array(["", ""]))
    assert [batch.to_pylist() for batch in empty.chunks()] == [["", ""]]
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_says_where_to_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: object) -> object:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    with pytest.raises(InputError, match="spill-dir"):
        RecordIds(tmp_path, 0).add(pa.array(["a"]))


SECRETS = {
    "email": "hanako.private@example.jp",
    "phone": "090-9876-5432",
    "family_name": "秘密川",
    "given_name": "内緒子",
    "birth_date": "1977-07-17",
    "postcode": "999-8888",
    "address": "どこにもない町9-8-7",
    "loyalty_card": "7788990011223",
    "payment_token": "tok_verysecret_1",
    "device_id": "c0ffee00-1234-4abc-8def-00c0ffee0011",
}


def test_no_value_of_a_person_is_anywhere_unless_asked(tmp_path: Path) -> None:
    one, two = {"record_id": ["1"]}, {"record_id": ["2"]}
    for name, value in SECRETS.items():
        one[name], two[name] = [value], [value]
    two["phone"] = ["090-9876-5433"]
    two["email"] = ["hanako.privat@example.jp"]
    data = {"web": pa.table(one), "till": pa.table(two)}
    values = [
        *SECRETS.values(),
        "+819098765432",
        "hanakoprivate",
        "9098765432",
        "19770717",
        "9998888",
        "hanako",
        "privat@",
    ]
    for asked in (False, True):
        graph = enishi.resolve(data, with_values=asked)
        assert graph.summary["customers"] == 1
        graph.write(tmp_path / str(asked))
        text = "".join(repr(getattr(graph, name).to_pydict()) for name in TABLES) + json.dumps(graph.summary)
        text += str(graph.explain("web:1", "till:2"))
        files = b"".join(file.read_bytes() for file in (tmp_path / str(asked)).iterdir() if file.suffix == ".json")
        found = [value for value in values if value in text + files.decode()]
        assert found == [] if not asked else "hanako.private@example.jp" in found
    assert sorted(graph.identifiers["value"].to_pylist()).count("tok_verysecret_1") == 1
    assert set(
        graph.identifiers.filter(pa.compute.equal(graph.identifiers["field"], "phone"))["value"].to_pylist()
    ) == {
        "+819098765432",
        "+819098765433",
    }


def test_times_are_the_interval_in_which_a_value_was_seen() -> None:
    web = pa.table(
        {
            "record_id": [1, 2, 3, 4],
            "email": ["a@x.jp", "a@x.jp", "b@x.jp", "c@x.jp"],
            "seen_at": ["2024-03-01T10:00:00+09:00", "2023/12/31", "no time", None],
        }
    )
    till = pa.table({"record_id": [9], "email": ["a@x.jp"], "seen_at": [datetime(2025, 1, 1, tzinfo=UTC)]})
    plain = pa.table({"record_id": [7], "email": ["d@x.jp"]})
    expected = {
        "a": (datetime(2023, 12, 31, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)),
        **dict.fromkeys("bcd", (None, None)),
    }
    for data in ({"web": web, "till": till, "plain": plain}, {"plain": plain, "till": till, "web": web}):
        graph = enishi.resolve(data, Model([Email(), Time("seen_at")]), with_values=True)
        seen = {row["value"][0]: (row["first_seen"], row["last_seen"]) for row in graph.identifiers.to_pylist()}
        assert seen == expected
        assert graph.summary["fields"]["time"] == {"filled": 4, "refused": {"malformed": 1}}


def test_outputs_are_chosen(shop: dict[str, pa.Table], whole: enishi.CustomerGraph) -> None:
    for outputs in ((), ("customers",), ("links",), ("identifiers", "summary"), ("evidence", "links")):
        graph = enishi.resolve(shop, outputs=outputs)
        assert customers(graph) == customers(whole) and graph.summary["customers"]
        for name in TABLES[1:]:
            assert (getattr(graph, name) is not None) == (name in outputs)
        assert set(graph.to_polars()) == {"customers", *outputs} - {"summary"}
    with pytest.raises(ConfigError, match="outputs"):
        enishi.resolve(shop, outputs=["clusters"])


def test_a_column_of_card_numbers_stops_the_run() -> None:
    raw = ["4111 1111 1111 1111", "5555555555554444", "378282246310005", "tok_abcdefgh"]
    for data_type in (pa.string(), pa.string_view(), pa.binary()):
        table = pa.table({"record_id": range(4), "payment_token": pa.array(raw, data_type)})
        for size in (1, 4):
            data = pa.Table.from_batches(table.to_batches(max_chunksize=size), table.schema)
            with pytest.raises(CardNumberError, match=r"source 'data', column 'payment_token'.*tokenized") as error:
                enishi.resolve(data)
            assert "4111" not in str(error.value)
    # Bytes that are no text are refused like any other value, and no message quotes them.
    broken = pa.StringArray.from_buffers(1, pa.py_buffer(b"\0\0\0\0\3\0\0\0"), pa.py_buffer(b"\xffZq"))
    graph = enishi.resolve(pa.table({"record_id": ["a"], "payment_token": broken}))
    assert graph.summary["fields"]["payment_token"]["refused"] == {"encoding": 1}
    table = pa.table({"record_id": range(4), "payment_token": raw})
    assert (
        enishi.resolve(table, Model([PaymentToken(tokenized=True)])).summary["fields"]["payment_token"]["distinct"] == 4
    )
    # A few among tokens are refused and counted, wherever they stand.
    mixed = pa.table({"record_id": range(11), "payment_token": [*raw, *(f"tok_{i:09}" for i in range(7))]})
    for size in (1, 3, 11):
        graph = enishi.resolve(pa.Table.from_batches(mixed.to_batches(max_chunksize=size), mixed.schema))
        assert graph.summary["fields"]["payment_token"]["refused"] == {"card_number": 3}


def test_namespaces_never_meet_and_are_the_same_in_any_case() -> None:
    app = pa.table({"record_id": [1, 2, 3], "device": [DEVICE] * 3, "kind": ["idfa", " IDFA", "gaid"]})
    web = pa.table({"record_id": [4], "device": [DEVICE]})
    for declared in ("idfa", "IDFA"):
        model = Model([DeviceId("device", namespace=Column("kind"))])
        assert enishi.resolve({"app": app}, model).summary["customers"] == 2
        fixed = enishi.resolve({"web": web.append_column("kind", [[declared]]), "app": app}, model)
        assert fixed.summary["customers"] == 2
    named = enishi.resolve(web, Model([DeviceId("device", namespace="IDFA")]))
    assert named.identifiers["key"][0] in enishi.resolve({"app": app}, model).identifiers["key"]


def test_hashed_ids_join_their_plaintext_when_asked() -> None:
    import hashlib

    spelled = [
        DEVICE.upper(),
        *(hashlib.new(name, DEVICE.encode()).hexdigest() for name in ("md5", "sha1", "sha256")),
    ]
    table = pa.table({"record_id": range(4), "device_id": spelled})
    for hashed, expected in (((), 4), (("sha1",), 3), (("md5", "sha1", "sha256"), 1)):
        graph = enishi.resolve(table, Model([DeviceId(hashed=hashed, namespace="idfa")]))
        assert graph.summary["customers"] == expected
    address = "hanako@example.jp"
    table = pa.table(
        {"record_id": [1, 2], "email": [address.upper(), None], "hashed_email": [None, sha256(address.encode())]}
    )
    assert enishi.resolve(table).summary["customers"] == 1


@pytest.mark.parametrize("first", ["email", "hashed_email"])
def test_what_is_listed_as_generic_links_in_no_spelling(first: str) -> None:
    address = "sato.house@example.jp"
    plain = pa.table({"record_id": [1, 2], "email": [address, address]})
    hashed = pa.table({"record_id": [3, 4], "hashed_email": [sha256(address.encode())] * 2})
    data = {"web": plain, "app": hashed} if first == "email" else {"app": hashed, "web": plain}
    assert enishi.resolve(data).summary["customers"] == 1
    graph = enishi.resolve(data, Model([Email(generic=[address]), HashedEmail()]))
    assert graph.summary["customers"] == 4
    ids = pa.table({"record_id": [1, 2], "device_id": [DEVICE, sha256(DEVICE.encode())]})
    model = Model([DeviceId(hashed=["sha256"], generic=[DEVICE], namespace="idfa")])
    assert enishi.resolve(ids, model).summary["customers"] == 2


def test_several_names_are_numbered_by_one_task_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "SMALL_BATCH", 0)
    count = 20_000
    names = [f"family{i % 3000}" for i in range(count)]
    table = pa.table(
        {"record_id": range(count), "a": names, "b": names[::-1], "email": [f"{i // 2}@x.jp" for i in range(count)]}
    )
    model = Model([Email(), PersonName(full="a"), PersonName(full="b", name="other"), BirthDate("a")])
    results = [enishi.resolve(table, model, threads=threads, match="off") for threads in (1, 4, 4)]
    assert {graph.summary["customers"] for graph in results} == {count // 2}


def test_progress_is_told(shop: dict[str, pa.Table]) -> None:
    told: list[tuple[str, int, int | None]] = []
    graph = enishi.resolve(shop, progress=lambda *each: told.append(each))
    assert list(dict.fromkeys(stage for stage, _, _ in told)) == ["read and normalize", "link", "match", "graph"]
    assert max(done for _, done, _ in told) == graph.summary["records"]
    assert set(graph.summary["seconds"]) == {stage for stage, _, _ in told}


def test_hostile_values_are_refused_and_counted() -> None:
    hostile = [
        b"\xff\xfe",
        b"\x00",
        b"",
        b" ",
        "😀".encode(),
        b"x" * 10_000_000,
        b"\x80@x.jp",
        None,
        "あ".encode() * 65,
        b"a@x.jp",
    ]
    column = pa.array(hostile, pa.binary())
    names = ["email", "hashed_email", "phone", "device_id", "payment_token", "loyalty_card", "masked_card", "name"]
    names += ["family_name", "given_name_kana", "birth_date", "postcode", "address", "timestamp"]
    table = pa.table({"record_id": range(len(hostile)), **dict.fromkeys(names, column)})
    graph = enishi.resolve(table)
    assert graph.customers.num_rows == len(hostile)
    for field in graph.summary["fields"].values():
        assert field["filled"] >= 1
    unnamed = enishi.resolve(table.drop_columns(["record_id"]))
    assert unnamed.customers.num_rows == len(hostile)


def test_wrong_options_are_named() -> None:
    for threads in (0, 10**20):
        with pytest.raises(ConfigError, match="threads"):
            enishi.resolve(pa.table(MAIL), threads=threads)
    with pytest.raises(ConfigError, match="memory_limit"):
        enishi.resolve(pa.table(MAIL), memory_limit="9" * 400)
    with pytest.raises(InputError, match="spill directory"):
        enishi.resolve(pa.table(MAIL), spill_dir="no/such/place")


def test_custom_identifiers_and_corrected_cards() -> None:
    table = pa.table(
        {
            "record_id": [1, 2, 3, 4],
            "login": ["Hanako", "hanako ", "taro", None],
            "card": ["4111111111111111", None, "4111111111111112", "4111111111111114"],
        }
    )
    model = Model([Identifier("login", name="login"), LoyaltyCard("card", check_digit="luhn")])
    graph = enishi.resolve(table, model)
    ids = graph.customers["customer_id"].to_pylist()
    assert len(set(ids)) == 1
    assert graph.links["rule"].to_pylist() == ["loyalty_card: corrected"] * 2
    assert graph.links["left_record_id"].to_pylist() == [1, 1]
