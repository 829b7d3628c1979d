// Clusters of profiles -> customers of records: dense numbers, each customer's smallest record, its id, its
// identifiers.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "handover.hpp"
#include "parts.hpp"
#include "profile_graph.hpp"
#include "record_ids.hpp"

namespace enishi {

// The ordinals of all records, profile by profile: rows[starts[p] .. starts[p + 1]].
struct RowsByProfile {
    std::vector<uint32_t> starts;
    std::vector<uint32_t> rows;

    RowsByProfile() = default;
    RowsByProfile(const uint32_t *profile_of_record, size_t records, const ProfileTable &profiles)
        : starts(profiles.size() + size_t{2}, 0), rows(records) {
        // One place on, where the next record of each profile goes: in the end that is where the records of the next begin.
        for (uint32_t p = 0; p < profiles.size(); ++p) starts[p + size_t{2}] = starts[p + size_t{1}] + profiles.counts()[p];
        for (size_t i = 0; i < records; ++i) rows[starts[profile_of_record[i] + size_t{1}]++] = static_cast<uint32_t>(i);
        starts.pop_back();
    }
};

struct Customers {
    std::vector<uint32_t> of_record;  // dense numbers, in order of first appearance
    std::vector<uint32_t> sizes;      // by customer: its records
};

// A profile that nothing binds is as many customers as it has records, but for those that were adopted: (record,
// profile) by ascending record.
inline Customers number_customers(const uint32_t *profile_of_record, size_t records,
                                  const std::vector<uint32_t> &labels, const std::vector<uint8_t> &bound,
                                  const std::vector<std::pair<uint32_t, uint32_t>> &adopted) {
    Customers customers;
    customers.of_record.resize(records);
    std::vector<uint32_t> number(labels.size(), none);
    auto next = adopted.begin();
    for (size_t i = 0; i < records; ++i) {
        const bool elsewhere = next != adopted.end() && next->first == i;
        const uint32_t p = elsewhere ? (next++)->second : profile_of_record[i];
        uint32_t customer = bound[p] ? number[labels[p]] : none;
        if (customer == none) {
            customer = static_cast<uint32_t>(customers.sizes.size());
            customers.sizes.push_back(0);
            if (bound[p]) number[labels[p]] = customer;
        }
        customers.of_record[i] = customer;
        ++customers.sizes[customer];
    }
    return customers;
}

// The ids of customers: `bits` of the hash of each one's smallest record, by source, then by the bytes of the record
// id. Where customers meet, the one whose record is smaller keeps the id; the others append NUL and a counter and hash
// again. The record ids pass by once, chunk by chunk; a customer's smallest is kept meanwhile.
class CustomerNames {
  public:
    CustomerNames(const Customers &customers, std::vector<std::string> source_of_rank, int bits, size_t threads)
        : customers_(customers), source_of_rank_(std::move(source_of_rank)),
          mask_(bits >= 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1), smallest_(customers.sizes.size()),
          threads_(threads) {}

    // The ids of the records from `start` on.
    void add(const TextColumn &record_ids, uint32_t start, const uint32_t *profile_of_record,
             const uint32_t *rank_of_profile) {
        // First where a customer's smallest one is known, then its text: waits for memory that many records share.
        constexpr int64_t ahead = 32, near = 16;
        const uint32_t *customer = customers_.of_record.data() + start;
        for (int64_t i = 0; i < record_ids.length(); ++i) {
            if (i + ahead < record_ids.length()) {
                __builtin_prefetch(&smallest_[customer[i + ahead]], 1);
                __builtin_prefetch(&rank_of_profile[profile_of_record[start + i + ahead]]);
            }
            if (i + near < record_ids.length()) __builtin_prefetch(texts_.data() + smallest_[customer[i + near]].at);
            const auto ordinal = static_cast<uint32_t>(start + i);
            Record &best = smallest_[customers_.of_record[ordinal]];
            const Record record{texts_.size(), static_cast<uint32_t>(record_ids[i].size()),
                                rank_of_profile[profile_of_record[ordinal]], ordinal};
            const std::string_view id = record_ids[i];
            if (best.ordinal != none && (best.rank != record.rank ? best.rank < record.rank : text(best) <= id)) continue;
            // A smaller one takes the place of the one before where it fits.
            if (best.ordinal != none && id.size() <= best.size) {
                if (!id.empty()) std::memcpy(texts_.data() + best.at, id.data(), id.size());
                best = {best.at, record.size, record.rank, ordinal};
            } else {
                texts_.append(id);
                best = record;
            }
        }
    }

