"""The strongest path between two records, what two customers lack, and a customer's weakest cut."""

import json
import random
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import enishi
from enishi import DeviceId, Email, Identifier, LoyaltyCard, Model, PersonName, Phone
from enishi.errors import InputError
from enishi.explain import CONTESTED, Step, explain, explain_customer
from enishi.link import WORTH
from enishi.lookup import MemoryTables, ParquetTables
from enishi.simulate import sample

COLUMNS = ["email", "phone", "device_id", "login", "loyalty_card", "family_name"]
COLUMNS += ["given_name", "birth_date"]
MODEL = Model(
    [
        Email(),
        Phone(),
        DeviceId(),
        Identifier(name="login"),
        LoyaltyCard(check_digit="luhn"),
        PersonName(),
        enishi.BirthDate(),
        enishi.Postcode(),
    ]
)
HANAKO = {"family_name": "佐藤", "given_name": "花子", "birth_date": "1980-01-01"}
TARO = {"family_name": "佐藤", "given_name": "太郎", "birth_date": "1975-05-06"}


def people(*rows: dict[str, str]) -> pa.Table:
    """Records 1, 2, ... of a source."""
    columns = {name: pa.array([row.get(name) for row in rows], pa.string()) for name in COLUMNS}
    return pa.table({"record_id": [str(n + 1) for n in range(len(rows))], **columns})


def joined(names: Iterable[str], steps: Iterable[Step]) -> set[frozenset[str]]:
    """What is one when the ends of some links are, and nothing else."""
    sets = {name: {name} for name in names}
    for step in steps:
        whole = sets[step.left] | sets[step.right]
        sets.update(dict.fromkeys(whole, whole))
    return {frozenset(each) for each in sets.values()}


def partition(graph: enishi.CustomerGraph) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for row in graph.customers.to_pylist():
        found.setdefault(row["customer_id"], set()).add(f"{row['source']}:{row['record_id']}")
    return found


@pytest.fixture(scope="module")
def shop() -> enishi.CustomerGraph:
    tables = {name: table for name, table in sample(150, seed=5).tables.items() if table.num_rows}
    return enishi.resolve(tables)


def test_the_path_is_the_one_whose_weakest_link_is_strongest() -> None:
    """The device joins 1 and 3 in one step, an email and a login in two."""
    device = "6d92078a-8246-4ba4-ae5b-76104861e7dc"
    rows = people(
        {"email": "a@shop.jp", "device_id": device},
        {"email": "a@shop.jp", "login": "hanako"},
        {"login": "hanako", "device_id": device},
        {"device_id": device},
    )
    graph = enishi.resolve(rows, MODEL)
    answer = graph.explain("data:1", "data:3")
    assert [(step.by, step.strength) for step in answer.steps] == [
        ("email", WORTH["email"] - 1),
        ("login", WORTH["identifier"] - 1),
    ]
    assert answer.weakest == answer.steps[0]
    assert str(answer).splitlines()[1].endswith("[17.0] the weakest") and "weakest" not in str(answer).splitlines()[2]
    (step,) = graph.explain("data:1", "data:4").steps
    assert (step.by, step.strength) == ("device_id", pytest.approx(WORTH["device_id"] - 1.585, abs=0.001))


def test_a_value_of_two_is_stronger_than_one_of_many() -> None:
    rows = [{"phone": "090-1234-5678", "login": "us" if n < 2 else f"user{n}"} for n in range(9)]
    shared, lonely = (
        enishi.resolve(people(*rows[:n]), Model([Phone(), Identifier(name="login")], generic_limit=50)) for n in (9, 2)
    )
    strengths = [graph.explain("data:2", "data:1").steps[0].strength for graph in (shared, lonely)]
    assert strengths == [WORTH["identifier"] - 1] * 2
    only = enishi.resolve(people(*({"phone": row["phone"]} for row in rows)), Model([Phone()]))
    assert only.explain("data:1", "data:9").steps[0].strength < WORTH["phone"] - 3


def test_two_dense_groups_hang_on_their_bridge() -> None:
    device = "6d92078a-8246-4ba4-ae5b-76104861e7dc"
    left = [{"email": "a@shop.jp", "login": "a"} for _ in range(6)]
    right = [{"email": "b@shop.jp", "login": "b"} for _ in range(4)]
    left[2] = {**left[2], "device_id": device}
    right[1] = {**right[1], "device_id": device}
    graph = enishi.resolve(people(*left, *right), MODEL)
    assert graph.summary["customers"] == 1
    found = graph.explain_customer(graph.customers["customer_id"][0].as_py())
    assert (found.records, len(found.links), found.sides) == (10, 9, (6, 4))
    assert [(step.left, step.right, step.by) for step in found.cut] == [("data:3", "data:8", "device_id")]
    assert "Without these it falls into 6 and 4:" in str(found)


