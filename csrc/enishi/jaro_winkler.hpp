// Jaro-Winkler similarity of names, and all similar names within blocks.
//
// The definition is RapidFuzz's, bit for bit: greedy matches from the front within a window, half the matches that are
// out of order count as transpositions, and where Jaro exceeds 0.7 a common prefix of up to four characters takes a
// tenth each of what is missing to 1.
//
// Within a block nearly every pair is settled by a bound. The characters that two names share, whatever their order, are
// the sum over all characters of the smaller count; with so many matches and no transposition the similarity could not
// be higher. Characters fall into 32 buckets, which only raises the bound. The counts of 32 names stand beside each
// other, a bucket after the other, so that plain loops over bytes compile to vector instructions; they are compiled
// twice, and the processor is asked which copy it can run.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "arrow.hpp"
#include "near.hpp"

namespace enishi {

namespace detail {

inline constexpr double boost_threshold = 0.7;
inline constexpr double prefix_weight = 0.1;
inline constexpr size_t longest_prefix = 4;

inline double jaro(size_t a, size_t b, size_t matches, size_t transpositions) {
    const auto m = static_cast<double>(matches);
    double similarity = m / static_cast<double>(a);
    similarity += m / static_cast<double>(b);
    similarity += (m - static_cast<double>(transpositions)) / m;
    return similarity / 3.0;
}

inline double boosted(double similarity, size_t prefix) {
    if (similarity <= boost_threshold) return similarity;
    return std::min(1.0, similarity + static_cast<double>(prefix) * prefix_weight * (1.0 - similarity));
}

template <class Char>
uint32_t code_point(Char c) {
    return static_cast<uint32_t>(static_cast<std::make_unsigned_t<Char>>(c));
}

}  // namespace detail

// The places of each character of a string of up to 64, as bits. To be kept where one string is compared with many.
class Places {
  public:
    Places() = default;
    template <class Char>
    explicit Places(std::basic_string_view<Char> s) {
        assign(s);
    }

    template <class Char>
    void assign(std::basic_string_view<Char> s) {
        for (size_t i = 0; i < used_; ++i) *touched_[i] = 0;
        used_ = 0;
        for (size_t i = 0; i < s.size(); ++i) {
            const uint32_t c = detail::code_point(s[i]);
            uint64_t *places = &ascii_[c % 128];
            if (c >= 128) {
                Slot &slot = slots_[find(c)];
                slot.character = c;
                places = &slot.places;
            }
            if (!*places) touched_[used_++] = places;
            *places |= uint64_t{1} << i;
        }
    }

    uint64_t of(uint32_t c) const { return c < 128 ? ascii_[c] : slots_[find(c)].places; }

  private:
    struct Slot {
        uint64_t places;  // never 0 in a slot that is taken
        uint32_t character;
    };

    size_t find(uint32_t c) const {
        size_t at = (c ^ c >> 7) % slots_.size();
        while (slots_[at].places && slots_[at].character != c) at = (at + 1) % slots_.size();
        return at;
    }

