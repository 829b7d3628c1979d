// Pairs of numbers one edit apart, complete: phones and cards, of at most sixteen digits, that fit a register.
//
// They lie dense: among seven million phones each has two others one digit away by chance. So values are brought together
// by halves as other texts are (near.hpp), with their digits beside them, so that no text is fetched again. A group that
// is small is compared pair by pair; of a larger one the window is halved again; and where the window is narrow, every
// string one edit away is looked up among the group, which costs the same however many they are.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "meeting.hpp"
#include "near_pair.hpp"
#include "value.hpp"
#include "value_table.hpp"

namespace enishi {

// Up to sixteen characters, each a digit or a plus, at the upper end of a word, the first uppermost; below them zeros.
struct Packed {
    static constexpr size_t most = 16;
    static constexpr uint64_t plus = 11;  // digits are 1 to 10

    static std::optional<uint64_t> pack(std::string_view text) {
        if (text.empty() || text.size() > most) return std::nullopt;
        uint64_t word = 0;
        for (const char c : text) {
            const auto digit = static_cast<unsigned>(static_cast<unsigned char>(c)) - '0';
            if (digit > 9 && c != '+') return std::nullopt;
            word = word << 4 | (digit > 9 ? plus : digit + 1);
        }
        return word << 4 * (most - text.size());
    }

    static size_t length(uint64_t word) { return most - static_cast<size_t>(__builtin_ctzll(word)) / 4; }

    // So many characters from one on, at the upper end.
    static uint64_t stretch(uint64_t word, size_t from, size_t count) {
        if (count == 0) return 0;
        return word << 4 * from >> 4 * (most - count) << 4 * (most - count);
    }

    static uint64_t at(uint64_t word, size_t i) { return word >> (60 - 4 * i) & 15; }

    static uint64_t without(uint64_t word, size_t i) {
        const uint64_t front = i ? ~uint64_t{0} << (64 - 4 * i) : 0;
        return (word & front) | (word << 4 & ~front);
    }

    // A place between two characters, for another.
    static uint64_t opened(uint64_t word, size_t i) {
        const uint64_t behind = ~uint64_t{0} >> 4 * i;
        return (word & ~behind) | (word & behind) >> 4;
    }

    static uint64_t swapped(uint64_t word, size_t i) {
        const uint64_t both = (at(word, i) ^ at(word, i + 1)) * 0x11;
        return word ^ both << (56 - 4 * i);
    }

    // Whether two words of one length may be near: they agree behind the first character that differs and the next one.
    static bool close(uint64_t a, uint64_t b) { return ((a ^ b) << (__builtin_clzll(a ^ b) & ~3) & ~uint64_t{0} >> 8) == 0; }

    // Whether two words are one substitution, transposition, insertion or deletion apart.
    static bool near(uint64_t a, uint64_t b) {
        const uint64_t x = a ^ b;
        if (x == 0) return false;
        const auto first = static_cast<size_t>(__builtin_clzll(x)) / 4, last = 15 - static_cast<size_t>(__builtin_ctzll(x)) / 4;
        if (first == last && at(a, first) && at(b, first)) return true;
        if (last == first + 1 && at(a, last) && at(b, last) && swapped(a, first) == b) return true;
        return without(a, first) == b || without(b, first) == a;
    }
};

class NearNumbers {
  public:
    NearNumbers(const ValueTable &values, const std::vector<uint8_t> &status, NearOptions options)
        : values_(values), status_(status), options_(options) {}

    // Whether all that takes part can be packed; then what is to be asked first.
    bool fits() {
        packed_.assign(values_.size(), 0);
        for (uint32_t v = 0; v < values_.size(); ++v) {
            if (!options_.takes_part(status_[v])) continue;
            const auto word = Packed::pack(values_.text(v));
            if (!word) return false;
            packed_[v] = *word;
            several_spaces_ = several_spaces_ || values_.space(v) != values_.space(0);
            ++members_;
            ++lengths_[Packed::length(*word)];
        }
        return true;
    }

    // Entries have twice the size of those that hold a value alone.
    NearResult run(size_t slice_entries) {
        Meeting<Number> meeting(slice_entries / 2);
        result_ = {};
        choose_classes();
        choose_cut();
        meeting.run(
            2 * (members_ + partners()),
            [&](auto put) { each([&](const Number &number) { put_halves(number, put); }); }, [](const Number &) {},
            [&](uint32_t hash, const Number *group, size_t count) {
                const size_t k = hash >> 1 & (classes - 1);
                take(group, count, hash & back ? Shared{0, back_of(k)} : Shared{front_of(k), 0});
                work_off();
            });
        sort_found();
        return std::move(result_);
    }

