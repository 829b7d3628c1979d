import csv
import os
import random
import re
import runpy
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import phonenumbers
import pyarrow as pa
import pytest
from phonenumbers import PhoneNumberType

from enishi._normalize import STATUSES, Normalizer, is_junk_phone, phone, phone_spelling
from enishi._phone_package import canonical
from reference import phone as twin

ROOT = Path(__file__).resolve().parents[1]
REGIONS = (
    *("JP", "US", "GB", "CN", "KR", "TW", "CA", "HK", "SG", "TH", "VN", "MY", "PH", "ID", "IN", "AU", "NZ", "MX"),
    *("DE", "FR", "IT", "ES", "NL", "BE", "LU", "AT", "CH", "PL", "CZ", "SE", "DK", "NO", "FI", "PT", "IE", "GR"),
)
HOME = REGIONS[:6]  # where most of the first users are; these are tested with more numbers
METADATA = {region: phonenumbers.PhoneMetadata.metadata_for_region(region) for region in REGIONS}
CODES = {region: str(plan.country_code) for region, plan in METADATA.items()}
ABROAD = {"KR": "001", "TW": "002", "SG": "001", "ID": "008"}  # where there are several prefixes and none is preferred
TYPES = [getattr(PhoneNumberType, name) for name in vars(PhoneNumberType) if name.isupper() and name != "UNKNOWN"]

# Numbers for each region in the agreement test; a release is checked with 1,000,000.
NUMBERS = int(os.environ.get("ENISHI_PHONE_NUMBERS", "0"))

TABLES = (ROOT / "csrc/enishi/phone_tables.hpp").read_text()
tables_version = re.search(r"phonenumbers (\S+),", TABLES)
assert tables_version
same_metadata = tables_version[1] == phonenumbers.__version__


def run(normalizer: Normalizer, values: list[bytes | None]) -> list[tuple[str | None, str]]:
    (validity, offsets, data), status = normalizer.canonicalize(pa.array(values, pa.binary()))
    column = pa.LargeStringArray.from_buffers(
        len(values), pa.py_buffer(offsets), pa.py_buffer(data), pa.py_buffer(validity)
    )
    return list(zip(column.to_pylist(), (STATUSES[code] for code in status), strict=True))


def resolved(values: list[bytes | None], region: str) -> list[tuple[str | None, str]]:
    """What a phone column comes out as: the kernel's answers, the package's where it says foreign."""
    answers = run(phone(region), values)
    foreign = [i for i, (_, status) in enumerate(answers) if status == "foreign"]
    for i, answer in zip(foreign, canonical([values[i] or b"" for i in foreign], region), strict=True):
        answers[i] = answer
    return answers


def package(number: str, region: str) -> tuple[str | None, str]:
    """The package alone: a person's number, a service's, or none."""
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None, "refused"
    kind = phonenumbers.number_type(parsed)
    if kind == PhoneNumberType.UNKNOWN:
        return None, "refused"
    if kind in twin.SERVICES:
        return None, "not_personal"
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164), "accepted"


def code_of(number: str, region: str) -> str:
    return str(phonenumbers.parse(number, region).country_code)


def random_numbers(region: str, count: int, seed: int) -> Iterator[str]:
    """Dialled digits: near valid numbers of every type, with every prefix, and any digits at all."""
    choose = random.Random(f"{seed} {region}")

    def digits(count: int) -> str:
        return "".join(choose.choices("0123456789", k=count))

    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[int(CODES[region])]
    examples = [phonenumbers.example_number_for_type(place, kind) for place in regions for kind in TYPES]
    nationals = [phonenumbers.national_significant_number(example) for example in examples if example]
    plan = METADATA[region]
    national_prefix = plan.national_prefix or ""
    international_prefix = ABROAD.get(region) or plan.preferred_international_prefix or plan.international_prefix
    heads = ["", national_prefix, "+", "+" + CODES[region], "+" + CODES[region] + national_prefix,
             CODES[region], international_prefix, international_prefix + CODES[region], "00" + CODES[region],
             "00", "000", "003768", "180020", "12", "17911", "08", "081", "0085", "+0"]  # fmt: skip
    weights = [20, 20, 4, 12, 3, 3, 1, 3, 3] + [1] * 10
    for _ in range(count):
        if choose.random() < 0.15:
            national = digits(choose.randrange(1, 16))
        else:
            national = choose.choice(nationals)
            kept = choose.randrange(len(national) + 1)
            length = len(national) + choose.choice([0] * 18 + [-1, 1])
            national = national[:kept] + digits(max(length - kept, 0))
        yield choose.choices(heads, weights)[0] + national


