"""Starts one process and measures it: ``python launch.py REPORT COMMAND...`` writes JSON to REPORT.

A program of its own, because the peak that the system reports for a process includes that of whoever started it: a
driver that has just read a large table would lend its size to every contender. It imports nothing but the standard
library and stays at a few megabytes.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time

SAMPLE_SECONDS = 0.02


def anonymous(pid: int) -> int:
    """Bytes of anonymous memory that the process holds now; 0 where the system does not tell."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as status:
            for line in status:
                if line.startswith("RssAnon:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def main(report: str, *command: str) -> None:
    most = 0
    ended = threading.Event()

    def watch(pid: int) -> None:
        nonlocal most
        while not ended.wait(SAMPLE_SECONDS):
            most = max(most, anonymous(pid))

    start = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, os.environ)
    watcher = threading.Thread(target=watch, args=(pid,))
    watcher.start()
    _, status, usage = os.wait4(pid, 0)
    seconds = time.perf_counter() - start
    ended.set()
    watcher.join()
    measured = {
        "exit_code": os.waitstatus_to_exitcode(status),
        "seconds": seconds,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
        "anonymous": most,
    }
    with open(report, "w", encoding="utf-8") as file:
        json.dump(measured, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
