"""Types of MySQL and DuckDB, each in the words of the other."""

from __future__ import annotations

import re
from typing import Any

from .postgres_types import is_nested

_UNSIGNED = 32
_BINARY_TEXT = 63
"""The character set of bytes."""

_WIDEST = 38

_LONGEST_KEY = 255

_WRITE = {
    "BOOLEAN": "boolean",
    "TINYINT": "tinyint",
    "SMALLINT": "smallint",
    "INTEGER": "int",
    "BIGINT": "bigint",
    "UTINYINT": "tinyint unsigned",
    "USMALLINT": "smallint unsigned",
    "UINTEGER": "int unsigned",
    "UBIGINT": "bigint unsigned",
    "HUGEINT": "decimal(39,0)",
    "FLOAT": "float",
    "DOUBLE": "double",
    "DATE": "date",
    "TIME": "time(6)",
    "TIMESTAMP": "datetime(6)",
    "TIMESTAMP_S": "datetime(6)",
    "TIMESTAMP_MS": "datetime(6)",
    "TIMESTAMP_NS": "datetime(6)",
    "TIMESTAMP WITH TIME ZONE": "timestamp(6) null default null",
    "BLOB": "longblob",
    "JSON": "json",
    "UUID": "char(36)",
}


def _decimal(field: Any) -> str:
    is_signed = not field.flags & _UNSIGNED
    precision = int(field.length) - (1 if field.scale else 0) - (1 if is_signed else 0)
    # More than DuckDB has: digits before the point give way, and what does not fit is told.
    return f"DECIMAL({min(precision, _WIDEST)},{min(int(field.scale), _WIDEST)})"


def to_duckdb(field: Any) -> str:
    """The type for a column that the server describes. What has no like in DuckDB stays text."""
    from pymysql.constants import FIELD_TYPE  # noqa: PLC0415 - only pipelines that use it need it

    whole = {
        FIELD_TYPE.TINY: "TINYINT",
        FIELD_TYPE.SHORT: "SMALLINT",
        FIELD_TYPE.INT24: "INTEGER",
        FIELD_TYPE.LONG: "INTEGER",
        FIELD_TYPE.LONGLONG: "BIGINT",
    }
    if field.type_code in whole:
        return ("U" if field.flags & _UNSIGNED else "") + whole[field.type_code]
    if field.type_code in {FIELD_TYPE.DECIMAL, FIELD_TYPE.NEWDECIMAL}:
        return _decimal(field)
    if field.type_code == FIELD_TYPE.BIT:
        return "BLOB"
    texts = {FIELD_TYPE.VARCHAR, FIELD_TYPE.VAR_STRING, FIELD_TYPE.STRING, FIELD_TYPE.BLOB, FIELD_TYPE.TINY_BLOB}
    if field.type_code in texts | {FIELD_TYPE.MEDIUM_BLOB, FIELD_TYPE.LONG_BLOB, FIELD_TYPE.GEOMETRY}:
        return "BLOB" if field.charsetnr == _BINARY_TEXT else "VARCHAR"
    others = {
        FIELD_TYPE.FLOAT: "FLOAT",
        FIELD_TYPE.DOUBLE: "DOUBLE",
        FIELD_TYPE.YEAR: "SMALLINT",
        FIELD_TYPE.DATE: "DATE",
        FIELD_TYPE.DATETIME: "TIMESTAMP",
        FIELD_TYPE.TIMESTAMP: "TIMESTAMP WITH TIME ZONE",
    }
    # TIME of MySQL is a span of up to 838 hours, so that it stays text.
    return others.get(field.type_code, "VARCHAR")


def to_mysql(kind: str, *, is_key: bool) -> str:
    """The type for a column of a table that is made."""
    if is_nested(kind):
        return "json"
    if re.fullmatch(r"DECIMAL\(\d+,\d+\)", kind):
        return kind.replace("DECIMAL", "decimal")
    if kind in _WRITE:
        return _WRITE[kind]
    # Keys must be short enough for an index.
    return f"varchar({_LONGEST_KEY})" if is_key else "longtext"
