"""How good customers are, pairwise: ``python -m benchmarks.contenders.pairwise CUSTOMERS TRUTH`` prints JSON.

CUSTOMERS has ``record_id`` and ``customer_id``, TRUTH ``record_id`` and ``person_id``; records without a person count
for nobody.
"""

from __future__ import annotations

import json
import sys

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq


def pairs(table: pa.Table, *columns: str) -> int:
    """How many pairs of rows agree in some columns.

    Examples
    --------
    >>> pairs(pa.table({"customer_id": [1, 1, 1, 2], "person_id": [7, 7, 8, 8]}), "customer_id")
    3
    """
    counts = table.group_by(list(columns)).aggregate([([], "count_all")])["count_all"].to_numpy().astype(np.int64)
    return int((counts * (counts - 1) // 2).sum())


def main(customers: str, truth: str) -> None:
    known = pq.read_table(truth, columns=["record_id", "person_id"])
    found = pq.read_table(customers, columns=["record_id", "customer_id"])
    at = pc.index_in(known["record_id"], value_set=found["record_id"].combine_chunks().cast(known["record_id"].type))
    if at.null_count or len(found) != len(known):
        raise SystemExit(f"{customers} has other records than {truth}")
    both = pa.table({"customer_id": found["customer_id"].take(at), "person_id": known["person_id"]})
    both = both.filter(pc.is_valid(both["person_id"]))
    right = pairs(both, "customer_id", "person_id")
    precision, recall = right / max(pairs(both, "customer_id"), 1), right / max(pairs(both, "person_id"), 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-300)
    print(json.dumps({"precision": precision, "recall": recall, "f1": f1}))


if __name__ == "__main__":
    main(*sys.argv[1:])
