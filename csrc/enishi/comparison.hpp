// How alike two values of one field are: an outcome among a few, from different to equal.
//
//   given and family name  equal in a script; variants of the same kanji; one reading, other characters; one slip; another
//                          form of the given name (Bob, Robert); some words of a longer one; near, close or alike by
//                          Jaro-Winkler; an initial; the two parts swapped. Father and son by name (Sr, Jr) are different
//   name                   whole names, word by word, where a part is not known on both sides
//   date                   equal; digits, or day and month, swapped; one digit; the year and one of its other parts, or a
//                          month apart; day and month; the year, or a year apart
//   typed                  an identifier that people type: equal, one edit
//   opaque                 an identifier that machines make: equal
//   email, postcode, address
//   text                   equal; near and alike by letters; as alike, but each with a number that the other has not (a
//                          volume, a model, a year): letters say nothing of numbers. Two numbers are near by what they count
//
// A level is 0 where either side has no value: missing is no evidence, either way. Every comparison is symmetric, to the
// bit, so the order in which profiles are numbered decides nothing. Equal values have equal codes and cost no look at a
// text; the level of two different codes is remembered, for blocks bring the same two names together again and again.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "given_names.hpp"
#include "jaro_winkler.hpp"
#include "near.hpp"
#include "unicode.hpp"
#include "value_table.hpp"