  private:
    // In words of four bytes, so that an entry of a meeting takes sixteen.
    struct Number {
        uint32_t high, low, value;
        uint64_t digits() const { return uint64_t{high} << 32 | low; }
    };

    enum Side : uint32_t { front, back };  // the lowest bit of a hash of a half

    // What the values of a group are known to share: characters at the front and at the back. Between is the window.
    struct Shared {
        size_t front, back;
    };

    // By side, how often two agree in so many characters.
    struct Agreement {
        double of[2][Packed::most + 1] = {{1}, {1}};
        double *operator[](Side side) { return of[side]; }
        const double *operator[](Side side) const { return of[side]; }
    };

    struct Waiting {
        std::vector<Number> numbers;
        Shared shared;
    };

    static constexpr size_t classes = 16;       // the next bits: see near.hpp
    static constexpr size_t crowd = 4096;       // more are halved as long as
    static constexpr size_t narrow = 4;         // the window is wider

    // A class holds two lengths, of which the shorter is odd (even_ = 0) or even (1), and looks at one character less than
    // that has. Partners join the class below, because they are one longer than its longer ones.
    size_t class_of(size_t length) const { return (length - 1 + even_) / 2; }
    bool is_partner(size_t length) const { return length > 1 && (length + even_) % 2 && lengths_[length - 1]; }
    size_t looked_at(size_t k) const { return 2 * k < even_ ? 0 : 2 * k - even_; }
    size_t front_of(size_t k) const { return looked_at(k) * cut_ / 8; }
    size_t back_of(size_t k) const { return looked_at(k) - front_of(k); }

    uint64_t partners() const {
        uint64_t many = 0;
        for (size_t n = 1; n <= Packed::most; ++n) many += is_partner(n) ? lengths_[n] : 0;
        return many;
    }

    // With the fewest partners; among equals so that most is looked at.
    void choose_classes() {
        uint64_t joining[2] = {}, looked[2] = {};
        for (even_ = 0; even_ < 2; ++even_) {
            joining[even_] = partners();
            for (size_t n = 1; n <= Packed::most; ++n) looked[even_] += lengths_[n] * looked_at(class_of(n));
        }
        even_ = joining[1] < joining[0] || (joining[1] == joining[0] && looked[1] > looked[0]);
    }

    template <class Take>
    void each(Take take) const {
        for (uint32_t v = 0; v < values_.size(); ++v) {
            const uint64_t word = packed_[v];
            if (word) take(Number{static_cast<uint32_t>(word >> 32), static_cast<uint32_t>(word), v});
        }
    }

    uint64_t half(const Number &number, Side side, size_t k) const {
        const size_t length = Packed::length(number.digits());
        const uint64_t shared = side == front ? Packed::stretch(number.digits(), 0, front_of(k))
                                              : Packed::stretch(number.digits(), length - back_of(k), back_of(k));
        // Two namespaces, two halves and two classes have nothing to do with one another.
        const uint64_t seed = several_spaces_ ? detail::mix(static_cast<uint64_t>(values_.space(number.value)) + 1) : 0;
        return (detail::mix(shared ^ seed) & ~uint64_t{2 * classes - 1}) | k << 1 | side;
    }

    template <class Put>
    void put_halves(const Number &number, Put put) const {
        const size_t length = Packed::length(number.digits()), k = class_of(length);
        for (const Side side : {front, back}) put(half(number, side, k), number);
        if (!is_partner(length)) return;
        for (const Side side : {front, back}) put(half(number, side, k - 1), number);
    }

    // Numbers of one issuer begin alike, so the middle may be no good place for the cut. How many meet where is told by
    // how often two of a sample agree in each place.
    void choose_cut() {
        constexpr uint64_t sample = 8192;
        cut_ = 4;
        if (members_ < sample) return;
        size_t counts[2][Packed::most][16] = {};  // from the front, from the back
        uint64_t at = 0, longest = 0;
        each([&](const Number &number) {
            if (at++ % (members_ / sample)) return;
            const size_t length = Packed::length(number.digits());
            longest = std::max(longest, uint64_t{length});
            for (size_t i = 0; i < length; ++i) {
                ++counts[front][i][Packed::at(number.digits(), i)];
                ++counts[back][i][Packed::at(number.digits(), length - 1 - i)];
            }
        });
        Agreement agreement;
        for (const Side side : {front, back}) {
            for (size_t i = 0; i < longest; ++i) {
                double agree = 0, all = 0;
                for (const size_t count : counts[side][i]) {
                    agree += static_cast<double>(count) * static_cast<double>(count);
                    all += static_cast<double>(count);
                }
                agreement[side][i + 1] = agreement[side][i] * agree / (all * all);
            }
        }
        double least = std::numeric_limits<double>::infinity();
        size_t best = cut_;
        for (const size_t cut : {4, 3, 5, 2, 6}) {
            cut_ = cut;
            const size_t k = class_of(longest);
            const double found = cost(agreement, longest, {front_of(k), 0}) + cost(agreement, longest, {0, back_of(k)});
            if (found < least) least = found, best = cut;
        }
        cut_ = best;
    }

