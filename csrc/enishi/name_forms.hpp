// The written forms of a person's name: given name, full name and family name, each in Han characters, kana and Latin letters.
//
// Which column a part came from says little (a form's family_name is full of kana), so the script of the text decides.
// Two names are compared only in a script that both have. A full name is the family name followed by the given one,
// without a blank; in Latin letters its words are sorted, for nobody keeps to one order.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "linking.hpp"
#include "person_name.hpp"
#include "value_table.hpp"

namespace enishi {

// The columns of one source that hold parts of a name; any may be absent. `full` is a whole name in one column.
struct NameColumns {
    const TextColumn *family = nullptr, *given = nullptr, *full = nullptr;
};

class NameForms {
  public:
    NameForms() {
        for (size_t s = 0; s < script_count; ++s) {
            given_[s] = std::make_unique<ValueTable>(true);
            full_[s] = std::make_unique<ValueTable>(true);
            family_[s] = std::make_unique<ValueTable>(true);
        }
    }

    const ValueTable *given(size_t script) const { return given_[script].get(); }
    const ValueTable *full(size_t script) const { return full_[script].get(); }
    const ValueTable *family(size_t script) const { return family_[script].get(); }

    // numbers[0..2] receive the given names, numbers[3..5] the full names and, where they are wanted, numbers[6..8] the
    // family names, by script; a form that an earlier call filled (the written name before its reading) stays.
    void add(const Normalizer &normalizer, const NameColumns &columns, const Key128 &key, int64_t rows,
             const std::array<uint32_t *, 3 * script_count> &numbers, uint64_t *counts) {
        Text family, given, whole;
        for (int64_t i = 0; i < rows; ++i) {
            const bool has_family = read(normalizer, columns.family, i, family, counts);
            const bool has_given = read(normalizer, columns.given, i, given, counts);
            const size_t family_script = has_family ? index(family.view()) : script_count;
            const size_t given_script = has_given ? index(given.view()) : script_count;
            if (family_script < script_count && numbers[2 * script_count]) {
                put(*family_[family_script], family.view(), key, numbers[2 * script_count + family_script][i]);
            }
            if (given_script < script_count) {
                put(*given_[given_script], given.view(), key, numbers[given_script][i]);
                if (family_script == given_script) {
                    whole.clear();
                    whole.append(family.view());
                    if (given_script == latin_script) whole.push(' ');
                    whole.append(given.view());
                    put_full(given_script, whole, key, numbers[script_count + given_script][i]);
                }
            }
            if (read(normalizer, columns.full, i, whole, counts)) {
                const size_t script = index(whole.view());
                if (script < script_count) put_full(script, whole, key, numbers[script_count + script][i]);
            }
        }
    }

  private:
    static size_t index(std::string_view text) {
        switch (name_script(text)) {
            case Script::han: return 0;
            case Script::kana: return kana_script;
            default: return latin_script;  // and every other alphabet: its letters are compared as they are
        }
    }

    static bool read(const Normalizer &normalizer, const TextColumn *column, int64_t row, Text &out, uint64_t *counts) {
        if (!column) return false;
        const Status status = column->valid(row) ? normalizer((*column)[row], out) : Status::missing;
        ++counts[static_cast<size_t>(status)];
        return status == Status::accepted;
    }

    static void put(ValueTable &table, std::string_view text, const Key128 &key, uint32_t &number) {
        if (number == none && !text.empty()) number = table.insert(text, key);
    }

    void put_full(size_t script, Text &text, const Key128 &key, uint32_t &number) {
        if (script != latin_script) {
            put(*full_[script], text.view(), key, number);
            return;
        }
        words_.clear();
        std::string_view rest = text.view();
        while (!rest.empty()) {
            const size_t blank = std::min(rest.find(' '), rest.size());
            if (blank) words_.push_back(rest.substr(0, blank));
            rest.remove_prefix(std::min(blank + 1, rest.size()));
        }
        std::sort(words_.begin(), words_.end());
        sorted_.clear();
        for (const std::string_view word : words_) {
            if (!sorted_.empty()) sorted_.push(' ');
            sorted_.append(word);
        }
        put(*full_[script], sorted_.view(), key, number);
    }

    std::array<std::unique_ptr<ValueTable>, script_count> given_, full_, family_;
    std::vector<std::string_view> words_;
    Text sorted_;
};

}  // namespace enishi
