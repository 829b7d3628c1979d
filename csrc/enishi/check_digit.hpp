// Check digits of card numbers. Each function takes decimal digits, the check digit last, and agrees with python-stdnum:
//   luhn     stdnum.luhn                 ISO/IEC 7812: payment cards, most loyalty cards
//   ean13    stdnum.ean (13 digits)      GS1: cards that carry a JAN/EAN barcode
//   mod11    stdnum.cl.rut               weights 2 to 7 from the right, again and again ("modulus 11, weight 2-7"); where the
//                                        check digit would be 10 an X stands (the RUT writes K)
//   iso7064  stdnum.iso7064.mod_11_10    ISO/IEC 7064 MOD 11,10: its system of one decimal check digit for decimal numbers
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace enishi {

enum class CheckDigit : uint8_t { none, luhn, ean13, mod11, iso7064 };

inline bool luhn_holds(std::string_view number) {
    static constexpr uint8_t doubled[10] = {0, 2, 4, 6, 8, 1, 3, 5, 7, 9};
    const char *p = number.data();
    size_t left = number.size();
    unsigned sum = 0;
    for (; left >= 2; left -= 2) {
        sum += static_cast<unsigned>(p[left - 1] - '0') + doubled[p[left - 2] - '0'];
    }
    if (left) sum += static_cast<unsigned>(p[0] - '0');
    return !number.empty() && sum % 10 == 0;
}

inline bool ean13_holds(std::string_view number) {
    if (number.size() != 13) return false;
    unsigned odd = 0, even = 0;
    for (size_t i = 0; i < 12; i += 2) {
        odd += static_cast<unsigned>(number[i] - '0');
        even += static_cast<unsigned>(number[i + 1] - '0');
    }
    odd += static_cast<unsigned>(number[12] - '0');
    return (odd + 3 * even) % 10 == 0;
}

// The last character may be X.
inline bool mod11_holds(std::string_view number) {
    if (number.size() < 2) return false;
    const char last = number.back();
    unsigned sum = last == 'X' ? 10 : static_cast<unsigned>(last - '0');
    unsigned weight = 2;
    for (size_t i = number.size() - 1; i-- > 0;) {
        sum += weight * static_cast<unsigned>(number[i] - '0');
        weight = weight == 7 ? 2 : weight + 1;
    }
    return sum % 11 == 0;
}

inline bool iso7064_holds(std::string_view number) {
    // What (check or 10) * 2 % 11 comes to.
    static constexpr uint8_t carried[10] = {9, 2, 4, 6, 8, 10, 1, 3, 5, 7};
    unsigned check = 5;
    for (const char c : number) {
        const unsigned sum = carried[check] + static_cast<unsigned>(c - '0');
        check = sum >= 10 ? sum - 10 : sum;
    }
    return number.size() > 1 && check == 1;
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
