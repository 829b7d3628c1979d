"""Levels of one's own: their texts, their measures against RapidFuzz and slow twins, and what a run makes of them."""

import os
import random
import re
import unicodedata
from itertools import combinations, islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA, DamerauLevenshtein, Jaro, JaroWinkler, Levenshtein

import enishi
from enishi import Attribute, Comparison, Custom, Level, Match, Model
from enishi._matching import MEASURES as KERNELS
from enishi._matching import compare_texts, first_reached, measure
from enishi.config import read_config, to_toml
from enishi.errors import ConfigError
from enishi.levels import LEVELS, MEASURES, parse_level
from enishi.model import blocking_keys
from reference import match as twin

# Pairs of texts for each measure in the agreement test; a release is checked with 2,000,000, or 10 million in all.
PAIRS = int(os.environ.get("ENISHI_COMPARISON_PAIRS", "40_000"))

DISTANCES = {"osa": OSA, "levenshtein": Levenshtein, "damerau_levenshtein": DamerauLevenshtein}
SIMILARITIES = {"jaro": Jaro, "jaro_winkler": JaroWinkler}
ALPHABETS = ("ab", "abcde", "abcdefghijklmnopqrstuvwxyz -'", "あいうえお佐藤髙橋ー", "aé佐𠮷\U0010ffff ", "\0\x7f\x80")


def random_pairs(seed: str) -> Any:
    """Pairs of texts, most of them near each other, some long, some empty; of the pair the smaller stands left."""
    rng = random.Random(seed)
    while True:
        letters = rng.choice(ALPHABETS)
        length = rng.choice((0, 1, 2, 3, 5, 8, 13, 30, 63, 64, 65, 130))
        one = "".join(rng.choices(letters, k=rng.randint(0, length)))
        other = list(one)
        for _ in range(rng.choice((0, 1, 1, 2, 3, 6))):
            at = rng.randrange(len(other) + 1)
            match rng.randrange(4):
                case 0:
                    other[at:at] = rng.choices(letters, k=1)
                case 1:
                    del other[at : at + 1]
                case 2:
                    other[at : at + 1] = rng.choices(letters, k=1)
                case _:
                    other[at : at + 2] = reversed(other[at : at + 2])
        if rng.random() < 0.1:
            other = rng.choices(letters, k=rng.randint(0, length))
        yield sorted((one, "".join(other)), key=lambda text: (len(text), text))


@pytest.mark.parametrize("name", [*DISTANCES, *SIMILARITIES])
def test_measures_are_rapidfuzz_s(name: str) -> None:
    rng = random.Random(name)
    for a, b in islice(random_pairs(name), PAIRS):
        x, y = a.encode(), b.encode()
        if name in SIMILARITIES:
            assert measure(name, x, y) == SIMILARITIES[name].similarity(a, b), (a, b)
        else:
            limit = rng.randint(0, 10)
            expected = DISTANCES[name].distance(a, b, score_cutoff=limit)
            assert measure(name, x, y, limit) == expected == measure(name, y, x, limit), (a, b, limit)


def test_one_edit_is_rapidfuzz_s_osa() -> None:
    for a, b in islice(random_pairs("one edit"), PAIRS):
        if a != b:
            one = OSA.distance(a, b, score_cutoff=1) <= 1
            assert (compare_texts("typed", a.encode(), b.encode()) == 2) == one, (a, b)


@given(st.text("ab 佐", max_size=9), st.text("ab 佐", max_size=9))
def test_jaccard_and_prefix_are_the_twins(a: str, b: str) -> None:
    for name, of in twin.JACCARD.items():
        assert measure(name, a.encode(), b.encode()) == twin.jaccard(of(a), of(b))
    assert measure("prefix", a.encode(), b.encode()) == twin.prefix(a, b)


@given(st.text("0123456789.-+", max_size=18), st.decimals(-(10**6), 10**6, places=3))
def test_numbers_are_read_as_python_reads_them(hostile: str, number: Any) -> None:
    difference = measure("difference", f"{number}".encode(), b"0.5")
    assert difference == abs(float(number) - 0.5)
    found = measure("difference", hostile.encode(), b"0")
    expected = twin.decimal(hostile)
    assert found == (float("inf") if expected is None else abs(expected))


