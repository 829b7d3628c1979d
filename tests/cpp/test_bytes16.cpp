// Sixteen bytes at a time, under the sanitizers: the register and the portable words agree, and with a loop; nothing is
// read outside a value of any length.
#include <cstdio>
#include <memory>
#include <random>
#include <string>

#include "enishi/bytes16.hpp"
#include "enishi/device_id.hpp"
#include "enishi/email.hpp"
#include "enishi/identifier.hpp"
#include "enishi/loyalty_card.hpp"
#include "enishi/masked_card.hpp"
#include "enishi/normalizer.hpp"
#include "enishi/payment_token.hpp"

using namespace enishi;

namespace {

int failures = 0;

void check(bool ok, const char *what) {
    if (ok) return;
    std::printf("failed: %s\n", what);
    ++failures;
}

// On the heap to the byte, so that a read past either end is seen.
struct Exact {
    explicit Exact(std::string_view value) : bytes(new char[value.size()]), size(value.size()) {
        if (size) std::memcpy(bytes.get(), value.data(), size);
    }
    std::string_view view() const { return {bytes.get(), size}; }

    std::unique_ptr<char[]> bytes;
    size_t size;
};

template <class Bytes>
void check_against_loops(const std::string &text) {
    const Bytes block = Bytes::load(text.data());
    char lowered[16], stored[16];
    block.store(stored);
    block.lowered().store(lowered);
    const uint64_t letters = block.within('a', 'z').mask(), ats = block.equal('@').mask();
    const uint64_t either = (block.within('0', '9') | block.equal('-')).mask();
    const uint64_t both = (block.within('!', '~') & block.within(' ', '0')).mask();
    for (size_t i = 0; i < 16; ++i) {
        const char c = text[i];
        check(stored[i] == c, "what is stored is what was loaded");
        check(lowered[i] == (c >= 'A' && c <= 'Z' ? c + 32 : c), "lower case");
        check((letters >> i & 1) == (c >= 'a' && c <= 'z'), "within a to z");
        check((ats >> i & 1) == (c == '@'), "equal to @");
        check((either >> i & 1) == ((c >= '0' && c <= '9') || c == '-'), "one or the other");
        check((both >> i & 1) == (c >= '!' && c <= '0'), "one and the other");
    }
    check(!(letters >> 16), "sixteen bits");
}

}  // namespace

int main() {
    std::mt19937 random(1);
    for (int c = 0; c < 256; ++c) {
        const std::string same(16, static_cast<char>(c));
        check_against_loops<Bytes16>(same);
        check_against_loops<PortableBytes16>(same);
    }
    for (int i = 0; i < 20000; ++i) {
        std::string text(16, '\0');
        for (char &c : text) c = static_cast<char>(i % 2 ? random() : "@AZaz[`{09-./"[random() % 13]);
        check_against_loops<Bytes16>(text);
        check_against_loops<PortableBytes16>(text);
    }

    for (size_t size = 1; size <= longest_by_sixteen; ++size) {
        std::string text(size, '\0');
        for (char &c : text) c = static_cast<char>('!' + random() % 94);
        const Exact value(text);
        if (size < 16) {
            std::string filled = text;
            filled.resize(16, '\0');
            char stored[16], portable[16];
            load_short(value.view()).store(stored);
            load_short<PortableBytes16>(value.view()).store(portable);
            check(filled == std::string(stored, 16) && filled == std::string(portable, 16), "short texts and zeros");
        }
        char copied[longest_by_sixteen];
        check(copy_visible(value.view(), copied) && text == std::string(copied, size), "all of a text is copied");
        for (size_t at = 0; at < size; ++at) {
            for (const char c : {' ', '\0', '\x7F', '\x80', '\xFF'}) {
                std::string spoilt = text;
                spoilt[at] = c;
                check(!is_visible(Exact(spoilt).view()), "every byte is looked at");
            }
        }
    }
    check(!is_visible("") && !is_visible(std::string(65, 'x')), "nothing, and what is too long");

    const std::shared_ptr<Normalizer> all[] = {
        make_normalizer<Email>(EmailForm::canonical), make_normalizer<Email>(EmailForm::raw),
        make_normalizer<DeviceId>(true),              make_normalizer<DeviceId>(false),
        make_normalizer<PaymentToken>(true),          make_normalizer<MaskedCard>(),
        make_normalizer<Identifier>(false),           make_normalizer<LoyaltyCard>(CheckDigit::mod11),
        make_normalizer<LoyaltyCard>(CheckDigit::luhn, size_t{16}),
    };
    Text out;
    for (const std::string &pattern :
         {std::string("0123456789abcdef"), std::string("a.b+c_d-"), std::string("4-1 1"),
          std::string("d41d8cd9-8f00-b204"), std::string("411111******1111 "), std::string("1")}) {
        for (size_t size = 0; size <= 70; ++size) {
            std::string text;
            while (text.size() < size) text += pattern;
            text.resize(size);
            for (const char *end : {"", "@gmail.com", "@x.jp", "@yahoo.co.jp", "}", " ", "\n", "\x80", "12/27"}) {
                for (const char *front : {"", "{", "\"", "+", "."}) {
                    const Exact value(front + text + end);
                    for (const auto &normalizer : all) {
                        const Status status = (*normalizer)(value.view(), out);
                        check(!has_value(status) || !out.empty(), "a canonical value is something");
                    }
                }
            }
        }
    }

    // A column's values stand one behind the other, refused ones leave nothing.
    const std::string values = "A@b.jp" "nobody" "" "T.A@gmail.com";
    const int32_t offsets[] = {0, 6, 12, 12, 25};
    const void *buffers[] = {nullptr, offsets, values.data()};
    ArrowSchema schema{};
    schema.format = "u";
    ArrowArray array{};
    array.length = 4;
    array.n_buffers = 3;
    array.buffers = buffers;
    CanonicalColumn column;
    all[0]->canonicalize(TextColumn(schema, array), column);
    check(column.values.view() == "a@b.jpta@gmail.com", "the values of a column");
    const int64_t expected[] = {0, 6, 6, 6, 18};
    check(column.offsets.size() == sizeof expected && !std::memcmp(column.offsets.data(), expected, sizeof expected),
          "the offsets of a column");
    check(column.validity.view() == "\x09" && column.status.size() == 4, "the rows of a column");
    return failures != 0;
}
