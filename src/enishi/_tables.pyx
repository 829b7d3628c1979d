# distutils: language = c++
# cython: boundscheck=False, wraparound=False
"""Tables that number what records hold: values, names, profiles, record identities."""

import os

import numpy

from cpython.buffer cimport PyBUF_WRITABLE
from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.pycapsule cimport PyCapsule_GetPointer
from cython.operator cimport dereference
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libcpp.algorithm cimport sort, unique
from libcpp.utility cimport pair
from libcpp.string cimport string
from libcpp.vector cimport vector

from enishi._normalize cimport ArrowArray, ArrowSchema, CNormalizer, Key128, Normalizer, Text, TextColumn, string_view
from enishi._normalize import siphash


cdef extern from *:
    """
    #include <array>
    #include "enishi/key_table.hpp"
    #include "enishi/name_forms.hpp"
    #include "enishi/record_ids.hpp"
    #include "enishi/row_hash.hpp"
    #include "enishi/default_dates.hpp"
    #include "enishi/sightings.hpp"

    namespace {
    void add_names(enishi::NameForms &forms, const enishi::TextColumn *family,
                   const enishi::TextColumn *given, const enishi::TextColumn *full,
                   int64_t rows, uint32_t *numbers, size_t forms_wanted, uint64_t *counts) {
        std::array<uint32_t *, 3 * enishi::script_count> slots{};
        for (size_t s = 0; s < forms_wanted; ++s) slots[s] = numbers + static_cast<int64_t>(s) * rows;
        forms.add({family, given, full}, rows, slots, counts);
    }

    // Birth dates as yyyymmdd; `none` where there is none. impossible: the same of those that no calendar has; null: nobody
    // asks for these.
    void birth_codes(const enishi::Normalizer &normalizer, const enishi::TextColumn &column, uint32_t *codes, uint32_t *impossible,
                     uint64_t *counts) {
        enishi::Text canonical;
        for (int64_t i = 0; i < column.length(); ++i) {
            const enishi::Status status = column.valid(i) ? normalizer(column[i], canonical) : enishi::Status::missing;
            ++counts[static_cast<size_t>(status)];
            codes[i] = enishi::none;
            if (impossible) impossible[i] = enishi::none;
            uint32_t *const of = status == enishi::Status::accepted     ? codes
                                 : status == enishi::Status::impossible ? impossible
                                                                        : nullptr;
            if (!of || canonical.view().empty()) continue;
            uint32_t code = 0;
            for (const char c : canonical.view()) {
                if (c != '-') code = code * 10 + static_cast<uint32_t>(c - '0');
            }
            of[i] = code;
        }
    }

    // Rows whose key was in the table before; each new key is added.
    void add_identities(enishi::KeyTable &table, const enishi::Key128 *keys, int64_t rows, std::vector<uint32_t> &first,
                        std::vector<int64_t> &repeated) {
        for (int64_t i = 0; i < rows; ++i) {
            if (i + 16 < rows) table.prefetch(keys[i + 16]);
            const uint32_t before = table.size();
            first.push_back(table.insert(keys[i]));
            if (table.size() == before) repeated.push_back(i);
        }
    }
    }
    """
    void add_names(CNameForms &, const TextColumn *, const TextColumn *, const TextColumn *, int64_t, uint32_t *, size_t,
                   uint64_t *) except + nogil
    void birth_codes(const CNormalizer &, const TextColumn &, uint32_t *, uint32_t *, uint64_t *) except + nogil
    void add_identities(KeyTable &, const Key128 *, int64_t, vector[uint32_t] &, vector[int64_t] &) except + nogil
    uint64_t mix_bits "enishi::detail::mix_bits"(uint64_t) nogil
    const size_t status_count "enishi::status_count"
    bint c_plain_ids "enishi::plain_ids"(const TextColumn &) nogil

    cdef cppclass CAscendingIds "enishi::AscendingIds":
        bint extend(const TextColumn &) except + nogil

    void c_hash_records "enishi::hash_records"(string_view, const TextColumn &, Key128 *) except + nogil

    cdef cppclass CRecordKeys "enishi::RecordKeys":
        void add(const Key128 *, size_t) except + nogil
        vector[uint32_t] repeated() except + nogil
        size_t held() const
        int spill(int, uint64_t &) except + nogil

    void fill_column "enishi::fill_column"(ProfileTable &, uint32_t, const ValueTable &) except + nogil

    cdef cppclass DefaultDate "enishi::DefaultDate":
        uint32_t source
        uint32_t date
        uint32_t people

    vector[DefaultDate] default_dates "enishi::default_dates"(const ProfileTable &, uint32_t, const vector[uint32_t] &) except + nogil
    void leave_out "enishi::leave_out"(ProfileTable &, uint32_t, const vector[DefaultDate] &) except + nogil

    bint c_kana_of_romaji "enishi::detail::kana_of_romaji"(string_view, Text &) except + nogil
    void c_sound_of "enishi::detail::sound_of"(string_view, string &) except + nogil

    void c_hash_rows "enishi::hash_rows"(const vector[TextColumn] &, int64_t, const Key128 &, Key128 *) except + nogil


