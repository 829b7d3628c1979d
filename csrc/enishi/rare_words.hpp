// The rarest words of texts: two texts that say the same thing in other words (a product, a paper, a song) have at least
// one word in common that few others have.
//
// A word that no other text holds brings nobody together, and one that everybody has brings all together: so of each text
// those words count that at least two texts hold, the rarest first, equally rare ones in the order of their hashes. Words
// stand between blanks; kana and kanji have none, so every two neighbors among them are a word.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "compared_rows.hpp"
#include "script.hpp"
#include "unicode.hpp"
#include "value_table.hpp"

namespace enishi {

class RareWords {
  public:
    static constexpr uint64_t missing = 0;

    explicit RareWords(const ValueTable &texts) : texts_(texts) {
        for (uint32_t v = 0; v < texts.size(); ++v) {
            for (const uint64_t word : words_of(v)) ++texts_with_[word];
        }
    }

    // By text, the hash of its rarest word but `rank`; `missing` where it has none.
    std::vector<uint64_t> of_rank(uint32_t rank) {
        std::vector<uint64_t> found(texts_.size(), missing);
        for (uint32_t v = 0; v < texts_.size(); ++v) {
            shared_.clear();
            for (const uint64_t word : words_of(v)) {
                const uint32_t texts = texts_with_.find(word)->second;
                if (texts > 1) shared_.emplace_back(texts, word);
            }
            if (rank >= shared_.size()) continue;
            std::nth_element(shared_.begin(), shared_.begin() + rank, shared_.end());
            found[v] = shared_[rank].second;
        }
        return found;
    }

  private:
    // The distinct words of a text, as hashes that are never `missing`.
    const std::vector<uint64_t> &words_of(uint32_t v) {
        words_.clear();
        const std::string_view text = texts_.text(v);
        const char *p = text.data(), *const end = p + text.size();
        uint64_t word = 0;
        uint32_t last = 0;  // kana or kanji
        const auto close = [&] {
            if (word) words_.push_back(detail::mix_bits(word) | 1);
            word = 0;
        };
        while (p != end) {
            uint32_t point;
            p += unicode::decode(p, end, point);
            const bool dense = script::is_han(point) || script::is_kana(point) || (last && point == U'ー');
            if (dense || point == ' ') close();
            if (dense && last) words_.push_back(detail::mix_bits(uint64_t{last} << 32 | point) | 1);
            last = dense ? point : 0;
            if (!dense && point != ' ') word = detail::mix_bits(word * 0x9e3779b97f4a7c15ULL + point + 1);
        }
        close();
        std::sort(words_.begin(), words_.end());
        words_.erase(std::unique(words_.begin(), words_.end()), words_.end());
        return words_;
    }

    const ValueTable &texts_;
    std::unordered_map<uint64_t, uint32_t> texts_with_;
    std::vector<uint64_t> words_;
    std::vector<std::pair<uint32_t, uint64_t>> shared_;
};

}  // namespace enishi
