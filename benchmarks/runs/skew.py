"""A value that a million records share: what it costs beside the same data without it.

Every record carries one kiosk's device, one default card and one noreply@ beside its own phone and token, or none of
the three. The shared values have to come out as generic, and the customers as if they were not there.
"""

from __future__ import annotations

from benchmarks.data import head, shop, skewed
from benchmarks.process import ContenderError, alternate, answer, python, warm
from benchmarks.report import Figure, Report, Table
from benchmarks.runs import Run
from benchmarks.runs._resolve import EXACT, resolve, stages, summary
from benchmarks.settings import Settings, brief

WITHOUT, SHARED, OWN = "without", "one device, card and email on every record", "each record's own"
MOST = 1.2


def measure(settings: Settings) -> Report:
    figures: list[Figure] = []
    tables: list[Table] = []
    for size in settings.sizes(1_000_000):
        without, shared = skewed(settings, size)
        files = {WITHOUT: without, SHARED: shared, OWN: shop(settings, size)}
        contenders = {name: resolve(path, *EXACT) for name, path in files.items()}
        warm({WITHOUT: resolve(head(without, 10_000, settings.scratch), *EXACT)}, settings.scratch, *files.values())
        found = alternate(contenders, settings.rounds, settings.scratch)
        generic = {name: field["generic"]["values"] for name, field in summary(found[SHARED].output)["fields"].items()}
        if [name for name, values in generic.items() if values] != ["email", "device_id", "loyalty_card"]:
            raise ContenderError(f"of the shared values of {shared.name} these came out as generic: {generic}")
        digests = [
            answer(
                python("-m", "benchmarks.contenders.partition", found[name].output / "customers.parquet", files[name])
            )
            for name in (WITHOUT, SHARED)
        ]
        if digests[0] != digests[1]:
            raise ContenderError(f"the values that the records of {shared.name} share joined some of them")
        ratio = found[SHARED].seconds / found[WITHOUT].seconds
        figures.append(Figure(f"{brief(size)}: shared over without", ratio, "times", at_most=MOST))
        own = found[SHARED].seconds / found[OWN].seconds
        figures.append(Figure(f"{brief(size)}: shared over each record's own", own, "times"))
        memory = (found[SHARED].peak - found[WITHOUT].peak) / size
        figures.append(Figure(f"{brief(size)}: peak memory beyond that without", memory, "bytes a record"))
        walls = {name: measured.rounds[-1].seconds for name, measured in found.items()}
        tables.append(stages(walls, {name: measured.output for name, measured in found.items()}))
    return Report(figures, tables)


RUN = Run(
    "skew",
    "a device, a card and an email that all records share, against the same data without",
    measure,
    ("--records", "--rounds", "--shuffled"),
)
