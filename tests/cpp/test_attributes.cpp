// The normalizers of attributes on known and on hostile input, to be run under the sanitizers.
#include <cstdio>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "enishi/address.hpp"
#include "enishi/free_text.hpp"
#include "enishi/birth_date.hpp"
#include "enishi/person_name.hpp"
#include "enishi/postcode.hpp"

using namespace enishi;

static int failures = 0;

template <class Kernel>
static void expect(const char *field, const Kernel &kernel, std::string_view raw, Status status,
                   std::string_view value) {
    Text out;
    const Status answer = kernel(raw, out);
    if (answer == status && (!has_value(answer) || out.view() == value)) return;
    ++failures;
    std::printf("%s: %.*s gives status %d\n", field, static_cast<int>(raw.size()), raw.data(),
                static_cast<int>(answer));
}

// An exact copy on the heap, so that a read past either end of a value is seen.
template <class Kernel>
static void survive(const char *field, const Kernel &kernel, const std::string &raw, Text &out) {
    const std::vector<char> exact(raw.begin(), raw.end());
    out.clear();
    const Status status = kernel({exact.data(), exact.size()}, out);
    if (!has_value(status) || (!out.empty() && valid_utf8(out.view()))) return;
    ++failures;
    std::printf("%s: a canonical value is empty or not UTF-8\n", field);
}

template <class Kernel>
static void survive_all(const char *field, const Kernel &kernel, const std::vector<std::string> &pieces) {
    std::mt19937_64 random(7);
    Text out;
    for (int round = 0; round < 60000; ++round) {
        std::string raw;
        for (size_t n = random() % 9; n; --n) {
            raw += random() % 8 ? pieces[random() % pieces.size()] : std::string(1, static_cast<char>(random()));
        }
        survive(field, kernel, raw, out);
    }
    const auto repeat = [&](const std::string &piece, size_t size) {
        std::string raw;
        while (raw.size() < size) raw += piece;
        raw.resize(size);
        survive(field, kernel, raw, out);
    };
    for (const std::string &piece : pieces) {
        for (size_t size : {62, 63, 64, 65, 255, 256, 257, 1023, 1024, 1025}) repeat(piece, size);
    }
    for (const char *piece : {"1", " ", "年", "\x80"}) repeat(piece, 10'000'000);
}

int main() {
    const PersonName name;
    expect("name", name, "José  O'Brien-Smith", Status::accepted, "jose obrien smith");
    expect("name", name, "ﾔﾏﾀﾞ ﾀﾛｳ 様", Status::accepted, "ヤマダタロウ");
    expect("name", name, "山田　太郎", Status::accepted, "山田太郎");
    expect("name", name, "ヴァネッサ", Status::accepted, "バネツサ");
    expect("name", name, "ヾ゛゜", Status::missing, "");
    expect("name", name, "", Status::missing, "");
    expect("name", name, "\x80", Status::encoding, "");

    const BirthDate date{DateOrder::day_month_year, 1880, 2026};
    expect("date", date, "1985-04-09", Status::accepted, "1985-04-09");
    expect("date", date, "9/4/1985", Status::accepted, "1985-04-09");
    expect("date", date, "昭和六十年四月九日生まれ", Status::accepted, "1985-04-09");
    expect("date", date, "1985-02-30", Status::impossible, "");
    expect("date", date, "1970-01-01", Status::placeholder, "");
    expect("date", date, "99999999999999999999", Status::malformed, "");
    expect("date", date, "s99999999999999999999", Status::malformed, "");

    const Postcode postcode;
    expect("postcode", postcode, "〒１００ー０００１", Status::accepted, "1000001");
    expect("postcode", postcode, "sw1a 1aa", Status::accepted, "SW1A1AA");
    expect("postcode", postcode, "000-0000", Status::junk, "");
    expect("postcode", postcode, ".0", Status::malformed, "");

    const Address address;
    expect("address", address, "奈佐原二丁目1番地の3", Status::accepted, "奈佐原2-1-3");
    expect("address", address, "12 Main St., #4", Status::accepted, "12 main st 4");
    expect("address", address, "一", Status::accepted, "一");
    expect("address", address, "ー", Status::missing, "");

    const FreeText text;
    expect("free text", text, "−35.5, 139.70 A-5", Status::accepted, "-35.5 139.70 a 5");
    expect("free text", text, "東京 都", Status::accepted, "東京都");

    const std::vector<std::string> pieces{
        "1", "9", "1985", "04", "-", "/", ".", " ", ",", ":", "T", "am", "s", "H", "Mar", "mr ", "a", "Z", "é", "ß",
        "\xCC\x81", "大字",
        "年", "月", "日", "昭和", "元", "生", "十", "千", "〇", "三", "丁目", "番地", "番", "号室", "号", "の", "ー", "－", "〒",
        "100-0001", "山田", "様", "さん", "殿", "や", "ャ", "ヴ", "ァ", "ゞ", "ヾ", "゛", "ﾞ", "ｶ", "김", "😀", "@", "'", "\xE3\x81",
        "\xEF\xBF\xBD", std::string(1, '\0'), "\xF3\xA0\x84\x80", "\xE2\x80\x8B",
    };
    survive_all("name", name, pieces);
    survive_all("date", date, pieces);
    survive_all("postcode", postcode, pieces);
    survive_all("address", address, pieces);
    survive_all("free text", text, pieces);
    std::mt19937_64 random(8);
    for (int round = 0; round < 100000; ++round) {
        std::string bytes(random() % 12, '\0');
        for (char &c : bytes) c = static_cast<char>(random());
        name_script(bytes);
    }
    return failures != 0;
}
