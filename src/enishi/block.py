"""Values -> candidate pairs: distinct values of one identifier that may be spellings of one, and blocking rules.

A blocking rule says what two profiles have to share to be compared. The compiled core makes the blocks; here stands
which columns a rule means.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from enishi._link import domain_pairs, extension_pairs, near_pairs
from enishi.compare import Compared, Table
from enishi.fields import DeviceId, Email, LoyaltyCard
from enishi.frozen import frozen
from enishi.model import blocking_keys
from enishi.normalize import NAME_PARTS, SCRIPTS, IdentifierColumn, normalizer_for

if TYPE_CHECKING:
    from enishi.frequency import Frequencies

KeyPart: TypeAlias = tuple[str, int, Table, int, int]

# Any two single slips in different fields leave a rule that holds, as far as its blocks are not cut. A whole name has
# both its parts, in the script in which they are written.
BLOCKING = (
    "email.local_part",
    "phone[-7:] & given_name[:1]",
    "phone[-7:] & family_name.skeleton",
    "birth_date & family_name.skeleton",
    "birth_date & given_name.skeleton",
    "postcode & family_name.skeleton",
    "postcode & given_name.skeleton",
    "postcode & birth_date.year",
    "postcode & birth_date.day",
    "name",
    "name.skeleton",
    "family_name.skeleton & given_name.skeleton",
    "address",
    "birth_date",
    "birth_date.month & family_name[:3]",
    "birth_date.month & given_name[:3]",
    "birth_date.day & family_name.skeleton",
    "birth_date.day & given_name.skeleton",
    "postcode & address[:4]",
    "birth_date.year & family_name & given_name[:1]",
    "birth_date.year & given_name & family_name[:1]",
    "birth_date.year & family_name.skeleton",
    "birth_date.year & given_name[:2] & family_name[:2]",
    "birth_date.day & given_name[:1] & family_name[:1]",
)
# Of so few profiles every pair is compared: there are not more than a rule may have.
FEWEST = 200
EVERY = "*"
# Of few records one part of a name is enough.
FEW = 1_000  # profiles
OF_FEW = ("family_name.skeleton", "given_name.skeleton")
# Two slips in several fields leave no rule above; of so many records there are not too many that share less.
SOME = 100_000  # profiles
OF_SOME = (
    "birth_date.month",
    "birth_date.day",
    "postcode",
    "address.rare_word & given_name[:1]",
    "address.rare_word & family_name[:1]",
    "address.rare_word & birth_date.year",
)
OF_KINDS = frozenset((*BLOCKING, *OF_FEW, *OF_SOME))  # they mean fields by their kinds, whatever these are called
TELLING = 0.01  # how often strangers agree, at most, in an attribute of one's own that makes blocks
RARE_WORDS = 4  # of a text, by which it meets others
KANA = 1  # among the scripts
TRUNCATED_ID = len("01234567-89ab-cdef")  # the shortest truncated device id: 16 hex digits and two hyphens


@frozen
class NearValues:
    """Candidate pairs of values of one field.

    Attributes
    ----------
    pairs : array (n, 3) of uint32
        Two value numbers and their distance in edits; 0 for a misspelt domain and a truncated id.
    compared : int
        Comparisons made.
    capped_groups, capped_values : int
        Groups of values too alike to be misspellings of one another, which were not compared.
    """

    pairs: npt.NDArray[np.uint32]
    compared: int = 0
    capped_groups: int = 0
    capped_values: int = 0


def near_values(identifier: IdentifierColumn) -> NearValues | None:
    """The near values of a field, as far as its options ask for them; None where they do not.

    Loyalty cards are corrected only from a number whose check digit fails to one whose check digit holds: a check digit
    catches every single slip, so two valid numbers one digit apart are two cards.
    """
    declared, values = identifier.declared, identifier.values
    edits = getattr(declared, "max_edits", 0)
    found: list[npt.NDArray[np.uint32]] = []
    counts = {"compared": 0, "capped_groups": 0, "capped_values": 0}
    if edits:
        corrections = isinstance(declared, LoyaltyCard) and declared.check_digit != "none"
        near, counts = near_pairs(
            values, max_edits=edits, local_part=isinstance(declared, Email), corrections=corrections
        )
        found.append(near)
    if edits and isinstance(declared, Email):
        found.append(domain_pairs(values, normalizer_for(declared)))
    if isinstance(declared, DeviceId):
        found.append(extension_pairs(values, TRUNCATED_ID))
    if not found:
        return None
    return NearValues(np.concatenate(found), **counts)


def rules_of_people(compared: Sequence[Compared]) -> list[str]:
    """The default set, and a rule for each identifier."""
    # A value that two people contest joins nobody by itself; the rest of their records may tell.
    return [*BLOCKING, *(each.name for each in compared if each.kind in ("typed", "opaque", "email"))]


def default_rules(compared: Sequence[Compared], frequencies: Frequencies, profiles: int) -> list[str]:
    """The blocking rules where none are declared: the default set, and what the data's own fields give."""
    if profiles <= FEWEST:
        return [EVERY]
    rules = [*rules_of_people(compared), *(OF_FEW if profiles <= FEW else ()), *(OF_SOME if profiles <= SOME else ())]
    for number, each in enumerate(compared):
        if each.kind == "text" and frequencies.agreement(number, 1.0, 0.0) <= TELLING:
            rules += rules_of_text(each.name)
        if each.kind == "text" and profiles <= SOME:
            rules += [f"{each.name} & family_name.skeleton", f"{each.name} & given_name.skeleton"]
    return rules


