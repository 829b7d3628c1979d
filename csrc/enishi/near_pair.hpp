// Pairs of near values, and how they are looked for.
#pragma once

#include <cstdint>
#include <vector>

#include "value.hpp"

namespace enishi {

struct NearPair {
    uint32_t left = 0;  // the smaller number
    uint32_t right = 0;
    uint32_t distance = 0;
    bool operator<(const NearPair &o) const {
        return left != o.left ? left < o.left : right != o.right ? right < o.right : distance < o.distance;
    }
    bool operator==(const NearPair &o) const { return left == o.left && right == o.right; }
};

struct NearOptions {
    uint32_t max_edits = 1;
    // Compare what stands before the last '@'; what follows has to be equal, and only letters and signs may be edited.
    bool local_part = false;
    bool corrections = false;  // only pairs of an incomplete value (its check digit fails) and one that is not
    // Values that share one deletion; a larger group is no misspelling and is counted, not compared.
    uint32_t max_group = 1000;
    uint32_t small_group = 24;  // values that are compared with one another without looking for more in common

    bool takes_part(uint8_t code) const {
        const auto status = static_cast<Status>(code);
        return status == Status::accepted || (corrections && has_value(status));
    }
};

struct NearResult {
    std::vector<NearPair> pairs;  // sorted, distinct
    uint64_t compared = 0;        // comparisons made
    uint64_t capped_groups = 0;
    uint64_t capped_values = 0;   // memberships in groups over the limit
};

}  // namespace enishi
