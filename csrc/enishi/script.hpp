// The scripts that names and addresses are written in, and what a character is in a plain spelling: lower case, without
// accents, punctuation or apostrophes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string_view>

#include "script_tables.hpp"
#include "unicode.hpp"

namespace enishi {

// Names in different scripts are not comparable as text.
enum class Script : uint8_t { latin, kana, han, other };

namespace script {

inline bool is_ascii_letter(uint32_t point) { return (point | 32) - 'a' < 26; }
inline bool is_ascii_digit(uint32_t point) { return point - '0' < 10; }

// With the iteration marks of kana, without the middle dot and the long vowel mark, which separate.
inline bool is_kana(uint32_t point) {
    return point - 0x3041 < 0x56 || point - 0x30A1 < 0x5A || point - 0x309D < 2 || point - 0x30FD < 2 ||
           point - 0x31F0 < 16;
}

// With 々, 〆 and 〇, which stand for a kanji.
inline bool is_han(uint32_t point) {
    return point - 0x4E00 < 0x5200 || point - 0x3400 < 0x19C0 || point - 0x3005 < 3 || point - 0xF900 < 0x200 ||
           point - 0x20000 < 0x20000;
}

inline bool is_hangul(uint32_t point) { return point - 0xAC00 < 0x2BB0 || point - 0x1100 < 0x100; }

// Whether words of this script run on, so that a blank beside this character says nothing.
inline bool runs_on(uint32_t point) { return point >= 0x1100 && (is_kana(point) || is_han(point) || is_hangul(point)); }

inline constexpr uint32_t separator = 0x110000;
inline constexpr uint32_t nothing = 0x110001;

inline bool separates(uint32_t point) {
    using namespace script_tables;
    const auto *after = std::upper_bound(std::begin(separator_firsts), std::end(separator_firsts), point);
    return after != std::begin(separator_firsts) && point <= separator_lasts[after - separator_firsts - 1];
}

// A code point of NFKC text, plainly: a letter, digit or mark, `separator`, or `nothing` (apostrophes, variation
// selectors). A Latin letter that two ASCII letters replace (ß) leaves the other one in second, which is 0 otherwise.
inline uint32_t plain(uint32_t point, uint32_t &second) {
    second = 0;
    if (point < 0x80) {
        if (is_ascii_letter(point)) return point | 32;
        if (is_ascii_digit(point)) return point;
        return point == '\'' || point == '`' ? nothing : separator;
    }
    if (is_kana(point) || is_han(point)) return point;
    if (point == 0x30FC) return separator;  // people type the long vowel mark for a hyphen, and a hyphen for it
    if (point - 0x2B9 < 7 || point == 0x2018 || point == 0x2019 || point == 0x201B || point == 0x2032) return nothing;
    if (point - 0xFE00 < 16 || point - 0xE0100 < 240) return nothing;
    point = point == 0x130 ? 'i' : unicode::lower(point);
    uint32_t letters = 0;
    if (point < 0x250) {
        letters = point < 0x80 ? point : script_tables::latin[point - 0x80];
    } else if (point - 0x1E00 < 0x100) {
        letters = script_tables::latin_additional[point - 0x1E00];
    }
    if (letters) {
        second = letters >> 8;
        return letters & 0xFF;
    }
    return separates(point) ? separator : point;
}

// An accent of a Latin letter that NFKC found no composed form for.
inline bool is_accent(uint32_t point) { return point - 0x300 < 0x70; }

// The replacement character stands where a program lost some bytes.
inline constexpr uint32_t replacement = 0xFFFD;

}  // namespace script

}  // namespace enishi
