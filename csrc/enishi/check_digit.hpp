// Check digits of card numbers. Each function takes decimal digits, the check digit last, and agrees with
// python-stdnum:
//   luhn     stdnum.luhn                 ISO/IEC 7812: payment cards, most loyalty cards
//   ean13    stdnum.ean (13 digits)      GS1: cards that carry a JAN/EAN barcode
//   mod11    stdnum.cl.rut               weights 2 to 7 from the right, again and again ("modulus 11, weight 2-7");
//                                        where the check digit would be 10 an X stands (the RUT writes K)
//   iso7064  stdnum.iso7064.mod_11_10    ISO/IEC 7064 MOD 11,10: one decimal check digit for decimal numbers
//
// Numbers are short and there are millions of them: eight digits are added at a time where weights alternate.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "siphash.hpp"

namespace enishi {

enum class CheckDigit : uint8_t { none, luhn, ean13, mod11, iso7064 };

namespace detail {

// Adds up what add(digits, i) makes of the i-th eight digits from the right, as sums in four lanes of 16 bits; counted
// from the right, the first and every second digit stand in the high bytes of the lanes.
template <class Add>
inline uint64_t sum_by_eight(std::string_view number, Add add) {
    constexpr uint64_t zeros = 0x3030303030303030ULL;
    const char *const begin = number.data();
    size_t left = number.size(), i = 0;
    uint64_t sum = 0;
    for (; left >= 8; left -= 8) sum += add(load_little_endian(begin + left - 8) - zeros, i++);
    if (left) {
        uint64_t first = 0;
        if (number.size() >= 8) {
            first = (load_little_endian(begin) - zeros) << (8 * (8 - left));
        } else {
            for (size_t at = 0; at < left; ++at) {
                first |= static_cast<uint64_t>(begin[at] - '0') << (8 * (8 - left + at));
            }
        }
        sum += add(first, i);
    }
    return sum;
}

// The sum of four lanes.
inline unsigned across(uint64_t lanes) { return static_cast<unsigned>(lanes * 0x0001000100010001ULL >> 48); }

inline constexpr uint64_t low_bytes = 0x00FF00FF00FF00FFULL;

}  // namespace detail

inline bool luhn_holds(std::string_view number) {
    const uint64_t lanes = detail::sum_by_eight(number, [](uint64_t digits, size_t) {
        const uint64_t doubled = (digits & detail::low_bytes) * 2;
        // Ten and more lose nine, the sum of their digits: 118 more, and bit 7 tells them.
        const uint64_t ten = (doubled + 118 * 0x0001000100010001ULL) >> 7 & 0x0001000100010001ULL;
        return (digits >> 8 & detail::low_bytes) + doubled - 9 * ten;
    });
    return !number.empty() && detail::across(lanes) % 10 == 0;
}

inline bool ean13_holds(std::string_view number) {
    const uint64_t lanes = detail::sum_by_eight(number, [](uint64_t digits, size_t) {
        return (digits >> 8 & detail::low_bytes) + 3 * (digits & detail::low_bytes);
    });
    return number.size() == 13 && detail::across(lanes) % 10 == 0;
}

// The longest number whose check digit is worked out.
inline constexpr size_t longest_checked = 32;

namespace detail {

// The weights of each eight digits from the right (1 for the check digit, then 2 to 7 again and again), those of
// every second digit together, and in the other order: so the highest lane of a product is a sum of four products.
struct Mod11Weights {
    uint64_t first[longest_checked / 8] = {}, second[longest_checked / 8] = {};
    constexpr Mod11Weights() {
        for (size_t i = 0; i < longest_checked; ++i) {
            // The i-th digit from the right; the last of eight stands highest.
            const uint64_t weight = i ? 2 + (i - 1) % 6 : 1;
            const size_t in_eight = 7 - i % 8, lane = 3 - in_eight / 2;
            (in_eight % 2 ? second : first)[i / 8] |= weight << (16 * lane);
        }
    }
};
inline constexpr Mod11Weights mod11_weights;

}  // namespace detail

// The last character may be X. Up to 32 digits.
inline bool mod11_holds(std::string_view number) {
    if (number.size() < 2 || number.size() > longest_checked) return false;
    const unsigned sum = static_cast<unsigned>(detail::sum_by_eight(number, [](uint64_t digits, size_t i) {
        return ((digits & detail::low_bytes) * detail::mod11_weights.first[i] >> 48) +
               ((digits >> 8 & detail::low_bytes) * detail::mod11_weights.second[i] >> 48);
    }));
    // X has been taken for 'X' - '0', and is ten.
    const unsigned excess = number.back() == 'X' ? 'X' - '0' - 10 : 0;
    return (sum - excess) % 11 == 0;
}

namespace detail {

// What MOD 11,10 makes of its running check and two more digits, times 100: each step waits for the one
// before, so there should be few.
struct Mod11And10 {
    uint16_t after[1000] = {};
    static constexpr unsigned step(unsigned check, unsigned digit) {
        return ((check ? check : 10) * 2 % 11 + digit) % 10;
    }
    constexpr Mod11And10() {
        for (unsigned i = 0; i < 1000; ++i) {
            after[i] = static_cast<uint16_t>(100 * step(step(i / 100, i / 10 % 10), i % 10));
        }
    }
};
inline constexpr Mod11And10 mod_11_10;

}  // namespace detail

inline bool iso7064_holds(std::string_view number) {
    if (number.size() < 2) return false;
    const auto digit = [&](size_t i) { return static_cast<unsigned>(number[i] - '0'); };
    size_t i = number.size() & 1;
    unsigned check = 100 * (i ? detail::Mod11And10::step(5, digit(0)) : 5);
    for (; i < number.size(); i += 2) check = detail::mod_11_10.after[check + digit(i) * 10 + digit(i + 1)];
    return check == 100;
}

inline bool check_digit_holds(CheckDigit check, std::string_view number) {
    switch (check) {
        case CheckDigit::luhn: return luhn_holds(number);
        case CheckDigit::ean13: return ean13_holds(number);
        case CheckDigit::mod11: return mod11_holds(number);
        case CheckDigit::iso7064: return iso7064_holds(number);
        case CheckDigit::none: break;
    }
    return true;
}

}  // namespace enishi