cdef Key128 key_of(bytes secret) except *:
    if len(secret) != 16:
        raise ValueError("a key has 16 bytes")
    cdef Key128 key
    key.low = int.from_bytes(secret[:8], "little")
    key.high = int.from_bytes(secret[8:], "little")
    return key


cdef TextColumn _column(object capsules) except *:
    # The capsules own the borrowed buffers: the caller keeps them for as long as the column is used.
    cdef ArrowSchema *schema = <ArrowSchema *>PyCapsule_GetPointer(capsules[0], "arrow_schema")
    cdef ArrowArray *array = <ArrowArray *>PyCapsule_GetPointer(capsules[1], "arrow_array")
    return TextColumn(schema[0], array[0])


cdef object _copy(const void *data, size_t count, object dtype):
    dtype = numpy.dtype(dtype)
    return numpy.frombuffer(PyBytes_FromStringAndSize(<const char *>data, count * dtype.itemsize), dtype)


cdef class Borrowed:
    """Unsigned numbers in memory that somebody else owns, who is kept alive as long as an array looks at them."""

    @staticmethod
    cdef Borrowed of(object owner, const void *data, Py_ssize_t count, Py_ssize_t itemsize):
        cdef Borrowed borrowed = Borrowed()
        borrowed.owner = owner
        borrowed.data = data
        borrowed.count = count
        borrowed.itemsize = itemsize
        return borrowed

    def __getbuffer__(self, Py_buffer *buffer, int flags):
        if flags & PyBUF_WRITABLE:
            raise BufferError("the numbers are read only")
        # An empty array points somewhere too.
        buffer.buf = <void *>self.data if self.data != NULL else <void *>&self.count
        buffer.obj = self
        buffer.len = self.count * self.itemsize
        buffer.itemsize = self.itemsize
        buffer.readonly = 1
        buffer.ndim = 1
        buffer.format = <char *>(b"I" if self.itemsize == 4 else b"Q")
        buffer.shape = &self.count
        buffer.strides = &self.itemsize
        buffer.suboffsets = NULL
        buffer.internal = NULL


