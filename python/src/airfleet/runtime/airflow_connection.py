"""Connections that Airflow keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .context import Connection
from .errors import StepError, StepRefused

if TYPE_CHECKING:
    from .secret_values import SecretValues


def find_connection(connection_id: str, secrets: SecretValues) -> Connection:
    """A connection by its id, from wherever Airflow has it: its database, its environment, its secrets backend."""
    try:
        from airflow.sdk.bases.hook import BaseHook  # noqa: PLC0415 - Airflow 3
    except ImportError:
        from airflow.hooks.base import BaseHook  # noqa: PLC0415 - Airflow 2
    try:
        found = BaseHook.get_connection(connection_id)
    except Exception as error:
        if type(error).__name__ == "AirflowNotFoundException" or "not found" in str(error).lower():
            raise StepRefused(f'Airflow has no connection "{connection_id}". Create it there.') from None
        raise StepError(f'Airflow does not tell connection "{connection_id}": {error}') from error
    connection = Connection(
        kind=found.conn_type or "",
        host=found.host,
        port=found.port,
        login=found.login,
        password=found.password,
        schema=found.schema,
        extra=found.extra_dejson,
    )
    secrets.add(connection)
    return connection
