// Profiles -> candidate pairs -> comparison vectors -> match weights (Fellegi and Sunter's model).
//
//   blocks     blocking.hpp says which pairs there are, and which block of several a pair is met in.
//   levels     pair_levels.hpp compares a pair.
//   vectors    a pair's levels, four bits each, are one 64-bit pattern. There are few different ones: training counts them
//              and forgets the pairs.
//   weights    a table of log2(m/u) by comparison and level, and where values are equal what the value's own frequency
//              adds. What says the same twice counts once.
//
// scoring.hpp finds the pairs whose weight reaches a threshold.
//
// Memory grows with the profiles (a line of 64 bytes, eight for each block that they are in), never with the candidates.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "blocking.hpp"
#include "compared_rows.hpp"
#include "name_readings.hpp"
#include "pair_levels.hpp"
#include "profile_table.hpp"
#include "scratch_pool.hpp"

namespace enishi {

// Above the comparisons' four bits each: no earlier rule has the pair; its two are of one source.
inline constexpr uint64_t owned_pattern = uint64_t{1} << 63, within_pattern = uint64_t{1} << 62;

struct PatternCount {
    uint64_t pattern = 0, count = 0;
    bool operator<(const PatternCount &o) const { return pattern < o.pattern; }
};

// Of what two comparisons add (postcode and town), the bits that the second only says again.
struct SaidTwice {
    uint32_t one = 0, other = 0;
    double bits = 0;
};

struct Weights {
    std::vector<std::array<double, most_levels>> level;      // by comparison
    std::vector<std::array<double, most_levels>> equal;      // log2(m of the level / u of equal values)
    std::vector<std::vector<std::vector<double>>> frequency;  // by comparison, column and code: log2(u of equal / its own)
    uint32_t first_year = 0;                                  // frequencies of dates start with its first day
    double prior = 0;
    double within = 0;  // zero or less: what two records of one source add, where sources say few people twice
    // The most that one attribute adds, and that all together add which people who live together share (their family
    // name, address, phone), for these are no independent evidence.
    double limit = std::numeric_limits<double>::infinity();
    double namesake = 0;  // the most that a given name adds to that between two who share a home, and nothing else
    uint32_t homes = 1;   // how many fields have to show that they do
    double moving = 0;    // the most that is given back where postcode and address both speak against a pair
    double home = 0;      // the most that what a household shares adds beyond the limit, where something personal agrees too
    double twins = 0;     // the same where the birth date agrees and the given name is another
    bool colleagues = false;  // whether many who share a place are of different families, so that one place makes no home of it
    std::vector<uint8_t> household;  // by comparison
    std::vector<SaidTwice> said_twice;

    double most_of_home() const { return limit + std::max(home, twins); }
};

namespace detail {

inline size_t day_index(uint32_t date, uint32_t first_year) {
    return (static_cast<size_t>(date / 10000 - first_year) * 12 + (date / 100 % 100 - 1)) * 31 + date % 100 - 1;
}

// Whether two texts are numbers given one after the other, or no numbers: they differ in the last two places alone, or
// in more than digits.
inline bool in_series(std::string_view a, std::string_view b) {
    const auto [left, right] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    const auto tail = std::max(a.end() - left, b.end() - right);
    const auto [end, other_end] =
        std::mismatch(a.rbegin(), a.rend() - (left - a.begin()), b.rbegin(), b.rend() - (right - b.begin()));
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    const bool digits = std::all_of(left, end.base(), digit) && std::all_of(right, other_end.base(), digit);
    return tail <= 2 || !digits;
}

// Counts patterns.
class PatternCounter {
  public:
    void add(uint64_t pattern) {
        if (used_ * 2 >= slots_.size()) grow();
        PatternCount &slot = find(slots_, pattern);
        used_ += slot.count == 0;
        slot.pattern = pattern;
        ++slot.count;
    }

