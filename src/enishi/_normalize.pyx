# distutils: language = c++
# cython: boundscheck=False, wraparound=False
"""The normalizers: one small object a field, made with its options, run over a column or a single value."""

from datetime import date

from cpython.buffer cimport PyBuffer_FillInfo
from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.pycapsule cimport PyCapsule_GetPointer
from libc.stdint cimport uint8_t, uint64_t
from libcpp cimport bool as cbool
from libcpp.memory cimport shared_ptr
from libcpp.string cimport string

from enishi._normalize cimport (
    ArrowArray, ArrowSchema, CanonicalColumn, CNormalizer, Key128, Status, Text, TextColumn, canonicalize, has_value,
    siphash as c_siphash, string_view,
)
from enishi._normalize cimport (
    CEmail, CEmailRecipe, CHashedEmail, CIdentifier, EmailForm, Recipe, append_hex, c_corrected_domain, c_md5,
    c_means_nothing, c_nfkc, c_nfkc_lower, c_sha1, c_sha256, c_tidy, make_normalizer, unicode_version,
)

STATUSES = (
    "accepted", "generic", "incomplete", "missing", "encoding", "too_long", "malformed", "impossible", "junk",
    "not_personal", "spreadsheet", "card_number", "placeholder", "foreign",
)


cdef class Normalizer:
    """A normalizer with its options; made by the functions of this module."""

    # cdef shared_ptr[CNormalizer] kernel: in the .pxd, where the other compiled modules find it.

    def one(self, bytes raw):
        """The canonical value of one raw value (None where refused) and the name of its status."""
        cdef Text out
        cdef const char *data = raw
        cdef Status status = self.kernel.get()[0](string_view(data, <size_t>len(raw)), out)
        value = out.view()
        text = PyBytes_FromStringAndSize(value.data(), value.size()).decode() if has_value(status) else None
        return text, STATUSES[<int>status]

    def canonicalize(self, array):
        """The canonical column and its statuses.

        Parameters
        ----------
        array : object with ``__arrow_c_array__``
            One contiguous array of text: string, large_string, string_view or their binary kinds.

        Returns
        -------
        buffers : tuple of memoryview
            Validity, offsets (int64) and values of an Arrow large_string array.
        status : bytes
            A status (index into ``STATUSES``) for every row.
        """
        schema_capsule, array_capsule = array.__arrow_c_array__()
        cdef ArrowSchema *schema = <ArrowSchema *>PyCapsule_GetPointer(schema_capsule, "arrow_schema")
        cdef ArrowArray *data = <ArrowArray *>PyCapsule_GetPointer(array_capsule, "arrow_array")
        cdef TextColumn column = TextColumn(schema[0], data[0])
        cdef CanonicalColumn out
        cdef const CNormalizer *kernel = self.kernel.get()
        with nogil:
            canonicalize(kernel[0], column, out)
        buffers = (_handed_over(out.validity), _handed_over(out.offsets), _handed_over(out.values))
        return buffers, _bytes(out.status)


cdef bytes _bytes(const Text &text):
    return PyBytes_FromStringAndSize(text.view().data(), text.size())


cdef const char *_NOWHERE = ""


cdef class _Owned:
    # Bytes that a kernel wrote, where it wrote them.
    cdef Text text

    def __getbuffer__(self, Py_buffer *view, int flags):
        # No bytes have no place, but whoever borrows them wants to be told one.
        cdef const char *place = self.text.view().data() if self.text.size() else _NOWHERE
        PyBuffer_FillInfo(view, self, <void *>place, <Py_ssize_t>self.text.size(), 1, flags)


cdef object _handed_over(Text &text):
    cdef _Owned owned = _Owned()
    owned.text.swap(text)
    return memoryview(owned)


def siphash(bytes key, bytes data):
    """SipHash-2-4-128 of ``data`` under a 16-byte ``key``, as 16 bytes."""
    if len(key) != 16:
        raise ValueError("a SipHash key has 16 bytes")
    cdef Key128 secret
    secret.low = int.from_bytes(key[:8], "little")
    secret.high = int.from_bytes(key[8:], "little")
    cdef const char *p = data
    cdef Key128 result = c_siphash(secret, string_view(p, <size_t>len(data)))
    return int(result.low).to_bytes(8, "little") + int(result.high).to_bytes(8, "little")


UNICODE_VERSION = unicode_version.decode()


cdef string_view _view(bytes data):
    cdef const char *p = data
    return string_view(p, <size_t>len(data))


