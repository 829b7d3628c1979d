"""What a source's own values tell of how they are written."""

import pyarrow as pa
import pytest

import enishi
from enishi import BirthDate, Model, Phone
from enishi.bind import bind
from enishi.dialect import as_written, preferred
from enishi.read import open_data

DAYS = [f"{day:02}.{month:02}.{1950 + day}" for day in range(1, 29) for month in (1, 6, 11)]


@pytest.mark.parametrize(
    ("dates", "order"),
    [
        (DAYS, "DMY"),
        (["/".join((date[3:5], date[:2], date[6:])) for date in DAYS], "MDY"),
        ([f"{date[6:]}-{date[3:5]}-{date[:2]}" for date in DAYS], "YMD"),
        ([f"{n}/{n}/1985" for n in range(1, 13)], "DMY"),  # which may be either
        (["3/14/85", "unknown", "N/A", "3/15/85", "3/16/85", "3/17/85", "3/18/85"], "MDY"),
        (["3/14/85", "3/15/85"], "YMD"),  # too few
        (["no", "dates", "at", "all", "here", "are"], "YMD"),
    ],
)
def test_the_order_of_dates(dates: list[str], order: str) -> None:
    read = preferred(BirthDate(), [pa.array(dates)])
    assert isinstance(read, BirthDate) and read.order == order


@pytest.mark.parametrize(
    ("numbers", "region"),
    [
        (["090-1234-5678", "03-3344-5566", "06-6789-1234", "080 1111 2222", "0120-123-456"], "JP"),
        (["(702) 555-0143", "617-253-1000", "512.471.3434", "2125551234", "303-555-0199"], "US"),
        (["020 7930 4832", "07911 123456", "0161 234 5000", "07400 123456", "0121 496 0321", "07712345678"], "GB"),
        (["0151 23456789", "+49 151 23456788", "030 901820", "0171 2345678", "0160 1234567", "089/1234567"], "DE"),
        (["06 12 34 56 78", "06.98.76.54.32", "+33 6 11 22 33 44", "01 42 68 53 00", "0612345679", "0745454545"], "FR"),
        (["-", "unknown", "n/a", "12", "x"], "JP"),
    ],
)
def test_the_region_of_numbers(numbers: list[str], region: str) -> None:
    read = preferred(Phone(), [pa.array(numbers)])
    assert isinstance(read, Phone) and read.region == region


def test_what_is_declared_stays() -> None:
    dates, numbers = pa.array(DAYS), pa.array(["(702) 555-0143", "617-253-1000", "512.471.3434", "2125551234"] * 3)
    for declared, values in (
        (BirthDate(order="MDY"), dates),
        (Phone(region="GB"), numbers),
        (Phone(generic=["0312345678"]), numbers),
    ):
        assert preferred(declared, [values]) == declared


def test_each_source_has_its_own() -> None:
    """Two lists of the same people, day first and month first, meet; both are said to be read so, in any layout."""
    days = [date.split(".") for date in DAYS]
    names = [f"{'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[i % 26]}nna{'bdfgklmnprst'[i % 12]}er" for i in range(len(days))]
    left = pa.table({"given_name": names, "surname": names[::-1], "dob": [".".join(d) for d in days]})
    right = pa.table({"given_name": names, "surname": names[::-1], "dob": [f"{m}/{d}/{y}" for d, m, y in days]})
    for swap in (1, -1):
        chunked = pa.Table.from_batches(right[::swap].to_batches(max_chunksize=7))
        views = chunked.cast(pa.schema([(name, pa.string_view()) for name in chunked.schema.names]))
        graph = enishi.resolve({"left": left, "right": views}, Model())
        ids = graph.customers["customer_id"].to_pylist()
        assert ids[: len(days)] == ids[len(days) :][::swap]
        said = [notice for notice in graph.summary["notices"] if "as its values tell" in notice]
        assert said == [
            "source 'left': 'birth_date' is read day first, as its values tell",
            "source 'right': 'birth_date' is read month first, as its values tell",
        ]


def test_a_stream_is_still_read_whole_and_once() -> None:
    table = pa.table({"dob": DAYS, "email": [f"u{i}@example.com" for i in range(len(DAYS))]})
    reader = pa.RecordBatchReader.from_batches(table.schema, iter(table.to_batches(max_chunksize=10)))
    graph = enishi.resolve(reader)
    assert graph.summary["records"] == len(DAYS)
    assert graph.summary["fields"]["birth_date"]["refused"] == {}


