from __future__ import annotations

from django.apps import AppConfig


class FindingAidsConfig(AppConfig):
    name = "tests.project.findingaids"
    label = "findingaids"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from airfleet.django.signals import run_changed, trigger_changed
        from tests.project.findingaids.statuses import follow_run, follow_trigger

        run_changed.connect(follow_run, dispatch_uid="findingaids.follow_run")
        trigger_changed.connect(follow_trigger, dispatch_uid="findingaids.follow_trigger")
