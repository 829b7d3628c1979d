# distutils: language = c++
# cython: boundscheck=False, wraparound=False
"""From profiles and values to clusters and customers."""

import numpy

from cpython.pycapsule cimport PyCapsule_GetPointer
from cython.operator cimport dereference
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy
from libcpp.memory cimport unique_ptr
from libcpp.string cimport string
from libcpp.utility cimport pair
from libcpp.unordered_set cimport unordered_set
from libcpp.vector cimport vector

from enishi._normalize cimport ArrowArray, ArrowSchema, CNormalizer, Key128, Normalizer, TextColumn, string_view
from enishi._tables cimport Borrowed, NameForms, ProfileTable, Profiles, Values, ValueTable


cdef extern from "enishi/arrow.hpp" namespace "enishi" nogil:
    cdef cppclass ChunkedText:
        void add(const TextColumn &) except +
        int64_t length() const


cdef extern from "enishi/near.hpp" namespace "enishi" nogil:
    cdef cppclass NearPair:
        uint32_t left
        uint32_t right
        uint32_t distance

    cdef cppclass NearOptions:
        uint32_t max_edits
        bint local_part
        bint corrections
        uint32_t max_group
        uint32_t small_group

    cdef cppclass NearResult:
        vector[NearPair] pairs
        uint64_t compared
        uint64_t capped_groups
        uint64_t capped_values

    cdef cppclass NearJoin:
        NearJoin(const ValueTable &, const vector[uint8_t] &, NearOptions) except +
        NearResult run(size_t) except +

    vector[NearPair] c_extensions "enishi::extensions"(const ValueTable &, const vector[uint8_t] &, size_t) except +


cdef extern from "enishi/handover.hpp" namespace "enishi" nogil:
    cdef cppclass Span:
        int64_t first
        int64_t last

    cdef cppclass Tenures:
        const vector[Span] &spans() const


cdef extern from "enishi/linking.hpp" namespace "enishi" nogil:
    cdef cppclass Handover:
        uint32_t field
        uint32_t value
        Tenures tenures

    cdef cppclass IdentifierField:
        vector[uint32_t] columns
        ValueTable *values
        uint32_t rank
        bint personal
        uint32_t generic_limit
        uint32_t kin
        int64_t rest
        double worth
        double several

    cdef cppclass AttributeColumns:
        uint32_t given[3]
        uint32_t name[3]
        uint32_t birth_date
        uint32_t postcode
        const ValueTable *given_texts[3]
        const ValueTable *name_texts[3]

    cdef cppclass GenericValue:
        uint32_t field
        uint32_t value
        uint32_t groups

    cdef cppclass FieldLimit:
        uint32_t field
        uint32_t most
        int64_t window
        const ValueTable *values

    cdef cppclass Refused "enishi::Refused":
        uint64_t joins
        unordered_set[uint32_t] clusters

    cdef cppclass Limits:
        Limits(vector[uint8_t], vector[FieldLimit], vector[pair[uint32_t, uint32_t]], vector[pair[uint32_t, uint32_t]],
               vector[pair[uint32_t, uint32_t]]) except +

    cdef cppclass CLink "enishi::Link":
        uint32_t field
        uint32_t rule
        uint32_t left_value
        uint32_t right_value
        uint32_t left_profile
        uint32_t right_profile
        uint32_t distance
        uint32_t support

    cdef cppclass RefusedLink:
        CLink link
        uint32_t why

    cdef cppclass NearCounts:
        uint64_t candidates
        uint64_t already
        uint64_t contested
        uint64_t conflict
        uint64_t unsupported
        uint64_t ambiguous
        uint64_t linked
        uint64_t unlisted

    cdef cppclass Unlinkable:
        uint64_t generic
        uint64_t bare

    cdef cppclass WeighedPair:
        uint32_t left
        uint32_t right
        double weight
        bint told
        bint named
        bint dated

    cdef cppclass MatchCounts:
        uint64_t linked
        uint64_t already
        uint64_t conflict
        uint64_t unsupported
        uint64_t ambiguous

    cdef cppclass RecordOrder:
        const uint64_t *key
        const uint32_t *smallest
        const uint32_t *source_rank

    cdef cppclass Evidence:
        uint32_t *profile
        int32_t *field
        int32_t *state
        Key128 *key
        int64_t *offsets
        uint8_t *first
        uint32_t *rows

    cdef cppclass Links:
        vector[CLink] made
        vector[RefusedLink] refused

    cdef cppclass ProfileGraph:
        size_t threads

    cdef cppclass CLinking "enishi::Linking":
        CLinking(const ProfileTable &, vector[IdentifierField], AttributeColumns, RecordOrder, size_t) except +
        void declare(Limits) except +
        const Limits &limits() const
        const vector[Refused] &refused() const
        vector[GenericValue] find_generic() except +
        uint64_t join_exact() except +
        uint64_t join_rule(uint32_t, const vector[uint32_t] &) except +
        NearCounts join_near(uint32_t, const NearPair *, size_t) except +
        MatchCounts join_matches(uint32_t, const vector[WeighedPair] &, double, double, uint32_t) except +
        uint64_t refuse_outweighed(uint32_t, const vector[WeighedPair] &, uint32_t) except +
        const ProfileGraph &graph() const
        const Links &links() const
        vector[uint32_t] labels() except +
        const vector[uint8_t] &bound() const
        const vector[uint8_t] &joined(uint32_t) const
        uint64_t slips(uint32_t) const
        const vector[pair[uint32_t, uint32_t]] &adopted() const
        const vector[Handover] &handovers() const

    vector[pair[uint32_t, uint32_t]] contested_carriers(const ProfileGraph &, uint32_t,
                                                        const vector[uint8_t] &) except +
    Unlinkable unlinkable(const ProfileGraph &, const Limits &, const vector[uint8_t] &,
                          const vector[vector[uint32_t]] &) except +
    vector[uint64_t] carrying_records(const ProfileGraph &, uint32_t, const vector[uint32_t] &) except +
    vector[uint32_t] smallest_carriers(const ProfileGraph &, uint32_t, const vector[uint32_t] &) except +
    pair[size_t, size_t] evidence_size(const ProfileGraph &, uint32_t, uint32_t) except +
    void c_evidence "enishi::evidence"(const ProfileGraph &, const vector[const uint8_t *] &, const uint32_t *,
                                       const uint32_t *, uint32_t, uint32_t, const Evidence &) except +


