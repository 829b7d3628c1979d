"""``python -m enishi`` is the command ``enishi``: a process of its own, started light."""

import contextlib
import os
import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

KEPT_PAGES = 10_000  # milliseconds for which pages that a batch has left wait for the next: a new page costs time


class _WithoutPandas:
    """Hides pandas, which pyarrow imports, wherever it is installed, to see whether an array is one of its series.

    That takes a quarter of a second, and no command has a use for it.
    """

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(f"{name} is not used here", name=name)


def run() -> None:
    try:
        main = _load()
    except KeyboardInterrupt:
        print("enishi: interrupted; nothing was written", file=sys.stderr)
        sys.exit(130)
    main(prog_name="enishi")


def _load() -> Callable[..., Any]:
    """The command, which takes longer to import than to start."""
    sys.meta_path.insert(0, _WithoutPandas())
    # NumPy starts a thread a core for products of matrices, of which there are none.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    import pyarrow as pa

    # Where it is there, it keeps fewer pages that no batch uses any more, and touches fewer new ones.
    with contextlib.suppress(NotImplementedError):
        pa.set_memory_pool(pa.jemalloc_memory_pool())
        pa.jemalloc_set_decay_ms(KEPT_PAGES)
    from enishi.cli import main

    return main


if __name__ == "__main__":
    run()
