// Which components may hold more than one person, and why: only these are taken apart and joined with care
// (careful.hpp).
//
// All of these doubts are monotone: where a whole component gives no cause for one, no part of it does.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "clusters.hpp"
#include "limits.hpp"
#include "profile_graph.hpp"

namespace enishi {

enum Doubt : uint8_t { may_conflict = 1, breaks_limit = 2, has_bridge = 4, may_change_hands = 8 };

// By root: whether a component could hold a conflict. It takes a birth date, and beside it a second one, or two given
// names or two names in one script. Two names alone may be those of strangers who had a number one after the other.
inline std::vector<uint8_t> doubtful_components(const ProfileGraph &graph, Clusters &clusters) {
    std::vector<uint8_t> doubtful(graph.size(), 0);
    const bool rests = graph.any_rests();
    if (graph.attributes.birth_date == none && !rests) return doubtful;
    std::vector<uint32_t> columns{graph.attributes.birth_date};
    columns.insert(columns.end(), graph.attributes.given.begin(), graph.attributes.given.end());
    columns.insert(columns.end(), graph.attributes.name.begin(), graph.attributes.name.end());
    std::vector<uint32_t> root(graph.size());
    for (uint32_t p = 0; p < graph.size(); ++p) root[p] = clusters.find(p);
    std::vector<uint8_t> dated(graph.size(), 0);
    std::vector<uint32_t> seen(graph.size());
    for (const uint32_t column : columns) {
        if (column == none) continue;
        std::fill(seen.begin(), seen.end(), none);
        for (uint32_t p = 0; p < graph.size(); ++p) {
            const uint32_t value = graph.code(p, column);
            if (value == none) continue;
            uint32_t &known = seen[root[p]];
            if (column == graph.attributes.birth_date) dated[root[p]] = 1;
            if (known == none) {
                known = value;
            } else if (known != value) {
                doubtful[root[p]] |= dated[root[p]] ? may_conflict : 0;
                if (rests && column != graph.attributes.birth_date) doubtful[root[p]] |= may_change_hands;
            }
        }
    }
    return doubtful;
}

namespace detail {

inline void mark_repeated_sources(const ProfileGraph &graph, Clusters &clusters, std::vector<uint8_t> &doubtful) {
    constexpr uint32_t at_once = 64;
    for (uint32_t from = 0; from < clusters.limits().sources().size(); from += at_once) {
        std::vector<uint64_t> seen(graph.size(), 0);  // by root, a bit for each of these sources
        for (uint32_t p = 0; p < graph.size(); ++p) {
            const uint32_t source = graph.code(p, 0);
            if (source < from || source - from >= at_once || !clusters.limits().unique(source)) continue;
            const uint32_t root = clusters.find(p);
            const uint64_t bit = uint64_t{1} << (source - from);
            if (seen[root] & bit) doubtful[root] |= breaks_limit;
            seen[root] |= bit;
        }
    }
}

// All who carry a value are in one component by now, so each of its values counts once.
inline void mark_overfull(const ProfileGraph &graph, Clusters &clusters, const FieldLimit &limit,
                          std::vector<uint8_t> &doubtful) {
    std::vector<std::pair<uint32_t, uint32_t>> held;  // root, value
    std::vector<uint8_t> seen(graph.fields[limit.field].values->size(), 0);
    for (uint32_t p = 0; p < graph.size(); ++p) {
        graph.each_value(p, limit.field, [&](uint32_t v) {
            if (!seen[v] && graph.usable(limit.field, v)) held.emplace_back(clusters.find(p), v);
            seen[v] = 1;
        });
    }
    std::sort(held.begin(), held.end());
    std::vector<uint32_t> values;
    for (size_t i = 0, j; i < held.size(); i = j) {
        values.clear();
        for (j = i; j < held.size() && held[j].first == held[i].first; ++j) values.push_back(held[j].second);
        if (limit.broken_by(values)) doubtful[held[i].first] |= breaks_limit;
    }
}

}  // namespace detail

// Finds the profiles that are alone, and by root the components that break a limit.
inline void mark_broken(const ProfileGraph &graph, Clusters &clusters, std::vector<uint8_t> &doubtful) {
    std::vector<uint8_t> alone(graph.size(), 0);
    std::vector<uint32_t> values;
    for (uint32_t p = 0; p < graph.size(); ++p) {
        if (graph.records(p) < 2) continue;
        alone[p] = clusters.limits().unique(graph.code(p, 0));
        for (const FieldLimit &limit : clusters.limits().fields()) {
            values.clear();
            graph.each_value(p, limit.field, [&](uint32_t v) {
                if (graph.usable(limit.field, v)) values.push_back(v);
            });
            alone[p] |= limit.broken_by(values);
        }
        if (alone[p]) doubtful[clusters.find(p)] |= breaks_limit;
    }
    clusters.set_alone(std::move(alone));
    detail::mark_repeated_sources(graph, clusters, doubtful);
    for (const FieldLimit &limit : clusters.limits().fields()) {
        detail::mark_overfull(graph, clusters, limit, doubtful);
    }
    for (const auto &[p, q] : clusters.limits().apart()) {
        if (clusters.same(p, q)) doubtful[clusters.find(p)] |= breaks_limit;
    }
}

}  // namespace enishi
