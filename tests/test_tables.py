"""The tables that number values, names, profiles and identities, against dicts."""

import random
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

from enishi import _normalize
from enishi._link import Linking
from enishi._normalize import STATUSES
from enishi._tables import (
    AscendingIds,
    GrowingValues,
    Identities,
    NameForms,
    Profiles,
    RecordKeys,
    Sightings,
    Values,
    birth_numbers,
    hash_records,
    hash_rows,
    plain_ids,
)
from enishi.rows import as_text
from reference.columns import HOSTILE
from reference.siphash import siphash

NONE = 2**32 - 1
KEYS = [bytes(range(16)), bytes(range(16, 32))]
LAYOUTS = [pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary(), pa.binary_view()]


def counts() -> npt.NDArray[np.uint64]:
    return np.zeros(len(STATUSES), np.uint64)


def numbers(rows: int) -> npt.NDArray[np.uint32]:
    return np.empty(rows, np.uint32)


class Twin:
    """Values in a dict."""

    def __init__(self, normalizer: _normalize.Normalizer) -> None:
        self.normalizer = normalizer
        self.known: dict[bytes, int] = {}
        self.texts: list[str] = []
        self.counts = [0] * len(STATUSES)

    def add(self, raw: Sequence[bytes | None], space: Sequence[int] | None = None) -> list[int]:
        found = []
        for i, value in enumerate(raw):
            text, status = (None, "missing") if value is None else self.normalizer.one(value)
            self.counts[STATUSES.index(status)] += 1
            if text is None:
                found.append(NONE)
                continue
            key = siphash(KEYS[space[i] if space else 0], text.encode())
            if key not in self.known:
                self.texts.append(text)
            found.append(self.known.setdefault(key, len(self.known)))
        return found


