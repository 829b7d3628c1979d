"""Profiles -> candidate pairs -> match weights -> links: what shares no identifier, matched by probability.

What is compared follows from the fields that are bound, and the blocking rules from those of the default set whose
fields are there. Everything is done on codes and canonical texts in the compiled core (``csrc/enishi/matching.hpp``);
here stands which columns mean what, how frequent values are, and the order of the steps: block, train or take the
stored model, score, link.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from enishi._matching import MOST_LEVELS, Matching, MatchWeights
from enishi._normalize import siphash
from enishi._tables import NameForms, Values, hash_rows
from enishi.errors import ConfigError, InputError
from enishi.link import Linked
from enishi.model import (
    Address,
    Attribute,
    BirthDate,
    DeviceId,
    Email,
    Field,
    HashedEmail,
    Identifier,
    LoyaltyCard,
    MaskedCard,
    PaymentToken,
    PersonName,
    Phone,
    Postcode,
    did_you_mean,
)
from enishi.normalize import NONE, Codes, Normalization, Runner
from enishi.rows import as_text, without_views
from enishi.train import (
    DEFAULTS,
    LEVELS,
    ComparisonModel,
    MatchModel,
    Patterns,
    Training,
    default_comparison,
    estimate_u,
    expectation_maximization,
    learn_m,
    owned_matches,
)

Longs: TypeAlias = npt.NDArray[np.int64]
Table: TypeAlias = Values | tuple[NameForms, str, int] | None
KeyPart: TypeAlias = tuple[str, int, Table, int, int]

THRESHOLD = 1.0  # of the match weight, log2 of the odds: 2 to 1
TRAINED_ABOVE = 10_000  # records; below, the stored parameters are worth more than an estimate
DOUBTED_RECORDS = 20.0  # how many records' worth of "one other record each" an estimate of a person's records keeps
IMAGINED = (
    100.0  # records of strangers, as frequent in each value as is usual, that every column is thought to have more
)
SCRIPTS = 3
RULE = "match"  # what a link by probability is called
NO_COLUMN = int(NONE)
RANDOM_PAIRS = 1_000_000
RULE_PAIRS = 200_000  # by rule, for training
BLOCK_CAP = 1_000  # profiles
PAIRS_A_PROFILE = 50  # by rule
SHARDS = 4  # of a rule's blocks, a thread

# Kinds of fields (and the part of a name) that people who live together share. However many of them agree, two records
# of one household are at most as likely one person's as two people's: the rest has to come from what is personal. The
# same holds for any attribute alone.
HOUSEHOLD = ("family_name", "address", "postcode", "phone")

BLOCKING = (
    "given_name & family_name",
    "email.local_part",
    "phone[-7:] & given_name[:1]",
    "phone[-7:] & family_name.skeleton",
    "birth_date & family_name.skeleton",
    "birth_date & given_name.skeleton",
    "postcode & family_name.skeleton",
    "postcode & given_name.skeleton",
    "postcode & birth_date.year",
    "name",
    "family_name.skeleton & given_name.skeleton",
    "name.skeleton",
    "address",
    "birth_date",
    "birth_date.month & family_name[:3]",
    "birth_date.month & given_name[:3]",
    "birth_date.day & family_name.skeleton",
    "birth_date.day & given_name.skeleton",
    "postcode & address[:4]",
    "birth_date.year & family_name & given_name[:1]",
    "birth_date.year & family_name.skeleton",
)
_KINDS: dict[type[Field], str] = {
    Identifier: "typed",
    LoyaltyCard: "typed",
    Phone: "typed",
    Email: "email",
    HashedEmail: "opaque",
    DeviceId: "opaque",
    PaymentToken: "opaque",
    MaskedCard: "opaque",
    BirthDate: "date",
    Postcode: "postcode",
    Address: "address",
    Attribute: "text",
}
# Cheap and telling ones first, for a pair is dropped as soon as it is hopeless; names, which depend on each other,
# last.
_ORDER = ("opaque", "date", "typed", "postcode", "text", "email", "address", "given_name", "family_name", "name")
_EXPRESSION = re.compile(r"(\w+)(?:\[:(?P<prefix>\d+)\]|\[-(?P<suffix>\d+):\]|\.(?P<keying>\w+))?")
_PARTS = {"given_name": 0, "name": SCRIPTS, "family_name": 2 * SCRIPTS}  # where they stand among a name's columns
MOST_COMPARISONS = 15  # as many as the compiled core packs into a vector
_FORMS = {"given_name": "given", "name": "full", "family_name": "family"}


@dataclass(frozen=True, slots=True)
class Compared:
    """One comparison: its kind and its field's, the profile columns that hold its codes, and the texts of these."""

    name: str
    kind: str
    field: str
    columns: tuple[int, ...]
    tables: tuple[Table, ...]


