# distutils: language = c++
# cython: boundscheck=False, wraparound=False
"""The normalizers: one small object a field, made with its options, run over a column or a single value."""

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
        buffers : tuple of bytes
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
        buffers = (_bytes(out.validity), _bytes(out.offsets), _bytes(out.values))
        return buffers, _bytes(out.status)


cdef bytes _bytes(const Text &text):
    return PyBytes_FromStringAndSize(text.view().data(), text.size())


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


def identifier(bint keep_case=False):
    """A normalizer of identifiers of one's own."""
    cdef Normalizer normalizer = Normalizer()
    normalizer.kernel = make_normalizer[CIdentifier](<cbool>keep_case)
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


from enishi._normalize cimport CPhone, CPhoneSpelling, c_is_junk_phone, make_normalizer, numbering_plan


def phone(str region="JP"):
    """A normalizer of phone numbers to E.164.

    Parameters
    ----------
    region : str
        The two-letter region of numbers that are written without a calling code. JP, US, GB, CN, KR and TW are known
        here; of any other region, and of a number that begins with another country's calling code, the answer is
        ``foreign``, and ``enishi._phone_package.canonical`` decides.

    Examples
    --------
    >>> phone("JP").one("０９０－１２３４－５６７８".encode())
    ('+819012345678', 'accepted')
    >>> phone("JP").one(b"0120-123-456")
    (None, 'not_personal')
    >>> phone("JP").one(b"+49 30 123456")
    (None, 'foreign')
    """
    cdef bytes encoded = region.encode()
    cdef Normalizer normalizer = Normalizer()
    normalizer.kernel = make_normalizer[CPhone](numbering_plan(_view(encoded)))
    return normalizer


def phone_spelling():
    """A normalizer of the text of phone numbers alone: digits, after a + where one stood, without an extension.

    Examples
    --------
    >>> phone_spelling().one("TEL：03（1234）5678 内線12".encode())
    ('0312345678', 'accepted')
    """
    cdef Normalizer normalizer = Normalizer()
    normalizer.kernel = make_normalizer[CPhoneSpelling]()
    return normalizer


def is_junk_phone(bytes digits):
    """Whether the ``digits`` of a national number are zeros, end in eight equal ones or count up or down all the way."""
    return bool(c_is_junk_phone(_view(digits)))
