// Phone numbers to E.164, as the phonenumbers package (a port of Google's libphonenumber) reads them.
//
// Three steps, each with its own refusals:
//
//   read_phone    text -> dialled digits, and whether a + stood before them. Full width, Japanese dashes, labels before the
//                 number ("tel:", "携帯") and extensions after it ("ext. 12", "内線12") are settled here.
//   find_number   dialled digits -> numbering plan and national number. The package's parse(), step by step: + or an
//                 international prefix and a calling code, else the home region's code without a +, else a national
//                 number, each with or without its national prefix. So +81(0)90..., 010-81-90..., 8190..., 090... and
//                 9012345678 (a column read as integers loses the zero) are one number.
//   Phone         national number -> canonical value, or why not, from the plan's automaton (phone_tables.hpp).
//
// The plans of the larger markets are here. A well-formed number of another country answers Status::foreign; the package
// has to be asked for it (enishi/_phone_package.py).
//
// Where this differs from the package, on purpose:
// - 00 is an international prefix everywhere, where the package's own reading of the number is not valid: 0081-90-... is
//   written in Japan too, though 010 is dialled.
// - Letters are not translated to digits and asterisks are not skipped. To the package 090-xxxx-1234 is a vanity number,
//   so a masked number would become a stranger's. Only digits, separators and an extension may follow the first digit.
// - "9012345678.0", an integer column with nulls read as floats, loses its ".0".
// - 内線 is an extension; a half-width ｰ, a ruled line ─ and a wave dash are dashes.
// - Repeated and sequential digits are junk, see is_junk_phone().
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "phone_tables.hpp"
#include "unicode.hpp"
#include "value.hpp"

namespace enishi {

using NumberingPlan = phone_tables::Plan;

inline const NumberingPlan *numbering_plan(std::string_view region) {
    for (const NumberingPlan &plan : phone_tables::plans) {
        if (plan.region == region) return &plan;
    }
    return nullptr;
}

struct DialledNumber {
    static constexpr size_t capacity = 32;  // the longest prefixes, calling code and national number make 30

    bool plus = false;
    size_t size = 0;
    char digits[capacity + 1];  // one more: a reader writes before it knows

    std::string_view view() const { return {digits, size}; }
};

namespace phone {

enum Character : uint8_t { other = 8, digit = 1, separator = 2, plus = 4 };

struct Characters {
    uint8_t of[256] = {};

