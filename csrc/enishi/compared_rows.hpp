// Profiles as they are compared: a cache line each, those of one cluster beside each other.
//
// A pair is two profiles from anywhere, and what it costs first is the wait for them. So what is compared of a profile
// stands in one line of 64 bytes: a number for each comparison and its cluster. The number says all that the comparison
// looks at: the code of a single column, or the number of the distinct codes that several columns hold together (a name in
// three scripts, two emails). Equal numbers are equal values, and most comparisons end there.
//
// Blocks mostly hold several profiles of the same few clusters, so profiles are put in the order of their clusters: what
// is fetched for one is there for the next, and pairs within a cluster are runs that are stepped over.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include "comparison.hpp"
#include "profile_table.hpp"
#include "slot_index.hpp"

namespace enishi {

inline constexpr size_t most_comparisons = 15;
inline constexpr size_t line_size = most_comparisons + 1;

namespace detail {

// Whether the hash of a key, or of a pair's keys, keeps it among `kept` in 2^32.
inline bool keeps(uint64_t kept, uint64_t key) { return (mix_bits(key) >> 32) < kept; }
inline bool keeps(uint64_t kept, uint64_t a, uint64_t b) {
    return (mix_bits(std::min(a, b) * 0x9e3779b97f4a7c15ULL + std::max(a, b)) >> 32) < kept;
}

}  // namespace detail

// What a comparison looks at in each profile: columns, which may be `none`, and whether these are scripts.
struct ComparedColumns {
    std::vector<uint32_t> columns;
    // Of scripts only the same ones are compared, so the number ends with a bit for each that is there.
    bool scripts = false;
    std::vector<bool> ignored;  // by code, what says nothing; shorter than the codes: the others do
    uint32_t impossible = none;  // of dates, a second column: those that no calendar has
};

inline constexpr size_t script_bits = 3;

class ComparedRows {
  public:
    struct alignas(64) Line {
        std::array<uint32_t, line_size> number;  // by comparison; the last is the cluster
        uint32_t cluster() const { return number.back(); }
    };

    // labels: by profile, its cluster. Lines are there after `number` for each comparison and then `fill` for each part, in
    // any number of threads.
    ComparedRows(const ProfileTable &profiles, std::vector<ComparedColumns> comparisons, const uint32_t *labels)
        : profiles_(profiles), comparisons_(std::move(comparisons)), codes_(comparisons_.size()), numbers_(comparisons_.size()) {
        if (comparisons_.size() > most_comparisons) throw std::length_error("more than 15 comparisons");
        order(profiles.size(), labels);
        lines_.reset(new Line[profiles.size()]);  // which are touched when they are filled, by several threads
    }

    // Numbers the distinct codes that the columns of a comparison hold together, where it has several.
    void number(size_t c) {
        const size_t k = columns(c);
        if (k == 1 && !comparisons_[c].scripts) return;
        std::vector<uint32_t> &codes = codes_[c], &numbers = numbers_[c];
        numbers.assign(profile_.size(), none);
        SlotIndex index;
        std::vector<uint32_t> own((batch + 1) * k, none);  // of a batch, behind what stands before it
        std::array<Together, batch> together;
        uint32_t last = none;
        for (uint32_t from = 0; from < profile_.size(); from += batch) {
            const uint32_t size = std::min(batch, static_cast<uint32_t>(profile_.size()) - from);
            std::copy_n(own.end() - static_cast<std::ptrdiff_t>(k), k, own.begin());
            for (uint32_t j = 0; j < size; ++j) {
                if (from + batch + j < profile_.size()) prefetch_columns(c, profile_[from + batch + j]);
                for (size_t i = 0; i < k; ++i) own[(j + 1) * k + i] = code_of(c, i, profile_[from + j]);
            }
            // Mostly what the profile beside it has, which is of the same cluster.
            for (uint32_t j = 0; j < size; ++j) {
                const uint32_t *const of = &own[(j + 1) * k];
                together[j] = std::equal(of, of + k, of - k) ? Together{} : Together(of, k);
                if (together[j].filled) index.prefetch(together[j].hash);
            }
            for (uint32_t j = 0; j < size; ++j) {
                const uint32_t known = together[j].filled ? index.candidate(together[j].hash) : none;
                if (known != none) __builtin_prefetch(&codes[known * k]);
            }
            for (uint32_t j = 0; j < size; ++j) {
                if (together[j].is_new) last = number_of(c, &own[(j + 1) * k], together[j], codes, index);
                numbers[from + j] = last;
            }
        }
    }
    // Writes the lines of a part of all.
    void fill(uint32_t part, uint32_t parts) {
        const size_t n = profile_.size(), from = n * part / parts, to = n * (part + 1) / parts;
        std::vector<const uint32_t *> single;  // columns that are read where the profile stands
        for (size_t c = 0; c < comparisons_.size(); ++c) {
            if (numbers_[c].empty()) single.push_back(profiles_.column(comparisons_[c].columns[0]).data());
        }
        constexpr size_t ahead = 12;
        for (size_t at = from; at < to; ++at) {
            if (at + ahead < to) {
                for (const uint32_t *const column : single) __builtin_prefetch(&column[profile_[at + ahead]]);
            }
            std::array<uint32_t, line_size> &line = lines_[at].number;
            line.fill(none);
            for (size_t c = 0; c < comparisons_.size(); ++c) {
                line[c] = numbers_[c].empty() ? code_of(c, 0, profile_[at]) : numbers_[c][at];
            }
            line.back() = clusters_[at];
        }
    }
    // After all parts: what only `fill` needed goes back.
    void filled() { numbers_ = {}; }

