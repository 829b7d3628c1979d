from pathlib import Path

import pytest

from enishi.config import read_config, to_toml
from enishi.errors import ConfigError
from enishi.fields import (
    STANDARD_FIELDS,
    BirthDate,
    Column,
    DeviceId,
    Email,
    Identifier,
    LoyaltyCard,
    PaymentToken,
    PersonName,
    Phone,
)
from enishi.model import Model, Source


def read(directory: Path, text: str | bytes) -> Model:
    file = directory / "enishi.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_config(file)


def test_the_file_and_python_mean_the_same(tmp_path: Path) -> None:
    from_file = read(
        tmp_path,
        """
        rules = ["name & birth_date"]
        generic_limit = 30

        [fields.email]
        columns = "mail"
        generic = ["shop@example.com"]

        [fields.phone]
        columns = ["tel", "mobile"]
        region = "US"

        [fields.device_id]
        namespace = { column = "id_type" }
        hashed = ["md5"]

        [fields.card]
        kind = "loyalty_card"
        check_digit = "luhn"

        [fields.passport]
        kind = "identifier"
        keep_case = true

        [fields.payment_token]
        gateway = "adyen"
        tokenized = true

        [fields.name]
        family = "sei"

        [fields.birth_date]
        order = "MDY"

        [sources.web]
        path = "web/*.csv"
        record_id = "order_no"
        encoding = "cp932"

        [sources.web.columns]
        "メールアドレス" = "email"
        "x.y" = "passport"
        """,
    )
    in_python = Model(
        [
            Email("mail", generic="shop@example.com"),
            Phone(["tel", "mobile"], region="US"),
            DeviceId(namespace=Column("id_type"), hashed="md5"),
            LoyaltyCard(check_digit="luhn", name="card"),
            Identifier(name="passport", keep_case=True),
            PaymentToken(gateway="adyen", tokenized=True),
            PersonName(family="sei"),
            BirthDate(order="MDY"),
        ],
        sources=[
            Source(
                "web",
                path=str(tmp_path / "web/*.csv"),
                record_id="order_no",
                encoding="cp932",
                columns={"メールアドレス": "email", "x.y": "passport"},
            )
        ],
        rules=["name & birth_date"],
        generic_limit=30,
    )
    assert from_file == in_python
    assert from_file.digest() == in_python.digest()
    assert read(tmp_path, to_toml(in_python)) == in_python


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    hostile = 'a"b\\c\n#\x7f\x01\t☃'
    model = Model(
        [*STANDARD_FIELDS, Identifier([hostile], name="会員")],
        sources=[Source("店舗", columns={hostile: "email", "a.b": "ignore"}, delimiter=";")],
        rules=[],
    )
    notes = {"sources.店舗": "two\nlines", f"sources.店舗.columns.{hostile}": "from its values", "fields.email": "n"}
    text = to_toml(model, notes)
    assert "# two lines" in text
    assert read(tmp_path, text) == model
    assert read(tmp_path, "") == Model()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("feilds = 1", r"feilds: there is no option 'feilds'; did you mean 'fields'"),
        ("fields = 1", r"fields: must be tables, each headed \[fields\.NAME\]"),
        ("[[sources]]\npath = 'a'", r"sources: must be tables, each headed \[sources\.NAME\]"),
        ("[sources]\nweb = 'a.csv'", r"sources\.web: must be a table headed \[sources\.web\], not str"),
        ("[fields.phone]\nregoin = 'JP'", r"fields\.phone\.regoin: there is no option 'regoin'; did you mean 'region'"),
        ("[fields.phone]\nregion = 81", r"fields\.phone\.region: must be the two capital letters"),
        ("[fields.phone]\nname = 'x'", r"fields\.phone\.name: there is no option 'name'"),
        (
            "[fields.emial]",
            r"fields\.emial\.kind: there is no kind 'emial'; did you mean 'email'\?; a field of your own",
        ),
        ("[fields.card]\nkind = 3", r"fields\.card\.kind: there is no kind 3"),
        ("[fields.card]\nkind = ['email']", r"fields\.card\.kind: there is no kind \['email'\]"),
        ("[fields.ssn]\nkind = 'national_id'", "'national_id' is the name of a field, whose kind is 'identifier'"),
        ("[fields.email]\nmax_edits = '1'", r"fields\.email\.max_edits: must be a whole number, not str"),
        ("[fields.device_id]\nnamespace = { colum = 'x' }", r"fields\.device_id\.namespace\.colum: there is no option"),
        ("[fields.device_id]\nnamespace = { column = 1 }", r"fields\.device_id\.namespace\.column: must be a text"),
        ("[sources.web]\nrecordid = 'x'", r"sources\.web\.recordid: .*; did you mean 'record_id'"),
        ("[sources.web]\npath = 3", r"sources\.web\.path: must be a text that is not empty, not int"),
        ("[sources.web.columns]\nmail = 'emial'", r'sources\.web\.columns\."mail": .* did you mean \'email\''),
        ("[sources.web.columns]\nmail = ['email']", r'sources\.web\.columns\."mail": must be a text'),
        ("[sources.web]\nrules = []", r"sources\.web\.rules: rules belongs to the top of the file"),
        ("rules = ['name & dob']", r"rules\[0\]: there is no field 'dob'"),
        ("rules = 'name'", r"rules\[0\]: an attribute never links alone"),
        ("generic_limit = 1.5", r"generic_limit: must be a whole number, not float"),
        ("[fields.email]\n[fields.email]", r"enishi\.toml: is not TOML: .*line 2"),
        ("generic_limit = 1\ngeneric_limit = 2\n", r"enishi\.toml: is not TOML: .*line 2"),
        ("a = \n", r"enishi\.toml: is not TOML: .*line 1"),
        ("a = " + "[" * 5_000, r"enishi\.toml: has a number or a nesting that is too long"),
        ("generic_limit = " + "9" * 5_000, r"enishi\.toml: has a number or a nesting that is too long"),
        ("# 日本語".encode("cp932"), r"enishi\.toml: is not UTF-8"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, text: str | bytes, message: str) -> None:
    with pytest.raises(ConfigError, match=r"enishi\.toml: .*") as error:
        read(tmp_path, text)
    assert error.match(message)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent\.toml: there is no such file"):
        read_config(tmp_path / "absent.toml")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_config(tmp_path)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    assert read(tmp_path, b"\xef\xbb\xbfgeneric_limit = 3").generic_limit == 3
