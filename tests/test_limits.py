"""What a customer may not be: by brute force on random worlds, by example, and against what tries to get around it."""

import itertools
import json
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

import enishi
from enishi import (
    ConfigError,
    DeviceId,
    Email,
    HashedEmail,
    Identifier,
    InputError,
    LoyaltyCard,
    Model,
    PaymentToken,
    PersonName,
    Phone,
    Source,
)
from enishi._tables import Profiles
from enishi.cli import main
from enishi.config import read_config, to_toml
from enishi.pairs import COLUMNS

DAY = 86_400_000_000
Record = tuple[str, str]
Row = dict[str, str | None]


def pairs(*rows: Sequence[str | int], match: Sequence[object] | None = None) -> pa.Table:
    """A table of pairs from ("web:w1", "app:a1") and the like."""
    cells = [[part for record in row for part in str(record).split(":")] for row in rows]
    columns = {name: pa.array([row[i] for row in cells], pa.string()) for i, name in enumerate(COLUMNS)}
    return pa.table(columns | ({} if match is None else {"match": match}))


def people(**rows: Row) -> dict[str, pa.Table]:
    """Sources from records named by their source's first letter: w1, a1, t1."""
    names = {"w": "web", "a": "app", "t": "till"}
    columns = list(dict.fromkeys(column for row in rows.values() for column in row))
    found = {}
    for letter, name in names.items():
        mine = {record: row for record, row in rows.items() if record[0] == letter}
        if mine:
            cells = {column: pa.array([row.get(column) for row in mine.values()], pa.string()) for column in columns}
            found[name] = pa.table({"record_id": list(mine), **cells})
    return found


def partition(data: Any, model: Model | None = None, **options: Any) -> set[str]:
    """The customers, each as the ids of its records."""
    return customers_of(enishi.resolve(data, model, **options))


def customers_of(graph: enishi.CustomerGraph) -> set[str]:
    found = defaultdict(list)
    for row in graph.customers.to_pylist():
        found[row["customer_id"]].append(row["record_id"])
    return {" ".join(sorted(records)) for records in found.values()}


# Random worlds.


@dataclass
class World:
    """Records of a few people who share what they have, and what is declared about them."""

    rows: dict[str, list[Row]]
    model: Model
    must: list[tuple[Record, Record]] = field(default_factory=list)
    cannot: list[tuple[Record, Record]] = field(default_factory=list)
    link_only: bool = False
    match: str = "off"

    def resolve(self, rng: random.Random | None = None) -> enishi.CustomerGraph:
        """The customers; with a generator, of permuted records, tables and sources."""
        names = list(self.rows)
        rows = {name: list(listed) for name, listed in self.rows.items()}
        must, cannot = list(self.must), list(self.cannot)
        if rng is not None:
            for each in (names, must, cannot, *rows.values()):
                rng.shuffle(each)
            must = [pair[:: rng.choice([1, -1])] for pair in must]
            cannot = [pair[:: rng.choice([1, -1])] for pair in cannot]
        columns = list(next(iter(self.rows.values()))[0])
        data = {
            name: pa.table({column: pa.array([row[column] for row in rows[name]], pa.string()) for column in columns})
            for name in names
        }
        return enishi.resolve(
            data,
            self.model,
            must_link=linked(must),
            cannot_link=linked(cannot),
            link_only=self.link_only,
            match=self.match,
            threads=1,
        )


def linked(named: Iterable[tuple[Record, Record]]) -> pa.Table:
    cells = [[*left, *right] for left, right in named]
    return pa.table({name: pa.array([row[i] for row in cells], pa.string()) for i, name in enumerate(COLUMNS)})


