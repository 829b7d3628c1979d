"""Sources: what the user points at, as named streams of record batches with only the columns in use.

An input is a file, a directory or a glob, or a Python object that speaks Arrow. Several files of one source are read
one after the other in the order of their paths; a column that some of them lack is null there, and the source says so.
"""

from __future__ import annotations

import bisect
import os
import re
from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa

from enishi.arrow import cast
from enishi.bind import Notice
from enishi.errors import InputError
from enishi.model import Model
from enishi.rows import as_text, sliced

if TYPE_CHECKING:
    from pathlib import Path

    from enishi.formats import DataFile


class SourceReader(Protocol):
    """One source, opened.

    Attributes
    ----------
    name : str
    path : str or None
        What the user pointed at; None for data from Python.
    schema : pyarrow.Schema
    rows : int or None
        How many records there are, where that is known without reading them.
    notices : tuple of Notice
    """

    name: str
    path: str | None
    schema: pa.Schema
    rows: int | None
    notices: tuple[Notice, ...]

    def head(self, columns: Sequence[str], rows: int) -> list[pa.RecordBatch]:
        """The first batches, of so many rows or more; before any are read, and `batches` gives them again."""
        ...

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """The records in input order, with these columns (at least one) in this order; read once."""
        ...

    def place(self, row: int) -> str:
        """Where a record stands, for a message; ``row`` counts the source's records from 0, up to those read so far."""
        ...

    def fingerprint(self) -> list[dict[str, Any]]:
        """What was read, so that another run can tell whether it was the same; for the summary."""
        ...


def open_inputs(inputs: Sequence[str], model: Model) -> tuple[SourceReader, ...]:
    """The sources of a command line.

    Parameters
    ----------
    inputs : sequence of str
        ``PATH`` or ``NAME=PATH``, where PATH is a file, a directory or a glob. None: the paths that the model's
        sources declare.
    model : Model
        Encodings and delimiters of sources, and names for the paths it declares.

    Raises
    ------
    InputError
        Something is missing, broken, or two sources have one name.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     with open(f"{directory}/web.csv", "w") as file:
    ...         _ = file.write("id,mail\\n1,a@example.com\\n")
    ...     (web,) = open_inputs([f"{directory}/web.csv"], Model())
    ...     web.name, web.schema.names, [batch.num_rows for batch in web.batches(["mail"])]
    ('web', ['id', 'mail'], [1])
    """
    specs = [_spec(text, model) for text in inputs]
    if not inputs:
        specs = [(source.name, source.path) for source in model.sources if source.path]
        if not specs:
            raise InputError("there is no input: name a file, a directory or a glob, or declare the path of a source")
    paths: dict[str, str] = {}
    for name, path in specs:
        if name in paths:
            both = f"{paths[name]} and {path}"
            raise InputError(f"two sources are named '{name}' ({both}): rename one, as in {name}2={path}")
        paths[name] = path
    return tuple(_open_source(name, path, model) for name, path in specs)


def open_data(data: Any, model: Model) -> tuple[SourceReader, ...]:
    """The sources of a Python call: one table, named ``data``, or a mapping of names to tables.

    A table is what speaks Arrow, what `_arrow` makes speak it, or the path of files.

    Examples
    --------
    >>> import pyarrow as pa
    >>> (source,) = open_data(pa.table({"mail": ["a@example.com"]}), Model())
    >>> source.name, next(source.batches(["mail"])).num_rows
    ('data', 1)
    """
    if isinstance(data, str | os.PathLike):
        data = dict([_spec(os.fspath(data), model)])
    elif not isinstance(data, Mapping) or _speaks_arrow(data) or _is_columns(data):
        data = {_only_name(model): data}
    if not data:
        raise InputError("there is no data: the mapping of sources is empty")
    sources: list[SourceReader] = []
    # A connection of DuckDB has one open result, and sources are open side by side.
    several = sum(map(_is_of_duckdb, data.values())) > 1
    once: dict[int, str] = {}
    for name, table in data.items():
        if not isinstance(name, str) or not name or ":" in name:
            raise InputError(f"{name!r} cannot name a source; write a text without ':'")
        if isinstance(table, pa.RecordBatchReader | Iterator):
            if id(table) in once:
                raise InputError(f"sources '{once[id(table)]}' and '{name}' are one reader, which is read only once")
            once[id(table)] = name
        if isinstance(table, str | os.PathLike):
            _check_path(name, os.fspath(table))
            sources.append(_open_source(name, os.fspath(table), model))
        else:
            given = _arrow(name, table)
            sources.append(DataSource(name, _whole(name, given) if several and _is_of_duckdb(table) else given))
    return tuple(sources)


