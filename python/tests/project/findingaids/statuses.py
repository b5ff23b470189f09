"""The owner's own statuses, as the seed's app sets them when a job ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.project.findingaids.models import FindingAid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import Model

    from airfleet.django.models import MirroredRun

DONE = {"queued_preview": "previewed", "queued_publish": "published"}
BROKEN = {"queued_preview": "preview_error", "queued_publish": "publish_error"}


def queue(objects: Sequence[FindingAid]) -> None:
    """Before a trigger: what is or was to be published stays so."""
    for each in objects:
        each.status = "queued_publish" if "publish" in each.status else "queued_preview"
        each.save(update_fields=["status"])


def refuse(objects: Sequence[FindingAid]) -> None:
    for each in objects:
        each.status = BROKEN.get(each.status, each.status)
        each.save(update_fields=["status"])


def aids_in(objects: Sequence[Model]) -> list[FindingAid]:
    """A run may be about objects of several models; scans have no status."""
    return [each for each in objects if isinstance(each, FindingAid)]


def follow_run(run: MirroredRun, objects: Sequence[Model], **_: Any) -> None:
    if run.job_status == "running":
        return
    words = DONE if run.job_status == "succeeded" else BROKEN
    for each in aids_in(objects):
        each.status = words.get(each.status, each.status)
        each.save(update_fields=["status"])


def follow_trigger(state: str, objects: Sequence[Model], **_: Any) -> None:
    if state in {"rejected", "failed", "expired"}:
        refuse(aids_in(objects))
