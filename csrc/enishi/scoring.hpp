// Blocks -> pairs whose match weight reaches a threshold.
//
// Nearly all pairs are hopeless, and what they cost is what matching costs. So the pairs of a profile with the others of its
// block are screened together, by an upper bound of their weight that tightens step by step:
//
//   lines    two lines of sixteen numbers. Where two are equal the value's own weight counts, where they differ the most
//            that different values can weigh (of typed identifiers whose characters tell that they are beyond one edit,
//            what these weigh), and where one is missing nothing. Compiles to a few vector instructions; it is compiled
//            twice, and the processor is asked which copy it can run.
//   names    the levels of the names, which are soon known by heart
//   dates    whose levels are a few operations on numbers
//   letters  of addresses, and what else tells that two texts are surely different
//
// Bounds are sums of whole units, rounded up, so only what is hopeless is dropped. What is left is compared field by field,
// and the weight of what is kept is summed in one order.
//
// Memory is 32 bytes a profile, and 16 a pair above the threshold. Of these, a group of n alike profiles has n squared: so
// where there are very many, only those are kept that are among the strongest of either profile. What is dropped early has
// as many stronger ones already, so the order in which pairs come decides nothing.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <mutex>
#include <utility>
#include <vector>

#include "matching.hpp"

namespace enishi {

struct Edge {
    uint32_t left = 0, right = 0;
    double weight = 0;
};

// What scoring is asked for beside the weights.
struct ScoringOptions {
    double threshold = 0;
    // The pairs below the threshold are counted by weight in so many quarters of a bit, the last of which ends at the threshold:
    // those of the profiles of which the hash keeps `kept` in 2^32, the profile of the smaller key counting.
    uint64_t kept = 0;
    size_t quarters = 0;
    // By profile, a number that no other record of the same person has, or `none`: pairs of one number are never made.
    const uint32_t *apart = nullptr;
    uint32_t most_pairs = std::numeric_limits<uint32_t>::max() / 2;  // of a profile
};

struct Scored {
    std::vector<Edge> edges;
    std::vector<uint64_t> below;
    uint64_t compared = 0;
};

// Pairs above the threshold, from all threads.
class StrongestPairs {
  public:
    // `most` of a profile, where there are more than half as many again for every one.
    explicit StrongestPairs(const Matching &matching, uint32_t most)
        : matching_(matching), most_(most), room_(uint64_t{matching.rows().size()} * most * 3 / 2) {}

    void add(const std::vector<Edge> &edges) {
        const std::lock_guard<std::mutex> lock(mutex_);
        edges_.insert(edges_.end(), edges.begin(), edges.end());
        if (edges_.size() > room_) keep_strongest();
    }

    // All of them, by profile.
    std::vector<Edge> take() {
        if (dropped_) keep_strongest();
        std::sort(edges_.begin(), edges_.end(), [](const Edge &a, const Edge &b) {
            return a.left != b.left ? a.left < b.left : a.right < b.right;
        });
        return std::move(edges_);
    }
    // How many were dropped.
    uint64_t dropped() const { return dropped_; }

  private:
    void keep_strongest() {
        const auto tie = [&](const Edge &edge) {
            const uint64_t a = key(edge.left), b = key(edge.right);
            return detail::mix_bits(std::min(a, b) * 0x9e3779b97f4a7c15ULL + std::max(a, b));
        };
        std::sort(edges_.begin(), edges_.end(), [&](const Edge &a, const Edge &b) {
            return a.weight != b.weight ? a.weight > b.weight : tie(a) < tie(b);
        });
        std::vector<uint32_t> stronger(matching_.rows().size(), 0);
        size_t kept = 0;
        for (const Edge &edge : edges_) {
            uint32_t &left = stronger[edge.left], &right = stronger[edge.right];
            if (left < most_ || right < most_) edges_[kept++] = edge;
            ++left;
            ++right;
        }
        dropped_ += edges_.size() - kept;
        edges_.resize(kept);
    }

    uint64_t key(uint32_t profile) const { return matching_.key(matching_.rows().place(profile)); }

    const Matching &matching_;
    const uint32_t most_;
    const uint64_t room_;
    std::mutex mutex_;
    std::vector<Edge> edges_;
    uint64_t dropped_ = 0;
};

// Upper bounds of weights, in whole units.
class Screen {
  public:
    using Line = ComparedRows::Line;
    using Parities = std::array<uint32_t, line_size>;

