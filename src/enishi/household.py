"""Customers -> households: a second, looser grouping, which never makes two people one.

Customers are of one household

    by address    where their records give one address and one surname, or
    by value      where one contested, limited or recycled value (a landline, a tablet: people whose names or birth
                  dates conflict carry it, or who were told apart) stands in the records of both, and a surname or an
                  address too,

directly or over others. An address needs a number, for a town is nobody's home; one that more than `MOST` customers
give is a block of flats without room numbers, or a shop's own, and makes no household; nor is a group of more than
`MOST` customers one. Both are counted and named. A household's id is that of the customer who has its smallest record,
so it depends on the records alone.

Addresses and surnames are kept as hashes under the run's secret, beside the profiles and not in them: what is a
household decides about no customer, and a run that is not asked for households pays nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from enishi._normalize import STATUSES, siphash
from enishi._tables import hash_rows
from enishi.bind import BoundSource
from enishi.components import components
from enishi.fields import Address, Field, PersonName
from enishi.frozen import fresh, frozen, mutable
from enishi.normalize import canonical_column, joined_texts, normalizer_for
from enishi.rows import as_text

Hashes = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]

MOST = 20  # customers at one address, and in one household
NAMED = 5
NOBODY = np.uint64(0)
SURNAMES = ("family", "family_kana")


@frozen
class Households:
    """The households that were found.

    Attributes
    ----------
    of_customer : int64 array
        By customer, the household's id.
    known : bool array
        By customer, whether it has a household beyond itself.
    summary : dict
        What was counted.
    """

    of_customer: Ints
    known: npt.NDArray[np.bool_]
    summary: dict[str, Any]


@mutable
class Homes:
    """Address and surnames of each record, as hashes; `NOBODY` where there is none.

    Parameters
    ----------
    secret : bytes
        The run's key.
    """

    secret: bytes
    _addresses: list[Hashes] = fresh(default_factory=list)
    _surnames: list[list[Hashes]] = fresh(default_factory=lambda: [[] for _ in SURNAMES])

    def add(self, source: BoundSource, batch: pa.RecordBatch) -> None:
        """Reads a batch of one source."""
        texts: dict[tuple[type[Field], str], list[pa.Array]] = {}
        fields: dict[type[Field], Field] = {}
        for each in source.columns:
            if isinstance(each.field, (Address, PersonName)):
                fields.setdefault(type(each.field), each.field)
                if each.field == fields[type(each.field)]:
                    texts.setdefault((type(each.field), each.part), []).append(as_text(batch.column(each.column)))
        nobody = np.zeros(batch.num_rows, np.uint64)
        address = texts.get((Address, "value"))
        self._addresses.append(nobody if address is None else self._hashes(fields[Address], joined_texts(address)))
        for kept, part in zip(self._surnames, SURNAMES, strict=True):
            surname = texts.get((PersonName, part))
            kept.append(nobody if surname is None else self._hashes(fields[PersonName], surname[0]))

    def _hashes(self, declared: Field, texts: pa.Array) -> Hashes:
        import pyarrow.compute as pc

        canonical, status = canonical_column(normalizer_for(declared), texts)
        key = siphash(self.secret, f"enishi 1\0household\0{declared.kind}".encode())
        hashed = np.array(hash_rows([canonical], key, len(canonical))[:, 0])
        kept = status == STATUSES.index("accepted")
        if isinstance(declared, Address):
            kept &= np.asarray(pc.match_substring_regex(canonical, "[0-9]").fill_null(False))
        hashed[~kept] = NOBODY
        return hashed

    def find(
        self,
        of_record: npt.NDArray[np.uint32],
        smallest: pa.Table,
        shared: npt.NDArray[np.uint32],
    ) -> Households:
        """Groups the customers.

        Parameters
        ----------
        of_record : uint32 array
            By record, its customer's number.
        smallest : pyarrow.Table
            By customer, source (rank), record_id and customer_id of its smallest record.
        shared : uint32 array (n, 3)
            Field, value and customer for each contested, limited or recycled value and who carries it.
        """
        import polars as pl

        addresses = np.concatenate([np.zeros(0, np.uint64), *self._addresses])
        carries = np.zeros(len(smallest), bool)
        carries[shared[:, 2]] = True
        # Most records give no address, and few customers carry what is contested, limited or recycled.
        kept = np.flatnonzero((addresses != NOBODY) | carries[of_record])
        lines = {"customer": of_record[kept], "address": addresses[kept]}
        people = pl.concat(
            pl.DataFrame(lines | {"surname": np.concatenate([np.zeros(0, np.uint64), *each])[kept]}).unique()
            for each in self._surnames
        )
        at_home = people.filter(pl.col("address") != 0)
        crowded = at_home.group_by("address").agg(pl.col("customer").n_unique()).filter(pl.col("customer") > MOST)
        families = at_home.filter(pl.col("surname") != 0).join(crowded, on="address", how="anti")
        carried = pl.DataFrame(shared, schema=["field", "value", "customer"], orient="row")
        carried = carried.cast(pl.UInt32).join(people, on="customer")
        hubs = [(families, ["address", "surname"])]
        hubs += [(carried.filter(pl.col(common) != 0), ["field", "value", common]) for common in ("surname", "address")]
        row, hub = _together(hubs)
        members, at = np.unique(row, return_inverse=True)
        frame = pl.DataFrame({"customer": members, "household": components(at, hub, len(members))})
        names = pl.from_arrow(smallest.take(pa.array(members)))
        assert isinstance(names, pl.DataFrame)
        # The smallest record of a household is the smallest of its customer, whose id it names.
        frame = frame.hstack(names).sort("source", "record_id")
        frame = frame.with_columns(
            pl.col("customer_id").first().over("household").alias("id"), pl.len().over("household").alias("size")
        )
        found, large = frame.filter(pl.col("size") <= MOST), frame.filter(pl.col("size") > MOST)
        of_customer, known_ids = np.zeros(len(smallest), np.int64), np.zeros(len(smallest), bool)
        numbers = found["customer"].to_numpy()
        of_customer[numbers], known_ids[numbers] = found["id"].to_numpy(), True
        crowded = crowded.sort("customer", "address", descending=[True, False])
        too_large = large.group_by("id").len().sort("len", "id", descending=[True, False])
        return Households(
            of_customer,
            known_ids,
            {
                "households": found["id"].n_unique(),
                "customers": len(found),
                "crowded_addresses": {
                    "addresses": len(crowded),
                    "largest": [
                        {"key": f"{address:016x}", "customers": n} for address, n in crowded.head(NAMED).iter_rows()
                    ],
                },
                "too_large": {
                    "groups": len(too_large),
                    "largest": [{"id": name, "customers": n} for name, n in too_large.head(NAMED).iter_rows()],
                },
            },
        )


def _together(hubs: list[tuple[Any, list[str]]]) -> tuple[Ints, Ints]:
    """Customers and the number of each hub that two of them or more hang on; a hub is known by some columns."""
    rows: list[Ints] = [np.zeros(0, np.int64)]
    numbers: list[Ints] = [np.zeros(0, np.int64)]
    for frame, columns in hubs:
        groups = frame.select("customer", *columns).unique().group_by(columns).agg("customer")
        groups = groups.filter(groups["customer"].list.len() > 1).with_row_index("number").explode("customer")
        start = sum(len(each) for each in numbers)
        rows.append(groups["customer"].to_numpy().astype(np.int64))
        numbers.append(groups["number"].to_numpy().astype(np.int64) + start)
    return np.concatenate(rows), np.concatenate(numbers)
