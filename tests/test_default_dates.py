"""Birth dates that say that none is known: against a slow twin, and what a run makes of them."""

from collections import Counter, defaultdict
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

import enishi
from enishi._tables import Profiles
from enishi.normalize import NONE

Codes = npt.NDArray[np.uint32]
WIDTH = 4  # source, birth date, two names
NAMES = (2, 3)


def twin(codes: Codes) -> list[tuple[int, int, int]]:
    rows = {tuple(row) for row in codes.T.tolist()}
    counts: dict[int, Counter[int]] = defaultdict(Counter)
    people = defaultdict(set)
    for i, row in enumerate(rows):
        if row[1] != NONE:
            counts[row[0]][row[1]] += 1
            people[row[:2]].add(row[2:] if set(row[2:]) != {int(NONE)} else i)
    found = []
    for source, of in counts.items():
        ordinary = sorted(of.values())[: len(of) - len(of) // 100]
        for born, many in of.items():
            others = sorted((n for other, n in of.items() if other != born and other % 10_000 == born % 10_000))[::-1]
            limit = 8 * max(ordinary[-1], others[4] if len(others) > 4 else 0) + 4
            if many > limit and len(people[source, born]) > limit:
                found.append((source, born, len(people[source, born])))
    return sorted(found)


def days(rng: np.random.Generator, count: int) -> Codes:
    dates = [date(1940, 1, 1) + timedelta(int(day)) for day in rng.integers(0, 25_000, count)]
    return np.array([each.year * 10_000 + each.month * 100 + each.day for each in dates], np.uint32)


def found(codes: Codes) -> tuple[list[tuple[int, int, int]], Codes]:
    profiles = Profiles(WIDTH)
    profiles.add(codes)
    profiles.close()
    return profiles.leave_out_default_dates(1, NAMES), profiles.codes()


@pytest.mark.parametrize("seed", range(12))
def test_default_dates_are_the_twins(seed: int) -> None:
    rng = np.random.default_rng(seed)
    size = int(rng.choice([50, 500, 5_000, 20_000]))
    codes = rng.integers(0, size, (WIDTH, size)).astype(np.uint32)
    codes[0] = rng.integers(0, 3, size)
    codes[1] = days(rng, size)
    for born in (19_900_101, 20_000_229, 19_000_102)[: seed % 4]:
        codes[1, rng.random(size) < rng.choice([0.001, 0.01, 0.05, 0.5])] = born
    if seed % 3 == 0:  # years whose day nobody knows
        years = rng.random(size) < 0.2
        codes[1, years] = codes[1, years] // 10_000 * 10_000 + 101
    codes[1, rng.random(size) < 0.2] = NONE
    codes[2:, rng.random(size) < 0.3] = NONE
    told, left = found(codes)
    assert told == twin(codes)
    gone = {(source, born) for source, born, _ in told}
    rows = {tuple(row) for row in codes.T.tolist()}
    expected = Counter((row[0], int(NONE), *row[2:]) if row[:2] in gone else row for row in rows)
    assert Counter(map(tuple, left.T.tolist())) == expected


def test_who_is_seen_often_is_one_person() -> None:
    rng = np.random.default_rng(1)
    codes = np.stack([np.zeros(3_000), days(rng, 3_000), np.arange(3_000), np.arange(3_000)]).astype(np.uint32)
    codes[1, :400] = 19_850_405
    assert [each[:2] for each in found(codes)[0]] == [(0, 19_850_405)]
    codes[2, :400], codes[3, :400] = np.arange(400) // 40, 7
    assert not found(codes)[0]
    assert not found(np.ascontiguousarray(codes[:, :1]))[0] and not found(np.zeros((WIDTH, 0), np.uint32))[0]
    with pytest.raises(IndexError):
        Profiles(1).leave_out_default_dates(1, [])


def test_a_date_of_the_form_is_nobodys_birthday(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(2)
    born = [f"{n // 10_000}-{n // 100 % 100:02}-{n % 100:02}" for n in days(rng, 2_000).tolist()]
    born[:100] = ["1990-01-01"] * 100
    names, phones = [f"given{i} family{i}" for i in range(2_000)], [None] * 2_000
    # One person, who at one time gave no date; else they would be a father and his son.
    names[500], born[500] = names[0], "1951-05-02"
    phones[0] = phones[500] = "090-1234-5678"
    ids = [f"{i}" for i in range(2_000)]
    web = pa.table({"record_id": ids, "name": names, "birth_date": born, "phone": phones})
    graph = enishi.resolve({"web": web}, match="off")
    customers = graph.customers["customer_id"].to_pylist()
    assert customers[0] == customers[500] and len(set(customers)) == 1_999
    notice = "one 'birth_date' is that of 100 people, far more than any other: it counts as none"
    assert notice in str(graph.summary["notices"])
    monkeypatch.setattr("enishi.normalize.Normalization._leave_out_default_dates", lambda self: None)
    taken = enishi.resolve({"web": web}, match="off").customers["customer_id"].to_pylist()
    assert taken[0] != taken[500]
