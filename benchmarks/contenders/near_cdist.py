"""Near emails with RapidFuzz: ``python -m benchmarks.contenders.near_cdist VALUES COLUMN OUTPUT`` prints JSON.

Addresses that share the beginning of their local part, or its end and the domain, are compared all against all by
`cdist`; a slip in one block's key leaves the other's alone. With keys of this length it finds about nine pairs of ten;
each two characters less find half of what is missing and take two to three times as long.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np
import polars as pl
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

PREFIX, SUFFIX = 12, 6
SIDE_BY_SIDE = 200  # values in a block from which two threads pay


def near(values: pl.Series) -> pl.DataFrame:
    """Pairs of values at distance 1."""
    local = values.str.split_exact("@", 1).struct.field("field_0")
    domain = values.str.split_exact("@", 1).struct.field("field_1")
    keys = [local.str.head(PREFIX), local.str.tail(SUFFIX) + domain]
    found = [pl.DataFrame(schema={"left": pl.UInt32, "right": pl.UInt32})]
    texts = values.to_list()
    for key in keys:
        blocks = pl.DataFrame({"key": key}).with_row_index("row").group_by("key").agg("row")
        for rows in blocks.filter(pl.col("row").list.len() > 1)["row"]:
            numbers = rows.to_numpy()
            block = [texts[number] for number in numbers]
            workers = -1 if len(block) >= SIDE_BY_SIDE else 1
            distances = cdist(block, block, scorer=OSA.distance, score_cutoff=1, dtype=np.uint8, workers=workers)
            left, right = np.nonzero(distances == 1)
            if len(left):
                found.append(pl.DataFrame({"left": numbers[left], "right": numbers[right]}))
    return pl.concat(found).filter(pl.col("left") < pl.col("right")).unique()


def main(path: str, column: str, output: str) -> None:
    values = pl.read_parquet(path, columns=[column])[column]
    start = time.perf_counter()
    pairs = near(values)
    seconds = time.perf_counter() - start
    pairs.write_parquet(output)
    print(json.dumps({"seconds": seconds, "pairs": len(pairs)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
