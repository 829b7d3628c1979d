"""Write csrc/enishi/phone_tables.hpp from the metadata of the installed phonenumbers package.

    python csrc/generate_phone_tables.py

The package describes a numbering plan by regular expressions over digits: one for all its numbers, one for each type of
number, one for the national and one for the international prefix. All of them are compiled here, so the kernel agrees
with the package by construction:

- The numbers of a calling code become one minimal acyclic automaton. It is the product of every expression of every
  region that shares the code (25 of them under +1), and each state is labelled with what the package would answer for
  the digits read so far: whether the main region's general expression holds, and whether the number is nobody's, a
  person's or a service's.
- A prefix becomes an automaton whose longest match is the prefix to strip.

A table is an array of rows of eleven: the row to go to for each digit, as an index into the array, and the row's label.
Row 0 is where nothing can match any more; the start is row 11.
"""

import random
import re
import re._constants as op  # type: ignore[import-untyped]
import re._parser as regex  # type: ignore[import-untyped]
from collections.abc import Callable, Hashable, Iterable
from pathlib import Path

import phonenumbers
from phonenumbers import PhoneMetadata
from phonenumbers.data import _COUNTRY_CODE_TO_REGION_CODE as REGIONS_OF_CODE

HEADER = Path(__file__).parent / "enishi" / "phone_tables.hpp"
# Where most shops are; the package takes a thousand times as long for a number, and decides for all others.
REGIONS = (
    *("JP", "US", "GB", "CN", "KR", "TW", "CA", "HK", "SG", "TH", "VN", "MY", "PH", "ID", "IN", "AU", "NZ", "MX"),
    *("DE", "FR", "IT", "ES", "NL", "BE", "LU", "AT", "CH", "PL", "CZ", "SE", "DK", "NO", "FI", "PT", "IE", "GR"),
)
LONGEST = 17  # digits of a national number; the package refuses longer ones

# In the package's order of precedence. Fixed line and mobile come last and are both a person's.
SERVICES = ("premium_rate", "toll_free", "shared_cost", "uan", "voicemail")
TYPES = ("premium_rate", "toll_free", "shared_cost", "voip", "personal_number", "pager", "uan", "voicemail",
         "fixed_line", "mobile")  # fmt: skip

VIABLE, PERSON, SERVICE = 1, 2, 4  # labels of a number
ANYWHERE, WHOLE = 1, 2  # labels of a prefix: it ends here, or is the whole number and stays

Tag = Hashable
Row = tuple[int, tuple[int, ...]]  # label, where each digit goes


class Expressions:
    """A nondeterministic automaton of many tagged expressions over digits, read side by side."""

    def __init__(self) -> None:
        self.empty: list[list[int]] = [[]]
        self.moves: list[list[tuple[frozenset[int], int]]] = [[]]
        self.tags: dict[int, Tag] = {}

    def add(self, pattern: str, tag: Tag, any_tail: bool = False) -> None:
        end = self.sequence(regex.parse(pattern), 0)
        if any_tail:
            self.moves[end].append((frozenset(range(10)), end))
        self.tags[end] = tag

    def start(self) -> frozenset[int]:
        return self._closure([0])

    def step(self, states: frozenset[int], digit: int) -> frozenset[int]:
        return self._closure(to for state in states for digits, to in self.moves[state] if digit in digits)

    def holding(self, states: frozenset[int]) -> frozenset[Tag]:
        return frozenset(self.tags[state] for state in states if state in self.tags)

    def _closure(self, states: Iterable[int]) -> frozenset[int]:
        found: set[int] = set()
        todo = list(states)
        while todo:
            state = todo.pop()
            if state not in found:
                found.add(state)
                todo += self.empty[state]
        return frozenset(found)

    def _state(self) -> int:
        self.empty.append([])
        self.moves.append([])
        return len(self.empty) - 1

    def sequence(self, items: Iterable[tuple[object, object]], at: int) -> int:
        # A state of its own at the front: what follows must not leak into the alternatives beside it.
        front = self._state()
        self.empty[at].append(front)
        at = front
        for code, argument in items:
            at = self._item(code, argument, at)
        return at

    def _item(self, code: object, argument, at: int) -> int:  # type: ignore[no-untyped-def]
        if code is op.LITERAL or code is op.IN:
            end = self._state()
            self.moves[at].append((self._digits(code, argument), end))
            return end
        if code is op.SUBPATTERN:
            return self.sequence(argument[3], at)
        if code is op.BRANCH:
            end = self._state()
            for branch in argument[1]:
                self.empty[self.sequence(branch, at)].append(end)
            return end
        if code is op.MAX_REPEAT:
            least, most, items = argument
            for _ in range(least):
                at = self.sequence(items, at)
            end = self._state()
            self.empty[at].append(end)
            for _ in range(most - least):
                at = self.sequence(items, at)
                self.empty[at].append(end)
            return end
        raise ValueError(f"an expression of the metadata uses {code}, which this compiler does not know")

    def _digits(self, code: object, argument) -> frozenset[int]:  # type: ignore[no-untyped-def]
        if code is op.LITERAL:
            return frozenset([int(chr(argument))])
        digits: set[int] = set()
        for kind, value in argument:
            if kind is op.LITERAL:
                digits.add(int(chr(value)))
            elif kind is op.RANGE:
                digits.update(range(int(chr(value[0])), int(chr(value[1])) + 1))
            elif (kind, value) == (op.CATEGORY, op.CATEGORY_DIGIT):
                digits.update(range(10))
            else:
                raise ValueError(f"an expression of the metadata uses {kind}, which this compiler does not know")
        return frozenset(digits)


