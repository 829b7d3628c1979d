from dataclasses import dataclass
import pyarrow as pa
@dataclass(frozen=True)
class Scenario:
    tables: dict[str, pa.Table]
    truth: pa.Table
SCENARIOS = {}
def scenario(name, seed=0): ...
