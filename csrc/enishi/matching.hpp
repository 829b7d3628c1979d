// Profiles -> candidate pairs -> comparison vectors -> match weights (Fellegi and Sunter's model).
//
//   blocks     blocking.hpp says which pairs there are, and which block of several a pair is met in.
//   levels     pair_levels.hpp compares a pair.
//   vectors    a pair's levels, four bits each, are one 64-bit pattern. There are few different ones: training counts them
//              and forgets the pairs.
//   weights    a table of log2(m/u) by comparison and level, and where values are equal what the value's own frequency
//              adds. What says the same twice counts once.
//
// Nearly all pairs are hopeless, and what they cost is what matching costs. So a pair is first looked at as two lines of
// sixteen numbers: where two are equal the value's own weight counts, where they differ the most that different values
// can weigh, and where one is missing nothing. That sum needs no look at a text and compiles to a few vector instructions;
// it is compiled twice, and the processor is asked which copy it can run. What it leaves is compared field by field, until
// what is still open cannot lift the pair to the threshold. Bounds are rounded up, so only what is hopeless is dropped, and
// the weight of what is kept is summed in one order.
//
// Memory grows with the profiles (a line of 64 bytes and one of 32 while they are scored, eight a block that they are in)
// and with the pairs above the threshold, never with the candidates.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <utility>
#include <vector>

#include "blocking.hpp"
#include "compared_rows.hpp"
#include "pair_levels.hpp"
#include "profile_table.hpp"
#include "scratch_pool.hpp"

namespace enishi {

inline constexpr uint64_t owned_pattern = uint64_t{1} << 63;  // above the comparisons' four bits each

struct Edge {
    uint32_t left = 0, right = 0;
    double weight = 0;
};

struct PatternCount {
    uint64_t pattern = 0, count = 0;
    bool operator<(const PatternCount &o) const { return pattern < o.pattern; }
};

struct Weights {
    std::vector<std::array<double, most_levels>> level;      // by comparison
    std::vector<std::array<double, most_levels>> equal;      // log2(m of the level / u of equal values)
    std::vector<std::vector<std::vector<double>>> frequency;  // by comparison, column and code: log2(u of equal / its own)
    uint32_t first_year = 0;                                  // frequencies of dates start with its first day
    double prior = 0;
    // The most that one attribute adds, and that all together add which people who live together share (their family
    // name, address, phone), for these are no independent evidence.
    double limit = std::numeric_limits<double>::infinity();
    std::vector<uint8_t> household;  // by comparison
};

namespace detail {

inline size_t day_index(uint32_t date, uint32_t first_year) {
    return (static_cast<size_t>(date / 10000 - first_year) * 12 + (date / 100 % 100 - 1)) * 31 + date % 100 - 1;
}

// Counts patterns.
class PatternCounter {
  public:
    void add(uint64_t pattern) {
        if (used_ * 2 >= slots_.size()) grow();
        PatternCount &slot = find(slots_, pattern);
        used_ += slot.count == 0;
        slot.pattern = pattern;
        ++slot.count;
    }

    std::vector<PatternCount> sorted() const {
        std::vector<PatternCount> counts;
        std::copy_if(slots_.begin(), slots_.end(), std::back_inserter(counts), [](const PatternCount &each) { return each.count; });
        std::sort(counts.begin(), counts.end());
        return counts;
    }

  private:
    static PatternCount &find(std::vector<PatternCount> &slots, uint64_t pattern) {
        const size_t mask = slots.size() - 1;
        size_t at = mix_bits(pattern) & mask;
        while (slots[at].count && slots[at].pattern != pattern) at = (at + 1) & mask;
        return slots[at];
    }
    void grow() {
        std::vector<PatternCount> slots(slots_.size() * 2);
        for (const PatternCount &each : slots_) {
            if (each.count) find(slots, each.pattern) = each;
        }
        slots_.swap(slots);
    }

    std::vector<PatternCount> slots_ = std::vector<PatternCount>(1 << 10);
    size_t used_ = 0;
};

// Whether the hash of a pair's keys keeps it among `kept` in 2^32.
inline bool keeps(uint64_t kept, uint64_t a, uint64_t b) {
    return (mix_bits(std::min(a, b) * 0x9e3779b97f4a7c15ULL + std::max(a, b)) >> 32) < kept;
}

}  // namespace detail

class Matching {
  public:
    using Line = ComparedRows::Line;

