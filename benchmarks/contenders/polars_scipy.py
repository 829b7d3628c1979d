"""Exact identifiers with Polars and SciPy: ``python -m benchmarks.contenders.polars_scipy RECORDS OUTPUT [EDGES]``.

Each identifier's values are hashed to 64 bits and each record tied to the first that has its value, column by column so
that only one column's text is ever in memory; SciPy finds the components of what results. Grouping by the text itself
takes a quarter longer and more memory, and two equal hashes would show where the partitions are compared. With EDGES,
the edges are written there instead, once each: what a clusterer of edges starts from.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import polars as pl
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

IDENTIFIERS = ("email", "phone", "device_id", "payment_token", "loyalty_card")


def edges(records: pl.LazyFrame, identifier: str) -> pl.DataFrame:
    """The first record that has a value, and each other that has it, as row numbers."""
    return (
        records.select(identifier)
        .with_row_index("row")
        .drop_nulls()
        .with_columns(pl.col(identifier).hash())
        .select(pl.col("row").min().over(identifier).alias("first"), "row")
        .filter(pl.col("first") != pl.col("row"))
        .collect()
    )


def main(path: str, output: str, prepared: str | None = None) -> None:
    records = pl.scan_parquet(path)
    found = pl.concat([edges(records, identifier) for identifier in IDENTIFIERS])
    if prepared is not None:
        found.unique().write_parquet(prepared)
        return
    rows = records.select(pl.len()).collect().item()
    first, row = (found[name].to_numpy().astype(np.int32) for name in ("first", "row"))
    del found
    graph = coo_matrix((np.ones(len(row), np.bool_), (first, row)), shape=(rows, rows))
    del first, row
    _, customers = connected_components(graph, directed=False)
    Path(output).mkdir()
    labels = pl.lit(pl.Series("customer_id", customers))
    records.select("record_id", labels).sink_parquet(Path(output) / "customers.parquet")


if __name__ == "__main__":
    main(*sys.argv[1:])
