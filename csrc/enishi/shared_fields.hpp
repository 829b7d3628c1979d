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

inline void fetch_names(const ProfileGraph &graph, ValueTable::Carriers carriers) {
    for (const auto *columns : {&graph.attributes.name, &graph.attributes.given}) {
        for (const uint32_t column : *columns) {
            if (column == none) continue;
            for (const uint32_t p : carriers) __builtin_prefetch(&graph.profiles.column(column)[p]);
        }
    }
}

}  // namespace detail

// By field, whether the names of those who share its values tell people apart.
inline std::vector<uint8_t> shared_fields(const ProfileGraph &graph, People &people) {
    std::vector<uint8_t> shared(graph.fields.size(), 0);
    if (!graph.any_names()) return shared;
    std::vector<Pool> pools;
    constexpr uint32_t ahead = 8;  // values, whose carriers' names are fetched before they are compared
    for (uint32_t f = 0; f < graph.fields.size(); ++f) {
        uint64_t told = 0, several = 0;
        const uint32_t values = graph.fields[f].values->size();
        const auto is_asked = [&](uint32_t v) {
            const size_t carriers = graph.carriers(f, v).size();
            return carriers > 1 && carriers <= most_asked && graph.usable(f, v);
        };
        for (uint32_t v = 0; v < values; ++v) {
            if (v + ahead < values && is_asked(v + ahead)) detail::fetch_names(graph, graph.carriers(f, v + ahead));
            if (!is_asked(v)) continue;
            const auto carriers = graph.carriers(f, v);
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
