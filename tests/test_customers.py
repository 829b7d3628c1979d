"""Customers: whose records they are, their ids, and the identifiers that they carry."""

import random
from collections import Counter

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

import enishi
from enishi import _normalize
from enishi._link import Linking
from enishi._normalize import STATUSES
from enishi._tables import Profiles, Sightings, Values, hash_records
from reference.customers import customer_ids, hashed, smallest
from reference.siphash import siphash

Record = tuple[str, str]
KEY = bytes(16)


def links(
    records: list[Record], values: list[str | None], generic: bool = False
) -> tuple[Linking, Values, npt.NDArray[np.uint32]]:
    """Records that hang together by one identifier, of which the first value may be generic."""
    sources = sorted({source for source, _ in records}, key=str.encode)
    codes = np.array([[sources.index(source) for source, _ in records]], np.uint32)
    sightings = Sightings([1], keep_keys=True)
    counts = np.zeros(len(STATUSES), np.uint64)
    sightings.read(0, _normalize.identifier(), pa.array(values, pa.string()), [KEY], None, None, counts)
    if generic:
        first, _ = _normalize.identifier().one(str(next(each for each in values if each)).encode())
        sightings.list_generic(siphash(KEY, str(first).encode()))
    sightings.begin()
    profiles = Profiles(2)
    profile = profiles.add(codes, [sightings])
    sightings.keep(profiles)
    hashes = [hash_records(source, pa.array([record_id])) for source, record_id in records]
    profiles.order(np.concatenate([np.zeros((0, 2), np.uint64), *hashes]))
    profiles.close()
    table = sightings.number(profiles)
    linking = Linking(profiles, [(table, [1], 0, True, 20, 0, 20.0, 0.25)], None, [], -1, -1, sources)
    linking.find_generic()
    linking.join_exact()
    return linking, table, profile


def ids_of(records: list[Record], values: list[str | None], bits: int) -> dict[Record, int]:
    linking, *_ = links(records, values)
    of_record = linking.number_customers()
    texts = pa.array([record_id for _, record_id in records], pa.string())
    ids, smallest_of = linking.customer_ids([texts[:5], texts[5:5], texts[5:]], bits)
    names = [(source.encode(), record_id.encode()) for source, record_id in records]
    firsts = [
        min(name for name, c in zip(names, of_record, strict=True) if c == customer) for customer in range(len(ids))
    ]
    assert [names[i] for i in smallest_of] == firsts
    sizes = np.bincount(of_record, minlength=len(ids))
    assert linking.customer_sizes().tolist() == sizes.tolist()
    assert len(set(ids.tolist())) == len(ids)
    return dict(zip(records, ids[of_record].tolist(), strict=True))


def crowd(seed: int, n: int) -> tuple[list[Record], list[str | None]]:
    rng = random.Random(seed)
    records = list(
        {(rng.choice(["web", "店", "till"]), f"{rng.randrange(3 * n)}{rng.choice(['', 'é'])}") for _ in range(n)}
    )
    return records, [rng.choice([None, f"value {rng.randrange(n)}"]) for _ in records]


def parts(records: list[Record], values: list[str | None]) -> list[list[Record]]:
    by_value: dict[object, list[Record]] = {}
    for record, value in zip(records, values, strict=True):
        by_value.setdefault(record if value is None else value, []).append(record)
    return list(by_value.values())


@pytest.mark.parametrize("bits", [10, 11, 16, 63])
def test_ids_are_as_documented_whatever_the_order_and_however_many_meet(bits: int) -> None:
    for seed in range(8):
        records, values = crowd(seed, 500)
        expected = customer_ids(parts(records, values), bits)
        met = len(expected) - len({hashed(smallest(part), bits) for part in parts(records, values)})
        assert met > 0 or bits > 11
        for _ in range(3):
            order = random.Random(seed).sample(range(len(records)), len(records))
            assert ids_of([records[i] for i in order], [values[i] for i in order], bits) == expected


def test_an_id_is_the_hash_of_the_smallest_record() -> None:
    tables = {
        "web": pa.table({"record_id": ["10", "9"], "email": ["a@x.jp", "a@x.jp"]}),
        "app": pa.table({"record_id": ["2", "é"], "email": ["a@x.jp", "b@x.jp"]}),
    }
    graph = enishi.resolve(tables)
    expected = [hashed(("app", "2"), 63)] * 3 + [hashed(("app", "é"), 63)]
    assert graph.customers["customer_id"].to_pylist() == expected
    numbered = enishi.resolve(pa.table({"record_id": [9, 10], "email": ["a@x.jp", "a@x.jp"]}))
    assert numbered.customers["customer_id"].to_pylist() == [hashed(("data", "10"), 63)] * 2


def test_identifier_nodes_count_the_records_of_each_customer() -> None:
    for seed in range(20):
        records, values = crowd(seed, 60)
        linking, table, profile = links(records, values, generic=seed % 2 == 0)
        of_record = linking.number_customers()
        status = table.status()
        carried: Counter[tuple[int, int]] = Counter()
        linking.list_records()
        profiles, _, _, keys, *_ = linking.evidence([bytes(len(table))], 0, int(profile.max()) + 1)
        number = {key.tobytes(): v for v, key in enumerate(table.keys(np.arange(len(table), dtype=np.uint32)))}
        of_profile = {int(p): number[key.tobytes()] for p, key in zip(profiles, keys, strict=True)}
        for record, customer in enumerate(of_record.tolist()):
            value = of_profile.get(int(profile[record]))
            if value is not None:
                generic = STATUSES[status[value]] == "generic"
                carried[value, 2**32 - 1 if generic else customer] += 1
        parts = [linking.nodes(0, 0, len(table) // 2), linking.nodes(0, len(table) // 2, len(table))]
        parts.append(linking.split_nodes(0)[:3])
        nodes = [np.concatenate(column).tolist() for column in zip(*parts, strict=True)]
        assert Counter({(v, c): n for v, c, n in zip(*nodes, strict=True)}) == carried
        assert len(nodes[0]) == len(carried)


def test_wrong_arguments_are_refused() -> None:
    profiles = Profiles(1)
    profiles.add(np.zeros((1, 2), np.uint32))
    profiles.order(np.zeros((2, 2), np.uint64))
    profiles.add(np.ones((1, 1), np.uint32))
    with pytest.raises(ValueError, match="needs an order"):
        Linking(profiles, [], None, [], -1, -1, ["web"])
    linking, *_ = links([("web", "a"), ("web", "b")], ["x", None])
    linking.number_customers()
    for ids in (["a"], ["a", "b", "c"]):
        with pytest.raises(ValueError, match="one entry a record"):
            linking.customer_ids([pa.array(ids)])


def test_no_records() -> None:
    linking, *_ = links([], [])
    assert len(linking.number_customers()) == len(linking.customer_ids([])[0]) == 0
    with pytest.raises(ValueError, match="listed first"):
        linking.nodes(0, 0, 0)
    linking.list_records()
    assert [len(each) for each in (*linking.nodes(0, 0, 0), *linking.split_nodes(0))] == [0] * 7
    with pytest.raises(IndexError):
        linking.nodes(0, 0, 1)
