// The scripts that names and addresses are written in, and what a character is in a plain spelling: lower case, without
// accents, punctuation or apostrophes.
#pragma once

#include <algorithm>
#include <array>
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
inline constexpr uint32_t nothing = separator + 1;

inline bool separates(uint32_t point) {
    using namespace script_tables;
    const auto *after = std::upper_bound(std::begin(separator_firsts), std::end(separator_firsts), point);
    return after != std::begin(separator_firsts) && point <= separator_lasts[after - separator_firsts - 1];
}

// What plain() makes of ASCII: 0 for `separator`, 1 for `nothing`.
inline constexpr std::array<uint8_t, 128> plain_ascii = [] {
    std::array<uint8_t, 128> plain{};
    for (uint32_t c = 0; c < 128; ++c) {
        if (c - 'A' < 26) plain[c] = static_cast<uint8_t>(c + 32);
        if (c - 'a' < 26 || c - '0' < 10) plain[c] = static_cast<uint8_t>(c);
    }
    plain['\''] = plain['`'] = 1;
    return plain;
}();

// A code point of NFKC text, plainly: a letter, digit or mark, `separator`, or `nothing` (apostrophes, variation
// selectors). A Latin letter that two ASCII letters replace (ß) leaves the other one in second, which is 0 otherwise.
inline uint32_t plain(uint32_t point, uint32_t &second) {
    second = 0;
    if (point < 0x80) {
        const uint32_t c = plain_ascii[point];
        return c > 1 ? c : separator + c;
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

namespace detail {

// NFKC of U+FF61 to U+FF9D, the half-width punctuation and kana.
inline constexpr std::u32string_view half_width =
    U"。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン";

// A kana with a voiced (mark 0) or semi-voiced (1) sound mark; 0 where NFKC has none.
inline uint32_t voiced(uint32_t kana, uint32_t mark) {
    if (kana - U'ハ' < 15 && (kana - U'ハ') % 3 == 0) return kana + 1 + mark;
    if (mark) return 0;
    const bool plain = kana <= U'チ' ? kana >= U'カ' && kana % 2 : kana >= U'ツ' && kana <= U'ト' && kana % 2 == 0;
    return plain ? kana + 1 : 0;
}

// Tidies what Japanese columns are made of: printable ASCII, kana of either width, full-width ASCII, kanji of the main
// block. False at the first character that may need a table.
inline bool tidy_japanese(std::string_view text, Text &out) {
    // Half-width kana have three bytes too, so nothing grows.
    char *const begin = out.reserve(text.size()), *to = begin;
    uint32_t last = 0;
    for (const char *p = text.data(), *end = p + text.size(); p != end;) {
        const auto lead = static_cast<uint8_t>(*p);
        if (lead < 0x80) {
            if (lead < 0x20 || lead == 0x7F) return false;
            *to++ = *p++;
            last = 0;
            continue;
        }
        if (lead < 0xE3 || lead > 0xEF) return false;
        uint32_t point;
        if (unicode::decode(p, end, point) != 3) return false;
        p += 3;
        if (point - 0xFF01 < 94) {
            *to++ = static_cast<char>(point - 0xFEE0);
            last = 0;
            continue;
        }
        if (point == 0x3000) {
            *to++ = ' ';
            last = 0;
            continue;
        }
        if (point - 0xFF9E < 2) {
            point = voiced(last, point - 0xFF9E);
            if (!point) return false;
            to -= 3;
        } else if (point - 0xFF61 < half_width.size()) {
            point = half_width[point - 0xFF61];
        } else if (!(point - 0x4E00 < 0x5200 || point - 0x3041 < 0x56 || point - 0x30A1 < 0x5C || point == 0x3005 ||
                     point == 0x3001 || point == 0x3002 || point == 0x3012)) {
            return false;
        }
        to += unicode::encode(point, to);
        last = point;
    }
    out.advance(static_cast<size_t>(to - begin));
    return true;
}

}  // namespace detail

}  // namespace script

// tidy(), by a shorter way for Japanese.
inline Status tidy_text(std::string_view raw, Text &scratch, std::string_view &tidied) {
    if (is_ascii(raw)) return tidy(raw, scratch, tidied);
    scratch.clear();
    if (!script::detail::tidy_japanese(trim_ascii(raw), scratch)) return tidy(raw, scratch, tidied);
    tidied = trim_ascii(scratch.view());
    return tidied.empty() ? Status::missing : Status::accepted;
}

// A text of up to so many bytes, tidied; missing where it is a word for nothing.
inline Status meaningful_text(std::string_view raw, size_t longest, Text &scratch, std::string_view &tidied) {
    if (trim_ascii(raw).size() > longest) return Status::too_long;
    const Status status = tidy_text(raw, scratch, tidied);
    return status == Status::accepted && means_nothing(tidied) ? Status::missing : status;
}

}  // namespace enishi
