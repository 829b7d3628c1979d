"""Near values: complete, whatever the slices, and against every pair looked at."""

import random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enishi import _normalize
from enishi._link import domain_pairs, extension_pairs, near_pairs
from enishi._normalize import STATUSES, Normalizer, siphash
from enishi._tables import GrowingValues, Profiles, Sightings, Values
from reference import near as twin

KEY = bytes(range(16))


def number(texts: list[str], normalizer: Normalizer, space: list[int] | None = None) -> Values:
    values = GrowingValues(True)
    keys = [bytes([i]) * 16 for i in range(max(space, default=0) + 1)] if space else [KEY]
    numbers = np.empty(len(texts), np.uint32)
    spaces = None if space is None else np.array(space, np.int32)
    values.add(normalizer, pa.array(texts, pa.string()), keys, spaces, numbers, np.zeros(len(STATUSES), np.uint64))
    return values


def with_a_generic_one(texts: list[str], normalizer: Normalizer, generic: str) -> Values:
    sightings, profiles = Sightings([1], keep_text=True), Profiles(2)
    sightings.list_generic(siphash(KEY, generic.encode()))
    sightings.read(0, normalizer, pa.array(texts), [KEY], None, None, np.zeros(len(STATUSES), np.uint64))
    sightings.begin()
    rows = np.arange(len(texts), dtype=np.uint32)
    profiles.add(rows[np.newaxis], [sightings])
    sightings.keep(profiles)
    profiles.close()
    return sightings.number(profiles)


def known(values: Values) -> list[tuple[str, str]]:
    texts = values.texts(np.arange(len(values), dtype=np.uint32))
    return list(zip(texts, [STATUSES[code] for code in values.status()], strict=True))


def engine(values: Values, **options: object) -> list[twin.Pair]:
    pairs, _ = near_pairs(values, **options)
    return [tuple(pair) for pair in pairs.tolist()]


def words(rng: random.Random, alphabet: str, n: int, longest: int) -> list[str]:
    return ["".join(rng.choices(alphabet, k=rng.randint(1, longest))) for _ in range(n)]


def edited(rng: random.Random, text: str, alphabet: str) -> str:
    """The text with a character wrong, lost or added, or two neighbors swapped."""
    at = rng.randint(0, len(text))
    front, rest = text[:at], text[at:]
    typed = rng.choice(alphabet)
    return front + rng.choice([typed + rest[1:], rest[1:], typed + rest, rest[1::-1] + rest[2:]])


SMALL_GROUPS = [0, 2, 24]  # everything by deletions; halves of halves; what a run takes


@pytest.mark.parametrize("small_group", SMALL_GROUPS)
@pytest.mark.parametrize("max_edits", [1, 2])
@pytest.mark.parametrize("alphabet", ["ab", "abcde", "あいc", "é😀ё1", "\u0301aé"])
def test_every_near_pair_is_found(alphabet: str, max_edits: int, small_group: int) -> None:
    rng = random.Random(alphabet)
    for longest in (3, 6, 9):
        values = number(words(rng, alphabet, 120, longest), _normalize.identifier(keep_case=True))
        options = {"max_edits": max_edits, "small_group": small_group}
        assert engine(values, **options) == twin.near_pairs(known(values), max_edits)


@pytest.mark.parametrize("small_group", SMALL_GROUPS)
@pytest.mark.parametrize("max_edits", [1, 2])
@pytest.mark.parametrize("alphabet", ["ab", "0123456789", "田あc"])
def test_crowds_behind_one_front_or_back(alphabet: str, max_edits: int, small_group: int) -> None:
    rng = random.Random(alphabet)
    for front, back in (("928001", ""), ("", "の会社"), ("お得な", "xyz"), ("", "")):
        for length in (1, 4, 9, 10, 17):
            texts = [front + "".join(rng.choices(alphabet, k=length)) + back for _ in range(30)]
            for _ in range(3):
                texts += [edited(rng, text, alphabet) for text in texts[:40]]
            values = number([text for text in texts if text], _normalize.identifier())
            options = {"max_edits": max_edits, "small_group": small_group}
            assert engine(values, **options) == twin.near_pairs(known(values), max_edits)


