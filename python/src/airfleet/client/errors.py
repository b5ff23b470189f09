"""What can go wrong between a program and Airfleet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

ConnectionProblem = Literal["SERVER_UNREACHABLE", "SERVER_TIMEOUT", "NOT_AIRFLEET"]
"""No answer of Airfleet: nobody listens or the connection broke; no answer in time; somebody else answered."""

WebhookProblem = Literal["SIGNATURE_MISSING", "SIGNATURE_INVALID", "TIMESTAMP_OUT_OF_RANGE", "BODY_UNREADABLE"]


class AirfleetError(Exception):
    """Every error of this package. `code` is for programs, the text for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class AirfleetApiError(AirfleetError):
    """The server said no: its status, its code from the catalogue (docs/reference/errors.md), its whole problem."""

    def __init__(self, status: int, problem: Mapping[str, object], retry_after_seconds: float | None = None) -> None:
        super().__init__(str(problem.get("code", "UNKNOWN")), str(problem.get("detail", "")))
        self.status = status
        self.problem = problem
        self.retry_after_seconds = retry_after_seconds


class AirfleetConnectionError(AirfleetError):
    """No answer came, or none that Airfleet could have given. Whether a write happened is then not known."""

    def __init__(self, code: ConnectionProblem, message: str) -> None:
        super().__init__(code, message)


class WebhookInvalidError(AirfleetError):
    """A request that is not a message of our Airfleet, or not one of now."""

    def __init__(self, code: WebhookProblem, message: str) -> None:
        super().__init__(code, message)
