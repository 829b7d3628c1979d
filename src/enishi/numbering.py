"""Whether sources that number their customers mean the same numbers, told by who has them.

Under a header such as ``member_id`` stands a card that every till reads, or what one system counts its customers by;
two that both count from 10001 would make pairs of strangers. So where a header alone says that a column holds cards,
those whom two sources know by one number are compared: where hardly any agree in anything else, each source has numbers
of its own. Its first records are asked; where these have no numbers in common, nothing is told, and the header is
believed. Who declares the column is believed too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import pyarrow as pa

from enishi.bind import BoundColumn, BoundSource, Notice
from enishi.fields import BirthDate, Email, LoyaltyCard, PersonName, Phone
from enishi.frozen import replace
from enishi.normalize import canonical_column, normalizer_for
from enishi.rows import as_text

FEWEST = 20  # numbers in common of whom something else is known; below, they tell nothing
STRANGERS = 0.05  # the share of them that may agree by chance
_TELLING = (Email, Phone, BirthDate, PersonName)


def columns_asked(sources: Sequence[BoundSource]) -> dict[str, tuple[str, ...]]:
    """By source, the columns of which `numbered_apart` asks; none where fewer than two have cards by their headers."""
    counting = [source for source in sources if any(map(_is_number, source.columns))]
    if len(counting) < 2:
        return {}
    return {
        source.name: tuple(each.column for each in source.columns if _is_number(each) or _tells(each))
        for source in counting
    }


def numbered_apart(
    sources: Sequence[BoundSource], heads: Mapping[str, Sequence[pa.RecordBatch]]
) -> tuple[tuple[BoundSource, ...], list[Notice]]:
    """The sources, those with a value space of their own that have numbers of their own; and what the user should know.

    Parameters
    ----------
    sources : sequence of BoundSource
    heads : mapping of str to batches
        The first records of those that are asked, with the columns that `columns_asked` says.

    Examples
    --------
    >>> from enishi.bind import bind
    >>> from enishi.model import Model
    >>> def shop(name):
    ...     return {"member_id": range(10001, 10031), "email": [f"{name}{i}@example.com" for i in range(30)]}
    >>> heads = {name: [pa.record_batch(shop(name))] for name in ("web", "till")}
    >>> bound = bind(Model(), {name: head[0].schema for name, head in heads.items()})
    >>> sources, notices = numbered_apart(bound.sources, heads)
    >>> [source.columns[1].namespace for source in sources], len(notices)
    (['numbers of web', 'numbers of till'], 2)
    """
    asked = [source for source in sources if source.name in heads]
    known = {source.name: _known(source, heads[source.name]) for source in asked}
    group = {source.name: source.name for source in asked}
    apart: dict[str, tuple[str, int]] = {}  # by source, another one and how many numbers both have
    for one, other in combinations(known, 2):
        common, agreeing = _compared(known[one], known[other])
        if common < FEWEST:
            continue
        if agreeing <= STRANGERS * common:
            apart.setdefault(one, (other, common))
            apart.setdefault(other, (one, common))
        else:
            group = {name: group[one] if own == group[other] else own for name, own in group.items()}
    if not apart:
        return tuple(sources), []
    told, notices = [], []
    for source in sources:
        columns = []
        for each in source.columns:
            if source.name in group and _is_number(each):
                each = replace(each, namespace=f"numbers of {group[source.name]}")
                if source.name in apart:
                    other, common = apart[source.name]
                    text = (
                        f"holds numbers of its own: of {common:,} that '{other}' has too, hardly any are one person's"
                    )
                    notices.append(Notice(source.name, each.column, text))
            columns.append(each)
        told.append(replace(source, columns=tuple(columns)))
    return tuple(told), notices


def _is_number(bound: BoundColumn) -> bool:
    return bound.guessed and isinstance(bound.field, LoyaltyCard)


def _tells(bound: BoundColumn) -> bool:
    return isinstance(bound.field, _TELLING) and bound.part not in ("year", "month", "day")


def _known(source: BoundSource, head: Sequence[pa.RecordBatch]) -> dict[str, dict[str, frozenset[str]]]:
    """By number, what the records that have it say, field by field."""
    found: dict[str, dict[str, frozenset[str]]] = {}
    for batch in head:
        numbers: list[str | None] = [None] * batch.num_rows
        fields: dict[str, list[frozenset[str]]] = {}
        for each in source.columns:
            if not (_is_number(each) or _tells(each)):
                continue
            texts = _texts(each, source, batch)
            if _is_number(each):
                numbers = [old or new for old, new in zip(numbers, texts, strict=True)]
                continue
            split = _words if isinstance(each.field, PersonName) else _whole
            own = fields.setdefault(each.field.name, [frozenset()] * batch.num_rows)
            fields[each.field.name] = [old | split(text) for old, text in zip(own, texts, strict=True)]
        for row, number in enumerate(numbers):
            if number is None:
                continue
            said = found.setdefault(number, {})
            for name, own in fields.items():
                if own[row]:
                    said[name] = said.get(name, frozenset()) | own[row]
    return found


def _texts(bound: BoundColumn, source: BoundSource, batch: pa.RecordBatch) -> list[str | None]:
    texts = as_text(batch.column(bound.column))
    if isinstance(bound.field, PersonName):
        return [text.decode("utf-8", "replace") if isinstance(text, bytes) else text for text in texts.to_pylist()]
    kernel = normalizer_for(source.reads.get(bound.field.name, bound.field))
    found: list[str | None] = canonical_column(kernel, texts)[0].to_pylist()
    return found


def _words(text: str | None) -> frozenset[str]:
    return frozenset((text or "").casefold().split())


def _whole(text: str | None) -> frozenset[str]:
    return frozenset() if text is None else frozenset((text,))


def _compared(
    left: Mapping[str, Mapping[str, frozenset[str]]], right: Mapping[str, Mapping[str, frozenset[str]]]
) -> tuple[int, int]:
    """How many numbers both have and say something of, and of how many of these they say something alike."""
    common = agreeing = 0
    for number in left.keys() & right.keys():
        fields = left[number].keys() & right[number].keys()
        common += bool(fields)
        agreeing += any(left[number][name] & right[number][name] for name in fields)
    return common, agreeing
