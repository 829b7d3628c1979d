// Blocking rules -> blocks of profiles, and which block of a pair is its first.
//
// A rule is a conjunction of keys; profiles with equal keys are one block. A rule may have several ways to hold (two phone
// columns; a name in Han characters or in kana): one slot each. Blocks over the cap are cut by the next field in a list
// until they are small; what cannot be cut is counted and left out.
//
// Blocks of all rules are numbered on from each other, and each profile keeps its numbers in ascending order. A pair
// belongs to the first block that its two lists have in common, so no pair is kept twice although none is ever written
// down. Most blocks bring together what an earlier one did: where one holds all of another's members, it is found once
// for the block.
//
// Memory is eight bytes for each profile of each block.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "compared_rows.hpp"
#include "given_names.hpp"
#include "name_forms.hpp"
#include "rare_words.hpp"
#include "value_table.hpp"

namespace enishi {

enum class Keying : uint8_t { code, year, month, day, prefix, suffix, local_part, skeleton, rare_word };

// What a profile has to share with another in one column.
struct KeyPart {
    Keying what = Keying::code;
    uint32_t column = 0;
    const ValueTable *texts = nullptr;
    uint32_t table = 0;   // the number of the texts: codes of two tables have nothing to say to each other
    uint32_t length = 0;  // of a prefix or suffix; of a rare word, how many are rarer
};

struct BlockingCounts {
    uint64_t pairs = 0, blocks = 0, largest = 0, cap = 0, cut_blocks = 0, left_out_blocks = 0, left_out_pairs = 0,
             largest_left_out = 0;
};

struct BlockOptions {
    uint64_t cap = 0;     // profiles of a block, beyond which it is cut
    uint64_t budget = 0;  // pairs of a rule, beyond which blocks are cut earlier
    uint64_t kept = uint64_t{1} << 32;  // profiles of which the hash keeps so many in 2^32 are put in blocks
    bool across = false;  // whether blocks within one cluster, which have nothing to score, are counted only
};

namespace detail {

inline uint64_t hash_text(std::string_view text) {
    uint64_t h = 0x9e3779b97f4a7c15ULL + text.size();
    for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL, h ^= h >> 29;
    return mix_bits(h);
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

// A profile's key by one way in which a rule holds.
struct BlockEntry {
    uint64_t key;
    uint32_t place;
};

// Sorts by key, and leaves equal keys in the order in which they came. Keys are hashes: three passes order them by their
// first 33 bits, and the few that agree in these are put right after.
class EntrySort {
  public:
    void operator()(std::vector<BlockEntry> &entries) {
        other_.resize(entries.size());
        for (const uint32_t shift : {31u, 42u, 53u}) {
            std::array<size_t, digits> at{};
            for (const BlockEntry &entry : entries) ++at[entry.key >> shift & (digits - 1)];
            size_t total = 0;
            for (size_t &each : at) total += std::exchange(each, total);
            for (const BlockEntry &entry : entries) other_[at[entry.key >> shift & (digits - 1)]++] = entry;
            entries.swap(other_);
        }
        for (size_t i = 0, j; i < entries.size(); i = j) {
            bool whole = true;
            for (j = i + 1; j < entries.size() && entries[j].key >> 31 == entries[i].key >> 31; ++j) {
                whole &= entries[j].key == entries[i].key;
            }
            if (whole) continue;
            std::stable_sort(entries.begin() + static_cast<std::ptrdiff_t>(i), entries.begin() + static_cast<std::ptrdiff_t>(j),
                             [](const BlockEntry &a, const BlockEntry &b) { return a.key < b.key; });
        }
    }

  private:
    static constexpr size_t digits = 1 << 11;
    std::vector<BlockEntry> other_;
};

}  // namespace detail

// The blocks of one rule, one after the other, each in ascending order.
struct RuleBlocks {
    std::vector<uint32_t> members;
    std::vector<uint32_t> ends{0};  // of block b from ends[b] to ends[b + 1]
    BlockingCounts counts;
    size_t size() const { return ends.size() - 1; }
};

// Makes the blocks of one rule after the other; one for each thread, for it keeps its scratch.
class Blocker {
  public:
    // sampled: by place, the key by which profiles are kept. cuts: the fields that cut blocks, the first that is not missing
    // everywhere first.
    RuleBlocks operator()(const ProfileTable &profiles, const ComparedRows &rows, const std::vector<uint64_t> &sampled,
                          const std::vector<std::vector<KeyPart>> &slots, const std::vector<KeyPart> &cuts, const BlockOptions &options) {
        entries_.clear();
        for (const std::vector<KeyPart> &slot : slots) {
            std::vector<Keys> keys;
            for (const KeyPart &part : slot) keys.emplace_back(profiles, rows, part);
            for (uint32_t at = 0; at < rows.size(); ++at) {
                if (at + ahead < rows.size()) {
                    for (const Keys &part : keys) part.prefetch(rows.profile(at + ahead));
                }
                if (!detail::keeps(options.kept, sampled[at])) continue;
                const uint32_t profile = rows.profile(at);
                uint64_t key = salt;
                if (std::all_of(keys.begin(), keys.end(), [&](const Keys &part) { return part.extend(key, profile); })) {
                    entries_.push_back({key, at});
                }
            }
        }
        RuleBlocks made;
        BlockingCounts &counts = made.counts;
        order(slots.size() > 1);
        const uint64_t cap = counts.cap = affordable(options.cap, options.budget);
        for (const KeyPart &cut : cuts) {
            if (!cut_large(profiles, rows, cut, cap, counts)) break;
            order(false);
        }
        each_block([&](size_t begin, size_t end) {
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
            if (options.across && rows.cluster(entries_[begin].place) == rows.cluster(entries_[end - 1].place)) return;
            for (size_t i = begin; i < end; ++i) made.members.push_back(entries_[i].place);
            if (made.members.size() >= none) throw std::length_error("more profiles in blocks than a number counts");
            made.ends.push_back(static_cast<uint32_t>(made.members.size()));
        });
        made.members.shrink_to_fit();
        return made;
    }

