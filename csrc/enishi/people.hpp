// Who records say that they are, and whether two of them can be one person.
//
// What a cluster's records say stands in its pool (pool.hpp): given names, names, birth dates, and stories, which are a
// name and a birth date of one record. Two pools agree, differ or leave it open. Each step of linking trusts that as
// far as what it joins by deserves, so there are several words for it: who is in `conflict` does not share a value, who
// `differs` not a near value either, and whose names are `unlike` and births `far` is not joined by the likest pair.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

#include "comparison.hpp"
#include "links.hpp"
#include "near.hpp"
#include "pool.hpp"
#include "profile_graph.hpp"
#include "slot_index.hpp"

namespace enishi {

enum class Agreement : uint8_t { unknown, agree, disagree };

// ---- what needs no texts -------------------------------------------------------------------------------------------

inline bool intersect(const Pool::Codes &a, const Pool::Codes &b) {
    const uint64_t *x = a.from, *y = b.from;
    while (x != a.to && y != b.to) {
        if (*x == *y) return true;
        *x < *y ? ++x : ++y;
    }
    return false;
}

// Near: one digit off, or day and month swapped.
inline bool near_dates(uint32_t a, uint32_t b) {
    if (a == b) return true;
    const uint32_t day_a = a % 100, month_a = a / 100 % 100, day_b = b % 100, month_b = b / 100 % 100;
    if (a / 10000 == b / 10000 && day_a == month_b && month_a == day_b) return true;
    int different = 0;
    for (; a || b; a /= 10, b /= 10) different += a % 10 != b % 10;
    return different == 1;
}

inline Agreement compare_births(const Pool &a, const Pool &b) {
    const Pool::Codes left = a.of(Pool::birth), right = b.of(Pool::birth);
    if (left.empty() || right.empty()) return Agreement::unknown;
    for (const uint64_t x : left) {
        for (const uint64_t y : right) {
            if (near_dates(Pool::code(x), Pool::code(y))) return Agreement::agree;
        }
    }
    return Agreement::disagree;
}

// Whether both have birth dates, and none of the one is near one of the other; nor fails to be as far as `far` asks.
template <class Far>
bool far_births(const Pool &a, const Pool &b, Far far) {
    const Pool::Codes births = a.of(Pool::birth), others = b.of(Pool::birth);
    for (const uint64_t x : births) {
        for (const uint64_t y : others) {
            if (compare_dates(Pool::code(x), Pool::code(y)) != level::different) return false;
            if (!far(Pool::code(x), Pool::code(y))) return false;
        }
    }
    return !births.empty() && !others.empty();
}
inline bool far_births(const Pool &a, const Pool &b) {
    return far_births(a, b, [](uint32_t, uint32_t) { return true; });
}

// Support of a near value: the full names are equal in some script, birth dates or postcodes are equal.
inline uint32_t support_of(const Pool &a, const Pool &b) {
    const auto equal = [&](uint32_t kind) { return intersect(a.of(kind), b.of(kind)); };
    uint32_t support = 0;
    for (uint32_t s = 0; s < script_count; ++s) {
        if (equal(Pool::name + s)) support |= static_cast<uint32_t>(Support::name);
    }
    if (equal(Pool::birth)) support |= static_cast<uint32_t>(Support::birth_date);
    if (equal(Pool::postcode)) support |= static_cast<uint32_t>(Support::postcode);
    return support;
}

// So many characters of a name, or all of fewer.
inline std::string_view beginning(std::string_view name, int characters) {
    size_t n = 0;
    for (; n < name.size(); ++n) {
        if ((static_cast<uint8_t>(name[n]) & 0xc0) != 0x80 && !characters--) break;
    }
    return name.substr(0, n);
}

// Whether two names begin with the same characters: so many, or what there is of the shorter first word.
inline bool begins_alike(std::string_view a, std::string_view b, int characters) {
    size_t n = 0;
    for (; n < a.size() && n < b.size() && a[n] == b[n]; ++n) {
        if (a[n] == ' ') return true;
        const bool next = n + 1 == a.size() || (static_cast<uint8_t>(a[n + 1]) & 0xc0) != 0x80;
        if (next && !--characters) return true;
    }
    const auto ends = [n](std::string_view name) { return n && (n == name.size() || name[n] == ' '); };
    return ends(a) || ends(b);
}

// Whether they have a given or a full name in common, to the letter.
inline bool share_a_name(const Pool &a, const Pool &b) {
    for (uint32_t s = 0; s < script_count; ++s) {
        if (intersect(a.of(Pool::given + s), b.of(Pool::given + s))) return true;
        if (intersect(a.of(Pool::name + s), b.of(Pool::name + s))) return true;
    }
    return false;
}

inline bool names_anybody(const Pool &pool) {
    for (uint32_t s = 0; s < script_count; ++s) {
        if (!pool.of(Pool::given + s).empty()) return true;
    }
    return false;
}

// ---- what does ------------------------------------------------------------------------------------------------------

class People {
  public:
    explicit People(const ProfileGraph &graph) : graph_(graph) {}

