"""A process that carries out steps, as the embedded engine starts it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any

SOURCES = Path(__file__).parents[2] / "src"


class RuntimeProcess:
    """`python -m airfleet.runtime` with its answers on descriptor 3."""

    def __init__(self, *, environment: dict[str, str] | None = None) -> None:
        reading, writing = os.pipe()
        # The shell moves the pipe to the descriptor that the protocol names.
        command = f'exec "$0" -m airfleet.runtime 3>&{writing} {writing}>&-'
        self.process = subprocess.Popen(
            ["/bin/bash", "-c", command, sys.executable],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            pass_fds=[writing],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCES), **(environment or {})},
        )
        os.close(writing)
        self.answers = os.fdopen(reading, encoding="utf-8")

    def __enter__(self) -> "RuntimeProcess":  # noqa: PYI034 - Python 3.10 has no Self
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stderr, self.answers):
            if stream is not None:
                with suppress(BrokenPipeError):
                    stream.close()

    def send(self, job: Any) -> None:
        """Hands a job over."""
        assert self.process.stdin is not None
        self.process.stdin.write((job if isinstance(job, str) else json.dumps(job)).encode() + b"\n")
        self.process.stdin.flush()

    def next(self) -> dict[str, Any]:
        """The next answer."""
        line = self.answers.readline()
        assert line, self.process.stderr.read().decode() if self.process.stderr else ""
        answer: dict[str, Any] = json.loads(line)
        return answer

    def run(self, job: dict[str, Any]) -> dict[str, Any]:
        """Hands a job over and waits for its end."""
        self.send(job)
        while "log" in (answer := self.next()):
            pass
        return answer


@contextmanager
def runtime_process(**environment: str) -> Iterator[RuntimeProcess]:
    """A process for the length of a block."""
    with RuntimeProcess(environment=environment) as process:
        yield process
