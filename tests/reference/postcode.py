"""Postcodes."""

import re

from .unicode import means_nothing, tidy


def postcode(raw: bytes | None) -> tuple[str | None, str]:
    if raw is not None and len(raw.strip(b" \t\n\v\f\r")) > 64:
        return None, "too_long"
    text, status = tidy(raw)
    if text is None:
        return None, status
    if means_nothing(text):
        return None, "missing"
    text = re.sub(r"(?<=[0-9])\.0\Z", "", text)
    code = re.sub("[- '\"=〒〠ー‐-―−─]", "", text)
    if not code:
        return None, "missing"
    if not re.fullmatch("[0-9A-Za-z]{3,10}", code) or not re.search("[0-9]", code):
        return None, "malformed"
    code = code.upper()
    if re.fullmatch(r"0+|(.)\1{5,}|1234567", code):
        return None, "junk"
    return code, "accepted"
