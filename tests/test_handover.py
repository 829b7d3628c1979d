"""Values that change hands: who gets which sighting, and what is told of it."""

import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

import enishi
from enishi import Model, Phone, Source
from enishi.cli import main

PHONE = "090-1234-5678"
DEVICE = "6d92078a-8246-4ba4-ae5b-76104861e7dc"
HANAKO = {"family_name": "佐藤", "given_name": "花子", "birth_date": "1980-01-01"}
TARO = {"family_name": "林", "given_name": "太郎", "birth_date": "1975-05-06"}
JIRO = {"family_name": "森", "given_name": "二郎", "birth_date": "1991-12-30"}
Rows = dict[str, dict[str, str | None]]


def seen(*rows: tuple[str, str | None, dict[str, str]], **shared: str) -> Rows:
    """Records by id: when each was seen, and what it says beside what all share."""
    return {name: {**shared, "seen_at": time, **said} for name, time, said in rows}


def table(rows: Rows) -> pa.Table:
    names = list(dict.fromkeys(name for row in rows.values() for name in row))
    columns = {name: pa.array([row.get(name) for row in rows.values()], pa.string()) for name in names}
    return pa.table({"record_id": list(rows), **columns})


def partition(graph: enishi.CustomerGraph) -> set[frozenset[str]]:
    found: dict[int, set[str]] = {}
    for each in graph.customers.to_pylist():
        found.setdefault(each["customer_id"], set()).add(each["record_id"])
    return {frozenset(records) for records in found.values()}


def groups(*parts: str) -> set[frozenset[str]]:
    return {frozenset(part.split()) for part in parts}


def resolved(rows: Rows, model: Model | None = None, **options: Any) -> enishi.CustomerGraph:
    return enishi.resolve(table(rows), model, **options)


def changed(graph: enishi.CustomerGraph, name: str = "phone") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = graph.summary["fields"][name]["recycled"]["largest"]
    return found


# Hanako's number until June 2020, Taro's from 2022 on; u: nobody is named.
RECYCLED = seen(
    ("u-before", "2019-01-01", {}),
    ("h1", "2020-01-01", HANAKO),
    ("u-hers", "2020-03-01", {}),
    ("h2", "2020-06-01", HANAKO),
    ("u-between", "2021-01-01", {}),
    ("t1", "2022-01-01", TARO),
    ("u-his", "2022-03-01", {}),
    ("t2", "2022-06-01", TARO),
    ("u-after", "2023-01-01", {}),
    ("u-undated", None, {}),
    phone=PHONE,
)
EXPECTED = groups("h1 h2 u-hers", "t1 t2 u-his", "u-before", "u-between", "u-after", "u-undated")


def test_each_owner_gets_the_sightings_of_his_time() -> None:
    for options in ({}, {"exact": True}, {"outputs": ("customers", "summary")}, {"threads": 1}):
        assert partition(resolved(RECYCLED, **options)) == EXPECTED


def test_a_record_alone_in_its_profile_is_placed_like_one_of_many() -> None:
    rows = {name: row | {"postcode": f"150-{i:04}"} for i, (name, row) in enumerate(RECYCLED.items())}
    assert partition(resolved(rows)) == EXPECTED


def test_no_order_and_no_batch_decides() -> None:
    whole = table(RECYCLED)
    expected = None
    for seed in range(40):
        rng = random.Random(seed)
        shuffled = whole.take(rng.sample(range(len(whole)), len(whole)))
        pieces = pa.Table.from_batches(shuffled.to_batches(max_chunksize=rng.choice([1, 3, 100])), whole.schema)
        graph = enishi.resolve(pieces, threads=rng.choice([1, 2]))
        assert partition(graph) == EXPECTED
        found = sorted(str(each) for each in graph.identifiers.to_pylist()), graph.summary["fields"]
        assert expected in (None, found)
        expected = found


def test_several_sources_tell_the_time_in_their_own_ways() -> None:
    web = [name for name in RECYCLED if name[0] in "ht"]
    rest = [name for name in RECYCLED if name not in web]
    times = (
        pa.array([RECYCLED[name]["seen_at"] for name in rest]).cast(pa.timestamp("s")).cast(pa.timestamp("ms", "UTC"))
    )
    till = table({name: RECYCLED[name] for name in rest}).drop_columns("seen_at").append_column("paid_at", times)
    model = Model(sources=[Source("till", columns={"paid_at": "time"})])
    graph = enishi.resolve({"web": table({name: RECYCLED[name] for name in web}), "till": till}, model)
    assert partition(graph) == EXPECTED


