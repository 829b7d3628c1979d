"""Whole jobs, timed from outside.

Imports are timed against a bare interpreter, a small call in a fresh process (its first call, and the median of the
next), and a million simulated records as the command runs them: Parquet to Parquet, all outputs, misspelt identifiers
on.

Where pandas is installed, pyarrow loads it while the small table is made, and with it much that a first call would have
to load itself. So the small call is timed with pandas hidden as well.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence

from benchmarks.data import channels
from benchmarks.process import Command, Measured, alternate, answer, once, python
from benchmarks.report import Figure, Report, Table
from benchmarks.runs import Run
from benchmarks.settings import Settings

ROUNDS = 5
MOST_IMPORT, MOST_SMALL = 150.0, 50.0  # ms
MOST_DEMO, MOST_MILLION = 15.0, 3.0  # s
SMALL_CALL = """
import json, sys, time

class WithoutPandas:
    def find_spec(self, name, path=None, target=None):
        if name == "pandas":
            raise ModuleNotFoundError(name=name)

if sys.argv[1] == "without":
    sys.meta_path.insert(0, WithoutPandas())
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
assert "numba" not in sys.modules and ("pandas" in sys.modules) == (sys.argv[1] == "with")
print(json.dumps(seconds))
"""


def _median(command: Sequence[str], rounds: int = ROUNDS) -> float:
    return statistics.median(once(command).seconds for _ in range(rounds))


def _small_call(pandas: str) -> tuple[float, float]:
    """Milliseconds of the first call, and of the next ones, with or without pandas."""
    calls = [answer(python("-c", SMALL_CALL, pandas)) for _ in range(ROUNDS)]
    first = statistics.median(seconds[0] for seconds in calls)
    return first * 1e3, statistics.median(statistics.median(seconds[1:]) for seconds in calls) * 1e3


def _million(settings: Settings) -> tuple[dict[str, Measured], int]:
    """The command over a simulated million without and with matching by probability, and how many records those are."""
    inputs = channels(settings, 1_000_000)

    def resolve(match: str) -> Command:
        return lambda output: python("-m", "enishi", "resolve", *inputs, "-o", output, "--quiet", "--match", match)

    found = alternate({match: resolve(match) for match in ("off", "auto")}, ROUNDS, settings.scratch)
    return found, json.loads((found["off"].output / "summary.json").read_text(encoding="utf-8"))["records"]


def measure(settings: Settings) -> Report:
    bare = _median(python("-c", "pass"), 11)
    imported = _median(python("-c", "import enishi"), 11)
    small = {pandas: _small_call(pandas) for pandas in ("without", "with")}
    demo = _median(python("-m", "enishi", "demo"), 3)
    million, records = _million(settings)
    rows = [
        ("`import enishi`, over a bare interpreter", f"{(imported - bare) * 1e3:.0f} ms"),
        *(
            (
                f"`enishi.resolve` of 1,000 rows, {pandas} pandas: first call, median of the next ten",
                f"{first:.0f} ms, {following:.0f} ms",
            )
            for pandas, (first, following) in small.items()
        ),
        ("`enishi demo`, 20,000 customers", f"{demo:.1f} s"),
    ]
    rows += [
        (
            f"`enishi resolve --match {match}`, {records:,} simulated records, Parquet to Parquet, all outputs",
            f"{each.seconds:.1f} s, {each.peak / 1e6:,.0f} MB",
        )
        for match, each in million.items()
    ]
    figures = [
        Figure("import over a bare interpreter", (imported - bare) * 1e3, "ms", at_most=MOST_IMPORT),
        *(
            Figure(f"resolve of 1,000 rows, first call, {pandas} pandas", first, "ms", at_most=MOST_SMALL)
            for pandas, (first, _) in small.items()
        ),
        *(
            Figure(f"resolve of 1,000 rows, the next ten, {pandas} pandas", following, "ms")
            for pandas, (_, following) in small.items()
        ),
        Figure("demo", demo, "s", at_most=MOST_DEMO),
        Figure("resolve of a million, match off", million["off"].seconds, "s", at_most=MOST_MILLION),
        Figure("resolve of a million, match auto", million["auto"].seconds, "s"),
        *(Figure(f"resolve of a million, match {m}: peak memory", e.peak / 1e6, "MB") for m, e in million.items()),
    ]
    return Report(figures, [Table(("job", "measured"), rows)])


RUN = Run("jobs", "imports, small calls, the demo, and a million records with all outputs", measure, ("--seed",))