def test_percent_is_of_the_larger_number() -> None:
    assert measure("percent", b"90", b"100") == 10
    assert measure("percent", b"0", b"0.0") == 0
    assert measure("percent", b"-50", b"100") == 150


@given(*[st.decimals(-90, 90, places=4), st.decimals(-180, 180, places=4)] * 2)
def test_kilometers_are_the_twins(north: Any, east: Any, other_north: Any, other_east: Any) -> None:
    a, b = f"{north:f}, {east:f}", f"{other_north:f},{other_east:f}"
    assert measure("kilometers", a.encode(), b.encode()) == pytest.approx(twin.kilometers(a, b), abs=1e-3)


@given(st.text("0123456789.-+, ", max_size=18))
def test_what_is_no_place_is_far_from_everywhere(hostile: str) -> None:
    found = measure("kilometers", hostile.encode(), b"0, 0")
    assert found == pytest.approx(twin.kilometers(hostile, "0, 0"), abs=1e-3)


def test_kilometers_between_cities() -> None:
    tokyo, osaka = b"35.6812, 139.7671", b"34.7025, 135.4959"
    assert measure("kilometers", tokyo, osaka) == pytest.approx(403, abs=1)
    assert measure("kilometers", b"10, 180", b"10, -180") == pytest.approx(0, abs=1e-6)
    assert measure("kilometers", b"90, 0", b"-90, 77") == pytest.approx(20015.1, abs=0.1)


@given(st.text("ab 佐", max_size=9), st.text("ab 佐", max_size=9))
def test_common_words_are_counted_once(a: str, b: str) -> None:
    words = [{word for word in text.split(" ") if word} for text in (a, b)]
    assert measure("common_words", a.encode(), b.encode()) == len(words[0] & words[1])


NUMERIC = ("days", "difference", "percent", "kilometers")


def some_levels(rng: random.Random) -> list[tuple[str, float]]:
    names = [name for name in KERNELS if name in MEASURES and name not in NUMERIC]
    chosen = rng.sample(names, rng.randint(1, 4))
    return [
        (name, rng.randint(1, 4) if MEASURES[name].whole else round(rng.random(), 2))
        for name in chosen + rng.sample(chosen, 1)
    ]


def test_the_first_level_is_the_twins() -> None:
    rng = random.Random(5)
    for a, b in islice(random_pairs("levels"), 20_000):
        levels = some_levels(rng)
        expected = twin.first_reached(levels, *sorted((a, b), key=str.encode))
        assert first_reached(levels, a.encode(), b.encode()) == expected, (levels, a, b)
        assert first_reached(levels, b.encode(), a.encode()) == expected


def test_dates_are_texts_and_days() -> None:
    levels = [("osa", 1.0), ("days", 31.0), ("days", 366.0)]
    assert first_reached(levels, 19800405, 19800406) == 0
    assert first_reached(levels, 19800405, 19800426) == 1
    assert first_reached(levels, 19810404, 19800405) == 2
    assert first_reached(levels, 19900505, 19800404) == 3


# What is written.


