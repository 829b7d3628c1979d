"""Reading: what comes in, and what every kind of broken input says."""

import gzip
import io
import os
import random
import threading
import traceback
from collections.abc import Callable, Iterator
from csv import writer
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.ipc
import pyarrow.parquet as pq
import pytest

from enishi import formats
from enishi.config import read_config
from enishi.errors import ConfigError, EnishiError, InputError
from enishi.formats import BATCH_ROWS, open_file
from enishi.model import Model, Source
from enishi.read import SourceReader, open_data, open_inputs
from enishi.rows import as_text

SECRET = "taro.secret@example.com"
TABLE = pa.table({"id": [1, 2, 3], "mail": ["a@example.com", None, "c@example.com"], "amount": [1.5, 2.0, None]})


def write_arrow(path: Path, table: pa.Table, stream: bool = False) -> None:
    make = pa.ipc.new_stream if stream else pa.ipc.new_file
    with make(str(path), table.schema) as writer:
        writer.write_table(table)


WRITERS: dict[str, Callable[[Path], None]] = {
    "web.parquet": lambda path: pq.write_table(TABLE, path),
    "web.pq": lambda path: pq.write_table(TABLE, path),
    "web.arrow": lambda path: write_arrow(path, TABLE),
    "web.ipc": lambda path: write_arrow(path, TABLE, stream=True),
    "web.feather": lambda path: pa.feather.write_feather(TABLE, str(path), "lz4"),
    "web.csv": lambda path: pa.csv.write_csv(TABLE, str(path)),
    "web.CSV": lambda path: pa.csv.write_csv(TABLE, str(path)),
    "web.tsv": lambda path: path.write_text("id\tmail\n1\ta@example.com\n2\t\n3\tc@example.com"),
    "web.csv.gz": lambda path: path.write_bytes(gzip.compress(b"id,mail\r\n1,a@example.com\r\n2,\r\n3,c@example.com")),
}


def one(path: str | Path, model: Model | None = None) -> SourceReader:
    (source,) = open_inputs([str(path)], model or Model())
    return source


def rows(source: SourceReader, *columns: str) -> list[tuple[object, ...]]:
    names = columns or tuple(source.schema.names)
    batches = list(source.batches(names))
    assert all(batch.schema.names == list(names) for batch in batches)
    return [row for batch in batches for row in zip(*batch.to_pydict().values(), strict=True)]


def csv(directory: Path, content: str | bytes, name: str = "web.csv") -> Path:
    path = directory / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refused(call: Callable[[], object], *words: str) -> None:
    """The call fails with one clear error, and neither it nor what it carries along shows a value."""
    with pytest.raises(EnishiError) as error:
        call()
    for word in words:
        assert word in str(error.value), str(error.value)
    assert "secret" not in str(error.value)
    context: BaseException | None = error.value.__context__
    assert context is None or "secret" not in "".join(traceback.format_exception(context))


