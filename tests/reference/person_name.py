"""Names of people."""

import re
import unicodedata

from .script import KANA, is_accent, is_han, plain, runs_on
from .unicode import tidy

NO_NAME = {
    "anonymous", "n a", "na", "name unknown", "nan", "no name", "noname", "none", "not given", "not known", "null",
    "unknown", "k a", "keine angabe", "unbekannt", "inconnu", "desconocido", "tbd", "not applicable", "not available",
    "not provided", "ナシ", "ナナシ", "不明", "匿名", "匿名希望", "名無", "名無シ", "未入力", "未登録", "未記入",
    "無シ", "無記名", "該当ナシ", "非公開",
}  # fmt: skip
NOBODY = {
    "admin", "administrator", "asdf", "customer", "dummy", "first name", "firstname", "full name", "guest",
    "guest user", "last name", "lastname", "name", "qwerty", "sample", "test", "test test", "test user", "tester",
    "testuser", "user", "オ客", "オ客様", "ゲスト", "サンプル", "ダミ", "ユザ", "名前", "氏名",
}  # fmt: skip
TITLES = "(?:dr|esq|frau|herr|madam|miss|mr|mrs|ms|mx|phd|prof|sir)"
FOLDED = str.maketrans("ァィゥェォッャュョヮヵヶヂヅヲヰヱヷヸヹヺ", "アイウエオツヤユヨワカケジズオイエバビベボ")


def _honorific(name: str) -> str:
    for word, shortest in (
        ("様", 1),
        ("先生", 1),
        ("殿", 9),
        ("氏", 9),
        ("さん", 4),
        ("さま", 4),
        ("くん", 4),
        ("ちゃん", 4),
    ):
        if name.endswith(word) and name != word:
            rest = name.removesuffix(word)
            apart, rest = rest.endswith(" "), rest.strip(" \t\n\v\f\r")
            kanji = rest != "" and is_han(rest[0]) and shortest <= 4
            return rest if rest and (apart or kanji or len(rest.encode()) >= shortest) else name
    return name


def _kana(text: str) -> str:
    text = "".join(chr(ord(c) + 0x60) if c in KANA and c < "ゟ" else c for c in text)
    spelled: list[str] = []
    for c in text:
        last = spelled[-1] if spelled and spelled[-1] in KANA else ""
        if c in "ヽヾ":
            voiced = unicodedata.normalize("NFC", last + "\u3099")
            spelled.append(voiced if c == "ヾ" and len(voiced) == 1 and last else last)
        elif c in "\u3099\u309a":
            voiced = unicodedata.normalize("NFC", last + c)
            if last and len(voiced) == 1:
                spelled[-1] = voiced
        else:
            spelled.append(c)
    text = "".join(spelled).translate(FOLDED)
    text = re.sub("ヴ([アイエオ])", lambda m: "バビベボ"["アイエオ".index(m[1])], text)
    return re.sub("ヴ(?=[ヤユヨ])", "ビ", text).replace("ヴ", "ブ")


def person_name(raw: bytes | None) -> tuple[str | None, str]:
    if raw is not None and len(raw.strip(b" \t\n\v\f\r")) > 256:
        return None, "too_long"
    text, status = tidy(raw)
    if text is None:
        return None, status
    text = _honorific(text)
    for c in text:
        if c == "\ufffd":
            return None, "encoding"
        if c == "@":
            return None, "malformed"
    name = ""
    apart = False
    for c in text:
        letters = plain(c)
        if letters == " ":
            apart = name != ""
        elif letters in ("\u3099", "\u309a"):
            name += letters if _last(name) else ""
        elif letters and not (is_accent(letters[0]) and (not _last(name) or re.match("[a-z]", _last(name)))):
            name += (" " if apart and not runs_on(_last(name)) and not runs_on(letters[0]) else "") + letters
            apart = False
    name = _kana(name)
    if not name or name in NO_NAME:
        return None, "missing"
    if name in NOBODY or name.startswith("テスト"):
        return None, "junk"
    if re.fullmatch("[0-9 ]+", name):
        return None, "malformed"
    if len(name) >= 3 and len(set(name)) == 1:
        return None, "junk"
    name = re.sub(f"^(?:{TITLES} )+", "", name)
    name = re.sub(f"(?: {TITLES})+$", "", name)
    return name, "accepted"


def _last(name: str) -> str:
    return name.rstrip("\u3099\u309a")[-1:]


def name_script(name: str) -> str:
    if any(map(is_han, name)):
        return "han"
    if any(c in KANA for c in name):
        return "kana"
    letters = [c for c in name if not c.isascii() or c.isalpha()]
    latin = all(c < "\x80" or "\xc0" <= c < "\u02b0" or "\u1e00" <= c < "\u1f00" for c in letters)
    return "latin" if letters and latin else "other"