def test_a_device_sold_on_twice() -> None:
    rows = seen(
        *[(f"h{n}", f"2020-01-0{n + 1} 10:00", HANAKO if n % 2 else {}) for n in range(6)],
        *[(f"t{n}", f"2020-03-0{n + 1}T10:00:00+09:00", TARO if n % 2 else {}) for n in range(6)],
        *[(f"j{n}", f"2020/03/1{n + 1}", JIRO if n % 2 else {}) for n in range(6)],
        device_id=DEVICE,
    )
    graph = resolved(rows)
    assert partition(graph) == {
        *groups("h1 h2 h3 h4 h5", "t1 t2 t3 t4 t5", "j1 j2 j3 j4 j5"),
        *groups("h0", "t0", "j0"),
    }
    (only,) = changed(graph, "device_id")
    assert only["owners"] == 3 and only["records"] == 18
    assert only["handovers"] == [["2020-01-06", "2020-03-02"], ["2020-03-06", "2020-03-12"]]


def test_a_phone_that_two_people_use_by_turns_is_shared() -> None:
    rows = RECYCLED | seen(("h3", "2022-02-01", HANAKO), phone=PHONE)
    graph = resolved(rows)
    alone = [name for name in rows if name.startswith("u")]
    assert partition(graph) == {*groups("h1 h2 h3", "t1 t2"), *groups(*alone)}
    assert not changed(graph) and graph.summary["fields"]["phone"]["contested"] == 1


def test_sightings_on_one_day_are_not_in_order() -> None:
    rows = seen(("h1", "2020-01-01", HANAKO), ("h2", "2020-06-01", HANAKO), ("t1", "2020-06-01", TARO), phone=PHONE)
    graph = resolved(rows)
    assert partition(graph) == groups("h1 h2", "t1") and not changed(graph)


def test_an_owner_at_no_known_time_leaves_the_value_contested() -> None:
    rows = seen(
        ("h1", "2020-01-01", HANAKO),
        ("u", "2020-03-01", {}),
        ("h2", "2020-06-01", HANAKO),
        ("t1", None, TARO),
        phone=PHONE,
    )
    graph = resolved(rows)
    assert partition(graph) == groups("h1 h2", "t1", "u") and not changed(graph)
    # One of many sightings without a time is its owner's all the same.
    graph = resolved(rows | seen(("t2", "2022-01-01", TARO), phone=PHONE))
    assert partition(graph) == groups("h1 h2 u", "t1 t2") and len(changed(graph)) == 1


def test_without_times_nothing_is_told_apart() -> None:
    rows: Rows = {name: {**row, "seen_at": None} for name, row in RECYCLED.items()}
    for data in (table(rows), table(RECYCLED).drop_columns("seen_at")):
        graph = enishi.resolve(data)
        assert {part for part in partition(graph) if len(part) > 1} == groups("h1 h2", "t1 t2")
        assert not changed(graph)


def test_who_was_seen_in_both_their_times_bridges_nothing() -> None:
    card = {"loyalty_card": "4111111111111111"}
    rows = RECYCLED | seen(("c1", "2020-02-01", card), ("c2", "2022-02-01", card), phone=PHONE)
    assert partition(resolved(rows)) == EXPECTED | groups("c1 c2")
    # In the time of one owner alone the card is his.
    hers = RECYCLED | seen(("c1", "2020-02-01", card), ("c2", "2020-03-01", card), phone=PHONE)
    assert partition(resolved(hers)) == EXPECTED - groups("h1 h2 u-hers") | groups("h1 h2 u-hers c1 c2")


def test_another_name_in_an_owners_time_is_not_his() -> None:
    gift = {"family_name": "森", "given_name": "恵子"}
    rows = RECYCLED | seen(("g", "2020-02-01", gift), phone=PHONE)
    assert partition(resolved(rows)) == EXPECTED | groups("g")
    rows = RECYCLED | seen(("g", "2021-02-01", {"family_name": "佐藤", "given_name": "花子"}), phone=PHONE)
    assert partition(resolved(rows)) == EXPECTED - groups("h1 h2 u-hers", "u-between") | groups(
        "h1 h2 u-hers u-between g"
    )


