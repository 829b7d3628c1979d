"""Splink's settings as a match model: a file written by hand, and what Splink itself writes."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import enishi
from enishi import Attribute, Model, PersonName
from enishi.errors import ConfigError
from enishi.fields import STANDARD_FIELDS
from enishi.match_model import MatchModel, read_model
from enishi.splink_settings import model_of

BY_HAND = Path(__file__).parent / "splink_settings.json"


def test_what_maps_is_taken_and_what_does_not_is_said() -> None:
    model = read_model(BY_HAND)
    given_name, birth_date = model.comparisons
    assert (given_name.name, given_name.kind) == ("given_name", "given_name")
    assert given_name.names == ("different", "jaro_winkler >= 0.9", "equal")
    # What the level without a counterpart held falls to the next.
    assert given_name.m == pytest.approx((0.15, 0.15, 0.7))
    assert given_name.u == pytest.approx((0.991, 0.004, 0.005))
    assert given_name.term_frequency
    assert birth_date.names == ("different", "days <= 30", "damerau_levenshtein <= 1", "equal")
    assert not birth_date.term_frequency
    assert model.rules == ("given_name & birth_date.year", "birth_date")
    assert model.probability == 0.001
    said = "\n".join(model.notices)
    assert "given_name: the level 'Hamming <= 2' has no counterpart" in said
    assert "the comparison 'fn_sn' is left out: it is not of one column" in said
    assert "the blocking rule 'l.dob = r.dob or l.first_name = r.first_name' has no counterpart" in said
    assert len(model.notices) == 3
    assert MatchModel.from_json(model.to_json()).comparisons == model.comparisons


def test_a_run_scores_with_it_and_says_what_is_left_out() -> None:
    rows = [("1", "anna", "1980-04-05"), ("2", "annah", "1980-04-05"), ("3", "bob", "1980-04-05")]
    columns = zip(*rows, strict=True)
    table = pa.table(dict(zip(("record_id", "first_name", "dob"), columns, strict=True)))
    graph = enishi.resolve(table, match=BY_HAND, threshold=-1e6)
    assert any("Hamming <= 2" in notice for notice in graph.summary["notices"])
    assert list(graph.summary["match"]["blocking"]) == ["given_name & birth_date.year", "birth_date"]
    assert graph.links is not None
    evidence = {(row["left_record_id"], row["right_record_id"]): row["evidence"] for row in graph.links.to_pylist()}
    # log2(0.001 / 0.999), log2(0.8 / 0.0001) and log2(0.15 / 0.004) at most, and frequencies that speak for less.
    assert evidence["1", "2"].startswith("prior -10.0, birth_date equal +10.0, given_name jaro_winkler >= 0.9 +")
    assert "given_name different -2.7" in evidence["1", "3"]


@pytest.mark.parametrize(
    ("sql", "kind", "expected"),
    [
        ("LOWER(\"x_l\") = LOWER(\"x_r\")", "text", "equal"),
        ("`x_l` = `x_r`", "text", "equal"),
        ("x_l = x_r", "text", "equal"),
        ('levenshtein("x_l", "x_r") <= 2', "text", "levenshtein <= 2"),
        ('levenshtein("x_l", "x_r") >= 2', "text", None),
        ('levenshtein("x_l", "x_r") <= 1e', "text", None),
        ('levenshtein("x_l", "x_r") <= 99', "text", None),
        ('jaro_sim(`x_l`, `x_r`) >= 0.9', "text", "jaro >= 0.9"),
        ('jaccard("x_l", "x_r") >= 0.5', "text", "character_jaccard >= 0.5"),
        ('abs(datediff(`x_l`, `x_r`)) <= floor(259200 / 86400)', "date", "days <= 3"),
        ('ABS(EPOCH("x_l") - EPOCH("x_r")) <= 259200', "text", None),
        ('ABS("x_l" - "x_r") <= 5', "text", "difference <= 5"),
        (
            '(ABS("x_l" - "x_r") / (CASE WHEN "x_r" > "x_l" THEN "x_r" ELSE "x_l" END)) < 0.1',
            "text",
            "percent <= 10",
        ),
        ("NULLIF(regexp_extract(\"x_l\", '^[^@]+', 0), '') = NULLIF(regexp_extract(\"x_r\", '^[^@]+', 0), '')", "email",
         "same local part"),
        ('"x_l" = "x_r" OR "x_l" = \'\'', "text", None),
    ],
)  # fmt: skip
def test_a_condition_is_recognized_by_its_text(sql: str, kind: str, expected: str | None) -> None:
    exact = {"sql_condition": '"x_l" = "x_r"'}
    levels = [exact, {"sql_condition": sql}, {"sql_condition": "ELSE"}]
    fields = {"text": Attribute(name="x"), "date": enishi.BirthDate(name="x"), "email": enishi.Email(name="x")}
    settings = {"comparisons": [{"comparison_levels": levels}]}
    model = model_of(settings, "settings", [fields[kind]], {"x": "x"})
    names = model.comparisons[0].names
    between = [name for name in names if name and name not in ("different", "equal")]
    assert between == ([] if expected in (None, "equal") else [expected])
    assert any("no counterpart" in notice and "level" in notice for notice in model.notices) == (expected is None)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ('(l."surname" = r."surname") AND (l."dob" = r."dob")', "family_name & birth_date"),
        ("((l.surname = r.surname) and l.dob = r.dob)", "family_name & birth_date"),
        ("substr(l.surname, 1, 3) = substr(r.surname, 1, 3)", "family_name[:3]"),
        ("substr(l.surname, -2) = substr(r.surname, -2)", "family_name[-2:]"),
        ("LEFT(l.surname, 2) = LEFT(r.surname, 2)", "family_name[:2]"),
        ("right(l.surname, 2) = right(r.surname, 2)", "family_name[-2:]"),
        ("LOWER(l.`surname`) = LOWER(r.`surname`)", "family_name"),
        ("substr(l.dob, 1, 7) = substr(r.dob, 1, 7)", "birth_date.month"),
        ("substr(l.dob, 1, 5) = substr(r.dob, 1, 5)", None),
        ("substr(l.surname, 2, 3) = substr(r.surname, 2, 3)", None),
        ("substr(l.surname, 1, 3) = substr(r.surname, 1, 2)", None),
        ("l.surname = r.first_name", None),
        ("l.surname = r.surname and l.age > 3", None),
        ("", None),
        ("(" * 10_000, None),
    ],
)
def test_a_blocking_rule_is_recognized_by_its_text(sql: str, expected: str | None) -> None:
    settings = {"comparisons": [], "blocking_rules_to_generate_predictions": [{"blocking_rule": sql}]}
    model = model_of(settings, "settings", STANDARD_FIELDS)
    assert model.rules == ((expected,) if expected else ())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"comparisons": [3]}, r"comparisons\[0\]: has no comparison_levels"),
        ({"comparisons": [], "probability_two_random_records_match": 2}, "must be a probability"),
        ({"comparisons": [], "probability_two_random_records_match": 1}, "must be below 1"),
        (
            {"comparisons": [{"comparison_levels": [{"sql_condition": "x_l = x_r", "m_probability": [1]}]}]},
            "m_probability: must be a probability",
        ),
    ],
)
def test_what_are_no_settings_is_a_clear_error(settings: dict[str, Any], message: str, tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    file.write_text(json.dumps(settings))
    with pytest.raises(ConfigError, match=message):
        read_model(file)


def test_what_splink_itself_writes(tmp_path: Path) -> None:
    pytest.importorskip("splink", reason="Splink, whose settings are read, is absent")
    import splink.comparison_library as cl
    from splink import SettingsCreator, block_on

    creator = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.NameComparison("first_name"),
            cl.JaroWinklerAtThresholds("surname", [0.9, 0.7]),
            cl.DateOfBirthComparison("dob", input_is_string=True),
            cl.EmailComparison("email"),
            cl.PostcodeComparison("postcode"),
            cl.LevenshteinAtThresholds("city", [1, 2]),
            cl.DamerauLevenshteinAtThresholds("street", [1]),
            cl.JaccardAtThresholds("job", [0.9]),
            cl.ForenameSurnameComparison("fn", "sn"),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("first_name", "surname"),
            block_on("substr(surname,1,3)", "dob"),
            "l.age = r.age and l.city > 'x'",
        ],
    )
    file = tmp_path / "settings.json"
    file.write_text(json.dumps(creator.create_settings_dict("duckdb")))
    fields = [*STANDARD_FIELDS, *(Attribute(name=name) for name in ("city", "street", "job"))]
    model = read_model(file, fields)
    names = {each.name: each.names[1:-1] for each in model.comparisons}
    assert names == {
        "given_name": ("jaro_winkler >= 0.7", "jaro_winkler >= 0.88", "jaro_winkler >= 0.92"),
        "family_name": ("jaro_winkler >= 0.7", "jaro_winkler >= 0.9"),
        "birth_date": ("days <= 3652", "days <= 365", "days <= 30", "levenshtein <= 1"),
        "email": ("alike", "jaro_winkler >= 0.88", "same local part"),
        "postcode": (),
        "city": ("levenshtein <= 2", "levenshtein <= 1"),
        "street": ("damerau_levenshtein <= 1",),
        "job": ("character_jaccard >= 0.9",),
    }
    frequencies = {each.name for each in model.comparisons if each.term_frequency}
    assert frequencies == {"given_name", "email"}
    assert model.rules == ("given_name & family_name", "family_name[:3] & birth_date")
    assert sum("postcode: the level" in notice for notice in model.notices) == 3
    assert any("'fn_sn' is left out" in notice for notice in model.notices)


def test_fields_of_another_name_are_found_by_their_columns() -> None:
    exact = {"sql_condition": '"sei_l" = "sei_r"', "m_probability": 0.9, "u_probability": 0.01}
    settings = {"comparisons": [{"comparison_levels": [exact, {"sql_condition": "ELSE"}]}]}
    model = model_of(settings, "settings", [PersonName(family="sei")], {"sei": "family_name"})
    assert model.comparisons[0].name == "family_name"
    assert any("m is not known for every level" in notice for notice in model.notices)
    assert model_of(settings, "settings", Model().known_fields(), {}).comparisons == ()


@pytest.mark.parametrize("given", [5, "l.dob = r.dob", {"a": 1}])
def test_blocking_rules_that_are_no_list(tmp_path: Path, given: object) -> None:
    settings = json.loads(BY_HAND.read_text()) | {"blocking_rules_to_generate_predictions": given}
    (tmp_path / "settings.json").write_text(json.dumps(settings))
    with pytest.raises(ConfigError, match="blocking_rules_to_generate_predictions: is no list"):
        read_model(tmp_path / "settings.json")
