"""Addresses and free texts, by regular expressions over the plain spelling."""

import re

from .kanji_number import NUMERALS, kanji_number
from .script import KANA, is_accent, is_han, plain
from .unicode import means_nothing, tidy

DIGITS = tuple("0123456789")
HYPHENS = {"-", "\u2212", "\u2500", "\u2501", *map(chr, range(0x2010, 0x2016))}


def address(raw: bytes | None) -> tuple[str | None, str]:
    spelled, status = _plainly(raw, decimals=False)
    if spelled is None:
        return None, status
    japanese = any(c in KANA or is_han(c) for c in spelled)
    spelled = _japanese(spelled) if japanese else _western(spelled)
    return (spelled, "accepted") if spelled else (None, "missing")


def free_text(raw: bytes | None) -> tuple[str | None, str]:
    spelled, status = _plainly(raw, decimals=True)
    if spelled is None:
        return None, status
    for i, c in enumerate(spelled):
        before = spelled[i - 1 : i] if i else " "
        begins = before in "0123456789 -\0" or before in KANA or is_han(before)
        if c == "-" and begins and spelled[i + 1 : i + 2] in DIGITS:
            spelled = f"{spelled[:i]}\0{spelled[i + 1 :]}"
    spelled = spelled.replace("-", " ").strip(" ")
    out = ""
    for word in filter(None, spelled.split(" ")):
        ends = (out[-1:], word[0])
        out += word if not out or any(c in KANA or is_han(c) for c in ends) else f" {word}"
    return (out.replace("\0", "-"), "accepted") if out else (None, "missing")


def _plainly(raw: bytes | None, *, decimals: bool) -> tuple[str | None, str]:
    if raw is not None and len(raw.strip(b" \t\n\v\f\r")) > 1024:
        return None, "too_long"
    text, status = tidy(raw)
    if text is None:
        return None, status
    if means_nothing(text):
        return None, "missing"
    if "\ufffd" in text:
        return None, "encoding"
    spelled = ""
    for i, c in enumerate(text):
        number = decimals and c == "." and spelled[-1:] in DIGITS and text[i + 1 : i + 2] in DIGITS
        if number:
            spelled += c
        elif c in HYPHENS:
            spelled += "-"
        elif c == "ー":
            spelled += c if spelled[-1:] == "ー" or (spelled[-1:] in KANA and spelled) else "-"
        else:
            letters = plain(c.replace("ヶ", "ケ"))
            if not (letters and is_accent(letters[0]) and re.match("[a-z]", spelled[-1:])):
                spelled += letters
    return spelled, "accepted"


def _western(text: str) -> str:
    text = re.sub(r"(?<![0-9])-|-(?![0-9])", " ", text)
    return re.sub(" +", " ", text).strip(" ")


NUMBER = re.compile(rf"[0-9]|[{NUMERALS}]+(?:\Z|[ -]|[丁番号のノ])")
POSTCODE = re.compile(r"[ -]*[0-9]{3}-?[0-9]{4}(?=[^0-9-])")


def _japanese(text: str) -> str:
    text = POSTCODE.sub("", text, count=1) if POSTCODE.match(text) else text
    text = text.strip(" -")
    out = ""
    while text:
        if signs := re.match("[ -]+", text):
            text = text[signs.end() :]
            number = NUMBER.match(text)
            if out and out[-1] != "-" and out[-1].isascii() and (text[0].isascii() or number):
                out += "-" if "-" in signs[0] or (out[-1].isdigit() and number) else " "
        elif digits := re.match("[0-9]+", text):
            out += digits[0]
            out, text = _counter(out, text[digits.end() :])
        elif run := re.match(f"[{NUMERALS}]+", text):
            text = text[run.end() :]
            number_text = kanji_number(run[0])
            counted = re.match("[丁番号条]", text)
            before_number = text.startswith("-") and NUMBER.match(text.lstrip(" -"))
            last_of_row = out.endswith("-") and re.match(r"\Z|[- のノ]", text)
            if number_text and (counted or before_number or last_of_row):
                out, text = _counter(out + number_text, text)
            else:
                out += run[0]
        elif text.startswith("大字"):
            text = text[2:]
        else:
            out, text = out + text[0], text[1:]
    return out


def _counter(out: str, text: str) -> tuple[str, str]:
    counter = re.match("丁目|番地|番|号室|号|丁|", text)[0]
    after = text[len(counter) :]
    following = after.lstrip(" -")
    if following[:1] in ("の", "ノ", "之") and NUMBER.match(following[1:].lstrip(" -")):
        following = following[1:].lstrip(" -")
    if NUMBER.match(following):
        return (out, text) if following == text else (out + "-", following)
    stays = {"番": not re.match(r"\Z|[ -]", after), "丁": True, "号": bool(re.match("[棟館線地車店]", after))}
    return (out, text) if stays.get(counter) else (out, after)
