"""Rows of HTTP services."""

import json
import time
from typing import Any

import pytest

from airfleet.runtime.connectors import http_exchange
from airfleet.runtime.connectors.rest import find_path
from airfleet.runtime.context import Connection
from airfleet.runtime.errors import StepError, StepRefused
from airfleet.runtime.reference import Reference
from tests.runtime.bench import Bench
from tests.runtime.http_service import Asked, Reply, http_service

USUAL = {
    "method": "GET",
    "headers": {},
    "params": {},
    "auth_type": "none",
    "api_key_header": "X-API-Key",
    "timeout": 5,
    "retries": 3,
    "pagination": {"type": "none"},
    "max_pages": 100,
    "response_path": "$",
    "columns": {},
}
ROWS = [{"id": number, "name": f"n{number}"} for number in range(7)]


def ok(value: Any, **headers: str) -> Reply:
    return 200, headers, json.dumps(value).encode()


def read(bench: Bench, url: str, connection: str | None = None, **options: Any) -> Reference:
    body = {"kind": "read", "connector": "rest", "connection": connection, "options": {**USUAL, "url": url, **options}}
    return bench.step(body).outputs["out"]


@pytest.fixture(autouse=True)
def allowed(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.with_connection(Connection("http", login="ann", password="s3cret-word"))
    monkeypatch.setattr(http_exchange, "_FIRST_WAIT", 0.01)


def paged(pagination: dict[str, Any]) -> Any:
    def answer(asked: Asked, _count: int) -> Reply:
        kind = pagination["type"]
        if kind == "page":
            start = (int(asked.query["page"]) - 1) * 3
        elif kind == "offset":
            start = int(asked.query["offset"])
        else:
            start = int(asked.query.get("cursor", asked.query.get("from", "0")))
        rows = ROWS[start : start + 3]
        following = start + 3 if start + 3 < len(ROWS) else None
        link = {"Link": f'<?from={following}>; rel="next"'} if following and kind == "link" else {}
        return ok({"data": {"rows": rows}, "next": following}, **link)

    return answer


@pytest.mark.parametrize(
    ("pagination", "calls"),
    [
        ({"type": "page", "param": "page", "start": 1}, 4),
        ({"type": "page", "param": "page", "start": 1, "size_param": "size", "size": 3}, 3),
        ({"type": "offset", "param": "offset", "size_param": "limit", "size": 3}, 3),
        ({"type": "cursor", "param": "cursor", "cursor_path": "$.next"}, 3),
        ({"type": "link"}, 3),
    ],
)
def test_pages_are_read_to_the_last(bench: Bench, pagination: dict[str, Any], calls: int) -> None:
    with http_service(paged(pagination)) as service:
        rows = read(
            bench, f"{service.url}/orders?kind=a", pagination=pagination, response_path="$.data.rows", params={"x": "1"}
        )
    assert bench.rows_of(rows) == [(row["id"], row["name"]) for row in ROWS]
    assert len(service.asked) == calls
    if pagination["type"] != "link":
        assert all((asked.query["kind"], asked.query["x"]) == ("a", "1") for asked in service.asked)


@pytest.mark.parametrize(
    ("kind", "header", "value"),
    [
        ("basic", "Authorization", "Basic YW5uOnMzY3JldC13b3Jk"),
        ("bearer", "Authorization", "Bearer s3cret-word"),
        ("api_key", "X-Key", "s3cret-word"),
    ],
)
def test_it_signs_in(bench: Bench, kind: str, header: str, value: str) -> None:
    with http_service(lambda _asked, _count: ok(ROWS)) as service:
        read(bench, service.url, "api", auth_type=kind, api_key_header="X-Key")
    assert service.asked[0].headers[header] == value


def test_a_secret_stays_with_its_host(bench: Bench) -> None:
    with http_service(lambda _asked, _count: ok(ROWS)) as other:

        def answer(_asked: Asked, _count: int) -> Reply:
            return 302, {"Location": f"{other.url}/x"}, b""

        with http_service(answer) as service:
            assert read(bench, service.url, "api", auth_type="api_key", api_key_header="X-Key").rows == 7
    assert "X-Key" not in other.asked[0].headers


def test_what_it_is_sent_to_is_judged_as_well(bench: Bench) -> None:
    def answer(_asked: Asked, _count: int) -> Reply:
        return 302, {"Location": "http://169.254.169.254/latest/meta-data"}, b""

    with http_service(answer) as service, pytest.raises(StepRefused, match="never called"):
        read(bench, service.url)
    bench.with_connection(Connection("http"), ("*.example.org",))
    with http_service(answer) as service, pytest.raises(StepRefused, match=r"network\.allow"):
        read(bench, service.url)
    assert service.asked == []


def test_it_asks_again_after_failures_and_waits_as_it_is_told(bench: Bench) -> None:
    def answer(_asked: Asked, count: int) -> Reply:
        return [(503, {}, b"busy"), (429, {"Retry-After": "1"}, b""), ok(ROWS)][count]

    began = time.monotonic()
    with http_service(answer) as service:
        assert read(bench, service.url).rows == 7
    assert time.monotonic() - began >= 1
    assert len(service.asked) == 3
    assert any("asking again in 1.0 s" in line for line in bench.lines)


def test_it_gives_up(bench: Bench) -> None:
    with (
        http_service(lambda _asked, _count: (500, {}, b"broken")) as service,
        pytest.raises(StepError, match="500: broken"),
    ):
        read(bench, service.url, retries=2)
    assert len(service.asked) == 3
    with http_service(lambda _asked, _count: (404, {}, b"no")) as service, pytest.raises(StepRefused, match="404: no"):
        read(bench, service.url)
    assert len(service.asked) == 1
    late = (429, {"Retry-After": "86400"}, b"")
    with http_service(lambda _asked, _count: late) as service, pytest.raises(StepError, match="wait 86400 s"):
        read(bench, service.url)


def test_half_an_answer_is_none(bench: Bench) -> None:
    content = json.dumps(ROWS).encode()
    cut = (200, {"Content-Length": str(len(content))}, content[:20])
    with http_service(lambda _asked, count: cut if count == 0 else ok(ROWS)) as service:
        assert read(bench, service.url).rows == 7
    with http_service(lambda _asked, _count: cut) as service, pytest.raises(StepError, match="the connection broke"):
        read(bench, service.url)
    assert bench.leftovers() == []


def test_an_answer_that_is_too_long_or_no_json_is_refused(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        http_service(lambda _asked, _count: (200, {}, b"<html>")) as service,
        pytest.raises(StepRefused, match="no JSON"),
    ):
        read(bench, service.url)
    deep: Reply = (200, {}, b"[" * 200_000 + b"]" * 200_000)
    with http_service(lambda _asked, _count: deep) as service, pytest.raises(StepRefused, match="RecursionError"):
        read(bench, service.url)
    monkeypatch.setattr(http_exchange, "MOST_BYTES", 1 << 20)
    with (
        http_service(lambda _asked, _count: (200, {}, b" " * (2 << 20))) as service,
        pytest.raises(StepRefused, match="longer than 1 MB"),
    ):
        read(bench, service.url)


def test_pages_without_an_end_are_noticed(bench: Bench) -> None:
    cursor = {"type": "cursor", "param": "cursor", "cursor_path": "$.next"}
    with http_service(lambda _asked, _count: ok({"rows": ROWS, "next": "same"})) as service:
        with pytest.raises(StepRefused, match="have no end"):
            read(bench, service.url, pagination=cursor, response_path="$.rows")
        assert len(service.asked) == 2
    endless = http_service(lambda _asked, count: ok({"rows": ROWS, "next": count + 1}))
    with endless as service, pytest.raises(StepRefused, match="more than 5 pages"):
        read(bench, service.url, pagination=cursor, response_path="$.rows", max_pages=5)


def test_no_rows_have_the_columns_that_are_named(bench: Bench) -> None:
    with http_service(lambda _asked, _count: ok([])) as service:
        with pytest.raises(StepRefused, match="nobody knows their columns"):
            read(bench, service.url)
        rows = read(bench, service.url, columns={"id": "BIGINT"})
    assert (rows.rows, rows.columns[0].name, rows.columns[0].type) == (0, "id", "BIGINT")


def test_a_body_is_posted(bench: Bench) -> None:
    with http_service(lambda _asked, _count: ok(ROWS)) as service:
        read(bench, service.url, method="POST", body={"q": 1})
    assert (service.asked[0].method, service.asked[0].body) == ("POST", b'{"q": 1}')


def test_paths() -> None:
    value = {"a": {"b c": [{"d": 1}, {"d": 2}]}}
    assert find_path(value, "$.a.b c[1].d") == 2
    assert find_path(value, "$['a']['b c'][0]") == {"d": 1}
    assert find_path(value, "$.x.y") is None
    assert find_path([1], "$") == [1]
    with pytest.raises(StepRefused, match="no path"):
        find_path(value, "$..a")
