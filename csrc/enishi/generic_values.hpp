// Values that too many people carry: a kiosk's device, the till's default card, noreply@.
//
// A value is *crowded* when more profiles carry it than its field allows people. It is generic when the profiles fall
// into more than that many groups once its field is ignored and those who give one name are one. Where a value joins
// too few to be judged nothing has to be asked, so all of these join first; a crowded value can then only join the
// components that they make, and is judged among the profiles of the components that one touches.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <tuple>
#include <unordered_set>
#include <vector>

#include "clusters.hpp"
#include "parts.hpp"
#include "people.hpp"
#include "profile_graph.hpp"
#include "union_find.hpp"

namespace enishi {

struct GenericValue {
    uint32_t field;
    uint32_t value;
    uint32_t groups;  // 0: listed by the kernel or the user; 1: nothing but its many records tells
};

class CrowdedValues {
  public:
    CrowdedValues(const ProfileGraph &graph, People &people, Clusters &clusters)
        : graph_(graph), people_(people), clusters_(clusters), crowded_(graph.fields.size()),
          suspects_(graph.fields.size()), grouping_(graph.fields.size(), 0) {}

    // Finds the crowded values, and joins everybody who carries one of the others.
    void join_others() {
        for (uint32_t f = 0; f < graph_.fields.size(); ++f) {
            const uint32_t values = graph_.fields[f].values->size();
            std::mutex telling;
            in_pieces(graph_.threads, values, [&](size_t from, size_t to) {
                std::vector<uint32_t> crowded;
                bool grouping = false;
                for (auto v = static_cast<uint32_t>(from); v < to; ++v) {
                    // Carriers lie anywhere: theirs of the values that follow are fetched while these are joined.
                    if (v + 8 < values) {
                        for (const uint32_t p : graph_.carriers(f, v + 8).at_most(4)) clusters_.prefetch(p);
                    }
                    if (!graph_.may_link(f, v)) continue;
                    if (is_crowded(f, v)) {
                        crowded.push_back(v);
                    } else if (graph_.usable(f, v)) {
                        clusters_.join(graph_.carriers(f, v));
                        grouping = grouping || graph_.carriers(f, v).size() > 1;
                    }
                }
                const std::lock_guard<std::mutex> lock(telling);
                crowded_[f].insert(crowded_[f].end(), crowded.begin(), crowded.end());
                grouping_[f] |= grouping;
            });
            std::sort(crowded_[f].begin(), crowded_[f].end());
        }
    }

    // Joins everybody who carries one of the crowded values that are not generic.
    void join() {
        for (uint32_t f = 0; f < graph_.fields.size(); ++f) {
            for (const uint32_t v : crowded_[f]) {
                if (graph_.usable(f, v)) clusters_.join(graph_.carriers(f, v));
            }
        }
    }

    // Marks those that are generic, once the others have joined; again where one of them grouped people, for that may
    // have hidden another.
    std::vector<GenericValue> find_generic() {
        std::vector<GenericValue> found;
        if (std::all_of(crowded_.begin(), crowded_.end(), [](const auto &values) { return values.empty(); })) {
            return found;
        }
        gather_touched();
        graph_.learn(touched_);
        find_suspects();
        for (bool again = true; again;) {
            std::vector<GenericValue> round;
            for (uint32_t f = 0; f < graph_.fields.size(); ++f) judge(f, round);
            again = false;
            for (const GenericValue &value : round) {
                const bool suspect = suspects_[value.field].count(value.value);
                again = again || (graph_.usable(value.field, value.value) && !suspect);
                graph_.fields[value.field].values->status()[value.value] = static_cast<uint8_t>(Status::generic);
                found.push_back(value);
            }
        }
        return found;
    }

  private:
    static constexpr size_t most_spellings = 256;

    bool is_crowded(uint32_t f, uint32_t v) const {
        return graph_.carriers(f, v).size() > graph_.fields[f].generic_limit;
    }

