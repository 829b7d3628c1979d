import pickle

import pytest

from enishi.errors import ConfigError
from enishi.fields import (
    STANDARD_FIELDS,
    Address,
    BirthDate,
    Column,
    DeviceId,
    Email,
    HashedEmail,
    Identifier,
    LoyaltyCard,
    MaskedCard,
    PaymentToken,
    PersonName,
    Phone,
    Time,
)
from enishi.model import Model, Source, rule_fields


def test_columns_are_kept_as_a_tuple_however_they_are_given() -> None:
    assert Email("mail") == Email(["mail"]) == Email(("mail",))
    assert PersonName("sei", ["mei"]).given == ("mei",)


def test_defaults_hold_together() -> None:
    assert [field.name for field in STANDARD_FIELDS] == [field.kind for field in STANDARD_FIELDS]
    assert LoyaltyCard(check_digit="luhn") == LoyaltyCard(check_digit="luhn", max_edits=1)
    assert LoyaltyCard() == LoyaltyCard(max_edits=0)
    assert LoyaltyCard(max_edits=1).max_edits == 1
    assert Model().rules == ("name & birth_date & postcode",)


def test_everything_declared_is_frozen_hashable_and_picklable() -> None:
    for field in (*STANDARD_FIELDS, Identifier(name="passport"), DeviceId(namespace=Column("kind"))):
        assert hash(field) == hash(pickle.loads(pickle.dumps(field)))
        with pytest.raises(AttributeError):
            field.name = "other"
    model = Model([Email()], sources=[Source("web", columns={"mail": "email"})])
    assert pickle.loads(pickle.dumps(model)) == model
    error = ConfigError("Phone.region", "wrong")
    assert str(pickle.loads(pickle.dumps(error))) == str(error) == "Phone.region: wrong"


@pytest.mark.parametrize(
    ("declare", "message"),
    [
        (lambda: Phone(region="jp"), r"Phone\.region: must be the two capital letters"),
        (lambda: Phone(region=81), r"Phone\.region: must be the two capital letters"),
        (lambda: Phone(3), r"Phone\.columns: must be a text or a list of texts, not int"),
        (lambda: Phone([""]), r"Phone\.columns\[0\]: must be a text that is not empty"),
        (lambda: Email(max_edits=3), r"Email\.max_edits: must be from 0 to 2"),
        (lambda: Email(max_edits=True), r"Email\.max_edits: must be a whole number, not bool"),
        (lambda: Email(name="e mail"), r"Email\.name: 'e mail' cannot name a field"),
        (lambda: Identifier(name="record_id"), r"Identifier\.name: 'record_id' cannot name a field"),
        (lambda: HashedEmail(recipe="uid3"), r"HashedEmail\.recipe: 'uid3' is not known; did you mean 'uid2'"),
        (lambda: DeviceId(hashed=["sha512"]), r"DeviceId\.hashed\[0\]: 'sha512' is not known; did you mean 'sha"),
        (lambda: DeviceId(namespace=""), r"DeviceId\.namespace: must be a text that is not empty"),
        (lambda: PaymentToken(tokenized="yes"), r"PaymentToken\.tokenized: must be true or false, not str"),
        (lambda: LoyaltyCard(check_digit="lun"), r"check_digit: 'lun' is not known; did you mean 'luhn'"),
        (lambda: LoyaltyCard(length=0), r"LoyaltyCard\.length: must be from 1 to 64"),
        (lambda: BirthDate(order="YDM"), r"BirthDate\.order: 'YDM' is not known"),
        (lambda: Source("a:b"), r"Source\.name: 'a:b' cannot name a source"),
        (lambda: Source("web", encoding="cp9999"), r"Source\.encoding: there is no encoding 'cp9999'"),
        (lambda: Source("web", delimiter=";;"), r"Source\.delimiter: must be one character"),
        (lambda: Source("web", columns=["mail"]), r"Source\.columns: must be a table of columns and fields, not list"),
        (lambda: Model(["email"]), r"Model\.fields\[0\]: must be a Field, not str"),
        (lambda: Model(Email()), r"Model\.fields: must be a list of Field, not Email"),
        (lambda: Model([Email(), Email("mail2")]), r"Model\.fields: two of them are the field 'email'"),
        (lambda: Model([PersonName(), Identifier(name="family_name")]), r"two of them are the field 'family_name'"),
        (lambda: Model(sources=[Source("a"), Source("a")]), r"Model\.sources: two of them are the source 'a'"),
        (lambda: Model(generic_limit=0), r"Model\.generic_limit: must be 1 or more"),
        (lambda: Model(rules=["name"]), r"Model\.rules\[0\]: an attribute never links alone"),
        (lambda: Model(rules=["name & name"]), r"Model\.rules\[0\]: an attribute never links alone"),
        (lambda: Model(rules=["name & email"]), r"'email' is not an attribute"),
        (lambda: Model(rules=["name & birthdate"]), r"no field 'birthdate'; did you mean 'birth_date'"),
        (lambda: Model([PersonName()], rules=["name & birth_date"]), r"no field 'birth_date'; known: name"),
        (lambda: Model(sources=[Source("a", columns={"x": "record_id"})]), r"by the source's option record_id"),
    ],
)
def test_a_wrong_option_is_refused_where_it_stands(declare, message) -> None:
    with pytest.raises(ConfigError, match=message):
        declare()


def test_a_source_may_name_standard_fields_that_are_not_declared() -> None:
    source = Source("web", columns={"mail": "email", "sei": "family_name", "exp": "masked_card_expiry", "x": "ignore"})
    assert Model([Phone()], sources=[source]).source("web") == source
    assert Model([Phone()], sources=[source]).source("app") == Source("app")
    other = PersonName(name="recipient")
    model = Model([other], sources=[Source("web", columns={"a": "recipient.family_name", "b": "recipient"})])
    assert model.known_fields()[0].name == "recipient"
    assert MaskedCard().targets() == {"masked_card": "value", "masked_card_expiry": "expiry"}


def test_rules_are_kept_in_one_spelling() -> None:
    assert Model(rules=[" name&birth_date "]).rules == ("name & birth_date",)
    assert Model(rules=[]).rules == ()
    assert rule_fields("name & postcode") == ("name", "postcode")
    mapped = Source("web", columns={"dob": "birth_date"})
    assert Model([PersonName()], sources=[mapped], rules=["name & birth_date"]).rules == ("name & birth_date",)


def test_the_digest_is_that_of_the_meaning() -> None:
    here = Model([Email("mail")], sources=[Source("web", path="a/web.csv", columns={"a": "email", "b": "phone"})])
    there = Model([Email(["mail"])], sources=[Source("web", path="b/web.csv", columns={"b": "phone", "a": "email"})])
    assert here.digest() == there.digest()
    assert len({here.digest(), Model().digest(), Model([Address()]).digest(), Model([Time()]).digest()}) == 4
    assert Model([DeviceId(namespace="a")]).digest() != Model([DeviceId(namespace=Column("a"))]).digest()


def test_shift_jis_is_read_as_what_windows_calls_so() -> None:
    assert Source("a", encoding="Shift_JIS").encoding == Source("a", encoding="cp932").encoding == "cp932"


def test_values_listed_as_generic_stay_out_of_messages() -> None:
    with pytest.raises(ConfigError) as error:
        Email(generic=["taro@example.com", 7])
    assert "taro" not in str(error.value)
