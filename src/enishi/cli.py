"""The command: what a user types, as calls of the library, and what they raise, as one line and an exit code.

Exit codes: 0 all is well, 1 an error that the message explains, 2 the command line is wrong, 128 and the number of the
signal that interrupted it (130 by Ctrl-C). A command writes its output directory whole or not at all, so an interrupted
one leaves nothing. No message holds a value of a person; a traceback might, and is shown only where ``--debug`` asks
for it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from enishi import __version__, schema
from enishi.errors import ConfigError, EnishiError, InputError, OutputError
from enishi.interrupt import interruptible, leave_work_behind, stopped_once
from enishi.model import Model
from enishi.runner import MOST_THREADS

if TYPE_CHECKING:
    from enishi.curve import CurvePoint
    from enishi.evaluate import Evaluation
    from enishi.graph import CustomerGraph

SHORTEST_KEY, LONGEST_KEY = 16, 1 << 20


class _Guarded(click.Group):
    """A group whose commands end with a message instead of a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        for name in ("stdout", "stderr"):
            if getattr(sys, name) is None:  # closed by whoever started the process
                setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        for stream in (sys.stdout, sys.stderr):
            # A source's name may have characters that the terminal's encoding lacks.
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")
        with stopped_once():
            ctx.exit(self._guarded(ctx))

    def _guarded(self, ctx: click.Context) -> int:
        """Runs the command; its exit code."""
        try:
            super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except KeyboardInterrupt as interrupt:
            code = 128 + getattr(interrupt, "signal", signal.SIGINT)
            why = interrupt.args[0] if interrupt.args else "nothing was written"
            with suppress(OSError):  # the terminal may be gone
                click.echo(f"enishi: interrupted; {why}", err=True)
            leave_work_behind(code)
            return code
        except EnishiError as error:
            click.echo(f"enishi: error: {error}", err=True)
            return 1
        except MemoryError:
            click.echo("enishi: error: the machine has no memory left; free some, or ask for fewer outputs", err=True)
            return 1
        except Exception as error:
            # Its text may quote a value: only the type is safe to show.
            kind = type(error).__name__
            if ctx.params["debug"]:
                import traceback

                traceback.print_exc()
            click.echo(
                f"enishi: error: {kind}: this is a bug in enishi, please report it (`enishi --debug ...` shows where; "
                "read it before you send it, for it may hold values of your data)",
                err=True,
            )
            return 1
        return 0


