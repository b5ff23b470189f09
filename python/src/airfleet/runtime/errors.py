"""Why a step fails."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class StepError(Exception):
    """The step cannot be done. Trying again may help: a service that did not answer, a disk that was full."""


class StepRefused(StepError):  # noqa: N818 - what happens, as in the messages
    """The step cannot be done as it is written; trying again changes nothing."""


@contextlib.contextmanager
def needs_package(name: str, extra: str) -> Iterator[None]:
    """Says what to install where an import inside fails."""
    try:
        yield
    except ImportError as error:
        raise StepRefused(
            f"{name} is not installed here. Install airfleet[runtime-{extra}], or {name} alone."
        ) from error
