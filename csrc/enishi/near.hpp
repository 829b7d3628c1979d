// Pairs of distinct values within a bounded edit distance, complete.
//
// One edit leaves the front half or the back half of a string as it was. So values are brought together twice, by a hash
// of either half, and compared where few of them meet. Where many meet (numbers of one issuer, a crowded name) the part
// that is still unknown, their window, is halved again; and where little is left of it to halve, the values are brought
// together by what remains when a character of the window is deleted, which finds neighbors alone. Two or three hashes
// a value do what one for every character would, and memory touched is time.
//
// Two edits leave the back as it was, or spoil the front once at most: then the fronts have a common string when a
// character of each is deleted (two strings within optimal string alignment (OSA) distance k leave one when at most k
// characters are deleted from each: a substitution or a transposition is one deletion on either side). The values of all
// crowded groups together are joined by every way to delete up to two characters.
//
// What has to be equal (the namespace; of addresses the domain and the digits) goes into the hash of a half. A hash that
// two strangers share costs a comparison and nothing else. Values are brought together in slices of the hash space, by
// partitions that fit the cache: memory is `slice_entries` of 8 bytes, twice, and a number for each value that waits in
// a crowded group.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "meeting.hpp"
#include "near_numbers.hpp"
#include "near_pair.hpp"
#include "value.hpp"
#include "value_table.hpp"