def minimal(expressions: Expressions, label: Callable[[int, frozenset[Tag]], int]) -> list[Row]:
    """The minimal automaton; label says what is answered after so many digits, given the expressions that hold.

    Strings are bounded, so the automaton has no cycles: equal states are found from the leaves up.
    """
    dead: Row = (0, (0,) * 10)
    known: dict[Row, int] = {dead: 0}
    memo: dict[tuple[int, frozenset[int]], int] = {}

    def number(length: int, states: frozenset[int]) -> int:
        if not states:
            return 0
        if (length, states) not in memo:
            more = range(10) if length < LONGEST else ()
            targets = tuple(number(length + 1, expressions.step(states, digit)) for digit in more) or (0,) * 10
            row = (label(length, expressions.holding(states)), targets)
            memo[length, states] = known.setdefault(row, len(known))
        return memo[length, states]

    start = number(0, expressions.start())
    by_number = {number: row for row, number in known.items()}
    # Breadth first from the start: the rows that most numbers pass stand together.
    order = [0, start]
    for state in order:
        order += [to for to in dict.fromkeys(by_number[state][1]) if to not in order]
    place = {state: i for i, state in enumerate(order)}
    return [(by_number[state][0], tuple(place[to] for to in by_number[state][1])) for state in order]


def numbers(calling_code: int) -> list[Row]:
    """The automaton of the national numbers under a calling code."""
    regions = REGIONS_OF_CODE[calling_code]
    expressions = Expressions()
    plans = [PhoneMetadata.metadata_for_region(region) for region in regions]
    for region, plan in zip(regions, plans, strict=True):
        if plan.leading_digits is not None:
            expressions.add(plan.leading_digits, (region, "leading_digits"), any_tail=True)
        for name in ("general_desc", *TYPES):
            desc = getattr(plan, name)
            if desc is not None and desc.national_number_pattern:
                expressions.add(desc.national_number_pattern, (region, name))

    def kind(region: str, plan: PhoneMetadata, length: int, holding: frozenset[Tag]) -> str | None:
        def matches(name: str) -> bool:
            lengths = getattr(plan, name).possible_length if (region, name) in holding else None
            return lengths is not None and (not lengths or length in lengths)

        return next(filter(matches, TYPES), None) if matches("general_desc") else None

    def label(length: int, holding: frozenset[Tag]) -> int:
        viable = VIABLE if (regions[0], "general_desc") in holding else 0
        for region, plan in zip(regions, plans, strict=True):
            found = kind(region, plan, length, holding)
            # Several regions under one code: the first that claims the number by its leading digits, or else knows it.
            claimed = (region, "leading_digits") in holding if plan.leading_digits is not None else found is not None
            if claimed or len(regions) == 1:
                return viable | (SERVICE if found in SERVICES else PERSON if found else 0)
        return viable

    return minimal(expressions, label)


def prefix(pattern: str | None, transform: str | None) -> list[Row]:
    """The automaton of a national or an international prefix; nothing is stripped where there is none."""
    if not pattern:
        return [(0, (0,) * 10)] * 2
    expressions = Expressions()
    parsed = regex.parse(pattern)
    branches = parsed[0][1][1] if len(parsed) == 1 and parsed[0][0] is op.BRANCH else [parsed]
    whole = [branch for branch in branches if branch[-1][0] is op.AT]
    if whole:
        # Such an alternative captures all of a number that a rule then puts back unchanged: nothing is stripped.
        assert [len(branch) for branch in whole] == [2] and whole[0][-1][1] is op.AT_END and transform == "\\1", pattern
        assert whole[0][0][0] is op.SUBPATTERN and whole[0][0][1][0] == 1, pattern
    else:
        assert not transform, pattern
    for branch in branches:
        end = expressions.sequence(branch[:-1] if branch in whole else branch, 0)
        expressions.tags[end] = WHOLE if branch in whole else ANYWHERE
    rows = minimal(expressions, lambda length, holding: sum(holding))  # type: ignore[arg-type]
    check_longest_is_first(pattern, rows)
    return rows


