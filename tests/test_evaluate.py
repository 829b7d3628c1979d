import dataclasses
import json
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import enishi
from enishi.cli import main
from enishi.errors import InputError
from enishi.evaluate import LargestCustomer, evaluate, precision_recall, recall_ceiling
from enishi.match import LEFT_OVER, THRESHOLD
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
    with pytest.raises(InputError, match=both) as info:
        evaluate(left.slice(0, 3), right.slice(1))
    assert "tanaka" not in str(info.value)
    with pytest.raises(InputError, match=r"1 records occur more than once \(till 1\)"):
        evaluate(pa.concat_tables([left, left.slice(3)]), right)
    with pytest.raises(InputError, match="2 records with keys have no truth"):
        recall_ceiling(right.slice(2), left.slice(0, 2).rename_columns(["source", "record_id", "key"]))


def test_a_missing_column_is_named():
    left, right = tables([1], [1], ["web"])
    with pytest.raises(InputError, match="customers has no column customer_id"):
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


# Precision and recall over thresholds.


def shop(n, seed):
    rng = np.random.default_rng(seed)
    rows = []
    for person in range(n):
        given, family = rng.choice(["anna", "peter", "maria", "john", "花子"]), f"family{rng.integers(n)}"
        birth = f"{rng.integers(1940, 2000)}-{rng.integers(1, 13):02}-{rng.integers(1, 29):02}"
        for _ in range(rng.integers(1, 5)):
            rows.append(
                {
                    "given_name": given if rng.random() < 0.8 else str(given)[1:],
                    "family_name": family if rng.random() < 0.8 else family + "s",
                    "birth_date": birth if rng.random() < 0.7 else None,
                    "email": f"user{person}@example.jp" if rng.random() < 0.3 else None,
                    "phone": f"03-1234-{person // 3:04}" if rng.random() < 0.3 else None,
                    "person_id": person if rng.random() < 0.9 else None,
                }
            )
    ids = [str(i) for i in range(len(rows))]
    return pa.Table.from_pylist(rows).add_column(0, "record_id", pa.array(ids))


def brute_force(graph, truth, threshold):
    """Pairs found and correct where only links from a threshold on hold, by an identifier's carriers and by links."""
    rows = graph.customers.to_pylist()
    at = {(row["source"], row["record_id"]): i for i, row in enumerate(rows)}
    groups = [{i} for i in range(len(rows))]

    def join(i, j):
        if groups[i] is not groups[j]:
            groups[i] |= groups[j]
            for k in groups[j]:
                groups[k] = groups[i]

    matched = set()
    for link in graph.links.to_pylist():
        ends = [at[link[f"{side}_source"], link[f"{side}_record_id"]] for side in ("left", "right")]
        if link["match_weight"] is not None:
            matched.add(rows[ends[0]]["customer_id"])
        if link["match_weight"] is None or link["match_weight"] >= threshold:
            join(*ends)
    carriers, rows_of = {}, {}
    for each in graph.evidence.to_pylist():
        rows_of.setdefault(each["profile"], each["rows"])
        if each["state"] in ("links", "contested"):
            for i in rows_of[each["profile"]]:
                carriers.setdefault((rows[i]["customer_id"], each["field"], each["key"]), []).append(i)
    for several in carriers.values():
        for other in several[1:]:
            join(several[0], other)
    customers = {}
    for i, row in enumerate(rows):
        if row["customer_id"] not in matched:
            join(customers.setdefault(row["customer_id"], i), i)
    person = {(row["source"], row["record_id"]): row["person_id"] for row in truth.to_pylist()}
    persons = [person[row["source"], row["record_id"]] for row in rows]
    scored = [i for i in range(len(rows)) if persons[i] is not None]
    pairs = [(i, j) for i in scored for j in scored if i < j and groups[i] is groups[j]]
    return len(pairs), sum(persons[i] == persons[j] for i, j in pairs)


@pytest.mark.parametrize("seed", range(3))
def test_the_curve_is_that_of_links_taken_away(seed):
    table = shop(60, seed)
    graph = enishi.resolve({"web": table.drop_columns(["person_id"])}, match="auto", threshold=-4.0)
    truth = table.select(["record_id", "person_id"]).append_column("source", pa.array(["web"] * len(table)))
    curve, best = precision_recall(graph.customers, truth, graph.links, graph.evidence)
    final = evaluate(graph.customers, truth)
    assert (curve[0].pairs, curve[0].precision, curve[0].recall) == (final.found_pairs, final.precision, final.recall)
    for point in (*curve, best):
        found, correct = brute_force(graph, truth, point.threshold)
        assert (point.pairs, point.precision) == (found, pytest.approx(correct / found if found else 1.0))
        assert point.recall == pytest.approx(correct / final.true_pairs)
    assert best.f1 >= max(point.f1 for point in curve)
    assert len(curve) > 10


def test_without_links_there_is_no_curve():
    table = shop(5, 0)
    graph = enishi.resolve({"web": table.drop_columns(["person_id"])}, match="off")
    truth = table.select(["record_id", "person_id"]).append_column("source", pa.array(["web"] * len(table)))
    assert precision_recall(graph.customers, truth, graph.links, graph.evidence) == ((), None)


def test_the_model_s_own_estimate_adds_up():
    table = shop(200, 7)
    graph = enishi.resolve({"web": table.drop_columns(["person_id"])}, match="auto")
    estimate = graph.summary["match"]["estimate"]
    at = {point["threshold"]: point for point in estimate}
    assert estimate[0]["threshold"] == THRESHOLD - LEFT_OVER - 6
    assert estimate[0]["recall"] == 1.0
    assert at[THRESHOLD]["pairs"] >= graph.summary["match"]["linked"] > 20
    assert all(0 < point["precision"] <= 1 for point in estimate)
    for below, above in pairwise(estimate):
        assert below["recall"] >= above["recall"]
        assert below["precision"] <= above["precision"]


def test_the_command_prints_the_curve(tmp_path):
    table = shop(60, 1)
    pq.write_table(table.drop_columns(["person_id"]), tmp_path / "web.parquet")
    truth = table.select(["record_id", "person_id"]).append_column("source", pa.array(["web"] * len(table)))
    pq.write_table(truth, tmp_path / "truth.parquet")
    web, out = str(tmp_path / "web.parquet"), str(tmp_path / "out")
    arguments = ["resolve", web, "-o", out, "--match", "auto", "--threshold", "-2", "--quiet"]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    scored = ["evaluate", out, "--truth", str(tmp_path / "truth.parquet")]
    result = CliRunner().invoke(main, scored)
    assert "by the threshold of the match weight" in result.stdout
    assert "The best F1" in result.stdout
    found = json.loads(CliRunner().invoke(main, [*scored, "--json"]).stdout)
    assert found["curve"][0]["pairs"] == found["found_pairs"]
    assert found["best"]["f1"] >= found["f1"]
    assert "What the match weights say" in CliRunner().invoke(main, ["evaluate", out]).stdout