def _outputs(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[str, ...]:
    """Names of output tables, with commas between them."""
    from enishi.pipeline import Options

    if value is None:
        return schema.OUTPUTS
    try:
        return Options(outputs=tuple(name.strip() for name in value.split(",") if name.strip())).outputs
    except ConfigError as error:
        raise click.BadParameter(error.text) from None


def _size(ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
    """A number of bytes with a unit."""
    from enishi.memory import parse_size

    try:
        return None if value is None else parse_size(value)
    except ConfigError as error:
        raise click.BadParameter(error.text) from None


PATH = click.Path(path_type=Path)
CONFIG = click.option(
    "-c", "--config", type=PATH, metavar="TOML", help="What the columns mean; left out: what their headers suggest."
)
SEED = click.option(
    "--seed",
    type=click.IntRange(0, 2**63 - 1),
    default=0,
    show_default=True,
    metavar="S",
    help="Another seed makes another shop.",
)


@click.group(
    cls=_Guarded,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
    Start here:
      enishi demo                                    see it work on a simulated shop
      enishi profile shop/*.csv                      see what your own files hold
      enishi resolve web.csv app.parquet -o graph    give every record its customer
    """,
)
@click.version_option(__version__, prog_name="enishi", message="%(prog)s %(version)s")
@click.option("--debug", is_flag=True, help="Show where a bug happened; the traceback may hold values of your data.")
def main(debug: bool) -> None:
    """One customer id for a shop's records from every channel.

    enishi reads the files of your channels (web shop, app, till, call centre, ...), finds which records belong to one
    person by what they share (emails, phones, devices, payment tokens, loyalty cards; names, birth dates and postcodes
    in support), and writes which record belongs to which customer, and why. Nothing leaves this machine.
    """


@main.command(
    epilog="""\b
    Examples:
      enishi resolve web.csv app.parquet till/ -o graph
      enishi resolve 'web=exports/orders-*.csv.gz' crm.parquet -c enishi.toml -o graph
      enishi resolve -c enishi.toml -o graph --key-file key.bin --memory-limit 8GB
    """
)
@click.argument("inputs", nargs=-1, metavar="INPUT...")
@click.option("-o", "--output", type=PATH, required=True, metavar="OUT", help="A new or empty directory.")
@CONFIG
@click.option("--exact", is_flag=True, help="Exactly equal identifiers only: no misspellings, no rules on names.")
@click.option(
    "--outputs",
    callback=_outputs,
    metavar="LIST",
    help=f"What to write, of {', '.join(schema.OUTPUTS)}; the first and the last always are. [default: all]",
)
@click.option(
    "--duplicates",
    type=click.Choice(["error", "keep-identical"]),
    default="error",
    show_default=True,
    help="A record id that repeats within a source: stop, or collapse rows that are equal in every column.",
)
@click.option("--threads", type=click.IntRange(1, MOST_THREADS), metavar="N", help="[default: one a core]")
@click.option(
    "--memory-limit", callback=_size, metavar="SIZE", help="Stop when the run takes more memory, such as 8GB."
)
@click.option("--spill-dir", type=PATH, metavar="DIR", help="Where record ids go that the limit leaves no room for.")
@click.option(
    "--key-file",
    type=PATH,
    metavar="FILE",
    help="A secret of 16 bytes or more under which keys are made; without one, anybody can test a guess against a key.",
)
@click.option("--with-values", is_flag=True, help="Write identifiers themselves beside their keys: values of people.")
@click.option(
    "--match",
    default="auto",
    show_default=True,
    metavar="off|auto|MODEL",
    help="Match records that share no identifier by probability: with stored parameters (above 1,000 records trained "
    "on the data), or with a model that `enishi train` wrote, or that Splink saved, as far as it maps.",
)
@click.option(
    "--threshold",
    type=float,
    metavar="WEIGHT",
    help="The match weight from which two records are linked. [default: 1]",
)
@click.option(
    "--household",
    is_flag=True,
    help="Group customers of one address and surname, or who share a landline or a tablet, by a household_id.",
)
@click.option("--link-only", is_flag=True, help="No source holds duplicates: link between sources only.")
@click.option(
    "--must-link",
    type=PATH,
    metavar="FILE",
    help="Pairs of records that are one customer: left_source, left_record_id, right_source, right_record_id and, "
    "where not all are, match.",
)
@click.option("--cannot-link", type=PATH, metavar="FILE", help="Pairs of records that are not, in the same columns.")
@click.option("--forecast", is_flag=True, help="Only show the memory and the disk that the run would need.")
@click.option("--quiet", is_flag=True, help="Show nothing but errors.")
def resolve(
    inputs: tuple[str, ...],
    output: Path,
    config: Path | None,
    exact: bool,
    outputs: tuple[str, ...],
    duplicates: Any,
    threads: int | None,
    memory_limit: int | None,
    spill_dir: Path | None,
    key_file: Path | None,
    with_values: bool,
    match: str,
    threshold: float | None,
    household: bool,
    link_only: bool,
    must_link: Path | None,
    cannot_link: Path | None,
    forecast: bool,
    quiet: bool,
) -> None:
    """Give every record of the inputs its customer.

    INPUT is a file, a directory or a glob of Parquet, CSV, Excel, JSON Lines or Arrow IPC, and is one source: named
    after the file, the directory or what precedes the glob's first star, or as you name it, NAME=PATH. With a
    configuration whose sources have paths, INPUT can be left out.

    OUT then holds customers.parquet (a row for every record, with its customer_id), identifiers.parquet, links.parquet,
    refused.parquet (links that were not made, and why), evidence.parquet (what `enishi explain` reads) and summary.json
    (everything that was counted). It is there whole or not at all. Values of people are in none of them, only keys,
    unless --with-values asks for them.
    """
    from enishi import pipeline
    from enishi.pipeline import Options, run
    from enishi.progress import progress
    from enishi.read import open_inputs
    from enishi.write import check_directory, staged, write_files

    model = _model(inputs, config)
    options = Options(
        exact=exact,
        outputs=outputs,
        duplicates=duplicates,
        threads=_threads(threads),
        memory_limit=memory_limit,
        spill_dir=spill_dir,
        secret=_secret(key_file),
        with_values=with_values,
        match=match,
        threshold=threshold,
        household=household,
        link_only=link_only,
        must_link=must_link,
        cannot_link=cannot_link,
        weakest=True,
    )
    if forecast:
        from enishi.console import Page
        from enishi.forecast import free

        needs = interruptible(lambda: pipeline.forecast(open_inputs(inputs, model), model, options))
        Page().forecast(needs, free(output, options))
        return
    parent = check_directory(output).resolve().parent
    try:
        with progress(quiet=quiet) as tell:
            found = interruptible(lambda: run(open_inputs(inputs, model), model, options, tell, parent))
            tell("write", 0, None)
            with staged(output) as staging:
                summary = interruptible(lambda: write_files(found.tables, found.summary, staging))
        if not quiet:
            _tell(summary, output)
    except KeyboardInterrupt as interrupt:
        # They are there whole or not at all.
        if (output / "summary.json").exists():
            interrupt.args = (f"the customers are in {output}",)
        raise


def _tell(summary: dict[str, Any], output: Path) -> None:
    """What a run found, for whoever reads the terminal."""
    from enishi.console import Page

    page = Page()
    page.columns(summary)
    page.health(summary)
    page.time(summary)
    page.say(f"The customers are in {output}. To ask why two records are (not) one: enishi explain {output} LEFT RIGHT")


@main.command(
    short_help="Train matching by probability on the inputs.",
    epilog="""\b
    Examples:
      enishi train web.csv crm.parquet -o match.json
      enishi resolve web.csv crm.parquet --match match.json -o graph
      enishi train web.csv crm.parquet --print-config >> enishi.toml
    """,
)
@click.argument("inputs", nargs=-1, metavar="INPUT...")
@click.option("-o", "--output", type=PATH, metavar="MODEL", help="The model to write, as JSON.")
@click.option(
    "--print-config",
    is_flag=True,
    help="Print the blocking rules and comparisons in use as configuration (TOML), and nothing else.",
)
@CONFIG
@click.option(
    "--labels",
    type=PATH,
    metavar="FILE",
    help="Pairs that are known: left_source, left_record_id, right_source, right_record_id and, where not all are "
    "matches, match.",
)
@click.option("--threads", type=click.IntRange(1, MOST_THREADS), metavar="N", help="[default: one a core]")
def train(
    inputs: tuple[str, ...],
    output: Path | None,
    print_config: bool,
    config: Path | None,
    labels: Path | None,
    threads: int | None,
) -> None:
    """Train matching by probability on the inputs, without labels or with some.

    INPUT is as for `enishi resolve`. MODEL can be read, changed and given to `enishi resolve --match`. What
    --print-config prints is to be kept in a configuration: the default blocking rules whose fields the inputs have, how
    many pairs each yields, and the levels of each comparison.
    """
    from enishi.config import match_toml
    from enishi.pipeline import Options, trained
    from enishi.progress import progress
    from enishi.read import open_inputs

    if output is None and not print_config:
        raise click.UsageError("say where the model is to be written (-o), or ask for --print-config")
    if output is not None and not output.absolute().parent.is_dir():
        raise OutputError(f"match model '{output}' cannot be written: its directory is not there")
    model = _model(inputs, config)
    with progress() as tell:
        options = Options(threads=_threads(threads))
        found, summary = interruptible(lambda: trained(open_inputs(inputs, model), model, options, labels, tell))
    if print_config:
        click.echo(match_toml(found, summary["blocking"]), nl=False)
    if output is None:
        return
    part = output.with_name(f".{output.name}.part")
    try:
        # Whole or not at all.
        part.write_text(found.to_json(), "utf-8")
        part.replace(output)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise OutputError(f"match model '{output}' cannot be written: {error.strerror}") from None
    if not print_config:
        click.echo(f"The model is in {output}. To use it: enishi resolve ... --match {output}")


@main.command(
    short_help="See it work: a simulated shop, its scores, three customers.",
    epilog="""\b
    Examples:
      enishi demo
      enishi demo --customers 100000 --seed 7 -o demo
    """,
)
@click.option("-o", "--output", type=PATH, metavar="OUT", help="Keep the shop (OUT/shop) and its graph (OUT/graph).")
@click.option("--customers", type=click.IntRange(min=1), default=20_000, show_default=True, metavar="N")
@SEED
def demo(output: Path | None, customers: int, seed: int) -> None:
    """Simulate a shop, resolve it, score it against its truth, and explain three of its customers.

    The people, their emails, phones and cards are made up; that is why this command, and no other, shows them.
    """
    import tempfile

    from enishi.console import Page
    from enishi.demo import make
    from enishi.progress import progress
    from enishi.write import staged

    _check_customers(customers)
    page = Page()
    place = staged(output) if output else tempfile.TemporaryDirectory(prefix="enishi-")
    with place as directory:
        with progress() as tell:
            made = make(Path(directory), customers, seed, tell)
        page.demo(made)
    if output is not None:
        page.say(f"The shop is in {output / 'shop'}, its customers in {output / 'graph'}.")


@main.command(
    short_help="Write a simulated shop and its truth.",
    epilog="""\b
    Example:
      enishi simulate -o shop --customers 100000
    """,
)
@click.option("-o", "--output", type=PATH, required=True, metavar="DIR", help="A new or empty directory.")
@click.option("--customers", type=click.IntRange(min=1), required=True, metavar="N", help="About seven records each.")
@SEED
def simulate(output: Path, customers: int, seed: int) -> None:
    """Write a simulated shop: one Parquet file a channel, and truth.parquet, which says whose each record is.

    All of it is synthetic. Use it to try enishi out, or to measure anything that resolves entities.
    """
    from enishi.console import Page
    from enishi.progress import progress
    from enishi.simulate import simulate as simulate_shop
    from enishi.write import staged

    _check_customers(customers)
    with staged(output) as directory, progress() as tell:
        made = simulate_shop(directory, customers, seed=seed, progress=lambda done: tell("simulate", done, customers))
    page = Page()
    page.shop(made)
    page.say(f"The shop is in {output}; truth.parquet there says whose each record is. To resolve and score it:")
    page.say(f"  enishi resolve {output}/{{{','.join(made.records)}}}.parquet -o graph")
    page.say(f"  enishi evaluate graph --truth {output}/truth.parquet")


@main.command(
    short_help="Show what stands in the inputs; suggest a configuration.",
    epilog="""\b
    Examples:
      enishi profile web.csv app.parquet
      enishi profile web.csv app.parquet --suggest > enishi.toml
    """,
)
@click.argument("inputs", nargs=-1, metavar="INPUT...")
@CONFIG
@click.option("--suggest", is_flag=True, help="Print a first configuration (TOML), and nothing else.")
@click.option("--with-values", is_flag=True, help="Show values that many records share: they may be values of people.")
def profile(inputs: tuple[str, ...], config: Path | None, suggest: bool, with_values: bool) -> None:
    """Show what stands in the inputs: each column's fill, distinct and refused values, and what it is taken for.

    INPUT is as for `enishi resolve`. Values that look as if many people shared them are named by their keys.
    """
    from enishi import profile as profiles
    from enishi.read import open_inputs

    model = _model(inputs, config)
    found = profiles.profile(open_inputs(inputs, model), model, with_values=with_values)
    if suggest:
        click.echo(profiles.suggest(found), nl=False)
        return
    from enishi.console import Page

    Page().profile(found)


@main.command(
    short_help="Score customers against the truth, or show their health.",
    epilog="""\b
    Examples:
      enishi evaluate graph
      enishi evaluate graph --truth truth.parquet --json
    """,
)
@click.argument("out", type=PATH)
@click.option(
    "--truth", type=PATH, metavar="FILE", help="source, record_id, person_id of every record; null: not scored."
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def evaluate(out: Path, truth: Path | None, as_json: bool) -> None:
    """Score the customers in OUT against the truth; without one, show how healthy they look.

    With --truth: pairwise and B-cubed precision, recall and F1, how many records were merged with strangers', the
    largest customers, and for matching by probability precision and recall over the thresholds. Without: sizes, the
    largest customers and where each is weakest, what contested values would have joined, links refused and links near
    the threshold, generic values, records that nothing could link, and what the match weights promise, all from
    OUT/summary.json.
    """
    from enishi.console import Page
    from enishi.curve import CurvePoint
    from enishi.frozen import as_dict
    from enishi.lookup import ParquetTables
    from enishi.write import read_graph

    if truth is not None:
        result, curve, best = _evaluate(read_graph(out, outputs=("links", "evidence")), truth)
        if as_json:
            points = {"curve": [as_dict(each) for each in curve], "best": best and as_dict(best)} if curve else {}
            scores = as_dict(result) | {"largest": [as_dict(each) for each in result.largest]}
            click.echo(json.dumps(scores | points, indent=2))
        else:
            page = Page()
            page.evaluation(result)
            page.curve("Precision and recall by the threshold of the match weight", curve, best)
        return
    summary = ParquetTables(out).summary
    if as_json:
        click.echo(json.dumps(summary, ensure_ascii=False, indent=2))
        return
    page = Page()
    page.health(summary)
    if matched := summary.get("match"):
        estimate = [CurvePoint(**each) for each in matched.get("estimate", ())]
        page.curve("What the match weights say of the pairs that share no identifier", estimate)
    page.say("Precision and recall need the truth: --truth FILE with source, record_id, person_id of every record.")


@main.command(
    short_help="Say why two records are, or are not, one customer.",
    epilog="""\b
    Examples:
      enishi explain graph web:10023 till:t-77
      enishi explain graph --customer 7183080296331099585
    """,
)
@click.argument("out", type=PATH)
@click.argument("records", nargs=-1, metavar="[LEFT RIGHT]")
@click.option("--customer", type=int, metavar="ID", help="Show where this customer hangs together most weakly.")
def explain(out: Path, records: tuple[str, ...], customer: int | None) -> None:
    """Say why the records LEFT and RIGHT are, or are not, one customer in OUT.

    A record is SOURCE:RECORD_ID. Where they are one customer, the answer is the strongest path of shared identifiers
    and links from one to the other, each with its strength (log2 of the odds that it joins one person's records); where
    not, it is what they, or else their customers, share and why that does not link. With --customer: the links without
    which the customer falls in two.
    """
    from enishi.explain import explain as explain_records
    from enishi.explain import explain_customer
    from enishi.lookup import ParquetTables

    if len(records) != (2 if customer is None else 0):
        raise click.UsageError("name two records, LEFT and RIGHT, or a customer with --customer")
    tables = ParquetTables(out)
    if customer is not None:
        click.echo(str(explain_customer(tables, customer)))
    else:
        click.echo(str(explain_records(tables, *records)))


def _model(inputs: Sequence[str], config: Path | None) -> Model:
    from enishi.config import read_config

    if config is None and not inputs:
        raise click.UsageError("name an INPUT, or give a configuration (-c) whose sources have paths")
    return Model() if config is None else read_config(config)


def _threads(threads: int | None) -> int:
    """How many threads work; Arrow, which has threads of its own, keeps to what is asked for."""
    import pyarrow as pa

    from enishi.pipeline import cores

    if threads is not None:
        pa.set_cpu_count(threads)
    return threads or cores()


def _secret(path: Path | None) -> bytes | None:
    """The bytes of a key file, which may be a pipe."""
    if path is None:
        return None
    try:
        with path.open("rb") as file:
            secret = file.read(LONGEST_KEY + 1)
    except OSError as error:
        raise InputError(f"key file '{path}' cannot be read: {error.strerror}") from None
    if not SHORTEST_KEY <= len(secret) <= LONGEST_KEY:
        size = f"more than {LONGEST_KEY:,}" if len(secret) > LONGEST_KEY else f"{len(secret)}"
        raise InputError(
            f"key file '{path}' holds {size} bytes; it must hold {SHORTEST_KEY} to {LONGEST_KEY:,}, at best random"
        )
    return secret


def _check_customers(customers: int) -> None:
    from enishi._simulate_people import MAX_CUSTOMERS

    if customers > MAX_CUSTOMERS:
        raise click.BadParameter(f"must be at most {MAX_CUSTOMERS:,}", param_hint="'--customers'")


def _evaluate(graph: CustomerGraph, truth: Path) -> tuple[Evaluation, tuple[CurvePoint, ...], CurvePoint | None]:
    """The scores, and where records were matched by probability the curve over its thresholds and the best of it."""
    import pyarrow as pa

    from enishi.evaluate import evaluate as score
    from enishi.evaluate import precision_recall
    from enishi.formats import read_columns

    table = read_columns(truth, ("source", "record_id", "person_id"))
    try:
        result = score(graph.customers, table)
        if graph.links is None or graph.evidence is None:
            return result, (), None
        return result, *precision_recall(graph.customers, table, graph.links, graph.evidence)
    except pa.ArrowException:
        problem = "its columns cannot be compared with those of customers.parquet; make them text"
    except InputError as error:
        problem = str(error)
    raise InputError(f"{truth}: {problem}")
