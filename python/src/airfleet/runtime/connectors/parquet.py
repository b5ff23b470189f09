"""Parquet files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..connectors.replacing import replaced
from ..database import open_database, quote_text
from ..errors import StepRefused
from ..statement import quote_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..context import StepContext
    from ..reference import Reference


def read(context: StepContext, options: Mapping[str, Any], target: str) -> Reference:
    """Copies a file, or some of its columns, into the run's folder."""
    path = context.resolve(options["path"])
    if not path.is_file():
        raise StepRefused(f'There is no file "{options["path"]}".')
    columns = ", ".join(quote_name(name) for name in options["columns"]) or "*"
    with open_database(context, {}, [str(path)]) as database:
        return database.copy_parquet(f"select {columns} from read_parquet({quote_text(str(path))})", {}, target)


def write(context: StepContext, options: Mapping[str, Any], rows: Reference, _mode: str) -> int:
    """Writes a file."""
    path = context.resolve(options["file_path"])
    if options["create_dirs"]:
        path.parent.mkdir(parents=True, exist_ok=True)
    with replaced(path) as new, open_database(context, {"rows": rows}, [str(new)]) as database:
        database.run(f"copy rows to {quote_text(str(new))} (format parquet, compression {options['compression']})")
    return rows.rows
