"""Training against its twin, and what it promises: the same bits whatever the order."""

import json
import math
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from click.testing import CliRunner

import enishi
from enishi import train_model
from enishi.cli import main
from enishi.config import read_config
from enishi.errors import ConfigError, InputError
from enishi.levels import LEVELS
from enishi.match_model import DEFAULTS, MOST_DIFFERENT, MatchModel, default_comparison, read_model
from enishi.train import (
    MOVING,
    Identical,
    PairCounts,
    estimate_home,
    estimate_moving,
    estimate_partners,
    estimate_said_twice,
    estimate_twins,
    estimate_u,
    expectation_maximization,
    learn_m,
    log_odds,
)
from reference import match as twin

KINDS = {"given_name": "given_name", "birth_date": "date", "postcode": "postcode"}
MODEL = MatchModel(tuple(default_comparison(name, kind) for name, kind in KINDS.items()))


def packed(patterns: dict[tuple[int, ...], int]) -> np.ndarray:
    rows = [(sum(level << 4 * i for i, level in enumerate(pattern)), n) for pattern, n in patterns.items()]
    return np.array(sorted(rows), np.uint64).reshape(-1, 2)


def of_one_rule(patterns: np.ndarray, household: tuple[bool, ...], records: int = 1_000) -> PairCounts:
    return PairCounts.of_rules([(patterns, 1.0)], records, household)


def some_patterns(rng: random.Random, n: int) -> dict[tuple[int, ...], int]:
    levels = [[i for i, each in enumerate(("missing", *LEVELS[kind])) if each] for kind in KINDS.values()]
    return {tuple(rng.choice(each) for each in levels): rng.randint(1, 1000) for _ in range(n)}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("kept", [(0.0, 0.0), (20.0, 0.005)])
@pytest.mark.parametrize("same_source", [0.0, 0.3, 1.0])
def test_em_is_its_twin(seed: int, kept: tuple[float, float], same_source: float) -> None:
    rng = random.Random(seed)
    rules = [(some_patterns(rng, 30), (True, True, True)), (some_patterns(rng, 30), (False, True, True))]
    given = [(packed(patterns), used) for patterns, used in rules]
    present = (1.0, 0.9, 0.5)
    identical = Identical(same_source, present) if same_source else None
    found = expectation_maximization(
        MODEL, given, identical=identical, kept_default=kept[0], kept_share=kept[1], tolerance=0.0, most_rounds=25
    )
    m = {each.name: each.m for each in MODEL.comparisons}
    u = {each.name: each.u for each in MODEL.comparisons}
    default = {each.name: DEFAULTS[each.kind][0] for each in MODEL.comparisons}
    most = {each.name: MOST_DIFFERENT.get(each.kind, 1.0) for each in MODEL.comparisons}
    expected, shares = twin.em(m, u, default, rules, *kept, found.rounds, same_source, present, most)
    assert found.rounds == 25
    assert found.shares == pytest.approx(shares, abs=1e-9)
    for each in found.model.comparisons:
        assert each.m == pytest.approx(expected[each.name], abs=1e-9)
        assert sum(each.m) == pytest.approx(1.0)


def test_em_finds_what_the_pairs_were_drawn_from() -> None:
    rng = np.random.default_rng(1)
    pairs, share = 200_000, 0.2
    matches = rng.random(pairs) < share
    truth = {each.name: np.array(each.m) for each in MODEL.comparisons}
    columns = []
    for each in MODEL.comparisons:
        for_matches = rng.choice(len(each.m), pairs, p=np.array(each.m) / sum(each.m))
        for_others = rng.choice(len(each.u), pairs, p=np.array(each.u) / sum(each.u))
        columns.append(np.where(matches, for_matches, for_others) + 1)
    patterns, counts = np.unique(sum(c << 4 * i for i, c in enumerate(columns)), return_counts=True)
    start = MatchModel(tuple(_flat(each) for each in MODEL.comparisons))
    table = np.stack([patterns.astype(np.uint64), counts.astype(np.uint64)], axis=1)
    found = expectation_maximization(start, [(table, (True,) * 3)], kept_default=0.0, kept_share=0.0)
    assert found.shares[0] == pytest.approx(share, abs=0.01)
    for each in found.model.comparisons:
        assert each.m == pytest.approx(truth[each.name] / truth[each.name].sum(), abs=0.01)


