"""Parameters filled into options."""

import pytest

from airfleet.runtime.errors import StepRefused
from airfleet.runtime.values import fill

PARAMS = {"day": "monday", "n": 3, "half": 0.5, "whole": 2.0, "on": True, "none": None, "list": [1]}


def test_a_parameter_alone_keeps_its_type() -> None:
    assert fill({"limit": {"$param": "n"}, "deep": [{"$param": "list"}]}, PARAMS) == {"limit": 3, "deep": [[1]]}


def test_a_parameter_in_a_text_is_text() -> None:
    parts = ["in/", {"$param": "day"}, "-", {"$param": "n"}, "-", {"$param": "half"}, "-", {"$param": "whole"}]
    assert fill({"$text": parts}, PARAMS) == "in/monday-3-0.5-2"
    assert fill({"$text": [{"$param": "on"}, {"$param": "none"}]}, PARAMS) == "true"


def test_what_cannot_stand_in_a_text_is_refused() -> None:
    with pytest.raises(StepRefused, match="A list cannot stand inside a text"):
        fill({"$text": ["x", {"$param": "list"}]}, PARAMS)
    with pytest.raises(StepRefused, match='no parameter "night"'):
        fill({"$param": "night"}, PARAMS)


def test_a_text_that_looks_like_a_reference_stays_one() -> None:
    assert fill("{{ params.day }} $param", PARAMS) == "{{ params.day }} $param"
