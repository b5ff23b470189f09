"""Requests to one server: authorization, problems as errors, and trying again."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from airfleet.client.errors import AirfleetApiError, AirfleetConnectionError
from airfleet.client.retry import RetryPolicy, is_retried
from airfleet.client.transport import Answer, Request, send

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_EXCERPT_CHARACTERS = 120
"""Long enough to recognise a page, short enough for a terminal."""

QueryValue = str | int | float | bool | None
Query = dict[str, QueryValue | list[str] | tuple[str, ...]]


def _spell(value: QueryValue | list[str] | tuple[str, ...]) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(value) if isinstance(value, (list, tuple)) else str(value)


def _retry_after(answer: Answer) -> float | None:
    text = (answer.headers.get("retry-after") or "").strip()
    # Airfleet says seconds; a date would come from something in between, whose clock is not ours.
    return float(text) if text.isascii() and text.isdigit() else None


def _not_airfleet(url: str, answer: Answer, text: bytes) -> AirfleetConnectionError:
    start = " ".join(text.decode(errors="replace")[:_EXCERPT_CHARACTERS].split())
    kind = answer.headers.get("content-type") or "no type"
    said = f"{url} answered {answer.status} ({kind}), which is no answer of Airfleet"
    return AirfleetConnectionError("NOT_AIRFLEET", f"{said}: {start}. Is the server's address right?")


def _parse(text: bytes) -> object:
    try:
        parsed: object = json.loads(text)
    except ValueError:
        return None
    return parsed


def _to_error(url: str, answer: Answer) -> AirfleetApiError | AirfleetConnectionError:
    text = answer.read()
    problem = _parse(text)
    if not isinstance(problem, dict) or not isinstance(problem.get("code"), str):
        return _not_airfleet(url, answer, text)
    return AirfleetApiError(answer.status or 0, problem, _retry_after(answer))


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """How one server is talked to.

    A request is repeated only where that is safe: a read, or a write under an idempotency key.
    """

    base_url: str
    token: str | None = None
    timeout_seconds: float = 30.0
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    sleep: Callable[[float], None] = time.sleep
    user_agent: str = "airfleet-python"

    def __post_init__(self) -> None:
        """Refuses what cannot be a server, before a token is sent there."""
        address = urlsplit(self.base_url)
        if address.scheme not in {"http", "https"} or not address.hostname:
            raise ValueError(f"{self.base_url!r} is no address of a server; http://… or https://… is expected.")

    def _request(  # noqa: PLR0913, PLR0917 (one parameter per part of a request)
        self,
        method: str,
        path: str,
        query: Query | None,
        body: object,
        idempotency_key: str | None,
        headers: Mapping[str, str] | None,
    ) -> Request:
        pairs = {name: _spell(value) for name, value in (query or {}).items() if value is not None}
        sent = {"Accept": "application/json, application/x-ndjson, application/problem+json"}
        sent["User-Agent"] = self.user_agent
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        if body is not None:
            sent["Content-Type"] = "application/json"
        if idempotency_key is not None:
            sent["Idempotency-Key"] = idempotency_key
        return Request(
            method=method,
            url=f"{self.base_url.rstrip('/')}{path}{'?' + urlencode(pairs) if pairs else ''}",
            headers={**sent, **(headers or {})},
            body=None if body is None else json.dumps(body, allow_nan=False).encode(),
            timeout_seconds=self.timeout_seconds,
        )

    def open(  # noqa: PLR0913 (one parameter per part of a request)
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: object = None,
        idempotency_key: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Sends, again where that is safe and promising, and answers a success whose body the caller reads and closes.

        Raises:
            AirfleetApiError: What the server said.
            AirfleetConnectionError: SERVER_UNREACHABLE, SERVER_TIMEOUT, NOT_AIRFLEET.

        """
        request = self._request(method, path, query, body, idempotency_key, headers)
        is_repeatable = method in {"GET", "PUT", "DELETE"} or idempotency_key is not None
        tries_made = 0
        while True:
            tries_made += 1
            failure: AirfleetApiError | AirfleetConnectionError
            try:
                answer = send(request)
            except AirfleetConnectionError as error:
                failure, is_promising, retry_after = error, is_repeatable, None
            else:
                status = answer.status or 0
                if status < 300:  # noqa: PLR2004 (2xx; redirects are not followed and so refused)
                    return answer
                failure = _to_error(request.url, answer)
                answer.close()
                retry_after = failure.retry_after_seconds if isinstance(failure, AirfleetApiError) else None
                # 429 was refused before anything was done, so that any request may be sent again.
                is_promising = is_retried(status, failure.code) and (is_repeatable or status == 429)  # noqa: PLR2004
            wait = self.retry.wait_seconds(tries_made, retry_after) if is_promising else None
            if wait is None:
                raise failure
            self.sleep(wait)

    def json(  # noqa: PLR0913 (one parameter per part of a request)
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: object = None,
        idempotency_key: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """As :meth:`open`, and answers the parsed body; None when there is none."""
        answer = self.open(method, path, query=query, body=body, idempotency_key=idempotency_key, headers=headers)
        try:
            text = answer.read()
            if not text:
                return None
            parsed = _parse(text)
            if parsed is None:
                # A proxy's sign-in page comes with status 200 as well.
                raise _not_airfleet(f"{self.base_url}{path}", answer, text)
            return parsed
        except OSError as error:
            reason = f"The answer of {self.base_url}{path} broke off: {error}."
            raise AirfleetConnectionError("SERVER_UNREACHABLE", reason) from error
        finally:
            answer.close()
