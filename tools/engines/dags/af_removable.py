"""One DAG alone in its file: tests change, copy and remove this file. Parses on Airflow 2.11 and 3."""

from datetime import datetime, timezone

try:
    from airflow.providers.standard.operators.bash import BashOperator
    from airflow.sdk import DAG
except ImportError:
    from airflow import DAG
    from airflow.operators.bash import BashOperator

with DAG(
    dag_id="af_removable",
    description="Its file may be removed",
    start_date=datetime(2024, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    schedule=None,
    is_paused_upon_creation=False,
    tags=["conformance"],
):
    BashOperator(task_id="a", bash_command="true")