  private:
    using Entry = detail::BlockEntry;
    static constexpr uint64_t salt = 0x656e6973686921ULL;

    static constexpr uint32_t ahead = 16;  // profiles, whose codes are fetched before they are read

    // What one part of a key is in each profile.
    class Keys {
      public:
        Keys(const ProfileTable &profiles, const ComparedRows &rows, const KeyPart &part)
            : part_(part), codes_(profiles.column(part.column).data()), by_code_(keys_of(part)), ignored_(rows.ignored(part.column)) {}

        void prefetch(uint32_t profile) const { __builtin_prefetch(&codes_[profile]); }

        // Adds it to a key; false where the profile has none.
        bool extend(uint64_t &key, uint32_t profile) const {
            const uint32_t code = codes_[profile];
            if (code == none || (code < ignored_.size() && ignored_[code])) return false;
            uint64_t own;
            switch (part_.what) {
                case Keying::code: own = code; break;
                case Keying::year: own = code / 10000; break;
                case Keying::month: own = code / 100; break;
                case Keying::day: own = code % 10000; break;
                default: own = by_code_[code];
            }
            if (part_.what == Keying::rare_word && own == RareWords::missing) return false;
            key = detail::mix_bits(key * 0x9e3779b97f4a7c15ULL + own + (static_cast<uint64_t>(part_.table) << 32));
            return true;
        }

      private:
        KeyPart part_;
        const uint32_t *codes_;
        std::vector<uint64_t> by_code_;
        std::vector<bool> ignored_;
    };

    static std::vector<uint64_t> keys_of(const KeyPart &part) {
        std::vector<uint64_t> keys;
        if (part.what <= Keying::day) return keys;
        if (part.what == Keying::rare_word) return RareWords(*part.texts).of_rank(part.length);
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

    // Several ways may bring a profile to a block more than once.
    void order(bool several) {
        sort_(entries_);
        if (!several) return;
        size_t kept = 0;
        each_block([&](size_t begin, size_t end) {
            const auto first = entries_.begin() + static_cast<std::ptrdiff_t>(begin), last = entries_.begin() + static_cast<std::ptrdiff_t>(end);
            const auto less = [](const Entry &a, const Entry &b) { return a.place < b.place; };
            if (!std::is_sorted(first, last, less)) std::sort(first, last, less);
            const auto unique = std::unique(first, last, [](const Entry &a, const Entry &b) { return a.place == b.place; });
            for (auto entry = first; entry != unique; ++entry) entries_[kept++] = *entry;
        });
        entries_.resize(kept);
    }

    template <class Visit>
    void each_block(Visit visit) const {
        for (size_t i = 0, j; i < entries_.size(); i = j) {
            const uint64_t key = entries_[i].key;
            for (j = i + 1; j < entries_.size() && entries_[j].key == key;) ++j;
            visit(i, j);
        }
    }

    // The cap at which blocks that are not cut hold no more pairs than the budget.
    uint64_t affordable(uint64_t cap, uint64_t budget) const {
        std::vector<uint64_t> blocks(cap + 1, 0);  // by size
        each_block([&](size_t begin, size_t end) { blocks[std::min<uint64_t>(end - begin, cap)] += 1; });
        uint64_t pairs = 0;
        for (uint64_t n = 2; n <= cap; ++n) {
            pairs += blocks[n] * (n * (n - 1) / 2);
            if (pairs > budget) return std::max<uint64_t>(n - 1, 2);
        }
        return cap;
    }

    // Cuts blocks over the cap by one more field; false where there was none. Profiles without the field stay together.
    bool cut_large(const ProfileTable &profiles, const ComparedRows &rows, const KeyPart &cut, uint64_t cap, BlockingCounts &counts) {
        std::vector<std::pair<size_t, size_t>> large;
        each_block([&](size_t begin, size_t end) {
            if (end - begin > cap) large.emplace_back(begin, end);
        });
        if (large.empty()) return false;
        const Keys keys(profiles, rows, cut);
        for (const auto &[begin, end] : large) {
            ++counts.cut_blocks;
            for (size_t i = begin; i < end; ++i) {
                if (!keys.extend(entries_[i].key, rows.profile(entries_[i].place))) {
                    entries_[i].key = detail::mix_bits(entries_[i].key);
                }
            }
        }
        return true;
    }

    std::vector<Entry> entries_;
    detail::EntrySort sort_;
};

// The blocks of all rules, and of each profile those that it is in.
class Blocks {
  public:
    struct Block {
        const uint32_t *members;
        uint32_t size, number;
        const uint32_t *begin() const { return members; }
        const uint32_t *end() const { return members + size; }
    };

