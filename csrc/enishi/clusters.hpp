// Clusters of profiles as they grow: disjoint sets, what each of them says (its pool), and the limits under which they
// join.
//
// Plain joins (`join`) know sets alone. Wherever somebody has to be asked first, clusters join by `unite`, which keeps
// the pools; these are made when they are first asked for, since most clusters are never doubted.
//
// Several may join at once, each with clusters of its own over the same sets, as long as they join different
// components.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_set>
#include <utility>
#include <vector>

#include "limits.hpp"
#include "people.hpp"
#include "pool.hpp"
#include "profile_graph.hpp"
#include "union_find.hpp"

namespace enishi {

// The profiles of one component, ascending.
struct Component {
    uint32_t number;
    const uint32_t *from, *to;
    const uint32_t *begin() const { return from; }
    const uint32_t *end() const { return to; }
    size_t size() const { return static_cast<size_t>(to - from); }
};

// The clusters as they stand at one time, numbered from 0 in the order of their smallest profiles: few and dense, so
// that what is asked of each fits in the cache better than by profile.
struct Components {
    std::vector<uint32_t> of;  // by profile
    uint32_t count = 0;
};

// Those that are marked, in the order of their numbers. `profiles` comes to hold theirs.
inline std::vector<Component> marked(const Components &components, const std::vector<uint8_t> &marks,
                                     std::vector<uint32_t> &profiles) {
    std::vector<Component> found;
    std::vector<uint32_t> place(components.count, none);  // by component, among those that are marked
    for (uint32_t c = 0; c < components.count; ++c) {
        if (!marks[c]) continue;
        place[c] = static_cast<uint32_t>(found.size());
        found.push_back({c, nullptr, nullptr});
    }
    std::vector<size_t> ends(found.size() + 1, 0);
    if (found.empty()) return found;
    for (const uint32_t c : components.of) {
        if (marks[c]) ++ends[place[c] + 1];
    }
    for (size_t i = 1; i < ends.size(); ++i) ends[i] += ends[i - 1];
    profiles.resize(ends.back());
    for (size_t i = 0; i < found.size(); ++i) {
        found[i].from = profiles.data() + ends[i];
        found[i].to = profiles.data() + ends[i + 1];
    }
    for (uint32_t p = 0; p < components.of.size(); ++p) {
        const uint32_t c = components.of[p];
        if (marks[c]) profiles[ends[place[c]]++] = p;
    }
    return found;
}

// Visits some of them, one after the other; what is known of their profiles is fetched a little before their turn.
template <class Visit>
void visit_components(const ProfileGraph &graph, const std::vector<Component> &components, size_t from, size_t to,
                      Visit visit) {
    constexpr ptrdiff_t ahead = 24;  // profiles
    if (from == to) return;
    const uint32_t *next = components[from].from, *const last = components[to - 1].to;
    for (size_t i = from; i < to; ++i) {
        for (; next != last && next - components[i].to < ahead; ++next) graph.prefetch(*next);
        visit(components[i]);
    }
}

// So many components are worth a thread's while.
inline constexpr size_t component_piece = size_t{1} << 7;

// What all see who join: the sets of profiles, and by profile what comes of it.
struct Sets {
    explicit Sets(size_t profiles) : of(profiles), bound(profiles, 0) {}

    UnionFind of;
    std::vector<uint8_t> bound;     // whether its records belong together at all: something holds them
    std::vector<uint32_t> pool_at;  // by root; `none` where its pool was not asked for
    Limits limits;
};

class Clusters {
  public:
    // More than this are not compared each with each: no one person has that many stories.
    static constexpr size_t most_compared = 256;

    Clusters(const ProfileGraph &graph, People &people, Sets &sets)
        : graph_(graph), people_(people), sets_(sets.of), bound_(sets.bound), pool_at_(sets.pool_at),
          limits_(sets.limits), refused_(sets.limits.size()) {}

    uint32_t find(uint32_t p) { return sets_.find(p); }
    bool same(uint32_t p, uint32_t q) { return sets_.find(p) == sets_.find(q); }

    std::vector<uint32_t> labels() {
        std::vector<uint32_t> labels(graph_.size());
        for (uint32_t p = 0; p < graph_.size(); ++p) labels[p] = sets_.find(p);
        return labels;
    }

    Components components() {
        Components components;
        components.of.resize(graph_.size());
        for (uint32_t p = 0; p < graph_.size(); ++p) {
            const uint32_t root = sets_.find(p);  // no larger than p
            components.of[p] = root == p ? components.count++ : components.of[root];
        }
        return components;
    }

    // ---- whether a profile's records belong together at all: something holds them ----------------------------------

    bool held(uint32_t p) const { return bound_[p]; }
    void hold(uint32_t p) { __atomic_store_n(&bound_[p], uint8_t{1}, __ATOMIC_RELAXED); }
    // The same, unless a limit keeps its records apart.
    void bind(uint32_t p) {
        if (!limits_.alone(p)) bound_[p] = 1;
    }

