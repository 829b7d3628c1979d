# distutils: language = c++
# cython: boundscheck=False, wraparound=False
"""Candidate pairs of profiles, their comparison vectors and match weights."""

import numpy

from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.pycapsule cimport PyCapsule_GetPointer
from cython.operator cimport dereference
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libcpp.memory cimport unique_ptr
from libcpp.utility cimport move
from libcpp.vector cimport vector

from enishi._normalize cimport ArrowArray, ArrowSchema, TextColumn, string_view
from enishi._tables cimport NameForms, Profiles, ProfileTable, Values, ValueTable


cdef extern from "enishi/comparison.hpp" namespace "enishi" nogil:
    cdef enum class Comparing(uint8_t):
        given_name

    cdef cppclass TextComparer:
        double jaro_winkler(string_view, string_view) except +
        uint8_t operator()(Comparing, string_view, string_view) except +

    uint8_t c_compare_dates "enishi::compare_dates"(uint32_t, uint32_t)
    const uint32_t impossible_date "enishi::impossible_date"
    uint32_t parity_of(Comparing, string_view)
    bint beyond_one_edit(uint32_t, uint32_t)


cdef extern from "enishi/jaro_winkler.hpp" namespace "enishi" nogil:
    cdef cppclass SimilarPairs:
        vector[uint32_t] left
        vector[uint32_t] right
        vector[double] similarity

    cdef cppclass SimilarNames:
        SimilarNames(double) except +
        void block(const TextColumn &, int64_t, int64_t, SimilarPairs &) except +


cdef extern from "enishi/measures.hpp" namespace "enishi" nogil:
    cdef enum class Measure(uint8_t):
        stored

    ctypedef void *CustomLevel "enishi::CustomLevel"

    cdef cppclass CListedPairs "enishi::ListedPairs":
        void add(string_view, string_view) except +
        size_t size()

    cdef cppclass Level:
        Measure measure
        double bound
        CustomLevel custom
        const CListedPairs *pairs

    cdef cppclass Measures:
        double of_ "of"(Measure, string_view, string_view, double) except +
        size_t first_reached(const vector[Level] &, string_view, string_view) except +
        size_t first_reached(const vector[Level] &, uint32_t, uint32_t) except +


cdef extern from "enishi/pair_levels.hpp" namespace "enishi" nogil:
    cdef cppclass Comparison:
        Comparing kind
        vector[uint32_t] columns
        vector[const ValueTable *] texts
        bint own
        vector[Level] levels
        vector[uint8_t] sharing
        uint32_t impossible


cdef extern from "enishi/blocking.hpp" namespace "enishi" nogil:
    cdef enum class Keying(uint8_t):
        code

    cdef cppclass KeyPart:
        Keying what
        uint32_t column
        const ValueTable *texts
        uint32_t table
        uint32_t length

    cdef cppclass BlockingCounts:
        uint64_t pairs
        uint64_t blocks
        uint64_t largest
        uint64_t cap
        uint64_t cut_blocks
        uint64_t left_out_blocks
        uint64_t left_out_pairs
        uint64_t largest_left_out

    cdef cppclass BlockOptions:
        uint64_t cap, budget
        bint across

    cdef cppclass RuleBlocks:
        BlockingCounts counts

    cdef cppclass Blocks:
        uint32_t rules() const
        uint32_t common(uint32_t, uint32_t) const
        uint32_t rule_of(uint32_t) const

    cdef cppclass ComparedRows:
        uint32_t place(uint32_t) const


