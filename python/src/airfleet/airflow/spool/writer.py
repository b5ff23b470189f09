"""The hooks' side of the spool: one append-only file per process.

A record is one line, written by one `write`. The file is this process's own: it holds a lock on it while it may still
write, and the sender deletes a delivered file only when nobody does. Locks are POSIX record locks, since those are not
inherited by the processes that Airflow forks.

Not synced to disk unless asked: what a killed process wrote is kept by the kernel, so that only a crash of the whole
host can lose it (then the poll finds the state), while a sync costs a hook 1 to 50 ms, more on a busy disk.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import random
import threading
import time
import uuid
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

QUEUE = "queue"
UNNAMED_SUFFIX = ".new"
NAMED_SUFFIX = ".jsonl"

FILE_BYTES = 1024 * 1024
"""A file is followed by another beyond this, so that delivered ones can be deleted while the process lives."""

FILE_SECONDS = 60.0

_SHED_SHARE = 0.02
"""The sender bounds the spool. Hooks look only now and then, for hosts where it cannot be started."""


def make_private(directory: Path) -> None:
    """Makes the directory, ours alone. Raises PermissionError when it is another user's, OSError when it cannot be."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    # In a directory that all may write to (/tmp), another user could have made it first and read what we write.
    if directory.stat().st_uid not in {os.geteuid(), 0}:
        raise PermissionError(
            f"{directory} belongs to another user. Set AIRFLEET_SPOOL_DIR to a directory of your own."
        )


def shed(queue: Path, most_bytes: int) -> None:
    """Deletes the oldest files until the others fit."""
    with os.scandir(queue) as entries:
        found = sorted((entry.name, max(4096, entry.stat().st_size), entry.path) for entry in entries)
    excess = sum(size for _, size, _ in found) - most_bytes
    for _, size, path in found:
        if excess <= 0:
            return
        with contextlib.suppress(OSError):
            os.unlink(path)  # noqa: PTH108 (thousands of them)
        excess -= size


class SpoolWriter:
    """Appends records of this process. Safe for threads; after a fork the child goes on in a file of its own."""

    def __init__(self, directory: Path, *, most_bytes: int = 64 * FILE_BYTES, is_synced: bool = False) -> None:
        self.directory = directory
        self.queue = directory / QUEUE
        self._most_bytes = most_bytes
        self._is_synced = is_synced
        self._lock = threading.Lock()
        self._descriptor: int | None = None
        self._path: Path | None = None
        self._pid = 0
        self._opened_at = 0.0

    def append(self, record: bytes) -> tuple[Path, int]:
        """Writes one record, which holds no newline. Answers its file and the file's size behind it. Raises OSError."""
        if self._pid not in {0, os.getpid()}:
            self._leave_to_parent()
        with self._lock:
            descriptor = self._writable()
            before = os.fstat(descriptor).st_size
            line = record + b"\n"
            written = os.write(descriptor, line)
            if written != len(line):
                # Half a record would be joined with the next one.
                os.ftruncate(descriptor, before)
                raise OSError(28, f"Only {written} of {len(line)} bytes fitted into {self.queue}")
            if self._is_synced:
                os.fsync(descriptor)
            return self._path or self.queue, before + written

    def close(self) -> None:
        """Gives the file up, so that the sender may delete it once it is delivered."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            with contextlib.suppress(OSError):
                os.close(descriptor)

    def _leave_to_parent(self) -> None:
        # The lock of threading may have been held by a thread that does not exist here.
        self._lock = threading.Lock()
        self.close()

    def _writable(self) -> int:
        if self._descriptor is not None and not self._is_full(self._descriptor):
            return self._descriptor
        self.close()
        return self._open()

    def _is_full(self, descriptor: int) -> bool:
        status = os.fstat(descriptor)
        is_deleted = status.st_nlink == 0  # somebody cleaned up by hand
        return is_deleted or status.st_size >= FILE_BYTES or time.monotonic() - self._opened_at >= FILE_SECONDS

    def _open(self) -> int:
        make_private(self.directory)
        self.queue.mkdir(mode=0o700, exist_ok=True)
        if random.random() < _SHED_SHARE:  # noqa: S311 (no secret)
            shed(self.queue, 2 * self._most_bytes)
        name = f"{time.time_ns():020d}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        unnamed = self.queue / f"{name}{UNNAMED_SUFFIX}"
        named = self.queue / f"{name}{NAMED_SUFFIX}"
        descriptor = os.open(unnamed, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            # Locked before it is seen: the sender would take an unlocked empty file for one that is done with.
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            unnamed.rename(named)
        except OSError:
            os.close(descriptor)
            with contextlib.suppress(OSError):
                unnamed.unlink()
            raise
        self._descriptor, self._path, self._pid, self._opened_at = descriptor, named, os.getpid(), time.monotonic()
        return descriptor
