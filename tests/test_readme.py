"""What the README shows runs, and gives what it shows."""

from __future__ import annotations

import re
import shlex
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from enishi.cli import main
from enishi.config import read_config

README = Path(__file__).parents[1] / "README.md"
pytestmark = pytest.mark.skipif(not README.exists(), reason="an installed package has no README")


def blocks(language: str, text: str | None = None) -> list[str]:
    text = README.read_text("utf-8") if text is None else text
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def section(title: str) -> str:
    return README.read_text("utf-8").partition(f"\n## {title}\n")[2].partition("\n## ")[0]


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("example")
    for name in ("web.csv", "till.csv"):
        (text,) = blocks(f"csv {name}")
        (directory / name).write_text(text, "utf-8")
    return directory


def test_the_worked_example(example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(example)
    text = section("From two files to customers")
    commands = [shlex.split(line, comments=True)[1:] for block in blocks("sh", text) for line in block.splitlines()]
    outputs = []
    for command in commands:
        result = CliRunner().invoke(main, command)
        assert result.exit_code == 0, result.output
        outputs.append(result.output)
    resolved, explained, by_customer = outputs
    columns, customers, explanation = blocks("text", text)
    said = " ".join(re.sub("[─\\s]+", " ", columns).split())
    for words in ("Email → email", "メール → email", "氏名 → name", "6 records are 4 customers"):
        assert words in said
        assert words in " ".join(resolved.split())
    table = pq.read_table(example / "customers" / "customers.parquet")
    shown = [tuple(line.split()) for line in customers.splitlines()[1:]]
    assert shown == [tuple(map(str, row.values())) for row in table.to_pylist()]
    assert explained.strip() == explanation.strip()
    # The one value that two of the example's records share.
    assert "phone e3036c22aa53" in by_customer


def test_python(example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(example)
    for block in blocks("python"):
        printed = StringIO()
        with redirect_stdout(printed):
            exec(compile(block, "README.md", "exec"), {})
        shown = [line.removeprefix("# ") for line in block.splitlines() if line.startswith("# ")]
        assert printed.getvalue().splitlines() == shown


def test_configuration(tmp_path: Path) -> None:
    text = "\n".join(blocks("toml"))
    for number, block in enumerate(blocks("toml")):
        path = tmp_path / f"{number}.toml"
        path.write_text(block.replace('["b2c1f0aa-..."]', '["b2c1f0aa-0000-4000-8000-000000000001"]'), "utf-8")
        read_config(path)
    assert "must_link" in text


def test_commands_have_the_options_that_are_shown() -> None:
    known = {option for command in main.commands.values() for each in command.params for option in each.opts}
    for block in blocks("sh"):
        for line in block.splitlines():
            words = shlex.split(line, comments=True)
            if words[:1] == ["enishi"]:
                assert words[1] in main.commands
                assert {word for word in words if word.startswith("-")} <= known