@pytest.mark.parametrize("region", REGIONS)
def test_random_numbers_agree_with_the_package(region: str) -> None:
    count = NUMBERS or (100_000 if region == "JP" else 20_000 if region in HOME else 4_000)
    numbers = list(random_numbers(region, count, seed=2))
    answers = run(phone(region), [number.encode() for number in numbers])
    statuses = Counter(status for _, status in answers)
    assert statuses["accepted"] > count / 10 and statuses["not_personal"] > count / 100, statuses
    assert statuses["impossible"] > count / 100 and statuses["malformed"] > count / 100, statuses
    different = 0
    overruled: Counter[str] = Counter()
    for number, (value, status) in zip(numbers, answers, strict=True):
        if status == "foreign":
            different += package(number, region)[1] != "refused" and code_of(number, region) in CODES.values()
            continue
        seen = status if status in ("accepted", "not_personal") else "refused"
        if (value, seen) == package(number, region):
            continue
        deliberate = status == "junk" or number.startswith("00")
        if deliberate and (value, status) == twin.phone(number.encode(), region):
            overruled["junk" if status == "junk" else "00"] += 1
        else:
            different += 1
    print(f"{region}: {count} numbers, {dict(statuses)}, overruled {dict(overruled)}, {different} different")
    # Another release of the package knows some ranges that the tables do not, and the other way round.
    assert different <= (0 if same_metadata else count // 500)


@pytest.mark.parametrize("region", REGIONS)
def test_refusals_agree_with_the_twin(region: str) -> None:
    numbers: list[bytes | None] = [
        number.encode() for number in random_numbers(region, 5_000 if region in HOME else 1_000, seed=3)
    ]
    answers = resolved(numbers, region)
    different = [a for n, a in zip(numbers, answers, strict=True) if a != twin.phone(n, region)]
    assert len(different) <= (0 if same_metadata else 10)


def test_every_japanese_range(shared_data: Path) -> None:
    choose = random.Random(5)
    kernel = phone("JP")
    with (shared_data / "vectors/phone/libphonenumber_81/ranges.csv").open() as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    rows = [{key.strip(): (value or "").strip() for key, value in row.items()} for row in rows]
    assert len(rows) > 900
    for row in rows:
        service = row["Tariff"] != "STANDARD_RATE" or row["Type"] == "UAN"
        for length in map(int, row["Length"].split(",")):
            for _ in range(20):
                national = re.sub(r"\[([^]]*)\]", lambda m: choose.choice(members(m[1])), row["Prefix"])
                national += "".join(choose.choices("0123456789", k=length - len(national)))
                expected = ("+81" + national, "accepted")
                if twin.junk(national):
                    expected = (None, "junk")
                elif service:
                    expected = (None, "not_personal")
                # Toll-free numbers that begin with 00 are dialled within Japan only, and as they stand.
                heads = ["", "+81"] if national.startswith("00") else ["", "0", "+81", "+810", "01081", "0081", "81"]
                for head in heads:
                    assert kernel.one((head + national).encode()) == expected, row["Prefix"]


def members(characters: str) -> list[str]:
    ranged = re.sub("(.)-(.)", lambda m: "".join(map(str, range(int(m[1]), int(m[2]) + 1))), characters)
    return list(ranged)


def test_examples_of_every_type(shared_data: Path) -> None:
    with (shared_data / "vectors/phone/libphonenumber_81/examples.csv").open() as file:
        for row in csv.DictReader(file, delimiter=";", skipinitialspace=True):
            kind, national = (row[key].strip() for key in (list(row)[1], list(row)[2]))
            _, status = phone().one(national.strip('"').encode())
            assert status == ("not_personal" if kind in ("TOLL_FREE", "PREMIUM_RATE", "UAN") else "accepted")


def test_short_codes(shared_data: Path) -> None:
    codes = ["110", "118", "119", "171", "177", "188", "189", "911", "999", "112", "#9110", "104", "115", "117"]
    for region in REGIONS:
        for code in codes:
            assert phone(region).one(code.encode())[1] in ("malformed", "impossible", "not_personal")


SAME = [
    "09012345678", "090-1234-5678", "090 1234 5678", "(090)1234-5678", "090.1234.5678", "090/1234/5678",
    "[090]1234 5678", " 090-1234-5678\t", "090-1234-5678\r\n", "9012345678", "9012345678.0", "+819012345678",
    "+81-90-1234-5678", "+81(0)90-1234-5678", "+81 (0) 90 1234 5678", "+81 090 1234 5678", "(+81)90-1234-5678",
    "++81 90 1234 5678", "81-90-1234-5678", "81090-1234-5678", "0081-90-1234-5678", "0081 090 1234 5678",
    "010-81-90-1234-5678", "+010-81-90-1234-5678", "０９０１２３４５６７８", "０９０－１２３４－５６７８",
    "０９０（１２３４）５６７８", "＋８１９０１２３４５６７８", "０９０ー１２３４ー５６７８",
    "090ｰ1234ｰ5678", "090‐1234‐5678", "090‑1234‑5678",
    "090–1234—5678", "090−1234−5678", "090―1234―5678", "090─1234─5678", "090・1234・5678",
    "090\u30001234\u30005678", "090\u00a01234\u00a05678", "\u202a+81 90-1234-5678\u202c", "\ufeff090-1234-5678",
    "090\u200b1234\u200b5678", "tel:090-1234-5678", "TEL 090-1234-5678", "℡090-1234-5678", "tel:+81-90-1234-5678",
    "携帯：090-1234-5678", "電話090-1234-5678", '="09012345678"', "'09012345678", "<090-1234-5678>",
    "090-1234-5678 ext. 12", "090-1234-5678 ext 12", "090-1234-5678x12", "090-1234-5678 X12", "090-1234-5678#12",
    "090-1234-5678 extension 12", "090-1234-5678;ext=12", "090-1234-5678,,12#", "090-1234-5678;12",
    "090-1234-5678 - 12#", "090-1234-5678 内線12", "090-1234-5678（内線：12）", "090-1234-5678（内）12",
    "090-1234-5678～9", "０９０－１２３４－５６７８ｘ１２", "090-1234-5678。",
]  # fmt: skip


@pytest.mark.parametrize("text", SAME)
def test_spellings_of_one_number(text: str) -> None:
    assert phone().one(text.encode()) == ("+819012345678", "accepted")
    assert twin.phone(text.encode()) == ("+819012345678", "accepted")


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("", "missing"), ("  ", "missing"), ("\u3000", "missing"), ("-", "missing"), ("null", "missing"),
        ("N/A", "missing"), ("なし", "missing"), ("不明", "missing"), ("ー", "missing"),
        ("abc", "malformed"), ("+", "malformed"), ("()", "malformed"), ("090", "malformed"), ("555-2368", "malformed"),
        ("090-xxxx-5678", "malformed"), ("090-1234-****", "malformed"), ("090****5678", "malformed"),
        ("1-800-FLOWERS", "malformed"), ("090a1234b5678", "malformed"), ("090-1234-5678 03-1234-5678", "malformed"),
        ("090-1234-5678 / 03-1234-5678", "malformed"), ("090-1234-5678(自宅)", "malformed"),
        ("090+12345678", "malformed"), ("090-1234-5678 ext", "malformed"), ("090-1234-5678x1234567890", "malformed"),
        ("٠٩٠١٢٣٤٥٦٧٨", "malformed"), ("taro09012345678@example.com", "malformed"), ("1" * 40 + "2", "malformed"),
        ("9.01234E+09", "spreadsheet"), ("8.19012E+11", "spreadsheet"), ("9e9", "spreadsheet"),
        ("0" * 251, "too_long"), ("090\x001234\x005678", "encoding"),
        ("090-0123-4567", "impossible"), ("+999 1234567", "impossible"), ("0490-123-456", "impossible"),
        ("0000000000", "junk"), ("090-0000-0000", "junk"), ("03-1111-1111", "junk"), ("0123456789", "junk"),
        ("1234567890", "junk"), ("9876543210", "junk"), ("1111111111", "junk"), ("0", "junk"),
        ("0120-123-456", "not_personal"), ("0120123456", "not_personal"), ("120123456", "not_personal"),
        ("0800-123-4567", "not_personal"), ("0570-012-345", "not_personal"), ("0990-123-456", "not_personal"),
        ("+81 120 123 456", "not_personal"), ("0077-7112", "not_personal"), ("+1 800 234 5678", "not_personal"),
        ("+55 11 23456789", "foreign"), ("0055 11 23456789", "foreign"), ("010 55 11 23456789", "foreign"),
    ],
)  # fmt: skip
def test_refusals(text: str, status: str) -> None:
    assert phone().one(text.encode()) == (None, status)
    if status != "foreign":
        assert twin.phone(text.encode()) == (None, status)


