"""Ctrl-C while the compiled core computes: the work is done on a thread of its own, and the main thread listens."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
HEARD_WITHIN = 0.1  # seconds, where the system gives the signal to another thread

_working: list[threading.Event] = []  # for each work that goes on, what it sets at its end
_speaking = threading.Lock()
_hushed = threading.Event()  # once work was left behind, only the main thread has something to say


def interruptible(work: Callable[[], T]) -> T:
    """What the work returns or raises. A signal's handler need not wait for it: the work is left behind then.

    Examples
    --------
    >>> interruptible(lambda: 6 * 7)
    42
    """
    returned: list[T] = []
    raised: list[BaseException] = []
    # Not asked of the thread: up to Python 3.12, one whose `join` was interrupted says that it has ended.
    ended = threading.Event()

    def run() -> None:
        try:
            returned.append(work())
        except BaseException as error:
            raised.append(error)
        finally:
            ended.set()

    _working.append(ended)
    _hushed.clear()
    threading.Thread(target=run, name="enishi work", daemon=True).start()
    try:
        while not ended.wait(HEARD_WITHIN):
            pass
    except BaseException:
        with _speaking:
            _hushed.set()
        raise
    _working.remove(ended)
    if raised:
        raise raised[0]
    return returned[0]


def speak(text: str) -> None:
    """Writes a line to stderr, unless it comes from work that was left behind.

    Examples
    --------
    >>> speak("link: 0.1 s")
    """
    with _speaking:
        if threading.current_thread() is threading.main_thread() or not _hushed.is_set():
            print(text, file=sys.stderr, flush=True)


def leave_work_behind(code: int) -> None:
    """Ends the process at once where interrupted work is still going on, which nothing else could end; else returns."""
    if not all(ended.is_set() for ended in _working):
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)
