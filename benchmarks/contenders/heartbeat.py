"""A thread that ticks beside a call: ``python -m benchmarks.contenders.heartbeat RECORDS [SECONDS]`` prints JSON.

The worst lateness of a tick, in milliseconds, while `enishi.resolve` works on one thread; with SECONDS, while the main
thread sleeps for so long instead, which tells how late the machine itself makes it.
"""

from __future__ import annotations

import json
import sys
import threading
import time

import pyarrow.parquet as pq

import enishi

TICK = 0.005


def main(records: str, seconds: str | None = None) -> None:
    table = pq.read_table(records)
    enishi.resolve(table.slice(0, 10_000), threads=1, match="off")
    ended, ticking = threading.Event(), threading.Event()
    worst = 0.0

    def beat() -> None:
        nonlocal worst
        ticking.set()
        while not ended.is_set():
            due = time.perf_counter() + TICK
            time.sleep(TICK)
            worst = max(worst, time.perf_counter() - due)

    thread = threading.Thread(target=beat)
    thread.start()
    ticking.wait()
    start = time.perf_counter()
    if seconds is None:
        enishi.resolve(table, threads=1, match="off")
    else:
        time.sleep(float(seconds))
    elapsed = time.perf_counter() - start
    ended.set()
    thread.join()
    print(json.dumps({"late_ms": worst * 1e3, "seconds": elapsed}))


if __name__ == "__main__":
    main(*sys.argv[1:])
