// Equal records, once: rows of codes and keys, numbered by what they hold.
//
// Event data repeat the same identifiers over and over; everything after this costs by distinct profile. A row is known
// by a hash of all that it holds: 76 bits of it, under a salt of this run, so that two profiles neither meet by accident
// nor by intent. The hashes lie in 4,096 shards, each an open table of buckets that fill a line of the cache, so that most
// rows touch one; a shard is small enough to grow within the cache and by half instead of double.
//
// What an attribute says is a code as soon as it is read, and stands in a column. What an identifier says is a key until
// all values have come (sightings.hpp); its columns are filled then.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <new>
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
        if (shard.size) __builtin_prefetch(&shard.buckets[place(low, shard.size)]);
    }

    // The number of a hash, or `next`, which it then has.
    uint32_t find_or_add(uint64_t low, uint64_t high, uint32_t next) {
        Shard &shard = shards_[high >> (64 - shard_bits)];
        if (shard.used * 4 >= shard.size * (3 * bucket_slots)) grow(shard);
        const uint32_t found = put(shard, low, next);
        shard.used += found == next;
        return found;
    }

  private:
    // A line of the cache. Slots fill from the first on.
    static constexpr uint32_t bucket_slots = 5;
    struct alignas(64) Bucket {
        uint64_t low[bucket_slots];
        uint32_t number[bucket_slots];
        uint32_t used;
    };
    struct Shard {
        std::unique_ptr<char[]> room;
        Bucket *buckets = nullptr;    // within the room
        uint32_t size = 0, used = 0;  // buckets, slots
    };

    // Places ascend with the hashes.
    static uint32_t place(uint64_t low, uint32_t buckets) { return static_cast<uint32_t>((low >> 32) * buckets >> 32); }

    // Where a bucket is full, the next one has the rest.
    static uint32_t put(Shard &shard, uint64_t low, uint32_t next) {
        for (uint32_t at = place(low, shard.size);;) {
            Bucket &bucket = shard.buckets[at];
            // Which slot it would be nobody foresees, so all are compared.
            uint32_t equal = 0;
            for (uint32_t i = 0; i < bucket_slots; ++i) equal |= uint32_t{bucket.low[i] == low} << i;
            equal &= (1u << bucket.used) - 1;
            if (equal) return bucket.number[__builtin_ctz(equal)];
            if (bucket.used < bucket_slots) {
                bucket.low[bucket.used] = low;
                bucket.number[bucket.used++] = next;
                return next;
            }
            if (++at == shard.size) at = 0;
        }
    }

    static void grow(Shard &shard) {
        Shard larger;
        larger.size = std::max<uint32_t>(2, shard.size + shard.size / 2);
        larger.used = shard.used;
        // Aligned by hand: an allocator that is asked for it leaves holes.
        size_t bytes = (larger.size + size_t{1}) * sizeof(Bucket);
        larger.room.reset(new char[bytes]);
        void *room = larger.room.get();
        larger.buckets = new (std::align(sizeof(Bucket), larger.size * sizeof(Bucket), room, bytes)) Bucket[larger.size]();
        for (uint32_t at = 0; at < shard.size; ++at) {
            const Bucket &bucket = shard.buckets[at];
            for (uint32_t i = 0; i < bucket.used; ++i) {
                // They differ, and their places ascend.
                uint32_t to = place(bucket.low[i], larger.size);
                while (larger.buckets[to].used == bucket_slots) to = to + 1 == larger.size ? 0 : to + 1;
                Bucket &into = larger.buckets[to];
                into.low[into.used] = bucket.low[i];
                into.number[into.used++] = bucket.number[i];
            }
        }
        shard = std::move(larger);
    }

    static constexpr int shard_bits = 12;
    std::vector<Shard> shards_ = std::vector<Shard>(size_t{1} << shard_bits);
};

}  // namespace detail

class ProfileTable {
  public:
    explicit ProfileTable(uint32_t width, Key128 salt = {}) : salt_(salt), columns_(width) {
        for (uint32_t c = 0; c < width; ++c) {
            const uint64_t low = spread(salt.low + 2 * c + 1), high = spread(salt.high + 2 * c + 2);
            factors_.push_back({low | 1, high | 1});
        }
    }

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
        // A block is hashed, and its places in the index are fetched, while the one before is looked up.
        constexpr int64_t block = 32;
        uint64_t low[2][block], high[2][block];
        const auto hash_block = [&](int64_t start) {
            if (start >= rows) return;
            const int64_t n = std::min(block, rows - start), side = start / block % 2;
            hash(parts, start, n, low[side], high[side]);
            for (int64_t i = 0; i < n; ++i) index_.prefetch(low[side][i], high[side][i]);
        };
        hash_block(0);
        for (int64_t start = 0; start < rows; start += block) {
            hash_block(start + block);
            const int64_t n = std::min(block, rows - start), side = start / block % 2;
            for (int64_t i = 0; i < n; ++i) {
                const uint32_t number = index_.find_or_add(low[side][i], high[side][i], size());
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
    // The sum of what the columns hold, each times odd numbers of its own that nobody knows (multilinear hashing: Lemire
    // and Kaser, Strongly universal string hashing is fast, 2014), and mixed.
    void hash(const std::vector<ProfilePart> &parts, int64_t start, int64_t n, uint64_t *low, uint64_t *high) const {
        // A column at a time, so that what is read lies side by side; keys, which another core wrote, are asked for ahead.
        constexpr int64_t ahead = 128, a_line = 64 / sizeof(Key128);
        for (int64_t i = 0; i < n; ++i) {
            low[i] = salt_.low;
            high[i] = salt_.high;
        }
        for (const ProfilePart &part : parts) {
            const auto [for_low, for_high] = factors_[part.column];
            if (part.codes) {
                for (int64_t i = 0; i < n; ++i) {
                    const uint64_t code = spread(part.codes[start + i] + uint64_t{1});
                    low[i] += code * for_low;
                    high[i] += code * for_high;
                }
            } else {
                for (int64_t i = 0; i < n; i += a_line) __builtin_prefetch(part.keys + start + i + ahead);
                for (int64_t i = 0; i < n; ++i) {
                    const Key128 &key = part.keys[start + i];
                    low[i] += key.low * for_low;
                    high[i] += (key.high ^ static_cast<uint64_t>(part.status[start + i])) * for_high;
                }
            }
        }
        for (int64_t i = 0; i < n; ++i) {
            const uint64_t a = low[i], b = high[i], mixed = a + (b << 32 | b >> 32);
            high[i] = (b + a) * 0xff51afd7ed558ccdULL;
            low[i] = (mixed ^ mixed >> 31) * 0xc4ceb9fe1a85ec53ULL;
            low[i] ^= low[i] >> 32;
        }
    }

    // A number whose every bit tells of all of another's (the finalizer of SplitMix64).
    static uint64_t spread(uint64_t x) {
        x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
        x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
        return x ^ x >> 31;
    }

    bool closed_ = false;
    Key128 salt_;
    std::vector<std::pair<uint64_t, uint64_t>> factors_;  // by column
    std::vector<Column<uint32_t>> columns_;
    Column<uint32_t> counts_, of_record_, smallest_;
    Column<uint64_t> order_;
    size_t ordered_ = 0;  // records that were ordered so far
    Column<int64_t> first_seen_, last_seen_;
    Column<int64_t> times_;  // by record
    detail::ProfileIndex index_;
};

}  // namespace enishi
