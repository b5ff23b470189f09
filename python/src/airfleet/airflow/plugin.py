"""What Airflow loads by the entry point `airflow.plugins`."""

from __future__ import annotations

from typing import Any, ClassVar

from airflow.plugins_manager import AirflowPlugin

from airfleet.airflow import listener


class AirfleetReportsPlugin(AirflowPlugin):  # type: ignore[misc] # Airflow is not installed where types are checked
    """Reports runs and tasks to Airfleet."""

    name = "airfleet_reports"
    listeners: ClassVar[list[Any]] = [listener]
