"""Connections to PostgreSQL, to hosts that may be reached."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from ..errors import StepError, StepRefused, needs_package
from ..network.policy import NetworkPolicy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg import Connection as Session

    from ..context import StepContext

_PORT = 5432
_PASSED_ON = frozenset(
    {"sslmode", "sslrootcert", "sslcert", "sslkey", "channel_binding", "require_auth", "target_session_attrs"}
)
"""What a connection's extra may say of how to connect; where to is not among it."""

_USUAL: dict[str, Any] = {
    "application_name": "airfleet",
    "client_encoding": "utf8",
    "connect_timeout": 10,
    # A server that is gone without a word is noticed within a minute.
    "keepalives_idle": 20,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}


@contextlib.contextmanager
def told(what: str) -> Iterator[None]:
    """What PostgreSQL complains of, as the step's error: services and locks may pass, statements stay wrong."""
    import psycopg  # noqa: PLC0415 - only pipelines that use it need it

    try:
        yield
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise StepError(f"{what}: {_message(error)}") from error
    except psycopg.Error as error:
        raise StepRefused(f"{what}: {_message(error)}") from error


def _message(error: Any) -> str:
    parts = (error.diag.message_primary, error.diag.message_detail, error.diag.message_hint)
    return " ".join(part for part in parts if part) or str(error).strip() or type(error).__name__


def _stop_working(session: Session[Any]) -> None:
    """Ends a statement that runs on: a server notices only at its end that nobody waits any more."""
    from psycopg.pq import TransactionStatus  # noqa: PLC0415 - only pipelines that use it need it

    if not session.closed and session.info.transaction_status == TransactionStatus.ACTIVE:
        with contextlib.suppress(Exception):
            session.cancel()


@contextlib.contextmanager
def open_postgres(context: StepContext, connection_id: str | None, seconds: float) -> Iterator[Session[Any]]:
    """A session in one transaction, which is undone unless it is committed. Statements end after so many seconds."""
    with needs_package("psycopg", "postgres"):
        import psycopg  # noqa: PLC0415 - only pipelines that use it need it
    if connection_id is None:
        raise StepRefused("The step names no connection.")
    known = context.connection(connection_id)
    host, port = known.host or "localhost", known.port or _PORT
    addresses = NetworkPolicy(context.network_allow).resolve(host, port)
    passed_on = {name: str(value) for name, value in known.extra.items() if name in _PASSED_ON}
    with told(f'Connection "{connection_id}" ({host}:{port})'):
        session = psycopg.connect(
            host=",".join([host] * len(addresses)),
            hostaddr=",".join(addresses),
            port=port,
            user=known.login,
            password=known.password,
            dbname=known.schema,
            **{**_USUAL, **passed_on},
        )
    try:
        with told(f'Connection "{connection_id}"'):
            session.execute("select set_config('statement_timeout', %s, false)", [f"{round(seconds * 1000)}ms"])
            session.execute("select set_config('timezone', 'UTC', false), set_config('datestyle', 'ISO', false)")
            session.execute("select set_config('intervalstyle', 'postgres', false)")
            session.execute("select set_config('bytea_output', 'hex', false)")
            session.commit()
        yield session
    except BaseException:
        _stop_working(session)
        raise
    finally:
        # Not a rollback: a connection that is in the middle of something cannot hear of it.
        session.close()
