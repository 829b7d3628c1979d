"""Whole jobs, timed from outside: ``python -m benchmarks.jobs``.

Medians of several runs on a machine that does nothing else. Imports are timed against a bare interpreter, a small call
in a fresh process (its first call, and the median of the next), and a million simulated records as the command runs
them: Parquet to Parquet, all outputs, misspelt identifiers on.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

RUNS = 5
SMALL_CALL = """
import json, sys, time
import pyarrow as pa
import enishi
n = 1000
people = [i // 3 for i in range(n)]
table = pa.table({
    "record_id": [f"r{i}" for i in range(n)],
    "email": [f"person{p}@shop.jp" if i % 2 else None for i, p in enumerate(people)],
    "phone": [f"090{p:04d}{(p * 7919) % 10000:04d}" for p in people],
    "family_name": ["佐藤"] * n,
    "given_name": [f"花子{p}" for p in people],
    "birth_date": [f"{1950 + p % 50}-{1 + p % 12:02d}-{1 + p % 28:02d}" for p in people],
})
seconds = []
for _ in range(11):
    start = time.perf_counter()
    enishi.resolve(table)
    seconds.append(time.perf_counter() - start)
assert "numba" not in sys.modules
print(json.dumps(seconds))
"""


def seconds_of(command: Sequence[str]) -> tuple[float, float]:
    """Wall seconds of a process, and its peak memory in MB."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    elapsed = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command[:4])} ... ended with {process.returncode}")
    return elapsed, usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def median(command: Sequence[str], runs: int = RUNS) -> float:
    return statistics.median(seconds_of(command)[0] for _ in range(runs))


def million() -> tuple[float, float, int]:
    """Median seconds, peak MB and records of the command over a simulated million."""
    enishi = [sys.executable, "-m", "enishi"]
    with tempfile.TemporaryDirectory() as directory:
        shop = Path(directory) / "shop"
        # A customer makes about 7.3 records.
        subprocess.run([*enishi, "simulate", "-o", str(shop), "--customers", "137000"], check=True, capture_output=True)
        inputs = sorted(str(path) for path in shop.glob("*.parquet") if path.stem != "truth")
        figures = []
        for run in range(RUNS):
            out = Path(directory) / f"out{run}"
            figures.append(seconds_of([*enishi, "resolve", *inputs, "-o", str(out), "--quiet"]))
        records = json.loads((out / "summary.json").read_text())["records"]
        return statistics.median(wall for wall, _ in figures), max(peak for _, peak in figures), records


def main() -> None:
    bare = median([sys.executable, "-c", "pass"], 11)
    imported = median([sys.executable, "-c", "import enishi"], 11)
    small = json.loads(subprocess.run([sys.executable, "-c", SMALL_CALL], check=True, capture_output=True).stdout)
    demo = median([sys.executable, "-m", "enishi", "demo"], 3)
    wall, peak, records = million()
    print("| job | measured |")
    print("|---|---|")
    print(f"| `import enishi`, over a bare interpreter | {(imported - bare) * 1e3:.0f} ms |")
    print(f"| `enishi.resolve` of 1,000 rows, first call | {small[0] * 1e3:.0f} ms |")
    print(f"| the same, median of the next ten | {statistics.median(small[1:]) * 1e3:.0f} ms |")
    print(f"| `enishi demo`, 20,000 customers | {demo:.1f} s |")
    print(f"| `enishi resolve`, {records:,} records, Parquet to Parquet, all outputs | {wall:.2f} s, {peak:,.0f} MB |")


if __name__ == "__main__":
    main()
