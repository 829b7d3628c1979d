"""Values a second, one thread: device ids, payment tokens, loyalty cards, masked cards.

pytest benchmarks/bench_cards.py --benchmark-only; each case normalizes a million values of the shapes that files hold.
"""

import base64
import random
import uuid
from collections.abc import Callable

import pyarrow as pa
import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from stdnum import ean, luhn
from stdnum.cl import rut
from stdnum.iso7064 import mod_11_10

from enishi import _normalize

ROWS = 1_000_000


def _uuid(rng: random.Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128)))


def _spelled_uuid(rng: random.Random) -> str:
    value = _uuid(rng)
    return rng.choice([value, value.upper(), value.replace("-", ""), f"{{{value}}}", value[: rng.randrange(18, 36)]])


def _cookie(rng: random.Random) -> str:
    if rng.random() < 0.5:
        return f"GA1.2.{rng.randrange(10**9, 2**31)}.{rng.randrange(1_600_000_000, 1_760_000_000)}"
    return base64.b64encode(rng.randbytes(18)).decode()


def _token(rng: random.Random) -> str:
    return "tok_1" + base64.b32encode(rng.randbytes(15)).decode()


def _network_token(rng: random.Random) -> str:
    body = f"4{rng.randrange(10**14):014}"
    return body + luhn.calc_check_digit(body)


def _number(check_digit: str) -> Callable[[random.Random], str]:
    calc = {
        "luhn": luhn.calc_check_digit,
        "ean13": ean.calc_check_digit,
        "mod11": lambda body: rut.calc_check_digit(body).replace("K", "X"),
        "iso7064": mod_11_10.calc_check_digit,
        "none": lambda body: body[0],
    }[check_digit]
    digits = 12 if check_digit == "ean13" else 15

    def number(rng: random.Random) -> str:
        body = f"{rng.randrange(10**digits):0{digits}}"
        value = body + calc(body)
        return "-".join((value[:4], value[4:8], value[8:12], value[12:])) if rng.random() < 0.1 else value

    return number


def _masked(rng: random.Random) -> str:
    first, last = rng.randrange(400_000, 560_000), rng.randrange(10_000)
    value = f"{first}******{last:04}"
    return f"{value} {rng.randrange(1, 13):02}/{rng.randrange(26, 33)}" if rng.random() < 0.5 else value


CASES: dict[str, tuple[_normalize.Normalizer, Callable[[random.Random], str]]] = {
    "device_id": (_normalize.device_id(uuid_only=True), _uuid),
    "device_id_spellings": (_normalize.device_id(), _spelled_uuid),
    "device_id_cookies": (_normalize.device_id(), _cookie),
    "payment_token": (_normalize.payment_token(), _token),
    "payment_token_network": (_normalize.payment_token(tokenized=True), _network_token),
    "loyalty_card_none": (_normalize.loyalty_card(), _number("none")),
    "loyalty_card_luhn": (_normalize.loyalty_card("luhn", 16), _number("luhn")),
    "loyalty_card_ean13": (_normalize.loyalty_card("ean13"), _number("ean13")),
    "loyalty_card_mod11": (_normalize.loyalty_card("mod11", 16), _number("mod11")),
    "loyalty_card_iso7064": (_normalize.loyalty_card("iso7064", 16), _number("iso7064")),
    "masked_card": (_normalize.masked_card(), _masked),
}


@pytest.mark.parametrize("case", CASES)
def test_normalize(benchmark: BenchmarkFixture, case: str) -> None:
    normalizer, made = CASES[case]
    rng = random.Random(1)
    column = pa.array([made(rng) for _ in range(ROWS)], pa.large_string())
    benchmark.extra_info["rows"] = ROWS
    _, status = benchmark.pedantic(normalizer.canonicalize, (column,), rounds=10, warmup_rounds=1)
    assert status.count(0) + status.count(2) > 0.99 * ROWS
    if benchmark.stats:
        benchmark.extra_info["million values a second"] = ROWS / benchmark.stats.stats.min / 1e6
