"""Queries and tables of PostgreSQL."""

import datetime
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from airfleet.runtime.context import Connection
from airfleet.runtime.errors import StepError, StepRefused
from airfleet.runtime.reference import Reference
from airfleet.runtime.run_step import StepResult
from tests.runtime.bench import Bench
from tests.runtime.databases import postgres_database, postgres_session

QUERY: dict[str, Any] = {"limit": None, "offset": 0, "fetch_size": 10_000, "timeout": 30, "query_params": []}
UTC = datetime.timezone.utc
TYPES = """
select 1::smallint as small, 2 as whole, 9223372036854775807 as big, 12.50::numeric(12,2) as money,
  1.5::numeric as free, true as flag, 'été "q", ''s'''  as text, ''::text as empty, null::text as missing,
  date '2024-02-29' as day, timestamp '2024-01-02 03:04:05.678901' as plain,
  timestamptz '2024-01-02 03:04:05+02' as zoned, '{"a": [1]}'::jsonb as document,
  array['x', 'y,z'] as list, '\\x00ff'::bytea as bytes,
  '7f0c3f50-5b1e-4a55-8f0b-0d8c8ec0bb54'::uuid as id, E'two\\nlines' as lines, '\\N' as marker
"""


@pytest.fixture(scope="module")
def database() -> Iterator[Connection]:
    with postgres_database() as known:
        yield known


@pytest.fixture
def admin(database: Connection) -> Iterator[psycopg.Connection[Any]]:
    with postgres_session(database) as session:
        session.execute("drop schema public cascade; create schema public")
        yield session


@pytest.fixture
def on(bench: Bench, database: Connection, admin: object) -> Bench:
    bench.with_connection(database)
    return bench


def read(bench: Bench, query: str, **options: Any) -> Reference:
    body = {
        "kind": "read",
        "connector": "postgres",
        "connection": "db",
        "options": {**QUERY, "query": query, **options},
    }
    return bench.step(body).outputs["out"]


def load(bench: Bench, rows: Reference, mode: str = "append", keys: tuple[str, ...] = (), **options: Any) -> StepResult:
    usual = {"table": "orders", "create_table": True, "timeout": 30}
    body = {
        "kind": "write",
        "connector": "postgres",
        "connection": "db",
        "mode": mode,
        "keys": list(keys),
        "options": {**usual, **options},
    }
    return bench.step(body, {"input": rows})


def rows_of(admin: psycopg.Connection[Any], query: str = "select * from orders order by 1") -> list[Any]:
    return admin.execute(query.encode()).fetchall()


@pytest.mark.parametrize("options", [{}, {"limit": 5}], ids=["by copy", "by cursor"])
def test_types_are_kept(on: Bench, options: dict[str, Any]) -> None:
    rows = read(on, TYPES, **options)
    assert {column.name: column.type for column in rows.columns} == {
        "small": "SMALLINT",
        "whole": "INTEGER",
        "big": "BIGINT",
        "money": "DECIMAL(12,2)",
        "free": "DECIMAL(38,18)",
        "flag": "BOOLEAN",
        "text": "VARCHAR",
        "empty": "VARCHAR",
        "missing": "VARCHAR",
        "day": "DATE",
        "plain": "TIMESTAMP",
        "zoned": "TIMESTAMP WITH TIME ZONE",
        "document": "VARCHAR",
        "list": "VARCHAR",
        "bytes": "BLOB",
        "id": "UUID",
        "lines": "VARCHAR",
        "marker": "VARCHAR",
    }
    (row,) = on.rows_of(rows)
    values = dict(zip([column.name for column in rows.columns], row, strict=True))
    assert values["money"] == Decimal("12.50")
    assert (values["text"], values["empty"], values["missing"]) == ("été \"q\", 's'", "", None)
    assert (values["document"], values["list"]) == ('{"a": [1]}', '{x,"y,z"}')
    assert values["zoned"].astimezone(UTC) == datetime.datetime(2024, 1, 2, 1, 4, 5, tzinfo=UTC)
    assert (values["bytes"], values["lines"], values["marker"]) == (b"\x00\xff", "two\nlines", "\\N")


def test_a_missing_value_alone_in_its_row_is_a_row(on: Bench) -> None:
    assert on.rows_of(read(on, "select null::int as n union all select 1")) == [(None,), (1,)]
    assert read(on, "select 1 as n where false").rows == 0


def test_parameters_are_bound(on: Bench, admin: psycopg.Connection[Any]) -> None:
    admin.execute(
        "create table days (day date, name text); insert into days values ('2024-01-01', 'x'), ('2024-01-02', 'y')"
    )
    on.with_params(day="2024-01-02", name="' or true --")
    options = {"query_params": ["day"]}
    assert on.rows_of(read(on, "select name, '100%' as p from days where day = $p_day -- $p_day", **options)) == [
        ("y", "100%")
    ]
    text = "select * from days where name = '' || cast($p_name as varchar) || ''"
    assert read(on, text, query_params=["name"]).rows == 0
    # Where the server sees a text and the compiler does not, nothing is put in.
    with pytest.raises(StepRefused):
        read(on, "select $$ $p_name $$ as x", query_params=["name"])


