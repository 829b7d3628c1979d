// Numbers 128-bit keys from 0 in order of first sight.
#pragma once

#include <cstdint>
#include <stdexcept>

#include "column.hpp"
#include "siphash.hpp"
#include "slot_index.hpp"

namespace enishi {

class KeyTable {
  public:
    uint32_t size() const { return static_cast<uint32_t>(keys_.size()); }
    void prefetch(const Key128 &key) const { index_.prefetch(key.low); }

    uint32_t insert(const Key128 &key) {
        if (keys_.size() >= none) throw std::length_error("more than 4,294,967,294 keys");
        const uint32_t number =
            index_.find_or_add(key.low, size(), [&](uint32_t known) { return keys_[known] == key; });
        if (number == size()) keys_.push_back(key);
        return number;
    }

  private:
    Column<Key128> keys_;
    SlotIndex index_;
};

}  // namespace enishi
