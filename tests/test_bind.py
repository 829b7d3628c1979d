"""Which column feeds which field."""

import pyarrow as pa
import pytest

from enishi.bind import Bound, bind
from enishi.errors import InputError
from enishi.fields import (
    Address,
    BirthDate,
    Column,
    DeviceId,
    Email,
    Identifier,
    MaskedCard,
    PaymentToken,
    PersonName,
    Phone,
    Time,
)
from enishi.headers import guess_field, guess_fields, is_card_code
from enishi.model import Model, Source


def text(*columns: str) -> pa.Schema:
    return pa.schema([(column, pa.string()) for column in columns])


def fed(bound: Bound, source: int = 0) -> dict[str, str]:
    return {each.column: f"{each.field.name}.{each.part}" for each in bound.sources[source].columns}


@pytest.mark.parametrize(
    ("headers", "target"),
    [
        ("record_id RECORD_ID id rec_id unique_id", "record_id"),
        (
            "email mail E-Mail mail_address EMAIL_ADDRESS メールアドレス Eメール ﾒｰﾙｱﾄﾞﾚｽ customer_email email2",
            "email",
        ),
        ("hashed_email email_sha256", "hashed_email"),
        (
            "phone tel telephone phone_number PHONE_NUMBER mobile 携帯 電話番号 電話 TEL1 電話番号（携帯）",
            "phone",
        ),
        ("会員番号 会員ID loyalty_card card_no member_no point_card ポイントカード番号", "loyalty_card"),
        ("device_id idfa gaid adid cookie_id", "device_id"),
        ("payment_token token", "payment_token"),
        ("masked_card card_number_masked card_masked masked_pan", "masked_card"),
        ("user_email receipt_email", "email"),
        ("loyalty_no loyalty_card_number Kundenkarte club_card_no", "loyalty_card"),
        ("created tx_time event_timestamp Date EnrollDate OPTIN_TIME Anmeldedatum 受付日時 入会日 来店日", "time"),
        ("氏名 お名前 name full_name お客様氏名 会員名", "name"),
        ("姓 名字 苗字 family_name last_name lname primary_name_last surname sei", "family_name"),
        ("名 given_name first_name mei", "given_name"),
        ("氏名カナ フリガナ ふりがな 氏名(カナ)", "name_kana"),
        ("セイ 姓カナ family_name_kana", "family_name_kana"),
        ("メイ 名カナ given_name_kana", "given_name_kana"),
        ("birth_date dob date_of_birth birthday 生年月日 誕生日", "birth_date"),
        ("postcode zip zip_code postal_code 郵便番号 addr_postal_code Mailing-Zip", "postcode"),
        ("address 住所 address_1 ご住所 address_city", "address"),
        ("seen_at timestamp created_at 日時", "time"),
        ("お名前(姓) 氏名（姓） Nachname Cognome apellidos Cust_Last", "family_name"),
        ("お名前（名） Vorname Prénom First", "given_name"),
        ("フリガナ(セイ) 姓（フリガナ）", "family_name_kana"),
        ("〒 PLZ Billing_Zip codePostal", "postcode"),
        ("Straße Ort Billing_Street Home_Address1 dirección", "address"),
        ("Telefon Handy Phone# guest_phone Téléphone", "phone"),
        ("Geburtsdatum D.O.B. fecha_de_nacimiento", "birth_date"),
        ("Account_Name 会社名 employer customer_company", "company"),
        ("Passport_No. パスポート番号", "passport"),
        ("SSN 免許証番号", "national_id"),
        ("suffix", "name_suffix"),
        ("middle_name Midl_Name MiddleName", "middle_name"),
        ("sex gender Gender_Code 性別 お客様性別 Geschlecht", "sex"),
        ("cvv CVC security_code username user_id customer_id id2 address_id amount 名2 カード番号", None),
        ("shipping_address recipient_phone 收件人 수령인 parent_name Owner_Email", None),
        ("電子郵件 이메일 email_id Correo-e Thư_điện_tử Your_Email", "email"),
        ("手機 行動電話 휴대폰번호 SĐT Số_điện_thoại MSISDN Tel._Contacto Teléfono_Cliente No._HP", "phone"),
        ("성명 Họ_và_tên Tên_khách_hàng Nome_do_Cliente Nombre_del_Paciente 顧客姓名 PAX_NAME Nama_Lengkap", "name"),
        ("出生日期 생년월일 Ngày_sinh dt_nasc Tgl_Lahir Doğum_Tarihi F._Nac. Fødselsdato", "birth_date"),
        ("우편번호 郵遞區號 PIN_Code Kode_Pos PSČ", "postcode"),
        ("身分證字號 DNI/NIE cpf_cnpj Aadhaar_No soc_sec_id CCCD", "national_id"),
    ],
)
def test_usual_headers(headers: str, target: str | None) -> None:
    assert {header: guess_field(header) for header in headers.split()} == dict.fromkeys(headers.split(), target)


