"""Bound fields -> comparisons: what matching by probability compares, in which columns, and by which levels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

from enishi._tables import NameForms, Values
from enishi.fields import COMPARED_AS, Attribute, BirthDate, Email, HashedEmail, PersonName
from enishi.frozen import frozen
from enishi.levels import EQUAL, AnyLevel, Custom, Level, Listed, level_names
from enishi.levels import LEVELS as STORED
from enishi.model import Match, parsed_levels
from enishi.normalize import NAME_PARTS, NONE, SCRIPTS, Normalization, normalizer_for

if TYPE_CHECKING:
    from enishi._matching import ListedPairs

Table: TypeAlias = Values | tuple[NameForms, str, int] | None

MOST_COMPARISONS = 15  # as many as the compiled core packs into a vector
_FORMS = {"given_name": "given", "name": "full", "family_name": "family"}
# Cheap and telling ones first, for a pair is dropped as soon as it is hopeless; names, which depend on each other,
# last.
_ORDER = ("opaque", "date", "typed", "postcode", "text", "email", "address", "given_name", "family_name", "name")


@frozen
class Compared:
    """One comparison: its kind and its field's, the profile columns that hold its codes, and the texts of these.

    Attributes
    ----------
    levels : tuple of Level or Custom
        The user's own, the strictest first; none: the stored ones of the kind.
    term_frequency : bool
    impossible : int
        The profile column of dates that no calendar has, whose only use is that they may be slips of one that it has;
        2**32 - 1 where there is none.
    """

    name: str
    kind: str
    field: str
    columns: tuple[int, ...]
    tables: tuple[Table, ...]
    levels: tuple[AnyLevel, ...] = ()
    term_frequency: bool = True
    impossible: int = int(NONE)

    @property
    def names(self) -> tuple[str, ...]:
        """Its levels from 1 on, different first."""
        return level_names(self.kind, self.levels)


def comparisons_of(normalized: Normalization, declared: Match | None = None) -> tuple[Compared, ...]:
    """The comparisons that the bound fields allow, in the order in which they are made."""
    own = {each.field: each for each in declared.comparisons} if declared else {}
    found: list[Compared] = []

    def add(name: str, kind: str, field: str, columns: Sequence[int], tables: tuple[Table, ...]) -> None:
        levels = parsed_levels(own[name]) if name in own else ()
        if tuple(map(str, levels)) == tuple(reversed([level for level in STORED[kind][1:] if level])):
            levels = ()  # the stored ones, written out
        frequency = name not in own or own[name].term_frequency
        # A birth date has a second column where matching was asked for.
        impossible = columns[1] if kind == "date" else int(NONE)
        columns = columns[:1] if kind == "date" else columns
        found.append(Compared(name, kind, field, tuple(columns), tables, levels, frequency, impossible))

    plain = any(isinstance(each.declared, Email) for each in normalized.identifiers.values())
    for name, identifier in normalized.identifiers.items():
        # A hash beside the address itself says the same thing twice.
        if not (plain and isinstance(identifier.declared, HashedEmail)):
            kind = COMPARED_AS[type(identifier.declared)]
            add(name, kind, identifier.declared.kind, identifier.columns, (identifier.values,))
    for name, (field, slots) in normalized.attributes.items():
        if isinstance(field, PersonName):
            if any(each.kind == "name" for each in found):
                continue
            for part, first in NAME_PARTS.items():
                tables = tuple((normalized.names, _FORMS[part], script) for script in range(SCRIPTS))
                add(part, part, part, slots[first : first + SCRIPTS], tables)
        else:
            table = None if isinstance(field, BirthDate) else normalized.attribute_values[name]
            add(name, COMPARED_AS[type(field)], field.kind, slots, (table,))
    return tuple(sorted(found, key=lambda each: _ORDER.index(each.kind)))


class CompiledLevels:
    """Levels of one's own as the compiled core takes them; it has to outlive their use."""

    def __init__(self) -> None:
        self._kept: list[object] = []

    def of(self, compared: Compared) -> list[tuple[str, float | ListedPairs]] | None:
        """Each level between equal and different: a measure and its bound, a function's address, a list's pairs; None
        where the stored ones are in use."""
        if not compared.levels:
            return None
        return [self._one(compared.kind, level) for level in compared.levels if level != Level(EQUAL)]

    def _one(self, kind: str, level: AnyLevel) -> tuple[str, float | ListedPairs]:
        if isinstance(level, Custom):
            from enishi._custom_jit import compiled

            function = compiled(level)
            self._kept.append(function)
            return "custom", function.address
        if isinstance(level, Listed):
            from enishi._matching import ListedPairs

            # Attributes go through the kernel of addresses.
            kernel = normalizer_for(PersonName() if kind in NAME_PARTS else Attribute(name="listed"))
            written = [[kernel.one(side.encode())[0] for side in pair] for pair in level.pairs()]
            pairs = ListedPairs((left.encode(), right.encode()) for left, right in written if left and right)
            self._kept.append(pairs)
            return "listed", pairs
        if level.bound is None:
            return "stored", STORED[kind].index(level.name) + 1
        return level.name, level.bound


__all__ = ["MOST_COMPARISONS", "Compared", "CompiledLevels", "comparisons_of"]
