// Profiles -> candidate pairs -> comparison vectors -> match weights (Fellegi and Sunter's model).
//
//   blocks     a blocking rule is a conjunction of keys; profiles with equal keys are one block. A rule may have several
//              ways to hold (two phone columns; a name in Han characters or in kana): one slot each. Blocks over the cap are
//              cut by the next field in a list until they are small; what cannot be cut is counted and left out.
//   ownership  each profile keeps the number of its block for every slot, so whether an earlier rule holds for a pair is a
//              comparison of a few numbers, and no pair is kept twice although none is ever written down.
//   vectors    a pair's levels, four bits each, are one 64-bit pattern. There are few different ones: training counts them
//              and forgets the pairs.
//   weights    a table of log2(m/u) by comparison and level, and where values are equal what the value's own frequency
//              adds. What says the same twice counts once. A pair is dropped as soon as what is left to compare cannot
//              lift it to the threshold.
//
// Memory grows with the profiles (four bytes a slot, 32 a compared text) and with the pairs above the threshold, never
// with the candidates.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "comparison.hpp"
#include "kanji_variants.hpp"
#include "measures.hpp"
#include "profile_table.hpp"

namespace enishi {

inline constexpr size_t most_comparisons = 15;  // four bits each, and one for who owns the pair
inline constexpr uint64_t owned_pattern = uint64_t{1} << 63;
inline constexpr size_t most_levels = 12;  // the missing value among them

struct Comparison {
    Comparing kind = Comparing::opaque;
    // Names: given or family (or whole) by script. Everything else: all columns of the field, whose codes are of one
    // table.
    std::vector<uint32_t> columns;
    std::vector<const ValueTable *> texts;
    std::vector<Level> levels;  // the user's own between equal and different, the strictest first; none: the stored ones
    std::vector<uint8_t> sharing;  // of identifiers, by code: a Sharing; shorter than the codes: nothing is known
};

// What linking found out about a value of an identifier: that people whose names or birth dates conflict carry it, which
// makes it evidence of a home and not of a person (of a personal one, such as an email, only between two of different
// given names whose birth dates do not agree), or that so many carry it that it is evidence of nothing.
enum class Sharing : uint8_t { none, contested, contested_personal, generic };

// The level at which two equal values stand.
inline uint8_t top_level(const Comparison &comparison) {
    return comparison.levels.empty() ? top_level(comparison.kind) : static_cast<uint8_t>(comparison.levels.size() + 2);
}

enum class Keying : uint8_t { code, year, month, day, prefix, suffix, local_part, skeleton };

// What a profile has to share with another in one column.
struct KeyPart {
    Keying what = Keying::code;
    uint32_t column = 0;
    const ValueTable *texts = nullptr;
    uint32_t table = 0;   // the number of the texts: codes of two tables have nothing to say to each other
    uint32_t length = 0;  // of a prefix or suffix
};

struct BlockingCounts {
    uint64_t pairs = 0, blocks = 0, largest = 0, cap = 0, cut_blocks = 0, left_out_blocks = 0, left_out_pairs = 0,
             largest_left_out = 0;
};

struct Edge {
    uint32_t left = 0, right = 0;
    double weight = 0;
};

struct PatternCount {
    uint64_t pattern = 0, count = 0;
    bool operator<(const PatternCount &o) const { return pattern < o.pattern; }
};

struct Weights {
    std::vector<std::array<double, most_levels>> level;      // by comparison
    std::vector<std::array<double, most_levels>> equal;      // log2(m of the level / u of equal values)
    std::vector<std::vector<std::vector<double>>> frequency;  // by comparison, column and code: log2(u of equal / its own)
    uint32_t first_year = 0;                                  // frequencies of dates start with its first day
    double prior = 0;
    // The most that one attribute adds, and that all together add which people who live together share (their family
    // name, address, phone), for these are no independent evidence.
    double limit = std::numeric_limits<double>::infinity();
    double namesake = 0;  // the most that a given name adds to that between two who share a home, and nothing else
    std::vector<uint8_t> household;  // by comparison
};

namespace detail {

inline uint64_t mix_bits(uint64_t h) {
    h = (h ^ h >> 30) * 0xbf58476d1ce4e5b9ULL;
    h = (h ^ h >> 27) * 0x94d049bb133111ebULL;
    return h ^ h >> 31;
}

inline uint64_t hash_text(std::string_view text) {
    uint64_t h = 0x9e3779b97f4a7c15ULL + text.size();
    for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL, h ^= h >> 29;
    return mix_bits(h);
}

inline size_t day_index(uint32_t date, uint32_t first_year) {
    return (static_cast<size_t>(date / 10000 - first_year) * 12 + (date / 100 % 100 - 1)) * 31 + date % 100 - 1;
}

// The first letter of a Latin name and its next three consonants, alike ones as one letter, doubled ones once: what most
// misspellings leave. Empty where there is nothing Latin in it.
inline void skeleton(std::string_view name, Text &out) {
    static constexpr std::string_view sounds = "01230120022455012623010202";  // Soundex, by letter
    out.clear();
    char last = 0;
    for (const char c : name) {
        if (c < 'a' || c > 'z') continue;
        const char sound = sounds[static_cast<size_t>(c - 'a')];
        if (out.empty()) {
            out.push(c == 'k' || c == 'q' ? 'c' : c == 'z' ? 's' : c);
        } else if (sound != '0' && sound != last) {
            out.push(sound);
        }
        if (c != 'h' && c != 'w') last = sound;
        if (out.size() == 4) break;
    }
}

// The skeletons of a name's words, sorted; initials and what tells generations apart left out, where more is left.
inline void skeletons(std::string_view name, Text &out) {
    std::vector<std::array<char, 4>> words;
    Text one;
    while (!name.empty() && words.size() < 16) {
        const size_t blank = std::min(name.find(' '), name.size());
        const std::string_view word = name.substr(0, blank);
        skeleton(word, one);
        if (!one.empty() && word.size() > 1 && !generation(word)) {
            words.push_back({});
            std::copy_n(one.data(), one.size(), words.back().begin());
        }
        name.remove_prefix(std::min(blank + 1, name.size()));
    }
    std::sort(words.begin(), words.end());
    out.clear();
    for (const auto &word : words) {
        for (const char c : word) {
            if (c) out.push(c);
        }
        out.push(' ');
    }
}

}  // namespace detail

class Matching {
  public:
    Matching(const ProfileTable &profiles, std::vector<Comparison> comparisons)
        : profiles_(profiles), comparisons_(std::move(comparisons)), width_(profiles.width()) {
        if (comparisons_.size() > most_comparisons) throw std::length_error("more than 15 comparisons");
        for (const Comparison &comparison : comparisons_) {
            if (top_level(comparison) >= most_levels) throw std::length_error("more than eleven levels");
        }
        // Row by row, for a pair is two profiles from anywhere.
        rows_.resize(static_cast<size_t>(profiles_.size()) * width_);
        for (uint32_t c = 0; c < width_; ++c) {
            for (uint32_t p = 0; p < profiles_.size(); ++p) rows_[size_t{p} * width_ + c] = profiles_.column(c)[p];
        }
        for (const Comparison &comparison : comparisons_) {
            for (const uint32_t c : comparison.columns) {
                for (uint32_t p = 0; p < profiles_.size() && !comparison.sharing.empty(); ++p) {
                    uint32_t &code = rows_[size_t{p} * width_ + c];
                    if (sharing(comparison, code) == Sharing::generic) code = none;
                }
            }
        }
        for (size_t c = 0; c < comparisons_.size(); ++c) {
            switch (comparisons_[c].kind) {
                case Comparing::given_name: given_ = c; break;
                case Comparing::family_name: family_ = c; break;
                case Comparing::name: name_ = c; break;
                default: break;
            }
            const Comparison &comparison = comparisons_[c];
            spellings_.emplace_back();
            if (is_name(comparison.kind)) {
                VariantHash spelling;
                const ValueTable &texts = *comparison.texts[han_script];
                spellings_[c].reserve(texts.size());
                for (uint32_t v = 0; v < texts.size(); ++v) spellings_[c].push_back(spelling(texts.text(v)));
            }
            generations_.emplace_back();
            if (is_name(comparison.kind)) {
                const ValueTable &texts = *comparison.texts[latin_script];
                for (uint32_t v = 0; v < texts.size(); ++v) {
                    generations_[c].push_back(generation_of(texts.text(v)));
                    generations_told_ = generations_told_ || generations_[c].back();
                }
            }
            letters_.emplace_back(comparison.texts.size());
            for (size_t t = 0; t < comparison.texts.size(); ++t) {
                if (!has_letters(comparison.kind) || !comparison.texts[t]) continue;
                const ValueTable &texts = *comparison.texts[t];
                letters_[c][t].reserve(texts.size());
                for (uint32_t v = 0; v < texts.size(); ++v) {
                    letters_[c][t].push_back(Letters::of(comparison.kind, texts.text(v)));
                }
            }
        }
    }

