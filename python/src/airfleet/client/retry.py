"""When a request is sent again, and how long before."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

RETRIED_STATUSES = frozenset({429, 502, 503, 504})
"""The server is busy or not there; everything else will be the same next time."""

OUTSTANDING = "IDEMPOTENCY_KEY_OUTSTANDING"
"""The first request with this key is still at work: its answer is worth waiting for."""


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """At most `tries` requests. Waits double from `first_wait_seconds`; the server's Retry-After goes before."""

    tries: int = 4
    first_wait_seconds: float = 0.2
    longest_wait_seconds: float = 60.0
    jitter: Callable[[], float] = field(default=random.random)

    def wait_seconds(self, tries_made: int, retry_after_seconds: float | None) -> float | None:
        """Seconds to wait after so many tries; None when there is no further one."""
        if tries_made >= self.tries:
            return None
        if retry_after_seconds is not None:
            # A server that asks for an hour is told to the caller instead of waited for.
            return retry_after_seconds if retry_after_seconds <= self.longest_wait_seconds else None
        backoff: float = self.first_wait_seconds * 2 ** (tries_made - 1)
        # Full jitter would allow no wait at all; half of it keeps clients apart and the server unhurried.
        return min(backoff, self.longest_wait_seconds) * (0.5 + self.jitter() / 2)


def is_retried(status: int, code: str) -> bool:
    """Whether the same request may have another answer soon."""
    return status in RETRIED_STATUSES or code == OUTSTANDING
