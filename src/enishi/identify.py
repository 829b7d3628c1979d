"""Who a record is: its id in its source, and which records come again.

An id is kept in the type that it has; where a source has none, a hash of the row is one. Ids that ascend need no memory
to be known to differ. Otherwise their hashes are put by in partitions and looked through when all have come; or, where
equal rows may collapse, each identity is remembered with a hash of its row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from enishi._normalize import siphash
from enishi._tables import AscendingIds, Identities, RecordKeys, hash_records, hash_rows
from enishi.bind import BoundSource
from enishi.errors import DuplicateRecordError
from enishi.memory import RecordIds, SpillFile
from enishi.normalize import TokenCheck
from enishi.read import SourceReader
from enishi.rows import as_text, occurrences, record_ids, row_ids, without_views

Duplicates = Literal["error", "keep-identical"]
Hashes = npt.NDArray[np.uint64]
Identified = tuple[pa.RecordBatch, Hashes | None]  # rows, and the hashes of their records where these are ordered
Batch = tuple[int, pa.RecordBatch, Hashes | None]  # the number of its source before these
Number = TypeVar("Number", bound=np.generic)

NAMED = 5  # of repeated records in an error


def identified(identities: Sequence[Identify]) -> Iterator[Batch]:
    """The batches of all sources, one source after the other, with who their records are."""
    for number, identify in enumerate(identities):
        tokens = TokenCheck(identify.source)
        for whole in identify.reader.batches(identify.columns()):
            tokens.add(whole)
            yield number, *identify(whole)
        tokens.close()
        identify.close()


def id_type(reader: SourceReader, source: BoundSource) -> pa.DataType:
    """The type that a source's record ids keep; it counts even where there are no rows."""
    if source.record_id is None:
        return pa.string()
    return record_ids(pa.nulls(0, reader.schema.field(source.record_id).type), reader.place).type


