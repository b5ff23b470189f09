"""A workflow as cwl-airflow's: a gatherer whose first element is the result. Parses on Airflow 2.11 and 3."""

from datetime import datetime, timedelta, timezone

import airfleet.airflow
from airfleet.airflow.callbacks import report

try:
    from airflow.providers.standard.operators.python import PythonOperator
    from airflow.sdk import DAG
    from airflow.sdk.exceptions import AirflowSkipException
except ImportError:
    from airflow import DAG
    from airflow.exceptions import AirflowSkipException
    from airflow.operators.python import PythonOperator

SHARED = {
    "start_date": datetime(2024, 1, 1, tzinfo=timezone.utc),
    "catchup": False,
    "schedule": None,
    "is_paused_upon_creation": False,
}


def wobble(ti):
    if ti.try_number == 1:
        raise RuntimeError("the first try fails on purpose")


def gather():
    return [{"out": {"class": "File", "location": "x"}}, "more"]


def skip():
    airfleet.airflow.report(progress=50, title="half of it", results={"rows": 7})
    raise AirflowSkipException("skips itself on purpose")


with DAG(**SHARED, dag_id="workflow"):
    first = PythonOperator(task_id="step", python_callable=wobble, retries=1, retry_delay=timedelta(seconds=1))
    first >> PythonOperator(task_id="CWLJobGatherer", python_callable=gather)

with DAG(**SHARED, dag_id="calling_back", on_success_callback=report):
    PythonOperator(task_id="skips", python_callable=skip, on_execute_callback=report, on_skipped_callback=report)
