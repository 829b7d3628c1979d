"""What a small call imports: each module here takes as long as resolving hundreds of rows."""

import json
import subprocess
import sys

SLOW = {"dataclasses", "hashlib", "inspect", "numba", "numpy.ma", "pathlib", "polars", "pyarrow.compute", "tempfile"}
START = """
import sys

class WithoutPandas:
    def find_spec(self, name, path=None, target=None):
        if name == "pandas":
            raise ModuleNotFoundError(name=name)

sys.meta_path.insert(0, WithoutPandas())
told, before = [], set(sys.modules)
"""
TABLE = """
n = 60
people = [i // 3 for i in range(n)]
table = pa.table({
    "record_id": pa.array(range(n)),
    "email": [f"person{p}@shop.jp" if i % 2 else None for i, p in enumerate(people)],
    "tel": [f"090{p:04d}{(p * 7919) % 10000:04d}" for p in people],
    "device_id": ["kiosk-0001" if i % 4 else None for i in range(n)],
    "member_no": [f"{9_280_010_000 + p}" for p in people],
    "payment_token": [f"tok_{p * 7919:08x}" if i % 3 else None for i, p in enumerate(people)],
    "family_name": ["佐藤"] * n,
    "given_name": [f"花子{p}" for p in people],
    "birth_date": pa.array([p * 400 for p in people], pa.int32()).view(pa.date32()),
    "zip": [f"150-{p:04d}" for p in people],
    "city": ["渋谷区"] * n,
    "street": [f"神南{p}-1" for p in people],
    "ordered_at": pa.array([1_700_000_000 + i for i in range(n)], pa.int64()).view(pa.timestamp("s")),
})
"""


def loaded(code: str) -> list[list[str]]:
    """The modules that each step of a program has loaded, where pandas is not installed."""
    tell = "told.append(sorted(set(sys.modules) - before)); before = set(sys.modules)\n"
    program = START + code.replace("TELL\n", tell) + "import json\nprint(json.dumps(told))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    steps: list[list[str]] = json.loads(done.stdout)
    return steps


def test_import_loads_neither_arrow_nor_what_it_has_no_use_for() -> None:
    (modules,) = loaded("import enishi\nTELL\n")
    assert not {"numpy", "pyarrow", "enishi.pipeline", *SLOW} & set(modules)


def test_a_small_call_loads_nothing_slow_and_the_next_one_nothing_at_all() -> None:
    call = "enishi.resolve(table)\nTELL\n"
    _, first, second = loaded(f"import pyarrow as pa\nimport enishi\n{TABLE}TELL\n{call}{call}")
    assert "enishi.match" in first
    assert not SLOW & set(first)
    assert second == []


def test_a_second_source_and_identifiers_only() -> None:
    code = f"import pyarrow as pa\nimport enishi\n{TABLE}TELL\n"
    code += "graph = enishi.resolve({'web': table, 'app': table.slice(5)}, match='off', threads=1)\nTELL\n"
    _, first = loaded(code)
    assert not SLOW & set(first)
    assert "enishi.match" not in first
