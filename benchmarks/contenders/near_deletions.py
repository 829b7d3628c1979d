"""Near cards with Polars: ``python -m benchmarks.contenders.near_deletions VALUES COLUMN OUTPUT [KEYS]`` prints JSON.

Two numbers of one length that are one substitution or transposition apart leave the same digits when one digit is
deleted from each; so each number is listed under what every deletion leaves of it, and numbers listed under one key are
compared. KEYS is ``text``, as it is written for any text, or ``integers``, which digits alone allow.
"""

from __future__ import annotations

import json
import sys
import time

import polars as pl

DIGITS = 16


def _keys(text: pl.Expr, place: int, integers: bool) -> pl.Expr:
    if not integers:
        return text.str.head(place) + text.str.slice(place + 1)
    number, below = text.cast(pl.UInt64), 10 ** (DIGITS - 1 - place)
    return number // (10 * below) * below + number % below


def near(values: pl.Series, integers: bool) -> pl.DataFrame:
    """Pairs of values at distance 1."""
    numbered = pl.LazyFrame({"text": values}).with_row_index("row")
    lists = pl.concat(
        [numbered.select("row", _keys(pl.col("text"), place, integers).alias("key")) for place in range(DIGITS)]
    ).unique()
    shared = lists.filter(pl.len().over("key") > 1)
    pairs = shared.join(shared, on="key", suffix="_right").filter(pl.col("row") < pl.col("row_right"))
    left, right = numbered, numbered.rename({"row": "row_right", "text": "text_right"})
    told = pairs.select("row", "row_right").unique().join(left, on="row").join(right, on="row_right")
    # Equal but for one place, or for two neighbors that changed places.
    digits = [pl.col("text").str.slice(place, 1) for place in range(DIGITS)]
    others = [pl.col("text_right").str.slice(place, 1) for place in range(DIGITS)]
    differ = pl.sum_horizontal(*(a != b for a, b in zip(digits, others, strict=True)))
    swapped = pl.any_horizontal(
        *((digits[i] == others[i + 1]) & (digits[i + 1] == others[i]) & (digits[i] != others[i]) for i in range(DIGITS - 1))
    )
    near_enough = told.filter((differ == 1) | ((differ == 2) & swapped))
    return near_enough.select(left="row", right="row_right").collect()


def main(path: str, column: str, output: str, keys: str = "text") -> None:
    values = pl.read_parquet(path, columns=[column])[column]
    start = time.perf_counter()
    pairs = near(values, keys == "integers")
    seconds = time.perf_counter() - start
    pairs.write_parquet(output)
    print(json.dumps({"seconds": seconds, "pairs": len(pairs)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
