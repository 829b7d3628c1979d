// Text as people type and paste it, made plain: UTF-8 checked, compatibility forms folded (NFKC), lower case, white
// space and invisible characters off.
//
// ASCII never gets as far as a table: it is found eight bytes at a time and is already in NFKC. Other text is decoded
// and pushed through a Composer, which keeps only the characters since the last one that nothing can change any more
// (usually one), so text of any length needs no copy of itself in code points.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <string_view>
#include <vector>

#include "bytes16.hpp"
#include "unicode_tables.hpp"
#include "value.hpp"

namespace enishi {

namespace unicode {

// The flags of a code point, as generate_unicode_tables.py writes them.
enum Flag : uint8_t {
    decomposes = 1,
    mark = 2,   // has a combining class: moves among its neighbours
    joins = 4,  // composes with something before it
    has_lower = 8,
    white_space = 16,
    invisible = 32,
    control = 64,  // and not white space
};

inline uint8_t flags(uint32_t point) {
    return unicode_tables::blocks[unicode_tables::block_index[point >> 8] * 256 + (point & 255)];
}

// Writes a code point as UTF-8; returns its length. Room for four bytes is needed.
inline size_t encode(uint32_t point, char *to) {
    if (point < 0x80) {
        to[0] = static_cast<char>(point);
        return 1;
    }
    if (point < 0x800) {
        to[0] = static_cast<char>(0xC0 | point >> 6);
        to[1] = static_cast<char>(0x80 | (point & 0x3F));
        return 2;
    }
    if (point < 0x10000) {
        to[0] = static_cast<char>(0xE0 | point >> 12);
        to[1] = static_cast<char>(0x80 | (point >> 6 & 0x3F));
        to[2] = static_cast<char>(0x80 | (point & 0x3F));
        return 3;
    }
    to[0] = static_cast<char>(0xF0 | point >> 18);
    to[1] = static_cast<char>(0x80 | (point >> 12 & 0x3F));
    to[2] = static_cast<char>(0x80 | (point >> 6 & 0x3F));
    to[3] = static_cast<char>(0x80 | (point & 0x3F));
    return 4;
}

// Reads one code point of at least one byte; returns its length, or 0 where the bytes are not valid UTF-8 (an overlong
// form, a surrogate, past U+10FFFF, cut short).
inline size_t decode(const char *from, const char *end, uint32_t &point) {
    const auto byte = [&](size_t i) { return static_cast<uint8_t>(from[i]); };
    const auto size = static_cast<size_t>(end - from);
    const auto follows = [&](size_t i) { return (byte(i) & 0xC0) == 0x80; };
    const uint32_t lead = byte(0);
    point = 0;
    if (lead < 0x80) {
        point = lead;
        return 1;
    }
    if (lead < 0xC2) return 0;
    if (lead < 0xE0) {
        if (size < 2 || !follows(1)) return 0;
        point = (lead & 0x1F) << 6 | (byte(1) & 0x3Fu);
        return 2;
    }
    if (lead < 0xF0) {
        if (size < 3 || !follows(1) || !follows(2)) return 0;
        point = (lead & 0x0F) << 12 | (byte(1) & 0x3Fu) << 6 | (byte(2) & 0x3Fu);
        return point < 0x800 || (point >= 0xD800 && point < 0xE000) ? 0 : 3;
    }
    if (lead >= 0xF5 || size < 4 || !follows(1) || !follows(2) || !follows(3)) return 0;
    point = (lead & 0x07) << 18 | (byte(1) & 0x3Fu) << 12 | (byte(2) & 0x3Fu) << 6 | (byte(3) & 0x3Fu);
    return point < 0x10000 || point > 0x10FFFF ? 0 : 4;
}

inline void push(Text &out, uint32_t point) { out.advance(encode(point, out.reserve(4))); }

inline uint8_t combining_class(uint32_t point) {
    if (!(flags(point) & mark)) return 0;
    using namespace unicode_tables;
    const auto *at = std::upper_bound(std::begin(mark_firsts), std::end(mark_firsts), point) - 1;
    return mark_classes[at - mark_firsts];
}

// The primary composite of two code points, or 0.
inline uint32_t composite(uint32_t first, uint32_t second) {
    constexpr uint32_t syllables = 0xAC00, leads = 0x1100, vowels = 0x1161, tails = 0x11A7;
    if (first - leads < 19 && second - vowels < 21) return syllables + ((first - leads) * 21 + second - vowels) * 28;
    if (first - syllables < 11172 && (first - syllables) % 28 == 0 && second - tails - 1 < 27) {
        return first + second - tails;
    }
    using namespace unicode_tables;
    const uint64_t pair = static_cast<uint64_t>(first) << 32 | second;
    const auto *at = std::lower_bound(std::begin(composing), std::end(composing), pair);
    return at != std::end(composing) && *at == pair ? composites[at - composing] : 0;
}

// str.lower() of a single code point, U+0130 aside (whose lower case is two).
inline uint32_t lower(uint32_t point) {
    if (point < 0x80) return point - 'A' < 26u ? point + 32 : point;
    if (!(flags(point) & has_lower)) return point;
    using namespace unicode_tables;
    return lowers[std::lower_bound(std::begin(cased), std::end(cased), point) - cased];
}

// Takes code points and writes their NFKC. Syllables of Hangul need no decomposing: they compose with what follows as
// they stand.
class Composer {
  public:
    explicit Composer(Text &out) : out_(out) {}

