// A fixed set of words, each with a value: open addressing over a hash of a word's length and ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string_view>

namespace enishi {

template <class Value>
class WordTable {
  public:
    WordTable &add(const Value &value, std::initializer_list<std::string_view> words) {
        for (const std::string_view word : words) {
            size_t at = hash(word);
            while (!slots_[at].word.empty()) at = (at + 1) % slots;
            slots_[at] = {word, value};
        }
        return *this;
    }

    const Value *find(std::string_view word) const {
        for (size_t at = hash(word); !slots_[at].word.empty(); at = (at + 1) % slots) {
            if (same(slots_[at].word, word)) return &slots_[at].value;
        }
        return nullptr;
    }

    template <class Visit>
    void each(Visit visit) const {
        for (const Entry &entry : slots_) {
            if (!entry.word.empty()) visit(entry.word);
        }
    }

  private:
    struct Entry {
        std::string_view word;
        Value value;
    };

    static constexpr size_t slots = 1024;  // eight times the words of the largest table

    // The first eight bytes and the last, which may overlap; a shorter word whole.
    static uint64_t head(std::string_view word) {
        uint64_t x = 0;
        if (word.size() >= 8) {
            std::memcpy(&x, word.data(), 8);
        } else {
            for (const char c : word) x = x << 8 | static_cast<uint8_t>(c);
        }
        return x;
    }
    static uint64_t tail(std::string_view word) {
        uint64_t x = 0;
        if (word.size() >= 8) std::memcpy(&x, word.data() + word.size() - 8, 8);
        return x;
    }

    static size_t hash(std::string_view word) {
        const uint64_t end = tail(word), mixed = (head(word) ^ (end << 17 | end >> 47)) + word.size();
        return static_cast<size_t>(mixed * 0x9E3779B97F4A7C15ULL >> 54);
    }

    // Up to 16 bytes without a call, which is nearly every word.
    static bool same(std::string_view a, std::string_view b) {
        if (a.size() != b.size()) return false;
        return a.size() <= 16 ? head(a) == head(b) && tail(a) == tail(b) : a == b;
    }

    Entry slots_[slots] = {};
};

}  // namespace enishi