def test_card_verification_codes_are_known_by_their_header() -> None:
    for header in (
        "cvv",
        "CVV2",
        "cvc",
        "card_cvc",
        "cardSecurityCode",
        "Security Code",
        "暗証番号",
        "セキュリティコード",
    ):
        assert is_card_code(header)
    for header in ("email", "recvc", "postcode", "discount", "code", "description"):
        assert not is_card_code(header)


def test_without_a_config_headers_decide() -> None:
    schemas = {
        "web": text("id", "mail", "携帯", "電話番号", "氏名", "amount", "created_at"),
        "till": text("会員番号", "cvv", "purchase"),
        "log": text("purchase"),
    }
    bound = bind(Model(), schemas)
    assert fed(bound) == {"mail": "email.value", "携帯": "phone.value", "電話番号": "phone.value", "氏名": "name.full"}
    assert all(each.guessed for each in bound.sources[0].columns)
    assert (bound.sources[0].record_id, bound.sources[0].time) == ("id", "created_at")
    assert bound.sources[0].needed() == ("mail", "携帯", "電話番号", "氏名", "created_at", "id")
    assert [field.name for field in bound.model.fields] == ["email", "phone", "loyalty_card", "name", "time"]
    assert bound.model.rules == ()
    # What cannot be kept is not even part of a row's identity.
    assert bound.sources[1].record_id is None
    assert bound.sources[1].identity == ("会員番号", "purchase")
    assert bound.sources[1].needed() == ("会員番号", "purchase")
    notices = [str(notice) for notice in bound.notices]
    assert "source 'till', column 'cvv': is named like a card verification code and is not read" in notices
    assert any(notice.startswith("source 'till': has no column record_id") for notice in notices)
    assert any(notice.startswith("source 'log': has no column that feeds a field") for notice in notices)
    assert not any("mail" in notice for notice in notices)


def test_what_is_declared_goes_before_what_headers_say() -> None:
    schema = text("mail", "email", "tel", "mobile", "name", "dob", "full_name")
    source = Source("web", columns={"mail": "email", "name": "ignore"}, record_id="tel")
    bound = bind(Model([Email("email"), Phone("mobile"), PersonName(), BirthDate()], sources=[source]), {"web": schema})
    assert fed(bound) == {
        "mail": "email.value",
        "mobile": "phone.value",
        "full_name": "name.full",
        "dob": "birth_date.value",
    }
    assert bound.sources[0].record_id == "tel" and not bound.sources[0].record_id_guessed
    assert [each.guessed for each in bound.sources[0].columns] == [False, False, True, True]
    # Another source is bound by what the fields declare.
    other = bind(Model([Email("email")], sources=[source]), {"web": schema, "app": text("id", "email", "mail")})
    assert fed(other, 1) == {"email": "email.value"}


