"""Carries out one step of a plan."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .connectors import csv, json, parquet
from .database import open_database
from .errors import StepRefused
from .values import fill

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .context import StepContext
    from .reference import Reference

READERS: dict[str, Callable[[StepContext, Mapping[str, Any], str], Reference]] = {
    "csv": csv.read,
    "json": json.read,
    "parquet": parquet.read,
}
WRITERS: dict[str, Callable[[StepContext, Mapping[str, Any], Reference, str], int]] = {
    "csv": csv.write,
    "json": json.write,
    "parquet": parquet.write,
}


@dataclass(frozen=True)
class StepResult:
    """What a step brought about. `chosen` is the way that a branch takes."""

    outputs: Mapping[str, Reference]
    rows_in: int
    rows_out: int
    seconds: float
    chosen: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As plain JSON, for an XCom."""
        return {
            "outputs": {name: reference.to_json() for name, reference in self.outputs.items()},
            "rows_in": self.rows_in,
            "rows_out": self.rows_out,
            "seconds": self.seconds,
            "chosen": self.chosen,
        }


def run_step(step: Mapping[str, Any], inputs: Mapping[str, Reference], context: StepContext) -> StepResult:
    """Carries out a step.

    Raises `StepRefused` for what will fail again, `StepError` for what may pass. What a failed step wrote is seen by
    nobody: its outputs are only named in the result.
    """
    began = time.monotonic()
    body = step["body"]
    rows_in = sum(reference.rows for reference in inputs.values())
    outputs: dict[str, Reference] = {}
    chosen: str | None = None
    rows_out = 0
    if body["kind"] == "read":
        reader = READERS[body["connector"]]
        outputs["out"] = reader(context, fill(body["options"], context.params), context.output_path(step["id"], "out"))
    elif body["kind"] == "sql":
        outputs = _run_sql(step, inputs, context)
    elif body["kind"] == "write":
        (rows,) = inputs.values()
        rows_out = WRITERS[body["connector"]](context, fill(body["options"], context.params), rows, body["mode"])
    elif body["kind"] == "branch":
        chosen = _choose(body, inputs, context)
        (rows,) = inputs.values()
        outputs = {chosen: rows}
    else:
        raise StepRefused(f'A step of kind "{body["kind"]}" is not known to this version.')
    rows_out = rows_out or sum(reference.rows for reference in outputs.values())
    return StepResult(outputs, rows_in, rows_out, time.monotonic() - began, chosen)


def _run_sql(step: Mapping[str, Any], inputs: Mapping[str, Reference], context: StepContext) -> dict[str, Reference]:
    body = step["body"]
    files = [reference.uri for reference in inputs.values()]
    absent = [wanted["name"] for wanted in step.get("inputs", []) if wanted["name"] not in inputs]
    if absent and (step.get("needs") != "any" or not inputs):
        raise StepRefused(f'There are no rows for input "{absent[0]}".')
    with open_database(context, inputs, files, absent) as database:
        for check in body.get("checks", []):
            found = database.select(check["rows"], context.params)
            if found:
                message: str = check["message"]
                raise StepRefused(message.replace("{rows}", str(len(found))).replace("{first}", str(found[0])))
        return {
            name: database.write_parquet(sql, context.params, context.output_path(step["id"], name))
            for name, sql in body["outputs"].items()
        }


def _choose(body: Mapping[str, Any], inputs: Mapping[str, Reference], context: StepContext) -> str:
    with open_database(context, inputs, [reference.uri for reference in inputs.values()]) as database:
        for case in body["cases"]:
            if database.select(case["when"], context.params)[0][0]:
                output: str = case["output"]
                return output
    otherwise: str = body["otherwise"]
    return otherwise
