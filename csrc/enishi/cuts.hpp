// Where values hold components together too weakly, and from whom they are cut: what bridges.hpp decides, told of the
// components of a profile graph.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

#include "bridges.hpp"
#include "clusters.hpp"
#include "parts.hpp"
#include "people.hpp"
#include "pool.hpp"
#include "profile_graph.hpp"

namespace enishi {

// Finds those of one component after another.
class CutFinder {
  public:
    // From whom a value is cut.
    struct Cut {
        uint32_t field, value, profile;
    };

    CutFinder(const ProfileGraph &graph, const std::vector<BridgeField> &told)
        : graph_(graph), people_(graph), bridges_(told) {}

    // Tells the cuts of one more component.
    void find(const Component &component, std::vector<Cut> &cuts) {
        carried_.clear();
        records_.clear();
        for (const uint32_t &p : component) {
            for (uint32_t f = 0; f < graph_.fields.size(); ++f) {
                graph_.each_value(p, f, [&](uint32_t v) {
                    if (graph_.usable(f, v)) carried_.push_back({f, v, static_cast<uint32_t>(&p - component.from)});
                });
            }
            records_.push_back(graph_.records(p));
        }
        const auto before = [](const Carried &a, const Carried &b) { return a.key() < b.key(); };
        std::sort(carried_.begin(), carried_.end(), before);
        field_of_.clear();
        kept_.clear();
        edges_.clear();
        first_.clear();
        for (uint32_t i = 0; i < carried_.size(); ++i) {
            const Carried &each = carried_[i];
            if (!i || each.field != carried_[i - 1].field || each.value != carried_[i - 1].value) {
                field_of_.push_back(static_cast<uint8_t>(each.field));
                kept_.push_back(graph_.allowed(each.field, each.value));
                first_.push_back(i);
            }
            edges_.push_back({each.profile, static_cast<uint32_t>(field_of_.size() - 1)});
        }
        const auto agree = [&](uint32_t value, const std::vector<uint32_t> &left, const std::vector<uint32_t> &right) {
            const Carried &bridge = carried_[first_[value]];
            const Pool a = told_of(component, left, bridge), b = told_of(component, right, bridge);
            if (a.size() * b.size() > most_compared) return false;
            return people_.compare_names(a, b) == Agreement::agree && !people_.conflict(a, b, false);
        };
        for (const uint32_t e : bridges_.find(records_, field_of_, kept_, edges_, agree)) {
            cuts.push_back({carried_[e].field, carried_[e].value, component.from[carried_[e].profile]});
        }
    }

  private:
    static constexpr size_t most_neighbors = 64;
    static constexpr size_t most_compared = 4096;  // pairs of what two sides say

    struct Carried {
        uint32_t field, value, profile;  // the latter's place in its component
        std::pair<uint64_t, uint32_t> key() const { return {uint64_t{field} << 32 | value, profile}; }
    };

