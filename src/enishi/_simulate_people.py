"""The people of the simulated shop, drawn in blocks.

A block is ``BLOCK`` people in whole households, and follows from the seed and its number alone: blocks can be drawn in
any order, and memory holds one of them. What has to be unique over all blocks (phone and card numbers, mail addresses)
is a permutation of the person's number; what may not be guessed (device ids, tokens) is a hash of it. Everything that
changes in a life (surname, home, phone, card) is held as *before*, *after* and *when*.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ._simulate_japan import BUILDINGS, OLD_CARRIERS, PROVIDERS, TOWNS, Names, given_names, places, surnames
from ._simulate_rates import Rates
from ._simulate_text import Bytes, Ints, Mask, digits, luhn, merge, mix, pick, scatter, stamp

BLOCK = 8192  # people; a household that would reach over the end is cut
DAY = 86_400
HALF_A_YEAR = 183 * DAY
NEVER = np.int64(2**62)

# Mobile numbers are 070, 080 or 090, then a digit other than 0, then seven more; each person may need two.
_MOBILES = (27_000, 10_000)
# Loyalty cards are 928001, nine digits and a Luhn check digit. 9 opens no payment card's number.
_CARDS = (100_000, 10_000)
_CARD_PREFIX = 928_001
MAX_CUSTOMERS = _MOBILES[0] * _MOBILES[1] // 2

_PLACEHOLDER = 3652  # 1980-01-01, in days since 1970

# Uses of a person's number in hashes.
_SALT_MOBILE, _SALT_CARD, _SALT_LANDLINE = 101, 111, 121
SALT_PHONE, SALT_COOKIE, SALT_TABLET, SALT_FAMILY_BROWSER, SALT_PAYMENT, SALT_KIOSK = 11, 12, 13, 14, 15, 16


@dataclass(frozen=True)
class Span:
    """The time that the shop's records cover, in seconds since 1970."""

    start: int
    end: int

    @property
    def years(self) -> float:
        """Its length."""
        return (self.end - self.start) / (365.25 * DAY)


@dataclass(frozen=True)
class People:
    """One block of people: one entry a person in every array that says nothing else."""

    number: Ints  # over all blocks
    household: Ints  # over all blocks
    member: Ints  # 0 for the first of a household
    head: Ints  # the place, in this block, of the household's first member
    relative: Ints  # the place of another member, the person's own where there is none
    care: NDArray[np.float64]  # carelessness: 1 on average
    sex: NDArray[np.int8]
    births: Ints  # days since 1970: everybody's true birth date, then with a slip, then a placeholder
    births_in_digits: Bytes  # the same as YYYYMMDD
    joined: Ints
    given: Ints
    surname: tuple[Ints, Ints]
    renamed: Ints
    home: tuple[Ints, Ints]
    moved: Ints
    mobile: tuple[Ints, Ints]  # eleven digits
    renumbered: Ints
    landline: Ints  # ten digits; of the household
    uses_landline: Mask
    card: Bytes  # sixteen digits: of everybody's first card, then of everybody's second
    card_lost: Ints
    payer: Ints  # the number of the person whose payment cards are used
    renewed: Ints
    ios: Mask
    refused: Mask
    tablet: Mask
    family_browser: Mask
    cookie_days: NDArray[np.float64]
    emails: pa.Array  # everybody's first address, the second ones, then all in another spelling
    second_email: Ints  # where the second address stands, the first for those who have none
    domain: Ints  # of the same, an index into PROVIDERS
    mailbox: Ints  # the place of the person whose address is used
    addresses: pa.Array  # four spellings of every home, one spelling after the other
    postcodes: pa.Array  # of every home
    homes: int


def card_digits(index: Ints, seed: int) -> Bytes:
    """The sixteen digits of the loyalty card that was issued as number ``index``."""
    return luhn(digits(_CARD_PREFIX * 10**9 + scatter(index, *_CARDS, _SALT_CARD + 1000 * seed), 15))


def default_card(seed: int) -> Bytes:
    """The card that the tills have for customers without one: the last that can be issued."""
    return card_digits(np.array([_CARDS[0] * _CARDS[1] - 1]), seed)


