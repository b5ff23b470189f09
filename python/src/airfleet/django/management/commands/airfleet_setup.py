"""`manage.py airfleet_setup`."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import NoReverseMatch, reverse

from airfleet.client import Airfleet, AirfleetError
from airfleet.django.configuration import Configuration, read_configuration
from airfleet.django.connection import connect
from airfleet.django.setup_airfleet import RETENTION_RULES, create_webhook, put_retention
from airfleet.django.subject_mixin import subject_models

if TYPE_CHECKING:
    from argparse import ArgumentParser

_ADMIN_TOKEN = "AIRFLEET_ADMIN_TOKEN"  # noqa: S105 (the name of a variable)


def _webhook_address(configuration: Configuration) -> str:
    try:
        path = reverse("airfleet:webhook")
    except NoReverseMatch as error:
        raise CommandError('Add path("airfleet/", include("airfleet.django.urls")) to your URLs first.') from error
    if not configuration.site_url:
        raise CommandError("Set AIRFLEET_SITE_URL to where Airfleet reaches this site, or give --url.")
    return urljoin(configuration.site_url + "/", path)


def _name(configuration: Configuration) -> str:
    return re.sub(r"[^a-z0-9-]+", "-", configuration.project_name.lower()).strip("-") or "django"


class Command(BaseCommand):
    """Run it once per installation. What is there already stays as it is."""

    help = (
        "Makes the webhook in Airfleet and prints its secret; with --retention also says what is kept of runs. "
        f"Needs an admin token in {_ADMIN_TOKEN}, which nothing else uses."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Names the webhook's address and the retention."""
        parser.add_argument("--url", help="where Airfleet reaches the webhook; default: by AIRFLEET_SITE_URL")
        parser.add_argument("--name", help="of the webhook and the policies; default: by AIRFLEET_PROJECT_NAME")
        parser.add_argument("--retention", choices=RETENTION_RULES, help="what Airfleet keeps of each object's runs")

    def handle(self, *args: Any, **options: Any) -> None:
        """Makes what is missing and says what to put where."""
        del args
        configuration = read_configuration()
        name = options["name"] or _name(configuration)
        try:
            client = connect(replace(configuration, token=os.environ.get(_ADMIN_TOKEN) or configuration.token))
            self._make_webhook(client, name, options["url"] or _webhook_address(configuration))
            if options["retention"]:
                self._keep(client, name, options["retention"])
        except AirfleetError as error:
            raise CommandError(f"{error.code}: {error}") from error
        self._say_server_settings()

    def _make_webhook(self, client: Airfleet, name: str, url: str) -> None:
        secret = create_webhook(client, name, url, sorted(subject_models()))
        if secret is None:
            self.stdout.write(f'There is a webhook "{name}" already; its secret was shown when it was made.')
            return
        self.stdout.write(f"Airfleet will tell {url} of runs. Add to your settings, where secrets are:\n")
        self.stdout.write(f'AIRFLEET_WEBHOOK_SECRET = "{secret}"\n')

    def _keep(self, client: Airfleet, name: str, rule: Any) -> None:
        for subject_type in sorted(subject_models()):
            policy = f"{name}-{re.sub(r'[^a-z0-9-]+', '-', subject_type)}"
            is_new = put_retention(client, policy, subject_type, rule)
            said = f"keeps {rule}" if is_new else "was there already and stays as it is"
            self.stdout.write(f'The retention policy "{policy}" {said}.')

    def _say_server_settings(self) -> None:
        """What was a setting of the seed and is one of the server now."""
        preserved = getattr(settings, "AIRFLOW_PRESERVE_JOB_TRIGGER", None)
        if preserved is not None:
            keep = "forever" if preserved else "until_run"
            self.stdout.write(
                f"AIRFLOW_PRESERVE_JOB_TRIGGER is Airfleet's now; in airfleet.yaml: triggers: {{keep: {keep}}}"
            )
