from typing import Protocol

import numpy as np
import numpy.typing as npt

class _ArrowArray(Protocol):
    def __arrow_c_array__(self, requested_schema: object | None = None) -> tuple[object, object]: ...

def similar_names(
    texts: _ArrowArray, block_ends: npt.NDArray[np.int64], cutoff: float
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32], npt.NDArray[np.float64]]: ...
