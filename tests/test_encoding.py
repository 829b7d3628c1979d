"""An encoding is told where the bytes leave no doubt, and never told wrongly."""

from __future__ import annotations

import random

import pytest

from enishi.encoding import told

WESTERN = {
    "German": "Müller Jürgen Günther Weiß Bäcker Schröder Köln Straße Größe",
    "French": "Hélène Geneviève François Noël Benoît Cœur Forêt Anaïs Rémi Gaëlle Loïc Zoé Élise",
    "Spanish": "Peña Muñoz García José María Núñez Ibáñez Logroño Ángel",
    "Portuguese": "João Conceição Magalhães Simões Antônio Inês São Paulo Gonçalves",
    "Italian": "Niccolò Forlì Cantù Nicolò Salomè città",
    "Danish": "Sørensen Jørgen Kjær Møller Åse Håkon Bjørn Sæther Ødegård Strøm",
    "Dutch": "Zoë Daniël Coöperatie",
}
JAPANESE = {
    "names": "会員番号,氏名\n1,髙橋 ﾊﾅｺ ①㈱\n2,渡邊 表ソ能",
    "one name": "id,name\n1,田中",
    "old forms": "お名前,メール\n渡邉 澤田 齋藤 廣瀬 櫻井",
    "half width": "id,kana\n1,ｻﾄｳ ﾊﾅｺ\n2,ｽｽﾞｷ ｲﾁﾛｳ\n3,ﾀｶﾊｼ ｼﾞｭﾝ",
}
OTHERS = {
    "Czech": ("cp1250", "Dvořák Jiří Novotný Kateřina Růžička Němec Vaněk Zdeněk Kováč Horáček Šťastný"),
    "Polish": ("cp1250", "Kamiński Wałęsa Poznań Zięba Świątek Łukasz Wójcik Paweł Jaś"),
    "Hungarian": ("cp1250", "Szűcs Erdős Gyűrű Kovács László Szabó Győr"),
    "Croatian": ("cp1250", "Petrović Kovačić Babić Šarić Đorđević"),
    "Romanian": ("cp1250", "Bălan Ştefan Ionuţ Brătianu Ţepeş"),
    "Turkish": ("cp1254", "Yılmaz Şahin Doğan Çelik Gülşen İstanbul"),
    "Polish, ISO": ("iso8859-2", "Kamiński Wałęsa Świątek Łukasz Wójcik"),
    "Icelandic": ("cp1252", "Þórður Guðrún Sigurðardóttir"),
    "Russian": ("cp1251", "Иванов Пётр Смирнова"),
    "Russian, KOI8": ("koi8-r", "Иванов Пётр Смирнова"),
    "Greek": ("cp1253", "Παπαδόπουλος Γιώργος"),
    "Chinese": ("gbk", "张伟 王芳 李娜 徐静 赵敏 北京市朝阳区"),
    "Chinese, Taiwan": ("big5", "陳怡君 林志豪 張家豪 臺北市"),
    "Korean": ("cp949", "김민수 이영희 박지훈 서울시"),
    "Thai": ("cp874", "สมชาย"),
    "DOS": ("cp850", "Müller José Gómez Peña Hélène Jörg René Sánchez García"),
    "Macintosh": ("mac_roman", "Müller José Gómez Peña Hélène Jörg René Sánchez García"),
}


def rows(text: str) -> str:
    return "id,name\n" + text.replace(" ", "\n") + "\n"


@pytest.mark.parametrize("words", WESTERN.values(), ids=WESTERN.keys())
def test_western(words: str) -> None:
    for text in (words, words.upper()):
        assert told([rows(text).encode("cp1252")]) == "cp1252"
        assert told([rows(text).encode()]) == "utf-8"
    # Of a single name it may be too little to say; it is never another encoding.
    assert {told([rows(word).encode("cp1252")]) for word in words.split()} <= {"cp1252", "utf-8", None}


def test_iso8859_15_has_letters_where_windows_has_signs() -> None:
    assert told([rows("Cœur Sœur Hélène René").encode("iso8859-15")]) == "iso8859-15"


@pytest.mark.parametrize("text", JAPANESE.values(), ids=JAPANESE.keys())
def test_japanese(text: str) -> None:
    for encoding in ("cp932", "utf-16", "utf-16-le", "utf-16-be"):
        assert told([(text + "\n").encode(encoding)]) == encoding
    assert told([text.encode("utf-8-sig")]) == "utf-8"


def test_japanese_of_unix_and_of_mail() -> None:
    text = "氏名,フリガナ,住所\n佐藤花子,サトウハナコ,東京都港区表参道\n"
    assert told([text.encode("euc_jp")]) == "euc_jp"
    assert told([text.encode("iso2022_jp")]) == "iso2022_jp_ext"


@pytest.mark.parametrize(("encoding", "words"), OTHERS.values(), ids=OTHERS.keys())
def test_others_are_not_taken_for_what_they_are_not(encoding: str, words: str) -> None:
    for text in (words, words.upper()):
        assert told([rows(text).encode(encoding, "ignore")]) is None
    for word in words.split():
        raw = rows(word).encode(encoding)
        taken = told([raw])
        # A single name may be written by the same bytes in both.
        assert taken is None or raw.decode(taken) == rows(word)


def test_damaged_utf8_is_nothing_else() -> None:
    text = "氏名,住所\n佐藤花子,東京都港区\n".encode() * 3
    for at in range(3, len(text)):
        assert told([text[:at] + text[at + 1 :]]) in (None, "utf-8")
    assert told([text + b"\xff\xfe\x00\x80" * 9]) is None


def test_files_of_two_encodings_are_neither() -> None:
    text = "1,佐藤花子,東京都港区\n2,渡邊 誠,大阪市北区\n"
    for first, share in (("cp932", 1), ("cp932", 20), ("cp1252", 20)):
        other = text if first == "cp932" else "1,Müller\n2,Jürgen\n"
        assert told([other.encode(first) * share + text.encode()]) is None


def test_any_bytes_have_an_answer() -> None:
    for seed in range(300):
        raw = random.Random(seed).randbytes(2_000)
        taken = told([raw])
        assert taken is None or raw.decode(taken, "replace")


def test_ascii_and_nothing() -> None:
    assert told([]) == told([b""]) == told([b"id\n1\n"]) == told([b"a\0b\n"]) == "utf-8"
