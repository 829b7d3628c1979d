"""Ctrl-C while the compiled core computes: the work is done on a thread of its own, and the main thread listens."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
HEARD_WITHIN = 0.1  # seconds, where the system gives the signal to another thread

_working: list[threading.Thread] = []


def interruptible(work: Callable[[], T]) -> T:
    """What the work returns or raises. A signal's handler need not wait for it: the work is left behind then.

    Examples
    --------
    >>> interruptible(lambda: 6 * 7)
    42
    """
    returned: list[T] = []
    raised: list[BaseException] = []

    def run() -> None:
        try:
            returned.append(work())
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run, name="enishi work", daemon=True)
    _working.append(thread)
    thread.start()
    while thread.is_alive():
        thread.join(HEARD_WITHIN)
    _working.remove(thread)
    if raised:
        raise raised[0]
    return returned[0]


def leave_work_behind(code: int) -> None:
    """Ends the process at once where interrupted work is still going on, which nothing else could end; else returns."""
    if any(thread.is_alive() for thread in _working):
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)
