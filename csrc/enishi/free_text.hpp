// Texts that mean what they say (a town, an occupation, a price, a place on the globe) to a form by which two spellings
// compare equal: NFKC, lower case, no accents, no punctuation, one blank between words and none beside kana and kanji.
// Numbers stay numbers: a point between two digits, a hyphen between two, a minus sign in front of one, before which kana
// and kanji need no blank.
#pragma once

#include <string_view>

#include "plain_text.hpp"
#include "script.hpp"
#include "unicode.hpp"
#include "value.hpp"

namespace enishi {

struct FreeText {
    mutable Text scratch{};
    mutable Text plain{};

    Status operator()(std::string_view raw, Text &out) const {
        std::string_view tidied;
        const Status status = meaningful_text(raw, longest_raw, scratch, tidied);
        if (status != Status::accepted) return status;
        plain.clear();
        bool japanese = false;
        if (!spell_plainly(tidied, true, plain, japanese)) return Status::encoding;
        write(plain.view(), out);
        return out.empty() ? Status::missing : Status::accepted;
    }

  private:
    static constexpr size_t longest_raw = 1024;

    static bool is_sign(char c) { return c == ' ' || c == '-'; }
    static bool is_japanese(uint32_t point) { return script::is_han(point) || script::is_kana(point); }

    static void write(std::string_view text, Text &out) {
        const char *at = text.data(), *const end = at + text.size();
        uint32_t last = 0;
        while (at != end) {
            const char *const signs = at;
            while (at != end && is_sign(*at)) ++at;
            if (at == end) return;
            uint32_t point;
            const size_t size = unicode::decode(at, end, point);
            if (at != signs) {
                const bool apart = at - signs > 1 || !last;  // from what stands before
                const bool begins = apart || script::is_ascii_digit(last) || is_japanese(last);
                const bool minus = at[-1] == '-' && script::is_ascii_digit(point) && begins;
                if (last && !is_japanese(last) && !is_japanese(point) && (apart || !minus)) out.push(' ');
                if (minus) out.push('-');
            }
            out.append({at, size});
            at += size;
            last = point;
        }
    }
};

}  // namespace enishi
