// Masked card numbers: 411111******1111 in its many spellings, with or without an expiry. An attribute, not
// an identifier: up to 100,000 cards share one.
//
// The canonical form tells what is known and nothing of how it was masked: the first digits (eight at most), six
// asterisks, the last four, then "|YYYY-MM" where the expiry is known. So it is never a whole card number.
//
// 411111******1111 alone or with MM/YY is known by its sixteen bytes at once; what else there is is read sign by sign.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "bytes16.hpp"
#include "card_number.hpp"

namespace enishi {

struct MaskedCard {
    mutable Text scratch{};

    static constexpr size_t most_first = 8;  // what PCI DSS lets anybody show
    static constexpr size_t most_signs = 32;

    Status operator()(std::string_view raw, Text &out) const {
        if (is_usual(raw) && (raw.size() == 16 || is_usual_expiry(raw))) {
            char *to = out.reserve(24);
            std::memcpy(to, raw.data(), 16);
            out.advance(16);
            if (raw.size() == 16) return Status::accepted;
            const char written[8] = {'|', '2', '0', raw[20], raw[21], '-', raw[17], raw[18]};
            std::memcpy(to + 16, written, 8);
            out.advance(8);
            return Status::accepted;
        }
        std::string_view value;
        const Status status = tidy_signs(raw, scratch, value, ascii_of_mask);
        if (status != Status::accepted) return status;
        value = unquoted(value);
        if (value.empty()) return Status::missing;

        if (is_usual(value)) {
            out.append(value.substr(0, 16));
            return value.size() == 16 ? Status::accepted : expiry(value.substr(17), out);
        }
        size_t at = after_brand(value);
        char known[most_first + 10] = {};  // the first digits, six asterisks, the last four
        char *last = known;
        size_t firsts = 0, lasts = 0, masks = 0, digits = 0;
        while (at < value.size()) {
            size_t end = at;
            while (end < value.size() && is_digit(value[end])) ++end;
            if (const size_t run = end - at) {
                const bool full = masks + digits + 4 > longest_card;
                if (lasts >= 4 && (full || !is_group(value, at, end))) break;
                if (!masks) {
                    const size_t taken = std::min(run, most_first - firsts);
                    for (size_t i = 0; i < taken; ++i) known[firsts + i] = value[at + i];
                    firsts += taken;
                } else if (run >= 4) {
                    std::memcpy(last, value.data() + end - 4, 4);
                } else {
                    std::memmove(last, last + run, 4 - run);
                    std::memcpy(last + 4 - run, value.data() + at, run);
                }
                lasts = masks ? lasts + run : 0;
                digits += run;
                at = end;
            } else if (const size_t hidden = mask_run(value, at)) {
                last = known + firsts + 6;
                masks += hidden;
                lasts = 0;
                at += hidden;
            } else if (value[at] == ' ' || value[at] == '-') {
                ++at;
            } else {
                break;
            }
        }
        if (!digits && (masks || means_nothing(value))) return Status::missing;
        if (!masks && digits >= shortest_card && digits <= most_signs) return Status::card_number;
        if (masks < 2 || lasts < 4 || masks + digits > most_signs) {
            return is_scientific(value) ? Status::spreadsheet : Status::malformed;
        }
        std::memcpy(known + firsts, "******", 6);
        out.append({known, firsts + 10});
        return at == value.size() ? Status::accepted : expiry(value.substr(at), out);
    }

  private:
    // 411111******1111, alone or with the digits of an expiry behind a blank or a bar: canonical as it stands.
    static bool is_usual(std::string_view value) {
        if (value.size() < 16) return false;
        const Bytes16 number = Bytes16::load(value.data());
        if (number.within('0', '9').mask() != 0xF03F || number.equal('*').mask() != 0x0FC0) return false;
        return value.size() == 16 ||
               (value.size() > 17 && (value[16] == ' ' || value[16] == '|') && is_digit(value[17]));
    }

    // Whether a usual number ends in MM/YY and nothing else.
    static bool is_usual_expiry(std::string_view value) {
        if (value.size() != 22 || value[19] != '/' || !is_digit(value[18])) return false;
        return month((value[17] - '0') * 10u + (value[18] - '0')) & is_digit(value[20]) & is_digit(value[21]);
    }

