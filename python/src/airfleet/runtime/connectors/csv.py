"""Files of separated values."""

from __future__ import annotations

import codecs
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..database import open_database, quote_text
from ..errors import StepRefused
from .replacing import replaced

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..context import StepContext
    from ..reference import Reference

DEFAULTS: Mapping[str, Any] = {
    "delimiter": ",",
    "quote": '"',
    "encoding": "utf-8",
    "has_header": True,
    "skip_rows": 0,
    "na_values": [""],
    "columns": {},
    "on_bad_line": "fail",
}
"""Options of reading, as the module has them."""

WRITE_DEFAULTS: Mapping[str, Any] = {
    "delimiter": ",",
    "encoding": "utf-8",
    "include_header": True,
    "quote_all": False,
    "create_dirs": True,
}

_CHUNK = 1 << 20


def _matching(context: StepContext, given: str) -> list[Path]:
    path = context.resolve(given)
    if "*" not in path.name:
        if not path.is_file():
            raise StepRefused(f'There is no file "{given}".')
        return [path]
    found = sorted(each for each in _fitting(path) if each.is_file())
    if not found:
        raise StepRefused(f'No file fits "{given}".')
    return [context.resolve(str(each)) for each in found]


def _fitting(pattern: Path) -> list[Path]:
    """Files of a folder by name. `*` stands for any text, and nothing else for anything."""
    name = re.compile(".*".join(re.escape(part) for part in pattern.name.split("*")), re.DOTALL)
    if not pattern.parent.is_dir():
        return []
    return [
        each
        for each in pattern.parent.iterdir()
        # Hidden files are not meant, and some are ours, half-written.
        if name.fullmatch(each.name) and (pattern.name.startswith(".") or not each.name.startswith("."))
    ]


def _as_utf8(path: Path, encoding: str, folder: str) -> str:
    """DuckDB reads UTF-8: what is written otherwise is rewritten first, beside the step's output."""
    if encoding == "utf-8":
        return str(path)
    handle, name = tempfile.mkstemp(suffix=".csv", dir=folder)
    python_name = {"latin-1": "latin-1", "utf-16": "utf-16", "windows-1252": "cp1252"}[encoding]
    try:
        with path.open("rb") as source, os.fdopen(handle, "wb") as target:
            decoder = codecs.getincrementaldecoder(python_name)()
            while chunk := source.read(_CHUNK):
                target.write(decoder.decode(chunk).encode("utf-8"))
            target.write(decoder.decode(b"", final=True).encode("utf-8"))
    except UnicodeDecodeError as error:
        raise StepRefused(f'"{path.name}" is not {encoding}: {error.reason} at byte {error.start}.') from error
    return name


def _list(values: Sequence[str]) -> str:
    return "[" + ", ".join(quote_text(value) for value in values) + "]"


def _read_call(paths: Sequence[str], options: Mapping[str, Any]) -> str:
    types = ", ".join(f"{quote_text(name)}: {quote_text(kind)}" for name, kind in options["columns"].items())
    parts = [
        _list(paths),
        f"delim = {quote_text(options['delimiter'])}",
        f"quote = {quote_text(options['quote'])}",
        f"escape = {quote_text(options['quote'])}",
        f"header = {str(options['has_header']).lower()}",
        f"skip = {int(options['skip_rows'])}",
        f"nullstr = {_list(options['na_values'])}",
        # Types from all rows: those of the first would fail, or be wrong, further down.
        "sample_size = -1",
        "auto_detect = true",
        "union_by_name = false",
        f"ignore_errors = {str(options['on_bad_line'] == 'skip').lower()}",
    ]
    if types:
        parts.append(f"types = {{{types}}}")
    return f"read_csv({', '.join(parts)})"


def read(context: StepContext, options: Mapping[str, Any], target: str, _connection: str | None = None) -> Reference:
    """Reads files into one Parquet file."""
    paths = _matching(context, options["path"])
    folder = str(Path(target).parent)
    texts = [_as_utf8(path, options["encoding"], folder) for path in paths]
    try:
        with open_database(context, {}, texts) as database:
            return database.copy_parquet(f"select * from {_read_call(texts, options)}", {}, target)
    finally:
        for path, text in zip(paths, texts, strict=True):
            if text != str(path):
                Path(text).unlink(missing_ok=True)


def write(
    context: StepContext, options: Mapping[str, Any], rows: Reference, mode: str, _connection: str | None = None
) -> int:
    """Writes rows to a file, which changes wholly or not at all. Answers how many rows were written."""
    path = context.resolve(
        str(Path(options["file_path"]) / options["filename"]) if options.get("filename") else options["file_path"]
    )
    if options["create_dirs"]:
        path.parent.mkdir(parents=True, exist_ok=True)
    elif not path.parent.is_dir():
        raise StepRefused(f'There is no folder "{path.parent.name}" for "{path.name}".')
    is_appending = mode == "append" and path.is_file() and path.stat().st_size > 0
    header = options["include_header"] and not is_appending
    is_plain = not is_appending and options["encoding"] == "utf-8"
    with replaced(path) as new:
        # What is still to be changed or put behind something else is written elsewhere first.
        fresh = str(new) if is_plain else str(Path(context.scratch) / "rows.csv")
        with open_database(context, {"rows": rows}, [fresh]) as database:
            quoted = ", force_quote *" if options["quote_all"] else ""
            database.run(
                f"copy rows to {quote_text(fresh)} (format csv, header {str(header).lower()}, "
                f"delimiter {quote_text(options['delimiter'])}{quoted})"
            )
        if not is_plain:
            _assemble(path if is_appending else None, fresh, new, options["encoding"])
    return rows.rows


def _assemble(old: Path | None, fresh: str, new: Path, encoding: str) -> None:
    """Puts what was there and the new rows one after the other."""
    python_name = {"utf-8": "utf-8", "latin-1": "latin-1", "utf-16": "utf-16", "windows-1252": "cp1252"}[encoding]
    try:
        with new.open("wb") as target:
            if old is not None:
                with old.open("rb") as source:
                    shutil.copyfileobj(source, target, _CHUNK)
            with Path(fresh).open("rb") as source:
                if encoding == "utf-8":
                    shutil.copyfileobj(source, target, _CHUNK)
                    return
                # The mark at the beginning of UTF-16 stands at the beginning of a file only.
                name = python_name if old is None or encoding != "utf-16" else "utf-16-le"
                encoder = codecs.getincrementalencoder(name)()
                decoder = codecs.getincrementaldecoder("utf-8")()
                while chunk := source.read(_CHUNK):
                    target.write(encoder.encode(decoder.decode(chunk)))
    except UnicodeEncodeError as error:
        raise StepRefused(f"{encoding} has no sign for {error.object[error.start]!r}. Write UTF-8.") from error
    finally:
        Path(fresh).unlink(missing_ok=True)
