// Sixteen bytes of text at once: what the usual spelling of a value is known, checked and folded by.
//
// A kernel asks of every byte what it is and gets the answers as one bit a byte, so that a value of up to 64 bytes
// is a few 64-bit words: where the @ is, whether two dots meet, whether all is digits are then single instructions
// instead of a loop with a branch a byte. Branches that depend on the value are what a kernel's time goes into.
//
// Nothing is read outside the value. 16 bytes or more are covered by blocks of which the last overlaps the one before
// it; fewer are put together from two overlapping reads, with zeros behind them.
//
// SSE2 is part of every x86-64, so nothing is asked of the machine; elsewhere two 64-bit words do the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "siphash.hpp"

namespace enishi {

// Two words, the first byte of the text lowest. A test answers with the high bit of each byte.
class PortableBytes16 {
  public:
    PortableBytes16(uint64_t low, uint64_t high) : low_(low), high_(high) {}

    static PortableBytes16 load(const char *p) {
        return {detail::load_little_endian(p), detail::load_little_endian(p + 8)};
    }
    void store(char *p) const {
        const uint64_t words[] = {low_, high_};
        for (size_t i = 0; i < 16; ++i) p[i] = static_cast<char>(words[i / 8] >> (8 * (i % 8)));
    }

    PortableBytes16 operator|(PortableBytes16 other) const { return {low_ | other.low_, high_ | other.high_}; }
    PortableBytes16 operator&(PortableBytes16 other) const { return {low_ & other.low_, high_ & other.high_}; }

    // Which bytes are between two ASCII characters, or one of them.
    PortableBytes16 within(char first, char last) const {
        return {within(low_, first, last), within(high_, first, last)};
    }
    PortableBytes16 equal(char c) const { return within(c, c); }
    // With A to Z in lower case.
    PortableBytes16 lowered() const {
        const PortableBytes16 upper = within('A', 'Z');
        return {low_ | upper.low_ >> 2, high_ | upper.high_ >> 2};
    }
    // The bytes' high bits, the first byte's lowest.
    uint64_t mask() const { return gather(low_) | gather(high_) << 8; }

  private:
    static constexpr uint64_t each = 0x0101010101010101ULL, highs = each * 0x80;

    static uint64_t within(uint64_t bytes, char first, char last) {
        const uint64_t seven = bytes & ~highs;
        return (seven + each * static_cast<uint64_t>(0x80 - first)) &
               ~(seven + each * static_cast<uint64_t>(0x7F - last)) & ~bytes & highs;
    }
    static uint64_t gather(uint64_t bytes) { return ((bytes & highs) >> 7) * 0x0102040810204080ULL >> 56; }

    uint64_t low_, high_;
};

#if defined(__SSE2__)

// The same in a register. A test answers with all bits of each byte.
class Bytes16 {
  public:
    Bytes16(uint64_t low, uint64_t high)
        : bytes_(_mm_set_epi64x(static_cast<long long>(high), static_cast<long long>(low))) {}

    static Bytes16 load(const char *p) { return _mm_loadu_si128(reinterpret_cast<const __m128i *>(p)); }
    void store(char *p) const { _mm_storeu_si128(reinterpret_cast<__m128i *>(p), bytes_); }

    Bytes16 operator|(Bytes16 other) const { return _mm_or_si128(bytes_, other.bytes_); }
    Bytes16 operator&(Bytes16 other) const { return _mm_and_si128(bytes_, other.bytes_); }

    // Moved so that the last is the largest of signed bytes, those that are asked for are above one limit.
    Bytes16 within(char first, char last) const {
        const __m128i moved = _mm_add_epi8(bytes_, _mm_set1_epi8(static_cast<char>(127 - last)));
        return _mm_cmpgt_epi8(moved, _mm_set1_epi8(static_cast<char>(126 - (last - first))));
    }
    Bytes16 equal(char c) const { return _mm_cmpeq_epi8(bytes_, _mm_set1_epi8(c)); }
    Bytes16 lowered() const {
        return _mm_or_si128(bytes_, _mm_and_si128(within('A', 'Z').bytes_, _mm_set1_epi8(0x20)));
    }
    uint64_t mask() const { return static_cast<uint32_t>(_mm_movemask_epi8(bytes_)); }

  private:
    Bytes16(__m128i bytes) : bytes_(bytes) {}

    __m128i bytes_;
};

#else

using Bytes16 = PortableBytes16;

#endif

// A text of one to fifteen bytes, and zeros. Not inline: what it needs would be got ready for longer texts too.
template <class Bytes = Bytes16>
__attribute__((noinline)) Bytes load_short(std::string_view text) {
    const char *p = text.data();
    const size_t size = text.size();
    if (size >= 8) {
        // In two shifts: the whole width at once is undefined.
        const uint64_t rest = detail::load_little_endian(p + size - 8) >> (8 * (15 - size)) >> 8;
        return {detail::load_little_endian(p), rest};
    }
    if (size >= 4) {
        const auto load4 = [](const char *from) {
            const auto *byte = reinterpret_cast<const uint8_t *>(from);
            return static_cast<uint64_t>(byte[0] | byte[1] << 8 | byte[2] << 16) | static_cast<uint64_t>(byte[3]) << 24;
        };
        return {load4(p) | load4(p + size - 4) << (8 * (size - 4)), 0};
    }
    const auto byte = [&](size_t at) { return static_cast<uint64_t>(static_cast<uint8_t>(p[at])) << (8 * at); };
    return {byte(0) | byte(size / 2) | byte(size - 1), 0};
}

inline constexpr size_t longest_by_sixteen = 64;

// Calls step(block, offset) for blocks that cover a text of 1 to 64 bytes, some of them perhaps twice. What is stored
// at the offset of its block comes out as the text, and zeros behind one of fewer than sixteen.
template <class Step>
inline void by_sixteen(std::string_view text, Step step) {
    const bool is_short = text.size() < 16;
    const size_t last = is_short ? 0 : text.size() - 16;
    Bytes16 block = is_short ? load_short(text) : Bytes16::load(text.data());
    for (size_t offset = 0;;) {
        step(block, offset);
        if (offset == last) return;
        offset = offset + 16 < last ? offset + 16 : last;
        block = Bytes16::load(text.data() + offset);
    }
}

// The bits of the first n bytes, n from 1 to 64.
inline uint64_t first_bits(size_t n) { return ~uint64_t{0} >> (64 - n); }

// Whether test(block, offset) holds for every byte of a text of 1 to 64.
template <class Test>
inline bool every_byte(std::string_view text, Test test) {
    uint64_t bits = 0;
    by_sixteen(text, [&](Bytes16 block, size_t offset) { bits |= test(block, offset).mask() << offset; });
    return !(~bits & first_bits(text.size()));
}

// Whether a text of up to 64 bytes is visible ASCII, and something: no normalization and no trimming changes it.
inline bool is_visible(std::string_view text) {
    if (text.empty() || text.size() > longest_by_sixteen) return false;
    return every_byte(text, [](Bytes16 block, size_t) { return block.within('!', '~'); });
}

// The same, and copies it to where there is room for 64 bytes.
inline bool copy_visible(std::string_view text, char *to) {
    if (text.empty() || text.size() > longest_by_sixteen) return false;
    return every_byte(text, [to](Bytes16 block, size_t offset) {
        block.store(to + offset);
        return block.within('!', '~');
    });
}

}  // namespace enishi
