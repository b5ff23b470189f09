"""The mirror: what this project remembers of Airfleet's runs, so that lists can sort by them while Airfleet is down."""

from airfleet.django.models.mirrored_run import RUN_STATES, MirroredRun
from airfleet.django.models.mirrored_subject import MirroredSubject
from airfleet.django.models.received_webhook import ReceivedWebhook
from airfleet.django.models.sync_progress import SyncProgress

__all__ = ["RUN_STATES", "MirroredRun", "MirroredSubject", "ReceivedWebhook", "SyncProgress"]
