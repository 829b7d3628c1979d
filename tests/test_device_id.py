import hashlib
import random
import uuid
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enishi import _normalize
from reference.columns import HOSTILE, HUGE, assert_agree, spoiled
from reference.device_id import device_id as twin

ID = "6d92078a-8246-4ba4-ae5b-76104861e7dc"
ZERO = "00000000-0000-0000-0000-000000000000"


@pytest.mark.parametrize("uuid_only", [False, True])
@pytest.mark.parametrize(
    "spelling",
    [
        ID,
        ID.upper(),
        ID.title(),
        ID.replace("-", ""),
        ID.replace("-", "").upper(),
        f"{{{ID}}}",
        f"({ID})",
        f"urn:uuid:{ID}",
        f"URN:UUID:{ID.upper()}",
        f'"{ID}"',
        f"'{ID}'",
        f'="{ID}"',
        f" \t{ID}\r\n",
        f'"{{{ID.upper()}}}"',
        "".join(chr(ord(c) + 0xFEE0) for c in ID),
        "".join(chr(ord(c) + 0xFEE0) for c in f"{{{ID.upper()}}}"),
        ID.replace("-", "‐"),
        ID.replace("-", "–"),
        ID.replace("-", "−"),
        ID.replace("-", "\u200b-\u200b"),
        f"\ufeff{ID}\u3000",
    ],
)
def test_every_spelling_of_a_uuid(spelling: str, uuid_only: bool) -> None:
    assert _normalize.device_id(uuid_only).one(spelling.encode()) == (ID, "accepted")
    assert twin(spelling.encode(), uuid_only) == (ID, "accepted")


@pytest.mark.parametrize("size", range(16, 32))
def test_the_beginning_of_a_uuid(size: int) -> None:
    digits = ID.replace("-", "")[:size]
    canonical = next(ID[:n] for n in range(37) if len(ID[:n].replace("-", "")) == size)
    for spelling in (digits, digits.upper(), canonical, canonical.upper(), f" {canonical}"):
        assert _normalize.device_id().one(spelling.encode()) == (canonical, "incomplete")
        assert twin(spelling.encode()) == (canonical, "incomplete")


def hashes(data: str) -> list[str]:
    return [hashlib.new(name, data.encode()).hexdigest() for name in ("md5", "sha1", "sha256")]


@pytest.mark.parametrize("uuid_only", [False, True])
@pytest.mark.parametrize(
    "junk",
    [
        ZERO,
        ZERO.replace("-", ""),
        f"{{{ZERO}}}",
        f"urn:uuid:{ZERO}",
        "０" * 32,
        ZERO[:18],
        "0" * 16,
        "0" * 40,
        "0" * 64,
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
        "11111111-1111-1111-1111-111111111111",
        "12345678-1234-1234-1234-123456789012",
        "0123456789ABCDEF0123456789ABCDEF",
        "9774d56d682e549c",
        *hashes(ZERO),
        *hashes(ZERO.replace("-", "")),
        *hashes(""),
        *(digest.upper() for digest in hashes(ZERO)),
        str(uuid.UUID(hashes(ZERO)[0])),
    ],
)
def test_ids_of_no_device(junk: str, uuid_only: bool) -> None:
    assert _normalize.device_id(uuid_only).one(junk.encode()) == (None, "junk")
    assert twin(junk.encode(), uuid_only) == (None, "junk")


def test_hashed_spellings() -> None:
    md5, sha1, sha256 = hashes(ID)
    for uuid_only in (False, True):
        normalizer = _normalize.device_id(uuid_only)
        assert normalizer.one(md5.encode()) == (str(uuid.UUID(md5)), "accepted")
        assert normalizer.one(sha1.upper().encode()) == (sha1, "accepted")
        assert normalizer.one(sha256.upper().encode()) == (sha256, "accepted")


