"""Similar names: the hits of every pair looked at, with RapidFuzz's similarity to the last bit."""

import random
from itertools import combinations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import JaroWinkler

from enishi._matching import similar_names
from reference import jaro_winkler as twin

EVERY = 1e-300  # a cutoff that any similarity reaches


def engine(names: list[str | None], block_ends: list[int], cutoff: float) -> list[twin.Hit]:
    arrays = similar_names(pa.array(names, pa.string()), np.array(block_ends, np.int64), cutoff)
    return list(zip(*(array.tolist() for array in arrays), strict=True))


def blocks_of(names: list[str], size: int) -> list[int]:
    return [*range(size, len(names), size), len(names)]


def expected(names: list[str], block_ends: list[int], cutoff: float) -> list[twin.Hit]:
    """By RapidFuzz, in double precision: its own cutoff would be narrowed to single."""
    found = []
    for begin, end in zip([0, *block_ends], block_ends, strict=False):
        for i, j in combinations(range(begin, end), 2):
            similarity = JaroWinkler.similarity(names[i], names[j])
            if similarity >= cutoff:
                found.append((i, j, similarity))
    return found


def words(rng: random.Random, alphabet: str, n: int, longest: int) -> list[str]:
    return ["".join(rng.choices(alphabet, k=rng.randint(1, longest))) for _ in range(n)]


ALPHABETS = ["ab", "abcdefghijklmnopqrstuvwxyz ", "あいう", "山田太郎a b", "é😀ё1", "aAqQ1!\x00\x7f\x80"]


@pytest.mark.parametrize("alphabet", ALPHABETS)
@pytest.mark.parametrize("longest", [4, 12, 70, 300])
def test_every_similarity_is_rapidfuzz_s(alphabet: str, longest: int) -> None:
    rng = random.Random(alphabet)
    names = words(rng, alphabet, 420 if longest < 70 else 120, longest)
    ends = blocks_of(names, 300)
    assert engine(names, ends, EVERY) == expected(names, ends, EVERY)


@pytest.mark.parametrize("cutoff", [0.3, 0.7, 0.71, 0.85, 0.92, 0.97, 1.0])
def test_the_bound_loses_no_hit(cutoff: float) -> None:
    rng = random.Random(cutoff)
    names = []
    for alphabet, longest in (("ab", 7), ("abcdeorty ", 14), ("たなかはこ", 8), ("ab", 66), ("abc", 280)):
        stems = words(rng, alphabet, 40 if longest < 60 else 12, longest)
        for stem in stems:
            names.append(stem)
            for _ in range(3):  # near ones, so that many lie on either side of the cutoff
                letters = list(stem)
                for _ in range(rng.randint(1, 2 + len(stem) // 8)):
                    letters[rng.randrange(len(letters))] = rng.choice(alphabet)
                names.append("".join(letters + rng.choices(alphabet, k=rng.randint(0, 2))))
    rng.shuffle(names)
    ends = blocks_of(names, 250)
    assert engine(names, ends, cutoff) == expected(names, ends, cutoff)


def test_the_twin_agrees() -> None:
    rng = random.Random(4)
    names = [*words(rng, "abc ", 40, 9), *words(rng, "山田a", 40, 6), *words(rng, "ab", 10, 80)]
    for a in names:
        for b in names:
            assert twin.jaro_winkler(a, b) == JaroWinkler.similarity(a, b)
    for cutoff in (EVERY, 0.8, 0.92):
        assert engine(names, [30, 30, 90], cutoff) == twin.similar_names(names, [30, 30, 90], cutoff)


@given(
    st.lists(st.none() | st.text(st.sampled_from("aあ1 é😀"), max_size=6), max_size=40),
    st.floats(0.01, 1.0),
    st.integers(0, 40),
)
def test_any_names(names: list[str | None], cutoff: float, cut: int) -> None:
    ends = [min(cut, len(names)), len(names)]
    assert engine(names, ends, cutoff) == twin.similar_names(names, ends, cutoff)


def test_blocks_and_missing_names() -> None:
    names = ["sato", None, "sato", "", "sato", "", None, "sato"]
    assert [hit[:2] for hit in engine(names, [3, 3, 8], 0.9)] == [(0, 2), (4, 7)]
    assert engine([], [], 0.9) == [] and engine([], [0], 0.9) == []


def test_any_layout_of_text() -> None:
    names = pa.array(["x", "sato hanako", "satou hanako", "tanaka"])[1:]
    for kind in (pa.string(), pa.large_string(), pa.string_view()):
        left, right, _ = similar_names(names.cast(kind), np.array([3]), 0.9)
        assert (left.tolist(), right.tolist()) == ([0], [1])


def test_wrong_calls_are_refused() -> None:
    names = pa.array(["a", "b"])
    for cutoff in (0.0, -1.0, 1.1, float("nan")):
        with pytest.raises(ValueError, match="cutoff"):
            similar_names(names, np.array([2]), cutoff)
    for ends in ([], [1], [3], [2, 1], [-1, 2]):
        with pytest.raises(ValueError, match="block"):
            similar_names(names, np.array(ends, np.int64), 0.9)
    with pytest.raises(ValueError, match="text column"):
        similar_names(pa.array([1, 2]), np.array([2]), 0.9)
