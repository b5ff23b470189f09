"""`manage.py airfleet_sync`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from airfleet.client import AirfleetError
from airfleet.django.connection import connect
from airfleet.django.sync import sync

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """Run it every few minutes beside the webhook, or more often instead of it."""

    help = "Brings the mirror of runs to what Airfleet has. An interrupted pass goes on where it stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Names the one option."""
        parser.add_argument("--from-start", action="store_true", help="read every subject again, not only changed ones")

    def handle(self, *args: Any, **options: Any) -> None:
        """Says what was done per subject type."""
        del args
        try:
            for subject_type, counts in sync(connect(), from_start=options["from_start"]):
                self.stdout.write(f"{subject_type}: {counts}")
        except AirfleetError as error:
            raise CommandError(f"{error.code}: {error}") from error
