"""Near values by comparing: ``python -m benchmarks.contenders.brute_force VALUES COLUMN OUTPUT SAMPLED SEED``.

SAMPLED values, drawn at random, are compared with all; the pairs at distance 1 are what a join has to find of them.
OUTPUT gets those pairs, and beside it ``sampled.parquet`` the rows that were drawn.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import polars as pl
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

TILE = 100  # sampled values whose distances to all others are held at once


def main(path: str, column: str, output: str, sampled: str, seed: str) -> None:
    texts = pl.read_parquet(path, columns=[column])[column].to_list()
    rows = np.random.default_rng(int(seed)).permutation(len(texts))[: int(sampled)].astype(np.uint32)
    found: list[tuple[int, int]] = []
    for start in range(0, len(rows), TILE):
        asked = rows[start : start + TILE]
        values = [texts[row] for row in asked]
        distances = cdist(values, texts, scorer=OSA.distance, score_cutoff=1, dtype=np.uint8, workers=-1)
        for place, other in zip(*np.nonzero(distances == 1), strict=True):
            row = int(asked[place])
            found.append((min(row, int(other)), max(row, int(other))))
    pairs = pl.DataFrame(found, {"left": pl.UInt32, "right": pl.UInt32}, orient="row").unique()
    pairs.write_parquet(output)
    pl.DataFrame({"row": rows}).write_parquet(Path(output).with_name("sampled.parquet"))
    print(json.dumps({"pairs": len(pairs)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
