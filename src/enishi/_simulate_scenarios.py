"""Seven shops small enough to read: each a few dozen people, every record on purpose, and one trap to fall into.

The people come from the simulated world; what happens to them is told here, record by record. Every person of a
scenario can be told from all others and found whole by shared identifiers, or by near ones that names and birth dates
support: one customer each is the right answer, not a hope.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa

from ._simulate_channels import NO_DEVICE, NOREPLY
from ._simulate_japan import Names, given_names, surnames
from ._simulate_people import (
    BLOCK,
    SALT_COOKIE,
    SALT_KIOSK,
    SALT_PAYMENT,
    SALT_PHONE,
    Span,
    default_card,
    device_key,
    draw_people,
)
from ._simulate_rates import Rates
from ._simulate_text import stamp, tokens, uuids

_CROWD = 24  # people who share a value of the shop: more than enough for it to be generic
_START = datetime(2025, 1, 6, 9, tzinfo=UTC)
_YEAR = 365


@dataclass(frozen=True)
class Scenario:
    """Tables by source, and the truth of their records.

    Attributes
    ----------
    tables
        One table a source, with ``record_id``, ``seen_at`` and the columns that the source captures.
    truth
        ``source``, ``record_id``, ``person_id`` and ``household_id`` of every record; a null person is not scored.
    """

    tables: dict[str, pa.Table]
    truth: pa.Table


@dataclass(frozen=True)
class _Person:
    number: int
    household: int
    family: str
    given: str
    family_kana: str
    given_kana: str
    family_half: str
    given_half: str
    birth: date
    email: str
    phone: str
    landline: str
    card: str
    device: str
    cookie: str
    token: str
    postcode: str
    address: str

    @property
    def kanji(self) -> dict[str, str]:
        return {"family_name": self.family, "given_name": self.given}

    @property
    def kana(self) -> dict[str, str]:
        return {"family_name_kana": self.family_kana, "given_name_kana": self.given_kana}

    @property
    def half_kana(self) -> dict[str, str]:
        return {"family_name_kana": self.family_half, "given_name_kana": self.given_half}

    @property
    def home(self) -> dict[str, str]:
        return {"postcode": self.postcode, "address": self.address}


class _Cast:
    """The people of a scenario, taken from the first block of a world; nobody appears twice."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        rates = Rates()
        span = Span(int(_START.timestamp()) - 3 * _YEAR * 86_400, int(_START.timestamp()))
        self._people = people = draw_people(seed, 0, rates, span)
        self._size = np.bincount(people.head, minlength=BLOCK)[people.head]
        place = np.arange(BLOCK)
        head, sex, births = people.head, people.sex, people.births[:BLOCK]
        second = (people.member == 1) & (self._size == 2) & (people.surname[0] == people.surname[0][head])
        self._singles = iter(self._unlike(place[self._size == 1]))
        apart = np.abs(births - births[head])
        self._couples = iter(place[second & (sex != sex[head]) & (apart > 200) & (apart < 12 * _YEAR)])
        alike = (given_names().first[people.given] == given_names().first[people.given[head]]) & (
            people.given != people.given[head]
        )
        self._sons = iter(place[second & (sex == 0) & (sex[head] == 0) & alike & (apart > 18 * _YEAR)])

    def _unlike(self, places: np.ndarray) -> np.ndarray:
        """Of people who share a surname, only the first: what is alike in a scenario is so on purpose."""
        _, first = np.unique(self._people.surname[0][places], return_index=True)
        return places[np.sort(first)]

    def _person(self, place: int) -> _Person:
        people, seed, at = self._people, self._seed, np.array([place])
        number, zero = people.number[at], np.zeros(1, np.int64)

        def form(names: Names, name: np.ndarray, which: str) -> str:
            return str(names.forms[int(names.index(which, name)[place])])

        first, family = given_names(), surnames()
        surname = people.surname[0]
        home = int(people.home[0][place])
        return _Person(
            number=int(number[0]),
            household=int(people.household[place]),
            **{
                "family" + suffix: form(family, surname, which)
                for suffix, which in (("", "kanji"), ("_kana", "kana"), ("_half", "half_kana"))
            },
            **{
                "given" + suffix: form(first, people.given, which)
                for suffix, which in (("", "kanji"), ("_kana", "kana"), ("_half", "half_kana"))
            },
            birth=date(1970, 1, 1) + timedelta(days=int(people.births[place])),
            email=str(people.emails[place]),
            phone=f"{people.mobile[0][place]:011d}",
            landline=f"{people.landline[place]:010d}",
            card=str(stamp("#" * 16, people.card[at])[0]),
            device=str(uuids(device_key(number, zero, SALT_PHONE, seed))[0]),
            cookie=str(uuids(device_key(number, zero, SALT_COOKIE, seed))[0]),
            token=str(tokens(device_key(number, zero, SALT_PAYMENT, seed), "tok_")[0]),
            postcode=str(people.postcodes[home]),
            address=str(people.addresses[home]),
        )

    def single(self) -> _Person:
        """Somebody who lives alone and whose surname nobody else has."""
        return self._person(int(next(self._singles)))

    def crowd(self, size: int = _CROWD) -> list[_Person]:
        """Many of these."""
        return [self.single() for _ in range(size)]

    def couple(self) -> tuple[_Person, _Person]:
        """Two of one surname and home."""
        return self._pair(self._couples)

    def father_and_son(self) -> tuple[_Person, _Person]:
        """Two of one surname and home whose given names begin alike."""
        return self._pair(self._sons)

    def _pair(self, seconds: Iterator[int]) -> tuple[_Person, _Person]:
        place = int(next(seconds))
        return self._person(int(self._people.head[place])), self._person(place)

    def shop_device(self) -> str:
        """The id of a device that belongs to the shop."""
        return str(uuids(device_key(np.array([0]), np.array([0]), SALT_KIOSK, self._seed))[0])

    def default_card(self) -> str:
        """The card that the tills have for customers without one."""
        return str(stamp("#" * 16, default_card(self._seed))[0])


