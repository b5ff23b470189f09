"""DuckDB as steps use it: shut off from everything but the files that it is given."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import duckdb

from .errors import StepError, StepRefused
from .reference import Column, Reference
from .statement import bindings, quote_name, write_statement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .context import StepContext

_REFUSALS = (
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.ConstraintException,
    duckdb.ConversionException,
    duckdb.InvalidInputException,
    duckdb.InvalidTypeException,
    duckdb.NotImplementedException,
    duckdb.OutOfRangeException,
    duckdb.ParserException,
    duckdb.PermissionException,
    duckdb.SyntaxException,
    duckdb.TypeMismatchException,
)
"""What DuckDB will say again however often it is asked."""


def quote_text(text: str) -> str:
    """A text as a literal."""
    return "'" + text.replace("'", "''") + "'"


def _first_part(error: duckdb.Error) -> str:
    """What is wrong, without the statement, which the reader has not written like that."""
    return str(error).split("\n\nLINE", 1)[0].strip()


class Database:
    """One connection with the inputs of one step as views."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, inputs: Mapping[str, Reference], absent: Sequence[str] = ()
    ) -> None:
        self._connection = connection
        self._columns = {name: reference.columns for name, reference in inputs.items()}
        for name, reference in inputs.items():
            source = f"read_parquet({quote_text(reference.uri)})"
            self.run(f"create view {quote_name(name)} as select * from {source}")
        for name in absent:
            like = min(inputs)
            self.run(f"create view {quote_name(name)} as select * from {quote_name(like)} where false")
            self._columns[name] = self._columns[like]

    def run(self, text: str, values: Mapping[str, Any] | None = None) -> duckdb.DuckDBPyConnection:
        """Runs one statement; what it complains of becomes the step's error."""
        try:
            return self._connection.execute(text, dict(values or {}))
        except _REFUSALS as error:
            raise StepRefused(_first_part(error)) from error
        except duckdb.Error as error:
            raise StepError(str(error)) from error

    def select(self, sql: Mapping[str, Any], params: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """The rows of a plan's statement."""
        return self.run(f"from ({write_statement(sql, self._columns)})", bindings(sql, params)).fetchall()

    def count_and_first(self, sql: Mapping[str, Any], params: Mapping[str, Any]) -> tuple[int, str]:
        """How many rows a plan's statement has, and the first of them as JSON."""
        text = f"select count(*), first(cast(to_json(f) as varchar)) from ({write_statement(sql, self._columns)}) f"
        found = self.run(text, bindings(sql, params)).fetchone()
        return (int(found[0]), str(found[1])) if found else (0, "")

    def write_parquet(self, sql: Mapping[str, Any], params: Mapping[str, Any], path: str) -> Reference:
        """Puts the rows of a plan's statement into a file."""
        return self.copy_parquet(write_statement(sql, self._columns), bindings(sql, params), path)

    def copy_parquet(self, text: str, values: Mapping[str, Any], path: str) -> Reference:
        """Puts the rows of a statement into a file, which is there wholly or not at all."""
        count = self._count_statements(text)
        # Only whole statements get this far, so that none can leave the parentheses. A pivot counts as several.
        if count != 1 and not self._is_one_query(text):
            raise StepRefused(f"One query is expected, and {count} are there.")
        self.run(f"copy (from (\n{text}\n)) to {quote_text(path)} (format parquet, compression zstd)", values)
        return self.reference(path)

    def _count_statements(self, text: str) -> int:
        try:
            return len(self._connection.extract_statements(text))
        except duckdb.Error as error:
            raise StepRefused(_first_part(error)) from error

    def _is_one_query(self, text: str) -> bool:
        try:
            self._connection.extract_statements(f"from (\n{text}\n)")
        except duckdb.Error:
            return False
        return True

    def reference(self, path: str) -> Reference:
        """What a Parquet file holds, from its own footer."""
        source = f"read_parquet({quote_text(path)})"
        described = self.run(f"describe select * from {source}").fetchall()
        footer = f"select sum(num_rows), sum(footer_size) from parquet_file_metadata({quote_text(path)})"
        counted = self.run(footer).fetchone()
        size = self.run(f"select sum(size) from read_blob({quote_text(path)})").fetchone()
        columns = tuple(Column(str(row[0]), str(row[1])) for row in described)
        return Reference(path, int(counted[0]) if counted else 0, columns, int(size[0]) if size else 0)


@contextlib.contextmanager
def open_database(
    context: StepContext,
    inputs: Mapping[str, Reference],
    files: Sequence[str] = (),
    absent: Sequence[str] = (),
) -> Iterator[Database]:
    """Opens DuckDB for one step: it reads and writes in the step's own folder, its inputs, and the files named here.

    `absent` are inputs that a branch has skipped: they have the columns of the first that is there, and no rows.
    """
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": str(context.threads),
        "memory_limit": context.memory,
        "temp_directory": context.scratch,
    }
    connection = duckdb.connect(":memory:", config=config)
    try:
        connection.execute(f"set allowed_directories = [{quote_text(context.scratch)}]")
        paths = [*files, *(reference.uri for reference in inputs.values())]
        connection.execute(f"set allowed_paths = [{', '.join(quote_text(path) for path in paths)}]")
        connection.execute("set autoinstall_known_extensions = false")
        connection.execute("set autoload_known_extensions = false")
        connection.execute("set enable_external_access = false")
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set lock_configuration = true")
        yield Database(connection, inputs, absent)
    finally:
        connection.close()
