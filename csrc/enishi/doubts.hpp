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
#include "parts.hpp"
#include "people.hpp"
#include "pool.hpp"
#include "profile_graph.hpp"

namespace enishi {

enum Doubt : uint8_t { may_conflict = 1, breaks_limit = 2, has_bridge = 4, may_change_hands = 8 };

// By component, whether it could hold a conflict. It takes a birth date, or a name with Jr or Sr, and beside it a second
// one, or two given names or two names in one script. Two names alone may be those of strangers who had a number one after the other.
// names_tell: whether names alone can be a conflict.
inline std::vector<uint8_t> doubtful_components(const ProfileGraph &graph, const Components &components,
                                                bool names_tell) {
    std::vector<uint8_t> doubtful(components.count, 0);
    const bool rests = graph.any_rests();
    const uint32_t named = graph.generations.empty() ? none : graph.attributes.name[latin_script];
    if (graph.attributes.birth_date == none && !rests && !names_tell && named == none) return doubtful;
    std::vector<uint32_t> columns{graph.attributes.birth_date};
    columns.insert(columns.end(), graph.attributes.given.begin(), graph.attributes.given.end());
    columns.insert(columns.end(), graph.attributes.name.begin(), graph.attributes.name.end());
    std::vector<uint8_t> dated(components.count, names_tell);
    std::vector<uint32_t> seen(components.count);
    for (const uint32_t column : columns) {
        if (column == none) continue;
        std::fill(seen.begin(), seen.end(), none);
        for (uint32_t p = 0; p < graph.size(); ++p) {
            const uint32_t value = graph.code(p, column);
            if (value == none) continue;
            const uint32_t c = components.of[p];
            if (column == graph.attributes.birth_date || (column == named && graph.generation(value))) dated[c] = 1;
            if (seen[c] == none) {
                seen[c] = value;
            } else if (seen[c] != value) {
                doubtful[c] |= dated[c] ? may_conflict : 0;
                if (rests && column != graph.attributes.birth_date) doubtful[c] |= may_change_hands;
            }
        }
    }
    return doubtful;
}

// Takes back the doubts about components whose names and birth dates show, all taken together, that no two of their
// records can be two people's: a slip, the kana of one name beside the Latin letters of another.
inline void settle_doubts(const ProfileGraph &graph, const Components &components, bool names_tell,
                          std::vector<uint8_t> &doubtful) {
    constexpr size_t most_profiles = 64;  // beyond, there may be more clusters than are compared
    std::vector<uint32_t> profiles;
    const std::vector<Component> open = marked(components, doubtful, profiles);
    const auto settle = [&](People &people, Pool &all, const Component &component) {
        if (component.size() > most_profiles) return;
        all.clear();
        bool whole = false, nameless = false;
        for (const uint32_t p : component) {
            people.add_told(all, p);
            whole = whole || graph.names_without_given(p);
            nameless = nameless || (graph.says_who(p) && !graph.names_somebody(p));
        }
        uint8_t &doubt = doubtful[component.number];
        if (doubt & may_conflict && ((!nameless && !names_tell && people.share_names(all)) || people.all_alike(all, whole))) {
            doubt &= static_cast<uint8_t>(~may_conflict);
        }
        if (doubt & may_change_hands && people.no_strangers(all)) doubt &= static_cast<uint8_t>(~may_change_hands);
    };
    const auto settle_some = [&](size_t from, size_t to) {
        People people(graph);
        Pool all;
        visit_components(graph, open, from, to, [&](const Component &each) { settle(people, all, each); });
    };
    in_pieces(graph.threads, open.size(), settle_some, component_piece);
}

namespace detail {

inline void mark_repeated_sources(const ProfileGraph &graph, const Limits &limits, const Components &components,
                                  std::vector<uint8_t> &doubtful) {
    constexpr uint32_t at_once = 64;
    for (uint32_t from = 0; from < limits.sources().size(); from += at_once) {
        std::vector<uint64_t> seen(components.count, 0);  // a bit for each of these sources
        for (uint32_t p = 0; p < graph.size(); ++p) {
            const uint32_t source = graph.code(p, 0);
            if (source < from || source - from >= at_once || !limits.unique(source)) continue;
            const uint32_t c = components.of[p];
            const uint64_t bit = uint64_t{1} << (source - from);
            if (seen[c] & bit) doubtful[c] |= breaks_limit;
            seen[c] |= bit;
        }
    }
}

// All who carry a value are in one component by now, so each of its values counts once.
inline void mark_overfull(const ProfileGraph &graph, const Components &components, const FieldLimit &limit,
                          std::vector<uint8_t> &doubtful) {
    std::vector<std::pair<uint32_t, uint32_t>> held;  // component, value
    std::vector<uint8_t> seen(graph.fields[limit.field].values->size(), 0);
    for (uint32_t p = 0; p < graph.size(); ++p) {
        graph.each_value(p, limit.field, [&](uint32_t v) {
            if (!seen[v] && graph.usable(limit.field, v)) held.emplace_back(components.of[p], v);
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

// Marks the components that break a limit. By profile, whether it does that alone.
inline std::vector<uint8_t> mark_broken(const ProfileGraph &graph, const Limits &limits, const Components &components,
                                        std::vector<uint8_t> &doubtful) {
    std::vector<uint8_t> alone(graph.size(), 0);
    std::vector<uint32_t> values;
    for (uint32_t p = 0; p < graph.size(); ++p) {
        if (graph.records(p) < 2) continue;
        alone[p] = limits.unique(graph.code(p, 0));
        for (const FieldLimit &limit : limits.fields()) {
            values.clear();
            graph.each_value(p, limit.field, [&](uint32_t v) {
                if (graph.usable(limit.field, v)) values.push_back(v);
            });
            alone[p] |= limit.broken_by(values);
        }
        if (alone[p]) doubtful[components.of[p]] |= breaks_limit;
    }
    detail::mark_repeated_sources(graph, limits, components, doubtful);
    for (const FieldLimit &limit : limits.fields()) detail::mark_overfull(graph, components, limit, doubtful);
    for (const auto &[p, q] : limits.apart()) {
        if (components.of[p] == components.of[q]) doubtful[components.of[p]] |= breaks_limit;
    }
    return alone;
}

}  // namespace enishi
