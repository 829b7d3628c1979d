"""Values -> candidate pairs: distinct values of one identifier that may be spellings of one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from enishi._link import domain_pairs, extension_pairs, near_pairs
from enishi.model import DeviceId, Email, LoyaltyCard
from enishi.normalize import IdentifierColumn, normalizer_for

TRUNCATED_ID = len("01234567-89ab-cdef")  # the shortest truncated device id: 16 hex digits and two hyphens


@dataclass(frozen=True, slots=True)
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
