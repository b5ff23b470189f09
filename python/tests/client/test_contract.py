"""The types of the client are held to the server's own contract."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from airfleet.client import views

OPENAPI = Path(__file__).parents[3] / "docs/reference/openapi.json"
SCHEMAS: dict[str, Any] = json.loads(OPENAPI.read_text())["components"]["schemas"]


@pytest.mark.parametrize(
    ("name", "view"),
    [
        ("FleetRun", views.Run),
        ("LogLine", views.LogLine),
        ("Subject", views.Subject),
        ("SubjectRef", views.SubjectRef),
        ("SubjectRun", views.SubjectRun),
        ("TaskInstance", views.TaskInstance),
        ("Trigger", views.Trigger),
    ],
)
def test_a_view_names_only_what_the_server_answers(name: str, view: Any) -> None:
    known = set(SCHEMAS[name]["properties"])
    assert set(view.__annotations__) - known == set()


def test_a_trigger_asks_for_what_the_server_takes() -> None:
    operation = json.loads(OPENAPI.read_text())["paths"]["/api/v1/triggers"]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    if "$ref" in schema:
        schema = SCHEMAS[schema["$ref"].rpartition("/")[2]]
    assert set(views.TriggerItem.__annotations__) - set(schema["properties"]) == set()