cdef extern from "enishi/matching.hpp" namespace "enishi" nogil:
    cdef cppclass PatternCount:
        uint64_t pattern
        uint64_t count

    cdef cppclass LevelWeights "std::array<double, enishi::most_levels>":
        double &operator[](size_t)

    cdef cppclass SaidTwice:
        SaidTwice()
        uint32_t one
        uint32_t other
        double bits

    cdef cppclass Weights:
        vector[LevelWeights] level
        vector[LevelWeights] equal
        vector[vector[vector[double]]] frequency
        uint32_t first_year
        double prior
        double within
        double limit
        double namesake
        double home
        double twins
        uint32_t homes
        double moving
        bint colleagues
        vector[uint8_t] household
        vector[SaidTwice] said_twice

    cdef cppclass CMatching "enishi::Matching":
        CMatching(const ProfileTable &, vector[Comparison], const uint32_t *, const uint64_t *) except +
        void sample(uint64_t) except +
        RuleBlocks make_blocks(const vector[vector[KeyPart]] &, const vector[KeyPart] &, const BlockOptions &) except +
        void set_blocks(vector[RuleBlocks]) except +
        void index_blocks(uint32_t, uint32_t) except +
        const Blocks &blocks() const
        const ComparedRows &rows() const
        vector[int64_t] cluster_counts(size_t, size_t, uint32_t, const uint32_t *, const uint32_t *) except +
        vector[PatternCount] random_patterns(const uint32_t *, size_t, size_t, uint32_t, uint32_t) except +
        void prepare(size_t) except +
        void fill(uint32_t, uint32_t) except +
        void filled() except +
        vector[PatternCount] rule_patterns(uint32_t, uint64_t) except +
        void compare(const uint32_t *, const uint32_t *, size_t, const Weights &, uint8_t *, double *) except +


cdef extern from "enishi/unsaid.hpp" namespace "enishi" nogil:
    cdef cppclass Unsaid:
        Unsaid(const CMatching &, const Weights &) except +
        double operator()(uint32_t, uint32_t) except +


cdef extern from "enishi/scoring.hpp" namespace "enishi" nogil:
    cdef cppclass Edge:
        uint32_t left
        uint32_t right
        double weight

    cdef cppclass ScoringOptions:
        double threshold
        uint64_t kept
        size_t quarters
        const uint32_t *apart
        uint32_t most_pairs

    cdef cppclass Scored:
        vector[uint64_t] below
        uint64_t compared

    cdef cppclass CScoring "enishi::Scoring":
        CScoring(const CMatching &, const Weights &, const ScoringOptions &) except +
        void prepare(uint32_t, uint32_t) except +
        Scored operator()(uint32_t, uint32_t, uint32_t) except +
        vector[Edge] take() except +
        uint64_t dropped() const


KINDS = ("given_name", "family_name", "name", "date", "typed", "opaque", "email", "postcode", "address", "text")
KEYINGS = ("code", "year", "month", "day", "prefix", "suffix", "local_part", "skeleton", "rare_word", "first_skeleton")
MEASURES = (
    "stored", "osa", "levenshtein", "damerau_levenshtein", "jaro", "jaro_winkler", "character_jaccard", "bigram_jaccard",
    "trigram_jaccard", "word_jaccard", "prefix", "days", "difference", "percent", "kilometers",
    "common_words", "custom", "listed",
)
MOST_LEVELS = 12
NONE = 0xFFFFFFFF


cdef object _copy(const void *data, size_t count, object dtype):
    dtype = numpy.dtype(dtype)
    return numpy.frombuffer(PyBytes_FromStringAndSize(<const char *>data, count * dtype.itemsize), dtype)


cdef string_view _view(bytes data):
    cdef const char *p = data
    return string_view(p, <size_t>len(data))


cdef Comparing _kind(str name) except *:
    return <Comparing><uint8_t>KINDS.index(name)


def jaro_winkler(bytes left, bytes right):
    """The Jaro-Winkler similarity of two texts in UTF-8.

    Examples
    --------
    >>> round(jaro_winkler(b"martha", b"marhta"), 4)
    0.9611
    """
    cdef TextComparer comparer
    return comparer.jaro_winkler(_view(left), _view(right))


def compare_texts(str kind, bytes left, bytes right):
    """The level of two different canonical texts, as a comparison of that kind sees them."""
    cdef TextComparer comparer
    return comparer(_kind(kind), _view(left), _view(right))


def one_edit_by_parity(str kind, bytes left, bytes right):
    """Whether the parities of two texts leave it open that they are within one edit of each other.

    Examples
    --------
    >>> one_edit_by_parity("typed", b"12345", b"12354"), one_edit_by_parity("typed", b"12345", b"67890")
    (True, False)
    """
    return not beyond_one_edit(parity_of(_kind(kind), _view(left)), parity_of(_kind(kind), _view(right)))


