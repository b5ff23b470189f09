"""What tests of the runtime share."""

from pathlib import Path

import pytest

from tests.runtime.bench import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path, {"least": 10})