@dataclass(slots=True)
class Matches:
    """What matching found.

    Attributes
    ----------
    rule : int
        Its number among the rules of the links.
    model : MatchModel
    prior : float
    pairs : uint32 array (n, 2)
        Profiles whose weight reached the threshold.
    weights : float64 array
    levels : uint8 array (n, comparisons)
    parts : float64 array (n, comparisons + 1)
        The weight of each level, and what is taken off because several say the same.
    summary : dict
    """

    rule: int
    model: MatchModel
    prior: float
    pairs: Codes
    weights: npt.NDArray[np.float64]
    levels: npt.NDArray[np.uint8]
    parts: npt.NDArray[np.float64]
    summary: dict[str, Any] = field(default_factory=dict)

    def evidence(self, pair: int) -> str:
        """The way from the prior to the weight of a pair, comparison by comparison."""
        steps = [f"prior {self.prior:+.1f}"]
        for each, level, weight in zip(self.model.comparisons, self.levels[pair], self.parts[pair, :-1], strict=True):
            if level:
                steps.append(f"{each.name} {LEVELS[each.kind][level - 1]} {weight:+.1f}")
        if self.parts[pair, -1]:
            steps.append(f"said twice {self.parts[pair, -1]:+.1f}")
        return f"{', '.join(steps)} = {self.weights[pair]:+.1f}"


def comparisons_of(normalized: Normalization) -> tuple[Compared, ...]:
    """The comparisons that the bound fields allow, in the order in which they are made."""
    found: list[Compared] = []
    plain = any(isinstance(each.declared, Email) for each in normalized.identifiers.values())
    for name, identifier in normalized.identifiers.items():
        kind = _KINDS[type(identifier.declared)]
        # A hash beside the address itself says the same thing twice.
        if not (plain and isinstance(identifier.declared, HashedEmail)):
            found.append(
                Compared(name, kind, identifier.declared.kind, tuple(identifier.columns), (identifier.values,))
            )
    for name, (declared, slots) in normalized.attributes.items():
        if isinstance(declared, PersonName):
            if any(each.kind == "name" for each in found):
                continue
            for part, first in _PARTS.items():
                tables = tuple((normalized.names, _FORMS[part], script) for script in range(SCRIPTS))
                found.append(Compared(part, part, part, tuple(slots[first : first + SCRIPTS]), tables))
        else:
            kind = _KINDS[type(declared)]
            table = None if isinstance(declared, BirthDate) else normalized.attribute_values[name]
            found.append(Compared(name, kind, declared.kind, (slots[0],), (table,)))
    return tuple(sorted(found, key=lambda each: _ORDER.index(each.kind)))


