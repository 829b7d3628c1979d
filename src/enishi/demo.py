"""A simulated shop from its making to three of its customers that a reader can follow.

The customers to tell of are chosen by rules, not by hand, and the same shop gives the same ones: one seen in the most
channels, one held together by a misspelling, and two people whom a shared value does not make one. Whether the truth
agrees is looked up afterwards and told either way.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from enishi import schema
from enishi._normalize import siphash
from enishi.evaluate import Evaluation, evaluate, recall_ceiling
from enishi.explain import Explanation
from enishi.frozen import frozen
from enishi.graph import CustomerGraph
from enishi.model import Model
from enishi.normalize import normalizer_for, space_key
from enishi.pipeline import Options, cores, load, run
from enishi.read import open_inputs
from enishi.simulate import Summary, shop_values, simulate
from enishi.write import write_files

if TYPE_CHECKING:
    from enishi.pipeline import Progress

Ints = npt.NDArray[np.int64]

MOST = 8  # records of a customer that a reader follows
TRIES = 100  # candidates for a story that are looked at
KEY_DIGITS = 12
TRAPPED = ("email", "phone", "device_id", "loyalty_card")


@frozen
class StoryRecord:
    """A record and what it carries.

    Attributes
    ----------
    name : str
        ``SOURCE:RECORD_ID``.
    seen : str
        The day.
    who : str
        Name and birth date, as far as the channel asks for them.
    carries : tuple of (str, str, str)
        Each identifier, its (synthetic) value as it was written, and the beginning of its key, or why it has none.
    """

    name: str
    seen: str
    who: str
    carries: tuple[tuple[str, str, str], ...]


@frozen
class Story:
    """Some records, how many more their customers have, why they are (not) one customer, and whose they are."""

    title: str
    records: tuple[StoryRecord, ...]
    more: int
    explanation: Explanation
    truth: str


@frozen
class Trap:
    """A value that belongs to the shop, and what became of it.

    Attributes
    ----------
    name : str
        ``kiosk``, ``default_card``, ...
    field, key : str
    records : int
        Those that carry it.
    state : str
        One of ``schema.STATES``, or ``not seen``.
    """

    name: str
    field: str
    key: str
    records: int
    state: str


@frozen
class Demo:
    """All that a demo shows."""

    shop: Summary
    graph: CustomerGraph
    evaluation: Evaluation
    ceiling: float
    traps: tuple[Trap, ...]
    stories: tuple[Story, ...]
    seconds: Mapping[str, float]


def make(directory: Path, customers: int, seed: int, tell: Progress) -> Demo:
    """Simulates a shop into ``directory/shop``, resolves it into ``directory/graph``, and scores it.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     made = make(Path(directory), 100, 0, lambda stage, done, total: None)
    >>> made.evaluation.precision > 0.9, len(made.shop.records)
    (True, 9)
    """
    clock = _Clock(tell)
    shop, out = directory / "shop", directory / "graph"
    with clock.stage("simulate"):
        summary = simulate(shop, customers, seed=seed, progress=lambda done: tell("simulate", done, customers))
    model = Model()
    readers = open_inputs([str(shop / f"{name}.parquet") for name in summary.records], model)
    options = Options(threads=cores())
    graph = load(run(readers, model, options, tell), options)
    clock.seconds |= graph.summary["seconds"]
    with clock.stage("write"):
        out.mkdir()
        write_files(graph.streams(), graph.summary, out)
    with clock.stage("evaluate"):
        truth = pq.read_table(shop / "truth.parquet")
        result = evaluate(graph.customers, truth, largest=5)
        ceiling = recall_ceiling(truth, identifier_keys(graph))
    with clock.stage("explain"):
        world = _World(graph, truth, shop)
        found = (_many_channels(world), _misspelt(world), _kept_apart(world))
        traps = tuple(_traps(graph, shop_values(customers, seed=seed)))
    return Demo(summary, graph, result, ceiling, traps, tuple(story for story in found if story), clock.seconds)


def identifier_keys(graph: CustomerGraph) -> pa.Table:
    """Which record carries which identifier, and which records a link holds: what `recall_ceiling` takes.

    A link counts as a key that both of its records carry. Generic values count as well: the ceiling is that of any
    engine, not of this one.

    Examples
    --------
    >>> import enishi
    >>> graph = enishi.resolve({"web": pa.table({"record_id": ["1", "2"], "email": ["a@shop.jp", "A@shop.jp"]})})
    >>> keys = identifier_keys(graph)
    >>> keys["record_id"].to_pylist(), len(keys["key"].unique())
    (['1', '2'], 1)
    """
    assert graph.evidence is not None
    assert graph.links is not None
    evidence = graph.evidence
    starts, counts, positions = _profile_rows(evidence)
    head = np.cumsum(pc.is_valid(evidence["rows"]).to_numpy()) - 1
    times = counts[head]
    carried = np.repeat(np.arange(len(evidence)), times)
    nth = np.arange(len(carried)) - np.repeat(np.cumsum(times) - times, times)
    rows = pa.array(positions[starts[head[carried]] + nth])
    numbers = np.zeros((len(graph.links), 2), np.int64)
    numbers[:, 0] = np.arange(len(numbers))
    linked = pa.FixedSizeBinaryArray.from_buffers(schema.KEY, len(numbers), [None, pa.py_buffer(numbers)])
    parts = [(*graph.customers.select(["source", "record_id"]).take(rows).columns, evidence["key"].take(carried))]
    parts += [(graph.links[f"{side}_source"], graph.links[f"{side}_record_id"], linked) for side in ("left", "right")]
    return pa.concat_tables(
        pa.table({"source": source.cast(pa.string()), "record_id": record_id, "key": key})
        for source, record_id, key in parts
    )


def _profile_rows(evidence: pa.Table) -> tuple[Ints, Ints, Ints]:
    """Where each profile's positions begin, how many they are, and the positions in customers of one after the other.

    A profile's positions stand on the first of its rows of the evidence.
    """
    lists = evidence.filter(pc.is_valid(evidence["rows"]))["rows"].combine_chunks()
    counts = pc.list_value_length(lists).to_numpy().astype(np.int64)
    return np.cumsum(counts) - counts, counts, pc.list_flatten(lists).to_numpy().astype(np.int64)


class _Clock:
    """Times what a demo does, and tells progress."""

    def __init__(self, tell: Progress) -> None:
        self.seconds: dict[str, float] = {}
        self._tell = tell

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        self._tell(name, 0, None)
        start = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - start


# Traps.


def _traps(graph: CustomerGraph, values: Mapping[str, tuple[str, ...]]) -> Iterator[Trap]:
    """What became of the shop's own values, whatever field each is a value of."""
    assert graph.evidence is not None
    assert graph.identifiers is not None
    evidence, identifiers = graph.evidence, graph.identifiers
    for name, each in values.items():
        for value in each:
            for declared in Model().known_fields():
                if declared.name not in TRAPPED:
                    continue
                canonical, _ = normalizer_for(declared, None).one(value.encode())
                if canonical is None:
                    continue
                key = siphash(space_key(bytes(16), declared), canonical.encode())
                nodes = identifiers.filter(pc.equal(identifiers["key"], key))
                if len(nodes):
                    state = evidence["state"][pc.index(evidence["key"], key).as_py()].as_py()
                    yield Trap(name, declared.name, key.hex(), pc.sum(nodes["records"]).as_py(), state)


