"""Phone numbers on top of the phonenumbers package, with enishi's own rules beside it.

Differences from the package, all here:

- Text is NFKC, and after the first digit come digits, separators and one extension only: the package would take
  090-xxxx-1234 for a vanity number and skip the asterisks of 090****1234. Digits of other scripts are not read.
- "9012345678.0" loses its ".0"; 9.01E+09 is a spreadsheet's damage.
- 内線12 is an extension. RFC 3966 parameters (;phone-context=, ;isub=) and second numbers (x302/x2303) are refused.
- Junk is refused (junk()).
- Toll-free, shared-cost, premium-rate, company-wide (UAN) and voice mail numbers are not personal.
- 00 is an international prefix wherever the package's own reading gives no valid number.
- 060 in Japan is mobile, however old the package's metadata are.

The package needs no help with a lost zero (9012345678), +81(0)90, +81 with its zero kept, and 8190 without the +.
"""

import re

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType, ValidationResult

from reference.unicode import means_nothing, tidy

SEPARATORS = r"[ \t\n\v\f\r\-./()\[\]]"
BODY = re.compile(rf"(?:\+|{SEPARATORS})*(?:[0-9]{SEPARATORS}*)*")
AFTER = r"[ \t:.,\-()]*"
EXTENSION = re.compile(
    rf"(?:;ext=|extension|extn|ext|xtn|xt|anexo){AFTER}[0-9]{{1,20}}#?|(?:;|,,){AFTER}[0-9]{{1,15}}#?"
    rf"|(?:int|x|#|~|,){AFTER}[0-9]{{1,9}}#?"
)
SCIENTIFIC = re.compile(r"[0-9]+(?:\.[0-9]*)?e[+-]?[0-9]+")
SERVICES = {
    PhoneNumberType.TOLL_FREE,
    PhoneNumberType.SHARED_COST,
    PhoneNumberType.PREMIUM_RATE,
    PhoneNumberType.UAN,
    PhoneNumberType.VOICEMAIL,
}


def _plain(c: str) -> str:
    if c.isascii():
        return c.lower()
    if c in "\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u2500\u2501\u30fb\u30fc":
        return "-"
    if c in "\u2053\u223c\u301c":
        return "~"
    return "_" if "\u2000" <= c <= "\u206f" or "\u3000" <= c <= "\u303f" else "?"


def spelling(raw: bytes | None) -> tuple[str | None, str]:
    """The digits of a value after its + if it has one, and a status."""
    if raw is not None and len(raw) > 250:
        return None, "too_long"
    text, status = tidy(raw)
    if text is None:
        return None, status
    if means_nothing(text):
        return None, "missing"
    text = "".join(map(_plain, re.sub("[xX内]線*", "x", text)))
    text = re.sub(r"[^0-9a-z?#]+\Z", "", text)
    start = re.search("[+0-9]", text)
    if not start:
        return None, "malformed"
    text = text[start.start() :]
    body = BODY.match(text)
    assert body
    plus = "+" if "+" in body[0] else ""
    digits = re.sub("[^0-9]", "", body[0])
    rest = text[body.end() :]
    if len(digits) > 32:
        return None, "spreadsheet" if SCIENTIFIC.fullmatch(text) else "malformed"
    if not digits:
        return None, "malformed"
    if not rest:
        return plus + (digits[:-1] if re.fullmatch(r"[0-9]+\.0", text) else digits), "accepted"
    if SCIENTIFIC.fullmatch(text):
        return None, "spreadsheet"
    if rest == "#":
        marked = re.search("[- ]([0-9]{1,6})#$", text)
        digits = digits[: -len(marked[1])] if marked else ""
        return (plus + digits, "accepted") if digits else (None, "malformed")
    return (plus + digits, "accepted") if EXTENSION.fullmatch(rest) else (None, "malformed")


def junk(digits: str) -> bool:
    """Zeros alone, eight equal digits at the end, or seven and more that count up or down (to 9 or 90) all the way."""
    up, down = "01234567890", "9876543210"
    return (
        not digits.strip("0")
        or len(set(digits[-8:])) == 1 <= len(digits) - 7
        or (len(digits) >= 7 and (digits in up or digits in down))
    )


def _judge(number: str, region: str) -> tuple[str | None, str]:
    try:
        parsed = phonenumbers.parse(number, region)
    except NumberParseException as error:
        return None, "impossible" if error.error_type == NumberParseException.INVALID_COUNTRY_CODE else "malformed"
    national = phonenumbers.national_significant_number(parsed)
    if junk(national):
        return None, "junk"
    japanese_mobile = parsed.country_code == 81 and re.fullmatch("[6-9]0[1-9][0-9]{7}", national)
    if phonenumbers.number_type(parsed) in SERVICES:
        return None, "not_personal"
    if japanese_mobile or phonenumbers.is_valid_number(parsed):
        return phonenumbers.format_number(parsed, PhoneNumberFormat.E164), "accepted"
    possible = phonenumbers.is_possible_number_with_reason(parsed) == ValidationResult.IS_POSSIBLE
    return None, "impossible" if possible else "malformed"


def phone(raw: bytes | None, region: str = "JP") -> tuple[str | None, str]:
    """E.164 of a number and a status; unlike the kernel, of every country."""
    number, status = spelling(raw)
    if number is None:
        return None, status
    refused = {"malformed", "impossible"}
    first = _judge(number, region)
    if first[1] not in refused:
        return first
    if junk(number.lstrip("+")):
        return None, "junk"
    second = _judge("+" + number[2:], region) if number.startswith("00") else first
    return first if second[1] in refused else second
