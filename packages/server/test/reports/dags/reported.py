"""DAGs whose runs are reported: each way in which a task can end, and short ones for load. Parses on Airflow 2.11 and 3."""

import os
import signal
import time
from datetime import datetime, timedelta, timezone

try:
    from airflow.providers.standard.operators.bash import BashOperator
    from airflow.providers.standard.operators.empty import EmptyOperator
    from airflow.providers.standard.operators.python import PythonOperator
    from airflow.sdk import DAG, task
    from airflow.sdk.exceptions import AirflowSkipException
except ImportError:
    from airflow import DAG
    from airflow.decorators import task
    from airflow.exceptions import AirflowSkipException
    from airflow.operators.bash import BashOperator
    from airflow.operators.empty import EmptyOperator
    from airflow.operators.python import PythonOperator

SHARED = {
    "start_date": datetime(2024, 1, 1, tzinfo=timezone.utc),
    "catchup": False,
    "schedule": None,
    "is_paused_upon_creation": False,
    "max_active_runs": 64,
    "default_args": {"owner": "airfleet", "retries": 0},
}


def nothing():
    pass


def fail():
    raise RuntimeError("fails on purpose")


def fail_once(ti):
    if ti.try_number == 1:
        raise RuntimeError("the first try fails on purpose")


def skip():
    raise AirflowSkipException("skips itself on purpose")


def hold():
    time.sleep(300)


def die():
    """As the kernel's out-of-memory killer does it: no handler runs."""
    os.kill(os.getpid(), signal.SIGKILL)


with DAG(**SHARED, dag_id="rp_ok"):
    PythonOperator(task_id="work", python_callable=nothing)

with DAG(**SHARED, dag_id="rp_fail"):
    PythonOperator(task_id="breaks", python_callable=fail) >> EmptyOperator(task_id="after")

with DAG(**SHARED, dag_id="rp_retry"):
    PythonOperator(
        task_id="wobbles", python_callable=fail_once, retries=1, retry_delay=timedelta(seconds=1)
    )

with DAG(**SHARED, dag_id="rp_skip"):
    PythonOperator(task_id="skips", python_callable=skip) >> PythonOperator(
        task_id="after", python_callable=nothing
    )

with DAG(**SHARED, dag_id="rp_mapped"):

    @task
    def each(number):
        return number * 10

    each.expand(number=[1, 2, 3])

with DAG(**SHARED, dag_id="rp_hold"):
    PythonOperator(task_id="holds", python_callable=hold) >> PythonOperator(
        task_id="after", python_callable=nothing
    )

with DAG(**SHARED, dag_id="rp_dying"):
    # Told to end, its process goes through the usual end of a failed try, which is what must not count then.
    BashOperator(
        task_id="holds",
        bash_command='touch "$REPORTED_MARKS/{{ run_id }}"; sleep 300',
        retries=1,
        retry_delay=timedelta(seconds=1),
    )

with DAG(**SHARED, dag_id="rp_die"):
    PythonOperator(task_id="dies", python_callable=die)

with DAG(**SHARED, dag_id="rp_short"):
    PythonOperator(task_id="first", python_callable=nothing) >> PythonOperator(
        task_id="second", python_callable=nothing
    )