@pytest.mark.parametrize("text", ["near", "osa <= 1", "jaro_winkler >= 0.92", "days <= 31", "difference <= 0.5"])
def test_a_level_comes_back_from_its_text(text: str) -> None:
    assert str(parse_level("x", text)) == text
    assert str(parse_level("x", text.replace(" ", "  "))) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("osa", r"levels\[1\]: 'osa' needs its bound, such as 'osa <= 1'"),
        ("osa >= 1", "osa is written with <=, not >="),
        ("osa <= 11", "osa takes a whole number from 0 to 10, not 11"),
        ("osa <= 1.5", "osa takes a whole number"),
        ("osa <= one", "'one' is no number"),
        ("jaro_winkler >= 1.1", "jaro_winkler takes a number from 0 to 1"),
        ("jarowinkler >= 0.9", "there is no measure 'jarowinkler'"),
        (3, "must be a text such as"),
        ("exact", "two of them are the level 'equal'"),
    ],
)
def test_a_wrong_level_is_named(text: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Comparison("given_name", ["exact", text])


@pytest.mark.parametrize(
    ("match", "message"),
    [
        ("rules = ['birth_date & familly_name']", r"match\.rules\[0\]: there is no field 'familly_name'; did you mean"),
        ("rules = ['email', 'phone[7:]']", r"match\.rules\[1\]: 'phone\[7:\]' is no expression"),
        ("rules = ['email.local']", r"match\.rules\[0\]: there is no key 'local'; did you mean 'local_part'"),
        ("rules = ['phone.year']", r"match\.rules\[0\]: 'phone' has no 'year'"),
        ("rules = ['birth_date[:4]']", r"match\.rules\[0\]: write birth_date\.year"),
        ("rules = 3", r"match\.rules: must be a text or a list of texts"),
        ("rulse = []", r"match\.rulse: there is no option 'rulse'; did you mean 'rules'"),
        ("[match.comparisons.jop]", r"match\.comparisons\.jop: there is no field 'jop'; did you mean 'job'"),
        ("[match.comparisons.job]\nlevels = ['osa < 1']", r"match\.comparisons\.job\.levels\[0\]: osa is written"),
        ("[match.comparisons.job]\nlevels = ['one slip']", r"match\.comparisons\.job\.levels\[1\]: there is no level"),
        ("[match.comparisons.job]\nlevels = ['days <= 3']", r"match\.comparisons\.job\.levels\[1\]: only a birth date"),
        ("[match.comparisons.job]\nlevel = []", r"match\.comparisons\.job\.level: there is no option"),
        ("[match.comparisons.job]\nterm_frequency = 1", r"match\.comparisons\.job\.term_frequency: must be true"),
        ("comparisons = 1", r"match\.comparisons: must be tables, each headed \[match\.comparisons\.NAME\]"),
    ],
)
def test_a_mistake_in_the_file_is_named_with_its_place(tmp_path: Path, match: str, message: str) -> None:
    file = tmp_path / "enishi.toml"
    file.write_text(f"[fields.job]\nkind = 'attribute'\n[match]\n{match}\n")
    with pytest.raises(ConfigError, match=message):
        read_config(file)


def test_the_file_and_python_mean_the_same(tmp_path: Path) -> None:
    model = Model(
        [enishi.PersonName(), enishi.BirthDate(), Attribute(name="job")],
        match=Match(
            ["birth_date & family_name", "given_name[:1] & job[-2:]", "family_name.reading & birth_date.year"],
            [
                Comparison("given_name", ["exact", "jaro_winkler >= 0.9"], term_frequency=False),
                Comparison("job", [Level("bigram_jaccard", 0.5), Level("near")]),
            ],
        ),
    )
    file = tmp_path / "enishi.toml"
    file.write_text(to_toml(model))
    assert read_config(file) == model
    assert read_config(file).digest() == model.digest() != Model(model.fields).digest()


def test_a_rule_is_read_as_keys() -> None:
    keys = blocking_keys("x", "phone[-7:] & given_name[:1] & email.local_part & city")
    assert [(key.field, key.part, key.length) for key in keys] == [
        ("phone", "suffix", 7),
        ("given_name", "prefix", 1),
        ("email", "local_part", 0),
        ("city", "code", 0),
    ]


# What a run makes of them.


def people(*rows: dict[str, Any]) -> pa.Table:
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: pa.array([row.get(name) for row in rows], pa.string()) for name in names}
    return pa.table({"record_id": [str(n + 1) for n in range(len(rows))], **columns})


def levels_found(left: dict[str, Any], right: dict[str, Any], match: Match, *fields: Any) -> str:
    """The evidence of the one pair."""
    graph = enishi.resolve(people(left, right), Model(fields, match=match), match="auto", threshold=-1e6)
    assert graph.links is not None
    rows = graph.links.to_pylist()
    return rows[0]["evidence"] if rows else ""


ANNA = {"given_name": "anna", "family_name": "featherstone", "birth_date": "1980-04-05", "job": "potter"}


