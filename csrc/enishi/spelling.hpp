// What lies around a number or an id that a machine made: the quotes of a CSV file, the formula that keeps a
// spreadsheet from taking it for a number, dashes that an editor drew prettier; and the forms that tell that
// no id is left.
#pragma once

#include <cstdint>
#include <string_view>

#include "bytes16.hpp"
#include "unicode.hpp"
#include "value.hpp"

namespace enishi {

inline bool is_digit(char c) { return static_cast<uint8_t>(c - '0') < 10; }
inline bool is_letter(char c) { return static_cast<uint8_t>((c | 0x20) - 'a') < 26; }
inline char upper(char c) { return static_cast<uint8_t>(c - 'a') < 26 ? static_cast<char>(c - 32) : c; }
inline char lower(char c) { return static_cast<uint8_t>(c - 'A') < 26 ? static_cast<char>(c + 32) : c; }

// The longest spelling that is looked at; the longest id of any field has 512 bytes.
inline constexpr size_t longest_spelling = 1024;

// The ASCII of the dashes in use (which NFKC leaves apart from each other), or 0.
inline char ascii_of_dash(uint32_t point) {
    const bool dash = (point >= 0x2010 && point <= 0x2015) || point == 0x2212 || point == 0x30FC || point == 0x2500;
    return dash ? '-' : '\0';
}

// The value, tidied, with a hyphen for every dash and, more widely, the ASCII that ascii_of(code point) gives
// for a sign beyond ASCII, if it gives any. It points into raw or into scratch.
//
//   missing   blank, or beyond ASCII a word for "nothing" (in ASCII the field asks, where nothing faster has answered)
//   encoding  as tidy() says
//   too_long  more than any field takes, said before anything is copied; or more than that when it is normalized (one letter
//             may stand for eighteen): what is accepted has room in `longest_spelling` bytes
template <class AsciiOf>
inline Status tidy_signs(std::string_view raw, Text &scratch, std::string_view &value, AsciiOf ascii_of) {
    if (is_visible(raw)) {
        value = raw;
        return Status::accepted;
    }
    value = trim_ascii(raw);
    if (value.size() > longest_spelling) return Status::too_long;
    const Status status = tidy(value, scratch, value);
    if (status != Status::accepted) return status;
    if (value.size() > longest_spelling) return Status::too_long;
    if (is_ascii(value)) return status;
    if (means_nothing(value)) return Status::missing;
    // In place: value is part of scratch, and ASCII is shorter than what it stands for.
    char *to = scratch.data();
    const char *const end = value.data() + value.size();
    for (const char *from = value.data(); from != end;) {
        uint32_t point;
        const size_t size = unicode::decode(from, end, point);
        const char c = point < 0x80 ? static_cast<char>(point) : ascii_of(point);
        if (c) {
            *to++ = c;
        } else {
            std::memmove(to, from, size);
            to += size;
        }
        from += size;
    }
    value = {scratch.data(), static_cast<size_t>(to - scratch.data())};
    return Status::accepted;
}

// Without the quotes around it, however many: "value", """value""", 'value', ="value", or the single ' that makes a
// spreadsheet keep text.
inline std::string_view unquoted(std::string_view text) {
    while (!text.empty()) {
        const bool formula = text.size() >= 3 && text[0] == '=' && text[1] == '"' && text.back() == '"';
        if (formula) text.remove_prefix(1);
        const char quote = text.front();
        if (quote != '"' && quote != '\'') break;
        if (text.size() >= 2 && text.back() == quote) {
            text = text.substr(1, text.size() - 2);
        } else if (quote == '\'') {
            text.remove_prefix(1);
        } else {
            break;
        }
        text = trim_ascii(text);
    }
    return text;
}

// Without the .0 that a float column hangs on whole numbers.
inline std::string_view without_point_zero(std::string_view text) {
    if (text.size() > 2 && text[text.size() - 2] == '.' && text.back() == '0') text.remove_suffix(2);
    return text;
}

namespace detail {

// Whether any byte answers to a test given for eight at once, the last eight of them overlapping those before; text
// shorter than eight is filled up.
template <class Test>
inline bool any_of(std::string_view text, char filler, Test test) {
    uint64_t last = each_byte * static_cast<uint8_t>(filler);
    if (text.size() < 8) {
        if (!text.empty()) std::memcpy(&last, text.data(), text.size());
        return test(last) & each_byte * 0x80;
    }
    uint64_t found = test(load8(text.data() + text.size() - 8));
    for (size_t i = 0; i + 8 < text.size(); i += 8) found |= test(load8(text.data() + i));
    return found & each_byte * 0x80;
}

}  // namespace detail

// Whether white space or anything beyond ASCII stands in a tidied value.
inline bool has_blank_or_wide(std::string_view text) {
    return detail::any_of(text, '!', [](uint64_t x) { return x | (x - detail::each_byte * '!'); });
}

inline bool all_digits(std::string_view text) {
    if (text.size() <= longest_by_sixteen) {
        const auto digits = [](Bytes16 block, size_t) { return block.within('0', '9'); };
        return !text.empty() && every_byte(text, digits);
    }
    const auto other = [](uint64_t x) {
        return x | (x + detail::each_byte * (0x80 - '9' - 1)) | (x - detail::each_byte * '0');
    };
    return !detail::any_of(text, '0', other);
}

// 1.2E+15, 1.2E15, 1,2E+15, 12E+14: what a spreadsheet or a float column leaves of a long number. 12E14 alone
// may be an id.
inline bool is_scientific(std::string_view text) {
    size_t i = 0;
    const auto digits = [&] {
        const size_t from = i;
        while (i < text.size() && is_digit(text[i])) ++i;
        return i - from;
    };
    if (!digits()) return false;
    const bool fraction = i < text.size() && (text[i] == '.' || text[i] == ',');
    if (fraction) {
        ++i;
        digits();
    }
    if (i == text.size() || lower(text[i]) != 'e') return false;
    ++i;
    const bool sign = i < text.size() && (text[i] == '+' || text[i] == '-');
    i += sign;
    const size_t exponent = digits();
    return i == text.size() && exponent >= 1 && exponent <= 3 && (fraction || sign);
}

inline bool is_repeated(std::string_view text) {
    for (const char c : text) {
        if (c != text.front()) return false;
    }
    return true;
}

// At most one letter or digit, however often, with whatever signs: 0000-00-00, ()[]{}.
inline bool has_one_sign(std::string_view text) {
    char met = 0;
    for (const char c : text) {
        if (!is_digit(c) && !is_letter(c)) continue;
        if (met && c != met) return false;
        met = c;
    }
    return true;
}

// Four or more characters that count up or down, around the end of the digits too: 12345678901, 9876543210.
inline bool is_sequential(std::string_view text) {
    if (text.size() < 4) return false;
    const auto after = [](char c) { return c == '9' ? '0' : static_cast<char>(c + 1); };
    const bool up = text[1] == after(text[0]);
    for (size_t i = 1; i < text.size(); ++i) {
        if (up ? text[i] != after(text[i - 1]) : after(text[i]) != text[i - 1]) return false;
    }
    return true;
}

// Repeated or sequential. Of nearly every number the first four digits tell that it is neither, and not which of them
// does, for which a branch each would be guessed wrong.
inline bool is_repeated_or_sequential(std::string_view text) {
    if (text.size() < 4) return is_repeated(text);
    // The second differences: zero, or ten where a sequence goes around.
    const int a = text[0] - 2 * text[1] + text[2], b = text[1] - 2 * text[2] + text[3];
    const bool even = ((a == 0) | (a == 10) | (a == -10)) & ((b == 0) | (b == 10) | (b == -10));
    return even && (is_repeated(text) || is_sequential(text));
}

}  // namespace enishi
