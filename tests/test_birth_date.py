import csv
import datetime
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enishi import _normalize
from kernel_checks import assembled, hostile
from reference.birth_date import birth_date as twin
from reference.columns import HOSTILE, HUGE, assert_agree

PIECES = [
    *"0123456789", "19", "85", "04", "1985", "2000", "19850409", "1900", "1970", "9999", "-", "/", ".", " ", ",", "T",
    "12:30", "00:00:00", ".000", "Z", "+09:00", " AM", "M", "T", "S", "H", "R", "明治", "大正", "昭和", "平成", "令和",
    "昭", "元", "年", "月", "日", "生", "生まれ", "六十", "四", "九", "十", "〇", "５", "／", "−", "ー", "Mar", "sept",
    "April", "e+07", "不明", "\u3000",
]  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("1985-04-09", "1985-04-09"),
        ("19850409", "1985-04-09"),
        ("1985/4/9", "1985-04-09"),
        ("1985.04.09", "1985-04-09"),
        ("1985 4 9", "1985-04-09"),
        ("１９８５／０４／０９", "1985-04-09"),
        ("1985−04−09", "1985-04-09"),
        ("1985年4月9日", "1985-04-09"),
        ("1985年 4月 9日生まれ", "1985-04-09"),
        ("一九八五年四月九日", "1985-04-09"),
        ("昭和60年4月9日", "1985-04-09"),
        ("昭和六十年四月九日", "1985-04-09"),
        ("昭和６０．４．９", "1985-04-09"),
        ("昭60.4.9", "1985-04-09"),
        ("㍼60年4月9日", "1985-04-09"),
        ("S60.4.9", "1985-04-09"),
        ("s.60.4.9", "1985-04-09"),
        ("S60/04/09", "1985-04-09"),
        ("S60-04-09", "1985-04-09"),
        ("S600409", "1985-04-09"),
        ("令和元年5月1日", "2019-05-01"),
        ("H元.1.8", "1989-01-08"),
        ("明治45年7月30日", "1912-07-30"),
        ("大正元年7月30日", "1912-07-30"),
        ("T15.12.25", "1926-12-25"),
        ("1985-04-09T00:00:00", "1985-04-09"),
        ("1985-04-09 00:00:00", "1985-04-09"),
        ("1985-04-09T15:00:00.000Z", "1985-04-09"),
        ("1985/04/09 0:00", "1985-04-09"),
        ("19850409.0", "1985-04-09"),
        ("9 Apr 1985", "1985-04-09"),
        ("09-APR-1985", "1985-04-09"),
        ("09apr1985", "1985-04-09"),
        ("April 9, 1985", "1985-04-09"),
        ("2000-02-29", "2000-02-29"),
        ("1980-01-01", "1980-01-01"),
        ("2000-01-01", "2000-01-01"),
    ],
)
def test_forms(raw: str, expected: str) -> None:
    for order in ("YMD", "DMY", "MDY"):
        assert _normalize.birth_date(order=order).one(raw.encode()) == (expected, "accepted")
        assert twin(raw.encode(), order) == (expected, "accepted")


