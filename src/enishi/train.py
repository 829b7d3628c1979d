"""Comparison vectors -> m and u probabilities: how a match model is trained.

Training sees no pair, only how often each comparison vector (a *pattern*, four bits a comparison) occurs:

u    from random pairs. Of those a few are the same person, and in a near-unique field they are most of the pairs that
     agree, so each pattern counts only as far as the model takes it for strangers. Where values are equal u is not
     sampled at all but computed from the frequencies of the values.
m    by expectation-maximization over the patterns of all blocking rules at once. A rule says nothing about the
     comparisons that it makes agree, so each comparison learns from the pairs of the other rules only; every rule has
     its own share of matches.

Of the pairs of all rules, each once, it then estimates what m and u leave open: how many records a person has, how many
people move, share a home or are twins.

Counts are integers and patterns are sorted, so the same records give the same bits in any order and on any thread.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from enishi.frozen import frozen, replace
from enishi.levels import LEVELS
from enishi.match_model import MOST_DIFFERENT, ComparisonModel, MatchModel, default_parameters

Floats: TypeAlias = npt.NDArray[np.float64]
Marks: TypeAlias = Sequence[bool] | npt.NDArray[np.bool_]  # by comparison
Patterns: TypeAlias = npt.NDArray[np.uint64]  # (n, 2): a pattern and how often it occurs, sorted by pattern

# Bits of a pattern above its comparisons: no earlier rule has the pair; its two are of one source.
OWNED, WITHIN = np.uint64(1 << 63), np.uint64(1 << 62)

# What an estimate keeps of what was thought before, so that a few pairs do not decide:
KEPT_DEFAULT = 20.0  # of m, so many pairs with the default one; a level into which nobody fell stays possible
KEPT_SHARE = 0.005  # and as many as this share of all that it learns from
DOUBTED_PAIRS = 0.5  # of u, so many random pairs a level with the default one
DOUBTED_WITHIN = 20.0  # of matches, so many that are of one source as often as of two
DOUBTED_MOVES, MOVING = 5.0, 2.0  # so many matches, of which postcode and address say so many bits twice
DOUBTED_HOMES = 20.0  # of pairs at home, so many of which every other one is one person's
DOUBTED_TWINS = 5.0  # so many pairs of twins of one source
ROUNDS = 30  # of an estimate from pairs that it decides about itself

FEWEST_SEEN = 10  # random pairs at a level, from which they say how often strangers are alike
# So many of those who live together are twins, at most; and where a source says people twice, so many times as many
# have to be of one home and birth date before any are taken for one person's: there nobody lives with anybody.
TWINS_AT_HOME, ALONE_AT_HOME = 0.01, 32.0
# Two comparisons say something twice where so many random pairs of strangers agree in both, so many times as many as if
# the two were independent. Less may come from a few values (the title "Editorial", of one journal).
LEAST_TOGETHER, LEAST_LIFT = 20.0, 8.0
MOST_UNSEEN = 0.9  # of one person's pairs, that are equal in everything: beyond that nothing can be learned


@frozen
class Training:
    """A trained model, and how far to trust it.

    Attributes
    ----------
    model : MatchModel
    shares : tuple of float
        By rule: the share of its pairs that are one person's.
    matches : float
        Pairs of one person among all pairs of the rules that were sampled.
    rounds : int
    """

    model: MatchModel
    shares: tuple[float, ...]
    matches: float
    rounds: int


def by_sources(patterns: Patterns) -> tuple[Patterns, Patterns]:
    """The patterns of pairs of different sources, and those of pairs of one."""
    within = patterns[:, 0] & WITHIN > 0
    return patterns[~within], patterns[within]


def levels_of(patterns: Patterns, comparisons: int) -> npt.NDArray[np.int64]:
    """The levels of each pattern, patterns x comparisons."""
    shifts = np.arange(comparisons, dtype=np.uint64) * np.uint64(4)
    levels: npt.NDArray[np.int64] = ((patterns[:, 0, None] >> shifts) & np.uint64(15)).astype(np.int64)
    return levels


@frozen
class PairCounts:
    """Pairs of records, each once, counted by what comparing them gave.

    Attributes
    ----------
    levels : int64 array (patterns, comparisons)
    counts : float64 array (patterns,)
        How many pairs; of a sample, as many as there are in all.
    compared : float64 array (patterns,)
        How many of them were looked at.
    within : bool array (patterns,)
        Whether both records are of one source.
    records : int
        Of which they are pairs.
    household : bool array (comparisons,)
        Whether people who live together share it.
    """

    levels: npt.NDArray[np.int64]
    counts: Floats
    compared: Floats
    within: npt.NDArray[np.bool_]
    records: int
    household: npt.NDArray[np.bool_]

    @classmethod
    def of_random(cls, patterns: Patterns, records: int, household: Sequence[bool]) -> PairCounts:
        """Random pairs."""
        counts = patterns[:, 1].astype(np.float64)
        within = patterns[:, 0] & WITHIN > 0
        return cls(levels_of(patterns, len(household)), counts, counts, within, records, np.array(household, np.bool_))

    @classmethod
    def of_rules(cls, rules: Sequence[tuple[Patterns, float]], records: int, household: Sequence[bool]) -> PairCounts:
        """The pairs of all blocking rules: of each its patterns, and the share of its pairs that they are."""
        owned = [patterns[patterns[:, 0] & OWNED > 0] for patterns, _ in rules]
        shares = [own[:, 1] / kept for own, (_, kept) in zip(owned, rules, strict=True)]
        every = cls.of_random(np.concatenate([np.zeros((0, 2), np.uint64), *owned]), records, household)
        return replace(every, counts=np.concatenate([np.zeros(0), *shares]))

    def of_one_person(self, model: MatchModel) -> Floats:
        """How many of them the model takes for one person's, of the prior that scoring has."""
        prior = model.prior(self.records)
        every = [True] * len(self.household)
        odds = log_odds(model, self.levels, every, self.household, -prior * math.log(2), self.within)
        return self.counts * posterior(1.0 / (1.0 + 2.0**-prior), odds)

    def of_strangers(self, model: MatchModel) -> Floats:
        """How many of them the model does not take for one person's, of random pairs."""
        share = min(max(model.partners / max(self.records - 1, 1), 1e-12), 0.5)
        odds = log_odds(model, self.levels, [True] * len(self.household), self.household, -math.log(share))
        return self.counts * (1 - posterior(share, odds))


