import pytest
from hypothesis import given
from hypothesis import strategies as st

from enishi import _normalize
from kernel_checks import assembled, hostile
from reference.address import free_text as twin
from reference.columns import HOSTILE, HUGE, assert_agree

PIECES = [
    *"059", *"abZé", "-", "－", "−", "ー", " ", "\u3000", ".", ".5", ",", "'", "東京", "ｶﾞ", "Ж", "김", "１", "．",
    "\u0301", "\ufffd", "😀", "\u200b", "不明", "ø", "三丁目", "\0",
]  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Saint-Étienne", "saint etienne"),
        ("35.6812, 139.7671", "35.6812 139.7671"),
        ("−35.5,-100.25", "-35.5 -100.25"),
        ("１２．５ ％", "12.5"),
        ("2024-05-01", "2024-05-01"),
        ("covid-19", "covid 19"),
        ("No. 5", "no 5"),
        ("Dr. O'Neill", "dr oneill"),
        ("三 谷", "三谷"),
        ("Нижний Новгород", "нижний новгород"),
        ("奈佐原 2丁目", "奈佐原2丁目"),
        ("5--5", "5 -5"),
        ("気温 -5", "気温-5"),
        ("東京--0", "東京-0"),
        ("- 5 -", "5"),
    ],
)
def test_forms(raw: str, expected: str) -> None:
    assert _normalize.free_text().one(raw.encode()) == (expected, "accepted")
    assert twin(raw.encode()) == (expected, "accepted")


@pytest.mark.parametrize(
    ("raw", "status"),
    [("", "missing"), ("-", "missing"), ("n/a", "missing"), ("東京\ufffd", "encoding"), ("a" * 1025, "too_long")],
)
def test_refusals(raw: str, status: str) -> None:
    assert _normalize.free_text().one(raw.encode()) == (None, status)
    assert twin(raw.encode()) == (None, status)


def test_agrees_with_its_twin() -> None:
    normalizer = _normalize.free_text()
    assert_agree(normalizer, twin, assembled(PIECES, 40_000, seed=1, longest=14))
    assert_agree(normalizer, twin, list(hostile(2, b"35.5, -100.25")))
    assert_agree(normalizer, twin, list(hostile(3, "東京 -5".encode())))
    assert_agree(normalizer, twin, [None, *HOSTILE, *HUGE])


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_agrees_on_what_hypothesis_finds(text: str) -> None:
    assert _normalize.free_text().one(text.encode()) == twin(text.encode())


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_a_canonical_text_is_its_own(text: str) -> None:
    canonical, status = _normalize.free_text().one(text.encode())
    if status == "accepted":
        # Without its signs a text may turn out to mean nothing.
        assert _normalize.free_text().one(canonical.encode()) in ((canonical, "accepted"), (None, "missing"))


@given(st.decimals(-(10**6), 10**6, places=3))
def test_numbers_stay_numbers(number) -> None:
    assert _normalize.free_text().one(f"{number:f}".encode()) == (f"{number:f}", "accepted")
