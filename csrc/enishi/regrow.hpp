// Memory that grows without being copied.
//
// Memory touched for the first time costs more than most of what is done with it, and realloc copies into new memory
// whatever lies among malloc's small pieces, which after some frees is all below 32 MB. So from a megabyte on, an array
// has pages of its own: where the system can move them, they move by their numbers, and they go back to it when freed.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace enishi {
namespace detail {

#ifdef __linux__
inline bool has_pages(size_t bytes) { return bytes >= (size_t{1} << 20); }

inline void *map_pages(size_t bytes) {
    void *pages = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) throw std::bad_alloc();
    return pages;
}
#endif

}  // namespace detail

// Makes `before` bytes at data (none: null and 0) `after` bytes, which are more; what is new is undefined.
inline void *regrow(void *data, size_t before, size_t after) {
#ifdef __linux__
    if (detail::has_pages(before)) {
        void *grown = ::mremap(data, before, after, MREMAP_MAYMOVE);
        if (grown == MAP_FAILED) throw std::bad_alloc();
        return grown;
    }
    if (detail::has_pages(after)) {
        void *grown = detail::map_pages(after);
        if (before) std::memcpy(grown, data, before);
        std::free(data);
        return grown;
    }
#else
    (void)before;
#endif
    void *grown = std::realloc(data, after);
    if (!grown) throw std::bad_alloc();
    return grown;
}

inline void release(void *data, size_t bytes) {
#ifdef __linux__
    if (detail::has_pages(bytes)) {
        ::munmap(data, bytes);
        return;
    }
#else
    (void)bytes;
#endif
    std::free(data);
}

}  // namespace enishi