    // Whether nobody gives a name.
    bool nameless() const { return !graph_.any_names(); }

    // Who the record says that it is.
    void add_person(Pool &pool, uint32_t p) const {
        const auto add = [&](uint32_t kind, uint32_t column) {
            if (column != none && graph_.code(p, column) != none) pool.add(kind, graph_.code(p, column));
        };
        for (uint32_t s = 0; s < script_count; ++s) {
            add(Pool::given + s, graph_.attributes.given[s]);
            add(Pool::name + s, graph_.attributes.name[s]);
        }
        add(Pool::birth, graph_.attributes.birth_date);
    }

    // That, and the number of the story that the record tells.
    void add_told(Pool &pool, uint32_t p) {
        add_person(pool, p);
        const uint32_t told = story(p);
        if (told != none) pool.add(Pool::story, told);
    }

    // Given names where both clusters have one in the same script, else full names. Equal in any script is agreement,
    // for a name misspelt in one is often right in another; a slip in kana or Latin letters counts only where the Han
    // characters do not already tell two people apart (正弘 and 正彦 are one kana apart). Equal full names agree, whichever
    // part stands first.
    Agreement compare_names(const Pool &a, const Pool &b) {
        const Agreement given = compare_forms(a, b, Pool::given, graph_.attributes.given_texts, given_letters, true);
        if (given == Agreement::agree) return given;
        if (given == Agreement::unknown) {
            return compare_forms(a, b, Pool::name, graph_.attributes.name_texts, name_letters, false);
        }
        for (uint32_t s = 0; s < script_count; ++s) {
            if (intersect(a.of(Pool::name + s), b.of(Pool::name + s))) return Agreement::agree;
        }
        return given;
    }

    // Two people: their birth dates differ, and their names do too or are not known. Another name alone is no conflict
    // (a relative collects the parcel, a name is misheard); but over what a household shares, another name with the
    // same birth date is a twin, and the same name with a birth date a generation away a father and his son. Over what
    // is one person's, a name that is one letter off and such a birth date are a mother and her daughter.
    // Where values are shared by people who live or work together, names of which nothing is alike are enough (`named`).
    bool conflict(const Pool &a, const Pool &b, bool personal, bool named = false) {
        const auto two = [&](const Pool &x, const Pool &y) { return opposed(x, y, personal); };
        return two(a, b) || told_apart(a, b, two) || (named && named_apart(a, b)) || of_two_generations(a, b);
    }

    // Whether their names say that they are father and son (Sr and Jr), and no birth date that they are one.
    bool of_two_generations(const Pool &a, const Pool &b) const {
        const uint32_t one = generations(a), other = generations(b);
        return one && other && !(one & other) && compare_births(a, b) != Agreement::agree;
    }
    bool names_a_generation(const Pool &pool) const { return generations(pool); }

    // Whether names alone show two people: they are unlike, and no birth date is the same.
    bool named_apart(const Pool &a, const Pool &b) {
        return compare_births(a, b) != Agreement::agree && of_other_names(a, b);
    }