    void push(uint32_t point) {
        const uint8_t flag = flags(point);
        if (!(flag & decomposes)) return add(point, flag);
        if (point - 0xFF01 < 94u) return add(point - 0xFEE0, 0);  // full-width ASCII, the commonest
        using namespace unicode_tables;
        const auto at = std::lower_bound(std::begin(decomposing), std::end(decomposing), point) - decomposing;
        for (size_t i = decomposition_starts[at]; i < decomposition_starts[at + 1]; ++i) {
            add(decompositions[i], flags(decompositions[i]));
        }
    }

    void finish() {
        flush();
        held_ = false;
    }

  private:
    // A code point that is no mark and joins nothing ends the segment before it.
    void add(uint32_t point, uint8_t flag) {
        if (flag & (mark | joins)) {
            segment_.push_back(static_cast<uint64_t>(combining_class(point)) << 32 | point);
            return;
        }
        flush();
        first_ = point;
        held_ = true;
    }

    // Orders and composes the segment: the held first code point, if any, and the marks and joiners after it.
    void flush() {
        if (segment_.empty()) {
            if (held_) unicode::push(out_, first_);
            return;
        }
        if (held_) segment_.insert(segment_.begin(), first_);
        const auto class_of = [](uint64_t item) { return item >> 32; };
        for (auto from = segment_.begin(); from != segment_.end();) {
            const auto to = std::find_if(from, segment_.end(), [&](uint64_t item) { return class_of(item) == 0; });
            std::stable_sort(from, to, [&](uint64_t a, uint64_t b) { return class_of(a) < class_of(b); });
            from = std::find_if(to, segment_.end(), [&](uint64_t item) { return class_of(item) != 0; });
        }
        // Each code point composes with the last starter unless one of its own class, or a starter, stands between.
        const size_t none = segment_.size();
        size_t starter = none, kept = 0;
        uint64_t last_class = 0;
        for (const uint64_t item : segment_) {
            const uint64_t item_class = class_of(item);
            const bool blocked = starter == none || (starter + 1 != kept && last_class >= item_class);
            const uint32_t whole =
                blocked ? 0 : composite(static_cast<uint32_t>(segment_[starter]), static_cast<uint32_t>(item));
            if (whole) {
                segment_[starter] = whole;
                continue;
            }
            if (item_class == 0) starter = kept;
            last_class = item_class;
            segment_[kept++] = item;
        }
        for (size_t i = 0; i < kept; ++i) unicode::push(out_, static_cast<uint32_t>(segment_[i]));
        segment_.clear();
    }

