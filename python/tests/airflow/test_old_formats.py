from __future__ import annotations

import base64
import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

import airfleet.airflow
from airfleet.airflow import listener
from airfleet.airflow.old.formats import g0_posts, g1_posts, with_event
from airfleet.airflow.spool.sender_lock import is_sender_alive
from airfleet.airflow.spool.status import read_status
from tests.airflow.conftest import wait_until
from tests.airflow.hook_objects import MOMENT, RuntimeTaskInstance, TaskInstanceState, dag_run
from tests.airflow.old_server import OldServer, make_rsa_pair
from tests.airflow.receiver import Receiver

if TYPE_CHECKING:
    from pathlib import Path

PRIVATE, PUBLIC = make_rsa_pair()
WORKFLOW = SimpleNamespace(dag=SimpleNamespace(task_dict={"a": 1, "b": 2, "c": 3, "d": 4}))


def use_old_names(monkeypatch: pytest.MonkeyPatch, server: OldServer, *, endpoint: str = "satellite/v1/") -> None:
    """As the first system's users have them, kept in the environment, where both generations look first."""
    extra = json.dumps({"endpoint": endpoint, "X-Lab": "7"})
    monkeypatch.setenv(
        "AIRFLOW_CONN_PROCESS_REPORT",
        json.dumps(
            {
                "conn_type": "http",
                "host": "127.0.0.1",
                "port": server.port,
                "login": "lab",
                "password": "pw",
                "extra": extra,
            }
        ),
    )
    monkeypatch.setenv("AIRFLOW_VAR_PROCESS_REPORT_PRIVATE_KEY", PRIVATE)
    monkeypatch.delenv("AIRFLEET_INSTANCE")


def run_workflow() -> None:
    """Four tasks: one succeeds, one is retried and fails, and the run with it."""
    for name, state in (("a", TaskInstanceState.SUCCESS), ("b", TaskInstanceState.UP_FOR_RETRY)):
        listener.on_task_instance_running(task_instance=RuntimeTaskInstance(task_id=name, task=WORKFLOW, max_tries=1))
        instance = RuntimeTaskInstance(task_id=name, task=WORKFLOW, max_tries=1, state=state)
        if state is TaskInstanceState.SUCCESS:
            listener.on_task_instance_success(task_instance=instance)
        else:
            listener.on_task_instance_failed(task_instance=instance, error=ValueError("boom"))
    failed = RuntimeTaskInstance(task_id="b", task=WORKFLOW, max_tries=1, try_number=3, state=TaskInstanceState.FAILED)
    listener.on_task_instance_failed(task_instance=failed, error=ValueError("boom"))
    listener.on_dag_run_failed(dag_run=dag_run(end_date=MOMENT), msg="task_failure")


