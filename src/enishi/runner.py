"""Who runs the tasks of a stage: one after the other, or threads side by side."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

T = TypeVar("T")

SMALL_BATCH = 4_096  # rows below which handing a column to another thread costs more than reading it
MOST_THREADS = 4_096
AHEAD = 2  # batches that are read, or have been, while one is in use


class Runner(Protocol):
    """Runs tasks, several at once where it has threads."""

    @property
    def threads(self) -> int: ...

    def map(self, task: Callable[[Any], Any], items: Sequence[Any], /) -> Iterator[Any]: ...


class Inline:
    """Runs tasks one after the other."""

    threads = 1

    def map(self, task: Callable[[Any], Any], items: Sequence[Any]) -> Iterator[Any]:
        return iter([task(item) for item in items])


class Pool:
    """Runs tasks side by side."""

    def __init__(self, threads: int) -> None:
        from concurrent.futures import ThreadPoolExecutor

        self.threads = threads
        executor = ThreadPoolExecutor(threads, thread_name_prefix="enishi")
        self.map, self.shutdown = executor.map, executor.shutdown


class Runners:
    """Runs the columns of a small batch here and those of a large one on a pool, made for the first of them."""

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._inline = Inline()
        self._pool: Pool | None = None
        self._reading: ThreadPoolExecutor | None = None

    def __enter__(self) -> Runners:
        return self

    def __exit__(self, *_: object) -> None:
        for pool in (self._pool, self._reading):
            if pool is not None:
                pool.shutdown(cancel_futures=True)

    def of(self, rows: int) -> Runner:
        return self._of(rows) or self._inline

    def _of(self, rows: int) -> Pool | None:
        if self._threads == 1 or rows < SMALL_BATCH:
            return None
        if self._pool is None:
            self._pool = Pool(self._threads)
        return self._pool

    def ahead(self, batches: Iterator[T], rows: Callable[[T], int]) -> Iterator[T]:
        """The same batches, of which the next ones are read while one is in use; not for a few rows."""
        following: deque[Future[T | None]] = deque()
        while True:
            current = following.popleft().result() if following else next(batches, None)
            if current is None:
                return
            if self._of(rows(current)) is not None:
                while len(following) < AHEAD:
                    following.append(self._reader().submit(next, batches, None))
            yield current

    def _reader(self) -> ThreadPoolExecutor:
        """A thread that reads files, so that they need not wait for one of those that read columns."""
        if self._reading is None:
            from concurrent.futures import ThreadPoolExecutor

            self._reading = ThreadPoolExecutor(1, thread_name_prefix="enishi reader")
        return self._reading
