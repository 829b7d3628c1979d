"""The C++ tests under the address and undefined-behavior sanitizers, and those of threads under theirs."""

import os
import shlex
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROGRAMS = sorted((ROOT / "tests" / "cpp").glob("*.cpp"))
# Line tables are all that a report needs; full debugging information doubles the time.
COMMON = ["-std=c++17", "-O1", "-g1", "-pthread", f"-I{ROOT / 'csrc'}"]
FLAGS = [*COMMON, "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
THREADED = [ROOT / "tests" / "cpp" / name for name in ("test_parts.cpp", "test_linking.cpp")]

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


@pytest.fixture(scope="module")
def built(
    compiler: list[str], request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[Path, Future[subprocess.CompletedProcess[str]]]]:
    """The programs that this run asks for, compiling on every core."""
    folder = tmp_path_factory.mktemp("programs")
    calls = [getattr(item, "callspec", None) for item in request.session.items if item.path == Path(__file__)]
    wanted = [call.params["program"] for call in calls if call is not None]

    def build(program: Path) -> subprocess.CompletedProcess[str]:
        command = [*compiler, *FLAGS, str(program), "-o", str(folder / program.stem)]
        return subprocess.run(command, capture_output=True, text=True, cwd=folder)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield {program: pool.submit(build, program) for program in wanted}


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.stem)
def test_runs_clean(program: Path, built: dict[Path, Future[subprocess.CompletedProcess[str]]]) -> None:
    compiled = built[program].result()
    assert compiled.returncode == 0, compiled.stderr[-4000:]
    executable = compiled.args[-1]
    run = subprocess.run([executable], capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, (run.stdout + run.stderr)[-4000:]


def test_threads_do_not_race(compiler: list[str], tmp_path: Path) -> None:
    watched = [*compiler, *COMMON, "-fsanitize=thread"]
    (tmp_path / "empty.cpp").write_text("int main() { return 0; }\n")
    for program in (tmp_path / "empty.cpp", *THREADED):
        built = tmp_path / program.stem
        compiled = subprocess.run([*watched, str(program), "-o", str(built)], capture_output=True, text=True)
        run = subprocess.run([str(built)], capture_output=True, text=True) if not compiled.returncode else compiled
        if run.returncode and program not in THREADED:
            pytest.skip(f"{compiler[0]} has no thread sanitizer that runs here")
        assert run.returncode == 0, (run.stdout + run.stderr)[-4000:]


def test_there_are_programs() -> None:
    assert len(PROGRAMS) >= 3