    std::vector<PatternCount> sorted() const {
        std::vector<PatternCount> counts;
        std::copy_if(slots_.begin(), slots_.end(), std::back_inserter(counts), [](const PatternCount &each) { return each.count; });
        std::sort(counts.begin(), counts.end());
        return counts;
    }

  private:
    static PatternCount &find(std::vector<PatternCount> &slots, uint64_t pattern) {
        const size_t mask = slots.size() - 1;
        size_t at = mix_bits(pattern) & mask;
        while (slots[at].count && slots[at].pattern != pattern) at = (at + 1) & mask;
        return slots[at];
    }
    void grow() {
        std::vector<PatternCount> slots(slots_.size() * 2);
        for (const PatternCount &each : slots_) {
            if (each.count) find(slots, each.pattern) = each;
        }
        slots_.swap(slots);
    }

    std::vector<PatternCount> slots_ = std::vector<PatternCount>(1 << 10);
    size_t used_ = 0;
};

}  // namespace detail

class Matching {
  public:
    using Line = ComparedRows::Line;

    // labels: by profile, its cluster. keys: its hash, by which pairs are sampled. To be used after `prepare` for each
    // comparison and then `fill` for each part, in any number of threads.
    Matching(const ProfileTable &profiles, std::vector<Comparison> comparisons, const uint32_t *labels, const uint64_t *keys)
        : profiles_(profiles), comparisons_(std::move(comparisons)), rows_(profiles, columns_of(comparisons_), labels),
          levels_(rows_, comparisons_) {
        for (size_t c = 0; c < comparisons_.size(); ++c) {
            if (comparisons_[c].kind == Comparing::postcode) postcode_ = c;
            if (comparisons_[c].kind == Comparing::address) address_ = c;
        }
        keys_.reserve(rows_.size());
        for (uint32_t place = 0; place < rows_.size(); ++place) {
            if (place + at_once < rows_.size()) __builtin_prefetch(&keys[rows_.profile(place + at_once)]);
            keys_.push_back(keys[rows_.profile(place)]);
        }
    }
    void prepare(size_t c) {
        levels_.prepare(c);
        rows_.number(c);
    }
    void fill(uint32_t part, uint32_t parts) { rows_.fill(part, parts); }
    void filled() { rows_.filled(); }
    Matching(const Matching &) = delete;
    Matching &operator=(const Matching &) = delete;

    const ComparedRows &rows() const { return rows_; }
    const Blocks &blocks() const { return blocks_; }
    const PairLevels &levels() const { return levels_; }
    const std::vector<Comparison> &comparisons() const { return comparisons_; }
    ScratchPool<PairLevels::Scratch> &scratches() const { return scratches_; }

    // ---- blocks

    // Puts all profiles in the blocks that are made from now on, or those of which the hash keeps `kept` in 2^32.
    void sample(uint64_t kept) {
        sample_.clear();
        sampled_ = kept >> 32 == 0;
        for (uint32_t place = 0; sampled_ && place < rows_.size(); ++place) {
            if (detail::keeps(kept, keys_[place])) sample_.push_back(place);
        }
    }
    // The blocks of one rule; several threads may make some at once.
    RuleBlocks make_blocks(const std::vector<std::vector<KeyPart>> &slots, const std::vector<KeyPart> &cuts,
                           const BlockOptions &options) const {
        const ScratchPool<Blocker>::Lease blocker(blockers_);
        return (*blocker)(rows_, text_keys_, sampled_ ? &sample_ : nullptr, slots, cuts, options);
    }
    // The blocks of all rules, in place of those that were there.
    void set_blocks(std::vector<RuleBlocks> rules) {
        blocks_ = {};
        for (RuleBlocks &rule : rules) blocks_.add(std::move(rule));
        blockers_.clear();
        text_keys_.clear();
        sample_ = {};
        blocks_.prepare(rows_.size());
    }
    void index_blocks(uint32_t part, uint32_t parts) { blocks_.index(part, parts); }

    // ---- frequencies

