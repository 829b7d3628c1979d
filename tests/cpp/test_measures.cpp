// Measures under the sanitizers: bounded distances against whole tables, hostile texts, and kanji variants.
#include <cstdio>
#include <random>
#include <string>

#include "enishi/kanji_variants.hpp"
#include "enishi/measures.hpp"

using namespace enishi;

namespace {

int failures = 0;

void check(bool holds, const char *what) {
    if (!holds) {
        std::fprintf(stderr, "failed: %s\n", what);
        ++failures;
    }
}

std::string word(std::mt19937 &rng, size_t longest) {
    static const char *const pieces[] = {"a", "b", "c", " ", ".", "1", "\xe3\x81\x82", "\xf0\x9f\x98\x80", "\xff", "\xe3\x81"};
    const size_t of = rng() % 2 ? 3 : std::size(pieces);
    std::string text;
    for (size_t n = rng() % (longest + 1); n; --n) text += pieces[rng() % of];
    return text;
}

// The whole table; swapped neighbors count where `swaps`.
uint32_t distance(const std::vector<uint32_t> &a, const std::vector<uint32_t> &b, bool swaps) {
    std::vector<std::vector<uint32_t>> d(a.size() + 1, std::vector<uint32_t>(b.size() + 1));
    for (size_t i = 0; i <= a.size(); ++i) {
        for (size_t j = 0; j <= b.size(); ++j) {
            if (!i || !j) {
                d[i][j] = static_cast<uint32_t>(i + j);
                continue;
            }
            d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
            for (size_t k = i - 1; swaps && k >= 1; --k) {
                for (size_t l = j - 1; l >= 1; --l) {
                    if (a[k - 1] != b[j - 1] || a[i - 1] != b[l - 1]) continue;
                    const size_t edits = (i - k - 1) + 1 + (j - l - 1);
                    d[i][j] = std::min(d[i][j], d[k - 1][l - 1] + static_cast<uint32_t>(edits));
                }
            }
        }
    }
    return d[a.size()][b.size()];
}

}  // namespace

int main() {
    std::mt19937 rng(1);
    Measures measures;
    std::vector<uint32_t> a, b, rows;
    for (int i = 0; i < 20000; ++i) {
        const std::string x = word(rng, 12), y = rng() % 3 ? x + word(rng, 2) : word(rng, 12);
        detail::decode_utf8(x, a);
        detail::decode_utf8(y, b);
        const uint32_t limit = rng() % 11;
        check(detail::levenshtein_distance(a.data(), a.size(), b.data(), b.size(), limit, rows) ==
                  std::min(distance(a, b, false), limit + 1), "Levenshtein");
        check(detail::damerau_levenshtein_distance(a.data(), a.size(), b.data(), b.size(), limit, rows) ==
                  std::min(distance(a, b, true), limit + 1), "Damerau-Levenshtein");
        std::vector<Level> levels;
        for (uint8_t m = 1; m < static_cast<uint8_t>(Measure::custom); ++m) {
            const auto measure = static_cast<Measure>(m);
            const double bound = is_distance(measure) ? rng() % 4 : (rng() % 5) / 4.0;
            levels.push_back({measure, bound});
        }
        const size_t reached = measures.first_reached(levels, x, y);
        check(reached <= levels.size() && reached == measures.first_reached(levels, y, x), "symmetric");
    }
    const std::string long_text(200000, 'a');
    const std::vector<Level> levels = {{Measure::damerau_levenshtein, 10}, {Measure::trigram_jaccard, 1}};
    check(measures.first_reached(levels, long_text, "b" + long_text) == 0, "a long text");
    check(measures.first_reached(levels, long_text, "") == 2, "an empty text");
    VariantHash spelling;
    check(spelling("\xe9\xbd\x8b\xe8\x97\xa4") == spelling("\xe6\x96\x8e\xe8\x97\xa4"), "a variant");
    check(spelling("\xe9\xbd\x8b\xe8\x97\xa4") != spelling("\xe9\xbd\x8b\xe6\x9c\xa8"), "another name");
    check(spelling("\xff") == spelling("\xff") && spelling("") != spelling("a"), "hostile spellings");
    return failures != 0;
}
