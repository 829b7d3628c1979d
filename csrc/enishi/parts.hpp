// Work in parts, on several threads.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace enishi {

// Runs part(i) for each i below `parts`, on up to so many threads, of which the caller's is one; each takes the next part
// when it has done one. What a part throws is thrown again when all have ended; the parts that follow are left out.
template <class Part>
void in_parts(size_t threads, size_t parts, Part part) {
    std::atomic<size_t> next{0};
    std::exception_ptr failed;
    std::mutex failing;
    const auto work = [&] {
        try {
            for (size_t i; (i = next.fetch_add(1)) < parts;) part(i);
        } catch (...) {
            const std::lock_guard<std::mutex> lock(failing);
            if (!failed) failed = std::current_exception();
            next = parts;
        }
    };
    std::vector<std::thread> others;
    others.reserve(threads);
    try {
        while (others.size() + 1 < std::min(threads, parts)) others.emplace_back(work);
    } catch (const std::system_error &) {
        // The system gives no more threads: those that there are do it all.
    }
    work();
    for (std::thread &other : others) other.join();
    if (failed) std::rethrow_exception(failed);
}

// The same over a range of numbers: visit(from, to) for pieces of it that are large enough to be worth a thread's while.
template <class Visit>
void in_pieces(size_t threads, size_t size, Visit visit, size_t piece = size_t{1} << 16) {
    in_parts(threads, (size + piece - 1) / piece, [&](size_t i) { visit(i * piece, std::min(size, (i + 1) * piece)); });
}

// The same where each piece makes something: make(from, to). All of it, in the order of the pieces.
template <class Make>
auto made_in_pieces(size_t threads, size_t size, size_t piece, Make make) {
    std::vector<decltype(make(size_t{}, size_t{}))> made((size + piece - 1) / piece);
    in_pieces(threads, size, [&](size_t from, size_t to) { made[from / piece] = make(from, to); }, piece);
    return made;
}

}  // namespace enishi
