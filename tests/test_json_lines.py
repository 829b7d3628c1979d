"""JSON Lines: what stands in the file, as text; anything that would lose a value is an error."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

import enishi.json_lines
from enishi.errors import InputError
from enishi.formats import open_file


def table(path: Path, *columns: str) -> list[tuple[str | None, ...]]:
    file = open_file(path)
    batches = file.batches(columns or file.schema.names)
    return [row for batch in batches for row in zip(*batch.to_pydict().values(), strict=True)]


def written(path: Path, *lines: str | bytes) -> Path:
    path.write_bytes(b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines) + b"\n")
    return path


def test_values_are_what_stands_in_the_file(tmp_path: Path) -> None:
    path = written(
        tmp_path / "web.jsonl",
        b"\xef\xbb\xbf" + b'{"id": 12345678901234567890, "mail": "a@example.com", "zip": 1.50, "vip": true}',
        "",
        '{"id": "007", "mail": "", "zip": null, "tags": ["x", 2], "address": {"city": "東京", "geo": {"lat": 35.6}}}\r',
    )
    assert table(path, "id", "mail", "zip", "vip", "tags", "address.city", "address.geo.lat") == [
        ("12345678901234567890", "a@example.com", "1.50", "true", None, None, None),
        ("007", None, None, None, "x,2", "東京", "35.6"),
    ]


def test_of_several_objects_the_first_is_read(tmp_path: Path) -> None:
    path = written(tmp_path / "web.ndjson", '{"id": 1, "addresses": [{"zip": "100-0001"}, {"zip": "2"}]}')
    assert table(path, "addresses.zip") == [("100-0001",)]


def test_compressed_and_in_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enishi.json_lines, "BATCH_LINES", 3)
    path = tmp_path / "web.jsonl.gz"
    path.write_bytes(gzip.compress("".join(json.dumps({"id": i}) + "\n" for i in range(10)).encode()))
    assert table(path) == [(str(i),) for i in range(10)]
    path.write_bytes(path.read_bytes()[:30])
    with pytest.raises(InputError, match="not a whole compressed file"):
        table(path)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"id": "secret"', "row 2 is not whole JSON"),
        ('["secret"]', "row 2 is not an object"),
        (b'{"id": "secret\xff"}', "row 2 holds bytes that are not UTF-8"),
        ('{"id": "secret\\ud800"}', "half of a character"),
        ("[" * 100_000, "row 2 is not whole JSON"),
    ],
)
def test_broken_lines_name_their_row_and_no_value(tmp_path: Path, line: str | bytes, said: str) -> None:
    path = written(tmp_path / "web.jsonl", '{"id": 1}', line)
    with pytest.raises(InputError, match=said) as raised:
        table(path)
    assert "secret" not in str(raised.value)
    assert raised.value.__context__ is None


def test_a_name_that_turns_up_late_is_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "web.jsonl", *['{"id": 1}'] * 10, '{"id": 2, "mail": "secret"}')
    assert table(path, "id", "mail")[-1] == ("2", "secret")
    monkeypatch.setattr(enishi.json_lines, "HEAD", 20)
    with pytest.raises(InputError, match=r"row 11 has a name that the first rows lack: add it there"):
        table(path)


def test_without_columns(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no columns"):
        open_file(written(tmp_path / "web.jsonl", "{}"))
