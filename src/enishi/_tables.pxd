from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libcpp.memory cimport shared_ptr, unique_ptr
from libcpp.utility cimport pair
from libcpp.vector cimport vector

from enishi._normalize cimport CNormalizer, Key128, Status, TextColumn, string_view


cdef extern from "enishi/column.hpp" namespace "enishi" nogil:
    cdef cppclass Column[T]:
        size_t size() const
        const T *data() const
        const T &operator[](size_t) const


cdef extern from "enishi/key_table.hpp" namespace "enishi" nogil:
    cdef cppclass KeyTable:
        uint32_t size() const
        uint32_t insert(const Key128 &) except +


cdef extern from "enishi/value_table.hpp" namespace "enishi" nogil:
    cdef cppclass ValueTable:
        ValueTable(bint) except +
        uint32_t size() const
        const Column[Key128] &keys() const
        const Key128 *first_bits(uint32_t) const
        vector[uint8_t] &status()
        const Column[int64_t] &first_seen() const
        const Column[int64_t] &last_seen() const
        bint has_text() const
        string_view text(uint32_t) const
        void carry_more(const vector[pair[uint32_t, uint32_t]] &) except +
        void drop_texts()
        void drop_carriers()

    cdef cppclass CGrowingValues "enishi::GrowingValues"(ValueTable):
        CGrowingValues(bint) except +
        void add(const CNormalizer &, const TextColumn &, const Key128 *, const int32_t *, uint32_t *, uint64_t *) except +


cdef extern from "enishi/profile_table.hpp" namespace "enishi" nogil:
    cdef cppclass ProfilePart:
        uint32_t column
        const uint32_t *codes

    cdef cppclass ProfileTable:
        ProfileTable(uint32_t, Key128) except +
        uint32_t width() const
        uint32_t size() const
        const Column[uint32_t] &counts() const
        const Column[uint32_t] &column(uint32_t) const
        void add(const vector[ProfilePart] &, int64_t, vector[uint32_t] &) except +
        const Column[uint32_t] &of_record() const
        void order(const Key128 *, size_t) except +
        void forget_order()
        const Column[uint32_t] &smallest() const
        const Column[uint64_t] &order_keys "order"() const
        void see(const uint32_t *, const int64_t *, int64_t, bint) except +
        void drop_times()
        void close() except +
        uint32_t split(uint32_t) except +
        void drop(uint32_t) except +


cdef extern from "enishi/sightings.hpp" namespace "enishi" nogil:
    cdef cppclass CSightings "enishi::Sightings":
        CSightings(const vector[uint32_t] &, bint, bint, uint32_t) except +
        void begin()
        void read(size_t, const CNormalizer &, const TextColumn &, const Key128 *, const int32_t *, const uint8_t *,
                  uint64_t *, vector[int64_t] &) except +
        void correct(size_t, const CNormalizer &, const TextColumn &, const int64_t *, const Key128 &) except +
        void describe(int64_t, vector[ProfilePart] &) except +
        void keep(const vector[uint32_t] &, uint32_t) except +
        void list_generic(const Key128 &) except +
        void list_allowed(const Key128 &) except +
        void number(ProfileTable &, ValueTable &, bint) except +
        int spill(int, uint64_t &) except +
        size_t held() const


cdef extern from "enishi/name_forms.hpp" namespace "enishi" nogil:
    cdef cppclass NameColumns:
        const TextColumn *family
        const TextColumn *given
        const TextColumn *full

    cdef cppclass CNameForms "enishi::NameForms":
        CNameForms(const shared_ptr[CNormalizer] &, const Key128 &) except +
        const ValueTable *given(size_t) const
        const ValueTable *full(size_t) const
        const ValueTable *family(size_t) const
        void read_unread(ProfileTable &, uint32_t) except +


cdef class Borrowed:
    cdef object owner
    cdef const void *data
    cdef Py_ssize_t count, itemsize

    @staticmethod
    cdef Borrowed of(object, const void *, Py_ssize_t, Py_ssize_t)


cdef class Values:
    cdef unique_ptr[ValueTable] table


cdef class GrowingValues(Values):
    pass


cdef class Sightings:
    cdef unique_ptr[CSightings] sightings
    cdef size_t slots
    cdef bint keep_text
    cdef list columns


cdef class Profiles:
    cdef unique_ptr[ProfileTable] table
    cdef vector[uint32_t] fresh  # of the last batch, the rows that made new profiles
    cdef uint32_t first  # the number of the first of these


cdef class NameForms:
    cdef unique_ptr[CNameForms] forms


cdef Key128 key_of(bytes secret) except *
