// Two profiles -> the level of each comparison.
//
// What a comparison sees of a profile is a number (compared_rows.hpp). Equal numbers need no look at a text, and for
// different ones a level is remembered, for blocks bring the same two names together again and again. Where a column has so
// many values that the same two rarely come again, a count of letters settles nearly every pair instead.
//
// Names depend on each other: parts are compared where both records have both, else whole names, and parts that are
// swapped are one outcome of the given name.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "compared_rows.hpp"
#include "comparison.hpp"
#include "kanji_variants.hpp"
#include "measures.hpp"

namespace enishi {

inline constexpr size_t most_levels = 12;  // the missing value among them

struct Comparison {
    Comparing kind = Comparing::opaque;
    // Names: given or family (or whole) by script. Everything else: all columns of the field, whose codes are of one
    // table.
    std::vector<uint32_t> columns;
    std::vector<const ValueTable *> texts;
    bool own = false;           // whether the user's levels stand for the stored ones
    std::vector<Level> levels;  // hers between equal and different, the strictest first
    uint32_t impossible = none;    // of dates, the column of those that no calendar has
    std::vector<uint8_t> sharing;  // of identifiers, by code: a Sharing; shorter than the codes: nothing is known
};

// What linking found out about a value of an identifier: that people whose names or birth dates conflict carry it, which
// makes it evidence of a home and not of a person (of a personal one, such as an email, only between two of different
// given names whose birth dates do not agree), or that so many carry it that it is evidence of nothing.
enum class Sharing : uint8_t { none, contested, contested_personal, generic };

inline Sharing sharing(const Comparison &comparison, uint32_t code) {
    return code < comparison.sharing.size() ? static_cast<Sharing>(comparison.sharing[code]) : Sharing::none;
}

// The level at which two equal values stand.
inline uint8_t top_level(const Comparison &comparison) {
    return comparison.own ? static_cast<uint8_t>(comparison.levels.size() + 2) : top_level(comparison.kind);
}

inline bool is_name(Comparing kind) {
    return kind == Comparing::given_name || kind == Comparing::family_name || kind == Comparing::name;
}

namespace detail {

// Remembers what came of two numbers, in the slot of their hash; a later pair takes the slot.
class PairCache {
  public:
    template <class Make>
    uint8_t get(uint32_t a, uint32_t b, Make make) {
        if (a >= largest || b >= largest) return make();
        const uint64_t pair = static_cast<uint64_t>(a) << bits | b;
        const uint64_t hash = pair * 0x9e3779b97f4a7c15ULL;
        if (slots_.empty()) resize(least_bits);
        uint64_t *slot = &slots_[hash >> shift_];
        if (*slot >> 8 == pair) return static_cast<uint8_t>(*slot);
        const uint8_t made = make();
        if (++made_ > slots_.size() && shift_ > 64 - most_bits) {
            resize(64 - shift_ + 2);
            slot = &slots_[hash >> shift_];
        }
        *slot = pair << 8 | made;
        return made;
    }

  private:
    // Small at first, for a small call pays for each page that it touches.
    void resize(uint32_t size_bits) {
        slots_.assign(size_t{1} << size_bits, std::numeric_limits<uint64_t>::max());
        shift_ = 64 - size_bits;
        made_ = 0;
    }

    static constexpr uint32_t bits = 28, largest = (1u << bits) - 1, least_bits = 9, most_bits = 15;
    std::vector<uint64_t> slots_;
    uint32_t shift_ = 64 - least_bits;
    size_t made_ = 0;  // since it has this size
};

}  // namespace detail

// The level of every comparison of a pair, also among the stored levels of its kind, and for one of equal values the
// column whose values are equal.
struct Outcome {
    std::array<uint8_t, most_comparisons> level{}, stored{}, column{};
};

class PairLevels {
  public:
    using Line = ComparedRows::Line;
    static constexpr size_t no_comparison = most_comparisons;

    // What one thread remembers of the levels of different values.
    struct Scratch {
        std::array<detail::PairCache, most_comparisons> levels;
        std::array<detail::PairCache, most_comparisons * script_count> own;
        detail::PairCache swapped;
        TextComparer texts;
        Measures measures;
    };

    // What it knows of texts is there after `prepare` for each comparison, in any number of threads.
    PairLevels(const ComparedRows &rows, const std::vector<Comparison> &comparisons)
        : rows_(rows), comparisons_(comparisons), letters_(comparisons.size()), parities_(comparisons.size()),
          spellings_(comparisons.size()), generations_(comparisons.size()) {
        for (size_t c = 0; c < comparisons_.size(); ++c) {
            const Comparison &comparison = comparisons_[c];
            if (top_level(comparison) >= most_levels) throw std::length_error("more than eleven levels");
            switch (comparison.kind) {
                case Comparing::given_name: given_ = c; break;
                case Comparing::family_name: family_ = c; break;
                case Comparing::name: name_ = c; break;
                default: break;
            }
        }
    }

