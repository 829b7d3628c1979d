// The careful way to join a component that may hold more than one person.
//
// Values join from the most personal field to the least, each field's in the order of the smallest records that carry
// them. A value whose carriers conflict is *contested*: it joins only carriers that agree on the name. One that its
// owners had after another is *recycled* and joins each owner's (handover.hpp); one that a limit forbids to join all is
// *limited* and joins those whom the limit does not concern; one that is too weak a bridge joins only those at whose
// side it is at home.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <numeric>
#include <unordered_set>
#include <utility>
#include <vector>

#include "clusters.hpp"
#include "cuts.hpp"
#include "doubts.hpp"
#include "handover.hpp"
#include "parts.hpp"
#include "people.hpp"
#include "profile_graph.hpp"
#include "shared_fields.hpp"
#include "union_find.hpp"

namespace enishi {

// What came of joining a value's carriers: all, only those whom conflicts, limits or weak bridges leave, or those of
// each owner who had it one after another.
enum class Joined : uint8_t { all, contested, limited, bridge, recycled };

// A value that changed hands.
struct Handover {
    uint32_t field, value;
    Tenures tenures;
    std::vector<uint32_t> holders;  // by owner, a profile of his cluster; `none` where limits leave several
};

// What came of some components; of all of them in the end.
struct CarefulJoins {
    uint64_t contested = 0;
    std::vector<uint64_t> slips;  // by field: values that joined although a carrier conflicts with the others
    std::vector<Handover> handovers;
    // Profiles that hold nothing but a value that changed hands, and its handover: their records are told apart.
    std::vector<std::pair<uint32_t, uint32_t>> scattered;
    std::vector<Refused> refused;  // by limit

    void add(CarefulJoins &&next) {
        contested += next.contested;
        for (size_t f = 0; f < slips.size(); ++f) slips[f] += next.slips[f];
        const auto before = static_cast<uint32_t>(handovers.size());
        for (const auto &[p, handover] : next.scattered) scattered.emplace_back(p, before + handover);
        std::move(next.handovers.begin(), next.handovers.end(), std::back_inserter(handovers));
    }
};

// By field and value: what came of it, a code of Joined.
using JoinedValues = std::vector<std::vector<uint8_t>>;

class CarefulJoin {
  public:
    CarefulJoin(const ProfileGraph &graph, Sets &sets, const Cuts &cuts, const SharedFields &shared,
                JoinedValues &joined)
        : graph_(graph), people_(graph), clusters_(graph, people_, sets), cuts_(cuts), shared_(shared), joined_(joined),
          by_rank_(graph.fields.size()) {
        made_.slips.assign(graph.fields.size(), 0);
        std::iota(by_rank_.begin(), by_rank_.end(), 0);
        std::stable_sort(by_rank_.begin(), by_rank_.end(), [&](uint32_t a, uint32_t b) {
            return graph.fields[a].rank < graph.fields[b].rank;
        });
    }
    CarefulJoin(const CarefulJoin &) = delete;  // its parts refer to one another

    // Joins the profiles of a component that was taken apart. What its names and birth dates could do is among the
    // doubts.
    void join(const Component &component, uint8_t doubt) {
        contested_.clear();
        clusters_.hold_together(component);
        for (const uint32_t f : by_rank_) {
            if (doubt == has_bridge) {
                join_uncut(f, component);
            } else {
                join_values(f, component, doubt);
            }
        }
        look_again(doubt);
        clusters_.forget_pools(component);
        made_.contested += contested_.size();
    }

    // What came of all that it joined.
    CarefulJoins made() && {
        made_.refused = clusters_.refused();
        return std::move(made_);
    }

  private:
    // What is to be known of the clusters that carry a value before they join.
    struct Verdict {
        std::vector<uint32_t> known;                   // those that say anything of the person
        std::vector<Tenures::Pair> opposed, agreeing;  // pairs of these: in conflict; of one name, and not
        bool contested = false;                        // the value is not one person's
        std::vector<Span> seen;                        // by cluster, when it carries the value; where anybody asks
        Tenures tenures;
    };

    struct Carried {
        uint32_t value, profile, column;
    };

    // A value that is contested, and who carries it.
    struct Contested {
        uint32_t field, value;
        std::vector<uint32_t> carriers;
    };

