// The measures that levels of one's own are made of: how far apart or how alike two values are, and whether that is near
// enough for a level.
//
//   distances      OSA, Levenshtein and Damerau-Levenshtein (whose transposed characters may be edited again), in
//                  characters; days between dates; the difference of numbers, also as a share of the larger one;
//                  kilometers between two places on the globe
//   similarities   Jaro and Jaro-Winkler; Jaccard's share of common members among all, of the sets of characters, of
//                  bigrams, of trigrams and of words; how many words two texts have in common, and how many characters
//                  they begin with alike
//   the user's own  a compiled function, a list of pairs
//
// The definitions are RapidFuzz's where it has them, in double precision. Only distances up to a level's bound matter, so
// only cells within that bound of the diagonal are computed. A measure is taken once for two values, whatever the levels:
// a distance up to the loosest bound of any level.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "comparison.hpp"
#include "near.hpp"

namespace enishi {

enum class Measure : uint8_t {
    stored,  // a stored level of the field's kind, or a higher one
    osa,
    levenshtein,
    damerau_levenshtein,
    jaro,
    jaro_winkler,
    character_jaccard,
    bigram_jaccard,
    trigram_jaccard,
    word_jaccard,
    prefix,
    days,
    difference,
    percent,
    kilometers,
    common_words,
    custom,
    listed,
};
inline constexpr size_t measure_count = 18;

// A function of the user's own over the characters of two texts, as numbers of Unicode.
using CustomLevel = bool (*)(const uint32_t *left, int64_t left_size, const uint32_t *right, int64_t right_size);

// Pairs of texts that a user lists as two words for one thing, such as nicknames.
class ListedPairs {
  public:
    void add(std::string_view a, std::string_view b) { pairs_.insert(key(a, b)); }
    bool has(std::string_view a, std::string_view b) const { return pairs_.count(key(a, b)); }
    size_t size() const { return pairs_.size(); }

  private:
    static std::string key(std::string_view a, std::string_view b) {
        if (b < a) std::swap(a, b);
        std::string key(a);
        key += '\0';  // which no canonical text holds
        return key += b;
    }

