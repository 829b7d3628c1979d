// Blocks -> pairs whose match weight reaches a threshold.
//
// Nearly all pairs are hopeless, and what they cost is what matching costs. So the pairs of a profile with the others of its
// block are screened together, by an upper bound of their weight that tightens step by step:
//
//   lines    two lines of sixteen numbers. Where two are equal the value's own weight counts, where they differ the most
//            that different values can weigh (of typed identifiers whose characters tell that they are beyond one edit,
//            what these weigh), and where one is missing nothing. Compiles to a few vector instructions; it is compiled
//            twice, and the processor is asked which copy it can run.
//   names    the levels of the names, which are soon known by heart
//   dates    whose levels are a few operations on numbers
//   letters  of addresses, and what else tells that two texts are surely different
//
// Bounds are sums of whole units, rounded up, so only what is hopeless is dropped. What is left is compared field by field,
// and the weight of what is kept is summed in one order.
//
// Memory is 32 bytes a profile that is in any block, and 16 a pair above the threshold. Of these, a group of n alike profiles
// has n squared: so where there are very many, only those are kept that are among the strongest of either profile. What is
// dropped early has as many stronger ones already, so the order in which pairs come decides nothing.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "chosen.hpp"
#include "matching.hpp"

namespace enishi {

struct Edge {
    uint32_t left = 0, right = 0;
    double weight = 0;
};

// What scoring is asked for beside the weights.
struct ScoringOptions {
    double threshold = 0;
    // The pairs below the threshold are counted by weight in so many quarters of a bit, the last of which ends at the threshold:
    // those of the profiles of which the hash keeps `kept` in 2^32, the profile of the smaller key counting.
    uint64_t kept = 0;
    size_t quarters = 0;
    // By profile, a number that no other record of the same person has, or `none`: pairs of one number are never made.
    const uint32_t *apart = nullptr;
    uint32_t most_pairs = std::numeric_limits<uint32_t>::max() / 2;  // of a profile
};

struct Scored {
    std::vector<Edge> edges;
    std::vector<uint64_t> below;
    uint64_t compared = 0;
};

// Pairs above the threshold, from all threads.
class StrongestPairs {
  public:
    // `most` of a profile, where all have more than an eighth of that each.
    explicit StrongestPairs(const Matching &matching, uint32_t most)
        : matching_(matching), most_(most), room_(uint64_t{matching.rows().size()} * most / 8), full_(room_) {}

    void add(const std::vector<Edge> &edges) {
        const std::lock_guard<std::mutex> lock(mutex_);
        edges_.insert(edges_.end(), edges.begin(), edges.end());
        seen_ += edges.size();
        if (edges_.size() <= full_) return;
        keep_strongest();
        full_ = std::max<uint64_t>(room_, 2 * edges_.size());  // to sort them all again for a few would take for ever
    }

    // All of them, by profile. The strongest of all are kept whenever others were dropped, so it does not matter when.
    std::vector<Edge> take() {
        if (seen_ > room_) keep_strongest();
        std::sort(edges_.begin(), edges_.end(), [](const Edge &a, const Edge &b) {
            return a.left != b.left ? a.left < b.left : a.right < b.right;
        });
        return std::move(edges_);
    }
    // How many were dropped.
    uint64_t dropped() const { return dropped_; }

  private:
    void keep_strongest() {
        const auto tie = [&](const Edge &edge) {
            const uint64_t a = key(edge.left), b = key(edge.right);
            return detail::mix_bits(std::min(a, b) * 0x9e3779b97f4a7c15ULL + std::max(a, b));
        };
        std::sort(edges_.begin(), edges_.end(), [&](const Edge &a, const Edge &b) {
            return a.weight != b.weight ? a.weight > b.weight : tie(a) < tie(b);
        });
        std::vector<uint32_t> stronger(matching_.rows().size(), 0);
        size_t kept = 0;
        for (const Edge &edge : edges_) {
            uint32_t &left = stronger[edge.left], &right = stronger[edge.right];
            if (left < most_ || right < most_) edges_[kept++] = edge;
            ++left;
            ++right;
        }
        dropped_ += edges_.size() - kept;
        edges_.resize(kept);
    }

    uint64_t key(uint32_t profile) const { return matching_.key(matching_.rows().place(profile)); }

    const Matching &matching_;
    const uint32_t most_;
    const uint64_t room_;
    std::mutex mutex_;
    std::vector<Edge> edges_;
    uint64_t full_, seen_ = 0, dropped_ = 0;
};

// Upper bounds of weights, in whole units.
class Screen {
  public:
    using Line = ComparedRows::Line;

