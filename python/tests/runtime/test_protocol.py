"""The runtime as another process's child."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.runtime.bench import CSV
from tests.runtime.process import SOURCES, runtime_process


@pytest.fixture
def job(tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "orders.csv").write_text("id,amount\n1,10\n2,20\n")
    return {
        "id": "1",
        "step": {"id": "read", "inputs": [], "body": {"kind": "read", "connector": "csv", "options": CSV}},
        "run_folder": str(tmp_path / "run"),
        "roots": [str(tmp_path / "data")],
    }


def keep(job: dict[str, Any], reference: dict[str, Any]) -> dict[str, Any]:
    sql = {"parts": ["select * from input where amount > $p_least"], "params": ["least"]}
    step = {"id": "keep", "body": {"kind": "sql", "outputs": {"out": sql}}}
    return {**job, "id": "2", "step": step, "inputs": {"input": reference}, "params": {"least": 15}}


def test_one_process_carries_out_one_job_after_the_other(job: dict[str, Any]) -> None:
    with runtime_process() as process:
        read = process.run(job)
        kept = process.run(keep(job, read["result"]["outputs"]["out"]))
        assert process.process.stdin is not None
        process.process.stdin.close()
        assert process.process.wait(10) == 0
    assert (read["id"], read["result"]["rows_out"]) == ("1", 2)
    assert (kept["id"], kept["result"]["rows_in"], kept["result"]["rows_out"]) == ("2", 2, 1)


def test_what_cannot_be_done_is_told_and_the_next_job_is_done(job: dict[str, Any]) -> None:
    with runtime_process() as process:
        assert process.run({**job, "roots": []})["error"]["code"] == "STEP_REFUSED"
        process.send("{no json")
        assert process.next()["id"] is None
        process.send([1])
        assert process.next()["id"] is None
        assert process.run(job)["result"]["rows_out"] == 2


def test_without_a_third_descriptor_the_output_holds_nothing_but_answers(job: dict[str, Any]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "airfleet.runtime"],
        input=json.dumps(job).encode(),
        capture_output=True,
        check=True,
        env={"PYTHONPATH": str(SOURCES)},
    )
    (answer,) = done.stdout.splitlines()
    assert json.loads(answer)["result"]["rows_out"] == 2
