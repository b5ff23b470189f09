"""How Django knows this app."""

from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    """Listens to runs."""

    name = "catalogue"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connects the receiver."""
        from airfleet.django.signals import run_changed  # noqa: PLC0415 (models must be loaded first)
        from catalogue.statuses import follow_run  # noqa: PLC0415

        run_changed.connect(follow_run, dispatch_uid="catalogue.follow_run")