cdef class Values:
    """The distinct values of one field, numbered: what is known of each."""

    def __len__(self):
        return self.table.get().size()

    def seen(self, const uint32_t[::1] numbers):
        """First and last time of some values (int64 arrays); the last is the smallest int64 where no time was read."""
        cdef const Column[int64_t] *first_seen = &self.table.get().first_seen()
        cdef const Column[int64_t] *last_seen = &self.table.get().last_seen()
        cdef int64_t[::1] first = numpy.zeros(numbers.shape[0], "i8")
        cdef int64_t[::1] last = numpy.full(numbers.shape[0], numpy.iinfo(numpy.int64).min)
        self._check(numbers)
        cdef Py_ssize_t i
        with nogil:
            for i in range(numbers.shape[0]):
                # Values that came after the last time was read were seen by sources without one.
                if numbers[i] < last_seen.size():
                    first[i] = dereference(first_seen)[numbers[i]]
                    last[i] = dereference(last_seen)[numbers[i]]
        return numpy.asarray(first), numpy.asarray(last)

    def keys(self, const uint32_t[::1] numbers):
        """The keys of some values, as an array (values, 16) of bytes; only where they are kept."""
        cdef const Column[Key128] *keys = &self.table.get().keys()
        cdef uint64_t[:, ::1] out = numpy.empty((numbers.shape[0], 2), "u8")
        self._check(numbers)
        if keys.size() != self.table.get().size():
            raise ValueError("the keys of these values were not kept")
        cdef Py_ssize_t i
        with nogil:
            for i in range(numbers.shape[0]):
                out[i, 0] = dereference(keys)[numbers[i]].low
                out[i, 1] = dereference(keys)[numbers[i]].high
        return numpy.asarray(out).view("u1").reshape(-1, 16)

    def key_names(self, const uint32_t[::1] numbers):
        """The keys of some values in hex: whole where they are kept, else the first nine bytes of a crowded or generic value's."""
        cdef const Key128 *bits
        if self.table.get().keys().size() == self.table.get().size():
            return [key.tobytes().hex() for key in self.keys(numbers)]
        self._check(numbers)
        names = []
        for number in numbers:
            bits = self.table.get().first_bits(number)
            if bits == NULL:
                raise ValueError("the keys of these values were not kept")
            names.append((bits.low.to_bytes(8, "little") + bits.high.to_bytes(1, "little")).hex())
        return names

    def _check(self, numbers):
        if len(numbers) and numpy.max(numbers) >= len(self):
            raise IndexError("there is no value of that number")

    def drop_carriers(self):
        """Gives back which profiles carry which value, once nobody asks any more."""
        self.table.get().drop_carriers()

    def drop_texts(self):
        """Gives the texts back, once nobody reads or compares them any more."""
        self.table.get().drop_texts()

    def status(self):
        """The status of every value (uint8: accepted, generic or incomplete)."""
        return _copy(self.table.get().status().data(), self.table.get().status().size(), "u1")

    def carry_more(self, Profiles profiles, columns, const uint32_t[::1] added):
        """Lists profiles that were added after the values were numbered among the carriers of what they hold."""
        cdef vector[pair[uint32_t, uint32_t]] more
        cdef uint32_t p, column
        for p in added:
            for column in columns:
                if profiles.table.get().column(column)[p] != 0xFFFFFFFF:
                    more.push_back(pair[uint32_t, uint32_t](profiles.table.get().column(column)[p], p))
        sort(more.begin(), more.end())
        more.erase(unique(more.begin(), more.end()), more.end())
        with nogil:
            self.table.get().carry_more(more)

    def texts(self, const uint32_t[::1] numbers):
        """The canonical texts of some values, as a list of str; only where they are kept."""
        if not self.table.get().has_text():
            raise ValueError("the texts of these values were not kept")
        out = []
        cdef string_view text
        for number in numbers:
            if number >= self.table.get().size():
                raise IndexError("there is no value of that number")
            text = self.table.get().text(number)
            out.append(PyBytes_FromStringAndSize(text.data(), text.size()).decode())
        return out


