// Device ids: advertising ids and vendor ids (UUIDs), and the opaque ids of cookies.
//
// A UUID in any spelling becomes 8-4-4-4-12 in lower case. 32 hexadecimal digits are a UUID without hyphens
// (so is the MD5 of an id: whoever joins hashed spellings gives the hash hyphens too); 40 and 64 are a SHA-1
// and a SHA-256, kept in lower case. 16 to 31 hexadecimal digits are what a log left of a UUID: incomplete,
// spelled as the beginning of the canonical form.
//
// idfa, gaid and idfv are UUIDs and nothing else (uuid_only). In a cookie column, or one whose namespace
// nobody declared, anything else is an opaque id and stays as it is: _ga values, random Base64. There 16 to
// 31 *decimal* digits are an opaque id too: one UUID in two thousand begins with 16 decimal digits, and
// counters and time stamps are common.
//
// UUIDs, whole or cut, with hyphens or without, in braces or not, are checked and folded sixteen bytes at a time, as
// they stand in the file: whether one is in its usual spelling is no branch. Opaque ids of up to 64 visible characters
// are known at a glance too. What is neither is tidied first and then asked the same.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "bytes16.hpp"
#include "spelling.hpp"

namespace enishi {

namespace device {

inline constexpr uint64_t each = 0x0101010101010101ULL;

// Whether all eight bytes are hexadecimal digits. A sum carries out of no byte once no byte has its high bit.
inline bool all_hex(uint64_t x) {
    const uint64_t folded = x | each * 0x20;
    const uint64_t digit = (x + each * (0x80 - '0')) & ~(x + each * (0x80 - '9' - 1));
    const uint64_t letter = (folded + each * (0x80 - 'a')) & ~(folded + each * (0x80 - 'f' - 1));
    // A control character folds to a digit, never to a letter, so digits are tested unfolded.
    return !(x & each * 0x80) && ((digit | letter) & each * 0x80) == each * 0x80;
}

inline uint64_t load(const char *p) {
    uint64_t x;
    std::memcpy(&x, p, 8);
    return x;
}

inline void store(char *p, uint64_t x) { std::memcpy(p, &x, 8); }

inline bool is_hex(char c) { return is_digit(c) || static_cast<uint8_t>((c | 0x20) - 'a') < 6; }

// What of 16 to 36 bytes is hexadecimal, one bit a byte, and the bytes in lower case.
struct HexDigits {
    uint64_t decimal = 0, letters = 0, hyphens = 0;
    uint64_t all;

    // Room for 36 bytes is needed.
    HexDigits(std::string_view text, char *to) : all(first_bits(text.size())) {
        // Three blocks, which may be the same: no branch asks for the size.
        const size_t last = text.size() - 16;
        for (const size_t offset : {size_t{0}, std::min<size_t>(last, 16), last}) {
            const Bytes16 block = Bytes16::load(text.data() + offset).lowered();
            block.store(to + offset);
            decimal |= block.within('0', '9').mask() << offset;
            letters |= block.within('a', 'f').mask() << offset;
            hyphens |= block.equal('-').mask() << offset;
        }
    }
};

// Where the hyphens of a UUID stand.
inline constexpr uint64_t uuid_hyphens = uint64_t{1} << 8 | uint64_t{1} << 13 | uint64_t{1} << 18 | uint64_t{1} << 23;

// Writes 32 digits as a UUID.
inline void hyphenate(const char *digits, char *to) {
    std::memcpy(to, digits, 8);
    std::memcpy(to + 9, digits + 8, 4);
    std::memcpy(to + 14, digits + 12, 4);
    std::memcpy(to + 19, digits + 16, 4);
    std::memcpy(to + 24, digits + 20, 8);
    std::memcpy(to + 32, digits + 28, 4);
    to[8] = to[13] = to[18] = to[23] = '-';
}

// Writes a SHA in lower case; false where a byte of it is no hexadecimal digit. The size is a multiple of eight.
inline bool fold_sha(std::string_view value, char *to) {
    bool hex = true;
    for (size_t i = 0; i < value.size(); i += 8) {
        hex &= all_hex(load(value.data() + i));
        store(to + i, load(value.data() + i) | each * 0x20);
    }
    return hex;
}

// Ids that stand for no device, besides those of one repeated digit: hashes of nothing and of the all-zero id
// (by MD5, SHA-1 and SHA-256, with and without its hyphens), the ids of documentation, the id that an Android
// release gave to every phone.
inline bool is_listed_junk(std::string_view canonical) {
    static constexpr std::string_view uuids[] = {
        "d41d8cd9-8f00-b204-e980-0998ecf8427e", "9f89c84a-559f-5736-36a4-7ff8daed0d33",
        "cd9e459e-a708-a948-d5c2-f5a6ca8838cf", "12345678-1234-1234-1234-123456789012",
        "12345678-1234-1234-1234-123456789abc", "12345678-1234-5678-1234-567812345678",
        "01234567-89ab-cdef-0123-456789abcdef",
    };
    static constexpr std::string_view others[] = {
        "da39a3ee5e6b4b0d3255bfef95601890afd80709", "b602d594afd2b0b327e07a06f36ca6a7e42546d0",
        "91d3d1f86024e49f0e35314258b357a8944068a1",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "12b9377cbe7e5c94e8a70d9d23929523d14afa954793130f8a3959c7b849aca8",
        "84e0c0eafaa95a34c293f278ac52e45ce537bab5e752a00e6959a13ae103b65a",
        "9774d56d-682e-549c",
    };
    if (canonical.size() == 36) {
        const uint64_t head = load(canonical.data());
        for (const auto uuid : uuids) {
            if (head == load(uuid.data()) && canonical == uuid) return true;
        }
        return false;
    }
    for (const auto other : others) {
        if (canonical == other) return true;
    }
    return false;
}

// Whether all hexadecimal digits of a canonical id are one and the same.
inline bool is_one_digit(std::string_view canonical) {
    const char first = canonical.front();
    for (const char c : canonical) {
        if (c != first && c != '-') return false;
    }
    return true;
}

inline Status judged(std::string_view canonical, Status status) {
    return is_one_digit(canonical) || is_listed_junk(canonical) ? Status::junk : status;
}

}  // namespace device

struct DeviceId {
    bool uuid_only = false;
    mutable Text scratch{};

