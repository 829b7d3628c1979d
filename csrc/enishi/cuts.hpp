// Where values hold components together too weakly, and from whom they are cut: what bridges.hpp decides, told of the
// components of a profile graph.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "bridges.hpp"
#include "clusters.hpp"
#include "people.hpp"
#include "pool.hpp"
#include "profile_graph.hpp"

namespace enishi {

class Cuts {
  public:
    // Finds them all; once everything that shares a value has joined.
    Cuts(const ProfileGraph &graph, People &people, Clusters &clusters)
        : graph_(graph), people_(people), cut_(graph.fields.size()), found_(graph.size(), 0) {
        std::vector<BridgeField> told;
        const std::vector<uint8_t> suspects = find_suspects(clusters, told);
        std::vector<uint32_t> profiles;
        WeakBridges bridges(told);
        for (const Cluster &component : clusters.marked(suspects, profiles)) {
            found_[component.root()] = find(bridges, component);
        }
        for (auto &values : cut_) {
            for (auto &[v, cut] : values) std::sort(cut.begin(), cut.end());
        }
    }

    // By root of the components as they were, whether anything is cut in them.
    const std::vector<uint8_t> &found() const { return found_; }

    // Leaves of the carriers of a value those from whom it is not cut; whether all are.
    bool leave_uncut(uint32_t f, uint32_t v, std::vector<uint32_t> &carriers) const {
        const auto cut = cut_[f].find(v);
        if (cut == cut_[f].end()) return true;
        const auto is_cut = [&](uint32_t p) { return std::binary_search(cut->second.begin(), cut->second.end(), p); };
        carriers.erase(std::remove_if(carriers.begin(), carriers.end(), is_cut), carriers.end());
        return false;
    }

  private:
    static constexpr size_t most_neighbors = 64;
    static constexpr size_t most_compared = 4096;  // pairs of what two sides say

    struct Carries {
        uint32_t field, value, profile;  // the latter's place in its component
        auto key() const { return std::tie(field, value, profile); }
        bool operator<(const Carries &o) const { return key() < o.key(); }
    };

    // By root, whether a component could have a weak bridge: it takes three records, two values of one field, and more
    // against a value than the least that speaks for one. What several values of a field cost is counted on the way.
    std::vector<uint8_t> find_suspects(Clusters &clusters, std::vector<BridgeField> &told) const {
        std::vector<uint32_t> records(graph_.size(), 0);  // by root
        for (uint32_t p = 0; p < graph_.size(); ++p) records[clusters.find(p)] += graph_.records(p);
        std::vector<std::vector<uint8_t>> held;  // by field and root: how many values, up to 255
        for (uint32_t f = 0; f < graph_.fields.size(); ++f) {
            const IdentifierField &field = graph_.fields[f];
            std::vector<uint8_t> &counts = held.emplace_back(graph_.size(), 0);
            std::array<uint64_t, 4> have{};  // customers who have so many values or more
            for (uint32_t v = 0; v < field.values->size(); ++v) {
                if (!graph_.usable(f, v) || !graph_.carriers(f, v).size()) continue;
                uint8_t &count = counts[clusters.find(graph_.first_carrier(f, v))];
                if (count < 255) ++count;
                if (count < have.size()) ++have[count];
            }
            told.push_back({to_bits(field.worth), {field.several, have[1], have[2], have[3]}, field.kin});
        }
        std::vector<uint8_t> suspects(graph_.size(), 0);
        std::vector<std::pair<uint32_t, Several>> values(graph_.fields.size());
        for (uint32_t root = 0; root < graph_.size(); ++root) {
            if (records[root] < 3) continue;
            Bits worth = std::numeric_limits<Bits>::max();
            bool several = false;
            for (uint32_t f = 0; f < graph_.fields.size(); ++f) {
                const uint8_t count = held[f][root];
                values[f] = {count == 255 ? records[root] : count, told[f].several};
                if (count) worth = std::min(worth, told[f].worth);
                several = several || count > 1;
            }
            suspects[root] = several && WeakBridges::most_against(records[root], values) > worth;
        }
        return suspects;
    }

    // Those of one component; whether there are any.
    bool find(WeakBridges &bridges, const Cluster &component) {
        std::vector<Carries> carried;
        std::vector<uint64_t> records;
        for (const uint32_t &p : component) {
            for (uint32_t f = 0; f < graph_.fields.size(); ++f) {
                graph_.each_value(p, f, [&](uint32_t v) {
                    if (graph_.usable(f, v)) carried.push_back({f, v, static_cast<uint32_t>(&p - component.from)});
                });
            }
            records.push_back(graph_.records(p));
        }
        std::sort(carried.begin(), carried.end());
        std::vector<uint8_t> field_of, kept;
        std::vector<WeakBridges::Edge> edges;
        std::vector<uint32_t> first;  // by value, its first edge
        for (size_t i = 0; i < carried.size(); ++i) {
            if (!i || carried[i].field != carried[i - 1].field || carried[i].value != carried[i - 1].value) {
                field_of.push_back(static_cast<uint8_t>(carried[i].field));
                kept.push_back(graph_.allowed(carried[i].field, carried[i].value));
                first.push_back(static_cast<uint32_t>(i));
            }
            edges.push_back({carried[i].profile, static_cast<uint32_t>(field_of.size() - 1)});
        }
        const auto agree = [&](uint32_t value, const std::vector<uint32_t> &left, const std::vector<uint32_t> &right) {
            const Carries &bridge = carried[first[value]];
            const Pool a = told_of(component, carried, left, bridge), b = told_of(component, carried, right, bridge);
            if (a.size() * b.size() > most_compared) return false;
            return people_.compare_names(a, b) == Agreement::agree && !people_.conflict(a, b, false);
        };
        const std::vector<uint32_t> &cut = bridges.find(records, field_of, kept, edges, agree);
        for (const uint32_t e : cut) {
            cut_[carried[e].field][carried[e].value].push_back(component.from[carried[e].profile]);
        }
        return !cut.empty();
    }

    // Who those are that carry a bridge, and who shares another value with them.
    Pool told_of(const Cluster &component, const std::vector<Carries> &carried, const std::vector<uint32_t> &edges,
                 const Carries &bridge) {
        Pool pool;
        for (const uint32_t e : edges) {
            const uint32_t p = component.from[carried[e].profile];
            people_.add_told(pool, p);
            for (uint32_t f = 0; f < graph_.fields.size(); ++f) {
                graph_.each_value(p, f, [&](uint32_t v) {
                    if (!graph_.usable(f, v) || (f == bridge.field && v == bridge.value)) return;
                    if (graph_.carriers(f, v).size() > most_neighbors) return;
                    for (const uint32_t q : graph_.carriers(f, v)) people_.add_told(pool, q);
                });
            }
        }
        return pool;
    }

    const ProfileGraph &graph_;
    People &people_;
    std::vector<std::unordered_map<uint32_t, std::vector<uint32_t>>> cut_;  // by field and value: from whom it is cut
    std::vector<uint8_t> found_;
};

}  // namespace enishi