    constexpr Characters() {
        for (uint8_t &kind : of) kind = other;
        for (const char c : {' ', '\t', '\n', '\v', '\f', '\r', '-', '.', '/', '(', ')', '[', ']'}) {
            of[static_cast<uint8_t>(c)] = separator;
        }
        for (char c = '0'; c <= '9'; ++c) of[static_cast<uint8_t>(c)] = digit;
        of[static_cast<uint8_t>('+')] = plus;
    }
    constexpr uint8_t operator[](char c) const { return of[static_cast<uint8_t>(c)]; }
};
inline constexpr Characters character;

// One byte for every code point of tidied text: ASCII in lower case, dashes as '-', 内線 and 内 as 'x', other punctuation
// as '_', any other character as '?'.
inline void spell_plainly(std::string_view tidied, Text &plain) {
    plain.clear();
    for (const char *p = tidied.data(), *end = p + tidied.size(); p != end;) {
        uint32_t point;
        p += unicode::decode(p, end, point);
        if (point < 0x80) {
            plain.push(static_cast<char>(point - 'A' < 26 ? point + 32 : point));
            continue;
        }
        switch (point) {
            case 0x2043:  // hyphen bullet
            case 0x2212:  // minus sign
            case 0x2500:  // ─
            case 0x2501:  // ━
            case 0x30FB:  // ・
            case 0x30FC:  // ー, and the half-width ｰ
                plain.push('-');
                break;
            case 0x2053:  // swung dash
            case 0x223C:  // tilde operator
            case 0x301C:  // wave dash
                plain.push('~');
                break;
            case 0x5185:  // 内
                plain.push('x');
                break;
            case 0x7DDA:  // 線
                if (plain.empty() || plain.view().back() != 'x') plain.push('?');
                break;
            default:
                if (point - 0x2010 < 6) {
                    plain.push('-');
                } else {
                    plain.push(point - 0x2000 < 0x70 || point - 0x3000 < 0x40 ? '_' : '?');
                }
        }
    }
}

// Whether the rest of a number is an extension: a label, and no more digits than the package takes after such a label.
inline bool is_extension(std::string_view rest) {
    struct Label {
        std::string_view text;
        size_t most;
    };
    static constexpr Label labels[] = {
        {";ext=", 20}, {"extension", 20}, {"extn", 20}, {"ext", 20}, {"xtn", 20}, {"xt", 20}, {"anexo", 20},
        {"int", 9},    {"x", 9},          {"#", 9},     {"~", 9},    {";", 15},   {",,", 15}, {",", 9},
    };
    for (const Label &label : labels) {
        if (rest.substr(0, label.text.size()) != label.text) continue;
        const std::string_view after = " \t:.,-()";
        size_t i = label.text.size();
        while (i < rest.size() && after.find(rest[i]) != after.npos) ++i;
        const size_t from = i;
        while (i < rest.size() && character[rest[i]] == digit) ++i;
        const size_t digits = i - from;
        if (i < rest.size() && rest[i] == '#') ++i;
        return i == rest.size() && digits >= 1 && digits <= label.most;
    }
    return false;
}

// "- 503#": an American extension without a label. Returns its digits, or 0.
inline size_t marked_extension(std::string_view plain) {
    size_t digits = 0, i = plain.size() - 1;
    while (i > 0 && character[plain[i - 1]] == digit) {
        --i;
        ++digits;
    }
    return digits <= 6 && i > 0 && (plain[i - 1] == '-' || plain[i - 1] == ' ') ? digits : 0;
}

// 9.01E+09, 9.01e9: what a spreadsheet makes of a long number.
inline bool is_scientific(std::string_view plain) {
    size_t i = 0;
    const auto digits = [&] {
        const size_t from = i;
        while (i < plain.size() && character[plain[i]] == digit) ++i;
        return i > from;
    };
    if (!digits()) return false;
    if (i < plain.size() && plain[i] == '.') {
        ++i;
        digits();
    }
    if (i == plain.size() || plain[i++] != 'e') return false;
    if (i < plain.size() && (plain[i] == '+' || plain[i] == '-')) ++i;
    return digits() && i == plain.size();
}

// "9012345678.0", within separators.
inline bool is_float(std::string_view text, size_t digits) {
    while (character[text.back()] == separator) text.remove_suffix(1);
    while (character[text.front()] == separator) text.remove_prefix(1);
    return text.size() == digits + 1 && digits > 1 && text[digits - 1] == '.';
}

// The commonest text, without a branch to mispredict: a + or none, then at most 32 digits and separators. False for any
// other, and the number is then not to be used.
inline bool read_plain(std::string_view text, DialledNumber &number) {
    if (text.empty() || text.size() > DialledNumber::capacity) return false;
    number.plus = text.front() == '+';
    char *to = number.digits;
    uint8_t seen = 0;
    for (size_t i = number.plus; i < text.size(); ++i) {
        const uint8_t kind = character[text[i]];
        seen |= kind;
        *to = text[i];
        to += kind & digit;
    }
    number.size = static_cast<size_t>(to - number.digits);
    if ((seen & (other | plus)) || !number.size) return false;
    if (to[-1] == '0' && is_float(text, number.size)) --number.size;
    return true;
}

// The same for full-width text with Japanese dashes, without the tables that other text needs.
inline bool read_wide(std::string_view text, DialledNumber &number) {
    char narrow[DialledNumber::capacity];
    size_t size = 0;
    for (size_t i = 0; i < text.size(); ++size) {
        if (size == sizeof narrow) return false;
        const auto byte = [&](size_t at) { return static_cast<uint32_t>(static_cast<uint8_t>(text[at])); };
        if (byte(i) < 0x80) {
            narrow[size] = text[i++];
            continue;
        }
        // Three bytes of a code point, or of nothing that passes below.
        if (text.size() - i < 3 || (byte(i) & 0xF0) != 0xE0) return false;
        if ((byte(i + 1) & 0xC0) != 0x80 || (byte(i + 2) & 0xC0) != 0x80) return false;
        const uint32_t point = (byte(i) & 0x0F) << 12 | (byte(i + 1) & 0x3F) << 6 | (byte(i + 2) & 0x3F);
        i += 3;
        if (point - 0xFF01 < 94) {
            narrow[size] = static_cast<char>(point - 0xFEE0);
        } else if (point == 0x3000) {
            narrow[size] = ' ';
        } else if (point - 0x2010 < 6 || point == 0x2212 || point == 0x30FC || point == 0xFF70) {
            narrow[size] = '-';
        } else {
            return false;
        }
    }
    return read_plain({narrow, size}, number);
}

// Reads ASCII of separators and digits with + before the first of them, up to the first other character; returns where
// that stands.
inline size_t read_digits(std::string_view text, DialledNumber &number) {
    char *to = number.digits, *const full = number.digits + DialledNumber::capacity;
    number.plus = false;
    size_t i = 0;
    for (; i < text.size(); ++i) {
        const char c = text[i];
        const uint8_t kind = character[c];
        if (kind == digit) {
            if (to == full) break;
            *to++ = c;
        } else if (kind == plus && to == number.digits) {
            number.plus = true;
        } else if (kind != separator) {
            break;
        }
    }
    number.size = static_cast<size_t>(to - number.digits);
    if (i == text.size() && number.size && to[-1] == '0' && is_float(text, number.size)) --number.size;
    return i;
}

inline uint16_t label_of(const uint16_t *table, std::string_view digits) {
    size_t row = phone_tables::start;
    for (const char c : digits) {
        row = table[row + static_cast<size_t>(c - '0')];
        if (!row) return 0;
    }
    return table[row + phone_tables::label];
}

// How many of the digits the prefix takes.
inline size_t prefix_length(const uint16_t *table, std::string_view digits) {
    size_t row = phone_tables::start, found = 0;
    for (size_t i = 0; i < digits.size(); ++i) {
        row = table[row + static_cast<size_t>(digits[i] - '0')];
        if (!row) return found;
        if (table[row + phone_tables::label] & phone_tables::anywhere) found = i + 1;
    }
    return table[row + phone_tables::label] & phone_tables::whole ? 0 : found;
}

inline bool is_possible(const NumberingPlan &plan, std::string_view digits) {
    return digits.size() < 32 && plan.possible_lengths >> digits.size() & 1;
}

inline bool starts_with(std::string_view text, std::string_view head) {
    if (text.size() < head.size()) return false;
    for (size_t i = 0; i < head.size(); ++i) {
        if (text[i] != head[i]) return false;
    }
    return true;
}

struct LabelledDigits {
    std::string_view digits;
    uint16_t label;  // in the plan's automaton

