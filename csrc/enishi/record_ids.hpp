// Whether record ids are there and differ, without remembering them.
//
// Exports are sorted more often than not: ids that come one after the other in order of length, then bytes (so r9 before
// r10), differ from all before them. Where the order breaks, somebody has to compare them.
#pragma once

#include <cstdint>
#include <string>

#include "arrow.hpp"

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
    // By length, then bytes, or by bytes alone: the order in which records are compared.
    explicit AscendingIds(bool by_length) : by_length_(by_length) {}

    // Whether these ids (none of them null or empty) come after all that came before, and after each other.
    bool extend(const TextColumn &ids) {
        std::string_view last = last_;
        for (int64_t i = 0; i < ids.length(); ++i) {
            const std::string_view id = ids[i];
            const bool longer = by_length_ && id.size() > last.size(), shorter = by_length_ && id.size() < last.size();
            if (shorter || (!longer && id <= last)) return false;
            last = id;
        }
        last_ = std::string(last);
        return true;
    }

  private:
    bool by_length_;
    std::string last_;
};

}  // namespace enishi