    // A pair of x and the member of that number, and what is known of it by now, at most: of names, of what counts up to the
    // household's limit, and of all else.
    struct Hope {
        uint32_t member;
        int32_t plain, shared, given, family;
        int32_t name;   // whole, or by its parts swapped
        bool parts;     // whether parts of names are compared, not whole ones
        int32_t least;  // below which it is of no interest
    };

    // The members of a block: their lines, and the same by comparison, so that plain loops over members compile to vector
    // instructions.
    class Members {
      public:
        const Line &operator[](uint32_t j) const { return lines_[j]; }

      private:
        friend Screen;
        std::vector<Line> lines_;
        std::vector<uint64_t> keys_;
        std::vector<uint8_t> kept_;     // whether their pairs are in the sample
        std::vector<int32_t> least_;    // the least that is of interest, where nothing is known of the other one
        std::vector<uint32_t> numbers_, prints_;  // by comparison, from `stride_` to `stride_`
        size_t stride_ = 0;
        std::vector<Hope> hopes_;
    };

    Screen(const Matching &matching, const Weights &weights, double threshold, double lowest)
        : rows_(matching.rows()), levels_(matching.levels()), comparisons_(matching.comparisons()), n_(comparisons_.size()) {
        double largest = std::max({std::abs(weights.prior), std::abs(threshold), std::abs(lowest), 1e-3});
        for (size_t c = 0; c < n_; ++c) {
            double rarest = 0;
            for (const auto &table : weights.frequency[c]) {
                for (const double weight : table) rarest = std::max(rarest, std::abs(weight));
            }
            for (const double level : weights.level[c]) largest = std::max(largest, std::abs(level) + rarest);
        }
        unit_ = largest / most_units;
        prior_ = units(weights.prior);
        limit_ = units(weights.most_of_home());
        threshold_ = units(threshold) - 1;
        lowest_ = units(lowest) - 1;
        family_shared_ = levels_.family() < n_ && weights.household[levels_.family()];
        for (size_t c = 0; c < n_; ++c) add(matching, weights, c);
        const auto of_digits = [&](size_t c) { return bounds_[c].print == Print::digits; };
        std::copy_if(printed_.begin(), printed_.end(), std::back_inserter(told_), of_digits);
        told_.insert(told_.end(), lettered_.begin(), lettered_.end());
        asked_.of(rows_.size());
        for (uint32_t at = 0; at < rows_.size(); ++at) {
            if (matching.blocks().in_any(at)) asked_.add(at);
        }
        asked_.count();
        equal_.reset(new EqualUnits[asked_.size()]);
    }

    // Weighs what equal values add, for a part of those who are in any block. To be called for all parts, in any number of
    // threads.
    void weigh_equal(const Matching &matching, const Weights &weights, uint32_t part, uint32_t parts) {
        const uint64_t size = rows_.size();
        const auto from = static_cast<uint32_t>(size * part / parts), to = static_cast<uint32_t>(size * (part + 1) / parts);
        uint32_t last = none;
        for (uint32_t at = from; at < to; ++at) {
            if (!asked_.holds(at)) continue;
            EqualUnits *const equal = &equal_[asked_.place(at)];
            equal->fill(0);
            for (size_t c = 0; c < n_; ++c) {
                const uint32_t number = rows_[at].number[c];
                if (number == none) continue;
                // Mostly what the last one has, which is of the same cluster.
                const bool known = last != none && rows_[last].number[c] == number;
                (*equal)[c] = known ? equal[-1][c] : static_cast<int16_t>(units(matching.most_equal(weights, c, number)));
            }
            last = at;
        }
    }

    // Room for so many members.
    void reserve(Members &members, uint32_t size) const {
        members.stride_ = (size + lanes - 1) / lanes * lanes;
        if (members.lines_.size() >= size) return;
        members.lines_.resize(size);
        members.keys_.resize(size);
        members.kept_.resize(size);
        members.hopes_.resize(size);
        members.least_.resize(members.stride_);
        members.numbers_.resize(members.stride_ * n_);
        members.prints_.resize(members.stride_ * n_);
    }

