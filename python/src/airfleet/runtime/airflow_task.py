"""A step in the process of an Airflow task."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .context import Connection, StepContext
from .errors import StepRefused
from .reference import Reference
from .run_step import run_step

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def run_task(step: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Any]:
    """Carries out a step with what the tasks before it have left, and answers what is to be its XCom."""
    try:
        return run_step(step, _inputs(step, context), _step_context(context)).to_json()
    except StepRefused as error:
        raise _fail_for_good(str(error)) from error


def _inputs(step: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Reference]:
    inputs: dict[str, Reference] = {}
    for wanted in step["inputs"]:
        result = context["ti"].xcom_pull(task_ids=wanted["step"])
        if result is None:
            raise StepRefused(f'Task "{wanted["step"]}" has left nothing to read. Clear it, and it runs again.')
        inputs[wanted["name"]] = Reference.from_json(result["outputs"][wanted["output"]])
    return inputs


def _folders(name: str) -> Sequence[Path]:
    return [Path(each) for each in os.environ.get(name, "").split(os.pathsep) if each]


def _step_context(context: Mapping[str, Any]) -> StepContext:
    runs = os.environ.get("AIRFLEET_RUNS_FOLDER")
    if runs is None:
        raise StepRefused("AIRFLEET_RUNS_FOLDER is not set: a folder that all workers share, for rows between tasks.")
    dag_run = context["dag_run"]
    # A run id may hold signs that no file system wants.
    folder = (
        Path(runs)
        / dag_run.dag_id
        / "".join(sign if sign.isalnum() or sign in "-_." else "_" for sign in dag_run.run_id)
    )
    folder.mkdir(parents=True, exist_ok=True)
    return StepContext(
        run_folder=str(folder),
        params=dict(context["params"]),
        roots=_folders("AIRFLEET_DATA_ROOTS"),
        connection=_connection,
    )


def _connection(connection_id: str) -> Connection:
    try:
        from airflow.sdk.bases.hook import BaseHook  # noqa: PLC0415 - Airflow 3
    except ImportError:
        from airflow.hooks.base import BaseHook  # noqa: PLC0415 - Airflow 2
    try:
        found = BaseHook.get_connection(connection_id)
    except Exception as error:
        raise StepRefused(f'Airflow has no connection "{connection_id}": {error}') from error
    return Connection(
        kind=found.conn_type,
        host=found.host,
        port=found.port,
        login=found.login,
        password=found.password,
        schema=found.schema,
        extra=found.extra_dejson,
    )


def _fail_for_good(message: str) -> Exception:
    """Airflow's own word for: do not try again."""
    try:
        from airflow.sdk.exceptions import AirflowFailException  # noqa: PLC0415 - Airflow 3
    except ImportError:
        from airflow.exceptions import AirflowFailException  # noqa: PLC0415 - Airflow 2
    failure: Exception = AirflowFailException(message)
    return failure
