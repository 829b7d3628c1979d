// An identifier that enishi knows nothing about: a member number of one's own, a login name.
//
// NFKC, white space trimmed and runs of it inside made one space, lower case unless the case tells values apart.
#pragma once

#include <cstdint>
#include <string_view>

#include "unicode.hpp"
#include "value.hpp"

namespace enishi {

class Identifier {
  public:
    explicit Identifier(bool keep_case = false) : keep_case_(keep_case) {}

    Status operator()(std::string_view raw, Text &out) const {
        std::string_view text;
        const Status tidied = tidy(raw, tidied_, text);
        if (tidied != Status::accepted) return tidied;
        if (means_nothing(text)) return Status::missing;
        if (!is_ascii(text)) {
            if (!keep_case_) {
                lower_of_nfkc(text, lowered_);
                text = lowered_.view();
            }
            collapse(text, out);
        } else {
            char *to = out.reserve(text.size());
            size_t kept = 0;
            for (size_t i = 0; i < text.size(); ++i) {
                const char c = text[i];
                if (detail::ascii_white(c)) {
                    if (!detail::ascii_white(text[i - 1])) to[kept++] = ' ';
                    continue;
                }
                to[kept++] = static_cast<char>(c + (!keep_case_ && static_cast<uint8_t>(c - 'A') < 26) * 32);
            }
            out.advance(kept);
        }
        return out.size() > longest ? Status::too_long : Status::accepted;
    }

  private:
    static constexpr size_t longest = 1024;

    static void collapse(std::string_view text, Text &out) {
        bool after_white = false;
        for (size_t i = 0; i < text.size();) {
            uint32_t point;
            i += unicode::decode(text.data() + i, text.data() + text.size(), point);
            const bool white = (unicode::flags(point) & unicode::white_space) != 0;
            if (!white) unicode::push(out, point);
            if (white && !after_white) out.push(' ');
            after_white = white;
        }
    }

    bool keep_case_;
    mutable Text tidied_, lowered_;
};

}  // namespace enishi