    // `kept`: whether its pairs are in the sample.
    void put(Members &members, uint32_t j, const Line &line, uint64_t key, bool kept) const {
        members.lines_[j] = line;
        members.keys_[j] = key;
        members.kept_[j] = kept;
        members.least_[j] = kept ? lowest_ : threshold_;
        for (size_t c = 0; c < n_; ++c) members.numbers_[c * members.stride_ + j] = line.number[c];
        for (const size_t c : printed_) members.prints_[c * members.stride_ + j] = print(c, line.number[c]);
    }

    // Of the members from `from` to before `to` those that may reach the threshold with member i, which stands at a place, or
    // the lowest weight where they are in the sample: how many there are, and which.
    size_t operator()(PairLevels::Scratch &scratch, Members &members, uint32_t i, uint32_t place, uint32_t from, uint32_t to) const {
        const int16_t *const equal = equal_[asked_.place(place)].data();
        size_t n = pass(*this, members, i, equal, from, to);
        n = by_values(members, i, n);
        return n && names_ && levels_.has_parts() ? by_names(scratch, members, i, equal, n) : n;
    }
    // Beforehand, for who stands at a place.
    void prefetch(uint32_t place) const { __builtin_prefetch(&equal_[asked_.place(place)]); }
    const Hope &hope(const Members &members, size_t k) const { return members.hopes_[k]; }

    bool is_sampled(const Hope &hope) const { return hope.least == lowest_; }

  private:
    static constexpr double most_units = 32'000;  // so that a comparison's fit 16 bits
    static constexpr int32_t far = 1 << 28;
    static constexpr uint32_t lanes = 16;  // members that are looked at together
    static constexpr uint32_t scripts = (1u << script_bits) - 1;

    // What a comparison is to the bound.
    enum class Part : uint8_t { plain, shared, given, family, name };
    // By what a number's print tells that two values are surely different.
    enum class Print : uint8_t { none, parity, digits, letters };

    struct Bound {
        Part part = Part::plain;
        Print print = Print::none;
        bool several = false;    // columns, of which some may be equal where not all are
        int32_t different = 0;   // what different values add at most
        int32_t surely = 0;      // the same where their prints tell that they are
    };

    int32_t units(double weight) const {
        return static_cast<int32_t>(std::clamp(std::ceil(weight / unit_), -static_cast<double>(far), static_cast<double>(far)));
    }

    void add(const Matching &matching, const Weights &weights, size_t c) {
        const Comparison &comparison = comparisons_[c];
        const bool name = is_name(comparison.kind), stored = !comparison.own, single = rows_.columns(c) == 1;
        // What speaks against a pair once more is partly given back (Matching::moved).
        const double given_back = c == matching.moving(weights) ? weights.moving : 0.0;
        const auto at_most = [&](double weight) { return std::max(weight, std::min(weight + given_back, 0.0)); };
        for (uint8_t l = level::different; l < most_levels; ++l) {
            level_[c][l] = units(at_most(matching.level_part(weights, c, l, 0, none, none)));
        }
        double most = at_most(matching.most_different(weights, c));
        if (c == levels_.given() && levels_.has_parts() && stored) {
            // Swapped parts are an outcome of both.
            swapped_ = level_[c][level::swapped];
            most = weights.level[c][level::different];
            for (uint8_t l = level::different; l < level::equal_name; ++l) {
                if (l != level::swapped) most = std::max(most, matching.level_part(weights, c, l, 0, none, none));
            }
        }
        Bound &bound = bounds_[c];
        bound.several = !single;
        // Names in different scripts and dates that no calendar has may differ and say nothing.
        const bool silent = name || comparison.impossible != none;
        bound.different = bound.surely = units(silent ? std::max(most, 0.0) : most);
        bound.part = c == levels_.given()    ? Part::given
                     : c == levels_.family() ? Part::family
                     : c == levels_.name()   ? Part::name
                     : weights.household[c]  ? Part::shared
                                             : Part::plain;
        if (name && !stored) names_ = false;
        if (stored && (bound.part == Part::given || bound.part == Part::family)) {
            bound.print = Print::letters;
            bound.surely = level_[c][level::different];
            printed_.push_back(c);
            for (uint32_t number = 0; number < rows_.numbers(c); ++number) {
                name_bits_[c].push_back(levels_.name_bits(c, number << script_bits));
            }
        }
        if (name || !stored || !single) return;
        if (comparison.kind == Comparing::date) {
            bound.print = Print::digits;
            bound.surely = level_[c][level::different];
        } else if (!levels_.parities(c).empty()) {
            bound.print = Print::parity;
            bound.surely = level_[c][level::different];
            if (comparison.kind == Comparing::email) bound.surely = std::max(bound.surely, level_[c][level::alike_email]);
        }
        if (bound.print != Print::none) printed_.push_back(c);
        if (levels_.has_letters(c)) lettered_.push_back(c);
    }

