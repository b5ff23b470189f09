"""Callbacks for DAGs and tasks: for Airflows without the plugin, and for what no listener hears of.

`on_failure_callback=airfleet.airflow.callbacks.report` and the like: one function for every kind, which reads from the
context what happened. With the plugin installed as well, the same transition is reported twice, which does no harm.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from airfleet.airflow.reporting.hook_object import read_attribute, to_number, to_word
from airfleet.airflow.reporting.native_report import error_part, new_report, old_part, run_part, task_part
from airfleet.airflow.reporting.reporter import take_report

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airfleet.airflow.settings import Settings

_TASK_STATES = frozenset({"running", "success", "failed", "up_for_retry", "skipped", "upstream_failed"})


def report(context: Mapping[str, Any], *_: Any) -> None:
    """Reports what a callback is called for: the run where Airflow gives a `reason`, else the task.

    Takes what `sla_miss_callback` of Airflow 2 gives, and reports nothing: a missed SLA is no state. Never raises.
    """
    take_report(lambda settings: _build(context, settings))


def _build(context: Mapping[str, Any], settings: Settings) -> dict[str, Any] | None:
    if not hasattr(context, "get"):
        return None
    # A DAG's own callbacks get the context of some task, and a `reason`; those of tasks get none.
    reason = context.get("reason")
    return _of_task(context, settings) if reason is None else _of_run(context, str(reason), settings)


def _of_run(context: Mapping[str, Any], reason: str, settings: Settings) -> dict[str, Any] | None:
    dag_run = context.get("dag_run")
    if dag_run is None:
        # Airflow 3 gives no more when the run has no task that it could show.
        dag_run = SimpleNamespace(dag_id=read_attribute(context.get("dag"), "dag_id"), run_id=context.get("run_id"))
    content = new_report(dag_run, instance=settings.instance, origin="callback")
    if content is None:
        return None
    # The row may be older than the callback; the reason is not.
    state = "success" if reason == "success" else "failed"
    content["run"] = run_part(dag_run, state, has_conf=settings.has_conf)
    if state == "failed" and (error := error_part(reason, category="run")):
        content["error"] = error
    return {"report": content}


def _state_of(task_instance: object) -> str | None:
    state = to_word(read_attribute(task_instance, "state"))
    if state is not None:
        return state
    # A worker died, and Airflow 3's DAG processor calls back instead: only ever for a failure, and without a state.
    tries, most = (to_number(read_attribute(task_instance, name)) for name in ("try_number", "max_tries"))
    return "up_for_retry" if tries is not None and most is not None and tries <= most else "failed"


def _of_task(context: Mapping[str, Any], settings: Settings) -> dict[str, Any] | None:
    task_instance = context.get("task_instance") or context.get("ti")
    content = new_report(task_instance, instance=settings.instance, origin="callback")
    state = _state_of(task_instance)
    if content is None or state not in _TASK_STATES:
        return None
    # It may be another process that calls back, so this is no evidence of where the task's is.
    content["task"] = {**task_part(task_instance, state), "pid": None, "process_ends": False}
    if state in {"failed", "up_for_retry"} and (error := error_part(context.get("exception"), category="task")):
        content["error"] = error
    return {"report": content, **old_part(task_instance, settings)}
