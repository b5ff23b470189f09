"""Takes over the seed's JobRuns: those that Airfleet knows get their objects there, the others a row of the mirror."""

from __future__ import annotations

import datetime
import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from airfleet.client import AirfleetApiError, run_id_of
from airfleet.django.mirror import link_subjects
from airfleet.django.models import MirroredRun
from airfleet.django.subject_mixin import AirfleetSubjectMixin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from django.db.models import Model

    from airfleet.client import Airfleet

JobOutcome = Literal["tied in Airfleet", "kept here", "without a run id", "about no subject"]

_STATES = {"succeeded": "success", "failed": "failed"}
_TIME_IN_ID = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:\+\d\d:\d\d|Z)?")
_LONG_AGO = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def _aware(time: datetime.datetime) -> datetime.datetime:
    return time if time.tzinfo is not None else time.replace(tzinfo=datetime.timezone.utc)


def _due_at(job: Any) -> datetime.datetime:
    """The logical date, else the time that the seed wrote into its run ids, else long ago: order is all it is for."""
    if job.logical_date is not None:
        return _aware(job.logical_date)
    found = _TIME_IN_ID.search(job.dag_run_id)
    parsed = parse_datetime(found[0]) if found else None
    return _LONG_AGO if parsed is None else _aware(parsed)


def _conf(text: str) -> dict[str, Any]:
    try:
        conf = json.loads(text or "{}")
    except ValueError:
        return {"text": text}
    return conf if isinstance(conf, dict) else {"value": conf}


def _keep_here(job: Any, run_id: str, instance: str) -> MirroredRun:
    """A row for a run that Airfleet does not know; one that came from Airfleet stays as it is."""
    address = f"{job.airflow_url}/dags/{quote(job.dag_id)}/grid?dag_run_id={quote(job.dag_run_id, safe='')}"
    run, _ = MirroredRun.objects.get_or_create(
        pk=run_id,
        defaults={
            "instance": instance,
            "dag_id": job.dag_id,
            "dag_run_id": job.dag_run_id,
            # Running for ever was what the seed said of a run that Airflow had no more.
            "state": _STATES.get(job.status, "lost"),
            "logical_date": None if job.logical_date is None else _aware(job.logical_date),
            "due_at": _due_at(job),
            "conf": _conf(job.dag_run_conf),
            "ui_url": address if address.startswith(("http://", "https://")) else "",
            "is_imported": True,
            "changed_at": timezone.now(),
        },
    )
    return run


def _subjects_of(job: Any) -> list[AirfleetSubjectMixin]:
    return [each for each in job.related_models.all() if isinstance(each, AirfleetSubjectMixin)]


def _import_job(
    job: Any, instance: str, objects: Sequence[AirfleetSubjectMixin], client: Airfleet | None, *, dry_run: bool
) -> JobOutcome:
    run_id = run_id_of(instance, job.dag_id, job.dag_run_id)
    if client is not None:
        try:
            if dry_run:
                client.run(run_id)
            else:
                client.add_subjects(run_id, [each.to_airfleet_subject() for each in objects])
        except AirfleetApiError as error:
            if error.code != "RUN_KEY_UNKNOWN":
                raise
        else:
            return "tied in Airfleet"
    if not dry_run:
        with transaction.atomic():
            about = [(each.get_airfleet_subject_type(), str(each.pk)) for each in objects]
            link_subjects(_keep_here(job, run_id, instance), about)
    return "kept here"


def import_jobs(
    jobs: Iterable[Model], *, instance_of: Callable[[str], str], client: Airfleet | None, dry_run: bool = False
) -> Counter[JobOutcome]:
    """Takes over jobs, and counts what became of them. May be repeated.

    Args:
        jobs: Rows of a model with the seed's fields.
        instance_of: The instance at an `airflow_url`.
        client: None keeps all of them here without asking.
        dry_run: Changes nothing, neither here nor in Airfleet.

    """
    outcomes: Counter[JobOutcome] = Counter()
    for each in jobs:
        job: Any = each
        objects = _subjects_of(job)
        if not job.dag_run_id:
            outcomes["without a run id"] += 1
        elif not objects:
            outcomes["about no subject"] += 1
        else:
            outcomes[_import_job(job, instance_of(job.airflow_url), objects, client, dry_run=dry_run)] += 1
    return outcomes
