// What every normalizer looks like from outside, and the driver that runs one over a column.
//
// A normalizer is used by one thread at a time (it may keep scratch space). A column is one virtual call, its values
// none.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>

#include "arrow.hpp"
#include "value.hpp"

namespace enishi {

// The canonical column as Arrow large_string buffers (a refused row is null), and a status for every row.
struct CanonicalColumn {
    Text values;
    Text offsets;   // int64, rows + 1
    Text validity;  // bits, least significant first
    Text status;    // uint8, rows
};

class Normalizer {
  public:
    virtual ~Normalizer() = default;
    // Writes the canonical value of raw to out, which it clears first.
    virtual Status operator()(std::string_view raw, Text &out) const = 0;
    virtual void canonicalize(const TextColumn &column, CanonicalColumn &out) const = 0;
};

// Kernel: a struct with `Status operator()(std::string_view raw, Text &out) const`.
template <class Kernel>
class NormalizerOf final : public Normalizer {
  public:
    template <class... Options>
    explicit NormalizerOf(Options &&...options) : kernel_{std::forward<Options>(options)...} {}

    Status operator()(std::string_view raw, Text &out) const override {
        out.clear();
        return kernel_(raw, out);
    }

    // Every value is written to its place among the others; one that is refused after all is written over.
    void canonicalize(const TextColumn &column, CanonicalColumn &out) const override {
        const auto rows = static_cast<size_t>(column.length());
        auto *offsets = reinterpret_cast<int64_t *>(out.offsets.reserve((rows + 1) * 8));
        out.offsets.advance((rows + 1) * 8);
        auto *status = reinterpret_cast<uint8_t *>(out.status.reserve(rows));
        out.status.advance(rows);
        char *validity = out.validity.reserve((rows + 7) / 8);
        out.validity.advance((rows + 7) / 8);
        if (rows) std::memset(validity, 0, (rows + 7) / 8);
        offsets[0] = 0;
        out.values.reserve(column.bytes());  // a canonical value is seldom longer than it came
        for (size_t i = 0; i < rows; ++i) {
            Status answer = Status::missing;
            if (column.valid(static_cast<int64_t>(i))) answer = kernel_(column[static_cast<int64_t>(i)], out.values);
            const bool kept = has_value(answer);
            if (!kept) out.values.clear();
            validity[i >> 3] = static_cast<char>(validity[i >> 3] | kept << (i & 7));
            status[i] = static_cast<uint8_t>(answer);
            offsets[i + 1] = static_cast<int64_t>(out.values.keep());
        }
        out.values.join();
    }

  private:
    Kernel kernel_;
};

template <class Kernel, class... Options>
std::shared_ptr<Normalizer> make_normalizer(Options &&...options) {
    return std::make_shared<NormalizerOf<Kernel>>(std::forward<Options>(options)...);
}

inline void canonicalize(const Normalizer &normalizer, const TextColumn &column, CanonicalColumn &out) {
    normalizer.canonicalize(column, out);
}

}  // namespace enishi
