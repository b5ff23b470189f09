from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.messages import get_messages

from airfleet.django.admin import TriggerAction
from airfleet.django.mirror import apply_run
from airfleet.django.models import SyncProgress
from tests.project.findingaids.admin import FindingAidAdmin
from tests.project.findingaids.models import FindingAid, Scan
from tests.project.findingaids.statuses import queue
from tests.support.samples import run, trigger
from tests.support.stub_server import Answer, Received, problem, stub_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client
    from pytest_django import Settings

    from tests.support.stub_server import StubServer

pytestmark = pytest.mark.django_db

LIST = "/admin/findingaids/findingaid/"


@pytest.fixture
def aids() -> list[FindingAid]:
    return [FindingAid.objects.create(pk=number, ark=f"ark:/{number}", status="published") for number in (1, 2, 3)]


@pytest.fixture
def airfleet(settings: Settings) -> Iterator[StubServer]:
    """Answers triggers as Airfleet does: the same key is the same trigger."""
    known: dict[str, dict[str, Any]] = {}

    def decide(received: Received) -> Answer:
        key = received.headers["idempotency-key"]
        items = received.body["items"]
        made = [trigger(f"trg_{len(known)}{place}", dag_id=item["dag_id"]) for place, item in enumerate(items)]
        outcomes = [{"index": place, "triggers": [each], "error": None} for place, each in enumerate(made)]
        return Answer(status=202, body=known.setdefault(key, {"items": outcomes}))

    with stub_server(decide=decide) as stub:
        settings.AIRFLEET_URL = stub.url
        yield stub


def form_of(client: Client, path: str = LIST) -> dict[str, str]:
    """The hidden fields of a list's page, as a browser would send them back."""
    page = client.get(path).content.decode()
    inputs = re.findall(r"<input[^>]*>", page)
    pairs = (re.search(r'name="([^"]+)"[^>]*value="([^"]*)"', field) for field in inputs if "hidden" in field)
    return {pair[1]: pair[2] for pair in pairs if pair}


def act(client: Client, action: str, aids: list[FindingAid], form: dict[str, str] | None = None) -> list[str]:
    data = {**(form or form_of(client)), "action": action, "_selected_action": [str(aid.pk) for aid in aids]}
    answer = client.post(LIST, data)
    assert answer.status_code == 302
    return [str(message) for message in get_messages(answer.wsgi_request)]


def test_an_action_asks_for_a_run_per_object_and_shows_its_address(
    admin_client: Client, aids: list[FindingAid], airfleet: StubServer
) -> None:
    [message] = act(admin_client, "index_selected", aids[:2])
    assert message.startswith("Asked for 2 runs of index_finding_aid: ")
    assert '<a href="https://airflow.example.org/grid">cinco-test__1__trg_01</a>' in message
    [received] = airfleet.received
    bodies = received.body["items"]
    assert [body["conf"]["finding_aid_ark"] for body in bodies] == ["ark:/2", "ark:/1"]
    assert bodies[1]["instances"] == ["pad-airflow"]
    assert bodies[1]["subjects"] == [
        {"type": "finding-aid", "id": "1", "label": "ark:/1", "url": "https://cinco.example.org/findaid/ark:/1/"}
    ]
    assert list(FindingAid.objects.order_by("pk").values_list("status", flat=True)) == [
        "queued_publish",
        "queued_publish",
        "published",
    ]


def test_a_bulk_action_asks_for_one_run_about_all(
    admin_client: Client, aids: list[FindingAid], airfleet: StubServer
) -> None:
    act(admin_client, "prepare_selected", aids)
    [received] = airfleet.received
    [item] = received.body["items"]
    assert item["conf"] == {"finding_aid_ids": [3, 2, 1]}
    assert len(item["subjects"]) == 3
    assert (item["dag_run_id_prefix"], item["note"]) == (
        "cinco-test__bulk",
        "Triggered using Airfleet from cinco-test",
    )


def test_a_form_that_is_sent_twice_is_one_request_and_a_new_page_another(
    admin_client: Client, aids: list[FindingAid], airfleet: StubServer
) -> None:
    form = form_of(admin_client)
    first = act(admin_client, "index_selected", aids[:1], form)
    again = act(admin_client, "index_selected", aids[:1], form)
    assert again == [*first, *first]
    act(admin_client, "index_selected", aids[:1])
    keys = [received.headers["idempotency-key"] for received in airfleet.received]
    assert keys[0] == keys[1] != keys[2]