    std::unordered_set<std::string> pairs_;
};

struct Level {
    Measure measure = Measure::stored;
    double bound = 0;
    CustomLevel custom = nullptr;
    const ListedPairs *pairs = nullptr;
};

inline bool is_distance(Measure measure) {
    return measure == Measure::osa || measure == Measure::levenshtein || measure == Measure::damerau_levenshtein ||
           measure == Measure::days || measure == Measure::difference || measure == Measure::percent || measure == Measure::kilometers;
}

namespace detail {

// The Damerau-Levenshtein distance, or limit + 1 where it is larger: the fewest insertions, deletions, substitutions and
// swaps of neighbors, between which further characters may come or go. Rows of the matrix are kept as far back as a swap
// within the limit reaches.
template <class Char>
uint32_t damerau_levenshtein_distance(const Char *a, size_t m, const Char *b, size_t n, uint32_t limit,
                                      std::vector<uint32_t> &rows) {
    if ((m > n ? m - n : n - m) > limit) return limit + 1;
    trim(a, m, b, n);
    if (m == 0 || n == 0) return std::min(static_cast<uint32_t>(m + n), limit + 1);
    const size_t width = n + 1, kept = size_t{limit} + 2;
    rows.assign(kept * width, limit + 1);
    const auto row = [&](size_t i) { return &rows[i % kept * width]; };
    for (size_t j = 0; j <= std::min<size_t>(n, limit); ++j) row(0)[j] = static_cast<uint32_t>(j);
    for (size_t i = 1; i <= m; ++i) {
        uint32_t *const current = row(i), *const last = row(i - 1);
        const size_t from = i > limit ? i - limit : 1, to = std::min(n, i + limit);
        // What this row's place held belongs to a row further up.
        for (size_t j = from > limit + 1 ? from - limit - 2 : 0; j <= std::min(n, to + 1); ++j) current[j] = limit + 1;
        if (i <= limit) current[0] = static_cast<uint32_t>(i);
        for (size_t j = from; j <= to; ++j) {
            uint32_t d = std::min({last[j] + 1, current[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0u : 1u)});
            // A swap of a[k - 1] and a[i - 1] with b[l - 1] and b[j - 1], what stands between them gone or come.
            for (size_t k = i - 1; k >= 1 && i - k <= limit; --k) {
                if (a[k - 1] != b[j - 1]) continue;
                for (size_t l = j - 1; l >= 1 && (i - k) + (j - l) <= size_t{limit} + 1; --l) {
                    if (b[l - 1] != a[i - 1]) continue;
                    d = std::min(d, row(k - 1)[l - 1] + static_cast<uint32_t>((i - k - 1) + 1 + (j - l - 1)));
                }
            }
            current[j] = std::min(d, limit + 1);
        }
    }
    return row(m)[n];
}

// The Levenshtein distance, or limit + 1 where it is larger.
template <class Char>
uint32_t levenshtein_distance(const Char *a, size_t m, const Char *b, size_t n, uint32_t limit,
                              std::vector<uint32_t> &rows) {
    if ((m > n ? m - n : n - m) > limit) return limit + 1;
    trim(a, m, b, n);
    if (m == 0 || n == 0) return std::min(static_cast<uint32_t>(m + n), limit + 1);
    rows.assign(n + 1, limit + 1);
    for (size_t j = 0; j <= std::min<size_t>(n, limit); ++j) rows[j] = static_cast<uint32_t>(j);
    for (size_t i = 1; i <= m; ++i) {
        const size_t from = i > limit ? i - limit : 1, to = std::min(n, i + limit);
        uint32_t diagonal = rows[from - 1], best = limit + 1;
        rows[from - 1] = from == 1 ? static_cast<uint32_t>(i) : limit + 1;
        for (size_t j = from; j <= to; ++j) {
            const uint32_t above = rows[j];
            const uint32_t d = std::min({above + 1, rows[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0u : 1u)});
            rows[j] = std::min(d, limit + 1);
            best = std::min(best, rows[j]);
            diagonal = above;
        }
        if (best > limit && rows[from - 1] > limit) return limit + 1;
    }
    return rows[n];
}

// A decimal number such as -12.5; false where the text is none, or has more digits than a double holds exactly.
inline bool decimal(std::string_view text, double &value) {
    static constexpr std::array<double, 16> powers = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                      1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    size_t at = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0, digits = 0, decimals = 0;
    int64_t whole = 0;
    bool point = false;
    for (; at < text.size(); ++at) {
        if (text[at] == '.' && !point) {
            point = true;
        } else if (text[at] >= '0' && text[at] <= '9') {
            whole = whole * 10 + (text[at] - '0');
            decimals += point;
            if (++digits > 15) return false;
        } else {
            return false;
        }
    }
    value = static_cast<double>(whole) / powers[decimals];
    if (!text.empty() && text[0] == '-') value = -value;
    return digits > 0;
}

struct Place {
    double latitude = 0, longitude = 0;  // radians
};

// A place such as "35.6812, 139.7671", in degrees of latitude and longitude (whose comma is a blank in canonical text);
// false where the text is none.
inline bool place(std::string_view text, Place &found) {
    const size_t end = text.find_first_of(", ");
    if (end == std::string_view::npos) return false;
    const std::string_view north = text.substr(0, end);
    std::string_view east = text.substr(end + 1);
    while (!east.empty() && east.front() == ' ') east.remove_prefix(1);
    double latitude, longitude;
    if (!decimal(north, latitude) || !decimal(east, longitude)) return false;
    if (std::abs(latitude) > 90 || std::abs(longitude) > 180) return false;
    constexpr double radians = 0.017453292519943295;
    found = {latitude * radians, longitude * radians};
    return true;
}

// Kilometers along the surface of a globe of the Earth's mean radius, by the haversine formula, which keeps its digits
// where places are near (R. W. Sinnott, Virtues of the Haversine, 1984).
inline double great_circle(const Place &a, const Place &b) {
    constexpr double mean_radius = 6371.0088;
    const double north = std::sin((b.latitude - a.latitude) / 2), east = std::sin((b.longitude - a.longitude) / 2);
    const double h = north * north + std::cos(a.latitude) * std::cos(b.latitude) * east * east;
    return 2 * mean_radius * std::asin(std::sqrt(std::min(1.0, h)));
}

}  // namespace detail

// Takes measures of two values; one for each thread, for it keeps its scratch.
class Measures {
  public:
    // The distance, up to limit + 1, or the similarity of two texts.
    double of(Measure measure, std::string_view a, std::string_view b, double limit) {
        if (measure == Measure::jaro || measure == Measure::jaro_winkler) return jaro(measure, a, b);
        if (measure == Measure::difference || measure == Measure::percent) return apart(measure, a, b);
        if (measure == Measure::kilometers) {
            detail::Place from, to;
            const bool known = detail::place(a, from) && detail::place(b, to);
            return known ? detail::great_circle(from, to) : std::numeric_limits<double>::infinity();
        }
        if (measure == Measure::word_jaccard || measure == Measure::common_words) return words(measure, a, b);
        detail::decode_utf8(a, left_);
        detail::decode_utf8(b, right_);
        const auto bound = static_cast<uint32_t>(limit);
        const uint32_t *const x = left_.data(), *const y = right_.data();
        const size_t m = left_.size(), n = right_.size();
        switch (measure) {
            case Measure::osa: return osa_distance(x, m, y, n, bound, rows_);
            case Measure::levenshtein: return detail::levenshtein_distance(x, m, y, n, bound, rows_);
            case Measure::damerau_levenshtein: return detail::damerau_levenshtein_distance(x, m, y, n, bound, rows_);
            case Measure::character_jaccard: return grams(1);
            case Measure::bigram_jaccard: return grams(2);
            case Measure::trigram_jaccard: return grams(3);
            case Measure::prefix: {
                size_t common = 0;
                while (common < std::min(m, n) && x[common] == y[common]) ++common;
                return static_cast<double>(common);
            }
            default: return std::nan("");
        }
    }

