"""Comparison vectors -> m and u probabilities: the match model, its stored defaults, and how it is trained.

Two records of one person fall into a level of a comparison with probability m, two strangers with probability u; their
match weight is the prior plus log2(m / u) over the comparisons whose values both have. Training sees no pair, only how
often each comparison vector (a *pattern*, four bits a comparison) occurs:

u    from random pairs. Of those a few are the same person, and in a near-unique field they are most of the pairs that
     agree, so each pattern counts only as far as the model takes it for strangers. Where values are equal u is not
     sampled at all but computed from the frequencies of the values.
m    by expectation-maximization over the patterns of all blocking rules at once. A rule says nothing about the
     comparisons that it makes agree, so each comparison learns from the pairs of the other rules only; every rule has
     its own share of matches.

Counts are integers and patterns are sorted, so the same records give the same bits in any order and on any thread.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import combinations, pairwise
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from enishi.errors import ConfigError, InputError
from enishi.frozen import frozen, replace
from enishi.levels import DIFFERENT, EQUAL, LEVELS, MOST_OWN_LEVELS, check_levels, parse_level
from enishi.model import STANDARD_FIELDS, Field, blocking_keys

Floats: TypeAlias = npt.NDArray[np.float64]
Patterns: TypeAlias = npt.NDArray[np.uint64]  # (n, 2): a pattern and how often it occurs, sorted by pattern

# Bits of a pattern above its comparisons: no earlier rule has the pair; its two are of one source.
OWNED, WITHIN = np.uint64(1 << 63), np.uint64(1 << 62)

FORMAT = 1
# By kind, m and u of its stored levels, and how frequent a value is that was never seen among other people. The u of
# equal values follows from the values' frequencies where there are any.
DEFAULTS: dict[str, tuple[tuple[float, ...], tuple[float, ...], float]] = {
    "given_name": (
        (0.09, 0.04, 0.02, 0.015, 0.03, 0.02, 0.02, 0.07, 0.02, 0.005, 0.67),
        (0.96089, 0.02, 0.003, 0.00001, 0.0012, 0.002, 0.0007, 0.0022, 0.0019, 0.0001, 0.008),
        1e-4,
    ),
    "family_name": (
        (0.07, 0.03, 0.015, 0.0, 0.03, 0.015, 0.0, 0.08, 0.02, 0.005, 0.735),
        (0.9757, 0.015, 0.002, 0.0, 0.0006, 0.0005, 0.0, 0.0017, 0.00045, 0.00005, 0.004),
        3e-5,
    ),
    "name": (
        (0.08, 0.07, 0.07, 0.0, 0.12, 0.0, 0.0, 0.01, 0.10, 0.0, 0.55),
        (0.98837, 0.011, 0.0005, 0.0, 0.00006, 0.0, 0.0, 0.00001, 0.00005, 0.0, 0.00001),
        3e-6,
    ),
    "date": (
        (0.04, 0.02, 0.02, 0.04, 0.06, 0.02, 0.80),
        (0.96869, 0.026, 0.0022, 0.002, 0.001, 0.00006, 0.00005),
        3e-5,
    ),
    "typed": ((0.17, 0.08, 0.75), (0.999989, 0.00001, 0.000001), 1e-7),
    "opaque": ((0.70, 0.0, 0.30), (0.99999, 0.0, 0.00001), 1e-7),
    "email": ((0.25, 0.05, 0.03, 0.07, 0.60), (0.997988, 0.002, 0.00001, 0.000001, 0.000001), 1e-7),
    "postcode": ((0.15, 0.07, 0.08, 0.70), (0.988, 0.01, 0.0015, 0.0005), 1e-5),
    "address": ((0.15, 0.05, 0.08, 0.17, 0.55), (0.9698, 0.028, 0.002, 0.0001, 0.0001), 1e-6),
    "text": ((0.195, 0.005, 0.06, 0.09, 0.65), (0.90, 0.02, 0.03, 0.02, 0.03), 1e-4),
}
# How much of the default m a trained comparison keeps, so that a level into which nobody fell stays possible: so many
# pairs, and that share of all that it learns from.
KEPT_DEFAULT = 20.0
KEPT_SHARE = 0.005
# By kind, in how many pairs of one person's records it may differ. Where it does in more, training found families,
# colleagues, branches, other papers of an author, of which there are more pairs than of people, and not what was asked.
MOST_DIFFERENT = {"given_name": 0.2, "family_name": 0.3, "name": 0.2, "date": 0.2, "text": 0.5}
SMALLEST_TOWN = 1_000  # records
# Who moves has another postcode and another address: where nothing tells, so many bits of what the two say against a
# pair are said twice, and so many pairs are thought to be there besides of which that is true.
MOVING, DOUBTED_MOVES = 2.0, 5.0
DOUBTED_HOMES = 20.0  # pairs at home
DOUBTED_TWINS = 5.0  # pairs of twins
# So many pairs of one person are thought to be there besides, as often within a source as between two.
DOUBTED_WITHIN = 20.0
FEW_TWICE = -1.0  # bits; where pairs of one source are one person's less often by so much, sources say few people twice
# Two comparisons say something twice where so many random pairs of strangers agree in both, so many times as many as if
# the two were independent. Less may come from a few values (the title "Editorial", of one journal).
LEAST_TOGETHER, LEAST_LIFT = 20.0, 8.0
MOST_UNSEEN = 0.9  # of one person's pairs, that are equal in everything: beyond that nothing can be learned


@frozen
class ComparisonModel:
    """What is known about one comparison.

    Attributes
    ----------
    name : str
        The field, or the part of the name.
    kind : str
        One of ``LEVELS``.
    m, u : tuple of float
        By level: its probability between two records of one person, and between strangers.
    rarest : float
        How frequent a value is among strangers that was never seen with any.
    source : {"default", "trained", "labels", "splink"}
        Where m comes from.
    levels : tuple of str
        The user's own levels from 1 on, different first; none: the stored ones of its kind.
    term_frequency : bool
        Agreement on a rare value says more than on a frequent one.
    """

    name: str
    kind: str
    m: tuple[float, ...]
    u: tuple[float, ...]
    rarest: float
    source: str = "default"
    levels: tuple[str, ...] = ()
    term_frequency: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """Its levels from 1 on, different first."""
        return self.levels or LEVELS[self.kind]

    def weights(self) -> tuple[float, ...]:
        """log2(m / u) by level; 0 where a level cannot occur.

        Of texts that are alike but for their numbers strangers tell little: they are two of a kind, and no likelier one
        than what is different; nor is that likelier one than both together, however seldom strangers differ (in years).
        """
        weights = [math.log2(m / u) if m > 0 and u > 0 else 0.0 for m, u in zip(self.m, self.u, strict=True)]
        if self.names == LEVELS["text"]:
            m, u = self.m[0] + self.m[2], self.u[0] + self.u[2]
            weights[0] = min(weights[0], math.log2(m / u) if m > 0 and u > 0 else 0.0)
            weights[1] = min(weights[1], weights[0])
        return tuple(weights)


@frozen
class MatchModel:
    """What matching by probability knows: the comparisons, and how many records a person has.

    Attributes
    ----------
    comparisons : tuple of ComparisonModel
    partners : float
        How many other records of the same person a record has, on average.
    rules : tuple of str
        Blocking rules; none: the default set.
    home : float
        log2 of the odds that two records that share what a household shares are one person's; at least 0.
    twins : float
        log2 of the odds that two records at one home, with one birth date but different given names, are one person's,
        beside what the names say; at least 0. Only sources that say few people twice tell; else it is ``home``.
    said_twice : tuple of (str, str, float)
        Comparisons that among strangers agree together more often than each by itself would have it (postcode and
        town), and how many bits the second only says again.
    moving : float
        How many bits of what postcode and address both say against a pair are said twice, for who moves changes both.
    across, within : float
        Where sources say few people twice: log2 of how much likelier two records of different sources are one person's
        than any two, and of one source than of different ones; at least and at most 0.
    probability : float, optional
        That two records taken at random are one person's, where that is known and not how many records a person has.
    notices : tuple of str
        What was left out when it was read from another format.

    Examples
    --------
    >>> model = MatchModel((default_comparison("birth_date", "date"),))
    >>> [round(weight, 1) for weight in model.comparisons[0].weights()]
    [-4.6, -0.4, 3.2, 4.3, 5.9, 8.4, 14.0]
    >>> round(model.prior(1_000), 2)
    -9.97
    """

    comparisons: tuple[ComparisonModel, ...]
    partners: float = 1.0
    rules: tuple[str, ...] = ()
    home: float = 0.0
    twins: float = 0.0
    said_twice: tuple[tuple[str, str, float], ...] = ()
    moving: float = 0.0
    across: float = 0.0
    within: float = 0.0
    probability: float | None = None
    notices: tuple[str, ...] = ()

    def of(self, records: int) -> MatchModel:
        """The model for so many records, where it knows a probability instead of a person's records."""
        if self.probability is None:
            return self
        odds = self.probability / (1.0 - self.probability)
        return replace(self, partners=odds * max(records - 1, SMALLEST_TOWN), probability=None)

    def prior(self, records: int) -> float:
        """log2 of the odds that two of so many records, taken at random, are one person's.

        Of different sources, where these say few people twice. A few records are a sample of a town, not a town of few
        people.
        """
        return math.log2(self.partners / max(records - 1, SMALLEST_TOWN)) + self.across

    def says_few_twice(self) -> bool:
        """Whether the sources say few people twice, each for itself."""
        return self.within <= FEW_TWICE

    def of_other_names(self) -> float:
        """What ``home`` is for two of one birth date but of different given names."""
        return self.twins if self.says_few_twice() else self.home

    def colleagues(self) -> bool:
        """Whether so many pairs differ in their family name that they are colleagues (`MOST_DIFFERENT`)."""
        return any(
            each.kind == "family_name" and each.source == "trained" and each.m[0] > 0.999 * MOST_DIFFERENT[each.kind]
            for each in self.comparisons
        )

    def twice(self) -> list[tuple[int, int, float]]:
        """What is said twice, by the numbers of its comparisons."""
        number = {each.name: i for i, each in enumerate(self.comparisons)}
        return [
            (number[one], number[other], bits) for one, other, bits in self.said_twice if {one, other} <= number.keys()
        ]

    def to_dict(self) -> dict[str, Any]:
        """The model as tables and numbers."""
        comparisons = {
            each.name: {
                "kind": each.kind,
                "source": each.source,
                "rarest": each.rarest,
                **({} if each.term_frequency else {"term_frequency": False}),
                "levels": {
                    level: {"m": m, "u": u} for level, m, u in zip(each.names, each.m, each.u, strict=True) if level
                },
            }
            for each in self.comparisons
        }
        text: dict[str, Any] = {"enishi_match_model": FORMAT, "partners": self.partners}
        if self.home:
            text["home"] = self.home
        if self.twins:
            text["twins"] = self.twins
        if self.said_twice:
            text["said_twice"] = [list(each) for each in self.said_twice]
        if self.moving:
            text["moving"] = self.moving
        if self.within:
            text["sources"] = {"across": self.across, "within": self.within}
        if self.probability is not None:
            text["probability"] = self.probability
        if self.rules:
            text["rules"] = list(self.rules)
        text["comparisons"] = comparisons
        return text

    def to_json(self) -> str:
        """The model as a text that people can read and change."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str, where: str = "match model") -> MatchModel:
        """The model that `to_json` wrote, or that somebody changed.

        Raises
        ------
        ConfigError
            It is no model; the message names the place.
        """
        try:
            read = json.loads(text)
        except json.JSONDecodeError as error:
            raise ConfigError(where, f"is not JSON: {error}") from None
        if not isinstance(read, dict) or read.get("enishi_match_model") != FORMAT:
            raise ConfigError(where, "is no match model; `enishi train` writes one")
        comparisons = read.get("comparisons")
        if not isinstance(comparisons, dict):
            raise ConfigError(f"{where}: comparisons", "must be a table of comparisons")
        partners = _number(f"{where}: partners", read.get("partners", 1.0))
        probability = None if "probability" not in read else _number(f"{where}: probability", read["probability"], 1.0)
        home = _number(f"{where}: home", read["home"]) if read.get("home") else 0.0
        twins = _number(f"{where}: twins", read["twins"]) if read.get("twins") else 0.0
        twice = read.get("said_twice", [])
        if not isinstance(twice, list) or not all(
            isinstance(each, list) and len(each) == 3 and all(name in [*comparisons] for name in each[:2])
            for each in twice
        ):
            raise ConfigError(f"{where}: said_twice", "must be a list of two comparisons and a number of bits each")
        said_twice = tuple((one, other, _number(f"{where}: said_twice", bits)) for one, other, bits in twice)
        moving = _number(f"{where}: moving", read["moving"]) if read.get("moving") else 0.0
        across, within = _sources(f"{where}: sources", read.get("sources"))
        rules = read.get("rules", [])
        if not isinstance(rules, list) or not all(isinstance(rule, str) for rule in rules):
            raise ConfigError(f"{where}: rules", "must be a list of texts")
        for i, rule in enumerate(rules):
            blocking_keys(f"{where}: rules[{i}]", rule)
        found = tuple(_read(f"{where}: {name}", name, each) for name, each in comparisons.items())
        return cls(found, partners, tuple(rules), home, twins, said_twice, moving, across, within, probability)


def read_model(
    path: str | os.PathLike[str],
    fields: Iterable[Field] = STANDARD_FIELDS,
    columns: Mapping[str, str] | None = None,
) -> MatchModel:
    """The match model in a file, or what of Splink's settings maps to one.

    Parameters
    ----------
    path : path-like
    fields : iterable of Field
        Which the data has; settings of Splink know only columns.
    columns : mapping of str to str, optional
        By column, the name of the comparison that it feeds. Left out: what the column's name usually means.

    Raises
    ------
    InputError
        The file cannot be read.
    ConfigError
        It holds no match model.
    """
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except OSError as error:
        raise InputError(f"match model '{path}' cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(str(path), "is not UTF-8") from None
    with suppress(json.JSONDecodeError):  # of which from_json complains
        if is_settings(settings := json.loads(text)):
            from enishi.splink_settings import model_of

            return model_of(settings, str(path), fields, columns)
    return MatchModel.from_json(text, str(path))


def is_settings(read: Any) -> bool:
    """Whether JSON that was read looks like settings of Splink."""
    return isinstance(read, dict) and isinstance(read.get("comparisons"), list) and "enishi_match_model" not in read


def default_parameters(kind: str, names: Sequence[str] = ()) -> tuple[tuple[float, ...], tuple[float, ...], float]:
    """m and u of a comparison's levels as they are stored, and how frequent a value is that was never seen.

    Of levels of one's own nothing is stored. Where all are stored levels, each takes those that it stands for. Else
    what the kind has between equal and different is shared out: m evenly, and u so that each level is four times as
    frequent among strangers as the stricter one. That is a guess, good enough to train from.

    Examples
    --------
    >>> m, u, _ = default_parameters("text", ("different", "osa <= 2", "osa <= 1", "equal"))
    >>> [round(each, 3) for each in m], [round(each, 3) for each in u]
    ([0.195, 0.077, 0.077, 0.65], [0.85, 0.096, 0.024, 0.03])
    """
    m, u, rarest = DEFAULTS[kind]
    stored = LEVELS[kind]
    if not names or tuple(names) == stored:
        return m, u, rarest
    if all(name in stored for name in names):
        at = [*(stored.index(name) for name in names), len(stored)]
        sums = [tuple(sum(side[i:j]) for i, j in pairwise(at)) for side in (m, u)]
        return sums[0], sums[1], rarest
    near = len(names) - 2
    shares = [4.0**i for i in range(near)][::-1]
    near_m = max(sum(m[1:-1]), 0.05) if near else 0.0
    near_u = max(sum(u[1:-1]), 4 * u[-1]) if near else 0.0
    own_m = (1.0 - near_m - m[-1], *[near_m / near] * near, m[-1]) if near else (1.0 - m[-1], m[-1])
    own_u = (1.0 - near_u - u[-1], *(near_u * share / sum(shares) for share in shares), u[-1])
    return own_m, own_u, rarest


def default_comparison(
    name: str, kind: str, levels: Sequence[str] = (), *, term_frequency: bool = True
) -> ComparisonModel:
    """A comparison with the stored parameters of its kind, or with those guessed for levels of one's own."""
    m, u, rarest = default_parameters(kind, levels)
    return ComparisonModel(name, kind, m, u, rarest, levels=tuple(levels), term_frequency=term_frequency)


