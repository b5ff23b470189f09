"""How long a sender waits after a request that did not succeed."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

RETRY_AFTER_MOST_SECONDS = 3600.0
"""A receiver that asks for longer is asked again by then: its clock or its configuration may be wrong."""


@dataclass
class Backoff:
    """Doubles from `first_seconds` to `cap_seconds`; jitter keeps the hosts of a fleet from knocking together."""

    cap_seconds: float
    first_seconds: float = 0.5
    jitter: Callable[[], float] = field(default=random.random)
    failures: int = 0

    def next_seconds(self, retry_after_seconds: float | None) -> float:
        """Seconds to wait after one more failure; what the receiver asked for goes before."""
        self.failures += 1
        if retry_after_seconds is not None:
            return min(retry_after_seconds, RETRY_AFTER_MOST_SECONDS) + self.jitter()
        wait: float = min(self.cap_seconds, self.first_seconds * 2 ** min(self.failures - 1, 20))
        return wait * (0.5 + self.jitter() / 2)

    def reset(self) -> None:
        """After a success."""
        self.failures = 0
