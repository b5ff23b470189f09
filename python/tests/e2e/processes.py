"""Airfleet and two simulated Airflows, each as a process of its own, for tests that want the real thing."""

from __future__ import annotations

import json
import os
import re
import subprocess
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
_NODE = (str(ROOT / "node_modules/.bin/node"), "--conditions=@airfleet/source")
_START_SECONDS = 60.0


@dataclass(frozen=True)
class RunningAirfleet:
    """Where it is, and a token that may do everything."""

    url: str
    admin_token: str


class Output:
    """What a process printed, read on so that it never blocks."""

    def __init__(self, stream: IO[str]) -> None:
        self._lines: list[str] = []
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self._is_open = True
        self._thread.start()

    def _read(self, stream: IO[str]) -> None:
        for line in stream:
            with self._changed:
                self._lines.append(line.rstrip("\n"))
                self._changed.notify_all()
        with self._changed:
            self._is_open = False
            self._changed.notify_all()

    def find(self, pattern: str, seconds: float = _START_SECONDS) -> re.Match[str]:
        def search() -> re.Match[str] | None:
            return re.search(pattern, "\n".join(self._lines))

        with self._changed:
            self._changed.wait_for(lambda: search() is not None or not self._is_open, seconds)
            found = search()
            if found is None:
                raise AssertionError(f"{pattern} was not printed:\n" + "\n".join(self._lines))
            return found


def _clean_environment() -> dict[str, str]:
    """Without what would change how Airfleet behaves."""
    own = re.compile(r"AIRFLEET_|AIRFLOW_|PORT$|DATABASE_URL|LOG_LEVEL|NODE_|PYTHON")
    return {name: value for name, value in os.environ.items() if own.match(name) is None}


@contextmanager
def process(
    *command: str, cwd: Path, environment: dict[str, str] | None = None
) -> Iterator[tuple[subprocess.Popen[str], Output]]:
    child = subprocess.Popen(
        command,
        cwd=cwd,
        env=_clean_environment() if environment is None else environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        yield child, Output(child.stdout)
    finally:
        child.stdin.close()
        child.terminate()
        try:
            child.wait(30)
        finally:
            child.kill()
            child.stdout.close()


def _configuration(instances: list[dict[str, str]]) -> dict[str, Any]:
    auths = {"two": "basic", "three": "login"}
    return {
        "server": {"auth": {"mode": "token"}, "port": 0},
        # Our Django listens on loopback.
        "network": {"allow": ["127.0.0.1"]},
        "instances": [
            {
                "id": each["id"],
                "name": each["id"],
                "url": each["url"],
                "auth": {"type": auths[each["id"]], "username": each["username"], "password": each["password"]},
            }
            for each in instances
        ],
    }


@contextmanager
def running_airfleet(folder: Path) -> Iterator[RunningAirfleet]:
    """A server in token mode that watches an Airflow 2, `two`, and an Airflow 3, `three`."""
    simulator = str(ROOT / "tools/demo/test/simulated-airflows.ts")
    with process(*_NODE, simulator, cwd=ROOT) as (_, simulated):
        instances = json.loads(simulated.find(r"^\[\{.*$")[0])
        file = folder / "airfleet.yaml"
        # JSON is YAML, so the file needs no writer of its own.
        file.write_text(json.dumps(_configuration(instances)))
        file.chmod(0o600)
        cli = str(ROOT / "packages/cli/src/main.ts")
        with process(*_NODE, cli, "serve", "--log-level", "warn", cwd=folder) as (_, served):
            url = served.find(r"listens on (http:\S+)")[1]
            yield RunningAirfleet(url, served.find(r"(aft_[A-Za-z0-9_-]+)")[1])
