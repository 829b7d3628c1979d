// How alike two values of one field are: an outcome among a few, from different to equal.
//
//   given and family name  equal in a script; variants of the same kanji; one reading, other characters; near, close or
//                          alike by Jaro-Winkler; an initial; the two parts swapped
//   name                   whole names, word by word, where a part is not known on both sides
//   date                   equal; one slip (a digit, two digits swapped, day and month swapped); two of its three parts, or
//                          a month apart; the year, or a year apart
//   typed                  an identifier that people type: equal, one edit
//   opaque                 an identifier that machines make: equal
//   email, postcode, address, text
//
// A level is 0 where either side has no value: missing is no evidence, either way. Every comparison is symmetric, to the
// bit, so the order in which profiles are numbered decides nothing. Equal values have equal codes and cost no look at a
// text; the level of two different codes is remembered, for blocks bring the same two names together again and again.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

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
inline constexpr uint8_t alike = 2, close = 3, swapped = 4, near = 5, reading = 6, variant = 7,
                         equal_name = 8;
// dates
inline constexpr uint8_t near_year = 2, two_parts = 3, one_slip = 4, equal_date = 5;
// typed and opaque identifiers
inline constexpr uint8_t one_edit = 2, equal_value = 3;
// emails
inline constexpr uint8_t alike_email = 2, same_local_part = 3, one_edit_email = 4, equal_email = 5;
// postcodes
inline constexpr uint8_t same_area = 2, one_edit_postcode = 3, equal_postcode = 4;
// addresses, by the share of common bigrams
inline constexpr uint8_t third = 2, half = 3, most = 4, equal_address = 5;
// texts
inline constexpr uint8_t alike_text = 2, near_text = 3, equal_text = 4;
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

// One digit that differs makes a difference of one digit and zeros, two neighbors that are swapped nine times that.
inline bool one_slip_of_digits(uint32_t a, uint32_t b) {
    uint32_t apart = a > b ? a - b : b - a;
    while (apart % 10 == 0) apart /= 10;
    if (apart > 9 && (apart > 81 || apart % 9)) return false;
    std::array<uint32_t, 8> x, y;
    for (size_t i = 8; i-- > 0; a /= 10, b /= 10) x[i] = a % 10, y[i] = b % 10;
    size_t first = 0;
    while (x[first] == y[first]) ++first;
    const auto equal_from = [&](size_t at) { return std::equal(x.begin() + at, x.end(), y.begin() + at); };
    if (equal_from(first + 1)) return true;
    return first < 7 && x[first] == y[first + 1] && x[first + 1] == y[first] && equal_from(first + 2);
}