@pytest.mark.parametrize("name", WRITERS)
def test_every_format_gives_the_same_records(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    WRITERS[name](path)
    source = one(path)
    assert source.name == "web"
    assert source.rows in (3, None)
    assert [row[0] for row in rows(source, "mail")] == ["a@example.com", None, "c@example.com"]
    assert [str(row[1]) for row in rows(one(path), "mail", "id")] == ["1", "2", "3"]
    assert source.place(2).endswith(f"{name}, row {4 if 'sv' in name.lower() else 3}")
    (fingerprint,) = source.fingerprint()
    assert fingerprint["file"] == name and fingerprint["bytes"] == path.stat().st_size


def test_large_inputs_come_in_batches(tmp_path: Path) -> None:
    count = 3 * BATCH_ROWS + 5
    table = pa.table({"id": range(count), "mail": pa.nulls(count, pa.string())})
    pq.write_table(table, tmp_path / "web.parquet")
    write_arrow(tmp_path / "web.arrow", table)
    pa.csv.write_csv(table, str(tmp_path / "web.csv"))
    for source in [
        *open_inputs([f"web{i}={tmp_path}/web.{kind}" for i, kind in enumerate(("parquet", "arrow", "csv"))], Model()),
        *open_data(table, Model()),
    ]:
        sizes, ids = [], []
        for batch in source.batches(["id"]):
            sizes.append(batch.num_rows)
            ids += batch.column(0).cast(pa.int64()).to_pylist()
        assert max(sizes) <= BATCH_ROWS and ids == list(range(count))


# Names and directories.


def test_sources_are_named_after_what_was_pointed_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shop" / "dt=2026-01-02").mkdir(parents=True)
    for name in ("shop/dt=2026-01-02/b.csv", "shop/web_1.csv", "shop/web_2.csv", "shop/_SUCCESS", "shop/.hidden.csv"):
        (tmp_path / name).write_text(f"id\n{name}\n")
    monkeypatch.chdir(tmp_path)
    names = {
        "shop": "shop",
        "shop/": "shop",
        "./shop": "shop",
        "shop/*.csv": "shop",
        "shop/web_*.csv": "web",
        "shop/web_1.csv": "web_1",
        "till=shop/web_1.csv": "till",
        "shop/**/*.csv": "shop",
        "shop/dt*": "dt",
        "shop/dt=2026-01-02/b.csv": "b",
    }
    assert {text: one(text).name for text in names} == names
    assert one("shop").path == "shop"
    found = [row[0] for row in rows(one("shop"))]
    assert found == ["shop/dt=2026-01-02/b.csv", "shop/web_1.csv", "shop/web_2.csv"]
    assert [row[0] for row in rows(one("shop/**/*.csv"))] == found
    monkeypatch.chdir(tmp_path / "shop")
    assert one("*.csv").name == "shop"
    assert one(".").name == "shop"


def test_a_declared_path_brings_its_name_and_stands_in_for_inputs(tmp_path: Path) -> None:
    path = csv(tmp_path, "id\n1\n", "export-2026.csv")
    model = Model(sources=[Source("web", path=str(path))])
    assert one(path, model).name == "web"
    assert [source.name for source in open_inputs([], model)] == ["web"]
    refused(lambda: open_inputs([], Model()), "there is no input")


def test_two_sources_of_one_name_are_refused(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        csv(tmp_path / folder, "id\n1\n")
    both = [str(tmp_path / "a" / "web.csv"), str(tmp_path / "b" / "web.csv")]
    refused(lambda: open_inputs(both, Model()), "two sources are named 'web'", "web2=")
    assert [source.name for source in open_inputs([both[0], f"web2={both[1]}"], Model())] == ["web", "web2"]


def test_a_directory_of_nothing_readable_or_of_several_formats(tmp_path: Path) -> None:
    refused(lambda: one(tmp_path), "there is no file in", "that can be read")
    (tmp_path / "README.md").write_text("hello")
    refused(lambda: one(tmp_path), "that can be read")
    refused(lambda: one(tmp_path / "*.csv"), "no file matches")
    refused(lambda: one(tmp_path / "README.md"), "README.md has none of the suffixes")
    csv(tmp_path, "id\n1\n")
    source = one(tmp_path)
    assert rows(source) == [("1",)]
    assert "passes over 1 of its files, such as README.md" in str(source.notices[0])
    pq.write_table(TABLE, tmp_path / "web.parquet")
    refused(lambda: one(tmp_path), "several formats", "CSV (web.csv)", "Parquet (web.parquet)")


def test_files_of_one_source_may_lack_columns_and_differ_in_type(tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": pa.array([1], pa.int32()), "phone": [9012345678]}), tmp_path / "1.parquet")
    pq.write_table(pa.table({"id": [2], "phone": ["090-1234-5678"], "mail": ["b"]}), tmp_path / "2.parquet")
    pq.write_table(pa.table({"phone": pa.nulls(1)}), tmp_path / "3.parquet")
    source = one(tmp_path)
    assert source.schema == pa.schema([("id", pa.int64()), ("phone", pa.string()), ("mail", pa.string())])
    assert rows(source) == [(1, "9012345678", None), (2, "090-1234-5678", "b"), (None, None, None)]
    assert source.rows == 3
    assert [(notice.column, notice.text) for notice in source.notices] == [
        ("id", "is not in 1 of 3 files, such as 3.parquet; it is null there"),
        ("mail", "is not in 2 of 3 files, such as 1.parquet; it is null there"),
    ]
    assert source.place(1).endswith("2.parquet, row 1")
    assert rows(source, "mail") == [(None,), ("b",), (None,)]
    pq.write_table(pa.table({"id": [[1]]}), tmp_path / "4.parquet")
    refused(lambda: one(tmp_path), "column 'id' is list<", "4.parquet", "make it one type")


# Broken files.


def test_missing_empty_and_forbidden_files(tmp_path: Path) -> None:
    refused(lambda: one(tmp_path / "absent.csv"), "absent.csv: there is no such file")
    for name in ("web.csv", "web.parquet", "web.arrow"):
        refused(lambda name=name: one(csv(tmp_path, "", name)), f"{name} is empty")
    refused(lambda: one(csv(tmp_path, gzip.compress(b""), "web.csv.gz")), "has no header")
    refused(lambda: one(csv(tmp_path, "\n\n")), "has no header")
    path = csv(tmp_path, "id\n1\n")
    path.chmod(0)
    if not os.access(path, os.R_OK):
        refused(lambda: one(path), "web.csv: cannot be read: Permission denied")


@pytest.mark.parametrize("name", ["web.parquet", "web.arrow", "web.ipc"])
def test_a_file_cut_short_or_overwritten(tmp_path: Path, name: str) -> None:
    table = pa.table({"id": range(50_000), "mail": [SECRET] * 50_000, "n": [str(i) for i in range(50_000)]})
    path = tmp_path / name
    pq.write_table(table, path) if name == "web.parquet" else write_arrow(path, table, stream=name == "web.ipc")
    whole = path.read_bytes()
    for cut in (3, 7, 100, len(whole) // 2, len(whole) - 9):
        path.write_bytes(whole[:cut])
        refused(lambda: rows(one(path)), "web.")
    path.write_bytes(b"id,mail\n1," + SECRET.encode() + b"\n" + bytes(100))
    refused(lambda: rows(one(path)), "web.")
    # Noise in the middle is found, or read as other values; it never crashes.
    generator = random.Random(1)
    for _ in range(30):
        noise = bytearray(whole)
        for _ in range(20):
            noise[generator.randrange(len(noise))] = generator.randrange(256)
        path.write_bytes(noise)
        try:
            for batch in one(path).batches(["id", "mail"]):
                assert batch.num_columns == 2
        except InputError as error:
            assert "secret" not in str(error)


def test_a_parquet_file_with_a_column_twice(tmp_path: Path) -> None:
    pq.write_table(pa.Table.from_arrays([pa.array([1]), pa.array([2])], ["a", "a"]), tmp_path / "web.parquet")
    refused(lambda: one(tmp_path / "web.parquet"), "two columns 'a'")


# CSV.


def test_csv_cells_are_text_and_empty_ones_null(tmp_path: Path) -> None:
    path = csv(tmp_path, 'id,"phone no",c\n001,0901,""\n2,NA,\n"3","x\n""y"",z",null\n')
    assert rows(one(path)) == [("001", "0901", ""), ("2", "NA", None), ("3", 'x\n"y",z', "null")]
    assert one(path).schema.names == ["id", "phone no", "c"]
    assert {field.type for field in one(path).schema} == {pa.string()}


def test_csv_headers_alone_and_headers_that_repeat(tmp_path: Path) -> None:
    for text in ("id,mail", "id,mail\n", "id,mail\r\n\r\n"):
        source = one(csv(tmp_path, text))
        assert source.schema.names == ["id", "mail"] and rows(source) == []
    source = one(csv(tmp_path, " id ,,mail,mail,\n1,2,3,4,5\n"))
    assert source.schema.names == ["id", "column 2", "mail", "mail (2)", "column 5"]
    assert rows(source, "mail (2)", "id") == [("4", "1")]
    assert rows(one(csv(tmp_path, "id\n1\n\n2\n"))) == [("1",), ("2",)]


@pytest.mark.parametrize("header", [f"1,{SECRET}", "090-1234-5678,x", "+819012345678,x"])
def test_csv_without_a_header(tmp_path: Path, header: str) -> None:
    refused(lambda: one(csv(tmp_path, f"{header}\n2,{SECRET}\n")), "web.csv has data in its first row")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "cp932", "utf-16", "euc_jp"])
def test_csv_in_any_declared_encoding(tmp_path: Path, encoding: str) -> None:
    name = "髙橋 ﾊﾅｺ ①㈱" if encoding == "cp932" else "高橋 ハナコ"
    path = csv(tmp_path, f'会員番号,氏名\n1,{name}\n2,"x\n"\n'.encode(encoding))
    source = one(path, Model(sources=[Source("web", encoding=encoding.removesuffix("-sig"))]))
    assert source.schema.names == ["会員番号", "氏名"]
    assert rows(source) == [("1", name), ("2", "x\n")]


def test_csv_tells_its_encoding_and_a_notice_names_it(tmp_path: Path) -> None:
    text = "会員番号,氏名,フリガナ\n1,髙橋 表ソ,ﾀｶﾊｼ\n2,山﨑①㈱,ﾔﾏｻﾞｷ\n"
    for encoding, spoken in {"cp932": "CP932 (Shift_JIS)", "utf-16": "UTF-16", "utf-16-le": "UTF-16-LE"}.items():
        source = one(csv(tmp_path, text.encode(encoding)))
        assert rows(source) == [("1", "髙橋 表ソ", "ﾀｶﾊｼ"), ("2", "山﨑①㈱", "ﾔﾏｻﾞｷ")]
        assert [str(notice) for notice in source.notices] == [f"source 'web': is read as {spoken}, as its bytes tell"]
    assert not one(csv(tmp_path, text.encode("utf-8-sig"))).notices
    assert rows(one(csv(tmp_path, gzip.compress(text.encode("cp932")), "web.csv.gz")))[0][1] == "髙橋 表ソ"
    late = b"id,mail\n" + b"1,x\n" * 2_000_000 + "2,高橋はなこ\n".encode("cp932") + b"3,x\n" * 2_000_000
    assert ("2", "高橋はなこ") in rows(one(csv(tmp_path, late)))
    # A declaration is obeyed, whatever the bytes look like.
    model = Model(sources=[Source("web", encoding="utf-8")])
    refused(lambda: one(csv(tmp_path, text.encode("cp932")), model), "not UTF-8 but reads as CP932")
    refused(lambda: one(csv(tmp_path, text.encode("utf-16")), model), "is UTF-16", 'encoding = "utf-16"')


def test_csv_of_an_encoding_that_its_bytes_do_not_tell(tmp_path: Path) -> None:
    czech = "id,name,note\n1,secret,x\n2,Novák secret,y\n3,Nováček secret,\n".encode("cp1250")
    refused(lambda: rows(one(csv(tmp_path, czech))), "web.csv, row 3, column 'name'", "not utf-8", "declare")
    late = b"id,name\n" + b"1,secret\n" * 200_000 + b"2,\xff\xfesecret\n"
    refused(lambda: rows(one(csv(tmp_path, late))), "web.csv, row 200002, column 'name'", "not utf-8")
    broken = "id,name\n1,髙橋\n".encode("cp932") + b"2,secret\x81\n"
    model = Model(sources=[Source("web", encoding="cp932")])
    refused(lambda: rows(one(csv(tmp_path, broken), model)), "web.csv, row 3", "not cp932")


@pytest.mark.parametrize("at", [0, 1000, 400_000])
@pytest.mark.parametrize("bad", [f"9,{SECRET},x", SECRET])
def test_csv_rows_with_too_many_or_too_few_columns(tmp_path: Path, at: int, bad: str) -> None:
    path = csv(tmp_path, "id,mail\n" + f"1,{SECRET}\n" * at + bad + "\n" + "2,x\n" * 10)
    actual = bad.count(",") + 1
    refused(lambda: rows(one(path)), f"web.csv, row {at + 2}: {actual} columns where the header has 2")


def test_csv_quotes_that_never_close_lose_no_rows_silently(tmp_path: Path) -> None:
    refused(lambda: rows(one(csv(tmp_path, f'id,mail\n1,x\n2,"{SECRET}\n3,y\n'))), "row 3", "never closed")
    refused(lambda: rows(one(csv(tmp_path, f'mail\nx\n"{SECRET}\ny'))), "row 3", "never closed")
    refused(lambda: rows(one(csv(tmp_path, f'id,mail\n"1,{SECRET}\n3,y\n'))), "row 2")
    big = f'id,mail\n1,x\n2,"{SECRET}\n' + "3,y\n" * 10_000_000
    refused(lambda: rows(one(csv(tmp_path, big))), "web.csv, after row", "quote is never closed")
    # A quote within a cell is a character.
    assert rows(one(csv(tmp_path, 'id,size\n1,27" screen\n2,x\n'))) == [("1", '27" screen'), ("2", "x")]


def test_csv_hostile_values(tmp_path: Path) -> None:
    long = "x" * 10_000_000
    path = csv(tmp_path, f"id,mail\n1,{long}\n2,a\0b\n3,{long}\n4,🎉\n")
    assert rows(one(path)) == [("1", long), ("2", "a\0b"), ("3", long), ("4", "🎉")]
    encoded = csv(tmp_path, f"id,mail\n1,{long}\n2,高\n3,{long}\n".encode("cp932"))
    model = Model(sources=[Source("web", encoding="cp932")])
    assert rows(one(encoded, model)) == [("1", long), ("2", "高"), ("3", long)]


def test_csv_files_are_let_go_of_by_whoever_reads_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that still held one when the interpreter ends would end the process."""
    opened: list[threading.Event] = []

    class Watched(formats._Utf8):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            opened.append(self.released)

    monkeypatch.setattr(formats, "_Utf8", Watched)
    path = tmp_path / "a.csv"
    path.write_text("id,name\n" + "1,bcdefghi\n" * 5_000_000)
    batches = open_file(path).batches(["id"])
    next(batches)
    assert not opened[0].is_set()
    batches.close()
    assert opened[0].is_set()
    path.write_text("id,name\n1,b,c\n")
    with pytest.raises(InputError, match="row 2"):
        next(open_file(path).batches(["id"]))
    assert len(opened) > 1 and all(each.is_set() for each in opened)


def test_csv_compressed_and_cut_short(tmp_path: Path) -> None:
    whole = gzip.compress(b"id,mail\n" + os.urandom(100_000).hex().encode() + b",x\n")
    refused(lambda: rows(one(csv(tmp_path, whole[:1000], "web.csv.gz"))), "web.csv.gz")
    refused(lambda: rows(one(csv(tmp_path, b"id,mail\n1,secret\n", "web.csv.gz"))), "web.csv.gz")


def test_csv_with_a_title_above_its_header(tmp_path: Path) -> None:
    source = one(csv(tmp_path, "会員一覧,,\n\n出力日,2026/05/01,\n会員番号,氏名,メール\n1,佐藤,a@example.com\n"))
    assert rows(source) == [("1", "佐藤", "a@example.com")]
    assert source.place(0).endswith("row 5")
    assert "has its header in row 4" in str(source.notices[0])
    assert rows(one(csv(tmp_path, "sep=;\nid;mail\n1;a\n"))) == [("1", "a")]
    # One column, and a comma in a name: no title.
    refused(lambda: rows(one(csv(tmp_path, "name\nSato, Hanako, Dr\n"))), "3 columns where the header has 1")


def test_csv_of_a_database_writes_nulls_in_its_own_way(tmp_path: Path) -> None:
    assert rows(one(csv(tmp_path, 'id,name\n1,\\N\n2,"\\N"\n'))) == [("1", None), ("2", "\\N")]


def test_csv_with_another_delimiter(tmp_path: Path) -> None:
    path = csv(tmp_path, "id;mail\n1;a,b\n")
    assert rows(one(path, Model(sources=[Source("web", delimiter=";")]))) == [("1", "a,b")]


# Python data.


def test_what_one_step_makes_speak_arrow_comes_in(tmp_path: Path) -> None:
    polars = pytest.importorskip("polars")
    pandas = pytest.importorskip("pandas")
    dataset = pytest.importorskip("pyarrow.dataset")
    pq.write_table(TABLE, tmp_path / "web.parquet")
    kinds = {
        "lazy": polars.from_arrow(TABLE).lazy(),
        "dataset": dataset.dataset(tmp_path / "web.parquet"),
        "scanner": dataset.dataset(tmp_path / "web.parquet").scanner(),
        "columns": TABLE.to_pydict(),
        "dicts": TABLE.to_pylist(),
        "batches": [TABLE.slice(0, 1).to_batches()[0], TABLE.slice(1)],
        "generator": (TABLE.slice(row, 1) for row in range(3)),
        "path": tmp_path / "web.parquet",
        "text": str(tmp_path / "web.parquet"),
    }
    expected = rows(open_data(TABLE, Model())[0], "id", "mail")
    for source in open_data(kinds, Model()):
        assert rows(source, "id", "mail") == expected, source.name
    assert open_data(TABLE.to_pydict(), Model())[0].name == "data"
    assert open_data(tmp_path / "web.parquet", Model())[0].name == "web"
    # pandas lets numbers and texts stand in one column, as exports of phone numbers do.
    mixed = pandas.DataFrame({"tel": pandas.Series([9012345678, None, "090-1234-5678"], dtype=object)})
    assert rows(open_data(mixed, Model())[0]) == [("9012345678",), (None,), ("090-1234-5678",)]
    texts = pa.array(["a", "b"], pa.string_view())
    assert as_text(pa.DictionaryArray.from_arrays([1, None, 0], texts)).to_pylist() == ["b", None, "a"]


def test_anything_that_speaks_arrow_comes_in() -> None:
    duckdb = pytest.importorskip("duckdb")
    pandas = pytest.importorskip("pandas")
    polars = pytest.importorskip("polars")
    frame = pandas.DataFrame({"id": [1, 2, 3], "mail": ["a@example.com", None, "c@example.com"]}, index=[7, 8, 9])
    kinds = {
        "table": TABLE,
        "batch": TABLE.to_batches()[0],
        "reader": TABLE.to_reader(),
        "polars": polars.from_arrow(TABLE),
        "pandas": frame,
        "duckdb": duckdb.sql("select unnest([1, 2, 3]) id, unnest(['a@example.com', null, 'c@example.com']) mail"),
        "sliced": pa.concat_tables([TABLE, TABLE]).slice(3),
    }
    for source in open_data(kinds, Model()):
        assert "__index_level_0__" not in source.schema.names
        assert [tuple(row) for row in rows(source, "id", "mail")] == [
            (1, "a@example.com"),
            (2, None),
            (3, "c@example.com"),
        ]
        assert source.fingerprint() == [{"rows": 3}]
        assert source.place(0) == f"source '{source.name}', row 1"
        with pytest.raises(RuntimeError, match="read once"):
            next(source.batches(["id"]))
    assert open_data(TABLE, Model())[0].name == "data"
    assert open_data(TABLE, Model(sources=[Source("web")]))[0].name == "web"


def test_a_reader_that_gives_rows_once_is_read_once() -> None:
    asked = []

    def batches():
        asked.append(1)
        yield from TABLE.to_batches()

    (source,) = open_data(pa.RecordBatchReader.from_batches(TABLE.schema, batches()), Model())
    assert len(rows(source, "id")) == 3 and asked == [1]


def test_python_data_that_is_no_table() -> None:
    refused(lambda: open_data({}, Model()), "is empty")
    refused(lambda: open_data([SECRET], Model()), "source 'data' is list, which does not speak Arrow")
    refused(lambda: open_data({"id": [1, SECRET]}, Model()), "source 'data' is dict of mixed types")
    refused(lambda: open_data(None, Model()), "source 'data' is NoneType", "the path of a file")
    refused(lambda: open_data(pa.array([SECRET]), Model()), "is no table")
    refused(lambda: open_data({"a:b": TABLE}, Model()), "'a:b' cannot name a source")
    twice = pa.Table.from_arrays([pa.array([1]), pa.array([2])], ["a", "a"])
    refused(lambda: open_data(twice, Model()), "two columns 'a'")

    def failing():
        yield TABLE.to_batches()[0]
        raise OSError(SECRET)

    reader = pa.RecordBatchReader.from_batches(TABLE.schema, failing())
    refused(lambda: rows(open_data(reader, Model())[0]), "failed to deliver its rows after row 3")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_told_by_the_header(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "members.csv"
    rows = [["id", "name", "mail; or phone"], ["1", "Sato, Hanako", "a@x.jp"], ["2", "a;b|c", ""]]
    text = io.StringIO()
    writer(text, delimiter=delimiter).writerows(rows)
    path.write_text(text.getvalue())
    (batch,) = open_file(path).batches(["name", "mail; or phone"])
    assert batch.to_pydict() == {"name": ["Sato, Hanako", "a;b|c"], "mail; or phone": ["a@x.jp", None]}
    if delimiter != ",":
        assert open_file(path, delimiter=",").schema.names != rows[0]


def test_a_list_of_dicts_has_the_columns_of_all() -> None:
    rows = [{"record_id": "1", "email": "a@x.jp"}, {"record_id": "2", "phone": "090-1234-5678"}]
    for each in (rows, rows[::-1]):
        (source,) = open_data(each, Model())
        assert set(source.schema.names) == {"record_id", "email", "phone"}


def test_a_reader_is_no_two_sources_and_its_own_errors_come_through() -> None:
    reader = pa.table({"email": ["a@x.jp"]}).to_reader()
    with pytest.raises(InputError, match="are one reader"):
        open_data({"a": reader, "b": reader}, Model())

    def interrupted() -> Iterator[pa.Table]:
        yield pa.table({"email": ["a@x.jp"]})
        raise KeyboardInterrupt

    (source,) = open_data(interrupted(), Model())
    with pytest.raises(KeyboardInterrupt):
        list(source.batches(["email"]))


def test_a_value_in_the_place_of_a_path_or_in_a_query_is_not_shown() -> None:
    secret = "hanako.secret@gmail.com"
    query = pl.DataFrame({"email": [secret]}).lazy().with_columns(pl.col("email").cast(pl.Int64))
    for data in ({"email": secret}, query):
        with pytest.raises(InputError) as raised:
            open_data(data, Model())
        assert secret not in str(raised.value)


def test_what_is_no_regular_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(InputError, match="is no regular file"):
        open_inputs([str(tmp_path / "pipe.csv")], Model())
    with pytest.raises(ConfigError, match="cannot be read"):
        read_config("/dev/zero")


def test_the_fingerprint_is_of_what_is_read(tmp_path: Path) -> None:
    file = tmp_path / "web.csv"
    file.write_text("id,mail\n1,a@example.com\n")
    (source,) = open_inputs([str(file)], Model())
    list(source.batches(["mail"]))
    file.unlink()
    assert source.fingerprint()[0]["bytes"] == 24