    // By code of a comparison's column (of all of its columns where these are no scripts), in how many clusters it occurs; of
    // dates by day from `first_year` on. labels: by profile, its cluster; order: the profiles of a cluster beside each other.
    // Both null: the clusters of the lines.
    std::vector<int64_t> cluster_counts(size_t c, size_t column, uint32_t first_year, const uint32_t *labels,
                                        const uint32_t *order) const {
        struct Count {
            uint32_t clusters = 0, last = none;
        };
        const Comparison &comparison = comparisons_.at(c);
        const bool script = is_name(comparison.kind);
        std::vector<const uint32_t *> columns;
        for (size_t i = script ? column : 0; i < (script ? column + 1 : rows_.columns(c)); ++i) {
            if (comparison.columns[i] != none) columns.push_back(profiles_.column(comparison.columns[i]).data());
        }
        std::vector<Count> counts;
        constexpr uint32_t ahead = 16;
        const auto profile = [&](uint32_t at) { return order ? order[at] : rows_.profile(at); };
        const auto index = [&](uint32_t own) -> size_t {
            return comparison.kind == Comparing::date ? detail::day_index(own, first_year) : own;
        };
        // What a profile has is asked for, and then where it is counted.
        const auto prefetch = [&](const uint32_t *codes, uint32_t at) {
            if (at + 2 * ahead < rows_.size()) __builtin_prefetch(&codes[profile(at + 2 * ahead)]);
            const uint32_t own = at + ahead < rows_.size() ? codes[profile(at + ahead)] : none;
            if (own != none && index(own) < counts.size()) __builtin_prefetch(&counts[index(own)]);
        };
        for (uint32_t at = 0; at < rows_.size(); ++at) {
            const uint32_t p = profile(at), label = labels ? labels[p] : rows_.cluster(at);
            for (const uint32_t *const codes : columns) {
                prefetch(codes, at);
                const uint32_t own = codes[p];
                if (own == none) continue;
                const size_t code = index(own);
                if (code >= counts.size()) counts.resize(std::max(code + 1, counts.size() * 3 / 2));
                counts[code].clusters += counts[code].last != label;
                counts[code].last = label;
            }
        }
        std::vector<int64_t> clusters;
        clusters.reserve(counts.size());
        for (const Count &each : counts) clusters.push_back(each.clusters);
        while (!clusters.empty() && !clusters.back()) clusters.pop_back();
        return clusters;
    }

    // ---- training

    // The patterns of pairs that stand up to `strides` apart in an order of n profiles by their keys: random pairs, and the same
    // ones whatever the order of arrival. `part` of `parts` takes those that begin in its part of the order.
    std::vector<PatternCount> random_patterns(const uint32_t *order, size_t n, size_t strides, uint32_t part, uint32_t parts) const {
        const ScratchPool<PairLevels::Scratch>::Lease scratch(scratches_);
        detail::PatternCounter counter;
        const size_t from = n * part / parts, to = n * (part + 1) / parts;
        std::vector<uint32_t> places;
        for (size_t i = from; i < std::min(n, to + strides); ++i) places.push_back(rows_.place(order[i]));
        for (size_t i = 0; i < to - from; ++i) {
            if (i + strides + at_once < places.size()) __builtin_prefetch(&rows_[places[i + strides + at_once]]);
            for (size_t j = i + 1; j < std::min(i + strides + 1, places.size()); ++j) {
                counter.add(pattern(*scratch, rows_[places[i]], rows_[places[j]]));
            }
        }
        return counter.sorted();
    }