def _flat(each: Any) -> Any:
    """The comparison with an m that only knows that agreeing is better."""
    from dataclasses import replace

    m = [0.3, *[0.1] * (len(each.m) - 2), 1.0]
    m = [value if default else 0.0 for value, default in zip(m, each.m, strict=True)]
    return replace(each, m=tuple(value / sum(m) for value in m))


def test_u_leaves_out_those_that_are_one_person() -> None:
    # Of a million random pairs a hundred agree in everything: they are matches, and say nothing about strangers.
    patterns = packed({(1, 1, 1): 999_900, (11, 7, 4): 100})
    model = MatchModel(MODEL.comparisons, partners=1.0)
    nobody_shares = (False,) * 3
    found = estimate_u(model, PairCounts.of_random(patterns, 1_000, nobody_shares), {})
    for each in found.comparisons:
        assert each.u[-1] < 1e-5
    assert estimate_u(model, PairCounts.of_random(packed({}), 1_000, nobody_shares), {}) == model


def test_pairs_that_are_one_profile_are_not_missed() -> None:
    # Each field is right in nine of ten records of a person; those that are equal in all three are one profile.
    rng = np.random.default_rng(3)
    people, right = 20_000, 0.9
    tops = np.array([len(each.m) for each in MODEL.comparisons])
    levels = np.where(rng.random((people, 3)) < right, tops, 1)
    drawn = levels[(levels != tops).any(axis=1)]
    patterns, counts = np.unique(drawn @ 16 ** np.arange(3), return_counts=True)
    table = np.stack([patterns, counts], axis=1).astype(np.uint64)
    marked = table | np.array([1 << 63 | 1 << 62, 0], np.uint64)
    identical = Identical(1.0, (1.0, 1.0, 1.0))
    rules = [(table, tuple(i != blocked for i in range(3))) for blocked in range(3)]
    for rule, (patterns, _) in enumerate(rules):  # each rule sees those that are equal in its field
        level = (patterns[:, 0] >> np.uint64(4 * rule)) & np.uint64(15)
        rules[rule] = patterns[level == tops[rule]], rules[rule][1]
    found = expectation_maximization(MODEL, rules, identical=identical, kept_default=0.0, kept_share=0.0)
    assert [each.m[-1] for each in found.model.comparisons] == pytest.approx([right] * 3, abs=0.01)
    assert identical.unseen(found.model) == pytest.approx(right**3, abs=0.02)
    blind = expectation_maximization(MODEL, rules, kept_default=0.0, kept_share=0.0)
    assert all(each.m[-1] < right - 0.08 for each in blind.model.comparisons)
    # All pairs count, whether they are seen or not; a tenth of those that are seen differ in two fields.
    pairs = of_one_rule(marked, (False,) * 3, 2_000)
    model = estimate_partners(found.model, pairs, unseen=identical.unseen(found.model))
    assert 0.85 * people < model.partners * 2_000 / 2 < people


