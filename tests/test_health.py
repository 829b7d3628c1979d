"""What a graph tells of itself without the truth."""

import random
from typing import Any

import pyarrow as pa

import enishi
from enishi import DeviceId, Email, Identifier, Model
from enishi.health import LARGEST
from enishi.pipeline import Options, load, run
from enishi.read import open_data
from enishi.simulate import sample

DEVICE = "6d92078a-8246-4ba4-ae5b-76104861e7dc"
HANAKO = {"family_name": "佐藤", "given_name": "花子", "birth_date": "1980-01-01"}
TARO = {"family_name": "佐藤", "given_name": "太郎", "birth_date": "1975-05-06"}


def people(*rows: dict[str, str]) -> pa.Table:
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: pa.array([row.get(name) for row in rows], pa.string()) for name in names}
    return pa.table({"record_id": [f"{n:05}" for n in range(len(rows))], **columns})


def told(data: Any, model: Model | None = None, **options: Any) -> enishi.CustomerGraph:
    """The graph with the largest customers looked into, as the command has it."""
    model = Model() if model is None else model
    chosen = Options(weakest=True, **options)
    return load(run(open_data(data, model), model, chosen), chosen)


def health(*rows: dict[str, str], **options: Any) -> dict[str, Any]:
    found: dict[str, Any] = enishi.resolve(people(*rows), **options).summary["health"]
    return found


def test_the_largest_customers_and_where_they_are_weakest() -> None:
    model = Model([Email(max_edits=0), DeviceId(), Identifier(name="login")])
    groups = [{"email": "a@shop.jp", "login": "a"}] * 6 + [{"email": "b@shop.jp"}] * 4
    rows = [row | {"device_id": DEVICE} if n in (0, 9) else row for n, row in enumerate(groups)]
    rows += [{"email": f"user.number{n}@shop.jp"} for n in range(20) for _ in range(1 + n // 10)]
    graph = told(people(*rows), model)
    largest = graph.summary["health"]["largest"]
    assert len(largest) == LARGEST and [each["records"] for each in largest] == [10] + [2] * 9
    assert largest[0]["weakest"] == {"by": "device_id", "strength": 9.0, "links": 1, "sides": [6, 4]}
    for each in largest:
        found = graph.explain_customer(each["customer_id"])
        assert found.records == each["records"] and list(found.sides) == each["weakest"]["sides"]
    ids = [each["customer_id"] for each in largest[1:]]
    assert ids == sorted(ids)


def test_a_shops_largest_are_explained_as_explain_does() -> None:
    tables = {name: table for name, table in sample(150, seed=5).tables.items() if table.num_rows}
    graph = told(tables)
    for each in graph.summary["health"]["largest"]:
        found = graph.explain_customer(each["customer_id"])
        assert (found.cut[0].by, round(found.cut[0].strength, 2), list(found.sides)) == (
            each["weakest"]["by"], each["weakest"]["strength"], each["weakest"]["sides"],
        )  # fmt: skip
    rng = random.Random(2)
    shuffled = {
        name: tables[name].take(rng.sample(range(tables[name].num_rows), tables[name].num_rows))
        for name in rng.sample(list(tables), len(tables))
    }
    again = told(shuffled).summary
    assert (again["health"], again["refused"]) == (graph.summary["health"], graph.summary["refused"])


def test_without_evidence_the_largest_are_named_alone() -> None:
    graph = told(people(*[{"email": "a@shop.jp"}] * 3), outputs=("customers", "summary"))
    (only,) = graph.summary["health"]["largest"]
    assert only["records"] == 3 and only["weakest"] is None


def test_what_contested_values_would_have_joined() -> None:
    home = {"phone": "03-3123-4567"}
    couple = [HANAKO | home, TARO | home, HANAKO | home]
    alone = [{"email": "somebody@example.jp", "given_name": "次郎"}]
    assert health(*couple, *alone)["cut"] == {"groups": 1, "customers": 2, "largest": [2]}
    assert health(*alone)["cut"] == {"groups": 0, "customers": 0, "largest": []}


def test_records_that_nothing_could_link() -> None:
    generic = [{"device_id": DEVICE, "email": f"user.number{n}@shop.jp"} for n in range(30)]
    whole = HANAKO | {"postcode": "150-0001"}
    rows = [*generic, {"device_id": DEVICE}, {"family_name": "佐藤"}, {}, whole, {"email": "a@shop.jp"}]
    assert health(*rows, match="off")["unlinkable"] == {"records": 3, "generic_identifiers_only": 1}
    # Without rules a name and a date are nothing; with matching a name alone is something.
    assert health(*rows, exact=True)["unlinkable"]["records"] == 4
    assert health(*rows)["unlinkable"] == {"records": 2, "generic_identifiers_only": 1}


def test_what_the_match_weights_promise() -> None:
    assert health(HANAKO, HANAKO, match="off")["expected"] is None
    tables = {name: table for name, table in sample(400, seed=6).tables.items() if table.num_rows}
    graph = enishi.resolve(tables, match="auto", threshold=-2)
    weights = [weight for weight in graph.links["match_weight"].to_pylist() if weight is not None]
    found = graph.summary["health"]
    assert found["near_threshold"] == {
        "threshold": -2, "within": 2.0, "links": sum(weight < 0 for weight in weights)
    }  # fmt: skip
    wrong = sum(1 - 1 / (1 + 2**-weight) for weight in weights)
    assert found["expected"]["links"] == len(weights) > 0
    assert abs(found["expected"]["wrong_links"] - wrong) < 0.01
    assert abs(found["expected"]["precision"] - (1 - wrong / len(weights))) < 1e-5
    strict = enishi.resolve(tables, match="auto", threshold=12).summary["health"]
    assert strict["expected"]["precision"] > found["expected"]["precision"]


def test_a_graph_of_nothing() -> None:
    empty = people({"email": "a@shop.jp"}).slice(0, 0)
    found = enishi.resolve(empty, match="auto").summary["health"]
    assert found["largest"] == [] and found["unlinkable"]["records"] == 0
