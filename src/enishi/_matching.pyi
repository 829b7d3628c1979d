from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from enishi._tables import NameForms, Profiles, Values

_Numbers: TypeAlias = npt.NDArray[np.uint32]
_Floats: TypeAlias = npt.NDArray[np.float64]
_Table: TypeAlias = Values | tuple[NameForms, str, int] | None
_Level: TypeAlias = tuple[str, float | ListedPairs]
_Comparison: TypeAlias = tuple[str, Sequence[int], Sequence[_Table], Sequence[_Level] | None, bytes, int]
_Map: TypeAlias = Callable[[Callable[[Any], Any], Sequence[Any]], Iterable[Any]]
_KeyPart: TypeAlias = tuple[str, int, _Table, int, int]

KINDS: tuple[str, ...]
KEYINGS: tuple[str, ...]
MEASURES: tuple[str, ...]
MOST_LEVELS: int
NONE: int

class _ArrowArray(Protocol):
    def __arrow_c_array__(self, requested_schema: object | None = None) -> tuple[object, object]: ...

def jaro_winkler(left: bytes, right: bytes) -> float: ...
def one_edit_by_parity(kind: str, left: bytes, right: bytes) -> bool: ...
def compare_texts(kind: str, left: bytes, right: bytes) -> int: ...

class ListedPairs:
    def __init__(self, pairs: Iterable[tuple[bytes, bytes]]) -> None: ...
    def __len__(self) -> int: ...

def measure(name: str, left: bytes, right: bytes, limit: float = 0) -> float: ...
def first_reached(levels: list[_Level], left: bytes | int, right: bytes | int) -> int: ...

IMPOSSIBLE: int

def compare_dates(left: int, right: int) -> int: ...
def squared_sizes(labels: _Numbers) -> int: ...
def similar_names(
    texts: _ArrowArray, block_ends: npt.NDArray[np.int64], cutoff: float
) -> tuple[_Numbers, _Numbers, _Floats]: ...

class MatchWeights:
    def __init__(
        self,
        levels: _Floats,
        equal: _Floats,
        frequency: list[list[_Floats]],
        first_year: int,
        prior: float,
        household: Sequence[bool],
        limit: float,
        namesake: float = 0,
        homes: int = 1,
        moving: float = 0,
        home: float = 0,
        said_twice: Sequence[tuple[int, int, float]] = (),
        colleagues: bool = False,
        within: float = 0,
        twins: float = 0,
    ) -> None: ...

class Matching:
    def __init__(
        self,
        profiles: Profiles,
        comparisons: Sequence[_Comparison],
        labels: _Numbers,
        keys: npt.NDArray[np.uint64],
        map: _Map = ...,
    ) -> None: ...
    def make_blocks(
        self,
        rules: list[tuple[list[list[_KeyPart]], list[_KeyPart]]],
        cap: int,
        budget: int,
        map: _Map = ...,
        kept: int = ...,
        across: bool = ...,
    ) -> list[tuple[int, dict[str, int]]]: ...
    def codes(self, column: int) -> _Numbers: ...
    def cluster_counts(
        self, comparison: int, column: int, first_year: int, labels: _Numbers | None = None
    ) -> npt.NDArray[np.int64]: ...
    def random_patterns(
        self, order: _Numbers, strides: int, part: int = 0, parts: int = 1
    ) -> npt.NDArray[np.uint64]: ...
    def rule_patterns(self, rule: int, kept: int) -> npt.NDArray[np.uint64]: ...
    def compare(self, pairs: _Numbers, weights: MatchWeights) -> tuple[npt.NDArray[np.uint8], _Floats]: ...
    def first_rules(self, pairs: _Numbers) -> _Numbers: ...
    def unsaid(self, pairs: _Numbers, weights: MatchWeights) -> _Floats: ...

class Scoring:
    def __init__(
        self,
        matching: Matching,
        weights: MatchWeights,
        threshold: float,
        kept: int = 0,
        quarters: int = 0,
        apart: _Numbers | None = None,
        most_pairs: int = 0,
        map: _Map = ...,
    ) -> None: ...
    def score(self, rule: int, shard: int = 0, shards: int = 1) -> tuple[int, npt.NDArray[np.uint64]]: ...
    def pairs(self) -> tuple[_Numbers, _Floats, int]: ...
