"""Phone numbers of the countries that the kernel has no numbering plan of, decided by the phonenumbers package.

The kernel reads the text of a value whatever its country, so the package is given plain digits and its own leniency
with letters and asterisks never counts. A number takes it some 50 us: hand over distinct values, in short batches.
"""

from collections.abc import Sequence

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType, ValidationResult

from enishi._normalize import is_junk_phone, phone_spelling

SERVICES = {
    PhoneNumberType.TOLL_FREE,
    PhoneNumberType.PREMIUM_RATE,
    PhoneNumberType.SHARED_COST,
    PhoneNumberType.UAN,
    PhoneNumberType.VOICEMAIL,
}


def canonical(values: Sequence[bytes], region: str) -> list[tuple[str | None, str]]:
    """E.164 of raw phone numbers (None where refused), and their statuses.

    Parameters
    ----------
    values : sequence of bytes
        Raw values in UTF-8, valid or not.
    region : str
        The two-letter region of numbers that are written without a calling code.

    Returns
    -------
    list of (str or None, str)
        What a normalizer's ``one`` returns, for every value; never ``foreign``.

    Examples
    --------
    >>> canonical([b"030 901820", b"+33 800 123 456", b"+49 99"], "DE")
    [('+4930901820', 'accepted'), (None, 'not_personal'), (None, 'malformed')]
    """
    if region not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError(f"{region!r} is not a region of the phonenumbers package; JP, US or DE are such")
    spelling = phone_spelling()
    answers: list[tuple[str | None, str]] = []
    for value in values:
        number, status = spelling.one(value)
        answers.append((None, status) if number is None else _decide(number, region))
    return answers


def _decide(number: str, region: str) -> tuple[str | None, str]:
    answer = _parse(number, region)
    if answer[1] not in ("malformed", "impossible"):
        return answer
    if is_junk_phone(number.lstrip("+").encode()):
        return None, "junk"
    if number.startswith("00"):  # an international prefix wherever the number says nothing else
        again = _parse("+" + number[2:], region)
        if again[1] not in ("malformed", "impossible"):
            return again
    return answer


def _parse(number: str, region: str) -> tuple[str | None, str]:
    try:
        parsed = phonenumbers.parse(number, region)
    except NumberParseException as error:
        return None, "impossible" if error.error_type == NumberParseException.INVALID_COUNTRY_CODE else "malformed"
    if is_junk_phone(phonenumbers.national_significant_number(parsed).encode()):
        return None, "junk"
    kind = phonenumbers.number_type(parsed)
    if kind == PhoneNumberType.UNKNOWN:
        length = phonenumbers.is_possible_number_with_reason(parsed)
        return None, "impossible" if length == ValidationResult.IS_POSSIBLE else "malformed"
    if kind in SERVICES:
        return None, "not_personal"
    return phonenumbers.format_number(parsed, PhoneNumberFormat.E164), "accepted"
