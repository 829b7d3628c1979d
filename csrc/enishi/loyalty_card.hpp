// Loyalty card numbers, as tills, call centres, forms and spreadsheets hand them over.
//
// A card number is typed, scanned or read from a magnetic stripe, so what the reader adds comes off first:
// AIM symbology identifiers (]C1), the start and stop signs of Code 39 (*...*) and Codabar (A...A), the
// sentinels of tracks 1 and 2 (%B...^, ;...=), then declared prefixes; blanks and hyphens are dropped. A
// number that is shorter than the declared length has lost its leading zeros. One that fails its check digit
// is incomplete: it links only through its one correction.
//
// Where no check digit is declared, letters may stand among the digits; a word without any digit is no number.
//
// The usual spelling, digits alone or with blanks and hyphens, is known by sixteen bytes at a time; others are
// compacted by table.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "bytes16.hpp"
#include "check_digit.hpp"
#include "spelling.hpp"

namespace enishi {

namespace loyalty {

enum Class : uint8_t { digit = 1, letter = 2, separator = 4, other = 8 };

struct Table {
    uint8_t of[256] = {};
    constexpr Table() {
        for (int c = 0; c < 256; ++c) {
            const bool is_alpha = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
            const bool is_separator = c == ' ' || c == '-' || (c >= '\t' && c <= '\r');
            of[c] = c >= '0' && c <= '9' ? digit : is_alpha ? letter : is_separator ? separator : other;
        }
    }
};
inline constexpr Table classes;

// Writes the value in upper case and without blanks and hyphens; returns the classes that it met. Room for the value
// is needed at to.
inline uint8_t compact(std::string_view value, char *to, size_t &size) {
    uint8_t met = 0;
    size_t n = 0;
    for (const char c : value) {
        const uint8_t of = classes.of[static_cast<uint8_t>(c)];
        met = static_cast<uint8_t>(met | of);
        to[n] = of == letter ? upper(c) : c;
        n += of != separator;
    }
    size = n;
    return met;
}

// Without what a reader of symbols or stripes adds.
inline std::string_view scanned(std::string_view value) {
    if (value.size() > 3 && value[0] == ']' && is_letter(value[1]) && (is_digit(value[2]) || is_letter(value[2]))) {
        value.remove_prefix(3);
    }
    if (value.size() > 2 && value.front() == '*' && value.back() == '*') return value.substr(1, value.size() - 2);
    if (value.size() > 2 && value.front() == '%' && is_letter(value[1])) {
        return value.substr(2, value.find_first_of("^?") - 2);
    }
    if (value.size() > 2 && value.front() == ';') return value.substr(1, value.find_first_of("=?") - 1);
    return value;
}

}  // namespace loyalty

struct LoyaltyCard {
    static constexpr size_t shortest = 4;
    static constexpr size_t longest = 32;

    // length: of the whole number; 0 where it is not known. prefixes: what is printed or scanned before it.
    explicit LoyaltyCard(CheckDigit check = CheckDigit::none, size_t length = 0, std::vector<std::string> prefixes = {})
        : check_(check), length_(check == CheckDigit::ean13 ? 13 : length) {
        for (const std::string &prefix : prefixes) {
            std::string_view value;
            if (tidy_signs(prefix, scratch_, value, ascii_of_dash) != Status::accepted) continue;
            char kept[longest_spelling];
            size_t size;
            loyalty::compact(value, kept, size);
            if (size) prefixes_.emplace_back(kept, size);
        }
        // So that of two prefixes of which one begins the other, the whole one comes off.
        std::stable_sort(prefixes_.begin(), prefixes_.end(),
                         [](const std::string &a, const std::string &b) { return a.size() > b.size(); });
    }