    // ---- blocks ------------------------------------------------------------------------------------------------

    // Adds a rule: its slots, and the fields that cut its blocks, the first that is not missing everywhere first. Blocks
    // are cut where they are larger than `cap`, or than what keeps the rule's pairs within `budget`.
    BlockingCounts add_rule(const std::vector<std::vector<KeyPart>> &slots, const std::vector<KeyPart> &cuts,
                            uint64_t cap, uint64_t budget) {
        const uint32_t first_slot = slot_count();
        std::vector<Entry> entries;
        for (uint32_t s = 0; s < slots.size(); ++s) {
            std::vector<std::vector<uint64_t>> by_code;
            for (const KeyPart &part : slots[s]) by_code.push_back(keys_of(part));
            for (uint32_t p = 0; p < profiles_.size(); ++p) {
                uint64_t key = s_salt;
                bool whole = true;
                for (size_t i = 0; i < slots[s].size() && whole; ++i) whole = extend(key, slots[s][i], by_code[i], p);
                if (whole) entries.push_back({key, p, first_slot + s});
            }
        }
        rule_slots_.push_back(first_slot + static_cast<uint32_t>(slots.size()));
        for (size_t s = 0; s < slots.size(); ++s) groups_.emplace_back(profiles_.size(), none);
        BlockingCounts counts;
        std::sort(entries.begin(), entries.end());
        counts.cap = cap = affordable(entries, cap, budget);
        for (const KeyPart &cut : cuts) {
            if (!cut_large(entries, cut, cap, counts)) break;
        }
        uint32_t group = 0;
        each_block(entries, [&](size_t begin, size_t end) {
            const uint64_t n = end - begin, pairs = n * (n - 1) / 2;
            if (n < 2) return;
            if (n > cap) {
                ++counts.left_out_blocks;
                counts.left_out_pairs += pairs;
                counts.largest_left_out = std::max(counts.largest_left_out, n);
                return;
            }
            ++counts.blocks;
            counts.pairs += pairs;
            counts.largest = std::max(counts.largest, n);
            for (size_t i = begin; i < end; ++i) groups_[entries[i].slot][entries[i].profile] = group;
            ++group;
        });
        group_counts_.push_back(group);
        return counts;
    }

    uint32_t rule_count() const { return static_cast<uint32_t>(rule_slots_.size()); }

    // ---- training ----------------------------------------------------------------------------------------------

