"""The files that can be read, each as a stream of record batches of the columns asked for: Parquet, Arrow IPC, CSV, and
(in rooms of their own) JSON Lines and Excel.

A library's own message about a broken file may quote what stands in it, so none is passed on: every failure becomes an
`InputError` of our own words, raised outside the handler so that the original does not travel along as its context.

CSV is where most files are broken. Every column is read as text. What is not declared, the file tells where it can
(`encoding.py`; the delimiter and the row of the header by its first rows), and a notice says so. A row too long or too
short, bytes that are not of the encoding and a quote that is never closed are errors that name the row, counted as a
spreadsheet counts: the header is row 1. An unclosed quote would swallow the rest of the file without a sound; so a row
of marks is put behind the last one, and a file that ends without it has lost rows.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pyarrow as pa

from enishi.encoding import spoken, told
from enishi.errors import InputError, did_you_mean
from enishi.headers import guess_field
from enishi.rows import BATCH_ROWS, sliced

T = TypeVar("T")

# A CSV row must fit into one block; a row of 128 bytes makes a block of one batch.
_BLOCK = 16 << 20
_HEAD = 1 << 20
_LET_GO = 5.0  # seconds
_COMPRESSED = (".gz", ".bz2", ".zst")
# How much of a large file tells its encoding: 256 times 64 KiB.
_PIECES, _PIECE, _OVERLAP = 256, 1 << 16, 1 << 12
_TITLES = 5  # lines above a header, at most
_HEADER_CELLS = 3  # that a header below a title has


class DataFile(Protocol):
    """One file of a source.

    Attributes
    ----------
    path : Path
    schema : pyarrow.Schema
    rows : int or None
        Where the file says so.
    row_base : int
        The number that people give the file's first record.
    notices : tuple of str
        What was taken for granted in reading it.
    """

    path: Path
    schema: pa.Schema
    rows: int | None
    row_base: int
    notices: tuple[str, ...]

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """The file's rows, in order, with these columns (at least one)."""
        ...


def open_file(path: Path, encoding: str | None = None, delimiter: str | None = None) -> DataFile:
    """A data file, opened far enough to know its columns.

    Parameters
    ----------
    path : Path
    encoding, delimiter : str, optional
        Of a CSV file; left out, it tells them.

    Raises
    ------
    InputError
        It is missing, empty, cut short, of an unknown format, or not what its suffix says.
    """
    kind = format_of(path)
    if kind is None:
        raise InputError(
            f"{path} has none of the suffixes that can be read: {', '.join(_SUFFIXES)} (CSV and JSON Lines also as .gz)"
            + _OTHER.get(path.suffix.lower(), "")
        )
    failed = ""
    try:
        # Not opened before it is known to be a file: a pipe would wait for somebody who writes.
        size = path.stat().st_size
        if not path.is_file():
            failed = "is no regular file"
        else:
            path.open("rb").close()
    except FileNotFoundError:
        failed = "there is no such file"
    except OSError as error:
        failed = f"cannot be read: {error.strerror}"
    if failed:
        raise InputError(f"{path}: {failed}")
    if size == 0:
        raise InputError(f"{path} is empty")
    if kind == "CSV":
        return CsvFile(path, encoding, delimiter or ("\t" if ".tsv" in path.suffixes else None))
    if kind == "JSON Lines":
        from enishi.json_lines import JsonLinesFile

        return JsonLinesFile(path)
    if kind == "Excel":
        from enishi.excel import ExcelFile

        return ExcelFile(path)
    return ParquetFile(path) if kind == "Parquet" else ArrowFile(path)


def read_columns(path: Path, columns: Sequence[str], optional: str | None = None) -> pa.Table:
    """Some columns of a file, and one more where it is there.

    Raises
    ------
    InputError
        The file cannot be read or lacks a column.
    """
    file = open_file(path)
    for column in columns:
        if column not in file.schema.names:
            raise InputError(f"{path} has no column {column!r}{did_you_mean(column, file.schema.names)}")
    if optional in file.schema.names:
        columns = (*columns, str(optional))
    return pa.Table.from_batches(
        file.batches(columns), schema=pa.schema([file.schema.field(column) for column in columns])
    )


