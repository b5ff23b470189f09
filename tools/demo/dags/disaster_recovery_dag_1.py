"""The DAG that the first seed's curl lines name. Parses on Airflow 2 and Airflow 3."""

from datetime import datetime, timedelta

try:
    from airflow.sdk import DAG
except ImportError:
    from airflow import DAG

try:
    from airflow.providers.standard.operators.bash import BashOperator
except ImportError:
    from airflow.operators.bash import BashOperator

with DAG(
    dag_id="disaster_recovery_dag_1",
    description="Checks, copies and verifies the recovery set",
    schedule="0 3 * * *",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    is_paused_upon_creation=False,
    tags=["disaster-recovery", "tier1"],
    default_args={"retries": 1, "retry_delay": timedelta(seconds=5)},
    doc_md="Three short steps; `conf.param1` is printed by the first.",
) as dag:
    check = BashOperator(task_id="check_source", bash_command="echo param1={{ dag_run.conf.get('param1', 'none') }}")
    copy = BashOperator(task_id="copy_set", bash_command="sleep 2; echo copied")
    verify = BashOperator(task_id="verify_copy", bash_command="echo verified")
    check >> copy >> verify