    // The patterns of pairs that stand `stride` apart in an order, for each stride from `first` to before `last`. The order
    // is that of the profiles' hashes, so these are random pairs, and the same ones whatever the order of arrival.
    std::vector<PatternCount> random_patterns(const uint32_t *order, size_t first, size_t last) const {
        Scratch scratch(*this);
        Counter counter;
        const size_t n = profiles_.size();
        for (size_t stride = first; stride < last; ++stride) {
            for (size_t i = 0; i + stride < n; ++i) {
                ++counter[pattern(scratch, row(order[i]), row(order[i + stride]))];
            }
        }
        return sorted(counter);
    }

    // The patterns of a rule's pairs, of which the hash keeps the share `kept` / 2^32. All pairs for which the
    // rule holds are there; those that no earlier rule owns are marked by `owned_pattern`.
    std::vector<PatternCount> rule_patterns(uint32_t rule, const uint64_t *keys, uint64_t kept) const {
        Scratch scratch(*this);
        Counter counter;
        each_pair(rule, 0, 1, [&](uint32_t p, uint32_t q, uint32_t group, const uint32_t *x, const uint32_t *y) {
            if (!keeps(keys, kept, p, q)) return;
            if (!group_is_first(p, q, rule, group)) return;
            ++counter[pattern(scratch, x, y) | (owned_before(p, q, rule) ? 0 : owned_pattern)];
        });
        return sorted(counter);
    }

    // ---- scoring -----------------------------------------------------------------------------------------------

    // The pairs of a rule that no earlier rule owns and whose weight reaches the threshold. Pairs within one cluster are
    // not looked at; `compared` counts the others, those of earlier rules too. `shard` of `shards` takes its part of the
    // blocks, so that threads share a rule. Of those pairs of which the hash keeps `kept` in 2^32 the ones below the
    // threshold are counted by weight in as many quarters of a bit as `below` has, the last of which ends at the threshold.
    std::vector<Edge> score(uint32_t rule, const Weights &weights, double threshold, const uint32_t *labels,
                            uint32_t shard, uint32_t shards, uint64_t &compared, const uint64_t *keys, uint64_t kept,
                            std::vector<uint64_t> &below) const {
        Scratch scratch(*this);
        const double lowest = threshold - static_cast<double>(below.size()) / 4;
        std::vector<Edge> edges;
        const std::vector<Attainable> bounds = attainable(weights);
        each_pair(rule, shard, shards, [&](uint32_t p, uint32_t q, uint32_t group, const uint32_t *x, const uint32_t *y) {
            if (labels && labels[p] == labels[q]) return;
            ++compared;
            double weight;
            const double least = !below.empty() && keeps(keys, kept, p, q) ? lowest : threshold;
            if (!weigh(scratch, weights, bounds, least, x, y, weight)) return;
            // Asked last: it costs more than most comparisons, and few pairs come so far.
            if (owned_before(p, q, rule) || !group_is_first(p, q, rule, group)) return;
            if (weight >= threshold) {
                edges.push_back({p, q, weight});
            } else {
                ++below[std::min(static_cast<size_t>((weight - lowest) * 4), below.size() - 1)];
            }
        });
        return edges;
    }

    // Each comparison's level and weight for given pairs, and last what was said twice: pair by pair.
    void compare(const uint32_t *left, const uint32_t *right, size_t pairs, const Weights &weights, uint8_t *levels,
                 double *parts) const {
        Scratch scratch(*this);
        const size_t n = comparisons_.size();
        for (size_t i = 0; i < pairs; ++i) {
            Outcome outcome = outcome_of(scratch, row(left[i]), row(right[i]));
            for (size_t c = 0; c < n; ++c) {
                levels[i * n + c] = outcome.level[c];
                parts[i * (n + 1) + c] = part(weights, c, outcome, row(left[i]), row(right[i]));
            }
            parts[i * (n + 1) + n] = excess(weights, outcome, &parts[i * (n + 1)], row(left[i]), row(right[i]));
        }
    }

  private:
    struct Entry {
        uint64_t key;
        uint32_t profile, slot;
        bool operator<(const Entry &o) const { return key != o.key ? key < o.key : profile < o.profile; }
    };
    using Counter = std::unordered_map<uint64_t, uint64_t>;

    // The level of every comparison of a pair, also among the stored levels of its kind, and for one of equal values the
    // column whose values are equal.
    struct Outcome {
        std::array<uint8_t, most_comparisons> level{}, stored{}, column{};
    };

    // What one thread remembers of the levels of different codes.
    struct Scratch {
        static constexpr size_t slots = 1 << 15;
        struct Known {
            uint64_t codes = std::numeric_limits<uint64_t>::max();
            uint8_t level = 0;
        };
        explicit Scratch(const Matching &matching)
            : known(matching.comparisons_.size() * script_count), reached(known.size()) {}
        std::vector<std::vector<Known>> known, reached;
        TextComparer texts;
        Measures measures;
    };

    // Whether the hash of a pair's keys keeps it among `kept` in 2^32.
    static bool keeps(const uint64_t *keys, uint64_t kept, uint32_t p, uint32_t q) {
        const uint64_t a = std::min(keys[p], keys[q]), b = std::max(keys[p], keys[q]);
        return (detail::mix_bits(a * 0x9e3779b97f4a7c15ULL + b) >> 32) < kept;
    }

    static constexpr uint64_t s_salt = 0x656e6973686921ULL;

    const uint32_t *row(uint32_t p) const { return rows_.data() + static_cast<size_t>(p) * width_; }
    uint32_t slot_count() const { return static_cast<uint32_t>(groups_.size()); }
    uint32_t first_slot(uint32_t rule) const { return rule ? rule_slots_[rule - 1] : 0; }

