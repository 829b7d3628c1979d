// Whether record ids are there and differ; and the hash that a record is known and ordered by.
//
// Exports are sorted more often than not: ids that come one after the other in order of length, then bytes (so r9 before
// r10), differ from all before them. Where the order breaks, their hashes are put by in partitions, twelve bytes each,
// and compared when all have come.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "arrow.hpp"
#include "byte_lists.hpp"
#include "sip_lanes.hpp"
#include "slot_index.hpp"
#include "value.hpp"

namespace enishi {

// Whether every row has an id that begins with a visible ASCII character; the others may be missing or blank.
inline bool plain_ids(const TextColumn &ids) {
    for (int64_t i = 0; i < ids.length(); ++i) {
        if (!ids.valid(i)) return false;
        const std::string_view id = ids[i];
        if (id.empty() || id[0] <= ' ' || id[0] > '~') return false;
    }
    return true;
}

class AscendingIds {
  public:
    // Whether these ids (none of them null or empty) come after all that came before, and after each other.
    bool extend(const TextColumn &ids) {
        std::string_view last = last_;
        for (int64_t i = 0; i < ids.length(); ++i) {
            const std::string_view id = ids[i];
            if (id.size() < last.size() || (id.size() == last.size() && id <= last)) return false;
            last = id;
        }
        last_ = std::string(last);
        return true;
    }

  private:
    std::string last_;
};

// SipHash of "source NUL record_id" under the all-zero key. Its first half orders records, so that who came first owes
// nothing to the order of arrival, to the run's secret or to who gave the ids.
inline Key128 hash_record(std::string_view source, std::string_view record_id, Text &room) {
    room.clear();
    room.append(source);
    room.push('\0');
    room.append(record_id);
    return siphash({}, room.view());
}

// Of all records of a batch.
inline void hash_records(std::string_view source, const TextColumn &ids, Key128 *hashes) {
    SipLanes lanes;
    Text text;
    text.append(source);
    text.push('\0');
    const size_t start = text.size();
    for (int64_t i = 0; i < ids.length(); ++i) {
        text.truncate(start);
        text.append(ids[i]);
        lanes.add({}, text.view(), &hashes[i]);
    }
    lanes.flush();
}

// The hashes of a source's records, to find those that came before: 74 bits of each.
class RecordKeys {
  public:
    RecordKeys() : keys_(partitions) {}

    void add(const Key128 *hashes, size_t rows) {
        for (size_t i = 0; i < rows; ++i, ++rows_) {
            if (rows_ == none) throw std::length_error("more than 4,294,967,294 records");
            char *to = keys_.extend(hashes[i].high & (partitions - 1), size);
            std::memcpy(to, &hashes[i].low, 8);
            std::memcpy(to + 8, &rows_, 4);
        }
    }

    // The rows, from 0 in the order of adding, whose hash came before; in ascending order.
    std::vector<uint32_t> repeated() const {
        std::vector<uint32_t> found;
        std::vector<uint64_t> known;
        std::vector<char> room;
        for (size_t partition = 0; partition < partitions; ++partition) {
            size_t slots = 16;
            while (slots < keys_.size(partition) / size * 2) slots *= 2;
            known.assign(slots, 0);  // 0: free; a hash of 0 stands as 1
            keys_.each(partition, room, [&](const char *at, size_t bytes) {
                for (const char *end = at + bytes; at != end; at += size) {
                    uint64_t low;
                    uint32_t row;
                    std::memcpy(&low, at, 8);
                    std::memcpy(&row, at + 8, 4);
                    low += low == 0;
                    size_t place = low & (slots - 1);
                    while (known[place] && known[place] != low) place = (place + 1) & (slots - 1);
                    if (known[place]) found.push_back(row);
                    known[place] = low;
                }
            });
        }
        std::sort(found.begin(), found.end());
        return found;
    }

    size_t held() const { return keys_.held(); }
    int spill(int file, uint64_t &at) { return keys_.spill(file, at); }

  private:
    static constexpr size_t partitions = 1024, size = 12;

    ByteLists keys_;
    uint32_t rows_ = 0;
};

}  // namespace enishi
