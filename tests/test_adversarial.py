"""Worlds made to merge strangers: who is who is known, and no customer may be two people, whatever the order.

Each world is small and has a seed; its records come in several orders, with matching by probability and without.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa
import pytest

import enishi
from enishi import BirthDate, DeviceId, Email, Identifier, Model, PersonName

Row = dict[str, str | None]
MODEL = Model([*enishi.fields.STANDARD_FIELDS, Identifier(name="login")])
HOME: Row = {"family_name": "佐藤", "postcode": "150-0001", "address": "東京都渋谷区神南1-2-3"}
CARDS = ("4111111111111111", "4012888888881881", "4222222222222220", "4000056655665556")
ORDERS = 3


@dataclass(frozen=True)
class World:
    """Records, and whose each is; nobody's may be joined to anybody's."""

    rows: tuple[Row, ...]
    who: tuple[int | None, ...]

    @classmethod
    def of(cls, *told: tuple[int | None, Row]) -> "World":
        return cls(tuple(row for _, row in told), tuple(who for who, _ in told))


def device(number: int) -> str:
    return f"{number:08x}-8246-4ba4-ae5b-76104861e7dc"


def customers(rows: list[Row], match: str, model: Model | None = MODEL) -> list[int]:
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: pa.array([row.get(name) for row in rows], pa.string()) for name in names}
    table = pa.table({"record_id": [str(n) for n in range(len(rows))], **columns})
    return [int(i) for i in enishi.resolve(table, model, match=match, threads=1).customers["customer_id"].to_pylist()]


def outcome(world: World, match: str, model: Model | None = MODEL) -> tuple[int, int]:
    """How many people too many stand in customers with others, and how many customers too many people have.

    The records come in several orders, which have to give the same customers.
    """
    found: set[tuple[int, ...]] = set()
    for seed in range(ORDERS):
        order = list(range(len(world.rows)))
        random.Random(seed).shuffle(order)
        ids = customers([world.rows[i] for i in order], match, model)
        at = dict(zip(order, ids, strict=True))
        smallest: dict[int, int] = {}
        for i in range(len(order)):
            smallest.setdefault(at[i], i)
        found.add(tuple(smallest[at[i]] for i in range(len(order))))
    assert len(found) == 1, "the order decides"
    people: dict[int, set[int]] = {}
    parts: dict[int, set[int]] = {}
    strangers = 0
    for i, (customer, who) in enumerate(zip(found.pop(), world.who, strict=True)):
        somebody = -1 - i if who is None else who
        people.setdefault(customer, set()).add(somebody)
        parts.setdefault(somebody, set()).add(customer)
    strangers = sum(len(each) - 1 for each in people.values())
    return strangers, sum(len(each) - 1 for each in parts.values())


def person(number: int) -> Row:
    """Somebody whom name and birth date tell from everybody else."""
    rng = random.Random(number)
    born = f"{rng.randint(1940, 2005)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
    given = "".join(chr(rng.randint(0x4E00, 0x9FA0)) for _ in range(2))
    return {"family_name": rng.choice("林森原谷"), "given_name": given, "birth_date": born}


def own(number: int) -> Row:
    """Identifiers that only one person has."""
    return {
        "email": f"customer.{number * 7919 % 100_000:05}.{number:03}@example.jp",
        "phone": f"090-{1000 + number * 37 % 9000:04}-{number * 7919 % 10_000:04}",
        "login": f"login {number}",
    }


# ---- people who share what they have


SHARED: Row = {
    "loyalty_card": CARDS[0],
    "phone": "03-3123-4567",
    "device_id": device(1),
    "payment_token": "tok_both_0001",
}
PAIRS: dict[str, tuple[Row, Row]] = {
    "twins": ({"given_name": "一郎", "birth_date": "2001-05-06"}, {"given_name": "二郎", "birth_date": "2001-05-06"}),
    "a couple": (
        {"given_name": "花子", "birth_date": "1980-01-01"},
        {"given_name": "太郎", "birth_date": "1978-11-23"},
    ),
    "father and son": (
        {"given_name": "健太", "birth_date": "1970-03-04"},
        {"given_name": "健一", "birth_date": "1998-07-15"},
    ),
    "father and son of one name": (
        {"given_name": "健太", "birth_date": "1970-03-04"},
        {"given_name": "健太", "birth_date": "1998-07-15"},
    ),
}


@pytest.mark.parametrize("match", ["off", "auto"])
@pytest.mark.parametrize("values", [(), ("phone",), ("loyalty_card", "phone"), tuple(SHARED)])
@pytest.mark.parametrize("name", PAIRS)
def test_two_of_one_home_who_share_values_stay_two(name: str, values: tuple[str, ...], match: str) -> None:
    shared = {key: SHARED[key] for key in values}
    pair = PAIRS[name]
    for copies in (1, 4):
        world = World.of(*[(i, HOME | shared | member) for _ in range(copies) for i, member in enumerate(pair)])
        assert outcome(world, match)[0] == 0
    # Each has an email beside them, on some of the records.
    mails = [{"email": f"mail.of.{'ab'[i]}@example.jp"} for i in range(2)]
    told = [
        (i, HOME | shared | member | (mails[i] if k % 2 else {})) for k in range(4) for i, member in enumerate(pair)
    ]
    assert outcome(World.of(*told), match)[0] == 0


@pytest.mark.parametrize("match", ["off", "auto"])
def test_records_that_do_not_say_whose_they_are_go_to_neither_of_two(match: str) -> None:
    """Of two who share a card, a record with the card and what both have is anybody's."""
    for first, second in PAIRS.values():
        bare = {**HOME, **SHARED}
        twins = first["birth_date"] == second["birth_date"]
        dated = {"birth_date": first["birth_date"]} if twins else {}
        world = World.of((0, HOME | SHARED | first), (1, HOME | SHARED | second), (None, bare | dated))
        assert outcome(world, match)[0] == 0