def _mobile(index: Ints, seed: int) -> Ints:
    number = scatter(index, *_MOBILES, _SALT_MOBILE + 1000 * seed)
    prefix, rest = np.divmod(number, 90_000_000)
    return 7_000_000_000 + prefix * 1_000_000_000 + rest + 10_000_000


def _households(rng: np.random.Generator, rates: Rates) -> tuple[Ints, Ints]:
    """Each person's household within the block, and place in it."""
    sizes = 1 + rng.choice(len(rates.customers_in_household), BLOCK, p=rates.customers_in_household)
    household = np.repeat(np.arange(BLOCK), sizes)[:BLOCK]
    starts = np.cumsum(sizes) - sizes
    return household, np.arange(BLOCK) - starts[household]


def _given(rng: np.random.Generator, rates: Rates, names: Names, sex: NDArray[np.int8]) -> Ints:
    return names.draw((rng.random(BLOCK) + sex) / 2)


def _juniors(given: Ints, father: Ints, sons: Ints, names: Names, rng: np.random.Generator) -> None:
    """Give sons a name that begins as their father's does."""
    group = names.first[given[father[sons]]]
    start = names.group_start[group]
    size = names.group_start[group + 1] - start
    chosen = names.group_order[start + (rng.random(len(sons)) * size).astype(np.int64)]
    different = chosen != given[father[sons]]
    given[sons[different]] = chosen[different]


