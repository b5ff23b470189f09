from __future__ import annotations

import socket
from dataclasses import replace

import pytest

from airfleet.client import Airfleet, AirfleetApiError, AirfleetConnectionError, RetryPolicy, run_id_of
from tests.support.stub_server import Answer, problem, stub_server


def client_of(url: str, waits: list[float] | None = None, tries: int = 4) -> Airfleet:
    client = Airfleet(url, token="aft_secret", timeout_seconds=2, retry=RetryPolicy(tries=tries, jitter=lambda: 1.0))
    sleep = (lambda _: None) if waits is None else waits.append
    client.exchange = replace(client.exchange, sleep=sleep)
    return client


PAGE = Answer(body={"items": [{"id": "run_a"}], "next_cursor": None})


def test_follows_the_cursor_to_the_end_and_keeps_the_filters() -> None:
    first = Answer(body={"items": [{"id": "run_a"}, {"id": "run_b"}], "next_cursor": "c/1"})
    last = Answer(body={"items": [{"id": "run_c"}], "next_cursor": None})
    with stub_server(first, last) as stub:
        runs = client_of(stub.url).runs(subject_type="finding-aid", subject_id="ark:/1/x", state=["failed", "lost"])
        assert [run["id"] for run in runs] == ["run_a", "run_b", "run_c"]
    query = "subject_type=finding-aid&subject_id=ark%3A%2F1%2Fx&state=failed%2Clost"
    assert [received.path for received in stub.received] == [
        f"/api/v1/runs?{query}",
        f"/api/v1/runs?{query}&cursor=c%2F1",
    ]
    assert {received.headers["authorization"] for received in stub.received} == {"Bearer aft_secret"}


def test_tells_a_problem_by_its_code() -> None:
    with stub_server(problem(404, "RUN_KEY_UNKNOWN")) as stub, pytest.raises(AirfleetApiError) as caught:
        client_of(stub.url).run("run_x")
    assert (caught.value.status, caught.value.code, str(caught.value)) == (
        404,
        "RUN_KEY_UNKNOWN",
        "It is RUN_KEY_UNKNOWN.",
    )
    assert len(stub.received) == 1


def test_waits_as_long_as_retry_after_says_and_then_tries_again() -> None:
    waits: list[float] = []
    with stub_server(problem(429, "RATE_LIMITED", retry_after="7"), problem(503, "STORE_BUSY"), PAGE) as stub:
        assert [run["id"] for run in client_of(stub.url, waits).runs()] == ["run_a"]
    assert waits == [7.0, 0.4]


def test_does_not_wait_for_a_server_that_asks_for_an_hour() -> None:
    waits: list[float] = []
    with (
        stub_server(problem(503, "STORE_UNAVAILABLE", retry_after="3600")) as stub,
        pytest.raises(AirfleetApiError) as caught,
    ):
        list(client_of(stub.url, waits).runs())
    assert (waits, caught.value.retry_after_seconds) == ([], 3600.0)


def test_sends_a_trigger_again_under_the_same_key() -> None:
    accepted = Answer(status=202, body={"items": [{"id": "trg_1", "state": "pending"}]})
    with stub_server(problem(503, "STORE_BUSY"), problem(409, "IDEMPOTENCY_KEY_OUTSTANDING"), accepted) as stub:
        triggers = client_of(stub.url).trigger(
            {"dag_id": "orders", "instances": ["eu"], "subjects": [{"type": "a", "id": "1"}]}
        )
    assert triggers[0]["id"] == "trg_1"
    keys = {received.headers["idempotency-key"] for received in stub.received}
    assert (len(stub.received), len(keys)) == (3, 1)
    assert stub.received[0].body == {
        "instances": ["eu"],
        "dag_id": "orders",
        "subjects": [{"type": "a", "id": "1"}],
        "wait_for": "accepted",
    }


def test_does_not_send_an_unkeyed_write_twice() -> None:
    with stub_server(problem(503, "STORE_BUSY")) as stub, pytest.raises(AirfleetApiError):
        client_of(stub.url).exchange.json("POST", "/api/v1/webhooks", body={})
    assert len(stub.received) == 1


def test_follows_no_redirect_and_so_takes_the_token_nowhere() -> None:
    with stub_server(PAGE) as elsewhere:
        moved = Answer(status=302, body={}, headers={"location": f"{elsewhere.url}/api/v1/runs/run_a"})
        with stub_server(moved) as stub, pytest.raises(AirfleetConnectionError) as caught:
            client_of(stub.url).run("run_a")
    assert (caught.value.code, elsewhere.received) == ("NOT_AIRFLEET", [])


def test_says_so_when_a_sign_in_page_answers() -> None:
    page = Answer(raw=b"<html>Please sign in</html>", headers={"content-type": "text/html"})
    with stub_server(page) as stub, pytest.raises(AirfleetConnectionError, match="Please sign in") as caught:
        client_of(stub.url).run("run_a")
    assert caught.value.code == "NOT_AIRFLEET"


def test_says_so_when_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        waits: list[float] = []
        with pytest.raises(AirfleetConnectionError, match="No Airfleet server answers") as caught:
            client_of(url, waits).run("run_a")
    assert (caught.value.code, len(waits)) == ("SERVER_UNREACHABLE", 3)


def test_gives_up_on_a_server_that_accepts_and_says_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        client = Airfleet(url, timeout_seconds=0.1, retry=RetryPolicy(tries=1))
        with pytest.raises(AirfleetConnectionError, match=r"within 0\.1 s") as caught:
            client.run("run_a")
    assert caught.value.code == "SERVER_TIMEOUT"


def test_yields_the_lines_of_a_log() -> None:
    lines = Answer(raw=b'{"at":null,"level":"info","source":null,"text":"one"}\n\n{"text":"two"}\n')
    with stub_server(lines) as stub:
        log = list(client_of(stub.url).logs("run_a", "load.orders/é", try_number=2, tail=10))
    assert [line["text"] for line in log] == ["one", "two"]
    assert stub.received[0].path == (
        "/api/v1/runs/run_a/tasks/load.orders%2F%C3%A9/logs?try_number=2&map_index=-1&tail=10"
    )


def test_adds_more_subjects_than_one_request_takes() -> None:
    with stub_server(Answer(body={"added": 1, "subjects_total": 1})) as stub:
        many = [{"type": "scan", "id": str(number)} for number in range(10_001)]
        client_of(stub.url).add_subjects("run_a", many)  # type: ignore[arg-type]
    assert [len(received.body["subjects"]) for received in stub.received] == [10_000, 1]
    assert len({received.headers["idempotency-key"] for received in stub.received}) == 2


def test_refuses_an_address_before_a_token_is_sent_there() -> None:
    for address in ("file:///etc/passwd", "ftp://host/", "airfleet.example.org"):
        with pytest.raises(ValueError, match="no address of a server"):
            Airfleet(address)


def test_refuses_what_would_change_the_path() -> None:
    for name in ("", ".", ".."):
        with pytest.raises(ValueError, match="cannot be part of a path"):
            Airfleet().run(name)


def test_names_a_run_as_the_server_does() -> None:
    # Made with the server's own function.
    named = run_id_of("eu", 'ordérs "x"', "manual__2026/é\n")
    assert named == "run_3txbrcroquqv26xacqtcmhh6h6ya2himczyowuzrfrh45472wkqq"
