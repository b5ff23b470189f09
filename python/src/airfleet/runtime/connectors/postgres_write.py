"""Writes rows into a table of PostgreSQL: all of them, or none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..database import open_database, quote_text
from ..errors import StepError, StepRefused
from ..statement import quote_name
from .postgres_connection import open_postgres, told
from .postgres_types import is_nested, to_postgres

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from psycopg import Connection as Session

    from ..context import StepContext
    from ..reference import Reference

_BLOCK = 1 << 18
_STAGE = "pg_temp.airfleet_stage"


def write(context: StepContext, options: Mapping[str, Any], rows: Reference, mode: str, connection: str | None) -> int:
    """Copies rows into the target in one transaction; for upsert by way of a table beside it.

    That table is temporary: whatever ends this process, the server forgets it.
    """
    names = [column.name for column in rows.columns]
    target = ".".join(quote_name(part) for part in (options.get("schema"), options["table"]) if part)
    keys = options["keys"] if mode == "upsert" else []
    with open_postgres(context, connection, options["timeout"]) as session:
        with told(f"Table {target}"):
            types = _prepare(session, rows, target, is_made=options["create_table"])
            _check_columns(names, types, keys, target)
            listed = ", ".join(quote_name(name) for name in names)
            if mode == "upsert":
                session.execute(
                    _sql(f"create temp table airfleet_stage on commit drop as select {listed} from {target} limit 0")
                )
                _fill(session, context, rows, types, _STAGE)
                _merge(session, target, names, keys)
            else:
                if mode == "replace":
                    # TRUNCATE would show other transactions an empty table.
                    session.execute(_sql(f"delete from {target}"))
                # The transaction is the stage: nobody sees a row before all are there.
                _fill(session, context, rows, types, target)
        _commit(context, session, connection, options, target)
    return rows.rows


def _sql(text: str) -> bytes:
    """A statement of ours; names in it are quoted."""
    return text.encode()


def _prepare(session: Session[Any], rows: Reference, target: str, *, is_made: bool) -> dict[str, str]:
    """Types of the target's columns in PostgreSQL's words, of a target that was made if need be."""
    found = session.execute("select to_regclass(%s)", [target]).fetchone()
    if found is None or found[0] is None:
        if not is_made:
            raise StepRefused(f"There is no table {target}. Make it, or set create_table.")
        if not rows.columns:
            raise StepRefused("Rows without columns make no table.")
        columns = ", ".join(f"{quote_name(column.name)} {to_postgres(column.type)}" for column in rows.columns)
        session.execute(_sql(f"create table {target} ({columns})"))
    # Others may read; who writes waits, so that what is there stays as it was judged.
    session.execute(_sql(f"lock table {target} in share row exclusive mode"))
    described = session.execute(
        "select attname, format_type(atttypid, atttypmod) from pg_attribute "
        "where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped and attgenerated = ''",
        [target],
    )
    return {str(name): str(kind) for name, kind in described}


def _check_columns(names: Sequence[str], types: Mapping[str, str], keys: Sequence[str], target: str) -> None:
    missing = [name for name in names if name not in types]
    if missing:
        listed = ", ".join(f'"{name}"' for name in missing)
        known = ", ".join(types)
        raise StepRefused(
            f"Table {target} has no column {listed}. It has: {known}. Add the column, or drop it from the rows."
        )
    strangers = [key for key in keys if key not in names]
    if strangers:
        raise StepRefused(f'The rows have no column "{strangers[0]}", which is part of the key.')


def _as_text(name: str, kind: str, target_type: str) -> str:
    """A column as PostgreSQL's COPY reads it."""
    quoted = quote_name(name)
    if kind == "BLOB":
        return f"'\\x' || hex({quoted}) as {quoted}"
    if kind.endswith("[]") and target_type.endswith("[]") and not is_nested(kind[:-2]):
        escaped = "replace(replace(cast(item as varchar), '\\', '\\\\'), '\"', '\\\"')"
        items = f"list_transform({quoted}, lambda item: coalesce('\"' || {escaped} || '\"', 'NULL'))"
        return f"'{{' || array_to_string({items}, ',') || '}}' as {quoted}"
    if is_nested(kind):
        return f"cast(to_json({quoted}) as varchar) as {quoted}"
    return quoted


