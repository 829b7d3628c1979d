"""Forecasts against what runs then needed, and runs that are refused before they start."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from enishi import InputError, MemoryLimitError, Model, OutputError, forecast, pipeline, simulate
from enishi.cli import main
from enishi.console import Page
from enishi.forecast import Forecast, Growth
from enishi.memory import Budget
from enishi.pipeline import Options
from enishi.read import open_data, open_inputs

GB = 10**9


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The channels of 6,000 customers, some 40,000 records."""
    directory = tmp_path_factory.mktemp("shop")
    simulate.simulate(directory, 6000)
    return sorted(str(path) for path in directory.glob("*.parquet") if path.stem != "truth")


@pytest.fixture
def unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even small runs are forecast before they start."""
    monkeypatch.setattr(pipeline, "FORECAST_FROM", 1)


def forecast_of(inputs: Sequence[str], **options: Any) -> Forecast:
    return pipeline.forecast(open_inputs(inputs, Model()), Model(), Options(**options))


def purchases(path: Path, rows: int, cards: int) -> str:
    rng = np.random.default_rng(0)
    numbers = pa.array([f"tok_{card:012}" for card in rng.integers(0, cards, rows)])
    pq.write_table(pa.table({"record_id": pa.array(range(rows)), "payment_token": numbers}), path)
    return str(path)


def with_free(monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))


# How good it is.


def test_a_straight_line_and_a_pool() -> None:
    line, pool, drained = Growth(500, 1000), Growth(500, 750), Growth(700, 700)
    assert line.least(40) == line.most(40) == 40_000
    assert pool.least(1) == pool.most(1) == 750
    assert 990 < pool.least(40) <= 1000 < pool.most(40) < 40 * 750
    assert drained.least(1000) == drained.most(1000) == 700
    assert Growth(0, 0).most(9) == Growth(0, 0).least(9) == 0
    assert Growth(0, 3).most(9) == 27


def test_a_part_of_a_shop_speaks_for_all_of_it(shop: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forecast, "SAMPLE", 16384)
    monkeypatch.setattr(forecast, "HELD_IDS", 1000)
    found = forecast_of(shop)
    assert 16384 <= found.sampled < 16400
    readers = open_inputs(shop, Model())
    assert found.rows == {reader.name: reader.rows for reader in readers}
    assert found.least.peak <= found.most.peak
    assert list(found.most.memory) == ["read and normalize", "link", "match", "graph", "write"]
    monkeypatch.setattr(forecast, "SAMPLE", 1 << 20)
    whole = forecast_of(shop)
    assert whole.sampled == sum(whole.rows.values())
    assert whole.least == whole.most
    for name, size in whole.most.output.items():
        assert found.least.output[name] <= 1.15 * size
        assert 0.85 * size <= found.most.output[name] <= 1.3 * size
    assert 0.85 * whole.most.peak <= found.most.peak <= 1.3 * whole.most.peak


def test_the_files_are_about_as_large_as_forecast(shop: list[str], tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["resolve", *shop, "-o", str(tmp_path / "out"), "--quiet"])
    assert result.exit_code == 0, result.output
    found = forecast_of(shop)
    for name in ("customers", "identifiers", "evidence"):
        size = (tmp_path / "out" / f"{name}.parquet").stat().st_size
        assert found.least.output[name] <= 1.3 * size
        assert 0.85 * size <= found.most.output[name] <= 1.3 * size
    assert found.most.spill == {"record ids": 0, "their hashes": 0, "values": 0}


def held_by(inputs: Sequence[str], **options: Any) -> int:
    """Bytes that a process holds at most beyond what it has when its sources are open."""
    code = (
        "import sys; from enishi import pipeline; from enishi.model import Model; from enishi.memory import resident\n"
        "from enishi.read import open_inputs; readers = open_inputs(sys.argv[1:], Model()); before = resident()\n"
        "import threading, time; most = [0]; done = threading.Event()\n"
        "def watch():\n"
        "    while not done.wait(0.01): most.append(resident() - before)\n"
        "threading.Thread(target=watch).start()\n"
        f"pipeline.run(readers, Model(), pipeline.Options(**{options!r})); done.set(); print(max(most))\n"
    )
    return int(subprocess.run([sys.executable, "-c", code, *inputs], capture_output=True, check=True, text=True).stdout)


def test_the_memory_is_about_as_much_as_forecast(tmp_path: Path) -> None:
    inputs = [purchases(tmp_path / "till.parquet", 2_000_000, 1_500_000)]
    options: dict[str, Any] = {"exact": True, "outputs": ("customers",), "threads": 2}
    held, found = held_by(inputs, **options), forecast_of(inputs, **options)
    assert found.most.peak > 0.85 * held
    assert found.most.peak - forecast.WORK < 1.3 * held


def test_the_memory_of_matching_is_about_as_much_as_forecast(tmp_path: Path) -> None:
    simulate.simulate(tmp_path, 40_000)
    inputs = sorted(str(path) for path in tmp_path.glob("*.parquet") if path.stem != "truth")
    options: dict[str, Any] = {"threads": 2}
    held, found = held_by(inputs, **options), forecast_of(inputs, **options)
    assert found.most.memory["match"] == found.most.peak > forecast_of(inputs, match="off", threads=2).most.peak
    assert found.most.peak > 0.85 * held
    assert found.most.peak - forecast.WORK < 1.3 * held


def test_of_cards_that_are_used_again_and_again_the_least_is_their_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forecast, "WORK", 0)
    many = forecast_of([purchases(tmp_path / "many.parquet", 400_000, 1_000_000_000)], exact=True)
    few = forecast_of([purchases(tmp_path / "few.parquet", 400_000, 1_000)], exact=True)
    monkeypatch.setattr(forecast, "SAMPLE", 20_000)
    some = forecast_of([str(tmp_path / "few.parquet")], exact=True)
    assert few.most.output["evidence"] < many.most.output["evidence"] / 3
    assert some.most.peak < 1.1 * few.most.peak
    assert some.least.peak > 0.9 * few.least.peak


def test_ids_without_order_take_room_to_be_compared(tmp_path: Path) -> None:
    ids = [f"w{number:08}" for number in range(50_000)]
    peaks = []
    for name, order in ("up", ids), ("down", ids[::-1]):
        pq.write_table(pa.table({"record_id": order, "email": ["a@example.com"] * len(ids)}), tmp_path / f"{name}.pq")
        peaks.append(forecast_of([str(tmp_path / f"{name}.pq")]).most.memory)
    # What sorted ids leave may be more than what reading them takes.
    assert peaks[1]["read and normalize"] - peaks[0]["read and normalize"] == pytest.approx(12 * len(ids), rel=0.01)
    assert peaks[1]["link"] == peaks[0]["link"]


def test_fewer_outputs_need_less(shop: list[str]) -> None:
    everything, customers = forecast_of(shop), forecast_of(shop, exact=True, outputs=("customers",))
    assert list(customers.most.output) == ["customers"]
    assert customers.most.peak < everything.most.peak
    assert forecast_of(shop, with_values=True).most.output["identifiers"] > everything.most.output["identifiers"]
    assert forecast_of(shop, match="auto").most.peak >= everything.most.peak
    assert forecast_of(shop, duplicates="keep-identical").most.peak > everything.most.peak


def test_a_source_without_rows_or_without_ids(tmp_path: Path) -> None:
    pq.write_table(
        pa.table({"record_id": pa.array([], pa.string()), "email": pa.array([], pa.string())}), tmp_path / "no.pq"
    )
    pq.write_table(pa.table({"email": ["a@example.com", None]}), tmp_path / "web.pq")
    found = forecast_of([str(tmp_path / "no.pq"), str(tmp_path / "web.pq")])
    assert found.rows == {"no": 0, "web": 2}
    assert found.least == found.most
    assert forecast_of([str(tmp_path / "no.pq")]).sampled == 0


# What has none.


def test_what_does_not_tell_its_rows_or_passes_once_has_none(tmp_path: Path) -> None:
    table = pa.table({"record_id": ["1"], "email": ["a@example.com"]})
    readers = open_data({"web": table}, Model())
    with pytest.raises(InputError, match="source 'web' does not tell"):
        pipeline.forecast(readers, Model(), Options())
    assert next(readers[0].batches(["email"])).num_rows == 1  # nothing of it was consumed
    (tmp_path / "till.csv").write_text("record_id,email\n1,a@example.com\n")
    with pytest.raises(InputError, match="source 'till' does not tell"):
        forecast_of([str(tmp_path / "till.csv")])


@pytest.mark.usefixtures("unasked")
def test_a_table_is_resolved_without_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with_free(monkeypatch, 0)
    table = pa.table({"record_id": ["1", "2"], "email": ["a@example.com"] * 2})
    graph = pipeline.resolve({"web": table}, memory_limit="2GB")
    assert graph.summary["customers"] == 1


# What is refused.


@pytest.mark.usefixtures("unasked")
class TestRefused:
    def test_more_memory_than_the_limit(self, shop: list[str]) -> None:
        needs = r"needs 0\.\d\d GB of memory or more .* limit is 0\.10 GB; raise the limit, or leave out "
        with pytest.raises(MemoryLimitError, match=needs + r"matching by probability \(match = off\)"):
            pipeline.run(open_inputs(shop, Model()), Model(), Options(memory_limit=GB // 10))
        with pytest.raises(MemoryLimitError, match=needs + "outputs"):
            pipeline.run(open_inputs(shop, Model()), Model(), Options(memory_limit=GB // 10, match="off"))

    def test_only_clearly_more(self, shop: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
        limit = int(forecast_of(shop).least.peak / 1.2)
        monkeypatch.setattr(Budget, "check", lambda *_: None)
        options = Options(memory_limit=limit)
        found = pipeline.run(open_inputs(shop, Model()), Model(), options)
        monkeypatch.setattr(pipeline, "FORECAST_FROM", GB)
        again = pipeline.run(open_inputs(shop, Model()), Model(), options)
        assert "forecast" in found.summary["seconds"]
        assert "forecast" not in again.summary["seconds"]
        assert found.tables["customers"].table().equals(again.tables["customers"].table())

    def test_a_run_that_fits_at_its_worst_is_not_sampled(
        self, shop: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(forecast, "forecast", None)
        assert pipeline.run(open_inputs(shop, Model()), Model(), Options(memory_limit=64 * GB)).summary["records"]

    def test_a_spill_directory_without_room(
        self, shop: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(forecast, "HELD_IDS", 1000)
        with_free(monkeypatch, 10_000)
        with pytest.raises(InputError, match=r"spill directory .* has no room: .* spill-dir"):
            pipeline.run(open_inputs(shop, Model()), Model(), Options(spill_dir=tmp_path, memory_limit=8 * GB))

    def test_an_output_directory_without_room(
        self, shop: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with_free(monkeypatch, 10_000)
        with pytest.raises(OutputError, match="no room"):
            pipeline.run(open_inputs(shop, Model()), Model(), Options(memory_limit=8 * GB), None, tmp_path)
        result = CliRunner().invoke(main, ["resolve", *shop, "-o", str(tmp_path / "out"), "--quiet"])
        assert result.exit_code == 1
        assert "has no room" in result.stderr
        assert os.listdir(tmp_path) == []


# The command.


def test_the_command_shows_it_and_does_nothing_else(shop: list[str], tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["resolve", *shop, "-o", str(tmp_path / "far" / "out"), "--forecast"])
    assert result.exit_code == 0, result.output
    for told in ("web_shop", "read and normalize", "evidence.parquet", "spill: record ids", "free", "its limit is"):
        assert told in result.output
    assert os.listdir(tmp_path) == []
    result = CliRunner().invoke(
        main, ["resolve", *shop, "-o", str(tmp_path / "out"), "--forecast", "--spill-dir", str(tmp_path / "none")]
    )
    assert result.exit_code == 1
    assert "is not there" in result.stderr


def test_the_page_shows_both_ends(capsys: pytest.CaptureFixture[str]) -> None:
    need = forecast.Need({"link": 2 * GB}, {"values": 0}, {"customers": GB})
    more = forecast.Need({"link": 3 * GB}, {"values": GB}, {"customers": GB})
    Page().forecast(Forecast({"till": 7}, 3, 5 * GB, need, more), {"spill": GB, "output": GB})
    shown = capsys.readouterr().out
    assert "It needs 2.00 to 3.00 GB of memory, and its limit is 5.00 GB." in shown
    assert "It spills 0.00 to 1.00 GB (1.00 GB are free) and writes 1.00 GB" in shown


def test_small_runs_do_not_load_it() -> None:
    code = (
        "import sys, enishi, pyarrow as pa; enishi.resolve(pa.table({'record_id': ['1'], 'email': ['a@b.jp']}))\n"
        "assert 'enishi.forecast' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
