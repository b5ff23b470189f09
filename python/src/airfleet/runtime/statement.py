"""Writes a plan's statements out for the columns that their inputs have."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .errors import StepRefused
from .values import param

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .reference import Column


def quote_name(name: str) -> str:
    """A name as DuckDB reads it: whatever it holds, it is one column or table."""
    return '"' + name.replace('"', '""') + '"'


_TYPE_SIGNS = re.compile(r"[A-Za-z_][A-Za-z0-9_ ,()\[\]]*")


def type_name(kind: str) -> str:
    """The name of a type as it may stand in a cast. A parameter may have brought it: nothing may end the cast."""
    depth = 0
    lowest = 0
    for sign in kind:
        depth += {"(": 1, ")": -1}.get(sign, 0)
        lowest = min(lowest, depth)
    if depth != 0 or lowest < 0 or not _TYPE_SIGNS.fullmatch(kind):
        raise StepRefused(f'"{kind}" is no type of DuckDB, such as DECIMAL(12,2).')
    return kind


def _chosen(part: Mapping[str, Any], inputs: Mapping[str, Sequence[Column]]) -> list[str]:
    columns = list(inputs[part["input"]])
    if "only" in part:
        known = {column.name for column in columns}
        missing = [name for name in part["only"] if name not in known]
        if missing:
            raise StepRefused(f'The input has no column "{missing[0]}". It has: {", ".join(sorted(known))}.')
        return list(part["only"])
    names = [column.name for column in columns if _fits(column.type, part.get("types"))]
    if "except" in part:
        names = [name for name in names if name not in part["except"]]
    if "alsoIn" in part:
        others = {column.name for column in inputs[part["alsoIn"]]}
        names = [name for name in names if name in others]
    if "notIn" in part:
        others = {column.name for column in inputs[part["notIn"]]}
        names = [name for name in names if name not in others]
    return names


def _fits(kind: str, types: Sequence[str] | None) -> bool:
    return types is None or any(kind.startswith(begin) for begin in types)


def _piece(piece: str | Mapping[str, Any], name: str) -> str:
    if isinstance(piece, str):
        return piece
    if piece["column"] == "lower_name":
        return quote_name(name.lower())
    return quote_name(name + piece.get("suffix", ""))


def _repeated(part: Mapping[str, Any], inputs: Mapping[str, Sequence[Column]]) -> str:
    names = _chosen(part, inputs)
    if not names:
        none: str = part["none"]
        return none
    written = part["join"].join("".join(_piece(piece, name) for piece in part["each"]) for name in names)
    before, behind = part.get("around", ("", ""))
    return f"{before}{written}{behind}"


def write_statement(sql: Mapping[str, Any], inputs: Mapping[str, Sequence[Column]]) -> str:
    """The statement for inputs of these columns."""
    return "".join(part if isinstance(part, str) else _repeated(part, inputs) for part in sql["parts"])


def bindings(sql: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    """What a statement binds, by the name that stands in it."""
    return {f"p_{name}": param(params, name) for name in sql["params"]}
