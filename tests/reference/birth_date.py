"""Birth dates, by regular expressions and Python's own calendar."""

import datetime
import re

from .kanji_number import NUMERALS, kanji_number
from .unicode import means_nothing, tidy

ERAS = {
    "m": ("明治", 1868, (1873, 1, 1), (1912, 7, 30)),
    "t": ("大正", 1912, (1912, 7, 30), (1926, 12, 25)),
    "s": ("昭和", 1926, (1926, 12, 25), (1989, 1, 7)),
    "h": ("平成", 1989, (1989, 1, 8), (2019, 4, 30)),
    "r": ("令和", 2019, (2019, 5, 1), (9999, 12, 31)),
}
PLACEHOLDERS = {
    (0, 0, 0), (1, 1, 1), (1753, 1, 1), (1899, 12, 30), (1899, 12, 31), (1900, 1, 0), (1900, 1, 1), (1970, 1, 1),
    (9999, 12, 31), (9999, 99, 99),
}  # fmt: skip
MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
ZONE = r"(?: *(?:z|utc|gmt|[+-][0-9]{2}(?::[0-9]{2}|(?:[0-9]{2})*))?)"
TIME = (
    r"(?:(?:t| +)(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,][0-9]+)?)? *(?:am|pm)?"
    + ZONE
    + ")?"
)
SEP = r"(?: *[-/.,] *| +)"
LAST = "(?P<y>[0-9]{4}|[0-9]{2})"  # of two digits only where years are declared to stand last
SPELLINGS = {"年": ".", "月": ".", "日": " ", "元": "1", "・": ".", "、": ",", "。": "."} | dict.fromkeys(
    "‐–—―−ー─", "-"
)

FORMS = [
    ("compact", rf"(?P<packed>[0-9]{{8}})(?:\.0)?{TIME}"),
    ("ymd", rf"(?P<y>[0-9]{{4}}){SEP}(?P<m>[0-9]{{1,2}}){SEP}(?P<d>[0-9]{{1,2}}){TIME}"),
    ("declared", rf"(?P<a>[0-9]{{1,2}}){SEP}(?P<b>[0-9]{{1,2}}){SEP}{LAST}{TIME}"),
    ("named", rf"(?P<name>[a-z]{{3,}}){SEP}?(?P<d>[0-9]{{1,2}}){SEP}{LAST}{TIME}"),
    ("named", rf"(?P<d>[0-9]{{1,2}}){SEP}?(?P<name>[a-z]{{3,}}){SEP}?{LAST}{TIME}"),
    ("named", rf"(?P<y>[0-9]{{4}}){SEP}?(?P<name>[a-z]{{3,}}){SEP}?(?P<d>[0-9]{{1,2}}){TIME}"),
    ("era", rf"(?P<era>[mtshr])\.? *(?P<y>[0-9]{{1,2}}){SEP}(?P<m>[0-9]{{1,2}}){SEP}(?P<d>[0-9]{{1,2}}){TIME}"),
    ("era", rf"(?P<era>[mtshr])\.? *(?P<y>[0-9]{{2}})(?P<m>[0-9]{{2}})(?P<d>[0-9]{{2}}){TIME}"),
]


def birth_date(
    raw: bytes | None, order: str = "YMD", min_year: int = 1880, max_year: int = 9999
) -> tuple[str | None, str]:
    def judge(year: int, month: int, day: int) -> tuple[str | None, str]:
        if (year, month, day) in PLACEHOLDERS:
            return None, "placeholder"
        try:
            date = datetime.date(year, month, day)
        except ValueError:
            return None, "impossible"
        return (date.isoformat(), "accepted") if min_year <= year <= max_year else (None, "impossible")

    def declared(a: int, b: int, year: int) -> tuple[str | None, str]:
        day, month = (a, b) if order == "DMY" else (b, a)
        return judge(year, day, month) if month > 12 >= day else judge(year, month, day)

    if raw is not None and len(raw.strip(b" \t\n\v\f\r")) > 256:
        return None, "too_long"
    tidied, status = tidy(raw)
    if tidied is None:
        return None, status
    if means_nothing(tidied):
        return None, "missing"
    text = _spell(tidied)
    if text is None:
        return None, "malformed"
    if not re.search("[0-9a-z]", text):
        return None, "missing"
    if not text.strip("0"):
        return None, "placeholder"
    if re.fullmatch(r"[0-9](\.[0-9]+)?e\+?[0-9]+", text):
        return None, "spreadsheet"
    for form, pattern in FORMS:
        match = re.fullmatch(pattern, text)
        if not match:
            continue
        found = match.groupdict()
        hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
        if hour > 24 or minute > 59 or second > 60:
            continue
        if form == "compact":
            packed = found["packed"]
            answer = judge(int(packed[:4]), int(packed[4:6]), int(packed[6:]))
            if answer[1] == "impossible" and order != "YMD":
                answer = declared(int(packed[:2]), int(packed[2:4]), int(packed[4:]))
            return answer
        year = int(found["y"])
        if form != "era" and len(found["y"]) == 2:
            if order == "YMD":
                continue
            year += max_year // 100 * 100
            year -= 100 if year > max_year else 0
        if form == "declared":
            if order == "YMD":
                continue
            return declared(int(found["a"]), int(found["b"]), year)
        if form == "named":
            name = found["name"]
            months = [i for i, month in enumerate(MONTHS, 1) if month.startswith(name) or (i == 9 and name == "sept")]
            if not months:
                continue
            return judge(year, months[0], int(found["d"]))
        month, day = int(found["m"]), int(found["d"])
        if form == "era":
            _, first_year, begins, ends = ERAS[found["era"]]
            date = (year + first_year - 1, month, day)
            return judge(*date) if year and begins <= date <= ends else (None, "impossible")
        return judge(year, month, day)
    return None, "malformed"


def _spell(text: str) -> str | None:
    """The text in lower-case ASCII, eras as letters; None where it has no such spelling."""
    text = re.sub("(?<=.)(生まれ|うまれ|生)$", "", text, flags=re.DOTALL)
    text = re.sub(f"[{NUMERALS}]+", lambda run: kanji_number(run[0]) or "?!", text)
    for letter, (name, *_) in ERAS.items():
        text = re.sub(f"{name}|{name[0]}", letter, text)
    text = "".join(SPELLINGS.get(c, c) for c in text)
    if not text.isascii() or "?!" in text:
        return None
    return text.lower().strip(" \t\n\v\f\r")
