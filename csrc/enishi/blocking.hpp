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
#include <map>
#include <mutex>
#include <stdexcept>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "compared_rows.hpp"
#include "given_names.hpp"
#include "name_forms.hpp"
#include "rare_words.hpp"
#include "value_table.hpp"

namespace enishi {

enum class Keying : uint8_t { code, year, month, day, prefix, suffix, local_part, skeleton, rare_word, first_skeleton };

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

// A run of profiles beside each other that have one key by one way in which a rule holds.
struct BlockEntry {
    uint64_t key;
    uint32_t first, size;
};

// Brings entries of one key together. Keys are hashes: their first bits share the entries out among parts that fit the
// cache, and in each a table finds those that are equal.
class EntryGroups {
  public:
    // visit(begin, end): the entries of each key, in the order in which they came.
    template <class Visit>
    void operator()(const std::vector<BlockEntry> &entries, Visit visit) {
        uint32_t bits = 0;
        while (bits < most_bits && entries.size() >> bits > part_size) ++bits;
        if (!bits) return group(entries.data(), entries.size(), visit);
        std::vector<size_t> at(size_t{1} << bits, 0);
        for (const BlockEntry &entry : entries) ++at[entry.key >> (64 - bits)];
        size_t total = 0;
        for (size_t &each : at) total += std::exchange(each, total);
        parted_.resize(entries.size());
        for (const BlockEntry &entry : entries) parted_[at[entry.key >> (64 - bits)]++] = entry;
        size_t begin = 0;
        for (const size_t end : at) group(parted_.data() + begin, end - begin, visit), begin = end;
    }

  private:
    struct Group {
        uint64_t key;
        uint32_t begin, end;
    };

    template <class Visit>
    void group(const BlockEntry *entries, size_t size, Visit visit) {
        size_t slots = 1;
        while (slots < 2 * size) slots *= 2;
        slots_.assign(slots, none);
        groups_.clear();
        of_.resize(size);
        for (size_t i = 0; i < size; ++i) {
            const uint64_t key = entries[i].key;
            size_t at = key & (slots - 1);
            while (slots_[at] != none && groups_[slots_[at]].key != key) at = (at + 1) & (slots - 1);
            if (slots_[at] == none) {
                slots_[at] = static_cast<uint32_t>(groups_.size());
                groups_.push_back({key, 0, 0});
            }
            of_[i] = slots_[at];
            ++groups_[of_[i]].end;
        }
        uint32_t total = 0;
        for (Group &group : groups_) {
            total += group.end;
            group.begin = group.end = total - group.end;
        }
        grouped_.resize(size);
        for (size_t i = 0; i < size; ++i) grouped_[groups_[of_[i]].end++] = entries[i];
        for (const Group &group : groups_) visit(grouped_.data() + group.begin, grouped_.data() + group.end);
    }

    static constexpr uint32_t most_bits = 11;
    static constexpr size_t part_size = 1 << 11;
    std::vector<BlockEntry> parted_, grouped_;
    std::vector<Group> groups_;
    std::vector<uint32_t> slots_, of_;
};

}  // namespace detail

// The blocks of one rule, one after the other, each in ascending order.
struct RuleBlocks {
    std::vector<uint32_t> members;
    std::vector<uint32_t> ends{0};  // of block b from ends[b] to ends[b + 1]
    BlockingCounts counts;
    size_t size() const { return ends.size() - 1; }
};