def test_all_that_lies_across_the_cut_is_named() -> None:
    """Taking the weakest link away alone would leave the other."""
    device, cookie = "6d92078a-8246-4ba4-ae5b-76104861e7dc", "GA1.2.1234567.17000000"
    model = Model([Email(), DeviceId(["device", "cookie"])])
    rows = [
        {"email": "a@shop.jp", "device": device, "cookie": cookie},
        {"email": "a@shop.jp", "device": None, "cookie": cookie},
        {"email": "b@shop.jp", "device": device, "cookie": cookie},
    ]
    graph = enishi.resolve(pa.Table.from_pylist([{"record_id": str(n), **row} for n, row in enumerate(rows)]), model)
    found = graph.explain_customer(graph.customers["customer_id"][0].as_py())
    assert found.sides == (2, 1) and [step.by for step in found.cut] == ["device_id", "device_id"]
    assert found.cut[0].strength > found.cut[1].strength


def test_replaying_the_explanations_gives_the_customers_again(shop: enishi.CustomerGraph) -> None:
    customers = partition(shop)
    links: list[Step] = []
    for customer, records in customers.items():
        found = shop.explain_customer(customer)
        assert found.records == len(records)
        assert joined(records, found.links) == {frozenset(records)} and len(found.links) == len(records) - 1
        if len(records) > 1:
            halves = sorted((len(side) for side in joined(records, found.links[:-1])), reverse=True)
            assert tuple(halves) == found.sides and found.cut
            assert min(step.strength for step in found.links) == max(step.strength for step in found.cut)
        links += found.links
    names = [name for records in customers.values() for name in records]
    assert joined(names, links) == {frozenset(records) for records in customers.values()}


def test_a_path_replays_and_no_other_has_a_stronger_weakest_link(shop: enishi.CustomerGraph) -> None:
    rng = random.Random(3)
    customers = partition(shop)
    for customer, records in customers.items():
        left, right = rng.choice(sorted(records)), rng.choice(sorted(records))
        answer = shop.explain(left, right)
        if left == right:
            continue
        assert answer.same and answer.steps and answer.weakest in answer.steps
        on_path = {name for step in answer.steps for name in (step.left, step.right)}
        assert joined(on_path, answer.steps) == {frozenset(on_path)} and {left, right} <= on_path
        # The bottleneck of the way through the maximum spanning tree is the best there is.
        tree = shop.explain_customer(customer).links
        for count in range(len(tree) + 1):
            if any({left, right} <= group for group in joined(records, tree[:count])):
                assert answer.weakest is not None
                assert answer.weakest.strength == tree[count - 1].strength
                break


def test_what_two_people_share_and_what_it_lacks() -> None:
    near = ("hanako.sato@example.jp", "hanako.satp@example.jp")
    graph = enishi.resolve(people({"email": near[0]}, {"email": near[1]}), MODEL, match="off")
    answer = graph.explain("data:2", "data:1")
    (step,) = answer.steps
    assert not answer.same and answer.weakest is None
    assert (step.left, step.right, step.by) == ("data:2", "data:1", "email: near") and "lacks support" in step.why
    graph = enishi.resolve(people({"email": near[0], **HANAKO}, {"email": near[1], **TARO}), MODEL, match="off")
    assert "conflict forbids" in str(graph.explain("data:1", "data:2"))
    spellings = ["hanaka@example.jp", "hanako@example.jp", "hanakb@example.jp"]
    graph = enishi.resolve(people(*({"email": email, **HANAKO} for email in spellings)), MODEL, match="off")
    assert "not the only one" in str(graph.explain("data:1", "data:2"))
    assert graph.summary["refused"] == {"email: near": {"ambiguous": 3}}


def test_where_two_records_share_nothing_their_customers_may() -> None:
    phone = "03-3123-4567"
    rows = people(
        {"email": "hanako.sato@x.jp"},
        {"email": "hanako.sato@x.jp", "phone": phone, **HANAKO},
        {"email": "taro@x.jp", "phone": phone, **TARO},
        {"email": "taro@x.jp"},
        {"email": "somebody@x.jp"},
    )
    graph = enishi.resolve(rows, MODEL)
    answer = graph.explain("data:1", "data:4")
    (step,) = answer.steps
    assert (step.left, step.right, step.by) == ("data:2", "data:3", "phone") and "contested" in step.why
    assert step.strength == WORTH["phone"] - 1 - CONTESTED and "best between their customers" in str(answer)
    assert graph.explain("data:1", "data:5").steps == ()


def test_refused_links_stand_between_customers(shop: enishi.CustomerGraph) -> None:
    assert shop.refused is not None and shop.refused.num_rows
    customer = {(row["source"], row["record_id"]): row["customer_id"] for row in shop.customers.to_pylist()}
    for link in shop.refused.to_pylist():
        left, right = ((link[f"{side}_source"], link[f"{side}_record_id"]) for side in ("left", "right"))
        assert left < right and customer[left] != customer[right]
    counted = sum(n for reasons in shop.summary["refused"].values() for n in reasons.values())
    assert counted == shop.refused.num_rows