def test_names_alone_tell_the_owners_of_a_number_that_rested() -> None:
    def told(later: dict[str, str], at: str, field: str = "phone") -> set[frozenset[str]]:
        first = {"family_name": "佐藤", "given_name": "花子"}
        shared = {field: PHONE if field == "phone" else DEVICE}
        rows = seen(("h1", "2020-01-01", first), ("u", "2020-02-01", {}), ("h2", "2020-03-01", first), **shared)
        return partition(resolved(rows | seen(("t1", at, later), **shared)))

    stranger = {"family_name": "林", "given_name": "太郎"}
    assert told(stranger, "2020-04-20") == groups("h1 u h2", "t1")
    # Who takes a parcel in for somebody does so while the other has the number.
    assert told(stranger, "2020-04-01") == told(stranger, "2020-02-02") == groups("h1 u h2 t1")
    for relative in ({"family_name": "佐藤", "given_name": "太郎"}, {"family_name": "林", "given_name": "花子"}):
        assert told(relative, "2023-01-01") == groups("h1 u h2 t1")
    # One letter that two family names have in common makes no relatives, as one character does.
    kana = {"family_name_kana": "アライ", "given_name_kana": "チハル"}
    for other, alike in (("アオノ", False), ("アライ", True), ("アライダ", True)):
        rows = seen(("h1", "2020-01-01", kana), ("h2", "2020-03-01", kana), phone=PHONE)
        later = {"family_name_kana": other, "given_name_kana": "ヨウコ"}
        parts = partition(resolved(rows | seen(("t1", "2023-01-01", later), phone=PHONE)))
        assert (parts == groups("h1 h2 t1")) is alike
    # Nobody gives a device's number out again; its other name may be that of whom a gift was sent to.
    assert told(stranger, "2023-01-01", "device_id") == groups("h1 u h2 t1")


def test_limits_hold_within_a_tenure() -> None:
    cards = [{"loyalty_card": f"card {n}"} for n in range(2)]
    rows = RECYCLED | seen(*((f"c{n}", f"2020-02-0{n + 1}", cards[n]) for n in range(2)), phone=PHONE)
    model = Model(
        [*(f for f in enishi.fields.STANDARD_FIELDS if f.kind != "loyalty_card"), enishi.LoyaltyCard(limit=1)]
    )
    assert frozenset(["h1", "h2", "u-hers", "c0", "c1"]) in partition(resolved(rows))
    # Of two cards none is picked; and where they stay apart, nobody knows whose the unnamed record is.
    assert partition(resolved(rows, model)) == EXPECTED - groups("h1 h2 u-hers") | groups("h1 h2", "u-hers", "c0", "c1")
    unique = Model(sources=[Source("data", unique=True)])
    assert all(len(part) == 1 for part in partition(resolved(RECYCLED, unique)))


def test_a_handover_does_not_outlast_what_names_the_owners() -> None:
    """What a customer knows by something more personal tells who had the phone."""
    rows = seen(
        ("h1", "2020-01-01", {"email": "hanako@example.jp"}),
        ("u", "2020-03-01", {}),
        ("h2", "2020-06-01", {"email": "hanako@example.jp"}),
        ("t1", "2022-01-01", {"email": "taro.hayashi@example.jp"}),
        phone=PHONE,
    )
    named = seen(
        ("w1", None, HANAKO | {"email": "hanako@example.jp"}),
        ("w2", None, TARO | {"email": "taro.hayashi@example.jp"}),
    )
    assert partition(resolved(rows)) == groups("h1 h2 u t1")
    assert partition(resolved(rows | named)) == groups("h1 h2 u w1", "t1 w2")


@pytest.mark.parametrize("match", ["off", "auto"])
def test_many_numbers_given_out_again_merge_no_strangers(match: str) -> None:
    rng = random.Random(7)
    rows: Rows = {}
    who: dict[str, int] = {}
    given = ["花子", "太郎", "健太", "美咲", "大輔", "陽子"]
    for number in range(60):
        start = 0
        for owner in range(rng.randint(1, 3)):
            person = number * 3 + owner
            born = f"{1940 + number}-{1 + owner * 4:02}-{rng.randint(1, 28):02}"
            name = {"family_name": rng.choice(["林", "森"]), "given_name": given[owner * 2 + number % 2]}
            for n in range(rng.randint(1, 6)):
                start += rng.randint(1, 40)
                day = str(pa.scalar(start, pa.int32()).cast(pa.date32()))
                record: dict[str, str | None] = {"phone": f"090-1000-{number * 131:04}", "seen_at": day}
                record |= name | {"birth_date": born} if n == 0 or rng.random() < 0.4 else {}
                rows[f"{person}-{n}"] = record
                who[f"{person}-{n}"] = person
            start += 200
    graph = resolved(rows, match=match)
    assert all(len({who[record] for record in part}) == 1 for part in partition(graph))
    assert graph.summary["fields"]["phone"]["recycled"]["values"] > 20
    joined = sum(
        len(part) > 1 and any(rows[each].get("given_name") is None for each in part) for part in partition(graph)
    )
    assert joined > 20