def test_all_mobile_codes_and_ip_telephony_of_japan() -> None:
    for code in ("060", "070", "080", "090", "050"):
        assert phone().one(f"{code}-1234-5678".encode()) == (f"+81{code[1:]}12345678", "accepted")
        status = "not_personal" if code == "080" else "impossible"  # 0800 is toll-free
        assert phone().one(f"{code}-0234-5678".encode()) == (None, status)


def test_numbers_of_other_known_countries() -> None:
    for text, value in [
        ("+1 (212) 555-2368", "+12125552368"), ("010-1-212-555-2368", "+12125552368"),
        ("001 212 555 2368", "+12125552368"), ("+1 416 555 2368", "+14165552368"),
        ("+44 (0)20 7946 0958", "+442079460958"), ("+86 139 1234 5678", "+8613912345678"),
        ("+82-(0)10-1234-5678", "+821012345678"), ("+886 912 345 679", "+886912345679"),
    ]:  # fmt: skip
        assert phone("JP").one(text.encode()) == (value, "accepted")


def test_spellings_that_the_package_reads() -> None:
    choose = random.Random(7)
    separators = ["", "-", " ", ".", "/", "(", ")", "－", "‐", "−", "ー", "\u3000", "（", "）", "［"]
    extensions = ["", "", "", " ext. 12", " x12", "#12", ";ext=12", " extn 3", ",12", ";12", "～3", " ｘ12", " int 5"]
    for region in REGIONS:
        kernel = phone(region)
        for number in random_numbers(region, 2_000 if region in HOME else 400, seed=11):
            if number.startswith("00"):
                continue
            wide = choose.random() < 0.3
            text = "".join(
                (chr(ord(c) + 0xFEE0) if wide else c) + (choose.choice(separators) if choose.random() < 0.3 else "")
                for c in number
            )
            text = choose.choice(["", "", "tel:", "電話 ", "("]) + text + choose.choice(extensions)
            value, status = kernel.one(text.encode())
            if status not in ("foreign", "junk"):
                seen = status if status in ("accepted", "not_personal") else "refused"
                assert (value, seen) == package(text, region) or not same_metadata


