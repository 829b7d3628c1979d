// What a customer may not be.
//
//   unique sources   no two records of a source that is declared free of duplicates
//   cannot-links     no two records that somebody told apart
//   limits           no more than so many values of a field, ever or within a window of time
//
// They hold over the whole cluster, whatever the path that joined it. All are monotone: a cluster that breaks none has
// no part that does. What a cluster holds of them stands in its pool (the unique sources of its records, the profiles
// that they may not be with, the limited values), so a union is judged by the pools of those that it would join.
//
// Which of several clusters gives way is not for an order to decide: `breaches` finds all that a breach concerns, and
// the caller joins the others.
#pragma once

#include <algorithm>
#include <cstdint>
#include <unordered_set>
#include <utility>
#include <vector>

#include "pool.hpp"
#include "union_find.hpp"
#include "value_table.hpp"

namespace enishi {

struct FieldLimit {
    static constexpr int64_t ever = -1;

    uint32_t field = 0;
    uint32_t most = 0;              // distinct values of one customer
    int64_t window = ever;          // seen within so much time of each other, in the unit of the values' times
    const ValueTable *values = nullptr;

    // Whether so many of some distinct values were seen within one window that the limit is broken. A value that has no
    // time may have been seen at any.
    bool broken_by(const std::vector<uint32_t> &distinct) const {
        if (distinct.size() <= most || window == ever) return distinct.size() > most;
        // A window that starts at t meets what was seen last at t or later, and first at t + window or before.
        std::vector<std::pair<int64_t, int>> turns;
        size_t open = 0;
        for (const uint32_t v : distinct) {
            if (v >= values->last_seen().size() || values->last_seen()[v] == ValueTable::never) {
                ++open;
                continue;
            }
            const int64_t first = values->first_seen()[v], low = ValueTable::never + window;
            turns.emplace_back(first < low ? ValueTable::never : first - window, 0);
            turns.emplace_back(values->last_seen()[v], 1);
        }
        std::sort(turns.begin(), turns.end());  // what begins comes before what ends at the same time
        size_t most_open = open;
        for (const auto &[time, ends] : turns) {
            ends ? --open : ++open;
            most_open = std::max(most_open, open);
        }
        return most_open > most;
    }
};

class Limits {
  public:
    using Pair = std::pair<uint32_t, uint32_t>;
    struct Breach {
        uint32_t limit;    // 0: cannot-links; 1 + source; 1 + sources + field limit
        uint32_t cluster;  // one that the breach concerns
    };

    Limits() = default;
    // unique: by source, whether it is. must, cannot: pairs of profiles, each of one record. twins: pairs of profiles
    // that are two only because one has a record that is named.
    Limits(std::vector<uint8_t> unique, std::vector<FieldLimit> fields, std::vector<Pair> must,
           std::vector<Pair> cannot, std::vector<Pair> twins)
        : unique_(std::move(unique)), fields_(std::move(fields)), must_(std::move(must)), twins_(std::move(twins)) {
        for (const auto &[p, q] : cannot) {
            apart_.emplace_back(p, q);
            apart_.emplace_back(q, p);
        }
        sort_distinct(apart_);
        std::vector<uint32_t> named;
        for (const auto &[p, q] : must_) named.insert(named.end(), {p, q});
        std::sort(named.begin(), named.end());
        named.erase(std::unique(named.begin(), named.end()), named.end());
        const auto place = [&](uint32_t p) {
            return static_cast<uint32_t>(std::lower_bound(named.begin(), named.end(), p) - named.begin());
        };
        UnionFind sets(named.size());
        for (const auto &[p, q] : must_) sets.unite(place(p), place(q));
        for (uint32_t i = 0; i < named.size(); ++i) held_.emplace_back(named[i], named[sets.find(i)]);
        any_ = !fields_.empty() || !apart_.empty() || std::find(unique_.begin(), unique_.end(), 1) != unique_.end();
    }

