"""The profile of inputs, and the configuration that it suggests."""

import random
from pathlib import Path

import pyarrow as pa
import pytest

from enishi.config import read_config
from enishi.fields import BirthDate, DeviceId, Email, LoyaltyCard, Phone
from enishi.model import Model, Source
from enishi.read import open_data, open_inputs

pytest.importorskip("enishi.profile", exc_type=ImportError)

from enishi.profile import ColumnProfile, Profile, profile, suggest


def look(data: object, model: Model | None = None, **options: bool) -> Profile:
    model = model or Model()
    return profile(open_data(data, model), model, **options)


def column(found: Profile, name: str, source: int = 0) -> ColumnProfile:
    return next(each for each in found.sources[source].columns if each.name == name)


def luhn(number: str) -> str:
    digits = [int(digit) for digit in reversed(number)]
    total = sum(sum(divmod(digit * 2, 10)) if i % 2 == 0 else digit for i, digit in enumerate(digits))
    return number + str(-total % 10)


def suggested(found: Profile, directory: Path) -> Model:
    file = directory / "enishi.toml"
    file.write_text(suggest(found))
    return read_config(file)


def test_columns_are_counted() -> None:
    table = pa.table(
        {
            "id": [1, 2, 3, 4],
            "mail": pa.chunked_array([["a@example.com", "a@example.com"], ["nobody", " "]]),
            "tel": pa.array(["090-1234-5679", None, "", "0120-117-117"]).dictionary_encode(),
            "basket": [[1], [2], [3], [4]],
            "vip": [True, False, True, None],
            "cvv": ["123"] * 4,
        }
    )
    found = look({"web": table})
    (source,) = found.sources
    assert source.rows == 4
    mail = column(found, "mail")
    assert (mail.rows, mail.filled, mail.distinct) == (4, 3, 2)
    assert (mail.target, mail.guessed_by, mail.refused) == ("email", "header", {"malformed": 1})
    tel = column(found, "tel")
    assert (tel.filled, tel.distinct, tel.refused) == (2, 2, {"not_personal": 1})
    assert (column(found, "vip").filled, column(found, "vip").target) == (3, None)
    # Neither nested columns nor card verification codes are read.
    assert column(found, "basket").distinct == column(found, "cvv").distinct == 0
    assert column(found, "id").target == "record_id"


def test_shared_values_are_named_by_their_keys() -> None:
    mails = ["noreply@example.com"] * 5 + ["kiosk.taro@example.com"] * 30 + [f"u{i}@example.com" for i in range(65)]
    table = pa.table({"mail": mails, "device_id": ["kiosk-taro-0001"] * 100})
    shared = column(look({"web": table}), "mail").shared
    assert [(each.records, each.listed, each.value) for each in shared] == [(5, True, None), (30, False, None)]
    assert all(len(each.key) == 32 for each in shared)
    assert "taro" not in repr(look({"web": table}))
    named = column(look({"web": table}, with_values=True), "mail").shared
    assert [each.value for each in named] == ["noreply@example.com", "kiosk.taro@example.com"]
    assert [each.key for each in named] == [each.key for each in shared]


def test_columns_without_a_telling_header_are_known_by_their_values() -> None:
    generator = random.Random(7)
    rows = range(200)
    table = pa.table(
        {
            "c1": [f"user{i}@example.com" for i in rows],
            "c2": [f"090{generator.randrange(10**7, 10**8):08d}" for _ in rows],
            "c3": [f"{generator.randrange(1940, 2005)}-{generator.randrange(1, 13):02d}-11" for _ in rows],
            "c4": [f"{generator.randrange(100, 999)}-{generator.randrange(10**4):04d}" for _ in rows],
            "c5": [f"{generator.randrange(50):08x}-aaaa-4aaa-8aaa-0123456789ab" for _ in rows],
            "ordered": [f"2026-{generator.randrange(1, 13):02d}-11" for _ in rows],
            "amount": [generator.randrange(100, 90000) for _ in rows],
            "seven": [f"{generator.randrange(10**7):07d}" for _ in rows],
            "order_no": [f"{generator.randrange(10**7):07d}{i:03d}" for i in rows],
            "note": ["x"] * 200,
            "empty": pa.nulls(200),
        }
    )
    found = look({"web": table})
    assert {each.name: each.target for each in found.sources[0].columns if each.target} == {
        "c1": "email",
        "c2": "phone",
        "c3": "birth_date",
        "c4": "postcode",
        "c5": "device_id",
        "order_no": "record_id",
    }
    assert column(found, "c1").guessed_by == "values"
    # Only fields that are asked for are looked for.
    assert {each.target for each in look({"web": table}, Model([Phone()])).sources[0].columns} == {
        "phone",
        "record_id",
        None,
    }