namespace enishi {

namespace detail {

inline void decode_utf8(std::string_view s, std::vector<uint32_t> &out) {
    out.clear();
    for (size_t i = 0; i < s.size();) {
        const auto lead = static_cast<unsigned char>(s[i]);
        const size_t width = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        uint32_t point = width == 1 ? lead : lead & (0x7fu >> width);
        for (size_t j = 1; j < width && i + j < s.size(); ++j) point = point << 6 | (static_cast<unsigned char>(s[i + j]) & 0x3f);
        out.push_back(point);
        i += width;
    }
}

inline bool is_digit(uint32_t c) { return c >= '0' && c <= '9'; }

inline uint64_t load(const char *p, size_t bytes) {
    uint64_t word = 0;
    std::memcpy(&word, p, bytes);
    return word;
}

constexpr uint64_t high_bits = 0x8080808080808080ULL;

// The same of up to eight, without a copy of unknown length.
inline uint64_t load_few(const char *p, size_t n) {
    if (n >= 8) return load(p, 8);
    if (n >= 4) return load(p, 4) | load(p + n - 4, 4) << 8 * (n - 4);
    if (n == 0) return 0;
    return load(p, 1) | load(p + n / 2, 1) << 8 * (n / 2) | load(p + n - 1, 1) << 8 * (n - 1);
}

inline bool is_ascii(std::string_view s) {
    uint64_t seen = 0;
    for (; s.size() > 8; s.remove_prefix(8)) seen |= load(s.data(), 8);
    return !((seen | load_few(s.data(), s.size())) & high_bits);
}

// The bytes that are digits, by their highest bits.
inline uint64_t digits_of(uint64_t word) {
    constexpr uint64_t ones = ~uint64_t{0} / 255;
    const uint64_t value = word ^ ones * '0';
    return ~(((value & ~high_bits) + ones * (0x80 - 10)) | value) & high_bits;
}

// Where the last such character stands, or the size. (`rfind` looks at byte after byte.)
inline size_t last_of(std::string_view s, char c) {
    size_t i = s.size();
    for (const uint64_t wanted = 0x0101010101010101ULL * static_cast<unsigned char>(c); i >= 8; i -= 8) {
        const uint64_t x = load(s.data() + i - 8, 8) ^ wanted;
        const uint64_t zeros = ~(((x & ~high_bits) + ~high_bits) | x) & high_bits;
        if (zeros) return i - 1 - static_cast<size_t>(__builtin_clzll(zeros)) / 8;
    }
    while (i) {
        if (s[--i] == c) return i;
    }
    return s.size();
}

// How many bytes two words have in common at the lower end, and at the upper.
inline size_t common_low(uint64_t x, uint64_t y) { return x == y ? 8 : static_cast<size_t>(__builtin_ctzll(x ^ y)) / 8; }
inline size_t common_high(uint64_t x, uint64_t y) { return x == y ? 8 : static_cast<size_t>(__builtin_clzll(x ^ y)) / 8; }

// A hash of a few bytes, not of any use against an adversary: who provokes collisions gets more comparisons.
inline uint64_t hash_bytes(const char *p, size_t n, uint64_t seed) {
    constexpr uint64_t factor = 0x9fb21c651e98df25ULL;
    const auto fold = [](uint64_t h, uint64_t word) {
        h = (h ^ word) * factor;
        return h ^ h >> 32;
    };
    uint64_t h = fold(seed, n);
    for (; n > 8; p += 8, n -= 8) h = fold(h, load(p, 8));
    return mix(fold(h, load_few(p, n)));
}

}  // namespace detail

// Leaves out what two strings have in common at their ends.
template <class Char>
void trim(const Char *&a, size_t &m, const Char *&b, size_t &n) {
    while (m && n && *a == *b) ++a, ++b, --m, --n;
    while (m && n && a[m - 1] == b[n - 1]) --m, --n;
}

// The OSA distance of two strings, or limit + 1 where it is larger. The three rows are the caller's.
template <class Char>
uint32_t osa_distance(const Char *a, size_t m, const Char *b, size_t n, uint32_t limit, std::vector<uint32_t> &rows) {
    if ((m > n ? m - n : n - m) > limit) return limit + 1;
    trim(a, m, b, n);
    if (m == 0 || n == 0) return std::min(static_cast<uint32_t>(m + n), limit + 1);
    if (limit < 2) {
        const bool one = (m == 1 && n == 1) || (m == 2 && n == 2 && a[0] == b[1] && a[1] == b[0]);
        return limit == 1 && one ? 1 : limit + 1;
    }
    // Only cells within the limit of the diagonal can lie within the limit.
    rows.assign(3 * (n + 1), limit + 1);
    uint32_t *before = &rows[0], *last = &rows[n + 1], *current = &rows[2 * (n + 1)];
    for (size_t j = 0; j <= std::min<size_t>(n, limit); ++j) last[j] = static_cast<uint32_t>(j);
    uint32_t best_of_last = 0;
    for (size_t i = 1; i <= m; ++i) {
        const size_t from = i > limit ? i - limit : 1, to = std::min(n, i + limit);
        current[from - 1] = from == 1 ? static_cast<uint32_t>(i) : limit + 1;
        uint32_t best = current[from - 1];
        for (size_t j = from; j <= to; ++j) {
            const Char x = a[i - 1], y = b[j - 1];
            uint32_t d = std::min({last[j] + 1, current[j - 1] + 1, last[j - 1] + (x == y ? 0u : 1u)});
            if (i > 1 && j > 1 && x == b[j - 2] && a[i - 2] == y) d = std::min(d, before[j - 2] + 1);
            current[j] = d;
            best = std::min(best, d);
        }
        if (to < n) current[to + 1] = limit + 1;
        if (best > limit && best_of_last > limit) return limit + 1;  // a transposition looks two rows back
        best_of_last = best;
        std::swap(before, last);
        std::swap(last, current);
    }
    return std::min(last[n], limit + 1);
}

inline uint32_t osa_distance(const std::vector<uint32_t> &a, const std::vector<uint32_t> &b, uint32_t limit,
                             std::vector<uint32_t> &rows) {
    return osa_distance(a.data(), a.size(), b.data(), b.size(), limit, rows);
}

class NearJoin {
  public:
    NearJoin(const ValueTable &values, const std::vector<uint8_t> &status, NearOptions options)
        : values_(values), status_(status), options_(options) {}

    NearResult run(size_t slice_entries = size_t{1} << 23) {
        if (options_.max_edits == 1 && !options_.local_part) {
            NearNumbers numbers(values_, status_, options_);
            if (numbers.fits()) return numbers.run(slice_entries);
        }
        Meeting<uint32_t> meeting(slice_entries);
        result_ = {};
        survey();
        choose_cut();
        if (options_.max_edits == 1) {
            meet_by_halves(meeting);
        } else if (options_.max_edits == 2) {
            meet_by_front_or_back(meeting);
        }
        std::sort(result_.pairs.begin(), result_.pairs.end());
        result_.pairs.erase(std::unique(result_.pairs.begin(), result_.pairs.end()), result_.pairs.end());
        return std::move(result_);
    }

  private:
    enum Side : uint32_t { front, back };  // the lowest bit of a hash of a half