// What keys of letters are, by code: made once for all rules, by whichever thread needs them first.
class TextKeys {
  public:
    const std::vector<uint64_t> &of(const KeyPart &part) {
        Made *made;
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            made = &made_[{part.what, part.texts, part.length}];
        }
        std::call_once(made->once, [&] { made->keys = keys_of(part); });
        return made->keys;
    }
    void clear() { made_.clear(); }

  private:
    struct Made {
        std::once_flag once;
        std::vector<uint64_t> keys;
    };

    static std::vector<uint64_t> keys_of(const KeyPart &part) {
        if (part.what == Keying::rare_word) return RareWords(*part.texts).of_rank(part.length);
        std::vector<uint64_t> keys(part.texts->size());
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
                case Keying::first_skeleton: {
                    const std::string_view first = text.substr(0, text.find(' '));
                    if (first.size() > 1) text = first;
                    [[fallthrough]];
                }
                default:
                    detail::skeletons(text, sounds);
                    if (!sounds.empty()) text = sounds.view();
            }
            keys[v] = detail::hash_text(text);
        }
        return keys;
    }

    std::mutex mutex_;
    std::map<std::tuple<Keying, const ValueTable *, uint32_t>, Made> made_;
};

// Makes the blocks of one rule after the other; one for each thread, for it keeps its scratch.
//
// Those of one cluster stand beside each other and mostly share what the rule asks for. So what is brought together are
// runs of profiles, of which there are half as many, and they are written out only in blocks that are made.
class Blocker {
  public:
    // sample: the places that are put in blocks, ascending; null: all. cuts: the fields that cut blocks, the first that is not
    // missing everywhere first.
    RuleBlocks operator()(const ComparedRows &rows, TextKeys &texts, const std::vector<uint32_t> *sample,
                          const std::vector<std::vector<KeyPart>> &slots, const std::vector<KeyPart> &cuts, const BlockOptions &options) {
        const Places places{rows, sample};
        entries_.clear();
        runs_.clear();
        groups_.clear();
        std::vector<Way> ways;
        for (const std::vector<KeyPart> &slot : slots) {
            ways.emplace_back();
            for (const KeyPart &part : slot) ways.back().keys.emplace_back(rows, texts, part);
        }
        for (uint32_t at = 0; at < places.size(); at += batch) add_batch(places, at, ways);
        gather(slots.size() > 1);
        RuleBlocks made;
        BlockingCounts &counts = made.counts;
        const uint64_t cap = counts.cap = affordable(options.cap, options.budget);
        for (const KeyPart &cut : cuts) {
            if (!cut_large(places, Keys(rows, texts, cut), cap, counts)) break;
        }
        // The first and the last member; those between are of clusters between.
        const auto ends_of = [&](size_t g) {
            const Run &first = runs_[g ? groups_[g - 1].end : 0], &last = runs_[groups_[g].end - 1];
            return std::pair{places.place(first.first), places.place(last.first + last.size - 1)};
        };
        size_t blocks = 0, members = 0;
        for (size_t g = 0; g < groups_.size(); ++g) {
            if (options.across && g + ahead < groups_.size()) {
                const auto [first, last] = ends_of(g + ahead);
                rows.prefetch_cluster(first);
                rows.prefetch_cluster(last);
            }
            Group &group = groups_[g];
            const uint64_t n = group.size, pairs = n * (n - 1) / 2;
            if (n > cap) {
                ++counts.left_out_blocks;
                counts.left_out_pairs += pairs;
                counts.largest_left_out = std::max(counts.largest_left_out, n);
                continue;
            }
            ++counts.blocks;
            counts.pairs += pairs;
            counts.largest = std::max(counts.largest, n);
            const auto [first, last] = ends_of(g);
            group.made = !options.across || rows.cluster(first) != rows.cluster(last);
            if (group.made) ++blocks, members += n;
        }
        if (members >= none) throw std::length_error("more profiles in blocks than a number counts");
        made.members.reserve(members);
        made.ends.reserve(blocks + 1);
        size_t begin = 0;
        for (const Group &group : groups_) {
            if (group.made) {
                for (size_t r = begin; r < group.end; ++r) {
                    for (uint32_t i = 0; i < runs_[r].size; ++i) made.members.push_back(places.place(runs_[r].first + i));
                }
                made.ends.push_back(static_cast<uint32_t>(made.members.size()));
            }
            begin = group.end;
        }
        return made;
    }

