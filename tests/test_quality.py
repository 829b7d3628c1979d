"""Matching by probability on small worlds whose truth is known: what it finds, and whom it keeps apart.

The floors stand a little below what each seed reaches, so that a change that makes matching worse is seen.
"""

import random
from collections.abc import Callable, Sequence
from datetime import date

import numpy as np
import pyarrow as pa
import pytest

import enishi
from enishi import Address, Attribute, BirthDate, Email, Identifier, Model, PersonName, Phone, Postcode
from enishi._matching import compare_texts
from enishi.evaluate import Evaluation, evaluate
from enishi.fields import Field
from enishi.levels import LEVELS

Row = dict[str, str | None]
World = tuple[list[Row], list[int]]  # records, and whose each is

GIVEN = """
    peter thomas michael andreas wolfgang klaus juergen werner stefan christian uwe manfred frank horst gerhard bernd
    dieter rolf karl walter martin joachim rainer matthias ralf herbert alexander josef heinrich johannes holger maria
    ursula monika petra elisabeth sabine renate helga karin brigitte ingrid erika andrea gisela claudia susanne
    gabriele christa hildegard anna birgit barbara gerda martina ilse heike elke irmgard angelika gertrud
"""
STEMS = """
    mueller schmidt schneider fischer weber meyer wagner becker schulz hoffmann koch bauer richter klein wolf neumann
    schwarz zimmermann braun krueger hartmann lange werner krause lehmann koehler herrmann koenig huber kaiser fuchs
"""
STARTS = "alten bach birk brand breit eichen eisen erl feld gruen hagen hasel hirsch holz kirch linden neu rosen"
ENDS = "berg burg dorf feld hof haus mann meier mueller stein tal wald"


