"""Rows of runs that are long over."""

import os
import time
from pathlib import Path

import pytest

from airfleet.runtime.storage.clean import clean_now_and_then, clean_runs, main


def run(folder: Path, name: str, hours_ago: float) -> Path:
    place = folder / name / "read"
    place.mkdir(parents=True)
    (place / "out.parquet").write_bytes(b"rows")
    then = time.time() - hours_ago * 3_600
    for each in (place / "out.parquet", place, place.parent):
        os.utime(each, (then, then))
    return place.parent


def test_a_run_goes_when_nothing_was_written_for_it_lately(tmp_path: Path) -> None:
    old = run(tmp_path, "old", 200)
    written = run(tmp_path, "written", 200)
    (written / "read" / "again.parquet").write_bytes(b"rows")
    new = run(tmp_path, "new", 100)
    (tmp_path / "link").symlink_to(new)
    assert clean_runs(str(tmp_path), older_than_hours=168) == [str(old)]
    assert (old.exists(), written.exists(), new.exists()) == (False, True, True)


def test_a_pipeline_cleans_once_an_hour(tmp_path: Path) -> None:
    lines: list[str] = []
    first = run(tmp_path, "first", 200)
    clean_now_and_then(str(tmp_path), 168, lines.append)
    assert not first.exists()
    second = run(tmp_path, "second", 200)
    clean_now_and_then(str(tmp_path), 168, lines.append)
    assert second.exists()
    then = time.time() - 4_000
    os.utime(tmp_path / ".cleaned", (then, then))
    clean_now_and_then(str(tmp_path), 168, lines.append)
    assert not second.exists()
    assert len(lines) == 2


def test_the_command_cleans_all_pipelines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gone = [run(tmp_path / name, "old", 5) for name in ("p1", "p2")]
    assert main([str(tmp_path), "--older-than-hours", "4"]) == 0
    assert not any(each.exists() for each in gone)
    assert capsys.readouterr().out.count("removed ") == 2
