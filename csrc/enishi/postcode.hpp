// Postcodes of any country: upper-case letters and digits, without blanks, hyphens, 〒 and what spreadsheets write to keep
// a leading zero ('02134, ="02134"): 〒100-0001 is 1000001, sw1a 1aa is SW1A1AA.
//
// The country is not known here, so nothing is restored: six digits may be a Japanese postcode that lost its zero, or a
// whole one of China, India or Singapore.
#pragma once

#include <string_view>

#include "script.hpp"
#include "unicode.hpp"
#include "value.hpp"

namespace enishi {

struct Postcode {
    mutable Text scratch{};

    Status operator()(std::string_view raw, Text &out) const {
        std::string_view tidied;
        const Status status = meaningful_text(raw, longest_raw, scratch, tidied);
        if (status != Status::accepted) return status;
        // A column of numbers with gaps, as data frames print it.
        const size_t size = tidied.size();
        const bool fraction = size > 2 && tidied.substr(size - 2) == ".0";
        if (fraction && is_digit(static_cast<uint8_t>(tidied[size - 3]))) tidied.remove_suffix(2);

        char *const begin = out.reserve(tidied.size());
        char *to = begin;
        size_t digits = 0;
        for (const char *p = tidied.data(), *end = p + tidied.size(); p != end;) {
            uint32_t point;
            p += unicode::decode(p, end, point);
            if (is_digit(point)) {
                ++digits;
                *to++ = static_cast<char>(point);
            } else if ((point | 32) - 'a' < 26) {
                *to++ = static_cast<char>(point & ~32u);
            } else if (!is_separator(point)) {
                return Status::malformed;
            }
        }
        const std::string_view code(begin, static_cast<size_t>(to - begin));
        out.advance(code.size());
        if (code.empty()) return Status::missing;
        if (code.size() < shortest || code.size() > longest || !digits) return Status::malformed;
        const bool repeated = code.substr(1) == code.substr(0, code.size() - 1);
        if (repeated && (code[0] == '0' || code.size() > longest_repeated)) return Status::junk;
        return code == "1234567" ? Status::junk : Status::accepted;
    }

  private:
    static constexpr size_t longest_raw = 64;
    static constexpr size_t shortest = 3;  // Iceland
    static constexpr size_t longest = 10;  // Iran
    // Towns of Australia (2222) and the United States (22222) have one digit repeated.
    static constexpr size_t longest_repeated = 5;

    static bool is_digit(uint32_t point) { return point - '0' < 10; }

    static bool is_separator(uint32_t point) {
        return point == ' ' || point == '-' || point == '\'' || point == '"' || point == '=' || point == 0x3012 ||
               point == 0x3020 || point == 0x30FC || point - 0x2010 < 6 || point == 0x2212 || point == 0x2500;
    }
};

}  // namespace enishi
