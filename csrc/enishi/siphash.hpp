// SipHash-2-4 with a 128-bit result (Aumasson and Bernstein, 2012): the key of a canonical value.
//
// A key names a person's value in what is written, so it has to be a keyed pseudorandom function, not a checksum: without
// the secret nobody can test a guessed phone number against it, and nobody can craft two values that meet. Every value
// space (a field, a device namespace) hashes under a key of its own, derived from the run's.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace enishi {

struct Key128 {
    uint64_t low = 0;
    uint64_t high = 0;
    bool operator==(const Key128 &other) const { return low == other.low && high == other.high; }
    bool operator!=(const Key128 &other) const { return !(*this == other); }
    bool operator<(const Key128 &other) const { return high != other.high ? high < other.high : low < other.low; }
};

namespace detail {

inline uint64_t rotate_left(uint64_t x, int by) { return (x << by) | (x >> (64 - by)); }

inline void sip_round(uint64_t &v0, uint64_t &v1, uint64_t &v2, uint64_t &v3) {
    v0 += v1;
    v1 = rotate_left(v1, 13) ^ v0;
    v0 = rotate_left(v0, 32);
    v2 += v3;
    v3 = rotate_left(v3, 16) ^ v2;
    v0 += v3;
    v3 = rotate_left(v3, 21) ^ v0;
    v2 += v1;
    v1 = rotate_left(v1, 17) ^ v2;
    v2 = rotate_left(v2, 32);
}

inline uint64_t load_little_endian(const char *p) {
    uint64_t x;
    std::memcpy(&x, p, 8);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    x = __builtin_bswap64(x);
#endif
    return x;
}

}  // namespace detail

inline Key128 siphash(const Key128 &key, std::string_view bytes) {
    uint64_t v0 = key.low ^ 0x736f6d6570736575ULL;
    uint64_t v1 = key.high ^ 0x646f72616e646f6dULL ^ 0xee;
    uint64_t v2 = key.low ^ 0x6c7967656e657261ULL;
    uint64_t v3 = key.high ^ 0x7465646279746573ULL;
    const char *p = bytes.data();
    const char *end = p + (bytes.size() & ~size_t{7});
    for (; p != end; p += 8) {
        const uint64_t m = detail::load_little_endian(p);
        v3 ^= m;
        detail::sip_round(v0, v1, v2, v3);
        detail::sip_round(v0, v1, v2, v3);
        v0 ^= m;
    }
    uint64_t tail = static_cast<uint64_t>(bytes.size()) << 56;
    for (size_t i = 0; i < (bytes.size() & 7); ++i) {
        tail |= static_cast<uint64_t>(static_cast<unsigned char>(p[i])) << (8 * i);
    }
    v3 ^= tail;
    detail::sip_round(v0, v1, v2, v3);
    detail::sip_round(v0, v1, v2, v3);
    v0 ^= tail;
    v2 ^= 0xee;
    for (int i = 0; i < 4; ++i) detail::sip_round(v0, v1, v2, v3);
    Key128 result;
    result.low = v0 ^ v1 ^ v2 ^ v3;
    v1 ^= 0xdd;
    for (int i = 0; i < 4; ++i) detail::sip_round(v0, v1, v2, v3);
    result.high = v0 ^ v1 ^ v2 ^ v3;
    return result;
}

}  // namespace enishi
