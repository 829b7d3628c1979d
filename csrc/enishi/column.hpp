// A growable array of plain values.
//
// Unlike std::vector it moves the pages of a large array when it grows instead of its bytes (regrow.hpp).
#pragma once

#include <cstddef>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

#include "regrow.hpp"

namespace enishi {

template <class T>
class Column {
    static_assert(std::is_trivially_copyable<T>::value, "growing moves bytes");

  public:
    Column() = default;
    Column(const Column &) = delete;
    Column &operator=(const Column &) = delete;
    Column(Column &&other) noexcept { swap(other); }
    Column &operator=(Column &&other) noexcept {
        swap(other);
        return *this;
    }
    ~Column() { release(data_, capacity_ * sizeof(T)); }

    size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    T *data() { return data_; }
    const T *data() const { return data_; }
    T &operator[](size_t i) { return data_[i]; }
    const T &operator[](size_t i) const { return data_[i]; }
    T *begin() { return data_; }
    T *end() { return data_ + size_; }
    const T *begin() const { return data_; }
    const T *end() const { return data_ + size_; }

    void push_back(T value) {
        if (size_ == capacity_) grow(size_ + 1);
        data_[size_++] = value;
    }

    void append(const T *values, size_t n) {
        if (n > capacity_ - size_) grow(size_ + n);
        if (n) std::memcpy(data_ + size_, values, n * sizeof(T));
        size_ += n;
    }

    // Makes it n long; what is new is value.
    void resize(size_t n, T value) {
        if (n > capacity_) grow(n);
        for (size_t i = size_; i < n; ++i) data_[i] = value;
        size_ = n;
    }

  private:
    void swap(Column &other) noexcept {
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        std::swap(capacity_, other.capacity_);
    }

    void grow(size_t n) {
        size_t capacity = capacity_ < 16 ? 16 : capacity_ + capacity_ / 2;
        if (capacity < n) capacity = n;
        if (capacity > static_cast<size_t>(-1) / sizeof(T)) throw std::bad_alloc();
        data_ = static_cast<T *>(regrow(data_, capacity_ * sizeof(T), capacity * sizeof(T)));
        capacity_ = capacity;
    }

    T *data_ = nullptr;
    size_t size_ = 0, capacity_ = 0;
};

}  // namespace enishi
