// Brings together what has one hash: entries of a hash and an item, in partitions that fit the cache.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace enishi {

namespace detail {

inline uint64_t mix(uint64_t h) {
    h ^= h >> 32;
    h *= 0xd6e8feb86659fd93ULL;
    h ^= h >> 29;
    h *= 0x9fb21c651e98df25ULL;
    return h ^ h >> 32;
}

}  // namespace detail

// An item is brought with a 64-bit hash; by the lower half of it they meet.
template <class Item>
class Meeting {
  public:
    explicit Meeting(size_t slice_entries) : slice_entries_(slice_entries) {}

    // emit(put) puts a (64-bit hash, item) for each of about `total` entries, the same at every call; meet(hash, items,
    // count) is called for each group of two or more with the lower half of the hash, its items in the order in which they
    // were put, once for each time; and soon(item) beforehand for each of them.
    template <class Emit, class Soon, class Meet>
    void run(uint64_t total, Emit emit, Soon soon, Meet meet) {
        const uint64_t slices = std::min(total / std::max(slice_entries_, size_t{1}) + 1, uint64_t{1} << 31);
        for (uint64_t slice = 0; slice < slices; ++slice) {
            entries_.clear();
            entries_.reserve(total / slices + total / slices / 64);
            if (slices == 1) {
                emit([&](uint64_t hash, Item item) { entries_.push_back({static_cast<uint32_t>(hash), item}); });
            } else {
                emit([&](uint64_t hash, Item item) {
                    if ((hash >> 32) * slices >> 32 == slice) entries_.push_back({static_cast<uint32_t>(hash), item});
                });
            }
            match(soon, meet);
        }
    }

  private:
    struct Entry {
        uint32_t hash;
        Item item;
    };
    static constexpr int partition_bits = 11;  // entries of a partition, on average: with what stands beside them some 64 KB

    template <class Soon, class Meet>
    void match(Soon &soon, Meet &meet) {
        int bits = 0;
        while (entries_.size() >> bits >> partition_bits) ++bits;
        if (bits == 0) return match_partition(entries_.data(), entries_.size(), soon, meet);
        const auto partition = [bits](const Entry &entry) { return entry.hash >> (32 - bits); };
        ends_.assign((size_t{1} << bits) + 1, 0);
        for (const Entry &entry : entries_) ++ends_[partition(entry) + 1];
        for (size_t b = 1; b < ends_.size(); ++b) ends_[b] += ends_[b - 1];
        if (room_ < entries_.size()) {
            sorted_.reset();
            sorted_.reset(new Entry[entries_.size()]);
            room_ = entries_.size();
        }
        for (const Entry &entry : entries_) sorted_[ends_[partition(entry)]++] = entry;
        size_t begin = 0;
        for (size_t b = 0; b + 1 < ends_.size(); ++b) {
            match_partition(&sorted_[begin], ends_[b] - begin, soon, meet);
            begin = ends_[b];
        }
    }

    // A slot for each hash, which holds the last entry of that hash; each entry knows the one before it.
    template <class Soon, class Meet>
    void match_partition(const Entry *entries, size_t count, Soon &soon, Meet &meet) {
        if (count < 2) return;
        int bits = 4;
        while ((count * 2) >> bits) ++bits;
        slots_.assign(size_t{1} << bits, 0);
        if (before_.size() < count) before_.resize(count);
        const size_t mask = slots_.size() - 1;
        met_.clear();
        for (size_t i = 0; i < count; ++i) {
            const Entry entry = entries[i];
            size_t at = entry.hash * 0x9e3779b1u >> (32 - bits);
            while (slots_[at] && entries[slots_[at] - 1].hash != entry.hash) at = (at + 1) & mask;
            const uint32_t last = slots_[at];
            slots_[at] = static_cast<uint32_t>(i + 1);
            before_[i] = last;
            if (!last) continue;
            if (!before_[last - 1]) {
                met_.push_back(at);
                soon(entries[last - 1].item);
            }
            soon(entry.item);
        }
        for (const size_t at : met_) {
            met_items_.clear();
            for (uint32_t i = slots_[at]; i; i = before_[i - 1]) met_items_.push_back(entries[i - 1].item);
            std::reverse(met_items_.begin(), met_items_.end());
            meet(entries[slots_[at] - 1].hash, met_items_.data(), met_items_.size());
        }
    }

    size_t slice_entries_;
    std::vector<Entry> entries_;
    std::unique_ptr<Entry[]> sorted_;  // not zeroed
    size_t room_ = 0;
    std::vector<size_t> ends_, met_;
    std::vector<uint32_t> slots_, before_;
    std::vector<Item> met_items_;
};

}  // namespace enishi
