"""Identifiers of one's own."""

import re
import unicodedata

from reference import unicode


def identifier(raw: bytes | None, keep_case: bool = False) -> tuple[str | None, str]:
    text, status = unicode.tidy(raw)
    if text is None:
        return None, status
    if unicode.means_nothing(text):
        return None, "missing"
    if not keep_case:
        text = unicodedata.normalize("NFKC", unicode.lower(text))
    text = re.sub(f"[{unicode.WHITE}]+", " ", text)
    return (text, "accepted") if len(text.encode()) <= 1024 else (None, "too_long")
