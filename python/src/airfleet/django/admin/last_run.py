"""Lets lists of objects show, sort and filter by their last run, from the mirror alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db import connections
from django.db.models import CharField, Expression, OuterRef, Subquery, UUIDField, Value
from django.db.models.functions import Cast, Concat, Substr

from airfleet.django.models import RUN_STATES, MirroredSubject

if TYPE_CHECKING:
    from django.db.models import Field, QuerySet
    from django.http import HttpRequest

_UUID_PARTS = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))


def _key_text(field: Field[Any, Any], alias: str) -> Expression:
    """The primary key as `str(pk)` spells it."""
    text: Expression = Cast(OuterRef("pk"), CharField(max_length=255))
    if not isinstance(field, UUIDField) or connections[alias].features.has_native_uuid_field:
        return text
    # Without a type of their own, databases keep UUIDs as 32 hexadecimal digits.
    parts: list[Any] = []
    for start, length in _UUID_PARTS:
        parts += [Substr(text, start, length), Value("-")]
    return Concat(*parts[:-1], output_field=CharField())


def with_last_run(queryset: QuerySet[Any], subject_type: str) -> QuerySet[Any]:
    """Adds `airfleet_last_run_id`, `airfleet_last_state`, `airfleet_last_partial` and `airfleet_last_due`."""
    key = _key_text(queryset.model._meta.pk, queryset.db)
    subjects = MirroredSubject.objects.filter(type=subject_type, subject_id=key)
    annotated: QuerySet[Any] = queryset.annotate(
        airfleet_last_run_id=Subquery(subjects.values("newest_run")[:1]),
        airfleet_last_state=Subquery(subjects.values("newest_run__state")[:1]),
        airfleet_last_partial=Subquery(subjects.values("newest_run__partial")[:1]),
        airfleet_last_due=Subquery(subjects.values("newest_run__due_at")[:1]),
    )
    return annotated


class LastRunFilter(admin.SimpleListFilter):
    """By the state of the last run; `no run` for objects that never had one."""

    title = "last run"
    parameter_name = "last_run"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The states."""
        del request, model_admin
        return [*((state, state) for state in RUN_STATES), ("none", "no run")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Works on lists that :func:`with_last_run` prepared."""
        del request
        value = self.value()
        if value is None:
            return queryset
        return (
            queryset.filter(airfleet_last_state__isnull=True)
            if value == "none"
            else queryset.filter(airfleet_last_state=value)
        )
