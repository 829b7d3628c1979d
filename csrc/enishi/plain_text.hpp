// Text with every character spelled plainly: lower case, no accents, and of all signs two: '-' for a hyphen of any kind,
// ' ' for any other separator. What is to become of them is for the kernels to say that read it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "script.hpp"
#include "unicode.hpp"
#include "value.hpp"

namespace enishi {

namespace detail {

// Hyphens, dashes, minus signs and the rules that a box-drawing font has instead.
inline bool is_hyphen(uint32_t point) {
    return point == '-' || point - 0x2010 < 6 || point == 0x2212 || point - 0x2500 < 2;
}

}  // namespace detail

// Spells tidied text plainly; false where a character is lost. With `decimals`, a point between two digits stays.
// japanese is set where there is any kana or kanji.
inline bool spell_plainly(std::string_view text, bool decimals, Text &plain, bool &japanese) {
    // A character grows by half at the most (Ⱥ has two bytes and ⱥ three); one more for encode() to write over.
    char *const begin = plain.reserve(text.size() * 2 + 4), *to = begin;
    uint32_t last = 0;
    const char *p = text.data(), *const end = p + text.size();
    while (p != end) {
        uint32_t raw, second = 0;
        p += unicode::decode(p, end, raw);
        uint32_t point = raw;
        if (script::is_han(raw) || script::is_kana(raw)) {
            japanese = true;
            if (raw == U'ヶ') point = U'ケ';
        } else if (raw == U'ー' && (script::is_kana(last) || last == U'ー')) {
            // A long vowel; after anything but kana it was typed for a hyphen.
        } else if (raw == U'ー' || detail::is_hyphen(raw)) {
            point = '-';
        } else if (decimals && raw == '.' && script::is_ascii_digit(last) && p != end &&
                   script::is_ascii_digit(static_cast<uint8_t>(*p))) {
            // The point of a number.
        } else {
            point = script::plain(raw, second);
            if (raw == script::replacement) return false;
            if (point == script::nothing) continue;
            if (point == script::separator) point = ' ';
            if (script::is_accent(point) && script::is_ascii_letter(last)) continue;
        }
        last = point;
        to += unicode::encode(point, to);
        if (second) to += unicode::encode(second, to);
    }
    plain.advance(static_cast<size_t>(to - begin));
    return true;
}

}  // namespace enishi
