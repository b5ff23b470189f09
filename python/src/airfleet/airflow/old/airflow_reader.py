"""Asking Airflow itself, through a process that imports it."""

from __future__ import annotations

import contextlib
import json
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airfleet.airflow.sender.start import has_database
from airfleet.airflow.sender.target import OldNames, TargetUnknownError, old_names_of

if TYPE_CHECKING:
    from collections.abc import Mapping

ANSWER_SECONDS = 60.0
"""Airflow is imported before the first answer: seconds on an idle host, many on a busy one."""

_SILENCE_SECONDS = 60.0


class AirflowReader:
    """Starts the process at the first question, and anew when it has died."""

    def __init__(self, environment: Mapping[str, str], *, answer_seconds: float = ANSWER_SECONDS) -> None:
        self._environment = environment
        self._answer_seconds = answer_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._silent_until = 0.0
        self.was_asked = False
        """Whether the old names come from Airflow itself."""

    def read_old_names(self) -> OldNames | None:
        """The old names; None when this Airflow has none.

        Raises:
            TargetUnknownError: AIRFLOW_UNREADABLE, when Airflow cannot be asked just now.

        """
        answer = self._ask({"ask": "old_names"})
        if answer is None or "error" in answer:
            if not has_database(self._environment):
                # A process that runs tasks; one of the scheduler's may know.
                return None
            reason = "no answer" if answer is None else answer["error"]
            raise TargetUnknownError("AIRFLOW_UNREADABLE", f"Connection and variables cannot be read: {reason}.")
        value = answer["value"]
        if value is None:
            return None
        self.was_asked = True
        return old_names_of(value["connection"], value["private_key"], value["algorithm"])

    def read_run(self, dag_id: str, run_id: str) -> dict[str, Any] | None:
        """A run with its tasks from Airflow's tables; None when those are out of reach, as in workers of Airflow 3."""
        if time.monotonic() < self._silent_until:
            return None
        answer = self._ask({"ask": "run", "run": [dag_id, run_id]})
        if answer is None or "error" in answer:
            self._silent_until = time.monotonic() + _SILENCE_SECONDS
            return None
        value = answer["value"]
        return value if isinstance(value, dict) else None

    def close(self) -> None:
        """Ends the process."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        process.wait()

    def _ask(self, question: dict[str, Any]) -> dict[str, Any] | None:
        try:
            process = self._process or self._start()
            if process.stdin is None or process.stdout is None:
                return None
            process.stdin.write(json.dumps(question).encode() + b"\n")
            process.stdin.flush()
            ready, _, _ = select.select([process.stdout], [], [], self._answer_seconds)
            line = process.stdout.readline() if ready else b""
            answer = json.loads(line)
        except (OSError, ValueError):
            # Nothing, or half a line: the process died or hangs.
            self.close()
            return None
        return answer if isinstance(answer, dict) else None

    def _start(self) -> subprocess.Popen[bytes]:
        source = str(Path(__file__).resolve().parents[3])
        start = "from airfleet.airflow.old.airflow_answers import main; main()"
        self._process = subprocess.Popen(  # noqa: S603 (our own program)
            [sys.executable, "-c", f"import sys; sys.path.append(sys.argv[1]); {start}", source],
            env=dict(self._environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        return self._process
