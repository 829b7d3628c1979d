import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enishi import _normalize
from reference import unicode as twin

CODE_POINTS = [chr(point) for point in range(0x110000) if not 0xD800 <= point < 0xE000]
# Where two versions of Unicode differ, only characters that one of them does not know may be answered differently.
SAME_VERSION = unicodedata.unidata_version == _normalize.UNICODE_VERSION


def agrees(text: str) -> bool:
    return (
        _normalize.nfkc(text.encode()) == unicodedata.normalize("NFKC", text).encode()
        and _normalize.nfkc_lower(text.encode()) == twin.nfkc_lower(text).encode()
        and _normalize.tidy(text.encode()) == _encoded(twin.tidy(text.encode()))
    )


def _encoded(answer: tuple[str | None, str]) -> tuple[bytes | None, str]:
    text, status = answer
    return None if text is None else text.encode(), status


def test_every_code_point_as_python_has_it() -> None:
    known = [c for c in CODE_POINTS if unicodedata.category(c) != "Cn"]
    # A line each, so that one call folds them all and none meets its neighbor.
    lines = "\0".join(known).encode()
    folded = _normalize.nfkc(lines).decode().split("\0")
    lowered = _normalize.nfkc_lower(lines).decode().split("\0")
    wrong = [
        c
        for c, nfkc, low in zip(known[1:], folded[2:], lowered[2:], strict=True)
        if nfkc != unicodedata.normalize("NFKC", c) or low != twin.nfkc_lower(c)
    ]
    if SAME_VERSION:
        assert wrong == []
    else:
        unknown_to_the_tables = [c for c in wrong if _normalize.nfkc_lower(c.encode()) == c.encode()]
        assert wrong == unknown_to_the_tables and len(wrong) < 1000


# Characters that decompose, compose, reorder, change case and are skipped: what has to come out right together.
LIVELY = [
    c
    for c in CODE_POINTS
    if unicodedata.category(c) != "Cn"
    and (unicodedata.combining(c) or unicodedata.decomposition(c) or c.lower() != c or unicodedata.category(c) == "Cf")
]
LIVELY += list("가각힣각ᆧAaHİΣς゙゚がカﾊﾟ") * 20


@pytest.mark.skipif(not SAME_VERSION, reason="some of the characters are of another Unicode version")
def test_lively_code_points_tidied() -> None:
    assert [c for c in sorted(set(LIVELY)) if not agrees(c)] == []


@pytest.mark.skipif(not SAME_VERSION, reason="some of the characters are of another Unicode version")
def test_random_strings_as_python_has_them() -> None:
    rng = random.Random(1)
    for _ in range(20_000):
        text = "".join(rng.choices(LIVELY, k=rng.randint(1, 12)))
        assert agrees(text), ascii(text)


@given(st.binary(max_size=12))
def test_valid_utf8_is_what_python_decodes(data: bytes) -> None:
    try:
        expected = unicodedata.normalize("NFKC", data.decode()).encode() if SAME_VERSION else _normalize.nfkc(data)
    except UnicodeDecodeError:
        expected = None
    assert _normalize.nfkc(data) == expected


def test_a_long_run_of_marks_is_ordered() -> None:
    rng = random.Random(2)
    text = "a" + "".join(rng.choices(["\u0301", "\u0323", "\u0345", "\u3099"], k=2_000)) + "b"
    assert agrees(text)
    # Python's own sort of marks is quadratic; this one must not be.
    assert _normalize.nfkc((text * 500).encode()) == (unicodedata.normalize("NFKC", text) * 500).encode()
    assert _normalize.nfkc(b"a" + "\u0323\u0301".encode() * 1_000_000) is not None


@pytest.mark.parametrize(
    ("raw", "expected", "status"),
    [
        (b"", None, "missing"),
        (b" \t\r\n", None, "missing"),
        ("\u3000\u200b\ufeff ".encode(), None, "missing"),
        ("\ufeff ＡＢ\u200bＣ\u3000".encode(), b"ABC", "accepted"),
        (b"a\tb", b"a\tb", "accepted"),
        (b"a\x00b", None, "encoding"),
        (b"a\x7fb", None, "encoding"),
        (b"\x1fabcdefghij", None, "encoding"),
        ("a\u0080b".encode(), None, "encoding"),
        (b"\x80", None, "encoding"),
        (b"\xed\xa0\x80", None, "encoding"),
        (b"\xc0\xaf", None, "encoding"),
    ],
)
def test_tidy(raw: bytes, expected: bytes | None, status: str) -> None:
    assert _normalize.tidy(raw) == (expected, status)
    assert _encoded(twin.tidy(raw)) == (expected, status)


@pytest.mark.parametrize("word", [*sorted(twin.NOTHING), "NULL", "N/A", "----", "***", "."])
def test_words_for_nothing(word: str) -> None:
    assert _normalize.means_nothing(word.encode())
    assert twin.means_nothing(word)


@pytest.mark.parametrize("word", ["0", "nobody", "nat", "a-", "-" * 17, "無名", "x" * 20])
def test_words_for_something(word: str) -> None:
    assert not _normalize.means_nothing(word.encode())
    assert not twin.means_nothing(word)