    // The patterns of a rule's pairs, of which the hash of their keys keeps the share `kept` / 2^32. All pairs
    // for which the rule holds are there; `owned_pattern` and `within_pattern` mark them.
    std::vector<PatternCount> rule_patterns(uint32_t rule, uint64_t kept) const {
        const ScratchPool<PairLevels::Scratch>::Lease scratch(scratches_);
        detail::PatternCounter counter;
        std::vector<Sampled> sampled;
        sampled.reserve(at_once);
        const auto count = [&] {
            // What is far away is asked for first, and all at once.
            for (const Sampled &each : sampled) {
                for (const uint32_t place : {each.p, each.q}) {
                    blocks_.prefetch(place);
                    __builtin_prefetch(&rows_[place]);
                }
            }
            for (const auto &[p, q, block] : sampled) {
                const uint32_t first = blocks_.common(p, q);
                if (first != block && blocks_.common(p, q, blocks_.first(rule)) != block) continue;
                counter.add(pattern(*scratch, rows_[p], rows_[q]) | (first == block ? owned_pattern : 0) |
                            (of_one_source(rows_.profile(p), rows_.profile(q)) ? within_pattern : 0));
            }
            sampled.clear();
        };
        // Of a small share only the pairs of some are looked at, with those of larger keys: to ask each pair of large blocks
        // would take longer than to compare the sample.
        constexpr uint64_t all = uint64_t{1} << 32, one_in = 16;
        const bool few = kept < all / one_in;
        const uint64_t firsts = few ? all / one_in : all, of_first = few ? kept * one_in : kept;
        std::vector<uint64_t> own;
        for (size_t b = 0; b < blocks_.size(rule); ++b) {
            const Blocks::Block block = blocks_.block(rule, b);
            own.clear();
            for (const uint32_t place : block) own.push_back(keys_[place]);
            for (uint32_t i = 0; i < block.size; ++i) {
                if (!detail::keeps(firsts, own[i])) continue;
                for (uint32_t j = 0; j < block.size; ++j) {
                    if (own[j] < own[i] || (own[j] == own[i] && j <= i)) continue;
                    if (!detail::keeps(of_first, own[i], own[j])) continue;
                    sampled.push_back({block.members[i], block.members[j], block.number});
                    blocks_.prefetch_place(block.members[i]);
                    blocks_.prefetch_place(block.members[j]);
                    if (sampled.size() == at_once) count();
                }
            }
        }
        count();
        return counter.sorted();
    }

    // ---- weights

    // Each comparison's level and weight for given pairs, and last what was said twice: pair by pair.
    void compare(const uint32_t *left, const uint32_t *right, size_t pairs, const Weights &weights, uint8_t *levels,
                 double *parts) const {
        const ScratchPool<PairLevels::Scratch>::Lease scratch(scratches_);
        const size_t n = comparisons_.size();
        for (size_t i = 0; i < pairs; ++i) {
            const Line &x = rows_[rows_.place(left[i])], &y = rows_[rows_.place(right[i])];
            const Outcome outcome = levels_(*scratch, x, y);
            for (size_t c = 0; c < n; ++c) {
                levels[i * n + c] = outcome.level[c];
                parts[i * (n + 1) + c] = part(weights, c, outcome, x, y);
            }
            parts[i * (n + 1) + n] = excess(weights, outcome, &parts[i * (n + 1)], x, y);
        }
    }

    // What a comparison adds.
    double part(const Weights &weights, size_t c, const Outcome &outcome, const Line &x, const Line &y) const {
        const Comparison &comparison = comparisons_[c];
        const uint8_t level = outcome.level[c];
        if (level == level::missing) return 0;
        const bool name = is_name(comparison.kind);
        const uint32_t a = x.number[c], b = y.number[c];
        if (name || rows_.columns(c) == 1) {
            const size_t column = name ? outcome.column[c] : 0;
            // Whether a name has another form, or is shortened, depends on the name, among one person's records as
            // among strangers'.
            const uint8_t stored = outcome.stored[c];
            const bool any = name && (stored == level::swapped || stored == level::shortened || stored == level::other_form);
            return level_part(weights, c, level, column, any ? none : rows_.code(c, a, column), rows_.code(c, b, column));
        }
        if (level != top_level(comparison)) return level_part(weights, c, level, 0, none, none);
        // Of several equal values the rarest one speaks.
        double most = -std::numeric_limits<double>::infinity();
        for (size_t i = 0; i < rows_.columns(c); ++i) {
            const uint32_t code = rows_.code(c, a, i);
            for (size_t j = 0; code != none && j < rows_.columns(c); ++j) {
                if (code == rows_.code(c, b, j)) most = std::max(most, level_part(weights, c, level, 0, code, code));
            }
        }
        return most;
    }

