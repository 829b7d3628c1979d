// A few numbers of each kind, then hostile text under the sanitizers; agreement with the package is tested from Python.
#include <cstdio>
#include <random>
#include <string>

#include "enishi/normalizer.hpp"
#include "enishi/phone.hpp"

using namespace enishi;

namespace {

int failures = 0;

struct Case {
    const char *region;
    std::string raw;
    Status status;
    std::string canonical;
};

void check(const Case &c) {
    const auto normalizer = make_normalizer<Phone>(numbering_plan(c.region));
    Text out;
    const Status status = (*normalizer)(c.raw, out);
    if (status == c.status && (!has_value(status) || out.view() == c.canonical)) return;
    std::printf("failed: %s '%s'\n", c.region, c.raw.c_str());
    ++failures;
}

}  // namespace

int main() {
    const Case cases[] = {
        {"JP", "09012345678", Status::accepted, "+819012345678"},
        {"JP", "9012345678", Status::accepted, "+819012345678"},
        {"JP", "+81(0)90-1234-5678", Status::accepted, "+819012345678"},
        {"JP", "0081-90-1234-5678", Status::accepted, "+819012345678"},
        {"JP", "010 81 90 1234 5678", Status::accepted, "+819012345678"},
        {"JP", "０９０ー１２３４ー５６７８", Status::accepted, "+819012345678"},
        {"JP", "03-1234-5678（内線12）", Status::accepted, "+81312345678"},
        {"JP", "TEL: 03-1234-5678 ext. 12", Status::accepted, "+81312345678"},
        {"JP", "312345678.0", Status::accepted, "+81312345678"},
        {"JP", "06012345678", Status::accepted, "+816012345678"},
        {"JP", "05012345678", Status::accepted, "+815012345678"},
        {"JP", "0120-123-456", Status::not_personal, ""},
        {"JP", "0800-123-4567", Status::not_personal, ""},
        {"JP", "0570-012-345", Status::not_personal, ""},
        {"JP", "090-0000-0000", Status::junk, ""},
        {"JP", "0123456789", Status::junk, ""},
        {"JP", "090-0123-4567", Status::impossible, ""},
        {"JP", "110", Status::malformed, ""},
        {"JP", "090-xxxx-5678", Status::malformed, ""},
        {"JP", "9.01E+09", Status::spreadsheet, ""},
        {"JP", "", Status::missing, ""},
        {"JP", "不明", Status::missing, ""},
        {"JP", std::string("090\0001234", 8), Status::encoding, ""},
        {"JP", "090\x80", Status::encoding, ""},
        {"JP", std::string(10000000, '9'), Status::too_long, ""},
        {"JP", "+55 11 23456789", Status::foreign, ""},
        {"JP", "+1 212 555 2368", Status::accepted, "+12125552368"},
        {"US", "(212) 555-2368", Status::accepted, "+12125552368"},
        {"US", "1-800-234-5678", Status::not_personal, ""},
        {"GB", "020 7946 0958", Status::accepted, "+442079460958"},
        {"CN", "139 1234 5678", Status::accepted, "+8613912345678"},
        {"KR", "010-1234-5678", Status::accepted, "+821012345678"},
        {"TW", "0912-345-679", Status::accepted, "+886912345679"},
        {"BR", "11 2345-6789", Status::foreign, ""},
        {"BR", "+81 90 1234 5678", Status::accepted, "+819012345678"},
    };
    for (const Case &c : cases) check(c);

    const std::string pieces[] = {"0",  "9",   "090", "1234", "81",   "+",  "-",  " ",   "(",    "x",    "ext", ".0",
                                  "e",  "#",   "~",   ",",    ";",    "\t", "*",  "a",   "\x80", "\xff", "\xe3\x83",
                                  "ー", "内線", "線",  "０",   "＋",   "😀", "é",  "①",   "ﷺ",    "0000000000000000"};
    std::mt19937 random(1);
    const std::string regions[] = {"JP", "US", "GB", "CN", "KR", "TW", "DE", "BR"};
    Text out;
    for (const std::string &region : regions) {
        const auto normalizer = make_normalizer<Phone>(numbering_plan(region));
        for (int i = 0; i < 100000; ++i) {
            std::string raw;
            for (size_t n = random() % 12; n > 0; --n) raw += pieces[random() % std::size(pieces)];
            // A buffer of its own size: reading past the value's end is caught.
            const std::vector<char> value(raw.begin(), raw.end());
            const Status status = (*normalizer)({value.data(), value.size()}, out);
            if (!has_value(status)) continue;
            const std::string canonical(out.view());
            // A canonical value is its own.
            if (canonical[0] == '+' && (*normalizer)(canonical, out) == status && out.view() == canonical) continue;
            std::printf("failed: '%s' is not canonical\n", canonical.c_str());
            ++failures;
        }
    }
    if (failures) std::printf("%d failures\n", failures);
    return failures != 0;
}
