import csv
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enishi import _normalize
from kernel_checks import assembled, hostile
from reference import person_name as reference
from reference.address import address as address_twin
from reference.columns import HOSTILE, HUGE, assert_agree
from reference.person_name import person_name as twin
from reference.script import is_accent

PIECES = [
    *"aZéßøŁđÉñ", "O'", "Jean", "-", ".", ",", " ", "\u3000", "・", "ー", "･", "ｰ", "(", "Mr.", "dr ", " esq",
    " Ms", "山田", "太郎", "髙", "々", "葛\U000e0100", "様", "さん", "殿", "氏", "先生", "ちゃん", "やまだ", "ヤマダ",
    "ﾔﾏﾀﾞ", "ｶﾞ", "ぁ", "ャ", "ッ", "ヴ", "ァ", "ュ", "ヴァ", "ヂ", "づ", "を", "ヱ", "ヷ", "゛", "ﾞ", "゜", "ゝ",
    "ゞ", "ヽ", "ヾ", "は", "ウ", "シ", "김", "철수", "Иван", "й", "Ё", "علي", "\u0301", "\u0323", "\u3099",
    "\u200b", "😀", "①", "３", "7", "@", "ʼ", "’", "´", "test", "テスト", "guest", "不明", "n/a", "\ufffd", "ﬁ",
    "İ", "Ǆ", "ẖ", "ǯ", "\ufe0f", "Σ", "ς", "〇", "〆",
]  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("José", "jose"),
        ("JOSE\u0301", "jose"),
        ("Müller-Lüdenscheidt", "muller ludenscheidt"),
        ("Straße", "strasse"),
        ("Łukasz Ørsted", "lukasz orsted"),
        ("Nguyễn Thị Ánh", "nguyen thi anh"),
        ("O'Brien", "obrien"),
        ("O’Brien", "obrien"),
        ("Hughes,  Howie", "hughes howie"),
        ("J. R. Smith", "j r smith"),
        ("Mr. John Q. Public, Esq.", "john q public"),
        ("Prof. Dr. Hans Meier", "hans meier"),
        ("TANAKA/TARO MR", "tanaka taro"),
        ("Smith Sr", "smith sr"),
        ("Dr", "dr"),
        ("ＴＡＮＡＫＡ　Ｔａｒｏ", "tanaka taro"),
        ("山田　太郎", "山田太郎"),
        ("山田太郎 様", "山田太郎"),
        ("山田様", "山田"),
        ("林さん", "林"),
        ("山田太郎殿", "山田太郎"),
        ("山田 殿", "山田"),
        ("鵜殿", "鵜殿"),
        ("五十殿", "五十殿"),
        ("山田先生", "山田"),
        ("はなちゃん", "ハナ"),
        ("スーサン", "スサン"),
        ("やまだ たろう", "ヤマダタロウ"),
        ("ﾔﾏﾀﾞ ﾀﾛｳ", "ヤマダタロウ"),
        ("ﾔﾏﾀ゛", "ヤマダ"),
        ("ショウタ", "シヨウタ"),
        ("サトー", "サト"),
        ("サト-", "サト"),
        ("みすゞ", "ミスズ"),
        ("ヴァイオレット", "バイオレツト"),
        ("ヴアイオレツト", "バイオレツト"),
        ("バイオレット", "バイオレツト"),
        ("ルヴュー", "ルビユ"),
        ("ちづる", "チズル"),
        ("かをり", "カオリ"),
        ("アンナ・マリア", "アンナマリア"),
        ("アンナ＝マリア", "アンナマリア"),
        ("髙橋", "髙橋"),
        ("葛\U000e0100城", "葛城"),
        ("佐々木", "佐々木"),
        ("김 철수", "김철수"),
        ("ВАСИЛЬЕВ, Андрей", "васильев андрей"),
        ("太郎😀", "太郎"),
        ("奈奈", "奈奈"),
    ],
)
def test_forms(raw: str, expected: str) -> None:
    assert _normalize.person_name().one(raw.encode()) == (expected, "accepted")
    assert twin(raw.encode()) == (expected, "accepted")


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        ("", "missing"),
        ("-", "missing"),
        ("・・・", "missing"),
        ("ー", "missing"),
        ("不明", "missing"),
        ("匿名希望", "missing"),
        ("Unknown", "missing"),
        ("NA", "missing"),
        ("N/A", "missing"),
        ("なし", "missing"),
        ("ゲスト", "junk"),
        ("ゲスト様", "junk"),
        ("Guest", "junk"),
        ("TEST", "junk"),
        ("テスト 太郎", "junk"),
        ("てすと", "junk"),
        ("お客様", "junk"),
        ("ああああ", "junk"),
        ("xxx", "junk"),
        ("123 456", "malformed"),
        ("john@example.com", "malformed"),
        ("山\ufffd", "encoding"),
        ("a\0b", "encoding"),
        ("a" * 257, "too_long"),
    ],
)
def test_refusals(raw: str, status: str) -> None:
    assert _normalize.person_name().one(raw.encode()) == (None, status)
    assert twin(raw.encode()) == (None, status)


