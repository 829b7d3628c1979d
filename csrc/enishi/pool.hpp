// A sorted set of codes by kind: small, merged when clusters join.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "comparison.hpp"

namespace enishi {

// What a cluster's records say about the person, and what limits the customer: codes of some kinds, sorted, in one
// array, for most hold a handful.
class Pool {
  public:
    // given + script, name + script; a story is a name and a birth date that stand together in a record; limited + the
    // number of a field's limit
    enum Kind : uint32_t {
        given = 0,
        name = script_count,
        birth = 2 * script_count,
        story,
        postcode,
        source,
        apart,
        limited
    };

    struct Codes {
        const uint64_t *from, *to;
        bool empty() const { return from == to; }
        size_t size() const { return static_cast<size_t>(to - from); }
        const uint64_t *begin() const { return from; }
        const uint64_t *end() const { return to; }
    };

    // Entries of one kind compare as their codes do.
    static uint32_t code(uint64_t entry) { return static_cast<uint32_t>(entry); }

    void clear() { entries_.clear(); }
    void add(uint32_t kind, uint32_t code) {
        const uint64_t entry = uint64_t{kind} << 32 | code;
        const auto at = std::lower_bound(entries_.begin(), entries_.end(), entry);
        if (at == entries_.end() || *at != entry) entries_.insert(at, entry);
    }
    void merge(const Pool &other) {
        if (entries_ == other.entries_) return;  // as those of one person mostly are
        for (const uint64_t entry : other.entries_) add(static_cast<uint32_t>(entry >> 32), code(entry));
    }
    Codes of(uint32_t kind) const {
        const uint64_t *from = entries_.data(), *end = from + entries_.size();
        while (from != end && *from >> 32 < kind) ++from;
        const uint64_t *to = from;
        while (to != end && *to >> 32 == kind) ++to;
        return {from, to};
    }
    size_t size() const { return entries_.size(); }
    // Nothing that could conflict.
    bool blank() const { return entries_.empty() || entries_.front() >> 32 >= postcode; }

  private:
    std::vector<uint64_t> entries_;
};

}  // namespace enishi
