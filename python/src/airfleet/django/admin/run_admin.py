"""The mirror's runs in the admin: a list to look through, and a page with tasks and logs read from Airfleet."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.html import format_html_join

from airfleet.client import AirfleetError
from airfleet.django.admin.bases import AnyModelAdmin, ReadOnly
from airfleet.django.admin.run_links import run_links
from airfleet.django.admin.state_badge import state_badge
from airfleet.django.connection import connect
from airfleet.django.freshness import staleness_notice
from airfleet.django.models import MirroredRun
from airfleet.django.subject_mixin import objects_of

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.urls import URLPattern
    from django.utils.safestring import SafeString

LOG_LINES = 1_000
"""Of the end of a log; the whole is in Airflow and Airfleet, one link away."""

SUBJECTS_SHOWN = 100


def _whole(text: str | None) -> int | None:
    """A number of a query; none, and no error page, for what is no number."""
    return int(text) if text is not None and re.fullmatch(r"-?[0-9]{1,6}", text) else None


@admin.register(MirroredRun)
class RunAdmin(ReadOnly, AnyModelAdmin):
    """Read-only: what runs did is not ours to change."""

    list_display = ("__str__", "status", "instance", "due_at", "duration", "links")
    list_filter = ("state", "instance", "dag_id")
    search_fields = ("dag_id", "dag_run_id", "subjects__subject_id")
    date_hierarchy = "due_at"
    show_full_result_count = False
    change_list_template = "airfleet/run_list.html"
    change_form_template = "airfleet/run_page.html"
    fields = readonly_fields = (
        "status",
        "about",
        "instance",
        "dag_id",
        "dag_run_id",
        "conf",
        "note",
        "logical_date",
        "due_at",
        "started_at",
        "ended_at",
        "duration",
        "trigger_id",
        "links",
        "changed_at",
        "seen_at",
    )

    class Media:
        """Colours of the states."""

        css = {"all": ("airfleet/state.css",)}  # noqa: RUF012 (Django's own form)

    @admin.display(description="status", ordering="state")
    def status(self, run: MirroredRun) -> SafeString:
        """The box with the state."""
        return state_badge(run.state, partial=run.partial)

    @admin.display(description="links")
    def links(self, run: MirroredRun) -> SafeString:
        """To Airflow and to Airfleet."""
        return run_links(run)

    @admin.display(description="about")
    def about(self, run: MirroredRun) -> SafeString | str:
        """The objects it is about."""
        pairs = run.subjects.order_by("type", "subject_id").values_list("type", "subject_id")
        shown = objects_of(pairs[:SUBJECTS_SHOWN])
        more = pairs.count() - SUBJECTS_SHOWN
        names = format_html_join(", ", "{}", ((each.airfleet_subject_label,) for each in shown))
        return f"{names} and {more} more" if more > 0 else names

    def get_urls(self) -> list[URLPattern]:
        """With the page of a log, before Django's catch-all."""
        page = self.admin_site.admin_view(self.log_view)
        return [
            path("<str:run_id>/logs/<path:task_id>/", page, name="airfleet_mirroredrun_log"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, saying when it may be old."""
        return super().changelist_view(request, {"airfleet_notice": staleness_notice(), **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The page of a run, with its tasks when Airfleet answers."""
        context = {"airfleet_notice": staleness_notice(), **self._read_tasks(object_id), **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def _read_tasks(self, run_id: str) -> dict[str, Any]:
        run = MirroredRun.objects.filter(pk=run_id, is_imported=False).first()
        if run is None:
            return {}
        try:
            tasks = [{**task, "badge": state_badge(task["state"])} for task in connect().tasks(run.pk)]
        except AirfleetError as error:
            return {"airfleet_trouble": f"Its tasks cannot be read now: {error}"}
        return {"airfleet_tasks": tasks}

    def log_view(self, request: HttpRequest, run_id: str, task_id: str) -> HttpResponse:
        """The end of a task's log, also of a run that Airflow has no more when Airfleet archived it."""
        run = MirroredRun.objects.filter(pk=run_id).first()
        if run is None:
            raise Http404
        if not self.has_view_permission(request, run):
            raise PermissionDenied
        try_number, map_index = (_whole(request.GET.get(name)) for name in ("try_number", "map_index"))
        context: dict[str, Any] = {**self.admin_site.each_context(request), "title": f"Log of {task_id}", "run": run}
        try:
            lines = connect().logs(
                run_id,
                task_id,
                try_number=try_number,
                map_index=-1 if map_index is None else map_index,
                tail=LOG_LINES,
            )
            context["lines"] = list(lines)
        except AirfleetError as error:
            context["airfleet_trouble"] = f"The log cannot be read now: {error}"
        context["opts"] = cast("Any", self.model)._meta
        return TemplateResponse(request, "airfleet/run_log.html", context)
