from __future__ import annotations

import base64
import inspect
import json
import os
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from airfleet.airflow import listener
from airfleet.airflow.reporting import reporter
from tests.airflow.conftest import wait_until
from tests.airflow.hook_objects import MOMENT, Row, RuntimeTaskInstance, TaskInstanceState, dag_run, task_row
from tests.airflow.receiver import Receiver, verifying

SECRET = b"0123456789abcdef0123456789abcdef"


def test_a_run_and_its_tasks_arrive_signed(spool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Receiver(verifying(SECRET, algorithm="HS256", instance="af-test")) as receiver:
        monkeypatch.setenv("AIRFLEET_URL", receiver.url)
        monkeypatch.setenv("AIRFLEET_REPORT_KEY", base64.urlsafe_b64encode(SECRET).decode().rstrip("="))
        monkeypatch.setenv("AIRFLEET_REPORT_KEY_ID", "k1")
        listener.on_dag_run_running(dag_run=dag_run(), msg="started")
        listener.on_task_instance_running(task_instance=RuntimeTaskInstance())
        listener.on_task_instance_failed(
            task_instance=RuntimeTaskInstance(state=TaskInstanceState.UP_FOR_RETRY), error=ValueError("no rows")
        )
        listener.on_dag_run_failed(dag_run=dag_run(_state="failed", end_date=MOMENT), msg="task_failure")
        wait_until(lambda: len(receiver.requests) > 0 and len(receiver.reports()) == 4, what="four reports")
    reports = receiver.reports()
    assert [(report.get("run") or report["task"])["state"] for report in reports] == [
        "running",
        "running",
        "up_for_retry",
        "failed",
    ]
    assert [report["seq"] for report in reports] == sorted(report["seq"] for report in reports)
    assert reports[2]["task"]["process_ends"] is True
    assert reports[2]["task"]["pid"] == os.getpid()
    assert reports[2]["task"]["map_index"] == -1
    assert reports[2]["error"] == {"category": "task", "message": "ValueError: no rows"}
    assert "conf" not in reports[0]["run"]
    assert reports[0]["run"]["logical_date"] == "2026-11-20T10:00:00+00:00"


def spooled(spool: Path) -> list[dict[str, Any]]:
    """What hooks of this test have written."""
    lines = [line for path in sorted((spool / "queue").glob("*.jsonl")) for line in path.read_text().splitlines()]
    return [json.loads(line)["report"] for line in lines]


@pytest.fixture
def unsent(spool: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A spool whose sender is not started."""
    monkeypatch.setattr(reporter, "ensure_sender", lambda _: None)
    return spool


def test_a_row_is_read_without_its_session(unsent: Path) -> None:
    listener.on_dag_run_running(dag_run=Row(dag_id="etl", run_id="r", _state="running"), msg="")
    listener.on_task_instance_success(task_instance=Row(identity=("etl", "load", "r", 3)))
    run, task = spooled(unsent)
    assert run["run"] == {
        "state": "running",
        "logical_date": None,
        "started_at": None,
        "ended_at": None,
        "run_type": None,
    }
    assert (task["dag_id"], task["dag_run_id"], task["task"]["task_id"], task["task"]["map_index"]) == (
        "etl",
        "r",
        "load",
        3,
    )


def test_only_the_tasks_own_process_is_evidence_of_its_end(unsent: Path) -> None:
    listener.on_task_instance_success(task_instance=task_row(pid=os.getpid()))
    listener.on_task_instance_success(task_instance=task_row(pid=os.getpid() + 1))
    listener.on_task_instance_running(task_instance=task_row(pid=os.getpid()))
    own, marked, running = (report["task"] for report in spooled(unsent))
    assert own["process_ends"] is True
    assert marked["process_ends"] is False
    assert running["process_ends"] is False
    assert running["ended_at"] is None


def test_a_task_marked_by_hand_says_so(unsent: Path) -> None:
    listener.on_task_instance_failed(
        task_instance=task_row(), error="TaskInstance's state was manually set to `failed`."
    )
    listener.on_task_instance_skipped(task_instance=task_row())
    failed, skipped = spooled(unsent)
    assert failed["error"]["category"] == "stopped"
    assert skipped["task"]["state"] == "skipped"


def test_conf_is_reported_only_where_it_is_asked_for(unsent: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLEET_REPORT_CONF", "true")
    listener.on_dag_run_running(dag_run=dag_run(conf={"day": MOMENT}), msg="")
    assert spooled(unsent)[0]["run"]["conf"] == {"day": "2026-11-20 10:00:00+00:00"}


def test_errors_are_masked_as_airflow_masks_its_logs(unsent: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    masker = types.ModuleType("airflow.utils.log.secrets_masker")
    masker.redact = lambda text: text.replace("hunter2", "***")  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, masker.__name__, masker)
    listener.on_task_instance_failed(task_instance=RuntimeTaskInstance(), error=ValueError("no login with hunter2"))
    assert spooled(unsent)[0]["error"]["message"] == "ValueError: no login with ***"


def test_reports_can_be_switched_off(unsent: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLEET_REPORTS", "off")
    listener.on_dag_run_running(dag_run=dag_run(), msg="")
    assert not unsent.exists()


def test_hooks_name_the_arguments_that_both_generations_have() -> None:
    both = {
        "on_dag_run_running": {"dag_run", "msg"},
        "on_dag_run_success": {"dag_run", "msg"},
        "on_dag_run_failed": {"dag_run", "msg"},
        "on_task_instance_running": {"previous_state", "task_instance"},
        "on_task_instance_success": {"previous_state", "task_instance"},
        "on_task_instance_failed": {"previous_state", "task_instance", "error"},
        "on_task_instance_skipped": {"previous_state", "task_instance"},
    }
    hooks = {name: hook for name, hook in vars(listener).items() if name.startswith("on_")}
    assert hooks.keys() == both.keys()
    for name, hook in hooks.items():
        assert set(inspect.signature(hook).parameters) <= both[name]


class Unreadable:
    """Whatever is asked of it, it breaks."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)


def test_no_hook_raises_whatever_it_is_given(unsent: Path) -> None:
    for strange in (None, object(), Unreadable(), 7, Row(), Row(identity=(1, 2))):
        listener.on_dag_run_running(dag_run=strange, msg="")
        listener.on_dag_run_failed(dag_run=strange, msg="")
        listener.on_task_instance_running(task_instance=strange)
        listener.on_task_instance_failed(task_instance=strange, error=Unreadable())
    assert spooled(unsent) == []


def test_no_hook_raises_when_there_is_nowhere_to_write(
    spool: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (spool.parent / "file").write_text("")
    monkeypatch.setenv("AIRFLEET_SPOOL_DIR", str(spool.parent / "file" / "spool"))
    for _ in range(3):
        listener.on_task_instance_success(task_instance=RuntimeTaskInstance())
    assert len(caplog.records) == 1
    assert "could not be kept" in caplog.text


def test_no_hook_raises_when_the_disk_is_full(
    unsent: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    listener.on_task_instance_running(task_instance=RuntimeTaskInstance(task_id="first"))

    def refuse(descriptor: int, data: bytes) -> int:
        return written(descriptor, data[:10])

    written = os.write
    with monkeypatch.context() as full:
        full.setattr("airfleet.airflow.spool.writer.os.write", refuse)
        listener.on_task_instance_success(task_instance=RuntimeTaskInstance(task_id="second"))
    listener.on_task_instance_success(task_instance=RuntimeTaskInstance(task_id="third"))
    assert "could not be kept" in caplog.text
    assert [report["task"]["task_id"] for report in spooled(unsent)] == ["first", "third"]


def test_no_hook_raises_when_the_sender_cannot_be_started(
    spool: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("airfleet.airflow.sender.start.subprocess.run", lambda *_, **__: open("/nonexistent"))  # noqa: PTH123, SIM115
    listener.on_task_instance_success(task_instance=RuntimeTaskInstance())
    assert "could not be started" in caplog.text
    assert len(spooled(spool)) == 1


def test_results_that_are_too_long_are_left_out_and_the_report_is_sent() -> None:
    line = reporter.to_line({"report": {"dag_id": "d", "results": "x" * 300_000, "progress": {"percent": 1}}})
    assert json.loads(line) == {"report": {"dag_id": "d", "progress": {"percent": 1}}}


def test_nothing_heavy_is_imported_for_a_hook() -> None:
    program = "import sys, airfleet.airflow.listener as _; print(*sorted(sys.modules))"
    source = str(Path(listener.__file__).parents[2])
    found = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": source}, capture_output=True, text=True, check=True
    ).stdout.split()
    heavy = {"jwt", "cryptography", "http.client", "urllib.request", "ssl", "requests", "httpx", "asyncio", "email"}
    assert heavy.isdisjoint(found)
