"""What a run says of how far it has come."""

from __future__ import annotations

import re

import pytest

from enishi import progress


def test_a_log_has_a_line_a_stage_with_the_memory_in_use(capsys: pytest.CaptureFixture[str]) -> None:
    with progress.progress() as tell:
        tell("read", 0, None)
        tell("read", 3_000, 3_000)
        tell("link", 0, None)
    lines = capsys.readouterr().err.splitlines()
    assert re.fullmatch(r"read: 3,000 records, \d+\.\d s, [\d.]+ [MG]B", lines[0])
    assert re.fullmatch(r"link: \d+\.\d s, [\d.]+ [MG]B", lines[1])
    assert len(lines) == 2


def test_a_long_stage_says_in_a_log_how_far_it_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "LINE_EVERY", 0.0)
    with progress.progress() as tell:
        tell("read", 0, None)
        tell("read", 1_000, 4_000)
        tell("read", 2_000, None)
    lines = capsys.readouterr().err.splitlines()
    assert re.fullmatch(r"read: 1,000 of 4,000 records, [\d,]+/s, \d+ s left, [\d.]+ [MG]B", lines[0])
    assert re.fullmatch(r"read: 2,000 records, [\d,]+/s, [\d.]+ [MG]B", lines[1])


def test_a_terminal_shows_the_same_beside_a_bar(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("rich")
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "150")
    with progress.progress() as tell:
        tell("read", 0, None)
        tell("read", 1_000, 4_000)
    shown = capsys.readouterr().err
    assert re.search(r"read +\S+ +1,000 records", shown)


def test_what_is_left_follows_from_the_rate() -> None:
    assert progress.standing(0, 10, 1.0, "records") == ""
    assert progress.standing(10, 10, 2.0, "records") == "10 of 10 records, 5/s"
    assert progress.standing(1_000, 1_000_000, 1.0, "records") == "1,000 of 1,000,000 records, 1,000/s, 17 min left"
    assert progress.standing(5, None, 0.0, "customers").startswith("5 customers, ")


def test_quiet_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with progress.progress(quiet=True) as tell:
        tell("read", 1, 2)
    assert capsys.readouterr() == ("", "")
