// Email addresses: one spelling for each mailbox.
//
// Three forms, and one set of rules on what an address is, whichever form is asked for:
//
//   raw          the value as written, without white space at its ends
//   deliverable  NFKC, lower case, the domain in ASCII (IDNA A-labels): what a mail program would send to
//   canonical    the deliverable form without what its provider ignores (see providers())
//
// An address is a dot-atom (RFC 5321) of up to 64 bytes, non-ASCII characters allowed, at a domain name of two labels
// or more; 254 bytes in all. "Name <a@b.jp>", "mailto:", quotation marks and apostrophes around the address, quotes
// around a local part that needs none, and stops and commas after it are how addresses are pasted, and are taken off.
// Refused, for no person's address looks so: comments, quoted local parts with blanks, IP addresses, domains of one
// label.
//
// Old addresses of docomo and au with two dots in a row, or one at either end, exist and are delivered.
//
// Nearly every value is up to 64 bytes of letters, digits and . - _ + around one @. Such a value is lowered sixteen
// bytes at a time into its place, and what it has where is one bit a byte (Marks): with those, what a domain of its own
// has to be is a handful of word operations, and a well-known domain is one lookup. Unless its provider ignores a part
// of it, the address is then already written. Whatever is not known so (other characters, stray dots, white space,
// non-ASCII text) is read again with care; both ways answer the same.
#pragma once

#include <algorithm>
#include <bitset>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <string_view>

#include "bytes16.hpp"
#include "punycode.hpp"
#include "unicode.hpp"
#include "value.hpp"
#include "words.hpp"