    // What is known of a profile beside its line.
    struct alignas(64) Marks {
        Parities parities{};
        uint64_t key = 0;
        bool kept = false;  // whether its pairs are in the sample
    };

    // A pair of x and the line of that number, which has so much at most: `shared` of it up to the household's limit.
    struct Hope {
        uint32_t line;
        int32_t most, plain, shared;
        int32_t least;  // below which it is of no interest
    };

    Screen(const Matching &matching, const Weights &weights, double threshold, double lowest)
        : rows_(matching.rows()), levels_(matching.levels()), comparisons_(matching.comparisons()), n_(comparisons_.size()) {
        double largest = std::max({std::abs(weights.prior), std::abs(threshold), std::abs(lowest), 1e-3});
        for (size_t c = 0; c < n_; ++c) {
            double rarest = 0;
            for (const auto &table : weights.frequency[c]) {
                for (const double weight : table) rarest = std::max(rarest, std::abs(weight));
            }
            for (const double level : weights.level[c]) largest = std::max(largest, std::abs(level) + rarest);
        }
        unit_ = largest / most_units;
        for (size_t c = 0; c < n_; ++c) add(matching, weights, c);
        lines_.prior = units(weights.prior);
        lines_.limit = units(weights.limit + weights.home);
        lines_.threshold = units(threshold) - 1;
        lines_.lowest = units(lowest) - 1;
        if (levels_.given() < n_) lines_.given = static_cast<uint32_t>(levels_.given());
        if (levels_.family() < n_) lines_.family = static_cast<uint32_t>(levels_.family());
        if (levels_.name() < n_) lines_.name = static_cast<uint32_t>(levels_.name());
        lines_.family_shared = levels_.family() < n_ && weights.household[levels_.family()];
        equal_.resize(rows_.size());
        for (uint32_t at = 0; at < rows_.size(); ++at) {
            equal_[at].fill(0);
            for (size_t c = 0; c < n_; ++c) {
                const uint32_t number = rows_[at].number[c];
                if (number != none) equal_[at][c] = static_cast<int16_t>(units(matching.most_equal(weights, c, number)));
            }
        }
    }

    Marks marks(const Line &line, uint64_t key, bool kept) const {
        Marks marks;
        marks.key = key;
        marks.kept = kept;
        for (const size_t c : typed_) {
            if (line.number[c] != none) marks.parities[c] = levels_.parities(c)[line.number[c]];
        }
        return marks;
    }

    // Of the lines from `from` to before `to` those that may reach the threshold with x, which stands at a place, or the lowest
    // weight where they are in the sample; returns how many there are.
    size_t operator()(PairLevels::Scratch &scratch, const Line &x, const Marks &marks, uint32_t place, const Line *lines,
                      const Marks *others, uint32_t from, uint32_t to, Hope *hopes) const {
        const int16_t *const equal = equal_[place].data();
        size_t n = pass(lines_, x, marks, equal, lines, others, from, to, hopes);
        for (size_t c = 0; c < n_ && n; ++c) {
            if (comparisons_[c].kind == Comparing::date && comparisons_[c].levels.empty()) n = by_dates(c, x, lines, hopes, n);
        }
        return n && names_ ? by_names(scratch, x, equal, lines, hopes, n) : n;
    }

    bool is_sampled(const Hope &hope) const { return hope.least == lines_.lowest; }

  private:
    using Units = std::array<int32_t, line_size>;
    static constexpr double most_units = 32'000;  // so that a comparison's fit 16 bits
    static constexpr int32_t far = 1 << 28;

    // What the bound of lines reads.
    struct Lines {
        Units different{};         // what a comparison adds at most where values are different
        Units apart{};             // the same where their parities tell that they are beyond one edit
        Units several{};           // all bits where it is of several columns, some of which may be equal where not all are
        Units plain{}, shared{};   // all bits where it counts plainly, or up to the household's limit; names neither
        int32_t prior = 0, limit = 0, threshold = 0, lowest = 0;
        int32_t swapped = -far;  // what swapped parts of a name add
        uint32_t given = line_size - 1, family = line_size - 1, name = line_size - 1;  // their places; the last weighs nothing
        bool family_shared = false;
    };

