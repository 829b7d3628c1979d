// Links by near values: two spellings of one identifier, where something else speaks for it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "clusters.hpp"
#include "links.hpp"
#include "near.hpp"
#include "people.hpp"
#include "profile_graph.hpp"

namespace enishi {

struct NearCounts {
    uint64_t candidates = 0, already = 0, contested = 0, conflict = 0, unsupported = 0, ambiguous = 0, linked = 0;
    uint64_t unlisted = 0;  // of the unsupported
};

// So many unsupported pairs of a field are refused one by one, or more as long as one in so many candidates turns out to
// be one customer's: numbers that lie dense have neighbors by chance, more of them the more there are, and a list of those
// tells nobody anything.
inline constexpr uint64_t most_listed = 100'000, least_of_one = 20;

namespace detail {

// Where some values stand in the order of the smallest records that carry them; within one record by column.
inline std::unordered_map<uint32_t, size_t> places(const ProfileGraph &graph, uint32_t f,
                                                   std::vector<uint32_t> values) {
    distinct(values);
    const auto &columns = graph.fields[f].columns;
    struct Carried {
        uint32_t value, smallest, column;
    };
    std::vector<Carried> carried;
    for (const uint32_t v : values) {
        carried.push_back({v, graph.smallest_carrier(f, v), 0});
        if (columns.size() == 1) continue;
        while (graph.code(carried.back().smallest, columns[carried.back().column]) != v) ++carried.back().column;
    }
    std::sort(carried.begin(), carried.end(), [&](const Carried &a, const Carried &b) {
        return a.smallest != b.smallest ? graph.order.less(a.smallest, b.smallest) : a.column < b.column;
    });
    std::unordered_map<uint32_t, size_t> places;
    for (size_t i = 0; i < carried.size(); ++i) places.emplace(carried[i].value, i);
    return places;
}

// Links the carriers of one value to the cluster of another. Carriers of an incomplete value are not one cluster yet:
// where two that would be linked differ from each other, nobody knows whose number it was, and none is.
inline void join_near(const ProfileGraph &graph, People &people, Clusters &clusters, Link link,
                      std::vector<uint32_t> carriers, bool corrected, Links &links, NearCounts &counts) {
    std::sort(carriers.begin(), carriers.end(), [&](uint32_t a, uint32_t b) { return graph.order.less(a, b); });
    const uint32_t target = link.right_profile;
    std::vector<Link> wanted;
    for (const uint32_t p : carriers) {
        if (clusters.same(p, target)) {
            ++counts.already;
            clusters.bind(p);
            clusters.bind(target);
            continue;
        }
        link.left_profile = p;
        const bool conflicting = people.differ(clusters.pool(p), clusters.pool(target));
        if (conflicting || (clusters.limits().any() && clusters.forbidden({p, target}))) {
            ++counts.conflict;
            links.refuse(link, conflicting ? Refusal::conflict : Refusal::limit);
        } else {
            if (corrected) link.support = support_of(clusters.pool(p), clusters.pool(target));
            wanted.push_back(link);
        }
    }
    bool torn = wanted.size() > Clusters::most_compared, broken = false;
    for (size_t i = 0; i < wanted.size() && !torn; ++i) {
        for (size_t j = 0; j < i && !torn; ++j) {
            torn = people.differ(clusters.pool(wanted[i].left_profile), clusters.pool(wanted[j].left_profile));
        }
    }
    if (clusters.limits().any() && wanted.size() > 1) {
        std::vector<uint32_t> together{target};
        for (const Link &each : wanted) together.push_back(each.left_profile);
        broken = clusters.forbidden(together);
    }
    if (torn || broken) {
        counts.conflict += wanted.size();
        for (const Link &each : wanted) links.refuse(each, torn ? Refusal::conflict : Refusal::limit);
        return;
    }
    for (const Link &each : wanted) {
        clusters.hold(each.left_profile);
        clusters.hold(target);
        if (clusters.same(each.left_profile, target)) {
            ++counts.already;
            continue;
        }
        clusters.unite(each.left_profile, target);
        links.made.push_back(each);
        ++counts.linked;
    }
}

}  // namespace detail

// Near values of one field. Pairs hold value numbers; a pair of an incomplete and an accepted value is a correction
// and needs no support; others link only where name, birth date or postcode of the two clusters agree. Clusters where
// name or birth date conflict are never linked. contested: by value, whether not all who carry it were joined.
inline NearCounts join_near_values(const ProfileGraph &graph, People &people, Clusters &clusters, uint32_t f,
                                   const std::vector<uint8_t> &contested, const NearPair *pairs, size_t pair_count,
                                   Links &links) {
    clusters.gather_members();
    NearCounts counts;
    const auto link_of = [&](const NearPair &pair, uint32_t v, uint32_t w) {
        Link link;
        link.field = f;
        link.left_value = v;
        link.right_value = w;
        link.left_profile = graph.first_carrier(f, v);
        link.right_profile = graph.first_carrier(f, w);
        link.distance = pair.distance;
        return link;
    };
    struct Candidate {
        uint32_t from, to;  // the value to be corrected, and by what; `none`: by a value that links nobody
        Link link;
        uint32_t goodness() const {  // larger is better
            const uint32_t supports = (link.support & 1) + (link.support >> 1 & 1) + (link.support >> 2 & 1);
            return (8 - std::min(link.distance, 7u)) * 8 + supports;
        }
    };
    std::vector<Candidate> candidates;
    std::vector<uint32_t> unsupported;  // their places among the pairs, as far as these are needed
    for (size_t i = 0; i < pair_count; ++i) {
        const NearPair &pair = pairs[i];
        // What a pair asks for lies far apart: the waits are shared.
        const auto soon = [&](size_t steps, auto fetch) {
            constexpr size_t ahead = 4;
            if (i + steps * ahead >= pair_count) return;
            fetch(pairs[i + steps * ahead].left);
            fetch(pairs[i + steps * ahead].right);
        };
        const auto fetch_births = [&](Clusters::Fetch step) {
            return [&, step](uint32_t v) { clusters.prefetch_births(graph.first_carrier(f, v), step); };
        };
        soon(6, [&](uint32_t v) { graph.prefetch_value(f, v); });
        soon(5, [&](uint32_t v) { graph.prefetch_carriers(f, v); });
        soon(4, [&](uint32_t v) { clusters.prefetch(graph.first_carrier(f, v)); });
        soon(3, fetch_births(Clusters::Fetch::place));
        soon(2, fetch_births(Clusters::Fetch::members));
        soon(1, fetch_births(Clusters::Fetch::births));
        ++counts.candidates;
        uint32_t v = pair.left, w = pair.right;
        if (graph.has_status(f, w, Status::incomplete)) std::swap(v, w);
        const bool correction = graph.has_status(f, v, Status::incomplete);
        Link link = link_of(pair, v, w);
        if (!graph.usable(f, w) || contested[w] || !(correction || graph.usable(f, v)) || contested[v]) {
            ++counts.contested;
            links.refuse(link, Refusal::contested);
            // A generic card may well be the one that was meant: no other correction is certain then.
            if (correction) candidates.push_back({v, none, link});
            continue;
        }
        if (correction) {
            candidates.push_back({v, w, link});
            continue;
        }
        if (clusters.same(link.left_profile, link.right_profile)) {
            ++counts.already;
            continue;
        }
        const uint32_t p = link.left_profile, q = link.right_profile;
        if (clusters.births_disagree(p, q) || people.differ(clusters.pool(p), clusters.pool(q))) {
            ++counts.conflict;
            links.refuse(link, Refusal::conflict);
            continue;
        }
        link.support = support_of(clusters.pool(p), clusters.pool(q));
        if (!link.support) {
            ++counts.unsupported;
            unsupported.push_back(static_cast<uint32_t>(i));
            continue;
        }
        candidates.push_back({v, w, link});
        candidates.push_back({w, v, link});
    }
    if (counts.unsupported > most_listed && counts.already * least_of_one < counts.candidates) {
        counts.unlisted = counts.unsupported;
    } else {
        for (const uint32_t i : unsupported) {
            links.refuse(link_of(pairs[i], pairs[i].left, pairs[i].right), Refusal::unsupported);
        }
    }
    // A value with two equally good corrections in different clusters is left alone.
    std::unordered_map<uint32_t, std::pair<uint32_t, uint32_t>> best;  // value -> goodness, root of the best
    std::unordered_set<uint32_t> ambiguous;
    for (const Candidate &c : candidates) {
        const uint32_t root = c.to == none ? none : clusters.find(graph.first_carrier(f, c.to));
        const auto [at, fresh] = best.try_emplace(c.from, c.goodness(), root);
        if (fresh) continue;
        if (c.goodness() > at->second.first) {
            at->second = {c.goodness(), root};
            ambiguous.erase(c.from);
        } else if (c.goodness() == at->second.first && root != at->second.second) {
            ambiguous.insert(c.from);
        }
    }
    counts.ambiguous = ambiguous.size();
    const auto chosen = [&](const Candidate &c, uint32_t value) {
        return !ambiguous.count(value) && c.goodness() == best[value].first;
    };
    candidates.erase(std::remove_if(candidates.begin(), candidates.end(),
                                    [&](const Candidate &c) {
                                        if (c.to == none) return true;
                                        const bool both = graph.usable(f, c.from);  // a pair that stands there twice
                                        if (both && c.from > c.to) return true;
                                        if (chosen(c, c.from) && (!both || chosen(c, c.to))) return false;
                                        links.refuse(c.link, Refusal::ambiguous);
                                        return true;
                                    }),
                     candidates.end());
    std::vector<uint32_t> wanted;
    for (const Candidate &c : candidates) wanted.insert(wanted.end(), {c.from, c.to});
    const std::unordered_map<uint32_t, size_t> place = detail::places(graph, f, std::move(wanted));
    std::sort(candidates.begin(), candidates.end(), [&](const Candidate &a, const Candidate &b) {
        if (a.goodness() != b.goodness()) return a.goodness() > b.goodness();
        const auto ends = [&](const Candidate &c) {
            return std::minmax({place.at(c.from), place.at(c.to)});
        };
        return ends(a) < ends(b);
    });
    for (const Candidate &c : candidates) {
        std::vector<uint32_t> left{c.link.left_profile};
        if (!graph.usable(f, c.from)) {
            left.assign(graph.carriers(f, c.from).begin(), graph.carriers(f, c.from).end());
        }
        detail::join_near(graph, people, clusters, c.link, left, !graph.usable(f, c.from), links, counts);
    }
    return counts;
}

}  // namespace enishi