def _read(where: str, name: str, each: Any) -> ComparisonModel:
    if not isinstance(each, dict) or each.get("kind") not in LEVELS or not isinstance(each.get("levels"), dict):
        raise ConfigError(where, f"needs a kind, one of {', '.join(LEVELS)}, and its levels")
    kind, stated = each["kind"], each["levels"]
    stored = LEVELS[kind]
    own = () if set(stated) == set(filter(None, stored)) else _own_levels(where, kind, list(stated))
    probabilities = []
    for side in ("m", "u"):
        found = []
        for level in own or stored:
            if level and (not isinstance(stated[level], dict) or side not in stated[level]):
                raise ConfigError(f"{where}: {level}", f"needs {side}, a probability")
            found.append(_number(f"{where}: {level}: {side}", stated[level][side]) if level else 0.0)
        probabilities.append(tuple(found))
    rarest = _number(f"{where}: rarest", each.get("rarest", DEFAULTS[kind][2]))
    term_frequency = each.get("term_frequency", True)
    if not isinstance(term_frequency, bool):
        raise ConfigError(f"{where}: term_frequency", "must be true or false")
    m, u = probabilities
    return ComparisonModel(name, kind, m, u, rarest, str(each.get("source", "default")), own, term_frequency)


def _own_levels(where: str, kind: str, names: Sequence[str]) -> tuple[str, ...]:
    """The levels of a comparison that has not just the stored ones, as they stand in a model."""
    between = [name for name in names if name not in (DIFFERENT, EQUAL)]
    for name in between:
        # A function of the user's own stands in her configuration; here is its name.
        if not name.startswith("custom "):
            check_levels(f"{where}: {name}", kind, [parse_level(f"{where}: {name}", name)])
    if list(names) != [DIFFERENT, *between, EQUAL]:
        raise ConfigError(where, f"needs its levels from {DIFFERENT!r} to {EQUAL!r}")
    if len(between) > MOST_OWN_LEVELS:
        raise ConfigError(where, f"must have at most {MOST_OWN_LEVELS} levels between {DIFFERENT!r} and {EQUAL!r}")
    return tuple(names)


