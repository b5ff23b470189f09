"""Asks Airfleet for runs about objects."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from airfleet.django.conf_template import fill_conf
from airfleet.django.configuration import read_configuration
from airfleet.django.connection import connect

if TYPE_CHECKING:
    import datetime
    from collections.abc import Sequence

    from airfleet.client import Trigger, TriggerItem
    from airfleet.django.conf_template import ConfTemplate
    from airfleet.django.subject_mixin import AirfleetSubjectMixin

_OUTSIDE_RUN_IDS = re.compile(r"[^A-Za-z0-9_.~:+-]+")
_PREFIX_CHARACTERS = 100
"""Of a run id's 250: the rest is the time and what makes it unique."""


def run_id_prefix(objects: Sequence[AirfleetSubjectMixin], project_name: str) -> str | None:
    """The seed's prefix: `<project>__<id>` for one object (`/` becomes `:`), `<project>__bulk` for more."""
    if not project_name:
        return None
    about = str(objects[0].pk).replace("/", ":") if len(objects) == 1 else "bulk"
    # Airflow refuses two dots in a row in a run id.
    prefix = _OUTSIDE_RUN_IDS.sub("-", f"{project_name}__{about}").replace("..", ".")
    return prefix[:_PREFIX_CHARACTERS]


def run_note(note: str, project_name: str) -> str | None:
    """The seed's note: `<note> | Triggered using Airfleet from <project>`, or only one of the two."""
    origin = f"Triggered using Airfleet from {project_name}" if project_name else ""
    return " | ".join(part for part in (note, origin) if part) or None


def trigger_item(  # noqa: PLR0913 (all but three by name)
    objects: Sequence[AirfleetSubjectMixin],
    dag_id: str,
    conf_template: ConfTemplate | None = None,
    *,
    instances: Sequence[str] | None = None,
    note: str = "",
    dag_run_id_prefix: str | None = None,
    logical_date: datetime.datetime | None = None,
    unpause: bool = False,
) -> TriggerItem:
    """What a run about all of these objects together is asked for with.

    Args:
        objects: What the run is about; one, or many for a bulk run.
        dag_id: The DAG.
        conf_template: See :mod:`airfleet.django.conf_template`; a callable gets the objects.
        instances: Instead of `AIRFLEET_INSTANCES`.
        note: Shown with the run; the project's name is added.
        dag_run_id_prefix: Instead of the seed's `<project>__<id>`.
        logical_date: Aware.
        unpause: Also unpauses the DAG.

    Raises:
        ConfTemplateError: The template names what an object does not have.
        ValueError: There is no instance, or the date has no zone.

    """
    configuration = read_configuration()
    chosen = list(instances or configuration.instances)
    if not chosen:
        raise ValueError("No instance to trigger on. Set AIRFLEET_INSTANCES, or name one in the call.")
    item: TriggerItem = {
        "dag_id": dag_id,
        "instances": chosen,
        "conf": fill_conf(conf_template, objects),
        "subjects": [each.to_airfleet_subject() for each in objects],
    }
    prefix = dag_run_id_prefix or run_id_prefix(objects, configuration.project_name)
    if prefix is not None:
        item["dag_run_id_prefix"] = prefix
    text = run_note(note, configuration.project_name)
    if text is not None:
        item["note"] = text
    if logical_date is not None:
        if logical_date.tzinfo is None:
            raise ValueError(f"logical_date is {logical_date.isoformat()}, without a time zone; one is needed.")
        item["logical_date"] = logical_date.isoformat()
    if unpause:
        item["unpause"] = True
    return item


def trigger_run(
    objects: Sequence[AirfleetSubjectMixin],
    dag_id: str,
    conf_template: ConfTemplate | None = None,
    *,
    idempotency_key: str | None = None,
    wait_seconds: int | None = None,
    **options: Any,
) -> list[Trigger]:
    """Asks for one run on each instance, about all of the objects together.

    Args:
        objects: What the run is about.
        dag_id: The DAG.
        conf_template: See :mod:`airfleet.django.conf_template`.
        idempotency_key: The same key always means the same runs. Without one, each call means new ones.
        wait_seconds: Waits until Airflow has the run, at most 25 s, so that the answer tells of a refusal.
        options: As for :func:`trigger_item`.

    Raises:
        AirfleetDisabledError: Airflow is not enabled.
        AirfleetApiError: Airfleet refused; `code` says why.
        AirfleetConnectionError: Airfleet did not answer; the same key may be tried again.

    """
    client = connect()
    item = trigger_item(objects, dag_id, conf_template, **options)
    return client.trigger(item, wait_seconds=wait_seconds, idempotency_key=idempotency_key)
