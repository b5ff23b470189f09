from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from airfleet.client import Airfleet, AirfleetApiError, RetryPolicy
from airfleet.django.mirror import apply_run
from airfleet.django.models import MirroredRun, MirroredSubject, SyncProgress
from airfleet.django.sync import sync_type
from tests.project.findingaids.models import FindingAid
from tests.support.samples import run, subject
from tests.support.stub_server import Answer, Received, problem, stub_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import Settings

pytestmark = [pytest.mark.django_db, pytest.mark.stores]

TYPE = "finding-aid"


class Fleet:
    """What Airfleet has, in pages of two subjects; can be made to fail."""

    def __init__(self) -> None:
        self.runs: dict[str, list[dict[str, Any]]] = {}
        self.version = 0
        self.calls: list[str] = []
        self.fails_at: int | None = None

    def has(self, name: str, *runs: dict[str, Any]) -> None:
        self.version += 1
        about = [{"type": TYPE, "id": name}]
        self.runs[name] = [
            {**each, "subjects": about, "changed_at": f"2026-11-20T03:00:{self.version:02}Z"} for each in runs
        ]

    def decide(self, received: Received) -> Answer:
        address = urlsplit(received.path)
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        self.calls.append(f"{address.path} {query.get('subject_id') or query.get('cursor', '')}".strip())
        if self.fails_at is not None and len(self.calls) > self.fails_at:
            return problem(500, "INTERNAL")
        if address.path == "/api/v1/runs":
            return Answer(body={"items": self.runs[query["subject_id"]], "next_cursor": None})
        names = sorted(self.runs) if query["type"] == TYPE else []
        start = int(query.get("cursor", 0))
        if start > len(names):
            return problem(400, "CURSOR_INVALID")
        items = [
            subject(name, total=len(self.runs[name]), changed_at=self.runs[name][0]["changed_at"])
            for name in names[start : start + 2]
        ]
        return Answer(body={"items": items, "next_cursor": str(start + 2) if start + 2 < len(names) else None})


@pytest.fixture
def fleet(settings: Settings) -> Iterator[Fleet]:
    fleet = Fleet()
    for number in range(1, 6):
        fleet.has(str(number), run(f"run_{number}a"), run(f"run_{number}b", due_at="2026-11-21T00:00:00Z"))
    with stub_server(decide=fleet.decide) as stub:
        settings.AIRFLEET_URL = stub.url
        yield fleet


def client(settings: Settings) -> Airfleet:
    return Airfleet(settings.AIRFLEET_URL, retry=RetryPolicy(tries=1))


def test_fills_an_empty_mirror(fleet: Fleet, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("airfleet_sync")
    assert capsys.readouterr().out == (
        "finding-aid: 5 subjects looked at, 10 runs written, 0 removed\n"
        "findingaids.scan: 0 subjects looked at, 0 runs written, 0 removed\n"
    )
    aid = FindingAid(pk=3)
    assert [each.pk for each in aid.runs] == ["run_3b", "run_3a"]
    assert set(MirroredSubject.objects.values_list("newest_run", flat=True)) == {f"run_{n}b" for n in range(1, 6)}


def test_reads_the_runs_of_changed_objects_only(fleet: Fleet, settings: Settings) -> None:
    sync_type(client(settings), TYPE)
    fleet.calls.clear()
    fleet.has("4", run("run_4a"), run("run_4b"), run("run_4c", state="failed", due_at="2026-11-22T00:00:00Z"))
    counts = sync_type(client(settings), TYPE)
    assert fleet.calls == ["/api/v1/subjects", "/api/v1/subjects 2", "/api/v1/runs 4", "/api/v1/subjects 4"]
    assert (counts.subjects, counts.runs_written, counts.runs_removed) == (5, 3, 0)
    assert FindingAid(pk=4).last_run == MirroredRun(pk="run_4c")


def test_drops_what_airfleet_dropped(fleet: Fleet, settings: Settings) -> None:
    sync_type(client(settings), TYPE)
    fleet.has("2", run("run_2a"))
    del fleet.runs["5"]
    counts = sync_type(client(settings), TYPE)
    assert counts.runs_removed == 3
    assert not MirroredRun.objects.filter(pk__in=["run_2b", "run_5a", "run_5b"]).exists()
    assert MirroredSubject.objects.get(subject_id="2").newest_run_id == "run_2a"
    assert not MirroredSubject.objects.filter(subject_id="5").exists()


def test_goes_on_where_it_was_interrupted(fleet: Fleet, settings: Settings) -> None:
    fleet.fails_at = 4  # The first page with its two subjects, and the second page before its runs.
    with pytest.raises(AirfleetApiError):
        sync_type(client(settings), TYPE)
    assert SyncProgress.objects.get().cursor == "2"
    assert MirroredRun.objects.count() == 4
    fleet.fails_at = None
    fleet.calls.clear()
    sync_type(client(settings), TYPE)
    assert fleet.calls[0] == "/api/v1/subjects 2"
    assert MirroredRun.objects.count() == 10


def test_begins_again_when_the_server_does_not_know_the_cursor(fleet: Fleet, settings: Settings) -> None:
    SyncProgress.objects.create(subject_type=TYPE, cursor="99")
    assert sync_type(client(settings), TYPE).subjects == 5


def test_from_start_reads_everything_again(fleet: Fleet, settings: Settings) -> None:
    sync_type(client(settings), TYPE)
    MirroredRun.objects.update(note="changed by hand")
    assert sync_type(client(settings), TYPE).runs_written == 0
    call_command("airfleet_sync", from_start=True, stdout=None)
    assert not MirroredRun.objects.filter(note="changed by hand").exists()


def test_tells_the_owner_of_what_no_webhook_told(fleet: Fleet, settings: Settings) -> None:
    aid = FindingAid.objects.create(pk=1, ark="ark:/1", status="queued_publish")
    fleet.has("1", run("run_1a", state="success"))
    sync_type(client(settings), TYPE)
    aid.refresh_from_db()
    assert aid.status == "published"


@pytest.mark.django_db(transaction=True)
def test_keeps_a_run_that_a_webhook_brought_while_it_read(fleet: Fleet, settings: Settings) -> None:
    decide = fleet.decide

    def meanwhile(received: Received) -> Answer:
        answer = decide(received)
        if received.path.startswith("/api/v1/runs?subject_type=finding-aid&subject_id=1&"):
            apply_run(run("run_new", changed_at="2026-11-20T04:00:00Z"))
            connection.close()
        return answer

    with stub_server(decide=meanwhile) as stub:
        sync_type(Airfleet(stub.url), TYPE)
    assert FindingAid(pk=1).runs.filter(pk="run_new").exists()


def test_says_why_when_it_cannot(settings: Settings) -> None:
    settings.AIRFLEET_ENABLED = False
    with pytest.raises(CommandError, match="AIRFLEET_DISABLED: Airflow is not enabled"):
        call_command("airfleet_sync")
