"""What the graph promises its users, on the smallest data that could break it."""

import random
from itertools import permutations
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import enishi
from enishi import DeviceId, Email, HashedEmail, Identifier, LoyaltyCard, Model, PaymentToken, Phone
from enishi._normalize import sha256

MANY = 20_000
DEVICE = "6d92078a-8246-4ba4-ae5b-76104861e7dc"
MODEL_OF_PEOPLE = Model([*enishi.fields.STANDARD_FIELDS, Identifier(name="login")])
MODEL = Model(
    [
        Email(),
        HashedEmail(),
        Phone(),
        DeviceId(namespace="idfa"),
        PaymentToken(),
        LoyaltyCard(check_digit="luhn"),
        Identifier(name="login"),
    ]
)
SHARED = {
    "email": "everybody.here@example.jp",
    "hashed_email": sha256(b"everybody.here@example.jp"),
    "phone": "090-1234-5670",
    "device_id": DEVICE,
    "payment_token": "tok_default_card",
    "loyalty_card": "4111111111111111",
    "login": "kiosk",
}
# For each field another in which the same records differ, so that there is something to fall into groups.
OTHER = {name: "phone" if name != "phone" else "email" for name in SHARED}


def distinct(name: str, start: int = 0) -> list[str]:
    """Values of a field that no two records share."""
    numbers = range(start, start + MANY)
    match name:
        case "email":
            return [f"user{n:05}@example.jp" for n in numbers]
        case "phone":
            return [f"080-{n // 10_000 + 2000:04}-{n % 10_000:04}" for n in numbers]
        case "payment_token":
            return [f"tok_{n:09}" for n in numbers]
    raise ValueError(name)


def customers(graph: enishi.CustomerGraph) -> list[int]:
    return [int(i) for i in graph.customers["customer_id"].to_pylist()]


def partition(table: pa.Table, model: Model | None = None, **options: Any) -> list[set[str]]:
    graph = enishi.resolve(table, model, **options)
    found: dict[int, set[str]] = {}
    for record, customer in zip(graph.customers["record_id"].to_pylist(), customers(graph), strict=True):
        found.setdefault(customer, set()).add(record)
    return sorted(found.values(), key=min)


def people(*rows: dict[str, str | None]) -> pa.Table:
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: pa.array([row.get(name) for row in rows], pa.string()) for name in names}
    return pa.table({"record_id": [str(n + 1) for n in range(len(rows))], **columns})


# Worlds made to break the promises: who is who is known, and different people must stay apart.

CHAIN = 10_000
HOME = {"family_name": "佐藤", "postcode": "150-0001", "address": "東京都渋谷区神南1-2-3"}
FAMILY_VALUES = {
    "phone": "03-3123-4567",
    "device_id": DEVICE,
    "loyalty_card": "4111111111111111",
    "payment_token": "tok_family_card_0001",
}
FAMILIES = {
    "couple": ({"given_name": "花子", "birth_date": "1980-01-01"}, {"given_name": "太郎", "birth_date": "1978-11-23"}),
    "twins": ({"given_name": "一郎", "birth_date": "2001-05-06"}, {"given_name": "二郎", "birth_date": "2001-05-06"}),
    "father and son": (
        {"given_name": "健太", "birth_date": "1970-03-04"},
        {"given_name": "健一", "birth_date": "1998-07-15"},
    ),
}
Rows = list[dict[str, str | None]]


def person(number: int) -> dict[str, str | None]:
    """Somebody whom name and birth date tell from everybody else."""
    rng = random.Random(number)
    born = f"{rng.randint(1940, 2005)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
    given = "".join(chr(rng.randint(0x4E00, 0x9FA0)) for _ in range(2))
    return {"family_name": rng.choice("林森原谷"), "given_name": given, "birth_date": born}


def device(number: int) -> str:
    return f"{number:08x}-8246-4ba4-ae5b-76104861e7dc"


def merged(rows: Rows, who: list[int], model: Model | None = None, **options: Any) -> int:
    """How many people too many stand in one customer with others."""
    people_of: dict[int, set[int]] = {}
    graph = enishi.resolve(people(*rows), model, **options)
    for customer, somebody in zip(customers(graph), who, strict=True):
        people_of.setdefault(customer, set()).add(somebody)
    return sum(len(each) - 1 for each in people_of.values())