  private:
    using Entry = detail::BlockEntry;
    using Line = ComparedRows::Line;
    static constexpr uint64_t salt = 0x656e6973686921ULL;
    static constexpr uint32_t batch = 64;  // profiles, which wait for memory together
    static constexpr size_t ahead = 16;    // groups, whose clusters are fetched before they are read

    // The profiles that are put in blocks, by their number among these.
    struct Places {
        const ComparedRows &rows;
        const std::vector<uint32_t> *sample;
        uint32_t size() const { return sample ? static_cast<uint32_t>(sample->size()) : rows.size(); }
        uint32_t place(uint32_t at) const { return sample ? (*sample)[at] : at; }
        const Line &operator[](uint32_t at) const { return rows[place(at)]; }
        void prefetch(uint32_t at) const {
            if (at < size()) __builtin_prefetch(&rows[place(at)]);
        }
    };
    struct Run {
        uint32_t first, size;
    };
    struct Group {
        size_t end;         // of its runs, which begin where those of the group before it end
        uint64_t size;      // profiles
        bool made = false;  // into a block
    };

    // What one part of a key is in each profile.
    class Keys {
      public:
        Keys(const ComparedRows &rows, TextKeys &texts, const KeyPart &part)
            : rows_(rows), part_(part), where_(rows.where(part.column)),
              by_code_(part.what <= Keying::day ? nullptr : texts.of(part).data()) {}

        // What a profile has, `none` where it has nothing; and what that is made of, asked for before.
        uint32_t code(const Line &line) const {
            const uint32_t number = line.number[where_.first];
            return number == none ? none : rows_.code(where_.first, number, where_.second);
        }
        void prefetch(const Line &line) const { rows_.prefetch_code(where_.first, line.number[where_.first], where_.second); }
        void prefetch(uint32_t code) const {
            if (by_code_ && code != none) __builtin_prefetch(&by_code_[code]);
        }

        // Adds it to a key; false where there is nothing.
        bool extend(uint64_t &key, uint32_t code) const {
            if (code == none) return false;
            uint64_t own;
            switch (part_.what) {
                case Keying::code: own = code; break;
                case Keying::year: own = digits_of_date(code) / 10000; break;
                case Keying::month: own = digits_of_date(code) / 100; break;
                case Keying::day: own = digits_of_date(code) % 10000; break;
                default: own = by_code_[code];
            }
            if (part_.what == Keying::rare_word && own == RareWords::missing) return false;
            key = detail::mix_bits(key * 0x9e3779b97f4a7c15ULL + own + (static_cast<uint64_t>(part_.table) << 32));
            return true;
        }

      private:
        const ComparedRows &rows_;
        KeyPart part_;
        std::pair<size_t, size_t> where_;  // the comparison, and its column
        const uint64_t *by_code_;
    };

    // One way in which a rule holds, and where its last entry stands.
    struct Way {
        std::vector<Keys> keys;
        size_t last = std::numeric_limits<size_t>::max();
    };

    // Adds the profiles from one on by all ways, as many as wait together.
    void add_batch(const Places &places, uint32_t from, std::vector<Way> &ways) {
        const uint32_t size = std::min(batch, places.size() - from);
        for (uint32_t i = 0; i < size; ++i) places.prefetch(from + batch + i);
        std::array<uint64_t, batch> keys;
        std::array<uint32_t, batch> codes;
        std::array<bool, batch> has;
        for (Way &way : ways) {
            keys.fill(salt);
            has.fill(true);
            for (const Keys &part : way.keys) {
                for (uint32_t i = 0; i < size; ++i) part.prefetch(places[from + i]);
                for (uint32_t i = 0; i < size; ++i) part.prefetch(codes[i] = part.code(places[from + i]));
                for (uint32_t i = 0; i < size; ++i) has[i] = has[i] && part.extend(keys[i], codes[i]);
            }
            for (uint32_t i = 0; i < size; ++i) {
                if (has[i]) add(way.last, keys[i], from + i);
            }
        }
    }

