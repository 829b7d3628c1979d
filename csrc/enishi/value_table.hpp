// The distinct values of one field: what is known of each, by its number.
//
// The text of a value is kept only where somebody will need it (near values, output with values), and its key likewise.
// Numbers are given at once (GrowingValues: attributes, whose values are few or needed as they come) or when all values
// have been seen (sightings.hpp: identifiers).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "arrow.hpp"
#include "column.hpp"
#include "normalizer.hpp"
#include "sip_lanes.hpp"
#include "slot_index.hpp"
#include "value.hpp"

namespace enishi {

inline constexpr uint32_t undecided = none - 1;  // a value that its kernel left to others: Status::foreign

class ValueTable {
  public:
    explicit ValueTable(bool keep_text) : keep_text_(keep_text) {
        if (keep_text_) text_ends_.push_back(0);
    }

    uint32_t size() const { return static_cast<uint32_t>(status_.size()); }
    // Status per value: accepted, generic or incomplete.
    std::vector<uint8_t> &status() { return status_; }
    const Column<Key128> &keys() const { return keys_; }  // empty where they were not kept
    bool has_text() const { return keep_text_; }
    std::string_view text(uint32_t number) const {
        return text_.view().substr(text_ends_[number], text_ends_[number + 1] - text_ends_[number]);
    }
    int32_t space(uint32_t number) const { return space_[number]; }

    // The profiles that carry a value, each once: known when all values have been seen.
    struct Carriers {
        const uint32_t *from, *to;
        const uint32_t *begin() const { return from; }
        const uint32_t *end() const { return to; }
        size_t size() const { return static_cast<size_t>(to - from); }
        Carriers at_most(size_t n) const { return {from, from + std::min(n, size())}; }
    };
    Carriers carriers(uint32_t number) const {
        return {carriers_.data() + (number ? carrier_ends_[number - 1] : 0), carriers_.data() + carrier_ends_[number]};
    }
    // Beforehand, for the status of a value and for where its carriers are; later for these.
    void prefetch_value(uint32_t number) const {
        __builtin_prefetch(&status_[number]);
        __builtin_prefetch(carrier_ends_.data() + (number ? number - 1 : 0));
    }
    void prefetch_carriers(uint32_t number) const { __builtin_prefetch(carriers(number).begin()); }
    // The carriers of the next value that has none yet; from the first.
    void carry(const uint32_t *from, const uint32_t *to) {
        carriers_.append(from, static_cast<size_t>(to - from));
        if (carriers_.size() > none) throw std::length_error("more than 4,294,967,295 values of profiles");
        carrier_ends_.push_back(static_cast<uint32_t>(carriers_.size()));
    }

    // More profiles that carry values: (value, profile), ascending, the profiles beyond all that were known.
    void carry_more(const std::vector<std::pair<uint32_t, uint32_t>> &more) {
        Column<uint32_t> carriers, ends;
        auto next = more.begin();
        for (uint32_t v = 0; v < size(); ++v) {
            const Carriers known = this->carriers(v);
            carriers.append(known.from, known.size());
            for (; next != more.end() && next->first == v; ++next) carriers.push_back(next->second);
            if (carriers.size() > none) throw std::length_error("more than 4,294,967,295 values of profiles");
            ends.push_back(static_cast<uint32_t>(carriers.size()));
        }
        carriers_ = std::move(carriers);
        carrier_ends_ = std::move(ends);
    }

    // Gives them back, once nobody asks any more.
    void drop_carriers() {
        carriers_ = {};
        carrier_ends_ = {};
    }

    // The same of the texts.
    void drop_texts() {
        keep_text_ = false;
        Text().swap(text_);
        text_ends_ = {};
        space_ = {};
    }

    // The interval in which each value was seen, in the caller's unit; a value whose last time is `never` was seen at none.
    static constexpr int64_t never = std::numeric_limits<int64_t>::min();
    const Column<int64_t> &first_seen() const { return first_seen_; }  // empty where no time was read
    const Column<int64_t> &last_seen() const { return last_seen_; }

    // The next value; its key may be left out for all.
    void append(Status status, const Key128 *key, std::string_view text, int32_t space) {
        if (status_.size() >= undecided) throw std::length_error("more than 4,294,967,294 distinct values");
        status_.push_back(static_cast<uint8_t>(status));
        if (key) keys_.push_back(*key);
        if (!keep_text_) return;
        text_.append(text);
        text_ends_.push_back(text_.size());
        space_.push_back(space);
    }

    // Without keys, what is known of one value's; in ascending order of the values.
    void name(uint32_t number, const Key128 &first_bits) { names_.emplace_back(number, first_bits); }
    // The first nine bytes of a value's key; null where it was not named.
    const Key128 *first_bits(uint32_t number) const {
        const auto at = std::lower_bound(names_.begin(), names_.end(), number,
                                         [](const auto &name, uint32_t n) { return name.first < n; });
        return at != names_.end() && at->first == number ? &at->second : nullptr;
    }