class _Log:
    """Records as they are told, a minute after one another."""

    def __init__(self) -> None:
        self._rows: dict[str, list[dict[str, object]]] = {}
        self._truth: list[tuple[str, str, int | None, int | None]] = []

    def add(self, source: str, person: _Person | None, **columns: object) -> None:
        """One record of a person, or of somebody unknown."""
        rows = self._rows.setdefault(source, [])
        record_id = f"{source}-{len(rows) + 1:03d}"
        seen_at = _START + timedelta(minutes=len(self._truth))
        rows.append({"record_id": record_id, "seen_at": seen_at.replace(tzinfo=None), **columns})
        known = (person.number, person.household) if person else (None, None)
        self._truth.append((source, record_id, *known))

    def scenario(self) -> Scenario:
        """All that was told."""
        tables = {}
        for source, rows in self._rows.items():
            columns = dict.fromkeys(name for row in rows for name in row)
            tables[source] = pa.table({name: pa.array([row.get(name) for row in rows]) for name in columns})
        types = (pa.string(), pa.string(), pa.int64(), pa.int64())
        names = ("source", "record_id", "person_id", "household_id")
        truth = zip(names, zip(*self._truth, strict=True), types, strict=True)
        return Scenario(tables, pa.table({name: pa.array(values, kind) for name, values, kind in truth}))


def _called_like(person: _Person, other: _Person) -> _Person:
    return replace(
        person,
        family=other.family,
        given=other.given,
        family_kana=other.family_kana,
        given_kana=other.given_kana,
        family_half=other.family_half,
        given_half=other.given_half,
    )


def _wide(text: str) -> str:
    """ASCII in full-width characters."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def _hyphens(phone: str) -> str:
    return f"{phone[:3]}-{phone[3:-4]}-{phone[-4:]}"


def _abroad(phone: str) -> str:
    return f"+81 {phone[1:3]} {phone[3:-4]} {phone[-4:]}"


def _spaced(card: str) -> str:
    return " ".join(card[k : k + 4] for k in range(0, 16, 4))


def _shouted(email: str) -> str:
    """The same mailbox, typed with the caps lock on and a space behind."""
    return email.upper() + " "


def _near(digits: str) -> str:
    """One digit wrong, in the middle of the last four."""
    wrong = str((int(digits[-2]) + 5) % 10)
    return digits[:-2] + wrong + digits[-1]


def _supermarket(log: _Log, cast: _Cast) -> None:
    """App, self-checkout and mobile payment meet in card and token; the default card is everybody's."""
    crowd = cast.crowd()
    for person in crowd:
        log.add("app", person, device_id=person.device.upper(), email=person.email, loyalty_card=_spaced(person.card))
        log.add("self_checkout", person, loyalty_card=person.card, payment_token=person.token)
        log.add("self_checkout", person, loyalty_card=cast.default_card(), payment_token=person.token)
        log.add("mobile_payment", person, payment_token=person.token)
    for _ in range(3):
        log.add("self_checkout", None, loyalty_card=cast.default_card())
    # A stranger whose address is one letter away from a customer's, and nothing else in common.
    local, domain = crowd[0].email.split("@")
    near = replace(cast.single(), email=f"{'x' if local[0] != 'x' else 'y'}{local[1:]}@{domain}")
    log.add("app", near, device_id=near.device, email=near.email, loyalty_card=near.card)
    log.add("self_checkout", near, loyalty_card=near.card)


