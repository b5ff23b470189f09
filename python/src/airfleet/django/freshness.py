"""How old what the mirror shows may be."""

from __future__ import annotations

import datetime

from django.db.models import Max
from django.utils import timezone

from airfleet.django.configuration import read_configuration
from airfleet.django.models import ReceivedWebhook, SyncProgress


def last_heard_at() -> datetime.datetime | None:
    """When Airfleet last told us anything; None when never."""
    times = (
        ReceivedWebhook.objects.aggregate(at=Max("received_at"))["at"],
        SyncProgress.objects.aggregate(at=Max("finished_at"))["at"],
    )
    return max((at for at in times if at is not None), default=None)


def staleness_notice() -> str:
    """What pages say when they may show what is no longer so; empty while news is recent."""
    heard_at = last_heard_at()
    if heard_at is None:
        return "Nothing was heard from Airfleet yet. Set up its webhook, or run manage.py airfleet_sync."
    limit = datetime.timedelta(seconds=read_configuration().stale_after_seconds)
    if timezone.now() - heard_at <= limit:
        return ""
    at = timezone.localtime(heard_at) if timezone.is_aware(heard_at) else heard_at
    return f"Airfleet was last heard of at {at:%Y-%m-%d %H:%M}; what is shown may have changed since."
