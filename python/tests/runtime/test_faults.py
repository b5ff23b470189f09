"""What goes wrong half-way leaves nothing behind."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from airfleet.runtime.context import Connection
from airfleet.runtime.errors import StepError, StepRefused
from airfleet.runtime.reference import Reference
from tests.runtime.bench import CSV, TO_CSV, Bench
from tests.runtime.databases import mysql_database, mysql_session, postgres_database, postgres_session
from tests.runtime.faulty_line import Breaks, Line, faulty_line
from tests.runtime.process import RuntimeProcess, runtime_process
from tests.runtime.test_postgres import QUERY


@pytest.fixture(scope="module")
def postgres() -> Iterator[Connection]:
    with postgres_database() as known:
        yield known


@pytest.fixture
def admin(postgres: Connection) -> Iterator[psycopg.Connection[Any]]:
    with postgres_session(postgres) as session:
        session.execute("drop schema public cascade; create schema public; create table orders (id bigint, name text)")
        session.execute("insert into orders values (0, 'old')")
        yield session


def count(admin: psycopg.Connection[Any]) -> int:
    found = admin.execute("select count(*) from orders").fetchone()
    assert found
    return int(found[0])


def writes(connector: str, mode: str) -> dict[str, Any]:
    options = {"table": "orders", "create_table": True, "timeout": 60}
    return {
        "kind": "write",
        "connector": connector,
        "connection": "db",
        "mode": mode,
        "keys": ["id"],
        "options": options,
    }


def many(bench: Bench, rows: int = 200_000) -> Reference:
    return bench.of_query(f"select i as id, repeat('x', 50) as name from range(1, {rows + 1}) as t(i)")


@pytest.mark.parametrize("mode", ["append", "replace", "upsert"])
@pytest.mark.parametrize("after", [2_000, 3_000_000])
def test_a_postgres_that_drops_half_way_has_nothing(
    bench: Bench, postgres: Connection, admin: psycopg.Connection[Any], mode: str, after: int
) -> None:
    with faulty_line("127.0.0.1", postgres.port or 5432, lambda line, _: line.sent > after) as line:
        bench.with_connection(dataclasses.replace(postgres, host="127.0.0.1", port=line.port))
        with pytest.raises(StepError) as told:
            bench.step(writes("postgres", mode), {"input": many(bench)})
        assert line.breaks > 0
    assert not isinstance(told.value, StepRefused)
    assert count(admin) == 1
    assert bench.leftovers() == []


def at_commit(*, is_done: bool) -> Breaks:
    """Breaks once, at the commit of the rows: before the server hears of it, or before its answer is heard."""

    def breaks(line: Line, is_answer: bool) -> bool:  # noqa: FBT001 - as the line calls it
        # The first commit is that of the session's settings.
        return line.commits == 2 and line.breaks == 0 and is_answer == is_done

    return breaks


@pytest.mark.parametrize("is_done", [True, False])
def test_a_commit_whose_answer_is_lost_is_found_done_or_not(
    bench: Bench, postgres: Connection, admin: psycopg.Connection[Any], *, is_done: bool
) -> None:
    rows = many(bench, 10)
    with faulty_line("127.0.0.1", postgres.port or 5432, at_commit(is_done=is_done)) as line:
        bench.with_connection(dataclasses.replace(postgres, host="127.0.0.1", port=line.port))
        if is_done:
            assert bench.step(writes("postgres", "append"), {"input": rows}).rows_out == 10
            assert any("the server confirms" in text for text in bench.lines)
        else:
            with pytest.raises(StepError, match="nothing was loaded"):
                bench.step(writes("postgres", "append"), {"input": rows})
        assert line.breaks == 1
    assert count(admin) == (11 if is_done else 1)


def test_a_source_that_drops_half_way_fails_the_step(bench: Bench, postgres: Connection) -> None:
    query = "select i as id, repeat('x', 100) as name from generate_series(1, 500000) as t(i)"
    for options in (QUERY, {**QUERY, "limit": 500_000}):
        with faulty_line("127.0.0.1", postgres.port or 5432, lambda line, _: line.answered > 5_000_000) as line:
            bench.with_connection(dataclasses.replace(postgres, host="127.0.0.1", port=line.port))
            body = {"kind": "read", "connector": "postgres", "connection": "db", "options": {**options, "query": query}}
            with pytest.raises(StepError) as told:
                bench.step(body)
            assert line.breaks > 0
        assert not isinstance(told.value, StepRefused)
    assert list(Path(bench.context.run_folder).rglob("*.parquet")) == []


@pytest.mark.parametrize("after", [3_000, 3_000_000])
def test_a_mysql_that_drops_half_way_has_nothing(bench: Bench, after: int) -> None:
    with mysql_database() as known:
        session = mysql_session(known.schema)
        with session.cursor() as cursor:
            cursor.execute("create table orders (id bigint, name text)")
            cursor.execute("insert into orders values (0, 'old')")
        with faulty_line("127.0.0.1", known.port or 3306, lambda line, _: line.sent > after) as line:
            bench.with_connection(dataclasses.replace(known, host="127.0.0.1", port=line.port))
            with pytest.raises(StepError) as told:
                bench.step(writes("mysql", "replace"), {"input": many(bench)})
            assert line.breaks > 0
        assert not isinstance(told.value, StepRefused)
        with session.cursor() as cursor:
            cursor.execute("select count(*) from orders")
            assert cursor.fetchone() == (1,)
        session.close()


FILL = """
import resource, signal, sys
sys.path.insert(0, sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
from airfleet.runtime.__main__ import main
sys.exit(main())
"""


def test_a_disk_that_is_full_leaves_what_was_there(bench: Bench) -> None:
    rows = many(bench, 400_000)
    (bench.root / "out").mkdir()
    bench.put("out/orders.csv", "old")
    job = {
        "id": "1",
        "step": {"id": "write", "body": {"kind": "write", "connector": "csv", "mode": "replace", "options": TO_CSV}},
        "inputs": {"input": rows.to_json()},
        "run_folder": bench.context.run_folder,
        "roots": [str(bench.root)],
    }
    sources = str(Path(__file__).parents[2] / "src")
    command = [sys.executable, "-c", FILL, sources]
    done = subprocess.run(
        command, input=json_line(job), capture_output=True, check=False, env={"PATH": os.environ["PATH"]}
    )
    assert b'"code": "STEP_FAILED"' in done.stdout, done.stderr
    assert bench.text("out/orders.csv") == "old"
    assert [each.name for each in (bench.root / "out").iterdir()] == ["orders.csv"]
    assert bench.leftovers() == []


def json_line(job: Any) -> bytes:
    return json.dumps(job).encode() + b"\n"


def ended(process: RuntimeProcess) -> int:
    process.process.send_signal(signal.SIGTERM)
    return process.process.wait(30)


def eventually(look: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not look():
        assert time.monotonic() < until
        time.sleep(0.02)


def as_json(known: Connection) -> dict[str, Any]:
    return {**dataclasses.asdict(known), "extra": dict(known.extra)}


@pytest.mark.parametrize("phase", ["copying", "waiting for a lock", "inserting"])
def test_a_load_that_is_cancelled_leaves_nothing(
    bench: Bench, postgres: Connection, admin: psycopg.Connection[Any], phase: str
) -> None:
    rows = many(bench, 2_000_000 if phase == "copying" else 1_000)
    if phase == "inserting":
        slowly = "begin perform pg_sleep(0.1); return new; end"
        admin.execute(f"create function slow() returns trigger language plpgsql as $${slowly}$$".encode())
        admin.execute("create trigger slow before insert on orders for each row execute function slow()")
    job = {
        "id": "1",
        "step": {"id": "load", "body": writes("postgres", "upsert" if phase == "inserting" else "replace")},
        "inputs": {"input": rows.to_json()},
        "run_folder": bench.context.run_folder,
        "network_allow": ["127.0.0.1", "localhost"],
        "connections": {"db": as_json(postgres)},
    }
    looks = {"copying": "copy %", "waiting for a lock": "lock table %", "inserting": "insert into %"}

    def is_there() -> bool:
        text = (
            "select count(*) from pg_stat_activity "
            "where application_name = 'airfleet' and state = 'active' and query ilike %s"
        )
        found = watcher.execute(text, [looks[phase]]).fetchone()
        return bool(found and found[0])

    with postgres_session(postgres) as watcher, postgres_session(postgres) as other, runtime_process() as process:
        other.autocommit = False
        if phase == "waiting for a lock":
            other.execute("lock table orders in access exclusive mode")
        process.send(job)
        eventually(is_there)
        assert ended(process) == 143
        other.rollback()
        eventually(lambda: not is_there())
        watcher.execute("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'airfleet'")
    assert count(admin) == 1
    assert bench.leftovers() == []


def test_code_and_statements_that_are_cancelled_leave_nothing(bench: Bench) -> None:
    rows = bench.of_query("select 1 as id")
    code = "import time\ndef transform(df):\n    print('begun', flush=True)\n    time.sleep(600)\n    return df\n"
    python = {"kind": "python", "code": code, "function": "transform", "timeoutSeconds": 600}
    endless = "select count(*) as n from range(100000000000) as a, input"
    sql = {"kind": "sql", "outputs": {"out": {"parts": [endless], "params": []}}}
    for body in (python, sql):
        job = {
            "id": "1",
            "step": {"id": "s", "inputs": [{"name": "input", "step": "x", "output": "out"}], "body": body},
            "inputs": {"input": rows.to_json()},
            "run_folder": bench.context.run_folder,
        }
        with runtime_process() as process:
            process.send(job)
            if body is python:
                assert process.next()["log"] == "begun"
            else:
                eventually(lambda: bench.leftovers() != [])
                time.sleep(0.5)
            assert ended(process) == 143
        assert bench.leftovers() == []


def test_a_line_of_a_gigabyte_is_refused_in_little_memory(bench: Bench) -> None:
    path = bench.root / "orders.csv"
    block = b"x" * (1 << 20)
    with path.open("wb") as file:
        file.write(b"id,name\n1,")
        for _ in range(1024):
            file.write(block)
        file.write(b"\n")
    for encoding in ("utf-8", "latin-1"):
        options = {**CSV, "encoding": encoding}
        job = {
            "id": "1",
            "step": {"id": "read", "body": {"kind": "read", "connector": "csv", "options": options}},
            "run_folder": bench.context.run_folder,
            "roots": [str(bench.root)],
            "memory": "256MB",
        }
        with runtime_process() as process:
            answer = process.run(job)
            status = Path(f"/proc/{process.process.pid}/status").read_text(encoding="utf-8")
        assert answer["error"]["code"] == "STEP_REFUSED", answer
        assert "line" in answer["error"]["message"].lower()
        peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        assert int(peak.split()[1]) < 700_000
    path.unlink()


@pytest.mark.parametrize("content", ["[" * 100_000 + "]" * 100_000, '{"a":' * 50_000 + "1" + "}" * 50_000])
def test_json_that_is_too_deep_is_refused(bench: Bench, content: str) -> None:
    bench.put("deep.json", content)
    options = {"path": "deep.json", "format": "auto", "records_path": "$", "columns": {}}
    with pytest.raises(StepRefused, match="deeper than 200 levels"):
        bench.step({"kind": "read", "connector": "json", "options": options})
    brackets = '[{"a": "' + "[" * 5_000 + '", "b": 1}]'
    bench.put("deep.json", brackets)
    assert bench.step({"kind": "read", "connector": "json", "options": options}).rows_out == 1
    bench.put("deep.json", '[{"a": "' + "x" * (140 << 20) + '"}]')
    with pytest.raises(StepRefused, match="maximum_object_size"):
        bench.step({"kind": "read", "connector": "json", "options": options})


def test_a_byte_order_mark_is_no_part_of_a_name(bench: Bench) -> None:
    bench.put("orders.csv", b"\xef\xbb\xbfid,name\n1,a\n")
    assert [column.name for column in bench.read().columns] == ["id", "name"]
