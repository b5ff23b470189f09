"""Workbooks of Excel."""

from __future__ import annotations

import contextlib
import datetime
import zipfile
from typing import IO, TYPE_CHECKING, Any

from ..database import open_database
from ..errors import StepRefused, needs_package
from .replacing import replaced
from .text_rows import TextColumn, text_file, to_parquet, write_row

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from ..context import StepContext
    from ..reference import Reference

_MOST_BYTES = 4 << 30
_MOST_TEXTS = 512 << 20
"""Unpacked: what is read bit by bit, and the texts of all sheets, which are held in memory."""

_MOST_ROWS = 1_048_575
_MOST_COLUMNS = 16_384
_AT_A_TIME = 2_000
_FORMULA = ("=", "+", "-", "@")


def _check_archive(path: Path, given: str) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError) as error:
        raise StepRefused(f'"{given}" is no .xlsx workbook: {error}.') from error
    texts = sum(entry.file_size for entry in entries if entry.filename.lower().endswith("sharedstrings.xml"))
    if sum(entry.file_size for entry in entries) > _MOST_BYTES or texts > _MOST_TEXTS:
        raise StepRefused(f'"{given}" is too large when it is unpacked. Export it as CSV.')


@contextlib.contextmanager
def _opened(path: Path, given: str) -> Iterator[Any]:
    with needs_package("openpyxl", "excel"):
        import openpyxl  # noqa: PLC0415 - only pipelines that use it need it
    _check_archive(path, given)
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except Exception as error:  # openpyxl stumbles in many ways over what is no workbook
        raise StepRefused(f'"{given}" is no .xlsx workbook: {error}.') from error
    try:
        yield book
    finally:
        book.close()


def _sheet(book: Any, wanted: str | int, given: str) -> Any:
    names = book.sheetnames
    if isinstance(wanted, int) and wanted < len(names):
        return book[names[wanted]]
    if isinstance(wanted, str) and wanted in names:
        return book[wanted]
    raise StepRefused(f'"{given}" has no sheet "{wanted}". It has: {", ".join(names)}.')


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "BOOLEAN"
    if isinstance(value, int):
        return "BIGINT" if -(1 << 63) <= value < 1 << 63 else "DOUBLE"
    if isinstance(value, float):
        return "DOUBLE"
    if isinstance(value, datetime.datetime):
        return "TIMESTAMP"
    if isinstance(value, datetime.date):
        return "DATE"
    return "TIME" if isinstance(value, datetime.time) else "VARCHAR"


def _together(kinds: set[str]) -> str:
    """The type for all values of a column."""
    if len(kinds) == 1:
        return next(iter(kinds))
    if not kinds:
        return "VARCHAR"
    for wide, narrow in (("DOUBLE", {"BIGINT", "DOUBLE"}), ("TIMESTAMP", {"DATE", "TIMESTAMP"})):
        if kinds <= narrow:
            return wide
    return "VARCHAR"


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:  # noqa: PLR2004 - exact up to there
        return str(int(value))
    return value.isoformat(sep=" ") if isinstance(value, datetime.datetime) else str(value)


def _names(first: Sequence[Any]) -> list[str]:
    names: list[str] = []
    taken: set[str] = set()
    for position, value in enumerate(first):
        base = str(value).strip() if value is not None and str(value).strip() else f"column{position}"
        name, number = base, 1
        while name.lower() in taken:
            name, number = f"{base}_{number}", number + 1
        taken.add(name.lower())
        names.append(name)
    return names


def _rows(sheet: Any, options: Mapping[str, Any]) -> Iterator[Sequence[Any]]:
    from openpyxl.utils import range_boundaries  # noqa: PLC0415 - only pipelines that use it need it

    # What a workbook says of its own size is often wrong.
    sheet.reset_dimensions()
    bounds: dict[str, int] = {}
    if options.get("range"):
        first_column, first_row, last_column, last_row = range_boundaries(options["range"])
        bounds = {"min_col": first_column, "min_row": first_row, "max_col": last_column, "max_row": last_row}
    for position, row in enumerate(sheet.iter_rows(values_only=True, **bounds)):
        if position >= options["skip_rows"]:
            yield row


