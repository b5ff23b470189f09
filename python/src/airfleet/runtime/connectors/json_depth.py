"""How deeply a file of JSON is nested. DuckDB's reader ends its whole process on one that is too deep."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..errors import StepRefused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DEEPEST = 200
"""Far below what ends DuckDB, far above what rows look like."""

_CHUNK = 1 << 22
_OTHERS = bytes(set(range(256)) - set(b"[]{}"))
_TOKENS = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _looks_shallow(path: Path) -> bool:
    """Whether it is for certain: brackets in texts count as well, so that no byte need be looked at by itself."""
    open_ones = b""
    for chunk in _chunks(path):
        open_ones += chunk.translate(None, _OTHERS)
        for _ in range(DEEPEST):
            before = len(open_ones)
            open_ones = open_ones.replace(b"[]", b"").replace(b"{}", b"")
            if len(open_ones) == before:
                break
        if len(open_ones) > DEEPEST:
            return False
    return True


def _is_shallow(path: Path) -> bool:
    depth = 0
    rest = b""
    for chunk in _chunks(path):
        text = rest + chunk
        end = 0
        for found in _TOKENS.finditer(text):
            token = found[0]
            if token in {b"[", b"{"}:
                depth += 1
                if depth > DEEPEST:
                    return False
            elif token in {b"]", b"}"}:
                depth -= 1
            end = found.end()
        # What is left may be the beginning of a text that goes on in the next chunk.
        start = text.find(b'"', end)
        rest = text[start:] if start >= 0 else b""
        if len(rest) > _CHUNK * 32:
            return False
    return True


def check_depth(path: Path) -> None:
    """Refuses a file that is too deep."""
    if not _looks_shallow(path) and not _is_shallow(path):
        raise StepRefused(f'"{path.name}" is nested deeper than {DEEPEST} levels, or has a text that never ends.')