@frozen
class Identical:
    """What is known of pairs that nobody sees: two equal records of one source are one profile.

    Left out of account, one person's records would seem to differ always in something, and those that differ in one
    thing alone, of which there are most, less likely to be hers than those that differ in several.

    Attributes
    ----------
    same_source : float
        The share of pairs that are of one source.
    present : tuple of float
        By comparison, in what share of pairs both records have a value.
    """

    same_source: float
    present: tuple[float, ...]

    def held(self, equal: Floats) -> Floats:
        """How likely two records of one person have equal values; ``equal`` says it of those that have values."""
        return equal * self.present

    def kept(self, equal: Floats) -> Floats:
        """How likely two records of one person have equal values, or none."""
        return self.held(equal) + (1.0 - np.sqrt(self.present)) ** 2

    def unseen(self, model: MatchModel) -> float:
        """The share of one person's pairs of one source that differ in nothing."""
        equal = np.array([each.m[-1] for each in model.comparisons])
        return min(float(np.prod(self.kept(equal))), MOST_UNSEEN)


def log_odds(
    model: MatchModel,
    levels: npt.NDArray[np.int64],
    used: Marks,
    household: Marks = (),
    limit: float = math.inf,
    within: npt.NDArray[np.bool_] | None = None,
) -> Floats:
    """The natural logarithm of m / u of each pattern, over the comparisons in use.

    What is marked as shared in a household adds up to ``limit`` at most. Of the patterns that are of one source's pairs
    (``within``), the odds are less by what the model says of such.
    """
    said = np.zeros((len(levels), len(model.comparisons)))
    for i, each in enumerate(model.comparisons):
        if used[i]:
            table = np.concatenate([[0.0], np.array(each.weights()) * math.log(2)])
            said[:, i] = table[levels[:, i]]
    shared = np.array(household if len(household) else [False] * len(model.comparisons), np.bool_)
    total = _total(said, shared, limit, model.twice(), _moving(model.comparisons), model.moving * math.log(2))
    return total if within is None else total + within * (model.within * math.log(2))