def world(seed: int) -> World:
    rng = random.Random(seed)
    persons = []
    for i in range(rng.randint(2, 6)):
        home = rng.randrange(3)
        persons.append(
            {
                "email": [f"user{'abcd'[i % 4]}{n}x@shop.jp" for n in range(2)],
                "phone": [f"0901111{i}00{n}" for n in range(3)] + [f"031234567{home}"],
                "loyalty_card": [f"80{i}{n}4" for n in range(4)],
                "device_id": [f"{home + 10:02x}" * 16, f"{i + 20:02x}" * 16, f"{i + 40:02x}" * 16],
                "given_name": [rng.choice(["hanako", "taro", "saburo"])],
                "family_name": [["sato", "takahashi", "suzuki"][home]],
                "birth_date": [f"198{i % 3}-0{1 + i % 2}-11"],
                "postcode": [f"150000{home}"],
            }
        )
    rate = {"email": 0.4, "phone": 0.4, "loyalty_card": 0.4, "device_id": 0.3}
    rows: dict[str, list[Row]] = {name: [] for name in rng.sample(["web", "app", "till", "kiosk"], rng.randint(2, 4))}
    for n in range(rng.randint(4, 30)):
        person = rng.choice(persons)
        known = rng.random() < 0.6
        row: Row = {}
        for column, values in person.items():
            there = rng.random() < rate.get(column, 0.6 if known else 0.0)
            row[column] = rng.choice(values) if there else None
        row["phone_2"] = rng.choice(person["phone"]) if rng.random() < 0.1 else None
        row["seen_at"] = f"2026-01-{rng.randint(1, 28):02}" if rng.random() < 0.8 else None
        name = rng.choice(list(rows))
        for _ in range(rng.choice([1, 1, 1, 2, 3])):
            rows[name].append({"record_id": f"{name[0]}{n}-{len(rows[name])}", **row})
    rows = {name: listed for name, listed in rows.items() if listed}
    records = [(name, str(row["record_id"])) for name, listed in rows.items() for row in listed]

    def limit() -> dict[str, int]:
        if rng.random() < 0.5:
            return {}
        return {"limit": rng.randint(1, 3)} | ({"limit_days": rng.randint(1, 10)} if rng.random() < 0.4 else {})

    fields = [
        Email(max_edits=rng.choice([0, 1]), **limit()),
        Phone(["phone", "phone_2"], **limit()),
        LoyaltyCard(**limit()),
        DeviceId(namespace="idfa", **limit()),
    ]
    fields += [PersonName(), enishi.BirthDate(), enishi.Postcode(), enishi.Time()]
    unique = [name for name in rows if rng.random() < 0.3]
    made = World(
        rows,
        Model(fields, sources=[Source(name, unique=True) for name in unique], generic_limit=rng.choice([2, 20])),
        link_only=rng.random() < 0.15,
        match=rng.choice(["off", "off", "auto"]),
    )
    if rng.random() < 0.6:
        made.cannot = [
            pair for _ in range(rng.randint(1, 6)) if (pair := tuple(rng.choices(records, k=2)))[0] != pair[1]
        ]
    if rng.random() < 0.6:
        made.must = [tuple(rng.choices(records, k=2)) for _ in range(rng.randint(1, 4))]
    return made


def broken(world: World, graph: enishi.CustomerGraph) -> list[str]:
    """By brute force, everything declared that does not hold."""
    table = graph.customers.to_pylist()
    customer = {(row["source"], row["record_id"]): row["customer_id"] for row in table}
    members = defaultdict(list)
    for record, number in customer.items():
        members[number].append(record)
    found = [f"must-link {pair}" for pair in world.must if customer[pair[0]] != customer[pair[1]]]
    found += [f"cannot-link {pair}" for pair in world.cannot if customer[pair[0]] == customer[pair[1]]]
    unique = {source.name for source in world.model.sources if source.unique}
    unique |= set(world.rows) if world.link_only else set()
    for records in members.values():
        sources = [source for source, _ in records if source in unique]
        found += [f"unique {records}"] * (len(sources) != len(set(sources)))
    fixed = {record for pair in world.must for record in pair}
    carried = defaultdict(list)
    for node in graph.identifiers.to_pylist():
        if not node["generic"]:
            seen = (node["first_seen"], node["last_seen"])
            carried[node["customer_id"], node["field"]].append(None if None in seen else seen)
    for declared in world.model.fields:
        most, days = getattr(declared, "limit", None), getattr(declared, "limit_days", None)
        for number, records in members.items():
            times = carried[number, declared.name]
            # A record, or what must-links join, may break a limit by itself; then it is joined with nothing else.
            if most is not None and len(records) > 1 and not fixed.issuperset(records) and at_once(times, days) > most:
                found.append(f"{declared.name}: {len(times)} of {records}")
    return found


def at_once(times: Sequence[tuple[Any, Any] | None], days: int | None) -> int:
    """How many of some intervals meet one window of so many days, at most."""
    if days is None:
        return len(times)
    import datetime

    always = sum(seen is None for seen in times)
    known = [seen for seen in times if seen is not None]
    window = datetime.timedelta(days=days)
    starts = [last for _, last in known] + [first - window for first, _ in known]
    return always + max((sum(f <= t + window and t <= last for f, last in known) for t in starts), default=0)


def test_nothing_that_is_declared_is_ever_broken() -> None:
    refused: set[str] = set()
    contradictions = 0
    for seed in range(400):
        made = world(seed)
        try:
            graph = made.resolve()
        except InputError as error:
            assert "must-links join" in str(error), seed
            contradictions += 1
            continue
        assert not broken(made, graph), (seed, broken(made, graph))
        refused |= {name.split(":")[0] for name, counts in graph.summary["limits"].items() if counts["refused_joins"]}
        for name, counts in graph.summary["limits"].items():
            assert (counts["refused_joins"] > 0) == (counts["customers"] > 0), (seed, name)
    assert refused == {"cannot-link", "unique source", "limit"}
    assert contradictions > 10


def test_limits_do_not_depend_on_the_order_of_anything() -> None:
    for seed in range(120):
        made = world(seed)
        try:
            expected = made.resolve()
        except InputError:
            continue
        rng = random.Random(seed)
        for _ in range(2):
            other = made.resolve(rng)
            assert customers_of(other) == customers_of(expected), seed
            assert other.summary["limits"] == expected.summary["limits"], seed
            names = ["customer_id", "field", "key"]
            assert rows_of(other.identifiers, names) == rows_of(expected.identifiers, names), seed
            if not made.must:  # whose rows are other rows
                assert rows_of(other.links, other.links.column_names) == rows_of(
                    expected.links, expected.links.column_names
                )


def rows_of(table: pa.Table, names: list[str]) -> list[str]:
    return sorted(str(row) for row in table.select(names).to_pylist())


