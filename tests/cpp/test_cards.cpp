// Hostile card numbers and tokens under the sanitizers; agreement with the plain-Python twins is tested from Python.
#include <cstdio>
#include <memory>
#include <random>
#include <string>

#include "enishi/loyalty_card.hpp"
#include "enishi/masked_card.hpp"
#include "enishi/payment_token.hpp"

using namespace enishi;

namespace {

int failures = 0;

void check(bool ok, std::string_view what) {
    if (ok) return;
    std::printf("failed: %.*s\n", static_cast<int>(what.size()), what.data());
    ++failures;
}

// From a heap block of its own size, so that a read past the end is seen.
template <class Kernel>
std::string answer(const Kernel &normalizer, std::string_view raw) {
    const std::unique_ptr<char[]> block(new char[raw.size()]);
    std::copy(raw.begin(), raw.end(), block.get());
    Text out;
    const Status status = normalizer({block.get(), raw.size()}, out);
    if (has_value(status)) check(!out.empty() && valid_utf8(out.view()), "a canonical value is text");
    return std::to_string(static_cast<int>(status)) + (has_value(status) ? " " + std::string(out.view()) : "");
}

void check_digits() {
    check(luhn_holds("79927398713") && !luhn_holds("79927398710") && luhn_holds("18") && !luhn_holds(""), "luhn");
    check(ean13_holds("4901234567894") && !ean13_holds("4901234567895") && !ean13_holds("96385074"), "ean13");
    check(mod11_holds("125319092") && mod11_holds("1000005K") == false && !mod11_holds("125319093"), "mod11");
    check(iso7064_holds("002006673085") && iso7064_holds("794623") && !iso7064_holds("794624"), "iso7064");
    // Each catches every single wrong digit; Luhn and MOD 11,10 know exactly one check digit for every number.
    std::mt19937 random(1);
    for (int i = 0; i < 20'000; ++i) {
        std::string number(2 + random() % 31, '0');
        for (char &c : number) c = static_cast<char>('0' + random() % 10);
        int luhns = 0, isos = 0;
        for (char last = '0'; last <= '9'; ++last) {
            number.back() = last;
            luhns += luhn_holds(number);
            isos += iso7064_holds(number);
            mod11_holds(number);
        }
        check(luhns == 1 && isos == 1, "one check digit fits");
    }
}

}  // namespace

int main() {
    check_digits();

    const PaymentToken token{}, network{true};
    check(answer(token, " tok_1NqVzM ") == "0 tok_1NqVzM", "a token");
    check(answer(token, "4111 1111 1111 1111") == "11", "a card number");
    check(answer(token, "４１１１－１１１１－１１１１－１１１１") == "11", "a full-width card number");
    check(answer(network, "4111-1111-1111-1111") == "0 4111111111111111", "a network token");
    check(answer(token, "411111******1111") == "6" && answer(token, "0000000000") == "8", "what is no token");
    check(answer(token, "4.11111E+15") == "10", "a spreadsheet's");
    check(is_par("V0010013019046000000000000012") && !is_par("v0010013019046000000000000012"), "is_par");

    const LoyaltyCard any, ean(CheckDigit::ean13), luhn(CheckDigit::luhn, 16);
    const LoyaltyCard prefixed(CheckDigit::none, 8, {"CARD:", "21"});
    check(answer(ean, "４９０１２３４ ５６７８９４") == "0 4901234567894", "full width");
    for (const char *read : {"*4901234567894*", "]C14901234567894", "A4901234567894A", ";4901234567894=27?"}) {
        check(answer(ean, read) == "0 4901234567894", read);
    }
    check(answer(ean, "4901234567895") == "2 4901234567895", "a wrong check digit");
    check(answer(luhn, "30569309025904") == "0 0030569309025904", "lost zeros");
    check(answer(luhn, "00030569309025904") == "6", "longer than declared");
    check(answer(prefixed, "card: 5083-2231") == "0 50832231", "a prefix");
    check(answer(prefixed, "2183-2231") == "0 21832231", "digits of its own");
    check(answer(any, "1.2E+15") == "10" && answer(any, "1234567890") == "8", "damage and junk");
    check(answer(any, "ab12cd") == "0 AB12CD", "letters");

    const MaskedCard masked{};
    check(answer(masked, "4111-11**-****-1111 12/27") == "0 411111******1111|2027-12", "masked");
    for (const char *last : {"•••• 1111", "xxxx1111", "**** **** **** 1111"}) {
        check(answer(masked, last) == "0 ******1111", last);
    }
    check(answer(masked, "4111111111111111") == "11" && answer(masked, "411111******1111 2027-13") == "7", "refused");

    std::mt19937 random(2);
    const std::string_view likely = "0123456789012345678901234567890123456789 -*xX.#/|%B;=?^]C1A'\"E+";
    const std::string_view numbers[] = {"4111111111111111", "411111******1111 12/27", "4901234567894",
                                        "%B49012345^X^?", "]C1*49*"};
    for (int i = 0; i < 200'000; ++i) {
        std::string value(random() % 66, '\0');
        const bool any_byte = random() % 4 == 0;
        for (char &c : value) c = any_byte ? static_cast<char>(random()) : likely[random() % likely.size()];
        if (random() % 2) {
            value = numbers[random() % 5];
            for (int spoil = static_cast<int>(random() % 4); spoil--;) {
                char &c = value[random() % value.size()];
                c = random() % 2 ? static_cast<char>(random()) : likely[random() % likely.size()];
            }
            value.resize(value.size() - random() % 4);
        }
        answer(network, value);
        answer(any, value);
        answer(ean, value);
        answer(luhn, value);
        answer(prefixed, value);
        answer(LoyaltyCard(CheckDigit::mod11, 9), value);
        answer(LoyaltyCard(CheckDigit::iso7064), value);
        const std::string of_token = answer(token, value);
        if (of_token.size() > 2) check(!looks_like_card_number(of_token.substr(2)), "no card number gets through");
        const std::string of_masked = answer(masked, value);
        if (of_masked.size() > 2) check(answer(masked, of_masked.substr(2)) == of_masked, "canonical values stay");
    }
    for (const char c : {'1', ' ', '*', '\x80'}) {
        const std::string huge(10'000'000, c);
        answer(token, huge);
        answer(any, huge);
        answer(luhn, huge);
        answer(masked, huge);
        looks_like_card_number(huge);
    }
    return failures != 0;
}
