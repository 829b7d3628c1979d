"""Each scenario resolves to exactly its people."""

import pyarrow.compute as pc
import pytest

import enishi
from enishi.evaluate import evaluate
from enishi.simulate import SCENARIOS, scenario


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_record_has_its_truth_and_stories_are_deterministic(name):
    told = scenario(name)
    records = [(source, r) for source, table in told.tables.items() for r in table["record_id"].to_pylist()]
    truth = list(zip(told.truth["source"].to_pylist(), told.truth["record_id"].to_pylist(), strict=True))
    assert sorted(records) == sorted(truth)
    assert len(set(records)) == len(records)
    assert scenario(name).tables == told.tables
    assert scenario(name, seed=1).tables != told.tables


def test_an_unknown_scenario_is_named_with_the_known_ones():
    with pytest.raises(ValueError, match="no scenario 'bank'; there are supermarket"):
        scenario("bank")


@pytest.mark.skipif(not hasattr(enishi, "resolve"), reason="needs resolve()")
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("name", SCENARIOS)
def test_every_person_is_one_customer_and_no_customer_two_people(name, seed):
    told = scenario(name, seed)
    customers = enishi.resolve(told.tables).customers
    keys = ["source", "record_id"]
    known = told.truth.filter(pc.is_valid(told.truth["person_id"]))
    joined = known.join(customers.select([*keys, "customer_id"]), keys)
    pairs = set(zip(joined["person_id"].to_pylist(), joined["customer_id"].to_pylist(), strict=True))
    split = {p for p, _ in pairs if sum(person == p for person, _ in pairs) > 1}
    merged = {c for _, c in pairs if sum(customer == c for _, customer in pairs) > 1}
    assert not split, f"people in several customers: {sorted(split)}"
    assert not merged, f"customers of several people: {sorted(merged)}"
    assert evaluate(customers, told.truth).f1 == 1.0
