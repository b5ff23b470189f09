"""Tells Airfleet about this project: where to send messages, and what to keep of its objects' runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

from airfleet.client import AirfleetApiError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airfleet.client import Airfleet

RetentionRule = Literal["everything", "latest_success_and_newest", "older_than_latest_success"]
RETENTION_RULES: tuple[RetentionRule, ...] = ("everything", "latest_success_and_newest", "older_than_latest_success")

EVENTS = ("run.changed", "run.removed", "trigger.changed", "subject.changed")
"""What the webhook of this app acts on."""


def create_webhook(client: Airfleet, name: str, url: str, subject_types: Sequence[str]) -> str | None:
    """Makes the webhook and answers its secret; None when there is one of that name already."""
    body = {
        "id": name,
        "url": url,
        "description": "Made by manage.py airfleet_setup",
        "events": EVENTS,
        "subject_types": subject_types,
        "include_conf": True,
    }
    try:
        made = client.exchange.json("POST", "/api/v1/webhooks", body=body)
    except AirfleetApiError as error:
        if error.code == "DOCUMENT_EXISTS":
            return None
        raise
    return cast("str", made["key"])


def put_retention(client: Airfleet, name: str, subject_type: str, rule: RetentionRule) -> bool:
    """Says what is kept of the runs of these objects; False when there is a policy of that name, which stays."""
    policy = {
        "description": "Made by manage.py airfleet_setup",
        "scope": {"subject_type": subject_type},
        "rule": {"keep": rule},
    }
    path = f"/api/v1/retention-policies/{name}"
    try:
        # Without If-Match only a new one is written.
        client.exchange.json("PUT", path, body=policy)
    except AirfleetApiError as error:
        if error.code in {"DOCUMENT_EXISTS", "VERSION_MISSING"}:
            return False
        raise
    return True
