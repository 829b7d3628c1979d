"""JSON Lines: an object a line, as shops' and events' interfaces export them.

A value is what stands in the file: numbers keep their digits, an object's members are columns of their own with a dot
between the names (``address.city``), a list of texts or numbers is its members with a comma between, and an empty text
is null, as in CSV. The columns are the names that the first lines have; a name that turns up later would be lost
without a sound, and so is an error that names its row.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from enishi.errors import InputError

BATCH_LINES = 1 << 14
HEAD = 1 << 23  # bytes whose lines tell the columns
LONGEST = 1 << 26  # bytes of a line

# Made once; a decoder of its own for each line costs as much as the line.
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=lambda _: None)


class JsonLinesFile:
    """A file of JSON objects, one a line; every column is text."""

    row_base = 1

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: int | None = None
        self.notices: tuple[str, ...] = ()
        names: dict[str, None] = {}
        size = 0
        for row, line in self._lines():
            names.update(dict.fromkeys(self._record(row, line)))
            size += len(line)
            if size > HEAD:
                break
        if not names:
            raise InputError(f'{path} has no columns: each line must be a JSON object such as {{"email": "..."}}')
        self.schema = pa.schema([(name, pa.string()) for name in names])

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        schema = pa.schema([self.schema.field(column) for column in columns])
        known = frozenset(self.schema.names)
        records: list[Mapping[str, str | None]] = []
        for row, line in self._lines():
            record = self._record(row, line)
            if not known.issuperset(record):
                # Not told: some write values as names, and it may be a person's.
                raise InputError(f"{self.path}, row {row} has a name that the first rows lack: add it there, as null")
            records.append(record)
            if len(records) == BATCH_LINES:
                yield self._batch(records, schema, row)
                records = []
        if records:
            yield self._batch(records, schema, row)

    def _batch(self, records: Sequence[Mapping[str, str | None]], schema: pa.Schema, row: int) -> pa.RecordBatch:
        try:
            arrays = [pa.array([record.get(name) for record in records], pa.string()) for name in schema.names]
        except (UnicodeError, pa.ArrowException):
            arrays = []
        if not arrays:
            raise InputError(f"{self.path}, one of the rows up to {row} holds half of a character (a lone surrogate)")
        return pa.RecordBatch.from_arrays(arrays, schema=schema)

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        """The lines that are not blank, and their numbers."""
        from enishi.formats import Raw

        failed = False
        try:
            with io.BufferedReader(Raw(pa.input_stream(str(self.path))), 1 << 20) as file:
                row = 0
                while line := file.readline(LONGEST):
                    row += 1
                    if len(line) == LONGEST:
                        raise InputError(f"{self.path}, row {row} is longer than {LONGEST >> 20} MiB")
                    line = line.removeprefix(b"\xef\xbb\xbf") if row == 1 else line
                    if line.strip():
                        yield row, line
        except OSError:
            failed = True
        if failed:
            raise InputError(f"{self.path} is not a whole compressed file")

    def _record(self, row: int, line: bytes) -> dict[str, str | None]:
        try:
            value = _DECODER.decode(line.decode())
        except UnicodeError:
            value, what = None, "holds bytes that are not UTF-8"
        except (ValueError, RecursionError):
            value, what = None, "is not whole JSON; a row must be one object on one line"
        else:
            what = 'is not an object; write names and values, as in {"email": "..."}'
        if not isinstance(value, dict):
            raise InputError(f"{self.path}, row {row} {what}")
        found: dict[str, str | None] = {}
        _flatten(value, "", found)
        return found


def _flatten(value: Mapping[str, Any], prefix: str, found: dict[str, str | None]) -> None:
    for name, each in value.items():
        path = prefix + (name or "unnamed")
        if each is None or type(each) is str:  # as good as all are
            found[path] = each or None
        elif isinstance(each, dict):
            _flatten(each, path + ".", found)
        elif isinstance(each, list) and any(isinstance(member, dict | list) for member in each):
            # What several objects mean nobody has said; the first of them is one's default.
            _flatten(each[0] if isinstance(each[0], dict) else {}, path + ".", found)
        else:
            found[path] = _text(each)


def _text(value: Any) -> str | None:
    if isinstance(value, list):
        return ",".join(filter(None, map(_text, value))) or None
    if isinstance(value, bool):
        return "true" if value else "false"
    return value or None