    void prepare(size_t c) {
        const Comparison &comparison = comparisons_[c];
        if (is_name(comparison.kind)) {
            VariantHash spelling;
            const ValueTable &han = *comparison.texts[han_script], &latin = *comparison.texts[latin_script];
            spellings_[c].reserve(han.size());
            for (uint32_t v = 0; v < han.size(); ++v) spellings_[c].push_back(spelling(han.text(v)));
            bool told = false;
            generations_[c].reserve(latin.size());
            for (uint32_t v = 0; v < latin.size(); ++v) {
                generations_[c].push_back(generation_within(latin.text(v)));
                told = told || generations_[c].back();
            }
            if (told) generations_told_ = true;
        }
        if (comparison.kind == Comparing::typed || comparison.kind == Comparing::email) {
            const ValueTable &texts = *comparison.texts[0];
            parities_[c].reserve(texts.size());
            for (uint32_t v = 0; v < texts.size(); ++v) parities_[c].push_back(parity_of(comparison.kind, texts.text(v)));
        }
        letters_[c].resize(comparison.texts.size());
        for (size_t t = 0; t < comparison.texts.size(); ++t) {
            if (!has_letters(comparison.kind) || !comparison.texts[t]) continue;
            const ValueTable &texts = *comparison.texts[t];
            LettersOf letters(comparison.kind);
            letters_[c][t].reserve(texts.size());
            for (uint32_t v = 0; v < texts.size(); ++v) letters_[c][t].push_back(letters(texts.text(v)));
        }
    }

    // By code, the parity of a text that tells what is beyond one edit; empty where nothing does.
    const std::vector<uint32_t> &parities(size_t c) const { return parities_[c]; }

    size_t given() const { return given_; }
    size_t family() const { return family_; }
    size_t name() const { return name_; }
    bool has_parts() const { return given_ != no_comparison && family_ != no_comparison; }

    Outcome operator()(Scratch &scratch, const Line &x, const Line &y) const {
        Outcome outcome;
        if (parts(scratch, outcome, x, y) && parts_swapped(scratch, x, y)) swap_parts(outcome);
        for (size_t c = 0; c < comparisons_.size(); ++c) {
            if (!is_name(comparisons_[c].kind)) compare(scratch, outcome, c, x, y);
            settle(scratch, outcome, c, x, y);
        }
        return outcome;
    }

    // The stored levels of names: of parts where both records have both, else of the whole names, where both have them.
    // True where it is open yet whether the parts are swapped.
    bool parts(Scratch &scratch, Outcome &outcome, const Line &x, const Line &y) const {
        if (given_ != no_comparison) compare_name(scratch, outcome, given_, x, y);
        if (family_ != no_comparison) compare_name(scratch, outcome, family_, x, y);
        if (!has_parts()) return false;
        uint8_t &given = outcome.stored[given_], &family = outcome.stored[family_];
        if (given && family) {
            // Father and son by name are two bearers of one given name.
            if (generations_apart(x, y)) given = level::different;
            return given < level::swapped && family < level::swapped;
        }
        if (name_ == no_comparison) return false;
        compare_name(scratch, outcome, name_, x, y);
        if (outcome.stored[name_]) given = family = level::missing;
        return false;
    }

    // Whether letters tell much of a comparison's values that its parities do not.
    bool has_letters(size_t c) const {
        const Comparing kind = comparisons_[c].kind;
        return kind == Comparing::email || kind == Comparing::address || kind == Comparing::text;
    }
    void prefetch_letters(size_t c, uint32_t number) const { __builtin_prefetch(&letters_[c][0][number]); }
    // Whether two different values of such a comparison of one column are surely different.
    bool surely_apart(size_t c, uint32_t a, uint32_t b) const {
        return surely_different(comparisons_[c].kind, letters_[c][0][a], letters_[c][0][b]);
    }

    // Bits of a name that has letters: two of which no bit is common differ surely, whichever parts of names they are.
    uint32_t name_bits(size_t c, uint32_t number) const {
        uint32_t bits = 0;
        for (size_t s = 0; s < script_count; ++s) {
            const uint32_t code = rows_.code(c, number, s);
            if (code == none) continue;
            const Letters &letters = letters_[c][s][code];
            bits |= bits_of(letters);
            // Variants of characters are other letters of one spelling.
            if (s == han_script) bits |= uint32_t{1} << (letters.counts.size() + 4 + spellings_[c][code] % 4);
        }
        return bits;
    }

    // The stored level of one part of a name.
    uint8_t part(Scratch &scratch, size_t c, const Line &x, const Line &y) const {
        Outcome outcome;
        compare_name(scratch, outcome, c, x, y);
        return outcome.stored[c];
    }

