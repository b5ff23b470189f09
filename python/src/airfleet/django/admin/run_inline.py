"""The runs of an object on its page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.checks import InlineModelAdminChecks
from django.forms.models import BaseModelFormSet, modelformset_factory
from django.utils.html import format_html

from airfleet.django.admin.bases import AnyInline, ReadOnly
from airfleet.django.admin.run_links import run_links, run_page
from airfleet.django.admin.state_badge import state_badge
from airfleet.django.freshness import staleness_notice
from airfleet.django.models import MirroredRun

if TYPE_CHECKING:
    from django.core.checks import CheckMessage
    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.utils.safestring import SafeString

    from airfleet.django.subject_mixin import AirfleetSubjectMixin

    RunFormSetBase = BaseModelFormSet[MirroredRun, Any]
else:
    RunFormSetBase = BaseModelFormSet

SHOWN = 20
"""Rows on an object's page; all others are one link away."""


class _RunFormSet(RunFormSetBase):
    """The newest runs of the object; tied by type and id, since there is no foreign key."""

    def __init__(self, *args: Any, instance: AirfleetSubjectMixin | None = None, **kwargs: Any) -> None:
        kwargs.pop("save_as_new", None)
        is_saved = instance is not None and instance.pk is not None
        own: QuerySet[MirroredRun] = instance.runs if instance is not None and is_saved else MirroredRun.objects.none()
        keys = list(own.values_list("pk", flat=True)[:SHOWN])
        self.total = own.count() if is_saved else 0
        self.notice = staleness_notice()
        super().__init__(*args, **{**kwargs, "queryset": MirroredRun.objects.filter(pk__in=keys)})

    @classmethod
    def get_default_prefix(cls) -> str:
        """Apart from other inlines of the page."""
        return "airfleet_runs"


class _RunInlineChecks(InlineModelAdminChecks):
    """Django asks for a foreign key to the parent; this inline needs none."""

    def _check_exclude_of_parent_model(self, obj: Any, parent_model: Any) -> list[CheckMessage]:
        del obj, parent_model
        return []

    def _check_relation(self, obj: Any, parent_model: Any) -> list[CheckMessage]:
        del obj, parent_model
        return []


class RunInline(ReadOnly, AnyInline):
    """Put it into `inlines` of the admin of a model with AirfleetSubjectMixin. Read-only."""

    model = MirroredRun
    checks_class = _RunInlineChecks
    template = "airfleet/run_inline.html"
    verbose_name_plural = "runs"
    extra = 0
    max_num = 0
    can_delete = False
    fields = readonly_fields = ("run", "status", "conf", "due_at", "duration", "links")

    class Media:
        """Colours of the states."""

        css = {"all": ("airfleet/state.css",)}  # noqa: RUF012 (Django's own form)

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """A form set without forms: rows are shown, never changed."""
        del request, obj, kwargs
        return modelformset_factory(MirroredRun, formset=_RunFormSet, fields=(), extra=0, max_num=0, can_delete=False)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may see the object may see its runs."""
        del request, obj
        return True

    @admin.display(description="run")
    def run(self, run: MirroredRun) -> SafeString | str:
        """The DAG's run, as a link to its page here."""
        page = run_page(run.pk)
        return format_html('<a href="{}">{}</a>', page, run) if page else str(run)

    @admin.display(description="status")
    def status(self, run: MirroredRun) -> SafeString:
        """The box with the state."""
        return state_badge(run.state, partial=run.partial)

    @admin.display(description="links")
    def links(self, run: MirroredRun) -> SafeString:
        """To Airflow and to Airfleet."""
        return run_links(run)
