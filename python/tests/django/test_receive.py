from __future__ import annotations

import json
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection

from airfleet.client import sign_webhook
from airfleet.django.mirror import apply_run
from airfleet.django.models import MirroredRun, ReceivedWebhook
from airfleet.django.signals import run_changed, subject_changed
from tests.project.findingaids.models import FindingAid
from tests.support.samples import run
from tests.support.stub_server import Answer, stub_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client
    from pytest_django import Settings

pytestmark = [pytest.mark.django_db, pytest.mark.stores]

SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
ADDRESS = "/airfleet/webhook/"


def deliver(client: Client, kind: str, data: dict[str, Any], name: str = "msg_1", **options: Any) -> int:
    body = json.dumps({"type": kind, "timestamp": "2026-11-20T03:00:02Z", "data": data}).encode()
    at = options.get("at", int(time.time()))
    signature = sign_webhook(body, webhook_id=name, timestamp=at, secret=options.get("secret", SECRET))
    headers = {"webhook-id": name, "webhook-timestamp": str(at), "webhook-signature": signature}
    client.raise_request_exception = False
    status: int = client.post(ADDRESS, body, content_type="application/json", headers=headers).status_code
    return status


@pytest.fixture
def aid() -> FindingAid:
    return FindingAid.objects.create(pk=1, ark="ark:/1", status="queued_publish")


def test_a_finished_run_sets_the_owner_s_status(client: Client, aid: FindingAid) -> None:
    assert deliver(client, "run.changed", run(state="running")) == 204
    aid.refresh_from_db()
    assert aid.status == "queued_publish"
    done = run(state="success", changed_at="2026-11-20T03:10:00Z")
    assert deliver(client, "run.changed", done, "msg_2") == 204
    aid.refresh_from_db()
    assert (aid.status, MirroredRun.objects.get().state) == ("published", "success")


def test_a_failed_run_and_a_refused_trigger_are_errors(client: Client, aid: FindingAid) -> None:
    deliver(client, "run.changed", run(state="failed"))
    aid.refresh_from_db()
    assert aid.status == "publish_error"
    FindingAid.objects.update(status="queued_preview")
    about = [{"type": "finding-aid", "id": "1"}]
    deliver(client, "trigger.changed", {"id": "trg_2", "state": "rejected", "subjects": about}, "msg_2")
    aid.refresh_from_db()
    assert aid.status == "preview_error"


def test_a_repeated_delivery_is_acted_on_once(client: Client, aid: FindingAid) -> None:
    heard: list[str] = []

    def listen(run: MirroredRun, **_: Any) -> None:
        heard.append(run.state)

    run_changed.connect(listen)
    try:
        assert deliver(client, "run.changed", run(state="success")) == 204
        # As after the real one ran on and this was recorded by an attacker, or our answer was lost.
        MirroredRun.objects.update(state="running", changed_at="2026-11-19T00:00:00Z")
        assert deliver(client, "run.changed", run(state="success")) == 204
    finally:
        run_changed.disconnect(listen)
    assert (heard, MirroredRun.objects.get().state) == (["success"], "running")


def test_a_receiver_that_fails_undoes_everything_so_that_the_delivery_is_repeated(
    client: Client, aid: FindingAid
) -> None:
    def refuse(**_: Any) -> None:
        raise RuntimeError("the owner's database says no")

    run_changed.connect(refuse)
    try:
        assert deliver(client, "run.changed", run(state="success")) == 500
    finally:
        run_changed.disconnect(refuse)
    assert (ReceivedWebhook.objects.count(), MirroredRun.objects.count()) == (0, 0)
    assert deliver(client, "run.changed", run(state="success")) == 204
    aid.refresh_from_db()
    assert aid.status == "published"


