"""Finds the parameters in a user's query, as the compiler has put them there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

_TOKENS = re.compile(r"""'[^']*'?|"[^"]*"?|--[^\n]*|/\*.*?(?:\*/|\Z)|\$p_(?P<name>[A-Za-z_][A-Za-z0-9_]*)""", re.DOTALL)
"""Where the compiler sees texts, names and remarks: it puts no parameter into them."""


def split_query(text: str, names: Collection[str]) -> list[str | tuple[str]]:
    """The query in pieces: text, and the names of parameters, each in a tuple of its own."""
    pieces: list[str | tuple[str]] = []
    end = 0
    for found in _TOKENS.finditer(text):
        name = found["name"]
        if name is None or name not in names:
            continue
        pieces.extend([text[end : found.start()], (name,)])
        end = found.end()
    return [*pieces, text[end:]]


def with_placeholders(
    text: str, names: Collection[str], write: Callable[[str], str], quote: Callable[[str], str]
) -> str:
    """The query with what `write` makes of each parameter, and what `quote` makes of the text between."""
    return "".join(quote(piece) if isinstance(piece, str) else write(piece[0]) for piece in split_query(text, names))
