// Hostile ids under the sanitizers; agreement with the plain-Python twin is tested from Python.
#include <cstdio>
#include <initializer_list>
#include <memory>
#include <random>
#include <string>

#include "enishi/device_id.hpp"

using namespace enishi;

namespace {

int failures = 0;

void check(bool ok, std::string_view what) {
    if (ok) return;
    std::printf("failed: %.*s\n", static_cast<int>(what.size()), what.data());
    ++failures;
}

// From a heap block of its own size, so that a read past the end is seen.
std::string answer(const DeviceId &normalizer, std::string_view raw) {
    const std::unique_ptr<char[]> block(new char[raw.size()]);
    std::copy(raw.begin(), raw.end(), block.get());
    Text out;
    const Status status = normalizer({block.get(), raw.size()}, out);
    if (has_value(status)) check(!out.empty() && valid_utf8(out.view()), "a canonical value is text");
    return std::to_string(static_cast<int>(status)) + (has_value(status) ? " " + std::string(out.view()) : "");
}

}  // namespace

int main() {
    const DeviceId uuids{true}, any{};
    const std::string id = "6d92078a-8246-4ba4-ae5b-76104861e7dc";
    for (const char *spelling :
         {"6D92078A-8246-4BA4-AE5B-76104861E7DC", "6d92078a82464ba4ae5b76104861e7dc",
          "{6d92078a-8246-4ba4-ae5b-76104861e7dc}", "urn:uuid:6d92078a-8246-4ba4-ae5b-76104861e7dc",
          " \"6d92078a-8246-4ba4-ae5b-76104861e7dc\"\n",
          "６ｄ92078a‐8246‐4ba4‐ae5b‐76104861e7dc"}) {
        check(answer(uuids, spelling) == "0 " + id, spelling);
    }
    for (const char *junk : {"00000000-0000-0000-0000-000000000000", "00000000000000000000000000000000",
                             "ffffffff-ffff-ffff-ffff-ffffffffffff", "9F89C84A559F573636A47FF8DAED0D33",
                             "da39a3ee5e6b4b0d3255bfef95601890afd80709"}) {
        check(answer(any, junk) == "8" && answer(uuids, junk) == "8", junk);
    }
    check(answer(any, "6D92078A-8246-4BA4") == "2 6d92078a-8246-4ba4", "a truncated id");
    check(answer(any, "6D92078A82464BA4A") == "2 6d92078a-8246-4ba4-a", "a truncated id without hyphens");
    check(answer(any, "1700000000123456") == "0 1700000000123456", "a counter");
    check(answer(uuids, "GA1.2.1234567890.1700000000") == "6", "a cookie among UUIDs");
    check(answer(any, "") == "3" && answer(any, "\0") == "3" && answer(any, {"\0", 1}) == "4", "nothing, and a NUL");
    check(answer(any, std::string(10'000'000, '1')) == "5", "ten million digits");
    // Every byte in every place of a UUID: only hexadecimal digits stay in.
    for (size_t at = 0; at < id.size(); ++at) {
        for (int byte = 0; byte < 256; ++byte) {
            std::string other = id;
            other[at] = static_cast<char>(byte);
            const std::string_view fitting = id[at] == '-' ? "-" : "0123456789abcdefABCDEF";
            const bool fits = fitting.find(other[at]) != fitting.npos;
            const bool accepted = answer(uuids, other).front() == '0';
            // White space at the end leaves a truncated id, which is not accepted either.
            check(accepted == fits, "one byte of a UUID");
        }
    }

    std::mt19937 random(1);
    const std::string_view likely = "0123456789abcdefABCDEF0123456789abcdef-{}()'\"= .";
    for (int i = 0; i < 300'000; ++i) {
        std::string value(random() % 70, '\0');
        const bool any_byte = random() % 4 == 0;
        for (char &c : value) c = any_byte ? static_cast<char>(random()) : likely[random() % likely.size()];
        if (random() % 2) {
            value = id.substr(0, random() % 37);
            for (int spoil = static_cast<int>(random() % 3); spoil-- && !value.empty();) {
                value[random() % value.size()] = static_cast<char>(random());
            }
        }
        const std::string first = answer(any, value);
        answer(uuids, value);
        if (first.size() > 2) check(answer(any, first.substr(2)) == first, "canonical values stay as they are");
    }
    return failures != 0;
}
