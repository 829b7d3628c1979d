// Equal records, once: rows of 32-bit codes, numbered by what they hold.
//
// Event data repeat the same identifiers over and over; everything after this costs by distinct profile. A row is known
// by its whole content (compared, not only hashed), so two profiles never meet by accident.
#pragma once

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <vector>

#include "value_table.hpp"

namespace enishi {

class ProfileTable {
  public:
    explicit ProfileTable(uint32_t width) : width_(width), slots_(1024, none) {}

    uint32_t width() const { return width_; }
    uint32_t size() const { return static_cast<uint32_t>(counts_.size()); }
    const std::vector<uint32_t> &codes() const { return codes_; }          // size() x width(), row by row
    const std::vector<uint64_t> &counts() const { return counts_; }        // records of each profile

    // columns[c][i] is code c of row i; numbers[i] becomes the row's profile. first_ordinal numbers the rows.
    void add(const uint32_t *const *columns, int64_t rows, uint64_t first_ordinal, uint32_t *numbers) {
        if (first_ordinal + static_cast<uint64_t>(rows) >= none) {
            throw std::length_error("more than 4,294,967,294 records");
        }
        constexpr int64_t block = 32;
        std::vector<uint32_t> row(static_cast<size_t>(block) * width_);
        uint64_t hashed[block];
        for (int64_t start = 0; start < rows; start += block) {
            const int64_t n = std::min(block, rows - start);
            for (uint32_t c = 0; c < width_; ++c) {
                for (int64_t i = 0; i < n; ++i) row[static_cast<size_t>(i) * width_ + c] = columns[c][start + i];
            }
            for (int64_t i = 0; i < n; ++i) {
                hashed[i] = hash(&row[static_cast<size_t>(i) * width_]);
                __builtin_prefetch(&slots_[hashed[i] & (slots_.size() - 1)]);
            }
            for (int64_t i = 0; i < n; ++i) {
                const uint32_t number = insert(&row[static_cast<size_t>(i) * width_], hashed[i]);
                ++counts_[number];
                numbers[start + i] = number;
            }
        }
    }

  private:
    uint64_t hash(const uint32_t *row) const {
        uint64_t h = 0x9e3779b97f4a7c15ULL * (width_ + 1);
        for (uint32_t c = 0; c < width_; ++c) {
            h = (h ^ row[c]) * 0xff51afd7ed558ccdULL;
            h ^= h >> 32;
        }
        return h;
    }

    uint32_t insert(const uint32_t *row, uint64_t h) {
        if (counts_.size() * 2 >= slots_.size()) grow();
        const size_t mask = slots_.size() - 1;
        for (size_t at = h & mask;; at = (at + 1) & mask) {
            const uint32_t number = slots_[at];
            if (number == none) {
                slots_[at] = static_cast<uint32_t>(counts_.size());
                codes_.insert(codes_.end(), row, row + width_);
                counts_.push_back(0);
                return slots_[at];
            }
            if (std::memcmp(&codes_[static_cast<size_t>(number) * width_], row, width_ * sizeof(uint32_t)) == 0) {
                return number;
            }
        }
    }

    void grow() {
        std::vector<uint32_t> slots(slots_.size() * 2, none);
        const size_t mask = slots.size() - 1;
        for (size_t number = 0; number < counts_.size(); ++number) {
            size_t at = hash(&codes_[number * width_]) & mask;
            while (slots[at] != none) at = (at + 1) & mask;
            slots[at] = static_cast<uint32_t>(number);
        }
        slots_.swap(slots);
    }

    uint32_t width_;
    std::vector<uint32_t> codes_;
    std::vector<uint64_t> counts_;
    std::vector<uint32_t> slots_;
};

}  // namespace enishi