# Stories.


class _World:
    """The shop and what became of it, by record: a position in the table of customers."""

    def __init__(self, graph: CustomerGraph, truth: pa.Table, shop: Path) -> None:
        assert graph.evidence is not None
        assert graph.links is not None
        self.graph, self.truth, self.shop = graph, truth, shop
        self.evidence, self.links = graph.evidence, graph.links
        self.source, self.sources = _indices(graph.customers["source"])
        ids, self.customer = np.unique(graph.customers["customer_id"].to_numpy(), return_inverse=True)
        self.sizes = np.bincount(self.customer, minlength=len(ids))
        self.field, self.fields = _indices(self.evidence["field"])
        self.state, self.states = _indices(self.evidence["state"])
        self.profile = self.evidence["profile"].to_numpy().astype(np.int64)
        starts, counts, positions = _profile_rows(self.evidence)
        heads = self.profile[pc.is_valid(self.evidence["rows"]).to_numpy()]
        self.profile_of = np.full(len(self.customer), -1, np.int64)
        self.profile_of[positions] = np.repeat(heads, counts)
        self.first_of = dict(zip(heads.tolist(), positions[starts].tolist(), strict=True))

    def members(self, record: int) -> list[int]:
        """The records of a record's customer."""
        return np.flatnonzero(self.customer == self.customer[record]).tolist()

    def name(self, record: int) -> str:
        return f"{self.sources[self.source[record]]}:{self.graph.customers['record_id'][record].as_py()}"

    def explain(self, left: int, right: int) -> Explanation:
        return self.graph.explain(self.name(left), self.name(right))

    def record(self, source: str, record_id: Any) -> int:
        customers = self.graph.customers
        same = pc.and_(pc.equal(customers["source"], source), pc.equal(customers["record_id"], record_id))
        return int(pc.index(same, True).as_py())

    def owner(self, record: int) -> tuple[int | None, int | None]:
        """The person and household of a record."""
        source, _, record_id = self.name(record).partition(":")
        same = pc.and_(pc.equal(self.truth["source"], source), pc.equal(self.truth["record_id"], record_id))
        (row,) = self.truth.filter(same).to_pylist()
        return row["person_id"], row["household_id"]

    def tell(self, title: str, records: list[int], explanation: Explanation) -> Story:
        customers = {int(self.customer[record]) for record in records}
        every = np.flatnonzero(np.isin(self.customer, list(customers))).tolist()
        owners = {self.owner(record) for record in every}
        persons, households = ({owner[i] for owner in owners} for i in (0, 1))
        if None in persons:
            truth = "nobody knows who made some of their records"
        elif len(persons) == 1:
            truth = f"{'both' if len(every) == 2 else f'all {len(every)}'} records are one person's"
        else:
            homes = "one household" if len(households) == 1 else f"{len(households)} households"
            truth = f"their {len(every)} records are those of {len(persons)} people of {homes}"
        shown = tuple(self._record(record) for record in records)
        return Story(title, shown, len(every) - len(shown), explanation, truth)

    def _record(self, record: int) -> StoryRecord:
        source, _, record_id = self.name(record).partition(":")
        (row,) = pq.read_table(self.shop / f"{source}.parquet", filters=pc.field("record_id") == record_id).to_pylist()
        keys = {}
        for at in np.flatnonzero(self.profile == self.profile_of[record]).tolist():
            state = self.states[self.state[at]]
            key = self.evidence["key"][at].as_py().hex()[:KEY_DIGITS]
            keys[self.fields[self.field[at]]] = key if state == "links" else f"{key} ({state})"
        columns = self.graph.summary["sources"][source]["columns"]
        written = {target: str(row[column]) for column, target in columns.items() if row[column] is not None}
        parts = [written.get(part) or written.get(f"{part}_kana") for part in ("family_name", "given_name")]
        name = " ".join(part for part in parts if part)
        who = ", ".join(each for each in (name, written.get("birth_date")) if each)
        carries = [(field, written[field], keys.get(field, "refused")) for field in self.fields if field in written]
        return StoryRecord(self.name(record), str(row["seen_at"].date()), who, tuple(carries))


