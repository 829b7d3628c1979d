// The written forms of a person's name: given name, full name and family name, each in Han characters, kana and Latin letters.
//
// Which column a part came from says little (a form's family_name is full of kana), so the script of the text decides.
// Two names are compared only in a script that both have. A full name is the family name followed by the given one,
// without a blank; in Latin letters its words are sorted, for nobody keeps to one order, and al Rashid is alrashid. A full
// name that says itself where its parts are (Sato, Hanako; 佐藤 花子) has these too. When all have been read, names without
// kana get their readings from those who give both (name_readings.hpp).
//
// A shop writes millions of names in a few thousand parts, so what became of a spelling is remembered in a small cache
// (the last spelling of its slot, compared in full), and most parts are normalized once.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "comparison.hpp"
#include "given_names.hpp"
#include "latin_letters.hpp"
#include "name_readings.hpp"
#include "person_name.hpp"
#include "profile_table.hpp"
#include "sip_lanes.hpp"
#include "value_table.hpp"

namespace enishi {

// The columns of one source that hold parts of a name; any may be absent. `full` is a whole name in one column.
struct NameColumns {
    const TextColumn *family = nullptr, *given = nullptr, *full = nullptr;
};

// Where a full name says what is its family name and what its given one: before and after the one comma, if what follows is no
// Jr, PhD or Inc; before and after the one blank between Han characters or kana, if what follows is no 様.
inline bool parts_of_name(std::string_view raw, std::string_view &family, std::string_view &given) {
    const auto part = [&](size_t at, size_t size) {
        family = trim_ascii(raw.substr(0, at));
        given = trim_ascii(raw.substr(at + size));
        return !family.empty() && !given.empty();
    };
    if (is_ascii(raw)) {
        const size_t comma = raw.find(',');
        if (comma == raw.npos || raw.find(',', comma + 1) != raw.npos || !part(comma, 1)) return false;
        Text word;
        for (const char c : given) {
            if (c == ' ') break;
            if (c != '.') word.push(static_cast<char>(c | 32));
        }
        static constexpr std::string_view none_given[] = {"co",  "corp", "dds", "esq", "gmbh", "inc",  "incorporated", "limited",
                                                          "llc", "llp",  "lp",  "ltd", "md",   "mba", "phd",  "plc"};
        return !generation(word.view()) &&
               std::find(std::begin(none_given), std::end(none_given), word.view()) == std::end(none_given);
    }
    size_t blank = 0, blank_size = 0;
    for (size_t at = 0; at < raw.size();) {
        uint32_t point;
        const size_t size = unicode::decode(raw.data() + at, raw.data() + raw.size(), point);
        if (!size) return false;
        if (point == ' ' || point == 0x3000) {
            if (at && blank_size && at != blank + blank_size) return false;
            if (at && !blank_size) blank = at;
            if (at) blank_size = at + size - blank;
        } else if (!script::is_han(point) && !script::is_kana(point) && point - 0xFF66 >= 0x3A && point != 0x30FC) {
            return false;
        }
        at += size;
    }
    if (!blank_size || !part(blank, blank_size)) return false;
    for (const std::string_view honorific : {"様", "さま", "さん", "殿", "氏", "先生"}) {
        if (given == honorific) return false;
    }
    return true;
}

class NameForms {
  public:
    NameForms(std::shared_ptr<const Normalizer> normalizer, const Key128 &key)
        : normalizer_(std::move(normalizer)), key_(key) {
        for (size_t s = 0; s < script_count; ++s) {
            given_[s] = std::make_unique<GrowingValues>(true);
            full_[s] = std::make_unique<GrowingValues>(true);
            family_[s] = std::make_unique<GrowingValues>(true);
        }
    }

    const ValueTable *given(size_t script) const { return given_[script].get(); }
    const ValueTable *full(size_t script) const { return full_[script].get(); }
    const ValueTable *family(size_t script) const { return family_[script].get(); }