    // ---- keys

    static std::vector<uint64_t> keys_of(const KeyPart &part) {
        std::vector<uint64_t> keys;
        if (part.what <= Keying::day) return keys;
        keys.resize(part.texts->size());
        Text sounds;
        for (uint32_t v = 0; v < keys.size(); ++v) {
            std::string_view text = part.texts->text(v);
            switch (part.what) {
                case Keying::prefix: {
                    size_t at = 0;
                    for (uint32_t i = 0; i < part.length && at < text.size(); ++i) {
                        do ++at;
                        while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80);
                    }
                    text = text.substr(0, at);
                    break;
                }
                case Keying::suffix: {
                    size_t at = text.size();
                    for (uint32_t i = 0; i < part.length && at; ++i) {
                        do --at;
                        while (at && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80);
                    }
                    text = text.substr(at);
                    break;
                }
                case Keying::local_part: text = text.substr(0, text.find('@')); break;
                default:
                    detail::skeletons(text, sounds);
                    if (!sounds.empty()) text = sounds.view();
            }
            keys[v] = detail::hash_text(text);
        }
        return keys;
    }

    bool extend(uint64_t &key, const KeyPart &part, const std::vector<uint64_t> &by_code, uint32_t p) const {
        const uint32_t code = row(p)[part.column];
        if (code == none) return false;
        uint64_t own;
        switch (part.what) {
            case Keying::code: own = code; break;
            case Keying::year: own = code / 10000; break;
            case Keying::month: own = code / 100; break;
            case Keying::day: own = code % 10000; break;
            default: own = by_code[code];
        }
        key = detail::mix_bits(key * 31 + detail::mix_bits(own + (static_cast<uint64_t>(part.table) << 32)));
        return true;
    }

    template <class Visit>
    static void each_block(const std::vector<Entry> &entries, Visit visit) {
        for (size_t i = 0, j; i < entries.size(); i = j) {
            for (j = i + 1; j < entries.size() && entries[j].key == entries[i].key;) ++j;
            visit(i, j);
        }
    }

    // The cap at which blocks that are not cut hold no more pairs than the budget.
    static uint64_t affordable(const std::vector<Entry> &entries, uint64_t cap, uint64_t budget) {
        std::vector<uint64_t> blocks(cap + 1, 0);  // by size
        each_block(entries, [&](size_t begin, size_t end) { blocks[std::min<uint64_t>(end - begin, cap)] += 1; });
        uint64_t pairs = 0;
        for (uint64_t n = 2; n <= cap; ++n) {
            pairs += blocks[n] * (n * (n - 1) / 2);
            if (pairs > budget) return std::max<uint64_t>(n - 1, 2);
        }
        return cap;
    }

    // Cuts blocks over the cap by one more field; false where there was none. Profiles without the field stay together.
    bool cut_large(std::vector<Entry> &entries, const KeyPart &cut, uint64_t cap, BlockingCounts &counts) const {
        std::vector<std::pair<size_t, size_t>> large;
        each_block(entries, [&](size_t begin, size_t end) {
            if (end - begin > cap) large.emplace_back(begin, end);
        });
        if (large.empty()) return false;
        const std::vector<uint64_t> by_code = keys_of(cut);
        for (const auto &[begin, end] : large) {
            ++counts.cut_blocks;
            for (size_t i = begin; i < end; ++i) {
                if (!extend(entries[i].key, cut, by_code, entries[i].profile)) entries[i].key = detail::mix_bits(entries[i].key);
            }
        }
        std::sort(entries.begin(), entries.end());
        return true;
    }

    // ---- pairs

    template <class Visit>
    void each_pair(uint32_t rule, uint32_t shard, uint32_t shards, Visit visit) const {
        const uint32_t from = first_slot(rule), to = rule_slots_[rule], groups = group_counts_[rule];
        std::vector<uint32_t> ends(static_cast<size_t>(groups) + 1, 0);
        const auto mine = [&](uint32_t group) { return group != none && group % shards == shard; };
        for (uint32_t s = from; s < to; ++s) {
            for (const uint32_t group : groups_[s]) {
                if (mine(group)) ++ends[group + 1];
            }
        }
        for (size_t i = 1; i < ends.size(); ++i) ends[i] += ends[i - 1];
        std::vector<uint32_t> members(ends.back()), at(ends.begin(), ends.end() - 1);
        for (uint32_t s = from; s < to; ++s) {
            for (uint32_t p = 0; p < profiles_.size(); ++p) {
                if (mine(groups_[s][p])) members[at[groups_[s][p]]++] = p;
            }
        }
        // A block's rows are fetched once each, ahead of their use, and stand together while its pairs are made.
        constexpr uint32_t ahead = 24;
        std::vector<uint32_t> rows;
        for (uint32_t group = 0; group < groups; ++group) {
            const uint32_t begin = ends[group], n = ends[group + 1] - begin;
            rows.resize(static_cast<size_t>(n) * width_);
            for (uint32_t i = 0; i < n; ++i) {
                if (begin + i + ahead < members.size()) {
                    const uint32_t *const later = row(members[begin + i + ahead]);
                    for (uint32_t c = 0; c < width_; c += 16) __builtin_prefetch(later + c);
                }
                std::copy_n(row(members[begin + i]), width_, &rows[static_cast<size_t>(i) * width_]);
            }
            for (uint32_t i = 0; i < n; ++i) {
                const uint32_t *const x = &rows[static_cast<size_t>(i) * width_];
                for (uint32_t j = i + 1; j < n; ++j) {
                    const uint32_t p = members[begin + i], q = members[begin + j];
                    if (p != q) visit(p, q, group, x, &rows[static_cast<size_t>(j) * width_]);
                }
            }
        }
    }

