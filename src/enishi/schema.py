"""The tables that a run gives: their columns, in one place."""

from __future__ import annotations

import os
from collections.abc import Mapping

import pyarrow as pa

from enishi.errors import InputError

KEY = pa.binary(16)
ROWS = pa.large_list(pa.field("element", pa.uint32()))  # as Parquet calls it, so that a table comes back as it went
STATES = ("links", "generic", "contested", "incomplete", "limited", "bridge", "recycled")
# The states in which a value joins all or some of those who carry it, as the compiled core numbers what came of it.
HOLDING = ("links", "contested", "limited", "bridge", "recycled")
# As the compiled core numbers them.
REFUSALS = ("conflict", "unsupported", "ambiguous", "contested", "bridge", "limit", "outweighed")
OUTPUTS = ("customers", "identifiers", "links", "refused", "evidence", "summary")
# What readers of a run take from its summary.
SUMMARY: dict[str, type] = dict.fromkeys(("records", "customers", "contested_values"), int) | dict.fromkeys(
    ("sources", "sizes", "fields", "links", "refused", "health", "near", "limits", "capped", "rule_conflicts"), dict
)
# What a reader has to know to recompute a key; the run says beside it whether a secret was used.
KEY_ALGORITHM = (
    "enishi-1: SipHash-2-4-128(key = SipHash-2-4-128(secret, 'enishi 1' NUL field NUL namespace), canonical)"
)


def customers(record_id: pa.DataType, household: bool = False) -> pa.Schema:
    """One row for every record, in input order; its household is null where the customer has none beyond itself."""
    fields = [
        pa.field("source", pa.dictionary(pa.int32(), pa.string()), nullable=False),
        pa.field("record_id", record_id, nullable=False),
        pa.field("customer_id", pa.int64(), nullable=False),
    ]
    return pa.schema([*fields, pa.field("household_id", pa.int64())] if household else fields)


def check_run(path: os.PathLike[str], summary: object, found: Mapping[str, pa.Schema]) -> None:
    """Checks what a directory holds: a summary, and under the names of outputs their tables.

    Raises
    ------
    InputError
    """
    tables = {"customers": customers(pa.string()), "identifiers": identifiers(False), "links": links(pa.string())}
    tables |= {"refused": refused(pa.string()), "evidence": EVIDENCE}
    if not isinstance(summary, dict) or not all(isinstance(summary.get(name), kind) for name, kind in SUMMARY.items()):
        raise InputError(no_output(path))
    for name in sorted(tables.keys() & found.keys()):
        if not set(tables[name].names).issubset(found[name].names):
            raise InputError(no_output(path, name))


def no_output(path: os.PathLike[str], name: str = "customers") -> str:
    """What is said of a directory that does not hold the files of a run."""
    return f"'{path}' is not the output of a run: {name}.parquet or summary.json is missing or broken"


def identifiers(with_values: bool) -> pa.Schema:
    """One row for an identifier's value and the customer who carries it; a generic value belongs to nobody."""
    fields = [
        pa.field("customer_id", pa.int64()),
        pa.field("field", pa.dictionary(pa.int32(), pa.string()), nullable=False),
        pa.field("key", KEY, nullable=False),
        pa.field("records", pa.int64(), nullable=False),
        pa.field("generic", pa.bool_(), nullable=False),
        pa.field("first_seen", pa.timestamp("us", tz="UTC")),
        pa.field("last_seen", pa.timestamp("us", tz="UTC")),
    ]
    return pa.schema([*fields, pa.field("value", pa.string())] if with_values else fields)


def links(record_id: pa.DataType) -> pa.Schema:
    """One row for a link that no shared identifier makes; the left record is the smaller one."""
    return pa.schema(
        [
            pa.field("left_source", pa.string(), nullable=False),
            pa.field("left_record_id", record_id, nullable=False),
            pa.field("right_source", pa.string(), nullable=False),
            pa.field("right_record_id", record_id, nullable=False),
            pa.field("rule", pa.string(), nullable=False),
            pa.field("match_weight", pa.float64()),
            pa.field("evidence", pa.string(), nullable=False),
        ]
    )


def refused(record_id: pa.DataType) -> pa.Schema:
    """One row for a link that something speaks for and that was not made; its ends are of different customers."""
    return links(record_id).append(pa.field("reason", pa.string(), nullable=False))


# One row for a profile (equal records of one source) and an identifier that it carries. `rows` are the profile's
# positions in customers.parquet, on its first row only; `state` says whether the value links, or why not.
EVIDENCE = pa.schema(
    [
        pa.field("profile", pa.uint32(), nullable=False),
        pa.field("field", pa.dictionary(pa.int32(), pa.string()), nullable=False),
        pa.field("key", KEY, nullable=False),
        pa.field("state", pa.dictionary(pa.int32(), pa.string()), nullable=False),
        pa.field("rows", ROWS),
    ]
)