    // By customer, when all have passed by: the ordinal of its smallest record.
    std::vector<uint32_t> smallest() const {
        std::vector<uint32_t> ordinals;
        ordinals.reserve(smallest_.size());
        for (const Record &record : smallest_) ordinals.push_back(record.ordinal);
        return ordinals;
    }

    std::vector<uint64_t> ids() {
        std::vector<uint64_t> ids(smallest_.size());
        in_pieces(threads_, ids.size(), [&](size_t from, size_t to) {
            Text room;
            for (size_t c = from; c < to; ++c) ids[c] = hash(smallest_[c], 0, room);
        });
        Text room;
        const std::vector<uint64_t> shared = met_twice(ids);
        if (shared.empty()) return ids;
        std::vector<uint64_t> sorted(ids);
        std::sort(sorted.begin(), sorted.end());
        std::vector<uint32_t> meeting;
        for (uint32_t c = 0; c < ids.size(); ++c) {
            if (std::binary_search(shared.begin(), shared.end(), ids[c])) meeting.push_back(c);
        }
        std::sort(meeting.begin(), meeting.end(), [&](uint32_t a, uint32_t b) {
            const Record &x = smallest_[a], &y = smallest_[b];
            return x.rank != y.rank ? x.rank < y.rank : text(x) < text(y);
        });
        std::unordered_set<uint64_t> taken;  // ids given out beyond the first hashes; the shared ones once each
        for (const uint32_t c : meeting) {
            if (taken.insert(ids[c]).second) continue;
            for (uint64_t counter = 1;; ++counter) {
                const uint64_t id = hash(smallest_[c], counter, room);
                if (!std::binary_search(sorted.begin(), sorted.end(), id) && taken.insert(id).second) {
                    ids[c] = id;
                    break;
                }
            }
        }
        return ids;
    }

  private:
    struct Record {
        size_t at = 0;  // of its id in texts_
        uint32_t size = 0, rank = 0, ordinal = none;
    };

    // The numbers that stand there more than once, each once and ascending. Whether one has been seen is asked of a bit
    // for its hash first: few are left to be compared.
    static std::vector<uint64_t> met_twice(const std::vector<uint64_t> &numbers) {
        int bits = 6;
        while ((numbers.size() >> (bits - 4)) && bits < 36) ++bits;
        const auto slot = [&](uint64_t number) { return number * 0x9e3779b97f4a7c15ULL >> (64 - bits); };
        const auto is_set = [](const std::vector<uint64_t> &set, uint64_t at) { return set[at >> 6] >> (at & 63) & 1; };
        std::vector<uint64_t> seen(size_t{1} << (bits - 6), 0), again(seen.size(), 0);
        for (const uint64_t number : numbers) {
            const uint64_t at = slot(number), bit = uint64_t{1} << (at & 63);
            (is_set(seen, at) ? again : seen)[at >> 6] |= bit;
        }
        std::vector<uint64_t> doubtful, twice;
        for (const uint64_t number : numbers) {
            if (is_set(again, slot(number))) doubtful.push_back(number);
        }
        std::sort(doubtful.begin(), doubtful.end());
        for (size_t i = 1; i < doubtful.size(); ++i) {
            if (doubtful[i] != doubtful[i - 1]) continue;
            if (twice.empty() || twice.back() != doubtful[i]) twice.push_back(doubtful[i]);
        }
        return twice;
    }

    std::string_view text(const Record &record) const { return texts_.view().substr(record.at, record.size); }

    uint64_t hash(const Record &record, uint64_t counter, Text &room) const {
        if (!counter) return hash_record(source_of_rank_[record.rank], text(record), room).low & mask_;
        const std::string again = std::string(text(record)) + '\0' + std::to_string(counter);
        return hash_record(source_of_rank_[record.rank], again, room).low & mask_;
    }

    const Customers &customers_;
    std::vector<std::string> source_of_rank_;
    uint64_t mask_;
    std::vector<Record> smallest_;  // by customer
    Text texts_;
    size_t threads_;
};

// The customer graph's identifier nodes of one field: a row for each value and customer that carries it.
struct IdentifierNodes {
    std::vector<uint32_t> value, customer;  // customer `none`: generic
    std::vector<uint64_t> records;
    std::vector<Span> seen;                 // of split values alone: when the customer had it
};

// Reads the nodes of a field from the lists of who carries a value.
class NodeReader {
  public:
    NodeReader(const ProfileGraph &graph, uint32_t field, const std::vector<uint8_t> &joined, const RowsByProfile &by_profile,
               const Customers &customers, const std::vector<uint8_t> &bound)
        : graph_(graph), field_(field), joined_(joined), by_profile_(by_profile), customers_(customers), bound_(bound) {}

