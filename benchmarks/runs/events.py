"""Purchases by cards: past the scan, the cost follows the distinct profiles and not the events.

The same cards buy a tenth as often and then as often as asked; what linking costs should be the same. Making the graph
has a row to write for every event, so it grows with them all the same; both are shown.
"""

from __future__ import annotations

from benchmarks.data import head, purchases
from benchmarks.process import Measured, alternate, warm
from benchmarks.report import Figure, Report, Table
from benchmarks.runs import Run
from benchmarks.runs._resolve import EXACT, resolve, stages, summary
from benchmarks.settings import Settings, brief


def measure(settings: Settings) -> Report:
    few, many = settings.events // 10, settings.events
    files = {f"{brief(events)} events": purchases(settings, events, settings.cards) for events in (few, many)}
    contenders = {name: resolve(path, *EXACT) for name, path in files.items()}
    start = resolve(head(next(iter(files.values())), 10_000, settings.scratch), *EXACT)
    warm({"sample": start}, settings.scratch, *files.values())
    found = alternate(contenders, settings.rounds, settings.scratch)
    told = {name: summary(measured.output) for name, measured in found.items()}
    label = f"{brief(settings.cards)} cards"
    figures = [
        Figure(f"{name} of {label}: profiles", summed["profiles"], "", at_most=settings.cards)
        for name, summed in told.items()
    ]
    first, last = told.values()
    figures += [
        Figure(
            f"{label}, ten times the events: {stage}",
            last["seconds"][stage] / max(first["seconds"][stage], 1e-4),
            "times",
        )
        for stage in last["seconds"]
    ]
    few_measured, many_measured = found.values()
    figures += [
        Figure(f"{label}, ten times the events: in all", many_measured.seconds / few_measured.seconds, "times"),
        Figure(
            f"{label}: peak memory from {brief(few)} to {brief(many)} events",
            (many_measured.peak - few_measured.peak) / (many - few),
            "bytes an event",
        ),
    ]
    walls = {name: measured.rounds[-1].seconds for name, measured in found.items()}
    return Report(figures, [stages(walls, {name: measured.output for name, measured in found.items()}), _peaks(found)])


def _peaks(found: dict[str, Measured]) -> Table:
    return Table(("", "seconds", "peak GB"), [[n, f"{m.seconds:.2f}", f"{m.peak / 1e9:.2f}"] for n, m in found.items()])


RUN = Run(
    "events",
    "purchases by cards: the cost past the scan follows the cards",
    measure,
    ("--events", "--cards", "--rounds"),
)