    // numbers[0..2] receive the given names, numbers[3..5] the full names and, where they are wanted, numbers[6..8] the
    // family names, by script; a form that an earlier call filled (the written name before its reading) stays.
    void add(const NameColumns &columns, int64_t rows, const std::array<uint32_t *, 3 * script_count> &numbers,
             uint64_t *counts) {
        Text whole;
        Waiting waiting;
        for (int64_t i = 0; i < rows; ++i) {
            if (i % Waiting::most == 0) number_waiting(waiting);
            Part *family = family_parts_.read(*normalizer_, columns.family, i, counts);
            Part *given = given_parts_.read(*normalizer_, columns.given, i, counts);
            if (family && numbers[2 * script_count]) {
                uint32_t &number = numbers[2 * script_count + family->script][i];
                if (number == none) number = number_of(*family, family_);
            }
            if (given) {
                uint32_t &number = numbers[given->script][i];
                if (number == none) number = number_of(*given, given_);
                if (family && family->script == given->script) {
                    whole.clear();
                    whole.append(family->text());
                    if (given->script == latin_script) whole.push(' ');
                    whole.append(given->text());
                    put_full(given->script, whole, numbers[script_count + given->script][i], waiting);
                }
            }
            if (const Part *full = family_parts_.read(*normalizer_, columns.full, i, counts)) {
                whole.clear();
                whole.append(full->text());
                put_full(full->script, whole, numbers[script_count + full->script][i], waiting);
                put_parts((*columns.full)[i], numbers, i);
            }
        }
        number_waiting(waiting);
    }

    // Gives profiles without kana the readings of their names, as other records tell them. Their forms stand in nine columns
    // from `first` on, in the order of `add`.
    void read_unread(ProfileTable &profiles, uint32_t first) {
        const auto form = [&](uint32_t part, size_t script) {
            return profiles.column(first + part * script_count + static_cast<uint32_t>(script)).data();
        };
        constexpr uint32_t given_part = 0, full_part = 1, family_part = 2;
        const auto any = [](const Tables &of) { return of[kana_script]->size() > 0; };
        if (!any(given_) && !any(full_) && !any(family_)) return;
        std::vector<uint32_t> unread;
        for (uint32_t p = 0; p < profiles.size(); ++p) {
            bool kana = false, other = false;
            for (const uint32_t part : {given_part, full_part, family_part}) {
                kana = kana || form(part, kana_script)[p] != none;
                other = other || form(part, han_script)[p] != none || form(part, latin_script)[p] != none;
            }
            if (!kana && other) unread.push_back(p);
        }
        if (unread.empty()) return;
        const auto tables = [](const Tables &of) {
            return std::array<const ValueTable *, script_count>{of[han_script].get(), of[kana_script].get(), of[latin_script].get()};
        };
        PartReadings given(profiles, first + given_part * script_count, tables(given_));
        PartReadings family(profiles, first + family_part * script_count, tables(family_));
        uint32_t *const of_given = profiles.fill(first + given_part * script_count + kana_script);
        uint32_t *const of_full = profiles.fill(first + full_part * script_count + kana_script);
        uint32_t *const of_family = profiles.fill(first + family_part * script_count + kana_script);
        const auto reading = [&](PartReadings &part, uint32_t number, uint32_t p) {
            const uint32_t han = form(number, han_script)[p], latin = form(number, latin_script)[p];
            const uint32_t found = han == none ? none : part.of_han(han);
            return found == none && latin != none ? part.of_latin(latin) : found;
        };
        Text whole;
        for (const uint32_t p : unread) {
            uint32_t one = reading(given, given_part, p), other = reading(family, family_part, p);
            const uint32_t latin = form(full_part, latin_script)[p];
            const bool has_parts = form(given_part, latin_script)[p] != none || form(family_part, latin_script)[p] != none;
            if (one == none && other == none && latin != none && !has_parts) {
                std::tie(one, other) = parts_of_romaji(full_[latin_script]->text(latin), given, family);
            }
            of_given[p] = one;
            of_family[p] = other;
            if (one == none || other == none) continue;
            whole.clear();
            whole.append(family.text(other));
            whole.append(given.text(one));
            of_full[p] = full_[kana_script]->insert(whole.view(), key_);
        }
    }

  private:
    using Tables = std::array<std::unique_ptr<GrowingValues>, script_count>;  // by script

