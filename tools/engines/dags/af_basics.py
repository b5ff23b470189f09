"""Quick DAGs for tests: one success, parameters, mapping, groups, branches, schedules. Parses on Airflow 2.11 and 3."""

from datetime import datetime, timedelta, timezone

try:
    from airflow.providers.standard.operators.bash import BashOperator
    from airflow.providers.standard.operators.empty import EmptyOperator
    from airflow.providers.standard.operators.python import BranchPythonOperator, PythonOperator
    from airflow.sdk import DAG, Param, TaskGroup, task
except ImportError:
    from airflow import DAG
    from airflow.decorators import task
    from airflow.models.param import Param
    from airflow.operators.bash import BashOperator
    from airflow.operators.empty import EmptyOperator
    from airflow.operators.python import BranchPythonOperator, PythonOperator
    from airflow.utils.task_group import TaskGroup

SHARED = {
    "start_date": datetime(2024, 1, 1, tzinfo=timezone.utc),
    "catchup": False,
    "schedule": None,
    "is_paused_upon_creation": False,
    "default_args": {"owner": "airfleet", "retries": 0},
}
TAGS = ["conformance"]

with DAG(
    **SHARED,
    dag_id="af_ok",
    description="One quick task that succeeds",
    doc_md="# Succeeds\n\nairfleet-hash: 3d1f0c9a5be84b7f\n",
    tags=["team:x", *TAGS],
):
    BashOperator(task_id="a", bash_command="echo done")


def print_conf(params, dag_run):
    print("params", dict(params))
    print("conf", dag_run.conf)


with DAG(
    **SHARED,
    dag_id="af_params",
    description="Prints its parameter n and its conf",
    params={"n": Param(1, type="integer", minimum=0, maximum=1000, description="How many")},
    tags=TAGS,
):
    PythonOperator(task_id="print_conf", python_callable=print_conf)

with DAG(**SHARED, dag_id="af_mapped", description="Three mapped task instances", tags=TAGS):

    @task
    def show(number, **context):
        print(f"map_index={context['ti'].map_index} number={number}")
        return number * 10

    show.expand(number=[1, 2, 3])

with DAG(**SHARED, dag_id="af_chain", description="Three tasks in a row, two of them in a group", tags=TAGS):
    a = EmptyOperator(task_id="a")
    with TaskGroup(group_id="group", tooltip="The middle and the end") as group:
        BashOperator(task_id="b", bash_command="true") >> BashOperator(task_id="c", bash_command="true")
    a >> group

with DAG(**SHARED, dag_id="af_branch", description="Follows the left way and skips the right one", tags=TAGS):
    choose = BranchPythonOperator(task_id="choose", python_callable=lambda: "left")
    left, right = BashOperator(task_id="left", bash_command="true"), BashOperator(task_id="right", bash_command="true")
    join = EmptyOperator(task_id="join", trigger_rule="none_failed_min_one_success")
    choose >> [left, right] >> join

with DAG(**{**SHARED, "is_paused_upon_creation": True}, dag_id="af_paused", description="Paused from the start", tags=TAGS):
    BashOperator(task_id="a", bash_command="true")

with DAG(
    **{**SHARED, "is_paused_upon_creation": True, "schedule": "*/5 * * * *"},
    dag_id="af_scheduled",
    description="Every five minutes, paused from the start",
    max_active_runs=1,
    tags=TAGS,
):
    BashOperator(task_id="a", bash_command="true")

with DAG(**SHARED, dag_id="af_dag_with.odd-chars_1", description="Dots and dashes in its id", tags=TAGS):
    BashOperator(task_id="task.with-odd_chars", bash_command="true", execution_timeout=timedelta(minutes=1))