    // A value comes again, with this status: that of a hash does not show that everybody shares its address; the address
    // does, before or after it.
    void meet(uint32_t number, Status status) {
        if (status == Status::generic) status_[number] = static_cast<uint8_t>(Status::generic);
    }

    // The user says that a value is never generic, not even where its kernel or a list does.
    void allow(uint32_t number) {
        uint8_t &status = status_[number];
        if (status == static_cast<uint8_t>(Status::generic)) status = static_cast<uint8_t>(Status::accepted);
        if (allowed_.empty() || allowed_.back() < number) {
            allowed_.push_back(number);  // they come in order, but for spellings that a list repeats
        } else {
            allowed_.insert(std::lower_bound(allowed_.begin(), allowed_.end(), number), number);
        }
    }
    bool allowed(uint32_t number) const { return std::binary_search(allowed_.begin(), allowed_.end(), number); }

    // Widens the interval in which the value was seen.
    void see(uint32_t number, int64_t first, int64_t last) {
        first_seen_.resize(size(), std::numeric_limits<int64_t>::max());
        last_seen_.resize(size(), never);
        if (last == never) return;
        first_seen_[number] = std::min(first_seen_[number], first);
        last_seen_[number] = std::max(last_seen_[number], last);
    }

  private:
    bool keep_text_;
    std::vector<uint8_t> status_;
    Column<Key128> keys_;
    std::vector<std::pair<uint32_t, Key128>> names_;
    std::vector<uint32_t> allowed_;  // ascending
    Text text_;
    Column<size_t> text_ends_;
    Column<int32_t> space_;
    Column<int64_t> first_seen_, last_seen_;
    Column<uint32_t> carriers_, carrier_ends_;  // value by value; where each one's end
};

// Values that are numbered as they come, from 0 in order of arrival. Rows are handled in blocks of 32: normalized and
// hashed, then looked up with their waits for memory shared.
class GrowingValues final : public ValueTable {
  public:
    using ValueTable::ValueTable;

    // Numbers the values of a column: numbers[i] is the value's number, `none` where the row has none, or `undecided`.
    // Adds to counts, by status. space[i] chooses the key that row i is hashed under; without it every row hashes under
    // keys[0].
    void add(const Normalizer &normalizer, const TextColumn &column, const Key128 *keys, const int32_t *space,
             uint32_t *numbers, uint64_t *counts) {
        constexpr int64_t block = 32;
        std::array<Key128, block> hashed;
        std::array<Status, block> status;
        std::array<uint32_t, block> ends;
        SipLanes lanes;
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
                    lanes.add(key, canonical.view(), &hashed[i]);
                    if (has_text()) block_text.append(canonical.view());
                }
                ends[i] = static_cast<uint32_t>(block_text.size());
            }
            lanes.flush();
            for (int64_t i = 0; i < rows; ++i) {
                if (has_value(status[i])) prefetch_slot(hashed[i]);
            }
            for (int64_t i = 0; i < rows; ++i) {
                if (has_value(status[i])) prefetch_key(hashed[i]);
            }
            for (int64_t i = 0; i < rows; ++i) {
                if (!has_value(status[i])) {
                    numbers[start + i] = status[i] == Status::foreign ? undecided : none;
                    continue;
                }
                const uint32_t number = find_or_next(hashed[i]);
                numbers[start + i] = number;
                if (number == size()) {
                    const uint32_t from = i ? ends[i - 1] : 0;
                    const std::string_view text = block_text.view().substr(from, ends[i] - from);
                    append(status[i], &hashed[i], text, space ? space[start + i] : 0);
                } else {
                    meet(number, status[i]);
                }
            }
        }
    }

    // Numbers one canonical value, by the key that it is hashed under or by its hash.
    uint32_t insert(std::string_view canonical, const Key128 &key) { return insert_hashed(canonical, siphash(key, canonical)); }
    uint32_t insert_hashed(std::string_view canonical, const Key128 &hashed) {
        const uint32_t number = find_or_next(hashed);
        if (number == size()) append(Status::accepted, &hashed, canonical, 0);
        return number;
    }
    // Beforehand: the slot, and after the slots have come the key that is likely to be compared.
    void prefetch_slot(const Key128 &hashed) const { index_.prefetch(hashed.low); }
    void prefetch_key(const Key128 &hashed) const {
        const uint32_t number = index_.candidate(hashed.low);
        if (number != none) __builtin_prefetch(&keys()[number]);
    }

  private:

    // The value's number; that of the next value, to be appended, where it is new.
    uint32_t find_or_next(const Key128 &key) {
        return index_.find_or_add(key.low, size(), [&](uint32_t known) { return keys()[known] == key; });
    }

    SlotIndex index_;
};

}  // namespace enishi
