// Names of people, one part or whole, to a canonical text: equal where two spellings of one name differ in what forms,
// keyboards and old systems change, and in nothing else. A name is not split, reordered or transliterated, and kanji
// variants (髙, 高) stay apart: those are comparisons, not spellings.
//
//   all    NFKC; lower case; no honorifics; punctuation is a blank, apostrophes are nothing
//   Latin  no accents (josé is jose, straße is strasse); one blank between words
//   kana   katakana, full size (ショウ is シヨウ: old systems have no small kana), ヴァ is バ, ヂ ヅ are ジ ズ, ヲ ヰ ヱ are オ イ エ,
//          no long vowel marks: where a name was typed with hyphens for them, they cannot be told from hyphens
//   Han, kana and Hangul run on: no blanks, so 山田 太郎 is 山田太郎 and アンナ・マリア is アンナマリア
//
// Words for "no name" are missing, NA, null and nan among them although people bear them: a name only supports a link,
// so losing one costs less than a thousand rows that agree on nothing. What testers and guests type is junk.
#pragma once

#include <array>
#include <string_view>

#include "script.hpp"
#include "unicode.hpp"
#include "value.hpp"
#include "words.hpp"

namespace enishi {

namespace detail {

// Names in canonical form that are none: missing where they say so, junk where testers and guests type them.
inline const WordTable<Status> &no_names() {
    static const auto table =
        WordTable<Status>()
            .add(Status::missing,
                 {
                     "anonymous", "n a", "na", "name unknown", "nan", "no name", "noname", "none", "not given",
                     "not known", "null", "unknown", "k a", "keine angabe", "unbekannt", "inconnu", "desconocido",
                     "tbd", "not applicable", "not available", "not provided", "ナシ", "ナナシ", "不明", "匿名", "匿名希望", "名無", "名無シ",
                     "未入力", "未登録", "未記入", "無シ", "無記名", "該当ナシ", "非公開",
                 })
            .add(Status::junk,
                 {
                     "admin", "administrator", "asdf", "customer", "dummy", "first name", "firstname", "full name",
                     "guest", "guest user", "last name", "lastname", "name", "qwerty", "sample", "test", "test test",
                     "test user", "tester", "testuser", "user", "オ客", "オ客様", "ゲスト", "サンプル", "ダミ", "ユザ",
                     "名前", "氏名",
                 });
    return table;
}

// Words before or after a name. Not jr and sr, which tell a son from his father.
inline const WordTable<bool> &titles() {
    static const auto table = WordTable<bool>().add(true, {"dr", "esq", "frau", "herr", "madam", "miss", "mr", "mrs",
                                                           "ms", "mx", "phd", "prof", "sir"});
    return table;
}

// What a full katakana is folded to, from ァ on; ヴ is folded by KanaFolder, which sees what follows.
inline constexpr std::array<char16_t, 0x5A> folded_kana = [] {
    std::array<char16_t, 0x5A> folded{};
    for (size_t i = 0; i < folded.size(); ++i) folded[i] = static_cast<char16_t>(U'ァ' + i);
    constexpr std::u32string_view from = U"ァィゥェォッャュョヮヵヶヂヅヲヰヱヷヸヹヺ";
    constexpr std::u32string_view to = U"アイウエオツヤユヨワカケジズオイエバビベボ";
    for (size_t i = 0; i < from.size(); ++i) folded[from[i] - U'ァ'] = static_cast<char16_t>(to[i]);
    return folded;
}();

// Writes kana in folded form. It remembers the last kana as it was written, which a voiced mark or an iteration mark
// changes or repeats.
class KanaFolder {
  public:
    explicit KanaFolder(Text &out) : out_(out) {}

    // After any other character.
    void interrupt() { last_ = 0, after_vu_ = false; }