def nfkc(bytes data):
    """NFKC of UTF-8 ``data``; None where it is not valid UTF-8."""
    cdef Text out
    return _bytes(out) if c_nfkc(_view(data), out) else None


def nfkc_lower(bytes data):
    """NFKC, lower case by code point, and NFKC of UTF-8 ``data``; None where it is not valid UTF-8."""
    cdef Text out
    return _bytes(out) if c_nfkc_lower(_view(data), out) else None


def tidy(bytes data):
    """``data`` in NFKC without invisible characters and outer white space (None where refused), and its status."""
    cdef Text scratch
    cdef string_view tidied
    cdef Status status = c_tidy(_view(data), scratch, tidied)
    text = PyBytes_FromStringAndSize(tidied.data(), tidied.size()) if has_value(status) else None
    return text, STATUSES[<int>status]


def means_nothing(bytes data):
    """Whether a tidied value is a word for nothing: null, n/a, 不明."""
    return bool(c_means_nothing(_view(data)))


def email(form="canonical"):
    """A normalizer of email addresses to their ``raw``, ``deliverable`` or ``canonical`` form."""
    forms = {"raw": EmailForm.raw, "deliverable": EmailForm.deliverable, "canonical": EmailForm.canonical}
    cdef Normalizer normalizer = Normalizer()
    normalizer.kernel = make_normalizer[CEmail](<EmailForm>forms[form])
    return normalizer


def corrected_domain(str domain):
    """The domain that a common misspelling stands for, or None."""
    cdef bytes encoded = domain.encode()
    cdef string_view corrected = c_corrected_domain(_view(encoded))
    return PyBytes_FromStringAndSize(corrected.data(), corrected.size()).decode() if corrected.size() else None


def hashed_email():
    """A normalizer of SHA-256 hashes of emails, in hex or Base64, to lower-case hex."""
    cdef Normalizer normalizer = Normalizer()
    normalizer.kernel = make_normalizer[CHashedEmail]()
    return normalizer


def email_recipe(recipe):
    """A normalizer of plaintext emails to the hash that ``uid2``, ``google`` or ``meta`` makes of them."""
    recipes = {"uid2": Recipe.uid2, "google": Recipe.google, "meta": Recipe.meta}
    cdef Normalizer normalizer = Normalizer()
    normalizer.kernel = make_normalizer[CEmailRecipe](<Recipe>recipes[recipe])
    return normalizer


def identifier(bint keep_case=False, bint keep_separators=True):
    """A normalizer of identifiers of one's own."""
    cdef Normalizer normalizer = Normalizer()
    normalizer.kernel = make_normalizer[CIdentifier](<cbool>keep_case, <cbool>keep_separators)
    return normalizer


def md5(bytes data):
    """MD5 of ``data`` in hex."""
    cdef Text out
    append_hex(c_md5(_view(data)), out)
    return _bytes(out).decode()


def sha1(bytes data):
    """SHA-1 of ``data`` in hex."""
    cdef Text out
    append_hex(c_sha1(_view(data)), out)
    return _bytes(out).decode()


def sha256(bytes data):
    """SHA-256 of ``data`` in hex."""
    cdef Text out
    append_hex(c_sha256(_view(data)), out)
    return _bytes(out).decode()


from enishi._normalize cimport (
    CPhone, CPhoneSpelling, NumberingPlan, c_is_junk_phone, make_normalizer, numbering_plan,
)


def phone(str region="JP"):
    """A normalizer of phone numbers to E.164.

    Parameters
    ----------
    region : str
        The two-letter region of numbers that are written without a calling code. Of a region that is not known here
        (``calling_code``), and of a number that begins with the calling code of such a one, the answer is ``foreign``,
        and ``enishi._phone_package.canonical`` decides.

    Examples
    --------
    >>> phone("JP").one("０９０－１２３４－５６７８".encode())
    ('+819012345678', 'accepted')
    >>> phone("JP").one(b"0120-123-456")
    (None, 'not_personal')
    >>> phone("JP").one(b"+55 11 2345 6789")
    (None, 'foreign')
    """
    cdef Normalizer normalizer = Normalizer.__new__(Normalizer)
    normalizer.kernel = make_normalizer[CPhone](numbering_plan(_view(region.encode())))
    return normalizer


def calling_code(str region):
    """The calling code of a two-letter region whose numbers ``phone`` reads without asking the package, or None.

    Examples
    --------
    >>> calling_code("JP"), calling_code("BR")
    ('81', None)
    """
    cdef const NumberingPlan *plan = numbering_plan(_view(region.encode()))
    if plan == NULL:
        return None
    return PyBytes_FromStringAndSize(plan.calling_code.data(), plan.calling_code.size()).decode()