def format_of(path: Path) -> str | None:
    """The format that a file's name says: ``Parquet``, ``Arrow``, ``CSV``, ``JSON Lines``, ``Excel`` or None.

    Examples
    --------
    >>> format_of(Path("web.pq")), format_of(Path("till.CSV.gz")), format_of(Path("README.md"))
    ('Parquet', 'CSV', None)
    """
    name = path.name.lower()
    stem = next((name.removesuffix(suffix) for suffix in _COMPRESSED if name.endswith(suffix)), name)
    kind = _SUFFIXES.get(Path(stem).suffix)
    return kind if stem == name or kind in ("CSV", "JSON Lines") else None


def stem_of(path: Path) -> str:
    """A file's name without the suffixes of its format.

    Examples
    --------
    >>> stem_of(Path("data/till.csv.gz")), stem_of(Path("web.2026.parquet"))
    ('till', 'web.2026')
    """
    name = path.name
    for suffix in (*_COMPRESSED, *_SUFFIXES):
        if name.lower().endswith(suffix):
            name = name[: -len(suffix)]
    return name


_SUFFIXES = {
    ".parquet": "Parquet",
    ".pq": "Parquet",
    ".csv": "CSV",
    ".tsv": "CSV",
    ".arrow": "Arrow",
    ".arrows": "Arrow",
    ".feather": "Arrow",
    ".ipc": "Arrow",
    ".jsonl": "JSON Lines",
    ".ndjson": "JSON Lines",
    ".xlsx": "Excel",
    ".xlsm": "Excel",
}
_OTHER = {
    ".zip": "; unpack it first",
    ".xls": "; save it in Excel as .xlsx or as CSV UTF-8",
    ".json": "; a list of objects in JSON is read as .jsonl, one object a line",
    ".txt": "; rename it to .csv if it is a table with separators",
}


def header_row(rows: Sequence[Sequence[str]]) -> tuple[int, Sequence[str]]:
    """How many of the first rows stand above the header, and its cells: those of the first row that is not empty.

    A title and what goes with it (a period, a branch) stand above: a row or several of one or two cells that name no
    field, and then a row of several that names one.

    Examples
    --------
    >>> header_row([["Members, as of May"], [], ["no", "name", "mail"], ["1", "", ""]])
    (2, ['no', 'name', 'mail'])
    """
    # "sep=;" is Excel's own line.
    there = [place for place, row in enumerate(rows) if any(map(str.strip, row)) and not row[0].startswith("sep=")]
    if not there:
        return 0, []
    for place in there[: _TITLES + 1]:
        filled = [cell for cell in rows[place] if cell.strip()]
        named = any(map(guess_field, filled))
        if named and (len(filled) >= _HEADER_CELLS or place == there[0]):
            return place, rows[place]
        if place == there[0] and len(filled) >= _HEADER_CELLS:
            break
    return there[0], rows[there[0]]


class ParquetFile:
    """A Parquet file."""

    row_base = 1
    notices: tuple[str, ...] = ()

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._open() as file:
            self._metadata = file.metadata
            self.schema = file.schema_arrow
        self.rows = self._metadata.num_rows
        _check_unique(path, self.schema)

    def _open(self, **options: Any) -> Any:
        import pyarrow.parquet as pq

        return _attempt(
            # With its buffer it would hold the compressed bytes of the whole file.
            lambda: pq.ParquetFile(self.path, pre_buffer=False, **options),
            f"{self.path} is not a whole Parquet file: it was cut short, or is something else",
        )

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        with self._open(metadata=self._metadata) as file:
            batches = file.iter_batches(BATCH_ROWS, columns=list(columns))
            for batch in _unbroken(batches, self.path):
                yield batch.select(list(columns))


class ArrowFile:
    """An Arrow IPC file or stream (Feather is the former)."""

    row_base = 1
    notices: tuple[str, ...] = ()

    def __init__(self, path: Path) -> None:
        self.path = path
        with path.open("rb") as file:
            magic = file.read(6)
        if magic.startswith(b"FEA1"):
            raise InputError(f"{path} is a Feather file of version 1; write it again as version 2 or as Parquet")
        self._is_file = magic == b"ARROW1"
        reader = self._open()
        self.schema = reader.schema
        self.rows: int | None = None
        if self._is_file:
            self.rows = _attempt(reader.count_rows, f"{path} is damaged")
        _check_unique(path, self.schema)

    def _open(self, **options: Any) -> Any:
        import pyarrow.ipc as ipc

        open_ = ipc.open_file if self._is_file else ipc.open_stream
        return _attempt(
            lambda: open_(pa.memory_map(str(self.path)), options=ipc.IpcReadOptions(**options)),
            f"{self.path} is not a whole Arrow file: it was cut short, or is something else",
        )

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        reader = self._open(included_fields=sorted(self.schema.get_field_index(column) for column in columns))
        batches = map(reader.get_batch, range(reader.num_record_batches)) if self._is_file else reader
        for batch in _unbroken(batches, self.path):
            yield from sliced(batch.select(list(columns)))