def _health_app(log: _Log, cast: _Cast) -> None:
    """An insurer's app, the clinic's booking by phone number, the visit; a couple shares a landline."""
    for person in (*cast.crowd(8), *cast.father_and_son()):
        log.add("app", person, device_id=person.device, email=person.email, **person.kanji, birth_date=person.birth)
        log.add(
            "booking", person, email=_shouted(person.email), phone=_hyphens(person.phone), **person.kana,
            birth_date=person.birth.isoformat(),
        )  # fmt: skip
        log.add(
            "visit", person, phone=_wide(_hyphens(person.phone)), **person.kanji, **person.kana,
            birth_date=person.birth.strftime("%Y/%m/%d"),
        )  # fmt: skip
    for person in cast.couple():
        birth = person.birth.isoformat()
        log.add("app", person, device_id=NO_DEVICE, email=person.email, **person.kanji, birth_date=person.birth)
        log.add("booking", person, email=person.email, phone=person.landline, **person.kana, birth_date=birth)
        log.add("visit", person, phone=person.landline, **person.kanji, **person.kana, birth_date=birth)
    # Twins: one surname, home and birthday, two people; each has a phone of her own.
    first = cast.single()
    second = replace(
        cast.single(), household=first.household, family=first.family, family_kana=first.family_kana, birth=first.birth
    )
    for person in (first, second):
        birth = person.birth.isoformat()
        log.add("booking", person, email=person.email, phone=person.phone, **person.kana, birth_date=birth)
        log.add("visit", person, phone=_abroad(person.phone), **person.kanji, **person.kana, birth_date=birth)


def _convenience_pick_up(log: _Log, cast: _Cast) -> None:
    """A web order collected at a convenience store, at times by the customer's wife or husband."""

    def order(person: _Person) -> None:
        log.add(
            "web_order", person, email=person.email, phone=_hyphens(person.phone), **person.kanji, **person.kana,
            **person.home, payment_token=person.token, birth_date=person.birth.isoformat(),
        )  # fmt: skip

    people = cast.crowd(8)
    # A stranger of the same name who lives elsewhere.
    people.append(_called_like(cast.single(), people[0]))
    for person in people:
        order(person)
        log.add("pick_up", person, phone=person.phone, **person.kana)
    for one, other in (cast.couple(), cast.couple()):
        for person, collector in ((one, other), (other, other)):
            order(person)
            log.add("pick_up", person, phone=_abroad(person.phone), **collector.kana)


def _try_on(log: _Log, cast: _Cast) -> None:
    """An apparel brand: browsing, logging in, trying on at the store's tablet, buying."""
    tablet = cast.shop_device()
    for person in cast.crowd():
        log.add("browsing", person, device_id=person.cookie)
        log.add("browsing", person, device_id=person.cookie.upper(), email=person.email)
        log.add("account", person, email=person.email.capitalize(), loyalty_card=_wide(person.card), **person.kanji)
        log.add("try_on", person, device_id=tablet, loyalty_card=person.card)
        log.add("till", person, loyalty_card=person.card, payment_token=person.token)
        log.add("till", person, payment_token=person.token)


def _bookshop_code(log: _Log, cast: _Cast) -> None:
    """A QR code on a poster opens the shop's page; some sign up on the phone of a clerk who shows them how."""
    clerks_phone = cast.shop_device()
    for place, person in enumerate(cast.crowd()):
        birth = person.birth.isoformat()
        log.add("poster", person, device_id=person.cookie)
        log.add("sign_up", person, device_id=person.cookie, email=person.email, **person.kanji, birth_date=birth)
        log.add(
            "sign_up", person, device_id=clerks_phone, email=_shouted(person.email), **person.kanji, birth_date=birth,
            loyalty_card=person.card,
        )  # fmt: skip
        log.add("purchase", person, loyalty_card=person.card, payment_token=person.token)
        if place % 3 == 0:
            log.add("purchase", person, payment_token=person.token)
    # gmail's dots and tags are one mailbox.
    reader = replace(cast.single(), email="yomu.hito831@gmail.com")
    log.add("sign_up", reader, device_id=reader.cookie, email="yomuhito831@gmail.com", **reader.kanji)
    log.add("sign_up", reader, email="Yomu.Hito831+shop@googlemail.com", loyalty_card=reader.card, **reader.kanji)


