"""`path("airfleet/", include("airfleet.django.urls"))`: the webhook is then at `airfleet/webhook/`."""

from __future__ import annotations

from django.urls import path

from airfleet.django.webhook import receive

app_name = "airfleet"
urlpatterns = [path("webhook/", receive, name="webhook")]
