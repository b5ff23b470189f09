"""Acts on a verified message: the mirror first, then whoever listens to the signals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from airfleet.django.connection import connect
from airfleet.django.mirror import apply_run, own_subjects, remove_runs
from airfleet.django.models import MirroredRun, ReceivedWebhook
from airfleet.django.signals import run_changed, subject_changed, trigger_changed
from airfleet.django.subject_mixin import objects_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from airfleet.client import Webhook
    from airfleet.django.mirror import MirrorChange

_ROW = ("instance", "dag_id", "dag_run_id", "state")
"""What a row cannot do without. Airfleet leaves out the rest of a message that would be too long."""


def _whole(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """The message with what it takes to make a row; asks Airfleet only when the message tells too little."""
    return data if all(data.get(name) for name in _ROW) else {**connect().run(str(data["id"])), **data}


def announce(change: MirrorChange) -> None:
    """Tells the owner of the objects that a run of theirs has another state."""
    about = change.run.subjects.values_list("type", "subject_id")
    run_changed.send(sender=MirroredRun, run=change.run, before=change.before, objects=objects_of(about))


def _run_changed(data: Mapping[str, Any]) -> None:
    change = apply_run(_whole(data))
    if change is not None and change.is_change:
        announce(change)


def _run_removed(data: Mapping[str, Any]) -> None:
    remove_runs([str(data["id"])])


def _subject_changed(data: Mapping[str, Any]) -> None:
    for kind, name in own_subjects([data]):
        found = objects_of([(kind, name)])
        subject_changed.send(
            sender=found[0].__class__ if found else None,
            subject_type=kind,
            subject_id=name,
            object=found[0] if found else None,
            data=data,
        )


def _trigger_changed(data: Mapping[str, Any]) -> None:
    trigger_changed.send(
        sender=None,
        trigger_id=str(data.get("id", "")),
        state=str(data.get("state", "")),
        objects=objects_of(own_subjects(data.get("subjects") or ())),
        data=data,
    )


_HANDLERS: dict[str, Callable[[Mapping[str, Any]], None]] = {
    "run.changed": _run_changed,
    "run.removed": _run_removed,
    "subject.changed": _subject_changed,
    "trigger.changed": _trigger_changed,
}


@transaction.atomic
def receive_webhook(message: Webhook) -> bool:
    """Acts on a message once, whatever number of times it comes. False when it was acted on before.

    Everything happens in one transaction: what a receiver of a signal refuses leaves no trace, so that the delivery can
    be repeated.
    """
    _, is_new = ReceivedWebhook.objects.get_or_create(webhook_id=message.id, defaults={"type": message.type})
    handle = _HANDLERS.get(message.type)
    if is_new and handle is not None:
        # Airfleet's time of the event stands for the time of the change where the data does not say.
        handle({"changed_at": message.occurred_at, **message.data})
    return is_new
