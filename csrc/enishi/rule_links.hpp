// Links by rules on attributes: profiles that agree in every column of a rule.
#pragma once

#include <algorithm>
#include <cstdint>
#include <unordered_set>
#include <utility>
#include <vector>

#include "clusters.hpp"
#include "links.hpp"
#include "people.hpp"
#include "profile_graph.hpp"
#include "profile_table.hpp"

namespace enishi {

namespace detail {

struct Grouped {
    uint32_t group, profile;
};

// Those who agree in every column, group by group as these are numbered: the groups in which a rule can change
// anything. Most are one cluster already, whose records something holds together.
inline std::vector<Grouped> open_groups(const ProfileGraph &graph, Clusters &clusters,
                                        const std::vector<uint32_t> &columns) {
    std::vector<uint32_t> members;  // those that have all the attributes
    std::vector<std::vector<uint32_t>> cells(columns.size());
    for (uint32_t p = 0; p < graph.size(); ++p) {
        bool whole = true;
        for (size_t c = 0; c < columns.size() && whole; ++c) whole = graph.code(p, columns[c]) != none;
        if (!whole) continue;
        members.push_back(p);
        for (size_t c = 0; c < columns.size(); ++c) cells[c].push_back(graph.code(p, columns[c]));
    }
    std::vector<ProfilePart> parts;
    for (uint32_t c = 0; c < cells.size(); ++c) parts.push_back({c, cells[c].data(), nullptr, nullptr});
    ProfileTable groups(static_cast<uint32_t>(columns.size()));
    std::vector<uint32_t> fresh;
    groups.add(parts, static_cast<int64_t>(members.size()), fresh);
    const auto &group_of = groups.of_record();
    std::vector<uint32_t> cluster(groups.size(), none);
    std::vector<uint8_t> open(groups.size(), 0);
    for (size_t i = 0; i < members.size(); ++i) {
        const uint32_t p = members[i], g = group_of[i], root = clusters.find(p);
        if (cluster[g] == none) cluster[g] = root;
        const bool alone = groups.counts()[g] < 2 && graph.records(p) < 2;
        open[g] |= cluster[g] != root || (!clusters.held(p) && !alone);
    }
    std::vector<Grouped> found;
    for (size_t i = 0; i < members.size(); ++i) {
        if (open[group_of[i]]) found.push_back({group_of[i], members[i]});
    }
    return found;
}

}  // namespace detail

// Profiles that agree in every column of a rule. A group inside one cluster makes no link; a group over several makes
// a star around its smallest record, whatever the order of arrival. A link of a profile with itself holds its own
// records together, which no identifier did. Returns the number of joins that a conflict or a limit forbade.
inline uint64_t join_rule(const ProfileGraph &graph, People &people, Clusters &clusters, uint32_t rule,
                          const std::vector<uint32_t> &columns, Links &links) {
    clusters.gather_members();
    std::vector<detail::Grouped> members = detail::open_groups(graph, clusters, columns);
    std::sort(members.begin(), members.end(), [&](const detail::Grouped &a, const detail::Grouped &b) {
        return a.group != b.group ? a.group < b.group : graph.order.less(a.profile, b.profile);
    });
    // Groups in the order of their smallest record, not of their number.
    std::vector<std::pair<uint32_t, uint32_t>> spans;
    std::vector<uint32_t> profiles;
    for (uint32_t i = 0, j; i < members.size(); i = j) {
        for (j = i; j < members.size() && members[j].group == members[i].group; ++j) {
            profiles.push_back(members[j].profile);
        }
        spans.emplace_back(i, j);
    }
    std::sort(spans.begin(), spans.end(), [&](const auto &a, const auto &b) {
        return graph.order.less(profiles[a.first], profiles[b.first]);
    });
    uint64_t conflicts = 0;
    for (const auto &[begin, end] : spans) {
        const std::unordered_set<uint32_t> rivals = clusters.rivals_among(profiles.data() + begin, profiles.data() + end);
        uint32_t hub = profiles[begin];
        for (uint32_t i = begin; i < end && rivals.count(clusters.find(hub)); ++i) hub = profiles[i];
        for (uint32_t i = begin; i < end; ++i) {
            const uint32_t p = profiles[i];
            Link link;
            link.rule = rule;
            link.left_profile = hub;
            link.right_profile = p;
            if (!clusters.held(p) && graph.records(p) > 1 && !clusters.limits().alone(p)) {
                Link own = link;
                own.left_profile = p;
                links.made.push_back(own);
            }
            clusters.bind(p);
            if (clusters.same(p, hub)) continue;
            const bool rival = rivals.count(clusters.find(p)) != 0;
            if (rival || people.conflict(clusters.pool(p), clusters.pool(hub), true)) {
                ++conflicts;
                links.refuse(link, rival ? Refusal::limit : Refusal::conflict);
                continue;
            }
            links.made.push_back(link);
            clusters.unite(p, hub);
        }
    }
    return conflicts;
}

}  // namespace enishi
