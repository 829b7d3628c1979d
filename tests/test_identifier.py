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


@pytest.mark.parametrize("keep_case", [False, True])
def test_columns_of_hostile_values(keep_case: bool) -> None:
    rng = random.Random(7)
    pieces = ["A", "b", "０", " ", "  ", "\t", "\u3000", "\u2028", "é", "İ", "\u0331", "ｶﾞ", "-", "NA", "x" * 500]
    values = ["".join(rng.choices(pieces, k=rng.randint(1, 6))).encode() for _ in range(2000)]
    assert_agree(
        _normalize.identifier(keep_case),
        partial(twin.identifier, keep_case=keep_case),
        [*HOSTILE, *HUGE, None, *values],
    )


@given(st.text(max_size=12), st.booleans())
def test_any_text_as_the_twin_has_it(value: str, keep_case: bool) -> None:
    assert _normalize.identifier(keep_case).one(value.encode()) == twin.identifier(value.encode(), keep_case)


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
