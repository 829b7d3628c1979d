from collections.abc import Iterable, Sequence
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from enishi._tables import NameForms, Profiles, Values

_Numbers: TypeAlias = npt.NDArray[np.uint32]
_Floats: TypeAlias = npt.NDArray[np.float64]
_Table: TypeAlias = Values | tuple[NameForms, str, int] | None
_Level: TypeAlias = tuple[str, float | ListedPairs]
_Comparison: TypeAlias = tuple[str, Sequence[int], Sequence[_Table], Sequence[_Level], bytes]
_KeyPart: TypeAlias = tuple[str, int, _Table, int, int]

KINDS: tuple[str, ...]
KEYINGS: tuple[str, ...]
MEASURES: tuple[str, ...]
MOST_LEVELS: int
NONE: int

class _ArrowArray(Protocol):
    def __arrow_c_array__(self, requested_schema: object | None = None) -> tuple[object, object]: ...

def jaro_winkler(left: bytes, right: bytes) -> float: ...
def compare_texts(kind: str, left: bytes, right: bytes) -> int: ...

class ListedPairs:
    def __init__(self, pairs: Iterable[tuple[bytes, bytes]]) -> None: ...
    def __len__(self) -> int: ...

def measure(name: str, left: bytes, right: bytes, limit: float = 0) -> float: ...
def first_reached(levels: list[_Level], left: bytes | int, right: bytes | int) -> int: ...
def compare_dates(left: int, right: int) -> int: ...
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
    ) -> None: ...

class Matching:
    def __init__(self, profiles: Profiles, comparisons: list[_Comparison]) -> None: ...
    def add_rule(self, slots: list[list[_KeyPart]], cuts: list[_KeyPart], cap: int, budget: int) -> dict[str, int]: ...
    def codes(self, column: int) -> _Numbers: ...
    def random_patterns(self, order: _Numbers, first: int, last: int) -> npt.NDArray[np.uint64]: ...
    def rule_patterns(self, rule: int, keys: npt.NDArray[np.uint64], kept: int) -> npt.NDArray[np.uint64]: ...
    def score(
        self,
        rule: int,
        weights: MatchWeights,
        threshold: float,
        labels: _Numbers,
        shard: int = 0,
        shards: int = 1,
        keys: npt.NDArray[np.uint64] | None = None,
        kept: int = 0,
        quarters: int = 0,
    ) -> tuple[_Numbers, _Floats, int, npt.NDArray[np.uint64]]: ...
    def compare(self, pairs: _Numbers, weights: MatchWeights) -> tuple[npt.NDArray[np.uint8], _Floats]: ...
