"""What a task says of its own run while it runs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from airfleet.airflow.reporting.native_report import ERROR_CHARACTERS, masked, new_report, to_json
from airfleet.airflow.reporting.reporter import take_report

if TYPE_CHECKING:
    from airfleet.airflow.settings import Settings

TITLE_CHARACTERS = 500


class _OwnRun:
    """The run of this process, as Airflow names it in the environment of each task."""

    def __init__(self) -> None:
        self.dag_id = os.environ.get("AIRFLOW_CTX_DAG_ID")
        self.run_id = os.environ.get("AIRFLOW_CTX_DAG_RUN_ID")


def report(  # noqa: PLR0913 (all by name)
    *,
    progress: float | None = None,
    title: str | None = None,
    results: Any = None,
    statistics: Any = None,
    logs: Any = None,
    error: str | BaseException | None = None,
    category: str = "task",
    run: object = None,
) -> bool:
    """Reports on the run of the task that calls it; all parts are optional and kept with the run.

    Args:
        progress: Percent, 0 to 100; what lies outside is the nearer end.
        title: What is being done just now, in a few words; shown beside the progress.
        results: What the run has produced, as JSON; other objects as their text.
        statistics: Figures of the run, as JSON.
        logs: Where its logs are, as JSON.
        error: What went wrong. Says nothing of the run's state.
        category: A word for the kind of error: `docker`, `network`, `stopped`, …
        run: Something with `dag_id` and `run_id`, where it is not the task's own run: `context["dag_run"]`.

    Returns:
        Whether it is on its way: False outside a task, and when nothing was given. Never raises.

    """

    def build(settings: Settings) -> dict[str, Any] | None:
        content = new_report(run or _OwnRun(), instance=settings.instance, origin="task")
        if content is None:
            return None
        parts: dict[str, Any] = {}
        if progress is not None:
            parts["progress"] = {"percent": min(100.0, max(0.0, float(progress)))}
            if title is not None:
                parts["progress"]["title"] = str(title)[:TITLE_CHARACTERS]
        for name, value in (("results", results), ("statistics", statistics), ("logs", logs)):
            if value is not None and (kept := to_json(value)) is not None:
                parts[name] = kept
        if error is not None:
            text = f"{type(error).__name__}: {error}" if isinstance(error, BaseException) else str(error)
            parts["error"] = {"category": category[:100] or "task", "message": masked(text)[:ERROR_CHARACTERS]}
        return {"report": {**content, **parts}} if parts else None

    return take_report(build)