def test_limits_that_nothing_breaks_change_nothing() -> None:
    for seed in range(120):
        made = world(seed)
        made.must, made.cannot, made.link_only = [], [], False
        fields = [each for each in made.model.fields if not hasattr(each, "limit")]
        options = {"generic_limit": made.model.generic_limit}
        plain = World(made.rows, Model([Email(), Phone(["phone", "phone_2"]), LoyaltyCard(), *fields], **options))
        wide = Model(
            [Email(limit=99), Phone(["phone", "phone_2"], limit=99), LoyaltyCard(limit=99), *fields], **options
        )
        one, other = plain.resolve(), World(made.rows, wide).resolve()
        assert customers_of(one) == customers_of(other), seed
        for name in ("identifiers", "links", "evidence"):
            assert getattr(one, name).equals(getattr(other, name)), (seed, name)
        assert one.summary["limits"] == {}
        none = {"refused_joins": 0, "customers": 0}
        names = {f"limit: {name}" for name in ("email", "phone", "loyalty_card") if name in other.summary["fields"]}
        assert other.summary["limits"] == dict.fromkeys(names, none)


# Unique sources.

WEB = Model(sources=[Source("web", unique=True)])


def test_no_two_records_of_a_unique_source_are_one_customer() -> None:
    data = people(w1={"email": "a@x.jp"}, w2={"email": "b@x.jp"}, a1={"email": "a@x.jp"}, a2={"email": "b@x.jp"})
    assert partition(data, WEB) == partition(data) == {"a1 w1", "a2 w2"}
    data = people(w1={"email": "a@x.jp"}, w2={"email": "a@x.jp"}, a1={"email": "b@x.jp"})
    assert partition(data) == {"w1 w2", "a1"}
    assert partition(data, WEB) == partition(data, link_only=True) == {"w1", "w2", "a1"}


def test_a_third_source_does_not_join_two_records_of_a_unique_one() -> None:
    data = people(
        w1={"email": "a@x.jp"},
        a1={"email": "a@x.jp", "phone": "09012345678"},
        w2={"phone": "09012345678", "email": "c@x.jp"},
        a2={"email": "c@x.jp"},
    )
    assert partition(data) == {"a1 a2 w1 w2"}
    graph = enishi.resolve(data, WEB)
    assert customers_of(graph) == {"a1 w1", "a2 w2"}
    assert graph.summary["limits"] == {"unique source: web": {"refused_joins": 1, "customers": 2}}
    phones = [row for row in graph.identifiers.to_pylist() if row["field"] == "phone"]
    assert len({row["customer_id"] for row in phones}) == 2, "it belongs to two"
    assert [graph.summary["fields"][name]["limited"] for name in ("email", "phone")] == [0, 1]
    assert "limited" in str(graph.explain("web:w2", "app:a1"))


def test_names_tell_to_whom_a_shared_value_leads() -> None:
    phone = "09012345678"
    data = people(
        w1={"phone": phone, "given_name": "花子", "family_name": "佐藤"},
        w2={"phone": phone, "given_name": "太郎", "family_name": "佐藤"},
        a1={"phone": phone, "given_name": "花子", "family_name": "佐藤"},
        a2={"phone": phone},
    )
    assert partition(data, WEB) == {"a1 w1", "w2", "a2"}


def test_those_whom_a_limit_does_not_concern_stay_together() -> None:
    card = {"loyalty_card": "80011"}
    till = {f"t{n}": card | {"payment_token": f"tok_{n:09}"} for n in range(9)}
    data = people(w1=card, w2=card | {"email": "b@x.jp"}, **till)
    assert partition(data, WEB) == {"w1", "w2", " ".join(till)}
    assert partition(data, WEB, match="auto") == partition(data, WEB)


def test_equal_records_of_a_unique_source_are_as_many_customers() -> None:
    same = {
        "email": "a@x.jp",
        "given_name": "花子",
        "family_name": "佐藤",
        "birth_date": "1980-01-01",
        "postcode": "1500001",
    }
    for match in ("off", "auto"):
        graph = enishi.resolve(people(w1=same, w2=same, w3=same, a1=same), WEB, match=match)
        assert customers_of(graph) == {"w1", "w2", "w3", "a1"}
        assert sorted(row["records"] for row in graph.identifiers.to_pylist()) == [1, 1, 1, 1]
        assert graph.links.num_rows == 0
    assert partition(people(w1=same, w2=same, a1=same, a2=same), WEB) == {"w1", "w2", "a1 a2"}


def test_rules_and_misspellings_obey_a_unique_source() -> None:
    who = {"given_name": "花子", "family_name": "佐藤", "birth_date": "1980-01-01", "postcode": "1500001"}
    data = people(w1=who | {"email": "a1@x.jp"}, w2=who | {"email": "b7@x.jp"}, a1=who)
    assert partition(data, match="off") == {"a1 w1 w2"}
    assert partition(data, WEB, match="off") == {"a1", "w1", "w2"}
    near = people(
        w1={"phone": "09012345678", "postcode": "1500001"}, w2={"phone": "09012345679", "postcode": "1500001"}
    )
    assert partition(near) == {"w1 w2"}
    assert partition(near, WEB) == {"w1", "w2"}


