"""What the commands show on stdout: tables of figures, and no value of a person but the demo's, who are made up."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from enishi.curve import CurvePoint
    from enishi.demo import Demo, Story
    from enishi.evaluate import Evaluation
    from enishi.forecast import Forecast
    from enishi.profile import Profile
    from enishi.simulate import Summary

WIDTH = 120  # where no terminal says
KEY_DIGITS = 12  # of a key's 32 hex digits; enough to find it again
TELLING_LINKS = 50  # below which what their weights promise of precision and recall says nothing
SIZES = (1, 2, 3, 5, 10, 20, 50, 100, 1_000)  # upper ends of the classes of customers by size


class Page:
    """Writes to stdout, one table or line below the other."""

    def __init__(self) -> None:
        narrow = sys.stdout.isatty() or "COLUMNS" in os.environ
        # Names come from files: nothing in them is markup.
        self._console = Console(width=None if narrow else WIDTH, markup=False, emoji=False, highlight=False)

    def say(self, text: str = "") -> None:
        """Writes a line, which the terminal may wrap but which stays one line to copy."""
        self._console.print(plain(text), soft_wrap=True)

    def title(self, text: str) -> None:
        self._console.print()
        self._console.print(plain(text), style="bold")

    def table(self, title: str, head: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Writes a table; numbers stand to the right."""
        if not rows:
            return
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for i, name in enumerate(head):
            numbers = all(isinstance(row[i], int | float) or row[i] == "" for row in rows)
            table.add_column(name, justify="right" if numbers else "left", overflow="fold")
        for row in rows:
            table.add_row(*(f"{cell:,}" if isinstance(cell, int) else plain(cell) for cell in row))
        self.title(title)
        self._console.print(table)

    # What a run found.

    def columns(self, summary: Mapping[str, Any]) -> None:
        """Which column was taken for which field, and what else there is to know about the inputs."""
        rows = []
        for name, source in summary["sources"].items():
            columns = source["columns"].items()
            taken = [column if column == field else f"{column} → {field}" for column, field in columns]
            unused = ", ".join(source["unused"])
            rows.append((name, source["records"], source["identity"], ", ".join(taken), source["time"] or "", unused))
        head = ("source", "records", "record id", "column → field", "time", "not used")
        self.table("Columns", head, rows)
        for name, source in summary["sources"].items():
            if source["collapsed"]:
                equal = f"{source['collapsed']:,} repeated rows, equal in every column,"
                self.say(f"source '{name}': {equal} were collapsed")
        if summary["notices"]:
            self.title("Notices")
            for notice in summary["notices"]:
                self.say(f"- {notice}")

    def health(self, summary: Mapping[str, Any]) -> None:
        """Customers by size, the largest, fields, what links nobody and why, links made and refused, what to doubt."""
        self.title(f"{summary['records']:,} records are {summary['customers']:,} customers")
        sizes = {int(size): n for size, n in summary["sizes"].items()}
        single = sizes.get(1, 0)
        share = _percent(single, summary["records"])
        self.say(f"{single:,} of them have one record, which nothing links to another ({share} of records)")
        unlinkable = summary["health"]["unlinkable"]
        if unlinkable["records"]:
            self.say(
                f"{unlinkable['records']:,} records carry nothing that could link them, "
                f"{unlinkable['generic_identifiers_only']:,} of them generic identifiers only"
            )
        classes = list(_classes(sizes))
        self.table("Customers by size", ("records", "customers"), classes)
        self._largest(summary["health"]["largest"])
        self._households(summary["households"])
        self._fields(summary)
        self._links(summary)

    def _fields(self, summary: Mapping[str, Any]) -> None:
        rows, generic = [], []
        for name, field in summary["fields"].items():
            refused = ", ".join(f"{n:,} {_words(reason)}" for reason, n in field["refused"].items())
            rows.append([name, field["filled"], refused, *[""] * 5])
            if "generic" not in field:
                continue
            shared = field["generic"]
            rows[-1][3:] = (
                field["distinct"],
                field["incomplete"],
                field["contested"],
                shared["values"],
                shared["records"],
            )
            for each in shared["largest"]:
                groups = each["groups"]
                why = "listed" if groups is None else f"in {groups:,} groups of records"
                if groups == 1:
                    why = "alone on far more records than any other"
                generic.append((name, each["key"][:KEY_DIGITS], each["records"], why))
            if shared["values"] > len(shared["largest"]):
                generic.append((name, f"and {shared['values'] - len(shared['largest']):,} more", "", ""))
        head = ("field", "values", "refused", "distinct", "incomplete", "contested", "generic", "in records")
        self.table("Fields", head, rows)
        self.table(
            "Generic values: shared by so many that they link nobody", ("field", "key", "records", "why"), generic
        )
        if summary["contested_values"]:
            self.say(
                f"Contested values ({summary['contested_values']:,}): names or birth dates of their carriers conflict; "
                "they join only carriers who agree."
            )
        slips = {name: field["slips"] for name, field in summary["fields"].items() if field.get("slips")}
        if slips:
            told = ", ".join(f"{name} {n:,}" for name, n in slips.items())
            self.say(
                f"Values that joined a carrier of another name and birth date, for slips make most of these: {told}."
            )
        self._handovers(summary["fields"])
        cut = summary["health"]["cut"]
        if cut["groups"]:
            self.say(
                f"Joining whatever is connected would have made {cut['groups']:,} of {cut['customers']:,} customers, "
                f"one of them of {cut['largest'][0]:,}."
            )

    def _handovers(self, fields: Mapping[str, Any]) -> None:
        rows = []
        for name, field in fields.items():
            changed = field.get("recycled", {"values": 0, "largest": []})
            for each in changed["largest"]:
                (left, taken), *more = each["handovers"]
                when = f"between {left} and {taken}" + f" and {len(more):,} more" * bool(more)
                rows.append((name, (each["key"] or "")[:KEY_DIGITS], each["records"], each["owners"], when))
            if changed["values"] > len(changed["largest"]):
                rows.append((name, f"and {changed['values'] - len(changed['largest']):,} more", "", "", ""))
        head = ("field", "key", "records", "owners", "changed hands")
        self.table("Values that changed hands: each owner's sightings are a value of their own", head, rows)

    def _largest(self, largest: Sequence[Mapping[str, Any]]) -> None:
        rows = []
        for each in largest:
            weakest = each["weakest"]
            told = ("", "", "")
            if weakest is not None:
                alone = "" if weakest["links"] == 1 else f" and {weakest['links'] - 1:,} weaker"
                sides = " and ".join(f"{side:,}" for side in weakest["sides"])
                told = f"{weakest['by']}{alone}", f"{weakest['strength']:.1f}", sides
            rows.append((str(each["customer_id"]), each["records"], *told))
        head = ("customer_id", "records", "weakest cut", "strength", "falls into")
        self.table("Largest customers, and what holds each together most weakly", head, rows)

    def _households(self, found: Mapping[str, Any] | None) -> None:
        if found is None:
            return
        self.title(f"{found['customers']:,} customers live in {found['households']:,} households of two or more")
        crowded, large = found["crowded_addresses"], found["too_large"]
        rows = [("an address of too many", each["key"][:KEY_DIGITS], each["customers"]) for each in crowded["largest"]]
        rows += [("a group of too many", str(each["id"]), each["customers"]) for each in large["largest"]]
        self.table("No households", ("what", "key or id", "customers"), rows)

    def _links(self, summary: Mapping[str, Any]) -> None:
        conflicts = summary["rule_conflicts"]
        by_rule = dict.fromkeys(conflicts, 0) | summary["links"]
        rows = [(rule, n, conflicts.get(rule, "")) for rule, n in by_rule.items()]
        self.table(
            "Links that no shared identifier makes", ("rule", "links", "forbidden by a conflict or a limit"), rows
        )
        refused = [
            (rule, _words(reason), n) for rule, reasons in summary["refused"].items() for reason, n in reasons.items()
        ]
        self.table("Links refused, between customers that nothing else joins", ("rule", "why", "links"), refused)
        self._weights(summary["health"])
        rows = [(limit, counts["refused_joins"], counts["customers"]) for limit, counts in summary["limits"].items()]
        self.table("Limits: what a customer may not be", ("limit", "joins forbidden", "customers concerned"), rows)
        near = summary["near"]
        outcomes = list(dict.fromkeys(outcome for counts in near.values() for outcome in counts))
        rows = [(_words(outcome), *(counts.get(outcome, "") for counts in near.values())) for outcome in outcomes]
        rows = [row for row in rows if any(row[1:])]
        if rows:
            self.table("Near values: pairs of spellings, and what became of them", ("outcome", *near), rows)
        for name, counts in summary["capped"].items():
            self.say(
                f"field '{name}': {counts['capped_values']:,} values in {counts['capped_groups']:,} groups are too "
                "alike to be misspellings of one another and were not compared"
            )
        matched = summary.get("match") or {}
        for rule in matched.get("capped", ()):
            counts = matched["blocking"][rule]
            left_out = ""
            if counts["left_out_blocks"]:
                left_out = (
                    f"; {counts['left_out_blocks']:,} could not be cut (up to {counts['largest_left_out']:,} records), "
                    f"and {counts['left_out_pairs']:,} pairs were not compared"
                )
            self.say(
                f"blocking rule '{rule}': {counts['cut_blocks']:,} blocks of more than {counts['cap']:,} records were "
                f"cut by further fields{left_out}"
            )
        if twice := matched.get("model", {}).get("said_twice"):
            said = ", ".join(f"{one} and {other} ({bits:.1f} bits)" for one, other, bits in twice)
            self.say(f"comparisons that say the same in part, which counts once: {said}")
        if idle := matched.get("idle_rules"):
            self.say(
                f"{len(idle)} blocking rules with {sum(idle.values()):,} pairs were left out: a sample found hardly a "
                f"new link in them: {', '.join(idle)}"
            )

    def _weights(self, health: Mapping[str, Any]) -> None:
        near, expected = health["near_threshold"], health["expected"]
        if near is None or expected is None:
            return
        told = (
            f"Links by probability: {expected['links']:,}, {near['links']:,} of them within {near['within']:g} of the "
            f"threshold {near['threshold']:g}"
        )
        if expected["links"] < TELLING_LINKS:
            self.say(f"{told}.")
            return
        self.say(f"{told}; by their weights {expected['wrong_links']:,.0f} are wrong.")
        shares = [f"{what} {score(expected[what])}" for what in ("precision", "recall") if expected[what] is not None]
        if shares:
            self.say(f"Expected, if the model is right: {', '.join(shares)}.")

    def time(self, summary: Mapping[str, Any]) -> None:
        """How long the stages took, and how much memory."""
        seconds = summary["seconds"]
        stages = ", ".join(f"{stage} {each:.2f}" for stage, each in seconds.items())
        peak = max(summary["peak_memory_bytes"].values(), default=0)
        self.say()
        self.say(f"{sum(seconds.values()):.2f} s ({stages}); at most {peak / 1e9:.2f} GB of memory")

    def forecast(self, found: Forecast, free: Mapping[str, int]) -> None:
        """What a run would need, and what there is."""
        rows = [*found.rows.items(), ("all", sum(found.rows.values()))]
        self.table("Records", ("source", "records"), rows)
        least, most = found.least, found.most
        needs = [(stage, _size(least.memory[stage]), _size(most.memory[stage])) for stage in most.memory]
        self.table("Memory by stage", ("stage", "at least", "at most"), needs)
        needs = [(f"spill: {kind}", _size(least.spill[kind]), _size(most.spill[kind])) for kind in most.spill]
        needs += [(f"{name}.parquet", _size(least.output[name]), _size(most.output[name])) for name in most.output]
        self.table("Disk", ("kind", "at least", "at most"), needs)
        self.say(
            f"It needs {_between(least.peak, most.peak)} of memory, and its limit is {_size(found.limit)}. It spills "
            f"{_between(sum(least.spill.values()), sum(most.spill.values()))} ({_size(free['spill'])} are free) and "
            f"writes {_between(sum(least.output.values()), sum(most.output.values()))} ({_size(free['output'])} are "
            f"free)."
        )
        self.say(f"Judged by {found.sampled:,} of the records. The two differ where values come again and again.")

    # Scores.

    def evaluation(self, result: Evaluation, ceiling: float | None = None) -> None:
        """Scores against the truth."""
        recall = score(result.recall) + (f" (ceiling {score(ceiling)})" if ceiling is not None else "")
        rows = [
            ("records, and those whose person is known", f"{result.records:,}, {result.scored:,}"),
            ("customers found, true customers", f"{result.customers:,}, {result.persons:,}"),
            ("pairs found, true, both", f"{result.found_pairs:,}, {result.true_pairs:,}, {result.correct_pairs:,}"),
            ("pairwise precision", score(result.precision)),
            ("pairwise recall", recall),
            ("pairwise F1", score(result.f1)),
            ("B-cubed precision", score(result.bcubed_precision)),
            ("B-cubed recall", score(result.bcubed_recall)),
            ("B-cubed F1", score(result.bcubed_f1)),
            ("strangers merged", f"{result.strangers_merged:,}"),
            ("strangers merged per million records", f"{result.strangers_merged_per_million:,.1f}"),
        ]
        self.table("Scores", ("measure", "value"), rows)
        largest = [(str(each.customer_id), each.records, each.persons) for each in result.largest]
        self.table("Largest customers", ("customer_id", "records", "people in it"), largest)

    def curve(self, title: str, points: Sequence[CurvePoint], best: CurvePoint | None = None) -> None:
        """Precision and recall over the thresholds of the match weight."""
        rows = [
            (f"{each.threshold:.2f}", each.pairs, score(each.precision), score(each.recall), score(each.f1))
            for each in points
        ]
        self.table(title, ("threshold", "pairs", "precision", "recall", "F1"), rows)
        if best is not None:
            self.say(f"The best F1, {score(best.f1)}, is at --threshold {best.threshold:.2f}.")

    # Profiles.

    def profile(self, found: Profile) -> None:
        """A table a source."""
        for source in found.sources:
            rows = []
            for column in source.columns:
                taken = "" if column.target is None else column.target
                taken += {"header": " (header)", "values": " (values: check)"}.get(column.guessed_by or "", "")
                refused = ", ".join(f"{n:,} {_words(reason)}" for reason, n in column.refused.items())
                shared = ", ".join(
                    f"{each.value or each.key[:KEY_DIGITS]} × {each.records:,}{' (listed)' * each.listed}"
                    for each in column.shared
                )
                fill = _percent(column.filled, column.rows)
                rows.append((column.name, column.type, fill, column.distinct, taken, refused, shared))
            head = ("column", "type", "filled", "distinct", "taken for", "refused", "shared values")
            path = f" ({source.path})" if source.path else ""
            self.table(f"{source.name}{path}: {source.rows:,} records", head, rows)
        if found.notices:
            self.title("Notices")
            for notice in found.notices:
                self.say(f"- {notice}")

    # The simulated shop.

    def shop(self, made: Summary) -> None:
        """The records of each channel."""
        rows = [(name, n) for name, n in made.records.items()]
        rows.append(("all", sum(made.records.values())))
        self.table(f"A simulated shop of {made.customers:,} customers", ("channel", "records"), rows)

    def demo(self, made: Demo) -> None:
        """The shop, its scores, its traps, and the stories of three customers."""
        sources = made.graph.summary["sources"]
        rows = [(name, source["records"], ", ".join(source["columns"])) for name, source in sources.items()]
        self.title(f"A simulated shop: {made.shop.customers:,} customers. They are synthetic; no such people exist.")
        self.table("Channels", ("channel", "records", "what it captures"), rows)
        self.evaluation(made.evaluation, made.ceiling)
        self.say("The ceiling of recall is the share of true pairs that any identifier connects at all.")
        traps = [(each.name, each.field, each.key[:KEY_DIGITS], each.records, each.state) for each in made.traps]
        head = ("trap", "field", "key", "records", "what became of it")
        self.table("Traps: the shop's own values, which many people's records carry", head, traps)
        contested = made.graph.summary["contested_values"]
        changed = sum(field["recycled"]["values"] for field in made.graph.summary["fields"].values() if "kind" in field)
        self.say(f"{contested:,} values, most of them families', are contested and join only who agrees.")
        self.say(f"{changed:,} values had one owner after another, and join each with what was seen in his time.")
        for number, story in enumerate(made.stories, 1):
            self._story(number, story)
        seconds = ", ".join(f"{stage} {each:.1f}" for stage, each in made.seconds.items())
        self.say()
        self.say(f"{sum(made.seconds.values()):.1f} s ({seconds})")

    def _story(self, number: int, story: Story) -> None:
        rows = []
        for record in story.records:
            left = (record.name, "  " + ", ".join(each for each in (record.seen, record.who) if each))
            carries = zip_longest(left, record.carries)
            rows += [(name or "", *(carried or ("", "", ""))) for name, carried in carries]
        self.table(f"{number}. {story.title}", ("record", "carries", "value (synthetic)", "key"), rows)
        self.say(str(story.explanation))
        more = f" ({story.more:,} more, not shown here)" if story.more else ""
        self.say(f"The truth: {story.truth}{more}.")


def plain(value: Any) -> str:
    """A text that steers no terminal.

    Examples
    --------
    >>> plain("web\\x1b[31m")
    'web�[31m'
    """
    return "".join(c if c.isprintable() or c == "\n" else "�" for c in str(value))


def score(share: float) -> str:
    """A share between 0 and 1, never rounded up to 1.

    Examples
    --------
    >>> score(0.87654), score(1.0), score(0.9999999)
    ('0.8765', '1.0000', '0.9999')
    """
    return "0.9999" if 0.9999 < share < 1 else f"{share:.4f}"


def _size(size: int) -> str:
    return f"{size / 1e9:,.2f} GB"


def _between(least: int, most: int) -> str:
    low, high = _size(least), _size(most)
    return low if low == high else f"{low.removesuffix(' GB')} to {high}"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "–"


def _classes(sizes: Mapping[int, int]) -> list[tuple[str, int]]:
    """Customers counted by classes of sizes."""
    rows = []
    low = 1
    for high in (*SIZES, max([*sizes, SIZES[-1] + 1])):
        n = sum(count for size, count in sizes.items() if low <= size <= high)
        if n:
            rows.append((f"{low:,}" if low == high else f"{low:,} to {high:,}", n))
        low = high + 1
    return rows
