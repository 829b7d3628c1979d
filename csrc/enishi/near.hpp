// Pairs of distinct values within a bounded edit distance, complete.
//
// Two strings within optimal string alignment (OSA) distance k leave a common string when at most k characters are
// deleted from each (a substitution or a transposition is one deletion on either side). So every value emits a hash for
// each way to delete up to k of its characters, equal hashes are brought together by a counting sort into buckets that
// fit the cache, and only values that meet are compared. Unlike blocks on a prefix or suffix, the groups stay small where
// a million addresses end in the same domain. The hash is a polynomial one, so a deletion costs a few multiplications
// and not a pass over the string; a collision costs a comparison and nothing else.
//
// Emission runs over slices of the hash space, so that memory is bounded by `slice_entries` and not by the values.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "value.hpp"
#include "value_table.hpp"

namespace enishi {

struct NearPair {
    uint32_t left = 0;  // the smaller number
    uint32_t right = 0;
    uint32_t distance = 0;
    bool operator<(const NearPair &o) const {
        return left != o.left ? left < o.left : right != o.right ? right < o.right : distance < o.distance;
    }
    bool operator==(const NearPair &o) const { return left == o.left && right == o.right; }
};

struct NearOptions {
    uint32_t max_edits = 1;
    // Compare what stands before the last '@'; what follows has to be equal, and only letters and signs may be edited.
    bool local_part = false;
    bool corrections = false;  // only pairs of an incomplete value (its check digit fails) and one that is not
    uint32_t max_group = 1000;  // values that share one deletion; a larger group is no misspelling and is counted, not compared
};

struct NearResult {
    std::vector<NearPair> pairs;  // sorted, distinct
    uint64_t compared = 0;        // comparisons made
    uint64_t capped_groups = 0;
    uint64_t capped_values = 0;   // memberships in groups over the limit
};

namespace detail {

inline void decode_utf8(std::string_view s, std::vector<uint32_t> &out) {
    out.clear();
    for (size_t i = 0; i < s.size();) {
        const auto lead = static_cast<unsigned char>(s[i]);
        const size_t width = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        uint32_t point = width == 1 ? lead : lead & (0x7fu >> width);
        for (size_t j = 1; j < width && i + j < s.size(); ++j) point = point << 6 | (static_cast<unsigned char>(s[i + j]) & 0x3f);
        out.push_back(point);
        i += width;
    }
}

inline bool is_digit(uint32_t c) { return c >= '0' && c <= '9'; }

}  // namespace detail

// The OSA distance of two strings of code points, or limit + 1 where it is larger. The three rows are the caller's.
inline uint32_t osa_distance(const std::vector<uint32_t> &a, const std::vector<uint32_t> &b, uint32_t limit,
                             std::vector<uint32_t> &rows) {
    size_t begin = 0, a_end = a.size(), b_end = b.size();
    while (begin < a_end && begin < b_end && a[begin] == b[begin]) ++begin;
    while (a_end > begin && b_end > begin && a[a_end - 1] == b[b_end - 1]) --a_end, --b_end;
    const size_t m = a_end - begin, n = b_end - begin;
    if ((m > n ? m - n : n - m) > limit) return limit + 1;
    if (m == 0 || n == 0) return static_cast<uint32_t>(m + n);
    rows.assign(3 * (n + 1), 0);
    uint32_t *before = &rows[0], *last = &rows[n + 1], *current = &rows[2 * (n + 1)];
    for (size_t j = 0; j <= n; ++j) last[j] = static_cast<uint32_t>(j);
    for (size_t i = 1; i <= m; ++i) {
        current[0] = static_cast<uint32_t>(i);
        uint32_t best = current[0];
        for (size_t j = 1; j <= n; ++j) {
            const uint32_t x = a[begin + i - 1], y = b[begin + j - 1];
            uint32_t d = std::min({last[j] + 1, current[j - 1] + 1, last[j - 1] + (x == y ? 0u : 1u)});
            if (i > 1 && j > 1 && x == b[begin + j - 2] && a[begin + i - 2] == y) d = std::min(d, before[j - 2] + 1);
            current[j] = d;
            best = std::min(best, d);
        }
        if (best > limit + 1) return limit + 1;
        std::swap(before, last);
        std::swap(last, current);
    }
    return std::min(last[n], limit + 1);
}

class NearJoin {
  public:
    NearJoin(const ValueTable &values, const std::vector<uint8_t> &status, NearOptions options)
        : values_(values), status_(status), options_(options) {}