cdef class ListedPairs:
    """Pairs of canonical texts that mean one thing.

    Examples
    --------
    >>> pairs = ListedPairs([(b"robert", b"bob")])
    >>> first_reached([("listed", pairs)], b"bob", b"robert"), first_reached([("listed", pairs)], b"bob", b"rob")
    (0, 1)
    """

    cdef CListedPairs pairs

    def __cinit__(self, object pairs):
        for left, right in pairs:
            self.pairs.add(_view(left), _view(right))

    def __len__(self):
        return self.pairs.size()


cdef vector[Level] _levels(object levels) except *:
    """Levels of one's own, each (measure, bound); for a function of the user's its address, for a list its pairs."""
    cdef vector[Level] out
    cdef Level level
    for measure, bound in levels:
        level.measure = <Measure><uint8_t>MEASURES.index(measure)
        level.custom = <CustomLevel><size_t>(bound if measure == "custom" else 0)
        level.pairs = &(<ListedPairs?>bound).pairs if measure == "listed" else NULL
        level.bound = 0.0 if measure in ("custom", "listed") else bound
        out.push_back(level)
    return out


def measure(str name, bytes left, bytes right, double limit=0):
    """A measure of two texts in UTF-8: a similarity, or a distance up to ``limit`` + 1.

    Examples
    --------
    >>> measure("levenshtein", b"kitten", b"sitting", 10)
    3.0
    >>> measure("bigram_jaccard", b"night", b"nacht")
    0.14285714285714285
    """
    cdef Measures measures
    return measures.of_(<Measure><uint8_t>MEASURES.index(name), _view(left), _view(right), limit)


def first_reached(list levels, left, right):
    """The index of the first level that two different texts, or dates as yyyymmdd, reach; else how many there are.

    Examples
    --------
    >>> first_reached([("osa", 1), ("jaro_winkler", 0.8)], b"martha", b"marthe")
    0
    >>> first_reached([("days", 31)], 19800401, 19800502)
    0
    """
    cdef vector[Level] wanted = _levels(levels)
    cdef Measures measures
    if isinstance(left, bytes):
        return measures.first_reached(wanted, _view(left), _view(right))
    return measures.first_reached(wanted, <uint32_t>left, <uint32_t>right)


IMPOSSIBLE = impossible_date


def compare_dates(uint32_t left, uint32_t right):
    """The level of two dates, each yyyymmdd, or `IMPOSSIBLE` added to the digits of one that no calendar has.

    Examples
    --------
    >>> compare_dates(19850409, 19850419) == compare_dates(19850409, 19850439 + IMPOSSIBLE)
    True
    >>> compare_dates(19850409, 19991341 + IMPOSSIBLE)  # says nothing
    0
    """
    return c_compare_dates(left, right)


cdef const ValueTable *_texts(object table) except? NULL:
    """The table of a `Values`, or of (NameForms, part, script)."""
    cdef NameForms names
    cdef Values values
    if table is None:
        return NULL
    if isinstance(table, Values):
        values = table
        if not values.table.get().has_text():
            raise ValueError("the texts of these values were not kept")
        return values.table.get()
    names = table[0]
    if table[1] == "given":
        return names.forms.get().given(table[2])
    if table[1] == "family":
        return names.forms.get().family(table[2])
    return names.forms.get().full(table[2])


cdef vector[KeyPart] _parts(object parts) except *:
    cdef vector[KeyPart] out
    cdef KeyPart part
    for keying, column, table, number, length in parts:
        part.what = <Keying><uint8_t>KEYINGS.index(keying)
        part.column = column
        part.texts = _texts(table)
        if part.texts == NULL and keying not in ("code", "year", "month", "day"):
            raise ValueError("a key of letters needs texts")
        part.table = number
        part.length = length
        out.push_back(part)
    return out


