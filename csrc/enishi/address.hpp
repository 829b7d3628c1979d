// Addresses to a canonical text, by which two spellings of one address compare equal. It is no parse: prefectures,
// towns and buildings are not recognized, nothing is restored or reordered.
//
//   all       NFKC, lower case, no accents, no punctuation; hyphens of every kind are '-' between digits
//   Western   one blank between words
//   Japanese  (any kana or kanji) no blanks; no postcode in front; the numbers of block, lot and house joined by '-':
//             奈佐原二丁目1番地の3 and 奈佐原2-1-3 are one; kanji numerals before 丁目 丁 番 号 条 are digits; ヶ is ケ; 大字,
//             which half the writers leave out, is nothing
//
// A first pass spells every character plainly, leaving the two signs that the second one, which reads numbers, decides
// about: '-' for a hyphen and ' ' for any other separator. Counters are read by what follows: 番 between two numbers is
// a hyphen, in 番町 and 番館 a name. 十番 and 八丁堀 become 10番 and 8丁堀 for everybody, which harms no comparison.
#pragma once

#include <array>
#include <cstring>
#include <string_view>

#include "kanji_number.hpp"
#include "plain_text.hpp"
#include "script.hpp"
#include "unicode.hpp"
#include "value.hpp"

namespace enishi {

struct Address {
    mutable Text scratch{};
    mutable Text plain{};

    Status operator()(std::string_view raw, Text &out) const {
        std::string_view tidied;
        const Status status = meaningful_text(raw, longest_raw, scratch, tidied);
        if (status != Status::accepted) return status;
        plain.clear();
        bool japanese = false;
        if (!spell_plainly(tidied, false, plain, japanese)) return Status::encoding;
        Writer writer(plain.view(), out);
        japanese ? writer.japanese() : writer.western();
        return out.empty() ? Status::missing : Status::accepted;
    }

  private:
    static constexpr size_t longest_raw = 1024;

    class Writer {
      public:
        Writer(std::string_view text, Text &out) : text_(text), out_(out) {}

        void western() {
            while (at_ < text_.size()) {
                const char c = text_[at_];
                if (!is_sign(c)) {
                    out_.push(c);
                    ++at_;
                    continue;
                }
                const bool hyphen = c == '-' && after_digit() && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]);
                while (at_ < text_.size() && is_sign(text_[at_])) ++at_;
                if (!out_.empty() && at_ < text_.size()) out_.push(hyphen ? '-' : ' ');
            }
        }

        void japanese() {
            skip_postcode();
            while (at_ < text_.size()) {
                if (is_sign(text_[at_])) {
                    join();
                } else if (is_digit(text_[at_])) {
                    while (at_ < text_.size() && is_digit(text_[at_])) out_.push(text_[at_++]);
                    read_counter();
                } else if (detail::kanji_numeral(text_.substr(at_)) >= 0) {
                    const size_t start = out_.size();
                    const bool in_row = last() == '-';
                    const size_t size = read_kanji_number(text_.substr(at_), out_);
                    if (size && is_number(at_ + size, in_row)) {
                        at_ += size;
                        read_counter();
                    } else {
                        out_.truncate(start);
                        copy_kanji_numerals();
                    }
                } else if (stands("大字", at_)) {
                    at_ += 6;
                } else {
                    copy();
                }
            }
        }

      private:
        static bool is_digit(char c) { return script::is_ascii_digit(static_cast<uint8_t>(c)); }
        static bool is_sign(char c) { return c == ' ' || c == '-'; }

        char last() const { return out_.empty() ? '\0' : out_.view().back(); }
        bool after_digit() const { return is_digit(last()); }

        bool stands(std::string_view word, size_t at) const { return text_.substr(at, word.size()) == word; }

        template <size_t n>
        bool any_stands(const std::array<std::string_view, n> &words, size_t at) const {
            for (const std::string_view word : words) {
                if (stands(word, at)) return true;
            }
            return false;
        }

        size_t skip_signs(size_t at) const {
            while (at < text_.size() && is_sign(text_[at])) ++at;
            return at;
        }