    bool owned_before(uint32_t p, uint32_t q, uint32_t rule) const {
        for (uint32_t r = 0; r < rule; ++r) {
            for (uint32_t a = first_slot(r); a < rule_slots_[r]; ++a) {
                const uint32_t group = groups_[a][p];
                if (group == none) continue;
                for (uint32_t b = first_slot(r); b < rule_slots_[r]; ++b) {
                    if (groups_[b][q] == group) return true;
                }
            }
        }
        return false;
    }

    // Whether a pair that shares several blocks of one rule is met in the first of them.
    bool group_is_first(uint32_t p, uint32_t q, uint32_t rule, uint32_t group) const {
        const uint32_t from = first_slot(rule), to = rule_slots_[rule];
        if (to - from == 1) return true;
        for (uint32_t a = from; a < to; ++a) {
            if (groups_[a][p] >= group) continue;
            for (uint32_t b = from; b < to; ++b) {
                if (groups_[b][q] == groups_[a][p]) return false;
            }
        }
        return true;
    }

    // ---- levels

    uint8_t level_of(Scratch &scratch, size_t c, size_t table, const ValueTable *texts, uint32_t a, uint32_t b) const {
        if (a > b) std::swap(a, b);
        const std::vector<Letters> &letters = letters_[c][table];
        if (letters.size() > Scratch::slots) {
            // Of so many values the same two rarely come again.
            if (surely_different(comparisons_[c].kind, letters[a], letters[b])) return level::different;
            return scratch.texts(comparisons_[c].kind, texts->text(a), texts->text(b));
        }
        const uint64_t codes = static_cast<uint64_t>(a) << 32 | b;
        std::vector<typename Scratch::Known> &all = scratch.known[c * script_count + table];
        if (all.empty()) all.resize(Scratch::slots);
        typename Scratch::Known &known = all[detail::mix_bits(codes) % Scratch::slots];
        if (known.codes != codes) {
            known.codes = codes;
            known.level = !letters.empty() && surely_different(comparisons_[c].kind, letters[a], letters[b])
                              ? level::different
                              : scratch.texts(comparisons_[c].kind, texts->text(a), texts->text(b));
        }
        return known.level;
    }

    // A part of the name, or the whole, over the scripts in which both are written. Equal in one script and different in
    // another is a reading that two writings share. A resemblance of readings says nothing where the characters are known.
    uint8_t name_level(Scratch &scratch, size_t c, const uint32_t *x, const uint32_t *y, uint8_t &column) const {
        const Comparison &comparison = comparisons_[c];
        uint8_t best = level::missing;
        bool equal = false, differs = false, characters = false;
        for (size_t s = 0; s < script_count; ++s) {
            if (comparison.columns[s] == none) continue;
            const uint32_t a = x[comparison.columns[s]], b = y[comparison.columns[s]];
            if (a == none || b == none) continue;
            if (a == b) {
                if (!equal) column = static_cast<uint8_t>(s);
                equal = true;
                continue;
            }
            differs = true;
            if (characters) continue;
            const bool variants = s == han_script && spellings_[c][a] == spellings_[c][b];
            const uint8_t level = variants ? variant_level(c) : level_of(scratch, c, s, comparison.texts[s], a, b);
            if (level > best) {
                best = level;
                if (!equal) column = static_cast<uint8_t>(s);
            }
            characters = s == han_script;
        }
        if (equal) return differs ? std::max(best, level::reading) : level::equal_name;
        return best;
    }

    // A whole name has no level for variants.
    uint8_t variant_level(size_t c) const { return c == name_ ? level::reading : level::variant; }

    // Whether one part of a name is the other part there and the other way around, in one script.
    bool parts_swapped(Scratch &scratch, const uint32_t *x, const uint32_t *y) const {
        const Comparison &given = comparisons_[given_], &family = comparisons_[family_];
        for (size_t s = 0; s < script_count; ++s) {
            if (given.columns[s] == none || family.columns[s] == none) continue;
            const uint32_t g = x[given.columns[s]], h = y[given.columns[s]];
            const uint32_t f = x[family.columns[s]], e = y[family.columns[s]];
            if (g == none || h == none || f == none || e == none) continue;
            if (letters_apart(s, g, e) || letters_apart(s, h, f)) continue;
            const std::string_view g_text = given.texts[s]->text(g), h_text = given.texts[s]->text(h);
            const std::string_view f_text = family.texts[s]->text(f), e_text = family.texts[s]->text(e);
            const auto same = [&](std::string_view a, std::string_view b) {
                return a == b || (!a.empty() && !b.empty() && scratch.texts(Comparing::given_name, a, b) >= level::close);
            };
            if (same(g_text, e_text) && same(f_text, h_text)) return true;
        }
        return false;
    }

    // Whether two names say that they are of different generations (Smith Jr, Smith Sr).
    bool generations_apart(const uint32_t *x, const uint32_t *y) const {
        const auto told = [&](const uint32_t *row) {
            uint8_t which = 0;
            for (const size_t c : {given_, family_}) {
                const uint32_t column = comparisons_[c].columns[latin_script];
                if (column != none && row[column] != none && !which) which = generations_[c][row[column]];
            }
            return which;
        };
        if (!generations_told_) return false;
        const uint8_t one = told(x), other = told(y);
        return one && other && one != other;
    }

    bool letters_apart(size_t script, uint32_t given, uint32_t family) const {
        return surely_different(Comparing::given_name, letters_[given_][script][given], letters_[family_][script][family]);
    }

    static bool has_letters(Comparing kind) {
        return kind != Comparing::name && kind != Comparing::date && kind != Comparing::opaque &&
               kind != Comparing::address;
    }

