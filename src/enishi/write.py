"""The graph -> files: a directory that is there whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from enishi import schema
from enishi.errors import InputError, OutputError

if TYPE_CHECKING:
    from enishi.graph import CustomerGraph

COLUMN_ENCODINGS = ("key",)  # bytes without any repetition: a dictionary of them only costs


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


def write_graph(graph: CustomerGraph, directory: str | os.PathLike[str]) -> None:
    """Writes a graph's tables and summary beside the directory, and renames; see `CustomerGraph.write`."""
    path = check_directory(directory).resolve()
    tables = {"customers": graph.customers, "identifiers": graph.identifiers}
    tables |= {"links": graph.links, "evidence": graph.evidence}
    try:
        # Made with mode 0700, and the files in it 0600 until they are whole.
        staging = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
        try:
            for name, table in tables.items():
                if table is not None:
                    _write_table(table, staging / f"{name}.parquet")
            text = json.dumps(graph.summary, ensure_ascii=False, indent=2)
            (staging / "summary.json").write_text(text + "\n", encoding="utf-8")
            _open_up(staging)
            # Takes the place of an empty directory in one step.
            os.rename(staging, path)
        except BaseException:
            shutil.rmtree(staging, ignore_errors=True)
            raise
    except OSError as error:
        why = error.strerror or "the disk refused"
        raise OutputError(f"output directory '{path}' cannot be written: {why}; nothing was left there") from error


def _write_table(table: pa.Table, path: Path) -> None:
    import pyarrow.parquet as pq

    repeated = [name for name in table.schema.names if name not in ("record_id", "customer_id", *COLUMN_ENCODINGS)]
    pq.write_table(table, path, compression="zstd", compression_level=1, use_dictionary=repeated)


def _open_up(staging: Path) -> None:
    """Gives the finished files the modes that any new file of the user has."""
    mask = os.umask(0)
    os.umask(mask)
    for file in staging.iterdir():
        file.chmod(0o666 & ~mask)
    staging.chmod(0o777 & ~mask)


def read_graph(directory: str | os.PathLike[str]) -> CustomerGraph:
    """Reads what `CustomerGraph.write` wrote.

    Raises
    ------
    InputError
        The directory does not hold the files of a run.
    """
    import pyarrow.parquet as pq

    from enishi.graph import CustomerGraph

    path = Path(directory)
    tables: dict[str, pa.Table | None] = {}
    try:
        for name in schema.OUTPUTS[:-1]:
            file = path / f"{name}.parquet"
            tables[name] = pq.read_table(file) if file.exists() or name == "customers" else None
        summary = json.loads((path / "summary.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        text = f"'{path}' is not the output of a run: customers.parquet or summary.json is missing or broken"
        raise InputError(text) from error
    customers = tables["customers"]
    assert customers is not None
    return CustomerGraph(customers, tables["identifiers"], tables["links"], tables["evidence"], summary)