def _moving(comparisons: Sequence[ComparisonModel]) -> list[int]:
    """The comparisons that differ together where somebody moved, if both are there: postcode and address."""
    found = {each.kind: i for i, each in enumerate(comparisons) if each.kind in ("postcode", "address")}
    return list(found.values()) if len(found) == 2 else []


def _total(
    said: Floats,
    shared: npt.NDArray[np.bool_],
    limit: float | Floats,
    twice: Sequence[tuple[int, int, float]],
    moving: Sequence[int],
    given_back: float,
) -> Floats:
    """What comparisons say together, those that a household shares up to a limit; what is said twice counts once.

    Of what the two that differ where somebody moved both say against a pair, so much is given back.
    """
    again = np.zeros((2, len(said)))
    for one, other, bits in twice:
        again[int(shared[one] and shared[other])] += np.clip(said[:, (one, other)].min(axis=1), 0.0, bits * math.log(2))
    at_home = np.minimum(said[:, shared].sum(axis=1) - again[1], limit)
    total: Floats = said[:, ~shared].sum(axis=1) - again[0] + at_home
    return total + np.clip(-said[:, moving].max(axis=1), 0.0, given_back) if moving else total


def posterior(share: float, odds: Floats) -> Floats:
    """The probability of a match, from the prior share of matches and the log odds of the evidence."""
    prior = math.log(share) - math.log1p(-share)
    probability: Floats = 1.0 / (1.0 + np.exp(-np.clip(prior + odds, -700, 700)))
    return probability


class _Evidence:
    """The patterns of all rules, each reduced to the comparisons that its rule says nothing about."""

    def __init__(
        self, comparisons: Sequence[ComparisonModel], rules: Sequence[tuple[Patterns, Sequence[bool]]]
    ) -> None:
        width = len(comparisons)
        tops = np.array([len(each.m) for each in comparisons])
        parts = [np.zeros((0, 2), np.uint64)]
        sizes = []
        for patterns, used in rules:
            levels = levels_of(patterns, width)
            equal = ((levels == 0) | (levels == tops) | np.array(used)).all(axis=1)
            mask = np.uint64(sum(15 << 4 * i for i, is_used in enumerate(used) if is_used))
            reduced, of = np.unique((patterns[:, 0] & mask) | (equal.astype(np.uint64) << _EQUAL), return_inverse=True)
            counts = np.zeros(len(reduced), np.uint64)
            np.add.at(counts, of.ravel(), patterns[:, 1])
            parts.append(np.stack([reduced, counts], axis=1))
            sizes.append(len(reduced))
        whole = np.concatenate(parts)
        self.rule = np.repeat(np.arange(len(rules)), sizes)  # of each pattern
        self.counts = whole[:, 1].astype(np.float64)
        self.equal = (whole[:, 0] >> _EQUAL).astype(np.float64)  # in all that the rule makes agree
        # Where the weight of each level stands in a table of all.
        self.places = levels_of(whole, width) + np.arange(width) * _LEVELS
        self.used = np.array([used for _, used in rules], np.bool_).reshape(len(rules), width)

    def by_rule(self, of_patterns: Floats) -> Floats:
        return np.bincount(self.rule, of_patterns, len(self.used)).astype(np.float64)

    def by_level(self, of_patterns: Floats) -> Floats:
        """By comparison and level, where that is not missing."""
        width = self.places.shape[1]
        found = np.bincount(self.places.ravel(), np.repeat(of_patterns, width), width * _LEVELS).astype(np.float64)
        levels: Floats = found.reshape(width, _LEVELS)
        levels[:, 0] = 0.0
        return levels


_LEVELS = 16  # that four bits hold
_EQUAL = np.uint64(63)  # the bit of a reduced pattern whose rule makes agree what is equal


