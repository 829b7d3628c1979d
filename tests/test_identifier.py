import random
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enishi import _normalize
from reference import identifier as twin
from reference.columns import HOSTILE, HUGE, assert_agree


@pytest.mark.parametrize(
    ("raw", "folded", "kept"),
    [
        ("AB-001", "ab-001", "AB-001"),
        ("  ＡＢ　００１ ", "ab 001", "AB 001"),
        ("a \t b", "a b", "a b"),
        ("a\u2028\u1680b", "a b", "a b"),
        ("Ä\u200b1", "ä1", "Ä1"),
        ("x" * 1024, "x" * 1024, "x" * 1024),
    ],
)
def test_canonical(raw: str, folded: str, kept: str) -> None:
    assert _normalize.identifier().one(raw.encode()) == (folded, "accepted")
    assert _normalize.identifier(keep_case=True).one(raw.encode()) == (kept, "accepted")


@pytest.mark.parametrize(
    ("raw", "status"),
    [("", "missing"), ("NULL", "missing"), ("不明", "missing"), ("---", "missing"), ("x" * 1025, "too_long")],
)
def test_refused(raw: str, status: str) -> None:
    assert _normalize.identifier().one(raw.encode()) == (None, status)


@pytest.mark.parametrize(
    ("raw", "joined"),
    [
        ("521-21-2123", "521212123"),
        ("QQ 12 34 56 C", "qq123456c"),
        ("０１０１８０‐１２３４", "0101801234"),
        ("12.345.678/0001-95", "12345678000195"),
        ("j.smith-85", "j.smith-85"),  # a name with a number
        ("12-345", "12-345"),
    ],
)
def test_separators_in_numbers(raw: str, joined: str) -> None:
    assert _normalize.identifier(keep_separators=False).one(raw.encode()) == (joined, "accepted")
    assert _normalize.identifier().one(joined.encode()) == (joined, "accepted")


@pytest.mark.parametrize("keep_separators", [False, True])
@pytest.mark.parametrize("keep_case", [False, True])
def test_columns_of_hostile_values(keep_case: bool, keep_separators: bool) -> None:
    rng = random.Random(7)
    pieces = ["A", "b", "０", "123", "45", "\u2012", "/", ".", " ", "  ", "\t", "\u3000", "\u2028"]
    pieces += ["é", "İ", "\u0331", "ｶﾞ", "-", "NA", "x" * 500]
    values = ["".join(rng.choices(pieces, k=rng.randint(1, 6))).encode() for _ in range(2000)]
    assert_agree(
        _normalize.identifier(keep_case, keep_separators),
        partial(twin.identifier, keep_case=keep_case, keep_separators=keep_separators),
        [*HOSTILE, *HUGE, None, *values],
    )


@given(st.text(max_size=12) | st.text("01234567-./ ‐a", max_size=16), st.booleans(), st.booleans())
def test_any_text_as_the_twin_has_it(value: str, keep_case: bool, keep_separators: bool) -> None:
    kernel = _normalize.identifier(keep_case, keep_separators)
    assert kernel.one(value.encode()) == twin.identifier(value.encode(), keep_case, keep_separators)


@pytest.mark.parametrize("keep_case", [False, True])
def test_every_length(keep_case: bool) -> None:
    texts = [("Member-07" * 8)[:size] for size in range(71)]
    values = texts + [
        text[:at] + sign + text[at:] for text in texts[::5] for at in range(len(text)) for sign in " é\x7f"
    ]
    assert_agree(
        _normalize.identifier(keep_case),
        partial(twin.identifier, keep_case=keep_case),
        [value.encode() for value in values],
    )
