// Equal records, once: rows of 32-bit codes, numbered by what they hold.
//
// Event data repeat the same identifiers over and over; everything after this costs by distinct profile. A row is known
// by its whole content (compared, not only hashed), so two profiles never meet by accident. Codes lie column by column,
// as everything that follows reads them; only a row that came before is compared, at a cache line a column.
#pragma once

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include "column.hpp"
#include "slot_index.hpp"

namespace enishi {

class ProfileTable {
  public:
    explicit ProfileTable(uint32_t width) : columns_(width) {}

    uint32_t width() const { return static_cast<uint32_t>(columns_.size()); }
    uint32_t size() const { return static_cast<uint32_t>(counts_.size()); }
    const Column<uint32_t> &column(uint32_t c) const { return columns_[c]; }
    const Column<uint64_t> &counts() const { return counts_; }  // records of each profile

    // columns[c][i] is code c of row i; numbers[i] becomes the row's profile. first_ordinal numbers the rows.
    void add(const uint32_t *const *columns, int64_t rows, uint64_t first_ordinal, uint32_t *numbers) {
        if (closed_) throw std::logic_error("the profiles are complete");
        if (first_ordinal + static_cast<uint64_t>(rows) >= none) {
            throw std::length_error("more than 4,294,967,294 records");
        }
        constexpr int64_t block = 32;
        uint64_t hashed[block];
        for (int64_t start = 0; start < rows; start += block) {
            const int64_t n = std::min(block, rows - start);
            std::fill_n(hashed, n, 0x9e3779b97f4a7c15ULL);
            for (uint32_t c = 0; c < width(); ++c) {
                for (int64_t i = 0; i < n; ++i) {
                    const uint64_t h = (hashed[i] ^ columns[c][start + i]) * 0xff51afd7ed558ccdULL;
                    hashed[i] = h ^ h >> 32;
                }
            }
            for (int64_t i = 0; i < n; ++i) index_.prefetch(hashed[i]);
            for (int64_t i = 0; i < n; ++i) {
                const uint32_t known = index_.candidate(hashed[i]);
                if (known == none) continue;
                for (const auto &column : columns_) __builtin_prefetch(&column[known]);
                __builtin_prefetch(&counts_[known], 1);
            }
            for (int64_t i = 0; i < n; ++i) {
                const int64_t row = start + i;
                const uint32_t number = index_.find_or_add(hashed[i], size(), [&](uint32_t known) {
                    for (uint32_t c = 0; c < width(); ++c) {
                        if (columns_[c][known] != columns[c][row]) return false;
                    }
                    return true;
                });
                if (number == size()) {
                    for (uint32_t c = 0; c < width(); ++c) columns_[c].push_back(columns[c][row]);
                    counts_.push_back(0);
                }
                ++counts_[number];
                numbers[row] = number;
            }
        }
    }

    // Gives one of a profile's records a profile of its own; returns its number.
    uint32_t split(uint32_t p) {
        for (auto &column : columns_) column.push_back(column[p]);
        counts_.push_back(1);
        --counts_[p];
        return size() - 1;
    }

    // No row comes any more: gives back what only finds them.
    void close() {
        closed_ = true;
        index_ = SlotIndex();
    }

  private:
    bool closed_ = false;
    std::vector<Column<uint32_t>> columns_;
    Column<uint64_t> counts_;
    SlotIndex index_;
};

}  // namespace enishi
