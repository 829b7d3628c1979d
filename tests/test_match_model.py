"""What matching knows: the stored parameters, and models that are read and written."""

import json
from pathlib import Path

import pytest

from enishi.errors import ConfigError, InputError
from enishi.levels import LEVELS
from enishi.match_model import DEFAULTS, MatchModel, default_comparison, read_model

KINDS = {"given_name": "given_name", "birth_date": "date", "postcode": "postcode"}
MODEL = MatchModel(tuple(default_comparison(name, kind) for name, kind in KINDS.items()))


def test_stored_parameters_are_probabilities() -> None:
    for kind, (m, u, rarest) in DEFAULTS.items():
        assert len(m) == len(u) == len(LEVELS[kind])
        assert sum(m) == pytest.approx(1.0, abs=1e-6), kind
        assert sum(u) == pytest.approx(1.0, abs=1e-4), kind
        assert 0 < rarest < 1


def test_a_model_comes_back_from_json() -> None:
    assert MatchModel.from_json(MODEL.to_json()) == MODEL


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not JSON"),
        ("[]", "is no match model"),
        ('{"enishi_match_model": 1}', "must be a table"),
        ('{"enishi_match_model": 1, "comparisons": {"x": {"kind": "y"}}}', "needs a kind"),
        ('{"enishi_match_model": 1, "comparisons": {"x": {"kind": [], "levels": {}}}}', "needs a kind"),
        ("[" * 200_000, "too long"),
        ('{"enishi_match_model": ' + "9" * 5_000 + "}", "too long"),
        ('{"enishi_match_model": 1, "partners": "many", "comparisons": {}}', "must be a number"),
    ],
)
def test_what_is_no_model_is_a_clear_error(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        MatchModel.from_json(text, "file.json")


def test_a_wrong_level_or_probability_is_named() -> None:
    model = json.loads(MODEL.to_json())
    model["comparisons"]["birth_date"]["levels"]["equal"]["m"] = -1
    with pytest.raises(ConfigError, match=r"birth_date: equal: m"):
        MatchModel.from_json(json.dumps(model))
    model["comparisons"]["birth_date"]["levels"]["eqaul"] = {}
    with pytest.raises(ConfigError, match="eqaul"):
        MatchModel.from_json(json.dumps(model))


def test_a_model_that_cannot_be_read_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_model(tmp_path / "absent.json")
    (tmp_path / "marked.json").write_text(MODEL.to_json(), encoding="utf-8-sig")
    assert read_model(tmp_path / "marked.json") == MODEL
    (tmp_path / "latin.json").write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="UTF-8"):
        read_model(tmp_path / "latin.json")
