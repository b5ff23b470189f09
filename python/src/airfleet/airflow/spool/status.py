"""What the sender says of itself: `status.json` in the spool, for hooks and for people. It never holds a key."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

STATUS = "status.json"
State = Literal["delivering", "waiting", "refused", "unconfigured"]


@dataclass(frozen=True, kw_only=True)
class SenderStatus:
    """How sending goes.

    `delivering`: all is well. `waiting`: nobody answers. `refused`: the receiver says no, or the key is no good.
    `unconfigured`: nothing says where to send to.
    """

    state: State
    pid: int
    fingerprint: str
    """Of the settings that it works with."""
    started_at: float
    at: float
    code: str = ""
    detail: str = ""
    waiting_bytes: int = 0
    sent: int = 0
    rejected: int = 0
    set_aside: int = 0
    dropped: int = 0
    damaged: int = 0
    skew_seconds: float = 0.0


def write_status(directory: Path, status: SenderStatus) -> None:
    """Replaces the file as a whole. A full disk is no reason to stop sending, so this never raises."""
    path = directory / STATUS
    unnamed = path.with_suffix(".new")
    with contextlib.suppress(OSError):
        unnamed.write_text(json.dumps(asdict(status), indent=1) + "\n")
        unnamed.replace(path)


def read_status(directory: Path) -> SenderStatus | None:
    """The last one; None when there is none that can be read."""
    try:
        return SenderStatus(**json.loads((directory / STATUS).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None
