"""Memory as a contract: how much is in use, where a run has to stop, and where it puts what it cannot hold."""

from __future__ import annotations

import contextlib
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
    """The record ids as text, in input order: in memory, or beyond a share of the limit in a file.

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
        self._lengths: list[pa.Array] = []
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
        """Adds a batch of ids (text)."""
        self._arrays.append(ids.cast(pa.large_string()))
        self._held += self._arrays[-1].nbytes
        if self._share is not None and self._held > self._share:
            self._spill()

    def _spill(self) -> None:
        import tempfile

        import pyarrow.compute as pc

        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(prefix="enishi-", dir=self._directory)  # noqa: SIM115
            for array in self._arrays:
                self._lengths.append(pc.binary_length(array).cast(pa.int32()))
                offsets, data = array.offset, array.buffers()
                ends = memoryview(data[1]).cast("q") if data[1] else [0, 0]
                if data[2] is not None and len(array):
                    self.spilled += self._file.write(memoryview(data[2])[ends[offsets] : ends[offsets + len(array)]])
        except OSError as error:
            raise InputError(
                f"the spill directory cannot be written: {error.strerror}; name one with room by --spill-dir"
            ) from error
        self._arrays.clear()
        self._held = 0

    def text(self) -> pa.Array:
        """All ids as one array; what was spilled is read through the file."""
        if self._file is None:
            arrays = self._arrays or [pa.array([], pa.large_string())]
            return pa.concat_arrays(arrays)
        import numpy as np

        self._spill()
        self._file.flush()
        lengths = np.concatenate([array.to_numpy(zero_copy_only=False) for array in self._lengths])
        offsets = np.zeros(len(lengths) + 1, np.int64)
        np.cumsum(lengths, out=offsets[1:])
        values = pa.py_buffer(np.memmap(self._file, np.uint8, "r")) if offsets[-1] else pa.py_buffer(b"")
        return pa.LargeStringArray.from_buffers(len(lengths), pa.py_buffer(offsets), values)
