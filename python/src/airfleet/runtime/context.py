"""All that a step knows of the engine that runs it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .errors import StepRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True)
class Connection:
    """Where a database or service is, and how one signs in there."""

    kind: str
    host: str | None = None
    port: int | None = None
    login: str | None = None
    password: str | None = field(default=None, repr=False)
    schema: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)


def _unknown(connection_id: str) -> Connection:
    raise StepRefused(f'There is no connection "{connection_id}".')


@dataclass(frozen=True)
class StepContext:
    """What a step may use. `run_folder` is its run's, or `s3://bucket/prefix`; files of others lie below `roots`."""

    run_folder: str
    params: Mapping[str, Any]
    roots: Sequence[Path] = ()
    network_allow: Sequence[str] = ()
    """Hosts that may be reached: names with `*`, addresses, networks, each with a port if need be."""
    connection: Callable[[str], Connection] = _unknown
    log: Callable[[str], None] = print
    threads: int = 2
    memory: str = "1GB"
    scratch: str = ""
    """A folder of this try alone, set when the step begins."""
    runs_connection: str | None = None
    """Signs in to the object store of the run's folder; without it the machine's own identity does."""

    def resolve(self, given: str) -> Path:
        """A path that a user wrote, below one of the roots; links are followed before it is judged."""
        if "\0" in given:
            raise StepRefused("A path cannot hold the sign U+0000.")
        for root in self.roots:
            base = root.resolve()
            path = (base / given).resolve()
            if path.is_relative_to(base):
                return path
        allowed = ", ".join(str(root) for root in self.roots) or "none"
        raise StepRefused(f'"{given}" is outside the folders that pipelines may use ({allowed}; see data.roots).')