def test_hostile_values() -> None:
    choose = random.Random(13)
    pieces = [
        b"0", b"9", b"090", b"1234", b"5678", b"81", b"+", b"-", b" ", b"(", b"x", b"ext", b".0", b"e", b"#", b"~",
        b",", b";", b"\x00", b"\x80", b"\xff", b"\xe3\x83", "ー".encode(), "内線".encode(), "線".encode(),
        "０".encode(), "＋".encode(), "😀".encode(), "é".encode(), "e\u0301".encode(), "\u200b".encode(), "①".encode(),
        "。".encode(), "ﷺ".encode(), b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\t", b"\n", b"\x7f",
        "\x85".encode(), "ⅷ".encode(),
    ]  # fmt: skip
    values: list[bytes | None] = [None, b"", b"\x80", b"0" * 10_000_000, b" " * 10_000_000, "０".encode() * 1_000_000]
    values += [b"0" * n for n in (31, 32, 33, 63, 64, 65, 249, 250, 251)]
    values += [b"9012345678"[: n % 11] + b"1" * n for n in range(70)]
    values += [b"".join(choose.choices(pieces, k=choose.randrange(1, 9))) for _ in range(20_000)]
    values += [choose.choice(SAME).encode()[:: choose.choice([1, 1, -1])] + choose.choice(pieces) for _ in range(2_000)]
    for region in ("JP", "US"):
        answers = resolved(values, region)
        kernel = phone(region)
        for value, answer in zip(values, answers, strict=True):
            assert answer == twin.phone(value, region), value
            if value is not None:
                one = kernel.one(value)
                assert one == answer or one == (None, "foreign")
    spelled = run(phone_spelling(), values)
    assert spelled == [twin.spelling(value) for value in values]


