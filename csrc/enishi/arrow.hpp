// Arrow's C data interface, and a read-only view of one column of text in any of the layouts that producers export.
//
// Structs of our own instead of libarrow's: linking to libarrow would tie a wheel to one pyarrow major. Only what is
// read here is declared; buffers are borrowed for the length of a call, so nothing is released.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace enishi {

extern "C" {
struct ArrowSchema {
    const char *format;
    const char *name;
    const char *metadata;
    int64_t flags;
    int64_t n_children;
    ArrowSchema **children;
    ArrowSchema *dictionary;
    void (*release)(ArrowSchema *);
    void *private_data;
};

struct ArrowArray {
    int64_t length;
    int64_t null_count;
    int64_t offset;
    int64_t n_buffers;
    int64_t n_children;
    const void **buffers;
    ArrowArray **children;
    ArrowArray *dictionary;
    void (*release)(ArrowArray *);
    void *private_data;
};
}

class TextColumn {
  public:
    enum class Layout { offsets32, offsets64, views };

    TextColumn() = default;

    TextColumn(const ArrowSchema &schema, const ArrowArray &array) : length_(array.length), offset_(array.offset) {
        const std::string_view format = schema.format ? schema.format : "";
        if (format == "u" || format == "z") {
            layout_ = Layout::offsets32;
        } else if (format == "U" || format == "Z") {
            layout_ = Layout::offsets64;
        } else if (format == "vu" || format == "vz") {
            layout_ = Layout::views;
        } else {
            throw std::invalid_argument("a text column is needed, not Arrow format '" + std::string(format) + "'");
        }
        const bool views = layout_ == Layout::views;
        if (length_ < 0 || offset_ < 0 || (views ? array.n_buffers < 3 : array.n_buffers != 3)) {
            throw std::invalid_argument("an Arrow text array has the wrong number of buffers");
        }
        validity_ = array.null_count == 0 ? nullptr : static_cast<const uint8_t *>(array.buffers[0]);
        values_ = array.buffers[1];
        if (views) {
            variadic_ = array.buffers + 2;
        } else {
            data_ = static_cast<const char *>(array.buffers[2]);
        }
    }

    int64_t length() const { return length_; }

    // The bytes of all values, where the layout tells; of views 0.
    size_t bytes() const {
        if (layout_ == Layout::views || !length_) return 0;
        return static_cast<size_t>((*this)[length_ - 1].data() + (*this)[length_ - 1].size() - (*this)[0].data());
    }

    bool valid(int64_t i) const {
        if (!validity_) return true;
        const int64_t at = offset_ + i;
        return (validity_[at >> 3] >> (at & 7)) & 1;
    }

    std::string_view operator[](int64_t i) const {
        const int64_t at = offset_ + i;
        switch (layout_) {
            case Layout::offsets32: {
                const auto *offsets = static_cast<const int32_t *>(values_);
                return {data_ + offsets[at], static_cast<size_t>(offsets[at + 1] - offsets[at])};
            }
            case Layout::offsets64: {
                const auto *offsets = static_cast<const int64_t *>(values_);
                return {data_ + offsets[at], static_cast<size_t>(offsets[at + 1] - offsets[at])};
            }
            case Layout::views: break;
        }
        // A view is 16 bytes: the length, then either 12 bytes inline or a 4-byte prefix, a buffer number and an offset.
        const char *view = static_cast<const char *>(values_) + at * 16;
        int32_t size, buffer, start;
        std::memcpy(&size, view, 4);
        if (size <= 12) return {view + 4, static_cast<size_t>(size)};
        std::memcpy(&buffer, view + 8, 4);
        std::memcpy(&start, view + 12, 4);
        return {static_cast<const char *>(variadic_[buffer]) + start, static_cast<size_t>(size)};
    }

  private:
    Layout layout_ = Layout::offsets32;
    int64_t length_ = 0;
    int64_t offset_ = 0;
    const uint8_t *validity_ = nullptr;
    const void *values_ = nullptr;
    const char *data_ = nullptr;
    const void *const *variadic_ = nullptr;
};

// The texts of several batches as one column: text i of all.
class ChunkedText {
  public:
    void add(const TextColumn &chunk) {
        if (!chunk.length()) return;
        chunks_.push_back(chunk);
        starts_.push_back(length_);
        length_ += chunk.length();
    }

    int64_t length() const { return length_; }

    std::string_view operator[](int64_t i) const {
        const auto at = static_cast<size_t>(std::upper_bound(starts_.begin(), starts_.end(), i) - starts_.begin()) - 1;
        return chunks_[at][i - starts_[at]];
    }

  private:
    std::vector<TextColumn> chunks_;
    std::vector<int64_t> starts_;
    int64_t length_ = 0;
};

}  // namespace enishi