cdef class MatchWeights:
    """Weights by comparison and level, and by frequency of the value.

    Parameters
    ----------
    levels, equal : float64 arrays (comparisons, 12)
        log2 of m / u of each level, and of its m / the u of equal values.
    frequency : list of list of float64 array
        By comparison and column, by code: log2 of the u of equal values / the value's own; of dates by day from
        ``first_year`` on. An empty list: nothing.
    first_year : int
    prior : float
    household : sequence of bool
        By comparison, whether people who live together share it.
    limit : float
        The most that these comparisons weigh together, and any attribute alone.
    namesake : float
        The most that a given name adds to that, between two who share a home and nothing else that tells.
    homes : int
        How many fields have to show that they do.
    moving : float
        The most that is given back where postcode and address both speak against a pair.
    home : float
        What these comparisons weigh more together, where something personal agrees too.
    said_twice : sequence of (int, int, float)
        Two comparisons, and the bits of what they add together that the second only says again.
    colleagues : bool
        Many who share a place are of different families.
    within : float
        What two records of one source add: zero or less.
    twins : float
        What is ``home`` where the birth date agrees and the given name is another.
    """

    cdef Weights weights

    def __cinit__(self, const double[:, ::1] levels, const double[:, ::1] equal, list frequency, uint32_t first_year,
                  double prior, household, double limit, double namesake=0, uint32_t homes=1, double moving=0,
                  double home=0, said_twice=(), bint colleagues=False, double within=0, double twins=0):
        cdef Py_ssize_t c, l
        cdef LevelWeights one
        cdef vector[vector[double]] columns
        cdef const double[::1] view
        if (levels.shape[1] != MOST_LEVELS or equal.shape[0] != levels.shape[0] or equal.shape[1] != MOST_LEVELS
                or len(frequency) != levels.shape[0]):
            raise ValueError("twelve levels, and a list of frequencies for each comparison")
        for c in range(levels.shape[0]):
            for l in range(MOST_LEVELS):
                one[l] = levels[c, l]
            self.weights.level.push_back(one)
            for l in range(MOST_LEVELS):
                one[l] = equal[c, l]
            self.weights.equal.push_back(one)
            columns.clear()
            for each in frequency[c]:
                view = each
                columns.push_back(vector[double]())
                if view.shape[0]:
                    columns.back().assign(&view[0], &view[0] + view.shape[0])
            self.weights.frequency.push_back(move(columns))
        self.weights.first_year = first_year
        self.weights.prior = prior
        for each in household:
            self.weights.household.push_back(bool(each))
        if self.weights.household.size() != self.weights.level.size():
            raise ValueError("every comparison is shared in a household or not")
        self.weights.limit = limit
        self.weights.namesake = namesake
        self.weights.homes = homes
        self.weights.moving = moving
        self.weights.colleagues = colleagues
        self.weights.home = home
        self.weights.within = min(within, 0.0)
        self.weights.twins = twins
        cdef SaidTwice twice
        for twice.one, twice.other, twice.bits in said_twice:
            if max(twice.one, twice.other) >= self.weights.level.size():
                raise ValueError("no such comparison")
            self.weights.said_twice.push_back(twice)


def squared_sizes(const uint32_t[::1] labels):
    """The sum of the squares of the clusters' sizes; ``labels``: by profile its cluster, below their number."""
    cdef vector[uint32_t] sizes
    cdef uint64_t total = 0
    cdef Py_ssize_t p
    for p in range(labels.shape[0]):
        if labels[p] >= labels.shape[0]:
            raise ValueError("a cluster is known by the number of a profile")
    with nogil:
        sizes.assign(labels.shape[0], 0)
        for p in range(labels.shape[0]):
            total += 2 * <uint64_t>sizes[labels[p]] + 1
            sizes[labels[p]] += 1
    return total


