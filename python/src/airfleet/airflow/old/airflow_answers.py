"""The process that imports Airflow for the sender and answers what it asks: one JSON line for each.

The sender is a small process that lives long; Airflow is 150 MB and three seconds. So it is imported only where the old
names or old formats are in use, and ends with the sender, which closes its input.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import warnings
from typing import Any

from airfleet.airflow.reporting.hook_object import to_time, to_word
from airfleet.airflow.sender.start import has_database
from airfleet.airflow.sender.target import ALGORITHM_VARIABLES, CONNECTION_ID, PRIVATE_KEY_VARIABLE

GATHERER_TASK = "CWLJobGatherer"
"""Whose XCom holds a run's results in cwl-airflow; their first element is reported."""


def answer_old_names() -> dict[str, Any] | None:
    """The connection and variables, by whatever way this Airflow keeps them: environment, secrets backend, database."""
    from airflow.exceptions import AirflowNotFoundException  # noqa: PLC0415 (the import is what this process is for)
    from airflow.models.connection import Connection  # noqa: PLC0415
    from airflow.models.variable import Variable  # noqa: PLC0415

    try:
        connection = Connection.get_connection_from_secrets(CONNECTION_ID)
    except AirflowNotFoundException:
        return None
    names = ("host", "port", "schema", "login", "password", "extra")
    algorithms = (Variable.get(name, default_var=None) for name in ALGORITHM_VARIABLES)
    return {
        "connection": {name: getattr(connection, name) for name in names},
        "private_key": Variable.get(PRIVATE_KEY_VARIABLE, default_var=None),
        "algorithm": next((value for value in algorithms if value), None),
    }


def answer_run(dag_id: str, run_id: str) -> dict[str, Any] | None:
    """A run with all its tasks, and its results where it has some."""
    from airflow.models import DagRun, TaskInstance  # noqa: PLC0415
    from airflow.utils.session import create_session  # noqa: PLC0415

    with create_session() as session:
        run = session.query(DagRun).filter(DagRun.dag_id == dag_id, DagRun.run_id == run_id).one_or_none()
        if run is None:
            return None
        tasks = session.query(TaskInstance).filter(TaskInstance.dag_id == dag_id, TaskInstance.run_id == run_id).all()
        return {
            "state": to_word(run.state),
            "execution_date": to_time(getattr(run, "logical_date", None)),
            "start_date": to_time(run.start_date),
            "end_date": to_time(run.end_date),
            "tasks": [
                {
                    "task_id": task.task_id,
                    "map_index": task.map_index,
                    "start_date": to_time(task.start_date),
                    "end_date": to_time(task.end_date),
                    "state": to_word(task.state),
                    "try_number": task.try_number,
                    "max_tries": task.max_tries,
                }
                for task in tasks
            ],
            "results": _results(dag_id, run_id),
        }


def _results(dag_id: str, run_id: str) -> Any:
    from airflow.models import xcom  # noqa: PLC0415
    from airflow.utils.session import create_session  # noqa: PLC0415

    # The mapped class has a name of its own in each generation; what reads a stored value may be a backend's.
    rows = getattr(xcom, "XComModel", None) or xcom.BaseXCom
    reader = getattr(xcom, "XComModel", None) or xcom.XCom
    # Values that cannot be read are as if there were none: the state matters more.
    with contextlib.suppress(Exception), create_session() as session:
        row = (
            session.query(rows)
            .filter(rows.dag_id == dag_id, rows.run_id == run_id)
            .filter(rows.task_id == GATHERER_TASK, rows.key == "return_value")
            .first()
        )
        if row is None:
            return None
        # Airflow 2 reads the value while it loads the row.
        value = row.value if isinstance(row.value, (list, tuple)) else reader.deserialize_value(row)
        if isinstance(value, (list, tuple)) and value:
            return value[0]
    return None


def main() -> None:
    """Answers until the questions end."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # Airflow and its providers print while they are imported.
    os.dup2(2, 1)
    warnings.simplefilter("ignore")
    if has_database(os.environ):
        # Airflow 3 decides by this whether variables are looked for in its own tables too.
        os.environ["_AIRFLOW_PROCESS_CONTEXT"] = "server"
    for line in sys.stdin:
        question = json.loads(line)
        try:
            value = answer_old_names() if question["ask"] == "old_names" else answer_run(*question["run"])
            answer: dict[str, Any] = {"value": value}
        except Exception as error:  # noqa: BLE001 (the sender decides what it means)
            answer = {"error": f"{type(error).__name__}"}
        answers.write(json.dumps(answer, default=str) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
