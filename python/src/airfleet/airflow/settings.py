"""What the environment says about sending reports. Read in every process; holds no key."""

from __future__ import annotations

import hashlib
import math
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

ReportFormat = Literal["native", "g1", "g0"]
"""`native` is ours; `g1` and `g0` are what receivers of cwl-airflow understand, the younger first."""

_OFF = frozenset({"0", "false", "no", "off"})
_MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything but the key and the old names, which only the sender reads."""

    enabled: bool
    url: str | None
    instance: str | None
    report_format: ReportFormat | None
    """None: `native` when `url` is set, else `g1`."""
    has_conf: bool
    """Whether a run's conf is reported. Off: it may hold secrets."""
    spool_directory: Path
    spool_bytes: int
    """All that may wait; beyond it the oldest is dropped and counted."""
    spool_age_seconds: float
    is_synced: bool
    flush_seconds: float
    """How long the last hook of a task waits for its reports to be gone; 0: not at all."""
    timeout_seconds: float
    backoff_cap_seconds: float
    idle_seconds: float
    """A sender without work ends after so long."""
    ca_file: str | None
    say_seconds: float
    """At most once in so long Airflow's log says that reports are not delivered."""


def _number(environment: Mapping[str, str], name: str, default: float, least: float) -> float:
    try:
        value = float(environment.get(name, ""))
    except ValueError:
        return default
    # A hook has nobody to complain to: what cannot be meant is as if it were not there.
    return value if math.isfinite(value) and value >= least else default


def _is_on(environment: Mapping[str, str], name: str, *, default: bool) -> bool:
    value = environment.get(name, "").strip().lower()
    return default if not value else value not in _OFF


def _spool_directory(environment: Mapping[str, str]) -> Path:
    chosen = environment.get("AIRFLEET_SPOOL_DIR", "").strip()
    if chosen:
        return Path(chosen).expanduser()
    # Airflow's home is often shared between hosts (NFS) or read-only; locks want a local disk.
    # Two Airflows of one user on one host report to two instances.
    home = environment.get("AIRFLOW_HOME", ""), environment.get("AIRFLEET_INSTANCE", "")
    mark = hashlib.sha256("\0".join(home).encode()).hexdigest()[:8]
    return Path(tempfile.gettempdir()) / f"airfleet-spool-{os.geteuid()}-{mark}"


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings in these variables, by default the process's. What cannot be meant is as if it were not there."""
    given = os.environ if environment is None else environment
    format_word = given.get("AIRFLEET_REPORT_FORMAT", "").strip().lower()
    formats: dict[str, ReportFormat] = {"native": "native", "g1": "g1", "g0": "g0"}
    return Settings(
        enabled=_is_on(given, "AIRFLEET_REPORTS", default=True),
        url=given.get("AIRFLEET_URL", "").strip().rstrip("/") or None,
        instance=given.get("AIRFLEET_INSTANCE", "").strip() or None,
        report_format=formats.get(format_word),
        has_conf=_is_on(given, "AIRFLEET_REPORT_CONF", default=False),
        spool_directory=_spool_directory(given),
        spool_bytes=int(_number(given, "AIRFLEET_SPOOL_BYTES", 64 * _MEBIBYTE, 4096)),
        spool_age_seconds=_number(given, "AIRFLEET_SPOOL_AGE_SECONDS", 7 * 86_400, 1),
        is_synced=_is_on(given, "AIRFLEET_SPOOL_FSYNC", default=False),
        flush_seconds=min(_number(given, "AIRFLEET_FLUSH_SECONDS", 0, 0), 60),
        timeout_seconds=_number(given, "AIRFLEET_TIMEOUT_SECONDS", 10, 0.1),
        backoff_cap_seconds=_number(given, "AIRFLEET_BACKOFF_CAP_SECONDS", 30, 0.1),
        idle_seconds=_number(given, "AIRFLEET_SENDER_IDLE_SECONDS", 60, 1),
        ca_file=given.get("AIRFLEET_CA_FILE", "").strip() or None,
        say_seconds=_number(given, "AIRFLEET_SAY_SECONDS", 300, 1),
    )
