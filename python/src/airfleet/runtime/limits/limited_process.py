"""Runs a command of a user's: so long, so large, so many processes, so much output, and nothing of our environment."""

from __future__ import annotations

import json
import os
import re
import secrets
import selectors
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from ..errors import StepError, StepRefused
from .process_family import ProcessFamily

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_LOOK_EVERY_SECONDS = 0.1
_ENTER = Path(__file__).with_name("enter_limits.py")
_LONGEST_LINE = 8_192
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_MARK = "AIRFLEET_STEP_PROCESS"


def size_of(text: str) -> int:
    """Bytes of `1GB`, `512MB`, `2GiB`."""
    found = re.fullmatch(r"\s*([0-9.]+)\s*([KMGT]?)i?B?\s*", text, re.IGNORECASE)
    if found is None:
        raise StepRefused(f'"{text}" is no amount of memory: write 512MB or 2GB.')
    return int(float(found[1]) * _UNITS[found[2].upper()])


def how_it_ended(status: int) -> str:
    """An exit status in words."""
    return f"it was ended by signal {-status}" if status < 0 else f"it ended with status {status}"


@dataclass(frozen=True)
class Limits:
    """What a command may use."""

    seconds: float
    memory_bytes: int
    processes: int
    output_bytes: int


def _environment(folder: Path, given: Mapping[str, str], mark: str) -> dict[str, str]:
    """What a command knows: where programs are and where it may write. No secret of ours is in it."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "TZ": "UTC",
        **given,
        _MARK: mark,
    }


class _Output:
    """Lines of what a command prints, until it is too much."""

    def __init__(self, log: Callable[[str], None], most: int) -> None:
        self._log = log
        self._most = most
        self._rest = b""
        self.size = 0

    def take(self, chunk: bytes) -> None:
        self.size += len(chunk)
        if self.size > self._most:
            raise StepRefused(f"It has printed more than {self._most >> 10} kB, which is as much as is kept.")
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            self._tell(line)
        while len(self._rest) > _LONGEST_LINE:
            self._tell(self._rest[:_LONGEST_LINE])
            self._rest = self._rest[_LONGEST_LINE:]

    def end(self) -> None:
        if self._rest:
            self._tell(self._rest)

    def _tell(self, line: bytes) -> None:
        self._log(line.decode("utf-8", "replace").rstrip("\r"))


def run_limited(
    command: Sequence[str],
    *,
    limits: Limits,
    folder: Path,
    log: Callable[[str], None],
    environment: Mapping[str, str] | None = None,
) -> int:
    """Runs a command to its end and answers its exit status. Nothing that it started is left when this is over.

    Raises `StepRefused` when it uses more than it may, `StepError` when it takes too long.
    """
    mark = secrets.token_hex(16)
    resources = {"RLIMIT_CORE": 0, "RLIMIT_DATA": limits.memory_bytes}
    given = json.dumps({"resources": resources, "parent": os.getpid()})
    process = subprocess.Popen(  # noqa: S603 - a list, and no shell
        [sys.executable, "-I", "-S", "-B", str(_ENTER), given, *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=folder,
        env=_environment(folder, environment or {}, mark),
        start_new_session=True,
    )
    family = ProcessFamily(process.pid, f"{_MARK}={mark}")
    output = _Output(log, limits.output_bytes)
    try:
        if process.stdout is None:
            raise AssertionError
        _watch(process, process.stdout, family, limits, output)
        return process.returncode
    finally:
        family.end()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
        output.end()


def _watch(
    process: subprocess.Popen[bytes], stream: IO[bytes], family: ProcessFamily, limits: Limits, output: _Output
) -> None:
    until = time.monotonic() + limits.seconds
    look_at = 0.0
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        is_open = True
        while is_open or process.poll() is None:
            now = time.monotonic()
            if now > until:
                raise StepError(f"It took longer than {limits.seconds:g} s and was ended.")
            if now >= look_at:
                _judge(family, limits)
                look_at = time.monotonic() + _LOOK_EVERY_SECONDS
            if not is_open:
                time.sleep(0.01)
            elif selector.select(min(_LOOK_EVERY_SECONDS, until - now)):
                chunk = os.read(stream.fileno(), 1 << 16)
                output.take(chunk)
                is_open = bool(chunk)
            elif process.poll() is not None:
                # What it has left behind holds the other end open.
                return


def _judge(family: ProcessFamily, limits: Limits) -> None:
    members = family.members()
    if len(members) > limits.processes:
        most = "no other process" if limits.processes == 1 else f"{limits.processes} processes at most"
        raise StepRefused(f"It has started {len(members) - 1} processes of its own; it may run {most}.")
    used = sum(member.bytes for member in members)
    if used > limits.memory_bytes:
        raise StepRefused(f"It uses {used >> 20} MB of memory; it may use {limits.memory_bytes >> 20} MB.")
