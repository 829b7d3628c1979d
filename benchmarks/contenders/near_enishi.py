"""Near values with enishi: ``python -m benchmarks.contenders.near_enishi VALUES COLUMN OUTPUT [EDITS]`` prints JSON.

From the column to the pairs: the values are numbered first, as a run does while it reads.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from enishi._link import near_pairs
from enishi._normalize import STATUSES, identifier
from enishi._tables import GrowingValues, Values


def number(column: pa.ChunkedArray) -> tuple[Values, npt.NDArray[np.uint32]]:
    """The distinct values, and each row's number among them."""
    values = GrowingValues(True)
    numbers = np.empty(len(column), np.uint32)
    counts = np.zeros(len(STATUSES), np.uint64)
    kernel, start = identifier(True), 0
    for chunk in column.chunks:
        values.add(kernel, chunk, [bytes(16)], None, numbers[start : start + len(chunk)], counts)
        start += len(chunk)
    return values, numbers


def main(path: str, column: str, output: str, edits: str = "1") -> None:
    table = pq.read_table(path, columns=[column])
    start = time.perf_counter()
    values, numbers = number(table[column])
    numbered = time.perf_counter()
    pairs, counts = near_pairs(values, max_edits=int(edits))
    ended = time.perf_counter()
    row = np.empty(len(values), np.uint32)
    row[numbers] = np.arange(len(numbers), dtype=np.uint32)
    left, right = row[pairs[:, 0]], row[pairs[:, 1]]
    pq.write_table(pa.table({"left": np.minimum(left, right), "right": np.maximum(left, right)}), Path(output))
    told = {"seconds": ended - start, "join_seconds": ended - numbered, "pairs": len(pairs), "counts": counts}
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
