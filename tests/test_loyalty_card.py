import random
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import ean, isbn, luhn
from stdnum.cl import rut
from stdnum.iso7064 import mod_11_10

from enishi import _normalize
from reference.columns import HOSTILE, HUGE, assert_agree, spoiled
from reference.loyalty_card import loyalty_card as twin

CHECK_DIGITS = {
    "luhn": luhn.calc_check_digit,
    "ean13": ean.calc_check_digit,
    "mod11": lambda body: rut.calc_check_digit(body).replace("K", "X"),
    "iso7064": mod_11_10.calc_check_digit,
}


def numbers(rng: random.Random, check_digit: str, count: int) -> list[str]:
    """Numbers whose check digit holds."""
    made = []
    for _ in range(count):
        size = 12 if check_digit == "ean13" else rng.randrange(4, 31)
        body = "".join(rng.choices("0123456789", k=size))
        made.append(body + CHECK_DIGITS[check_digit](body))
    return made


@pytest.mark.parametrize("check_digit", CHECK_DIGITS)
def test_check_digits_as_python_stdnum(check_digit: str) -> None:
    rng = random.Random(6)
    normalizer = _normalize.loyalty_card(check_digit)
    for number in numbers(rng, check_digit, 5_000):
        assert normalizer.one(number.encode()) == (number, "accepted")
        wrong = number[:-1] + rng.choice([c for c in "0123456789" if c != number[-1]])
        canonical, status = normalizer.one(wrong.encode())
        assert (canonical, status) in ((wrong, "incomplete"), (None, "junk"))
        if check_digit == "luhn":
            assert not luhn.is_valid(wrong)
        if check_digit == "ean13":
            assert not ean.is_valid(wrong)


def test_mod11_of_up_to_seven_digits_is_that_of_isbn() -> None:
    # Weights 2 to 7 are the beginning of ISBN-10's 2 to 10.
    rng = random.Random(7)
    for _ in range(200):
        body = f"{rng.randrange(1_000_000):06}"
        check = isbn._calc_isbn10_check_digit(f"000{body}")
        if len(set(body)) > 2:
            assert _normalize.loyalty_card("mod11").one((body + check).encode()) == (body + check, "accepted")


@pytest.mark.parametrize(
    ("raw", "canonical"),
    [
        ("4901234567894", "4901234567894"),
        ("４９０１２３４５６７８９４", "4901234567894"),
        ("4901 2345 6789 4", "4901234567894"),
        ("4901-2345-6789-4", "4901234567894"),
        ("4901‐2345‑6789–4", "4901234567894"),
        ("　4901\u00a02345\u3000６７８９４ ", "4901234567894"),
        ("*4901234567894*", "4901234567894"),
        ("]C14901234567894", "4901234567894"),
        ("]E04901234567894", "4901234567894"),
        ("A4901234567894A", "4901234567894"),
        ("a4901234567894b", "4901234567894"),
        ("%B4901234567894^YAMADA/TARO^2712?", "4901234567894"),
        (";4901234567894=2712?", "4901234567894"),
        ("%B4901234567894^YAMADA/TARO^2712?;4901234567894=2712?", "4901234567894"),
        ("'4901234567894", "4901234567894"),
        ('="4901234567894"', "4901234567894"),
        ("4901234567894.0", "4901234567894"),
        ("0123456789012", "0123456789012"),
        ("123456789104", "0123456789104"),
        ("96385074", "0000096385074"),
    ],
)
def test_spellings_of_an_ean(raw: str, canonical: str) -> None:
    status = "accepted"
    if canonical == "0123456789012":
        canonical, status = None, "junk"  # counts up, whatever its check digit says
    for length in (0, 13):
        assert _normalize.loyalty_card("ean13", length).one(raw.encode()) == (canonical, status)
        assert twin(raw.encode(), "ean13", length) == (canonical, status)


