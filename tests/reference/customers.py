"""Customers in plain Python: their ids."""

from collections.abc import Iterable

from reference.siphash import siphash

Record = tuple[str, str]  # source and record id


def smallest(records: Iterable[Record]) -> Record:
    """The smallest record in byte order."""
    return min(records, key=lambda record: (record[0].encode(), record[1].encode()))


def hashed(record: Record, bits: int, counter: int = 0) -> int:
    """Some bits of the 128-bit hash of ``source NUL record_id``, after a collision with ``NUL counter`` behind."""
    text = "\0".join([*record, *([str(counter)] if counter else [])])
    return int.from_bytes(siphash(bytes(16), text.encode())[:8], "little") & ((1 << bits) - 1)


def customer_ids(customers: Iterable[Iterable[Record]], bits: int = 63) -> dict[Record, int]:
    """The id of each record's customer.

    Where several customers would have one id, that of the smallest record keeps it; the others count on until they find
    one that no customer's own hash is and nobody has taken.
    """
    members = {smallest(records): list(records) for records in map(list, customers)}
    heads = sorted(members, key=lambda record: (record[0].encode(), record[1].encode()))
    own = {head: hashed(head, bits) for head in heads}
    taken: set[int] = set()
    ids = {}
    for head in heads:
        number, counter = own[head], 0
        while number in taken or (counter and number in own.values()):
            counter += 1
            number = hashed(head, bits, counter)
        taken.add(number)
        ids[head] = number
    return {record: ids[head] for head, records in members.items() for record in records}
