// What some profiles carry, read back from the lists of who carries a value.
//
// A column of an identifier takes four bytes for every profile, and filling it is a random write for each. A run that
// only joins what shares values reads profile by profile nothing but the few components that something speaks against.
// So where the profile table does not hold such a column, the codes of these profiles are gathered here, once somebody
// asks for them: one pass over the carriers, in order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include "value_table.hpp"

namespace enishi {

class CarriedCodes {
  public:
    // Chooses more profiles, of so many in all and so many columns; whether any of them is new. What was read before is
    // void then.
    bool choose(const std::vector<uint32_t> &profiles, uint32_t all, uint32_t columns) {
        chosen_.resize((size_t{all} + 63) / 64, 0);
        uint64_t fresh = 0;
        for (const uint32_t p : profiles) {
            const uint64_t bit = uint64_t{1} << (p & 63);
            fresh |= ~chosen_[p >> 6] & bit;
            chosen_[p >> 6] |= bit;
        }
        if (!fresh) return false;
        before_.clear();
        count_ = 0;
        for (const uint64_t word : chosen_) {
            before_.push_back(count_);
            count_ += static_cast<uint32_t>(__builtin_popcountll(word));
        }
        codes_.clear();
        codes_.resize(columns);
        return true;
    }

    // Reads a column whose values stand in no other one: a profile carries at most one of them. Several columns may be
    // read at once.
    void read(uint32_t column, const ValueTable &values) {
        codes_[column].assign(count_, none);
        for (uint32_t v = 0; v < values.size(); ++v) {
            for (const uint32_t p : values.carriers(v)) {
                if (is_chosen(p)) codes_[column][place(p)] = v;
            }
        }
    }

    // Not inlined: whoever finds the column in the table passes this by.
    [[gnu::noinline]] uint32_t code(uint32_t p, uint32_t column) const {
        if (column >= codes_.size() || codes_[column].empty() || !is_chosen(p)) {
            throw std::logic_error("nobody has asked for what this profile carries");
        }
        return codes_[column][place(p)];
    }

  private:
    bool is_chosen(uint32_t p) const { return chosen_[p >> 6] >> (p & 63) & 1; }

    // Among the chosen ones.
    uint32_t place(uint32_t p) const {
        const uint64_t smaller = chosen_[p >> 6] & ((uint64_t{1} << (p & 63)) - 1);
        return before_[p >> 6] + static_cast<uint32_t>(__builtin_popcountll(smaller));
    }

    std::vector<uint64_t> chosen_;   // a bit for each profile
    std::vector<uint32_t> before_;   // by word of these, how many are chosen before it
    uint32_t count_ = 0;
    std::vector<std::vector<uint32_t>> codes_;  // by column, empty where it was not read: by place
};

}  // namespace enishi
