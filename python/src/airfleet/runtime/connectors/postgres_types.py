"""Types of PostgreSQL and DuckDB, each in the words of the other."""

from __future__ import annotations

import re
from typing import Any

FREE_DECIMAL = "DECIMAL(38,18)"
"""A numeric without precision: 20 digits before the point, 18 behind it."""

_WIDEST = 38

_READ = {
    "bool": "BOOLEAN",
    "int2": "SMALLINT",
    "int4": "INTEGER",
    "int8": "BIGINT",
    "oid": "BIGINT",
    "float4": "FLOAT",
    "float8": "DOUBLE",
    "date": "DATE",
    "time": "TIME",
    "timestamp": "TIMESTAMP",
    "timestamptz": "TIMESTAMP WITH TIME ZONE",
    "uuid": "UUID",
    "bytea": "BLOB",
}

_WRITE = {
    "BOOLEAN": "boolean",
    "TINYINT": "smallint",
    "SMALLINT": "smallint",
    "UTINYINT": "smallint",
    "INTEGER": "integer",
    "USMALLINT": "integer",
    "BIGINT": "bigint",
    "UINTEGER": "bigint",
    "UBIGINT": "numeric(20,0)",
    "HUGEINT": "numeric(39,0)",
    "FLOAT": "real",
    "DOUBLE": "double precision",
    "DATE": "date",
    "TIME": "time",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP_S": "timestamp",
    "TIMESTAMP_MS": "timestamp",
    "TIMESTAMP_NS": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamptz",
    "UUID": "uuid",
    "BLOB": "bytea",
    "INTERVAL": "interval",
    "JSON": "jsonb",
}


def is_nested(kind: str) -> bool:
    """Lists, arrays, structs and maps of DuckDB."""
    return kind.endswith("]") or kind.startswith(("STRUCT", "MAP", "UNION"))


def to_duckdb(column: Any) -> str:
    """The type for a column that psycopg describes. What has no like in DuckDB (JSON, arrays, enums) stays text."""
    from psycopg.postgres import types  # noqa: PLC0415 - only pipelines that use it need it

    found = types.get(column.type_code)
    # A type's array has its number beside it.
    if found is None or column.type_code == found.array_oid:
        return "VARCHAR"
    if found.name == "numeric":
        precision, scale = column.precision, column.scale
        if precision is None or scale is None or precision > _WIDEST or not 0 <= scale <= precision:
            return FREE_DECIMAL
        return f"DECIMAL({precision},{scale})"
    return _READ.get(found.name, "VARCHAR")


def to_postgres(kind: str) -> str:
    """The type for a column of a table that is made."""
    if is_nested(kind):
        return "jsonb"
    if re.fullmatch(r"DECIMAL\(\d+,\d+\)", kind):
        return kind.replace("DECIMAL", "numeric")
    return _WRITE.get(kind, "text")