def test_headers_name_fields_that_are_not_standard_where_nothing_is_declared() -> None:
    schema = text("id", "passport_no", "company", "email")
    bound = bind(Model(), {"web": schema})
    assert fed(bound) == {"passport_no": "passport.value", "company": "company.value", "email": "email.value"}
    assert not bound.notices
    assert fed(bind(Model([Email()]), {"web": schema})) == {"email": "email.value"}


def test_fields_of_the_users_own_go_by_their_name() -> None:
    bound = bind(Model([Identifier(name="passport"), Identifier(name="tel")]), {"web": text("Passport", "TEL", "mail")})
    assert fed(bound) == {"Passport": "passport.value", "TEL": "tel.value"}
    recipient = PersonName(name="recipient")
    source = Source("web", columns={"a": "recipient.family_name", "b": "recipient", "c": "family_name"})
    bound = bind(Model([recipient], sources=[source]), {"web": text("id", "a", "b", "c")})
    assert fed(bound) == {"a": "recipient.family", "b": "recipient.full", "c": "name.family"}


def test_parts_and_namespaces() -> None:
    model = Model(
        [MaskedCard("card", expiry="exp"), DeviceId(), PaymentToken(gateway=Column("psp")), Address(["b", "a"])],
    )
    schema = text("a", "b", "card", "exp", "idfa", "gaid", "adid", "cookie_id", "device_id", "token", "psp")
    bound = bind(model, {"web": schema})
    columns = {each.column: (each.part, each.namespace) for each in bound.sources[0].columns}
    assert columns == {
        "card": ("value", None),
        "exp": ("expiry", None),
        "idfa": ("value", "idfa"),
        "gaid": ("value", "gaid"),
        "adid": ("value", "gaid"),
        "cookie_id": ("value", "cookie"),
        "device_id": ("value", None),
        "token": ("value", Column("psp")),
        "b": ("value", None),
        "a": ("value", None),
    }
    assert list(columns)[-2:] == ["b", "a"]
    assert "psp" in bound.sources[0].needed()
    assert [notice.column for notice in bound.notices if "namespace" in notice.text] == ["device_id"]
    declared = bind(Model([DeviceId(namespace="idfv")]), {"web": text("id", "idfa")})
    assert declared.sources[0].columns[0].namespace == "idfv"


def test_the_parts_of_an_address_are_one_address() -> None:
    parts = ("street_number", "street", "city", "都道府県", "市区町村", "番地")
    bound = bind(Model(), {"crm": text("id", *parts, "state", "country")})
    assert fed(bound) == dict.fromkeys(parts, "address.value")


def test_a_birth_date_may_stand_in_parts() -> None:
    whole = text("id", "birth_year", "birth_month", "birth_day")
    parts = {f"birth_{part}": f"birth_date.{part}" for part in ("year", "month", "day")}
    assert fed(bind(Model(), {"web": whole})) == parts
    # What an export derives from a birthday is no part of it, nor is a month alone a date.
    derived = text("id", "birthday", "birth_year", "birth_month")
    assert fed(bind(Model(), {"web": derived})) == {"birthday": "birth_date.value"}
    assert fed(bind(Model(), {"web": text("id", "mail", "誕生月")})) == {"mail": "email.value"}
    assert fed(bind(Model(), {"web": text("id", "mail", "birth_day")})) == {
        "mail": "email.value",
        "birth_day": "birth_date.value",
    }
    source = Source("web", columns={"y": "birth_year", "m": "birth_month", "d": "birth_day"})
    assert set(fed(bind(Model(sources=[source]), {"web": text("y", "m", "d")})).values()) == set(parts.values())
    declared = BirthDate(year="y", month="m", day="d", name="born")
    assert fed(bind(Model([declared]), {"web": text("y", "m", "d")}))["m"] == "born.month"
    with pytest.raises(InputError, match="'birth_date': map a column to birth_month and one to birth_day too"):
        bind(Model([BirthDate(year="y")]), {"web": text("y")})