def _sources(where: str, stated: Any) -> tuple[float, float]:
    """What the bits across sources and within one are, where a model has them."""
    if stated is None:
        return 0.0, 0.0
    read = [stated.get(name) for name in ("across", "within")] if isinstance(stated, dict) else []
    bits = [float(each) for each in read if isinstance(each, int | float) and not isinstance(each, bool)]
    if len(bits) != 2 or not 0 <= bits[0] <= 64 or not -64 <= bits[1] <= 0:
        raise ConfigError(where, "must be bits, across from 0 to 64 and within from -64 to 0")
    return bits[0], bits[1]


def _number(where: str, value: Any, below: float = 1e9) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < below:
        raise ConfigError(where, "must be a number above 0" + (f" and below {below:g}" if below < 1e9 else ""))
    return float(value)


# Training.


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
    used: Sequence[bool],
    household: Sequence[bool] = (),
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
    shared = np.array(household or [False] * len(model.comparisons), np.bool_)
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
        By rule, the most that these comparisons say together (a natural logarithm). Where the rule itself is about the
        household alone they say nothing more.
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
    rules: Sequence[tuple[Patterns, float]],
    records: int,
    *,
    household: Sequence[bool] = (),
    unseen: float = 0.0,
    same_source: float = 1.0,
    identical: float = math.inf,
    doubt: float = DOUBTED_WITHIN,
    rounds: int = 30,
) -> MatchModel:
    """The model with as many partners a record as it takes pairs for one person's, weighed as they will be scored.

    Where sources say few people twice, with how much likelier two records of different sources are one person's.

    Whether a pair is among those of any rule depends on its comparisons, which are the same for matches and others: so
    the odds of a pattern are those of all pairs.

    Parameters
    ----------
    model : MatchModel
    rules : sequence of (patterns, kept)
        For each blocking rule the patterns of its pairs, and the share of pairs that they are.
    records : int
    household : sequence of bool
        By comparison, whether people who live together share it.
    unseen : float
        The share of one person's pairs of one source that are in no pattern.
    same_source : float
        The share of all pairs that are of one source.
    identical : float
        How many pairs of one source differ in nothing. A source that says people twice says some twice alike.
    doubt : float
        How many pairs of one person are thought to be there besides, as often of one source as of different ones.
    """
    levels, counts, within = _owned(rules, len(model.comparisons))
    used = [True] * len(model.comparisons)
    for _ in range(rounds):
        before = model
        matches = counts * _of_one_person(model, levels, used, within, records, household)
        seen, outside = float(matches[within].sum()), float(matches[~within].sum())
        inside = seen / (1.0 - unseen)
        partners = max(min(2 * (inside + outside) / records, records - 1.0), 0.01)
        model = replace(model, partners=partners, across=0.0, within=0.0)
        if 0 < same_source < 1:
            rates = (min(inside, seen + identical) / same_source + doubt, outside / (1.0 - same_source) + doubt)
            mean = rates[0] * same_source + rates[1] * (1.0 - same_source)
            if rates[0] < rates[1]:
                model = replace(model, across=math.log2(rates[1] / mean), within=math.log2(rates[0] / rates[1]))
        if abs(partners - before.partners) < 1e-3 * partners and abs(model.within - before.within) < 0.01:
            break
    return model