    // Texts lie far apart: the wait for one is the wait for all that were asked for.
    struct Prefetch {
        const ValueTable &values;
        void operator()(uint32_t v) const { __builtin_prefetch(values.text(v).data()); }
    };

    // What the values of a group are known to share: characters at the front and at the back. Between is the window.
    struct Shared {
        size_t front, back;
    };

    struct Crowd {
        std::vector<uint32_t> values;
        Shared shared;
    };

    // A value as it is compared.
    struct Part {
        std::string_view text;
        std::string_view rest;  // the domain, where only the local part is compared
        size_t length;          // characters
        bool ascii() const { return length == text.size(); }
    };

    static constexpr size_t narrow = 4;  // a window that is not worth halving

    bool takes_part(uint32_t v) const { return options_.takes_part(status_[v]); }

    bool incomplete(uint32_t v) const { return static_cast<Status>(status_[v]) == Status::incomplete; }

    Part part(uint32_t v) const {
        Part p{values_.text(v), {}, 0};
        if (options_.local_part) {
            const size_t at = detail::last_of(p.text, '@');
            p.rest = p.text.substr(at);
            p.text = p.text.substr(0, at);
        }
        p.length = p.text.size();
        if (!detail::is_ascii(p.text)) p.length = static_cast<size_t>(std::count_if(p.text.begin(), p.text.end(), opens));
        return p;
    }

    static bool opens(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }  // begins a character

    // The bytes before so many characters of the front, or of the back.
    static size_t byte_of(const Part &p, size_t characters) {
        if (p.ascii()) return characters;
        size_t i = 0;
        for (; i < p.text.size() && (characters || !opens(p.text[i])); ++i) characters -= opens(p.text[i]);
        return i;
    }

    // A hash of what has to be equal, whatever is edited.
    uint64_t equal_part(uint32_t v, const Part &p) const {
        uint64_t h = 0x2545f4914f6cdd1dULL + static_cast<uint64_t>(static_cast<uint32_t>(values_.space(v)));
        if (!options_.local_part) return h;
        for (std::string_view text = p.text; !text.empty(); text.remove_prefix(std::min(text.size(), size_t{8}))) {
            const uint64_t word = detail::load_few(text.data(), text.size());
            for (uint64_t digits = detail::digits_of(word); digits; digits &= digits - 1) {
                h = (h << 5 | h >> 59) ^ (word >> (__builtin_ctzll(digits) - 7) & 0xff);
            }
        }
        return detail::hash_bytes(p.rest.data(), p.rest.size(), h);
    }

    template <class Take>
    void each(Take take) const {
        for (uint32_t v = 0; v < values_.size(); ++v) {
            if (takes_part(v)) take(v);
        }
    }

    void survey() {
        members_ = 0;
        lengths_.assign(1, 0);
        each([&](uint32_t v) {
            ++members_;
            if (options_.local_part) return;  // of all lengths
            const size_t length = part(v).length;
            if (lengths_.size() <= length) lengths_.resize(length + 1);
            ++lengths_[length];
        });
    }

    bool occurs(size_t length) const { return options_.local_part || (length < lengths_.size() && lengths_[length]); }

    // Strings of length n and of n or n + 1 that are one edit apart agree at the front up to a cut, or at the back from
    // the character behind it: the edit takes one character, or stands between two, and a transposition takes two. So
    // class k holds the lengths 2k + 1 and 2k + 2 and looks at 2k characters; 2k + 3 joins it as the partner of 2k + 2.
    static size_t class_of(size_t length) { return length ? (length - 1) / 2 : 0; }
    size_t front_of(size_t k) const { return 2 * k * cut_ / 8; }
    size_t back_of(size_t k) const { return 2 * k - front_of(k); }