def test_repeated_rows_that_are_collapsed_are_one_record() -> None:
    data = {"web": pa.table({"record_id": ["w1", "w1"], "email": ["a@x.jp"] * 2}), **people(a1={"email": "a@x.jp"})}
    assert partition(data, WEB, duplicates="keep-identical") == {"a1 w1"}


def test_equal_records_apart_are_counted_and_live_together() -> None:
    same = {"phone": "09012345678", "family_name": "佐藤"}
    graph = enishi.resolve(people(w1=same, w2=same, w3=same), WEB, household=True)
    assert len(customers_of(graph)) == 3
    assert graph.summary["health"]["cut"] == {"groups": 1, "customers": 3, "largest": [3]}
    assert graph.customers["household_id"].to_pylist() == [graph.customers["customer_id"][0].as_py()] * 3
    assert "limited" in str(graph.explain("web:w1", "web:w3"))


# What is told of joins that a limit forbade.


@pytest.mark.parametrize("match", ["off", "auto"])
def test_a_refused_link_names_the_limit(match: str) -> None:
    who = {"given_name": "花子", "family_name": "佐藤", "birth_date": "1980-01-01", "postcode": "1500001"}
    data = people(w1=who | {"email": "a1@x.jp"}, w2=who | {"email": "b7@x.jp"}, a1=who)
    graph = enishi.resolve(data, WEB, match=match)
    assert {row["reason"] for row in graph.refused.to_pylist()} == {"limit"}
    assert {reason for reasons in graph.summary["refused"].values() for reason in reasons} == {"limit"}
    assert ("match" in graph.summary["refused"]) == (match == "auto")
    assert "but a limit forbids it" in str(graph.explain("web:w2", "app:a1"))


def test_a_refused_misspelling_names_the_limit() -> None:
    home = {"postcode": "1500001"}
    data = people(w1=home | {"phone": "09012345678"}, w2=home | {"phone": "09012345679"})
    graph = enishi.resolve(data, cannot_link=pairs(("web:w1", "web:w2")))
    assert graph.summary["refused"] == {"phone: near": {"limit": 1}}
    assert "but a limit forbids it" in str(graph.explain("web:w1", "web:w2"))


def test_every_customer_is_explained() -> None:
    """Whatever holds a customer together, its explanation hangs together too, and so do the scores over thresholds."""
    reasons: set[str] = set()
    for seed in range(120):
        made = world(seed)
        try:
            graph = made.resolve()
        except InputError:
            continue
        reasons |= set(graph.refused["reason"].to_pylist())
        members = defaultdict(list)
        for row in graph.customers.to_pylist():
            members[row["customer_id"]].append(f"{row['source']}:{row['record_id']}")
        for number, records in members.items():
            assert len(graph.explain_customer(number).links) == len(records) - 1, (seed, records)
            if len(records) > 1:
                found = graph.explain(min(records), max(records))
                assert found.same and found.steps, (seed, records)
        for row in graph.refused.to_pylist():
            ends = (f"{row[f'{side}_source']}:{row[f'{side}_record_id']}" for side in ("left", "right"))
            assert graph.explain(*ends).steps, (seed, row)
    assert "limit" in reasons


# Must-links and cannot-links.


def test_a_must_link_joins_what_shares_nothing_and_is_told() -> None:
    data = people(w1={"email": "a@x.jp"}, w2={"email": "b@x.jp"}, a1={"email": "b@x.jp"})
    graph = enishi.resolve(data, must_link=pairs(("web:w2", "web:w2"), ("app:a1", "web:w1"), ("web:w1", "app:a1")))
    assert customers_of(graph) == {"a1 w1 w2"}
    (link,) = graph.links.to_pylist()
    assert (link["left_record_id"], link["right_record_id"], link["rule"]) == ("a1", "w1", "must-link")
    assert link["evidence"] == "declared in row 2 of the must-link table"
    assert graph.summary["links"] == {"must-link": 1}
    assert "must-link: declared in row 2" in str(graph.explain("web:w1", "web:w2"))
    (weakest,) = graph.explain_customer(graph.customers["customer_id"][0].as_py()).cut
    assert weakest.by == "email", "nothing that is observed is as strong as what somebody declared"
    assert partition(data, must_link=pairs(("web:w1", "app:a1")), exact=True) == {"a1 w1 w2"}


def test_a_must_link_makes_bare_records_linkable() -> None:
    data = people(w1={"email": None}, w2={"email": None}, a1={"email": "b@x.jp"})
    graph = enishi.resolve(data, must_link=pairs(("web:w1", "app:a1")))
    assert graph.summary["health"]["unlinkable"] == {"records": 1, "generic_identifiers_only": 0}


def test_a_must_link_survives_where_names_conflict() -> None:
    one = {"given_name": "花子", "family_name": "佐藤", "birth_date": "1980-01-01", "phone": "0312345678"}
    other = one | {"given_name": "太郎", "birth_date": "1975-05-06"}
    data = people(w1=one, a1=other, t1=one | {"email": "t@x.jp"})
    assert partition(data) == {"t1 w1", "a1"}
    assert partition(data, must_link=pairs(("web:w1", "app:a1"))) == {"a1 t1 w1"}


