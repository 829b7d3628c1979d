"""What a graph tells of itself, without the truth.

largest         the customers with most records, and where each hangs together most weakly
cut             customers whom contested, limited and recycled values would have made one: each group is what plain
                connected components would have joined, had names, birth dates, limits and times not been asked
unlinkable      records that nothing could link, whoever else were there
near_threshold  links by probability that a slightly higher threshold would not make
expected        what the match weights promise: a link of weight w is right with odds of 2 to the power of w, and so
                is a pair that is none, where nothing forbids it; both are as good as the model is
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from enishi.components import components
from enishi.curve import share_of
from enishi.graph import Assembled, evidence_of, value_states
from enishi.link import Linked, columns_of_rule
from enishi.memory import RecordIds
from enishi.normalize import Codes, Normalization

if TYPE_CHECKING:
    from enishi.lookup import MemoryTables

LARGEST = 10
LOOKED_INTO = 10_000  # records above which a customer's weakest cut is left to `explain`
WITHIN = 2.0  # of the threshold, in match weight


def health(
    normalized: Normalization,
    linked: Linked,
    record_ids: RecordIds,
    made: Assembled,
    lost: dict[str, int],
    *,
    weakest: bool,
) -> dict[str, Any]:
    """The health of a graph, as the summary has it.

    Parameters
    ----------
    normalized : Normalization
    linked : Linked
    record_ids : RecordIds
    made : Assembled
    lost : dict
        What `unlinkable` counted.
    weakest : bool
        Look where the largest customers are weakest; for a few records that takes as long as all the rest.
    """
    return {
        "largest": _largest(normalized, linked, record_ids, made, weakest),
        "cut": _cut(made.contested),
        "unlinkable": lost,
        "near_threshold": _near_threshold(linked, made.links),
        "expected": _expected(linked, made.links),
    }


def _largest(
    normalized: Normalization, linked: Linked, record_ids: RecordIds, made: Assembled, weakest: bool
) -> list[dict[str, Any]]:
    # Of equally large ones those with the smallest ids, so that the order of the records does not decide.
    least = np.partition(made.sizes, -LARGEST)[-LARGEST] if len(made.sizes) > LARGEST else 0
    candidates = np.flatnonzero(made.sizes >= max(least, 1))
    largest = candidates[np.lexsort((made.ids[candidates], -made.sizes[candidates].astype(np.int64)))][:LARGEST]
    looked_into = [number for number in largest.tolist() if 1 < made.sizes[number] <= LOOKED_INTO]
    found: dict[int, dict[str, Any]] = {}
    if weakest and "evidence" in made.tables and looked_into:
        from enishi.explain import explain_customer

        tables = _part(normalized, linked, record_ids, made, looked_into)
        for number in looked_into:
            told = explain_customer(tables, int(made.ids[number]))
            if told.cut:
                found[number] = {
                    "by": told.cut[0].by,
                    "strength": round(told.cut[0].strength, 2),
                    "links": len(told.cut),
                    "sides": list(told.sides),
                }
    return [
        {"customer_id": int(made.ids[number]), "records": int(made.sizes[number]), "weakest": found.get(number)}
        for number in largest.tolist()
    ]


def _part(
    normalized: Normalization, linked: Linked, record_ids: RecordIds, made: Assembled, customers: list[int]
) -> MemoryTables:
    """The records of some customers, what they carry, and their links."""
    from enishi.lookup import MemoryTables

    wanted = np.zeros(len(made.ids), bool)
    wanted[customers] = True
    held = np.zeros(len(linked.linking.bound()), bool)
    profile = normalized.profiles.of_record()
    held[profile[wanted[made.of_record]]] = True
    # Where nothing binds a profile, its records are customers of their own: these rows may be more than wanted.
    rows = np.flatnonzero(held[profile])
    source = pa.array(normalized.source_names).take(pa.array(linked.linking.sources_of(rows)))
    people = {
        "source": source,
        "record_id": record_ids.take(rows.astype(np.uint32)),
        "customer_id": made.ids[made.of_record[rows]],
    }
    profiles = np.flatnonzero(held)
    ends = np.flatnonzero(np.diff(profiles, append=-1) != 1)
    starts = np.concatenate([[0], ends[:-1] + 1])
    states = value_states(linked)
    evidence = [
        _at(evidence_of(linked, states, start, end + 1), rows)
        for start, end in zip(profiles[starts].tolist(), profiles[ends].tolist(), strict=True)
    ]
    kinds = {each.declared.name: {"kind": type(each.declared).kind} for each in linked.identifiers}
    tables = {"customers": pa.table(people), "links": made.links, "evidence": pa.Table.from_batches(evidence)}
    return MemoryTables(tables, {"fields": kinds})


def _at(evidence: pa.RecordBatch, rows: npt.NDArray[np.int64]) -> pa.RecordBatch:
    """The same with positions among some rows instead of all."""
    lists = evidence["rows"]
    positions = np.searchsorted(rows, lists.values.to_numpy()).astype(np.uint32)
    placed = pa.Array.from_buffers(lists.type, len(lists), lists.buffers()[:2], children=[pa.array(positions)])
    return evidence.set_column(evidence.schema.get_field_index("rows"), "rows", placed)


def _cut(contested: Codes) -> dict[str, Any]:
    """Groups of customers that hang together on contested, limited and recycled values."""
    members, row = np.unique(contested[:, 2], return_inverse=True)
    hub = np.cumsum((np.diff(contested[:, :2], axis=0, prepend=contested[:1, :2]) != 0).any(axis=1))
    sizes = np.bincount(components(row.ravel(), hub, len(members)))
    sizes = np.sort(sizes[sizes > 1])[::-1]
    return {"groups": len(sizes), "customers": int(sizes.sum()), "largest": sizes[:LARGEST].tolist()}


def unlinkable(normalized: Normalization, linked: Linked, *, exact: bool) -> dict[str, int]:
    """Records that nothing could link, in a run of exact identifiers only or one with rules and attributes too."""
    ways = [] if exact else [way for rule in normalized.bound.model.rules for way in columns_of_rule(normalized, rule)]
    if linked.matches is not None:
        ways += [[slot] for _, slots in normalized.attributes.values() for slot in slots]
    generic, bare = linked.linking.unlinkable(ways)
    return {"records": generic + bare, "generic_identifiers_only": generic}


def _near_threshold(linked: Linked, links: pa.Table) -> dict[str, Any] | None:
    if linked.matches is None:
        return None
    threshold = linked.matches.summary["threshold"]
    near = int(np.count_nonzero(_weights(links) < threshold + WITHIN))
    return {"threshold": threshold, "within": WITHIN, "links": near}


def _weights(links: pa.Table) -> npt.NDArray[np.float64]:
    """The match weights of those links that have one."""
    weights = links["match_weight"].to_numpy()
    return np.asarray(weights[~np.isnan(weights)], np.float64)


def _expected(linked: Linked, links: pa.Table) -> dict[str, Any] | None:
    """Expected precision of the links by probability, and expected recall of all pairs of profiles.

    What was missed are pairs below the threshold; those that no blocking rule brings together nobody knows.
    """
    if linked.matches is None:
        return None
    weights = _weights(links)
    right = 1 / (1 + np.exp2(-weights))
    sizes = np.bincount(linked.linking.labels())
    found = int((sizes * (sizes - 1) // 2).sum())
    return {
        "links": len(weights),
        "wrong_links": round(float((1 - right).sum()), 2),
        "precision": round(float(right.mean()), 6) if len(weights) else None,
        "recall": round(share_of(found, found + linked.matches.summary["missed"]), 6),
    }
