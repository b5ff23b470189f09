"""Django's admin classes as generics for the type checker only: at run time they take no parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.options import InlineModelAdmin

if TYPE_CHECKING:
    AnyModelAdmin = admin.ModelAdmin[Any]
    AnyInline = InlineModelAdmin[Any, Any]
else:
    AnyModelAdmin = admin.ModelAdmin
    AnyInline = InlineModelAdmin
