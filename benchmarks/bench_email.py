"""Emails a second through their normalizers, one thread.

    pytest benchmarks/bench_email.py --benchmark-only
"""

import random
from collections.abc import Callable

import pyarrow as pa
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from enishi import _normalize

ROWS = 1_000_000
DOMAINS = ["gmail.com"] * 8 + ["yahoo.co.jp"] * 6 + ["icloud.com", "docomo.ne.jp", "ezweb.ne.jp", "softbank.ne.jp"] * 2
NAMES = ["Taro", "hanako", "yuki", "kenji", "sato", "suzuki", "Tanaka", "watanabe", "maria", "smith", "lee", "kobayashi"]


@pytest.fixture(scope="module")
def emails() -> pa.Array:
    """Two names and a number at a well-known domain, one in seven at a company's own."""
    rng = random.Random(1)
    domains = DOMAINS + [f"{name.lower()}-{ending}" for name in NAMES[:4] for ending in ("shoji.co.jp", "design.com")]
    values = [
        f"{rng.choice(NAMES)}{rng.choice(['.', '_', '', '-'])}{rng.choice(NAMES)}{rng.randrange(10_000)}"
        f"@{rng.choice(domains)}"
        for _ in range(ROWS)
    ]
    return pa.array(values)


@pytest.mark.parametrize(
    "make",
    [_normalize.email, _normalize.identifier, lambda: _normalize.email_recipe("uid2")],
    ids=["email", "identifier", "email_recipe"],
)
def test_plaintext(
    benchmark: BenchmarkFixture, emails: pa.Array, make: Callable[[], _normalize.Normalizer]
) -> None:
    benchmark.extra_info["rows"] = len(emails)
    benchmark.pedantic(make().canonicalize, (emails,), rounds=10, warmup_rounds=1)


def test_hashed(benchmark: BenchmarkFixture, emails: pa.Array) -> None:
    (_, _, values), _ = _normalize.email_recipe("uid2").canonicalize(emails)
    offsets = pa.array(range(0, 64 * ROWS + 1, 64), pa.int64())
    hashes = pa.Array.from_buffers(pa.large_string(), ROWS, [None, offsets.buffers()[1], pa.py_buffer(values)])
    benchmark.extra_info["rows"] = len(hashes)
    benchmark.pedantic(_normalize.hashed_email().canonicalize, (hashes,), rounds=10, warmup_rounds=1)