def family(name: str, *, own: bool, seed: int) -> tuple[Rows, list[int]]:
    """Eight records of two people who share phone, card, tablet and token; some have emails of their own."""
    rows = [
        (HOME | FAMILY_VALUES | member | ({"email": f"member.number{i}@example.jp"} if own and k % 2 == 0 else {}), i)
        for k in range(4)
        for i, member in enumerate(FAMILIES[name])
    ]
    random.Random(seed).shuffle(rows)
    return [row for row, _ in rows], [i for _, i in rows]


def bridged(left: dict[str, str | None], right: dict[str, str | None], at: tuple[int, int]) -> tuple[Rows, list[int]]:
    """Two dense groups of sixty and forty records, one device of which stands in both."""
    rows: Rows = [{"email": "left.person@example.jp", "login": "left"} for _ in range(60)]
    rows += [{"email": "right.person@example.jp", "login": "right"} for _ in range(40)]
    rows[at[0]] |= left
    rows[at[1]] |= right
    for end in (3, 77):
        rows[end] = rows[end] | {"device_id": DEVICE}
    return rows, [0] * 60 + [1] * 40


# 1. Order-free.


def test_the_order_of_columns_that_feed_one_identifier_decides_nothing() -> None:
    call = pa.table(
        {
            "record_id": ["c26", "c47"],
            "given_name": ["Hans Peter", "민수"],
            "birth_date": ["1985-04-25", None],
            "phone": ["090-1234-5678", "+81 90 1234 5679"],
            "mobile": ["+81 90 1234 5679", "03-3111-0009"],
        }
    )
    till = pa.table(
        {
            "record_id": ["t53", "t54", "t56"],
            "mobile": ["09012345678", "03-3111-0009", "+81 90 1234 5678"],
            "birth_date": ["1980-02-29", "1985-04-25", "1985-04-25"],
        }
    )
    found = set()
    for names in permutations(call.column_names):
        graph = enishi.resolve({"till": till, "call": call.select(list(names))}, match="off")
        found.add(tuple(graph.customers["customer_id"].to_pylist()))
    assert len(found) == 1


