// Clusters of profiles -> customers of records: dense numbers, each customer's smallest record, its id, its identifiers.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "linking.hpp"

namespace enishi {

// For every profile the ordinal of its smallest record id (all of a profile's records are of one source).
inline void smallest_records(const uint32_t *profile_of_record, size_t records, const RecordOrder &order,
                             std::vector<uint32_t> &smallest) {
    for (uint32_t i = 0; i < records; ++i) {
        uint32_t &best = smallest[profile_of_record[i]];
        if (best == none || (!order.sorted && order.ids[i] < order.ids[best])) best = i;
    }
}

// The ordinals of all records, profile by profile: rows[starts[p] .. starts[p + 1]].
struct RowsByProfile {
    std::vector<size_t> starts;
    std::vector<uint32_t> rows;

    RowsByProfile() = default;
    RowsByProfile(const uint32_t *profile_of_record, size_t records, const ProfileTable &profiles)
        : starts(profiles.size() + size_t{1}, 0), rows(records) {
        for (uint32_t p = 0; p < profiles.size(); ++p) starts[p + 1] = starts[p] + profiles.counts()[p];
        std::vector<size_t> at(starts);
        for (size_t i = 0; i < records; ++i) rows[at[profile_of_record[i]]++] = static_cast<uint32_t>(i);
    }
};

struct Customers {
    std::vector<uint32_t> of_record;  // dense numbers, in order of first appearance
    std::vector<uint32_t> smallest;   // by customer: the ordinal of its smallest record
    std::vector<uint32_t> sizes;      // by customer: its records
};

// A profile that nothing binds is as many customers as it has records.
inline Customers number_customers(const uint32_t *profile_of_record, size_t records,
                                  const std::vector<uint32_t> &labels, const std::vector<uint8_t> &bound,
                                  const RecordOrder &order) {
    Customers customers;
    customers.of_record.resize(records);
    std::vector<uint32_t> best(labels.size(), none);  // by label: the profile of its smallest record
    for (uint32_t p = 0; p < labels.size(); ++p) {
        if (!bound[p]) continue;
        uint32_t &profile = best[labels[p]];
        if (profile == none || order.less(p, profile)) profile = p;
    }
    std::vector<uint32_t> number(labels.size(), none);
    const auto fresh = [&](uint32_t smallest) {
        customers.smallest.push_back(smallest);
        customers.sizes.push_back(0);
        return static_cast<uint32_t>(customers.smallest.size() - 1);
    };
    for (uint32_t i = 0; i < records; ++i) {
        const uint32_t p = profile_of_record[i];
        uint32_t customer = bound[p] ? number[labels[p]] : none;
        if (customer == none) customer = fresh(bound[p] ? order.smallest[best[labels[p]]] : i);
        if (bound[p]) number[labels[p]] = customer;
        customers.of_record[i] = customer;
        ++customers.sizes[customer];
    }
    return customers;
}

// The ids of customers: `bits` of the SipHash of "source NUL record_id" under the all-zero key, for each one's smallest
// record. Where customers meet, the one whose record is smaller keeps the id; the others append NUL and a counter and
// hash again. The record ids pass by, chunk by chunk: once, and once more where customers meet.
class CustomerNames {
  public:
    CustomerNames(const Customers &customers, std::vector<std::string> source_of_rank, int bits)
        : customers_(customers), source_of_rank_(std::move(source_of_rank)),
          mask_(bits >= 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1), ids_(customers.smallest.size()) {}

    // The ids of the records from `start` on, and the ranks of their sources.
    void add(const TextColumn &record_ids, uint32_t start, const uint32_t *profile_of_record, const uint32_t *rank_of_profile) {
        for (int64_t i = 0; i < record_ids.length(); ++i) {
            const auto ordinal = static_cast<uint32_t>(start + i);
            const uint32_t customer = customers_.of_record[ordinal];
            // A customer's smallest record need not be its own first, but it is its own.
            if (customers_.smallest[customer] != ordinal) continue;
            const uint32_t rank = rank_of_profile[profile_of_record[ordinal]];
            if (!told_apart_) {
                ids_[customer] = hash(rank, record_ids[i]);
            } else if (const auto at = meeting_.find(customer); at != meeting_.end()) {
                at->second = {rank, std::string(record_ids[i])};
            }
        }
    }

    // Whether customers met, so that all chunks have to pass by again.
    bool meet() {
        told_apart_ = true;
        sorted_ = ids_;
        std::sort(sorted_.begin(), sorted_.end());
        std::vector<uint64_t> shared;
        for (size_t i = 1; i < sorted_.size(); ++i) {
            if (sorted_[i] == sorted_[i - 1] && (shared.empty() || shared.back() != sorted_[i])) shared.push_back(sorted_[i]);
        }
        if (shared.empty()) return false;
        for (uint32_t c = 0; c < ids_.size(); ++c) {
            if (std::binary_search(shared.begin(), shared.end(), ids_[c])) meeting_[c];
        }
        return true;
    }

