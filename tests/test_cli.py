"""The command line, end to end: what it writes, what it shows, how it fails, and what it never shows."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

import enishi
from enishi.cli import main

CHANNELS = ["web_shop", "app", "till", "mobile_payment", "call_centre", "catalogue", "kiosk", "pick_up", "gift"]
# Values of people that stand in the broken files below, whole or in the part that an error might quote.
SECRETS = (
    "hanako.sato@gmail.com",
    "hanako",
    "09012345678",
    "4111111111111111",
    "5555555555554444",
    "佐藤",
    "1984-03-02",
)


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


def run(
    *arguments: object, code: str = "from enishi.cli import main; main()", **options: object
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *(str(each) for each in arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **options)  # type: ignore[call-overload, no-any-return]


def failed(result: Result, code: int = 1) -> str:
    """The one line of an error."""
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    assert not result.stdout
    last = result.stderr.splitlines()[-1]
    if code == 1:
        assert last.startswith("enishi: error: ")
    return last


def channels(shop: Path) -> list[Path]:
    return [shop / f"{name}.parquet" for name in CHANNELS]


def table(path: Path, **columns: Sequence[object]) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("shop") / "shop"
    result = invoke("simulate", "-o", path, "--customers", 200)
    assert result.exit_code == 0, result.output
    assert f"enishi evaluate graph --truth {path}/truth.parquet" in result.stdout
    return path


@pytest.fixture(scope="module")
def graph(shop: Path) -> Path:
    path = shop.parent / "graph"
    result = invoke("resolve", *channels(shop), "-o", path)
    assert result.exit_code == 0, result.output
    return path


class TestResolve:
    def test_every_record_has_a_customer(self, shop: Path, graph: Path) -> None:
        customers = pq.read_table(graph / "customers.parquet")
        records = sum(pq.read_metadata(path).num_rows for path in channels(shop))
        assert len(customers) == records == json.loads((graph / "summary.json").read_text())["records"]
        tables = {"customers.parquet", "identifiers.parquet", "links.parquet", "refused.parquet", "evidence.parquet"}
        assert {path.name for path in graph.iterdir()} == tables | {"summary.json"}
        assert os.listdir(graph.parent).count("graph") == len(os.listdir(graph.parent)) - 1  # beside it the shop alone

    def test_says_what_it_took_and_found(self, shop: Path, tmp_path: Path) -> None:
        result = invoke("resolve", *channels(shop), "-o", tmp_path / "out")
        summary = json.loads((tmp_path / "out" / "summary.json").read_text())
        said = " ".join(result.stdout.split())
        assert f"{summary['records']:,} records are {summary['customers']:,} customers" in said
        assert "seen_at" in said
        for notice in summary["notices"]:
            assert notice in said
        for counts in summary["fields"].values():
            assert f"{counts['filled']:,}" in said
            for reason, n in counts["refused"].items():
                assert f"{n:,} {reason.replace('_', ' ')}" in said
            for each in counts.get("generic", {}).get("largest", ()):
                assert each["key"][:12] in said
        for rule, n in summary["links"].items():
            assert f"{rule} {n:,}" in said
        outcomes = {outcome for counts in summary["near"].values() for outcome, n in counts.items() if n}
        assert outcomes
        assert all(outcome.replace("_", " ") in said for outcome in outcomes)
        assert f"read and normalize: {summary['records']:,} records" in result.stderr

    def test_quiet_is_silent(self, shop: Path, tmp_path: Path) -> None:
        result = invoke("resolve", *channels(shop), "-o", tmp_path / "out", "--quiet")
        assert (result.exit_code, result.output) == (0, "")

    def test_only_the_outputs_that_are_asked_for(self, shop: Path, graph: Path, tmp_path: Path) -> None:
        result = invoke("resolve", *channels(shop), "-o", tmp_path / "out", "--outputs", "customers, identifiers")
        assert result.exit_code == 0
        assert sorted(os.listdir(tmp_path / "out")) == ["customers.parquet", "identifiers.parquet", "summary.json"]
        links = [json.loads((path / "summary.json").read_text())["links"] for path in (graph, tmp_path / "out")]
        assert links[0] == links[1] != {}
        assert failed(invoke("explain", tmp_path / "out", "app:1", "app:2")).endswith("with all outputs to explain it")

    def test_no_value_is_shown_or_written_unless_asked_for(self, shop: Path, tmp_path: Path) -> None:
        emails = {value for value in pq.read_table(shop / "web_shop.parquet")["email"].to_pylist() if value}
        for flags, there in ((), False), (("--with-values",), True):
            out = tmp_path / f"out{there}"
            result = invoke("resolve", *channels(shop), "-o", out, *flags)
            assert not any(email in result.output for email in emails)
            tables = [pq.read_table(path) for path in out.glob("*.parquet")]
            text = (
                "".join(
                    column.cast(pa.string()).to_pylist().__str__()
                    for each in tables
                    for column in each.columns
                    if pa.types.is_string(column.type)
                )
                + (out / "summary.json").read_text()
            )
            assert any(email in text for email in emails) == there

    def test_threads_exactness_and_limits_reach_the_run(self, shop: Path, graph: Path, tmp_path: Path) -> None:
        flags = ("--exact", "--threads", 1, "--memory-limit", "4GB", "--spill-dir", tmp_path)
        assert invoke("resolve", *channels(shop), "-o", tmp_path / "out", *flags).exit_code == 0
        summary = json.loads((tmp_path / "out" / "summary.json").read_text())
        assert summary["options"] == {"exact": True, "keyed": False, "threads": 1}
        assert summary["links"] == {}

    def test_a_key_file_makes_other_keys(self, shop: Path, graph: Path, tmp_path: Path) -> None:
        secret = tmp_path / "key"
        secret.write_bytes(b"correct horse battery staple")
        result = invoke("resolve", *channels(shop), "-o", tmp_path / "out", "--key-file", secret)
        assert result.exit_code == 0
        assert "correct horse" not in result.output
        customers, keys = (
            [pq.read_table(path / f"{name}.parquet") for path in (graph, tmp_path / "out")]
            for name in ("customers", "identifiers")
        )
        assert customers[0].equals(customers[1])
        assert not set(keys[0]["key"].to_pylist()) & set(keys[1]["key"].to_pylist())

    def test_identical_duplicates_are_collapsed_and_counted(self, tmp_path: Path) -> None:
        web = table(tmp_path / "web.parquet", record_id=["1", "1", "2"], email=["a@b.jp", "a@b.jp", "c@d.jp"])
        result = invoke("resolve", web, "-o", tmp_path / "out", "--duplicates", "keep-identical")
        assert result.exit_code == 0
        assert "1 repeated rows" in result.stdout
        assert len(pq.read_table(tmp_path / "out" / "customers.parquet")) == 2

    def test_without_inputs_the_configuration_names_them(self, shop: Path, tmp_path: Path) -> None:
        (tmp_path / "enishi.toml").write_text(f'[sources.kiosk]\npath = "{shop}/kiosk.parquet"\n')
        assert invoke("resolve", "-c", tmp_path / "enishi.toml", "-o", tmp_path / "out", "--quiet").exit_code == 0

    def test_markup_and_escapes_in_names_are_only_text(self, tmp_path: Path) -> None:
        web = table(tmp_path / "[red]web.parquet", **{"id": ["1"], "mail": ["a@b.jp"], "[bold]\x1b[31m": ["x"]})
        result = invoke("resolve", web, "-o", tmp_path / "out")
        assert result.exit_code == 0
        assert "[red]web" in result.stdout
        assert "[bold]" in result.stdout
        assert "\x1b" not in result.output


class TestDemo:
    def test_scores_traps_and_three_customers(self) -> None:
        result = invoke("demo", "--customers", 2000)
        assert result.exit_code == 0, result.output
        said = " ".join(result.stdout.split())
        for word in (
            "synthetic",
            *CHANNELS,
            "pairwise precision",
            "ceiling",
            "B-cubed F1",
            "strangers merged per million",
        ):
            assert word in said
        for number, title in ((1, "One customer over"), (2, "One customer, though"), (3, "Two customers, though")):
            assert f"{number}. {title}" in said
        assert said.count("The truth: ") == 3
        assert "kiosk device_id" in said

    def test_the_same_seed_tells_the_same(self) -> None:
        pages = [invoke("demo", "--customers", 300, "--seed", 5).stdout.splitlines()[:-1] for _ in range(2)]
        assert pages[0] == pages[1]

    def test_keeps_the_shop_and_what_resolve_makes_of_it(self, tmp_path: Path) -> None:
        result = invoke("demo", "--customers", 50, "-o", tmp_path / "kept")
        assert result.exit_code == 0, result.output
        assert os.listdir(tmp_path) == ["kept"]
        kept = tmp_path / "kept"
        assert invoke("resolve", *channels(kept / "shop"), "-o", tmp_path / "again", "--quiet").exit_code == 0
        for name in ("customers", "identifiers", "links", "refused", "evidence"):
            made, again = (pq.read_table(path / f"{name}.parquet") for path in (kept / "graph", tmp_path / "again"))
            assert made.equals(again)

    def test_one_customer(self) -> None:
        assert invoke("demo", "--customers", 1).exit_code == 0


class TestProfile:
    def test_a_table_a_source(self, shop: Path) -> None:
        result = invoke("profile", shop / "web_shop.parquet", shop / "kiosk.parquet")
        assert result.exit_code == 0, result.output
        said = " ".join(result.stdout.split())
        for source in ("web_shop", "kiosk"):
            assert f"{source} ({shop}/{source}.parquet): " in result.stdout
        assert "phone (header)" in said

    def test_values_are_shown_on_demand_only(self, tmp_path: Path) -> None:
        web = table(tmp_path / "web.parquet", id=list(range(40)), mail=["hanako.sato@gmail.com"] * 40)
        assert "hanako" not in invoke("profile", web).output
        assert "hanakosato@gmail.com × 40" in " ".join(invoke("profile", web, "--with-values").stdout.split())

    def test_a_suggested_configuration_resolves(self, shop: Path, tmp_path: Path) -> None:
        result = invoke("profile", *channels(shop), "--suggest")
        assert result.stderr == ""
        (tmp_path / "enishi.toml").write_text(result.stdout)
        assert result.stdout.startswith("#")
        assert result.stdout.count("[sources.") == 2 * len(CHANNELS)
        assert invoke("resolve", "-c", tmp_path / "enishi.toml", "-o", tmp_path / "out", "--quiet").exit_code == 0


class TestEvaluate:
    def test_scores(self, shop: Path, graph: Path) -> None:
        result = invoke("evaluate", graph, "--truth", shop / "truth.parquet")
        assert result.exit_code == 0, result.output
        assert "pairwise precision" in result.stdout
        figures = json.loads(invoke("evaluate", graph, "--truth", shop / "truth.parquet", "--json").stdout)
        assert figures["precision"] > 0.95
        assert len(figures["largest"]) == 10

    def test_a_truth_in_csv(self, tmp_path: Path) -> None:
        web = table(tmp_path / "web.parquet", id=[1, 2, 3], mail=["a@b.jp", "a@b.jp", "c@d.jp"])
        (tmp_path / "truth.csv").write_text("source,record_id,person_id\nweb,1,p\nweb,2,p\nweb,3,\n")
        invoke("resolve", web, "-o", tmp_path / "out")
        figures = json.loads(invoke("evaluate", tmp_path / "out", "--truth", tmp_path / "truth.csv", "--json").stdout)
        assert (figures["scored"], figures["recall"]) == (2, 1.0)

    def test_health_without_a_truth(self, graph: Path) -> None:
        result = invoke("evaluate", graph)
        assert result.exit_code == 0
        assert "Largest customers" in result.stdout and "weakest cut" in result.stdout
        assert "--truth" in result.stdout
        assert json.loads(invoke("evaluate", graph, "--json").stdout)["customers"] > 0

    def test_faults(self, shop: Path, graph: Path, tmp_path: Path) -> None:
        assert "not the output of a run" in failed(invoke("evaluate", tmp_path))
        assert "no such file" in failed(invoke("evaluate", graph, "--truth", tmp_path / "none.parquet"))
        assert "no column 'source'; known: record_id" in failed(
            invoke("evaluate", graph, "--truth", shop / "app.parquet")
        )
        other = table(tmp_path / "other.parquet", source=["x"], record_id=["1"], person_id=[1])
        assert "do not hold the same records" in failed(invoke("evaluate", graph, "--truth", other))


class TestExplain:
    def test_one_customer_and_two(self, graph: Path) -> None:
        customers = pq.read_table(graph / "customers.parquet").to_pylist()
        by_customer: dict[int, list[str]] = {}
        for row in customers:
            by_customer.setdefault(row["customer_id"], []).append(f"{row['source']}:{row['record_id']}")
        together = next(records for records in by_customer.values() if len(records) > 3)
        apart = next(records for records in by_customer.values() if records is not together)
        same = invoke("explain", graph, together[0], together[1])
        assert same.exit_code == 0
        assert f"{together[0]} and {together[1]} are one customer" in same.stdout
        assert "are not one customer" in invoke("explain", graph, together[0], apart[0]).stdout
        customer = next(row["customer_id"] for row in customers if f"{row['source']}:{row['record_id']}" in together)
        cut = invoke("explain", graph, "--customer", customer)
        assert cut.exit_code == 0 and f"Customer {customer} has {len(together)} records" in cut.stdout
        for wrong in ([], [together[0]], [together[0], together[1], "--customer", customer]):
            result = invoke("explain", graph, *wrong)
            assert result.exit_code == 2 and "name two records" in result.stderr

    def test_an_unknown_record(self, graph: Path) -> None:
        assert "the first of the two records is not in this graph" in failed(
            invoke("explain", graph, "app:none", "app:none")
        )


class TestFaults:
    @pytest.fixture
    def web(self, tmp_path: Path) -> Path:
        return table(tmp_path / "web.parquet", record_id=["1", "2"], email=["hanako.sato@gmail.com", None])

    def test_a_missing_file(self, tmp_path: Path) -> None:
        assert "no such file" in failed(invoke("resolve", tmp_path / "none.csv", "-o", tmp_path / "out"))
        assert os.listdir(tmp_path) == []

    def test_an_empty_file(self, tmp_path: Path) -> None:
        (tmp_path / "web.csv").touch()
        assert "web.csv is empty" in failed(invoke("resolve", tmp_path / "web.csv", "-o", tmp_path / "out"))

    def test_a_truncated_file(self, web: Path, tmp_path: Path) -> None:
        web.write_bytes(web.read_bytes()[:-20])
        assert "cut short" in failed(invoke("resolve", web, "-o", tmp_path / "out"))

    def test_an_output_directory_that_holds_something(self, tmp_path: Path) -> None:
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "mine.txt").touch()
        # It is looked at before the inputs are.
        for command in (["resolve", "none.csv"], ["demo"], ["simulate", "--customers", "5"]):
            assert "is not empty" in failed(invoke(*command, "-o", tmp_path / "out"))
        assert os.listdir(tmp_path / "out") == ["mine.txt"]

    def test_a_misspelt_configuration_key(self, web: Path, tmp_path: Path) -> None:
        (tmp_path / "enishi.toml").write_text('[fields.phone]\nregoin = "JP"\n')
        message = failed(invoke("resolve", web, "-o", tmp_path / "out", "-c", tmp_path / "enishi.toml"))
        assert "enishi.toml: fields.phone.regoin" in message
        assert "did you mean 'region'?" in message

    def test_no_configuration(self, web: Path, tmp_path: Path) -> None:
        assert "no such file" in failed(invoke("resolve", web, "-o", tmp_path / "out", "-c", tmp_path / "none.toml"))

    def test_a_repeated_record(self, tmp_path: Path) -> None:
        web = table(tmp_path / "web.parquet", record_id=["1", "2", "1"], email=["hanako.sato@gmail.com", None, None])
        message = failed(invoke("resolve", web, "-o", tmp_path / "out"))
        assert "row 3" in message
        assert "duplicates = keep-identical" in message

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("--outputs", "customrs"), "did you mean 'customers'?"),
            (("--memory-limit", "8XB"), "such as 8GB"),
            (("--threads", "0"), "--threads"),
            (("--duplicates", "drop"), "--duplicates"),
            (("--quiett",), "--quiet"),
        ],
    )
    def test_a_wrong_command_line(self, web: Path, tmp_path: Path, arguments: Sequence[str], said: str) -> None:
        result = invoke("resolve", web, "-o", tmp_path / "out", *arguments)
        failed(result, 2)
        assert said in " ".join(result.stderr.split())

    def test_no_input(self, tmp_path: Path) -> None:
        for command in (["resolve", "-o", tmp_path / "out"], ["profile"]):
            assert "INPUT" in failed(invoke(*command), 2)

    def test_too_many_customers(self, tmp_path: Path) -> None:
        failed(invoke("simulate", "-o", tmp_path / "out", "--customers", 10**12), 2)
        assert os.listdir(tmp_path) == []

    def test_a_bad_key_file(self, web: Path, tmp_path: Path) -> None:
        short, long = tmp_path / "short", tmp_path / "long"
        short.write_bytes(b"hunter2")
        long.write_bytes(bytes((1 << 20) + 1))
        for path, said in ((short, "holds 7 bytes"), (long, "more than"), (tmp_path, "cannot be read")):
            message = failed(invoke("resolve", web, "-o", tmp_path / "out", "--key-file", path))
            assert said in message
            assert "hunter2" not in message

    def test_a_missing_spill_directory(self, web: Path, tmp_path: Path) -> None:
        message = failed(invoke("resolve", web, "-o", tmp_path / "out", "--spill-dir", tmp_path / "none"))
        assert "spill directory" in message

    def test_a_memory_limit_that_is_too_low(self, shop: Path, tmp_path: Path) -> None:
        big = tmp_path / "big"
        invoke("simulate", "-o", big, "--customers", 3000)
        result = invoke("resolve", *channels(big), "-o", tmp_path / "out", "--memory-limit", "100KB")
        assert result.exit_code == 1
        assert "memory limit" in result.stderr
        assert os.listdir(tmp_path) == ["big"]

    def test_a_full_disk(self, web: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(*_: object, **__: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(pq.ParquetWriter, "write_batch", full)
        result = invoke("resolve", web, "-o", tmp_path / "out")
        assert result.exit_code == 1
        assert "cannot be written: No space left on device; nothing was left there" in result.stderr
        assert os.listdir(tmp_path) == ["web.parquet"]

    @pytest.mark.parametrize("command", ["resolve", "simulate", "demo"])
    def test_a_file_that_may_not_grow(self, shop: Path, tmp_path: Path, command: str) -> None:
        code = "import resource as r; from enishi.cli import main; r.setrlimit(r.RLIMIT_FSIZE, (4096, 4096)); main()"
        arguments = channels(shop) if command == "resolve" else ["--customers", 100]
        result = run(command, *arguments, "-o", tmp_path / "out", code=code)
        assert result.returncode == 1
        assert "File too large; nothing was left there" in result.stderr
        assert os.listdir(tmp_path) == []

    def test_a_bug_tells_its_type_and_no_more(self, web: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*_: object) -> None:
            raise KeyError("hanako.sato@gmail.com")

        monkeypatch.setattr("enishi.read.open_inputs", broken)
        message = failed(invoke("resolve", web, "-o", tmp_path / "out"))
        assert message.startswith("enishi: error: KeyError: this is a bug in enishi, please report it")
        assert "hanako" not in message
        assert "Traceback" in invoke("--debug", "resolve", web, "-o", tmp_path / "out").stderr


class TestInterruption:
    """Ctrl-C leaves nothing, whenever it comes."""

    HOOK = """
