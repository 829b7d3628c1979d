"""Splink's clustering of prepared edges: ``python -m benchmarks.contenders.splink_clusters ROWS EDGES OUTPUT``.

The nodes are row numbers, which is the cheapest id there is; nothing is blocked, scored or joined back to the records.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import duckdb
from splink import DuckDBAPI
from splink.clustering import cluster_pairwise_predictions_at_threshold


def main(rows: str, edges: str, output: str) -> None:
    logging.getLogger("splink").setLevel(logging.ERROR)
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    connection.execute(f"CREATE VIEW nodes AS SELECT range::INTEGER AS row_number FROM range({int(rows)})")
    connection.execute(
        "CREATE VIEW edges AS SELECT first::INTEGER AS row_number_l, row::INTEGER AS row_number_r "
        f"FROM read_parquet('{edges}')"
    )
    clusters = cluster_pairwise_predictions_at_threshold(
        connection.table("nodes"), connection.table("edges"), DuckDBAPI(connection), node_id_column_name="row_number"
    )
    Path(output).mkdir()
    found = clusters.as_duckdbpyrelation().project("row_number, cluster_id AS customer_id")
    found.write_parquet(str(Path(output) / "customers.parquet"))


if __name__ == "__main__":
    main(*sys.argv[1:])