def key_parts(rule: str, compared: Sequence[Compared]) -> list[list[KeyPart]]:
    """Each way in which a blocking rule can hold: its keys. Empty where a field of the rule is not there.

    Fields are named by their kind, whatever the user calls them. A rule is a conjunction of expressions such as
    ``birth_date``, ``phone[-7:]``, ``family_name[:3]``,
    ``email.local_part``, ``birth_date.year``, ``birth_date.month`` (with its
    year), ``birth_date.day`` (of any year) and ``family_name.skeleton``.

    Raises
    ------
    ConfigError
        It is not such a conjunction.
    """
    ways: list[tuple[int | None, list[KeyPart]]] = [(None, [])]
    for expression in rule.split("&"):
        parsed = _EXPRESSION.fullmatch(expression.strip())
        if parsed is None:
            raise ConfigError("blocking rule", f"{expression.strip()!r} is no expression, such as 'phone[-7:]'")
        keying, length = "code", 0
        for which in ("prefix", "suffix"):
            if parsed[which]:
                keying, length = which, int(parsed[which])
        if parsed["keying"]:
            keying = parsed["keying"]
            if keying not in _KEYINGS:
                raise ConfigError("blocking rule", f"there is no key {keying!r}{did_you_mean(keying, _KEYINGS)}")
        longer: list[tuple[int | None, list[KeyPart]]] = []
        for number, each in enumerate(compared):
            if each.field != parsed[1]:
                continue
            number *= SCRIPTS
            for script, parts in ways:
                if each.kind in _PARTS:
                    # The parts of a name are compared in one script.
                    for s in range(SCRIPTS) if script is None else (script,):
                        longer.append((s, [*parts, (keying, each.columns[s], each.tables[s], number + s, length)]))
                else:
                    for column in each.columns:
                        longer.append((script, [*parts, (keying, column, each.tables[0], number, length)]))
        ways = longer
    return [parts for _, parts in ways]


_KEYINGS = ("year", "month", "day", "local_part", "skeleton")


