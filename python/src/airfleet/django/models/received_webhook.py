"""Messages that were acted on."""

from __future__ import annotations

from django.db import models


class ReceivedWebhook(models.Model):
    """A message of Airfleet. A delivery is repeated when our answer was lost; the id tells that it was acted on."""

    webhook_id = models.CharField(primary_key=True, max_length=255)
    type = models.CharField(max_length=64)
    received_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        """Not shown in the admin."""

        verbose_name = "received webhook"

    def __str__(self) -> str:
        return f"{self.type} {self.webhook_id}"
