"""Queries and tables of MySQL and MariaDB."""

import datetime
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from airfleet.runtime.context import Connection
from airfleet.runtime.errors import StepError, StepRefused
from airfleet.runtime.reference import Reference
from airfleet.runtime.run_step import StepResult
from tests.runtime.bench import Bench
from tests.runtime.databases import mysql_database, mysql_session

QUERY: dict[str, Any] = {"limit": None, "offset": 0, "fetch_size": 10_000, "timeout": 30, "query_params": []}
UTC = datetime.timezone.utc


class Admin:
    def __init__(self, session: Any) -> None:
        self.session = session

    def run(self, text: str) -> list[tuple[Any, ...]]:
        with self.session.cursor() as cursor:
            cursor.execute(text)
            return list(cursor.fetchall())


@pytest.fixture(scope="module")
def database() -> Iterator[Connection]:
    with mysql_database() as known:
        yield known


@pytest.fixture
def admin(database: Connection) -> Iterator[Admin]:
    session = mysql_session(database.schema)
    admin = Admin(session)
    for (name,) in admin.run("show tables"):
        admin.run(f"drop table `{name}`")
    yield admin
    session.close()


@pytest.fixture
def on(bench: Bench, database: Connection, admin: object) -> Bench:
    bench.with_connection(database)
    return bench


def read(bench: Bench, query: str, **options: Any) -> Reference:
    body = {"kind": "read", "connector": "mysql", "connection": "db", "options": {**QUERY, "query": query, **options}}
    return bench.step(body).outputs["out"]


def load(bench: Bench, rows: Reference, mode: str = "append", keys: tuple[str, ...] = (), **options: Any) -> StepResult:
    usual = {"table": "orders", "create_table": True, "timeout": 30}
    body = {
        "kind": "write",
        "connector": "mysql",
        "connection": "db",
        "mode": mode,
        "keys": list(keys),
        "options": {**usual, **options},
    }
    return bench.step(body, {"input": rows})


def test_types_are_kept(on: Bench, admin: Admin) -> None:
    admin.run(
        "create table kinds (tiny tinyint, whole int, big bigint unsigned, money decimal(12,2), half double, "
        "name varchar(50), empty varchar(5), missing text, day date, plain datetime(6), zoned timestamp(6) null, "
        "span time, bytes blob, document json)"
    )
    admin.run(
        "insert into kinds values (1, 2, 18446744073709551615, 12.50, 0.5, 'été \"q\"', '', null, '2024-02-29', "
        "'2024-01-02 03:04:05.678901', '2024-01-02 03:04:05', '30:00:00', x'00ff', '{\"a\": 1}')"
    )
    admin.run("set time_zone = '+02:00'")
    rows = read(on, "select * from kinds")
    assert [column.type for column in rows.columns] == [
        "TINYINT",
        "INTEGER",
        "UBIGINT",
        "DECIMAL(12,2)",
        "DOUBLE",
        *["VARCHAR"] * 3,
        "DATE",
        "TIMESTAMP",
        "TIMESTAMP WITH TIME ZONE",
        "VARCHAR",
        "BLOB",
        "VARCHAR",
    ]
    (row,) = on.rows_of(rows)
    assert row[2:8] == (18446744073709551615, Decimal("12.50"), 0.5, 'été "q"', "", None)
    assert row[9] == datetime.datetime(2024, 1, 2, 3, 4, 5, 678901)  # noqa: DTZ001 - it has no zone
    assert row[11:] == ("30:00:00", b"\x00\xff", '{"a": 1}')


def test_parameters_are_bound(on: Bench, admin: Admin) -> None:
    admin.run("create table days (day date, name varchar(20))")
    admin.run("insert into days values ('2024-01-01', 'x'), ('2024-01-02', 'y')")
    on.with_params(day="2024-01-02", name="\\' or 1=1 -- ", n=1)
    text = "select name, '100%' as p, '?' as q from days where day = $p_day and $p_n = 1 and $p_n < 2"
    assert on.rows_of(read(on, text, query_params=["day", "n"])) == [("y", "100%", "?")]
    text = "select * from days where name = '' || cast($p_name as char) || ''"
    assert read(on, text, query_params=["name"]).rows == 0
    # The compiler takes the quotation mark for the beginning of a text, the server does not: nothing slips through.
    with pytest.raises(StepRefused):
        read(on, "select name as `a'b` from days where name = ' || cast($p_name as char) || '", query_params=["name"])


def test_a_part_of_the_rows_is_read(on: Bench, admin: Admin) -> None:
    admin.run("create table numbers (n int)")
    admin.run("insert into numbers values " + ", ".join(f"({n})" for n in range(100)))
    rows = read(on, "select n from numbers order by n", offset=10, limit=5)
    assert [row[0] for row in on.rows_of(rows)] == [10, 11, 12, 13, 14]


