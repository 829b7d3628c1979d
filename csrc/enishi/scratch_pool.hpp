// What threads keep between tasks: memory that is touched for the first time costs more than most of what is done in it.
#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace enishi {

// Lends each task one T, made where none is free.
template <class T>
class ScratchPool {
  public:
    class Lease {
      public:
        explicit Lease(ScratchPool &pool) : pool_(pool), lent_(pool.take()) {}
        ~Lease() { pool_.give(std::move(lent_)); }
        Lease(const Lease &) = delete;
        Lease &operator=(const Lease &) = delete;
        T &operator*() const { return *lent_; }

      private:
        ScratchPool &pool_;
        std::unique_ptr<T> lent_;
    };

    // Gives back what no task holds.
    void clear() {
        const std::lock_guard<std::mutex> lock(mutex_);
        free_.clear();
    }

  private:
    std::unique_ptr<T> take() {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (free_.empty()) return std::make_unique<T>();
        std::unique_ptr<T> taken = std::move(free_.back());
        free_.pop_back();
        return taken;
    }
    void give(std::unique_ptr<T> lent) {
        const std::lock_guard<std::mutex> lock(mutex_);
        free_.push_back(std::move(lent));
    }

    std::mutex mutex_;
    std::vector<std::unique_ptr<T>> free_;
};

}  // namespace enishi
