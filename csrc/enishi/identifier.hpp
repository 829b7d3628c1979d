// An identifier that enishi knows nothing about: a member number of one's own, a login name.
//
// NFKC, white space trimmed and runs of it inside made one space, lower case unless the case tells values apart. What
// is visible ASCII, and no longer than most ids are, needs the last of these alone, and one pass.
#pragma once

#include <cstdint>
#include <string_view>

#include "bytes16.hpp"
#include "unicode.hpp"
#include "value.hpp"

namespace enishi {

class Identifier {
  public:
    explicit Identifier(bool keep_case = false) : keep_case_(keep_case) {}

    Status operator()(std::string_view raw, Text &out) const {
        if (!raw.empty() && raw.size() <= longest_by_sixteen) {
            char *to = out.reserve(longest_by_sixteen);
            const bool plain = every_byte(raw, [&](Bytes16 block, size_t offset) {
                (keep_case_ ? block : block.lowered()).store(to + offset);
                return block.within('!', '~');
            });
            if (plain) {
                if (means_nothing(raw)) return Status::missing;
                out.advance(raw.size());
                return Status::accepted;
            }
        }
        std::string_view text;
        const Status tidied = tidy(raw, tidied_, text);
        if (tidied != Status::accepted) return tidied;
        if (means_nothing(text)) return Status::missing;
        const auto beyond_ascii_or_white = [](uint64_t x) { return x | (x - detail::each_byte * '!'); };
        if (!detail::any_byte(text, beyond_ascii_or_white)) {
            if (keep_case_) {
                out.append(text);
            } else {
                detail::lower_ascii(text, out.reserve(text.size()));
                out.advance(text.size());
            }
        } else {
            if (!keep_case_) {
                lower_of_nfkc(text, lowered_);
                text = lowered_.view();
            }
            collapse(text, out);
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