    uint32_t print(size_t c, uint32_t number) const {
        if (number == none) return 0;
        if (bounds_[c].print == Print::letters) return name_bits_[c][number >> script_bits];
        return bounds_[c].print == Print::digits ? decimal_digits(number) : levels_.parities(c)[number];
    }

    // The digits of a number, four bits each.
    static uint32_t decimal_digits(uint32_t number) {
        uint32_t digits = 0;
        for (uint32_t shift = 0; shift < 32; shift += 4, number /= 10) digits |= number % 10 << shift;
        return digits;
    }

    // What is known of several pairs.
    struct Sums {
        alignas(64) int32_t plain[lanes], shared[lanes], given[lanes], family[lanes], name[lanes];
        alignas(64) uint32_t parts[lanes];
    };

    [[gnu::always_inline]] static inline bool more_than_two(uint32_t bits) {
        bits &= bits - 1;
        bits &= bits - 1;
        return bits != 0;
    }

    // Whether two texts are certainly not within one edit, which turns two bits.
    [[gnu::always_inline]] static inline bool parities_apart(uint32_t a, uint32_t b) { return more_than_two(a ^ b); }

    // Whether two dates are certainly at no level above different: years beside each other, one digit or two, or day and month.
    [[gnu::always_inline]] static inline bool dates_apart(uint32_t a, uint32_t b, uint32_t digits_a, uint32_t digits_b) {
        const uint32_t turned = digits_a ^ digits_b, years = a > b ? a - b : b - a;
        const bool digits_differ = more_than_two((turned | turned >> 1 | turned >> 2 | turned >> 3) & 0x11111111u);
        return !((a | b) & impossible_date) & digits_differ & ((turned & 0xFFFF) != 0) & (years >= 20000);
    }

    // Adds what a comparison of a number with others says at most, to some of the sums.
    template <class Surely>
    [[gnu::always_inline]] static inline void add_values(const Bound &bound, uint32_t x, int32_t same, const uint32_t *numbers,
                                                         Surely surely, int32_t *sums) {
        const int32_t least = bound.several ? same : -far;
        const int32_t different = std::max(bound.different, least), apart = std::max(bound.surely, least);
        for (uint32_t j = 0; j < lanes; ++j) {
            const int32_t unequal = surely(j) ? apart : different;
            sums[j] += numbers[j] == x ? same : numbers[j] == none ? 0 : unequal;
        }
    }

    // The same of names, which differ where both are written in the same scripts and are not equal.
    template <class Surely>
    [[gnu::always_inline]] static inline void add_names(const Bound &bound, uint32_t x, int32_t same, const uint32_t *numbers,
                                                        Surely surely, int32_t *sums) {
        const int32_t different = bound.different, partly = std::max(different, same), differs = bound.surely;
        for (uint32_t j = 0; j < lanes; ++j) {
            const uint32_t number = numbers[j];
            const int32_t likely = (number ^ x) & scripts ? partly : different;
            const int32_t apart = number & x & scripts ? differs : 0;
            const int32_t unequal = surely(j) ? apart : likely;
            sums[j] += number == x ? same : number == none ? 0 : unequal;
        }
    }

