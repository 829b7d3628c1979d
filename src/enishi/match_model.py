"""What matching knows: by comparison the m and u of its levels, how many records a person has; read, written, stored.

Two records of one person fall into a level of a comparison with probability m, two strangers with probability u; their
match weight is the prior plus log2(m / u) over the comparisons whose values both have. The parameters stored here hold
where nothing was trained (``train.py``); a model that was is JSON that people can read and change.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from enishi.errors import ConfigError, InputError
from enishi.fields import STANDARD_FIELDS, Field
from enishi.frozen import frozen, replace
from enishi.levels import DIFFERENT, EQUAL, LEVELS, MOST_OWN_LEVELS, check_levels, parse_level
from enishi.model import blocking_keys

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
# By kind, in how many pairs of one person's records it may differ. Where it does in more, training found families,
# colleagues, branches, other papers of an author, of which there are more pairs than of people, and not what was asked.
MOST_DIFFERENT = {"given_name": 0.2, "family_name": 0.3, "name": 0.2, "date": 0.2, "text": 0.5}
SMALLEST_TOWN = 1_000  # records
FEW_TWICE = -1.0  # bits; where pairs of one source are one person's less often by so much, sources say few people twice


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
        beside what the names say; at least 0. Where sources say people twice, at least ``home``.
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
        return self.twins if self.says_few_twice() else max(self.home, self.twins)

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
        read = _parsed(text, where)
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
    from enishi.config import written_text

    try:
        text = written_text(path)
    except OSError as error:
        raise InputError(f"match model '{path}' cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(str(path), "is not UTF-8") from None
    if is_settings(settings := _parsed(text, str(path))):
        from enishi.splink_settings import model_of

        return model_of(settings, str(path), fields, columns)
    return MatchModel.from_json(text, str(path))


def _parsed(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ConfigError(where, f"is not JSON: {error}") from None
    except (ValueError, RecursionError):
        raise ConfigError(where, "has a number or a nesting that is too long to be a match model's") from None


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
    if not isinstance(each, dict) or not isinstance(each.get("levels"), dict) or each.get("kind") not in [*LEVELS]:
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


__all__ = [
    "DEFAULTS",
    "FEW_TWICE",
    "MOST_DIFFERENT",
    "SMALLEST_TOWN",
    "ComparisonModel",
    "MatchModel",
    "default_comparison",
    "default_parameters",
    "is_settings",
    "read_model",
]