def sample(seed: int, rows: int) -> list[bytes | None]:
    rng = random.Random(seed)
    pool: list[bytes | None] = [
        f"user{rng.randrange(rows)}@shop{rng.randrange(3)}.jp".encode() for _ in range(rows // 2)
    ]
    pool += [None, b"", b"info@shop.jp", b"no address", "花子@shop.jp".encode(), b"\xff@x", b" USER1@shop0.jp"]
    return [rng.choice(pool) for _ in range(rows)]


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_values_are_numbered_as_a_dict_would(layout: pa.DataType) -> None:
    normalizer = _normalize.email()
    twin, values = Twin(normalizer), GrowingValues(True)
    counted = counts()
    for seed, rows in enumerate((0, 1, 31, 32, 33, 64, 65, 3000)):
        raw = sample(seed, rows) if rows > 1 else [b"a@shop.jp"] * rows
        if "string" in str(layout):
            raw = [value if value is None or value.isascii() else None for value in raw]
        for array, part in (
            (pa.array(raw, pa.binary()), raw),
            (pa.array([b"x@y.jp", *raw, b"z@y.jp"])[1:-1], raw[:]),
        ):
            got = numbers(rows)
            values.add(normalizer, array.cast(layout), [KEYS[0]], None, got, counted)
            assert got.tolist() == twin.add(part)
    assert counted.tolist() == twin.counts
    assert values.keys(np.arange(len(values), dtype=np.uint32)).tobytes() == b"".join(twin.known)
    assert values.texts(np.arange(len(values), dtype=np.uint32)) == twin.texts
    assert len(values) == len(twin.known)


def test_hostile_values_are_numbered_too() -> None:
    raw = [value for value in HOSTILE if value is None or len(value) < 10**6]
    for normalizer in (_normalize.identifier(), _normalize.email(), _normalize.device_id(), _normalize.phone()):
        twin, values, got = Twin(normalizer), GrowingValues(True), numbers(len(raw))
        counted = counts()
        values.add(normalizer, pa.array(raw, pa.binary()), [KEYS[0]], None, got, counted)
        foreign = STATUSES.index("foreign")
        expected = twin.add(raw)
        assert [NONE if n == NONE - 1 else n for n in got.tolist()] == expected
        assert np.count_nonzero(got == NONE - 1) == counted[foreign] and counted.tolist() == twin.counts


def test_a_value_of_ten_megabytes() -> None:
    raw = [b"x" * 10_000_000, None, b"a@shop.jp", "あ".encode() * 3_000_000]
    values, got = GrowingValues(True), numbers(4)
    values.add(_normalize.email(), pa.array(raw, pa.large_binary()), [KEYS[0]], None, got, counts())
    assert got.tolist() == [NONE, NONE, 0, NONE]


def test_each_space_has_its_own_values() -> None:
    rng = random.Random(3)
    raw = [str(rng.randrange(40)).encode() for _ in range(500)]
    space = [rng.randrange(2) for _ in raw]
    normalizer = _normalize.identifier()
    twin, values, got = Twin(normalizer), GrowingValues(), numbers(500)
    values.add(normalizer, pa.array(raw), KEYS, np.array(space, np.int32), got, counts())
    assert got.tolist() == twin.add(raw, space)
    assert len(values) == 80


def test_dictionary_columns_become_text_first() -> None:
    raw = ["b@x.jp", None, "a@x.jp", "b@x.jp"]
    for array in (pa.array(raw).dictionary_encode(), pa.array(raw, pa.large_string()).dictionary_encode()[1:]):
        values, got = GrowingValues(), numbers(len(array))
        values.add(_normalize.email(), as_text(array), [KEYS[0]], None, got, counts())
        assert got.tolist() == Twin(_normalize.email()).add([v and v.encode() for v in array.to_pylist()])


def test_a_hash_is_generic_as_soon_as_its_address_is() -> None:
    hashed, recipe = _normalize.hashed_email(), _normalize.email_recipe("uid2")
    plain, digest = b"noreply@shop.jp", _normalize.sha256(b"noreply@shop.jp").encode()
    for order in ((plain, digest), (digest, plain)):
        values, got = GrowingValues(), numbers(1)
        for raw in order:
            values.add(recipe if raw == plain else hashed, pa.array([raw]), [KEYS[0]], None, got, counts())
        assert [STATUSES[code] for code in values.status()] == ["generic"]


def sighted(
    columns: Sequence[Sequence[str | None]],
    times: Sequence[int] = (),
    listed: Sequence[bytes] = (),
    spilled: IO[bytes] | None = None,
    **kept: bool,
) -> tuple[Values, Profiles]:
    """Identifiers in slots, batch by batch of three rows, each numbered when the next has been read.

    The second and every third after are spilled.
    """
    sightings = Sightings(list(range(1, 1 + len(columns))), crowd=2, **kept)
    profiles = Profiles(1 + len(columns))
    end = 0
    for value in listed:
        sightings.list_generic(siphash(KEYS[0], value))
    rows = len(columns[0])
    for start in range(-3, rows, 3):
        sightings.begin()
        for slot, column in enumerate(columns if start + 3 < rows else ()):
            array = pa.array(column[start + 3 : start + 6], pa.string())
            sightings.read(slot, _normalize.identifier(), array, [KEYS[0]], None, None, counts())
        if start < 0:
            continue
        got = profiles.add(np.zeros((1, min(3, rows - start)), np.uint32), [sightings])
        sightings.keep(profiles)
        if spilled and start % 9 == 3:
            end = sightings.spill(spilled.fileno(), end)
            assert sightings.held() == 0
        if times:
            profiles.see(got, np.array(times[start : start + 3], np.int64))
    profiles.close()
    return sightings.number(profiles), profiles


def test_values_are_numbered_when_all_have_been_seen() -> None:
    columns = [["a", "b", None, "A ", "c", "b", "a", "d"], [None, "a", "b", None, None, "x", "c", None]]
    values, profiles = sighted(columns, keep_text=True, keep_keys=True)
    everything = np.arange(len(values), dtype=np.uint32)
    texts = values.texts(everything)
    assert sorted(texts) == ["a", "b", "c", "d", "x"]
    assert [key.tobytes() for key in values.keys(everything)] == [siphash(KEYS[0], text.encode()) for text in texts]
    assert values.key_names(everything) == [siphash(KEYS[0], text.encode()).hex() for text in texts]
    # Rows that are equal but for their spelling are one profile.
    assert profiles.counts().tolist() == [2, 1, 1, 1, 1, 1, 1]
    slots = [[None if n == NONE else texts[n] for n in column] for column in profiles.codes()[1:].tolist()]
    assert slots == [["a", "b", None, "c", "b", "a", "d"], [None, "a", "b", None, "x", "c", None]]


def test_what_was_spilled_is_numbered_the_same(tmp_path: Path) -> None:
    rng = random.Random(9)
    pool = [None, *(f"value {n}" * rng.randrange(1, 300) for n in range(120))]
    columns = [[rng.choice(pool) for _ in range(3000)] for _ in range(2)]
    for kept in ({}, {"keep_keys": True, "keep_text": True}):
        with tempfile.TemporaryFile(dir=tmp_path) as file:
            values, profiles = sighted(columns, listed=[b"value 7"], **kept)
            again, same = sighted(columns, listed=[b"value 7"], spilled=file, **kept)
            assert file.seek(0, 2) > 10_000
        everything = np.arange(len(values), dtype=np.uint32)
        assert again.status().tolist() == values.status().tolist()
        assert same.codes().tolist() == profiles.codes().tolist()
        if kept:
            assert again.texts(everything) == values.texts(everything)
            assert again.keys(everything).tolist() == values.keys(everything).tolist()
    sightings = Sightings([1])
    sightings.read(0, _normalize.identifier(), pa.array(["a"]), [KEYS[0]], None, None, counts())
    sightings.begin()
    profiles = Profiles(2)
    profiles.add(np.zeros((1, 1), np.uint32), [sightings])
    sightings.keep(profiles)
    assert sightings.held() > 0
    with pytest.raises(OSError, match="Bad file descriptor"):
        sightings.spill(-1, 0)


def test_a_crowded_or_generic_value_is_named_without_keys() -> None:
    values, _ = sighted([["a", "b", "a", "b", "c", "a"], ["1", "2", "3", "4", "5", "6"]], listed=[b"c", b"nobody's"])
    status = [STATUSES[code] for code in values.status()]
    assert status.count("generic") == 1 and status.count("accepted") == len(status) - 1
    generic = np.array([status.index("generic")], np.uint32)
    assert values.key_names(generic) == [siphash(KEYS[0], b"c").hex()[:18]]
    named = set()
    for number in range(len(values)):
        try:
            named |= set(values.key_names(np.array([number], np.uint32)))
        except ValueError as error:
            assert "not kept" in str(error)
    assert named == {siphash(KEYS[0], value).hex()[:18] for value in (b"a", b"c")}
    with pytest.raises(ValueError, match="not kept"):
        values.keys(generic)
    with pytest.raises(IndexError, match="no value"):
        values.key_names(np.array([len(values)], np.uint32))


def test_times_are_kept_as_intervals() -> None:
    never, most = -(2**63), 2**63 - 1
    values, _ = sighted([["a", "b", None, "a", "c", "a"]], [5, 7, 1, 3, never, 4], keep_text=True)
    everything = np.arange(3, dtype=np.uint32)
    first, last = values.seen(everything)
    seen = dict(zip(values.texts(everything), zip(first.tolist(), last.tolist(), strict=True), strict=True))
    assert seen == {"a": (3, 5), "b": (7, 7), "c": (most, never)}
    with pytest.raises(IndexError, match="no value"):
        values.seen(np.array([4], np.uint32))
    untimed, _ = sighted([["a"]])
    assert untimed.seen(np.zeros(1, np.uint32))[1].tolist() == [never]


def test_rows_are_read_in_parts_and_corrected() -> None:
    sightings, profiles, tally = Sightings([1], keep_text=True), Profiles(2), counts()
    sightings.begin()
    wanted = np.array([1, 0, 1], np.uint8)
    texts = pa.array(["A", "B", None])
    sightings.read(0, _normalize.identifier(), texts, [KEYS[0]], None, wanted, tally)
    sightings.read(0, _normalize.identifier(True), texts, [KEYS[0]], None, 1 - wanted, tally)
    sightings.correct(0, _normalize.identifier(), pa.array(["z"]), np.array([2]), KEYS[0])
    sightings.begin()
    profiles.add(np.zeros((1, 3), np.uint32), [sightings])
    sightings.keep(profiles)
    profiles.close()
    values = sightings.number(profiles)
    assert sorted(values.texts(np.arange(3, dtype=np.uint32))) == ["B", "a", "z"]
    assert tally[STATUSES.index("accepted")] == 2 and tally[STATUSES.index("missing")] == 1
    left = Sightings([1]).read(0, _normalize.phone(), pa.array(["+999 12345678"]), [KEYS[0]], None, None, tally)
    assert left.tolist() == ([0] if tally[STATUSES.index("foreign")] else [])


def test_wrong_arguments_of_sightings_are_refused() -> None:
    sightings, read = Sightings([1, 2]), _normalize.identifier()
    array = pa.array(["a", "b"])
    for wrong in (
        {"keys": []},
        {"space": np.zeros(1, np.int32)},
        {"space": np.ones(2, np.int32)},
        {"wanted": np.zeros(1, np.uint8)},
        {"counts": counts()[:3]},
    ):
        given: dict[str, Any] = {"keys": [KEYS[0]], "space": None, "wanted": None, "counts": counts()} | wrong
        with pytest.raises(ValueError, match="need"):
            sightings.read(0, read, array, **given)
    with pytest.raises(IndexError, match="slot"):
        sightings.read(2, read, array, [KEYS[0]], None, None, counts())
    sightings.read(0, read, array, [KEYS[0]], None, None, counts())
    with pytest.raises(ValueError, match="one length"):
        sightings.read(0, read, array[:1], [KEYS[0]], None, None, counts())
    sightings.begin()
    with pytest.raises(ValueError, match="one length"):
        Profiles(3).add(np.zeros((1, 1), np.uint32), [sightings])
    with pytest.raises(IndexError, match="column"):
        sightings.number(Profiles(2))
    with pytest.raises(RuntimeError, match="not complete"):
        sightings.number(Profiles(3))
    with pytest.raises(IndexError):
        sightings.correct(0, read, pa.array(["x"]), np.array([7]), KEYS[0])
    sightings.read(0, read, array, [KEYS[0]], None, None, counts())
    with pytest.raises(ValueError, match="one entry"):
        sightings.correct(0, read, pa.array(["x"]), np.array([0, 1]), KEYS[0])
    with pytest.raises(ValueError, match="one entry a row"):
        Profiles(1).see(numbers(1), np.zeros(2, np.int64))
    with pytest.raises(IndexError):
        Profiles(1).see(np.zeros(1, np.uint32), np.zeros(1, np.int64))


def test_wrong_arguments_of_values_are_refused() -> None:
    normalizer, array = _normalize.identifier(), pa.array(["a", "b"])
    values = GrowingValues()
    for keys, space, rows, tally in (
        ([KEYS[0]], None, 3, len(STATUSES)),
        ([KEYS[0]], np.zeros(1, np.int32), 2, len(STATUSES)),
        ([], None, 2, len(STATUSES)),
        ([b"short"], None, 2, len(STATUSES)),
        ([KEYS[0]], None, 2, len(STATUSES) - 1),
    ):
        with pytest.raises(ValueError, match=r"need|key"):
            values.add(normalizer, array, keys, space, numbers(rows), np.zeros(tally, np.uint64))
    with pytest.raises(ValueError, match="text column"):
        values.add(normalizer, pa.array([1, 2]), [KEYS[0]], None, numbers(2), counts())
    with pytest.raises(ValueError, match="not kept"):
        values.texts(numbers(0))
    with pytest.raises(IndexError):
        GrowingValues(True).texts(np.zeros(1, np.uint32))
    assert len(values) == 0


def forms(rows: int) -> npt.NDArray[np.uint32]:
    return np.full((6, rows), NONE, np.uint32)


def test_names_stand_in_their_scripts() -> None:
    names, found, counted = NameForms(_normalize.person_name(), KEYS[0]), forms(6), counts()
    family = pa.array(["佐藤", "サトウ", "Sato", None, "佐藤", "佐藤"])
    given = pa.array(["花子", "ハナコ", "Hanako", "花子", None, "ハナコ"])
    names.add(family, given, None, found, counted)
    assert found.tolist() == [
        [0, NONE, NONE, 0, NONE, NONE],  # given, Han
        [NONE, 0, NONE, NONE, NONE, 0],
        [NONE, NONE, 0, NONE, NONE, NONE],
        [0, NONE, NONE, NONE, NONE, NONE],  # full, Han: only where both parts are
        [NONE, 0, NONE, NONE, NONE, NONE],
        [NONE, NONE, 0, NONE, NONE, NONE],
    ]
    assert counted[STATUSES.index("accepted")] == 10 and counted[STATUSES.index("missing")] == 2
    # A whole name in one column is the same; Latin words come in any order; what stands there already stays.
    again = forms(4)
    names.add(
        None,
        None,
        pa.array(["佐藤花子", "Hanako SATO", "sato hanako", "佐藤 花子"]),
        again,
        counted,
    )
    assert again[3].tolist() == [0, NONE, NONE, 0] and again[5].tolist() == [NONE, 0, 0, NONE]
    kept = found.copy()
    names.add(None, pa.array(["太郎"] * 6), None, found, counted)
    assert found[0].tolist() == [0, 1, 1, 0, 1, 1] and (found[1:] == kept[1:]).all()


def test_wrong_arguments_of_names_are_refused() -> None:
    names = NameForms(_normalize.person_name(), KEYS[0])
    with pytest.raises(ValueError, match="one column a row"):
        names.add(pa.array(["a"]), None, None, forms(2), counts())
    with pytest.raises(ValueError, match="six or nine rows"):
        names.add(pa.array(["a"]), None, None, forms(1)[:5], counts())
    with pytest.raises(ValueError, match="every status"):
        names.add(pa.array(["a"]), None, None, forms(1), counts()[:3])
    names.add(None, None, pa.array([], pa.string()), forms(0), counts())


def test_parts_that_were_read_before_are_the_same_again() -> None:
    rng = random.Random(8)
    letters = "abcdefghij"
    parts = ["".join(rng.choices(letters, k=rng.choice([1, 2, 7, 8, 9, 39, 40, 41, 90]))) for _ in range(12_000)]
    parts += ["", " ", "山田", "ﾔﾏﾀﾞ", "\u3000", "Ｊｏｓé", "12"]
    remembering, counted = NameForms(_normalize.person_name(), KEYS[0]), counts()
    known: dict[tuple[str, str], list[int]] = {}
    for _ in range(3):
        pairs = [(rng.choice(parts), rng.choice(parts[-400:])) for _ in range(3000)]
        found = forms(len(pairs))
        remembering.add(*(pa.array(side) for side in zip(*pairs, strict=True)), None, found, counted)
        for i, pair in enumerate(pairs):
            assert found[:, i].tolist() == known.setdefault(pair, found[:, i].tolist())
    fresh, tally = NameForms(_normalize.person_name(), KEYS[0]), counts()
    for pair, numbered in known.items():
        alone = forms(1)
        fresh.add(pa.array([pair[0]]), pa.array([pair[1]]), None, alone, tally)
        assert [n == NONE for n in alone[:, 0]] == [n == NONE for n in numbered]


def test_birth_dates_are_numbers() -> None:
    codes, counted = numbers(5), counts()
    dates = pa.array(["1985-04-09", None, "1900-01-01", "xx", "昭和60年4月9日"])
    birth_numbers(_normalize.birth_date(), dates, codes, None, counted)
    assert codes.tolist() == [19850409, NONE, NONE, NONE, 19850409]
    assert counted[0] == 2 and counted.sum() == 5
    for rows, others in ((2, None), (2, 2), (1, 2)):
        impossible = None if others is None else numbers(others)
        with pytest.raises(ValueError, match="one entry a row"):
            birth_numbers(_normalize.birth_date(), pa.array(["x"]), numbers(rows), impossible, counts())
    with pytest.raises(ValueError, match="every status"):
        birth_numbers(_normalize.birth_date(), pa.array(["x"]), numbers(1), None, counts()[:2])


def test_the_digits_of_impossible_dates_are_kept_apart() -> None:
    dates = [
        "1985-04-39",
        "1985-04-09",
        "9999-99-99",
        "1985-00-09",
        "1985-13-01",
        None,
        "31/31/1985",
        "2985.4.9",
        "13311985",
    ]
    codes, impossible, counted = numbers(len(dates)), numbers(len(dates)), counts()
    birth_numbers(_normalize.birth_date("DMY"), pa.array(dates), codes, impossible, counted)
    assert codes.tolist() == [NONE, 19850409, *[NONE] * 7]
    # Zeros for day and month are how many write that they do not know them; nines are a placeholder.
    kept = [19850439, NONE, NONE, 19850009, 19851301, NONE, 19853131, 29850409, 19853113]
    assert impossible.tolist() == kept
    assert counted[STATUSES.index("impossible")] == 6 and counted[STATUSES.index("accepted")] == 1


@pytest.mark.parametrize("width", [1, 2, 7])
def test_profiles_are_numbered_by_content(width: int) -> None:
    rng = np.random.default_rng(width)
    profiles, known, of_record = Profiles(width), {}, []
    tally: dict[tuple[int, ...], int] = {}
    for rows in (0, 1, 32, 33, 5000):
        codes = rng.integers(0, 9 if width > 2 else 2000, (width, rows), dtype=np.uint32)
        codes[:, rng.random(rows) < 0.1] = NONE
        got = profiles.add(codes)
        of_record += got.tolist()
        for row in map(tuple, codes.T.tolist()):
            tally[row] = tally.get(row, 0) + 1
        assert got.tolist() == [known.setdefault(row, len(known)) for row in map(tuple, codes.T.tolist())]
    profiles.close()
    assert list(map(tuple, profiles.codes().T.tolist())) == list(known)
    assert profiles.counts().tolist() == list(tally.values()) and len(profiles) == len(known)
    with pytest.raises(RuntimeError, match="complete"):
        profiles.add(codes)
    assert profiles.counts().tolist() == list(tally.values())
    kept = profiles.of_record()
    del profiles
    assert kept.tolist() == of_record and not kept.flags.writeable
    assert Profiles(1).of_record().tolist() == []


def test_wrong_arguments_of_profiles_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one code"):
        Profiles(0)
    with pytest.raises(ValueError, match="more codes than columns"):
        Profiles(3).add(np.zeros((4, 3), np.uint32))


def test_identities_that_came_before_are_found() -> None:
    rng = np.random.default_rng(4)
    identities, known = Identities(), {}
    for rows in (0, 1, 15, 16, 17, 4000):
        keys = rng.integers(0, 50, (rows, 2)).astype(np.uint64)
        got, repeated = identities.add(keys)
        expected, again = [], []
        for i, key in enumerate(map(tuple, keys.tolist())):
            if key in known:
                again.append(i)
            expected.append(known.setdefault(key, len(known)))
        assert got.tolist() == expected and repeated.tolist() == again
    with pytest.raises(ValueError, match="rows x 2"):
        identities.add(np.zeros((1, 3), np.uint64))


def test_records_that_came_before_are_found_when_all_have_come(tmp_path: Path) -> None:
    rng = random.Random(6)
    for spills in (False, True):
        keys, seen, expected, end = RecordKeys(), set(), [], 0
        with tempfile.TemporaryFile(dir=tmp_path) as file:
            row = 0
            for rows in (0, 1, 700, 3000):
                ids = [f"r{rng.randrange(20_000)}" for _ in range(rows)]
                keys.add(hash_records("web", pa.array(ids, pa.string())))
                for each in ids:
                    if each in seen:
                        expected.append(row)
                    seen.add(each)
                    row += 1
                if spills:
                    end = keys.spill(file.fileno(), end)
                    assert keys.held() == 0
            assert expected and keys.repeated().tolist() == expected
    with pytest.raises(ValueError, match="rows x 2"):
        keys.add(np.zeros((1, 3), np.uint64))
    assert RecordKeys().repeated().tolist() == []


def test_a_record_is_known_by_source_and_id() -> None:
    ids = ["1", "é", "x" * 5000, ""]
    for source in ("web", "店"):
        for array in (pa.array(ids), pa.array(ids, pa.large_string()), pa.array(ids, pa.string_view())):
            hashes = hash_records(source, array)
            expected = [siphash(bytes(16), f"{source}\0{each}".encode()) for each in ids]
            assert [row.tobytes() for row in hashes] == expected


def test_a_profile_stands_where_its_smallest_record_does() -> None:
    profiles, rng = Profiles(1), np.random.default_rng(3)
    least: dict[int, tuple[int, int]] = {}
    ordinal = 0
    for rows in (1, 0, 50, 400):
        of_rows = profiles.add(rng.integers(0, 60, (1, rows)).astype(np.uint32))
        hashes = rng.integers(0, 2**63, (rows, 2)).astype(np.uint64)
        profiles.order(hashes)
        for p, key in zip(of_rows.tolist(), hashes[:, 0].tolist(), strict=True):
            least[p] = min(least.get(p, (2**64, 0)), (key, ordinal))
            ordinal += 1
    profiles.close()
    linking = Linking(profiles, [], None, [], -1, -1, [str(n) for n in range(60)])
    assert linking.smallest_records().tolist() == [least[p][1] for p in range(len(profiles))]
    with pytest.raises(ValueError, match="rows x 2"):
        profiles.order(np.zeros((1, 3), np.uint64))
    with pytest.raises(RuntimeError, match="not so many"):
        Profiles(1).order(np.zeros((1, 2), np.uint64))


def test_ascending_ids_are_those_that_differ_by_their_order() -> None:
    rng = np.random.default_rng(5)
    for _ in range(200):
        ids, last, whole = AscendingIds(), (0, b""), True
        for _ in range(4):
            rows = [f"r{n}" for n in np.sort(rng.integers(0, 120, rng.integers(0, 4)))]
            expected, before = True, last
            for key in ((len(row), row.encode()) for row in rows):
                expected, before = expected and key > before, key
            assert ids.extend(pa.array(rows, pa.string())) == expected
            last, whole = before if expected else last, whole and expected
    assert AscendingIds().extend(pa.array(["r9", "r10", "é"]).slice(0, 2))
    assert not AscendingIds().extend(pa.array(["a", "a"], pa.string_view()))


def test_plain_ids_are_there_and_visible() -> None:
    assert plain_ids(pa.array([], pa.string())) and plain_ids(pa.array(["1", "~x"]))
    for odd in (None, "", " 1", "\t", "\u3000", "é", "\x7f"):
        assert not plain_ids(pa.array(["1", odd]))


def test_wrong_arguments_of_row_hashes_are_refused() -> None:
    with pytest.raises(ValueError, match="one value a row"):
        hash_rows([pa.array(["a"])], KEYS[0], 2)
    with pytest.raises(ValueError, match="16 bytes"):
        hash_rows([pa.array(["a"])], b"", 1)
    assert hash_rows([], KEYS[0], 0).shape == (0, 2)
    assert hash_rows([], KEYS[0], 2).tolist() == hash_rows([], KEYS[0], 2).tolist()
