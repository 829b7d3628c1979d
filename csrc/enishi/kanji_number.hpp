// Numbers written in kanji: by place value (二三, 一九八五) or with units (二十三, 千二百).
#pragma once

#include <array>
#include <string_view>

#include "value.hpp"

namespace enishi {

namespace detail {

// 0 to 9 for a digit, 10, 100 or 1000 for a unit, -1 for any other text. Every one of them has three bytes.
inline int kanji_numeral(std::string_view text) {
    struct Numeral {
        std::string_view kanji;
        int value;
    };
    static constexpr std::array<Numeral, 14> numerals{{
        {"〇", 0},
        {"零", 0},
        {"一", 1},
        {"二", 2},
        {"三", 3},
        {"四", 4},
        {"五", 5},
        {"六", 6},
        {"七", 7},
        {"八", 8},
        {"九", 9},
        {"十", 10},
        {"百", 100},
        {"千", 1000},
    }};
    // All of them begin with one of these bytes; most kanji of an address do too, but its letters and digits do not.
    if (text.size() < 3 || static_cast<unsigned char>(text[0]) < 0xe3 || static_cast<unsigned char>(text[0]) > 0xe9) {
        return -1;
    }
    text = text.substr(0, 3);
    for (const Numeral &numeral : numerals) {
        if (numeral.kanji == text) return numeral.value;
    }
    return -1;
}

}  // namespace detail

// Appends to out, in ASCII digits, the kanji number that text begins with, and returns how many bytes it took: 0 where
// there is none, or where the numerals make no number (十千, 二十〇).
inline size_t read_kanji_number(std::string_view text, Text &out) {
    constexpr size_t longest = 12;
    size_t count = 0;
    int values[longest];
    bool units = false;
    for (size_t at = 0; at < text.size(); at += 3) {
        const int value = detail::kanji_numeral(text.substr(at));
        if (value < 0) break;
        if (count == longest) return 0;
        values[count++] = value;
        units = units || value >= 10;
    }
    if (count == 0) return 0;
    if (!units) {
        for (size_t i = 0; i < count; ++i) out.push(static_cast<char>('0' + values[i]));
        return count * 3;
    }
    int total = 0, digit = 0, last_unit = 10000;
    for (size_t i = 0; i < count; ++i) {
        if (values[i] < 10) {
            if (values[i] == 0 || digit != 0) return 0;
            digit = values[i];
        } else {
            if (values[i] >= last_unit) return 0;
            last_unit = values[i];
            total += (digit ? digit : 1) * values[i];
            digit = 0;
        }
    }
    total += digit;
    char digits[4];
    size_t size = 0;
    for (; total; total /= 10) digits[size++] = static_cast<char>('0' + total % 10);
    while (size) out.push(digits[--size]);
    return count * 3;
}

}  // namespace enishi