def test_rules_without_their_columns_are_left_out_and_said_to_be() -> None:
    schema = {"web": text("id", "name", "dob")}
    bound = bind(Model(rules=["name & birth_date", "name & postcode"]), schema)
    assert bound.model.rules == ("name & birth_date",)
    assert [notice.text for notice in bound.notices] == [
        "the rule 'name & postcode' is left out: no column feeds all of its attributes"
    ]
    bound = bind(Model([PersonName(), Phone()]), schema)
    assert [notice.text for notice in bound.notices] == ["no column feeds the field 'phone'"]
    bound = bind(Model(sources=[Source("wbe")]), schema)
    assert [str(notice) for notice in bound.notices] == ["source 'wbe': is declared but not among the inputs"]


def test_one_time_a_record() -> None:
    assert bind(Model(), {"web": text("id", "mail", "created_at", "seen_at")}).sources[0].time == "seen_at"
    with pytest.raises(InputError, match="several columns for the time"):
        bind(Model([Email(), Time(["a", "b"])]), {"web": text("id", "mail", "a", "b")})


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (Model(sources=[Source("web", columns={"Mail": "email"})]), r"'web' has no column 'Mail'; did you mean 'mail'"),
        (
            Model(sources=[Source("web", record_id="order_nr")]),
            r"'web' has no column 'order_nr'; did you mean 'order_n",
        ),
        (
            Model([Phone(["tel", "moblie"])]),
            r"no source has the column 'moblie' of the field 'phone'; did you mean 'm",
        ),
        (
            Model([DeviceId("d", namespace=Column("kid"))]),
            r"'web' has no column 'kid' for 'device_id'; did you mean 'k",
        ),
        (Model([Identifier(name="passport")]), r"no column of any source is named like a field"),
        (Model([Identifier("cvv", name="x")]), r"column 'cvv' is named like a card verification code"),
        (Model([Email("mail")], sources=[Source("web", record_id="cvv")]), r"'cvv' is named like a card verification"),
        (Model([DeviceId("d", namespace=Column("cvv"))]), r"'cvv' is named like a card verification"),
        (Model(sources=[Source("web", columns={"cvv": "loyalty_card"})]), r"'cvv' is named like a card verification"),
        (Model([Email("list")]), r"source 'web', column 'list' is list<.*>, which the field 'email' cannot take"),
        (Model([Email("flag")]), r"column 'flag' is bool, which the field 'email' cannot take"),
        (Model([Email("number")]), r"column 'number' is int64, which the field 'email' cannot take"),
        (Model([Phone("day")]), r"column 'day' is date32\[day\], which the field 'phone' cannot take"),
        (Model([Email("mail"), Time("number")]), r"column 'number' is int64, which the field 'time' cannot take"),
        (Model([BirthDate("zoned")]), r"column 'zoned' is timestamp\[us, tz=Foo/Bar\], whose time zone is not known"),
    ],
)
def test_what_does_not_fit_is_refused(model: Model, message: str) -> None:
    schema = text("mail", "order_no", "tel", "mobile", "d", "kind", "cvv")
    schema = schema.append(pa.field("list", pa.list_(pa.string()))).append(pa.field("flag", pa.bool_()))
    schema = schema.append(pa.field("number", pa.int64())).append(pa.field("day", pa.date32()))
    schema = schema.append(pa.field("zoned", pa.timestamp("us", "Foo/Bar")))
    with pytest.raises(InputError, match=message):
        bind(model, {"web": schema})


@pytest.mark.parametrize(
    "data_type",
    [pa.large_string(), pa.string_view(), pa.binary(), pa.dictionary(pa.int8(), pa.string()), pa.null()],
)
def test_text_of_any_layout_feeds_any_field(data_type: pa.DataType) -> None:
    assert fed(bind(Model(), {"web": pa.schema([("id", pa.int64()), ("mail", data_type)])})) == {"mail": "email.value"}