    // Where everybody ends in one of few domains, or begins with one issuer, the middle is no good place for the cut. Out
    // of a sample, where the fewest meet.
    void choose_cut() {
        constexpr uint64_t sample = 8192;
        cut_ = 4;
        if (members_ < sample) return;
        std::vector<uint32_t> chosen;
        uint64_t at = 0;
        each([&](uint32_t v) {
            if (at++ % (members_ / sample) == 0) chosen.push_back(v);
        });
        size_t fewest = SIZE_MAX, best = cut_;
        std::vector<uint64_t> hashes;
        for (const size_t cut : {4, 3, 5, 2, 6}) {
            cut_ = cut;
            size_t met = 0;
            for (const Side side : {front, back}) {
                hashes.clear();
                for (const uint32_t v : chosen) {
                    const Part p = part(v);
                    hashes.push_back(half(p, side, class_of(p.length), equal_part(v, p)));
                }
                std::sort(hashes.begin(), hashes.end());
                for (size_t i = 0, begin = 0; i < hashes.size(); ++i) {
                    if (hashes[i] != hashes[begin]) begin = i;
                    met += i - begin;
                }
            }
            if (met < fewest) fewest = met, best = cut;
        }
        cut_ = best;
    }

    void meet_by_halves(Meeting<uint32_t> &meeting) {
        uint64_t total = 2 * members_;
        if (options_.local_part) total += members_;
        for (size_t n = 3; n < lengths_.size(); n += 2) total += occurs(n - 1) ? 2 * lengths_[n] : 0;
        meeting.run(
            total,
            [&](auto put) {
                each([&](uint32_t v) {
                    const Part p = part(v);
                    const uint64_t equal = equal_part(v, p);
                    const size_t k = class_of(p.length);
                    for (const Side side : {front, back}) put(half(p, side, k, equal), v);
                    if (p.length < 3 || p.length % 2 == 0 || !occurs(p.length - 1)) return;
                    for (const Side side : {front, back}) put(half(p, side, k - 1, equal), v);
                });
            },
            Prefetch{values_},
            [&](uint32_t hash, const uint32_t *group, size_t count) {
                const size_t n = shortest(group, count);
                // An odd length may be here as a partner only.
                const size_t k = n < 3 ? 0 : n % 2 ? (n - 3) / 2 : (n - 2) / 2;
                take(group, count, hash % 2 == front ? Shared{front_of(k), 0} : Shared{0, back_of(k)});
            });
        work_off(meeting);
    }

    // Two edits: where the second lies behind the cut, the fronts are one edit apart, and leave a common string when some
    // character is deleted from each (the last, where an edit shifted them); where it does not, the backs are equal. Class
    // k holds the shorter lengths 2k + 1 and 2k + 2, with partners of up to two characters more.
    void meet_by_front_or_back(Meeting<uint32_t> &meeting) {
        uint64_t total = 0;
        each([&](uint32_t v) { total += 2 * (front_of(class_of(part(v).length)) + 2); });
        std::vector<uint32_t> crowded;
        meeting.run(
            total,
            [&](auto put) {
                each([&](uint32_t v) {
                    const Part p = part(v);
                    const uint64_t equal = equal_part(v, p);
                    const size_t k = class_of(p.length);
                    load_points(p, {0, 0});
                    delete_of_front(v, k, equal, put);
                    put(half(p, back, k, equal), v);
                    if (k == 0 || !(occurs(2 * k) || occurs(2 * k - 1))) return;
                    delete_of_front(v, k - 1, equal, put);
                    put(half(p, back, k - 1, equal), v);
                });
            },
            Prefetch{values_},
            [&](uint32_t, const uint32_t *group, size_t count) {
                if (few(count)) return compare(group, count, {0, 0});
                crowded.insert(crowded.end(), group, group + count);
                if (crowded.size() > 2 * members_) settle(crowded);
            });
        settle(crowded);
        if (!crowded.empty()) meet_by_deletion(meeting, {std::move(crowded), {0, 0}});
    }

    static void settle(std::vector<uint32_t> &values) {
        std::sort(values.begin(), values.end());
        values.erase(std::unique(values.begin(), values.end()), values.end());
    }

    template <class Put>
    void delete_of_front(uint32_t v, size_t k, uint64_t equal, Put put) {
        const size_t n = front_of(k);
        const uint64_t seed = detail::mix(equal + k);
        if (n == 0) put(on(front, seed), v);
        for (size_t i = 0; i < n; ++i) {
            if (fixed(i) ? i + 1 < n : i > 0 && points_[i] == points_[i - 1]) continue;
            put(on(front, detail::mix(seed ^ (prefix_[i] * powers_[n - i - 1] + segment(i + 1, n)))), v);
        }
    }

