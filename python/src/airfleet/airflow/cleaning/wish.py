"""What a run of clean_dag_run is asked for, and where Airfleet is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class Wish:
    """The run that is to go."""

    dag_id: str
    run_id: str
    instance: str | None
    """None: the one of the connection."""
    is_deleted: bool
    """Whether the engine's own record of it goes too."""
    timeout_seconds: int | None
    """None: as the instance is set in Airfleet."""


@dataclass(frozen=True, kw_only=True)
class Server:
    """An Airfleet server, as the connection names it."""

    url: str
    token: str | None
    instance: str | None


def _text(conf: Mapping[str, Any], name: str) -> str:
    value = conf.get(name)
    if not isinstance(value, str) or not value:
        raise ValueError(f"conf needs {name!r}, the id as a text; it has {sorted(conf)}.")
    return value


def read_wish(conf: Mapping[str, Any] | None) -> Wish:
    """Reads the conf of a run: `remove_dag_id`, `remove_run_id`, and if wanted `instance`, `delete`, `timeout`.

    Raises:
        ValueError: One of the two ids is missing, or something is not of its kind.

    """
    given = conf or {}
    delete, timeout, instance = given.get("delete", False), given.get("timeout"), given.get("instance")
    if not isinstance(delete, bool):
        raise ValueError(f"conf's 'delete' is true or false, not {delete!r}.")  # noqa: TRY004 (a wrong conf is one error)
    if timeout is not None and (isinstance(timeout, bool) or not isinstance(timeout, int) or timeout < 1):
        raise ValueError(f"conf's 'timeout' is a number of seconds, not {timeout!r}.")
    return Wish(
        dag_id=_text(given, "remove_dag_id"),
        run_id=_text(given, "remove_run_id"),
        instance=None if instance is None else _text(given, "instance"),
        is_deleted=delete,
        timeout_seconds=timeout,
    )


def read_server(connection: Any) -> Server:
    """Reads an Airflow connection of type HTTP: host, port, schema, password (the API token), extra `instance`.

    Raises:
        ValueError: It names no host.

    """
    host = (connection.host or "").strip().rstrip("/")
    if not host:
        raise ValueError("The connection 'airfleet' has no host: give the address of the Airfleet server.")
    base = host if "://" in host else f"{connection.schema or 'http'}://{host}"
    extra = connection.extra_dejson
    return Server(
        url=f"{base}:{connection.port}" if connection.port else base,
        token=connection.password or None,
        instance=extra.get("instance") or None,
    )
