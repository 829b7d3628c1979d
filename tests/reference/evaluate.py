"""The scores in plain Python: every pair of records listed."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping
from itertools import combinations

Record = tuple[str, str]


def _pairs(groups: Mapping[Record, Hashable]) -> set[tuple[Record, Record]]:
    members: dict[Hashable, list[Record]] = defaultdict(list)
    for record in sorted(groups):
        members[groups[record]].append(record)
    return {pair for group in members.values() for pair in combinations(group, 2)}


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 1.0


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def evaluate(customers: Mapping[Record, int], truth: Mapping[Record, Hashable]) -> dict[str, float]:
    """Scores by name; a record whose person is None is not scored."""
    assert customers.keys() == truth.keys()
    persons = {record: person for record, person in truth.items() if person is not None}
    held = {record: customers[record] for record in persons}
    found, true = _pairs(held), _pairs(persons)
    precision, recall = _share(len(found & true), len(found)), _share(len(found & true), len(true))
    precisions, recalls, strangers = [], [], 0
    for record in persons:
        same_customer = {other for other in persons if held[other] == held[record]}
        same_person = {other for other in persons if persons[other] == persons[record]}
        both = len(same_customer & same_person)
        precisions.append(both / len(same_customer))
        recalls.append(both / len(same_person))
    for customer in set(held.values()):
        counts = Counter(persons[record] for record in persons if held[record] == customer)
        strangers += sum(counts.values()) - max(counts.values())
    bcubed_precision, bcubed_recall = _share(sum(precisions), len(persons)), _share(sum(recalls), len(persons))
    return {
        "records": len(truth),
        "scored": len(persons),
        "customers": len(set(held.values())),
        "persons": len(set(persons.values())),
        "true_pairs": len(true),
        "found_pairs": len(found),
        "correct_pairs": len(found & true),
        "precision": precision,
        "recall": recall,
        "f1": _f1(precision, recall),
        "bcubed_precision": bcubed_precision,
        "bcubed_recall": bcubed_recall,
        "bcubed_f1": _f1(bcubed_precision, bcubed_recall),
        "strangers_merged": strangers,
        "strangers_merged_per_million": strangers / len(persons) * 1e6 if persons else 0.0,
    }


def recall_ceiling(truth: Mapping[Record, Hashable], keys: list[tuple[Record, Hashable]]) -> float:
    """Each person's records joined by shared keys, step by step until nothing changes."""
    persons = {record: person for record, person in truth.items() if person is not None}
    group: dict[Record, int] = {record: number for number, record in enumerate(sorted(persons))}
    carried: dict[Record, set[Hashable]] = defaultdict(set)
    for record, key in keys:
        carried[record].add(key)
    true = _pairs(persons)
    moved = True
    while moved:
        moved = False
        for left, right in true:
            if group[left] != group[right] and carried[left] & carried[right]:
                old, new = group[left], group[right]
                group = {record: new if number == old else number for record, number in group.items()}
                moved = True
    return _share(len(_pairs(group)), len(true))
