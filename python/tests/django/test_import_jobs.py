from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

import pytest
from django.core.management import CommandError, call_command

from airfleet.client import run_id_of
from airfleet.django.mirror import apply_run
from airfleet.django.models import MirroredRun
from tests.project.findingaids.models import FindingAid, OldJobRun
from tests.support.samples import run
from tests.support.stub_server import Answer, Received, problem, stub_server

if TYPE_CHECKING:
    from pytest_django import Settings

pytestmark = [pytest.mark.django_db, pytest.mark.stores]

URL = "https://airflow.example.org"
MODEL = "findingaids.OldJobRun"


@pytest.fixture
def aid() -> FindingAid:
    return FindingAid.objects.create(pk=1, ark="ark:/1")


def job(aid: FindingAid | None, name: str = "cinco__1__2025-05-01T10:00:00+00:00", **changes: object) -> OldJobRun:
    facts = {"dag_id": "index_finding_aid", "dag_run_id": name, "airflow_url": URL, "status": "succeeded", **changes}
    made = OldJobRun.objects.create(**facts)
    made.related_models.set([aid] if aid else [])
    return made


def test_keeps_runs_that_airfleet_does_not_know(aid: FindingAid, settings: Settings) -> None:
    job(aid, dag_run_conf='{"preview": "publish"}')
    job(aid, "cinco__1__x", status="failed", logical_date=datetime(2025, 5, 2, tzinfo=timezone.utc), dag_run_conf="{")
    job(aid, "manual__z", status="running")
    with stub_server(problem(404, "RUN_KEY_UNKNOWN")) as stub:
        settings.AIRFLEET_URL = stub.url
        call_command("airfleet_import_jobs", MODEL)
        call_command("airfleet_import_jobs", MODEL)
    assert [(each.state, each.is_imported) for each in aid.runs] == [
        ("failed", True),
        ("success", True),
        ("lost", True),
    ]
    known = aid.last_success
    assert known is not None
    assert known.pk == run_id_of("pad-airflow", "index_finding_aid", "cinco__1__2025-05-01T10:00:00+00:00")
    assert (known.conf, known.due_at.isoformat()) == ({"preview": "publish"}, "2025-05-01T10:00:00+00:00")
    assert known.ui_url == (f"{URL}/dags/index_finding_aid/grid?dag_run_id=cinco__1__2025-05-01T10%3A00%3A00%2B00%3A00")


def test_ties_runs_that_airfleet_knows_to_their_objects_there(
    aid: FindingAid, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    job(aid)
    job(aid, "")
    job(None, "manual__1")
    with stub_server(Answer(body={"added": 1, "subjects_total": 1})) as stub:
        settings.AIRFLEET_URL = stub.url
        call_command("airfleet_import_jobs", MODEL)
    [received] = stub.received
    assert received.path.endswith("/subjects")
    assert received.body["subjects"][0]["id"] == "1"
    assert capsys.readouterr().out == "1 about no subject\n1 tied in Airfleet\n1 without a run id\n"
    assert MirroredRun.objects.count() == 0


def test_changes_nothing_when_told_so(aid: FindingAid, settings: Settings) -> None:
    job(aid)

    def decide(received: Received) -> Answer:
        assert received.method == "GET"
        return problem(404, "RUN_KEY_UNKNOWN")

    with stub_server(decide=decide) as stub:
        settings.AIRFLEET_URL = stub.url
        call_command("airfleet_import_jobs", MODEL, dry_run=True)
    assert MirroredRun.objects.count() == 0


def test_what_airfleet_says_of_an_imported_run_takes_its_place(aid: FindingAid) -> None:
    job(aid)
    call_command("airfleet_import_jobs", MODEL, offline=True)
    [known] = aid.runs
    apply_run(run(known.pk, state="failed", changed_at="2025-05-01T11:00:00Z"))
    [known] = aid.runs
    assert (known.state, known.is_imported) == ("failed", False)


def test_asks_which_instance_is_at_an_address(aid: FindingAid, settings: Settings) -> None:
    settings.AIRFLEET_INSTANCES = ["a", "b"]
    job(aid)
    with pytest.raises(CommandError, match=f"Which instance is at {URL}"):
        call_command("airfleet_import_jobs", MODEL, offline=True)
    call_command("airfleet_import_jobs", MODEL, offline=True, instance=[f"{URL}=b"])
    assert MirroredRun.objects.get().instance == "b"


@pytest.mark.parametrize(("model", "reason"), [("findingaids.Nothing", "no model"), ("auth.User", "no JobRun")])
def test_refuses_a_model_that_has_no_jobs(model: str, reason: str) -> None:
    with pytest.raises(CommandError, match=reason):
        call_command("airfleet_import_jobs", model)