@pytest.mark.parametrize("small_group", SMALL_GROUPS)
@pytest.mark.parametrize("max_edits", [1, 2])
def test_the_local_part_alone_is_misspelt_and_never_a_digit(max_edits: int, small_group: int) -> None:
    rng = random.Random(5)
    texts = [f"{word}@{domain}" for word in words(rng, "ab1", 150, 6) for domain in ("a.jp", "b.jp")]
    texts += ["1aaa@x.jp", "aaa1@x.jp"]
    texts += ["a1b@x.jp", "ab1@x.jp", "1ab@x.jp", "a2b@x.jp", "@@x.jp", "a@b@x.jp", "b@b@x.jp", "none"]
    values = number(texts, _normalize.identifier())
    expected = twin.near_pairs(known(values), max_edits, local_part=True)
    assert engine(values, max_edits=max_edits, local_part=True, small_group=small_group) == expected
    texts = [text for text, _ in known(values)]
    ends = {(texts[a], texts[b]) for a, b, _ in expected}
    assert ("a1b@x.jp", "ab1@x.jp") in ends and ("a1b@x.jp", "a2b@x.jp") not in ends


def test_corrections_go_from_a_failing_check_digit_to_one_that_holds() -> None:
    rng = random.Random(6)
    texts = [f"{rng.randrange(10**6):07}" for _ in range(400)]
    kernel = _normalize.loyalty_card("luhn", 7)
    accepted = [text for text in texts if kernel.one(text.encode())[1] == "accepted"]
    values = with_a_generic_one(texts, kernel, accepted[0])
    listed = known(values)
    assert 10 < len(accepted) < len(listed) - 10 and (accepted[0], "generic") in listed
    found = engine(values, corrections=True)
    assert found == twin.near_pairs(known(values), corrections=True)
    assert found and all((listed[a][1] == "incomplete") != (listed[b][1] == "incomplete") for a, b, _ in found)
    # Without corrections incomplete values take no part, and no generic ones ever do.
    assert engine(values) == twin.near_pairs(known(values))


def one_edit_away(text: str) -> set[str]:
    """Every number that a substitution, a transposition, a deletion or an insertion makes of one."""
    splits = [(text[:i], text[i:]) for i in range(len(text) + 1)]
    typed = "0123456789+"
    return {
        *(front + c + back[1:] for front, back in splits if back for c in typed),
        *(front + back[1] + back[0] + back[2:] for front, back in splits if len(back) > 1),
        *(front + back[1:] for front, back in splits if back),
        *(front + c + back for front, back in splits for c in typed),
    }


@pytest.mark.parametrize("small_group", [0, 2, 24])
@pytest.mark.parametrize(
    ("front", "widths", "back", "many"),
    [
        ("", (1, 2, 3), "", 900),  # nearly every number there is
        ("+8190", (8,), "", 12_000),
        ("+81", (5, 5, 5, 6), "", 15_000),  # beyond what is looked up at once
        ("92800", (5,), "017", 9_000),
        ("", (5, 6, 7, 8), "", 9_000),
        ("", (16,), "", 500),
        ("", (14, 15, 16), "", 500),
        ("0" * 11, (4, 5), "", 9_000),
    ],
)
def test_dense_numbers(front: str, widths: tuple[int, ...], back: str, many: int, small_group: int) -> None:
    rng = random.Random(f"{front} {widths}")
    texts = [f"{front}{rng.randrange(10**width):0{width}}{back}" for width in rng.choices(widths, k=many)]
    texts += [edited(rng, text, "0123456789") for text in texts[:300] if len(text) < 16]
    values = number(texts, _normalize.identifier())
    place = {text: i for i, (text, _) in enumerate(known(values))}
    expected = {
        (i, place[other], 1)
        for text, i in place.items()
        for other in one_edit_away(text) & place.keys()
        if i < place[other]
    }
    assert set(engine(values, small_group=small_group)) == expected
    assert engine(values, small_group=small_group, slice_entries=1_000) == sorted(expected)


def test_ids_of_two_namespaces_are_never_near() -> None:
    values = number(["abcd", "abce", "abcd", "abcf"], _normalize.identifier(), [0, 1, 1, 0])
    assert engine(values) == [(0, 3, 1), (1, 2, 1)]


@pytest.mark.parametrize("max_edits", [1, 2])
def test_slices_change_nothing(max_edits: int) -> None:
    rng = random.Random(7)
    values = number(words(rng, "abc", 400, 7), _normalize.identifier())
    options = {"max_edits": max_edits, "max_group": 40, "small_group": 5}
    whole, counts = near_pairs(values, **options)
    for entries in (0, 1, 100, 5000):
        sliced, sliced_counts = near_pairs(values, **options, slice_entries=entries)
        assert sliced.tolist() == whole.tolist()
        assert sliced_counts == counts


