"""What a character is in a plain spelling, over Python's own Unicode database."""

import unicodedata

KANA = {
    *map(chr, range(0x3041, 0x3097)),
    *map(chr, range(0x30A1, 0x30FB)),
    *"ゝゞヽヾ",
    *map(chr, range(0x31F0, 0x3200)),
}
NO_DECOMPOSITION = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "þ": "th", "ð": "d", "đ": "d", "ħ": "h", "ı": "i", "ł": "l", "ŧ": "t"}
)
APOSTROPHES = {*"'`\u2018\u2019\u201b\u2032", *map(chr, range(0x2B9, 0x2C0))}


def is_han(c: str) -> bool:
    point = ord(c)
    return (
        0x4E00 <= point < 0xA000
        or 0x3400 <= point < 0x4DC0
        or c in "々〆〇"
        or 0xF900 <= point < 0xFB00
        or 0x20000 <= point < 0x40000
    )


def is_hangul(c: str) -> bool:
    return 0x1100 <= ord(c) < 0x1200 or 0xAC00 <= ord(c) < 0xD7B0


def runs_on(c: str) -> bool:
    return c in KANA or is_han(c) or is_hangul(c)


def is_accent(c: str) -> bool:
    return 0x300 <= ord(c) < 0x370


def plain(c: str) -> str:
    """Its letters; a blank for what separates; nothing for apostrophes and variation selectors."""
    if c in APOSTROPHES or 0xFE00 <= ord(c) < 0xFE10 or 0xE0100 <= ord(c) < 0xE01F0:
        return ""
    if c == "ー" or unicodedata.category(c)[0] in "PSZ" or (c.isascii() and not c.isalnum()):
        return " "
    c = "i" if c == "İ" else c.lower()
    if c < "\u0250" or "\u1e00" <= c < "\u1f00":
        letters = "".join(x for x in unicodedata.normalize("NFD", c) if not is_accent(x)).translate(NO_DECOMPOSITION)
        if letters.isascii():
            return letters
    return c
