"""DAGs for tests of running, failing, retrying and stopping. Parses on Airflow 2.11 and 3."""

from datetime import datetime, timedelta, timezone

try:
    from airflow.providers.standard.operators.bash import BashOperator
    from airflow.providers.standard.operators.python import PythonOperator
    from airflow.sdk import DAG
except ImportError:
    from airflow import DAG
    from airflow.operators.bash import BashOperator
    from airflow.operators.python import PythonOperator

SHARED = {
    "start_date": datetime(2024, 1, 1, tzinfo=timezone.utc),
    "catchup": False,
    "schedule": None,
    "is_paused_upon_creation": False,
    "default_args": {"owner": "airfleet", "retries": 0},
    "tags": ["conformance"],
}

with DAG(**SHARED, dag_id="af_sleep", description="Sleeps two minutes, so that it can be stopped"):
    a = BashOperator(task_id="a", bash_command="sleep 120")
    b = BashOperator(task_id="b", bash_command="true")
    c = BashOperator(task_id="c", bash_command="true", trigger_rule="all_done")
    a >> b >> c

with DAG(**SHARED, dag_id="af_fail", description="The first task exits with code 3"):
    a = BashOperator(task_id="a", bash_command="echo about to fail; exit 3")
    b = BashOperator(task_id="b", bash_command="true")
    c = BashOperator(task_id="c", bash_command="true", trigger_rule="all_done")
    a >> b
    a >> c


def fail_once(ti):
    if ti.try_number == 1:
        raise RuntimeError("the first try fails on purpose")
    print(f"try {ti.try_number} succeeds")


with DAG(**SHARED, dag_id="af_flaky", description="Fails at the first try and succeeds at the second"):
    PythonOperator(task_id="a", python_callable=fail_once, retries=1, retry_delay=timedelta(seconds=1))

with DAG(**SHARED, dag_id="af_retries", description="A long task with two retries left"):
    BashOperator(task_id="a", bash_command="sleep 300", retries=2, retry_delay=timedelta(seconds=1))
