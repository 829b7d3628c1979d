"""The channels of the simulated shop: what each of them captures of a block of people.

A channel is a function from the shop and the people to ``Rows``: who came, when, and the columns that this channel
writes down. Each draws from a generator of its own, so that a change in one leaves the others as they were.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ._simulate_japan import PROVIDERS, given_names, surnames
from ._simulate_people import (
    BLOCK,
    DAY,
    SALT_COOKIE,
    SALT_FAMILY_BROWSER,
    SALT_KIOSK,
    SALT_PAYMENT,
    SALT_PHONE,
    SALT_TABLET,
    People,
    Span,
    card_digits,
    default_card,
    device_key,
    draw_addresses,
)
from ._simulate_rates import Rates
from ._simulate_text import Bytes, Ints, Mask, digits, merge, mistyped, mix, pick, slipped, stamp, tokens, uuids

PEOPLE_PER_STORE = BLOCK  # each store has its kiosk and its cashier who swipes her own card
NOREPLY = "noreply@enishi-mart.example.jp"
TEST_EMAIL = "test@enishi-mart.example.jp"
TEST_PHONE = "090-1234-5678"
NO_DEVICE = "00000000-0000-0000-0000-000000000000"

_MOBILE_SPELLINGS = ("###-####-####", "###########", "＃＃＃－＃＃＃＃－＃＃＃＃", "+81 ## #### ####", "+81##########")
_LANDLINE_SPELLINGS = ("##-####-####", "##########", "＃＃－＃＃＃＃－＃＃＃＃", "+81 # #### ####", "+81#########")
_LOST_ZERO = len(_MOBILE_SPELLINGS)
_CARD_SPELLINGS = ("################", "#### #### #### ####", "####-####-####-####", "＃" * 16)


@dataclass(frozen=True)
class Shop:
    """What is the same for every block."""

    seed: int
    customers: int
    rates: Rates
    span: Span

    @property
    def stores(self) -> int:
        """How many there are. The last takes those who are too few for one of their own."""
        return max(1, self.customers // PEOPLE_PER_STORE)

    def store(self, number: Ints) -> Ints:
        """Where people shop."""
        return np.minimum(number // PEOPLE_PER_STORE, self.stores - 1)

    def kiosk(self, store: Ints) -> pa.Array:
        """The device of a store's kiosk."""
        return uuids(device_key(store, store * 0, SALT_KIOSK, self.seed))

    def cashier(self, store: Ints) -> Bytes:
        """The digits of the card of a store's cashier, who is the first customer of its block."""
        return card_digits(2 * store * PEOPLE_PER_STORE, self.seed)

    def tester(self) -> str:
        """The browser from which the test orders come."""
        return str(uuids(mix(np.array([self.seed]), 31))[0])

    def own_values(self) -> dict[str, tuple[str, ...]]:
        """What belongs to the shop and to no customer alone, by trap."""
        stores = np.arange(self.stores)
        return {
            "kiosk": tuple(self.kiosk(stores).to_pylist()),
            "default_card": tuple(stamp(_CARD_SPELLINGS[0], default_card(self.seed)).to_pylist()),
            "staff_card": tuple(stamp(_CARD_SPELLINGS[0], self.cashier(stores)).to_pylist()),
            "noreply": (NOREPLY,),
            "test_account": (TEST_EMAIL, TEST_PHONE, self.tester()),
        }


@dataclass(frozen=True)
class Rows:
    """What a channel captured: who came (a place in the block), when, the columns, and whom nobody could know."""

    who: Ints
    at: Ints
    columns: dict[str, pa.Array]
    unknown: Mask | None = None