@pytest.mark.parametrize(
    ("raw", "opaque", "uuid_only"),
    [
        ("GA1.2.1234567890.1700000000", ("GA1.2.1234567890.1700000000", "accepted"), (None, "malformed")),
        ("1234567890.1700000000", ("1234567890.1700000000", "accepted"), (None, "malformed")),
        ("fb.1.1700000000000.1098115397", ("fb.1.1700000000000.1098115397", "accepted"), (None, "malformed")),
        ("  kT9+/aZq4w0x3A==  ", ("kT9+/aZq4w0x3A==", "accepted"), (None, "malformed")),
        ("AbCdEfGz", ("AbCdEfGz", "accepted"), (None, "malformed")),
        # Decimal digits: an opaque id for a cookie, the beginning of a UUID where ids are UUIDs.
        ("1700000000123456", ("1700000000123456", "accepted"), ("17000000-0012-3456", "incomplete")),
        ("17000000-0012-3456", ("17000000-0012-3456", "incomplete"), ("17000000-0012-3456", "incomplete")),
        ("17000000001234561700000000123456", *[("17000000-0012-3456-1700-000000123456", "accepted")] * 2),
        ("0123456789abcde", (None, "malformed"), (None, "malformed")),
        ("6d92078a8246", (None, "malformed"), (None, "malformed")),
        ("12345679", (None, "malformed"), (None, "malformed")),
        ("short", (None, "malformed"), (None, "malformed")),
        ("two words", (None, "malformed"), (None, "malformed")),
        ("ユーザー識別子番号一", (None, "malformed"), (None, "malformed")),
        (
            "6d92078a-8246-4ba4-ae5b-76104861e7dcaa",
            ("6d92078a-8246-4ba4-ae5b-76104861e7dcaa", "accepted"),
            (None, "malformed"),
        ),
        ("6d92-078a82464ba4ae5b76104861e7dc", ("6d92-078a82464ba4ae5b76104861e7dc", "accepted"), (None, "malformed")),
        ("xxxxxxxxxxxx", (None, "junk"), (None, "malformed")),
        ("()[]{}'`", (None, "junk"), (None, "malformed")),
        ("0000-00-00", (None, "junk"), (None, "malformed")),
        ("x-x-x-x-x-x-x-x-x-x-x", (None, "junk"), (None, "malformed")),
        ("abcdefghijkl", (None, "junk"), (None, "malformed")),
        ("1234567890123456", (None, "junk"), ("12345678-9012-3456", "incomplete")),
        ("1.23456789012346E+15", (None, "spreadsheet"), (None, "spreadsheet")),
        ("undefined", (None, "missing"), (None, "missing")),
        ("z" * 255 + "a", ("z" * 255 + "a", "accepted"), (None, "malformed")),
        ("z" * 256 + "a", (None, "too_long"), (None, "too_long")),
    ],
)
def test_other_values(raw: str, opaque: tuple[str | None, str], uuid_only: tuple[str | None, str]) -> None:
    assert _normalize.device_id().one(raw.encode()) == opaque
    assert _normalize.device_id(uuid_only=True).one(raw.encode()) == uuid_only
    assert twin(raw.encode()) == opaque
    assert twin(raw.encode(), True) == uuid_only


@pytest.mark.parametrize("uuid_only", [False, True])
def test_hostile_and_random_columns(uuid_only: bool) -> None:
    rng = random.Random(3)
    agree = partial(assert_agree, _normalize.device_id(uuid_only), partial(twin, uuid_only=uuid_only))
    agree([])
    agree([None])
    agree([ID.encode()])
    agree([None, *HOSTILE, None, *HUGE])
    values: list[bytes | None] = []
    for _ in range(10_000):
        digits = "".join(rng.choices("0123456789abcdefABCDEF" if rng.random() < 0.8 else "0123456789", k=32))
        value = digits if rng.random() < 0.3 else str(uuid.UUID(digits))
        cut = value[: rng.randrange(8, 37)] if rng.random() < 0.3 else value
        value = spoiled(rng, cut if rng.random() < 0.8 else cut.upper(), "0123456789abcfFgG-{}()'\" .ー１Ａé")
        values.append(None if rng.random() < 0.02 else value.encode())
    statuses = {status for _, status in agree(values)}
    assert statuses >= {"accepted", "incomplete", "missing", "malformed"}


HEX_LIKE = st.text("0123456789abcdefABCDEF-", max_size=66) | st.uuids().map(str)


@given(HEX_LIKE | st.text(max_size=40), st.booleans())
def test_any_text(text: str, uuid_only: bool) -> None:
    assert_agree(_normalize.device_id(uuid_only), partial(twin, uuid_only=uuid_only), [text.encode()])


@given(st.binary(max_size=70), st.booleans())
def test_any_bytes(raw: bytes, uuid_only: bool) -> None:
    assert _normalize.device_id(uuid_only).one(raw) == twin(raw, uuid_only)


@given(HEX_LIKE)
def test_canonical_ids_stay_as_they_are(text: str) -> None:
    canonical, status = _normalize.device_id().one(text.encode())
    if canonical is not None:
        assert _normalize.device_id().one(canonical.encode()) == (canonical, status)


@pytest.mark.parametrize("uuid_only", [False, True])
def test_every_length(uuid_only: bool) -> None:
    """Whole or cut, with hyphens or without, in braces or not, and with a wrong sign at every place."""
    whole = "0f3A5b6c-7D8e-49f0-a1b2-c3d4e5f60718"
    plain = [whole, whole.replace("-", ""), "1234567890" * 7, "GA1.2.x1" * 9, "1" * 70, "a" * 70]
    values = [
        open + text[:size] + close for text in plain for size in range(71) for open, close in ("  ", "{}", "()", "{)")
    ]
    for text in (whole, whole[:24], whole[:20], whole.replace("-", ""), whole.replace("-", "")[:17]):
        values += [text[:at] + sign + text[at + 1 :] for at in range(len(text)) for sign in "-g0 \0é"]
    agree = partial(assert_agree, _normalize.device_id(uuid_only), partial(twin, uuid_only=uuid_only))
    agree([value.strip(" ").encode() for value in values])