cdef class GrowingValues(Values):
    """Values that are numbered as they come, from 0 in order of arrival.

    Parameters
    ----------
    keep_text : bool
        Whether the canonical texts are kept.
    """

    def __cinit__(self, bint keep_text=False):
        self.table.reset(new CGrowingValues(keep_text))

    def add(self, Normalizer normalizer, array, list keys, const int32_t[::1] space, uint32_t[::1] numbers, uint64_t[::1] counts):
        """Numbers a column of values.

        Parameters
        ----------
        normalizer : Normalizer
        array : object with ``__arrow_c_array__``
            Text, one contiguous array.
        keys : list of bytes
            The key of each value space, 16 bytes each.
        space : int32 array or None
            By row, which of ``keys`` it is hashed under; None: the first.
        numbers : uint32 array, written
            By row, the value's number; 2**32 - 1 where there is none, 2**32 - 2 where the kernel left it to others.
        counts : uint64 array, added to
            Rows by status, one entry each of ``STATUSES``.
        """
        capsules = array.__arrow_c_array__()
        cdef TextColumn column = _column(capsules)
        cdef vector[Key128] spaces = _spaces(keys, space, column.length(), counts)
        if column.length() != numbers.shape[0]:
            raise ValueError("numbers need one entry a row")
        if column.length() == 0:
            return
        cdef const CNormalizer *kernel = normalizer.kernel.get()
        cdef const int32_t *spaces_of_rows = &space[0] if space is not None else NULL
        with nogil:
            (<CGrowingValues *>self.table.get()).add(kernel[0], column, spaces.data(), spaces_of_rows, &numbers[0], &counts[0])


cdef vector[Key128] _spaces(list keys, const int32_t[::1] space, int64_t rows, const uint64_t[::1] counts) except *:
    """The keys of the value spaces, once what goes with them is seen to fit."""
    cdef vector[Key128] spaces
    cdef Py_ssize_t i
    for key in keys:
        spaces.push_back(key_of(key))
    if spaces.empty() or counts.shape[0] < <Py_ssize_t>status_count:
        raise ValueError("at least one key and a count for every status are needed")
    if space is not None:
        if space.shape[0] != rows:
            raise ValueError("space needs one entry a row")
        for i in range(rows):
            if not 0 <= space[i] < <int64_t>spaces.size():
                raise ValueError("every space needs a key")
    return spaces