@pytest.mark.parametrize("match", ["off", "auto"])
def test_a_parcel_handed_to_a_relative_makes_them_no_one_person(match: str) -> None:
    """A record with the phone of one and the name of the other, and a browser that both use."""
    rena = {
        "given_name": "麗奈",
        "given_name_kana": "レナ",
        "birth_date": "1965-06-13",
        "email": "rena.mano@example.jp",
    }
    ichiro = {
        "given_name": "意知郎",
        "given_name_kana": "イチロウ",
        "birth_date": "2000-10-30",
        "email": "ichi@example.jp",
    }
    browser = HOME | {"device_id": device(7)}
    world = World.of(
        *[(0, browser | rena | {"phone": "080-1355-6531"})] * 2,
        *[(1, browser | ichiro | {"phone": "080-3881-2572"})] * 2,
        (0, {"phone": "080-1355-6531", "given_name_kana": "イチロウ", "family_name_kana": "サトウ"}),
    )
    assert outcome(world, match)[0] == 0


# ---- names, and nothing else


@pytest.mark.parametrize("match", ["off", "auto"])
@pytest.mark.parametrize("count", [2, 10, 60])
@pytest.mark.parametrize(
    "more", [{}, {"postcode": HOME["postcode"]}, {"address": HOME["address"]}], ids=["alone", "postcode", "address"]
)
def test_equal_names_and_one_sign_of_a_home_are_no_evidence_of_one_person(count: int, more: Row, match: str) -> None:
    namesake: Row = {"family_name": "田中", "given_name": "太郎"} | more
    told: list[tuple[int | None, Row]] = [(None, dict(namesake)) for _ in range(min(count, 10))]
    told += [(None, person(n)) for n in range(count - len(told))]
    assert outcome(World.of(*told), match)[0] == 0
    # The same with an email each.
    mailed = [
        (None, row | {"email": f"{chr(97 + n % 26)}{n * 97:04}.mail@example.jp"}) for n, (_, row) in enumerate(told)
    ]
    assert outcome(World.of(*mailed), match)[0] == 0


@pytest.mark.parametrize("match", ["off", "auto"])
def test_two_of_one_name_born_on_one_day_stay_two_where_their_records_know_more(match: str) -> None:
    """One record of each has nothing in common with the other's but the name and the date."""
    born = {"family_name": "田中", "given_name": "太郎", "birth_date": "1984-07-19"}
    often: list[tuple[int | None, Row]] = [
        (n, person(n) | {"email": own(n)["email"]} | ({"family_name": "田中"} if n % 2 else {"given_name": "太郎"}))
        for n in range(9, 99)
    ]
    homes: list[Row] = [
        {"postcode": "150-0001", "address": "東京都渋谷区神南1-2-3"},
        {"postcode": "980-0811", "address": "宮城県仙台市青葉区一番町3-4-5"},
    ]
    lives = [
        {"email": own(n)["email"], "phone": own(n)["phone"], "loyalty_card": CARDS[n]} | homes[n] for n in range(2)
    ]
    told: list[tuple[int | None, Row]] = [
        (0, born | lives[0]), (0, born | {"email": lives[0]["email"]}),
        (1, born | lives[1]), (1, born | {"phone": lives[1]["phone"]}),
    ]  # fmt: skip
    assert outcome(World.of(*told, *often), match) == (0, 0)


