"""The whole way: admin action, trigger, run, signed message, mirror, status of the owner."""

from __future__ import annotations

import re
import time
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.messages import get_messages
from django.core.management import call_command

from airfleet.client import Airfleet, AirfleetApiError, run_id_of
from airfleet.django.models import MirroredRun, ReceivedWebhook
from airfleet.django.setup_airfleet import put_retention
from tests.project.findingaids.models import FindingAid, Scan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.test import Client
    from pytest_django import Settings
    from pytest_django.live_server_helper import LiveServer

    from tests.e2e.processes import RunningAirfleet

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/admin/findingaids/findingaid/"


@pytest.fixture
def admin(airfleet: RunningAirfleet) -> Airfleet:
    return Airfleet(airfleet.url, token=airfleet.admin_token)


@pytest.fixture
def connected(
    airfleet: RunningAirfleet,
    admin: Airfleet,
    token: str,
    live_server: LiveServer,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Airfleet]:
    """A Django that Airfleet tells of runs."""
    settings.AIRFLEET_URL = airfleet.url
    settings.AIRFLEET_TOKEN = token
    settings.AIRFLEET_INSTANCES = ["three"]
    settings.AIRFLEET_SITE_URL = live_server.url
    monkeypatch.setenv("AIRFLEET_ADMIN_TOKEN", airfleet.admin_token)
    said = StringIO()
    call_command("airfleet_setup", retention="everything", stdout=said)
    found = re.search(r'AIRFLEET_WEBHOOK_SECRET = "(whsec_[^"]+)"', said.getvalue())
    assert found is not None
    settings.AIRFLEET_WEBHOOK_SECRET = found[1]
    yield Airfleet(airfleet.url, token=token)
    made = admin.exchange.json("GET", "/api/v1/webhooks/cinco-test")
    admin.exchange.json("DELETE", "/api/v1/webhooks/cinco-test", headers={"If-Match": f'"{made["version"]}"'})


