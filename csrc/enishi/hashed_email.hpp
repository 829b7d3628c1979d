// Emails that come hashed, and the recipes that hash them: what one party hashed joins what another has in plaintext.
//
//   uid2    white space off both ends, ASCII lower case; at gmail.com without dots and +tag
//   google  no white space anywhere, lower case; at gmail.com and googlemail.com without dots and +tag
//   meta    white space off both ends, lower case
//
// then SHA-256, written as hex or Base64. A recipe works on the raw text, not on another normal form: the other party
// had no other. It refuses what has no @ between two parts, and nothing else.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <string_view>

#include "digest.hpp"
#include "email.hpp"
#include "unicode.hpp"
#include "value.hpp"
#include "words.hpp"

namespace enishi {

enum class Recipe : uint8_t { uid2 = 0, google = 1, meta = 2 };

// A hash as somebody else computed it, to lower-case hex.
class HashedEmail {
  public:
    Status operator()(std::string_view raw, Text &out) const {
        std::string_view text;
        const Status tidied = tidy(raw, tidied_, text);
        if (tidied != Status::accepted) return tidied;
        char *to = out.reserve(hex_size);
        if (text.size() == hex_size && copy_hex(text, to)) {
            out.advance(hex_size);
        } else {
            Digest<32> digest;
            if (!read_base64(text, digest)) return means_nothing(text) ? Status::missing : Status::malformed;
            append_hex(digest, out);
        }
        return is_junk(out.view()) ? Status::junk : Status::accepted;
    }

  private:
    static constexpr size_t hex_size = 64;

    // The hash of a value that was missing before it was hashed, or one byte 32 times.
    static bool is_junk(std::string_view hex) {
        static const Junk junk;
        return junk.hashes.find(hex) || hex.substr(2) == hex.substr(0, hex_size - 2);
    }

    struct Junk {
        Text spelt;
        WordTable<bool> hashes;

        Junk() {
            static constexpr std::string_view nothing[] = {
                "",    " ",  "null", "NULL", "Null",    "none",      "None",    "NONE",  "nan",  "NaN", "NA",
                "N/A", "na", "n/a",  "nil",  "\\N",     "undefined", "unknown", "<NA>",  "<na>", "-",   "0",
            };
            spelt.reserve(hex_size * std::size(nothing));  // once, for the table points into it
            for (const std::string_view value : nothing) {
                append_hex(sha256(value), spelt);
                hashes.add(true, {spelt.view().substr(spelt.size() - hex_size)});
            }
        }
    };

    mutable Text tidied_;
};

// The hash, in lower-case hex, that a recipe makes of an email in plaintext.
class EmailRecipe {
  public:
    explicit EmailRecipe(Recipe recipe) : recipe_(recipe) {}

    Status operator()(std::string_view raw, Text &out) const {
        const Status status = normalize(raw, normalized_);
        if (has_value(status)) append_hex(sha256(normalized_.view()), out);
        return status;
    }

    // What the recipe hashes.
    Status normalize(std::string_view raw, Text &out) const {
        using namespace email_detail;
        if (raw.size() > longest_raw) return Status::too_long;
        std::string_view tidied;
        const Status readable = tidy(raw, out, tidied);
        if (readable != Status::accepted) return readable;
        if (means_nothing(tidied)) return Status::missing;

        fold(trim(raw), out);
        const std::string_view text = out.view();
        const size_t at = text.find('@');
        if (at == std::string_view::npos || text.find('@', at + 1) != std::string_view::npos) return Status::malformed;
        const std::string_view domain = text.substr(at + 1);
        if (!at || domain.empty()) return Status::malformed;
        const Provider *provider = providers().find(domain);
        const bool generic = shared_address(text.substr(0, at), domain, provider);
        if ((recipe_ != Recipe::meta && domain == "gmail.com") ||
            (recipe_ == Recipe::google && domain == "googlemail.com")) {
            char *data = out.data();
            size_t kept = 0;
            for (size_t i = 0; i < at && data[i] != '+'; ++i) {
                if (data[i] != '.') data[kept++] = data[i];
            }
            if (!kept) return Status::malformed;
            std::memmove(data + kept, data + at, text.size() - at);
            out.truncate(kept + text.size() - at);
        }
        return generic ? Status::generic : Status::accepted;
    }

  private:
    static constexpr size_t longest_raw = 4096;

    void fold(std::string_view text, Text &out) const {
        out.clear();
        for (size_t i = 0; i < text.size();) {
            uint32_t point;
            i += unicode::decode(text.data() + i, text.data() + text.size(), point);
            if (recipe_ == Recipe::google && (unicode::flags(point) & unicode::white_space)) continue;
            unicode::push(out, recipe_ == Recipe::uid2 && point >= 0x80 ? point : unicode::lower(point));
            if (point == 0x130 && recipe_ != Recipe::uid2) unicode::push(out, 0x307);
        }
    }

    Recipe recipe_;
    mutable Text normalized_;
};

}  // namespace enishi
