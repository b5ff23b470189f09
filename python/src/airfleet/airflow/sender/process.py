"""The one process of a host that delivers what hooks have written.

Started by the first hook that finds none, ends after a while without work. Between the two it takes the oldest reports,
posts them, notes that they are delivered, and waits longer each time that nobody answers. Nothing that the receiver
says makes it forget a report, except that the report is accepted; a report that the receiver cannot use, alone in its
batch, is set aside in `refused.jsonl`, so that it does not stand in the way of the others.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from typing import TYPE_CHECKING

from airfleet.airflow.old.airflow_reader import AirflowReader
from airfleet.airflow.old.receiver import OldReceiver
from airfleet.airflow.sender.backoff import Backoff
from airfleet.airflow.sender.delivery import Answer, Delivery, SenderClock
from airfleet.airflow.sender.start import HANDOVER, fingerprint
from airfleet.airflow.sender.target import Target, TargetUnknownError, find_target
from airfleet.airflow.settings import Settings, read_settings
from airfleet.airflow.spool.reader import Record, SpoolReader
from airfleet.airflow.spool.sender_lock import SenderLock
from airfleet.airflow.spool.status import SenderStatus, write_status
from airfleet.airflow.spool.writer import make_private

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from airfleet.airflow.spool.status import State

BATCH_REPORTS = 50
BATCH_BYTES = 512 * 1024
REFUSED = "refused.jsonl"
REFUSED_BYTES = 4 * 1024 * 1024

_BUSY_POLL_SECONDS = 0.05
"""How soon a report is noticed. Looking costs a fifth of a millisecond."""

_QUIET_POLL_SECONDS = 0.25
_QUIET_AFTER_SECONDS = 10.0
_HOUSEKEEPING_SECONDS = 5.0
_TARGET_SECONDS = 60.0
"""How long a key is used before it is read again."""

_ASKED_TARGET_SECONDS = 600.0
"""Reading it from Airflow costs seconds of CPU."""


_TARGET_WAIT_SECONDS = 5.0
_ASKED_IDLE_SECONDS = 3600.0
_TELL_SECONDS = 1.0
_LASTING = frozenset(
    {"REPORT_URL_MISSING", "REPORT_INSTANCE_MISSING", "REPORT_ENDPOINT_MISSING", "REPORT_URL_UNUSABLE"}
)
"""Nowhere to send to: another process of Airflow's may know more, so this one leaves."""


