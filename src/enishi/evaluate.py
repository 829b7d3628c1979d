"""How good customers are, against the truth.

Pairs are counted, never listed: the contingency table of customers and people (how many records of this person does
this customer hold) says how many pairs of records a partition has, how many the truth has, and how many both have.
The table has at most one cell a record, so a hundred million records cost a few sorts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from enishi import schema
from enishi.components import Ints, components
from enishi.curve import MOST_POINTS, CurvePoint, f1_of, share_of
from enishi.errors import InputError
from enishi.frozen import frozen


@frozen
class LargestCustomer:
    """One of the customers with most records.

    Attributes
    ----------
    customer_id : int
    records : int
        All of them, scored or not.
    persons : int
        How many people its scored records belong to.
    """

    customer_id: int
    records: int
    persons: int


@frozen
class Evaluation:
    """What ``evaluate`` measured, over the scored records: those whose person is known.

    Where there is nothing to be wrong about (no pair found, no pair to find), the score is 1.

    Attributes
    ----------
    records, scored : int
        All records, and those whose person is known.
    customers, persons : int
        Customers with a scored record, and people.
    true_pairs, found_pairs, correct_pairs : int
        Pairs of records of one person, of one customer, of both.
    precision, recall, f1 : float
        Pairwise: correct pairs in found pairs, in true pairs, and their harmonic mean.
    bcubed_precision, bcubed_recall, bcubed_f1 : float
        B-cubed: the same for each record, averaged over the records.
    strangers_merged : int
        Records whose person is not the most frequent one of their customer.
    strangers_merged_per_million : float
        The same per million scored records.
    largest : tuple of LargestCustomer
        The customers with most records, the largest first.
    """

    records: int
    scored: int
    customers: int
    persons: int
    true_pairs: int
    found_pairs: int
    correct_pairs: int
    precision: float
    recall: float
    f1: float
    bcubed_precision: float
    bcubed_recall: float
    bcubed_f1: float
    strangers_merged: int
    strangers_merged_per_million: float
    largest: tuple[LargestCustomer, ...]


def _column(table: pa.Table, name: str, what: str) -> pa.ChunkedArray:
    if name not in table.column_names:
        raise InputError(f"{what} has no column {name}")
    return table[name]


def _text(ids: pa.ChunkedArray) -> pa.ChunkedArray:
    """Record ids as text, in one type on both sides, in chunks whose offsets cannot overflow when joined."""
    return pc.cast(ids, pa.large_string())


def _positions(truth: pa.Table, table: pa.Table, what: str) -> Ints:
    """The row of the truth of every row of the table, -1 where it has none.

    Source by source, so that one column has to be looked up at a time, and not at all where both sides hold the
    source's records in the same order.
    """
    out = np.full(table.num_rows, -1, np.int64)
    known, sources = _column(truth, "source", "the truth"), _column(table, "source", what)
    for source in pc.unique(sources).to_pylist():
        mine = np.flatnonzero(pc.equal(sources, source).to_numpy())
        theirs = np.flatnonzero(pc.equal(known, source).to_numpy())
        if not len(theirs):
            continue
        ids = _text(_column(table, "record_id", what).take(pa.array(mine)))
        true_ids = _text(_column(truth, "record_id", "the truth").take(pa.array(theirs)))
        if ids.equals(true_ids):
            out[mine] = theirs
            continue
        found = pc.fill_null(pc.index_in(ids, value_set=true_ids), -1).to_numpy()
        out[mine] = np.where(found < 0, -1, theirs[found])
    return out


def _counts_by_source(table: pa.Table, rows: NDArray[np.bool_]) -> str:
    counts = pc.value_counts(table["source"].filter(pa.array(rows))).to_pylist()
    return ", ".join(f"{c['values']} {c['counts']:,}" for c in sorted(counts, key=lambda c: str(c["values"])))


def _matched(customers: pa.Table, truth: pa.Table) -> Ints:
    """The row of the truth of every record; an error where either side has a record that the other has not."""
    rows = _positions(truth, customers, "customers")
    faults = []
    if (absent := rows < 0).any():
        faults.append(f"{absent.sum():,} records have no truth ({_counts_by_source(customers, absent)})")
    hits = np.bincount(rows[rows >= 0], minlength=truth.num_rows)
    if (absent := hits == 0).any():
        faults.append(f"{absent.sum():,} records of the truth have no customer ({_counts_by_source(truth, absent)})")
    if (twice := hits > 1).any():
        faults.append(f"{twice.sum():,} records occur more than once ({_counts_by_source(truth, twice)})")
    if faults:
        raise InputError("customers and truth do not hold the same records: " + "; ".join(faults))
    return rows


def _codes(values: pa.ChunkedArray) -> tuple[Ints, pa.Array]:
    """Values as numbers from 0, and the values they stand for."""
    encoded = pc.dictionary_encode(values).combine_chunks()
    return encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64), encoded.dictionary


def _pairs(counts: Ints) -> int:
    return int((counts * (counts - 1) // 2).sum())


def evaluate(customers: pa.Table, truth: pa.Table, *, largest: int = 10) -> Evaluation:
    """Score customers against the truth.

    Parameters
    ----------
    customers : pyarrow.Table
        ``source``, ``record_id`` and ``customer_id`` of every record.
    truth : pyarrow.Table
        ``source``, ``record_id`` and ``person_id``; a record with a null person counts for nothing.
    largest : int
        How many of the largest customers to name.

    Returns
    -------
    Evaluation
        Pairwise and B-cubed scores, strangers merged, and the largest customers.

    Raises
    ------
    InputError
        Where the two do not hold the same records: how many of which source are missing on which side.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from enishi.evaluate import evaluate
    >>> records = {"source": ["web"] * 4, "record_id": ["1", "2", "3", "4"]}
    >>> customers = pa.table({**records, "customer_id": [7, 7, 7, 9]})
    >>> truth = pa.table({**records, "person_id": [1, 1, 2, 2]})
    >>> result = evaluate(customers, truth)
    >>> result.found_pairs, result.true_pairs, result.correct_pairs
    (3, 2, 1)
    >>> result.recall, result.strangers_merged
    (0.5, 1)
    """
    rows = _matched(customers, truth)
    customer, customer_ids = _codes(_column(customers, "customer_id", "customers"))
    persons = _column(truth, "person_id", "the truth").take(pa.array(rows))
    scored = pc.is_valid(persons).to_numpy()
    sizes = np.bincount(customer, minlength=len(customer_ids))
    customer = customer[scored]
    person, person_ids = _codes(persons.filter(pa.array(scored)))

    cells, held = np.unique(customer * max(len(person_ids), 1) + person, return_counts=True)
    cell_customer, cell_person = np.divmod(cells, max(len(person_ids), 1))
    of_customer = np.bincount(customer, minlength=len(customer_ids))
    of_person = np.bincount(person, minlength=len(person_ids))
    persons_in = np.bincount(cell_customer, minlength=len(customer_ids))

    true_pairs, found_pairs, correct_pairs = _pairs(of_person), _pairs(of_customer), _pairs(held)
    precision, recall = share_of(correct_pairs, found_pairs), share_of(correct_pairs, true_pairs)
    count = len(customer)
    squares = held.astype(np.float64) ** 2
    bcubed_precision = share_of(float((squares / of_customer[cell_customer]).sum()), count)
    bcubed_recall = share_of(float((squares / of_person[cell_person]).sum()), count)
    # Cells stand in order of their customer: the largest of each run is its most frequent person.
    starts = np.flatnonzero(np.diff(cell_customer, prepend=-1))
    strangers = count - int(np.maximum.reduceat(held, starts).sum()) if count else 0

    ids = customer_ids.to_numpy(zero_copy_only=False)
    order = np.lexsort((ids, -sizes))[:largest]
    return Evaluation(
        records=len(rows),
        scored=count,
        customers=int((of_customer > 0).sum()),
        persons=len(person_ids),
        true_pairs=true_pairs,
        found_pairs=found_pairs,
        correct_pairs=correct_pairs,
        precision=precision,
        recall=recall,
        f1=f1_of(precision, recall),
        bcubed_precision=bcubed_precision,
        bcubed_recall=bcubed_recall,
        bcubed_f1=f1_of(bcubed_precision, bcubed_recall),
        strangers_merged=strangers,
        strangers_merged_per_million=strangers / count * 1e6 if count else 0.0,
        largest=tuple(LargestCustomer(int(ids[k]), int(sizes[k]), int(persons_in[k])) for k in order),
    )


def precision_recall(
    customers: pa.Table, truth: pa.Table, links: pa.Table, evidence: pa.Table
) -> tuple[tuple[CurvePoint, ...], CurvePoint | None]:
    """Precision and recall over the thresholds of matching by probability, from the run's own threshold up.

    What identifiers and rules join stays; the links of the match are added from the heaviest down, and what they join
    is counted after each. To see lower thresholds, resolve with a lower one.

    Parameters
    ----------
    customers, truth : pyarrow.Table
        As for `evaluate`.
    links, evidence : pyarrow.Table
        Of the same graph.

    Returns
    -------
    curve : tuple of CurvePoint
        At the lightest link and at each whole weight above it, at most ``MOST_POINTS`` of them. Empty where no link has
        a weight.
    best : CurvePoint or None
        The threshold of the best F1, of all weights.

    Raises
    ------
    InputError
        Where customers and truth do not hold the same records.
    """
    matches = links.filter(pc.is_valid(links["match_weight"]))
    rows = _matched(customers, truth)
    if not matches.num_rows:
        return (), None
    persons = _column(truth, "person_id", "the truth").take(pa.array(rows))
    scored = pc.is_valid(persons).to_numpy()
    person = np.full(len(rows), -1, np.int64)
    person[scored] = _codes(persons.filter(pa.array(scored)))[0]
    true_pairs = _pairs(np.bincount(person[scored]))
    customer, _ = _codes(customers["customer_id"])
    ends = [_ends(customers, links, side) for side in ("left", "right")]
    weights = links["match_weight"].to_numpy()
    by_weight = ~np.isnan(weights)
    apart = _without(customer, ends, by_weight, evidence)
    sweep = _Sweep(apart, person)
    order = np.argsort(-weights[by_weight], kind="stable")
    left, right = (side[by_weight][order].tolist() for side in ends)
    descending = weights[by_weight][order]
    counts = np.array([sweep.join(one, other) for one, other in zip(left, right, strict=True)], np.int64)
    # Links of one weight stand or fall together: the last of them counts.
    last = np.flatnonzero(np.append(np.diff(descending) != 0, True))

    def point(threshold: float, at: int) -> CurvePoint:
        found, correct = (int(n) for n in counts[at])
        precision, recall = share_of(correct, found), share_of(correct, true_pairs)
        return CurvePoint(threshold, found, precision, recall, f1_of(precision, recall))

    f1 = 2 * counts[last, 1] / np.maximum(counts[last, 0] + true_pairs, 1)
    best = int(last[int(np.argmax(f1))])
    lightest = float(descending[-1])
    whole = range(math.ceil(lightest), math.ceil(float(descending[0])))[: MOST_POINTS - 1]
    curve = [point(float(t), int(np.searchsorted(-descending, -t, side="right")) - 1) for t in whole if t > lightest]
    return (point(lightest, len(counts) - 1), *curve), point(float(descending[best]), best)


def _ends(customers: pa.Table, links: pa.Table, side: str) -> Ints:
    """The rows of customers at one side of the links."""
    named = links.select([f"{side}_source", f"{side}_record_id"]).rename_columns(["source", "record_id"])
    rows = _positions(customers, named, "links")
    if (rows < 0).any():
        raise InputError("links name records that customers does not have")
    return rows


def _without(customer: Ints, ends: Sequence[Ints], by_weight: NDArray[np.bool_], evidence: pa.Table) -> Ints:
    """Labels of the records as they hang together without the links of the match."""
    touched = np.zeros(int(customer.max()) + 1, bool)
    touched[customer[ends[0][by_weight]]] = True
    inside = touched[customer]
    heads = evidence.filter(pc.is_valid(evidence["rows"])).select(["profile", "rows"])
    positions = pc.list_flatten(heads["rows"]).to_numpy().astype(np.int64)
    profiles = heads["profile"].take(pc.list_parent_indices(heads["rows"])).to_numpy()
    holding = evidence.filter(pc.is_in(evidence["state"].cast(pa.string()), pa.array(schema.HOLDING)))
    field, fields = _codes(holding["field"].cast(pa.string()))
    key, _ = _codes(holding["key"])
    value = key * max(len(fields), 1) + field
    # Each record with each value of its profile.
    order = np.argsort(profiles, kind="stable")
    first = np.searchsorted(profiles[order], holding["profile"].to_numpy(), side="left")
    end = np.searchsorted(profiles[order], holding["profile"].to_numpy(), side="right")
    size = end - first
    at = np.repeat(first - np.cumsum(size) + size, size) + np.arange(int(size.sum()))
    row = positions[order][at]
    value = np.repeat(value, size)
    kept = inside[row]
    row, value = row[kept], value[kept]
    # Contested and limited values hold only those of their carriers together who are one customer.
    _, hub = np.unique(np.stack([customer[row], value]), axis=1, return_inverse=True)
    pairs = np.flatnonzero(~by_weight & inside[ends[0]])
    rules = np.arange(len(pairs)) + len(hub)
    row = np.concatenate([row, ends[0][pairs], ends[1][pairs]])
    hub = np.concatenate([hub.ravel(), rules, rules])
    # Customers whom no such link holds together are as they are.
    label = components(row, hub, len(customer))
    label[~inside] = len(customer) + customer[~inside]
    return np.unique(label, return_inverse=True)[1].astype(np.int64)


class _Sweep:
    """Groups of records that are joined one by one; what pairs they make, and how many of them are right."""

    def __init__(self, group: Ints, person: Ints) -> None:
        self._group = group
        self._parent: dict[int, int] = {}
        scored = person >= 0
        persons = int(person.max(initial=-1)) + 1
        cells, held = np.unique(group[scored] * max(persons, 1) + person[scored], return_counts=True)
        self._found = _pairs(np.bincount(group[scored]))
        self._correct = _pairs(held)
        self._cells, self._held, self._persons = cells, held, max(persons, 1)
        self._people: dict[int, dict[int, int]] = {}

    def join(self, one: int, other: int) -> tuple[int, int]:
        """Joins the groups of two records; returns the pairs found and the correct ones."""
        a, b = self._root(int(self._group[one])), self._root(int(self._group[other]))
        if a != b:
            few, many = sorted((self._of(a), self._of(b)), key=len)
            self._found += sum(few.values()) * sum(many.values())
            self._correct += sum(n * many.get(person, 0) for person, n in few.items())
            for person, n in few.items():
                many[person] = many.get(person, 0) + n
            self._parent[b] = a
            self._people[a] = many
            self._people.pop(b)
        return self._found, self._correct

    def _root(self, group: int) -> int:
        path = []
        while group in self._parent:
            path.append(group)
            group = self._parent[group]
        self._parent.update(dict.fromkeys(path, group))
        return group

    def _of(self, group: int) -> dict[int, int]:
        """How many records of which person a group holds."""
        if group not in self._people:
            first, end = np.searchsorted(self._cells, [group * self._persons, (group + 1) * self._persons])
            people = (self._cells[first:end] % self._persons).tolist()
            self._people[group] = dict(zip(people, self._held[first:end].tolist(), strict=True))
        return self._people[group]


def recall_ceiling(truth: pa.Table, keys: pa.Table) -> float:
    """The share of true pairs that any identifier connects at all.

    Each person's records are joined wherever two of them carry one key, directly or over further records of the same
    person. What remains apart, no engine can join by identifiers, however well it works.

    Parameters
    ----------
    truth : pyarrow.Table
        ``source``, ``record_id`` and ``person_id``.
    keys
        ``source``, ``record_id`` and ``key``: one row for a record and an identifier that it carries.

    Returns
    -------
    float
        The ceiling of pairwise recall.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from enishi.evaluate import recall_ceiling
    >>> truth = pa.table({"source": ["web"] * 3, "record_id": ["1", "2", "3"], "person_id": [1, 1, 1]})
    >>> keys = pa.table({"source": ["web"] * 3, "record_id": ["1", "2", "3"], "key": ["a", "a", "b"]})
    >>> round(recall_ceiling(truth, keys), 3)
    0.333
    """
    persons = _column(truth, "person_id", "the truth")
    scored = pc.is_valid(persons).to_numpy()
    code, person_ids = _codes(persons.filter(pa.array(scored)))
    true_pairs = _pairs(np.bincount(code, minlength=len(person_ids)))
    person = np.full(truth.num_rows, -1, np.int64)
    person[scored] = code
    row = _positions(truth, keys, "keys")
    if (absent := row < 0).any():
        raise InputError(f"{absent.sum():,} records with keys have no truth ({_counts_by_source(keys, absent)})")
    key, key_values = _codes(_column(keys, "key", "keys"))
    used = scored[row]
    row, key = row[used], key[used]
    component = components(row, person[row] * max(len(key_values), 1) + key, truth.num_rows)
    sizes = np.bincount(component[scored], minlength=truth.num_rows)
    return share_of(_pairs(sizes), true_pairs)