def _many_channels(world: _World) -> Story | None:
    """The customer seen in most channels, with the fewest records; and the longest way from the last of them."""
    _, first = np.unique(world.customer, return_index=True)
    seen = np.unique(world.customer * len(world.sources) + world.source)
    channels = np.bincount(seen // len(world.sources), minlength=len(world.sizes))
    few = np.flatnonzero((world.sizes <= MOST) & (world.sizes > 1))
    if not len(few):
        return None
    best = few[np.lexsort((first[few], world.sizes[few], -channels[few]))[0]]
    records = world.members(int(first[best]))
    ways = [world.explain(records[-1], other) for other in records[:-1]]
    title = f"One customer over {channels[best]} channels, {world.sizes[best]} records"
    return world.tell(title, records, max(ways, key=lambda way: len(way.steps)))


def _misspelt(world: _World) -> Story | None:
    """A customer whom a misspelt email or phone number holds together."""
    near = world.links.filter(pc.match_substring_regex(world.links["rule"], ": (near|domain)$"))
    found = []
    for link in near.sort_by([("rule", "ascending")]).slice(0, TRIES).to_pylist():
        left = world.record(link["left_source"], link["left_record_id"])
        right = world.record(link["right_source"], link["right_record_id"])
        found.append((int(world.sizes[world.customer[left]]), left, right, link["rule"]))
    for _, left, right, rule in sorted(found):
        explanation = world.explain(left, right)
        if [step.by for step in explanation.steps] == [rule]:
            field = rule.partition(":")[0]
            return world.tell(f"One customer, though the {field} is spelled in two ways", [left, right], explanation)
    return None


def _kept_apart(world: _World) -> Story | None:
    """Two people who share a value and stay two; of one household, where there are such."""
    found = []
    contested = np.flatnonzero(world.state == world.states.index("contested"))
    carriers: dict[tuple[str, bytes], list[int]] = {}
    for at in contested.tolist():
        value = (world.fields[world.field[at]], world.evidence["key"][at].as_py())
        carriers.setdefault(value, []).append(world.first_of[int(world.profile[at])])
    for (name, _), records in carriers.items():
        customers = {int(world.customer[record]): record for record in reversed(records)}
        if len(customers) == 2:
            left, right = sorted(customers.values())
            found.append((int(sum(world.sizes[customer] for customer in customers)), name, left, right))
    # A device is more telling than a phone number, which families share as a matter of course.
    found.sort(key=lambda each: (each[1] != "device_id", each[1] != "loyalty_card", each))
    best = None
    for _, name, left, right in found[:TRIES]:
        (person, household), (other, others) = world.owner(left), world.owner(right)
        if None in (person, other) or person == other:
            continue
        if best is None or household == others:
            best = name, left, right
        if household == others:
            break
    if best is None:
        return None
    name, left, right = best
    return world.tell(f"Two customers, though they share a {name}", [left, right], world.explain(left, right))


def _indices(column: pa.ChunkedArray) -> tuple[Ints, list[str]]:
    """A column of few distinct values as numbers, and the values."""
    array = column.unify_dictionaries().combine_chunks()
    return array.indices.to_numpy().astype(np.int64), array.dictionary.to_pylist()