def phone_spelling():
    """A normalizer of the text of phone numbers alone: digits, after a + where one stood, without an extension.

    Examples
    --------
    >>> phone_spelling().one("TEL：03（1234）5678 内線12".encode())
    ('0312345678', 'accepted')
    """
    cdef Normalizer normalizer = Normalizer.__new__(Normalizer)
    normalizer.kernel = make_normalizer[CPhoneSpelling]()
    return normalizer


def is_junk_phone(bytes digits):
    """Whether the ``digits`` of a national number are zeros, end in eight equal ones or count up or down all the way."""
    return bool(c_is_junk_phone(_view(digits)))


# Cards, tokens and devices

from libcpp.vector cimport vector

from enishi._normalize cimport make_normalizer


cdef extern from "enishi/check_digit.hpp" namespace "enishi" nogil:
    cdef enum class CheckDigit(uint8_t):
        none


cdef extern from "enishi/device_id.hpp" namespace "enishi" nogil:
    cdef cppclass CDeviceId "enishi::DeviceId":
        pass


cdef extern from "enishi/device_digest.hpp" namespace "enishi" nogil:
    cdef cppclass CDeviceDigest "enishi::DeviceDigest":
        pass

    cdef enum class DigestKind(uint8_t):
        md5


cdef extern from "enishi/payment_token.hpp" namespace "enishi" nogil:
    cdef cppclass CPaymentToken "enishi::PaymentToken":
        pass

    bint c_is_par "enishi::is_par"(string_view)


cdef extern from "enishi/loyalty_card.hpp" namespace "enishi" nogil:
    cdef cppclass CLoyaltyCard "enishi::LoyaltyCard":
        pass


cdef extern from "enishi/masked_card.hpp" namespace "enishi" nogil:
    cdef cppclass CMaskedCard "enishi::MaskedCard":
        pass


cdef extern from "enishi/card_number.hpp" namespace "enishi" nogil:
    bint c_looks_like_card_number "enishi::looks_like_card_number"(string_view) except +


CHECK_DIGITS = ("none", "luhn", "ean13", "mod11", "iso7064")


def device_id(bint uuid_only=False):
    """A normalizer of device ids: UUIDs in any spelling, hashed ids, and the opaque ids of cookies.

    A UUID becomes lower case with hyphens; 40 and 64 hexadecimal digits (SHA-1, SHA-256) become lower case. 32 are a
    UUID without hyphens, and so is an MD5. 16 to 31, the beginning of a UUID, are ``incomplete``. Ids of one repeated
    digit, and the hashes of the all-zero id and of the empty string, are ``junk``.

    Parameters
    ----------
    uuid_only : bool
        True for the namespaces idfa, gaid and idfv, in which anything else is ``malformed``. Otherwise other values,
        among them 16 to 31 decimal digits, are opaque ids and kept as they are, case too: 8 to 256 printable ASCII
        characters. Fewer than 16 hexadecimal digits are ``malformed`` all the same.

    Examples
    --------
    >>> device_id().one(b"{6D92078A-8246-4BA4-AE5B-76104861E7DC}")
    ('6d92078a-8246-4ba4-ae5b-76104861e7dc', 'accepted')
    >>> device_id().one(b"6D92078A82464BA4A")
    ('6d92078a-8246-4ba4-a', 'incomplete')
    >>> device_id().one(b"GA1.2.1234567890.1700000000")
    ('GA1.2.1234567890.1700000000', 'accepted')
    >>> device_id(uuid_only=True).one(b"00000000-0000-0000-0000-000000000000")
    (None, 'junk')
    """
    cdef Normalizer normalizer = Normalizer.__new__(Normalizer)
    normalizer.kernel = make_normalizer[CDeviceId](<cbool>uuid_only)
    return normalizer


def device_id_digest(str algorithm):
    """A normalizer of plaintext UUIDs to their hashed spelling, as ``device_id`` spells a hash that it is given.

    Parameters
    ----------
    algorithm : {"md5", "sha1", "sha256"}
        Of the canonical id, in lower case with hyphens.

    Examples
    --------
    >>> device_id_digest("sha1").one(b"6D92078A-8246-4BA4-AE5B-76104861E7DC")
    ('d520a80c026be39edeb9c6e3f37c01f2da5f5e97', 'accepted')
    >>> device_id_digest("sha1").one(b"GA1.2.1234567890.1700000000")
    (None, 'missing')
    """
    cdef int kind = ("md5", "sha1", "sha256").index(algorithm)
    cdef Normalizer normalizer = Normalizer.__new__(Normalizer)
    normalizer.kernel = make_normalizer[CDeviceDigest](<DigestKind>kind)
    return normalizer


