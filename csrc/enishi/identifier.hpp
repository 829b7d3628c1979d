// An identifier that enishi knows nothing about: a member number of one's own, a login name.
//
// NFKC, white space trimmed and runs of it inside made one space, lower case unless the case tells values apart. What
// is visible ASCII, and no longer than most ids are, needs the last of these alone, and one pass.
//
// Where separators are not kept, a number is what is left without them: blanks, hyphens, points and slashes in a value of
// six digits or more (521-21-2123 and 521212123). In a name they stay: j.smith need not be jsmith.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "bytes16.hpp"
#include "plain_text.hpp"
#include "unicode.hpp"
#include "value.hpp"

namespace enishi {

class Identifier {
  public:
    explicit Identifier(bool keep_case = false, bool keep_separators = true)
        : keep_case_(keep_case), keep_separators_(keep_separators) {}

    Status operator()(std::string_view raw, Text &out) const {
        if (keep_separators_) return read(raw, out);
        separated_.clear();
        const Status status = read(raw, separated_);
        if (has_value(status)) join(separated_.view(), out);
        return status;
    }

  private:
    static constexpr size_t longest = 1024;
    static constexpr std::ptrdiff_t number_digits = 6;

    Status read(std::string_view raw, Text &out) const {
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

    // A number without its separators; anything else as it is.
    static void join(std::string_view text, Text &out) {
        if (std::count_if(text.begin(), text.end(), script::is_ascii_digit) < number_digits) return out.append(text);
        for (size_t i = 0; i < text.size();) {
            uint32_t point;
            const size_t size = unicode::decode(text.data() + i, text.data() + text.size(), point);
            const bool separator = point == ' ' || point == '.' || point == '/' || detail::is_hyphen(point);
            if (!separator) out.append(text.substr(i, size));
            i += size;
        }
    }

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

    bool keep_case_, keep_separators_;
    mutable Text tidied_, lowered_, separated_;
};

}  // namespace enishi
