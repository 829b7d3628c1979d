// Which identifiers people who live or work together share: a family's landline, a company's switchboard.
//
// Another name beside one identifier is mostly the same person's: it was misheard, or a relative collected the parcel.
// That holds while such values are few. Where of all values whose carriers give names many join names of which nothing
// is alike, most of those are several people's; then the names alone tell two people apart, whether birth dates are
// known or not.
//
// A value of many carriers is not asked: it may be nobody's, and that decides generic_values.hpp. Of all values counts
// alone matter, so the order of the records decides nothing.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "people.hpp"
#include "pool.hpp"
#include "profile_graph.hpp"

namespace enishi {

inline constexpr size_t most_asked = 8;          // carriers of a value
inline constexpr uint32_t most_values = 1 << 16;  // of a field, beyond which a sample is asked
inline constexpr uint64_t least_values = 20;     // that carriers with names share, before anything is learned
inline constexpr double shared_by_several = 0.2;  // of these, how many have to join names that are not alike

namespace detail {

// Whether all carriers give the same names in the same scripts: the usual case, and no text has to be read.
inline bool of_one_name(const ProfileGraph &graph, ValueTable::Carriers carriers) {
    const uint32_t first = *carriers.begin();
    return graph.names_somebody(first) && std::all_of(carriers.begin(), carriers.end(), [&](uint32_t p) {
        const auto same = [&](uint32_t column) {
            return column == none || graph.code(p, column) == graph.code(first, column);
        };
        const AttributeColumns &columns = graph.attributes;
        return std::all_of(columns.name.begin(), columns.name.end(), same) &&
               std::all_of(columns.given.begin(), columns.given.end(), same);
    });
}

// Whether a value is among one in 2^bits that are asked: by who carries it, so whatever the order of the records.
inline bool is_sampled(const ProfileGraph &graph, ValueTable::Carriers carriers, uint32_t bits) {
    if (!bits || !graph.order.key) return true;
    uint64_t smallest = graph.order.key[*carriers.begin()];
    for (const uint32_t p : carriers) smallest = std::min(smallest, graph.order.key[p]);
    return !(smallest & ((uint64_t{1} << bits) - 1));
}

}  // namespace detail

// By field, whether the names of those who share its values tell people apart.
inline std::vector<uint8_t> shared_fields(const ProfileGraph &graph, People &people) {
    std::vector<uint8_t> shared(graph.fields.size(), 0);
    if (!graph.any_names()) return shared;
    std::vector<Pool> pools;
    for (uint32_t f = 0; f < graph.fields.size(); ++f) {
        uint64_t told = 0, several = 0;
        const uint32_t values = graph.fields[f].values->size();
        uint32_t bits = 0;
        while (values >> bits > most_values) ++bits;
        for (uint32_t v = 0; v < values; ++v) {
            const auto carriers = graph.carriers(f, v);
            if (carriers.size() < 2 || carriers.size() > most_asked || !graph.usable(f, v)) continue;
            if (!detail::is_sampled(graph, carriers, bits)) continue;
            if (detail::of_one_name(graph, carriers)) {
                ++told;
                continue;
            }
            pools.clear();
            for (const uint32_t p : carriers) {
                if (!graph.names_somebody(p)) continue;
                pools.emplace_back();
                people.add_person(pools.back(), p);
            }
            bool unlike = false;
            for (size_t i = 0; i < pools.size() && !unlike; ++i) {
                for (size_t j = 0; j < i && !unlike; ++j) unlike = people.named_apart(pools[i], pools[j]);
            }
            told += pools.size() > 1;
            several += unlike;
        }
        shared[f] = told >= least_values && static_cast<double>(several) >= shared_by_several * static_cast<double>(told);
    }
    return shared;
}

}  // namespace enishi
