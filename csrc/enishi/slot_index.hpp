// From a hash to the number of what has it: open addressing over eight-byte slots, the contents elsewhere.
//
// A slot holds 32 bits of the hash beside the number, so that a wrong slot is passed over, and the index grows, without
// a look at the contents. Lookups are meant to be made in blocks: first `prefetch` the slots of all, then `candidate` to
// prefetch the contents, then `find_or_add`; a wait for memory of 100 ns is shared by the block.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace enishi {

inline constexpr uint32_t none = std::numeric_limits<uint32_t>::max();

namespace detail {

// A bijection that leaves no pattern (the finalizer of SplitMix64).
inline uint64_t mix_bits(uint64_t h) {
    h = (h ^ h >> 30) * 0xbf58476d1ce4e5b9ULL;
    h = (h ^ h >> 27) * 0x94d049bb133111ebULL;
    return h ^ h >> 31;
}

}  // namespace detail

class SlotIndex {
  public:
    SlotIndex() : slots_(1024, Slot{0, none}) {}

    void prefetch(uint64_t hash) const { __builtin_prefetch(&slots_[tag_of(hash) & (slots_.size() - 1)]); }

    // The first number whose slot bears the hash's tag, or `none`: most likely the one.
    uint32_t candidate(uint64_t hash) const {
        return find(hash, [](uint32_t) { return true; });
    }

    // equal(number): whether the contents of that number are the ones looked for.
    template <class Equal>
    uint32_t find(uint64_t hash, Equal equal) const {
        const uint32_t tag = tag_of(hash);
        const size_t mask = slots_.size() - 1;
        for (size_t at = tag & mask;; at = (at + 1) & mask) {
            const Slot slot = slots_[at];
            if (slot.number == none || (slot.tag == tag && equal(slot.number))) return slot.number;
        }
    }

    // The number found, or `next` where there is none; then it stands in the index, and the caller keeps the contents.
    template <class Equal>
    uint32_t find_or_add(uint64_t hash, uint32_t next, Equal equal) {
        if (used_ * 10 >= slots_.size() * 7) grow();
        const uint32_t tag = tag_of(hash);
        const size_t mask = slots_.size() - 1;
        for (size_t at = tag & mask;; at = (at + 1) & mask) {
            Slot &slot = slots_[at];
            if (slot.number == none) {
                slot = {tag, next};
                ++used_;
                return next;
            }
            if (slot.tag == tag && equal(slot.number)) return slot.number;
        }
    }

  private:
    struct Slot {
        uint32_t tag, number;
    };

    static uint32_t tag_of(uint64_t hash) { return static_cast<uint32_t>(hash); }

    void grow() {
        std::vector<Slot> slots(slots_.size() * 2, Slot{0, none});
        const size_t mask = slots.size() - 1;
        for (const Slot &slot : slots_) {
            if (slot.number == none) continue;
            size_t at = slot.tag & mask;
            while (slots[at].number != none) at = (at + 1) & mask;
            slots[at] = slot;
        }
        slots_.swap(slots);
    }

    std::vector<Slot> slots_;  // a power of two, at most seven tenths full
    size_t used_ = 0;
};

}  // namespace enishi
