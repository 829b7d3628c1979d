"""Memory as a contract: how much is in use, where a run has to stop, and where it puts what it cannot hold."""

from __future__ import annotations

import contextlib
import io
import os
import re
import resource
import sys
from collections.abc import Callable, Iterator
from typing import IO, TYPE_CHECKING, Any

import pyarrow as pa

from enishi.arrow import cast, take
from enishi.errors import ConfigError, InputError, MemoryLimitError
from enishi.rows import as_text

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

HELD_SHARE = 16  # of the limit, by which it is divided for what is put by for later
HELD_IDS = 1 << 24  # bytes of record ids that stay in memory
UNITS = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}


def parse_size(text: str | int) -> int:
    """Bytes from ``8GB``, ``512 MiB`` or a number.

    Examples
    --------
    >>> parse_size("8GB"), parse_size("1.5 GiB"), parse_size(1000)
    (8000000000, 1610612736, 1000)
    """
    # Of the text "8" nobody means 8 bytes.
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]+)\s*", text if isinstance(text, str) else f"{text}B")
    unit = UNITS.get(match[2].upper()) if match else None
    if match is None or unit is None or not 0 < float(match[1]) * unit < 2**63:
        raise ConfigError("memory_limit", "must be a size such as 8GB or 512MiB")
    return int(float(match[1]) * unit)


def resident() -> int:
    """Bytes of anonymous memory that this process holds now; where the system does not tell, the most it ever held."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            for line in status:
                if line.startswith("RssAnon:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return peak()


def peak() -> int:
    """The most memory that this process has held so far, in bytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def default_limit() -> int:
    """5 GB, or half of the machine's memory where that is less."""
    return min(5 * 10**9, os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2)


class Budget:
    """A memory limit, checked between batches.

    Parameters
    ----------
    limit : int or None
        Bytes of anonymous memory that the process may hold beyond what it held at the start; left out: `default_limit`.
    """

    def __init__(self, limit: int | None) -> None:
        self.limit = default_limit() if limit is None else limit
        self.start = resident()

    @property
    def held(self) -> int:
        """Bytes that stay in memory of what is put by for later: values on their way to a number, hashes of records."""
        return self.limit // HELD_SHARE

    def check(self, stage: str, records: int) -> None:
        """Stops a run that needs more than its limit.

        Raises
        ------
        MemoryLimitError
        """
        if resident() - self.start > self.limit:
            raise MemoryLimitError(
                f"the run needs more than its memory limit of {self.limit / 1e9:.2f} GB in stage '{stage}', after "
                f"{records} records; raise the limit, or leave out outputs and columns that are not needed"
            )


class SpillFile:
    """Where a run puts what it cannot hold: a file of mode 0600 without a name, gone with the process however it ends.

    Parameters
    ----------
    directory : path or None
        Left out: the system's temporary directory.

    Attributes
    ----------
    size : int
        Bytes written so far.
    """

    def __init__(self, directory: str | os.PathLike[str] | None) -> None:
        if directory is not None and not os.path.isdir(directory):
            raise InputError(f"spill directory '{os.fspath(directory)}' is not there; make it or name another")
        self._directory = directory
        self._file: IO[bytes] | None = None
        self.size = 0

    def __del__(self) -> None:
        # Whoever reads it last does not know it.
        self.close()

    def close(self) -> None:
        """Gives the file back."""
        file, self._file = getattr(self, "_file", None), None
        if file is not None:
            with contextlib.suppress(OSError):
                file.close()

    def write(self, write: Callable[[IO[bytes]], int]) -> None:
        """Lets somebody write to the file, who returns where it ends then.

        Raises
        ------
        InputError
            There is no room, or no right to write.
        """
        import tempfile

        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(prefix="enishi-", dir=self._directory)  # noqa: SIM115
            self.size = write(self._file)
        except OSError as error:
            raise InputError(
                f"the spill directory cannot be written: {error.strerror}; name one with room as spill-dir"
            ) from error

    def reader(self) -> io.BufferedReader:
        """What was written so far, from the beginning. Several may read at once, each at its own place."""
        # Read, not mapped: a page of a mapped file is memory too.
        descriptor = -1 if self._file is None else self._file.fileno()
        return io.BufferedReader(_Part(descriptor, self.size), 1 << 20)


class RecordIds:
    """The record ids, batch by batch, in input order: a few in memory, many in a file until they are written.

    Parameters
    ----------
    spill_dir : path or None
        Left out: the system's temporary directory.
    held : int
        Bytes that stay in memory.

    Attributes
    ----------
    type : pyarrow.DataType
        Of the ids as they are written: their own where all sources agree, else text.
    rows : int
    """

    def __init__(self, spill_dir: str | os.PathLike[str] | None, held: int = HELD_IDS) -> None:
        self.type = pa.string()
        self.rows = 0
        self._most = held
        self._held = 0
        self._arrays: list[pa.Array] = []
        self._file = SpillFile(spill_dir)

    @property
    def spilled(self) -> int:
        """Bytes in the file."""
        return self._file.size

    def add(self, ids: pa.Array) -> None:
        """Adds a batch of ids."""
        self._arrays.append(ids)
        self.rows += len(ids)
        self._held += ids.nbytes
        if self._held > self._most:
            self._spill()

    def chunks(self) -> Iterator[pa.Array]:
        """All batches in the type that is written."""
        yield from (self._written(ids) for ids in self._spilled())
        yield from (self._written(ids) for ids in self._arrays)

    def texts(self, start: int = 0) -> Iterator[pa.Array]:
        """The ids from a record on as text, batch by batch."""
        for chunk in self.chunks():
            if start < len(chunk):
                yield as_text(chunk[start:])
            start = max(0, start - len(chunk))

    def take(self, ordinals: npt.NDArray[np.uint32]) -> pa.Array:
        """The ids of some records, in the type that is written."""
        import numpy as np

        wanted, at = np.unique(ordinals, return_inverse=True)
        found, start = [pa.array([], self.type)], 0
        for chunk in self.chunks():
            low, high = np.searchsorted(wanted, [start, start + len(chunk)])
            if low < high:
                found.append(take(chunk, wanted[low:high] - start))
            start += len(chunk)
        return take(pa.chunked_array(found, self.type).combine_chunks(), at)

    def _written(self, ids: pa.Array) -> pa.Array:
        return ids if ids.type == self.type else cast(as_text(ids), self.type)

    def _spill(self) -> None:
        def write(file: IO[bytes]) -> int:
            # A stream of its own for each batch: the sources' ids may be of different types.
            for array in self._arrays:
                batch = pa.record_batch([array], names=["record_id"])
                with pa.ipc.new_stream(file, batch.schema) as stream:
                    stream.write_batch(batch)
            file.flush()
            return file.tell()

        self._file.write(write)
        self._arrays.clear()
        self._held = 0

    def _spilled(self) -> Iterator[pa.Array]:
        with self._file.reader() as file, pa.PythonFile(file) as whole:
            while whole.tell() < self.spilled:
                with pa.ipc.open_stream(whole) as stream:
                    yield from (batch.column(0) for batch in stream)


class _Part(io.RawIOBase):
    """The first bytes of an open file, read at a place of its own."""

    def __init__(self, descriptor: int, size: int) -> None:
        self._descriptor = descriptor
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        return self._at

    def readinto(self, buffer: Any) -> int:
        read = os.preadv(self._descriptor, [memoryview(buffer)[: max(0, self._size - self._at)]], self._at)
        self._at += read
        return read