def draw_people(seed: int, block: int, rates: Rates, span: Span) -> People:
    """The people of one block."""
    rng = np.random.default_rng([seed, block])
    place = np.arange(BLOCK)
    number = block * BLOCK + place
    household, member = _households(rng, rates)
    head = place - member
    count = int(household[-1]) + 1
    size = np.bincount(household)[household]
    years = span.years

    def chance(rate: float, of: int = BLOCK) -> Mask:
        return rng.random(of) < rate

    def moment(of: int = BLOCK) -> Ints:
        return rng.integers(span.start, span.end, of)

    # Who they are
    family = size > 1
    spouse = (member == 1) & chance(rates.spouse)[household]
    child = (member > 0) & ~spouse
    sex = rng.integers(0, 2, BLOCK).astype(np.int8)
    sex[(member == 0) & family & chance(rates.male_head)] = 0
    sex[spouse] = 1 - sex[head[spouse]]
    age = np.where(family, rng.triangular(26, 45, 88, BLOCK), rng.triangular(17, 35, 88, BLOCK))
    parent = np.zeros(BLOCK, bool)
    parent[head[child]] = True
    age[parent] = np.maximum(age[parent], 42)
    age[spouse] = (age[head[spouse]] + rng.normal(0, 4, spouse.sum())).clip(20, 90)
    age[child] = (age[head[child]] - rng.uniform(22, 38, child.sum())).clip(15, 60)
    birth = span.start // DAY - (age * 365.25).astype(np.int64) - rng.integers(0, 365, BLOCK)
    twin = place[child & np.roll(child, 1) & (member > 1) & chance(rates.twins)]
    birth[twin] = birth[twin - 1]
    names = given_names()
    given = _given(rng, rates, names, sex)
    sons = place[child & (sex == 0) & (sex[head] == 0) & chance(rates.junior)]
    _juniors(given, head, sons, names, rng)
    care = rng.gamma(rates.careless_shape, 1 / rates.careless_shape, BLOCK)

    # Surnames and homes, and when they change
    family_names = surnames()
    own = family_names.draw(rng.random(BLOCK))
    shared = own[head]
    surname = np.where((member > 0) & chance(rates.other_surname), own, shared)
    mover = chance(1 - (1 - rates.move_a_year) ** years, count)
    moved_household = np.where(mover, moment(count), NEVER)
    bride = (sex == 1) & (age < 45) & (spouse | ~family) & chance(rates.marriage_a_year * years)
    wedding = moment()
    taken = bride & chance(rates.takes_surname)
    surname_before = np.where(taken & spouse, own, surname)
    surname_after = np.where(taken & ~spouse, family_names.draw(rng.random(BLOCK)), surname)
    # Homes: every household's, the second of those that move, the former of those who marry into a household, and the
    # new one of those who leave the block's households by marrying.
    second = count + np.cumsum(mover) - 1
    wed = count + int(mover.sum()) + np.cumsum(bride) - 1
    homes = count + int(mover.sum()) + int(bride.sum())
    home_before = np.where(bride & spouse, wed, household)
    settled = np.where(mover, second, np.arange(count))[household]
    home_after = np.where(bride & spouse, household, np.where(bride, wed, settled))
    moved = np.where(bride, wedding, moved_household[household])
    namesake = place[(size == 1) & ~bride & chance(rates.namesake)]
    like = rng.integers(0, BLOCK, len(namesake))
    same_sex = sex[like] == sex[namesake]
    surname_before[namesake[same_sex]] = surname_after[namesake[same_sex]] = surname_before[like[same_sex]]
    given[namesake[same_sex]] = given[like[same_sex]]

    # Phones
    changed = chance(1 - (1 - rates.new_number_a_year) ** years)
    renumbered = np.where(changed, moment(), NEVER)
    first = _mobile(2 * number, seed)
    later = _mobile(2 * number + 1, seed)
    _recycle(first, later, renumbered, place[changed], rates, rng)
    family_phone = (member > 0) & chance(rates.family_phone)
    phone_of = np.where(family_phone, head, place)
    city, landline = _landlines(rng, seed, block, count)

    # Mail
    mailbox = np.where(spouse & chance(rates.shared_email), head, place)
    has_second = chance(rates.second_email)
    second_email = np.where(has_second, BLOCK - 1 + np.cumsum(has_second), place)
    owner = np.concatenate([place, place[has_second]])
    emails, domain = _emails(rng, rates, owner, block, surname_before[owner], given[owner])

    addresses, postcodes = draw_addresses(rng, rates, homes, city)
    births = _births(birth)
    joined = rng.integers(span.start, span.start + max(1, (span.end - span.start) * 2 // 3), BLOCK)
    return People(
        number=number,
        household=block * BLOCK + household,
        member=member,
        head=head,
        relative=_relatives(place, member, size),
        care=care,
        sex=sex,
        births=births,
        births_in_digits=_in_digits(births),
        joined=joined,
        given=given,
        surname=(surname_before, surname_after),
        renamed=np.where(taken, wedding, NEVER),
        home=(home_before, home_after),
        moved=moved,
        mobile=(first[phone_of], later[phone_of]),
        renumbered=renumbered[phone_of],
        landline=landline[household],
        uses_landline=rng.random(BLOCK) < np.where(age >= 65, rates.landline_senior, rates.landline),
        card=np.concatenate([card_digits(2 * number, seed), card_digits(2 * number + 1, seed)]),
        card_lost=np.where(chance(1 - (1 - rates.card_lost_a_year) ** years), moment(), NEVER),
        payer=number[np.where(spouse & chance(rates.family_payment), head, place)],
        renewed=np.where(chance(rates.payment_renewed_a_year * years), moment(), NEVER),
        ios=chance(rates.ios),
        refused=chance(rates.tracking_refused),
        tablet=family & chance(rates.family_tablet)[household],
        family_browser=family & chance(rates.family_browser)[household],
        cookie_days=rng.choice(np.array(rates.cookie_days), BLOCK, p=rates.cookie_share),
        second_email=second_email,
        emails=emails,
        domain=domain,
        mailbox=mailbox,
        addresses=addresses,
        postcodes=postcodes,
        homes=homes,
    )


def _calendar(days: Ints) -> tuple[Ints, Ints, Ints]:
    """Year, month and day, each counted from 0 (the year from 1970)."""
    day = days.astype("datetime64[D]")
    month = day.astype("datetime64[M]")
    year = month.astype("datetime64[Y]")
    return year.astype(np.int64), (month - year).astype(np.int64), (day - month).astype(np.int64)


def _births(birth: Ints) -> Ints:
    """The true birth dates, the same with day and month swapped or ten days off, and 1980-01-01 for everybody."""
    year, month, day = _calendar(birth)
    swapped = (year * 12 + day).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) + month
    slip = np.where((day < 12) & (day != month), swapped, birth + 10)
    return np.concatenate([birth, slip, np.full(len(birth), _PLACEHOLDER)])


def _in_digits(days: Ints) -> Bytes:
    year, month, day = _calendar(days)
    return digits((year + 1970) * 10_000 + (month + 1) * 100 + day + 1, 8)


def _relatives(place: Ints, member: Ints, size: Ints) -> Ints:
    """Somebody else of the household: the next, the first for the last."""
    last = member == size - 1
    return np.where(last, place - member, place + 1)


def _recycle(first: Ints, later: Ints, renumbered: Ints, changed: Ints, rates: Rates, rng: np.random.Generator) -> None:
    """Some new numbers are those that a stranger gave up at least half a year before; nobody's twice."""
    order = changed[np.argsort(renumbered[changed], kind="stable")]
    given_up = renumbered[order]
    free = np.searchsorted(given_up, given_up - HALF_A_YEAR)
    takes = (rng.random(len(order)) < rates.recycled_number) & (free > 0)
    donor = (rng.random(len(order)) * free).astype(np.int64)[takes]
    donor, once = np.unique(donor, return_index=True)
    later[order[takes][once]] = first[order[donor]]


def _landlines(rng: np.random.Generator, seed: int, block: int, count: int) -> tuple[Ints, Ints]:
    """Each household's city and landline: ten digits, first the area's, the rest not beginning with 0 or 1."""
    table = places()
    city = np.searchsorted(table.cumulative, rng.random(count), side="right").clip(0, table.size - 1)
    area = table.area[city]
    local = 9 - table.area_digits[city]
    low = 10 ** (local - 1)
    index = block * BLOCK + np.arange(count)
    subscriber = np.empty(count, np.int64)
    for width in np.unique(local):
        rows = local == width
        span = 8 * 10 ** (int(width) - 1)
        subscriber[rows] = scatter(index[rows] % span, span // 1000, 1000, _SALT_LANDLINE + 1000 * seed)
    return city, area * 10**local + 2 * low + subscriber


def _emails(
    rng: np.random.Generator, rates: Rates, owner: Ints, block: int, surname: Ints, given: Ints
) -> tuple[pa.Array, Ints]:
    """An address for each owner, then each in the other spelling that the owner uses for the same mailbox.

    The local part is made of the name and ends in digits that are the owner's alone, so that no two people have one
    address, however common their names.
    """
    family, first = surnames(), given_names()
    pool = pa.concat_arrays([family.letters, first.letters, pc.utf8_slice_codeunits(family.letters, 0, 1)])
    size = len(owner)
    suffix = pc.cast(pa.array(rng.permutation(BLOCK)[owner] + block * BLOCK), pa.string())
    given, initial = family.size + given, family.size + first.size + surname
    style = rng.integers(0, 5, size)
    left = np.choose(style, [given, surname, given, initial, given])
    right = np.choose(style, [surname, given, initial, given, surname])
    separator = rng.integers(0, 4, size)
    share = np.array([share for _, share, _ in PROVIDERS])
    domain = rng.choice(len(PROVIDERS), size, p=share / share.sum())
    carrier = np.isin(domain, [k for k, (name, _, _) in enumerate(PROVIDERS) if name in OLD_CARRIERS])
    dotted = carrier & (rng.random(size) < rates.old_carrier_dots)
    one_way = rng.random(size) < 0.5  # assumed: of the two oddities, the two other spellings
    separator[dotted & one_way] = _TWO_DOTS
    ending = np.where(dotted & ~one_way, _DOT, _NONE)
    domains = pa.array(["@" + name for name, _, _ in PROVIDERS])

    def written(rows: Ints, separator: Ints, ending: Ints) -> pa.Array:
        return pc.binary_join_element_wise(
            pick(pool, left[rows]), pick(_SEPARATORS, separator), pick(pool, right[rows]), suffix.take(pa.array(rows)),
            pick(_ENDINGS, ending), pick(domains, domain[rows]), "",
        )  # fmt: skip

    everybody = np.arange(size)
    plain = written(everybody, separator, ending)
    # What gmail ignores, a dot more or less and a tag; elsewhere capitals.
    is_gmail = domain == 0
    gmail, capital, upper = (np.flatnonzero(rows) for rows in (is_gmail, ~is_gmail & one_way, ~is_gmail & ~one_way))
    dots = np.choose(separator[gmail], [_DOT, _NONE, 2, 3])
    other = merge(
        [
            (gmail, written(gmail, dots, np.where(one_way[gmail], _TAG, _NONE))),
            (capital, pc.ascii_capitalize(plain.take(pa.array(capital)))),
            (upper, pc.ascii_upper(plain.take(pa.array(upper)))),
        ],
        size,
    )
    return pa.concat_arrays([plain, other]), np.concatenate([domain, domain])


_SEPARATORS, _ENDINGS = pa.array(["", ".", "_", "-", ".."]), pa.array(["", ".", "+shop"])
_NONE, _DOT, _TAG, _TWO_DOTS = 0, 1, 2, 4


def draw_addresses(
    rng: np.random.Generator, rates: Rates, homes: int, cities: Ints, spellings: int = 4
) -> tuple[pa.Array, pa.Array]:
    """Every home in so many spellings, and its postcode; the city of the first homes is given.

    The spellings: with the prefecture and 2-8-1; without it; 2丁目8番1号; full-width ２－８－１ .
    """
    table = places()
    elsewhere = np.searchsorted(table.cumulative, rng.random(homes - len(cities)), side="right").clip(0, table.size - 1)
    city = np.concatenate([cities, elsewhere])
    town = rng.integers(0, len(TOWNS), homes)
    number = np.column_stack([rng.integers(1, 7, homes), rng.integers(1, 31, homes), rng.integers(1, 21, homes)])
    flat = rng.random(homes) < rates.flat
    building = np.where(flat, rng.integers(0, len(BUILDINGS), homes), len(BUILDINGS))
    floor, door = rng.integers(1, 13, homes), rng.integers(1, 16, homes)
    room = pc.cast(pa.array(floor * 100 + door, mask=~flat), pa.string())
    rooms = pc.fill_null(room, "")
    names = pick(pa.array([*(f" {name}" for name in BUILDINGS), ""]), building)
    buildings = pc.binary_join_element_wise(names, rooms, "")
    towns = pick(pa.array(TOWNS), town)
    plain = [str(k) for k in range(31)]
    wide = [text.translate({48 + d: 0xFF10 + d for d in range(10)}) for text in plain]
    ascii_numbers, wide_numbers = pa.array(plain), pa.array(wide)

    def written(prefecture: int, numbers: pa.Array, between: tuple[str, str, str]) -> pa.Array:
        return pc.binary_join_element_wise(
            pick(table.city, prefecture * table.size + city), towns,
            pick(numbers, number[:, 0]), between[0], pick(numbers, number[:, 1]), between[1],
            pick(numbers, number[:, 2]), between[2], buildings, "",
        )  # fmt: skip

    ways = (
        (1, ascii_numbers, ("-", "-", "")),
        (0, ascii_numbers, ("-", "-", "")),
        (1, ascii_numbers, ("丁目", "番", "号")),
        (1, wide_numbers, ("－", "－", "")),
    )
    # A town has one postcode within its city.
    postcode = table.postcode[city] * 10_000 + town * 17 % 100 + city % 7 * 100
    return pa.concat_arrays([written(*way) for way in ways[:spellings]]), stamp("###-####", digits(postcode, 7))


def device_key(number: Ints, slot: Ints, salt: int, seed: int) -> NDArray[np.uint64]:
    """A hash that stands for one device, cookie or payment card of a person or household."""
    return mix(mix(number, salt + 1000 * seed) + slot.astype(np.uint64), salt)
