from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from airfleet.airflow.cleaning.clean_run import NotCleanedError, clean_run
from airfleet.airflow.cleaning.wish import Server, read_server, read_wish
from airfleet.client import AirfleetApiError
from tests.support.stub_server import Answer, problem, stub_server

CONF = {"remove_dag_id": "orders/daily", "remove_run_id": "manual__2026-11-20T03:00:00+00:00"}
PATH = "/api/v1/instances/eu-1/dags/orders%2Fdaily/runs/manual__2026-11-20T03%3A00%3A00%2B00%3A00/stop"


def action(state: str, **more: Any) -> dict[str, Any]:
    return {"id": "act_1", "state": state, "error": None, "warnings": [], "after": None, **more}


def clean(url: str, conf: dict[str, Any] | None = None, waits: list[float] | None = None) -> str:
    server = Server(url=url, token="aft_secret", instance="eu-1")
    return clean_run(read_wish(conf or CONF), server, key="k", sleep=([] if waits is None else waits).append)


def test_is_done_when_all_processes_are_gone() -> None:
    process = {
        "task_id": "load",
        "map_index": 2,
        "pid": 7,
        "hostname": "worker",
        "process_gone": "confirmed",
        "by": "log_end",
    }
    with stub_server(Answer(body=action("done", after={"processes": [process]}))) as stub:
        assert clean(stub.url) == "cleaned"
    (received,) = stub.received
    assert received.path == PATH
    assert received.headers["authorization"] == "Bearer aft_secret"
    assert received.headers["idempotency-key"] == "k"
    assert received.headers["prefer"] == "wait=20"
    assert received.body == {"delete": False, "confirm": "eu-1"}


def test_looks_again_until_the_stop_is_over() -> None:
    waits: list[float] = []
    pending, done = Answer(status=202, body=action("pending")), Answer(body=action("done"))
    with stub_server(pending, Answer(body=action("pending")), done) as stub:
        assert clean(stub.url, waits=waits) == "cleaned"
    assert [received.path for received in stub.received][1:] == ["/api/v1/actions/act_1"] * 2
    assert waits == [2.0, 2.0]


@pytest.mark.parametrize("code", ["RUN_UNKNOWN", "DAG_UNKNOWN"])
def test_has_nothing_to_do_for_a_run_that_is_not_found(code: str) -> None:
    with stub_server(problem(404, code)) as stub:
        assert clean(stub.url) == "not found"
    later = action("failed", error={"code": code, "message": "There is none."})
    with stub_server(Answer(status=202, body=action("pending")), Answer(body=later)) as stub:
        assert clean(stub.url) == "not found"


def test_fails_when_it_waited_for_too_long_and_names_the_processes() -> None:
    error = {"code": "RUN_STOP_UNCONFIRMED", "message": "nothing shows that these are gone: load (pid 7 on worker)"}
    with (
        stub_server(Answer(status=202, body=action("pending")), Answer(body=action("failed", error=error))) as stub,
        pytest.raises(NotCleanedError, match="load \\(pid 7 on worker\\)"),
    ):
        clean(stub.url)
    with stub_server(problem(504, "RUN_STOP_UNCONFIRMED")) as stub, pytest.raises(NotCleanedError):
        clean(stub.url)


@pytest.mark.parametrize(("status", "code"), [(404, "INSTANCE_UNKNOWN"), (401, "TOKEN_UNKNOWN"), (403, "FORBIDDEN")])
def test_fails_for_whatever_else_the_server_refuses(status: int, code: str) -> None:
    with stub_server(problem(status, code)) as stub, pytest.raises(AirfleetApiError) as caught:
        clean(stub.url)
    assert caught.value.code == code


def test_deletes_only_when_asked_and_goes_where_the_conf_says() -> None:
    conf = {**CONF, "delete": True, "timeout": 300, "instance": "us-1"}
    with stub_server(Answer(body=action("done"))) as stub:
        assert clean(stub.url, conf) == "cleaned"
    assert stub.received[0].body == {"delete": True, "confirm": "us-1", "timeout": 300}
    assert stub.received[0].path.startswith("/api/v1/instances/us-1/")


@pytest.mark.parametrize(
    "conf",
    [
        None,
        {},
        {"remove_dag_id": "a"},
        {"remove_run_id": "b"},
        {"remove_dag_id": 7, "remove_run_id": "b"},
        {**CONF, "delete": "yes"},
        {**CONF, "timeout": "1m"},
        {**CONF, "timeout": True},
        {**CONF, "instance": ""},
    ],
)
def test_refuses_a_conf_that_does_not_name_a_run(conf: dict[str, Any] | None) -> None:
    with pytest.raises(ValueError, match="conf"):
        read_wish(conf)


def connection(**more: Any) -> SimpleNamespace:
    return SimpleNamespace(**{"host": "h", "port": None, "schema": None, "password": "", "extra_dejson": {}, **more})


def test_reads_the_server_from_an_http_connection() -> None:
    extra = {"instance": "eu-1"}
    full = connection(host="fleet.example.org", port=8443, schema="https", password="t", extra_dejson=extra)
    assert read_server(full) == Server(url="https://fleet.example.org:8443", token="t", instance="eu-1")
    assert read_server(connection()) == Server(url="http://h", token=None, instance=None)
    assert read_server(connection(host="https://x/prefix/")).url == "https://x/prefix"
    with pytest.raises(ValueError, match="no host"):
        read_server(connection(host=None))


def test_needs_to_know_the_instance() -> None:
    with pytest.raises(ValueError, match="instance"):
        clean_run(read_wish(CONF), Server(url="http://h", token=None, instance=None), key="k")