    uint64_t half(const Part &p, Side side, size_t k, uint64_t equal) const {
        const size_t edge = byte_of(p, side == front ? front_of(k) : p.length - back_of(k));
        const char *begin = p.text.data() + (side == front ? 0 : edge);
        return on(side, detail::hash_bytes(begin, side == front ? edge : p.text.size() - edge, equal + k));
    }

    static uint64_t on(Side side, uint64_t hash) { return (hash & ~uint64_t{1}) | side; }

    size_t shortest(const uint32_t *group, size_t count) const {
        size_t length = SIZE_MAX;
        for (size_t i = 0; i < count; ++i) {
            if (i + 16 < count) Prefetch{values_}(group[i + 16]);
            length = std::min(length, part(group[i]).length);
        }
        return length;
    }

    bool few(size_t count) const { return count <= std::min(options_.small_group, options_.max_group); }

    // Compares a small group; a larger one waits until the slice in hand is done.
    void take(const uint32_t *group, size_t count, Shared shared) {
        if (few(count)) return compare(group, count, shared);
        waiting_.push_back({std::vector<uint32_t>(group, group + count), shared});
    }

    void work_off(Meeting<uint32_t> &meeting) {
        while (!waiting_.empty()) {
            const Crowd crowd = std::move(waiting_.back());
            waiting_.pop_back();
            // No value is shorter than what it shares: that was chosen for the shortest of a group that holds this one.
            const size_t shared = crowd.shared.front + crowd.shared.back;
            const size_t window = shortest(crowd.values.data(), crowd.values.size()) - shared;
            if (window <= narrow) {
                meet_by_deletion(meeting, crowd);
            } else {
                meet_by_halves_of(meeting, crowd, window - 1);
            }
        }
    }

    // Halves the window, of which so many characters are looked at.
    void meet_by_halves_of(Meeting<uint32_t> &meeting, const Crowd &crowd, size_t characters) {
        const Shared shared = crowd.shared;
        const size_t at_back = characters / 2, at_front = characters - at_back;
        meeting.run(
            2 * crowd.values.size(),
            [&](auto put) {
                const auto stretch = [](const Part &p, size_t from, size_t count) {
                    const size_t begin = byte_of(p, from), end = byte_of(p, from + count);
                    return detail::hash_bytes(p.text.data() + begin, end - begin, 0);
                };
                for (const uint32_t v : crowd.values) {
                    const Part p = part(v);
                    put(on(front, stretch(p, shared.front, at_front)), v);
                    put(on(back, stretch(p, p.length - shared.back - at_back, at_back)), v);
                }
            },
            Prefetch{values_},
            [&](uint32_t hash, const uint32_t *group, size_t count) {
                take(group, count, hash % 2 == front ? Shared{shared.front + at_front, shared.back}
                                                     : Shared{shared.front, shared.back + at_back});
            });
    }

    void meet_by_deletion(Meeting<uint32_t> &meeting, const Crowd &crowd) {
        uint64_t total = 0;
        for (const uint32_t v : crowd.values) {
            const uint64_t n = part(v).length - crowd.shared.front - crowd.shared.back;
            total += 1 + n + (options_.max_edits > 1 ? n * (n - 1) / 2 : 0);
        }
        meeting.run(
            total,
            [&](auto put) {
                for (const uint32_t v : crowd.values) delete_each(v, crowd.shared, put);
            },
            Prefetch{values_}, [&](uint32_t, const uint32_t *group, size_t count) { compare_deletion(group, count, crowd.shared); });
    }

    // The characters of a window and their polynomial hash, so that a deletion costs two multiplications and not a pass.
    void load_points(const Part &p, Shared shared) {
        constexpr uint64_t base = 0x9e3779b97f4a7c15ULL | 1;
        decode(p, points_);
        points_.erase(points_.end() - static_cast<ptrdiff_t>(shared.back), points_.end());
        points_.erase(points_.begin(), points_.begin() + static_cast<ptrdiff_t>(shared.front));
        const size_t n = points_.size();
        powers_.resize(n + 1);
        prefix_.resize(n + 1);
        powers_[0] = 1;
        prefix_[0] = 0;
        for (size_t i = 0; i < n; ++i) {
            powers_[i + 1] = powers_[i] * base;
            prefix_[i + 1] = prefix_[i] * base + points_[i] + 1;
        }
    }

