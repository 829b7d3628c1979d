// Published digests, and hostile spellings under the sanitizers; agreement with hashlib is tested from Python.
#include <cstdio>
#include <random>
#include <string>

#include "enishi/digest.hpp"

using namespace enishi;

namespace {

int failures = 0;

void check(bool ok, const char *what) {
    if (ok) return;
    std::printf("failed: %s\n", what);
    ++failures;
}

template <size_t Size>
std::string hex(const Digest<Size> &digest) {
    Text out;
    append_hex(digest, out);
    return std::string(out.view());
}

}  // namespace

int main() {
    check(hex(md5("")) == "d41d8cd98f00b204e9800998ecf8427e", "MD5 of nothing");
    check(hex(md5("abc")) == "900150983cd24fb0d6963f7d28e17f72", "MD5 of abc");
    check(hex(sha1("abc")) == "a9993e364706816aba3e25717850c26c9cd0d89d", "SHA-1 of abc");
    check(hex(sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "SHA-256 of abc");
    check(hex(sha256(std::string(1000000, 'a'))) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
          "SHA-256 of a million");

    Digest<32> digest;
    check(read_base64("ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=", digest) && digest == sha256("abc"), "Base64");
    check(read_base64("ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0", digest) && digest == sha256("abc"), "base64url");
    check(!read_base64("ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa1=", digest), "bits left over");
    check(!read_base64("ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0a", digest), "no padding where it belongs");
    Digest<16> small;
    check(read_base64("1B2M2Y8AsgTpgAmY7PhCfg==", small) && small == md5(""), "Base64 with two signs of padding");

    std::mt19937 random(1);
    for (int i = 0; i < 100000; ++i) {
        std::string text(random() % 70, '\0');
        for (char &c : text) c = static_cast<char>(random());
        digest = sha256(text);
        Digest<32> read;
        check(read_hex(hex(digest), read) && read == digest, "hex is read back");
        read_hex(text, read);
        read_base64(text, read);
    }
    return failures != 0;
}