    // After all rules: a pair is asked for by place.
    void add(RuleBlocks &&blocks) {
        const uint64_t total = uint64_t{first_.back()} + blocks.size();
        if (total >= none) throw std::length_error("more blocks than a number counts");
        rules_.push_back(std::move(blocks));
        first_.push_back(static_cast<uint32_t>(total));
    }

    // Forgets the rules that are not kept; lists are to be given again.
    void keep(const std::vector<bool> &kept) {
        if (kept.size() != rules_.size()) throw std::invalid_argument("each rule is kept or not");
        std::vector<RuleBlocks> rules = std::move(rules_);
        rules_.clear();
        first_.assign(1, 0);
        for (size_t r = 0; r < kept.size(); ++r) {
            if (kept[r]) add(std::move(rules[r]));
        }
    }

    // Gives each of so many profiles its list. To be called for all parts, at once or one after the other, after `prepare`.
    void prepare(uint32_t profiles) {
        ends_.assign(size_t{profiles} + 1, 0);
        for (const RuleBlocks &rule : rules_) {
            for (const uint32_t place : rule.members) ++ends_[size_t{place} + 1];
        }
        for (size_t at = 1; at < ends_.size(); ++at) ends_[at] += ends_[at - 1];
        numbers_ = {};  // what is not needed any more goes back
        numbers_.resize(ends_.back());
    }
    void index(uint32_t part, uint32_t parts) {
        const size_t profiles = ends_.size() - 1, from = profiles * part / parts, to = profiles * (part + 1) / parts;
        std::vector<uint64_t> at(ends_.begin() + static_cast<std::ptrdiff_t>(from), ends_.begin() + static_cast<std::ptrdiff_t>(to));
        for (uint32_t r = 0; r < rules(); ++r) {
            for (size_t b = 0; b < rules_[r].size(); ++b) {
                for (const uint32_t place : block(r, b)) {
                    if (place >= from && place < to) numbers_[at[place - from]++] = first_[r] + static_cast<uint32_t>(b);
                }
            }
        }
    }

    uint32_t rules() const { return static_cast<uint32_t>(rules_.size()); }
    size_t size(uint32_t rule) const { return rules_[rule].size(); }
    uint32_t first(uint32_t rule) const { return first_[rule]; }
    Block block(uint32_t rule, size_t b) const {
        const RuleBlocks &all = rules_[rule];
        return {all.members.data() + all.ends[b], all.ends[b + 1] - all.ends[b], first_[rule] + static_cast<uint32_t>(b)};
    }

    // The first block from number `least` on that two profiles have in common, or `none`.
    uint32_t common(uint32_t p, uint32_t q, uint32_t least = 0) const {
        const uint32_t *a = list(p), *const a_end = list(p + 1), *b = list(q), *const b_end = list(q + 1);
        if (least) a = std::lower_bound(a, a_end, least), b = std::lower_bound(b, b_end, least);
        while (a != a_end && b != b_end) {
            if (*a == *b) return *a;
            const bool less = *a < *b;
            a += less;
            b += !less;
        }
        return none;
    }

    // Asks for a profile's list before it is needed: first where it stands, then what is there.
    void prefetch_place(uint32_t place) const { __builtin_prefetch(&ends_[place]); }
    void prefetch(uint32_t place) const {
        for (const uint32_t *at = list(place); at < list(place + 1); at += 16) __builtin_prefetch(at);
    }

    // Whether one earlier block holds all members of a block.
    bool covered(const Block &block) const {
        const uint32_t p = block.members[0], q = block.members[block.size - 1];
        for (uint32_t common = this->common(p, q); common < block.number; common = this->common(p, q, common + 1)) {
            const auto holds = [&](uint32_t place) { return std::binary_search(list(place), list(place + 1), common); };
            if (std::all_of(block.begin() + 1, block.end() - 1, holds)) return true;
        }
        return false;
    }

  private:
    const uint32_t *list(uint32_t place) const { return numbers_.data() + ends_[place]; }

    std::vector<RuleBlocks> rules_;
    std::vector<uint32_t> first_{0};  // by rule, the number of its first block
    std::vector<uint64_t> ends_;      // by place, where its list begins
    std::vector<uint32_t> numbers_;   // the lists, one after the other
};

}  // namespace enishi