def test_any_order_of_adversarial_records_gives_the_same_ids() -> None:
    rows: Rows = []
    for i, name in enumerate(FAMILIES):
        for row in family(name, own=i != 1, seed=0)[0]:
            # Another family's home: the values differ, the names do not.
            rows.append(
                row | {"phone": f"03-3123-456{i}", "device_id": device(i), "payment_token": f"tok_family_{i:05}"}
            )
    rows += bridged(person(1), person(2), (9, 88))[0][::4]
    rows += [{"phone": "090-1234-5678", **person(n // 3)} for n in range(9)] + [{"phone": "090-1234-5678"}] * 3
    rows += [{"email": f"customer.{letter}@example.jp", "postcode": "150-0001"} for letter in "abcdefgh"]
    whole = people(*rows)
    expected: dict[str, int] | None = None
    for seed in range(100):
        rng = random.Random(seed)
        table = whole.take(rng.sample(range(len(rows)), len(rows)))
        batches = pa.Table.from_batches(table.to_batches(max_chunksize=rng.choice([1, 7, 1000])), table.schema)
        graph = enishi.resolve(batches, MODEL_OF_PEOPLE, threads=1)
        found = dict(zip(graph.customers["record_id"].to_pylist(), customers(graph), strict=True))
        assert expected is None or found == expected
        expected = found


# 2. Shared values do no harm.


def test_a_test_account_with_everybodys_address_joins_nobody() -> None:
    count = 3000
    people_rows: Rows = [
        {"email": f"user.number{n}@example.jp", "phone": f"080-2000-{n:04}", "login": f"login{n}"} for n in range(count)
    ]
    for kept in (("email",), ("email", "phone")):
        account: Rows = [{name: row[name] for name in kept} | {"login": "test"} for row in people_rows]
        graph = enishi.resolve(people(*people_rows, *account), MODEL_OF_PEOPLE)
        ids = customers(graph)
        assert graph.summary["customers"] == count and ids[:count] == ids[count:]
        assert graph.summary["fields"]["login"]["generic"]["values"] == 1


@pytest.mark.parametrize("name", SHARED)
def test_one_value_on_many_records_joins_nobody_and_is_named(name: str) -> None:
    other = OTHER[name]
    table = pa.table({"record_id": range(MANY), name: [SHARED[name]] * MANY, other: distinct(other)})
    graph = enishi.resolve(table, MODEL, threads=1)
    assert graph.summary["customers"] == MANY
    generic = graph.summary["fields"][name]["generic"]
    assert (generic["values"], generic["records"]) == (1, MANY)
    assert generic["largest"][0]["records"] == generic["largest"][0]["groups"] == MANY
    node = graph.identifiers.filter(graph.identifiers["generic"]).to_pylist()
    assert generic["largest"][0]["key"] in {each["key"].hex() for each in node}
    assert {each["records"] for each in node} == {MANY} and {each["customer_id"] for each in node} == {None}


def test_an_address_and_its_hash_on_many_records_join_nobody() -> None:
    address, digest = SHARED["email"], SHARED["hashed_email"]
    columns: dict[str, list[str | None]] = {"email": [address] * MANY, "phone": list(distinct("phone"))}
    columns["email"][-5:] = [None] * 5
    columns["hashed_email"] = [None] * (MANY - 5) + [digest] * 5
    graph = enishi.resolve(pa.table({"record_id": range(MANY), **columns}), MODEL)
    assert graph.summary["customers"] == MANY
    assert graph.summary["fields"]["email"]["generic"]["values"] == 1
    assert graph.summary["fields"]["hashed_email"]["generic"]["records"] == MANY


def test_all_together_on_many_records_join_nobody() -> None:
    columns = {name: [value] * MANY for name, value in SHARED.items()}
    columns["phone_2"] = distinct("phone")
    columns["family_name"] = [f"family {n}" for n in range(MANY)]
    columns["given_name"] = [f"given {n}" for n in range(MANY)]
    columns["token_2"] = distinct("payment_token")
    fields = [each for each in MODEL.fields if each.kind not in ("phone", "payment_token")]
    fields += [Phone(["phone", "phone_2"]), PaymentToken(["payment_token", "token_2"]), enishi.PersonName()]
    graph = enishi.resolve(pa.table({"record_id": range(MANY), **columns}), Model(fields))
    assert graph.summary["customers"] == MANY
    for name in SHARED:
        assert graph.summary["fields"][name]["generic"]["values"] == 1, name


def test_two_shared_values_do_not_hide_each_other() -> None:
    """A kiosk's device and its default card, and nothing but an email beside them."""
    columns = {"email": distinct("email"), "device_id": [DEVICE] * MANY, "payment_token": ["tok_default"] * MANY}
    graph = enishi.resolve(pa.table({"record_id": range(MANY), **columns}), MODEL)
    assert graph.summary["customers"] == MANY
    # A good customer's card and email stand on many records too, with a browser that drops its cookies.
    cookies = [f"GA1.2.{n % 40}.17000000" for n in range(MANY)]
    columns = {"email": ["one@example.jp"] * MANY, "payment_token": ["tok_mine"] * MANY, "device_id": cookies}
    graph = enishi.resolve(pa.table({"record_id": range(MANY), **columns}))
    assert graph.summary["customers"] == 1


def test_a_generic_value_joins_no_household_to_its_neighbors() -> None:
    """Only the shared value is left out: what people share beside it still joins them."""
    count = 3000
    emails = [f"user{n // 3:05}@example.jp" for n in range(count)]
    table = pa.table({"record_id": range(count), "email": emails, "device_id": [DEVICE] * count})
    graph = enishi.resolve(table, MODEL)
    assert graph.summary["sizes"] == {"3": count // 3}


def test_a_value_under_the_limit_joins() -> None:
    for count, limit, expected in ((9, 20, 1), (21, 20, 21), (3, 2, 3), (2, 2, 1)):
        table = pa.table({"record_id": range(count), "email": distinct("email")[:count], "login": ["x"] * count})
        model = Model([Email(max_edits=0), Identifier(name="login")], generic_limit=limit)
        assert enishi.resolve(table, model).summary["customers"] == expected


def test_listed_and_junk_values_join_nobody() -> None:
    table = people(*[{"email": "noreply@example.jp", "phone": "0120-123-456", "device_id": "0" * 32}] * 3)
    graph = enishi.resolve(table)
    assert graph.summary["customers"] == 3
    assert graph.summary["fields"]["email"]["generic"]["listed"] == 1
    assert graph.summary["fields"]["phone"]["refused"] == {"not_personal": 3}
    assert graph.summary["fields"]["device_id"]["refused"] == {"junk": 3}


def test_a_card_with_many_purchases_is_good() -> None:
    purchases = {"payment_token": ["tok_good_customer"] * 5000, "loyalty_card": ["4111111111111111"] * 5000}
    for names in (["payment_token"], ["loyalty_card"], ["payment_token", "loyalty_card"]):
        table = pa.table({"record_id": range(5000), **{name: purchases[name] for name in names}})
        graph = enishi.resolve(table, MODEL)
        assert graph.summary["sizes"] == {"5000": 1}
        # The same from forty shops.
        shops = {f"shop {n:02}": table.slice(n * 125, 125) for n in range(40)}
        assert enishi.resolve(shops, MODEL).summary["sizes"] == {"5000": 1}


def test_a_default_card_with_a_slip_joins_nobody() -> None:
    """Its one correction is somebody's card."""
    slip = ["4111111111111112"] * 3000
    table = pa.table(
        {"record_id": range(3001), "loyalty_card": [*slip, "4111111111111111"], "phone": distinct("phone")[:3001]}
    )
    graph = enishi.resolve(table, MODEL)
    assert graph.summary["customers"] == 3001 and graph.summary["fields"]["loyalty_card"]["generic"]["values"] == 1


# 4. A household is not a person.


def test_a_household_is_not_a_person() -> None:
    home = {"phone": "03-3123-4567", "postcode": "150-0001", "address": "東京都渋谷区神南1-2-3", "device_id": DEVICE}
    hanako = {"family_name": "佐藤", "given_name": "花子", "birth_date": "1980-01-01", **home}
    taro = {"family_name": "佐藤", "given_name": "太郎", "birth_date": "1978-11-23", **home}
    assert partition(people(hanako, taro, hanako, taro)) == [{"1", "3"}, {"2", "4"}]
    # Twins, and a father and son of one name.
    jiro = taro | {"given_name": "二郎"}
    assert partition(people(taro, jiro)) == [{"1"}, {"2"}]
    son = {**taro, "given_name": "次郎", "birth_date": "2008-04-01"}
    assert partition(people(taro, son)) == [{"1"}, {"2"}]


def test_a_mailbox_that_a_mother_shares_with_her_daughter_joins_neither_to_the_other() -> None:
    """Their names are one letter apart, and what another record of the daughter does not say opposes nobody."""
    home = {"family_name": "Kusha", "email": "kusha@example.com"}
    mary = home | {"given_name": "Mary", "birth_date": "1976-10-27"}
    mara = home | {"given_name": "Mara", "birth_date": "1997-09-28"}
    silent = {"email": "kusha@example.com"}
    for exact in (False, True):
        assert not any({"1", "2"} <= each for each in partition(people(mary, mara, silent), exact=exact))
    slips = [mary | {"given_name": "Marry"}, mary | {"birth_date": "1977-01-27"}]
    for slip in slips:
        assert partition(people(mary, slip, silent)) == [{"1", "2", "3"}]


@pytest.mark.parametrize("dated", [False, True])
def test_landlines_among_mobile_phones_join_no_couple(dated: bool) -> None:
    """Few numbers are a family's; that they are, those tell who give birth dates, and it holds for who gives none."""
    rng = random.Random(3)
    names = ["花子", "太郎", "健一", "美咲", "翔", "陽子", "隆", "桜", "誠", "恵"]
    rows: list[dict[str, str | None]] = []
    for i in range(300):
        one = {"family_name": f"森{i}", "given_name": rng.choice(names), "phone": f"090-2345-{i:04}"}
        rows += [one, one | {"family_name": None}]
    for i in range(31):
        home = {"family_name": f"林{i}", "phone": f"03-3456-{i:04}"}
        for given, year in zip(rng.sample(names, 2), (1940 + i, 1971 + i % 9), strict=True):
            born = f"{year}-{rng.randint(1, 12):02}-{i % 28 + 1:02}" if dated and i else None
            rows.append(home | {"given_name": given, "birth_date": born})
    found = partition(people(*rows), exact=True)
    couple = {str(len(rows) - 61), str(len(rows) - 60)}  # of the first family, whose birth dates nobody knows
    assert any(couple <= each for each in found) == (not dated)
    assert sum(len(each) > 1 for each in found) == 300 + (0 if dated else 31)


@pytest.mark.parametrize(("kind", "shared", "apart"), [("email", 50, True), ("email", 20, False), ("ssn", 20, True)])
@pytest.mark.parametrize("born", [None, "1950-01-27"])
def test_where_many_values_have_two_names_these_tell_people_apart(
    kind: str, shared: int, apart: bool, born: str | None
) -> None:
    """Unless birth dates say that who bears both names is one person, whose name is taken down by ear."""
    value = {"email": "user{}@shop.jp", "ssn": "521-21-{:04}"}[kind].format
    rows: list[dict[str, str | None]] = []
    for i in range(300):
        one = {"family_name": f"森{i}", "given_name": "花子", kind: value(i)}
        rows += [one, one | {"family_name": None}]
    for i in range(shared):
        home = {"family_name": f"林{i}", kind: value(5000 + i), "birth_date": born}
        rows += [home | {"given_name": "陽子"}, home | {"given_name": "太郎"}]
    assert sum(len(each) > 1 for each in partition(people(*rows), exact=True)) == 300 + (
        0 if apart and not born else shared
    )


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_that_shares_everything_stays_apart(name: str, own: bool) -> None:
    for seed in range(10):
        rows, who = family(name, own=own, seed=seed)
        assert merged(rows, who) == merged(rows, who, exact=True) == 0
        assert len(partition(people(*rows))) == 2


def test_a_family_whose_records_show_different_identifiers_stays_apart() -> None:
    for seed in range(60):
        rng = random.Random(seed)
        rows, who = family(rng.choice(list(FAMILIES)), own=True, seed=seed)
        for row in rows:
            row |= {name: None for name in (*FAMILY_VALUES, "email", "address", "postcode") if rng.random() < 0.4}
        assert merged(rows, who) == 0


@pytest.mark.parametrize(("ends", "at"), [
    ((person(1), person(2)), (3, 77)),  # the records of the bridge are named
    ((person(1), person(2)), (9, 88)),  # others of their groups are
])  # fmt: skip
def test_a_bridge_between_two_dense_groups_of_two_people_holds_nothing(
    ends: tuple[dict[str, str | None], dict[str, str | None]], at: tuple[int, int]
) -> None:
    rows, who = bridged(*ends, at)
    graph = enishi.resolve(people(*rows), MODEL_OF_PEOPLE)
    assert graph.summary["sizes"] == {"40": 1, "60": 1}
    assert merged(rows, who, MODEL_OF_PEOPLE) == 0


def test_a_chain_of_people_who_each_share_with_the_next_is_cut_everywhere() -> None:
    """Each record carries its own device and the next one's: ten thousand people, one connected component."""
    rows = [{"device": device(n), "tablet": device(n + 1), **person(n)} for n in range(CHAIN)]
    model = Model([DeviceId(["device", "tablet"]), enishi.PersonName(), enishi.BirthDate()])
    graph = enishi.resolve(people(*rows), model)
    apart = graph.summary["contested_values"] + graph.summary["weak_bridges"]
    assert graph.summary["customers"] == CHAIN and apart == CHAIN - 1
    assert graph.summary["health"]["cut"] == {"groups": 1, "customers": CHAIN, "largest": [CHAIN]}


def test_a_phone_recycled_between_strangers_joins_none_of_them() -> None:
    phone: dict[str, str | None] = {"phone": "090-1234-5678"}
    rows: Rows = []
    who: list[int] = []
    for n in range(4):
        owner = phone | person(n) | {"email": f"owner.number{n}@example.jp"}
        # An owner's records that give no name still have the email; nobody knows whose the bare ones are.
        rows += [owner, owner, phone | {"email": owner["email"]}]
        who += [n] * 3
    rows += [phone] * 2
    who += [4, 5]
    for match in ("off", "auto"):
        assert merged(rows, who, match=match) == 0
        assert len(partition(people(*rows), match=match)) == 6


def test_a_misread_date_or_name_is_one_person() -> None:
    hanako = {"family_name": "佐藤", "given_name": "花子", "birth_date": "1980-02-11", "email": "h@example.jp"}
    for slip in (
        {"birth_date": "1980-11-02"},
        {"birth_date": "1980-02-12"},
        {"given_name": "華子"},
        {"birth_date": None},
    ):
        assert partition(people(hanako, hanako | slip)) == [{"1", "2"}]


# 5. Machine-made values never match by resemblance; typed ones need support.


def test_machine_made_values_do_not_match_by_resemblance() -> None:
    near = DEVICE[:-1] + "d"
    same = {"family_name": "佐藤", "given_name": "花子", "postcode": "150-0001"}
    assert partition(people({"device_id": DEVICE, **same}, {"device_id": near, **same})) == [{"1"}, {"2"}]
    tokens = [{"payment_token": f"tok_00000000{n}", **same} for n in (1, 2)]
    assert partition(people(*tokens)) == [{"1"}, {"2"}]


@pytest.mark.parametrize(("name", "left", "right"), [
    ("email", "hanako.sato@example.jp", "hanako.satp@example.jp"),
    ("email", "hanako@gmial.com", "hanako@gmail.com"),
    ("phone", "090-1234-5678", "090-1234-5687"),
])  # fmt: skip
def test_a_misspelling_needs_support_and_no_conflict(name: str, left: str, right: str) -> None:
    hanako = {"family_name": "佐藤", "given_name": "花子"}
    for support, expected in (
        ({}, [{"1"}, {"2"}]),
        (hanako, [{"1", "2"}]),
        ({"birth_date": "1980-01-01"}, [{"1", "2"}]),
        ({"postcode": "150-0001"}, [{"1", "2"}]),
    ):
        rows = people({name: left, **support}, {name: right, **support})
        assert partition(rows) == expected
        assert partition(rows, exact=True) == [{"1"}, {"2"}]
    stranger = {"family_name": "佐藤", "given_name": "太郎", "postcode": "150-0001"}
    assert partition(people({name: left, **hanako, "postcode": "150-0001"}, {name: right, **stranger})) == [
        {"1"},
        {"2"},
    ]


def test_a_value_with_two_equally_good_corrections_is_left_alone() -> None:
    same = {"family_name": "佐藤", "given_name": "花子"}
    emails = ["hanaka@example.jp", "hanako@example.jp", "hanakb@example.jp"]
    rows = people(*({"email": email, **same} for email in emails))
    graph = enishi.resolve(rows, match="off")
    assert graph.summary["customers"] == 3 and graph.summary["near"]["email"]["ambiguous"] == 3


def test_neighbors_by_chance_are_counted_and_not_listed() -> None:
    """Numbers that lie dense have more neighbors than anybody reads."""
    few, many = (
        people(*({"phone": f"090-1{n // 10_000:03}-{n % 10_000:04}"} for n in range(size))) for size in (200, 20_000)
    )
    listed, dense = (enishi.resolve(rows, match="off") for rows in (few, many))
    counts = listed.summary["near"]["phone"]
    assert listed.refused is not None and listed.refused.num_rows == counts["unsupported"] > 0 == counts["unlisted"]
    counts = dense.summary["near"]["phone"]
    assert counts["unlisted"] == counts["unsupported"] == counts["candidates"] > 100_000
    assert dense.refused is not None and dense.refused.num_rows == 0 and dense.summary["refused"] == {}


def test_a_chain_of_spellings_each_one_slip_from_the_next_joins_nobody() -> None:
    """Every link of it has support, and none is the only one."""
    letters = ["".join("abcdefghij"[int(digit)] for digit in f"{n:04}") for n in range(CHAIN)]
    for rows in (
        [{"email": f"customer.{each}@example.jp", "postcode": "150-0001"} for each in letters],
        [{"email": f"customer.{each}@example.jp", "family_name": "田中", "given_name": "太郎"} for each in letters],
        [{"phone": f"090-1000-{n:04}", "postcode": "150-0001"} for n in range(CHAIN)],
    ):
        graph = enishi.resolve(people(*rows))
        assert graph.summary["customers"] == CHAIN
        assert {reason for reasons in graph.summary["refused"].values() for reason in reasons} == {"ambiguous"}


def test_values_that_are_nearly_the_same_by_construction_never_meet() -> None:
    model = Model([Identifier(["a", "b"], name="login"), Identifier(name="member"), PaymentToken(), DeviceId()])
    fields: dict[str, str | None] = dict.fromkeys(["a", "b", "member", "payment_token", "device_id"])
    apart: list[tuple[dict[str, str | None], dict[str, str | None]]] = [
        ({"a": "ab", "b": "c"}, {"a": "a", "b": "bc"}),
        ({"a": "12345"}, {"member": "12345"}),
        ({"a": "1"}, {"a": "01"}),
        ({"a": "rn"}, {"a": "m"}),
        ({"a": "l0"}, {"a": "1o"}),
        ({"payment_token": "tok_aBcDeFgH0001"}, {"payment_token": "tok_abcdefgh0001"}),
        ({"device_id": device(1)}, {"device_id": device(2)}),
        ({"a": "12345"}, {"payment_token": "12345"}),
    ]
    for left, right in apart:
        assert enishi.resolve(people(fields | left, fields | right), model).summary["customers"] == 2, (left, right)
    together: list[tuple[dict[str, str | None], dict[str, str | None]]] = [
        ({"a": "１２３ａｂｃ"}, {"b": "123ABC"}),
        ({"a": "caf\u00e9"}, {"a": "cafe\u0301"}),
    ]
    for left, right in together:
        assert enishi.resolve(people(fields | left, fields | right), model).summary["customers"] == 1, (left, right)
    # Neighbors by the thousand in every field at once.
    rows: Rows = [fields | {"a": f"{n:06}", "member": f"{n:06}", "device_id": device(n)} for n in range(MANY)]
    assert enishi.resolve(people(*rows), model).summary["customers"] == MANY


# 6. Missing is not agreement.


def test_missing_is_not_agreement() -> None:
    for nothing in (None, "", " ", "null", "不明", "-"):
        row = dict.fromkeys(
            ["email", "phone", "device_id", "payment_token", "loyalty_card", "birth_date", "postcode"], nothing
        )
        assert partition(people(row, row)) == [{"1"}, {"2"}]
        named = row | {"family_name": "佐藤", "given_name": "花子"}
        assert partition(people(named, named)) == [{"1"}, {"2"}]
    placeholder = {"family_name": "佐藤", "given_name": "花子", "birth_date": "1900-01-01", "postcode": "150-0001"}
    assert partition(people(placeholder, placeholder)) == [{"1"}, {"2"}]


def test_equal_attributes_and_nothing_else_stay_apart() -> None:
    row = {"family_name": "田中", "given_name": "太郎"}
    for more in ({}, {"postcode": "150-0001"}, {"birth_date": "1980-01-01"}, {"address": "東京都渋谷区神南1-2-3"}):
        assert partition(people(row | more, row | more), match="off") == [{"1"}, {"2"}]
        # By probability a rare name and its birth date may be enough; a name and a home never are.
        if "birth_date" not in more:
            assert partition(people(row | more, row | more)) == [{"1"}, {"2"}]
    whole = row | {"postcode": "150-0001", "birth_date": "1980-01-01"}
    assert partition(people(whole, whole)) == [{"1", "2"}]
    assert partition(people(whole, whole), exact=True) == [{"1"}, {"2"}]


def test_equal_names_and_nothing_else_stay_apart_however_many_they_are() -> None:
    name: dict[str, str | None] = {"family_name": "田中", "given_name": "太郎"}
    assert enishi.resolve(people(*[name] * 5000)).summary["customers"] == 5000


# 7. Every link tells why, and replaying the evidence gives the same customers.


def test_the_tables_alone_give_the_customers_again() -> None:
    from enishi.simulate import sample

    tables = {name: table for name, table in sample(150, seed=11).tables.items() if table.num_rows}
    model = Model(
        [*(f for f in enishi.fields.STANDARD_FIELDS if f.kind != "loyalty_card"), LoyaltyCard(check_digit="ean13")]
    )
    graph = enishi.resolve(tables, model)
    parent = np.arange(graph.customers.num_rows)

    def find(x: int) -> int:
        while parent[x] != x:
            x = parent[x]
        return x

    rows = list(zip(graph.customers["source"].to_pylist(), graph.customers["record_id"].to_pylist(), strict=True))
    at = {record: row for row, record in enumerate(rows)}
    ids = customers(graph)
    members: dict[int, list[int]] = {}
    by_value: dict[tuple[str, bytes], list[int]] = {}
    evidence = graph.evidence.to_pylist()
    for each in evidence:
        if each["rows"] is not None:
            members[each["profile"]] = each["rows"]
    for each in evidence:
        if each["state"] == "links":
            by_value.setdefault((each["field"], each["key"]), []).extend(members[each["profile"]])
        elif each["state"] in ("contested", "bridge"):
            # It joins some of those who carry it: those of one customer.
            for row in members[each["profile"]]:
                by_value.setdefault((each["field"], each["key"] + ids[row].to_bytes(8, "little")), []).append(row)
    for group in by_value.values():
        for row in group[1:]:
            parent[find(row)] = find(group[0])
    for link in graph.links.to_pylist():
        left, right = (at[link[f"{side}_source"], link[f"{side}_record_id"]] for side in ("left", "right"))
        parent[find(left)] = find(right)
    roots = [find(row) for row in range(len(rows))]
    assert len(set(zip(roots, ids, strict=True))) == len(set(roots)) == len(set(ids))


# 10. Bad input is a counted refusal.


def test_nothing_is_silently_dropped() -> None:
    table = people({"email": "no address"}, {"email": "a@example.jp"}, {"email": None}, {"email": "\u0000"})
    graph = enishi.resolve(table)
    assert graph.customers.num_rows == 4
    assert graph.summary["fields"]["email"]["filled"] == 3
    assert sum(graph.summary["fields"]["email"]["refused"].values()) == 2


@pytest.mark.parametrize("couples", [0.0, 0.5])
def test_a_badly_written_record_is_no_second_person_but_a_partner_is(couples: float) -> None:
    rng = random.Random(5)
    given = ["hanako", "taro", "jiro", "masako", "kenji", "yumi", "akira", "noboru"]
    rows: list[dict[str, str]] = []
    for n in range(600):
        people = rng.sample(given, 2) if n < 600 * couples else [rng.choice(given)]
        for name in people:
            born = f"19{rng.randint(40, 69)}-0{rng.randint(1, 9)}-1{rng.randint(0, 9)}"
            for k in range(2):
                wrong = f"19{rng.randint(70, 99)}-1{rng.randint(0, 2)}-2{rng.randint(0, 8)}"
                row = {"record_id": f"{n}-{name}-{k}", "member_email": f"m{n}@club.jp", "family_name": "sato"}
                row["given_name"] = name if rng.random() < 0.93 else rng.choice(given)
                row["birth_date"] = born if rng.random() < 0.8 else wrong
                rows.append(row)
    graph = enishi.resolve(pa.Table.from_pylist(rows), match="off")
    email = graph.summary["fields"]["email"]
    customers = graph.summary["customers"]
    if couples:
        assert email["slips"] == 0 and email["contested"] > 200
    else:
        assert email["slips"] > 10 and email["contested"] == 0 and customers == 600


@pytest.mark.parametrize("match", ["off", "auto"])
def test_father_and_son_of_one_name_and_one_phone_stay_two(match: str) -> None:
    home = {"given_name": "Larry", "family_name": "Hopkins", "address": "8656 S Simpson St", "zip": "27501"}
    rows = [
        {"record_id": str(i), "suffix": suffix, "phone": phone} | home
        for i, (suffix, phone) in enumerate([("Jr", "+12125550143"), ("Sr", "+12125550143"), (None, "+12125550187")])
    ]
    graph = enishi.resolve(rows, match=match)
    assert len(set(graph.customers["customer_id"].to_pylist())) == 3