    // labels: by profile, its cluster.
    Matching(const ProfileTable &profiles, std::vector<Comparison> comparisons, const uint32_t *labels)
        : profiles_(profiles), comparisons_(std::move(comparisons)), rows_(profiles, columns_of(comparisons_), labels),
          levels_(rows_, comparisons_) {}
    Matching(const Matching &) = delete;
    Matching &operator=(const Matching &) = delete;

    const ComparedRows &rows() const { return rows_; }
    const Blocks &blocks() const { return blocks_; }
    const PairLevels &levels() const { return levels_; }
    const std::vector<Comparison> &comparisons() const { return comparisons_; }
    ScratchPool<PairLevels::Scratch> &scratches() const { return scratches_; }

    // ---- blocks

    // The blocks of one rule; several threads may make some at once.
    RuleBlocks make_blocks(const std::vector<std::vector<KeyPart>> &slots, const std::vector<KeyPart> &cuts, uint64_t cap,
                           uint64_t budget) const {
        const ScratchPool<Blocker>::Lease blocker(blockers_);
        return (*blocker)(profiles_, rows_, slots, cuts, cap, budget);
    }
    // Adds the next rules.
    void add_blocks(std::vector<RuleBlocks> rules) {
        for (RuleBlocks &rule : rules) blocks_.add(std::move(rule));
        blockers_.clear();
        blocks_.prepare(rows_.size());
    }
    void index_blocks(uint32_t part, uint32_t parts) { blocks_.index(part, parts); }

    // ---- frequencies

    // By code of a comparison's column (of all of its columns where these are no scripts), in how many clusters it occurs; of
    // dates by day from `first_year` on.
    std::vector<int64_t> cluster_counts(size_t c, size_t column, uint32_t first_year) const {
        const Comparison &comparison = comparisons_.at(c);
        const bool script = is_name(comparison.kind);
        std::vector<int64_t> counts;
        std::vector<uint32_t> last;
        for (uint32_t at = 0; at < rows_.size(); ++at) {
            const uint32_t number = rows_[at].number[c];
            if (number == none) continue;
            for (size_t i = script ? column : 0; i < (script ? column + 1 : rows_.columns(c)); ++i) {
                const uint32_t own = rows_.code(c, number, i);
                if (own == none) continue;
                const size_t code = comparison.kind == Comparing::date ? detail::day_index(own, first_year) : own;
                if (code >= counts.size()) {
                    counts.resize(std::max(code + 1, counts.size() * 3 / 2));
                    last.resize(counts.size(), none);
                }
                counts[code] += last[code] != rows_.cluster(at);
                last[code] = rows_.cluster(at);
            }
        }
        while (!counts.empty() && !counts.back()) counts.pop_back();
        return counts;
    }

    // ---- training

    // The patterns of pairs that stand `stride` apart in an order, for each stride from `first` to before `last`. The order
    // is that of the profiles' hashes, so these are random pairs, and the same ones whatever the order of arrival. `part` of
    // `parts` takes those that begin in its part of the order.
    std::vector<PatternCount> random_patterns(const uint32_t *order, size_t first, size_t last, uint32_t part, uint32_t parts) const {
        const ScratchPool<PairLevels::Scratch>::Lease scratch(scratches_);
        detail::PatternCounter counter;
        const size_t n = rows_.size(), from = n * part / parts, to = n * (part + 1) / parts;
        constexpr size_t ahead = 16;
        for (size_t stride = first; stride < last; ++stride) {
            for (size_t i = from; i < to && i + stride < n; ++i) {
                if (i + stride + ahead < n) __builtin_prefetch(&rows_[rows_.place(order[i + stride + ahead])]);
                counter.add(pattern(*scratch, rows_[rows_.place(order[i])], rows_[rows_.place(order[i + stride])]));
            }
        }
        return counter.sorted();
    }