    [[gnu::always_inline]] static inline size_t pass_body(const Screen &screen, Members &members, uint32_t i, const int16_t *equal,
                                                          uint32_t from, uint32_t to) {
        const Line &x = members.lines_[i];
        const size_t stride = members.stride_;
        const int32_t own_least = members.least_[i];
        Hope *const hopes = members.hopes_.data();
        const bool has_parts = screen.levels_.has_parts();
        const int32_t prior = screen.prior_, limit = screen.limit_, at_home = screen.family_shared_ ? ~0 : 0;
        size_t found = 0;
        for (uint32_t start = from / lanes * lanes; start < to; start += lanes) {
            Sums sums{};
            for (size_t c = 0; c < screen.n_; ++c) {
                const uint32_t own = x.number[c];
                if (own == none) continue;
                const Bound &bound = screen.bounds_[c];
                const uint32_t *const numbers = members.numbers_.data() + c * stride + start;
                const uint32_t *const prints = members.prints_.data() + c * stride + start;
                const uint32_t print = members.prints_[c * stride + i];
                if (bound.part == Part::given || bound.part == Part::family || bound.part == Part::name) {
                    int32_t *const of = bound.part == Part::given ? sums.given : bound.part == Part::family ? sums.family : sums.name;
                    if (bound.print == Print::letters) {
                        add_names(bound, own, equal[c], numbers, [&](uint32_t j) { return (prints[j] & print) == 0; }, of);
                    } else {
                        add_names(bound, own, equal[c], numbers, [](uint32_t) { return false; }, of);
                    }
                    continue;
                }
                int32_t *const of = bound.part == Part::shared ? sums.shared : sums.plain;
                if (bound.print == Print::parity) {
                    add_values(bound, own, equal[c], numbers, [&](uint32_t j) { return parities_apart(prints[j], print); }, of);
                } else if (bound.print == Print::digits) {
                    const auto surely = [&](uint32_t j) { return dates_apart(numbers[j], own, prints[j], print); };
                    add_values(bound, own, equal[c], numbers, surely, of);
                } else {
                    add_values(bound, own, equal[c], numbers, [](uint32_t) { return false; }, of);
                }
            }
            if (has_parts) {
                const size_t given = screen.levels_.given(), family = screen.levels_.family();
                const uint32_t g = x.number[given] == none ? 0 : x.number[given] & scripts;
                const uint32_t f = x.number[family] == none ? 0 : x.number[family] & scripts;
                const uint32_t *const givens = members.numbers_.data() + given * stride + start;
                const uint32_t *const families = members.numbers_.data() + family * stride + start;
                const uint32_t *const given_bits = members.prints_.data() + given * stride + start;
                const uint32_t *const family_bits = members.prints_.data() + family * stride + start;
                const bool told = screen.bounds_[given].print == Print::letters && screen.bounds_[family].print == Print::letters;
                const uint32_t untold = told ? 0 : ~uint32_t{0};
                const uint32_t own_given = members.prints_[given * stride + i], own_family = members.prints_[family * stride + i];
                const int32_t swapped = screen.swapped_;
                for (uint32_t j = 0; j < lanes; ++j) {
                    const uint32_t a = givens[j], b = families[j];
                    const bool parts = (a != none) & (b != none) & ((a & g) != 0) & ((b & f) != 0);
                    const bool alike = (((given_bits[j] & own_family) | untold) != 0) & (((family_bits[j] & own_given) | untold) != 0);
                    const int32_t by_parts = alike ? swapped : -far;
                    sums.parts[j] = parts;
                    sums.name[j] = parts ? by_parts : sums.name[j];
                }
            }
            alignas(64) uint32_t reached[lanes];
            const int32_t *const least = members.least_.data() + start;
            uint32_t any = 0;
            for (uint32_t j = 0; j < lanes; ++j) {
                const int32_t plain = sums.plain[j] + prior, shared = sums.shared[j], given = sums.given[j], family = sums.family[j];
                sums.plain[j] = plain;
                const int32_t reach = most(plain, shared, given, family, sums.name[j], family & at_home, limit);
                const int32_t lowest = least[j] < own_least ? least[j] : own_least;
                const uint32_t reaches = reach >= lowest;
                reached[j] = reaches;
                any |= reaches;
            }
            if (!any) continue;
            const uint32_t last = std::min(lanes, to - start);
            for (uint32_t j = from > start ? from - start : 0; j < last; ++j) {
                if (!reached[j]) continue;
                hopes[found++] = {start + j,      sums.plain[j], sums.shared[j],     sums.given[j],
                                  sums.family[j], sums.name[j],  sums.parts[j] != 0, 0};
            }
        }
        return found;
    }

#if defined(__x86_64__)
    [[gnu::target("avx2")]] static size_t pass_avx2(const Screen &screen, Members &members, uint32_t i, const int16_t *equal, uint32_t from,
                                                    uint32_t to) {
        return pass_body(screen, members, i, equal, from, to);
    }
#endif

    static size_t pass(const Screen &screen, Members &members, uint32_t i, const int16_t *equal, uint32_t from, uint32_t to) {
#if defined(__x86_64__)
        static const bool avx2 = __builtin_cpu_supports("avx2");
        if (avx2) return pass_avx2(screen, members, i, equal, from, to);
#endif
        return pass_body(screen, members, i, equal, from, to);
    }

