"""Messages that Airfleet signs and sends: Standard Webhooks 1.0 (https://www.standardwebhooks.com).

A message carries `webhook-id`, `webhook-timestamp` (Unix seconds) and `webhook-signature`: one or more
`v1,<base64 of HMAC-SHA256>` over `id.timestamp.body`, several while a secret is being replaced.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airfleet.client.errors import WebhookInvalidError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TOLERANCE_SECONDS = 300
"""How far a message's time may lie from ours; also what the standard's own libraries allow."""

_SECRET_PREFIX = "whsec_"  # noqa: S105 (what every secret begins with)
_VERSION = "v1"


@dataclass(frozen=True, kw_only=True)
class Webhook:
    """A message that was verified. The same `id` comes again when a delivery is repeated: act on it once."""

    id: str
    timestamp: int
    """When it was sent, Unix seconds; a repetition has a later one."""
    type: str
    occurred_at: str | None
    """When it happened, RFC 3339; a repetition has the same."""
    data: Mapping[str, object]


def decode_secret(secret: str) -> bytes:
    """The key of a `whsec_…` secret. Raises ValueError when it is none."""
    text = secret.removeprefix(_SECRET_PREFIX)
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("A webhook secret is `whsec_` and base64; this one is not base64.") from error
    if not key:
        raise ValueError("A webhook secret is `whsec_` and base64; this one is empty.")
    return key


def sign_webhook(body: bytes, *, webhook_id: str, timestamp: int, secret: str) -> str:
    """The signature a message must carry; for tests of your own receiver."""
    digest = hmac.new(decode_secret(secret), b".".join((webhook_id.encode(), b"%d" % timestamp, body)), hashlib.sha256)
    return f"{_VERSION},{base64.b64encode(digest.digest()).decode()}"


def _read_timestamp(text: str, tolerance_seconds: float, now: float) -> int:
    if not (text.isascii() and text.isdigit()):
        raise WebhookInvalidError("SIGNATURE_MISSING", f"webhook-timestamp is {text!r}; Unix seconds are expected.")
    timestamp = int(text)
    if abs(now - timestamp) > tolerance_seconds:
        raise WebhookInvalidError(
            "TIMESTAMP_OUT_OF_RANGE",
            f"webhook-timestamp is {timestamp}, {abs(now - timestamp):.0f} s from now; "
            f"{tolerance_seconds:g} s are allowed. Is this machine's clock right?",
        )
    return timestamp


def _read_body(body: bytes) -> tuple[str, str | None, Mapping[str, object]]:
    try:
        message = json.loads(body)
    except ValueError as error:
        raise WebhookInvalidError("BODY_UNREADABLE", f"The signed body is no JSON: {error}.") from error
    kind = message.get("type") if isinstance(message, dict) else None
    data = message.get("data") if isinstance(message, dict) else None
    if not isinstance(kind, str) or not isinstance(data, dict):
        raise WebhookInvalidError("BODY_UNREADABLE", "The signed body has no `type` and `data`; is it Airfleet's?")
    occurred_at = message.get("timestamp")
    return kind, occurred_at if isinstance(occurred_at, str) else None, data


def verify_webhook(
    body: bytes,
    headers: Mapping[str, str],
    secrets: str | Sequence[str],
    *,
    tolerance_seconds: float = TOLERANCE_SECONDS,
    now: float | None = None,
) -> Webhook:
    """Reads a message after proving that it comes from who has one of the secrets, and from about now.

    Args:
        body: The bytes as they came; parsing and printing them again would break the signature.
        headers: Any mapping, names in any case.
        secrets: `whsec_…`; two while one replaces the other.
        tolerance_seconds: How far the message's time may lie from ours.
        now: Unix seconds instead of the clock's.

    Raises:
        WebhookInvalidError: SIGNATURE_MISSING, SIGNATURE_INVALID, TIMESTAMP_OUT_OF_RANGE, BODY_UNREADABLE.
        ValueError: A secret is none, or there is none.

    """
    known = [secrets] if isinstance(secrets, str) else list(secrets)
    if not known:
        raise ValueError("There is no webhook secret to verify with.")
    by_name = {name.lower(): value for name, value in headers.items()}
    webhook_id = by_name.get("webhook-id", "")
    signatures = by_name.get("webhook-signature", "").split()
    if not webhook_id or not signatures:
        raise WebhookInvalidError("SIGNATURE_MISSING", "The request lacks webhook-id or webhook-signature.")
    timestamp = _read_timestamp(
        by_name.get("webhook-timestamp", ""), tolerance_seconds, time.time() if now is None else now
    )
    given = [signature.encode() for signature in signatures]
    # Every pair is compared, whether or not one fitted, so that the time taken tells nothing.
    fits = [
        hmac.compare_digest(
            sign_webhook(body, webhook_id=webhook_id, timestamp=timestamp, secret=secret).encode(), signature
        )
        for secret in known
        for signature in given
    ]
    if not any(fits):
        raise WebhookInvalidError(
            "SIGNATURE_INVALID", f"No signature of webhook {webhook_id!r} fits. Is the secret the endpoint's own?"
        )
    kind, occurred_at, data = _read_body(body)
    return Webhook(id=webhook_id, timestamp=timestamp, type=kind, occurred_at=occurred_at, data=data)
