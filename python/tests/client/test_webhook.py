from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import pytest
from standardwebhooks import Webhook as Oracle

from airfleet.client import WebhookInvalidError, sign_webhook, verify_webhook

SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
OTHER = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOW = 1_795_000_000
BODY = json.dumps({"type": "run.changed", "timestamp": "2026-11-20T03:00:00Z", "data": {"id": "run_é"}}).encode()


def headers_for(body: bytes = BODY, *, secret: str = SECRET, at: int = NOW, name: str = "msg_1") -> dict[str, str]:
    signature = sign_webhook(body, webhook_id=name, timestamp=at, secret=secret)
    return {"Webhook-Id": name, "Webhook-Timestamp": str(at), "Webhook-Signature": signature}


def code_of(body: bytes, headers: dict[str, str], secrets: str | list[str] = SECRET) -> str:
    with pytest.raises(WebhookInvalidError) as caught:
        verify_webhook(body, headers, secrets, now=NOW)
    return caught.value.code


def test_reads_a_message_that_it_signed() -> None:
    message = verify_webhook(BODY, headers_for(), SECRET, now=NOW)
    assert (message.id, message.type, message.occurred_at) == ("msg_1", "run.changed", "2026-11-20T03:00:00Z")
    assert message.data == {"id": "run_é"}


def test_agrees_with_the_standard_s_own_library_both_ways() -> None:
    now = datetime.now(tz=timezone.utc)
    theirs = Oracle(SECRET).sign("msg_2", now, BODY.decode())
    at = int(now.timestamp())
    assert sign_webhook(BODY, webhook_id="msg_2", timestamp=at, secret=SECRET) == theirs
    headers = {"webhook-id": "msg_2", "webhook-timestamp": str(at), "webhook-signature": theirs}
    assert Oracle(SECRET).verify(BODY.decode(), headers) == json.loads(BODY)
    assert verify_webhook(BODY, headers, SECRET).type == "run.changed"


def test_takes_either_secret_while_one_replaces_the_other() -> None:
    assert verify_webhook(BODY, headers_for(secret=OTHER), [SECRET, OTHER], now=NOW).id == "msg_1"
    both = headers_for()
    both["Webhook-Signature"] = f"v1a,AAAA {headers_for(secret=OTHER)['Webhook-Signature']} {both['Webhook-Signature']}"
    assert verify_webhook(BODY, both, SECRET, now=NOW).id == "msg_1"


def test_refuses_another_body_id_time_or_secret() -> None:
    assert code_of(BODY + b" ", headers_for()) == "SIGNATURE_INVALID"
    assert code_of(BODY, {**headers_for(), "Webhook-Id": "msg_3"}) == "SIGNATURE_INVALID"
    assert code_of(BODY, {**headers_for(), "Webhook-Timestamp": str(NOW - 1)}) == "SIGNATURE_INVALID"
    assert code_of(BODY, headers_for(secret=OTHER)) == "SIGNATURE_INVALID"


@pytest.mark.parametrize("distance", [301, -301])
def test_refuses_a_message_of_another_time(distance: int) -> None:
    assert code_of(BODY, headers_for(at=NOW + distance)) == "TIMESTAMP_OUT_OF_RANGE"
    within = int(distance - timedelta(seconds=1).total_seconds() * (1 if distance > 0 else -1))
    assert verify_webhook(BODY, headers_for(at=NOW + within), SECRET, now=NOW).id == "msg_1"


@pytest.mark.parametrize("missing", ["Webhook-Id", "Webhook-Timestamp", "Webhook-Signature"])
def test_refuses_a_message_that_lacks_a_header(missing: str) -> None:
    headers = headers_for()
    del headers[missing]
    assert code_of(BODY, headers) == "SIGNATURE_MISSING"


@pytest.mark.parametrize("time", ["", "soon", "-1", "1e9", "²"])
def test_refuses_a_time_that_is_none(time: str) -> None:
    assert code_of(BODY, {**headers_for(), "Webhook-Timestamp": time}) == "SIGNATURE_MISSING"


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"type":1,"data":{}}', b'{"type":"a","data":[]}', b"\xff"])
def test_refuses_a_signed_body_that_is_no_message(body: bytes) -> None:
    assert code_of(body, headers_for(body)) == "BODY_UNREADABLE"


@pytest.mark.parametrize("secret", ["whsec_", "whsec_not base64!", []])
def test_refuses_to_verify_without_a_usable_secret(secret: str | list[str]) -> None:
    with pytest.raises(ValueError, match="secret"):
        verify_webhook(BODY, headers_for(), secret, now=NOW)
