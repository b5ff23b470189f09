"""Tokens that were used already."""

from __future__ import annotations

import threading

CAPACITY = 50_000
"""All that a web server of Airflow 2 can answer in the life of a token, many times over, in some megabytes."""


class UsedTokens:
    """Remembers each token until it is over.

    The memory is one process's. A web server of several workers has several, and may take a token once in each: what
    then bounds a repeated trigger is its run id, which Airflow takes once, and the minute that the token is good for.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._lock = threading.Lock()
        self._until: dict[str, float] = {}

    def admit(self, token_id: str, until: float, now: float) -> bool:
        """Whether this token is new; from now on it is not. Without room none is: a forgotten one would be new."""
        with self._lock:
            self._forget(now)
            if token_id in self._until or len(self._until) >= self._capacity:
                return False
            self._until[token_id] = until
            return True

    def _forget(self, now: float) -> None:
        # They come nearly in the order of their ends; one that is out of order waits for those before it.
        while self._until:
            first = next(iter(self._until))
            if self._until[first] >= now:
                return
            del self._until[first]