def payment_token(bint tokenized=False):
    """A normalizer of payment tokens: opaque, so case and spelling are kept; 6 to 512 printable ASCII characters.

    Parameters
    ----------
    tokenized : bool
        True where a token may look like a card number (a network token); otherwise what looks like one is refused as
        ``card_number``.

    Examples
    --------
    >>> payment_token().one(b" tok_1NqVzM ")
    ('tok_1NqVzM', 'accepted')
    >>> payment_token().one(b"4111 1111 1111 1111")
    (None, 'card_number')
    >>> payment_token(tokenized=True).one(b"4111 1111 1111 1111")
    ('4111111111111111', 'accepted')
    """
    cdef Normalizer normalizer = Normalizer.__new__(Normalizer)
    normalizer.kernel = make_normalizer[CPaymentToken](<cbool>tokenized)
    return normalizer


def loyalty_card(str check_digit="none", size_t length=0, prefixes=()):
    """A normalizer of loyalty card numbers.

    Parameters
    ----------
    check_digit : {"none", "luhn", "ean13", "mod11", "iso7064"}
        How the last character follows from the others, as in python-stdnum: ``luhn`` is ``stdnum.luhn``; ``ean13``
        is ``stdnum.ean`` with 13 digits; ``mod11`` is ``stdnum.cl.rut`` (weights 2 to 7 from the right, X for 10);
        ``iso7064`` is ``stdnum.iso7064.mod_11_10``. A number that fails it is ``incomplete``. With ``none``, letters
        may stand among the digits.
    length : int
        Of the whole number, 4 to 32; 0 where it varies. Shorter numbers of digits get their leading zeros back,
        longer ones are ``malformed``. ``ean13`` has 13. A number that is one digit short and fails its check digit
        stays as it was typed: a digit left out is one edit away from its correction, a zero put back is two.
    prefixes : iterable of str
        What may stand before the number and is no part of it, in any case.

    Examples
    --------
    >>> loyalty_card(check_digit="ean13").one("４９０１２３４ ５６７８９４".encode())
    ('4901234567894', 'accepted')
    >>> loyalty_card(check_digit="luhn", length=16).one(b"30912345678908")
    ('0030912345678908', 'accepted')
    >>> loyalty_card(prefixes=["CARD:"]).one(b"card: 5083-2231")
    ('50832231', 'accepted')
    >>> loyalty_card().one(b"1.2E+15")
    (None, 'spreadsheet')
    """
    if check_digit not in CHECK_DIGITS:
        raise ValueError(f"check_digit is one of {', '.join(CHECK_DIGITS)}, not {check_digit!r}")
    if length and not 4 <= length <= 32:
        raise ValueError(f"the length of a loyalty card number is 4 to 32, not {length}")
    if check_digit == "ean13" and length not in (0, 13):
        raise ValueError(f"an EAN-13 has 13 digits, not {length}")
    if isinstance(prefixes, str):
        raise TypeError("prefixes is several strings, not one")
    cdef vector[string] before = [prefix.encode() for prefix in prefixes]
    cdef int check = CHECK_DIGITS.index(check_digit)
    cdef Normalizer normalizer = Normalizer.__new__(Normalizer)
    normalizer.kernel = make_normalizer[CLoyaltyCard](<CheckDigit>check, length, before)
    return normalizer


def masked_card():
    """A normalizer of masked card numbers: the first digits (eight at most), the last four, and the expiry where known.

    Examples
    --------
    >>> masked_card().one(b"4111-11**-****-1111 12/27")
    ('411111******1111|2027-12', 'accepted')
    >>> masked_card().one("•••• 1111".encode())
    ('******1111', 'accepted')
    >>> masked_card().one(b"4111111111111111")
    (None, 'card_number')
    """
    cdef Normalizer normalizer = Normalizer.__new__(Normalizer)
    normalizer.kernel = make_normalizer[CMaskedCard]()
    return normalizer


def is_par(bytes token):
    """Whether a token is a Payment Account Reference: 29 upper-case letters and digits."""
    return bool(c_is_par(_view(token)))


def looks_like_card_number(bytes raw):
    """Whether a raw value looks like a card number: 13 to 19 digits, Luhn valid, in an issuer range."""
    return bool(c_looks_like_card_number(_view(raw)))


