"""Carries out steps for another process: `python -m airfleet.runtime`.

The other process writes one job per line to the standard input, as JSON, and may write the next before it has the
answer: they are carried out one after the other. At the end of the input this process ends.

    {"id": "7", "step": {…}, "params": {…}, "inputs": {"input": {"uri": …, "rows": …, "columns": […], "bytes": …}},
     "run_folder": "/runs/p/r", "roots": ["/data"], "network_allow": ["db.example.org:5432"],
     "connections": {"orders": {"kind": "postgres", "host": …, "port": …, "login": …, "password": …, "schema": …,
                                "extra": {…}}},
     "memory": "1GB", "threads": 2}

`step` is a step of a plan, `params` the run's parameters with defaults filled in. All but `id`, `step` and
`run_folder` may be missing. Answers are lines of JSON on file descriptor 3 when that is a pipe or a socket, else on
the standard output, which then holds nothing else: as often as there is something to say

    {"id": "7", "log": "a line"}

and at the end one of

    {"id": "7", "result": {"outputs": {…}, "rows_in": 0, "rows_out": 0, "seconds": 0.1, "chosen": null}}
    {"id": "7", "error": {"code": "STEP_REFUSED", "message": "…"}}

`STEP_REFUSED` will happen again however often it is tried; `STEP_FAILED` may pass. A line that is no job is answered
with the id null. What else is printed goes to the standard error.

SIGTERM ends the step in hand, undoes what it has begun (transactions, temporary files, processes) and ends this process
with status 143. SIGKILL is as safe for what is written, but may leave temporary files in the run's folder and beside
targets.
"""

from __future__ import annotations

import io
import json
import os
import signal
import stat
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn

from .context import Connection, StepContext
from .errors import StepError, StepRefused
from .reference import Reference
from .run_step import run_step
from .secret_values import SecretValues

if TYPE_CHECKING:
    from collections.abc import Mapping

_ANSWERS = 3
_TERMINATED = 128 + signal.SIGTERM


class Stopped(BaseException):
    """Somebody has told this process to end."""


class _Stopping:
    """Whether it has. DuckDB makes an error of its own of what a signal raises within it."""

    has_begun = False


def _stop(_signal: int, _frame: object) -> NoReturn:
    _Stopping.has_begun = True
    # Once is enough: a second signal must not end what is being undone.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Stopped


def _is_pipe(descriptor: int) -> bool:
    try:
        mode = os.fstat(descriptor).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def _open_answers() -> IO[str]:
    """Where answers go. Whatever prints afterwards cannot get between them."""
    if _is_pipe(_ANSWERS):
        os.set_inheritable(_ANSWERS, False)  # noqa: FBT003 - positional only
        return os.fdopen(_ANSWERS, "w", encoding="utf-8")
    kept = os.dup(1)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return os.fdopen(kept, "w", encoding="utf-8")


class Answers:
    """The way back to the other process."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def send(self, answer: Mapping[str, Any]) -> None:
        """One line, at once."""
        self._stream.write(json.dumps(answer) + "\n")
        self._stream.flush()


def _connection(job: Mapping[str, Any], connection_id: str, secrets: SecretValues) -> Connection:
    given = job.get("connections", {}).get(connection_id)
    if given is None:
        raise StepRefused(f'There is no connection "{connection_id}".')
    known = {name: value for name, value in given.items() if value is not None}
    connection = Connection(**known)
    secrets.add(connection)
    return connection


def _carry_out(job: Mapping[str, Any], answers: Answers) -> dict[str, Any]:
    secrets = SecretValues()
    identity = job.get("id")
    try:
        context = StepContext(
            run_folder=job["run_folder"],
            params=job.get("params", {}),
            roots=[Path(root) for root in job.get("roots", [])],
            network_allow=job.get("network_allow", []),
            connection=lambda connection_id: _connection(job, connection_id, secrets),
            log=lambda line: answers.send({"id": identity, "log": secrets.hide(line)}),
            threads=job.get("threads", 2),
            memory=job.get("memory", "1GB"),
        )
        inputs = {name: Reference.from_json(value) for name, value in job.get("inputs", {}).items()}
        return {"result": run_step(job["step"], inputs, context).to_json()}
    except StepRefused as error:
        return {"error": {"code": "STEP_REFUSED", "message": secrets.hide(str(error))}}
    except StepError as error:
        return {"error": {"code": "STEP_FAILED", "message": secrets.hide(str(error))}}
    except Exception as error:  # noqa: BLE001 - whatever goes wrong in a step, the next job is carried out
        message = secrets.hide(f"{type(error).__name__}: {error}")
        return {"error": {"code": "STEP_FAILED", "message": message}}


def _read_job(line: str) -> Mapping[str, Any] | None:
    try:
        job = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return job if isinstance(job, dict) and {"id", "step", "run_folder"} <= job.keys() else None


def main() -> int:
    """Carries out jobs until there are no more."""
    signal.signal(signal.SIGTERM, _stop)
    answers = Answers(_open_answers())
    try:
        for line in io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8"):
            if not line.strip():
                continue
            job = _read_job(line)
            if job is None:
                message = "This line is no job: JSON with id, step and run_folder."
                answers.send({"id": None, "error": {"code": "STEP_REFUSED", "message": message}})
                continue
            answer = _carry_out(job, answers)
            if _Stopping.has_begun:
                return _TERMINATED
            answers.send({"id": job["id"], **answer})
    except Stopped:
        return _TERMINATED
    except BrokenPipeError:
        # The other process is gone, and with it everybody who wants an answer; flushing at exit would fail again.
        os._exit(1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