namespace enishi {

enum class EmailForm : uint8_t { raw = 0, deliverable = 1, canonical = 2 };

namespace email_detail {

using namespace detail;

// What a provider does with a local part.
enum Habit : uint8_t {
    ignores_dots = 1,
    ignores_tag = 2,  // from the first + on
    any_dots = 4,     // .. and .@ are accepted
    nowhere = 8,      // a domain that people write when they have no address
    no_habit = 16,    // so that every well-known domain has one
};

struct Provider {
    uint8_t habits = 0;       // 0: unknown
    std::string_view domain;  // the one that it stands for; empty: itself
};

// All ones or none, so that no branch is needed.
inline uint64_t all_if(uint8_t habits, Habit habit) { return uint64_t{0} - (habits / habit & 1); }

// The commonest first, for they are found fastest. Yahoo's and some carriers' domains have no habit and stand here only
// because what stands here is found fast.
inline const WordTable<Provider> &providers() {
    static const auto table =
        WordTable<Provider>()
            .add({ignores_dots | ignores_tag, ""}, {"gmail.com"})
            .add({no_habit, ""}, {"yahoo.co.jp", "yahoo.com", "softbank.ne.jp", "i.softbank.jp", "ymobile.ne.jp"})
            .add({any_dots, ""}, {"docomo.ne.jp", "ezweb.ne.jp", "au.com"})
            .add({ignores_tag, ""}, {"icloud.com"})
            .add({ignores_dots | ignores_tag, "gmail.com"}, {"googlemail.com"})
            .add({ignores_tag, "icloud.com"}, {"me.com", "mac.com"})
            .add({ignores_tag, ""},
                 {
                     // Microsoft
                     "outlook.com", "outlook.jp", "outlook.fr", "outlook.de", "outlook.es", "outlook.it", "outlook.kr",
                     "outlook.co.id", "outlook.co.th", "outlook.com.au", "outlook.com.br", "hotmail.com",
                     "hotmail.co.jp", "hotmail.co.uk", "hotmail.co.kr", "hotmail.fr", "hotmail.de", "hotmail.es",
                     "hotmail.it", "live.com", "live.jp", "live.co.uk", "live.fr", "live.de", "live.it", "live.nl",
                     "msn.com",
                     // Proton
                     "proton.me", "protonmail.com", "protonmail.ch", "pm.me",
                     // Fastmail
                     "fastmail.com", "fastmail.fm", "fastmail.net", "fastmail.org", "fastmail.jp", "fastmail.de",
                     "fastmail.co.uk", "fastmail.com.au",
                     // Zoho
                     "zoho.com", "zoho.eu", "zoho.in", "zohomail.com", "zohomail.eu", "zohomail.in", "zohomail.jp",
                     // Yandex
                     "yandex.com", "yandex.ru", "yandex.by", "yandex.kz", "ya.ru",
                 })
            .add({nowhere, ""},
                 {
                     "noemail.com", "nomail.com", "no-email.com", "noreply.com", "none.com", "none.co.jp", "null.com",
                     "dummy.com", "dummy.co.jp",
                 });
    return table;
}

// Local parts that name a role, or nobody, without their dots, hyphens and low lines. True where digits may follow.
inline const WordTable<bool> &roles() {
    static const auto table = WordTable<bool>()
        .add(true,
             {
                 "noreply", "donotreply", "dontreply", "none", "null", "nobody", "noone", "noname", "nomail",
                 "noemail", "noaddress", "notprovided", "notavailable", "notgiven", "unknown", "unknownuser",
                 "anonymous", "declined", "refused", "mailnashi", "test", "tests", "testing", "tester", "testuser",
                 "testmail", "testemail", "dummy", "dummymail", "sample", "example", "fake", "placeholder", "guest",
                 "asdf", "qwerty", "kiosk", "register", "tenpo"
             })
        .add(false,
             {
                 "noreplies", "noresponse", "mailerdaemon", "nil", "nan", "undefined", "nashi", "fumei", "info",
                 "information", "admin", "administrator", "root", "sysadmin", "system", "hostmaster", "postmaster",
                 "webmaster", "abuse", "spam", "security", "privacy", "support", "help", "helpdesk", "service",
                 "servicedesk", "customerservice", "customersupport", "customercare", "contact", "contactus",
                 "enquiries", "enquiry", "inquiries", "inquiry", "feedback", "hello", "office", "reception", "sales",
                 "marketing", "newsletter", "newsletters", "notification", "notifications", "alerts", "press",
                 "media", "billing", "invoice", "invoices", "accounts", "accounting", "orders", "shop", "store", "hr",
                 "jobs", "careers", "recruit", "recruiting", "staff", "otoiawase", "toiawase", "eigyo", "eigyou",
                 "soumu", "keiri", "jinji", "saiyo", "saiyou", "uketsuke", "madoguchi", "jimukyoku", "kaiin"
             });
    return table;
}

// How the roles begin, which tells nearly every name from them: their first three letters, and of those with more the
// first four, each mixed into twelve bits.
class RoleStarts {
  public:
    RoleStarts() {
        roles().each([&](std::string_view word) {
            if (word.size() < 3) return;
            const uint32_t four = load4(word.data());  // a word is a literal: behind three letters stands a zero
            threes_[mixed(four & first_three)] = true;
            if (word.size() > 3) fours_[mixed(four)] = true;
        });
    }

    // True where the text does not begin with three letters, too.
    bool may_begin(std::string_view text) const {
        if (text.size() < 4) return true;
        const uint32_t four = load4(text.data()), seven = four & 0x7F7F7F7F;
        const auto letters = static_cast<uint32_t>(within(seven, 'a', 'z')) & ~four & 0x80808080;
        if ((letters & first_three) != (0x80808080 & first_three)) return true;
        return threes_[mixed(four & first_three)] && (letters != 0x80808080 || fours_[mixed(four)]);
    }

  private:
    static constexpr uint32_t first_three = 0x00FFFFFF;

    static uint32_t load4(const char *p) {
        const auto *byte = reinterpret_cast<const uint8_t *>(p);
        return static_cast<uint32_t>(byte[0] | byte[1] << 8 | byte[2] << 16) | static_cast<uint32_t>(byte[3]) << 24;
    }
    static size_t mixed(uint32_t bytes) { return bytes * 0x9E3779B1U >> 20; }