    // Of some values, those that one customer carries, or that are generic and belong to nobody.
    IdentifierNodes whole(uint32_t from, uint32_t to) const {
        constexpr size_t ahead = 16;
        IdentifierNodes nodes;
        const uint32_t *const end = last_carrier();
        for (uint32_t v = from; v < to; ++v) {
            // From a carrier to its first record to that one's customer are three waits for memory: those of the values
            // that follow are under way meanwhile.
            if (const uint32_t *p = first_carrier(v + 24, to)) __builtin_prefetch(&by_profile_.starts[*p]);
            if (const uint32_t *p = first_carrier(v + 16, to)) __builtin_prefetch(&first_record(*p));
            if (const uint32_t *p = first_carrier(v + 8, to)) __builtin_prefetch(&customers_.of_record[first_record(*p)]);
            if (is_split(v)) continue;
            const ValueTable::Carriers carriers = graph_.carriers(field_, v);
            uint64_t records = 0;
            for (const uint32_t *p = carriers.begin(); p != carriers.end(); ++p) {
                // Those of the next values follow; the list ends with what may be read.
                if (p + ahead < end) __builtin_prefetch(&graph_.profiles.counts()[p[ahead]]);
                records += graph_.records(*p);
            }
            if (!records) continue;
            nodes.value.push_back(v);
            nodes.customer.push_back(is_generic(v) ? none : customer(first_record(*carriers.begin())));
            nodes.records.push_back(records);
        }
        return nodes;
    }

    // Of all values that several customers carry, or may: by value and customer.
    IdentifierNodes split() const {
        struct Part {
            uint32_t value, customer;
            uint64_t records;
            Span seen;
        };
        std::vector<Part> parts;
        for (uint32_t v = 0; v < graph_.fields[field_].values->size(); ++v) {
            if (!is_split(v)) continue;
            for (const uint32_t p : graph_.carriers(field_, v)) {
                const uint32_t *row = &by_profile_.rows[by_profile_.starts[p]], *end = row + graph_.records(p);
                if (bound_[p]) {
                    const auto [first, last] = graph_.profiles.seen(p);
                    parts.push_back({v, customer(*row), graph_.records(p), {first, last}});
                } else {
                    for (; row != end; ++row) parts.push_back({v, customer(*row), 1, Span::at(graph_.profiles.time(*row))});
                }
            }
        }
        std::sort(parts.begin(), parts.end(), [](const Part &a, const Part &b) {
            return a.value != b.value ? a.value < b.value : a.customer < b.customer;
        });
        IdentifierNodes nodes;
        for (size_t i = 0; i < parts.size(); ++i) {
            const bool again = i && parts[i].value == parts[i - 1].value && parts[i].customer == parts[i - 1].customer;
            if (!again) {
                nodes.value.push_back(parts[i].value);
                nodes.customer.push_back(parts[i].customer);
                nodes.records.push_back(0);
                nodes.seen.push_back({});
            }
            nodes.records.back() += parts[i].records;
            nodes.seen.back().widen(parts[i].seen);
        }
        return nodes;
    }

  private:
    bool is_generic(uint32_t v) const { return graph_.has_status(field_, v, Status::generic); }
    bool is_split(uint32_t v) const { return !is_generic(v) && !(graph_.usable(field_, v) && !joined_[v]); }
    uint32_t customer(uint32_t record) const { return customers_.of_record[record]; }
    const uint32_t &first_record(uint32_t p) const { return by_profile_.rows[by_profile_.starts[p]]; }
    // Of a value below `to` that anybody carries.
    const uint32_t *first_carrier(uint32_t v, uint32_t to) const {
        if (v >= to) return nullptr;
        const ValueTable::Carriers carriers = graph_.carriers(field_, v);
        return carriers.size() ? carriers.begin() : nullptr;
    }
    const uint32_t *last_carrier() const {
        const ValueTable &values = *graph_.fields[field_].values;
        return values.size() ? values.carriers(values.size() - 1).end() : nullptr;
    }

    const ProfileGraph &graph_;
    const uint32_t field_;
    const std::vector<uint8_t> &joined_;
    const RowsByProfile &by_profile_;
    const Customers &customers_;
    const std::vector<uint8_t> &bound_;
};

}  // namespace enishi