    // Those of the components that a crowded value touches.
    void gather_touched() {
        std::vector<uint8_t> reached(graph_.size(), 0);
        place_.assign(graph_.size(), none);
        for (uint32_t f = 0; f < graph_.fields.size(); ++f) {
            for (const uint32_t v : crowded_[f]) {
                for (const uint32_t p : graph_.carriers(f, v)) {
                    if (place_[p] != none) continue;  // it carries another one too
                    place_[p] = 0;
                    reached[clusters_.find(p)] = 1;
                }
            }
        }
        uint32_t touched = 0;
        for (uint32_t p = 0; p < graph_.size(); ++p) place_[p] = reached[clusters_.find(p)] ? touched++ : none;
        touched_.resize(touched);
        for (uint32_t p = 0; p < graph_.size(); ++p) {
            if (place_[p] != none) touched_[place_[p]] = p;
        }
        counted_.assign(touched, 0);
    }

    // Values that were put on the same many records together would hide each other: ignoring one, the other still
    // holds its carriers in one group. So a crowded value whose carriers also differ widely in two other fields, or
    // ten times as widely in one, does not group anybody while the others are judged; nor does one whose carriers each
    // have values of their own in several fields, half as wide all together but for one field. (A good customer's
    // email and card stand on many records too, with one field that varies: the cookies of a browser that drops them.)
    void find_suspects() {
        for (uint32_t f = 0; f < graph_.fields.size(); ++f) {
            for (const uint32_t v : crowded_[f]) {
                if (!graph_.allowed(f, v) && is_suspect(f, v)) suspects_[f].insert(v);
            }
        }
    }

    bool is_suspect(uint32_t f, uint32_t value) const {
        // Who carries the value may be a million, but mostly a few of them differ widely: then all do.
        const auto carriers = graph_.carriers(f, value);
        return differ(f, carriers.at_most(8 * widely(f))).by_values() || differ(f, carriers).at_all();
    }

    size_t widely(uint32_t f) const { return 10 * (size_t{graph_.fields[f].generic_limit} + 1); }

    // How far carriers of a value differ in what else they carry.
    struct Variety {
        size_t varied = 0;             // fields that differ, and once more those that differ widely
        size_t own = 0, most_own = 0;  // values that are nobody else's, where most are, and those of one field
        size_t limit = 0;

        bool by_values() const { return varied >= 2; }
        bool at_all() const { return by_values() || own - most_own > limit / 2; }
    };

    Variety differ(uint32_t f, ValueTable::Carriers carriers) const {
        Variety found;
        found.limit = graph_.fields[f].generic_limit;
        std::unordered_set<uint32_t> seen;
        const auto vary = [&](auto each_of) {
            size_t filled = 0, few = 0;  // with values that are not crowded themselves, and how many of these there are
            uint32_t last = none;        // which the next carrier mostly shares, if it is crowded too
            seen.clear();
            for (const uint32_t p : carriers) {
                each_of(p, [&](uint32_t v, bool crowded) {
                    filled += !crowded;
                    if (v == last) return;
                    last = v;
                    few += seen.insert(v).second && !crowded;
                });
                if (seen.size() >= widely(f)) break;
            }
            found.varied += (seen.size() > found.limit) + (seen.size() >= widely(f));
            return few * 2 > filled ? few : 0;
        };
        const auto count = [&](size_t values) {
            found.own += values;
            found.most_own = std::max(found.most_own, values);
        };
        for (uint32_t g = 0; g < graph_.fields.size() && !found.by_values(); ++g) {
            if (graph_.kin(f, g)) continue;
            count(vary([&](uint32_t p, auto visit) {
                graph_.each_value(p, g, [&](uint32_t v) { visit(v, is_crowded(g, v)); });
            }));
        }
        size_t names = 0;
        for (size_t s = 0; s < script_count && !found.by_values(); ++s) {
            const uint32_t column = graph_.attributes.name[s];
            if (column == none) continue;
            names = std::max(names, vary([&](uint32_t p, auto visit) {
                if (graph_.code(p, column) != none) visit(graph_.code(p, column), false);
            }));
        }
        count(names);
        return found;
    }

