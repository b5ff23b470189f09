"""What only real, concurrent transactions show: who waits for whom, and what stands afterwards."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from airfleet.django.mirror import apply_run, remove_runs
from airfleet.django.models import MirroredRun, MirroredSubject
from tests.support.samples import run

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stores]

WITHIN_SECONDS = 60


def at_once(*works: Callable[[], object]) -> None:
    """Does all of it at the same time, each on a connection of its own; the first failure is raised."""
    failures: list[BaseException] = []
    line = threading.Barrier(len(works))

    def begin(work: Callable[[], object]) -> None:
        try:
            line.wait(WITHIN_SECONDS)
            work()
        except BaseException as error:  # noqa: BLE001
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=begin, args=[work], daemon=True) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WITHIN_SECONDS)
    assert not any(thread.is_alive() for thread in threads)
    if failures:
        raise failures[0]


def about(*numbers: int) -> list[dict[str, Any]]:
    return [{"type": "finding-aid", "id": str(number)} for number in numbers]


def saying(news: dict[str, Any]) -> Callable[[], object]:
    return lambda: apply_run(news)


def test_the_migrations_are_those_of_the_models_and_go_both_ways() -> None:
    call_command("makemigrations", "airfleet", check=True, dry_run=True, verbosity=0)
    executor = MigrationExecutor(connection)
    newest = executor.loader.graph.leaf_nodes("airfleet")
    try:
        executor.migrate([("airfleet", None)])
        assert MirroredRun._meta.db_table not in connection.introspection.table_names()
    finally:
        MigrationExecutor(connection).migrate(newest)
    apply_run(run())
    assert MirroredSubject.objects.get().newest_run_id == "run_a"


def test_of_first_messages_about_a_run_at_once_all_are_acted_on_and_the_newest_stands() -> None:
    for number in range(5):
        name = f"run_{number}"
        states = {"queued": 0, "running": 1, "success": 2}
        at_once(
            *(
                saying(run(name, state=state, changed_at=f"2026-11-20T03:0{minute}:00Z"))
                for state, minute in states.items()
            )
        )
        assert MirroredRun.objects.get(pk=name).state == "success"


def test_of_runs_of_one_object_at_once_the_newest_is_the_one_due_last() -> None:
    for number in range(5):
        due = [f"2026-11-{day:02}T00:00:00Z" for day in range(1, 5)]
        names = [f"run_{number}_{day}" for day in range(4)]
        at_once(*(saying(run(name, due_at=day, subjects=about(number))) for name, day in zip(names, due, strict=True)))
        assert MirroredSubject.objects.get(subject_id=str(number)).newest_run_id == names[-1]


def test_bulk_runs_about_the_same_objects_in_other_orders_wait_for_each_other() -> None:
    numbers = range(1_200)
    forth, back = about(*numbers), about(*reversed(numbers))
    apply_run(run("run_first", subjects=forth, due_at="2026-11-01T00:00:00Z"))
    for number in (2, 3):
        due = f"2026-11-{number:02}T00:00:00Z"
        at_once(
            saying(run(f"run_f{number}", subjects=forth, due_at=due)),
            saying(run(f"run_b{number}", subjects=back, due_at=due.replace("T00", "T01"))),
        )
        newest = MirroredSubject.objects.values_list("newest_run", flat=True)
        assert set(newest) == {f"run_b{number}"}


def test_a_run_that_goes_while_another_comes_leaves_the_newest_right() -> None:
    for number in range(5):
        old, going, coming = (f"run_{number}_{word}" for word in ("old", "going", "coming"))
        first = run(old, subjects=about(number), due_at="2026-11-01T00:00:00Z")
        apply_run(first)
        apply_run(run(going, subjects=about(number), due_at="2026-11-03T00:00:00Z"))
        at_once(
            lambda: remove_runs([going]),  # noqa: B023
            saying(run(coming, subjects=about(number), due_at="2026-11-02T00:00:00Z")),
            saying({**first, "state": "success", "changed_at": "2026-11-20T04:00:00Z"}),
        )
        assert MirroredSubject.objects.get(subject_id=str(number)).newest_run_id == coming