    uint64_t segment(size_t from, size_t to) const { return prefix_[to] - prefix_[from] * powers_[to - from]; }

    // Digits that have to be equal are never deleted: an edit of one, or its move, is no misspelling.
    bool fixed(size_t i) const { return options_.local_part && detail::is_digit(points_[i]); }

    template <class Put>
    void delete_each(uint32_t v, Shared shared, Put put) {
        const Part p = part(v);
        load_points(p, shared);
        const size_t n = points_.size();
        const uint64_t seed = equal_part(v, p);
        put(detail::mix(seed ^ prefix_[n]), v);
        for (size_t i = 0; i < n; ++i) {
            // Deleting either of two equal neighbors leaves the same string.
            if (fixed(i) || (i > 0 && points_[i] == points_[i - 1])) continue;
            put(detail::mix(seed ^ (prefix_[i] * powers_[n - i - 1] + segment(i + 1, n))), v);
            if (options_.max_edits < 2) continue;
            for (size_t j = i + 1; j < n; ++j) {
                if (fixed(j) || (j > i + 1 && points_[j] == points_[j - 1])) continue;
                const uint64_t head = prefix_[i] * powers_[j - i - 1] + segment(i + 1, j);
                put(detail::mix(seed ^ (head * powers_[n - j - 1] + segment(j + 1, n))), v);
            }
        }
    }

    void compare_deletion(const uint32_t *group, size_t count, Shared shared) {
        group_.assign(group, group + count);
        group_.erase(std::unique(group_.begin(), group_.end()), group_.end());
        if (group_.size() > options_.max_group) {
            ++result_.capped_groups;
            result_.capped_values += group_.size();
        } else {
            compare(group_.data(), group_.size(), shared);
        }
    }

    static void decode(const Part &p, std::vector<uint32_t> &points) {
        if (p.ascii()) {
            points.assign(p.text.begin(), p.text.end());
        } else {
            detail::decode_utf8(p.text, points);
        }
    }

    void compare(const uint32_t *group, size_t count, Shared shared) {
        parts_.clear();
        ends_.clear();
        for (size_t i = 0; i < count; ++i) {
            parts_.push_back(part(group[i]));
            ends_.push_back(ends_of(parts_.back(), shared));
        }
        for (size_t i = 0; i < count; ++i) {
            for (size_t j = i + 1; j < count; ++j) {
                ++result_.compared;
                if (differ(ends_[i], ends_[j])) continue;
                const uint32_t a = group[i], b = group[j];
                if (a == b || (options_.corrections && incomplete(a) == incomplete(b))) continue;
                const uint32_t distance = compare(parts_[i], parts_[j]);
                if (distance >= 1 && distance <= options_.max_edits && values_.space(a) == values_.space(b)) {
                    result_.pairs.push_back({a, b, distance});
                }
            }
        }
    }

    // The eight bytes at either end of the window; of characters beyond ASCII nothing.
    struct Ends {
        uint64_t low, high;
        size_t window;
    };

    static Ends ends_of(const Part &p, Shared shared) {
        const size_t window = p.length - shared.front - shared.back, bytes = std::min(window, size_t{8});
        if (!p.ascii() || window == 0) return {0, 0, 0};
        const char *begin = p.text.data() + shared.front, *end = begin + window;
        return {detail::load(begin, bytes), detail::load(end - bytes, bytes) << (64 - 8 * bytes), window};
    }

    // A cheap bound that settles nearly every pair: more is between the ends that agree than the edits can take.
    bool differ(const Ends &a, const Ends &b) const {
        const size_t front = detail::common_low(a.low, b.low), back = detail::common_high(a.high, b.high);
        const size_t window = std::min(a.window, b.window);
        return front < 8 && back < 8 && options_.max_edits == 1 && front + back + 2 < window;
    }

    // The distance of two values; max_edits + 1 where they are not near.
    uint32_t compare(const Part &a, const Part &b) {
        if (a.rest != b.rest) return options_.max_edits + 1;
        if (a.ascii() && b.ascii()) return compare(a.text.data(), a.length, b.text.data(), b.length);
        decode(a, left_);
        decode(b, right_);
        return compare(left_.data(), left_.size(), right_.data(), right_.size());
    }

