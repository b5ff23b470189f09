"""How Django knows this app."""

from __future__ import annotations

from django.apps import AppConfig
from django.core import checks


class AirfleetConfig(AppConfig):
    """The app `airfleet`, so that its tables do not look like Django's own."""

    name = "airfleet.django"
    label = "airfleet"
    verbose_name = "Airfleet"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Registers the system checks."""
        from airfleet.django.checks import check_settings, check_subjects  # noqa: PLC0415 (models must be loaded first)

        checks.register(check_settings)
        checks.register(check_subjects, checks.Tags.models)
