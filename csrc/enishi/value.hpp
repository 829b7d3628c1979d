// What a normalizer answers for one value: a status, and the canonical text in a buffer that is reused from value to value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <string_view>
#include <utility>

#include "regrow.hpp"

namespace enishi {

enum class Status : uint8_t {
    accepted = 0,      // a canonical value that links
    generic = 1,       // canonical, but listed as shared by everybody (noreply@, info@): never links
    incomplete = 2,    // canonical, but links only through its one correction (check digit fails, truncated id)
    missing = 3,       // null, empty, blank, or a word for "nothing"
    encoding = 4,      // not valid UTF-8, or control characters
    too_long = 5,      //
    malformed = 6,     // not of the field's form
    impossible = 7,    // of the form, but outside every valid range
    junk = 8,          // all zeros, repeated or sequential digits, the hash of the empty string
    not_personal = 9,  // toll-free, shared-cost, premium and emergency numbers
    spreadsheet = 10,  // 1.2E+15
    card_number = 11,  // a raw card number where a token was declared
    placeholder = 12,  // 1900-01-01 and the like
    foreign = 13,      // a phone number of a country without a table here: the phonenumbers package has to be asked
};
inline constexpr size_t status_count = 14;

inline bool has_value(Status status) { return status <= Status::incomplete; }

// A growable byte buffer. std::string zeroes what it grows by and checks its size at every push; a canonical value is
// written through a raw pointer instead, which is what keeps a normalizer under 50 ns a value. Values may stand one
// behind the other: everything but keep() and join() is about the last of them.
class Text {
  public:
    Text() = default;
    Text(const Text &) = delete;
    Text &operator=(const Text &) = delete;
    ~Text() { release(data_, capacity_); }

    void swap(Text &other) noexcept {
        std::swap(data_, other.data_);
        std::swap(start_, other.start_);
        std::swap(size_, other.size_);
        std::swap(capacity_, other.capacity_);
    }

    void clear() { size_ = start_; }
    size_t size() const { return size_ - start_; }
    bool empty() const { return size_ == start_; }
    const char *data() const { return data_ + start_; }
    char *data() { return data_ + start_; }
    std::string_view view() const { return {data(), size()}; }

    // Leaves the value as it is and begins another behind it; returns where that is.
    size_t keep() { return start_ = size_; }
    // Makes one value of all that stands here.
    void join() { start_ = 0; }

    // Room for n more bytes past size(); returns where they go.
    char *reserve(size_t n) {
        if (capacity_ - size_ < n) grow(n);
        return data_ + size_;
    }
    void advance(size_t n) { size_ += n; }
    void truncate(size_t n) { size_ = n < size() ? start_ + n : size_; }
    void push(char c) {
        *reserve(1) = c;
        ++size_;
    }
    void append(std::string_view s) {
        if (s.empty()) return;
        char *to = reserve(s.size());
        if (s.size() >= 16 && s.size() <= 32) {
            // Two copies of fixed size cost less than one of a size to be found out.
            std::memcpy(to, s.data(), 16);
            std::memcpy(to + s.size() - 16, s.data() + s.size() - 16, 16);
        } else {
            std::memcpy(to, s.data(), s.size());
        }
        size_ += s.size();
    }

  private:
    void grow(size_t n) {
        if (n > SIZE_MAX / 4 || size_ > SIZE_MAX / 4) throw std::bad_alloc();
        size_t capacity = capacity_ < 64 ? 64 : capacity_ * 2;
        if (capacity < size_ + n) capacity = size_ + n;
        data_ = static_cast<char *>(regrow(data_, capacity_, capacity));
        capacity_ = capacity;
    }

    char *data_ = nullptr;
    size_t start_ = 0;
    size_t size_ = 0;
    size_t capacity_ = 0;
};

}  // namespace enishi