    std::bitset<4096> threes_, fours_;
};
inline const RoleStarts role_starts;

// Whether a local part in lower case names a role or nobody. Not inline: few begin like one.
__attribute__((noinline)) inline bool names_role(std::string_view local) {
    char squeezed[24];
    size_t size = 0, letters = 0;
    for (const char c : local) {
        if (c == '+') break;
        if (c == '.' || c == '-' || c == '_') continue;
        if (size == sizeof squeezed) return false;
        squeezed[size++] = c;
        if (c < '0' || c > '9') letters = size;
    }
    const bool *digits_may_follow = roles().find({squeezed, letters});
    return digits_may_follow && (letters == size || *digits_may_follow);
}

inline bool is_role(std::string_view local) { return role_starts.may_begin(local) && names_role(local); }

// Whether nobody can have an address at a domain in lower case.
inline bool is_nowhere(std::string_view domain, uint8_t habits) {
    constexpr std::string_view invalid = ".invalid";
    return (domain.size() > invalid.size() && load8(domain.data() + domain.size() - 8) == load8(invalid.data())) ||
           (habits & nowhere);
}

// Whether an address in lower case belongs to a role or to nobody: it is shared by design, whoever wrote it.
inline bool shared_address(std::string_view local, std::string_view domain, const Provider *provider) {
    return is_nowhere(domain, provider ? provider->habits : 0) || is_role(local);
}

enum Kind : uint8_t { refused = 1, dot = 2, plus = 4, stray_dot = 8, beyond_ascii = 16 };

struct Characters {
    uint8_t kind[256] = {};
    char lower[256] = {};

    constexpr Characters() {
        for (int c = 0; c < 256; ++c) {
            const bool upper = c >= 'A' && c <= 'Z', letter = upper || (c >= 'a' && c <= 'z');
            bool allowed = letter || (c >= '0' && c <= '9');
            for (const char special : std::string_view("!#$%&'*+-/=?^_`{|}~")) allowed = allowed || c == special;
            kind[c] = static_cast<uint8_t>(c >= 0x80 ? beyond_ascii : allowed ? 0 : refused);
            lower[c] = static_cast<char>(upper ? c + 32 : c);
        }
        kind[int{'.'}] = dot;
        kind[int{'+'}] = plus;
    }
};
inline constexpr Characters characters;

// No dot at either end or after a dot.
inline bool dot_atom(std::string_view local) {
    return local.front() != '.' && local.back() != '.' && local.find("..") == std::string_view::npos;
}

// Copies a local part in lower case, and says what kinds of characters it has.
inline uint8_t lower_local(std::string_view local, char *to) {
    uint8_t kinds = 0;
    for (size_t i = 0; i < local.size(); ++i) {
        const auto c = static_cast<uint8_t>(local[i]);
        kinds |= characters.kind[c];
        to[i] = characters.lower[c];
    }
    return kinds & dot && !dot_atom(local) ? kinds | stray_dot : kinds;
}

// Where the signs of an address of up to 64 bytes stand, one bit a byte.
struct Marks {
    uint64_t at = 0, dot = 0, hyphen = 0;
    uint64_t local_only = 0;  // + and _
    uint64_t end;             // the last byte's bit
    uint64_t unknown;         // what is no letter, no digit and none of the signs above

    // Writes the address in lower case. Room for its size, and for sixteen bytes at least, is needed.
    Marks(std::string_view text, char *to) : end(uint64_t{1} << (text.size() - 1)) {
        uint64_t known = 0;
        by_sixteen(text, [&](Bytes16 block, size_t offset) {
            const Bytes16 lowered = block.lowered();
            lowered.store(to + offset);
            const Bytes16 ats = lowered.equal('@'), dots = lowered.equal('.'), hyphens = lowered.equal('-');
            const Bytes16 locals = lowered.equal('+') | lowered.equal('_');
            const Bytes16 signs = ats | dots | hyphens | locals;
            known |= (lowered.within('a', 'z') | lowered.within('0', '9') | signs).mask() << offset;
            at |= ats.mask() << offset;
            dot |= dots.mask() << offset;
            hyphen |= hyphens.mask() << offset;
            local_only |= locals.mask() << offset;
        });
        unknown = ~known & (end | (end - 1));
    }

    // Whether this is a local part at something, each of them without stray dots.
    bool is_address() const {
        const uint64_t beside = dot << 1 | dot >> 1 | 1 | end;  // where neither @ nor dot may be
        return at && !(unknown | ((dot | at) & beside) | (at & (at - 1)) | (local_only & ~(at - 1)));
    }

