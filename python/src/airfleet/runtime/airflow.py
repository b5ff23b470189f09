"""Pipelines as DAGs of Airflow 2.7 to 3.x. Nothing but Airflow is imported when a file is parsed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.timetables.interval import CronDataIntervalTimetable

from airflow import __version__ as airflow_version

try:
    from airflow.sdk import DAG, BaseOperator
except ImportError:
    from airflow.models.baseoperator import BaseOperator
    from airflow.models.dag import DAG

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_HAS_LABELS = tuple(int(part) for part in airflow_version.split(".")[:2]) >= (2, 9)
"""Airflow 2.7 and 2.8 show tasks by their ids."""

_NEVER_SCHEDULED = "2024-01-01T00:00:00+00:00"
"""A start before any run that somebody may ask for."""


def pipeline(  # noqa: PLR0913 - what a DAG is made of
    *,
    dag_id: str,
    name: str,
    pipeline: str,
    schedule: Mapping[str, Any] | None,
    catchup: bool,
    max_active_runs: int,
    tags: Sequence[str],
    params: Mapping[str, Any],
    artifact: str,
) -> DAG:
    """The DAG of a pipeline. Its documentation carries the hash by which a deployment is recognized."""
    start = schedule["start"] if schedule else _NEVER_SCHEDULED
    end = schedule["end"] if schedule else None
    return DAG(
        dag_id=dag_id,
        description=name,
        schedule=CronDataIntervalTimetable(schedule["cron"], timezone=schedule["time_zone"]) if schedule else None,
        start_date=datetime.fromisoformat(start),
        end_date=datetime.fromisoformat(end) if end else None,
        catchup=catchup,
        max_active_runs=max_active_runs,
        tags=list(tags),
        params=dict(params),
        doc_md=f"{name}\n\nPipeline `{pipeline}`, artifact `{artifact}`.",
        render_template_as_native_obj=False,
    )


class PipelineStep(BaseOperator):  # type: ignore[misc, unused-ignore]
    """One step of a plan as a task. The result, with references to its rows, is its XCom."""

    def __init__(self, *, step: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.step = step

    def execute(self, context: Mapping[str, Any]) -> Any:
        """Runs the step in the task's process."""
        from .airflow_task import run_task  # noqa: PLC0415 - not when a file is parsed

        return run_task(self.step, context)


class Extractor(PipelineStep):
    """Reads rows."""

    ui_color = "#4CAF50"


class Transformer(PipelineStep):
    """Makes rows of rows."""

    ui_color = "#2196F3"


class Loader(PipelineStep):
    """Writes rows."""

    ui_color = "#FF9800"


def _arguments(
    *,
    step: Mapping[str, Any],
    label: str,
    retry_seconds: Sequence[float],
    timeout_seconds: float | None = None,
    **kwargs: Any,
) -> dict[str, Any]:
    delay, multiplier, longest = retry_seconds
    return {
        **kwargs,
        "step": step,
        **({"task_display_name": label} if _HAS_LABELS else {"doc": label}),
        # What brings ways together goes on with those that were taken.
        "trigger_rule": "none_failed_min_one_success" if step.get("needs") == "any" else "all_success",
        "retry_delay": timedelta(seconds=delay),
        "retry_exponential_backoff": multiplier != 1,
        "max_retry_delay": timedelta(seconds=longest),
        "execution_timeout": timedelta(seconds=timeout_seconds) if timeout_seconds else None,
    }


def extract(**kwargs: Any) -> Extractor:
    """A task that reads."""
    return Extractor(**_arguments(**kwargs))


def transform(**kwargs: Any) -> Transformer:
    """A task that makes rows of rows."""
    return Transformer(**_arguments(**kwargs))


def load(**kwargs: Any) -> Loader:
    """A task that writes."""
    return Loader(**_arguments(**kwargs))


def control(**kwargs: Any) -> BaseOperator:
    """A task that decides how the run goes on."""
    from .airflow_control import Control  # noqa: PLC0415 - what it is made of costs files that have none

    return Control(**_arguments(**kwargs))
