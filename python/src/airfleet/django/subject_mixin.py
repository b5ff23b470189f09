"""What makes a model's objects something that runs can be about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeVar
from urllib.parse import urljoin

from django.apps import apps
from django.db import models

from airfleet.django.configuration import read_configuration
from airfleet.django.models import MirroredRun

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from airfleet.client import SubjectRef, Trigger
    from airfleet.django.conf_template import ConfTemplate

AnyModel = TypeVar("AnyModel", bound=models.Model)


class AirfleetSubjectMixin(models.Model):
    """Add it to a model: its objects know their runs and can ask for new ones. It adds no column.

    Set `airfleet_subject_type` when the name is to outlive the model's; it is what Airfleet stores.
    """

    airfleet_subject_type: ClassVar[str] = ""

    class Meta:
        """No table of its own."""

        abstract = True

    @classmethod
    def get_airfleet_subject_type(cls) -> str:
        """The type under which Airfleet knows these objects; `app.model` unless set."""
        return cls.airfleet_subject_type or cls._meta.label_lower

    @property
    def airfleet_subject_label(self) -> str:
        """What people call the object."""
        return str(self)[:500]

    @property
    def airfleet_subject_url(self) -> str | None:
        """The page about the object, absolute; None without `get_absolute_url` or `AIRFLEET_SITE_URL`."""
        own = getattr(self, "get_absolute_url", None)
        address = own() if callable(own) else None
        absolute = urljoin(read_configuration().site_url + "/", address) if address else ""
        return absolute if absolute.startswith(("http://", "https://")) else None

    def to_airfleet_subject(self) -> SubjectRef:
        """The object as Airfleet hears of it."""
        return {
            "type": self.get_airfleet_subject_type(),
            "id": str(self.pk),
            "label": self.airfleet_subject_label,
            "url": self.airfleet_subject_url,
        }

    @property
    def runs(self) -> models.QuerySet[MirroredRun]:
        """Its runs from the mirror, newest first; no call to Airfleet."""
        return MirroredRun.objects.filter(
            subjects__type=self.get_airfleet_subject_type(), subjects__subject_id=str(self.pk)
        )

    @property
    def last_success(self) -> MirroredRun | None:
        """Its newest success."""
        return self.runs.filter(state="success").first()

    @property
    def current_run(self) -> MirroredRun | None:
        """The run that goes on now, if any."""
        return self.runs.filter(state__in=("queued", "running")).first()

    @property
    def last_run(self) -> MirroredRun | None:
        """Its newest run, whatever became of it."""
        return self.runs.first()

    def trigger(
        self,
        dag_id: str,
        conf_template: ConfTemplate | None = None,
        *,
        instances: Sequence[str] | None = None,
        note: str = "",
        idempotency_key: str | None = None,
        **options: Any,
    ) -> list[Trigger]:
        """Asks for a run about this object, one on each instance; the rest as for `trigger_run`."""
        from airfleet.django.triggering import trigger_run  # noqa: PLC0415 (it needs this class)

        return trigger_run(
            [self],
            dag_id,
            conf_template,
            instances=instances,
            note=note,
            idempotency_key=idempotency_key,
            **options,
        )


def subject_models() -> dict[str, type[AirfleetSubjectMixin]]:
    """Every model of this project whose objects are subjects, by subject type."""
    models_of_project = (model for model in apps.get_models() if issubclass(model, AirfleetSubjectMixin))
    # A proxy has the objects of its parent; the parent is the one to look them up in.
    return {model.get_airfleet_subject_type(): model for model in models_of_project if not model._meta.proxy}


def objects_of(subjects: Iterable[tuple[str, str]]) -> list[AirfleetSubjectMixin]:
    """The objects that these subjects (type, id) stand for; those that are not ours, or deleted, are left out."""
    known = subject_models()
    wanted: dict[str, list[str]] = {}
    for subject_type, subject_id in subjects:
        if subject_type in known:
            wanted.setdefault(subject_type, []).append(subject_id)
    found: list[AirfleetSubjectMixin] = []
    for subject_type, ids in wanted.items():
        model = known[subject_type]
        keys = [key for key in (_to_key(model, subject_id) for subject_id in ids) if key is not None]
        found.extend(model._default_manager.filter(pk__in=keys).order_by("pk"))
    return found


def _to_key(model: type[models.Model], subject_id: str) -> Any:
    """The primary key that a text stands for; None when it cannot be one of this model."""
    try:
        return model._meta.pk.to_python(subject_id)
    except Exception:  # noqa: BLE001 (each field refuses in its own way)
        return None
