// Emails, hashes and identifiers under the sanitizers; agreement with their twins is tested from Python.
#include <cstdio>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "enishi/email.hpp"
#include "enishi/hashed_email.hpp"
#include "enishi/identifier.hpp"
#include "enishi/normalizer.hpp"

using namespace enishi;

namespace {

int failures = 0;

void check(bool ok, const std::string &what) {
    if (ok) return;
    std::printf("failed: %s\n", what.c_str());
    ++failures;
}

struct Case {
    const char *raw;
    Status status;
    const char *canonical;
};

const Case cases[] = {
    {"Taro.Yamada+shop@GMail.com", Status::accepted, "taroyamada@gmail.com"},
    {"t.aro@googlemail.com", Status::accepted, "taro@gmail.com"},
    {"a.b+c@me.com", Status::accepted, "a.b@icloud.com"},
    {"a..b.@docomo.ne.jp", Status::accepted, "a..b.@docomo.ne.jp"},
    {"\"a..b\"@docomo.ne.jp", Status::accepted, "a..b@docomo.ne.jp"},
    {"a..b@example.com", Status::malformed, ""},
    {"Name <mailto:taro@example.com>;", Status::accepted, "taro@example.com"},
    {"taro@日本語。jp", Status::accepted, "taro@xn--wgv71a119e.jp"},
    {"No-Reply@shop.co.jp", Status::generic, "no-reply@shop.co.jp"},
    {"@", Status::malformed, ""},
    {"'", Status::malformed, ""},
    {"\"@", Status::malformed, ""},
    {"<>", Status::malformed, ""},
    {"mailto:", Status::malformed, ""},
    {"a@b", Status::malformed, ""},
    {"a@192.0.2.1", Status::impossible, ""},
    {"+@gmail.com", Status::malformed, ""},
    {"none", Status::missing, ""},
    {"", Status::missing, ""},
    {"\x80@example.com", Status::encoding, ""},
};

}  // namespace

int main() {
    const auto email = make_normalizer<Email>(EmailForm::canonical);
    Text out;
    for (const Case &each : cases) {
        const Status status = (*email)(each.raw, out);
        check(status == each.status && (!has_value(status) || out.view() == each.canonical), each.raw);
    }
    for (const size_t size : {63, 64, 65}) {
        const std::string local(size, 'x');
        check(has_value((*email)(local + "@example.com", out)) == (size <= 64), "the length of a local part");
        check(has_value((*email)("a@" + local + ".com", out)) == (size <= 63), "the length of a label");
    }
    check(corrected_domain("gmial.com") == "gmail.com" && corrected_domain("gmail.com").empty(), "typos");

    const std::vector<std::shared_ptr<Normalizer>> all = {
        email,
        make_normalizer<Email>(EmailForm::raw),
        make_normalizer<Email>(EmailForm::deliverable),
        make_normalizer<HashedEmail>(),
        make_normalizer<EmailRecipe>(Recipe::uid2),
        make_normalizer<EmailRecipe>(Recipe::google),
        make_normalizer<EmailRecipe>(Recipe::meta),
        make_normalizer<Identifier>(false),
        make_normalizer<Identifier>(true),
    };
    const std::string pieces[] = {"taro", "Hanako", ".",  "..",  "+",  "-",  "@",       "@",          "gmail.com",
                                  "me.com", "x.jp", "日本", "é",  "。", " ",  "<",       ">",          "\"",
                                  "'",      "mailto:", "?", ",",  ";",  "info", std::string(1, '\0'), "\xE3\x81",
                                  std::string(40, 'x'), "docomo.ne.jp", "UJ6TMBm7KFoTSpM0uLtnnf950M4CPVKa9L10TUe0/Yo="};
    std::mt19937 random(1);
    for (int i = 0; i < 60000; ++i) {
        std::string made;
        for (size_t n = random() % 8; n--;) made += pieces[random() % std::size(pieces)];
        if (i % 4 == 0) {
            for (size_t n = random() % 70; n--;) made.push_back(static_cast<char>(random()));
        }
        // On the heap to the byte, so that a read past the end is seen.
        const std::unique_ptr<char[]> bytes(new char[made.size()]);
        if (!made.empty()) std::memcpy(bytes.get(), made.data(), made.size());
        const std::string_view value(bytes.get(), made.size());
        for (const auto &normalizer : all) {
            const Status status = (*normalizer)(value, out);
            check(static_cast<size_t>(status) < status_count, "a status");
            if (has_value(status)) check(!out.empty() && valid_utf8(out.view()), "a canonical value is text");
        }
        Text again;
        if (has_value((*email)(value, out))) {
            check(has_value((*email)(out.view(), again)) && again.view() == out.view(), "canonical twice is once");
        }
    }
    for (const char c : {'a', ' ', '<', '.', '@'}) {
        const std::string huge(10000000, c);
        for (const auto &normalizer : all) check(!has_value((*normalizer)(huge, out)), "10 MB");
    }
    return failures != 0;
}
