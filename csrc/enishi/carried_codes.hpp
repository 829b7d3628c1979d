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

#include "chosen.hpp"
#include "value_table.hpp"

namespace enishi {

class CarriedCodes {
  public:
    // Chooses more profiles, of so many in all and so many columns; whether any of them is new. What was read before is
    // void then.
    bool choose(const std::vector<uint32_t> &profiles, uint32_t all, uint32_t columns) {
        chosen_.of(all);
        bool fresh = false;
        for (const uint32_t p : profiles) fresh |= chosen_.add(p);
        if (!fresh) return false;
        chosen_.count();
        codes_.clear();
        codes_.resize(columns);
        return true;
    }

    // Reads a column whose values stand in no other one: a profile carries at most one of them. Several columns may be
    // read at once.
    void read(uint32_t column, const ValueTable &values) {
        codes_[column].assign(chosen_.size(), none);
        for (uint32_t v = 0; v < values.size(); ++v) {
            for (const uint32_t p : values.carriers(v)) {
                if (chosen_.holds(p)) codes_[column][chosen_.place(p)] = v;
            }
        }
    }

    // Not inlined: whoever finds the column in the table passes this by.
    [[gnu::noinline]] uint32_t code(uint32_t p, uint32_t column) const {
        if (column >= codes_.size() || codes_[column].empty() || !chosen_.holds(p)) {
            throw std::logic_error("nobody has asked for what this profile carries");
        }
        return codes_[column][chosen_.place(p)];
    }

  private:
    Chosen chosen_;
    std::vector<std::vector<uint32_t>> codes_;  // by column, empty where it was not read: by place
};

}  // namespace enishi
