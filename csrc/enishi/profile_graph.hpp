// Profiles and the values that they carry, as the steps of linking see them: a graph of two kinds of nodes, read only
// but for the status of a value (which becomes generic). From value to profiles it is always known; from profile to
// values too, or only of the profiles that somebody asked for (`learn`).
//
// Here stands how it is read; what is decided about it stands in the rooms that linking.hpp names.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include "carried_codes.hpp"
#include "given_names.hpp"
#include "comparison.hpp"
#include "parts.hpp"
#include "profile_table.hpp"
#include "value.hpp"
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

    bool none_told() const {
        const auto absent = [](uint32_t column) { return column == none; };
        return std::all_of(given.begin(), given.end(), absent) && std::all_of(name.begin(), name.end(), absent) &&
               absent(birth_date) && absent(postcode);
    }
};

// The order of records: by source, then by a hash of the record's name. A profile stands where its smallest record
// does.
struct RecordOrder {
    const uint64_t *key = nullptr;          // by profile: the hash of its smallest record; none where nobody will ask
    const uint32_t *smallest = nullptr;     // by profile: the ordinal of its smallest record
    const uint32_t *source_rank = nullptr;  // by profile

    bool less(uint32_t p, uint32_t q) const {
        if (!key) throw std::logic_error("the records are not ordered");
        return source_rank[p] != source_rank[q] ? source_rank[p] < source_rank[q] : key[p] < key[q];
    }
};

// The full names that tell a generation (Sr, Jr, III) and which, by code; there are few.
using Generations = std::vector<std::pair<uint32_t, uint8_t>>;

inline Generations generations_of(const AttributeColumns &attributes) {
    Generations found;
    const ValueTable *names = attributes.name_texts[latin_script];
    for (uint32_t v = 0; names && v < names->size(); ++v) {
        if (const uint8_t which = generation_within(names->text(v))) found.emplace_back(v, which);
    }
    return found;
}

struct ProfileGraph {
    const ProfileTable &profiles;  // the first column is the source; it says nothing about the person
    const std::vector<IdentifierField> fields;
    const AttributeColumns attributes;
    const RecordOrder order;
    const size_t threads = 1;  // so many may read it at once
    // A cache of what the lists of carriers say: see `learn`.
    mutable CarriedCodes carried{};
    const Generations generations = generations_of(attributes);

    uint32_t size() const { return profiles.size(); }
    [[gnu::always_inline]] uint32_t code(uint32_t p, uint32_t column) const {
        const Column<uint32_t> &codes = profiles.column(column);
        return codes.empty() ? carried.code(p, column) : codes[p];
    }
    uint32_t records(uint32_t p) const { return profiles.counts()[p]; }
    // The generation that a full name in Latin letters tells, by its code; 0 where it tells none.
    uint8_t generation(uint32_t name) const {
        const auto at = std::lower_bound(generations.begin(), generations.end(), Generations::value_type(name, 0));
        return at != generations.end() && at->first == name ? at->second : 0;
    }
    // Beforehand: what is known of one profile stands in many columns.
    void prefetch(uint32_t p) const {
        for (uint32_t c = 0; c < profiles.width(); ++c) {
            const Column<uint32_t> &codes = profiles.column(c);
            if (!codes.empty()) __builtin_prefetch(&codes[p]);
        }
        __builtin_prefetch(&profiles.counts()[p]);
    }

    // Each distinct value of field f that profile p carries.
    template <class Visit>
    void each_value(uint32_t p, size_t f, Visit visit) const {
        const auto &columns = fields[f].columns;
        for (size_t c = 0; c < columns.size(); ++c) {
            const uint32_t v = code(p, columns[c]);
            if (v == none) continue;
            bool seen = false;
            for (size_t d = 0; d < c && !seen; ++d) seen = code(p, columns[d]) == v;
            if (!seen) visit(v);
        }
    }

    // Makes known what some profiles carry, where the table does not hold the columns of identifiers. Until then nobody
    // may ask for it.
    void learn(const std::vector<uint32_t> &some) const {
        std::vector<const IdentifierField *> unknown;
        for (const IdentifierField &field : fields) {
            if (field.columns.size() == 1 && profiles.column(field.columns[0]).empty()) unknown.push_back(&field);
        }
        if (unknown.empty() || !carried.choose(some, size(), profiles.width())) return;
        in_parts(threads, unknown.size(), [&](size_t i) { carried.read(unknown[i]->columns[0], *unknown[i]->values); });
    }
    // Gives that back.
    void forget() const { carried = {}; }

