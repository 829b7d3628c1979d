"""What a customer may not be, as declared: pairs of records that are, or are not, one customer, and unique sources.

What can be wrong with a table itself is said before anything is read, an unknown record or a contradiction before
anything is linked.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from enishi._tables import hash_records
from enishi.errors import InputError
from enishi.frozen import frozen
from enishi.model import Model
from enishi.pairs import Ordinals, Pairs, find_records, named_pairs

if TYPE_CHECKING:
    from enishi.memory import RecordIds
    from enishi.normalize import Codes, Normalization

MUST_LINK, CANNOT_LINK = "must-link", "cannot-link"
SHOWN = 8  # must-links of a path, in an error


@frozen
class Declared:
    """What is declared beside the limits of fields.

    Attributes
    ----------
    unique : frozenset of str
        The sources that are free of duplicates.
    must, cannot : Pairs
    """

    unique: frozenset[str]
    must: Pairs
    cannot: Pairs

    def any(self) -> bool:
        return len(self.unique) > 0 or len(self.must) > 0 or len(self.cannot) > 0


@frozen
class Constraints:
    """What is declared, in the numbers of a run.

    Attributes
    ----------
    unique : list of bool
        By rank of the source.
    must, cannot : uint32 array (n, 2)
        Pairs of profiles, each of one record.
    twins : uint32 array (n, 2)
        Profiles that such a record got for itself, and those that it was part of.
    must_rows : int64 array
        By must-link, its row in the table.
    """

    unique: list[bool]
    must: Codes
    cannot: Codes
    twins: Codes
    must_rows: Ordinals

    def any(self) -> bool:
        return any(self.unique) or len(self.must) > 0 or len(self.cannot) > 0


def declare(model: Model, sources: Sequence[str], must: Any, cannot: Any, link_only: bool) -> Declared:
    """What the model and the options of a run declare, checked as far as it can be before records are read.

    Parameters
    ----------
    model : Model
    sources : sequence of str
        The names of the inputs.
    must, cannot : Arrow data, path or None
        Tables of pairs; None: the files that the model names.
    link_only : bool
        Every source is unique.

    Raises
    ------
    InputError
        A table cannot be read, or names a source that is not there.

    Examples
    --------
    >>> import pyarrow as pa
    >>> pairs = {"left_source": ["web"], "left_record_id": [7], "right_source": ["app"], "right_record_id": [1]}
    >>> found = declare(Model(), ["web", "app"], pa.table(pairs), None, link_only=True)
    >>> len(found.must), len(found.cannot), sorted(found.unique)
    (1, 0, ['app', 'web'])
    """
    unique = sources if link_only else [source.name for source in model.sources if source.unique]
    return Declared(
        frozenset(unique),
        named_pairs(MUST_LINK, model.must_link if must is None else must, sources, match=True),
        named_pairs(CANNOT_LINK, model.cannot_link if cannot is None else cannot, sources, match=False),
    )


def constrain(declared: Declared, normalized: Normalization, ids: RecordIds, read: Mapping[str, int]) -> Constraints:
    """Finds the records that the tables name, and gives each a profile of its own.

    Parameters
    ----------
    declared : Declared
    normalized : Normalization
        After all batches.
    ids : RecordIds
    read : mapping of str to int
        By source, in input order, how many records there are.

    Raises
    ------
    InputError
        There is no record of a name, or what must be linked must not.
    """
    unique = [name in declared.unique for name in normalized.source_names]
    if not len(declared.must) and not len(declared.cannot):
        none = np.zeros((0, 2), np.uint32)
        return Constraints(unique, none, none, none, np.zeros(0, np.int64))
    must, cannot = (find_records(pairs, ids, read) for pairs in (declared.must, declared.cannot))
    _check(declared, must, cannot, read)
    twins = normalized.profiles.split(np.unique(np.concatenate([must, cannot])))
    _order_again(normalized, ids, read)
    for identifier in normalized.identifiers.values():
        identifier.values.carry_more(normalized.profiles, identifier.columns, np.ascontiguousarray(twins[:, 0]))
    ends = np.sort(must, axis=1)
    _, first = np.unique(ends, axis=0, return_index=True)
    kept = np.sort(first[ends[first, 0] != ends[first, 1]])
    profile, rows = normalized.profiles.of_record(), declared.must.rows[kept]
    return Constraints(unique, profile[must[kept]], profile[cannot], twins, rows)


def _order_again(normalized: Normalization, ids: RecordIds, read: Mapping[str, int]) -> None:
    """Orders the records once more: those that were split off stand where they do themselves."""
    normalized.profiles.forget_order()
    ends = np.cumsum(list(read.values()))
    names, start = list(read), 0
    for texts in ids.texts():
        # A batch of ids is of one source.
        source = names[int(np.searchsorted(ends, start, side="right"))]
        normalized.profiles.order(hash_records(source, texts))
        start += len(texts)


def _check(declared: Declared, must: Ordinals, cannot: Ordinals, read: Mapping[str, int]) -> None:
    """Raises where must-links join what may not be one customer."""
    ends = np.cumsum(list(read.values()))
    names = list(read)

    def source(record: int) -> str:
        return names[int(np.searchsorted(ends, record, side="right"))]

    joined = _joined(must.tolist())
    for row, (left, right) in zip(declared.cannot.rows.tolist(), cannot.tolist(), strict=True):
        place = declared.cannot.place(row)
        if left == right:
            raise InputError(f"{place} keeps a record apart from itself; take the row out")
        if left in joined and joined[left] == joined.get(right):
            path = _path(left, right, declared.must, must, source)
            raise InputError(f"{place} keeps apart two records that must-links join: {path}; take one of the rows out")
    first: dict[tuple[int, str], int] = {}
    for record, group in joined.items() if declared.unique else ():
        name = source(record)
        other = first.setdefault((group, name), record)
        if name in declared.unique and other != record:
            path = _path(other, record, declared.must, must, source)
            raise InputError(
                f"source '{name}' is unique, but must-links join two of its records: {path}; take one of the rows out, "
                "or let the source hold duplicates"
            )


def _joined(pairs: Iterable[Sequence[int]]) -> dict[int, int]:
    """By record, one record of those that pairs join it with."""
    parent: dict[int, int] = {}

    def find(record: int) -> int:
        while parent.setdefault(record, record) != record:
            parent[record] = record = parent[parent[record]]
        return record

    for left, right in pairs:
        parent[find(right)] = find(left)
    return {record: find(record) for record in list(parent)}


def _path(left: int, right: int, pairs: Pairs, must: Ordinals, source: Any) -> str:
    """The shortest way from one record to another over must-links, by the rows of their table."""
    steps: dict[int, list[tuple[int, int]]] = {}
    for row, (one, other) in zip(pairs.rows.tolist(), must.tolist(), strict=True):
        steps.setdefault(one, []).append((other, row))
        steps.setdefault(other, []).append((one, row))
    before: dict[int, tuple[int, int]] = {}
    queue = deque([left])
    while right not in before:
        record = queue.popleft()
        for other, row in steps[record]:
            if other != left and other not in before:
                before[other] = (record, row)
                queue.append(other)
    path = list(_back(right, left, before))[::-1]
    shown = [f"row {row} ({source(one)} – {source(other)})" for one, other, row in path[:SHOWN]]
    more = f" and {len(path) - SHOWN:,} more" if len(path) > SHOWN else ""
    return f"{pairs.name} table, {', '.join(shown)}{more}"


def _back(record: int, start: int, before: Mapping[int, tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
    while record != start:
        previous, row = before[record]
        yield previous, record, row
        record = previous
