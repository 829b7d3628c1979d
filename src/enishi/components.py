"""Connected components, over arrays."""

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def components(row: Ints, hub: Ints, count: int) -> Ints:
    """Labels rows that hang on one hub, directly or over others, with their smallest row.

    Labels spread to the smallest of each hub and of each row until none moves. Where rows lie a few steps from each
    other, few rounds suffice; jumping to the label's own label shortens long chains.

    Parameters
    ----------
    row, hub : int64 arrays
        Which row hangs on which hub.
    count : int
        Of the rows.

    Examples
    --------
    >>> components(np.array([3, 1, 1, 2]), np.array([7, 7, 8, 8]), 5).tolist()
    [0, 1, 1, 1, 4]
    """
    label = np.arange(count)
    if not len(row):
        return label
    order = np.argsort(hub, kind="stable")
    row, hub = row[order], hub[order]
    first = np.diff(hub, prepend=hub[0] - 1) != 0
    starts, number = np.flatnonzero(first), np.cumsum(first) - 1
    while True:
        least = np.minimum.reduceat(label[row], starts)[number]
        spread = label.copy()
        np.minimum.at(spread, row, least)
        # Who is labeled by another follows it, and takes it along.
        np.minimum.at(spread, label, spread)
        spread = spread[spread]
        if np.array_equal(spread, label):
            return label
        label = spread