@pytest.mark.parametrize(
    ("raw", "order", "expected"),
    [
        ("9/4/1985", "DMY", "1985-04-09"),
        ("4/9/1985", "MDY", "1985-04-09"),
        ("09.04.1985", "DMY", "1985-04-09"),
        ("09041985", "DMY", "1985-04-09"),
        ("04091985", "MDY", "1985-04-09"),
        ("19101912", "DMY", "1912-10-19"),
        ("12/11/1978 00:00:00", "MDY", "1978-12-11"),
        ("12/11/1978 12:00:00 AM", "DMY", "1978-11-12"),
        ("25/4/1985", "MDY", "1985-04-25"),  # no month is above 12
        ("4/25/1985", "DMY", "1985-04-25"),
        ("25041985", "MDY", "1985-04-25"),
    ],
)
def test_declared_orders(raw: str, order: str, expected: str) -> None:
    assert _normalize.birth_date(order=order).one(raw.encode()) == (expected, "accepted")
    assert twin(raw.encode(), order) == (expected, "accepted")


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        ("", "missing"),
        ("不明", "missing"),
        ("N/A", "missing"),
        ("    /  /  ", "missing"),
        ("年 月 日", "missing"),
        ("9/4/1985", "malformed"),
        ("85-04-09", "malformed"),
        ("1985", "malformed"),
        ("1985-04", "malformed"),
        ("198504", "malformed"),
        ("1985-04-09x", "malformed"),
        ("1985-04-09T", "malformed"),
        ("1985-04-09 25:00", "malformed"),
        ("9 Foo 1985", "malformed"),
        ("X60.4.9", "malformed"),
        ("1985年4月9日頃", "malformed"),
        ("1.985E+07", "spreadsheet"),
        ("1985-02-30", "impossible"),
        ("1985-13-01", "impossible"),
        ("1985-00-00", "impossible"),
        ("1900-02-29", "impossible"),
        ("1879-12-31", "impossible"),
        ("2027-01-01", "impossible"),
        ("平成31年5月1日", "impossible"),
        ("昭和64年1月8日", "impossible"),
        ("昭和0年1月8日", "impossible"),
        ("明治5年12月2日", "impossible"),
        ("1900-01-01", "placeholder"),
        ("1899-12-31", "placeholder"),
        ("1899/12/30", "placeholder"),
        ("1970-01-01T00:00:00Z", "placeholder"),
        ("0001-01-01", "placeholder"),
        ("9999-12-31", "placeholder"),
        ("0000-00-00", "placeholder"),
        ("99999999", "placeholder"),
        ("0", "placeholder"),
        ("M33.1.1", "placeholder"),
        ("1985-04-\x0009", "encoding"),
        ("1985-04-09" + "0" * 250, "too_long"),
    ],
)
def test_refusals(raw: str, status: str) -> None:
    assert _normalize.birth_date(max_year=2026).one(raw.encode()) == (None, status)
    assert twin(raw.encode(), max_year=2026) == (None, status)


def test_the_years_are_options() -> None:
    assert _normalize.birth_date(min_year=1500).one(b"1564-04-26") == ("1564-04-26", "accepted")
    year = datetime.date.today().year
    assert _normalize.birth_date().one(f"{year}-01-01".encode())[1] == "accepted"
    assert _normalize.birth_date().one(f"{year + 2}-01-01".encode())[1] == "impossible"
    with pytest.raises(ValueError, match="order is one of YMD, DMY, MDY"):
        _normalize.birth_date(order="DYM")


def test_every_day_in_every_form() -> None:
    day = datetime.date(1873, 1, 1)
    year_first, day_first = _normalize.birth_date(min_year=1800), _normalize.birth_date(order="DMY", min_year=1800)
    while day.year < 2030:
        iso = day.isoformat()
        for text in (f"{day:%Y%m%d}", f"{day.year}/{day.month}/{day.day}", f"{day.year}年{day.month}月{day.day}日"):
            answer = year_first.one(text.encode())
            assert answer[0] == (iso if answer[1] == "accepted" else None)
            assert answer[1] == "accepted" or day.year > 2025 or answer[1] == "placeholder"
        assert day_first.one(f"{day:%d%m%Y}".encode()) == day_first.one(iso.encode())
        day += datetime.timedelta(days=1)


@pytest.mark.parametrize("order", ["YMD", "DMY", "MDY"])
def test_agrees_with_its_twin(order: str) -> None:
    normalizer = _normalize.birth_date(order=order, max_year=2026)

    def ordered_twin(raw: bytes | None) -> tuple[str | None, str]:
        return twin(raw, order, max_year=2026)

    assert_agree(normalizer, ordered_twin, assembled(PIECES, 10_000, seed=1))
    forms = [["19", "20", "18", ""], ["85", "04", "4"], ["-", "/", ".", " ", ""], ["4", "12", "31", "09"]]
    forms += [["-", "/", ".", ""], ["9", "31", "1985", "85", "00"], ["", " 00:00", "T1:00:00Z", ".0"]]
    columns = [assembled(parts, 10_000, seed=i, longest=1) for i, parts in enumerate(forms)]
    assert_agree(normalizer, ordered_twin, [b"".join(parts) for parts in zip(*columns, strict=True)])
    assert_agree(normalizer, ordered_twin, list(hostile(2, b"1985-04-09")))
    assert_agree(normalizer, ordered_twin, HUGE)


