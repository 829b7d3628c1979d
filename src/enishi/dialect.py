"""How sources write dates and numbers, told by their own values where nothing is declared.

4/9/1985 is a day in April or in September, and 0151 1234567 a number of some country. Where most values of a source
cannot be read as their field has it by default, and can be read in another way, that way holds for the source; one with
too few values to tell follows the others, where these agree. 521-21-2123 and 521212123 are one number where all that
have separators have them in the same places; that holds for a field in all sources. Their first 10,000 records are
asked, which is all of a small source; of a large one it takes two ways that are almost equally likely for the order of
its rows to matter.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa

from enishi._normalize import STATUSES, calling_code
from enishi.bind import Bound, BoundSource, Notice
from enishi.fields import BirthDate, DateOrder, Field, Identifier, Phone
from enishi.frozen import frozen, replace
from enishi.normalize import canonical_column, normalizer_for
from enishi.numbering import columns_asked, numbered_apart
from enishi.read import SourceReader
from enishi.rows import as_text

SAMPLE = 10_000  # records that are looked at
FEWEST = 5  # values; below, what they look like says nothing
WELL_READ = 0.75  # the share of the values above which nothing else is asked
CLEARLY = 0.2  # by so much of a share another way has to be better
VISITORS = 0.1  # the share of such numbers below which those without may be of the usual region
STATED = 0.02  # the share of numbers with a calling code from which its country is asked
MOST = 0.8  # of the numbers with a calling code
NUMBER = 6  # digits, from which a value is a number that may be written with separators
LONG = 8  # digits and letters, from which two such numbers hardly are one by accident
FIXED = 0.95  # the share of such numbers that have them where others of their length do
# Whose numbers look like no others', so that they tell the region; of others a calling code has to.
REGIONS = ("JP", "US", "GB", "CN", "KR", "TW")
# Of one that the kernel does not know the phonenumbers package is asked: of a few values, for it takes its time.
ASKED = 100
# A number of a country that the kernel does not know may be one.
_READ = [STATUSES.index(status) for status in ("accepted", "generic", "incomplete", "not_personal", "foreign")]
_UNREAD = [STATUSES.index(status) for status in ("malformed", "impossible")]
_CALLING_CODE = re.compile(rb"\s*(?:\+|00)\s*([1-9](?:[ ().-]*\d){2})")
_SEPARATORS = b" ().-"
_TWO_NUMBERS = re.compile(rb"\D*(\d{1,2})\D+(\d{1,2})(?:\D|$)")
_PARTS = re.compile(r"[^-./ ]+")


def as_written(bound: Bound, readers: Sequence[SourceReader]) -> Bound:
    """The sources with their fields as their values are written, and a notice of what the values told.

    Sources that number their customers each for itself get value spaces of their own (`numbered_apart`).

    Parameters
    ----------
    bound : Bound
    readers : sequence of SourceReader
        The same sources, of which nothing has been read.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from enishi.bind import bind
    >>> from enishi.model import Model
    >>> from enishi.read import open_data
    >>> dates = [f"{month}/{day}/1985" for month in range(1, 13) for day in (9, 23)]
    >>> readers = open_data(pa.table({"dob": dates}), Model())
    >>> found = as_written(bind(Model(), {"data": readers[0].schema}), readers)
    >>> print(found.notices[-1])
    source 'data': 'birth_date' is read month first, as its values tell
    """
    heads, values = {}, []
    numbers = columns_asked(bound.sources)
    for source, reader in zip(bound.sources, readers, strict=True):
        open_ = _open_columns(source, reader)
        wanted = dict.fromkeys([*(column for own in open_.values() for column in own), *numbers.get(source.name, ())])
        head = list(_rows(reader.head(list(wanted), SAMPLE), SAMPLE)) if wanted else []
        if source.name in numbers:
            heads[source.name] = head
        values.append({name: [as_text(batch.column(c)) for batch in head for c in own] for name, own in open_.items()})
    fields = {each.field.name: each.field for source in bound.sources for each in source.columns}
    reads = _reads(fields, values)
    sources, notices = [], []
    for source, own in zip(bound.sources, reads, strict=True):
        sources.append(replace(source, reads={name: read for name, (read, _) in own.items()}) if own else source)
        for name, (read, whose) in own.items():
            notices.append(Notice(source.name, None, f"'{name}' is read {_words(read)}, as {whose} values tell"))
    told, apart = numbered_apart(sources, heads)
    if not notices and not apart:
        return bound
    return replace(bound, sources=told, notices=(*bound.notices, *notices, *apart))


def _rows(batches: Sequence[pa.RecordBatch], rows: int) -> Iterator[pa.RecordBatch]:
    """So many rows of batches, in whatever pieces they came."""
    for batch in batches:
        yield batch.slice(0, rows)
        rows -= min(rows, batch.num_rows)


def preferred(field: Field, values: Sequence[pa.Array]) -> Field:
    """The field with the option that texts speak for, where its own is the usual one and reads too few of them."""
    if not _is_open(field):
        return field
    raw = _raw(values)
    usual = _counted(field, values, raw)
    if usual.total < FEWEST:
        return field
    ways: list[Field] = []
    if isinstance(field, BirthDate):
        ways = [replace(field, order=_order(raw))]
    elif isinstance(field, Phone):
        home, share = _home(raw, field.region)
        ways = [replace(field, region=region) for region in dict.fromkeys([*home, *REGIONS])]
        if home:
            # Where numbers with a country code are of one country, so are those without. A few may be visitors'.
            visitors = share < VISITORS and usual.share >= WELL_READ
            found = _counted(ways[0], values, raw).share
            if found > usual.share or (found == usual.share and not visitors):
                return ways[0]
    if usual.share >= WELL_READ:
        return field
    shares = [_counted(way, values, raw).share for way in ways]
    best = max(shares)
    return ways[shares.index(best)] if best >= usual.share + CLEARLY else field


def _raw(values: Sequence[pa.Array]) -> list[bytes]:
    texts = [text for array in values for text in array.to_pylist() if text is not None]
    return [text.encode() if isinstance(text, str) else text for text in texts]


@frozen
class _Counted:
    """How many values a field reads, and how many it does not."""

    read: int
    unread: int

    @property
    def total(self) -> int:
        return self.read + self.unread

    @property
    def share(self) -> float:
        return self.read / self.total if self.total else 0.0


def _counted(field: Field, values: Sequence[pa.Array], raw: Sequence[bytes]) -> _Counted:
    if isinstance(field, Phone) and calling_code(field.region) is None:
        from enishi._phone_package import canonical

        asked = [STATUSES.index(status) for _, status in canonical(list(dict.fromkeys(raw))[:ASKED], field.region)]
        counts = np.bincount(asked, minlength=len(STATUSES))
    else:
        kernel = normalizer_for(field)
        parts = [np.bincount(canonical_column(kernel, each)[1], minlength=len(STATUSES)) for each in values]
        counts = np.sum([np.zeros(len(STATUSES), np.int64), *parts], axis=0)
    return _Counted(int(counts[_READ].sum()), int(counts[_UNREAD].sum()))


def _order(raw: Sequence[bytes]) -> DateOrder:
    """Whether days or months stand first, by the numbers that can be no month; days, where none is such."""
    found = [match.groups() for match in map(_TWO_NUMBERS.match, raw) if match]
    first, second = (sum(int(pair[i]) > 12 for pair in found) for i in (0, 1))
    return "MDY" if second > first else "DMY"


def _home(raw: Sequence[bytes], usual: str) -> tuple[list[str], float]:
    """The country of the calling code that nearly all have that have one, where it is not the usual region's; and their
    share of all."""
    stated = [match[1].translate(None, _SEPARATORS) for match in map(_CALLING_CODE.match, raw) if match]
    others = [digits for digits in stated if not digits.startswith((calling_code(usual) or "?").encode())]
    share = len(others) / max(len(raw), 1)
    if share < STATED or len(others) < MOST * len(stated):
        return [], share
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

    # No calling code begins with another one.
    codes = Counter(
        code for digits in others for size in (1, 2, 3) if (code := int(digits[:size])) in COUNTRY_CODE_TO_REGION_CODE
    )
    return [COUNTRY_CODE_TO_REGION_CODE[code][0] for code, n in codes.most_common(1) if n >= MOST * len(stated)], share


def _is_open(field: Field) -> bool:
    """Whether it has the usual options; who lists single values has them written as she declares."""
    if isinstance(field, Phone):
        return field.region == Phone().region and not field.generic and not field.allow
    if isinstance(field, Identifier):
        return field.keep_separators is None and not field.generic and not field.allow
    return isinstance(field, BirthDate) and field.order == BirthDate().order


def _words(read: Field) -> str:
    if isinstance(read, Phone):
        return f"as of the region {read.region} where it has no country code"
    if isinstance(read, Identifier):
        return "without its separators"
    return "day first" if isinstance(read, BirthDate) and read.order == "DMY" else "month first"


def _open_columns(source: BoundSource, reader: SourceReader) -> dict[str, list[str]]:
    """By field whose values may tell how they are written, its columns."""
    columns: dict[str, list[str]] = {}
    for each in source.columns:
        kind = reader.schema.field(each.column).type
        if _is_open(each.field) and each.part == "value" and not pa.types.is_temporal(kind):
            columns.setdefault(each.field.name, []).append(each.column)
    return columns


def _reads(
    fields: Mapping[str, Field], sources: Sequence[Mapping[str, Sequence[pa.Array]]]
) -> list[dict[str, tuple[Field, str]]]:
    """By source, the fields that are read in another way than is declared, and whose values tell; from their values."""
    reads: list[dict[str, tuple[Field, str]]] = [{} for _ in sources]
    for name, field in fields.items():
        having = [i for i, values in enumerate(sources) if name in values]
        if isinstance(field, Identifier):
            if _has_fixed_separators(field, [array for i in having for array in sources[i][name]]):
                for i in having:
                    reads[i][name] = replace(field, keep_separators=False), "all its"
            continue
        told = {i: preferred(field, sources[i][name]) for i in having}
        ways = list({way for way in told.values() if way != field})
        for i, way in told.items():
            if way != field:
                reads[i][name] = way, "its"
            elif len(ways) == 1 and _follows(field, ways[0], sources[i][name]):
                reads[i][name] = ways[0], "the other sources'"
    return reads


def _follows(field: Field, way: Field, values: Sequence[pa.Array]) -> bool:
    """Whether values, too few to tell by themselves, are not read as the field has it, and are in another way."""
    raw = _raw(values)
    usual = _counted(field, values, raw)
    if not 0 < usual.total < FEWEST or usual.share >= WELL_READ:
        return False
    return _counted(way, values, raw).share > usual.share


def _has_fixed_separators(field: Identifier, values: Sequence[pa.Array]) -> bool:
    """Whether numbers of one length stand with and without separators, which are always in the same places.

    Of a number that is made of others (of a shop and of its customer) the places tell where one ends: they vary.
    """
    kernel = normalizer_for(field)
    places: dict[int, Counter[tuple[int, ...]]] = {}
    texts = [text for array in values for text in canonical_column(kernel, array)[0].to_pylist()]
    for text in dict.fromkeys(texts):
        if text is None or sum(map(str.isdigit, text)) < NUMBER:
            continue
        parts = tuple(map(len, _PARTS.findall(text)))
        if sum(parts) < LONG:
            continue
        places.setdefault(sum(parts), Counter())[parts] += 1
    separated = {size: Counter({p: n for p, n in found.items() if len(p) > 1}) for size, found in places.items()}
    usual = sum(max(found.values(), default=0) for found in separated.values())
    both = any(len(found) > len(separated[size]) > 0 for size, found in places.items())
    return both and usual >= FIXED * sum(found.total() for found in separated.values())