    // ---- values --------------------------------------------------------------------------------------------------

    bool has_status(size_t f, uint32_t v, Status status) const {
        return fields[f].values->status()[v] == static_cast<uint8_t>(status);
    }
    bool usable(size_t f, uint32_t v) const { return has_status(f, v, Status::accepted); }
    bool may_link(size_t f, uint32_t v) const { return usable(f, v) || has_status(f, v, Status::incomplete); }
    bool allowed(size_t f, uint32_t v) const { return fields[f].values->allowed(v); }
    bool kin(uint32_t f, uint32_t g) const { return f == g || fields[f].kin == fields[g].kin; }

    ValueTable::Carriers carriers(size_t f, uint32_t v) const { return fields[f].values->carriers(v); }
    uint32_t first_carrier(size_t f, uint32_t v) const { return *carriers(f, v).begin(); }
    void prefetch_value(size_t f, uint32_t v) const { fields[f].values->prefetch_value(v); }
    void prefetch_carriers(size_t f, uint32_t v) const { fields[f].values->prefetch_carriers(v); }
    uint32_t smallest_carrier(size_t f, uint32_t v) const {
        uint32_t smallest = first_carrier(f, v);
        for (const uint32_t p : carriers(f, v)) {
            if (order.less(p, smallest)) smallest = p;
        }
        return smallest;
    }

    // ---- profiles ------------------------------------------------------------------------------------------------

    // By column of the profiles, whether it is the source or holds values of field f or its kin.
    std::vector<uint8_t> own_columns(uint32_t f) const {
        std::vector<uint8_t> own(profiles.width(), 0);
        own[0] = 1;
        for (uint32_t g = 0; g < fields.size(); ++g) {
            if (!kin(f, g)) continue;
            for (const uint32_t column : fields[g].columns) own[column] = 1;
        }
        return own;
    }

    // Whether a profile holds anything but what stands in some columns.
    bool holds_more(uint32_t p, const std::vector<uint8_t> &own) const {
        for (uint32_t c = 0; c < own.size(); ++c) {
            if (!own[c] && code(p, c) != none) return true;
        }
        return false;
    }

    // Whether a profile says nothing but that it carries one value.
    bool holds_only(uint32_t p, uint32_t f, uint32_t value) const {
        const auto &own = fields[f].columns;
        for (uint32_t c = 1; c < profiles.width(); ++c) {
            const uint32_t held = code(p, c);
            if (held == none) continue;
            if (held != value || std::find(own.begin(), own.end(), c) == own.end()) return false;
        }
        return true;
    }

    bool names_somebody(uint32_t p) const {
        for (size_t s = 0; s < script_count; ++s) {
            for (const uint32_t column : {attributes.given[s], attributes.name[s]}) {
                if (column != none && code(p, column) != none) return true;
            }
        }
        return false;
    }

    // Whether it has a full name in some script, and no given name there.
    bool names_without_given(uint32_t p) const {
        for (size_t s = 0; s < script_count; ++s) {
            if (attributes.name[s] == none || code(p, attributes.name[s]) == none) continue;
            if (attributes.given[s] == none || code(p, attributes.given[s]) == none) return true;
        }
        return false;
    }

    // Whether it has a name or a birth date.
    bool says_who(uint32_t p) const {
        return names_somebody(p) || (attributes.birth_date != none && code(p, attributes.birth_date) != none);
    }

    // ---- columns -------------------------------------------------------------------------------------------------

    bool any_names() const {
        return std::any_of(attributes.name.begin(), attributes.name.end(), [](uint32_t c) { return c != none; });
    }

    // Whether strangers may have values of a field one after another.
    bool rests(uint32_t f) const { return profiles.has_times() && fields[f].rest != IdentifierField::never; }
    bool any_rests() const {
        for (uint32_t f = 0; f < fields.size(); ++f) {
            if (rests(f)) return true;
        }
        return false;
    }
};

// Sorts numbers and leaves each once; how many there are.
inline size_t distinct(std::vector<uint32_t> &numbers) {
    std::sort(numbers.begin(), numbers.end());
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    return numbers.size();
}

}  // namespace enishi