    uint8_t field_level(Scratch &scratch, size_t c, const uint32_t *x, const uint32_t *y, uint8_t &column) const {
        const Comparison &comparison = comparisons_[c];
        if (comparison.kind == Comparing::date) return compare_dates(x[comparison.columns[0]], y[comparison.columns[0]]);
        uint8_t best = level::missing;
        for (const uint32_t i : comparison.columns) {
            const uint32_t a = x[i];
            if (a == none) continue;
            for (const uint32_t j : comparison.columns) {
                const uint32_t b = y[j];
                if (b == none) continue;
                if (a == b) {
                    column = static_cast<uint8_t>(&i - comparison.columns.data());
                    return top_level(comparison.kind);
                }
                const bool opaque = comparison.kind == Comparing::opaque;
                best = std::max(best, opaque ? level::different : level_of(scratch, c, 0, comparison.texts[0], a, b));
            }
        }
        return best;
    }

    uint8_t compare_one(Scratch &scratch, size_t c, const uint32_t *x, const uint32_t *y, uint8_t &column) const {
        if (c == given_ || c == family_) return name_level(scratch, c, x, y, column);
        return field_level(scratch, c, x, y, column);
    }

    // The first of a comparison's own levels that two codes reach by a measure.
    size_t first_reached(Scratch &scratch, size_t c, size_t table, uint32_t a, uint32_t b) const {
        const Comparison &comparison = comparisons_[c];
        if (a > b) std::swap(a, b);
        const uint64_t codes = static_cast<uint64_t>(a) << 32 | b;
        std::vector<typename Scratch::Known> &all = scratch.reached[c * script_count + table];
        if (all.empty()) all.resize(Scratch::slots);
        typename Scratch::Known &known = all[detail::mix_bits(codes) % Scratch::slots];
        if (known.codes == codes) return known.level;
        const ValueTable *const texts = comparison.texts[table];
        const size_t reached = texts ? scratch.measures.first_reached(comparison.levels, texts->text(a), texts->text(b))
                                     : scratch.measures.first_reached(comparison.levels, a, b);
        known = {codes, static_cast<uint8_t>(reached)};
        return reached;
    }

    // The level of one's own that a pair reaches whose stored level is known: by that, or by any two of its values.
    uint8_t own_level(Scratch &scratch, size_t c, uint8_t stored, const uint32_t *x, const uint32_t *y) const {
        const Comparison &comparison = comparisons_[c];
        if (stored == level::missing) return level::missing;
        if (stored == top_level(comparison.kind)) return top_level(comparison);
        const std::vector<Level> &levels = comparison.levels;
        size_t reached = 0;
        while (reached < levels.size() && !(levels[reached].measure == Measure::stored && stored >= levels[reached].bound)) {
            ++reached;
        }
        const bool by_script = is_name(comparison.kind);
        for (size_t i = 0; i < comparison.columns.size(); ++i) {
            const uint32_t a = comparison.columns[i] == none ? none : x[comparison.columns[i]];
            if (a == none) continue;
            for (size_t j = by_script ? i : 0; j < (by_script ? i + 1 : comparison.columns.size()); ++j) {
                const uint32_t b = y[comparison.columns[j]];
                if (b != none) reached = std::min(reached, first_reached(scratch, c, by_script ? i : 0, a, b));
            }
        }
        return static_cast<uint8_t>(top_level(comparison) - 1 - reached);
    }

    // Settles the level of a comparison whose stored level is known.
    void settle_level(Scratch &scratch, Outcome &outcome, size_t c, const uint32_t *x, const uint32_t *y) const {
        const bool own = !comparisons_[c].levels.empty();
        outcome.level[c] = own ? own_level(scratch, c, outcome.stored[c], x, y) : outcome.stored[c];
    }

    // Parts of names where both records have both, swapped ones as one outcome of the given name; else the whole names,
    // where both have them.
    void settle_names(Scratch &scratch, Outcome &outcome, const uint32_t *x, const uint32_t *y) const {
        if (given_ < most_comparisons && family_ < most_comparisons) {
            uint8_t &given = outcome.stored[given_], &family = outcome.stored[family_];
            if (given && family) {
                // Father and son by name are two bearers of one given name.
                if (generations_apart(x, y)) given = level::different;
                if (given < level::swapped && family < level::swapped && parts_swapped(scratch, x, y)) {
                    // One outcome, not two.
                    given = level::swapped;
                    family = level::missing;
                }
                return;
            }
            if (name_ == most_comparisons) return;
            outcome.stored[name_] = name_level(scratch, name_, x, y, outcome.column[name_]);
            if (outcome.stored[name_]) given = family = level::missing;
        }
    }

    Outcome outcome_of(Scratch &scratch, const uint32_t *x, const uint32_t *y) const {
        Outcome outcome;
        for (size_t c = 0; c < comparisons_.size(); ++c) {
            if (c != name_) outcome.stored[c] = compare_one(scratch, c, x, y, outcome.column[c]);
        }
        settle_names(scratch, outcome, x, y);
        for (size_t c = 0; c < comparisons_.size(); ++c) settle_level(scratch, outcome, c, x, y);
        return outcome;
    }

    uint64_t pattern(Scratch &scratch, const uint32_t *x, const uint32_t *y) const {
        const Outcome outcome = outcome_of(scratch, x, y);
        uint64_t pattern = 0;
        for (size_t c = 0; c < comparisons_.size(); ++c) pattern |= static_cast<uint64_t>(outcome.level[c]) << (4 * c);
        return pattern;
    }

    static std::vector<PatternCount> sorted(const Counter &counter) {
        std::vector<PatternCount> counts;
        for (const auto &[pattern, count] : counter) counts.push_back({pattern, count});
        std::sort(counts.begin(), counts.end());
        return counts;
    }

