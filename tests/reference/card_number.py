"""Payment card numbers, over python-stdnum's Luhn."""

import re

from stdnum import luhn

from reference.spelling import DASHES, is_repeated, tidy_signs, unquoted, without_point_zero

MASKS = DASHES | dict.fromkeys("·×•∗∙⋆■○●★☆⚫⬤⬛・", "*")

# (first, last) of a range of leading digits, and the lengths in use there
RANGES: list[tuple[str, str, range | tuple[int, ...]]] = [
    ("4", "4", (13, 16, 19)),
    ("51", "55", (16,)),
    ("2221", "2720", (16,)),
    ("34", "34", (15,)),
    ("37", "37", (15,)),
    ("3528", "3589", range(16, 20)),
    ("300", "305", range(14, 20)),
    ("3095", "3095", range(14, 20)),
    ("36", "36", range(14, 20)),
    ("38", "39", range(14, 20)),
    ("6011", "6011", range(16, 20)),
    ("644", "649", range(16, 20)),
    ("65", "65", range(16, 20)),
    ("62", "62", range(16, 20)),
    ("81", "81", range(16, 20)),
]


def in_issuer_range(digits: str) -> bool:
    return any(first <= digits[: len(first)] <= last and len(digits) in lengths for first, last, lengths in RANGES)


def card_digits(text: str) -> str:
    text = without_point_zero(text)
    digits = re.sub("[ -]", "", text)
    return digits if re.fullmatch("[0-9]{1,19}", digits) else ""


def is_card_number(text: str) -> bool:
    digits = card_digits(text)
    return in_issuer_range(digits) and luhn.is_valid(digits) and not is_repeated(digits)


def looks_like_card_number(raw: bytes) -> bool:
    text, status = tidy_signs(raw)
    return status == "accepted" and is_card_number(unquoted(text))