    Text &out_;
    uint32_t first_ = 0;
    bool held_ = false;
    std::vector<uint64_t> segment_;  // combining class << 32 | code point
};

}  // namespace unicode

namespace detail {

inline constexpr uint64_t each_byte = 0x0101010101010101ULL;

inline uint64_t load8(const char *p) {
    uint64_t x;
    std::memcpy(&x, p, 8);
    return x;
}

constexpr uint64_t all_eight = each_byte * 0x80;

// The high bits of those of eight bytes, each below 0x80, that are between two ASCII characters.
inline uint64_t within(uint64_t bytes, uint64_t first, uint64_t last) {
    return (bytes + each_byte * (0x80 - first)) & ~(bytes + each_byte * (0x7F - last)) & all_eight;
}

// Calls step(at) for offsets that cover a text of eight bytes or more, the last eight perhaps twice.
template <class Step>
inline void by_eight(size_t size, Step step) {
    for (size_t at = 0; at < size - 8; at += 8) step(at);
    step(size - 8);
}

// Whether any byte of the text answers to a test given for eight bytes at once, as a word whose set high bits tell.
// The last eight bytes may be looked at twice: cheaper than to copy a rest of unknown length.
template <class Test>
inline bool any_byte(std::string_view text, Test test) {
    const char *p = text.data();
    uint64_t found = 0;
    if (text.size() < 8) {
        uint64_t all = each_byte * '0';  // which no test is for
        for (size_t i = 0; i < text.size(); ++i) all = all << 8 | static_cast<uint8_t>(p[i]);
        return test(all) & all_eight;
    }
    by_eight(text.size(), [&](size_t at) { found |= test(load8(p + at)); });
    return found & all_eight;
}

// Copies a text with A to Z in lower case, to where there is room for it; whether there was any.
inline bool lower_ascii(std::string_view text, char *to) {
    const char *from = text.data();
    uint64_t upper = 0;
    if (text.size() < 8) {
        for (size_t i = 0; i < text.size(); ++i) {
            const bool letter = static_cast<uint8_t>(from[i] - 'A') < 26;
            to[i] = static_cast<char>(from[i] + letter * 32);
            upper |= letter;
        }
        return upper;
    }
    by_eight(text.size(), [&](size_t at) {
        const uint64_t x = load8(from + at), found = within(x & ~all_eight, 'A', 'Z') & ~x, lowered = x | found >> 2;
        std::memcpy(to + at, &lowered, 8);
        upper |= found;
    });
    return upper;
}

inline bool ascii_white(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

}  // namespace detail

inline bool is_ascii(std::string_view text) {
    return !detail::any_byte(text, [](uint64_t x) { return x; });
}

inline bool valid_utf8(std::string_view text) {
    const char *p = text.data(), *end = p + text.size();
    while (p != end) {
        if (end - p >= 8 && !(detail::load8(p) & detail::all_eight)) {
            p += 8;
            continue;
        }
        uint32_t point;
        const size_t size = unicode::decode(p, end, point);
        if (!size) return false;
        p += size;
    }
    return true;
}

// NFKC of the text, written to out (which is cleared, and must not be what text points into); false for invalid UTF-8.
inline bool nfkc(std::string_view text, Text &out) {
    out.clear();
    if (is_ascii(text)) {
        out.append(text);
        return true;
    }
    out.reserve(text.size());
    unicode::Composer composer(out);
    for (const char *p = text.data(), *end = p + text.size(); p != end;) {
        uint32_t point;
        const size_t size = unicode::decode(p, end, point);
        if (!size) return false;
        composer.push(point);
        p += size;
    }
    composer.finish();
    return true;
}

// Writes str.lower() of every code point by itself (a final sigma is a sigma) of text in NFKC, in NFKC again.
// out is cleared and must not be what text points into; false for invalid UTF-8.
inline bool lower_of_nfkc(std::string_view text, Text &out) {
    out.clear();
    if (is_ascii(text)) {
        detail::lower_ascii(text, out.reserve(text.size()));
        out.advance(text.size());
        return true;
    }
    out.reserve(text.size());
    // Lower case can compose where upper case could not (H with a macron below), so the Composer runs again.
    unicode::Composer composer(out);
    for (const char *p = text.data(), *end = p + text.size(); p != end;) {
        uint32_t point;
        const size_t size = unicode::decode(p, end, point);
        if (!size) return false;
        composer.push(unicode::lower(point));
        if (point == 0x130) composer.push(0x307);
        p += size;
    }
    composer.finish();
    return true;
}

// NFKC, then lower case by code point, then NFKC.
inline bool nfkc_lower(std::string_view text, Text &out) {
    if (is_ascii(text)) return lower_of_nfkc(text, out);
    Text folded;
    return nfkc(text, folded) && lower_of_nfkc(folded.view(), out);
}

// Without ASCII white space at its ends; any bytes will do.
inline std::string_view trim_ascii(std::string_view text) {
    while (!text.empty() && detail::ascii_white(text.front())) text.remove_prefix(1);
    while (!text.empty() && detail::ascii_white(text.back())) text.remove_suffix(1);
    return text;
}

// Without white space at its ends. Valid UTF-8 is needed.
inline std::string_view trim(std::string_view text) {
    const auto white = [&](size_t at) {
        if (static_cast<uint8_t>(text[at]) < 0x80) return detail::ascii_white(text[at]);
        uint32_t point;
        unicode::decode(text.data() + at, text.data() + text.size(), point);
        return (unicode::flags(point) & unicode::white_space) != 0;
    };
    const auto continues = [&](size_t at) { return (static_cast<uint8_t>(text[at]) & 0xC0) == 0x80; };
    while (!text.empty() && white(0)) {
        do text.remove_prefix(1);
        while (!text.empty() && continues(0));
    }
    while (!text.empty()) {
        size_t last = text.size() - 1;
        while (last && continues(last)) --last;
        if (!white(last)) break;
        text.remove_suffix(text.size() - last);
    }
    return text;
}

// What every field does first: tidied becomes the value in NFKC, without invisible characters (zero-width spaces,
// byte order marks, soft hyphens: people paste them) and without white space at its ends. Case is kept. It points into
// raw where raw is ASCII, else into scratch.
//
//   missing   nothing is left (a field asks means_nothing() too, where a value is not of its form)
//   encoding  invalid UTF-8, or a control character; tabs and line ends are white space
inline Status tidy(std::string_view raw, Text &scratch, std::string_view &tidied) {
    if (is_visible(raw)) {
        tidied = raw;
        return Status::accepted;
    }
    using detail::each_byte;
    // High bit, below a space, or DEL: any of the three ends the fast path.
    const auto rare = [](uint64_t x) {
        const uint64_t not_del = x ^ each_byte * 0x7F;
        return x | (x - each_byte * 0x20) | ((not_del - each_byte) & ~not_del);
    };
    tidied = trim_ascii(raw);
    if (!detail::any_byte(tidied, rare)) return tidied.empty() ? Status::missing : Status::accepted;

    scratch.clear();
    scratch.reserve(tidied.size());
    unicode::Composer composer(scratch);
    for (const char *p = tidied.data(), *end = p + tidied.size(); p != end;) {
        uint32_t point;
        const size_t size = unicode::decode(p, end, point);
        if (!size) return Status::encoding;
        p += size;
        const uint8_t flag = unicode::flags(point);
        if (flag & unicode::control) return Status::encoding;
        if (!(flag & unicode::invisible)) composer.push(point);
    }
    composer.finish();
    tidied = trim(scratch.view());
    return tidied.empty() ? Status::missing : Status::accepted;
}

namespace detail {

// The first bytes of words for "nothing", which tell nearly every value from them.
struct Nothings {
    bool first[256] = {};
    constexpr Nothings() {
        for (const char c : std::string_view("BDIKNTUbdiknstu#(<[\\-.*_?")) first[static_cast<uint8_t>(c)] = true;
        for (int c = 0x80; c < 0x100; ++c) first[c] = true;
    }
    constexpr bool begin_with(char c) const { return first[static_cast<uint8_t>(c)]; }
};
inline constexpr Nothings nothings;

}  // namespace detail

// Whether a tidied value is a word for "nothing". Not for names: Null and Na are surnames.
inline bool means_nothing(std::string_view text) {
    // NFKC has made full-width letters and signs plain.
    static constexpr std::string_view words[] = {
        "na",       "n/a",      "n.a.",   "#n/a",      "<na>",      "nan",     "nil",     "\\n",
        "null",     "(null)",   "<null>", "[null]",    "none",      "(none)",  "<none>",  "unknown",
        "not set",  "no data",  "blank",  "undefined", "なし",      "無し",    "無",      "不明",
        "該当なし", "未登録",   "未入力", "未設定",    "未記入",    "空白",    "ー",      "―",
        "–",        "—",        "−",      "‐",         "not known", "not given", "not provided",   "not available",
        "not applicable", "tbd", "k.a.",  "k. a.",     "keine",     "keine angabe", "unbekannt",   "inconnu",
        "desconocido", "sin datos", "特になし", "回答なし",
    };
    if (text.size() > 16 || (!text.empty() && !detail::nothings.begin_with(text.front()))) return false;
    if (text.find_first_not_of("-.*_?") == std::string_view::npos) return true;
    char folded[16];
    detail::lower_ascii(text, folded);
    const std::string_view word(folded, text.size());
    return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

}  // namespace enishi
