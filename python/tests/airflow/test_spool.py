from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from airfleet.airflow.settings import read_settings
from airfleet.airflow.spool import writer as spool_writer
from airfleet.airflow.spool.reader import SpoolReader
from airfleet.airflow.spool.sender_lock import SenderLock, is_sender_alive
from airfleet.airflow.spool.writer import SpoolWriter

EVERYTHING = 10_000_000
SOURCE = str(Path(spool_writer.__file__).parents[3])


def line(number: int, *, size: int = 0) -> bytes:
    return json.dumps({"report": {"number": number, "text": "x" * size}}).encode()


def numbers(reader: SpoolReader, most: int = 10_000) -> list[int]:
    return [record.content["report"]["number"] for record in reader.next_batch(most, EVERYTHING)]


def write_in_other_process(directory: Path, number: int) -> None:
    """As a task does: writes one report and ends."""
    program = (
        "import sys, json, pathlib; from airfleet.airflow.spool.writer import SpoolWriter; "
        "SpoolWriter(pathlib.Path(sys.argv[1])).append(json.dumps({'report': {'number': int(sys.argv[2])}}).encode())"
    )
    subprocess.run([sys.executable, "-c", program, str(directory), str(number)], env={"PYTHONPATH": SOURCE}, check=True)


def test_reports_come_out_in_the_order_they_were_written(tmp_path: Path) -> None:
    writer = SpoolWriter(tmp_path)
    for number in range(10):
        writer.append(line(number))
    assert numbers(SpoolReader(tmp_path), most=4) == [0, 1, 2, 3]
    assert numbers(SpoolReader(tmp_path)) == list(range(10))


def test_what_was_delivered_is_not_read_again_by_the_next_sender(tmp_path: Path) -> None:
    writer = SpoolWriter(tmp_path)
    for number in range(3):
        writer.append(line(number))
    reader = SpoolReader(tmp_path)
    reader.settle(reader.next_batch(2, EVERYTHING))
    assert numbers(SpoolReader(tmp_path)) == [2]


def test_threads_of_one_process_do_not_mix_their_reports(tmp_path: Path) -> None:
    writer = SpoolWriter(tmp_path)
    threads = [
        threading.Thread(target=lambda start=start: [writer.append(line(start + n)) for n in range(200)])
        for start in (0, 1000, 2000)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers(SpoolReader(tmp_path))) == [*range(200), *range(1000, 1200), *range(2000, 2200)]


def test_a_forked_process_writes_to_a_file_of_its_own(tmp_path: Path) -> None:
    writer = SpoolWriter(tmp_path)
    writer.append(line(1))
    pid = os.fork()
    if pid == 0:
        try:
            writer.append(line(2))
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    writer.append(line(3))
    reader = SpoolReader(tmp_path)
    assert len(reader.files()) == 2
    assert sorted(numbers(reader)) == [1, 2, 3]
    assert numbers(reader)[:2] == [1, 3]


def test_a_delivered_file_is_deleted_once_nobody_writes_to_it(tmp_path: Path) -> None:
    write_in_other_process(tmp_path, 1)
    reader = SpoolReader(tmp_path)
    reader.tidy()
    assert numbers(reader) == [1]
    reader.settle(reader.next_batch(10, EVERYTHING))
    reader.tidy()
    assert reader.files() == []


def test_a_delivered_file_stays_while_somebody_writes_to_it(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib; from airfleet.airflow.spool.writer import SpoolWriter; "
        "w = SpoolWriter(pathlib.Path(sys.argv[1])); w.append(b'{\"report\":{\"number\":1}}'); print('1', flush=True); "
        "sys.stdin.readline(); w.append(b'{\"report\":{\"number\":2}}'); print('2', flush=True); sys.stdin.readline()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        env={"PYTHONPATH": SOURCE},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        reader = SpoolReader(tmp_path)
        reader.settle(reader.next_batch(10, EVERYTHING))
        reader.tidy()
        assert len(reader.files()) == 1
        process.stdin.write("\n")
        process.stdin.flush()
        process.stdout.readline()
        assert numbers(reader) == [2]
        process.stdin.write("\n")
        process.stdin.flush()


def test_a_full_file_is_followed_by_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_writer, "FILE_BYTES", 100)
    writer = SpoolWriter(tmp_path)
    for number in range(3):
        writer.append(line(number, size=100))
    reader = SpoolReader(tmp_path)
    assert len(reader.files()) == 3
    assert numbers(reader) == [0, 1, 2]