    // About what a value costs that shares so much with others: it is compared with each, or all are looked up, or the
    // window is halved.
    double cost(const Agreement &agreement, size_t length, Shared shared) const {
        const double look_up = static_cast<double>(options_.small_group);
        const double met = static_cast<double>(members_) * agreement[front][shared.front] * agreement[back][shared.back];
        const size_t window = length - shared.front - shared.back;
        if (met <= crowd || window <= narrow) return std::min(met, look_up);
        const size_t at_back = (window - 1) / 2, at_front = window - 1 - at_back;
        return 2 * look_up + cost(agreement, length, {shared.front + at_front, shared.back}) +
               cost(agreement, length, {shared.front, shared.back + at_back});
    }

    void take(const Number *group, size_t count, Shared shared) {
        if (options_.corrections && !mixed(group, count)) return;
        if (count <= options_.small_group) return compare(group, count);
        if (count <= crowd) return look_up(group, count, shared);
        const size_t shortest = static_cast<size_t>(__builtin_ctz(lengths_in(group, count)));
        if (shortest - shared.front - shared.back <= narrow) return look_up(group, count, shared);
        waiting_.push_back({std::vector<Number>(group, group + count), shared});
    }

    void work_off() {
        while (!waiting_.empty()) {
            const Waiting next = std::move(waiting_.back());
            waiting_.pop_back();
            meet_by_halves_of(next);
        }
    }

    // Halves the window: of the shortest all characters but one are looked at.
    void meet_by_halves_of(const Waiting &group) {
        const Shared shared = group.shared;
        const size_t shortest = static_cast<size_t>(__builtin_ctz(lengths_in(group.numbers.data(), group.numbers.size())));
        const size_t looked_at = shortest - shared.front - shared.back - 1;
        const size_t at_back = looked_at / 2, at_front = looked_at - at_back;
        within_.run(
            2 * group.numbers.size(),
            [&](auto put) {
                for (const Number &number : group.numbers) {
                    const uint64_t digits = number.digits();
                    const size_t end = Packed::length(digits) - shared.back;
                    put(detail::mix(Packed::stretch(digits, shared.front, at_front)) & ~uint64_t{1}, number);
                    put(detail::mix(Packed::stretch(digits, end - at_back, at_back)) | back, number);
                }
            },
            [](const Number &) {},
            [&](uint32_t hash, const Number *met, size_t count) {
                take(met, count, hash & back ? Shared{shared.front, shared.back + at_back}
                                               : Shared{shared.front + at_front, shared.back});
            });
    }

    bool incomplete(const Number &number) const { return static_cast<Status>(status_[number.value]) == Status::incomplete; }

    bool mixed(const Number *group, size_t count) const {
        size_t many = 0;
        for (size_t i = 0; i < count; ++i) many += incomplete(group[i]);
        return many && many < count;
    }

    void compare(const Number *group, size_t count) {
        result_.compared += count * (count - 1) / 2;
        const bool one_length = __builtin_popcount(lengths_in(group, count)) == 1;
        for (size_t i = 0; i < count; ++i) {
            const uint64_t digits = group[i].digits();
            for (size_t j = i + 1; j < count; ++j) {
                const uint64_t other = group[j].digits();
                if ((!one_length || Packed::close(digits, other)) && Packed::near(digits, other)) found(group[i], group[j]);
            }
        }
    }

    // By bits.
    static uint32_t lengths_in(const Number *group, size_t count) {
        uint32_t lengths = 0;
        for (size_t i = 0; i < count; ++i) lengths |= 1u << Packed::length(group[i].digits());
        return lengths;
    }

