"""Payment tokens."""

import re

from reference.card_number import MASKS, card_digits, is_card_number
from reference.spelling import (
    has_one_sign,
    is_printable,
    is_repeated,
    is_scientific,
    is_sequential,
    tidy_signs,
    unquoted,
)
from reference.unicode import means_nothing

TEST_WORDS = {"test", "testtoken", "test_token", "test-token", "token", "dummy", "sample"}


def is_par(token: bytes) -> bool:
    return bool(re.fullmatch(rb"[0-9A-Z]{29}", token))


def payment_token(raw: bytes | None, tokenized: bool = False) -> tuple[str | None, str]:
    if raw is None:
        return None, "missing"
    text, status = tidy_signs(raw, MASKS)
    if status != "accepted":
        return None, status
    text = unquoted(text)
    if not text or means_nothing(text):
        return None, "missing"
    if "0" <= text[0] <= "9":
        digits = card_digits(text)
        if len(digits) >= 2 and (is_repeated(digits) or is_sequential(digits)):
            return None, "junk"
        if is_card_number(text):
            return (digits, "accepted") if tokenized else (None, "card_number")
    if is_scientific(text):
        return None, "spreadsheet"
    if is_repeated(text) or text.lower() in TEST_WORDS:
        return None, "junk"
    if len(text.encode()) > 512:
        return None, "too_long"
    masked = re.fullmatch(r"[0-9*xX# -]*", text) and sum(text.count(c) for c in "*xX#") >= 4
    if len(text.encode()) < 6 or masked or not is_printable(text):
        return None, "malformed"
    if has_one_sign(text):
        return None, "junk"
    return text, "accepted"