class FileSource:
    """A source in one or several files of one format."""

    def __init__(self, name: str, path: str, files: Sequence[DataFile], notices: Sequence[Notice] = ()) -> None:
        self.name = name
        self.path: str | None = path
        self.schema = _common_schema(name, files)
        counts = [file.rows for file in files]
        self.rows = None if None in counts else sum(count or 0 for count in counts)
        self.notices = (*notices, *_taken(name, files), *_gaps(name, self.schema, files))
        self._files = tuple(files)
        self._starts: list[int] = []
        # Taken before they are read: of what will be, and not of what replaces it meanwhile.
        self._fingerprint = [_file_fingerprint(file.path) for file in files]

    def head(self, columns: Sequence[str], rows: int) -> list[pa.RecordBatch]:
        with closing(self.batches(columns)) as batches:
            return _first(batches, rows)

    def batches(self, columns: Sequence[str]) -> Generator[pa.RecordBatch]:
        schema = pa.schema([self.schema.field(column) for column in columns])
        rows = 0
        self._starts = []
        for file in self._files:
            self._starts.append(rows)
            own = frozenset(file.schema.names)
            there = [column for column in columns if column in own]
            # A file without any of the columns still has rows.
            for batch in file.batches(there or file.schema.names[:1]):
                rows += batch.num_rows
                arrays = [
                    _fitted(batch.column(field.name), field.type)
                    if field.name in there
                    else pa.nulls(batch.num_rows, field.type)
                    for field in schema
                ]
                yield pa.RecordBatch.from_arrays(arrays, schema=schema)

    def place(self, row: int) -> str:
        at = bisect.bisect_right(self._starts, row) - 1
        file = self._files[at]
        return f"source '{self.name}', {file.path.name}, row {row - self._starts[at] + file.row_base}"

    def fingerprint(self) -> list[dict[str, Any]]:
        return self._fingerprint