    // The patterns of a rule's pairs, of which the hash of their keys (by profile) keeps the share `kept` / 2^32. All pairs
    // for which the rule holds are there; those that no earlier rule owns are marked by `owned_pattern`.
    std::vector<PatternCount> rule_patterns(uint32_t rule, const uint64_t *keys, uint64_t kept) const {
        const ScratchPool<PairLevels::Scratch>::Lease scratch(scratches_);
        detail::PatternCounter counter;
        std::vector<uint64_t> own;
        for (size_t b = 0; b < blocks_.size(rule); ++b) {
            const Blocks::Block block = blocks_.block(rule, b);
            own.clear();
            for (const uint32_t place : block) own.push_back(keys[rows_.profile(place)]);
            for (uint32_t i = 0; i < block.size; ++i) {
                for (uint32_t j = i + 1; j < block.size; ++j) {
                    if (!detail::keeps(kept, own[i], own[j])) continue;
                    const uint32_t p = block.members[i], q = block.members[j];
                    const uint32_t first = blocks_.common(p, q);
                    if (first != block.number && blocks_.common(p, q, blocks_.first(rule)) != block.number) continue;
                    counter.add(pattern(*scratch, rows_[p], rows_[q]) | (first == block.number ? owned_pattern : 0));
                }
            }
        }
        return counter.sorted();
    }

    // ---- weights

    // Each comparison's level and weight for given pairs, and last what was said twice: pair by pair.
    void compare(const uint32_t *left, const uint32_t *right, size_t pairs, const Weights &weights, uint8_t *levels,
                 double *parts) const {
        const ScratchPool<PairLevels::Scratch>::Lease scratch(scratches_);
        const size_t n = comparisons_.size();
        for (size_t i = 0; i < pairs; ++i) {
            const Line &x = rows_[rows_.place(left[i])], &y = rows_[rows_.place(right[i])];
            const Outcome outcome = levels_(*scratch, x, y);
            for (size_t c = 0; c < n; ++c) {
                levels[i * n + c] = outcome.level[c];
                parts[i * (n + 1) + c] = part(weights, c, outcome, x, y);
            }
            parts[i * (n + 1) + n] = excess(weights, outcome, &parts[i * (n + 1)]);
        }
    }

    // What a comparison adds.
    double part(const Weights &weights, size_t c, const Outcome &outcome, const Line &x, const Line &y) const {
        const Comparison &comparison = comparisons_[c];
        const uint8_t level = outcome.level[c];
        if (level == level::missing) return 0;
        const bool name = is_name(comparison.kind);
        const uint32_t a = x.number[c], b = y.number[c];
        if (name || rows_.columns(c) == 1) {
            const size_t column = name ? outcome.column[c] : 0;
            const bool swapped = c == levels_.given() && outcome.stored[c] == level::swapped;
            return level_part(weights, c, level, column, swapped ? none : rows_.code(c, a, column), rows_.code(c, b, column));
        }
        if (level != top_level(comparison)) return level_part(weights, c, level, 0, none, none);
        // Of several equal values the rarest one speaks.
        double most = -std::numeric_limits<double>::infinity();
        for (size_t i = 0; i < rows_.columns(c); ++i) {
            const uint32_t code = rows_.code(c, a, i);
            for (size_t j = 0; code != none && j < rows_.columns(c); ++j) {
                if (code == rows_.code(c, b, j)) most = std::max(most, level_part(weights, c, level, 0, code, code));
            }
        }
        return most;
    }

    // What a level adds between two codes of a column, which may be unknown. An attribute never links alone, however rare
    // its value; and a value that resembles a frequent one says no more than the frequent one itself would.
    double level_part(const Weights &weights, size_t c, uint8_t level, size_t column, uint32_t a, uint32_t b) const {
        const Comparison &comparison = comparisons_[c];
        double weight = weights.level[c][level];
        if (level != level::different && !weights.frequency[c].empty() && a != none && b != none) {
            const std::vector<double> &table = weights.frequency[c][column];
            const auto adjusted = [&](uint32_t code) {
                const size_t at = comparison.kind == Comparing::date ? detail::day_index(code, weights.first_year) : code;
                return at < table.size() ? table[at] : 0.0;
            };
            if (level == top_level(comparison)) {
                weight += adjusted(a);
            } else {
                weight = std::min(weight, weights.equal[c][level] + std::min(adjusted(a), adjusted(b)));
            }
        }
        return is_attribute(comparison.kind) ? std::min(weight, weights.limit) : weight;
    }