def similar_names(texts, const int64_t[::1] block_ends, double cutoff):
    """Pairs of names of one block whose Jaro-Winkler similarity reaches a cutoff.

    Parameters
    ----------
    texts : object with ``__arrow_c_array__``
        One contiguous array of text; null and empty names are similar to none.
    block_ends : int64 array
        The blocks stand one after the other; where each ends, ascending, the last at the end of the texts.
    cutoff : float
        Above 0, up to 1; compared in double precision.

    Returns
    -------
    left, right : uint32 arrays
        Rows, the smaller one left; by block, left and right row.
    similarity : float64 array
        Prefix weight 0.1 where Jaro exceeds 0.7, as in RapidFuzz.

    Examples
    --------
    >>> import numpy as np, pyarrow as pa
    >>> names = pa.array(["satou hanako", "sato hanako", "tanaka taro", "tanaka tarou"])
    >>> left, right, similarity = similar_names(names, np.array([2, 4]), 0.92)
    >>> left.tolist(), right.tolist(), similarity.round(3).tolist()
    ([0, 2], [1, 3], [0.983, 0.983])
    """
    capsules = texts.__arrow_c_array__()
    cdef ArrowSchema *schema = <ArrowSchema *>PyCapsule_GetPointer(capsules[0], "arrow_schema")
    cdef ArrowArray *array = <ArrowArray *>PyCapsule_GetPointer(capsules[1], "arrow_array")
    cdef TextColumn column = TextColumn(schema[0], array[0])
    if not 0 < cutoff <= 1:
        raise ValueError("cutoff needs to be above 0 and at most 1")
    if column.length() >= 0xFFFFFFFF:
        raise ValueError("more names than a 32-bit number counts")
    cdef Py_ssize_t i
    cdef int64_t begin = 0
    for i in range(block_ends.shape[0]):
        if block_ends[i] < begin:
            raise ValueError("block_ends need to ascend")
        begin = block_ends[i]
    if begin != column.length():
        raise ValueError("the last block needs to end where the texts end")
    cdef SimilarPairs found
    cdef SimilarNames *names = new SimilarNames(cutoff)
    try:
        with nogil:
            begin = 0
            for i in range(block_ends.shape[0]):
                names.block(column, begin, block_ends[i], found)
                begin = block_ends[i]
    finally:
        del names
    return (_copy(found.left.data(), found.left.size(), "u4"), _copy(found.right.data(), found.right.size(), "u4"),
            _copy(found.similarity.data(), found.similarity.size(), "f8"))