    // Whether two names say that they are of different generations (Smith Jr, Smith Sr).
    bool generations_apart(const Line &x, const Line &y) const {
        if (!generations_told_.load(std::memory_order_relaxed)) return false;
        const auto told = [&](const Line &line) {
            uint8_t which = 0;
            for (const size_t c : {given_, family_}) {
                const uint32_t code = line.number[c] == none ? none : rows_.code(c, line.number[c], latin_script);
                if (code != none && !which) which = generations_[c][code];
            }
            return which;
        };
        const uint8_t one = told(x), other = told(y);
        return one && other && one != other;
    }

    // Swapped parts are one outcome, not two.
    void swap_parts(Outcome &outcome) const {
        outcome.stored[given_] = level::swapped;
        outcome.stored[family_] = level::missing;
    }

    // Whether one part of a name is the other part there and the other way around, in one script.
    bool parts_swapped(Scratch &scratch, const Line &x, const Line &y) const {
        const uint8_t there = scripts_of_same(scratch, x.number[given_], y.number[family_]);
        return there && (there & scripts_of_same(scratch, y.number[given_], x.number[family_]));
    }

    // The stored level of a comparison that is no name.
    void compare(Scratch &scratch, Outcome &outcome, size_t c, const Line &x, const Line &y) const {
        outcome.stored[c] = field_level(scratch, c, x.number[c], y.number[c], outcome.column[c]);
    }

    // The level of a comparison whose stored level is known.
    void settle(Scratch &scratch, Outcome &outcome, size_t c, const Line &x, const Line &y) const {
        outcome.level[c] = comparisons_[c].own ? own_level(scratch, c, outcome.stored[c], x.number[c], y.number[c]) : outcome.stored[c];
    }

  private:
    static bool has_letters(Comparing kind) {
        return kind != Comparing::name && kind != Comparing::date && kind != Comparing::opaque && kind != Comparing::typed;
    }

    // ---- names

    void compare_name(Scratch &scratch, Outcome &outcome, size_t c, const Line &x, const Line &y) const {
        const uint32_t a = x.number[c], b = y.number[c];
        if (!ComparedRows::meet(a, b)) return;
        if (a == b) {
            outcome.stored[c] = level::equal_name;
            while (!ComparedRows::has_script(a, outcome.column[c])) ++outcome.column[c];
            return;
        }
        const uint8_t found = scratch.levels[c].get(std::min(a, b), std::max(a, b), [&] { return name_level(scratch, c, a, b); });
        outcome.stored[c] = found & 15;
        outcome.column[c] = found >> 4;
    }

    // A part of the name, or the whole, over the scripts in which both are written, and above its four bits the script that
    // tells. Equal in one script and different in another is a reading that two writings share. A resemblance of readings
    // says nothing where the characters are known.
    uint8_t name_level(Scratch &scratch, size_t c, uint32_t x, uint32_t y) const {
        uint8_t best = level::missing, column = 0;
        bool equal = false, differs = false, characters = false;
        for (size_t s = 0; s < script_count; ++s) {
            const uint32_t a = rows_.code(c, x, s), b = rows_.code(c, y, s);
            if (a == none || b == none) continue;
            if (a == b) {
                if (!equal) column = static_cast<uint8_t>(s);
                equal = true;
                continue;
            }
            differs = true;
            if (characters) continue;
            const bool variants = s == han_script && spellings_[c][a] == spellings_[c][b];
            const uint8_t level = variants ? variant_level(c) : text_level(scratch, c, s, a, b);
            if (level > best) {
                best = level;
                if (!equal) column = static_cast<uint8_t>(s);
            }
            characters = s == han_script;
        }
        if (equal) best = differs ? std::max(best, level::reading) : level::equal_name;
        return static_cast<uint8_t>(best | column << 4);
    }

    // A whole name has no level for variants.
    uint8_t variant_level(size_t c) const { return c == name_ ? level::reading : level::variant; }

    // A bit for each script in which a given name is, or nearly is, a family name.
    uint8_t scripts_of_same(Scratch &scratch, uint32_t given, uint32_t family) const {
        if (!ComparedRows::meet(given, family)) return 0;
        const auto make = [&] {
            uint8_t same = 0;
            for (size_t s = 0; s < script_count; ++s) {
                const uint32_t g = rows_.code(given_, given, s), f = rows_.code(family_, family, s);
                if (g == none || f == none) continue;
                if (surely_different(Comparing::given_name, letters_[given_][s][g], letters_[family_][s][f])) continue;
                const std::string_view a = comparisons_[given_].texts[s]->text(g), b = comparisons_[family_].texts[s]->text(f);
                const bool near = !a.empty() && !b.empty() && scratch.texts(Comparing::given_name, a, b) >= level::close;
                same |= static_cast<uint8_t>((a == b || near) << s);
            }
            return same;
        };
        return scratch.swapped.get(given, family, make);
    }

