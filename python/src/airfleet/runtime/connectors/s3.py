"""Objects of S3 and of stores that speak its protocol."""

from __future__ import annotations

import dataclasses
import fnmatch
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import StepRefused
from ..storage.object_store import ObjectStore
from . import csv, json, parquet

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..context import StepContext
    from ..reference import Reference

_FORMATS: dict[str, Any] = {"csv": csv, "json": json, "parquet": parquet}
_MOST_OBJECTS = 10_000


def _store(context: StepContext, connection: str | None) -> ObjectStore:
    if connection is None:
        raise StepRefused("The step names no connection.")
    return ObjectStore(context.connection(connection), context.network_allow)


def _options(given: Mapping[str, Any], usual: Mapping[str, Any], kind: str) -> dict[str, Any]:
    strange = sorted(given.keys() - usual.keys())
    if strange:
        raise StepRefused(f'Format {kind} has no option "{strange[0]}". It has: {", ".join(sorted(usual))}.')
    return {**usual, **given}


def _download(context: StepContext, store: ObjectStore, options: Mapping[str, Any]) -> list[Path]:
    bucket, key, kind = options["bucket"], options["key"], options["format"]
    keys = [key]
    if "*" in key:
        begin = key.split("*", 1)[0]
        keys = [found["Key"] for found in store.list(bucket, begin) if fnmatch.fnmatchcase(found["Key"], key)]
        if not keys:
            raise StepRefused(f'No object of bucket "{bucket}" fits "{key}".')
        if len(keys) > _MOST_OBJECTS:
            raise StepRefused(f'{len(keys)} objects fit "{key}"; at most {_MOST_OBJECTS} are read at once.')
    folder = Path(context.scratch) / f"objects-{secrets.token_hex(4)}"
    folder.mkdir()
    paths = []
    for number, each in enumerate(keys):
        path = folder / f"{number:05}.{kind}"
        store.download(bucket, each, path)
        paths.append(path)
    return paths


def read(context: StepContext, options: Mapping[str, Any], target: str, connection: str | None) -> Reference:
    """Reads one object, or all whose key fits."""
    kind = options["format"]
    connector = _FORMATS[kind]
    inner = _options(options["options"], connector.DEFAULTS, kind)
    store = _store(context, connection)
    try:
        paths = _download(context, store, options)
    finally:
        store.close()
    context.log(f"{len(paths)} objects of s3://{options['bucket']}/{options['key']}")
    if kind == "csv":
        # A name with a star is looked for in the folder alone.
        folder = paths[0].parent
        here = dataclasses.replace(context, roots=[folder])
        return csv.read(here, {**inner, "path": str(folder / "*.csv")}, target)
    if kind == "json":
        return json.read_files(context, paths, inner, target)
    return parquet.read_files(context, paths, inner, target)


def write(context: StepContext, options: Mapping[str, Any], rows: Reference, mode: str, connection: str | None) -> int:
    """Writes one object, which is there wholly or as it was before."""
    kind = options["format"]
    connector = _FORMATS[kind]
    inner = _options(options["options"], connector.WRITE_DEFAULTS, kind)
    path = Path(context.scratch) / f"object.{kind}"
    here = dataclasses.replace(context, roots=[Path(context.scratch)])
    count: int = connector.write(here, {**inner, "file_path": str(path)}, rows, mode)
    store = _store(context, connection)
    try:
        store.upload(path, options["bucket"], options["key"])
    finally:
        store.close()
    return count