    // Past the words before the number (Visa, card no.); a word of x alone is a mask, and so is the end of
    // Visaxxxx1111.
    static size_t after_brand(std::string_view value) {
        size_t i = 0;
        while (i < value.size() && !is_digit(value[i]) && !mask_run(value, i)) {
            if (!is_letter(value[i])) {
                ++i;
                continue;
            }
            size_t end = i;
            while (end < value.size() && is_letter(value[end])) ++end;
            size_t masked = end;
            while (masked > i && is_mask(value[masked - 1])) --masked;
            i = end - masked >= 2 && masked > i ? masked : end;
        }
        return i;
    }

    // How many mask signs begin here: asterisks and the like, a word of x alone, three dots or more.
    static size_t mask_run(std::string_view value, size_t at) {
        const char c = value[at];
        size_t end = at;
        if (c == '.') {
            while (end < value.size() && value[end] == '.') ++end;
            return end - at >= 3 ? end - at : 0;
        }
        if (!is_mask(c)) return 0;
        while (end < value.size() && is_mask(value[end])) ++end;
        const bool word = end < value.size() && is_letter(value[end]);
        return word ? 0 : end - at;
    }

    // Whether a run of digits is four of the number's, not the beginning of an expiry.
    static bool is_group(std::string_view value, size_t at, size_t end) {
        if (end - at != 4) return false;
        return end == value.size() || (value[end] != '-' && value[end] != '/' && value[end] != '.');
    }

    static bool month(unsigned m) { return m >= 1 && m <= 12; }

    // Writes "|YYYY-MM" for 12/27, 1227, 12/2027, 2027-12 and 27/12; blank, or words without any digit, is no expiry.
    static Status expiry(std::string_view text, Text &out) {
        size_t i = 0;
        while (i < text.size() && !is_digit(text[i])) {
            if (text[i] == '/' || text[i] == '*') return Status::malformed;
            ++i;
        }
        if (i == text.size()) return Status::accepted;
        unsigned number[2] = {0, 0};
        size_t length[2] = {0, 0};
        for (int part = 0; part < 2; ++part) {
            for (; i < text.size() && is_digit(text[i]) && length[part] < 5; ++i, ++length[part]) {
                number[part] = number[part] * 10 + static_cast<unsigned>(text[i] - '0');
            }
            while (i < text.size() && text[i] == ' ') ++i;
            if (part) break;
            if (i == text.size() && length[0] == 4) {
                number[1] = number[0] % 100;
                number[0] /= 100;
                length[0] = length[1] = 2;
                break;
            }
            if (i == text.size() || (text[i] != '/' && text[i] != '-' && text[i] != '.')) return Status::malformed;
            ++i;
            while (i < text.size() && text[i] == ' ') ++i;
        }
        for (; i < text.size(); ++i) {
            if (text[i] != ')' && text[i] != ' ') return Status::malformed;
        }
        unsigned year, of_year;
        if (length[0] == 4 && (length[1] == 1 || length[1] == 2)) {
            year = number[0];
            of_year = number[1];
        } else if ((length[0] == 1 || length[0] == 2) && length[1] == 4) {
            year = number[1];
            of_year = number[0];
        } else if ((length[0] == 1 || length[0] == 2) && length[1] == 2) {
            // Month first, as on the card, unless it can be no month.
            const bool year_first = !month(number[0]) && length[0] == 2;
            year = 2000 + number[year_first ? 0 : 1];
            of_year = number[year_first ? 1 : 0];
        } else {
            return Status::malformed;
        }
        if (!month(of_year) || year < 2000 || year > 2099) return Status::impossible;
        const char written[8] = {'|',
                                 '2',
                                 '0',
                                 static_cast<char>('0' + year / 10 % 10),
                                 static_cast<char>('0' + year % 10),
                                 '-',
                                 static_cast<char>('0' + of_year / 10),
                                 static_cast<char>('0' + of_year % 10)};
        out.append({written, 8});
        return Status::accepted;
    }
};

}  // namespace enishi
