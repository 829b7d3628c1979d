"""Profiles -> candidate pairs -> match weights -> links: what shares no identifier, matched by probability.

Everything is done on codes and canonical texts in the compiled core (``csrc/enishi/matching.hpp``); here stands the
order of the steps: block, train or take the stored model, score, link. What is compared says ``compare.py``, by which
blocking rules ``block.py``, how frequent values are ``frequency.py``, what the model knows ``match_model.py``, and how
it learns ``train.py``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from enishi._matching import MOST_LEVELS, Matching, MatchWeights, Scoring
from enishi.arrow import call, take
from enishi.block import OF_KINDS, KeyPart, cuts, default_rules, filled, key_parts, trains, unblocked
from enishi.compare import Compared, CompiledLevels, comparisons_of
from enishi.components import components
from enishi.curve import estimated_curve, expected_matches
from enishi.errors import ConfigError
from enishi.frequency import Frequencies
from enishi.frozen import as_dict, fresh, frozen, mutable, replace
from enishi.leftover import left_over, still_open
from enishi.link import Linked
from enishi.match_model import ComparisonModel, MatchModel, default_comparison
from enishi.model import Comparison, Match
from enishi.normalize import NONE, Codes, Normalization
from enishi.runner import Runner
from enishi.train import (
    MOVING,
    Identical,
    Marks,
    PairCounts,
    Patterns,
    Training,
    as_often_as_seen,
    by_sources,
    estimate_home,
    estimate_moving,
    estimate_partners,
    estimate_said_twice,
    estimate_twins,
    estimate_u,
    expectation_maximization,
    learn_m,
)

THRESHOLD = 1.0  # of the match weight, log2 of the odds: 2 to 1
TRAINED_ABOVE = 1_000  # records; below, the stored parameters are worth more than an estimate
# Profiles, above which a sample is trained on. It grows with their square root, so that it always has as many pairs of
# one person as a fourth of these have.
TRAINED_WHOLE = 100_000
DOUBTED_RECORDS = 20.0  # records with one other each, that an estimate of how many a person has begins with
MANY = 10_000  # profiles; above, a rule's blocks are shared out, and what is left apart is counted in a sample
RULE = "match"  # what a link by probability is called
# Training draws pairs of strangers: profiles, partners of each, pairs, and parts in which they are compared at once.
RANDOM_PROFILES, RANDOM_PARTNERS, RANDOM_PAIRS, RANDOM_PARTS = 200_000, 100, 1_000_000, 4
STORED_PARTNERS = 20  # of a profile, where the parameters are stored: they tell only what is alike by chance
RULE_PAIRS = 100_000  # by rule, for training
BLOCK_CAP = 1_000  # profiles
PAIRS_A_PROFILE = 50  # by rule
# A rule is left out of which more pairs than this would have to be compared for each link, as far as what is left out
# costs no more than this share of all links. A sample tells, in which at least so many have to be found; what comes so
# near the threshold counts as one.
PAIRS_A_LINK, LOST_LINKS, TELLING_LINKS, NEARLY = 50_000, 0.03, 100, 1.0
PAIRS_A_SHARD = 1_000_000  # that one task scores
PAIRS_AT_ONCE = 100_000  # whose levels are looked at
MOST_PAIRS = 64  # of a profile, where a whole lot of profiles have more
# Quarters of a bit in which pairs are counted that are not linked, and in what share of many pairs: what the model
# thinks that it misses.
BELOW_THRESHOLD, SAMPLED_BELOW = 24, 1 / 16

# Kinds of fields (and the part of a name) that people who live together share; of a masked card ten digits are known,
# which strangers share too. However many of them agree, two records of one household are at most as likely one person's
# as two people's: the rest has to come from what is personal. The same holds for any attribute alone.
HOUSEHOLD = ("family_name", "address", "postcode", "phone", "masked_card")
# Bits that a given name adds to that: of those who share a home about one in thirty bears another's name.
NAMESAKE = 4.5
# In fewer records nobody knows which names one in thirty bears, so that they share a home two fields have to show.
KNOWN_NAMES = 100  # profiles
# From how much less likely, in bits, pairs of one source are one person's, sources say nobody twice; and what is added
# at most to the weight of a pair because both are left over there.
HARDLY_TWICE, LEFT_OVER = -5.0, 5.0


@mutable
class Matches:
    """What matching found.

    Attributes
    ----------
    rule : int
        Its number among the rules of the links.
    model : MatchModel
    prior : float
    weights : float64 array
        By pair of profiles that reached the threshold.
    within : float64 array (n,)
        What is taken off from those told because they are of one source.
    told : int array (n,)
        The pairs that are links, or would be, ascending.
    levels : uint8 array (n, comparisons)
    parts : float64 array (n, comparisons + 1)
        The weight of each level, and what is taken off because several say the same.
    unsaid : float64 array (n,)
        What is taken off because of what the pairs leave unsaid and their customers' other records know.
    left : float64 array (n,)
        What is added because both are left over, of sources that say nobody twice.
    summary : dict
    """

    rule: int
    model: MatchModel
    prior: float
    weights: npt.NDArray[np.float64]
    within: npt.NDArray[np.float64]
    told: npt.NDArray[np.int64]
    levels: npt.NDArray[np.uint8]
    parts: npt.NDArray[np.float64]
    unsaid: npt.NDArray[np.float64]
    left: npt.NDArray[np.float64]
    summary: dict[str, Any] = fresh(default_factory=dict)

    def evidence(self, pairs: npt.NDArray[Any]) -> pa.Array:
        """The way from the prior to the weight of pairs that are told, comparison by comparison, as texts."""
        at = np.searchsorted(self.told, pairs)
        ways = pa.repeat(f"prior {self.prior:+.1f}", len(at))
        ways = _extended(ways, self.within[at], self.within[at] != 0, ["", ", of one source"])
        for i, each in enumerate(self.model.comparisons):
            said = [f", {each.name} {name}" for name in each.names]
            ways = _extended(ways, self.parts[at, i], self.levels[at, i], ["", *said])
        ways = _extended(ways, self.parts[at, -1], self.parts[at, -1] != 0, ["", ", said twice"])
        ways = _extended(ways, self.unsaid[at], self.unsaid[at] != 0, ["", ", what else is known of them"])
        ways = _extended(ways, self.left[at], self.left[at] != 0, ["", ", neither has another partner"])
        return _extended(ways, self.weights[pairs], np.zeros(len(at), np.uint8), [" ="])


def _extended(
    texts: pa.Array, weights: npt.NDArray[np.float64], kinds: npt.NDArray[Any], words: Sequence[str]
) -> pa.Array:
    """Each text with the word of its kind and its weight after it; an empty word adds nothing.

    Many pairs have one weight, so each is written once.
    """
    found, of = np.unique(weights + 1j * kinds, return_inverse=True)
    steps = [
        f"{words[int(kind)]} {weight:+.1f}" if words[int(kind)] else ""
        for weight, kind in zip(found.real.tolist(), found.imag.tolist(), strict=True)
    ]
    return call("binary_join_element_wise", texts, take(pa.array(steps, pa.string()), of), "")


def match(
    normalized: Normalization,
    linked: Linked,
    runner: Runner,
    *,
    declared: Match | None = None,
    model: MatchModel | None = None,
    threshold: float = THRESHOLD,
    train: bool = False,
    labels: Codes | None = None,
) -> Matches | None:
    """Links profiles whose match weight reaches the threshold; None where nothing can be compared.

    Parameters
    ----------
    normalized : Normalization
        Made with ``match=True``.
    linked : Linked
        After everything exact; the links are added to it.
    runner : Runner
        Blocks, trains and scores several rules, and shards of one, at once.
    declared : Match, optional
        Blocking rules and comparisons of the user's own; the model's where there are none.
    model : MatchModel, optional
        Left out: the stored parameters, above 1,000 records trained on the data.
    threshold : float
        Of the match weight.
    train : bool
        Train on the data, however few they are.
    labels : uint32 array (n, 2), optional
        Pairs of profiles that are known to be one person's, from which m is taken.

    Raises
    ------
    ConfigError
        The model compares a field in another way than the data have it.
    """
    declared = _declared(declared or Match(), model, normalized)
    compared = comparisons_of(normalized, declared)
    if not compared or normalized.records < 2:
        return None
    normalized.read_names()
    training = model is None and (train or normalized.records > TRAINED_ABOVE)
    # Training needs blocks within clusters too, of which a sample is enough; scoring those alone that reach beyond one.
    sampled = trained_share(len(normalized.profiles)) if training else 1.0
    prepared = _prepare(
        normalized,
        compared,
        linked.linking.labels(),
        normalized.profiles.keys(),
        runner,
        declared.rules,
        linked.sharing(),
        _unique_sources(normalized, linked),
        sampled=sampled,
        across=not training,
    )
    rounds = 0
    if model is not None:
        model = _fitting(model, prepared)
    elif training:
        trained = _train(prepared)
        model, rounds = trained.model, trained.rounds
        _keep_worthwhile(prepared, model, threshold, every=bool(declared.rules))
        if labels is not None:
            model = learn_m(model, prepared.matching.compare(labels, prepared.weights(model))[0])
    else:
        model = _stored(prepared, threshold)
    return _join(prepared, linked, model, rounds, threshold)


def _join(prepared: _Prepared, linked: Linked, model: MatchModel, rounds: int, threshold: float) -> Matches:
    """Scores all pairs and joins those that reach the threshold."""
    weights = prepared.weights(model)
    lonely = np.array(linked.unique) | (model.within <= HARDLY_TWICE)  # by source, whether it says nobody twice
    # Those below, that may be left over, and of which it is to be known whether they are still open.
    looked_at = np.count_nonzero(lonely) > 1 or prepared.profiles <= TRAINED_WHOLE
    lowest = threshold - LEFT_OVER if looked_at else threshold
    scored = _score(prepared, weights, lowest, 1.0 if prepared.profiles <= MANY else SAMPLED_BELOW)
    # What the clusters of a pair know beside it, exact identifiers having joined, may outweigh it.
    unsaid = prepared.matching.unsaid(scored.pairs, weights)
    weighed = scored.weights + unsaid
    enough = weighed >= threshold
    own = np.flatnonzero((prepared.records > 1) & (linked.linking.bound() == 0)).astype(np.uint32)
    alone = np.stack([own, own], axis=1)
    prior = model.prior(prepared.profiles)
    own_weights = prior + model.within + prepared.matching.compare(alone, weights)[1].sum(axis=1)
    whole = own_weights >= threshold
    joining = np.ascontiguousarray(np.concatenate([scored.pairs[enough], alone[whole]]))
    found = np.concatenate([weighed[enough], own_weights[whole]])
    outweighed = ~enough & (scored.weights >= threshold)
    given, named, dated = _said(prepared, weights, joining)
    rule = len(linked.rules)
    linked.rules.append(RULE)
    counts = linked.linking.join_matches(rule, joining, found, given, named, dated, model.within, threshold)
    refused = np.ascontiguousarray(scored.pairs[outweighed])
    counts["outweighed"] = linked.linking.refuse_outweighed(rule, refused, len(joining))
    below = np.flatnonzero(~enough & (weighed >= lowest))
    missed = scored.pairs[below], weighed[below]
    left = _left_over(prepared, linked, weights, scored.pairs[below], weighed[below], lonely, threshold)
    below, left = below[left > 0], left[left > 0]
    late, first = np.ascontiguousarray(scored.pairs[below]), len(joining) + len(refused)
    said = _said(prepared, weights, late)
    more = linked.linking.join_matches(rule, late, weighed[below] + left, *said, model.within, threshold, first)
    counts = {outcome: n + more.get(outcome, 0) for outcome, n in counts.items()} | {"left_over": more["linked"]}
    linked.rule_conflicts[RULE] = counts["conflict"]
    open_ = still_open(missed[0], prepared.matching.codes(0), linked.linking.labels(), lonely)
    # Of those further below as many are as of the lowest that were looked at.
    lightest = missed[1] < lowest + 1
    share = float(open_[lightest].mean()) if lightest.any() else 1.0
    heavy = np.concatenate([weighed[enough], missed[1][open_]])
    estimate = estimated_curve(lowest, heavy, scored.below * share)
    pairs = np.concatenate([joining, refused, late])
    told = _told(linked, rule)
    levels, parts = prepared.matching.compare(np.ascontiguousarray(pairs[told]), weights)
    of_source = prepared.matching.codes(0)[pairs[told]]
    return Matches(
        rule,
        model,
        prior,
        weights=np.concatenate([found, weighed[outweighed], weighed[below] + left]),
        within=np.where(of_source[:, 0] == of_source[:, 1], model.within, 0.0),
        told=told,
        levels=levels,
        parts=parts,
        unsaid=np.concatenate([unsaid[enough], np.zeros(int(whole.sum())), unsaid[outweighed], unsaid[below]])[told],
        left=np.concatenate([np.zeros(len(pairs) - len(left)), left])[told],
        summary={
            "threshold": threshold,
            "model": replace(model, rules=tuple(prepared.rules)).to_dict(),
            "training_rounds": rounds,
            "prior": round(prior, 4),
            "compared": int(scored.compared.sum()),
            "partners": round(model.partners, 4),
            "above_threshold": len(pairs) - len(late) + scored.dropped,
            "dropped_for_stronger": scored.dropped,
            **counts,
            "estimate": [as_dict(point) for point in estimate],
            "missed": round(expected_matches(lowest, missed[1][open_], scored.below * share), 2),
            "blocking": {rule: prepared.blocking[rule] for rule in prepared.rules},
            "idle_rules": prepared.idle,
            "capped": [rule for rule in prepared.rules if _is_capped(prepared.blocking[rule])],
            "weights": {
                each.name: {
                    level: round(weight, 2) for level, weight in zip(each.names, each.weights(), strict=True) if level
                }
                for each in model.comparisons
            },
        },
    )


def _left_over(
    prepared: _Prepared,
    linked: Linked,
    weights: MatchWeights,
    pairs: Codes,
    weighed: npt.NDArray[np.float64],
    lonely: npt.NDArray[np.bool_],
    threshold: float,
) -> npt.NDArray[np.float64]:
    """What pairs below the threshold gain because both are left over, where that lifts them to it; else 0.

    Only where the given names agree or resemble each other, and nothing that a household shares was capped: a husband
    of the one source and his wife of the other are left over too.
    """
    gain = np.zeros(len(pairs))
    if not len(pairs):
        return gain
    sources = prepared.matching.codes(0)
    added = np.minimum(left_over(pairs, weighed, sources, linked.linking.labels(), lonely), LEFT_OVER)
    lifted = np.flatnonzero(weighed + added >= threshold)
    levels, parts = prepared.matching.compare(np.ascontiguousarray(pairs[lifted]), weights)
    named = _reaches(levels, prepared.compared, "given_name", 2).astype(bool)
    lifted = lifted[named & (parts[:, -1] == 0)]
    gain[lifted] = added[lifted]
    return gain


def trained_share(profiles: float) -> float:
    """The share of so many profiles that is trained on."""
    return 1.0 if profiles <= TRAINED_WHOLE else math.sqrt(TRAINED_WHOLE / 4 / profiles)


def _said(
    prepared: _Prepared, weights: MatchWeights, pairs: Codes
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """By pair, whether both given names are known, are not different, and whether both birth dates are known."""
    given, named, dated = np.zeros((3, len(pairs)), np.uint8)
    for start in range(0, len(pairs), PAIRS_AT_ONCE):
        part = slice(start, start + PAIRS_AT_ONCE)
        levels, _ = prepared.matching.compare(pairs[part], weights)
        given[part] = _reaches(levels, prepared.compared, "given_name", 1)
        named[part] = _reaches(levels, prepared.compared, "given_name", 2)
        dated[part] = _reaches(levels, prepared.compared, "birth_date", 1)
    return given, named, dated


def _joined(clusters: Codes, pairs: Codes) -> Codes:
    """The clusters as they are when all pairs are joined."""
    profiles = np.arange(len(clusters))
    number = np.arange(len(pairs)) + len(clusters)
    rows = np.concatenate([profiles, pairs[:, 0], pairs[:, 1]]).astype(np.int64)
    hubs = np.concatenate([clusters, number, number]).astype(np.int64)
    return components(rows, hubs, len(clusters)).astype(np.uint32)


def _reaches(
    levels: npt.NDArray[np.uint8], compared: Sequence[Compared], kind: str, level: int
) -> npt.NDArray[np.uint8]:
    """By pair, whether a comparison of a kind of field reaches a level."""
    columns = [i for i, each in enumerate(compared) if each.field == kind]
    reached: npt.NDArray[np.bool_] = np.any(levels[:, columns] >= level, axis=1)
    return reached.astype(np.uint8)


def _told(linked: Linked, rule: int) -> npt.NDArray[np.int64]:
    """The pairs of a rule that became links, or were refused, by their numbers."""
    links = (linked.linking.found_links(), linked.linking.refused_links())
    return np.flatnonzero(np.bincount(np.concatenate([each[each[:, 1] == rule, 2] for each in links])))


@frozen
class _Scored:
    """Pairs that reach the threshold, how many more were dropped, and those just below it.

    ``compared``: by rule, how many pairs of two clusters it has.
    """

    pairs: Codes
    weights: npt.NDArray[np.float64]
    dropped: int
    compared: npt.NDArray[np.int64]
    below: npt.NDArray[np.float64]


def _score(prepared: _Prepared, weights: MatchWeights, threshold: float, share: float | None = None) -> _Scored:
    """Scores the pairs of all rules; those below the threshold are counted in a share of the profiles, or not."""
    kept, quarters = (int(share * 2**32), BELOW_THRESHOLD) if share else (0, 0)
    map_ = prepared.runner.map
    scoring = Scoring(prepared.matching, weights, threshold, kept, quarters, prepared.apart, MOST_PAIRS, map_)

    def score(task: tuple[int, int, int]) -> tuple[int, npt.NDArray[np.uint64]]:
        return scoring.score(*task)

    compared = np.zeros(len(prepared.rules), np.int64)
    below = np.zeros(quarters)
    shards = prepared.shards()
    for (rule, _, _), scored in zip(shards, map_(score, shards), strict=True):
        compared[rule] += scored[0]
        below += scored[1]
    return _Scored(*scoring.pairs(), compared, below / (share or 1.0))


@mutable
class _Prepared:
    """Comparisons, blocks and frequencies of one run."""

    runner: Runner
    keys: npt.NDArray[np.uint64]  # by profile, what orders them whatever order they came in
    records: npt.NDArray[Any]  # by profile, how many there are
    clusters: Codes  # by profile
    apart: Codes | None  # by profile, the source that says nobody twice: pairs of one such are not made
    matching: Matching
    levels: CompiledLevels  # which hold the user's own functions
    compared: tuple[Compared, ...]
    frequencies: Frequencies
    rules: dict[str, tuple[list[list[KeyPart]], list[KeyPart]]]  # by text, its ways and what cuts it
    blocking: dict[str, dict[str, int]] = fresh(default_factory=dict)  # by rule, what its blocks count
    sampled: float = 1.0  # the share of the profiles that are in blocks
    idle: dict[str, int] = fresh(default_factory=dict)  # rules that find too little, and their pairs

    @property
    def profiles(self) -> int:
        return len(self.keys)

    def block(self, *, sampled: float = 1.0, across: bool = False) -> None:
        """Makes the blocks of a share of the profiles; of those that are no more than one cluster only the counts.

        Those are cut that would be cut if they were whole.
        """
        self.sampled = sampled
        cap = max(round(BLOCK_CAP * sampled), 2)
        budget = int((PAIRS_A_PROFILE * self.profiles + 10_000) * sampled**2)
        rules, names, kept = list(self.rules.values()), list(self.rules), int(sampled * 2**32)
        made = self.matching.make_blocks(rules, cap, budget, self.runner.map, kept, across)
        self.blocking = {names[number]: counts for number, counts in made}
        self.rules = {name: self.rules[name] for name in self.blocking}

    def shards(self) -> list[tuple[int, int, int]]:
        """The rules in parts of about as many pairs: rule, part and parts."""
        counts = [self.blocking[rule]["pairs"] for rule in self.rules]
        parts = [1 + pairs // PAIRS_A_SHARD for pairs in counts]
        return [(rule, part, many) for rule, many in enumerate(parts) for part in range(many)]

    def keep_rules(self, kept: Sequence[bool]) -> None:
        """Makes the whole blocks of the rules that are kept; of the others only stays what was counted of them."""
        idle = [rule for rule, keep in zip(self.rules, kept, strict=True) if not keep]
        self.idle = {rule: round(self.blocking[rule]["pairs"] / self.sampled**2) for rule in idle}
        self.rules = {rule: parts for rule, parts in self.rules.items() if rule not in self.idle}
        self.block(across=True)

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

    def defaults(self, partners: float = 1.0) -> MatchModel:
        """The stored parameters, with the u of equal values that the columns themselves tell."""
        model = MatchModel(tuple(_default(each) for each in self.compared), partners, moving=MOVING)
        agreements = self.agreements(model)
        comparisons = []
        for each in model.comparisons:
            u = [*each.u[:-1], agreements[each.name]]
            u[0] = max(1.0 - sum(u[1:]), 0.01)
            comparisons.append(replace(each, u=tuple(u)))
        return replace(model, comparisons=tuple(comparisons))

    def weights(self, model: MatchModel) -> MatchWeights:
        levels = np.zeros((len(self.compared), MOST_LEVELS))
        equal = np.zeros_like(levels)
        frequency: list[list[npt.NDArray[np.float64]]] = []
        own = self.own(model)
        for i, each in enumerate(model.comparisons):
            levels[i, 1 : len(each.m) + 1] = each.weights()
            u = each.u[-1]
            equal[i, 1 : len(each.m) + 1] = np.log2(np.maximum(each.m, 1e-12) / u)
            columns = range(len(self.frequencies.counts[i])) if each.term_frequency else ()
            frequency.append([np.log2(u / self.frequencies.strangers(i, c, own, each.rarest)) for c in columns])
        prior = model.prior(self.profiles)
        first_year = self.frequencies.first_year
        return MatchWeights(
            levels,
            equal,
            frequency,
            first_year,
            prior,
            self.household(),
            -prior,
            NAMESAKE,
            1 if self.profiles > KNOWN_NAMES else 2,
            model.moving,
            model.home,
            model.twice(),
            model.colleagues(),
            model.within,
            model.of_other_names(),
        )


def _unique_sources(normalized: Normalization, linked: Linked) -> Codes | None:
    """By profile its source, where that says nobody twice, or `NONE`; None where every source may."""
    if not any(linked.unique):
        return None
    sources = linked.linking.sources(0, normalized.records)[linked.linking.smallest_records()].astype(np.uint32)
    return np.where(np.array(linked.unique)[sources], sources, NONE)


def _prepare(
    normalized: Normalization,
    compared: tuple[Compared, ...],
    clusters: Codes,
    keys: npt.NDArray[np.uint64],
    runner: Runner,
    own_rules: Sequence[str] = (),
    sharing: Mapping[str, bytes] = MappingProxyType({}),
    apart: Codes | None = None,
    *,
    sampled: float = 1.0,
    across: bool = False,
) -> _Prepared:
    profiles, levels = normalized.profiles, CompiledLevels()
    comparisons = [
        (each.kind, each.columns, each.tables, levels.of(each), sharing.get(each.name, b""), each.impossible)
        for each in compared
    ]
    matching = Matching(profiles, comparisons, clusters, keys, runner.map)
    frequencies = Frequencies(matching, compared, clusters, runner)
    rules: dict[str, tuple[list[list[KeyPart]], list[KeyPart]]] = {}
    for rule in own_rules or default_rules(compared, frequencies, len(profiles)):
        parts = key_parts(rule, compared, by_name=rule not in OF_KINDS)
        slots = [slot for slot in parts if filled(slot, compared, frequencies)]
        if slots:
            rules[rule] = slots, cuts(slots[0], compared, frequencies)
    records = profiles.counts()
    prepared = _Prepared(runner, keys, records, clusters, apart, matching, levels, compared, frequencies, rules)
    prepared.block(sampled=sampled, across=across)
    return prepared


def _is_capped(counts: Mapping[str, int]) -> bool:
    return bool(counts["cut_blocks"] or counts["left_out_blocks"])


def _train(prepared: _Prepared) -> Training:
    """The trained model."""
    matching, profiles, runner = prepared.matching, prepared.profiles, prepared.runner
    alike = prepared.records.astype(np.float64)
    alike_pairs = float((alike * (alike - 1.0)).sum()) / 2
    order = _smallest(prepared.keys, RANDOM_PROFILES)
    strides = min(-(-RANDOM_PAIRS // len(order)), RANDOM_PARTNERS, len(order) - 1)

    def random_patterns(part: int) -> Patterns:
        return matching.random_patterns(order, strides, part, RANDOM_PARTS)

    def rule_patterns(task: tuple[int, float]) -> Patterns:
        return matching.rule_patterns(task[0], int(task[1] * 2**32))

    patterns = _merged(list(runner.map(random_patterns, range(RANDOM_PARTS))))
    household = prepared.household()
    random = PairCounts.of_random(patterns, profiles, household)
    identical = _identical(prepared, random)
    counts = [max(prepared.blocking[rule]["pairs"], 1) for rule in prepared.rules]
    share = prepared.sampled**2  # of all pairs, that are between profiles of the sample
    kept_shares = [min(1.0, RULE_PAIRS / pairs) for pairs in counts]
    sampled = runner.map(rule_patterns, list(enumerate(kept_shares)))
    free = [unblocked(rule, prepared.compared) for rule in prepared.rules]
    rules: list[tuple[Patterns, tuple[bool, ...]]] = list(zip(sampled, free, strict=True))
    # Where no rule is one that trains, all do. Sources may say hardly anybody twice, so a rule's pairs of one source
    # are counted by themselves and have a share of matches of their own.
    telling, same_source = [], []
    every = not any(trains(name) for name in prepared.rules)
    for name, (patterns, used) in zip(prepared.rules, rules, strict=True):
        for part, one_source in zip(by_sources(patterns), (0.0, 1.0), strict=True):
            if (every or trains(name)) and len(part):
                telling.append((part, used))
                same_source.append(one_source)
    model = prepared.defaults()
    trained = Training(model, (), 0.0, 0)
    weighed = [(patterns, kept * share) for (patterns, _), kept in zip(rules, kept_shares, strict=True)]
    pairs = PairCounts.of_rules(weighed, profiles, household)
    for tolerance in (1e-2, 1e-3, 1e-4):  # u and the number of partners move less and less
        model = estimate_u(trained.model, random, prepared.agreements(trained.model))
        model = estimate_said_twice(model, random, pairs)
        # What is alike within such a source are families and versions, more often than one person.
        if model.says_few_twice():
            telling = [each for each, one_source in zip(telling, same_source, strict=True) if not one_source]
            same_source = [0.0] * len(telling)
        limits = [_left_to_homes(model, household, used, -model.prior(profiles)) for _, used in telling]
        trained = replace(trained, model=model)
        if telling:
            trained = expectation_maximization(
                model,
                telling,
                household=household,
                limits=limits,
                identical=identical,
                same_source=same_source,
                tolerance=tolerance,
            )
        found = estimate_partners(
            trained.model,
            pairs,
            unseen=identical.unseen(trained.model),
            same_source=identical.same_source,
            identical=alike_pairs,
        )
        trained = replace(trained, model=estimate_moving(found, pairs))
    found = estimate_twins(estimate_home(trained.model, pairs), pairs, identical.same_source)
    return replace(trained, model=found)


def _left_to_homes(model: MatchModel, household: Marks, used: Marks, limit: float) -> float:
    """What those comparisons that a household shares may still say of pairs of one rule (a natural logarithm).

    A rule that makes some of them agree has said that already; of one that is about nothing else they say nothing more.

    Parameters
    ----------
    model : MatchModel
    household, used : sequence of bool
        By comparison: whether a household shares it, and whether the rule says nothing about it.
    limit : float
        Bits that all of them say together at most.
    """
    blocked, shared = ~np.array(used), np.array(household)
    if blocked.any() and not (blocked & ~shared).any():
        return 0.0
    said = sum(each.weights()[-1] for each, counts in zip(model.comparisons, blocked & shared, strict=True) if counts)
    return max(limit - said, 0.0) * math.log(2)


def _smallest(keys: npt.NDArray[np.uint64], most: int) -> Codes:
    """The profiles of the smallest keys, at most so many, by these."""
    few = np.arange(len(keys))
    if len(keys) > 2 * most:  # keys are hashes, so those below a bound are about as many as it says
        few = np.flatnonzero(keys <= np.uint64(2**64 // len(keys) * (most + most // 8)))
        few = few if len(few) >= most else np.arange(len(keys))
    return few[np.argsort(keys[few])][:most].astype(np.uint32)


def _stored(prepared: _Prepared, threshold: float) -> MatchModel:
    """The stored parameters, which hold for anybody; how many records a person has, and how many people a value, does
    not."""
    order = _smallest(prepared.keys, RANDOM_PROFILES)
    patterns = prepared.matching.random_patterns(order, min(STORED_PARTNERS, prepared.profiles - 1), 0, 1)
    random = PairCounts.of_random(patterns, prepared.profiles, prepared.household())
    model = as_often_as_seen(prepared.defaults(), random)
    pairs = _score(prepared, prepared.weights(model), threshold).pairs
    exact = prepared.frequencies.exact_partners * prepared.profiles
    partners = (2.0 * len(pairs) + exact + DOUBTED_RECORDS) / (prepared.profiles + DOUBTED_RECORDS)
    joined = _joined(prepared.clusters, pairs)
    prepared.frequencies = Frequencies(prepared.matching, prepared.compared, joined, prepared.runner, joined=True)
    return as_often_as_seen(prepared.defaults(partners), random)


def _keep_worthwhile(prepared: _Prepared, model: MatchModel, threshold: float, *, every: bool) -> None:
    """Makes the whole blocks of those rules that find enough in the sample; of few profiles every rule does."""
    kept = [True] * len(prepared.rules)
    if prepared.profiles > MANY and not every:
        nearly, weights = threshold - NEARLY, prepared.weights(model)
        scored = _score(prepared, weights, nearly)
        # Those whom the rest of their records keeps apart are nothing found: of one name, there are very many.
        near = scored.pairs[scored.weights + prepared.matching.unsaid(scored.pairs, weights) >= nearly]
        first = prepared.matching.first_rules(np.ascontiguousarray(near))
        kept = _worthwhile(scored.compared, np.bincount(first, minlength=len(prepared.rules)))
    if prepared.sampled < 1 or not all(kept):
        prepared.keep_rules(kept)


def _worthwhile(compared: npt.NDArray[np.int64], found: npt.NDArray[np.int64]) -> list[bool]:
    """By rule, whether it finds enough for its pairs; all do where too little was found to tell."""
    total = int(found.sum())
    rate = found / np.maximum(compared, 1)
    order = np.argsort(rate, kind="stable")
    idle = np.zeros(len(rate), bool)
    lost = np.cumsum(found[order])
    idle[order] = (lost <= LOST_LINKS * total) & (rate[order] * PAIRS_A_LINK < 1.0) & (total >= TELLING_LINKS)
    kept: list[bool] = (~idle).tolist()
    return kept


def _merged(parts: Sequence[Patterns]) -> Patterns:
    """The patterns of all parts, each once."""
    every = np.concatenate(parts)
    patterns, at = np.unique(every[:, 0], return_inverse=True)
    counts = np.zeros(len(patterns), np.uint64)
    np.add.at(counts, at, every[:, 1])
    return np.stack([patterns, counts], axis=1)


def _identical(prepared: _Prepared, random: PairCounts) -> Identical:
    """How often records are of one source and have what is compared."""
    sources = np.bincount(prepared.matching.codes(0)).astype(np.float64)
    present = (random.levels > 0).T.astype(np.float64) @ random.counts
    return Identical(
        float((sources**2).sum() / sources.sum() ** 2), tuple((present / max(random.counts.sum(), 1.0)).tolist())
    )


def _default(compared: Compared) -> ComparisonModel:
    own = compared.names if compared.levels else ()
    return default_comparison(compared.name, compared.kind, own, term_frequency=compared.term_frequency)


def _declared(declared: Match, model: MatchModel | None, normalized: Normalization) -> Match:
    """What the user declared, and from the model what she did not."""
    if model is None:
        return declared
    own = {each.field for each in declared.comparisons}
    known = [
        Comparison(each.name, each.levels[:0:-1], term_frequency=each.term_frequency)
        for each in model.comparisons
        if each.name not in own and (each.levels or not each.term_frequency)
    ]
    fields = normalized.bound.model.known_fields()
    found = Match(declared.rules or model.rules, (*declared.comparisons, *known)).fed_by(fields)
    found.check("match model", fields)
    return found


def _fitting(model: MatchModel, prepared: _Prepared) -> MatchModel:
    """The model's comparisons in the order of the run; a field that it does not know has the stored parameters."""
    known: dict[str, ComparisonModel] = {each.name: each for each in model.comparisons}
    fitting = []
    for each in prepared.compared:
        own = known.get(each.name, _default(each))
        where = f"match model: {each.name}"
        if own.kind != each.kind:
            raise ConfigError(where, f"is of the kind {own.kind!r}; the data has {each.kind!r}")
        if own.names != each.names:
            raise ConfigError(where, "has other levels than the configuration; train it again, or take them out there")
        fitting.append(replace(own, term_frequency=each.term_frequency))
    model = replace(model, comparisons=tuple(fitting)).of(prepared.profiles)
    if len(np.unique(prepared.matching.codes(0))) < 2:
        model = replace(model, across=0.0, within=0.0)  # of a single source it said nothing
    return model


__all__ = ["RULE", "THRESHOLD", "Matches", "match"]