def test_numbers_are_taken_with_a_warning() -> None:
    schema = pa.schema([("id", pa.int64()), ("tel", pa.int64()), ("会員番号", pa.float64()), ("dob", pa.date32())])
    bound = bind(Model(), {"web": schema})
    assert [str(notice) for notice in bound.notices] == [
        "source 'web', column 'tel': is a number (int64): leading zeros may be lost",
        "source 'web', column '会員番号': is a number (double): leading zeros may be lost",
    ]
    uuid = pa.schema([("id", pa.int64()), ("idfa", pa.uuid())])
    assert fed(bind(Model(), {"app": uuid})) == {"idfa": "device_id.value"}


def test_nested_columns_are_no_part_of_a_rows_identity() -> None:
    schema = text("mail").append(pa.field("basket", pa.list_(pa.int64())))
    bound = bind(Model(), {"web": schema})
    assert bound.sources[0].identity == ("mail",)
    assert any(notice.column == "basket" for notice in bound.notices)


# Headers of exports that shops know, and what each means; those left out are no field's.
EXPORTS = {
    "Shopify": (
        "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address Company,"
        "Default Address Address1,Default Address City,Default Address Zip,Default Address Phone,Phone,Note,Tags",
        "given_name family_name email company address address postcode phone phone",
    ),
    "Square": (
        "Reference ID,First Name,Last Name,Email Address,Phone Number,Nickname,Street Address 1,City,State,Postal Code,"
        "Birthday,Memo,Square Customer ID,Creation Source,Email Subscription Status",
        "given_name family_name email phone address address postcode birth_date",
    ),
    "Rakuten": (
        "注文番号,注文者名字,注文者名前,注文者名字フリガナ,注文者名前フリガナ,注文者メールアドレス,注文者住所：都道府県,"
        "注文者郵便番号1,注文者郵便番号2,送付先名字,送付先名前,送付先電話番号,商品名",
        "family_name given_name family_name_kana given_name_kana email address",
    ),
    "BASE": (
        "注文ID,氏(請求先),名(請求先),郵便番号(請求先),住所2(請求先),電話番号(請求先),氏(配送先),名(配送先),住所(配送先)",
        "family_name given_name postcode address phone",
    ),
    "Smaregi": (
        "会員コード,会員番号,ランク,姓,名,姓カナ,名カナ,性別,生年月日,携帯番号,メールアドレス2,配信許可,備考,PINコード",
        "loyalty_card family_name given_name family_name_kana given_name_kana sex birth_date phone email",
    ),
    "Salesforce": (
        "Salutation,FirstName,LastName,MobilePhone,AssistantPhone,AssistantName,MailingStreet,OwnerId,"
        "HasOptedOutOfEmail,Description",
        "given_name family_name phone address",
    ),
    "German": ("Kundennummer,Anrede,Name,Vorname,PLZ,Telefon privat,Telefax", "family_name given_name postcode phone"),
    "Spanish": ("Código cliente,Nombre,Apellidos,Población,Observaciones", "given_name family_name address"),
    "French": ("N° client,Nom,Prénom,Adresse e-mail,Tél. portable", "family_name given_name email phone"),
    "Italian": ("Codice cliente,Nome,Cognome,CAP,Codice fiscale", "given_name family_name postcode national_id"),
    "Polish": (
        "Imię,Nazwisko,Ulica,Miasto,Kod pocztowy,PESEL",
        "given_name family_name address address postcode national_id",
    ),
    "Swedish": ("Förnamn,Efternamn,Födelsedatum,Postnummer", "given_name family_name birth_date postcode"),
    "invoices in German": (
        "Rechnungsadresse Straße,Rechnungsadresse PLZ,Rechnungsadresse Ort,Lieferadresse PLZ",
        "address postcode address",
    ),
    "a voter register": (
        "res_street_address,res_city_desc,zip_code,full_phone_number,name_suffix_lbl,mail_addr1,mail_city",
        "address address postcode phone name_suffix address address",
    ),
}


@pytest.mark.parametrize(("headers", "targets"), EXPORTS.values(), ids=EXPORTS.keys())
def test_headers_of_exports(headers: str, targets: str) -> None:
    assert list(guess_fields(tuple(headers.split(","))).values()) == targets.split()


