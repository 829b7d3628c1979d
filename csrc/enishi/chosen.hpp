// Some of many numbers, and the place of each among them: what is known of few takes no room for all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace enishi {

class Chosen {
  public:
    // Of numbers below `all`; what was chosen before stays.
    void of(size_t all) { bits_.resize((all + 63) / 64, 0); }
    // Whether it was not chosen before. Places are void then, until they are counted again.
    bool add(uint32_t number) {
        uint64_t &word = bits_[number >> 6];
        const uint64_t bit = uint64_t{1} << (number & 63);
        const bool fresh = !(word & bit);
        word |= bit;
        return fresh;
    }
    void count() {
        before_.clear();
        count_ = 0;
        for (const uint64_t word : bits_) {
            before_.push_back(count_);
            count_ += static_cast<uint32_t>(__builtin_popcountll(word));
        }
    }

    uint32_t size() const { return count_; }
    bool holds(uint32_t number) const { return bits_[number >> 6] >> (number & 63) & 1; }
    // How many smaller ones are chosen.
    uint32_t place(uint32_t number) const {
        const uint64_t smaller = bits_[number >> 6] & ((uint64_t{1} << (number & 63)) - 1);
        return before_[number >> 6] + static_cast<uint32_t>(__builtin_popcountll(smaller));
    }

  private:
    std::vector<uint64_t> bits_;    // a bit for each number
    std::vector<uint32_t> before_;  // by word of these, how many are chosen before it
    uint32_t count_ = 0;
};

}  // namespace enishi