    // The first of some levels that two different texts reach, the strictest first; as many as there are where none is.
    size_t first_reached(const std::vector<Level> &levels, std::string_view a, std::string_view b) {
        if (b < a) std::swap(a, b);  // what is greedy, and what the user wrote, is symmetric by that
        known_.fill(std::nan(""));
        for (size_t i = 0; i < levels.size(); ++i) {
            const Level &level = levels[i];
            if (level.measure == Measure::stored || level.measure == Measure::days) continue;
            if (level.measure == Measure::custom) {
                detail::decode_utf8(a, left_);
                detail::decode_utf8(b, right_);
                if (level.custom(left_.data(), static_cast<int64_t>(left_.size()), right_.data(),
                                 static_cast<int64_t>(right_.size()))) {
                    return i;
                }
                continue;
            }
            if (level.measure == Measure::listed) {
                if (level.pairs->has(a, b)) return i;
                continue;
            }
            double &measured = known_[static_cast<size_t>(level.measure)];
            if (std::isnan(measured)) measured = of(level.measure, a, b, loosest(levels, level.measure));
            if (is_distance(level.measure) ? measured <= level.bound : measured >= level.bound) return i;
        }
        return levels.size();
    }

    // The same for two different dates: days apart, and the others by their ISO texts.
    size_t first_reached(const std::vector<Level> &levels, uint32_t a, uint32_t b) {
        const size_t by_text = first_reached(levels, iso(std::min(a, b)), iso(std::max(a, b)));
        const auto apart = static_cast<double>(std::abs(detail::day_number(a) - detail::day_number(b)));
        for (size_t i = 0; i < by_text; ++i) {
            if (levels[i].measure == Measure::days && apart <= levels[i].bound) return i;
        }
        return by_text;
    }