def expectation_maximization(
    model: MatchModel,
    rules: Sequence[tuple[Patterns, Sequence[bool]]],
    *,
    household: Sequence[bool] = (),
    limits: Sequence[float] = (),
    identical: Identical | None = None,
    same_source: Sequence[float] = (),
    kept_default: float = KEPT_DEFAULT,
    kept_share: float = KEPT_SHARE,
    tolerance: float = 1e-4,
    most_rounds: int = 500,
) -> Training:
    """Estimates m, u being known.

    Parameters
    ----------
    model : MatchModel
        Where to start; u stays as it is.
    rules : sequence of (patterns, used)
        For each blocking rule the patterns of its pairs, and which comparisons it says nothing about.
    household : sequence of bool
        By comparison, whether people who live together share it.
    limits : sequence of float
        By rule, the most that these comparisons say together (a natural logarithm).
    identical : Identical, optional
        Where equal records are not among the pairs.
    same_source : sequence of float
        By rule, the share of its pairs that are of one source; none: as of all pairs.
    kept_default, kept_share : float
        How much of the default m each comparison keeps: in pairs, and as a share of the pairs it learns from.
    tolerance : float
        Stop when no m changes by more.

    Examples
    --------
    >>> from enishi.match_model import default_comparison
    >>> model = MatchModel((default_comparison("given_name", "given_name"), default_comparison("birth_date", "date")))
    >>> patterns = np.array([[0x11, 900], [0x7B, 100]], np.uint64)  # different in both, equal in both
    >>> trained = expectation_maximization(model, [(patterns, (True, True))])
    >>> round(trained.shares[0], 3)
    0.1
    """
    evidence = _Evidence(model.comparisons, rules)
    totals = np.maximum(evidence.by_rule(evidence.counts), 1.0)
    width = len(model.comparisons)
    m, u, default = (np.zeros((width, _LEVELS)) for _ in range(3))
    for i, each in enumerate(model.comparisons):
        levels = slice(1, len(each.m) + 1)
        m[i, levels], u[i, levels] = each.m, each.u
        default[i, levels] = default_parameters(each.kind, each.levels)[0]
    tops = np.arange(width), np.array([len(each.m) for each in model.comparisons], np.int64)
    most_apart = np.array([MOST_DIFFERENT.get(each.kind, 1.0) for each in model.comparisons])
    # Texts that are alike but for their numbers are two of a kind.
    apart_levels = np.zeros((width, _LEVELS), np.bool_)
    apart_levels[:, 1] = True
    apart_levels[[i for i, each in enumerate(model.comparisons) if each.names == LEVELS["text"]], 2] = True
    possible = u > 0
    shared = np.array(household or [False] * width, np.bool_)
    most = np.array(limits or [math.inf] * len(rules))[evidence.rule]
    twice, moving = model.twice(), _moving(model.comparisons)
    shares = np.full(len(rules), 0.1)
    seen = np.ones(len(rules))  # the share of the rule's matches that are among its pairs
    found = np.zeros(len(rules))
    if identical is not None:
        one_source = np.array(same_source or [identical.same_source] * len(rules))
    trained = np.zeros(width, np.bool_)
    done = 0
    for done in range(1, most_rounds + 1):  # noqa: B007
        weights = np.log(np.where(possible & (m > 0), m, 1.0) / np.where(possible & (m > 0), u, 1.0))
        said = np.take(weights.ravel(), evidence.places)
        odds = _total(said, shared, most, twice, moving, model.moving * math.log(2))
        before = np.log(shares) - np.log1p(-shares) - np.log(seen)
        expected = evidence.counts / (1.0 + np.exp(-np.clip(before[evidence.rule] + odds, -700, 700)))
        found = evidence.by_rule(expected)
        shares = np.clip(found / totals, 1e-9, 1 - 1e-9)
        sums = evidence.by_level(expected)
        if identical is not None:
            # Of those whose rule makes agree what is equal, those that are equal in the rest too are missing.
            held, kept = identical.held(m[tops]), identical.kept(m[tops])
            rest = one_source * np.where(evidence.used, kept, 1.0).prod(axis=1)
            rest = np.minimum(rest, MOST_UNSEEN)
            equal = evidence.by_rule(expected * evidence.equal) / np.maximum(found, 1e-300)
            unseen = equal * rest / (1.0 - rest + equal * rest)
            seen = 1.0 - unseen
            sums[tops] += (found * unseen / seen) @ evidence.used * held / np.maximum(kept, 1e-300)
        whole = sums.sum(axis=1, keepdims=True)
        trained = whole[:, 0] > 0
        weighed = sums + (kept_default + kept_share * whole) * default
        better = np.where(trained[:, None], weighed / np.maximum(weighed.sum(axis=1, keepdims=True), 1e-300), m)
        apart = (better * apart_levels).sum(axis=1)
        kept_apart = np.minimum(apart, most_apart)
        less, more = kept_apart / np.maximum(apart, 1e-300), (1.0 - kept_apart) / np.maximum(1.0 - apart, 1e-300)
        better *= np.where(apart_levels, less[:, None], more[:, None])
        change = float(np.abs(better - m).max(initial=0.0))
        m = better
        if change < tolerance:
            break
    comparisons = tuple(
        replace(each, m=tuple(m[i, 1 : len(each.m) + 1].tolist()), source="trained" if trained[i] else each.source)
        for i, each in enumerate(model.comparisons)
    )
    return Training(replace(model, comparisons=comparisons), tuple(shares.tolist()), float(found.sum()), done)