def test_layouts() -> None:
    values = [
        None,
        "090-1234-5678",
        "",
        "0120-123-456",
        "０３－１２３４－５６７８",
        "+55 11 23456789",
        None,
        "0312345678 内線1",
    ]
    wanted = [None, "+819012345678", None, None, "+81312345678", None, None, "+81312345678"]
    for kind in (pa.string(), pa.large_string(), pa.string_view(), pa.binary()):
        array = pa.array(values, pa.string()).cast(kind)
        for start in range(len(values) + 1):
            (validity, offsets, data), status = phone().canonicalize(array.slice(start))
            column = pa.LargeStringArray.from_buffers(
                len(values) - start, pa.py_buffer(offsets), pa.py_buffer(data), pa.py_buffer(validity)
            )
            assert column.to_pylist() == wanted[start:] and len(status) == len(values) - start


def test_regions_without_a_plan_go_to_the_package() -> None:
    kernel = phone("BR")
    for text in ("11 2345-6789", "+55 11 23456789", "0055 11 23456789", "001 212 555 2368"):
        assert kernel.one(text.encode()) == (None, "foreign")
    assert kernel.one(b"+81 90 1234 5678") == ("+819012345678", "accepted")
    assert kernel.one(b"+81 120 123 456") == (None, "not_personal")
    assert kernel.one(b"030-xxxx-1234") == (None, "malformed")
    choose = random.Random(17)
    heads = ["0", "+55", "0055", "+33", "+81", "00", "+", ""]
    values: list[bytes | None] = [
        (choose.choice(heads) + str(choose.randrange(10 ** choose.randrange(1, 13)))).encode() for _ in range(1_000)
    ]
    values += [b"00000000", b"+55 30 11111111", b"11 23456789 x12", "１１ー２３４５６７８９".encode(), b"", b"\xff"]
    for region in ("BR", "AR", "RU", "ZA", "DE"):
        assert resolved(values, region) == [twin.phone(value, region) for value in values]
    with pytest.raises(ValueError, match="'XX' is not a region"):
        canonical([], "XX")


def test_junk() -> None:
    choose = random.Random(19)
    numbers = ["".join(choose.choices("01", k=choose.randrange(12))) for _ in range(5_000)]
    runs = "98765432109876543210", "01234567890123456789"
    numbers += [run[i:j] for run in runs for i in range(20) for j in range(i, 21)]
    for number in numbers:
        assert is_junk_phone(number.encode()) == (bool(number) and twin.junk(number))
    assert not is_junk_phone(b"9012345678")


@pytest.mark.skipif(not same_metadata, reason="the tables were generated from another release of phonenumbers")
def test_tables_are_what_the_generator_writes() -> None:
    assert runpy.run_path(str(ROOT / "csrc/generate_phone_tables.py"))["header"]() == TABLES
