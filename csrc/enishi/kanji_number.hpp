// Numbers written in kanji: by place value (二三, 一九八五) or with units (二十三, 千二百).
#pragma once

#include <cstdint>
#include <string_view>

#include "value.hpp"

namespace enishi {

namespace detail {

// 0 to 9 for a digit, 10, 100 or 1000 for a unit, -1 for any other text. Every one of them has three bytes.
inline int kanji_numeral(std::string_view text) {
    if (text.size() < 3) return -1;
    const auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<uint8_t>(text[i])); };
    switch ((byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F) | (byte(0) & 0xF0) << 12) {
        case 0xE0000 | U'〇':
        case 0xE0000 | U'零': return 0;
        case 0xE0000 | U'一': return 1;
        case 0xE0000 | U'二': return 2;
        case 0xE0000 | U'三': return 3;
        case 0xE0000 | U'四': return 4;
        case 0xE0000 | U'五': return 5;
        case 0xE0000 | U'六': return 6;
        case 0xE0000 | U'七': return 7;
        case 0xE0000 | U'八': return 8;
        case 0xE0000 | U'九': return 9;
        case 0xE0000 | U'十': return 10;
        case 0xE0000 | U'百': return 100;
        case 0xE0000 | U'千': return 1000;
        default: return -1;
    }
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
