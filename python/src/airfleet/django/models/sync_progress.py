"""How far `airfleet_sync` came."""

from __future__ import annotations

from django.db import models


class SyncProgress(models.Model):
    """One row per subject type. A pass that was interrupted goes on at its cursor."""

    subject_type = models.CharField(primary_key=True, max_length=64)
    number = models.PositiveIntegerField(default=1, help_text="Of the pass under way, or of the last one.")
    cursor = models.TextField(blank=True, help_text="Where the pass under way goes on; empty between passes.")
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Not shown in the admin."""

        verbose_name = "synchronisation"

    def __str__(self) -> str:
        return f"{self.subject_type}: pass {self.number}"
