"""Fills a run's parameters into options, as values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import StepRefused

if TYPE_CHECKING:
    from collections.abc import Mapping


_LARGEST_SAFE = 2**53 - 1


def param(params: Mapping[str, Any], name: str) -> Any:
    """The value of a parameter, or the reason why there is none."""
    if name not in params:
        given = ", ".join(sorted(params)) or "none"
        raise StepRefused(f'The run has no parameter "{name}" (given: {given}). Set it, or add a default.')
    return _as_javascript(params[name])


def _as_javascript(value: Any) -> Any:
    """Numbers as the other interpreter reads them from the same JSON: 1.0 and 1 are one number there."""
    if isinstance(value, float) and value.is_integer() and abs(value) <= _LARGEST_SAFE:
        return int(value)
    if isinstance(value, int) and abs(value) > _LARGEST_SAFE:
        return float(value)
    if isinstance(value, list):
        return [_as_javascript(item) for item in value]
    if isinstance(value, dict):
        return {key: _as_javascript(item) for key, item in value.items()}
    return value


def text_of(value: Any) -> str:
    """A parameter inside a text: numbers and flags as JSON writes them."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        # As JavaScript prints it: 1.0 and 1 are the same number there.
        return str(int(value))
    if isinstance(value, (int, float)):
        return str(value)
    raise StepRefused(f"A {'list' if isinstance(value, list) else 'mapping'} cannot stand inside a text.")


def fill(value: Any, params: Mapping[str, Any]) -> Any:
    """A value of a plan with `{"$param": …}` and `{"$text": […]}` replaced."""
    if isinstance(value, list):
        return [fill(item, params) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"$param"}:
        return param(params, value["$param"])
    if value.keys() == {"$text"}:
        parts = value["$text"]
        return "".join(part if isinstance(part, str) else text_of(param(params, part["$param"])) for part in parts)
    return {key: fill(item, params) for key, item in value.items()}
