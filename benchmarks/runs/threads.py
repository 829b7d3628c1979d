"""Two threads against one, stage by stage; and a heartbeat that no call may hold up.

The heartbeat is a Python thread that ticks every 5 ms beside `enishi.resolve` on one thread: whatever holds the GIL
makes it late. Beside it stands the same thread while nothing else runs, which is the machine's own part.
"""

from __future__ import annotations

import statistics

from benchmarks.data import head, shop
from benchmarks.process import alternate, answer, python, say, warm
from benchmarks.report import Figure, Report, Table
from benchmarks.runs import Run
from benchmarks.runs._resolve import EXACT, resolve, stages, summary
from benchmarks.settings import Settings, brief

GATED = 50_000_000
LEAST_SPEEDUP = 1.6
MOST_LATE = 50.0
HEARTBEATS = 5
HEARTBEAT_RECORDS = 1_000_000
SCALES = 1.3  # a stage that two threads do not make so much faster does not scale


def measure(settings: Settings) -> Report:
    figures: list[Figure] = []
    tables: list[Table] = []
    for size in settings.sizes(GATED):
        records = shop(settings, size)
        names = {"one thread": "1", "two threads": "2"}
        contenders = {name: resolve(records, *EXACT, "--threads", threads) for name, threads in names.items()}
        warm({"sample": resolve(head(records, 10_000, settings.scratch), *EXACT)}, settings.scratch, records)
        found = alternate(contenders, settings.rounds, settings.scratch)
        one, two = found.values()
        limit = LEAST_SPEEDUP if size == GATED else None
        figures.append(
            Figure(f"{brief(size)}: one thread over two", one.seconds / two.seconds, "times", at_least=limit)
        )
        before, after = (summary(measured.output)["seconds"] for measured in (one, two))
        speedups = {stage: seconds / max(after[stage], 1e-4) for stage, seconds in before.items()}
        figures += [
            Figure(f"{brief(size)}, {stage}: one thread over two", value, "times") for stage, value in speedups.items()
        ]
        idle = [stage for stage, value in speedups.items() if value < SCALES]
        say(f"  stages that do not scale: {', '.join(idle) or 'none'}")
        walls = {name: measured.rounds[-1].seconds for name, measured in found.items()}
        tables.append(stages(walls, {name: measured.output for name, measured in found.items()}))
    return Report([*figures, *_heartbeat(settings)], tables)


def _heartbeat(settings: Settings) -> list[Figure]:
    size = min(settings.sizes(HEARTBEAT_RECORDS)[0], HEARTBEAT_RECORDS)
    records = shop(settings, size)
    program = ("-m", "benchmarks.contenders.heartbeat", records)
    beside = [answer(python(*program)) for _ in range(HEARTBEATS)]
    seconds = statistics.median(beat["seconds"] for beat in beside)
    alone = [answer(python(*program, f"{seconds:.3f}")) for _ in range(HEARTBEATS)]
    late, idle = (statistics.median(beat["late_ms"] for beat in beats) for beats in (beside, alone))
    say(f"  heartbeat: {late:.1f} ms late beside resolve, {idle:.1f} ms beside nothing")
    return [
        Figure(f"{brief(size)}: heartbeat beside resolve, worst lateness", late, "ms", at_most=MOST_LATE),
        Figure(f"{brief(size)}: heartbeat beside nothing, worst lateness", idle, "ms"),
    ]


RUN = Run(
    "threads",
    "two threads against one by stage; a heartbeat beside resolve is never late",
    measure,
    ("--records", "--rounds", "--shuffled"),
)