    const std::vector<uint64_t> &ids() {
        std::vector<uint32_t> order;
        for (const auto &[customer, record] : meeting_) order.push_back(customer);
        std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) { return meeting_[a] < meeting_[b]; });
        std::unordered_set<uint64_t> taken;  // ids given out beyond the first hashes; the shared ones once each
        for (const uint32_t c : order) {
            if (taken.insert(ids_[c]).second) continue;
            const auto &[rank, record_id] = meeting_[c];
            for (uint64_t counter = 1;; ++counter) {
                const uint64_t id = hash(rank, record_id, counter);
                if (!std::binary_search(sorted_.begin(), sorted_.end(), id) && taken.insert(id).second) {
                    ids_[c] = id;
                    break;
                }
            }
        }
        meeting_.clear();
        sorted_ = {};
        return ids_;
    }

  private:
    uint64_t hash(uint32_t rank, std::string_view record_id, uint64_t counter = 0) {
        bytes_.clear();
        bytes_.append(source_of_rank_[rank]);
        bytes_.push('\0');
        bytes_.append(record_id);
        if (counter) {
            bytes_.push('\0');
            bytes_.append(std::to_string(counter));
        }
        return siphash({}, bytes_.view()).low & mask_;
    }

    const Customers &customers_;
    std::vector<std::string> source_of_rank_;
    uint64_t mask_;
    bool told_apart_ = false;  // whether the first pass is over
    std::vector<uint64_t> ids_, sorted_;
    std::unordered_map<uint32_t, std::pair<uint32_t, std::string>> meeting_;  // by customer: its smallest record
    Text bytes_;
};

// The customer graph's identifier nodes of one field: a row for each value and customer that carries it; a generic value
// belongs to nobody and makes one row.
struct IdentifierNodes {
    std::vector<uint32_t> value, customer;  // customer `none`: generic
    std::vector<uint64_t> records;
};

inline IdentifierNodes identifier_nodes(const ProfileTable &profiles, const IdentifierField &field,
                                        const std::vector<uint8_t> &contested, const uint32_t *profile_of_record,
                                        size_t records, const Customers &customers, const std::vector<uint8_t> &bound) {
    const auto &status = field.values->status();
    std::vector<uint64_t> count(status.size(), 0);
    std::vector<uint32_t> customer(status.size(), none), customer_of_profile(profiles.size(), none);
    for (size_t i = 0; i < records; ++i) {
        uint32_t &known = customer_of_profile[profile_of_record[i]];
        if (known == none) known = customers.of_record[i];
    }
    const auto each_value = [&](uint32_t p, auto visit) {
        for (size_t c = 0; c < field.columns.size(); ++c) {
            const uint32_t v = profiles.column(field.columns[c])[p];
            bool seen = v == none;
            for (size_t d = 0; d < c && !seen; ++d) seen = profiles.column(field.columns[d])[p] == v;
            if (!seen) visit(v);
        }
    };
    const auto whole = [&](uint32_t v) { return static_cast<Status>(status[v]) == Status::accepted && !contested[v]; };
    std::unordered_map<uint64_t, uint64_t> split;  // value and customer -> records, where a value has several customers
    std::vector<uint8_t> watched(profiles.size(), 0);
    for (uint32_t p = 0; p < profiles.size(); ++p) {
        each_value(p, [&](uint32_t v) {
            if (whole(v)) customer[v] = customer_of_profile[p];
            if (whole(v) || static_cast<Status>(status[v]) == Status::generic) {
                count[v] += profiles.counts()[p];
            } else if (bound[p]) {
                split[uint64_t{v} << 32 | customer_of_profile[p]] += profiles.counts()[p];
            } else {
                watched[p] = 1;
            }
        });
    }
    for (size_t i = 0; i < records; ++i) {
        const uint32_t p = profile_of_record[i];
        if (!watched[p]) continue;
        each_value(p, [&](uint32_t v) {
            if (!whole(v) && static_cast<Status>(status[v]) != Status::generic) {
                ++split[uint64_t{v} << 32 | customers.of_record[i]];
            }
        });
    }
    IdentifierNodes nodes;
    const auto put = [&](uint32_t v, uint32_t c, uint64_t n) {
        nodes.value.push_back(v);
        nodes.customer.push_back(c);
        nodes.records.push_back(n);
    };
    for (uint32_t v = 0; v < status.size(); ++v) {
        if (count[v]) put(v, whole(v) ? customer[v] : none, count[v]);
    }
    std::vector<std::pair<uint64_t, uint64_t>> rest(split.begin(), split.end());
    std::sort(rest.begin(), rest.end());
    for (const auto &[key, n] : rest) put(static_cast<uint32_t>(key >> 32), static_cast<uint32_t>(key), n);
    return nodes;
}

}  // namespace enishi