cdef extern from "enishi/customers.hpp" namespace "enishi" nogil:
    cdef cppclass RowsByProfile:
        RowsByProfile() except +
        RowsByProfile(const uint32_t *, size_t, const ProfileTable &) except +
        vector[uint32_t] starts
        vector[uint32_t] rows

    cdef cppclass Customers:
        vector[uint32_t] of_record
        vector[uint32_t] sizes

    Customers number_customers(const uint32_t *, size_t, const vector[uint32_t] &, const vector[uint8_t] &,
                               const vector[pair[uint32_t, uint32_t]] &) except +

    cdef cppclass CustomerNames:
        CustomerNames(const Customers &, vector[string], int, size_t) except +
        void add(const TextColumn &, uint32_t, const uint32_t *, const uint32_t *) except +
        vector[uint32_t] smallest() except +
        vector[uint64_t] ids() except +

    cdef cppclass IdentifierNodes:
        vector[uint32_t] value
        vector[uint32_t] customer
        vector[uint64_t] records
        vector[Span] seen

    cdef cppclass NodeReader:
        NodeReader(const ProfileGraph &, uint32_t, const vector[uint8_t] &, const RowsByProfile &, const Customers &,
                   const vector[uint8_t] &) except +
        IdentifierNodes whole(uint32_t, uint32_t) except +
        IdentifierNodes split() except +


cdef extern from *:
    """
    #include <string>
    #include <unordered_map>
    #include "enishi/email.hpp"
    #include "enishi/near.hpp"

    namespace {
    // Emails whose domain is a known slip, and the address under the domain that was meant.
    std::vector<enishi::NearPair> domain_corrections(const enishi::ValueTable &values,
                                                     const enishi::Normalizer &email) {
        std::vector<enishi::NearPair> pairs;
        std::unordered_map<std::string, std::vector<uint32_t>> slips;  // by the address that was meant
        enishi::Text meant, canonical;
        for (uint32_t v = 0; v < values.size(); ++v) {
            const std::string_view text = values.text(v);
            const size_t at = text.rfind('@');
            if (at == std::string_view::npos) continue;
            const std::string_view domain = enishi::corrected_domain(text.substr(at + 1));
            if (domain.empty()) continue;
            meant.clear();
            meant.append(text.substr(0, at + 1));
            meant.append(domain);
            if (email(meant.view(), canonical) != enishi::Status::accepted) continue;
            slips[std::string(canonical.view())].push_back(v);
        }
        std::string known;
        for (uint32_t w = 0; w < values.size() && !slips.empty(); ++w) {
            known = values.text(w);
            const auto found = slips.find(known);
            if (found == slips.end()) continue;
            for (const uint32_t v : found->second) {
                if (v != w) pairs.push_back({std::min(v, w), std::max(v, w), 0});
            }
        }
        std::sort(pairs.begin(), pairs.end());
        pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
        return pairs;
    }
    }
    """
    vector[NearPair] c_domain_corrections "domain_corrections"(const ValueTable &, const CNormalizer &) except + nogil