def test_of_equal_records_one_alone_can_be_named() -> None:
    same = {"given_name": "花子", "family_name": "佐藤"}
    data = people(w1=same, w2=same, w3=same, a1={"email": "a@x.jp"})
    assert partition(data, must_link=pairs(("web:w2", "app:a1"))) == {"w1", "w3", "a1 w2"}
    same = {"email": "a@x.jp"}
    data = people(w1=same, w2=same, w3=same, a1=same)
    assert partition(data, cannot_link=pairs(("web:w2", "web:w3"))) == {"a1 w1", "w2", "w3"}


def test_to_name_records_makes_no_value_generic() -> None:
    same = {"loyalty_card": "80011", "given_name": "花子", "family_name": "佐藤"}
    purchases = {f"t{n:02}": same for n in range(40)}
    data = people(a1={"email": "a@x.jp"}, **purchases)
    table = pairs(*((f"till:{record}", "app:a1") for record in purchases))
    assert partition(data, cannot_link=table) == partition(data) == {"a1", " ".join(purchases)}


def test_a_cannot_link_holds_over_the_whole_cluster() -> None:
    data = people(
        w1={"email": "a@x.jp"},
        a1={"email": "a@x.jp", "phone": "09012345678"},
        t1={"phone": "09012345678", "loyalty_card": "80011"},
        t2={"loyalty_card": "80011"},
    )
    assert partition(data) == {"a1 t1 t2 w1"}
    graph = enishi.resolve(data, cannot_link=pairs(("web:w1", "till:t2")))
    assert customers_of(graph) == {"a1 w1", "t1 t2"}
    assert graph.summary["limits"] == {"cannot-link": {"refused_joins": 1, "customers": 2}}


def test_a_table_of_labels_serves_both() -> None:
    data = people(w1={"email": "a@x.jp"}, w2={"email": "a@x.jp"}, a1={"email": "b@x.jp"})
    both = pairs(("web:w1", "app:a1"), ("web:w1", "web:w2"), match=[True, False])
    assert partition(data, must_link=both, cannot_link=both) == {"a1 w1", "w2"}
    assert partition(data, must_link=pl.from_arrow(both)) == {"a1 w1 w2"}
    assert partition(data, cannot_link=both.to_batches()[0]) == {"w1", "w2", "a1"}


def test_record_ids_may_be_numbers() -> None:
    data = {"web": pa.table({"id": [1, 2], "email": ["a@x.jp", "b@x.jp"]})}
    table = pa.table(dict(zip(COLUMNS, (["web"], [1.0], ["web"], [2]), strict=True)))
    graph = enishi.resolve(data, must_link=table)
    assert graph.summary["customers"] == 1


ERRORS = [
    (pairs(("web:w1", "app:a9")), None, r"must-link table, row 1: there is no record of its right_record_id"),
    (pairs(("web:w1", "app:a1"), ("wbe:w1", "app:a1")), None, r"must-link table, row 2: its left source is not among"),
    (pairs(("web:w1", "app:a1"), match=["perhaps"]), None, r"must-link table, row 1: match is neither true nor false"),
    (
        None,
        pairs(("web:w1", "app:a1"), ("web:w1", "web:w1")),
        r"cannot-link table, row 2 keeps a record apart from its",
    ),
    (7, None, r"the must-link table is int: neither a path nor anything that speaks Arrow"),
    (pa.table({"left_source": ["web"]}), None, r"the must-link table needs one column 'left_record_id'"),
    (None, pl.DataFrame({"left_source": ["web"], "left_record": ["w1"]}), r"'left_record_id'; did you mean 'left_rec"),
    (
        pairs(("web:w1", "app:a1"), ("web:w2", "web:w2"), ("till:t1", "app:a1"), ("app:a1", "web:w1")),
        pairs(("web:w2", "app:a1"), ("till:t1", "web:w1")),
        r"cannot-link table, row 2 keeps apart two records that must-links join: must-link table, "
        r"row 3 \(till – app\), row 1 \(app – web\); take one of the rows out",
    ),
]


@pytest.mark.parametrize(("must", "cannot", "message"), ERRORS)
def test_errors_name_rows_and_no_values(must: Any, cannot: Any, message: str) -> None:
    data = people(w1={"email": "a@x.jp"}, w2={"email": "b@x.jp"}, a1={"email": "c@x.jp"}, t1={"email": "d@x.jp"})
    with pytest.raises(InputError, match=message) as caught:
        enishi.resolve(data, must_link=must, cannot_link=cannot)
    assert not any(value in str(caught.value) for value in ("w1", "w2", "a1", "a9", "wbe", "perhaps", "@"))


def test_nulls_and_bytes_that_are_no_text_name_no_record() -> None:
    data = people(w1={"email": "a@x.jp"}, a1={"email": "c@x.jp"})
    for value in (pa.array([None], pa.string()), pa.array([b"\xff\x00"], pa.binary())):
        table = pa.table(dict(zip(COLUMNS, (["web"], value, ["app"], ["a1"]), strict=True)))
        with pytest.raises(InputError, match=r"row 1: there is no record of its left_record_id"):
            enishi.resolve(data, cannot_link=table)
        table = pa.table(dict(zip(COLUMNS, (value, ["w1"], ["app"], ["a1"]), strict=True)))
        with pytest.raises(InputError, match=r"row 1: its left source is not among the inputs"):
            enishi.resolve(data, cannot_link=table)


