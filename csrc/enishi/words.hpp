// A fixed set of words, each with a value: open addressing over a hash of a word's length and ends. Words that are
// added first stand where they are looked for first.
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
            const Ends ends(word);
            size_t at = ends.hash();
            while (!slots_[at].word.empty()) at = (at + 1) % slots;
            slots_[at] = {ends, word, value, ~uint64_t{0}};
        }
        return *this;
    }

    // The word's value, or a value as it is without being set. Whether a word is known is not asked with a branch, which
    // would often be guessed wrong: an empty slot has an answer too.
    const Value &operator[](std::string_view word) const { return at(word).value; }

    // The same, or nothing.
    const Value *find(std::string_view word) const {
        const Entry &entry = at(word);
        return entry.word.empty() ? nullptr : &entry.value;
    }

    template <class Visit>
    void each(Visit visit) const {
        for (const Entry &entry : slots_) {
            if (!entry.word.empty()) visit(entry.word);
        }
    }

  private:
    static constexpr size_t slots = 1024;  // eight times the words of the largest table

    // A word's length, its first eight bytes and its last, which may overlap: all of a word of up to 16 bytes, which
    // is nearly every one.
    struct Ends {
        uint64_t head = 0, tail = 0;
        size_t size = 0;

        Ends() = default;
        explicit Ends(std::string_view word) : size(word.size()) {
            const char *p = word.data();
            if (size >= 8) {
                std::memcpy(&head, p, 8);
                std::memcpy(&tail, p + size - 8, 8);
            } else if (size >= 4) {
                uint32_t first, last;
                std::memcpy(&first, p, 4);
                std::memcpy(&last, p + size - 4, 4);
                head = static_cast<uint64_t>(first) << 32 | last;
            } else {
                for (const char c : word) head = head << 8 | static_cast<uint8_t>(c);
            }
        }

        // What differs.
        uint64_t operator^(const Ends &other) const {
            return (head ^ other.head) | (tail ^ other.tail) | (size ^ other.size);
        }
        size_t hash() const {
            const uint64_t mixed = (head ^ (tail << 17 | tail >> 47)) + size;
            return static_cast<size_t>(mixed * 0x9E3779B97F4A7C15ULL >> 54);
        }
    };

    // Not inline: nearly no word is so long.
    __attribute__((noinline)) static bool same_middle(std::string_view a, std::string_view b) { return a == b; }

    struct Entry {
        Ends ends;
        std::string_view word;
        Value value;
        uint64_t taken = 0;  // all ones where a word stands
    };

    __attribute__((always_inline)) const Entry &at(std::string_view word) const {
        const Ends ends(word);
        const Entry *entry = &slots_[ends.hash()];
        while ((entry->ends ^ ends) & entry->taken) entry = entry == slots_ + slots - 1 ? slots_ : entry + 1;
        if (((word.size() > 16) & entry->taken) && !same_middle(entry->word, word)) return unknown_;
        return *entry;
    }

    Entry slots_[slots] = {};
    Entry unknown_ = {};
};

}  // namespace enishi