    void push(uint32_t kana) {
        if (kana - 0x3041 < 0x56 || kana - 0x309D < 2) kana += 0x60;  // hiragana
        if (kana == 0x30FD || kana == 0x30FE) {                       // ヽ ヾ
            if (!last_) return;
            const uint32_t voiced = kana == 0x30FE ? unicode::composite(last_, 0x3099) : 0;
            kana = voiced ? voiced : last_;
        }
        last_ = kana;
        last_at_ = out_.size();
        write(kana);
    }

    // A mark that stands apart from its kana, as old systems print it.
    void voice(uint32_t mark) {
        const uint32_t voiced = last_ ? unicode::composite(last_, mark) : 0;
        if (!voiced) return;
        out_.truncate(last_at_);
        after_vu_ = false;
        last_ = voiced;
        write(voiced);
    }

  private:
    void write(uint32_t kana) {
        if (kana - U'ァ' < folded_kana.size()) kana = folded_kana[kana - U'ァ'];
        if (after_vu_) {
            after_vu_ = false;
            uint32_t syllable = 0;
            bool keeps_vowel = false;
            switch (kana) {
                case U'ア': syllable = U'バ'; break;
                case U'イ': syllable = U'ビ'; break;
                case U'エ': syllable = U'ベ'; break;
                case U'オ': syllable = U'ボ'; break;
                case U'ヤ':
                case U'ユ':
                case U'ヨ':
                    syllable = U'ビ';
                    keeps_vowel = true;
                    break;
                default: break;
            }
            if (syllable) {
                out_.truncate(out_.size() - 3);
                unicode::push(out_, syllable);
                if (!keeps_vowel) return;
            }
        }
        after_vu_ = kana == U'ヴ';
        unicode::push(out_, after_vu_ ? static_cast<uint32_t>(U'ブ') : kana);
    }

    Text &out_;
    uint32_t last_ = 0;
    size_t last_at_ = 0;
    bool after_vu_ = false;
};

}  // namespace detail

struct PersonName {
    mutable Text scratch{};

    Status operator()(std::string_view raw, Text &out) const {
        if (trim_ascii(raw).size() > longest_raw) return Status::too_long;
        std::string_view tidied;
        Status status = tidy_text(raw, scratch, tidied);
        if (status != Status::accepted) return status;
        if (is_ascii(tidied)) {
            status = spell_ascii(tidied, out);
        } else {
            strip_japanese_honorific(tidied);
            status = spell(tidied, out);
        }
        if (status != Status::accepted) return status;
        return judge(out);
    }

  private:
    static constexpr size_t longest_raw = 256;

    static Status spell_ascii(std::string_view text, Text &out) {
        char *const begin = out.reserve(text.size() * 2);
        char *to = begin;
        bool apart = false;
        for (const char c : text) {
            uint32_t second;
            const uint32_t point = script::plain(static_cast<uint8_t>(c), second);
            if (point < 0x80) {
                if (apart) *to++ = ' ';
                apart = false;
                *to++ = static_cast<char>(point);
            } else if (c == '@') {
                return Status::malformed;  // an email
            } else if (point == script::separator) {
                apart = to != begin;
            }
        }
        out.advance(static_cast<size_t>(to - begin));
        return Status::accepted;
    }

    static Status spell(std::string_view text, Text &out) {
        detail::KanaFolder kana(out);
        uint32_t last = 0;
        bool apart = false;
        for (const char *p = text.data(), *end = p + text.size(); p != end;) {
            uint32_t raw, second;
            p += unicode::decode(p, end, raw);
            if (raw == script::replacement) return Status::encoding;
            if (raw == '@') return Status::malformed;
            const uint32_t point = script::plain(raw, second);
            if (point == script::nothing) continue;
            if (point == script::separator) {
                apart = last != 0;
                continue;
            }
            if (point == 0x3099 || point == 0x309A) {
                kana.voice(point);
                continue;
            }
            if (script::is_accent(point) && (last == 0 || script::is_ascii_letter(last))) continue;
            if (apart) {
                if (!script::runs_on(last) && !script::runs_on(point)) out.push(' ');
                apart = false;
            }
            last = point;
            if (script::is_kana(point)) {
                kana.push(point);
                continue;
            }
            kana.interrupt();
            unicode::push(out, point);
            if (second) unicode::push(out, second);
        }
        return Status::accepted;
    }