class Draw:
    """People, and the slips of those who write them down."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)

    def name(self, names: str) -> str:
        """Earlier names more often."""
        words = names.split()
        return self.rng.choices(words, [1 / (n + 3) for n in range(len(words))])[0]

    def word(self, words: str) -> str:
        return self.rng.choice(words.split())

    def family(self) -> str:
        return self.name(STEMS) if self.rng.random() < 0.5 else self.word(STARTS) + self.word(ENDS)

    def born(self, first: int = 1930, last: int = 2004) -> date:
        return date.fromordinal(self.rng.randint(date(first, 1, 1).toordinal(), date(last, 12, 31).toordinal()))

    def slip(self, text: str) -> str:
        """One letter another, more, fewer, or two swapped."""
        for _ in range(100):
            at, letter = self.rng.randrange(len(text) - 1), self.rng.choice("abcdefghiklmnoprstuw")
            slipped = self.rng.choice(
                (
                    text[:at] + letter + text[at + 1 :],
                    text[:at] + letter + text[at:],
                    text[:at] + text[at + 1 :],
                    text[:at] + text[at + 1] + text[at] + text[at + 2 :],
                )
            )
            if slipped != text:
                return slipped
        return text + "a"

    def wrong_date(self, right: date) -> date:
        """A digit, two neighbors, day and month, the year or the day."""
        for _ in range(100):
            digits = list(f"{right:%Y%m%d}")
            at = self.rng.randrange(2, 8)
            way = self.rng.randrange(5)
            if way < 2:
                digits[at] = str(self.rng.randrange(10))
            elif way == 2:
                at = self.rng.choice((2, 4, 6))
                digits[at : at + 2] = digits[at : at + 2][::-1]
            elif way == 3:
                digits[4:] = [*digits[6:], *digits[4:6]]
            else:
                digits[:4] = str(right.year + self.rng.choice((-10, -1, 1, 10, 17)))
            try:
                wrong = date.fromisoformat("".join(digits))
            except ValueError:
                continue
            if wrong != right and 1900 < wrong.year < 2010:
                return wrong
        return right


def registry(records: int, doubled: float, seed: int) -> World:
    """Names and birth dates; a share of the records are copies of others, with one slip or two."""
    draw = Draw(seed)
    people = [(draw.name(GIVEN), draw.family(), draw.born()) for _ in range(int(records * (1 - doubled)))]
    told = [(person, n) for n, person in enumerate(people)]
    for n in range(records - len(people)):
        of = n if doubled < 0.2 else draw.rng.randrange(len(people))
        given, family, born = people[of]
        for _ in range(1 + (draw.rng.random() < 0.15)):
            part = draw.rng.randrange(3)
            given = draw.slip(given) if part == 0 else given
            family = draw.slip(family) if part == 1 else family
            born = draw.wrong_date(born) if part == 2 else born
        told.append(((given, family, born), of))
    rows: list[Row] = [{"given_name": g, "family_name": f, "birth_date": b.isoformat()} for (g, f, b), _ in told]
    return rows, [who for _, who in told]


def notables(people: int, seed: int) -> World:
    """Two to ten records of each, with slips and gaps in all fields; some have a second name that comes and goes."""
    draw = Draw(seed)
    towns = [draw.word(STARTS) + draw.word("furt heim stadt") for _ in range(60)]
    rows: list[Row] = []
    who = []
    for person in range(people):
        given, family, born, town = draw.name(GIVEN), draw.family(), draw.born(1700, 1950), draw.rng.choice(towns)
        second = draw.name(GIVEN) if draw.rng.random() < 0.4 else ""
        postcode = f"{draw.rng.randrange(10_000, 99_999)}"
        for _ in range(draw.rng.randint(2, 10)):
            first = draw.slip(given) if draw.rng.random() < 0.25 else given
            last = draw.slip(family) if draw.rng.random() < 0.25 else family
            birth = draw.wrong_date(born) if draw.rng.random() < 0.2 else born
            if draw.rng.random() < 0.04:
                first, last = last, first
            rows.append(
                {
                    "given_name": f"{first} {second}".strip() if draw.rng.random() < 0.5 else first,
                    "family_name": last,
                    "birth_date": birth.isoformat() if draw.rng.random() < 0.9 else None,
                    "postcode": postcode if draw.rng.random() < 0.8 else None,
                    "town": town if draw.rng.random() < 0.8 else None,
                }
            )
            who.append(person)
    return rows, who


NICKNAMES = {"robert": "bob", "william": "bill", "elizabeth": "liz", "margaret": "peggy", "edward": "ted"}


def families(count: int, seed: int) -> World:
    """Fathers and sons of one name, twins, couples, of one home and phone; some write a nickname or Jr and Sr."""
    draw = Draw(seed)
    rows: list[Row] = []
    who: list[int] = []
    for home in range(count):
        family, first = draw.family(), draw.rng.choice([*NICKNAMES, "james", "susan", "karen", "brian"])
        other = draw.rng.choice([name for name in ("george", "nancy", "kevin", "laura") if name != first])
        born = draw.born(1930, 1965)
        son = born.replace(year=born.year + draw.rng.randint(22, 35), day=1 + born.day % 28)
        pair = draw.rng.choice(("generations", "twins", "couple"))
        second = (first, son) if pair == "generations" else (other, born if pair == "twins" else draw.born(1930, 1965))
        home_of = {"postcode": f"{home * 37 % 90_000 + 10_000}", "phone": f"0312{home:06}"}
        for person, (given, birth) in enumerate(((first, born), second)):
            suffix = ("Sr", "Jr")[person] if pair == "generations" else ""
            badge = f"{draw.rng.randrange(10**8):08}"
            for _ in range(draw.rng.randint(1, 3)):
                written = NICKNAMES.get(given, given) if draw.rng.random() < 0.3 else given
                rows.append(
                    {
                        "given_name": written,
                        "family_name": f"{family} {suffix if draw.rng.random() < 0.6 else ''}".strip(),
                        "birth_date": birth.isoformat() if draw.rng.random() < 0.8 else None,
                        "postcode": home_of["postcode"],
                        "phone": home_of["phone"] if draw.rng.random() < 0.5 else None,
                        "badge": badge if draw.rng.random() < 0.5 else None,
                    }
                )
                who.append(home * 2 + person)
    return rows, who


def homes(count: int, seed: int) -> World:
    """Families without birth dates: each member has two or three records, most with the landline that all share."""
    draw = Draw(seed)
    rows: list[Row] = []
    who = []
    for home in range(count):
        family = draw.family()
        address, landline = f"{draw.rng.randint(1, 99)} {draw.family()} street", f"03-3{home:03}-{home:04}"
        for member, given in enumerate(draw.rng.sample(GIVEN.split(), draw.rng.randint(1, 4))):
            for _ in range(draw.rng.randint(2, 3)):
                phone = landline if draw.rng.random() < 0.6 else f"090-{home:04}-{member:04}"
                row: Row = {"given_name": given, "family_name": family, "address": address, "phone": phone}
                rows.append(row | {"postcode": f"{150 + home % 40}-{home % 9000:04}"})
                who.append(10 * home + member)
    return rows, who


def colleagues(firms: int, seed: int) -> World:
    """Contacts at companies: one switchboard, address and town for all, and of each contact one to three records."""
    draw = Draw(seed)
    rows: list[Row] = []
    who: list[int] = []
    for firm in range(firms):
        company = f"{draw.word(STARTS)}{draw.word(ENDS)} {draw.word('trading foods energy media steel')}"
        town, board = draw.word(STARTS) + "stadt", f"03-4{firm:03}-{firm:04}"
        for contact in range(draw.rng.choice((1, 2, 3, 5, 8))):
            name = f"{draw.name(GIVEN)} {draw.family()}"
            for _ in range(draw.rng.randint(1, 3)):
                email = f"{name.replace(' ', '.')}{firm}@example.com" if draw.rng.random() < 0.3 else None
                row: Row = {"name": name if draw.rng.random() < 0.9 else draw.slip(name), "email": email, "town": town}
                row["company"] = company + draw.rng.choice((" inc", " ltd", ""))
                rows.append(row | {"phone": board if draw.rng.random() < 0.5 else None})
                who.append(10 * firm + contact)
    return rows, who


COLLEAGUES = (PersonName(), Phone(), Email(), Attribute(name="company"), Attribute(name="town"))


def score(world: World, fields: Sequence[Field] = ()) -> Evaluation:
    rows, who = world
    order = np.random.default_rng(1).permutation(len(rows)).tolist()
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: pa.array([rows[i].get(name) for i in order], pa.string()) for name in names}
    ids = [f"r{i}" for i in order]
    table = pa.table({"record_id": ids, **columns})
    graph = enishi.resolve({"told": table}, Model(list(fields)) if fields else None, match="auto")
    truth = {"source": ["told"] * len(ids), "record_id": ids, "person_id": [str(who[i]) for i in order]}
    return evaluate(graph.customers, pa.table(truth))


NAMED: tuple[Field, ...] = (PersonName(), BirthDate(), Postcode())


@pytest.mark.parametrize(
    ("world", "fields", "precision", "f1"),
    [
        (lambda: registry(800, 0.1, 1), (), 0.98, 0.97),
        (lambda: registry(4_000, 0.1, 2), (), 0.96, 0.955),
        (lambda: registry(4_000, 0.02, 3), (), 0.95, 0.90),
        (lambda: registry(2_500, 0.5, 4), (), 0.99, 0.975),
        (lambda: notables(250, 5), (*NAMED, Attribute(name="town")), 0.995, 0.955),
        (lambda: families(300, 6), (*NAMED, Phone(), Identifier(name="badge")), 0.85, 0.88),
        (lambda: homes(250, 8), (PersonName(), Address(), Postcode(), Phone()), 0.95, 0.95),
        (lambda: colleagues(250, 9), COLLEAGUES, 0.95, 0.9),
    ],
    ids=["few", "tenth", "fiftieth", "half", "notables", "families", "homes", "colleagues"],
)
def test_worlds(world: Callable[[], World], fields: Sequence[Field], precision: float, f1: float) -> None:
    found = score(world(), fields)
    assert found.precision >= precision
    assert found.f1 >= f1


# What single comparisons say.


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        ("bob", "robert", "other form"),
        ("uli", "ulrich", "other form"),
        ("bobby j", "robert", "other form"),
        ("bert", "albert", "other form"),
        ("albert", "robert", "different"),  # although bert may be either
        ("hans", "hans peter", "shortened"),
        ("peter", "hans peter", "shortened"),
        ("peter", "hans petra", "different"),
        ("jung", "nung", "one slip"),
        ("klaus", "klasu", "one slip"),
        ("eva", "eve", "alike"),  # too short for a slip to mean little
        ("fei", "wei", "alike"),
        ("uwe", "ueli", "different"),
        ("fosia", "sofia", "alike"),  # all letters there, in another order
        ("hehray", "harvey", "alike"),
        ("li", "lu", "different"),  # too short for anything
        ("mhmd", "mohammed", "alike"),  # a script without vowels
        ("hans", "hannes", "other form"),
        ("マサヒロ", "マサヒコ", "close"),  # a syllable more makes another name
    ],
)
def test_given_names(left: str, right: str, level: str) -> None:
    assert LEVELS["given_name"][compare_texts("given_name", left.encode(), right.encode()) - 1] == level


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        ("wright jr", "wright", "shortened"),
        ("wright jr", "wright sr", "different"),
        ("wright jr", "wright ii", "shortened"),
        ("wright iii", "wrihgt iii", "one slip"),
        ("von bergen", "bergen", "shortened"),
        ("bob", "robert", "different"),  # no family names
    ],
)
def test_family_names(left: str, right: str, level: str) -> None:
    assert LEVELS["family_name"][compare_texts("family_name", left.encode(), right.encode()) - 1] == level


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        ("edward wright jr", "edward wright sr", "different"),
        ("edward jr wright", "edward wright", "same reading"),
        ("bob wright", "robert wright", "near"),
        ("edward j wright", "edward wright", "same reading"),
        ("a anderson matthew", "a anderson edward", "different"),  # an initial is no name
        ("d brown", "d browhn", "alike"),
    ],
)
def test_whole_names(left: str, right: str, level: str) -> None:
    assert LEVELS["name"][compare_texts("name", left.encode(), right.encode()) - 1] == level


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        ("handbook of wine volume 1", "handbook of wine volume 2", "other number"),
        ("handbook of wine volume 1", "handbook of wine volume 1 red", "near"),
        ("handbook of wine volume 1", "handbook of wine", "near"),
        ("lamp tx 200", "lamp tx 0200", "near"),
        ("lamp tx 200", "lamp tx 300", "other number"),
        ("1996", "1997", "near"),
        ("1996", "1998", "alike"),
        ("1996", "1986", "alike"),
        ("299.99", "300", "near"),
        ("299.99", "199.99", "different"),
    ],
)
def test_numbers_in_texts_count(left: str, right: str, level: str) -> None:
    assert LEVELS["text"][compare_texts("text", left.encode(), right.encode()) - 1] == level


def test_father_and_son_of_one_name_and_twins_stay_two() -> None:
    home: Row = {"postcode": "10115", "address": "Main Street 12"}
    father: Row = home | {"given_name": "edward", "family_name": "wright sr", "birth_date": "1950-03-04"}
    son: Row = home | {"given_name": "edward", "family_name": "wright jr"}
    fields = (*NAMED, Address())
    assert score(([father, son], [0, 1]), fields).strangers_merged == 0
    whole: Row = home | {"name": "Steven Miller", "birth_date": "1965-11-08"}
    assert score(([whole, whole | {"name": "Tom Miller"}], [0, 1]), fields).strangers_merged == 0


@pytest.mark.parametrize(
    ("name", "native"),
    [
        ("Vladimir Zhukov", "Владимир Жуков"),
        ("Shcherbakov, Yuri", "Юрий Щербаков"),
        ("Giorgos Papadopoulos", "Γιώργος Παπαδόπουλος"),
        ("Mohammed Al-Hashimi", "محمد الهاشمي"),
        ("Kim Min-jun", "김민준"),
    ],
)
def test_names_meet_across_scripts(name: str, native: str) -> None:
    """Who was born on one day and has one name in two scripts is one person; who has another name is not."""
    rows: list[Row] = [{"name": written, "birth_date": "1971-05-08"} for written in (name, native, "Robert Whitfield")]
    assert score((rows, [0, 0, 1]), (PersonName(), BirthDate())).f1 == 1.0


def test_few_records_of_one_name_are_one_person_where_two_fields_show_the_home() -> None:
    one: Row = {"name": "Susan Whitfield", "address": "12 Oak Street Reno NV", "postcode": "89511"}
    rows = [one, one | {"address": "12 Oak St Reno NV", "name": "Sue Whitfield"}, one | {"name": "Paul Whitfield"}]
    found = score((rows, [0, 0, 1]), (PersonName(), Address(), Postcode()))
    assert found.f1 == 1.0
    assert (
        score(([one, one | {"address": "7 Elm Road Boston"}], [0, 1]), (PersonName(), Address())).strangers_merged == 0
    )


def test_custom_identifiers_and_telling_attributes_make_blocks() -> None:
    draw = Draw(7)
    rows: list[Row] = [
        {
            "given_name": draw.name(GIVEN),
            "birth_date": draw.born().isoformat(),
            "passport": f"{n:08}",
            "town": f"{n % 300}",
        }
        for n in range(600)
    ]
    table = pa.Table.from_pylist([{"record_id": str(n), **row} for n, row in enumerate(rows)])
    fields = [PersonName(), BirthDate(), Identifier(name="passport"), Attribute(name="town")]
    graph = enishi.resolve(table, Model(fields), match="auto")
    assert {"passport", "town & birth_date.day"} <= set(graph.summary["match"]["blocking"])


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("codes", [1, 4])
def test_in_one_small_town_every_address_resembles_others(codes: int, seed: int) -> None:
    draw = Draw(seed)
    streets = [f"{start}{end} street" for start in STARTS.split()[:8] for end in ENDS.split()[:6]]
    people: list[Row] = [
        {
            "name": f"{draw.name(GIVEN)} {draw.family()}",
            "address": f"{draw.rng.randint(1, 999)} {draw.rng.choice(streets)} springfield",
            "postcode": f"6270{draw.rng.randrange(codes)}",
            "birth_date": draw.born().isoformat(),
        }
        for _ in range(300)
    ]
    whose = [*range(len(people)), *(draw.rng.randrange(len(people)) for _ in range(150))]
    rows: list[Row] = [people[n] | {"birth_date": draw.rng.choice([people[n]["birth_date"], None])} for n in whose]
    found = score((rows, whose), (PersonName(), BirthDate(), Postcode(), Address()))
    assert found.strangers_merged <= 1 and found.recall > 0.95, found


@pytest.mark.parametrize("whole", [True, False])
def test_a_married_name_is_no_other_given_name_where_one_source_writes_it_whole(whole: bool) -> None:
    draw = Draw(8)
    rows: list[Row] = []
    whose = []
    for person in range(1_000):
        given, families = draw.name(GIVEN), [draw.family(), draw.family()]
        known: Row = {"birth_date": draw.born().isoformat(), "postcode": f"{draw.rng.randint(10_000, 10_300)}"}
        rows.append({"given_name": given, "family_name": families[0]} | known)
        family = families[person % 5 == 0]
        rows.append(({"name": f"{given} {family}"} if whole else {"given_name": given, "family_name": family}) | known)
        whose += [person, person]
    found = score((rows, whose), (PersonName(), BirthDate(), Postcode()))
    assert found.recall > 0.97 and found.precision > 0.99, found
