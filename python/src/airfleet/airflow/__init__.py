"""Airfleet on Airflow's side: runs and tasks report themselves.

`report(progress=…, results=…)` is for tasks; `airfleet.airflow.callbacks` for DAGs; the plugin needs no import at all.
"""

from airfleet.airflow.reporting.task_report import report

__all__ = ["report"]
