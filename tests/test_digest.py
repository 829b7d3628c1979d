import hashlib
import random

from hypothesis import given
from hypothesis import strategies as st

from enishi import _normalize


def agrees(data: bytes) -> bool:
    return (_normalize.md5(data), _normalize.sha1(data), _normalize.sha256(data)) == (
        hashlib.md5(data).hexdigest(),
        hashlib.sha1(data).hexdigest(),
        hashlib.sha256(data).hexdigest(),
    )


def test_every_length_around_the_blocks() -> None:
    rng = random.Random(1)
    assert all(agrees(rng.randbytes(size)) for size in [*range(300), 10_000_000])


@given(st.binary())
def test_any_bytes_as_hashlib_has_them(data: bytes) -> None:
    assert agrees(data)
