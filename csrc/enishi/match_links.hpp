// Links by probability: pairs of profiles with their match weights.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <tuple>
#include <unordered_set>
#include <utility>
#include <vector>

#include "clusters.hpp"
#include "links.hpp"
#include "people.hpp"
#include "profile_graph.hpp"

namespace enishi {

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
namespace detail {

inline constexpr size_t most_rivals = 16;
inline constexpr double as_likely = 1.0;  // in match weight

// Whether two clusters are joined by more than an accident. Of two clusters with many members one pair in a hundred
// will reach any threshold by chance, and each such pair would join all: so of the pairs between their members, one in
// eight has to. Members that are in no pair at all have nothing to say and do not count. And the more pairs of people's
// records there are between the two, the likelier one of them reaches a weight by accident: of two that have
// identifiers of their own in several fields, as many have to reach the threshold as make up for that.
//
// And where sources say few people twice, a pair of two sources that would put two records of one source together has
// to reach the threshold as such a pair of one source would: the better partner of that source was there before.
class PairsBetween {
  public:
    PairsBetween(const ProfileGraph &graph, Clusters &clusters, const std::vector<WeighedPair> &pairs)
        : clusters_(clusters), number_(graph.size(), none) {
        // Few clusters of many are in any pair, and of the others nothing is asked.
        std::vector<uint8_t> paired(graph.size(), 0);  // by root
        for (const WeighedPair &pair : pairs) paired[clusters.find(pair.left)] = paired[clusters.find(pair.right)] = 1;
        for (uint32_t p = 0; p < graph.size(); ++p) {
            if (!paired[clusters.find(p)]) continue;
            number_[p] = static_cast<uint32_t>(members_.size());
            Member member;
            member.profile = p;
            member.next = number_[p];
            member.known = graph.says_who(p);
            member.sources = uint64_t{1} << (graph.code(p, 0) & 63);
            for (uint32_t f = 0; f < graph.fields.size(); ++f) {
                graph.each_value(p, f, [&](uint32_t v) { member.held |= uint64_t{graph.usable(f, v)} << (f & 63); });
            }
            members_.push_back(member);
        }
        ends_.assign(members_.size() + 1, 0);
        for (const WeighedPair &pair : pairs) {
            if (pair.left != pair.right) ++ends_[number_[pair.left] + size_t{1}], ++ends_[number_[pair.right] + size_t{1}];
        }
        for (size_t m = 1; m < ends_.size(); ++m) ends_[m] += ends_[m - 1];
        partners_.resize(ends_.back());
        std::vector<size_t> at(ends_.begin(), ends_.end() - 1);
        for (const WeighedPair &pair : pairs) {
            if (pair.left == pair.right) continue;
            partners_[at[number_[pair.left]]++] = pair.right;
            partners_[at[number_[pair.right]]++] = pair.left;
        }
        for (uint32_t m = 0; m < members_.size(); ++m) {
            Member &root = cluster(members_[m].profile), &member = members_[m];
            root.active += ends_[m + size_t{1}] > ends_[m];
            if (&root != &member) root.add(member);
        }
    }

    // Whether two records of one source would come together, which those of the pair are not.
    bool meets_a_source(const ProfileGraph &graph, uint32_t p, uint32_t q) {
        return graph.code(p, 0) != graph.code(q, 0) && (cluster(p).sources & cluster(q).sources);
    }

    bool enough(uint32_t p, uint32_t q, double weight) {
        const Member *few = &cluster(p), *many = &cluster(q);
        if (few->active > many->active) std::swap(few, many);
        uint64_t needed = (uint64_t{few->active} * many->active + 7) / 8;
        const uint64_t both = few->held & many->held;
        if (both & (both - 1)) {
            const double met = static_cast<double>(few->known) * many->known;
            needed = std::max(needed, static_cast<uint64_t>(std::ceil(met / std::exp2(weight))));
        }
        uint64_t found = 0;
        const uint32_t other = many->profile;
        uint32_t member = number_[few->profile];
        do {
            for (size_t i = ends_[member]; i < ends_[member + size_t{1}]; ++i) {
                if (clusters_.find(partners_[i]) == other && ++found >= needed) return true;
            }
            member = members_[member].next;
        } while (member != number_[few->profile]);
        return false;
    }

