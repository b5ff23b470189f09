"""The admin, and the address that Airfleet sends messages to."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [path("admin/", admin.site.urls), path("airfleet/", include("airfleet.django.urls"))]
