from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from airfleet.client import Airfleet
from tests.e2e.processes import running_airfleet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.processes import RunningAirfleet


@pytest.fixture(scope="session")
def airfleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningAirfleet]:
    with running_airfleet(tmp_path_factory.mktemp("airfleet")) as running:
        yield running


@pytest.fixture(scope="session")
def token(airfleet: RunningAirfleet) -> str:
    """One that may do no more than a Django needs."""
    body = {"name": "django", "role": "operator", "instances": ["*"]}
    made = Airfleet(airfleet.url, token=airfleet.admin_token).exchange.json("POST", "/api/v1/tokens", body=body)
    return str(made["token"])