inline size_t count_points(std::string_view text) {
    return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
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

inline uint8_t compare_dates(uint32_t a, uint32_t b) {
    if (a == none || b == none) return level::missing;
    if (a == b) return level::equal_date;
    const uint32_t year_a = a / 10000, month_a = a / 100 % 100, day_a = a % 100;
    const uint32_t year_b = b / 10000, month_b = b / 100 % 100, day_b = b % 100;
    const bool year = year_a == year_b, month = month_a == month_b, day = day_a == day_b;
    if (year && day_a == month_b && month_a == day_b) return level::one_slip;
    if (detail::one_slip_of_digits(a, b)) return level::one_slip;
    if (year + month + day == 2) return level::two_parts;
    if ((year_a > year_b ? year_a - year_b : year_b - year_a) > 1) return level::different;
    const int64_t first = detail::day_number(a), second = detail::day_number(b);
    const int64_t apart = first > second ? first - second : second - first;
    if (apart <= 31) return level::two_parts;
    return year || apart <= 366 ? level::near_year : level::different;
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

// How many of each character a text has, characters in buckets: enough to see of most pairs that they are different,
// without a look at the texts. Of an email, the part before the @; of an address, which bigrams it has, a bit each.
struct Letters {
    std::array<uint8_t, 24> counts{};
    uint32_t length = 0;  // of an address, distinct bigrams
    uint32_t mark = 0;    // of an email a hash of that part, of a postcode its first two bytes
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

}  // namespace detail

// Characters up to which a text of one's own is compared as a word.
inline constexpr size_t longest_word = 16;

// Whether two different texts are certainly different to a comparison of that kind; false where only the texts tell.
inline bool surely_different(Comparing kind, const Letters &a, const Letters &b) {
    if (kind == Comparing::address) return 4 * detail::most_in_common(a, b) < a.length + b.length;
    uint32_t common = 0;
    for (size_t i = 0; i < a.counts.size(); ++i) common += std::min(a.counts[i], b.counts[i]);
    const uint32_t longer = std::max(a.length, b.length);
    if (longer > 200 || !a.length || !b.length) return false;  // a count may have reached its end
    const auto beyond_jaro = [&](double least) {
        const double c = common;
        return (c / a.length + c / b.length + 1.0) / 3.0 < least - 1e-9;
    };
    const bool beyond_edit = common + 1 < longer;
    switch (kind) {
        // A common prefix of four lifts Jaro's 0.8 to 0.88; to 0.80 it lifts nothing that is not above 0.7.
        case Comparing::given_name:
        case Comparing::family_name: return a.length > 1 && b.length > 1 && beyond_jaro(0.7);
        case Comparing::text: return a.length > 1 && b.length > 1 && longer <= longest_word && beyond_jaro(0.7);
        case Comparing::email: return a.mark != b.mark && beyond_edit && beyond_jaro(0.8);
        case Comparing::typed: return beyond_edit;
        case Comparing::postcode: return longer > 2 && beyond_edit && a.mark != b.mark;
        default: return false;
    }
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
        if (kind_ == Comparing::email) {
            text = text.substr(0, text.find('@'));
            for (const char c : text) letters.mark = (letters.mark ^ static_cast<unsigned char>(c)) * 0x01000193u;
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

    // Parts of names; an initial stands for any name that it begins.
    uint8_t name_parts(std::string_view a, std::string_view b) {
        const double similarity = jaro_winkler(a, b);
        if (similarity >= 0.92) return level::near;
        if (similarity >= 0.88) return level::close;
        if (similarity >= 0.80) return level::alike;
        const std::string_view shorter = a.size() < b.size() ? a : b, longer = a.size() < b.size() ? b : a;
        return shorter.size() == 1 && longer.substr(0, 1) == shorter ? level::alike : level::different;
    }

    // Whole names of several words: each word of the shorter name takes its best in the longer one. Names that run on
    // are one word.
    uint8_t names(std::string_view a, std::string_view b) {
        split(a, words_a_);
        split(b, words_b_);
        std::vector<std::string_view> &few = words_a_.size() <= words_b_.size() ? words_a_ : words_b_;
        std::vector<std::string_view> &many = words_a_.size() <= words_b_.size() ? words_b_ : words_a_;
        if (many.size() == 1) return name_parts(a, b);
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
        const size_t equal = take([](std::string_view x, std::string_view y) { return x == y; });
        const size_t near = take([&](std::string_view x, std::string_view y) { return jaro_winkler(x, y) >= 0.88; });
        const size_t initials = take([](std::string_view x, std::string_view y) {
            return (x.size() == 1 || y.size() == 1) && x[0] == y[0];
        });
        if (few.size() >= 2 && equal == few.size()) return level::reading;
        if (few.size() >= 2 && equal && equal + near == few.size()) return whole ? level::near : level::close;
        if (few.size() >= 2 && equal && equal + near + initials == few.size()) return level::close;
        if (equal + near == few.size() || (equal && near)) return level::alike;
        return equal + near + 1 >= many.size() && many.size() > 2 ? level::alike : level::different;
    }

    uint8_t typed(std::string_view a, std::string_view b) {
        return one_edit(a, b) ? level::one_edit : level::different;
    }

    uint8_t emails(std::string_view a, std::string_view b) {
        if (one_edit(a, b)) return level::one_edit_email;
        const std::string_view x = a.substr(0, a.find('@')), y = b.substr(0, b.find('@'));
        if (x == y) return level::same_local_part;
        return jaro_winkler(x, y) >= 0.88 ? level::alike_email : level::different;
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

    // A word or two may be misspelled; what is longer is also said in another order, or with a word more or less.
    uint8_t texts(std::string_view a, std::string_view b) {
        const bool said = detail::count_points(a) > longest_word || detail::count_points(b) > longest_word;
        const double similarity = said ? common_bigrams(a, b) : jaro_winkler(a, b);
        if (similarity >= (said ? 0.6 : 0.92)) return level::near_text;
        return similarity >= (said ? 0.3 : 0.8) ? level::alike_text : level::different;
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
            case Comparing::given_name:
            case Comparing::family_name: return name_parts(a, b);
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
