"""Hooks of Airflow 2.11 and 3: each takes only the arguments that both name alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pluggy import HookimplMarker

from airfleet.airflow.reporting.hook_object import is_own_process, read_attribute, to_word
from airfleet.airflow.reporting.native_report import error_part, new_report, old_part, run_part, task_part
from airfleet.airflow.reporting.reporter import take_report

if TYPE_CHECKING:
    from airfleet.airflow.settings import Settings

hookimpl = HookimplMarker("airflow")


def _report_run(dag_run: object, state: str, msg: str) -> None:
    def build(settings: Settings) -> dict[str, Any] | None:
        report = new_report(dag_run, instance=settings.instance, origin="listener")
        if report is None:
            return None
        report["run"] = run_part(dag_run, state, has_conf=settings.has_conf)
        if state == "failed" and (error := error_part(msg, category="run")):
            report["error"] = error
        return {"report": report}

    take_report(build)


def _failed_state(task_instance: object) -> str:
    state = to_word(read_attribute(task_instance, "state"))
    return "up_for_retry" if state == "up_for_retry" else "failed"


def _report_task(task_instance: object, state: str, error: object = None) -> None:
    def build(settings: Settings) -> dict[str, Any] | None:
        report = new_report(task_instance, instance=settings.instance, origin="listener")
        if report is None:
            return None
        report["task"] = task_part(task_instance, _failed_state(task_instance) if state == "failed" else state)
        if described := error_part(error, category="task"):
            report["error"] = described
        return {"report": report, **old_part(task_instance, settings)}

    take_report(build, is_last=lambda: state != "running" and is_own_process(task_instance))


@hookimpl
def on_dag_run_running(dag_run: object, msg: str) -> None:
    """In the scheduler: a run has started."""
    _report_run(dag_run, "running", msg)


@hookimpl
def on_dag_run_success(dag_run: object, msg: str) -> None:
    """In the scheduler at the natural end; in Airflow 3's API server when somebody marks the run."""
    _report_run(dag_run, "success", msg)


@hookimpl
def on_dag_run_failed(dag_run: object, msg: str) -> None:
    """As `on_dag_run_success`."""
    _report_run(dag_run, "failed", msg)


@hookimpl
def on_task_instance_running(task_instance: object) -> None:
    """In the task's process, before `execute`."""
    _report_task(task_instance, "running")


@hookimpl
def on_task_instance_success(task_instance: object) -> None:
    """In the task's process; in Airflow 3's API server when somebody marks the task."""
    _report_task(task_instance, "success")


@hookimpl
def on_task_instance_failed(task_instance: object, error: object) -> None:
    """As `on_task_instance_success`; also when the task will be tried again."""
    _report_task(task_instance, "failed", error)


@hookimpl
def on_task_instance_skipped(task_instance: object) -> None:
    """In Airflow 3 only, and only for a task that skips itself."""
    _report_task(task_instance, "skipped")