  private:
    static double loosest(const std::vector<Level> &levels, Measure measure) {
        double bound = 0;
        for (const Level &level : levels) {
            if (level.measure == measure) bound = std::max(bound, level.bound);
        }
        return bound;
    }

    static std::string iso(uint32_t date) {
        std::string text = "0000-00-00";
        for (size_t i = 10; i-- > 0;) {
            if (text[i] == '-') continue;
            text[i] = static_cast<char>('0' + date % 10);
            date /= 10;
        }
        return text;
    }

    double jaro(Measure measure, std::string_view a, std::string_view b) {
        if (measure == Measure::jaro_winkler) return texts_.jaro_winkler(a, b);
        return texts_.jaro(a, b);
    }

    static double apart(Measure measure, std::string_view a, std::string_view b) {
        double x, y;
        if (!detail::decimal(a, x) || !detail::decimal(b, y)) return std::numeric_limits<double>::infinity();
        const double difference = std::abs(x - y), larger = std::max(std::abs(x), std::abs(y));
        if (measure == Measure::difference) return difference;
        return larger > 0 ? 100 * difference / larger : 0;
    }

    // How many members two sorted sets have in common.
    template <class Set>
    static size_t common_members(const Set &a, const Set &b) {
        size_t common = 0;
        for (auto x = a.begin(), y = b.begin(); x != a.end() && y != b.end();) {
            if (*x == *y) {
                ++common, ++x, ++y;
            } else {
                *x < *y ? (void)++x : (void)++y;
            }
        }
        return common;
    }

    // The share of common members; two empty sets have nothing apart.
    template <class Set>
    static double jaccard(const Set &a, const Set &b) {
        const size_t common = common_members(a, b), either = a.size() + b.size() - common;
        return either ? static_cast<double>(common) / static_cast<double>(either) : 1.0;
    }

    template <class Set>
    static void make_set(Set &members) {
        std::sort(members.begin(), members.end());
        members.erase(std::unique(members.begin(), members.end()), members.end());
    }

    // Jaccard of the runs of q characters; a shorter text is one run. Three characters of Unicode take 63 bits.
    double grams(size_t q) {
        const auto runs = [q](const std::vector<uint32_t> &points, std::vector<uint64_t> &out) {
            out.clear();
            const size_t length = std::min(q, points.size());
            for (size_t i = 0; length && i + length <= points.size(); ++i) {
                uint64_t run = 0;
                for (size_t k = 0; k < length; ++k) run = run << 21 | (points[i + k] + 1);
                out.push_back(run);
            }
            make_set(out);
        };
        runs(left_, left_runs_);
        runs(right_, right_runs_);
        return jaccard(left_runs_, right_runs_);
    }

    double words(Measure measure, std::string_view a, std::string_view b) {
        const auto split = [](std::string_view text, std::vector<std::string_view> &out) {
            out.clear();
            while (!text.empty()) {
                const size_t blank = std::min(text.find(' '), text.size());
                if (blank) out.push_back(text.substr(0, blank));
                text.remove_prefix(std::min(blank + 1, text.size()));
            }
            make_set(out);
        };
        split(a, left_words_);
        split(b, right_words_);
        if (measure == Measure::common_words) return static_cast<double>(common_members(left_words_, right_words_));
        return jaccard(left_words_, right_words_);
    }

    TextComparer texts_;
    std::vector<uint32_t> left_, right_, rows_;
    std::vector<uint64_t> left_runs_, right_runs_;
    std::vector<std::string_view> left_words_, right_words_;
    std::array<double, measure_count> known_{};
};

}  // namespace enishi
