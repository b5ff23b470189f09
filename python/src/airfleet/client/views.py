"""What the server answers, as types. Times are RFC 3339 texts; keys a newer server adds are there as well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

RunState = Literal["queued", "running", "success", "failed", "cancelled", "lost"]
TriggerState = Literal["pending", "sending", "accepted", "rejected", "failed", "expired", "cancelled"]

TERMINAL_RUN_STATES: frozenset[str] = frozenset({"success", "failed", "cancelled", "lost"})
"""States in which a run rests; only a clear or a rerun in the engine takes it out of one."""


class SubjectRef(TypedDict, total=False):
    """An object that a run is about. `type` and `id` are needed; label and url are for people."""

    type: str
    id: str
    label: str | None
    url: str | None


class Run(TypedDict):
    """A run of any instance; `id` is the same on every server."""

    id: str
    instance: str
    dag_id: str
    dag_run_id: str
    state: RunState
    engine_state: str | None
    partial: bool
    run_type: str | None
    logical_date: str | None
    data_interval_start: str | None
    data_interval_end: str | None
    run_after: str | None
    queued_at: str | None
    started_at: str | None
    ended_at: str | None
    duration_seconds: float | None
    conf: dict[str, Any]
    note: str | None
    triggered_by: str | None
    trigger_id: str | None
    discovered_by: str
    engine_gone_at: str | None
    due_at: str
    subjects: list[SubjectRef]
    subjects_total: int
    first_seen_at: str
    changed_at: str
    observed_at: str
    stale: bool
    ui_url: str


class TaskInstance(TypedDict):
    """A task of a run, its newest try."""

    task_id: str
    map_index: int
    display_name: str
    state: str
    engine_state: str | None
    try_number: int
    max_tries: int
    operator: str | None
    pool: str | None
    queue: str | None
    hostname: str | None
    queued_at: str | None
    started_at: str | None
    ended_at: str | None
    duration_seconds: float | None
    note: str | None
    ui_url: str


class LogLine(TypedDict):
    """A line of a task's log."""

    at: str | None
    level: str | None
    source: str | None
    text: str


class Message(TypedDict):
    """What the server says of something, with a code for programs."""

    code: str
    message: str


class Trigger(TypedDict):
    """Our record of asking for a run. `run` is there once it is known."""

    id: str
    request_id: str
    action_id: str
    instance: str
    dag_id: str
    dag_run_id: str
    state: TriggerState
    actor: str
    conf: dict[str, Any]
    note: str | None
    logical_date: str | None
    run_after: str | None
    unpause: bool
    subjects: list[SubjectRef]
    subjects_total: int
    run: Run | None
    warnings: list[Message]
    error: Message | None
    created_at: str
    finished_at: str | None
    expires_at: str | None
    ui_url: str | None


class _TriggerNeeds(TypedDict):
    dag_id: str
    instances: Sequence[str]


class TriggerItem(_TriggerNeeds, total=False):
    """What a run is asked for with; the keys are those of :meth:`Airfleet.trigger`."""

    conf: Mapping[str, Any]
    subjects: Sequence[SubjectRef]
    note: str
    logical_date: str
    run_after: str
    dag_run_id: str
    dag_run_id_prefix: str
    unpause: bool
    accept_scheduled_run: bool
    secret_conf_keys: Sequence[str]
    expires_in: int


class TriggerOutcome(TypedDict):
    """What became of one item of a batch: its triggers, or why nothing was recorded."""

    index: int
    triggers: list[Trigger]
    error: Message | None


class SubjectRun(TypedDict):
    """A run as a subject shows it; :class:`Run` has the rest."""

    id: str
    instance: str
    dag_id: str
    dag_run_id: str
    state: RunState
    due_at: str
    started_at: str | None
    ended_at: str | None
    href: str
    ui_url: str | None


class SubjectCounts(TypedDict):
    """How many runs a subject has."""

    total: int
    success: int
    failed: int
    active: int


class Subject(TypedDict):
    """An object with what is known of its runs."""

    type: str
    id: str
    label: str | None
    url: str | None
    state: str
    last_success: SubjectRun | None
    current_run: SubjectRun | None
    last_failure: SubjectRun | None
    newest_run: SubjectRun | None
    pending_triggers: list[str]
    counts: SubjectCounts
    first_seen_at: str
    changed_at: str
