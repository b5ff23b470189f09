"""A receiver of reports on a real socket, which can be dead, slow, busy, or keep another time."""

from __future__ import annotations

import email.utils
import json
import socket
import time
from typing import TYPE_CHECKING, Any

import jwt

from airfleet.airflow.signing import body_hash
from tests.airflow.local_server import LocalServer, QuietHandler

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType


class Request:
    """What came in."""

    def __init__(self, path: str, headers: dict[str, str], body: bytes) -> None:
        self.path = path
        self.headers = headers
        self.body = body
        self.at = time.monotonic()

    @property
    def content(self) -> Any:
        return json.loads(self.body)


Answer = tuple[int, dict[str, str], dict[str, Any]]


class Receiver(LocalServer):
    """Answers as `answer` says; remembers every request."""

    def __init__(self, answer: Callable[[Request], Answer] | None = None, port: int = 0) -> None:
        self.requests: list[Request] = []
        self.answer = answer or accept
        self.date_offset_seconds = 0.0
        receiver = self

        class Handler(QuietHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:  # noqa: N802 (what the base class looks for)
                request = Request(self.path, self.lower_headers(), self.read_body())
                receiver.requests.append(request)
                status, headers, content = receiver.answer(request)
                payload = json.dumps(content).encode()
                self.send_response_only(status)
                self.send_header(
                    "Date", email.utils.formatdate(time.time() + receiver.date_offset_seconds, usegmt=True)
                )
                for name, value in {**headers, "Content-Length": str(len(payload))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(payload)

        super().__init__(Handler, port)

    def reports(self) -> list[dict[str, Any]]:
        """Every report of every request, in the order in which they came."""
        return [report for request in list(self.requests) for report in request.content["reports"]]


def accept(request: Request) -> Answer:
    """As Airfleet answers a good batch."""
    count = len(request.content.get("reports", [])) if isinstance(request.content, dict) else 0
    return 202, {}, {"accepted": count, "duplicates": 0, "rejected": 0, "items": []}


def answering(*first: Answer) -> Callable[[Request], Answer]:
    """These answers one after the other, then as Airfleet answers."""
    left = list(first)
    return lambda request: left.pop(0) if left else accept(request)


def verifying(
    key: Any, *, algorithm: str, instance: str, now: Callable[[], float] = time.time
) -> Callable[[Request], Answer]:
    """Believes what Airfleet would believe, by this clock."""

    def answer(request: Request) -> Answer:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not token:
            return 401, {}, {"code": "REPORT_UNSIGNED", "detail": "no token"}
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                audience="airfleet",
                options={"verify_exp": False, "verify_iat": False},
            )
        except jwt.PyJWTError as error:
            return 401, {}, {"code": "REPORT_SIGNATURE_INVALID", "detail": str(error)}
        if claims["iss"] != instance:
            return 401, {}, {"code": "REPORT_WRONG_INSTANCE", "detail": claims["iss"]}
        if not claims["iat"] - 30 <= now() < claims["exp"]:
            return 401, {}, {"code": "REPORT_TOKEN_EXPIRED", "detail": f"our time is {now()}"}
        if claims["exp"] - claims["iat"] > 300 or claims["body_sha256"] != body_hash(request.body):
            return 401, {}, {"code": "REPORT_SIGNATURE_INVALID", "detail": "body or life"}
        return accept(request)

    return answer


def dead_url() -> str:
    """An address where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


class BlackHole:
    """Accepts connections, by the kernel alone, and never says a word."""

    def __enter__(self) -> str:
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()
