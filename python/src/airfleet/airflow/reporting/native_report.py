"""Reports in Airfleet's own format, version 1, of what Airflow hands to hooks."""

from __future__ import annotations

import datetime
import json
import os
import socket
import sys
import traceback
import uuid
from typing import TYPE_CHECKING, Any, Literal

from airfleet.airflow.reporting.hook_object import is_own_process, read_attribute, to_number, to_time, to_word

if TYPE_CHECKING:
    from airfleet.airflow.settings import Settings

Origin = Literal["listener", "callback", "task"]

VERSION = 1
ERROR_CHARACTERS = 10_000
CONF_CHARACTERS = 100_000
_MARKED = "manually set to"
"""What Airflow 3 writes when a person, or Airfleet, marks a run or task by hand."""

_MASKERS = (
    "airflow.sdk._shared.secrets_masker",  # tasks of Airflow 3
    "airflow._shared.secrets_masker",  # its servers
    "airflow.utils.log.secrets_masker",  # Airflow 2
)

_ENDED = frozenset({"success", "failed", "up_for_retry", "skipped"})


class Numbering:
    """Counts up within one process; a fork begins a count of its own."""

    def __init__(self) -> None:
        self._pid = 0
        self._source = ""
        self._next = 0

    def next(self) -> tuple[str, int]:
        """The source's name and the next number."""
        if self._pid != os.getpid():
            self._pid = os.getpid()
            self._source = f"{socket.gethostname()[:150]}:{self._pid}:{uuid.uuid4().hex[:8]}"
            self._next = 0
        number, self._next = self._next, self._next + 1
        return self._source, number


_numbering = Numbering()


def now_text() -> str:
    """The present moment, UTC."""
    return datetime.datetime.now(datetime.timezone.utc).isoformat()


def new_report(subject: object, *, instance: str | None, origin: Origin) -> dict[str, Any] | None:
    """What every report has; None when the subject does not say which run it is of."""
    dag_id, run_id = read_attribute(subject, "dag_id"), read_attribute(subject, "run_id")
    if not (isinstance(dag_id, str) and dag_id and isinstance(run_id, str) and run_id):
        return None
    source, number = _numbering.next()
    return {
        "version": VERSION,
        "event_id": uuid.uuid4().hex,
        "instance": instance or "",
        "dag_id": dag_id,
        "dag_run_id": run_id,
        "origin": origin,
        "source": source,
        "seq": number,
        "sent_at": now_text(),
    }


def task_part(task_instance: object, state: str) -> dict[str, Any]:
    """The `task` of a report."""
    is_own = is_own_process(task_instance)
    pid = os.getpid() if is_own else to_number(read_attribute(task_instance, "pid"))
    map_index = to_number(read_attribute(task_instance, "map_index"))
    hostname = read_attribute(task_instance, "hostname")
    ended_at = to_time(read_attribute(task_instance, "end_date"))
    return {
        "task_id": str(read_attribute(task_instance, "task_id")),
        "try_number": max(0, to_number(read_attribute(task_instance, "try_number")) or 0),
        "map_index": -1 if map_index is None else map_index,
        "state": state,
        "started_at": to_time(read_attribute(task_instance, "start_date")),
        # A row that runs again holds the end of the try before.
        "ended_at": (ended_at or now_text()) if state in _ENDED else None,
        "hostname": str(hostname)[:255] if hostname else None,
        "pid": pid,
        "process_ends": is_own and state in _ENDED,
    }


def old_part(task_instance: object, settings: Settings) -> dict[str, Any]:
    """What only old formats have, beside the report: how many tasks the DAG has, how often this one may be tried."""
    if settings.report_format == "native" or (settings.url is not None and settings.report_format is None):
        return {}
    dag = getattr(read_attribute(task_instance, "task"), "dag", None)
    tasks = getattr(dag, "task_dict", None)
    return {
        "old": {
            "task_count": len(tasks) if isinstance(tasks, dict) else 0,
            "max_tries": to_number(read_attribute(task_instance, "max_tries")) or 0,
        }
    }


def run_part(dag_run: object, state: str, *, has_conf: bool) -> dict[str, Any]:
    """The `run` of a report."""
    logical_date = read_attribute(dag_run, "logical_date") or read_attribute(dag_run, "execution_date")
    part: dict[str, Any] = {
        "state": state,
        "logical_date": to_time(logical_date),
        "started_at": to_time(read_attribute(dag_run, "start_date")),
        "ended_at": to_time(read_attribute(dag_run, "end_date")) if state in {"success", "failed"} else None,
        "run_type": to_word(read_attribute(dag_run, "run_type")),
    }
    if has_conf and (conf := to_json(read_attribute(dag_run, "conf"))) and isinstance(conf, dict):
        part["conf"] = conf
    return part


def error_part(error: object, *, category: str) -> dict[str, str] | None:
    """The `error` of a report: what was raised, or what Airflow says about it, masked as Airflow masks its logs."""
    if error is None or error == "":
        return None
    if isinstance(error, BaseException):
        text = "".join(traceback.format_exception_only(type(error), error)).strip()
    else:
        text = str(error)
    if _MARKED in text:
        category = "stopped"
    return {"category": category, "message": masked(text)[:ERROR_CHARACTERS]}


def to_json(value: object) -> Any:
    """What JSON can hold of a value: other objects as their text; None when it is too long."""
    try:
        text = json.dumps(value, default=str, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return None
    return json.loads(text) if len(text) <= CONF_CHARACTERS else None


def masked(text: str) -> str:
    """The text as Airflow masks secrets in its logs."""
    # Only where Airflow has loaded its masker already: this must cost nothing in a hook.
    for name in _MASKERS:
        redact = getattr(sys.modules.get(name), "redact", None)
        if redact is not None:
            text = str(redact(text))
    return text