    uint32_t size() const { return static_cast<uint32_t>(profile_.size()); }
    const Line &operator[](uint32_t at) const { return lines_[at]; }
    uint32_t cluster(uint32_t at) const { return clusters_[at]; }
    void prefetch_cluster(uint32_t at) const { __builtin_prefetch(&clusters_[at]); }
    uint32_t profile(uint32_t at) const { return profile_[at]; }
    uint32_t place(uint32_t profile) const { return place_[profile]; }

    // The code of the i-th column behind a number of comparison c.
    uint32_t code(size_t c, uint32_t number, size_t i) const {
        if (codes_[c].empty()) return number;
        return codes_[c][size_t{number >> (comparisons_[c].scripts ? script_bits : 0)} * columns(c) + i];
    }
    void prefetch_code(size_t c, uint32_t number, size_t i) const {
        if (number == none || codes_[c].empty()) return;
        __builtin_prefetch(&codes_[c][size_t{number >> (comparisons_[c].scripts ? script_bits : 0)} * columns(c) + i]);
    }
    // The comparison that looks at a column of the profiles, and which of its columns that is.
    std::pair<size_t, size_t> where(uint32_t column) const {
        for (size_t c = 0; c < comparisons_.size(); ++c) {
            const std::vector<uint32_t> &own = comparisons_[c].columns;
            const auto found = std::find(own.begin(), own.end(), column);
            if (found != own.end()) return {c, static_cast<size_t>(found - own.begin())};
        }
        throw std::invalid_argument("no comparison looks at this column");
    }
    // How many numbers a comparison of several columns has, scripts left aside.
    uint32_t numbers(size_t c) const { return static_cast<uint32_t>(codes_[c].size() / columns(c)); }
    size_t columns(size_t c) const { return comparisons_[c].columns.size(); }

    // Whether both have a value in the same script.
    static bool meet(uint32_t a, uint32_t b) { return a != none && b != none && (a & b & ((1u << script_bits) - 1)); }
    static bool has_script(uint32_t number, size_t script) { return number >> script & 1; }

  private:
    void order(uint32_t profiles, const uint32_t *labels) {
        uint32_t last = 0;
        for (uint32_t p = 0; p < profiles; ++p) last = std::max(last, labels[p]);
        std::vector<uint32_t> at(size_t{last} + 2, 0);
        for (uint32_t p = 0; p < profiles; ++p) ++at[size_t{labels[p]} + 1];
        for (size_t l = 1; l < at.size(); ++l) at[l] += at[l - 1];
        profile_.resize(profiles);
        place_.resize(profiles);
        clusters_.resize(profiles);
        for (uint32_t p = 0; p < profiles; ++p) {
            place_[p] = at[labels[p]]++;
            profile_[place_[p]] = p;
            clusters_[place_[p]] = labels[p];
        }
    }

    // What a profile has in the i-th column of a comparison.
    uint32_t code_of(size_t c, size_t i, uint32_t profile) const {
        const ComparedColumns &compared = comparisons_[c];
        const uint32_t code = compared.columns[i] == none ? none : profiles_.column(compared.columns[i])[profile];
        if (code == none && compared.impossible != none) {
            const uint32_t digits = profiles_.column(compared.impossible)[profile];
            return digits == none ? none : digits | impossible_date;
        }
        return code < compared.ignored.size() && compared.ignored[code] ? none : code;
    }

    // Codes that stand together.
    struct Together {
        Together() = default;
        Together(const uint32_t *codes, size_t k) : is_new(true), hash(k) {
            for (size_t i = 0; i < k; ++i) {
                filled |= uint32_t{codes[i] != none} << std::min<size_t>(i, script_bits - 1);
                hash = detail::mix_bits(hash * 31 + codes[i]);
            }
        }

        bool is_new = false;  // not those of the profile before
        uint32_t filled = 0;  // a bit for each script that is there
        uint64_t hash = 0;
    };
    static constexpr uint32_t batch = 32;  // profiles, which wait for memory together

    void prefetch_columns(size_t c, uint32_t profile) const {
        for (const uint32_t column : comparisons_[c].columns) {
            if (column != none) __builtin_prefetch(&profiles_.column(column)[profile]);
        }
    }

    // The number of codes that stand together, with a bit for each script; a new one where they have none.
    uint32_t number_of(size_t c, const uint32_t *own, const Together &together, std::vector<uint32_t> &codes, SlotIndex &index) const {
        const size_t k = columns(c);
        if (!together.filled) return none;
        const auto next = static_cast<uint32_t>(codes.size() / k);
        if (next >> (32 - script_bits - 1)) throw std::length_error("more distinct values than a number has room for");
        const uint32_t number =
            index.find_or_add(together.hash, next, [&](uint32_t known) { return std::equal(own, own + k, &codes[known * k]); });
        if (number == next) codes.insert(codes.end(), own, own + k);
        return comparisons_[c].scripts ? number << script_bits | together.filled : number;
    }

    const ProfileTable &profiles_;
    std::vector<ComparedColumns> comparisons_;
    std::unique_ptr<Line[]> lines_;
    std::vector<uint32_t> profile_, place_, clusters_;  // by place, by profile, by place
    std::vector<std::vector<uint32_t>> codes_;          // by comparison of several columns: the codes of each number
    std::vector<std::vector<uint32_t>> numbers_;        // by the same, by place, until the lines are filled
};

}  // namespace enishi
