"""Parquet files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..database import open_database, quote_text
from ..errors import StepRefused
from ..statement import quote_name
from .replacing import replaced

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ..context import StepContext
    from ..reference import Reference

DEFAULTS: Mapping[str, Any] = {"columns": []}
"""Options of reading, as the module has them."""

WRITE_DEFAULTS: Mapping[str, Any] = {"compression": "zstd", "create_dirs": True}


def read(context: StepContext, options: Mapping[str, Any], target: str, _connection: str | None = None) -> Reference:
    """Copies a file, or some of its columns, into the run's folder."""
    path = context.resolve(options["path"])
    if not path.is_file():
        raise StepRefused(f'There is no file "{options["path"]}".')
    return read_files(context, [path], options, target)


def read_files(context: StepContext, paths: Sequence[Path], options: Mapping[str, Any], target: str) -> Reference:
    """Copies files of this machine, one after the other, into one."""
    columns = ", ".join(quote_name(name) for name in options["columns"]) or "*"
    files = ", ".join(quote_text(str(path)) for path in paths)
    with open_database(context, {}, [str(path) for path in paths]) as database:
        return database.copy_parquet(f"select {columns} from read_parquet([{files}], union_by_name = true)", {}, target)


def write(
    context: StepContext, options: Mapping[str, Any], rows: Reference, _mode: str, _connection: str | None = None
) -> int:
    """Writes a file."""
    path = context.resolve(options["file_path"])
    if options["create_dirs"]:
        path.parent.mkdir(parents=True, exist_ok=True)
    with replaced(path) as new, open_database(context, {"rows": rows}, [str(new)]) as database:
        database.run(f"copy rows to {quote_text(str(new))} (format parquet, compression {options['compression']})")
    return rows.rows
