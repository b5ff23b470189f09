"""Steps that run a program."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import StepError, StepRefused
from ..values import fill, text_of
from .limited_process import Limits, how_it_ended, run_limited, size_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..context import StepContext

_USUAL_SECONDS = 86_400.0
_MOST_PROCESSES = 64
_MOST_OUTPUT = 16 << 20


def run_command(context: StepContext, step: Mapping[str, Any]) -> None:
    """Runs the program with its arguments as they are: no shell reads them."""
    body = step["body"]
    argv = [text_of(part) for part in fill(list(body["argv"]), context.params)]
    if not argv or not argv[0]:
        raise StepRefused("The command is empty.")
    if any("\0" in part for part in argv):
        raise StepRefused("An argument holds a zero byte.")
    if shutil.which(argv[0]) is None:
        raise StepRefused(f'There is no program "{argv[0]}" here.')
    environment = {name: text_of(value) for name, value in fill(dict(body.get("env", {})), context.params).items()}
    limits = Limits(
        seconds=step.get("timeoutSeconds") or _USUAL_SECONDS,
        memory_bytes=size_of(context.memory),
        processes=_MOST_PROCESSES,
        output_bytes=_MOST_OUTPUT,
    )
    status = run_limited(argv, limits=limits, folder=Path(context.scratch), log=context.log, environment=environment)
    if status != 0:
        raise StepError(f'"{argv[0]}" failed: {how_it_ended(status)}.')