def test_an_old_receiver_gets_g1_signed_by_the_old_names(spool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_VAR_PROCESS_REPORT_ALGORITHM", "RS256")
    with OldServer(PUBLIC) as server:
        use_old_names(monkeypatch, server)
        run_workflow()
        wait_until(lambda: len(server.received) >= 7, what="all posts")
    identity = {"dag_id": "etl", "run_id": "manual__1"}
    assert server.failures == []
    assert server.received == [
        ("/satellite/v1/status", {**identity, "state": "running", "task_id": "a"}),
        ("/satellite/v1/progress", {**identity, "state": "running", "progress": 25, "error": ""}),
        ("/satellite/v1/status", {**identity, "state": "success", "task_id": "a"}),
        ("/satellite/v1/status", {**identity, "state": "running", "task_id": "b"}),
        ("/satellite/v1/status", {**identity, "state": "up_for_retry", "task_id": "b"}),
        ("/satellite/v1/status", {**identity, "state": "failed", "task_id": "b"}),
        ("/satellite/v1/progress", {**identity, "state": "failed", "progress": 25, "error": "task_failure"}),
    ]
    assert server.headers[0]["endpoint"] == "satellite/v1/"
    assert server.headers[0]["x-lab"] == "7"
    assert server.headers[0]["authorization"] == f"Basic {base64.b64encode(b'lab:pw').decode()}"


def test_an_old_receiver_gets_g0_snapshots(spool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLEET_REPORT_FORMAT", "g0")
    monkeypatch.setenv("AIRFLOW_VAR_PROCESS_REPORT_CRYPT_ALGORITHM", "RS256")
    with OldServer(PUBLIC) as server:
        use_old_names(monkeypatch, server)
        run_workflow()
        wait_until(lambda: len(server.received) >= 4, what="all posts")
    assert server.failures == []
    assert {route for route, _ in server.received} == {"/satellite/v1/status"}
    assert len(server.received) == 4  # two ends of tasks, a retry, and the run; no start
    last = server.received[-1][1]
    assert {name: last[name] for name in last if name != "tasks"} == {
        "dag_id": "etl",
        "run_id": "manual__1",
        "execution_date": "2026-11-20 10:00:00",
        "start_date": "2026-11-20 10:00:00",
        "end_date": "2026-11-20 10:00:00",
        "state": "failed",
    }
    assert [(task["task_id"], task["state"], task["try_number"], task["max_tries"]) for task in last["tasks"]] == [
        ("a", "success", 2, 1),
        ("b", "failed", 3, 1),
    ]
    assert last["tasks"][0].keys() == {"task_id", "start_date", "end_date", "state", "try_number", "max_tries"}
    assert last["tasks"][0]["start_date"] == "2026-11-20 10:00:00"


def test_a_task_says_results_and_progress_the_old_way(spool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with OldServer(PUBLIC) as server:
        use_old_names(monkeypatch, server)
        monkeypatch.setenv("AIRFLOW_CTX_DAG_ID", "etl")
        monkeypatch.setenv("AIRFLOW_CTX_DAG_RUN_ID", "manual__1")
        airfleet.airflow.report(progress=41.7)
        airfleet.airflow.report(results={"out": {"class": "File"}})
        listener.on_dag_run_success(dag_run=dag_run(), msg="success")
        wait_until(lambda: len(server.received) >= 3, what="three posts")
    assert [
        (route.rsplit("/", 1)[1], payload.get("progress"), payload.get("results")) for route, payload in server.received
    ] == [
        ("progress", 41, None),
        ("results", None, {"out": {"class": "File"}}),
        ("results", None, {"out": {"class": "File"}}),
    ]


def test_a_failed_post_is_repeated_and_those_before_it_are_not(spool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with OldServer(PUBLIC) as server:
        use_old_names(monkeypatch, server)
        server.failing = ["/satellite/v1/progress", "/satellite/v1/status", "/satellite/v1/status"]
        listener.on_task_instance_success(task_instance=RuntimeTaskInstance(task_id="a", task=WORKFLOW))
        wait_until(lambda: len(server.received) >= 2, what="both posts")
    assert [route for route, _ in server.received] == ["/satellite/v1/progress", "/satellite/v1/status"]


def test_nothing_is_sent_in_clear_when_a_key_is_there_that_cannot_sign(
    spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with OldServer(PUBLIC) as server:
        use_old_names(monkeypatch, server)
        monkeypatch.setenv("AIRFLOW_VAR_PROCESS_REPORT_ALGORITHM", "ES256")
        listener.on_task_instance_success(task_instance=RuntimeTaskInstance(task_id="a"))
        wait_until(
            lambda: (status := read_status(spool)) is not None and status.code == "REPORT_KEY_UNUSABLE", what="refusal"
        )
        assert server.headers == []
    status = read_status(spool)
    assert status is not None
    assert "RS256" in status.detail


def test_without_a_key_the_object_itself_is_sent(spool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with OldServer(PUBLIC) as server:
        use_old_names(monkeypatch, server)
        monkeypatch.delenv("AIRFLOW_VAR_PROCESS_REPORT_PRIVATE_KEY")
        listener.on_task_instance_running(task_instance=RuntimeTaskInstance(task_id="a"))
        wait_until(lambda: len(server.failures) == 1, what="a post that is not signed")
    assert '"payload": {"state": "running"' in server.failures[0]


def test_a_task_without_database_starts_no_sender_that_could_only_fail(
    spool: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "airflow-db-not-allowed:///")
    listener.on_task_instance_running(task_instance=RuntimeTaskInstance(task_id="a"))
    assert "AIRFLEET_URL or AIRFLOW_CONN_PROCESS_REPORT" in caplog.text
    assert not is_sender_alive(spool)
    assert not (spool / "sender.started").exists()


def test_our_own_format_names_the_instance_of_the_connection(spool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRFLEET_INSTANCE")
    monkeypatch.setenv("AIRFLEET_REPORT_FORMAT", "native")
    with Receiver() as receiver:
        monkeypatch.setenv("AIRFLOW_CONN_PROCESS_REPORT", f"{receiver.url}?instance=eu-1")
        listener.on_task_instance_running(task_instance=RuntimeTaskInstance(task_id="a"))
        wait_until(lambda: len(receiver.requests) == 1, what="a report")
    assert receiver.reports()[0]["instance"] == "eu-1"


def content(state: str, *, task_id: str | None = None, **report: Any) -> dict[str, Any]:
    part = (
        {"run": {"state": state, "logical_date": None, "started_at": None, "ended_at": None}}
        if task_id is None
        else {
            "task": {
                "task_id": task_id,
                "map_index": -1,
                "state": state,
                "try_number": 1,
                "started_at": None,
                "ended_at": None,
            }
        }
    )
    return {"report": {"event_id": "e", "dag_id": "d", "dag_run_id": "r", **part, **report}}


def stored(task_id: str, state: str | None) -> dict[str, Any]:
    return {
        "task_id": task_id,
        "map_index": -1,
        "state": state,
        "try_number": 1,
        "max_tries": 2,
        "start_date": None,
        "end_date": None,
    }


@pytest.mark.parametrize("already", ["running", "success"])
def test_a_task_that_ends_counts_once_whether_or_not_it_is_stored_already(already: str) -> None:
    run = {"state": "running", "tasks": [stored("a", already), stored("b", None), stored("c", None)]}
    event = content("success", task_id="a")
    posts = g1_posts(event, with_event(run, event))
    assert posts[0] == ("progress", {"state": "running", "dag_id": "d", "run_id": "r", "progress": 33, "error": ""})


def test_a_run_without_tasks_gives_no_progress() -> None:
    event = content("failed")
    assert g1_posts(event, with_event({"state": "running", "tasks": []}, event)) == []


def test_results_are_in_a_g0_snapshot_of_success_only() -> None:
    run = {"state": "running", "tasks": [stored("a", "success")], "results": {"x": 1}}
    for state, has_results in (("success", True), ("failed", False)):
        event = content(state)
        [(_, payload)] = g0_posts(event, with_event(run, event))
        assert ("results" in payload) is has_results


@pytest.mark.parametrize("state", ["skipped", "upstream_failed"])
def test_what_the_old_senders_never_reported_gives_no_post(state: str) -> None:
    event = content(state, task_id="a")
    assert g1_posts(event, with_event(None, event)) == []
    assert g0_posts(event, with_event(None, event)) == []
