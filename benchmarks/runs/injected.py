"""One value put on many records of the simulated shop: nobody is merged by it who was not before.

One value of each kind of identifier, and all of them together, stands in a column of its own beside what the records
carry: on every record, on one in a hundred, and on thirty records of strangers to each other. The customers are set
beside those of the same records without it: no two people may have become one, and few true pairs may be lost. By
probability a column more changes what is learned a little, so a few customers that are one person meet or part.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.report import Figure, Report, Table
from benchmarks.runs import Run
from benchmarks.runs.shop import made
from benchmarks.settings import Settings, brief
from enishi.evaluate import evaluate
from enishi.fields import STANDARD_FIELDS, Identifier
from enishi.model import Model, Source
from enishi.pipeline import Options, load, run
from enishi.read import open_data

LOGIN = Identifier(name="login")
VALUES = {
    "email": "everybody.here@example.jp",
    "hashed_email": hashlib.sha256(b"somebody.else@example.jp").hexdigest(),
    "phone": "090-1234-5670",
    "device_id": "6d92078a-8246-4ba4-ae5b-76104861e7dc",
    "payment_token": "tok_default_card",
    "loyalty_card": "9280010000000005",
    "login": "kiosk",
}
TOGETHER = "all together"
STRANGERS = 30
RECALL_LOST = 0.001

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Shop:
    """The shop's sources, and the truth in the order of their records."""

    tables: Mapping[str, pa.Table]
    truth: pa.Table

    @property
    def records(self) -> int:
        return sum(table.num_rows for table in self.tables.values())

    def strangers(self, count: int, rng: np.random.Generator) -> Rows:
        """Records of so many people of different households."""
        truth = self.truth.append_column("row", pa.array(np.arange(self.truth.num_rows)))
        known = truth.filter(truth["person_id"].is_valid())
        rows, households = (known[name].to_numpy() for name in ("row", "household_id"))
        order = rng.permutation(len(rows))
        _, first = np.unique(households[order], return_index=True)
        return np.sort(rng.choice(rows[order[first]], count, replace=False))


def read_shop(settings: Settings, records: int) -> Shop:
    directory = made(settings, records, settings.seed)
    tables = {path.stem: pq.read_table(path) for path in sorted(directory.glob("*.parquet")) if path.stem != "truth"}
    named = pa.concat_tables(
        pa.table({"source": pa.array([name] * table.num_rows), "record_id": table["record_id"].cast(pa.string())})
        for name, table in tables.items()
    )
    named = named.append_column("row", pa.array(np.arange(named.num_rows)))
    truth = pq.read_table(directory / "truth.parquet")
    return Shop(tables, named.join(truth, ["source", "record_id"]).sort_by("row").drop_columns(["row"]))


def customers(shop: Shop, match: str, injected: Mapping[str, Rows]) -> pa.Table:
    """The customers where each field's value stands on its rows."""
    tables, sources, start = {}, [], 0
    for name, table in shop.tables.items():
        columns = {column: column for column in table.column_names if column in VALUES and column in injected}
        for field, rows in injected.items():
            here = rows[(rows >= start) & (rows < start + table.num_rows)] - start
            chosen = np.zeros(table.num_rows, bool)
            chosen[here] = True
            values = pa.DictionaryArray.from_arrays(
                pa.array(np.zeros(table.num_rows, np.int32), mask=~chosen), pa.array([VALUES[field]])
            )
            table = table.append_column(f"shared_{field}", values)
            columns[f"shared_{field}"] = field
        start += table.num_rows
        tables[name] = table
        sources.append(Source(name, columns=columns))
    model = Model([*STANDARD_FIELDS, LOGIN], sources=sources)
    options = Options(threads=2, match=match, outputs=())
    return load(run(open_data(tables, model), model, options), options).customers


@dataclass(frozen=True)
class Merged:
    """Customers that became one.

    Attributes
    ----------
    customers : int
        How many more would be needed so that none held records of two of before.
    people : int
        People more than those whom one of the former customers held already.
    """

    customers: int
    people: int


def merged(before: pa.Table, after: pa.Table, person: pa.ChunkedArray) -> Merged:
    """What became one; the rows of all three are those of the same records."""
    ids = {name: table["customer_id"].to_numpy() for name, table in {"after": after, "before": before}.items()}
    rows = pl.DataFrame({**ids, "person": pl.Series(person)})
    parts = rows.group_by("after", "before").agg(people=pl.col("person").drop_nulls().n_unique())
    found = parts.group_by("after").agg(pl.len().alias("parts"), pl.max("people")).filter(pl.col("parts") > 1)
    whole = rows.join(found, on="after", how="semi").group_by("after")
    of_whole = whole.agg(all=pl.col("person").drop_nulls().n_unique()).join(found, on="after")
    return Merged(int((found["parts"] - 1).sum()), int((of_whole["all"] - of_whole["people"]).sum()))


def measure(settings: Settings) -> Report:
    figures: list[Figure] = []
    tables = []
    for records in settings.sizes(1_000_000):
        shop = read_shop(settings, records)
        person = shop.truth["person_id"]
        rng = np.random.default_rng(settings.seed)
        everybody = np.arange(shop.records)
        chosen = {
            "every record": everybody,
            "1 % of them": np.sort(rng.choice(everybody, len(everybody) // 100, replace=False)),
            f"{STRANGERS} strangers": shop.strangers(STRANGERS, rng),
        }
        rows = []
        for match in ("off", "auto"):
            before = customers(shop, match, {})
            recall = evaluate(before, shop.truth).recall
            for where, at in chosen.items():
                for what in (*VALUES, TOGETHER):
                    after = customers(shop, match, {field: at for field in VALUES if what in (field, TOGETHER)})
                    joined, cut = merged(before, after, person), merged(after, before, person).customers
                    lost = recall - evaluate(after, shop.truth).recall
                    rows.append([match, where, what, *(f"{n:,}" for n in (joined.people, joined.customers, cut)),
                                 f"{lost:.5f}"])  # fmt: skip
                    name = f"{brief(records)}, {match}, {what} on {where}"
                    figures += [
                        Figure(f"{name}: people merged", joined.people, at_most=0),
                        Figure(f"{name}: recall lost", max(lost, 0.0), at_most=RECALL_LOST),
                    ]
        header = ("match", "on", "value", "people merged", "customers merged", "customers cut", "recall lost")
        tables.append(Table(header, rows, f"One value on many of {brief(shop.records)} records"))
    return Report(figures, tables)


RUN = Run(
    "injected",
    "one value of each kind, alone and all together, put on many records of the simulated shop",
    measure,
    ("--records",),
)
