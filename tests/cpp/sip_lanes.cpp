// Eight texts side by side hash as they do one by one, in vectors of any width, and are never read outside.
#include "enishi/sip_lanes.hpp"

#include <cstdio>
#include <memory>
#include <random>
#include <string_view>
#include <utility>
#include <vector>

using namespace enishi;

namespace {

struct Case {
    std::unique_ptr<char[]> bytes;  // exactly as long as the text, so that a read outside is seen
    size_t size;
    Key128 key;
    std::string_view view() const { return {bytes.get(), size}; }
};

bool agree(const std::vector<Case> &cases, SipLanes::Vectors vectors) {
    std::vector<Key128> hashes(cases.size());
    SipLanes lanes(vectors);
    for (size_t i = 0; i < cases.size(); ++i) {
        lanes.add(cases[i].key, cases[i].view(), &hashes[i]);
        if (i % 37 == 36) lanes.flush();  // with one to eight of them put by
    }
    lanes.flush();
    lanes.flush();
    for (size_t i = 0; i < cases.size(); ++i) {
        if (hashes[i] == siphash(cases[i].key, cases[i].view())) continue;
        std::printf("a text of %zu bytes differs with vectors %d\n", cases[i].size, static_cast<int>(vectors));
        return false;
    }
    return true;
}

}  // namespace

int main() {
    std::mt19937_64 random(7);
    std::vector<Case> cases;
    for (size_t i = 0; i < 20000; ++i) {
        const size_t size = i < 300 ? i : random() % (i % 5 ? 40 : 140);
        Case made{std::make_unique<char[]>(size), size, {random(), i % 3 ? random() : 0}};
        for (size_t b = 0; b < size; ++b) made.bytes[b] = static_cast<char>(random());
        cases.push_back(std::move(made));
    }
    for (int width = 0; width <= static_cast<int>(SipLanes::widest()); ++width) {
        if (!agree(cases, static_cast<SipLanes::Vectors>(width))) return 1;
    }
    return 0;
}
