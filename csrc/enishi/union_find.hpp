// Disjoint sets over 32-bit numbers. The smaller number is always the root, so that the labels depend on the sets alone
// and not on the order of the unions; path halving keeps the trees flat without ranks.
#pragma once

#include <cstdint>
#include <numeric>
#include <vector>

namespace enishi {

class UnionFind {
  public:
    explicit UnionFind(size_t n) : parent_(n) { std::iota(parent_.begin(), parent_.end(), uint32_t{0}); }

    uint32_t find(uint32_t x) {
        while (parent_[x] != x) {
            parent_[x] = parent_[parent_[x]];
            x = parent_[x];
        }
        return x;
    }

    void prefetch(uint32_t x) const { __builtin_prefetch(&parent_[x], 1); }

    // Returns the root of the united set.
    uint32_t unite(uint32_t a, uint32_t b) {
        a = find(a);
        b = find(b);
        if (a == b) return a;
        if (b < a) std::swap(a, b);
        parent_[b] = a;
        return a;
    }

    // Takes x out. The whole of its set has to be taken out, for others may hang on it.
    void isolate(uint32_t x) { parent_[x] = x; }

    size_t size() const { return parent_.size(); }

  private:
    std::vector<uint32_t> parent_;
};

}  // namespace enishi
