// Near values under the sanitizers: random and hostile texts against every pair looked at.
#include <cstdio>
#include <random>
#include <string>

#include "enishi/identifier.hpp"
#include "enishi/near.hpp"

using namespace enishi;

namespace {

int failures = 0;

void check(bool holds, const char *what) {
    if (!holds) {
        std::fprintf(stderr, "failed: %s\n", what);
        ++failures;
    }
}

std::vector<uint32_t> decoded(std::string_view text) {
    std::vector<uint32_t> points;
    detail::decode_utf8(text, points);
    return points;
}

// The whole table, without a shortcut.
uint32_t osa(const std::vector<uint32_t> &a, const std::vector<uint32_t> &b) {
    std::vector<std::vector<uint32_t>> d(a.size() + 1, std::vector<uint32_t>(b.size() + 1));
    for (size_t i = 0; i <= a.size(); ++i) {
        for (size_t j = 0; j <= b.size(); ++j) {
            if (!i || !j) {
                d[i][j] = static_cast<uint32_t>(i + j);
                continue;
            }
            d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
        }
    }
    return d[a.size()][b.size()];
}

std::string word(std::mt19937 &rng, size_t longest) {
    static const char *const pieces[] = {"a", "b", "1", "@", "\xe3\x81\x82", "\xf0\x9f\x98\x80", "\xc3\xa9"};
    std::string text;
    for (size_t n = rng() % longest + 1; n; --n) text += pieces[rng() % std::size(pieces)];
    return text;
}

void compare(const ValueTable &values, const std::vector<uint8_t> &status, NearOptions options, size_t slice) {
    const NearResult found = NearJoin(values, status, options).run(slice);
    std::vector<NearPair> expected;
    for (uint32_t a = 0; a < values.size(); ++a) {
        for (uint32_t b = a + 1; b < values.size(); ++b) {
            const uint32_t distance = osa(decoded(values.text(a)), decoded(values.text(b)));
            if (distance && distance <= options.max_edits) expected.push_back({a, b, distance});
        }
    }
    check(found.pairs == expected, "every near pair is found, and no other");
}

}  // namespace

int main() {
    std::mt19937 rng(1);
    const auto normalizer = make_normalizer<Identifier>();
    for (int round = 0; round < 20; ++round) {
        GrowingValues values(true);
        for (int i = 0; i < 120; ++i) values.insert(word(rng, 6), Key128{});
        std::vector<uint8_t> status(values.size(), 0);
        for (const uint32_t edits : {1u, 2u}) {
            NearOptions options;
            options.max_edits = edits;
            options.small_group = round % 3 * 2;
            compare(values, status, options, round % 2 ? 64 : size_t{1} << 24);
            options.local_part = true;
            NearJoin(values, status, options).run(16);
            for (auto &s : status) s = static_cast<uint8_t>(rng() % 3);
            options.corrections = true;
            for (const NearPair &pair : NearJoin(values, status, options).run().pairs) {
                check((status[pair.left] == 2) != (status[pair.right] == 2), "a correction has one incomplete end");
            }
            status.assign(values.size(), 0);
        }
    }
    std::vector<uint32_t> rows;
    for (int i = 0; i < 20000; ++i) {
        const auto a = decoded(word(rng, 9)), b = decoded(word(rng, 9));
        for (const uint32_t limit : {0u, 1u, 2u, 3u}) {
            check(osa_distance(a, b, limit, rows) == std::min(osa(a, b), limit + 1), "the distance up to its limit");
        }
    }
    // What is no UTF-8 never reaches a table, and would still be no reason to read past its end.
    for (int i = 0; i < 20000; ++i) {
        std::string bytes(rng() % 6, '\0');
        for (char &c : bytes) c = static_cast<char>(rng());
        decoded(std::string_view(std::string(bytes)));
    }
    GrowingValues ids(true);
    for (int i = 0; i < 300; ++i) {
        std::string id;
        for (int n = 0; n < 20; ++n) id += "0123456789abcdef"[rng() % 2];
        ids.insert(id, Key128{});
        ids.insert(std::string_view(id).substr(0, 16 + rng() % 5), Key128{});
        ids.insert(std::string_view(id).substr(0, rng() % 16), Key128{});
    }
    std::vector<uint8_t> status;
    for (uint32_t v = 0; v < ids.size(); ++v) status.push_back(ids.text(v).size() < 20 ? 2 : 0);
    size_t expected = 0;
    for (uint32_t v = 0; v < ids.size(); ++v) {
        for (uint32_t w = 0; w < ids.size(); ++w) {
            const std::string_view prefix = ids.text(v);
            const bool cut = status[v] == 2 && status[w] == 0 && prefix.size() >= 16;
            expected += cut && ids.text(w).substr(0, prefix.size()) == prefix;
        }
    }
    check(extensions(ids, status, 16).size() == expected, "every extension of a truncated id");
    const ValueTable nothing(true);
    check(NearJoin(nothing, {}, {}).run(0).pairs.empty() && extensions(nothing, {}, 16).empty(), "no values, no pairs");
    return failures != 0;
}
