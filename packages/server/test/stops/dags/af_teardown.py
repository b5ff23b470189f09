"""A long task with a teardown task behind it. Parses on Airflow 2.11 and 3."""

from datetime import datetime, timezone

try:
    from airflow.providers.standard.operators.bash import BashOperator
    from airflow.sdk import DAG
except ImportError:
    from airflow import DAG
    from airflow.operators.bash import BashOperator

with DAG(
    dag_id="af_teardown",
    start_date=datetime(2024, 1, 1, tzinfo=timezone.utc),
    schedule=None,
    catchup=False,
    is_paused_upon_creation=False,
):
    work = BashOperator(task_id="a", bash_command="sleep 300")
    work >> BashOperator(task_id="down", bash_command="sleep {{ dag_run.conf.get('seconds', 6) }}").as_teardown()
