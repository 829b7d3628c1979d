"""Masked card numbers."""

import re

from reference.card_number import MASKS
from reference.spelling import is_scientific, tidy_signs, unquoted
from reference.unicode import means_nothing

MASK = r"(?:[*xX#]+(?![A-Za-z*xX#])|\.{3,})"


def masked_card(raw: bytes | None) -> tuple[str | None, str]:
    if raw is None:
        return None, "missing"
    text, status = tidy_signs(raw, MASKS)
    if status != "accepted":
        return None, status
    text = unquoted(text)
    if not text:
        return None, "missing"
    tokens, rest = _number(_after_brand(text))
    digits = sum(len(token) for token in tokens if token.isdecimal())
    masks = sum(len(token) for token in tokens if not token.isdecimal())
    if not digits and (masks or means_nothing(text)):
        return None, "missing"
    if not masks and 13 <= digits <= 32:
        return None, "card_number"
    first = "".join(_before_mask(tokens))
    last = "".join(reversed(_before_mask(tokens[::-1])))
    if masks < 2 or len(last) < 4 or masks + digits > 32:
        return None, "spreadsheet" if is_scientific(text) else "malformed"
    expiry, status = _expiry(rest)
    if status != "accepted":
        return None, status
    return f"{first[:8]}******{last[-4:]}{expiry}", "accepted"


def _after_brand(text: str) -> str:
    while text and not re.match(rf"[0-9]|{MASK}", text):
        if not re.match("[A-Za-z]", text):
            text = text[1:]
            continue
        word = re.match("[A-Za-z]+", text)
        assert word
        tail = re.search("[xX]{2,}$", word[0])
        text = text[tail.start() if tail and tail.start() else word.end() :]
    return text


def _before_mask(tokens: list[str]) -> list[str]:
    before = []
    for token in tokens:
        if not token.isdecimal():
            break
        before.append(token)
    return before


def _number(text: str) -> tuple[list[str], str]:
    """Runs of digits and of mask signs, and what comes after them."""
    tokens: list[str] = []
    while match := re.match(rf"[ -]*([0-9]+|{MASK})", text):
        masked = not all(token.isdecimal() for token in tokens)
        known = len("".join(_before_mask(tokens[::-1])))
        group = re.match(r"[ -]+[0-9]{4}(?![0-9/.-])", text)
        if match[1].isdecimal() and masked and known >= 4 and (sum(map(len, tokens)) + 4 > 19 or not group):
            break
        tokens.append(match[1])
        text = text[match.end() :]
    return tokens, text


def _expiry(text: str) -> tuple[str, str]:
    before = re.match("[^0-9]*", text)
    assert before
    if re.search("[/*]", before[0]):
        return "", "malformed"
    if before[0] == text:
        return "", "accepted"
    text = text[before.end() :]
    match = re.fullmatch(r"([0-9]{2})([0-9]{2}) *", text)
    match = match or re.fullmatch(r"([0-9]{1,4}) *[/.-] *([0-9]{1,4})[ )]*", text)
    if not match:
        return "", "malformed"
    a, b = match.groups()
    if len(a) == 4 and len(b) <= 2:
        year, month = int(a), int(b)
    elif len(a) <= 2 and len(b) == 4:
        year, month = int(b), int(a)
    elif len(a) <= 2 and len(b) == 2:
        year, month = 2000 + int(b), int(a)
        if len(a) == 2 and not 1 <= month <= 12:
            year, month = 2000 + int(a), int(b)
    else:
        return "", "malformed"
    if not 1 <= month <= 12 or not 2000 <= year <= 2099:
        return "", "impossible"
    return f"|{year}-{month:02}", "accepted"