# Attributes: evidence, never identity.

cdef extern from "enishi/person_name.hpp" namespace "enishi" nogil:
    cdef cppclass PersonName:
        pass

    cdef enum class Script(uint8_t):
        latin

    Script c_name_script "enishi::name_script"(string_view)


cdef extern from "enishi/birth_date.hpp" namespace "enishi" nogil:
    cdef cppclass BirthDate:
        pass

    cdef enum class DateOrder(uint8_t):
        year_month_day
        day_month_year
        month_day_year


cdef extern from "enishi/postcode.hpp" namespace "enishi" nogil:
    cdef cppclass Postcode:
        pass


cdef extern from "enishi/address.hpp" namespace "enishi" nogil:
    cdef cppclass Address:
        pass


cdef extern from "enishi/free_text.hpp" namespace "enishi" nogil:
    cdef cppclass FreeText:
        pass


cdef extern from "enishi/sex.hpp" namespace "enishi" nogil:
    cdef cppclass Sex:
        pass


def person_name():
    """A normalizer of names: one part of a name, or a whole one, which it does not split.

    Examples
    --------
    >>> person_name().one("ﾔﾏﾀﾞ　ﾀﾛｳ様".encode())
    ('ヤマダタロウ', 'accepted')
    """
    cdef Normalizer normalizer = Normalizer.__new__(Normalizer)
    normalizer.kernel = make_normalizer[PersonName]()
    return normalizer


def birth_date(str order="YMD", int min_year=1880, max_year=None):
    """A normalizer of birth dates to ISO.

    Parameters
    ----------
    order : {"YMD", "DMY", "MDY"}
        How a date that does not begin with its year is written.
    min_year, max_year : int
        A year outside them is impossible; ``max_year`` is the current year where it is not given.

    Examples
    --------
    >>> birth_date().one("昭和60年4月9日".encode())
    ('1985-04-09', 'accepted')
    >>> birth_date(order="MDY").one(b"4/9/1985")
    ('1985-04-09', 'accepted')
    """
    orders = {
        "YMD": DateOrder.year_month_day, "DMY": DateOrder.day_month_year, "MDY": DateOrder.month_day_year,
    }
    if order not in orders:
        raise ValueError(f"order is one of {', '.join(orders)}, not {order!r}")
    cdef int latest = date.today().year if max_year is None else max_year
    cdef DateOrder declared = orders[order]
    cdef Normalizer normalizer = Normalizer.__new__(Normalizer)
    normalizer.kernel = make_normalizer[BirthDate](declared, min_year, latest)
    return normalizer


def postcode():
    """A normalizer of postcodes of any country: upper-case letters and digits, nothing restored.

    Examples
    --------
    >>> postcode().one("〒１００－０００１".encode())
    ('1000001', 'accepted')
    """
    cdef Normalizer normalizer = Normalizer.__new__(Normalizer)
    normalizer.kernel = make_normalizer[Postcode]()
    return normalizer


def address():
    """A normalizer of addresses to a text that compares equal; not a parse.

    Examples
    --------
    >>> address().one("奈佐原二丁目１番地の３".encode())
    ('奈佐原2-1-3', 'accepted')
    """
    cdef Normalizer normalizer = Normalizer.__new__(Normalizer)
    normalizer.kernel = make_normalizer[Address]()
    return normalizer


def free_text():
    """A normalizer of texts that are nothing special: words, numbers, a place on the globe.

    Examples
    --------
    >>> free_text().one("Saint-Étienne, −4.50".encode())
    ('saint etienne -4.50', 'accepted')
    """
    cdef Normalizer normalizer = Normalizer.__new__(Normalizer)
    normalizer.kernel = make_normalizer[FreeText]()
    return normalizer


def sex():
    """A normalizer of what is written for a person's sex: male, female or other.

    Examples
    --------
    >>> sex().one("女性".encode()), sex().one(b"M"), sex().one(b"9")
    (('female', 'accepted'), ('male', 'accepted'), (None, 'missing'))
    """
    cdef Normalizer normalizer = Normalizer.__new__(Normalizer)
    normalizer.kernel = make_normalizer[Sex]()
    return normalizer


def name_script(bytes name):
    """The script of a canonical name: "latin", "kana", "han" or "other"; names in two scripts are not comparable.

    Examples
    --------
    >>> name_script("山田タロウ".encode())
    'han'
    """
    return ("latin", "kana", "han", "other")[<int>c_name_script(_view(name))]
