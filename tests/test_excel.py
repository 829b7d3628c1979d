"""Excel: a sheet as a person reads it."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import enishi
import enishi.excel
from enishi.errors import InputError
from enishi.formats import open_file
from enishi.model import Model
from enishi.read import open_inputs

pytest.importorskip("python_calamine")
openpyxl = pytest.importorskip("openpyxl")


def book(path: Path, *sheets: list[list[Any]]) -> Path:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for rows in sheets:
        sheet = made.create_sheet()
        for row in rows:
            sheet.append(row)
    made.save(path)
    return path


def table(path: Path) -> list[tuple[str | None, ...]]:
    file = open_file(path)
    batches = file.batches(file.schema.names)
    return [row for batch in batches for row in zip(*batch.to_pydict().values(), strict=True)]


def test_cells_as_a_person_reads_them(tmp_path: Path) -> None:
    when = datetime.datetime(2026, 5, 1, 9, 30)
    path = book(
        tmp_path / "web.xlsx",
        [
            ["会員番号", "氏名", "電話番号", "生年月日", "更新", "残高", "会員"],
            [1, "髙橋", 9012345678, datetime.date(1985, 4, 9), when, 0.5, True],
            ["0002", None, "090-1234-5678", "1985/4/9", None, 100.0, False],
        ],
    )
    assert table(path) == [
        ("1", "髙橋", "9012345678", "1985-04-09", "2026-05-01 09:30:00", "0.5", "true"),
        ("0002", None, "090-1234-5678", "1985/4/9", None, "100", "false"),
    ]


def test_a_phone_number_without_its_zero_is_the_same_number(tmp_path: Path) -> None:
    path = book(tmp_path / "web.xlsx", [["record_id", "電話番号"], [1, 9012345678], [2, "090-1234-5678"]])
    (source,) = open_inputs([str(path)], Model())
    names = source.schema.names
    data = {"web": pa.Table.from_batches(source.batches(names))}
    assert len(set(enishi.resolve(data).customers["customer_id"].to_pylist())) == 1


def test_title_and_further_sheets_are_named(tmp_path: Path) -> None:
    rows = [["会員一覧"], [None], ["会員番号", "氏名", "メール"], [1, "佐藤", "a@example.com"]]
    path = book(tmp_path / "web.xlsx", [], rows, [["x"]])
    (source,) = open_inputs([str(path)], Model())
    told = [str(notice) for notice in source.notices]
    assert any("has its header in row 3" in each for each in told)
    assert any("as its sheet 'Sheet2' alone, of 3" in each or "of 3" in each for each in told)
    assert table(path) == [("1", "佐藤", "a@example.com")]


def test_what_is_no_workbook_or_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "web.xlsx"
    path.write_bytes(b"secret,secret\n")
    with pytest.raises(InputError, match="not a whole Excel workbook"):
        open_file(path)
    book(path, [])
    with pytest.raises(InputError, match="has no header"):
        open_file(path)
    book(path, [["id"], [1]])
    monkeypatch.setattr(enishi.excel, "LARGEST", 10)
    with pytest.raises(InputError, match="save it as CSV"):
        open_file(path)


def test_without_the_reader_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = book(tmp_path / "web.xlsx", [["id"], [1]])
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    with pytest.raises(InputError, match=r"pip install 'enishi\[excel\]'"):
        open_file(path)
