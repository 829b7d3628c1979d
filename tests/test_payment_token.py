import random
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from enishi import _normalize
from reference import card_number as card_twin
from reference import payment_token as token_twin
from reference.columns import HOSTILE, HUGE, assert_agree, spoiled
from reference.payment_token import payment_token as twin

# Numbers that card companies give for tests, and ranges' ends.
CARDS = [
    "4111111111111111",
    "4222222222222",
    "4012888888881881",
    "5555555555554444",
    "5105105105105100",
    "2223003122003222",
    "378282246310005",
    "371449635398431",
    "3530111333300000",
    "30569309025904",
    "36227206271667",
    "38520000023237",
    "6011111111111117",
    "6445644564456445",
    "6510000000000075",
    "6250941006528599",
    "6205500000000000004",
    "8171999927660000",
]
PAR = "V0010013019046000000000000012"


@pytest.mark.parametrize("card", CARDS)
def test_raw_card_numbers(card: str) -> None:
    grouped = " ".join(card[i : i + 4] for i in range(0, len(card), 4))
    wide = "".join(chr(ord(c) + 0xFEE0) for c in card)
    for spelling in (
        card,
        grouped,
        grouped.replace(" ", "-"),
        grouped.replace(" ", "‐"),
        wide,
        f'"{card}"',
        f" {card} ",
    ):
        raw = spelling.encode()
        assert _normalize.looks_like_card_number(raw) and card_twin.looks_like_card_number(raw)
        assert _normalize.payment_token().one(raw) == (None, "card_number")
        assert _normalize.payment_token(tokenized=True).one(raw) == (card, "accepted")
        assert twin(raw) == (None, "card_number")
        assert twin(raw, tokenized=True) == (card, "accepted")
    assert _normalize.looks_like_card_number(f"{card}.0".encode())


@pytest.mark.parametrize(
    "other",
    [
        "4111111111111112",  # Luhn
        "411111111111",  # too short
        "41111111111111111111",  # too long
        "9111111111111119",  # no issuer
        "2220990000000007",  # just below Mastercard
        "5600000000000003",
        "0000000000000000",
        "4111111111111111a",
        "tok_4111111111111111",
        "411111******1111",
        "",
        "null",
    ],
)
def test_what_is_no_card_number(other: str) -> None:
    assert not _normalize.looks_like_card_number(other.encode())
    assert not card_twin.looks_like_card_number(other.encode())


def test_issuer_ranges_as_their_table() -> None:
    rng = random.Random(4)
    for _ in range(50_000):
        size = rng.randrange(12, 21)
        body = rng.choice("2334566678") + "".join(rng.choices("0123456789", k=size - 2))
        card = (body + luhn.calc_check_digit(body)).encode()
        assert _normalize.looks_like_card_number(card) == card_twin.looks_like_card_number(card), card
    for first in range(10_000):
        for size in (13, 14, 15, 16, 19):
            body = f"{first:04}{rng.randrange(10 ** (size - 5)):0{size - 5}}"
            card = (body + luhn.calc_check_digit(body)).encode()
            assert _normalize.looks_like_card_number(card) == card_twin.looks_like_card_number(card), card