    // What is one edit away within the window; of two lengths from the shorter. A row of bits says which characters stand at
    // one place of what is otherwise one string, so that one look asks for all of them; rows are hashed, so what they say
    // is looked up. They fit the cache.
    void look_up(const Number *group, size_t count, Shared shared) {
        const uint32_t lengths = lengths_in(group, count);
        const size_t widest = 31 - static_cast<size_t>(__builtin_clz(lengths)) - shared.front - shared.back;
        int bits = 4, row_bits = 6;
        while (count * 8 >> bits) ++bits;
        while (count * 2 * widest >> row_bits) ++row_bits;
        slots_.assign(size_t{1} << bits, 0);
        rows_.assign(size_t{1} << row_bits, 0);
        constexpr uint64_t factor = 0x9e3779b97f4a7c15ULL;
        const auto place = [bits](uint64_t digits) { return digits * factor >> (64 - bits); };
        const auto row = [row_bits](uint64_t digits, size_t shift) {
            return ((digits & ~(uint64_t{15} << shift)) + shift) * factor >> (64 - row_bits);
        };
        const size_t mask = slots_.size() - 1;
        for (size_t i = 0; i < count; ++i) {
            const uint64_t digits = group[i].digits();
            const size_t end = Packed::length(digits) - shared.back;
            for (size_t c = shared.front; c < end; ++c) {
                rows_[row(digits, 60 - 4 * c)] |= static_cast<uint16_t>(1u << Packed::at(digits, c));
            }
            size_t slot = place(digits);
            while (slots_[slot]) slot = (slot + 1) & mask;
            slots_[slot] = static_cast<uint32_t>(i + 1);
        }
        for (size_t i = 0; i < count; ++i) {
            const uint64_t digits = group[i].digits();
            const auto seek = [&](uint64_t wanted) {
                for (size_t slot = place(wanted); slots_[slot]; slot = (slot + 1) & mask) {
                    const Number &other = group[slots_[slot] - 1];
                    if (other.digits() != wanted) continue;
                    ++result_.compared;
                    found(group[i], other);
                }
            };
            const size_t length = Packed::length(digits), end = length - shared.back;
            for (size_t c = shared.front; c < end; ++c) {
                const uint64_t own = Packed::at(digits, c), shift = 60 - 4 * c;
                for (uint32_t others = rows_[row(digits, shift)] >> own >> 1; others; others &= others - 1) {
                    const uint64_t other = own + 1 + static_cast<uint64_t>(__builtin_ctz(others));
                    seek(digits ^ (own ^ other) << shift);
                }
                if (c + 1 < end && own < Packed::at(digits, c + 1)) seek(Packed::swapped(digits, c));
            }
            if (!(lengths >> (length + 1) & 1)) continue;
            for (size_t c = shared.front; c <= end; ++c) {
                const uint64_t wider = Packed::opened(digits, c), shift = 60 - 4 * c;
                for (uint32_t typed = rows_[row(wider, shift)]; typed; typed &= typed - 1) {
                    const auto character = static_cast<uint64_t>(__builtin_ctz(typed));
                    // Before or behind its equal, a character makes the same string.
                    if (c == shared.front || character != Packed::at(digits, c - 1)) seek(wider | character << shift);
                }
            }
        }
    }

    void found(const Number &a, const Number &b) {
        if (options_.corrections && incomplete(a) == incomplete(b)) return;
        if (several_spaces_ && values_.space(a.value) != values_.space(b.value)) return;
        found_.emplace_back(std::min(a.value, b.value), std::max(a.value, b.value));
    }

    // Each pair once, in order: brought to its smaller number, which has few.
    void sort_found() {
        std::vector<uint64_t> ends(values_.size() + size_t{1});
        for (const auto &[left, right] : found_) ++ends[left + 1];
        for (size_t v = 1; v < ends.size(); ++v) ends[v] += ends[v - 1];
        std::vector<uint32_t> rights(found_.size());
        for (const auto &[left, right] : found_) rights[ends[left]++] = right;
        found_ = {};
        result_.pairs.reserve(rights.size());
        auto begin = rights.begin();
        for (uint32_t v = 0; v < values_.size(); ++v) {
            const auto end = rights.begin() + static_cast<ptrdiff_t>(ends[v]);
            std::sort(begin, end);
            for (const auto last = std::unique(begin, end); begin != last; ++begin) result_.pairs.push_back({v, *begin, 1});
            begin = end;
        }
    }

    const ValueTable &values_;
    const std::vector<uint8_t> &status_;
    NearOptions options_;
    NearResult result_;
    std::vector<uint64_t> packed_;                // by value; 0 where it takes no part
    bool several_spaces_ = false;
    std::vector<std::pair<uint32_t, uint32_t>> found_;  // the smaller number first
    uint64_t members_ = 0;                        // values that take part
    uint64_t lengths_[Packed::most + 1] = {};     // how many of them have so many characters
    size_t even_ = 0;
    size_t cut_ = 4;                              // in eighths of what is looked at
    Meeting<Number> within_{SIZE_MAX};            // a crowd, while the meeting of all waits
    std::vector<Waiting> waiting_;
    std::vector<uint32_t> slots_;
    std::vector<uint16_t> rows_;
};

}  // namespace enishi
