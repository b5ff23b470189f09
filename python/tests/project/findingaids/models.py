from __future__ import annotations

import uuid

from django.db import models

from airfleet.django.subject_mixin import AirfleetSubjectMixin


class FindingAid(AirfleetSubjectMixin):
    """The seed's related model, with the statuses of its app."""

    airfleet_subject_type = "finding-aid"

    ark = models.CharField(max_length=255)
    repository_code = models.CharField(max_length=255, default="uci")
    status = models.CharField(max_length=50, default="started")

    def __str__(self) -> str:
        return self.ark

    def get_absolute_url(self) -> str:
        return f"/findaid/{self.ark}/"


class Scan(AirfleetSubjectMixin):
    """A subject whose key is no number, and whose type is its name."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    title = models.CharField(max_length=100)

    def __str__(self) -> str:
        return self.title


class OldJobTrigger(models.Model):
    """As the seed's JobTrigger."""

    dag_id = models.CharField(max_length=255)
    dag_run_conf = models.TextField(blank=True)
    airflow_url = models.CharField(max_length=255)
    dag_run_id = models.CharField(max_length=255, blank=True)
    logical_date = models.DateTimeField(null=True)
    related_models = models.ManyToManyField(FindingAid)
    rest_api_status_code = models.TextField(default="200")


class OldJobRun(models.Model):
    """As the seed's JobRun."""

    dag_id = models.CharField(max_length=255)
    dag_run_conf = models.TextField(blank=True)
    airflow_url = models.CharField(max_length=255)
    dag_run_id = models.CharField(max_length=255, blank=True)
    logical_date = models.DateTimeField(null=True)
    related_models = models.ManyToManyField(FindingAid)
    status = models.CharField(max_length=50, default="running")
