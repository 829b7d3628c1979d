import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enishi import _normalize
from kernel_checks import assembled, hostile
from reference.address import address as twin
from reference.columns import HOSTILE, HUGE, assert_agree
from reference.kanji_number import kanji_number

PIECES = [
    *"0123459", *"一二三十百千〇", *"abZé", "-", "－", "ー", "―", "−", " ", "\u3000", ".", ",", "#", "'", "丁目",
    "番地", "番", "号", "号室", "丁", "の", "ノ", "之", "条", "町", "館", "棟", "奈佐原", "大字", "東京都", "コーポ",
    "センター", "ヶ", "ｶﾞ", "〒", "100-0001", "1000001", "Main St", "１", "２", "\u0301", "\ufffd", "😀", "\u200b",
    "不明", "ø", "ﾋﾞﾙ",
]  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("奈佐原２丁目１－２", "奈佐原2-1-2"),
        ("奈佐原二丁目1番地の2", "奈佐原2-1-2"),
        ("奈佐原　2丁目 1番 2号", "奈佐原2-1-2"),
        ("奈佐原2-1-2", "奈佐原2-1-2"),
        ("奈佐原２ー１ー２", "奈佐原2-1-2"),
        ("奈佐原2−1‐2", "奈佐原2-1-2"),
        ("奈佐原二－一－二", "奈佐原2-1-2"),
        ("奈佐原二ー一ー二", "奈佐原2-1-2"),
        ("奈佐原二丁目一の二", "奈佐原2-1-2"),
        ("奈佐原2の1の2", "奈佐原2-1-2"),
        ("奈佐原2-1-2-", "奈佐原2-1-2"),
        ("八丁西町８番２１号", "8丁西町8-21"),
        ("千代田千二百三十四番地", "千代田1234"),
        ("1丁目2番3号101号室", "1-2-3-101"),
        ("本町1-2-3 101", "本町1-2-3-101"),
        ("1-2-3 コーポ山田 B-101", "1-2-3コーポ山田b-101"),
        ("東京都千代田区千代田1-1", "東京都千代田区千代田1-1"),
        ("〒100-0001　東京都千代田区千代田1-1", "東京都千代田区千代田1-1"),
        ("1000001東京都千代田区千代田1-1", "東京都千代田区千代田1-1"),
        ("千代田区一番町1-2", "千代田区1番町1-2"),
        ("三番街2号館", "3番街2号館"),
        ("三丁目三井ビル", "3三井ビル"),
        ("北二十四条西五丁目", "北24条西5"),
        ("茅ヶ崎市", "茅ケ崎市"),
        ("戸田市大字新曽410-1", "戸田市新曽410-1"),
        ("ﾊﾟｰｸﾋﾞﾙ", "パークビル"),
        ("堺区1丁1番", "堺区1-1"),
        ("123 Main St., Apt. #4", "123 main st apt 4"),
        ("12–14  High-Street", "12-14 high street"),
        ("St. John's Rd", "st johns rd"),
        ("Calle José Martí 5", "calle jose marti 5"),
    ],
)
def test_forms(raw: str, expected: str) -> None:
    assert _normalize.address().one(raw.encode()) == (expected, "accepted")
    assert twin(raw.encode()) == (expected, "accepted")


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        ("", "missing"),
        ("-", "missing"),
        ("不明", "missing"),
        ("n/a", "missing"),
        ("、。", "missing"),
        ("東京\ufffd", "encoding"),
        ("a\0b", "encoding"),
        ("a" * 1025, "too_long"),
    ],
)
def test_refusals(raw: str, status: str) -> None:
    assert _normalize.address().one(raw.encode()) == (None, status)
    assert twin(raw.encode()) == (None, status)


@pytest.mark.parametrize(
    ("kanji", "digits"),
    [
        ("十", "10"),
        ("二十三", "23"),
        ("二三", "23"),
        ("千二百三十四", "1234"),
        ("〇三", "03"),
        ("百二", "102"),
        ("零", "0"),
    ]
    + [(kanji, None) for kanji in ("十千", "二十〇", "十一二", "十十", "一二十", "一" * 13)],
)
def test_kanji_numbers(kanji: str, digits: str | None) -> None:
    assert kanji_number(kanji) == digits
    expected = f"{digits or kanji}番町"
    assert _normalize.address().one(f"{kanji}番町".encode()) == (expected, "accepted")


def test_agrees_with_its_twin() -> None:
    normalizer = _normalize.address()
    assert_agree(normalizer, twin, assembled(PIECES, 40_000, seed=1, longest=14))
    assert_agree(normalizer, twin, list(hostile(2, b"12 Main St 5-1")))
    assert_agree(normalizer, twin, list(hostile(3, "奈佐原二丁目1".encode())))
    assert_agree(normalizer, twin, HUGE)


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_agrees_on_what_hypothesis_finds(text: str) -> None:
    assert _normalize.address().one(text.encode()) == twin(text.encode())


def test_columns_in_every_layout() -> None:
    values = ["奈佐原２丁目１－２", "12 Main St.", "-", "東京都千代田区紀尾井町1-3 東京ガーデンテラス紀尾井町"]
    assert_agree(_normalize.address(), twin, [None, *(value.encode() for value in values), *HOSTILE])


@pytest.mark.shared_data
def test_real_addresses_are_accepted(shared_data: Path) -> None:
    with (shared_data / "jp_addresses" / "geolonia_7191.csv").open(newline="", encoding="utf-8") as rows:
        raw = [row["住所"] for row in csv.DictReader(rows)]
    normalizer = _normalize.address()
    for value in raw:
        text, status = normalizer.one(value.encode())
        assert status == "accepted" and text == twin(value.encode())[0]
        # What the rules leave is stable.
        assert normalizer.one(text.encode())[1] == "accepted"