class CsvFile:
    """A CSV file with a header; every column is text, and an empty cell without quotes is null."""

    def __init__(self, path: Path, encoding: str | None, delimiter: str | None) -> None:
        self.path = path
        self.rows: int | None = None
        self.notices: tuple[str, ...] = ()
        self._encoding = encoding or self._told()
        if self._encoding != (encoding or "utf-8"):
            self.notices += (f"is read as {spoken(self._encoding)}, as its bytes tell",)
        self._delimiter = delimiter or ","
        text = self._head()
        # Not told: the one by which the header has most columns.
        headers = {each: self._header(text, each) for each in ([delimiter] if delimiter else _DELIMITERS)}
        self._delimiter = max(headers, key=lambda each: len(headers[each][1]))
        self._above, names = headers[self._delimiter]
        if not names:
            raise InputError(f"{self.path} has no header: its first row must name the columns")
        if any(_LIKE_DATA.fullmatch(name.strip()) for name in names):
            raise InputError(f"{self.path} has data in its first row; put a row with the columns' names in front")
        self.row_base = 2 + self._above
        if self._above:
            self.notices += (f"has its header in row {self._above + 1}: what stands above is not read",)
        self.schema = pa.schema([(name, pa.string()) for name in unique_names(names)])

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        # Columns go by their position, for names may repeat.
        places = [str(self.schema.get_field_index(column)) for column in columns]
        broken: list[Any] = []
        rows = 0
        ahead = None
        with closing(self._attempt(lambda: self._open(places, broken, use_threads=True), broken, 0)) as reader:
            while (batch := self._attempt(reader.next_batch, broken, rows)) is not None:
                if not batch.num_rows:
                    continue
                rows += batch.num_rows
                if ahead is not None:
                    yield from sliced(ahead.rename_columns(list(columns)))
                ahead = batch
        if ahead is None or ahead.column(0)[ahead.num_rows - 1].as_py() != _END:
            raise InputError(f"{self.path}, row {max(rows, 1) + 1}: a quote that opens in this row is never closed")
        yield from sliced(ahead.slice(0, ahead.num_rows - 1).rename_columns(list(columns)))

    def _told(self) -> str:
        """The encoding by the file's bytes; UTF-8 where they tell none, for reading then says what is wrong."""
        return _attempt(lambda: told(self._pieces()), f"{self.path} is not a whole compressed file") or "utf-8"

    def _pieces(self) -> Iterator[bytes]:
        """Whole lines: the head of the file, and of one that is not compressed some from all over it."""
        head = self._read_head()
        end = head.rfind(b"\n") + 1 if len(head) == _HEAD else len(head)
        yield head[: end or None]
        if not end or self.path.suffix.lower() in _COMPRESSED:
            return
        size = self.path.stat().st_size
        step = max((size - end) // _PIECES, _PIECE)
        with self.path.open("rb") as file:
            for start in range(end, size, step):
                # A line that begins in one piece may end in the next; this one begins with a whole line or a rest.
                file.seek(start - 1)
                piece = file.read(min(step, _PIECE) + _OVERLAP)
                last = piece.rfind(b"\n") if start + len(piece) - 1 < size else len(piece)
                yield piece[piece.find(b"\n") + 1 : max(last, 0)]

    def _head(self) -> str:
        head = _attempt(self._read_head, f"{self.path} is not a whole compressed file")
        if self._encoding == "utf-8" and head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise InputError(f'{self.path} is UTF-16; declare for the source encoding = "utf-16"')
        decoder = codecs.getincrementaldecoder("utf-8-sig" if self._encoding == "utf-8" else self._encoding)()
        try:
            text = decoder.decode(head, final=False)
        except UnicodeError:
            text = None
        if text is None:
            raise self._undecodable()
        return text.removeprefix("\ufeff")

    @staticmethod
    def _header(text: str, delimiter: str) -> tuple[int, Sequence[str]]:
        """How many lines stand above the header, and its cells; nothing where there is none."""
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        rows, lines = [], [0]
        try:
            for row in reader:
                rows.append(row)
                lines.append(reader.line_num)
                if len(rows) > _TITLES + 1 and any(rows):
                    break
        except csv.Error:
            pass  # what breaks below the header is found in reading
        above, header = header_row(rows)
        return lines[above], header

    def _read_head(self) -> bytes:
        with pa.input_stream(str(self.path)) as file:
            head: bytes = file.read(_HEAD)
        return head

    def _open(self, columns: Sequence[str], broken: list[Any], use_threads: bool) -> _CsvBatches:
        import pyarrow.csv as pc

        def ragged(row: Any) -> str:
            # row.text holds values: it is not kept.
            broken.append((row.number, row.expected_columns, row.actual_columns))
            return "error"

        names = [str(i) for i in range(len(self.schema))]
        end = "\n" + self._delimiter.join([_END] * len(names)) + "\n"
        return _CsvBatches(
            self.path,
            self._encoding,
            end.encode(),
            read_options=pc.ReadOptions(
                use_threads=use_threads,
                block_size=_BLOCK,
                column_names=names,
                skip_rows=self._above,
                skip_rows_after_names=1,
            ),
            parse_options=pc.ParseOptions(
                delimiter=self._delimiter, newlines_in_values=True, invalid_row_handler=ragged
            ),
            convert_options=pc.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                include_columns=list(columns),
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
                null_values=["", "\\N"],  # the latter is what MySQL and PostgreSQL write
            ),
        )

    def _attempt(self, call: Callable[[], T], broken: list[Any], rows: int) -> T:
        """What the call returns, or the error that says what is wrong with the file."""
        try:
            return call()
        except (pa.ArrowException, OSError, UnicodeError):
            pass
        if broken:
            _, expected, actual = broken[0]
            row = self._ragged_row()
            place = f"{self.path}, row {row}" if row else str(self.path)
            raise InputError(
                f"{place}: {actual} columns where the header has {expected}; is a quote or separator lost?"
            )
        if not self._decodes(self._encoding):
            raise self._undecodable()
        raise InputError(
            f"{self.path}, after row {rows + 1}: a row is longer than {_BLOCK >> 20} MiB, or a quote is never closed, "
            "or the file is damaged"
        )

    def _ragged_row(self) -> int | None:
        """The number of the first broken row; only a serial reader knows it."""
        broken: list[Any] = []
        try:
            with closing(self._open(["0"], broken, use_threads=False)) as reader:
                while reader.next_batch() is not None:
                    pass
        except (pa.ArrowException, OSError, UnicodeError):
            pass
        return broken[0][0] if broken else None

    def _decodes(self, encoding: str, japanese: bool = False) -> bool:
        """Whether the whole file decodes; and if it is to be Japanese in CP932, is more than accented letters there."""
        decoder = codecs.getincrementaldecoder(encoding)()
        balance = 0
        try:
            with pa.input_stream(str(self.path)) as file:
                while chunk := file.read(_HEAD):
                    decoder.decode(chunk)
                    # CP932 leads kana and common kanji with bytes that Latin-1 does not use.
                    balance += _count(chunk, range(0x81, 0xA0)) - _count(chunk, range(0xE0, 0x100))
                decoder.decode(b"", final=True)
        except (UnicodeError, OSError):
            return False
        return balance > 0 if japanese else True

    def _undecodable(self) -> InputError:
        if self._encoding == "utf-8" and self._decodes("cp932", japanese=True):
            return InputError(
                f'{self.path} is not UTF-8 but reads as CP932 (Shift_JIS); declare for the source encoding = "cp932"'
            )
        row, column = self._first_undecodable()
        place = f", row {row}" * (row > 0) + f", column {column!r}" * (column is not None)
        return InputError(
            f"{self.path}{place} holds bytes that are not {self._encoding}; declare its encoding in a configuration, "
            f'as in [sources.{stem_of(self.path)}] encoding = "cp932" (Japanese), "cp1252" (Western), "cp1250", "gbk"'
        )

    def _first_undecodable(self) -> tuple[int, str | None]:
        """Row and column of the first bytes that do not decode; (0, None) where they cannot be told."""
        limit = csv.field_size_limit(_BLOCK)
        try:
            with io.TextIOWrapper(
                io.BufferedReader(Raw(pa.input_stream(str(self.path)))), self._encoding, "surrogateescape", newline=""
            ) as file:
                header: list[str] = []
                for number, row in enumerate(csv.reader(file, delimiter=self._delimiter), 1):
                    for place, cell in enumerate(row):
                        if not cell.isascii() and re.search("[\udc80-\udcff]", cell):
                            return number, header[place] if place < len(header) else None
                    header = header or row
        except (UnicodeError, csv.Error, OSError):
            pass
        finally:
            csv.field_size_limit(limit)
        return 0, None