def test_says_so_and_sends_nothing_when_airflow_is_not_enabled(
    admin_client: Client, aids: list[FindingAid], airfleet: StubServer, settings: Settings
) -> None:
    settings.ENABLE_AIRFLOW = False
    assert act(admin_client, "index_selected", aids) == ["Airflow is not enabled."]
    assert airfleet.received == []
    assert FindingAid.objects.filter(status="published").count() == 3


def test_a_refusal_is_shown_and_told_to_the_owner(
    admin_client: Client, aids: list[FindingAid], settings: Settings
) -> None:
    with stub_server(problem(404, "DAG_UNKNOWN")) as stub:
        settings.AIRFLEET_URL = stub.url
        messages = act(admin_client, "index_selected", aids[:2])
    assert messages == ["Index selected finding aids: It is DAG_UNKNOWN."]
    assert list(FindingAid.objects.order_by("pk").values_list("status", flat=True)) == [
        "publish_error",
        "publish_error",
        "published",
    ]


def test_a_rejected_trigger_and_a_warning_are_shown(
    admin_client: Client, aids: list[FindingAid], settings: Settings
) -> None:
    rejected = trigger(state="rejected", error={"code": "DAG_UNKNOWN", "message": "There is no such DAG."})
    paused = trigger("trg_2", warnings=[{"code": "DAG_PAUSED", "message": "It waits until somebody unpauses."}])
    outcomes = [
        {"index": 0, "triggers": [paused], "error": None},
        {"index": 1, "triggers": [rejected], "error": None},
        {"index": 2, "triggers": [], "error": {"code": "REQUEST_INVALID", "message": "The conf is no object."}},
    ]
    with stub_server(Answer(status=202, body={"items": outcomes})) as stub:
        settings.AIRFLEET_URL = stub.url
        messages = act(admin_client, "index_selected", aids)
    assert messages[:3] == [
        "Index selected finding aids, ark:/2: pad-airflow: There is no such DAG.",
        "Index selected finding aids, ark:/1: The conf is no object.",
        "index_finding_aid on pad-airflow: It waits until somebody unpauses.",
    ]
    assert messages[3].startswith("Asked for 1 run of index_finding_aid")
    assert list(FindingAid.objects.order_by("pk").values_list("status", flat=True)) == [
        "publish_error",
        "publish_error",
        "queued_publish",
    ]


