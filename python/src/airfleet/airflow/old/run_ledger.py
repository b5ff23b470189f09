"""What the reports of this host say of runs, for old formats where Airflow's tables are out of reach.

Workers of Airflow 3 have no database. What they report is all that their sender knows then: tasks that ran on other
hosts are missing, and so is what never ran.
"""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

LEDGER = "runs.json"
MOST_RUNS = 200


class RunLedger:
    """Remembers the youngest runs, over restarts of the sender too."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / LEDGER
        self._runs: dict[str, dict[str, Any]] = {}
        with contextlib.suppress(OSError, ValueError):
            found = json.loads(self._path.read_bytes())
            if isinstance(found, dict):
                self._runs = found

    def note(self, content: dict[str, Any]) -> None:
        """Takes over what a spooled record says."""
        report = content["report"]
        key = json.dumps([report["dag_id"], report["dag_run_id"]])
        run = self._runs.pop(key, None) or {"state": "running", "tasks": {}}
        self._runs[key] = run
        if told := report.get("run"):
            run["state"] = told["state"]
            run["execution_date"] = told.get("logical_date")
            run["start_date"] = told.get("started_at")
            run["end_date"] = told.get("ended_at")
        if task := report.get("task"):
            run["tasks"][f"{task['task_id']}[{task['map_index']}]"] = old_task(content)
        if "results" in report:
            run["results"] = report["results"]
        if count := content.get("old", {}).get("task_count"):
            run["task_count"] = count
        for oldest in list(self._runs)[:-MOST_RUNS]:
            del self._runs[oldest]
        self._save()

    def snapshot(self, dag_id: str, run_id: str) -> dict[str, Any] | None:
        """As `AirflowReader.read_run` answers; tasks that nobody reported have no name, and no state."""
        run = self._runs.get(json.dumps([dag_id, run_id]))
        if run is None:
            return None
        tasks = list(run["tasks"].values())
        return {**run, "tasks": tasks, "unseen": max(0, run.get("task_count", 0) - len({t["task_id"] for t in tasks}))}

    def _save(self) -> None:
        unnamed = self._path.with_suffix(".new")
        with contextlib.suppress(OSError):
            unnamed.write_text(json.dumps(self._runs))
            unnamed.replace(self._path)


def old_task(content: dict[str, Any]) -> dict[str, Any]:
    """The task of a spooled record, as a snapshot lists it."""
    task = content["report"]["task"]
    return {
        "task_id": task["task_id"],
        "map_index": task["map_index"],
        "start_date": task["started_at"],
        "end_date": task["ended_at"],
        "state": task["state"],
        "try_number": task["try_number"],
        "max_tries": content.get("old", {}).get("max_tries", 0),
    }
