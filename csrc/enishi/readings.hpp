// What is read of the graph when all is joined: who carries what, and whom nothing could link.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "limits.hpp"
#include "profile_graph.hpp"
#include "siphash.hpp"

namespace enishi {

// Value and profile, for each value of field f that did not join all who carry it (joined: by value, a code of Joined).
inline std::vector<std::pair<uint32_t, uint32_t>> contested_carriers(const ProfileGraph &graph, uint32_t f,
                                                                     const std::vector<uint8_t> &joined) {
    std::vector<std::pair<uint32_t, uint32_t>> answer;
    for (uint32_t v = 0; v < joined.size(); ++v) {
        if (!joined[v]) continue;
        for (const uint32_t p : graph.carriers(f, v)) answer.emplace_back(v, p);
    }
    return answer;
}

// Records that nothing could link: with generic identifiers only, and without any.
struct Unlinkable {
    uint64_t generic = 0, bare = 0;
};

// Records that nothing could link, whoever else were there: they carry no identifier but generic ones, and not all of
// the columns of any of the ways, and no must-link names them. Who is bound is linked already.
inline Unlinkable unlinkable(const ProfileGraph &graph, const Limits &limits, const std::vector<uint8_t> &bound,
                             const std::vector<std::vector<uint32_t>> &ways) {
    Unlinkable answer;
    std::vector<uint32_t> open;
    for (uint32_t p = 0; p < graph.size(); ++p) {
        if (!bound[p] && !limits.holds(p)) open.push_back(p);
    }
    graph.learn(open);
    for (const uint32_t p : open) {
        bool linkable = false, carries = false;
        for (uint32_t f = 0; f < graph.fields.size() && !linkable; ++f) {
            graph.each_value(p, f, [&](uint32_t v) {
                carries = true;
                linkable = linkable || graph.may_link(f, v);
            });
        }
        for (size_t i = 0; i < ways.size() && !linkable; ++i) {
            const auto has = [&](uint32_t column) { return graph.code(p, column) != none; };
            linkable = std::all_of(ways[i].begin(), ways[i].end(), has);
        }
        if (!linkable) (carries ? answer.generic : answer.bare) += graph.records(p);
    }
    graph.forget();
    return answer;
}

// How many records carry each of some values of field f.
inline std::vector<uint64_t> carrying_records(const ProfileGraph &graph, uint32_t f,
                                              const std::vector<uint32_t> &values) {
    std::vector<uint64_t> answer;
    for (const uint32_t v : values) {
        uint64_t records = 0;
        for (const uint32_t p : graph.carriers(f, v)) records += graph.records(p);
        answer.push_back(records);
    }
    return answer;
}

// The smallest record that carries each of some values of field f.
inline std::vector<uint32_t> smallest_carriers(const ProfileGraph &graph, uint32_t f,
                                               const std::vector<uint32_t> &values) {
    std::vector<uint32_t> answer;
    for (const uint32_t v : values) answer.push_back(graph.order.smallest[graph.smallest_carrier(f, v)]);
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
inline std::pair<size_t, size_t> evidence_size(const ProfileGraph &graph, uint32_t from, uint32_t to) {
    size_t rows = 0, records = 0;
    for (uint32_t p = from; p < to; ++p) {
        const size_t before = rows;
        for (uint32_t f = 0; f < graph.fields.size(); ++f) graph.each_value(p, f, [&](uint32_t) { ++rows; });
        if (rows != before) records += graph.records(p);
    }
    return {rows, records};
}

// states[f][v] is what a reader is told of value v of field f; a profile's records are
// rows[starts[profile] .. starts[profile + 1]].
inline void evidence(const ProfileGraph &graph, const std::vector<const uint8_t *> &states, const uint32_t *starts,
                     const uint32_t *rows, uint32_t from, uint32_t to, const Evidence &out) {
    constexpr uint32_t ahead = 8;
    size_t row = 0, record = 0;
    out.offsets[0] = 0;
    for (uint32_t p = from; p < to; ++p) {
        // What is told of a value lies anywhere: that of the next profiles' is fetched meanwhile.
        for (uint32_t f = 0; f < graph.fields.size() && to - p > ahead; ++f) {
            graph.each_value(p + ahead, f, [&](uint32_t v) {
                __builtin_prefetch(&states[f][v]);
                __builtin_prefetch(&graph.fields[f].values->keys()[v]);
            });
        }
        const size_t begin = row;
        for (uint32_t f = 0; f < graph.fields.size(); ++f) {
            graph.each_value(p, f, [&](uint32_t v) {
                out.profile[row] = p;
                out.field[row] = static_cast<int32_t>(f);
                out.state[row] = states[f][v];
                out.key[row] = graph.fields[f].values->keys()[v];
                if (row == begin) {
                    out.first[row >> 3] = static_cast<uint8_t>(out.first[row >> 3] | 1u << (row & 7));
                    for (size_t i = starts[p]; i < starts[p + 1]; ++i) out.rows[record++] = rows[i];
                }
                out.offsets[++row] = static_cast<int64_t>(record);
            });
        }
    }
}

}  // namespace enishi
