"""One request to the receiver, and what its answer means."""

from __future__ import annotations

import email.utils
import json
import signal
import ssl
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from airfleet.airflow.signing import sign_body

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from email.message import Message
    from types import FrameType

    from airfleet.airflow.sender.target import Target

ANSWER_BYTES = 1024 * 1024
"""More of an answer is not read."""

SKEW_SECONDS = 30
"""Clocks this close need no correction; tokens are good for four times as long."""

_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
_UNUSABLE = frozenset({400, 413, 415, 422})


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back, in the sender's words.

    `accepted`: need not be sent again. `busy`: later. `refused`: the same until somebody changes a setting, so later
    too, but said aloud. `unusable`: this very body; in smaller parts some of it may be accepted.
    """

    outcome: Literal["accepted", "busy", "refused", "unusable"]
    code: str
    detail: str = ""
    retry_after_seconds: float | None = None
    rejected: int = 0
    """How many reports of an accepted batch the receiver put aside as unusable."""


class SenderClock:
    """Our clock, corrected by the receiver's: a worker's may be wrong by hours, and a token then is never valid."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self.skew_seconds = 0.0

    def now(self) -> float:
        """Unix seconds as the receiver would say."""
        return self._clock() + self.skew_seconds

    def learn(self, date: str | None) -> bool:
        """Takes over an answer's `Date` when it is far from ours. Answers whether that changed anything."""
        try:
            theirs = email.utils.parsedate_to_datetime(date or "").timestamp()
        except (ValueError, TypeError):
            return False
        if abs(theirs - self.now()) <= SKEW_SECONDS:
            return False
        self.skew_seconds = theirs - self._clock()
        return True


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        # A signed body goes where it was configured to go, and nowhere else.
        return None


class _TooSlowError(OSError):
    """An answer that came byte by byte."""


def _on_alarm(_signal: int, _frame: FrameType | None) -> None:
    raise _TooSlowError("no whole answer in time")


def read_retry_after(text: str | None, now: float) -> float | None:
    """Seconds of a Retry-After header, which holds seconds or a date."""
    if text is None:
        return None
    if text.strip().isdigit():
        return float(text)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, TypeError):
        return None


class Delivery:
    """Posts to one target. TLS is verified always; `ca_file` adds whom to trust. Proxies as the environment says."""

    def __init__(self, *, timeout_seconds: float, ca_file: str | None, clock: SenderClock) -> None:
        """Raises OSError when `ca_file` cannot be read, or holds no certificate."""
        self.clock = clock
        self._timeout_seconds = timeout_seconds
        context = ssl.create_default_context()
        if ca_file is not None:
            context.load_verify_locations(ca_file)
        self._was_corrected = False
        self._opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=context), _NoRedirects())
        signal.signal(signal.SIGALRM, _on_alarm)

    def post_native(self, target: Target, reports: list[dict[str, Any]]) -> Answer:
        """Sends a batch in our own format."""
        # A hook does not know the instance when only the connection names it.
        named = [{**report, "instance": report.get("instance") or target.instance} for report in reports]
        body = json.dumps({"reports": named}, ensure_ascii=False, separators=(",", ":")).encode()
        url = f"{target.base_url}/api/v1/reports"
        answer = self._post_signed(target, url, body)
        if answer.outcome == "refused" and self._was_corrected:
            # Signed anew by the receiver's clock, once: with a right clock, the answer stands.
            answer = self._post_signed(target, url, body)
        return answer

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Sends one body. Never raises."""
        self._was_corrected = False
        request = urllib.request.Request(url, data=body, method="POST")  # noqa: S310 (http or https: the target says so)
        for name, value in headers.items():
            request.add_header(name, value)
        # The timeout of a socket begins anew with each byte; the whole exchange has an end too.
        signal.setitimer(signal.ITIMER_REAL, 3 * self._timeout_seconds)
        try:
            with self._opener.open(request, timeout=self._timeout_seconds) as response:
                return self._read_answer(response.status, response.headers, response.read(ANSWER_BYTES))
        except urllib.error.HTTPError as error:
            with error:
                return self._read_answer(error.code, error.headers, _read_quietly(error))
        except Exception as error:  # noqa: BLE001 (http.client, ssl and urllib raise many kinds; each means: not now)
            reason = getattr(error, "reason", None) or error
            return Answer(outcome="busy", code="RECEIVER_UNREACHABLE", detail=f"{type(reason).__name__}: {reason}")
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)

    def _post_signed(self, target: Target, url: str, body: bytes) -> Answer:
        headers = {"Content-Type": "application/json", "User-Agent": "airfleet-airflow"}
        if target.key is not None:
            token = sign_body(body, instance=target.instance or "", now=self.clock.now(), key=target.key)
            headers["Authorization"] = f"Bearer {token}"
        return self.post(url, body, headers)

    def _read_answer(self, status: int, headers: Message, body: bytes) -> Answer:
        self._was_corrected = self.clock.learn(headers.get("Date"))
        content = _json_object(body)
        if 200 <= status < 300:  # noqa: PLR2004 (what HTTP calls success)
            rejected = content.get("rejected")
            return Answer(outcome="accepted", code="", rejected=rejected if isinstance(rejected, int) else 0)
        code = str(content.get("code") or f"HTTP_{status}")
        detail = str(content.get("detail") or "")[:500]
        retry_after = read_retry_after(headers.get("Retry-After"), self.clock.now())
        outcome: Literal["busy", "refused", "unusable"] = "refused"
        if status in _BUSY:
            outcome = "busy"
        elif status in _UNUSABLE:
            outcome = "unusable"
        return Answer(outcome=outcome, code=code, detail=detail, retry_after_seconds=retry_after)


def _read_quietly(error: urllib.error.HTTPError) -> bytes:
    try:
        return error.read(ANSWER_BYTES)
    except Exception:  # noqa: BLE001 (the status says enough)
        return b""


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        content = json.loads(body)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
