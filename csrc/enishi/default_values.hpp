// Identifiers that a source writes where it knows none, told by the number of records alone.
//
// The till's own card, or the address of a test, is generic where names or other identifiers show that many people carry
// it (generic_values.hpp). Where records have the one value and nothing else, all of them are one profile, and there is
// nobody to count. What tells then is how often it is there: customers come more or less often, but the busiest few
// follow upon each other. A profile of one bare value that has ten times as many records as the next busiest of its
// source, whatever that carries, is no customer.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "profile_graph.hpp"

namespace enishi {

struct BareValue {
    uint32_t field, value;
};

namespace detail {

constexpr size_t most_defaults = 10;     // of a source
constexpr size_t fewest_profiles = 100;  // of a source that tells what is usual
constexpr uint32_t fewest_records = 50;  // of a value that is not
constexpr uint32_t as_many_times = 10;   // as the next busiest

inline bool far_busier(const ProfileGraph &graph, uint32_t p, uint32_t next) {
    const uint64_t records = graph.records(p);
    return records >= fewest_records && records >= uint64_t{as_many_times} * graph.records(next);
}

// How many of some profiles, busiest first, stand out from those that follow.
inline size_t standing_out(const ProfileGraph &graph, const std::vector<uint32_t> &busiest) {
    if (busiest.size() < 2) return 0;
    size_t k = std::min(most_defaults, busiest.size() - 1);
    while (k > 0 && !far_busier(graph, busiest[k - 1], busiest[k])) --k;
    return k;
}

struct Busiest {
    std::vector<uint32_t> profiles;  // busiest first, of equals the first
    size_t of = 0;                   // how many the source has
};

// By source, its busiest profiles.
inline std::vector<Busiest> busiest_of_sources(const ProfileGraph &graph, size_t wanted) {
    std::vector<Busiest> found;
    const auto before = [&](uint32_t p, uint32_t q) {
        return graph.records(p) != graph.records(q) ? graph.records(p) > graph.records(q) : p < q;
    };
    for (uint32_t p = 0; p < graph.size(); ++p) {
        const uint32_t source = graph.profiles.column(0)[p];
        if (source >= found.size()) found.resize(source + size_t{1});
        ++found[source].of;
        std::vector<uint32_t> &own = found[source].profiles;
        if (own.size() == wanted && !before(p, own.back())) continue;
        own.insert(std::upper_bound(own.begin(), own.end(), p, before), p);
        if (own.size() > wanted) own.pop_back();
    }
    return found;
}

}  // namespace detail

inline std::vector<BareValue> default_values(const ProfileGraph &graph) {
    // One more than may stand out, and the profile of the records that carry nothing. What the others carry is only asked
    // where one of them may stand out.
    auto sources = detail::busiest_of_sources(graph, detail::most_defaults + 2);
    std::vector<uint32_t> asked;
    for (auto &[busiest, of] : sources) {
        bool may = false;
        if (of < detail::fewest_profiles) busiest.clear();
        for (size_t i = 0; i + 2 < busiest.size(); ++i) may = may || detail::far_busier(graph, busiest[i], busiest[i + 2]);
        if (!may) busiest.clear();
        asked.insert(asked.end(), busiest.begin(), busiest.end());
    }
    if (asked.empty()) return {};
    graph.learn(asked);
    std::vector<uint8_t> source_alone(graph.profiles.width(), 0);
    source_alone[0] = 1;
    std::vector<BareValue> defaults;
    for (auto &[busiest, of] : sources) {
        const auto bare = [&](uint32_t p) { return !graph.holds_more(p, source_alone); };
        busiest.erase(std::remove_if(busiest.begin(), busiest.end(), bare), busiest.end());
        for (size_t i = detail::standing_out(graph, busiest); i-- > 0;) {
            for (uint32_t f = 0; f < graph.fields.size(); ++f) {
                graph.each_value(busiest[i], f, [&](uint32_t v) {
                    if (!graph.usable(f, v) || graph.allowed(f, v) || !graph.holds_only(busiest[i], f, v)) return;
                    // What is usual, those who carry it themselves do not tell: records that may not be one customer
                    // are a profile each.
                    if (of < graph.carriers(f, v).size() + detail::fewest_profiles) return;
                    defaults.push_back({f, v});
                });
            }
        }
    }
    graph.forget();
    const auto before = [](const BareValue &a, const BareValue &b) {
        return a.field != b.field ? a.field < b.field : a.value < b.value;
    };
    const auto same = [](const BareValue &a, const BareValue &b) { return a.field == b.field && a.value == b.value; };
    std::sort(defaults.begin(), defaults.end(), before);
    defaults.erase(std::unique(defaults.begin(), defaults.end(), same), defaults.end());
    return defaults;
}

}  // namespace enishi
