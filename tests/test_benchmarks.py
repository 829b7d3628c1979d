"""The measurements themselves: contenders agree, gates decide the exit code, and nothing is timed here."""

import doctest
import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))


def test_the_command_lists_its_runs_and_knows_no_others() -> None:
    command = [sys.executable, "-m", "benchmarks"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    from benchmarks.__main__ import NAMES

    assert [line.split()[0] for line in listed.splitlines() if not line.startswith(" ")] == list(NAMES)
    refused = subprocess.run([*command, "exakt"], cwd=ROOT, capture_output=True, text=True)
    assert refused.returncode == 2 and "exact" in refused.stderr


@pytest.mark.parametrize("name", ["settings", "data", "contenders.partition", "contenders.pairwise"])
def test_examples(name: str) -> None:
    module = importlib.import_module(f"benchmarks.{name}")
    tried = doctest.testmod(module)
    assert tried.attempted and not tried.failed


@pytest.mark.parametrize("shuffled", [False, True])
def test_enishi_and_connected_components_give_one_partition(tmp_path: Path, shuffled: bool) -> None:
    pytest.importorskip("scipy")
    from benchmarks.data import shop
    from benchmarks.process import answer, once, python
    from benchmarks.runs._resolve import EXACT, resolve
    from benchmarks.settings import Settings

    records = shop(Settings(tmp_path, tmp_path, tmp_path, shuffled=shuffled), 2_000)
    once(resolve(records, *EXACT)(tmp_path / "ours"))
    once(python("-m", "benchmarks.contenders.polars_scipy", records, tmp_path / "theirs"))
    digest = ("-m", "benchmarks.contenders.partition")
    ours, theirs = (
        answer(python(*digest, tmp_path / name / "customers.parquet", records)) for name in ("ours", "theirs")
    )
    assert ours == theirs and 100 < ours["customers"] < 2_000


def test_splink_and_enishi_have_the_same_records_and_one_truth(tmp_path: Path) -> None:
    pytest.importorskip("splink")
    from benchmarks.data import people
    from benchmarks.process import answer, once, python
    from benchmarks.settings import Settings

    records, truth = people(Settings(tmp_path, tmp_path, tmp_path), 10_000)
    once(python("-m", "benchmarks.contenders.splink_match", records, tmp_path / "theirs"))
    once(python("-m", "enishi", "resolve", f"records={records}", "-o", tmp_path / "ours", "--quiet"))
    for name in ("ours", "theirs"):
        score = answer(python("-m", "benchmarks.contenders.pairwise", tmp_path / name / "customers.parquet", truth))
        assert score["precision"] > 0.9 and score["recall"] > 0.8


def test_values_put_on_many_records_of_a_shop_merge_nobody(tmp_path: Path) -> None:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    from benchmarks.runs import injected
    from benchmarks.settings import Settings

    shop = injected.read_shop(Settings(tmp_path, tmp_path, tmp_path), 3_000)
    everybody, rng = np.arange(shop.records), np.random.default_rng(0)
    before = injected.customers(shop, "auto", {})
    for rows in (everybody, everybody[::100], shop.strangers(injected.STRANGERS, rng)):
        for fields in (["phone"], list(injected.VALUES)):
            after = injected.customers(shop, "auto", dict.fromkeys(fields, rows))
            assert injected.merged(before, after, shop.truth["person_id"]) == injected.Merged(0, 0)
    everything = before.set_column(2, "customer_id", pa.array(np.zeros(len(before), np.int64)))
    found = injected.merged(before, everything, shop.truth["person_id"])
    assert found.customers == len(pc.unique(before["customer_id"])) - 1
    assert 400 < found.people < len(pc.unique(shop.truth["person_id"]))


def test_without_guards_whoever_shares_a_value_is_one_customer(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from benchmarks.process import once, python
    from benchmarks.runs.guards import GUARDED, OPTIONS, PLAIN, PROGRAMS

    records = {
        "record_id": ["1", "2"], "phone": ["07012345678"] * 2, "given_name": ["太郎", "花子"],
        "birth_date": ["1980-02-03", "1955-11-21"],
    }  # fmt: skip
    pq.write_table(pa.table(records), tmp_path / "home.parquet")
    customers = {}
    for name, program in PROGRAMS.items():
        once(python("-m", program, "resolve", tmp_path / "home.parquet", "-o", tmp_path / name, *OPTIONS))
        table = pq.read_table(tmp_path / name / "customers.parquet")
        customers[name] = len(set(table["customer_id"].to_pylist()))
    assert customers == {GUARDED: 2, PLAIN: 1}


def test_near_values_are_those_of_brute_force(tmp_path: Path) -> None:
    pytest.importorskip("rapidfuzz")
    import polars as pl

    from benchmarks.process import once
    from benchmarks.runs.fuzzy import program

    cards = [f"{1_000_000_000_000_000 + 7 * i}" for i in range(200)] + ["0100000000000000"]
    values = tmp_path / "values.parquet"
    pl.DataFrame({"card": cards}).write_parquet(values)
    found = []
    for name, options in (("brute_force", ("201", "0")), ("near_enishi", ()), ("near_deletions", ())):
        once(program(name, values, "card", *options)(tmp_path / f"{name}.parquet"))
        found.append(sorted(pl.read_parquet(tmp_path / f"{name}.parquet").select("left", "right").iter_rows()))
    assert found[0] and found[0] == found[1] == found[2]


@pytest.mark.parametrize(("value", "code"), [(3.0, 0), (2.9, 1)])
def test_a_gate_decides_the_exit_code(tmp_path: Path, value: float, code: int) -> None:
    from benchmarks.__main__ import measure
    from benchmarks.report import Figure, Report
    from benchmarks.runs import Run
    from benchmarks.settings import Settings

    figures = [Figure("ratio", value, "times", at_least=3.0), Figure("seconds", 1e9)]
    run = Run("one", "one gate", lambda settings: Report(figures, []))
    assert measure([run], Settings(tmp_path, tmp_path, tmp_path), tmp_path / "figures.json") == code
    gate, told = json.loads((tmp_path / "figures.json").read_text())["runs"]["one"]["figures"]
    assert (gate["kind"], gate["holds"], told["kind"]) == ("gate", not code, "informational")


def test_a_contender_that_fails_is_told(tmp_path: Path) -> None:
    from benchmarks.process import ContenderError, once, python

    with pytest.raises(ContenderError, match="no such run"):
        once(python("-c", "raise SystemExit('no such run')"))
