"""Stops a run through Airfleet, which waits for evidence that the processes of its tasks are gone."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from airfleet.client.errors import AirfleetApiError
from airfleet.client.exchange import Exchange

if TYPE_CHECKING:
    from collections.abc import Callable

    from airfleet.airflow.cleaning.wish import Server, Wish

log = logging.getLogger(__name__)

_WAIT_SECONDS = 20
"""What the server may hold its answer back; the task looks again by itself."""
_LOOK_SECONDS = 2.0
_NOT_FOUND = frozenset({"RUN_UNKNOWN", "DAG_UNKNOWN"})


class NotCleanedError(Exception):
    """The run was stopped, but whether its processes are gone is not known; the text names them."""


def _segment(value: str) -> str:
    if value in {".", ".."}:
        raise ValueError(f"{value!r} cannot be part of a path.")
    return quote(value, safe="")


def _describe(process: dict[str, Any]) -> str:
    index = f"[{process['map_index']}]" if process["map_index"] >= 0 else ""
    place = f"pid {process['pid']} on {process['hostname']}"
    return f"{process['task_id']}{index} ({place}): {process['process_gone']} by {process['by'] or 'silence'}"


def _judge(action: dict[str, Any]) -> str:
    if action["state"] != "done":
        error = action["error"] or {"code": "UNKNOWN", "message": f"The stop ended as {action['state']}."}
        raise NotCleanedError(f"{error['code']}: {error['message']}")
    for warning in action["warnings"]:
        log.info("%s: %s", warning["code"], warning["message"])
    processes = (action["after"] or {}).get("processes") or []
    for process in processes:
        log.info("%s", _describe(process))
    return "cleaned"


def clean_run(
    wish: Wish,
    server: Server,
    *,
    key: str,
    exchange: Exchange | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> str:
    """Stops the run and answers `cleaned`, or `not found` when there is no such run.

    A run without live tasks is clean already. `key` makes a repetition of the same request find the first one.

    Raises:
        NotCleanedError: Waited for longer than the bound; the text names the processes.
        AirfleetApiError: The server refused.
        AirfleetConnectionError: The server did not answer.

    """
    instance = wish.instance or server.instance
    if instance is None:
        raise ValueError('Name the instance: {"instance": "…"} in the connection\'s extra, or in the conf.')
    calls = exchange or Exchange(base_url=server.url, token=server.token, timeout_seconds=_WAIT_SECONDS + 20)
    run = f"/api/v1/instances/{_segment(instance)}/dags/{_segment(wish.dag_id)}/runs/{_segment(wish.run_id)}"
    # The connection and the conf name instance and run, so that a production instance was meant.
    body: dict[str, Any] = {"delete": wish.is_deleted, "confirm": instance}
    if wish.timeout_seconds is not None:
        body["timeout"] = wish.timeout_seconds
    try:
        action = calls.json(
            "POST", f"{run}/stop", body=body, idempotency_key=key, headers={"Prefer": f"wait={_WAIT_SECONDS}"}
        )
    except AirfleetApiError as refusal:
        return _judge_refusal(refusal)
    while action["state"] == "pending":
        sleep(_LOOK_SECONDS)
        action = calls.json("GET", f"/api/v1/actions/{_segment(action['id'])}")
    error = action["error"]
    if error is not None and error["code"] in _NOT_FOUND:
        return "not found"
    return _judge(action)


def _judge_refusal(error: AirfleetApiError) -> str:
    if error.code in _NOT_FOUND:
        return "not found"
    if error.code == "RUN_STOP_UNCONFIRMED":
        raise NotCleanedError(f"{error.code}: {error}") from error
    raise error
