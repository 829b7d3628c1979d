// How names are read that a record leaves unread, told by the other records.
//
// An app has a name in Latin letters, a till the same in kana, a call centre in kanji: nothing to compare, though the web
// shop asked for both kanji and kana. So where a record has no name in kana at all,
//
//   Latin   that is Japanese syllables stands for the kana name of that sound which most records bear. Which one is not
//           said: long vowels are mostly left out (Sho is ショ or ショウ, Ono is オノ or オオノ), and which word is the
//           family name, who bears it tells.
//   Han     has the reading that nearly all records give who have both: 佐藤 is サトウ, but 裕子 stays unread, for she may
//           be ユウコ or ヒロコ. Variants of a character are read alike.
//
// No reading is made up: each is a name that some record bears. Counts alone decide, so the order of records does not.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "comparison.hpp"
#include "kanji_variants.hpp"
#include "profile_table.hpp"
#include "slot_index.hpp"
#include "unicode.hpp"
#include "value.hpp"
#include "value_table.hpp"

namespace enishi {

namespace detail {

// What Latin letters before a vowel stand for: the kana with a, i, u, e and o ('-': none); or, where it is one kana, that of
// a syllable that ヤ, ユ, ヨ and エ follow (kyo is キヨ). In canonical form, which has no small kana: see person_name.hpp.
struct RomajiOnset {
    std::string_view letters;
    std::u32string_view kana;
};
inline constexpr RomajiOnset romaji_onsets[] = {
    {"", U"アイウエオ"},  {"k", U"カキクケコ"}, {"g", U"ガギグゲゴ"}, {"s", U"サシスセソ"},  {"z", U"ザジズゼゾ"}, {"t", U"タチツテト"},
    {"d", U"ダジズデド"}, {"n", U"ナニヌネノ"}, {"h", U"ハヒフヘホ"}, {"b", U"バビブベボ"},  {"p", U"パピプペポ"}, {"m", U"マミムメモ"},
    {"y", U"ヤ-ユ-ヨ"},   {"r", U"ラリルレロ"}, {"w", U"ワ---オ"},    {"v", U"バビブベボ"},  {"f", U"--フ--"},     {"j", U"ジ"},
    {"sh", U"シ"},        {"ch", U"チ"},        {"ts", U"--ツ--"},    {"ky", U"キ"},         {"gy", U"ギ"},        {"ny", U"ニ"},
    {"hy", U"ヒ"},        {"by", U"ビ"},        {"py", U"ピ"},        {"my", U"ミ"},         {"ry", U"リ"},        {"sy", U"シ"},
    {"zy", U"ジ"},        {"jy", U"ジ"},        {"ty", U"チ"},        {"cy", U"チ"},         {"dy", U"ジ"},
};

inline size_t romaji_vowel(char c) { return std::string_view("aiueo").find(c); }

// The canonical kana of a word in Latin letters, in whatever system of spelling; false where it is no Japanese word.
inline bool kana_of_romaji(std::string_view word, Text &kana) {
    constexpr size_t none_such = std::string_view::npos;
    kana.clear();
    const auto at = [&](size_t i) { return i < word.size() ? word[i] : '\0'; };
    const auto is_consonant = [&](char c) { return c >= 'a' && c <= 'z' && romaji_vowel(c) == none_such; };
    for (size_t i = 0; i < word.size();) {
        const char c = word[i], next = at(i + 1);
        if (c == 'n' && (!next || (is_consonant(next) && next != 'y'))) {
            unicode::push(kana, U'ン');
            ++i;
            continue;
        }
        if (c == 'm' && (next == 'b' || next == 'm' || next == 'p')) {  // Shimbashi
            unicode::push(kana, U'ン');
            ++i;
            continue;
        }
        if (is_consonant(c) && (c == next || (c == 't' && next == 'c'))) {  // Issei, Matchi
            unicode::push(kana, U'ツ');
            ++i;
            continue;
        }
        if (c == 'h' && i && romaji_vowel(word[i - 1]) != none_such && (!next || is_consonant(next))) {  // Satoh
            ++i;
            continue;
        }
        const RomajiOnset *onset = nullptr;
        for (const RomajiOnset &each : romaji_onsets) {
            const size_t n = each.letters.size();
            if (word.substr(i, n) == each.letters && romaji_vowel(at(i + n)) != none_such) onset = &each;
        }
        if (!onset) return false;
        const size_t vowel = romaji_vowel(at(i + onset->letters.size()));
        if (onset->kana.size() == 1) {
            unicode::push(kana, onset->kana[0]);
            constexpr std::u32string_view followed = U"ヤ-ユエヨ";
            if (followed[vowel] != U'-') unicode::push(kana, followed[vowel]);
        } else {
            if (onset->kana[vowel] == U'-') return false;
            unicode::push(kana, onset->kana[vowel]);
        }
        i += onset->letters.size() + 1;
    }
    return !kana.empty();
}

// Canonical kana without long vowels: what is left of it in most Latin spellings.
inline void sound_of(std::string_view kana, std::string &sound) {
    constexpr std::u32string_view ends_in_o = U"オコソトノホモヨロゴゾドボポ", ends_in_u = U"ウクスツヌフムユルグズブプ";
    sound.clear();
    uint32_t last = 0;
    for (size_t i = 0; i < kana.size();) {
        uint32_t point;
        const size_t size = unicode::decode(kana.data() + i, kana.data() + kana.size(), point);
        const bool after_o = last && ends_in_o.find(static_cast<char32_t>(last)) != ends_in_o.npos;
        const bool after_u = last && ends_in_u.find(static_cast<char32_t>(last)) != ends_in_u.npos;
        const bool lengthens = (point == U'ウ' && (after_o || after_u)) || (point == U'オ' && after_o);
        if (!lengthens) {
            sound.append(kana.substr(i, size));
            last = point;
        }
        i += size;
    }
}

}  // namespace detail

// The readings of one part of names: given names, or family names.
class PartReadings {
  public:
    // The tables of the part by script; the columns of the profiles that hold it follow `column` in the same order.
    PartReadings(const ProfileTable &profiles, uint32_t column, const std::array<const ValueTable *, script_count> &tables)
        : tables_(tables), bearers_(tables[kana_script]->size(), 0), of_latin_(tables[latin_script]->size(), unknown) {
        const uint32_t *const han = profiles.column(column + han_script).data();
        const uint32_t *const kana = profiles.column(column + kana_script).data();
        std::unordered_map<uint64_t, uint64_t> both;  // by codes in Han characters and in kana, the records that give both
        for (uint32_t p = 0; p < profiles.size(); ++p) {
            if (kana[p] == none) continue;
            bearers_[kana[p]] += profiles.counts()[p];
            if (han[p] != none) both[uint64_t{han[p]} << 32 | kana[p]] += profiles.counts()[p];
        }
        learn_han(both);
        learn_sounds();
    }