@pytest.mark.parametrize(
    ("name", "script"),
    [
        ("jose", "latin"),
        ("ə", "latin"),
        ("ヤマダ", "kana"),
        ("マイケルj", "kana"),
        ("山田", "han"),
        ("山田ハナ", "han"),
        ("佐々木", "han"),
        ("김철수", "other"),
        ("иван", "other"),
        ("", "other"),
        ("7", "other"),
    ],
)
def test_scripts(name: str, script: str) -> None:
    assert _normalize.name_script(name.encode()) == script
    assert reference.name_script(name) == script


def test_script_of_invalid_text() -> None:
    assert _normalize.name_script(b"a\x80") == "other"


def test_agrees_with_its_twin() -> None:
    normalizer = _normalize.person_name()
    assert_agree(normalizer, twin, assembled(PIECES, 30_000, seed=1))
    assert_agree(normalizer, twin, list(hostile(2, b"Jose Smith")))
    assert_agree(normalizer, twin, list(hostile(3, "やまだ 太郎".encode())))
    assert_agree(normalizer, twin, HUGE)


def test_every_letter_that_names_are_written_in() -> None:
    blocks = [range(0xA1, 0x600), range(0x1E00, 0x2070), range(0x3000, 0x3200), range(0x4E00, 0x4F00)]
    blocks += [range(0xFF00, 0xFFF0), range(0xAC00, 0xAD00), range(0xFB00, 0xFB10), range(0x2F800, 0x2F900)]
    letters = [chr(point) for block in blocks for point in block if unicodedata.category(chr(point)) != "Cn"]
    assert_agree(_normalize.person_name(), twin, [f"{c}a {c}カ{c}".encode() for c in letters])


def test_a_canonical_name_is_its_own() -> None:
    normalizer = _normalize.person_name()
    for raw in assembled(PIECES, 5_000, seed=4, longest=5):
        name, _ = normalizer.one(raw)
        # But for an honorific that stood behind another one, and an accent that an iteration mark of nothing carried.
        if name is not None and not name.endswith(("様", "先生", "殿", "氏")) and not is_accent(name[0]):
            again, status = normalizer.one(name.encode())
            assert again == name or status != "accepted"


@given(st.lists(st.sampled_from(PIECES), max_size=9).map("".join))
def test_agrees_on_what_hypothesis_finds(text: str) -> None:
    normalizer = _normalize.person_name()
    assert normalizer.one(text.encode()) == twin(text.encode())
    assert _normalize.name_script(text.encode()) == reference.name_script(text)


def test_columns_in_every_layout() -> None:
    values = ["José", "山田　太郎 様", "ﾔﾏﾀﾞ", "test", "Wolfeschlegelsteinhausenbergerdorff"]
    assert_agree(_normalize.person_name(), twin, [None, *(value.encode() for value in values), *HOSTILE])


@pytest.mark.shared_data
def test_readings_fold_alike(shared_data: Path) -> None:
    """Hiragana and katakana of every reading, full and half size, come out equal, and are kana."""
    readings: set[str] = set()
    for file in sorted((shared_data / "jp_names").glob("*.csv")):
        with file.open(newline="", encoding="utf-8") as rows:
            readings |= {row[2 if file.name.startswith("last") else 0] for row in csv.reader(rows) if row}
    assert len(readings) > 5_000
    normalizer = _normalize.person_name()
    for reading in readings:
        hiragana = unicodedata.normalize("NFKC", reading)
        katakana = "".join(chr(ord(c) + 0x60) if "ぁ" <= c <= "ゖ" else c for c in hiragana)
        folded, status = normalizer.one(hiragana.encode())
        assert status == "accepted" or reading.startswith("てすと")
        assert normalizer.one(katakana.encode()) == (folded, status)
        assert folded is None or _normalize.name_script(folded.encode()) == "kana"


@pytest.mark.shared_data
def test_surnames_of_japan_are_kept(shared_data: Path) -> None:
    with (shared_data / "jp_names" / "last_name_org.csv").open(newline="", encoding="utf-8") as rows:
        surnames = [row[0] for row in csv.reader(rows) if row]
    normalizer = _normalize.person_name()
    changed = [name for name in surnames if _normalize.name_script(normalizer.one(name.encode())[0].encode()) != "han"]
    assert changed == []
    assert sum(normalizer.one(name.encode())[0] == unicodedata.normalize("NFKC", name) for name in surnames) > 1_900
    for name in surnames:
        assert normalizer.one(f"{name}　様".encode()) == normalizer.one(name.encode())


def test_the_short_way_for_japanese_is_tidying() -> None:
    """Half-width kana with marks, and characters that send a value the long way round, in every neighborhood."""
    pieces = [*map(chr, range(0xFF61, 0xFFA0)), *"かカガハバパツッヂヴウー山々ＡＺａ０！ \u3000\u3099éゞ〒、"]
    normalizer = _normalize.address()
    assert_agree(normalizer, address_twin, [(a + b).encode() for a in pieces for b in pieces])
    assert_agree(normalizer, address_twin, assembled(pieces, 20_000, seed=5))
