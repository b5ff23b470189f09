"""A run as Airfleet last told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from django.db import models

if TYPE_CHECKING:
    from datetime import timedelta

RUN_STATES = ("queued", "running", "success", "failed", "cancelled", "lost")

JobStatus = Literal["running", "succeeded", "failed"]
"""The three words of the seed's JobRun."""

_JOB_STATUS: dict[str, JobStatus] = {
    "success": "succeeded",
    "failed": "failed",
    "cancelled": "failed",
    "lost": "failed",
}


class MirroredRun(models.Model):
    """A run of some instance, known by Airfleet's id. Rows come from webhooks and `airfleet_sync` and nowhere else."""

    id = models.CharField(primary_key=True, max_length=64)
    instance = models.CharField(max_length=64)
    dag_id = models.CharField("DAG", max_length=250, db_index=True)
    dag_run_id = models.CharField("run", max_length=250)
    state = models.CharField(max_length=16, choices=[(state, state) for state in RUN_STATES], db_index=True)
    engine_state = models.CharField("state in the engine", max_length=64, blank=True)
    partial = models.BooleanField(default=False, help_text="A success that did some of its work only.")
    logical_date = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(help_text="Orders runs: when it was due, which a clear does not move.")
    conf = models.JSONField(default=dict, blank=True)
    note = models.TextField(blank=True)
    trigger_id = models.CharField("trigger", max_length=64, blank=True)
    ui_url = models.URLField("in Airflow", max_length=2_000, blank=True)
    engine_gone_at = models.DateTimeField(
        null=True, blank=True, help_text="Since when the engine has it no more; what is known of it stays."
    )
    is_imported = models.BooleanField(default=False, help_text="From the old tables, and unknown to Airfleet.")
    changed_at = models.DateTimeField(help_text="When it last changed, as Airfleet saw it.")
    seen_at = models.DateTimeField(auto_now=True, help_text="When this row was last confirmed.")
    subjects: models.ManyToManyField[models.Model, models.Model] = models.ManyToManyField(
        "airfleet.MirroredSubject", related_name="runs", blank=True
    )

    class Meta:
        """Newest first."""

        verbose_name = "run"
        ordering = ("-due_at", "id")
        indexes = (models.Index(fields=["-due_at", "id"], name="airfleet_run_due"),)

    def __str__(self) -> str:
        return f"{self.dag_id}: {self.dag_run_id}"

    @property
    def is_active(self) -> bool:
        """Whether it still goes on."""
        return self.state in {"queued", "running"}

    @property
    def job_status(self) -> JobStatus:
        """The state in the seed's words: running, succeeded, failed."""
        return _JOB_STATUS.get(self.state, "running")

    @property
    def duration(self) -> timedelta | None:
        """From start to end."""
        return self.ended_at - self.started_at if self.started_at and self.ended_at else None
