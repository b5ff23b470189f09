"""`manage.py airfleet_import_jobs findingaids.JobRun`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError

from airfleet.client import AirfleetError
from airfleet.django.configuration import read_configuration
from airfleet.django.connection import connect
from airfleet.django.import_jobs import import_jobs

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Callable

    from django.db.models import Model

_FIELDS = ("dag_id", "dag_run_id", "dag_run_conf", "airflow_url", "logical_date", "status", "related_models")


def _find_model(name: str) -> type[Model]:
    try:
        model: type[Model] = apps.get_model(name)
    except (LookupError, ValueError) as error:
        raise CommandError(f"{name} is no model of this project: {error}") from error
    has = {field.name for field in model._meta.get_fields()}
    missing = [field for field in _FIELDS if field not in has]
    if missing:
        raise CommandError(f"{name} is no JobRun: it has no {', '.join(missing)}.")
    return model


def _instance_finder(pairs: list[str]) -> Callable[[str], str]:
    """Which instance is at an address; with one instance in the settings, that one is at all others."""
    named = dict(pair.rsplit("=", 1) for pair in pairs if "=" in pair)
    if len(named) != len(pairs):
        raise CommandError("--instance takes AIRFLOW_URL=INSTANCE, such as https://airflow.example.org=eu-prod-1.")
    known = read_configuration().instances

    def find(airflow_url: str) -> str:
        found = named.get(airflow_url) or (known[0] if len(known) == 1 else None)
        if found is None:
            raise CommandError(f"Which instance is at {airflow_url}? Add --instance {airflow_url}=INSTANCE.")
        return found

    return find


class Command(BaseCommand):
    """Run it once after the move; again does no harm."""

    help = "Takes over the runs that the seed's Airflow client recorded, with the objects they are about."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Names the model and the ways to do it."""
        parser.add_argument("model", help="the old JobRun, as app.Model")
        parser.add_argument(
            "--instance", action="append", default=[], metavar="URL=ID", help="which instance is at an airflow_url"
        )
        parser.add_argument("--offline", action="store_true", help="keep all of them here, without asking Airfleet")
        parser.add_argument("--dry-run", action="store_true", help="only say what would be done")

    def handle(self, *args: Any, **options: Any) -> None:
        """Says what became of the jobs."""
        del args
        model = _find_model(options["model"])
        jobs = model._default_manager.order_by("pk").prefetch_related("related_models").iterator(chunk_size=500)
        try:
            outcomes = import_jobs(
                jobs,
                instance_of=_instance_finder(options["instance"]),
                client=None if options["offline"] else connect(),
                dry_run=options["dry_run"],
            )
        except AirfleetError as error:
            raise CommandError(f"{error.code}: {error}") from error
        for outcome, number in sorted(outcomes.items()):
            self.stdout.write(f"{number} {outcome}")
        if not outcomes:
            self.stdout.write("There are no jobs.")