    // What is taken off because it was said before. What a household shares counts up to its limit; twins share their birth
    // date too, so it is no evidence against another given name; and an email that resembles another only says once more
    // that the names do.
    double excess(const Weights &weights, const Outcome &outcome, const double *parts) const {
        const uint8_t name = levels_.name() < most_comparisons ? outcome.stored[levels_.name()] : level::missing;
        const uint8_t given = levels_.given() < most_comparisons ? outcome.stored[levels_.given()] : level::missing;
        double shared = 0, said = 0;
        for (size_t c = 0; c < comparisons_.size(); ++c) {
            const Comparing kind = comparisons_[c].kind;
            if (is_shared(weights, c, given == level::different, parts[c])) shared += parts[c];
            const bool named = given > level::different || name > level::different;
            if (kind == Comparing::email && outcome.stored[c] == level::alike_email && named) said += std::max(parts[c], 0.0);
        }
        return std::min(0.0, weights.limit - shared) - said;
    }

    // Whether people who live together share this: twins their birth date too.
    bool is_shared(const Weights &weights, size_t c, bool other_name, double part) const {
        return weights.household[c] || (other_name && part > 0 && comparisons_[c].kind == Comparing::date);
    }

    static bool is_attribute(Comparing kind) {
        return kind != Comparing::typed && kind != Comparing::opaque && kind != Comparing::email;
    }

  private:
    static std::vector<ComparedColumns> columns_of(const std::vector<Comparison> &comparisons) {
        std::vector<ComparedColumns> columns;
        for (const Comparison &each : comparisons) columns.push_back({each.columns, is_name(each.kind)});
        return columns;
    }

    uint64_t pattern(PairLevels::Scratch &scratch, const Line &x, const Line &y) const {
        const Outcome outcome = levels_(scratch, x, y);
        uint64_t pattern = 0;
        for (size_t c = 0; c < comparisons_.size(); ++c) pattern |= static_cast<uint64_t>(outcome.level[c]) << (4 * c);
        return pattern;
    }

    const ProfileTable &profiles_;
    std::vector<Comparison> comparisons_;
    ComparedRows rows_;
    PairLevels levels_;
    Blocks blocks_;
    mutable ScratchPool<Blocker> blockers_;
    mutable ScratchPool<PairLevels::Scratch> scratches_;
};

// What scoring is asked for beside the weights.
struct ScoringOptions {
    double threshold = 0;
    // Of those pairs of which the hash of their keys (by profile) keeps `kept` in 2^32 the ones below the threshold are
    // counted by weight in so many quarters of a bit, the last of which ends at the threshold.
    const uint64_t *keys = nullptr;
    uint64_t kept = 0;
    size_t quarters = 0;
    // By profile, a number that no other record of the same person has, or `none`: pairs of one number are never made.
    const uint32_t *apart = nullptr;
};

struct Scored {
    std::vector<Edge> edges;
    std::vector<uint64_t> below;
    uint64_t compared = 0;
};

// Scores the pairs of blocks under given weights.
class Scoring {
  public:
    Scoring(const Matching &matching, const Weights &weights, const ScoringOptions &options)
        : matching_(matching), rows_(matching.rows()), levels_(matching.levels()), weights_(weights), options_(options),
          n_(matching.comparisons().size()), lowest_(options.threshold - static_cast<double>(options.quarters) / 4) {
        while (names_ < n_ && !is_name(matching.comparisons()[names_].kind)) ++names_;
        for (size_t c = 0; c < n_; ++c) {
            const uint8_t top = top_level(matching.comparisons()[c]);
            double &most = unequal_[c] = weights_.level[c][level::different];
            for (uint8_t l = level::different; l < top; ++l) most = std::max(most, weights_.level[c][l]);
            if (Matching::is_attribute(matching.comparisons()[c].kind)) most = std::min(most, weights_.limit);
        }
        make_bounds();
    }

