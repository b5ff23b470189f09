"""Writes what Airfleet says of runs into the mirror. Everybody who learns of a run comes through here."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import connection, transaction
from django.db.models import Model, OuterRef, Subquery
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from airfleet.django.models import MirroredRun, MirroredSubject
from airfleet.django.subject_mixin import subject_models

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from django.db.models import QuerySet

_Row = TypeVar("_Row", bound=Model)

_BATCH = 500
"""Subjects per statement: SQLite takes a bounded number of parameters."""


@dataclass(frozen=True, kw_only=True)
class MirrorChange:
    """What a piece of news did. `before` is None for a run that was not known."""

    run: MirroredRun
    before: str | None

    @property
    def is_change(self) -> bool:
        """Whether the state is another than before."""
        return self.before != self.run.state


def parse_time(value: object) -> datetime.datetime | None:
    """A time of Airfleet; None when there is none."""
    parsed = parse_datetime(value) if isinstance(value, str) else None
    return parsed if parsed is None or parsed.tzinfo is not None else parsed.replace(tzinfo=datetime.timezone.utc)


def _text(news: Mapping[str, Any], name: str) -> str:
    return str(news.get(name) or "")


def _fields(news: Mapping[str, Any], known: MirroredRun | None) -> dict[str, Any]:
    """The columns that the news speaks of; a message may tell less than a read."""
    texts = ("instance", "dag_id", "dag_run_id", "state", "engine_state", "note", "trigger_id", "ui_url")
    times = ("logical_date", "started_at", "ended_at", "engine_gone_at")
    fields: dict[str, Any] = {name: _text(news, name) for name in texts if name in news}
    fields |= {name: parse_time(news[name]) for name in times if name in news}
    if isinstance(news.get("conf"), dict):
        fields["conf"] = news["conf"]
    if "partial" in news:
        fields["partial"] = bool(news["partial"])
    changed_at = parse_time(news.get("changed_at")) or timezone.now()
    due_at = parse_time(news.get("due_at"))
    if due_at is None and known is None:
        due_at = parse_time(news.get("logical_date")) or parse_time(news.get("started_at")) or changed_at
    return fields | {"changed_at": changed_at, "is_imported": False} | ({"due_at": due_at} if due_at else {})


def own_subjects(refs: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Those of the subjects that are of this project's types; others have owners of their own."""
    types = subject_models().keys()
    pairs = ((str(ref.get("type", "")), str(ref.get("id", ""))) for ref in refs)
    return [(kind, name) for kind, name in dict.fromkeys(pairs) if kind in types and 0 < len(name) <= 255]  # noqa: PLR2004


def mirrored_subjects(pairs: Collection[tuple[str, str]]) -> list[MirroredSubject]:
    """Their rows, made where there are none."""
    if not pairs:
        return []
    MirroredSubject.objects.bulk_create(
        # In one order everywhere, so that two who make the same rows wait for each other instead of forever.
        [MirroredSubject(type=kind, subject_id=name) for kind, name in sorted(pairs)],
        ignore_conflicts=True,
        batch_size=_BATCH,
    )
    names: dict[str, list[str]] = {}
    for kind, name in pairs:
        names.setdefault(kind, []).append(name)
    return [
        row
        for kind, ids in names.items()
        for start in range(0, len(ids), _BATCH)
        for row in MirroredSubject.objects.filter(type=kind, subject_id__in=ids[start : start + _BATCH])
    ]


def _locking(rows: QuerySet[_Row]) -> QuerySet[_Row]:
    """Takes rows for this transaction, in one order everywhere.

    Where the database can tell, others may go on referring to them: a foreign key to a row that somebody writes would
    make its writers wait for each other forever.
    """
    return rows.order_by("pk").select_for_update(no_key=connection.features.has_select_for_no_key_update)


def _lock_subjects(keys: list[int]) -> None:
    if connection.features.has_select_for_update:
        for start in range(0, len(keys), _BATCH):
            list(_locking(MirroredSubject.objects.filter(pk__in=keys[start : start + _BATCH])).values_list("pk"))


def refresh_newest(subject_keys: Collection[int]) -> None:
    """Sets the newest run of these subjects anew, in the transaction of the caller."""
    newest = MirroredRun.objects.filter(subjects=OuterRef("pk")).order_by("-due_at", "id").values("pk")[:1]
    keys = sorted(subject_keys)
    # First all of them, and only then is looked: who had them before us may have brought a newer run.
    _lock_subjects(keys)
    for start in range(0, len(keys), _BATCH):
        MirroredSubject.objects.filter(pk__in=keys[start : start + _BATCH]).update(newest_run=Subquery(newest))


_UNWRITTEN = ""
"""State of a row that this transaction has just made and not filled yet: nobody else ever sees it."""


def _locked(key: str) -> MirroredRun | None:
    return _locking(MirroredRun.objects.filter(pk=key)).first()


def _take(key: str, news: Mapping[str, Any]) -> MirroredRun | None:
    """The row of a run, made where there is none.

    Two first messages about a run may come at once: the later one waits for the other's row, and goes on with it.
    """
    known = _locked(key)
    if known is not None:
        return known
    made = MirroredRun(id=key, **{**_fields(news, None), "state": _UNWRITTEN})
    MirroredRun.objects.bulk_create([made], ignore_conflicts=True)
    return _locked(key)


@transaction.atomic
def apply_run(news: Mapping[str, Any]) -> MirrorChange | None:
    """Takes over what is said of a run.

    None when we know something newer, since messages may overtake each other, and for a run about none of our objects.
    """
    about = own_subjects(news.get("subjects") or ())
    key = str(news["id"])
    run = _take(key, news) if about else _locked(key)
    if run is None:
        return None
    is_new = run.state == _UNWRITTEN
    fields = _fields(news, None if is_new else run)
    if not is_new and not run.is_imported and fields["changed_at"] < run.changed_at:
        if fields.get("state") != run.state:
            return None
        # The same state by another way: a read knows more than the message that came before it.
        fields["changed_at"] = run.changed_at
    before = None if is_new else run.state
    for name, value in fields.items():
        setattr(run, name, value)
    run.save()
    link_subjects(run, about)
    return MirrorChange(run=run, before=before)


@transaction.atomic
def link_subjects(run: MirroredRun, pairs: Collection[tuple[str, str]]) -> None:
    """Says that the run is about these objects too, and keeps their newest runs right."""
    rows = mirrored_subjects(pairs)
    run.subjects.add(*rows)
    refresh_newest([row.pk for row in rows])


@transaction.atomic
def remove_runs(keys: Collection[str]) -> int:
    """Forgets runs that Airfleet has dropped."""
    # Runs before their subjects, as everywhere, and before asking for the subjects: nobody adds one meanwhile.
    list(_locking(MirroredRun.objects.filter(pk__in=keys)).values_list("pk"))
    touched = set(MirroredSubject.objects.filter(runs__in=keys).values_list("pk", flat=True))
    _lock_subjects(sorted(touched))
    _, counts = MirroredRun.objects.filter(pk__in=keys).delete()
    refresh_newest(touched)
    return counts.get(MirroredRun._meta.label, 0)
