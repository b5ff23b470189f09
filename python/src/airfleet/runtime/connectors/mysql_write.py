"""Writes rows into a table of MySQL or MariaDB: all of them, or none."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from ..database import open_database
from ..errors import StepRefused
from ..statement import quote_name
from .mysql_connection import literal, open_mysql, told
from .mysql_types import to_mysql
from .postgres_types import is_nested

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..context import StepContext
    from ..reference import Reference

_AT_A_TIME = 2_000
_MOST_BYTES = 1 << 20
"""Of one statement, below what servers accept by default."""

_STAGE = '"airfleet_stage"'


def write(context: StepContext, options: Mapping[str, Any], rows: Reference, mode: str, connection: str | None) -> int:
    """Copies rows into a temporary table, and from there into the target, in one transaction."""
    names = [column.name for column in rows.columns]
    keys = options["keys"] if mode == "upsert" else []
    target = ".".join(quote_name(part) for part in (options.get("schema"), options["table"]) if part)
    with open_mysql(context, connection, options["timeout"]) as session:
        with told(f"Table {target}"), session.cursor() as cursor:
            made = _make(cursor, rows, options, target)
        try:
            with told(f"Table {target}"), session.cursor() as cursor:
                # Without a unique index two loads at once would insert the same key; who else writes is not held up.
                cursor.execute("select get_lock(sha1(concat(database(), %s)), 300)", [target])
                _check_table(cursor, names, keys, options, target)
                listed = ", ".join(quote_name(name) for name in names)
                cursor.execute(f"create temporary table {_STAGE} as select {listed} from {target} limit 0")
                cursor.execute("start transaction")
                _fill(cursor, context, rows)
                _replace_rows(cursor, target, names, keys, mode)
            with told(f"Table {target}, at the very end, so that it is not known whether the rows are there"):
                session.commit()
        except BaseException:
            if made:
                _unmake(session, target)
            raise
    return rows.rows


def _make(cursor: Any, rows: Reference, options: Mapping[str, Any], target: str) -> bool:
    """Makes the table when it is missing. MySQL cannot undo that, so that it is told."""
    cursor.execute(
        "select count(*) from information_schema.tables "
        "where table_schema = coalesce(%s, database()) and table_name = %s",
        [options.get("schema"), options["table"]],
    )
    if int(cursor.fetchone()[0]) > 0:
        return False
    if not options["create_table"]:
        raise StepRefused(f"There is no table {target}. Make it, or set create_table.")
    columns = [
        f"{quote_name(column.name)} {to_mysql(column.type, is_key=column.name in options['keys'])}"
        for column in rows.columns
    ]
    cursor.execute(f"create table {target} ({', '.join(columns)}) engine = InnoDB default charset = utf8mb4")
    return True


def _unmake(session: Any, target: str) -> None:
    with contextlib.suppress(Exception), session.cursor() as cursor:
        cursor.execute("rollback")
        # Somebody else may have put rows there meanwhile.
        cursor.execute(f"select 1 from {target} limit 1")
        if cursor.fetchone() is None:
            cursor.execute(f"drop table {target}")


def _check_table(
    cursor: Any, names: Sequence[str], keys: Sequence[str], options: Mapping[str, Any], target: str
) -> None:
    where = "where table_schema = coalesce(%s, database()) and table_name = %s"
    values = [options.get("schema"), options["table"]]
    cursor.execute(f"select engine from information_schema.tables {where}", values)
    engine = cursor.fetchone()[0]
    if engine not in {None, "InnoDB", "ROCKSDB", "ndbcluster"}:
        raise StepRefused(f"Table {target} is kept by {engine}, which cannot undo a half load. Make it InnoDB.")
    cursor.execute(f"select column_name from information_schema.columns {where} order by ordinal_position", values)
    known = [str(row[0]) for row in cursor.fetchall()]
    folded = {name.lower() for name in known}
    missing = [name for name in names if name.lower() not in folded]
    if missing:
        listed = ", ".join(f'"{name}"' for name in missing)
        raise StepRefused(
            f"Table {target} has no column {listed}. It has: {', '.join(known)}. "
            "Add the column, or drop it from the rows."
        )
    strangers = [key for key in keys if key not in names]
    if strangers:
        raise StepRefused(f'The rows have no column "{strangers[0]}", which is part of the key.')


def _as_value(name: str, kind: str) -> str:
    """A column as a value that the driver writes as it is meant."""
    quoted = quote_name(name)
    if kind in {"BLOB", "BOOLEAN", "FLOAT", "DOUBLE"} or kind.endswith(("INT", "INTEGER")):
        return quoted
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"cast({quoted} at time zone 'UTC' as varchar) as {quoted}"
    if is_nested(kind):
        return f"cast(to_json({quoted}) as varchar) as {quoted}"
    return f"cast({quoted} as varchar) as {quoted}"


def _fill(cursor: Any, context: StepContext, rows: Reference) -> None:
    """Brings the rows to the staging table."""
    selected = ", ".join(_as_value(column.name, column.type) for column in rows.columns)
    with open_database(context, {"rows": rows}) as database:
        result = database.run(f"select {selected} from rows")
        while batch := result.fetchmany(_AT_A_TIME):
            written = ["(" + ", ".join(literal(value) for value in row) + ")" for row in batch]
            _insert(cursor, written)


def _insert(cursor: Any, written: Sequence[str]) -> None:
    begin, size = 0, 0
    for position, row in enumerate(written):
        if size + len(row) > _MOST_BYTES and position > begin:
            cursor.execute(f"insert into {_STAGE} values {', '.join(written[begin:position])}")
            begin, size = position, 0
        size += len(row)
    cursor.execute(f"insert into {_STAGE} values {', '.join(written[begin:])}")


def _check_keys(cursor: Any, keys: Sequence[str]) -> None:
    listed = ", ".join(quote_name(key) for key in keys)
    missing = " or ".join(f"{quote_name(key)} is null" for key in keys)
    cursor.execute(f"select count(*) from {_STAGE} where {missing}")
    empty = int(cursor.fetchone()[0])
    if empty:
        raise StepRefused(f"{empty} rows have no value in the key ({', '.join(keys)}).")
    cursor.execute(f"select {listed} from {_STAGE} group by {listed} having count(*) > 1 limit 1")
    twice = cursor.fetchone()
    if twice is not None:
        first = ", ".join(str(value) for value in twice)
        raise StepRefused(f"A key ({', '.join(keys)}) is in several rows: {first}. Deduplicate the rows first.")


def _replace_rows(cursor: Any, target: str, names: Sequence[str], keys: Sequence[str], mode: str) -> None:
    listed = ", ".join(quote_name(name) for name in names)
    if mode == "replace":
        # TRUNCATE would commit.
        cursor.execute(f"delete from {target}")
    if mode != "upsert":
        cursor.execute(f"insert into {target} ({listed}) select {listed} from {_STAGE}")
        return
    _check_keys(cursor, keys)
    same = " and ".join(f"old.{quote_name(key)} = new.{quote_name(key)}" for key in keys)
    others = [name for name in names if name not in keys]
    if others:
        changes = ", ".join(f"old.{quote_name(name)} = new.{quote_name(name)}" for name in others)
        cursor.execute(f"update {target} as old join {_STAGE} as new on {same} set {changes}")
    selected = ", ".join(f"new.{quote_name(name)}" for name in names)
    cursor.execute(
        f"insert into {target} ({listed}) select {selected} from {_STAGE} as new "
        f"left join {target} as old on {same} where old.{quote_name(keys[0])} is null"
    )