def test_must_links_that_join_a_unique_source_are_an_error() -> None:
    data = people(w1={"email": "a@x.jp"}, w2={"email": "b@x.jp"}, a1={"email": "c@x.jp"})
    table = pairs(("web:w1", "app:a1"), ("web:w2", "app:a1"))
    assert partition(data, must_link=table) == {"a1 w1 w2"}
    with pytest.raises(InputError, match=r"source 'web' is unique, but must-links join .*row 1 \(web – app\), row 2"):
        enishi.resolve(data, WEB, must_link=table)


# Limits of fields.


def test_a_customer_has_no_more_values_than_the_limit() -> None:
    cards = {f"t{n}": {"email": "a@x.jp", "loyalty_card": f"8001{n}"} for n in range(4)}
    data = people(w1={"email": "a@x.jp"}, w2={"email": "a@x.jp", "phone": "09012345678"}, **cards)
    everything = "t0 t1 t2 t3 w1 w2"
    assert partition(data, Model([Email(), LoyaltyCard(limit=4)])) == {everything}
    graph = enishi.resolve(data, Model([Email(), LoyaltyCard(limit=3)]), match="off")
    assert customers_of(graph) == {"t0", "t1", "t2", "t3", "w1 w2"}
    assert graph.summary["limits"] == {"limit: loyalty_card": {"refused_joins": 1, "customers": 4}}


@pytest.mark.parametrize(
    "declared",
    [Email, Phone, DeviceId, PaymentToken, LoyaltyCard, HashedEmail, lambda **o: Identifier(name="login", **o)],
)
def test_every_identifier_takes_a_limit(declared: Any) -> None:
    values = {
        "email": ["a@x.jp", "b@x.jp"],
        "phone": ["09012345678", "09087654321"],
        "device_id": ["6d92078a-8246-4ba4-ae5b-76104861e7dc", "0d92078a-8246-4ba4-ae5b-76104861e7d1"],
        "payment_token": ["tok_123456", "tok_654321"],
        "loyalty_card": ["80011", "80022"],
        "hashed_email": [f"{n:064x}".replace("0", "a") for n in (7, 8)],
        "login": ["hanako1", "taro1"],
    }
    name = declared().name
    data = pa.table({"record_id": ["1", "2"], "member": ["m1", "m1"], name: values[name]})
    member = Identifier("member", name="member")
    assert partition(data, Model([member, declared()])) == {"1 2"}
    assert partition(data, Model([member, declared(limit=2)])) == {"1 2"}
    assert partition(data, Model([member, declared(limit=1)])) == {"1", "2"}


def test_a_record_that_breaks_a_limit_by_itself_joins_nobody() -> None:
    two = {"phone": "09012345678", "phone_2": "09087654321", "email": "a@x.jp"}
    model = Model([Email(), Phone(["phone", "phone_2"], limit=1)])
    assert partition(people(w1=two, w2={"email": "a@x.jp"}, a1={"email": "a@x.jp"}), model) == {"w1", "a1 w2"}
    assert partition(people(w1=two, w2=two), model) == {"w1", "w2"}
    assert partition(people(w1=two, a1=two), model, must_link=pairs(("web:w1", "app:a1"))) == {"a1 w1"}


def test_a_limit_may_count_within_a_window_of_time() -> None:
    seen = {"t1": "2026-01-01", "t2": "2026-01-31", "t3": "2026-03-02"}
    rows = {
        record: {"email": "a@x.jp", "device_id": f"{record[1]}f" * 16, "seen_at": day} for record, day in seen.items()
    }
    data = people(**rows)

    def found(**limit: int) -> set[str]:
        return partition(data, Model([Email(), DeviceId(**limit), enishi.Time()]))

    assert found(limit=1) == found(limit=2) == {"t1", "t2", "t3"}
    assert found(limit=3) == {"t1 t2 t3"}
    assert found(limit=1, limit_days=29) == {"t1 t2 t3"}
    assert found(limit=1, limit_days=30) == {"t1", "t2", "t3"}
    assert found(limit=2, limit_days=59) == {"t1 t2 t3"}
    assert found(limit=2, limit_days=60) == {"t1", "t2", "t3"}
    # A device without a time may have been there at any.
    data["till"] = data["till"].set_column(
        data["till"].column_names.index("seen_at"), "seen_at", pa.array(["2026-01-01", None, "2026-03-02"])
    )
    assert found(limit=1, limit_days=1) == {"t1", "t2", "t3"}


def test_generic_values_do_not_count() -> None:
    rows = {f"t{n}": {"email": "a@x.jp", "loyalty_card": "80011" if n else "99999"} for n in range(3)}
    model = Model([Email(), LoyaltyCard(limit=1, generic="99999")])
    assert partition(people(**rows), model) == {"t0 t1 t2"}


# Allow lists.