    // Whether the domain of this address is an ordinary name, seen at a glance: two labels or more, none of them with
    // a hyphen at an end, the last of two characters or more and ending in a letter. None has more than 63 bytes here.
    bool has_ordinary_domain(char last) const {
        const uint64_t domain = ~(at | (at - 1)), stops = dot | at;
        const uint64_t stray = (hyphen & domain & (stops << 1 | stops >> 1 | end)) | (dot & end >> 1);
        return ((dot & domain) != 0) & !stray & (static_cast<uint8_t>(last - 'a') < 26);
    }
};

// Whether a domain in lower-case ASCII is a name that mail can have.
inline Status domain_status(std::string_view domain) {
    size_t labels = 0;
    bool too_long = false, digits = false;
    std::string_view label;
    for (size_t start = 0; start <= domain.size();) {
        size_t end = start;
        digits = true;
        for (; end < domain.size() && domain[end] != '.'; ++end) {
            const char c = domain[end];
            const bool digit = c >= '0' && c <= '9';
            if (!digit && !(c >= 'a' && c <= 'z') && c != '-') return Status::malformed;
            digits = digits && digit;
        }
        label = domain.substr(start, end - start);
        if (label.empty() || label.front() == '-' || label.back() == '-') return Status::malformed;
        too_long = too_long || label.size() > 63;
        ++labels;
        start = end + 1;
    }
    if (labels < 2) return Status::malformed;
    if (too_long) return Status::too_long;
    return digits || label.size() < 2 ? Status::impossible : Status::accepted;
}

// The address in a value that is more than an address; scratch may hold it.
inline std::string_view unwrapped(std::string_view text, Text &scratch) {
    constexpr std::string_view mailto = "mailto:";
    for (size_t before = text.size() + 1; text.size() < before && !text.empty();) {
        before = text.size();
        text = trim(text);
        text = text.substr(0, text.find_last_not_of(".,;") + 1);
        for (const std::string_view stop : {"、", "。"}) {
            const size_t kept = text.size() - std::min(text.size(), stop.size());
            if (text.substr(kept) == stop) text = text.substr(0, kept);
        }
        const size_t open = text.rfind('<');
        if (!text.empty() && text.back() == '>' && open != std::string_view::npos) {
            text = text.substr(open + 1, text.size() - open - 2);
        }
        if (text.size() > mailto.size() &&
            std::equal(mailto.begin(), mailto.end(), text.begin(), [](char a, char b) {
                return a == characters.lower[static_cast<uint8_t>(b)];
            })) {
            text.remove_prefix(mailto.size());
            text = text.substr(0, text.find('?'));
        }
        if (text.size() > 1 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
        // A spreadsheet's mark of text is an apostrophe that nothing closes.
        if (!text.empty() && text.front() == '\'') {
            text.remove_prefix(1);
            if (!text.empty() && text.back() == '\'') text.remove_suffix(1);
        }
    }
    if (text.empty() || text.front() != '"') return text;
    const size_t closing = text.find("\"@", 1);
    if (closing == std::string_view::npos) return text;
    scratch.clear();
    scratch.append(text.substr(1, closing - 1));
    scratch.append(text.substr(closing + 1));
    return scratch.view();
}

// Whether a lower-case character may stand in an international label. IDNA's own table is long; what people type into a
// domain by mistake is ASCII signs, and punctuation and symbols of the blocks left out here.
inline bool in_domain(uint32_t point) {
    if (point < 0x80) return point == '-' || point - '0' < 10 || point - 'a' < 26;
    const bool symbol = point >= 0x2000 && point < 0x2C00;
    const bool cjk_punctuation = point >= 0x3000 && point <= 0x3020 && !(point >= 0x3005 && point <= 0x3007);
    return !symbol && !cjk_punctuation;
}

// Writes an address that is not ASCII in lower case, its domain in A-labels.
inline Status to_ascii_domain(std::string_view text, Text &lowered, Text &out) {
    lower_of_nfkc(text, lowered);
    const std::string_view folded = lowered.view();
    const size_t at = folded.find('@');
    out.clear();
    out.append(folded.substr(0, at + 1));
    std::string_view domain = folded.substr(at + 1);
    constexpr std::string_view ideographic_stop = "。";
    while (true) {
        const size_t full = domain.find('.'), ideographic = domain.find(ideographic_stop);
        const size_t end = std::min(full, ideographic);
        const std::string_view label = domain.substr(0, end);
        if (is_ascii(label)) {
            out.append(label);
        } else {
            size_t count = 0;
            for (size_t i = 0; i < label.size();) {
                uint32_t point;
                i += unicode::decode(label.data() + i, label.data() + label.size(), point);
                if (!in_domain(point)) return Status::malformed;
                ++count;
            }
            if (count > 63) return Status::too_long;
            out.append("xn--");
            append_punycode(label, out);
        }
        if (end == std::string_view::npos) return Status::accepted;
        out.push('.');
        domain.remove_prefix(end + (end == full ? 1 : ideographic_stop.size()));
    }
}

}  // namespace email_detail

class Email {
  public:
    explicit Email(EmailForm form = EmailForm::canonical) : form_(form) {}

