// Which identifiers people who live or work together share: a family's landline, a company's switchboard.
//
// Another name beside one identifier is mostly the same person's: it was misheard, or a relative collected the parcel.
// That holds while such values are few, or the birth dates beside such names mostly agree. Where of all values whose
// carriers give names many join names of which nothing is alike, most of those are several people's; and so they are where
// enough of them give other birth dates (landlines among mobile phones are few, but a family's). Then the names alone tell
// two people apart, whether birth dates are known or not.
//
// And which identifiers are one person's each, however badly some records are written. Where two records share one and
// differ in name and birth date, they are two people, or both were mistyped. If slips are all there is, name and birth
// date slip mostly each for itself: of the values whose carriers differ in one, as many differ in the other as of the
// rest. What stands beyond that number are families, colleagues, numbers given out again.
//
// A value of many carriers is not asked: it may be nobody's, and that decides generic_values.hpp. Of all values counts
// alone matter, so the order of the records decides nothing.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "parts.hpp"
#include "people.hpp"
#include "pool.hpp"
#include "profile_graph.hpp"

namespace enishi {

inline constexpr size_t most_asked = 8;           // carriers of a value
inline constexpr uint32_t most_values = 1 << 16;  // of a field, beyond which a sample is asked
inline constexpr uint64_t least_values = 20;      // that carriers with names share, before anything is learned
// Of these, how many have to join names that are not alike. Beside a number by law or contract (those of the first rank)
// nobody's name is taken down by ear, and no relative collects anything.
inline constexpr double shared_by_several = 0.1, number_of_several = 0.05;
inline constexpr uint64_t births_agree = 2;       // and so many times as many of those with other birth dates than with one
inline constexpr double least_slips = 2;          // that are to be expected, before they excuse anything

namespace detail {

// Whether two profiles give the same names in the same scripts.
inline bool same_names(const ProfileGraph &graph, uint32_t p, uint32_t q) {
    const auto same = [&](uint32_t column) { return column == none || graph.code(p, column) == graph.code(q, column); };
    const AttributeColumns &columns = graph.attributes;
    return std::all_of(columns.name.begin(), columns.name.end(), same) &&
           std::all_of(columns.given.begin(), columns.given.end(), same);
}

// Whether all carriers do: the usual case, and no text has to be read.
inline bool of_one_name(const ProfileGraph &graph, ValueTable::Carriers carriers) {
    const uint32_t first = *carriers.begin();
    return graph.names_somebody(first) &&
           std::all_of(carriers.begin(), carriers.end(), [&](uint32_t p) { return same_names(graph, p, first); });
}

// How many bits make a sample of no more than `most` values.
inline uint32_t sample_bits(uint32_t values, uint32_t most) {
    uint32_t bits = 0;
    while (values >> bits > most) ++bits;
    return bits;
}

// Which values of a field are asked: one in 2^bits, by who carries it, so whatever the order of the records.
class Sample {
  public:
    Sample(const ProfileGraph &graph, uint32_t bits)
        : key_(bits ? graph.order.key : nullptr), mask_((uint64_t{1} << bits) - 1) {
        if (!key_) return;
        chosen_.resize(size_t{graph.size()} / 64 + 1, 0);
        for (uint32_t p = 0; p < graph.size(); ++p) chosen_[p >> 6] |= uint64_t{!(key_[p] & mask_)} << (p & 63);
    }

    // Whether the smallest key of its carriers is of the sample. Most values have none that is.
    bool holds(ValueTable::Carriers carriers) const {
        if (!key_) return true;
        const auto chosen = [&](uint32_t p) { return chosen_[p >> 6] >> (p & 63) & 1; };
        if (std::none_of(carriers.begin(), carriers.end(), chosen)) return false;
        uint64_t smallest = key_[*carriers.begin()];
        for (const uint32_t p : carriers) smallest = std::min(smallest, key_[p]);
        return !(smallest & mask_);
    }

  private:
    const uint64_t *key_;
    uint64_t mask_;
    std::vector<uint64_t> chosen_;  // a bit for each profile
};

}  // namespace detail

// By field, what those who share its values tell of it.
struct SharedFields {
    std::vector<uint8_t> by_several;  // their names tell people apart
    std::vector<uint8_t> by_one;      // differences in name and birth date are mostly slips of one person's records

    bool names_tell() const { return std::find(by_several.begin(), by_several.end(), 1) != by_several.end(); }
};

// How the pairs of records that share a value and both tell a name and a birth date differ; a value has one vote, which
// its pairs share. Votes are whole numbers, so that their order does not matter.
struct SharedTold {
    static constexpr uint64_t vote = 1 << 16;
    uint64_t neither = 0, name = 0, birth = 0, both = 0;

