"""One HTTP request over the standard library, so that a task in any environment can use the client."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from airfleet.client.errors import AirfleetConnectionError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from email.message import Message


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request ready to be sent. `timeout_seconds` bounds each wait for the network, not the whole."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None
    timeout_seconds: float


class Answer(Protocol):
    """An answer whose body is still to be read."""

    @property
    def status(self) -> int | None:
        """The status code."""

    @property
    def headers(self) -> Message:
        """Names in any case."""

    def read(self, amount: int = -1, /) -> bytes:
        """The next bytes of the body, all of them without an amount."""

    def readline(self, limit: int = -1, /) -> bytes:
        """The next line of the body."""

    def close(self) -> None:
        """Gives the connection back."""


class _StayHere(urllib.request.HTTPRedirectHandler):
    """Airfleet never redirects; whoever does would get the token."""

    def redirect_request(  # noqa: PLR0913, PLR0917 (the signature is urllib's)
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> urllib.request.Request | None:
        del req, fp, code, msg, headers, newurl
        return None


_OPENER = urllib.request.build_opener(_StayHere)


def send(request: Request) -> Answer:
    """Sends and answers whatever status came. The caller closes the answer.

    Raises:
        AirfleetConnectionError: SERVER_UNREACHABLE, SERVER_TIMEOUT.

    """
    outgoing = urllib.request.Request(  # noqa: S310 (the client accepts http and https only)
        request.url, data=request.body, headers=dict(request.headers), method=request.method
    )
    address = urlsplit(request.url)
    origin = f"{address.scheme}://{address.netloc}"
    try:
        answer: Answer = _OPENER.open(outgoing, timeout=request.timeout_seconds)
    except urllib.error.HTTPError as refusal:
        return refusal
    except (OSError, http.client.HTTPException) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        if isinstance(reason, TimeoutError):
            raise AirfleetConnectionError(
                "SERVER_TIMEOUT",
                f"The server at {origin} did not answer {request.method} {address.path} "
                f"within {request.timeout_seconds:g} s.",
            ) from error
        raise AirfleetConnectionError(
            "SERVER_UNREACHABLE",
            f"No Airfleet server answers at {origin}: {reason}. Start one with `airfleet serve`, or give its address.",
        ) from error
    return answer