def until(claim: Callable[[], Any], seconds: float = 90) -> Any:
    """What the claim gives as soon as it holds; its last failure when it never does."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            value = claim()
        except (AssertionError, AirfleetApiError, MirroredRun.DoesNotExist) as error:
            value, failure = None, error
        else:
            failure = AssertionError("it never held")
        if value:
            return value
        if time.monotonic() > deadline:
            raise failure
        time.sleep(0.1)


def index(client: Client, aids: list[FindingAid], form: dict[str, str], action: str = "index_selected") -> list[str]:
    answer = client.post(LIST, {**form, "action": action, "_selected_action": [str(aid.pk) for aid in aids]})
    assert answer.status_code == 302
    return [str(message) for message in get_messages(answer.wsgi_request)]


def status_of(aid: FindingAid) -> str:
    aid.refresh_from_db()
    return aid.status


def test_an_action_becomes_a_run_and_its_end_the_status_of_the_object(
    admin_client: Client, connected: Airfleet
) -> None:
    aid = FindingAid.objects.create(ark="ark:/13030/kt1", status="published")
    form = {"airfleet_nonce": "page-1"}
    first = index(admin_client, [aid], form)
    assert first[0].startswith("Asked for 1 run of index_finding_aid: <a href=")
    assert f">cinco-test__{aid.pk}__" in first[0]
    index(admin_client, [aid], form)
    assert status_of(aid) == "queued_publish"

    until(lambda: status_of(aid) == "published")
    run = aid.last_success
    assert run is not None
    assert (run.instance, run.dag_id, run.conf["finding_aid_ark"]) == ("three", "index_finding_aid", "ark:/13030/kt1")
    # The form was sent twice, as by a double click.
    assert [each["id"] for each in connected.runs(subject_type="finding-aid", subject_id=str(aid.pk))] == [run.pk]
    assert ReceivedWebhook.objects.filter(type="run.changed").exists()

    subject = connected.subject("finding-aid", str(aid.pk))
    assert (subject["label"], subject["state"]) == ("ark:/13030/kt1", "success")
    assert (subject["url"] or "").endswith("/findaid/ark:/13030/kt1/")
    page = admin_client.get(f"/admin/airfleet/mirroredrun/{run.pk}/change/").content.decode()
    assert f"/admin/airfleet/mirroredrun/{run.pk}/logs/prepare/" in page
    log = admin_client.get(f"/admin/airfleet/mirroredrun/{run.pk}/logs/prepare/").content.decode()
    assert "preparing" in log


def test_a_run_that_fails_is_an_error_of_the_object(admin_client: Client, connected: Airfleet) -> None:
    aid = FindingAid.objects.create(ark="ark:/broken", status="started")
    index(admin_client, [aid], {"airfleet_nonce": "page-2"})
    until(lambda: status_of(aid) == "preview_error")
    assert aid.last_run is not None
    assert aid.last_run.state == "failed"


def test_a_bulk_run_is_about_all_of_its_objects(admin_client: Client, connected: Airfleet) -> None:
    aids = [FindingAid.objects.create(ark=f"ark:/{number}") for number in range(30)]
    index(admin_client, aids, {"airfleet_nonce": "page-3"}, "prepare_selected")
    run = until(lambda: aids[29].last_success)
    assert run.conf == {"finding_aid_ids": [aid.pk for aid in reversed(aids)]}
    assert "__bulk__" in run.dag_run_id
    assert {aid.last_run for aid in aids} == {run}


def test_a_trigger_of_which_no_run_comes_is_an_error_of_the_object(connected: Airfleet) -> None:
    aid = FindingAid.objects.create(ark="ark:/1", status="queued_preview")
    [trigger] = aid.trigger("no_such_dag", instances=["two"])
    assert trigger["state"] in {"pending", "sending", "rejected"}
    until(lambda: status_of(aid) == "preview_error")


def test_a_run_started_elsewhere_is_tied_by_the_task_itself_and_synchronised(connected: Airfleet) -> None:
    aid = FindingAid.objects.create(ark="ark:/1")
    [trigger] = connected.trigger({"dag_id": "index_finding_aid", "instances": ["two"]}, idempotency_key="elsewhere")
    run_id = run_id_of("two", "index_finding_aid", trigger["dag_run_id"])
    until(lambda: connected.run(run_id)["state"] == "success")
    assert aid.runs.count() == 0
    connected.add_subjects(run_id, [aid.to_airfleet_subject()])
    call_command("airfleet_sync")
    known = until(lambda: aid.last_success)
    assert known.pk == run_id
    assert known.ui_url == connected.run(run_id)["ui_url"]
    assert {task["task_id"] for task in connected.tasks(run_id)} == {"prepare", "index"}
    assert any("indexing" in line["text"] for line in connected.logs(run_id, "index"))


def test_the_mirror_is_filled_from_nothing(connected: Airfleet) -> None:
    aid = FindingAid.objects.create(ark="ark:/2")
    aid.trigger("index_finding_aid", {"finding_aid_ark": "{{ object.ark }}"}, instances=["two", "three"])
    until(lambda: aid.runs.filter(state="success").count() == 2)
    before = set(aid.runs.values_list("pk", "state", "dag_run_id"))
    MirroredRun.objects.all().delete()
    call_command("airfleet_sync", from_start=True)
    assert set(aid.runs.values_list("pk", "state", "dag_run_id")) == before


def test_what_airfleet_s_retention_drops_goes_here_too(connected: Airfleet, admin: Airfleet) -> None:
    scan = Scan.objects.create(title="one")
    for key in ("first", "second"):
        scan.trigger("index_finding_aid", instances=["two"], idempotency_key=key)
        until(lambda: scan.last_success is not None and scan.current_run is None)
    until(lambda: scan.runs.filter(state="success").count() == 2)
    newest = scan.last_run
    assert put_retention(admin, "newest-scans", Scan.get_airfleet_subject_type(), "latest_success_and_newest")
    assert not put_retention(admin, "newest-scans", Scan.get_airfleet_subject_type(), "everything")
    admin.exchange.json("DELETE", "/api/v1/retention-policies/cinco-test-findingaids-scan", headers=version(admin))
    admin.exchange.json("POST", "/api/v1/retention-policies/sweep")

    def is_dropped() -> bool:
        call_command("airfleet_sync", stdout=StringIO())
        return list(scan.runs) == [newest]

    until(is_dropped)


def version(admin: Airfleet) -> dict[str, str]:
    policy = admin.exchange.json("GET", "/api/v1/retention-policies/cinco-test-findingaids-scan")
    return {"If-Match": f'"{policy["version"]}"'}