    // Those that end family names too (鵜殿, 五十殿) go only where they stand apart or three characters precede; those in
    // hiragana (katakana スーサン is a name) not from a single kana.
    static void strip_japanese_honorific(std::string_view &text) {
        struct Honorific {
            std::string_view word;
            size_t shortest;  // bytes of the name before it
        };
        static constexpr std::array<Honorific, 8> honorifics{{
            {"様", 1},
            {"先生", 1},
            {"殿", 9},
            {"氏", 9},
            {"さん", 4},
            {"さま", 4},
            {"くん", 4},
            {"ちゃん", 4},
        }};
        for (const Honorific &honorific : honorifics) {
            const std::string_view word = honorific.word;
            if (text.size() <= word.size() || text.substr(text.size() - word.size()) != word) continue;
            std::string_view name = text.substr(0, text.size() - word.size());
            const bool apart = name.back() == ' ';
            name = trim_ascii(name);
            uint32_t first = 0;
            if (!name.empty()) unicode::decode(name.data(), name.data() + name.size(), first);
            const bool kanji = script::is_han(first) && honorific.shortest <= 4;
            if (!name.empty() && (apart || kanji || name.size() >= honorific.shortest)) text = name;
            return;
        }
    }

    static void strip_titles(Text &out) {
        std::string_view name = out.view();
        size_t blank;
        while ((blank = name.find(' ')) != name.npos && detail::titles().find(name.substr(0, blank))) {
            name.remove_prefix(blank + 1);
        }
        while ((blank = name.rfind(' ')) != name.npos && detail::titles().find(name.substr(blank + 1))) {
            name.remove_suffix(name.size() - blank);
        }
        if (name.size() == out.size()) return;
        const size_t size = name.size();
        std::memmove(out.data(), name.data(), size);
        out.truncate(size);
    }

    static Status judge(Text &out) {
        if (out.empty()) return Status::missing;
        if (const Status *status = detail::no_names().find(out.view())) return *status;
        if (out.view().substr(0, 9) == "テスト") return Status::junk;
        bool digits = true;
        for (const char c : out.view()) {
            digits = digits && (c == ' ' || script::is_ascii_digit(static_cast<uint8_t>(c)));
        }
        if (digits) return Status::malformed;
        if (is_one_character_repeated(out.view())) return Status::junk;
        strip_titles(out);
        return Status::accepted;
    }

    // Three times or more: ああああ, xxx. Twice is a name (奈々 is often written 奈奈).
    static bool is_one_character_repeated(std::string_view name) {
        size_t size = 1;
        while (size < name.size() && (static_cast<uint8_t>(name[size]) & 0xC0) == 0x80) ++size;
        if (name.size() < size * 3 || name.size() % size) return false;
        return name.substr(size) == name.substr(0, name.size() - size);
    }
};

// The script of a canonical name: han where any character is, else kana where any is, else latin where all letters are.
inline Script name_script(std::string_view name) {
    bool kana = false, latin = false, other = false;
    for (const char *p = name.data(), *end = p + name.size(); p != end;) {
        uint32_t point;
        const size_t size = unicode::decode(p, end, point);
        if (!size) return Script::other;
        p += size;
        if (script::is_han(point)) return Script::han;
        if (script::is_kana(point)) {
            kana = true;
        } else if (script::is_ascii_letter(point) || point - 0xC0 < 0x1F0 || point - 0x1E00 < 0x100) {
            latin = true;
        } else if (point > 0x7F) {
            other = true;
        }
    }
    return kana ? Script::kana : latin && !other ? Script::latin : Script::other;
}

}  // namespace enishi