class Visits:
    """Some people's visits to one channel in order of time, and how the people write what they are asked for."""

    def __init__(
        self, shop: Shop, people: People, rng: np.random.Generator, channel: tuple[float, float], salt: int
    ) -> None:
        share, more = channel
        count = (1 + rng.poisson(more, BLOCK)) * (rng.random(BLOCK) < share)
        who = np.repeat(np.arange(BLOCK), count)
        at = people.joined[who] + (rng.random(len(who)) * (shop.span.end - people.joined[who])).astype(np.int64)
        order = np.argsort(at, kind="stable")
        self.shop, self.people, self.rates, self.rng, self.salt = shop, people, shop.rates, rng, salt
        self.who, self.at, self.size = who[order], at[order], len(who)
        self.care = people.care[self.who].astype(np.float32)

    def chance(self, rate: float) -> Mask:
        """Rows where something happens that has nothing to do with the person."""
        return self.rng.random(self.size, np.float32) < rate

    def careless(self, rate: float) -> Mask:
        """Rows where the person slips: ``rate`` times the carelessness of each."""
        return self.rng.random(self.size, np.float32) < self.care * np.float32(rate)

    def one_of(self, shares: tuple[float, ...]) -> Ints:
        """A spelling for each row."""
        return np.searchsorted(np.cumsum(shares)[:-1] / sum(shares), self.rng.random(self.size), side="right")

    def omitted(self) -> Mask:
        """Rows where a required field is left out."""
        return self.careless(self.rates.omitted)

    def email(self, missing: Mask | None = None) -> pa.Array:
        """The address that the person uses in this channel, typed."""
        people, rates = self.people, self.rates
        owner = people.mailbox[self.who]
        prefers = mix(people.number[owner], 21 + self.salt) >> np.uint64(40) < np.uint64(
            int(rates.second_email_channel * 2**24)
        )
        address = np.where(prefers, people.second_email[owner], owner)
        index = address + len(people.emails) // 2 * self.chance(rates.email_other_spelling)
        text = pick(people.emails, index, missing)
        slips = self.careless(rates.email_typo)
        rows = np.flatnonzero(slips if missing is None else slips & ~missing)
        if not len(rows):
            return text
        wrong = text.take(pa.array(rows))
        local = pc.find_substring(wrong, "@").to_numpy()
        domain = self.rng.random(len(rows)) < 0.5  # assumed: as many slips behind the @ as before it
        parts = [(np.flatnonzero(~domain), mistyped(wrong.filter(~domain), local[~domain], self.rng))]
        for provider, (name, _, typos) in enumerate(PROVIDERS):
            here = np.flatnonzero(domain & (people.domain[index[rows]] == provider))
            instead = "@" + typos[int(self.rng.integers(len(typos)))]
            parts.append((here, pc.replace_substring(wrong.take(pa.array(here)), "@" + name, instead)))
        kept = np.ones(self.size, bool)
        kept[rows] = False
        keep = np.flatnonzero(kept)
        return merge([(keep, text.take(pa.array(keep))), *((rows[k], values) for k, values in parts)], self.size)

    def phone(self, *, landlines: bool = False, typed: bool = True) -> pa.Array:
        """The person's number at the time, in the spelling of the moment."""
        people, rates = self.people, self.rates
        number = np.where(self.at < people.renumbered[self.who], *(mobile[self.who] for mobile in people.mobile))
        spelling = self.one_of(rates.phone_spellings)
        fixed = people.uses_landline[self.who] if landlines else np.zeros(self.size, bool)
        # A landline is one digit shorter: the eleventh is not used.
        number = np.where(fixed, people.landline[self.who] * 10, number)
        written = digits(number, 11)
        if typed:
            written = slipped(written, np.flatnonzero(self.careless(rates.phone_typo)), self.rng, first=3)
            spelling[self.careless(rates.phone_lost_zero)] = _LOST_ZERO
        parts = []
        for rows, templates, end in (
            (~fixed, (*_MOBILE_SPELLINGS, "##########"), 11),
            (fixed, (*_LANDLINE_SPELLINGS, "#########"), 10),
        ):
            for code, template in enumerate(templates):
                chosen = np.flatnonzero(rows & (spelling == code))
                width = template.count("#") + template.count("＃")
                parts.append((chosen, stamp(template, written[chosen, end - width : end])))
        return merge(parts, self.size)

    def card_digits(self) -> Bytes:
        """The number of the card that the person has at the time."""
        people = self.people
        return people.card[self.who + BLOCK * (self.at >= people.card_lost[self.who])]

    def scanned_card(self, missing: Mask) -> pa.Array:
        """The loyalty card as a scanner reads it."""
        return _nulled(stamp(_CARD_SPELLINGS[0], self.card_digits()), missing)

    def typed_card(self, missing: Mask) -> pa.Array:
        """The loyalty card as its owner types it or reads it out."""
        rows = np.flatnonzero(~missing)
        slip = self.careless(self.rates.card_typo)[rows]
        number = slipped(self.card_digits()[rows], np.flatnonzero(slip), self.rng, first=6)
        spelling = self.one_of(self.rates.card_spellings)[rows]
        parts = [
            (rows[spelling == code], stamp(template, number[spelling == code]))
            for code, template in enumerate(_CARD_SPELLINGS)
        ]
        return merge(parts, self.size)

    def payment_token(self, missing: Mask) -> pa.Array:
        """The gateway's token for the payment card in use."""
        people = self.people
        slot = 2 * self.chance(self.rates.second_payment) + (self.at >= people.renewed[self.who])
        rows = np.flatnonzero(~missing)
        key = device_key(people.payer[self.who[rows]], slot[rows], SALT_PAYMENT, self.shop.seed)
        return merge([(rows, tokens(key, "tok_"))], self.size)

    def cookie(self) -> pa.Array:
        """The id in the browser's cookie: a new one whenever the browser has dropped the last."""
        people, shop = self.people, self.shop
        number = people.number[self.who]
        phase = (mix(number, 22) >> np.uint64(40)).astype(np.float64) / 2**24
        age = (self.at - shop.span.start) / (people.cookie_days[self.who] * DAY)
        slot = 2 * (age + phase).astype(np.int64) + self.chance(self.rates.second_browser)
        own = device_key(number, slot, SALT_COOKIE, shop.seed)
        family = device_key(people.household[self.who], slot & 0, SALT_FAMILY_BROWSER, shop.seed)
        return uuids(np.where(people.family_browser[self.who], family, own))

    def advertising_id(self) -> pa.Array:
        """The phone's or the family tablet's: upper case from iOS, lower from Android, zeros where refused."""
        people, shop = self.people, self.shop
        number = people.number[self.who]
        phase = (mix(number, 23) >> np.uint64(40)).astype(np.float64) / 2**24
        slot = ((self.at - shop.span.start) / (self.rates.device_years * 365.25 * DAY) + phase).astype(np.int64)
        tablet = people.tablet[self.who] & self.chance(self.rates.tablet_use)
        own = device_key(number, slot, SALT_PHONE, shop.seed)
        key = np.where(tablet, device_key(people.household[self.who], slot * 0, SALT_TABLET, shop.seed), own)
        refused = people.ios[self.who] & people.refused[self.who] & ~tablet
        upper = people.ios[self.who] & ~tablet
        bare = self.chance(self.rates.bare_device)
        parts = [(np.flatnonzero(refused), pa.repeat(NO_DEVICE, int(refused.sum())))]
        for is_upper in (False, True):
            for is_bare in (False, True):
                rows = np.flatnonzero(~refused & (upper == is_upper) & (bare == is_bare))
                parts.append((rows, uuids(key[rows], upper=is_upper, hyphens=not is_bare)))
        return merge(parts, self.size)

    def surname(self) -> Ints:
        """The surname at the time."""
        before, after = self.people.surname
        return np.where(self.at < self.people.renamed[self.who], before[self.who], after[self.who])

    def names(self, family: NDArray[np.int64] | str, given: NDArray[np.int64] | str) -> tuple[pa.Array, pa.Array]:
        """Surname and given name, each in the form asked for."""
        surname, first = surnames(), given_names()
        return (
            pick(surname.forms, surname.index(family, self.surname())),
            pick(first.forms, first.index(given, self.people.given[self.who])),
        )

    def forms(self, usual: int, *slips: tuple[int, Mask]) -> Ints:
        """The usual form of a name, and others in the rows of a mask."""
        form = np.full(self.size, usual, np.int64)
        for other, rows in slips:
            form[rows] = other
        return form

    def birth_date(self, template: str, missing: Mask) -> pa.Array:
        """The birth date as text, or as dates where the template is empty; at times a slip or a placeholder."""
        kind = np.where(self.careless(self.rates.birth_slip), 1, 0)
        kind[self.careless(self.rates.birth_placeholder)] = 2
        which = self.who + BLOCK * kind
        if template:
            return _nulled(stamp(template, self.people.births_in_digits[which]), missing)
        return pa.array(self.people.births[which].astype(np.int32), pa.date32(), mask=missing)

    def address(self, missing: Mask) -> tuple[pa.Array, pa.Array]:
        """Postcode and address at the time."""
        people = self.people
        home = np.where(self.at < people.moved[self.who], *(home[self.who] for home in people.home))
        spelling = self.one_of(self.rates.address_spellings)
        return pick(people.postcodes, home, missing), pick(people.addresses, spelling * people.homes + home, missing)