_END = "\x01enishi: end of file\x01"
# No header has an email address or a long number for a name; a file without a header does.
_DELIMITERS = (",", ";", "\t", "|")
_LIKE_DATA = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+|[+0-9-]{9,}")


class Raw(io.RawIOBase):
    """A pyarrow stream as Python's io has them."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


class _CsvBatches:
    """The record batches of a CSV file.

    Arrow's threads read the file through Python ahead of whoever asks. To let go of it they need the interpreter, and
    one that has ended meanwhile ends the process with them: so whoever stops early waits until they have.
    """

    def __init__(self, path: Path, encoding: str, end: bytes, **options: Any) -> None:
        import pyarrow.csv as pc

        self._file: _Utf8 | None = _Utf8(pa.input_stream(str(path)), encoding, end)
        self._reader: Any = None
        try:
            self._reader = pc.open_csv(self._file, **options)
        except BaseException:
            self.close()
            raise

    def next_batch(self) -> pa.RecordBatch | None:
        """The next batch; None after the last."""
        return next(self._reader, None)

    def close(self) -> None:
        """Reads no more, and waits until nobody does."""
        if self._file is not None:
            released = self._file.released
            self._file.stop()
            self._reader = self._file = None
            released.wait(_LET_GO)


class _Utf8:
    """A file's bytes as UTF-8, with ``end`` behind them.

    Attributes
    ----------
    released : threading.Event
        Nobody holds the file any more.
    """

    closed = False

    def __init__(self, file: Any, encoding: str, end: bytes) -> None:
        self._file = file
        self._decoder = None if encoding == "utf-8" else codecs.getincrementaldecoder(encoding)()
        self._end: bytes | None = end
        self._rest = b""
        self.released = threading.Event()

    def __del__(self) -> None:
        self.released.set()

    def stop(self) -> None:
        """Whoever reads on finds the end."""
        self._file, self._decoder = io.BytesIO(), None
        self._end, self._rest = None, b""

    def read(self, size: int) -> bytes:
        # A short block would shorten the longest row that fits into two.
        while self._end is not None and len(self._rest) < size:
            raw = self._file.read(size)
            data = self._decoder.decode(raw, final=not raw).encode() if self._decoder else raw
            self._rest = self._rest + data if self._rest else data
            if not raw:
                self._rest += self._end
                self._end = None
        data, self._rest = self._rest[:size], self._rest[size:]
        return data

    def close(self) -> None:
        self.closed = True
        self._file.close()


def _count(data: bytes, among: range) -> int:
    return len(data) - len(data.translate(None, bytes(among)))


def _unbroken(batches: Iterable[pa.RecordBatch], path: Path) -> Iterator[pa.RecordBatch]:
    rows = 0
    iterator = iter(batches)
    while (batch := _attempt(lambda: next(iterator, None), f"{path} is damaged after row {rows}")) is not None:
        # A broken file can have offsets that point outside of it.
        _attempt(batch.validate, f"{path} is damaged after row {rows}")
        rows += batch.num_rows
        yield batch


def _attempt(call: Callable[[], T], message: str) -> T:
    try:
        return call()
    except (pa.ArrowException, OSError, ValueError):
        pass
    raise InputError(message)


def _check_unique(path: Path, schema: pa.Schema) -> None:
    for name, times in Counter(schema.names).items():
        if times > 1:
            raise InputError(f"{path} has two columns {name!r}; give one another name")


def unique_names(header: Sequence[str]) -> list[str]:
    """Names for all columns: an empty one is called by its position, a repeated one is numbered.

    Examples
    --------
    >>> unique_names(["mail", "", "mail"])
    ['mail', 'column 2', 'mail (2)']
    """
    names: dict[str, None] = {}
    numbers: Counter[str] = Counter()
    for position, given in enumerate(header, 1):
        name = wanted = given.strip() or f"column {position}"
        while name in names:
            numbers[wanted] += 1
            name = f"{wanted} ({numbers[wanted] + 1})"
        names[name] = None
    return list(names)
