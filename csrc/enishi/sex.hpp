// What is written for a person's sex, by word, letter or number (ISO/IEC 5218: 1 male, 2 female, 0 not known, 9 not
// applicable), as one word. Without it "F" of one channel, 女性 of another and 2 of a third would tell everybody apart.
#pragma once

#include <algorithm>
#include <string_view>
#include <utility>

#include "free_text.hpp"
#include "value.hpp"

namespace enishi {

struct Sex {
    FreeText plainly{};
    mutable Text plain{};

    Status operator()(std::string_view raw, Text &out) const {
        plain.clear();
        const Status status = plainly(raw, plain);
        if (status != Status::accepted) return status;
        std::string_view word = plain.view();
        // A column of numbers with gaps, as data frames print it.
        if (word.size() == 3 && word.substr(1) == ".0") word.remove_suffix(2);
        const auto is_word = [&](const Word &each) { return each.first == word; };
        const auto found = std::find_if(std::begin(words), std::end(words), is_word);
        if (found == std::end(words)) return Status::malformed;
        if (found->second.empty()) return Status::missing;
        out.append(found->second);
        return Status::accepted;
    }

  private:
    using Word = std::pair<std::string_view, std::string_view>;
    static constexpr std::string_view male = "male", female = "female", other = "other", unknown = "";
    static constexpr Word words[] = {
        {"m", male}, {"f", female}, {"男", male}, {"女", female}, {"1", male}, {"2", female},
        {"male", male}, {"female", female}, {"男性", male}, {"女性", female}, {"男子", male}, {"女子", female},
        {"おとこ", male}, {"おんな", female}, {"man", male}, {"woman", female}, {"boy", male}, {"girl", female},
        {"mann", male}, {"frau", female}, {"mannlich", male}, {"weiblich", female}, {"maennlich", male}, {"w", female},
        {"homme", male}, {"femme", female}, {"masculin", male}, {"feminin", female}, {"h", male},
        {"hombre", male}, {"mujer", female}, {"masculino", male}, {"femenino", female}, {"feminino", female},
        {"uomo", male}, {"donna", female}, {"maschio", male}, {"femmina", female}, {"maschile", male},
        {"femminile", female},
        {"vrouw", female}, {"v", female}, {"kvinna", female}, {"kobieta", female}, {"mezczyzna", male}, {"k", female},
        {"other", other}, {"o", other}, {"x", other}, {"その他", other}, {"diverse", other}, {"divers", other},
        {"d", other},
        {"nonbinary", other}, {"non binary", other},
        {"0", unknown}, {"9", unknown}, {"u", unknown}, {"unknown", unknown}, {"回答しない", unknown}, {"無回答", unknown},
        {"not specified", unknown}, {"prefer not to say", unknown}, {"undisclosed", unknown},
    };
};

}  // namespace enishi
