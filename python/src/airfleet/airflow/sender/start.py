"""Starting the sender from a hook: a process of its own that outlives the task."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from airfleet.airflow.spool.sender_lock import is_sender_alive
from airfleet.airflow.spool.status import read_status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airfleet.airflow.settings import Settings

STARTED = "sender.started"
HANDOVER = "handover"

_START_SECONDS = 2.0
"""A sender that was started so recently is still on its way."""

_UNCONFIGURED_SECONDS = 60.0
"""Finding out that nothing is configured may mean importing Airflow: not at each hook."""

_HANDOVER_SECONDS = 30.0

_NAMES = (
    "AIRFLEET_URL",
    "AIRFLEET_INSTANCE",
    "AIRFLEET_REPORT_KEY",
    "AIRFLEET_REPORT_KEY_FILE",
    "AIRFLEET_REPORT_KEY_ID",
    "AIRFLEET_REPORT_ALGORITHM",
    "AIRFLEET_REPORT_FORMAT",
    "AIRFLEET_CA_FILE",
    "AIRFLOW_CONN_PROCESS_REPORT",
    "AIRFLOW_VAR_PROCESS_REPORT_PRIVATE_KEY",
    "AIRFLOW_VAR_PROCESS_REPORT_ALGORITHM",
    "AIRFLOW_VAR_PROCESS_REPORT_CRYPT_ALGORITHM",
)

_SAYING_WHERE = (
    "AIRFLEET_URL",
    "AIRFLOW_CONN_PROCESS_REPORT",
    "AIRFLOW__SECRETS__BACKEND",
    "AIRFLOW__WORKERS__SECRETS_BACKEND",
)

_DATABASE = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"
_NO_DATABASE = "airflow-db-not-allowed:"
"""What Airflow 3 puts into the environment of processes that run tasks."""


def has_database(environment: Mapping[str, str]) -> bool:
    """Whether Airflow's own tables may be read with this environment."""
    return not environment.get(_DATABASE, "").startswith(_NO_DATABASE)


def knows_where(environment: Mapping[str, str]) -> bool:
    """Whether a sender with this environment can find out where reports go."""
    return has_database(environment) or any(environment.get(name) for name in _SAYING_WHERE)


def fingerprint(environment: Mapping[str, str]) -> str:
    """Tells whether a sender works with the same settings; says nothing about them."""
    text = "\0".join(environment.get(name, "") for name in _NAMES)
    kind = "database" if has_database(environment) else "none"
    return f"{hashlib.sha256(text.encode()).hexdigest()[:16]}-{kind}"


def _age_seconds(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return float("inf")


def _is_recent(path: Path, seconds: float) -> bool:
    return 0 <= _age_seconds(path) < seconds


def ask_to_hand_over(directory: Path, mine: str) -> None:
    """Ends a sender whose settings are not ours: Airflow was started again with others, which it would never learn."""
    status = read_status(directory)
    if status is None or status.fingerprint.partition("-")[0] == mine.partition("-")[0]:
        return
    # A start in the future: the clock was set back since.
    if not 0 <= time.time() - status.started_at <= _HANDOVER_SECONDS:
        (directory / HANDOVER).touch()


def _may_start(directory: Path, mine: str) -> bool:
    if _is_recent(directory / STARTED, _START_SECONDS):
        return False
    status = read_status(directory)
    if status is None or status.state != "unconfigured" or status.fingerprint != mine:
        return True
    return not 0 <= time.time() - status.at < _UNCONFIGURED_SECONDS


def ensure_sender(settings: Settings) -> None:
    """Starts the sender unless it is there. Returns before it works. Raises OSError when no process can be started."""
    directory = settings.spool_directory
    mine = fingerprint(os.environ)
    if is_sender_alive(directory):
        ask_to_hand_over(directory, mine)
        return
    if not knows_where(os.environ):
        # One of the scheduler's does, which has been there before this task and will be there after it.
        if read_status(directory) is None:
            raise RuntimeError(
                "this process says nothing of where to send to. Workers of Airflow 3 cannot read connections and "
                "variables outside of tasks: set AIRFLEET_URL or AIRFLOW_CONN_PROCESS_REPORT in their environment"
            )
        return
    if not _may_start(directory, mine):
        return
    (directory / STARTED).touch()
    start_sender(directory)


def start_sender(directory: Path) -> None:
    """Starts a sender that belongs to nobody: own session, no open files of ours, adopted by init.

    Airflow 2 ends a task by signalling its process group and all its descendants, and Airflow 3 waits for everybody who
    holds the task's output open; neither may find the sender. `sh` leaves at once, so that it has no living parent.
    """
    source = str(Path(__file__).resolve().parents[3])
    program = (
        "import sys; sys.path[:] = [p for p in sys.path if p]; sys.path.append(sys.argv[1]); "
        "from airfleet.airflow.sender.process import main; main()"
    )
    subprocess.run(  # noqa: S603 (our own program)
        ["/bin/sh", "-c", '"$@" &', "sh", sys.executable, "-c", program, source],
        env={**os.environ, "AIRFLEET_SPOOL_DIR": str(directory)},
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        timeout=5,
        check=False,
    )
