"""Identifiers of one's own."""

import re
import unicodedata

from reference import unicode


def identifier(raw: bytes | None, keep_case: bool = False, keep_separators: bool = True) -> tuple[str | None, str]:
    text, status = unicode.tidy(raw)
    if text is None:
        return None, status
    if unicode.means_nothing(text):
        return None, "missing"
    if not keep_case:
        text = unicodedata.normalize("NFKC", unicode.lower(text))
    text = re.sub(f"[{unicode.WHITE}]+", " ", text)
    if len(text.encode()) > 1024:
        return None, "too_long"
    if not keep_separators and len(re.findall("[0-9]", text)) >= 6:
        text = re.sub(r"[-./ \u2010-\u2015\u2212\u2500\u2501]", "", text)
    return text, "accepted"
