"""The C++ tests under the address and undefined-behavior sanitizers."""

import os
import shlex
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROGRAMS = sorted((ROOT / "tests" / "cpp").glob("*.cpp"))
# Line tables are all that a report needs; full debugging information doubles the time.
FLAGS = ["-std=c++17", "-O1", "-g1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", f"-I{ROOT / 'csrc'}"]

pytestmark = pytest.mark.native


@pytest.fixture(scope="module")
def compiler(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """A compiler whose sanitizers run here."""
    named = os.environ.get("CXX") or sysconfig.get_config_var("CXX") or "c++"
    candidates = [shlex.split(str(named))[:1], ["g++"], ["clang++"]]
    found = next((each for each in candidates if shutil.which(each[0])), None)
    if found is None:
        pytest.skip("there is no C++ compiler")
    folder = tmp_path_factory.mktemp("native")
    (folder / "empty.cpp").write_text("int main() { return 0; }\n")
    compiled = subprocess.run([*found, *FLAGS, "empty.cpp", "-o", "empty"], cwd=folder, capture_output=True, text=True)
    if compiled.returncode or subprocess.run([str(folder / "empty")], capture_output=True).returncode:
        pytest.skip(f"{found[0]} has no address and undefined-behavior sanitizers that run here")
    return found


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.stem)
def test_runs_clean(program: Path, compiler: list[str], tmp_path: Path) -> None:
    compiled = subprocess.run(
        [*compiler, *FLAGS, str(program), "-o", str(tmp_path / "program")], capture_output=True, text=True
    )
    assert compiled.returncode == 0, compiled.stderr[-4000:]
    run = subprocess.run([str(tmp_path / "program")], capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, (run.stdout + run.stderr)[-4000:]


def test_there_are_programs() -> None:
    assert len(PROGRAMS) >= 3