    // Whether neither their given names nor, where one is not known, their full names resemble each other.
    bool of_other_names(const Pool &a, const Pool &b) {
        bool given = false, whole = false;
        for (uint32_t s = 0; s < script_count; ++s) {
            if (intersect(a.of(Pool::name + s), b.of(Pool::name + s))) return false;
            given = given || (!a.of(Pool::given + s).empty() && !b.of(Pool::given + s).empty());
            whole = whole || (!a.of(Pool::name + s).empty() && !b.of(Pool::name + s).empty());
        }
        if (given) return unlike_names(a, b);
        for (uint32_t s = 0; whole && s < script_count; ++s) {
            const ValueTable *texts = graph_.attributes.name_texts[s];
            for (const uint64_t x : a.of(Pool::name + s)) {
                for (const uint64_t y : b.of(Pool::name + s)) {
                    const std::string_view one = texts->text(Pool::code(x)), other = texts->text(Pool::code(y));
                    if (comparer_(Comparing::name, one, other) > level::different) return false;
                }
            }
        }
        return whole;
    }

    // Among all that a cluster's records say, a name of one person and a birth date of another make nobody. So whoever
    // is told whole, by name and birth date in one record, is compared as such: most of these pairs have to be two.
    template <class Two>
    bool told_apart(const Pool &a, const Pool &b, Two two) {
        const Pool::Codes left = a.of(Pool::story), right = b.of(Pool::story);
        // No one person has that many stories.
        if (left.size() * right.size() > most_stories) return true;
        size_t compared = 0, apart = 0;
        for (const uint64_t x : left) {
            for (const uint64_t y : right) {
                const Pool &one = stories_[Pool::code(x)], &other = stories_[Pool::code(y)];
                if (compare_names(one, other) == Agreement::unknown) continue;
                ++compared;
                apart += two(one, other);
            }
        }
        return apart * 2 > compared;
    }

    // Whether both have given names, and none of the one resembles one of the other, wherever its parts stand.
    bool unlike_names(const Pool &a, const Pool &b) {
        bool comparable = false;
        for (uint32_t s = 0; s < script_count; ++s) {
            if (intersect(a.of(Pool::name + s), b.of(Pool::name + s))) return false;
            for (const uint64_t x : a.of(Pool::given + s)) {
                for (const uint64_t y : b.of(Pool::given + s)) {
                    comparable = true;
                    if (x == y || given_level(s, x, y) > level::different) return false;
                }
            }
        }
        return comparable && !parts_exchanged(a, b) && !parts_exchanged(b, a);
    }

    // How many characters tell a family name: one of Han is a word, a letter is not.
    static int telling(uint32_t script) { return script == han_script ? 1 : 2; }

    // Two whom birth dates do not show to be one and who bear names of which nothing is alike: relatives share the
    // family name, and who marries keeps the given name.
    bool strangers(const Pool &a, const Pool &b) const {
        if (compare_births(a, b) == Agreement::agree) return false;
        bool comparable = false;
        for (uint32_t s = 0; s < script_count; ++s) {
            const int characters = telling(s);
            for (const uint64_t x : a.of(Pool::name + s)) {
                for (const uint64_t y : b.of(Pool::name + s)) {
                    const std::string_view left = graph_.attributes.name_texts[s]->text(Pool::code(x));
                    const std::string_view right = graph_.attributes.name_texts[s]->text(Pool::code(y));
                    if (begins_alike(left, right, characters)) return false;
                    comparable = true;
                }
            }
        }
        return comparable;
    }