@pytest.mark.parametrize(
    ("options", "raw", "answer"),
    [
        # Letters, where no check digit is declared
        ({}, "ab-12 cd", ("AB12CD", "accepted")),
        ({}, "ＡＢ１２ＣＤ", ("AB12CD", "accepted")),
        ({}, "STAFF", (None, "malformed")),
        ({}, "会員１２３４５", (None, "malformed")),
        ({}, "AB_1234", (None, "malformed")),
        ({}, "A1B", (None, "malformed")),
        ({}, "A1" * 16, ("A1" * 16, "accepted")),
        ({}, "A1" * 16 + "B", (None, "too_long")),
        ({"length": 8}, "AB123456", ("AB123456", "accepted")),
        ({"length": 8}, "AB12345", (None, "malformed")),
        ({"check_digit": "luhn"}, "AB123456", (None, "malformed")),
        # Codabar's start and stop letters, unless they belong to the number
        ({}, "A50832231A", ("50832231", "accepted")),
        ({}, "A50832231B", ("A50832231B", "accepted")),
        ({"length": 8}, "A50832231B", ("50832231", "accepted")),
        ({"length": 10}, "A50832231A", ("A50832231A", "accepted")),
        # Prefixes
        ({"prefixes": ["CARD:"]}, "card: 5083 2231", ("50832231", "accepted")),
        ({"prefixes": ["会員番号", "会員番号No."]}, "会員番号Ｎｏ．５０８３２２３１", ("50832231", "accepted")),
        ({"prefixes": ["カード"]}, "ｶｰﾄﾞ50832231", ("50832231", "accepted")),
        ({"prefixes": ["21"]}, "2150832231", ("50832231", "accepted")),
        ({"prefixes": ["21"], "length": 10}, "2150832231", ("2150832231", "accepted")),
        ({"prefixes": ["21"], "length": 8}, "2150832231", ("50832231", "accepted")),
        ({"prefixes": ["CARD"]}, "CARD", (None, "malformed")),
        # Lengths
        ({"length": 10}, "50832231", ("0050832231", "accepted")),
        ({"length": 10}, "150832231231", (None, "malformed")),
        ({"length": 10}, "123", (None, "malformed")),
        ({}, "5" * 31 + "1", ("5" * 31 + "1", "accepted")),
        ({}, "5" * 32 + "1", (None, "too_long")),
        ({"check_digit": "luhn", "length": 16}, "3091234567890" + luhn.calc_check_digit("3091234567890"), None),
        # One digit short and wrong: as typed, an edit away from its correction; shorter: zeros lost besides
        ({"check_digit": "ean13"}, "490123456784", ("490123456784", "incomplete")),
        ({"check_digit": "ean13"}, "49012345674", ("0049012345674", "incomplete")),
        # X as the check digit
        ({"check_digit": "mod11"}, "5083226X", None),
        ({"check_digit": "mod11"}, "508X226X", (None, "malformed")),
        ({"check_digit": "luhn"}, "5083226X", (None, "malformed")),
        # Spreadsheets
        ({}, "1.2E+15", (None, "spreadsheet")),
        ({}, "1.2E15", (None, "spreadsheet")),
        ({}, "1,2e+15", (None, "spreadsheet")),
        ({}, "12E+14", (None, "spreadsheet")),
        ({}, "12E14", ("12E14", "accepted")),
        ({}, "9007199254740992.0", ("9007199254740992", "accepted")),
        ({}, "9007199254740993.0", (None, "spreadsheet")),
        ({}, "12345678901234567.0", (None, "spreadsheet")),
        ({"length": 10}, "50832231.0", ("0050832231", "accepted")),
        ({}, "50832231.5", (None, "malformed")),
        # Junk
        ({}, "0", (None, "junk")),
        ({}, "0000-0000-0000", (None, "junk")),
        ({}, "9999999999", (None, "junk")),
        ({}, "1234567890", (None, "junk")),
        ({}, "0123456789012", (None, "junk")),
        ({}, "9876543210", (None, "junk")),
        ({}, "XXXXXXXX", (None, "junk")),
        ({}, "########", (None, "junk")),
        ({}, "****1234", (None, "malformed")),
        ({}, "*1234", (None, "malformed")),
        # Nothing
        ({}, "", (None, "missing")),
        ({}, " - ", (None, "missing")),
        ({}, "NULL", (None, "missing")),
        ({}, "なし", (None, "missing")),
        ({}, "12\x0034", (None, "encoding")),
    ],
)
def test_values(options: dict, raw: str, answer: tuple[str | None, str] | None) -> None:
    expected = twin(raw.encode(), **options)
    assert answer is None or expected == answer
    assert _normalize.loyalty_card(**options).one(raw.encode()) == expected


