"""Steps that call a Python function."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..database import open_database
from ..errors import StepError, StepRefused
from ..reference import Reference
from .limited_process import Limits, how_it_ended, run_limited, size_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..context import StepContext

_CHILD = Path(__file__).with_name("python_child.py")
_REFUSED = 3
_MOST_OUTPUT = 4 << 20
_OF_LIBRARIES = 256 << 20
"""What pandas and pyarrow take before a row is read."""

_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1")


def run_python(
    context: StepContext, body: Mapping[str, Any], inputs: Mapping[str, Reference], target: str
) -> Reference:
    """Calls the function in a process of its own, and answers what it returned."""
    folder = Path(context.scratch)
    message = folder / "message.txt"
    raw = folder / "returned.parquet"
    job = {
        "code": body["code"],
        "function": body["function"],
        "inputs": {name: reference.uri for name, reference in inputs.items()},
        "params": dict(context.params),
        "output": str(raw),
        "message": str(message),
    }
    path = folder / "job.json"
    path.write_text(json.dumps(job), encoding="utf-8")
    limits = Limits(
        seconds=body["timeoutSeconds"],
        memory_bytes=size_of(context.memory) + _OF_LIBRARIES,
        processes=1,
        output_bytes=_MOST_OUTPUT,
    )
    command = [sys.executable, "-I", "-B", str(_CHILD), str(path)]
    status = run_limited(command, limits=limits, folder=folder, log=context.log, environment=_ONE_THREAD)
    if status != 0 or not raw.is_file():
        said = message.read_text(encoding="utf-8") if message.is_file() else how_it_ended(status)
        raise (StepRefused if status == _REFUSED else StepError)(f"The Python code failed: {said}")
    # Written again as every other step's rows are, in DuckDB's types.
    with open_database(context, {"returned": Reference(str(raw), 0, (), 0)}) as database:
        return database.copy_parquet("select * from returned", {}, target)