    template <class Char>
    uint32_t compare(const Char *a, size_t m, const Char *b, size_t n) {
        trim(a, m, b, n);
        const uint32_t distance = osa_distance(a, m, b, n, options_.max_edits, rows_);
        if (!options_.local_part || distance > options_.max_edits) return distance;
        return spares_digits(a, m, b, n) ? distance : options_.max_edits + 1;
    }

    // Whether at most max_edits deletions on either side, none of a digit, leave the same string.
    template <class Char>
    bool spares_digits(const Char *a, size_t m, const Char *b, size_t n) {
        constexpr uint32_t never = uint32_t{1} << 30;
        const auto cost = [](Char c) { return detail::is_digit(static_cast<uint32_t>(c)) ? never : 1; };
        rows_.resize(2 * (n + 1));
        uint32_t *last = &rows_[0], *current = &rows_[n + 1];  // deletions on both sides together
        last[0] = 0;
        for (size_t j = 1; j <= n; ++j) last[j] = std::min(never, last[j - 1] + cost(b[j - 1]));
        for (size_t i = 1; i <= m; ++i) {
            current[0] = std::min(never, last[0] + cost(a[i - 1]));
            for (size_t j = 1; j <= n; ++j) {
                uint32_t d = std::min(last[j] + cost(a[i - 1]), current[j - 1] + cost(b[j - 1]));
                if (a[i - 1] == b[j - 1]) d = std::min(d, last[j - 1]);
                current[j] = std::min(never, d);
            }
            std::swap(last, current);
        }
        return last[n] + (m > n ? m - n : n - m) <= 2 * options_.max_edits;
    }

    const ValueTable &values_;
    const std::vector<uint8_t> &status_;
    NearOptions options_;
    NearResult result_;
    uint64_t members_ = 0;           // values that take part
    std::vector<uint64_t> lengths_;  // how many of them have so many characters; not counted of addresses
    size_t cut_ = 4;                 // in eighths of the length
    std::vector<Crowd> waiting_;
    std::vector<Part> parts_;
    std::vector<Ends> ends_;
    std::vector<uint32_t> points_, left_, right_, group_, rows_;
    std::vector<uint64_t> powers_, prefix_;
};

// A truncated id and the ids that extend it: pairs of an incomplete value and each complete one that starts with it.
// A generic one is among them: it may be the one that was cut short.
// Every truncated id has at least `stem` bytes.
inline std::vector<NearPair> extensions(const ValueTable &values, const std::vector<uint8_t> &status, size_t stem) {
    const auto key = [&](uint32_t v) {
        return detail::hash_bytes(values.text(v).data(), stem, static_cast<uint32_t>(values.space(v)));
    };
    std::vector<std::pair<uint64_t, uint32_t>> stems;
    for (uint32_t v = 0; v < values.size(); ++v) {
        if (static_cast<Status>(status[v]) == Status::incomplete && values.text(v).size() >= stem) stems.push_back({key(v), v});
    }
    std::vector<NearPair> pairs;
    if (stems.empty()) return pairs;
    std::sort(stems.begin(), stems.end());
    // A bit for each stem, because nearly every id extends none.
    int bits = 6;
    while (stems.size() * 8 >> bits) ++bits;
    std::vector<uint64_t> known(size_t{1} << (bits - 6));
    const auto place = [bits](uint64_t hash) { return hash >> (64 - bits); };
    for (const auto &[hash, v] : stems) known[place(hash) >> 6] |= uint64_t{1} << (place(hash) & 63);
    for (uint32_t w = 0; w < values.size(); ++w) {
        const std::string_view text = values.text(w);
        if (static_cast<Status>(status[w]) == Status::incomplete || text.size() < stem) continue;
        const uint64_t hash = key(w);
        if (!(known[place(hash) >> 6] >> (place(hash) & 63) & 1)) continue;
        auto it = std::lower_bound(stems.begin(), stems.end(), std::pair{hash, uint32_t{0}});
        for (; it != stems.end() && it->first == hash; ++it) {
            const uint32_t v = it->second;
            const std::string_view prefix = values.text(v);
            if (values.space(v) == values.space(w) && text.size() > prefix.size() && text.substr(0, prefix.size()) == prefix) {
                pairs.push_back({std::min(v, w), std::max(v, w), 0});
            }
        }
    }
    std::sort(pairs.begin(), pairs.end());
    return pairs;
}

}  // namespace enishi