def learn_m(model: MatchModel, levels: npt.NDArray[np.uint8], *, kept_default: float = KEPT_DEFAULT) -> MatchModel:
    """The model with m from pairs that are known to be matches.

    Parameters
    ----------
    model : MatchModel
    levels : uint8 array (pairs, comparisons)
    kept_default : float
        How many pairs' worth of the default m each comparison keeps.
    """
    comparisons = []
    for i, each in enumerate(model.comparisons):
        counts = np.bincount(levels[:, i], minlength=len(each.m) + 1)[1:]
        if counts.sum():
            weighed = counts + kept_default * np.array(default_parameters(each.kind, each.levels)[0])
            each = replace(each, m=tuple((weighed / weighed.sum()).tolist()), source="labels")
        comparisons.append(each)
    return replace(model, comparisons=tuple(comparisons))


def estimate_partners(
    model: MatchModel,
    pairs: PairCounts,
    *,
    unseen: float = 0.0,
    same_source: float = 1.0,
    identical: float = math.inf,
) -> MatchModel:
    """The model with as many partners a record as it takes pairs for one person's, weighed as they will be scored.

    Where sources say few people twice, with how much likelier two records of different sources are one person's.

    Whether a pair is among those of any rule depends on its comparisons, which are the same for matches and others: so
    the odds of a pattern are those of all pairs.

    Parameters
    ----------
    model : MatchModel
    pairs : PairCounts
        Of all blocking rules.
    unseen : float
        The share of one person's pairs of one source that are in no pattern.
    same_source : float
        The share of all pairs that are of one source.
    identical : float
        How many pairs of one source differ in nothing. A source that says people twice says some twice alike.
    """
    for _ in range(ROUNDS):
        before = model
        matches = pairs.of_one_person(model)
        seen, outside = float(matches[pairs.within].sum()), float(matches[~pairs.within].sum())
        inside = seen / (1.0 - unseen)
        partners = max(min(2 * (inside + outside) / pairs.records, pairs.records - 1.0), 0.01)
        model = replace(model, partners=partners, across=0.0, within=0.0)
        if 0 < same_source < 1:
            rates = (
                min(inside, seen + identical) / same_source + DOUBTED_WITHIN,
                outside / (1.0 - same_source) + DOUBTED_WITHIN,
            )
            mean = rates[0] * same_source + rates[1] * (1.0 - same_source)
            if rates[0] < rates[1]:
                model = replace(model, across=math.log2(rates[1] / mean), within=math.log2(rates[0] / rates[1]))
        if abs(partners - before.partners) < 1e-3 * partners and abs(model.within - before.within) < 0.01:
            break
    return model


def estimate_moving(model: MatchModel, pairs: PairCounts) -> MatchModel:
    """The model with what postcode and address say twice against two records of one person.

    In one list people moved, and both differ together; in another both are misspelt, each for itself.

    Parameters
    ----------
    model : MatchModel
    pairs : PairCounts
        Of all blocking rules.
    """
    if not (moving := _moving(model.comparisons)):
        return model
    matches = pairs.of_one_person(model) * (pairs.levels[:, moving] > 0).all(axis=1)
    against = [np.array([0.0, *model.comparisons[i].weights()])[pairs.levels[:, i]] < 0 for i in moving]
    one, other, both = (float(matches[which].sum()) for which in (*against, against[0] & against[1]))
    expected = one * other / max(float(matches.sum()), 1e-300)
    lift = (both + DOUBTED_MOVES * 2.0**MOVING) / (expected + DOUBTED_MOVES)
    return replace(model, moving=max(math.log2(lift), 0.0))