    // Whether no two of some records can be in conflict, however they are joined before: every two birth dates that
    // they give are near, and every two names of one script that would be compared agree. all: what they say together;
    // whole: whether some give a full name without the given one, for only then full names are compared.
    bool all_alike(const Pool &all, bool whole) {
        const auto alike = [&](uint32_t kind, auto agree) {
            const Pool::Codes codes = all.of(kind);
            for (const uint64_t *x = codes.from; x != codes.to; ++x) {
                for (const uint64_t *y = codes.from; y != x; ++y) {
                    if (!agree(Pool::code(*x), Pool::code(*y))) return false;
                }
            }
            return true;
        };
        if (!alike(Pool::birth, near_dates) || several_generations(all)) return false;
        for (uint32_t s = 0; s < script_count; ++s) {
            const auto slip = [&](const auto &texts, size_t at_least, bool counts) {
                return [this, text = texts[s], at_least, counts](uint32_t a, uint32_t b) {
                    return counts && near_texts(text, a, b, at_least);
                };
            };
            const AttributeColumns &columns = graph_.attributes;
            if (!alike(Pool::given + s, slip(columns.given_texts, given_letters, s >= kana_script))) return false;
            if (!whole) continue;
            if (!alike(Pool::name + s, slip(columns.name_texts, name_letters, s >= latin_script))) return false;
        }
        return true;
    }

    // The same for another reason: whoever gives a birth date gives a name as well, every two of them share one to the
    // letter, and no two dates are a generation apart. What else their clusters know changes nothing then.
    bool share_names(const Pool &all) const {
        if (several_generations(all)) return false;
        const Pool::Codes told = all.of(Pool::story);
        for (const uint64_t *x = told.from; x != told.to; ++x) {
            for (const uint64_t *y = told.from; y != x; ++y) {
                const Pool &one = stories_[Pool::code(*x)], &other = stories_[Pool::code(*y)];
                bool shared = false;
                for (uint32_t kind = Pool::given; kind < Pool::birth && !shared; ++kind) {
                    shared = intersect(one.of(kind), other.of(kind));
                }
                if (!shared || far_births(one, other, generation_apart)) return false;
            }
        }
        return true;
    }

    // Whether no two of some records can be those of strangers: all names in one script have one beginning.
    bool no_strangers(const Pool &all) const {
        for (uint32_t s = 0; s < script_count; ++s) {
            const Pool::Codes codes = all.of(Pool::name + s);
            for (const uint64_t code : codes) {
                const ValueTable &texts = *graph_.attributes.name_texts[s];
                const std::string_view first = texts.text(Pool::code(*codes.from)), text = texts.text(Pool::code(code));
                if (beginning(first, telling(s)) != beginning(text, telling(s))) return false;
            }
        }
        return true;
    }

    // A near value tolerates less than a shared one: the names alone set two clusters apart.
    bool differ(const Pool &a, const Pool &b) {
        return compare_names(a, b) == Agreement::disagree || compare_births(a, b) == Agreement::disagree;
    }

    double jaro_winkler(std::string_view a, std::string_view b) { return comparer_.jaro_winkler(a, b); }

  private:
    static constexpr size_t most_stories = 4096;  // pairs of them
    static constexpr size_t given_letters = 4, name_letters = 6;  // of a given and a full name that may hold a slip

    // A bit for each generation that names tell.
    uint32_t generations(const Pool &pool) const {
        uint32_t found = 0;
        if (graph_.generations.empty()) return found;
        for (const uint64_t name : pool.of(Pool::name + latin_script)) found |= 1u << graph_.generation(Pool::code(name));
        return found & ~1u;
    }
    bool several_generations(const Pool &all) const {
        const uint32_t found = generations(all);
        return found & (found - 1);
    }

    using Story = std::array<uint32_t, 2 * script_count + 1>;

    // The number of a record's name and birth date together; `none` where it has not both.
    uint32_t story(uint32_t p) {
        const AttributeColumns &columns = graph_.attributes;
        if (columns.birth_date == none || graph_.code(p, columns.birth_date) == none) return none;
        Story told;
        bool named = false;
        for (size_t s = 0; s < script_count; ++s) {
            told[s] = columns.given[s] == none ? none : graph_.code(p, columns.given[s]);
            told[script_count + s] = columns.name[s] == none ? none : graph_.code(p, columns.name[s]);
            named = named || told[s] != none || told[script_count + s] != none;
        }
        if (!named) return none;
        told.back() = graph_.code(p, columns.birth_date);
        uint64_t hash = 0;
        for (const uint32_t part : told) hash = (hash ^ part) * 0x9e3779b97f4a7c15ULL, hash ^= hash >> 29;
        const auto next = static_cast<uint32_t>(stories_.size());
        const uint32_t number = story_numbers_.find_or_add(hash, next, [&](uint32_t k) { return told_[k] == told; });
        if (number == next) {
            told_.push_back(told);
            stories_.emplace_back();
            add_person(stories_.back(), p);
        }
        return number;
    }

