"""Rows as text on their way to Parquet: what services answer in their own words, with the types that they name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from ..database import open_database, quote_text
from ..statement import quote_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..context import StepContext
    from ..reference import Reference

MISSING = "\\N"
"""Stands for a missing value; a text like it is quoted, as all values are."""

_LONGEST_LINE = 1 << 26
"""Bytes of one row. DuckDB holds a buffer of them for each thread, within the memory of the step."""
_BUFFER = 1 << 24
_BINARY = "unhex(substr({value}, 3))"


@dataclass(frozen=True)
class TextColumn:
    r"""A column that comes as text: its type in DuckDB's words. Binary comes as `\\x` and hexadecimal digits."""

    name: str
    type: str

    def select(self, position: int) -> str:
        """What makes the column of the text."""
        value = quote_name(f"c{position}")
        if self.type == "VARCHAR":
            return f"{value} as {quote_name(self.name)}"
        made = _BINARY.format(value=value) if self.type == "BLOB" else value
        return f"cast({made} as {self.type}) as {quote_name(self.name)}"


def write_row(file: IO[str], values: Sequence[str | None]) -> None:
    """One row of a file of text."""
    quoted = [MISSING if value is None else '"' + value.replace('"', '""') + '"' for value in values]
    file.write(",".join(quoted) + "\n")


def text_file(target: str) -> Path:
    """Where the text stands before it is Parquet."""
    return Path(target).with_suffix(".text")


def to_parquet(context: StepContext, columns: Sequence[TextColumn], target: str) -> Reference:
    """Makes Parquet of the file of text, and removes it."""
    path = text_file(target)
    names = ", ".join(f"'c{position}': 'VARCHAR'" for position in range(len(columns)))
    # One long value needs a long buffer; all of them at once would be the memory of the whole step.
    longest = max(_BUFFER, min(_LONGEST_LINE, path.stat().st_size + 2))
    call = (
        f"read_csv({quote_text(str(path))}, header = false, auto_detect = false, delim = ',', quote = '\"', "
        f"escape = '\"', nullstr = {quote_text(MISSING)}, allow_quoted_nulls = false, new_line = '\\n', "
        f"columns = {{{names}}}, max_line_size = {longest}, buffer_size = {longest})"
    )
    selected = ", ".join(column.select(position) for position, column in enumerate(columns))
    try:
        with open_database(context, {}, [str(path)]) as database:
            return database.copy_parquet(f"select {selected} from {call}", {}, target)
    finally:
        path.unlink(missing_ok=True)
