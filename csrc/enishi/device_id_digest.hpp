// The hash of a device id, spelled as a column of hashed ids would give it: so plaintext and hashed ids meet.
#pragma once

#include <string_view>

#include "device_id.hpp"
#include "digest.hpp"

namespace enishi {

enum class DeviceHash : uint8_t { md5, sha1, sha256 };

// What is a SHA already has no plaintext to hash. An MD5 cannot be told from a UUID; its hash meets nothing.
class DeviceIdDigest {
  public:
    explicit DeviceIdDigest(DeviceHash hash, bool uuid_only = false) : hash_(hash), plain_{uuid_only} {}

    Status operator()(std::string_view raw, Text &out) const {
        plain_text_.clear();
        const Status status = plain_(raw, plain_text_);
        if (status != Status::accepted) return has_value(status) ? Status::malformed : status;
        const std::string_view id = plain_text_.view();
        if ((id.size() == 40 || id.size() == 64) && is_hexadecimal(id)) return Status::malformed;
        hex_.clear();
        switch (hash_) {
            case DeviceHash::md5: append_hex(md5(id), hex_); break;
            case DeviceHash::sha1: append_hex(sha1(id), hex_); break;
            case DeviceHash::sha256: append_hex(sha256(id), hex_); break;
        }
        return plain_(hex_.view(), out);
    }

  private:
    static bool is_hexadecimal(std::string_view id) {
        for (const char c : id) {
            if (!device::is_hex(c)) return false;
        }
        return true;
    }

    DeviceHash hash_;
    DeviceId plain_;
    mutable Text plain_text_, hex_;
};

}  // namespace enishi