def estimate_moving(
    model: MatchModel,
    rules: Sequence[tuple[Patterns, float]],
    records: int,
    *,
    household: Sequence[bool] = (),
    doubt: float = DOUBTED_MOVES,
) -> MatchModel:
    """The model with what postcode and address say twice against two records of one person.

    In one list people moved, and both differ together; in another both are misspelt, each for itself.

    Parameters
    ----------
    model : MatchModel
    rules : sequence of (patterns, kept)
        For each blocking rule the patterns of its pairs, and the share of pairs that they are.
    records : int
    household : sequence of bool
        By comparison, whether people who live together share it.
    doubt : float
        How many pairs are thought to be there besides of which one would expect that they differ in both.
    """
    if not (moving := _moving(model.comparisons)):
        return model
    levels, counts, within = _owned(rules, len(model.comparisons))
    used = [True] * len(model.comparisons)
    matches = counts * _of_one_person(model, levels, used, within, records, household)
    matches *= (levels[:, moving] > 0).all(axis=1)
    against = [np.array([0.0, *model.comparisons[i].weights()])[levels[:, i]] < 0 for i in moving]
    one, other, both = (float(matches[which].sum()) for which in (*against, against[0] & against[1]))
    expected = one * other / max(float(matches.sum()), 1e-300)
    lift = (both + doubt * 2.0**MOVING) / (expected + doubt)
    return replace(model, moving=max(math.log2(lift), 0.0))


