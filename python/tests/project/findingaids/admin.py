from __future__ import annotations

from typing import ClassVar

from django.contrib import admin

from airfleet.django.admin import AirfleetAdminMixin, TriggerAction
from tests.project.findingaids.models import FindingAid, Scan
from tests.project.findingaids.statuses import queue, refuse


@admin.register(FindingAid)
class FindingAidAdmin(AirfleetAdminMixin):
    list_display = ("ark", "status")
    airfleet_actions: ClassVar = (
        TriggerAction(
            name="index_selected",
            description="Index selected finding aids",
            dag_id="index_finding_aid",
            conf={
                "finding_aid_id": "{{ object.pk }}",
                "finding_aid_ark": "{{ object.ark }}",
                "repository_code": "{{ object.repository_code }}",
            },
            before=queue,
            refused=refuse,
        ),
        TriggerAction(
            name="prepare_selected",
            description="Prepare selected finding aids in bulk",
            dag_id="bulk_prepare_finding_aids",
            conf={"finding_aid_ids": "{{ objects.pk }}"},
            bulk=True,
        ),
    )


@admin.register(Scan)
class ScanAdmin(AirfleetAdminMixin):
    list_display = ("title",)
