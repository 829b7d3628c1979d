"""Sources that count their customers each for itself share numbers, and nobody."""

from typing import Any

import pyarrow as pa
import pytest

import enishi
from enishi import LoyaltyCard, Model, Source

PEOPLE = 200


def members(names: range, first: int = 10001, **more: Any) -> pa.Table:
    columns = {
        "member_id": [str(first + i) for i in range(len(names))],
        "email": [f"person{i}@example.com" for i in names],
    }
    return pa.table(columns | more)


def customers(sources: dict[str, pa.Table], model: Model | None = None) -> tuple[int, list[str]]:
    found = enishi.resolve(sources, model, match="off")
    told = [str(each) for each in found.summary["notices"] if "numbers of its own" in str(each)]
    return found.summary["customers"], told


def test_numbers_of_strangers_join_nobody() -> None:
    found, told = customers({"web": members(range(PEOPLE)), "till": members(range(PEOPLE, 2 * PEOPLE))})
    assert found == 2 * PEOPLE
    assert len(told) == 2 and f"of {PEOPLE} that 'till' has too" in told[0]


def test_numbers_of_one_programme_join() -> None:
    found, told = customers({"web": members(range(PEOPLE)), "till": members(range(PEOPLE))})
    assert (found, told) == (PEOPLE, [])


def test_a_third_source_joins_the_one_that_counts_as_it_does() -> None:
    # Half of the app's records have the number alone.
    app = members(range(PEOPLE), email=[f"person{i}@example.com" if i % 2 else None for i in range(PEOPLE)])
    sources = {"web": members(range(PEOPLE)), "till": members(range(PEOPLE, 2 * PEOPLE)), "app": app}
    for order in (["web", "till", "app"], ["app", "till", "web"], ["till", "app", "web"]):
        found, told = customers({name: sources[name] for name in order})
        assert (found, len(told)) == (2 * PEOPLE, 3)


def test_within_a_source_its_own_numbers_join() -> None:
    till = pa.concat_tables([members(range(PEOPLE, 2 * PEOPLE)), members(range(2 * PEOPLE, 3 * PEOPLE))])
    assert customers({"web": members(range(PEOPLE)), "till": till})[0] == 2 * PEOPLE


def test_who_differs_in_one_thing_may_agree_in_another() -> None:
    names = [f"Hanako Sato{i}" for i in range(PEOPLE)]
    web = members(range(PEOPLE), name=names)
    till = members(range(PEOPLE, 2 * PEOPLE), name=names)
    assert customers({"web": web, "till": till}) == (PEOPLE, [])


@pytest.mark.parametrize("rows", [0, 1, 19])
def test_a_few_numbers_tell_nothing(rows: int) -> None:
    found, told = customers({"web": members(range(PEOPLE)), "till": members(range(PEOPLE, PEOPLE + rows))})
    assert (found, told) == (PEOPLE, [])


def test_what_is_declared_is_believed() -> None:
    declared = Model(
        [LoyaltyCard()], sources=[Source(name, columns={"member_id": "loyalty_card"}) for name in ("web", "till")]
    )
    sources = {"web": members(range(PEOPLE)), "till": members(range(PEOPLE, 2 * PEOPLE))}
    assert customers(sources, declared) == (PEOPLE, [])


def test_hostile_values() -> None:
    odd = members(range(PEOPLE), name=pa.array([b"\xff\x00"] * PEOPLE, pa.binary()))
    nameless = members(range(PEOPLE, 2 * PEOPLE), name=pa.nulls(PEOPLE, pa.string()))
    found, told = customers({"web": odd, "till": nameless})
    assert (found, len(told)) == (2 * PEOPLE, 2)


def test_the_order_of_a_number_s_records_tells_nothing() -> None:
    def shop(name: str) -> list[dict[str, str]]:
        known = [{"record_id": f"{name}{i}", "member_id": f"{10001 + i}", "name": f"Hanako Sato{i}"} for i in range(30)]
        return known + [row | {"record_id": row["record_id"] + "b", "name": f"{name} desk"} for row in known]

    rows = {name: shop(name) for name in ("web", "till")}
    forwards, backwards = rows, {name: each[::-1] for name, each in rows.items()}
    found = [
        customers({name: pa.Table.from_pylist(each) for name, each in way.items()}) for way in (forwards, backwards)
    ]
    assert found[0] == found[1] and found[0][1] == []