def estimate_home(
    model: MatchModel,
    rules: Sequence[tuple[Patterns, float]],
    records: int,
    household: Sequence[bool],
    *,
    doubt: float = DOUBTED_HOMES,
    rounds: int = 30,
) -> MatchModel:
    """The model with the odds that two records that share what a household shares are one person's.

    Of the pairs that share so much of it that it says no more, the personal comparisons tell how many are one
    person's. What is no person has no household: where no names are compared, the model stays as it is.

    Parameters
    ----------
    model : MatchModel
    rules : sequence of (patterns, kept)
        For each blocking rule the patterns of its pairs, and the share of pairs that they are.
    records : int
    household : sequence of bool
        By comparison, whether people who live together share it.
    doubt : float
        How many pairs are thought to be there besides, one person's as often as two people's.
    """
    if not any(each.kind in ("given_name", "name") for each in model.comparisons):
        return model
    levels, counts, within = _owned(rules, len(model.comparisons))
    shared = log_odds(model, levels, household)
    at_home = shared >= -model.prior(records) * math.log(2)
    personal = log_odds(model, levels[at_home], [not each for each in household], within=within[at_home])
    pairs = counts[at_home]
    share = 0.5
    for _ in range(rounds):
        share = (float((pairs * posterior(share, personal)).sum()) + doubt / 2) / (float(pairs.sum()) + doubt)
    return replace(model, home=max(math.log2(share / (1.0 - share)), 0.0))