@given(st.lists(st.sampled_from(PIECES), max_size=9).map("".join))
def test_agrees_on_what_hypothesis_finds(text: str) -> None:
    assert _normalize.birth_date(max_year=2026).one(text.encode()) == twin(text.encode(), max_year=2026)


def test_columns_in_every_layout() -> None:
    values = ["1985-04-09", "昭和60年4月9日", "1985-02-30", "1985-04-09T00:00:00.000Z", "9 Apr 1985"]
    assert_agree(_normalize.birth_date(max_year=9999), twin, [None, *(value.encode() for value in values), *HOSTILE])


def _statuses(normalizer: _normalize.Normalizer, dates: list[str]) -> Counter[str]:
    return Counter(normalizer.one(date.encode())[1] for date in dates)


def _column(path: Path, name: str) -> list[str]:
    with path.open(newline="", encoding="utf-8") as file:
        return [row[name] for row in csv.DictReader(file)]


@pytest.mark.shared_data
def test_real_dates_parse(shared_data: Path) -> None:
    for file in ("febrl1", "febrl2", "febrl3", "febrl4a", "febrl4b"):
        dates = _column(shared_data / "febrl" / f"{file}.csv", "date_of_birth")
        counts = _statuses(_normalize.birth_date(), dates)
        # Febrl's errors break a digit here and there; nothing else may be refused.
        assert set(counts) <= {"accepted", "missing", "impossible"}
        assert counts["missing"] == dates.count("")
        assert counts["impossible"] < len(dates) * 0.1
    dates = _column(shared_data / "splink" / "fake_1000.csv", "dob")
    # Its typos put eight births in the future.
    assert _statuses(_normalize.birth_date(max_year=2026), dates) == {"accepted": 992, "impossible": 8}

    people = pq.read_table(shared_data / "splink" / "historical_figures_with_errors_50k.parquet")
    dates = [date for date in people["dob"].to_pylist() if date]
    counts = _statuses(_normalize.birth_date(min_year=1), dates)
    assert counts["accepted"] > len(dates) * 0.92  # the rest are months and days that errors made impossible
    assert counts["malformed"] == sum(date.startswith("-") for date in dates)  # before Christ

    with (shared_data / "rldata" / "RLdata10000.csv").open(newline="", encoding="utf-8") as file:
        dates = [f"{row['by']}-{row['bm']}-{row['bd']}" for row in csv.DictReader(file)]
    assert set(_statuses(_normalize.birth_date(), dates)) <= {"accepted", "impossible"}


@pytest.mark.shared_data
def test_mixed_orders_are_read_where_they_show(shared_data: Path) -> None:
    """Senzing's dates mix day/month, month/day, month names and two-digit years."""
    dates = [
        date
        for file in ("customers", "reference", "watchlist")
        for date in _column(shared_data / "senzing_truthset" / f"{file}.csv", "DATE_OF_BIRTH")
        if date
    ]
    normalizer = _normalize.birth_date(order="MDY", max_year=2026)
    counts = _statuses(normalizer, dates)
    assert set(counts) == {"accepted"}
    assert normalizer.one(b"20/8/1991") == ("1991-08-20", "accepted")
    assert normalizer.one(b"3/1/70") == ("1970-03-01", "accepted")
    assert normalizer.one(b"2/4/31") == ("1931-02-04", "accepted")
    assert normalizer.one(b"24-May-11") == ("2011-05-24", "accepted")
    assert normalizer.one(b"Mar 1 1970") == ("1970-03-01", "accepted")