    // The pairs of a rule that no earlier rule owns and whose weight reaches the threshold. Pairs within one cluster are
    // not looked at; `compared` counts the others, those of earlier rules too. `shard` of `shards` takes its part of the
    // blocks, so that threads share a rule.
    Scored operator()(uint32_t rule, uint32_t shard, uint32_t shards) const {
        const ScratchPool<PairLevels::Scratch>::Lease scratch(matching_.scratches());
        const Blocks &blocks = matching_.blocks();
        Scored scored;
        scored.below.resize(options_.quarters);
        const size_t from = blocks.size(rule) * shard / shards, to = blocks.size(rule) * (shard + 1) / shards;
        constexpr size_t ahead = 24;  // members
        std::vector<Line> lines;
        std::vector<uint32_t> hopeful;
        const uint32_t *const last = from < to ? blocks.block(rule, to - 1).end() : nullptr;
        for (size_t b = from; b < to; ++b) {
            const Blocks::Block block = blocks.block(rule, b);
            if (rows_.cluster(block.members[0]) == rows_.cluster(block.members[block.size - 1])) continue;
            // A block's lines are fetched once each, ahead of their use, and stand together while its pairs are made.
            lines.resize(std::max<size_t>(lines.size(), block.size));
            hopeful.resize(lines.size());
            for (uint32_t i = 0; i < block.size; ++i) {
                if (block.members + i + ahead < last) __builtin_prefetch(&rows_[block.members[i + ahead]]);
                lines[i] = rows_[block.members[i]];
            }
            score_block(*scratch, block, lines.data(), hopeful.data(), scored);
        }
        return scored;
    }

  private:
    using Line = ComparedRows::Line;

    // Sums of weights are bounded in whole units, small enough for 16 bits.
    using Units = std::array<int32_t, line_size>;
    struct Bound {
        Units different{};  // what a comparison adds at most where values are different
        Units several{};    // all bits where it is of several columns, some of which may be equal where not all are
        Units plain{}, shared{};  // all bits where a comparison counts plainly, or up to the household's limit; names neither
        int32_t prior = 0, limit = 0, threshold = 0, lowest = 0;
        uint32_t given = line_size - 1, family = line_size - 1, name = line_size - 1;  // their places; the last weighs nothing
        bool family_shared = false;
    };

    static constexpr double most_units = 32'000;
    static constexpr int32_t far = 1 << 28;

    int32_t units(double weight) const {
        return static_cast<int32_t>(std::clamp(std::ceil(weight / unit_), -static_cast<double>(far), static_cast<double>(far)));
    }

    void make_bounds() {
        // The weight of each value where it is equal, and then the unit that all of them fit.
        double largest = std::max({std::abs(weights_.prior), std::abs(options_.threshold), std::abs(lowest_), 1e-3});
        for (size_t c = 0; c < n_; ++c) {
            for (const double level : weights_.level[c]) largest = std::max(largest, std::abs(level));
            double rarest = 0;
            for (const auto &table : weights_.frequency[c]) {
                for (const double weight : table) rarest = std::max(rarest, std::abs(weight));
            }
            largest = std::max(largest, std::abs(weights_.level[c][top_level(matching_.comparisons()[c])]) + rarest);
        }
        unit_ = largest / most_units;
        for (size_t c = 0; c < n_; ++c) {
            const bool name = is_name(matching_.comparisons()[c].kind);
            bound_.different[c] = units(name ? std::max(unequal_[c], 0.0) : unequal_[c]);
            bound_.several[c] = rows_.columns(c) > 1 ? -1 : 0;
            if (!name) (weights_.household[c] ? bound_.shared : bound_.plain)[c] = -1;
        }
        bound_.prior = units(weights_.prior);
        bound_.limit = units(weights_.limit);
        bound_.threshold = units(options_.threshold) - 1;
        bound_.lowest = units(lowest_) - 1;
        if (levels_.given() < n_) bound_.given = static_cast<uint32_t>(levels_.given());
        if (levels_.family() < n_) bound_.family = static_cast<uint32_t>(levels_.family());
        if (levels_.name() < n_) bound_.name = static_cast<uint32_t>(levels_.name());
        bound_.family_shared = levels_.family() < n_ && weights_.household[levels_.family()];
        equal_.resize(rows_.size());
        for (uint32_t at = 0; at < rows_.size(); ++at) {
            equal_[at].fill(0);
            for (size_t c = 0; c < n_; ++c) {
                if (rows_[at].number[c] != none) equal_[at][c] = static_cast<int16_t>(units(most_equal(c, rows_[at])));
            }
        }
    }