def estimate_home(model: MatchModel, pairs: PairCounts) -> MatchModel:
    """The model with the odds that two records that share what a household shares are one person's.

    Of the pairs that share so much of it that it says no more, the personal comparisons tell how many are one
    person's. What is said twice is not taken off there: who would be left are mostly one person's records, which share
    everything, and these odds would be given to those who live together.

    What is no person has no household: where no names are compared, the model stays as it is.

    Parameters
    ----------
    model : MatchModel
    pairs : PairCounts
        Of all blocking rules.
    """
    if not any(each.kind in ("given_name", "name") for each in model.comparisons):
        return model
    at_home = _at_home(replace(model, said_twice=()), pairs)
    personal = log_odds(model, pairs.levels[at_home], ~pairs.household, within=pairs.within[at_home])
    counts = pairs.counts[at_home]
    share = 0.5
    for _ in range(ROUNDS):
        share = (float((counts * posterior(share, personal)).sum()) + DOUBTED_HOMES / 2) / (
            float(counts.sum()) + DOUBTED_HOMES
        )
    return replace(model, home=max(math.log2(share / (1.0 - share)), 0.0))


def _at_home(model: MatchModel, pairs: PairCounts) -> npt.NDArray[np.bool_]:
    """The patterns of which what a household shares says all that it may."""
    at_home: npt.NDArray[np.bool_] = log_odds(model, pairs.levels, pairs.household) >= -model.prior(
        pairs.records
    ) * math.log(2)
    return at_home


def estimate_twins(model: MatchModel, pairs: PairCounts, same_source: float) -> MatchModel:
    """The model with the odds that two of one home and birth date, but of different given names, are one person's.

    Twins are of one source as often as of two. Where sources say few people twice, what there is more of between two
    sources are names that nobody can make out. Elsewhere those tell who share a home and no birth date, if there are
    hardly any of them.

    Parameters
    ----------
    model : MatchModel
        With what sources say of people.
    pairs : PairCounts
        Of all blocking rules.
    same_source : float
        The share of all pairs that are of one source.
    """
    kinds = [each.kind for each in model.comparisons]
    if "date" not in kinds or not {"given_name", "name"} & set(kinds):
        return model
    names = [i for i, kind in enumerate(kinds) if kind in ("given_name", "name")]
    relatives = (pairs.levels[:, names] == 1).any(axis=1) & _at_home(model, pairs)
    dates = pairs.levels[:, kinds.index("date")]
    alike = relatives & (dates > LEVELS["date"].index("a year apart") + 1)
    if model.says_few_twice():
        inside = (float(pairs.counts[alike & pairs.within].sum()) + DOUBTED_TWINS) / same_source
        found = float(pairs.counts[alike & ~pairs.within].sum()) / (1.0 - same_source)
        ratio = 2.0**model.within
        of_two = max(inside - ratio * found, DOUBTED_TWINS) / (1.0 - ratio)
    else:
        found = float(pairs.counts[alike].sum())
        of_two = TWINS_AT_HOME * float(pairs.counts[relatives & ~alike & (dates > 0)].sum()) + DOUBTED_TWINS
        found = found if found > ALONE_AT_HOME * of_two else 0.0
    if found <= of_two:
        return model
    said = min(model.comparisons[i].weights()[0] for i in names)
    return replace(model, twins=max(math.log2((found - of_two) / of_two) - said, 0.0))