    // By the values of field f, within one record by column.
    void join_values(uint32_t f, const Component &component, uint8_t doubt) {
        const auto &columns = graph_.fields[f].columns;
        carried_.clear();
        for (const uint32_t p : component) {
            graph_.each_value(p, f, [&](uint32_t v) {
                if (graph_.usable(f, v)) carried_.push_back({v, p, 0});
            });
        }
        std::sort(carried_.begin(), carried_.end(), [&](const Carried &a, const Carried &b) {
            if (a.value != b.value) return a.value < b.value;
            return a.profile != b.profile && graph_.order.less(a.profile, b.profile);
        });
        groups_.clear();
        for (uint32_t i = 0, j; i < carried_.size(); i = j) {
            for (j = i + 1; j < carried_.size() && carried_[j].value == carried_[i].value;) ++j;
            Carried &first = carried_[i];
            while (graph_.code(first.profile, columns[first.column]) != first.value) ++first.column;
            groups_.emplace_back(i, j);
        }
        std::sort(groups_.begin(), groups_.end(), [&](const auto &a, const auto &b) {
            const Carried &x = carried_[a.first], &y = carried_[b.first];
            return x.profile != y.profile ? graph_.order.less(x.profile, y.profile) : x.column < y.column;
        });
        std::vector<uint32_t> members;
        for (const auto &[begin, end] : groups_) {
            members.clear();
            for (uint32_t i = begin; i < end; ++i) members.push_back(carried_[i].profile);
            const uint32_t value = carried_[begin].value;
            std::vector<uint32_t> kept(members);
            const bool whole = cuts_.leave_uncut(f, value, kept);
            // Where the owners of a value tell when it was whose, no bridge has to be weighed.
            const bool told = !whole && changes_hands(f, members, doubt);
            const std::vector<uint32_t> &joining = whole || told ? members : kept;
            Joined joined = joining.empty() ? Joined::all : join_carriers(f, value, joining, doubt);
            if (!whole && joined != Joined::limited && joined != Joined::recycled) joined = Joined::bridge;
            joined_[f][value] = static_cast<uint8_t>(joined);
            if (joined == Joined::contested) contested_.push_back({f, value, members});
        }
    }

    // Values that join later tell more of those who were in conflict: one record bears another name and a mistyped
    // birth date, the card says whose it is. So contested values are judged again, as long as that joins anybody.
    void look_again(uint8_t doubt) {
        for (uint32_t round = 0; round < most_rounds; ++round) {
            const uint64_t before = clusters_.joins();
            std::vector<Contested> still;
            for (Contested &each : contested_) {
                const Joined joined = join_carriers(each.field, each.value, each.carriers, doubt);
                joined_[each.field][each.value] = static_cast<uint8_t>(joined);
                if (joined == Joined::contested) still.push_back(std::move(each));
            }
            contested_ = std::move(still);
            if (clusters_.joins() == before) break;
        }
    }

    // The same where nothing but weak bridges is in doubt: all others join, in whatever order.
    void join_uncut(uint32_t f, const Component &component) {
        carried_.clear();
        for (const uint32_t p : component) {
            graph_.each_value(p, f, [&](uint32_t v) {
                if (graph_.usable(f, v)) carried_.push_back({v, p, 0});
            });
        }
        const auto by_value = [](const Carried &a, const Carried &b) { return a.value < b.value; };
        std::sort(carried_.begin(), carried_.end(), by_value);
        std::vector<uint32_t> members;
        for (size_t i = 0; i < carried_.size();) {
            const uint32_t value = carried_[i].value;
            members.clear();
            for (; i < carried_.size() && carried_[i].value == value; ++i) members.push_back(carried_[i].profile);
            if (!cuts_.leave_uncut(f, value, members)) {
                joined_[f][value] = static_cast<uint8_t>(Joined::bridge);
            }
            for (const uint32_t p : members) clusters_.join(members.front(), p);
        }
    }

    // Joins the clusters of a value's carriers. Where two of them conflict the value is contested: only those are
    // joined that agree on the name, and among these no group that holds a conflict itself. Where a limit alone forbids
    // that all become one, those whom it does not concern join too.
    Joined join_carriers(uint32_t f, uint32_t value, const std::vector<uint32_t> &carriers, uint8_t doubt) {
        std::vector<uint32_t> roots;
        for (const uint32_t p : carriers) roots.push_back(clusters_.find(p));
        const auto alone = [&](uint32_t p) { return clusters_.limits().alone(p); };
        const bool several = distinct(roots) > 1 || std::any_of(carriers.begin(), carriers.end(), alone);
        if (!several) return join_all(roots, carriers);
        const bool limited = clusters_.limits().any() && clusters_.forbidden(roots);
        if (!limited && !(doubt & may_conflict) && !may_rest(f, doubt)) return join_all(roots, carriers);
        const Verdict verdict = judge(f, roots, carriers, doubt);
        const bool contested = verdict.contested || verdict.tenures.found();
        if (!contested && !limited) {
            made_.slips[f] += !verdict.opposed.empty();
            return join_all(roots, carriers);
        }
        join_agreeing(verdict);
        if (!contested) clusters_.join_unopposed(roots);
        if (verdict.tenures.found()) hand_over(f, value, carriers, roots, verdict);
        for (const uint32_t p : carriers) {
            if (!contested || graph_.names_somebody(p)) clusters_.bind(p);
        }
        return verdict.tenures.found() ? Joined::recycled : contested ? Joined::contested : Joined::limited;
    }