def test_flags_and_numbers_are_not_what_a_header_alone_tells() -> None:
    flag = bind(Model(), {"web": text("mail").append(pa.field("receipt_email", pa.bool_()))})
    assert fed(flag) == {"mail": "email.value"} and any(each.column == "receipt_email" for each in flag.notices)
    schema = text("mail").append(pa.field("created", pa.int64()))
    bound = bind(Model(), {"web": schema})
    assert bound.sources[0].time is None
    assert any(notice.column == "created" and "int64" in notice.text for notice in bound.notices)
    # Another column may be the time.
    assert bind(Model(), {"web": schema.append(pa.field("visited_at", pa.date32()))}).sources[0].time == "visited_at"


def test_columns_of_no_field_are_not_in_use_though_they_tell_records_apart() -> None:
    source = bind(Model(), {"web": text("mail", "basket", "created")}).sources[0]
    assert (source.used(), source.needed()) == (("mail", "created"), ("mail", "created", "basket"))


def test_what_says_too_little_alone_is_no_field() -> None:
    assert set(guess_fields(("masked_pan", "exp")).values()) == {"masked_card", "masked_card_expiry"}
    assert not guess_fields(("exp",))
    for header in ("Nom", "Nombre", "Nome", "CAP", "会員名義", "名(配送先)"):
        assert guess_fields((header, "amount")) == {}
    assert guess_fields(("Name", "Vorname", "Nachname"))["Name"] == "name"


def test_a_contact_is_a_name_beside_a_mail_or_a_phone() -> None:
    """Unless the names stand elsewhere: then it may be anything."""
    assert guess_fields(("id", "Contact", "Email", "Phone"))["Contact"] == "name"
    assert guess_fields(("Ansprechpartner", "Telefon"))["Ansprechpartner"] == "name"
    for headers in (("Contact",), ("Name", "Contact", "Email"), ("First Name", "Contact", "Email")):
        assert "Contact" not in guess_fields(headers)


def test_a_year_of_birth_alone_is_an_attribute() -> None:
    roll = pa.schema([("last_name", pa.string()), ("birth_year", pa.int64())])
    dated = pa.schema([("last_name", pa.string()), ("birth_year", pa.int64()), ("dob", pa.string())])
    whole = pa.schema([("birth_year", pa.int64()), ("birth_month", pa.int64()), ("day_of_birth", pa.int64())])
    bound = bind(Model(), {"roll": roll, "crm": dated, "club": whole})
    assert fed(bound)["birth_year"] == "year_of_birth.value"
    assert fed(bound, 1) == {"last_name": "name.family", "dob": "birth_date.value"}  # of which the year is a part
    assert fed(bound, 2)["birth_year"] == "birth_date.year"
    assert not any("year of birth" in str(each) for each in bound.notices)
    # Where fields are declared, these alone are read.
    declared = bind(Model([PersonName()]), {"roll": roll})
    assert any("'birth_year': is a year of birth without month and day" in str(each) for each in declared.notices)
    assert fed(declared) == {"last_name": "name.family"}


def test_a_source_without_names_and_identifiers_is_named() -> None:
    """Most of its headers say nothing here, or the configuration means another source."""
    strange, known = text("id", "kund_foretag", "gender", "city"), text("id", "last_name", "gender")
    notice = "source 'a': has neither a name nor an identifier, as others have: hardly any of its records can be linked"
    assert notice in map(str, bind(Model(), {"a": strange, "b": known}).notices)
    assert notice not in map(str, bind(Model(), {"a": strange}).notices)  # of places, not of people


def test_the_parts_of_a_name_may_be_called_by_one_word() -> None:
    assert guess_fields(("member", "given", "family", "birth")) == {
        "given": "given_name", "family": "family_name", "birth": "birth_date"
    }  # fmt: skip
    assert "given" not in guess_fields(("given", "amount")) and "family" not in guess_fields(("family", "brand"))
