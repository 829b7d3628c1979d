// A 128-bit hash of whole rows: what a record without an id is known by.
#pragma once

#include <cstdint>
#include <vector>

#include "arrow.hpp"
#include "sip_lanes.hpp"
#include "value.hpp"

namespace enishi {

// For each column in the order given: a byte that says whether the row has a value, its length as 8 little-endian bytes,
// its bytes. So ("ab", "c") and ("a", "bc") differ, and null is not the empty string.
inline void hash_rows(const std::vector<TextColumn> &columns, int64_t rows, const Key128 &key, Key128 *hashes) {
    SipLanes lanes;
    Text bytes;
    for (int64_t i = 0; i < rows; ++i) {
        bytes.clear();
        for (const TextColumn &column : columns) {
            const bool valid = column.valid(i);
            bytes.push(valid ? '\1' : '\0');
            const std::string_view value = valid ? column[i] : std::string_view();
            uint64_t length = value.size();
            char *p = bytes.reserve(8);
            for (int b = 0; b < 8; ++b, length >>= 8) p[b] = static_cast<char>(length & 0xff);
            bytes.advance(8);
            bytes.append(value);
        }
        lanes.add(key, bytes.view(), &hashes[i]);
    }
    lanes.flush();
}

}  // namespace enishi