    LabelledDigits(const NumberingPlan &plan, std::string_view digits)
        : digits(digits), label(label_of(plan.numbers, digits)) {}
    bool is_viable() const { return label & phone_tables::viable; }
};

// Digits without their national prefix; with it, where only so they are viable.
inline LabelledDigits strip_national_prefix(const NumberingPlan &plan, std::string_view digits) {
    const size_t length = prefix_length(plan.national_prefix, digits);
    const LabelledDigits rest(plan, digits.substr(length));
    if (!length || rest.is_viable()) return rest;
    const LabelledDigits all(plan, digits);
    return all.is_viable() ? all : rest;
}

// How many digits the calling code at the front has; 0 where there is none in use.
inline size_t calling_code_length(std::string_view digits) {
    size_t code = 0;
    for (size_t i = 0; i < 3 && i < digits.size(); ++i) {
        code = code * 10 + static_cast<size_t>(digits[i] - '0');
        if (!code) return 0;
        if (phone_tables::calling_codes[code >> 3] >> (code & 7) & 1) return i + 1;
    }
    return 0;
}

}  // namespace phone

// The digits of a value and whether it begins with +: accepted, missing, encoding, too_long, malformed or spreadsheet.
inline Status read_phone(std::string_view raw, DialledNumber &number, Text &scratch, Text &plain) {
    using namespace phone;
    constexpr size_t longest = 250;  // bytes
    if (raw.size() > longest) return Status::too_long;
    if (read_plain(raw, number) || read_wide(raw, number)) return Status::accepted;

    std::string_view text;
    const Status status = tidy(raw, scratch, text);
    if (status != Status::accepted) return status;
    if (means_nothing(text)) return Status::missing;
    spell_plainly(text, plain);
    text = plain.view();
    while (!text.empty()) {
        const char last = text.back();
        const bool alphanumeric = character[last] == digit || static_cast<uint8_t>(last - 'a') < 26 || last == '?';
        if (alphanumeric || last == '#') break;
        text.remove_suffix(1);
    }
    const size_t start = text.find_first_of("+0123456789");
    if (start == text.npos) return Status::malformed;
    text.remove_prefix(start);
    const size_t end = read_digits(text, number);
    if (!number.size) return Status::malformed;
    if (end == text.size()) return Status::accepted;
    if (is_scientific(text)) return Status::spreadsheet;
    if (text[end] == '#' && end + 1 == text.size()) {
        const size_t digits = marked_extension(text);
        if (!digits) return Status::malformed;
        number.size -= digits;
        return number.size ? Status::accepted : Status::malformed;
    }
    return is_extension(text.substr(end)) ? Status::accepted : Status::malformed;
}

// Whether nobody has the number, whatever its range: zeros alone, eight equal digits at the end (090-0000-0000), or seven
// and more digits that count up or down all the way (a last step from 9 to 0 included). 090-1234-5678 is somebody's.
inline bool is_junk_phone(std::string_view digits) {
    const size_t size = digits.size();
    if (!size) return false;
    size_t equal = 1;
    while (equal < size && digits[size - 1 - equal] == digits[size - 1]) ++equal;
    if (equal >= 8 || (equal == size && digits[0] == '0')) return true;
    if (size < 7) return false;
    const int step = digits[1] - digits[0];
    if (step != 1 && step != -1) return false;
    for (size_t i = 1; i < size; ++i) {
        const bool wraps = i + 1 == size && step == 1 && digits[i - 1] == '9' && digits[i] == '0';
        if (digits[i] - digits[i - 1] != step && !wraps) return false;
    }
    return true;
}

// What dialled digits reach: accepted and a national number, or foreign, malformed or impossible.
struct FoundNumber {
    const NumberingPlan *plan;
    std::string_view national;
    uint16_t label;
};

inline Status find_number(std::string_view digits, bool plus, const NumberingPlan *home, FoundNumber &found) {
    using namespace phone;
    const auto national = [&](const NumberingPlan &plan, std::string_view number) {
        if (number.size() < 2) return Status::malformed;
        LabelledDigits chosen = strip_national_prefix(plan, number);
        if (!is_possible(plan, chosen.digits) && chosen.digits.size() <= plan.longest) chosen = {plan, number};
        if (chosen.digits.size() < 2 || chosen.digits.size() > 17) return Status::malformed;
        found = {&plan, chosen.digits, chosen.label};
        return Status::accepted;
    };
    const auto international = [&](std::string_view number, size_t code_length) {
        for (const NumberingPlan &plan : phone_tables::plans) {
            if (starts_with(number, plan.calling_code)) return national(plan, number.substr(code_length));
        }
        return Status::foreign;
    };
    if (plus) {
        if (digits.size() <= 2) return Status::malformed;
        if (const size_t length = calling_code_length(digits)) return international(digits, length);
        // A + and no calling code: the package drops the + where a code follows all the same ("+010-81-...").
    }
    if (!home) return Status::foreign;
    const size_t prefix = prefix_length(home->international_prefix, digits);
    if (prefix && !(prefix < digits.size() && digits[prefix] == '0')) {
        const std::string_view rest = digits.substr(prefix);
        if (rest.size() <= 2) return Status::malformed;
        const size_t length = calling_code_length(rest);
        return length ? international(rest, length) : Status::impossible;
    }
    if (starts_with(digits, home->calling_code)) {
        const LabelledDigits rest = strip_national_prefix(*home, digits.substr(home->calling_code.size()));
        const bool better = rest.is_viable() && !LabelledDigits(*home, digits).is_viable();
        if (better || digits.size() > home->longest) return national(*home, rest.digits);
    }
    return plus ? Status::impossible : national(*home, digits);
}

// Normalizes to E.164, "+819012345678".
//
//   accepted      a valid number that may be a person's: mobile, fixed line, VoIP, personal, pager
//   not_personal  a valid number of a service: toll-free, shared cost, premium rate, company-wide access, voice mail
//   junk          see is_junk_phone()
//   impossible    of a right length but in no valid range, or of a calling code that does not exist
//   malformed     no phone number: wrong length, letters, masked digits, two numbers in one value
//   foreign       of a region that no plan is here for, valid or not
//
// A number is valid where it is so in any region of its calling code: in a US column a Canadian one is.
struct Phone {
    const NumberingPlan *home = nullptr;  // of numbers without a calling code; null for a region of no plan here
    mutable Text scratch{}, plain{};