    // One slip in a name of so many letters or more: shorter ones (タロウ and ジロウ) are one slip apart and two people.
    bool near_texts(const ValueTable *texts, uint32_t a, uint32_t b, size_t at_least) {
        if (!texts) return false;
        detail::decode_utf8(texts->text(a), left_);
        detail::decode_utf8(texts->text(b), right_);
        if (std::min(left_.size(), right_.size()) < at_least) return false;
        return osa_distance(left_, right_, 1, rows_) <= 1;
    }

    Agreement compare_forms(const Pool &a, const Pool &b, uint32_t kind,
                            const std::array<const ValueTable *, script_count> &texts, size_t at_least,
                            bool kana_slips) {
        bool comparable = false;
        for (uint32_t s = 0; s < script_count; ++s) {
            const Pool::Codes left = a.of(kind + s), right = b.of(kind + s);
            comparable = comparable || (!left.empty() && !right.empty());
            if (intersect(left, right)) return Agreement::agree;
        }
        if (!comparable) return Agreement::unknown;
        if (!a.of(kind).empty() && !b.of(kind).empty()) return Agreement::disagree;
        for (uint32_t s = kana_slips ? kana_script : latin_script; s < script_count; ++s) {
            for (const uint64_t x : a.of(kind + s)) {
                for (const uint64_t y : b.of(kind + s)) {
                    if (near_texts(texts[s], Pool::code(x), Pool::code(y), at_least)) return Agreement::agree;
                }
            }
        }
        return Agreement::disagree;
    }

    bool opposed(const Pool &a, const Pool &b, bool personal) {
        const Agreement births = compare_births(a, b);
        if (births == Agreement::unknown || (births == Agreement::agree && personal)) return false;
        const Agreement names = compare_names(a, b);
        if (names != Agreement::agree) return names == Agreement::disagree || births == Agreement::disagree;
        if (births == Agreement::agree || (personal && share_a_name(a, b))) return false;
        return far_births(a, b, generation_apart);
    }

    // Whether a given or a full name of the one in Latin letters is a full name of the other, or a word of it, misspelt
    // at most.
    bool parts_exchanged(const Pool &a, const Pool &b) {
        const ValueTable *given = graph_.attributes.given_texts[latin_script];
        const ValueTable *whole = graph_.attributes.name_texts[latin_script];
        for (const uint64_t y : b.of(Pool::name + latin_script)) {
            const std::string_view full = whole->text(Pool::code(y));
            for (const uint64_t x : a.of(Pool::given + latin_script)) {
                if (comparer_(Comparing::name, given->text(Pool::code(x)), full) > level::different) return true;
            }
            for (const uint64_t x : a.of(Pool::name + latin_script)) {
                if (comparer_(Comparing::name, whole->text(Pool::code(x)), full) >= level::close) return true;
            }
        }
        return false;
    }

    uint8_t given_level(uint32_t script, uint64_t x, uint64_t y) {
        const ValueTable &texts = *graph_.attributes.given_texts[script];
        return comparer_(Comparing::given_name, texts.text(Pool::code(x)), texts.text(Pool::code(y)));
    }

    const ProfileGraph &graph_;
    SlotIndex story_numbers_;
    std::vector<Story> told_;     // by number of a story: its codes, and who tells it
    std::deque<Pool> stories_;
    TextComparer comparer_;
    std::vector<uint32_t> left_, right_, rows_;
};

}  // namespace enishi
