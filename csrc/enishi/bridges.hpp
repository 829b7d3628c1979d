// Values by which a component hangs together more weakly than its size asks for.
//
// Records hang on the values that they carry: a graph of profiles and values. A value without which a component falls
// apart (a cut vertex) is a bridge between its *branches*. It may be somebody's own, seen wherever he is; or a
// stranger's phone that was used once, a cashier's card that she swipes for others, a test account that borrows
// everybody's address. What speaks for the first, and what against it, in bits (log2 of odds):
//
//   for       what a value of its kind is worth: how rarely one person's is seen with another
//   against   how seldom it is seen: of a branch's n records c carry it, log2(n / c), for in more records there is more
//             room for one that has strayed
//             and what the branches hold beside it: where two have values of one field, they have no value of it in
//             common, and few customers have several: for the first branch that has another one, and for each that
//             follows, log2 of (customers who have that many / who have one less), counted in these records (`Several`)
//
// The branch whose records carry it most is its home; the others are judged against that. Branches that hold nothing
// else are the value's own, and those that hold nothing of which home has another one complement each other (a till
// that knows cards, a shop that knows emails): none of them is opposed. A bridge with less for it than against it is
// cut from the branches that oppose its home, and from that too where it is no more at home there than elsewhere.
//
// What is weakest goes first: a round cuts, in each component, what is at least half as weak as its weakest, and looks
// again at what is left. Every number is a sum of integers over sets, so the order of the records decides nothing. A
// round takes time in proportion to what it looks at (Tarjan's and Hopcroft's depth-first search), and there are few,
// so a component of a million records takes about as long as a million records in small ones.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace enishi {

using Bits = int64_t;  // in units of 2^-16, so that sums do not depend on their order
inline Bits to_bits(double bits) { return static_cast<Bits>(std::llround(bits * 65536)); }

// How many values of one field customers have: what a second one costs, and each one more.
struct Several {
    Bits second = 0, another = 0;

    // usual: the share of customers who have a second one, where the records do not tell yet.
    Several() = default;
    Several(double usual, uint64_t have_one, uint64_t have_two, uint64_t have_three)
        : second(cost(usual, have_one, have_two)), another(cost(usual, have_two, have_three)) {}

    // What so many values cost.
    Bits of(uint64_t values) const { return values < 2 ? 0 : second + static_cast<Bits>(values - 2) * another; }

    // In a few records nobody has two of anything, and in any some have: so many customers are thought to be as usual,
    // and none is thought to be rarer than that.
    static constexpr double imagined = 20, most_bits = 3;
    static Bits cost(double usual, uint64_t have, uint64_t have_more) {
        const double few = static_cast<double>(have_more) + imagined * usual;
        const double all = static_cast<double>(have) + imagined;
        return to_bits(std::min(-std::log2(few / all), most_bits));
    }
};

struct BridgeField {
    Bits worth = 0;
    Several several;
    uint32_t kin = 0;  // of fields that hold the same thing only one counts
};

// One component: profiles and values are numbered from 0, an edge is a profile that carries a value.
class WeakBridges {
  public:
    struct Edge {
        uint32_t profile, value;
    };

    WeakBridges(const std::vector<BridgeField> &fields) : fields_(fields) {}

    // The numbers of the edges to be cut. records: by profile; field_of: by value; kept: by value, whether it is never
    // cut. agree(value, ends of edges, ends of edges): whether the names of these carriers say that they are one
    // person.
    template <class Agree>
    const std::vector<uint32_t> &find(const std::vector<uint64_t> &records, const std::vector<uint8_t> &field_of,
                                      const std::vector<uint8_t> &kept, const std::vector<Edge> &edges, Agree agree) {
        kept_ = &kept;
        records_ = &records;
        field_of_ = &field_of;
        edges_ = &edges;
        cut_.assign(edges.size(), 0);
        found_.clear();
        hang();
        for (uint32_t round = 0; round < most_rounds; ++round) {
            weak_.clear();
            search(agree);
            if (weak_.empty()) break;
            std::vector<Bits> weakest(trees_, 0);
            for (const Weak &weak : weak_) weakest[weak.tree] = std::min(weakest[weak.tree], weak.strength);
            for (const Weak &weak : weak_) {
                if (round + 1 < most_rounds && weak.strength * 2 > weakest[weak.tree]) continue;
                for (const uint32_t e : weak.edges) {
                    cut_[e] = 1;
                    found_.push_back(e);
                }
            }
        }
        return found_;
    }

