"""The sender's side of the spool: what waits, in the order it was written, and what is done with it.

How far each file is delivered stands in `offsets.json`, replaced as a whole. A sender that dies between an answer and
that sends the same reports again, under the same event ids, by which the receiver knows them.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from airfleet.airflow.spool.offsets import OFFSETS, read_offsets
from airfleet.airflow.spool.writer import FILE_BYTES, NAMED_SUFFIX, QUEUE, UNNAMED_SUFFIX

if TYPE_CHECKING:
    from pathlib import Path

_ABANDONED_SECONDS = 3600
_SMALL_FILES_MERGED = 200
"""Every task leaves a file of its own; while the receiver is away, so many are made one."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """One report as a hook wrote it, and where it ends."""

    content: dict[str, Any]
    file: str
    end: int


@dataclass(kw_only=True)
class Losses:
    """What was not delivered and never will be, since this sender started."""

    dropped: int = 0
    """Too old, or too much was waiting."""
    damaged: int = 0
    """Lines that are no report: the host crashed while they were written."""


@dataclass
class SpoolReader:
    """Reads what hooks of this host wrote. One at a time, which the sender's lock sees to."""

    directory: Path
    losses: Losses = field(default_factory=Losses)
    _offsets: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._offsets = read_offsets(self.directory)

    def files(self) -> list[str]:
        """Names of all files, oldest first."""
        try:
            names = os.listdir(self.directory / QUEUE)  # noqa: PTH208 (20 times a second; paths are not needed)
        except FileNotFoundError:
            return []
        return sorted(name for name in names if name.endswith(NAMED_SUFFIX))

    def next_batch(self, most: int, most_bytes: int) -> list[Record]:
        """The oldest reports that are not delivered, at most so many."""
        batch: list[Record] = []
        size = 0
        for name in self.files():
            for line, end in self._lines(name):
                content = _parse(line)
                if content is None:
                    if batch:
                        return batch
                    self.losses.damaged += 1
                    self._offsets[name] = end
                    continue
                if batch and size + len(line) > most_bytes:
                    return batch
                batch.append(Record(content=content, file=name, end=end))
                size += len(line)
                if len(batch) >= most:
                    return batch
        return batch

    def waiting_bytes(self) -> int:
        """How much is not delivered."""
        return sum(max(0, self._size(name) - self._offsets.get(name, 0)) for name in self.files())

    def settle(self, records: list[Record]) -> None:
        """Notes that these need not be sent again. Raises OSError when that cannot be written."""
        for record in records:
            self._offsets[record.file] = max(record.end, self._offsets.get(record.file, 0))
        self.save()

    def save(self) -> None:
        """Writes how far each file is delivered."""
        path = self.directory / OFFSETS
        unnamed = path.with_suffix(".new")
        unnamed.write_text(json.dumps(self._offsets))
        unnamed.replace(path)

    def tidy(self) -> None:
        """Deletes delivered files that nobody writes to any more, and what was never finished."""
        names = self.files()
        for name in names:
            if self._lines(name) or not self._is_closed(name):
                continue
            # What is left of a file that nobody writes to any more is the torn end of a line.
            self.losses.damaged += self._size(name) > self._offsets.get(name, 0)
            self._delete(name)
        known = set(self.files())
        for name in [name for name in self._offsets if name not in known]:
            del self._offsets[name]
        for path in (self.directory / QUEUE).glob(f"*{UNNAMED_SUFFIX}"):
            with contextlib.suppress(OSError):
                if time.time() - path.stat().st_mtime > _ABANDONED_SECONDS:
                    path.unlink()
        self.save()

    def bound(self, most_bytes: int, oldest_seconds: float, now: float) -> None:
        """Drops the oldest reports until what waits is neither too much nor too old."""
        excess = self.waiting_bytes() - most_bytes
        for name in self.files():
            is_old = self._is_older(name, now - oldest_seconds)
            if excess <= 0 and not is_old:
                return
            for line, end in self._lines(name):
                if excess <= 0 and not is_old:
                    break
                self._offsets[name] = end
                self.losses.dropped += 1
                excess -= len(line) + 1

    def merge(self) -> None:
        """Makes one file of many small ones that nobody writes to: a long outage leaves few files then."""
        names = self.files()
        if len(names) < _SMALL_FILES_MERGED:
            return
        group: list[str] = []
        size = 0
        for name in names:
            file_size = self._size(name)
            if size + file_size > FILE_BYTES or not self._is_closed(name):
                self._join(group)
                group, size = [], 0
            if file_size < FILE_BYTES // 4 and self._is_closed(name):
                group.append(name)
                size += file_size
        self._join(group)

    def _join(self, names: list[str]) -> None:
        if len(names) < 2:  # noqa: PLR2004 (one is joined already)
            return
        queue = self.directory / QUEUE
        joined = b"".join(line + b"\n" for name in names for line, _ in self._lines(name))
        unnamed = queue / f"merged{UNNAMED_SUFFIX}"
        unnamed.write_bytes(joined)
        # The first file's offset is forgotten before it is replaced: too little delivered only sends twice.
        self._offsets.pop(names[0], None)
        self.save()
        unnamed.replace(queue / names[0])
        for name in names[1:]:
            self._delete(name)

    def _lines(self, name: str) -> list[tuple[bytes, int]]:
        offset = self._offsets.get(name, 0)
        try:
            with (self.directory / QUEUE / name).open("rb") as file:
                file.seek(offset)
                data = file.read(2 * FILE_BYTES)
        except FileNotFoundError:
            return []
        lines: list[tuple[bytes, int]] = []
        for line in data.split(b"\n")[:-1]:
            offset += len(line) + 1
            lines.append((line, offset))
        return lines

    def _size(self, name: str) -> int:
        try:
            return (self.directory / QUEUE / name).stat().st_size
        except FileNotFoundError:
            return 0

    def _is_older(self, name: str, then: float) -> bool:
        try:
            return (self.directory / QUEUE / name).stat().st_mtime < then
        except FileNotFoundError:
            return False

    def _is_closed(self, name: str) -> bool:
        """Whether no process holds the file open for writing; its last line may be a torn one then."""
        try:
            with (self.directory / QUEUE / name).open("rb+") as file:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _delete(self, name: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            (self.directory / QUEUE / name).unlink()
        self._offsets.pop(name, None)


def _parse(line: bytes) -> dict[str, Any] | None:
    try:
        content = json.loads(line)
    except ValueError:
        return None
    return content if isinstance(content, dict) and isinstance(content.get("report"), dict) else None
