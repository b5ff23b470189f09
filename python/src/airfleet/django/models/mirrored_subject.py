"""An object of this project as Airfleet knows it."""

from __future__ import annotations

from django.db import models


class MirroredSubject(models.Model):
    """The other side of an object: its type and id as texts, and its newest run for lists to sort by.

    No foreign key to the object: it may be of any model, and may be deleted while its runs are still of interest.
    """

    type = models.CharField(max_length=64)
    subject_id = models.CharField(max_length=255)
    newest_run = models.ForeignKey(
        "airfleet.MirroredRun", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    changed_at = models.DateTimeField(null=True, help_text="Airfleet's time of the version that was synchronised.")
    seen_in_pass = models.PositiveIntegerField(default=0)

    class Meta:
        """One row per object."""

        verbose_name = "subject"
        constraints = (models.UniqueConstraint(fields=["type", "subject_id"], name="airfleet_subject_once"),)

    def __str__(self) -> str:
        return f"{self.type}/{self.subject_id}"
