"""Millions of strings without a Python string: the vectorized spelling of the simulated shop.

A column is one of two things. Either it is *picked*: a small pool holds every value that a block of people can write,
and an index says which value stands in which row. Or it is *stamped*: digits are laid as bytes into a template, so
that all rows have one width and the offsets of the Arrow array are a ramp. Rows that take different templates are
stamped apart and *merged*. Slips of the finger are moves within a padded byte matrix, for the few rows that have one.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Keys = NDArray[np.uint64]
Bytes = NDArray[np.uint8]
Mask = NDArray[np.bool_]


def pick(pool: pa.Array, index: Ints, missing: Mask | None = None) -> pa.Array:
    """The pool's value at every index, null where ``missing``."""
    return pool.take(pa.array(index, mask=missing))


def merge(parts: Sequence[tuple[Ints, pa.Array]], size: int) -> pa.Array:
    """One array out of parts, each given with the rows where it belongs; rows in no part are null."""
    where = np.full(size, -1, np.int64)
    start = 0
    for rows, _ in parts:
        where[rows] = np.arange(start, start + len(rows))
        start += len(rows)
    absent = where < 0
    pool = pa.concat_arrays([values for _, values in parts])
    return pick(pool, where, absent if absent.any() else None)


def mix(x: Keys | Ints, salt: int) -> Keys:
    """Hash whole numbers to 64 bits (SplitMix64's finalizer); ``salt`` tells one use from another."""
    with np.errstate(over="ignore"):
        z = x.astype(np.uint64) + np.uint64((salt * 0x9E3779B97F4A7C15 + 0x632BE59BD9B4E019) & 0xFFFFFFFFFFFFFFFF)
        z ^= z >> np.uint64(30)
        z *= np.uint64(0xBF58476D1CE4E5B9)
        z ^= z >> np.uint64(27)
        z *= np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    return z


def scatter(index: Ints, high: int, low: int, salt: int) -> Ints:
    """A permutation of 0 .. high * low - 1, so that numbers handed out one after the other look random and stay unique.

    A Feistel network in mixed radix: each round moves one half by a hash of the other, which can be undone.
    """
    left, right = np.divmod(index, low)
    right = (right + (mix(left, salt) % np.uint64(low)).astype(np.int64)) % low
    left = (left + (mix(right, salt + 1) % np.uint64(high)).astype(np.int64)) % high
    right = (right + (mix(left, salt + 2) % np.uint64(low)).astype(np.int64)) % low
    return left * low + right