def test_a_value_on_the_allow_list_is_never_generic() -> None:
    rows = {f"t{n}": {"email": "family@x.jp", "phone": f"0901234{n:04}"} for n in range(30)}
    everybody = " ".join(sorted(rows))
    assert len(partition(people(**rows))) == 30
    assert partition(people(**rows), Model([Email(allow="Family@x.jp"), Phone()])) == {everybody}
    info = {record: row | {"email": "info@x.jp"} for record, row in rows.items()}
    assert len(partition(people(**info), Model([Email(), Phone()], generic_limit=99))) == 30
    graph = enishi.resolve(people(**info), Model([Email(allow=["info@x.jp"]), Phone()]))
    assert customers_of(graph) == {everybody}
    assert graph.summary["fields"]["email"]["generic"]["values"] == 0


def test_an_allowed_address_is_allowed_as_its_hash() -> None:
    from enishi._normalize import sha256

    rows = {f"t{n}": {"phone": f"0901234{n:04}", "hashed_email": sha256(b"family@x.jp")} for n in range(30)}
    data = people(w1={"email": "family@x.jp"}, **rows)
    assert len(partition(data, Model([Email(), HashedEmail(), Phone()]))) == 31
    assert len(partition(data, Model([Email(allow="family@x.jp"), HashedEmail(), Phone()]))) == 1


# What is declared.


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: LoyaltyCard(limit=0), r"LoyaltyCard\.limit: must be from 1 to"),
        (lambda: Phone(limit=True), r"Phone\.limit: must be a whole number"),
        (lambda: DeviceId(limit=1, limit_days=0), r"DeviceId\.limit_days: must be from 1 to"),
        (lambda: DeviceId(limit_days=9), r"DeviceId\.limit_days: is the window of a limit"),
        (lambda: DeviceId(limit=1, hashed="md5"), r"DeviceId\.limit: would count an id and its hash as two"),
        (lambda: Email(generic="a@x.jp", allow="a@x.jp"), r"Email\.allow: holds a value that is listed as generic"),
        (lambda: Source("web", unique="yes"), r"Source\.unique: must be true or false"),
        (lambda: Model(must_link=""), r"Model\.must_link: must be a text"),
    ],
)
def test_wrong_declarations_are_config_errors(make: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        make()


def test_a_configuration_says_it_all_and_back(tmp_path: Path) -> None:
    path = tmp_path / "enishi.toml"
    path.write_text(
        """
        must_link = "must.parquet"
        cannot_link = "cannot.csv"
        [fields.loyalty_card]
        limit = 3
        limit_days = 90
        allow = ["80011"]
        [sources.web]
        unique = true
        """
    )
    model = read_config(path)
    declared = LoyaltyCard(limit=3, limit_days=90, allow="80011")
    assert model.fields == (declared,) and model.source("web").unique
    assert model.must_link == str(tmp_path / "must.parquet")
    path.write_text(to_toml(model))
    assert read_config(path) == model
    path.write_text("[fields.loyalty_card]\nlimit = 0\n")
    with pytest.raises(ConfigError, match=r"enishi\.toml: fields\.loyalty_card\.limit: must be from 1 to"):
        read_config(path)


# The command line.


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    data = people(
        w1={"email": "a@x.jp"},
        w2={"email": "a@x.jp"},
        w3={"email": "b@x.jp"},
        a1={"email": "c@x.jp"},
        a2={"email": "b@x.jp"},
    )
    for name, table in data.items():
        pq.write_table(table, tmp_path / f"{name}.parquet")
    pq.write_table(pairs(("web:w1", "app:a1")), tmp_path / "must.parquet")
    csv.write_csv(pairs(("web:w3", "app:a2")), tmp_path / "cannot.csv")
    with pa.OSFile(str(tmp_path / "both.arrow"), "wb") as file:
        table = pairs(("web:w1", "app:a1"), ("web:w3", "app:a2"), match=[1, 0])
        with pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table)
    return tmp_path


def written(out: Path) -> set[str]:
    found = defaultdict(list)
    for row in pq.read_table(out / "customers.parquet").to_pylist():
        found[row["customer_id"]].append(row["record_id"])
    return {" ".join(sorted(records)) for records in found.values()}


def test_flags(shop: Path) -> None:
    inputs = [shop / "web.parquet", shop / "app.parquet"]
    expected = {
        (): {"w1 w2", "a2 w3", "a1"},
        ("--link-only",): {"w1", "w2", "a2 w3", "a1"},
        ("--must-link", shop / "must.parquet"): {"a1 w1 w2", "a2 w3"},
        ("--cannot-link", shop / "cannot.csv"): {"w1 w2", "w3", "a2", "a1"},
        ("--must-link", shop / "both.arrow", "--cannot-link", shop / "both.arrow"): {"a1 w1 w2", "w3", "a2"},
        ("--link-only", "--must-link", shop / "must.parquet"): {"a1 w1", "w2", "a2 w3"},
    }
    for number, (flags, customers) in enumerate(expected.items()):
        result = invoke("resolve", *inputs, "-o", shop / f"out{number}", "--match", "off", *flags)
        assert result.exit_code == 0, result.output
        assert written(shop / f"out{number}") == customers, flags
    told = invoke("explain", shop / "out2", "web:w2", "app:a1")
    assert "must-link: declared in row 1 of the must-link table" in told.output
    summary = json.loads((shop / "out1" / "summary.json").read_text())
    none, one = {"refused_joins": 0, "customers": 0}, {"refused_joins": 1, "customers": 2}
    assert summary["limits"] == {"unique source: app": none, "unique source: web": one}


