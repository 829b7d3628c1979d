"""Names that have no kana are read as other records tell."""

import csv
import random
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import enishi
from enishi import Model, _normalize
from enishi._matching import Matching
from enishi._tables import hash_records, kana_of_romaji, sound_of
from enishi.bind import bind
from enishi.compare import comparisons_of
from enishi.normalize import Normalization
from enishi.runner import Inline
from reference import name_readings as twin


@pytest.mark.parametrize(
    ("word", "kana"),
    [
        ("kazuto", "カズト"),
        ("shunichi", "シユニチ"),
        ("syunniti", "シユンニチ"),
        ("ohno", "オノ"),
        ("oono", "オオノ"),
        ("satoh", "サト"),
        ("ittetsu", "イツテツ"),
        ("matchi", "マツチ"),
        ("shimbashi", "シンバシ"),
        ("kyouko", "キヨウコ"),
        ("zyunko", "ジユンコ"),
        ("n", "ン"),
        *((word, None) for word in ("smith", "clara", "q", "shh", "kyi-", "花子", "wu", "tt", "mary ann")),
    ],
)
def test_romaji(word: str, kana: str | None) -> None:
    assert kana_of_romaji(word) == twin.kana_of_romaji(word) == kana


@given(st.text("aiueokstnhmyrwgzdbpjfvcl", max_size=12) | st.text(max_size=5))
def test_romaji_as_the_twin_reads_it(word: str) -> None:
    kana = kana_of_romaji(word)
    assert kana == twin.kana_of_romaji(word)
    if kana is not None:
        assert sound_of(kana) == twin.sound_of(kana)
        assert _normalize.person_name().one(kana.encode())[0] in (kana, None)


@pytest.mark.shared_data
def test_names_of_japan_sound_as_they_are_spelled(shared_data: Path) -> None:
    """Of each reading of the lists, and its spelling in Latin letters."""
    spelled = []
    for file in sorted((shared_data / "jp_names").glob("*.csv")):
        at = 2 if file.name.startswith("last") else 0
        with file.open(newline="", encoding="utf-8") as rows:
            spelled += [(row[at], row[at + 1]) for row in csv.reader(rows) if len(row) > at + 1]
    normalizer = _normalize.person_name()
    heard = 0
    for reading, letters in spelled:
        kana, _ = normalizer.one(reading.encode())
        heard += sound_of(kana_of_romaji(letters) or "") == sound_of(kana or "")
    assert len(spelled) > 5_000 and heard > 0.98 * len(spelled)


GIVEN = [
    *(("花子", "ハナコ", "hanako"), ("裕子", "ユウコ", "yuko"), ("裕子", "ヒロコ", "hiroko"), ("翔", "ショウ", "sho")),
    *(("翔", "ショウ", "shou"), ("章", "ショ", "sho"), ("真理", "マリ", "mari"), ("眞理", "マリ", "mary")),
]
FAMILY = [
    *(("小野", "オノ", "ono"), ("大野", "オオノ", "ono"), ("大野", "オオノ", "ohno"), ("佐藤", "サトウ", "satoh")),
    *(("真理", "マリ", "mari"), ("斎藤", "サイトウ", "saito"), ("斉藤", "サイトウ", "saitou"), ("斉藤", "サイト", "")),
]


def names(rows: int, seed: int) -> pa.Table:
    """Names in kanji with or without their kana, in kana, and in Latin letters, in parts or whole."""
    rng = random.Random(seed)
    columns: dict[str, list[str | None]] = {
        name: [] for name in ("family_name", "given_name", "family_name_kana", "given_name_kana", "name")
    }
    for _ in range(rows):
        given, family = rng.choice(GIVEN), rng.choice(FAMILY)
        way = rng.randrange(6)
        row: dict[str, str | None] = {}
        if way < 4:
            row = {"given_name": given[(0, 0, 1, 2)[way]], "family_name": family[(0, 0, 1, 2)[way]]}
        if way == 1:
            row |= {"given_name_kana": given[1], "family_name_kana": family[1]}
        if way > 3:
            row = {"name": " ".join([given[2], family[2]][:: rng.choice((1, -1))])}
        for name, column in columns.items():
            column.append(None if rng.random() < 0.05 else row.get(name))
    return pa.table({"record_id": [str(i) for i in range(rows)], **columns})