class Sender:
    """Delivers from one spool to one receiver."""

    def __init__(
        self,
        settings: Settings,
        environment: Mapping[str, str],
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._settings = settings
        self._environment = environment
        self._directory = settings.spool_directory
        self._clock = SenderClock(clock)
        self._sleep = sleep
        self._reader = SpoolReader(self._directory)
        self._airflow = AirflowReader(environment)
        self._delivery: Delivery | None = None
        self._old: OldReceiver | None = None
        self._backoff = Backoff(cap_seconds=settings.backoff_cap_seconds)
        self._target: Target | None = None
        self._target_until = 0.0
        self._batch_reports = BATCH_REPORTS
        self._sent = self._rejected = self._set_aside = 0
        self._started_at = time.time()
        self._told: tuple[State, str, str] | None = None
        self._told_at = 0.0

    def run(self, lock: SenderLock) -> None:
        """Delivers until there is nothing to do for `idle_seconds`, or there is nowhere to send to."""
        self._keep_house()
        worked_at = kept_at = time.monotonic()
        while True:
            batch = self._reader.next_batch(self._batch_reports, BATCH_BYTES)
            now = time.monotonic()
            if now - kept_at >= _HOUSEKEEPING_SECONDS:
                self._keep_house()
                kept_at = now
                if not lock.is_in_place():
                    return
            if self._is_asked_to_leave():
                return
            if batch:
                if not self._deliver(batch):
                    return
                worked_at = time.monotonic()
            elif now - worked_at >= self._idle_seconds():
                self._keep_house()
                if not self._is_needed_still(lock):
                    return
                worked_at = now
            else:
                is_quiet = now - worked_at >= _QUIET_AFTER_SECONDS
                self._sleep(_QUIET_POLL_SECONDS if is_quiet else _BUSY_POLL_SECONDS)

    def close(self) -> None:
        """Ends the process that reads from Airflow, where there is one."""
        self._airflow.close()

    def _deliver(self, batch: list[Record]) -> bool:
        """Sends a batch, or a part of it. Answers whether to go on."""
        try:
            target = self._find_target()
            answer, taken = self._post(target, batch)
        except TargetUnknownError as error:
            if error.code in _LASTING:
                self._tell("unconfigured", error.code, str(error))
                return False
            self._tell("waiting" if error.code == "AIRFLOW_UNREADABLE" else "refused", error.code, str(error))
            self._wait(max(_TARGET_WAIT_SECONDS, self._backoff.next_seconds(None)))
            return True
        except Exception as error:  # noqa: BLE001 (a fault of ours keeps reports waiting, and is said, but loses none)
            answer, taken = Answer(outcome="busy", code="SENDER_FAILED", detail=type(error).__name__), batch
        self._act(answer, taken)
        return True

    def _post(self, target: Target, batch: list[Record]) -> tuple[Answer, list[Record]]:
        if self._delivery is None:
            self._delivery = self._make_delivery()
        if target.report_format == "native":
            return self._delivery.post_native(target, [record.content["report"] for record in batch]), batch
        if self._old is None:
            self._old = OldReceiver(self._delivery, self._airflow, self._directory)
        return self._old.post(target, batch[0].content), batch[:1]

    def _make_delivery(self) -> Delivery:
        try:
            return Delivery(
                timeout_seconds=self._settings.timeout_seconds, ca_file=self._settings.ca_file, clock=self._clock
            )
        except OSError as error:
            raise TargetUnknownError(
                "REPORT_CA_FILE_UNREADABLE",
                f"AIRFLEET_CA_FILE={self._settings.ca_file} cannot be used ({type(error).__name__}: {error.strerror}).",
            ) from None

    def _act(self, answer: Answer, taken: list[Record]) -> None:
        if answer.outcome == "unusable":
            if len(taken) > 1:
                # One of them spoils the batch: smaller ones find it.
                self._batch_reports = len(taken) // 2
                return
            self._put_aside(taken[0], answer)
        if answer.outcome in {"accepted", "unusable"}:
            with contextlib.suppress(OSError):
                self._reader.settle(taken)
            self._batch_reports = min(BATCH_REPORTS, self._batch_reports * 2)
            self._sent += len(taken) if answer.outcome == "accepted" else 0
            self._rejected += answer.rejected
            self._backoff.reset()
            self._tell("delivering", "", "")
            return
        self._tell("waiting" if answer.outcome == "busy" else "refused", answer.code, answer.detail)
        if answer.outcome == "refused":
            self._target_until = 0.0  # the key may have been replaced
        self._wait(self._backoff.next_seconds(answer.retry_after_seconds))

    def _wait(self, seconds: float) -> None:
        """Waits, and goes on keeping the spool within its bounds."""
        deadline = time.monotonic() + seconds
        kept_at = time.monotonic()
        while (left := deadline - time.monotonic()) > 0 and not self._is_asked_to_leave():
            self._sleep(min(left, 0.5))
            if time.monotonic() - kept_at >= _HOUSEKEEPING_SECONDS:
                self._keep_house()
                kept_at = time.monotonic()

    def _find_target(self) -> Target:
        if self._target is None or time.monotonic() >= self._target_until:
            self._target = find_target(self._settings, self._environment, self._airflow.read_old_names)
            seconds = _ASKED_TARGET_SECONDS if self._airflow.was_asked else _TARGET_SECONDS
            self._target_until = time.monotonic() + seconds
            if self._target.report_format == "native":
                # Old formats need Airflow at each report, ours only for the old names.
                self._airflow.close()
        return self._target

    def _put_aside(self, record: Record, answer: Answer) -> None:
        path = self._directory / REFUSED
        self._set_aside += 1
        with contextlib.suppress(OSError):
            if path.exists() and path.stat().st_size > REFUSED_BYTES:
                path.replace(path.with_suffix(".old"))
            line = json.dumps({"code": answer.code, "detail": answer.detail, **record.content})
            with path.open("a") as file:
                file.write(line + "\n")

    def _keep_house(self) -> None:
        with contextlib.suppress(OSError):
            self._reader.bound(self._settings.spool_bytes, self._settings.spool_age_seconds, time.time())
            self._reader.tidy()
            self._reader.merge()
        if self._told is not None:
            self._tell(*self._told)

    def _idle_seconds(self) -> float:
        # Only processes with a database can follow this one then, and in Airflow 3 tasks have none.
        least = _ASKED_IDLE_SECONDS if self._airflow.was_asked else 0.0
        return max(self._settings.idle_seconds, least)

    def _is_asked_to_leave(self) -> bool:
        try:
            (self._directory / HANDOVER).unlink()
        except OSError:
            return False
        return True

    def _is_needed_still(self, lock: SenderLock) -> bool:
        # A hook that wrote while we held the lock has started no sender; so look once more without it.
        lock.give_back()
        return bool(self._reader.next_batch(1, BATCH_BYTES)) and lock.take()

    def _tell(self, state: State, code: str, detail: str) -> None:
        is_news = self._told is None or self._told[:2] != (state, code)
        if not is_news and time.monotonic() - self._told_at < _TELL_SECONDS:
            return
        self._told, self._told_at = (state, code, detail), time.monotonic()
        write_status(
            self._directory,
            SenderStatus(
                state=state,
                pid=os.getpid(),
                fingerprint=fingerprint(self._environment),
                started_at=self._started_at,
                at=time.time(),
                code=code,
                detail=detail,
                waiting_bytes=self._reader.waiting_bytes(),
                sent=self._sent,
                rejected=self._rejected,
                set_aside=self._set_aside,
                dropped=self._reader.losses.dropped,
                damaged=self._reader.losses.damaged,
                skew_seconds=round(self._clock.skew_seconds, 1),
            ),
        )


def main() -> None:
    """The process: sends, or leaves at once when another one does."""
    settings = read_settings()
    make_private(settings.spool_directory)
    lock = SenderLock(settings.spool_directory)
    if not lock.take():
        sys.exit(0)
    sender = Sender(settings, dict(os.environ))
    try:
        sender.run(lock)
    finally:
        sender.close()
