"""Linking against its twin, over small random worlds in which everything goes wrong at once."""

import random
from collections import Counter
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pytest

from enishi import _normalize
from enishi._link import Linking, extension_pairs, near_pairs
from enishi._normalize import STATUSES
from enishi._tables import GrowingValues, NameForms, Profiles, Sightings, birth_numbers, hash_records
from reference import linking as twin

NONE, NEVER = 2**32 - 1, -(2**63)
RULE = "name & birth_date & postcode"
KINDS = {
    "email": (_normalize.identifier(), twin.Field("email", 1, True, kin="address")),
    "hash": (_normalize.identifier(), twin.Field("hash", 1, True, kin="address")),
    "card": (_normalize.loyalty_card("luhn", 6), twin.Field("card", 2)),
    "phone": (_normalize.identifier(), twin.Field("phone", 4, rest=3)),
    "device": (_normalize.device_id(), twin.Field("device", 5)),
}
COLUMNS = {"email": 1, "hash": 1, "card": 1, "phone": 2, "device": 1}
FAMILIES = [("佐藤", "サトウ", "sato"), ("高橋", "タカハシ", "takahashi")]
GIVEN = [
    ("花子", "ハナコ", "hanako"),
    ("太郎", "タロウ", "taro"),
    ("二郎", "ジロウ", "jiro"),
    ("正弘", "マサヒロ", "masahiro"),
    ("正彦", "マサヒコ", "masahiko"),
]


@dataclass(frozen=True)
class Row:
    """One record."""

    source: str
    id: str
    values: dict[str, tuple[str | None, ...]] = field(default_factory=dict)
    family: tuple[str | None, str | None] = (None, None)  # written, and its reading
    given: tuple[str | None, str | None] = (None, None)
    birth_date: str | None = None
    postcode: str | None = None
    time: int | None = None
    person: int | None = None  # who it truly is, where anybody asks

    def profile(self) -> twin.Profile:
        given, name = {}, {}
        for family, first in zip(self.family, self.given, strict=True):
            if first:
                given.setdefault(script(first), first)
            if first and family and script(first) == script(family):
                whole = " ".join(sorted([family, first])) if script(first) == "latin" else family + first
                name.setdefault(script(first), whole)
        birth = self.birth_date and int(self.birth_date.replace("-", ""))
        values = {
            kind: tuple(raw and KINDS[kind][0].one(raw.encode())[0] for raw in self.values.get(kind, (None,) * n))
            for kind, n in COLUMNS.items()
        }
        return twin.Profile(self.source, (self.id,), values, given, name, birth or None, self.postcode, (self.time,))


def script(text: str) -> str:
    return "latin" if text.isascii() else "kana" if "ァ" <= text[0] <= "ヶ" else "han"