    // What a level adds between two codes of a column, which may be unknown. An attribute never links alone, however rare
    // its value; and a value that resembles a frequent one says no more than the frequent one itself would.
    double level_part(const Weights &weights, size_t c, uint8_t level, size_t column, uint32_t a, uint32_t b) const {
        const Comparison &comparison = comparisons_[c];
        double weight = weights.level[c][level];
        if (level != level::different && !weights.frequency[c].empty() && a != none && b != none) {
            const std::vector<double> &table = weights.frequency[c][column];
            const auto adjusted = [&](uint32_t code) {
                const size_t at = comparison.kind == Comparing::date ? detail::day_index(code, weights.first_year) : code;
                return at < table.size() ? table[at] : 0.0;
            };
            if (level == top_level(comparison)) {
                weight += adjusted(a);
            } else {
                weight = std::min(weight, weights.equal[c][level] + std::min(adjusted(a), adjusted(b)));
            }
        }
        return is_attribute(comparison.kind) ? std::min(weight, weights.limit) : weight;
    }

    // What an equal value adds, of several the one that adds most.
    double most_equal(const Weights &weights, size_t c, uint32_t number) const {
        const Comparison &comparison = comparisons_[c];
        const bool script = is_name(comparison.kind);
        double most = -std::numeric_limits<double>::infinity();
        for (size_t i = 0; i < rows_.columns(c); ++i) {
            const uint32_t code = rows_.code(c, number, i);
            if (code == none) continue;
            most = std::max(most, level_part(weights, c, top_level(comparison), script ? i : 0, code, code));
        }
        return most;
    }

    // The most that different values add.
    double most_different(const Weights &weights, size_t c) const {
        double most = -std::numeric_limits<double>::infinity();
        for (uint8_t l = level::different; l < top_level(comparisons_[c]); ++l) {
            most = std::max(most, level_part(weights, c, l, 0, none, none));
        }
        return most;
    }

    // Whether people who live together share this: twins their birth date too, and of two whom neither name nor birth date
    // shows to be one, their town, their company and whatever else is compared. What speaks against one person always counts.
    bool is_shared(const Weights &weights, size_t c, bool other_name, bool conflict, double part) const {
        const Comparing kind = comparisons_[c].kind;
        if (part <= 0) return false;
        return weights.household[c] || (other_name && kind == Comparing::date) || (conflict && kind == Comparing::text);
    }

    // How two birth dates compare; a son who is a generation younger may bear his father's name, a brother does not.
    enum class Births : uint8_t { unknown, near, generation_apart, apart };
    Births births(const Outcome &outcome, const Line &x, const Line &y) const {
        for (size_t c = 0; c < comparisons_.size(); ++c) {
            if (comparisons_[c].kind != Comparing::date) continue;
            if (outcome.stored[c] >= level::other_year) return Births::near;
            if (outcome.stored[c] == level::missing) continue;
            const bool different = outcome.stored[c] == level::different;
            return different && enishi::generation_apart(x.number[c], y.number[c]) ? Births::generation_apart : Births::apart;
        }
        return Births::unknown;
    }

