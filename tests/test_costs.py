"""What a run on fixed data costs, as counts: a change of cost shows as another number, whatever the machine does."""

import pyarrow as pa
import pytest

import enishi
from enishi.memory import Budget
from enishi.simulate import sample


@pytest.fixture(scope="module")
def shop() -> dict[str, pa.Table]:
    return {name: table for name, table in sample(400, seed=7).tables.items() if table.num_rows}


def test_what_is_distinct_and_compared(shop: dict[str, pa.Table]) -> None:
    summary = enishi.resolve(shop, match="auto").summary
    distinct = {name: field["distinct"] for name, field in summary["fields"].items() if "distinct" in field}
    compared = {name: near["compared"] for name, near in summary["near"].items()}
    blocking = summary["match"]["blocking"].values()
    assert (summary["records"], summary["profiles"]) == (2819, 2093)
    assert distinct == {"email": 426, "phone": 398, "device_id": 899, "payment_token": 603, "loyalty_card": 426}
    assert compared == {"email": 0, "phone": 8, "device_id": 0}
    assert (sum(rule["pairs"] for rule in blocking), sum(rule["blocks"] for rule in blocking)) == (82893, 19135)


@pytest.mark.parametrize(("exact", "expected"), [(True, 68_964), (False, 174_956)])
def test_what_is_spilled(
    shop: dict[str, pa.Table], monkeypatch: pytest.MonkeyPatch, exact: bool, expected: int
) -> None:
    monkeypatch.setattr(Budget, "held", 0)
    outputs = ("customers",) if exact else enishi.schema.OUTPUTS
    assert enishi.resolve(shop, exact=exact, outputs=outputs, match="off").summary["spilled_bytes"] == expected
