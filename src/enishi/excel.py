"""Excel workbooks (.xlsx), by python-calamine, which comes with the extra ``excel``.

A sheet is taken as a person reads it: a whole number without a fraction, a date as 1985-04-09, a formula as its value,
an error as nothing. What Excel itself has lost (a phone number's leading zero) the fields put right where they can. A
sheet is one compressed text that has to be read as a whole, so a large one is refused: as CSV it would be streamed.
"""

from __future__ import annotations

import datetime
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from enishi.errors import InputError
from enishi.formats import header_row, unique_names
from enishi.rows import BATCH_ROWS, sliced

LARGEST = 256 << 20  # bytes of unpacked XML, about 300,000 rows of 20 columns: 1 GB while it is read


class ExcelFile:
    """The first sheet of a workbook that is not empty; every column is text, and an empty cell is null."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notices: tuple[str, ...] = ()
        self._rows = self._read()
        above, header = header_row(self._rows)
        if not header:
            raise InputError(f"{path} has no header: the first row of its sheet must name the columns")
        if above:
            self.notices += (f"has its header in row {above + 1}: what stands above is not read",)
        self.row_base = 2 + above
        self._rows = self._rows[above + 1 :]
        self.rows: int | None = len(self._rows)
        self.schema = pa.schema([(name, pa.string()) for name in unique_names(header)])

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        places = [self.schema.get_field_index(column) for column in columns]
        for start in range(0, len(self._rows), BATCH_ROWS):
            rows = self._rows[start : start + BATCH_ROWS]
            arrays = [pa.array([row[place] or None for row in rows], pa.string()) for place in places]
            yield from sliced(pa.RecordBatch.from_arrays(arrays, list(columns)))

    def _read(self) -> list[list[str]]:
        try:
            import python_calamine as calamine
        except ImportError:
            raise InputError(
                f"{self.path} is an Excel workbook: `pip install 'enishi[excel]'` reads it, or save it as CSV UTF-8"
            ) from None
        self._check_size()
        rows: list[list[Any]] = []
        name = ""
        failed = False
        try:
            book = calamine.CalamineWorkbook.from_path(str(self.path))
            seen = [each.name for each in book.sheets_metadata if each.visible is calamine.SheetVisibleEnum.Visible]
            for name in seen:
                rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
                if rows:
                    break
        except (calamine.CalamineError, ValueError, OSError):
            failed = True
        if failed:
            raise InputError(
                f"{self.path} is not a whole Excel workbook: it was cut short, has a password, or is something else"
            )
        if len(seen) > 1:
            self.notices += (f"is read as its sheet '{name}' alone, of {len(seen)}",)
        return [[_text(cell) for cell in row] for row in rows]

    def _check_size(self) -> None:
        try:
            with zipfile.ZipFile(self.path) as parts:
                size = max((part.file_size for part in parts.infolist()), default=0)
        except (zipfile.BadZipFile, OSError):
            size = 0
        if size > LARGEST:
            most = f"{LARGEST >> 20} MiB unpacked"
            raise InputError(f"{self.path} is larger than what is read of Excel ({most}): save it as CSV UTF-8")


def _text(cell: Any) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime.datetime):
        return str(cell.date()) if cell.time() == datetime.time() else str(cell)
    return str(cell)