def test_the_configuration_names_tables(shop: Path) -> None:
    config = shop / "enishi.toml"
    config.write_text('must_link = "must.parquet"\ncannot_link = "cannot.csv"\n[sources.app]\nunique = true\n')
    inputs = [shop / "web.parquet", shop / "app.parquet", "-c", config, "-o"]
    assert invoke("resolve", *inputs, shop / "out").exit_code == 0
    assert written(shop / "out") == {"a1 w1 w2", "w3", "a2"}
    # A flag stands for what the configuration names.
    result = invoke("resolve", *inputs, shop / "other", "--cannot-link", shop / "both.arrow")
    assert result.exit_code == 0, result.output
    assert "unique source: app" in result.stdout and "joins forbidden" in result.stdout


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--must-link", "there-is-none.csv"), "there-is-none.csv"),
        (("--must-link", "web.parquet"), "web.parquet has no column 'left_source'"),
        (("--must-link", "must.parquet", "--cannot-link", "must.parquet"), "must-link table, row 1 (web – app)"),
    ],
)
def test_wrong_tables_end_the_run_before_it_writes(shop: Path, flags: Sequence[str], message: str) -> None:
    arguments = [each if each.startswith("--") else shop / each for each in flags]
    result = invoke("resolve", shop / "web.parquet", shop / "app.parquet", "-o", shop / "out", *arguments)
    assert result.exit_code == 1 and message in result.stderr, result.output
    assert "Traceback" not in result.output and not (shop / "out").exists()


# What tries to get around it.

MANY = 10_000


def chain() -> pa.Table:
    """Records that hold on to each other by an email, then a phone, then an email."""
    emails = [f"user{n // 2:05}@x.jp" for n in range(MANY)]
    phones = [f"090{20_000_000 + (n + 1) // 2}" for n in range(MANY)]
    return pa.table({"record_id": [str(n) for n in range(MANY)], "email": emails, "phone": phones})


def test_a_long_chain_is_cut_once() -> None:
    table = chain()
    # No guard cuts what is declared good.
    good = {name: tuple(dict.fromkeys(table[name].to_pylist())) for name in ("email", "phone")}
    model = Model([Email(allow=good["email"]), Phone(allow=good["phone"])], rules=[])
    assert enishi.resolve(table, model, exact=True).summary["customers"] == 1
    graph = enishi.resolve(table, model, exact=True, cannot_link=pairs(("data:0", f"data:{MANY - 1}")))
    assert graph.summary["customers"] == 2
    assert graph.summary["limits"]["cannot-link"] == {"refused_joins": 1, "customers": 2}


def test_a_long_chain_of_must_links() -> None:
    table = pa.table({"record_id": [str(n) for n in range(MANY)], "email": [f"u{n}@x.jp" for n in range(MANY)]})
    ring = pairs(*((f"data:{n}", f"data:{(n + 1) % MANY}") for n in range(MANY)))
    assert enishi.resolve(table, must_link=ring).summary["customers"] == 1
    with pytest.raises(InputError, match=r"row 10000 \(data – data\), row 9999 .* and 4,991 more") as caught:
        enishi.resolve(table, must_link=ring, cannot_link=pairs(("data:0", "data:5001")), exact=True)
    assert len(str(caught.value)) < 600


def test_many_cannot_links_under_one_value() -> None:
    table = pa.table({"record_id": [str(n) for n in range(MANY)], "loyalty_card": ["80011"] * MANY})
    star = pairs(*(("data:0", f"data:{n}") for n in range(1, MANY)))
    assert enishi.resolve(table, cannot_link=star).summary["customers"] == MANY
    some = pairs(*(("data:0", f"data:{n}") for n in range(1, 100)))
    assert enishi.resolve(table, cannot_link=some).summary["customers"] == 100 + 1


def test_one_value_on_a_whole_unique_source() -> None:
    table = pa.table({"record_id": [str(n) for n in range(MANY)], "email": ["a@x.jp"] * MANY})
    assert enishi.resolve(table, link_only=True).summary["customers"] == MANY


def test_no_records_and_empty_tables() -> None:
    empty = pa.table({"record_id": pa.array([], pa.string()), "email": pa.array([], pa.string())})
    none = pairs()
    assert enishi.resolve(empty, link_only=True, must_link=none, cannot_link=none).summary["customers"] == 0
    for name in itertools.permutations(["a", "b"]):
        assert enishi.resolve(dict.fromkeys(name, empty), link_only=True).summary["records"] == 0


def test_a_record_is_given_a_profile_of_its_own() -> None:
    profiles = Profiles(1)
    profiles.add(np.array([[7, 7, 7, 8]], np.uint32))
    profiles.close()
    assert profiles.split(np.array([0, 2, 1, 3])).tolist() == [[2, 0], [3, 0]]
    assert profiles.of_record().tolist() == [2, 0, 3, 1]
    assert profiles.counts().tolist() == [1, 1, 1, 1] and profiles.codes().tolist() == [[7, 8, 7, 7]]
    with pytest.raises(IndexError):
        profiles.split(np.array([4]))