def test_the_order_of_the_records_changes_no_explanation(shop: enishi.CustomerGraph) -> None:
    tables = {name: table for name, table in sample(150, seed=5).tables.items() if table.num_rows}
    rng = random.Random(8)
    shuffled = {
        name: tables[name].take(rng.sample(range(tables[name].num_rows), tables[name].num_rows))
        for name in rng.sample(list(tables), len(tables))
    }
    other = enishi.resolve(shuffled)
    customers = partition(shop)
    for customer, records in list(customers.items())[:60]:
        assert str(shop.explain_customer(customer)) == str(other.explain_customer(customer))
        pair = sorted(records)[0], sorted(records)[-1]
        assert str(shop.explain(*pair)) == str(other.explain(*pair))


def test_an_unknown_customer_is_an_error(shop: enishi.CustomerGraph) -> None:
    with pytest.raises(InputError, match="no customer 12"):
        shop.explain_customer(12)
    with pytest.raises(InputError, match=r"no customer 9{40}"):
        shop.explain_customer(int("9" * 40))


@pytest.fixture(scope="module")
def written(shop: enishi.CustomerGraph, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same in row groups of seventeen rows."""
    path = tmp_path_factory.mktemp("explain") / "out"
    shop.write(path)
    for name, table in shop.tables().items():
        pq.write_table(table, path / f"{name}.parquet", row_group_size=17)
    return path


def test_what_was_written_explains_like_what_is_in_memory(shop: enishi.CustomerGraph, written: Path) -> None:
    tables = ParquetTables(written)
    rng = random.Random(1)
    names = sorted(name for records in partition(shop).values() for name in records)
    for customer in list(partition(shop))[:40]:
        assert explain_customer(tables, customer) == shop.explain_customer(customer)
    for _ in range(60):
        pair = rng.choice(names), rng.choice(names)
        assert explain(tables, *pair) == shop.explain(*pair)


@pytest.mark.parametrize(("table", "column", "pick"), [
    ("customers", "customer_id", lambda rng, values: rng.sample(values, 3)),
    ("customers", "record_id", lambda rng, values: [*rng.sample(values, 2), "none"]),
    ("customers", "source", lambda rng, values: ["till", "nowhere"]),
    ("evidence", "profile", lambda rng, values: rng.sample(values, 5)),
    ("evidence", "rows", lambda rng, values: rng.sample(range(400), 5)),
    ("evidence", "key", lambda rng, values: rng.sample(values, 2)),
    ("links", "rule", lambda rng, values: []),
])  # fmt: skip
def test_rows_are_found_in_files_as_in_memory(
    shop: enishi.CustomerGraph,
    written: Path,
    table: str,
    column: str,
    pick: Callable[[random.Random, list[Any]], list[Any]],
) -> None:
    memory, files = MemoryTables(shop.tables(), shop.summary), ParquetTables(written)
    kind = shop.tables()[table].schema.field(column).type
    kind = kind.value_type if hasattr(kind, "value_type") else kind
    rng = random.Random(6)
    for _ in range(10):
        values = [] if column == "rows" else shop.tables()[table][column].to_pylist()
        wanted = {column: pa.array(pick(rng, values), kind)}
        (rows, found), (expected, known) = (each.select(table, wanted, [column]) for each in (files, memory))
        assert rows.tolist() == expected.tolist() and found[column].to_pylist() == known[column].to_pylist()


def test_what_is_no_run_has_no_tables(shop: enishi.CustomerGraph, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not the output of a run"):
        ParquetTables(tmp_path)
    shop.write(tmp_path / "out")
    (tmp_path / "out" / "customers.parquet").write_bytes((tmp_path / "out" / "evidence.parquet").read_bytes())
    with pytest.raises(InputError, match=r"customers\.parquet or summary\.json is missing or broken"):
        ParquetTables(tmp_path / "out")
    for summary in ("[1]", "{}", json.dumps(shop.summary | {"fields": 5})):
        (tmp_path / "out" / "summary.json").write_text(summary)
        with pytest.raises(InputError, match="not the output of a run"):
            ParquetTables(tmp_path / "out")


def test_a_page_that_was_written_over_is_said(shop: enishi.CustomerGraph, tmp_path: Path) -> None:
    shop.write(tmp_path / "out")
    file = tmp_path / "out" / "customers.parquet"
    written = bytearray(file.read_bytes())
    written[4 : len(written) // 2] = bytes(len(written) // 2 - 4)
    file.write_bytes(written)
    with pytest.raises(InputError, match="not the output of a run"):
        enishi.read_graph(tmp_path / "out")
    tables = ParquetTables(tmp_path / "out")
    with pytest.raises(InputError, match="not the output of a run"):
        tables.select("customers", {"customer_id": shop.customers["customer_id"][:1].combine_chunks()}, ["record_id"])