    // The most that a pair may have: by parts of names or by swapped ones where both have them, by whole ones else. home: of the
    // family name, what a household shares.
    [[gnu::always_inline]] static inline int32_t most(int32_t plain, int32_t shared, int32_t given, int32_t family, int32_t name,
                                                      int32_t home, int32_t limit) {
        const int32_t at_home = shared + home < limit ? shared + home : limit, without = shared < limit ? shared : limit;
        const int32_t by_parts = plain + given + (family - home) + at_home, by_name = plain + name + without;
        return by_parts > by_name ? by_parts : by_name;
    }
    int32_t most(const Hope &hope, int32_t name) const {
        return most(hope.plain, hope.shared, hope.given, hope.family, name, family_shared_ ? hope.family : 0, limit_);
    }
    int32_t most(const Hope &hope) const { return most(hope, hope.name); }
    int32_t most_unless_swapped(const Hope &hope) const { return most(hope, -far); }

    // Dates, then letters, while there is hope.
    size_t by_values(Members &members, uint32_t i, size_t n) const {
        const Line &x = members[i];
        Hope *const hopes = members.hopes_.data();
        for (const size_t c : lettered_) {
            if (x.number[c] == none) continue;
            for (size_t k = 0; k < n; ++k) {
                const uint32_t number = members[hopes[k].member].number[c];
                if (number != none) levels_.prefetch_letters(c, number);
            }
        }
        size_t kept = 0;
        for (size_t k = 0; k < n; ++k) {
            Hope hope = hopes[k];
            const uint32_t j = hope.member;
            hope.least = (members.keys_[i] < members.keys_[j] ? members.kept_[i] : members.kept_[j]) ? lowest_ : threshold_;
            bool hopeful = most(hope) >= hope.least;
            for (const size_t c : told_) {
                const uint32_t a = x.number[c], b = members[j].number[c];
                if (!hopeful) break;
                if (a == none || b == none || a == b) continue;
                (bounds_[c].part == Part::shared ? hope.shared : hope.plain) += less(members, c, i, j);
                hopeful = most(hope) >= hope.least;
            }
            hopes[kept] = hope;
            kept += hopeful;
        }
        return kept;
    }

    // What two different values of a comparison add less than their bound has it: 0, or a number below.
    int32_t less(const Members &members, size_t c, uint32_t i, uint32_t j) const {
        const Bound &bound = bounds_[c];
        const uint32_t a = members[i].number[c], b = members[j].number[c];
        const uint32_t *const prints = members.prints_.data() + c * members.stride_;
        if (bound.print == Print::digits) {
            return dates_apart(a, b, prints[i], prints[j]) ? 0 : level_[c][compare_dates(a, b)] - bound.different;
        }
        if (!levels_.surely_apart(c, a, b)) return 0;
        const bool known = bound.print == Print::parity && parities_apart(prints[i], prints[j]);
        return level_[c][level::different] - (known ? bound.surely : bound.different);
    }

    // Parts of names by their levels, swapped ones where that decides.
    size_t by_names(PairLevels::Scratch &scratch, Members &members, uint32_t i, const int16_t *equal, size_t n) const {
        const size_t given = levels_.given(), family = levels_.family();
        const auto part = [&](size_t c, uint8_t l) { return l == level::equal_name ? int32_t{equal[c]} : level_[c][l]; };
        const Line &x = members[i];
        Hope *const hopes = members.hopes_.data();
        size_t kept = 0;
        for (size_t k = 0; k < n; ++k) {
            Hope hope = hopes[k];
            if (hope.parts) {
                const Line &y = members[hope.member];
                const uint8_t g = levels_.generations_apart(x, y) ? level::different : levels_.part(scratch, given, x, y);
                hope.given = part(given, g);
                if ((g < level::swapped ? most(hope) : most_unless_swapped(hope)) < hope.least) continue;
                const uint8_t f = levels_.part(scratch, family, x, y);
                hope.family = part(family, f);
                if (most_unless_swapped(hope) < hope.least) {
                    const bool open = g < level::swapped && f < level::swapped && most(hope) >= hope.least;
                    if (!open || !levels_.parts_swapped(scratch, x, y)) continue;
                }
            }
            hopes[kept++] = hope;
        }
        return kept;
    }