    NearResult run(size_t slice_entries = size_t{1} << 24) {
        NearResult result;
        uint64_t total = 0;
        for (uint32_t v = 0; v < values_.size(); ++v) {
            if (takes_part(v)) total += neighborhood_size(compared_part(v).size());
        }
        uint64_t slices = 1;
        while (total / slices > slice_entries) slices *= 2;
        for (uint64_t slice = 0; slice < slices; ++slice) run_slice(slice, slices, result);
        std::sort(result.pairs.begin(), result.pairs.end());
        result.pairs.erase(std::unique(result.pairs.begin(), result.pairs.end()), result.pairs.end());
        return result;
    }

  private:
    struct Entry {
        uint64_t hash;
        uint32_t value;
        bool operator<(const Entry &o) const { return hash != o.hash ? hash < o.hash : value < o.value; }
    };

    bool takes_part(uint32_t v) const {
        const auto status = static_cast<Status>(status_[v]);
        return status == Status::accepted || (options_.corrections && has_value(status));
    }

    bool incomplete(uint32_t v) const { return static_cast<Status>(status_[v]) == Status::incomplete; }

    std::string_view compared_part(uint32_t v) const {
        const std::string_view text = values_.text(v);
        return options_.local_part ? text.substr(0, std::min(text.rfind('@'), text.size())) : text;
    }

    uint64_t neighborhood_size(size_t length) const {
        return 1 + length + (options_.max_edits > 1 ? uint64_t{length} * length / 2 : 0);
    }

    static uint64_t mix(uint64_t h) {
        h ^= h >> 32;
        h *= 0xd6e8feb86659fd93ULL;
        h ^= h >> 29;
        return h * 0x9fb21c651e98df25ULL;
    }

    // Everything about a value that has to be equal: its space, its domain.
    uint64_t block_of(uint32_t v) const {
        uint64_t h = 0x2545f4914f6cdd1dULL + static_cast<uint64_t>(static_cast<uint32_t>(values_.space(v)));
        if (options_.local_part) {
            const std::string_view text = values_.text(v);
            const size_t at = std::min(text.rfind('@'), text.size());
            for (const char c : text.substr(at)) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
        }
        return mix(h);
    }

    void emit(uint32_t v, uint64_t slice, uint64_t slices, std::vector<Entry> &entries) {
        constexpr uint64_t base = 0x9e3779b97f4a7c15ULL | 1;
        detail::decode_utf8(compared_part(v), points_);
        const size_t n = points_.size();
        powers_.resize(n + 1);
        prefix_.resize(n + 1);
        powers_[0] = 1;
        prefix_[0] = 0;
        for (size_t i = 0; i < n; ++i) {
            powers_[i + 1] = powers_[i] * base;
            prefix_[i + 1] = prefix_[i] * base + points_[i] + 1;
        }
        const uint64_t block = block_of(v);
        const auto segment = [&](size_t from, size_t to) { return prefix_[to] - prefix_[from] * powers_[to - from]; };
        const auto put = [&](uint64_t polynomial) {
            const uint64_t hash = mix(polynomial ^ block);
            if ((hash & (slices - 1)) == slice) entries.push_back({hash, v});
        };
        // Digits that have to be equal are never deleted: an edit of one, or its move, is no misspelling.
        const auto fixed = [&](size_t i) { return options_.local_part && detail::is_digit(points_[i]); };
        put(prefix_[n]);
        for (size_t i = 0; i < n; ++i) {
            // Deleting either of two equal neighbors leaves the same string.
            if (fixed(i) || (i > 0 && points_[i] == points_[i - 1])) continue;
            const uint64_t tail = segment(i + 1, n);
            put(prefix_[i] * powers_[n - i - 1] + tail);
            if (options_.max_edits < 2) continue;
            for (size_t j = i + 1; j < n; ++j) {
                if (fixed(j)) continue;
                const uint64_t head = prefix_[i] * powers_[j - i - 1] + segment(i + 1, j);
                put(head * powers_[n - j - 1] + segment(j + 1, n));
            }
        }
    }

    void run_slice(uint64_t slice, uint64_t slices, NearResult &result) {
        std::vector<Entry> entries;
        for (uint32_t v = 0; v < values_.size(); ++v) {
            if (takes_part(v)) emit(v, slice, slices, entries);
        }
        // Counting sort by the top bits into buckets of about 2,048 entries, then a small sort in each.
        int bits = 0;
        while ((entries.size() >> bits) > 2048) ++bits;
        std::vector<size_t> ends((size_t{1} << bits) + 1, 0);
        const auto bucket = [bits](uint64_t hash) { return bits ? hash >> (64 - bits) : 0; };
        for (const Entry &entry : entries) ++ends[bucket(entry.hash) + 1];
        for (size_t b = 1; b < ends.size(); ++b) ends[b] += ends[b - 1];
        std::vector<Entry> sorted(entries.size());
        {
            std::vector<size_t> at(ends.begin(), ends.end() - 1);
            for (const Entry &entry : entries) sorted[at[bucket(entry.hash)]++] = entry;
        }
        entries = {};
        for (size_t b = 0; b + 1 < ends.size(); ++b) {
            Entry *begin = sorted.data() + ends[b], *end = sorted.data() + ends[b + 1];
            std::sort(begin, end);
            while (begin != end) {
                Entry *stop = begin + 1;
                while (stop != end && stop->hash == begin->hash) ++stop;
                if (stop - begin > 1) compare_group(begin, stop, result);
                begin = stop;
            }
        }
    }

