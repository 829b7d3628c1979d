import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enishi import _normalize
from reference.columns import HOSTILE, HUGE, assert_agree, spoiled
from reference.masked_card import masked_card as twin


@pytest.mark.parametrize(
    ("raw", "answer"),
    [
        *(
            (spelling, ("411111******1111", "accepted"))
            for spelling in (
                "411111******1111",
                "4111-11**-****-1111",
                "4111 11** **** 1111",
                "411111XXXXXX1111",
                "4111-11xx-xxxx-1111",
                "411111••••••1111",
                "411111●●●●●●1111",
                "411111＊＊＊＊＊＊1111",
                "４１１１１１＊＊＊＊＊＊１１１１",
                "411111ＸＸＸＸＸＸ1111",
                "411111…1111",
                "411111...1111",
                "411111######1111",
                "Visa 411111******1111",
                "VISA: 4111 11** **** 1111",
                '"411111******1111"',
                "カード番号 411111******1111",
                "411111******1111 (Visa)",
            )
        ),
        *(
            (spelling, ("******1111", "accepted"))
            for spelling in (
                "**** **** **** 1111",
                "****-****-****-1111",
                "************1111",
                "xxxx1111",
                "XXXX-1111",
                "•••• 1111",
                "・・・・1111",
                "××××1111",
                "amex ***1111",
                "Visaxxxx1111",
                "末尾 **1111",
                "...1111",
                "**** **** **11 1111",
            )
        ),
        *(
            (spelling, ("411111******1111|2027-12", "accepted"))
            for spelling in (
                "411111******1111 12/27",
                "411111******1111 12/2027",
                "411111******1111 2027-12",
                "411111******1111|2027-12",
                "411111******1111|12/27",
                "411111******1111,12/27",
                "411111******1111 (12/27)",
                "411111******1111 exp 12/27",
                "411111******1111 Exp. 12 / 27",
                "411111******1111 expires 12-2027",
                "411111******1111 有効期限 12/27",
                "411111******1111 27/12",
                "411111******1111-2027-12",
                "411111******1111 12.2027",
                "４１１１１１＊＊＊＊＊＊１１１１　１２／２７",
            )
        ),
        ("4111-1111-****-1111", ("41111111******1111", "accepted")),
        ("411111111111**1111", ("41111111******1111", "accepted")),
        ("4*** **** **** 1111", ("4******1111", "accepted")),
        ("3714-******-*8431", ("3714******8431", "accepted")),
        ("3714 ****** *8431 1/28", ("3714******8431|2028-01", "accepted")),
        ("4111111111111111", (None, "card_number")),
        ("4111 1111 1111 1111", (None, "card_number")),
        ("4111-1111-1111-1112", (None, "card_number")),
        ("4111111111111111 12/27", (None, "card_number")),
        ("411111******1111 13/2027", (None, "impossible")),
        ("411111******1111 2027-13", (None, "impossible")),
        ("411111******1111 12/1927", (None, "impossible")),
        ("411111******1111 31/31", (None, "impossible")),
        ("411111******1111 1227", ("411111******1111|2027-12", "accepted")),
        ("411111******1111|2712", ("411111******1111|2027-12", "accepted")),
        ("4111 **** 1111 1227", ("4111******1227", "accepted")),
        ("411111******1111 12/27/2027", (None, "malformed")),
        ("411111******1111 5", (None, "malformed")),
        ("411111******111", (None, "malformed")),
        ("411111**********", (None, "malformed")),
        ("4111111*1111", (None, "malformed")),
        ("1111", (None, "malformed")),
        ("Visa", (None, "malformed")),
        ("expires 12/27", (None, "malformed")),
        ("4.11111E+15", (None, "spreadsheet")),
        ("********************************1111", (None, "malformed")),
        ("****************", (None, "missing")),
        ("********************", (None, "missing")),
        ("", (None, "missing")),
        ("n/a", (None, "missing")),
        ("4111\x0011****1111", (None, "encoding")),
    ],
)
def test_values(raw: str, answer: tuple[str | None, str]) -> None:
    assert _normalize.masked_card().one(raw.encode()) == answer
    assert twin(raw.encode()) == answer


def test_hostile_and_random_columns() -> None:
    rng = random.Random(9)
    normalizer = _normalize.masked_card()
    assert_agree(normalizer, twin, [])
    assert_agree(normalizer, twin, [None])
    assert_agree(normalizer, twin, [b"411111******1111"])
    assert_agree(normalizer, twin, [None, *HOSTILE, None, *HUGE])
    values: list[bytes | None] = []
    for _ in range(20_000):
        number = "".join(rng.choices("0123456789", k=rng.choice((14, 15, 16, 16, 16, 19))))
        first, mask = rng.choice((0, 1, 4, 6, 6, 8, 16)), rng.choice("*xX•＊#.")
        value = number[:first] + mask * max(0, len(number) - first - 4) + number[max(first, len(number) - 4) :]
        if rng.random() < 0.5:
            value = rng.choice(" -").join(value[i : i + 4] for i in range(0, len(value), 4))
        value = rng.choice(["", "", "Visa ", "amex", "カード "]) + value
        value += rng.choice(["", "", " 12/27", "|2027-12", " exp 1/2030", " (27/12)", ",13/40", "-12-27"])
        value = spoiled(rng, value, "0123456789*xXaz•-/. |'\"１＊")
        values.append(None if rng.random() < 0.02 else value.encode())
    statuses = {status for _, status in assert_agree(normalizer, twin, values)}
    assert statuses >= {"accepted", "missing", "malformed", "impossible", "card_number"}


MASKED_LIKE = st.text("0123456789*xX•- /.|(exp)１＊", max_size=32)


@given(MASKED_LIKE | st.text(max_size=40))
def test_any_text(text: str) -> None:
    assert_agree(_normalize.masked_card(), twin, [text.encode()])


@given(st.binary(max_size=70))
def test_any_bytes(raw: bytes) -> None:
    assert _normalize.masked_card().one(raw) == twin(raw)


@given(MASKED_LIKE)
def test_canonical_values_stay_and_hide_the_number(text: str) -> None:
    canonical, status = _normalize.masked_card().one(text.encode())
    if canonical is not None:
        assert _normalize.masked_card().one(canonical.encode()) == (canonical, status)
        assert sum(c.isdecimal() for c in canonical.partition("|")[0]) <= 12


def test_words_of_x_before_other_masks_end() -> None:
    for raw in (b"xx*a", b"XXXX****e3b0", b"xx*", b"xxx***1111", b"visaxx*a1111"):
        assert _normalize.masked_card().one(raw) == twin(raw)