def kana_of(table: pa.Table) -> list[list[int]]:
    """By record, the codes of its given, its family and its full name in kana, as three columns."""
    bound = bind(Model(), {"data": table.schema})
    normalized = Normalization(bound, bytes(16), match=True)
    batch = table.combine_chunks().to_batches()[0]
    normalized.add(bound.sources[0], batch, hash_records("data", batch["record_id"]), Inline())
    normalized.close(Inline())
    normalized.read_names()
    (slots,) = (slots for field, slots in normalized.attributes.values() if isinstance(field, enishi.PersonName))
    size = len(normalized.profiles)
    compared = [
        (each.kind, each.columns, each.tables, None, b"", each.impossible) for each in comparisons_of(normalized)
    ]
    matching = Matching(normalized.profiles, compared, np.zeros(size, np.uint32), np.arange(size, dtype=np.uint64))
    of = normalized.profiles.of_record()
    return [matching.codes(slots[column])[of].tolist() for column in (1, 7, 4)]


NONE = 2**32 - 1


@pytest.mark.parametrize("seed", range(6))
def test_readings_are_the_twins(seed: int) -> None:
    table = names(60 + 60 * seed, seed)

    def forms(part: str) -> list[twin.Forms]:
        parts = []
        for row in table.to_pylist():
            texts = dict.fromkeys(("han", "kana", "latin"))
            for name in (part, f"{part}_kana"):
                text = _normalize.person_name().one((row[name] or "").encode())[0]
                if text:
                    texts.setdefault(script := _normalize.name_script(text.encode()), None)
                    texts[script] = texts[script] or text
            parts.append((texts["han"], texts["kana"], texts["latin"]))
        return parts

    whole = [" ".join(sorted((each or "").split())) or None for each in table["name"].to_pylist()]
    told = twin.read_unread(forms("given_name"), forms("family_name"), whole)
    expected = [*zip(*told, strict=True), [family + given if given and family else None for given, family in told]]
    for codes, texts in zip(kana_of(table), expected, strict=True):
        assert [code == NONE for code in codes] == [text is None for text in texts]
        assert len(set(zip(codes, texts, strict=True))) == len(set(codes)) == len(set(texts))
    assert sum(given is not None for given, _ in told) > sum(kana is not None for _, kana, _ in forms("given_name"))


def test_one_person_of_three_spellings() -> None:
    """An app has romaji, a till half-width kana, a call centre kanji: the web shop tells how they are read."""
    rng = random.Random(4)
    known = [("小野", "オノ"), ("佐藤", "サトウ"), ("河野", "コウノ"), ("高橋", "タカハシ"), ("遠藤", "エンドウ")]
    given = [("和人", "カズト"), ("千夏", "チナツ"), ("修平", "シュウヘイ"), ("達也", "タツヤ"), ("美咲", "ミサキ")]
    rows = []
    for i in range(300):
        (family, family_kana), (own, own_kana) = rng.choice(known), rng.choice(given)
        born = f"{1940 + i % 60}-{1 + i % 12:02}-{1 + i % 28:02}"
        rows.append({"氏名": f"{family} {own}", "フリガナ": f"{family_kana} {own_kana}", "生年月日": born})
    web = pa.Table.from_pylist(rows)
    app = pa.table({"name": ["Shuhei Endo", "Kono Chinatsu"], "birthday": ["1931-03-05", "1932-07-09"]})
    till = pa.table(
        {"カナ氏名": ["ｴﾝﾄﾞｳ ｼｭｳﾍｲ", "ｺｳﾉ ﾁﾅﾂ"], "生年月日": ["S6.3.5", "S7.7.9"]},
    )
    call = pa.table({"姓": ["遠藤", "河野"], "名": ["修平", "千夏"], "生年月日": ["昭和6年3月5日", "昭和7年7月9日"]})
    graph = enishi.resolve({"web": web, "app": app, "till": till, "call": call})
    of = graph.customers.to_pydict()
    for n in range(2):
        ids = {of["customer_id"][300 + n], of["customer_id"][302 + n], of["customer_id"][304 + n]}
        assert len(ids) == 1, n
    assert len(set(of["customer_id"][300:])) == 2


def test_names_of_other_languages_are_as_they_were() -> None:
    """Where nobody writes kana, no name is taken for a Japanese one."""
    table = {"given_name": ["Maria", "Ana", "Naomi"], "family_name": ["Mori", "Sato", "Kato"], "record_id": [*"abc"]}
    assert kana_of(pa.table(table)) == [[NONE] * 3] * 3
