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
from airfleet.django.triggering import trigger_run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.utils.safestring import SafeString

    from airfleet.client import Trigger
    from airfleet.django.conf_template import ConfTemplate
    from airfleet.django.subject_mixin import AirfleetSubjectMixin


class ShowsMessages(Protocol):
    """What an action needs of its ModelAdmin."""

    def message_user(self, request: HttpRequest, message: str | SafeString, level: int) -> None:
        """Shows a message on the next page."""


@dataclass(frozen=True, kw_only=True)
class TriggerAction:
    """An entry of the action menu that triggers a DAG.

    `bulk` asks for one run about all selected objects instead of one run each. `before` is called with the objects of a
    run before it is asked for, to set a status such as "queued"; `refused` when no run will come of it. Both may be
    called again when a form is sent twice.
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
    most: int = 200
    """Objects per request when each gets a run of its own; more would keep the page waiting. Ask in bulk instead."""

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


def _ask(action: TriggerAction, request: HttpRequest, objects: Sequence[AirfleetSubjectMixin]) -> list[Trigger]:
    if action.before is not None:
        action.before(objects)
    try:
        return trigger_run(
            objects,
            action.dag_id,
            action.conf,
            instances=action.instances,
            note=action.note,
            unpause=action.unpause,
            wait_seconds=action.wait_seconds,
            idempotency_key=_key_of(action, request, objects),
        )
    except (AirfleetError, ValueError):
        if action.refused is not None:
            action.refused(objects)
        raise


def _address(trigger: Trigger) -> str:
    run = trigger.get("run")
    return (run["ui_url"] if run else None) or trigger.get("ui_url") or ""


def _show(model_admin: ShowsMessages, request: HttpRequest, triggers: Sequence[Trigger]) -> None:
    accepted = [trigger for trigger in triggers if trigger["state"] in {"pending", "sending", "accepted"}]
    for trigger in triggers:
        if trigger not in accepted:
            reason = (trigger["error"] or {}).get("detail") or trigger["state"]
            model_admin.message_user(request, f"{trigger['dag_id']} on {trigger['instance']}: {reason}", messages.ERROR)
        for warning in trigger["warnings"]:
            text = warning.get("message") or warning.get("detail") if isinstance(warning, dict) else warning
            model_admin.message_user(request, f"{trigger['dag_id']} on {trigger['instance']}: {text}", messages.WARNING)
    if not accepted:
        return
    links = format_html_join(
        ", ",
        '<a href="{}">{}</a>',
        ((_address(trigger), trigger["dag_run_id"]) for trigger in accepted),
    )
    number = f"{len(accepted)} run{'' if len(accepted) == 1 else 's'}"
    text = format_html("Asked for {} of {}: {}", number, accepted[0]["dag_id"], links)
    model_admin.message_user(request, text, messages.SUCCESS)


def run_action(
    action: TriggerAction, model_admin: ShowsMessages, request: HttpRequest, objects: Sequence[AirfleetSubjectMixin]
) -> None:
    """Triggers and says on the page what came of it, with the addresses of the runs."""
    if not read_configuration().is_enabled:
        model_admin.message_user(request, NOT_ENABLED, messages.WARNING)
        return
    if not action.bulk and len(objects) > action.most:
        text = f"{len(objects)} objects are selected; {action.description} takes at most {action.most} at once."
        model_admin.message_user(request, text, messages.ERROR)
        return
    groups = [objects] if action.bulk else [[each] for each in objects]
    triggers: list[Trigger] = []
    try:
        for group in groups:
            triggers += _ask(action, request, group)
    except (AirfleetError, ValueError) as error:
        left = f" {len(groups) - len(triggers)} of {len(groups)} were not asked for." if len(groups) > 1 else ""
        model_admin.message_user(request, f"{action.description}: {error}{left}", messages.ERROR)
    _show(model_admin, request, triggers)
