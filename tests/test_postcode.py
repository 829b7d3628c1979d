import pytest
from hypothesis import given
from hypothesis import strategies as st

from enishi import _normalize
from kernel_checks import assembled, hostile
from reference.columns import HOSTILE, HUGE, assert_agree
from reference.postcode import postcode as twin

PIECES = [
    *"0123456789abzAZ -", "100", "0001", "〒", "〶", "１００", "−", "ー", "‐", ".0", "000", "1234567", "東京", "_",
    "é", "不明", "n/a",
]  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("100-0001", "1000001"),
        ("〒100-0001", "1000001"),
        ("〒 １００－０００１", "1000001"),
        ("100ー0001", "1000001"),
        ("1000001", "1000001"),
        ("1000001.0", "1000001"),
        ("0600001", "0600001"),
        ("600001", "600001"),
        ("sw1a 1aa", "SW1A1AA"),
        ("M1S 1T4", "M1S1T4"),
        ("89132", "89132"),
        ("89132-1234", "891321234"),
        ("101", "101"),
        ("2222", "2222"),
        ("22222", "22222"),
    ],
)
def test_forms(raw: str, expected: str) -> None:
    assert _normalize.postcode().one(raw.encode()) == (expected, "accepted")
    assert twin(raw.encode()) == (expected, "accepted")


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        ("", "missing"),
        ("-", "missing"),
        ("〒", "missing"),
        ("〒 - ", "missing"),
        ("不明", "missing"),
        ("N/A", "missing"),
        ("000-0000", "junk"),
        ("9999999", "junk"),
        ("00000", "junk"),
        ("123-4567", "junk"),
        ("10", "malformed"),
        ("12345678901", "malformed"),
        ("tokyo", "malformed"),
        ("100-0001 東京都", "malformed"),
        ("100_0001", "malformed"),
        ("100\x000001", "encoding"),
        ("1" * 65, "too_long"),
    ],
)
def test_refusals(raw: str, status: str) -> None:
    assert _normalize.postcode().one(raw.encode()) == (None, status)
    assert twin(raw.encode()) == (None, status)


def test_agrees_with_its_twin() -> None:
    normalizer = _normalize.postcode()
    assert_agree(normalizer, twin, assembled(PIECES, 20_000, seed=1))
    assert_agree(normalizer, twin, list(hostile(2, b"100-0001")))
    assert_agree(normalizer, twin, HUGE)


@given(st.lists(st.sampled_from(PIECES), max_size=9).map("".join))
def test_agrees_on_what_hypothesis_finds(text: str) -> None:
    assert _normalize.postcode().one(text.encode()) == twin(text.encode())


def test_columns_in_every_layout() -> None:
    values = ["100-0001", "〒１００－０００１", "sw1a 1aa", "tokyo", "a postcode that no view keeps inline"]
    assert_agree(_normalize.postcode(), twin, [None, *(value.encode() for value in values), *HOSTILE])
