// Equal records, once: rows of codes and keys, numbered by what they hold.
//
// Event data repeat the same identifiers over and over; everything after this costs by distinct profile. A row is known
// by a hash of all that it holds: 76 bits of it, under a salt of this run, so that two profiles neither meet by accident
// nor by intent. The hashes lie in 4,096 shards of 12 bytes a slot, each an open table in the order of its hashes, small
// enough to grow within the cache and by half instead of double.
//
// What an attribute says is a code as soon as it is read, and stands in a column. What an identifier says is a key until
// all values have come (sightings.hpp); its columns are filled then.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <utility>
#include <vector>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "column.hpp"
#include "siphash.hpp"
#include "slot_index.hpp"
#include "value.hpp"

namespace enishi {

// One column of a batch of rows: codes, or keys with a status each.
struct ProfilePart {
    uint32_t column = 0;
    const uint32_t *codes = nullptr;
    const Key128 *keys = nullptr;
    const Status *status = nullptr;
};

namespace detail {

class ProfileIndex {
  public:
    void prefetch(uint64_t low, uint64_t high) const {
        const Shard &shard = shards_[high >> (64 - shard_bits)];
        if (!shard.slots.empty()) __builtin_prefetch(&shard.slots[place(low, shard.slots.size())]);
    }

    // The number of a hash, or `next`, which it then has.
    uint32_t find_or_add(uint64_t low, uint64_t high, uint32_t next) {
        Shard &shard = shards_[high >> (64 - shard_bits)];
        if (shard.used * 4 >= shard.slots.size() * 3) grow(shard);
        return put(shard.slots, low, next, shard.used);
    }

  private:
    struct Slot {
        uint32_t low[2];
        uint32_t number;
    };
    struct Shard {
        std::vector<Slot> slots;
        size_t used = 0;
    };

    // Places ascend with the hashes.
    static size_t place(uint64_t low, size_t slots) { return static_cast<size_t>((low >> 32) * slots >> 32); }

    static uint32_t put(std::vector<Slot> &slots, uint64_t low, uint32_t next, size_t &used) {
        const auto a = static_cast<uint32_t>(low), b = static_cast<uint32_t>(low >> 32);
        for (size_t at = place(low, slots.size());;) {
            Slot &slot = slots[at];
            if (slot.number == none) {
                slot = {{a, b}, next};
                ++used;
                return next;
            }
            if (slot.low[0] == a && slot.low[1] == b) return slot.number;
            if (++at == slots.size()) at = 0;
        }
    }

    static void grow(Shard &shard) {
        std::vector<Slot> slots(std::max<size_t>(8, shard.slots.size() + shard.slots.size() / 2), Slot{{0, 0}, none});
        size_t used = 0;
        for (const Slot &slot : shard.slots) {
            if (slot.number != none) put(slots, uint64_t{slot.low[1]} << 32 | slot.low[0], slot.number, used);
        }
        shard.slots.swap(slots);
    }

    static constexpr int shard_bits = 12;
    std::vector<Shard> shards_ = std::vector<Shard>(size_t{1} << shard_bits);
};

}  // namespace detail

class ProfileTable {
  public:
    explicit ProfileTable(uint32_t width, Key128 salt = {}) : salt_(salt), columns_(width) {}

    uint32_t width() const { return static_cast<uint32_t>(columns_.size()); }
    uint32_t size() const { return static_cast<uint32_t>(counts_.size()); }
    const Column<uint32_t> &column(uint32_t c) const { return columns_[c]; }
    const Column<uint32_t> &counts() const { return counts_; }  // records of each profile

    const Column<uint32_t> &of_record() const { return of_record_; }  // by record, its profile

    // A batch of rows, of which a column that is not among the parts holds nothing. fresh gets the rows that are the first
    // of their profile: their numbers follow upon each other.
    void add(const std::vector<ProfilePart> &parts, int64_t rows, std::vector<uint32_t> &fresh) {
        if (closed_) throw std::logic_error("the profiles are complete");
        if (of_record_.size() + static_cast<uint64_t>(rows) >= none) {
            throw std::length_error("more than 4,294,967,294 records");
        }
        fresh.clear();
        of_record_.resize(of_record_.size() + static_cast<size_t>(rows), none);
        uint32_t *numbers = of_record_.end() - rows;
        constexpr int64_t block = 32;
        uint64_t low[block], high[block];
        for (int64_t start = 0; start < rows; start += block) {
            const int64_t n = std::min(block, rows - start);
            hash(parts, start, n, low, high);
            for (int64_t i = 0; i < n; ++i) index_.prefetch(low[i], high[i]);
            for (int64_t i = 0; i < n; ++i) {
                const uint32_t number = index_.find_or_add(low[i], high[i], size());
                if (number == size()) {
                    counts_.push_back(0);
                    fresh.push_back(static_cast<uint32_t>(start + i));
                }
                __builtin_prefetch(&counts_[number], 1);
                numbers[start + i] = number;
            }
            for (int64_t i = 0; i < n; ++i) ++counts_[numbers[start + i]];
        }
        for (const ProfilePart &part : parts) {
            if (!part.codes) continue;
            Column<uint32_t> &column = columns_[part.column];
            for (const uint32_t row : fresh) column.push_back(part.codes[row]);
        }
    }

