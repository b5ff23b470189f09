from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from airfleet.django.checks import check_settings, check_subjects
from airfleet.django.configuration import read_configuration
from tests.project.findingaids.models import Scan

if TYPE_CHECKING:
    from pytest_django import Settings


def found() -> set[str | None]:
    return {message.id for message in [*check_settings(app_configs=None), *check_subjects(app_configs=None)]}


def test_finds_nothing_wrong_with_the_project_of_these_tests() -> None:
    assert found() == set()


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("AIRFLEET_URL", "", "airfleet.E001"),
        ("AIRFLEET_URL", "airfleet.example.org", "airfleet.E002"),
        ("AIRFLEET_URL", "https://airfleet.example.org", "airfleet.W001"),
        ("AIRFLEET_WEBHOOK_SECRET", "whsec_!", "airfleet.E003"),
        ("AIRFLEET_WEBHOOK_SECRET", "", "airfleet.W003"),
        ("AIRFLEET_INSTANCES", ["a b"], "airfleet.E004"),
        ("AIRFLEET_INSTANCES", [], "airfleet.W004"),
        ("AIRFLOW_JOB_RELATED_MODEL", "findingaids.Nothing", "airfleet.E006"),
        ("AIRFLOW_JOB_RELATED_MODEL", "auth.User", "airfleet.W005"),
    ],
)
def test_finds_what_is_wrong(settings: Settings, name: str, value: Any, expected: str) -> None:
    setattr(settings, name, value)
    assert found() == {expected}


def test_warns_of_a_token_in_the_open(settings: Settings) -> None:
    settings.AIRFLEET_URL = "http://airfleet.example.org"
    settings.AIRFLEET_TOKEN = "aft_x"
    assert found() == {"airfleet.W002"}


@pytest.mark.parametrize(("kind", "expected"), [("Scan", {"airfleet.E007"}), ("finding-aid", {"airfleet.E008"})])
def test_finds_subject_types_that_cannot_be(monkeypatch: pytest.MonkeyPatch, kind: str, expected: set[str]) -> None:
    monkeypatch.setattr(Scan, "airfleet_subject_type", kind)
    assert found() == expected


def test_has_nothing_to_say_about_a_server_that_is_not_used(settings: Settings) -> None:
    settings.ENABLE_AIRFLOW = False
    settings.AIRFLEET_URL = ""
    assert found() == set()


def test_the_seed_s_settings_mean_what_they_meant(settings: Settings) -> None:
    assert read_configuration().instances == ("pad-airflow",)
    assert read_configuration().project_name == "cinco-test"
    settings.ENABLE_AIRFLOW = False
    assert not read_configuration().is_enabled
    settings.AIRFLEET_ENABLED = True
    assert read_configuration().is_enabled