# The four digits of every number below 10,000, as one word each.
_FOUR_DIGITS = np.ascontiguousarray(
    (np.arange(10_000)[:, None] // np.array([1000, 100, 10, 1]) % 10).astype(np.uint8)
).view(np.uint32)[:, 0]


def digits(number: Ints, width: int) -> Bytes:
    """Decimal digits 0 to 9, one row a number, with leading zeros."""
    groups = -(-width // 4)
    out = np.empty((len(number), groups), np.uint32)
    rest = number
    for group in range(groups - 1, -1, -1):
        above = rest // 10_000
        out[:, group] = _FOUR_DIGITS[rest - above * 10_000]
        rest = above
    return out.view(np.uint8)[:, groups * 4 - width :]


def _fixed(matrix: Bytes) -> pa.Array:
    """Rows of equal width as strings, without a copy."""
    rows, width = matrix.shape
    offsets = np.arange(0, (rows + 1) * width, width, dtype=np.int32) if width else np.zeros(rows + 1, np.int32)
    data = np.ascontiguousarray(matrix)
    return pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(data))


def stamp(template: str, number: Bytes) -> pa.Array:
    """Digits laid into a template, at each ``#`` an ASCII digit and at each ``＃`` a full-width one, in order."""
    encoded = bytearray()
    columns = []
    for character in template:
        if character == "#":
            columns.append(len(encoded))
            encoded += b"0"
        elif character == "＃":
            columns.append(len(encoded) + 2)  # ０ is EF BC 90, ９ is EF BC 99
            encoded += "０".encode()
        else:
            encoded += character.encode()
    out = np.empty((len(number), len(encoded)), np.uint8)
    out[:] = np.frombuffer(bytes(encoded), np.uint8)
    for column, source in zip(columns, range(number.shape[1]), strict=True):
        out[:, column] += number[:, source]
    return _fixed(out)


def luhn(number: Bytes) -> Bytes:
    """The digits with their Luhn check digit behind them."""
    total = np.zeros(len(number), np.uint8)  # at most 9 for each digit
    for place in range(1, number.shape[1] + 1):
        total += _LUHN_DOUBLED[number[:, -place]] if place % 2 else number[:, -place]
    return np.column_stack([number, (10 - total % 10) % 10])


_LUHN_DOUBLED = np.array([0, 2, 4, 6, 8, 1, 3, 5, 7, 9], np.uint8)


_HEX = {
    upper: np.frombuffer(bytes(range(256)).hex().upper().encode() if upper else bytes(range(256)).hex().encode(), "<u2")
    for upper in (False, True)
}
_LETTERS = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789xX", np.uint8)
_TWO_LETTERS = np.stack(np.meshgrid(_LETTERS, _LETTERS), -1).reshape(-1).view("<u2")  # for every twelve bits


def uuids(key: Keys, *, upper: bool = False, hyphens: bool = True) -> pa.Array:
    """Random UUIDs (version 4), one a key, in one spelling."""
    raw = np.column_stack([mix(key, 1), mix(key, 2)]).view(np.uint8)
    raw[:, 6] = raw[:, 6] & 0x0F | 0x40
    raw[:, 8] = raw[:, 8] & 0x3F | 0x80
    text = _HEX[upper][raw].view(np.uint8)
    if not hyphens:
        return _fixed(text)
    out = np.full((len(key), 36), ord("-"), np.uint8)
    for start, end, shift in ((0, 8, 0), (8, 12, 1), (12, 16, 2), (16, 20, 3), (20, 32, 4)):
        out[:, start + shift : end + shift] = text[:, start:end]
    return _fixed(out)


def tokens(key: Keys, prefix: str) -> pa.Array:
    """Opaque tokens of a payment gateway: the prefix and twenty letters and digits, case kept."""
    out = np.empty((len(key), len(prefix) + 20), np.uint8)
    out[:, : len(prefix)] = np.frombuffer(prefix.encode(), np.uint8)
    pairs = np.empty((len(key), 10), np.uint16)
    for half in range(2):
        word = mix(key, 3 + half)
        for place in range(5):
            pairs[:, half * 5 + place] = _TWO_LETTERS[(word >> np.uint64(12 * place)) & np.uint64(0xFFF)]
    out[:, len(prefix) :] = pairs.view(np.uint8)
    return _fixed(out)


def slipped(number: Bytes, rows: Ints, rng: np.random.Generator, first: int = 0) -> Bytes:
    """A copy of the digits with one slip in each of the rows, at or behind the digit ``first``.

    Seven of ten are a wrong digit, the rest two neighbours swapped: *assumed*, after Verhoeff's count of clerks'
    errors, where single digits made up 60 to 95 % and swaps 10 to 20 %.
    """
    out = number.copy()
    width = number.shape[1]
    swap = rng.random(len(rows)) < 0.3
    place = rng.integers(first, width, len(rows))
    single, at = rows[~swap], place[~swap]
    out[single, at] = (out[single, at] + rng.integers(1, 10, len(single))) % 10
    pair, at = rows[swap], np.minimum(place[swap], width - 2)
    out[pair, at], out[pair, at + 1] = out[pair, at + 1], out[pair, at].copy()
    return out


def _neighbours() -> Bytes:
    """For each ASCII character one that lies beside it on the keyboard; digits stay digits, letters letters."""
    table = np.arange(256, dtype=np.uint8)
    for row in ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM"):
        for place, character in enumerate(row):
            table[ord(character)] = ord(row[place - 1] if place else row[1])
    return table


_NEIGHBOUR = _neighbours()


def mistyped(text: pa.Array, limit: Ints, rng: np.random.Generator) -> pa.Array:
    """ASCII strings with one slip of the finger each, within the first ``limit`` characters.

    A neighbouring key, two characters swapped, one lost, one doubled: equally often (*assumed*).
    """
    count = len(text)
    if not count:
        return text
    offsets = np.frombuffer(text.buffers()[1], np.int32)[text.offset : text.offset + count + 1].astype(np.int64)
    data = np.frombuffer(text.buffers()[2], np.uint8)
    length = np.diff(offsets)
    columns = np.arange(length.max() + 1)
    kind = rng.integers(0, 4, count)
    kind[(limit < 2) & (kind < 3)] = 0  # nothing to swap, and nothing to spare
    place = (rng.random(count) * np.maximum(limit - (kind == 1), 1)).astype(np.int64)[:, None]
    kinds = kind[:, None]
    source = columns + np.zeros((count, 1), np.int64)
    source += (kinds == 1) & (columns == place)
    source -= (kinds == 1) & (columns == place + 1)
    source += (kinds == 2) & (columns >= place)
    source -= (kinds == 3) & (columns > place)
    source = np.minimum(source, np.maximum(length - 1, 0)[:, None])
    out = data[np.minimum(offsets[:-1, None] + source, len(data) - 1)]
    out = np.where((kinds == 0) & (columns == place), _NEIGHBOUR[out], out)
    new_length = length + (kind == 3) - (kind == 2)
    flat = out[columns < new_length[:, None]]
    ends = np.concatenate([[0], np.cumsum(new_length)]).astype(np.int32)
    return pa.StringArray.from_buffers(count, pa.py_buffer(ends), pa.py_buffer(flat))