    // The hashes of the next records, from the first, by which these are ordered.
    void order(const Key128 *hashes, size_t rows) {
        if (rows > of_record_.size() - ordered_) throw std::length_error("there are not so many records");
        smallest_.resize(size(), none);
        order_.resize(size(), std::numeric_limits<uint64_t>::max());
        for (size_t i = 0; i < rows; ++i, ++ordered_) {
            const uint32_t p = of_record_[ordered_];
            if (smallest_[p] != none && order_[p] <= hashes[i].low) continue;
            order_[p] = hashes[i].low;
            smallest_[p] = static_cast<uint32_t>(ordered_);
        }
    }
    // Forgets the order, so that it can be told again from the first record.
    void forget_order() {
        smallest_ = {};
        order_ = {};
        ordered_ = 0;
    }
    // By profile: the ordinal of its smallest record, and what that is ordered by.
    const Column<uint32_t> &smallest() const { return smallest_; }
    const Column<uint64_t> &order() const { return order_; }

    // Widens the interval in which each row's profile was seen, in the caller's unit; a time of `never` does not count.
    // The rows are those that came last. Where `each` is asked for, every record's time is kept too.
    static constexpr int64_t never = std::numeric_limits<int64_t>::min();
    void see(const uint32_t *numbers, const int64_t *times, int64_t rows, bool each) {
        first_seen_.resize(size(), std::numeric_limits<int64_t>::max());
        last_seen_.resize(size(), never);
        for (int64_t i = 0; i < rows; ++i) {
            if (times[i] == never) continue;
            if (numbers[i] >= size()) throw std::out_of_range("there is no profile of that number");
            first_seen_[numbers[i]] = std::min(first_seen_[numbers[i]], times[i]);
            last_seen_[numbers[i]] = std::max(last_seen_[numbers[i]], times[i]);
        }
        if (!each) return;
        times_.resize(of_record_.size() - static_cast<size_t>(rows), never);
        times_.append(times, static_cast<size_t>(rows));
    }
    bool has_times() const { return !last_seen_.empty(); }
    // Of profiles that came after the last time was read, no time is known.
    std::pair<int64_t, int64_t> seen(uint32_t number) const {
        if (number >= last_seen_.size()) return {std::numeric_limits<int64_t>::max(), never};
        return {first_seen_[number], last_seen_[number]};
    }
    // When a record was seen; `never` where nobody knows, or its time was not kept.
    int64_t time(size_t record) const { return record < times_.size() ? times_[record] : never; }
    void drop_times() { times_ = {}; }

    // No row comes any more: gives back what only finds them.
    void close() {
        closed_ = true;
        index_ = {};
#ifdef __GLIBC__
        // The index was many small pieces, which the allocator keeps unless it is asked.
        malloc_trim(0);
#endif
    }

    // Gives a record a profile of its own, once all have come; returns the one that it was part of, or `none` where it
    // was alone.
    uint32_t split(uint32_t record) {
        if (!closed_) throw std::logic_error("the profiles are not complete");
        const uint32_t p = of_record_[record];
        if (counts_[p] == 1) return none;
        for (Column<uint32_t> &column : columns_) {
            if (!column.empty()) column.push_back(column[p]);
        }
        counts_.push_back(1);
        --counts_[p];
        of_record_[record] = size() - 1;
        if (time(record) != never) {
            first_seen_.resize(size(), std::numeric_limits<int64_t>::max());
            last_seen_.resize(size(), never);
            first_seen_[size() - 1] = last_seen_[size() - 1] = time(record);
        }
        return p;
    }

    // Gives a column back that nobody reads any more.
    void drop(uint32_t c) { columns_.at(c) = {}; }

    // A column of an identifier, where the numbers of its values are to be written once all rows have come.
    uint32_t *fill(uint32_t c) {
        if (!closed_) throw std::logic_error("the profiles are not complete");
        columns_.at(c).resize(size(), none);
        return columns_[c].data();
    }

  private:
    void hash(const std::vector<ProfilePart> &parts, int64_t start, int64_t n, uint64_t *low, uint64_t *high) const {
        std::fill_n(low, n, salt_.low);
        std::fill_n(high, n, salt_.high);
        for (const ProfilePart &part : parts) {
            for (int64_t i = 0; i < n; ++i) {
                uint64_t a, b;
                if (part.codes) {
                    a = b = part.codes[start + i];
                } else {
                    a = part.keys[start + i].low;
                    b = part.keys[start + i].high ^ static_cast<uint64_t>(part.status[start + i]);
                }
                low[i] = (low[i] ^ a ^ part.column) * 0xff51afd7ed558ccdULL;
                low[i] ^= low[i] >> 32;
                high[i] = (high[i] ^ b ^ part.column) * 0x9e3779b97f4a7c15ULL;
                high[i] ^= high[i] >> 29;
            }
        }
        for (int64_t i = 0; i < n; ++i) {
            const uint64_t mixed = low[i] + (high[i] << 32 | high[i] >> 32);
            high[i] = (high[i] + low[i]) * 0xff51afd7ed558ccdULL;
            low[i] = (mixed ^ mixed >> 31) * 0xc4ceb9fe1a85ec53ULL;
            low[i] ^= low[i] >> 32;
        }
    }

    bool closed_ = false;
    Key128 salt_;
    std::vector<Column<uint32_t>> columns_;
    Column<uint32_t> counts_, of_record_, smallest_;
    Column<uint64_t> order_;
    size_t ordered_ = 0;  // records that were ordered so far
    Column<int64_t> first_seen_, last_seen_;
    Column<int64_t> times_;  // by record
    detail::ProfileIndex index_;
};

}  // namespace enishi
