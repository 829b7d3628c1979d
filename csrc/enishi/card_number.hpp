// Payment card numbers (PANs), which enishi never keeps: how to tell one, masked or not, from a token.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "check_digit.hpp"
#include "spelling.hpp"

namespace enishi {

inline constexpr size_t shortest_card = 13;
inline constexpr size_t longest_card = 19;

// Whether an issuer range, and a length in use there, holds these digits. Maestro is left out: its ranges
// take a third of all numbers that begin with 5 or 6, and it issues no more cards.
inline bool in_issuer_range(std::string_view digits) {
    const size_t n = digits.size();
    if (n < shortest_card || n > longest_card) return false;
    unsigned six = 0;
    for (size_t i = 0; i < 6; ++i) six = six * 10 + static_cast<unsigned>(digits[i] - '0');
    const unsigned two = six / 10000, three = six / 1000, four = six / 100;
    switch (six / 100000) {
        case 2: return four >= 2221 && four <= 2720 && n == 16;  // Mastercard
        case 3:
            if (two == 34 || two == 37) return n == 15;                           // American Express
            if (four >= 3528 && four <= 3589) return n >= 16;                     // JCB
            return (three <= 305 || four == 3095 || two == 36 || two >= 38) && n >= 14;  // Diners Club
        case 4: return n == 13 || n == 16 || n == 19;  // Visa
        case 5: return two >= 51 && two <= 55 && n == 16;  // Mastercard
        case 6:
            if (four == 6011 || (three >= 644 && three <= 649) || two == 65) return n >= 16;  // Discover
            return two == 62 && n >= 16;                                                      // UnionPay
        case 8: return two == 81 && n >= 16;  // UnionPay
        default: return false;
    }
}

// The digits of a number written with blanks or hyphens between them, or with the .0 of a float column; nothing where
// anything else stands in it, or more than 19 digits. They may be written to digits.
inline std::string_view card_digits(std::string_view value, char (&digits)[longest_card]) {
    if (value.size() <= longest_card && all_digits(value)) return value;
    value = without_point_zero(value);
    size_t n = 0;
    for (const char c : value) {
        if (is_digit(c)) {
            if (n == longest_card) return {};
            digits[n++] = c;
        } else if (c != ' ' && c != '-') {
            return {};
        }
    }
    return {digits, n};
}

// Whether a tidied value looks like a raw card number: 13 to 19 digits, Luhn valid, in an issuer range.
inline bool is_card_number(std::string_view value) {
    char digits[longest_card];
    const std::string_view number = card_digits(value, digits);
    return in_issuer_range(number) && luhn_holds(number) && !is_repeated(number);
}

// The same for a value as it stands in a file: what a column is sampled with.
inline bool looks_like_card_number(std::string_view raw) {
    Text scratch;
    std::string_view value;
    return tidy_signs(raw, scratch, value, ascii_of_dash) == Status::accepted && is_card_number(unquoted(value));
}

// The ASCII of the signs that hide digits, or 0.
inline char ascii_of_mask(uint32_t point) {
    switch (point) {
        case 0x00B7:  // middle dot
        case 0x00D7:  // multiplication sign
        case 0x2022:  // bullet
        case 0x2217:  // asterisk operator
        case 0x2219:  // bullet operator
        case 0x22C6:  // star operator
        case 0x25A0:  // black square
        case 0x25CB:  // white circle
        case 0x25CF:  // black circle
        case 0x2605:  // black star
        case 0x2606:  // white star
        case 0x26AB:  // medium black circle
        case 0x2B24:  // black large circle
        case 0x2B1B:  // black large square
        case 0x30FB:  // katakana middle dot
            return '*';
        default: return ascii_of_dash(point);
    }
}

inline bool is_mask(char c) { return c == '*' || (c | 0x20) == 'x' || c == '#'; }

// Whether a value is digits and mask signs (four or more) and nothing else but blanks and hyphens.
inline bool is_masked_number(std::string_view value) {
    size_t masks = 0;
    for (const char c : value) {
        masks += is_mask(c);
        if (!is_mask(c) && !is_digit(c) && c != ' ' && c != '-') return false;
    }
    return masks >= 4;
}

}  // namespace enishi