    // At least what a value loses by being seen seldom in so many branches, of so many records together.
    static Bits most_seldom(uint64_t records, uint64_t branches) {
        // A sum of logarithms is largest where the branches are equal, and there are a third as many as records.
        const double all = static_cast<double>(records);
        const double most = std::min(static_cast<double>(branches), all / 2.718281828);
        return to_bits(most * std::log2(std::max(all / most, 1.0)) + 0.01);
    }

  private:
    static constexpr uint32_t most_rounds = 12, none = ~uint32_t{0};
    static constexpr size_t most_homes = 16;  // which are asked for the names of those who live there
    static constexpr double most_rare = 12;  // bits that a value may lose by being seen seldom in a branch

    struct Weak {
        uint32_t tree;
        Bits strength;
        std::vector<uint32_t> edges;
    };
    struct Branch {
        uint32_t from = 0, to = 0;  // places in the order of the search; the rest: both 0
        uint64_t records = 0, carrying = 0, held = 0;
        std::vector<uint32_t> edges;  // from the value
    };

    size_t profiles() const { return records_->size(); }
    size_t nodes() const { return profiles() + field_of_->size(); }
    bool is_value(uint32_t node) const { return node >= profiles(); }
    uint32_t other(uint32_t e, uint32_t node) const {
        const Edge &edge = (*edges_)[e];
        return is_value(node) ? edge.profile : static_cast<uint32_t>(profiles()) + edge.value;
    }

    // By node, its edges.
    void hang() {
        starts_.assign(nodes() + 1, 0);
        for (const Edge &edge : *edges_) ++starts_[edge.profile + 1], ++starts_[profiles() + edge.value + 1];
        for (size_t i = 1; i < starts_.size(); ++i) starts_[i] += starts_[i - 1];
        hung_.resize(starts_.back());
        std::vector<uint32_t> at(starts_.begin(), starts_.end() - 1);
        for (uint32_t e = 0; e < edges_->size(); ++e) {
            hung_[at[(*edges_)[e].profile]++] = e;
            hung_[at[profiles() + (*edges_)[e].value]++] = e;
        }
    }

    // Depth first over what is not cut, a tree for each component; then judges the cut vertices among the values.
    template <class Agree>
    void search(Agree agree) {
        place_.assign(nodes(), none);
        low_.assign(nodes(), none);
        end_.assign(nodes(), 0);
        up_.assign(nodes(), none);
        next_.assign(starts_.begin(), starts_.end() - 1);
        order_.clear();
        trees_ = 0;
        for (uint32_t root = 0; root < profiles(); ++root) {
            if (place_[root] != none) continue;
            const auto first = static_cast<uint32_t>(order_.size());
            path_.assign(1, root);
            cut_vertices_.clear();
            while (!path_.empty()) {
                const uint32_t node = path_.back();
                if (place_[node] == none) {
                    place_[node] = low_[node] = static_cast<uint32_t>(order_.size());
                    order_.push_back(node);
                }
                uint32_t child = none;
                while (next_[node] < starts_[node + 1] && child == none) {
                    const uint32_t e = hung_[next_[node]++];
                    if (cut_[e] || e == up_[node]) continue;
                    const uint32_t to = other(e, node);
                    if (place_[to] == none) {
                        up_[to] = e;
                        child = to;
                    } else {
                        low_[node] = std::min(low_[node], place_[to]);
                    }
                }
                if (child != none) {
                    path_.push_back(child);
                    continue;
                }
                end_[node] = static_cast<uint32_t>(order_.size());
                path_.pop_back();
                if (path_.empty()) break;
                const uint32_t above = path_.back();
                low_[above] = std::min(low_[above], low_[node]);
                // Nothing from here on leads past the value above: it is a cut vertex.
                if (is_value(above) && low_[node] >= place_[above]) cut_vertices_.push_back(above);
            }
            judge(first, agree);
            ++trees_;
        }
    }