def _fill(session: Session[Any], context: StepContext, rows: Reference, types: Mapping[str, str], table: str) -> None:
    """Brings the rows into a table."""
    path = Path(context.scratch) / "rows.text"
    selected = ", ".join(_as_text(column.name, column.type, types[column.name]) for column in rows.columns)
    with open_database(context, {"rows": rows}, [str(path)]) as database:
        # Unquoted and empty is missing, quoted and empty is a text, as PostgreSQL reads it.
        database.run(
            f"copy (select {selected} from rows) to {quote_text(str(path))} "
            "(format csv, header false, force_quote *, nullstr '')"
        )
    with path.open("rb") as file, session.cursor() as cursor:
        listed = ", ".join(quote_name(column.name) for column in rows.columns)
        with cursor.copy(_sql(f"copy {table} ({listed}) from stdin (format csv, null '', encoding 'utf8')")) as copy:
            while block := file.read(_BLOCK):
                copy.write(block)
    path.unlink()


def _check_keys(session: Session[Any], keys: Sequence[str]) -> None:
    listed = ", ".join(quote_name(key) for key in keys)
    missing = " or ".join(f"{quote_name(key)} is null" for key in keys)
    found = session.execute(_sql(f"select count(*) from {_STAGE} where {missing}")).fetchone()
    if found and found[0]:
        raise StepRefused(f"{found[0]} rows have no value in the key ({', '.join(keys)}).")
    twice = session.execute(
        _sql(
            f"select count(*), min(first::text) from (select row({listed}) as first from {_STAGE} "
            f"group by {listed} having count(*) > 1) as twice"
        )
    ).fetchone()
    if twice and twice[0]:
        raise StepRefused(
            f"{twice[0]} keys ({', '.join(keys)}) are in several rows, such as {twice[1]}. Deduplicate the rows first."
        )


def _merge(session: Session[Any], target: str, names: Sequence[str], keys: Sequence[str]) -> None:
    """Puts rows in the place of those with the same key, and the others behind them."""
    listed = ", ".join(quote_name(name) for name in names)
    _check_keys(session, keys)
    session.execute(_sql(f"analyze {_STAGE}"))
    same = " and ".join(f"old.{quote_name(key)} = new.{quote_name(key)}" for key in keys)
    others = [name for name in names if name not in keys]
    if others:
        changes = ", ".join(f"{quote_name(name)} = new.{quote_name(name)}" for name in others)
        session.execute(_sql(f"update {target} as old set {changes} from {_STAGE} as new where {same}"))
    session.execute(
        _sql(
            f"insert into {target} ({listed}) select {listed} from {_STAGE} as new "
            f"where not exists (select from {target} as old where {same})"
        )
    )


def _commit(
    context: StepContext, session: Session[Any], connection: str | None, options: Mapping[str, Any], target: str
) -> None:
    """Commits; where the answer got lost, asks whether it was done: a second try would load the rows twice."""
    import psycopg  # noqa: PLC0415 - only pipelines that use it need it

    with told(f"Table {target}"):
        found = session.execute("select txid_current()").fetchone()
    try:
        session.commit()
    except psycopg.OperationalError as lost:
        transaction = found[0] if found else None
        with open_postgres(context, connection, options["timeout"]) as again, told(f"Table {target}"):
            status = again.execute("select txid_status(%s)", [transaction]).fetchone()
        if not status or status[0] != "committed":
            raise StepError(f"Table {target}: the connection broke at the end; nothing was loaded.") from lost
        context.log("The connection broke after the rows were loaded; the server confirms them.")
    except psycopg.Error as error:
        # Constraints that are checked at the end.
        raise StepRefused(f"Table {target}: {error}") from error