    Status operator()(std::string_view raw, Text &out) const {
        char kept[longest_spelling];
        size_t size = 0;
        if (!raw.empty() && raw.size() <= longest_by_sixteen) {
            uint64_t digits = 0, separators = 0;
            by_sixteen(raw, [&](Bytes16 block, size_t offset) {
                digits |= block.within('0', '9').mask() << offset;
                separators |= (block.equal(' ') | block.equal('-') | block.within('\t', '\r')).mask() << offset;
            });
            const uint64_t all = first_bits(raw.size());
            if (digits == all) return number(prefixes_.empty() ? raw : without_prefix(raw), out);
            if (digits && (digits | separators) == all) {
                // A separator, below every digit, is written over.
                for (const char c : raw) {
                    kept[size] = c;
                    size += c >= '0';
                }
                return number(without_prefix({kept, size}), out);
            }
        } else if (raw.size() <= longest_spelling && all_digits(raw)) {
            return number(without_prefix(raw), out);
        }
        std::string_view value;
        const Status status = tidy_signs(raw, scratch_, value, ascii_of_dash);
        if (status != Status::accepted) return status;
        value = unquoted(value);
        if (value.empty() || means_nothing(value)) return Status::missing;
        if (is_scientific(value)) return Status::spreadsheet;
        loyalty::compact(loyalty::scanned(value), kept, size);
        value = without_prefix({kept, size});
        return value.empty() || all_digits(value) ? number(value, out) : other(value, out);
    }

  private:
    std::string_view without_prefix(std::string_view value) const {
        for (const std::string &prefix : prefixes_) {
            if (value.substr(0, prefix.size()) != prefix) continue;
            // A prefix of digits may be the beginning of the number itself: the length tells.
            if (all_digits(prefix) && length_ && value.size() <= length_) continue;
            return value.substr(prefix.size());
        }
        return value;
    }

    // Digits only.
    Status number(std::string_view digits, Text &out) const {
        if (digits.empty()) return Status::malformed;
        if (digits.size() < shortest) {
            return is_repeated(digits) && digits.front() == '0' ? Status::junk : Status::malformed;
        }
        if (is_repeated_or_sequential(digits)) return Status::junk;
        return checked(digits, out);
    }

    // Not only digits: what a float column or a Codabar reader made of digits, an X as check digit, a number
    // with letters.
    Status other(std::string_view value, Text &out) const {
        if (is_repeated(value)) return Status::junk;
        const std::string_view whole = without_point_zero(value);
        if (whole.size() < value.size() && all_digits(whole)) {
            return exact_in_a_float(whole) ? number(whole, out) : Status::spreadsheet;
        }
        const std::string_view inner = value.size() > 2 ? value.substr(1, value.size() - 2) : std::string_view();
        const auto start_or_stop = [](char c) { return c >= 'A' && c <= 'D'; };
        if (start_or_stop(value.front()) && start_or_stop(value.back()) && all_digits(inner)) {
            // The letters may be part of the number where letters may be and the length does not say otherwise.
            const bool lettered = check_ == CheckDigit::none &&
                                  (length_ ? value.size() == length_ : value.front() != value.back());
            if (!lettered) return number(inner, out);
        }
        if (check_ == CheckDigit::mod11 && value.back() == 'X' && all_digits(value.substr(0, value.size() - 1))) {
            return value.size() < shortest ? Status::malformed : checked(value, out);
        }
        if (check_ != CheckDigit::none || value.size() < shortest) return Status::malformed;
        bool digit = false;
        for (const char c : value) {
            if (!is_digit(c) && !is_letter(c)) return Status::malformed;
            digit |= is_digit(c);
        }
        if (!digit || (length_ && value.size() != length_)) return Status::malformed;
        if (value.size() > longest) return Status::too_long;
        out.append(value);
        return Status::accepted;
    }

    Status checked(std::string_view value, Text &out) const {
        if (length_ ? value.size() > length_ : value.size() > longest) {
            return length_ ? Status::malformed : Status::too_long;
        }
        const size_t zeros = length_ ? length_ - value.size() : 0;
        if (zeros) {
            std::memset(out.reserve(zeros), '0', zeros);
            out.advance(zeros);
        }
        out.append(value);
        if (check_digit_holds(check_, out.view())) return Status::accepted;
        // One digit short and wrong: more likely a digit left out in typing than a lost zero and another
        // mistake; so it stays as it was typed, one edit away from its correction.
        if (zeros == 1) {
            out.clear();
            out.append(value);
        }
        return Status::incomplete;
    }

    // Whole numbers up to 2^53 come through a float unharmed.
    static bool exact_in_a_float(std::string_view digits) {
        digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
        return digits.size() < 16 || (digits.size() == 16 && digits <= "9007199254740992");
    }

    CheckDigit check_;
    size_t length_;
    std::vector<std::string> prefixes_;
    mutable Text scratch_;
};

}  // namespace enishi