cdef class Sightings:
    """The values of an identifier on their way to a number: hashed batch by batch, numbered when all have come.

    Parameters
    ----------
    columns : list of int
        The field's columns in the profiles; slot s is column ``columns[s]``.
    keep_keys, keep_text : bool
        Whether the values' keys and canonical texts are kept.
    crowd : int
        Values with more sightings than this keep nine bytes of their key where keys are not kept.
    """

    def __cinit__(self, list columns, bint keep_keys=False, bint keep_text=False, uint32_t crowd=0):
        cdef vector[uint32_t] slots = columns
        self.slots = slots.size()
        self.columns = columns
        self.keep_text = keep_text
        self.sightings.reset(new CSightings(slots, keep_keys, keep_text, crowd))

    def begin(self):
        """Starts a batch, of which no slot has been read; the one before can be numbered and kept from now on."""
        self.sightings.get().begin()

    def read(self, uint32_t slot, Normalizer normalizer, array, list keys, const int32_t[::1] space, const uint8_t[::1] wanted,
             uint64_t[::1] counts):
        """Reads a column of the batch into a slot.

        Parameters
        ----------
        slot : int
        normalizer : Normalizer
        array : object with ``__arrow_c_array__``
            Text, one contiguous array.
        keys : list of bytes
            The key of each value space, 16 bytes each.
        space : int32 array or None
            By row, which of ``keys`` it is hashed under; None: the first.
        wanted : uint8 array or None
            By row, whether it is read now; the others stay as an earlier reading left them.
        counts : uint64 array, added to
            Rows by status, one entry each of ``STATUSES``.

        Returns
        -------
        int64 array
            The rows that the kernel left to others.
        """
        capsules = array.__arrow_c_array__()
        cdef TextColumn column = _column(capsules)
        cdef vector[Key128] spaces = _spaces(keys, space, column.length(), counts)
        cdef vector[int64_t] left
        if wanted is not None and wanted.shape[0] != column.length():
            raise ValueError("wanted needs one entry a row")
        if slot >= self.slots:
            raise IndexError("there is no slot of that number")
        cdef const CNormalizer *kernel = normalizer.kernel.get()
        cdef const int32_t *spaces_of_rows = &space[0] if space is not None and column.length() else NULL
        cdef const uint8_t *wanted_rows = &wanted[0] if wanted is not None and column.length() else NULL
        with nogil:
            self.sightings.get().read(slot, kernel[0], column, spaces.data(), spaces_of_rows, wanted_rows, &counts[0], left)
        return _copy(left.data(), left.size(), "i8")

    def correct(self, uint32_t slot, Normalizer normalizer, array, const int64_t[::1] rows, bytes key):
        """Reads texts that stand for some rows of a slot, after it was read."""
        capsules = array.__arrow_c_array__()
        cdef TextColumn column = _column(capsules)
        if column.length() != rows.shape[0]:
            raise ValueError("rows need one entry a text")
        if column.length():
            self.sightings.get().correct(slot, normalizer.kernel.get()[0], column, &rows[0], key_of(key))

    def keep(self, Profiles profiles):
        """Puts by what the rows of the batch before hold that made new profiles, once it is numbered."""
        with nogil:
            self.sightings.get().keep(profiles.fresh, profiles.first)

    def list_generic(self, bytes key):
        """Says that the value with this key is generic, if it is ever seen."""
        self.sightings.get().list_generic(key_of(key))

    def list_allowed(self, bytes key):
        """Says that the value with this key is never generic."""
        self.sightings.get().list_allowed(key_of(key))

    def held(self):
        """Bytes of memory that it takes."""
        return self.sightings.get().held()

    def spill(self, int file, uint64_t at):
        """Writes what was put by to a file (a descriptor) from ``at`` on, and returns where that ends.

        The file is read when the values are numbered, and has to be open until then.

        Raises
        ------
        OSError
        """
        cdef int error
        with nogil:
            error = self.sightings.get().spill(file, at)
        if error:
            raise OSError(error, os.strerror(error))
        return at

    def number(self, Profiles profiles, bint fill=True):
        """Numbers the values, once; returns them, and writes their numbers into the profiles' columns if it is to fill."""
        cdef Values values = Values()
        values.table.reset(new ValueTable(self.keep_text))
        for column in self.columns:
            if column >= profiles.table.get().width():
                raise IndexError("there is no column of that number")
        with nogil:
            self.sightings.get().number(dereference(profiles.table), dereference(values.table), fill)
        return values


