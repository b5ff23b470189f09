"""The DAG `clean_dag_run`: stops a run of this or another Airflow through Airfleet.

Put a file with `from airfleet.airflow.clean_dag_run import clean_dag_run` into the DAG folder, make the connection
`airfleet`, and trigger it with the conf `{"remove_dag_id": …, "remove_run_id": …}`.
"""

from __future__ import annotations

import logging
from datetime import datetime, timezone
from typing import Any

try:
    from airflow.providers.standard.operators.python import PythonOperator
    from airflow.sdk import DAG, BaseHook
except ImportError:  # Airflow 2
    from airflow.hooks.base import BaseHook
    from airflow.operators.python import PythonOperator

    from airflow import DAG

from airfleet.airflow.cleaning.clean_run import clean_run
from airfleet.airflow.cleaning.wish import read_server, read_wish

__all__ = ["clean_dag_run"]

log = logging.getLogger(__name__)


def _clean(**context: Any) -> str:
    own = context["dag_run"]
    wish = read_wish(own.conf)
    server = read_server(BaseHook.get_connection("airfleet"))
    if (wish.dag_id, wish.run_id) == (own.dag_id, own.run_id):
        raise ValueError("A run cannot clean itself away.")
    key = f"clean_dag_run/{own.run_id}/{context['ti'].try_number}"
    outcome = clean_run(wish, server, key=key)
    log.info("%s / %s on %s: %s", wish.dag_id, wish.run_id, wish.instance or server.instance, outcome)
    return outcome


with DAG(
    dag_id="clean_dag_run",
    description="Stops a run and waits until the processes of its tasks are gone",
    doc_md=__doc__,
    schedule=None,
    start_date=datetime(2024, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    is_paused_upon_creation=False,
    tags=["airfleet"],
) as clean_dag_run:
    PythonOperator(task_id="clean_dag_run", python_callable=_clean, retries=0)
