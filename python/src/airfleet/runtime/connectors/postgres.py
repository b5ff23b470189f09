"""Tables and queries of PostgreSQL."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any

from ..values import param
from .postgres_connection import open_postgres, told
from .postgres_types import to_duckdb
from .postgres_write import write
from .query_params import with_placeholders
from .text_rows import TextColumn, text_file, to_parquet, write_row

if TYPE_CHECKING:
    from collections.abc import Mapping

    from psycopg import Connection as Session

    from ..context import StepContext
    from ..reference import Reference

__all__ = ["read", "write"]


def read(context: StepContext, options: Mapping[str, Any], target: str, connection: str | None) -> Reference:
    """Copies the rows of a query, as they were at one moment."""
    from psycopg import IsolationLevel  # noqa: PLC0415 - only pipelines that use it need it

    names = options.get("query_params", [])
    values = {f"p_{name}": param(context.params, name) for name in names}
    query = with_placeholders(
        options["query"], names, lambda name: f"%(p_{name})s", lambda text: text.replace("%", "%%")
    )
    with open_postgres(context, connection, options["timeout"]) as session, told("The query"):
        session.isolation_level = IsolationLevel.REPEATABLE_READ
        session.read_only = True
        with text_file(target).open("w", encoding="utf-8", newline="") as file:
            is_whole = options["limit"] is None and options["offset"] == 0
            columns = (
                _copy(session, options["query"], file)
                if is_whole and not values
                else _fetch(session, query, values, options, file)
            )
    return to_parquet(context, columns, target)


def _copy(session: Session[Any], query: str, file: IO[str]) -> list[TextColumn]:
    """The quickest way, for queries that bind nothing."""
    with session.cursor(name="airfleet_columns") as described:
        described.execute(query.encode())
        columns = [TextColumn(column.name, to_duckdb(column)) for column in described.description or ()]
    statement = f"copy (\n{query}\n) to stdout (format csv, null '\\N', force_quote *)"
    with session.cursor() as cursor, cursor.copy(statement.encode()) as rows:
        file.flush()
        for block in rows:
            file.buffer.write(block)  # type: ignore[attr-defined] # it is a file of text over a buffer
    return columns


def _fetch(
    session: Session[Any], query: str, values: Mapping[str, Any], options: Mapping[str, Any], file: IO[str]
) -> list[TextColumn]:
    """Through a cursor of the server's: values are bound, and so many rows are held at a time."""
    left = options["limit"]
    with session.cursor(name="airfleet_rows") as cursor:
        cursor.execute(query.encode(), dict(values) or None)
        columns = [TextColumn(column.name, to_duckdb(column)) for column in cursor.description or ()]
        if options["offset"]:
            session.execute(f"move forward {int(options['offset'])} in airfleet_rows".encode())
        while left is None or left > 0:
            size = options["fetch_size"] if left is None else min(left, options["fetch_size"])
            result = session.execute(f"fetch forward {int(size)} from airfleet_rows".encode()).pgresult
            count = result.ntuples if result else 0
            if result is None or count == 0:
                break
            left = None if left is None else left - count
            for row in range(count):
                raw = [result.get_value(row, column) for column in range(result.nfields)]
                write_row(file, [None if value is None else bytes(value).decode() for value in raw])
    return columns
