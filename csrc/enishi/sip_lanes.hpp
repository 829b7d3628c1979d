// SipHash of eight short texts side by side (siphash.hpp has it one by one).
//
// A round is a chain of fourteen operations, each of which waits for the one before; a processor does eight such chains
// in the time of one or two, if they stand in vectors. Texts are put by until there are eight. Those of more than 63
// bytes are hashed at once, one by one.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "siphash.hpp"

namespace enishi {

class SipLanes {
  public:
    // What the vectors are made of; the hashes are the same.
    enum class Vectors { plain, avx2, avx512 };
    static Vectors widest() {
#if defined(__x86_64__)
        static const Vectors widest = __builtin_cpu_supports("avx512f") ? Vectors::avx512
                                      : __builtin_cpu_supports("avx2")  ? Vectors::avx2
                                                                        : Vectors::plain;
        return widest;
#else
        return Vectors::plain;
#endif
    }

    explicit SipLanes(Vectors vectors = widest()) : vectors_(vectors) {}

    // Puts a text by; *to is its hash after `flush` at the latest.
    void add(const Key128 &key, std::string_view bytes, Key128 *to) {
        if (bytes.size() >= 8 * most_words) {
            *to = siphash(key, bytes);
            return;
        }
        const size_t lane = used_++;
        const size_t whole = bytes.size() / 8, left = bytes.size() & 7;
        uint64_t tail = 0;
        if (bytes.size() >= 8) {
            // The first four without asking how many there are: lengths are what a processor cannot foresee. What is too
            // much is passed over.
            const size_t last = bytes.size() - 8;
            for (size_t i = 0; i < 4; ++i) words_[i][lane] = detail::load_little_endian(bytes.data() + std::min(8 * i, last));
            for (size_t i = 4; i < whole; ++i) words_[i][lane] = detail::load_little_endian(bytes.data() + 8 * i);
            tail = detail::load_little_endian(bytes.data() + last) >> (8 * (7 - left)) >> 8;
        } else {
            for (size_t i = 0; i < left; ++i) tail |= uint64_t{static_cast<uint8_t>(bytes[i])} << (8 * i);
        }
        words_[whole][lane] = tail | static_cast<uint64_t>(bytes.size()) << 56;
        counts_[lane] = whole + 1;
        most_ = std::max(most_, whole + 1);
        low_[lane] = key.low;
        high_[lane] = key.high;
        to_[lane] = to;
        if (used_ == lanes) flush();
    }

    void flush() {
        if (!used_) return;
        switch (vectors_) {
#if defined(__x86_64__)
            case Vectors::avx512: hash_avx512(*this); break;
            case Vectors::avx2: hash_avx2(*this); break;
#endif
            default: hash(*this);
        }
        for (size_t lane = 0; lane < used_; ++lane) *to_[lane] = {low_[lane], high_[lane]};
        used_ = most_ = 0;
    }

  private:
    static constexpr size_t lanes = 8, most_words = 8;

    // Vectors are asked for by name: left to itself, a compiler keeps such arrays in memory.
    typedef uint64_t Words __attribute__((vector_size(8 * lanes)));

    [[gnu::always_inline]] static inline void rotate_left(Words &x, int by) { x = x << by | x >> (64 - by); }

    [[gnu::always_inline]] static inline void round(Words &v0, Words &v1, Words &v2, Words &v3) {
        v0 += v1;
        rotate_left(v1, 13);
        v1 ^= v0;
        rotate_left(v0, 32);
        v2 += v3;
        rotate_left(v3, 16);
        v3 ^= v2;
        v0 += v3;
        rotate_left(v3, 21);
        v3 ^= v0;
        v2 += v1;
        rotate_left(v1, 17);
        v1 ^= v2;
        rotate_left(v2, 32);
    }

    // From keys in low_ and high_ to hashes there. A lane whose text has ended stays as it is.
    [[gnu::always_inline]] static inline void hash(SipLanes &self) {
        Words v0 = self.low_ ^ 0x736f6d6570736575ULL;
        Words v1 = self.high_ ^ (0x646f72616e646f6dULL ^ 0xee);
        Words v2 = self.low_ ^ 0x6c7967656e657261ULL;
        Words v3 = self.high_ ^ 0x7465646279746573ULL;
        for (size_t word = 0; word < self.most_; ++word) {
            const Words there = reinterpret_cast<Words>(self.counts_ > word);  // all bits, or none
            const Words m = self.words_[word];
            Words n0 = v0, n1 = v1, n2 = v2, n3 = v3 ^ m;
            round(n0, n1, n2, n3);
            round(n0, n1, n2, n3);
            v0 ^= (v0 ^ n0 ^ m) & there;
            v1 ^= (v1 ^ n1) & there;
            v2 ^= (v2 ^ n2) & there;
            v3 ^= (v3 ^ n3) & there;
        }
        v2 ^= 0xee;
        for (int i = 0; i < 4; ++i) round(v0, v1, v2, v3);
        self.low_ = v0 ^ v1 ^ v2 ^ v3;
        v1 ^= 0xdd;
        for (int i = 0; i < 4; ++i) round(v0, v1, v2, v3);
        self.high_ = v0 ^ v1 ^ v2 ^ v3;
    }

#if defined(__x86_64__)
    [[gnu::target("avx2")]] static void hash_avx2(SipLanes &self) { hash(self); }
    [[gnu::target("avx512f")]] static void hash_avx512(SipLanes &self) { hash(self); }
#endif

    Words words_[most_words] = {};
    Words counts_ = {};
    Words low_ = {}, high_ = {};
    Key128 *to_[lanes];
    size_t used_ = 0, most_ = 0;
    Vectors vectors_;
};

}  // namespace enishi