    Status operator()(std::string_view raw, Text &out) const {
        const Status status = read_usual(raw, out);
        return status == unusual ? read_carefully(raw, out) : status;
    }

  private:
    // A name and an address; what is longer is no value of this field, and is not looked at.
    static constexpr size_t longest_raw = 4096;
    static constexpr size_t longest_local = 64, longest_address = 254;
    static constexpr size_t longest_rename = 16;  // by which a provider's one domain may be longer than the one given

    // What the fast way leaves to the careful one, which has the last word on what is malformed.
    static constexpr Status unusual = Status::malformed;

    Status read_carefully(std::string_view raw, Text &out) const {
        if (raw.size() > longest_raw) return Status::too_long;
        Status status = read_ascii(trim_ascii(raw), out);
        if (status == Status::malformed) status = read_pasted(raw, out);
        if (form_ == EmailForm::raw && has_value(status)) {
            out.clear();
            out.append(trim(raw));
        }
        return status;
    }

    __attribute__((always_inline)) Status read_usual(std::string_view raw, Text &out) const {
        using namespace email_detail;
        if (raw.empty() || raw.size() > longest_by_sixteen) return unusual;
        const size_t size = raw.size();
        char *to = out.reserve(longest_by_sixteen + longest_rename);
        const Marks marks(raw, to);
        if (!marks.is_address()) return unusual;
        const auto local_size = static_cast<size_t>(__builtin_ctzll(marks.at));
        const std::string_view local(to, local_size), domain(to + local_size + 1, size - local_size - 1);

        // Whether a domain is well known, and what its provider ignores, is anybody's guess: no branch asks for it
        // before it is clear that something has to be done.
        const Provider &provider = (*providers_)[domain];
        const uint64_t in_local = marks.at - 1;
        const uint64_t tag = marks.local_only & in_local & all_if(provider.habits, ignores_tag);
        const uint64_t dots = marks.dot & in_local & all_if(provider.habits, ignores_dots);
        if (!((provider.habits != 0) | marks.has_ordinary_domain(to[size - 1])) || (tag & 1)) return unusual;
        const bool shared = is_nowhere(domain, provider.habits) || is_role(local);
        if (form_ == EmailForm::canonical && (tag | dots | provider.domain.size())) {
            out.advance(write_canonical(local, domain, provider, to));
        } else {
            if (form_ == EmailForm::raw) std::memcpy(to, raw.data(), size);
            out.advance(size);
        }
        return shared ? Status::generic : Status::accepted;
    }

    // Writes the canonical form of an address in its place; returns its size.
    static size_t write_canonical(std::string_view local, std::string_view domain,
                                  const email_detail::Provider &provider, char *to) {
        size_t kept = local.size();
        if (provider.habits & email_detail::ignores_tag) kept = std::min(local.find('+'), kept);
        if (provider.habits & email_detail::ignores_dots) {
            // Not std::remove, which asks at every byte.
            const std::string_view dotted = local.substr(0, kept);
            kept = 0;
            for (const char c : dotted) {
                to[kept] = c;
                kept += c != '.';
            }
        }
        to[kept++] = '@';
        if (!provider.domain.empty()) domain = provider.domain;
        return kept + move(domain, to + kept);
    }