    std::array<uint64_t, 128> ascii_{};
    std::array<Slot, 128> slots_{};
    std::array<uint64_t *, 64> touched_;
    size_t used_ = 0;
};

namespace detail {

struct Matches {
    size_t count, out_of_order;
};

// a and b of 1 to 64 characters: each character of b takes the first free one of a that is equal and in the window. So
// those of a common prefix take one another.
template <class A, class B>
Matches match_words(const Places &places, std::basic_string_view<A> a, std::basic_string_view<B> b, size_t prefix, size_t window) {
    const auto up_to = [](size_t n) { return n >= 64 ? ~uint64_t{0} : (uint64_t{1} << n) - 1; };
    Matches found{prefix, 0};
    const uint64_t begun = up_to(prefix);
    uint64_t taken = begun, matched = begun;
    for (size_t j = prefix; j < b.size(); ++j) {
        const uint64_t reach = up_to(j + window + 1) & ~(j > window ? up_to(j - window) : 0);
        const uint64_t free = places.of(code_point(b[j])) & reach & ~taken;
        taken |= free & (~free + 1);
        matched |= static_cast<uint64_t>(free != 0) << j;
        found.count += free != 0;
    }
    taken ^= begun;
    matched ^= begun;
    for (; matched; matched &= matched - 1, taken &= taken - 1) {
        found.out_of_order += code_point(a[static_cast<size_t>(__builtin_ctzll(taken))]) !=
                              code_point(b[static_cast<size_t>(__builtin_ctzll(matched))]);
    }
    return found;
}

// The same for strings of any length.
template <class A, class B>
Matches match_long(std::basic_string_view<A> a, std::basic_string_view<B> b, size_t window) {
    std::vector<uint8_t> taken(a.size());
    std::vector<uint32_t> matched;
    for (size_t j = 0; j < b.size(); ++j) {
        const size_t end = std::min(a.size(), j + window + 1);
        for (size_t i = j > window ? j - window : 0; i < end; ++i) {
            if (taken[i] || code_point(a[i]) != code_point(b[j])) continue;
            taken[i] = 1;
            matched.push_back(code_point(b[j]));
            break;
        }
    }
    Matches found{matched.size(), 0};
    for (size_t i = 0, at = 0; i < a.size(); ++i) {
        if (taken[i]) found.out_of_order += code_point(a[i]) != matched[at++];
    }
    return found;
}

template <class A, class B>
size_t common_prefix(std::basic_string_view<A> a, std::basic_string_view<B> b) {
    const size_t n = std::min(a.size(), b.size());
    size_t prefix = 0;
    while (prefix < n && code_point(a[prefix]) == code_point(b[prefix])) ++prefix;
    return prefix;
}

}  // namespace detail

// The Jaro similarity of two strings of characters (bytes of ASCII, or code points). The places are those of a; they are
// not read where either string has more than 64 characters.
template <class A, class B>
double jaro(const Places &places, std::basic_string_view<A> a, std::basic_string_view<B> b, size_t prefix) {
    if (a.empty() || b.empty()) return a.size() == b.size() ? 1 : 0;
    const size_t longer = std::max(a.size(), b.size()), window = longer < 2 ? 0 : longer / 2 - 1;
    const detail::Matches found =
        longer <= 64 ? detail::match_words(places, a, b, prefix, window) : detail::match_long(a, b, window);
    if (found.count == 0) return 0;
    return detail::jaro(a.size(), b.size(), found.count, found.out_of_order / 2);
}

// The same lifted by a common prefix, 0 where it is below the cutoff.
template <class A, class B>
double jaro_winkler(const Places &places, std::basic_string_view<A> a, std::basic_string_view<B> b, double cutoff) {
    const size_t prefix = detail::common_prefix(a, b);
    const double similarity = detail::boosted(jaro(places, a, b, prefix), std::min(prefix, detail::longest_prefix));
    return similarity >= cutoff ? similarity : 0;
}

template <class A, class B>
double jaro_winkler(std::basic_string_view<A> a, std::basic_string_view<B> b, double cutoff) {
    return jaro_winkler(Places(a.substr(0, 64)), a, b, cutoff);
}

struct SimilarPairs {
    std::vector<uint32_t> left, right;
    std::vector<double> similarity;
};

// All pairs of one block after another whose similarity reaches the cutoff, a number above 0.
class SimilarNames {
  public:
    explicit SimilarNames(double cutoff) : cutoff_(cutoff), least_((longest + 1) * (longest + 1)) {}

    // Adds the pairs of the rows from begin to end, by left, then by right row; the left one is the smaller.
    void block(const TextColumn &texts, int64_t begin, int64_t end, SimilarPairs &found) {
        load(texts, begin, end);
        for (size_t i = 0; i < names_.size(); ++i) {
            const Name &left = names_[i];
            bool placed = false;
            const uint8_t *needed = needed_by(left.length);
            for (size_t t = i / width; t < tiles_.size(); ++t) {
                std::array<uint8_t, width> reached;
                reach(tiles_[t], tiles_[i / width], i % width, needed + t * 2 * width, reached.data());
                for (size_t word = 0; word < width; word += 8) {
                    uint64_t hits = detail::load(reinterpret_cast<const char *>(reached.data()) + word, 8);
                    for (; hits; hits &= hits - 1) {
                        const size_t j = t * width + word + static_cast<size_t>(__builtin_ctzll(hits)) / 8;
                        if (j <= i || j >= names_.size()) continue;
                        if (!placed) place(left);
                        placed = true;
                        settle(left, names_[j], found);
                    }
                }
            }
        }
    }

  private:
    static constexpr size_t width = 32, buckets = 32;
    static constexpr size_t longest = 255;  // characters that a byte can count; longer names are compared without a bound

    struct Name {
        uint32_t row;
        uint32_t length;
        const char *ascii;  // null where the characters stand in `points_`
        size_t points;
    };

    struct Tile {
        uint8_t counts[buckets][width];
        uint8_t first[width];  // of the first character, some bits
    };

    void load(const TextColumn &texts, int64_t begin, int64_t end) {
        names_.clear();
        points_.clear();
        needed_.clear();
        tiles_.clear();
        for (int64_t row = begin; row < end; ++row) {
            if (!texts.valid(row) || texts[row].empty()) continue;
            const std::string_view text = texts[row];
            Name name{static_cast<uint32_t>(row), static_cast<uint32_t>(text.size()), text.data(), 0};
            if (!detail::is_ascii(text)) {
                detail::decode_utf8(text, decoded_);
                name = {name.row, static_cast<uint32_t>(decoded_.size()), nullptr, points_.size()};
                points_.append(decoded_.begin(), decoded_.end());
            }
            if (names_.size() % width == 0) tiles_.push_back({});
            const size_t at = names_.size() % width;
            names_.push_back(name);
            Tile &tile = tiles_.back();
            const auto count = [&](auto characters) {
                tile.first[at] = static_cast<uint8_t>(detail::code_point(characters[0]));
                if (characters.size() > longest) return;
                for (const auto c : characters) ++tile.counts[bucket(detail::code_point(c))][at];
            };
            if (name.ascii) {
                count(ascii(name));
            } else {
                count(points(name));
            }
        }
    }

