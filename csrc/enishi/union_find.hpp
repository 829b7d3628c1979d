// Disjoint sets over 32-bit numbers. The smaller number is always the root, so that the labels depend on the sets alone
// and not on the order of the unions; path halving keeps the trees flat without ranks.
//
// Several threads may find and unite at once (Anderson and Woll, Wait-free parallel algorithms for the union-find problem,
// 1991): a root is linked by one comparison and swap, and what halves a path only ever stores an ancestor.
#pragma once

#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

namespace enishi {

class UnionFind {
  public:
    explicit UnionFind(size_t n) : parent_(n) { std::iota(parent_.begin(), parent_.end(), uint32_t{0}); }

    uint32_t find(uint32_t x) {
        for (;;) {
            const uint32_t parent = load(x);
            if (parent == x) return x;
            const uint32_t above = load(parent);
            if (above == parent) return parent;
            __atomic_store_n(&parent_[x], above, __ATOMIC_RELAXED);
            x = above;
        }
    }

    void prefetch(uint32_t x) const { __builtin_prefetch(&parent_[x], 1); }

    // Returns the root of the united set.
    uint32_t unite(uint32_t a, uint32_t b) {
        for (;;) {
            a = find(a);
            b = find(b);
            if (a == b) return a;
            if (b < a) std::swap(a, b);
            uint32_t root = b;
            if (__atomic_compare_exchange_n(&parent_[b], &root, a, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) return a;
        }
    }

    // Takes x out. The whole of its set has to be taken out, for others may hang on it.
    void isolate(uint32_t x) { parent_[x] = x; }

    size_t size() const { return parent_.size(); }

  private:
    uint32_t load(uint32_t x) const { return __atomic_load_n(&parent_[x], __ATOMIC_RELAXED); }

    std::vector<uint32_t> parent_;
};

}  // namespace enishi
