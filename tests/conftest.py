from pathlib import Path

import pytest

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of labelled data and vectors that others made, beside the project."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the labelled data beside the project (../shared/data) is absent")
    return SHARED_DATA
