"""Removes the rows of runs that are long over.

Rows between steps are needed for longer than a run takes: a task that is tried again, or cleared a day later, reads
what the tasks before it have left. So they go by age alone: when nothing was written for a run within so many hours.
Who clears a task later than that clears those before it too, and is told so.

Every pipeline's first task looks after the runs of its own pipeline, at most once an hour (`clean_now_and_then`).
Beside that

    python -m airfleet.runtime.storage.clean /data/runs --older-than-hours 168

removes them for all pipelines, such as from cron, where pipelines no longer run. In an object store a rule of the
store's own that expires objects does the same; `clean_runs` takes `s3://bucket/prefix/<pipeline>` as well.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from .object_store import ObjectStore, split_uri

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ..context import Connection

USUAL_HOURS = 168.0
_LOOK_EVERY_SECONDS = 3_600.0
_HOUR = 3_600.0
_MARK = ".cleaned"


def clean_runs(folder: str, *, older_than_hours: float, connection: Connection | None = None) -> list[str]:
    """Removes the folders of runs in a pipeline's folder for which nothing was written lately; answers which."""
    before = time.time() - older_than_hours * _HOUR
    if folder.startswith("s3://"):
        return _clean_store(folder, before, connection)
    removed = []
    for run in _folders(Path(folder)):
        if _last_written(run) < before:
            shutil.rmtree(run, ignore_errors=True)
            removed.append(str(run))
    return removed


def _folders(folder: Path) -> Iterator[Path]:
    try:
        # Nothing outside is removed because a link leads there.
        yield from [entry for entry in folder.iterdir() if entry.is_dir() and not entry.is_symlink()]
    except FileNotFoundError:
        return


def _last_written(run: Path) -> float:
    newest = 0.0
    for place, _, files in os.walk(run):
        for name in (".", *files):
            try:
                newest = max(newest, (Path(place) / name).lstat().st_mtime)
            except FileNotFoundError:
                continue
    return newest


def _clean_store(folder: str, before: float, connection: Connection | None) -> list[str]:
    bucket, prefix = split_uri(folder.rstrip("/") + "/")
    store = ObjectStore(connection, None)
    runs: dict[str, list[str]] = {}
    newest: dict[str, float] = {}
    try:
        for found in store.list(bucket, prefix):
            run = found["Key"][len(prefix) :].split("/", 1)[0]
            runs.setdefault(run, []).append(found["Key"])
            newest[run] = max(newest.get(run, 0.0), found["LastModified"].timestamp())
        old = [run for run in runs if newest[run] < before]
        for run in old:
            store.delete(bucket, runs[run])
    finally:
        store.close()
    return [f"s3://{bucket}/{prefix}{run}" for run in old]


def clean_now_and_then(folder: str, older_than_hours: float, log: Callable[[str], None]) -> None:
    """Cleans the folder of a pipeline, unless that was done within the hour. What goes wrong is told, and no more."""
    try:
        mark = Path(folder) / _MARK
        if folder.startswith("s3://") or _is_recent(mark):
            return
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()
        for run in clean_runs(folder, older_than_hours=older_than_hours):
            log(f"removed the rows of a run that is long over: {run}")
    except OSError as error:
        log(f"the rows of older runs could not be removed: {error}")


def _is_recent(mark: Path) -> bool:
    try:
        return time.time() - mark.stat().st_mtime < _LOOK_EVERY_SECONDS
    except FileNotFoundError:
        return False


def main(arguments: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m airfleet.runtime.storage.clean", description=clean_runs.__doc__)
    parser.add_argument("folder", help="AIRFLEET_RUNS_FOLDER, with a folder for each pipeline")
    parser.add_argument("--older-than-hours", type=float, default=USUAL_HOURS, help="default: %(default)s")
    given = parser.parse_args(arguments)
    for pipeline in _folders(Path(given.folder)):
        for run in clean_runs(str(pipeline), older_than_hours=given.older_than_hours):
            sys.stdout.write(f"removed {run}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
