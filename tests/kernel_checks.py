"""Values that a normalizer of an attribute is held to its twin on."""

import random
from collections.abc import Iterator, Sequence


def assembled(pieces: Sequence[str], count: int, seed: int, longest: int = 8) -> list[bytes]:
    """Values put together at random from pieces that matter to a field."""
    rng = random.Random(seed)
    return ["".join(rng.choices(pieces, k=rng.randint(1, longest))).encode() for _ in range(count)]


def hostile(seed: int, plain: bytes) -> Iterator[bytes]:
    """Bytes that no form should send, many of them around a plain value."""
    for junk in (b"\0", b"\x80", b"\xe3\x81", b"\x1b[0m", b"\x7f", "😀".encode(), "\u200b".encode(), b"\t", b"\r\n"):
        yield from (junk + plain, plain + junk, plain[:2] + junk + plain[2:])
    for size in (63, 64, 65, 255, 256, 257, 1023, 1024, 1025):
        yield from (b"1" * size, b"a" * size, "あ".encode() * (size // 3), b" " * size + plain)
        # One letter that is eighteen when it is normalized, and one that is four and then ASCII.
        yield from (letter.encode() * (size // 3) for letter in "\ufdfa⒇")
    rng = random.Random(seed)
    for _ in range(3000):
        yield rng.randbytes(rng.randint(1, 24))
        yield bytes(rng.choices(plain + b" -./\0\x80\xe3\x81\x82", k=rng.randint(1, 24)))