    // Whether an email's local part is made of its bearer's name: a word of three letters or more stands in it, or its
    // reading in romaji.
    bool is_of_name(size_t c, const Line &x) const {
        const ValueTable &emails = *comparisons_[c].texts[0];
        Text kana;
        for (size_t i = 0; i < rows_.columns(c); ++i) {
            const uint32_t email = rows_.code(c, x.number[c], i);
            if (email == none) continue;
            std::string_view local = emails.text(email);
            local = local.substr(0, local.find('@'));
            for (const size_t n : {levels_.family(), levels_.given(), levels_.name()}) {
                if (n >= comparisons_.size() || x.number[n] == none) continue;
                const auto name = [&](size_t script) {
                    const uint32_t code = rows_.code(n, x.number[n], script);
                    return code == none ? std::string_view() : comparisons_[n].texts[script]->text(code);
                };
                if (any_word(name(latin_script), [&](std::string_view word) { return word.size() >= 3 && local.find(word) != local.npos; })) {
                    return true;
                }
                const std::string_view reading = name(kana_script);
                constexpr size_t two_kana = 6;  // bytes
                if (reading.size() >= two_kana && any_word(local, [&](std::string_view word) {
                        if (!detail::kana_of_romaji(word, kana) || kana.size() < two_kana) return false;
                        return kana.view().find(reading) != word.npos || reading.find(kana.view()) != word.npos;
                    })) {
                    return true;
                }
            }
        }
        return false;
    }

    // Whether the given name of one, who has a name in parts, stands in the whole name of the other, who has not: what is
    // different is the family name then.
    bool gives_the_name(const Line &x, const Line &y) const {
        const size_t given = levels_.given(), whole = levels_.name();
        if (given >= comparisons_.size() || whole >= comparisons_.size()) return false;
        for (const auto &[parted, other] : {std::pair{&x, &y}, std::pair{&y, &x}}) {
            if (parted->number[given] == none || other->number[given] != none || other->number[whole] == none) continue;
            for (const size_t script : {latin_script, kana_script, han_script}) {
                const uint32_t part = rows_.code(given, parted->number[given], script);
                const uint32_t name = rows_.code(whole, other->number[whole], script);
                if (part == none || name == none) continue;
                const std::string_view word = comparisons_[given].texts[script]->text(part);
                const std::string_view text = comparisons_[whole].texts[script]->text(name);
                if (script == latin_script && any_word(text, [&](std::string_view each) { return each == word; })) return true;
                if (script != latin_script && text.size() > word.size() && text.substr(text.size() - word.size()) == word) return true;
            }
        }
        return false;
    }

    // Whether any run of letters of a text is as asked.
    template <class Test>
    static bool any_word(std::string_view text, Test test) {
        const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80; };
        for (size_t at = 0; at < text.size();) {
            size_t end = at;
            while (end < text.size() && letter(text[end])) ++end;
            if (end > at && test(text.substr(at, end - at))) return true;
            at = end + 1;
        }
        return false;
    }

    // Whether what agrees in an identifier are values alone that people who live together carry.
    bool is_contested(size_t c, uint8_t level, bool conflict, const Line &x, const Line &y) const {
        const Comparison &comparison = comparisons_[c];
        if (comparison.sharing.empty() || level <= level::different) return false;
        const bool equal = level == top_level(comparison);
        bool contested = false;
        for (size_t i = 0; i < rows_.columns(c); ++i) {
            for (size_t j = 0; j < rows_.columns(c); ++j) {
                const uint32_t a = rows_.code(c, x.number[c], i), b = rows_.code(c, y.number[c], j);
                if (a == none || b == none || (equal && a != b)) continue;
                const auto of_home = [&](uint32_t code) {
                    const Sharing known = sharing(comparison, code);
                    return known == Sharing::contested || (known == Sharing::contested_personal && conflict);
                };
                const bool either = of_home(a) || of_home(b);
                if (equal && !either) return false;
                contested = contested || either;
            }
        }
        return contested;
    }

    // Whether values of an identifier that are nearly the same may be those of people who live together, given to them
    // one after the other (numbers that differ in their last two digits alone) or made by them in one way (addresses,
    // logins).
    bool is_series(size_t c, const Line &x, const Line &y) const {
        const Comparison &comparison = comparisons_[c];
        if (comparison.kind != Comparing::typed) return true;
        for (size_t i = 0; i < rows_.columns(c); ++i) {
            for (size_t j = 0; j < rows_.columns(c); ++j) {
                const uint32_t a = rows_.code(c, x.number[c], i), b = rows_.code(c, y.number[c], j);
                if (a == none || b == none) continue;
                if (detail::in_series(comparison.texts[0]->text(a), comparison.texts[0]->text(b))) return true;
            }
        }
        return false;
    }

