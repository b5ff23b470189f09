"""Objects as Airflow hands them to hooks."""

from __future__ import annotations

import datetime
import enum
from typing import Any

MOMENT = datetime.datetime(2026, 11, 20, 10, 0, tzinfo=datetime.timezone.utc)


class TaskInstanceState(enum.Enum):
    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"
    UP_FOR_RETRY = "up_for_retry"


class _RowState:
    """SQLAlchemy's, as far as it knows an expired row's identity."""

    class mapper:  # noqa: N801 (SQLAlchemy's attribute)
        class _Column:
            def __init__(self, name: str) -> None:
                self.name = name

        primary_key = (_Column("dag_id"), _Column("task_id"), _Column("run_id"), _Column("map_index"))

    def __init__(self, identity: tuple[Any, ...] | None) -> None:
        self.identity = identity


class Row:
    """A row of a session that is in use: whoever asks it for what it has not loaded breaks the test."""

    def __init__(self, *, identity: tuple[Any, ...] | None = None, **loaded: Any) -> None:
        self.__dict__.update(loaded)
        self.__dict__["_sa_instance_state"] = _RowState(identity)

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"{name} would have been read through Airflow's session")


def dag_run(**more: Any) -> Row:
    """A run as the scheduler holds it: `state` is kept under `_state`."""
    return Row(
        **{
            "dag_id": "etl",
            "run_id": "manual__1",
            "_state": "running",
            "execution_date": MOMENT,
            "start_date": MOMENT,
            "end_date": None,
            "run_type": "manual",
            "conf": {"a": 1},
            **more,
        }
    )


def task_row(**more: Any) -> Row:
    """A task instance of Airflow 2, or of Airflow 3's servers."""
    return Row(
        **{
            "dag_id": "etl",
            "run_id": "manual__1",
            "task_id": "load",
            "map_index": -1,
            "try_number": 1,
            "state": "running",
            "start_date": MOMENT,
            "end_date": None,
            "hostname": "worker-1",
            "pid": 4242,
            **more,
        }
    )


class RuntimeTaskInstance:
    """What Airflow 3 gives to hooks in the task's process; its module is what tells."""

    def __init__(self, **more: Any) -> None:
        self.dag_id = "etl"
        self.run_id = "manual__1"
        self.task_id = "load"
        self.map_index: int | None = None
        self.try_number = 2
        self.state: TaskInstanceState | None = TaskInstanceState.RUNNING
        self.start_date = MOMENT
        self.end_date = None
        self.hostname = "worker-3"
        for name, value in more.items():
            setattr(self, name, value)


RuntimeTaskInstance.__module__ = "airflow.sdk.execution_time.task_runner"
