"""A real HTTP server that answers what a test tells it to: one answer after the other, or what a function says."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass
class Answer:
    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None


@dataclass
class Received:
    method: str
    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class StubServer:
    url: str
    decide: Callable[[Received], Answer]
    received: list[Received] = field(default_factory=list)


def problem(status: int, code: str, **headers: str) -> Answer:
    body = {"type": "about:blank", "title": code, "status": status, "detail": f"It is {code}.", "code": code}
    return Answer(status=status, body=body, headers={name.replace("_", "-"): value for name, value in headers.items()})


def in_turn(*answers: Answer) -> Callable[[Received], Answer]:
    """The last one answers everything that follows."""
    left = list(answers)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


@contextmanager
def stub_server(*answers: Answer, decide: Callable[[Received], Answer] | None = None) -> Iterator[StubServer]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            text = self.rfile.read(length)
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = json.loads(text) if text else None
            stub.received.append(Received(self.command, self.path, headers, body))
            answer = stub.decide(stub.received[-1])
            content = answer.raw if answer.raw is not None else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = _answer

        def log_message(self, *args: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stub = StubServer(f"http://127.0.0.1:{server.server_address[1]}", decide or in_turn(*answers))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
