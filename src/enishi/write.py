"""The graph -> files: a directory that is there whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from enishi import schema
from enishi.errors import InputError, OutputError
from enishi.memory import peak

if TYPE_CHECKING:
    from enishi.graph import CustomerGraph, Stream


def check_directory(directory: str | os.PathLike[str]) -> Path:
    """Refuses an output directory that holds something, before work starts.

    Raises
    ------
    OutputError
        It is not empty, is a file, or its parent cannot be written.
    """
    path = Path(directory)
    try:
        if path.is_dir():
            if any(path.iterdir()):
                raise OutputError(f"output directory '{path}' is not empty; name a new one or empty it first")
        elif path.exists() or path.is_symlink():
            raise OutputError(f"output '{path}' is not a directory; name a new one")
        parent = path.absolute().parent
        parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"output directory '{path}' cannot be made: {error.strerror}") from error
    if not os.access(parent, os.W_OK):
        raise OutputError(f"output directory '{path}' cannot be made: its parent is not writable")
    return path


@contextmanager
def staged(directory: str | os.PathLike[str]) -> Iterator[Path]:
    """A directory beside the one that is asked for, which takes its name when the block ends well, and else is gone.

    Raises
    ------
    OutputError
        The directory is not empty or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as parent:
    ...     with staged(f"{parent}/out") as staging:
    ...         _ = (staging / "a.txt").write_text("whole")
    ...         before = os.path.exists(f"{parent}/out")
    ...     before, os.listdir(f"{parent}/out")
    (False, ['a.txt'])
    """
    path = check_directory(directory).resolve()
    try:
        # Made with mode 0700: nobody else reads it until it is whole.
        staging = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
        try:
            yield staging
            _open_up(staging)
            # Takes the place of an empty directory in one step.
            os.rename(staging, path)
        except BaseException:
            with _undisturbed():
                _remove(staging)
            raise
    except OSError as error:
        why = error.strerror or "the disk refused"
        raise OutputError(f"output directory '{path}' cannot be written: {why}; nothing was left there") from error


def _remove(staging: Path) -> None:
    """Removes a directory, into which a writer that is left behind may yet put another file."""
    for _ in range(10):
        shutil.rmtree(staging, ignore_errors=True)
        if not staging.exists():
            return
        time.sleep(0.02)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Lets no second Ctrl-C interrupt the cleaning up after the first."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before or signal.SIG_DFL)


def write_graph(graph: CustomerGraph, directory: str | os.PathLike[str]) -> None:
    """Writes a graph's tables and summary to a directory, whole or not at all; see `CustomerGraph.write`."""
    with staged(directory) as staging:
        write_files(graph.streams(), graph.summary, staging)


def write_files(tables: Mapping[str, Stream], summary: Mapping[str, Any], directory: Path) -> dict[str, Any]:
    """Writes a graph's tables, piece by piece, and its summary into a directory that is there.

    Returns the summary as it was written: with the time and the memory that writing took.
    """
    start = time.perf_counter()
    paths = [directory / f"{name}.parquet" for name in tables]
    # Side by side, the largest first: an encoder works on one thread a table.
    stopped = threading.Event()
    with ThreadPoolExecutor(2) as pool:
        try:
            for _ in pool.map(_write_table, list(tables.values())[::-1], paths[::-1], repeat(stopped)):
                pass
        except BaseException:
            # The others end with the piece that they are at.
            stopped.set()
            raise
    seconds = summary["seconds"] | {"write": round(time.perf_counter() - start, 4)}
    memory = summary["peak_memory_bytes"] | {"write": peak()}
    told = {**summary, "seconds": seconds, "peak_memory_bytes": memory}
    (directory / "summary.json").write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return told


def _write_table(table: Stream, path: Path, stopped: threading.Event) -> None:
    import pyarrow.parquet as pq

    names = table.schema.names
    # Keys and ids are bytes without repetition: worth neither a dictionary nor a compressor's time.
    random = [name for name in names if name in ("key", "customer_id")]
    repeated = [name for name in names if pa.types.is_dictionary(table.schema.field(name).type) or name == "records"]
    with pq.ParquetWriter(
        path,
        table.schema,
        compression={name: "none" if name in random else "zstd" for name in names},
        compression_level={name: 1 for name in names if name not in random},
        use_dictionary=repeated,
        column_encoding={name: "DELTA_BINARY_PACKED" for name in names if name == "profile"},
    ) as writer:
        batches = table.batches()
        # The next piece is made while one is encoded.
        with ThreadPoolExecutor(1) as maker:
            following = maker.submit(next, batches, None)
            while (batch := following.result()) is not None and not stopped.is_set():
                following = maker.submit(next, batches, None)
                writer.write_batch(batch)


def _open_up(staging: Path) -> None:
    """Gives the finished files the modes that any new file of the user has."""
    mask = os.umask(0)
    os.umask(mask)
    for file in (staging, *staging.rglob("*")):
        file.chmod((0o777 if file.is_dir() else 0o666) & ~mask)


def read_graph(directory: str | os.PathLike[str], outputs: Sequence[str] = schema.OUTPUTS) -> CustomerGraph:
    """Reads what `CustomerGraph.write` wrote.

    Parameters
    ----------
    directory : path
    outputs : sequence of str
        The tables to read beside the customers, where they were written.

    Raises
    ------
    InputError
        The directory does not hold the files of a run.
    """
    import pyarrow.parquet as pq

    from enishi.graph import graph_of

    path = Path(directory)
    tables: dict[str, pa.Table] = {}
    try:
        for name in schema.OUTPUTS[:-1]:
            file = path / f"{name}.parquet"
            if name == "customers" or (name in outputs and file.exists()):
                tables[name] = pq.read_table(file)
        summary = json.loads((path / "summary.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(schema.no_output(path)) from error
    schema.check_run(path, summary, {name: table.schema for name, table in tables.items()})
    return graph_of(tables, summary)
