"""Finds what reads and writes, and imports only that: a pipeline of files needs nothing but DuckDB."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..errors import StepRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..context import StepContext
    from ..reference import Reference

    Reader = Callable[[StepContext, Mapping[str, Any], str, str | None], Reference]
    """Context, options, the Parquet file to write, the id of the connection."""
    Writer = Callable[[StepContext, Mapping[str, Any], Reference, str, str | None], int]
    """Context, options, the rows, the mode, the id of the connection; answers how many rows were written."""

_CONNECTORS = frozenset({"csv", "excel", "json", "mysql", "parquet", "postgres", "rest", "s3"})


def _find(connector: str, function: str) -> Any:
    if connector in _CONNECTORS:
        found = getattr(import_module(f".{connector}", __package__), function, None)
        if found is not None:
            return found
    raise StepRefused(f'This version cannot {function} with connector "{connector}".')


def find_reader(connector: str) -> Reader:
    """What reads from there."""
    reader: Reader = _find(connector, "read")
    return reader


def find_writer(connector: str) -> Writer:
    """What writes there."""
    writer: Writer = _find(connector, "write")
    return writer
