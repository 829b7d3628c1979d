// Names in Cyrillic, Greek, Arabic and Hangul letters to Latin ones, so that Владимир meets Vladimir.
//
// By letter, as passports and newspapers mostly spell them; what they spell in several ways (Dmitri, Dmitry) comparing has
// to forgive. Arabic leaves most vowels out, so its names meet by consonants; its article is a word of its own, as in Latin
// letters. Of Hangul each syllable is a word, for Latin letters write them apart as often as not, and the
// family names that nobody spells by the rules are as people spell them. Other alphabets stay as they are.
#pragma once

#include <array>
#include <string_view>

#include "unicode.hpp"
#include "value.hpp"

namespace enishi {

namespace detail {

inline constexpr std::array<std::string_view, 0x60> cyrillic_letters = [] {  // U+0400 on; names are in lower case: from U+0430
    std::array<std::string_view, 0x60> letters{};
    constexpr std::array<std::string_view, 0x30> from_a{
        "a", "b", "v", "g", "d", "e", "zh", "z", "i", "y", "k", "l", "m", "n", "o", "p",
        "r", "s", "t", "u", "f", "kh", "ts", "ch", "sh", "shch", "", "y", "", "e", "yu", "ya",
        "e", "e", "dj", "g", "ye", "z", "i", "yi", "j", "lj", "nj", "c", "k", "i", "u", "dz"};
    for (size_t i = 0; i < from_a.size(); ++i) letters[0x30 + i] = from_a[i];
    return letters;
}();

inline constexpr std::array<std::string_view, 0x23> greek_letters{  // U+03AC on
    "a", "e", "i", "i", "y", "a", "v", "g", "d", "e", "z", "i", "th", "i", "k", "l", "m", "n",
    "x", "o", "p", "r", "s", "s", "t", "y", "f", "ch", "ps", "o", "i", "y", "o", "y", "o"};

inline constexpr std::array<std::string_view, 0x2A> arabic_letters{  // U+0621 on
    "", "a", "a", "w", "i", "y", "a", "b", "a", "t", "th", "j", "h", "kh", "d", "dh", "r", "z", "s", "sh", "s",
    "d", "t", "z", "a", "gh", "", "", "", "", "", "", "f", "q", "k", "l", "m", "n", "h", "w", "a", "y"};

inline constexpr std::array<std::string_view, 19> hangul_onsets{
    "g", "kk", "n", "d", "tt", "r", "m", "b", "pp", "s", "ss", "", "j", "jj", "ch", "k", "t", "p", "h"};
inline constexpr std::array<std::string_view, 21> hangul_vowels{
    "a", "ae", "ya", "yae", "eo", "e", "yeo", "ye", "o", "wa", "wae", "oe", "yo", "u", "wo", "we", "wi", "yu", "eu", "ui", "i"};
inline constexpr std::array<std::string_view, 28> hangul_codas{
    "", "k", "k", "k", "n", "n", "n", "t", "l", "k", "m", "l", "l", "l",
    "p", "l", "m", "p", "p", "t", "t", "ng", "t", "t", "k", "t", "p", "t"};

// A syllable that begins a name, where it is a family name with a spelling of its own; else nothing.
inline std::string_view korean_family_name(uint32_t syllable) {
    switch (syllable) {
        case U'김': return "kim";
        case U'이': return "lee";
        case U'박': return "park";
        case U'최': return "choi";
        case U'정': return "jung";
        case U'강': return "kang";
        case U'조': return "cho";
        case U'임': return "lim";
        case U'신': return "shin";
        case U'오': return "oh";
        case U'노': return "roh";
        case U'우': return "woo";
        case U'유': return "yoo";
        case U'고': return "ko";
        case U'권': return "kwon";
        case U'문': return "moon";
        default: return {};
    }
}

// The Latin spelling of one letter; null where nothing is known of it.
inline const std::string_view *latin_letter(uint32_t point) {
    const auto in = [&](const auto &letters, uint32_t first) {
        return point - first < letters.size() ? &letters[point - first] : nullptr;
    };
    if (const auto *found = in(cyrillic_letters, 0x400)) return point < 0x430 ? nullptr : found;
    if (const auto *found = in(greek_letters, 0x3AC)) return found;
    if (const auto *found = in(arabic_letters, 0x621)) return found;
    static constexpr std::string_view i = "i", y = "y", g = "g", p = "p", ch = "ch", zh = "zh", k = "k", nothing = "";
    switch (point) {
        case 0x390: return &i;
        case 0x3B0: return &y;
        case 0x491: return &g;
        case 0x67E: return &p;
        case 0x686: return &ch;
        case 0x698: return &zh;
        case 0x6A9: return &k;
        case 0x6AF: return &g;
        case 0x6CC: return &y;
        default: return point >= 0x64B && point <= 0x652 ? &nothing : nullptr;  // Arabic vowel marks
    }
}

}  // namespace detail

// A canonical name with its letters in Latin ones, as far as they are known.
inline void write_in_latin(std::string_view name, Text &out) {
    uint32_t last = ' ';
    for (const char *p = name.data(), *const end = p + name.size(); p != end;) {
        uint32_t point;
        p += unicode::decode(p, end, point);
        if (point >= 0xAC00 && point <= 0xD7A3) {
            const uint32_t syllable = point - 0xAC00;
            if (!out.empty() && out.view().back() != ' ') out.push(' ');
            const std::string_view family = out.empty() ? detail::korean_family_name(point) : std::string_view();
            if (!family.empty()) {
                out.append(family);
            } else {
                out.append(detail::hangul_onsets[syllable / 588]);
                out.append(detail::hangul_vowels[syllable % 588 / 28]);
                out.append(detail::hangul_codas[syllable % 28]);
            }
        } else if (point == U'ل' && last == U'ا' && (out.view() == "a" || (out.size() > 1 && out.view().substr(out.size() - 2) == " a"))) {
            out.append("l ");
        } else if ((point == U'υ' || point == U'ύ') && (last == U'ο' || last == U'α' || last == U'ε')) {
            out.push('u');
        } else if (const std::string_view *letter = detail::latin_letter(point)) {
            out.append(*letter);
        } else {
            unicode::push(out, point);
        }
        last = point;
    }
    while (!out.empty() && out.view().back() == ' ') out.truncate(out.size() - 1);
}

}  // namespace enishi
