"""``python -m enishi`` is the command ``enishi``: a process of its own, started light."""

import os
import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any


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
    # Arrow's own choice, mimalloc, asks for huge pages, which a virtual machine may have to fetch from its host, for
    # seconds a gigabyte; and it touches more of them.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    from enishi.cli import main

    return main


if __name__ == "__main__":
    run()
