"""m by expectation-maximization, beside Splink's on the same pairs, levels and u."""

import logging
import random
from typing import Any

import numpy as np
import pytest

from enishi.match_model import ComparisonModel, MatchModel
from enishi.train import expectation_maximization

pytest.importorskip("splink", reason="Splink, whose m is compared with, is absent")
pd = pytest.importorskip("pandas", reason="pandas, by which Splink takes the records, is absent")

import splink.comparison_library as cl  # noqa: E402
from splink import DuckDBAPI, Linker, SettingsCreator, block_on  # noqa: E402

GIVEN = ["anna", "peter", "maria", "john", "susan", "david", "laura", "james", "olivia", "martha"]
FAMILY = ["smith", "jones", "taylor", "brown", "wilson", "evans", "walker", "wright", "abernathy"]


def slipped(rng: random.Random, text: str, rate: float) -> str | None:
    if rng.random() < rate / 3:
        return None
    if rng.random() < rate:
        at = rng.randrange(len(text))
        return text[:at] + rng.choice("aeiounrst") + text[at + 1 :]
    return text


def people(n: int, seed: int) -> Any:
    rng = random.Random(seed)
    rows = []
    for _ in range(n):
        person = {
            "given_name": rng.choice(GIVEN) + rng.choice(["", "bel", "ette"]),
            "family_name": rng.choice(FAMILY) + rng.choice(["", "s", "man", "son", "field"]),
            "city": rng.choice(["tokyo", "osaka", "kyoto", "nagoya", "sendai"]),
            "birth_date": f"{rng.randint(1950, 1999)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}",
        }
        for _ in range(rng.choice((1, 2, 2, 3))):
            rows.append({name: slipped(rng, value, 0.15) for name, value in person.items()})
    return pd.DataFrame(rows).assign(unique_id=range(len(rows)))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("blocking", [("city", "family_name"), ("birth_date",)])
def test_m_is_splink_s_to_three_digits(blocking: tuple[str, ...]) -> None:
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.JaroWinklerAtThresholds("given_name", [0.92, 0.8]),
            cl.JaroWinklerAtThresholds("family_name", [0.92, 0.8]),
            cl.LevenshteinAtThresholds("birth_date", [1]),
            cl.ExactMatch("city"),
        ],
        blocking_rules_to_generate_predictions=[block_on(*blocking)],
        em_convergence=1e-9,
        max_iterations=2_000,
        retain_intermediate_calculation_columns=True,
    )
    linker = Linker(DuckDBAPI().register(people(1_500, 1)), settings, log_level=logging.ERROR)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on(*blocking))
    found = linker.misc.save_model_to_json()["comparisons"]
    predicted = linker.inference.predict().as_pandas_dataframe()
    comparisons, levels = [], []
    for each in found:
        name = each["output_column_name"]
        stated = [level for level in each["comparison_levels"] if not level.get("is_null_level")][::-1]
        u = tuple(float(level["u_probability"]) for level in stated)
        names = ("different", *(f"level {n}" for n in range(1, len(stated) - 1)), "equal")
        start = np.linspace(0.2, 1.0, len(stated))
        m = tuple((start / start.sum()).tolist())
        comparisons.append(ComparisonModel(name, "text", m, u, 1e-4, levels=names))
        levels.append(predicted[f"gamma_{name}"].to_numpy().astype(np.int64) + 1)
    packed = sum(level << 4 * i for i, level in enumerate(levels))
    patterns, counts = np.unique(packed, return_counts=True)
    table = np.stack([patterns, counts], axis=1).astype(np.uint64)
    used = [each.name not in blocking for each in comparisons]
    ours = expectation_maximization(
        MatchModel(tuple(comparisons)), [(table, used)], kept_default=0.0, kept_share=0.0, tolerance=1e-12,
        most_rounds=5_000,
    )  # fmt: skip
    assert len(predicted) > 1_000
    for each, splinks, is_used in zip(ours.model.comparisons, found, used, strict=True):
        if is_used:
            stated = [level for level in splinks["comparison_levels"] if not level.get("is_null_level")][::-1]
            assert each.m == pytest.approx([level["m_probability"] for level in stated], abs=5e-4), each.name