    // Two copies of fixed size do for nearly every domain, and cost less than one of a size to be found out.
    static size_t move(std::string_view domain, char *to) {
        const size_t size = domain.size();
        if (size < 8 || size > 16) {
            std::memmove(to, domain.data(), size);
        } else {
            const uint64_t head = email_detail::load8(domain.data());
            const uint64_t tail = email_detail::load8(domain.data() + size - 8);
            std::memcpy(to, &head, 8);
            std::memcpy(to + size - 8, &tail, 8);
        }
        return size;
    }

    Status read_pasted(std::string_view raw, Text &out) const {
        std::string_view text;
        const Status tidied = tidy(raw, tidied_, text);
        if (tidied != Status::accepted) return tidied;
        Status status = read(text, out);
        if (status != Status::malformed) return status;
        const std::string_view bare = email_detail::unwrapped(text, unwrapped_);
        if (!bare.empty() && bare != text) status = read(bare, out);
        return status == Status::malformed && means_nothing(text) ? Status::missing : status;
    }

    Status read(std::string_view text, Text &out) const {
        if (is_ascii(text)) return read_ascii(text, out);
        for (size_t i = 0; i < text.size();) {
            uint32_t point;
            i += unicode::decode(text.data() + i, text.data() + text.size(), point);
            if (unicode::flags(point) & unicode::white_space) return Status::malformed;
        }
        if (text.find('@') == std::string_view::npos) return Status::malformed;
        const Status status = email_detail::to_ascii_domain(text, lowered_, ascii_);
        return status == Status::accepted ? read_ascii(ascii_.view(), out, email_detail::beyond_ascii) : status;
    }

    // Reads an address in ASCII, its local part aside where that is allowed to be more. What is malformed is so before
    // it is too long or impossible.
    Status read_ascii(std::string_view text, Text &out, uint8_t allowed = 0) const {
        using namespace email_detail;
        out.clear();
        const auto *at = static_cast<const char *>(std::memchr(text.data(), '@', text.size()));
        if (!at || at == text.data() || text.front() == '\'') return Status::malformed;
        const auto local_size = static_cast<size_t>(at - text.data());
        std::string_view domain = text.substr(local_size + 1);

        char *to = out.reserve(2 * text.size() + longest_rename);
        const uint8_t kinds = lower_local(text.substr(0, local_size), to);
        if (kinds & (refused | beyond_ascii) & ~allowed) return Status::malformed;
        const std::string_view local(to, local_size);

        // A well-known domain in lower case is found as it stands; another is lowered beside what is written.
        const Provider *provider = providers_->find(domain);
        Status status = Status::accepted;
        if (!provider) {
            char *lowered = to + text.size() + longest_rename;
            if (detail::lower_ascii(domain, lowered)) provider = providers_->find({lowered, domain.size()});
            domain = {lowered, domain.size()};
            if (!provider) status = domain_status(domain);
            if (status == Status::malformed) return status;
        }
        const uint8_t habits = provider ? provider->habits : 0;
        if (kinds & stray_dot) {
            if (!(habits & any_dots) && !old_au(domain)) return Status::malformed;
            if (local.find_first_not_of('.') == std::string_view::npos) return Status::malformed;
        }
        if ((habits & ignores_tag) && local.front() == '+') return Status::malformed;
        if (status == Status::too_long || local_size > longest_local || text.size() > longest_address) {
            return Status::too_long;
        }
        if (status != Status::accepted) return status;
        if (shared_address(local, domain, provider)) status = Status::generic;

        if (form_ == EmailForm::canonical && provider) {
            out.advance(write_canonical(local, domain, *provider, to));
        } else {
            to[local_size] = '@';
            out.advance(local_size + 1 + move(domain, to + local_size + 1));
        }
        return status;
    }

    // au's first addresses had a subdomain: c2.ezweb.ne.jp.
    static bool old_au(std::string_view domain) {
        constexpr std::string_view parent = ".ezweb.ne.jp";
        return domain.size() > parent.size() && domain.substr(domain.size() - parent.size()) == parent;
    }

