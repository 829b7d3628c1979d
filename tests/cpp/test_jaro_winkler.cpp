// Similar names under the sanitizers: the bound against every pair looked at, words against the plain loop.
#include <cstdio>
#include <random>
#include <string>

#include "enishi/jaro_winkler.hpp"

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
    static const char *const pieces[] = {"a", "b", "c", " ", "\xe3\x81\x82", "\xf0\x9f\x98\x80", "\xc3\xa9"};
    const size_t of = rng() % 2 ? 4 : std::size(pieces);
    std::string text;
    for (size_t n = rng() % (longest + 1); n; --n) text += pieces[rng() % of];
    return text;
}

std::u32string decoded(std::string_view text) {
    std::vector<uint32_t> points;
    detail::decode_utf8(text, points);
    return {points.begin(), points.end()};
}

// Arrow's own layout, so that reading past an end shows.
struct Names {
    std::vector<int32_t> offsets{0};
    std::vector<char> data;
    explicit Names(const std::vector<std::string> &texts) {
        for (const std::string &text : texts) {
            data.insert(data.end(), text.begin(), text.end());
            offsets.push_back(static_cast<int32_t>(data.size()));
        }
    }
    TextColumn view() {
        buffers[1] = offsets.data();
        buffers[2] = data.data();
        ArrowSchema schema{};
        schema.format = "u";
        ArrowArray array{};
        array.length = static_cast<int64_t>(offsets.size() - 1);
        array.n_buffers = 3;
        array.buffers = buffers;
        return {schema, array};
    }
    const void *buffers[3] = {};
};

}  // namespace

int main() {
    std::mt19937 rng(1);
    for (const size_t longest : {3, 10, 64, 66, 300}) {
        std::vector<std::string> texts;
        for (int i = 0; i < 100; ++i) texts.push_back(word(rng, longest));
        std::string junk(longest, '\0');
        for (char &c : junk) c = static_cast<char>(rng());
        texts.push_back(junk);
        Names column(texts);
        for (const double cutoff : {1e-9, 0.7, 0.92}) {
            SimilarPairs found;
            SimilarNames names(cutoff);
            for (int round = 0; round < 2; ++round) {
                found = {};
                names.block(column.view(), 0, 50, found);
                names.block(column.view(), 50, static_cast<int64_t>(texts.size()), found);
            }
            size_t at = 0;
            for (uint32_t i = 0; i < texts.size(); ++i) {
                for (uint32_t j = i + 1; j < (i < 50 ? 50 : texts.size()); ++j) {
                    const std::u32string a = decoded(texts[i]), b = decoded(texts[j]);
                    if (a.empty() || b.empty()) continue;
                    const double similarity = jaro_winkler(std::u32string_view(a), std::u32string_view(b), cutoff);
                    if (similarity == 0) continue;
                    const bool same = at < found.left.size() && found.left[at] == i && found.right[at] == j;
                    check(same && found.similarity[at] == similarity, "the bound loses no hit");
                    ++at;
                }
            }
            check(at == found.left.size(), "no other hits");
        }
        for (int i = 0; i < 3000; ++i) {
            const std::u32string a = decoded(word(rng, 64)), b = decoded(word(rng, 64));
            if (a.empty() || b.empty()) continue;
            const std::u32string_view x(a), y(b);
            const size_t longer = std::max(x.size(), y.size()), window = longer < 2 ? 0 : longer / 2 - 1;
            const auto words = detail::match_words(Places(x), x, y, detail::common_prefix(x, y), window);
            const auto plain = detail::match_long(x, y, window);
            check(words.count == plain.count && words.out_of_order == plain.out_of_order, "words match as the loop does");
        }
    }
    const std::string_view nothing;
    check(jaro_winkler(nothing, nothing, 1.0) == 1 && jaro_winkler(nothing, std::string_view("a"), 0.1) == 0, "empty strings");
    return failures != 0;
}
