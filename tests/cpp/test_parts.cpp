// Work in parts: each part once, what one throws is thrown; disjoint sets that several threads unite are those that one
// thread makes.
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <random>
#include <stdexcept>
#include <vector>

#include "enishi/parts.hpp"
#include "enishi/union_find.hpp"

#define CHECK(condition)                                              \
    do {                                                              \
        if (!(condition)) {                                           \
            std::printf("line %d: %s\n", __LINE__, #condition);       \
            return 1;                                                 \
        }                                                             \
    } while (false)

int main() {
    for (const size_t threads : {0, 1, 2, 5}) {
        for (const size_t parts : {0, 1, 3, 1000}) {
            std::vector<std::atomic<int>> done(parts);
            enishi::in_parts(threads, parts, [&](size_t i) { ++done[i]; });
            for (const auto &times : done) CHECK(times == 1);
        }
        for (const size_t size : {size_t{0}, size_t{1}, size_t{65536}, size_t{200000}}) {
            std::atomic<size_t> visited{0};
            enishi::in_pieces(threads, size, [&](size_t from, size_t to) { visited += to - from; });
            CHECK(visited == size);
        }
        bool thrown = false;
        try {
            enishi::in_parts(threads, 100, [](size_t i) {
                if (i == 42) throw std::runtime_error("42");
            });
        } catch (const std::runtime_error &) {
            thrown = true;
        }
        CHECK(thrown);
    }
    std::mt19937 random(7);
    for (int round = 0; round < 20; ++round) {
        const uint32_t n = 1000 + random() % 30000;
        std::vector<std::pair<uint32_t, uint32_t>> pairs(n / (1 + random() % 3));
        // Near ones, so that threads meet in one set, and any.
        for (auto &[a, b] : pairs) a = random() % n, b = random() % 4 ? (a + random() % 9) % n : random() % n;
        enishi::UnionFind one(n), several(n);
        for (const auto &[a, b] : pairs) one.unite(a, b);
        enishi::in_parts(4, 64, [&](size_t part) {
            for (size_t i = part; i < pairs.size(); i += 64) several.unite(pairs[i].first, pairs[i].second);
        });
        for (uint32_t x = 0; x < n; ++x) CHECK(one.find(x) == several.find(x));
    }
    return 0;
}
