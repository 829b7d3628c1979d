"""Columns as text, record ids, and the identity of rows without one."""

import datetime
import uuid
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from enishi.errors import InputError
from enishi.rows import as_text, occurrences, record_ids, row_ids
from reference import rows as reference


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (pa.array([1.2e15, -0.0, 0.1, float("nan"), None, -5.0]), ["1200000000000000", "0", "0.1", None, None, "-5"]),
        (pa.array([1.5, 2.0], pa.float32()), ["1.5", "2"]),
        (pa.array([], pa.float64()), []),
        (pa.array([2**64 - 1, None], pa.uint64()), ["18446744073709551615", None]),
        (pa.array([Decimal("12.00"), Decimal("1.50"), None]), ["12", "1.50", None]),
        (pa.array([datetime.date(1980, 2, 29), None]), ["1980-02-29", None]),
        (pa.array([datetime.date(1980, 2, 29)], pa.date64()), ["1980-02-29"]),
        (pa.array([datetime.datetime(1980, 2, 29), None], pa.timestamp("ns")), ["1980-02-29", None]),
        (pa.array([datetime.datetime(1980, 2, 29, 1, 2, 3)], pa.timestamp("s")), ["1980-02-29T01:02:03"]),
        (pa.array(["b", None, "b"]).dictionary_encode(), ["b", None, "b"]),
        (pa.array([5, None, 5]).dictionary_encode(), ["5", None, "5"]),
        (pa.array([uuid.UUID(int=5).bytes, None], pa.uuid()), ["0" * 31 + "5", None]),
        (pa.nulls(2), [None, None]),
        (pa.array([True, None]), ["true", None]),
        (pa.array([datetime.time(1, 2)], pa.time32("s")), ["01:02:00"]),
        (pa.array([datetime.timedelta(seconds=1)], pa.duration("s")), ["1"]),
        (pa.array(["x", "y", "z"]).slice(1, 1), ["y"]),
        (pa.array([1, 2, 3]).slice(1, 1), ["2"]),
    ],
)
def test_every_type_has_one_spelling(array: pa.Array, expected: list[str | None]) -> None:
    assert as_text(array).type == pa.string()
    assert as_text(array).to_pylist() == expected


@pytest.mark.parametrize(
    "data_type",
    [pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary(), pa.binary_view()],
)
def test_text_passes_through(data_type: pa.DataType) -> None:
    array = pa.array([b"a", None, b"\xff" if "binary" in str(data_type) else b"b"], data_type)
    assert as_text(array) is array
    assert as_text(array.dictionary_encode()).type == data_type if "view" not in str(data_type) else True


@pytest.mark.parametrize("array", [pa.array([[1]]), pa.array([{"a": 1}])])
def test_what_has_no_usual_spelling_is_refused(array: pa.Array) -> None:
    with pytest.raises(InputError, match="cannot be read as text"):
        as_text(array)


def test_record_ids_keep_their_type() -> None:
    def place(row: int) -> str:
        return f"web.csv, row {row}"

    for data_type in (pa.int8(), pa.int64(), pa.uint64(), pa.string()):
        ids = pa.array([1, 2], pa.int64()).cast(data_type)
        assert record_ids(ids, place).equals(ids)
    assert record_ids(pa.array([1.0, 2.5]), place).to_pylist() == ["1", "2.5"]
    for data_type in (pa.string_view(), pa.binary(), pa.large_string()):
        assert record_ids(pa.array(["a"], data_type), place).type == pa.string()
    for array in (pa.array([1, None]), pa.array(["a", None]), pa.array(["a", " "]), pa.array([1.0, float("nan")])):
        with pytest.raises(InputError, match=r"web\.csv, row 11: the record_id is missing"):
            record_ids(array, place, 10)
    with pytest.raises(InputError, match=r"web\.csv, row 10 and after: a record_id is not valid UTF-8"):
        record_ids(pa.array([b"\xff"]), place, 10)
    text = pa.StringArray.from_buffers(1, pa.py_buffer(b"\0\0\0\0\1\0\0\0"), pa.py_buffer(b"\xff"))
    with pytest.raises(InputError, match=r"web\.csv, row 10 and after: a record_id is not valid UTF-8"):
        record_ids(text, place, 10)
    assert len(record_ids(pa.array([], pa.string()), place)) == 0


def test_occurrences_count_equal_rows() -> None:
    generator = np.random.default_rng(1)
    keys = generator.integers(0, 3, (500, 2)).astype(np.uint64)
    seen: dict[tuple[int, ...], int] = {}
    expected = []
    for key in map(tuple, keys.tolist()):
        expected.append(seen.get(key, 0))
        seen[key] = seen.get(key, 0) + 1
    assert occurrences(keys).tolist() == expected
    ids = row_ids(keys, occurrences(keys)).to_pylist()
    assert len(set(ids)) == 500
    assert ids[0] == keys[0].tobytes().hex()
    assert occurrences(keys[:0]).tolist() == [] and row_ids(keys[:0], occurrences(keys[:0])).to_pylist() == []


def test_no_two_rows_are_framed_alike() -> None:
    frames = [
        [None, b"a"],
        [b"a", None],
        [b"", b"a"],
        [b"a", b""],
        [b"", b""],
        [None, None],
        [b"a\x01", b""],
        [b"a", b"\x01"],
    ]
    assert len({reference.frame(row) for row in frames}) == len(frames)


def test_row_hashes_agree_with_their_plain_twin() -> None:
    hash_rows = pytest.importorskip("enishi._tables").hash_rows
    columns = [
        [None, b"", b"a", b"x" * 64, "髙".encode(), b"a"],
        [b"1", b"1", None, b"\x00", b"y" * 1000, b""],
    ]
    arrays = [pa.array(columns[0], pa.binary()), pa.array(columns[1], pa.binary_view())]
    expected = reference.hash_rows(columns)
    assert [tuple(key) for key in hash_rows(arrays, reference.KEY, 6).tolist()] == expected
    assert [tuple(key) for key in hash_rows([each.slice(2, 3) for each in arrays], reference.KEY, 3).tolist()] == (
        expected[2:5]
    )
    assert hash_rows([each.slice(0, 0) for each in arrays], reference.KEY, 0).shape == (0, 2)
