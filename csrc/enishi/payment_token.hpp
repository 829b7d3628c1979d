// Payment tokens: what a gateway gives in place of a card number. Opaque, so case and spelling are kept.
//
// A raw card number is refused unless the column is declared tokenized: network tokens look like card numbers
// and pass Luhn. One that is written in groups loses the blanks and hyphens. Fewer than six characters are
// refused: three and four digits are a verification value or a card's last four, and would join strangers.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string_view>

#include "card_number.hpp"

namespace enishi {

// Whether a token is a Payment Account Reference (EMVCo): 29 upper-case letters and digits, of which the
// first four are the BIN controller's. It names the account behind every card and token of it.
inline bool is_par(std::string_view token) {
    if (token.size() != 29) return false;
    for (const char c : token) {
        if (!is_digit(c) && static_cast<uint8_t>(c - 'A') >= 26) return false;
    }
    return true;
}

struct PaymentToken {
    bool tokenized = false;
    mutable Text scratch{};

    static constexpr size_t shortest = 6;
    static constexpr size_t longest = 512;

    Status operator()(std::string_view raw, Text &out) const {
        std::string_view value;
        const Status status = tidy_signs(raw, scratch, value, ascii_of_mask);
        if (status != Status::accepted) return status;
        value = unquoted(value);
        if (value.empty()) return Status::missing;
        if (is_digit(value.front())) {
            char digits[longest_card];
            const std::string_view number = card_digits(value, digits);
            if (number.size() >= 2 && is_repeated_or_sequential(number)) return Status::junk;
            if (in_issuer_range(number) && luhn_holds(number)) {
                if (!tokenized) return Status::card_number;
                out.append(number);
                return Status::accepted;
            }
            if (is_scientific(value)) return Status::spreadsheet;
        } else if (means_nothing(value)) {
            return Status::missing;
        }
        if (is_repeated(value) || is_test_word(value)) return Status::junk;
        if (value.size() > longest) return Status::too_long;
        if (value.size() < shortest || has_blank_or_wide(value) || is_masked_number(value)) return Status::malformed;
        if (has_one_sign(value)) return Status::junk;
        out.append(value);
        return Status::accepted;
    }

  private:
    static bool is_test_word(std::string_view value) {
        static constexpr std::string_view words[] = {"test",  "testtoken", "test_token", "test-token",
                                                     "token", "dummy",     "sample"};
        if (value.size() > 10) return false;
        char folded[10];
        for (size_t i = 0; i < value.size(); ++i) folded[i] = lower(value[i]);
        return std::find(std::begin(words), std::end(words), std::string_view(folded, value.size())) !=
               std::end(words);
    }
};

}  // namespace enishi