def test_the_oldest_is_dropped_and_counted_when_too_much_waits(tmp_path: Path) -> None:
    writer = SpoolWriter(tmp_path)
    for number in range(10):
        writer.append(line(number, size=1000))
    reader = SpoolReader(tmp_path)
    each = len(line(0, size=1000)) + 1
    reader.bound(each * 4, EVERYTHING, time.time())
    assert numbers(reader) == [6, 7, 8, 9]
    assert reader.losses.dropped == 6


def test_what_is_too_old_is_dropped_and_counted(tmp_path: Path) -> None:
    write_in_other_process(tmp_path, 1)
    reader = SpoolReader(tmp_path)
    reader.bound(EVERYTHING, 60, time.time())
    assert numbers(reader) == [1]
    reader.bound(EVERYTHING, 60, time.time() + 61)
    assert numbers(reader) == []
    assert reader.losses.dropped == 1


def test_a_torn_line_costs_itself_and_nothing_else(tmp_path: Path) -> None:
    writer = SpoolWriter(tmp_path)
    writer.append(line(1))
    file, _ = writer.append(b'{"report": {"numb')
    writer.append(line(3))
    with file.open("ab") as torn:
        torn.write(b"\0\0\0")
    writer.close()
    reader = SpoolReader(tmp_path)
    seen: list[Any] = []
    while batch := reader.next_batch(10, EVERYTHING):
        seen += [record.content["report"]["number"] for record in batch]
        reader.settle(batch)
    assert seen == [1, 3]
    reader.tidy()
    assert reader.files() == []
    assert reader.losses.damaged == 2


def test_many_small_files_are_made_one_without_losing_any_or_their_order(tmp_path: Path) -> None:
    for number in range(250):
        writer = SpoolWriter(tmp_path)
        writer.append(line(number))
        writer.append(line(1000 + number))
        writer.close()
    reader = SpoolReader(tmp_path)
    reader.settle(reader.next_batch(3, EVERYTHING))
    before = numbers(reader)
    reader.merge()
    assert len(reader.files()) == 1
    assert numbers(reader) == before
    assert numbers(SpoolReader(tmp_path)) == before


def test_a_spool_of_another_user_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "spool").mkdir()
    monkeypatch.setattr("airfleet.airflow.spool.writer.os.geteuid", lambda: os.getuid() + 4711)
    if os.getuid() == 0:
        os.chown(tmp_path / "spool", 4712, -1)
    with pytest.raises(PermissionError, match="another user"):
        SpoolWriter(tmp_path / "spool").append(line(1))


def test_the_spool_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    file, _ = SpoolWriter(tmp_path / "spool").append(line(1))
    assert (tmp_path / "spool").stat().st_mode & 0o077 == 0
    assert file.stat().st_mode & 0o077 == 0


def test_one_sender_holds_the_lock_until_it_dies(tmp_path: Path) -> None:
    assert not is_sender_alive(tmp_path)
    lock = SenderLock(tmp_path)
    assert lock.take()
    assert is_sender_alive(tmp_path)
    assert not SenderLock(tmp_path).take(try_seconds=0.05)
    lock.give_back()
    assert not is_sender_alive(tmp_path)


def test_hooks_bound_the_spool_where_there_is_no_sender(tmp_path: Path) -> None:
    for number in range(10):
        writer = SpoolWriter(tmp_path)
        writer.append(line(number, size=9_000))
        writer.close()
    spool_writer.shed(tmp_path / "queue", 30_000)
    assert numbers(SpoolReader(tmp_path)) == [7, 8, 9]


def test_two_airflows_of_one_user_have_two_spools() -> None:
    places = {
        read_settings({"AIRFLOW_HOME": home, "AIRFLEET_INSTANCE": instance}).spool_directory
        for home in ("/a", "/b")
        for instance in ("x", "y")
    }
    assert len(places) == 4