def estimate_twins(
    model: MatchModel,
    rules: Sequence[tuple[Patterns, float]],
    records: int,
    household: Sequence[bool],
    same_source: float,
    *,
    doubt: float = DOUBTED_TWINS,
) -> MatchModel:
    """The model with the odds that two of one home and birth date, but of different given names, are one person's.

    Twins are of one source as often as of two. Where sources say few people twice, what there is more of between two
    sources are names that nobody can make out.

    Parameters
    ----------
    model : MatchModel
        With what sources say of people.
    rules : sequence of (patterns, kept)
        For each blocking rule the patterns of its pairs, and the share of pairs that they are.
    records : int
    household : sequence of bool
        By comparison, whether people who live together share it.
    same_source : float
        The share of all pairs that are of one source.
    doubt : float
        How many pairs of twins of one source are thought to be there besides.
    """
    kinds = [each.kind for each in model.comparisons]
    if not model.says_few_twice() or "date" not in kinds or not {"given_name", "name"} & set(kinds):
        return model
    levels, counts, within = _owned(rules, len(kinds))
    names = [i for i, kind in enumerate(kinds) if kind in ("given_name", "name")]
    other_name = (levels[:, names] == 1).any(axis=1)
    dates = levels[:, kinds.index("date")]
    alike = other_name & (dates > LEVELS["date"].index("a year apart") + 1)
    alike &= log_odds(model, levels, household) >= -model.prior(records) * math.log(2)
    inside = (float(counts[alike & within].sum()) + doubt) / same_source
    outside = float(counts[alike & ~within].sum()) / (1.0 - same_source)
    ratio = 2.0**model.within
    of_two = max(inside - ratio * outside, doubt) / (1.0 - ratio)
    if outside <= of_two:
        return model
    said = min(model.comparisons[i].weights()[0] for i in names)
    return replace(model, twins=max(math.log2((outside - of_two) / of_two) - said, 0.0))


