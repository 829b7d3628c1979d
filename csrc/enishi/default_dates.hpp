// Birth dates that a source writes where it knows none.
//
// A form that asks for a date gets 1990-01-01 from who has none to give, and a till its own first day. Every shop has
// another, so no list tells them; what does is how many people have one: many more than have the most frequent of
// ninety-nine in a hundred of the source's dates. Where only the year of a birth is known, its first of January often
// stands for it: so there have to be many more than on that day of all other years, but for a few that may be such dates
// too.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "profile_table.hpp"
#include "slot_index.hpp"

namespace enishi {

struct DefaultDate {
    uint32_t source, date;
    uint32_t people;  // who are said to have it
};

namespace detail {

// Dates of sources, which stand in the first column of the profiles and in one of their own, by number.
class DatesOfSources {
  public:
    static uint64_t together(uint32_t source, uint32_t date) { return uint64_t{source} << 32 | date; }
    uint32_t add(uint64_t key) {
        const uint32_t number = index_.find_or_add(mix_bits(key), size(), [&](uint32_t known) { return keys_[known] == key; });
        if (number == size()) keys_.push_back(key);
        return number;
    }
    uint32_t find(uint64_t key) const {
        return index_.find(mix_bits(key), [&](uint32_t known) { return keys_[known] == key; });
    }
    uint32_t size() const { return static_cast<uint32_t>(keys_.size()); }
    uint64_t key(uint32_t number) const { return keys_[number]; }

  private:
    std::vector<uint64_t> keys_;
    SlotIndex index_;
};

}  // namespace detail

// The dates in column `birth`, by source and date. names: the columns by which people are told apart; who has no name is
// somebody else.
inline std::vector<DefaultDate> default_dates(const ProfileTable &profiles, uint32_t birth, const std::vector<uint32_t> &names) {
    constexpr size_t ordinary_share = 100;  // of so many dates all but one are ordinary
    constexpr uint64_t times_as_many = 8, more = 4;
    constexpr size_t like_it = 4;  // so many other years may have such a date
    const auto &sources = profiles.column(0), &births = profiles.column(birth);
    detail::DatesOfSources dates;
    std::vector<uint32_t> counts;
    for (uint32_t p = 0; p < profiles.size(); ++p) {
        if (births[p] == none) continue;
        const uint32_t number = dates.add(detail::DatesOfSources::together(sources[p], births[p]));
        if (number == counts.size()) counts.push_back(0);
        ++counts[number];
    }
    std::vector<uint32_t> order(dates.size());
    for (uint32_t d = 0; d < order.size(); ++d) order[d] = d;
    const auto source = [&](uint32_t d) { return dates.key(d) >> 32; };
    std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
        return source(a) != source(b) ? source(a) < source(b) : counts[a] < counts[b];
    });
    detail::DatesOfSources doubted;
    std::vector<uint64_t> limits;
    for (size_t begin = 0, end; begin < order.size(); begin = end) {
        for (end = begin; end < order.size() && source(order[end]) == source(order[begin]);) ++end;
        const size_t rare = (end - begin) / ordinary_share;
        if (!rare) continue;
        const uint64_t limit = times_as_many * counts[order[end - rare - 1]] + more;
        for (size_t i = end - rare; i < end; ++i) {
            const auto day = [&](size_t at) { return static_cast<uint32_t>(dates.key(order[at])) % 10'000; };
            if (counts[order[i]] <= limit) continue;
            size_t others = 0;  // of other years, from the most frequent down
            uint64_t own_limit = limit;
            for (size_t at = end; at-- > begin && others <= like_it;) {
                if (at == i || day(at) != day(i)) continue;
                if (++others > like_it) own_limit = std::max(own_limit, times_as_many * counts[order[at]] + more);
            }
            if (counts[order[i]] <= own_limit) continue;
            doubted.add(dates.key(order[i]));
            limits.push_back(own_limit);
        }
    }
    if (limits.empty()) return {};
    std::vector<std::vector<uint64_t>> people(limits.size());
    for (uint32_t p = 0; p < profiles.size(); ++p) {
        if (births[p] == none) continue;
        const uint32_t number = doubted.find(detail::DatesOfSources::together(sources[p], births[p]));
        if (number == none) continue;
        uint64_t name = 0;
        bool named = false;
        for (const uint32_t c : names) {
            const uint32_t code = profiles.column(c)[p];
            named = named || code != none;
            name = detail::mix_bits(name * 31 + code);
        }
        people[number].push_back(named ? name : detail::mix_bits(~uint64_t{p}));
    }
    std::vector<DefaultDate> found;
    for (uint32_t d = 0; d < people.size(); ++d) {
        std::sort(people[d].begin(), people[d].end());
        const auto many = static_cast<uint64_t>(std::unique(people[d].begin(), people[d].end()) - people[d].begin());
        if (many <= limits[d]) continue;
        const uint64_t key = doubted.key(d);
        found.push_back({static_cast<uint32_t>(key >> 32), static_cast<uint32_t>(key), static_cast<uint32_t>(many)});
    }
    std::sort(found.begin(), found.end(), [](const DefaultDate &a, const DefaultDate &b) {
        return a.source != b.source ? a.source < b.source : a.date < b.date;
    });
    return found;
}

// Leaves them out: who has one has no birth date then.
inline void leave_out(ProfileTable &profiles, uint32_t birth, const std::vector<DefaultDate> &dates) {
    if (dates.empty()) return;
    detail::DatesOfSources known;
    for (const DefaultDate &each : dates) known.add(detail::DatesOfSources::together(each.source, each.date));
    const auto &sources = profiles.column(0);
    uint32_t *const births = profiles.fill(birth);
    for (uint32_t p = 0; p < profiles.size(); ++p) {
        if (births[p] == none) continue;
        if (known.find(detail::DatesOfSources::together(sources[p], births[p])) != none) births[p] = none;
    }
}

}  // namespace enishi