    // The given and the family name of a whole name of two words, by who bears them; `none` twice where nobody does.
    static std::pair<uint32_t, uint32_t> parts_of_romaji(std::string_view name, PartReadings &given, PartReadings &family) {
        const size_t blank = name.find(' ');
        if (blank == name.npos || name.find(' ', blank + 1) != name.npos) return {none, none};
        const auto read = [&](std::string_view one, std::string_view other) {
            return std::pair<uint32_t, uint32_t>{given.of_word(one), family.of_word(other)};
        };
        const auto bearers = [&](const std::pair<uint32_t, uint32_t> &parts) {
            return static_cast<double>(given.bearers(parts.first)) * static_cast<double>(family.bearers(parts.second));
        };
        const auto one = read(name.substr(0, blank), name.substr(blank + 1)), other = read(name.substr(blank + 1), name.substr(0, blank));
        const auto &likely = bearers(one) >= bearers(other) ? one : other;
        if (bearers(likely) > 0) return likely;
        return {none, none};
    }

    struct Part {
        std::string_view text() const { return {canonical, size}; }

        Status status;
        uint8_t script;
        uint32_t number;  // one more than its number in its table; 0: not numbered yet
        size_t size;
        const char *canonical;
    };

    // What became of the parts read last, for one column at a time: two columns that shared it could overwrite each
    // other's part within a row.
    class Parts {
      public:
        Parts() : slots_(static_cast<Slot *>(std::calloc(slot_count, sizeof(Slot)))) {
            if (!slots_) throw std::bad_alloc();
        }

        Part &read(std::string_view raw, const Normalizer &normalizer) {
            Slot *slot = raw.empty() || raw.size() > slot_bytes ? nullptr : &slots_[place(raw)];
            if (slot && slot->raw_size == raw.size() && std::memcmp(slot->raw, raw.data(), raw.size()) == 0) {
                return slot->part;
            }
            loose_ = {};
            loose_.status = normalizer(raw, canonical_);
            if (loose_.status == Status::accepted) {
                const Script script = name_script(canonical_.view());
                std::string_view name = canonical_.view();
                if (script == Script::other) {
                    latin_.clear();
                    write_in_latin(name, latin_);
                    if (!latin_.empty()) name = latin_.view();
                }
                loose_.canonical = name.data();
                loose_.size = name.size();
                loose_.script = index(script);
            }
            if (!slot || loose_.size > slot_bytes) return loose_;
            slot->part = loose_;
            slot->raw_size = raw.size();
            std::memcpy(slot->raw, raw.data(), raw.size());
            if (loose_.size) std::memcpy(slot->canonical, loose_.canonical, loose_.size);
            slot->part.canonical = slot->canonical;
            return slot->part;
        }

        // The part of a name in a row, until the next row is read; null where there is none.
        Part *read(const Normalizer &normalizer, const TextColumn *column, int64_t row, uint64_t *counts) {
            if (!column) return nullptr;
            if (!column->valid(row)) {
                ++counts[static_cast<size_t>(Status::missing)];
                return nullptr;
            }
            Part &part = read((*column)[row], normalizer);
            ++counts[static_cast<size_t>(part.status)];
            return part.status == Status::accepted ? &part : nullptr;
        }

      private:
        static constexpr size_t slot_count = 1 << 13;
        static constexpr size_t slot_bytes = 40;  // a longer spelling is normalized each time

        struct Slot {
            Part part;
            size_t raw_size;
            char raw[slot_bytes], canonical[slot_bytes];
        };

        struct Free {
            void operator()(Slot *slots) const { std::free(slots); }
        };

        static size_t place(std::string_view raw) {
            uint64_t h = raw.size();
            for (size_t at = 0; at < raw.size(); at += 8) {
                uint64_t word = 0;
                std::memcpy(&word, raw.data() + at, std::min<size_t>(8, raw.size() - at));
                h = (h ^ word) * 0xff51afd7ed558ccdULL;
                h ^= h >> 32;
            }
            return h & (slot_count - 1);
        }

        static uint8_t index(Script script) {
            switch (script) {
                case Script::han: return han_script;
                case Script::kana: return kana_script;
                default: return latin_script;  // and every other alphabet, in Latin letters where these are known
            }
        }

        std::unique_ptr<Slot[], Free> slots_;
        Part loose_{};  // what no slot holds
        Text canonical_, latin_;
    };

    // The parts that a full name says itself, where the record has none.
    void put_parts(std::string_view raw, const std::array<uint32_t *, 3 * script_count> &numbers, int64_t row) {
        std::string_view before, after;
        if (!numbers[2 * script_count] || !parts_of_name(raw, before, after)) return;
        Part &family = said_family_.read(before, *normalizer_), &given = said_given_.read(after, *normalizer_);
        if (family.status != Status::accepted || given.status != Status::accepted || family.script != given.script) return;
        uint32_t &own = numbers[2 * script_count + family.script][row], &other = numbers[given.script][row];
        if (own != none || other != none) return;
        own = number_of(family, family_);
        other = number_of(given, given_);
    }

