from __future__ import annotations

import json
import os
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

import airfleet.airflow
from airfleet.airflow import callbacks
from airfleet.airflow.reporting import reporter
from tests.airflow.hook_objects import MOMENT, RuntimeTaskInstance, TaskInstanceState, dag_run, task_row

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def unsent(spool: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(reporter, "ensure_sender", lambda _: None)
    return spool


def spooled(spool: Path) -> list[dict[str, Any]]:
    lines = [line for path in sorted((spool / "queue").glob("*.jsonl")) for line in path.read_text().splitlines()]
    return [json.loads(line)["report"] for line in lines]


def test_a_dags_own_callback_is_about_the_run_though_it_gets_a_tasks_context(unsent: Path) -> None:
    context = {"dag_run": dag_run(_state="running"), "task_instance": task_row(state="success"), "ti": task_row()}
    callbacks.report({**context, "reason": "success"})
    callbacks.report({**context, "reason": "task_failure"})
    succeeded, failed = spooled(unsent)
    assert (succeeded["run"]["state"], "task" in succeeded, succeeded["origin"]) == ("success", False, "callback")
    assert failed["run"]["state"] == "failed"
    assert failed["error"] == {"category": "run", "message": "task_failure"}


def test_a_run_without_tasks_is_named_by_its_dag(unsent: Path) -> None:
    callbacks.report({"dag": SimpleNamespace(dag_id="etl"), "run_id": "r", "reason": "all_tasks_deadlocked"})
    [report] = spooled(unsent)
    assert (report["dag_id"], report["dag_run_id"], report["run"]["state"]) == ("etl", "r", "failed")


def test_a_tasks_callback_says_its_state_and_nothing_of_a_process(unsent: Path) -> None:
    for instance, error in (
        (task_row(state="failed", pid=os.getpid()), ValueError("boom")),
        (task_row(state="success", end_date=MOMENT), None),
        (RuntimeTaskInstance(state=TaskInstanceState.UP_FOR_RETRY), "lost"),
    ):
        callbacks.report({"task_instance": instance, "exception": error})
    failed, succeeded, retried = spooled(unsent)
    assert (failed["task"]["state"], failed["error"]["message"]) == ("failed", "ValueError: boom")
    assert (failed["task"]["process_ends"], failed["task"]["pid"]) == (False, None)
    assert (succeeded["task"]["state"], "error" in succeeded) == ("success", False)
    assert succeeded["task"]["ended_at"] == "2026-11-20T10:00:00+00:00"
    assert retried["task"]["state"] == "up_for_retry"


@pytest.mark.parametrize(("tries", "most", "state"), [(1, 2, "up_for_retry"), (3, 2, "failed"), (1, 0, "failed")])
def test_a_task_whose_worker_died_has_failed_or_is_tried_again(unsent: Path, tries: int, most: int, state: str) -> None:
    callbacks.report({"ti": RuntimeTaskInstance(state=None, try_number=tries, max_tries=most)})
    assert spooled(unsent)[0]["task"]["state"] == state


def test_what_a_missed_sla_gives_is_taken_and_says_nothing(unsent: Path) -> None:
    dag = SimpleNamespace(dag_id="etl")
    callbacks.report(dag, "tasks", "blocking", [], [])  # type: ignore[arg-type]
    assert spooled(unsent) == []


def test_no_callback_raises(unsent: Path) -> None:
    for context in ({}, {"reason": None}, {"reason": "x"}, {"ti": object()}, None, 7):
        callbacks.report(context)  # type: ignore[arg-type]
    assert spooled(unsent) == []


def test_a_task_reports_on_its_own_run(unsent: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert airfleet.airflow.report(progress=1) is False
    monkeypatch.setenv("AIRFLOW_CTX_DAG_ID", "etl")
    monkeypatch.setenv("AIRFLOW_CTX_DAG_RUN_ID", "r")
    assert airfleet.airflow.report() is False
    assert airfleet.airflow.report(
        progress=140, title="x" * 600, results={"at": MOMENT}, statistics=[1], logs={"a": "b"}
    )
    assert airfleet.airflow.report(error=KeyError("x"), category="docker")
    full, failed = spooled(unsent)
    assert (full["dag_id"], full["dag_run_id"], full["origin"]) == ("etl", "r", "task")
    assert full["progress"] == {"percent": 100, "title": "x" * 500}
    assert (full["results"], full["statistics"], full["logs"]) == ({"at": str(MOMENT)}, [1], {"a": "b"})
    assert failed["error"] == {"category": "docker", "message": "KeyError: 'x'"}


def test_a_report_on_another_run_names_it(unsent: Path) -> None:
    assert airfleet.airflow.report(progress=5, run=dag_run(run_id="other"))
    assert spooled(unsent)[0]["dag_run_id"] == "other"


def test_a_tasks_report_never_raises(unsent: Path) -> None:
    assert airfleet.airflow.report(progress="much", results=object(), run=dag_run()) is False  # type: ignore[arg-type]