    Joined join_all(const std::vector<uint32_t> &roots, const std::vector<uint32_t> &carriers) {
        for (const uint32_t root : roots) clusters_.unite(root, roots[0]);
        for (const uint32_t p : carriers) clusters_.hold(p);
        return Joined::all;
    }

    // Those of a contested value's clusters that agree on the name and are not an owner's.
    void join_agreeing(const Verdict &verdict) {
        const std::vector<uint32_t> &known = verdict.known;
        UnionFind groups(known.size());
        const auto group = [&](size_t i) { return groups.find(static_cast<uint32_t>(i)); };
        for (const auto &[i, j] : verdict.agreeing) groups.unite(static_cast<uint32_t>(i), static_cast<uint32_t>(j));
        std::unordered_set<uint32_t> broken;
        for (const auto &[i, j] : verdict.opposed) {
            if (group(i) == group(j)) broken.insert(group(i));
        }
        std::vector<std::vector<uint32_t>> wanted(known.size());
        for (size_t i = 0; i < known.size(); ++i) {
            if (verdict.tenures.owner(i) == none && !broken.count(group(i))) wanted[group(i)].push_back(known[i]);
        }
        for (const std::vector<uint32_t> &each : wanted) {
            if (each.size() > 1) clusters_.join_unopposed(each);
        }
    }

    Verdict judge(uint32_t f, const std::vector<uint32_t> &roots, const std::vector<uint32_t> &carriers,
                  uint8_t doubt) {
        Verdict verdict;
        std::vector<uint32_t> &known = verdict.known;
        for (const uint32_t root : roots) {
            if (!clusters_.pool(root).blank()) known.push_back(root);
        }
        const bool conflicting = doubt & may_conflict;
        if (known.size() > Clusters::most_compared) {
            verdict.contested = conflicting;
            return verdict;
        }
        std::vector<Tenures::Pair> strange, differing;
        for (size_t i = 0; i < known.size(); ++i) {
            for (size_t j = i + 1; j < known.size(); ++j) {
                const Pool &one = clusters_.pool(known[i]), &other = clusters_.pool(known[j]);
                if (conflicting && people_.conflict(one, other, graph_.fields[f].personal, shared_.by_several[f])) {
                    verdict.opposed.emplace_back(i, j);
                    continue;
                }
                const Agreement names = people_.compare_names(one, other);
                if (names == Agreement::agree) verdict.agreeing.emplace_back(i, j);
                if (names != Agreement::disagree) continue;
                differing.emplace_back(i, j);
                if (may_rest(f, doubt) && people_.strangers(one, other)) strange.emplace_back(i, j);
            }
        }
        verdict.contested = !verdict.opposed.empty() && !(shared_.by_one[f] && slipped(verdict, carriers));
        if (!graph_.profiles.has_times() || (verdict.opposed.empty() && strange.empty())) return verdict;
        verdict.seen = seen_by(roots, carriers);
        std::vector<Span> seen;
        for (size_t i = 0, k = 0; k < known.size(); ++i) {
            if (roots[i] == known[k]) seen.push_back(verdict.seen[i]), ++k;
        }
        // Names alone tell owners apart only where the value had rested between them.
        std::vector<Tenures::Pair> rivals;
        std::merge(verdict.opposed.begin(), verdict.opposed.end(), strange.begin(), strange.end(),
                   std::back_inserter(rivals));
        verdict.tenures = {seen, rivals, verdict.agreeing, differing};
        if (!strange.empty() && verdict.tenures.shortest_rest() < graph_.fields[f].rest) {
            verdict.tenures = {seen, verdict.opposed, verdict.agreeing, differing};
        }
        return verdict;
    }

    // Whether one record alone conflicts with any others: of one person's records few are badly written, but strangers
    // conflict with one another, and a husband or wife says more than once who that is.
    bool slipped(const Verdict &verdict, const std::vector<uint32_t> &carriers) {
        const auto all_with = [&](size_t i) {
            return std::all_of(verdict.opposed.begin(), verdict.opposed.end(), [&](const Tenures::Pair &pair) {
                return pair.first == i || pair.second == i;
            });
        };
        const auto told_once = [&](size_t i) {
            uint64_t records = 0;
            for (const uint32_t p : carriers) {
                if (graph_.says_who(p) && clusters_.find(p) == verdict.known[i]) records += graph_.records(p);
            }
            return records == 1 && clusters_.pool(verdict.known[i]).of(Pool::story).size() <= 1;
        };
        const auto [one, other] = verdict.opposed.front();
        return (all_with(one) && told_once(one)) || (all_with(other) && told_once(other));
    }

