"""Matching by probability, as plain as it can be said: levels, blocking keys, expectation-maximization."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from types import MappingProxyType

HEADER = Path(__file__).parents[2] / "csrc" / "enishi" / "given_names.hpp"
SOUNDS = "01230120022455012623010202"
# Levels, by kind from 1 on.
DIFFERENT = 1


def jaro(a: str, b: str) -> float:
    if not a or not b:
        return 1.0 if a == b else 0.0
    window = max(max(len(a), len(b)) // 2 - 1, 0)
    free = [True] * len(b)
    left = []
    for i, c in enumerate(a):
        for j in range(max(i - window, 0), min(i + window + 1, len(b))):
            if free[j] and b[j] == c:
                free[j] = False
                left.append(c)
                break
    if not left:
        return 0.0
    right = [c for c, unused in zip(b, free, strict=True) if not unused]
    moved = sum(x != y for x, y in zip(left, right, strict=True)) // 2
    n = len(left)
    return (n / len(a) + n / len(b) + (n - moved) / n) / 3.0


def jaro_winkler(a: str, b: str) -> float:
    a, b = sorted((a, b), key=lambda text: (len(text), text))
    similarity = jaro(a, b)
    if similarity <= 0.7:
        return similarity
    prefix = 0
    for x, y in zip(a[:4], b[:4], strict=False):
        if x != y:
            break
        prefix += 1
    return similarity + prefix * 0.1 * (1.0 - similarity)


def osa(a: str, b: str) -> int:
    rows = [list(range(len(b) + 1))]
    for i in range(1, len(a) + 1):
        row = [i]
        for j in range(1, len(b) + 1):
            best = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (a[i - 1] != b[j - 1]))
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                best = min(best, rows[-2][j - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]


# Short forms of given names, as the core lists them: each line a name and its forms.
SHORT_FORMS = [
    line.split()
    for line in re.findall(
        r'"([^"]*)"', re.search(r"short_forms\[\] = \{(.*?)\};", HEADER.read_text("utf-8"), re.DOTALL)[1]
    )
]
GENERATIONS = {"sr": 1, "snr": 1, "senior": 1, "jr": 2, "jnr": 2, "junior": 2, "ii": 2, "iii": 3, "iv": 4}


def one_given_name(a: str, b: str) -> bool:
    return any(a in line and b in line for line in SHORT_FORMS)


def without_generation(words: list[str], others: int) -> tuple[list[str], int]:
    for i in range(len(words) - 1, -1, -1):
        if len(words) > others and words[i] in GENERATIONS:
            return words[:i] + words[i + 1 :], GENERATIONS[words[i]]
    return words, 0


def of_two_generations(words: list[str], one: int, others: list[str], other: int, least: int) -> bool:
    """The first of a name is so called beside another one only."""
    sides = ((words, one), (others, other))
    found = [1 if not own and len(left) > least and left[-1] == "i" else own for left, own in sides]
    return (one and other and one != other) or (max(one, other) > 1 and 0 not in found and found[0] != found[1])


def one_slip(a: str, b: str) -> bool:
    short, long = sorted((a, b), key=lambda text: len(text.encode()))
    return len(short.encode()) >= 4 and all(byte < 0xE3 for byte in a.encode()) and osa(short, long) <= 1


def name_part(a: str, b: str, given: bool) -> int:
    a, b = sorted((a, b), key=str.encode)
    if " " in a or " " in b:
        (words, one), (others, other) = (without_generation(text.split(), 1) for text in (a, b))
        if of_two_generations(words, one, others, other, 1):
            return DIFFERENT
        for few, many in ((words, others), (others, words)):
            if set(few) <= set(many) and len(few) <= len(many) and any(len(word.encode()) > 1 for word in few):
                return 6
        if given and one_given_name(words[0], others[0]):
            return 7
    elif given and one_given_name(a, b):
        return 7
    if one_slip(a, b):
        return 8
    similarity = jaro_winkler(a, b)
    for level, least in ((5, 0.92), (3, 0.88), (2, 0.80)):
        if similarity >= least:
            return level
    if scrambled(a, b) or one_without_vowels(a, b) or contracted(a, b):
        return 2
    shorter, longer = sorted((a, b), key=len)
    return 2 if len(shorter.encode()) == 1 and longer.startswith(shorter) else DIFFERENT


def scrambled(a: str, b: str) -> bool:
    """Mistyped worse than Jaro-Winkler sees: one edit in a short word, or other letters in one of four places."""
    longer = max(len(a), len(b))
    if not (a + b).isascii() or min(len(a), len(b)) < 2 or longer < 3:
        return False
    return osa(a, b) <= 1 if longer < 4 else 4 * (longer - (Counter(a) & Counter(b)).total()) <= longer


def one_without_vowels(a: str, b: str) -> bool:
    """The same consonants, of which one word has hardly a vowel between."""
    fewer, more = sorted(len(re.findall("[aeiou]", word)) for word in (a, b))
    return fewer <= 1 and more >= 2 and same_consonants(a, b, 3)


def contracted(a: str, b: str) -> bool:
    """The first and the last letter, and some of those between; a fifth at least."""
    few, many = sorted((a, b), key=len)
    if not (a + b).isascii() or not 2 <= len(few) <= len(many) - 2 or 5 * len(few) < len(many):
        return False
    letters = iter(many)
    return few[0] == many[0] and few[-1] == many[-1] and all(letter in letters for letter in few)


def same_consonants(a: str, b: str, least: int) -> bool:
    """The same consonants, and not too few."""
    one, other = (re.sub("[aeiouyw]", "", re.sub(r"([^aeiou])\1+", r"\1", word)) for word in (a, b))
    return (a + b).isascii() and one == other and len(one) >= least


def given_name(a: str, b: str) -> int:
    return name_part(a, b, True)


def family_name(a: str, b: str) -> int:
    return name_part(a, b, False)


def is_initial(word: str) -> bool:
    """Of other scripts one character is a name."""
    return len(word) == 1 and word.isascii()


def name(a: str, b: str) -> int:
    a, b = sorted((a, b), key=str.encode)
    (few, one), (many, other) = (without_generation(text.split(), 2) for text in (a, b))
    if of_two_generations(few, one, many, other, 2):
        return DIFFERENT
    if len(few) > len(many):
        few, many = many, few
    if len(many) == 1:
        return name_part(a, b, False)
    shorter, longer = len(few), len(many)

    def take(accepts) -> int:  # type: ignore[no-untyped-def]
        taken = 0
        for word in list(few):
            other = next((each for each in many if accepts(word, each)), None)
            if other is not None:
                few.remove(word)
                many.remove(other)
                taken += 1
        return taken

    equal = take(lambda x, y: not is_initial(x) and x == y)
    near = take(
        lambda x, y: (
            not (is_initial(x) or is_initial(y))
            and (
                jaro_winkler(x, y) >= 0.88
                or one_slip(x, y)
                or one_given_name(x, y)
                or one_without_vowels(x, y)
                or same_consonants(x, y, 4)
            )
        )
    )
    same_initials = take(lambda x, y: x == y)
    words = [each for each in few if not is_initial(each)]
    initials = take(lambda x, y: (is_initial(x) or is_initial(y)) and x[0] == y[0])
    if any(each not in few for each in words) and any(not is_initial(each) for each in many):
        return DIFFERENT
    if equal >= 2 and equal + same_initials == shorter:
        return 9
    if equal + near >= 2 and equal + near + same_initials == shorter:
        return 5 if shorter == longer and equal else 3
    if shorter >= 2 and equal and equal + near + same_initials + initials == shorter:
        return 3
    if (equal + near and equal + near + same_initials + initials == shorter) or (equal and near):
        return 2
    return 2 if equal + near + 1 >= longer and longer > 2 else DIFFERENT


def dates(a: int, b: int) -> int:
    """Of a date that no calendar has (a negative number) only whether it is a slip of the other one."""
    if a < 0 or b < 0:
        slip = DIFFERENT if a < 0 and b < 0 else alike_dates(abs(a), abs(b))
        return 5 if slip == 7 else slip if slip >= 5 else 0
    alike = alike_dates(a, b)
    if alike >= 5:
        return alike
    x, y = f"{a:08}", f"{b:08}"
    year, month, day_of_month = (x[part] == y[part] for part in (slice(4), slice(4, 6), slice(6, 8)))
    apart = abs((day(a) - day(b)).days)
    if (year and (month or day_of_month)) or apart <= 31:
        return 4
    if month and day_of_month:
        return 3
    return 2 if year or apart <= 366 else DIFFERENT


def alike_dates(a: int, b: int) -> int:
    """By their digits alone: equal, swapped, one slip."""
    if a == b:
        return 7
    x, y = f"{a:08}", f"{b:08}"
    moved = [i for i in range(8) if x[i] != y[i]]
    two = len(moved) == 2 and moved[1] == moved[0] + 1 and x[moved[0]] == y[moved[1]] and x[moved[1]] == y[moved[0]]
    if two or (x[:4] == y[:4] and x[4:6] == y[6:] and x[6:] == y[4:6]):
        return 6
    return 5 if len(moved) == 1 else DIFFERENT


def day(code: int) -> date:
    return date(code // 10_000, code // 100 % 100, code % 100)


def typed(a: str, b: str) -> int:
    return 2 if osa(a, b) <= 1 else DIFFERENT


def email(a: str, b: str) -> int:
    x, y = a.partition("@")[0], b.partition("@")[0]
    if x != y and re.sub("[0-9]", "", x) == re.sub("[0-9]", "", y):
        return DIFFERENT
    if osa(a, b) <= 1:
        return 4
    if x == y:
        return 3
    return 2 if jaro_winkler(x, y) >= 0.88 else DIFFERENT


def postcode(a: str, b: str) -> int:
    if osa(a, b) <= 1:
        return 3
    x, y = a.encode(), b.encode()
    half = (max(len(x), len(y)) + 1) // 2
    return 2 if x[:half] == y[:half] else DIFFERENT


def address(a: str, b: str) -> int:
    x, y = bigrams(a), bigrams(b)
    common, either = len(x & y), len(x | y)
    if common * 4 >= either * 3:
        return 4
    if common * 2 >= either:
        return 3
    return 2 if common * 3 >= either else DIFFERENT


def bigrams(text: str) -> set[str]:
    return {text[i : i + 2] for i in range(len(text) - 1)} or {text}


def words(text: str) -> set[str]:
    """What stands between blanks; of kana and kanji every two neighbors."""
    found: set[str] = set()
    for part in text.split(" "):
        runs = re.findall(
            "[\u3041-\u3096\u30a1-\u30faー\u4e00-\u9fff]+|[^\u3041-\u3096\u30a1-\u30faー\u4e00-\u9fff]+", part
        )
        for run in runs:
            dense = re.match("[\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff]", run)
            found |= {run[i : i + 2] for i in range(len(run) - 1)} if dense else {run}
    return found


def text(a: str, b: str) -> int:
    number = r"\d+(\.\d+)?"
    one, other = (re.fullmatch(number, each, re.ASCII) for each in (a, b))
    if one and other and max(len(each.lstrip("0")) for each in (a, b)) <= 15:
        x, y = float(a), float(b)
        return 4 if 1000 * abs(x - y) <= max(x, y) else 3 if 20 * abs(x - y) <= max(x, y) else DIFFERENT
    if max(len(a), len(b)) <= 16:
        similarity = jaro_winkler(a, b)
        near, alike = similarity >= 0.92, similarity >= 0.80
    else:
        share = len(bigrams(a) & bigrams(b)) / len(bigrams(a) | bigrams(b))
        near, alike = share >= 0.6, share >= 0.3
    if not alike:
        return DIFFERENT
    one_has, other_has = (
        {each.group().lstrip("0") or "0" for each in re.finditer(number, text, re.ASCII)} for text in (a, b)
    )
    return 2 if one_has - other_has and other_has - one_has else 4 if near else 3


LEVELS = {
    "given_name": given_name,
    "family_name": family_name,
    "name": name,
    "typed": typed,
    "email": email,
    "postcode": postcode,
    "address": address,
    "text": text,
}


def skeleton(word: str) -> str:
    out, last = "", ""
    for c in word:
        if not "a" <= c <= "z":
            continue
        sound = SOUNDS[ord(c) - ord("a")]
        if not out:
            out = {"k": "c", "q": "c", "z": "s"}.get(c, c)
        elif sound not in ("0", last):
            out += sound
        if c not in "hw":
            last = sound
        if len(out) == 4:
            break
    return out


def skeletons(whole: str) -> str:
    words = [word for word in whole.split() if len(word.encode()) > 1 and word not in GENERATIONS]
    return " ".join(sorted(filter(None, map(skeleton, words)))) or whole


def blocked(keys: Sequence[str | None]) -> set[tuple[int, int]]:
    """The pairs of rows with equal keys."""
    return {
        (i, j) for i in range(len(keys)) for j in range(i + 1, len(keys)) if keys[i] is not None and keys[i] == keys[j]
    }


Table = Mapping[str, Sequence[float]]


def em(
    m: Table,
    u: Table,
    default: Table,
    rules: Sequence[tuple[Mapping[tuple[int, ...], int], Sequence[bool]]],
    kept: float,
    share_kept: float,
    rounds: int,
    same_source: float = 0.0,
    present: Sequence[float] = (),
    most_different: Mapping[str, float] = MappingProxyType({}),
) -> tuple[dict[str, list[float]], list[float]]:
    """m and each rule's share of matches after so many rounds; a pattern is a level for each comparison, 0: missing.

    Of pairs of one source those are not seen that are equal in all comparisons, or have no value on either side.
    """
    names = list(m)
    now = {name: list(values) for name, values in m.items()}
    shares = [0.1] * len(rules)
    seen = [1.0] * len(rules)
    for _ in range(rounds):
        sums = {name: [0.0] * len(values) for name, values in now.items()}
        held = {name: share * now[name][-1] for name, share in zip(names, present, strict=False)}
        kept_of = {name: held[name] + (1 - math.sqrt(share)) ** 2 for name, share in zip(names, present, strict=False)}
        for number, (patterns, used) in enumerate(rules):
            found = total = equal = 0.0
            for pattern, count in patterns.items():
                odds = shares[number] / (1 - shares[number]) / seen[number]
                for name, level, is_used in zip(names, pattern, used, strict=True):
                    if level and is_used:
                        odds *= now[name][level - 1] / u[name][level - 1]
                expected = count * odds / (1 + odds)
                found += expected
                total += count
                of_rule = [
                    level in (0, len(now[name]))
                    for name, level, is_used in zip(names, pattern, used, strict=True)
                    if not is_used
                ]
                equal += expected * all(of_rule)
                for name, level, is_used in zip(names, pattern, used, strict=True):
                    if level and is_used:
                        sums[name][level - 1] += expected
            shares[number] = min(max(found / total, 1e-9), 1 - 1e-9)
            if same_source:
                rest = same_source * math.prod(
                    kept_of[name] for name, is_used in zip(names, used, strict=True) if is_used
                )
                rest = min(rest, 0.9)
                unseen = equal / found * rest / (1 - rest + equal / found * rest)
                seen[number] = 1 - unseen
                for name, is_used in zip(names, used, strict=True):
                    if is_used:
                        sums[name][-1] += found * unseen / (1 - unseen) * held[name] / kept_of[name]
        for name, values in sums.items():
            whole = math.fsum(values)
            if whole:
                weighed = [v + (kept + share_kept * whole) * d for v, d in zip(values, default[name], strict=True)]
                differ, *rest = [v / math.fsum(weighed) for v in weighed]
                most = min(differ, most_different.get(name, 1.0))
                now[name] = [most, *(v * (1 - most) / (1 - differ) for v in rest)]
    return now, shares


# Levels of one's own.

JACCARD: dict[str, Callable[[str], set[str]]] = {
    "character_jaccard": lambda text: runs(text, 1),
    "bigram_jaccard": lambda text: runs(text, 2),
    "trigram_jaccard": lambda text: runs(text, 3),
    "word_jaccard": lambda text: {word for word in text.split(" ") if word},
}


def runs(text: str, q: int) -> set[str]:
    """The runs of q characters; a shorter text is one."""
    return {text[i : i + q] for i in range(max(len(text) - q, 0) + 1)} - {""}


def jaccard(a: set[str], b: set[str]) -> float:
    return len(a & b) / len(a | b) if a | b else 1.0


def prefix(a: str, b: str) -> int:
    return next((i for i in range(min(len(a), len(b))) if a[i] != b[i]), min(len(a), len(b)))


def decimal(text: str) -> float | None:
    """A number of at most 15 digits, which a double holds exactly."""
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)", text) or sum(c.isdigit() for c in text) > 15:
        return None
    return float(text)


def kilometers(a: str, b: str) -> float:
    """Along a globe of radius 6,371.0088 km: the angle between two vectors, which is exact however far they are."""
    vectors = []
    for text in (a, b):
        degrees = [decimal(part.lstrip(" ")) for part in re.split("[, ]", text, maxsplit=1)]
        if len(degrees) != 2 or None in degrees or abs(degrees[0]) > 90 or abs(degrees[1]) > 180:
            return math.inf
        north, east = map(math.radians, degrees)
        vectors.append((math.cos(north) * math.cos(east), math.cos(north) * math.sin(east), math.sin(north)))
    (x1, y1, z1), (x2, y2, z2) = vectors
    across = math.hypot(y1 * z2 - z1 * y2, z1 * x2 - x1 * z2, x1 * y2 - y1 * x2)
    return 6371.0088 * math.atan2(across, x1 * x2 + y1 * y2 + z1 * z2)


def levenshtein(a: str, b: str) -> int:
    last = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            row.append(min(last[j] + 1, row[-1] + 1, last[j - 1] + (x != y)))
        last = row
    return last[-1]


def damerau_levenshtein(a: str, b: str) -> int:
    """As Lowrance and Wagner have it: by the last row and column in which a character stood."""
    far = len(a) + len(b)
    table = {(-1, j): far for j in range(-1, len(b) + 1)} | {(i, -1): far for i in range(len(a) + 1)}
    table |= {(i, 0): i for i in range(len(a) + 1)} | {(0, j): j for j in range(len(b) + 1)}
    last_row: dict[str, int] = {}
    for i, x in enumerate(a, 1):
        last_column = 0
        for j, y in enumerate(b, 1):
            k, m = last_row.get(y, 0), last_column
            if x == y:
                last_column = j
            table[i, j] = min(
                table[i - 1, j - 1] + (x != y),
                table[i, j - 1] + 1,
                table[i - 1, j] + 1,
                table[k - 1, m - 1] + (i - k - 1) + 1 + (j - m - 1),
            )
        last_row[x] = i
    return table[len(a), len(b)]


def first_reached(levels: Sequence[tuple[str, float]], a: str, b: str) -> int:
    """The index of the first level that two texts reach."""
    for i, (name, bound) in enumerate(levels):
        if name in JACCARD:
            reached = jaccard(JACCARD[name](a), JACCARD[name](b)) >= bound
        elif name == "common_words":
            reached = len(JACCARD["word_jaccard"](a) & JACCARD["word_jaccard"](b)) >= bound
        elif name == "prefix":
            reached = prefix(a, b) >= bound
        elif name in ("jaro", "jaro_winkler"):
            x, y = sorted((a, b), key=lambda text: (len(text), text))
            # Two empty texts are equal.
            reached = (1.0 if not x and not y else jaro(x, y) if name == "jaro" else jaro_winkler(x, y)) >= bound
        else:
            distance = {"osa": osa, "levenshtein": levenshtein, "damerau_levenshtein": damerau_levenshtein}[name]
            reached = distance(a, b) <= bound
        if reached:
            return i
    return len(levels)
