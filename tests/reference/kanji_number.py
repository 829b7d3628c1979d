"""Numbers written in kanji."""

import re

DIGITS = "〇一二三四五六七八九"
NUMERALS = "〇零一二三四五六七八九十百千"
_UNITS = re.compile(
    "(?:([一二三四五六七八九]?)千)?(?:([一二三四五六七八九]?)百)?(?:([一二三四五六七八九]?)十)?([一二三四五六七八九]?)"
)


def kanji_number(text: str) -> str | None:
    """The ASCII digits of a run of kanji numerals; None where it is no number."""
    if not text or len(text) > 12:
        return None
    if not set(text) & set("十百千"):
        return "".join(str(DIGITS.index(c.replace("零", "〇"))) for c in text)
    match = _UNITS.fullmatch(text)
    if not match:
        return None
    total = 0
    for part, unit in zip(match.groups(), (1000, 100, 10, 1), strict=True):
        total += 0 if part is None or (unit == 1 and not part) else (DIGITS.index(part) if part else 1) * unit
    return str(total)