    // ---- fields

    uint8_t field_level(Scratch &scratch, size_t c, uint32_t x, uint32_t y, uint8_t &column) const {
        if (x == none || y == none) return level::missing;
        const Comparison &comparison = comparisons_[c];
        if (comparison.kind == Comparing::date) return compare_dates(x, y);
        if (x == y && rows_.columns(c) == 1) return top_level(comparison.kind);
        uint8_t best = level::missing;
        for (size_t i = 0; i < rows_.columns(c); ++i) {
            const uint32_t a = rows_.code(c, x, i);
            if (a == none) continue;
            for (size_t j = 0; j < rows_.columns(c); ++j) {
                const uint32_t b = rows_.code(c, y, j);
                if (b == none) continue;
                if (a == b) {
                    column = static_cast<uint8_t>(i);
                    return top_level(comparison.kind);
                }
                best = std::max(best, comparison.kind == Comparing::opaque ? level::different : code_level(scratch, c, a, b));
            }
        }
        return best;
    }

    // Of two different codes.
    uint8_t code_level(Scratch &scratch, size_t c, uint32_t a, uint32_t b) const {
        const auto make = [&] { return text_level(scratch, c, 0, a, b); };
        // Of so many values the same two rarely come again.
        return comparisons_[c].texts[0]->size() > remembered ? make() : scratch.levels[c].get(std::min(a, b), std::max(a, b), make);
    }

    uint8_t text_level(Scratch &scratch, size_t c, size_t table, uint32_t a, uint32_t b) const {
        const Comparing kind = comparisons_[c].kind;
        if (kind == Comparing::typed && beyond_one_edit(parities_[c][a], parities_[c][b])) return level::different;
        const std::vector<Letters> &letters = letters_[c][table];
        if (!letters.empty() && surely_different(kind, letters[a], letters[b])) return level::different;
        const ValueTable &texts = *comparisons_[c].texts[table];
        return scratch.texts(kind, texts.text(a), texts.text(b));
    }

    // ---- levels of one's own

    // The first of a comparison's own levels that two codes reach by a measure.
    size_t first_reached(Scratch &scratch, size_t c, size_t table, uint32_t a, uint32_t b) const {
        const Comparison &comparison = comparisons_[c];
        return scratch.own[c * script_count + table].get(std::min(a, b), std::max(a, b), [&] {
            const ValueTable *const texts = comparison.texts[table];
            const size_t reached = texts ? scratch.measures.first_reached(comparison.levels, texts->text(a), texts->text(b))
                                         : scratch.measures.first_reached(comparison.levels, a, b);
            return static_cast<uint8_t>(reached);
        });
    }

    // The level of one's own that a pair reaches whose stored level is known: by that, or by any two of its values.
    uint8_t own_level(Scratch &scratch, size_t c, uint8_t stored, uint32_t x, uint32_t y) const {
        const Comparison &comparison = comparisons_[c];
        if (stored == level::missing) return level::missing;
        if (stored == top_level(comparison.kind)) return top_level(comparison);
        const bool impossible = comparison.kind == Comparing::date && ((x | y) & impossible_date);
        const std::vector<Level> &levels = comparison.levels;
        size_t reached = 0;
        while (reached < levels.size() && !(levels[reached].measure == Measure::stored && stored >= levels[reached].bound)) {
            ++reached;
        }
        const bool by_script = is_name(comparison.kind);
        for (size_t i = 0; i < rows_.columns(c) && !impossible; ++i) {
            const uint32_t a = rows_.code(c, x, i);
            if (a == none) continue;
            for (size_t j = by_script ? i : 0; j < (by_script ? i + 1 : rows_.columns(c)); ++j) {
                const uint32_t b = rows_.code(c, y, j);
                if (b != none) reached = std::min(reached, first_reached(scratch, c, by_script ? i : 0, a, b));
            }
        }
        return static_cast<uint8_t>(top_level(comparison) - 1 - reached);
    }

    static constexpr size_t remembered = 1 << 15;

    const ComparedRows &rows_;
    const std::vector<Comparison> &comparisons_;
    std::vector<std::vector<std::vector<Letters>>> letters_;  // by comparison, table and code
    std::vector<std::vector<uint32_t>> parities_;             // of identifiers that people type, by comparison and code
    std::vector<std::vector<uint64_t>> spellings_;            // of names, by comparison and code of Han characters
    std::vector<std::vector<uint8_t>> generations_;           // of names, by comparison and code of Latin letters
    std::atomic<bool> generations_told_{false};
    size_t given_ = no_comparison, family_ = no_comparison, name_ = no_comparison;
};

}  // namespace enishi
