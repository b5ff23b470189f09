"""Where a step finds its inputs and leaves its outputs: a folder, or an object store."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import secrets
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import StepRefused
from .object_store import ObjectStore, split_uri

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..context import StepContext
    from ..reference import Reference


class Workspace:
    """A folder of one try of one step. What is published of it is there wholly; what is not is gone with the folder."""

    def __init__(self, context: StepContext, step: str, scratch: Path, store: ObjectStore | None) -> None:
        self._context = context
        self._step = step
        self._scratch = scratch
        self._store = store

    @property
    def context(self) -> StepContext:
        """The step's context with the folder that it may write to."""
        return dataclasses.replace(self._context, scratch=str(self._scratch))

    def path(self, output: str) -> str:
        """Where an output is written before it is published."""
        return str(self._scratch / f"{output}.parquet")

    def fetch(self, inputs: Mapping[str, Reference]) -> dict[str, Reference]:
        """The inputs as files of this machine."""
        return {name: self._fetch(name, reference) for name, reference in inputs.items()}

    def _fetch(self, name: str, reference: Reference) -> Reference:
        if not reference.uri.startswith("s3://"):
            if not Path(reference.uri).is_file():
                raise StepRefused(_gone(name, reference.uri))
            return reference
        path = self._scratch / f"input-{secrets.token_hex(4)}.parquet"
        bucket, key = split_uri(reference.uri)
        store = self._store or ObjectStore(None, None)
        try:
            store.download(bucket, key, path)
        except StepRefused as error:
            raise StepRefused(f"{_gone(name, reference.uri)} {error}") from error
        return dataclasses.replace(reference, uri=str(path))

    def publish(self, output: str, reference: Reference) -> Reference:
        """Puts an output where the steps behind this one read it."""
        if self._store is not None:
            bucket, prefix = split_uri(self._context.run_folder.rstrip("/") + "/")
            key = f"{prefix}{self._step}/{output}.parquet"
            self._store.upload(Path(reference.uri), bucket, key)
            return dataclasses.replace(reference, uri=f"s3://{bucket}/{key}")
        target = Path(self._context.run_folder) / self._step / f"{output}.parquet"
        with Path(reference.uri).open("rb") as written:
            os.fsync(written.fileno())
        Path(reference.uri).replace(target)
        return dataclasses.replace(reference, uri=str(target))


def _gone(name: str, uri: str) -> str:
    return (
        f'The rows of input "{name}" are gone ({uri}). They were cleaned up, or lie on another machine: '
        "run the step that made them again."
    )


@contextlib.contextmanager
def open_workspace(context: StepContext, step: str) -> Iterator[Workspace]:
    """A folder for one try of a step, which goes when the step has ended."""
    is_remote = context.run_folder.startswith("s3://")
    if is_remote:
        connection = context.connection(context.runs_connection) if context.runs_connection else None
        store: ObjectStore | None = ObjectStore(connection, None)
        scratch = Path(tempfile.mkdtemp(prefix="airfleet-"))
    else:
        store = None
        scratch = Path(context.run_folder) / step / f".try-{secrets.token_hex(6)}"
        scratch.mkdir(parents=True)
    try:
        yield Workspace(context, step, scratch, store)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        if store is not None:
            store.close()
