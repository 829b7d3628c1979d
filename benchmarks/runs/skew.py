"""Values that all records share: what they cost beside the same data without them.

Every record carries one kiosk's device beside its own email, card, phone and token, or one kiosk's device, one default
card and one noreply@ beside its own phone and token; or none of these. The shared values have to come out as generic,
and the customers as if they were not there.
"""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.data import DEFAULT_CARD, KIOSK, NOREPLY, head, shop, skewed
from benchmarks.process import ContenderError, alternate, answer, python, warm
from benchmarks.report import Figure, Report, Table
from benchmarks.runs import Run
from benchmarks.runs._resolve import EXACT, resolve, stages, summary
from benchmarks.settings import Settings, brief

CASES: Mapping[str, Mapping[str, str]] = {
    "one device": {"device_id": KIOSK},
    "one device, card and email": {"device_id": KIOSK, "loyalty_card": DEFAULT_CARD, "email": NOREPLY},
}
WITHOUT, SHARED, OWN = "without", "on every record", "each record's own"
MOST = 1.2


def measure(settings: Settings) -> Report:
    figures: list[Figure] = []
    tables: list[Table] = []
    for size in settings.sizes(1_000_000):
        for case, values in CASES.items():
            without, shared = skewed(settings, size, values)
            files = {f"{case}: {WITHOUT}": without, f"{case}: {SHARED}": shared, f"{case}: {OWN}": shop(settings, size)}
            contenders = {name: resolve(path, *EXACT) for name, path in files.items()}
            few = {case: resolve(head(without, 10_000, settings.scratch), *EXACT)}
            warm(few, settings.scratch, *files.values())
            found = alternate(contenders, settings.rounds, settings.scratch)
            apart, together, own = found.values()
            fields = summary(together.output)["fields"]
            generic = {name: field["generic"]["values"] for name, field in fields.items()}
            if {name for name, count in generic.items() if count} != set(values):
                raise ContenderError(f"of the shared values of {shared.name} these came out as generic: {generic}")
            digests = [
                answer(python("-m", "benchmarks.contenders.partition", each.output / "customers.parquet", path))
                for each, path in ((apart, without), (together, shared))
            ]
            if digests[0] != digests[1]:
                raise ContenderError(f"the values that the records of {shared.name} share joined some of them")
            label = f"{brief(size)}, {case}"
            ratio = together.seconds / apart.seconds
            figures.append(Figure(f"{label}: shared over without", ratio, "times", at_most=MOST))
            ratio = together.seconds / own.seconds
            figures.append(Figure(f"{label}: shared over each record's own", ratio, "times"))
            memory = (together.peak - apart.peak) / size
            figures.append(Figure(f"{label}: peak memory beyond that without", memory, "bytes a record"))
            walls = {name: measured.rounds[-1].seconds for name, measured in found.items()}
            tables.append(stages(walls, {name: measured.output for name, measured in found.items()}))
    return Report(figures, tables)


RUN = Run(
    "skew",
    "a device, and a device, a card and an email, that all records share, against the same data without",
    measure,
    ("--records", "--rounds", "--shuffled"),
)