    // Whether anything can be broken.
    bool any() const { return any_; }
    bool unique(uint32_t source) const { return unique_[source] != 0; }
    const std::vector<uint8_t> &sources() const { return unique_; }
    const std::vector<FieldLimit> &fields() const { return fields_; }
    const std::vector<Pair> &must() const { return must_; }
    const std::vector<Pair> &twins() const { return twins_; }
    const std::vector<Pair> &apart() const { return apart_; }  // both ways, sorted
    // Each profile that a must-link names, and one of those that it is held together with; sorted.
    const std::vector<Pair> &held() const { return held_; }
    bool holds(uint32_t p) const {
        const auto at = std::lower_bound(held_.begin(), held_.end(), Pair{p, 0});
        return at != held_.end() && at->first == p;
    }

    // A profile whose records may not be one customer, though they are equal: it joins nobody.
    void set_alone(std::vector<uint8_t> alone) { alone_ = std::move(alone); }
    bool alone(uint32_t p) const { return !alone_.empty() && alone_[p]; }

    // What the limits ask of profile p beside its values.
    void add(uint32_t p, uint32_t source, Pool &pool) const {
        if (unique(source)) pool.add(Pool::source, source);
        for (auto at = std::lower_bound(apart_.begin(), apart_.end(), Pair{p, 0}); at != apart_.end() && at->first == p;
             ++at) {
            pool.add(Pool::apart, at->second);
        }
    }

    // What forbids that some clusters (their roots, ascending) become one: for each limit that it would break, all of
    // them that have a part in it. Empty: nothing does.
    template <class PoolOf>
    std::vector<Breach> breaches(const std::vector<uint32_t> &roots, UnionFind &sets, PoolOf pool_of) const {
        std::vector<Breach> found;
        std::vector<Pair> held;  // code, cluster
        const auto gather = [&](uint32_t kind) {
            held.clear();
            for (const uint32_t root : roots) {
                for (const uint64_t entry : pool_of(root).of(kind)) held.emplace_back(Pool::code(entry), root);
            }
            std::sort(held.begin(), held.end());
        };
        gather(Pool::source);
        for (size_t i = 0, j; i < held.size(); i = j) {
            for (j = i + 1; j < held.size() && held[j].first == held[i].first;) ++j;
            for (size_t k = i; k < j; ++k) {
                if (j - i > 1 || alone(held[k].second)) found.push_back({1 + held[k].first, held[k].second});
            }
        }
        for (const uint32_t root : roots) {
            const Pool::Codes others = pool_of(root).of(Pool::apart);
            if (std::any_of(others.begin(), others.end(), [&](uint64_t entry) {
                    return std::binary_search(roots.begin(), roots.end(), sets.find(Pool::code(entry)));
                })) {
                found.push_back({0, root});
            }
        }
        std::vector<uint32_t> distinct;
        for (uint32_t k = 0; k < fields_.size(); ++k) {
            gather(Pool::limited + k);
            distinct.clear();
            for (const auto &[value, root] : held) {
                if (distinct.empty() || distinct.back() != value) distinct.push_back(value);
            }
            if (!fields_[k].broken_by(distinct)) continue;
            for (const auto &[value, root] : held) {
                found.push_back({static_cast<uint32_t>(1 + unique_.size() + k), root});
            }
        }
        return found;
    }

    // How many there are: cannot-links, sources, fields.
    size_t size() const { return 1 + unique_.size() + fields_.size(); }

  private:
    static void sort_distinct(std::vector<Pair> &pairs) {
        std::sort(pairs.begin(), pairs.end());
        pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
    }

    bool any_ = false;
    std::vector<uint8_t> unique_, alone_;
    std::vector<FieldLimit> fields_;
    std::vector<Pair> must_, twins_, apart_, held_;
};

// The joins that one limit forbade.
struct Refused {
    uint64_t joins = 0;
    std::unordered_set<uint32_t> clusters;  // a profile of each that had a part

    void add(const Refused &others) {
        joins += others.joins;
        clusters.insert(others.clusters.begin(), others.clusters.end());
    }
};

// Remembers, by limit, a join that some breaches forbade.
inline void refuse(const std::vector<Limits::Breach> &breaches, std::vector<Refused> &refused) {
    std::vector<uint8_t> counted(refused.size(), 0);
    for (const Limits::Breach &breach : breaches) {
        if (!counted[breach.limit]++) ++refused[breach.limit].joins;
        refused[breach.limit].clusters.insert(breach.cluster);
    }
}

}  // namespace enishi
