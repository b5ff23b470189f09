from __future__ import annotations

from typing import Any


def run(name: str = "run_a", **changes: Any) -> dict[str, Any]:
    """A run as the API shows it."""
    return {
        "id": name,
        "instance": "pad-airflow",
        "dag_id": "index_finding_aid",
        "dag_run_id": f"cinco__{name}",
        "state": "running",
        "engine_state": "running",
        "partial": False,
        "run_type": "manual",
        "logical_date": None,
        "data_interval_start": None,
        "data_interval_end": None,
        "run_after": None,
        "queued_at": "2026-11-20T03:00:00Z",
        "started_at": "2026-11-20T03:00:01Z",
        "ended_at": None,
        "duration_seconds": None,
        "conf": {"finding_aid_id": 1},
        "note": None,
        "triggered_by": None,
        "trigger_id": "trg_1",
        "discovered_by": "trigger",
        "engine_gone_at": None,
        "due_at": "2026-11-20T03:00:00Z",
        "subjects": [{"type": "finding-aid", "id": "1", "label": None, "url": None}],
        "subjects_total": 1,
        "first_seen_at": "2026-11-20T03:00:00Z",
        "changed_at": "2026-11-20T03:00:01Z",
        "observed_at": "2026-11-20T03:00:01Z",
        "stale": False,
        "ui_url": "https://airflow.example.org/dags/index_finding_aid/runs/x",
        **changes,
    }


def subject(name: str = "1", *, total: int = 1, changed_at: str = "2026-11-20T03:00:01Z") -> dict[str, Any]:
    """A subject as the API lists it, as far as the sync looks at it."""
    counts = {"total": total, "success": 0, "failed": 0, "active": total}
    return {"type": "finding-aid", "id": name, "counts": counts, "changed_at": changed_at}


def trigger(name: str = "trg_1", **changes: Any) -> dict[str, Any]:
    """A trigger as the API answers it."""
    return {
        "id": name,
        "request_id": "trq_1",
        "instance": "pad-airflow",
        "dag_id": "index_finding_aid",
        "dag_run_id": f"cinco-test__1__{name}",
        "state": "accepted",
        "run": None,
        "note": None,
        "warnings": [],
        "error": None,
        "ui_url": "https://airflow.example.org/grid",
        "created_at": "2026-11-20T03:00:00Z",
        "finished_at": None,
        **changes,
    }