@pytest.mark.parametrize(
    ("raw", "answer"),
    [
        ("tok_1NqVzM2eZvKYlo2C", ("tok_1NqVzM2eZvKYlo2C", "accepted")),
        ("  cnon:card-nonce-ok\n", ("cnon:card-nonce-ok", "accepted")),
        ('"tok_1NqVzM"', ("tok_1NqVzM", "accepted")),
        (PAR, (PAR, "accepted")),
        ("ｔｏｋ＿１２３", ("tok_123", "accepted")),
        ("4111111111111112", ("4111111111111112", "accepted")),
        ("9f2b4c1d-0a7e-4c55-9d3e-2f6b8a9c0d1e", ("9f2b4c1d-0a7e-4c55-9d3e-2f6b8a9c0d1e", "accepted")),
        ("411111******1111", (None, "malformed")),
        ("4111-11XX-XXXX-1111", (None, "malformed")),
        ("•••• •••• •••• 4242", (None, "malformed")),
        ("xxxx1111", (None, "malformed")),
        ("12", (None, "malformed")),
        ("1112", (None, "malformed")),
        ("tok 123456", (None, "malformed")),
        ("tok\t123456", (None, "malformed")),
        ("トークン一二三四五", (None, "malformed")),
        ("0", (None, "junk")),
        ("00", (None, "junk")),
        ("0000000000000000", (None, "junk")),
        ("0000-0000-0000-0000", (None, "junk")),
        ("XXXXXXXX", (None, "junk")),
        ("()[]{}'`", (None, "junk")),
        ("aaa-aaa", (None, "junk")),
        ("aaa-aab", ("aaa-aab", "accepted")),
        ("1234567890123", (None, "junk")),
        ("TEST", (None, "junk")),
        ("test_token", (None, "junk")),
        ("4.11111E+15", (None, "spreadsheet")),
        ("None", (None, "missing")),
        ("", (None, "missing")),
        ("****", (None, "missing")),
        ("a" * 511 + "b", ("a" * 511 + "b", "accepted")),
        ("a" * 512 + "b", (None, "too_long")),
        ("tok_\x00abc", (None, "encoding")),
    ],
)
def test_tokens(raw: str, answer: tuple[str | None, str]) -> None:
    assert _normalize.payment_token().one(raw.encode()) == answer
    assert twin(raw.encode()) == answer


@pytest.mark.parametrize(
    ("token", "answer"),
    [
        (PAR, True),
        (PAR.lower(), False),
        (PAR[:-1], False),
        (PAR + "0", False),
        (PAR[:-1] + "-", False),
        ("", False),
        ("Ａ" * 29, False),
    ],
)
def test_payment_account_references(token: str, answer: bool) -> None:
    assert _normalize.is_par(token.encode()) == token_twin.is_par(token.encode()) == answer


@pytest.mark.parametrize("tokenized", [False, True])
def test_hostile_and_random_columns(tokenized: bool) -> None:
    rng = random.Random(5)
    agree = partial(assert_agree, _normalize.payment_token(tokenized), partial(twin, tokenized=tokenized))
    agree([])
    agree([None])
    agree([b"tok_1NqVzM"])
    agree([None, *HOSTILE, *(card.encode() for card in CARDS), None, *HUGE])
    values: list[bytes | None] = []
    for _ in range(10_000):
        value = rng.choice([*CARDS, PAR, "tok_1NqVzM2eZvKYlo2C", "411111******1111", "4111 1111 1111 1111"])
        value = spoiled(rng, value, "0123456789aX*x•- '\".E+１ー\t")
        values.append(None if rng.random() < 0.02 else value.encode())
    statuses = {status for _, status in agree(values)}
    assert statuses >= {"accepted", "missing", "malformed"}
    assert ("card_number" in statuses) == (not tokenized)


NUMBER_LIKE = st.text("0123456789 -*xX.•１", max_size=24) | st.sampled_from(CARDS)


@given(NUMBER_LIKE | st.text(max_size=40), st.booleans())
def test_any_text(text: str, tokenized: bool) -> None:
    assert_agree(_normalize.payment_token(tokenized), partial(twin, tokenized=tokenized), [text.encode()])
    assert _normalize.looks_like_card_number(text.encode()) == card_twin.looks_like_card_number(text.encode())


@given(st.binary(max_size=70))
def test_any_bytes(raw: bytes) -> None:
    assert _normalize.payment_token().one(raw) == twin(raw)
    assert _normalize.is_par(raw) == token_twin.is_par(raw)


@given(NUMBER_LIKE | st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=30))
def test_no_card_number_gets_through(text: str) -> None:
    canonical, _ = _normalize.payment_token().one(text.encode())
    assert canonical is None or not _normalize.looks_like_card_number(canonical.encode())
