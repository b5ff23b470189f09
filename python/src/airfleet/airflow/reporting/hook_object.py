"""Reading what Airflow hands to hooks, without touching its database.

In the scheduler these are rows of a session in use: an attribute that is not loaded would be fetched through it, inside
the scheduler's transaction. So rows are read by what they hold already. In tasks of Airflow 3 they are plain objects.
"""

from __future__ import annotations

import datetime
import enum
import os
from typing import Any

_ROW_STATE = "_sa_instance_state"


def read_attribute(subject: object, name: str) -> Any:
    """An attribute as it is in memory; None when it is not there."""
    values = getattr(subject, "__dict__", {})
    if _ROW_STATE not in values:
        return getattr(subject, name, None)
    for key in (name, f"_{name}"):  # `state` of a run and `try_number` of a task are kept under `_state`, `_try_number`
        if key in values:
            return values[key]
    return _identity(values[_ROW_STATE]).get(name)


def _identity(row_state: Any) -> dict[str, Any]:
    # An expired row knows its primary key still.
    identity = getattr(row_state, "identity", None)
    mapper = getattr(row_state, "mapper", None)
    if identity is None or mapper is None:
        return {}
    return {column.name: value for column, value in zip(mapper.primary_key, identity, strict=False)}


def to_word(value: object) -> str | None:
    """A state or type as Airflow's API writes it: enums of Airflow 3 print themselves otherwise."""
    if value is None:
        return None
    return str(value.value if isinstance(value, enum.Enum) else value)


def to_time(value: object) -> str | None:
    """A time with its zone; Airflow's are UTC where they have none."""
    if not isinstance(value, datetime.datetime):
        return None
    return (value if value.tzinfo else value.replace(tzinfo=datetime.timezone.utc)).isoformat()


def to_number(value: object) -> int | None:
    """A whole number, or None."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def is_own_process(task_instance: object) -> bool:
    """Whether the hook runs in the task's process: Airflow 3's task runner, or the one whose pid the row has."""
    kind = type(task_instance)
    if "task_runner" in kind.__module__:
        return True
    return _ROW_STATE in getattr(task_instance, "__dict__", {}) and read_attribute(task_instance, "pid") == os.getpid()
