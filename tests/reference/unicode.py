"""Tidying of text, over Python's own Unicode database."""

import sys
import unicodedata

WHITE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
SEEN_FORMAT = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD, *range(0x13430, 0x13460)}

_categories = {chr(point): unicodedata.category(chr(point)) for point in range(sys.maxunicode + 1)}
CONTROL = {c for c, category in _categories.items() if category == "Cc" and c not in WHITE}
INVISIBLE = {c for c, category in _categories.items() if category == "Cf" and ord(c) not in SEEN_FORMAT}

_NOTHING = """na n/a n.a. #n/a <na> nan nil \\n null (null) <null> [null] none (none) <none> unknown blank undefined
なし 無し 無 不明 該当なし 未登録 未入力 未設定 未記入 空白 ー ― – — − ‐"""
NOTHING = {*_NOTHING.split(), "not set", "no data"} | {
    *("not known", "not given", "not provided", "not available", "not applicable", "tbd", "k.a.", "k. a.", "keine"),
    *("keine angabe", "unbekannt", "inconnu", "desconocido", "sin datos", "特になし", "回答なし"),
}


def lower(text: str) -> str:
    """Lower case of every code point by itself: a final sigma is a sigma."""
    return text.lower() if text.isascii() else "".join(c.lower() for c in text)


def nfkc_lower(text: str) -> str:
    return unicodedata.normalize("NFKC", lower(unicodedata.normalize("NFKC", text)))


def tidy(raw: bytes | None) -> tuple[str | None, str]:
    """NFKC without invisible characters and outer white space."""
    if raw is None:
        return None, "missing"
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return None, "encoding"
    characters = set(text)
    if characters & CONTROL:
        return None, "encoding"
    kept = "".join(c for c in text if c not in INVISIBLE) if characters & INVISIBLE else text
    tidied = unicodedata.normalize("NFKC", kept.strip(WHITE)).strip(WHITE)
    return (tidied, "accepted") if tidied else (None, "missing")


def means_nothing(text: str) -> bool:
    """Whether a tidied value is a word for "nothing"."""
    ascii_lower = "".join(c.lower() if c.isascii() else c for c in text)
    return ascii_lower in NOTHING or (len(text) <= 16 and not text.strip("-.*_?"))
