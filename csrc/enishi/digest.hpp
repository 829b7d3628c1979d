// MD5, SHA-1 (RFC 1321, RFC 3174) and SHA-256 (FIPS 180-4) of short values, and the spellings of a digest: hex and
// Base64.
//
// Advertising recipes hash an email or a device id without a key, so a hashed column joins a plaintext one by hashing
// the plaintext too. These protect nothing here; what is written carries keyed hashes (siphash.hpp).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "unicode.hpp"
#include "value.hpp"

namespace enishi {

template <size_t Size>
using Digest = std::array<uint8_t, Size>;

namespace detail {

inline uint32_t rotate_left32(uint32_t x, int by) { return (x << by) | (x >> (32 - by)); }
inline uint32_t rotate_right32(uint32_t x, int by) { return (x >> by) | (x << (32 - by)); }

inline uint32_t load_big32(const uint8_t *p) {
    return static_cast<uint32_t>(p[0]) << 24 | static_cast<uint32_t>(p[1]) << 16 | static_cast<uint32_t>(p[2]) << 8 |
           p[3];
}

inline uint32_t load_little32(const uint8_t *p) {
    return static_cast<uint32_t>(p[3]) << 24 | static_cast<uint32_t>(p[2]) << 16 | static_cast<uint32_t>(p[1]) << 8 |
           p[0];
}

struct Md5 {
    static constexpr bool big_endian = false;
    uint32_t state[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};

    void block(const uint8_t *p) {
        static constexpr uint32_t sines[64] = {
            0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
            0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
            0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
            0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
            0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
            0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
            0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
            0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};
        static constexpr int shifts[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
        uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
        for (int i = 0; i < 64; ++i) {
            uint32_t f;
            int word;
            if (i < 16) {
                f = (b & c) | (~b & d);
                word = i;
            } else if (i < 32) {
                f = (d & b) | (~d & c);
                word = (5 * i + 1) & 15;
            } else if (i < 48) {
                f = b ^ c ^ d;
                word = (3 * i + 5) & 15;
            } else {
                f = c ^ (b | ~d);
                word = (7 * i) & 15;
            }
            f += a + sines[i] + load_little32(p + 4 * word);
            a = d;
            d = c;
            c = b;
            b += rotate_left32(f, shifts[i / 16][i & 3]);
        }
        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
    }
};

struct Sha1 {
    static constexpr bool big_endian = true;
    uint32_t state[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};

    void block(const uint8_t *p) {
        uint32_t w[80];
        for (int i = 0; i < 16; ++i) w[i] = load_big32(p + 4 * i);
        for (int i = 16; i < 80; ++i) w[i] = rotate_left32(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
        uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
        for (int i = 0; i < 80; ++i) {
            uint32_t f;
            if (i < 20) {
                f = ((b & c) | (~b & d)) + 0x5a827999;
            } else if (i < 40) {
                f = (b ^ c ^ d) + 0x6ed9eba1;
            } else if (i < 60) {
                f = ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
            } else {
                f = (b ^ c ^ d) + 0xca62c1d6;
            }
            const uint32_t next = rotate_left32(a, 5) + f + e + w[i];
            e = d;
            d = c;
            c = rotate_left32(b, 30);
            b = a;
            a = next;
        }
        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
        state[4] += e;
    }
};

struct Sha256 {
    static constexpr bool big_endian = true;
    uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

    void block(const uint8_t *p) {
        static constexpr uint32_t k[64] = {
            0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
            0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
            0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
            0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
            0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
            0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
            0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
            0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};
        uint32_t w[64];
        for (int i = 0; i < 16; ++i) w[i] = load_big32(p + 4 * i);
        for (int i = 16; i < 64; ++i) {
            const uint32_t x = w[i - 15], y = w[i - 2];
            w[i] = w[i - 16] + (rotate_right32(x, 7) ^ rotate_right32(x, 18) ^ x >> 3) + w[i - 7] +
                   (rotate_right32(y, 17) ^ rotate_right32(y, 19) ^ y >> 10);
        }
        uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
        uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
        for (int i = 0; i < 64; ++i) {
            const uint32_t s1 = rotate_right32(e, 6) ^ rotate_right32(e, 11) ^ rotate_right32(e, 25);
            const uint32_t t1 = h + s1 + ((e & f) ^ (~e & g)) + k[i] + w[i];
            const uint32_t s0 = rotate_right32(a, 2) ^ rotate_right32(a, 13) ^ rotate_right32(a, 22);
            const uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
            h = g;
            g = f;
            f = e;
            e = d + t1;
            d = c;
            c = b;
            b = a;
            a = t1 + t2;
        }
        const uint32_t sums[8] = {a, b, c, d, e, f, g, h};
        for (int i = 0; i < 8; ++i) state[i] += sums[i];
    }
};

// Blocks of 64 bytes, then 0x80, zeros and the length in bits: the padding that all three share.
template <class Function>
Digest<sizeof(Function)> digest(std::string_view bytes) {
    Function function;
    const auto *p = reinterpret_cast<const uint8_t *>(bytes.data());
    size_t left = bytes.size();
    for (; left >= 64; p += 64, left -= 64) function.block(p);
    uint8_t last[128] = {};
    if (left) std::memcpy(last, p, left);
    last[left] = 0x80;
    const size_t padded = left < 56 ? 64 : 128;
    const uint64_t bits = static_cast<uint64_t>(bytes.size()) * 8;
    for (int i = 0; i < 8; ++i) {
        last[padded - 8 + i] = static_cast<uint8_t>(bits >> (Function::big_endian ? 56 - 8 * i : 8 * i));
    }
    for (size_t i = 0; i < padded; i += 64) function.block(last + i);
    Digest<sizeof(Function)> result;
    for (size_t i = 0; i < result.size(); ++i) {
        const int shift = static_cast<int>(i % 4 * 8);
        result[i] = static_cast<uint8_t>(function.state[i / 4] >> (Function::big_endian ? 24 - shift : shift));
    }
    return result;
}

// The value of a digit by its character; negative where it is none. Branches on random digits would cost most.
struct Digits {
    int8_t hex[256] = {};
    int8_t base64[256] = {};