def _nulled(values: pa.Array, missing: Mask) -> pa.Array:
    return pc.if_else(pa.array(missing), pa.scalar(None, values.type), values)


def _overwritten(values: pa.Array, rows: Mask, value: str | None) -> pa.Array:
    return pc.if_else(pa.array(rows), pa.scalar(value, pa.string()), values) if rows.any() else values


_KANJI, _VARIANT, _CONFUSED, _KANA, _HALF_KANA, _HIRAGANA, _MISHEARD, _HALF_MISHEARD, _ROMAJI = range(9)


def _web_shop(shop: Shop, people: People, rng: np.random.Generator) -> Rows:
    """An order with the profile of its account: nearly everything."""
    visits = Visits(shop, people, rng, shop.rates.web_shop, salt=1)
    rates = shop.rates
    test = visits.chance(rates.test_account)
    no_card = ~visits.chance(rates.web_logged_in) | test
    variant = visits.careless(rates.name_variant)
    kanji = visits.forms(_KANJI, (_VARIANT, variant))
    family, given = visits.names(kanji, kanji)
    family_kana, given_kana = visits.names("kana", "kana")
    postcode, address = visits.address(visits.omitted())
    columns = {
        "email": _overwritten(visits.email(), test, TEST_EMAIL),
        "phone": _overwritten(visits.phone(), test, TEST_PHONE),
        "device_id": _overwritten(visits.cookie(), test, shop.tester()),
        "loyalty_card": visits.typed_card(no_card),
        "payment_token": visits.payment_token(~visits.chance(rates.web_payment) | test),
        "family_name": family,
        "given_name": given,
        "family_name_kana": family_kana,
        "given_name_kana": given_kana,
        "birth_date": _overwritten(visits.birth_date("####-##-##", visits.omitted()), test, "1980-01-01"),
        "postcode": postcode,
        "address": address,
    }
    return Rows(visits.who, visits.at, columns, unknown=test)


