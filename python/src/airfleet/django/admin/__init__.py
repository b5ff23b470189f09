"""The admin: runs on the pages of objects, actions that trigger, and the list of runs."""

from airfleet.django.admin.last_run import LastRunFilter
from airfleet.django.admin.run_admin import RunAdmin
from airfleet.django.admin.run_inline import RunInline
from airfleet.django.admin.state_badge import state_badge
from airfleet.django.admin.subject_admin import AirfleetAdminMixin
from airfleet.django.admin.trigger_action import TriggerAction
from airfleet.django.admin.trigger_form import TriggerActionForm

__all__ = [
    "AirfleetAdminMixin",
    "LastRunFilter",
    "RunAdmin",
    "RunInline",
    "TriggerAction",
    "TriggerActionForm",
    "state_badge",
]