    // ---- values that change hands ------------------------------------------------------------------------------

    // Whether the carriers of a value had it one after another.
    bool changes_hands(uint32_t f, const std::vector<uint32_t> &carriers, uint8_t doubt) {
        if (!graph_.profiles.has_times() || !(doubt & (may_conflict | may_change_hands))) return false;
        std::vector<uint32_t> roots;
        for (const uint32_t p : carriers) roots.push_back(clusters_.find(p));
        return distinct(roots) > 1 && judge(f, roots, carriers, doubt).tenures.found();
    }

    // Whether strangers may have a component's values of a field one after another.
    bool may_rest(uint32_t f, uint8_t doubt) const { return doubt & may_change_hands && graph_.rests(f); }

    // By cluster (their roots, ascending), when its records carry the value of some carriers.
    std::vector<Span> seen_by(const std::vector<uint32_t> &roots, const std::vector<uint32_t> &carriers) {
        std::vector<Span> seen(roots.size());
        for (const uint32_t p : carriers) {
            const auto at = std::lower_bound(roots.begin(), roots.end(), clusters_.find(p)) - roots.begin();
            const auto [first, last] = graph_.profiles.seen(p);
            seen[static_cast<size_t>(at)].widen({first, last});
        }
        return seen;
    }

    // Joins each owner of a value with those who were seen with it within his tenure alone. The records of a profile
    // that holds nothing but the value may be several people's: they are told apart when all exact values have joined.
    void hand_over(uint32_t f, uint32_t value, const std::vector<uint32_t> &carriers,
                   const std::vector<uint32_t> &roots, const Verdict &verdict) {
        const Tenures &tenures = verdict.tenures;
        const std::vector<uint32_t> &known = verdict.known;
        std::vector<uint32_t> owner;  // by cluster
        std::vector<std::vector<uint32_t>> parts(tenures.spans().size());
        for (size_t i = 0, k = 0; i < roots.size(); ++i) {
            const bool named = k < known.size() && known[k] == roots[i];
            owner.push_back(named ? tenures.owner(k++) : tenures.within(verdict.seen[i]));
            if (owner.back() != none) parts[owner.back()].push_back(roots[i]);
        }
        for (const uint32_t p : carriers) {
            const auto at = std::lower_bound(roots.begin(), roots.end(), clusters_.find(p)) - roots.begin();
            if (owner[static_cast<size_t>(at)] != none) {
                clusters_.bind(p);
            } else if (graph_.records(p) > 1 && !clusters_.limits().alone(p) && graph_.holds_only(p, f, value)) {
                made_.scattered.emplace_back(p, static_cast<uint32_t>(made_.handovers.size()));
            }
        }
        Handover handover{f, value, tenures, {}};
        for (const std::vector<uint32_t> &part : parts) {
            clusters_.join_unopposed(part);
            // Where a limit keeps the people of one tenure apart, nothing tells whose the rest is.
            const bool whole = std::all_of(part.begin(), part.end(), [&](uint32_t root) {
                return !clusters_.limits().alone(root) && clusters_.same(root, part[0]);
            });
            handover.holders.push_back(whole ? part[0] : none);
        }
        made_.handovers.push_back(std::move(handover));
    }

    static constexpr uint32_t most_rounds = 4;

    const ProfileGraph &graph_;
    People people_;
    Clusters clusters_;
    const Cuts &cuts_;
    const SharedFields &shared_;
    JoinedValues &joined_;
    CarefulJoins made_;
    std::vector<uint32_t> by_rank_;   // fields
    std::vector<Carried> carried_;    // of the field and component that are being joined
    std::vector<std::pair<uint32_t, uint32_t>> groups_;  // of these, value by value
    std::vector<Contested> contested_;  // values of the component, in the order in which they joined
};

// Joins the components that were taken apart, several at once: no two share a usable value.
inline CarefulJoins join_carefully(const ProfileGraph &graph, Clusters &clusters, Sets &sets, const Cuts &cuts,
                                   const SharedFields &shared, const std::vector<Component> &components,
                                   const std::vector<uint8_t> &doubts, JoinedValues &joined) {
    clusters.open_pools();
    std::vector<CarefulJoins> made =
        made_in_pieces(graph.threads, components.size(), component_piece, [&](size_t from, size_t to) {
            CarefulJoin careful(graph, sets, cuts, shared, joined);
            visit_components(graph, components, from, to, [&](const Component &component) {
                careful.join(component, doubts[component.number]);
            });
            return std::move(careful).made();
        });
    CarefulJoins all;
    all.slips.assign(graph.fields.size(), 0);
    for (CarefulJoins &each : made) {
        clusters.add_refused(each.refused);
        all.add(std::move(each));
    }
    return all;
}

}  // namespace enishi
