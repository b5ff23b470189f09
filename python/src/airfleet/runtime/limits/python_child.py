"""Calls a user's function with frames. Started by its path, in a process of its own; imports nothing of the runtime."""

import inspect
import json
import linecache
import sys
import traceback
from pathlib import Path
from typing import Any

USER_FILE = "<python-code>"
REFUSED = 3
FAILED = 4


class Refused(Exception):  # noqa: N818 - what happens, as in the messages
    """Will be so again."""


def read_frame(path: str) -> Any:
    """The rows of a Parquet file. Whole numbers and flags keep their types where values are missing."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {
        pa.int8(): pd.Int8Dtype(),
        pa.int16(): pd.Int16Dtype(),
        pa.int32(): pd.Int32Dtype(),
        pa.int64(): pd.Int64Dtype(),
        pa.uint8(): pd.UInt8Dtype(),
        pa.uint16(): pd.UInt16Dtype(),
        pa.uint32(): pd.UInt32Dtype(),
        pa.uint64(): pd.UInt64Dtype(),
        pa.bool_(): pd.BooleanDtype(),
    }
    return pq.read_table(path, use_threads=False).to_pandas(types_mapper=kinds.get, use_threads=False)


def known_types(paths: list[str]) -> dict[str, Any]:
    """Types of the inputs' columns; of a name that several have, that of the first."""
    import pyarrow.parquet as pq

    known: dict[str, Any] = {}
    for path in paths:
        for field in pq.read_schema(path):
            known.setdefault(field.name, field.type)
    return known


def settle(field: Any, known: dict[str, Any]) -> Any:
    """What a frame forgets of a column, as its input had it: digits of decimals, and types where all is missing."""
    import pyarrow as pa

    before: Any = known.get(field.name)
    if pa.types.is_null(field.type):
        # Nobody knows what a new column without a value is for; text takes anything.
        return pa.field(field.name, before or pa.string())
    is_decimal = pa.types.is_decimal(field.type) and before is not None and pa.types.is_decimal(before)
    if (
        is_decimal
        and before.scale >= field.type.scale
        and before.precision - before.scale >= field.type.precision - field.type.scale
    ):
        return pa.field(field.name, before)
    return field


def write_frame(frame: Any, path: str, known: dict[str, Any]) -> None:
    """Writes what the function has returned."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    if isinstance(frame, pd.Series):
        frame = frame.to_frame()
    if isinstance(frame, pd.DataFrame):
        names = [str(name) for name in frame.columns]
        doubles = sorted({name for name in names if names.count(name) > 1})
        if doubles:
            raise Refused(f'The frame has column "{doubles[0]}" several times.')
        frame = frame.set_axis(names, axis=1)
        try:
            frame = pa.Table.from_pandas(frame, preserve_index=False, nthreads=1)
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
            raise Refused(f"A column holds values of different types: {error}") from error
    if not isinstance(frame, pa.Table):
        raise Refused(f"The function has returned {type(frame).__name__}; a pandas frame is expected.")
    if not frame.column_names:
        raise Refused("The frame has no columns.")
    fields = [settle(field, known) for field in frame.schema]
    table = frame.cast(pa.schema(fields)).replace_schema_metadata(None)
    pq.write_table(table, path, compression="zstd", coerce_timestamps="us", allow_truncated_timestamps=True)


def call(function: Any, frames: dict[str, Any], params: dict[str, Any]) -> Any:
    """Inputs by name where the function has their names, else in their order; `params` where it asks for it."""
    try:
        wanted = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return function(*frames.values())
    more = {"params": params} if "params" in wanted and "params" not in frames else {}
    names = [name for name in wanted if name != "params" or "params" in frames]
    if set(frames) <= set(names):
        return function(**frames, **more)
    return function(*frames.values(), **more)


def find_function(job: dict[str, Any]) -> Any:
    """The function that the code defines."""
    code = job["code"]
    linecache.cache[USER_FILE] = (len(code), None, code.splitlines(keepends=True), USER_FILE)
    try:
        compiled = compile(code, USER_FILE, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        line = f" (line {error.lineno})" if isinstance(error, SyntaxError) else ""
        raise Refused(f"The code is no Python{line}: {error}") from error
    names: dict[str, Any] = {"__name__": "airfleet_python_code"}
    exec(compiled, names)  # noqa: S102 - what this process is for
    function = names.get(job["function"])
    if not callable(function):
        raise Refused(f'The code defines no function "{job["function"]}".')
    return function


def told(error: BaseException) -> str:
    """What went wrong, and where in the user's code."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == USER_FILE]
    where = f" (line {frames[-1].lineno}: {frames[-1].line})" if frames else ""
    return f"{type(error).__name__}: {error}{where}"


def main() -> int:
    """Argument: a file with the job."""
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    status, message = 0, ""
    try:
        frames = {name: read_frame(path) for name, path in job["inputs"].items()}
        known = known_types(list(job["inputs"].values()))
        write_frame(call(find_function(job), frames, job["params"]), job["output"], known)
    except ImportError as error:
        status, message = REFUSED, f"{error}. Install it where steps run (airfleet[runtime-python] has pandas)."
    except Refused as error:
        status, message = REFUSED, str(error)
    except MemoryError as error:
        status, message = REFUSED, f"{told(error)}: it may not use so much memory."
    except BaseException as error:  # noqa: BLE001 - also what the code ends itself with
        traceback.print_exc()
        status, message = FAILED, told(error)
    if message:
        Path(job["message"]).write_text(message, encoding="utf-8", errors="replace")
    sys.stdout.flush()
    return status


if __name__ == "__main__":
    sys.exit(main())
