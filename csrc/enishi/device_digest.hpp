// The hashed spelling of a plaintext device id, so that a source which only holds hashes meets one that holds ids.
#pragma once

#include "device_id.hpp"
#include "digest.hpp"

namespace enishi {

enum class DigestKind : uint8_t { md5, sha1, sha256 };

// Reads a plaintext UUID and gives the digest of its canonical form as `DeviceId` spells a digest that it is given: an
// MD5 has the form of a UUID, the others are plain lower-case hex. What is no plaintext UUID is missing here.
struct DeviceDigest {
    DigestKind kind = DigestKind::md5;
    mutable Text hex{};

    Status operator()(std::string_view raw, Text &out) const {
        const Status status = DeviceId{}(raw, out);
        if (status != Status::accepted || out.size() != 36 || out.data()[8] != '-') return Status::missing;
        hex.clear();
        switch (kind) {
            case DigestKind::md5: append_hex(md5(out.view()), hex); break;
            case DigestKind::sha1: append_hex(sha1(out.view()), hex); break;
            case DigestKind::sha256: append_hex(sha256(out.view()), hex); break;
        }
        out.clear();
        return DeviceId{}(hex.view(), out);
    }
};

}  // namespace enishi