    const ComparedRows &rows_;
    const PairLevels &levels_;
    const std::vector<Comparison> &comparisons_;
    size_t n_;
    double unit_ = 1;
    bool names_ = true;  // whether their levels are the stored ones
    bool family_shared_ = false;
    int32_t prior_ = 0, limit_ = 0, threshold_ = 0, lowest_ = 0;
    int32_t swapped_ = -far;  // what swapped parts of a name add
    std::array<std::array<int32_t, most_levels>, most_comparisons> level_{};
    std::array<Bound, most_comparisons> bounds_{};
    std::vector<size_t> printed_, lettered_, told_;       // comparisons; of the last the cheap ones first
    std::array<std::vector<uint32_t>, most_comparisons> name_bits_;  // of parts of names, by number
    using EqualUnits = std::array<int16_t, line_size>;
    Chosen asked_;                         // the places that are in any block
    std::unique_ptr<EqualUnits[]> equal_;  // of these, what each comparison adds at most where values are equal
};

// Scores the pairs of blocks under given weights.
class Scoring {
  public:
    Scoring(const Matching &matching, const Weights &weights, const ScoringOptions &options)
        : matching_(matching), rows_(matching.rows()), levels_(matching.levels()), weights_(weights), options_(options),
          n_(matching.comparisons().size()), lowest_(options.threshold - static_cast<double>(options.quarters) / 4),
          screen_(matching, weights, options.threshold, lowest_), strongest_(matching, options.most_pairs) {
        while (names_ < n_ && !is_name(matching.comparisons()[names_].kind)) ++names_;
        for (size_t c = 0; c < n_; ++c) most_different_[c] = matching.most_different(weights, c);
    }

    // To be called for all parts, at once or one after the other, before the first rule.
    void prepare(uint32_t part, uint32_t parts) { screen_.weigh_equal(matching_, weights_, part, parts); }

    // Finds the pairs of a rule that no earlier rule owns and whose weight reaches the threshold. Pairs within one cluster are
    // not looked at; `compared` counts the others, those of earlier rules too. `shard` of `shards` takes its part of the
    // blocks, so that threads share a rule.
    Scored operator()(uint32_t rule, uint32_t shard, uint32_t shards) {
        Scored scored = score(rule, shard, shards);
        strongest_.add(scored.edges);
        scored.edges = {};
        return scored;
    }
    // What was found, once; how many pairs were dropped for stronger ones.
    std::vector<Edge> take() { return strongest_.take(); }
    uint64_t dropped() const { return strongest_.dropped(); }

  private:
    using Line = ComparedRows::Line;

    Scored score(uint32_t rule, uint32_t shard, uint32_t shards) const {
        const ScratchPool<PairLevels::Scratch>::Lease scratch(matching_.scratches());
        const Blocks &blocks = matching_.blocks();
        Scored scored;
        scored.below.resize(options_.quarters);
        const size_t from = blocks.size(rule) * shard / shards, to = blocks.size(rule) * (shard + 1) / shards;
        constexpr size_t ahead = 24;  // members
        Screen::Members members;
        const uint32_t *const last = from < to ? blocks.block(rule, to - 1).end() : nullptr;
        for (size_t b = from; b < to; ++b) {
            const Blocks::Block block = blocks.block(rule, b);
            if (rows_.cluster(block.members[0]) == rows_.cluster(block.members[block.size - 1])) continue;
            // A block's lines are fetched once each, ahead of their use, and stand together while its pairs are made.
            screen_.reserve(members, block.size);
            for (uint32_t i = 0; i < block.size; ++i) {
                if (block.members + i + ahead < last) prefetch(block.members[i + ahead]);
                const uint64_t key = matching_.key(block.members[i]);
                screen_.put(members, i, rows_[block.members[i]], key, options_.quarters && detail::keeps(options_.kept, key));
            }
            score_block(*scratch, block, members, scored);
        }
        return scored;
    }

    void prefetch(uint32_t place) const {
        __builtin_prefetch(&rows_[place]);
        matching_.prefetch_key(place);
        screen_.prefetch(place);
    }

    void score_block(PairLevels::Scratch &scratch, const Blocks::Block &block, Screen::Members &members, Scored &scored) const {
        scored.compared += pairs_of(block, members);
        bool own = block.size < 3;  // whether it is known that no earlier block holds all of this one
        uint32_t next = 0;          // where the next cluster begins
        for (uint32_t i = 0; i < block.size; ++i) {
            if (i == next) next = run_end(block, members, i);
            if (next == block.size) return;
            const uint32_t p = block.members[i];
            const size_t found = screen_(scratch, members, i, p, next, block.size);
            if (!found) continue;
            if (!own && matching_.blocks().covered(block)) return;
            own = true;
            for (size_t k = 0; k < found; ++k) {
                const Screen::Hope &hope = screen_.hope(members, k);
                const double least = screen_.is_sampled(hope) ? lowest_ : options_.threshold;
                score_pair(scratch, block.number, p, block.members[hope.member], members[i], members[hope.member], least, scored);
            }
        }
    }