    // ---- weights

    // What a comparison adds. An attribute never links alone, however rare its value.
    double part(const Weights &weights, size_t c, const Outcome &outcome, const uint32_t *x, const uint32_t *y) const {
        const double weight = unlimited_part(weights, c, outcome, x, y);
        return is_attribute(comparisons_[c].kind) ? std::min(weight, weights.limit) : weight;
    }

    static bool is_attribute(Comparing kind) {
        return kind != Comparing::typed && kind != Comparing::opaque && kind != Comparing::email;
    }

    double unlimited_part(const Weights &weights, size_t c, const Outcome &outcome, const uint32_t *x,
                          const uint32_t *y) const {
        const Comparison &comparison = comparisons_[c];
        const uint8_t level = outcome.level[c];
        if (level == level::missing) return 0;
        const double weight = weights.level[c][level];
        if (level == level::different || weights.frequency[c].empty()) return weight;
        const auto adjusted = [&](size_t column, uint32_t code) {
            const std::vector<double> &table = weights.frequency[c][column];
            const size_t at = comparison.kind == Comparing::date ? detail::day_index(code, weights.first_year) : code;
            return at < table.size() ? table[at] : 0.0;
        };
        // A value that resembles a frequent one says no more than the frequent one itself would.
        const bool equal = level == top_level(comparison);
        const auto of = [&](size_t column, uint32_t a, uint32_t b) {
            if (equal) return weight + adjusted(column, a);
            return std::min(weight, weights.equal[c][level] + std::min(adjusted(column, a), adjusted(column, b)));
        };
        const size_t column = outcome.column[c];
        if (c == given_ || c == family_ || c == name_) {
            const uint32_t a = x[comparison.columns[column]], b = y[comparison.columns[column]];
            // Whether a name has another form, or is shortened, depends on the name, among one person's records as
            // among strangers'.
            const uint8_t stored = outcome.stored[c];
            const bool any = stored == level::swapped || stored == level::shortened || stored == level::other_form;
            return any || a == none || b == none ? weight : of(column, a, b);
        }
        if (comparison.columns.size() == 1) return of(0, x[comparison.columns[0]], y[comparison.columns[0]]);
        // Of several equal values the rarest one speaks.
        double most = equal ? -std::numeric_limits<double>::infinity() : weight;
        for (const uint32_t i : comparison.columns) {
            for (const uint32_t j : comparison.columns) {
                if (equal && x[i] != none && x[i] == y[j]) most = std::max(most, of(0, x[i], x[i]));
            }
        }
        return most;
    }

    // The most that a comparison can add: without values, with different ones, with an equal one.
    struct Attainable {
        std::array<double, 3> by_meeting{};
    };

    std::vector<Attainable> attainable(const Weights &weights) const {
        std::vector<Attainable> most(comparisons_.size());
        for (size_t c = 0; c < comparisons_.size(); ++c) {
            const uint8_t top = top_level(comparisons_[c]);
            auto &[missing, unequal, equal] = most[c].by_meeting;
            unequal = weights.level[c][level::different];
            for (uint8_t l = level::different; l < top; ++l) unequal = std::max(unequal, weights.level[c][l]);
            double rarest = 0;
            for (const auto &table : weights.frequency[c]) {
                for (const double weight : table) rarest = std::max(rarest, weight);
            }
            equal = weights.level[c][top] + rarest;
        }
        return most;
    }

    // Names first, which depend on each other and are soon known by heart; then the others, the cheap ones first, until what
    // is left cannot lift the pair to the threshold. The sum of a pair that is kept is formed in the order of the
    // comparisons.
    bool weigh(Scratch &scratch, const Weights &weights, const std::vector<Attainable> &attainable, double threshold,
               const uint32_t *x, const uint32_t *y, double &weight) const {
        Outcome outcome;
        std::array<double, most_comparisons> parts;  // what is known, or the most that is possible
        const size_t n = comparisons_.size();
        size_t open = 0;  // where names begin: before it stands what is not known yet
        for (; open < n && !is_name(comparisons_[open].kind); ++open) {
            parts[open] = attainable[open].by_meeting[meeting(comparisons_[open], x, y)];
        }
        for (size_t c = open; c < n; ++c) {
            if (c != name_) outcome.stored[c] = compare_one(scratch, c, x, y, outcome.column[c]);
        }
        settle_names(scratch, outcome, x, y);
        for (size_t c = open; c < n; ++c) {
            settle_level(scratch, outcome, c, x, y);
            parts[c] = part(weights, c, outcome, x, y);
        }
        const bool other_name = given_ < most_comparisons && outcome.stored[given_] == level::different;
        const auto shared_part = [&](size_t c) {
            return is_shared(weights, c, other_name, parts[c]) ? parts[c] : 0.0;
        };
        double most = weights.prior, shared = 0;
        for (size_t c = 0; c < n; ++c) most += parts[c], shared += shared_part(c);
        for (size_t c = 0;; ++c) {
            if (most + std::min(0.0, weights.limit - shared) + slack < threshold) return false;
            if (c == open) break;
            most -= parts[c], shared -= shared_part(c);
            outcome.stored[c] = compare_one(scratch, c, x, y, outcome.column[c]);
            settle_level(scratch, outcome, c, x, y);
            parts[c] = part(weights, c, outcome, x, y);
            most += parts[c], shared += shared_part(c);
        }
        weight = weights.prior;
        for (size_t i = 0; i < n; ++i) weight += parts[i];
        weight += excess(weights, outcome, parts.data(), x, y);
        return weight >= threshold;
    }

    static bool is_name(Comparing kind) {
        return kind == Comparing::given_name || kind == Comparing::family_name || kind == Comparing::name;
    }

