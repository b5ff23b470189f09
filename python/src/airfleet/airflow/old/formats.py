"""Bodies as cwl-airflow's receivers know them: G0, one snapshot to `status`; G1, `progress`, `results` and `status`.

Pure: a spooled record and a snapshot of its run go in, posts come out. What the old senders did not report (a run or,
in G0, a task that starts; a task that skips itself) gives no post.
"""

from __future__ import annotations

import datetime
from typing import Any, Literal

from airfleet.airflow.old.run_ledger import old_task

Post = tuple[Literal["progress", "results", "status"], dict[str, Any]]
_REPORTED_ENDS = frozenset({"success", "failed", "up_for_retry"})


def old_date(text: str | None) -> str | None:
    """`YYYY-MM-DD HH:MM:SS` in UTC, without a zone, as G0 writes times."""
    if not text:
        return None
    moment = datetime.datetime.fromisoformat(text)
    return moment.astimezone(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M:%S")


def with_event(snapshot: dict[str, Any] | None, content: dict[str, Any]) -> dict[str, Any]:
    """The snapshot with what the event says: a hook may run before its task's state is in the tables."""
    report = content["report"]
    merged = dict(snapshot or {"state": "running", "tasks": []})
    if told := report.get("run"):
        merged["state"] = told["state"]
        for ours, old in (("logical_date", "execution_date"), ("started_at", "start_date"), ("ended_at", "end_date")):
            merged[old] = told.get(ours) or merged.get(old)
    if report.get("task"):
        mine = old_task(content)
        others = [task for task in merged["tasks"] if not _is_same(task, mine)]
        stored = next((task for task in merged["tasks"] if _is_same(task, mine)), None)
        if stored is not None and (stored["try_number"] or 0) > mine["try_number"]:
            return merged
        mine["max_tries"] = mine["max_tries"] or (stored or {}).get("max_tries") or 0
        merged["tasks"] = [*others, mine]
    if "results" in report:
        merged["results"] = report["results"]
    return merged


def _is_same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return bool(one["task_id"] == other["task_id"] and one["map_index"] == other["map_index"])


def g0_posts(content: dict[str, Any], run: dict[str, Any]) -> list[Post]:
    """A full snapshot for each end: of a task, by success, failure or retry, and of the run."""
    report = content["report"]
    state = (report.get("task") or report.get("run") or {}).get("state")
    if state not in _REPORTED_ENDS:
        return []
    payload: dict[str, Any] = {
        "dag_id": report["dag_id"],
        "run_id": report["dag_run_id"],
        "execution_date": old_date(run.get("execution_date")),
        "start_date": old_date(run.get("start_date")),
        "end_date": old_date(run.get("end_date")),
        "state": run["state"],
        "tasks": [
            {
                "task_id": task["task_id"],
                "start_date": old_date(task["start_date"]),
                "end_date": old_date(task["end_date"]),
                "state": task["state"],
                "try_number": task["try_number"],
                "max_tries": task["max_tries"],
            }
            for task in run["tasks"]
        ],
    }
    if run["state"] == "success" and run.get("results") is not None:
        payload["results"] = run["results"]
    return [("status", payload)]


def _g1_progress(content: dict[str, Any], run: dict[str, Any]) -> list[Post]:
    report = content["report"]
    total = len(run["tasks"]) + run.get("unseen", 0)
    told = report.get("progress")
    if told is None and total == 0:
        # The original divided by zero here, and sent nothing.
        return []
    done = sum(task["state"] == "success" for task in run["tasks"])
    payload = {
        "state": run["state"],
        "dag_id": report["dag_id"],
        "run_id": report["dag_run_id"],
        "progress": int(told["percent"]) if told is not None else int(100 * done / total),
        "error": report.get("error", {}).get("message", "") if run["state"] == "failed" else "",
    }
    return [("progress", payload)]


def _g1_results(content: dict[str, Any], run: dict[str, Any]) -> list[Post]:
    report = content["report"]
    results = run.get("results")
    payload = {
        "dag_id": report["dag_id"],
        "run_id": report["dag_run_id"],
        "results": "" if results is None else results,
    }
    return [("results", payload)]


def g1_posts(content: dict[str, Any], run: dict[str, Any]) -> list[Post]:
    """What the last parser sent at each event, in its order."""
    report = content["report"]
    if task := report.get("task"):
        if task["state"] not in {*_REPORTED_ENDS, "running"}:
            return []
        identity = {"state": task["state"], "dag_id": report["dag_id"], "run_id": report["dag_run_id"]}
        status: list[Post] = [("status", {**identity, "task_id": task["task_id"]})]
        return [*_g1_progress(content, run), *status] if task["state"] == "success" else status
    state = report.get("run", {}).get("state")
    if state == "success":
        return [*_g1_progress(content, run), *_g1_results(content, run)]
    if state == "failed":
        return _g1_progress(content, run)
    posts: list[Post] = []
    if "progress" in report:
        posts += _g1_progress(content, run)
    if "results" in report:
        posts += _g1_results(content, run)
    return posts