    constexpr Digits() {
        for (int c = 0; c < 256; ++c) hex[c] = base64[c] = -1;
        for (int i = 0; i < 6; ++i) hex['a' + i] = hex['A' + i] = static_cast<int8_t>(10 + i);
        for (int i = 0; i < 10; ++i) {
            hex['0' + i] = static_cast<int8_t>(i);
            base64['0' + i] = static_cast<int8_t>(52 + i);
        }
        for (int i = 0; i < 26; ++i) {
            base64['A' + i] = static_cast<int8_t>(i);
            base64['a' + i] = static_cast<int8_t>(26 + i);
        }
        base64['+'] = base64['-'] = 62;
        base64['/'] = base64['_'] = 63;
    }
};
inline constexpr Digits digits;

}  // namespace detail

inline Digest<16> md5(std::string_view bytes) { return detail::digest<detail::Md5>(bytes); }
inline Digest<20> sha1(std::string_view bytes) { return detail::digest<detail::Sha1>(bytes); }
inline Digest<32> sha256(std::string_view bytes) { return detail::digest<detail::Sha256>(bytes); }

// Appends the digest in lower-case hex.
template <size_t Size>
void append_hex(const Digest<Size> &digest, Text &out) {
    char *to = out.reserve(2 * Size);
    for (const uint8_t byte : digest) {
        *to++ = "0123456789abcdef"[byte >> 4];
        *to++ = "0123456789abcdef"[byte & 15];
    }
    out.advance(2 * Size);
}

// Copies hex of either case, of eight digits or more, in lower case; false where a character is no hex digit.
inline bool copy_hex(std::string_view text, char *to) {
    using namespace detail;
    uint64_t valid = all_eight;
    by_eight(text.size(), [&](size_t at) {
        const uint64_t x = load8(text.data() + at), seven = x & ~all_eight, lowered = seven | each_byte * 0x20;
        valid &= ~x & (within(seven, '0', '9') | within(lowered, 'a', 'f'));
        std::memcpy(to + at, &lowered, 8);  // digits have the bit of lower case already
    });
    return valid == all_eight;
}

// Reads hex of either case that spells a digest of exactly this size.
template <size_t Size>
bool read_hex(std::string_view text, Digest<Size> &digest) {
    if (text.size() != 2 * Size) return false;
    int invalid = 0;
    for (size_t i = 0; i < Size; ++i) {
        const int high = detail::digits.hex[static_cast<uint8_t>(text[2 * i])];
        const int low = detail::digits.hex[static_cast<uint8_t>(text[2 * i + 1])];
        invalid |= high | low;
        digest[i] = static_cast<uint8_t>(high * 16 + low);
    }
    return invalid >= 0;
}

// Reads Base64 or base64url, padded or not, that spells a digest of exactly this size. Bits left over must be zero, so
// that a digest has one spelling in each alphabet.
template <size_t Size>
bool read_base64(std::string_view text, Digest<Size> &digest) {
    constexpr size_t length = (Size * 8 + 5) / 6, padding = (3 - Size % 3) % 3;
    if (text.size() == length + padding) {
        for (size_t i = length; i < text.size(); ++i) {
            if (text[i] != '=') return false;
        }
    } else if (text.size() != length) {
        return false;
    }
    uint32_t bits = 0, count = 0;
    size_t filled = 0;
    for (size_t i = 0; i < length; ++i) {
        const int digit = detail::digits.base64[static_cast<uint8_t>(text[i])];
        if (digit < 0) return false;
        bits = bits << 6 | static_cast<uint32_t>(digit);
        count += 6;
        if (count >= 8 && filled < Size) {
            count -= 8;
            digest[filled++] = static_cast<uint8_t>(bits >> count);
        }
    }
    return (bits & ((1u << count) - 1)) == 0;
}

}  // namespace enishi