import os, signal, {module}
whole = {module}.{name}
def interrupted(*arguments, **options):
    result = whole(*arguments, **options)
    os.kill(os.getpid(), signal.SIGINT)
    return result
{module}.{name} = interrupted
from enishi.cli import main
main()
"""

    @pytest.mark.parametrize(
        ("module", "name"),
        [("enishi.identify", "as_text"), ("enishi.pipeline", "link"), ("pyarrow.parquet", "ParquetWriter")],
    )
    def test_in_a_run(self, shop: Path, tmp_path: Path, module: str, name: str) -> None:
        code = self.HOOK.format(module=module, name=name)
        result = run("resolve", *channels(shop), "-o", tmp_path / "out", code=code)
        assert result.returncode == 130
        assert result.stderr.splitlines()[-1] == "enishi: interrupted; nothing was written"
        assert "Traceback" not in result.stderr
        assert os.listdir(tmp_path) == []

    @pytest.mark.parametrize("call", ["time.sleep(1000)", "ThreadPoolExecutor(1).submit(time.sleep, 1000).result()"])
    def test_while_the_core_computes(self, shop: Path, tmp_path: Path, call: str) -> None:
        # A call that does not come back, as a long one of the compiled core seems to be, here or on a pool.
        code = "import time, enishi.pipeline as pipeline; from concurrent.futures import ThreadPoolExecutor\n"
        code += f"pipeline.link = lambda *a, **k: {call}\n"
        code += "from enishi.cli import main; main()"
        arguments = ["resolve", *channels(shop), "-o", str(tmp_path / "out")]
        command = [sys.executable, "-c", code, *map(str, arguments)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            assert process.stderr.readline().startswith("read and normalize")
            start = time.monotonic()
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=60)
        assert time.monotonic() - start < 5
        assert process.returncode == 130
        assert said.splitlines()[-1] == "enishi: interrupted; nothing was written"
        assert os.listdir(tmp_path) == []

    def test_once_it_is_written(self, shop: Path, tmp_path: Path) -> None:
        code = self.HOOK.format(module="enishi.console", name="Page")
        result = run("resolve", *channels(shop), "-o", tmp_path / "out", code=code)
        assert result.returncode == 130
        assert result.stderr.splitlines()[-1] == f"enishi: interrupted; the customers are in {tmp_path / 'out'}"
        assert "customers.parquet" in os.listdir(tmp_path / "out")

    def test_before_it_begins(self, tmp_path: Path) -> None:
        code = "import sys, signal, os; from enishi.__main__ import run\n"
        code += "class Interrupted:\n"
        code += "    def find_spec(self, name, path=None, target=None):\n"
        code += "        if name == 'enishi.cli': os.kill(os.getpid(), signal.SIGINT)\n"
        code += "sys.meta_path.insert(0, Interrupted()); run()"
        result = run("resolve", "web.csv", "-o", tmp_path / "out", code=code)
        assert result.returncode == 130
        assert result.stderr == "enishi: interrupted; nothing was written\n"

    @pytest.mark.parametrize(
        ("command", "sent"),
        [
            ("simulate", [signal.SIGINT]),
            ("demo", [signal.SIGINT, signal.SIGINT]),
            ("simulate", [signal.SIGTERM]),
            ("demo", [signal.SIGHUP, signal.SIGINT]),
        ],
    )
    def test_from_outside(self, tmp_path: Path, command: str, sent: list[signal.Signals]) -> None:
        arguments = [sys.executable, "-m", "enishi", command, "-o", str(tmp_path / "out"), "--customers", "1000000"]
        with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            deadline = time.monotonic() + 60
            while not list(tmp_path.rglob("*.parquet")) and time.monotonic() < deadline:
                time.sleep(0.05)
            for each in sent:
                process.send_signal(each)
                time.sleep(0.01)
            _, said = process.communicate(timeout=60)
        assert process.returncode == 128 + sent[0]
        assert said.splitlines()[-1] == "enishi: interrupted; nothing was written"
        assert os.listdir(tmp_path) == []


HEADER = "record_id,email,phone,payment_token,name,birth_date\n"
ROW = "1,hanako.sato@gmail.com,09012345678,4111111111111111,佐藤花子,1984-03-02\n"


class TestSecrecy:
    """No error shows a value, whatever is wrong with the file that holds it."""

    @pytest.mark.parametrize(
        "content",
        [
            ROW.encode(),  # no header
            (HEADER + ROW + ROW).encode(),  # a repeated record
            (HEADER + ROW.replace(",佐藤", ",,佐藤")).encode(),  # a column too many
            (HEADER + ROW.replace("hanako", '"hanako')).encode(),  # a quote that is never closed
            (HEADER + ROW).encode("cp932"),
            (HEADER + ROW).encode("utf-16"),
            HEADER.encode() + ROW.encode().replace(b"gmail", b"\xff\xfe\x00"),
            (HEADER + ROW.replace("1,", ",", 1)).encode(),  # no record id
            (HEADER + "".join(ROW.replace("1,", f"{i},", 1) for i in range(100))).encode(),  # card numbers for tokens
        ],
        ids=["header", "repeated", "ragged", "quote", "cp932", "utf16", "bytes", "no id", "cards"],
    )
    @pytest.mark.parametrize("command", ["resolve", "profile"])
    def test_errors(self, tmp_path: Path, content: bytes, command: str) -> None:
        (tmp_path / "web.csv").write_bytes(content)
        output = ["-o", tmp_path / "out"] if command == "resolve" else []
        result = invoke(command, tmp_path / "web.csv", *output)
        assert result.exit_code in ((1,) if command == "resolve" else (0, 1))
        assert not any(secret in result.output for secret in SECRETS)
        assert sorted(os.listdir(tmp_path)) == ["web.csv"]

    def test_refused_values_are_counted(self, tmp_path: Path) -> None:
        emails = ["hanako sato", "@", "hanako.sato@gmail.com", None]
        web = table(
            tmp_path / "web.parquet", id=[1, 2, 3, 4], email=emails, phone=["09012345678x", "0", "0120444444", ""]
        )
        result = invoke("resolve", web, "-o", tmp_path / "out")
        assert result.exit_code == 0
        assert "malformed" in result.stdout
        assert not any(secret in result.output for secret in SECRETS)


class TestEntryPoints:
    def test_version(self) -> None:
        assert invoke("--version").stdout == f"enishi {enishi.__version__}\n"

    @pytest.mark.parametrize("command", ["resolve", "demo", "simulate", "profile", "evaluate", "explain"])
    def test_help_has_an_example(self, command: str) -> None:
        assert f"enishi {command} " in invoke(command, "--help").stdout.partition("Example")[2]

    def test_as_a_module(self) -> None:
        result = subprocess.run([sys.executable, "-m", "enishi", "--help"], capture_output=True, text=True, check=True)
        assert result.stdout.startswith("Usage: enishi ")

    def test_help_loads_no_tables(self) -> None:
        code = "import sys\nfrom enishi.cli import main\nmain(standalone_mode=False)\nprint(*sys.modules)"
        loaded = run("--help", code=code).stdout.split()
        assert not {"rich", "polars", "enishi.simulate", "enishi.evaluate", "enishi.profile"} & set(loaded)

    def test_a_reader_that_goes_away(self, shop: Path) -> None:
        code = "import os, sys; os.close(1); r, w = os.pipe(); os.close(r); from enishi.cli import main; main()"
        result = run("profile", *channels(shop), "--suggest", code=code)
        assert "Traceback" not in result.stderr

    def test_a_terminal_that_lacks_characters(self, tmp_path: Path) -> None:
        source = table(tmp_path / "会員.parquet", **{"会員番号": ["1"], "メール": ["a@b.jp"]})
        result = run("resolve", source, "-o", tmp_path / "out", env=os.environ | {"PYTHONIOENCODING": "ascii"})
        assert result.returncode == 0, result.stderr
        assert r"\u4f1a\u54e1" in result.stdout
