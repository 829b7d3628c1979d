// Punycode (RFC 3492): a label of an internationalized domain in ASCII.
#pragma once

#include <cstdint>
#include <string_view>

#include "unicode.hpp"

namespace enishi {

// Appends the Punycode of a label in valid UTF-8, without "xn--". Its time is quadratic: a label has 63 characters.
inline void append_punycode(std::string_view label, Text &out) {
    constexpr uint32_t base = 36, t_min = 1, t_max = 26, skew = 38, damp = 700;
    uint32_t n = 128, delta = 0, bias = 72;
    const auto each = [&](auto visit) {
        for (const char *p = label.data(), *end = p + label.size(); p != end;) {
            uint32_t point;
            p += unicode::decode(p, end, point);
            visit(point);
        }
    };
    uint32_t basic = 0, total = 0;
    each([&](uint32_t point) {
        ++total;
        if (point >= 128) return;
        out.push(static_cast<char>(point));
        ++basic;
    });
    if (basic) out.push('-');
    for (uint32_t done = basic; done < total; ++n, ++delta) {
        uint32_t next = 0x10FFFF;
        each([&](uint32_t point) {
            if (point >= n && point < next) next = point;
        });
        delta += (next - n) * (done + 1);
        n = next;
        each([&](uint32_t point) {
            if (point < n) ++delta;
            if (point != n) return;
            uint32_t q = delta;
            for (uint32_t k = base;; k += base) {
                const uint32_t t = k <= bias ? t_min : k >= bias + t_max ? t_max : k - bias;
                const uint32_t digit = q < t ? q : t + (q - t) % (base - t);
                out.push(static_cast<char>(digit < 26 ? 'a' + digit : '0' + digit - 26));
                if (q < t) break;
                q = (q - t) / (base - t);
            }
            delta = done == basic ? delta / damp : delta / 2;
            ++done;
            delta += delta / done;
            uint32_t k = 0;
            for (; delta > (base - t_min) * t_max / 2; k += base) delta /= base - t_min;
            bias = k + (base - t_min + 1) * delta / (delta + skew);
            delta = 0;
        });
    }
}

}  // namespace enishi