    EmailForm form_;
    const WordTable<email_detail::Provider> *providers_ = &email_detail::providers();  // asked once, not by value
    mutable Text tidied_, unwrapped_, lowered_, ascii_;
};

// The domain that a common misspelling stands for, or nothing. Evidence for a fuzzy candidate, never a canonical form:
// a stranger may own the misspelt domain. Domains in use for mail by others, such as fmail.com, are not here.
inline std::string_view corrected_domain(std::string_view domain) {
    static const auto table =
        WordTable<std::string_view>()
            .add("gmail.com",
                 {
                     "gmai.com", "gmaii.com", "gmaik.com", "gmaill.com", "gmail.cim", "gmail.cm", "gmail.co",
                     "gmail.co.jp", "gmail.co.m", "gmail.comm", "gmail.con", "gmail.cmo", "gmail.com.jp", "gmail.jp",
                     "gmail.ne.jp", "gmail.ocm", "gmail.om", "gmail.vom", "gmail.xom", "gmal.com", "gmali.com",
                     "gamil.com", "gmial.com", "gmil.com", "gmeil.com", "gmaul.com", "gmsil.com", "gnail.com",
                     "ggmail.com", "gmmail.com", "g-mail.com", "gemail.com"
                 })
            .add("icloud.com",
                 {
                     "iclod.com", "iclould.com", "icloud.co", "icloud.co.jp", "icloud.con", "icloud.cm", "icloud.jp",
                     "icloud.ne.jp", "icluod.com", "icoud.com", "iculoud.com", "ilcoud.com", "i-cloud.com"
                 })
            .add("hotmail.com",
                 {
                     "hotmai.com", "hotmaill.com", "hotmail.cm", "hotmail.co", "hotmail.con", "hotmal.com",
                     "hotmial.com", "hotmil.com", "hotnail.com", "homail.com"
                 })
            .add("hotmail.co.jp",
                 {
                     "hotmail.ne.jp"
                 })
            .add("outlook.com",
                 {
                     "otlook.com", "outllok.com", "outlok.com", "outloo.com", "outlook.co", "outlook.con",
                     "outook.com"
                 })
            .add("outlook.jp",
                 {
                     "outlook.co.jp"
                 })
            .add("yahoo.com",
                 {
                     "yaho.com", "yahho.com", "yahoo.cm", "yahoo.con", "yahooo.com", "yaoo.com", "yhaoo.com",
                     "yhoo.com"
                 })
            .add("yahoo.co.jp",
                 {
                     "yaho.co.jp", "yahho.co.jp", "yafoo.co.jp", "yahoo.co.j", "yahoo.co.jo", "yahoo.co.jpp",
                     "yahoo.co.p", "yahoo.cojp", "yahoo.com.jp", "yahoo.cp.jp", "yahoo.o.jp", "yahoo.jp",
                     "yahooo.co.jp", "yaoo.co.jp", "yhaoo.co.jp", "yhoo.co.jp"
                 })
            .add("docomo.ne.jp",
                 {
                     "dcomo.ne.jp", "docmo.ne.jp", "docom.ne.jp", "docomo.ne.j", "docomo.ne.jo", "docomo.nejp",
                     "docomo.co.jp", "docomo.jp", "docomo.me.jp", "dokomo.ne.jp", "docono.ne.jp"
                 })
            .add("ezweb.ne.jp",
                 {
                     "ezeb.ne.jp", "ezewb.ne.jp", "ezwab.ne.jp", "ezwb.ne.jp", "ezwe.ne.jp", "ezweb.co.jp",
                     "ezweb.jp", "ezweb.ne.jo", "ezwed.ne.jp", "ezwev.ne.jp", "exweb.ne.jp"
                 })
            .add("softbank.ne.jp",
                 {
                     "sofbank.ne.jp", "softbak.ne.jp", "softbank.ne.jo", "softbannk.ne.jp", "softbnk.ne.jp"
                 })
            .add("i.softbank.jp",
                 {
                     "i.sofbank.jp", "i.softbank.ne.jp", "i.softbank.co.jp", "isoftbank.jp"
                 })
            .add("ymobile.ne.jp",
                 {
                     "ymobile.co.jp", "ymobil.ne.jp"
                 });
    const std::string_view *found = table.find(domain);
    return found ? *found : std::string_view();
}

}  // namespace enishi