        void copy() {
            const auto lead = static_cast<uint8_t>(text_[at_]);
            if (lead >= 0xE0 && lead < 0xF0) {  // nearly all, by a copy of known size
                std::memcpy(out_.reserve(3), text_.data() + at_, 3);
                out_.advance(3);
                at_ += 3;
                return;
            }
            const size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : 4;
            out_.append(text_.substr(at_, size));
            at_ += size;
        }

        void copy_kanji_numerals() {
            while (detail::kanji_numeral(text_.substr(at_)) >= 0) copy();
        }

        // "100-0001" or "1000001" in front; no address begins with so long a number.
        void skip_postcode() {
            size_t at = skip_signs(0), digits = 0;
            for (; at < text_.size() && digits < 7; ++at) {
                if (is_digit(text_[at])) {
                    ++digits;
                } else if (digits != 3 || text_[at] != '-' || text_[at - 1] == '-') {
                    break;
                }
            }
            const bool ends = digits == 7 && at < text_.size() && !is_digit(text_[at]) && text_[at] != '-';
            at_ = skip_signs(ends ? at : 0);
        }

        // Signs between two numbers are a hyphen; between Latin letters what they are; beside kanji and kana nothing.
        void join() {
            const size_t from = at_;
            at_ = skip_signs(at_);
            if (at_ == text_.size() || out_.empty() || last() == '-') return;
            const bool number = number_at(at_);
            if (static_cast<uint8_t>(last()) >= 0x80 || (static_cast<uint8_t>(text_[at_]) >= 0x80 && !number)) return;
            const bool hyphen = text_.substr(from, at_ - from).find('-') != text_.npos;
            out_.push(hyphen || (after_digit() && number) ? '-' : ' ');
        }

        // Whether the kanji number that ends at `end` is a number of the address: a counter follows, or it is in a row
        // of numbers ("二-三", "3-五").
        bool is_number(size_t end, bool in_row) const {
            static constexpr std::array<std::string_view, 4> counters{{"丁", "番", "号", "条"}};
            if (any_stands(counters, end)) return true;
            if (end < text_.size() && text_[end] == '-' && number_at(skip_signs(end))) return true;
            if (!in_row) return false;
            return end == text_.size() || is_sign(text_[end]) || stands("の", end) || stands("ノ", end);
        }

        // A digit, or a kanji numeral that reads as the last or a counted number.
        bool number_at(size_t at) const {
            if (at == text_.size()) return false;
            if (is_digit(text_[at])) return true;
            size_t end = at;
            while (detail::kanji_numeral(text_.substr(end)) >= 0) end += 3;
            if (end == at) return false;
            if (end == text_.size() || is_sign(text_[end])) return true;
            static constexpr std::array<std::string_view, 5> followers{{"丁", "番", "号", "の", "ノ"}};
            return any_stands(followers, end);
        }

        // Just after a number: its counter, and の, become a hyphen where another number follows.
        void read_counter() {
            static constexpr std::array<std::string_view, 6> counters{{"丁目", "番地", "番", "号室", "号", "丁"}};
            size_t at = at_;
            std::string_view counter;
            for (const std::string_view word : counters) {
                if (stands(word, at)) {
                    counter = word;
                    at += word.size();
                    break;
                }
            }
            size_t next = skip_signs(at);
            static constexpr std::array<std::string_view, 3> of{{"の", "ノ", "之"}};
            if (any_stands(of, next) && number_at(skip_signs(next + 3))) next = skip_signs(next + 3);
            if (number_at(next)) {
                if (next == at_) return;
                out_.push('-');
                at_ = next;
            } else if (counter == "番" || counter == "丁") {
                // 番町, 番館, 番丁, 丁堀 are names
                if (counter == "番" && (at == text_.size() || is_sign(text_[at]))) at_ = at;
            } else if (counter == "号") {
                static constexpr std::array<std::string_view, 6> named{{"棟", "館", "線", "地", "車", "店"}};
                if (!any_stands(named, at)) at_ = at;
            } else {
                at_ = at;
            }
        }

        std::string_view text_;
        Text &out_;
        size_t at_ = 0;
    };
};

}  // namespace enishi