# ---- what hangs between many


@pytest.mark.parametrize("match", ["off", "auto"])
@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize("touched", [5, 9, 15])
def test_a_test_account_with_the_identifiers_of_a_few_joins_none_of_them(touched: int, named: bool, match: str) -> None:
    told: list[tuple[int | None, Row]] = []
    for n in range(40):
        somebody = own(n) | (person(n) if named else {})
        told += [(n, somebody), (n, {key: somebody[key] for key in ("email", "phone")})]
    for kept in (("email",), ("phone",), ("email", "phone")):
        account = [(n, {key: own(n)[key] for key in kept} | {"login": "test"}) for n in range(touched)]
        if named:
            tester = {"family_name": "検査", "given_name": "試験"}
            account = [(n, row | tester) for n, row in account]
        assert outcome(World.of(*told, *account), match)[0] == 0, kept


TOGETHER: Row = SHARED | {"email": "everybody.here@example.jp", "login": "test"}


@pytest.mark.parametrize("match", ["off", "auto"])
@pytest.mark.parametrize("shared", [*((name,) for name in TOGETHER), tuple(TOGETHER)], ids="+".join)
@pytest.mark.parametrize("count", [30, 60])
def test_values_put_together_on_a_few_strangers_join_none_of_them(
    count: int, shared: tuple[str, ...], match: str
) -> None:
    """Each value would hold the others' carriers together, and no field alone shows how many people they are."""
    numbers = range(count)
    owns: list[Row] = [
        own(n) | {"device_id": device(n + 9), "payment_token": f"tok_own_{n:05}", "loyalty_card": f"customer {n:04}"}
        for n in numbers
    ]
    told: list[tuple[int | None, Row]] = []
    for n in numbers:
        kept = random.Random(n).sample(sorted(owns[n]), 2)
        told += [(n, {name: owns[n][name] for name in kept})] * 2
        # The record of a kiosk knows one of them, which the others' columns hold beside it.
        told.append((n, {f"{name}_2": TOGETHER[name] for name in shared} | {kept[0]: owns[n][kept[0]]}))
    columns = {name: [name, *[f"{name}_2"] * (name in shared)] for name in TOGETHER}
    fields = [
        Email(columns["email"]), enishi.Phone(columns["phone"]), DeviceId(columns["device_id"]),
        enishi.PaymentToken(columns["payment_token"]), enishi.LoyaltyCard(columns["loyalty_card"]),
        Identifier(columns["login"], name="login"),
    ]  # fmt: skip
    assert outcome(World.of(*told), match, Model(fields)) == (0, 0)


@pytest.mark.parametrize("match", ["off", "auto"])
def test_a_cashiers_card_joins_none_of_her_customers(match: str) -> None:
    """She swipes her own card for those without one: many tokens on a card, and hers more often than any other."""
    told: list[tuple[int | None, Row]] = []
    for n in range(60):
        told += [(n, {"email": own(n)["email"], "payment_token": f"tok_number_{n:04}"}) for _ in range(2)]
    mine = {"loyalty_card": CARDS[0], "email": own(0)["email"]}
    told += [(0, mine)] * 3 + [(0, {"loyalty_card": CARDS[0]})] * 5
    told += [(n, {"loyalty_card": CARDS[0], "payment_token": f"tok_number_{n:04}"}) for n in range(1, 13)]
    strangers, parts = outcome(World.of(*told), match)
    # Her own purchases stay hers.
    assert (strangers, parts) == (0, 0)


def dense(number: int, records: int, seed: int, named: bool) -> list[tuple[int | None, Row]]:
    """One person's records, held by several identifiers."""
    rng = random.Random(seed)
    whole = own(number) | {"device_id": device(100 + number), "payment_token": f"tok_dense_{number:04}"}
    kept = [{key: whole[key] for key in rng.sample(list(whole), 3)} for _ in range(records - 1)]
    return [(number, row | (person(number) if named else {})) for row in [whole, *kept]]


BRIDGES: dict[str, Row] = {"device": {"device_id": device(9)}, "phone": {"phone": "090-9999-0001"}}


