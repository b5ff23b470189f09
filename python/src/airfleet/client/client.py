"""The calls that applications and tasks make."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast
from urllib.parse import quote

from airfleet.client.errors import AirfleetConnectionError
from airfleet.client.exchange import Exchange, Query, QueryValue
from airfleet.client.retry import RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from airfleet.client.views import (
        LogLine,
        Run,
        Subject,
        SubjectRef,
        TaskInstance,
        Trigger,
        TriggerItem,
        TriggerOutcome,
    )

Item = TypeVar("Item")
WaitFor = Literal["accepted", "finished"]

_SUBJECTS_PER_CALL = 10_000
"""What the server takes at once."""

_LOCAL = "http://127.0.0.1:3000"


def _segment(value: str) -> str:
    # A segment of dots is removed by every URL parser, so it could never name anything.
    if value in {"", ".", ".."}:
        raise ValueError(f"{value!r} cannot be part of a path.")
    return quote(value, safe="")


class Airfleet:
    """One Airfleet server. Safe to share between threads; holds no connection open.

    Args:
        base_url: Such as `https://airfleet.example.org`; a path prefix is kept.
        token: API token; not needed on the machine of a server whose `auth.mode` is `local`.
        timeout_seconds: Of each wait for the network.
        retry: How often and how long; reads and writes under an idempotency key are repeated.

    Every call raises :class:`AirfleetApiError` for what the server refused and :class:`AirfleetConnectionError` when no
    answer came.

    """

    def __init__(
        self,
        base_url: str = _LOCAL,
        *,
        token: str | None = None,
        timeout_seconds: float = 30.0,
        retry: RetryPolicy | None = None,
    ) -> None:
        self.exchange = Exchange(
            base_url=base_url, token=token, timeout_seconds=timeout_seconds, retry=retry or RetryPolicy()
        )

    def trigger(
        self,
        item: TriggerItem,
        *,
        wait_for: WaitFor = "accepted",
        wait_seconds: int | None = None,
        idempotency_key: str | None = None,
    ) -> list[Trigger]:
        """Asks for one run on each instance of the item. The same `idempotency_key` always means the same runs.

        Without a key each call means new runs; its own repetitions after a lost answer still do not double them.
        `wait_seconds` lets the server answer only when the runs are accepted (or finished); at most 25.
        """
        answer = self._ask("/api/v1/triggers", dict(item), wait_for, wait_seconds, idempotency_key)
        return cast("list[Trigger]", answer["items"])

    def trigger_batch(
        self,
        items: Iterable[TriggerItem],
        *,
        wait_for: WaitFor = "accepted",
        wait_seconds: int | None = None,
        idempotency_key: str | None = None,
    ) -> list[TriggerOutcome]:
        """The same for up to 1,000 items at once; one that is refused does not stop the others."""
        body = {"items": list(items)}
        answer = self._ask("/api/v1/triggers/batch", body, wait_for, wait_seconds, idempotency_key)
        return cast("list[TriggerOutcome]", answer["items"])

    def _ask(
        self, path: str, body: dict[str, Any], wait_for: WaitFor, wait_seconds: int | None, key: str | None
    ) -> dict[str, Any]:
        prefer = "respond-async" if wait_seconds is None else f"wait={wait_seconds}"
        answer = self.exchange.json(
            "POST",
            path,
            body={**body, "wait_for": wait_for},
            # A key of our own makes a repetition after a lost answer find the first request.
            idempotency_key=key or str(uuid.uuid4()),
            headers={"Prefer": prefer},
        )
        return cast("dict[str, Any]", answer)

    def get_trigger(self, trigger_id: str) -> Trigger:
        """A trigger with its attempts."""
        return cast("Trigger", self.exchange.json("GET", f"/api/v1/triggers/{_segment(trigger_id)}"))

    def runs(self, **filters: QueryValue | list[str]) -> Iterator[Run]:
        """Runs of the fleet over all pages, by `subject_type` with `subject_id`, `dag_id`, `state` and the like."""
        return self._items("/api/v1/runs", dict(filters))

    def run(self, run_id: str) -> Run:
        """A run by its id (`run_…`), also one that the engine has no more."""
        return cast("Run", self.exchange.json("GET", f"/api/v1/runs/{_segment(run_id)}"))

    def tasks(self, run_id: str) -> Iterator[TaskInstance]:
        """The task instances of a run."""
        return self._items(f"/api/v1/runs/{_segment(run_id)}/tasks", {})

    def logs(  # noqa: PLR0913 (all but two by name)
        self,
        run_id: str,
        task_id: str,
        *,
        try_number: int | None = None,
        map_index: int = -1,
        tail: int | None = None,
        follow: bool = False,
    ) -> Iterator[LogLine]:
        """The log of a task's try line by line, the newest try unless told.

        `tail` gives that many lines at the end only; `follow` goes on until the try has ended.
        """
        path = f"/api/v1/runs/{_segment(run_id)}/tasks/{_segment(task_id)}/logs"
        query: Query = {"try_number": try_number, "map_index": map_index, "tail": tail, "follow": follow or None}
        answer = self.exchange.open("GET", path, query=query)
        try:
            while line := answer.readline():
                if line.strip():
                    yield json.loads(line)
        except (OSError, ValueError) as error:
            reason = f"The log {path} broke off: {error}. What came before is complete."
            raise AirfleetConnectionError("SERVER_UNREACHABLE", reason) from error
        finally:
            answer.close()

    def subjects(self, **filters: QueryValue | list[str]) -> Iterator[Subject]:
        """Subjects over all pages: by `type`, `state`, search and staleness."""
        return self._items("/api/v1/subjects", dict(filters))

    def subject(self, subject_type: str, subject_id: str) -> Subject:
        """What is known of an object: its last success, its current run, its last failure."""
        # Not by path: some proxies decode or refuse the %2F of an id with slashes.
        query: Query = {"type": subject_type, "id": subject_id}
        return cast("Subject", self.exchange.json("GET", "/api/v1/subjects/by-ref", query=query))

    def add_subjects(self, run_id: str, subjects: Iterable[SubjectRef], *, idempotency_key: str | None = None) -> None:
        """Says that a run is about these objects too. A task names its own run by :func:`run_id_of`."""
        key = idempotency_key or str(uuid.uuid4())
        every = list(subjects)
        for start in range(0, len(every), _SUBJECTS_PER_CALL):
            self.exchange.json(
                "POST",
                f"/api/v1/runs/{_segment(run_id)}/subjects",
                body={"subjects": every[start : start + _SUBJECTS_PER_CALL]},
                idempotency_key=f"{key}-{start}",
            )

    def _items(self, path: str, query: Query) -> Iterator[Any]:
        while True:
            page = self.exchange.json("GET", path, query=query)
            yield from page["items"]
            if page["next_cursor"] is None:
                return
            query = {**query, "cursor": page["next_cursor"]}
