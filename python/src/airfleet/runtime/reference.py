"""What steps hand to each other instead of rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Column:
    """A column of a Parquet file: its name, and its type in DuckDB's words."""

    name: str
    type: str


@dataclass(frozen=True)
class Reference:
    """Rows in a Parquet file. Small enough for an XCom, whatever the rows."""

    uri: str
    rows: int
    columns: tuple[Column, ...]
    bytes: int

    def to_json(self) -> dict[str, Any]:
        """As plain JSON, for an XCom."""
        columns = [{"name": column.name, "type": column.type} for column in self.columns]
        return {"uri": self.uri, "rows": self.rows, "columns": columns, "bytes": self.bytes}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Reference:
        """Reads what `to_json` wrote."""
        columns = tuple(Column(column["name"], column["type"]) for column in value["columns"])
        return cls(value["uri"], value["rows"], columns, value["bytes"])
