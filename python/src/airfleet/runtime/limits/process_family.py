"""All processes that come of one, as far as the machine tells."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_PROC = Path("/proc")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_GONE_WITHIN_SECONDS = 5.0
_STATE, _PARENT, _SESSION, _STARTED, _PAGES = 0, 1, 3, 19, 21
"""Where they stand in `/proc/<pid>/stat` behind the name."""


@dataclass(frozen=True)
class _Member:
    pid: int
    parent: int
    session: int
    started: str
    bytes: int


def _all() -> Iterator[_Member]:
    for entry in os.scandir(_PROC):
        if not entry.name.isdigit():
            continue
        try:
            text = (_PROC / entry.name / "stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        fields = text[text.rindex(")") + 2 :].split()
        if fields[_STATE] != "Z":
            yield _Member(
                int(entry.name),
                int(fields[_PARENT]),
                int(fields[_SESSION]),
                fields[_STARTED],
                int(fields[_PAGES]) * _PAGE,
            )


class ProcessFamily:
    """A process that leads a session, what it started, and what that started."""

    def __init__(self, leader: int, mark: str) -> None:
        """`mark` stands in the environment of all of them, so that also those who left are found."""
        self._leader = leader
        self._mark = mark.encode()
        self._seen: dict[int, str] = {}

    def members(self) -> list[_Member]:
        """Those alive now."""
        if sys.platform != "linux":
            return []
        everybody = {member.pid: member for member in _all()}
        known = {self._leader, *(pid for pid, began in self._seen.items() if _is(everybody.get(pid), began))}
        found = {
            pid: member
            for pid, member in everybody.items()
            if member.session in known or member.parent in known or pid in known
        }
        while True:
            more = {
                pid: member
                for pid, member in everybody.items()
                if pid not in found and (member.parent in found or member.session in found)
            }
            if not more:
                break
            found.update(more)
        self._seen = {pid: member.started for pid, member in found.items()}
        return list(found.values())

    def _strays(self) -> list[int]:
        """Those who left session and parents. Reading all environments takes a while: only at the end."""
        strays = []
        for entry in os.scandir(_PROC):
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                with contextlib.suppress(OSError):
                    if self._mark in (_PROC / entry.name / "environ").read_bytes():
                        strays.append(int(entry.name))
        return strays

    def end(self) -> None:
        """Kills all of them, until none is left."""
        until = time.monotonic() + _GONE_WITHIN_SECONDS
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._leader, signal.SIGKILL)
        if sys.platform != "linux":
            return
        while time.monotonic() < until:
            left = {member.pid for member in self.members()} | set(self._strays())
            if not left:
                return
            for pid in left:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.02)


def _is(member: _Member | None, started: str) -> bool:
    return member is not None and member.started == started