    int32_t units(double weight) const {
        return static_cast<int32_t>(std::clamp(std::ceil(weight / unit_), -static_cast<double>(far), static_cast<double>(far)));
    }

    void add(const Matching &matching, const Weights &weights, size_t c) {
        const Comparison &comparison = comparisons_[c];
        const bool name = is_name(comparison.kind);
        for (uint8_t l = level::different; l < most_levels; ++l) {
            level_[c][l] = units(matching.level_part(weights, c, l, 0, none, none));
        }
        double most = matching.most_different(weights, c);
        if (c == levels_.given() && levels_.has_parts() && comparison.levels.empty()) {
            // Swapped parts are an outcome of both.
            lines_.swapped = level_[c][level::swapped];
            most = weights.level[c][level::different];
            for (uint8_t l = level::different; l < level::equal_name; ++l) {
                if (l != level::swapped) most = std::max(most, matching.level_part(weights, c, l, 0, none, none));
            }
        }
        lines_.different[c] = lines_.apart[c] = units(name ? std::max(most, 0.0) : most);
        lines_.several[c] = rows_.columns(c) > 1 ? -1 : 0;
        if (!name) (weights.household[c] ? lines_.shared : lines_.plain)[c] = -1;
        if (!levels_.parities(c).empty() && rows_.columns(c) == 1 && comparison.levels.empty()) {
            typed_.push_back(c);
            lines_.apart[c] = level_[c][level::different];
            if (comparison.kind == Comparing::email) lines_.apart[c] = std::max(lines_.apart[c], level_[c][level::alike_email]);
        }
        if (name && !comparison.levels.empty()) names_ = false;
    }

    [[gnu::always_inline]] static inline size_t pass_body(const Lines &bound, const Line &x, const Marks &marks, const int16_t *equal,
                                                          const Line *lines, const Marks *others, uint32_t from, uint32_t to,
                                                          Hope *hopes) {
        alignas(64) uint32_t numbers[line_size];
        alignas(64) int32_t same[line_size], different[line_size], apart[line_size];
        for (size_t k = 0; k < line_size; ++k) {
            numbers[k] = k < most_comparisons ? x.number[k] : none;  // and the cluster is no comparison
            const int32_t there = numbers[k] == none ? 0 : -1;
            same[k] = equal[k] & there;
            const int32_t least = (same[k] & bound.several[k]) | (~bound.several[k] & -far);
            different[k] = std::max(bound.different[k], least) & there;
            apart[k] = std::max(bound.apart[k], least) & there;
        }
        constexpr uint32_t scripts = (1u << script_bits) - 1;
        // Of names that are written in the same scripts one differs where not all are equal.
        const auto part_of = [&](const Line &y, uint32_t k) {
            const uint32_t number = y.number[k];
            if (number == numbers[k]) return same[k];
            if (number == none || numbers[k] == none) return 0;
            return (number ^ numbers[k]) & scripts ? different[k] : bound.different[k];
        };
        const auto meet = [&](const Line &y, uint32_t k) {
            return numbers[k] != none && y.number[k] != none && (numbers[k] & y.number[k] & scripts);
        };
        size_t found = 0;
        for (uint32_t j = from; j < to; ++j) {
            const uint32_t *const y = lines[j].number.data(), *const parity = others[j].parities.data();
            int32_t plain = 0, shared = 0;
            for (size_t k = 0; k < line_size; ++k) {
                uint32_t turned = marks.parities[k] ^ parity[k];
                turned &= turned - 1;
                turned &= turned - 1;
                const int32_t unequal = turned ? apart[k] : different[k];
                const int32_t part = y[k] == numbers[k] ? same[k] : y[k] == none ? 0 : unequal;
                plain += part & bound.plain[k];
                shared += part & bound.shared[k];
            }
            // Parts of names where both have them, whole ones else.
            plain += bound.prior;
            const int32_t family = part_of(lines[j], bound.family);
            const int32_t by_parts = plain + part_of(lines[j], bound.given) + (bound.family_shared ? 0 : family) +
                                     std::min(shared + (bound.family_shared ? family : 0), bound.limit);
            const int32_t by_name = plain + part_of(lines[j], bound.name) + std::min(shared, bound.limit);
            const bool parts = meet(lines[j], bound.given) && meet(lines[j], bound.family);
            const int32_t by_swapped = plain + bound.swapped + std::min(shared, bound.limit);
            const int32_t most = std::max(by_parts, parts ? by_swapped : by_name);
            const bool kept = marks.key < others[j].key ? marks.kept : others[j].kept;
            const int32_t least = kept ? bound.lowest : bound.threshold;
            hopes[found] = {j, most, plain, shared, least};
            found += most >= least;
        }
        return found;
    }

#if defined(__x86_64__)
    [[gnu::target("avx2")]] static size_t pass_avx2(const Lines &bound, const Line &x, const Marks &marks, const int16_t *equal,
                                                    const Line *lines, const Marks *others, uint32_t from, uint32_t to, Hope *hopes) {
        return pass_body(bound, x, marks, equal, lines, others, from, to, hopes);
    }
#endif

