from libc.stdint cimport int64_t, uint8_t, uint64_t
from libcpp.memory cimport shared_ptr


cdef extern from "<string_view>" namespace "std" nogil:
    cdef cppclass string_view:
        string_view()
        string_view(const char *, size_t)
        const char *data() const
        size_t size() const


cdef extern from "enishi/value.hpp" namespace "enishi" nogil:
    cdef enum class Status(uint8_t):
        accepted

    bint has_value(Status)

    cdef cppclass Text:
        string_view view() const
        size_t size() const
        void swap(Text &)


cdef extern from "enishi/arrow.hpp" namespace "enishi" nogil:
    ctypedef struct ArrowSchema:
        pass

    ctypedef struct ArrowArray:
        int64_t length

    cdef cppclass TextColumn:
        TextColumn()
        TextColumn(const ArrowSchema &, const ArrowArray &) except +
        int64_t length() const


cdef extern from "enishi/siphash.hpp" namespace "enishi" nogil:
    cdef cppclass Key128:
        uint64_t low
        uint64_t high

    Key128 siphash(const Key128 &, string_view)


cdef extern from "enishi/normalizer.hpp" namespace "enishi" nogil:
    cdef cppclass CNormalizer "enishi::Normalizer":
        Status operator()(string_view, Text &) except +

    cdef cppclass CanonicalColumn:
        Text values
        Text offsets
        Text validity
        Text status

    void canonicalize(const CNormalizer &, const TextColumn &, CanonicalColumn &) except +

    shared_ptr[CNormalizer] make_normalizer[Kernel](...) except +


cdef extern from "enishi/unicode.hpp" namespace "enishi" nogil:
    const char *unicode_version "enishi::unicode_tables::version"
    bint c_nfkc "enishi::nfkc"(string_view, Text &) except +
    bint c_nfkc_lower "enishi::nfkc_lower"(string_view, Text &) except +
    Status c_tidy "enishi::tidy"(string_view, Text &, string_view &) except +
    bint c_means_nothing "enishi::means_nothing"(string_view)


cdef extern from "enishi/email.hpp" namespace "enishi" nogil:
    cdef enum class EmailForm(uint8_t):
        raw
        deliverable
        canonical

    cdef cppclass CEmail "enishi::Email":
        pass

    string_view c_corrected_domain "enishi::corrected_domain"(string_view) except +


cdef extern from "enishi/hashed_email.hpp" namespace "enishi" nogil:
    cdef enum class Recipe(uint8_t):
        uid2
        google
        meta

    cdef cppclass CHashedEmail "enishi::HashedEmail":
        pass

    cdef cppclass CEmailRecipe "enishi::EmailRecipe":
        pass


cdef extern from "enishi/identifier.hpp" namespace "enishi" nogil:
    cdef cppclass CIdentifier "enishi::Identifier":
        pass


cdef extern from "enishi/digest.hpp" namespace "enishi" nogil:
    cdef cppclass Digest16 "enishi::Digest<16>":
        pass

    cdef cppclass Digest20 "enishi::Digest<20>":
        pass

    cdef cppclass Digest32 "enishi::Digest<32>":
        pass

    Digest16 c_md5 "enishi::md5"(string_view)
    Digest20 c_sha1 "enishi::sha1"(string_view)
    Digest32 c_sha256 "enishi::sha256"(string_view)
    void append_hex(...) except +


cdef extern from "enishi/phone.hpp" namespace "enishi" nogil:
    cdef cppclass CPhone "enishi::Phone":
        pass

    cdef cppclass CPhoneSpelling "enishi::PhoneSpelling":
        pass

    cdef cppclass NumberingPlan:
        string_view calling_code

    const NumberingPlan *numbering_plan(string_view)
    bint c_is_junk_phone "enishi::is_junk_phone"(string_view)


cdef class Normalizer:
    cdef shared_ptr[CNormalizer] kernel
