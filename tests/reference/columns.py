"""A normalizer over whole columns, in every layout that reaches it, against its twin value by value."""

from collections.abc import Callable, Sequence

import pyarrow as pa

from enishi import _normalize

LAYOUTS = [pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary(), pa.binary_view()]
Twin = Callable[[bytes | None], tuple[str | None, str]]


def run(normalizer: _normalize.Normalizer, array: pa.Array) -> list[tuple[str | None, str]]:
    """The canonical values and status names of a column."""
    (validity, offsets, values), statuses = normalizer.canonicalize(array)
    buffers = [pa.py_buffer(validity), pa.py_buffer(offsets), pa.py_buffer(values)]
    column = pa.Array.from_buffers(pa.large_string(), len(array), buffers)
    column.validate(full=True)
    return list(zip(column.to_pylist(), [_normalize.STATUSES[s] for s in statuses], strict=True))


def check(normalizer: _normalize.Normalizer, twin: Twin, values: Sequence[bytes | None]) -> None:
    """Every layout, whole, sliced, of one row and of none, answers as the twin does."""
    expected = [twin(value) for value in values]
    for type_ in LAYOUTS:
        binary = pa.array(values, pa.binary())
        if pa.types.is_binary(type_) or pa.types.is_large_binary(type_) or type_ == pa.binary_view():
            array = binary.cast(type_)
        else:
            # Producers do hand over text that is not valid UTF-8: the type is changed without a look at the bytes.
            layout = {
                pa.string(): pa.binary(),
                pa.large_string(): pa.large_binary(),
                pa.string_view(): pa.binary_view(),
            }
            array = binary.cast(layout[type_]).view(type_)
        assert run(normalizer, array) == expected
        assert run(normalizer, array[3:-2]) == expected[3:-2]
        assert run(normalizer, array[5:6]) == expected[5:6]
        assert run(normalizer, array[:0]) == []


# What breaks code that takes bytes for text: cut short, overlong, surrogates, NUL, controls, invisible, huge.
HOSTILE: list[bytes | None] = [
    *(None, b"", b" ", b"\x80", b"a\x80b", b"\xc3", b"\xe3\x81", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80"),
    *(b"\xff" * 9, b"\x00", b"a\x00b", b"\x7f", b"\x1b[0m"),
    *(
        text.encode()
        for text in ("\x85", "\u200b", "\ufeff", "\u3000", "😀", "👨\u200d👩\u200d👧", "e\u0301", "İ", "ｶﾞ", "ﷺ")
    ),
    *(text.encode() * n for text in ("a", "0", ".", "-", "é", "あ") for n in (7, 8, 9, 63, 64, 65)),
    *(b"x" * 10_000_000, "あ".encode() * 1_000_000, b" " * 10_000_000),
]