    // Whether at least half of those who differ in both are what slips alone would make, by one standard deviation of
    // these, which have to be a number.
    bool mostly_slips() const {
        if (!neither) return false;
        const double slips = static_cast<double>(name) * static_cast<double>(birth) / static_cast<double>(neither) / vote;
        return slips >= least_slips && static_cast<double>(both) / vote <= 2 * slips - std::sqrt(slips);
    }
};

inline SharedTold shared_told(const ProfileGraph &graph, People &people, const detail::Sample &sample, uint32_t f) {
    SharedTold told;
    const AttributeColumns &columns = graph.attributes;
    if (!graph.any_names() || columns.birth_date == none) return told;
    const auto tells = [&](uint32_t p) { return graph.code(p, columns.birth_date) != none && graph.names_somebody(p); };
    const uint32_t values = graph.fields[f].values->size();
    std::vector<uint32_t> telling;
    std::vector<Pool> pools;
    for (uint32_t v = 0; v < values; ++v) {
        const auto carriers = graph.carriers(f, v);
        if (!carriers.size() || carriers.size() > most_asked || !graph.usable(f, v)) continue;
        if (!sample.holds(carriers)) continue;
        telling.clear();
        SharedTold pairs;  // of this value
        for (const uint32_t p : carriers) {
            if (!tells(p)) continue;
            telling.push_back(p);
            const uint64_t records = graph.records(p);
            pairs.neither += records * (records - 1) / 2;
        }
        const auto same = [&](uint32_t p) {
            return graph.code(p, columns.birth_date) == graph.code(telling[0], columns.birth_date) &&
                   detail::same_names(graph, p, telling[0]);
        };
        // The usual case, in which no text has to be read.
        if (std::all_of(telling.begin(), telling.end(), same)) {
            if (telling.size() > 1 || pairs.neither) told.neither += SharedTold::vote;
            continue;
        }
        pools.clear();
        for (const uint32_t p : telling) {
            pools.emplace_back();
            people.add_person(pools.back(), p);
        }
        for (size_t i = 0; i < pools.size(); ++i) {
            for (size_t j = 0; j < i; ++j) {
                const Agreement names = people.compare_names(pools[i], pools[j]);
                if (names == Agreement::unknown) continue;
                const bool name = names == Agreement::disagree;
                const bool birth = compare_births(pools[i], pools[j]) == Agreement::disagree;
                (name ? birth ? pairs.both : pairs.name : birth ? pairs.birth : pairs.neither) +=
                    uint64_t{graph.records(telling[i])} * graph.records(telling[j]);
            }
        }
        const uint64_t all = pairs.neither + pairs.name + pairs.birth + pairs.both;
        if (!all) continue;
        const auto share = [&](uint64_t some) {
            return static_cast<uint64_t>(static_cast<double>(some) / static_cast<double>(all) * SharedTold::vote);
        };
        told.neither += share(pairs.neither);
        told.name += share(pairs.name);
        told.birth += share(pairs.birth);
        told.both += share(pairs.both);
    }
    return told;
}

inline SharedFields shared_fields(const ProfileGraph &graph) {
    SharedFields found{std::vector<uint8_t>(graph.fields.size(), 0), std::vector<uint8_t>(graph.fields.size(), 0)};
    if (!graph.any_names()) return found;
    in_parts(graph.threads, graph.fields.size(), [&](size_t part) {
        const auto f = static_cast<uint32_t>(part);
        People people(graph);
        std::vector<Pool> pools;
        uint64_t told = 0, several = 0, one_born = 0, two_born = 0;
        const uint32_t values = graph.fields[f].values->size();
        const detail::Sample sample(graph, detail::sample_bits(values, most_values));
        for (uint32_t v = 0; v < values; ++v) {
            const auto carriers = graph.carriers(f, v);
            if (carriers.size() < 2 || carriers.size() > most_asked || !graph.usable(f, v)) continue;
            if (!sample.holds(carriers)) continue;
            if (detail::of_one_name(graph, carriers)) {
                ++told;
                continue;
            }
            pools.clear();
            for (const uint32_t p : carriers) {
                if (!graph.names_somebody(p)) continue;
                pools.emplace_back();
                people.add_person(pools.back(), p);
            }
            bool unlike = false, born_at_once = false, born_apart = false;
            for (size_t i = 0; i < pools.size(); ++i) {
                for (size_t j = 0; j < i; ++j) {
                    if (!people.of_other_names(pools[i], pools[j])) continue;
                    const Agreement births = compare_births(pools[i], pools[j]);
                    unlike = unlike || births != Agreement::agree;
                    born_at_once = born_at_once || births == Agreement::agree;
                    born_apart = born_apart || births == Agreement::disagree;
                }
            }
            told += pools.size() > 1;
            several += unlike;
            one_born += born_at_once;
            two_born += born_apart;
        }
        const double enough = graph.fields[f].rank ? shared_by_several : number_of_several;
        const bool many = told >= least_values && static_cast<double>(several) >= enough * static_cast<double>(told);
        found.by_several[f] = two_born >= births_agree * one_born && (many || two_born >= least_values);
        // A household shares phones, cards and devices, and is not a person.
        found.by_one[f] =
            graph.fields[f].personal && !found.by_several[f] && shared_told(graph, people, sample, f).mostly_slips();
    });
    return found;
}

}  // namespace enishi