@pytest.mark.parametrize(
    "options",
    [
        {"check_digit": "crc"},
        {"length": 3},
        {"length": 33},
        {"check_digit": "ean13", "length": 12},
    ],
)
def test_options_that_are_refused(options: dict) -> None:
    with pytest.raises(ValueError, match=r"check_digit|length|EAN-13"):
        _normalize.loyalty_card(**options)


def test_one_prefix_is_not_several() -> None:
    with pytest.raises(TypeError, match="several"):
        _normalize.loyalty_card(prefixes="CARD:")


OPTIONS = [
    {},
    {"length": 16},
    {"prefixes": ["CARD:", "会員", "M", "21"]},
    {"prefixes": ["21", "X"], "length": 12},
    {"check_digit": "luhn"},
    {"check_digit": "luhn", "length": 16},
    {"check_digit": "ean13"},
    {"check_digit": "mod11", "prefixes": ["X"]},
    {"check_digit": "mod11", "length": 9},
    {"check_digit": "iso7064", "length": 20},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_hostile_and_random_columns(options: dict) -> None:
    rng = random.Random(8)
    agree = partial(assert_agree, _normalize.loyalty_card(**options), partial(twin, **options))
    agree([])
    agree([None])
    agree([b"50832231"])
    agree([None, *HOSTILE, None, *HUGE])
    size = options.get("length") or 13
    values: list[bytes | None] = []
    for number in numbers(rng, options.get("check_digit", "luhn"), 4_000):
        number = number[-size:] if rng.random() < 0.7 else number
        before, after = rng.choice(
            [("", "")] * 4 + [("*", "*"), ("A", "B"), ("d", "d"), ("]C1", ""), ("%B", "^N^?"), ("", ".0")]
        )
        prefix = rng.choice(["", "", "21", "card:", "会員 ", "M", "x"])
        value = spoiled(rng, before + prefix + number + after, "0123456789ABxX- .'\"*E+ー１０：")
        values.append(None if rng.random() < 0.02 else value.encode())
    statuses = {status for _, status in agree(values)}
    assert statuses >= {"accepted", "malformed"}
    assert ("incomplete" in statuses) == ("check_digit" in options)


NUMBER_LIKE = st.text("0123456789", max_size=34) | st.text("0123456789ABDabxX- .*%;^=?]'\"E+１ーＡ", max_size=24)


@given(NUMBER_LIKE | st.text(max_size=40), st.sampled_from(OPTIONS))
def test_any_text(text: str, options: dict) -> None:
    assert_agree(_normalize.loyalty_card(**options), partial(twin, **options), [text.encode()])


@given(st.binary(max_size=70), st.sampled_from(OPTIONS))
def test_any_bytes(raw: bytes, options: dict) -> None:
    assert _normalize.loyalty_card(**options).one(raw) == twin(raw, **options)


@given(NUMBER_LIKE, st.sampled_from([{}, {"length": 16}, {"check_digit": "luhn"}, {"check_digit": "ean13"}]))
def test_canonical_numbers_stay_as_they_are(text: str, options: dict) -> None:
    normalizer = _normalize.loyalty_card(**options)
    canonical, status = normalizer.one(text.encode())
    if canonical is not None and canonical[0] not in "ABCD":
        assert normalizer.one(canonical.encode()) == (canonical, status)


@pytest.mark.parametrize("check_digit", ["none", "luhn", "mod11", "iso7064"])
def test_every_length(check_digit: str) -> None:
    """Every size with every check digit, compact and in groups."""
    digits = "3141592653589793238462643383279502884197169399375105820974944592307816"
    values = [digits[:size] + last for size in range(70) for last in "0123456789X"]
    values += ["-".join(value[at : at + 4] for at in range(0, len(value), 4)) for value in values]
    values += [
        value[:at] + sign + value[at:] for value in (digits[:16], digits[:33]) for at in range(16) for sign in " \t/x\0"
    ]
    for length in (0, 16):
        options = {"check_digit": check_digit, "length": length}
        agree = partial(assert_agree, _normalize.loyalty_card(**options), partial(twin, **options))
        agree([value.encode() for value in values])