    // The code in kana of a name in Han characters; `none` where nobody tells.
    uint32_t of_han(uint32_t code) const { return of_han_[code]; }
    uint32_t of_latin(uint32_t code) {
        if (of_latin_[code] == unknown) of_latin_[code] = of_word(tables_[latin_script]->text(code));
        return of_latin_[code];
    }

    // Of a word in Latin letters.
    uint32_t of_word(std::string_view word) {
        if (!detail::kana_of_romaji(word, kana_)) return none;
        detail::sound_of(kana_.view(), sound_);
        const auto found = by_sound_.find(sound_);
        if (found == by_sound_.end()) return none;
        uint32_t best = none;
        std::pair<uint64_t, std::string_view> most{0, {}};
        for (const uint32_t code : found->second) {
            const std::string_view text = tables_[kana_script]->text(code);
            // Who writes long vowels out, writes none where there is none.
            const uint64_t weight = bearers_[code] * (text == kana_.view() ? 2 : 1);
            if (best != none && (weight < most.first || (weight == most.first && text > most.second))) continue;
            best = code;
            most = {weight, text};
        }
        return best;
    }
    uint64_t bearers(uint32_t code) const { return code == none ? 0 : bearers_[code]; }
    std::string_view text(uint32_t code) const { return tables_[kana_script]->text(code); }

  private:
    static constexpr uint32_t unknown = none - 1;
    static constexpr uint64_t least_records = 3;       // that give a name in Han characters and its reading
    static constexpr uint64_t nearly_all = 9, of = 10;  // of these, that have to agree

    void learn_han(const std::unordered_map<uint64_t, uint64_t> &both) {
        const ValueTable &names = *tables_[han_script];
        VariantHash spell;
        std::vector<uint64_t> spellings;
        for (uint32_t code = 0; code < names.size(); ++code) spellings.push_back(spell(names.text(code)));
        struct Said {
            uint64_t records = 0;
            std::unordered_map<uint32_t, uint64_t> by_reading;
        };
        std::unordered_map<uint64_t, Said> said;  // by spelling
        for (const auto &[codes, records] : both) {
            Said &name = said[spellings[codes >> 32]];
            name.records += records;
            name.by_reading[static_cast<uint32_t>(codes)] += records;
        }
        for (const uint64_t spelling : spellings) {
            of_han_.push_back(none);
            const auto found = said.find(spelling);
            if (found == said.end() || found->second.records < least_records) continue;
            for (const auto &[reading, records] : found->second.by_reading) {
                if (records * of >= found->second.records * nearly_all) of_han_.back() = reading;
            }
        }
    }

    void learn_sounds() {
        for (uint32_t code = 0; code < bearers_.size(); ++code) {
            if (!bearers_[code]) continue;
            detail::sound_of(tables_[kana_script]->text(code), sound_);
            by_sound_[sound_].push_back(code);
        }
    }

    std::array<const ValueTable *, script_count> tables_;
    std::vector<uint64_t> bearers_;  // by code in kana, records
    std::unordered_map<std::string, std::vector<uint32_t>> by_sound_;
    std::vector<uint32_t> of_latin_, of_han_;  // by code
    Text kana_;
    std::string sound_;
};

}  // namespace enishi
