"""What makes the admin of a model show and start runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.utils.html import format_html

from airfleet.django.admin.bases import AnyModelAdmin
from airfleet.django.admin.last_run import LastRunFilter, with_last_run
from airfleet.django.admin.run_inline import RunInline
from airfleet.django.admin.run_links import run_page
from airfleet.django.admin.state_badge import state_badge
from airfleet.django.admin.trigger_form import TriggerActionForm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.utils.safestring import SafeString

    from airfleet.django.admin.trigger_action import TriggerAction


class AirfleetAdminMixin(AnyModelAdmin):
    """Takes the place of ModelAdmin, or stands before it, for a model with AirfleetSubjectMixin.

    Adds the inline of runs, the columns `last_run` and `last_run_due`, the filter by last run, and `airfleet_actions`.
    """

    airfleet_actions: ClassVar[Sequence[TriggerAction]] = ()
    action_form = TriggerActionForm

    class Media:
        """Colours of the states."""

        css = {"all": ("airfleet/state.css",)}  # noqa: RUF012 (Django's own form)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With what the columns show."""
        return with_last_run(super().get_queryset(request), self.model.get_airfleet_subject_type())

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        """With the runs."""
        return [*super().get_inlines(request, obj), RunInline]

    def get_list_display(self, request: HttpRequest) -> Any:
        """With the last run, unless the list places it itself."""
        columns = list(super().get_list_display(request))
        return [*columns, *(name for name in ("last_run", "last_run_due") if name not in columns)]

    def get_list_filter(self, request: HttpRequest) -> Any:
        """With the filter by last run."""
        return [*super().get_list_filter(request), LastRunFilter]

    def get_actions(self, request: HttpRequest) -> Any:
        """With those that trigger, as far as the user may use them."""
        actions = super().get_actions(request)
        # Django shows no action where one is only to be picked, as in a pop-up.
        if not actions and (self.actions is None or "_popup" in request.GET):
            return actions
        for action in self.airfleet_actions:
            if getattr(self, f"has_{action.permission}_permission")(request):
                entry: Any = (action, action.name, action.description)
                actions[action.name] = entry
        return actions

    @admin.display(description="last run", ordering="airfleet_last_state", empty_value="–")
    def last_run(self, obj: Any) -> SafeString:
        """The state of the newest run, as a link to it."""
        badge = state_badge(obj.airfleet_last_state, partial=bool(obj.airfleet_last_partial))
        page = run_page(obj.airfleet_last_run_id) if obj.airfleet_last_run_id else ""
        return format_html('<a href="{}">{}</a>', page, badge) if page else badge

    @admin.display(description="last run due", ordering="airfleet_last_due", empty_value="–")
    def last_run_due(self, obj: Any) -> Any:
        """When it was due."""
        return obj.airfleet_last_due