# What is told of it.


def test_identifiers_tell_when_each_owner_had_the_value() -> None:
    graph = resolved(RECYCLED)
    owner = dict(zip(graph.customers["record_id"].to_pylist(), graph.customers["customer_id"].to_pylist(), strict=True))
    days = {
        each["customer_id"]: [each["first_seen"] and str(each[end].date()) for end in ("first_seen", "last_seen")]
        for each in graph.identifiers.to_pylist()
    }
    assert days[owner["h1"]] == ["2020-01-01", "2020-06-01"] and days[owner["t1"]] == ["2022-01-01", "2022-06-01"]
    assert days[owner["u-between"]] == ["2021-01-01"] * 2 and days[owner["u-undated"]] == [None, None]


def test_a_handover_is_counted_named_and_explained() -> None:
    graph = resolved(RECYCLED)
    (only,) = changed(graph)
    assert only == {
        "key": graph.identifiers["key"][0].as_py().hex(),
        "records": 10,
        "owners": 2,
        "handovers": [["2020-06-01", "2022-01-01"]],
    }
    assert graph.summary["contested_values"] == 0
    assert set(graph.evidence["state"].to_pylist()) == {"recycled"}
    apart = graph.explain("data:h1", "data:t1")
    assert not apart.same and "changed hands" in apart.steps[0].why
    assert "2020-01-01 to 2020-06-01, the other 2022-01-01 to 2022-06-01" in apart.steps[0].why
    gap = graph.explain("data:u-between", "data:t1")
    assert "the one was seen with it 2021-01-01, the other 2022-01-01" in gap.steps[0].why
    assert "changed hands" in graph.explain("data:u-undated", "data:t1").steps[0].why
    same = graph.explain("data:u-hers", "data:h1")
    assert same.same and "in the time of one owner" in same.steps[0].why
    assert len(graph.explain_customer(same.left_customer).links) == 2
    text = str(graph.summary) + str(apart)
    assert not any(value in text for value in (PHONE, "9012345678", "花子", "佐藤", "1980"))


def test_the_command_names_and_explains_a_handover(tmp_path: Path) -> None:
    pq.write_table(table(RECYCLED), tmp_path / "data.parquet")
    told = CliRunner().invoke(main, ["resolve", str(tmp_path / "data.parquet"), "-o", str(tmp_path / "out")])
    assert told.exit_code == 0, told.output
    assert "between 2020-06-01 and 2022-01-01" in told.output
    asked = CliRunner().invoke(main, ["explain", str(tmp_path / "out"), "data:h1", "data:t1"])
    assert "2020-01-01 to 2020-06-01, the other 2022-01-01 to 2022-06-01" in asked.output
    assert not any(value in told.output + asked.output for value in (PHONE, "9012345678", "花子", "佐藤", "1980"))


def test_a_value_is_counted_though_its_key_is_not_kept() -> None:
    (only,) = changed(resolved(RECYCLED, outputs=("customers", "summary")))
    assert only["key"] is None and only["owners"] == 2


def test_a_window_of_a_limit_needs_no_table_of_identifiers() -> None:
    rows = seen(
        ("a", "2020-01-01", {"phone": PHONE}), ("b", "2022-01-01", {"phone": "080-1111-2222"}), email="one@example.jp"
    )
    fields = [each for each in enishi.fields.STANDARD_FIELDS if each.kind != "phone"]
    model = Model([*fields, Phone(limit=1, limit_days=30)])
    for outputs in (("customers", "summary"), ("customers", "identifiers", "summary")):
        assert partition(resolved(rows, model, outputs=outputs)) == groups("a b")


@pytest.mark.parametrize(
    "shared",
    [
        {"phone": PHONE},
        {"device_id": DEVICE},
        {"loyalty_card": "4111111111111111"},
        {"payment_token": "tok_0123456789"},
    ],
)
def test_what_changed_hands_is_evidence_of_nothing(shared: dict[str, str]) -> None:
    """Records between two owners share the value with both, and match neither by it."""
    rows = {name: {**row, "phone": None, **shared} for name, row in RECYCLED.items()}
    rows["u-between"] |= {"family_name": "佐藤", "postcode": "150-0001"}
    rows["h1"] |= {"postcode": "150-0001"}
    graph = resolved(rows, match="auto")
    assert partition(graph) == EXPECTED
    assert not any(f"{next(iter(shared))} equal" in each for each in graph.links["evidence"].to_pylist())