    void compare_group(const Entry *begin, const Entry *end, NearResult &result) {
        group_.clear();
        for (const Entry *entry = begin; entry != end; ++entry) {
            if (group_.empty() || group_.back() != entry->value) group_.push_back(entry->value);
        }
        if (group_.size() > options_.max_group) {
            ++result.capped_groups;
            result.capped_values += group_.size();
            return;
        }
        for (size_t i = 0; i < group_.size(); ++i) {
            bool decoded = false;
            for (size_t j = i + 1; j < group_.size(); ++j) {
                const uint32_t a = group_[i], b = group_[j];
                if (options_.corrections && incomplete(a) == incomplete(b)) continue;
                if (!decoded) detail::decode_utf8(compared_part(a), left_);
                decoded = true;
                ++result.compared;
                const uint32_t distance = compare(a, b);
                if (distance >= 1 && distance <= options_.max_edits) result.pairs.push_back({a, b, distance});
            }
        }
    }

    // The distance of value a (decoded in left_) and b; max_edits + 1 where they are not near.
    uint32_t compare(uint32_t a, uint32_t b) {
        const uint32_t far = options_.max_edits + 1;
        if (values_.space(a) != values_.space(b)) return far;
        if (options_.local_part) {
            const std::string_view x = values_.text(a), y = values_.text(b);
            if (x.substr(std::min(x.rfind('@'), x.size())) != y.substr(std::min(y.rfind('@'), y.size()))) return far;
        }
        detail::decode_utf8(compared_part(b), right_);
        if (options_.local_part && !equal_digits()) return far;
        return osa_distance(left_, right_, options_.max_edits, rows_);
    }

    bool equal_digits() const {
        size_t i = 0, j = 0;
        for (;;) {
            while (i < left_.size() && !detail::is_digit(left_[i])) ++i;
            while (j < right_.size() && !detail::is_digit(right_[j])) ++j;
            if (i == left_.size() || j == right_.size()) return i == left_.size() && j == right_.size();
            if (left_[i++] != right_[j++]) return false;
        }
    }

    const ValueTable &values_;
    const std::vector<uint8_t> &status_;
    NearOptions options_;
    std::vector<uint32_t> points_, left_, right_, group_, rows_;
    std::vector<uint64_t> powers_, prefix_;
};

// A truncated id and the ids that extend it: pairs of an incomplete value and each complete one that starts with it.
// A generic one is among them: it may be the one that was cut short.
// Every truncated id has at least `stem` bytes.
inline std::vector<NearPair> extensions(const ValueTable &values, const std::vector<uint8_t> &status, size_t stem) {
    std::unordered_multimap<uint64_t, uint32_t> stems;
    const std::hash<std::string_view> hash;
    const auto key = [&](uint32_t v) {
        return hash(values.text(v).substr(0, stem)) ^ static_cast<uint64_t>(static_cast<uint32_t>(values.space(v))) << 17;
    };
    for (uint32_t v = 0; v < values.size(); ++v) {
        if (static_cast<Status>(status[v]) == Status::incomplete && values.text(v).size() >= stem) stems.emplace(key(v), v);
    }
    std::vector<NearPair> pairs;
    if (stems.empty()) return pairs;
    for (uint32_t w = 0; w < values.size(); ++w) {
        const std::string_view text = values.text(w);
        if (static_cast<Status>(status[w]) == Status::incomplete || text.size() < stem) continue;
        const auto [begin, end] = stems.equal_range(key(w));
        for (auto it = begin; it != end; ++it) {
            const uint32_t v = it->second;
            const std::string_view prefix = values.text(v);
            if (values.space(v) == values.space(w) && text.size() > prefix.size() && text.substr(0, prefix.size()) == prefix) {
                pairs.push_back({std::min(v, w), std::max(v, w), 0});
            }
        }
    }
    std::sort(pairs.begin(), pairs.end());
    return pairs;
}

}  // namespace enishi