    // Whether two records have no value to compare, different ones, or an equal one.
    static size_t meeting(const Comparison &comparison, const uint32_t *x, const uint32_t *y) {
        size_t met = 0;
        for (const uint32_t i : comparison.columns) {
            if (x[i] == none) continue;
            for (const uint32_t j : comparison.columns) {
                if (y[j] != none) met = std::max<size_t>(met, x[i] == y[j] ? 2 : 1);
            }
        }
        return met;
    }

    static Sharing sharing(const Comparison &comparison, uint32_t code) {
        return code < comparison.sharing.size() ? static_cast<Sharing>(comparison.sharing[code]) : Sharing::none;
    }

    // Whether people who live together share this: twins their birth date too. What speaks against one person always counts.
    bool is_shared(const Weights &weights, size_t c, bool other_name, double part) const {
        return part > 0 && (weights.household[c] || (other_name && comparisons_[c].kind == Comparing::date));
    }

    // How two birth dates compare; a son who is a generation younger may bear his father's name.
    enum class Births : uint8_t { unlike, near, generation_apart };
    Births births(const Outcome &outcome, const uint32_t *x, const uint32_t *y) const {
        for (size_t c = 0; c < comparisons_.size(); ++c) {
            if (comparisons_[c].kind != Comparing::date) continue;
            const uint32_t column = comparisons_[c].columns[0];
            if (outcome.stored[c] >= level::other_year) return Births::near;
            const bool different = outcome.stored[c] == level::different;
            if (different && enishi::generation_apart(x[column], y[column])) return Births::generation_apart;
        }
        return Births::unlike;
    }

    // Whether what agrees in an identifier are values alone that people who live together carry.
    bool is_contested(size_t c, uint8_t level, bool conflict, const uint32_t *x, const uint32_t *y) const {
        const Comparison &comparison = comparisons_[c];
        if (comparison.sharing.empty() || level <= level::different) return false;
        const bool equal = level == top_level(comparison);
        bool contested = false;
        for (const uint32_t i : comparison.columns) {
            for (const uint32_t j : comparison.columns) {
                if (x[i] == none || y[j] == none || (equal && x[i] != y[j])) continue;
                const auto of_home = [&](uint32_t code) {
                    const Sharing known = sharing(comparison, code);
                    return known == Sharing::contested || (known == Sharing::contested_personal && conflict);
                };
                const bool either = of_home(x[i]) || of_home(y[j]);
                if (equal && !either) return false;
                contested = contested || either;
            }
        }
        return contested;
    }

    // What is taken off because it was said before. What a household shares counts up to its limit. So do names with it,
    // but for what namesakes in one home are rare, and so does an identifier that is nearly the same, where nothing else
    // agrees: two of one name are many, and a misspelling needs support. Of two who differ in name, or are a generation apart, it is their household's way of making addresses.
    // An email that resembles another only says once more that the names do.
    double excess(const Weights &weights, const Outcome &outcome, const double *parts, const uint32_t *x,
                  const uint32_t *y) const {
        const uint8_t given = given_ < most_comparisons ? outcome.stored[given_] : level::missing;
        const uint8_t name = name_ < most_comparisons ? outcome.stored[name_] : level::missing;
        const Births born = births(outcome, x, y);
        const bool other_name = given == level::different || name == level::different;
        const bool family = born == Births::generation_apart, conflict = other_name && born != Births::near;
        const bool named = given > level::different || name > level::different;
        double shared = 0, elsewhere = 0, said = 0, names = 0, near = 0, personal = 0;
        for (size_t c = 0; c < comparisons_.size(); ++c) {
            const Comparing kind = comparisons_[c].kind;
            const double part = std::max(parts[c], 0.0);
            const bool nearly = !is_attribute(kind) && outcome.level[c] < top_level(comparisons_[c]);
            if (kind == Comparing::email && outcome.stored[c] == level::alike_email && named) {
                said += part;
            } else if (is_shared(weights, c, other_name, part) || (family && is_name(kind)) ||
                       ((family || other_name) && nearly) || is_contested(c, outcome.level[c], conflict, x, y)) {
                shared += part;
                if (!is_name(kind)) elsewhere += part;
            } else {
                (is_name(kind) ? names : nearly ? near : personal) += part;
            }
        }
        const bool alone = personal < supporting && (names < supporting || near < supporting);
        if (!alone) return std::min(0.0, weights.limit - shared) - said;
        // Who lives where a namesake does: that they share more than the family name shows a home, and that few bear one
        // given name in a home is known of all.
        const double at_home = near < supporting && elsewhere >= weights.namesake ? std::min(names, weights.namesake) : 0.0;
        return std::min(0.0, weights.limit + at_home - shared - names - near) - said;
    }

    static constexpr double supporting = 1.0;  // bits: any agreement that deserves the name
    static constexpr double slack = 1e-6;  // what rounding could take from a bound

    const ProfileTable &profiles_;
    std::vector<Comparison> comparisons_;
    uint32_t width_;
    std::vector<uint32_t> rows_;
    std::vector<std::vector<std::vector<Letters>>> letters_;  // by comparison, table and code
    std::vector<std::vector<uint64_t>> spellings_;            // of names, by comparison and code of Han characters
    std::vector<std::vector<uint8_t>> generations_;           // of names, by comparison and code of Latin letters
    bool generations_told_ = false;
    size_t given_ = most_comparisons, family_ = most_comparisons, name_ = most_comparisons;
    std::vector<std::vector<uint32_t>> groups_;  // by slot and profile: its block, or none
    std::vector<uint32_t> rule_slots_;           // by rule: where its slots end
    std::vector<uint32_t> group_counts_;         // by rule
};

}  // namespace enishi
