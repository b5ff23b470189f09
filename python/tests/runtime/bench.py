"""A folder with data, and steps over it."""

import dataclasses
from pathlib import Path
from typing import Any

import duckdb

from airfleet.runtime.context import Connection, StepContext
from airfleet.runtime.reference import Column, Reference
from airfleet.runtime.run_step import StepResult, run_step

CSV = {
    "path": "orders.csv",
    "delimiter": ",",
    "quote": '"',
    "encoding": "utf-8",
    "has_header": True,
    "skip_rows": 0,
    "na_values": [""],
    "columns": {},
    "on_bad_line": "fail",
}
TO_CSV = {
    "file_path": "out/orders.csv",
    "delimiter": ",",
    "encoding": "utf-8",
    "include_header": True,
    "quote_all": False,
    "create_dirs": True,
}


class Bench:
    """A folder with data, and steps over it."""

    def __init__(self, folder: Path, params: dict[str, Any] | None = None) -> None:
        self.root = folder / "data"
        self.root.mkdir()
        run = folder / "run"
        run.mkdir()
        self.lines: list[str] = []
        self.count = 0
        self.context = StepContext(log=self.lines.append, run_folder=str(run), params=params or {}, roots=[self.root])

    def put(self, name: str, content: str | bytes) -> None:
        data = content.encode() if isinstance(content, str) else content
        (self.root / name).write_bytes(data)

    def text(self, name: str) -> str:
        return (self.root / name).read_text(encoding="utf-8")

    def read(self, **options: Any) -> Reference:
        return self.step({"kind": "read", "connector": "csv", "options": {**CSV, **options}}).outputs["out"]

    def sql(self, text: str, reference: Reference, params: list[str] | None = None) -> Reference:
        body = {"kind": "sql", "outputs": {"out": {"parts": [text], "params": params or []}}}
        return self.step(body, {"input": reference}).outputs["out"]

    def write(self, reference: Reference, mode: str = "replace", **options: Any) -> StepResult:
        body = {"kind": "write", "connector": "csv", "mode": mode, "options": {**TO_CSV, **options}}
        return self.step(body, {"input": reference})

    def step(self, body: dict[str, Any], inputs: dict[str, Reference] | None = None) -> StepResult:
        wanted = [{"name": name, "step": name, "output": "out"} for name in inputs or {}]
        self.count += 1
        return run_step({"id": f"s{self.count}", "inputs": wanted, "body": body}, inputs or {}, self.context)

    def rows_of(self, reference: Reference) -> list[tuple[Any, ...]]:
        with duckdb.connect() as database:
            database.execute("set TimeZone = 'UTC'")
            return database.execute("from read_parquet($1)", [reference.uri]).fetchall()

    def of_query(self, query: str) -> Reference:
        """Rows of a query as a step before would have left them."""
        path = self.root.parent / f"rows-{len(list(self.root.parent.iterdir()))}.parquet"
        with duckdb.connect() as database:
            database.execute("set TimeZone = 'UTC'")
            database.execute(f"copy ({query}) to '{path}' (format parquet)")
            described = database.execute("describe from read_parquet($1)", [str(path)]).fetchall()
            counted = database.execute("select count(*) from read_parquet($1)", [str(path)]).fetchone()
        columns = tuple(Column(row[0], row[1]) for row in described)
        return Reference(str(path), counted[0] if counted else 0, columns, path.stat().st_size)

    def with_connection(self, known: Connection, allow: tuple[str, ...] = ("127.0.0.1",)) -> None:
        """From now on, every connection is this one."""
        self.context = dataclasses.replace(self.context, connection=lambda _: known, network_allow=allow)

    def with_params(self, **params: Any) -> None:
        """From now on, the run has these parameters."""
        self.context = dataclasses.replace(self.context, params=params)

    def leftovers(self) -> list[str]:
        """What steps have left in the run's folder besides outputs."""
        return [str(path) for path in Path(self.context.run_folder).rglob(".try-*")]
