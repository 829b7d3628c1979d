// Hostile text under the sanitizers; agreement with Python's database is tested from Python.
#include <cstdio>
#include <random>
#include <string>

#include "enishi/unicode.hpp"

using namespace enishi;

namespace {

int failures = 0;

void check(bool ok, const char *what) {
    if (ok) return;
    std::printf("failed: %s\n", what);
    ++failures;
}

std::string folded(std::string_view text) {
    Text out;
    return nfkc_lower(text, out) ? std::string(out.view()) : "(invalid)";
}

}  // namespace

int main() {
    check(folded("").empty(), "empty");
    check(folded("ＡＢＣ１２３") == "abc123", "full width");
    check(folded("ｶﾞｷﾞ") == "ガギ", "half-width kana compose");
    check(folded("H\u0331") == "\u1E96", "lower case composes where upper case does not");
    check(folded("\u0130") == "i\u0307", "a lower case of two code points");
    check(folded("각") == "각" && folded("\u1100\u1161\u11A8") == "각", "Hangul");
    check(folded("\xC0\xAF") == "(invalid)", "an overlong form");
    check(folded("\xED\xA0\x80") == "(invalid)", "a surrogate");
    check(folded("abcdefgh\xE3\x81") == "(invalid)", "cut short");
    check(valid_utf8("\U0010FFFF") && !valid_utf8("\xF4\x90\x80\x80"), "the last code point");
    check(is_ascii("0123456789") && !is_ascii("0123456789é"), "ASCII");

    std::mt19937 random(1);
    for (int i = 0; i < 200000; ++i) {
        std::string text(random() % 24, '\0');
        for (char &c : text) c = static_cast<char>(random());
        Text out, scratch;
        std::string_view tidied;
        const bool valid = valid_utf8(text);
        check(nfkc(text, out) == valid, "nfkc refuses exactly invalid UTF-8");
        const Status status = tidy(text, scratch, tidied);
        if (status == Status::accepted) check(valid && valid_utf8(tidied) && !tidied.empty(), "tidied text is text");
        // Code points rather than bytes: mostly valid, of every plane.
        text.clear();
        for (size_t n = random() % 8; n--;) {
            char utf8[4];
            uint32_t point = random() % (random() % 2 ? 0x110000 : 0x3100);
            if (point >= 0xD800 && point < 0xE000) point = 0x301;
            text.append(utf8, unicode::encode(point, utf8));
        }
        check(nfkc_lower(text, out) && valid_utf8(out.view()), "folded text is text");
        Text again;
        check(nfkc_lower(out.view(), again) && again.view() == out.view(), "folding twice is folding once");
        tidy(text, scratch, tidied);
    }
    return failures != 0;
}