def estimate_said_twice(
    model: MatchModel, patterns: Patterns, records: int, *, household: Sequence[bool] = ()
) -> MatchModel:
    """The model with what pairs of comparisons say twice, from the patterns of random pairs.

    Where strangers agree in both of two comparisons `lift` times as often as they would if the two were independent,
    log2 of that is said twice. Of several that depend on each other each is counted against one: the most dependent
    pairs that make no circle (Chow and Liu's tree).

    Parameters
    ----------
    model : MatchModel
    patterns : Patterns
        Of random pairs.
    records : int
        Of which the pairs are.
    household : sequence of bool
        By comparison, whether people who live together share it.
    """
    levels = levels_of(patterns, len(model.comparisons))
    strangers = _strangers(model, levels, patterns, records, household)
    tops = np.array([len(each.m) for each in model.comparisons])
    found = []
    for one, other in combinations(range(len(tops)), 2):
        if "name" in (model.comparisons[one].kind, model.comparisons[other].kind):
            continue  # a whole name is compared instead of its parts
        present = (levels[:, one] > 0) & (levels[:, other] > 0)
        weighed, equal = strangers[present], levels[present] == tops
        both = float(weighed[equal[:, one] & equal[:, other]].sum())
        apart = float(weighed[equal[:, one]].sum()) * float(weighed[equal[:, other]].sum())
        if both >= LEAST_TOGETHER and (lift := both * float(weighed.sum()) / apart) >= LEAST_LIFT:
            found.append((math.log2(lift), one, other))
    tree = list(range(len(tops)))
    said_twice = []
    for bits, one, other in sorted(found, key=lambda each: (-each[0], each[1:])):
        if tree[one] != tree[other]:
            tree = [tree[one] if root == tree[other] else root for root in tree]
            said_twice.append((model.comparisons[one].name, model.comparisons[other].name, bits))
    return replace(model, said_twice=tuple(said_twice))


def _strangers(
    model: MatchModel, levels: npt.NDArray[np.int64], patterns: Patterns, records: int, household: Sequence[bool]
) -> Floats:
    """How many of the random pairs of each pattern are not taken for one person's."""
    share = min(max(model.partners / max(records - 1, 1), 1e-12), 0.5)
    odds = log_odds(model, levels, [True] * len(model.comparisons), household, -math.log(share))
    strangers: Floats = patterns[:, 1].astype(np.float64) * (1 - posterior(share, odds))
    return strangers


