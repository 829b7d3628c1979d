"""Values that changed hands, as the summary names them: how many, whose most records are, and when it happened.

Which values these are the compiled core decides (``csrc/enishi/handover.hpp``).
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from enishi.link import Linked
from enishi.normalize import Normalization

NAMED = 5  # values by field


def handovers(normalized: Normalization, linked: Linked) -> list[dict[str, Any]]:
    """By identifier, what is told of its values that changed hands.

    Each handover is a pair of dates (UTC): when the former owner was last seen with the value, and the next one first.

    Parameters
    ----------
    normalized : Normalization
    linked : Linked

    Examples
    --------
    >>> import enishi, pyarrow as pa
    >>> people = {"family_name": ["佐藤", "林"], "given_name": ["花子", "太郎"]}
    >>> seen = {"phone": ["090-1234-5678"] * 2, "seen_at": ["2021-03-04", "2023-08-09 18:00"]}
    >>> changed = enishi.resolve(pa.table(people | seen)).summary["fields"]["phone"]["recycled"]
    >>> changed["values"], changed["largest"][0]["owners"], changed["largest"][0]["handovers"]
    (1, 2, [['2021-03-04', '2023-08-09']])
    """
    # By value, the first and last day of each owner.
    by_value: list[dict[int, list[list[str]]]] = [{} for _ in linked.identifiers]
    for number, value, *tenure in linked.linking.handovers().tolist():
        by_value[number].setdefault(value, []).append([str(np.datetime64(time, "us"))[:10] for time in tenure])
    told = []
    for number, identifier in enumerate(linked.identifiers):
        values = np.array(sorted(by_value[number]), np.uint32)
        records = linked.linking.carrying_records(number, values.tolist())
        keys = identifier.values.key_names(values) if normalized.keeps_keys else [None] * len(values)
        listed = [
            {"key": key, "records": n, "owners": len(days), "handovers": _between(days)}
            for key, n, days in zip(keys, records.tolist(), (by_value[number][v] for v in values.tolist()), strict=True)
        ]
        listed.sort(key=lambda each: (-each["records"], each["key"] or "", each["handovers"]))
        told.append({"values": len(values), "records": int(records.sum()), "largest": listed[:NAMED]})
    return told


def _between(days: list[list[str]]) -> list[list[str]]:
    """When a former owner was last seen, and the next one first."""
    return [[before[1], after[0]] for before, after in pairwise(days)]