    static constexpr size_t shortest_opaque = 8;
    static constexpr size_t longest = 256;

    Status operator()(std::string_view raw, Text &out) const {
        const Status status = hexadecimal(unbraced(raw), out);
        if (status != Status::malformed) return status;
        if (!uuid_only && is_usual_opaque(raw) && copy_visible(raw, out.reserve(longest_by_sixteen))) {
            out.advance(raw.size());
            return Status::accepted;
        }
        return tidied(raw, out);
    }

  private:
    Status tidied(std::string_view raw, Text &out) const {
        std::string_view value;
        const Status status = tidy_signs(raw, scratch, value, ascii_of_dash);
        if (status != Status::accepted) return status;
        value = unquoted(value);
        if (value.empty()) return Status::missing;
        const Status hex = hexadecimal(undressed(value), out);
        if (hex != Status::malformed) return hex;
        if (means_nothing(value)) return Status::missing;
        if (is_scientific(value)) return Status::spreadsheet;
        if (value.size() > longest) return Status::too_long;
        return uuid_only ? Status::malformed : opaque(value, out);
    }

    // Without what UUIDs are wrapped in: {...}, (...), urn:uuid:.
    static std::string_view undressed(std::string_view value) {
        const auto starts_with = [&](std::string_view prefix) {
            if (value.size() < prefix.size()) return false;
            for (size_t i = 0; i < prefix.size(); ++i) {
                if (lower(value[i]) != prefix[i]) return false;
            }
            return true;
        };
        if (starts_with("urn:uuid:")) value.remove_prefix(9);
        if (starts_with("uuid:")) value.remove_prefix(5);
        return unbraced(value);
    }

    static std::string_view unbraced(std::string_view value) {
        if (value.size() < 2) return value;
        const char first = value.front(), last = value.back();
        const bool braced = ((first == '{') & (last == '}')) | ((first == '(') & (last == ')'));
        return {value.data() + braced, value.size() - 2 * braced};
    }

    // Whether nothing comes off a value of visible characters, it is too long for a word, and no id of one digit, a
    // sequence or a number in scientific notation.
    static bool is_usual_opaque(std::string_view value) {
        if (value.size() <= 16) return false;
        switch (value.front()) {
            case '"': case '\'': case '=': case '{': case '(': case 'u': case 'U': return false;
            default: return !has_one_sign(value) && !is_sequential(value) && !is_scientific(value);
        }
    }

    // A UUID, the beginning of one, or a SHA; malformed where the value is none of them.
    Status hexadecimal(std::string_view value, Text &out) const {
        const size_t size = value.size();
        if (size - 16 <= 20) return uuid(value, out);
        if ((size != 40 && size != 64) || !device::fold_sha(value, out.reserve(64))) return Status::malformed;
        out.advance(size);
        return device::judged(out.view(), Status::accepted);
    }

    // The same for 16 to 36 bytes.
    Status uuid(std::string_view value, Text &out) const {
        const size_t size = value.size();
        char *to = out.reserve(64);
        const device::HexDigits digits(value, to);
        if ((digits.decimal | digits.letters | digits.hyphens) != digits.all) return Status::malformed;
        if (digits.hyphens) {
            if (digits.hyphens != (device::uuid_hyphens & digits.all) || size < 18) return Status::malformed;
            // A log may cut behind a hyphen.
            out.advance(size - (value.back() == '-'));
        } else {
            // Decimal digits, unless they are all the same, are an opaque id and not the beginning of a UUID.
            const bool counter = size < 32 && !uuid_only && !digits.letters && !is_repeated(value);
            if (size > 32 || counter) return Status::malformed;
            // The beginning is filled up with zeros and cut again.
            char filled[32];
            std::memset(filled, '0', 32);
            std::memcpy(filled, to, 16);
            std::memcpy(filled + size - 16, to + size - 16, 16);
            device::hyphenate(filled, to);
            out.advance(size + 2 + (size > 16) + (size > 20));
        }
        return device::judged(out.view(), out.size() == 36 ? Status::accepted : Status::incomplete);
    }

    static Status opaque(std::string_view value, Text &out) {
        if (has_blank_or_wide(value)) return Status::malformed;
        if (has_one_sign(value) || is_sequential(value)) return Status::junk;
        if (value.size() < shortest_opaque) return Status::malformed;
        if (value.size() < 16 && std::all_of(value.begin(), value.end(), device::is_hex)) return Status::malformed;
        out.append(value);
        return Status::accepted;
    }
};

}  // namespace enishi
