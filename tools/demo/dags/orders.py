"""A few DAGs to look at: one that fails, one that maps, one that waits. Parses on Airflow 2 and Airflow 3."""

from datetime import datetime

try:
    from airflow.sdk import DAG, task
except ImportError:
    from airflow import DAG
    from airflow.decorators import task

START = datetime(2026, 1, 1)

with DAG("orders_ingest", schedule="*/30 * * * *", start_date=START, catchup=False, is_paused_upon_creation=False, tags=["orders", "tier1"]):

    @task
    def regions():
        return ["eu", "us", "apac"]

    @task
    def ingest(region):
        print(f"ingested 1204 rows of {region}")

    ingest.expand(region=regions())

with DAG("orders_report", schedule=None, start_date=START, is_paused_upon_creation=False, tags=["orders"]):

    @task
    def report():
        print("reading the totals")
        raise ValueError("column 'net_total' is missing in orders_2026_11")

    report()

with DAG("orders_archive", schedule="0 4 * * 0", start_date=START, catchup=False, is_paused_upon_creation=True, tags=["orders", "archive"]):

    @task
    def archive():
        print("nothing to archive")

    archive()