def _order_ahead(log: _Log, cast: _Cast) -> None:
    """A café's app, its counter and a wallet; the barista swipes her own card for guests who have none."""
    barista = cast.single()
    crowd = cast.crowd()
    for person in crowd:
        log.add(
            "app_order", person, device_id=person.device, email=person.email, phone=person.phone,
            payment_token=person.token, **person.kanji,
        )  # fmt: skip
        log.add("counter", person, loyalty_card=barista.card, payment_token=person.token)
        log.add("wallet", person, payment_token=person.token)
    for _ in range(3):
        log.add("counter", None, loyalty_card=barista.card)
    log.add("app_order", barista, device_id=NO_DEVICE, email=barista.email, payment_token=barista.token)
    log.add("counter", barista, loyalty_card=barista.card, payment_token=barista.token)
    # One orders for another: the account's holder is the customer, whoever's name stands on the cup.
    log.add("app_order", crowd[0], device_id=crowd[0].device.replace("-", ""), email=crowd[0].email, **crowd[1].kanji)


def _catalogue_caller(log: _Log, cast: _Cast) -> None:
    """Order forms by hand, calls taken by ear, a web account; a clerk keys noreply@ where no address is given."""

    def form(person: _Person, phone: str, **columns: object) -> None:
        log.add(
            "catalogue", person, **{"phone": _wide(_hyphens(phone)), "email": NOREPLY, **person.kanji, **person.kana},
            birth_date=person.birth.strftime("%Y/%m/%d"), postcode=person.postcode, address=_wide(person.address),
            **columns,
        )  # fmt: skip

    def call(person: _Person, phone: str) -> None:
        log.add("call", person, phone=phone, **person.half_kana, birth_date=person.birth.strftime("%Y%m%d"))

    def web(person: _Person, phone: str) -> None:
        log.add(
            "web", person, email=person.email, phone=phone, **person.kanji, **person.kana,
            birth_date=person.birth.isoformat(), **person.home,
        )  # fmt: skip

    for person in cast.crowd():
        form(person, person.phone)
        call(person, person.phone[1:])  # a spreadsheet lost the zero
        web(person, person.phone)
    for person in cast.couple():
        form(person, person.landline)
        call(person, person.landline)
        web(person, person.landline)
    # One digit misread on the form; name, birth date and postcode say whose it is.
    hasty = cast.single()
    form(hasty, _near(hasty.phone))
    web(hasty, hasty.phone)
    # A bride: another surname and home, the same phone.
    maiden, elsewhere = cast.single(), cast.single()
    bride = replace(
        maiden, family=elsewhere.family, family_kana=elsewhere.family_kana, family_half=elsewhere.family_half,
        postcode=elsewhere.postcode, address=elsewhere.address,
    )  # fmt: skip
    web(maiden, maiden.phone)
    form(bride, bride.phone)
    call(bride, bride.phone)


SCENARIOS: dict[str, Callable[[_Log, _Cast], None]] = {
    "supermarket": _supermarket,
    "health_app": _health_app,
    "convenience_pick_up": _convenience_pick_up,
    "try_on": _try_on,
    "bookshop_code": _bookshop_code,
    "order_ahead": _order_ahead,
    "catalogue_caller": _catalogue_caller,
}


def scenario(name: str, seed: int = 0) -> Scenario:
    """A named scenario: a tiny world in which every record is there on purpose.

    Parameters
    ----------
    name
        One of ``SCENARIOS``.
    seed
        Another seed takes other people through the same story.

    Returns
    -------
    Scenario
        The tables by source, and the truth.

    Examples
    --------
    >>> from enishi.simulate import scenario
    >>> sorted(scenario("supermarket").tables)
    ['app', 'mobile_payment', 'self_checkout']
    """
    if name not in SCENARIOS:
        raise ValueError(f"no scenario {name!r}; there are {', '.join(SCENARIOS)}")
    log = _Log()
    SCENARIOS[name](log, _Cast(seed))
    return log.scenario()
