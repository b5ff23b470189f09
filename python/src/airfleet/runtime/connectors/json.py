"""Files of JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..connectors.replacing import replaced
from ..database import open_database, quote_text
from ..errors import StepRefused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..context import StepContext
    from ..reference import Reference

_FORMATS = {"auto": "auto", "array": "array", "lines": "newline_delimited"}


def read(context: StepContext, options: Mapping[str, Any], target: str) -> Reference:
    """Reads a file into Parquet."""
    path = context.resolve(options["path"])
    if not path.is_file():
        raise StepRefused(f'There is no file "{options["path"]}".')
    call = (
        f"read_json({quote_text(str(path))}, format = '{_FORMATS[options['format']]}', "
        "sample_size = -1, maximum_object_size = 67108864)"
    )
    steps = options["records_path"].split(".")[1:]
    if not steps:
        text = f"select * from {call}"
    else:
        member = ".".join('"' + step.replace('"', '""') + '"' for step in steps)
        text = f"select unnest(record) from (select unnest({member}) as record from {call})"
    casts = ", ".join(f"cast({_name(name)} as {kind}) as {_name(name)}" for name, kind in options["columns"].items())
    if casts:
        text = f"select * replace ({casts}) from ({text})"
    with open_database(context, {}, [str(path)]) as database:
        return database.copy_parquet(text, {}, target)


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def write(context: StepContext, options: Mapping[str, Any], rows: Reference, _mode: str) -> int:
    """Writes a file."""
    path = context.resolve(options["file_path"])
    if options["create_dirs"]:
        path.parent.mkdir(parents=True, exist_ok=True)
    is_array = str(options["format"] == "array").lower()
    with replaced(path) as new, open_database(context, {"rows": rows}, [str(new)]) as database:
        database.run(f"copy rows to {quote_text(str(new))} (format json, array {is_array})")
    return rows.rows