def test_a_home_says_more_where_few_live_together() -> None:
    model = MatchModel(
        tuple(default_comparison(name, name) for name in ("given_name", "address", "postcode")), partners=1.0
    )
    shared = (False, True, True)
    owned = np.array([1 << 63, 0], np.uint64)

    def home(same: int, others: int) -> float:
        patterns = packed({(11, 5, 4): same, (1, 5, 4): others, (1, 1, 1): 10_000}) | owned
        return estimate_home(model, of_one_rule(patterns, shared)).home

    assert home(0, 0) == pytest.approx(0.0, abs=1e-9)
    assert home(10_000, 0) > home(10_000, 100) > home(10_000, 1_000) > 2
    assert home(1_000, 10_000) == 0
    # Those at home are the same, whatever of it is said twice.
    pairs = of_one_rule(packed({(11, 5, 4): 5_000, (1, 5, 4): 100, (1, 1, 1): 10_000}) | owned, shared, 100_000)
    twice = replace(model, said_twice=(("address", "postcode", 12.0),))
    assert estimate_home(twice, pairs).home == estimate_home(model, pairs).home > 0
    nobody = replace(model, comparisons=model.comparisons[1:])
    assert estimate_home(nobody, of_one_rule(packed({(5, 4): 1_000}) | owned, shared[1:])) == nobody


def test_sources_that_say_nobody_twice_are_known_by_it() -> None:
    model = MatchModel(MODEL.comparisons, partners=1.0)
    alike, others = packed({(11, 7, 4): 400}), packed({(1, 1, 1): 10_000})
    owned, within = 1 << 63, 1 << 62

    def found(inside: int, same_source: float = 0.5, identical: float = math.inf) -> MatchModel:
        marked = [others | np.array([owned | mark, 0], np.uint64) for mark in (0, within)]
        both = [alike | np.array([owned, 0], np.uint64)]
        if inside:
            both.append(packed({(11, 7, 4): inside}) | np.array([owned | within, 0], np.uint64))
        patterns = np.concatenate([*marked, *both])
        pairs = of_one_rule(patterns, (False,) * 3)
        return estimate_partners(model, pairs, unseen=0.5, same_source=same_source, identical=identical)

    clean = found(0)
    assert clean.within < -4 and 0.8 < clean.across <= 1
    assert clean.prior(1_000) == pytest.approx(np.log2(clean.partners / 1_000) + clean.across)
    assert clean.within < found(100).within < 0
    assert found(100).within > found(100, identical=20.0).within
    assert (found(400).within, found(800).within, found(0, same_source=1.0).within) == (0, 0, 0)
    assert MatchModel.from_json(clean.to_json()) == clean
    for wrong in ('"within": 1.0', '"within": -100', '"within": "few"', '"inside": -1'):
        text = clean.to_json().replace(f'"within": {clean.within}', wrong)
        with pytest.raises(ConfigError, match="sources"):
            MatchModel.from_json(text)
    # The odds of a pattern are less by it where it is of one source.
    levels = np.array([[11, 7, 4]] * 2)
    across, inside = log_odds(clean, levels, [True] * 3, within=np.array([False, True]))
    assert inside - across == pytest.approx(clean.within * np.log(2))


def test_twins_are_told_from_names_that_nobody_can_make_out() -> None:
    kinds = {**KINDS, "address": "address"}
    model = MatchModel(tuple(default_comparison(name, kind) for name, kind in kinds.items()), within=-8.0)
    shared = (False, False, True, True)

    def twins(inside: int, outside: int, model: MatchModel = model, brothers: int = 0) -> MatchModel:
        alike = [packed({(1, 7, 4, 5): many} if many else {}) for many in (inside, outside)]
        alike.append(packed({(1, 1, 4, 5): brothers} if brothers else {}))
        marks = [1 << 63 | 1 << 62, 1 << 63, 1 << 63]
        patterns = [each | np.array([mark, 0], np.uint64) for each, mark in zip(alike, marks, strict=True)]
        return estimate_twins(model, of_one_rule(np.concatenate(patterns), shared), 0.5)

    said = model.comparisons[0].weights()[0]
    assert twins(0, 100).twins == pytest.approx(np.log2(190 / 10) - said, abs=0.2)
    assert twins(0, 100).twins > twins(50, 150).twins > twins(100, 160).twins
    assert twins(300, 100).twins == twins(0, 0).twins == 0
    assert MatchModel.from_json(twins(0, 100).to_json()) == twins(0, 100)
    unknown = replace(model, within=-0.5, home=3.0)  # sources that say people twice
    assert twins(0, 100, unknown) == unknown
    assert (unknown.of_other_names(), replace(unknown, within=-8.0).of_other_names()) == (3.0, 0.0)
    # There those tell who live together without being born together: where hardly anybody does, nobody has a twin.
    assert twins(100, 900, unknown).of_other_names() == twins(100, 900, unknown).twins > 3.0
    assert twins(100, 900, unknown).twins == twins(1000, 0, unknown).twins
    assert twins(100, 900, unknown, brothers=10_000) == unknown