@pytest.mark.parametrize(
    ("field", "value", "levels", "expected"),
    [
        ("given_name", "anne", ["exact", "osa <= 1", "osa <= 2"], "given_name osa <= 1"),
        ("given_name", "anneli", ["exact", "osa <= 1", "prefix >= 3"], "given_name prefix >= 3"),
        ("given_name", "hanna", ["exact", "near", "levenshtein <= 1"], "given_name"),
        ("given_name", "bob", ["exact", "osa <= 1"], "given_name different"),
        ("birth_date", "1980-04-25", ["exact", "one slip", "days <= 31"], "birth_date one slip"),
        ("birth_date", "1980-04-26", ["exact", "one slip", "days <= 31"], "birth_date days <= 31"),
        ("birth_date", "1980-04-06", ["exact", "levenshtein <= 1"], "birth_date levenshtein <= 1"),
        ("job", "pottery", ["exact", "trigram_jaccard >= 0.5"], "job trigram_jaccard >= 0.5"),
        ("job", "potter", ["osa <= 1"], "job equal"),
    ],
)
def test_a_pair_has_the_first_level_that_it_reaches(field: str, value: str, levels: list[str], expected: str) -> None:
    other = ANNA | {field: value, "family_name": "featherston"}
    match = Match(["family_name.skeleton"], [Comparison(field, levels)])
    job = Attribute("job", name="job")
    found = levels_found(ANNA, other, match, enishi.PersonName(), enishi.BirthDate(), job)
    assert expected in found


def test_swapped_names_and_readings_are_levels_too() -> None:
    match = Match(["name.skeleton"], [Comparison("given_name", ["exact", "swapped"])])
    swapped = ANNA | {"given_name": ANNA["family_name"], "family_name": ANNA["given_name"]}
    assert "given_name swapped" in levels_found(ANNA, swapped, match)
    one = {"family_name": "斎藤", "given_name": "裕子", "family_name_kana": "サイトウ", "given_name_kana": "ユウコ"}
    other = one | {"given_name": "優子"}
    match = Match(["family_name.reading"], [Comparison("given_name", ["exact", "same reading", "osa <= 1"])])
    assert "given_name same reading" in levels_found(one, other, match)


VARIANTS = (
    "斎藤 齋藤 斉藤 齊藤, 渡辺 渡邊 渡邉, 高橋 髙橋, 山崎 山﨑, 浜田 濵田 濱田, "
    "沢田 澤田, 広田 廣田, 国分 國分, 吉田 𠮷田"
)


@pytest.mark.parametrize("names", [names.split() for names in VARIANTS.split(", ")])
def test_kanji_variants_are_a_level_below_equality(names: list[str]) -> None:
    person = {"given_name": "花子", "birth_date": "1980-04-05"}
    for one, other in combinations(names, 2):
        found = levels_found(person | {"family_name": one}, person | {"family_name": other}, Match())
        assert "family_name variant +" in found
        # A reading that both have, too, makes it no more and no less.
        reading = {"family_name_kana": "カナ", "given_name_kana": "ハナコ"}
        found = levels_found(
            person | reading | {"family_name": one}, person | reading | {"family_name": other}, Match()
        )
        assert "family_name variant +" in found
        whole = [{"name": f"{name}花子", "birth_date": "1980-04-05"} for name in (one, other)]
        assert "name same reading +" in levels_found(*whole, Match())
    other = levels_found(person | {"family_name": "佐藤"}, person | {"family_name": "加藤"}, Match())
    assert "family_name" in other
    assert "variant" not in other


def test_each_kanji_is_a_variant_of_one() -> None:
    table = (Path(__file__).parents[1] / "csrc/enishi/kanji_variants.hpp").read_text("utf-8")
    groups = " ".join(re.findall(r'^    "(.*)"', table, re.MULTILINE)).split()
    assert len(groups) > 400
    members = "".join(groups)
    assert len(set(members)) == len(members)
    # What NFKC changes never comes here.
    assert unicodedata.normalize("NFKC", members) == members


