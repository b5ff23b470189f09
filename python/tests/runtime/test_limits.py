"""Code of users: what it may do, and what it is ended for."""

import dataclasses
import os
import time
from pathlib import Path
from typing import Any

import pytest

from airfleet.runtime.errors import StepError, StepRefused
from airfleet.runtime.limits import limited_process
from airfleet.runtime.reference import Reference
from airfleet.runtime.run_step import run_step
from tests.runtime.bench import Bench

MARK = "AIRFLEET_STEP_PROCESS="


def python(bench: Bench, code: str, inputs: dict[str, Reference] | None = None, seconds: float = 60) -> Reference:
    given = inputs if inputs is not None else {"input": bench.of_query("select 1 as id")}
    body = {"kind": "python", "code": code, "function": "transform", "timeoutSeconds": seconds}
    return bench.step(body, given).outputs["out"]


def command(bench: Bench, *argv: Any, seconds: float = 60, **env: Any) -> None:
    step = {"id": "run", "inputs": [], "timeoutSeconds": seconds}
    run_step({**step, "body": {"kind": "command", "argv": list(argv), "env": env}}, {}, bench.context)


def left_over() -> list[str]:
    """Processes of steps that are still there."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                if MARK.encode() in (entry / "environ").read_bytes():
                    found.append(entry.name)
            except OSError:
                continue
    return found


TYPES = """select 1 as id, null::int as n, 1.25::decimal(8,2) as money, date '2024-02-29' as day, true as flag,
  timestamptz '2024-01-01 00:00:00+00' as at, 'é' as name, [1, 2] as list"""


def test_frames_go_in_and_come_out_with_their_types(bench: Bench) -> None:
    rows = bench.of_query(TYPES)
    back = python(bench, "def transform(df):\n    return df\n", {"input": rows})
    assert [(column.name, column.type) for column in back.columns] == [
        (column.name, column.type) for column in rows.columns
    ]
    assert bench.rows_of(back) == bench.rows_of(rows)


def test_inputs_go_by_their_names_and_params_to_who_asks(bench: Bench) -> None:
    inputs = {"a": bench.of_query("select 1 as x"), "b": bench.of_query("select 2 as x")}
    by_name = "def transform(b, a, params):\n    return a.assign(other=b.x, least=params['least'])\n"
    assert bench.rows_of(python(bench, by_name, inputs)) == [(1, 2, 10)]
    in_order = "def transform(first, second):\n    return first.assign(other=second.x)\n"
    assert bench.rows_of(python(bench, in_order, inputs)) == [(1, 2)]


def test_no_rows_go_through(bench: Bench) -> None:
    rows = python(bench, "def transform(df):\n    return df[df.id > 5]\n")
    assert (rows.rows, [column.name for column in rows.columns]) == (0, ["id"])


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("def transform(df)\n", r"no Python \(line 1\)"),
        ("def other(df):\n    return df\n", 'no function "transform"'),
        ("def transform(df):\n    return 7\n", "returned int"),
        ("def transform(df):\n    df['x'] = [object()]\n    return df\n", "(?i)arrow|type|convert"),
        ("def transform(df):\n    return df.missing\n", r"AttributeError.*line 2: return df.missing"),
        ("import os\ndef transform(df):\n    return os.environ['AIRFLOW__CORE__FERNET_KEY']\n", "KeyError.*FERNET"),
        ("import nothing_like_it\n", "No module named 'nothing_like_it'"),
        ("import sys\ndef transform(df):\n    sys.exit(0)\n", "SystemExit"),
        ("import os\ndef transform(df):\n    os._exit(0)\n", "ended with status 0"),
        ("import os, signal\ndef transform(df):\n    os.kill(os.getpid(), signal.SIGSEGV)\n", "signal 11"),
    ],
)
def test_code_that_fails_is_told(bench: Bench, monkeypatch: pytest.MonkeyPatch, code: str, told: str) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", "secret")
    with pytest.raises(StepError, match=told):
        python(bench, code)
    assert bench.leftovers() == []


def test_nothing_of_our_environment_is_seen(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLEET_SECRET_KEY", "secret")
    python(bench, "import os\ndef transform(df):\n    print(dict(os.environ))\n    return df\n")
    command(bench, "env")
    said = "\n".join(bench.lines)
    assert "PATH" in said
    assert "secret" not in said


@pytest.mark.parametrize(
    "body",
    [
        "while True: pass",
        "import time; time.sleep(600)",
        "import signal\n    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n    while True: pass",
    ],
)
def test_code_without_an_end_is_ended(bench: Bench, body: str) -> None:
    began = time.monotonic()
    with pytest.raises(StepError, match="longer than 2 s"):
        python(bench, f"def transform(df):\n    {body}\n", seconds=2)
    assert time.monotonic() - began < 15
    assert left_over() == []


def test_code_that_starts_processes_is_ended(bench: Bench) -> None:
    bomb = "import os, time\ndef transform(df):\n    while True:\n        os.fork()\n        time.sleep(0.05)\n"
    with pytest.raises(StepRefused, match="it may run no other process"):
        python(bench, bomb)
    away = "import os, time\ndef transform(df):\n    os.fork() or os.setsid()\n    time.sleep(600)\n    return df\n"
    with pytest.raises(StepRefused, match="no other process"):
        python(bench, away)
    assert left_over() == []


def test_code_that_prints_without_an_end_is_ended(bench: Bench) -> None:
    with pytest.raises(StepRefused, match="printed more than 4096 kB"):
        python(bench, "def transform(df):\n    for _ in range(1024):\n        print('x' * (1 << 20))\n    return df\n")
    assert sum(len(line) for line in bench.lines) < 5 << 20


def test_code_that_takes_too_much_memory_is_ended(bench: Bench) -> None:
    bench.context = dataclasses.replace(bench.context, memory="256MB")
    with pytest.raises(StepRefused, match="memory"):
        python(bench, "def transform(df):\n    x = [bytearray(1 << 26) for _ in range(64)]\n    return df\n")


def test_what_is_printed_is_in_the_log(bench: Bench) -> None:
    python(bench, "def transform(df):\n    print('one')\n    print('tw\\u00e9o', end='')\n    return df\n")
    assert bench.lines == ["one", "twéo"]


def test_a_command_gets_its_arguments_as_they_are(bench: Bench) -> None:
    bench.with_params(name="$(id); rm -rf /", n=3)
    command(bench, "printf", "%s|", {"$param": "name"}, {"$param": "n"}, {"$text": ["a-", {"$param": "n"}]}, X="1")
    assert bench.lines == ["$(id); rm -rf /|3|a-3|"]
    bench.lines.clear()
    command(bench, "sh", "-c", "echo $X $HOME", X={"$param": "n"})
    assert bench.lines[0].startswith("3 ")


def test_a_command_that_fails_is_told(bench: Bench) -> None:
    with pytest.raises(StepError, match='"sh" failed: it ended with status 3'):
        command(bench, "sh", "-c", "echo out; echo err >&2; exit 3")
    assert sorted(bench.lines) == ["err", "out"]
    with pytest.raises(StepError, match='"sh" failed: it was ended by signal 9'):
        command(bench, "sh", "-c", "kill -9 $$")
    with pytest.raises(StepRefused, match='no program "nothing-like-it"'):
        command(bench, "nothing-like-it")


def test_a_command_is_ended_with_all_that_it_started(bench: Bench) -> None:
    with pytest.raises(StepError, match="longer than 1 s"):
        command(bench, "sh", "-c", "setsid sleep 600 & sleep 600", seconds=1)
    assert left_over() == []
    command(bench, "sh", "-c", "setsid sleep 600 >/dev/null 2>&1 & sleep 600 & exit 0")
    assert left_over() == []


def test_a_command_that_multiplies_is_ended(bench: Bench) -> None:
    with pytest.raises(StepRefused, match="64 processes at most"):
        command(bench, "sh", "-c", "f() { f | f & sleep 0.1; f; }; for i in $(seq 200); do sleep 60 & done; wait")
    assert left_over() == []


def test_amounts_of_memory() -> None:
    assert limited_process.size_of("1GB") == 1 << 30
    assert limited_process.size_of(" 512 MiB") == 512 << 20
    with pytest.raises(StepRefused, match="no amount"):
        limited_process.size_of("much")
