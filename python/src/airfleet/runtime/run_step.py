"""Carries out one step of a plan."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .connectors.find import find_reader, find_writer
from .database import open_database
from .errors import StepRefused
from .storage.workspace import Workspace, open_workspace
from .values import fill

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .context import StepContext
    from .reference import Reference


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


@dataclass(frozen=True)
class _Job:
    """A step with what it is carried out with."""

    step: Mapping[str, Any]
    inputs: Mapping[str, Reference]
    work: Workspace
    context: StepContext

    @property
    def body(self) -> Mapping[str, Any]:
        body: Mapping[str, Any] = self.step["body"]
        return body

    @property
    def absent(self) -> list[str]:
        """Inputs that a branch has skipped."""
        absent = [wanted["name"] for wanted in self.step.get("inputs", []) if wanted["name"] not in self.inputs]
        if absent and (self.step.get("needs") != "any" or not self.inputs):
            raise StepRefused(f'There are no rows for input "{absent[0]}".')
        return absent

    def the_input(self) -> Reference:
        """The rows of a step that has one input."""
        if len(self.inputs) != 1:
            raise StepRefused(f"One input is expected, and {len(self.inputs)} are there.")
        return next(iter(self.inputs.values()))


def run_step(step: Mapping[str, Any], inputs: Mapping[str, Reference], context: StepContext) -> StepResult:
    """Carries out a step.

    Raises `StepRefused` for what will fail again, `StepError` for what may pass. What a failed step wrote is seen by
    nobody: its outputs take their places at the end, each as a whole.
    """
    began = time.monotonic()
    with open_workspace(context, step["id"]) as work:
        kind = step["body"]["kind"]
        # A branch reads its input and hands on the reference that it was given.
        job = _Job(step, work.fetch(inputs), work, work.context)
        outputs: dict[str, Reference] = {}
        chosen: str | None = None
        written = 0
        if kind == "read":
            outputs = {"out": _read(job)}
        elif kind == "sql":
            outputs = _run_sql(job)
        elif kind == "python":
            outputs = {"out": _run_python(job)}
        elif kind == "write":
            written = _write(job)
        elif kind == "branch":
            chosen = _choose(job)
        elif kind == "command":
            _run_command(job)
        else:
            raise StepRefused(f'A step of kind "{kind}" is not known to this version.')
        published = {name: work.publish(name, reference) for name, reference in outputs.items()}
        if chosen is not None:
            published = {chosen: next(iter(inputs.values()))}
    return StepResult(
        outputs=published,
        rows_in=sum(reference.rows for reference in inputs.values()),
        rows_out=written or sum(reference.rows for reference in published.values()),
        seconds=time.monotonic() - began,
        chosen=chosen,
    )


def _read(job: _Job) -> Reference:
    options = fill(job.body["options"], job.context.params)
    read = find_reader(job.body["connector"])
    return read(job.context, options, job.work.path("out"), job.body.get("connection"))


def _write(job: _Job) -> int:
    options = {**fill(job.body["options"], job.context.params), "keys": job.body.get("keys", [])}
    write = find_writer(job.body["connector"])
    return write(job.context, options, job.the_input(), job.body["mode"], job.body.get("connection"))


def _run_sql(job: _Job) -> dict[str, Reference]:
    context = job.context
    with open_database(context, job.inputs, absent=job.absent) as database:
        for check in job.body.get("checks", []):
            count, first = database.count_and_first(check["rows"], context.params)
            if count:
                message: str = check["message"]
                raise StepRefused(message.replace("{rows}", str(count)).replace("{first}", first))
        return {
            name: database.write_parquet(sql, context.params, job.work.path(name))
            for name, sql in job.body["outputs"].items()
        }


def _choose(job: _Job) -> str:
    job.the_input()
    with open_database(job.context, job.inputs) as database:
        for case in job.body["cases"]:
            if database.select(case["when"], job.context.params)[0][0]:
                output: str = case["output"]
                return output
    otherwise: str | None = job.body["otherwise"]
    if otherwise is None:
        raise StepRefused("No way's condition holds, and there is no other way.")
    return otherwise


def _run_python(job: _Job) -> Reference:
    from .limits.python_step import run_python  # noqa: PLC0415 - most pipelines have none

    order = [wanted["name"] for wanted in job.step.get("inputs", [])] or sorted(job.inputs)
    _ = job.absent
    return run_python(job.context, job.body, {name: job.inputs[name] for name in order}, job.work.path("out"))


def _run_command(job: _Job) -> None:
    from .limits.command_step import run_command  # noqa: PLC0415 - most pipelines have none

    run_command(job.context, job.step)