    // Letters of either case fall into 26 buckets; of other scripts what lies beside each other falls apart.
    static size_t bucket(uint32_t c) { return (c ^ (c >> 5 & ~3u)) % buckets; }

    std::string_view ascii(const Name &name) const { return {name.ascii, name.length}; }
    std::u32string_view points(const Name &name) const { return {points_.data() + name.points, name.length}; }

    // The matches that a name of each length needs to be similar to one of `length`: of the names of a tile those that
    // begin otherwise, then those that may have a whole prefix in common.
    const uint8_t *needed_by(size_t length) {
        const size_t row = std::min(length, longest + 1);
        if (needed_.size() <= row) needed_.resize(row + 1);
        std::vector<uint8_t> &needed = needed_[row];
        if (needed.empty()) {
            needed.resize(tiles_.size() * 2 * width);
            for (size_t j = 0; j < names_.size(); ++j) {
                if (length > longest || names_[j].length > longest) continue;
                uint8_t *tile = needed.data() + j / width * 2 * width + j % width;
                std::array<uint8_t, 2> &least = least_[length * (longest + 1) + names_[j].length];
                if (!least[0]) {
                    const uint8_t with_prefix = least_matches(length, names_[j].length, detail::longest_prefix);
                    least = {least_matches(length, names_[j].length, 0), with_prefix};
                }
                tile[0] = least[0];
                tile[width] = least[1];
            }
        }
        return needed.data();
    }

    uint8_t least_matches(size_t a, size_t b, size_t prefix) const {
        constexpr double rounding = 1e-9;
        size_t matches = 1;
        const size_t most = std::min(a, b);
        while (matches <= most && detail::boosted(detail::jaro(a, b, matches, 0), prefix) < cutoff_ - rounding) ++matches;
        // With all characters matched and still below the cutoff, the lengths alone tell.
        return static_cast<uint8_t>(std::min(matches, longest));
    }

    // For each name of a tile 1 where the bound leaves it open whether name `at` of the left tile is similar, else 0.
    [[gnu::always_inline]] static inline void reach_body(const Tile &tile, const Tile &left, size_t at, const uint8_t *needed,
                                                         uint8_t *reached) {
        uint8_t common[width] = {};
        for (size_t k = 0; k < buckets; ++k) {
            const uint8_t count = left.counts[k][at];
            if (!count) continue;
            for (size_t j = 0; j < width; ++j) common[j] = static_cast<uint8_t>(common[j] + std::min(tile.counts[k][j], count));
        }
        const uint8_t first = left.first[at];
        for (size_t j = 0; j < width; ++j) {
            const uint8_t least = tile.first[j] == first ? needed[width + j] : needed[j];
            reached[j] = common[j] >= least;
        }
    }

#if defined(__x86_64__)
    [[gnu::target("avx2")]] static void reach_avx2(const Tile &tile, const Tile &left, size_t at, const uint8_t *needed, uint8_t *reached) {
        reach_body(tile, left, at, needed, reached);
    }
#endif

    static void reach(const Tile &tile, const Tile &left, size_t at, const uint8_t *needed, uint8_t *reached) {
#if defined(__x86_64__)
        static const bool avx2 = __builtin_cpu_supports("avx2");
        if (avx2) return reach_avx2(tile, left, at, needed, reached);
#endif
        reach_body(tile, left, at, needed, reached);
    }

    void place(const Name &a) {
        if (a.ascii) {
            places_.assign(ascii(a).substr(0, 64));
        } else {
            places_.assign(points(a).substr(0, 64));
        }
    }

    void settle(const Name &a, const Name &b, SimilarPairs &found) const {
        const double similarity = a.ascii ? similarity_to(ascii(a), b) : similarity_to(points(a), b);
        if (similarity == 0) return;
        found.left.push_back(a.row);
        found.right.push_back(b.row);
        found.similarity.push_back(similarity);
    }

    template <class Char>
    double similarity_to(std::basic_string_view<Char> a, const Name &b) const {
        return b.ascii ? jaro_winkler(places_, a, ascii(b), cutoff_) : jaro_winkler(places_, a, points(b), cutoff_);
    }

    double cutoff_;
    // By both lengths, the matches that two names need: that begin otherwise, that may have a prefix in common; 0: not known.
    std::vector<std::array<uint8_t, 2>> least_;
    Places places_;
    std::vector<Name> names_;
    std::u32string points_;
    std::vector<uint32_t> decoded_;
    std::vector<Tile> tiles_;
    std::vector<std::vector<uint8_t>> needed_;  // by length of the left name; empty where none was met yet
};

}  // namespace enishi
