"""A receiver that behaves like the first system's `server.py`.

It decodes `payload` with a public key and RS256, prints and carries on when that fails, and answers 200 with nothing in
it whatever comes.
"""

from __future__ import annotations

import json
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.airflow.local_server import LocalServer, QuietHandler


def make_rsa_pair() -> tuple[str, str]:
    """Private and public half, PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


class OldServer(LocalServer):
    """`received`: route and payload of each post, as it was understood."""

    def __init__(self, public_key: str) -> None:
        self.received: list[tuple[str, dict[str, Any]]] = []
        self.failures: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.failing: list[str] = []
        """Paths of which the next post each fails."""
        server = self

        class Handler(QuietHandler):
            def do_POST(self) -> None:  # noqa: N802 (what the base class looks for)
                body = self.read_body()
                server.headers.append(self.lower_headers())
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

        super().__init__(Handler)