@contextmanager
def rival_message(news: dict[str, Any]) -> Iterator[list[str]]:
    """Another message is acted on between our look at the rows and our writing, as READ COMMITTED lets happen."""
    let_in: list[str] = []

    def intervene(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001
        if sql.startswith("INSERT") and MirroredRun._meta.db_table in sql and not let_in:
            let_in.append(sql)
            apply_run(news)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(intervene):
        yield let_in


@pytest.mark.parametrize(
    ("state", "changed_at", "stands"),
    [("queued", "2026-11-20T03:00:00Z", "running"), ("success", "2026-11-20T03:10:00Z", "success")],
)
def test_of_two_first_messages_about_a_run_at_once_both_are_acted_on_and_the_newer_stands(
    client: Client, aid: FindingAid, state: str, changed_at: str, stands: str
) -> None:
    with rival_message(run(state=state, changed_at=changed_at)) as let_in:
        assert deliver(client, "run.changed", run(state="running")) == 204
    assert len(let_in) == 1
    assert [row.state for row in aid.runs] == [stands]


def test_only_who_has_the_secret_is_heard_and_only_now(client: Client) -> None:
    other = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    assert deliver(client, "run.changed", run(), secret=other) == 400
    assert deliver(client, "run.changed", run(), at=int(time.time()) - 301) == 400
    assert client.post(ADDRESS, run(), content_type="application/json").status_code == 400
    assert client.get(ADDRESS).status_code == 405
    assert MirroredRun.objects.count() == 0


def test_without_a_secret_nobody_is_heard(client: Client, settings: Settings) -> None:
    settings.AIRFLEET_WEBHOOK_SECRET = ""
    assert deliver(client, "run.changed", run()) == 503


def test_the_webhook_needs_no_csrf_token(aid: FindingAid) -> None:
    from django.test import Client as Browser

    assert deliver(Browser(enforce_csrf_checks=True), "run.changed", run()) == 204


def test_a_run_that_airfleet_dropped_is_dropped(client: Client, aid: FindingAid) -> None:
    deliver(client, "run.changed", run())
    removed = {
        "id": "run_a",
        "state": "running",
        "reason": "retention",
        "subjects": [{"type": "finding-aid", "id": "1"}],
        "subjects_total": 1,
    }
    assert deliver(client, "run.removed", removed, "msg_2") == 204
    assert aid.runs.count() == 0


def test_a_message_brings_the_address_of_the_run_in_airflow(client: Client, aid: FindingAid) -> None:
    address = "https://airflow.example.org/dags/index/runs/r1"
    deliver(client, "run.changed", run(ui_url=address))
    assert MirroredRun.objects.get().ui_url == address


def test_other_kinds_are_taken_and_do_nothing(client: Client) -> None:
    assert deliver(client, "alert.opened", {"id": "alr_1"}) == 204
    assert ReceivedWebhook.objects.get().type == "alert.opened"


def test_what_is_known_of_an_object_is_told(client: Client, aid: FindingAid) -> None:
    heard: list[Any] = []

    def listen(object: FindingAid | None, subject_id: str, **_: Any) -> None:  # noqa: A002
        heard.append((subject_id, object))

    subject_changed.connect(listen)
    try:
        deliver(client, "subject.changed", {"type": "finding-aid", "id": "1"})
        deliver(client, "subject.changed", {"type": "finding-aid", "id": "gone"}, "msg_2")
        deliver(client, "subject.changed", {"type": "theirs", "id": "1"}, "msg_3")
    finally:
        subject_changed.disconnect(listen)
    assert heard == [("1", aid), ("gone", None)]


def test_a_short_message_about_an_unknown_run_is_completed_by_asking(
    client: Client, aid: FindingAid, settings: Settings
) -> None:
    with stub_server(Answer(body=run())) as stub:
        settings.AIRFLEET_URL = stub.url
        short = {"id": "run_a", "state": "success", "subjects": [{"type": "finding-aid", "id": "1"}]}
        assert deliver(client, "run.changed", short) == 204
    assert [received.path for received in stub.received] == ["/api/v1/runs/run_a"]
    known = MirroredRun.objects.get()
    assert (known.state, known.dag_id) == ("success", "index_finding_aid")
