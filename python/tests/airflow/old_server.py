"""A receiver that behaves like the first system's `server.py`.

It decodes `payload` with a public key and RS256, prints and carries on when that fails, and answers 200 with nothing in
it whatever comes.
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from typing_extensions import Self

if TYPE_CHECKING:
    from types import TracebackType


def make_rsa_pair() -> tuple[str, str]:
    """Private and public half, PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


class OldServer:
    """`received`: route and payload of each post, as it was understood."""

    def __init__(self, public_key: str) -> None:
        self.received: list[tuple[str, dict[str, Any]]] = []
        self.failures: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.failing: list[str] = []
        """Paths of which the next post each fails."""
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                server.headers.append({name.lower(): value for name, value in self.headers.items()})
                if self.path in server.failing:
                    server.failing.remove(self.path)
                    self.send_error(500)
                    return
                try:
                    payload = json.loads(body)["payload"]
                    claims = jwt.decode(payload, public_key, algorithms=["RS256"])
                    server.received.append((self.path, claims))
                except Exception as error:  # noqa: BLE001 (as the original)
                    server.failures.append(f"{type(error).__name__}: {body!r}")
                self.send_response(200)
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
