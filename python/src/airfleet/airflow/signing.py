"""Tokens that say who sent a body: JWS with a key of ours, the hash of the body among its claims.

PyJWT and cryptography come with every Airflow; both are imported when the first token is made, not before.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ALGORITHMS = ("RS256", "ES256", "EdDSA", "HS256", "HS512")
"""What Airfleet checks."""

_FITTING = {
    "RSA": ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    "EC": ("ES256", "ES384", "ES512"),
    "Ed25519": ("EdDSA",),
    "secret": ("HS256", "HS384", "HS512"),
}
"""Older receivers check by whatever algorithm they were given; the first is the default."""

TOKEN_SECONDS = 120
"""How long a token is good for: long enough for a slow request, short enough that a captured one is soon worthless."""

AUDIENCE = "airfleet"
_PEM_START = "-----BEGIN"


class KeyUnusableError(ValueError):
    """A key that nothing can be signed with. The text never holds any of it."""


@dataclass(frozen=True, kw_only=True)
class SigningKey:
    """A private key or a shared secret, and the one algorithm it is used with."""

    key: str | bytes = field(repr=False)
    """PEM, or the bytes of the secret."""
    algorithm: str
    key_id: str | None = None


def base64url(data: bytes) -> str:
    """As RFC 7515 writes bytes: without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def body_hash(body: bytes) -> str:
    """The `body_sha256` claim of a request with this body."""
    return base64url(hashlib.sha256(body).digest())


def _kind_of_pem(pem: str) -> str:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa  # noqa: PLC0415 (costs a hook 60 ms)
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except Exception as error:  # noqa: BLE001 (its own text may quote what it could not read)
        raise KeyUnusableError(
            f"The key is PEM, but no private key that can be read ({type(error).__name__}). "
            "Give an unencrypted PKCS#8 key: `openssl genpkey` or `airfleet reports keygen` write one."
        ) from None
    if isinstance(key, rsa.RSAPrivateKey):
        return "RSA"
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return "EC"
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return "Ed25519"
    raise KeyUnusableError(f"The key is a {type(key).__name__}; RSA, EC and Ed25519 are supported.")


def decode_secret(text: str) -> bytes:
    """The bytes of a secret in base64url, with or without padding. Raises KeyUnusableError."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise KeyUnusableError("The key is neither PEM nor base64url.") from None


def read_signing_key(
    text: str, *, algorithm: str | None = None, key_id: str | None = None, is_plain_secret: bool = False
) -> SigningKey:
    """A key as it is configured: PEM, or a secret in base64url.

    Args:
        text: The key.
        algorithm: By default what fits the key: RS256, ES256, EdDSA, and HS256 for a secret.
        key_id: Named in each token, so that the receiver can hold several keys.
        is_plain_secret: A secret is taken letter by letter, as receivers of old formats do.

    Raises:
        KeyUnusableError: It cannot be read, or does not go with the algorithm.

    """
    # Environment files often hold PEM in one line.
    trimmed = text.strip().replace("\\n", "\n")
    if not trimmed:
        raise KeyUnusableError("The key is empty.")
    is_pem = trimmed.startswith(_PEM_START)
    kind = _kind_of_pem(trimmed) if is_pem else "secret"
    fitting = _FITTING[kind]
    if algorithm is not None and algorithm not in fitting:
        # HMAC with the text of a PEM key is how key confusion begins.
        raise KeyUnusableError(f"Algorithm {algorithm!r} does not go with this key ({kind}): {', '.join(fitting)} do.")
    key = trimmed if is_pem or is_plain_secret else decode_secret(trimmed)
    return SigningKey(key=key, algorithm=algorithm or fitting[0], key_id=key_id)


def sign_claims(claims: Mapping[str, object], key: SigningKey) -> str:
    """A JWS in compact form over the claims, nothing added. Raises KeyUnusableError."""
    import jwt  # noqa: PLC0415 (costs a hook 20 ms)

    headers = {"kid": key.key_id} if key.key_id else None
    try:
        token = jwt.encode(dict(claims), key.key, algorithm=key.algorithm, headers=headers)
    except (jwt.PyJWTError, ValueError, TypeError, NotImplementedError) as error:
        raise KeyUnusableError(f"Signing with {key.algorithm} failed ({type(error).__name__}).") from None
    return token


def sign_body(body: bytes, *, instance: str, now: float, key: SigningKey) -> str:
    """The bearer token of a request with this body.

    Args:
        body: The bytes as they are sent.
        instance: Who sends: the instance's id in Airfleet.
        now: Unix seconds as the receiver's clock shows them.
        key: What to sign with.

    """
    issued_at = int(now)
    return sign_claims(
        {
            "iss": instance,
            "aud": AUDIENCE,
            "iat": issued_at,
            "exp": issued_at + TOKEN_SECONDS,
            "jti": uuid.uuid4().hex,
            "body_sha256": body_hash(body),
        },
        key,
    )
