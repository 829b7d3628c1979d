// What a pair leaves unsaid and the clusters of its two records know.
//
// Two records may agree in name and birth date and have no other field in common, and their match weight knows
// nothing else. But each stands in a cluster, held together by identifiers, whose other records have phones, cards
// and addresses. If these all differ, two namesakes were born on one day; a million records hold a few such pairs.
// So of each comparison of which one record of a pair has no value, the clusters are asked: the best of what their
// values say of each other counts, where that speaks against the pair. What speaks for it does not, for of many
// values two are soon alike by chance.
//
// Names and dates are left to the guards of linking, which compare whole people.
//
// A cluster's values are gathered once, and two clusters are compared once in each field: the cost is that of the
// values of the clusters that pairs above the threshold reach, and at most 256 comparisons for two clusters and a
// field.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <unordered_map>
#include <vector>

#include "matching.hpp"

namespace enishi {

class Unsaid {
  public:
    using Line = ComparedRows::Line;

    Unsaid(const Matching &matching, const Weights &weights)
        : matching_(matching), rows_(matching.rows()), levels_(matching.levels()), weights_(weights) {
        for (size_t c = 0; c < matching.comparisons().size(); ++c) {
            const Comparing kind = matching.comparisons()[c].kind;
            if (!is_name(kind) && kind != Comparing::date) asked_.push_back(c);
        }
    }

    // What is to be added to the weight of two profiles' pair, zero or less.
    double operator()(uint32_t left, uint32_t right) {
        const uint32_t p = rows_.place(left), q = rows_.place(right);
        const Line &x = rows_[p], &y = rows_[q];
        if (alone(p) && alone(q)) return 0;
        double sum = 0;
        for (const size_t c : asked_) {
            if (x.number[c] == none || y.number[c] == none) sum += between(c, known(p), known(q));
        }
        return sum;
    }

  private:
    // By comparison, the distinct numbers of a cluster's profiles; of more than `most` nobody asks.
    struct Known {
        uint32_t cluster = 0;
        std::array<std::vector<uint32_t>, most_comparisons> numbers;
        std::array<bool, most_comparisons> many{};
    };
    // No one person has so many values of a field that are told apart one by one.
    static constexpr size_t most = 16;

    bool alone(uint32_t place) const {
        const uint32_t cluster = rows_.cluster(place);
        const bool before = place && rows_.cluster(place - 1) == cluster;
        return !before && (place + 1 == rows_.size() || rows_.cluster(place + 1) != cluster);
    }

    const Known &known(uint32_t place) {
        const uint32_t cluster = rows_.cluster(place);
        const auto [found, fresh] = known_.try_emplace(cluster);
        Known &known = found->second;
        if (!fresh) return known;
        known.cluster = cluster;
        uint32_t from = place;  // the profiles of a cluster stand beside each other
        while (from && rows_.cluster(from - 1) == cluster) --from;
        for (uint32_t at = from; at < rows_.size() && rows_.cluster(at) == cluster; ++at) {
            for (const size_t c : asked_) {
                const uint32_t number = rows_[at].number[c];
                std::vector<uint32_t> &numbers = known.numbers[c];
                if (number == none || known.many[c]) continue;
                if (std::find(numbers.begin(), numbers.end(), number) != numbers.end()) continue;
                known.many[c] = numbers.size() == most;
                numbers.push_back(number);
            }
        }
        return known;
    }

    double between(size_t c, const Known &a, const Known &b) {
        if (a.many[c] || b.many[c] || a.numbers[c].empty() || b.numbers[c].empty()) return 0;
        const auto ends = std::minmax(a.cluster, b.cluster);
        auto &answers = between_[uint64_t{ends.first} << 32 | ends.second];
        if (answers.empty()) answers.assign(most_comparisons, std::numeric_limits<double>::quiet_NaN());
        if (answers[c] == answers[c]) return answers[c];
        double best = -std::numeric_limits<double>::infinity();
        Line x, y;
        x.number.fill(none);
        y.number.fill(none);
        for (const uint32_t one : a.numbers[c]) {
            for (const uint32_t other : b.numbers[c]) {
                x.number[c] = one;
                y.number[c] = other;
                Outcome outcome;
                levels_.compare(scratch_, outcome, c, x, y);
                levels_.settle(scratch_, outcome, c, x, y);
                best = std::max(best, matching_.part(weights_, c, outcome, x, y));
            }
        }
        return answers[c] = std::min(best, 0.0);
    }

    const Matching &matching_;
    const ComparedRows &rows_;
    const PairLevels &levels_;
    const Weights &weights_;
    std::vector<size_t> asked_;
    std::unordered_map<uint32_t, Known> known_;  // by cluster
    std::unordered_map<uint64_t, std::vector<double>> between_;  // by two clusters and comparison
    PairLevels::Scratch scratch_;
};

}  // namespace enishi