def test_texts_that_differ_more_often_than_not_are_not_learned_from() -> None:
    # Other papers of an author outnumber the papers that are one.
    model = MatchModel(tuple(default_comparison(name, "text") for name in ("title", "author", "year")))
    table = packed({(1, 5, 1): 5_000, (2, 5, 3): 2_000, (5, 5, 5): 300, (4, 5, 5): 100})
    found = expectation_maximization(model, [(table, (True, False, True))])
    title = found.model.comparisons[0].m
    assert title[0] + title[1] <= 0.5 + 1e-9 and sum(title) == pytest.approx(1.0)


def test_what_moving_changes_is_learned() -> None:
    model = MatchModel(
        tuple(default_comparison(name, name) for name in ("given_name", "address", "postcode")), partners=1.0
    )
    model = replace(model, comparisons=(*model.comparisons, default_comparison("birth_date", "date")))
    owned = np.array([1 << 63, 0], np.uint64)

    def moving(both: int, one: int) -> float:
        patterns = packed({(11, 5, 4, 7): 8_000, (11, 1, 1, 7): both, (11, 1, 4, 7): one, (11, 5, 1, 7): one}) | owned
        return estimate_moving(model, of_one_rule(patterns, (False, True, True, False))).moving

    assert moving(1_000, 10) > 2.5 and moving(100, 900) == pytest.approx(0.0, abs=0.2)
    assert moving(0, 0) == pytest.approx(MOVING)
    nine = of_one_rule(packed({(11, 5, 4, 7): 9}) | owned, (False,) * 4)
    found = estimate_moving(replace(model, moving=1.5), nine)
    assert MatchModel.from_json(found.to_json()) == found
    homeless = replace(model, comparisons=model.comparisons[:2])
    assert estimate_moving(homeless, of_one_rule(packed({(11, 5): 9}) | owned, (False,) * 2)) == homeless


def test_what_strangers_have_together_is_said_once() -> None:
    model = MatchModel(
        (*(default_comparison(name, "text") for name in ("city", "state", "color")), MODEL.comparisons[1])
    )
    # One in a hundred of one city, one in ten of one state and of one color; who is of one city is of one state.
    patterns = packed({(5, 5, 1, 1): 9_000, (5, 5, 5, 1): 1_000, (1, 5, 1, 1): 81_000, (1, 5, 5, 1): 9_000,
                       (1, 1, 1, 1): 810_000, (1, 1, 5, 1): 90_000})  # fmt: skip
    nobody = PairCounts.of_rules([], 10_000, (False,) * 4)
    found = estimate_said_twice(model, PairCounts.of_random(patterns, 10_000, (False,) * 4), nobody)
    ((one, other, bits),) = found.said_twice
    assert (one, other) == ("city", "state")
    assert bits == pytest.approx(np.log2(10), abs=0.05)
    levels = np.array([[5, 5, 0, 0], [5, 1, 0, 0], [5, 0, 5, 0]])
    plain, counted = (log_odds(each, levels, [True] * 4) for each in (model, found))
    assert (plain - counted)[1:] == pytest.approx([0.0, 0.0])
    assert (plain - counted)[0] == pytest.approx(bits * np.log(2))
    assert MatchModel.from_json(found.to_json()) == found
    wrong = found.to_json().replace('"state",\n      3', '"country",\n      3')
    with pytest.raises(ConfigError, match="said_twice"):
        MatchModel.from_json(wrong)


