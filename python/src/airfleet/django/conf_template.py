"""Fills a run's conf from objects.

A template is JSON whose texts may hold `{{ path }}`. A text that is one path alone takes the value as it is (a number
stays a number); in a longer text the value is spelled. Paths begin with `object`, or with `objects` for what is said of
all of them: `{{ object.repository.code }}`, `{{ objects.pk }}` (a list). A path may end in the name of a method that
needs no argument. It is no template language: nothing can be computed.
"""

from __future__ import annotations

import datetime
import decimal
import re
import uuid
from typing import TYPE_CHECKING, Any

from airfleet.client import AirfleetError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from django.db.models import Model

    ConfTemplate = Mapping[str, Any] | Callable[[Sequence[Model]], Mapping[str, Any]]

_PLACE = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_.]*)\s*\}\}")


class ConfTemplateError(AirfleetError):
    """A template names what the object does not have."""

    def __init__(self, message: str) -> None:
        super().__init__("CONF_TEMPLATE_INVALID", message)


def _to_json(value: Any) -> Any:
    match value:
        case None | bool() | int() | float() | str() | list() | dict():
            return value
        case datetime.datetime() | datetime.date():
            return value.isoformat()
        case uuid.UUID() | decimal.Decimal():
            return str(value)
        case _ if hasattr(value, "pk"):
            return _to_json(value.pk)
        case _:
            return str(value)


def _walk(value: Any, names: Sequence[str], path: str) -> Any:
    for name in names:
        # What begins with an underscore is nobody's business, here as in Django's templates.
        if name.startswith("_") or not hasattr(value, name):
            raise ConfTemplateError(f"The conf template has {{{{ {path} }}}}, but {value!r} has no {name!r}.")
        value = getattr(value, name)
        if callable(value) and not isinstance(value, type):
            value = value()
    return _to_json(value)


def _resolve(path: str, objects: Sequence[Model]) -> Any:
    root, *names = path.split(".")
    if root == "objects":
        return [_walk(each, names, path) for each in objects]
    if root != "object":
        raise ConfTemplateError(f"The conf template has {{{{ {path} }}}}; a path begins with `object` or `objects`.")
    if len(objects) != 1:
        raise ConfTemplateError(f"The conf template has {{{{ {path} }}}}, but the run is about {len(objects)} objects.")
    return _walk(objects[0], names, path)


def _fill(template: Any, objects: Sequence[Model]) -> Any:
    if isinstance(template, str):
        alone = _PLACE.fullmatch(template.strip())
        if alone is not None:
            return _resolve(alone[1], objects)
        return _PLACE.sub(lambda place: str(_resolve(place[1], objects)), template)
    if isinstance(template, dict):
        return {key: _fill(value, objects) for key, value in template.items()}
    if isinstance(template, (list, tuple)):
        return [_fill(value, objects) for value in template]
    return template


def fill_conf(template: ConfTemplate | None, objects: Sequence[Model]) -> dict[str, Any]:
    """The conf of a run about these objects.

    Raises:
        ConfTemplateError: CONF_TEMPLATE_INVALID naming the path.

    """
    if template is None:
        return {}
    filled = template(objects) if callable(template) else _fill(dict(template), objects)
    return dict(filled)
