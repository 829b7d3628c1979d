// Links between profiles, made and refused: what steps after the exact values leave behind.
#pragma once

#include <cstdint>
#include <vector>

#include "slot_index.hpp"

namespace enishi {

enum class Support : uint32_t { name = 1, birth_date = 2, postcode = 4 };

struct Link {
    uint32_t field = 0;     // of a near pair
    uint32_t rule = none;   // of a rule's group
    uint32_t left_value = none, right_value = none;
    uint32_t left_profile = 0, right_profile = 0;
    uint32_t distance = 0;  // edits; 0 for a domain's correction or a truncated id
    uint32_t support = 0;   // Support bits
};

// Why two records that something speaks for were not linked.
enum class Refusal : uint32_t {
    conflict,     // names or birth dates say that they are two people
    unsupported,  // a near value that no name, birth date or postcode supports
    ambiguous,    // another spelling is as near, or nearer
    contested,    // a near value that is generic, incomplete or carried by those who may not all be one customer
    bridge,       // too few of the pairs between two large clusters
    limit,        // not all whom it would join may be one customer
    outweighed    // by what the clusters of a pair know and the pair does not
};

struct RefusedLink {
    Link link;
    uint32_t why;
};

struct Links {
    std::vector<Link> made;
    std::vector<RefusedLink> refused;  // some of their ends may have become one customer in another way since

    void refuse(const Link &link, Refusal why) { refused.push_back({link, static_cast<uint32_t>(why)}); }
};

}  // namespace enishi
