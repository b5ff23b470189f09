"""From a hook to the spool: never raises, never waits for a receiver."""

from __future__ import annotations

import json
import logging
import time
from typing import TYPE_CHECKING, Any

from airfleet.airflow.sender.start import ensure_sender
from airfleet.airflow.settings import Settings, read_settings
from airfleet.airflow.spool.offsets import read_offsets
from airfleet.airflow.spool.status import read_status
from airfleet.airflow.spool.writer import QUEUE, SpoolWriter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

log = logging.getLogger("airfleet.reports")

REPORT_BYTES = 256 * 1024
SAID = "said"


class Reporter:
    """Takes reports of one process."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._writer = SpoolWriter(
            settings.spool_directory, most_bytes=settings.spool_bytes, is_synced=settings.is_synced
        )
        self._complained_at = float("-inf")

    def take(
        self, build: Callable[[Settings], dict[str, Any] | None], *, is_last: Callable[[], bool] = lambda: False
    ) -> bool:
        """Builds a report and leaves it to the sender.

        Args:
            build: Makes the spooled record, or None when there is nothing to say. Runs guarded.
            is_last: Whether the process is about to end; it waits `AIRFLEET_FLUSH_SECONDS` for its reports then.

        Returns:
            Whether the report is in the spool.

        """
        if not self.settings.enabled:
            return False
        try:
            content = build(self.settings)
            if content is None:
                return False
            file, end = self._writer.append(to_line(content))
        except Exception as error:  # noqa: BLE001 (whatever it is, the task goes on)
            self._complain("A report could not be kept for sending: %s: %s", type(error).__name__, error)
            return False
        try:
            ensure_sender(self.settings)
            self._pass_on_what_sender_says()
        except Exception as error:  # noqa: BLE001
            self._complain("The sender of reports could not be started: %s: %s", type(error).__name__, error)
        if self.settings.flush_seconds > 0 and is_last():
            self._flush(file, end)
        return True

    def _flush(self, file: Path, end: int) -> None:
        deadline = time.monotonic() + self.settings.flush_seconds
        while time.monotonic() < deadline:
            is_gone = not (self.settings.spool_directory / QUEUE / file.name).exists()
            if is_gone or read_offsets(self.settings.spool_directory).get(file.name, 0) >= end:
                return
            time.sleep(0.02)

    def _complain(self, message: str, *values: object) -> None:
        if time.monotonic() - self._complained_at < self.settings.say_seconds:
            return
        self._complained_at = time.monotonic()
        log.warning(message, *values)

    def _pass_on_what_sender_says(self) -> None:
        """The sender has no log that anybody reads: the next hook says what hinders it, once in a while per host."""
        status = read_status(self.settings.spool_directory)
        if status is None or status.state == "delivering":
            return
        said = self.settings.spool_directory / SAID
        try:
            if 0 <= time.time() - said.stat().st_mtime < self.settings.say_seconds:
                return
        except FileNotFoundError:
            pass
        said.touch()
        log.warning(
            "Reports to Airfleet are not delivered (%s: %s %s); %d bytes wait in %s. Tasks are not affected.",
            status.state,
            status.code,
            status.detail,
            status.waiting_bytes,
            self.settings.spool_directory,
        )


def to_line(content: dict[str, Any]) -> bytes:
    """A record as it is spooled. What makes it too long is left out: large results first, then the error's end."""
    line = _compact(content)
    if len(line) <= REPORT_BYTES:
        return line
    report = dict(content["report"])
    for part in ("logs", "statistics", "results"):
        if part in report:
            del report[part]
            line = _compact({**content, "report": report})
            if len(line) <= REPORT_BYTES:
                return line
    raise ValueError(f"A report of {len(line)} bytes is longer than {REPORT_BYTES}")


def _compact(content: dict[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


_reporter: Reporter | None = None


def take_report(
    build: Callable[[Settings], dict[str, Any] | None], *, is_last: Callable[[], bool] = lambda: False
) -> bool:
    """`Reporter.take` of this process's reporter. Never raises."""
    global _reporter  # noqa: PLW0603 (one per process: files and complaints are the process's)
    try:
        if _reporter is None:
            _reporter = Reporter(read_settings())
        return _reporter.take(build, is_last=is_last)
    except Exception as error:  # noqa: BLE001 (whatever it is, the task goes on)
        log.warning("Reports to Airfleet do not work: %s: %s", type(error).__name__, error)
        return False
