"""A partition by its digest: ``python -m benchmarks.contenders.partition CUSTOMERS [RECORDS [WIDER]]`` prints JSON.

A contender names its customers as it likes; here each takes the number of its first record, so that equal partitions
have equal digests. Rows stand in the order of RECORDS, which is checked, or, without it, are told by ``row_number``.
With WIDER, customers in the same order, it tells too whether each customer lies within one of those.
"""

from __future__ import annotations

import hashlib
import json
import sys

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq


def first_records(labels: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """For each record the number of the first that has its label.

    Examples
    --------
    >>> first_records(np.array([7, 3, 7, 1]))
    array([0, 1, 0, 3])
    """
    _, first, place = np.unique(labels, return_index=True, return_inverse=True)
    return np.asarray(first[place], np.int64)


def lies_within(labels: npt.NDArray[np.int64], wider: npt.NDArray[np.int64]) -> bool:
    """Whether records of one label have one label in the wider partition too.

    Examples
    --------
    >>> lies_within(np.array([7, 3, 7, 1]), np.array([0, 2, 0, 2])), lies_within(np.array([0, 0]), np.array([0, 1]))
    (True, False)
    """
    return bool((wider[first_records(labels)] == wider).all())


def main(customers: str, records: str | None = None, wider: str | None = None) -> None:
    if records is None:
        table = pq.read_table(customers, columns=["row_number", "customer_id"])
        labels = np.empty(len(table), np.int64)
        labels[table["row_number"].to_numpy()] = table["customer_id"].to_numpy()
    else:
        asked, ours = (pq.read_table(path, columns=["record_id"])["record_id"] for path in (records, customers))
        if len(asked) != len(ours) or not asked.equals(ours.cast(asked.type)):
            raise SystemExit(f"{customers} has other records than {records}, or in another order")
        labels = pq.read_table(customers, columns=["customer_id"])["customer_id"].to_numpy().astype(np.int64)
    first = first_records(labels)
    customers_found = int(np.count_nonzero(first == np.arange(len(first))))
    told = {"digest": hashlib.sha256(first.tobytes()).hexdigest(), "customers": customers_found}
    if wider is not None:
        others = pq.read_table(wider, columns=["customer_id"])["customer_id"].to_numpy().astype(np.int64)
        told["within"] = lies_within(labels, others)
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