    static size_t pass(const Lines &bound, const Line &x, const Marks &marks, const int16_t *equal, const Line *lines,
                       const Marks *others, uint32_t from, uint32_t to, Hope *hopes) {
#if defined(__x86_64__)
        static const bool avx2 = __builtin_cpu_supports("avx2");
        if (avx2) return pass_avx2(bound, x, marks, equal, lines, others, from, to, hopes);
#endif
        return pass_body(bound, x, marks, equal, lines, others, from, to, hopes);
    }

    // Parts of names by their levels, swapped ones where that decides.
    size_t by_names(PairLevels::Scratch &scratch, const Line &x, const int16_t *equal, const Line *lines, Hope *hopes, size_t n) const {
        if (!levels_.has_parts()) return n;
        const size_t given = levels_.given(), family = levels_.family();
        const auto most_of = [&](int32_t by_given, int32_t by_family, const Hope &hope) {
            (lines_.family_shared ? by_family : by_given) += lines_.family_shared ? hope.shared : by_family;
            return hope.plain + by_given + std::min(lines_.family_shared ? by_family : hope.shared, lines_.limit);
        };
        const auto part = [&](size_t c, uint8_t l) { return l == level::equal_name ? int32_t{equal[c]} : level_[c][l]; };
        size_t kept = 0;
        for (size_t k = 0; k < n; ++k) {
            Hope &hope = hopes[k];
            const Line &y = lines[hope.line];
            if (ComparedRows::meet(x.number[given], y.number[given]) && ComparedRows::meet(x.number[family], y.number[family])) {
                const uint8_t g = levels_.generations_apart(x, y) ? level::different : levels_.part(scratch, given, x, y);
                const int32_t swapped = g < level::swapped ? most_of(level_[given][level::swapped], 0, hope) : -far;
                const bool scripts = (x.number[family] ^ y.number[family]) & ((1u << script_bits) - 1);
                const bool same = scripts || x.number[family] == y.number[family];
                const int32_t any_family = same ? std::max(lines_.different[family], int32_t{equal[family]}) : lines_.different[family];
                hope.most = most_of(part(given, g), any_family, hope);
                if (hope.most >= hope.least || swapped >= hope.least) {
                    const uint8_t f = levels_.part(scratch, family, x, y);
                    hope.most = most_of(part(given, g), part(family, f), hope);
                    const bool open = f < level::swapped && swapped > hope.most && swapped >= hope.least;
                    if (open && levels_.parts_swapped(scratch, x, y)) hope.most = swapped;
                }
            }
            hopes[kept] = hope;
            kept += hope.most >= hope.least;
        }
        return kept;
    }

    size_t by_dates(size_t c, const Line &x, const Line *lines, Hope *hopes, size_t n) const {
        const uint32_t date = x.number[c];
        if (date == none || lines_.shared[c]) return n;
        size_t kept = 0;
        for (size_t k = 0; k < n; ++k) {
            Hope hope = hopes[k];
            const uint32_t other = lines[hope.line].number[c];
            if (other != none && other != date) hope.most += level_[c][compare_dates(date, other)] - lines_.different[c];
            hopes[kept] = hope;
            kept += hope.most >= hope.least;
        }
        return kept;
    }