class Identify:
    """Gives each row of a source its record id, keeps it, and finds repeated ones."""

    def __init__(
        self,
        reader: SourceReader,
        source: BoundSource,
        duplicates: Duplicates,
        secret: bytes,
        kept: RecordIds,
        spill: SpillFile,
        held: int,
        ordered: bool,
    ) -> None:
        self.reader = reader
        self.source = source
        self.duplicates = duplicates
        self.collapsed = 0
        self._kept = kept
        self._spill = spill
        self._held = held  # bytes of hashes that may stay in memory
        self._ordered = ordered
        self._row_key = siphash(secret, b"enishi 1\0row")
        self._ascending: AscendingIds | None = AscendingIds()  # for as long as their order shows that the ids differ
        self._keys = RecordKeys()  # from then on
        self._seen = Identities()  # where a repeated record is no error
        self._times = np.zeros(0, np.int64)  # by identity: how often it came
        self._rows: npt.NDArray[np.uint64] = np.zeros((0, 2), np.uint64)  # by identity: the hash of its row
        self._known = 0  # identities
        self._row = 0

    def columns(self) -> tuple[str, ...]:
        """The columns to read: those in use, and all where rows are compared whole."""
        whole = () if self.duplicates == "error" else self.source.identity
        return tuple(dict.fromkeys((*self.source.needed(), *whole)))

    def __call__(self, batch: pa.RecordBatch) -> Identified:
        start, self._row = self._row, self._row + batch.num_rows
        if self.source.record_id is None:
            return self._kept_with_hashes(batch, self._unnamed(batch))
        ids = record_ids(batch.column(self.source.record_id), self.reader.place, start)
        if self.duplicates != "error":
            return self._kept_with_hashes(*self._collapse(batch, ids, start))
        texts = as_text(ids)
        if self._ascending is not None and not self._ascending.extend(texts):
            self._ascending = None
            for earlier in self._kept.texts(self._kept.rows - start):
                self._keys.add(hash_records(self.source.name, earlier))
        hashes = None
        if self._ordered or self._ascending is None:
            hashes = hash_records(self.source.name, texts)
        if self._ascending is None and hashes is not None:
            self._keys.add(hashes)
            if self._keys.held() > self._held:
                self._spill.write(lambda raw: self._keys.spill(raw.fileno(), self._spill.size))
        self._kept.add(ids)
        return batch, hashes if self._ordered else None

    def _kept_with_hashes(self, batch: pa.RecordBatch, ids: pa.Array) -> Identified:
        self._kept.add(ids)
        return batch, hash_records(self.source.name, as_text(ids)) if self._ordered else None

    def close(self) -> None:
        """Looks for repeated records, when all have come."""
        repeated = self._keys.repeated()
        self._keys = RecordKeys()
        if len(repeated):
            places = ", ".join(self.reader.place(int(row)) for row in repeated[:NAMED])
            more = f" and {len(repeated) - NAMED} more" if len(repeated) > NAMED else ""
            raise DuplicateRecordError(
                f"source '{self.source.name}' has records whose {self.source.record_id} came before: "
                f"{places}{more}; make record ids unique, or collapse rows that are equal in every column with "
                f"duplicates = keep-identical{self._otherwise()}"
            )

    def _otherwise(self) -> str:
        """What to do where the column that is called like an id does not name the record: orders of several lines."""
        column = self.source.record_id
        if not self.source.record_id_guessed or column == "record_id":
            return ""
        return (
            f'; if {column} is no record\'s id, map it in [sources.{self.source.name}.columns]: "{column}" = "ignore"'
        )

    def _row_keys(self, batch: pa.RecordBatch) -> npt.NDArray[np.uint64]:
        columns = [as_text(batch.column(name)) for name in sorted(self.source.identity)]
        keys: npt.NDArray[np.uint64] = hash_rows(columns, self._row_key, batch.num_rows)
        return keys

    def _unnamed(self, batch: pa.RecordBatch) -> pa.Array:
        keys = self._row_keys(batch)
        numbers, _ = self._seen.add(keys)
        if not len(numbers):
            return row_ids(keys, np.zeros(0, np.int64))
        self._times = _with_room(self._times, int(numbers.max()) + 1)
        ids = row_ids(keys, self._times[numbers] + occurrences(keys))
        np.add.at(self._times, numbers, 1)
        return ids

    def _collapse(self, batch: pa.RecordBatch, ids: pa.Array, start: int) -> tuple[pa.RecordBatch, pa.Array]:
        numbers, repeated = self._seen.add(hash_rows([as_text(ids)], self._row_key, batch.num_rows))
        keys = self._row_keys(batch)
        fresh = np.ones(batch.num_rows, bool)
        fresh[repeated] = False
        known, self._known = self._known, self._known + int(np.count_nonzero(fresh))
        self._rows = _with_room(self._rows, self._known)
        self._rows[known : self._known] = keys[fresh]
        different = repeated[(self._rows[numbers[repeated]] != keys[repeated]).any(axis=1)]
        if len(different):
            places = ", ".join(self.reader.place(start + int(row)) for row in different[:NAMED])
            raise DuplicateRecordError(
                f"source '{self.source.name}' has records whose {self.source.record_id} came before with other "
                f"contents: {places}; make record ids unique"
            )
        self.collapsed += len(repeated)
        if not len(repeated):
            return batch, ids
        mask = pa.array(fresh)
        plain = pa.RecordBatch.from_arrays([without_views(column) for column in batch.columns], batch.schema.names)
        return plain.filter(mask), ids.filter(mask)


def _with_room(array: npt.NDArray[Number], rows: int) -> npt.NDArray[Number]:
    """The array with zeros behind, for that many rows or more: it grows by half, for it is asked batch by batch."""
    if rows <= len(array):
        return array
    more = max(rows, len(array) * 3 // 2) - len(array)
    return np.concatenate([array, np.zeros((more, *array.shape[1:]), array.dtype)])


__all__ = ["Duplicates", "Identify", "id_type", "identified"]
