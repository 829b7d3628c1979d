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
// A value takes one pass over its local part and, if its domain is a well-known one, a single lookup for the rest.
#pragma once

#include <algorithm>
#include <bitset>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <string_view>

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
};

struct Provider {
    uint8_t habits;
    std::string_view domain;  // the one that stands for all of the provider's domains; empty: each for itself
};

// Yahoo's and some carriers' domains have no habits and stand here only because what stands here is found fast.
inline const WordTable<Provider> &providers() {
    static const auto table =
        WordTable<Provider>()
            .add({ignores_dots | ignores_tag, "gmail.com"}, {"gmail.com", "googlemail.com"})
            .add({ignores_tag, "icloud.com"}, {"icloud.com", "me.com", "mac.com"})
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
            .add({any_dots, ""}, {"docomo.ne.jp", "ezweb.ne.jp", "au.com"})
            .add({0, ""}, {"softbank.ne.jp", "i.softbank.jp", "ymobile.ne.jp", "yahoo.com", "yahoo.co.jp"})
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

// The first three letters of the roles, which tell nearly every name from them.
class RoleStarts {
  public:
    RoleStarts() {
        roles().each([&](std::string_view word) {
            if (word.size() >= 3) set_[letter(word[0]) * 676 + letter(word[1]) * 26 + letter(word[2])] = true;
        });
    }

    // True where the text does not begin with three letters, too.
    bool may_begin(std::string_view text) const {
        if (text.size() < 3) return true;
        const uint32_t a = letter(text[0]), b = letter(text[1]), c = letter(text[2]);
        return a >= 26 || b >= 26 || c >= 26 || set_[a * 676 + b * 26 + c];
    }

  private:
    static uint32_t letter(char c) { return static_cast<uint8_t>(c - 'a'); }

    std::bitset<26 * 26 * 26> set_;
};
inline const RoleStarts role_starts;

// Whether an address in lower case belongs to a role or to nobody: it is shared by design, whoever wrote it.
inline bool shared_address(std::string_view local, std::string_view domain, const Provider *provider) {
    constexpr std::string_view invalid = ".invalid";
    if (provider ? (provider->habits & nowhere) != 0
                 : domain.size() > invalid.size() && domain.substr(domain.size() - invalid.size()) == invalid) {
        return true;
    }
    if (!role_starts.may_begin(local)) return false;
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

enum Kind : uint8_t { refused = 1, dot = 2, plus = 4, stray_dot = 8 };

struct Characters {
    uint8_t kind[256] = {};
    char lower[256] = {};

    constexpr Characters() {
        for (int c = 0; c < 256; ++c) {
            const bool upper = c >= 'A' && c <= 'Z', letter = upper || (c >= 'a' && c <= 'z');
            bool allowed = letter || (c >= '0' && c <= '9');
            for (const char special : std::string_view("!#$%&'*+-/=?^_`{|}~")) allowed = allowed || c == special;
            kind[c] = static_cast<uint8_t>(allowed || c >= 0x80 ? 0 : refused);
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

// Copies a local part, which an @ follows, in lower case, and says what kinds of characters it has. Letters, digits,
// dots, hyphens and low lines, which is nearly every local part, go eight at a time.
inline uint8_t lower_local(std::string_view local, char *to) {
    const size_t size = local.size();
    const char *from = local.data();
    if (size >= 8) {
        uint64_t plain = all_eight, dots = 0, pairs = 0;
        by_eight(size, [&](size_t at) {
            const uint64_t x = load8(from + at), seven = x & ~all_eight;
            const uint64_t stop = within(seven, '.', '.');
            plain &= ~x & (within(seven | each_byte * 0x20, 'a', 'z') | within(seven, '0', '9') | stop |
                           within(seven, '-', '-') | within(seven, '_', '_'));
            dots |= stop;
            // The next eight are one further on: a dot here and there are two in a row.
            pairs |= stop & within(load8(from + at + 1) & ~all_eight, '.', '.');
            const uint64_t lowered = x | within(seven, 'A', 'Z') >> 2;
            std::memcpy(to + at, &lowered, 8);
        });
        if (plain == all_eight) {
            const bool stray = pairs || from[0] == '.' || from[size - 1] == '.';
            return static_cast<uint8_t>((dots ? dot : 0) | (stray ? stray_dot : 0));
        }
    }
    uint8_t kinds = 0;
    for (size_t i = 0; i < size; ++i) {
        const auto c = static_cast<uint8_t>(from[i]);
        kinds |= characters.kind[c];
        to[i] = characters.lower[c];
    }
    return kinds & dot && !dot_atom(local) ? kinds | stray_dot : kinds;
}

// Whether a domain in lower-case ASCII is an ordinary name, seen at a glance: two labels or more, none of them empty,
// with a hyphen at an end or longer than 63, the last of two characters or more and ending in a letter.
inline bool ordinary_domain(std::string_view domain) {
    const size_t size = domain.size();
    if (size < 9 || size > 63) return false;
    const char *p = domain.data();
    uint64_t plain = all_eight, dots = 0, pairs = 0;
    // Every character but the last, with the one after it.
    by_eight(size - 1, [&](size_t at) {
        const uint64_t x = load8(p + at), next = load8(p + at + 1) & ~all_eight;
        const uint64_t seven = x & ~all_eight, stop = within(seven, '.', '.'), mark = within(seven, '-', '.');
        plain &= ~x & (within(seven, 'a', 'z') | within(seven, '0', '9') | mark);
        dots |= stop;
        pairs |= (stop & within(next, '-', '.')) | (mark & within(next, '.', '.'));
    });
    const auto alphanumeric = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    return plain == all_eight && dots && !pairs && alphanumeric(p[0]) && p[size - 1] >= 'a' && p[size - 1] <= 'z' &&
           p[size - 2] != '.';
}

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
                const bool name = point >= 128 || point == '-' || (point >= '0' && point <= '9') ||
                                  (point >= 'a' && point <= 'z');
                if (!name) return Status::malformed;
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
        if (raw.size() > longest_raw) return Status::too_long;
        std::string_view text;
        const Status tidied = tidy(raw, tidied_, text);
        if (tidied != Status::accepted) return tidied;
        Status status = read(text, out);
        if (status == Status::malformed) {
            const std::string_view bare = email_detail::unwrapped(text, unwrapped_);
            if (!bare.empty() && bare != text) status = read(bare, out);
            if (status == Status::malformed) return means_nothing(text) ? Status::missing : status;
        }
        if (form_ == EmailForm::raw && has_value(status)) {
            out.clear();
            out.append(trim(raw));
        }
        return status;
    }

  private:
    // A name and an address; what is longer is no value of this field, and is not looked at.
    static constexpr size_t longest_raw = 4096;
    static constexpr size_t longest_local = 64, longest_address = 254;
    static constexpr size_t longest_rename = 16;  // by which a provider's one domain may be longer than the one given

    Status read(std::string_view text, Text &out) const {
        if (is_ascii(text)) return read_lowered(text, out);
        for (size_t i = 0; i < text.size();) {
            uint32_t point;
            i += unicode::decode(text.data() + i, text.data() + text.size(), point);
            if (unicode::flags(point) & unicode::white_space) return Status::malformed;
        }
        if (text.find('@') == std::string_view::npos) return Status::malformed;
        const Status status = email_detail::to_ascii_domain(text, lowered_, ascii_);
        return status == Status::accepted ? read_lowered(ascii_.view(), out) : status;
    }

    // Reads an address whose domain is ASCII. What is malformed is so before it is too long or impossible.
    Status read_lowered(std::string_view text, Text &out) const {
        using namespace email_detail;
        out.clear();
        const auto *at = static_cast<const char *>(std::memchr(text.data(), '@', text.size()));
        if (!at || at == text.data() || text.front() == '\'') return Status::malformed;
        const auto local_size = static_cast<size_t>(at - text.data());
        std::string_view domain = text.substr(local_size + 1);

        char *to = out.reserve(2 * text.size() + longest_rename);
        const uint8_t kinds = lower_local(text.substr(0, local_size), to);
        if (kinds & refused) return Status::malformed;
        const std::string_view local(to, local_size);

        // A well-known domain in lower case is found as it stands; another is lowered beside what is written.
        const Provider *provider = providers().find(domain);
        Status status = Status::accepted;
        if (!provider) {
            char *lowered = to + text.size() + longest_rename;
            detail::lower_ascii(domain, lowered);
            domain = {lowered, domain.size()};
            provider = providers().find(domain);
            if (!provider && !ordinary_domain(domain)) status = domain_status(domain);
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

        size_t kept = local_size;
        if (form_ == EmailForm::canonical && provider) {
            if ((habits & ignores_tag) && (kinds & plus)) kept = local.find('+');
            if ((habits & ignores_dots) && (kinds & dot)) {
                kept = static_cast<size_t>(std::remove(to, to + kept, '.') - to);
            }
            if (!provider->domain.empty()) domain = provider->domain;
        }
        to[kept++] = '@';
        copy(domain, to + kept);
        out.advance(kept + domain.size());
        return status;
    }

    // Two copies of fixed size do for nearly every domain, and cost less than one of a size to be found out.
    static void copy(std::string_view from, char *to) {
        if (from.size() < 8 || from.size() > 16) {
            std::memcpy(to, from.data(), from.size());
            return;
        }
        std::memcpy(to, from.data(), 8);
        std::memcpy(to + from.size() - 8, from.data() + from.size() - 8, 8);
    }

    // au's first addresses had a subdomain: c2.ezweb.ne.jp.
    static bool old_au(std::string_view domain) {
        constexpr std::string_view parent = ".ezweb.ne.jp";
        return domain.size() > parent.size() && domain.substr(domain.size() - parent.size()) == parent;
    }

    EmailForm form_;
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