    const ComparedRows &rows_;
    const PairLevels &levels_;
    const std::vector<Comparison> &comparisons_;
    size_t n_;
    double unit_ = 1;
    bool names_ = true;  // whether their levels are the stored ones
    std::array<std::array<int32_t, most_levels>, most_comparisons> level_{};
    Lines lines_;
    std::vector<size_t> typed_;                          // comparisons that parities tell of
    std::vector<std::array<int16_t, line_size>> equal_;  // by place, what each comparison adds at most where values are equal
};

// Scores the pairs of blocks under given weights.
class Scoring {
  public:
    Scoring(const Matching &matching, const Weights &weights, const ScoringOptions &options)
        : matching_(matching), rows_(matching.rows()), levels_(matching.levels()), weights_(weights), options_(options),
          n_(matching.comparisons().size()), lowest_(options.threshold - static_cast<double>(options.quarters) / 4),
          screen_(matching, weights, options.threshold, lowest_), strongest_(matching, options.most_pairs) {
        while (names_ < n_ && !is_name(matching.comparisons()[names_].kind)) ++names_;
        for (size_t c = 0; c < n_; ++c) most_different_[c] = matching.most_different(weights, c);
    }

    // Finds the pairs of a rule that no earlier rule owns and whose weight reaches the threshold. Pairs within one cluster are
    // not looked at; `compared` counts the others, those of earlier rules too. `shard` of `shards` takes its part of the
    // blocks, so that threads share a rule.
    Scored operator()(uint32_t rule, uint32_t shard, uint32_t shards) {
        Scored scored = score(rule, shard, shards);
        strongest_.add(scored.edges);
        scored.edges = {};
        return scored;
    }
    // What was found, once; how many pairs were dropped for stronger ones.
    std::vector<Edge> take() { return strongest_.take(); }
    uint64_t dropped() const { return strongest_.dropped(); }

  private:
    using Line = ComparedRows::Line;

    Scored score(uint32_t rule, uint32_t shard, uint32_t shards) const {
        const ScratchPool<PairLevels::Scratch>::Lease scratch(matching_.scratches());
        const Blocks &blocks = matching_.blocks();
        Scored scored;
        scored.below.resize(options_.quarters);
        const size_t from = blocks.size(rule) * shard / shards, to = blocks.size(rule) * (shard + 1) / shards;
        constexpr size_t ahead = 24;  // members
        Buffers buffers;
        const uint32_t *const last = from < to ? blocks.block(rule, to - 1).end() : nullptr;
        for (size_t b = from; b < to; ++b) {
            const Blocks::Block block = blocks.block(rule, b);
            if (rows_.cluster(block.members[0]) == rows_.cluster(block.members[block.size - 1])) continue;
            // A block's lines are fetched once each, ahead of their use, and stand together while its pairs are made.
            buffers.reserve(block.size);
            for (uint32_t i = 0; i < block.size; ++i) {
                if (block.members + i + ahead < last) __builtin_prefetch(&rows_[block.members[i + ahead]]);
                buffers.lines[i] = rows_[block.members[i]];
                const uint64_t key = matching_.key(block.members[i]);
                buffers.marks[i] = screen_.marks(buffers.lines[i], key, options_.quarters && detail::keeps(options_.kept, key));
            }
            score_block(*scratch, block, buffers, scored);
        }
        return scored;
    }

    struct Buffers {
        std::vector<Line> lines;
        std::vector<Screen::Marks> marks;
        std::vector<Screen::Hope> hopes;
        void reserve(uint32_t size) {
            if (lines.size() >= size) return;
            lines.resize(size);
            marks.resize(size);
            hopes.resize(size);
        }
    };

    void score_block(PairLevels::Scratch &scratch, const Blocks::Block &block, Buffers &buffers, Scored &scored) const {
        const Line *const lines = buffers.lines.data();
        scored.compared += pairs_of(block, lines);
        bool own = block.size < 3;  // whether it is known that no earlier block holds all of this one
        uint32_t next = 0;          // where the next cluster begins
        for (uint32_t i = 0; i < block.size; ++i) {
            if (i == next) next = run_end(block, lines, i);
            if (next == block.size) return;
            const uint32_t p = block.members[i];
            const size_t found = screen_(scratch, lines[i], buffers.marks[i], p, lines, buffers.marks.data(), next, block.size,
                                         buffers.hopes.data());
            if (!found) continue;
            if (!own && matching_.blocks().covered(block)) return;
            own = true;
            for (size_t k = 0; k < found; ++k) {
                const Screen::Hope &hope = buffers.hopes[k];
                const double least = screen_.is_sampled(hope) ? lowest_ : options_.threshold;
                score_pair(scratch, block.number, p, block.members[hope.line], lines[i], lines[hope.line], least, scored);
            }
        }
    }

