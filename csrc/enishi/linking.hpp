// From profiles and the values they carry to clusters.
//
//   1. generic values   a value is generic when the profiles that carry it fall into more than `limit` groups once its
//                       field is ignored and those who give one name are one; a generic value links nobody. An
//                       incomplete value is judged too, for its correction would join as many. Profiles that hold nothing else are one group: a card with five
//                       thousand purchases is a good customer's, in one source or in thirty.
//   2. exact values     union-find over everything that shares a value that is not generic. Then, only inside the
//                       components that hold two different given names or birth dates, the careful way: values join
//                       from the most personal field to the least, and a value whose carriers are different people
//                       (their names or birth dates conflict) is *contested*: it joins only carriers that agree on the name.
//                       So are those that a value holds together more weakly than their size asks for (bridges.hpp):
//                       such a value joins only those at whose side it is at home.
//   3. links            rules on attributes, near values and matches by probability, in a total order, each only where the two clusters do not
//                       conflict.
//
// Limits (limits.hpp), where any are declared, hold from the second step on: components that break one are taken apart as
// well, and a value whose carriers may not all be one customer is *limited*: it joins those of them who agree on the name
// and whom no limit sets apart, then those whom no limit concerns. Must-links join first of all.
//
// Every decision is taken on sets (the values of a component, the names of a cluster) in the order of the smallest records
// that carry the values (by source, then by a hash of the record id): not in the order of arrival, so permuted records give
// the same clusters, and not in that of the values' keys, so the run's secret does not decide who is who. If a whole component holds no conflict, no part of it
// does, which is why the careful way may be kept to the few components that do.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <deque>
#include <iterator>
#include <limits>
#include <numeric>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "bridges.hpp"
#include "comparison.hpp"
#include "handover.hpp"
#include "limits.hpp"
#include "near.hpp"
#include "pool.hpp"
#include "profile_table.hpp"
#include "union_find.hpp"
#include "value_table.hpp"

namespace enishi {

struct IdentifierField {
    std::vector<uint32_t> columns;  // of the profile table
    ValueTable *values = nullptr;
    uint32_t rank = 0;              // the most personal field is 0: it joins first
    bool personal = false;          // rarely shared in a household, so twins do not share it either
    uint32_t generic_limit = 20;
    uint32_t kin = 0;               // fields that hold the same thing (an address, its hash) have the same number
    static constexpr int64_t never = -1;
    int64_t rest = never;           // how long nobody has a value before it is given to a stranger
    double worth = 10;              // bits: how rarely one person's value is seen with another (bridges.hpp)
    double several = 0.25;          // the share of customers who have more than one, where the records do not tell yet
};

// Columns of the profile table, `none` where there is none. Codes are numbers in the tables of texts below, but birth
// dates, which are yyyymmdd.
struct AttributeColumns {
    std::array<uint32_t, script_count> given{none, none, none};
    std::array<uint32_t, script_count> name{none, none, none};
    uint32_t birth_date = none;
    uint32_t postcode = none;
    std::array<const ValueTable *, script_count> given_texts{};
    std::array<const ValueTable *, script_count> name_texts{};
};

struct GenericValue {
    uint32_t field;
    uint32_t value;
    uint32_t groups;  // 0: listed by the kernel or the user
};

enum class Agreement : uint8_t { unknown, agree, disagree };

// What came of joining a value's carriers: all, only those whom conflicts, limits or weak bridges leave, or those of each
// owner who had it one after another.
enum class Joined : uint8_t { all, contested, limited, bridge, recycled };

enum class Support : uint32_t { name = 1, birth_date = 2, postcode = 4 };

struct Link {
    uint32_t field = 0;     // of a near pair
    uint32_t rule = none;   // of a rule's group
    uint32_t left_value = none, right_value = none;
    uint32_t left_profile = 0, right_profile = 0;
    uint32_t distance = 0;  // edits; 0 for a domain's correction or a truncated id
    uint32_t support = 0;   // Support bits
};

// Why two records that something speaks for were not linked.
enum class Refusal : uint32_t {
    conflict,     // names or birth dates say that they are two people
    unsupported,  // a near value that no name, birth date or postcode supports
    ambiguous,    // another spelling is as near, or nearer
    contested,    // a near value that is generic, incomplete or carried by those who may not all be one customer
    bridge,       // too few of the pairs between two large clusters
    limit         // not all whom it would join may be one customer
};

struct RefusedLink {
    Link link;
    uint32_t why;
};

struct NearCounts {
    uint64_t candidates = 0, already = 0, contested = 0, conflict = 0, unsupported = 0, ambiguous = 0, linked = 0;
};

// A value that changed hands.
struct Handover {
    uint32_t field, value;
    Tenures tenures;
    std::vector<uint32_t> holders;  // by owner, a profile of his cluster; `none` where limits leave several
};

// Records that nothing could link: with generic identifiers only, and without any.
struct Unlinkable {
    uint64_t generic = 0, bare = 0;
};

struct WeighedPair {
    uint32_t left = 0, right = 0;
    double weight = 0;
    bool told = false;   // both have a given name
    bool named = false;  // these agree or resemble each other
    bool dated = false;  // both have a birth date
};

struct MatchCounts {
    uint64_t linked = 0, already = 0, conflict = 0, unsupported = 0, ambiguous = 0;
};

// Whether two clusters are joined by more than an accident. Of two clusters with many members one pair in a hundred will
// reach any threshold by chance, and each such pair would join all: so of the pairs between their members, one in eight
// has to. Members that are in no pair at all have nothing to say and do not count. And the more pairs of people's records
// there are between the two, the likelier one of them reaches a weight by accident: of two that have identifiers of their own
// in several fields, as many have to reach the threshold as make up for that.
class Bridges {
  public:
    // known: by profile, whether it says who somebody is. held: by profile, the fields of which it carries a value, as bits.
    Bridges(const std::vector<WeighedPair> &pairs, UnionFind &sets, std::vector<uint32_t> known, std::vector<uint64_t> held)
        : ends_(sets.size() + 1, 0), next_(sets.size()), active_(sets.size(), 0), known_(std::move(known)),
          held_(std::move(held)) {
        for (const WeighedPair &pair : pairs) {
            if (pair.left != pair.right) ++ends_[pair.left + 1], ++ends_[pair.right + 1];
        }
        for (size_t p = 1; p < ends_.size(); ++p) ends_[p] += ends_[p - 1];
        partners_.resize(ends_.back());
        std::vector<size_t> at(ends_.begin(), ends_.end() - 1);
        for (const WeighedPair &pair : pairs) {
            if (pair.left == pair.right) continue;
            partners_[at[pair.left]++] = pair.right;
            partners_[at[pair.right]++] = pair.left;
        }
        std::iota(next_.begin(), next_.end(), 0);
        for (uint32_t p = 0; p < sets.size(); ++p) {
            const uint32_t root = sets.find(p);
            active_[root] += ends_[p + 1] > ends_[p];
            if (p != root) {
                std::swap(next_[p], next_[root]);
                known_[root] += known_[p];
                held_[root] |= held_[p];
            }
        }
    }

    bool enough(UnionFind &sets, uint32_t p, uint32_t q, double weight) const {
        uint32_t few = sets.find(p), many = sets.find(q);
        if (active_[few] > active_[many]) std::swap(few, many);
        uint64_t needed = (uint64_t{active_[few]} * active_[many] + 7) / 8;
        const uint64_t both = held_[few] & held_[many];
        if (both & (both - 1)) {
            const double met = static_cast<double>(known_[few]) * known_[many];
            needed = std::max(needed, static_cast<uint64_t>(std::ceil(met / std::exp2(weight))));
        }
        uint64_t found = 0;
        uint32_t member = few;
        do {
            for (size_t i = ends_[member]; i < ends_[member + 1]; ++i) {
                if (sets.find(partners_[i]) == many && ++found >= needed) return true;
            }
            member = next_[member];
        } while (member != few);
        return false;
    }

    // Before p and q are united.
    void join(uint32_t p, uint32_t q, UnionFind &sets) {
        const uint32_t a = sets.find(p), b = sets.find(q);
        active_[a] = active_[b] = active_[a] + active_[b];
        known_[a] = known_[b] = known_[a] + known_[b];
        held_[a] = held_[b] = held_[a] | held_[b];
        std::swap(next_[a], next_[b]);
    }

  private:
    std::vector<size_t> ends_;        // by profile, where its partners end
    std::vector<uint32_t> partners_;  // of each profile, over all pairs
    std::vector<uint32_t> next_;      // the next member of a profile's cluster, around
    std::vector<uint32_t> active_;    // by root: members that are in any pair
    std::vector<uint32_t> known_;     // by root: members that say who somebody is
    std::vector<uint64_t> held_;      // by root: the fields of which it has a value
};

// The order of records: by source, then by a hash of the record's name. A profile stands where its smallest record does.
struct RecordOrder {
    const uint64_t *key = nullptr;          // by profile: the hash of its smallest record; none where nobody will ask
    const uint32_t *smallest = nullptr;     // by profile: the ordinal of its smallest record
    const uint32_t *source_rank = nullptr;  // by profile

    bool less(uint32_t p, uint32_t q) const {
        if (!key) throw std::logic_error("the records are not ordered");
        return source_rank[p] != source_rank[q] ? source_rank[p] < source_rank[q] : key[p] < key[q];
    }
};

class Linking {
  public:
    // The profiles' first column is their source; it says nothing about the person.
    Linking(const ProfileTable &profiles, std::vector<IdentifierField> fields, AttributeColumns attributes,
            RecordOrder order)
        : profiles_(profiles), fields_(std::move(fields)), attributes_(attributes), order_(order),
          sets_(profiles.size()), bound_(profiles.size(), 0) {
        if (fields_.size() > 255) throw std::length_error("more than 255 identifiers");
        for (size_t f = 0; f < fields_.size(); ++f) {
            contested_.emplace_back(fields_[f].values->size(), 0);
        }
    }

    // ---- 0. limits, where any are declared ---------------------------------------------------------------------

    void declare(Limits limits) {
        limits_ = std::move(limits);
        for (const auto &[p, q] : limits_.must()) {
            sets_.unite(p, q);
            bound_[p] = bound_[q] = 1;
        }
    }

    const Limits &limits() const { return limits_; }

    // ---- 1. generic values -------------------------------------------------------------------------------------

