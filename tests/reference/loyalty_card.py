"""Loyalty card numbers, over python-stdnum's check digits."""

import re
from collections.abc import Iterable

from stdnum import ean, luhn
from stdnum.cl import rut
from stdnum.iso7064 import mod_11_10

from reference.spelling import is_repeated, is_scientific, is_sequential, tidy_signs, unquoted, without_point_zero
from reference.unicode import means_nothing


def _ascii_upper(text: str) -> str:
    return re.sub("[a-z]+", lambda match: match[0].upper(), text)


def compact(text: str) -> str:
    return _ascii_upper(re.sub(r"[ \t\n\v\f\r-]", "", text))


def check_digit_holds(check_digit: str, number: str) -> bool:
    body, check = number[:-1], number[-1]
    match check_digit:
        case "luhn":
            return luhn.is_valid(number)
        case "ean13":
            return len(number) == 13 and ean.is_valid(number)
        case "mod11":
            return rut.calc_check_digit(body).replace("K", "X") == check
        case "iso7064":
            return mod_11_10.is_valid(number)
    return True


def scanned(text: str) -> str:
    if match := re.match(r"\][A-Za-z][0-9A-Za-z](?=.)", text, re.DOTALL):
        text = text[match.end() :]
    if match := re.fullmatch(r"\*(.+)\*", text, re.DOTALL):
        return match[1]
    if len(text) > 2 and (match := re.match(r"%[A-Za-z]([^^?]*)|;([^=?]*)", text)):
        return match[1] or match[2] or ""
    return text


def _without_prefix(text: str, prefixes: list[str], length: int) -> str:
    for prefix in prefixes:
        own = length and len(text) <= length and re.fullmatch("[0-9]+", prefix)
        if text.startswith(prefix) and not own:
            return text[len(prefix) :]
    return text


def loyalty_card(
    raw: bytes | None, check_digit: str = "none", length: int = 0, prefixes: Iterable[str] = ()
) -> tuple[str | None, str]:
    if raw is None:
        return None, "missing"
    length = 13 if check_digit == "ean13" else length
    kept = sorted((compact(tidy_signs(prefix.encode())[0]) for prefix in prefixes), key=len, reverse=True)
    text, status = tidy_signs(raw)
    if status != "accepted":
        return None, status
    text = unquoted(text)
    if not text or means_nothing(text):
        return None, "missing"
    if is_scientific(text):
        return None, "spreadsheet"
    text = _without_prefix(compact(scanned(text)), [prefix for prefix in kept if prefix], length)
    whole = re.fullmatch("[0-9]*", text)
    if not whole and is_repeated(text):
        return None, "junk"
    if not whole and re.fullmatch("[0-9]+", without_point_zero(text)):
        text = without_point_zero(text)
        if int(text) > 2**53:
            return None, "spreadsheet"
    elif (codabar := re.fullmatch("([A-D])([0-9]+)([A-D])", text)) and (
        check_digit != "none" or (len(text) != length if length else codabar[1] == codabar[3])
    ):
        text = codabar[2]
    if re.fullmatch("[0-9]*", text):
        if text and is_repeated(text) and (text[0] == "0" or len(text) >= 4):
            return None, "junk"
        if len(text) >= 4 and is_sequential(text):
            return None, "junk"
    elif check_digit == "none":
        if not re.fullmatch("(?=.*[0-9])[0-9A-Z]{4,}", text) or (length and len(text) != length):
            return None, "malformed"
    elif check_digit != "mod11" or not re.fullmatch("[0-9]+X", text):
        return None, "malformed"
    if len(text) < 4:
        return None, "malformed"
    if len(text) > (length or 32):
        return None, "malformed" if length else "too_long"
    padded = text.rjust(length, "0")
    if check_digit_holds(check_digit, padded):
        return padded, "accepted"
    return (text if len(text) == length - 1 else padded), "incomplete"
