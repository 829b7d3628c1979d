"""Every rate of the simulated shop, in one place, each with its source or the word *assumed*."""

from dataclasses import dataclass, field, fields, replace

_TROUBLE = "trouble"


def _trouble(rate: float) -> float:
    """An assumed rate of error, sharing or carelessness: what ``Rates.scaled`` multiplies."""
    value: float = field(default=rate, metadata={_TROUBLE: True})
    return value


@dataclass(frozen=True)
class Rates:
    """How often what happens in the simulated shop.

    A share is of people, households or records as its comment says; a field whose default is marked ``_trouble`` is an
    assumed rate of error, sharing or carelessness. Errors are further multiplied by the carelessness of the person,
    which is 1 on average.

    Examples
    --------
    >>> from enishi.simulate import Rates
    >>> Rates().scaled(2).email_typo == 2 * Rates().email_typo
    True
    >>> Rates().scaled(2).move_a_year == Rates().move_a_year
    True
    """

    # Households and people
    customers_in_household: tuple[float, ...] = (0.62, 0.26, 0.08, 0.04)  # assumed: households by customers, 1 to 4
    spouse: float = 0.7  # assumed: a household's second customer is the first one's spouse, else a child
    male_head: float = 0.8  # assumed: first members of several who are men
    flat: float = 0.55  # assumed: homes with a building and room in the address
    twins: float = 0.02  # source: Vital Statistics of Japan, about 1 delivery in 100 is of twins: 2 children in 100
    junior: float = 0.1  # assumed: a son's name begins with the character of his father's
    other_surname: float = 0.03  # assumed: a member of the household has another surname
    namesake: float = 0.002  # assumed: people given a stranger's full name, beyond those whom chance makes equal
    move_a_year: float = 0.042  # source: Basic Resident Registers 2023, 5.3 million moves among 125 million people
    marriage_a_year: float = 0.016  # source: Vital Statistics 2022, 4.1 marriages per 1,000 people: women under 45
    takes_surname: float = 0.95  # source: Vital Statistics 2022, brides who take the husband's surname
    careless_shape: float = 0.7  # assumed: shape of the gamma distribution of carelessness; smaller is more uneven

    # What people own
    new_number_a_year: float = 0.02  # assumed: mobile numbers given up without porting
    recycled_number: float = _trouble(0.02)  # assumed: a new number was a stranger's half a year or more ago
    family_phone: float = _trouble(0.004)  # assumed: further members of a household who give the first one's mobile
    landline: float = 0.03  # assumed: people who give the household's landline to call centre and catalogue
    landline_senior: float = 0.3  # assumed: the same for people of 65 and more
    second_email: float = 0.25  # assumed: people with two addresses in use
    second_email_channel: float = 0.5  # assumed: channels where those people use the second one
    old_carrier_dots: float = 0.05  # assumed: docomo and au addresses with ".." or ".@"
    shared_email: float = _trouble(0.0003)  # assumed: a spouse's account bears the first one's address
    ios: float = 0.6  # source: StatCounter 2023 to 2025, mobile operating systems in Japan, 58 to 68 % iOS
    tracking_refused: float = 0.5  # source: AppsFlyer 2024, about half consent where asked; the id is all zeros then
    device_years: float = 4.4  # source: Cabinet Office, Consumer Confidence Survey 2023, a phone's life
    cookie_days: tuple[float, ...] = (45.0, 180.0, 400.0)  # source for 400: Chrome's cap; the others assumed
    cookie_share: tuple[float, ...] = (0.3, 0.3, 0.4)  # assumed: browsers that drop cookies after so many days
    second_browser: float = 0.2  # assumed: orders made from the person's other browser
    family_tablet: float = _trouble(0.02)  # assumed: households of several customers with one tablet for all
    tablet_use: float = 0.3  # assumed: app sessions on that tablet
    family_browser: float = _trouble(0.006)  # assumed: households of several customers with one browser for all
    card_lost_a_year: float = 0.04  # assumed: loyalty cards lost and reissued under another number
    payment_renewed_a_year: float = 0.2  # source: payment cards are valid for about five years
    second_payment: float = 0.15  # assumed: payments with the person's other card
    family_payment: float = _trouble(0.0006)  # assumed: spouses who pay with the first one's card

    # Channels: the share of customers who use it, and the mean number of records beyond the first
    web_shop: tuple[float, float] = (0.94, 1.2)  # assumed
    app: tuple[float, float] = (0.5, 1.0)  # assumed
    till: tuple[float, float] = (0.75, 2.8)  # assumed
    mobile_payment: tuple[float, float] = (0.3, 1.5)  # assumed
    call_centre: tuple[float, float] = (0.1, 0.3)  # assumed
    catalogue: tuple[float, float] = (0.1, 0.4)  # assumed
    kiosk: tuple[float, float] = (0.1, 0.2)  # assumed
    pick_up: tuple[float, float] = (0.12, 0.3)  # assumed
    gift: tuple[float, float] = (0.08, 0.2)  # assumed

    # What a channel captures
    web_logged_in: float = 0.9  # assumed: orders with the customer's card number beside the mail address
    web_payment: float = 0.7  # assumed: web orders paid by card
    app_card: float = 0.8  # assumed: app profiles with the loyalty card
    till_card: float = 0.86  # assumed: purchases with the loyalty card
    cashless: float = 0.43  # source: METI 2025, 42.8 % of spending in 2024 was cashless
    till_email: float = 0.04  # assumed: receipts sent by mail
    call_card: float = 0.3  # assumed: callers who read out their card number
    catalogue_email: float = 0.2  # assumed: order forms with a mail address
    kiosk_card: float = 0.7  # assumed: kiosk visitors who scan their card; the others key in their phone number
    gift_to_customer: float = 0.05  # assumed: gifts to somebody who is a customer, too

    # How it is spelled
    phone_spellings: tuple[float, ...] = (0.47, 0.4, 0.06, 0.04, 0.03)  # assumed: hyphens, bare, full-width, two of +81
    card_spellings: tuple[float, ...] = (0.75, 0.12, 0.09, 0.04)  # assumed: bare, spaces, hyphens, full-width
    address_spellings: tuple[float, ...] = (0.5, 0.2, 0.15, 0.15)  # assumed: see draw_addresses
    bare_device: float = 0.05  # assumed: device ids logged without hyphens

    # Traps of the shop
    default_card: float = _trouble(0.01)  # assumed: purchases rung up on the till's default card
    staff_card: float = _trouble(0.01)  # assumed: purchases on which the cashier swiped her own card
    till_noreply: float = _trouble(0.01)  # assumed: purchases where the cashier typed noreply@ to get on
    catalogue_noreply: float = _trouble(0.1)  # assumed: order forms without an address that a clerk keyed as noreply@
    test_account: float = 0.0002  # assumed: test orders, per customer, with a real customer's name and address
    picked_up_by_relative: float = _trouble(0.08)  # assumed: parcels handed to another member of the household

    # Errors and omissions, per record of a person of mean carelessness
    email_typo: float = _trouble(0.006)  # assumed: a slip in a typed mail address
    email_other_spelling: float = 0.15  # assumed: the same mailbox in another spelling (dots, tag, capitals)
    phone_typo: float = _trouble(0.006)  # assumed: a slip in a typed phone number
    phone_lost_zero: float = _trouble(0.01)  # assumed: numbers that went through a spreadsheet
    card_typo: float = _trouble(0.008)  # assumed: a slip in a card number that was typed or read out
    name_variant: float = _trouble(0.15)  # assumed: another writing of a character (髙 for 高), where there is one
    name_confused: float = _trouble(0.05)  # assumed: handwriting read as another character
    name_misheard: float = _trouble(0.08)  # assumed: a name heard wrongly on the phone
    name_in_romaji: float = _trouble(0.02)  # assumed: app profiles in Latin letters
    kana_in_hiragana: float = _trouble(0.05)  # assumed: readings on order forms in hiragana
    birth_slip: float = _trouble(0.006)  # assumed: one digit of a birth date wrong, or day and month swapped
    birth_placeholder: float = _trouble(0.002)  # assumed: 1980-01-01 and the like
    omitted: float = _trouble(0.01)  # assumed: a required field left out all the same

    def scaled(self, factor: float) -> "Rates":
        """The same shop with all assumed rates of error, sharing and carelessness times ``factor``, at most 1.

        Parameters
        ----------
        factor
            What to multiply by; 0.5 halves, 2 doubles.

        Returns
        -------
        Rates
            New rates; habits and sourced rates stay.

        Examples
        --------
        >>> from enishi.simulate import Rates
        >>> Rates(omitted=0.4).scaled(5).omitted
        1.0
        """
        troubles = {f.name: getattr(self, f.name) for f in fields(self) if f.metadata.get(_TROUBLE)}
        return replace(self, **{name: min(1.0, rate * factor) for name, rate in troubles.items()})
