"""The status of a book follows its runs."""

from collections.abc import Sequence
from typing import Any

from airfleet.django.models import MirroredRun
from catalogue.models import Book


def queue(books: Sequence[Book]) -> None:
    """Before a run is asked for."""
    Book.objects.filter(pk__in=[book.pk for book in books]).update(status="queued")


def follow_run(run: MirroredRun, objects: Sequence[Any], **_: Any) -> None:
    """When a run about books has changed. `job_status` has the three words running, succeeded, failed."""
    status = {"running": "queued", "succeeded": "published", "failed": "error"}[run.job_status]
    books = [each.pk for each in objects if isinstance(each, Book)]
    Book.objects.filter(pk__in=books).update(status=status)