    template <class Agree>
    void judge(uint32_t first, Agree agree) {
        const auto last = static_cast<uint32_t>(order_.size());
        if (last - first < 5 || cut_vertices_.empty()) return;  // two profiles and their own values
        std::sort(cut_vertices_.begin(), cut_vertices_.end());
        cut_vertices_.erase(std::unique(cut_vertices_.begin(), cut_vertices_.end()), cut_vertices_.end());
        // What stands before each place of this tree: records, and values of each field.
        const size_t width = fields_.size() + 1;
        before_.assign((last - first + 1) * width, 0);
        for (uint32_t i = first; i < last; ++i) {
            uint64_t *const at = &before_[(i - first) * width];
            std::copy_n(at, width, at + width);
            if (is_value(order_[i])) {
                ++at[width + 1 + (*field_of_)[order_[i] - profiles()]];
            } else {
                at[width] += (*records_)[order_[i]];
            }
        }
        for (const uint32_t node : cut_vertices_) {
            if (may_be_weak(node, first, last)) judge(node, first, last, agree);
        }
    }

    // Whether there is anything to be judged: more against a cut vertex, from above, than for it.
    bool may_be_weak(uint32_t node, uint32_t first, uint32_t last) const {
        uint64_t branches = 1;
        for (uint32_t i = starts_[node]; i < starts_[node + 1]; ++i) branches += hangs_below(hung_[i], node);
        const uint64_t *const all = &before_[(last - first) * (fields_.size() + 1)];
        const uint8_t own = (*field_of_)[node - profiles()];
        Bits against = most_seldom(all[0], branches);
        for (size_t f = 0; f < fields_.size(); ++f) against += fields_[f].several.of(std::min(branches, all[1 + f]));
        return against > fields_[own].worth;
    }

    // Whether what an edge of a cut vertex leads to has no other way up.
    bool hangs_below(uint32_t e, uint32_t node) const {
        const uint32_t to = other(e, node);
        return !cut_[e] && up_[to] == e && low_[to] >= place_[node];
    }

    void fill(Branch &branch, uint32_t from, uint32_t to, uint32_t first) const {
        const size_t width = fields_.size() + 1;
        const uint64_t *const low = &before_[(from - first) * width], *const high = &before_[(to - first) * width];
        branch.from = from;
        branch.to = to;
        branch.records = high[0] - low[0];
        for (size_t f = 0; f < fields_.size(); ++f) {
            if (high[1 + f] != low[1 + f]) branch.held |= uint64_t{1} << (f & 63);
        }
    }

    template <class Agree>
    void judge(uint32_t node, uint32_t first, uint32_t last, Agree agree) {
        std::vector<Branch> branches;
        for (uint32_t i = starts_[node]; i < starts_[node + 1]; ++i) {
            if (!hangs_below(hung_[i], node)) continue;
            const uint32_t to = other(hung_[i], node);
            branches.emplace_back();
            fill(branches.back(), place_[to], end_[to], first);
        }
        std::sort(branches.begin(), branches.end(), [](const Branch &a, const Branch &b) { return a.from < b.from; });
        // The rest is what is above, and whatever below has another way there.
        const size_t width = fields_.size() + 1, below = branches.size();
        std::vector<uint64_t> rest(width);
        for (size_t f = 0; f < width; ++f) {
            rest[f] = before_[(last - first) * width + f];
            for (const Branch &b : branches) {
                rest[f] -= before_[(b.to - first) * width + f] - before_[(b.from - first) * width + f];
            }
        }
        const uint8_t own = (*field_of_)[node - profiles()];
        --rest[1 + own];
        branches.emplace_back();
        branches.back().records = rest[0];
        for (size_t f = 0; f < fields_.size(); ++f) {
            if (rest[1 + f]) branches.back().held |= uint64_t{1} << (f & 63);
        }
        for (uint32_t i = starts_[node]; i < starts_[node + 1]; ++i) {
            const uint32_t e = hung_[i];
            if (cut_[e]) continue;
            const uint32_t to = other(e, node), at = place_[to];
            auto found = std::upper_bound(branches.begin(), branches.begin() + static_cast<ptrdiff_t>(below), at,
                                          [](uint32_t x, const Branch &b) { return x < b.from; });
            Branch &branch = found != branches.begin() && at < (found - 1)->to ? *(found - 1) : branches.back();
            branch.carrying += (*records_)[to];
            branch.edges.push_back(e);
        }
        if (!(*kept_)[node - profiles()]) weigh(node, branches, agree);
    }

