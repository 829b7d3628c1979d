"""The hash of a row in plain Python: what its columns hold, framed so that no two rows spell the same bytes."""

from reference.siphash import siphash

KEY = bytes(16)


def frame(values: list[bytes | None]) -> bytes:
    """Each value in the order of the columns' names: one byte whether it is there, eight for its length, its bytes."""
    return b"".join(
        bytes([value is not None]) + len(value or b"").to_bytes(8, "little") + (value or b"") for value in values
    )


def hash_rows(columns: list[list[bytes | None]]) -> list[tuple[int, int]]:
    """The low and the high half of each row's hash; the columns come in the order of their names."""
    digests = [siphash(KEY, frame(list(row))) for row in zip(*columns, strict=True)]
    return [(int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:], "little")) for digest in digests]
