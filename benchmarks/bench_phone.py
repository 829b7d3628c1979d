"""Phone numbers a second on one thread.

pytest benchmarks/bench_phone.py --benchmark-only -o python_files='bench_*.py'
"""

import random

import pyarrow as pa
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from enishi._normalize import phone

ROWS = 1_000_000
FULL_WIDTH = str.maketrans("0123456789-", "０１２３４５６７８９－")


def realistic(count: int) -> list[str]:
    """Numbers as a shop's channels spell them; every rate is assumed."""
    choose = random.Random(1)
    numbers = []
    for _ in range(count):
        line = choose.randrange(10_000_000, 100_000_000)
        head = choose.choice(("090", "080", "070")) if choose.random() < 0.8 else choose.choice(("03", "06"))
        a, b = divmod(line, 10_000)
        number = choose.choices(
            (
                f"{head}-{a:04}-{b:04}",
                f"{head}{line}",
                f"+81{head[1:]}{line}",
                f"{head[1:]}{line}",
                f"{head}({a:04}){b:04}",
                f"0120-{a % 1000:03}-{b % 1000:03}",
                "",
            ),
            (50, 32, 8, 4, 3, 1, 2),
        )[0]
        numbers.append(number.translate(FULL_WIDTH) if choose.random() < 0.02 else number)
    return numbers


@pytest.mark.parametrize("spelling", ["realistic", "full width"])
def test_phone(benchmark: BenchmarkFixture, spelling: str) -> None:
    numbers = realistic(ROWS)
    if spelling == "full width":
        numbers = [number.translate(FULL_WIDTH) for number in numbers]
    column = pa.array(numbers)
    kernel = phone("JP")
    benchmark.pedantic(kernel.canonicalize, (column,), rounds=9, warmup_rounds=1)
    benchmark.extra_info["M values/s"] = round(ROWS / benchmark.stats.stats.min / 1e6, 1)
    print(f"\n{spelling}: {benchmark.extra_info['M values/s']} M values/s")