    // Where the members of the cluster end that begins at `from`.
    static uint32_t run_end(const Blocks::Block &block, const Line *lines, uint32_t from) {
        uint32_t end = from + 1;
        while (end < block.size && lines[end].cluster() == lines[from].cluster()) ++end;
        return end;
    }

    static uint64_t pairs_of(const Blocks::Block &block, const Line *lines) {
        uint64_t pairs = 0;
        for (uint32_t i = 0, end; i < block.size; i = end) {
            end = run_end(block, lines, i);
            pairs += uint64_t{end - i} * (block.size - end);
        }
        return pairs;
    }

    void score_pair(PairLevels::Scratch &scratch, uint32_t block, uint32_t p, uint32_t q, const Line &x, const Line &y, double least,
                    Scored &scored) const {
        const uint32_t left = rows_.profile(p), right = rows_.profile(q);
        if (options_.apart && options_.apart[left] != none && options_.apart[left] == options_.apart[right]) return;
        double weight;
        if (!weigh(scratch, least, x, y, weight)) return;
        // Asked last: it costs more than most comparisons, and few pairs come so far.
        if (matching_.blocks().common(p, q) != block) return;
        if (weight >= options_.threshold) {
            scored.edges.push_back({std::min(left, right), std::max(left, right), weight});
        } else {
            ++scored.below[std::min(static_cast<size_t>((weight - lowest_) * 4), options_.quarters - 1)];
        }
    }

    // Names first, which depend on each other and are soon known by heart; then the others, the cheap ones first, until what
    // is left cannot lift the pair to the threshold. The sum of a pair that is kept is formed in the order of the
    // comparisons.
    bool weigh(PairLevels::Scratch &scratch, double least, const Line &x, const Line &y, double &weight) const {
        Outcome outcome;
        std::array<double, most_comparisons> parts;  // what is known, or the most that is possible
        for (size_t c = 0; c < names_; ++c) parts[c] = most_of(c, x, y);
        if (levels_.parts(scratch, outcome, x, y) && levels_.parts_swapped(scratch, x, y)) levels_.swap_parts(outcome);
        const auto settle = [&](size_t c) {
            levels_.settle(scratch, outcome, c, x, y);
            parts[c] = matching_.part(weights_, c, outcome, x, y);
        };
        for (size_t c = names_; c < n_; ++c) settle(c);
        const size_t given = levels_.given();
        const bool other_name = given < n_ && outcome.stored[given] == level::different;
        for (size_t c = 0; c < names_; ++c) {
            if (hopeless(parts, least, other_name)) return false;
            levels_.compare(scratch, outcome, c, x, y);
            settle(c);
        }
        weight = weights_.prior;
        for (size_t c = 0; c < n_; ++c) weight += parts[c];
        weight += matching_.excess(weights_, outcome, parts.data(), x, y);
        return weight >= least;
    }

    bool hopeless(const std::array<double, most_comparisons> &parts, double least, bool other_name) const {
        double most = weights_.prior, shared = 0;
        for (size_t c = 0; c < n_; ++c) {
            most += parts[c];
            if (matching_.is_shared(weights_, c, other_name, parts[c])) shared += parts[c];
        }
        return most + std::min(0.0, weights_.limit + weights_.home - shared) + slack < least;
    }

    double most_of(size_t c, const Line &x, const Line &y) const {
        const uint32_t a = x.number[c], b = y.number[c];
        if (a == none || b == none) return 0;
        const double most = a == b || rows_.columns(c) > 1 ? matching_.most_equal(weights_, c, a) : most_different_[c];
        return a == b ? most : std::max(most, most_different_[c]);
    }

    static constexpr double slack = 1e-6;  // what rounding could take from a bound

    const Matching &matching_;
    const ComparedRows &rows_;
    const PairLevels &levels_;
    const Weights &weights_;
    ScoringOptions options_;
    size_t n_;
    double lowest_;
    Screen screen_;
    StrongestPairs strongest_;
    size_t names_ = 0;  // where names begin
    std::array<double, most_comparisons> most_different_{};
};

}  // namespace enishi