    // By touched profile, the group that it is in once a field and its kin are ignored.
    UnionFind groups_without(uint32_t f) {
        bool ready = true;  // where nothing that is ignored groups anybody, the others have made the groups already
        for (uint32_t g = 0; g < graph_.fields.size(); ++g) ready = ready && !(graph_.kin(f, g) && grouping_[g]);
        UnionFind groups = ready ? joined() : UnionFind(touched_.size());
        for (uint32_t g = 0; g < graph_.fields.size() && !ready; ++g) {
            if (grouping_[g] && !graph_.kin(f, g)) group_by(g, groups);
        }
        for (uint32_t g = 0; g < graph_.fields.size(); ++g) {
            for (const uint32_t v : crowded_[g]) {
                if (graph_.kin(f, g) || !graph_.usable(g, v) || suspects_[g].count(v)) continue;
                const uint32_t first = place_[graph_.first_carrier(g, v)];
                for (const uint32_t p : graph_.carriers(g, v)) groups.unite(first, place_[p]);
            }
        }
        for (const auto *pairs : {&clusters_.limits().must(), &clusters_.limits().twins()}) {
            for (const auto &[p, q] : *pairs) {
                if (place_[p] != none && place_[q] != none) groups.unite(place_[p], place_[q]);
            }
        }
        return groups;
    }

    // Joins the touched profiles that share one of a field's values that are not crowded. All who carry it are touched, or
    // none.
    void group_by(uint32_t g, UnionFind &groups) const {
        const uint32_t values = graph_.fields[g].values->size();
        in_pieces(graph_.threads, values, [&](size_t from, size_t to) {
            for (auto v = static_cast<uint32_t>(from); v < to; ++v) {
                // Carriers lie anywhere, and their groups too: both are fetched beforehand.
                if (v + 16 < values) {
                    for (const uint32_t p : graph_.carriers(g, v + 16).at_most(4)) __builtin_prefetch(&place_[p]);
                }
                if (v + 8 < values) {
                    for (const uint32_t p : graph_.carriers(g, v + 8).at_most(4)) {
                        if (place_[p] != none) groups.prefetch(place_[p]);
                    }
                }
                const auto carriers = graph_.carriers(g, v);
                if (carriers.size() < 2 || !graph_.usable(g, v) || is_crowded(g, v)) continue;
                const uint32_t first = place_[*carriers.begin()];
                if (first == none) continue;
                for (const uint32_t p : carriers) groups.unite(first, place_[p]);
            }
        });
    }

    // By touched profile, the group that all values that are not crowded have made.
    const UnionFind &joined() {
        if (joined_.size() == touched_.size()) return joined_;
        joined_ = UnionFind(touched_.size());
        for (uint32_t i = 0; i < touched_.size(); ++i) joined_.unite(place_[clusters_.find(touched_[i])], i);
        return joined_;
    }

    // Finds the generic ones among the crowded values of a field.
    void judge(uint32_t f, std::vector<GenericValue> &found) {
        const auto open = [&](uint32_t v) { return graph_.may_link(f, v) && !graph_.allowed(f, v); };
        if (std::none_of(crowded_[f].begin(), crowded_[f].end(), open)) return;
        UnionFind groups = groups_without(f);
        const std::vector<uint8_t> own = graph_.own_columns(f);
        const bool named = graph_.any_names();
        for (const uint32_t v : crowded_[f]) {
            if (!open(v)) continue;
            ++asked_;
            size_t count = 0;
            std::vector<uint32_t> roots;  // only names are asked for these, and there may be millions
            bool bare = false;  // those who hold nothing else are one group
            for (const uint32_t p : graph_.carriers(f, v)) {
                if (!graph_.holds_more(p, own)) {
                    bare = true;
                } else if (const uint32_t root = groups.find(place_[p]); counted_[root] != asked_) {
                    counted_[root] = asked_;
                    ++count;
                    if (named) roots.push_back(root);
                }
            }
            if (count + bare <= graph_.fields[f].generic_limit) continue;
            const size_t people = bare + (named ? people_among(graph_.carriers(f, v), roots, own, groups) : count);
            if (people > graph_.fields[f].generic_limit) found.push_back({f, v, static_cast<uint32_t>(people)});
        }
    }

