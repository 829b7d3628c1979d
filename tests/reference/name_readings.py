"""Names that have no kana, read as other records tell."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

HEADER = Path(__file__).parents[2] / "csrc" / "enishi" / "kanji_variants.hpp"
# By character, the one that stands for all its variants, as the core lists them.
VARIANTS = {
    ord(each): group[0]
    for line in re.findall(r'"([^"]*)"', HEADER.read_text("utf-8").split("kanji_variant_groups =")[1].split(";")[0])
    for group in line.split()
    for each in group
}
VOWELS = "aiueo"
ROWS = {
    "": "アイウエオ", "k": "カキクケコ", "g": "ガギグゲゴ", "s": "サシスセソ", "z": "ザジズゼゾ", "t": "タチツテト",
    "d": "ダジズデド", "n": "ナニヌネノ", "h": "ハヒフヘホ", "b": "バビブベボ", "p": "パピプペポ", "m": "マミムメモ",
    "y": "ヤ.ユ.ヨ", "r": "ラリルレロ", "w": "ワ...オ", "v": "バビブベボ", "f": "..フ..", "ts": "..ツ..",
}  # fmt: skip
GLIDES = {"sh": "シ", "ch": "チ", "j": "ジ", "ky": "キ", "gy": "ギ", "ny": "ニ", "hy": "ヒ", "by": "ビ", "py": "ピ"}
GLIDES |= {"my": "ミ", "ry": "リ", "sy": "シ", "zy": "ジ", "jy": "ジ", "ty": "チ", "cy": "チ", "dy": "ジ"}
SYLLABLES = {onset + v: kana for onset, row in ROWS.items() for v, kana in zip(VOWELS, row, strict=True) if kana != "."}
SYLLABLES |= {
    onset + v: kana + after
    for onset, kana in GLIDES.items()
    for v, after in zip(VOWELS, ["ヤ", "", "ユ", "エ", "ヨ"], strict=True)
}
SIGNS = {"n": "ン", "m": "ン", "double": "ツ", "long": ""}
TOKEN = re.compile(
    "|".join(
        [
            r"(?P<n>n(?![aiueoy])(?=[a-z]|$))",
            r"(?P<m>m(?=[bmp]))",
            r"(?P<double>([b-df-hj-np-tv-z])(?=\4)|t(?=c))",
            r"(?P<long>(?<=[aiueo])h(?=[b-df-hj-np-tv-z]|$))",
            *sorted(SYLLABLES, key=len, reverse=True),
        ]
    )
)


def kana_of_romaji(word: str) -> str | None:
    kana, at = "", 0
    while at < len(word):
        found = TOKEN.match(word, at)
        if found is None:
            return None
        kana += SIGNS[found.lastgroup] if found.lastgroup else SYLLABLES[found[0]]
        at = found.end()
    return kana or None


def sound_of(kana: str) -> str:
    sound = ""
    for each in kana:
        after_o, after_u = (bool(sound) and sound[-1] in row for row in _ENDING)
        if not ((each == "ウ" and (after_o or after_u)) or (each == "オ" and after_o)):
            sound += each
    return sound


_ENDING = ("オコソトノホモヨロゴゾドボポ", "ウクスツヌフムユルグズブプ")

# Of one part of names, what a record gives in Han characters, in kana and in Latin letters.
Forms = tuple[str | None, str | None, str | None]


class PartReadings:
    """The readings of given names, or of family names."""

    def __init__(self, names: Iterable[Forms]) -> None:
        self.bearers: Counter[str] = Counter()
        said: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for han, kana, _ in names:
            if kana:
                self.bearers[kana] += 1
                if han:
                    said[han.translate(VARIANTS)][kana] += 1
        self.of_han = {
            name: reading
            for name, readings in said.items()
            for reading, records in readings.items()
            if readings.total() >= 3 and 10 * records >= 9 * readings.total()
        }

    def of_word(self, word: str) -> str | None:
        kana = kana_of_romaji(word)
        if kana is None:
            return None
        alike = [each for each in self.bearers if sound_of(each) == sound_of(kana)]
        return min(alike, key=lambda each: (-self.bearers[each] * (1 + (each == kana)), each.encode()), default=None)

    def of(self, han: str | None, latin: str | None) -> str | None:
        found = self.of_han.get(han.translate(VARIANTS)) if han else None
        return found or (self.of_word(latin) if latin else None)


Reading = tuple[str | None, str | None]


def read_unread(given: Sequence[Forms], family: Sequence[Forms], whole: Sequence[str | None]) -> list[Reading]:
    """By record, the readings of its given and its family name; whole: in Latin letters, where no more is said."""
    of_given, of_family = PartReadings(given), PartReadings(family)
    found: list[Reading] = []
    for one, other, name in zip(given, family, whole, strict=True):
        if one[1] or other[1]:
            found.append((one[1], other[1]))
            continue
        read = of_given.of(one[0], one[2]), of_family.of(other[0], other[2])
        words = (name or "").split()
        if read == (None, None) and len(words) == 2 and not (one[2] or other[2]):
            ways = [(of_given.of_word(x), of_family.of_word(y)) for x, y in (words, words[::-1])]
            weights = [of_given.bearers[x or ""] * of_family.bearers[y or ""] for x, y in ways]
            read = ways[weights[1] > weights[0]] if max(weights) else read
        found.append(read)
    return found