def _app(shop: Shop, people: People, rng: np.random.Generator) -> Rows:
    """A session: the device, and the profile behind the login."""
    visits = Visits(shop, people, rng, shop.rates.app, salt=2)
    latin = visits.forms(_KANJI, (_ROMAJI, visits.careless(shop.rates.name_in_romaji)))
    family, given = visits.names(latin, latin)
    columns = {
        "device_id": visits.advertising_id(),
        "email": visits.email(),
        "loyalty_card": visits.typed_card(~visits.chance(shop.rates.app_card)),
        "family_name": family,
        "given_name": given,
        "birth_date": visits.birth_date("", visits.omitted()),
    }
    return Rows(visits.who, visits.at, columns)


def _till(shop: Shop, people: People, rng: np.random.Generator) -> Rows:
    """A purchase: the loyalty card swiped, the payment card's token, seldom an address for the receipt."""
    visits = Visits(shop, people, rng, shop.rates.till, salt=3)
    rates = shop.rates
    u = rng.random(visits.size)
    default = u < rates.default_card
    staff = ~default & (u < rates.default_card + rates.staff_card)
    own = ~default & ~staff & (u < rates.default_card + rates.staff_card + rates.till_card)
    cash = ~visits.chance(rates.cashless)
    stores, at_store = np.unique(shop.store(people.number[visits.who]), return_inverse=True)
    cashiers = shop.cashier(stores)
    card = visits.card_digits()
    card[staff] = cashiers[at_store[staff]]
    card[default] = default_card(shop.seed)
    noreply = visits.chance(rates.till_noreply)
    no_email = ~visits.chance(rates.till_email) | noreply
    columns = {
        "loyalty_card": _nulled(stamp(_CARD_SPELLINGS[0], card), ~(own | staff | default)),
        "payment_token": visits.payment_token(cash),
        "email": _overwritten(visits.email(no_email), noreply, NOREPLY),
    }
    # Nobody knows who paid cash on a card that is not the customer's and left no address.
    return Rows(visits.who, visits.at, columns, unknown=(default | staff) & cash & no_email)


def _mobile_payment(shop: Shop, people: People, rng: np.random.Generator) -> Rows:
    """A payment by phone: nothing but the token."""
    visits = Visits(shop, people, rng, shop.rates.mobile_payment, salt=4)
    return Rows(visits.who, visits.at, {"payment_token": visits.payment_token(np.zeros(visits.size, bool))})


def _call_centre(shop: Shop, people: People, rng: np.random.Generator) -> Rows:
    """A call: the name by ear, in the half-width kana of an old system."""
    visits = Visits(shop, people, rng, shop.rates.call_centre, salt=5)
    rates = shop.rates
    family, given = (visits.forms(_HALF_KANA, (_HALF_MISHEARD, visits.careless(rates.name_misheard))) for _ in range(2))
    family_kana, given_kana = visits.names(family, given)
    columns = {
        "phone": visits.phone(landlines=True),
        "loyalty_card": visits.typed_card(~visits.chance(rates.call_card)),
        "family_name_kana": family_kana,
        "given_name_kana": given_kana,
        "birth_date": visits.birth_date("########", visits.omitted()),
    }
    return Rows(visits.who, visits.at, columns)


