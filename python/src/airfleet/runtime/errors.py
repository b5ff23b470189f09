"""Why a step fails."""

from __future__ import annotations


class StepError(Exception):
    """The step cannot be done. Trying again may help: a service that did not answer, a disk that was full."""


class StepRefused(StepError):  # noqa: N818 - what happens, as in the messages
    """The step cannot be done as it is written; trying again changes nothing."""