def test_a_part_of_the_rows_is_read(on: Bench) -> None:
    rows = read(on, "select i from generate_series(1, 100) as t(i) order by i", offset=10, limit=25, fetch_size=10)
    assert [row[0] for row in on.rows_of(rows)] == list(range(11, 36))


def test_a_query_only_reads(on: Bench, admin: psycopg.Connection[Any]) -> None:
    admin.execute("create table orders (id int); insert into orders values (1)")
    for statement in ("delete from orders returning *", "select 1; drop table orders", "select 1) to program 'id' --"):
        with pytest.raises(StepRefused):
            read(on, statement)
    assert rows_of(admin) == [(1,)]


def test_a_query_that_takes_too_long_is_ended(on: Bench) -> None:
    with pytest.raises(StepError, match="statement timeout"):
        read(on, "select pg_sleep(30)", timeout=0.3)


ALL = """
select 1::tinyint as small, 2::ubigint as big, 3::hugeint as huge, 1.25::decimal(10,2) as money, 0.5::double as half,
  true as flag, 'a,"b"
c' as text, '' as empty, null::varchar as missing, date '2024-02-29' as day, time '10:11:12' as clock,
  timestamp '2024-01-02 03:04:05.678901' as plain, timestamptz '2024-01-02 03:04:05+00' as zoned,
  '\\x00\\xFF'::blob as bytes,
  ['x', null, 'a"b\\c', 'd,e
f'] as list, {'a': 1} as thing, uuid '7f0c3f50-5b1e-4a55-8f0b-0d8c8ec0bb54' as id
"""


def test_every_type_is_written_to_a_table_that_is_made(on: Bench, admin: psycopg.Connection[Any]) -> None:
    assert load(on, on.of_query(ALL)).rows_out == 1
    (row,) = rows_of(admin)
    assert row[:6] == (1, 2, 3, Decimal("1.25"), 0.5, True)
    assert row[6:9] == ('a,"b"\nc', "", None)
    assert row[12].astimezone(UTC) == datetime.datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert row[13:16] == (b"\x00\xff", ["x", None, 'a"b\\c', "d,e\nf"], {"a": 1})


def test_lists_go_into_arrays(on: Bench, admin: psycopg.Connection[Any]) -> None:
    admin.execute("create table orders (list text[], numbers int[])")
    load(on, on.of_query("select ['x', null, 'a\"b\\c', 'd,e\nf', ''] as list, [1, null] as numbers"))
    assert rows_of(admin) == [(["x", None, 'a"b\\c', "d,e\nf", ""], [1, None])]


def test_modes(on: Bench, admin: psycopg.Connection[Any]) -> None:
    admin.execute("create table orders (id int, name text, made text default 'here')")
    load(on, on.of_query("select 1 as id, 'a' as name"))
    load(on, on.of_query("select 2 as id, 'b' as name"))
    assert rows_of(admin) == [(1, "a", "here"), (2, "b", "here")]
    admin.execute("update orders set made = 'kept'")
    load(on, on.of_query("select 'B' as name, 2 as id union all select 'c', 3"), "upsert", ("id",))
    assert rows_of(admin) == [(1, "a", "kept"), (2, "B", "kept"), (3, "c", "here")]
    load(on, on.of_query("select 9 as id, 'z' as name"), "replace")
    assert rows_of(admin) == [(9, "z", "here")]


def test_nothing_is_loaded_when_one_row_does_not_fit(on: Bench, admin: psycopg.Connection[Any]) -> None:
    admin.execute("create table orders (id int unique deferrable initially deferred, name varchar(3))")
    admin.execute("insert into orders values (7, 'old')")
    for mode, query, told in (
        ("replace", "select 1 as id, 'long enough' as name", "too long"),
        ("append", "select unnest([1, 7]) as id, 'x' as name", "duplicate key"),
        ("upsert", "select unnest([1, 1]) as id, 'x' as name", "several rows, such as"),
        ("upsert", "select unnest([1, null]) as id, 'x' as name", "1 rows have no value in the key"),
    ):
        with pytest.raises(StepRefused, match=told):
            load(on, on.of_query(query), mode, ("id",))
        assert rows_of(admin) == [(7, "old")]
    assert on.leftovers() == []


def test_a_column_that_the_table_has_not_is_named(on: Bench, admin: psycopg.Connection[Any]) -> None:
    admin.execute("create table orders (id int)")
    with pytest.raises(StepRefused, match=r'Table "orders" has no column "colour". It has: id'):
        load(on, on.of_query("select 1 as id, 'red' as colour"))
    with pytest.raises(StepRefused, match='no table "others"'):
        load(on, on.of_query("select 1 as id"), table="others", create_table=False)


def test_hostile_names_are_names(on: Bench, admin: psycopg.Connection[Any]) -> None:
    name = 'x"; drop table orders; --'
    admin.execute("create table orders (id int)")
    load(on, on.of_query('select 1 as "a""b\'; --"'), table=name)
    assert rows_of(admin, 'select * from "x""; drop table orders; --"') == [(1,)]
    assert rows_of(admin) == []


def test_only_hosts_that_are_allowed_are_reached(on: Bench, database: Connection) -> None:
    on.with_connection(database, ("*.example.org",))
    with pytest.raises(StepRefused, match=r"network\.allow"):
        read(on, "select 1")
    with pytest.raises(StepRefused, match=r"network\.allow"):
        load(on, on.of_query("select 1 as id"))
