"""The encoding of a file that declares none: told by its bytes where they leave no doubt, and by nobody else.

A wrong guess ruins names without a sound, so every doubt is an error that asks for a declaration. UTF-8 is known by
being valid, UTF-16 and ISO-2022-JP by their marks. Of the rest those are told whose text looks like text of their
languages and not like that of another: CP932 and EUC-JP by kana and everyday kanji, CP1252 and ISO-8859-15 by accented
letters that stand where Western languages put them. The same bytes in Czech, Polish or Turkish make letters where no
Western name has them, in Russian, Greek or Chinese whole words of accents; all of these have to be declared.

Only pieces of a large file are looked at; the whole of it is decoded strictly as it is read.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable

EVIDENCE = 1 << 18  # bytes of lines that are not ASCII; more would say the same
FEWEST_KANA = 20  # half-width katakana, which alone could be half of another encoding's letters
_SPOKEN = {
    "cp932": "CP932 (Shift_JIS)",
    "euc_jp": "EUC-JP",
    "iso2022_jp_ext": "ISO-2022-JP",
    "cp1252": "CP1252 (Windows Latin)",
}

_MARKS = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_ISO_2022 = re.compile(rb"\x1b\$[@B]")
_UTF8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_UTF8_LINE = re.compile(rb"(?:[\x00-\x7f]|[\xe0-\xef][\x80-\xbf]{2})+")
_HIGH = re.compile(rb"[\x80-\xff]")

_KANA = re.compile("[ぁ-ゖァ-ヺー]")
_HALF_WIDTH = re.compile("[｡-ﾟ]+")
# A sonant mark on what has none, a small letter in front, or Latin letters beside it.
_NO_HALF_WIDTH = re.compile("(?<![ｦｳｶ-ﾄﾊ-ﾎ])ﾞ|(?<![ﾊ-ﾎ])ﾟ|(?<![｡-ﾟ])[ｧ-ｯｰ]|[A-Za-z][ｦ-ﾟ]|[ｦ-ﾟ][A-Za-z]")
# Beside a letter of an accented word, what its accent and the next letter would be.
_MIXED = re.compile("(?<=[A-Za-z])[^\x00-\x7f｡-ﾟ]|[^\x00-\x7f｡-ﾟ](?=[A-Za-z])")

_CONSONANT = "bcdfghjklmnpqrstvwxzçß"
_LETTER = r"[^\W\d_]"
# What follows from where a letter stands; the rest of those that Central European encodings have otherwise is neither.
_WESTERN = re.compile(
    "ñ(?=[aeiouáéíóú])"
    f"|(?<=[{_CONSONANT}ui])è(?=[bcdfghjlmnpqrstvxz]|$|\\W)"
    f"|(?<![^\\W{_CONSONANT}])ø(?=[{_CONSONANT}y]|$|\\W)"
    f"|(?<![^\\W{_CONSONANT}])æ(?=[{_CONSONANT}]|$|\\W)"
    r"|å(?=\w)|[àìòù](?!\w)|ã(?=[oe])|ã(?!\w)|õ(?=e)|(?<=[aou])ï|œ(?=[ui])"
    rf"|(?<=\b[dlo])’(?={_LETTER})"
)
_FOREIGN = re.compile(
    r"ñ(?![aeiouáéíóú])|è(?=[aeiouáéíóúýk])|(?<=[aáéíóúý])è(?!\w)|(?<=[aeiouáéíóúy])ø|ø(?=[aoiuáíú])|(?<=[aeiou])æ(?!\w)|[ìù](?=\w)"
    r"|ò(?=[aeiouk])|õ(?!e)|[ðþ]|œ(?![ui])|ÿ"
)
# Signs within a word, a capital behind a small letter, and words of accented letters alone.
_NO_WORD = re.compile(
    rf"(?<={_LETTER})[^\w\s’'`´.,;:·ªº­\x00-\x7f\xa0]+(?={_LETTER})"
    rf"|(?<={_LETTER})[‚ƒ„†‡ˆ‰‹˜©¡¢¤¥¦¨¬¯±²³¸¹¼½¾¿]|[‚ƒ„†‡ˆ‰˜¢¤¥¦¨¬¯±²³¸¹¼½¾](?={_LETTER})"
    r"|(?<=[a-zß-öø-ÿ])[À-ÖØ-ÞŠŒŽŸ](?![A-ZÀ-Þ])"
    r"|[À-ÖØ-öø-ÿŠŒŽšœžŸ]{3,}|[\x80-\x9f]"
)


def told(pieces: Iterable[bytes]) -> str | None:
    """The encoding of a file, or None where its bytes do not tell it.

    Parameters
    ----------
    pieces : iterable of bytes
        The file's beginning and further pieces of whole lines.

    Examples
    --------
    >>> rows = "氏名,フリガナ\\n髙橋,ﾀｶﾊｼ\\n"
    >>> told([rows.encode()]), told([rows.encode("cp932")]), told([b"name\\nJ\\xfcrgen\\n"])
    ('utf-8', 'cp932', 'cp1252')
    >>> told(["name\\nNováček\\n".encode("cp1250")]) is None
    True
    """
    lines: list[bytes] = []
    size = 0
    for number, piece in enumerate(pieces):
        marked = _marked(piece) if number == 0 else None
        if marked:
            return marked
        if not _is_utf8(piece) and size < EVIDENCE:
            new = [line for line in piece.splitlines() if not line.isascii()]
            lines += new
            size += sum(map(len, new))
    if not lines:
        return "utf-8"
    raw = b"\n".join(lines)
    # No text has NUL, and damaged UTF-8 is nothing else.
    if 0 in raw or 4 * sum(map(len, _UTF8.findall(raw))) >= 3 * len(_HIGH.findall(raw)):
        return None
    # Files of two encodings, one behind the other.
    if 50 * sum(_UTF8_LINE.fullmatch(line) is not None for line in lines) > len(lines):
        return None
    found = [encoding for encoding, looks in _CANDIDATES if looks(_text(raw, encoding), encoding)]
    # All that ISO-8859-15 has of its own are signs in CP1252.
    return found[0] if len(found) == 1 or found == ["cp1252", "iso8859-15"] else None


def _marked(head: bytes) -> str | None:
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    # The high bytes of separators and line ends, as good as all.
    start = head[:1_024]
    for low, high, encoding in ((0, 1, "utf-16-le"), (1, 0, "utf-16-be")):
        signs = [other for sign, other in zip(start[low::2], start[high::2], strict=False) if sign in b",;\n"]
        if 3 * signs.count(0) >= 2 * len(signs) > 0 and start.count(0) == start[high::2].count(0):
            return encoding
    return "iso2022_jp_ext" if _ISO_2022.search(head) and head.isascii() else None


def _is_utf8(piece: bytes) -> bool:
    if piece.isascii():
        return True
    try:
        codecs.getincrementaldecoder("utf-8")().decode(piece)
    except UnicodeError:
        return False
    return True


def _text(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeError:
        return ""


def _is_japanese(text: str, encoding: str) -> bool:
    half_width = _HALF_WIDTH.findall(text)
    half = sum(map(len, half_width))
    wide = [c for c in text if not c.isascii() and not "｡" <= c <= "ﾟ"]
    rare = sum(not _is_everyday(c) for c in wide)
    if 50 * len(_NO_HALF_WIDTH.findall(text)) > half or 3 * len(_MIXED.findall(text)) > len(wide):
        return False
    if encoding == "euc_jp":
        # Chinese and Korean of the same plan have no kana.
        kana = half + len(_KANA.findall(text))
        return kana > 0 and 20 * kana >= len(wide) and 10 * rare <= len(wide)
    if half > len(wide) and (half < FEWEST_KANA or half < 2.5 * len(half_width)):
        return False
    return bool(wide or half) and 3 * rare <= len(wide)


def _is_everyday(c: str) -> bool:
    """Kana, signs and the kanji of the first level of JIS X 0208, with those of names that only Windows has."""
    if "\u3000" <= c <= "ヿ" or "！" <= c <= "～" or c in "髙﨑濵栁德瀨":
        return True
    try:
        return b"\x81\x40" <= c.encode("cp932") <= b"\x98\x72"
    except UnicodeError:
        return False


def _is_western(text: str, encoding: str) -> bool:
    small = text.lower()
    foreign = len(_FOREIGN.findall(small)) + len(_NO_WORD.findall(text))
    western = len(_WESTERN.findall(small))
    letters = [c for c in small if not c.isascii() and c.isalpha()]
    certain = western + sum(c in _CERTAIN for c in letters)
    open_ = len(letters) - certain
    return certain > 0 and open_ <= certain and 50 * foreign <= certain


# Letters that the encodings of Western, Central European and Turkish languages have in one place.
_CERTAIN = frozenset("áâäçéëíîóôöúüß")
_CANDIDATES = (
    ("cp932", _is_japanese),
    ("euc_jp", _is_japanese),
    ("cp1252", _is_western),
    ("iso8859-15", _is_western),
)


def spoken(encoding: str) -> str:
    """An encoding by the name that people know.

    Examples
    --------
    >>> spoken("cp932"), spoken("utf-16")
    ('CP932 (Shift_JIS)', 'UTF-16')
    """
    return _SPOKEN.get(encoding, encoding.upper())