def test_a_suggestion_is_a_config_that_reads_back(tmp_path: Path) -> None:
    web = tmp_path / "web.csv"
    lines = [
        f"{i},m{i}@example.com,{luhn(f'29{i:09d}')},{i % 12 + 1}/{i % 28 + 1}/19{i % 60 + 30},x" for i in range(60)
    ]
    web.write_text("\n".join(["order,メール,会員番号,birthday,memo", *lines]), encoding="utf-8")
    phones = [f"(212) 736-{5000 + i}" for i in range(60)]
    app = tmp_path / "app.csv"
    app.write_text("\n".join(["record_id,tel,idfa", *(f"{i},{phone}," for i, phone in enumerate(phones))]))
    model = Model()
    text = suggest(profile(open_inputs([str(web), str(app)], model), model))
    assert "# by its header; 100% filled" in text and "# not used: order, memo" in text
    found = suggested(profile(open_inputs([str(web), str(app)], model), model), tmp_path)
    assert found.fields == (
        Email(),
        Phone(region="US"),
        DeviceId(),
        LoyaltyCard(check_digit="luhn"),
        BirthDate(order="MDY"),
    )
    assert found.rules == ()
    assert found.sources == (
        Source(
            "web",
            path=str(web),
            columns={"メール": "email", "会員番号": "loyalty_card", "birthday": "birth_date"},
        ),
        Source("app", path=str(app), record_id="record_id", columns={"tel": "phone", "idfa": "device_id"}),
    )
    assert [reader.name for reader in open_inputs([], found)] == ["web", "app"]


def test_what_is_declared_is_kept(tmp_path: Path) -> None:
    declared = Model(
        [Email(max_edits=0), LoyaltyCard("card")],
        sources=[Source("web", columns={"m": "email"}, encoding="cp932")],
        generic_limit=50,
    )
    cards = [luhn(f"29{i:09d}") for i in range(60)]
    found = look({"web": pa.table({"m": ["a@example.com"] * 60, "card": cards, "tel": ["x"] * 60})}, declared)
    assert column(found, "m").guessed_by is None
    again = suggested(found, tmp_path)
    assert again.fields == declared.fields and again.generic_limit == 50
    assert again.source("web").encoding == "cp932"
    assert again.source("web").columns == {"m": "email", "card": "loyalty_card"}


@pytest.mark.parametrize(
    "values",
    [
        [],
        [None],
        ["", " ", "　"],
        [b"\xff\xfe", b"\x00", b"\xc3"],
        ["x" * 10_000_000, "🎉" * 100],
        [1e300, float("nan")],
    ],
)
def test_hostile_and_empty_columns(values: list[object]) -> None:
    array = pa.array(values) if values else pa.array([], pa.string())
    found = look({"web": pa.table({"mail" if not pa.types.is_floating(array.type) else "tel": array, "c": array})})
    assert found.sources[0].rows == len(values)
    assert suggest(found)


def test_real_files(shared_data: Path, tmp_path: Path) -> None:
    inputs = [str(shared_data / "senzing_truthset" / f"{name}.csv") for name in ("customers", "reference", "watchlist")]
    found = profile(open_inputs(inputs, Model()), Model())
    mapped = {each.name: each.target for each in found.sources[0].columns if each.target}
    assert mapped["RECORD_ID"] == "record_id" and mapped["EMAIL_ADDRESS"] == "email"
    assert mapped["PHONE_NUMBER"] == "phone" and mapped["DATE_OF_BIRTH"] == "birth_date"
    assert suggested(found, tmp_path).sources[0].record_id == "RECORD_ID"
    febrl = profile(open_inputs([str(shared_data / "febrl" / "febrl3.csv")], Model()), Model())
    mapped = {each.name: each.target for each in febrl.sources[0].columns if each.target}
    assert mapped["given_name"] == "given_name" and mapped["rec_id"] == "record_id"


def test_values_are_read_as_a_run_reads_them() -> None:
    german = [f"0{30 + i % 7} {1234500 + i}" for i in range(40)] + [f"+49 30 {1234500 + i}" for i in range(10)]
    brazilian = [f"+55 11 2345{1000 + i}" for i in range(50)]
    dates = [f"{1 + i % 28:02}.{1 + i % 12:02}.{1950 + i}" for i in range(50)]
    found = look(pa.table({"telefon": german, "mobile": brazilian, "geburtsdatum": dates}))
    assert column(found, "telefon").refused.keys() <= {"impossible", "malformed"}
    assert sum(column(found, "telefon").refused.values()) < 20
    assert column(found, "mobile").refused == {} and column(found, "geburtsdatum").refused == {}
