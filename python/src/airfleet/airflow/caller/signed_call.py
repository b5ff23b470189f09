"""Whether a token is good for the call that it came with."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

import jwt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airfleet.airflow.caller.keys import KeyRing

ISSUER = "airfleet"
LIFETIME_SECONDS = 60
"""The longest a token may be good for."""
LEEWAY_SECONDS = 10
"""How far the clocks may differ; a client further off corrects itself by the `Date` of our refusal."""

_LONGEST_TOKEN = 8_000
_LONGEST_ID = 200
_REQUIRED = ("iss", "aud", "iat", "exp", "jti", "method", "path", "body_sha256")


class CallRefusedError(Exception):
    """The reason is for the log; whoever calls learns only that it was refused."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request as Airflow is about to act on it."""

    method: str
    path: bytes
    """Decoded, without the prefix that the web server is mounted under."""
    query: str
    """As it came, without the question mark."""
    dag_id: str | None
    """The DAG that the path names; None when it names none, or all."""
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who signed."""

    user: str | None
    """The Airflow user that the call is to be made as; None: whoever is configured."""
    token_id: str
    expires_at: int
    """Epoch seconds."""


def looks_signed(token: str) -> bool:
    """Whether it can be a token of ours at all. What is not belongs to another backend."""
    return token.count(".") == 2 and token.startswith("eyJ")  # noqa: PLR2004 (header, claims, signature)


def _pairs(query: str) -> Sequence[tuple[bytes, ...]]:
    """Keys and values as bytes: what reads the same to Airflow is the same, however a proxy wrote it."""
    return [tuple(unquote_to_bytes(part.replace("+", " ")) for part in pair.split("=", 1)) for pair in query.split("&")]


def _verify_signature(token: str, keys: KeyRing, audience: str) -> dict[str, Any]:
    if len(token) > _LONGEST_TOKEN:
        raise CallRefusedError("the token is too long")
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        raise CallRefusedError("it is no token") from error
    # Keys that a token brings along (jwk, jku, x5c, x5u) are never looked at, and no extension is understood.
    if "crit" in header or header.get("typ") != "JWT":
        raise CallRefusedError("its header is not one of ours")
    key_id = header.get("kid")
    key = keys.find(key_id)
    if key is None:
        raise CallRefusedError(f"its key {str(key_id)[:50]!r} is not known here")
    try:
        return jwt.decode(
            token,
            key.key,
            algorithms=[key.algorithm],
            audience=audience,
            issuer=ISSUER,
            leeway=LEEWAY_SECONDS,
            options={"require": list(_REQUIRED), "strict_aud": True},
        )
    except (jwt.PyJWTError, ValueError, TypeError, ArithmeticError, RecursionError) as error:
        raise CallRefusedError(f"its signature, audience or time is wrong: {type(error).__name__}") from error


def _check_target(claims: dict[str, Any], call: Call) -> None:
    if claims["method"] != call.method:
        raise CallRefusedError("it was signed for another method")
    target = claims["path"]
    if not isinstance(target, str):
        raise CallRefusedError("its path is no text")
    path, _, query = target.partition("?")
    if unquote_to_bytes(path) != call.path:
        raise CallRefusedError("it was signed for another path")
    if _pairs(query) != _pairs(call.query):
        raise CallRefusedError("it was signed for another query")
    if claims.get("dag_id") != call.dag_id:
        raise CallRefusedError("it was signed for another DAG")
    expected = base64.urlsafe_b64encode(hashlib.sha256(call.body).digest()).rstrip(b"=")
    if not hmac.compare_digest(str(claims["body_sha256"]).encode("utf-8", "replace"), expected):
        raise CallRefusedError("it was signed for another body")


def verify_call(token: str, call: Call, *, keys: KeyRing, audience: str) -> Caller:
    """Who signed this call. Whether it came before is not looked at here. Raises `CallRefusedError`."""
    claims = _verify_signature(token, keys, audience)
    issued, expires, token_id, user = claims["iat"], claims["exp"], claims["jti"], claims.get("sub")
    # PyJWT takes "60" and True for numbers.
    if type(issued) is not int or type(expires) is not int:
        raise CallRefusedError("its times are no whole numbers")
    if not 0 < expires - issued <= LIFETIME_SECONDS:
        raise CallRefusedError(f"it is good for longer than {LIFETIME_SECONDS} s")
    if not isinstance(token_id, str) or not 0 < len(token_id) <= _LONGEST_ID:
        raise CallRefusedError("its jti is no usable id")
    if user is not None and not isinstance(user, str):
        raise CallRefusedError("its sub is no text")
    _check_target(claims, call)
    return Caller(user=user, token_id=token_id, expires_at=expires)