    // Before p and q are united, whichever becomes the root.
    void join(uint32_t p, uint32_t q) {
        Member &a = cluster(p), &b = cluster(q);
        a.active += b.active;
        a.add(b);
        b.active = a.active;
        b.known = a.known;
        b.held = a.held;
        b.sources = a.sources;
    }

  private:
    struct Member {
        uint32_t profile = 0;
        uint32_t next = 0;  // the next one of its cluster, around
        // Of a root, what its cluster has:
        uint32_t active = 0;   // members that are in any pair
        uint32_t known = 0;    // members that say who somebody is
        uint64_t held = 0;     // the fields of which it has a value
        uint64_t sources = 0;  // those of its members, modulo 64

        void add(Member &other) {
            known += other.known;
            held |= other.held;
            sources |= other.sources;
            std::swap(next, other.next);
        }
    };

    Member &cluster(uint32_t p) { return members_[number_[clusters_.find(p)]]; }

    Clusters &clusters_;
    std::vector<uint32_t> number_;    // by profile, among the members of clusters that are in any pair
    std::vector<Member> members_;
    std::vector<size_t> ends_;        // by member, where its partners end
    std::vector<uint32_t> partners_;  // of each member, over all pairs
};

// What a match weight may not outweigh: what the clusters know and the pair did not (a gift bears the name of who
// receives it and the email of who sends it; a record without a given name is a twin's as much as the other's), and
// names and birth dates that both differ, however much of a household they share; or birth dates alone, where nobody
// gives a name.
inline bool two_people(People &people, const Pool &a, const Pool &b, const WeighedPair &pair) {
    if (people.of_two_generations(a, b)) return true;
    if (!pair.told && people.unlike_names(a, b)) return true;
    if (!(pair.dated && pair.named) && far_births(a, b) &&
        (!pair.dated || people.unlike_names(a, b) || people.nameless())) {
        return true;
    }
    const auto two = [&](const Pool &x, const Pool &y) { return far_births(x, y) && people.unlike_names(x, y); };
    return people.told_apart(a, b, two);
}

// By cluster that weighed pairs reach: whether it lacks the name, its Jr or the birth date that tells two others apart, of
// which it is as likely the one's as the other's. Nobody knows then whose it is. Two that a pair joins although it
// knows what tells them apart are no rivals.
inline std::unordered_set<uint32_t> ambiguous(People &people, Clusters &clusters,
                                              const std::vector<WeighedPair> &pairs) {
    struct Partner {
        uint32_t cluster, other;
        double weight;
    };
    std::vector<Partner> partners;
    for (const WeighedPair &pair : pairs) {
        const uint32_t a = clusters.find(pair.left), b = clusters.find(pair.right);
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
        const std::pair<uint32_t, uint32_t> ends = std::minmax(clusters.find(pair.left), clusters.find(pair.right));
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
        const Pool &own = clusters.pool(partners[i].cluster);
        const bool nameless = !names_anybody(own), dateless = own.of(Pool::birth).empty();
        const bool ageless = !people.names_a_generation(own);
        for (size_t k = 0; k < likely.size() && (nameless || dateless || ageless); ++k) {
            for (size_t l = k + 1; l < likely.size(); ++l) {
                const uint32_t a = likely[k], b = likely[l];
                const Pool &one = clusters.pool(a), &other = clusters.pool(b);
                if ((nameless && !is_joined(told, a, b) && people.unlike_names(one, other)) ||
                    (dateless && !is_joined(dated, a, b) && far_births(one, other)) ||
                    (ageless && people.of_two_generations(one, other))) {
                    found.insert(partners[i].cluster);
                }
            }
        }
    }
    return found;
}

}  // namespace detail

// The heaviest pair first, ties in the order of the records, each only where the two clusters are not two people for
// all that they share. A pair of a profile with itself holds its own records together. A link's left value is the
// number of its pair, of which the first is given. within: what two records of one source add to a weight, zero or
// less, which is to reach the threshold nevertheless.
inline MatchCounts join_matches(const ProfileGraph &graph, People &people, Clusters &clusters, uint32_t rule,
                                const std::vector<WeighedPair> &pairs, double within, double threshold, uint32_t first,
                                Links &links) {
    clusters.gather_members();
    std::vector<uint32_t> order(pairs.size());
    std::iota(order.begin(), order.end(), 0);
    const auto ends = [&](uint32_t i) {
        const WeighedPair &pair = pairs[i];
        return graph.order.less(pair.right, pair.left) ? std::pair{pair.right, pair.left}
                                                       : std::pair{pair.left, pair.right};
    };
    std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
        if (pairs[a].weight != pairs[b].weight) return pairs[a].weight > pairs[b].weight;
        const auto [p, q] = ends(a);
        const auto [r, s] = ends(b);
        return p != r ? graph.order.less(p, r) : graph.order.less(q, s);
    });
    const std::unordered_set<uint32_t> nobodys = detail::ambiguous(people, clusters, pairs);
    std::vector<uint8_t> unclear(pairs.size(), 0);
    for (size_t i = 0; i < pairs.size() && !nobodys.empty(); ++i) {
        const uint32_t a = clusters.find(pairs[i].left), b = clusters.find(pairs[i].right);
        unclear[i] = a != b && (nobodys.count(a) || nobodys.count(b));
    }
    detail::PairsBetween between(graph, clusters, pairs);
    MatchCounts counts;
    for (const uint32_t i : order) {
        Link link;
        link.rule = rule;
        link.left_value = first + i;
        std::tie(link.left_profile, link.right_profile) = ends(i);
        const uint32_t p = link.left_profile, q = link.right_profile;
        if (p != q && clusters.same(p, q)) {
            ++counts.already;
            continue;
        }
        if (unclear[i]) {
            ++counts.ambiguous;
            links.refuse(link, Refusal::ambiguous);
            continue;
        }
        if (p != q && detail::two_people(people, clusters.pool(p), clusters.pool(q), pairs[i])) {
            ++counts.conflict;
            links.refuse(link, Refusal::conflict);
            continue;
        }
        if (within < 0 && pairs[i].weight + within < threshold && between.meets_a_source(graph, p, q)) {
            ++counts.ambiguous;
            links.refuse(link, Refusal::ambiguous);
            continue;
        }
        if (p != q && !between.enough(p, q, pairs[i].weight)) {
            ++counts.unsupported;
            links.refuse(link, Refusal::bridge);
            continue;
        }
        if (clusters.limits().any() && clusters.forbidden({p, q})) {
            ++counts.conflict;
            links.refuse(link, Refusal::limit);
            continue;
        }
        for (const uint32_t each : {p, q}) {
            if (!clusters.held(each) && graph.records(each) > 1) {
                Link own = link;
                own.left_profile = own.right_profile = each;
                links.made.push_back(own);
            }
            clusters.hold(each);
        }
        if (p == q) continue;
        links.made.push_back(link);
        between.join(p, q);
        clusters.unite(p, q);
        ++counts.linked;
    }
    return counts;
}

// Refuses pairs whose weight all that their clusters know outweighs; the first has a number among all weighed pairs.
// Returns how many of them nothing else joined.
inline uint64_t refuse_outweighed(const ProfileGraph &graph, Clusters &clusters, uint32_t rule,
                                  const std::vector<WeighedPair> &pairs, uint32_t first, Links &links) {
    uint64_t refused = 0;
    for (uint32_t i = 0; i < pairs.size(); ++i) {
        const auto [p, q] = std::pair{pairs[i].left, pairs[i].right};
        if (clusters.same(p, q)) continue;
        Link link;
        link.rule = rule;
        link.left_value = first + i;
        std::tie(link.left_profile, link.right_profile) = graph.order.less(q, p) ? std::pair{q, p} : std::pair{p, q};
        links.refuse(link, Refusal::outweighed);
        ++refused;
    }
    return refused;
}

}  // namespace enishi
