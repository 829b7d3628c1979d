"""Memory as a contract: how much is in use, where a run has to stop, and where it puts what it cannot hold."""

from __future__ import annotations

import contextlib
import mmap
import os
import re
import resource
import sys
from pathlib import Path
from types import TracebackType
from typing import IO

import pyarrow as pa

from enishi.errors import ConfigError, InputError, MemoryLimitError

UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}


def parse_size(text: str | int) -> int:
    """Bytes from ``8GB``, ``512 MiB`` or a number.

    Examples
    --------
    >>> parse_size("8GB"), parse_size("1.5 GiB"), parse_size(1000)
    (8000000000, 1610612736, 1000)
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]*)\s*", str(text))
    unit = UNITS.get(match[2].upper()) if match else None
    if match is None or unit is None or float(match[1]) <= 0:
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


class Budget:
    """A memory limit, checked between batches.

    Parameters
    ----------
    limit : int or None
        Bytes of anonymous memory that the process may hold beyond what it held at the start.
    """

    def __init__(self, limit: int | None) -> None:
        self.limit = limit
        self.start = resident() if limit else 0

    def check(self, stage: str, records: int) -> None:
        """Stops a run that needs more than its limit.

        Raises
        ------
        MemoryLimitError
        """
        if self.limit and resident() - self.start > self.limit:
            raise MemoryLimitError(
                f"the run needs more than its memory limit of {self.limit / 1e9:.2f} GB in stage '{stage}', after "
                f"{records} records; raise the limit, or leave out outputs and columns that are not needed"
            )


class RecordIds:
    """The record ids, batch by batch, in input order: in memory, or beyond a share of the limit in a file.

    The file lies in the spill directory, has mode 0600 and no name: it is gone with the process, however that ends.
    """

    def __init__(self, share: int | None, spill_dir: str | os.PathLike[str] | None) -> None:
        self._share = share
        self._directory = Path(spill_dir) if spill_dir is not None else None
        if self._directory is not None and not self._directory.is_dir():
            raise InputError(f"spill directory '{self._directory}' is not there; make it or name another")
        self._arrays: list[pa.Array] = []
        self._held = 0
        self._file: IO[bytes] | None = None
        self.spilled = 0

    def __enter__(self) -> RecordIds:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()

    def add(self, ids: pa.Array) -> None:
        """Adds a batch of ids."""
        self._arrays.append(ids)
        self._held += ids.nbytes
        if self._share is not None and self._held > self._share:
            self._spill()

    def _spill(self) -> None:
        import tempfile

        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(prefix="enishi-", dir=self._directory)  # noqa: SIM115
            # A stream of its own for each batch: the sources' ids may be of different types.
            for array in self._arrays:
                batch = pa.record_batch([array], names=["record_id"])
                with pa.ipc.new_stream(self._file, batch.schema) as stream:
                    stream.write_batch(batch)
            self._file.flush()
        except OSError as error:
            raise InputError(
                f"the spill directory cannot be written: {error.strerror}; name one with room by --spill-dir"
            ) from error
        self.spilled = self._file.tell()
        self._arrays.clear()
        self._held = 0

    def batches(self) -> list[pa.Array]:
        """All batches; what was spilled is read through the file."""
        if self._file is None:
            return self._arrays
        self._spill()
        spilled = pa.BufferReader(pa.py_buffer(mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)))
        batches = []
        while spilled.tell() < spilled.size():
            with pa.ipc.open_stream(spilled) as stream:
                batches += [batch.column(0) for batch in stream]
        return batches
