"""One hundred and twenty DAGs in one file, for tests of paging past Airflow's limit of 100. Parses on Airflow 2.11 and 3."""

from datetime import datetime, timezone

try:
    from airflow.providers.standard.operators.empty import EmptyOperator
    from airflow.sdk import DAG
except ImportError:
    from airflow import DAG
    from airflow.operators.empty import EmptyOperator

for number in range(120):
    with DAG(
        dag_id=f"af_many_{number:03d}",
        start_date=datetime(2024, 1, 1, tzinfo=timezone.utc),
        catchup=False,
        schedule=None,
        is_paused_upon_creation=True,
        tags=["many"],
    ) as dag:
        EmptyOperator(task_id="a")
    globals()[dag.dag_id] = dag
