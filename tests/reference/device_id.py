"""Device ids: UUIDs, hashed ids and opaque ids."""

import hashlib
import re

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

_ZERO = b"00000000-0000-0000-0000-000000000000"
JUNK = {
    hashlib.new(name, data).hexdigest()
    for name in ("md5", "sha1", "sha256")
    for data in (_ZERO, _ZERO.upper(), _ZERO.replace(b"-", b""), b"")
} | {
    "12345678123412341234123456789012",
    "12345678123412341234123456789abc",
    "12345678123456781234567812345678",
    "0123456789abcdef0123456789abcdef",
    "9774d56d682e549c",
}
WRAPPED = re.compile(r"(?:urn:uuid:)?(?:uuid:)?(?:\{(.*)\}|\((.*)\)|(.*))", re.IGNORECASE | re.DOTALL)


def hyphenated(digits: str) -> str:
    groups = [digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]]
    return "-".join(group for group in groups if group)


def device_id(raw: bytes | None, uuid_only: bool = False) -> tuple[str | None, str]:
    if raw is None:
        return None, "missing"
    text, status = tidy_signs(raw)
    if status != "accepted":
        return None, status
    text = unquoted(text)
    if not text:
        return None, "missing"
    match = WRAPPED.fullmatch(text)
    assert match
    inner = next(group for group in match.groups() if group is not None).lower()
    digits = inner.replace("-", "")
    spellings = {digits, hyphenated(digits), hyphenated(digits) + "-" * (len(digits) in (8, 12, 16, 20))}
    if re.fullmatch("[0-9a-f]+", digits) and inner in spellings:
        junk = is_repeated(digits) or digits in JUNK
        if len(digits) in (40, 64) and inner == digits:
            return (None, "junk") if junk else (digits, "accepted")
        counter = digits.isdecimal() and inner == digits and len(digits) < 32 and not uuid_only
        if 16 <= len(digits) <= 32 and (junk or not counter):
            status = "accepted" if len(digits) == 32 else "incomplete"
            return (None, "junk") if junk else (hyphenated(digits), status)
    if means_nothing(text):
        return None, "missing"
    if is_scientific(text):
        return None, "spreadsheet"
    if len(text.encode()) > 256:
        return None, "too_long"
    if uuid_only:
        return None, "malformed"
    if not is_printable(text):
        return None, "malformed"
    if has_one_sign(text) or is_sequential(text):
        return None, "junk"
    if len(text) < 8 or re.fullmatch("[0-9a-fA-F]{,15}", text):
        return None, "malformed"
    return text, "accepted"