    // Where the members of the cluster end that begins at `from`.
    static uint32_t run_end(const Blocks::Block &block, const Screen::Members &members, uint32_t from) {
        uint32_t end = from + 1;
        while (end < block.size && members[end].cluster() == members[from].cluster()) ++end;
        return end;
    }

    static uint64_t pairs_of(const Blocks::Block &block, const Screen::Members &members) {
        uint64_t pairs = 0;
        for (uint32_t i = 0, end; i < block.size; i = end) {
            end = run_end(block, members, i);
            pairs += uint64_t{end - i} * (block.size - end);
        }
        return pairs;
    }

    void score_pair(PairLevels::Scratch &scratch, uint32_t block, uint32_t p, uint32_t q, const Line &x, const Line &y, double least,
                    Scored &scored) const {
        const uint32_t left = rows_.profile(p), right = rows_.profile(q);
        if (options_.apart && options_.apart[left] != none && options_.apart[left] == options_.apart[right]) return;
        double weight;
        if (!weigh(scratch, least, x, y, weight)) return;
        if (matching_.of_one_source(left, right) && (weight += weights_.within) < least) return;
        // Asked last: it costs more than most comparisons, and few pairs come so far.
        if (matching_.blocks().common(p, q) != block) return;
        if (weight >= options_.threshold) {
            scored.edges.push_back({std::min(left, right), std::max(left, right), weight});
        } else {
            ++scored.below[std::min(static_cast<size_t>((weight - lowest_) * 4), options_.quarters - 1)];
        }
    }

    // Names first, which depend on each other and are soon known by heart; then the others, the cheap ones first, until what
    // is left cannot lift the pair to the threshold. The sum of a pair that is kept is formed in the order of the
    // comparisons.
    bool weigh(PairLevels::Scratch &scratch, double least, const Line &x, const Line &y, double &weight) const {
        Outcome outcome;
        std::array<double, most_comparisons> parts;  // what is known, or the most that is possible
        for (size_t c = 0; c < names_; ++c) parts[c] = most_of(c, x, y);
        if (levels_.parts(scratch, outcome, x, y) && levels_.parts_swapped(scratch, x, y)) levels_.swap_parts(outcome);
        const auto settle = [&](size_t c) {
            levels_.settle(scratch, outcome, c, x, y);
            parts[c] = matching_.part(weights_, c, outcome, x, y);
        };
        for (size_t c = names_; c < n_; ++c) settle(c);
        const size_t given = levels_.given();
        const bool other_name = given < n_ && outcome.stored[given] == level::different;
        for (size_t c = 0; c < names_; ++c) {
            if (hopeless(parts, least, other_name)) return false;
            levels_.compare(scratch, outcome, c, x, y);
            settle(c);
        }
        weight = weights_.prior;
        for (size_t c = 0; c < n_; ++c) weight += parts[c];
        weight += matching_.excess(weights_, outcome, parts.data(), x, y);
        return weight >= least;
    }

    bool hopeless(const std::array<double, most_comparisons> &parts, double least, bool other_name) const {
        double most = weights_.prior, shared = 0;
        for (size_t c = 0; c < n_; ++c) {
            most += parts[c];
            if (matching_.is_shared(weights_, c, other_name, false, parts[c])) shared += parts[c];
        }
        return most + matching_.moved(weights_, parts.data()) + std::min(0.0, weights_.most_of_home() - shared) + slack < least;
    }

    double most_of(size_t c, const Line &x, const Line &y) const {
        const uint32_t a = x.number[c], b = y.number[c];
        if (a == none || b == none) return 0;
        const double most = a == b || rows_.columns(c) > 1 ? matching_.most_equal(weights_, c, a) : most_different_[c];
        return a == b ? most : std::max(most, most_different_[c]);
    }

    static constexpr double slack = 1e-6;  // what rounding could take from a bound

    const Matching &matching_;
    const ComparedRows &rows_;
    const PairLevels &levels_;
    const Weights &weights_;
    ScoringOptions options_;
    size_t n_;
    double lowest_;
    Screen screen_;
    StrongestPairs strongest_;
    size_t names_ = 0;  // where names begin
    std::array<double, most_comparisons> most_different_{};
};

}  // namespace enishi