    // A profile to the last entry of its way, where that is of its key and ends before it.
    void add(size_t &last, uint64_t key, uint32_t at) {
        if (last < entries_.size() && entries_[last].key == key && entries_[last].first + entries_[last].size == at) {
            ++entries_[last].size;
        } else {
            last = entries_.size();
            entries_.push_back({key, at, 1});
        }
    }

    // Adds the groups of all entries; several ways may bring a profile to a block more than once.
    void gather(bool several) {
        group_(entries_, [&](const Entry *begin, const Entry *end) {
            const size_t before = runs_.size();
            uint64_t size = 0;
            bool ascending = true;
            for (const Entry *entry = begin; entry != end; ++entry) {
                ascending = ascending && (entry == begin || entry->first >= entry[-1].first + entry[-1].size);
                runs_.push_back({entry->first, entry->size});
                size += entry->size;
            }
            if (several && !ascending) size = merge(before);
            if (size < 2) {
                runs_.resize(before);
            } else {
                groups_.push_back({runs_.size(), size});
            }
        });
    }

    // Puts the runs from one on in order, each profile once; how many these are.
    uint64_t merge(size_t from) {
        std::vector<uint32_t> members;
        for (size_t r = from; r < runs_.size(); ++r) {
            for (uint32_t i = 0; i < runs_[r].size; ++i) members.push_back(runs_[r].first + i);
        }
        std::sort(members.begin(), members.end());
        members.erase(std::unique(members.begin(), members.end()), members.end());
        runs_.resize(from);
        for (const uint32_t at : members) {
            if (runs_.size() > from && runs_.back().first + runs_.back().size == at) {
                ++runs_.back().size;
            } else {
                runs_.push_back({at, 1});
            }
        }
        return members.size();
    }

    // The cap at which blocks that are not cut hold no more pairs than the budget.
    uint64_t affordable(uint64_t cap, uint64_t budget) const {
        std::vector<uint64_t> blocks(cap + 1, 0);  // by size
        for (const Group &group : groups_) ++blocks[std::min(group.size, cap)];
        uint64_t pairs = 0;
        for (uint64_t n = 2; n <= cap; ++n) {
            pairs += blocks[n] * (n * (n - 1) / 2);
            if (pairs > budget) return std::max<uint64_t>(n - 1, 2);
        }
        return cap;
    }

    // Cuts blocks over the cap by one more field; false where there was none. Profiles without the field stay together.
    bool cut_large(const Places &places, const Keys &keys, uint64_t cap, BlockingCounts &counts) {
        entries_.clear();
        size_t begin = 0, kept = 0, runs = 0, last = entries_.max_size();
        for (size_t g = 0; g < groups_.size(); ++g) {
            const Group group = groups_[g];
            if (group.size > cap) {
                ++counts.cut_blocks;
                for (size_t r = begin; r < group.end; ++r) {
                    for (uint32_t at = runs_[r].first; at < runs_[r].first + runs_[r].size; ++at) {
                        uint64_t key = detail::mix_bits(salt + g);
                        keys.extend(key, keys.code(places[at]));
                        add(last, key, at);
                    }
                }
            } else {
                for (size_t r = begin; r < group.end; ++r) runs_[runs++] = runs_[r];
                groups_[kept++] = {runs, group.size};
            }
            begin = group.end;
        }
        runs_.resize(runs);
        groups_.resize(kept);
        gather(false);
        return !entries_.empty();
    }

    std::vector<Entry> entries_;
    std::vector<Run> runs_;
    std::vector<Group> groups_;
    detail::EntryGroups group_;
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

    uint32_t rule_of(uint32_t block) const {
        return static_cast<uint32_t>(std::upper_bound(first_.begin(), first_.end(), block) - first_.begin() - 1);
    }

    bool in_any(uint32_t place) const { return ends_[place] != ends_[place + size_t{1}]; }

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
