"""Those whom sources leave over that say nobody twice."""

import random

import numpy as np
import pytest

import enishi
from enishi.leftover import left_over
from reference import leftover as twin

Rows = list[dict[str, str | None]]
GIVEN = "anna bernd carla dieter emma frank greta heinz ida jonas karla lukas maria nils olga paul rosa sven tina uwe"
FAMILY = "ahrens bauer conrad dietz eckert fuchs graf hahn ibsen jung kramer lorenz meier nagel otto pohl roth sommer"


@pytest.mark.parametrize("seed", range(20))
def test_agrees_with_the_twin(seed: int) -> None:
    rng = np.random.default_rng(seed)
    size, of = int(rng.integers(2, 60)), int(rng.integers(1, 5))
    sources = rng.integers(0, of, size).astype(np.uint32)
    clusters = rng.integers(0, max(size * 2 // 3, 1), size).astype(np.uint32)
    every = np.array([(p, q) for p in range(size) for q in range(p + 1, size) if clusters[p] != clusters[q]], np.uint32)
    if not len(every):
        return
    pairs = every[rng.permutation(len(every))[: int(rng.integers(1, 40))]]
    weights = rng.normal(0, 6, len(pairs))
    alone = rng.random(of) < 0.8
    found = left_over(pairs, weights, sources, clusters, alone)
    expected = twin.left_over(pairs.tolist(), weights.tolist(), sources.tolist(), clusters.tolist(), alone.tolist())
    assert found.tolist() == pytest.approx(expected)


def test_nothing_is_added_to_nothing() -> None:
    none = np.zeros((0, 2), np.uint32)
    assert (
        len(left_over(none, np.zeros(0), np.zeros(3, np.uint32), np.arange(3, dtype=np.uint32), np.ones(1, bool))) == 0
    )


def registers(seed: int, people: int = 1500, slips: float = 0.3) -> tuple[dict[str, Rows], dict[str, list[int]]]:
    """Two registers that share most of their people, badly written, and whose each row is."""
    rng = random.Random(seed)

    def slip(text: str) -> str:
        place = rng.randrange(1, len(text))
        return text[:place] + rng.choice("bcdghkmprst") + text[place + 1 :]

    rows: dict[str, Rows] = {"clinic": [], "insurer": []}
    whose: dict[str, list[int]] = {"clinic": [], "insurer": []}
    for person in range(people):
        given = rng.choice(GIVEN.split()) + rng.choice(["", "lie", "ke", "tta"])
        family = rng.choice(FAMILY.split()) + rng.choice(["", "mann", "stein", "berg", "dorf", "hof"])
        born = f"{rng.randint(1930, 2005)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
        code = f"{rng.randint(10_000, 10_400)}"
        for source in rows:
            if rng.random() < 0.8:
                rows[source].append(
                    {
                        "record_id": f"{source}{person}",
                        "given_name": slip(given) if rng.random() < slips else given,
                        "family_name": slip(family) if rng.random() < slips else family,
                        "birth_date": slip_of_date(rng, born) if rng.random() < slips else born,
                        "postcode": f"{rng.randint(10_000, 10_400)}" if rng.random() < slips else code,
                    }
                )
                whose[source].append(person)
    return rows, whose


def slip_of_date(rng: random.Random, born: str) -> str:
    return (
        f"{born[:8]}{rng.randint(1, 28):02}" if rng.random() < 0.5 else f"{born[:5]}{rng.randint(1, 12):02}{born[7:]}"
    )


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("link_only", [True, False])
def test_what_is_left_over_is_found(seed: int, link_only: bool) -> None:
    rows, whose = registers(seed)
    graph = enishi.resolve(rows, link_only=link_only)
    customer = graph.customers["customer_id"].to_pylist()
    split = len(rows["clinic"])
    mine = dict(zip(customer[:split], whose["clinic"], strict=True))
    both = [(mine[c], person) for c, person in zip(customer[split:], whose["insurer"], strict=True) if c in mine]
    right = sum(one == other for one, other in both)
    shared = len(set(whose["clinic"]) & set(whose["insurer"]))
    assert graph.summary["match"]["left_over"] > 0
    assert right >= 0.93 * shared and len(both) - right <= 0.01 * shared
    assert graph.links is not None
    told = [text for text in graph.links["evidence"].to_pylist() if "neither has another partner" in text]
    assert len(told) == graph.summary["match"]["left_over"]
    for text in told:  # what the steps say is what the weight is
        steps = [float(step.split()[-1]) for step in text.split(" = ")[0].split(", ")]
        assert sum(steps) == pytest.approx(float(text.split(" = ")[1]), abs=0.06 * len(steps))


def test_a_couple_of_whom_each_is_in_one_register_stays_two() -> None:
    rows, _ = registers(3, slips=0.0)
    home: dict[str, str | None] = {"family_name": "wintermantel", "postcode": "10999", "address": "7 oak lane"}
    rows["clinic"].append({"record_id": "husband", "given_name": "harald", "birth_date": "1960-01-02"} | home)
    rows["insurer"].append({"record_id": "wife", "given_name": "sieglinde", "birth_date": None} | home)
    rows["clinic"].append({"record_id": "father", "given_name": "otto", "birth_date": "1940-03-04"} | home)
    rows["insurer"].append({"record_id": "son", "given_name": "otto", "birth_date": "1971-05-06"} | home)
    graph = enishi.resolve(rows, link_only=True)
    of = dict(zip(graph.customers["record_id"].to_pylist(), graph.customers["customer_id"].to_pylist(), strict=True))
    assert len({of[each] for each in ("husband", "wife", "father", "son")}) == 4