cdef class Matching:
    """Pairs of profiles by blocking rules, and what the comparisons say of them: see ``csrc/enishi/matching.hpp``.

    Parameters
    ----------
    profiles : Profiles
    comparisons : list of tuple
        (kind, columns, tables, levels, sharing, impossible): columns of the profiles (2**32 - 1: none in this script), the
        texts of their codes, each a `Values`, (NameForms, part, script) or None, the levels of one's own or None, each (measure,
        bound), of an identifier by code, as bytes: 1 where people who conflict carry it, 2 the same of a personal one, 3
        generic; and of dates the column of those that no calendar has, or 2**32 - 1.
    labels : uint32 array
        By profile, the number of its cluster: pairs within one are not scored.
    keys : uint64 array
        By profile, its hash, by which pairs are sampled.
    map : callable
        Calls a function on each of some items, as `map` does; several at once, where it can.
    """

    cdef unique_ptr[CMatching] matching
    cdef Profiles profiles
    cdef list kept
    cdef size_t comparisons

    def __cinit__(self, Profiles profiles, object comparisons, const uint32_t[::1] labels,
                  const uint64_t[::1] keys, map=map):
        cdef vector[Comparison] wanted
        cdef Comparison comparison
        self.profiles = profiles
        self.kept = list(comparisons)
        self.comparisons = len(comparisons)
        if not comparisons:
            raise ValueError("at least one comparison is needed")
        self._check(labels.shape[0])
        self._check(keys.shape[0])
        cdef const uint8_t[::1] shared
        for kind, columns, tables, levels, sharing, impossible in comparisons:
            shared = sharing
            comparison.sharing.clear()
            if shared.shape[0]:
                comparison.sharing.assign(&shared[0], &shared[0] + shared.shape[0])
            comparison.kind = _kind(kind)
            comparison.own = levels is not None
            comparison.levels = _levels(levels or [])
            comparison.columns = columns
            comparison.impossible = impossible
            comparison.texts.clear()
            for column in [*columns, impossible]:
                if column != NONE and not 0 <= column < profiles.table.get().width():
                    raise ValueError("there is no such column")
            for table in tables:
                comparison.texts.push_back(_texts(table))
            wanted.push_back(comparison)
        for cluster in range(labels.shape[0]):
            if labels[cluster] >= labels.shape[0]:
                raise ValueError("a cluster is known by the number of a profile")
        cdef const uint32_t *cluster_of = &labels[0] if labels.shape[0] else NULL
        cdef const uint64_t *key_of = &keys[0] if keys.shape[0] else NULL
        with nogil:
            self.matching.reset(new CMatching(dereference(profiles.table), wanted, cluster_of, key_of))
        # Names, which take longest, stand last.
        list(map(self._prepare, range(self.comparisons - 1, -1, -1)))
        list(map(self._fill, range(_PARTS)))
        self.matching.get().filled()

    def _prepare(self, size_t comparison):
        with nogil:
            self.matching.get().prepare(comparison)

    def _fill(self, uint32_t part):
        cdef uint32_t parts = _PARTS
        with nogil:
            self.matching.get().fill(part, parts)

    def make_blocks(self, list rules, uint64_t cap, uint64_t budget, map=map, uint64_t kept=1 << 32,
                    bint across=False):
        """Makes the blocks of rules, in place of those that were there; returns (number, counts) of each rule.

        They stand in the order of their pairs, the fewest first: a pair is met in the cheapest rule that has it, and what a
        costly one finds is what no cheaper one does.

        Parameters
        ----------
        rules : list of (slots, cuts)
            Slots: each way in which the rule holds, a list of its keys, (keying, column, table, number of the table,
            length). Cuts: keys by which blocks that are too large are cut, the best first.
        cap : int
            Profiles in a block.
        budget : int
            Pairs of a rule.
        map : callable
            Calls a function on each of some items, as `map` does; several at once, where it can.
        kept : int
            The profiles of which the hash keeps ``kept`` in 2**32 are put in blocks.
        across : bool
            Blocks within one cluster are counted only: enough for scoring, not for training.
        """
        cdef vector[RuleBlocks] made
        cdef _RuleBlocks each
        cdef uint32_t parts = _PARTS
        counts = []
        with nogil:
            self.matching.get().sample(kept)
        blocks = list(map(lambda rule: self._blocks(rule, cap, budget, across), rules))
        for each in blocks:
            counts.append({
                "pairs": each.blocks.counts.pairs, "blocks": each.blocks.counts.blocks,
                "largest": each.blocks.counts.largest, "cap": each.blocks.counts.cap,
                "cut_blocks": each.blocks.counts.cut_blocks, "left_out_blocks": each.blocks.counts.left_out_blocks,
                "left_out_pairs": each.blocks.counts.left_out_pairs,
                "largest_left_out": each.blocks.counts.largest_left_out,
            })
        order = sorted(range(len(rules)), key=lambda rule: (counts[rule]["pairs"], rule))
        for rule in order:
            each = blocks[rule]
            made.push_back(move(each.blocks))
        with nogil:
            self.matching.get().set_blocks(move(made))
        list(map(lambda part: self._index(part, parts), range(parts)))
        return [(rule, counts[rule]) for rule in order]

    def _blocks(self, rule, uint64_t cap, uint64_t budget, bint across):
        cdef BlockOptions options
        options.cap, options.budget, options.across = cap, budget, across
        cdef vector[vector[KeyPart]] ways
        for slot in rule[0]:
            ways.push_back(_parts(slot))
        cdef vector[KeyPart] by = _parts(rule[1])
        cdef _RuleBlocks made = _RuleBlocks()
        with nogil:
            made.blocks = self.matching.get().make_blocks(ways, by, options)
        return made

    def _index(self, uint32_t part, uint32_t parts):
        with nogil:
            self.matching.get().index_blocks(part, parts)

    cdef int _check(self, size_t length) except -1:
        if length != self.profiles.table.get().size():
            raise ValueError("one entry a profile is needed")
        return 0

    def codes(self, size_t column):
        """One column of the profiles (uint32)."""
        cdef const ProfileTable *table = self.profiles.table.get()
        if column >= table.width():
            raise IndexError("there is no such column")
        return _copy(table.column(column).data(), table.size(), "u4")

    def cluster_counts(self, size_t comparison, size_t column, uint32_t first_year, const uint32_t[::1] labels=None):
        """By code of one of a comparison's columns, in how many clusters it occurs (int64).

        Parameters
        ----------
        comparison : int
        column : int
            Of a name; codes of everything else are counted over all columns of the field.
        first_year : int
            Dates are counted by day from its first on.
        labels : uint32 array, optional
            By profile, its cluster, where that is not the one by which pairs are made.
        """
        cdef vector[int64_t] counts
        cdef const uint32_t[::1] order
        cdef const uint32_t *by_cluster = NULL
        cdef const uint32_t *cluster_of = NULL
        if labels is not None:
            self._check(labels.shape[0])
            order = numpy.argsort(labels, kind="stable").astype("u4")
            if labels.shape[0]:
                by_cluster, cluster_of = &order[0], &labels[0]
        if comparison >= self.comparisons:
            raise IndexError("there is no such comparison")
        with nogil:
            counts = self.matching.get().cluster_counts(comparison, column, first_year, cluster_of, by_cluster)
        return _copy(counts.data(), counts.size(), "i8")

    def random_patterns(self, const uint32_t[::1] order, size_t strides, uint32_t part=0, uint32_t parts=1):
        """Patterns and counts of the pairs that stand up to ``strides`` places apart in an order of some profiles.

        Of ``parts`` parts of the order, ``part`` has the pairs that begin in it.
        """
        cdef vector[PatternCount] found
        cdef Py_ssize_t i
        for i in range(order.shape[0]):
            if order[i] >= self.profiles.table.get().size():
                raise IndexError("there is no profile of that number")
        if order.shape[0]:
            with nogil:
                found = self.matching.get().random_patterns(&order[0], order.shape[0], strides, part, parts)
        return _copy(found.data(), found.size() * 2, "u8").reshape(-1, 2)

    def rule_patterns(self, uint32_t rule, uint64_t kept):
        """Patterns and counts of a rule's pairs, of which the hash of their keys keeps ``kept`` in 2**32."""
        cdef vector[PatternCount] found
        if rule >= self.matching.get().blocks().rules():
            raise IndexError("there is no such rule")
        with nogil:
            found = self.matching.get().rule_patterns(rule, kept)
        return _copy(found.data(), found.size() * 2, "u8").reshape(-1, 2)

    def compare(self, const uint32_t[:, ::1] pairs, MatchWeights weights):
        """Levels (uint8, pairs x comparisons) and weights (float64) of given pairs, last what several say together."""
        cdef size_t n = pairs.shape[0], i
        cdef uint32_t size = self.profiles.table.get().size()
        levels = numpy.empty((n, self.comparisons), "u1")
        parts = numpy.empty((n, self.comparisons + 1), "f8")
        cdef uint8_t[:, ::1] level_view = levels
        cdef double[:, ::1] part_view = parts
        cdef vector[uint32_t] left, right
        for i in range(n):
            if pairs[i, 0] >= size or pairs[i, 1] >= size:
                raise IndexError("there is no profile of that number")
            left.push_back(pairs[i, 0])
            right.push_back(pairs[i, 1])
        if n and self.comparisons:
            with nogil:
                self.matching.get().compare(left.data(), right.data(), n, weights.weights, &level_view[0, 0], &part_view[0, 0])
        return levels, parts

    def first_rules(self, const uint32_t[:, ::1] pairs):
        """By pair of profiles that a rule brings together, the first rule that does (uint32)."""
        cdef size_t n = pairs.shape[0], i
        cdef uint32_t size = self.profiles.table.get().size(), block
        cdef const Blocks *blocks = &self.matching.get().blocks()
        cdef const ComparedRows *rows = &self.matching.get().rows()
        first = numpy.empty(n, "u4")
        cdef uint32_t[::1] view = first
        for i in range(n):
            if pairs[i, 0] >= size or pairs[i, 1] >= size:
                raise IndexError("there is no profile of that number")
            block = blocks.common(rows.place(pairs[i, 0]), rows.place(pairs[i, 1]))
            if block == <uint32_t>0xFFFFFFFF:
                raise ValueError("no rule brings this pair together")
            view[i] = blocks.rule_of(block)
        return first

    def unsaid(self, const uint32_t[:, ::1] pairs, MatchWeights weights):
        """What the clusters of given pairs know against them and the pairs do not (float64): ``csrc/enishi/unsaid.hpp``."""
        cdef size_t n = pairs.shape[0], i
        cdef uint32_t size = self.profiles.table.get().size()
        against = numpy.zeros(n, "f8")
        cdef double[::1] view = against
        for i in range(n):
            if pairs[i, 0] >= size or pairs[i, 1] >= size:
                raise IndexError("there is no profile of that number")
        cdef unique_ptr[Unsaid] unsaid = unique_ptr[Unsaid](
            new Unsaid(dereference(self.matching), weights.weights))
        with nogil:
            for i in range(n):
                view[i] = dereference(unsaid)(pairs[i, 0], pairs[i, 1])
        return against