@pytest.mark.parametrize("match", ["off", "auto"])
@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize("kind", BRIDGES)
@pytest.mark.parametrize("sizes", [(20, 20), (60, 40), (200, 30)])
def test_one_weak_value_between_two_dense_groups_holds_nothing(
    sizes: tuple[int, int], kind: str, named: bool, match: str
) -> None:
    for seed in range(2):
        told = dense(1, sizes[0], seed, named) + dense(2, sizes[1], seed + 10, named)
        for at in (sizes[0] // 2, sizes[0] + sizes[1] // 2):
            told[at] = (told[at][0], told[at][1] | BRIDGES[kind])
        assert outcome(World.of(*told), match) == (0, 0)


@pytest.mark.parametrize("match", ["off", "auto"])
def test_a_value_of_one_dense_group_seen_once_in_another_stays_where_it_is_at_home(match: str) -> None:
    for key in ("phone", "device_id", "payment_token"):
        told = dense(1, 40, 5, False) + dense(2, 40, 6, False)
        told += [each for n in range(3, 30) for each in dense(n, 4, n, False)]
        guest = dict(told[60][1]) | {key: (own(1) | {"device_id": device(101), "payment_token": "tok_dense_0001"})[key]}
        told[60] = (2, guest)
        assert outcome(World.of(*told), match)[0] == 0, key


def chain(length: int, make: Callable[[int], Row]) -> World:
    return World.of(*[(n, make(n)) for n in range(length)])


@pytest.mark.parametrize("match", ["off", "auto"])
def test_the_ends_of_a_long_chain_of_weak_values_are_strangers(match: str) -> None:
    model = Model([DeviceId(["device", "tablet"]), Email(), PersonName(), BirthDate()])
    rows: list[Row] = [{"device": device(n), "tablet": device(n + 1)} for n in range(10_000)]
    ids = customers(rows, match, model)
    assert max(map(ids.count, set(ids))) < 100 if len(set(ids)) < 2000 else True
    assert len(set(ids[::100])) == 100


# ---- what is one person's stays so


@pytest.mark.parametrize("match", ["off", "auto"])
def test_one_person_with_three_phones_one_after_the_other_stays_one(match: str) -> None:
    others = [(n, own(n)) for n in range(100, 200) for _ in range(3)]
    for records in (1, 7, 30):
        told: list[tuple[int | None, Row]] = [
            (1, {"email": "one.person@example.jp", "phone": f"090-{1234 + k}-56{k}8", "device_id": device(50 + k)})
            for k in range(3)
            for _ in range(records)
        ]
        # A phone outlasts the change of the address.
        told += [(1, {"email": "another.mail@example.jp", "phone": "090-1236-5628"})] * records
        assert outcome(World.of(*told, *others), match) == (0, 0)


@pytest.mark.parametrize("match", ["off", "auto"])
def test_a_history_of_thousands_of_purchases_stays_one(match: str) -> None:
    registration: Row = {"loyalty_card": CARDS[0], "email": "regular@example.jp"}
    told: list[tuple[int | None, Row]] = [(1, {"loyalty_card": CARDS[0], "payment_token": "tok_regular_0001"})] * 3000
    told += [(1, {"loyalty_card": CARDS[0]})] * 2000
    told += [(1, {"email": "regular@example.jp", "device_id": device(k)}) for k in range(8) for _ in range(20)]
    told += [(1, {"email": "regular@example.jp", "payment_token": "tok_online_0001"})] * 30
    assert outcome(World.of((1, registration), *told), match) == (0, 0)


SPELLINGS = ("hanako", "hanakp", "hanaco", "hannako", "hanak", "hanaku", "hamako", "hanaka", "hanakoo", "banako")


@pytest.mark.parametrize("match", ["off", "auto"])
def test_a_card_with_purchases_under_names_spelt_in_many_ways_is_one_persons(match: str) -> None:
    families = ("sato", "satoh", "satou", "satto", "sata", "sao")
    told: list[tuple[int | None, Row]] = [
        (1, {"loyalty_card": CARDS[0], "family_name": family, "given_name": given})
        for family in families
        for given in SPELLINGS
        for _ in range(5)
    ]
    assert outcome(World.of(*told), match) == (0, 0)
    # As many names that are not spellings of one are as many people.
    names = [chr(0x4E00 + 37 * n) + chr(0x5E00 + 11 * n) for n in range(60)]
    crowd = [(n, {"loyalty_card": CARDS[0], "family_name": "林", "given_name": name}) for n, name in enumerate(names)]
    assert outcome(World.of(*crowd), match)[0] == 0