namespace enishi {

inline constexpr size_t script_count = 3;  // Han, kana, Latin: names in different scripts are not comparable
inline constexpr size_t han_script = 0;
inline constexpr size_t kana_script = 1;
inline constexpr size_t latin_script = 2;

enum class Comparing : uint8_t { given_name, family_name, name, date, typed, opaque, email, postcode, address, text };

namespace level {
inline constexpr uint8_t missing = 0;
inline constexpr uint8_t different = 1;
// names
inline constexpr uint8_t alike = 2, close = 3, swapped = 4, near = 5, shortened = 6, other_form = 7, name_slip = 8,
                         reading = 9, variant = 10, equal_name = 11;
// dates
inline constexpr uint8_t near_year = 2, other_year = 3, near_day = 4, one_slip = 5, swapped_digits = 6, equal_date = 7;
// typed and opaque identifiers
inline constexpr uint8_t one_edit = 2, equal_value = 3;
// emails
inline constexpr uint8_t alike_email = 2, same_local_part = 3, one_edit_email = 4, equal_email = 5;
// postcodes
inline constexpr uint8_t same_area = 2, one_edit_postcode = 3, equal_postcode = 4;
// addresses, by the share of common bigrams
inline constexpr uint8_t third = 2, half = 3, most = 4, equal_address = 5;
// texts
inline constexpr uint8_t other_number = 2, alike_text = 3, near_text = 4, equal_text = 5;
}  // namespace level

// The level at which two equal values stand.
inline uint8_t top_level(Comparing kind) {
    switch (kind) {
        case Comparing::given_name:
        case Comparing::family_name:
        case Comparing::name: return level::equal_name;
        case Comparing::date: return level::equal_date;
        case Comparing::typed:
        case Comparing::opaque: return level::equal_value;
        case Comparing::email: return level::equal_email;
        case Comparing::postcode: return level::equal_postcode;
        case Comparing::address: return level::equal_address;
        case Comparing::text: return level::equal_text;
    }
    return level::different;
}

namespace detail {

// Whether two texts are within one edit (OSA) of each other, unit by unit.
template <class Unit>
bool within_one_edit(const Unit *a, size_t m, const Unit *b, size_t n) {
    if (m > n) {
        std::swap(a, b);
        std::swap(m, n);
    }
    if (n - m > 1) return false;
    size_t first = 0;
    while (first < m && a[first] == b[first]) ++first;
    const auto equal = [&](size_t i, size_t j) { return m - i == n - j && std::equal(a + i, a + m, b + j); };
    if (m < n) return equal(first, first + 1);
    if (first == m || equal(first + 1, first + 1)) return true;
    return first + 1 < m && a[first] == b[first + 1] && a[first + 1] == b[first] && equal(first + 2, first + 2);
}

// Whether two different dates are one with day and month, or two neighboring digits, swapped.
inline bool swapped_in_dates(uint32_t a, uint32_t b) {
    const uint32_t day_a = a % 100, month_a = a / 100 % 100, day_b = b % 100, month_b = b / 100 % 100;
    if (a / 10000 == b / 10000 && day_a == month_b && month_a == day_b) return true;
    for (; a % 10 == b % 10; a /= 10, b /= 10) {}
    return a / 100 == b / 100 && a % 10 == b / 10 % 10 && a / 10 % 10 == b % 10;
}

// Whether two different dates differ in one digit.
inline bool one_digit_of_dates(uint32_t a, uint32_t b) {
    for (; a % 10 == b % 10; a /= 10, b /= 10) {}
    return a / 10 == b / 10;
}

inline size_t count_points(std::string_view text) {
    const auto begins = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
    return static_cast<size_t>(std::count_if(text.begin(), text.end(), begins));
}

// The numbers in a text, each digits with at most one point between two of them: the number of this one, as far as a text
// of one's own has so many digits, and where it ends.
inline constexpr size_t most_digits = 15;
inline bool next_number(std::string_view &text, std::string_view &number) {
    const auto digit = [&](size_t i) { return i < text.size() && text[i] >= '0' && text[i] <= '9'; };
    size_t from = 0;
    while (from < text.size() && !digit(from)) ++from;
    size_t to = from;
    while (digit(to)) ++to;
    if (to > from && to < text.size() && text[to] == '.' && digit(to + 1)) {
        for (++to; digit(to);) ++to;
    }
    number = text.substr(from, to - from);
    text.remove_prefix(to);
    while (number.size() > 1 && number[0] == '0' && number[1] != '.') number.remove_prefix(1);
    return !number.empty();
}

// Whether a text is one number and nothing else, and which.
inline bool is_number(std::string_view text, double &value) {
    std::string_view rest = text, number;
    if (text.empty() || text[0] < '0' || text[0] > '9' || !next_number(rest, number) || !rest.empty()) return false;
    if (number.size() > most_digits) return false;
    value = 0;
    double unit = 0;
    for (const char c : number) {
        if (c == '.') {
            unit = 1;
        } else {
            value = value * 10 + (c - '0');
            unit *= 10;
        }
    }
    if (unit > 0) value /= unit;
    return true;
}

// The distinct pairs of neighboring characters, sorted.
inline void bigrams(std::string_view text, std::vector<uint32_t> &out) {
    decode_utf8(text, out);
    if (out.size() < 2) return;
    for (size_t i = 0; i + 1 < out.size(); ++i) out[i] = out[i] * 0x9E3779B1u ^ out[i + 1];
    out.pop_back();
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
}

// Days since 0000-03-01, by the Gregorian calendar.
inline int64_t day_number(uint32_t date) {
    const int64_t month = date / 100 % 100, shifted = (month + 9) % 12, year = date / 10000 - (month <= 2);
    return year * 365 + year / 4 - year / 100 + year / 400 + (shifted * 306 + 5) / 10 + date % 100 - 1;
}

}  // namespace detail

// Beside the digits of a date that no calendar has. It was mistyped, so it says one thing alone: of which dates it is one
// slip.
inline constexpr uint32_t impossible_date = uint32_t{1} << 31;
inline uint32_t digits_of_date(uint32_t date) { return date & ~impossible_date; }

inline uint8_t compare_dates(uint32_t a, uint32_t b) {
    if (a == none || b == none) return level::missing;
    if ((a | b) & impossible_date) {
        if (a & b & impossible_date) return level::missing;
        const uint32_t one = digits_of_date(a), other = digits_of_date(b);
        if (one == other) return level::one_slip;  // what is a date depends on the field
        if (detail::swapped_in_dates(one, other)) return level::swapped_digits;
        return detail::one_digit_of_dates(one, other) ? level::one_slip : level::missing;
    }
    if (a == b) return level::equal_date;
    const uint32_t year_a = a / 10000, month_a = a / 100 % 100, year_b = b / 10000, month_b = b / 100 % 100;
    const bool year = year_a == year_b, month = month_a == month_b, day = a % 100 == b % 100;
    if (detail::swapped_in_dates(a, b)) return level::swapped_digits;
    if (detail::one_digit_of_dates(a, b)) return level::one_slip;
    if (year && (month || day)) return level::near_day;
    // Two years apart is more than 366 days.
    const bool near = (year_a > year_b ? year_a - year_b : year_b - year_a) <= 1;
    const int64_t first = near ? detail::day_number(a) : 0, second = near ? detail::day_number(b) : 0;
    const int64_t apart = first > second ? first - second : second - first;
    if (near && apart <= 31) return level::near_day;
    if (month && day) return level::other_year;
    return near && (year || apart <= 366) ? level::near_year : level::different;
}

// A text as the parity of how often each of its characters occurs, characters in 32 buckets: one edit turns two bits at most.
// Of an email, the part before the @, so that this is true of its part alone.
inline uint32_t parity_of(Comparing kind, std::string_view text) {
    if (kind == Comparing::email) text = text.substr(0, text.find('@'));
    uint32_t parity = 0;
    for (size_t i = 0; i < text.size();) {
        uint32_t c = static_cast<unsigned char>(text[i++]);
        while (i < text.size() && (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80) c = c * 64 + static_cast<unsigned char>(text[i++]);
        parity ^= 1u << (c ^ c >> 5) % 32;
    }
    return parity;
}

// Whether two texts are certainly not within one edit of each other.
inline bool beyond_one_edit(uint32_t parity, uint32_t other) {
    uint32_t turned = parity ^ other;
    turned &= turned - 1;
    return (turned & (turned - 1)) != 0;
}

// Whether two people born then may be parent and child.
inline bool generation_apart(uint32_t a, uint32_t b) {
    const uint32_t first = a / 10000, second = b / 10000;
    return (first > second ? first - second : second - first) >= 13;
}

// How many of each character a text has, characters in buckets: enough to see of most pairs that they are different,
// without a look at the texts. Of an email, the part before the @; of an address, which bigrams it has, a bit each.
struct Letters {
    static constexpr uint32_t several_words = 1u << 31;

    std::array<uint8_t, 24> counts{};
    uint32_t length = 0;  // of an address, distinct bigrams
    uint32_t mark = 0;    // of an email a hash of that part, of a postcode its first two bytes, of a name what its words mean,
                          // of a text whether it is a number
};

namespace detail {

// Of two sets of bigrams: each bit that only one has is a bigram that the other has not.
inline uint32_t most_in_common(const Letters &a, const Letters &b) {
    uint32_t only_a = 0, only_b = 0;
    for (size_t i = 0; i < a.counts.size(); i += 8) {
        uint64_t x, y;
        std::memcpy(&x, &a.counts[i], 8);
        std::memcpy(&y, &b.counts[i], 8);
        only_a += static_cast<uint32_t>(__builtin_popcountll(x & ~y));
        only_b += static_cast<uint32_t>(__builtin_popcountll(y & ~x));
    }
    return std::min(a.length - only_a, b.length - only_b);
}

// How many letters only one of two texts has.
inline uint32_t counts_apart(const Letters &a, const Letters &b) {
#if defined(__SSE2__)
    const auto *const x = reinterpret_cast<const __m128i *>(a.counts.data()), *const y = reinterpret_cast<const __m128i *>(b.counts.data());
    const __m128i first = _mm_sad_epu8(_mm_loadu_si128(x), _mm_loadu_si128(y));
    const __m128i rest = _mm_sad_epu8(_mm_loadl_epi64(x + 1), _mm_loadl_epi64(y + 1));
    const __m128i sums = _mm_add_epi64(first, rest);
    return static_cast<uint32_t>(_mm_cvtsi128_si32(sums) + _mm_cvtsi128_si32(_mm_unpackhi_epi64(sums, sums)));
#else
    uint32_t apart = 0;
    for (size_t i = 0; i < a.counts.size(); ++i) apart += static_cast<uint32_t>(std::abs(int{a.counts[i]} - int{b.counts[i]}));
    return apart;
#endif
}

inline constexpr uint32_t longest_counted = 200;  // a count may have reached its end in a longer text

// Whether so many characters in common, whatever their order, are too few for a Jaro similarity of two texts of a and b
// characters: with no transposition it would be the mean of both shares and 1. Rounding must not decide.
inline bool too_few_in_common(uint32_t common, uint32_t a, uint32_t b, double similarity) {
    return double(common) * double(a + b) < (3 * (similarity - 1e-9) - 1) * (double(a) * double(b));
}

}  // namespace detail

// Characters up to which a text of one's own is compared as a word.
inline constexpr size_t longest_word = 16;

// Whether two different texts are certainly different to a comparison of that kind; false where only the texts tell.
inline bool surely_different(Comparing kind, const Letters &a, const Letters &b) {
    if (kind == Comparing::address) return 4 * detail::most_in_common(a, b) < a.length + b.length;
    const uint32_t longer = std::max(a.length, b.length);
    if (longer > detail::longest_counted || !a.length || !b.length) return false;
    const uint32_t common = (a.length + b.length - detail::counts_apart(a, b)) / 2;
    const bool beyond_edit = common + 1 < longer;
    const auto too_few = [&](double similarity) { return detail::too_few_in_common(common, a.length, b.length, similarity); };
    switch (kind) {
        // A common prefix of four lifts Jaro's 0.8 to 0.88; to 0.80 it lifts nothing that is not above 0.7.
        // Some words of a name stand in few of its letters.
        case Comparing::given_name:
        case Comparing::family_name:
            if ((a.mark & b.mark) || ((a.mark | b.mark) & Letters::several_words)) return false;
            return a.length > 1 && b.length > 1 && too_few(0.7);
        case Comparing::text:
            return !(a.mark & b.mark) && a.length > 1 && b.length > 1 && longer <= longest_word && too_few(0.7);
        case Comparing::email: return a.mark != b.mark && beyond_edit && too_few(0.8);
        case Comparing::typed: return beyond_edit;
        case Comparing::postcode: return longer > 2 && beyond_edit && a.mark != b.mark;
        default: return false;
    }
}

// Bits of a name, of which two that are not surely different have one in common: a bit for each bucket of characters that it
// has, and four for what its words mean.
inline uint32_t bits_of(const Letters &letters) {
    constexpr uint32_t all = ~uint32_t{0};
    if (letters.length < 2 || letters.length > detail::longest_counted || (letters.mark & Letters::several_words)) return all;
    uint32_t bits = 0;
    for (size_t i = 0; i < letters.counts.size(); ++i) bits |= uint32_t{letters.counts[i] != 0} << i;
    for (uint32_t mark = letters.mark; mark; mark >>= 4) bits |= (mark & 15) << letters.counts.size();
    return bits;
}

// The letters of one text after the other.
class LettersOf {
  public:
    explicit LettersOf(Comparing kind) : kind_(kind) {}

    Letters operator()(std::string_view text) {
        Letters letters;
        constexpr size_t buckets = letters.counts.size();
        if (kind_ == Comparing::address) {
            detail::bigrams(text, points_);
            letters.length = static_cast<uint32_t>(points_.size());
            for (const uint32_t bigram : points_) {
                const uint32_t bit = (bigram * 0x85ebca6bu >> 16) % (8 * buckets);
                letters.counts[bit / 8] |= static_cast<uint8_t>(1u << bit % 8);
            }
            return letters;
        }
        if (kind_ == Comparing::postcode) {
            for (const char c : text.substr(0, 2)) letters.mark = letters.mark << 8 | static_cast<unsigned char>(c);
        }
        if (kind_ == Comparing::text) letters.mark = detail::is_number(text, number_);
        if (kind_ == Comparing::email) {
            text = text.substr(0, text.find('@'));
            for (const char c : text) letters.mark = (letters.mark ^ static_cast<unsigned char>(c)) * 0x01000193u;
        }
        if (kind_ == Comparing::given_name || kind_ == Comparing::family_name) {
            const size_t first = text.find(' ');
            if (kind_ == Comparing::given_name) letters.mark = marks_of_given_name(text.substr(0, first));
            if (first != text.npos) letters.mark |= Letters::several_words;
        }
        detail::decode_utf8(text, points_);
        letters.length = static_cast<uint32_t>(points_.size());
        for (const uint32_t point : points_) {
            uint8_t &count = letters.counts[point % buckets];
            if (count < 255) ++count;
        }
        return letters;
    }

  private:
    Comparing kind_;
    double number_ = 0;
    std::vector<uint32_t> points_;
};

// Compares different texts; one for each thread, for it keeps its scratch.
class TextComparer {
  public:
    double jaro_winkler(std::string_view a, std::string_view b) {
        return by_characters(a, b, [&](auto x, auto y) { return enishi::jaro_winkler(places_, x, y, 0.0); });
    }

    double jaro(std::string_view a, std::string_view b) {
        return by_characters(a, b, [&](auto x, auto y) {
            return enishi::jaro(places_, x, y, detail::common_prefix(x, y));
        });
    }

    bool one_edit(std::string_view a, std::string_view b) {
        if (is_ascii(a) && is_ascii(b)) return detail::within_one_edit(a.data(), a.size(), b.data(), b.size());
        detail::decode_utf8(a, left_);
        detail::decode_utf8(b, right_);
        return detail::within_one_edit(left_.data(), left_.size(), right_.data(), right_.size());
    }

    // Parts of names. A slip is one in a word of letters: of four syllables (マサヒロ, マサヒコ) one more makes another name.
    // An initial stands for any name that it begins.
    uint8_t name_parts(std::string_view a, std::string_view b, bool given) {
        if (has_blank(a) || has_blank(b)) {
            split(a, words_a_);
            split(b, words_b_);
            if (!of_one_generation(words_a_, words_b_, 1)) return level::different;
            if (is_part(words_a_, words_b_) || is_part(words_b_, words_a_)) return level::shortened;
            if (given && one_given_name(words_a_[0], words_b_[0])) return level::other_form;
        } else if (given && one_given_name(a, b)) {
            return level::other_form;
        }
        if (one_slip(a, b)) return level::name_slip;
        const double similarity = jaro_winkler(a, b);
        if (similarity >= 0.92) return level::near;
        if (similarity >= 0.88) return level::close;
        if (similarity >= 0.80 || scrambled(a, b) || one_without_vowels(a, b) || contracted(a, b)) return level::alike;
        const std::string_view shorter = a.size() < b.size() ? a : b, longer = a.size() < b.size() ? b : a;
        return shorter.size() == 1 && longer.substr(0, 1) == shorter ? level::alike : level::different;
    }

    // Whole names of several words: each word of the shorter name takes its best in the longer one. Names that run on
    // are one word.
    uint8_t names(std::string_view a, std::string_view b) {
        split(a, words_a_);
        split(b, words_b_);
        if (!of_one_generation(words_a_, words_b_, 2)) return level::different;
        std::vector<std::string_view> &few = words_a_.size() <= words_b_.size() ? words_a_ : words_b_;
        std::vector<std::string_view> &many = words_a_.size() <= words_b_.size() ? words_b_ : words_a_;
        if (many.size() == 1) return name_parts(a, b, false);
        if (few.empty()) return level::different;
        const bool whole = few.size() == many.size();
        const auto take = [&](auto accepts) {
            size_t taken = 0;
            for (std::string_view &word : few) {
                if (word.empty()) continue;
                for (std::string_view &other : many) {
                    if (other.empty() || !accepts(word, other)) continue;
                    word = other = {};
                    ++taken;
                    break;
                }
            }
            return taken;
        };
        const size_t equal = take([](std::string_view x, std::string_view y) { return x.size() > 1 && x == y; });
        const size_t near = take([&](std::string_view x, std::string_view y) {
            if (x.size() <= 1 || y.size() <= 1) return false;
            return jaro_winkler(x, y) >= 0.88 || one_slip(x, y) || one_given_name(x, y) || one_without_vowels(x, y) ||
                   same_consonants(x, y, 4);
        });
        const size_t same_initials = take([](std::string_view x, std::string_view y) { return x == y; });
        bool by_initial = false;  // whether a word of the shorter name stands in the longer one by its initial alone
        const size_t initials = take([&](std::string_view x, std::string_view y) {
            const bool one = (x.size() == 1 || y.size() == 1) && x[0] == y[0];
            by_initial = by_initial || (one && x.size() > 1);
            return one;
        });
        // Emma is no Saun E.: where a word is left, the initial is that of another name.
        const auto is_word = [](std::string_view word) { return word.size() > 1; };
        if (by_initial && std::any_of(many.begin(), many.end(), is_word)) return level::different;
        const size_t words = equal + near, alike = words + same_initials;
        if (equal >= 2 && equal + same_initials == few.size()) return level::reading;
        if (words >= 2 && alike == few.size()) return whole && equal ? level::near : level::close;
        if (few.size() >= 2 && equal && alike + initials == few.size()) return level::close;
        if ((words && alike + initials == few.size()) || (equal && near)) return level::alike;
        return equal + near + 1 >= many.size() && many.size() > 2 ? level::alike : level::different;
    }

    uint8_t typed(std::string_view a, std::string_view b) {
        return one_edit(a, b) ? level::one_edit : level::different;
    }

    uint8_t emails(std::string_view a, std::string_view b) {
        const std::string_view x = a.substr(0, a.find('@')), y = b.substr(0, b.find('@'));
        if (numbered(x, y)) return level::different;
        if (one_edit(a, b)) return level::one_edit_email;
        if (x == y) return level::same_local_part;
        return jaro_winkler(x, y) >= 0.88 ? level::alike_email : level::different;
    }

    // Whether two local parts differ in nothing but digits: that is how different people's addresses are made.
    static bool numbered(std::string_view x, std::string_view y) {
        const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
        size_t i = 0, j = 0;
        bool digits = false;
        while (true) {
            const size_t from = i, other = j;
            while (i < x.size() && is_digit(x[i])) ++i;
            while (j < y.size() && is_digit(y[j])) ++j;
            digits |= x.substr(from, i - from) != y.substr(other, j - other);
            if (i == x.size() || j == y.size()) return digits && i == x.size() && j == y.size();
            if (x[i++] != y[j++]) return false;
        }
    }

    uint8_t postcodes(std::string_view a, std::string_view b) {
        if (one_edit(a, b)) return level::one_edit_postcode;
        const size_t half = (std::max(a.size(), b.size()) + 1) / 2;
        return a.substr(0, half) == b.substr(0, half) ? level::same_area : level::different;
    }

    uint8_t addresses(std::string_view a, std::string_view b) {
        const double share = common_bigrams(a, b);
        return share >= 0.75 ? level::most : share >= 0.5 ? level::half : 3 * share >= 1 ? level::third : level::different;
    }

    // A word or two may be misspelled; what is longer is also said in another order, or with a word more or less. But
    // where each has a number that the other has not, they are two of a kind.
    uint8_t texts(std::string_view a, std::string_view b) {
        double one, other;
        if (detail::is_number(a, one) && detail::is_number(b, other)) return numbers(one, other);
        const bool said = detail::count_points(a) > longest_word || detail::count_points(b) > longest_word;
        const double similarity = said ? common_bigrams(a, b) : jaro_winkler(a, b);
        if (similarity < (said ? 0.3 : 0.8)) return level::different;
        if (has_other_number(a, b) && has_other_number(b, a)) return level::other_number;
        return similarity >= (said ? 0.6 : 0.92) ? level::near_text : level::alike_text;
    }

    // Two numbers: a year and the next, a price and what it is elsewhere.
    static uint8_t numbers(double a, double b) {
        const double apart = std::abs(a - b), larger = std::max(a, b);
        return 1000 * apart <= larger ? level::near_text : 20 * apart <= larger ? level::alike_text : level::different;
    }

    // Whether a text has a number that another has not.
    static bool has_other_number(std::string_view a, std::string_view b) {
        std::string_view one, other;
        while (detail::next_number(a, one)) {
            bool found = false;
            for (std::string_view rest = b; !found && detail::next_number(rest, other);) found = one == other;
            if (!found) return true;
        }
        return false;
    }

    // The share of common ones among all distinct pairs of neighboring characters.
    double common_bigrams(std::string_view a, std::string_view b) {
        detail::bigrams(a, left_);
        detail::bigrams(b, right_);
        size_t common = 0;
        for (size_t i = 0, j = 0; i < left_.size() && j < right_.size();) {
            if (left_[i] == right_[j]) {
                ++common;
                ++i;
                ++j;
            } else {
                left_[i] < right_[j] ? ++i : ++j;
            }
        }
        return static_cast<double>(common) / static_cast<double>(left_.size() + right_.size() - common);
    }

    // The level of two different texts. The smaller one stands left: what is greedy in here is symmetric by that alone.
    uint8_t operator()(Comparing kind, std::string_view a, std::string_view b) {
        if (b < a) std::swap(a, b);
        switch (kind) {
            case Comparing::given_name: return name_parts(a, b, true);
            case Comparing::family_name: return name_parts(a, b, false);
            case Comparing::name: return names(a, b);
            case Comparing::typed: return typed(a, b);
            case Comparing::email: return emails(a, b);
            case Comparing::postcode: return postcodes(a, b);
            case Comparing::address: return addresses(a, b);
            case Comparing::text: return texts(a, b);
            case Comparing::opaque:
            case Comparing::date: break;
        }
        return level::different;
    }

  private:
    static bool has_blank(std::string_view text) { return text.find(' ') != text.npos; }

    // One edit in a name of four letters or more.
    bool one_slip(std::string_view a, std::string_view b) {
        const auto is_syllable = [](char c) { return static_cast<unsigned char>(c) >= 0xE3; };  // U+3000 and up
        if (std::min(a.size(), b.size()) < 4 || std::any_of(a.begin(), a.end(), is_syllable)) return false;
        return one_edit(a, b);
    }

    // Whether two names of Latin letters may be one that was mistyped worse than Jaro-Winkler sees: one edit in two or three
    // letters (Uwe, Eva), or all letters but one in four there, in whatever order (foSia).
    bool scrambled(std::string_view a, std::string_view b) {
        const size_t longer = std::max(a.size(), b.size());
        if (!is_ascii(a) || !is_ascii(b) || std::min(a.size(), b.size()) < 2 || longer < 3) return false;
        if (longer < 4) return one_edit(a, b);
        std::array<uint32_t, 128> more{};
        for (const char c : a) ++more[static_cast<unsigned char>(c)];
        size_t common = 0;
        for (const char c : b) {
            uint32_t &left = more[static_cast<unsigned char>(c)];
            if (left > 0) {
                --left;
                ++common;
            }
        }
        return 4 * (longer - common) <= longer;
    }

    // Whether two words have the same consonants, three or more, and one of them hardly a vowel: it comes from a script that
    // leaves them out.
    static bool one_without_vowels(std::string_view a, std::string_view b) {
        if (!is_ascii(a) || !is_ascii(b)) return false;
        const auto is_vowel = [](char c) { return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u'; };
        const auto vowels = [&](std::string_view word) { return std::count_if(word.begin(), word.end(), is_vowel); };
        const auto of_a = vowels(a), of_b = vowels(b);
        return std::min(of_a, of_b) <= 1 && std::max(of_a, of_b) >= 2 && same_consonants(a, b, 3);
    }

    // Whether of two words of Latin letters one is the other with its middle left out: Md or Mhd for Mohamed, Wm for William.
    // No more is, than leaves a fifth of the letters: fewer are in common with any name.
    static bool contracted(std::string_view a, std::string_view b) {
        if (a.size() > b.size()) std::swap(a, b);
        if (!is_ascii(a) || !is_ascii(b) || a.size() < 2 || a.size() + 2 > b.size() || 5 * a.size() < b.size()) return false;
        if (a.front() != b.front() || a.back() != b.back()) return false;
        size_t i = 0;
        for (size_t j = 0; j < b.size() && i < a.size(); ++j) i += a[i] == b[j];
        return i == a.size();
    }

    // Whether two words of Latin letters have so many consonants or more, and the same ones: one name, written as it sounds in two
    // languages (Fyodorov, Fedorov). What counts as a vowel in some language is left out, and what is doubled.
    static bool same_consonants(std::string_view a, std::string_view b, size_t least) {
        if (!is_ascii(a) || !is_ascii(b)) return false;
        const auto is_vowel = [](char c) { return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u'; };
        const auto next = [&](std::string_view word, size_t &i) {
            const auto skipped = [&](char c) { return is_vowel(c) || c == 'y' || c == 'w' || (i && c == word[i - 1]); };
            while (i < word.size() && skipped(word[i])) ++i;
            return i < word.size() ? word[i++] : '\0';
        };
        size_t i = 0, j = 0, common = 0;
        while (true) {
            const char x = next(a, i), y = next(b, j);
            if (x != y) return false;
            if (!x) return common >= least;
            ++common;
        }
    }

    // Takes a word that tells generations apart out of a name with so many others, and returns which.
    static uint8_t take_generation(std::vector<std::string_view> &words, size_t others) {
        for (size_t i = words.size(); i-- > 0 && words.size() > others;) {
            if (const uint8_t which = generation(words[i])) {
                words.erase(words.begin() + static_cast<std::ptrdiff_t>(i));
                return which;
            }
        }
        return 0;
    }

    static bool of_one_generation(std::vector<std::string_view> &a, std::vector<std::string_view> &b, size_t others) {
        const uint8_t x = take_generation(a, others), y = take_generation(b, others);
        // Beside a Morris II, Morris I is the first; else it may be any initial.
        if (x > 1 && !y && b.size() > others && b.back() == "i") return false;
        if (y > 1 && !x && a.size() > others && a.back() == "i") return false;
        return !x || !y || x == y;
    }

    // Whether every word of a name stands in another one, an initial aside.
    static bool is_part(const std::vector<std::string_view> &few, const std::vector<std::string_view> &many) {
        if (few.empty() || few.size() > many.size() || std::all_of(few.begin(), few.end(), [](std::string_view word) {
                return word.size() == 1;
            })) {
            return false;
        }
        return std::all_of(few.begin(), few.end(), [&](std::string_view word) {
            return std::find(many.begin(), many.end(), word) != many.end();
        });
    }

    static void split(std::string_view text, std::vector<std::string_view> &words) {
        words.clear();
        while (!text.empty()) {
            const size_t blank = std::min(text.find(' '), text.size());
            if (blank && words.size() < 16) words.push_back(text.substr(0, blank));
            text.remove_prefix(std::min(blank + 1, text.size()));
        }
    }

    static std::u32string_view points(const std::vector<uint32_t> &decoded) {
        return {reinterpret_cast<const char32_t *>(decoded.data()), decoded.size()};
    }

    template <class Similarity>
    double by_characters(std::string_view a, std::string_view b, Similarity similarity) {
        if (is_ascii(a) && is_ascii(b)) return in_order(a, b, similarity);
        detail::decode_utf8(a, left_);
        detail::decode_utf8(b, right_);
        return in_order(points(left_), points(right_), similarity);
    }

    // The smaller string stands left, because Jaro's greedy choice of common characters is not symmetric.
    template <class Char, class Similarity>
    double in_order(std::basic_string_view<Char> a, std::basic_string_view<Char> b, Similarity similarity) {
        if (a.size() > b.size() || (a.size() == b.size() && b < a)) std::swap(a, b);
        if (b.size() <= 64) places_.assign(a);
        return similarity(a, b);
    }

    std::vector<uint32_t> left_, right_;
    Places places_;  // of the left one
    std::vector<std::string_view> words_a_, words_b_;
};

}  // namespace enishi