def world(rng: random.Random, people: int, rows: int) -> list[Row]:
    """Records of a few households that share, lend and misspell what they have."""
    persons = []
    for i in range(people):
        home = rng.randrange(1 + people // 2)
        persons.append(
            {
                "family": FAMILIES[home % 2],
                "given": rng.choice(GIVEN),
                "birth": f"19{rng.choice([80, 81, 90])}-0{rng.randint(1, 2)}-0{rng.choice([1, 2])}",
                "post": f"150{home % 2}001",
                "email": [f"user{'abcd'[i % 4]}{n}x@shop.jp" for n in range(2)],
                "card": f"{rng.choice([7, 8])}{i % 3}{rng.randrange(20):02}1",
                "phone": [f"0901111{i % 5}{n}" for n in range(2)] + [f"0312345{home}"],
                "device": f"{home + 10:02x}" * 16,
            }
        )
    clock = random.Random(rows)
    shared = {"email": "all@shop.jp", "card": CARD, "phone": "0312340000", "device": "ab" * 15 + "cd"}
    listed = []
    for n in range(rows):
        person = rng.choice(persons)
        style = rng.choice([(0, 1), (2, None), (1, None), (0, None), (1, 2)])
        known = rng.random() < 0.7
        part = [None if not known or s is None else person["given"][s] for s in style]
        house = [None if not known or s is None or rng.random() < 0.2 else person["family"][s] for s in style]

        def one(kind: str, rate: float, person: dict[str, object] = person) -> str | None:
            if rng.random() > rate:
                return None
            if rng.random() < 0.12 and kind in shared:
                return shared[kind]
            value = person[kind]
            value = rng.choice(value) if isinstance(value, list) else value
            return slip(rng, kind, str(value)) if rng.random() < 0.2 else with_check(kind, str(value))

        email = one("email", 0.4)
        values = {
            "email": (email if rng.random() < 0.8 else None,),
            "hash": (email and f"hash of {email}" if rng.random() < 0.6 else None,),
            "card": (one("card", 0.4),),
            "phone": (one("phone", 0.4), one("phone", 0.2)),
            "device": (one("device", 0.4),),
        }
        birth = person["birth"] if rng.random() < 0.5 else None
        post = person["post"] if rng.random() < 0.5 else None
        source = rng.choice(["web", "app", "till", "店"])
        row = Row(source, f"{rng.choice(['', 'é', 'z'])}{n}", values, tuple(house), tuple(part), birth, post)
        listed += [replace(row, id=f"{row.id}-{k}", time=clock.randrange(30)) for k in range(rng.choice([1, 1, 1, 3]))]
    return listed


def handed_down(rng: random.Random) -> list[Row]:
    """Phones and devices that a few people had one after another, most of them; some records give nothing else."""
    listed = []
    names = rng.sample(GIVEN, rng.randint(2, 4))
    overlap = rng.choice([0, 0, 6])
    strangers, dated = rng.random() < 0.5, rng.choice([0, 0.5, 1])
    for n in range(rng.randint(4, 30)):
        owner = rng.randrange(len(names))
        kind = rng.choice(["phone", "device"])
        values: dict[str, tuple[str | None, ...]] = {kind: ("ab" * 15 + "cd" if kind == "device" else "0901111222",)}
        time = None if rng.random() < 0.05 else owner * 10 + rng.randrange(8 + overlap)
        row = Row(rng.choice(["web", "till"]), str(n), {"phone": (None, None), **values}, time=time)
        if kind == "phone":
            row.values["phone"] = (*values["phone"], rng.choice([None, None, "0902222333"]))
        born = f"19{6 + owner}{rng.choice([1, 1, 1, 8])}-0{owner + 1}-01"
        given, birth = rng.choice([(names[owner][0], born)] * 4 + [(names[owner][0], None), (None, born), (None, None)])
        if rng.random() < 0.5:
            family = (FAMILIES[owner % 2][0] if strangers and given else None, None)
            row = replace(row, family=family, given=(given, None), birth_date=birth if rng.random() < dated else None)
        if rng.random() < 0.2:
            row.values["card"] = (with_check("card", f"7{owner}12{rng.randrange(2)}"),)
        listed += [replace(row, id=f"{row.id}-{k}") for k in range(rng.choice([1, 1, 2]))]
    return listed


def members_of_a_club(rng: random.Random, couples: float) -> list[Row]:
    """People with an email each, some of whom share it with a partner; names and birth dates are often wrong."""
    listed = []
    for n in range(250):
        homes = rng.sample(GIVEN, 2) if rng.random() < couples else [rng.choice(GIVEN)]
        for given in homes:
            birth = f"19{rng.randint(30, 59)}-0{rng.randint(1, 9)}-{rng.randint(10, 28)}"
            for k in range(rng.randint(1, 3) if len(homes) == 1 else 1):
                name = given if rng.random() < 0.92 else rng.choice(GIVEN)
                wrong = f"19{rng.randint(60, 99)}-1{rng.randint(0, 2)}-{rng.randint(10, 28)}"
                date = birth if rng.random() < 0.7 else wrong if rng.random() < 0.8 else None
                row = Row("club", f"{n}-{given[2]}-{k}", {"email": (f"member{n}@club.jp",)}, FAMILIES[n % 2][::2])
                listed.append(replace(row, given=name[::2], birth_date=date))
    return listed


def with_check(kind: str, value: str) -> str:
    if kind != "card":
        return value
    read = KINDS["card"][0].one
    return next(value + digit for digit in "0123456789" if read((value + digit).encode())[1] == "accepted")


def slip(rng: random.Random, kind: str, value: str) -> str:
    if kind == "device":
        return value[: rng.randint(16, 31)]
    at = rng.randrange(len(value) if kind != "email" else 4)
    if kind == "email":
        return value[:at] + rng.choice("abx") + value[at + rng.randrange(2) :]
    value = with_check(kind, value)
    return value[:at] + rng.choice("0123456789") + value[at + 1 :]


class Engine:
    """The compiled linking over rows."""

    def __init__(self, rows: list[Row], limit: int, *, fill: bool = True) -> None:
        self.rows = rows
        self.names = NameForms(_normalize.person_name(), bytes(16))
        self.sources = sorted({row.source for row in rows}, key=str.encode)
        n = len(rows)
        coded = 1 + 6 + 2
        codes = np.full((coded, n), NONE, np.uint32)
        counts = np.zeros(len(STATUSES), np.uint64)
        codes[0] = [self.sources.index(row.source) for row in rows]
        self.name_columns = list(range(1, 7))
        for i in range(2):
            parts = [pa.array([getattr(row, part)[i] for row in rows], pa.string()) for part in ("family", "given")]
            self.names.add(*parts, None, codes[1:7], counts)
        self.birth, self.postcode = 7, 8
        dates = pa.array([row.birth_date for row in rows], pa.string())
        birth_numbers(_normalize.birth_date(), dates, codes[self.birth], None, counts)
        self.postcodes = GrowingValues()
        posts = pa.array([row.postcode for row in rows], pa.string())
        self.postcodes.add(_normalize.postcode(), posts, [bytes(16)], None, codes[self.postcode], counts)
        self.columns, sightings = {}, {}
        for kind, (normalizer, _) in KINDS.items():
            at = coded + sum(map(len, self.columns.values()))
            self.columns[kind] = list(range(at, at + COLUMNS[kind]))
            sightings[kind] = Sightings(self.columns[kind], keep_text=True)
            for i in range(COLUMNS[kind]):
                column = pa.array([row.values.get(kind, (None,) * 2)[i] for row in rows], pa.string())
                sightings[kind].read(i, normalizer, column, [bytes(16)], None, None, counts)
            sightings[kind].begin()
        self.profiles = Profiles(coded + sum(COLUMNS.values()))
        numbers = self.profiles.add(codes, list(sightings.values()))
        for each in sightings.values():
            each.keep(self.profiles)
        times = np.array([NEVER if row.time is None else row.time for row in rows], np.int64)
        self.profiles.see(numbers, times, each=True)
        self.profiles.close()
        self.values = {
            kind: sighted.number(self.profiles, fill or COLUMNS[kind] > 1) for kind, sighted in sightings.items()
        }
        self.fields = [
            (
                self.values[kind],
                self.columns[kind],
                declared.rank,
                declared.personal,
                limit,
                0 if declared.kin else f,
                declared.worth,
                declared.several,
            )
            for f, (kind, (_, declared)) in enumerate(KINDS.items())
        ]
        hashes = np.empty((n, 2), np.uint64)
        for source in self.sources:
            mine = pa.array([row.id for row in rows if row.source == source], pa.string())
            hashes[[row.source == source for row in rows]] = hash_records(source, mine)
        self.profiles.order(hashes)
        attributes = (self.names, self.name_columns, self.birth, self.postcode)
        rests = {f: declared.rest for f, (_, declared) in enumerate(KINDS.values()) if declared.rest is not None}
        self.linking = Linking(self.profiles, self.fields, *attributes, self.sources, rests)
        self.texts = {
            kind: values.texts(np.arange(len(values), dtype=np.uint32)) for kind, values in self.values.items()
        }
        self.listed = {kind: [STATUSES[code] for code in values.status()] for kind, values in self.values.items()}

    def generic(self) -> dict[tuple[str, str], int]:
        kinds = list(KINDS)
        found = self.linking.find_generic().tolist()
        return {(kinds[f], self.texts[kinds[f]][value]): groups for f, value, groups in found}

    def contested(self, state: int = 1) -> set[tuple[str, str]]:
        return {
            (kind, self.texts[kind][value])
            for f, kind in enumerate(KINDS)
            for value in np.flatnonzero(self.linking.holding(f) == state)
        }

    def recycled(self) -> dict[tuple[str, str], list[tuple[int, int]]]:
        kinds = list(KINDS)
        found: dict[tuple[str, str], list[tuple[int, int]]] = {}
        for f, value, first, last in self.linking.handovers().tolist():
            assert self.linking.holding(f)[value] == 4
            found.setdefault((kinds[f], self.texts[kinds[f]][value]), []).append((first, last))
        return found

    def rules(self) -> int:
        return sum(self.linking.join_rule(s, [self.name_columns[3 + s], self.birth, self.postcode]) for s in range(3))

    def pairs(self, kind: str) -> np.ndarray:
        pairs, _ = near_pairs(self.values[kind], corrections=kind == "card", local_part=kind == "email")
        return extension_pairs(self.values[kind], 18) if kind == "device" else pairs

    def links(self) -> Counter[twin.Link]:
        kinds = list(KINDS)
        codes = self.profiles.codes()
        smallest = [self.record(i) for i in self.linking.smallest_records().tolist()]
        found: Counter[twin.Link] = Counter()
        for f, rule, v, w, p, q, distance, support in self.linking.found_links().tolist():
            if rule != NONE:
                found[twin.Link(smallest[p], smallest[q], RULE)] += 1
                continue

            def first(value: int, columns: list[int] = self.columns[kinds[f]]) -> twin.Place:
                return min(smallest[p] for p in np.flatnonzero((codes[columns] == value).any(axis=0)))

            one = smallest[p] if self.listed[kinds[f]][v] == "incomplete" else first(v)
            ends = sorted([one, first(w)])
            found[twin.Link(ends[0], ends[1], kinds[f], distance, support)] += 1
        return found

    def record(self, ordinal: int) -> twin.Place:
        return twin.place(self.rows[ordinal].source, self.rows[ordinal].id)

    def customers(self) -> set[frozenset[tuple[str, str]]]:
        of_record = self.linking.number_customers()
        found: dict[int, set[tuple[str, str]]] = {}
        for row, customer in zip(self.rows, of_record.tolist(), strict=True):
            found.setdefault(customer, set()).add((row.source, row.id))
        return {frozenset(records) for records in found.values()}


def twin_of(rows: list[Row], engine: Engine, limit: int) -> twin.World:
    profiles: dict[object, twin.Profile] = {}
    for row in rows:
        made = row.profile()
        key = repr(replace(made, ids=(), times=()))
        if key in profiles:
            known = profiles[key]
            made = replace(made, ids=known.ids + made.ids, times=known.times + made.times)
        profiles[key] = made
    fields = [replace(declared, limit=limit) for _, declared in KINDS.values()]
    status = {
        (kind, text): listed
        for kind in KINDS
        for text, listed in zip(engine.texts[kind], engine.listed[kind], strict=True)
    }
    return twin.World(list(profiles.values()), fields, status)


def resolve(rows: list[Row], limit: int) -> tuple[set[frozenset[tuple[str, str]]], Counter[twin.Link]]:
    """The engine alone, all steps."""
    engine = Engine(rows, limit)
    engine.generic()
    engine.linking.join_exact()
    engine.rules()
    for f, kind in enumerate(KINDS):
        engine.linking.judge_near(f, engine.pairs(kind))
    return engine.customers(), engine.links()


def check(rows: list[Row], limit: int) -> Counter[str]:
    """Every step of the engine as its twin takes it; says what occurred."""
    engine = Engine(rows, limit)
    other = twin_of(rows, engine, limit)
    assert engine.generic() == other.find_generic()
    assert engine.linking.join_exact() == other.join_exact()
    assert engine.contested() == other.contested
    assert {kind: engine.linking.slips(f) for f, kind in enumerate(KINDS)} == {
        kind: other.slips[kind] for kind in KINDS
    }
    assert engine.contested(3) == other.bridges
    assert engine.recycled() == {value: found.spans for value, found in other.recycled.items()}
    occurred = Counter(generic=len(other.status), contested=len(other.contested), bridges=len(other.bridges))
    occurred["slips"] = other.slips.total()
    occurred += Counter(recycled=len(other.recycled), adopted=len(other.adopted))
    occurred["three owners"] = sum(len(found.spans) > 2 for found in other.recycled.values())
    listed = [engine.record(record)[2] for record, _ in engine.linking.adopted().tolist()]
    assert sorted(listed) == sorted(each for _, each in other.adopted)
    occurred["conflicts of a rule"] = sum(
        other.join_rule(RULE, lambda p, s=s: (p.name.get(s), p.birth_date, p.postcode)) for s in twin.SCRIPTS
    )
    assert engine.rules() == occurred["conflicts of a rule"]
    for f, kind in enumerate(KINDS):
        pairs = engine.pairs(kind)
        counts = engine.linking.judge_near(f, pairs)
        expected = other.judge_near(
            kind, [(engine.texts[kind][v], engine.texts[kind][w], d) for v, w, d in pairs.tolist()]
        )
        expected["already_one_customer"] = expected.pop("already")
        assert counts == expected | {"unlisted": 0}, kind
        occurred.update({f"{kind} {what}": n for what, n in counts.items()})
    assert engine.links() == Counter(other.links)
    assert engine.customers() == other.customers()
    occurred["links"] = len(other.links)
    occurred["unbound repeated"] = sum(len(p.ids) > 1 and i not in other.bound for i, p in enumerate(other.profiles))
    return occurred


def test_random_worlds_agree_with_the_twin() -> None:
    occurred: Counter[str] = Counter()
    for seed in range(700):
        rng = random.Random(seed)
        occurred += check(world(rng, rng.randint(2, 9), rng.randint(1, 40)), rng.choice([1, 2, 3, 5, 20]))
    # The worlds are worth their time: everything that can happen does.
    for what in (
        "contested",
        "links",
        "unbound repeated",
        "card linked",
        "card conflict",
        "card ambiguous",
        "device linked",
    ):
        assert occurred[what] > 5, (what, occurred)
    for what in (
        "email linked",
        "phone linked",
        "phone unsupported",
        "phone conflict",
        "card contested",
        "phone contested",
    ):
        assert occurred[what] > 5, (what, occurred)


def test_the_careful_step_gives_the_same_where_it_is_not_needed() -> None:
    for seed in range(250):
        rng = random.Random(5000 + seed)
        rows = world(rng, rng.randint(2, 9), rng.randint(1, 40))
        engine = Engine(rows, 20)
        other = twin_of(rows, engine, 20)
        assert engine.generic() == other.find_generic()
        assert engine.linking.join_exact() == other.join_exact(everywhere=True)
        assert engine.customers() == other.customers()


def test_what_profiles_carry_may_be_known_from_the_values_alone() -> None:
    occurred: Counter[str] = Counter()
    for seed in range(400):
        rng = random.Random(7000 + seed)
        rows = world(rng, rng.randint(2, 9), rng.randint(1, 40)) if seed % 3 else handed_down(rng)
        limit = rng.choice([1, 2, 5, 20])
        filled, unfilled = Engine(rows, limit), Engine(rows, limit, fill=False)
        assert filled.generic() == unfilled.generic()
        assert filled.linking.join_exact() == unfilled.linking.join_exact()
        for state in (1, 3):
            assert filled.contested(state) == unfilled.contested(state)
            occurred[f"state {state}"] += len(filled.contested(state))
        assert filled.recycled() == unfilled.recycled()
        assert filled.linking.unlinkable([]) == unfilled.linking.unlinkable([])
        occurred["unlinkable"] += sum(filled.linking.unlinkable([]))
        assert filled.customers() == unfilled.customers()
    assert min(occurred.values()) > 20, occurred


def test_values_that_change_hands_agree_with_the_twin() -> None:
    occurred: Counter[str] = Counter()
    for seed in range(400):
        occurred += check(handed_down(random.Random(seed)), 20)
    for what in ("contested", "recycled", "adopted", "three owners"):
        assert occurred[what] > 30, (what, occurred)


def test_records_that_are_badly_written_are_one_person_s_where_slips_alone_conflict() -> None:
    joined = Counter[str]()
    for seed in range(6):
        joined += check(members_of_a_club(random.Random(seed), couples=0.0), 20)
        engine = Engine(members_of_a_club(random.Random(seed), couples=0.3), 20)
        engine.generic()
        assert engine.linking.join_exact() > 30
        assert not any(engine.linking.slips(f) for f in range(len(KINDS)))
    assert joined["slips"] > 20 and joined["contested"] < joined["slips"]


def test_larger_worlds_agree_with_the_twin() -> None:
    for seed in range(6):
        check(world(random.Random(1000 + seed), 40, 150), 4)


def test_the_order_of_arrival_decides_nothing() -> None:
    for seed in range(150):
        rng = random.Random(seed)
        rows = world(rng, rng.randint(2, 9), rng.randint(2, 40)) if seed % 3 else handed_down(rng)
        if rng.random() < 0.5:
            rows.sort(key=lambda row: row.id.encode())
        limit = rng.choice([1, 2, 3, 5])
        expected = resolve(rows, limit)
        for _ in range(3):
            assert resolve(rng.sample(rows, len(rows)), limit) == expected


def row(source: str, number: int, **given: object) -> Row:
    """A short way to write a record."""
    values = {kind: given.pop(kind) for kind in list(given) if kind in COLUMNS}
    values = {k: v if isinstance(v, tuple) else (v, None)[: COLUMNS[k]] for k, v in values.items()}
    parts = {k: (given.pop(k), None) for k in ("family", "given") if k in given}
    return Row(source, str(number), values, **parts, **given)


def joined(rows: list[Row], limit: int = 20) -> set[frozenset[str]]:
    check(rows, limit)
    return {frozenset(i for _, i in records) for records in resolve(rows, limit)[0]}


def test_who_was_in_conflict_before_other_values_joined_is_asked_again() -> None:
    email, device = "user0x@shop.jp", "ab" * 16
    rows = [
        row("web", 1, email=email, given="恵子", birth_date="1964-07-24"),
        replace(row("web", 2, email=email, device=device, birth_date="1964-08-03"), given=("惠子", "ケイコ")),
        replace(row("app", 3, device=device, birth_date="1964-07-24"), given=("恵子", "ケイコ")),
    ]
    assert joined(rows) == {frozenset({"1", "2", "3"})}
    # Nothing shows that they are one.
    assert joined(rows[:2]) == {frozenset({"1"}), frozenset({"2"})}


def groups(*parts: str) -> set[frozenset[str]]:
    return {frozenset(part.split()) for part in parts}


CARD = with_check("card", "70312")
SLIP = CARD[:-1] + str((int(CARD[-1]) + 1) % 10)
SATO = {"family": "佐藤", "birth_date": "1980-01-01"}


def test_what_a_household_shares_joins_nobody() -> None:
    home = {"phone": "0312345678", "device": "12" * 15 + "34", "postcode": "1500001"}
    rows = [
        row("web", 1, given="花子", email="h@x.jp", **SATO, **home),
        row("app", 2, given="太郎", email="t@x.jp", **SATO | {"birth_date": "1975-05-06"}, **home),
        row("till", 3, email="h@x.jp"),
        row("till", 4, phone="0312345678"),
    ]
    assert joined(rows) == groups("1 3", "2", "4")


def test_an_address_and_its_hash_do_not_hide_each_other() -> None:
    rows = [row("web", n, email="all@x.jp", hash="h", phone=f"0901{n:04}") for n in range(10)]
    assert len(joined(rows, 5)) == 10


def test_a_card_with_many_purchases_is_good_in_any_number_of_sources() -> None:
    rows = [row(f"store {n % 30:02}", n, card=CARD) for n in range(90)]
    assert joined(rows, 5) == groups(" ".join(str(n) for n in range(90)))


def test_an_incomplete_card_that_everybody_carries_joins_nobody() -> None:
    rows = [row("till", n, card=SLIP, phone=f"0901{n:04}") for n in range(10)] + [row("web", 99, card=CARD)]
    assert len(joined(rows, 5)) == 11
    assert len(joined(rows[5:], 5)) == 1


def test_carriers_of_a_slip_that_are_two_people_are_left_alone() -> None:
    rows = [
        row("web", 1, card=CARD),
        row("till", 2, card=SLIP, given="花子", **SATO),
        row("till", 3, card=SLIP, given="太郎", **SATO | {"birth_date": "1975-05-06"}),
    ]
    assert joined(rows) == groups("1", "2", "3")
    assert joined(rows[:2]) == groups("1 2")


def test_a_card_that_all_know_may_have_been_meant() -> None:
    cards = [with_check("card", f"9{n:04}") for n in range(3000)]
    near = next((a, b, c) for a in cards for b in cards if (c := between(a, b)))
    mine, default, slipped = near
    rows = [row("web", 1, card=mine), row("till", 2, card=slipped)]
    assert joined(rows, 5) == groups("1 2")
    crowd = [row("till", 10 + n, card=default, phone=f"0901{n:04}") for n in range(9)]
    assert frozenset(["1"]) in joined(rows + crowd, 5) and frozenset(["2"]) in joined(rows + crowd, 5)


def between(a: str, b: str) -> str | None:
    """A number whose check digit fails, one digit from each of two."""
    differ = [i for i in range(6) if a[i] != b[i]]
    if len(differ) != 2:
        return None
    return a[: differ[0]] + b[differ[0]] + a[differ[0] + 1 :]


def test_a_contested_value_holds_together_who_agrees_on_the_name() -> None:
    shared = {"phone": "0312345678"}
    rows = [
        row("web", 1, given="花子", **SATO, **shared),
        row("app", 2, given="太郎", **SATO | {"birth_date": "1975-05-06"}, **shared),
        row("till", 3, given="花子", **shared),
        row("till", 4, given="花子", **shared),
    ]
    # A given name alone is a name, and equal records under it are one profile.
    assert joined(rows) == groups("1 3 4", "2")


@pytest.mark.parametrize("limit", [1, 20])
def test_no_records_and_one(limit: int) -> None:
    assert joined([row("web", 1)], limit) == groups("1")
    assert joined([row("web", 1), row("web", 2)], limit) == groups("1", "2")