cdef TextColumn _column(object capsules) except *:
    cdef ArrowSchema *schema = <ArrowSchema *>PyCapsule_GetPointer(capsules[0], "arrow_schema")
    cdef ArrowArray *array = <ArrowArray *>PyCapsule_GetPointer(capsules[1], "arrow_array")
    return TextColumn(schema[0], array[0])


cdef object _copy(const void *data, size_t count, object dtype):
    array = numpy.empty(count, dtype)
    cdef uint8_t[::1] room
    if count:
        room = array.view("u1")
        # Memory that is touched for the first time takes its time, and other threads have theirs meanwhile.
        with nogil:
            memcpy(&room[0], data, <size_t>room.shape[0])
    return array


cdef int _check_texts(Values values) except -1:
    if not values.table.get().has_text():
        raise ValueError("the texts of these values were not kept")
    return 0


cdef object _pairs(const vector[NearPair] &pairs):
    return _copy(pairs.data(), pairs.size() * 3, "u4").reshape(-1, 3)


def near_pairs(Values values, *, uint32_t max_edits=1, bint local_part=False, bint corrections=False,
               uint32_t max_group=1000, uint32_t small_group=24, size_t slice_entries=1 << 23):
    """Pairs of distinct values within an edit distance (optimal string alignment), complete.

    Parameters
    ----------
    values : Values
        With texts.
    max_edits : int
    local_part : bool
        Compare email addresses in what stands before the @; the domain and the digits have to be equal.
    corrections : bool
        Only pairs of an incomplete value and a complete one.
    max_group : int
        Values that share one deletion; larger groups are counted and not compared.
    small_group : int
        Values that are compared with one another without looking for more in common.
    slice_entries : int
        Entries held at once, 8 bytes each, twice; a single group that is larger is held whole.

    Returns
    -------
    pairs : uint32 array (n, 3)
        Smaller number, larger number, distance; sorted.
    counts : dict
        Comparisons made, groups and memberships over the limit.
    """
    _check_texts(values)
    cdef NearOptions options
    options.max_edits = max_edits
    options.local_part = local_part
    options.corrections = corrections
    options.max_group = max_group
    options.small_group = small_group
    cdef NearResult result
    cdef ValueTable *table = values.table.get()
    cdef NearJoin *join = new NearJoin(dereference(table), table.status(), options)
    try:
        with nogil:
            result = join.run(slice_entries)
    finally:
        del join
    counts = {"compared": result.compared, "capped_groups": result.capped_groups, "capped_values": result.capped_values}
    return _pairs(result.pairs), counts


def extension_pairs(Values values, size_t stem):
    """Pairs of an incomplete value of ``stem`` bytes or more and each complete one that it begins."""
    _check_texts(values)
    cdef vector[NearPair] pairs
    with nogil:
        pairs = c_extensions(dereference(values.table), values.table.get().status(), stem)
    return _pairs(pairs)


def domain_pairs(Values values, Normalizer email):
    """Pairs of an email address with a misspelt domain and the address that was meant, where both are known."""
    _check_texts(values)
    cdef vector[NearPair] pairs
    cdef const CNormalizer *kernel = email.kernel.get()
    with nogil:
        pairs = c_domain_corrections(dereference(values.table), kernel[0])
    return _pairs(pairs)


