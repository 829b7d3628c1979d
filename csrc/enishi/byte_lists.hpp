// Lists of bytes that grow side by side, in chunks cut from common blocks: no list is ever moved. All may be written to a
// file, from which they are read again.
#pragma once

#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <stdexcept>
#include <vector>

namespace enishi {

class ByteLists {
  public:
    explicit ByteLists(size_t lists) : lists_(lists) {}
    ByteLists(ByteLists &&) = default;
    ByteLists &operator=(ByteLists &&) = default;

    // Room for n more bytes in one piece at the end of a list.
    char *extend(size_t list, size_t n) {
        List &of = lists_[list];
        if (!of.last || of.last->capacity - of.last->size < n) add_chunk(of, n);
        char *at = of.last->bytes() + of.last->size;
        of.last->size += static_cast<uint32_t>(n);
        return at;
    }

    // visit(bytes, size) for each piece of a list, in the order of growth. What was written is read into `room`.
    template <class Visit>
    void each(size_t list, std::vector<char> &room, Visit visit) const {
        for (const Extent &extent : lists_[list].written) {
            if (room.size() < extent.size) room.resize(extent.size);
            for (size_t done = 0; done < extent.size;) {
                const ssize_t n = ::pread(file_, room.data() + done, extent.size - done,
                                          static_cast<off_t>(extent.at + done));
                if (n < 0 && errno == EINTR) continue;
                if (n <= 0) throw std::runtime_error("what was spilled cannot be read again");
                done += static_cast<size_t>(n);
            }
            visit(static_cast<const char *>(room.data()), extent.size);
        }
        for (const Chunk *chunk = lists_[list].first; chunk; chunk = chunk->next) visit(chunk->bytes(), chunk->size);
    }

    // Writes all lists to a file from `at` on, which is moved on; an errno, or 0. They go on in the memory that they had.
    int spill(int file, uint64_t &at) {
        file_ = file;
        std::vector<char> buffer;
        uint64_t written = at;
        const auto flush = [&] {
            for (size_t done = 0; done < buffer.size();) {
                const ssize_t n = ::pwrite(file, buffer.data() + done, buffer.size() - done, static_cast<off_t>(written));
                if (n < 0 && errno == EINTR) continue;
                if (n < 0) return errno;
                done += static_cast<size_t>(n);
                written += static_cast<uint64_t>(n);
            }
            buffer.clear();
            return 0;
        };
        for (List &list : lists_) {
            Extent extent{at, 0};
            for (const Chunk *chunk = list.first; chunk; chunk = chunk->next) {
                buffer.insert(buffer.end(), chunk->bytes(), chunk->bytes() + chunk->size);
                extent.size += chunk->size;
                if (buffer.size() >= block_bytes) {
                    if (const int error = flush()) return error;
                }
            }
            at += extent.size;
            if (extent.size) list.written.push_back(extent);
            list.first = list.last = nullptr;
        }
        used_ = 0;
        free_ = 0;
        held_ = 0;
        return flush();
    }

    // Gives back the memory that nothing stands in; it does no harm to go on.
    void trim() { blocks_.resize(used_); }

    // Bytes of a list, wherever they are.
    size_t size(size_t list) const {
        size_t bytes = 0;
        for (const Extent &extent : lists_[list].written) bytes += extent.size;
        for (const Chunk *chunk = lists_[list].first; chunk; chunk = chunk->next) bytes += chunk->size;
        return bytes;
    }

    // Bytes of the blocks that something stands in.
    size_t held() const { return held_; }

  private:
    struct Chunk {
        Chunk *next;
        uint32_t size, capacity;
        char *bytes() { return reinterpret_cast<char *>(this + 1); }
        const char *bytes() const { return reinterpret_cast<const char *>(this + 1); }
    };
    struct Extent {
        uint64_t at;
        size_t size;
    };
    struct List {
        Chunk *first = nullptr, *last = nullptr;
        std::vector<Extent> written;
    };
    // Blocks are mapped, so that they go back to the system: what malloc gets back it keeps for small pieces.
    struct Unmap {
        size_t size = 0;
        void operator()(char *block) const { ::munmap(block, size); }
    };
    using Block = std::unique_ptr<char, Unmap>;

    static constexpr size_t block_bytes = size_t{1} << 20;
    static constexpr size_t first_chunk = 96, largest_chunk = 6144;  // bytes; multiples of a sighting's 12 and 20

    void add_chunk(List &list, size_t n) {
        const size_t usual = list.last ? std::min<size_t>(size_t{list.last->capacity} * 2, largest_chunk) : first_chunk;
        const size_t capacity = std::max(usual, n);
        if (capacity > UINT32_MAX) throw std::bad_alloc();
        const size_t whole = (sizeof(Chunk) + capacity + 7) & ~size_t{7};
        if (free_ < whole) take_block(whole);
        auto *chunk = new (at_) Chunk{nullptr, 0, static_cast<uint32_t>(capacity)};
        at_ += whole;
        free_ -= whole;
        (list.last ? list.last->next : list.first) = chunk;
        list.last = chunk;
    }

    // A block that was written to a file serves again: memory touched for the first time is what costs.
    void take_block(size_t whole) {
        if (used_ == blocks_.size() || blocks_[used_].get_deleter().size < whole) {
            const size_t size = std::max(block_bytes, whole);
            void *block = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            if (block == MAP_FAILED) throw std::bad_alloc();
            blocks_.emplace(blocks_.begin() + static_cast<ptrdiff_t>(used_), static_cast<char *>(block), Unmap{size});
        }
        const Block &block = blocks_[used_++];
        at_ = block.get();
        free_ = block.get_deleter().size;
        held_ += free_;
    }

    std::vector<List> lists_;
    int file_ = -1;
    std::vector<Block> blocks_;  // the first `used_` hold something
    size_t used_ = 0;
    char *at_ = nullptr;
    size_t free_ = 0, held_ = 0;
};

}  // namespace enishi
