"""Django's admin classes as generics for the type checker only: at run time they take no parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.options import InlineModelAdmin

if TYPE_CHECKING:
    from django.http import HttpRequest

    AnyModelAdmin = admin.ModelAdmin[Any]
    AnyInline = InlineModelAdmin[Any, Any]
else:
    AnyModelAdmin = admin.ModelAdmin
    AnyInline = InlineModelAdmin


class ReadOnly:
    """What runs did is Airfleet's to say: nothing is added, changed or deleted by hand.

    Runs are asked for by actions on objects, and retention is Airfleet's: what it drops goes here too.
    """

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        del request, obj
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        del request, obj
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        del request, obj
        return False
