from __future__ import annotations

import json
import os
import signal
import time
from typing import TYPE_CHECKING

import pytest

from airfleet.airflow.reporting import reporter
from airfleet.airflow.spool.sender_lock import is_sender_alive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def wait_until(is_so: Callable[[], bool], *, what: str, seconds: float = 20) -> None:
    """Polls with a deadline."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            pytest.fail(f"{what}: not within {seconds} s")
        time.sleep(0.02)


def end_sender(directory: Path) -> None:
    """Kills the sender of this spool, by its own word for its pid."""
    deadline = time.monotonic() + 10
    while is_sender_alive(directory) and time.monotonic() < deadline:
        try:
            pid = int(json.loads((directory / "status.json").read_bytes())["pid"])
            os.kill(pid, signal.SIGKILL)
        except (OSError, ValueError, KeyError):
            (directory / "handover").touch()
        time.sleep(0.05)


@pytest.fixture
def spool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A spool of this test's own, and an environment that says nothing else."""
    directory = tmp_path / "spool"
    for name in [name for name in os.environ if name.startswith(("AIRFLEET_", "AIRFLOW_", "AIRFLOW__"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AIRFLEET_SPOOL_DIR", str(directory))
    monkeypatch.setenv("AIRFLEET_INSTANCE", "af-test")
    monkeypatch.setenv("AIRFLEET_BACKOFF_CAP_SECONDS", "0.3")
    monkeypatch.setenv("AIRFLEET_TIMEOUT_SECONDS", "1")
    monkeypatch.setattr(reporter, "_reporter", None)
    yield directory
    end_sender(directory)