    Status operator()(std::string_view raw, Text &out) const {
        DialledNumber number;
        Status status = read_phone(raw, number, scratch, plain);
        if (status != Status::accepted) return status;
        const std::string_view digits = number.view();
        status = judge(digits, number.plus, out);
        if (status != Status::malformed && status != Status::impossible) return status;
        if (is_junk_phone(digits)) return Status::junk;
        if (!number.plus && digits.substr(0, 2) == "00") {
            const Status again = judge(digits.substr(2), true, out);
            if (again != Status::malformed && again != Status::impossible) return again;
        }
        return status;
    }

  private:
    Status judge(std::string_view digits, bool plus, Text &out) const {
        FoundNumber found{};
        const Status status = find_number(digits, plus, home, found);
        if (status != Status::accepted) return status;
        const NumberingPlan &plan = *found.plan;
        if (is_junk_phone(found.national)) return Status::junk;
        if (found.label & phone_tables::service) return Status::not_personal;
        if (!(found.label & phone_tables::person)) {
            return phone::is_possible(plan, found.national) ? Status::impossible : Status::malformed;
        }
        // Copied by characters: a call of memcpy takes longer than a dozen of them.
        out.clear();
        char *const from = out.reserve(32), *to = from;
        *to++ = '+';
        for (const char c : plan.calling_code) *to++ = c;
        for (const char c : found.national) *to++ = c;
        out.advance(static_cast<size_t>(to - from));
        return Status::accepted;
    }
};

// Reads a number's text alone: its digits, after a + where one stood. What the package is given for a foreign number.
struct PhoneSpelling {
    mutable Text scratch{}, plain{};

    Status operator()(std::string_view raw, Text &out) const {
        DialledNumber number;
        const Status status = read_phone(raw, number, scratch, plain);
        if (status != Status::accepted) return status;
        if (number.plus) out.push('+');
        out.append(number.view());
        return Status::accepted;
    }
};

}  // namespace enishi
