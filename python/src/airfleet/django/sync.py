"""Brings the mirror to what Airfleet has: what webhooks did not tell, and what Airfleet has dropped.

One pass per subject type walks Airfleet's subjects in order. A subject whose version and number of runs are those of
the mirror costs nothing; the runs of any other are read and replaced. After each page the place is written down, so
that an interrupted pass goes on there; what it did of a page before is done again, which changes nothing. Subjects that
a whole pass did not meet are gone.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from airfleet.client import AirfleetApiError
from airfleet.django.mirror import apply_run, mirrored_subjects, parse_time, refresh_newest
from airfleet.django.models import MirroredRun, MirroredSubject, ReceivedWebhook, SyncProgress
from airfleet.django.receive import announce
from airfleet.django.subject_mixin import subject_models

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

    from airfleet.client import Airfleet, Run
    from airfleet.client.exchange import Query

PAGE_SIZE = 200
KEEP_WEBHOOK_IDS = datetime.timedelta(days=7)
"""Longer than Airfleet repeats a delivery (about three days)."""


@dataclass(kw_only=True)
class SyncCounts:
    """What a pass did."""

    subjects: int = 0
    runs_written: int = 0
    runs_removed: int = 0

    def __str__(self) -> str:
        return f"{self.subjects} subjects looked at, {self.runs_written} runs written, {self.runs_removed} removed"


def _drop_orphans() -> int:
    """Forgets runs that no subject of ours has any more; imported ones included."""
    _, counts = MirroredRun.objects.filter(subjects__isnull=True).delete()
    return counts.get(MirroredRun._meta.label, 0)


def _replace_runs(client: Airfleet, row: MirroredSubject, counts: SyncCounts) -> None:
    """Makes the mirror's runs of a subject those of Airfleet."""
    began = timezone.now()
    # Read before anything is written: no transaction waits for the network.
    runs = list(client.runs(subject_type=row.type, subject_id=row.subject_id, limit=1_000))
    for run in runs:
        _write_run(row, run, counts)
    _forget_gone(row, {run["id"] for run in runs}, began)


@transaction.atomic
def _write_run(row: MirroredSubject, run: Run, counts: SyncCounts) -> None:
    """One transaction for each run, as for a message: who held two of them could wait for a message, and it for us."""
    # The subject asked for may not be among the first that the run names.
    about = [*run["subjects"], {"type": row.type, "id": row.subject_id}]
    change = apply_run({**run, "subjects": about})
    counts.runs_written += change is not None
    if change is not None and change.is_change:
        announce(change)


@transaction.atomic
def _forget_gone(row: MirroredSubject, found: Container[str], began: datetime.datetime) -> None:
    # What a webhook brought since is not gone, it is newer than what was read.
    present = row.runs.filter(is_imported=False, seen_at__lt=began)
    row.runs.remove(*[run for run in present if run.pk not in found])
    refresh_newest([row.pk])


def _is_current(row: MirroredSubject, subject: Mapping[str, Any], runs_known: int) -> bool:
    changed_at = parse_time(subject["changed_at"])
    return row.changed_at is not None and row.changed_at == changed_at and subject["counts"]["total"] == runs_known


def _read_page(client: Airfleet, progress: SyncProgress) -> dict[str, Any]:
    query: Query = {"type": progress.subject_type, "limit": PAGE_SIZE, "cursor": progress.cursor or None}
    try:
        return cast("dict[str, Any]", client.exchange.json("GET", "/api/v1/subjects", query=query))
    except AirfleetApiError as error:
        if error.code != "CURSOR_INVALID":
            raise
        # The server that gave the cursor is not the one that reads it: the pass begins again.
        return cast("dict[str, Any]", client.exchange.json("GET", "/api/v1/subjects", query={**query, "cursor": None}))


def _take_page(client: Airfleet, progress: SyncProgress, page: Mapping[str, Any], counts: SyncCounts) -> None:
    pairs = [(progress.subject_type, str(subject["id"])) for subject in page["items"]]
    rows = {row.subject_id: row for row in mirrored_subjects([pair for pair in pairs if len(pair[1]) <= 255])}  # noqa: PLR2004
    keys = [row.pk for row in rows.values()]
    known = dict(
        MirroredSubject.objects.filter(pk__in=keys, runs__is_imported=False)
        .annotate(number=Count("runs"))
        .values_list("pk", "number")
    )
    for subject in page["items"]:
        row = rows.get(str(subject["id"]))
        if row is None:
            continue
        counts.subjects += 1
        if not _is_current(row, subject, known.get(row.pk, 0)):
            _replace_runs(client, row, counts)
        MirroredSubject.objects.filter(pk=row.pk).update(
            changed_at=parse_time(subject["changed_at"]), seen_in_pass=progress.number
        )
    progress.cursor = page["next_cursor"] or ""
    progress.save()


@transaction.atomic
def _finish(progress: SyncProgress, counts: SyncCounts) -> None:
    """Forgets what a whole pass did not meet, and begins the next one."""
    missing = MirroredSubject.objects.filter(type=progress.subject_type).exclude(seen_in_pass=progress.number)
    # Those with imported runs only are unknown to Airfleet and yet of use.
    for row in missing.exclude(runs__is_imported=True):
        row.delete()
    counts.runs_removed += _drop_orphans()
    progress.number += 1
    progress.finished_at = timezone.now()
    progress.save()


def sync_type(client: Airfleet, subject_type: str, *, from_start: bool = False) -> SyncCounts:
    """One pass over a subject type, from where an interrupted one stopped."""
    progress, _ = SyncProgress.objects.get_or_create(subject_type=subject_type)
    if from_start:
        progress.cursor = ""
        MirroredSubject.objects.filter(type=subject_type).update(changed_at=None)
    counts = SyncCounts()
    while True:
        page = _read_page(client, progress)
        _take_page(client, progress, page, counts)
        if not progress.cursor:
            _finish(progress, counts)
            return counts


def sync(client: Airfleet, *, from_start: bool = False) -> Iterator[tuple[str, SyncCounts]]:
    """One pass over every subject type of this project, and what it did."""
    ReceivedWebhook.objects.filter(received_at__lt=timezone.now() - KEEP_WEBHOOK_IDS).delete()
    for subject_type in sorted(subject_models()):
        yield subject_type, sync_type(client, subject_type, from_start=from_start)
