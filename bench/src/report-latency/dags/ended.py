"""One task that says when its work was done, by the clock that the bench reads as well. Parses on Airflow 2.11 and 3."""

import os
import time
from datetime import datetime, timezone
from pathlib import Path

try:
    from airflow.providers.standard.operators.python import PythonOperator
    from airflow.sdk import DAG
except ImportError:
    from airflow import DAG
    from airflow.operators.python import PythonOperator


def end(run_id):
    place = Path(os.environ["BENCH_ENDS"])
    unfinished = place / f"{run_id}.new"
    unfinished.write_text(repr(time.time()))
    unfinished.rename(place / run_id)


with DAG(
    dag_id="ended",
    start_date=datetime(2024, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    schedule=None,
    is_paused_upon_creation=False,
    max_active_runs=64,
):
    PythonOperator(task_id="work", python_callable=end)
