"""Near cards with Polars: ``python -m benchmarks.contenders.near_deletions VALUES COLUMN OUTPUT`` prints JSON.

Two numbers of one length that are one substitution or transposition apart leave the same digits when one digit is
deleted from each; so each number is listed under what every deletion leaves of it, and numbers listed under one key are
compared. The keys are hashed: joining on the text itself takes three times as long, on integers no less.
"""

from __future__ import annotations

import json
import sys
import time

import polars as pl

DIGITS = 16


def near(values: pl.Series) -> pl.DataFrame:
    """Pairs of values at distance 1."""
    numbered = pl.LazyFrame({"text": values}).with_row_index("row")
    text = pl.col("text")
    keys = [(text.str.head(place) + text.str.slice(place + 1)).hash() for place in range(DIGITS)]
    shared = pl.concat([numbered.select("row", key=key) for key in keys]).filter(pl.len().over("key") > 1).collect()
    met = shared.lazy().join(shared.lazy(), on="key", suffix="_right").filter(pl.col("row") < pl.col("row_right"))
    other = numbered.rename({"row": "row_right", "text": "text_right"})
    pairs = met.select("row", "row_right").unique().join(numbered, on="row").join(other, on="row_right")
    # Equal but for one place, or for two neighbors that changed places.
    left = [text.str.slice(place, 1) for place in range(DIGITS)]
    right = [pl.col("text_right").str.slice(place, 1) for place in range(DIGITS)]
    differ = pl.sum_horizontal(*(a != b for a, b in zip(left, right, strict=True)))
    swapped = pl.any_horizontal(
        *((left[i] == right[i + 1]) & (left[i + 1] == right[i]) & (left[i] != right[i]) for i in range(DIGITS - 1))
    )
    near_enough = pairs.filter((differ == 1) | ((differ == 2) & swapped))
    return near_enough.select(left="row", right="row_right").collect()


def main(path: str, column: str, output: str) -> None:
    values = pl.read_parquet(path, columns=[column])[column]
    start = time.perf_counter()
    pairs = near(values)
    seconds = time.perf_counter() - start
    pairs.write_parquet(output)
    print(json.dumps({"seconds": seconds, "pairs": len(pairs)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