def test_a_template_that_does_not_fit_sends_nothing(
    admin_client: Client, aids: list[FindingAid], airfleet: StubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    action = TriggerAction(name="typo", description="Typo", dag_id="x", conf={"a": "{{ object.arc }}"}, before=queue)
    monkeypatch.setattr(FindingAidAdmin, "airfleet_actions", (action,))
    [message] = act(admin_client, "typo", aids)
    assert "has no 'arc'" in message
    assert airfleet.received == []
    assert FindingAid.objects.filter(status="published").count() == 3


def test_an_action_is_not_offered_to_who_may_not_change_objects(client: Client, aids: list[FindingAid]) -> None:
    from django.contrib.auth.models import Permission, User

    viewer = User.objects.create_user("viewer", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_findingaid"))
    client.force_login(viewer)
    page = client.get(LIST).content.decode()
    assert "ark:/1" in page
    assert "index_selected" not in page


def test_lists_show_sort_and_filter_by_the_last_run_while_airfleet_is_down(
    admin_client: Client, aids: list[FindingAid]
) -> None:
    about = [[{"type": "finding-aid", "id": str(number)}] for number in (1, 2)]
    apply_run(run("run_a", state="failed", due_at="2026-11-18T00:00:00Z", subjects=about[0]))
    apply_run(run("run_b", state="success", due_at="2026-11-19T00:00:00Z", subjects=about[1], partial=True))
    page = admin_client.get(LIST).content.decode()
    assert '<span class="airfleet-state airfleet-state-failed">✗ failed</span>' in page
    assert '<span class="airfleet-state airfleet-state-success">✓ success (partial)</span>' in page
    assert "/admin/airfleet/mirroredrun/run_a/change/" in page

    def listed(query: str) -> list[int]:
        answer = admin_client.get(f"{LIST}?{query}")
        return [each.pk for each in answer.context["cl"].queryset]

    assert [key for key in listed("o=4") if key != 3] == [1, 2]
    assert [key for key in listed("o=-4") if key != 3] == [2, 1]
    assert listed("last_run=failed") == [1]
    assert listed("last_run=none") == [3]


def test_a_list_of_objects_with_uuids_finds_their_runs(admin_client: Client) -> None:
    scan = Scan.objects.create(title="one")
    Scan.objects.create(title="two")
    apply_run(run(state="lost", subjects=[{"type": "findingaids.scan", "id": str(scan.pk)}]))
    answer = admin_client.get("/admin/findingaids/scan/?last_run=lost")
    assert [each.pk for each in answer.context["cl"].queryset] == [scan.pk]


def test_the_page_of_an_object_shows_its_runs_and_can_be_saved(admin_client: Client, aids: list[FindingAid]) -> None:
    apply_run(run(state="running", engine_gone_at=None))
    apply_run(run("run_x", state="success", ui_url="javascript:alert(1)", due_at="2026-11-01T00:00:00Z"))
    page = admin_client.get(f"{LIST}1/change/").content.decode()
    assert "▶ running" in page
    assert 'href="https://airflow.example.org/dags/index_finding_aid/runs/x"' in page
    assert "javascript:" not in page
    assert 'href="http://127.0.0.1:9/runs/run_a"' in page
    assert "Nothing was heard from Airfleet yet" in page
    form = form_of(admin_client, f"{LIST}1/change/")
    answer = admin_client.post(f"{LIST}1/change/", {**form, "ark": "ark:/9", "repository_code": "u", "status": "s"})
    assert answer.status_code == 302
    assert FindingAid.objects.get(pk=1).ark == "ark:/9"
    assert FindingAid.objects.get(pk=1).runs.count() == 2


def test_the_page_of_a_new_object_has_no_runs_to_show(admin_client: Client) -> None:
    page = admin_client.get(f"{LIST}add/")
    assert page.status_code == 200
    assert "No run yet." in page.content.decode()


def test_says_since_when_nothing_was_heard(admin_client: Client, aids: list[FindingAid]) -> None:
    from datetime import datetime, timezone

    SyncProgress.objects.create(subject_type="finding-aid", finished_at=datetime(2026, 1, 2, tzinfo=timezone.utc))
    page = admin_client.get("/admin/airfleet/mirroredrun/").content.decode()
    assert "Airfleet was last heard of at 2026-01-0" in page


def test_the_page_of_a_run_shows_its_tasks_and_their_logs(
    admin_client: Client, aids: list[FindingAid], settings: Settings
) -> None:
    apply_run(run(state="failed"))
    task = {"task_id": "load/x", "display_name": "load/x", "map_index": 2, "state": "failed", "try_number": 3}
    log = b'{"at":"2026-11-20T03:00:05Z","level":"error","source":null,"text":"<b>no space left</b>"}\n'

    def decide(received: Received) -> Answer:
        if received.path.endswith("/tasks"):
            return Answer(body={"items": [task], "next_cursor": None})
        return Answer(raw=log, headers={"content-type": "application/x-ndjson"})

    with stub_server(decide=decide) as stub:
        settings.AIRFLEET_URL = stub.url
        page = admin_client.get("/admin/airfleet/mirroredrun/run_a/change/").content.decode()
        found = re.search(r'href="([^"]+/logs/[^"]+)"', page)
        assert "load/x [2]" in page
        assert found is not None
        shown = admin_client.get(found[1]).content.decode()
        admin_client.get(found[1] + "&try_number=nonsense")
    assert "2026-11-20T03:00:05Z ERROR &lt;b&gt;no space left&lt;/b&gt;" in shown
    query = parse_qs(urlsplit(stub.received[1].path).query)
    assert (query["map_index"], query["tail"]) == (["2"], ["1000"])


def test_the_page_of_a_run_is_there_while_airfleet_is_down(
    admin_client: Client, aids: list[FindingAid], settings: Settings
) -> None:
    apply_run(run(state="failed"))
    page = admin_client.get("/admin/airfleet/mirroredrun/run_a/change/").content.decode()
    assert "Its tasks cannot be read now: No Airfleet server answers at http://127.0.0.1:9" in page
    assert "✗ failed" in page
    assert "ark:/1" in page
    log = admin_client.get("/admin/airfleet/mirroredrun/run_a/logs/load/").content.decode()
    assert "The log cannot be read now" in log
    assert admin_client.get("/admin/airfleet/mirroredrun/run_z/logs/load/").status_code == 404


def test_a_log_is_not_shown_to_who_may_not_see_runs(client: Client, aids: list[FindingAid]) -> None:
    from django.contrib.auth.models import User

    apply_run(run())
    client.force_login(User.objects.create_user("nobody", is_staff=True))
    assert client.get("/admin/airfleet/mirroredrun/run_a/logs/load/").status_code == 403