def test_nicknames_are_listed(tmp_path: Path) -> None:
    (tmp_path / "nicknames.csv").write_text("Robert,has_nickname,BOB\nマリア,マリ\n\n", "utf-8")
    file = tmp_path / "enishi.toml"
    file.write_text('[match]\nrules = ["family_name"]\n[match.comparisons.given_name]\n'
                    'levels = ["exact", "osa <= 1", "listed nicknames.csv"]\n')  # fmt: skip
    match = read_config(file).match
    bob = levels_found(ANNA | {"given_name": "bob"}, ANNA | {"given_name": "robert"}, match)
    assert f"given_name listed {tmp_path / 'nicknames.csv'} +" in bob
    assert "given_name different" in levels_found(ANNA | {"given_name": "bob"}, ANNA, match)
    file.write_text(to_toml(Model(match=match)))
    assert read_config(file).match == match
    (tmp_path / "nicknames.csv").write_text("alone\n")
    with pytest.raises(ConfigError, match="row 1 is no pair"):
        levels_found(ANNA, ANNA, match)
    (tmp_path / "nicknames.csv").write_bytes(b"\xff,a\n")
    with pytest.raises(ConfigError, match="cannot be read as a CSV file in UTF-8"):
        levels_found(ANNA, ANNA, match)
    with pytest.raises(ConfigError, match=r"levels\[0\]: there is no file 'absent\.csv'"):
        Comparison("given_name", ["listed absent.csv"])
    with pytest.raises(ConfigError, match="only names and attributes"):
        Model(match=Match(comparisons=[Comparison("birth_date", [f"listed {tmp_path / 'nicknames.csv'}"])]))


def test_numbers_are_compared_as_numbers() -> None:
    match = Match(["family_name"], [Comparison("price", ["exact", "percent <= 10", "difference <= 50"])])
    price = Attribute("price", name="price")
    for value, expected in (("105.5", "percent <= 10"), ("140.25", "difference <= 50"), ("-100", "different")):
        found = levels_found(ANNA | {"price": "100"}, ANNA | {"price": value}, match, enishi.PersonName(), price)
        assert f"price {expected}" in found


def test_places_and_words_in_common_are_levels() -> None:
    match = Match(
        ["family_name"],
        [
            Comparison("place", ["exact", "kilometers <= 2"]),
            Comparison("tags", ["common_words >= 2", "common_words >= 1"]),
        ],
    )
    place, tags = Attribute("place", name="place"), Attribute("tags", name="tags")
    one = ANNA | {"place": "35.6812, 139.7671", "tags": "tea rice sake"}
    near = ANNA | {"place": "35.6900, 139.7700", "tags": "sake, tea"}
    found = levels_found(one, near, match, enishi.PersonName(), place, tags)
    assert "place kilometers <= 2" in found
    far = ANNA | {"place": "34.7025, 135.4959", "tags": "rice wine"}
    found = levels_found(one, far, match, enishi.PersonName(), place, tags)
    assert "place different" in found
    assert "tags common_words >= 1" in found


def test_rules_of_ones_own_are_the_only_ones() -> None:
    rows = [ANNA, ANNA | {"given_name": "anne"}, ANNA | {"family_name": "smith"}]
    match = Match(["family_name & birth_date"])
    graph = enishi.resolve(people(*rows), Model(match=match), match="auto", threshold=-1e6)
    assert list(graph.summary["match"]["blocking"]) == ["family_name & birth_date"]
    assert graph.summary["match"]["above_threshold"] == 1


def test_frequencies_can_be_left_out() -> None:
    rows = [{"given_name": name, "family_name": f"f{i}"} for i in range(40) for name in ("anna", f"g{i}")]
    rows += [{"given_name": "anna", "family_name": "f1"}, {"given_name": "g1", "family_name": "f1"}]

    def weights(term_frequency: bool) -> set[str]:
        comparison = Comparison("given_name", ["exact", "osa <= 1"], term_frequency=term_frequency)
        match = Match(["given_name & family_name"], [comparison])
        graph = enishi.resolve(people(*rows), Model(rules=[], match=match), match="auto", threshold=-1e6)
        assert graph.links is not None
        return {row["evidence"].split("given_name equal ")[1][:4] for row in graph.links.to_pylist()}

    assert len(weights(False)) == 1 < len(weights(True))


def same_end(left: Any, right: Any) -> bool:
    return len(left) > 0 and len(right) > 0 and left[-1] == right[-1]


def test_a_function_of_ones_own_is_compiled_and_asked() -> None:
    pytest.importorskip("numba", reason="Numba, which compiles a user's functions, is absent")
    match = Match(["family_name"], [Comparison("given_name", ["osa <= 1", Custom(same_end)])])
    assert "given_name custom same_end" in levels_found(ANNA, ANNA | {"given_name": "maria"}, match)
    assert "given_name different" in levels_found(ANNA, ANNA | {"given_name": "bob"}, match)
    wrong = Match(["family_name"], [Comparison("given_name", [Custom(lambda left, right: left.nonsense())])])
    with pytest.raises(ConfigError, match="cannot be compiled by Numba"):
        levels_found(ANNA, ANNA, wrong)
    with pytest.raises(ConfigError, match="must be a function"):
        Custom(3)  # type: ignore[arg-type]