def test_a_query_only_reads(on: Bench, admin: Admin) -> None:
    admin.run("create table orders (id int)")
    admin.run("insert into orders values (1)")
    for statement in ("delete from orders", "select 1; drop table orders", "insert into orders values (2) returning *"):
        with pytest.raises(StepRefused):
            read(on, statement)
    assert admin.run("select * from orders") == [(1,)]


def test_every_type_is_written_to_a_table_that_is_made(on: Bench, admin: Admin) -> None:
    text = (
        "select 1::tinyint as small, 2::ubigint as big, 1.25::decimal(10,2) as money, 0.5::double as half, "
        "true as flag, 'a,''b\\n' || chr(10) || '\\' as text, '' as empty, null::varchar as missing, "
        "date '2024-02-29' as day, "
        "timestamp '2024-01-02 03:04:05.678901' as plain, timestamptz '2024-01-02 03:04:05+00' as zoned, "
        "'\\x00\\xFF'::blob as bytes, ['x', null] as list"
    )
    assert load(on, on.of_query(text)).rows_out == 1
    admin.run("set time_zone = '+00:00'")
    (row,) = admin.run("select * from orders")
    assert row[:5] == (1, 2, Decimal("1.25"), 0.5, 1)
    assert row[5:8] == ("a,'b\\n\n\\", "", None)
    assert row[9:11] == (
        datetime.datetime(2024, 1, 2, 3, 4, 5, 678901),  # noqa: DTZ001 - MySQL says no zone
        datetime.datetime(2024, 1, 2, 3, 4, 5),  # noqa: DTZ001 - MySQL says no zone
    )
    assert row[11] == b"\x00\xff"
    assert row[12].replace(" ", "") == '["x",null]'


def test_modes(on: Bench, admin: Admin) -> None:
    admin.run("create table orders (id int, name text, made varchar(10) default 'here')")
    load(on, on.of_query("select 1 as id, 'a' as name"))
    load(on, on.of_query("select 2 as id, 'b' as name"))
    admin.run("update orders set made = 'kept'")
    load(on, on.of_query("select 'B' as name, 2 as id union all select 'c', 3"), "upsert", ("id",))
    assert admin.run("select * from orders order by id") == [(1, "a", "kept"), (2, "B", "kept"), (3, "c", "here")]
    load(on, on.of_query("select 9 as id, 'z' as name"), "replace")
    assert admin.run("select * from orders") == [(9, "z", "here")]


def test_many_rows_arrive(on: Bench, admin: Admin) -> None:
    load(on, on.of_query("select i as id, repeat('x', 1000) as name from range(5000) as t(i)"))
    assert admin.run("select count(*), count(distinct id), sum(length(name)) from orders") == [(5000, 5000, 5_000_000)]


def test_nothing_is_loaded_when_one_row_does_not_fit(on: Bench, admin: Admin) -> None:
    admin.run("create table orders (id int unique, name varchar(3))")
    admin.run("insert into orders values (7, 'old')")
    for mode, query, told in (
        ("replace", "select 1 as id, 'long enough' as name", "too long"),
        ("append", "select unnest([1, 7]) as id, 'x' as name", "Duplicate entry"),
        ("upsert", "select unnest([1, 1]) as id, 'x' as name", "several rows: 1"),
        ("upsert", "select unnest([1, null]) as id, 'x' as name", "1 rows have no value in the key"),
    ):
        with pytest.raises(StepRefused, match=told):
            load(on, on.of_query(query), mode, ("id",))
        assert admin.run("select * from orders") == [(7, "old")]


def test_a_table_that_was_made_goes_when_nothing_is_loaded(on: Bench, admin: Admin) -> None:
    with pytest.raises(StepRefused, match="several rows"):
        load(on, on.of_query("select unnest([1, 1]) as id, 'x' as name"), "upsert", ("id",))
    assert admin.run("show tables") == []


def test_what_cannot_be_undone_or_is_not_there_is_refused(on: Bench, admin: Admin) -> None:
    admin.run("create table orders (id int) engine = MyISAM")
    with pytest.raises(StepRefused, match="MyISAM, which cannot undo"):
        load(on, on.of_query("select 1 as id"))
    admin.run("alter table orders engine = InnoDB")
    with pytest.raises(StepRefused, match=r'has no column "colour". It has: id'):
        load(on, on.of_query("select 1 as id, 'red' as colour"))
    with pytest.raises(StepRefused, match='no table "others"'):
        load(on, on.of_query("select 1 as id"), table="others", create_table=False)


def test_a_server_that_does_not_answer_may_pass(on: Bench, database: Connection) -> None:
    on.with_connection(Connection("mysql", "127.0.0.1", 1))
    with pytest.raises(StepError, match="does not answer") as told:
        read(on, "select 1")
    assert not isinstance(told.value, StepRefused)