def estimate_said_twice(model: MatchModel, random: PairCounts, pairs: PairCounts) -> MatchModel:
    """The model with what pairs of comparisons say twice.

    Where strangers agree in both of two comparisons `lift` times as often as they would if the two were independent,
    log2 of that is said twice. Of several that depend on each other each is counted against one: those that tell most
    of each other and make no circle (Chow and Liu's tree, of the mutual information in both being equal).

    Random pairs tell it, but for what a household shares: of many people hardly any random two share a home, whom the
    blocking rules find and personal comparisons tell apart. The two parts of a name are left out: who agrees in both
    and in nothing else has moved more often than not.

    Parameters
    ----------
    model : MatchModel
        With u from the frequencies of values.
    random : PairCounts
        Random pairs.
    pairs : PairCounts
        Of all blocking rules.
    """
    tops = np.array([len(each.m) for each in model.comparisons])
    strangers, two_people = random.of_strangers(model), 1.0 - pairs.of_one_person(model) / pairs.counts
    share = float(strangers.sum()) / max(pairs.records * (pairs.records - 1) / 2, 1.0)  # random ones of all
    found = []
    for one, other in combinations(range(len(tops)), 2):
        first, second = model.comparisons[one], model.comparisons[other]
        if "name" in (first.kind, second.kind) or {first.kind, second.kind} == {"given_name", "family_name"}:
            continue  # a whole name is compared instead of its parts
        present = (random.levels[:, (one, other)] > 0).all(axis=1)
        weighed, equal = strangers[present], (random.levels == tops)[present][:, (one, other)]
        known = max(float(weighed.sum()), 1.0)
        if random.household[[one, other]].all():
            agree = (pairs.levels == tops)[:, (one, other)].all(axis=1)
            compared = float((two_people * pairs.compared)[agree].sum())
            both = float((two_people * pairs.counts)[agree].sum()) * share
            apart = known * first.u[-1] * second.u[-1]
        else:
            compared = both = float(weighed[equal.all(axis=1)].sum())
            apart = float(np.prod(weighed @ equal)) / known
        if compared >= LEAST_TOGETHER and both >= LEAST_LIFT * apart:
            bits = math.log2(both / apart)
            found.append((both * bits, bits, one, other))
    tree = list(range(len(tops)))
    said_twice = []
    for _, bits, one, other in sorted(found, key=lambda each: (-each[0], each[2:])):
        if tree[one] != tree[other]:
            tree = [tree[one] if root == tree[other] else root for root in tree]
            said_twice.append((model.comparisons[one].name, model.comparisons[other].name, bits))
    return replace(model, said_twice=tuple(said_twice))


def estimate_u(model: MatchModel, pairs: PairCounts, equal: Mapping[str, float]) -> MatchModel:
    """Estimates u from random pairs, less those that are taken for one person's.

    Parameters
    ----------
    model : MatchModel
    pairs : PairCounts
        Random ones.
    equal : mapping of str to float
        By comparison: how often strangers agree, from the frequencies of its values.
    """
    strangers = pairs.of_strangers(model)
    comparisons = []
    for i, each in enumerate(model.comparisons):
        default = np.array(default_parameters(each.kind, each.levels)[1])
        counts = np.bincount(pairs.levels[:, i], strangers, len(default) + 1)[1:]
        total = counts.sum()
        if total == 0:
            comparisons.append(each)
            continue
        with np.errstate(divide="ignore"):
            u = np.where(default > 0, (counts + DOUBTED_PAIRS) / (total + DOUBTED_PAIRS / default), 0.0)
        if each.name in equal:
            u[-1] = equal[each.name]
        u[0] = max(1.0 - float(u[1:].sum()), 1e-3)
        comparisons.append(replace(each, u=tuple(u.tolist())))
    return replace(model, comparisons=tuple(comparisons))


def as_often_as_seen(model: MatchModel, pairs: PairCounts) -> MatchModel:
    """The model with no level between equal and different rarer among strangers than these data show it.

    In one town every address resembles others, and numbers that were given in a row have neighbors.

    Parameters
    ----------
    model : MatchModel
    pairs : PairCounts
        Random ones.
    """
    strangers = pairs.of_strangers(model)
    comparisons = []
    for i, each in enumerate(model.comparisons):
        seen = np.bincount(pairs.levels[:, i], strangers, len(each.u) + 1)[1:]
        shares = seen / max(seen.sum(), 1.0)
        between = [
            max(u, share) if u > 0 and n >= FEWEST_SEEN else u
            for u, share, n in zip(each.u[1:-1], shares[1:-1].tolist(), seen[1:-1].tolist(), strict=True)
        ]
        u = (max(1.0 - sum(between) - each.u[-1], 1e-3), *between, each.u[-1])
        comparisons.append(replace(each, u=u))
    return replace(model, comparisons=tuple(comparisons))


__all__ = [
    "Identical",
    "PairCounts",
    "Training",
    "as_often_as_seen",
    "by_sources",
    "estimate_home",
    "estimate_moving",
    "estimate_partners",
    "estimate_said_twice",
    "estimate_twins",
    "estimate_u",
    "expectation_maximization",
    "learn_m",
]