    // The comparisons that both speak against two records where somebody moved: of these the one that says less, if both are
    // there.
    size_t moving(const Weights &weights) const {
        if (postcode_ == none_of || address_ == none_of) return none_of;
        const auto least = [&](size_t c) { return level_part(weights, c, level::different, 0, none, none); };
        return least(postcode_) > least(address_) ? postcode_ : address_;
    }
    static constexpr size_t none_of = most_comparisons;

    // What is given back because two comparisons speak against a pair for one reason: who moved has another address and
    // another postcode.
    double moved(const Weights &weights, const double *parts) const {
        if (postcode_ == none_of || address_ == none_of) return 0;
        return std::clamp(-std::max(parts[postcode_], parts[address_]), 0.0, weights.moving);
    }

    // What is taken off because it was said before. What a household shares counts up to its limit. So do names with it,
    // but for what namesakes in one home are rare, and so does an identifier that is nearly the same, where nothing else
    // agrees: two of one name are many, and a misspelling needs support. Of two who differ in name, or are a generation
    // apart, it is their household's way of making addresses; a slip within a number is not, and a home supports it.
    // Where many share a place who are of different families, two of these are colleagues, of whom many bear one given name.
    // An email that resembles another, or is made of the name in one way with it, only says once more that the names agree.
    double excess(const Weights &weights, const Outcome &outcome, const double *parts, const Line &x,
                  const Line &y) const {
        const uint8_t given = levels_.given() < most_comparisons ? outcome.stored[levels_.given()] : level::missing;
        const uint8_t name = levels_.name() < most_comparisons ? outcome.stored[levels_.name()] : level::missing;
        const Births born = births(outcome, x, y);
        const bool other_name = given == level::different || (name == level::different && !gives_the_name(x, y));
        const bool family = born == Births::generation_apart, conflict = other_name && born != Births::near;
        const uint8_t family_name = levels_.family() < most_comparisons ? outcome.stored[levels_.family()] : level::missing;
        const bool other_family = family_name == level::different && born != Births::near;
        // A name that is a few letters off, and a birth date a generation away: a mother and her daughter.
        const bool relatives = family && (is_misspelt(given) || (given == level::missing && is_misspelt(name)));
        const bool may_be_colleagues = other_family && weights.colleagues;
        const bool named = given > level::different || name > level::different;
        double shared = 0, elsewhere = 0, said = 0, names = 0, near = 0, slip = 0, personal = 0, mixed = 0;
        uint32_t homes = 0;  // what shows that they live at one place
        std::array<bool, most_comparisons> is_shared_here{};
        for (size_t c = 0; c < comparisons_.size(); ++c) {
            const Comparing kind = comparisons_[c].kind;
            const double part = std::max(parts[c], 0.0);
            const bool nearly = !is_attribute(kind) && outcome.level[c] < top_level(comparisons_[c]);
            const uint8_t email = kind == Comparing::email ? outcome.stored[c] : level::missing;
            const bool resembles = email == level::alike_email ||
                                   (email == level::same_local_part && (is_of_name(c, x) || is_of_name(c, y)));
            if (resembles && named) {
                said += part;
            } else if (is_shared(weights, c, other_name, conflict || may_be_colleagues, part) ||
                       is_contested(c, outcome.level[c], conflict || relatives, x, y)) {
                shared += part;
                is_shared_here[c] = true;
                if (weights.household[c] && !is_name(kind) && part >= supporting) {
                    elsewhere += part;
                    ++homes;
                }
            } else if (nearly && part > 0 && !is_series(c, x, y)) {
                slip += part;
            } else if ((family && is_name(kind)) || ((family || other_name) && nearly)) {
                shared += part;
                is_shared_here[c] = true;
            } else {
                (is_name(kind) ? names : nearly ? near : personal) += part;
            }
        }
        for (const auto &[one, other, bits] : weights.said_twice) {
            const double twice = std::clamp(std::min(parts[one], parts[other]), 0.0, bits);
            (is_shared_here[one] && is_shared_here[other] ? shared : mixed) -= twice;
            said += twice;
        }
        // Where few live together, who shares a home is one person, if anything says so that people who do not live together
        // share as well.
        const double likely = near + (family || other_name ? 0.0 : slip);
        const bool told = named || born == Births::near || likely >= supporting || personal >= supporting;
        const double at_one_home = other_name && born == Births::near ? weights.twins : weights.home;
        const double limit = weights.limit + (told && !may_be_colleagues ? at_one_home : 0.0);
        near += slip;
        const bool supported = slip >= supporting && elsewhere >= supporting;
        const bool alone = personal < supporting && !supported && (names < supporting || near < supporting);
        said -= moved(weights, parts);
        if (!alone) return std::min(0.0, limit - shared) - said;
        // Who lives where a namesake does: that they share more than the family name shows a home, and that few bear one
        // given name in a home is known of all, fewer still who are of one generation.
        const bool at_home = near < supporting && homes >= weights.homes && elsewhere >= weights.namesake && !may_be_colleagues;
        const double namesake = weights.namesake + (born == Births::apart ? of_one_generation : 0.0);
        return std::min(0.0, limit + (at_home ? std::min(names, namesake) : 0.0) - shared - names - near - mixed) - said;
    }