def _write_text(rows: Iterator[Sequence[Any]], file: IO[str], width: int) -> list[set[str]]:
    kinds: list[set[str]] = [set() for _ in range(width)]
    for row in rows:
        if all(value is None for value in row):
            continue
        if any(value is not None for value in row[width:]):
            raise StepRefused(f"A row has {len(row)} values, and there are {width} columns. Name a range.")
        values = [*row[:width], *([None] * (width - len(row)))]
        for seen, value in zip(kinds, values, strict=True):
            if value is not None:
                seen.add(_kind(value))
        write_row(file, [_text(value) for value in values])
    return kinds


def read(context: StepContext, options: Mapping[str, Any], target: str, _connection: str | None = None) -> Reference:
    """Reads a sheet. Empty rows are left out; a column of values that do not go together is text."""
    path = context.resolve(options["path"])
    if not path.is_file():
        raise StepRefused(f'There is no file "{options["path"]}".')
    with (
        _opened(path, options["path"]) as book,
        text_file(target).open("w", encoding="utf-8", newline="") as file,
    ):
        rows = _rows(_sheet(book, options["sheet"], options["path"]), options)
        try:
            names, kinds = _take(rows, options, file)
        except StepRefused:
            raise
        except Exception as error:  # as above, further on in the file
            raise StepRefused(f'"{options["path"]}" cannot be read: {error}.') from error
    columns = [TextColumn(name, _together(seen)) for name, seen in zip(names, kinds, strict=True)]
    return to_parquet(context, columns, target)


def _take(rows: Iterator[Sequence[Any]], options: Mapping[str, Any], file: IO[str]) -> tuple[list[str], list[set[str]]]:
    """Writes the rows, and answers the columns' names and what is in them."""
    first = list(next(rows, ()))
    while first and first[-1] is None:
        first.pop()
    if not first:
        raise StepRefused(f'Sheet "{options["sheet"]}" of "{options["path"]}" is empty.')
    has_header = options["has_header"]
    names = _names(first if has_header else [None] * len(first))
    return names, _write_text(rows if has_header else _with_first(first, rows), file, len(names))


def _with_first(first: Sequence[Any], rows: Iterator[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    yield first
    yield from rows


def write(
    context: StepContext, options: Mapping[str, Any], rows: Reference, _mode: str, _connection: str | None = None
) -> int:
    """Writes a new workbook with one sheet."""
    with needs_package("openpyxl", "excel"):
        import openpyxl  # noqa: PLC0415 - only pipelines that use it need it
    if rows.rows > _MOST_ROWS or len(rows.columns) > _MOST_COLUMNS:
        raise StepRefused(
            f"A sheet has room for {_MOST_ROWS:,} rows and {_MOST_COLUMNS:,} columns. Write CSV or Parquet."
        )
    path = context.resolve(options["file_path"])
    if options["create_dirs"]:
        path.parent.mkdir(parents=True, exist_ok=True)
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(options["sheet"])
    with replaced(path) as new, open_database(context, {"rows": rows}) as database:
        if options["include_header"]:
            sheet.append([_cell(sheet, column.name) for column in rows.columns])
        result = database.run("select * from rows")
        while batch := result.fetchmany(_AT_A_TIME):
            for row in batch:
                sheet.append([_cell(sheet, value) for value in row])
        book.save(str(new))
    return rows.rows


def _cell(sheet: Any, value: Any) -> Any:
    """A value as Excel has it; what it has not becomes text. A text that looks like a formula stays a text."""
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415 - only pipelines that use it need it
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE  # noqa: PLC0415

    if isinstance(value, datetime.datetime) and value.tzinfo is not None:
        return value.isoformat(sep=" ")
    if value is None or isinstance(value, (bool, int, float, datetime.date, datetime.time)):
        return value
    if type(value).__name__ == "Decimal":
        return value
    text = ILLEGAL_CHARACTERS_RE.sub("", value if isinstance(value, str) else str(value))
    if not text.startswith(_FORMULA):
        return text
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    return cell