def test_a_comparison_may_know_equal_and_different_alone() -> None:
    match = Match(["family_name"], [Comparison("given_name", ["exact"]), Comparison("birth_date", ["exact"])])
    for name, level in (("anna", "equal"), ("anne", "different"), ("bob", "different")):
        assert f"given_name {level}" in levels_found(ANNA, ANNA | {"given_name": name}, match)
    near = str(ANNA["birth_date"])[:-1] + "9"
    assert "birth_date different" in levels_found(ANNA, ANNA | {"birth_date": near}, match)


def test_the_stored_levels_written_out_are_the_stored_ones() -> None:
    rows = [ANNA | {"given_name": name, "job": None} for name in ("anna", "anne", "hannah", "bob", "maria", "ana")]
    written = [
        Comparison(name, [level for level in reversed(LEVELS[kind][1:]) if level])
        for name, kind in (("given_name", "given_name"), ("birth_date", "date"), ("family_name", "family_name"))
    ]
    one = enishi.resolve(people(*rows), match="auto", threshold=-1e6)
    other = enishi.resolve(people(*rows), Model(match=Match(comparisons=written)), match="auto", threshold=-1e6)
    assert one.links is not None
    assert one.links.equals(other.links)


def test_levels_of_ones_own_are_trained_and_come_back(tmp_path: Path) -> None:
    rng = random.Random(2)
    rows = []
    for _ in range(150):
        name = "".join(rng.choices("abcdefghij", k=7))
        birth = f"{rng.randint(1940, 2000)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
        rows += [{"given_name": name, "birth_date": birth}, {"given_name": name[:-1] + "z", "birth_date": birth}]
    match = Match(["birth_date", "given_name[:3]"], [Comparison("given_name", ["exact", "osa <= 1", "osa <= 2"])])
    from enishi import train_model
    from enishi.match_model import read_model

    model = Model(match=match)
    trained = train_model(people(*rows), model, threads=1)
    given_name = next(each for each in trained.comparisons if each.name == "given_name")
    assert given_name.names == ("different", "osa <= 2", "osa <= 1", "equal")
    assert given_name.source == "trained"
    # No two records are equal in all: where the dates are equal, the names are not, and mostly differ by one edit.
    assert given_name.m[2] > 0.95 * (1 - given_name.m[3])
    file = tmp_path / "match.json"
    file.write_text(trained.to_json())
    assert read_model(file) == trained
    # The file alone says as much as it does beside the configuration.
    alone, beside = (enishi.resolve(people(*rows), each, match=file) for each in (Model(), model))
    assert alone.links is not None
    assert alone.links.num_rows > 100
    assert alone.links.equals(beside.links)
    other = Model(match=Match(comparisons=[Comparison("given_name", ["osa <= 1"])]))
    with pytest.raises(ConfigError, match=r"given_name: has other levels than the configuration"):
        enishi.resolve(people(*rows), other, match=file)


HOSTILE = ["", " ", "\0", "x" * 100_000, "1e400", "-", "9" * 400, "\udcff", "İ" * 50, "a\tb"]


def test_hostile_values_finish() -> None:
    match = Match(
        ["family_name", "job[:1]", "job[-3:]"],
        [
            Comparison("job", ["osa <= 3", "damerau_levenshtein <= 10", "trigram_jaccard >= 0.1", "percent <= 3"]),
            Comparison("birth_date", ["days <= 40", "jaro >= 0.3", "difference <= 3"]),
        ],
    )
    fields = [enishi.PersonName(), enishi.BirthDate(), Attribute("job", name="job")]
    table = pa.table(
        {
            "record_id": [str(n) for n in range(len(HOSTILE))],
            "family_name": ["f"] * len(HOSTILE),
            "job": pa.array([text.encode("utf-8", "surrogateescape") for text in HOSTILE], pa.binary()),
            "birth_date": pa.array([f"19{10 + n}-01-02" for n in range(len(HOSTILE))]),
        }
    )
    graph = enishi.resolve(table, Model(fields, match=match), match="auto")
    assert len(graph.customers) == len(HOSTILE)