cdef class _RuleBlocks:
    cdef RuleBlocks blocks


_PARTS = 4  # of the profiles, that are told their blocks at once


cdef class Scoring:
    """Scores the pairs of blocking rules by weights that are given once.

    Parameters
    ----------
    matching : Matching
        With all its rules.
    weights : MatchWeights
    threshold : float
        Of the match weight.
    kept : int
        The pairs below the threshold are counted of those profiles of which the hash keeps ``kept`` in 2**32.
    quarters : int
        In so many quarters of a bit.
    apart : uint32 array, optional
        By profile, a number that no other record of the same person has, or 2**32 - 1.
    most_pairs : int, optional
        Where there are more than an eighth of that for every profile, only so many of each are kept, the strongest.
    map : callable
        Calls a function on each of some items, as `map` does; several at once, where it can.
    """

    cdef unique_ptr[CScoring] scoring
    cdef object kept

    def __cinit__(self, Matching matching, MatchWeights weights, double threshold, uint64_t kept=0, size_t quarters=0,
                  const uint32_t[::1] apart=None, uint32_t most_pairs=0, map=map):
        cdef ScoringOptions options
        cdef uint32_t parts = 4 * _PARTS
        options.threshold = threshold
        options.apart = NULL
        options.kept = kept
        options.quarters = quarters
        if most_pairs:
            options.most_pairs = most_pairs
        if weights.weights.level.size() != matching.comparisons:
            raise ValueError("weights are needed for each comparison")
        if apart is not None:
            matching._check(apart.shape[0])
            options.apart = &apart[0] if apart.shape[0] else NULL
        self.kept = (matching, weights, apart)
        with nogil:
            self.scoring.reset(new CScoring(dereference(matching.matching), weights.weights, options))
        list(map(lambda part: self._prepare(part, parts), range(parts)))

    def _prepare(self, uint32_t part, uint32_t parts):
        with nogil:
            self.scoring.get().prepare(part, parts)

    def score(self, uint32_t rule, uint32_t shard=0, uint32_t shards=1):
        """Scores the pairs of a rule that no earlier one owns; several threads may score some at once.

        Returns
        -------
        compared : int
            Pairs of two clusters, those of earlier rules too.
        below : uint64 array
            Pairs whose weight lies in each of so many quarters of a bit before the threshold, the lowest first.
        """
        cdef Scored scored
        cdef Matching matching = self.kept[0]
        if rule >= matching.matching.get().blocks().rules():
            raise IndexError("there is no such rule")
        if shard >= shards:
            raise IndexError("there is no such part of the rule")
        with nogil:
            scored = dereference(self.scoring)(rule, shard, shards)
        return scored.compared, _copy(scored.below.data(), scored.below.size(), "u8")

    def pairs(self):
        """The pairs that reach the threshold, once all are scored.

        Returns
        -------
        pairs : uint32 array (n, 2)
            Profiles, the smaller number left, in ascending order.
        weights : float64 array
        dropped : int
            How many more there were.
        """
        cdef vector[Edge] edges
        cdef size_t i
        with nogil:
            edges = self.scoring.get().take()
        pairs = numpy.empty((edges.size(), 2), "u4")
        found = numpy.empty(edges.size(), "f8")
        cdef uint32_t[:, ::1] ends = pairs
        cdef double[::1] values = found
        for i in range(edges.size()):
            ends[i, 0] = edges[i].left
            ends[i, 1] = edges[i].right
            values[i] = edges[i].weight
        return pairs, found, self.scoring.get().dropped()
