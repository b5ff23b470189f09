"""Admin actions that ask for runs about the selected objects."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from django.contrib import messages
from django.utils.html import format_html, format_html_join

from airfleet.client import AirfleetError
from airfleet.django.admin.trigger_form import NONCE
from airfleet.django.configuration import NOT_ENABLED, read_configuration
from airfleet.django.connection import connect
from airfleet.django.triggering import trigger_item

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.utils.safestring import SafeString

    from airfleet.client import Trigger, TriggerOutcome
    from airfleet.django.conf_template import ConfTemplate
    from airfleet.django.subject_mixin import AirfleetSubjectMixin


MOST_RUNS = 1_000
"""What Airfleet takes in one request."""

LINKS_SHOWN = 20

_UNDER_WAY = frozenset({"pending", "sending", "accepted"})
_NO_REASON = {"message": "no run will come of it"}


class ShowsMessages(Protocol):
    """What an action needs of its ModelAdmin."""

    def message_user(self, request: HttpRequest, message: str | SafeString, level: int) -> None:
        """Shows a message on the next page."""


@dataclass(frozen=True, kw_only=True)
class TriggerAction:
    """An entry of the action menu that triggers a DAG.

    `bulk` asks for one run about all selected objects instead of one run each. `before` is called with the objects
    before runs are asked for, to set a status such as "queued"; `refused` with those of which no run will come. Both
    are called again when a form is sent twice.
    """

    name: str
    description: str
    dag_id: str
    conf: ConfTemplate | None = None
    bulk: bool = False
    instances: Sequence[str] | None = None
    note: str = ""
    unpause: bool = False
    wait_seconds: int | None = None
    permission: str = "change"
    before: Callable[[Sequence[Any]], None] | None = None
    refused: Callable[[Sequence[Any]], None] | None = None

    def __call__(self, model_admin: ShowsMessages, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """What Django calls with the selected objects."""
        run_action(self, model_admin, request, list(queryset))


def _key_of(action: TriggerAction, request: HttpRequest, objects: Sequence[AirfleetSubjectMixin]) -> str | None:
    """The same page sent twice gives the same key, another page another one."""
    # The CSRF field is drawn anew for each page too, and is there when a list has an action form of its own.
    nonce = request.POST.get(NONCE) or request.POST.get("csrfmiddlewaretoken")
    if not nonce:
        return None
    about = sorted(str(each.pk) for each in objects)
    asked = json.dumps([str(request.user.pk), nonce, action.name, action.dag_id, about])
    return f"django-{hashlib.sha256(asked.encode()).hexdigest()}"


def _ask(
    action: TriggerAction, request: HttpRequest, groups: Sequence[Sequence[AirfleetSubjectMixin]]
) -> list[TriggerOutcome]:
    """One request for all of them, so that they are asked for together or not at all."""
    client = connect()
    items = [
        trigger_item(
            group, action.dag_id, action.conf, instances=action.instances, note=action.note, unpause=action.unpause
        )
        for group in groups
    ]
    everybody = [each for group in groups for each in group]
    if action.before is not None:
        action.before(everybody)
    key = _key_of(action, request, everybody)
    try:
        return client.trigger_batch(items, wait_seconds=action.wait_seconds, idempotency_key=key)
    except AirfleetError:
        if action.refused is not None:
            action.refused(everybody)
        raise


def _address(trigger: Trigger) -> str:
    address = trigger["ui_url"] or ""
    return address if address.startswith(("http://", "https://")) else ""


def _say_refusals(
    action: TriggerAction,
    model_admin: ShowsMessages,
    request: HttpRequest,
    outcomes: Sequence[tuple[Sequence[AirfleetSubjectMixin], TriggerOutcome]],
) -> None:
    for group, outcome in outcomes:
        name = group[0].airfleet_subject_label if len(group) == 1 else f"{len(group)} objects"
        rejected = [trigger for trigger in outcome["triggers"] if trigger["state"] not in _UNDER_WAY]
        reasons = [f"{trigger['instance']}: {(trigger['error'] or _NO_REASON)['message']}" for trigger in rejected]
        if outcome["error"] is not None:
            reasons.append(outcome["error"]["message"])
        for reason in reasons:
            model_admin.message_user(request, f"{action.description}, {name}: {reason}", messages.ERROR)
        if reasons and len(rejected) == len(outcome["triggers"]) and action.refused is not None:
            action.refused(group)


def _say_accepted(model_admin: ShowsMessages, request: HttpRequest, triggers: Sequence[Trigger]) -> None:
    for trigger in triggers:
        for warning in trigger["warnings"]:
            text = f"{trigger['dag_id']} on {trigger['instance']}: {warning['message']}"
            model_admin.message_user(request, text, messages.WARNING)
    if not triggers:
        return
    links = format_html_join(
        ", ", '<a href="{}">{}</a>', ((_address(trigger), trigger["dag_run_id"]) for trigger in triggers[:LINKS_SHOWN])
    )
    number = f"{len(triggers)} run{'' if len(triggers) == 1 else 's'}"
    more = f" and {len(triggers) - LINKS_SHOWN} more" if len(triggers) > LINKS_SHOWN else ""
    text = format_html("Asked for {} of {}: {}{}", number, triggers[0]["dag_id"], links, more)
    model_admin.message_user(request, text, messages.SUCCESS)


def run_action(
    action: TriggerAction, model_admin: ShowsMessages, request: HttpRequest, objects: Sequence[AirfleetSubjectMixin]
) -> None:
    """Triggers and says on the page what came of it, with the addresses of the runs."""
    if not read_configuration().is_enabled:
        model_admin.message_user(request, NOT_ENABLED, messages.WARNING)
        return
    groups = [objects] if action.bulk else [[each] for each in objects]
    if len(groups) > MOST_RUNS:
        text = f"{len(groups)} objects are selected; {action.description} takes at most {MOST_RUNS} at once."
        model_admin.message_user(request, text, messages.ERROR)
        return
    try:
        outcomes = _ask(action, request, groups)
    except (AirfleetError, ValueError) as error:
        model_admin.message_user(request, f"{action.description}: {error}", messages.ERROR)
        return
    _say_refusals(action, model_admin, request, [(groups[outcome["index"]], outcome) for outcome in outcomes])
    triggers = [trigger for outcome in outcomes for trigger in outcome["triggers"] if trigger["state"] in _UNDER_WAY]
    _say_accepted(model_admin, request, triggers)
