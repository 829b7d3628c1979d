import dataclasses

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enishi.evaluate import LargestCustomer, evaluate, recall_ceiling
from reference import evaluate as reference

partitions = st.integers(0, 30).flatmap(
    lambda size: st.tuples(
        st.lists(st.integers(0, 5), min_size=size, max_size=size),
        st.lists(st.one_of(st.none(), st.integers(0, 5)), min_size=size, max_size=size),
        st.lists(st.sampled_from(["web", "till"]), min_size=size, max_size=size),
        st.randoms(use_true_random=False),
    )
)


def tables(customers, persons, sources, ids=None):
    ids = ids or [f"r{k}" for k in range(len(customers))]
    columns = {"source": pa.array(sources, pa.string()), "record_id": pa.array(ids, None if ids else pa.string())}
    return (
        pa.table({**columns, "customer_id": pa.array(customers, pa.int64())}),
        pa.table({**columns, "person_id": pa.array(persons, pa.int64())}),
    )


def scores(result):
    return {name: value for name, value in dataclasses.asdict(result).items() if name != "largest"}


@settings(deadline=None, max_examples=200)
@given(partitions)
def test_agrees_with_the_listing_of_all_pairs(drawn):
    customers, persons, sources, random = drawn
    left, right = tables(customers, persons, sources)
    order = list(range(len(customers)))
    random.shuffle(order)
    records = [(source, f"r{k}") for k, source in enumerate(sources)]
    expected = reference.evaluate(dict(zip(records, customers, strict=True)), dict(zip(records, persons, strict=True)))
    assert scores(evaluate(left, right.take(pa.array(order, pa.int64())))) == pytest.approx(expected)


@settings(deadline=None, max_examples=200)
@given(partitions, st.lists(st.tuples(st.integers(0, 29), st.integers(0, 6)), max_size=60))
def test_ceiling_agrees_with_its_twin(drawn, incidences):
    customers, persons, sources, _ = drawn
    _, truth = tables(customers, persons, sources)
    records = [(source, f"r{k}") for k, source in enumerate(sources)]
    incidences = [(records[row], key) for row, key in incidences if row < len(records)]
    keys = pa.table(
        {
            "source": pa.array([record[0] for record, _ in incidences], pa.string()),
            "record_id": pa.array([record[1] for record, _ in incidences], truth["record_id"].type),
            "key": pa.array([key for _, key in incidences], pa.int64()),
        }
    )
    expected = reference.recall_ceiling(dict(zip(records, persons, strict=True)), incidences)
    assert recall_ceiling(truth, keys) == pytest.approx(expected)


def test_ceiling_follows_a_long_chain():
    size = 3000
    _, truth = tables([0] * size, [0] * size, ["web"] * size)
    shuffled = np.random.default_rng(0).permutation(size)
    rows = np.concatenate([shuffled[:-1], shuffled[1:]])
    keys = truth.select(["source", "record_id"]).take(pa.array(rows))
    keys = keys.append_column("key", pa.array(np.tile(np.arange(size - 1), 2)))
    assert recall_ceiling(truth, keys) == 1.0


def test_perfect_and_worst():
    left, right = tables([1, 1, 2, 2], [8, 8, 9, 9], ["web"] * 4)
    best = evaluate(left, right)
    assert (best.f1, best.bcubed_f1, best.strangers_merged) == (1.0, 1.0, 0)
    left, right = tables([1, 2, 1, 2], [8, 8, 9, 9], ["web"] * 4)
    worst = evaluate(left, right)
    assert (worst.precision, worst.recall, worst.f1) == (0.0, 0.0, 0.0)
    assert worst.strangers_merged_per_million == 500_000


def test_largest_customers_count_unscored_records():
    left, right = tables([5, 5, 5, 3, 3, 4, 4], [1, 2, None, 1, 1, None, None], ["web"] * 7)
    assert evaluate(left, right, largest=2).largest == (LargestCustomer(5, 3, 2), LargestCustomer(3, 2, 1))


def test_record_ids_of_another_type():
    left, right = tables([1, 1], [8, 8], ["web"] * 2, [10, 11])
    right = right.set_column(1, "record_id", pa.array(["11", "10"]))
    assert evaluate(left, right).correct_pairs == 1


def test_counts_beyond_32_bits():
    size = 200_000
    left, right = tables([1] * size, [1] * size, ["web"] * size)
    assert evaluate(left, right).true_pairs == size * (size - 1) // 2


def test_records_missing_on_either_side_are_counted_not_shown():
    left, right = tables([1, 1, 2, 2], [8, 8, 9, 9], ["web", "web", "till", "till"], ["tanaka", "b", "c", "d"])
    both = r"1 records have no truth \(web 1\); 1 records of the truth.*\(till 1\)"
    with pytest.raises(ValueError, match=both) as info:
        evaluate(left.slice(0, 3), right.slice(1))
    assert "tanaka" not in str(info.value)
    with pytest.raises(ValueError, match=r"1 records occur more than once \(till 1\)"):
        evaluate(pa.concat_tables([left, left.slice(3)]), right)
    with pytest.raises(ValueError, match="2 records with keys have no truth"):
        recall_ceiling(right.slice(2), left.slice(0, 2).rename_columns(["source", "record_id", "key"]))


def test_a_missing_column_is_named():
    left, right = tables([1], [1], ["web"])
    with pytest.raises(ValueError, match="customers has no column customer_id"):
        evaluate(left.drop(["customer_id"]), right)


def test_speed(benchmark):
    size = 1_000_000
    rng = np.random.default_rng(0)
    ids = pa.array(np.arange(size)).cast(pa.string())
    records = {"source": pa.repeat("web", size), "record_id": ids}
    left, right = (
        pa.table({**records, name: rng.integers(0, size // 7, size)}) for name in ("customer_id", "person_id")
    )
    benchmark(evaluate, left, right)
