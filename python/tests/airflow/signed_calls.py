"""Calls as Airfleet signs them, and everything that may be changed about them."""

from __future__ import annotations

import base64
import hashlib
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

AUDIENCE = "eu-1"
PATH = "/api/v1/dags/orders/dagRuns"
BODY = b'{"dag_run_id":"r1","conf":{}}'


def private_pem(key: Any) -> str:
    return str(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), "ascii")


def public_pem(key: Any) -> str:
    return str(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), "ascii")


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def body_hash(body: bytes) -> str:
    return base64url(hashlib.sha256(body).digest())


RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP256R1())
ED = ed25519.Ed25519PrivateKey.generate()
OTHER_ED = ed25519.Ed25519PrivateKey.generate()
SECRET = bytes(range(64))


def claims(**changes: Any) -> dict[str, Any]:
    """The claims of a good trigger; None takes one away."""
    now = int(time.time())
    good = {
        "iss": "airfleet",
        "aud": AUDIENCE,
        "iat": now,
        "exp": now + 60,
        "jti": str(uuid.uuid4()),
        "method": "POST",
        "path": PATH,
        "dag_id": "orders",
        "body_sha256": body_hash(BODY),
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


@dataclass(kw_only=True)
class Signer:
    key: Any = field(default_factory=lambda: ED)
    algorithm: str = "EdDSA"

    def sign(self, payload: dict[str, Any] | None = None, **header: Any) -> str:
        """A token; `header` fields with None are taken away."""
        return jwt.encode(
            claims() if payload is None else payload, self.key, algorithm=self.algorithm, headers=header or None
        )