    uint32_t number_of(Part &part, const Tables &tables) {
        if (!part.number) part.number = tables[part.script]->insert(part.text(), key_) + 1;
        return part.number - 1;
    }

    // Full names on their way to their numbers: hashed, and looked up with their waits for memory shared.
    struct Waiting {
        static constexpr size_t most = 32;  // rows, of which each has a name in each script

        size_t size = 0;
        std::array<size_t, most * script_count> ends;  // of the texts, one after the other
        std::array<size_t, most * script_count> scripts;
        std::array<Key128, most * script_count> hashes;
        std::array<uint32_t *, most * script_count> numbers;
        Text texts;
        SipLanes lanes;
    };

    // A full name waits for its number where there is none yet; until then it is `undecided`.
    void put_full(size_t script, const Text &text, uint32_t &number, Waiting &put) {
        if (number != none) return;
        std::string_view name = text.view();
        if (script == latin_script) {
            sort_words(name);
            name = sorted_.view();
            if (name.empty()) return;
        }
        put.lanes.add(key_, name, &put.hashes[put.size]);
        put.texts.append(name);
        put.ends[put.size] = put.texts.size();
        put.scripts[put.size] = script;
        put.numbers[put.size++] = &number;
        number = undecided;
    }

    void number_waiting(Waiting &put) {
        put.lanes.flush();
        for (size_t i = 0; i < put.size; ++i) full_[put.scripts[i]]->prefetch_slot(put.hashes[i]);
        for (size_t i = 0; i < put.size; ++i) full_[put.scripts[i]]->prefetch_key(put.hashes[i]);
        for (size_t i = 0, begin = 0; i < put.size; begin = put.ends[i++]) {
            const std::string_view name = put.texts.view().substr(begin, put.ends[i] - begin);
            *put.numbers[i] = full_[put.scripts[i]]->insert_hashed(name, put.hashes[i]);
        }
        put.size = 0;
        put.texts.clear();
    }

    // Puts the words of a name in order into `sorted_`.
    void sort_words(std::string_view name) {
        words_.clear();
        std::string_view rest = name;
        while (!rest.empty()) {
            const size_t blank = std::min(rest.find(' '), rest.size());
            if (blank) words_.push_back(rest.substr(0, blank));
            rest.remove_prefix(std::min(blank + 1, rest.size()));
        }
        if (words_.size() > 2) join_particles(words_, name);
        std::sort(words_.begin(), words_.end());
        sorted_.clear();
        for (const std::string_view word : words_) {
            if (!sorted_.empty()) sorted_.push(' ');
            sorted_.append(word);
        }
    }

    // Joins articles and the like to the word that follows, as others write them (de la Cruz, delacruz), in a name of three words or
    // more. van is one where another one follows, for Văn is a name.
    void join_particles(std::vector<std::string_view> &words, std::string_view text) {
        static constexpr std::string_view particles[] = {"abu", "al", "bin", "da",  "das", "de",  "del", "della", "den", "der", "dos",
                                                         "du",  "el", "ibn", "la",  "las", "los", "mac", "mc",    "ter", "von"};
        const auto is_particle = [](std::string_view word) {
            return std::find(std::begin(particles), std::end(particles), word) != std::end(particles);
        };
        joined_.clear();
        joined_.reserve(text.size());  // so that its words stay where they are
        size_t kept = 0;
        for (size_t i = 0; i < words.size(); ++i) {
            const size_t from = joined_.size();
            const size_t first = i;
            while (i + 1 < words.size() && words[i + 1].size() > 1 &&
                   (is_particle(words[i]) || (words[i] == "van" && is_particle(words[i + 1])))) {
                joined_.append(words[i++]);
            }
            if (i == first) {
                words[kept++] = words[i];
                continue;
            }
            joined_.append(words[i]);
            words[kept++] = joined_.view().substr(from);
        }
        words.resize(kept);
    }

    std::shared_ptr<const Normalizer> normalizer_;
    Key128 key_;
    Parts family_parts_, given_parts_, said_family_, said_given_;
    Tables given_, full_, family_;
    std::vector<std::string_view> words_;
    Text sorted_, joined_;
};

}  // namespace enishi