def test_homes_that_no_random_pair_meets_are_told_by_blocking_rules() -> None:
    names = ("address", "family_name", "given_name", "phone")
    equal = dict(zip(names, (1e-5, 1e-3, 1e-3, 1e-6), strict=True))
    comparisons = [default_comparison(name, name if name != "phone" else "typed") for name in names]
    model = MatchModel(
        tuple(replace(each, u=(1.0 - sum(each.u[1:-1]) - equal[each.name], *each.u[1:-1], equal[each.name]))
              for each in comparisons)
    )  # fmt: skip
    tops = [len(each.m) for each in comparisons]
    at_home, household = (tops[0], tops[1], 1, 0), (True, True, False, True)
    strangers = PairCounts.of_random(packed({(1, 1, 1, 1): 1_000_000}), 1_000_000, household)

    def said_twice(pairs: dict[tuple[int, ...], int], looked_at: float) -> tuple[tuple[str, str, float], ...]:
        owned = packed(pairs) | np.array([1 << 63, 0], np.uint64)
        rules = PairCounts.of_rules([(owned, looked_at)], 1_000_000, household)
        return estimate_said_twice(model, strangers, rules).said_twice

    # Of 5e11 pairs 5,000 would agree in both by chance; 500,000 do, who are called differently: 100 times as many.
    ((one, other, bits),) = said_twice({at_home: 5_000}, 0.01)
    assert {one, other} == {"address", "family_name"} and bits == pytest.approx(math.log2(100), abs=0.2)
    assert said_twice({at_home: 10}, 1e-5) == ()  # of so few nobody knows
    assert said_twice({(*tops[:3], 0): 5_000}, 0.01) == ()  # they are one person's
    # What tells more of each other goes first: most have no phone that they share.
    found = said_twice({at_home: 5_000, (tops[0], tops[1], 1, tops[3]): 50}, 0.01)
    assert [{*each[:2]} for each in found] == [{"address", "family_name"}, {"address", "phone"}]


def test_m_from_labels_is_a_count() -> None:
    levels = np.array([[11, 7, 0]] * 60 + [[1, 7, 0]] * 40, np.uint8)
    found = learn_m(MODEL, levels, kept_default=0.0)
    assert found.comparisons[0].m[-1] == 0.6
    assert found.comparisons[1].m[-1] == 1.0
    assert found.comparisons[2] == MODEL.comparisons[2]  # never both known
    assert [each.source for each in found.comparisons] == ["labels", "labels", "default"]


FAMILIES = ["smith", "jones", "taylor", "brown", "wilson", "evans", "walker", "wright"]
GIVEN = ["anna", "peter", "maria", "john", "susan", "david", "laura", "james"]


def people(n: int, seed: int) -> pa.Table:
    """Two records a person, the second with slips."""
    rng = random.Random(seed)
    rows = []
    for person in range(n):
        name, family = rng.choice(GIVEN), rng.choice(FAMILIES) + rng.choice(["", "s", "man", "son"])
        birth = f"{rng.randint(1940, 2000)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
        postcode = f"{rng.randint(1000, 9999)}"
        rows.append((f"{person}a", name, family, birth, postcode))
        slipped = name[1:] if rng.random() < 0.2 else name
        rows.append((f"{person}b", slipped, family, birth if rng.random() < 0.8 else None, postcode))
    columns = zip(*rows, strict=True)
    names = ("record_id", "given_name", "family_name", "birth_date", "postcode")
    return pa.table({name: pa.array(column, pa.string()) for name, column in zip(names, columns, strict=True)})


def trained(table: pa.Table, threads: int = 1, labels: pa.Table | None = None) -> MatchModel:
    return train_model(table, labels=labels, threads=threads)