    // ---- plain joins ------------------------------------------------------------------------------------------------

    // Everybody who carries a value; several threads may join at once.
    void join(ValueTable::Carriers carriers) {
        const uint32_t first = *carriers.begin();
        hold(first);
        for (const uint32_t p : carriers) {
            if (p == first) continue;
            sets_.unite(first, p);
            hold(p);
        }
    }
    void join(uint32_t p, uint32_t q) {
        sets_.unite(p, q);
        bound_[p] = bound_[q] = 1;
    }
    void prefetch(uint32_t p) const {
        sets_.prefetch(p);
        __builtin_prefetch(&bound_[p], 1);
    }
    // The whole of its cluster has to be taken out.
    void take_out(uint32_t p) {
        sets_.isolate(p);
        bound_[p] = 0;
    }

    // ---- joins of those who were asked ------------------------------------------------------------------------------

    // Called before the first pool is asked for. While the careful step joins, every profile starts with its own;
    // afterwards a cluster's pool is gathered from its members.
    void open_pools() {
        if (pool_at_.empty() && !silent()) pool_at_.assign(graph_.size(), none);
    }

    // The pool of p's cluster.
    const Pool &pool(uint32_t p) {
        if (silent()) return nothing_;
        const uint32_t root = sets_.find(p);
        if (pool_at_[root] == none) {
            if (pools_used_ == pools_.size()) pools_.emplace_back();
            pool_at_[root] = pools_used_;
            Pool &fresh = pools_[pools_used_++];
            fresh.clear();
            if (member_ends_.empty()) {
                add_profile(fresh, root);
            } else {
                for (size_t i = member_ends_[root]; i < member_ends_[root + 1]; ++i) add_profile(fresh, members_[i]);
            }
        }
        return pools_[pool_at_[root]];
    }

    void unite(uint32_t a, uint32_t b) {
        a = sets_.find(a);
        b = sets_.find(b);
        if (a == b) return;
        ++joins_;
        if (silent()) {
            sets_.unite(a, b);
            return;
        }
        pool(a);
        pool(b);
        const uint32_t root = sets_.unite(a, b);
        const uint32_t other = root == a ? b : a;
        pools_[pool_at_[root]].merge(pools_[pool_at_[other]]);
        pool_at_[other] = none;
    }

    // ---- what is asked before pools are: whether birth dates alone tell two clusters apart ---------------------------

    // After `gather_members`. The same as of their pools, which take many times as long to gather.
    bool births_disagree(uint32_t p, uint32_t q) {
        if (graph_.attributes.birth_date == none) return false;
        gather_births(p, births_);
        gather_births(q, other_births_);
        if (births_.empty() || other_births_.empty()) return false;
        return std::none_of(births_.begin(), births_.end(), [&](uint32_t x) {
            return std::any_of(other_births_.begin(), other_births_.end(), [&](uint32_t y) { return near_dates(x, y); });
        });
    }

    // Beforehand, what that takes: where the members of a cluster are, who they are, their birth dates. Each step needs
    // what the one before has fetched.
    enum class Fetch : uint8_t { place, members, births };
    void prefetch_births(uint32_t p, Fetch step) {
        if (graph_.attributes.birth_date == none) return;
        const uint32_t root = sets_.find(p);
        if (step == Fetch::place) {
            __builtin_prefetch(&member_ends_[root]);
        } else if (step == Fetch::members) {
            __builtin_prefetch(&members_[member_ends_[root]]);
        } else {
            const size_t from = member_ends_[root], to = member_ends_[root + size_t{1}];
            const auto &births = graph_.profiles.column(graph_.attributes.birth_date);
            for (size_t i = from; i < std::min(from + 8, to); ++i) __builtin_prefetch(&births[members_[i]]);
        }
    }

    // How often two became one this way.
    uint64_t joins() const { return joins_; }

    // Forgets the pools of a component that was taken apart; those of the next one take their place.
    void forget_pools(const Component &profiles) {
        pools_used_ = 0;
        if (pool_at_.empty()) return;
        for (const uint32_t p : profiles) pool_at_[p] = none;
    }

    // Called once the exact values have joined: whose pool is asked for from now on is gathered from all members.
    void gather_members() {
        if (!member_ends_.empty() || silent()) return;
        open_pools();
        pools_used_ = 0;
        // Where the next member of each goes, one place on; so in the end that is where the members of the one before end.
        member_ends_.assign(graph_.size() + size_t{2}, 0);
        for (uint32_t p = 0; p < graph_.size(); ++p) ++member_ends_[sets_.find(p) + size_t{2}];
        for (size_t i = 1; i < member_ends_.size(); ++i) member_ends_[i] += member_ends_[i - 1];
        members_.resize(graph_.size());
        for (uint32_t p = 0; p < graph_.size(); ++p) members_[member_ends_[sets_.find(p) + size_t{1}]++] = p;
        member_ends_.pop_back();
    }

    // ---- limits -----------------------------------------------------------------------------------------------------

