# distutils: language = c++
# cython: boundscheck=False, wraparound=False
"""The normalizers: one small object a field, made with its options, run over a column or a single value."""

from datetime import date

from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.pycapsule cimport PyCapsule_GetPointer
from libc.stdint cimport uint8_t, uint64_t
from libcpp cimport bool as cbool
from libcpp.memory cimport shared_ptr
from libcpp.string cimport string

from enishi._normalize cimport (
    ArrowArray, ArrowSchema, CanonicalColumn, CNormalizer, Key128, Status, Text, TextColumn, c_means_nothing, c_nfkc,
    c_nfkc_lower, c_tidy, canonicalize, has_value, siphash as c_siphash, string_view, unicode_version,
)

STATUSES = (
    "accepted", "generic", "incomplete", "missing", "encoding", "too_long", "malformed", "impossible", "junk",
    "not_personal", "spreadsheet", "card_number", "placeholder",
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


def name_script(bytes name):
    """The script of a canonical name: "latin", "kana", "han" or "other"; names in two scripts are not comparable.

    Examples
    --------
    >>> name_script("山田タロウ".encode())
    'han'
    """
    return ("latin", "kana", "han", "other")[<int>c_name_script(_view(name))]
