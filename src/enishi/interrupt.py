"""Signals that ask a command to end, such as Ctrl-C: it cleans up, once, and the compiled core need not be waited for.

The work is done on a thread of its own, and the main thread listens.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TypeVar

T = TypeVar("T")
HEARD_WITHIN = 0.1  # seconds, where the system gives the signal to another thread

# What a terminal sends for Ctrl-C and when it is closed, and what service managers and containers send.
SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]

_working: list[threading.Event] = []  # for each work that goes on, what it sets at its end
_speaking = threading.Lock()
_hushed = threading.Event()  # once work was left behind, only the main thread has something to say


class Stopped(KeyboardInterrupt):
    """A signal asked the process to end.

    Attributes
    ----------
    signal : int
    """

    def __init__(self, number: int) -> None:
        super().__init__()
        self.signal = number


@contextmanager
def stopped_once() -> Iterator[None]:
    """Raises `Stopped` in the block at the first signal that asks the process to end; from then on it hears no other.

    What was ignored before (``nohup``) is ignored still.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    stopped = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal stopped
        if not stopped:
            stopped = True
            raise Stopped(number)

    before = {each: signal.getsignal(each) for each in SIGNALS if signal.getsignal(each) != signal.SIG_IGN}
    try:
        for each in before:
            signal.signal(each, stop)
        yield
    finally:
        for each, handler in before.items():
            # The end of the process would be the next thing to be interrupted.
            signal.signal(each, signal.SIG_IGN if stopped else handler or signal.SIG_DFL)


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