    // Leaves the components that all other values make: those of the values that too few carry to be judged. A crowded
    // value can only join these, so it is judged among the profiles of the components that one touches.
    std::vector<GenericValue> find_generic() {
        std::vector<GenericValue> found;
        crowded_.clear();
        for (uint32_t f = 0; f < fields_.size(); ++f) {
            crowded_.emplace_back();
            for (uint32_t v = 0; v < fields_[f].values->size(); ++v) {
                if (may_link(f, v) && is_crowded(f, v)) crowded_[f].push_back(v);
            }
        }
        join_uncrowded();
        if (std::all_of(crowded_.begin(), crowded_.end(), [](const auto &values) { return values.empty(); })) return found;
        const std::vector<uint32_t> touched = touched_by_crowded();
        std::vector<uint32_t> local(profiles_.size(), none);
        for (uint32_t i = 0; i < touched.size(); ++i) local[touched[i]] = i;
        // Values that were put on the same many records together would hide each other: ignoring one, the other still
        // holds its carriers in one group. So a crowded value whose carriers also differ widely in two other fields, or
        // ten times as widely in one, does not group anybody while the others are judged. (A good customer's email and
        // card stand on many records too, with one field that varies: the cookies of a browser that drops them.)
        std::vector<std::unordered_set<uint32_t>> suspects(fields_.size());
        for (uint32_t f = 0; f < fields_.size(); ++f) {
            for (const uint32_t v : crowded_[f]) {
                if (!allowed(f, v) && is_suspect(f, v)) suspects[f].insert(v);
            }
        }
        for (bool again = true; again;) {
            again = false;
            std::vector<GenericValue> round;
            for (uint32_t f = 0; f < fields_.size(); ++f) {
                const auto open = [&](uint32_t v) { return may_link(f, v) && !allowed(f, v); };
                if (std::none_of(crowded_[f].begin(), crowded_[f].end(), open)) continue;
                UnionFind others(touched.size());
                for (uint32_t i = 0; i < touched.size(); ++i) {
                    for (uint32_t g = 0; g < fields_.size(); ++g) {
                        if (kin(f, g)) continue;
                        each_value(touched[i], g, [&](uint32_t v) {
                            if (!usable(g, v) || (!suspects[g].empty() && suspects[g].count(v))) return;
                            others.unite(local[first_carrier(g, v)], i);
                        });
                    }
                }
                for (const auto *pairs : {&limits_.must(), &limits_.twins()}) {
                    for (const auto &[p, q] : *pairs) {
                        if (local[p] != none && local[q] != none) others.unite(local[p], local[q]);
                    }
                }
                const std::vector<uint8_t> own = own_columns(f);
                std::vector<uint32_t> counted(touched.size(), none);  // by root: the value for which it was, last
                for (uint32_t k = 0; k < crowded_[f].size(); ++k) {
                    const uint32_t v = crowded_[f][k];
                    if (!open(v)) continue;
                    uint32_t groups = 0;
                    bool bare = false;
                    for (const uint32_t p : carriers(f, v)) {
                        if (!holds_more(p, own)) {
                            groups += !bare;
                            bare = true;
                        } else if (uint32_t &last = counted[others.find(local[p])]; last != k) {
                            last = k;
                            ++groups;
                        }
                    }
                    if (groups > fields_[f].generic_limit) {
                        std::vector<uint32_t> roots;
                        for (const uint32_t p : carriers(f, v)) {
                            if (holds_more(p, own)) roots.push_back(others.find(local[p]));
                        }
                        const size_t apart = distinct(roots);
                        groups -= static_cast<uint32_t>(apart - people_among(carriers(f, v), roots, own, [&](uint32_t p) {
                            return others.find(local[p]);
                        }));
                    }
                    if (groups > fields_[f].generic_limit) {
                        round.push_back({f, v, groups});
                    }
                }
            }
            for (const GenericValue &value : round) {
                fields_[value.field].values->status()[value.value] = static_cast<uint8_t>(Status::generic);
                found.push_back(value);
                again = true;
            }
        }
        return found;
    }

    // ---- 2. exact values ---------------------------------------------------------------------------------------

    // Returns the number of values found contested. Generic values are to be found first.
    uint64_t join_exact() {
        if (crowded_.size() != fields_.size()) throw std::logic_error("generic values are found first, and once");
        for (uint32_t f = 0; f < fields_.size(); ++f) {
            for (const uint32_t v : crowded_[f]) {
                if (usable(f, v)) join(carriers(f, v));
            }
        }
        crowded_.clear();
        std::vector<uint8_t> doubtful = doubtful_components();
        if (limits_.any()) mark_broken(doubtful);
        find_bridges(doubtful);
        // Take the doubtful components apart and join each again, value by value.
        std::vector<std::pair<uint32_t, uint32_t>> apart;  // root, profile
        for (uint32_t p = 0; p < profiles_.size(); ++p) {
            const uint32_t root = sets_.find(p);
            if (doubtful[root]) apart.emplace_back(root, p);
        }
        std::sort(apart.begin(), apart.end());
        for (const auto &[root, p] : apart) {
            sets_.isolate(p);
            bound_[p] = 0;
        }
        std::vector<uint32_t> by_rank(fields_.size());
        std::iota(by_rank.begin(), by_rank.end(), 0);
        std::stable_sort(by_rank.begin(), by_rank.end(),
                         [&](uint32_t a, uint32_t b) { return fields_[a].rank < fields_[b].rank; });
        uint64_t contested = 0;
        for (size_t i = 0, j; i < apart.size(); i = j) {
            for (j = i; j < apart.size() && apart[j].first == apart[i].first;) ++j;
            pools_used_ = 0;
            if (!limits_.must().empty()) hold_together(&apart[i], &apart[i] + (j - i));
            const uint8_t doubt = doubtful[apart[i].first];
            for (const uint32_t f : by_rank) {
                if (doubt == has_bridge) {
                    join_uncut(f, &apart[i], &apart[i] + (j - i));
                } else {
                    contested += join_component(f, &apart[i], &apart[i] + (j - i), doubt);
                }
            }
            for (size_t k = i; k < j && !pool_at_.empty(); ++k) pool_at_[apart[k].second] = none;
        }
        tell_apart();
        return contested;
    }

    // ---- 3. links ----------------------------------------------------------------------------------------------

    // Profiles that agree in every column of a rule. A group inside one cluster makes no link; a group over several makes
    // a star around its smallest record, whatever the order of arrival. A link of a profile with itself holds its own
    // records together, which no identifier did. Returns the number of joins that a conflict or a limit forbade.
    uint64_t join_rule(uint32_t rule, const std::vector<uint32_t> &columns, std::vector<Link> &links) {
        prepare_members();
        ProfileTable groups(static_cast<uint32_t>(columns.size()));
        std::vector<uint32_t> group_of(profiles_.size(), none);
        std::vector<uint32_t> members;  // those that have all the attributes
        std::vector<std::vector<uint32_t>> cells(columns.size());
        for (uint32_t p = 0; p < profiles_.size(); ++p) {
            bool whole = true;
            for (size_t c = 0; c < columns.size() && whole; ++c) whole = code(p, columns[c]) != none;
            if (!whole) continue;
            members.push_back(p);
            for (size_t c = 0; c < columns.size(); ++c) cells[c].push_back(code(p, columns[c]));
        }
        std::vector<ProfilePart> parts;
        for (uint32_t c = 0; c < cells.size(); ++c) parts.push_back({c, cells[c].data(), nullptr, nullptr});
        std::vector<uint32_t> fresh;
        groups.add(parts, static_cast<int64_t>(members.size()), fresh);
        for (size_t i = 0; i < members.size(); ++i) group_of[members[i]] = groups.of_record()[i];
        members.erase(std::remove_if(members.begin(), members.end(),
                                     [&](uint32_t p) {
                                         return groups.counts()[group_of[p]] < 2 &&
                                                (profiles_.counts()[p] < 2 || bound_[p]);
                                     }),
                      members.end());
        std::sort(members.begin(), members.end(), [&](uint32_t a, uint32_t b) {
            return group_of[a] != group_of[b] ? group_of[a] < group_of[b] : order_.less(a, b);
        });
        // Groups in the order of their smallest record, not of their number.
        std::vector<std::pair<uint32_t, uint32_t>> spans;
        for (uint32_t i = 0, j; i < members.size(); i = j) {
            for (j = i + 1; j < members.size() && group_of[members[j]] == group_of[members[i]];) ++j;
            spans.emplace_back(i, j);
        }
        std::sort(spans.begin(), spans.end(), [&](const auto &a, const auto &b) {
            return order_.less(members[a.first], members[b.first]);
        });
        uint64_t conflicts = 0;
        for (const auto &[begin, end] : spans) {
            const std::unordered_set<uint32_t> rivals = rivals_among(members.data() + begin, members.data() + end);
            uint32_t hub = members[begin];
            for (uint32_t i = begin; i < end && rivals.count(sets_.find(hub)); ++i) hub = members[i];
            for (uint32_t i = begin; i < end; ++i) {
                const uint32_t p = members[i];
                Link link;
                link.rule = rule;
                link.left_profile = hub;
                link.right_profile = p;
                if (!bound_[p] && profiles_.counts()[p] > 1 && !limits_.alone(p)) {
                    Link own = link;
                    own.left_profile = p;
                    links.push_back(own);
                }
                bind(p);
                if (sets_.find(p) == sets_.find(hub)) continue;
                const bool rival = rivals.count(sets_.find(p)) != 0;
                if (rival || conflict(pool(p), pool(hub), true)) {
                    ++conflicts;
                    refuse(link, rival ? Refusal::limit : Refusal::conflict);
                    continue;
                }
                links.push_back(link);
                unite(p, hub);
            }
        }
        return conflicts;
    }

