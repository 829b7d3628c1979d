// Clusters of profiles -> customers of records: dense numbers, each customer's smallest record, its id, its identifiers.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "linking.hpp"

namespace enishi {

// Whether the ids of every source came in ascending order of their bytes.
inline bool ids_are_sorted(const uint32_t *profile_of_record, const RecordOrder &order) {
    std::vector<std::string_view> before;  // by source; ids are not empty
    for (int64_t i = 0; i < order.ids.length(); ++i) {
        const uint32_t source = order.source_rank[profile_of_record[i]];
        if (source >= before.size()) before.resize(source + 1);
        const std::string_view id = order.ids[i];
        if (!(before[source] < id)) return false;
        before[source] = id;
    }
    return true;
}

// For every profile the ordinal of its smallest record id (all of a profile's records are of one source).
inline void smallest_records(const uint32_t *profile_of_record, const RecordOrder &order,
                             std::vector<uint32_t> &smallest) {
    for (int64_t i = 0; i < order.ids.length(); ++i) {
        uint32_t &best = smallest[profile_of_record[i]];
        if (best == none || (!order.sorted && order.ids[i] < order.ids[best])) best = static_cast<uint32_t>(i);
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
};

// A profile that nothing binds is as many customers as it has records.
inline Customers number_customers(const uint32_t *profile_of_record, const std::vector<uint32_t> &labels,
                                  const std::vector<uint8_t> &bound, const RecordOrder &order) {
    const auto records = static_cast<size_t>(order.ids.length());
    Customers customers;
    customers.of_record.resize(records);
    std::vector<uint32_t> best(labels.size(), none);  // by label: the profile of its smallest record
    for (uint32_t p = 0; p < labels.size(); ++p) {
        if (!bound[p]) continue;
        uint32_t &profile = best[labels[p]];
        if (profile == none || order.less(p, profile)) profile = p;
    }
    std::vector<uint32_t> number(labels.size(), none);
    for (size_t i = 0; i < records; ++i) {
        const uint32_t p = profile_of_record[i];
        if (!bound[p]) {
            customers.of_record[i] = static_cast<uint32_t>(customers.smallest.size());
            customers.smallest.push_back(static_cast<uint32_t>(i));
            continue;
        }
        uint32_t &customer = number[labels[p]];
        if (customer == none) {
            customer = static_cast<uint32_t>(customers.smallest.size());
            customers.smallest.push_back(order.smallest[best[labels[p]]]);
        }
        customers.of_record[i] = customer;
    }
    return customers;
}

// `bits` of the SipHash of "source NUL record_id" under the all-zero key, for each customer's smallest record. Where two
// customers meet, the one whose record is smaller keeps the id; the other appends NUL and a counter and hashes again.
inline std::vector<uint64_t> customer_ids(const std::vector<uint32_t> &smallest, const ChunkedText &ids,
                                          const std::vector<std::string> &source_of_rank, const uint32_t *rank_of_record,
                                          int bits) {
    const uint64_t mask = bits >= 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1;
    Text bytes;
    const auto write = [&](uint32_t ordinal) {
        bytes.clear();
        bytes.append(source_of_rank[rank_of_record[ordinal]]);
        bytes.push('\0');
        bytes.append(ids[ordinal]);
    };
    std::vector<uint64_t> answer(smallest.size());
    for (size_t c = 0; c < smallest.size(); ++c) {
        write(smallest[c]);
        answer[c] = siphash({}, bytes.view()).low & mask;
    }
    std::vector<uint64_t> sorted(answer);
    std::sort(sorted.begin(), sorted.end());
    std::vector<uint64_t> shared;
    for (size_t i = 1; i < sorted.size(); ++i) {
        if (sorted[i] == sorted[i - 1] && (shared.empty() || shared.back() != sorted[i])) shared.push_back(sorted[i]);
    }
    if (shared.empty()) return answer;
    std::vector<size_t> meeting;
    for (size_t c = 0; c < answer.size(); ++c) {
        if (std::binary_search(shared.begin(), shared.end(), answer[c])) meeting.push_back(c);
    }
    std::sort(meeting.begin(), meeting.end(), [&](size_t a, size_t b) {
        const uint32_t x = smallest[a], y = smallest[b];
        if (rank_of_record[x] != rank_of_record[y]) return rank_of_record[x] < rank_of_record[y];
        return ids[x] < ids[y];
    });
    sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
    std::unordered_map<uint64_t, bool> taken;  // ids given out beyond the first hashes; the shared ones once each
    for (const size_t c : meeting) {
        if (taken.emplace(answer[c], true).second) continue;
        for (uint64_t counter = 1;; ++counter) {
            write(smallest[c]);
            bytes.push('\0');
            bytes.append(std::to_string(counter));
            const uint64_t id = siphash({}, bytes.view()).low & mask;
            if (!std::binary_search(sorted.begin(), sorted.end(), id) && taken.emplace(id, true).second) {
                answer[c] = id;
                break;
            }
        }
    }
    return answer;
}

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
