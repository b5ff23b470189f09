"""Tables and queries of MySQL and MariaDB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..values import param
from .mysql_connection import literal, open_mysql, told
from .mysql_types import to_duckdb
from .mysql_write import write
from .query_params import split_query
from .text_rows import TextColumn, text_file, to_parquet, write_row

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..context import StepContext
    from ..reference import Reference

__all__ = ["read", "write"]


def read(context: StepContext, options: Mapping[str, Any], target: str, connection: str | None) -> Reference:
    """Copies the rows of a query, as they were at one moment."""
    pieces = split_query(options["query"], options.get("query_params", []))
    # The server puts the values in, in places that it has found itself.
    query = "".join(piece if isinstance(piece, str) else "?" for piece in pieces)
    order = [piece[0] for piece in pieces if isinstance(piece, tuple)]
    with open_mysql(context, connection, options["timeout"]) as session, told("The query"):
        from pymysql.cursors import SSCursor  # noqa: PLC0415 - only pipelines that use it need it

        with session.cursor() as cursor:
            cursor.execute("set session transaction isolation level repeatable read")
            cursor.execute("start transaction with consistent snapshot, read only")
            for name in dict.fromkeys(order):
                cursor.execute(f"set @airfleet_{name} = {literal(param(context.params, name))}")
            cursor.execute(f"set @airfleet_query = {literal(query)}")
            cursor.execute("prepare airfleet_query from @airfleet_query")
        using = f" using {', '.join(f'@airfleet_{name}' for name in order)}" if order else ""
        cursor = SSCursor(session)
        try:
            cursor.execute(f"execute airfleet_query{using}")
            fields = cursor._result.fields  # noqa: SLF001 - the description has no flags and no character set
            columns = [TextColumn(field.name, to_duckdb(field)) for field in fields]
            _write_rows(cursor, columns, options, target)
        finally:
            _forget(cursor)
    return to_parquet(context, columns, target)


def _forget(cursor: Any) -> None:
    """What is left unread goes with the connection: to read on, as the driver would, takes as long as the query."""
    if cursor._result is not None:  # noqa: SLF001 - the only way to do so
        cursor._result.unbuffered_active = False  # noqa: SLF001
    cursor.connection = None


def _text(value: Any, kind: str) -> str | None:
    if value is None:
        return None
    if kind == "BLOB":
        return "\\x" + (value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogateescape")).hex()
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)


def _write_rows(cursor: Any, columns: list[TextColumn], options: Mapping[str, Any], target: str) -> None:
    skip, left = options["offset"], options["limit"]
    kinds = [column.type for column in columns]
    with text_file(target).open("w", encoding="utf-8", newline="") as file:
        for row in cursor.fetchall_unbuffered():
            if skip > 0:
                skip -= 1
                continue
            if left == 0:
                break
            left = None if left is None else left - 1
            write_row(file, [_text(value, kind) for value, kind in zip(row, kinds, strict=True)])
