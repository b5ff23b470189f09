"""Files of JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..database import open_database, quote_text
from ..errors import StepRefused
from ..statement import quote_name, type_name
from .json_depth import check_depth
from .replacing import replaced

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ..context import StepContext
    from ..reference import Reference

DEFAULTS: Mapping[str, Any] = {"format": "auto", "records_path": "$", "columns": {}}
"""Options of reading, as the module has them."""

WRITE_DEFAULTS: Mapping[str, Any] = {"format": "lines", "create_dirs": True}

_FORMATS = {"auto": "auto", "array": "array", "lines": "newline_delimited"}
_LARGEST_OBJECT = 64 << 20


def read(context: StepContext, options: Mapping[str, Any], target: str, _connection: str | None = None) -> Reference:
    """Reads a file into Parquet."""
    path = context.resolve(options["path"])
    if not path.is_file():
        raise StepRefused(f'There is no file "{options["path"]}".')
    return read_files(context, [path], options, target)


def read_files(context: StepContext, paths: Sequence[Path], options: Mapping[str, Any], target: str) -> Reference:
    """Reads files of this machine, one after the other, into one Parquet file."""
    for path in paths:
        check_depth(path)
    files = ", ".join(quote_text(str(path)) for path in paths)
    call = (
        f"read_json([{files}], format = '{_FORMATS[options['format']]}', union_by_name = true, "
        f"sample_size = -1, maximum_object_size = {_LARGEST_OBJECT})"
    )
    steps = options["records_path"].split(".")[1:]
    if not steps:
        text = f"select * from {call}"
    else:
        member = ".".join(quote_name(step) for step in steps)
        # One list at a time, and each of its objects as a row.
        text = f"select unnest(record) from (select unnest({member}) as record from {call})"
    casts = ", ".join(
        f"cast({quote_name(name)} as {type_name(kind)}) as {quote_name(name)}"
        for name, kind in options["columns"].items()
    )
    if casts:
        text = f"select * replace ({casts}) from ({text})"
    with open_database(context, {}, [str(path) for path in paths]) as database:
        return database.copy_parquet(text, {}, target)


def no_rows(context: StepContext, columns: Mapping[str, str], target: str) -> Reference:
    """Parquet with these columns and nothing in them."""
    selected = ", ".join(f"cast(null as {type_name(kind)}) as {quote_name(name)}" for name, kind in columns.items())
    with open_database(context, {}) as database:
        return database.copy_parquet(f"select {selected} where false", {}, target)


def write(
    context: StepContext, options: Mapping[str, Any], rows: Reference, _mode: str, _connection: str | None = None
) -> int:
    """Writes a file."""
    path = context.resolve(options["file_path"])
    if options["create_dirs"]:
        path.parent.mkdir(parents=True, exist_ok=True)
    is_array = str(options["format"] == "array").lower()
    with replaced(path) as new, open_database(context, {"rows": rows}, [str(new)]) as database:
        database.run(f"copy rows to {quote_text(str(new))} (format json, array {is_array})")
    return rows.rows