    // How many people some groups of a value's carriers are, by their own account: those whose records give one name
    // and no two birth dates are one, and so are spellings of it, unless there are too many for one person's.
    size_t people_among(ValueTable::Carriers carriers, std::vector<uint32_t> &roots, const std::vector<uint8_t> &own,
                        UnionFind &groups) {
        struct Told {
            size_t script;
            uint32_t name, birth, group;
            auto key() const { return std::tie(script, name, birth, group); }
            bool operator<(const Told &o) const { return key() < o.key(); }
        };
        const AttributeColumns &columns = graph_.attributes;
        distinct(roots);
        std::vector<Told> told;
        for (const uint32_t p : carriers) {
            if (!graph_.holds_more(p, own)) continue;
            const auto at = std::lower_bound(roots.begin(), roots.end(), groups.find(place_[p]));
            const uint32_t birth = columns.birth_date == none ? none : graph_.code(p, columns.birth_date);
            for (size_t s = 0; s < script_count; ++s) {
                if (columns.name[s] == none || graph_.code(p, columns.name[s]) == none) continue;
                told.push_back({s, graph_.code(p, columns.name[s]), birth, static_cast<uint32_t>(at - roots.begin())});
            }
        }
        std::sort(told.begin(), told.end());
        UnionFind people(roots.size());
        std::vector<Told> names;  // of one person
        for (size_t i = 0, j; i < told.size(); i = j) {
            for (j = i; j < told.size() && told[j].script == told[i].script && told[j].name == told[i].name;) ++j;
            // A missing date is the largest number, and stands last.
            size_t dated = j;
            while (dated != i && told[dated - 1].birth == none) --dated;
            const bool one = dated == i || told[dated - 1].birth == told[i].birth;
            for (size_t k = i + 1; k < j; ++k) {
                if (one || told[k].birth == told[k - 1].birth) people.unite(told[k].group, told[k - 1].group);
            }
            if (one) names.push_back(told[i]);
        }
        for (size_t i = 0; i < names.size() && names.size() <= most_spellings; ++i) {
            for (size_t j = 0; j < i; ++j) {
                const Told &a = names[i], &b = names[j];
                if (a.script != b.script || people.find(a.group) == people.find(b.group)) continue;
                if (a.birth != none && b.birth != none && !near_dates(a.birth, b.birth)) continue;
                const ValueTable &texts = *columns.name_texts[a.script];
                if (people_.jaro_winkler(texts.text(a.name), texts.text(b.name)) < 0.92) continue;
                people.unite(a.group, b.group);
            }
        }
        std::vector<uint32_t> persons;
        for (uint32_t g = 0; g < roots.size(); ++g) persons.push_back(people.find(g));
        return distinct(persons);
    }

    const ProfileGraph &graph_;
    People &people_;
    Clusters &clusters_;
    std::vector<std::vector<uint32_t>> crowded_;  // by field
    std::vector<std::unordered_set<uint32_t>> suspects_;
    std::vector<uint8_t> grouping_;  // by field, whether any of the others joins several profiles
    std::vector<uint32_t> touched_;  // profiles
    std::vector<uint32_t> place_;    // of each profile among them
    UnionFind joined_{0};
    std::vector<uint32_t> counted_;  // by group of these, the last value for which it was
    uint32_t asked_ = 0;             // values
};

}  // namespace enishi