def longest(rows: list[Row], digits: str) -> int:
    """How many digits the prefix takes, as the kernel reads the table."""
    state, found = 1, 0
    for i, digit in enumerate(digits):
        state = rows[state][1][int(digit)]
        if rows[state][0] & ANYWHERE:
            found = i + 1
    return 0 if rows[state][0] & WHOLE else found


def check_longest_is_first(pattern: str, rows: list[Row]) -> None:
    """An expression's match is that of its first alternative; the table's is the longest. Here they are the same."""
    compiled = re.compile(pattern)
    choose = random.Random(1)
    for head in range(10_000):
        digits = f"{head:04}" + "".join(choose.choices("0123456789", k=choose.randrange(8)))
        match = compiled.match(digits)
        kept = match is None or (match.end() == len(digits) and match.lastindex == 1 and "$" in pattern)
        assert longest(rows, digits) == (0 if kept else match.end()), (pattern, digits)


def array(name: str, rows: list[Row]) -> str:
    assert len(rows) * 11 < 1 << 16, name
    lines = [f"inline constexpr uint16_t {name}[] = {{"]
    line = "   "
    for label, targets in rows:
        for value in (*(to * 11 for to in targets), label):
            if len(line) + len(str(value)) + 2 > 119:
                lines.append(line)
                line = "   "
            line += f" {value},"
    return "\n".join([*lines, line, "};"])


def bits(lengths: Iterable[int]) -> str:
    return hex(sum(1 << length for length in lengths))


def header() -> str:
    japan = numbers(81)
    state = 1
    for digit in "6012345678":  # open to mobile since July 2026; metadata that does not know it is too old
        state = japan[state][1][int(digit)]
    assert japan[state][0] & PERSON, "this phonenumbers package does not know Japan's 060 mobile numbers: upgrade it"

    arrays: list[str] = []
    plans: list[str] = []
    known: set[str] = set()
    for region in REGIONS:
        plan = PhoneMetadata.metadata_for_region(region)
        name = region.lower()
        main = REGIONS_OF_CODE[plan.country_code][0]
        of_code = f"{main.lower()}_numbers"
        if of_code not in known:
            known.add(of_code)
            arrays.append(array(of_code, numbers(plan.country_code)))
        # What the package answers for a number goes by the main region of its code.
        general = PhoneMetadata.metadata_for_region(main).general_desc
        assert plan.general_desc.national_number_pattern == general.national_number_pattern, region
        transform = plan.national_prefix_transform_rule
        arrays.append(array(f"{name}_national_prefix", prefix(plan.national_prefix_for_parsing, transform)))
        arrays.append(array(f"{name}_international_prefix", prefix(plan.international_prefix, None)))
        plans.append(
            f'    {{"{region}", "{plan.country_code}", {bits(general.possible_length)}, {max(general.possible_length)},'
            f" {of_code}, {name}_national_prefix, {name}_international_prefix}},"
        )
    codes = [0] * 1000
    for code in REGIONS_OF_CODE:
        codes[code] = 1
    packed = [sum(codes[i + bit] << bit for bit in range(8)) for i in range(0, 1000, 8)]
    code_lines = ["    " + ", ".join(map(str, packed[i : i + 25])) + "," for i in range(0, 125, 25)]
    newline = "\n"
    return f"""\
// The numbering plans that the phone kernel knows. Written by csrc/generate_phone_tables.py; do not edit.
//
// Made from the metadata of phonenumbers {phonenumbers.__version__}, a port of libphonenumber.
// Copyright (C) The Libphonenumber Authors, licensed under the Apache License, Version 2.0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace enishi {{
namespace phone_tables {{

// An automaton over digits is rows of eleven: the row (as an index) that each digit leads to, and a label.
inline constexpr size_t start = 11, label = 10;
inline constexpr uint16_t viable = {VIABLE}, person = {PERSON}, service = {SERVICE};  // labels of a number
inline constexpr uint16_t anywhere = {ANYWHERE}, whole = {WHOLE};  // labels of a prefix

struct Plan {{
    std::string_view region;
    std::string_view calling_code;
    uint32_t possible_lengths;  // bit n: some number has n digits
    size_t longest;
    const uint16_t *numbers;
    const uint16_t *national_prefix;
    const uint16_t *international_prefix;
}};

// Every calling code in use, a bit each.
inline constexpr uint8_t calling_codes[] = {{
{newline.join(code_lines)}
}};

{newline.join(arrays)}

inline constexpr Plan plans[] = {{
{newline.join(plans)}
}};

}}  // namespace phone_tables
}}  // namespace enishi
"""


if __name__ == "__main__":
    HEADER.write_text(header())