cdef class Linking:
    """Joins profiles: see ``csrc/enishi/linking.hpp`` for the way.

    Parameters
    ----------
    profiles : Profiles
        Its first column is the rank of the record's source.
    fields : list of tuple
        (values, columns, rank, personal, generic_limit, kin, worth, several) for each identifier.
    names : NameForms or None
    name_columns : list of int
        Six columns of the profiles (given Han, kana, Latin, full Han, kana, Latin); empty without names.
    birth_date, postcode : int
        Their columns; -1 where there is none.
    source_names : list of str
        By rank; in byte order.
    rests : dict of int to int
        By number of a field whose values are given to strangers again, for how long nobody has them before; in the
        unit of the profiles' times.
    threads : int
    """

    cdef unique_ptr[CLinking] linking
    cdef Profiles profiles
    cdef NameForms names
    cdef list kept
    cdef vector[IdentifierField] fields
    cdef RecordOrder order
    cdef Customers customers
    cdef RowsByProfile by_profile
    cdef const uint32_t *profile_of_record
    cdef size_t records

    def __dealloc__(self):
        cdef vector[uint32_t] customers, rows
        # Gigabytes take their time to be given back, too.
        with nogil:
            self.linking.reset()
            self.customers.of_record.swap(customers)
            self.by_profile.rows.swap(rows)
            customers = vector[uint32_t]()
            rows = vector[uint32_t]()

    def __cinit__(self, Profiles profiles, list fields, NameForms names, list name_columns, int64_t birth_date,
                  int64_t postcode, list source_names, dict rests={}, size_t threads=1):
        cdef IdentifierField field
        cdef AttributeColumns attributes
        cdef Values values
        cdef int s
        self.profiles = profiles
        self.names = names
        self.profile_of_record = profiles.table.get().of_record().data()
        self.records = profiles.table.get().of_record().size()
        self.kept = [source_names]
        for values, columns, rank, personal, limit, kin, worth, several in fields:
            field.columns = columns
            field.values = values.table.get()
            field.rank = rank
            field.personal = personal
            field.generic_limit = limit
            field.kin = kin
            field.rest = rests.get(self.fields.size(), -1)
            field.worth = worth
            field.several = several
            self.fields.push_back(field)
            self.kept.append(values)
        if names is not None and name_columns:
            for s in range(3):
                attributes.given[s] = name_columns[s]
                attributes.name[s] = name_columns[3 + s]
                attributes.given_texts[s] = names.forms.get().given(s)
                attributes.name_texts[s] = names.forms.get().full(s)
        if birth_date >= 0:
            attributes.birth_date = birth_date
        if postcode >= 0:
            attributes.postcode = postcode
        cdef const ProfileTable *table = profiles.table.get()
        # Where nothing has to be decided in the order of the records, none is kept.
        if table.smallest().size() not in (0, table.size()):
            raise ValueError("every profile needs an order, or none has one")
        with nogil:
            self.order.source_rank = table.column(0).data()
            self.order.smallest = table.smallest().data()
            self.order.key = table.order_keys().data()
            self.linking.reset(new CLinking(dereference(table), self.fields, attributes, self.order, threads))

    def declare(self, list unique, list limits, const uint32_t[:, ::1] must, const uint32_t[:, ::1] cannot,
                const uint32_t[:, ::1] twins):
        """Declares what a customer may not be; before anything is joined. The must-links become links of rule 0.

        Parameters
        ----------
        unique : list of bool
            By rank of the source, whether it is free of duplicates.
        limits : list of tuple
            (field, most, window) for each field limit; window in the unit of the values' times, -1: at any time.
        must, cannot : uint32 array (n, 2)
            Pairs of profiles, each of one record.
        twins : uint32 array (n, 2)
            Pairs of profiles that are equal: one had to be taken out of the other.
        """
        cdef vector[uint8_t] sources = unique
        cdef vector[FieldLimit] fields
        cdef FieldLimit limit
        cdef vector[pair[uint32_t, uint32_t]] pairs[3]
        cdef Py_ssize_t i
        cdef uint32_t profiles = self.profiles.table.get().size()
        if not len(unique) == len(self.kept[0]):
            raise ValueError("unique needs one entry a source")
        for limit.field, limit.most, limit.window in limits:
            if limit.field >= self.fields.size():
                raise IndexError("there is no field of that number")
            limit.values = self.fields[limit.field].values
            fields.push_back(limit)
        cdef const uint32_t[:, ::1] table
        cdef int which = 0
        for table in (must, cannot, twins):
            for i in range(table.shape[0]):
                if table[i, 0] >= profiles or table[i, 1] >= profiles:
                    raise IndexError("there is no profile of that number")
                pairs[which].push_back(pair[uint32_t, uint32_t](table[i, 0], table[i, 1]))
            which += 1
        self.linking.get().declare(Limits(sources, fields, pairs[0], pairs[1], pairs[2]))

    def refused_by_limit(self):
        """By limit (cannot-links, each source, each field limit), the joins it forbade, and the customers concerned.

        After `number_customers`.
        """
        cdef const vector[Refused] *refused = &self.linking.get().refused()
        cdef size_t i
        of_record = numpy.asarray(Borrowed.of(self, self.customers.of_record.data(), self.records, 4))
        found = []
        for i in range(refused.size()):
            profiles = numpy.array(sorted(dereference(refused)[i].clusters), "u4")
            customers = of_record[numpy.isin(self.profiles.of_record(), profiles)] if len(profiles) else profiles
            found.append((dereference(refused)[i].joins, len(numpy.unique(customers))))
        return found

    def find_generic(self):
        """Finds and marks generic values; an array (n, 3) of field, value, groups."""
        cdef vector[GenericValue] found
        with nogil:
            found = self.linking.get().find_generic()
        return _copy(found.data(), found.size() * 3, "u4").reshape(-1, 3)

    def join_exact(self):
        """Joins everything that shares a value; returns the number of contested values."""
        cdef uint64_t contested
        with nogil:
            contested = self.linking.get().join_exact()
        return contested

    def join_rule(self, uint32_t rule, list columns):
        """Joins profiles that agree in all columns; returns the number of joins that a conflict forbade."""
        cdef vector[uint32_t] wanted = columns
        cdef uint64_t conflicts
        with nogil:
            conflicts = self.linking.get().join_rule(rule, wanted)
        return conflicts

    def judge_near(self, uint32_t field, const uint32_t[:, ::1] pairs):
        """Links near values of a field where the clusters support it; returns counts by outcome."""
        if pairs.shape[1] * sizeof(uint32_t) != sizeof(NearPair):
            raise ValueError("a pair has two values and a distance")
        cdef const NearPair *first = <const NearPair *> &pairs[0, 0] if pairs.shape[0] else NULL
        cdef size_t count = pairs.shape[0]
        cdef NearCounts counts
        with nogil:
            counts = self.linking.get().join_near(field, first, count)
        return {
            "candidates": counts.candidates, "linked": counts.linked, "already_one_customer": counts.already,
            "contested": counts.contested, "conflict": counts.conflict, "unsupported": counts.unsupported,
            "ambiguous": counts.ambiguous, "unlisted": counts.unlisted,
        }

    def join_matches(self, uint32_t rule, const uint32_t[:, ::1] pairs, const double[::1] weights,
                     const uint8_t[::1] told, const uint8_t[::1] named, const uint8_t[::1] dated,
                     double within=0, double threshold=0, uint32_t first=0):
        """Links pairs of profiles, the heaviest first, where their clusters do not conflict; returns counts by outcome.

        A link has the number of its pair, from ``first`` on. ``told`` says which of them have two given names,
        ``named`` where these agree or resemble each other, ``dated`` which have two birth dates. ``within`` is what two records of one source add to a weight: what puts such two
        together has to reach the threshold with it.
        """
        cdef vector[WeighedPair] wanted
        cdef WeighedPair pair
        cdef Py_ssize_t i
        cdef uint32_t profiles = self.profiles.table.get().size()
        if not weights.shape[0] == told.shape[0] == named.shape[0] == dated.shape[0] == pairs.shape[0]:
            raise ValueError("weights, told, named and dated need one entry a pair")
        for i in range(pairs.shape[0]):
            pair.left = pairs[i, 0]
            pair.right = pairs[i, 1]
            pair.weight = weights[i]
            pair.told = told[i] != 0
            pair.named = named[i] != 0
            pair.dated = dated[i] != 0
            if pair.left >= profiles or pair.right >= profiles:
                raise IndexError("there is no profile of that number")
            wanted.push_back(pair)
        cdef MatchCounts counts
        with nogil:
            counts = self.linking.get().join_matches(rule, wanted, within, threshold, first)
        return {
            "linked": counts.linked, "already_one_customer": counts.already, "conflict": counts.conflict,
            "unsupported": counts.unsupported, "ambiguous": counts.ambiguous,
        }

    def refuse_outweighed(self, uint32_t rule, const uint32_t[:, ::1] pairs, uint32_t first):
        """Refuses pairs of profiles that what else is known of their clusters outweighs; returns how many are apart."""
        cdef vector[WeighedPair] wanted
        cdef WeighedPair pair
        cdef Py_ssize_t i
        cdef uint32_t profiles = self.profiles.table.get().size()
        for i in range(pairs.shape[0]):
            pair.left = pairs[i, 0]
            pair.right = pairs[i, 1]
            if pair.left >= profiles or pair.right >= profiles:
                raise IndexError("there is no profile of that number")
            wanted.push_back(pair)
        cdef uint64_t refused
        with nogil:
            refused = self.linking.get().refuse_outweighed(rule, wanted, first)
        return refused

    def labels(self):
        """By profile, the number of its cluster so far (uint32)."""
        cdef vector[uint32_t] found
        with nogil:
            found = self.linking.get().labels()
        return _copy(found.data(), found.size(), "u4")

    def found_links(self):
        """The links that were made: an array (n, 8) of field, rule, two values, two profiles, distance, support."""
        cdef const vector[CLink] *made = &self.linking.get().links().made
        return _copy(made.data(), made.size() * 8, "u4").reshape(-1, 8)

    def refused_links(self):
        """Links that were not made: an array (n, 9) of what `found_links` has and why, in ``schema.REFUSALS``."""
        cdef const vector[RefusedLink] *refused = &self.linking.get().links().refused
        return _copy(refused.data(), refused.size() * 9, "u4").reshape(-1, 9)

    def number_customers(self):
        """Numbers the customers; call once, when all joins are done.

        Returns
        -------
        uint32 array
            By record, its customer's number.
        """
        cdef vector[uint32_t] cluster
        with nogil:
            cluster = self.linking.get().labels()
            self.customers = number_customers(
                self.profile_of_record, self.records, cluster, self.linking.get().bound(),
                self.linking.get().adopted())
        # Not a copy: a run numbers its customers once.
        return numpy.asarray(Borrowed.of(self, self.customers.of_record.data(), self.records, 4))

    def customer_sizes(self):
        """By customer, its records (uint32)."""
        return numpy.asarray(Borrowed.of(self, self.customers.sizes.data(), self.customers.sizes.size(), 4))

    def customer_ids(self, chunks, int bits=63):
        """Names the customers.

        Parameters
        ----------
        chunks : iterable of objects with ``__arrow_c_array__``
            The record ids as text, batch by batch.
        bits : int

        Returns
        -------
        ids : int64 array
            By customer, ``bits`` of the hash of its smallest record; distinct.
        smallest : uint32 array
            By customer, the ordinal of that record.
        """
        cdef vector[string] sources
        for name in self.kept[0]:
            sources.push_back(name.encode())
        cdef unique_ptr[CustomerNames] names
        names.reset(new CustomerNames(self.customers, sources, bits, self.linking.get().graph().threads))
        cdef TextColumn column
        cdef size_t start = 0
        for each in chunks:
            capsules = each.__arrow_c_array__()
            column = _column(capsules)
            if start + column.length() > self.records:
                raise ValueError("ids need one entry a record")
            with nogil:
                names.get().add(column, start, self.profile_of_record, self.order.source_rank)
            start += column.length()
        if start != self.records:
            raise ValueError("ids need one entry a record")
        cdef vector[uint64_t] ids
        cdef vector[uint32_t] smallest
        with nogil:
            ids = names.get().ids()
            smallest = names.get().smallest()
            names.reset()
        return _copy(ids.data(), ids.size(), "i8"), _copy(smallest.data(), smallest.size(), "u4")

    def list_records(self):
        """Lists the records of each profile, once the customers are numbered: the nodes and the evidence ask for them."""
        with nogil:
            self.by_profile = RowsByProfile(self.profile_of_record, self.records, dereference(self.profiles.table))

    cdef NodeReader *_reader(self, uint32_t field) except NULL:
        if self.by_profile.starts.empty():
            raise ValueError("the records of the profiles are listed first")
        return new NodeReader(
            self.linking.get().graph(), field, self.linking.get().joined(field), self.by_profile, self.customers,
            self.linking.get().bound())

    def nodes(self, uint32_t field, uint32_t start, uint32_t stop):
        """The identifier nodes of some values of a field that one customer carries, or that are generic; after
        `list_records`.

        Returns
        -------
        value, customer : uint32 array
            Customer 2**32 - 1: generic.
        records : uint64 array
        """
        if start > stop or stop > self.fields[field].values.size():
            raise IndexError("there are no such values")
        cdef IdentifierNodes nodes
        cdef NodeReader *reader = self._reader(field)
        try:
            with nogil:
                nodes = reader.whole(start, stop)
        finally:
            del reader
        return (_copy(nodes.value.data(), nodes.value.size(), "u4"),
                _copy(nodes.customer.data(), nodes.customer.size(), "u4"),
                _copy(nodes.records.data(), nodes.records.size(), "u8"))

    def split_nodes(self, uint32_t field):
        """The same of all values that several customers carry, or may, by value and customer; and the first and the last
        time of the customer with it (int64 array (n, 2))."""
        cdef IdentifierNodes nodes
        cdef NodeReader *reader = self._reader(field)
        try:
            with nogil:
                nodes = reader.split()
        finally:
            del reader
        return (_copy(nodes.value.data(), nodes.value.size(), "u4"),
                _copy(nodes.customer.data(), nodes.customer.size(), "u4"),
                _copy(nodes.records.data(), nodes.records.size(), "u8"),
                _copy(nodes.seen.data(), nodes.seen.size() * 2, "i8").reshape(-1, 2))

    def holding(self, uint32_t field):
        """By value of a field, whether all who carry it were joined, or why not: its number in ``schema.HOLDING`` (uint8)."""
        cdef const vector[uint8_t] *flags = &self.linking.get().joined(field)
        return _copy(flags.data(), flags.size(), "u1")

    def slips(self, uint32_t field):
        """How many values of a field joined although one carrier's name and birth date conflict with the others', for in
        this field slips alone make such conflicts."""
        return self.linking.get().slips(field)

    def contested_carriers(self, uint32_t field):
        """The contested and limited values of a field and who carries them: an array (n, 2) of value and profile."""
        cdef vector[pair[uint32_t, uint32_t]] found
        with nogil:
            found = contested_carriers(self.linking.get().graph(), field, self.linking.get().joined(field))
        return _copy(found.data(), found.size() * 2, "u4").reshape(-1, 2)

    def handovers(self):
        """The values that changed hands: an array (n, 4) of field, value, and the first and last time of one owner with
        it; the owners of one value stand together, in the order of time (int64)."""
        cdef const vector[Handover] *found = &self.linking.get().handovers()
        cdef vector[int64_t] rows
        cdef size_t i, k
        for i in range(found.size()):
            for k in range(dereference(found)[i].tenures.spans().size()):
                rows.push_back(dereference(found)[i].field)
                rows.push_back(dereference(found)[i].value)
                rows.push_back(dereference(found)[i].tenures.spans()[k].first)
                rows.push_back(dereference(found)[i].tenures.spans()[k].last)
        return _copy(rows.data(), rows.size(), "i8").reshape(-1, 4)

    def adopted(self):
        """Records that are of another profile's cluster than their own's: an array (n, 2), record and that profile."""
        cdef const vector[pair[uint32_t, uint32_t]] *found = &self.linking.get().adopted()
        return _copy(found.data(), found.size() * 2, "u4").reshape(-1, 2)

    def unlinkable(self, list ways):
        """Records that nothing could link: those with generic identifiers only, and those without any.

        ``ways`` are lists of profile columns; who has all of one could be linked by them.
        """
        cdef vector[vector[uint32_t]] wanted = ways
        cdef Unlinkable found
        with nogil:
            found = unlinkable(
                self.linking.get().graph(), self.linking.get().limits(), self.linking.get().bound(), wanted)
        return found.generic, found.bare

    def bound(self):
        """By profile, whether its records belong together (uint8)."""
        return _copy(self.linking.get().bound().data(), self.linking.get().bound().size(), "u1")

    def sources(self, Py_ssize_t start, Py_ssize_t stop):
        """The ranks of the sources of some records (int32)."""
        if not (0 <= start <= stop and <size_t>stop <= self.records):
            raise IndexError("there are no such records")
        cdef int32_t[::1] ranks = numpy.empty(stop - start, "i4")
        cdef Py_ssize_t i
        with nogil:
            for i in range(stop - start):
                ranks[i] = <int32_t>self.order.source_rank[self.profile_of_record[start + i]]
        return numpy.asarray(ranks)

    def sources_of(self, const int64_t[::1] records):
        """The ranks of the sources of the records at some positions (int32)."""
        cdef int32_t[::1] ranks = numpy.empty(records.shape[0], "i4")
        cdef Py_ssize_t i
        for i in range(records.shape[0]):
            if not 0 <= records[i] < <int64_t>self.records:
                raise IndexError("there are no such records")
            ranks[i] = <int32_t>self.order.source_rank[self.profile_of_record[records[i]]]
        return numpy.asarray(ranks)

    def smallest_records(self):
        """By profile, the ordinal of its smallest record (uint32); empty where the records are not ordered."""
        cdef const ProfileTable *table = self.profiles.table.get()
        return numpy.asarray(Borrowed.of(self.profiles, table.smallest().data(), table.smallest().size(), 4))

    def carrying_records(self, uint32_t field, list values):
        """How many records carry each of some values of a field (uint64)."""
        cdef vector[uint32_t] wanted = values
        cdef vector[uint64_t] found
        with nogil:
            found = carrying_records(self.linking.get().graph(), field, wanted)
        return _copy(found.data(), found.size(), "u8")

    def smallest_carriers(self, uint32_t field, list values):
        """The ordinal of the smallest record that carries each of some values of a field (uint32)."""
        cdef vector[uint32_t] wanted = values
        cdef vector[uint32_t] found
        with nogil:
            found = smallest_carriers(self.linking.get().graph(), field, wanted)
        return _copy(found.data(), found.size(), "u4")

    def evidence(self, list states, uint32_t start, uint32_t stop):
        """Which of some profiles carries which value, profile by profile; after `list_records`.

        Parameters
        ----------
        states : list of bytes
            By field, a code for each value.
        start, stop : int
            The profiles.

        Returns
        -------
        profile : uint32 array
        field, state : int32 arrays
        key : uint8 array (n, 16)
        offsets : int64 array (n + 1)
            Where each row's records begin in ``rows``: only the first row of a profile has any.
        first : uint8 array
            A bit for each row, least significant first: whether it is its profile's first.
        rows : uint32 array
            Ordinals of records.
        """
        cdef vector[const uint8_t *] codes
        cdef const uint8_t[::1] view
        cdef size_t f
        for f, each in enumerate(states):
            view = each
            if <size_t>view.shape[0] < self.fields[f].values.size():
                raise ValueError("every value needs a state")
            codes.push_back(&view[0] if view.shape[0] else NULL)
        if codes.size() != self.fields.size():
            raise ValueError("every field needs its states")
        if start > stop or stop > len(self.profiles):
            raise IndexError("there are no such profiles")
        if self.by_profile.starts.empty():
            raise ValueError("the records of the profiles are listed first")
        cdef pair[size_t, size_t] size
        with nogil:
            size = evidence_size(self.linking.get().graph(), start, stop)
        # One entry more than there are rows, so that each has a first one to point at.
        cdef uint32_t[::1] profile = numpy.empty(size.first + 1, "u4")
        cdef int32_t[::1] field = numpy.empty(size.first + 1, "i4")
        cdef int32_t[::1] state = numpy.empty(size.first + 1, "i4")
        cdef uint64_t[:, ::1] key = numpy.empty((size.first + 1, 2), "u8")
        cdef int64_t[::1] offsets = numpy.empty(size.first + 1, "i8")
        cdef uint8_t[::1] first = numpy.zeros(size.first // 8 + 1, "u1")
        cdef uint32_t[::1] rows = numpy.empty(size.second + 1, "u4")
        cdef Evidence out
        out.profile, out.field, out.state, out.key = &profile[0], &field[0], &state[0], <Key128 *>&key[0, 0]
        out.offsets, out.first, out.rows = &offsets[0], &first[0], &rows[0]
        with nogil:
            c_evidence(self.linking.get().graph(), codes, self.by_profile.starts.data(), self.by_profile.rows.data(),
                       start, stop, out)
        n = size.first
        return (numpy.asarray(profile)[:n], numpy.asarray(field)[:n], numpy.asarray(state)[:n],
                numpy.asarray(key)[:n].view("u1").reshape(-1, 16), numpy.asarray(offsets), numpy.asarray(first),
                numpy.asarray(rows)[:size.second])