    // What an equal value adds, of several the one that adds most.
    double most_equal(size_t c, const Line &x) const {
        const Comparison &comparison = matching_.comparisons()[c];
        const bool script = is_name(comparison.kind);
        double most = -std::numeric_limits<double>::infinity();
        for (size_t i = 0; i < rows_.columns(c); ++i) {
            const uint32_t code = rows_.code(c, x.number[c], i);
            if (code == none) continue;
            most = std::max(most, matching_.level_part(weights_, c, top_level(comparison), script ? i : 0, code, code));
        }
        return most;
    }

    void score_block(PairLevels::Scratch &scratch, const Blocks::Block &block, const Line *lines, uint32_t *hopeful, Scored &scored) const {
        scored.compared += pairs_of(block, lines);
        bool own = block.size < 3;  // whether it is known that no earlier block holds all of this one
        uint32_t next = 0;          // where the next cluster begins
        for (uint32_t i = 0; i < block.size; ++i) {
            if (i == next) next = run_end(block, lines, i);
            if (next == block.size) return;
            const uint32_t p = block.members[i];
            const size_t found = pass(bound_, lines[i], equal_[p].data(), lines, next, block.size, hopeful);
            if (!found) continue;
            if (!own && matching_.blocks().covered(block)) return;
            own = true;
            for (size_t k = 0; k < found; ++k) {
                const uint32_t j = hopeful[k] >> 1;
                score_pair(scratch, block.number, p, block.members[j], lines[i], lines[j], hopeful[k] & 1, scored);
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

    void score_pair(PairLevels::Scratch &scratch, uint32_t block, uint32_t p, uint32_t q, const Line &x, const Line &y, bool reaches,
                    Scored &scored) const {
        const uint32_t left = rows_.profile(p), right = rows_.profile(q);
        if (options_.apart && options_.apart[left] != none && options_.apart[left] == options_.apart[right]) return;
        const bool kept = options_.quarters && detail::keeps(options_.kept, options_.keys[left], options_.keys[right]);
        if (!kept && !reaches) return;
        double weight;
        if (!weigh(scratch, kept ? lowest_ : options_.threshold, x, y, weight)) return;
        // Asked last: it costs more than most comparisons, and few pairs come so far.
        if (matching_.blocks().common(p, q) != block) return;
        if (weight >= options_.threshold) {
            scored.edges.push_back({std::min(left, right), std::max(left, right), weight});
        } else {
            ++scored.below[std::min(static_cast<size_t>((weight - lowest_) * 4), options_.quarters - 1)];
        }
    }

    // For each line from `from` to before `to` whose bound with x reaches the lowest weight: twice its number, and one more
    // where it reaches the threshold. Returns how many there are.
    [[gnu::always_inline]] static inline size_t pass_body(const Bound &bound, const Line &x, const int16_t *equal, const Line *lines,
                                                          uint32_t from, uint32_t to, uint32_t *hopeful) {
        alignas(64) uint32_t numbers[line_size], others[line_size];
        alignas(64) int32_t same[line_size], different[line_size], parts[line_size];
        for (size_t k = 0; k < line_size; ++k) {
            numbers[k] = k < most_comparisons ? x.number[k] : none;  // and the cluster is no comparison
            const int32_t there = numbers[k] == none ? 0 : -1;
            same[k] = equal[k] & there;
            different[k] = std::max(bound.different[k], (same[k] & bound.several[k]) | (~bound.several[k] & -far)) & there;
        }
        constexpr uint32_t scripts = (1u << script_bits) - 1;
        const uint32_t given = numbers[bound.given], family = numbers[bound.family];
        size_t found = 0;
        for (uint32_t j = from; j < to; ++j) {
            int32_t plain = 0, shared = 0;
            std::copy_n(lines[j].number.data(), line_size, others);
            for (size_t k = 0; k < line_size; ++k) {
                const int32_t part = others[k] == numbers[k] ? same[k] : others[k] == none ? 0 : different[k];
                parts[k] = part;
                plain += part & bound.plain[k];
                shared += part & bound.shared[k];
            }
            // Parts of names where both have them, whole ones else.
            plain += bound.prior;
            int32_t by_given = plain + parts[bound.given], by_name = plain + parts[bound.name], both = shared;
            (bound.family_shared ? both : by_given) += parts[bound.family];
            const int32_t whole = by_name + std::min(shared, bound.limit);
            int32_t most = by_given + std::min(both, bound.limit);
            const bool parts_meet = (given & others[bound.given] & scripts) && (family & others[bound.family] & scripts) && given != none &&
                                    family != none && others[bound.given] != none && others[bound.family] != none;
            if (!parts_meet) most = std::max(most, whole);
            hopeful[found] = j << 1 | (most >= bound.threshold);
            found += most >= bound.lowest;
        }
        return found;
    }

#if defined(__x86_64__)
    [[gnu::target("avx2")]] static size_t pass_avx2(const Bound &bound, const Line &x, const int16_t *equal, const Line *lines,
                                                    uint32_t from, uint32_t to, uint32_t *hopeful) {
        return pass_body(bound, x, equal, lines, from, to, hopeful);
    }
#endif

    static size_t pass(const Bound &bound, const Line &x, const int16_t *equal, const Line *lines, uint32_t from, uint32_t to,
                       uint32_t *hopeful) {
#if defined(__x86_64__)
        static const bool avx2 = __builtin_cpu_supports("avx2");
        if (avx2) return pass_avx2(bound, x, equal, lines, from, to, hopeful);
#endif
        return pass_body(bound, x, equal, lines, from, to, hopeful);
    }

    // Names first, which depend on each other and are soon known by heart; then the others, the cheap ones first, until what
    // is left cannot lift the pair to the threshold. The sum of a pair that is kept is formed in the order of the
    // comparisons.
    bool weigh(PairLevels::Scratch &scratch, double least, const Line &x, const Line &y, double &weight) const {
        Outcome outcome;
        std::array<double, most_comparisons> parts;  // what is known, or the most that is possible
        for (size_t c = 0; c < names_; ++c) parts[c] = most_of(c, x, y);
        const bool open = levels_.parts(scratch, outcome, x, y);
        const auto settle = [&](size_t c) {
            levels_.settle(scratch, outcome, c, x, y);
            parts[c] = matching_.part(weights_, c, outcome, x, y);
        };
        for (size_t c = names_; c < n_; ++c) settle(c);
        const size_t given = levels_.given(), family = levels_.family();
        if (open) {
            const double own = parts[given], other = parts[family];
            parts[given] = std::max(own, unequal_[given]);
            parts[family] = std::max(other, 0.0);
            if (hopeless(parts, least, false)) return false;
            if (levels_.parts_swapped(scratch, x, y)) {
                levels_.swap_parts(outcome);
                settle(given);
                settle(family);
            } else {
                parts[given] = own;
                parts[family] = other;
            }
        }
        const bool other_name = given < n_ && outcome.stored[given] == level::different;
        for (size_t c = 0; c < names_; ++c) {
            if (hopeless(parts, least, other_name)) return false;
            levels_.compare(scratch, outcome, c, x, y);
            settle(c);
        }
        weight = weights_.prior;
        for (size_t c = 0; c < n_; ++c) weight += parts[c];
        weight += matching_.excess(weights_, outcome, parts.data());
        return weight >= least;
    }

    bool hopeless(const std::array<double, most_comparisons> &parts, double least, bool other_name) const {
        double most = weights_.prior, shared = 0;
        for (size_t c = 0; c < n_; ++c) {
            most += parts[c];
            if (matching_.is_shared(weights_, c, other_name, parts[c])) shared += parts[c];
        }
        return most + std::min(0.0, weights_.limit - shared) + slack < least;
    }

    double most_of(size_t c, const Line &x, const Line &y) const {
        const uint32_t a = x.number[c], b = y.number[c];
        if (a == none || b == none) return 0;
        if (a != b && rows_.columns(c) == 1) return unequal_[c];
        return a == b ? most_equal(c, x) : std::max(unequal_[c], most_equal(c, x));
    }

    static constexpr double slack = 1e-6;  // what rounding could take from a bound

    const Matching &matching_;
    const ComparedRows &rows_;
    const PairLevels &levels_;
    const Weights &weights_;
    ScoringOptions options_;
    size_t n_;
    double lowest_;
    size_t names_ = 0;  // where names begin
    std::array<double, most_comparisons> unequal_{};  // the most that different values add
    double unit_ = 1;
    Bound bound_;
    std::vector<std::array<int16_t, line_size>> equal_;  // by place, what each comparison adds where values are equal
};

}  // namespace enishi
