"""Keeps what is secret out of logs and messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .context import Connection

_SHORTEST = 4
"""Shorter texts stand everywhere: replacing them would make messages unreadable and hide nothing."""


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)


class SecretValues:
    """Secrets of the connections that a step has used, and texts without them."""

    def __init__(self) -> None:
        self._values: set[str] = set()

    def add(self, connection: Connection) -> None:
        """From now on nothing of this connection that is secret gets through."""
        for text in _texts([connection.password, dict(connection.extra)]):
            if len(text) >= _SHORTEST:
                self._values.add(text)

    def hide(self, text: str) -> str:
        """The text with stars for what is secret."""
        # The longest first: one secret may hold another.
        for value in sorted(self._values, key=len, reverse=True):
            text = text.replace(value, "***")
        return text