class _Frequencies:
    """How often strangers agree on a value: in each comparison's columns, in how many clusters each value occurs.

    Most who share a rare value are one person. What exact identifiers hold together is one cluster here and counts
    once; of the rest, as many as one person has in the mean are taken off each value's count.
    """

    def __init__(self, matching: Matching, compared: Sequence[Compared], labels: Codes) -> None:
        self.compared = compared
        self.first_year = 1
        self.counts: list[list[npt.NDArray[np.int64]]] = []
        self.filled: list[list[int]] = []
        sizes = np.bincount(labels, minlength=len(labels))
        self.exact_partners = float((sizes.astype(np.float64) ** 2).sum()) / max(len(labels), 1) - 1.0
        self._several = sizes[labels] > 1
        self._labels = labels.astype(np.int64)
        self._years(matching)
        for each in compared:
            parts = [self._codes(matching, each, column) for column in each.columns]
            if each.kind not in _PARTS:
                parts = [(np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts]))]
            self.counts.append([self._clusters(*part) for part in parts])
            self.filled.append([int(counts.sum()) for counts in self.counts[-1]])

    def _years(self, matching: Matching) -> None:
        dates = [matching.codes(each.columns[0]) for each in self.compared if each.kind == "date"]
        years = [codes[codes != NONE].min() // 10_000 for codes in dates if (codes != NONE).any()]
        if years:
            self.first_year = int(min(years))

    def _codes(self, matching: Matching, each: Compared, column: int) -> tuple[Longs, Longs]:
        """The codes of a column, and the profiles that have them."""
        every = matching.codes(column)
        profiles = np.flatnonzero(every != NONE).astype(np.int64)
        codes: Longs = every[profiles].astype(np.int64)
        if each.kind == "date":
            codes = ((codes // 10_000 - self.first_year) * 12 + codes // 100 % 100 - 1) * 31 + codes % 100 - 1
        return codes, profiles

    def _clusters(self, codes: Longs, profiles: Longs) -> Longs:
        several = self._several[profiles]
        once = np.unique(codes[several] * len(self._labels) + self._labels[profiles[several]]) // len(self._labels)
        return np.bincount(np.concatenate([codes[~several], once])).astype(np.int64)

    def strangers(self, number: int, column: int, own: float, rarest: float) -> npt.NDArray[np.float64]:
        """By code, how likely a stranger has the value; ``own`` of its clusters are one person."""
        others = np.maximum(self.counts[number][column] - own, 0.0)
        found: npt.NDArray[np.float64] = self._smoothed(number, column, others, rarest)
        return found

    def _smoothed(self, number: int, column: int, others: Any, rarest: float) -> Any:
        """The share of others among all, where few records say little about what is rare."""
        usual = DEFAULTS[self.compared[number].kind][1][-1]
        return (others + IMAGINED * usual) / (self.filled[number][column] + IMAGINED) + rarest

    def agreement(self, number: int, own: float, rarest: float) -> float:
        """How often two strangers agree, over all values; of a name in the script that most have."""
        column = int(np.argmax(self.filled[number]))
        filled = self.filled[number][column]
        if not filled:
            return rarest
        # By count, not by code: codes are in order of arrival, and a sum in another order is another sum.
        counts, values = np.unique(self.counts[number][column], return_counts=True)
        likely = self._smoothed(number, column, np.maximum(counts - own, 0.0), rarest)
        return float((values * counts * likely).sum() / filled)


def match(
    normalized: Normalization,
    linked: Linked,
    ids: pa.ChunkedArray,
    source_of_record: Codes,
    profile_of_record: Codes,
    runner: Runner,
    *,
    model: MatchModel | None = None,
    threshold: float = THRESHOLD,
    threads: int = 1,
    train: bool = False,
    labels: pa.Table | None = None,
) -> Matches | None:
    """Links profiles whose match weight reaches the threshold; None where nothing can be compared.

    Parameters
    ----------
    normalized : Normalization
        Made with ``match=True``.
    linked : Linked
        After everything exact; the links are added to it.
    ids : pyarrow.Array
        The record ids as text, by record.
    source_of_record, profile_of_record : uint32 array
    runner : Runner
        Scores the shards of a rule at once.
    model : MatchModel, optional
        Left out: the stored parameters, above 10,000 records trained on the data.
    threshold : float
        Of the match weight.
    threads : int
        How many the runner has.
    train : bool
        Train on the data, however few they are.
    labels : pyarrow.Table, optional
        Pairs of records that are known to be one person's or not, from which m is taken: left_source, left_record_id,
        right_source, right_record_id and, where not all are matches, match.

    Raises
    ------
    InputError
        The labels name a record that is not there.
    ConfigError
        The model compares a field in another way than the data have it.
    """
    compared = comparisons_of(normalized)
    profiles = len(normalized.profiles)
    if not compared or normalized.records < 2:
        return None
    clusters = linked.linking.labels()
    prepared = _prepare(normalized, compared, clusters)
    rounds = 0
    if model is not None:
        model = _fitting(model, compared)
    elif train or normalized.records > TRAINED_ABOVE:
        trained = _train(prepared, _profile_keys(normalized, linked, ids, source_of_record), profiles)
        model, rounds = trained.model, trained.rounds
        if labels is not None:
            known = _labelled(normalized, labels, ids, source_of_record, profile_of_record)
            levels, _ = prepared.matching.compare(known, prepared.weights(model, profiles))
            model = learn_m(model, levels)
    else:
        # The stored parameters hold for anybody; how many records a person has does not.
        model = prepared.defaults(profiles)
        pairs, _, _ = _score(prepared, model, clusters, profiles, threshold, runner, 1)
        exact = prepared.frequencies.exact_partners * profiles
        partners = (2.0 * len(pairs) + exact + DOUBTED_RECORDS) / (profiles + DOUBTED_RECORDS)
        model = prepared.defaults(profiles, partners)
    weights = prepared.weights(model, profiles)
    shards = 1 if threads == 1 or profiles <= TRAINED_ABOVE else threads * SHARDS
    pairs, found, compared_pairs = _score(prepared, model, clusters, profiles, threshold, runner, shards)
    own = np.flatnonzero((normalized.profiles.counts() > 1) & (linked.linking.bound() == 0)).astype(np.uint32)
    alone = np.stack([own, own], axis=1)
    own_weights = model.prior(profiles) + prepared.matching.compare(alone, weights)[1].sum(axis=1)
    enough = own_weights >= threshold
    pairs = np.ascontiguousarray(np.concatenate([pairs, alone[enough]]))
    found = np.concatenate([found, own_weights[enough]])
    levels, parts = prepared.matching.compare(pairs, weights)
    named = _reaches(levels, compared, "given_name", 2)
    dated = _reaches(levels, compared, "birth_date", 1)
    rule = len(linked.rules)
    linked.rules.append(RULE)
    counts = linked.linking.join_matches(rule, pairs, found, named, dated)
    linked.rule_conflicts[RULE] = counts["conflict"]
    matches = Matches(rule, model, model.prior(profiles), pairs, found, levels, parts)
    matches.summary = {
        "threshold": threshold,
        "model": json.loads(model.to_json()),
        "training_rounds": rounds,
        "prior": round(matches.prior, 4),
        "compared": compared_pairs,
        "partners": round(model.partners, 4),
        "above_threshold": len(pairs),
        **counts,
        "blocking": prepared.blocking,
        "weights": {
            each.name: {
                level: round(weight, 2)
                for level, weight in zip(LEVELS[each.kind], each.weights(), strict=True)
                if level
            }
            for each in model.comparisons
        },
    }
    return matches


def _reaches(
    levels: npt.NDArray[np.uint8], compared: Sequence[Compared], kind: str, level: int
) -> npt.NDArray[np.uint8]:
    """By pair, whether a comparison of a kind of field reaches a level."""
    columns = [i for i, each in enumerate(compared) if each.field == kind]
    reached: npt.NDArray[np.bool_] = np.any(levels[:, columns] >= level, axis=1)
    return reached.astype(np.uint8)


def _score(
    prepared: _Prepared,
    model: MatchModel,
    clusters: Codes,
    profiles: int,
    threshold: float,
    runner: Runner,
    shards: int,
) -> tuple[Codes, npt.NDArray[np.float64], int]:
    """The pairs whose weight reaches the threshold, their weights, and how many were compared."""
    weights = prepared.weights(model, profiles)

    def score(task: tuple[int, int]) -> tuple[Codes, npt.NDArray[np.float64], int]:
        return prepared.matching.score(task[0], weights, threshold, clusters, task[1], shards)

    tasks = [(rule, shard) for rule in range(len(prepared.rules)) for shard in range(shards)]
    none: tuple[Codes, npt.NDArray[np.float64], int] = np.zeros((0, 2), np.uint32), np.zeros(0), 0
    scored = [none, *runner.map(score, tasks)]
    pairs, found, compared = zip(*scored, strict=True)
    return np.concatenate(pairs), np.concatenate(found), sum(compared)


@dataclass(slots=True)
class _Prepared:
    """Comparisons, blocks and frequencies of one run."""

    matching: Matching
    compared: tuple[Compared, ...]
    frequencies: _Frequencies
    rules: list[str]
    blocking: dict[str, dict[str, int]]

    def household(self) -> tuple[bool, ...]:
        """By comparison, whether people who live together share it."""
        return tuple(each.field in HOUSEHOLD for each in self.compared)

    def own(self, model: MatchModel) -> float:
        """How many of the clusters that share a value are one person's, in the mean: at least the two of a pair."""
        return 1.0 + max(model.partners - self.frequencies.exact_partners, 1.0)

    def agreements(self, model: MatchModel) -> dict[str, float]:
        """By comparison, how often two strangers agree."""
        own = self.own(model)
        return {
            each.name: min(self.frequencies.agreement(i, own, each.rarest), 0.9)
            for i, each in enumerate(model.comparisons)
        }

    def defaults(self, profiles: int, partners: float = 1.0) -> MatchModel:
        """The stored parameters, with the u of equal values that the columns themselves tell."""
        model = MatchModel(tuple(default_comparison(each.name, each.kind) for each in self.compared), partners)
        agreements = self.agreements(model)
        comparisons = []
        for each in model.comparisons:
            u = [*each.u[:-1], agreements[each.name]]
            u[0] = max(1.0 - sum(u[1:]), 0.01)
            comparisons.append(replace(each, u=tuple(u)))
        return replace(model, comparisons=tuple(comparisons))

    def weights(self, model: MatchModel, profiles: int) -> MatchWeights:
        levels = np.zeros((len(self.compared), MOST_LEVELS))
        equal = np.zeros_like(levels)
        frequency: list[list[npt.NDArray[np.float64]]] = []
        own = self.own(model)
        for i, each in enumerate(model.comparisons):
            levels[i, 1 : len(each.m) + 1] = each.weights()
            u = each.u[-1]
            equal[i, 1 : len(each.m) + 1] = np.log2(np.maximum(each.m, 1e-12) / u)
            frequency.append(
                [
                    np.log2(u / self.frequencies.strangers(i, column, own, each.rarest))
                    for column, _ in enumerate(self.frequencies.counts[i])
                ]
            )
        prior = model.prior(profiles)
        return MatchWeights(levels, equal, frequency, self.frequencies.first_year, prior, self.household(), -prior)


def _prepare(normalized: Normalization, compared: tuple[Compared, ...], labels: Codes) -> _Prepared:
    matching = Matching(normalized.profiles, [(each.kind, each.columns, each.tables) for each in compared])
    frequencies = _Frequencies(matching, compared, labels)
    budget = PAIRS_A_PROFILE * len(normalized.profiles) + 10_000
    blocking: dict[str, dict[str, int]] = {}
    rules: list[str] = []
    # A value that two people contest joins nobody by itself; the rest of their records may tell.
    contested = [each.name for each in compared if each.kind in ("typed", "opaque", "email")]
    for rule in (*BLOCKING, *contested):
        slots = [slot for slot in key_parts(rule, compared) if _filled(slot, compared, frequencies)]
        if slots:
            blocking[rule] = matching.add_rule(slots, _cuts(slots[0], compared, frequencies), BLOCK_CAP, budget)
            rules.append(rule)
    return _Prepared(matching, compared, frequencies, rules, blocking)


def _filled(slot: Sequence[KeyPart], compared: Sequence[Compared], frequencies: _Frequencies) -> bool:
    """Whether any record has all that the slot needs, as far as single columns tell."""
    for *_, number, _ in slot:
        i, script = divmod(number, SCRIPTS)
        if not frequencies.filled[i][script if compared[i].kind in _PARTS else 0]:
            return False
    return True


def _cuts(slot: Sequence[KeyPart], compared: Sequence[Compared], frequencies: _Frequencies) -> list[KeyPart]:
    """What cuts blocks that are too large: the other fields, those with most distinct values first."""
    cuts: list[tuple[float, KeyPart]] = []
    used = {(part[0], part[1]) for part in slot}
    for i, each in enumerate(compared):
        if each.kind == "opaque":
            continue
        script = int(np.argmax(frequencies.filled[i]))
        distinct = np.count_nonzero(frequencies.counts[i][script])
        table = script if each.kind in _PARTS else 0
        if distinct > 1 and ("code", each.columns[table]) not in used:
            cuts.append((-float(distinct), ("code", each.columns[table], each.tables[table], i * SCRIPTS + table, 0)))
    return [cut for _, cut in sorted(cuts, key=lambda each: (each[0], each[1][1]))]


def _profile_keys(
    normalized: Normalization, linked: Linked, ids: pa.ChunkedArray, source_of_record: Codes
) -> npt.NDArray[np.uint64]:
    """A hash of each profile's smallest record: an order that owes nothing to that of arrival."""
    smallest = linked.linking.smallest_records()
    sources = pa.array([normalized.source_names[rank] for rank in source_of_record[smallest]], pa.string())
    key = siphash(bytes(16), b"enishi 1\0sample")
    hashed: npt.NDArray[np.uint64] = hash_rows(
        [sources, ids.take(pa.array(smallest)).combine_chunks()], key, len(smallest)
    )
    return np.ascontiguousarray(hashed[:, 0])


def _labelled(
    normalized: Normalization, labels: pa.Table, ids: pa.ChunkedArray, source_of_record: Codes, profile_of_record: Codes
) -> Codes:
    """The profiles of the labelled pairs that are matches."""
    if "match" in labels.column_names:
        said = [str(each).lower() for each in _texts(labels["match"]).to_pylist()]
        if unknown := sum(each not in _YES and each not in _NO for each in said):
            raise InputError(f"the labels' column 'match' has {unknown:,} values that are neither true nor false")
        labels = labels.filter(pa.array([each in _YES for each in said], pa.bool_()))
    separator = pa.scalar("\0", pa.large_string())

    def keys(sources: Any, record_ids: Any) -> Any:
        texts = [_texts(each) for each in (sources, record_ids)]
        return pc.binary_join_element_wise(*texts, separator)

    names = pa.array(normalized.source_names, pa.large_string()).take(pa.array(source_of_record))
    known = keys(names, ids)
    sides = []
    for side in ("left", "right"):
        wanted = keys(labels[f"{side}_source"], labels[f"{side}_record_id"])
        at = pc.index_in(wanted, value_set=known)
        if at.null_count:
            raise InputError(f"the labels name {at.null_count:,} records that are not there (the {side} ones)")
        sides.append(profile_of_record[at.to_numpy()])
    return np.ascontiguousarray(np.stack(sides, axis=1).astype(np.uint32))


_YES, _NO = frozenset({"1", "true", "t", "yes", "y"}), frozenset({"0", "false", "f", "no", "n"})


def _texts(column: Any) -> pa.Array:
    """A column, of whatever type and in however many pieces, as one array of text."""
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return without_views(as_text(whole)).cast(pa.large_string())


def _train(prepared: _Prepared, keys: npt.NDArray[np.uint64], profiles: int) -> Training:
    order = np.argsort(keys, kind="stable").astype(np.uint32)
    strides = min(-(-RANDOM_PAIRS // profiles), profiles - 1)
    random = prepared.matching.random_patterns(order, 1, strides + 1)
    household = prepared.household()
    rules: list[tuple[Patterns, tuple[bool, ...]]] = []
    kept_shares = []
    for number, rule in enumerate(prepared.rules):
        pairs = prepared.blocking[rule]["pairs"]
        kept = min(1.0, RULE_PAIRS / max(pairs, 1))
        patterns = prepared.matching.rule_patterns(number, keys, int(kept * 2**32))
        rules.append((patterns, _unblocked(rule, prepared.compared)))
        kept_shares.append(kept)
    model = prepared.defaults(profiles)
    trained = Training(model, (), 0.0, 0)
    for _ in range(3):
        model = estimate_u(trained.model, random, profiles, prepared.agreements(trained.model), household=household)
        far = -model.prior(profiles) * math.log(2)
        limits = [
            0.0 if all(shared for shared, free in zip(household, used, strict=True) if not free) else far
            for _, used in rules
        ]
        trained = expectation_maximization(model, rules, household=household, limits=limits)
        matches = sum(
            owned_matches(trained.model, patterns, share, used, household, limit) / kept
            for share, (patterns, used), kept, limit in zip(trained.shares, rules, kept_shares, limits, strict=True)
        )
        partners = max(min(2 * matches / profiles, profiles - 1.0), 0.01)
        trained = replace(trained, model=replace(trained.model, partners=partners))
    return trained


def _unblocked(rule: str, compared: Sequence[Compared]) -> tuple[bool, ...]:
    """By comparison, whether the rule says nothing about it."""
    fields = {parsed[1] for parsed in map(_EXPRESSION.match, re.split(r"\s*&\s*", rule.strip())) if parsed}
    if fields & {"given_name", "family_name", "name"}:
        fields.add("name")
    if "name" in fields and not fields & {"given_name", "family_name"}:
        fields |= {"given_name", "family_name"}
    return tuple(each.field not in fields for each in compared)


def _fitting(model: MatchModel, compared: Sequence[Compared]) -> MatchModel:
    """The model's comparisons in the order of the run; a field that it does not know has the stored parameters."""
    known: dict[str, ComparisonModel] = {each.name: each for each in model.comparisons}
    fitting = []
    for each in compared:
        own = known.get(each.name, default_comparison(each.name, each.kind))
        if own.kind != each.kind:
            raise ConfigError(f"match model: {each.name}", f"is of the kind {own.kind!r}; the data has {each.kind!r}")
        fitting.append(own)
    return replace(model, comparisons=tuple(fitting))


__all__ = ["BLOCKING", "MOST_COMPARISONS", "RULE", "THRESHOLD", "Matches", "comparisons_of", "key_parts", "match"]