cdef class Profiles:
    """Equal records, once: rows of codes and keys, numbered by content.

    Parameters
    ----------
    width : int
        Columns: first those of codes, then those of identifiers.
    """

    def __cinit__(self, uint32_t width):
        if width == 0:
            raise ValueError("a profile has at least one code")
        self.table.reset(new ProfileTable(width, key_of(os.urandom(16))))

    def __len__(self):
        return self.table.get().size()

    def add(self, const uint32_t[:, ::1] codes, list sightings=[]):
        """Numbers a batch of rows; what the sightings read of those that are new, these have to `keep` then.

        Parameters
        ----------
        codes : uint32 array, columns x rows
            Of the first columns.
        sightings : list of Sightings
            They have read the batch, and begun the next.

        Returns
        -------
        uint32 array
            By row, its profile.
        """
        if codes.shape[0] > self.table.get().width():
            raise ValueError("there are more codes than columns")
        cdef vector[ProfilePart] parts
        cdef ProfilePart part
        cdef Sightings each
        cdef uint32_t c
        self.first = self.table.get().size()
        self.fresh.clear()
        if codes.shape[1] == 0:
            return numpy.zeros(0, "u4")
        for c in range(codes.shape[0]):
            part.column = c
            part.codes = &codes[c, 0]
            parts.push_back(part)
        for each in sightings:
            each.sightings.get().describe(codes.shape[1], parts)
        with nogil:
            self.table.get().add(parts, codes.shape[1], self.fresh)
        cdef size_t records = self.table.get().of_record().size()
        return _copy(self.table.get().of_record().data() + records - codes.shape[1], codes.shape[1], "u4")

    def order(self, const uint64_t[:, ::1] hashes):
        """Orders the next records, from the first, by their hashes."""
        if hashes.shape[1] != 2:
            raise ValueError("hashes are rows x 2")
        with nogil:
            self.table.get().order(<const Key128 *>&hashes[0, 0] if hashes.shape[0] else NULL, hashes.shape[0])

    def forget_order(self):
        """Forgets the order, so that it can be told again from the first record."""
        self.table.get().forget_order()

    def keys(self):
        """By profile, a hash of its smallest record (uint64): what owes nothing to the order of arrival."""
        cdef const ProfileTable *table = self.table.get()
        keys = numpy.empty(table.order_keys().size(), "u8")
        cdef uint64_t[::1] out = keys
        cdef size_t p
        for p in range(table.order_keys().size()):
            # The smallest of several hashes is a small one; mixed, it is as random as any.
            out[p] = mix_bits(table.order_keys()[p])
        return keys

    def of_record(self):
        """By record, its profile (uint32): not a copy, so after `close`."""
        return numpy.asarray(Borrowed.of(self, self.table.get().of_record().data(), self.table.get().of_record().size(), 4))

    def see(self, const uint32_t[::1] numbers, const int64_t[::1] times, bint each=False):
        """Widens the interval in which each row's profile was seen; the smallest int64 is no time.

        The rows are those that were added last. With ``each``, every record's time is kept too.
        """
        if numbers.shape[0] != times.shape[0]:
            raise ValueError("numbers and times need one entry a row")
        if numbers.shape[0]:
            with nogil:
                self.table.get().see(&numbers[0], &times[0], numbers.shape[0], each)

    def drop_times(self):
        """Gives the times of the records back, once nobody asks any more."""
        self.table.get().drop_times()

    def close(self):
        """Says that no row comes any more, which frees what only finds them."""
        self.table.get().close()

    def split(self, const int64_t[::1] records):
        """Gives each of some records a profile of its own; after `close`.

        Returns
        -------
        uint32 array (n, 2)
            The new profiles, and those that they were part of.
        """
        cdef int64_t record
        cdef uint32_t p
        twins = []
        for record in records:
            if not 0 <= record < <int64_t>self.table.get().of_record().size():
                raise IndexError("there is no record of that number")
            p = self.table.get().split(record)
            if p != 0xFFFFFFFF:
                twins.append((self.table.get().size() - 1, p))
        return numpy.array(twins, "u4").reshape(-1, 2)

    def fill(self, uint32_t column, Values values):
        """Writes the numbers of the values of an identifier that has no other column into its column, if it is empty."""
        cdef const ValueTable *table = values.table.get()
        with nogil:
            fill_column(dereference(self.table), column, dereference(table))

    def leave_out_default_dates(self, uint32_t birth, vector[uint32_t] names):
        """Leaves birth dates out that so many people of a source have that they say that none is known; after `close`.

        Parameters
        ----------
        birth : int
            The column of the dates.
        names : sequence of int
            The columns by which people are told apart.

        Returns
        -------
        list of (int, int, int)
            The code of the source, the date as yyyymmdd, and how many people are said to have it.
        """
        cdef uint32_t most = birth
        cdef vector[DefaultDate] found
        for name in names:
            most = max(most, <uint32_t>name)
        if most >= self.table.get().width():
            raise IndexError("there is no column of that number")
        with nogil:
            found = default_dates(dereference(self.table), birth, names)
            leave_out(dereference(self.table), birth, found)
        return [(each.source, each.date, each.people) for each in found]

    def drop(self, list columns):
        """Gives columns back that nobody reads any more."""
        for column in columns:
            self.table.get().drop(column)

    def counts(self):
        """Records of each profile (uint32)."""
        return _copy(self.table.get().counts().data(), self.table.get().size(), "u4")

    def codes(self):
        """The codes, width x profiles (uint32); after `close`."""
        cdef uint32_t c
        return numpy.stack([_copy(self.table.get().column(c).data(), self.table.get().size(), "u4")
                            for c in range(self.table.get().width())])