@pytest.mark.parametrize("max_edits", [1, 2])
def test_groups_over_the_limit_are_counted(max_edits: int) -> None:
    texts = [f"order{i:03}" for i in range(100)] + ["tanaka", "tanaks"]
    values = number(texts, _normalize.identifier())
    listed = known(values)
    every = twin.near_pairs(listed, max_edits)
    sizes = twin.groups(listed, max_edits)
    for limit in (5, 20, 1000):
        pairs, counts = near_pairs(values, max_edits=max_edits, max_group=limit)
        found = set(map(tuple, pairs.tolist()))
        # What shares a group within the limit is found, and nothing that is not near.
        assert found <= set(every)
        for a, b, distance in every:
            common = twin.left(listed[a][0], max_edits) & twin.left(listed[b][0], max_edits)
            assert (a, b, distance) in found or min(sizes["", left] for left in common) > limit
        assert (100, 101, 1) in found
        over = max(sizes.values()) > limit
        assert bool(counts["capped_groups"]) == over
        assert counts["capped_values"] >= (limit + 1) * counts["capped_groups"]


def test_a_truncated_id_is_found_in_all_that_it_begins() -> None:
    rng = random.Random(8)
    ids = ["".join(rng.choices("0123456789abcdef", k=4)) * 8 for _ in range(60)]
    ids = [f"{each[:16]}{rng.randrange(16**16):016x}" for each in ids]
    texts = [*ids, *(each[: rng.randint(16, 31)] for each in ids), ids[0][:16] + "0" * 16, "9" * 16 + "a" * 16]
    values = number(texts, _normalize.device_id())
    listed = known(values)
    assert {status for _, status in listed} >= {"accepted", "incomplete"}
    found = [tuple(pair) for pair in extension_pairs(values, 18).tolist()]
    assert found == twin.extensions(listed, 18)
    values = with_a_generic_one(texts, _normalize.device_id(), listed[0][0])
    assert (listed[0][0], "generic") in known(values)
    pairs = {frozenset(known(values)[n][0] for n in pair[:2]) for pair in extension_pairs(values, 18).tolist()}
    assert pairs == {frozenset(listed[n][0] for n in pair[:2]) for pair in found}


def test_a_misspelt_domain_meets_the_one_that_was_meant() -> None:
    normalizer = _normalize.email()
    texts = ["hanako@gmial.com", "hanako@gmail.com", "ha.nako@gmail.com", "taro@gmial.com", "x@example.jp"]
    values = number(texts, normalizer)
    listed = [text for text, _ in known(values)]
    pairs = [tuple(pair) for pair in domain_pairs(values, normalizer).tolist()]
    assert [(listed[a], listed[b], d) for a, b, d in pairs] == [("hanako@gmial.com", "hanako@gmail.com", 0)]


def test_values_without_texts_are_refused() -> None:
    values = GrowingValues()
    for call in (
        lambda: near_pairs(values),
        lambda: extension_pairs(values, 18),
        lambda: domain_pairs(values, _normalize.email()),
    ):
        with pytest.raises(ValueError, match="were not kept"):
            call()


def test_no_values_no_pairs() -> None:
    for texts in ([], ["one"], ["one", "one"]):
        values = number(texts, _normalize.identifier())
        assert engine(values) == [] and engine(values, max_edits=2, local_part=True) == []


@given(st.lists(st.text(st.sampled_from("aあ1@ é😀"), max_size=5), max_size=25), st.sampled_from([1, 2]), st.booleans())
def test_any_texts(texts: list[str], max_edits: int, local_part: bool) -> None:
    values = number(texts, _normalize.identifier())
    expected = twin.near_pairs(known(values), max_edits, local_part)
    assert engine(values, max_edits=max_edits, local_part=local_part) == expected


def test_hostile_values() -> None:
    rng = random.Random(9)
    longest = ["a" * 1024, "a" * 1023, "a" * 1023 + "b", "あ" * 341, "あ" * 340]
    junk = ["\x00", "a\x00b", "\x7f", "\ufeff", "😀" * 200, "@" * 30, "@", "a@", "@a"]
    texts = [*longest, *junk, *("".join(chr(rng.randint(32, 0x2FFF)) for _ in range(3)) for _ in range(200))]
    values = number(texts, _normalize.identifier())
    for local_part in (False, True):
        assert engine(values, local_part=local_part) == twin.near_pairs(known(values), 1, local_part)
