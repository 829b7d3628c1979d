// The distinct values of one value space, numbered in order of arrival.
//
// A value is known by its 128-bit key alone; its text is kept only where somebody will need it (near values, output with
// values). Rows are handled in blocks of 32: normalized and hashed, then looked up with their waits for memory shared.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "arrow.hpp"
#include "column.hpp"
#include "normalizer.hpp"
#include "siphash.hpp"
#include "slot_index.hpp"
#include "value.hpp"

namespace enishi {

inline constexpr uint32_t undecided = none - 1;  // a value that its kernel left to others: Status::foreign

// Numbers 128-bit keys from 0 in order of first sight.
class KeyTable {
  public:
    uint32_t size() const { return static_cast<uint32_t>(keys_.size()); }
    const Column<Key128> &keys() const { return keys_; }

    void prefetch(const Key128 &key) const { index_.prefetch(key.low); }
    // After the slots have come: the key that is likely to be compared.
    void prefetch_key(const Key128 &key) const {
        const uint32_t number = index_.candidate(key.low);
        if (number != none) __builtin_prefetch(&keys_[number]);
    }

    uint32_t find(const Key128 &key) const {
        return index_.find(key.low, [&](uint32_t number) { return keys_[number] == key; });
    }

    uint32_t insert(const Key128 &key) {
        if (keys_.size() >= undecided) throw std::length_error("more than 4,294,967,294 distinct values");
        const uint32_t number =
            index_.find_or_add(key.low, size(), [&](uint32_t known) { return keys_[known] == key; });
        if (number == size()) keys_.push_back(key);
        return number;
    }

  private:
    Column<Key128> keys_;
    SlotIndex index_;
};

class ValueTable {
  public:
    explicit ValueTable(bool keep_text) : keep_text_(keep_text) {
        if (keep_text_) text_ends_.push_back(0);
    }

    // Numbers the values of a column: numbers[i] is the value's number, `none` where the row has none, or `undecided`.
    // Adds to counts, by status. space[i] chooses the key that row i is hashed under; without it every row hashes under
    // keys[0].
    void add(const Normalizer &normalizer, const TextColumn &column, const Key128 *keys, const int32_t *space,
             uint32_t *numbers, uint64_t *counts) {
        constexpr int64_t block = 32;
        std::array<Key128, block> hashed;
        std::array<Status, block> status;
        std::array<uint32_t, block> ends;
        Text canonical, block_text;
        for (int64_t start = 0; start < column.length(); start += block) {
            const int64_t rows = std::min(block, column.length() - start);
            block_text.clear();
            for (int64_t i = 0; i < rows; ++i) {
                const int64_t row = start + i;
                status[i] = column.valid(row) ? normalizer(column[row], canonical) : Status::missing;
                ++counts[static_cast<size_t>(status[i])];
                if (has_value(status[i])) {
                    const Key128 &key = keys[space ? space[row] : 0];
                    hashed[i] = siphash(key, canonical.view());
                    table_.prefetch(hashed[i]);
                    if (keep_text_) block_text.append(canonical.view());
                }
                ends[i] = static_cast<uint32_t>(block_text.size());
            }
            for (int64_t i = 0; i < rows; ++i) {
                if (has_value(status[i])) table_.prefetch_key(hashed[i]);
            }
            for (int64_t i = 0; i < rows; ++i) {
                if (!has_value(status[i])) {
                    numbers[start + i] = status[i] == Status::foreign ? undecided : none;
                    continue;
                }
                const uint32_t number = table_.insert(hashed[i]);
                numbers[start + i] = number;
                if (number == status_.size()) {
                    const uint32_t from = i ? ends[i - 1] : 0;
                    keep(status[i], block_text.view().substr(from, ends[i] - from), space ? space[start + i] : 0);
                } else if (status[i] == Status::generic) {
                    // A hash does not show that everybody shares its address; the address does, before or after it.
                    status_[number] = static_cast<uint8_t>(Status::generic);
                }
            }
        }
    }

    // Numbers one canonical value.
    uint32_t insert(std::string_view canonical, const Key128 &key) {
        const uint32_t number = table_.insert(siphash(key, canonical));
        if (number == status_.size()) keep(Status::accepted, canonical, 0);
        return number;
    }

    uint32_t size() const { return table_.size(); }
    const Column<Key128> &keys() const { return table_.keys(); }
    uint32_t find(const Key128 &key) const { return table_.find(key); }
    // Status per value: accepted, generic or incomplete.
    std::vector<uint8_t> &status() { return status_; }
    // The interval in which each value was seen, in the caller's unit; a time of `never` does not count.
    static constexpr int64_t never = std::numeric_limits<int64_t>::min();
    void see(const uint32_t *numbers, const int64_t *times, int64_t rows) {
        first_seen_.resize(size(), std::numeric_limits<int64_t>::max());
        last_seen_.resize(size(), never);
        for (int64_t i = 0; i < rows; ++i) {
            if (numbers[i] == none || times[i] == never) continue;
            if (numbers[i] >= size()) throw std::out_of_range("there is no value of that number");
            first_seen_[numbers[i]] = std::min(first_seen_[numbers[i]], times[i]);
            last_seen_[numbers[i]] = std::max(last_seen_[numbers[i]], times[i]);
        }
    }
    const Column<int64_t> &first_seen() const { return first_seen_; }  // empty where no time was read
    const Column<int64_t> &last_seen() const { return last_seen_; }
    bool has_text() const { return keep_text_; }
    std::string_view text(uint32_t number) const {
        return text_.view().substr(text_ends_[number], text_ends_[number + 1] - text_ends_[number]);
    }
    int32_t space(uint32_t number) const { return space_[number]; }

  private:
    void keep(Status status, std::string_view text, int32_t space) {
        status_.push_back(static_cast<uint8_t>(status));
        if (!keep_text_) return;
        text_.append(text);
        text_ends_.push_back(text_.size());
        space_.push_back(space);
    }

    KeyTable table_;
    bool keep_text_;
    std::vector<uint8_t> status_;
    Text text_;
    Column<size_t> text_ends_;
    Column<int32_t> space_;
    Column<int64_t> first_seen_, last_seen_;
};

}  // namespace enishi
