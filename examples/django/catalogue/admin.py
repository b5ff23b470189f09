"""Books with their runs, and an action that starts one."""

from typing import ClassVar

from django.contrib import admin

from airfleet.django.admin import AirfleetAdminMixin, TriggerAction
from catalogue.models import Book
from catalogue.statuses import queue


@admin.register(Book)
class BookAdmin(AirfleetAdminMixin):
    """The mixin takes the place of ModelAdmin."""

    list_display = ("title", "status")
    airfleet_actions: ClassVar = (
        TriggerAction(
            name="index_selected",
            description="Index selected books",
            dag_id="disaster_recovery_dag_1",
            conf={"param1": "{{ object.title }}"},
            before=queue,
        ),
    )
