"""Identifiers that stand alone on far more records than any other: a till's own card, the address of a test."""

from __future__ import annotations

import random
from collections import Counter

import pytest

import enishi

Rows = list[tuple[str, str | None, str | None]]  # source, card, phone


def resolved(rows: Rows, **options: object) -> enishi.CustomerGraph:
    sources: dict[str, dict[str, list[str | None]]] = {}
    for number, (source, card, phone) in enumerate(rows):
        table = sources.setdefault(source, {"record_id": [], "loyalty_card": [], "phone": []})
        for name, value in zip(table, (f"r{number}", card, phone), strict=True):
            table[name].append(value)
    return enishi.resolve(sources, match="off", **options)  # type: ignore[arg-type]


def singles(graph: enishi.CustomerGraph, rows: Rows, card: str) -> int:
    """How many records of a card are alone."""
    of_record = {
        row["record_id"]: row["customer_id"] for row in graph.customers.select(["record_id", "customer_id"]).to_pylist()
    }
    sizes = Counter(of_record.values())
    return sum(sizes[of_record[f"r{number}"]] == 1 for number, row in enumerate(rows) if row[1] == card)


def number(card: int) -> str:
    return f"{28_371_000_000 + 7_919 * card}"


def expected(rows: Rows) -> set[str]:
    """The same as the kernel tells, in plain Python."""
    found = set()
    for source in {row[0] for row in rows}:
        profiles = Counter((card, phone) for each, card, phone in rows if each == source)
        if len(profiles) < 100:
            continue
        busiest = sorted((n, profile) for profile, n in profiles.items() if any(profile))[::-1]
        outstanding = [k for k in range(1, min(10, len(busiest) - 1) + 1) if busiest[k - 1][0] >= 10 * busiest[k][0]]
        outstanding = [k for k in outstanding if busiest[k - 1][0] >= 50]
        for _, (card, phone) in busiest[: max(outstanding, default=0)]:
            carriers = {(each, other) for each, value, other in rows if value == card}
            if card and not phone and len(profiles) >= 100 + len(carriers):
                found.add(card)
    return found


def shop(rng: random.Random) -> Rows:
    """Two tills, of which each may have cards of its own; some records have a phone too, some nothing."""
    rows: Rows = []
    for source in ("north", "south"):
        usual, customers = rng.choice([3, 8, 30]), rng.choice([60, 150, 400])
        for card in range(customers):
            phone = f"+8190{rng.randrange(10**8):08}" if rng.random() < 0.2 else None
            rows += [(source, number(card), phone)] * rng.randint(1, usual)
        for own in range(rng.choice([0, 1, 2, 12])):
            rows += [(source, number(9_000 + own), None)] * rng.choice([40, usual * 6, usual * 40])
        rows += [(source, None, None)] * rng.choice([0, 500])
    return rows


@pytest.mark.parametrize("seed", range(12))
def test_what_stands_out_is_what_plain_python_finds(seed: int) -> None:
    rows = shop(random.Random(seed))
    graph = resolved(rows)
    generic = graph.summary["fields"]["loyalty_card"]["generic"]
    assert generic["values"] - generic["listed"] == len(expected(rows))
    counts = Counter(card for _, card, _ in rows)
    for card in expected(rows):
        bare = sum(row[1] == card and row[2] is None for row in rows)
        assert singles(graph, rows, card) == counts[card] == bare


def usual(customers: int = 300) -> Rows:
    return [("till", number(card), None) for card in range(customers) for _ in range(1 + card % 5)]


def test_a_card_of_the_till_itself_links_nobody_and_is_named() -> None:
    rows = [*usual(), *[("till", number(999), None)] * 120]
    graph = resolved(rows)
    assert singles(graph, rows, number(999)) == 120 and singles(graph, rows, number(4)) == 0
    assert [each["groups"] for each in graph.summary["fields"]["loyalty_card"]["generic"]["largest"]] == [1]


def test_a_busy_customer_who_is_named_or_one_of_many_stays_one() -> None:
    named = [*usual(), *[("till", number(999), "+819011112222")] * 120]
    assert not singles(resolved(named), named, number(999))
    # Each comes half as often as the one before.
    falling = [("till", number(500 + k), None) for k in range(8) for _ in range(1024 >> k)]
    assert not singles(resolved([*usual(), *falling]), [*usual(), *falling], number(500))
    few = [*usual(50), *[("till", number(999), None)] * 120]
    assert not singles(resolved(few), few, number(999))


def test_what_is_declared_to_be_somebody_is_believed() -> None:
    rows = [*usual(), *[("till", number(999), None)] * 120]
    model = enishi.Model([enishi.LoyaltyCard(allow=[number(999)]), enishi.Phone()])
    assert not singles(resolved(rows, model=model), rows, number(999))
