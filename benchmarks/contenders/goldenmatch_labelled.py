"""goldenmatch on a list: ``python -m benchmarks.contenders.goldenmatch_labelled RECORDS OUTPUT``.

As it advertises itself: without configuration, which it finds by itself. It gets the records without the columns of
their source and number, with which it finds less.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import goldenmatch
import pyarrow as pa
import pyarrow.parquet as pq


def main(records: str, output: str) -> None:
    logging.disable(logging.WARNING)
    table = pq.read_table(records)
    # A list for which it finds no configuration that it trusts is refused, unless one asks for its best effort.
    found = goldenmatch.dedupe_df(table.drop_columns(["source", "record_id"]), confidence_required=False)
    customers = list(range(len(table)))
    for cluster in found.clusters.values():
        for row in cluster["members"]:
            customers[row] = cluster["members"][0]
    Path(output).mkdir()
    named = pa.table({"record_id": table["record_id"], "customer_id": pa.array(customers, pa.int64())})
    pq.write_table(named, Path(output) / "customers.parquet")


if __name__ == "__main__":
    main(*sys.argv[1:])
