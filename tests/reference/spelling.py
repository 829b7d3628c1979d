"""What lies around a number or an id that a machine made."""

import itertools
import re
from collections.abc import Mapping

from reference.unicode import means_nothing, tidy

ASCII_WHITE = b" \t\n\v\f\r"
DASHES = dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u30fc\u2500", "-")
SCIENTIFIC = re.compile(r"[0-9]+([.,][0-9]*[eE][+-]?|[eE][+-])[0-9]{1,3}")


def tidy_signs(raw: bytes, signs: Mapping[str, str] = DASHES) -> tuple[str, str]:
    """The tidied value with ``signs`` replaced, and a status."""
    if len(raw.strip(ASCII_WHITE)) > 1024:
        return "", "too_long"
    text, status = tidy(raw)
    if text is None:
        return "", status
    if len(text.encode()) > 1024:
        return "", "too_long"
    if not text.isascii() and means_nothing(text):
        return "", "missing"
    return "".join(signs.get(c, c) for c in text), "accepted"


def unquoted(text: str) -> str:
    while match := re.fullmatch(r"""="(.*)"|(['"])(.*)\2|'(.*)""", text, re.DOTALL):
        text = next(group for group in match.group(1, 3, 4) if group is not None).strip(ASCII_WHITE.decode())
    return text


def is_scientific(text: str) -> bool:
    return bool(SCIENTIFIC.fullmatch(text))


def is_repeated(text: str) -> bool:
    return len(set(text.encode())) <= 1


def has_one_sign(text: str) -> bool:
    """At most one letter or digit, however often."""
    return len(set(re.sub("[^0-9A-Za-z]", "", text))) <= 1


def is_sequential(text: str) -> bool:
    """Four or more characters that each follow the one before, or precede it; 0 follows 9."""

    def up(characters: str) -> bool:
        pairs = itertools.pairwise(characters)
        return all(b == ("0" if a == "9" else chr(ord(a) + 1)) for a, b in pairs)

    return len(text) >= 4 and (up(text) or up(text[::-1]))


def without_point_zero(text: str) -> str:
    return text[:-2] if len(text) > 2 and text.endswith(".0") else text


def is_printable(text: str) -> bool:
    return all("!" <= c <= "~" for c in text)
