"""Profiles -> clusters: what shares a value, what a rule holds together, and near values that something supports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from enishi._link import Linking
from enishi._normalize import STATUSES
from enishi.block import near_values
from enishi.fields import Email, Field, HashedEmail, Identifier, LoyaltyCard, PaymentToken, PersonName, Phone
from enishi.frozen import fresh, mutable
from enishi.limits import CANNOT_LINK, MUST_LINK, Constraints
from enishi.model import rule_fields
from enishi.normalize import SCRIPTS, IdentifierColumn, Normalization
from enishi.runner import Runner
from enishi.schema import HOLDING

if TYPE_CHECKING:
    from enishi.match import Matches

# From the most personal to what households share: where values disagree about who is who, the earlier one joins first.
RANKS: dict[type[Field], int] = {Identifier: 0, Email: 1, HashedEmail: 1, LoyaltyCard: 2, PaymentToken: 3, Phone: 4}
LAST_RANK = 5
PERSONAL = (Identifier, Email, HashedEmail)
# log2 of the odds that two records are one person's if they alone carry a value of the kind.
WORTH = {
    "identifier": 20.0,
    "email": 18.0,
    "hashed_email": 18.0,
    "loyalty_card": 16.0,
    "payment_token": 14.0,
    "phone": 12.0,
    "device_id": 10.0,
}
OTHER_WORTH = 10.0
# The share of customers who have more than one, as far as the records themselves are too few to tell.
SEVERAL = {"identifier": 0.05, "loyalty_card": 0.15, "payment_token": 0.3, "phone": 0.15, "device_id": 0.7}
OTHER_SEVERAL = 0.25
ADDRESSES = (Email, HashedEmail)  # what one holds the other holds too, so neither says that its records belong together
CONTESTED, BRIDGE, RECYCLED = map(HOLDING.index, ("contested", "bridge", "recycled"))
DAY = 86_400_000_000  # in the unit of the values' times
# For how long operators let a number rest before they give it to a stranger: the least that is known, of the United
# States (47 CFR 52.15). Other identifiers are not given out again.
RESTS: dict[type[Field], int] = {Phone: 45 * DAY}


@mutable
class Linked:
    """What linking found, beside the clusters that stand in ``linking``.

    Attributes
    ----------
    linking : Linking
    identifiers : list of IdentifierColumn
        In the order of the field numbers.
    generic : array (n, 3) of uint32
        Field, value and the number of groups that its records fall into; listed ones are not among them.
    contested : int
        Values whose carriers are different people.
    near : dict
        By field: candidate pairs, and what became of them.
    rules : list of str
        In the order of the rule numbers.
    rule_conflicts : dict
        By rule: joins that a conflict or a limit forbade.
    matches : Matches or None
        What matching by probability found, where it was asked for.
    limits : list of str
        What a customer may not be, in the order of `Linking.refused_by_limit`, ``""`` for what is not declared; empty
        where nothing is.
    must_rows : int64 array
        By must-link, its row in the table.
    unique : tuple of bool
        By source, in the order of their names, whether it is free of duplicates.
    """

    linking: Linking
    identifiers: list[IdentifierColumn]
    generic: npt.NDArray[np.uint32]
    contested: int
    near: dict[str, dict[str, int]] = fresh(default_factory=dict)
    rules: list[str] = fresh(default_factory=list)
    rule_conflicts: dict[str, int] = fresh(default_factory=dict)
    matches: Matches | None = None
    limits: list[str] = fresh(default_factory=list)
    must_rows: npt.NDArray[np.int64] = fresh(default_factory=lambda: np.zeros(0, np.int64))
    unique: tuple[bool, ...] = ()

    def sharing(self) -> dict[str, bytes]:
        """By field and value, what matching is told of it.

        1: contested or a weak bridge; 2: contested and personal; 3: evidence of nothing, for it is generic or changed
        hands (whom that joins is one customer already).
        """
        told = {}
        for number, identifier in enumerate(self.identifiers):
            holding = self.linking.holding(number)
            contested, bridge, recycled = (holding == state for state in (CONTESTED, BRIDGE, RECYCLED))
            shared = np.where(contested, 1 + isinstance(identifier.declared, PERSONAL), bridge).astype(np.uint8)
            shared[recycled | (identifier.values.status() == STATUSES.index("generic"))] = 3
            told[identifier.declared.name] = shared.tobytes()
        return told


def link(normalized: Normalization, runner: Runner, constraints: Constraints, *, exact: bool) -> Linked:
    """Joins the profiles into clusters.

    Parameters
    ----------
    normalized : Normalization
        After all batches.
    runner : Runner
        Compares the near values of several fields at once.
    constraints : Constraints
        What a customer may not be, beside the limits of the fields.
    exact : bool
        Exact shared identifiers only: no rules, no near values.
    """
    identifiers = list(normalized.identifiers.values())
    linking = unjoined(normalized, runner.threads)
    limits = _declare(linking, identifiers, normalized.source_names, constraints)
    generic = linking.find_generic()
    # What is near depends on the values and on which of them are generic, so it is sought while the exact ones join.
    near_of_field = iter(()) if exact else runner.map(near_values, identifiers)
    linked = Linked(
        linking, identifiers, generic, linking.join_exact(), limits=limits, unique=tuple(constraints.unique)
    )
    if len(constraints.must):
        linked.rules.append(MUST_LINK)
        linked.must_rows = constraints.must_rows
    if exact:
        return linked
    for rule in normalized.bound.model.rules:
        conflicts = 0
        for rule_columns in columns_of_rule(normalized, rule):
            conflicts += linking.join_rule(len(linked.rules), rule_columns)
        linked.rules.append(rule)
        linked.rule_conflicts[rule] = conflicts
    candidates = list(near_of_field)
    for number in sorted(range(len(identifiers)), key=lambda number: (_rank(identifiers[number]), number)):
        near = candidates[number]
        if near is not None:
            counts = linking.judge_near(number, near.pairs)
            capped = {"capped_groups": near.capped_groups, "capped_values": near.capped_values}
            linked.near[identifiers[number].declared.name] = counts | {"compared": near.compared} | capped
    return linked


def unjoined(normalized: Normalization, threads: int = 1) -> Linking:
    """The profiles and what they carry, of which nothing has been joined yet."""
    limit = normalized.bound.model.generic_limit
    identifiers = list(normalized.identifiers.values())
    fields: list[tuple[Any, ...]] = []
    addresses = next((i for i, each in enumerate(identifiers) if isinstance(each.declared, ADDRESSES)), 0)
    for number, identifier in enumerate(identifiers):
        kind = type(identifier.declared)
        kin = addresses if kind in ADDRESSES else number
        worth = WORTH.get(kind.kind, OTHER_WORTH)
        several = SEVERAL.get(kind.kind, OTHER_SEVERAL)
        ranked = (identifier.values, identifier.columns, _rank(identifier), kind in PERSONAL)
        fields.append((*ranked, limit, kin, worth, several))
    columns = {type(declared).kind: slots for declared, slots in reversed(list(normalized.attributes.values()))}
    return Linking(
        normalized.profiles,
        fields,
        normalized.names,
        columns.get("name", []),
        columns.get("birth_date", [-1])[0],
        columns.get("postcode", [-1])[0],
        normalized.source_names,
        {number: RESTS[type(each.declared)] for number, each in enumerate(identifiers) if type(each.declared) in RESTS},
        threads,
    )


def _rank(identifier: IdentifierColumn) -> int:
    return RANKS.get(type(identifier.declared), LAST_RANK)


def _declare(
    linking: Linking, identifiers: Sequence[IdentifierColumn], sources: Sequence[str], constraints: Constraints
) -> list[str]:
    """Tells the linking what a customer may not be; names each limit, ``""`` for one that is not declared."""
    limits: list[tuple[int, int, int]] = []
    named = [CANNOT_LINK if len(constraints.cannot) else ""]
    named += [f"unique source: {name}" * unique for name, unique in zip(sources, constraints.unique, strict=True)]
    for number, identifier in enumerate(identifiers):
        most, days = (getattr(identifier.declared, option) for option in ("limit", "limit_days"))
        if most is not None:
            limits.append((number, most, -1 if days is None else days * DAY))
            named.append(f"limit: {identifier.declared.name}")
    if not limits and not constraints.any():
        return []
    linking.declare(constraints.unique, limits, constraints.must, constraints.cannot, constraints.twins)
    return named


def columns_of_rule(normalized: Normalization, rule: str) -> list[list[int]]:
    """The profile columns that a rule compares: once for each script where a name is among them."""
    ways: list[list[int]] = [[]]
    for name in rule_fields(rule):
        declared, slots = normalized.attributes[name]
        if isinstance(declared, PersonName):
            ways = [[*way, full] for way in ways for full in slots[SCRIPTS : 2 * SCRIPTS]]
        else:
            ways = [[*way, slots[0]] for way in ways]
    return ways