    void declare(Limits limits) {
        limits_ = std::move(limits);
        refused_.resize(limits_.size());
        for (const auto &[p, q] : limits_.must()) join(p, q);
    }

    const Limits &limits() const { return limits_; }
    void set_alone(std::vector<uint8_t> alone) { limits_.set_alone(std::move(alone)); }

    // By limit, which joins it forbade; also to others who joined over the same sets, once they have told it.
    const std::vector<Refused> &refused() const { return refused_; }
    void add_refused(const std::vector<Refused> &others) {
        for (size_t limit = 0; limit < refused_.size(); ++limit) refused_[limit].add(others[limit]);
    }

    // Whether a limit forbids that the clusters of some profiles become one; if so, it is counted.
    bool forbidden(const std::vector<uint32_t> &profiles) {
        const std::vector<Limits::Breach> found = breaches(profiles);
        if (!found.empty()) refuse(found, refused_);
        return !found.empty();
    }

    // Those of some profiles' clusters that may not be one customer with all the others; they are counted.
    std::unordered_set<uint32_t> rivals_among(const uint32_t *from, const uint32_t *to) {
        std::unordered_set<uint32_t> rivals;
        if (!limits_.any()) return rivals;
        const std::vector<Limits::Breach> found = breaches({from, to});
        refuse(found, refused_);
        for (const Limits::Breach &breach : found) rivals.insert(breach.cluster);
        return rivals;
    }

    // Joins the clusters of some profiles, but for those that a limit sets apart from any of them.
    void join_unopposed(const std::vector<uint32_t> &profiles) {
        std::unordered_set<uint32_t> rivals;
        if (limits_.any()) {
            for (const Limits::Breach &breach : breaches(profiles)) rivals.insert(breach.cluster);
        }
        uint32_t hub = none;
        for (const uint32_t p : profiles) {
            if (rivals.count(sets_.find(p))) continue;
            if (hub != none) unite(hub, p);
            hub = p;
        }
    }

    // Joins again those of a component that was taken apart whom must-links hold together.
    void hold_together(const Component &profiles) {
        const std::vector<Limits::Pair> &held = limits_.held();
        if (held.empty()) return;
        for (const uint32_t p : profiles) {
            const auto at = std::lower_bound(held.begin(), held.end(), Limits::Pair{p, 0});
            if (at == held.end() || at->first != p) continue;
            bound_[at->first] = 1;
            unite(at->first, at->second);
        }
    }

  private:
    // Nobody says anything that could be told.
    bool silent() const { return graph_.attributes.none_told() && !limits_.any(); }

    std::vector<Limits::Breach> breaches(std::vector<uint32_t> profiles) {
        for (uint32_t &p : profiles) p = sets_.find(p);
        distinct(profiles);
        return limits_.breaches(profiles, sets_, [&](uint32_t root) -> const Pool & { return pool(root); });
    }

    // Those of p's cluster. Where clusters joined since the members were gathered, these have a pool; one of many members
    // gets it, so that they are not read for each pair.
    void gather_births(uint32_t p, std::vector<uint32_t> &births) {
        constexpr size_t many = 64;
        births.clear();
        const uint32_t root = sets_.find(p);
        const size_t from = member_ends_[root], to = member_ends_[root + size_t{1}];
        if (pool_at_[root] != none || to - from > many) {
            for (const uint64_t birth : pool(root).of(Pool::birth)) births.push_back(Pool::code(birth));
            return;
        }
        for (size_t i = from; i < to; ++i) {
            const uint32_t birth = graph_.code(members_[i], graph_.attributes.birth_date);
            if (birth != none && (births.empty() || births.back() != birth)) births.push_back(birth);
        }
    }

    void add_profile(Pool &pool, uint32_t p) {
        people_.add_told(pool, p);
        if (graph_.attributes.postcode != none && graph_.code(p, graph_.attributes.postcode) != none) {
            pool.add(Pool::postcode, graph_.code(p, graph_.attributes.postcode));
        }
        if (!limits_.any()) return;
        limits_.add(p, graph_.code(p, 0), pool);
        for (uint32_t k = 0; k < limits_.fields().size(); ++k) {
            const uint32_t f = limits_.fields()[k].field;
            graph_.each_value(p, f, [&](uint32_t v) {
                if (graph_.usable(f, v)) pool.add(Pool::limited + k, v);
            });
        }
    }

    const ProfileGraph &graph_;
    People &people_;
    UnionFind &sets_;
    std::vector<uint8_t> &bound_;
    std::vector<uint32_t> &pool_at_;
    Limits &limits_;
    std::vector<Refused> refused_;
    const Pool nothing_;
    std::vector<uint32_t> births_, other_births_;  // of two clusters that are compared
    std::deque<Pool> pools_;         // a deque: a pool stays where it is while others are made
    uint32_t pools_used_ = 0;
    uint64_t joins_ = 0;
    std::vector<uint32_t> member_ends_;
    std::vector<uint32_t> members_;  // cluster by cluster, as they were when they were gathered
};

}  // namespace enishi
