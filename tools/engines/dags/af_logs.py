"""DAGs for tests of logs: streams, levels, groups, colours, exceptions, many lines. Parses on Airflow 2.11 and 3."""

import logging
import sys
from datetime import datetime, timezone

try:
    from airflow.providers.standard.operators.python import PythonOperator
    from airflow.sdk import DAG
except ImportError:
    from airflow import DAG
    from airflow.operators.python import PythonOperator

SHARED = {
    "start_date": datetime(2024, 1, 1, tzinfo=timezone.utc),
    "catchup": False,
    "schedule": None,
    "is_paused_upon_creation": False,
    "default_args": {"owner": "airfleet", "retries": 0},
    "tags": ["conformance"],
}
BIG_LOG_LINES = 20_000


def speak():
    logger = logging.getLogger("airfleet.fixture")
    print("a line on stdout")
    print("a line on stderr", file=sys.stderr)
    logger.debug("a debug line")
    logger.info("an info line")
    logger.warning("a warning line")
    logger.error("an error line")
    print("::group::a group of our own")
    print("inside the group")
    print("::endgroup::")
    print("unicode: Grüße, 東京, 🚀")
    print("\x1b[31mred\x1b[0m and \x1b[1mbold\x1b[0m")


def stumble():
    try:
        raise KeyError("the cause")
    except KeyError as cause:
        raise ValueError("the second task fails on purpose") from cause


def count():
    for number in range(BIG_LOG_LINES):
        print(f"line {number:05d} of {BIG_LOG_LINES}")


with DAG(**SHARED, dag_id="af_logs", description="Every kind of log line, then an exception"):
    PythonOperator(task_id="speak", python_callable=speak) >> PythonOperator(task_id="stumble", python_callable=stumble)

with DAG(**SHARED, dag_id="af_big_log", description="Twenty thousand lines of log"):
    PythonOperator(task_id="count", python_callable=count)