    template <class Agree>
    void weigh(uint32_t node, std::vector<Branch> &branches, Agree agree) {
        const auto mere = [](const Branch &b) { return !b.held || !b.carrying; };
        branches.erase(std::remove_if(branches.begin(), branches.end(), mere), branches.end());
        if (branches.size() < 2) return;
        const auto more_at_home = [](const Branch &a, const Branch &b) {
            if (a.carrying != b.carrying) return a.carrying > b.carrying;
            return a.records != b.records ? a.records > b.records : a.held > b.held;
        };
        std::iter_swap(branches.begin(), std::min_element(branches.begin(), branches.end(), more_at_home));
        // Where several are as much at home, nothing may depend on which of them stands first.
        std::vector<std::vector<uint32_t>> homes;
        for (const Branch &b : branches) {
            if (!more_at_home(branches.front(), b)) homes.push_back(b.edges);
        }
        Branch &home = branches.front();
        // Where it is at home it is one of its field.
        home.held |= uint64_t{1} << ((*field_of_)[node - profiles()] & 63);
        const auto opposed = std::partition(branches.begin() + 1, branches.end(),
                                            [&](const Branch &b) { return (b.held & home.held) != 0; });
        branches.erase(opposed, branches.end());
        Bits strength = strength_of(node, branches);
        if (strength >= 0) return;
        const auto friendly = std::remove_if(branches.begin() + 1, branches.end(), [&](const Branch &b) {
            return homes.size() <= most_homes && std::all_of(homes.begin(), homes.end(), [&](const auto &edges) {
                return edges == b.edges || agree(node - static_cast<uint32_t>(profiles()), edges, b.edges);
            });
        });
        branches.erase(friendly, branches.end());
        strength = strength_of(node, branches);
        if (strength >= 0) return;
        Weak weak{trees_, strength, {}};
        uint64_t most = 0;
        for (size_t i = 1; i < branches.size(); ++i) most = std::max(most, branches[i].carrying);
        const bool at_home = branches.front().carrying >= 2 * most;
        for (size_t i = at_home ? 1 : 0; i < branches.size(); ++i) {
            weak.edges.insert(weak.edges.end(), branches[i].edges.begin(), branches[i].edges.end());
        }
        weak_.push_back(std::move(weak));
    }

    // Home is the first of the branches; the others are opposed to it.
    Bits strength_of(uint32_t node, const std::vector<Branch> &branches) const {
        Bits strength = fields_[(*field_of_)[node - profiles()]].worth;
        if (branches.size() < 2) return strength;
        for (const Branch &b : branches) {
            const double seldom = std::log2(static_cast<double>(b.records) / static_cast<double>(b.carrying));
            strength -= to_bits(std::min(seldom, most_rare));
        }
        for (uint32_t f = 0; f < fields_.size(); ++f) {
            const auto both = [&](const Branch &b, uint32_t g) {
                return (b.held & branches.front().held) >> (g & 63) & 1;
            };
            Bits cost = fields_[f].several.second;
            for (size_t i = 1; i < branches.size(); ++i) {
                if (!both(branches[i], f) || (fields_[f].kin != f && both(branches[i], fields_[f].kin))) continue;
                strength -= cost;
                cost = fields_[f].several.another;
            }
        }
        return strength;
    }

    const std::vector<BridgeField> &fields_;
    const std::vector<uint64_t> *records_ = nullptr;
    const std::vector<uint8_t> *field_of_ = nullptr, *kept_ = nullptr;
    const std::vector<Edge> *edges_ = nullptr;
    std::vector<uint8_t> cut_;                     // by edge
    std::vector<uint32_t> found_, starts_, hung_;  // edges by node
    std::vector<uint32_t> place_, low_, end_, up_, next_, order_, path_;
    std::vector<uint32_t> cut_vertices_;           // values of the tree that is being searched
    std::vector<uint64_t> before_;
    std::vector<Weak> weak_;
    uint32_t trees_ = 0;
};

}  // namespace enishi