cdef class NameForms:
    """The names of all records in their written forms: given and full, each in Han characters, kana, Latin letters.

    Parameters
    ----------
    normalizer : Normalizer
        Of a part of a name.
    key : bytes
        16 of them: the key that the forms are hashed under.
    """

    def __cinit__(self, Normalizer normalizer, bytes key):
        self.forms.reset(new CNameForms(normalizer.kernel, key_of(key)))

    def add(self, family, given, full, uint32_t[:, ::1] numbers, uint64_t[::1] counts):
        """Numbers the forms of a batch of names into ``numbers``, where no form stands yet: 6 x rows, 9 with family names."""
        cdef TextColumn columns[3]
        cdef const TextColumn *present[3]
        capsules = [None if part is None else part.__arrow_c_array__() for part in (family, given, full)]
        cdef int i
        for i in range(3):
            present[i] = NULL
            if capsules[i] is not None:
                columns[i] = _column(capsules[i])
                present[i] = &columns[i]
                if columns[i].length() != numbers.shape[1]:
                    raise ValueError("numbers need one column a row")
        if numbers.shape[0] not in (6, 9) or counts.shape[0] < <Py_ssize_t>status_count:
            raise ValueError("numbers have six or nine rows, counts one for every status")
        if numbers.shape[1] == 0:
            return
        with nogil:
            add_names(dereference(self.forms), present[0], present[1], present[2], numbers.shape[1], &numbers[0, 0],
                      numbers.shape[0], &counts[0])

    def read_unread(self, Profiles profiles, uint32_t first):
        """Gives profiles whose names have no kana, in nine columns from the first on, the readings that others tell."""
        if first + 9 > profiles.table.get().width():
            raise ValueError("names have nine columns")
        with nogil:
            self.forms.get().read_unread(dereference(profiles.table), first)


def kana_of_romaji(str word):
    """The kana, in canonical form, of a word in Latin letters in canonical form; None where it is no Japanese word."""
    cdef Text kana
    cdef bytes encoded = word.encode()
    if not c_kana_of_romaji(string_view(encoded, len(encoded)), kana):
        return None
    return PyBytes_FromStringAndSize(kana.view().data(), kana.size()).decode()


def sound_of(str kana):
    """Kana in canonical form without long vowels."""
    cdef string sound
    cdef bytes encoded = kana.encode()
    c_sound_of(string_view(encoded, len(encoded)), sound)
    return (<bytes>sound).decode()


cdef class Identities:
    """The identities of the records seen so far, to find repeated ones."""

    cdef KeyTable table

    def add(self, const uint64_t[:, ::1] keys):
        """Adds a batch of 128-bit keys.

        Returns
        -------
        numbers : uint32 array
            The number of each row's identity, in order of first sight over all batches.
        repeated : int64 array
            The rows whose identity was known before.
        """
        cdef vector[uint32_t] numbers
        cdef vector[int64_t] repeated
        if keys.shape[1] != 2:
            raise ValueError("keys are rows x 2")
        if keys.shape[0]:
            with nogil:
                add_identities(self.table, <const Key128 *>&keys[0, 0], keys.shape[0], numbers, repeated)
        return _copy(numbers.data(), numbers.size(), "u4"), _copy(repeated.data(), repeated.size(), "i8")


