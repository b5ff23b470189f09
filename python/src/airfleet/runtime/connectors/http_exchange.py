"""Asks HTTP services that may be reached, again where that may help."""

from __future__ import annotations

import email.utils
import http.client
import random
import ssl
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from ..errors import StepError, StepRefused

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Mapping

    from ..network.policy import NetworkPolicy

_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_ELSEWHERE = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 5
_LONGEST_WAIT = 300.0
_FIRST_WAIT = 0.5
_SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization"})
MOST_BYTES = 256 << 20
"""Of one answer, which is held in memory."""


@dataclass(frozen=True)
class Request:
    """What is asked for."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None = None
    secret_headers: frozenset[str] = frozenset()
    """Those that no other host may see, in lower case."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


class _Failure(Exception):  # noqa: N818 - not for others
    """May pass; `wait` is what the service asks for, in seconds."""

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


def _plain(url: str) -> str:
    """An address as it may be written down: its query may hold a key."""
    return url.split("?", 1)[0]


def _wait_of(value: str | None) -> float | None:
    """Seconds of `Retry-After`: a number or a date."""
    if value is None:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None


class HttpExchange:
    """Sends requests, one after the other."""

    def __init__(
        self,
        policy: NetworkPolicy,
        *,
        timeout: float,
        retries: int,
        log: Callable[[str], None],
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._policy = policy
        self._timeout = timeout
        self._retries = retries
        self._log = log
        self._pause = pause

    def send(self, request: Request) -> Answer:
        """An answer that means success; everything else is raised."""
        for attempt in range(self._retries + 1):
            try:
                return self._send_once(request)
            except _Failure as failure:
                if attempt == self._retries:
                    raise StepError(f"{_plain(request.url)}: {failure}") from failure
                usual = _FIRST_WAIT * 2**attempt * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
                wait = failure.wait if failure.wait is not None else usual
                if wait > _LONGEST_WAIT:
                    raise StepError(f"{_plain(request.url)}: {failure}; it asks to wait {wait:.0f} s.") from failure
                self._log(f"{_plain(request.url)}: {failure}; asking again in {wait:.1f} s")
                self._pause(wait)
        raise AssertionError

    def _send_once(self, request: Request) -> Answer:
        for _ in range(_MOST_REDIRECTS):
            answer = self._exchange(request)
            location = answer.headers.get("location")
            if answer.status not in _ELSEWHERE or location is None:
                return _judged(answer)
            request = _redirected(request, answer.status, urljoin(request.url, location))
        raise StepRefused(f"{_plain(request.url)} sends from one address to the next without an end.")

    def _exchange(self, request: Request) -> Answer:
        parts = urlsplit(request.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise StepRefused(f'"{_plain(request.url)}" is no http or https address.')
        if parts.username or parts.password:
            raise StepRefused("The address carries a user name or password. Put them into a connection.")
        is_tls = parts.scheme == "https"
        port = parts.port or (443 if is_tls else 80)
        policy, timeout = self._policy, self._timeout
        context = ssl.create_default_context() if is_tls else None
        connection = http.client.HTTPConnection(parts.hostname, port, timeout=timeout)
        try:
            line: socket.socket = policy.connect(parts.hostname, port, timeout)
        except StepRefused:
            raise
        except StepError as error:
            raise _Failure(str(error)) from error
        try:
            connection.sock = context.wrap_socket(line, server_hostname=parts.hostname) if context else line
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            host = parts.netloc
            connection.request(request.method, target, request.body, {"Host": host, **request.headers})
            response = connection.getresponse()
            return Answer(response.status, _lower(response), self._body(response))
        except ssl.SSLCertVerificationError as error:
            raise StepRefused(f"{_plain(request.url)}: its certificate is not trusted: {error.reason}.") from error
        except (OSError, http.client.HTTPException) as error:
            reason = str(error) or type(error).__name__
            raise _Failure(f"the connection broke: {reason}") from error
        except ValueError as error:
            # A header or an address with signs that end a line.
            raise StepRefused(f"{_plain(request.url)} cannot be asked: {error}.") from error
        finally:
            connection.close()
            line.close()

    def _body(self, response: http.client.HTTPResponse) -> bytes:
        # One deadline for the whole answer: a drop a second never runs out of time.
        until = time.monotonic() + max(self._timeout, 1.0) * 4
        body = bytearray()
        while chunk := response.read1(1 << 20):
            body += chunk
            if len(body) > MOST_BYTES:
                raise StepRefused(f"The answer is longer than {MOST_BYTES >> 20} MB. Ask for smaller pages.")
            if time.monotonic() > until:
                raise TimeoutError("the answer takes too long")
        if response.length:
            raise http.client.IncompleteRead(bytes(body[:0]), response.length)
        return bytes(body)


def _lower(response: http.client.HTTPResponse) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in response.getheaders():
        key = name.lower()
        headers[key] = f"{headers[key]}, {value}" if key in headers else value
    return headers


def _redirected(request: Request, status: int, url: str) -> Request:
    """As browsers and clients do; what signs in stays with its host."""
    before, now = urlsplit(request.url), urlsplit(url)
    is_same = (before.scheme, before.netloc) == (now.scheme, now.netloc)
    hidden = frozenset() if is_same else _SECRET_HEADERS | request.secret_headers
    headers = {name: value for name, value in request.headers.items() if name.lower() not in hidden}
    is_kept = status in {307, 308} or request.method == "GET"
    return Request(
        request.method if is_kept else "GET", url, headers, request.body if is_kept else None, request.secret_headers
    )


def _judged(answer: Answer) -> Answer:
    if 200 <= answer.status < 300:  # noqa: PLR2004 - success in HTTP's words
        return answer
    said = " ".join(answer.body[:300].decode("utf-8", "replace").split())
    message = f"it answers {answer.status}" + (f": {said}" if said else "")
    if answer.status in _AGAIN:
        raise _Failure(message, _wait_of(answer.headers.get("retry-after")))
    raise StepRefused(f"The service refuses: {message}.")
