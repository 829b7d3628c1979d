// Values that change hands: a phone number given out again, a device sold on.
//
// A value whose carriers conflict was either shared (a family's tablet) or had by one owner after another. Time tells
// them apart: in time, sightings of several people who share a value are mixed; those of a first owner lie before all
// of the next one's. So
//
//   owners    are clusters that conflict with another one; those that do not conflict with each other are one owner,
//             and so are those who agree with him on the name
//   tenure    of an owner is the time from his first sighting with the value to his last
//
// and the value changed hands if no two tenures meet. Each part, what was seen within one tenure, is then a value of
// its own: it joins the owner and those who conflict with nobody and bear no other name than he (who shares a mailbox
// by turns looks like two owners, and whom one of them sends a gift to is not the other's). What was seen between two
// tenures may be the one's or the other's and belongs to nobody; so do sightings at no known time or in several
// tenures, and those before the first tenure and after the last: nobody vouches for who it was then.
//
// A phone number, which operators give out again, goes to strangers who may give no birth date. Names of which nothing
// is alike tell its owners apart, if it rested between them as long as operators let it rest.
//
// All of it follows from the set of sightings: no order of arrival plays a part.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "slot_index.hpp"
#include "union_find.hpp"

namespace enishi {

// From a first sighting to a last, in the unit of the records' times.
struct Span {
    static constexpr int64_t never = std::numeric_limits<int64_t>::min();

    int64_t first = std::numeric_limits<int64_t>::max(), last = never;

    static Span at(int64_t time) { return time == never ? Span{} : Span{time, time}; }
    bool known() const { return last != never; }
    void widen(const Span &other) {
        first = std::min(first, other.first);
        last = std::max(last, other.last);
    }
};

// Who had a value when: the owners in the order of time; none where it did not change hands.
class Tenures {
  public:
    using Pair = std::pair<size_t, size_t>;

    Tenures() = default;
    // seen: by cluster, when its records carry the value. Pairs of clusters, the smaller number first, ascending: those
    // that conflict, and of the others those that agree on the name and those that differ in it.
    Tenures(const std::vector<Span> &seen, const std::vector<Pair> &opposed, const std::vector<Pair> &agreeing,
            const std::vector<Pair> &differing)
        : owner_(seen.size(), none) {
        const size_t n = seen.size();
        std::vector<uint8_t> rival(n, 0);
        for (const auto &[i, j] : opposed) rival[i] = rival[j] = 1;
        UnionFind groups(n);
        const auto unite = [&](size_t i, size_t j) {
            groups.unite(static_cast<uint32_t>(i), static_cast<uint32_t>(j));
        };
        const auto group = [&](size_t i) { return groups.find(static_cast<uint32_t>(i)); };
        for (const auto &[i, j] : agreeing) unite(i, j);
        auto next = opposed.begin();
        for (size_t i = 0; i < n; ++i) {
            for (size_t j = i + 1; j < n; ++j) {
                if (next != opposed.end() && *next == Pair{i, j}) {
                    ++next;
                } else if (rival[i] && rival[j]) {
                    unite(i, j);
                }
            }
        }
        if (std::any_of(opposed.begin(), opposed.end(), [&](const Pair &each) {
                return group(each.first) == group(each.second);
            })) {
            return;
        }
        std::vector<Span> spans(n);         // by group
        std::vector<uint8_t> owns(n, 0);
        std::vector<uint32_t> owners;
        for (size_t i = 0; i < n; ++i) {
            spans[group(i)].widen(seen[i]);
            owns[group(i)] |= rival[i];
        }
        for (uint32_t g = 0; g < n; ++g) {
            if (owns[g]) owners.push_back(g);
        }
        std::sort(owners.begin(), owners.end(),
                  [&](uint32_t a, uint32_t b) { return spans[a].first < spans[b].first; });
        for (size_t k = 0; k < owners.size(); ++k) {
            if (!spans[owners[k]].known() || (k && spans[owners[k]].first <= spans[owners[k - 1]].last)) return;
        }
        for (const uint32_t owner : owners) spans_.push_back(spans[owner]);
        std::vector<uint32_t> part(n, none);  // by group
        for (uint32_t g = 0; g < n; ++g) part[g] = within(spans[g]);
        for (const auto &[i, j] : differing) {
            for (const auto &[one, other] : {std::pair{group(i), group(j)}, std::pair{group(j), group(i)}}) {
                if (!owns[one] && owns[other] && part[one] == part[other]) part[one] = none;
            }
        }
        for (size_t i = 0; i < n; ++i) owner_[i] = part[group(i)];
    }

    bool found() const { return !spans_.empty(); }
    const std::vector<Span> &spans() const { return spans_; }

    // The shortest time between two tenures; none where there are none.
    int64_t shortest_rest() const {
        if (!found()) return 0;
        uint64_t shortest = std::numeric_limits<int64_t>::max();
        for (size_t k = 1; k < spans_.size(); ++k) {
            // As far apart as times can be is more than a time can be.
            const uint64_t rest = static_cast<uint64_t>(spans_[k].first) - static_cast<uint64_t>(spans_[k - 1].last);
            shortest = std::min(shortest, rest);
        }
        return static_cast<int64_t>(shortest);
    }

    // The owner whose part a cluster is in, `none` where it is in no one's.
    uint32_t owner(size_t cluster) const { return owner_.empty() ? none : owner_[cluster]; }

    // The owner within whose tenure something was seen; `none` where that is no one's, or at no known time.
    uint32_t within(const Span &seen) const {
        if (!seen.known()) return none;
        const auto at = std::upper_bound(spans_.begin(), spans_.end(), seen.first,
                                         [](int64_t first, const Span &tenure) { return first < tenure.first; });
        if (at == spans_.begin() || (at - 1)->last < seen.last) return none;
        return static_cast<uint32_t>(at - 1 - spans_.begin());
    }

  private:
    std::vector<Span> spans_;
    std::vector<uint32_t> owner_;  // by cluster
};

}  // namespace enishi