def _owned(
    rules: Sequence[tuple[Patterns, float]], comparisons: int
) -> tuple[npt.NDArray[np.int64], Floats, npt.NDArray[np.bool_]]:
    """The patterns of all rules' pairs, each pair once: their levels, how many pairs, and whether of one source."""
    owned = [patterns[patterns[:, 0] & OWNED > 0] for patterns, _ in rules]
    counts = np.concatenate([np.zeros(0), *(own[:, 1] / kept for own, (_, kept) in zip(owned, rules, strict=True))])
    every = np.concatenate([np.zeros((0, 2), np.uint64), *owned])
    return levels_of(every, comparisons), counts, every[:, 0] & WITHIN > 0


def _of_one_person(
    model: MatchModel,
    levels: npt.NDArray[np.int64],
    used: Sequence[bool],
    within: npt.NDArray[np.bool_],
    records: int,
    household: Sequence[bool],
) -> Floats:
    """By pattern, the probability that a pair of it is one person's."""
    prior = model.prior(records)
    odds = log_odds(model, levels, used, household, -prior * math.log(2), within)
    return posterior(1.0 / (1.0 + 2.0**-prior), odds)


def estimate_u(
    model: MatchModel,
    patterns: Patterns,
    records: int,
    equal: Mapping[str, float],
    *,
    household: Sequence[bool] = (),
    doubt: float = 0.5,
) -> MatchModel:
    """Estimates u from the patterns of random pairs, less those that are taken for one person's.

    Parameters
    ----------
    model : MatchModel
    patterns : Patterns
        Of random pairs.
    records : int
        Of which the pairs are.
    equal : mapping of str to float
        By comparison: how often strangers agree, from the frequencies of its values.
    household : sequence of bool
        By comparison, whether people who live together share it.
    doubt : float
        How many pairs' worth of the default u each level keeps.
    """
    levels = levels_of(patterns, len(model.comparisons))
    strangers = _strangers(model, levels, patterns, records, household)
    comparisons = []
    for i, each in enumerate(model.comparisons):
        default = np.array(default_parameters(each.kind, each.levels)[1])
        counts = np.bincount(levels[:, i], strangers, len(default) + 1)[1:]
        total = counts.sum()
        if total == 0:
            comparisons.append(each)
            continue
        with np.errstate(divide="ignore"):
            u = np.where(default > 0, (counts + doubt) / (total + doubt / default), 0.0)
        if each.name in equal:
            u[-1] = equal[each.name]
        u[0] = max(1.0 - float(u[1:].sum()), 1e-3)
        comparisons.append(replace(each, u=tuple(u.tolist())))
    return replace(model, comparisons=tuple(comparisons))


def beside_neighbors(model: MatchModel, patterns: Patterns, records: int) -> MatchModel:
    """The model with one edit saying as little as it does of numbers that were given in a row.

    Such have neighbors by chance. A person has few records: where random pairs show as many neighbors as there are
    records, or more, they are strangers'.

    Parameters
    ----------
    model : MatchModel
    patterns : Patterns
        Of random pairs.
    records : int
        Of which the pairs are.
    """
    levels = levels_of(patterns, len(model.comparisons))
    comparisons = []
    for i, each in enumerate(model.comparisons):
        if each.names == LEVELS["typed"]:
            counts = np.bincount(levels[:, i], patterns[:, 1].astype(np.float64), 4)[1:]
            share = float(counts[1] / max(counts.sum(), 1.0))
            if share * (records - 1) / 2 >= 1 and share > each.u[1]:
                each = replace(each, u=(max(1.0 - share - each.u[2], 1e-3), share, each.u[2]))
        comparisons.append(each)
    return replace(model, comparisons=tuple(comparisons))


__all__ = [
    "ComparisonModel",
    "Identical",
    "MatchModel",
    "Training",
    "beside_neighbors",
    "by_sources",
    "default_comparison",
    "default_parameters",
    "estimate_home",
    "estimate_moving",
    "estimate_partners",
    "estimate_said_twice",
    "estimate_twins",
    "estimate_u",
    "expectation_maximization",
    "learn_m",
    "read_model",
]
