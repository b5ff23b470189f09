"""One sender per spool: who holds `sender.lock` sends."""

from __future__ import annotations

import fcntl
import os
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

LOCK = "sender.lock"
_TRY_SECONDS = 1.0
"""Hooks look at the lock by taking it for a moment; a sender that starts just then tries again."""


class SenderLock:
    """Held by the one sender. The kernel gives it back when that dies, however it dies."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / LOCK
        self._descriptor: int | None = None

    def take(self, try_seconds: float = _TRY_SECONDS) -> bool:
        """Whether it is ours now."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + try_seconds
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                if time.monotonic() >= deadline:
                    os.close(descriptor)
                    return False
                time.sleep(0.02)
            else:
                self._descriptor = descriptor
                return True

    def is_in_place(self) -> bool:
        """Whether the file that we hold is the one that others look at: a spool that was deleted needs no sender."""
        try:
            return self._descriptor is not None and os.fstat(self._descriptor).st_ino == self._path.stat().st_ino
        except OSError:
            return False

    def give_back(self) -> None:
        """Lets another sender begin."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


def is_sender_alive(directory: Path) -> bool:
    """Whether some process holds the lock."""
    try:
        descriptor = os.open(directory / LOCK, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False