def rules_of_text(name: str) -> list[str]:
    """What an attribute of one's own gives where it tells people apart."""
    return [f"{name} & birth_date.day", f"{name}.rare_word"]


def key_parts(rule: str, compared: Sequence[Compared], by_name: bool = False) -> list[list[KeyPart]]:
    """Each way in which a blocking rule can hold: its keys. Empty where a field of the rule is not there.

    Fields are known by their kind, whatever the user calls them.

    Parameters
    ----------
    rule : str
        See `enishi.model.blocking_keys`.
    compared : sequence of Compared
    by_name : bool
        Where no field has that kind, a field of that name is meant.

    Raises
    ------
    ConfigError
        It is not a conjunction of expressions.
    """
    ways: list[tuple[int | None, list[KeyPart]]] = [(None, [])]
    for key in blocking_keys("blocking rule", rule):
        part = "code" if key.part == "reading" else key.part
        if part == "skeleton" and key.field == "given_name":
            part = "first_skeleton"
        meant = [number for number, each in enumerate(compared) if each.field == key.field]
        if by_name and not meant:
            meant = [number for number, each in enumerate(compared) if each.name == key.field]
        longer: list[tuple[int | None, list[KeyPart]]] = []
        for number in meant:
            each = compared[number]
            number *= SCRIPTS
            for script, parts in ways:
                if each.kind in NAME_PARTS:
                    # The parts of a name are compared in one script.
                    scripts = range(SCRIPTS) if script is None else (script,)
                    for s in scripts if key.part != "reading" else {KANA}.intersection(scripts):
                        longer.append((s, [*parts, (part, each.columns[s], each.tables[s], number + s, key.length)]))
                else:
                    lengths = range(RARE_WORDS) if part == "rare_word" else (key.length,)
                    for column, length in product(each.columns, lengths):
                        longer.append((script, [*parts, (part, column, each.tables[0], number, length)]))
        ways = longer
    return [parts for _, parts in ways]


def filled(slot: Sequence[KeyPart], compared: Sequence[Compared], frequencies: Frequencies) -> bool:
    """Whether any record has all that the slot needs, as far as single columns tell."""
    for *_, number, _ in slot:
        i, script = divmod(number, SCRIPTS)
        if not frequencies.filled[i][script if compared[i].kind in NAME_PARTS else 0]:
            return False
    return True


def cuts(slot: Sequence[KeyPart], compared: Sequence[Compared], frequencies: Frequencies) -> list[KeyPart]:
    """What cuts blocks that are too large: the other fields, those with most distinct values first."""
    found: list[tuple[float, KeyPart]] = []
    used = {(part[0], part[1]) for part in slot}
    for i, each in enumerate(compared):
        if each.kind == "opaque":
            continue
        script = int(np.argmax(frequencies.filled[i]))
        distinct = np.count_nonzero(frequencies.counts[i][script])
        table = script if each.kind in NAME_PARTS else 0
        if distinct > 1 and ("code", each.columns[table]) not in used:
            found.append((-float(distinct), ("code", each.columns[table], each.tables[table], i * SCRIPTS + table, 0)))
    return [cut for _, cut in sorted(found, key=lambda each: (each[0], each[1][1]))]


def unblocked(rule: str, compared: Sequence[Compared]) -> tuple[bool, ...]:
    """By comparison, whether the rule says nothing about it."""
    fields = {key.field for key in blocking_keys("blocking rule", rule)}
    if fields & {"given_name", "family_name", "name"}:
        fields.add("name")
    if "name" in fields and not fields & {"given_name", "family_name"}:
        fields |= {"given_name", "family_name"}
    return tuple(each.field not in fields and each.name not in fields for each in compared)


def trains(rule: str) -> bool:
    """Whether m is learned from the pairs of a rule."""
    return all(key.trains for key in blocking_keys("blocking rule", rule))


__all__ = [
    "BLOCKING",
    "OF_KINDS",
    "NearValues",
    "cuts",
    "default_rules",
    "filled",
    "key_parts",
    "near_values",
    "rules_of_people",
    "rules_of_text",
    "trains",
    "unblocked",
]
