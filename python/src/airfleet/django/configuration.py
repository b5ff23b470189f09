"""The settings of this app, beside those of the Airflow client it takes the place of.

| setting | default | meaning |
|---|---|---|
| `AIRFLEET_URL` | needed while enabled | where Airfleet is |
| `AIRFLEET_TOKEN` | none | API token; not needed on the machine of a server with `auth.mode: local` |
| `AIRFLEET_ENABLED` | `ENABLE_AIRFLOW`, else True | False: nothing is triggered, read or synchronised |
| `AIRFLEET_INSTANCES` | `[AIRFLOW_ENV_NAME]` | instances that runs are asked of when nothing else is said |
| `AIRFLEET_WEBHOOK_SECRET` | none | `whsec_…`, or two of them while one replaces the other |
| `AIRFLEET_WEBHOOK_TOLERANCE_SECONDS` | 300 | how far a message's time may lie from ours |
| `AIRFLEET_PROJECT_NAME` | `AIRFLOW_PROJECT_NAME`, else none | begins run ids and ends notes |
| `AIRFLEET_SITE_URL` | none | where this site is, for links from Airfleet back to objects |
| `AIRFLEET_TIMEOUT_SECONDS` | 10 | of each wait for Airfleet; somebody waits for the page |
| `AIRFLEET_STALE_AFTER_SECONDS` | 900 | silence after which pages say that what they show may be old |

`AIRFLOW_PRESERVE_JOB_TRIGGER` is a setting of Airfleet now: `triggers.keep`, see `manage.py airfleet_setup`.
Settings are read when they are used, so that tests may override them.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

NOT_ENABLED = "Airflow is not enabled."
"""What every refused trigger says, word for word as people know it."""


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """The settings in force."""

    url: str
    token: str | None
    is_enabled: bool
    instances: tuple[str, ...]
    webhook_secrets: tuple[str, ...]
    webhook_tolerance_seconds: float
    project_name: str
    site_url: str
    timeout_seconds: float
    stale_after_seconds: float


def _texts(value: object) -> tuple[str, ...]:
    if not value:
        return ()
    if isinstance(value, str):
        return (value,)
    return tuple(str(item) for item in value) if isinstance(value, (list, tuple, set, frozenset)) else (str(value),)


def _first(*names: str, absent: object = "") -> object:
    """The first setting that is there; one that is None counts as not there."""
    values = (getattr(settings, name, None) for name in names)
    return next((value for value in values if value is not None), absent)


def read_configuration() -> Configuration:
    """The settings as they are now. What is wrong with them is told by `manage.py check`, not here."""
    token = _first("AIRFLEET_TOKEN")
    return Configuration(
        url=str(_first("AIRFLEET_URL")).rstrip("/"),
        token=str(token) if token else None,
        is_enabled=bool(_first("AIRFLEET_ENABLED", "ENABLE_AIRFLOW", absent=True)),
        instances=_texts(_first("AIRFLEET_INSTANCES", "AIRFLOW_ENV_NAME")),
        webhook_secrets=_texts(_first("AIRFLEET_WEBHOOK_SECRET")),
        webhook_tolerance_seconds=float(str(_first("AIRFLEET_WEBHOOK_TOLERANCE_SECONDS", absent=300))),
        project_name=str(_first("AIRFLEET_PROJECT_NAME", "AIRFLOW_PROJECT_NAME")),
        site_url=str(_first("AIRFLEET_SITE_URL")).rstrip("/"),
        timeout_seconds=float(str(_first("AIRFLEET_TIMEOUT_SECONDS", absent=10))),
        stale_after_seconds=float(str(_first("AIRFLEET_STALE_AFTER_SECONDS", absent=900))),
    )