def _catalogue(shop: Shop, people: People, rng: np.random.Generator) -> Rows:
    """An order form filled in by hand and keyed by a clerk."""
    visits = Visits(shop, people, rng, shop.rates.catalogue, salt=6)
    rates = shop.rates
    variant = visits.careless(rates.name_variant)
    kanji = [
        visits.forms(_KANJI, (_VARIANT, variant), (_CONFUSED, visits.careless(rates.name_confused))) for _ in range(2)
    ]
    kana = visits.forms(_KANA, (_HIRAGANA, visits.careless(rates.kana_in_hiragana)))
    family, given = visits.names(*kanji)
    family_kana, given_kana = visits.names(kana, kana)
    postcode, address = visits.address(visits.omitted())
    no_email = ~visits.chance(rates.catalogue_email)
    noreply = no_email & visits.chance(rates.catalogue_noreply)
    columns = {
        "phone": visits.phone(landlines=True),
        "email": _overwritten(visits.email(no_email), noreply, NOREPLY),
        "family_name": family,
        "given_name": given,
        "family_name_kana": family_kana,
        "given_name_kana": given_kana,
        "birth_date": visits.birth_date("####/##/##", visits.omitted()),
        "postcode": postcode,
        "address": address,
    }
    return Rows(visits.who, visits.at, columns)


def _kiosk(shop: Shop, people: People, rng: np.random.Generator) -> Rows:
    """A visit to the store's kiosk: one device for all, and the card scanned or the phone number keyed in."""
    visits = Visits(shop, people, rng, shop.rates.kiosk, salt=7)
    scans = visits.chance(shop.rates.kiosk_card)
    store = shop.store(people.number[visits.who])
    columns = {
        "device_id": shop.kiosk(store),
        "loyalty_card": visits.scanned_card(~scans),
        "phone": _nulled(visits.phone(), scans),
    }
    return Rows(visits.who, visits.at, columns)


def _pick_up(shop: Shop, people: People, rng: np.random.Generator) -> Rows:
    """A parcel collected at a convenience store: the order's phone number, the name of whoever came."""
    visits = Visits(shop, people, rng, shop.rates.pick_up, salt=8)
    relative = visits.chance(shop.rates.picked_up_by_relative)
    collector = np.where(relative, people.relative[visits.who], visits.who)
    names = given_names()
    family_kana, _ = visits.names("kana", "kana")
    columns = {
        "phone": visits.phone(typed=False),
        "family_name_kana": family_kana,
        "given_name_kana": pick(names.forms, names.index("kana", people.given[collector])),
    }
    return Rows(visits.who, visits.at, columns)


def _gift(shop: Shop, people: People, rng: np.random.Generator) -> Rows:
    """A gift: the account of the giver, the name and address of the receiver, who may be a customer, too."""
    visits = Visits(shop, people, rng, shop.rates.gift, salt=9)
    known = visits.chance(shop.rates.gift_to_customer)
    receiver = rng.integers(0, BLOCK, visits.size)
    surname, first = surnames(), given_names()
    family = np.where(known, people.surname[1][receiver], surname.draw(rng.random(visits.size)))
    given = np.where(known, people.given[receiver], first.draw(rng.random(visits.size)))
    addresses, postcodes = draw_addresses(rng, shop.rates, visits.size, np.empty(0, np.int64), spellings=1)
    home = np.where(known, people.home[1][receiver], people.homes + np.arange(visits.size))
    columns = {
        "email": visits.email(),
        "device_id": visits.cookie(),
        "family_name": pick(surname.forms, surname.index("kanji", family)),
        "given_name": pick(first.forms, first.index("kanji", given)),
        "postcode": pick(pa.concat_arrays([people.postcodes, postcodes]), home),
        # The first spelling of the homes of the block, then of those elsewhere.
        "address": pick(pa.concat_arrays([people.addresses[: people.homes], addresses]), home),
    }
    return Rows(visits.who, visits.at, columns)


Channel = Callable[[Shop, People, np.random.Generator], Rows]

# The letter opens the channel's record ids.
CHANNELS: dict[str, tuple[str, Channel]] = {
    "web_shop": ("w", _web_shop),
    "app": ("a", _app),
    "till": ("t", _till),
    "mobile_payment": ("m", _mobile_payment),
    "call_centre": ("c", _call_centre),
    "catalogue": ("o", _catalogue),
    "kiosk": ("k", _kiosk),
    "pick_up": ("p", _pick_up),
    "gift": ("g", _gift),
}