    // Near values of one field. Pairs hold value numbers; a pair of an incomplete and an accepted value is a correction
    // and needs no support; others link only where name, birth date or postcode of the two clusters agree. Clusters where
    // name or birth date conflict are never linked.
    NearCounts judge_near(uint32_t f, const std::vector<NearPair> &pairs, std::vector<Link> &links) {
        prepare_members();
        NearCounts counts;
        struct Candidate {
            uint32_t from, to;  // the value to be corrected, and by what; `none`: by a value that links nobody
            Link link;
            uint32_t goodness() const {  // larger is better
                const uint32_t supports = (link.support & 1) + (link.support >> 1 & 1) + (link.support >> 2 & 1);
                return (8 - std::min(link.distance, 7u)) * 8 + supports;
            }
        };
        std::vector<Candidate> candidates;
        for (const NearPair &pair : pairs) {
            ++counts.candidates;
            uint32_t v = pair.left, w = pair.right;
            if (has_status(f, w, Status::incomplete)) std::swap(v, w);
            const bool correction = has_status(f, v, Status::incomplete);
            Link link;
            link.field = f;
            link.left_value = v;
            link.right_value = w;
            link.left_profile = first_carrier(f, v);
            link.right_profile = first_carrier(f, w);
            link.distance = pair.distance;
            if (!usable(f, w) || contested_[f][w] || !(correction || usable(f, v)) || contested_[f][v]) {
                ++counts.contested;
                refuse(link, Refusal::contested);
                // A generic card may well be the one that was meant: no other correction is certain then.
                if (correction) candidates.push_back({v, none, link});
                continue;
            }
            if (correction) {
                candidates.push_back({v, w, link});
                continue;
            }
            if (sets_.find(link.left_profile) == sets_.find(link.right_profile)) {
                ++counts.already;
                continue;
            }
            const Pool &left = pool(link.left_profile), &right = pool(link.right_profile);
            if (differ(left, right)) {
                ++counts.conflict;
                refuse(link, Refusal::conflict);
                continue;
            }
            link.support = support_of(left, right);
            if (!link.support) {
                ++counts.unsupported;
                refuse(link, Refusal::unsupported);
                continue;
            }
            candidates.push_back({v, w, link});
            candidates.push_back({w, v, link});
        }
        // A value with two equally good corrections in different clusters is left alone.
        std::unordered_map<uint32_t, std::pair<uint32_t, uint32_t>> best;  // value -> goodness, root of the best
        std::unordered_set<uint32_t> ambiguous;
        for (const Candidate &c : candidates) {
            const uint32_t root = c.to == none ? none : sets_.find(first_carrier(f, c.to));
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
                                            const bool both = usable(f, c.from);  // a pair that stands there twice
                                            if (both && c.from > c.to) return true;
                                            if (chosen(c, c.from) && (!both || chosen(c, c.to))) return false;
                                            refuse(c.link, Refusal::ambiguous);
                                            return true;
                                        }),
                         candidates.end());
        std::vector<uint32_t> wanted;
        for (const Candidate &c : candidates) wanted.insert(wanted.end(), {c.from, c.to});
        const std::unordered_map<uint32_t, size_t> place = places(f, std::move(wanted));
        std::sort(candidates.begin(), candidates.end(), [&](const Candidate &a, const Candidate &b) {
            if (a.goodness() != b.goodness()) return a.goodness() > b.goodness();
            const auto ends = [&](const Candidate &c) {
                return std::minmax({place.at(c.from), place.at(c.to)});
            };
            return ends(a) < ends(b);
        });
        for (const Candidate &c : candidates) {
            std::vector<uint32_t> left{c.link.left_profile};
            if (!usable(f, c.from)) {
                left.assign(carriers(f, c.from).begin(), carriers(f, c.from).end());
            }
            join_near(c.link, left, !usable(f, c.from), links, counts);
        }
        return counts;
    }

    // Pairs of profiles with their match weights: the heaviest first, ties in the order of the records, each only where
    // the two clusters are not two people for all that they share. A pair of a profile with itself holds its own records together. A link's left
    // value is the number of its pair.
    MatchCounts join_matches(uint32_t rule, const std::vector<WeighedPair> &pairs, std::vector<Link> &links) {
        prepare_members();
        std::vector<uint32_t> order(pairs.size());
        std::iota(order.begin(), order.end(), 0);
        const auto ends = [&](uint32_t i) {
            const WeighedPair &pair = pairs[i];
            return order_.less(pair.right, pair.left) ? std::pair{pair.right, pair.left}
                                                      : std::pair{pair.left, pair.right};
        };
        std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
            if (pairs[a].weight != pairs[b].weight) return pairs[a].weight > pairs[b].weight;
            const auto [p, q] = ends(a);
            const auto [r, s] = ends(b);
            return p != r ? order_.less(p, r) : order_.less(q, s);
        });
        const std::unordered_set<uint32_t> nobodys = ambiguous(pairs);
        std::vector<uint8_t> unclear(pairs.size(), 0);
        for (size_t i = 0; i < pairs.size() && !nobodys.empty(); ++i) {
            const uint32_t a = sets_.find(pairs[i].left), b = sets_.find(pairs[i].right);
            unclear[i] = a != b && (nobodys.count(a) || nobodys.count(b));
        }
        std::vector<uint32_t> known(profiles_.size());
        std::vector<uint64_t> held(profiles_.size(), 0);
        for (uint32_t p = 0; p < profiles_.size(); ++p) {
            known[p] = says_who(p);
            for (uint32_t f = 0; f < fields_.size(); ++f) {
                each_value(p, f, [&](uint32_t v) { held[p] |= uint64_t{usable(f, v)} << (f & 63); });
            }
        }
        Bridges bridges(pairs, sets_, std::move(known), std::move(held));
        MatchCounts counts;
        for (const uint32_t i : order) {
            Link link;
            link.rule = rule;
            link.left_value = i;
            std::tie(link.left_profile, link.right_profile) = ends(i);
            const uint32_t p = link.left_profile, q = link.right_profile;
            if (p != q && sets_.find(p) == sets_.find(q)) {
                ++counts.already;
                continue;
            }
            if (unclear[i]) {
                ++counts.ambiguous;
                refuse(link, Refusal::ambiguous);
                continue;
            }
            if (p != q && two_people(pool(p), pool(q), pairs[i])) {
                ++counts.conflict;
                refuse(link, Refusal::conflict);
                continue;
            }
            if (p != q && !bridges.enough(sets_, p, q, pairs[i].weight)) {
                ++counts.unsupported;
                refuse(link, Refusal::bridge);
                continue;
            }
            if (limits_.any() && forbidden({p, q})) {
                ++counts.conflict;
                refuse(link, Refusal::limit);
                continue;
            }
            for (const uint32_t each : {p, q}) {
                if (!bound_[each] && profiles_.counts()[each] > 1) {
                    Link own = link;
                    own.left_profile = own.right_profile = each;
                    links.push_back(own);
                }
                bound_[each] = 1;
            }
            if (p == q) continue;
            links.push_back(link);
            bridges.join(p, q, sets_);
            unite(p, q);
            ++counts.linked;
        }
        return counts;
    }

    // ---- what came of it ---------------------------------------------------------------------------------------

    std::vector<uint32_t> labels() {
        std::vector<uint32_t> labels(profiles_.size());
        for (uint32_t p = 0; p < profiles_.size(); ++p) labels[p] = sets_.find(p);
        return labels;
    }
    // Whether a profile's records belong together at all: they share a value that links.
    const std::vector<uint8_t> &bound() const { return bound_; }
    // By value of field f, what came of joining its carriers: a code of Joined.
    const std::vector<uint8_t> &contested(uint32_t f) const { return contested_[f]; }

    // Records that are not of their profile's cluster but of that of another profile, by ascending record.
    const std::vector<std::pair<uint32_t, uint32_t>> &adopted() const { return adopted_; }
    // Values that changed hands.
    const std::vector<Handover> &handovers() const { return handovers_; }

    // Links that were not made; some of their ends may have become one customer in another way since.
    const std::vector<RefusedLink> &refused() const { return refused_; }

    // Value and profile, for each contested, limited or recycled value of field f and who carries it.
    std::vector<std::pair<uint32_t, uint32_t>> contested_carriers(uint32_t f) const {
        std::vector<std::pair<uint32_t, uint32_t>> answer;
        for (uint32_t v = 0; v < contested_[f].size(); ++v) {
            if (!contested_[f][v]) continue;
            for (const uint32_t p : carriers(f, v)) answer.emplace_back(v, p);
        }
        return answer;
    }

    // Records that nothing could link, whoever else were there: they carry no identifier but generic ones, and not all of
    // the columns of any of the ways, and no must-link names them.
    Unlinkable unlinkable(const std::vector<std::vector<uint32_t>> &ways) const {
        Unlinkable answer;
        for (uint32_t p = 0; p < profiles_.size(); ++p) {
            bool linkable = limits_.holds(p), carries = false;
            for (uint32_t f = 0; f < fields_.size() && !linkable; ++f) {
                each_value(p, f, [&](uint32_t v) {
                    carries = true;
                    linkable = linkable || may_link(f, v);
                });
            }
            for (size_t i = 0; i < ways.size() && !linkable; ++i) {
                linkable = std::all_of(ways[i].begin(), ways[i].end(), [&](uint32_t c) { return code(p, c) != none; });
            }
            if (!linkable) (carries ? answer.generic : answer.bare) += profiles_.counts()[p];
        }
        return answer;
    }

    // How many records carry each of some values of field f.
    std::vector<uint64_t> carrying_records(uint32_t f, const std::vector<uint32_t> &values) const {
        std::vector<uint64_t> answer;
        for (const uint32_t v : values) {
            uint64_t records = 0;
            for (const uint32_t p : carriers(f, v)) records += profiles_.counts()[p];
            answer.push_back(records);
        }
        return answer;
    }

    // The smallest record that carries each of some values of field f.
    std::vector<uint32_t> smallest_carriers(uint32_t f, const std::vector<uint32_t> &values) const {
        std::vector<uint32_t> answer;
        for (const uint32_t v : values) answer.push_back(order_.smallest[smallest_carrier(f, v)]);
        return answer;
    }

    // Which profile carries which value, profile by profile: columns that the caller allots, `evidence_size` long. A
    // profile's records stand on the first of its rows: rows[offsets[i] .. offsets[i + 1]], with bit i of `first` set.
    struct Evidence {
        uint32_t *profile;
        int32_t *field, *state;
        Key128 *key;
        int64_t *offsets;
        uint8_t *first;
        uint32_t *rows;
    };

    // Of some profiles: the rows of their evidence, and how many of their records carry anything.
    std::pair<size_t, size_t> evidence_size(uint32_t from, uint32_t to) const {
        size_t rows = 0, records = 0;
        for (uint32_t p = from; p < to; ++p) {
            const size_t before = rows;
            for (uint32_t f = 0; f < fields_.size(); ++f) each_value(p, f, [&](uint32_t) { ++rows; });
            if (rows != before) records += profiles_.counts()[p];
        }
        return {rows, records};
    }

    // states[f][v] is what a reader is told of value v of field f; a profile's records are
    // rows[starts[profile] .. starts[profile + 1]].
    void evidence(const std::vector<const uint8_t *> &states, const size_t *starts, const uint32_t *rows,
                  uint32_t from, uint32_t to, const Evidence &out) const {
        size_t row = 0, record = 0;
        out.offsets[0] = 0;
        for (uint32_t p = from; p < to; ++p) {
            const size_t begin = row;
            for (uint32_t f = 0; f < fields_.size(); ++f) {
                each_value(p, f, [&](uint32_t v) {
                    out.profile[row] = p;
                    out.field[row] = static_cast<int32_t>(f);
                    out.state[row] = states[f][v];
                    out.key[row] = fields_[f].values->keys()[v];
                    if (row == begin) {
                        out.first[row >> 3] = static_cast<uint8_t>(out.first[row >> 3] | 1u << (row & 7));
                        for (size_t i = starts[p]; i < starts[p + 1]; ++i) out.rows[record++] = rows[i];
                    }
                    out.offsets[++row] = static_cast<int64_t>(record);
                });
            }
        }
    }

  private:
    uint32_t code(uint32_t p, uint32_t column) const { return profiles_.column(column)[p]; }

    // Each distinct value of field f that profile p carries.
    template <class Visit>
    void each_value(uint32_t p, size_t f, Visit visit) const {
        const auto &columns = fields_[f].columns;
        for (size_t c = 0; c < columns.size(); ++c) {
            const uint32_t v = code(p, columns[c]);
            if (v == none) continue;
            bool seen = false;
            for (size_t d = 0; d < c && !seen; ++d) seen = code(p, columns[d]) == v;
            if (!seen) visit(v);
        }
    }

    bool has_status(size_t f, uint32_t v, Status status) const {
        return fields_[f].values->status()[v] == static_cast<uint8_t>(status);
    }
    bool usable(size_t f, uint32_t v) const { return has_status(f, v, Status::accepted); }
    bool may_link(size_t f, uint32_t v) const { return usable(f, v) || has_status(f, v, Status::incomplete); }
    bool allowed(size_t f, uint32_t v) const { return fields_[f].values->allowed(v); }
    bool kin(uint32_t f, uint32_t g) const { return f == g || fields_[f].kin == fields_[g].kin; }

    // By column of the profiles, whether it is the source or holds values of field f or its kin.
    std::vector<uint8_t> own_columns(uint32_t f) const {
        std::vector<uint8_t> own(profiles_.width(), 0);
        own[0] = 1;
        for (uint32_t g = 0; g < fields_.size(); ++g) {
            if (!kin(f, g)) continue;
            for (const uint32_t column : fields_[g].columns) own[column] = 1;
        }
        return own;
    }

    bool holds_more(uint32_t p, const std::vector<uint8_t> &own) const {
        for (uint32_t c = 0; c < own.size(); ++c) {
            if (!own[c] && code(p, c) != none) return true;
        }
        return false;
    }

    ValueTable::Carriers carriers(size_t f, uint32_t v) const { return fields_[f].values->carriers(v); }
    uint32_t first_carrier(size_t f, uint32_t v) const { return *carriers(f, v).begin(); }
    bool is_crowded(size_t f, uint32_t v) const { return carriers(f, v).size() > fields_[f].generic_limit; }

    uint32_t smallest_carrier(size_t f, uint32_t v) const {
        uint32_t smallest = first_carrier(f, v);
        for (const uint32_t p : carriers(f, v)) {
            if (order_.less(p, smallest)) smallest = p;
        }
        return smallest;
    }

    // Plain union: everybody who carries a value.
    void join(ValueTable::Carriers carriers) {
        const uint32_t first = *carriers.begin();
        bound_[first] = 1;
        for (const uint32_t p : carriers) {
            if (p == first) continue;
            sets_.unite(first, p);
            bound_[p] = 1;
        }
    }

    static size_t distinct(std::vector<uint32_t> &numbers) {
        std::sort(numbers.begin(), numbers.end());
        numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
        return numbers.size();
    }

    void join_uncrowded() {
        for (uint32_t f = 0; f < fields_.size(); ++f) {
            const uint32_t values = fields_[f].values->size();
            for (uint32_t v = 0; v < values; ++v) {
                // Carriers lie anywhere: theirs of the values that follow are fetched while these are joined.
                if (v + 8 < values) {
                    for (const uint32_t p : carriers(f, v + 8).at_most(4)) {
                        sets_.prefetch(p);
                        __builtin_prefetch(&bound_[p], 1);
                    }
                }
                if (usable(f, v) && !is_crowded(f, v)) join(carriers(f, v));
            }
        }
    }

    // The profiles of every component that a crowded value touches.
    std::vector<uint32_t> touched_by_crowded() {
        std::vector<uint8_t> reached(profiles_.size(), 0);
        for (uint32_t f = 0; f < fields_.size(); ++f) {
            for (const uint32_t v : crowded_[f]) {
                for (const uint32_t p : carriers(f, v)) reached[sets_.find(p)] = 1;
            }
        }
        std::vector<uint32_t> touched;
        for (uint32_t p = 0; p < profiles_.size(); ++p) {
            if (reached[sets_.find(p)]) touched.push_back(p);
        }
        return touched;
    }

    // How many people some groups of a value's carriers are, by their own account: those whose records give one name and no
    // two birth dates are one, and so are spellings of it, unless there are too many for one person's.
    template <class GroupOf>
    size_t people_among(ValueTable::Carriers carriers, const std::vector<uint32_t> &groups, const std::vector<uint8_t> &own,
                        GroupOf group_of) {
        struct Told {
            size_t script;
            uint32_t name, birth, group;
            auto key() const { return std::tie(script, name, birth, group); }
            bool operator<(const Told &o) const { return key() < o.key(); }
        };
        std::vector<Told> told;
        for (const uint32_t p : carriers) {
            if (!holds_more(p, own)) continue;
            const auto at = std::lower_bound(groups.begin(), groups.end(), group_of(p));
            const uint32_t birth = attributes_.birth_date == none ? none : code(p, attributes_.birth_date);
            for (size_t s = 0; s < script_count; ++s) {
                if (attributes_.name[s] == none || code(p, attributes_.name[s]) == none) continue;
                told.push_back({s, code(p, attributes_.name[s]), birth, static_cast<uint32_t>(at - groups.begin())});
            }
        }
        std::sort(told.begin(), told.end());
        UnionFind people(groups.size());
        struct Name {
            size_t script;
            uint32_t name, birth, group;
        };
        std::vector<Name> names;
        for (size_t i = 0, j; i < told.size(); i = j) {
            for (j = i; j < told.size() && told[j].script == told[i].script && told[j].name == told[i].name;) ++j;
            // A missing date is the largest number, and stands last.
            const bool one = told[j - 1].birth == told[i].birth || (told[j - 1].birth == none && (std::find_if(&told[i], &told[j - 1], [&](const Told &each) {
                return each.birth != told[i].birth && each.birth != none;
            }) == &told[j - 1]));
            for (size_t k = i + 1; k < j; ++k) {
                if (one || told[k].birth == told[k - 1].birth) people.unite(told[k].group, told[k - 1].group);
            }
            if (one) names.push_back({told[i].script, told[i].name, told[i].birth, told[i].group});
        }
        for (size_t i = 0; i < names.size() && names.size() <= most_spellings; ++i) {
            for (size_t j = 0; j < i; ++j) {
                const Name &a = names[i], &b = names[j];
                if (a.script != b.script || people.find(a.group) == people.find(b.group)) continue;
                if (a.birth != none && b.birth != none && !near_dates(a.birth, b.birth)) continue;
                const ValueTable &texts = *attributes_.name_texts[a.script];
                if (comparer_.jaro_winkler(texts.text(a.name), texts.text(b.name)) < 0.92) continue;
                people.unite(a.group, b.group);
            }
        }
        std::vector<uint32_t> roots;
        for (uint32_t g = 0; g < groups.size(); ++g) roots.push_back(people.find(g));
        return distinct(roots);
    }

    bool is_suspect(uint32_t f, uint32_t value) const {
        const uint32_t limit = fields_[f].generic_limit;
        const size_t widely = 10 * (size_t{limit} + 1);
        size_t varied = 0;
        // Who carries the value may be a million, but how far they differ shows after a few hundred of them.
        std::unordered_set<uint32_t> seen;
        const auto vary = [&](auto each_of) {
            seen.clear();
            for (const uint32_t p : carriers(f, value)) {
                each_of(p, [&](uint32_t v) { seen.insert(v); });
                if (seen.size() >= widely) break;
            }
            varied += (seen.size() > limit) + (seen.size() >= widely);
        };
        for (uint32_t g = 0; g < fields_.size(); ++g) {
            if (!kin(f, g)) vary([&](uint32_t p, auto visit) { each_value(p, g, visit); });
        }
        for (size_t s = 0; s < script_count; ++s) {
            const uint32_t column = attributes_.name[s];
            if (column == none) continue;
            vary([&](uint32_t p, auto visit) {
                if (code(p, column) != none) visit(code(p, column));
            });
        }
        return varied >= 2;
    }

    // Where some values stand in the order of the smallest records that carry them; within one record by column.
    std::unordered_map<uint32_t, size_t> places(uint32_t f, std::vector<uint32_t> values) const {
        distinct(values);
        const auto &columns = fields_[f].columns;
        struct Carried {
            uint32_t value, smallest, column;
        };
        std::vector<Carried> carried;
        for (const uint32_t v : values) {
            carried.push_back({v, smallest_carrier(f, v), 0});
            while (code(carried.back().smallest, columns[carried.back().column]) != v) ++carried.back().column;
        }
        std::sort(carried.begin(), carried.end(), [&](const Carried &a, const Carried &b) {
            return a.smallest != b.smallest ? order_.less(a.smallest, b.smallest) : a.column < b.column;
        });
        std::unordered_map<uint32_t, size_t> places;
        for (size_t i = 0; i < carried.size(); ++i) places.emplace(carried[i].value, i);
        return places;
    }

    // Joins the profiles of one component by the values of field f, in the order of the smallest records that carry
    // them; within one record by column. Returns the number of values found contested. The names and birth dates of the
    // component are known to hold nothing that is not among the doubts.
    uint64_t join_component(uint32_t f, const std::pair<uint32_t, uint32_t> *from,
                            const std::pair<uint32_t, uint32_t> *to, uint8_t doubt) {
        const auto &columns = fields_[f].columns;
        carried_.clear();
        for (; from != to; ++from) {
            const uint32_t p = from->second;
            each_value(p, f, [&](uint32_t v) {
                if (usable(f, v)) carried_.push_back({v, p, 0});
            });
        }
        const auto smaller = [&](const Carried &a, const Carried &b) {
            return a.value != b.value ? a.value < b.value : a.profile != b.profile && order_.less(a.profile, b.profile);
        };
        std::sort(carried_.begin(), carried_.end(), smaller);
        groups_.clear();
        for (uint32_t i = 0, j; i < carried_.size(); i = j) {
            for (j = i + 1; j < carried_.size() && carried_[j].value == carried_[i].value;) ++j;
            while (code(carried_[i].profile, columns[carried_[i].column]) != carried_[i].value) ++carried_[i].column;
            groups_.emplace_back(i, j);
        }
        std::sort(groups_.begin(), groups_.end(), [&](const auto &a, const auto &b) {
            const Carried &x = carried_[a.first], &y = carried_[b.first];
            return x.profile != y.profile ? order_.less(x.profile, y.profile) : x.column < y.column;
        });
        uint64_t contested = 0;
        std::vector<uint32_t> members;
        for (const auto &[begin, end] : groups_) {
            members.clear();
            for (uint32_t i = begin; i < end; ++i) members.push_back(carried_[i].profile);
            const uint32_t value = carried_[begin].value;
            std::vector<uint32_t> kept(members);
            const bool whole = remove_cut(f, value, kept);
            // Where the owners of a value tell when it was whose, no bridge has to be weighed.
            const bool told = !whole && changes_hands(f, members, doubt);
            const std::vector<uint32_t> &joining = whole || told ? members : kept;
            Joined joined = joining.empty() ? Joined::all : join_carriers(f, value, joining, doubt);
            if (!whole && joined != Joined::limited && joined != Joined::recycled) joined = Joined::bridge;
            contested_[f][value] = static_cast<uint8_t>(joined);
            contested += joined == Joined::contested;
        }
        return contested;
    }

    // The same where nothing but weak bridges is in doubt: all others join, in whatever order.
    void join_uncut(uint32_t f, const std::pair<uint32_t, uint32_t> *from, const std::pair<uint32_t, uint32_t> *to) {
        std::vector<std::pair<uint32_t, uint32_t>> carried;  // value, profile
        for (; from != to; ++from) {
            each_value(from->second, f, [&](uint32_t v) {
                if (usable(f, v)) carried.emplace_back(v, from->second);
            });
        }
        std::sort(carried.begin(), carried.end());
        std::vector<uint32_t> members;
        for (size_t i = 0, j; i < carried.size(); i = j) {
            members.clear();
            for (j = i; j < carried.size() && carried[j].first == carried[i].first; ++j) members.push_back(carried[j].second);
            if (!remove_cut(f, carried[i].first, members)) {
                contested_[f][carried[i].first] = static_cast<uint8_t>(Joined::bridge);
            }
            for (const uint32_t p : members) {
                sets_.unite(p, members.front());
                bound_[p] = 1;
            }
        }
    }

    // Who stays among the carriers of a value that weak bridges were cut from; whether all do.
    bool remove_cut(uint32_t f, uint32_t v, std::vector<uint32_t> &carriers) const {
        if (cut_.empty()) return true;
        const auto cut = cut_[f].find(v);
        if (cut == cut_[f].end()) return true;
        carriers.erase(std::remove_if(carriers.begin(), carriers.end(), [&](uint32_t p) {
            return std::binary_search(cut->second.begin(), cut->second.end(), p);
        }), carriers.end());
        return false;
    }

    // By root, how many records a component has and how many values of each field, the latter up to 255.
    struct Held {
        std::vector<uint32_t> records;
        std::vector<std::vector<uint8_t>> values;  // by field
    };

    // Finds the values that hold components together too weakly (bridges.hpp), in those that could have one.
    void find_bridges(std::vector<uint8_t> &doubtful) {
        Held held;
        held.records.assign(profiles_.size(), 0);
        for (uint32_t p = 0; p < profiles_.size(); ++p) held.records[sets_.find(p)] += profiles_.counts()[p];
        std::vector<BridgeField> told;
        for (uint32_t f = 0; f < fields_.size(); ++f) {
            std::vector<uint8_t> &counts = held.values.emplace_back(profiles_.size(), 0);
            std::array<uint64_t, 4> have{};  // customers who have so many values or more
            for (uint32_t v = 0; v < fields_[f].values->size(); ++v) {
                if (!usable(f, v) || !carriers(f, v).size()) continue;
                uint8_t &count = counts[sets_.find(first_carrier(f, v))];
                if (count < 255) ++count;
                if (count < have.size()) ++have[count];
            }
            told.push_back({to_bits(fields_[f].worth), {fields_[f].several, have[1], have[2], have[3]}, fields_[f].kin});
        }
        std::vector<uint32_t> suspects;
        std::vector<std::pair<uint32_t, Several>> values(fields_.size());
        for (uint32_t root = 0; root < profiles_.size(); ++root) {
            if (held.records[root] < 3) continue;
            Bits worth = std::numeric_limits<Bits>::max();
            bool several = false;
            for (uint32_t f = 0; f < fields_.size(); ++f) {
                const uint8_t count = held.values[f][root];
                values[f] = {count == 255 ? held.records[root] : count, told[f].several};
                if (count) worth = std::min(worth, told[f].worth);
                several = several || count > 1;
            }
            if (several && WeakBridges::most_against(held.records[root], values) > worth) suspects.push_back(root);
        }
        if (suspects.empty()) return;
        std::vector<std::pair<uint32_t, uint32_t>> members;  // root, profile
        held = {};
        std::vector<uint8_t> suspected(profiles_.size(), 0);
        for (const uint32_t root : suspects) suspected[root] = 1;
        for (uint32_t p = 0; p < profiles_.size(); ++p) {
            const uint32_t root = sets_.find(p);
            if (suspected[root]) members.emplace_back(root, p);
        }
        std::sort(members.begin(), members.end());
        cut_.resize(fields_.size());
        WeakBridges bridges(told);
        for (size_t i = 0, j; i < members.size(); i = j) {
            for (j = i + 1; j < members.size() && members[j].first == members[i].first;) ++j;
            if (find_bridges(bridges, &members[i], &members[i] + (j - i))) doubtful[members[i].first] |= has_bridge;
        }
        for (auto &values_of_field : cut_) {
            for (auto &[v, cut] : values_of_field) std::sort(cut.begin(), cut.end());
        }
    }

    // The same in one component.
    bool find_bridges(WeakBridges &bridges, const std::pair<uint32_t, uint32_t> *from,
                      const std::pair<uint32_t, uint32_t> *to) {
        struct Carries {
            uint32_t field, value, profile;
            bool operator<(const Carries &o) const { return std::tie(field, value, profile) < std::tie(o.field, o.value, o.profile); }
        };
        std::vector<Carries> carried;
        std::vector<uint64_t> records;
        for (const auto *at = from; at != to; ++at) {
            for (uint32_t f = 0; f < fields_.size(); ++f) {
                each_value(at->second, f, [&](uint32_t v) {
                    if (usable(f, v)) carried.push_back({f, v, static_cast<uint32_t>(at - from)});
                });
            }
            records.push_back(profiles_.counts()[at->second]);
        }
        std::sort(carried.begin(), carried.end());
        std::vector<uint8_t> field_of, kept;
        std::vector<WeakBridges::Edge> edges;
        std::vector<uint32_t> first;  // by value, its first edge
        for (size_t i = 0; i < carried.size(); ++i) {
            if (!i || carried[i].field != carried[i - 1].field || carried[i].value != carried[i - 1].value) {
                field_of.push_back(static_cast<uint8_t>(carried[i].field));
                kept.push_back(allowed(carried[i].field, carried[i].value));
                first.push_back(static_cast<uint32_t>(i));
            }
            edges.push_back({carried[i].profile, static_cast<uint32_t>(field_of.size() - 1)});
        }
        first.push_back(static_cast<uint32_t>(carried.size()));
        // Who those are that carry a value, and who shares another one with them.
        const auto told_of = [&](const Carries &but, const std::vector<uint32_t> &ends) {
            Pool pool;
            const auto add = [&](uint32_t p) {
                add_person(pool, p);
                const uint32_t told = story(p);
                if (told != none) pool.add(Pool::story, told);
            };
            for (const uint32_t e : ends) {
                const uint32_t p = from[edges[e].profile].second;
                add(p);
                for (uint32_t f = 0; f < fields_.size(); ++f) {
                    each_value(p, f, [&](uint32_t v) {
                        if (!usable(f, v) || (f == but.field && v == but.value) || carriers(f, v).size() > most_neighbors) return;
                        for (const uint32_t q : carriers(f, v)) add(q);
                    });
                }
            }
            return pool;
        };
        const auto agree = [&](uint32_t value, const std::vector<uint32_t> &left, const std::vector<uint32_t> &right) {
            const Carries &one = carried[first[value]];
            const Pool a = told_of(one, left), b = told_of(one, right);
            if (a.size() * b.size() > most_stories) return false;
            return compare_names(a, b) == Agreement::agree && !conflict(a, b, false);
        };
        const std::vector<uint32_t> &cut = bridges.find(records, field_of, kept, edges, agree);
        for (const uint32_t e : cut) cut_[carried[e].field][carried[e].value].push_back(from[carried[e].profile].second);
        return !cut.empty();
    }

    // By root: whether a component could hold a conflict. It takes a birth date, and beside it a second one, or two given
    // names or two names in one script. Two names alone may be those of strangers who had a number one after the other.
    std::vector<uint8_t> doubtful_components() {
        std::vector<uint8_t> doubtful(profiles_.size(), 0);
        const bool rests = profiles_.has_times() && std::any_of(fields_.begin(), fields_.end(), [](const auto &field) {
                               return field.rest != IdentifierField::never;
                           });
        if (attributes_.birth_date == none && !rests) return doubtful;
        std::vector<uint32_t> columns{attributes_.birth_date};
        columns.insert(columns.end(), attributes_.given.begin(), attributes_.given.end());
        columns.insert(columns.end(), attributes_.name.begin(), attributes_.name.end());
        std::vector<uint32_t> root(profiles_.size());
        for (uint32_t p = 0; p < profiles_.size(); ++p) root[p] = sets_.find(p);
        std::vector<uint8_t> dated(profiles_.size(), 0);
        std::vector<uint32_t> seen(profiles_.size());
        for (const uint32_t column : columns) {
            if (column == none) continue;
            std::fill(seen.begin(), seen.end(), none);
            for (uint32_t p = 0; p < profiles_.size(); ++p) {
                const uint32_t value = code(p, column);
                if (value == none) continue;
                uint32_t &known = seen[root[p]];
                if (column == attributes_.birth_date) dated[root[p]] = 1;
                if (known == none) {
                    known = value;
                } else if (known != value) {
                    doubtful[root[p]] |= dated[root[p]] ? may_conflict : 0;
                    if (rests && column != attributes_.birth_date) doubtful[root[p]] |= may_change_hands;
                }
            }
        }
        return doubtful;
    }

    // Who the record says that it is.
    void add_person(Pool &pool, uint32_t p) const {
        const auto add = [&](uint32_t kind, uint32_t column) {
            if (column != none && code(p, column) != none) pool.add(kind, code(p, column));
        };
        for (uint32_t s = 0; s < script_count; ++s) {
            add(Pool::given + s, attributes_.given[s]);
            add(Pool::name + s, attributes_.name[s]);
        }
        add(Pool::birth, attributes_.birth_date);
    }

    // The number of a record's name and birth date together; `none` where it has not both.
    uint32_t story(uint32_t p) {
        if (attributes_.birth_date == none || code(p, attributes_.birth_date) == none) return none;
        Story told;
        bool named = false;
        for (size_t s = 0; s < script_count; ++s) {
            told[s] = attributes_.given[s] == none ? none : code(p, attributes_.given[s]);
            told[script_count + s] = attributes_.name[s] == none ? none : code(p, attributes_.name[s]);
            named = named || told[s] != none || told[script_count + s] != none;
        }
        if (!named) return none;
        told.back() = code(p, attributes_.birth_date);
        const auto [at, fresh] = story_numbers_.try_emplace(told, static_cast<uint32_t>(stories_.size()));
        if (fresh) {
            stories_.emplace_back();
            add_person(stories_.back(), p);
        }
        return at->second;
    }

    void add_profile(Pool &pool, uint32_t p) {
        add_person(pool, p);
        const uint32_t told = story(p);
        if (told != none) pool.add(Pool::story, told);
        if (attributes_.postcode != none && code(p, attributes_.postcode) != none) {
            pool.add(Pool::postcode, code(p, attributes_.postcode));
        }
        if (!limits_.any()) return;
        limits_.add(p, code(p, 0), pool);
        for (uint32_t k = 0; k < limits_.fields().size(); ++k) {
            const uint32_t f = limits_.fields()[k].field;
            each_value(p, f, [&](uint32_t v) {
                if (usable(f, v)) pool.add(Pool::limited + k, v);
            });
        }
    }

    // The pool of p's cluster. While the careful step joins, every profile starts with its own; afterwards a cluster's
    // pool is gathered from its members when it is first asked for.
    const Pool &pool(uint32_t p) {
        const uint32_t root = sets_.find(p);
        if (pool_at_.empty()) pool_at_.assign(profiles_.size(), none);
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
        pool(a);
        pool(b);
        const uint32_t root = sets_.unite(a, b);
        const uint32_t other = root == a ? b : a;
        pools_[pool_at_[root]].merge(pools_[pool_at_[other]]);
        pool_at_[other] = none;
    }

    void refuse(const Link &link, Refusal why) { refused_.push_back({link, static_cast<uint32_t>(why)}); }

    // Called once the exact values have joined: whose pool is asked for from now on is gathered from all members.
    void prepare_members() {
        if (!member_ends_.empty()) return;
        pools_used_ = 0;
        member_ends_.assign(profiles_.size() + 1, 0);
        for (uint32_t p = 0; p < profiles_.size(); ++p) ++member_ends_[sets_.find(p) + 1];
        for (size_t i = 1; i < member_ends_.size(); ++i) member_ends_[i] += member_ends_[i - 1];
        members_.resize(profiles_.size());
        std::vector<size_t> at(member_ends_.begin(), member_ends_.end() - 1);
        for (uint32_t p = 0; p < profiles_.size(); ++p) members_[at[sets_.find(p)]++] = p;
    }

    // One slip in a name of so many letters or more: shorter ones (タロウ and ジロウ) are one slip apart and two people.
    bool near_texts(const ValueTable *texts, uint32_t a, uint32_t b, size_t at_least) {
        if (!texts) return false;
        detail::decode_utf8(texts->text(a), left_);
        detail::decode_utf8(texts->text(b), right_);
        if (std::min(left_.size(), right_.size()) < at_least) return false;
        return osa_distance(left_, right_, 1, rows_) <= 1;
    }

    // Given names where both clusters have one in the same script, else full names. Equal in any script is agreement, for
    // a name misspelt in one is often right in another; a slip in kana or Latin letters counts only where the Han
    // characters do not already tell two people apart (正弘 and 正彦 are one kana apart). Equal full names agree, whichever
    // part stands first.
    Agreement compare_names(const Pool &a, const Pool &b) {
        const Agreement given = compare_forms(a, b, Pool::given, attributes_.given_texts, 4, true);
        if (given == Agreement::agree) return given;
        if (given == Agreement::unknown) return compare_forms(a, b, Pool::name, attributes_.name_texts, 6, false);
        for (uint32_t s = 0; s < script_count; ++s) {
            if (intersect(a.of(Pool::name + s), b.of(Pool::name + s))) return Agreement::agree;
        }
        return given;
    }

    Agreement compare_forms(const Pool &a, const Pool &b, uint32_t kind,
                            const std::array<const ValueTable *, script_count> &texts, size_t at_least,
                            bool kana_slips) {
        bool comparable = false;
        for (uint32_t s = 0; s < script_count; ++s) {
            const Pool::Codes left = a.of(kind + s), right = b.of(kind + s);
            comparable = comparable || (!left.empty() && !right.empty());
            if (intersect(left, right)) return Agreement::agree;
        }
        if (!comparable) return Agreement::unknown;
        if (!a.of(kind).empty() && !b.of(kind).empty()) return Agreement::disagree;
        for (uint32_t s = kana_slips ? kana_script : latin_script; s < script_count; ++s) {
            for (const uint64_t x : a.of(kind + s)) {
                for (const uint64_t y : b.of(kind + s)) {
                    if (near_texts(texts[s], Pool::code(x), Pool::code(y), at_least)) return Agreement::agree;
                }
            }
        }
        return Agreement::disagree;
    }

    // Near: one digit off, or day and month swapped.
    static bool near_dates(uint32_t a, uint32_t b) {
        if (a == b) return true;
        const uint32_t day_a = a % 100, month_a = a / 100 % 100, day_b = b % 100, month_b = b / 100 % 100;
        if (a / 10000 == b / 10000 && day_a == month_b && month_a == day_b) return true;
        int different = 0;
        for (; a || b; a /= 10, b /= 10) different += a % 10 != b % 10;
        return different == 1;
    }

    static Agreement compare_births(const Pool &a, const Pool &b) {
        const Pool::Codes left = a.of(Pool::birth), right = b.of(Pool::birth);
        if (left.empty() || right.empty()) return Agreement::unknown;
        for (const uint64_t x : left) {
            for (const uint64_t y : right) {
                if (near_dates(Pool::code(x), Pool::code(y))) return Agreement::agree;
            }
        }
        return Agreement::disagree;
    }

    // Two people: their birth dates differ, and their names do too or are not known. Another name alone is no conflict (a
    // relative collects the parcel, a name is misheard); but over what a household shares, another name with the same
    // birth date is a twin, and the same name with a birth date a generation away a father and his son.
    bool conflict(const Pool &a, const Pool &b, bool personal) {
        const auto two = [&](const Pool &x, const Pool &y) { return opposed(x, y, personal); };
        return two(a, b) || told_apart(a, b, two);
    }

    bool opposed(const Pool &a, const Pool &b, bool personal) {
        const Agreement births = compare_births(a, b);
        if (births == Agreement::unknown || (births == Agreement::agree && personal)) return false;
        const Agreement names = compare_names(a, b);
        if (names != Agreement::agree) return names == Agreement::disagree || births == Agreement::disagree;
        return births == Agreement::disagree && !personal && far_births(a, b, generation_apart);
    }

    // Among all that a cluster's records say, a name of one person and a birth date of another make nobody. So whoever is
    // told whole, by name and birth date in one record, is compared as such: most of these pairs have to be two.
    template <class Two>
    bool told_apart(const Pool &a, const Pool &b, Two two) {
        const Pool::Codes left = a.of(Pool::story), right = b.of(Pool::story);
        // No one person has that many stories.
        if (static_cast<size_t>(left.to - left.from) * static_cast<size_t>(right.to - right.from) > most_stories) return true;
        size_t compared = 0, apart = 0;
        for (const uint64_t x : left) {
            for (const uint64_t y : right) {
                const Pool &one = stories_[Pool::code(x)], &other = stories_[Pool::code(y)];
                if (compare_names(one, other) == Agreement::unknown) continue;
                ++compared;
                apart += two(one, other);
            }
        }
        return apart * 2 > compared;
    }

    // Whether both have birth dates, and none of the one is near one of the other; nor fails to be as far as `far` asks.
    template <class Far>
    static bool far_births(const Pool &a, const Pool &b, Far far) {
        const Pool::Codes births = a.of(Pool::birth), others = b.of(Pool::birth);
        for (const uint64_t x : births) {
            for (const uint64_t y : others) {
                if (compare_dates(Pool::code(x), Pool::code(y)) != level::different) return false;
                if (!far(Pool::code(x), Pool::code(y))) return false;
            }
        }
        return !births.empty() && !others.empty();
    }
    static bool far_births(const Pool &a, const Pool &b) {
        return far_births(a, b, [](uint32_t, uint32_t) { return true; });
    }

    // Whether both have given names, and none of the one resembles one of the other, wherever its parts stand.
    bool unlike_names(const Pool &a, const Pool &b) {
        bool comparable = false;
        for (uint32_t s = 0; s < script_count; ++s) {
            if (intersect(a.of(Pool::name + s), b.of(Pool::name + s))) return false;
            for (const uint64_t x : a.of(Pool::given + s)) {
                for (const uint64_t y : b.of(Pool::given + s)) {
                    comparable = true;
                    if (x == y || given_level(s, x, y) > level::different) return false;
                }
            }
        }
        return comparable && !parts_exchanged(a, b) && !parts_exchanged(b, a);
    }

    // Whether a given or a full name of the one in Latin letters is a full name of the other, or a word of it, misspelt at most.
    bool parts_exchanged(const Pool &a, const Pool &b) {
        const ValueTable *given = attributes_.given_texts[latin_script], *whole = attributes_.name_texts[latin_script];
        for (const uint64_t y : b.of(Pool::name + latin_script)) {
            const std::string_view full = whole->text(Pool::code(y));
            for (const uint64_t x : a.of(Pool::given + latin_script)) {
                if (comparer_(Comparing::name, given->text(Pool::code(x)), full) > level::different) return true;
            }
            for (const uint64_t x : a.of(Pool::name + latin_script)) {
                if (comparer_(Comparing::name, whole->text(Pool::code(x)), full) >= level::close) return true;
            }
        }
        return false;
    }

    static bool intersect(const Pool::Codes &a, const Pool::Codes &b) {
        const uint64_t *x = a.from, *y = b.from;
        while (x != a.to && y != b.to) {
            if (*x == *y) return true;
            *x < *y ? ++x : ++y;
        }
        return false;
    }

    // Support of a near value: the full names are equal in some script, birth dates or postcodes are equal.
    static uint32_t support_of(const Pool &a, const Pool &b) {
        const auto equal = [&](uint32_t kind) { return intersect(a.of(kind), b.of(kind)); };
        uint32_t support = 0;
        for (uint32_t s = 0; s < script_count; ++s) {
            if (equal(Pool::name + s)) support |= static_cast<uint32_t>(Support::name);
        }
        if (equal(Pool::birth)) support |= static_cast<uint32_t>(Support::birth_date);
        if (equal(Pool::postcode)) support |= static_cast<uint32_t>(Support::postcode);
        return support;
    }

    // Whether two names begin with the same character.
    static bool begins_alike(std::string_view a, std::string_view b) {
        size_t n = 1;
        while (n < a.size() && (static_cast<uint8_t>(a[n]) & 0xc0) == 0x80) ++n;
        return a.substr(0, n) == b.substr(0, n);
    }

    uint8_t given_level(uint32_t script, uint64_t x, uint64_t y) {
        const ValueTable &texts = *attributes_.given_texts[script];
        return comparer_(Comparing::given_name, texts.text(Pool::code(x)), texts.text(Pool::code(y)));
    }

    // What a match weight may not outweigh: what the clusters know and the pair did not (a gift bears the name of who
    // receives it and the email of who sends it; a record without a given name is a twin's as much as the other's), and
    // names and birth dates that both differ, however much of a household they share.
    bool two_people(const Pool &a, const Pool &b, const WeighedPair &pair) {
        if (!pair.told && unlike_names(a, b)) return true;
        if (!(pair.dated && pair.named) && far_births(a, b) && (!pair.dated || unlike_names(a, b))) return true;
        return told_apart(a, b, [&](const Pool &x, const Pool &y) { return far_births(x, y) && unlike_names(x, y); });
    }

    // By cluster that weighed pairs reach: whether it lacks the name or the birth date that tells two others apart, of which
    // it is as likely the one's as the other's. Nobody knows then whose it is. Two that a pair joins although it knows what
    // tells them apart are no rivals.
    std::unordered_set<uint32_t> ambiguous(const std::vector<WeighedPair> &pairs) {
        struct Partner {
            uint32_t cluster, other;
            double weight;
        };
        std::vector<Partner> partners;
        for (const WeighedPair &pair : pairs) {
            const uint32_t a = sets_.find(pair.left), b = sets_.find(pair.right);
            if (a == b) continue;
            partners.push_back({a, b, pair.weight});
            partners.push_back({b, a, pair.weight});
        }
        std::sort(partners.begin(), partners.end(), [](const Partner &a, const Partner &b) {
            return a.cluster != b.cluster ? a.cluster < b.cluster : a.weight > b.weight;
        });
        // Clusters that a pair joins which knows both names, or both birth dates.
        std::vector<std::pair<uint32_t, uint32_t>> told, dated;
        for (const WeighedPair &pair : pairs) {
            const std::pair<uint32_t, uint32_t> ends = std::minmax(sets_.find(pair.left), sets_.find(pair.right));
            if (pair.told) told.push_back(ends);
            if (pair.dated) dated.push_back(ends);
        }
        std::sort(told.begin(), told.end());
        std::sort(dated.begin(), dated.end());
        const auto is_joined = [](const auto &joined, uint32_t a, uint32_t b) {
            return std::binary_search(joined.begin(), joined.end(), std::pair<uint32_t, uint32_t>(std::minmax(a, b)));
        };
        std::unordered_set<uint32_t> found;
        std::vector<uint32_t> likely;
        for (size_t i = 0, j; i < partners.size(); i = j) {
            likely.clear();
            for (j = i; j < partners.size() && partners[j].cluster == partners[i].cluster; ++j) {
                if (partners[j].weight >= partners[i].weight - as_likely) likely.push_back(partners[j].other);
            }
            if (likely.size() < 2 || distinct(likely) < 2 || likely.size() > most_rivals) continue;
            const Pool &own = pool(partners[i].cluster);
            const bool nameless = !names_anybody(own), dateless = own.of(Pool::birth).empty();
            for (size_t k = 0; k < likely.size() && (nameless || dateless); ++k) {
                for (size_t l = k + 1; l < likely.size(); ++l) {
                    const uint32_t a = likely[k], b = likely[l];
                    const Pool &one = pool(a), &other = pool(b);
                    if ((nameless && !is_joined(told, a, b) && unlike_names(one, other)) ||
                        (dateless && !is_joined(dated, a, b) && far_births(one, other))) {
                        found.insert(partners[i].cluster);
                    }
                }
            }
        }
        return found;
    }

    static bool names_anybody(const Pool &pool) {
        for (uint32_t s = 0; s < script_count; ++s) {
            if (!pool.of(Pool::given + s).empty()) return true;
        }
        return false;
    }

    // A near value tolerates less than a shared one: the names alone set two clusters apart.
    bool differ(const Pool &a, const Pool &b) {
        return compare_names(a, b) == Agreement::disagree || compare_births(a, b) == Agreement::disagree;
    }

    // Links the carriers of one value to the cluster of another. Carriers of an incomplete value are not one cluster yet:
    // where two that would be linked differ from each other, nobody knows whose number it was, and none is.
    void join_near(Link link, std::vector<uint32_t> carriers, bool corrected, std::vector<Link> &links,
                   NearCounts &counts) {
        std::sort(carriers.begin(), carriers.end(), [&](uint32_t a, uint32_t b) { return order_.less(a, b); });
        const uint32_t target = link.right_profile;
        std::vector<Link> wanted;
        for (const uint32_t p : carriers) {
            if (sets_.find(p) == sets_.find(target)) {
                ++counts.already;
                bind(p);
                bind(target);
                continue;
            }
            link.left_profile = p;
            const bool conflicting = differ(pool(p), pool(target));
            if (conflicting || (limits_.any() && forbidden({p, target}))) {
                ++counts.conflict;
                refuse(link, conflicting ? Refusal::conflict : Refusal::limit);
            } else {
                if (corrected) link.support = support_of(pool(p), pool(target));
                wanted.push_back(link);
            }
        }
        bool torn = wanted.size() > most_clusters, broken = false;
        for (size_t i = 0; i < wanted.size() && !torn; ++i) {
            for (size_t j = 0; j < i && !torn; ++j) {
                torn = differ(pool(wanted[i].left_profile), pool(wanted[j].left_profile));
            }
        }
        if (limits_.any() && wanted.size() > 1) {
            std::vector<uint32_t> together{target};
            for (const Link &each : wanted) together.push_back(each.left_profile);
            broken = forbidden(together);
        }
        if (torn || broken) {
            counts.conflict += wanted.size();
            for (const Link &each : wanted) refuse(each, torn ? Refusal::conflict : Refusal::limit);
            return;
        }
        for (const Link &each : wanted) {
            bound_[each.left_profile] = bound_[target] = 1;
            if (sets_.find(each.left_profile) == sets_.find(target)) {
                ++counts.already;
                continue;
            }
            unite(each.left_profile, target);
            links.push_back(each);
            ++counts.linked;
        }
    }

    // Joins the clusters of a value's carriers. Where two of them conflict the value is contested: only those are joined
    // that agree on the name, and among these no group that holds a conflict itself. Where a limit alone forbids that all
    // become one, those whom it does not concern join too.
    Joined join_carriers(uint32_t f, uint32_t value, const std::vector<uint32_t> &carriers, uint8_t doubt) {
        std::vector<uint32_t> roots;
        for (const uint32_t p : carriers) roots.push_back(sets_.find(p));
        const bool alone = limits_.any() && std::any_of(carriers.begin(), carriers.end(),
                                                        [&](uint32_t p) { return limits_.alone(p); });
        if (distinct(roots) == 1 && !alone) {
            for (const uint32_t p : carriers) bound_[p] = 1;
            return Joined::all;
        }
        const bool limited = limits_.any() && forbidden(roots);
        if (!limited && !(doubt & may_conflict) && !rests(f, doubt)) {
            for (const uint32_t root : roots) unite(root, roots[0]);
            for (const uint32_t p : carriers) bound_[p] = 1;
            return Joined::all;
        }
        const Verdict verdict = judge(f, roots, carriers, doubt);
        const std::vector<uint32_t> &known = verdict.known;
        const bool contested = verdict.contested || verdict.tenures.found();
        if (!contested && !limited) {
            for (const uint32_t root : roots) unite(root, roots[0]);
            for (const uint32_t p : carriers) bound_[p] = 1;
            return Joined::all;
        }
        UnionFind groups(known.size());
        for (const auto &[i, j] : verdict.agreeing) groups.unite(static_cast<uint32_t>(i), static_cast<uint32_t>(j));
        std::unordered_set<uint32_t> broken;
        for (const auto &[i, j] : verdict.opposed) {
            if (groups.find(static_cast<uint32_t>(i)) == groups.find(static_cast<uint32_t>(j))) {
                broken.insert(groups.find(static_cast<uint32_t>(i)));
            }
        }
        std::vector<std::vector<uint32_t>> wanted(known.size());
        for (uint32_t i = 0; i < known.size(); ++i) {
            if (verdict.tenures.owner(i) == none && !broken.count(groups.find(i))) wanted[groups.find(i)].push_back(known[i]);
        }
        for (const std::vector<uint32_t> &group : wanted) {
            if (group.size() > 1) join_unopposed(group);
        }
        if (!contested) join_unopposed(roots);
        if (verdict.tenures.found()) hand_over(f, value, carriers, roots, verdict);
        for (const uint32_t p : carriers) {
            if (!contested || names_somebody(p)) bind(p);
        }
        return verdict.tenures.found() ? Joined::recycled : contested ? Joined::contested : Joined::limited;
    }

    // What is to be known of the clusters that carry a value before they join.
    struct Verdict {
        std::vector<uint32_t> known;                   // those that say anything of the person
        std::vector<Tenures::Pair> opposed, agreeing;  // pairs of these: in conflict; of one name, and not
        bool contested = false;                        // the value is not one person's
        std::vector<Span> seen;                        // by cluster, when its records carry the value; where anybody asks
        Tenures tenures;
    };

    Verdict judge(uint32_t f, const std::vector<uint32_t> &roots, const std::vector<uint32_t> &carriers, uint8_t doubt) {
        Verdict verdict;
        std::vector<uint32_t> &known = verdict.known;
        for (const uint32_t root : roots) {
            if (!pool(root).blank()) known.push_back(root);
        }
        const bool conflicting = doubt & may_conflict;
        if (known.size() > most_clusters) {
            verdict.contested = conflicting;
            return verdict;
        }
        std::vector<Tenures::Pair> strange, differing;
        for (size_t i = 0; i < known.size(); ++i) {
            for (size_t j = i + 1; j < known.size(); ++j) {
                if (conflicting && conflict(pool(known[i]), pool(known[j]), fields_[f].personal)) {
                    verdict.opposed.emplace_back(i, j);
                    continue;
                }
                const Agreement names = compare_names(pool(known[i]), pool(known[j]));
                if (names == Agreement::agree) verdict.agreeing.emplace_back(i, j);
                if (names != Agreement::disagree) continue;
                differing.emplace_back(i, j);
                if (rests(f, doubt) && strangers(pool(known[i]), pool(known[j]))) strange.emplace_back(i, j);
            }
        }
        verdict.contested = !verdict.opposed.empty();
        if (!profiles_.has_times() || (verdict.opposed.empty() && strange.empty())) return verdict;
        verdict.seen = seen_by(roots, carriers);
        std::vector<Span> seen;
        for (size_t i = 0, k = 0; k < known.size(); ++i) {
            if (roots[i] == known[k]) seen.push_back(verdict.seen[i]), ++k;
        }
        // Names alone tell owners apart only where the value had rested between them.
        std::vector<Tenures::Pair> rivals;
        std::merge(verdict.opposed.begin(), verdict.opposed.end(), strange.begin(), strange.end(), std::back_inserter(rivals));
        verdict.tenures = {seen, rivals, verdict.agreeing, differing};
        if (!strange.empty() && verdict.tenures.shortest_rest() < fields_[f].rest) {
            verdict.tenures = {seen, verdict.opposed, verdict.agreeing, differing};
        }
        return verdict;
    }

    // ---- values that change hands ------------------------------------------------------------------------------

    // Whether the carriers of a value had it one after another.
    bool changes_hands(uint32_t f, const std::vector<uint32_t> &carriers, uint8_t doubt) {
        if (!profiles_.has_times() || !(doubt & (may_conflict | may_change_hands))) return false;
        std::vector<uint32_t> roots;
        for (const uint32_t p : carriers) roots.push_back(sets_.find(p));
        return distinct(roots) > 1 && judge(f, roots, carriers, doubt).tenures.found();
    }

    // Whether strangers may have a component's values of a field one after another.
    bool rests(uint32_t f, uint8_t doubt) const {
        return doubt & may_change_hands && fields_[f].rest != IdentifierField::never;
    }

    // By cluster (their roots, ascending), when its records carry the value of some carriers.
    std::vector<Span> seen_by(const std::vector<uint32_t> &roots, const std::vector<uint32_t> &carriers) {
        std::vector<Span> seen(roots.size());
        for (const uint32_t p : carriers) {
            const auto at = std::lower_bound(roots.begin(), roots.end(), sets_.find(p)) - roots.begin();
            const auto [first, last] = profiles_.seen(p);
            seen[static_cast<size_t>(at)].widen({first, last});
        }
        return seen;
    }

    // Two whom birth dates do not show to be one and who bear names of which nothing is alike: relatives share the family
    // name, and who marries keeps the given name.
    bool strangers(const Pool &a, const Pool &b) const {
        if (compare_births(a, b) == Agreement::agree) return false;
        bool comparable = false;
        for (uint32_t s = 0; s < script_count; ++s) {
            for (const uint64_t x : a.of(Pool::name + s)) {
                for (const uint64_t y : b.of(Pool::name + s)) {
                    const std::string_view left = attributes_.name_texts[s]->text(Pool::code(x));
                    const std::string_view right = attributes_.name_texts[s]->text(Pool::code(y));
                    if (begins_alike(left, right)) return false;
                    comparable = true;
                }
            }
        }
        return comparable;
    }

    // Joins each owner of a value with those who were seen with it within his tenure alone. The records of a profile that
    // holds nothing but the value may be several people's: they are told apart when all exact values have joined.
    void hand_over(uint32_t f, uint32_t value, const std::vector<uint32_t> &carriers, const std::vector<uint32_t> &roots,
                   const Verdict &verdict) {
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
            const auto at = std::lower_bound(roots.begin(), roots.end(), sets_.find(p)) - roots.begin();
            if (owner[static_cast<size_t>(at)] != none) {
                bind(p);
            } else if (profiles_.counts()[p] > 1 && !limits_.alone(p) && holds_only(p, f, value)) {
                scattered_.emplace_back(p, static_cast<uint32_t>(handovers_.size()));
            }
        }
        Handover handover{f, value, tenures, {}};
        for (const std::vector<uint32_t> &part : parts) {
            join_unopposed(part);
            // Where a limit keeps the people of one tenure apart, nothing tells whose the rest is.
            const bool whole = std::all_of(part.begin(), part.end(), [&](uint32_t root) {
                return !limits_.alone(root) && sets_.find(root) == sets_.find(part[0]);
            });
            handover.holders.push_back(whole ? part[0] : none);
        }
        handovers_.push_back(std::move(handover));
    }

    // Whether a profile says nothing but that it carries one value.
    bool holds_only(uint32_t p, uint32_t f, uint32_t value) const {
        const auto &own = fields_[f].columns;
        for (uint32_t c = 1; c < profiles_.width(); ++c) {
            const uint32_t held = code(p, c);
            if (held == none) continue;
            if (held != value || std::find(own.begin(), own.end(), c) == own.end()) return false;
        }
        return true;
    }

    // Gives each record of the profiles that carry nothing but a value that changed hands to the owner of its time.
    void tell_apart() {
        if (scattered_.empty()) return;
        std::vector<uint32_t> at(profiles_.size(), none);
        for (const auto &[p, handover] : scattered_) at[p] = handover;
        const auto &of_record = profiles_.of_record();
        for (size_t i = 0; i < of_record.size(); ++i) {
            if (at[of_record[i]] == none) continue;
            const Handover &handover = handovers_[at[of_record[i]]];
            const uint32_t owner = handover.tenures.within(Span::at(profiles_.time(i)));
            if (owner == none || handover.holders[owner] == none) continue;
            adopted_.emplace_back(static_cast<uint32_t>(i), handover.holders[owner]);
        }
    }

    // ---- limits ------------------------------------------------------------------------------------------------

    std::vector<Limits::Breach> breaches(std::vector<uint32_t> profiles) {
        for (uint32_t &p : profiles) p = sets_.find(p);
        distinct(profiles);
        return limits_.breaches(profiles, sets_, [&](uint32_t root) -> const Pool & { return pool(root); });
    }

    // Whether a limit forbids that the clusters of some profiles become one; if so, it is counted.
    bool forbidden(const std::vector<uint32_t> &profiles) {
        const std::vector<Limits::Breach> found = breaches(profiles);
        if (!found.empty()) limits_.refuse(found);
        return !found.empty();
    }

    // Those of some profiles' clusters that may not be one customer with all the others; they are counted.
    std::unordered_set<uint32_t> rivals_among(const uint32_t *from, const uint32_t *to) {
        std::unordered_set<uint32_t> rivals;
        if (!limits_.any()) return rivals;
        const std::vector<Limits::Breach> found = breaches({from, to});
        limits_.refuse(found);
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

    void bind(uint32_t p) {
        if (!limits_.alone(p)) bound_[p] = 1;
    }

    // Joins again those of a component that was taken apart whom must-links hold together.
    void hold_together(const std::pair<uint32_t, uint32_t> *from, const std::pair<uint32_t, uint32_t> *to) {
        for (; from != to; ++from) {
            const auto &held = limits_.held();
            const auto at = std::lower_bound(held.begin(), held.end(), Limits::Pair{from->second, 0});
            if (at == held.end() || at->first != from->second) continue;
            bound_[at->first] = 1;
            unite(at->first, at->second);
        }
    }

    // Finds the profiles that are alone, and by root the components that break a limit.
    void mark_broken(std::vector<uint8_t> &doubtful) {
        std::vector<uint8_t> alone(profiles_.size(), 0);
        std::vector<uint32_t> values;
        for (uint32_t p = 0; p < profiles_.size(); ++p) {
            if (profiles_.counts()[p] < 2) continue;
            alone[p] = limits_.unique(code(p, 0));
            for (const FieldLimit &limit : limits_.fields()) {
                values.clear();
                each_value(p, limit.field, [&](uint32_t v) {
                    if (usable(limit.field, v)) values.push_back(v);
                });
                alone[p] |= limit.broken_by(values);
            }
            if (alone[p]) doubtful[sets_.find(p)] |= breaks_limit;
        }
        limits_.set_alone(std::move(alone));
        mark_repeated_sources(doubtful);
        for (const FieldLimit &limit : limits_.fields()) mark_overfull(limit, doubtful);
        for (const auto &[p, q] : limits_.apart()) {
            if (sets_.find(p) == sets_.find(q)) doubtful[sets_.find(p)] |= breaks_limit;
        }
    }

    void mark_repeated_sources(std::vector<uint8_t> &doubtful) {
        constexpr uint32_t at_once = 64;
        for (uint32_t from = 0; from < limits_.sources().size(); from += at_once) {
            std::vector<uint64_t> seen(profiles_.size(), 0);  // by root, a bit for each of these sources
            for (uint32_t p = 0; p < profiles_.size(); ++p) {
                const uint32_t source = code(p, 0);
                if (source < from || source - from >= at_once || !limits_.unique(source)) continue;
                const uint32_t root = sets_.find(p);
                const uint64_t bit = uint64_t{1} << (source - from);
                if (seen[root] & bit) doubtful[root] |= breaks_limit;
                seen[root] |= bit;
            }
        }
    }

    // All who carry a value are in one component by now, so each of its values counts once.
    void mark_overfull(const FieldLimit &limit, std::vector<uint8_t> &doubtful) {
        std::vector<std::pair<uint32_t, uint32_t>> held;  // root, value
        std::vector<uint8_t> seen(fields_[limit.field].values->size(), 0);
        for (uint32_t p = 0; p < profiles_.size(); ++p) {
            each_value(p, limit.field, [&](uint32_t v) {
                if (!seen[v] && usable(limit.field, v)) held.emplace_back(sets_.find(p), v);
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

    // Whether it has a name or a birth date.
    bool says_who(uint32_t p) const {
        return names_somebody(p) || (attributes_.birth_date != none && code(p, attributes_.birth_date) != none);
    }

    bool names_somebody(uint32_t p) const {
        for (size_t s = 0; s < script_count; ++s) {
            for (const uint32_t column : {attributes_.given[s], attributes_.name[s]}) {
                if (column != none && code(p, column) != none) return true;
            }
        }
        return false;
    }

    // More clusters than this are not compared each with each: no one person has that many stories.
    static constexpr size_t most_clusters = 256;

    static constexpr size_t most_stories = 4096;  // pairs of them
    static constexpr size_t most_spellings = 256;
    static constexpr size_t most_neighbors = 64, most_rivals = 16;
    static constexpr double as_likely = 1.0;  // in match weight

    enum Doubt : uint8_t { may_conflict = 1, breaks_limit = 2, has_bridge = 4, may_change_hands = 8 };

    const ProfileTable &profiles_;
    std::vector<IdentifierField> fields_;
    AttributeColumns attributes_;
    RecordOrder order_;
    UnionFind sets_;
    std::vector<uint8_t> bound_;
    Limits limits_;
    std::vector<std::vector<uint8_t>> contested_;  // per field and value
    std::vector<std::vector<uint32_t>> crowded_;   // per field: the values that are judged
    std::vector<std::unordered_map<uint32_t, std::vector<uint32_t>>> cut_;  // per field and value: who it is cut from
    std::vector<RefusedLink> refused_;
    std::vector<Handover> handovers_;
    std::vector<std::pair<uint32_t, uint32_t>> scattered_;  // profile, and the handover of the only value that it holds
    std::vector<std::pair<uint32_t, uint32_t>> adopted_;
    using Story = std::array<uint32_t, 2 * script_count + 1>;
    struct StoryHash {
        size_t operator()(const Story &story) const {
            uint64_t h = 0;
            for (const uint32_t part : story) h = (h ^ part) * 0x9e3779b97f4a7c15ULL, h ^= h >> 29;
            return static_cast<size_t>(h);
        }
    };
    std::unordered_map<Story, uint32_t, StoryHash> story_numbers_;
    std::deque<Pool> stories_;
    std::deque<Pool> pools_;          // a deque: a pool stays where it is while others are made
    uint32_t pools_used_ = 0;
    std::vector<uint32_t> pool_at_;  // by root; `none` where its pool was not asked for
    struct Carried {
        uint32_t value, profile, column;
    };
    std::vector<Carried> carried_;    // of the component that is being joined
    std::vector<std::pair<uint32_t, uint32_t>> groups_;
    std::vector<size_t> member_ends_;
    std::vector<uint32_t> members_;
    std::vector<uint32_t> left_, right_, rows_;
    TextComparer comparer_;
};

}  // namespace enishi