def test_hostile_values_tell_nothing() -> None:
    values = [b"\xff\xfe", b"", b"\0", None, b"1/" * 1_000_000, b"+" * 100, b"\xe5" * 9, "１／３１／１９８５".encode()]
    for field in (BirthDate(), Phone()):
        assert preferred(field, [pa.array(values, pa.binary())]) == field


def test_a_source_with_too_few_values_follows_the_others() -> None:
    """A watch list of two dates is read as the shop's dates are; one that is read well as it is, stays."""
    shop = pa.table({"email": [f"u{i}@example.com" for i in range(len(DAYS))], "dob": DAYS})
    few = pa.table({"email": ["u0@example.com", "u1@example.com"], "dob": DAYS[:2]})
    usual = pa.table({"email": ["u2@example.com"], "dob": ["1951-01-01"]})
    graph = enishi.resolve({"shop": shop, "few": few, "usual": usual})
    assert graph.summary["fields"]["birth_date"]["refused"] == {}
    said = [notice for notice in graph.summary["notices"] if "values tell" in notice]
    assert said == [
        "source 'shop': 'birth_date' is read day first, as its values tell",
        "source 'few': 'birth_date' is read day first, as the other sources' values tell",
    ]
    # Where the others do not agree, nobody is followed.
    dashes = pa.table({"email": shop["email"], "dob": ["/".join((d[3:5], d[:2], d[6:])) for d in DAYS]})
    graph = enishi.resolve({"shop": shop, "few": few, "other": dashes})
    assert sum("values tell" in notice for notice in graph.summary["notices"]) == 2


SSN = [f"{100 + 7 * i:03}-{i % 90 + 1:02}-{1000 + 37 * i:04}" for i in range(40)]


@pytest.mark.parametrize(
    ("written", "plain", "joined"),
    [
        (SSN, [number.replace("-", "") for number in SSN[:9]], True),
        ([number.replace("-", " ") for number in SSN], [SSN[0].replace("-", "")], True),
        # A shop and its customer: where one ends is not always the same place.
        ([f"{i}-{123456789 // i}"[:10] for i in range(1, 40)], ["123456789", "112345678"], False),
        (SSN, SSN[:9], False),  # nobody leaves them out
        (["j-smith", "a-jones", "123-45"], ["jsmith", "ajones", "12345"], False),
    ],
)
def test_separators_that_some_leave_out(written: list[str], plain: list[str], joined: bool) -> None:
    """Numbers of one field, in a source with separators and in one without, are the same numbers."""
    model = Model([enishi.Identifier(["ssn"], name="ssn")])
    sources = {"web": pa.table({"ssn": written}), "till": pa.table({"ssn": plain})}
    graph = enishi.resolve(sources, model)
    said = [notice for notice in graph.summary["notices"] if "values tell" in notice]
    assert len(said) == 2 * joined and all("'ssn' is read without its separators" in notice for notice in said)
    assert graph.summary["customers"] == len({*written, *plain}) - len(plain) * joined
    kept = Model([enishi.Identifier(["ssn"], name="ssn", keep_separators=True)])
    assert enishi.resolve(sources, kept).summary["customers"] == len({*written, *plain})


def test_numbers_of_another_country_are_found_by_their_calling_codes() -> None:
    # Well read as they are; those without a code are of the country of those with one.
    numbers = [f"+44 20 7946 0{i:03}" for i in range(90)] + [f"020 7946 0{i:03}" for i in range(10)]
    read = preferred(Phone(), [pa.array(numbers)])
    assert isinstance(read, Phone) and read.region == "GB"
    # A few customers from abroad do not make the others foreign.
    numbers = [f"090-1234-5{i:03}" for i in range(95)] + [f"+86 139 1234 567{i}" for i in range(5)]
    assert preferred(Phone(), [pa.array(numbers)]) == Phone()


def test_the_size_of_batches_tells_nothing() -> None:
    spelled = [f"{500 + i}-21-{2100 + i}" for i in range(8)]
    table = pa.table({"ssn": [*spelled * 5, *(each.replace("-", "") for each in spelled), "521-212123"]})
    found = set()
    for rows in (1, 3, 8, 1000):
        batches = pa.Table.from_batches(table.to_batches(max_chunksize=rows))
        bound = bind(Model(), {"data": table.schema})
        found.add(str(as_written(bound, open_data(batches, Model())).notices))
    assert len(found) == 1
