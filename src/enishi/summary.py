"""What a run says of itself: counts and notices, never a person's value. ``summary.json`` is this, with its times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from enishi import schema
from enishi._normalize import STATUSES
from enishi.arrow import call
from enishi.bind import BoundColumn, Notice
from enishi.graph import Assembled
from enishi.handover import handovers
from enishi.link import Linked
from enishi.normalize import Normalization
from enishi.read import SourceReader

FEW = 1_000  # records of most customers, whose sizes are counted without being sorted
NAMED = 5  # of generic values, by field


def summarize(
    readers: Sequence[SourceReader],
    normalized: Normalization,
    linked: Linked,
    made: Assembled,
    fields: Mapping[str, Any],
    records: Mapping[str, int],
    collapsed: Mapping[str, int],
    seen: Mapping[str, Any],
    notices: Sequence[Notice],
) -> dict[str, Any]:
    """What was found, in counts.

    Parameters
    ----------
    readers : sequence of SourceReader
        The sources, which have been read.
    normalized, linked, made
        What the stages left.
    fields : mapping
        As `field_counts` gave them.
    records, collapsed : mapping of str to int
        By source, its records, and those that came again and were taken as one.
    seen : mapping
        The graph's health.
    notices : sequence of Notice
    """
    bound = normalized.bound
    few = made.sizes < FEW
    frequency = np.bincount(made.sizes[few], minlength=FEW)
    many, of_many = np.unique(made.sizes[~few], return_counts=True)
    by_size = {int(size): int(frequency[size]) for size in np.flatnonzero(frequency)}
    by_size |= dict(zip(many.tolist(), of_many.tolist(), strict=True))
    return {
        "records": normalized.records,
        "customers": len(made.sizes),
        "profiles": len(normalized.profiles),
        "sources": {
            reader.name: {
                "records": records[reader.name],
                "identity": source.record_id or "hash of the row",
                "collapsed": collapsed[reader.name],
                "columns": {each.column: _meaning(each) for each in source.columns},
                "time": source.time,
                "unused": [column for column in reader.schema.names if column not in source.used()],
                "inputs": reader.fingerprint(),
            }
            for reader, source in zip(readers, bound.sources, strict=True)
        },
        "sizes": {str(size): n for size, n in by_size.items()},
        "largest": [each["records"] for each in seen["largest"]],
        "fields": fields,
        "links": {each["values"]: each["counts"] for each in call("value_counts", made.links["rule"]).to_pylist()},
        "refused": made.refused,
        "households": None if made.households is None else made.households.summary,
        "health": seen,
        "near": linked.near,
        "match": None if linked.matches is None else linked.matches.summary,
        "rule_conflicts": linked.rule_conflicts,
        "contested_values": linked.contested,
        "weak_bridges": sum(field.get("bridges", 0) for field in fields.values()),
        "limits": _limits(linked),
        "capped": {name: near for name, near in linked.near.items() if near["capped_groups"]},
        "notices": [str(notice) for notice in notices],
        "config": bound.model.digest(),
    }


def _limits(linked: Linked) -> dict[str, dict[str, int]]:
    """By limit that is declared, the joins it forbade and the customers that these would have joined."""
    refused = linked.linking.refused_by_limit() if linked.limits else []
    return {
        name: {"refused_joins": joins, "customers": customers}
        for name, (joins, customers) in zip(linked.limits, refused, strict=True)
        if name
    }


def _meaning(each: BoundColumn) -> str:
    """What a configuration maps the column to."""
    return next(target for target, part in each.field.targets().items() if part == each.part)


def field_counts(normalized: Normalization, linked: Linked) -> dict[str, Any]:
    """By field, how many values were read and refused, and what linking made of an identifier's.

    Parameters
    ----------
    normalized : Normalization
    linked : Linked
        Before the graph is assembled, which may drop the values' texts.
    """
    fields: dict[str, Any] = {}
    for (_, name), tally in normalized.tallies.items():
        known = fields.setdefault(name, {"filled": 0, "refused": {}})
        known["filled"] += tally.filled()
        for reason, n in tally.refused().items():
            known["refused"][reason] = known["refused"].get(reason, 0) + n
    changed = handovers(normalized, linked)
    for number, identifier in enumerate(linked.identifiers):
        status = identifier.values.status()
        counts = np.bincount(linked.linking.holding(number), minlength=len(schema.HOLDING)).tolist()
        holding = dict(zip(schema.HOLDING, counts, strict=True))
        groups = {int(value): int(n) for f, value, n in linked.generic if f == number}
        generic = np.flatnonzero(status == STATUSES.index("generic")).astype(np.uint32)
        records = linked.linking.carrying_records(number, generic.tolist())
        generic, records = generic[records > 0], records[records > 0]
        first = np.argsort(-records.astype(np.int64), kind="stable")[:NAMED]
        keys = identifier.values.key_names(generic[first])
        fields.setdefault(identifier.declared.name, {"filled": 0, "refused": {}}).update(
            {
                "kind": type(identifier.declared).kind,
                "distinct": len(identifier.values),
                "incomplete": int(np.count_nonzero(status == STATUSES.index("incomplete"))),
                "contested": holding["contested"],
                "slips": linked.linking.slips(number),
                "limited": holding["limited"],
                "recycled": changed[number],
                "bridges": holding["bridge"],
                "generic": {
                    "values": len(generic),
                    "records": int(records.sum()),
                    "listed": len(generic) - len(groups),
                    "largest": [
                        {
                            "key": key,
                            "records": int(records[i]),
                            "groups": groups.get(int(generic[i])),
                        }
                        for i, key in zip(first, keys, strict=True)
                    ],
                },
            }
        )
    return fields


__all__ = ["field_counts", "summarize"]
