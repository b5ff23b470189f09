"""Databases of their own for tests."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pymysql
import pytest

from airfleet.runtime.context import Connection

POSTGRES = (
    os.environ.get("AIRFLEET_TEST_DATABASE_URL")
    or os.environ.get("DATABASE_URL")
    or "postgresql://postgres@127.0.0.1:5432/postgres"
)
MYSQL = os.environ.get("AIRFLEET_TEST_MYSQL_URL", "mysql://root@127.0.0.1:3306/")


@contextmanager
def postgres_database() -> Iterator[Connection]:
    """A database on the PostgreSQL that tests have."""
    name = f"airfleet_runtime_{secrets.token_hex(4)}"
    parts = urlsplit(POSTGRES)
    with psycopg.connect(POSTGRES, autocommit=True) as admin:
        admin.execute(f"create database {name}".encode())
        try:
            yield Connection(
                kind="postgres",
                host=parts.hostname,
                port=parts.port or 5432,
                login=parts.username,
                password=parts.password,
                schema=name,
            )
        finally:
            admin.execute(f"drop database {name} with (force)".encode())


def postgres_session(known: Connection) -> psycopg.Connection[Any]:
    """Somebody else in the database."""
    return psycopg.connect(
        host=known.host,
        port=known.port,
        user=known.login,
        password=known.password,
        dbname=known.schema,
        autocommit=True,
    )


def mysql_session(database: str | None = None) -> Any:
    """Somebody else on the MySQL that tests have."""
    parts = urlsplit(MYSQL)
    return pymysql.connect(
        host=parts.hostname,
        port=parts.port or 3306,
        user=parts.username,
        password=parts.password or "",
        database=database,
        autocommit=True,
        charset="utf8mb4",
    )


@contextmanager
def mysql_database() -> Iterator[Connection]:
    """A database on the MySQL that tests have."""
    name = f"airfleet_runtime_{secrets.token_hex(4)}"
    parts = urlsplit(MYSQL)
    try:
        admin = mysql_session()
    except pymysql.err.OperationalError as error:
        if "AIRFLEET_TEST_MYSQL_URL" in os.environ:
            raise
        # No package of Python brings this server along, as one does PostgreSQL.
        pytest.skip(f"no MySQL answers at 127.0.0.1:3306 ({error}); set AIRFLEET_TEST_MYSQL_URL")
    try:
        with admin.cursor() as cursor:
            cursor.execute(f"create database {name}")
        yield Connection(
            kind="mysql",
            host=parts.hostname,
            port=parts.port or 3306,
            login=parts.username,
            password=parts.password,
            schema=name,
        )
    finally:
        with admin.cursor() as cursor:
            cursor.execute(f"drop database if exists {name}")
        admin.close()