    static constexpr double supporting = 1.0;  // bits: any agreement that deserves the name
    static constexpr double of_one_generation = 3.5;  // bits: of a dozen namesakes in one home, eleven are father and son

    static bool is_misspelt(uint8_t name) {
        return name == level::alike || name == level::close || name == level::near || name == level::name_slip;
    }

    static bool is_attribute(Comparing kind) {
        return kind != Comparing::typed && kind != Comparing::opaque && kind != Comparing::email;
    }

    uint64_t key(uint32_t place) const { return keys_[place]; }
    void prefetch_key(uint32_t place) const { __builtin_prefetch(&keys_[place]); }
    bool of_one_source(uint32_t left, uint32_t right) const {
        const uint32_t *const sources = profiles_.column(0).data();
        return sources[left] == sources[right];
    }

  private:
    struct Sampled {
        uint32_t p, q, block;
    };
    static constexpr size_t at_once = 64;  // pairs whose lines and lists are fetched together

    static std::vector<ComparedColumns> columns_of(const std::vector<Comparison> &comparisons) {
        std::vector<ComparedColumns> columns;
        for (const Comparison &each : comparisons) {
            columns.push_back({each.columns, is_name(each.kind), {}, each.impossible});
            for (uint32_t code = 0; code < each.sharing.size(); ++code) {
                columns.back().ignored.push_back(sharing(each, code) == Sharing::generic);
            }
        }
        return columns;
    }

    uint64_t pattern(PairLevels::Scratch &scratch, const Line &x, const Line &y) const {
        const Outcome outcome = levels_(scratch, x, y);
        uint64_t pattern = 0;
        for (size_t c = 0; c < comparisons_.size(); ++c) pattern |= static_cast<uint64_t>(outcome.level[c]) << (4 * c);
        return pattern;
    }

    const ProfileTable &profiles_;
    std::vector<Comparison> comparisons_;
    ComparedRows rows_;
    PairLevels levels_;
    std::vector<uint64_t> keys_;  // by place
    Blocks blocks_;
    size_t postcode_ = none_of, address_ = none_of;  // the last comparison of each kind
    bool sampled_ = false;
    std::vector<uint32_t> sample_;  // the places that are put in blocks, where not all are
    mutable ScratchPool<Blocker> blockers_;
    mutable TextKeys text_keys_;
    mutable ScratchPool<PairLevels::Scratch> scratches_;
};

}  // namespace enishi