cdef class AscendingIds:
    """Record ids that differ because each comes after the one before, by length, then by bytes."""

    cdef CAscendingIds ids

    def extend(self, array):
        """Whether a batch of ids (text, none null) goes on in that order; where it does not, it is not added."""
        capsules = array.__arrow_c_array__()
        cdef TextColumn column = _column(capsules)
        cdef bint ascending
        with nogil:
            ascending = self.ids.extend(column)
        return ascending


cdef class RecordKeys:
    """The hashes of a source's records, to find those that came before when all have come."""

    cdef CRecordKeys keys

    def add(self, const uint64_t[:, ::1] hashes):
        """Puts the hashes of a batch by."""
        if hashes.shape[1] != 2:
            raise ValueError("hashes are rows x 2")
        if hashes.shape[0]:
            with nogil:
                self.keys.add(<const Key128 *>&hashes[0, 0], hashes.shape[0])

    def repeated(self):
        """The rows, from 0 in the order of adding, whose hash came before (uint32, ascending)."""
        cdef vector[uint32_t] rows
        with nogil:
            rows = self.keys.repeated()
        return _copy(rows.data(), rows.size(), "u4")

    def held(self):
        """Bytes of memory that it takes."""
        return self.keys.held()

    def spill(self, int file, uint64_t at):
        """Writes what was put by to a file from ``at`` on, and returns where that ends; see `Sightings.spill`."""
        cdef int error
        with nogil:
            error = self.keys.spill(file, at)
        if error:
            raise OSError(error, os.strerror(error))
        return at


def hash_records(str source, array):
    """The hash that each record of a source is known by: SipHash-2-4-128 of "source NUL record_id", without a key.

    Returns
    -------
    array (rows, 2) of uint64
    """
    capsules = array.__arrow_c_array__()
    cdef TextColumn column = _column(capsules)
    cdef bytes name = source.encode()
    cdef string_view view = string_view(<const char *>name, len(name))
    hashes = numpy.empty((column.length(), 2), "u8")
    cdef uint64_t[:, ::1] out = hashes
    if column.length():
        with nogil:
            c_hash_records(view, column, <Key128 *>&out[0, 0])
    return hashes


def plain_ids(array):
    """Whether every record id (text) is there and begins with a visible ASCII character."""
    capsules = array.__arrow_c_array__()
    cdef TextColumn column = _column(capsules)
    cdef bint plain
    with nogil:
        plain = c_plain_ids(column)
    return plain


def birth_numbers(Normalizer normalizer, array, uint32_t[::1] codes, uint32_t[::1] impossible, uint64_t[::1] counts):
    """Birth dates as yyyymmdd into ``codes``, 2**32 - 1 where there is none; those that no calendar has likewise into
    ``impossible``, where that is not None."""
    capsules = array.__arrow_c_array__()
    cdef TextColumn column = _column(capsules)
    if column.length() != codes.shape[0] or (impossible is not None and column.length() != impossible.shape[0]):
        raise ValueError("codes need one entry a row")
    if counts.shape[0] < <Py_ssize_t>status_count:
        raise ValueError("a count for every status is needed")
    cdef const CNormalizer *kernel = normalizer.kernel.get()
    cdef uint32_t *others = NULL
    if column.length():
        if impossible is not None:
            others = &impossible[0]
        with nogil:
            birth_codes(kernel[0], column, &codes[0], others, &counts[0])


def hash_rows(list arrays, bytes key, int64_t rows):
    """A 128-bit hash of each row over text columns, in the order given.

    Returns
    -------
    array (rows, 2) of uint64
    """
    cdef vector[TextColumn] columns
    capsules = [array.__arrow_c_array__() for array in arrays]
    for pair in capsules:
        columns.push_back(_column(pair))
        if columns.back().length() != rows:
            raise ValueError("every column needs one value a row")
    cdef Key128 secret = key_of(key)
    hashes = numpy.empty((rows, 2), "u8")
    cdef uint64_t[:, ::1] out = hashes
    if rows:
        with nogil:
            c_hash_rows(columns, rows, secret, <Key128 *>&out[0, 0])
    return hashes
