from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from airfleet.django.mirror import apply_run, remove_runs
from airfleet.django.models import MirroredRun, MirroredSubject
from tests.project.findingaids.models import FindingAid, Scan
from tests.support.samples import run

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

pytestmark = [pytest.mark.django_db, pytest.mark.stores]

ABOUT_2 = [{"type": "finding-aid", "id": "1"}, {"type": "finding-aid", "id": "2"}, {"type": "theirs", "id": "1"}]


def test_an_object_knows_its_runs_newest_first() -> None:
    aid = FindingAid.objects.create(pk=1, ark="ark:/1")
    apply_run(run("run_old", state="success", due_at="2026-11-18T00:00:00Z"))
    apply_run(run("run_now", state="running", due_at="2026-11-20T00:00:00Z"))
    apply_run(run("run_bad", state="failed", due_at="2026-11-19T00:00:00Z"))
    assert [each.pk for each in aid.runs] == ["run_now", "run_bad", "run_old"]
    assert (aid.last_success, aid.current_run, aid.last_run) == (
        MirroredRun(pk="run_old"),
        MirroredRun(pk="run_now"),
        MirroredRun(pk="run_now"),
    )
    assert MirroredSubject.objects.get().newest_run_id == "run_now"


def test_news_that_was_overtaken_changes_nothing() -> None:
    apply_run(run(state="success", changed_at="2026-11-20T03:05:00Z"))
    assert apply_run(run(state="running", changed_at="2026-11-20T03:01:00Z")) is None
    assert MirroredRun.objects.get().state == "success"


def test_an_older_word_about_the_same_state_adds_what_was_not_said() -> None:
    apply_run(run(state="success", changed_at="2026-11-20T03:05:00Z", ui_url=""))
    change = apply_run(run(state="success", changed_at="2026-11-20T03:04:59Z"))
    assert change is not None
    assert not change.is_change
    assert MirroredRun.objects.get().ui_url.startswith("https://airflow")
    assert apply_run(run(state="running", changed_at="2026-11-20T03:04:59Z")) is None


def test_a_rerun_is_newer_and_so_moves_a_finished_run() -> None:
    apply_run(run(state="success", changed_at="2026-11-20T03:05:00Z"))
    change = apply_run(run(state="running", changed_at="2026-11-20T04:00:00Z"))
    assert change is not None
    assert (change.before, change.run.state, change.is_change) == ("success", "running", True)


def test_a_bulk_run_is_tied_to_our_objects_and_to_nobody_else_s() -> None:
    apply_run(run(subjects=ABOUT_2, subjects_total=3))
    assert list(MirroredSubject.objects.order_by("subject_id").values_list("type", "subject_id")) == [
        ("finding-aid", "1"),
        ("finding-aid", "2"),
    ]
    assert apply_run(run("run_b", subjects=ABOUT_2[2:])) is None
    assert MirroredRun.objects.count() == 1


def test_ten_thousand_objects_take_few_statements(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    about = [{"type": "finding-aid", "id": str(number)} for number in range(10_000)]
    with django_assert_max_num_queries(120):
        apply_run(run(subjects=about, subjects_total=10_000))
    assert MirroredSubject.objects.filter(newest_run="run_a").count() == 10_000


def test_what_airfleet_dropped_goes_and_the_run_before_is_the_newest_again() -> None:
    apply_run(run("run_old", due_at="2026-11-18T00:00:00Z"))
    apply_run(run("run_new", due_at="2026-11-19T00:00:00Z"))
    assert remove_runs(["run_new", "run_unknown"]) == 1
    assert MirroredSubject.objects.get().newest_run_id == "run_old"


def test_the_newest_is_the_one_due_last_and_not_the_one_heard_of_last() -> None:
    apply_run(run("run_new", due_at="2026-11-19T00:00:00Z"))
    apply_run(run("run_old", due_at="2026-11-18T00:00:00Z", changed_at="2026-11-21T00:00:00Z"))
    assert MirroredSubject.objects.get().newest_run_id == "run_new"


def test_a_message_that_says_less_keeps_what_is_known() -> None:
    apply_run(run())
    apply_run({"id": "run_a", "state": "success", "note": None, "conf": None, "changed_at": "2026-11-20T05:00:00Z"})
    known = MirroredRun.objects.get()
    assert (known.state, known.dag_id, known.conf, known.job_status) == (
        "success",
        "index_finding_aid",
        {"finding_aid_id": 1},
        "succeeded",
    )


@pytest.mark.parametrize(
    ("state", "word"),
    [
        ("queued", "running"),
        ("running", "running"),
        ("success", "succeeded"),
        ("failed", "failed"),
        ("cancelled", "failed"),
        ("lost", "failed"),
    ],
)
def test_every_state_has_a_word_of_the_seed(state: str, word: str) -> None:
    assert MirroredRun(state=state).job_status == word


def test_an_object_tells_airfleet_who_it_is() -> None:
    aid = FindingAid.objects.create(pk=1, ark="ark:/1/é")
    assert aid.to_airfleet_subject() == {
        "type": "finding-aid",
        "id": "1",
        "label": "ark:/1/é",
        "url": "https://cinco.example.org/findaid/ark:/1/é/",
    }
    assert Scan(title="x").to_airfleet_subject()["type"] == "findingaids.scan"
    assert Scan(title="x").to_airfleet_subject()["url"] is None
