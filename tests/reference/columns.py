"""A normalizer held to its twin: value by value, and over columns of every layout."""

import random
from collections.abc import Callable, Iterable, Sequence

import pyarrow as pa

from enishi import _normalize

Answer = tuple[str | None, str]

HOSTILE: list[bytes] = [
    b"",
    b" ",
    b"\t\r\n",
    "　\u200b\ufeff".encode(),
    b"\x00",
    b"1\x002",
    b"\x7f",
    b"\x80",
    b"\xbf\xbf\xbf",
    b"1234\x805678",
    b"\xc0\xaf",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\xe3\x81",
    "🛒".encode(),
    "👨‍👩‍👧 4111".encode(),
    "e\u0301".encode(),
    "該当なし".encode(),
    b"null",
    b"N/A",
    b"-",
    b"'",
    b'"',
    b'""',
    b'=""',
    b'="',
    b"\xff" * 63,
    b"%B",
    b";",
    b"]C1",
    b"**",
    b"{}",
    b"urn:uuid:",
    *(character * size for character in (b"1", b"a", b"F", b"*", b"-", b"x", b".") for size in (63, 64, 65, 255, 1025)),
    *(b"0123456789abcdeF" * 17 + b"7" * size for size in (0, 1)),
    "１".encode() * 21,
    "１".encode() * 400,
    # One letter that is eighteen when it is normalized, and one that is four and then ASCII.
    *(letter.encode() * many for letter in "\ufdfa⒇" for many in (20, 60, 85, 255, 256, 257, 341)),
]
HUGE: list[bytes] = [b"1" * 10_000_000, b" " * 10_000_000 + b"x", "＊".encode() * 3_333_333, b"\x80" * 10_000_000]


def expand(answer: tuple[tuple[bytes, bytes, bytes], bytes]) -> list[Answer]:
    """The column that ``canonicalize`` answers as a list of what ``one`` answers."""
    buffers, status = answer
    column = pa.LargeStringArray.from_buffers(len(status), *map(pa.py_buffer, (buffers[1], buffers[2], buffers[0])))
    column.validate(full=True)
    return list(zip(column.to_pylist(), (_normalize.STATUSES[code] for code in status), strict=True))


def layouts(values: Sequence[bytes | None]) -> Iterable[pa.Array]:
    """The values in every layout of text, whole and as the rest of a longer column."""
    for binary, text in (
        (pa.binary(), pa.string()),
        (pa.large_binary(), pa.large_string()),
        (pa.binary_view(), pa.string_view()),
    ):
        for column in (pa.array(values, binary), pa.array([b"before", None, b"after", *values], binary)[3:]):
            yield column
            # Without a look at the bytes: producers do hand over text that is not UTF-8.
            yield column.view(text)


def assert_agree(
    normalizer: _normalize.Normalizer, twin: Callable[[bytes | None], Answer], values: Sequence[bytes | None]
) -> list[Answer]:
    """Both answer the same for every value, alone and in columns; returns the answers."""
    expected = [twin(value) for value in values]
    different = [
        (value[:80], answer, normalizer.one(value))
        for value, answer in zip(values, expected, strict=True)
        if value is not None and normalizer.one(value) != answer
    ]
    assert different == []
    for column in layouts(values):
        assert expand(normalizer.canonicalize(column)) == expected
        assert expand(normalizer.canonicalize(column[-1:])) == expected[-1:]
        assert expand(normalizer.canonicalize(column[:0])) == []
    return expected


def spoiled(rng: random.Random, value: str, characters: str) -> str:
    """The value with a few characters replaced, put in, left out or changed places."""
    text = list(value)
    for _ in range(rng.choice((0, 1, 1, 2, 4))):
        at = rng.randrange(len(text) + 1)
        match rng.randrange(4):
            case 0:
                text.insert(at, rng.choice(characters))
            case 1 if text:
                text[at % len(text)] = rng.choice(characters)
            case 2 if text:
                del text[at % len(text)]
            case _ if len(text) > 1:
                at %= len(text) - 1
                text[at], text[at + 1] = text[at + 1], text[at]
    return "".join(text)
