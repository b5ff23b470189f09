"""A small typed client of an Airfleet server. Needs the standard library only, so that any task can use it."""

from airfleet.client.client import Airfleet
from airfleet.client.errors import AirfleetApiError, AirfleetConnectionError, AirfleetError, WebhookInvalidError
from airfleet.client.retry import RetryPolicy
from airfleet.client.run_id import run_id_of
from airfleet.client.views import (
    LogLine,
    Run,
    Subject,
    SubjectRef,
    TaskInstance,
    Trigger,
    TriggerItem,
    TriggerOutcome,
)
from airfleet.client.webhook import Webhook, sign_webhook, verify_webhook

__all__ = [
    "Airfleet",
    "AirfleetApiError",
    "AirfleetConnectionError",
    "AirfleetError",
    "LogLine",
    "RetryPolicy",
    "Run",
    "Subject",
    "SubjectRef",
    "TaskInstance",
    "Trigger",
    "TriggerItem",
    "TriggerOutcome",
    "Webhook",
    "WebhookInvalidError",
    "run_id_of",
    "sign_webhook",
    "verify_webhook",
]
