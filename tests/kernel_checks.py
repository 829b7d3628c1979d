"""What every normalizer of an attribute is held to: its twin's answers, on hostile bytes and in every Arrow layout."""

import random
from collections.abc import Callable, Iterator, Sequence

import pyarrow as pa

from enishi import _normalize

Twin = Callable[[bytes | None], tuple[str | None, str]]


def check_agreement(normalizer: _normalize.Normalizer, twin: Twin, values: Sequence[bytes]) -> None:
    wrong = [value for value in values if normalizer.one(value) != twin(value)]
    assert [(value, normalizer.one(value), twin(value)) for value in wrong[:5]] == []


def assembled(pieces: Sequence[str], count: int, seed: int, longest: int = 8) -> list[bytes]:
    """Values put together at random from pieces that matter to a field."""
    rng = random.Random(seed)
    return ["".join(rng.choices(pieces, k=rng.randint(1, longest))).encode() for _ in range(count)]


def hostile(seed: int, plain: bytes) -> Iterator[bytes]:
    """Bytes that no form should send, many of them around a plain value."""
    yield from (b"", b" ", b"\0", b"\x80", b"\xff" * 9, b"\xed\xa0\x80", b"\xc0\xaf", b"\xf5\x80\x80\x80")
    for junk in (b"\0", b"\x80", b"\xe3\x81", b"\x1b[0m", b"\x7f", "😀".encode(), "\u200b".encode(), b"\t", b"\r\n"):
        yield from (junk + plain, plain + junk, plain[:2] + junk + plain[2:])
    for size in (63, 64, 65, 255, 256, 257, 1023, 1024, 1025):
        yield from (b"1" * size, b"a" * size, "あ".encode() * (size // 3), b" " * size + plain)
    rng = random.Random(seed)
    for _ in range(3000):
        yield rng.randbytes(rng.randint(1, 24))
        yield bytes(rng.choices(plain + b" -./\0\x80\xe3\x81\x82", k=rng.randint(1, 24)))


def check_huge(normalizer: _normalize.Normalizer, twin: Twin) -> None:
    for unit in (b"1", b" ", b"a ", "あ".encode(), b"\x80", "é".encode(), b"-"):
        value = unit * (10_000_000 // len(unit))
        assert normalizer.one(value) == twin(value)


def check_layouts(normalizer: _normalize.Normalizer, values: Sequence[bytes]) -> None:
    """Every Arrow layout, sliced and chunked, gives what one value at a time gives."""
    texts = [*(value.decode() for value in values), None, ""]
    expected = [(None, "missing") if text is None else normalizer.one(text.encode()) for text in texts]
    for kind in (pa.string(), pa.large_string(), pa.string_view()):
        whole = pa.array(texts, kind)
        padded = pa.concat_arrays([pa.array(["x", None, "yy"], kind), whole, pa.array(["z"], kind)])
        for array in (whole, padded.slice(3, len(texts))):
            assert _answers(normalizer, array) == expected
        chunks = pa.chunked_array([whole.slice(0, 3), whole.slice(3, 0), whole.slice(3)])
        assert [answer for chunk in chunks.chunks for answer in _answers(normalizer, chunk)] == expected
    for rows in (0, 1):
        assert _answers(normalizer, pa.array(texts[:rows], pa.string())) == expected[:rows]


def _answers(normalizer: _normalize.Normalizer, array: pa.Array) -> list[tuple[str | None, str]]:
    buffers, status = normalizer.canonicalize(array)
    column = pa.Array.from_buffers(pa.large_string(), len(array), [pa.py_buffer(buffer) for buffer in buffers])
    column.validate(full=True)
    return list(zip(column.to_pylist(), (_normalize.STATUSES[code] for code in status), strict=True))