    // Who those are that carry a bridge, and who shares another value with them.
    Pool told_of(const Component &component, const std::vector<uint32_t> &edges, const Carried &bridge) {
        Pool pool;
        for (const uint32_t e : edges) {
            const uint32_t p = component.from[carried_[e].profile];
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
    People people_;
    WeakBridges bridges_;
    // Of the component that is looked at, here so that they are allotted once: what its profiles carry, value by value,
    // and what `WeakBridges` asks.
    std::vector<Carried> carried_;
    std::vector<uint64_t> records_;
    std::vector<uint8_t> field_of_, kept_;
    std::vector<WeakBridges::Edge> edges_;
    std::vector<uint32_t> first_;  // by value, its first edge
};

class Cuts {
  public:
    // Finds them all; once everything that shares a value has joined.
    Cuts(const ProfileGraph &graph, const Components &components) : graph_(graph), cut_(graph.fields.size()) {
        std::vector<BridgeField> told;
        const std::vector<uint8_t> suspects = find_suspects(components, told);
        std::vector<uint32_t> profiles;
        const std::vector<Component> suspicious = marked(components, suspects, profiles);
        graph_.learn(profiles);
        using Found = std::vector<CutFinder::Cut>;
        const auto find = [&](size_t from, size_t to) {
            CutFinder finder(graph, told);
            Found cuts;
            visit_components(graph, suspicious, from, to, [&](const Component &each) { finder.find(each, cuts); });
            return cuts;
        };
        for (const Found &cuts : made_in_pieces(graph_.threads, suspicious.size(), component_piece, find)) {
            for (const auto &[field, value, profile] : cuts) {
                cut_[field][value].push_back(profile);
                const uint32_t component = components.of[profile];
                if (found_.empty() || found_.back() != component) found_.push_back(component);
            }
        }
        for (auto &values : cut_) {
            for (auto &[v, cut] : values) std::sort(cut.begin(), cut.end());
        }
    }

    // The components in which anything is cut.
    const std::vector<uint32_t> &found() const { return found_; }

    // Leaves of the carriers of a value those from whom it is not cut; whether all are.
    bool leave_uncut(uint32_t f, uint32_t v, std::vector<uint32_t> &carriers) const {
        const auto cut = cut_[f].find(v);
        if (cut == cut_[f].end()) return true;
        const auto is_cut = [&](uint32_t p) { return std::binary_search(cut->second.begin(), cut->second.end(), p); };
        carriers.erase(std::remove_if(carriers.begin(), carriers.end(), is_cut), carriers.end());
        return false;
    }

  private:
    // What the components are made of, as far as it shows which could have a weak bridge.
    struct Shape {
        uint8_t values = 0;   // of the field, up to 255
        uint8_t carried = 0;  // by how many profiles, the value that most of them carry; up to 255
    };
    static uint8_t up_to_255(size_t n) { return static_cast<uint8_t>(std::min<size_t>(n, 255)); }

    using Shapes = std::vector<std::vector<Shape>>;  // by field and component

    // By component, whether it could have a weak bridge: that takes three records, two values of one field, and more
    // against one that two profiles carry than speaks for it. What several values of a field cost is counted on the
    // way.
    std::vector<uint8_t> find_suspects(const Components &components, std::vector<BridgeField> &told) const {
        const size_t width = graph_.fields.size();
        std::vector<uint32_t> records;
        Shapes shapes(width);
        told.resize(width);
        in_parts(graph_.threads, width + 1, [&](size_t f) {
            if (f < width) {
                shapes[f] = shapes_of(static_cast<uint32_t>(f), components, told[f]);
                return;
            }
            records.resize(components.count);
            for (uint32_t p = 0; p < graph_.size(); ++p) records[components.of[p]] += graph_.records(p);
        });
        std::vector<uint8_t> suspects(components.count, 0);
        in_pieces(graph_.threads, components.count, [&](size_t from, size_t to) {
            for (size_t c = from; c < to; ++c) {
                if (records[c] >= 3) suspects[c] = is_suspect(records[c], shapes, c, told);
            }
        });
        return suspects;
    }

    std::vector<Shape> shapes_of(uint32_t f, const Components &components, BridgeField &told) const {
        std::vector<Shape> shapes(components.count);
        std::array<uint64_t, 4> have{};  // customers who have so many values or more
        const IdentifierField &field = graph_.fields[f];
        const uint32_t values = field.values->size();
        for (uint32_t v = 0; v < values; ++v) {
            // Carriers lie anywhere: what is known of those of the values that follow is fetched meanwhile.
            if (v + 16 < values) {
                for (const uint32_t p : graph_.carriers(f, v + 16).at_most(1)) __builtin_prefetch(&components.of[p]);
            }
            if (v + 8 < values) {
                for (const uint32_t p : graph_.carriers(f, v + 8).at_most(1)) {
                    __builtin_prefetch(&shapes[components.of[p]], 1);
                }
            }
            const size_t carriers = graph_.carriers(f, v).size();
            if (!graph_.usable(f, v) || !carriers) continue;
            Shape &shape = shapes[components.of[graph_.first_carrier(f, v)]];
            if (shape.values < 255) ++shape.values;
            if (shape.values < have.size()) ++have[shape.values];
            shape.carried = std::max(shape.carried, up_to_255(carriers));
        }
        told = {to_bits(field.worth), {field.several, have[1], have[2], have[3]}, field.kin};
        return shapes;
    }

    // From above, so that nothing weak is missed.
    static bool is_suspect(uint32_t records, const Shapes &of, size_t component, const std::vector<BridgeField> &told) {
        const auto shape = [&](size_t f) -> const Shape & { return of[f][component]; };
        const auto values = [&](size_t f) -> uint32_t { return shape(f).values == 255 ? records : shape(f).values; };
        uint32_t most = 0;
        for (size_t f = 0; f < told.size(); ++f) most = std::max(most, values(f));
        if (most < 2) return false;
        for (size_t f = 0; f < told.size(); ++f) {
            if (shape(f).carried < 2) continue;
            // A branch holds a value of its own of a field that its home knows too, and carries the bridge.
            const uint32_t branches = shape(f).carried == 255 ? most : std::min<uint32_t>(most, shape(f).carried);
            Bits against = WeakBridges::most_seldom(records, branches);
            for (size_t g = 0; g < told.size(); ++g) against += told[g].several.of(std::min(branches, values(g)));
            if (against > told[f].worth) return true;
        }
        return false;
    }

    const ProfileGraph &graph_;
    std::vector<std::unordered_map<uint32_t, std::vector<uint32_t>>> cut_;  // by field and value: from whom it is cut
    std::vector<uint32_t> found_;
};

}  // namespace enishi