class DataSource:
    """A source from a Python object with the Arrow PyCapsule protocol; it is asked for its stream once."""

    def __init__(self, name: str, data: Any) -> None:
        self.name = name
        self.path: str | None = None
        self.notices: tuple[Notice, ...] = ()
        self._stream: pa.RecordBatchReader | None = _stream(name, data)
        # pandas hands over an index that is not a plain count; it is no column of the user's.
        index = re.compile(r"__index_level_\d+__")
        given = self._stream.schema
        self._columns = [i for i, column in enumerate(given.names) if not index.fullmatch(column)]
        self.schema = pa.schema([given.field(i) for i in self._columns])
        for column, times in Counter(self.schema.names).items():
            if times > 1:
                raise InputError(f"source '{name}' has two columns {column!r}; give one another name")
        self.rows: int | None = data.num_rows if isinstance(data, pa.Table | pa.RecordBatch) else None
        self._seen = 0
        self._head: list[pa.RecordBatch] = []  # that came before they were asked for

    def head(self, columns: Sequence[str], rows: int) -> list[pa.RecordBatch]:
        if self._stream is None:
            raise RuntimeError(f"source '{self.name}' is read once")
        self._head = _first(self._rest(self._stream), rows)
        return [batch.select(list(columns)) for batch in self._head]

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        stream, self._stream = self._stream, None
        if stream is None:
            raise RuntimeError(f"source '{self.name}' is read once")
        with stream:
            while self._head:
                yield from sliced(self._head.pop(0).select(list(columns)))
            for batch in self._rest(stream):
                yield from sliced(batch.select(list(columns)))

    def _rest(self, stream: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
        while (batch := self._next(stream)) is not None:
            self._seen += batch.num_rows
            yield batch

    def place(self, row: int) -> str:
        return f"source '{self.name}', row {row + 1}"

    def fingerprint(self) -> list[dict[str, Any]]:
        return [{"rows": self._seen}]

    def _next(self, stream: pa.RecordBatchReader) -> pa.RecordBatch | None:
        try:
            return next(stream, None)
        except (pa.ArrowException, OSError):
            pass
        raise InputError(f"source '{self.name}' failed to deliver its rows after row {self._seen}")


def _first(batches: Iterator[pa.RecordBatch], rows: int) -> list[pa.RecordBatch]:
    """The first batches, until there are so many rows."""
    found: list[pa.RecordBatch] = []
    for batch in batches:
        found.append(batch)
        rows -= batch.num_rows
        if rows <= 0:
            break
    return found


# Inputs.


def _spec(text: str, model: Model) -> tuple[str, str]:
    """An input's name and path."""
    from pathlib import Path

    from enishi.formats import stem_of

    named = None if os.path.exists(text) else re.fullmatch(r"([^=/\\:]+)=(.+)", text)
    if named:
        return named[1], named[2]
    for source in model.sources:
        if source.path and os.path.abspath(source.path) == os.path.abspath(text):
            return source.name, text
    path = Path(text)
    if path.is_dir():
        name = path.resolve().name
    elif _is_glob(text) and not path.exists():
        fixed = re.split(r"[*?\[]", text, maxsplit=1)[0]
        head, tail = os.path.split(fixed)
        name = tail.rstrip("_-. ") or Path(head).resolve().name
    else:
        name = stem_of(path)
    if not name or ":" in name:
        raise InputError(f"{text} does not make a name for its source; name it, as in web={text}")
    return name, text


def _open_source(name: str, path: str, model: Model) -> FileSource:
    from enishi.formats import format_of, open_file

    files, notices = _files(name, path)
    formats = {format_of(file): file for file in files}
    if len(formats) > 1:
        found = ", ".join(f"{kind} ({file.name})" for kind, file in sorted(formats.items(), key=str))
        raise InputError(f"{path} holds files of several formats, {found}: read one of them by a glob such as '*.csv'")
    source = model.source(name)
    return FileSource(name, path, [open_file(file, source.encoding, source.delimiter) for file in files], notices)


def _files(name: str, path: str) -> tuple[list[Path], list[Notice]]:
    """The files of an input in the order of their paths, and what was passed over."""
    import glob
    from pathlib import Path

    from enishi.formats import format_of

    if os.path.isdir(path):
        found = _walk(Path(path))
    elif os.path.exists(path) or not _is_glob(path):
        return [Path(path)], []
    else:
        matches = sorted(Path(match) for match in glob.glob(path, recursive=True))
        found = [file for match in matches for file in (_walk(match) if match.is_dir() else [match])]
        found = sorted({file for file in found if not _is_hidden(file.name)})
    files = [file for file in found if format_of(file)]
    if not files:
        what = "no file matches" if _is_glob(path) and not os.path.isdir(path) else "there is no file in"
        raise InputError(f"{what} {path} that can be read: Parquet, CSV, Arrow IPC, JSON Lines or Excel")
    other = [file for file in found if not format_of(file)]
    text = f"passes over {len(other)} of its files, such as {other[0].name}: not of a known format" if other else ""
    return files, [Notice(name, None, text)] if other else []


def _walk(directory: Path) -> list[Path]:
    from pathlib import Path

    def fail(error: OSError) -> None:
        raise InputError(f"{error.filename}: cannot be read: {error.strerror}") from None

    found = []
    for folder, folders, files in os.walk(directory, onerror=fail):
        folders[:] = [each for each in folders if not _is_hidden(each)]
        found += [Path(folder, each) for each in files if not _is_hidden(each)]
    return sorted(found)


def _is_hidden(name: str) -> bool:
    # Spark and its kin write _SUCCESS and _temporary.
    return name.startswith((".", "_"))


def _is_glob(path: str) -> bool:
    return any(c in path for c in "*?[")


def _common_schema(name: str, files: Sequence[DataFile]) -> pa.Schema:
    types: dict[str, pa.DataType] = {}
    for file in files:
        for field in file.schema:
            common = _common_type(types.get(field.name, field.type), field.type)
            if common is None:
                raise InputError(
                    f"source '{name}', column '{field.name}' is {field.type} in {file.path.name} and "
                    f"{types[field.name]} before: make it one type"
                )
            types[field.name] = common
    return pa.schema(list(types.items()))


def _common_type(left: pa.DataType, right: pa.DataType) -> pa.DataType | None:
    """A type for both; text, in doubt, and None where one is nested."""
    if left == right or pa.types.is_null(right):
        return left
    if pa.types.is_null(left):
        return right
    if pa.types.is_nested(left) or pa.types.is_nested(right):
        return None
    return pa.int64() if pa.types.is_signed_integer(left) and pa.types.is_signed_integer(right) else pa.string()


def _fitted(array: pa.Array, wanted: pa.DataType) -> pa.Array:
    """The array in the type that all files of its source share."""
    if array.type == wanted:
        return array
    return cast(as_text(array) if pa.types.is_string(wanted) else array, wanted)


def _taken(name: str, files: Sequence[DataFile]) -> Iterator[Notice]:
    """What files were taken for without a declaration, once however many say it."""
    said: dict[str, list[DataFile]] = {}
    for file in files:
        for text in file.notices:
            said.setdefault(text, []).append(file)
    for text, those in said.items():
        some = f"{len(those)} of {len(files)} files, such as {those[0].path.name}, "
        yield Notice(name, None, text if len(those) == len(files) else some + text)


def _gaps(name: str, schema: pa.Schema, files: Sequence[DataFile]) -> Iterator[Notice]:
    names = [frozenset(file.schema.names) for file in files]
    for column in schema.names:
        without = [file for file, own in zip(files, names, strict=True) if column not in own]
        if without:
            share = f"{len(without)} of {len(files)} files, such as {without[0].path.name}"
            text = f"is not in {share}; it is null there"
            yield Notice(name, column, text)


def _file_fingerprint(path: Path) -> dict[str, Any]:
    """Name, size and a hash of both ends: cheap for any size, and called what it is."""
    end = 1 << 16
    size = path.stat().st_size
    with path.open("rb") as file:
        import hashlib

        digest = hashlib.sha256(file.read(end))
        file.seek(max(end, size - end))
        digest.update(file.read(end))
    return {"file": path.name, "bytes": size, "sha256_of_ends": digest.hexdigest()}


# Python data.


def _only_name(model: Model) -> str:
    return model.sources[0].name if len(model.sources) == 1 else "data"


def _check_path(name: str, path: str) -> None:
    """Refuses a text that looks like no path: it may be a value of one record, which no message shows."""
    from pathlib import Path

    from enishi.formats import format_of

    if not (os.path.exists(path) or _is_glob(path) or format_of(Path(path))):
        raise InputError(f"source '{name}' is a text that is the path of no file; the columns of a table are lists")


def _is_of_duckdb(data: Any) -> bool:
    return type(data).__module__.partition(".")[0] in ("duckdb", "_duckdb")


def _whole(name: str, data: Any) -> pa.Table:
    with _stream(name, data) as stream:
        return stream.read_all()


def _speaks_arrow(data: Any) -> bool:
    return hasattr(data, "__arrow_c_stream__") or hasattr(data, "__arrow_c_array__")


def _is_columns(data: Any) -> bool:
    """Whether it is one table as a mapping of columns, and no mapping of tables."""
    return isinstance(data, Mapping) and any(map(_is_column, data.values()))


def _is_column(values: Any) -> bool:
    rows = isinstance(values, list | tuple)
    return rows and not any(_speaks_arrow(each) or isinstance(each, Mapping) for each in values[:1])


def _arrow(name: str, data: Any) -> Any:
    """What speaks Arrow, of data that do or that one obvious step makes do so."""
    if _speaks_arrow(data):
        return data
    kind = type(data).__name__
    if kind == "LazyFrame":
        return _collected(name, data)
    if hasattr(data, "scanner"):  # pyarrow's datasets
        data = data.scanner()
    if hasattr(data, "to_reader"):
        return data.to_reader()
    made = None
    try:
        if _is_columns(data):
            made = pa.table(dict(data))
        elif isinstance(data, list | tuple) and data and all(isinstance(row, Mapping) for row in data):
            columns = dict.fromkeys(column for row in data for column in row)
            made = pa.table({column: [row.get(column) for row in data] for column in columns})
        elif isinstance(data, list | tuple | Iterator):
            made = _chained(name, iter(data))
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        kind += " of mixed types"
    if made is None:
        raise InputError(
            f"source '{name}' is {kind}, which does not speak Arrow; pass a table of pyarrow, Polars, DuckDB or "
            "pandas 2.2 or later, a dict of lists, a list of dicts, batches, or the path of a file"
        )
    return made


def _collected(name: str, query: Any) -> Any:
    failed = ""
    try:
        return query.collect()
    except Exception as error:  # whose text may quote a value
        failed = type(error).__name__
    raise InputError(f"source '{name}' is a query that fails ({failed}); collect it to see where")


def _chained(name: str, parts: Iterator[Any]) -> pa.RecordBatchReader | None:
    """Tables or batches, one after the other as they come; None where the first is neither."""
    first = next(parts, None)
    if not _speaks_arrow(first):
        return None
    head = _stream(name, first)

    def batches() -> Iterator[pa.RecordBatch]:
        yield from head
        for part in parts:
            yield from _stream(name, part).cast(head.schema)

    return pa.RecordBatchReader.from_batches(head.schema, batches())


def _stream(name: str, data: Any) -> pa.RecordBatchReader:
    if isinstance(data, pa.RecordBatchReader):
        return data  # as it is, so that what stops the caller's own code (Ctrl-C, her errors) comes through
    try:
        if hasattr(data, "__arrow_c_stream__"):
            return pa.RecordBatchReader.from_stream(data)
        batch = pa.record_batch(data)
        return pa.RecordBatchReader.from_batches(batch.schema, [batch])
    except (pa.ArrowException, TypeError, ValueError, AttributeError, OverflowError):
        pass
    if hasattr(data, "astype") and not isinstance(data, type) and hasattr(data, "columns"):
        return _stream_of_texts(name, data)
    raise InputError(f"source '{name}' is no table: it has no columns with names")


def _stream_of_texts(name: str, data: Any) -> pa.RecordBatchReader:
    """A pandas table of which columns hold numbers and texts side by side: these as texts."""
    columns = {}
    for place, header in enumerate(data.columns):
        values = data.iloc[:, place]
        try:
            columns[str(header)] = pa.array(values, from_pandas=True)
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            columns[str(header)] = _texts_of(name, str(header), values)
    if len(columns) < len(data.columns):
        raise InputError(f"source '{name}' has two columns of one name; give one another name")
    return pa.table(columns).to_reader()


def _texts_of(name: str, header: str, values: Any) -> pa.Array:
    """A pandas column as texts."""
    try:
        return pa.array(values.astype("string"), pa.string(), from_pandas=True)
    except Exception:  # a value's own, whose text may quote it
        pass
    raise InputError(f"source '{name}', column '{header}' holds values that are no text, such as lone surrogates")
