"""Values a second of the normalizers of attributes, one thread; run with `pytest --benchmark-only`."""

import random
from collections.abc import Callable

import pyarrow as pa
import pytest

from enishi import _normalize

ROWS = 1_000_000


def _western_names(rng: random.Random) -> str:
    return rng.choice(["Robert", "Mary", "Anne-Marie", "John"]) + " " + rng.choice(["Smith", "O'Brien", "Alexopoulos"])


def _accented_names(rng: random.Random) -> str:
    return rng.choice(["José", "Müller", "Søren", "Zoë"]) + " " + rng.choice(["García", "Núñez", "Łukasz"])


def _kanji_names(rng: random.Random) -> str:
    return (
        rng.choice(["山田", "佐々木", "高橋", "鈴木"])
        + rng.choice(["", " ", "　"])
        + rng.choice(["太郎", "花子", "一"])
    )


def _kana_names(rng: random.Random) -> str:
    return rng.choice(["ヤマダ", "ササキ", "タカハシ"]) + "　" + rng.choice(["タロウ", "ショウタ", "ハナコ"])


def _half_width_names(rng: random.Random) -> str:
    return rng.choice(["ﾔﾏﾀﾞ", "ｻｻｷ", "ﾀｶﾊｼ"]) + " " + rng.choice(["ﾀﾛｳ", "ｼｮｳﾀ", "ﾊﾅｺ"])


def _iso_dates(rng: random.Random) -> str:
    return f"{rng.randint(1930, 2010)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"


def _compact_dates(rng: random.Random) -> str:
    return _iso_dates(rng).replace("-", "")


def _slash_dates(rng: random.Random) -> str:
    return f"{rng.randint(1930, 2010)}/{rng.randint(1, 12)}/{rng.randint(1, 28)}"


def _era_dates(rng: random.Random) -> str:
    return f"昭和{rng.randint(2, 63)}年{rng.randint(1, 12)}月{rng.randint(1, 28)}日"


def _postcodes(rng: random.Random) -> str:
    return f"{rng.randint(100, 999)}-{rng.randint(0, 9999):04}"


def _wide_postcodes(rng: random.Random) -> str:
    return "〒" + _postcodes(rng).translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789"})


def _western_addresses(rng: random.Random) -> str:
    return f"{rng.randint(1, 9999)} {rng.choice(['Main St.', 'Adela Lane', 'High Street'])}, Apt. {rng.randint(1, 99)}"


def _japanese_addresses(rng: random.Random) -> str:
    return f"大阪府高槻市奈佐原{rng.randint(1, 9)}丁目{rng.randint(1, 30)}番{rng.randint(1, 30)}号"


@pytest.mark.parametrize(
    ("normalizer", "make"),
    [
        (_normalize.person_name(), _western_names),
        (_normalize.person_name(), _accented_names),
        (_normalize.person_name(), _kanji_names),
        (_normalize.person_name(), _kana_names),
        (_normalize.person_name(), _half_width_names),
        (_normalize.birth_date(), _iso_dates),
        (_normalize.birth_date(), _compact_dates),
        (_normalize.birth_date(), _slash_dates),
        (_normalize.birth_date(), _era_dates),
        (_normalize.postcode(), _postcodes),
        (_normalize.postcode(), _wide_postcodes),
        (_normalize.address(), _western_addresses),
        (_normalize.address(), _japanese_addresses),
    ],
    ids=lambda value: getattr(value, "__name__", "").strip("_"),
)
def test_speed(benchmark, normalizer: _normalize.Normalizer, make: Callable[[random.Random], str]) -> None:
    rng = random.Random(1)
    distinct = [make(rng) for _ in range(10_000)]
    values = pa.array(rng.choices(distinct, k=ROWS), pa.large_string())
    benchmark.extra_info["rows"] = ROWS
    benchmark.pedantic(normalizer.canonicalize, (values,), rounds=5, warmup_rounds=1)
    benchmark.extra_info["million_values_per_second"] = round(ROWS / benchmark.stats.stats.min / 1e6, 1)