def test_training_depends_on_the_records_alone() -> None:
    table = people(400, 1)
    order = np.random.default_rng(2).permutation(len(table))
    assert trained(table).to_json() == trained(table.take(pa.array(order)), threads=2).to_json()


def test_training_learns_that_records_come_in_pairs() -> None:
    model = trained(people(500, 3))
    assert 0.3 < model.partners < 1.4  # of the distinct ones: equal records are one
    by_name = {each.name: each for each in model.comparisons}
    assert by_name["birth_date"].source == "trained"
    assert by_name["birth_date"].weights()[-1] > 8
    assert by_name["birth_date"].weights()[0] < -3


def test_labels_teach_m() -> None:
    table = people(300, 4)
    side = {"left_source": ["data"] * 300, "right_source": ["data"] * 300}
    source = enishi.resolve(table).customers["source"][0].as_py()
    side = {name: [source] * 300 for name in side}
    labels = pa.table(
        side | {"left_record_id": [f"{i}a" for i in range(300)], "right_record_id": [f"{i}b" for i in range(300)]}
    )
    model = trained(table, labels=labels)
    family = next(each for each in model.comparisons if each.name == "family_name")
    assert family.source == "labels"
    assert family.m[-1] > 0.95
    unknown = labels.set_column(2, "left_record_id", pa.array(["nobody"] * 300))
    with pytest.raises(InputError, match="labels table, row 1: there is no record of its left_record_id"):
        trained(table, labels=unknown)


def test_nothing_to_compare_is_a_clear_error() -> None:
    with pytest.raises(InputError, match="nothing to compare"):
        trained(pa.table({"record_id": ["1"], "name": ["x y"]}))


def test_the_rules_and_comparisons_are_printed_as_config_that_gives_the_same(tmp_path: Path) -> None:
    import pyarrow.csv as pa_csv

    table = people(200, 6)
    table = table.append_column("job", pa.array([f"job {n % 7}" for n in range(len(table))]))
    pa_csv.write_csv(table, tmp_path / "web.csv")
    config = tmp_path / "enishi.toml"
    config.write_text("[fields.name]\n[fields.birth_date]\n[fields.postcode]\n[fields.job]\nkind = 'attribute'\n")
    result = CliRunner().invoke(main, ["train", str(tmp_path / "web.csv"), "-c", str(config), "--print-config"])
    assert result.exit_code == 0, result.output
    assert '"birth_date",  # ' in result.stdout
    assert "[match.comparisons.job]" in result.stdout
    before = read_config(config)
    config.write_text(config.read_text() + result.stdout)
    after = read_config(config)
    assert len(after.match.rules) > 5
    one, other = (enishi.resolve(table, model, match="auto") for model in (before, after))
    assert one.links is not None
    assert one.links.num_rows > 50
    assert one.links.equals(other.links)
    assert one.customers.equals(other.customers)
    assert one.summary["match"] == other.summary["match"]
    result = CliRunner().invoke(main, ["train", str(tmp_path / "web.csv")])
    assert result.exit_code == 2
    assert "--print-config" in result.output


def test_the_command_writes_a_model_that_resolve_reads(tmp_path: Path) -> None:
    import pyarrow.csv as pa_csv

    pa_csv.write_csv(people(200, 5), tmp_path / "web.csv")
    model, out = tmp_path / "match.json", tmp_path / "out"
    result = CliRunner().invoke(main, ["train", str(tmp_path / "web.csv"), "-o", str(model)])
    assert result.exit_code == 0, result.output
    assert read_model(model).comparisons
    result = CliRunner().invoke(
        main, ["resolve", str(tmp_path / "web.csv"), "-o", str(out), "--match", str(model), "--quiet"]
    )
    assert result.exit_code == 0, result.output
    summary = json.loads((out / "summary.json").read_text())
    assert summary["match"]["linked"] > 20
    assert summary["customers"] < 300
